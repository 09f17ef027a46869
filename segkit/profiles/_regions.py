"""Contiguous regions: Ward's method among neighbors, islands tied on, small regions merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.errors import InputError, message, warn
from segkit.panels.graphs import contiguity, matrix
from segkit.profiles._methods import Found, means_of

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from scipy.sparse import csr_array

    from segkit.base.checks import Floats
    from segkit.profiles._kmeans import Labels

#: Where a least population asks for more regions to merge from, this many times as many are tried.
_FINER = 10


def find_regions(
    points: Floats,
    k: int,
    adjacency: csr_array,
    weight: Floats,
    population: Floats | None,
    least: float,
) -> Found:
    """Group neighbors by Ward's method; with a least population small regions are merged."""
    from sklearn.cluster import AgglomerativeClustering

    tree = AgglomerativeClustering(k, linkage="ward", connectivity=adjacency, compute_full_tree=True)
    merges = tree.fit(points).children_
    labels = _cut(merges, len(points), k)
    if population is not None:
        best = labels = _merged(labels, points, adjacency, population, least)
        for finer in range(k + 1, min(len(points), _FINER * k) + 1):
            if best.max() + 1 >= k:
                break
            labels = _merged(_cut(merges, len(points), finer), points, adjacency, population, least)
            best = labels if best.max() < labels.max() < k else best
        labels = best
        have = int(labels.max()) + 1
        if have == 1:
            rule = f"is {least:g}, which leaves one region only"
            raise InputError(message("min_population", rule, fix="Ask for fewer people."))
        if have < k:
            rule = f"leaves {have} regions where {k} were asked for"
            warn(message("min_population", rule))
    return Found(labels, means_of(points, labels, int(labels.max()) + 1, weight))


def connected(data: pd.DataFrame, graph: Graph | None) -> tuple[csr_array, pd.DataFrame]:
    """Return who borders on whom, in one piece, and the ties that were added to make it so.

    The smallest piece is tied to the nearest area outside it, until there is one piece.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if graph is None:
        if "geometry" not in data:
            fix = "Pass graph=graphs.contiguity(areas), or a table with the areas' geometry."
            raise InputError(message("graph", "is needed for contiguous regions", fix=fix))
        graph = contiguity(data)
    links = matrix(graph, data["area_id"]).toarray() > 0
    links |= links.T
    added = []
    while (pieces := connected_components(links.astype(float), directed=False))[0] > 1:
        sizes = np.bincount(pieces[1])
        inside = pieces[1] == sizes.argmin()
        area, other, gap = _nearest(data, inside)
        links[area, other] = links[other, area] = True
        ids = data["area_id"].iloc
        added.append({"area_id": ids[area], "attached_to": ids[other], "distance": gap})
    table = pd.DataFrame(added, columns=["area_id", "attached_to", "distance"])
    return csr_array(links.astype(np.float64)), table


def _nearest(data: pd.DataFrame, inside: npt.NDArray[np.bool_]) -> tuple[int, int, float]:
    """Return the closest two areas of a piece and the rest, and their distance in meters."""
    from shapely import STRtree

    if "geometry" not in data:
        alone = data["area_id"].to_numpy()[inside]
        fix = "Pass a table with geometry, or graphs.contiguity(areas, attach_isolates='nearest')."
        raise InputError(message("graph", "is in several pieces; cut off are", alone, fix))
    frame = data.to_crs(3006) if data.crs is not None and data.crs.is_geographic else data  # type: ignore[operator]
    shapes = frame["geometry"].to_numpy()
    own, rest = np.flatnonzero(inside), np.flatnonzero(~inside)
    tree = STRtree(shapes[rest])
    pairs, gaps = tree.query_nearest(shapes[own], return_distance=True, all_matches=False)
    best = int(gaps.argmin())
    return int(own[pairs[0][best]]), int(rest[pairs[1][best]]), float(gaps[best])


def _cut(merges: npt.NDArray[np.int64], n: int, k: int) -> Labels:
    """Return the k groups that are left when the last merges are undone."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    kept = merges[: n - k]
    parent = np.repeat(np.arange(n, n + len(kept)), 2)
    cells = (np.ones(len(parent)), (kept.ravel(), parent))
    found = connected_components(csr_array(cells, shape=(2 * n, 2 * n)), directed=False)[1][:n]
    return np.unique(found, return_inverse=True)[1].astype(np.intp)


def _merged(labels: Labels, points: Floats, adjacency: csr_array, population: Floats, least: float) -> Labels:
    """Merge the smallest region into the neighbor of most alike mean, until all have enough people."""
    labels = labels.copy()
    while (k := int(labels.max()) + 1) > 1:
        people = np.bincount(labels, weights=population, minlength=k)
        small = int(people.argmin())
        if people[small] >= least:
            break
        reach = np.unique(labels[adjacency[labels == small].nonzero()[1]])
        others = reach[reach != small]
        means = means_of(points, labels, k, np.ones(len(points)))
        labels[labels == small] = others[((means[others] - means[small]) ** 2).sum(axis=1).argmin()]
        labels = np.unique(labels, return_inverse=True)[1].astype(np.intp)
    return labels
