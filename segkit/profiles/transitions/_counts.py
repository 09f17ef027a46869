"""Counts of moves between states, and their chances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, complete
from segkit.errors import InputError, message, warn
from segkit.profiles.transitions._input import Codes, Missing, Paths, paths, spread

if TYPE_CHECKING:
    from collections.abc import Sequence


def transition_counts(
    panel: pd.DataFrame,
    column: str,
    *,
    states: Sequence[object] | None = None,
    weight: str | None = None,
    missing: Missing = "raise",
) -> pd.DataFrame:
    """Count how many areas (or people) moved from each state to each, from one period to the next.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period, with ``area_id`` and ``period``.
    column : str
        The state, such as a profile or an area type.
    states : sequence, optional
        All states in their order; without it those that occur, sorted.
    weight : str, optional
        A column to count by, such as ``"population"``: its value where the transition starts.
    missing : {"raise", "drop"}
        A missing state is an error, or its row is taken as absent.

    Returns
    -------
    pandas.DataFrame
        Index ``from``, columns ``to``: counts (0 or more). Periods follow each other when they do so
        among the rows with a state, however many years lie between. An area that lacks a row in one of
        two such periods makes no transition between them; a `DataWarning` counts these.

    Raises
    ------
    InputError
        When the panel has fewer than two periods, no area has two in a row, a state is missing or not
        among `states`, or weights are missing or negative.
    UnknownNameError
        When a column is missing.

    Examples
    --------
    >>> panel = pd.DataFrame({"area_id": ["a", "a", "b", "b"], "period": [1, 2, 1, 2],
    ...                       "profile": [1, 2, 2, 2]})
    >>> transition_counts(panel, "profile").to_numpy().tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """
    observed = paths(panel, column, states, missing=missing)
    mass = np.ones(observed.codes.shape)
    if weight is not None:
        mass = spread(observed.rows, complete(observed.rows, weight, least=0), empty=0)[0]
    _warn_gaps(observed)
    counts = counts_of(observed.codes, mass, len(observed.states))
    if counts.sum() == 0:
        rule = "has no transition: no area with weight has two periods in a row"
        raise InputError(message("panel", rule))
    return labeled(counts, observed.states)


def transition_matrix(
    panel: pd.DataFrame,
    column: str,
    *,
    states: Sequence[object] | None = None,
    weight: str | None = None,
    missing: Missing = "raise",
) -> pd.DataFrame:
    r"""Chance of moving from each state to each, from one period to the next.

    .. math:: p_{ij} = \frac{n_{ij}}{\sum_j n_{ij}}

    with n the counts of `transition_counts`: the maximum likelihood estimate for a Markov chain.

    Parameters
    ----------
    panel, column, states, weight, missing
        As in `transition_counts`.

    Returns
    -------
    pandas.DataFrame
        Index ``from``, columns ``to``: shares, 0 to 1, each row sums to 1. The diagonal is the share that
        stays. A state that no transition starts in has no shares: NaN, and a `DataWarning` names it.

    Raises
    ------
    InputError, UnknownNameError
        As in `transition_counts`.

    References
    ----------
    Anderson, T. W. and Goodman, L. A. (1957). Statistical inference about Markov chains. Annals of
    Mathematical Statistics 28, 89-110.

    Examples
    --------
    Five areas in three periods:

    >>> paths = {"v": "bac", "w": "cca", "x": "cbc", "y": "aab", "z": "abc"}
    >>> panel = pd.DataFrame([(a, t, s) for a, path in paths.items() for t, s in enumerate(path)],
    ...                      columns=["area_id", "period", "profile"])
    >>> transition_matrix(panel, "profile").round(2).to_numpy().tolist()
    [[0.25, 0.5, 0.25], [0.33, 0.0, 0.67], [0.33, 0.33, 0.33]]
    """
    counts = transition_counts(panel, column, states=states, weight=weight, missing=missing)
    empty = counts.sum(axis=1) == 0
    if empty.any():
        rule = "has states that no transition starts in; their chances are not known"
        warn(message(column, rule, counts.index[empty]))
    return labeled(shares_of(counts.to_numpy()), counts.index)


def counts_of(codes: Codes, mass: Floats, n_states: int) -> Floats:
    """Count transitions between columns that follow each other; codes under 0 have no state."""
    start, end, weight = codes[:, :-1], codes[:, 1:], mass[:, :-1]
    both = (start >= 0) & (end >= 0)
    flat = np.bincount(start[both] * n_states + end[both], weights=weight[both], minlength=n_states**2)
    return np.asarray(flat.reshape(n_states, n_states), dtype=np.float64)


def shares_of(counts: Floats) -> Floats:
    """Divide rows (the last axis) by their sums; NaN where these are 0."""
    total = counts.sum(axis=-1, keepdims=True)
    shares: Floats = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    return shares


def labeled(values: Floats, states: pd.Index) -> pd.DataFrame:
    """Name the rows and columns of a matrix by the states."""
    return pd.DataFrame(values, index=states.rename("from"), columns=states.rename("to"))


def _warn_gaps(observed: Paths) -> None:
    """Count the transitions that lack a state at one end."""
    there = observed.codes >= 0
    gap = ~(there[:, :-1] & there[:, 1:])
    if gap.any():
        rule = f"leaves out {int(gap.sum())} of {gap.size} transitions, where an area lacks a state"
        areas = observed.areas[np.flatnonzero(gap.any(axis=1))]
        warn(message("panel", rule, areas))
