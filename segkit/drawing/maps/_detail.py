"""Find the cluster of areas that are too small to read on the map and need a detail of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.errors import InputError, message

if TYPE_CHECKING:
    import geopandas as gpd

Bounds = tuple[float, float, float, float]

_FEWEST = 4
#: An area is small when it is narrower than this share of the map, and clusters bridge half of it.
_NARROW = 0.03
#: A detail that covers more of the map than this enlarges too little.
_MOST = 0.45
_WIDER = 1.6


def detail_bounds(geometry: gpd.GeoSeries, inset: bool | Bounds) -> Bounds | None:
    """Return the bounds of the detail, or None when there is nothing to enlarge."""
    if inset is False:
        return None
    if inset is not True:
        return _given(inset)
    low_x, low_y, high_x, high_y = geometry.total_bounds
    span = max(high_x - low_x, high_y - low_y)
    size = np.sqrt(geometry.area.to_numpy())
    small = geometry[size < _NARROW * span]
    if len(small) < max(_FEWEST, 0.1 * len(geometry)):
        return None
    cluster = _largest_cluster(small, _NARROW * span / 2)
    if len(cluster) < _FEWEST:
        return None
    bounds = cluster.total_bounds
    margin = 0.04 * max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    left, bottom, right, top = (
        float(b) for b in (bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin)
    )
    if max(right - left, top - bottom) > _MOST * span:
        return None
    return left, bottom, right, top


def widened(bounds: Bounds, room: tuple[float, float]) -> Bounds:
    """Return bounds with more of the surroundings to the left and right where the room allows it."""
    left, bottom, right, top = bounds
    wide = min((top - bottom) * room[0] / room[1], _WIDER * (right - left))
    more = max(0.0, wide - (right - left)) / 2
    return left - more, bottom, right + more, top


def _largest_cluster(areas: gpd.GeoSeries, gap: float) -> gpd.GeoSeries:
    """Return the areas of the group with the most members, where neighbors lie within `gap`."""
    import shapely
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    shapes = areas.to_numpy()
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=gap)
    links = coo_matrix((np.ones(one.size), (one, other)), shape=(shapes.size, shapes.size))
    _, group = connected_components(links, directed=False)
    return areas[group == np.bincount(group).argmax()]


def _given(inset: object) -> Bounds:
    """Check bounds given by hand."""
    fix = "Give (left, bottom, right, top) in meters of EPSG:3006, True or False."
    try:
        left, bottom, right, top = (float(b) for b in inset)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise InputError(message("inset", f"is {inset!r}, must be four numbers", fix=fix)) from error
    if not (left < right and bottom < top):
        raise InputError(message("inset", f"is {inset!r}, must span an area", fix=fix))
    return left, bottom, right, top
