"""Growth by initial level: whether areas that had it good got it better."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_columns, check_count, check_keys, check_share, numbers
from segkit.base.order import in_area_order
from segkit.errors import InputError, UnknownNameError, message


def followed(
    panel: pd.DataFrame,
    values: str,
    first: int,
    last: int,
    weight: str | None,
    *,
    error: str | None = None,
    earlier: int | None = None,
) -> tuple[pd.DataFrame, int]:
    """Return the levels and weights of the areas with figures, and how many areas lack them.

    The columns are ``first, last, weight`` (of the first period), ``error_first, error_last`` where
    `error` is given, and ``earlier``, the level of that period, where one is. The index is ``area_id``.
    """
    check_keys(panel)
    panel = in_area_order(panel)
    check_columns(panel, [c for c in (values, weight, error) if c is not None], argument="panel")
    asked = [first, last] if earlier is None else [earlier, first, last]
    at_hand = sorted(panel["period"].unique().tolist())
    absent = [period for period in asked if period not in at_hand]
    if absent:
        fix = f"Periods at hand: {', '.join(map(str, at_hand))}."
        raise UnknownNameError(message("period", "is not in the panel", absent, fix))
    if first >= last:
        raise InputError(message("first", f"is {first}, must come before last ({last})"))
    rows = pd.DataFrame({"level": numbers(panel, values)}, index=panel["area_id"])
    rows["weight"] = 1.0 if weight is None else numbers(panel, weight, least=0)
    if error is not None:
        rows["error"] = numbers(panel, error, least=0)
    before, after = (rows[panel["period"].to_numpy() == period] for period in (first, last))
    wide = pd.DataFrame({"first": before["level"], "last": after["level"], "weight": before["weight"]})
    if error is not None:
        wide["error_first"], wide["error_last"] = before["error"], after["error"]
    if earlier is not None:
        wide["earlier"] = rows.loc[panel["period"].to_numpy() == earlier, "level"]
    found = wide[wide.notna().all(axis=1) & (wide["weight"] > 0)]
    return found, len(wide) - len(found)


#: A part of an area under this share of all people is none but for rounding.
_ROUNDING = 1e-12

#: Draws scored together.
_BLOCK = 50


def growth_incidence(
    panel: pd.DataFrame,
    values: str,
    *,
    first: int,
    last: int,
    weight: str | None = None,
    n_quantiles: int = 5,
    n_bootstrap: int = 0,
    confidence: float = 0.95,
    random_state: int = 0,
) -> pd.DataFrame:
    """Tell whether areas that had it good got it better: growth by level in the first period.

    Areas are ranked by their level in the first period and divided into groups of equal population; an
    area on a cut counts in both groups, by its parts. The same areas are followed to the last period.
    Weights of the first period serve both, so that a change is one of levels, not of where people live.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period.
    values : str
        The indicator.
    first, last : int
        The periods.
    weight : str, optional
        Population in the first period; without it every area counts the same.
    n_quantiles : int
        Number of groups, 5 for fifths.
    n_bootstrap : int
        Number of draws of areas with replacement, for intervals; 0 for none.
    confidence : float
        Between 0 and 1, of the percentile intervals.
    random_state : int
        Seed of the draws.

    Returns
    -------
    pandas.DataFrame
        One row per group: ``period`` (``"2020–2023"``), ``quantile`` (1 = lowest level in the first
        period), ``first`` and ``last`` (mean levels), ``change``, ``relative_change`` (per cent; NaN when
        the first level is not above 0), ``n_areas`` (areas wholly or partly in the group),
        ``population`` (sum of weights; NaN without), with draws ``change_low, change_high,
        relative_change_low, relative_change_high`` (areas drawn anew are ranked and grouped anew), and
        ``n_missing`` (areas, the same in every row, that lack a figure or inhabitants and are left out).

    Raises
    ------
    InputError
        When there are more groups than areas with figures, or the periods are not in order.
    UnknownNameError
        When a column or period is missing.

    Notes
    -----
    Regression to the mean: levels of small areas vary by chance. Areas that are low by chance in the first
    period tend to rise, and high ones to fall, even when nothing changes. Growth at the top is therefore
    rather understated and growth at the bottom overstated; rank by an earlier period, or by a mean of
    several, to avoid it.

    References
    ----------
    Ravallion, M. and Chen, S. (2003). Measuring pro-poor growth. Economics Letters 78, 93-99.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = ["a", "b", "c", "d"]
    >>> panel = pd.DataFrame(
    ...     {"area_id": areas * 2, "period": [2020] * 4 + [2023] * 4, "income": [1, 3, 6, 10, 2, 2, 8, 12]}
    ... )
    >>> table = growth_incidence(panel, "income", first=2020, last=2023, n_quantiles=2)
    >>> table[["first", "last", "change", "relative_change"]].values.tolist()
    [[2.0, 2.0, 0.0, 0.0], [8.0, 10.0, 2.0, 25.0]]
    """
    check_count(n_quantiles, argument="n_quantiles", least=2)
    areas, n_missing = followed(panel, values, first, last, weight)
    check_count(n_bootstrap, argument="n_bootstrap", least=0)
    check_share(confidence, argument="confidence")
    parts = _quantile_parts(areas, n_quantiles)[0]
    people = parts.sum(axis=0)
    table = pd.DataFrame({end: parts.T @ areas[end].to_numpy() / people for end in ("first", "last")})
    table["change"], table["relative_change"] = _changes(table["first"].to_numpy(), table["last"].to_numpy())
    table["n_areas"] = (parts > 0).sum(axis=0)
    table["population"] = people if weight is not None else np.nan
    if n_bootstrap:
        table = table.assign(**_intervals(areas, n_quantiles, n_bootstrap, confidence, random_state))
    table["n_missing"] = n_missing
    table.insert(0, "quantile", np.arange(1, n_quantiles + 1))
    table.insert(0, "period", f"{first}–{last}")
    return table


def _changes(first: Floats, last: Floats) -> tuple[Floats, Floats]:
    """Return changes of levels and changes in per cent, NaN where the first level is not above 0."""
    change = last - first
    return change, 100 * change / np.where(first > 0, first, np.nan)


def _intervals(
    areas: pd.DataFrame, n_quantiles: int, n_bootstrap: int, confidence: float, random_state: int
) -> dict[str, Floats]:
    """Return the ends of percentile intervals of both changes, from areas drawn with replacement."""
    random, n = np.random.default_rng(random_state), len(areas)
    ends = areas[["first", "last"]].to_numpy()
    drawn = []
    for start in range(0, n_bootstrap, _BLOCK):
        size = min(_BLOCK, n_bootstrap - start)
        copies = random.multinomial(n, np.full(n, 1 / n), size=size).astype(np.float64)
        parts = _quantile_parts(areas, n_quantiles, copies)
        means = np.einsum("baq,ae->beq", parts, ends) / parts.sum(axis=1)[:, None]
        drawn.append(np.stack(_changes(means[:, 0], means[:, 1])))
    found = np.concatenate(drawn, axis=1)
    tails = (1 - confidence) / 2
    low, high = np.nanquantile(found, [tails, 1 - tails], axis=1)
    names = ("change", "relative_change")
    return {
        f"{name}_{end}": side[i]
        for i, name in enumerate(names)
        for end, side in (("low", low), ("high", high))
    }


def _quantile_parts(areas: pd.DataFrame, n_quantiles: int, copies: Floats | None = None) -> Floats:
    """Return the people of each area in each group when ranked by first level, for each row of `copies`."""
    if len(areas) < n_quantiles:
        rule = f"is {n_quantiles}, more than the {len(areas)} areas with figures in both periods"
        raise InputError(message("n_quantiles", rule, fix="Use fewer groups, or check the periods."))
    people = areas["weight"].to_numpy(dtype=float) * (np.ones((1, len(areas))) if copies is None else copies)
    # Areas of one level lie side by side: a cut through them takes the same share of each.
    _, level = np.unique(areas["first"].to_numpy(), return_inverse=True)
    order = np.argsort(level, kind="stable")
    starts = np.flatnonzero(np.diff(level[order], prepend=-1))
    together = np.add.reduceat(people[:, order], starts, axis=1)
    end = together.cumsum(axis=1)
    cuts = np.linspace(0, end[:, -1], n_quantiles + 1, axis=1)
    low = np.maximum((end - together)[:, :, None], cuts[:, None, :-1])
    overlap = np.minimum(end[:, :, None], cuts[:, None, 1:]) - low
    overlap = np.where(overlap > _ROUNDING * end[:, -1][:, None, None], overlap, 0)
    share = overlap / np.where(together > 0, together, 1.0)[:, :, None]
    parts: Floats = share[:, level] * people[:, :, None]
    return parts
