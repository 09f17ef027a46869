"""Whole paths of areas through the states, and how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, as_floats, check_choice, check_number
from segkit.errors import InputError, message
from segkit.profiles.transitions._counts import counts_of, shares_of
from segkit.profiles.transitions._input import Codes, Missing, Paths, paths

if TYPE_CHECKING:
    from collections.abc import Sequence

Substitution: TypeAlias = "Literal['unit', 'interval', 'transition'] | pd.DataFrame"

#: Pairs of sequences aligned at once: bounds the memory, does not change the answer.
_PAIRS = 200_000


@dataclass(frozen=True)
class SequenceDistances:
    """The result of `sequence_distances`.

    Attributes
    ----------
    distances : pandas.DataFrame
        Distance between each two unique sequences, by their numbers.
    sequences : pandas.DataFrame
        The unique sequences, as from `sequences`.
    areas : pandas.Series
        The number of the sequence of each area, by ``area_id``.
    substitution : pandas.DataFrame
        What replacing one state by another cost.
    indel : float
        What inserting or leaving out a state cost.
    """

    distances: pd.DataFrame
    sequences: pd.DataFrame
    areas: pd.Series
    substitution: pd.DataFrame
    indel: float


def sequences(
    panel: pd.DataFrame,
    column: str,
    *,
    states: Sequence[object] | None = None,
    missing: Missing = "raise",
) -> pd.DataFrame:
    """List the paths that areas took through the states, and how many took each.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period, with ``area_id`` and ``period``.
    column : str
        The state, such as a profile.
    states : sequence, optional
        All states in their order; without it those that occur, sorted.
    missing : {"raise", "drop"}
        A missing state is an error, or its row is taken as absent.

    Returns
    -------
    pandas.DataFrame
        One row per unique sequence, numbered from 1, the most common first: ``states`` (a tuple, one
        state per period), ``n_areas``, ``share`` (of the areas, 0 to 1), ``n_changes`` (how often the
        state changes) and ``area_ids`` (a tuple). Areas without a state in some period are left out and
        counted by a `DataWarning`.

    Raises
    ------
    InputError
        When the panel has fewer than two periods, no area has a state in each, or a state is missing
        or not among `states`.
    UnknownNameError
        When a column is missing.

    Examples
    --------
    >>> panel = pd.DataFrame({"area_id": list("aabbcc"), "period": [1, 2] * 3,
    ...                       "profile": [1, 2, 1, 1, 1, 2]})
    >>> sequences(panel, "profile")[["states", "n_areas"]].to_numpy().tolist()
    [[(1, 2), 2], [(1, 1), 1]]
    """
    return _unique(paths(panel, column, states, missing=missing).complete("panel"))[0]


def sequence_distances(
    panel: pd.DataFrame,
    column: str,
    *,
    substitution: Substitution = "unit",
    indel: float | None = None,
    states: Sequence[object] | None = None,
    missing: Missing = "raise",
) -> SequenceDistances:
    r"""Measure how unlike the paths of areas are: the least cost of turning one into the other.

    Optimal matching: with costs s of replacing a state and d of inserting or leaving one out,

    .. math:: D_{ij} = \min(D_{i-1,j-1} + s(a_i, b_j),\; D_{i-1,j} + d,\; D_{i,j-1} + d)

    Parameters
    ----------
    panel, column, states, missing
        As in `sequences`.
    substitution : {"unit", "interval", "transition"} or pandas.DataFrame
        The cost of replacing a state: 1 for any other (``"unit"``), the number of steps between them in
        the order of states (``"interval"``), 1 less the mean of the chances of moving either way
        (``"transition"``, over the areas compared; chances of a state never left count as 0), or a
        symmetric table, states by states.
    indel : float, optional
        The cost of inserting or leaving out a state; without it the largest that a replacement can
        cost: 1, 1 less than the number of states, or the largest in the table.

    Returns
    -------
    SequenceDistances
        Distances 0 (the same sequence) or more, computed once for each pair of unique sequences:
        ``distances.loc[areas["x"], areas["y"]]`` is that between two areas.

    Raises
    ------
    InputError
        As in `sequences`, or when costs are negative, not symmetric, or not 0 for the same state.
    UnknownNameError
        When a column is missing.

    Notes
    -----
    Some programs make the cost by transitions 2 less the sum of both chances, with half of it for
    insertions; these distances are then twice as large.

    References
    ----------
    Needleman, S. B. and Wunsch, C. D. (1970). A general method applicable to the search for
    similarities. Journal of Molecular Biology 48, 443-453. Abbott, A. and Tsay, A. (2000). Sequence
    analysis and optimal matching methods in sociology. Sociological Methods & Research 29, 3-33.

    Examples
    --------
    >>> panel = pd.DataFrame({"area_id": ["a"] * 3 + ["b"] * 3, "period": [1, 2, 3] * 2,
    ...                       "profile": [1, 2, 3, 2, 3, 1]})
    >>> sequence_distances(panel, "profile").distances.to_numpy().tolist()
    [[0.0, 2.0], [2.0, 0.0]]
    """
    observed = paths(panel, column, states, missing=missing).complete("panel")
    table, codes, number = _unique(observed)
    cost, most = _costs(observed, substitution)
    gap = most if indel is None else indel
    if not 0 <= check_number(gap, argument="indel") < np.inf:
        raise InputError(message("indel", f"is {indel!r}, must be a cost >= 0"))
    distances = optimal_matching_of(codes, cost, float(gap))
    return SequenceDistances(
        distances=pd.DataFrame(distances, index=table.index, columns=table.index),
        sequences=table,
        areas=pd.Series(number + 1, index=observed.areas, name="sequence"),
        substitution=pd.DataFrame(cost, index=observed.states, columns=observed.states),
        indel=float(gap),
    )


def optimal_matching_of(codes: Codes, cost: Floats, indel: float) -> Floats:
    """Return the distances between all rows of codes, a block of rows at a time."""
    n, length = codes.shape
    distances = np.zeros((n, n))
    start = 0
    while start < n:
        stop = min(n, start + max(1, _PAIRS // (n - start)))
        found = _aligned(codes[start:stop], codes[start:], cost, indel * np.arange(length + 1))
        distances[start:stop, start:] = found
        distances[start:, start:stop] = found.T
        start = stop
    return distances


def _aligned(left: Codes, right: Codes, cost: Floats, gaps: Floats) -> Floats:
    """Fill the table of least costs, each cell for all pairs at once."""
    shape = (len(left), len(right))
    above = [np.full(shape, gap) for gap in gaps]
    for i in range(1, len(gaps)):
        row = [np.full(shape, gaps[i])]
        for j in range(1, len(gaps)):
            best = above[j - 1] + cost[np.ix_(left[:, i - 1], right[:, j - 1])]
            np.minimum(best, above[j] + gaps[1], out=best)
            np.minimum(best, row[j - 1] + gaps[1], out=best)
            row.append(best)
        above = row
    return above[-1]


def _unique(observed: Paths) -> tuple[pd.DataFrame, Codes, Codes]:
    """Return the table of unique sequences, their codes, and the place of each area's among them."""
    codes, inverse, count = np.unique(observed.codes, axis=0, return_inverse=True, return_counts=True)
    inverse = inverse.ravel()
    order = np.argsort(-count, kind="stable")
    rank = np.argsort(order, kind="stable")
    codes, number = codes[order], rank[inverse]
    by_sequence = np.split(observed.areas[np.argsort(number, kind="stable")], np.cumsum(count[order])[:-1])
    table = pd.DataFrame(
        {
            "states": [tuple(observed.states[row].tolist()) for row in codes],
            "n_areas": count[order],
            "share": count[order] / len(observed.areas),
            "n_changes": (np.diff(codes, axis=1) != 0).sum(axis=1),
            "area_ids": [tuple(ids) for ids in by_sequence],
        },
        index=pd.RangeIndex(1, len(codes) + 1, name="sequence"),
    )
    return table, codes, number


def _costs(observed: Paths, substitution: Substitution) -> tuple[Floats, float]:
    """Return the costs of replacing states, and the largest possible."""
    n = len(observed.states)
    if isinstance(substitution, pd.DataFrame):
        return _stated(substitution, observed.states)
    check_choice(substitution, ("unit", "interval", "transition"), argument="substitution")
    steps = np.abs(np.subtract.outer(np.arange(n), np.arange(n))).astype(np.float64)
    if substitution == "interval":
        return steps, float(max(1, n - 1))
    if substitution == "unit":
        return (steps > 0).astype(np.float64), 1.0
    shares = np.nan_to_num(shares_of(counts_of(observed.codes, np.ones(observed.codes.shape), n)))
    return np.where(steps > 0, 1 - (shares + shares.T) / 2, 0.0), 1.0


def _stated(costs: pd.DataFrame, states: pd.Index) -> tuple[Floats, float]:
    """Return a user's costs in the order of the states, checked."""
    for labels, where in ((costs.index, "rows"), (costs.columns, "columns")):
        absent = states[~states.isin(labels)]
        if len(absent) or not labels.is_unique:
            rule = f"must have each state once among its {where}"
            raise InputError(message("substitution", rule, absent))
    cost = as_floats(costs.reindex(index=states, columns=states), argument="substitution")
    if not (np.isfinite(cost) & (cost >= 0)).all() or (np.diag(cost) != 0).any():
        rule = "must be costs >= 0, and 0 from a state to itself"
        raise InputError(message("substitution", rule))
    if not np.allclose(cost, cost.T, rtol=0, atol=1e-12):
        raise InputError(message("substitution", "must be symmetric: as costly one way as the other"))
    return cost, float(cost.max())
