"""Interpolate figures from one set of areas to another by their overlaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, check_columns, check_number
from segkit.errors import InputError, message
from segkit.geography import _overlay
from segkit.geography._sharing import (
    Conversion,
    Links,
    Missing,
    Task,
    check_areas,
    check_figures,
    share_out,
    statistics,
)
from segkit.panels.area_files import CRS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

Outside = Literal["raise", "report", "allocate nearest"]


def interpolate(
    source: gpd.GeoDataFrame,
    target: gpd.GeoDataFrame,
    *,
    extensive: Sequence[str] = (),
    intensive: Sequence[str] = (),
    weight: str | Mapping[str, str] | None = None,
    finer: gpd.GeoDataFrame | None = None,
    population: str = "population",
    outside: Outside = "raise",
    sliver: float = 0.001,
    missing: Missing = "raise",
) -> Conversion:
    r"""Interpolate figures to areas with other boundaries, by area or by where people live.

    With :math:`a_{ij}` the part of source i (of its area, or of its people where `finer` tells where
    they live) in target j, x a count and z a share or mean with weight w:

    .. math:: \hat{x}_j = \sum_i a_{ij} x_i \qquad
              \hat{z}_j = \frac{\sum_i a_{ij} w_i z_i}{\sum_i a_{ij} w_i}

    Parameters
    ----------
    source : geopandas.GeoDataFrame
        Areas with figures: ``area_id``, polygons, and perhaps ``period`` (a panel).
    target : geopandas.GeoDataFrame
        The areas that figures are wanted for: ``area_id``, polygons, one row each.
    extensive : sequence of str
        Counts of `source`: people, households, dwellings. They are divided and summed.
    intensive : sequence of str
        Shares, means and medians. They are averaged.
    weight : str or mapping, optional
        The column with the denominators of the intensive figures (one for all, or figure -> column).
        Without it the weight is the area or the people of `finer` in the overlap; ``totals`` says which.
    finer : geopandas.GeoDataFrame, optional
        Smaller areas or points with a column of people, such as a grid: figures then follow where
        people live (dasymetric). A source without people there is shared out by area, and counted.
    population : str
        The column of `finer` with people.
    outside : {"raise", "report", "allocate nearest"}
        What to do with the part of a source outside every target: refuse, leave it out and state it, or
        give it to the source's other targets and, where it has none, to the nearest one.
    sliver : float
        An overlap smaller than this share of both areas is digitizing noise: it goes back to the rest of
        its source, as does a part outside smaller than this share of the source. 0 keeps every overlap.
    missing : {"raise", "report"}
        Whether a missing figure is an error, or makes missing what it touches.

    Returns
    -------
    Conversion
        Each value has a flag: ``computed`` where only whole sources make it up, ``interpolated`` where one
        was divided or a median averaged, with ``incomplete`` where sources do not cover the target,
        ``missing``. ``whole_share`` (0-1) is the share of the target's weight from whole sources,
        ``coverage`` (0-1) the part of the target that sources cover. Low and high are the range when the
        people of each divided source live all inside the target, or all outside.

    Raises
    ------
    InputError
        When areas stand twice or overlap one another, a figure is missing, geometry is missing or beyond
        repair, a column exists in `target` already, or parts of sources lie outside.
    UnknownNameError
        When a column is missing.

    Notes
    -----
    Everything is projected to SWEREF 99 TM (EPSG:3006), invalid polygons are repaired, and ``method``
    tells. Sums are kept to a relative 1e-9. The range holds whatever the spread within sources is for
    counts; for means it holds if each source's mean holds in both its parts.

    References
    ----------
    Goodchild, M. F. & Lam, N. S. (1980). Areal Interpolation: A Variant of the Traditional Spatial
    Problem. Geo-Processing 1. Duncan, O. D. & Davis, B. (1953). An Alternative to Ecological Correlation.
    American Sociological Review 18.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> people = {"area_id": ["a"], "population": [100.0]}
    >>> source = gpd.GeoDataFrame(people, geometry=[box(0, 0, 4, 1)], crs=3006)
    >>> shapes = [box(0, 0, 1, 1), box(1, 0, 4, 1)]
    >>> target = gpd.GeoDataFrame({"area_id": ["x", "y"]}, geometry=shapes, crs=3006)
    >>> interpolate(source, target, extensive=["population"]).areas["population"].tolist()
    [25.0, 75.0]
    """
    check_choice(outside, ("raise", "report", "allocate nearest"), argument="outside")
    if not 0 <= check_number(sliver, argument="sliver") < 0.5:
        raise InputError(message("sliver", f"is {sliver!r}, must be from 0 to less than 0.5"))
    for layer, argument in ((source, "source"), (target, "target")):
        check_areas(layer, argument)
    weights = check_figures(source, extensive, intensive, weight, argument="source")
    _check_free(target, [*extensive, *intensive])
    shapes, repaired = _overlay.ready(_one_shape_each(source), "source")
    goal, mended = _overlay.ready(target, "target")
    ids, names = shapes["area_id"].tolist(), goal["area_id"].tolist()
    one, other = shapes.geometry.to_numpy(), goal.geometry.to_numpy()
    links, about = _link(one, other, (ids, names), finer, population, sliver)
    lost = pd.DataFrame({"area_id": ids, "share": links.outside})
    lost = lost[lost["share"] > 0].sort_values("share", ascending=False, kind="stable", ignore_index=True)
    if outside == "raise" and len(lost):
        _refuse(lost)
    if outside == "allocate nearest":
        links = _overlay.allocate_nearest(links, one, other)
    by = "area" if finer is None else population
    values, totals = share_out(
        pd.DataFrame(source), ids, names, links, Task(extensive, intensive, weights, missing, by)
    )
    method = {
        "shared out by": "area" if finer is None else f"people of the finer layer ({population})",
        "coordinate system": f"EPSG:{CRS}",
        "sliver": sliver,
        "outside": outside,
        "sources reaching outside": len(lost),
        "sources repaired": ", ".join(repaired),
        "targets repaired": ", ".join(mended),
        **about,
    }
    return Conversion(_join(goal, values), totals, lost, statistics(method))


def _check_free(target: pd.DataFrame, columns: Sequence[str]) -> None:
    made = [f"{c}{end}" for c in columns for end in ("", "_low", "_high", "_flag")]
    taken = [c for c in (*made, "whole_share", "coverage") if c in target]
    if taken:
        fix = "Drop or rename them there: nothing is overwritten."
        raise InputError(message("target", "has columns that would be made", taken, fix))


def _one_shape_each(source: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one row per area; an area whose boundary changes between periods is an error."""
    first = source.drop_duplicates("area_id")
    if len(first) < len(source):
        known = first.set_index("area_id").geometry
        same = source.geometry.geom_equals(
            source["area_id"].map(known).set_axis(source.index), align=False
        ).to_numpy()
        if not same.all():
            names = source.loc[~same, "area_id"].unique().tolist()
            fix = "Interpolate each set of boundaries by itself, or use geography.chain."
            raise InputError(
                message("source", "has areas whose boundary differs between periods", names, fix)
            )
    return first.reset_index(drop=True)


def _link(
    source: Any,
    target: Any,
    names: tuple[list[str], list[str]],
    finer: gpd.GeoDataFrame | None,
    population: str,
    sliver: float,
) -> tuple[Links, dict[str, object]]:
    """Find which part of each source lies in which target."""
    import shapely

    areal, found = _overlay.by_area(source, target, sliver)
    _overlay.check_overlaps(found, (shapely.area(source), shapely.area(target)), names)
    about: dict[str, object] = {"slivers left out": found.n_slivers, "sliver area (m²)": found.sliver_area}
    if finer is None:
        return areal, about
    check_columns(finer, [population], argument="finer")
    points = isinstance(finer, pd.DataFrame) and len(finer) > 0 and _are_points(finer)
    layer, repaired = _overlay.ready(finer, "finer", points=points)
    if points:
        links, stray = _overlay.by_points(source, target, _single(layer), population)
    else:
        links, stray = _overlay.by_finer(source, target, layer, population, sliver)
    links, empty = _overlay.with_area_where_nobody(links, areal)
    about |= {
        "finer repaired": ", ".join(repaired),
        "people outside every source": stray,
        "sources without people, shared out by area": empty,
    }
    return links, about


def _are_points(layer: Any) -> bool:
    kinds = getattr(layer, "geom_type", pd.Series(dtype=str)).dropna()
    return bool(len(kinds)) and bool(kinds.isin(["Point", "MultiPoint"]).all())


def _single(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Refuse rows of several points, whose people can't be placed."""
    many = (points.geom_type == "MultiPoint").to_numpy()
    if many.any():
        fix = "Split them with explode and divide the people."
        raise InputError(message("finer", "has rows of several points", points.index[many].tolist(), fix))
    return points


def _refuse(lost: pd.DataFrame) -> None:
    names = [f"{code}: {100 * part:.2g} %" for code, part in zip(lost["area_id"], lost["share"], strict=True)]
    fix = (
        "Use outside='report' to leave these parts out and state them, outside='allocate nearest' to keep "
        "them, or a larger sliver if they are only noise along the borders."
    )
    raise InputError(message("source", f"has {len(lost)} areas that reach outside every target", names, fix))


def _join(target: gpd.GeoDataFrame, values: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put the values beside the columns of the targets, geometry last."""
    kept = target.drop(columns=[c for c in ("period",) if c in target and c in values])
    joined = kept.merge(values, on="area_id", how="right", validate="1:m")
    order = [c for c in joined.columns if c not in {"area_id", "period", kept.geometry.name}]
    first = ["area_id", *(["period"] if "period" in joined else [])]
    return joined[[*first, *order, kept.geometry.name]]


def nest_check(fine: gpd.GeoDataFrame, coarse: gpd.GeoDataFrame, *, tolerance: float = 0.01) -> pd.DataFrame:
    """Tell for each fine area in which coarse area it lies, and how much of it lies outside that one.

    Parameters
    ----------
    fine, coarse : geopandas.GeoDataFrame
        Areas with ``area_id`` and polygons; of a panel each area is taken once.
    tolerance : float
        The share of its area that a fine area may have outside the coarse one and still lie within it.

    Returns
    -------
    pandas.DataFrame
        One row per fine area: ``area_id, coarse_id`` (the one with most of it, missing when there is
        none), ``share`` (0-1, of its area there), ``share_outside``, ``n_coarse`` (coarse areas that hold
        more than `tolerance` of it), ``nested``.

    Raises
    ------
    InputError
        When geometry is missing or an area has several boundaries.
    UnknownNameError
        When a column is missing.

    Examples
    --------
    >>> from segkit import areas, geography
    >>> deso, regso = areas.load_example("kalmar"), areas.load_example("kalmar", "regso")
    >>> table = nest_check(deso, regso)
    >>> int(table["nested"].sum()), len(table)
    (43, 43)
    """
    import shapely

    if not 0 <= check_number(tolerance, argument="tolerance") < 0.5:
        raise InputError(message("tolerance", f"is {tolerance!r}, must be from 0 to less than 0.5"))
    for layer, argument in ((fine, "fine"), (coarse, "coarse")):
        check_areas(layer, argument)
    small, _ = _overlay.ready(_one_shape_each(fine), "fine")
    large, _ = _overlay.ready(_one_shape_each(coarse), "coarse")
    shapes = small.geometry.to_numpy()
    found = _overlay.pairs(shapes, large.geometry.to_numpy(), 0.0)
    share = np.minimum(found.area / shapely.area(shapes)[found.one], 1.0)
    table = pd.DataFrame({"at": found.one, "coarse": found.other, "share": share})
    several = table[table["share"] > tolerance].groupby("at").size().reindex(range(len(small)), fill_value=0)
    best = table.sort_values(["at", "share"], ascending=[True, False], kind="stable").drop_duplicates("at")
    best = best.set_index("at").reindex(range(len(small)))
    codes = pd.Series(large["area_id"].to_numpy(), dtype=object)
    inside = best["share"].fillna(0.0).to_numpy()
    return pd.DataFrame(
        {
            "area_id": small["area_id"].to_numpy(),
            "coarse_id": best["coarse"].map(codes).to_numpy(),
            "share": inside,
            "share_outside": 1 - inside,
            "n_coarse": several.to_numpy(),
            "nested": inside >= 1 - tolerance,
        }
    )
