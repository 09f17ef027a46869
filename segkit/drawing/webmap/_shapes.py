"""The shapes of the interactive map: simplified where there are many, all on one grid, borders shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

#: Above this many coordinates borders are simplified, by the first of these tolerances (meters)
#: that leaves no more than that, all at once so that neighbors keep their common border.
_MANY = 350_000
_TOLERANCES = (10.0, 25.0, 50.0, 100.0, 250.0)

#: Decimals of a degree, the fewest first: 5 are about a meter, 7 a centimeter.
_DECIMALS = (5, 6, 7)

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Grid:
    """Shapes in WGS84 with all coordinates on one grid of `decimals`; tolerance 0 is not simplified."""

    shapes: Shapes
    decimals: int
    tolerance: float

    @property
    def size(self) -> int:
        """Number of coordinates."""
        import shapely

        return int(shapely.get_num_coordinates(self.shapes).sum())

    def plain(self) -> list[dict[str, Any]]:
        """Return the shapes as GeoJSON."""
        return [
            {"type": "MultiPolygon", "coordinates": [[r.tolist() for r in p] for p in _rings(shape)]}
            for shape in self.shapes
        ]

    def packed(self) -> list[list[list[list[int]]]]:
        """Return the rings of each polygon on the grid: x, y of the first point, then steps."""
        scale = 10**self.decimals
        made = []
        for shape in self.shapes:
            polygons = []
            for polygon in _rings(shape):
                steps = [np.rint(ring[:-1] * scale).astype(np.int64) for ring in polygon]
                polygons.append(
                    [np.diff(s, axis=0, prepend=np.zeros((1, 2), int)).ravel().tolist() for s in steps]
                )
            made.append(polygons)
        return made


def on_grid(areas: gpd.GeoDataFrame) -> Grid:
    """Simplify shapes where there are many coordinates, and round all of them to one grid.

    The grid is the coarsest on which no polygon collapses and, when the areas fit together without
    gaps and overlaps, they still do.
    """
    import shapely

    geometry, tolerance = areas.geometry, 0.0
    if shapely.get_num_coordinates(geometry.to_numpy()).sum() > _MANY:
        metric = geometry.to_crs(3006)
        simple = metric.to_numpy()
        for tolerance in _TOLERANCES:
            # Each step starts from the one before, which is much faster.
            simple = shapely.coverage_simplify(simple, tolerance)
            if shapely.get_num_coordinates(simple).sum() <= _MANY:
                break
        geometry = type(metric)(simple, index=metric.index, crs=metric.crs)
    degrees = np.asarray(geometry.to_crs(4326).to_numpy(), dtype=object)
    fits = bool(shapely.coverage_is_valid(degrees))
    for decimals in _DECIMALS:
        shapes = _rounded(degrees, decimals)
        if shapely.is_valid(shapes).all() and (not fits or shapely.coverage_is_valid(shapes)):
            break
    return Grid(shapes, decimals, tolerance)


def _rounded(shapes: Shapes, decimals: int) -> Shapes:
    """Round all coordinates."""
    import shapely

    def near(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(np.round(points, decimals))

    return np.asarray(shapely.transform(shapes, near), dtype=object)


def _rings(shape: Any) -> Iterator[list[npt.NDArray[np.float64]]]:
    """Yield the rings of each polygon of a shape, the outer first, points that repeat left out."""
    import shapely

    for part in shapely.get_parts(shape):
        rings = []
        for ring in (part.exterior, *part.interiors):
            points = shapely.get_coordinates(ring)
            new = np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))
            rings.append(points[new])
        yield rings
