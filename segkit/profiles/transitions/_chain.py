"""What a transition matrix implies: its steady state, waiting times, and mobility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, as_floats, check_choice
from segkit.errors import InputError, list_some, message
from segkit.profiles.transitions._counts import labeled

if TYPE_CHECKING:
    import numpy.typing as npt

MobilityMeasure = Literal["prais", "determinant", "second_eigenvalue", "bartholomew", "bartholomew_2"]

_MEASURES = ("prais", "determinant", "second_eigenvalue", "bartholomew", "bartholomew_2")

#: How far the sum of a row of chances may lie from 1.
_ROUNDING = 1e-8


def steady_state(matrix: Any) -> pd.Series:
    r"""Share of areas in each state in the long run, were the chances to stay as they are.

    .. math:: \pi = \pi P, \quad \sum_i \pi_i = 1

    Parameters
    ----------
    matrix : pandas.DataFrame or array
        Chances of moving from row to column, as from `transition_matrix`.

    Returns
    -------
    pandas.Series
        Shares, 0 to 1, that sum to 1; 0 for transient states, which areas leave for good. It is a way
        to read the matrix, not a forecast.

    Raises
    ------
    InputError
        When the matrix is not square with rows that sum to 1, or the chain has several recurrent
        classes (sets of states that are never left), so that the long run depends on the start.

    References
    ----------
    Kemeny, J. G. and Snell, J. L. (1976). Finite Markov Chains. Springer.

    Examples
    --------
    >>> steady_state([[0.5, 0.25, 0.25], [0.5, 0, 0.5], [0.25, 0.25, 0.5]]).round(3).tolist()
    [0.4, 0.2, 0.4]
    """
    chances, states = _checked(matrix)
    classes = _recurrent(chances)
    if len(classes) > 1:
        named = "; ".join(f"{{{list_some(states[c], 10)}}}" for c in classes)
        fix = "Look at each class by itself, or join states."
        rule = f"has {len(classes)} recurrent classes, {named}, so its steady state depends on the start"
        raise InputError(message("matrix", rule, fix=fix))
    inside = classes[0]
    # One equation follows from the others; the sum takes its place.
    balance = (np.eye(inside.size) - chances[np.ix_(inside, inside)]).T
    balance[-1] = 1.0
    right = np.zeros(inside.size)
    right[-1] = 1.0
    share = np.zeros(len(states))
    share[inside] = np.linalg.solve(balance, right)
    return pd.Series(share, index=states.rename("state"), name="steady_state")


def first_passage(matrix: Any) -> pd.DataFrame:
    r"""Mean number of periods until an area in one state is first in another.

    .. math:: m_{ij} = 1 + \sum_{k \ne j} p_{ik} m_{kj}

    Parameters
    ----------
    matrix : pandas.DataFrame or array
        Chances of moving from row to column, as from `transition_matrix`.

    Returns
    -------
    pandas.DataFrame
        From row to column, in periods, 1 or more; the diagonal is the mean time until return. Infinite
        where the state may never be reached.

    Raises
    ------
    InputError
        When the matrix is not square with rows that sum to 1.

    References
    ----------
    Kemeny, J. G. and Snell, J. L. (1976). Finite Markov Chains. Springer.

    Examples
    --------
    >>> first_passage([[0.5, 0.5], [0.25, 0.75]]).to_numpy().tolist()
    [[3.0, 2.0], [4.0, 1.5]]
    """
    chances, states = _checked(matrix)
    n = len(states)
    times = np.full((n, n), np.inf)
    for j in range(n):
        # Until j is reached, a move to it ends the wait.
        before = chances.copy()
        before[:, j] = 0.0
        reach = _reachable(before)
        never = ~_reachable(chances)[:, j]
        sure = ~(reach @ never)
        inside = np.ix_(sure, sure)
        times[sure, j] = np.linalg.solve(np.eye(int(sure.sum())) - before[inside], np.ones(int(sure.sum())))
    return labeled(times, states)


def mobility(matrix: Any, measure: MobilityMeasure = "prais", *, initial: Any = None) -> float:
    r"""How much areas change state, as one number from a transition matrix.

    With n states, chances p, eigenvalues in falling order of size and shares a of areas at the start:

    .. math::

        \text{prais} = \frac{n - \sum_i p_{ii}}{n - 1}, \quad
        \text{determinant} = 1 - |\det P|, \quad
        \text{second\_eigenvalue} = 1 - |\lambda_2|,

        \text{bartholomew} = \frac{n}{n - 1} \left(1 - \sum_i a_i p_{ii}\right), \quad
        \text{bartholomew\_2} = \frac{1}{n - 1} \sum_i \sum_j a_i p_{ij} |i - j|

    Parameters
    ----------
    matrix : pandas.DataFrame or array
        Chances of moving from row to column, as from `transition_matrix`; for ``"bartholomew_2"`` with
        the states in order.
    measure : {"prais", "determinant", "second_eigenvalue", "bartholomew", "bartholomew_2"}
        ``"prais"`` (the trace index of Prais and Shorrocks): how likely a state is left, all states
        alike; ``"determinant"`` (Shorrocks); ``"second_eigenvalue"`` (Sommers and Conlisk): how fast
        the start is forgotten; ``"bartholomew"``: the share of areas that leave their state;
        ``"bartholomew_2"``: how many states away they move on average, as a share of the most possible.
    initial : pandas.Series or array, optional
        The shares of areas at the start for the last two, such as `steady_state`; without it all
        states are alike.

    Returns
    -------
    float
        0 when no area changes state; 1 when the next state does not depend on the present one (for the
        first three), or, for the last, when all move from one end to the other. ``prais`` and
        ``bartholomew`` can pass 1, up to n / (n - 1), when leaving is more likely than that.

    Raises
    ------
    InputError
        With fewer than two states, rows that do not sum to 1, or shares at the start that do not go
        with the states.

    References
    ----------
    Shorrocks, A. F. (1978). The measurement of mobility. Econometrica 46, 1013-1024.
    Formby, J. P., Smith, W. J. and Zheng, B. (2004). Mobility measurement, transition matrices and
    statistical inference. Journal of Econometrics 120, 181-205.

    Examples
    --------
    >>> mobility([[0.75, 0.25], [0.25, 0.75]])
    0.5
    """
    check_choice(measure, _MEASURES, argument="measure")
    chances, states = _checked(matrix)
    n = len(states)
    if n < 2:
        raise InputError(message("matrix", "has one state, mobility needs at least 2"))
    start = _shares(initial, states)
    if measure == "prais":
        return float((n - np.trace(chances)) / (n - 1))
    if measure == "determinant":
        return float(1 - abs(np.linalg.det(chances)))
    if measure == "second_eigenvalue":
        return float(1 - np.sort(np.abs(np.linalg.eigvals(chances)))[-2])
    if measure == "bartholomew":
        return float(n * (1 - start @ np.diag(chances)) / (n - 1))
    steps = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return float(start @ (chances * steps).sum(axis=1) / (n - 1))


def _checked(matrix: Any) -> tuple[Floats, pd.Index]:
    """Return the chances and the states of a transition matrix, checked."""
    if np.ndim(matrix) != 2:
        raise InputError(message("matrix", f"must be a table, has the shape {np.shape(matrix)}"))
    table = matrix if isinstance(matrix, pd.DataFrame) else pd.DataFrame(np.asarray(matrix))
    states: pd.Index = table.index
    square = table.shape[0] == table.shape[1] and not table.empty
    if not square or not states.equals(table.columns) or not states.is_unique:
        rule = f"must be square with the same states, each once, as rows and columns, is {table.shape}"
        raise InputError(message("matrix", rule))
    chances = as_floats(table, argument="matrix")
    unknown = np.isnan(chances).any(axis=1)
    if unknown.any():
        fix = "Leave these states out, join them with others, or state their chances."
        raise InputError(
            message("matrix", "has no chances for the states", states[np.flatnonzero(unknown)], fix)
        )
    wrong = (chances < 0).any(axis=1) | (np.abs(chances.sum(axis=1) - 1) > _ROUNDING)
    if wrong.any():
        fix = "Pass chances, not counts: transition_matrix."
        rule = "must have chances >= 0 that sum to 1 in each row"
        raise InputError(message("matrix", rule, states[wrong], fix))
    return chances, states


def _shares(initial: Any, states: pd.Index) -> Floats:
    """Return the shares at the start in the order of the states, checked."""
    if initial is None:
        return np.full(len(states), 1 / len(states))
    if isinstance(initial, pd.Series):
        if not initial.index.is_unique or set(initial.index) != set(states):
            raise InputError(message("initial", "must have the states of the matrix as its index", states))
        initial = initial.reindex(states)
    share = as_floats(initial, argument="initial")
    if share.shape != (len(states),) or not (share >= 0).all() or abs(share.sum() - 1) > _ROUNDING:
        rule = f"must be {len(states)} shares >= 0 that sum to 1, one for each state"
        raise InputError(message("initial", rule))
    return share


def _reachable(chances: Floats) -> npt.NDArray[np.bool_]:
    """Tell from which state (row) which can be reached, each from itself too."""
    step = (chances > 0) | np.eye(len(chances), dtype=bool)
    for _ in range(int(np.ceil(np.log2(max(2, len(chances)))))):
        step = step @ step
    return step


def _recurrent(chances: Floats) -> list[npt.NDArray[np.intp]]:
    """Return the sets of states that reach one another and nothing else."""
    reach = _reachable(chances)
    both = reach & reach.T
    closed = (reach == both).all(axis=1)
    _, first = np.unique(both[closed], axis=0, return_index=True)
    return [np.flatnonzero(row) for row in both[closed][np.sort(first)]]
