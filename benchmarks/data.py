"""The data of the benchmarks: made once by a seed, read by both sides from the same file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd


def make(path: Path, n: int, *, seed: int = 1) -> None:
    """Write counts, six groups, values of ten periods and grid places of n areas, as arrays."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(n)))
    column, row = np.divmod(np.arange(n), side)
    slope = (np.sin(column / 9.0) + np.cos(row / 7.0)) / 2
    chance = 1 / (1 + np.exp(1.2 - slope - 0.6 * rng.normal(size=n)))
    total = rng.integers(700, 2701, n)
    later = 1 / (1 + np.exp(1.2 - 1.1 * slope - 0.6 * rng.normal(size=n)))
    weights = rng.dirichlet([4, 3, 2, 1, 1, 0.5], n) if n <= 100_000 else np.zeros((0, 6))
    people = (total[: len(weights), None] * weights).astype(np.int64)
    few = min(n, 100_000)
    steps = rng.normal(0, 20, (few, 1)) + rng.normal(0, 6, (few, 10)).cumsum(axis=1)
    np.savez(
        path,
        side=side,
        total=total,
        group=rng.binomial(total, chance),
        later=rng.binomial(total, later),
        groups=people,
        values=300 + 15 * slope[:few, None] + steps,
    )


def polygons(n: int, *, seed: int) -> gpd.GeoDataFrame:
    """Return n areas that fill a square of 100 km, of some hundred corners, with a count and a rate."""
    import geopandas as gpd
    import shapely

    rng = np.random.default_rng(seed)
    square = shapely.box(0, 0, 100_000, 100_000)
    seeds = shapely.MultiPoint(rng.uniform(0, 100_000, (n, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=square))
    cells = shapely.segmentize(shapely.intersection(cells, square), 4 * 100_000 / np.sqrt(n) / 100)
    figures = {"population": rng.integers(700, 2701, n).astype(float), "rate": rng.uniform(40, 90, n)}
    codes = [f"{k:05d}" for k in range(n)]
    return gpd.GeoDataFrame({"area_id": codes, **figures}, geometry=cells, crs=3006)
