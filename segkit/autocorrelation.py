"""How areas that are alike lie: Moran's I, join counts, and the dispersal of weak areas.

The tests permute the values over the areas and ask how often chance alone gives a pattern like the one
at hand. Every table has two one-sided chances: ``p_value`` (as high or higher) and ``p_value_low`` (as
low or lower), both (1 + number of such permutations) / (1 + number of permutations).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit._result import TIDY
from segkit._validate import Floats, check_columns, check_count, complete, labels_of, numbers
from segkit.errors import InputError, message
from segkit.graphs import area_ids, contiguity, matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    from libpysal.graph import Graph
    from scipy.sparse import csr_array

_Mask: TypeAlias = npt.NDArray[np.bool_]

#: Cells permuted at once: bounds the memory, does not change the answer.
_CELLS = 2_000_000

#: Two results this close are the same but for rounding.
_EQUAL = 1e-12


def morans_i(
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    graph: Graph | None = None,
    n_permutations: int = 999,
    random_state: int = 0,
) -> pd.DataFrame:
    r"""Moran's I: whether neighboring areas are alike.

    .. math:: I = \frac{n}{S_0} \frac{\sum_i \sum_j w_{ij} z_i z_j}{\sum_i z_i^2}

    with z the deviations from the mean, w the row-standardized weights and S0 their sum. Near
    -1/(n - 1) when values lie at random, higher when neighbors are alike, lower when they differ; about
    -1 to 1. Areas without neighbors count in n and in the mean, and add nothing to the numerator.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area. Areas without a value are left out, with their links, and counted.
    column : str
        The values.
    graph : libpysal.graph.Graph, optional
        Neighbors keyed by ``area_id``; without it queen contiguity (`graphs.contiguity`). Its weights
        are row-standardized here.
    n_permutations : int
        Permutations of the values over the areas.
    random_state : int
        Seed; the same seed gives the same answer.

    Returns
    -------
    pandas.DataFrame
        Tidy table of one row: ``value`` (I), ``se`` (standard deviation under permutation),
        ``n_areas, n_missing, p_value`` (small: neighbors are more alike than by chance),
        ``p_value_low`` (small: less alike), ``expected`` (-1/(n - 1)), ``n_isolates``.

    Raises
    ------
    InputError
        With fewer than two areas, equal values everywhere, or no neighbors at all.
    UnknownNameError
        When a column is missing, or the graph lacks an area.

    References
    ----------
    Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika 37, 17-23.
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. Pion.

    Examples
    --------
    >>> from segkit import areas, autocorrelation
    >>> panel = areas.load_example("kalmar")
    >>> table = autocorrelation.morans_i(panel[panel["period"] == 2024], "median_income")
    >>> table.loc[0, ["n_areas", "n_isolates"]].tolist()
    [43, 1]
    """
    weights = _weights(areas, graph)
    values = numbers(areas, column)
    known = ~np.isnan(values)
    weights, values = weights[known][:, known], values[known]
    _check_size(values.size, column)
    if np.ptp(values) == 0:
        raise InputError(message(column, "is the same in every area, so Moran's I is not defined"))
    if weights.nnz == 0:
        fix = "Use graphs.contiguity with a tolerance or attach_isolates='nearest'."
        raise InputError(message("graph", "links no two areas that have values", fix=fix))
    neighbors, isolates = _row_standardized(weights)
    scale = values.size / neighbors.sum()

    def score(draws: Floats) -> Floats:
        z = draws - draws.mean(axis=1, keepdims=True)
        products = (z * (neighbors @ z.T).T).sum(axis=1)
        value: Floats = scale * products / (z**2).sum(axis=1)
        return value[:, None]

    observed, permuted = _permute(score, values, n_permutations, random_state)
    row = {"expected": -1 / (values.size - 1), "n_isolates": isolates}
    rows = [{"measure": "morans_i", **_chances(observed[0], permuted[:, 0]), **row}]
    return _table(rows, areas, n_areas=values.size)


def join_counts(
    areas: gpd.GeoDataFrame,
    mask: pd.Series | str,
    *,
    graph: Graph | None = None,
    n_permutations: int = 999,
    random_state: int = 0,
) -> pd.DataFrame:
    r"""Join counts: how many pairs of neighbors have both, one or none of the two marked.

    .. math:: BB = \frac{1}{2} \sum_i \sum_j w_{ij} x_i x_j

    with x = 1 for a marked ("black") area, 0 for the others ("white") and w = 1 for neighbors; WW counts
    pairs of unmarked, BW mixed pairs, and BB + WW + BW is the number of pairs. Many BB: the marked areas
    lie together; many BW: marked and unmarked areas are interspersed.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area.
    mask : pandas.Series or str
        Which areas are marked: True and False with the index of `areas`, or the name of such a column.
    graph : libpysal.graph.Graph, optional
        Neighbors keyed by ``area_id``; without it queen contiguity. Any weight other than 0 is a link.
    n_permutations, random_state : int
        Permutations of the marks over the areas, and seed.

    Returns
    -------
    pandas.DataFrame
        Tidy table with the rows ``join_count_bb, join_count_ww, join_count_bw``: ``value, se, n_areas,
        n_missing, p_value`` (as many or more by chance), ``p_value_low`` (as few or fewer),
        ``expected`` (exact, when the same number of marks lie at random), ``n_isolates``. When all or
        none are marked there is only one pattern: value equals expected and both chances are 1.

    Raises
    ------
    InputError
        With fewer than two areas, marks that are missing or not True/False, or another index.
    UnknownNameError
        When the column is missing, or the graph lacks an area.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. Pion.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> line = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> table = pd.DataFrame({"area_id": list("abcd"), "marked": [True, True, False, False]})
    >>> join_counts(table, "marked", graph=line).set_index("measure")["value"].to_dict()
    {'join_count_bb': 1.0, 'join_count_ww': 1.0, 'join_count_bw': 1.0}
    """
    weights = _links(_weights(areas, graph))
    marked = _marked(areas, mask, "mask")
    n, black = marked.size, int(marked.sum())
    white = n - black
    _check_size(n, "areas")
    pairs = weights.sum() / 2

    def score(draws: Floats) -> Floats:
        both = (draws * (weights @ draws.T).T).sum(axis=1) / 2
        neither = ((1 - draws) * (weights @ (1 - draws).T).T).sum(axis=1) / 2
        return np.column_stack([both, neither, pairs - both - neither])

    observed, permuted = _permute(score, marked.astype(float), n_permutations, random_state)
    chance = np.array([black * (black - 1), white * (white - 1), 2 * black * white]) / (n * (n - 1))
    isolates = _row_standardized(weights)[1]
    rows = [
        {
            "measure": f"join_count_{name}",
            **_chances(observed[k], permuted[:, k]),
            "expected": float(pairs * chance[k]),
            "n_isolates": isolates,
        }
        for k, name in enumerate(["bb", "ww", "bw"])
    ]
    return _table(rows, areas, n_areas=n)


def dispersal(
    areas: gpd.GeoDataFrame,
    weak: pd.Series | str,
    *,
    weight: str | None = "population",
    graph: Graph | None = None,
    n_permutations: int = 999,
    random_state: int = 0,
) -> pd.DataFrame:
    """Tell whether weak areas lie together in one cluster or dispersed.

    A patch is a set of weak areas that hang together through shared borders.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area.
    weak : pandas.Series or str
        Which areas are weak: True and False with the index of `areas`, or the name of such a column.
    weight : str or None
        Column with the population; None counts areas instead of people.
    graph : libpysal.graph.Graph, optional
        Neighbors keyed by ``area_id``; without it queen contiguity.
    n_permutations, random_state : int
        Permutations of the marks over the areas, and seed.

    Returns
    -------
    pandas.DataFrame
        Tidy table with three rows: ``largest_patch_share`` (share, 0 to 1, of the weak areas' population
        that lives in the most populous patch; 1 when all hang together), ``n_patches``, and
        ``join_count_bb`` (pairs of neighbors that are both weak). ``expected`` is the mean over
        permutations (exact for the join count). For the share and the join count a small ``p_value``
        means clustered and a small ``p_value_low`` dispersed; for ``n_patches`` it is the reverse.
        When all areas are weak, or just one, nothing can be told apart: both chances of
        ``join_count_bb`` are 1.

    Raises
    ------
    InputError
        When no area is weak, nobody lives in the weak areas, there are fewer than two areas, or marks
        or population are missing.
    UnknownNameError
        When a column is missing, or the graph lacks an area.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. Pion.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> line = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> table = pd.DataFrame({"area_id": list("abcd"), "population": [300, 100, 900, 100]})
    >>> result = dispersal(table, pd.Series([True, True, False, True]), graph=line)
    >>> result.set_index("measure")["value"].to_dict()
    {'largest_patch_share': 0.8, 'n_patches': 2.0, 'join_count_bb': 1.0}
    """
    weights = _links(_weights(areas, graph))
    marked = _marked(areas, weak, "weak")
    n, n_weak = marked.size, int(marked.sum())
    _check_size(n, "areas")
    if n_weak == 0:
        raise InputError(message("weak", "marks no area", fix="Check the rule that marks the weak areas."))
    people = np.ones(n) if weight is None else complete(areas, weight, least=0)
    if people[marked].sum() == 0:
        raise InputError(message(str(weight), "is 0 in all weak areas", labels_of(areas, marked)))

    def score(draws: Floats) -> Floats:
        both = (draws * (weights @ draws.T).T).sum(axis=1) / 2
        return np.column_stack([*_patches(weights, draws > 0, people), both])

    observed, permuted = _permute(score, marked.astype(float), n_permutations, random_state)
    joins = float(weights.sum() / 2 * n_weak * (n_weak - 1) / (n * (n - 1)))
    expected = [float(permuted[:, 0].mean()), float(permuted[:, 1].mean()), joins]
    isolates = _row_standardized(weights)[1]
    rows = [
        {
            "measure": name,
            **_chances(observed[k], permuted[:, k]),
            "expected": expected[k],
            "n_isolates": isolates,
        }
        for k, name in enumerate(["largest_patch_share", "n_patches", "join_count_bb"])
    ]
    return _table(rows, areas, n_areas=n)


def _weights(areas: gpd.GeoDataFrame, graph: Graph | None) -> csr_array:
    """Return the weights between the areas, in their order."""
    ids = area_ids(areas)
    return matrix(contiguity(areas) if graph is None else graph, ids)


def _links(weights: csr_array) -> csr_array:
    """Return 1 where there is a weight."""
    links = weights.copy()
    links.data = np.ones_like(links.data)
    return links


def _row_standardized(weights: csr_array) -> tuple[csr_array, int]:
    """Divide each row by its sum; rows without neighbors stay 0 and are counted."""
    from scipy.sparse import diags_array

    sums = np.asarray(weights.sum(axis=1), dtype=float)
    scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums != 0)
    return (diags_array(scale) @ weights).tocsr(), int((np.diff(weights.indptr) == 0).sum())


def _check_size(n: int, argument: str) -> None:
    """Check that there are areas to compare."""
    if n < 2:
        raise InputError(message(argument, f"has {n} areas with values, needs at least 2"))


def _marked(areas: pd.DataFrame, mask: pd.Series | str, argument: str) -> _Mask:
    """Return the marks as an array, checked."""
    if isinstance(mask, str):
        check_columns(areas, [mask], argument="areas")
        marks = areas[mask]
    elif isinstance(mask, pd.Series):
        marks = mask
    else:
        rule = f"is {type(mask).__name__}, must be a Series of True and False or the name of a column"
        raise InputError(message(argument, rule))
    if not marks.index.equals(areas.index):
        fix = "Make it from the same table, with the same rows."
        raise InputError(message(argument, "has another index than `areas`", fix=fix))
    missing = marks.isna().to_numpy()
    if missing.any():
        raise InputError(message(argument, "is missing", labels_of(areas, missing), "State True or False."))
    wrong = ~marks.isin([True, False]).to_numpy()
    if wrong.any():
        raise InputError(message(argument, "must be True or False", labels_of(areas, wrong)))
    return marks.to_numpy(dtype=bool)


def _permute(
    score: Callable[[Floats], Floats], values: Floats, n_permutations: int, random_state: int
) -> tuple[Floats, Floats]:
    """Score the values as they lie and permuted: one row per permutation, one column per statistic."""
    check_count(n_permutations, argument="n_permutations")
    rng = np.random.default_rng(check_count(random_state, argument="random_state", least=0))
    size = max(1, _CELLS // values.size)
    blocks = [min(size, n_permutations - start) for start in range(0, n_permutations, size)]
    permuted = [score(rng.permuted(np.tile(values, (block, 1)), axis=1)) for block in blocks]
    return score(values[None, :])[0], np.concatenate(permuted)


def _chances(observed: float, permuted: Floats) -> dict[str, float]:
    """Return value, spread and the two one-sided chances; the pattern at hand counts as one draw."""
    slack = _EQUAL * max(1.0, abs(observed))
    n = permuted.size + 1
    return {
        "value": float(observed),
        "se": float(permuted.std(ddof=1)) if permuted.size > 1 else float("nan"),
        "p_value": float((1 + (permuted >= observed - slack).sum()) / n),
        "p_value_low": float((1 + (permuted <= observed + slack).sum()) / n),
    }


def _patches(weights: csr_array, marked: _Mask, people: Floats) -> tuple[Floats, Floats]:
    """Return for each row of marks the largest patch's share of the people, and the number of patches."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    draws, n = marked.shape
    links = weights.tocoo()
    # All draws side by side are one big graph, so that its parts are found in one call.
    draw, link = np.nonzero(marked[:, links.row] & marked[:, links.col])
    ends = (draw * n + links.row[link], draw * n + links.col[link])
    joined = coo_array((np.ones(draw.size), ends), shape=(draws * n, draws * n))
    _, part = connected_components(joined, directed=False)
    owner, area = np.nonzero(marked)
    _, patch = np.unique(part[marked.ravel()], return_inverse=True)
    size = np.bincount(patch, weights=people[area])
    home = np.zeros(size.size, dtype=int)
    home[patch] = owner
    largest, total = np.zeros(draws), np.zeros(draws)
    np.maximum.at(largest, home, size)
    np.add.at(total, home, size)
    # Where nobody lives in the marked areas of a permutation nobody lives apart from the others.
    share = np.divide(largest, total, out=np.ones(draws), where=total > 0)
    return share, np.bincount(home, minlength=draws).astype(float)


def _table(rows: Sequence[dict[str, object]], areas: pd.DataFrame, *, n_areas: int) -> pd.DataFrame:
    """Complete rows to the tidy table."""
    periods = areas["period"].unique().tolist() if "period" in areas else []
    common = {
        "period": int(periods[0]) if len(periods) == 1 else "",
        "region": "",
        "group": "",
        "ci_low": float("nan"),
        "ci_high": float("nan"),
        "n_areas": n_areas,
        "n_missing": len(areas) - n_areas,
    }
    columns = [*TIDY, "p_value", "p_value_low", "expected", "n_isolates"]
    return pd.DataFrame([{**common, **row} for row in rows], columns=columns)
