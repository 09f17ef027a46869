"""Where the areas lie: their land, their centers in meters, and sums over pairs of areas by distance.

Unlike the measures without a map, these keep areas that nobody lives in: their land counts.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt

from segkit.base.checks import Floats, check_geometry, complete, is_number, numbers
from segkit.errors import InputError, message
from segkit.measures.segregation.counts import lived_in, two_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    import pandas as pd

Length = float | Literal["m", "km", "mile"]

_METERS = {"m": 1.0, "km": 1000.0, "mile": 1609.344}

#: Most areas in a tile: a block of distances between two tiles (half a megabyte) stays in the cache.
_TILE = 256

#: More threads than this gain little: the tiles of one round are soon shared out.
_MOST_WORKERS = 8

#: exp(-60) is 1e-26, far beneath the 16 digits of a sum.
_BEYOND_DIGITS = 60.0

_Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class People:
    """The group and the rest in each area with known counts, empty areas included, and those areas."""

    x: Floats
    y: Floats
    data: pd.DataFrame


def people(data: pd.DataFrame, *, group: str, total: str, missing: str) -> People:
    """Return the counts checked as in `two_groups`, with the areas that nobody lives in as zeros."""
    x, y = two_groups(data, group=group, total=total, missing=missing)
    lived = lived_in(data, group=group, total=total)
    known = lived | (numbers(data, total) == 0)
    everywhere = np.zeros((2, len(data)))
    everywhere[:, lived] = x, y
    members, others = everywhere[:, known]
    return People(members, others, data if known.all() else data[known])


def value_of(formula: Callable[[Floats, Floats], Any], known: People) -> float:
    """Return the one value of a formula for draws, NaN where it is not defined."""
    return float(formula(known.x[None, :], known.y[None, :])[0])


def defined(value: float, *, rule: str, fix: str) -> float:
    """Return a value, or raise an error that says why it is not defined on these data."""
    if np.isnan(value):
        raise InputError(message("data", rule, fix=fix))
    return value


def land(data: pd.DataFrame, area: str | None) -> Floats:
    """Return the land of each area: a column, in any unit, or the area of the geometry, in square meters."""
    if area is None:
        return np.asarray(in_meters(data).geometry.area, dtype=np.float64)
    complete(data, area)
    size = numbers(data, area, least=0.0)
    if size.sum() <= 0:
        raise InputError(
            message(area, "is 0 in every area", fix="Choose a column with the land of each area.")
        )
    return size


def centers(data: pd.DataFrame) -> Floats:
    """Return the centroid of each area in meters, one row each."""
    middle = in_meters(data).geometry.centroid
    return np.column_stack([middle.x, middle.y]).astype(np.float64, copy=False)


def in_meters(data: pd.DataFrame) -> gpd.GeoDataFrame:
    """Check that the areas are polygons in a coordinate system in meters, and return them."""
    areas = cast("gpd.GeoDataFrame", data)
    check_geometry(areas)
    units = {axis.unit_name for axis in areas.crs.axis_info[:2]}
    if areas.crs.is_geographic or units != {"metre"}:
        rule = f"must be in meters, is in {'/'.join(sorted(units))} ({areas.crs.name})"
        fix = "Convert it, in Sweden with data.to_crs(3006)."
        raise InputError(message("geometry", rule, fix=fix))
    return areas


def meters(length: Length, *, argument: str = "unit") -> float:
    """Return a length, by name or as a number of meters, in meters."""
    if isinstance(length, str):
        if length in _METERS:
            return _METERS[length]
    elif is_number(length) and 0 < length < np.inf:
        return float(length)
    rule = f"is {length!r}, must be 'm', 'km', 'mile' or a number of meters greater than 0"
    raise InputError(message(argument, rule))


@dataclass(frozen=True)
class Nearness:
    """What the nearness c of two areas is computed of, c = exp(-distance).

    Attributes
    ----------
    points : numpy.ndarray
        Centers of the areas, one row each, in the unit of distance.
    within : numpy.ndarray
        Distance of each area from itself: sqrt(0.6 area), about the mean between two of its points.
    cutoff : float
        Distance beyond which c is 0; infinity for none. It does not touch an area's own c.
    """

    points: Floats
    within: Floats
    cutoff: float = np.inf

    @property
    def reach(self) -> float:
        """Distance beyond which pairs of areas are left out: by the cutoff, or as they change no digit.

        Without a cutoff, all pairs left out weigh together less than exp(-60) of what the areas' own
        nearness, at least exp(-max(within)), puts into the same sum.
        """
        return min(self.cutoff, float(self.within.max() + np.log(len(self.within)) + _BEYOND_DIGITS))


def nearness(data: pd.DataFrame, *, unit: Length = "km", cutoff: float | None = None) -> Nearness:
    """Read the places of the areas, in the unit of distance."""
    size = meters(unit)
    if cutoff is not None and not (is_number(cutoff) and cutoff > 0):
        raise InputError(message("cutoff", f"is {cutoff!r}, must be greater than 0, or None"))
    return Nearness(
        points=centers(data) / size,
        within=np.sqrt(0.6 * land(data, None)) / size,
        cutoff=np.inf if cutoff is None else float(cutoff),
    )


def decayed(places: Nearness, columns: Floats, *, workers: int | None = None) -> Floats:
    """Sum columns over the areas by their nearness, C @ columns with c = exp(-distance).

    C is never held: the areas are cut into compact tiles by a KD-tree, and each pair of tiles is
    computed once and used in both directions. The work goes in rounds in which every tile occurs at most
    once, so that threads never write to the same rows and every row is summed in the same order,
    whatever the number of threads. Memory grows with the areas times the columns.

    Parameters
    ----------
    places : Nearness
        The places of the areas.
    columns : numpy.ndarray
        One row per area; many columns share one pass over the distances.
    workers : int, optional
        Number of threads; the answer is the same for any. Default: one for each processor, up to 8.

    Returns
    -------
    numpy.ndarray
        As `columns`.

    Examples
    --------
    >>> places = Nearness(points=np.array([[0.0, 0.0], [0.0, 2.0]]), within=np.array([1.0, 1.0]))
    >>> decayed(places, np.array([[1.0], [0.0]])).round(6).tolist()
    [[0.367879], [0.135335]]
    """
    points = places.points - places.points.mean(axis=0)
    order, edges = _tiles(points)
    points, within, given = points[order], places.within[order], columns[order]
    tiles = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    corners = _corners(points, edges[:-1])
    block = _Block(points, within, given, np.zeros_like(given), places.cutoff)
    workers = workers or min(os.cpu_count() or 1, _MOST_WORKERS)
    # With an odd number, i + j = round (modulo that number) pairs every tile off once in a round.
    odd = len(tiles) | 1
    with ThreadPoolExecutor(workers) as pool:
        for turn in range(odd):
            first = np.arange(len(tiles))
            second = (turn - first) % odd
            pairs = _within_reach(first, second, corners, places.reach)
            shares = [[(tiles[i], tiles[j]) for i, j in pairs[w::workers]] for w in range(workers)]
            list(pool.map(block.add, [s for s in shares if s]))
    answer = np.empty_like(block.found)
    answer[order] = block.found
    return answer


@dataclass(frozen=True)
class _Block:
    """What the threads share: the areas in the order of the tiles, and the sums they write to."""

    points: Floats
    within: Floats
    given: Floats
    found: Floats
    cutoff: float

    def add(self, pairs: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        """Add what the areas of each pair of tiles give to one another."""
        from scipy.spatial.distance import cdist

        buffer = np.empty(_TILE * _TILE)
        for one, other in pairs:
            rows, columns = slice(*one), slice(*other)
            shape = (one[1] - one[0], other[1] - other[0])
            c = buffer[: shape[0] * shape[1]].reshape(shape)
            cdist(self.points[rows], self.points[columns], out=c)
            if np.isfinite(self.cutoff):
                c[c > self.cutoff] = np.inf
            if one == other:
                np.fill_diagonal(c, self.within[rows])
            np.exp(np.negative(c, out=c), out=c)
            self.found[rows] += c @ self.given[columns]
            if one != other:
                self.found[columns] += c.T @ self.given[rows]


def _tiles(points: Floats) -> tuple[_Rows, _Rows]:
    """Cut the areas into compact tiles: their order, and where each tile begins and the last one ends."""
    from scipy.spatial import cKDTree

    tree = cKDTree(points, leafsize=_TILE)
    starts: list[int] = []
    nodes: list[Any] = [tree.tree]
    while nodes:
        node = nodes.pop()
        halves = [half for half in (node.lesser, node.greater) if half is not None]
        nodes += halves
        if not halves:
            # A leaf is larger than a tile only where centers coincide.
            starts.extend(range(node.start_idx, node.end_idx, _TILE))
    return np.asarray(tree.indices, dtype=np.intp), np.array([*sorted(starts), len(points)], dtype=np.intp)


def _corners(points: Floats, starts: _Rows) -> tuple[Floats, Floats]:
    """Return the lower left and upper right corner of each tile."""
    return np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)


def _within_reach(
    first: _Rows, second: _Rows, corners: tuple[Floats, Floats], reach: float
) -> list[tuple[int, int]]:
    """Return the pairs of tiles of a round that lie within reach of one another, each pair once."""
    once = (first <= second) & (second < len(first))
    i, j = first[once], second[once]
    low, high = corners
    apart = np.maximum(np.maximum(low[i] - high[j], low[j] - high[i]), 0.0)
    near = np.hypot(apart[:, 0], apart[:, 1]) <= reach
    return list(zip(i[near].tolist(), j[near].tolist(), strict=True))
