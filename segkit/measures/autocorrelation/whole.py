"""Statistics of the whole map: Moran's I and join counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.base.checks import Floats, numbers
from segkit.base.order import in_area_order
from segkit.errors import InputError, message
from segkit.measures.autocorrelation.permuting import (
    chances,
    check_size,
    links,
    marked_areas,
    permute,
    row_standardized,
    same,
    table_of,
    weights_between,
)

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from libpysal.graph import Graph


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
    areas = in_area_order(areas)
    weights = weights_between(areas, graph)
    values = numbers(areas, column)
    known = ~np.isnan(values)
    weights, values = weights[known][:, known], values[known]
    check_size(values.size, column)
    if same(values):
        raise InputError(message(column, "is the same in every area, so Moran's I is not defined"))
    if weights.nnz == 0:
        fix = "Use graphs.contiguity with a tolerance or attach_isolates='nearest'."
        raise InputError(message("graph", "links no two areas that have values", fix=fix))
    neighbors, isolates = row_standardized(weights)
    scale = values.size / neighbors.sum()

    def score(draws: Floats) -> Floats:
        z = draws - draws.mean(axis=1, keepdims=True)
        products = (z * (neighbors @ z.T).T).sum(axis=1)
        value: Floats = scale * products / (z**2).sum(axis=1)
        return value[:, None]

    observed, permuted = permute(score, values, n_permutations, random_state)
    row = {"expected": -1 / (values.size - 1), "n_isolates": isolates}
    rows = [{"measure": "morans_i", **chances(observed[0], permuted[:, 0]), **row}]
    return table_of(rows, areas, n_areas=values.size)


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
    weights = links(weights_between(in_area_order(areas), graph))
    marked = marked_areas(areas, mask, "mask")
    n, black = marked.size, int(marked.sum())
    white = n - black
    check_size(n, "areas")
    pairs = weights.sum() / 2

    def score(draws: Floats) -> Floats:
        both = (draws * (weights @ draws.T).T).sum(axis=1) / 2
        neither = ((1 - draws) * (weights @ (1 - draws).T).T).sum(axis=1) / 2
        return np.column_stack([both, neither, pairs - both - neither])

    observed, permuted = permute(score, marked.astype(float), n_permutations, random_state)
    chance = np.array([black * (black - 1), white * (white - 1), 2 * black * white]) / (n * (n - 1))
    isolates = row_standardized(weights)[1]
    rows = [
        {
            "measure": f"join_count_{name}",
            **chances(observed[k], permuted[:, k]),
            "expected": float(pairs * chance[k]),
            "n_isolates": isolates,
        }
        for k, name in enumerate(["bb", "ww", "bw"])
    ]
    return table_of(rows, areas, n_areas=n)
