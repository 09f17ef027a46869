"""Growth by initial level: whether areas that had it good got it better."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segkit._validate import Floats, check_count
from segkit.errors import InputError, message
from segkit.trends._followed import followed

#: A part of an area under this share of all people is none but for rounding.
_ROUNDING = 1e-12


def growth_incidence(
    panel: pd.DataFrame,
    values: str,
    *,
    first: int,
    last: int,
    weight: str | None = None,
    n_quantiles: int = 5,
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

    Returns
    -------
    pandas.DataFrame
        One row per group: ``period`` (``"2020–2023"``), ``quantile`` (1 = lowest level in the first
        period), ``first`` and ``last`` (mean levels), ``change``, ``relative_change`` (per cent; NaN when
        the first level is not above 0), ``n_areas`` (areas wholly or partly in the group),
        ``population`` (sum of weights; NaN without), and
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
    parts = _quantile_parts(areas, n_quantiles)
    people = parts.sum(axis=0)
    table = pd.DataFrame({end: parts.T @ areas[end].to_numpy() / people for end in ("first", "last")})
    table["change"] = table["last"] - table["first"]
    table["relative_change"] = (100 * table["change"] / table["first"]).where(table["first"] > 0)
    table["n_areas"] = (parts > 0).sum(axis=0)
    table["population"] = people if weight is not None else np.nan
    table["n_missing"] = n_missing
    table.insert(0, "quantile", np.arange(1, n_quantiles + 1))
    table.insert(0, "period", f"{first}–{last}")
    return table


def _quantile_parts(areas: pd.DataFrame, n_quantiles: int) -> Floats:
    """Return the people of each area (rows) in each group (columns) when ranked by first level."""
    if len(areas) < n_quantiles:
        rule = f"is {n_quantiles}, more than the {len(areas)} areas with figures in both periods"
        raise InputError(message("n_quantiles", rule, fix="Use fewer groups, or check the periods."))
    level = areas.groupby("first")["weight"].sum()
    end = level.cumsum().to_numpy()
    cuts = np.linspace(0, end[-1], n_quantiles + 1)
    # Areas of one level lie side by side: a cut through them takes the same share of each.
    low = np.maximum((end - level.to_numpy())[:, None], cuts[:-1])
    overlap = np.minimum(end[:, None], cuts[1:]) - low
    share = np.where(overlap > _ROUNDING * end[-1], overlap, 0) / level.to_numpy()[:, None]
    parts: Floats = share[level.index.get_indexer(pd.Index(areas["first"]))] * areas[["weight"]].to_numpy()
    return parts
