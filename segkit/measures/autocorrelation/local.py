"""Local Moran's I: where alike areas lie together, and where one differs from its neighbors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.blocks import in_order
from segkit.base.checks import Floats, check_choice, check_count, check_seed, check_share, labels_of, numbers
from segkit.base.digits import EQUAL
from segkit.base.order import area_order, as_given, in_area_order
from segkit.errors import InputError, message, warn
from segkit.measures.autocorrelation.permuting import (
    Mask,
    check_size,
    row_standardized,
    same,
    weights_between,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from scipy.sparse import csr_array

Alternative = Literal["two_sided", "directed", "folded"]

_Positions = npt.NDArray[np.intp]

#: Areas times permutations compared at once: small enough for the processor's cache.
_CELLS = 100_000


def local_moran(
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    graph: Graph | None = None,
    n_permutations: int = 999,
    alternative: Alternative = "two_sided",
    false_discovery_rate: float = 0.05,
    random_state: int = 0,
    n_jobs: int = 1,
) -> pd.DataFrame:
    r"""Local Moran's I: which areas are like, or unlike, their neighbors beyond chance.

    .. math:: I_i = z_i \sum_j w_{ij} z_j

    with z the values standardized by mean and (population) standard deviation and w the
    row-standardized weights. Above 0 an area and its neighbors lie on the same side of the mean, below 0
    on different sides. When every area has a neighbor, the mean of the local values is Moran's I.

    The test holds the value of the area itself and draws the values of its neighbors, without
    replacement, from all other areas. It is done once per area, so that of many areas some are extreme
    by chance alone; ``q_value`` answers for that.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area. Areas without a value are left out, with their links, and counted by a
        `DataWarning`.
    column : str
        The values.
    graph : libpysal.graph.Graph, optional
        Neighbors keyed by ``area_id``; without it queen contiguity (`graphs.contiguity`). Its weights
        are row-standardized here.
    n_permutations : int
        Draws of neighbors for each area. The smallest possible p is 1 / (1 + n_permutations), or twice
        that with ``"two_sided"``; with thousands of areas many are needed to get below a q of 0.05.
    alternative : {"two_sided", "directed", "folded"}
        With r draws as high or higher, and s as low or lower: ``"two_sided"`` is twice the smaller of
        (1 + r) / (1 + n) and (1 + s) / (1 + n), at most 1; ``"directed"`` is the smaller itself, as in
        much published work, though it chooses its side after looking; ``"folded"`` counts the draws as
        far or farther from the mean of the draws.
    false_discovery_rate : float
        The share of areas in clusters that may be there by chance, between 0 and 1.
    random_state : int
        Seed; the same seed gives the same answer, whatever `n_jobs`.
    n_jobs : int
        Threads; -1 means every core.

    Returns
    -------
    pandas.DataFrame
        One row per area, with the index of `areas`: ``value`` (I), ``z``, ``lag`` (the mean of the
        neighbors' z), ``quadrant`` (``"high-high"``, ``"low-low"``, ``"high-low"``, ``"low-high"``: first
        the area, then its neighbors, high being above the mean and all else low), ``p_value``,
        ``q_value`` (Benjamini and Hochberg over the areas tested) and ``cluster``: the quadrant where the
        q is below `false_discovery_rate`, else ``"not significant"``. An area without neighbors has
        no lag and is not tested: NaN, and ``"isolate"`` as quadrant and cluster; its value counts in the
        mean and among those drawn from. An area without a value is ``"missing"`` in the same way.

    Raises
    ------
    InputError
        With fewer than three areas, equal values everywhere, no neighbors at all, or an argument out of
        its range.
    UnknownNameError
        When a column is missing, or the graph lacks an area.

    Notes
    -----
    ``esda.Moran_Local`` gives I times (n - 1) / n, and 0 and a p-value for areas without neighbors. As
    there, the same draws serve all areas: each p-value is right, but those of different areas are not
    independent.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association - LISA. Geographical Analysis 27, 93-115.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57, 289-300. Caldas de Castro, M. and Singer, B. H. (2006). Controlling the
    false discovery rate. Geographical Analysis 38, 180-208.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> line = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> table = pd.DataFrame({"area_id": list("abcd"), "value": [1.0, 2.0, 3.0, 4.0]})
    >>> local_moran(table, "value", graph=line)["value"].round(2).tolist()
    [0.6, 0.2, 0.2, 0.6]
    """
    check_choice(alternative, ("two_sided", "directed", "folded"), argument="alternative")
    check_count(n_permutations, argument="n_permutations")
    check_seed(random_state)
    check_share(false_discovery_rate, argument="false_discovery_rate")
    rows = in_area_order(areas)
    known, z, weights = _standardized(rows, column, graph)
    lag = weights @ z
    draws = _neighbors(z, int(np.diff(weights.indptr).max()), n_permutations, random_state)
    linked = np.diff(weights.indptr) > 0
    p_value = np.full(z.size, np.nan)
    p_value[linked] = _p_values(z, lag, weights, draws, alternative, n_jobs)[linked]
    table = _table(rows.index, known, z, np.where(linked, lag, np.nan), p_value, false_discovery_rate)
    return as_given(table, area_order(areas))


def _standardized(
    areas: gpd.GeoDataFrame, column: str, graph: Graph | None
) -> tuple[Mask, Floats, csr_array]:
    """Return which areas have values, these standardized, and the row-standardized weights among them."""
    weights = weights_between(areas, graph)
    values = numbers(areas, column)
    known = ~np.isnan(values)
    weights, values = weights[known][:, known], values[known]
    check_size(values.size, column, least=3)
    if same(values):
        raise InputError(message(column, "is the same in every area, so local I is not defined"))
    if weights.nnz == 0:
        fix = "Use graphs.contiguity with a tolerance or attach_isolates='nearest'."
        raise InputError(message("graph", "links no two areas that have values", fix=fix))
    if not known.all():
        rule = f"has no value in {int((~known).sum())} areas, which are left out with their links"
        warn(message(column, rule, labels_of(areas, ~known)))
    return known, (values - values.mean()) / values.std(), row_standardized(weights)[0]


def _neighbors(
    z: Floats, most: int, n_permutations: int, random_state: int
) -> tuple[_Positions, Floats, Floats]:
    """Draw neighbors out of all areas but one: their places, and the values there.

    The places, one row per permutation, are those among n - 1 areas, for any area left out: from that
    area on each stands for the next, whose value is in the second array of values.
    """
    rng = np.random.default_rng(random_state)
    places = np.empty((most, n_permutations), dtype=np.intp)
    first = z.size - 1 - most
    # Floyd's way to draw distinct numbers: one that is there already is replaced by the newest.
    for k in range(most):
        drawn = rng.integers(0, first + k + 1, size=n_permutations)
        there = (places[:k] == drawn).any(axis=0)
        places[k] = np.where(there, first + k, drawn)
    # Areas with fewer neighbors take the first ones, so their order must be random too.
    places = rng.permuted(places, axis=0)
    return places, z[places], z[places + 1]


def _p_values(
    z: Floats,
    lag: Floats,
    weights: csr_array,
    draws: tuple[_Positions, Floats, Floats],
    alternative: Alternative,
    n_jobs: int,
) -> Floats:
    """Return the chance of each area, computed for blocks of areas with equally many neighbors."""
    degree = np.diff(weights.indptr)
    size = max(1, _CELLS // draws[0].shape[1])
    blocks = [
        same[start : start + size]
        for k in np.unique(degree[degree > 0])
        for same in [np.flatnonzero(degree == k)]
        for start in range(0, same.size, size)
    ]

    def chances(block: _Positions) -> Floats:
        cells = weights.indptr[block][:, None] + np.arange(degree[block[0]])
        drawn = _drawn_lags(block, weights.data[cells], draws)
        return _chances(lag[block][:, None], drawn, alternative)

    found = np.ones(z.size)
    for block, p in zip(blocks, in_order(chances, blocks, n_jobs=n_jobs), strict=True):
        found[block] = p
    # At the mean itself I is 0 whatever the neighbors are.
    return np.where(np.abs(z) > EQUAL, found, 1.0)


def _drawn_lags(block: _Positions, weights: Floats, draws: tuple[_Positions, Floats, Floats]) -> Floats:
    """Return the lags of a block of areas: one row per area, one column per permutation."""
    places, values, next_values = draws
    total = np.zeros((block.size, places.shape[1]))
    for k, weight in enumerate(weights.T):
        total += weight[:, None] * np.where(places[k] >= block[:, None], next_values[k], values[k])
    return total


def _chances(lag: Floats, drawn: Floats, alternative: Alternative) -> Floats:
    """Return the chances of a block of areas; the pattern at hand counts as one draw."""
    n = drawn.shape[1]
    slack = EQUAL * np.maximum(1.0, np.abs(lag))
    if alternative == "folded":
        mean = drawn.mean(axis=1, keepdims=True)
        far = np.abs(drawn - mean) >= np.abs(lag - mean) - slack
        return np.asarray((1 + far.sum(axis=1)) / (1 + n))
    high = (drawn >= lag - slack).sum(axis=1)
    low = (drawn <= lag + slack).sum(axis=1)
    directed = (1 + np.minimum(high, low)) / (1 + n)
    return np.asarray(directed if alternative == "directed" else np.minimum(1.0, 2 * directed))


def _table(
    index: pd.Index, known: Mask, z: Floats, lag: Floats, p_value: Floats, false_discovery_rate: float
) -> pd.DataFrame:
    """Gather the columns for all areas, also those without a value."""
    from scipy.stats import false_discovery_control

    tested = ~np.isnan(p_value)
    q_value = np.full(z.size, np.nan)
    q_value[tested] = false_discovery_control(p_value[tested])
    names = np.array([["low-low", "low-high"], ["high-low", "high-high"]], dtype=object)
    quadrant = np.where(tested, names[(z > 0).astype(int), (lag > 0).astype(int)], "isolate")
    chance = tested & ~(q_value < false_discovery_rate)
    columns = {
        "value": z * lag,
        "z": z,
        "lag": lag,
        "quadrant": quadrant,
        "p_value": p_value,
        "q_value": q_value,
        "cluster": np.where(chance, "not significant", quadrant),
    }
    row = np.where(known, np.cumsum(known) - 1, -1)
    table = pd.DataFrame(columns).reindex(row).set_axis(index)
    words = ["quadrant", "cluster"]
    return table.assign(**{word: table[word].where(known, "missing") for word in words})
