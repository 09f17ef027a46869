"""Where boundaries lie: their system, the one to measure in, and whether the polygons can be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.panels.frame.questions import ASKED, MUST
from segkit.panels.frame.texts import Problem

if TYPE_CHECKING:
    import geopandas as gpd

    from segkit.panels.frame.boundaries import Boundaries
    from segkit.panels.frame.description import Description
    from segkit.panels.frame.questions import Log

#: Neighbors that overlap by more than this share of the smaller are no map of areas.
MOST_OVERLAP = 0.01


def working_system(found: Boundaries, told: Description, log: Log) -> str:
    """State or check the coordinate system; return the one that distances are measured in."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    frame = found.frame
    stated = told.areas.get("crs")
    if stated is not None:
        try:
            CRS.from_user_input(stated)
        except CRSError:
            raise Problem("no_crs", crs=stated) from None
        found.frame = frame = frame.set_crs(stated, allow_override=True)
    if frame.crs is None:
        log.add(
            "coordinate system",
            "crs_missing",
            level=MUST,
            setting="areas.crs",
            file=found.file,
            guess="?",
            example=_example(frame),
        )
        return ""
    system = CRS.from_user_input(frame.crs)
    problem = _outside(frame, system)
    if problem:
        log.add(
            "coordinate system",
            problem,
            level=MUST,
            setting="areas.crs",
            file=found.file,
            guess="?",
            crs=_crs_name(system),
            example=_example(frame),
        )
        return ""
    if system.is_geographic or _far_from_metres(system):
        working = _local_metric(frame)
        log.add(
            "coordinate system",
            "degrees" if system.is_geographic else "not_metres",
            file=found.file,
            level=ASKED,
            setting="areas.crs",
            crs=_crs_name(system),
            working=working,
        )
        return working
    return _crs_name(system)


def _far_from_metres(system: Any) -> bool:
    """Tell whether a projected system counts in other units, or covers the world at its scale's cost."""
    area = system.area_of_use
    world = area is not None and _width(area) > 180
    return world or any(abs(axis.unit_conversion_factor - 1) > 1e-9 for axis in system.axis_info)


def _width(area: Any) -> float:
    """Return the width of an area of use in degrees; it may lie across the date line."""
    return float(area.east - area.west if area.east >= area.west else area.east + 360 - area.west)


def _crs_name(system: Any) -> str:
    code = system.to_epsg()
    return f"EPSG:{code}" if code else str(system.name)


def _example(frame: Any) -> str:
    left, bottom, _, _ = frame.total_bounds
    return f"{left:.6g}, {bottom:.6g}"


def _outside(frame: gpd.GeoDataFrame, system: Any) -> str:
    """Return the name of what is wrong with the coordinates, empty when nothing is."""
    left, bottom, right, top = (float(v) for v in frame.total_bounds)
    if not np.isfinite([left, bottom, right, top]).all():
        return "crs_outside"
    area = system.area_of_use
    bounds = (left, bottom, right, top)
    if _within(bounds, system, area):
        return ""
    if _within((bottom, left, top, right), system, area):
        return "crs_swapped"
    return "crs_outside"


def _within(bounds: tuple[float, float, float, float], system: Any, area: Any) -> bool:
    from pyproj import Transformer

    left, bottom, right, top = bounds
    if not system.is_geographic:
        change = Transformer.from_crs(system, "EPSG:4326", always_xy=True)
        xs, ys = change.transform([left, right, (left + right) / 2], [bottom, top, (bottom + top) / 2])
        if not np.isfinite([*xs, *ys]).all():
            return False
        left, right, bottom, top = xs[0], xs[1], ys[0], ys[1]
    if max(abs(left), abs(right)) > 180 or max(abs(bottom), abs(top)) > 90:
        return False
    if area is None:
        return True
    x, y = (left + right) / 2, (bottom + top) / 2
    slack = max(1.0, 0.05 * _width(area))
    east = area.west + _width(area)
    x_in = any(area.west - slack <= v <= east + slack for v in (x, x + 360))
    return bool(x_in and area.south - slack <= y <= area.north + slack)


def _local_metric(frame: gpd.GeoDataFrame) -> str:
    """Return a metric system for areas in degrees: the country's own in Sweden, else the zone of UTM."""
    degrees = frame.to_crs(4326)
    left, bottom, right, top = degrees.total_bounds
    if _in_sweden((left + right) / 2, (bottom + top) / 2):
        return "EPSG:3006"
    return _crs_name(degrees.estimate_utm_crs())


def _in_sweden(x: float, y: float) -> bool:
    """Tell whether a point lies inside a rough outline of Sweden that keeps the neighbors' cities out."""
    from shapely.geometry import Point, Polygon

    outline = [
        (10.9, 59.0),
        (11.0, 58.6),
        (12.0, 57.0),
        (12.6, 56.2),
        (12.72, 55.85),
        (12.75, 55.3),
        (14.3, 55.25),
        (16.6, 56.0),
        (19.5, 56.7),
        (19.6, 58.1),
        (19.4, 59.9),
        (18.8, 60.7),
        (17.8, 61.5),
        (18.5, 62.5),
        (20.9, 63.6),
        (21.6, 64.5),
        (24.2, 65.6),
        (23.7, 66.6),
        (23.4, 67.9),
        (20.6, 69.1),
        (18.1, 68.5),
        (16.0, 66.9),
        (14.5, 65.4),
        (13.9, 64.0),
        (12.1, 63.4),
        (12.2, 61.6),
        (12.6, 60.8),
        (11.8, 59.9),
        (11.6, 59.2),
    ]
    return bool(Polygon(outline).contains(Point(x, y)))


def check_shapes(found: Boundaries, log: Log) -> None:
    """Name doubled and overlapping polygons, and gaps along borders."""
    import shapely

    shapes = shapely.make_valid(found.frame.geometry.to_numpy())
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    if not len(one):
        return
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    sizes = shapely.area(shapes)
    smaller = np.minimum(sizes[one], sizes[other])
    share = np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0)
    for key, which in (("doubled", share > 0.99), ("overlap", (share > MOST_OVERLAP) & (share <= 0.99))):
        pairs = [f"{found.ids[a]} / {found.ids[b]}" for a, b in zip(one[which], other[which], strict=True)]
        if pairs:
            log.add(
                key,
                key,
                level=MUST,
                setting="areas.file",
                file=found.file,
                list=pairs[:3],
                n=len(pairs),
                guess="?",
            )


def gap(found: Boundaries, told: Description, log: Log) -> float | None:
    """Return the gap up to which borders touch: told, else found where many areas touch nothing."""
    import shapely

    shapes = found.frame.geometry.to_crs(found.working).to_numpy()
    bounds = shapely.bounds(shapes)
    most = float(np.median(np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]))) / 10
    stated = told.areas.get("snap")
    if stated is not None:
        if stated > most:
            raise Problem(
                "snap_wide", where=told.areas.place("snap") or "areas.snap", value=stated, most=round(most, 1)
            )
        return float(stated)
    alone = _alone(shapes, 0.0)
    if len(shapes) < 3 or alone * 5 < len(shapes):
        return None
    for metres in (0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0):
        if metres <= most and _alone(shapes, metres) * 10 < len(shapes):
            log.add("gap", "snap", file=found.file, metres=metres, setting="areas.snap", guess=metres)
            return metres
    return None


def _alone(shapes: Any, metres: float) -> int:
    """Count the areas that touch no other within a distance."""
    import shapely

    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=metres)
    return len(shapes) - len(np.unique(one[one != other]))
