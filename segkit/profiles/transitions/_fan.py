"""What areas did after they were where one area is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_columns, check_count, check_share
from segkit.errors import InputError, UnknownNameError, list_some, message, warn
from segkit.profiles.transitions._peers import Cube, cube

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What a fan is, and is not.
KIND = "descriptive, not a forecast"


def trajectory_fan(
    panel: pd.DataFrame,
    area: str,
    column: str,
    peers: pd.DataFrame,
    *,
    horizon: int,
    period: int | None = None,
    quantiles: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9),
) -> pd.DataFrame:
    r"""Show what peers did after they were where an area is now, from the area's own level.

    .. math:: y_a + Q_q\{y_{j, s_j + h} - y_{j, s_j}\}

    with s_j the period in which peer j was like the area, h the years since, and Q a quantile over the peers.
    It describes what happened to others, no more: no forecast, as neither times nor areas are the same.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period.
    area : str
        The area.
    column : str
        The indicator.
    peers : pandas.DataFrame
        ``area_id`` and ``period``, such as from `peers` with ``when="earlier"``.
    horizon : int
        How far to follow, in the unit of the periods (years).
    period : int, optional
        From when on; without it the newest period in which the area has the indicator.
    quantiles : sequence of float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per step and quantile: ``step`` (0 is now), ``period, quantile, value`` (unit of the
        indicator), ``n_paths`` (peers that can be followed so far) and ``kind`` (``"descriptive, not a
        forecast"``). The value is missing where the paths are too few for the quantile: the lowest of n
        paths is their 1 / (n + 1) quantile, and nothing is said beyond it.

    Raises
    ------
    InputError
        When the area lacks the indicator, or no peer can be followed a single step.
    UnknownNameError
        When an area, period or column does not exist.

    Warns
    -----
    DataWarning
        When some steps have no path: where the series are too short.

    References
    ----------
    Hyndman, R. J. & Fan, Y. (1996). Sample quantiles in statistical packages. The American Statistician
    50(4), 361-365.

    Examples
    --------
    >>> panel = pd.DataFrame({"area_id": list("abcd") * 2, "period": [2020] * 4 + [2021] * 4,
    ...                       "income": [10.0, 12, 12, 12, 12, 13, 14, 16]})
    >>> like = pd.DataFrame({"area_id": ["b", "c", "d"], "period": [2020] * 3})
    >>> fan = trajectory_fan(panel, "a", "income", like, horizon=1, quantiles=[0.25, 0.5, 0.75])
    >>> fan.loc[fan["step"] == 1, "value"].tolist()
    [13.0, 14.0, 16.0]
    """
    check_count(horizon, argument="horizon")
    data = cube(panel, [column])
    levels = data.levels[:, :, 0]
    own = data.row(area, "area")
    now = _newest(levels[own], area, column) if period is None else data.column(period)
    if np.isnan(levels[own, now]):
        raise InputError(message("area", f"{area} lacks {column!r} in {data.periods[now]}"))
    for quantile in quantiles:
        check_share(quantile, argument="quantiles", fix="Such as 0.5.")
    rows, times = _starts(data, peers, own, area)
    start = levels[rows, times]
    known = ~np.isnan(start)
    if not known.all():
        rule = f"leaves out {int((~known).sum())} peers, which lack {column!r} in their period"
        gone = data.areas[rows[np.flatnonzero(~known)]]
        warn(message("peers", rule, gone))
    rows, times, start = rows[known], times[known], start[known]
    parts = []
    for step in range(horizon + 1):
        change = _later(data, levels, rows, times, step) - start
        change = change[~np.isnan(change)]
        spread = _quantiles(change, quantiles) if step else np.zeros(len(quantiles))
        value = levels[own, now] + spread
        part = pd.DataFrame({"quantile": list(quantiles), "value": value})
        parts.append(part.assign(step=step, period=data.periods[now] + step, n_paths=len(change)))
    table = pd.concat(parts, ignore_index=True)
    _check_length(table, horizon)
    return table.assign(kind=KIND)[["step", "period", "quantile", "value", "n_paths", "kind"]]


def _newest(own: Floats, area: str, column: str) -> int:
    """Return the newest period in which the area has the indicator."""
    known = np.flatnonzero(~np.isnan(own))
    if not known.size:
        raise InputError(message("area", f"{area} lacks {column!r} in every period"))
    return int(known[-1])


def _starts(data: Cube, peers: pd.DataFrame, own: int, area: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where and when each peer was like the area."""
    check_columns(peers, ["area_id", "period"], argument="peers")
    if peers.empty:
        raise InputError(message("peers", "has no rows", fix="Use transitions.peers with when='earlier'."))
    rows = data.areas.get_indexer(pd.Index(peers["area_id"]))
    if (rows < 0).any():
        fix = f"Areas at hand: {list_some(data.areas)}."
        strange = peers["area_id"][rows < 0]
        raise UnknownNameError(message("peers", "names areas that are not in the panel", strange, fix))
    if (rows == own).any():
        raise InputError(message("peers", "includes the area itself", [area]))
    times = np.array([data.column(int(period), "peers") for period in peers["period"]])
    return rows, times


def _later(data: Cube, levels: Floats, rows: np.ndarray, times: np.ndarray, step: int) -> Floats:
    """Return the levels some years on; NaN where there is no such period."""
    at = np.array(
        [
            data.periods.index(p) if p in data.periods else -1
            for p in (data.periods[t] + step for t in times.tolist())
        ],
        dtype=np.intp,
    )
    return np.where(at >= 0, levels[rows, at], np.nan)


def _quantiles(change: Floats, quantiles: Sequence[float]) -> Floats:
    """Return quantiles of changes, missing beyond the lowest and highest of n: 1 / (n + 1) from the ends."""
    n = len(change)
    asked = np.asarray(quantiles, dtype=np.float64)
    if not n:
        return np.full(asked.shape, np.nan)
    inside = (asked * (n + 1) >= 1 - 1e-9) & (asked * (n + 1) <= n + 1e-9)
    return np.where(inside, np.quantile(change, asked, method="weibull"), np.nan)


def _check_length(table: pd.DataFrame, horizon: int) -> None:
    """Tell where the series are too short."""
    paths = table.drop_duplicates("step").set_index("step")["n_paths"].iloc[1:]
    if (paths == 0).all():
        rule = f"can't be followed: none has figures 1 to {horizon} after the period in which it was alike"
        fix = "Use peers of earlier periods (when='earlier'), or a longer series."
        raise InputError(message("peers", rule, fix=fix))
    short = [step for step, count in paths.items() if count == 0]
    if short:
        rule = "is longer than the series allow; no peer can be followed to the steps"
        warn(message("horizon", rule, short))
