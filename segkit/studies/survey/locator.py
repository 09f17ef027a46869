"""Small maps that show where an area lies: in the municipality, and among its neighbors."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from segkit.studies.survey.figures import has_boundaries

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from segkit.base.checks import Floats
    from segkit.studies.survey.result import Survey

#: Units across the map, and detail kept as a share of that: on paper every map is drawn anew.
_ACROSS = 4000
_DETAIL, _COARSE = 0.0015, 0.004
#: An area smaller than this share of the map gets a ring around it; a window is never smaller.
_SMALL = 0.05
_WINDOW = 0.12
_RING = 200
_GROUND, _LINE, _MARK = "#e6eaee", "#8b97a3", "#23235f"


@dataclass(frozen=True)
class Locator:
    """The borders of all areas as SVG paths in one frame, `width` by `height` units."""

    paths: tuple[str, ...]
    boxes: Floats
    width: float
    height: float

    @classmethod
    def of(cls, survey: Survey, *, coarse: bool = False) -> Locator | None:
        """Return the locator of a survey, None where an area has no boundary."""
        if not has_boundaries(survey):
            return None
        shapes = _simple(survey, _COARSE if coarse else _DETAIL)
        left, bottom, right, top = shapes.total_bounds
        scale = _ACROSS / max(right - left, top - bottom)
        frames = shapes.bounds.to_numpy()
        boxes = np.column_stack(
            [
                (frames[:, 0] - left) * scale,
                (top - frames[:, 3]) * scale,
                (frames[:, 2] - left) * scale,
                (top - frames[:, 1]) * scale,
            ]
        )
        paths = tuple(_path(shape, left, top, scale) for shape in shapes)
        return cls(paths, boxes, (right - left) * scale, (top - bottom) * scale)

    def symbol(self) -> str:
        """Return the outline of all areas once, for every map of the page to use."""
        return (
            '<svg width="0" height="0" style="position:absolute" aria-hidden="true" focusable="false">'
            f'<defs><g id="outline">{_drawn(self.paths)}</g></defs></svg>'
        )

    def whole(self, place: int, title: str, *, shared: bool) -> str:
        """Return the map of all areas with one marked."""
        left, top, right, bottom = self.boxes[place]
        margin = 0.02 * _ACROSS
        frame = (-margin, -margin, self.width + 2 * margin, self.height + 2 * margin)
        ring = ""
        if max(right - left, bottom - top) < _SMALL * _ACROSS:
            ring = (
                f'<circle cx="{(left + right) / 2:.0f}" cy="{(top + bottom) / 2:.0f}" r="{_RING}" '
                f'fill="none" stroke="{_MARK}" stroke-width="{_RING // 4}"/>'
            )
        ground = '<use href="#outline"/>' if shared else _drawn(self.paths)
        return self._map(place, ground, ring, frame, title)

    def near(self, place: int, title: str, *, shared: bool) -> str:
        """Return the map of one area and those around it."""
        left, top, right, bottom = self.boxes[place]
        side = max(1.9 * max(right - left, bottom - top), _WINDOW * _ACROSS)
        x, y = (left + right - side) / 2, (top + bottom - side) / 2
        seen = (
            (self.boxes[:, 0] < x + side)
            & (self.boxes[:, 2] > x)
            & (self.boxes[:, 1] < y + side)
            & (self.boxes[:, 3] > y)
        )
        around = tuple(path for path, shown in zip(self.paths, seen, strict=True) if shown)
        ground = '<use href="#outline"/>' if shared else _drawn(around)
        return self._map(place, ground, "", (x, y, side, side), title)

    def _map(
        self, place: int, ground: str, over: str, frame: tuple[float, float, float, float], title: str
    ) -> str:
        line = max(frame[2:]) / 160
        view = " ".join(f"{number:.0f}" for number in frame)
        return (
            f'<svg viewBox="{view}" role="img"><title>{escape(title)}</title>'
            f'<g stroke-width="{line:.1f}">{ground}</g>'
            f'<path d="{self.paths[place]}" fill="{_MARK}" stroke="#fff" stroke-width="{line:.1f}"/>'
            f"{over}</svg>"
        )


def _drawn(paths: tuple[str, ...]) -> str:
    joined = "".join(paths)
    return f'<path d="{joined}" fill="{_GROUND}" stroke="{_LINE}" stroke-linejoin="round"/>'


def _simple(survey: Survey, share: float) -> gpd.GeoSeries:
    """Return the areas in the plane with less detail, shared borders kept where they are shared."""
    import shapely

    areas = survey.areas if survey.areas.crs.is_projected else survey.areas.to_crs(3006)
    shapes: gpd.GeoSeries = areas.geometry
    left, bottom, right, top = shapes.total_bounds
    detail = share * max(right - left, top - bottom)
    polygonal = shapes.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    if polygonal and shapely.coverage_is_valid(shapes.to_numpy()):
        return shapes.simplify_coverage(detail)
    return shapes.simplify(detail)


def _path(shape: BaseGeometry, left: float, top: float, scale: float) -> str:
    """Return a polygon as a path of whole units, steps relative to the point before."""
    import shapely

    parts = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        points = shapely.get_coordinates(ring)
        units = np.rint(np.column_stack([points[:, 0] - left, top - points[:, 1]]) * scale).astype(int)
        steps = np.diff(units, axis=0)
        moved = steps[(steps != 0).any(axis=1)][:-1]
        if len(moved) > 1:
            parts.append(f"M{units[0][0]} {units[0][1]}l" + " ".join(f"{x} {y}" for x, y in moved) + "z")
    return "".join(parts)


def sparkline(values: tuple[float, ...], title: str) -> str:
    """Return a series as a small line without axes, to stand beside its figures in text."""
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    points = [
        (3 + 54 * step / (len(values) - 1), 15 - 12 * (value - low) / spread)
        for step, value in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        '<svg class="spark" viewBox="0 0 60 18" width="60" height="18" aria-hidden="true" focusable="false">'
        f"<title>{escape(title)}</title>"
        f'<polyline points="{line}" fill="none" stroke="{_MARK}" stroke-width="1.5"/>'
        f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="2.2" fill="{_MARK}"/></svg>'
    )
