"""Which areas are neighbors: contiguity, isolated areas, and the graph as a sparse matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.boundary import guard
from segkit.base.checks import check_choice, check_columns, check_geometry
from segkit.base.namespace import public
from segkit.base.order import area_order
from segkit.errors import InputError, UnknownNameError, message

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from libpysal.graph import Graph
    from scipy.sparse import csr_array

__all__ = ["AttachIsolates", "Rule", "area_ids", "contiguity", "matrix"]

__dir__ = public(__all__)


Rule = Literal["queen", "rook"]
AttachIsolates = Literal["none", "nearest"]

_Pairs = npt.NDArray[np.intp]

#: A shared border is a side, not a corner, when it is longer than this many tolerances.
_SIDE = 10


def contiguity(
    areas: gpd.GeoDataFrame,
    *,
    rule: Rule = "queen",
    tolerance: float = 0.1,
    attach_isolates: AttachIsolates = "none",
) -> Graph:
    """Find the areas that border on each other.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area with ``area_id`` and polygons. Coordinates in degrees are read as
        SWEREF 99 TM (EPSG:3006); others are used as they are.
    rule : {"queen", "rook"}
        ``"queen"``: neighbors share at least a point; ``"rook"``: they share a side, a border that has
        a length (across a gap: longer than ten tolerances).
    tolerance : float
        Gaps up to this distance (meters) count as touching, so that rounded coordinates do not cut
        neighbors apart. Simplified boundaries that no longer share their borders need some meters.
    attach_isolates : {"none", "nearest"}
        An area without any neighbor, such as an island, stays so (``"none"``) or becomes a neighbor of
        the nearest area (``"nearest"``; of several equally near the first by ``area_id``).

    Returns
    -------
    libpysal.graph.Graph
        Symmetric, weight 1 for each pair of neighbors, keyed by ``area_id`` in the order of the table.
        Its ``isolates`` are the areas without neighbors.

    Raises
    ------
    InputError
        When an area occurs twice, or a geometry is missing, invalid or without coordinate system.
    UnknownNameError
        When ``area_id`` is missing.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. Pion.

    Examples
    --------
    In Kalmar one area is an island without neighbors:

    >>> from segkit import areas, graphs
    >>> panel = areas.load_example("kalmar")
    >>> graph = graphs.contiguity(panel[panel["period"] == 2024])
    >>> graph.n, graph.n_edges, list(graph.isolates)
    (43, 198, ['0880C1100'])
    """
    check_choice(rule, ("queen", "rook"), argument="rule")
    check_choice(attach_isolates, ("none", "nearest"), argument="attach_isolates")
    if not np.isfinite(tolerance) or tolerance < 0:
        raise InputError(message("tolerance", f"is {tolerance!r}, must be a distance >= 0"))
    ids = area_ids(areas)
    check_geometry(areas)
    # Of two neighbors the one whose border is measured must not be the one that happens to stand first.
    order = area_order(areas)
    polygons = (areas.to_crs(3006) if areas.crs.is_geographic else areas).geometry.to_numpy()[order]
    pairs = _touching(polygons, tolerance)
    if rule == "rook":
        pairs = _with_side(polygons, pairs, tolerance)
    if attach_isolates == "nearest":
        pairs = _attach(polygons, pairs)
    return _graph(ids, order[pairs])


def area_ids(areas: pd.DataFrame) -> pd.Index[str]:
    """Return the codes of a table with one row per area.

    Raises
    ------
    InputError
        When the table is empty or an area occurs more than once.
    UnknownNameError
        When ``area_id`` is missing.
    """
    check_columns(areas, ["area_id"], argument="areas")
    if areas.empty:
        raise InputError(message("areas", "has no rows"))
    ids: pd.Index[str] = pd.Index(areas["area_id"])
    twice = ids.duplicated()
    if twice.any():
        fix = "Choose one period, for example panel[panel['period'] == 2024]."
        raise InputError(message("areas", "must have one row per area", ids[twice].unique(), fix))
    return ids


def matrix(graph: Graph, ids: Iterable[str]) -> csr_array:
    """Return the weights of a graph among some of its areas as a sparse matrix, in the order asked for.

    Areas of the graph that are not asked for are left out, with their links. The diagonal is zero.

    Raises
    ------
    UnknownNameError
        When an area is not in the graph.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> line = Graph.from_arrays(["a", "b", "b", "c"], ["b", "a", "c", "b"], [1, 1, 1, 1])
    >>> matrix(line, ["c", "b"]).toarray().tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    from scipy.sparse import csr_array

    index = pd.Index(list(ids))
    adjacency = graph.adjacency
    absent = index[pd.Index(graph.unique_ids).get_indexer(index) < 0]
    if len(absent):
        fix = "Build the graph from the same areas, keyed by area_id."
        raise UnknownNameError(message("graph", "lacks areas of the table", absent, fix))
    focal = index.get_indexer(adjacency.index.get_level_values("focal"))
    neighbor = index.get_indexer(adjacency.index.get_level_values("neighbor"))
    inside = (focal >= 0) & (neighbor >= 0) & (focal != neighbor)
    weight = adjacency.to_numpy(dtype=np.float64)
    inside &= weight != 0
    cells = (weight[inside], (focal[inside], neighbor[inside]))
    return csr_array(cells, shape=(len(index), len(index)))


def _touching(polygons: npt.NDArray[np.object_], tolerance: float) -> _Pairs:
    """Find pairs of polygons within a tolerance, each pair once, as rows of two positions."""
    from shapely import STRtree

    first, second = STRtree(polygons).query(polygons, predicate="dwithin", distance=tolerance)
    pairs: _Pairs = np.column_stack([first, second])[first < second]
    return pairs


def _with_side(polygons: npt.NDArray[np.object_], pairs: _Pairs, tolerance: float) -> _Pairs:
    """Keep the pairs whose shared border has a length."""
    from shapely import boundary, buffer, distance, intersection, length

    first, second = polygons[pairs[:, 0]], polygons[pairs[:, 1]]
    border = boundary(first)
    shared = length(intersection(border, second))
    # Where the two meet, a border seen through a tolerance would make sides of narrow corners.
    across = length(intersection(border, buffer(second, tolerance))) > _SIDE * tolerance
    kept: _Pairs = pairs[(shared > 0) | (across & (distance(first, second) > 0))]
    return kept


def _attach(polygons: npt.NDArray[np.object_], pairs: _Pairs) -> _Pairs:
    """Add a pair for each isolate: itself and the nearest other polygon."""
    from shapely import STRtree

    if len(polygons) < 2:
        return pairs
    isolates = np.setdiff1d(np.arange(len(polygons)), pairs)
    position, nearest = STRtree(polygons).query_nearest(polygons[isolates], exclusive=True, all_matches=True)
    found = pd.DataFrame({"area": isolates[position], "nearest": nearest})
    chosen = found.groupby("area")["nearest"].min().reset_index().to_numpy()
    attached: _Pairs = np.unique(np.vstack([pairs, np.sort(chosen, axis=1)]), axis=0)
    return attached


def _graph(ids: pd.Index[str], pairs: _Pairs) -> Graph:
    """Build the symmetric graph; an area without neighbors is a link of weight 0 to itself."""
    from libpysal.graph import Graph

    alone = np.setdiff1d(np.arange(len(ids)), pairs)
    focal = np.concatenate([pairs[:, 0], pairs[:, 1], alone])
    neighbor = np.concatenate([pairs[:, 1], pairs[:, 0], alone])
    weight = np.concatenate([np.ones(2 * len(pairs)), np.zeros(len(alone))])
    order = np.lexsort((neighbor, focal))
    return Graph.from_arrays(ids[focal[order]], ids[neighbor[order]], weight[order])


guard(__name__)
