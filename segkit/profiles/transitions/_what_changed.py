"""What else changed in areas that rose, beside others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_count, check_seed
from segkit.errors import InputError, UnknownNameError, list_some, message, warn
from segkit.inference import false_discovery_rate
from segkit.inference.lots import Comparison, chance, margins, random_sets
from segkit.inference.tidy import check_confidence
from segkit.profiles.transitions._fan import KIND
from segkit.profiles.transitions._peers import Cube, cube

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Floats
    from segkit.inference.lots import Sets


def what_changed(
    panel: pd.DataFrame,
    risers: Sequence[str],
    others: Sequence[str] | None,
    columns: Sequence[str],
    *,
    first: int | None = None,
    last: int | None = None,
    n_permutations: int = 999,
    confidence: float = 0.95,
    random_state: int = 0,
) -> pd.DataFrame:
    r"""Compare what else changed in areas that rose with what changed in others.

    .. math:: \bar{\Delta x}_{risers} - \bar{\Delta x}_{others}, \quad \Delta x = x_{last} - x_{first}

    A description: what changed together with a rise may have led to it, come of it, or have nothing to do
    with it. People move, too: an area can change because other people live there.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period.
    risers : sequence of str
        The areas that rose, such as `areas["area_id"]` of `turnaround_test`.
    others : sequence of str, optional
        The areas compared with, such as those with a like start that did not rise; without it (None) all
        others.
    columns : sequence of str
        The indicators.
    first, last : int, optional
        The periods; without them, for each indicator, the first and last in which every riser has it.
    n_permutations, random_state : int
        Sets of areas drawn by lot in place of the risers, and seed. All sets are taken where they are fewer.
    confidence : float
        Between 0 and 1, of the intervals.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: ``column, period, risers, others`` (mean changes, in the unit of the
        indicator), ``difference, ci_low, ci_high`` (of the differences that areas drawn by lot do not
        contradict; infinite where sets are too few), ``p_value``, ``q_value`` (adjusted for the number of
        indicators by the false discovery rate), ``n_risers, n_others, n_missing`` (others without figures)
        and ``kind`` (``"descriptive, not a forecast"`` and not a cause either).

    Raises
    ------
    InputError
        When a riser lacks an indicator, an area is in both groups, or there are fewer than two others.
    UnknownNameError
        When an area, period or column does not exist.

    Warns
    -----
    DataWarning
        When others are left out because they lack figures.

    References
    ----------
    Good, P. (2005). Permutation, Parametric, and Bootstrap Tests of Hypotheses. Springer.

    Examples
    --------
    >>> panel = pd.DataFrame({"area_id": list("abcde") * 2, "period": [2020] * 5 + [2023] * 5,
    ...                       "income": [10.0, 10, 10, 10, 10, 15, 11, 12, 11, 12]})
    >>> table = what_changed(panel, ["a"], None, ["income"])
    >>> table.loc[0, ["risers", "others", "difference", "p_value"]].tolist()
    [5.0, 1.5, 3.5, 0.2]
    """
    check_count(n_permutations, argument="n_permutations")
    check_seed(random_state)
    check_confidence(confidence)
    data = cube(panel, columns)
    rose = _positions(data, risers, "risers")
    rest = np.setdiff1d(np.arange(len(data.areas)), rose)
    if others is not None:
        rest = _positions(data, others, "others")
        if both := np.intersect1d(rose, rest).tolist():
            raise InputError(message("others", "includes areas that rose", data.areas[both]))
    rows = []
    for place, column in enumerate(columns):
        levels = data.levels[:, :, place]
        start, end = _ends(data, levels, rose, column, first, last)
        change = levels[:, end] - levels[:, start]
        known = rest[~np.isnan(change[rest])]
        _check_others(data, rest, known, column)
        rows.append(
            {
                "column": column,
                "period": f"{data.periods[start]}–{data.periods[end]}",
                **_compared(change, rose, known, n_permutations, 1 - confidence, random_state),
                "n_missing": len(rest) - len(known),
            }
        )
    table = pd.DataFrame(rows)
    table["q_value"] = false_discovery_rate(table["p_value"])
    head = ["column", "period", "risers", "others", "difference", "ci_low", "ci_high", "p_value", "q_value"]
    return table.assign(kind=KIND)[[*head, "n_risers", "n_others", "n_missing", "kind"]]


def _positions(data: Cube, areas: Sequence[str], argument: str) -> Sets:
    """Return where areas stand."""
    if isinstance(areas, str) or not len(areas):
        raise InputError(message(argument, f"is {areas!r}, must be a list of one area or more"))
    found = data.areas.get_indexer(pd.Index(list(dict.fromkeys(areas))))
    if (found < 0).any():
        fix = f"Areas at hand: {list_some(data.areas)}."
        strange = [area for area in areas if area not in data.areas]
        raise UnknownNameError(message(argument, "names areas that are not in the panel", strange, fix))
    return found


def _ends(
    data: Cube, levels: Floats, rose: Sets, column: str, first: int | None, last: int | None
) -> tuple[int, int]:
    """Return the positions of the periods compared."""
    whole = np.flatnonzero(~np.isnan(levels[rose]).any(axis=0))
    asked = [None if p is None else data.column(p, name) for p, name in ((first, "first"), (last, "last"))]
    lacking = [data.periods[at] for at in asked if at is not None and at not in whole]
    if lacking or (whole.size < 2 and None in asked):
        fix = "Choose periods in which they have it, or leave the indicator out."
        raise InputError(
            message("risers", f"have no {column!r} in two periods that they share", lacking, fix)
        )
    start, end = (
        int(whole[at]) if given is None else given for given, at in zip(asked, (0, -1), strict=True)
    )
    if start >= end:
        rule = f"is {data.periods[start]}, must come before last ({data.periods[end]})"
        raise InputError(message("first", rule))
    return start, end


def _check_others(data: Cube, rest: Sets, known: Sets, column: str) -> None:
    """Check that others are left, and count those that are not."""
    gone = data.areas[np.setdiff1d(rest, known)]
    if len(known) < 2:
        raise InputError(message("others", f"has {len(known)} areas with {column!r}, needs 2 or more", gone))
    if len(gone):
        rule = f"leaves out {len(gone)} of {len(rest)} areas, which lack {column!r}"
        warn(message("others", rule, gone))


def _compared(
    change: Floats, rose: Sets, rest: Sets, n_permutations: int, level: float, random_state: int
) -> dict[str, float]:
    """Compare the mean changes, with areas drawn by lot."""
    values = np.concatenate([change[rose], change[rest]])[:, None]
    members = np.arange(len(rose))
    against = Comparison.of(np.ones(len(values)), np.empty((len(values), 0)))
    sets, _ = random_sets(members, np.zeros(len(values), dtype=np.intp), n_permutations, random_state)
    inside = np.zeros_like(values)
    inside[members] = 1.0
    drawn = against.differences(sets, np.column_stack([values, inside]))
    value = against.differences(members[None, :], values)[0]
    low, high = margins(value, drawn[:, :1], drawn[:, 1:], level)
    return {
        "risers": float(change[rose].mean()),
        "others": float(change[rest].mean()),
        "difference": float(value[0]),
        "ci_low": float(low[0]),
        "ci_high": float(high[0]),
        "p_value": float(chance(value, drawn[:, :1])[0]),
        "n_risers": len(rose),
        "n_others": len(rest),
    }
