"""How the weak areas lie: patches, borders between them, and distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.base.checks import Floats, complete, labels_of
from segkit.base.order import in_area_order
from segkit.errors import InputError, message
from segkit.measures.autocorrelation.permuting import (
    Mask,
    chances,
    check_size,
    links,
    marked_areas,
    permute,
    row_standardized,
    table_of,
    weights_between,
)

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from libpysal.graph import Graph
    from scipy.sparse import csr_array

#: Distances held at once: bounds the memory, does not change the answer.
_CELLS = 2_000_000

_MEASURES = ("largest_patch_share", "n_patches", "join_count_bb", "mean_distance")


def dispersal(
    areas: gpd.GeoDataFrame,
    weak: pd.Series | str,
    *,
    weight: str | None = "population",
    graph: Graph | None = None,
    n_permutations: int = 999,
    random_state: int = 0,
) -> pd.DataFrame:
    r"""Tell whether weak areas lie together in one cluster or dispersed.

    A patch is a set of weak areas that hang together through shared borders. How far apart people in
    different weak areas live on average is

    .. math:: \bar d = \frac{\sum_{i \ne j} p_i p_j d_{ij}}{\sum_{i \ne j} p_i p_j}

    with p the population of the weak areas and d the distances between their centroids.

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
        Tidy table with the rows ``largest_patch_share`` (share, 0 to 1, of the weak areas' population
        that lives in the most populous patch; 1 when all hang together), ``n_patches``, and
        ``join_count_bb`` (pairs of neighbors that are both weak), and, where it can be measured,
        ``mean_distance`` (meters, above 0). ``expected`` is the mean over permutations (exact for the
        join count). For the share and the join count a small ``p_value`` means clustered and a small
        ``p_value_low`` dispersed; for ``n_patches`` and ``mean_distance`` it is the reverse.
        When all areas are weak, or just one, nothing can be told apart: both chances of
        ``join_count_bb`` are 1.
        There is no ``mean_distance`` in these two cases, when people live in fewer than two weak areas,
        and when the table does not say where its areas are: no geometry, an area without one, or no
        coordinate system. Degrees are read as SWEREF 99 TM (EPSG:3006). Placements with people in fewer
        than two of the marked areas have no distance and are left out for that row.

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
    rows = in_area_order(areas)
    weights = links(weights_between(rows, graph))
    marked = marked_areas(areas, weak, "weak")
    n, n_weak = marked.size, int(marked.sum())
    check_size(n, "areas")
    if n_weak == 0:
        raise InputError(message("weak", "marks no area", fix="Check the rule that marks the weak areas."))
    people = np.ones(n) if weight is None else complete(rows, weight, least=0)
    if people[marked].sum() == 0:
        raise InputError(message(str(weight), "is 0 in all weak areas", labels_of(rows, marked)))
    places = _centroids(rows) if 1 < n_weak < n else None

    def score(draws: Floats) -> Floats:
        both = (draws * (weights @ draws.T).T).sum(axis=1) / 2
        found = [*_patches(weights, draws > 0, people), both]
        return np.column_stack(
            found if places is None else [*found, mean_distance_of(draws * people, places)]
        )

    observed, permuted = permute(score, marked.astype(float), n_permutations, random_state)
    joins = float(weights.sum() / 2 * n_weak * (n_weak - 1) / (n * (n - 1)))
    isolates = row_standardized(weights)[1]
    found = []
    for name, value, drawn in zip(_MEASURES, observed, permuted.T, strict=False):
        defined = drawn[~np.isnan(drawn)]
        if np.isnan(value) or defined.size == 0:
            continue
        expected = joins if name == "join_count_bb" else float(defined.mean())
        found.append(
            {"measure": name, **chances(value, defined), "expected": expected, "n_isolates": isolates}
        )
    return table_of(found, areas, n_areas=n)


def mean_distance_of(people: Floats, places: Floats) -> Floats:
    """Return for each row of people the mean distance between two who live in different areas.

    NaN where fewer than two areas are populated. The distances are made for some areas at a time.
    """
    from scipy.spatial.distance import cdist

    total = np.zeros(len(people))
    size = max(1, _CELLS // len(places))
    for start in range(0, len(places), size):
        block = slice(start, start + size)
        # Each pair once: from the areas of the block to those of this block and after.
        distance = cdist(places[block], places[start:])
        distance[:, : len(distance)] /= 2
        total += 2 * ((people[:, block] @ distance) * people[:, start:]).sum(axis=1)
    pairs = people.sum(axis=1) ** 2 - (people**2).sum(axis=1)
    defined = (people > 0).sum(axis=1) > 1
    mean: Floats = np.divide(total, pairs, out=np.full(len(people), np.nan), where=defined)
    return mean


def _centroids(areas: pd.DataFrame) -> Floats | None:
    """Return the centroids of the areas in meters, or None where the table does not tell them."""
    import geopandas as gpd

    if not isinstance(areas, gpd.GeoDataFrame) or areas.active_geometry_name is None or areas.crs is None:
        return None
    shapes = areas.geometry
    if (shapes.isna() | shapes.is_empty).any():
        return None
    shapes = shapes.to_crs(3006) if shapes.crs.is_geographic else shapes
    meters = shapes.crs.axis_info[0].unit_conversion_factor
    centroids = shapes.centroid
    return np.column_stack([centroids.x, centroids.y]) * float(meters)


def _patches(weights: csr_array, marked: Mask, people: Floats) -> tuple[Floats, Floats]:
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
