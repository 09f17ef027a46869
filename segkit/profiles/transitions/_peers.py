"""Areas that are most like one area, in level and in recent path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_choice, check_columns, check_count, check_keys, numbers
from segkit.base.order import in_area_order
from segkit.errors import InputError, UnknownNameError, list_some, message, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

When = Literal["same", "earlier"]

#: Distances that differ by less are the same.
_SAME = 1e-9


@dataclass(frozen=True)
class Cube:
    """Indicators of a panel: areas by periods by columns, NaN where there is none."""

    levels: Floats
    areas: pd.Index
    periods: tuple[int, ...]
    names: pd.Series

    def row(self, area: str, argument: str) -> int:
        """Return the position of an area."""
        if area not in self.areas:
            fix = f"Areas at hand: {list_some(self.areas)}."
            raise UnknownNameError(message(argument, "is not in the panel", [area], fix))
        return int(self.areas.get_indexer(pd.Index([area]))[0])

    def column(self, period: int, argument: str = "period") -> int:
        """Return the position of a period."""
        if period not in self.periods:
            fix = f"Periods at hand: {', '.join(map(str, self.periods))}."
            raise UnknownNameError(message(argument, "is not in the panel", [period], fix))
        return self.periods.index(period)


def cube(panel: pd.DataFrame, columns: Sequence[str]) -> Cube:
    """Read columns of a panel, checked, in the order of its areas."""
    check_keys(panel)
    panel = in_area_order(panel)
    if isinstance(columns, str) or not len(columns):
        raise InputError(message("columns", f"is {columns!r}, must be a list of one column or more"))
    check_columns(panel, columns, argument="panel")
    if len(set(columns)) < len(columns):
        raise InputError(message("columns", "must be different columns", columns))
    area, areas = pd.factorize(panel["area_id"])
    period, periods = pd.factorize(panel["period"], sort=True)
    values = np.full((len(areas), len(periods), len(columns)), np.nan)
    for place, name in enumerate(columns):
        values[area, period, place] = numbers(panel, name)
    names = pd.Series("", index=pd.Index(areas))
    if "name" in panel:
        names = panel.drop_duplicates("area_id", keep="last").set_index("area_id")["name"].reindex(areas)
    return Cube(values, pd.Index(areas), tuple(int(p) for p in periods), names)


def peers(
    panel: pd.DataFrame,
    area: str,
    columns: Sequence[str],
    *,
    period: int | None = None,
    n: int = 10,
    path: int = 1,
    path_weight: float = 0.5,
    when: When = "same",
    scale: int | Literal["period"] | None = None,
) -> pd.DataFrame:
    r"""Find the areas most like one area at a given time, in level and in how they got there.

    .. math::

        d_j^2 = (1 - \omega) \frac{1}{K} \sum_k \left(\frac{x_{jk} - x_{ak}}{s_k}\right)^2 +
        \omega \frac{1}{K} \sum_k \left(\frac{\Delta x_{jk} - \Delta x_{ak}}{r_k}\right)^2

    with x the levels, Delta x their changes over the last `path` periods, s and r the standard deviations of
    both between areas, K the number of columns and omega `path_weight`.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period.
    area : str
        The area.
    columns : sequence of str
        The indicators that areas are to be alike in.
    period : int, optional
        When; without it the newest period in which the area has all the indicators.
    n : int
        How many peers. Those as far away as the last of them come along.
    path : int
        Over how many periods the change is measured; 0 compares levels alone.
    path_weight : float
        The part of the path in the distance, 0 to 1.
    when : {"same", "earlier"}
        ``"same"``: how other areas are in the same period. ``"earlier"``: how they were in any earlier
        period, each area when it was most like this one is now; for `trajectory_fan`.
    scale : int or "period", optional
        Whose spread is the unit: a period, frozen for all; without it that of `period`. With ``"period"``
        every period has its own mean and spread, so that areas are compared by their position among
        others at the time, not by the figures themselves.

    Returns
    -------
    pandas.DataFrame
        The nearest first: ``rank`` (ties share one), ``area_id, name, period, distance`` (0: alike; 1: one
        standard deviation apart in each indicator), ``distance_level, distance_path``, ``most_unlike`` (the
        column that adds most to the distance, with ``" (path)"`` where its change does) and ``share`` of the
        squared distance that it adds; then each column with its value, and ``<column>_change`` over the
        path. Never the area itself.

    Raises
    ------
    InputError
        When the area lacks an indicator in the period, the path goes back before the first period, an
        indicator does not tell areas apart, or no other area has figures.
    UnknownNameError
        When the area, period or a column does not exist.

    Warns
    -----
    DataWarning
        When areas are left out because they lack figures.

    References
    ----------
    Abadie, A. & Imbens, G. W. (2006). Large sample properties of matching estimators for average treatment
    effects. Econometrica 74(1), 235-267.

    Examples
    --------
    >>> panel = pd.DataFrame({"area_id": list("abcd") * 2, "period": [2020] * 4 + [2023] * 4,
    ...                       "income": [10.0, 11, 20, 30, 12, 13, 15, 32]})
    >>> peers(panel, "a", ["income"], n=2)[["area_id", "income", "income_change"]].to_numpy().tolist()
    [['b', 13.0, 2.0], ['c', 15.0, -5.0]]
    """
    check_count(n, argument="n")
    check_count(path, argument="path", least=0)
    check_choice(when, ("same", "earlier"), argument="when")
    if isinstance(path_weight, bool) or not isinstance(path_weight, int | float) or not 0 <= path_weight <= 1:
        raise InputError(message("path_weight", f"is {path_weight!r}, must be from 0 to 1"))
    data = cube(panel, columns)
    own = data.row(area, "area")
    now = _now(data, own, period, path, columns)
    level, change = _scaled(data, now, path, scale, columns)
    share = 0.0 if path == 0 else path_weight
    times = range(path, now) if when == "earlier" else [now]
    if not len(times):
        fix = "Use when='same', or a shorter path."
        raise InputError(
            message("when", f"is 'earlier', but no period before {data.periods[now]} is left", fix=fix)
        )
    parts = np.stack(
        [
            np.concatenate(
                [
                    (1 - share) * np.square(level[:, t] - level[own, now]),
                    share * np.square(change[:, t] - change[own, now]),
                ],
                axis=1,
            )
            for t in times
        ]
    ) / len(columns)
    squared = parts.sum(axis=2)
    squared[:, own] = np.nan
    _warn_of_gaps(data, squared, own)
    best = np.argmin(np.where(np.isnan(squared), np.inf, squared), axis=0)
    found = parts[best, np.arange(len(best))]
    return _table(data, found, np.asarray(list(times))[best], n, path, share, columns, own)


def _now(data: Cube, own: int, period: int | None, path: int, columns: Sequence[str]) -> int:
    """Return the position of the period in which the area is compared."""
    whole = ~np.isnan(data.levels[own]).any(axis=1)
    name = data.areas[own]
    if period is None:
        fits = [t for t in np.flatnonzero(whole).tolist() if t >= path and whole[t - path]]
        if not fits:
            rule = f"has no period with {', '.join(columns)}" + (f" and again {path} before" if path else "")
            fix = "Use path=0 to compare levels alone." if path else "Choose columns that it has."
            raise InputError(message("area", rule, [name], fix))
        return int(fits[-1])
    now = data.column(period)
    if now < path:
        fix = "Use path=0 to compare levels alone."
        raise InputError(message("path", f"is {path}, but {period} has {now} periods before it", fix=fix))
    for t in {now, now - path}:
        if not whole[t]:
            lacks = [c for c, gap in zip(columns, np.isnan(data.levels[own, t]), strict=True) if gap]
            raise InputError(message("area", f"{name} lacks figures in {data.periods[t]}", lacks))
    return now


def _scaled(
    data: Cube, now: int, path: int, scale: int | Literal["period"] | None, columns: Sequence[str]
) -> tuple[Floats, Floats]:
    """Return levels and changes over the path in units of their spread; NaN where there is no path yet."""
    change = np.full_like(data.levels, np.nan)
    if path:
        change[:, path:] = data.levels[:, path:] - data.levels[:, :-path]
    else:
        change[:] = 0.0
    if scale == "period":
        return _own_scale(data.levels), _own_scale(change) if path else change
    at = now if scale is None else data.column(scale, "scale")
    if at < path:
        fix = "Choose a later one, or path=0."
        raise InputError(message("scale", f"{data.periods[at]} has no {path} periods before it", fix=fix))
    level_unit = _unit(data.levels[:, at], data.periods[at], columns)
    change_unit = _unit(change[:, at], data.periods[at], columns) if path else np.ones(len(columns))
    return data.levels / level_unit, change / change_unit


def _unit(values: Floats, period: int, columns: Sequence[str]) -> Floats:
    """Return the standard deviation between areas, which must be above 0."""
    known = (~np.isnan(values)).sum(axis=0)
    center = np.nansum(values, axis=0) / np.maximum(known, 1)
    unit = np.sqrt(np.nansum(np.square(values - center), axis=0) / np.maximum(known, 1))
    flat = [c for c, spread in zip(columns, unit, strict=True) if not spread > 0]
    if flat:
        rule = f"do not tell areas apart in {period} (same level or same change in all)"
        raise InputError(message("columns", rule, flat, "Leave them out, or use path=0."))
    found: Floats = unit
    return found


def _own_scale(values: Floats) -> Floats:
    """Return values less the mean of their period, in units of its spread; NaN where there is none."""
    known = (~np.isnan(values)).sum(axis=0)
    center = np.nansum(values, axis=0) / np.maximum(known, 1)
    unit = np.sqrt(np.nansum(np.square(values - center), axis=0) / np.maximum(known, 1))
    found: Floats = (values - center) / np.where(unit > 0, unit, np.nan)
    return found


def _warn_of_gaps(data: Cube, squared: Floats, own: int) -> None:
    """Name the areas that can't be compared, an error when they are all."""
    lost = np.asarray(np.isnan(squared).all(axis=0), dtype=np.bool_)
    lost[own] = False
    gone = data.areas[np.flatnonzero(lost)]
    if len(gone) == len(data.areas) - 1:
        raise InputError(message("panel", "has no other area with figures to compare", gone))
    if len(gone):
        rule = f"leaves out {len(gone)} of {len(data.areas) - 1} areas, which lack figures"
        warn(message("panel", rule, gone))


def _table(
    data: Cube,
    parts: Floats,
    times: Floats,
    n: int,
    path: int,
    share: float,
    columns: Sequence[str],
    own: int,
) -> pd.DataFrame:
    """Return the nearest areas, how far they are and in what."""
    k = len(columns)
    distance = np.sqrt(parts.sum(axis=1))
    distance[own] = np.nan
    labels = np.array([*columns, *(f"{column} (path)" for column in columns)])
    filled = np.where(np.isnan(parts), -1.0, parts)
    most = filled.argmax(axis=1)
    squared = np.square(distance)
    table = pd.DataFrame(
        {
            "area_id": data.areas,
            "name": data.names.to_numpy(),
            "period": np.asarray(data.periods)[times],
            "distance": distance,
            "distance_level": np.sqrt(parts[:, :k].sum(axis=1) / (1 - share)) if share < 1 else np.nan,
            "distance_path": np.sqrt(parts[:, k:].sum(axis=1) / share) if share > 0 else np.nan,
            "most_unlike": np.where(squared > 0, labels[most], ""),
            "share": np.divide(filled.max(axis=1), squared, out=np.zeros_like(squared), where=squared > 0),
        }
    )
    rows = np.arange(len(table))
    for place, column in enumerate(columns):
        table[column] = data.levels[rows, times, place]
        if path:
            table[f"{column}_change"] = table[column] - data.levels[rows, times - path, place]
    table = table[table["distance"].notna()].sort_values(["distance", "area_id"])
    last = table["distance"].iloc[min(n, len(table)) - 1]
    nearest: pd.DataFrame = table[table["distance"] <= last + _SAME].reset_index(drop=True)
    nearest.insert(0, "rank", nearest["distance"].round(9).rank(method="min").astype(int))
    return nearest
