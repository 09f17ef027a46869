"""A made-up country for tests and benchmarks of large maps: areas that fit together without gaps."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

_WIDTH, _HEIGHT = 400_000.0, 1_000_000.0
_WEST, _SOUTH = 300_000.0, 6_200_000.0
_CELLS_PER_AREA = 10
_ISLANDS, _LAKES = 60, 40


def country(n=6160, *, levels=3, seed=0):
    """Return n areas in EPSG:3006: joined Voronoi cells with lakes, enclaves, islands and ragged borders.

    Neighbors have the very same points along their common border. Each level doubles the number of
    points.
    """
    rng = np.random.default_rng(seed)
    step = np.sqrt(_WIDTH * _HEIGHT / (n * _CELLS_PER_AREA))
    grid = np.mgrid[0:_WIDTH:step, 0:_HEIGHT:step].reshape(2, -1).T + np.array([_WEST, _SOUTH])
    points = grid + rng.uniform(0.1, 0.9, grid.shape) * step
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), ordered=True))
    x, y = ((points - [_WEST, _SOUTH]) / [_WIDTH, _HEIGHT] - 0.5).T
    land = np.hypot(x, y) < 0.4 + 0.05 * np.sin(9 * np.arctan2(y, x))
    lakes = points[rng.choice(len(points), _LAKES)]
    land &= cKDTree(lakes).query(points)[0] > 6_000
    cells, points = cells[land], points[land]
    seeds = points[rng.choice(len(points), n - _ISLANDS, replace=False)]
    owner = cKDTree(seeds).query(points)[1]
    # A cell amid the cells of one area becomes an area of its own: an enclave, or an island in a lake.
    _, near = cKDTree(points).query(points, k=8)
    amid = np.flatnonzero((owner[near] == owner[:, None]).all(axis=1))
    owner[amid[:: max(1, len(amid) // _ISLANDS)][:_ISLANDS]] = np.arange(n - _ISLANDS, n)
    order = np.argsort(owner, kind="stable")
    groups = np.split(cells[order], np.flatnonzero(np.diff(owner[order])) + 1)
    areas = [_ragged(shapely.coverage_union_all(group), levels) for group in groups]
    codes = [f"{i:04d}A{i % 7:04d}" for i in range(len(areas))]
    return gpd.GeoDataFrame(
        {"area_id": codes, "name": [f"Område {i}" for i in range(len(areas))]}, geometry=areas, crs=3006
    )


def figures(areas, *, periods=(2019, 2020, 2021, 2022, 2023, 2024), seed=0):
    """Return the areas with profile, population and four indicators, and their history."""
    rng = np.random.default_rng(seed)
    n = len(areas)
    start = {
        "employment_rate": rng.normal(78, 8, n).clip(30, 98),
        "median_income": rng.normal(280, 40, n).clip(120, 600),
        "post_secondary_share": rng.normal(40, 12, n).clip(5, 90),
        "foreign_background_share": rng.gamma(2, 10, n).clip(1, 95),
    }
    parts = []
    for step, period in enumerate(periods):
        drawn = {name: values + rng.normal(0.3 * step, 0.5, n) for name, values in start.items()}
        rows = pd.DataFrame({"area_id": areas["area_id"], "period": period, **drawn})
        parts.append(rows.assign(population=rng.integers(700, 2700, n)))
    history = pd.concat(parts, ignore_index=True)
    newest = parts[-1].drop(columns="period")
    table = areas.merge(newest, on="area_id", validate="1:1")
    table["profile"] = pd.qcut(table["employment_rate"], 5, labels=False) + 1
    return table, history


def _ragged(shape, levels):
    """Return a shape with points between those it has, shifted to the side by an amount that they decide."""
    return shapely.MultiPolygon(
        [
            shapely.Polygon(_walk(part.exterior, levels), [_walk(ring, levels) for ring in part.interiors])
            for part in shapely.get_parts(shape)
        ]
    )


def _walk(ring, levels):
    points = shapely.get_coordinates(ring)
    for _ in range(levels):
        a, b = points[:-1], points[1:]
        turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
        low, high = np.where(turned[:, None], b, a), np.where(turned[:, None], a, b)
        across = (high - low)[:, ::-1] * [-1, 1]
        amount = 0.06 * np.sin(low.sum(axis=1) * 12.9898 + high.sum(axis=1) * 78.233)
        middle = (low + high) / 2 + across * amount[:, None]
        points = np.concatenate([np.stack([a, middle], axis=1).reshape(-1, 2), points[-1:]])
    return points
