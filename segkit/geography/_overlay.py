"""Lay source areas over targets: which part of each source, by area or by people, lies in which target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, complete, labels_of
from segkit.errors import InputError, message
from segkit.geography._sharing import Bools, Ints, Links, tally
from segkit.panels.area_files import CRS

if TYPE_CHECKING:
    import geopandas as gpd

#: Share of all covered area that may be covered twice before sources or targets count as overlapping.
TWICE = 0.01

#: Parts smaller than this are rounding of coordinates, whatever the tolerance.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Pairs:
    """Overlaps of two layers of polygons: positions, the area of each, and the slivers left out."""

    one: Ints
    other: Ints
    area: Floats
    n_slivers: int
    sliver_area: float


def ready(
    areas: gpd.GeoDataFrame, argument: str, *, points: bool = False
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return areas in SWEREF 99 TM with valid geometry, and which ones had to be repaired."""
    import geopandas as gpd
    import shapely

    if not isinstance(areas, gpd.GeoDataFrame) or getattr(areas, "active_geometry_name", None) is None:
        raise InputError(message(argument, "must be a GeoDataFrame with geometry"))
    if areas.crs is None:
        fix = "Set it with set_crs, for example set_crs(3006) for SWEREF 99 TM."
        raise InputError(message(argument, "has no coordinate reference system (CRS)", fix=fix))
    if areas.empty:
        raise InputError(message(argument, "has no areas"))
    gone = (areas.geometry.isna() | areas.geometry.is_empty).to_numpy()
    if gone.any():
        fix = "Add the boundary or drop the area and say so."
        raise InputError(message(argument, "has rows without geometry", labels_of(areas, gone), fix))
    result = areas.to_crs(CRS)
    shapes = result.geometry.to_numpy()
    kinds = {0, 4} if points else {3, 6}
    other = ~np.isin(shapely.get_type_id(shapes), list(kinds))
    if other.any():
        wanted = "points" if points else "polygons"
        raise InputError(message(argument, f"must be {wanted}", labels_of(areas, other)))
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return result, []
    repaired = shapes.copy()
    repaired[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    hopeless = bad & ((shapely.area(repaired) <= 0) | ~np.isin(shapely.get_type_id(repaired), [3, 6]))
    if hopeless.any():
        raise InputError(message(argument, "has geometry beyond repair", labels_of(areas, hopeless)))
    return result.set_geometry(gpd.GeoSeries(repaired, index=result.index, crs=CRS)), labels_of(areas, bad)


def pairs(one: Any, other: Any, sliver: float) -> Pairs:
    """Find the overlaps of two arrays of polygons; what is tiny beside both is a sliver and left out."""
    import shapely

    tree = shapely.STRtree(other)
    i, j = tree.query(one, predicate="intersects")
    # What lies within the other needs no cutting.
    within = shapely.covered_by(one[i], other[j])
    contains = ~within & shapely.covered_by(other[j], one[i])
    size_one, size_other = shapely.area(one), shapely.area(other)
    area = np.where(within, size_one[i], size_other[j])
    cut = ~within & ~contains
    area[cut] = shapely.area(shapely.intersection(one[i[cut]], other[j[cut]]))
    real = (area > 0) & (area > sliver * np.minimum(size_one[i], size_other[j]))
    slivers = (area > 0) & ~real
    return Pairs(i[real], j[real], area[real], int(slivers.sum()), float(area[slivers].sum()))


def by_area(source: Any, target: Any, sliver: float) -> tuple[Links, Pairs]:
    """Share out each source by area."""
    import shapely

    found = pairs(source, target, sliver)
    size = shapely.area(source)
    return _links(found.one, found.other, found.area, size, shapely.area(target), sliver), found


def _links(i: Ints, j: Ints, part: Floats, mass: Floats, of_target: Floats, sliver: float) -> Links:
    """Turn the mass of overlaps into shares; what is smaller than a sliver goes back to the rest."""
    inside = tally(i, part, len(mass))
    covered = tally(j, part, len(of_target))
    outside = np.maximum(mass - inside, 0.0)
    # With no overlap at all the whole source is outside, however small.
    outside = np.where((outside <= max(sliver, ROUNDING) * mass) & (inside > 0), 0.0, outside)
    whole_mass = inside + outside
    divided = np.where(whole_mass > 0, whole_mass, 1.0)
    share = part / divided[i]
    lost = outside / divided
    coverage = np.divide(covered, of_target, out=np.zeros_like(covered), where=of_target > 0)
    coverage = np.where(coverage >= 1 - max(sliver, ROUNDING), 1.0, coverage)
    whole: Bools = share >= 1 - 1e-12
    return Links(i, j, np.where(whole, 1.0, share), whole, lost, coverage, mass)


def check_overlaps(found: Pairs, sizes: tuple[Floats, Floats], names: tuple[list[str], list[str]]) -> None:
    """Refuse layers whose own areas overlap: a figure would count twice."""
    for place, argument in ((found.one, "target"), (found.other, "source")):
        size, labels = (sizes[0], names[0]) if argument == "target" else (sizes[1], names[1])
        covered = tally(place, found.area, len(size))
        beyond = np.maximum(covered - size, 0.0)
        if beyond.sum() > TWICE * covered.sum():
            worst = [labels[k] for k in np.argsort(-beyond, kind="stable")[:10] if beyond[k] > 0]
            other = "source" if argument == "target" else "target"
            rule = f"has areas that overlap one another, seen inside the areas of the {other}"
            fix = "Keep one layer of areas that do not overlap."
            raise InputError(message(argument, rule, worst, fix))


def by_points(source: Any, target: Any, points: gpd.GeoDataFrame, population: str) -> tuple[Links, float]:
    """Share out each source by the people at points; also return the people outside every source."""
    people = complete(points, population, least=0)
    at = points.geometry.to_numpy()
    i, j = _place(source, at), _place(target, at)
    both = (i >= 0) & (j >= 0)
    mass = tally(i[i >= 0], people[i >= 0], len(source))
    of_target = tally(j[j >= 0], people[j >= 0], len(target))
    return _grouped(i[both], j[both], people[both], (mass, of_target), 0.0), float(people[i < 0].sum())


def by_finer(
    source: Any, target: Any, finer: gpd.GeoDataFrame, population: str, sliver: float
) -> tuple[Links, float]:
    """Share out each source by the people of finer areas, spread evenly within each of them."""
    import shapely

    people = complete(finer, population, least=0)
    shapes = finer.geometry.to_numpy()
    size = shapely.area(shapes)
    first = pairs(shapes, source, sliver)
    density = people[first.one] * _kept(first, size, sliver) / first.area
    # Cut once by the sources, then by the targets; most finer areas lie within one of each.
    pieces = shapely.intersection(shapes[first.one], source[first.other])
    pieces = np.where(shapely.covered_by(shapes[first.one], source[first.other]), shapes[first.one], pieces)
    second = pairs(pieces, target, sliver)
    held = density * first.area
    i, j = first.other[second.one], second.other
    part = held[second.one] * _kept(second, shapely.area(pieces), sliver)
    mass = tally(first.other, held, len(source))
    third = pairs(shapes, target, sliver)
    told = people[third.one] * _kept(third, size, sliver)
    of_target = tally(third.other, told, len(target))
    return _grouped(i, j, part, (mass, of_target), sliver), float(people.sum() - held.sum())


def _kept(found: Pairs, size: Floats, sliver: float) -> Floats:
    """Return the share of each first area in its overlap, slivers given back to the others."""
    inside = tally(found.one, found.area, len(size))
    rest = np.maximum(size - inside, 0.0)
    rest = np.where(rest <= max(sliver, ROUNDING) * size, 0.0, rest)
    return found.area / (inside + rest)[found.one]


def _grouped(i: Ints, j: Ints, part: Floats, sizes: tuple[Floats, Floats], sliver: float) -> Links:
    """Sum the people of overlaps per pair of source and target."""
    mass, of_target = sizes
    table = pd.DataFrame({"i": i, "j": j, "part": part})
    grouped = table[table["part"] > 0].groupby(["i", "j"])["part"].sum()
    return _links(
        grouped.index.get_level_values("i").to_numpy(np.intp),
        grouped.index.get_level_values("j").to_numpy(np.intp),
        grouped.to_numpy(np.float64),
        mass,
        of_target,
        sliver,
    )


def _place(areas: Any, points: Any) -> Ints:
    """Return the position of the area each point lies in, -1 for none; on a border the first."""
    import shapely

    point, area = shapely.STRtree(areas).query(points, predicate="intersects")
    placed = np.full(len(points), -1, dtype=np.intp)
    order = np.lexsort((-area, point))
    placed[point[order]] = area[order]
    return placed


def with_area_where_nobody(links: Links, areal: Links) -> tuple[Links, int]:
    """Share out by area the sources where the finer layer has nobody, and cover by area targets likewise."""
    empty = links.mass <= 0
    uncovered = links.coverage <= 0
    coverage = np.where(uncovered, areal.coverage, links.coverage)
    if not empty.any():
        return replace(links, coverage=coverage), 0
    kept, added = ~empty[links.source], empty[areal.source]
    joined = {
        name: np.concatenate([getattr(links, name)[kept], getattr(areal, name)[added]])
        for name in ("source", "target", "share", "whole")
    }
    outside = np.where(empty, areal.outside, links.outside)
    return replace(links, **joined, outside=outside, coverage=coverage), int(empty.sum())


def allocate_nearest(links: Links, source: Any, target: Any) -> Links:
    """Give what lies outside every target to the source's own targets, or else to the nearest one."""
    import shapely

    inside = 1 - links.outside
    share = links.share / np.where(inside > 0, inside, 1.0)[links.source]
    homeless = np.flatnonzero((links.outside > 0) & (np.bincount(links.source, minlength=len(inside)) == 0))
    nearest = shapely.STRtree(target).nearest(source[homeless]) if len(homeless) else homeless
    return replace(
        links,
        source=np.concatenate([links.source, homeless]),
        target=np.concatenate([links.target, nearest]),
        share=np.concatenate([share, np.ones(len(homeless))]),
        whole=np.concatenate([links.whole, np.zeros(len(homeless), dtype=bool)]),
        outside=np.zeros_like(links.outside),
    )
