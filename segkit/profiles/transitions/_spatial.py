"""Transitions by the conditions of the neighbors: the spatial Markov chain and its tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.blocks import check_jobs, in_order
from segkit.base.checks import Floats, as_floats, check_columns, check_count, check_seed, numbers
from segkit.base.digits import EQUAL
from segkit.errors import InputError, message
from segkit.measures.autocorrelation.permuting import row_standardized, weights_between
from segkit.profiles.transitions._counts import labeled, shares_of
from segkit.profiles.transitions._input import Missing, rows_with, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from libpysal.graph import Graph
    from scipy.sparse import csr_array

_Places: TypeAlias = npt.NDArray[np.intp]

#: Numbers held at once by the permutations of a block: bounds the memory, changes no answer.
_CELLS = 1_000_000

_TESTS = ("chi_square", "likelihood_ratio")


@dataclass(frozen=True)
class SpatialMarkov:
    """The result of `spatial_markov`.

    Attributes
    ----------
    matrix : pandas.DataFrame
        Chances of moving, all transitions together: index ``from``, columns ``to``.
    matrices : pandas.DataFrame
        The same for each class of the neighbors: index ``lag_state, from``, columns ``to``.
    counts : pandas.DataFrame
        The number of transitions behind `matrices`, in the same shape.
    cuts, lag_cuts : tuple of float
        Upper ends of all states, and of all classes of the neighbors' mean, but the highest; a value
        equal to an upper end is in the lower class.
    tests : pandas.DataFrame
        ``lag_state`` ("all" for the test of them together, then each class), ``test`` (chi_square or
        likelihood_ratio), ``statistic``, ``df``, ``p_value`` (chi-square distribution) and
        ``p_permutation`` (NaN without permutations).
    n_areas, n_transitions, n_left_out : int
        Areas, transitions counted, and such as lack a value at one end or neighbors with values.
    """

    matrix: pd.DataFrame
    matrices: pd.DataFrame
    counts: pd.DataFrame
    cuts: tuple[float, ...]
    lag_cuts: tuple[float, ...]
    tests: pd.DataFrame
    n_areas: int
    n_transitions: int
    n_left_out: int

    @property
    def summary(self) -> pd.DataFrame:
        """One row per class of the neighbors, and one for all: where areas go from there.

        ``n_transitions``, the shares ``down``, ``stay`` and ``up`` of them (0 to 1; NaN where there are
        none), ``statistic`` and ``p_value`` of the chi-square test.
        """
        n = len(self.matrix)
        stack = self.counts.to_numpy().reshape(-1, n, n)
        stack = np.concatenate([stack.sum(axis=0, keepdims=True), stack])
        total = stack.sum(axis=(1, 2))
        ways = {
            "down": np.tril(stack, -1).sum(axis=(1, 2)),
            "stay": np.trace(stack, axis1=1, axis2=2),
            "up": np.triu(stack, 1).sum(axis=(1, 2)),
        }
        empty = np.full(total.size, np.nan)
        shares = {k: np.divide(v, total, out=empty.copy(), where=total > 0) for k, v in ways.items()}
        test = self.tests[self.tests["test"] == "chi_square"].set_index("lag_state")
        table = pd.DataFrame({"n_transitions": total.astype(int), **shares}, index=test.index)
        return table.join(test[["statistic", "p_value"]])


def spatial_markov(
    panel: gpd.GeoDataFrame,
    column: str,
    *,
    graph: Graph | None = None,
    n_states: int = 5,
    n_lag_states: int = 5,
    cuts: Sequence[float] | None = None,
    lag_cuts: Sequence[float] | None = None,
    n_permutations: int = 0,
    random_state: int = 0,
    n_jobs: int = 1,
    missing: Missing = "raise",
) -> SpatialMarkov:
    r"""Test whether areas move differently depending on how their neighbors fare.

    Values are divided into states by quantiles over all areas and periods, and so are the means of
    the neighbors. For each class l of the neighbors at the start of a transition there is one
    transition matrix, and two statistics tell how far they lie from the matrix of all together:

    .. math::

        Q = \sum_l \sum_i \sum_j n_{l,i} \frac{(p_{l,ij} - p_{ij})^2}{p_{ij}}, \quad
        LR = 2 \sum_l \sum_i \sum_j n_{l,ij} \ln \frac{p_{l,ij}}{p_{ij}}

    Parameters
    ----------
    panel : geopandas.GeoDataFrame
        One row per area and period, with ``area_id`` and ``period``.
    column : str
        The values; to compare over time, often relative to the mean of the period.
    graph : libpysal.graph.Graph, optional
        Neighbors keyed by ``area_id``; without it queen contiguity (`graphs.contiguity`) of the areas
        as drawn in their last period. Its weights are row-standardized here.
    n_states, n_lag_states : int
        How many classes of values and of neighbors' means, by quantiles.
    cuts, lag_cuts : sequence of float, optional
        Upper ends of all classes but the highest, in place of quantiles; these decide the number.
    n_permutations : int
        Permutations of the areas, each with its whole history, over the map; 0 for none. The cuts
        stay as they are.
    random_state : int
        Seed; the same seed gives the same answer, whatever `n_jobs`.
    n_jobs : int
        Threads; -1 means every core.
    missing : {"raise", "drop"}
        A missing value is an error, or its row is taken as absent.

    Returns
    -------
    SpatialMarkov
        States and classes are numbered from 1 (lowest values). Small p-values: areas with the same start
        but other neighbors moved differently. Matrices have NaN where no transition starts. Areas
        without neighbors, and transitions that lack a value at one end, are left out of them and
        counted in ``n_left_out``; their values count in the quantiles. A neighbor without a value in
        a period is left out of the mean.

    Raises
    ------
    InputError
        When the panel has fewer than two periods, values are missing or too alike to be cut, no area
        has neighbors, or an argument is out of its range.
    UnknownNameError
        When a column is missing, or the graph lacks an area.

    Notes
    -----
    For each class by itself the degrees of freedom are the number of possible moves less one, summed
    over the states that transitions start in (Anderson and Goodman's test against a given matrix; as
    the class is part of that matrix, p is somewhat too high). ``giddy`` has the same statistic with
    (states - 1)\ :sup:`2` degrees of freedom, gives areas without neighbors a mean of 0, and its
    permutations move the neighbors but not the areas, so that one can become its own neighbor.

    Where all transitions start in one class, or all from a state lead to one, nothing can differ: 0 degrees
    of freedom, p 1.

    Transitions of an area, and of neighbors, are not independent draws, so the chi-square distribution
    flatters; the permutations keep each area's history whole.

    References
    ----------
    Rey, S. J. (2001). Spatial empirics for economic growth and convergence. Geographical Analysis 33,
    195-214. Bickenbach, F. and Bode, E. (2003). Evaluating the Markov property in studies of economic
    convergence. International Regional Science Review 26, 363-392. Anderson, T. W. and Goodman, L. A.
    (1957). Statistical inference about Markov chains. Annals of Mathematical Statistics 28, 89-110.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> line = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> panel = pd.DataFrame({"area_id": list("abcd") * 2, "period": [1] * 4 + [2] * 4,
    ...                       "value": [1.0, 2.0, 9.0, 3.0, 1.5, 6.0, 8.0, 7.0]})
    >>> result = spatial_markov(panel, "value", graph=line, cuts=[5], lag_cuts=[4])
    >>> result.counts.to_numpy().tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 2.0], [0.0, 0.0]]
    >>> result.tests["statistic"].round(2).tolist()
    [3.0, 3.82, 2.0, 2.2, 1.0, 1.62]
    """
    check_count(n_permutations, argument="n_permutations", least=0)
    check_seed(random_state)
    check_jobs(n_jobs)
    rows = rows_with(panel, column, missing=missing)
    wide, ids, periods = spread(rows, numbers(rows, column), empty=np.nan)
    weights = _weights(rows, graph, ids)
    state_cuts = _cuts(wide[~np.isnan(wide)], n_states, cuts, "n_states", "cuts")
    lags = lags_of(weights, wide)
    neighbor_cuts = _cuts(lags[~np.isnan(lags)], n_lag_states, lag_cuts, "n_lag_states", "lag_cuts")
    chains = _Chains(weights, wide, _classes(wide, state_cuts), state_cuts.size + 1, neighbor_cuts)
    counts = chains.counts(np.arange(len(ids)))
    used = int(counts.sum())
    left_out = len(ids) * (len(periods) - 1) - used
    if used == 0:
        raise InputError(message("panel", "has no transition of an area that has neighbors"))
    permuted = chains.permuted(n_permutations, random_state, n_jobs) if n_permutations else None
    states = pd.RangeIndex(1, chains.n_states + 1)
    lag_states = pd.RangeIndex(1, neighbor_cuts.size + 2)
    index = pd.MultiIndex.from_product([lag_states, states], names=["lag_state", "from"])
    flat = counts.reshape(-1, chains.n_states)
    return SpatialMarkov(
        matrix=labeled(shares_of(counts.sum(axis=0)), states),
        matrices=pd.DataFrame(shares_of(flat), index=index, columns=states.rename("to")),
        counts=pd.DataFrame(flat, index=index, columns=states.rename("to")),
        cuts=tuple(state_cuts.tolist()),
        lag_cuts=tuple(neighbor_cuts.tolist()),
        tests=_tests(counts, permuted),
        n_areas=len(ids),
        n_transitions=used,
        n_left_out=left_out,
    )


def homogeneity_of(counts: Floats) -> Floats:
    """Return Q and LR of each class of the neighbors.

    Counts have any number of axes, then class, from and to; the statistics are ``..., class, test``.
    """
    total = counts.sum(axis=-3, keepdims=True)
    overall = np.nan_to_num(shares_of(total))
    starts = counts.sum(axis=-1, keepdims=True)
    expected = starts * overall
    possible = expected > 0
    gap = np.divide((counts - expected) ** 2, expected, out=np.zeros_like(counts), where=possible)
    seen = counts > 0
    ratio = np.divide(counts, expected, out=np.ones_like(counts), where=seen)
    deviance = 2 * counts * np.log(ratio)
    return np.stack([gap.sum(axis=(-2, -1)), deviance.sum(axis=(-2, -1))], axis=-1)


def lags_of(weights: csr_array, values: Floats) -> Floats:
    """Return the mean of the neighbors that have a value, one column per period; NaN without any."""
    there = ~np.isnan(values)
    if there.all():
        lags: Floats = weights @ values
        lags[np.diff(weights.indptr) == 0] = np.nan
        return lags
    total = weights @ np.where(there, values, 0.0)
    share = weights @ there.astype(np.float64)
    mean: Floats = np.divide(total, share, out=np.full(total.shape, np.nan), where=share > 0)
    return mean


class _Chains:
    """Transitions of a panel by the class of the neighbors, for any order of the areas on the map."""

    def __init__(
        self, weights: csr_array, wide: Floats, states: _Places, n_states: int, lag_cuts: Floats
    ) -> None:
        self.weights = weights
        self.n_states = n_states
        self.lag_cuts = lag_cuts
        self._starts = np.ascontiguousarray(wide[:, :-1])
        # A move without a state at one end gets a number past all others.
        self._beyond = n_states**2
        start, end = states[:, :-1], states[:, 1:]
        self._moves = np.where((start >= 0) & (end >= 0), start * n_states + end, self._beyond)

    def counts(self, order: _Places) -> Floats:
        """Count the transitions: class of the neighbors by from by to."""
        lag = _classes(lags_of(self.weights, self._starts[order]), self.lag_cuts)
        width, n_lags = self._beyond + 1, self.lag_cuts.size + 1
        # Areas without neighbors come last, as a class of their own.
        lag[lag < 0] = n_lags
        codes = lag * width + self._moves[order]
        counted = np.bincount(codes.ravel(), minlength=(n_lags + 1) * width).astype(np.float64)
        cells = counted.reshape(n_lags + 1, width)[:n_lags, : self._beyond]
        return cells.reshape(n_lags, self.n_states, self.n_states)

    def permuted(self, n_permutations: int, random_state: int, n_jobs: int) -> Floats:
        """Return Q and LR of each class, last of all together, for each permutation of the areas."""
        # Each permutation has a seed of its own, so that neither threads nor blocks change it.
        seeds = np.random.SeedSequence(random_state).spawn(n_permutations)
        size = max(1, _CELLS // self._moves.size)
        blocks = [seeds[start : start + size] for start in range(0, n_permutations, size)]

        def score(block: Sequence[np.random.SeedSequence]) -> Floats:
            orders = (np.random.default_rng(seed).permutation(len(self._moves)) for seed in block)
            return _with_all(homogeneity_of(np.stack([self.counts(order) for order in orders])))

        return np.concatenate(list(in_order(score, blocks, n_jobs=n_jobs)))


def _weights(rows: pd.DataFrame, graph: Graph | None, ids: pd.Index) -> csr_array:
    """Return the row-standardized weights among the areas of a panel."""
    if graph is None:
        check_columns(rows, ["geometry"], argument="panel")
    areas = rows.sort_values("period", kind="stable").drop_duplicates("area_id", keep="last")
    areas = areas.set_index("area_id", drop=False).loc[ids].rename_axis(None)
    return row_standardized(weights_between(areas, graph))[0]


def _cuts(
    values: Floats, n_classes: int, given: Sequence[float] | None, number: str, argument: str
) -> Floats:
    """Return the upper ends of all classes but the highest."""
    if given is not None:
        stated = as_floats(given, argument=argument)
        if (
            stated.ndim != 1
            or not stated.size
            or not np.isfinite(stated).all()
            or (np.diff(stated) <= 0).any()
        ):
            raise InputError(message(argument, f"is {given!r}, must be rising numbers, one or more"))
        return stated
    check_count(n_classes, argument=number, least=2)
    if values.size == 0:
        raise InputError(message("graph", "links no two areas that have values in the same period"))
    ends = np.quantile(values, np.arange(1, n_classes) / n_classes)
    if (np.diff([*ends, values.max()]) <= 0).any():
        fix = f"Ask for fewer classes, or state their ends by {argument}."
        rule = f"is {n_classes}, but the values are too alike for as many quantiles"
        raise InputError(message(number, rule, fix=fix))
    return ends


def _classes(values: Floats, cuts: Floats) -> _Places:
    """Return the class of each value, from 0; -1 where it is missing."""
    found = np.zeros(values.shape, dtype=np.int16)
    for cut in cuts:
        found += values > cut
    found[np.isnan(values)] = -1
    return found.astype(np.intp)


def _with_all(statistics: Floats) -> Floats:
    """Put the sum over the classes before them."""
    return np.concatenate([statistics.sum(axis=-2, keepdims=True), statistics], axis=-2)


def _degrees(counts: Floats) -> npt.NDArray[np.int64]:
    """Return the degrees of freedom: of all together, then of each class."""
    occupied = counts.sum(axis=2) > 0
    moves = (counts.sum(axis=0) > 0).sum(axis=1)
    spare = np.maximum(moves - 1, 0)
    together = (np.maximum(occupied.sum(axis=0) - 1, 0) * spare).sum()
    return np.concatenate([[together], (occupied * spare).sum(axis=1)])


def _tests(counts: Floats, permuted: Floats | None) -> pd.DataFrame:
    """Return statistics, degrees of freedom and chances, all classes together first."""
    from scipy.stats import chi2

    observed = _with_all(homogeneity_of(counts))
    df = _degrees(counts)
    # Without a degree of freedom nothing can differ.
    p_value = np.where(df[:, None] > 0, chi2.sf(observed, np.maximum(df, 1)[:, None]), 1.0)
    chance = np.full(observed.shape, np.nan)
    if permuted is not None:
        extreme = permuted >= observed - EQUAL * np.maximum(1.0, observed)
        chance = (1 + extreme.sum(axis=0)) / (1 + len(permuted))
    labels = ["all", *range(1, len(counts) + 1)]
    rows = [
        (label, test, observed[k, t], int(df[k]), p_value[k, t], chance[k, t])
        for k, label in enumerate(labels)
        for t, test in enumerate(_TESTS)
    ]
    return pd.DataFrame(rows, columns=["lag_state", "test", "statistic", "df", "p_value", "p_permutation"])
