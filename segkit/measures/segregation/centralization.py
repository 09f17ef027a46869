"""Centralization: whether a group lives nearer to a center than land, or everyone else, lies.

What the center is decides the answer, so it is an argument: by default the point around which the
people balance, which in a municipality with several towns may be a place where nobody lives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.base.checks import Floats, check_columns
from segkit.base.namespace import public
from segkit.errors import InputError, UnknownNameError, message
from segkit.measures.measure import measure
from segkit.measures.segregation.counts import share
from segkit.measures.segregation.places import centers, in_meters, land, people, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from shapely import Point

    Center = str | tuple[float, float] | Point
    Spot = tuple[float, float] | None

__all__ = ["absolute_centralization", "relative_centralization"]

__dir__ = public(__all__)

#: Areas whose distances to the center differ by less than this (meters) are equally far.
_EQUAL = 1e-6


def absolute_centralization_over(
    data: pd.DataFrame, *, center: Center = "population", area: str | None = None
) -> Callable[[Floats, Floats], Floats]:
    """Read the places once and return ACE as a function of counts, areas along the last axis."""
    return _from_land(data, _spot(data, center), area)


@measure(
    "spatial",
    absolute_centralization_over,
    letter="ACE",
    dimension="centralization",
    reference="Massey & Denton (1988)",
    low=-1.0,
    even=None,
    symmetric=False,
)
def absolute_centralization(
    data: pd.DataFrame,
    *,
    group: str,
    total: str,
    center: Center = "population",
    area: str | None = None,
    missing: str = "raise",
) -> float:
    r"""Absolute centralization, ACE: whether a group lives nearer to the center than the land lies.

    .. math:: ACE = \sum_i X_{i-1} A_i - \sum_i X_i A_{i-1}

    with the areas in order of distance from the center, X the cumulated share of the group and A of the
    land. Areas at the same distance are taken together, so the order of the rows does not matter.

    Parameters
    ----------
    data : geopandas.GeoDataFrame
        One row per area, one period, polygons in a coordinate system in meters. Areas whose total is 0
        count with their land.
    area : str, optional
        Column with the land of each area, in any unit. Without it the land is the area of the geometry.

    Returns
    -------
    float
        -1 to 1, both only in the limit. Above 0: members of the group live nearer to the center than if
        spread evenly over the land, and the share of them that would have to move for that is about as
        large; 0: evenly, or a single area; below 0: further out.

    Raises
    ------
    InputError
        Also if the center lies far outside the areas.
    UnknownNameError
        Also if no area has the ``area_id`` given as the center.

    Notes
    -----
    Massey and Denton measure from the central business district; pass it as the center to compare. The
    Python package ``segregation`` 2.5.4 measures from the unweighted mean of the centroids unless told
    otherwise, and with areas at the same distance its answer depends on the order of the rows.

    References
    ----------
    Massey, D. S. & Denton, N. A. (1988). The dimensions of residential segregation. Social Forces 67(2),
    281-315.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> squares = [box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1)]
    >>> areas = gpd.GeoDataFrame({"group": [6, 3, 1], "total": [10, 10, 10]}, geometry=squares, crs=3006)
    >>> round(absolute_centralization(areas, group="group", total="total", center=(0.5, 0.5)), 6)
    0.333333
    """
    known = people(data, group=group, total=total, missing=missing)
    return value_of(_from_land(known.data, _spot(data, center), area), known)


def relative_centralization_over(
    data: pd.DataFrame, *, center: Center = "population"
) -> Callable[[Floats, Floats], Floats]:
    """Read the places once and return RCE as a function of counts, areas along the last axis."""
    return _from_others(data, _spot(data, center))


@measure(
    "spatial",
    relative_centralization_over,
    letter="RCE",
    dimension="centralization",
    reference="Duncan & Duncan (1955)",
    low=-1.0,
    symmetric=False,
)
def relative_centralization(
    data: pd.DataFrame,
    *,
    group: str,
    total: str,
    center: Center = "population",
    missing: str = "raise",
) -> float:
    r"""Relative centralization, RCE: whether a group lives nearer to the center than everyone else.

    .. math:: RCE = \sum_i X_{i-1} Y_i - \sum_i X_i Y_{i-1}

    with the areas in order of distance from the center, X and Y the cumulated shares of the group and of
    everyone else. Areas at the same distance are taken together, so the order of the rows does not
    matter.

    Returns
    -------
    float
        -1 (every member lives further out than everyone else) to 1 (nearer to the center); 0: as near as
        everyone else, or a single area. It is the chance that a member lives nearer to the center than
        one of the others, minus the chance of the opposite. With the groups exchanged the sign changes.

    Raises
    ------
    InputError
        Also if the center lies far outside the areas.
    UnknownNameError
        Also if no area has the ``area_id`` given as the center.

    Notes
    -----
    As for `absolute_centralization`.

    References
    ----------
    Duncan, O. D. & Duncan, B. (1955). Residential distribution and occupational stratification. American
    Journal of Sociology 60(5), 493-503. Massey, D. S. & Denton, N. A. (1988). The dimensions of
    residential segregation. Social Forces 67(2), 281-315.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> squares = [box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1)]
    >>> areas = gpd.GeoDataFrame({"group": [6, 3, 1], "total": [10, 10, 10]}, geometry=squares, crs=3006)
    >>> round(relative_centralization(areas, group="group", total="total", center=(0.5, 0.5)), 6)
    0.5
    """
    known = people(data, group=group, total=total, missing=missing)
    return value_of(_from_others(known.data, _spot(data, center)), known)


def _from_land(data: pd.DataFrame, spot: Spot, area: str | None) -> Callable[[Floats, Floats], Floats]:
    """Return ACE as a function of counts."""
    points, part = centers(data), share(land(data, area))[None, :]

    def formula(x: Floats, y: Floats) -> Floats:
        return _nearer(_distance(points, spot, x + y), share(x), part)

    return formula


def _from_others(data: pd.DataFrame, spot: Spot) -> Callable[[Floats, Floats], Floats]:
    """Return RCE as a function of counts."""
    points = centers(data)

    def formula(x: Floats, y: Floats) -> Floats:
        return _nearer(_distance(points, spot, x + y), share(x), share(y))

    return formula


def _distance(points: Floats, spot: Spot, t: Floats) -> Floats:
    """Return distances from the center: one row, or one for each draw where the center moves with it."""
    # Where people are only moved between groups, the totals and the center are the same in every draw.
    people_of = t[:1] if (t == t[0]).all() else t
    middle = share(people_of) @ points if spot is None else np.array([spot])
    return np.asarray(np.hypot(points[:, 0] - middle[:, :1], points[:, 1] - middle[:, 1:]))


def _nearer(distance: Floats, u: Floats, v: Floats) -> Floats:
    """Sum U_{i-1} V_i - U_i V_{i-1} over distances, areas at the same distance as one.

    With shares u, v of a distance and the sums U, V up to it, this is the sum of U_{i-1} v_i - u_i V_{i-1}.
    """
    order = np.argsort(distance, axis=-1, kind="stable")
    ranked = np.take_along_axis(distance, order, axis=-1)
    further = np.diff(ranked, axis=-1, prepend=-np.inf) > _EQUAL
    start = np.maximum.accumulate(np.where(further, np.arange(ranked.shape[-1]), 0), axis=-1)
    u, v = (np.take_along_axis(part, order, axis=-1) for part in (u, v))

    def nearer(part: Floats) -> Any:
        return np.take_along_axis(np.cumsum(part, axis=-1) - part, start, axis=-1)

    # Rounding can leave the ends by 1e-16.
    return np.asarray(np.clip((nearer(u) * v - u * nearer(v)).sum(axis=-1), -1.0, 1.0))


def _spot(data: pd.DataFrame, center: Center) -> Spot:
    """Return the center as a point, or None for the population's, which depends on the counts."""
    if isinstance(center, str):
        return None if center == "population" else _of_area(data, center)
    try:
        ((x, y),) = [center] if isinstance(center, tuple) else [at[:2] for at in center.coords]
        spot = float(x), float(y)
    except (TypeError, ValueError, AttributeError) as error:
        fix = "Pass 'population', an area_id, a shapely Point or a tuple (x, y)."
        raise InputError(message("center", f"is {center!r}, which is no point", fix=fix)) from error
    areas = in_meters(data)
    low, high = np.array(areas.total_bounds).reshape(2, 2)
    margin = np.hypot(*(high - low))
    if not ((low - margin <= spot) & (spot <= high + margin)).all():
        rule = f"is {spot}, far outside the {len(areas)} areas"
        fix = f"Give it in the coordinate system of the data, {areas.crs.name}."
        raise InputError(message("center", rule, fix=fix))
    return spot


def _of_area(data: pd.DataFrame, name: str) -> tuple[float, float]:
    """Return the centroid of the area with a name."""
    check_columns(data, ["area_id"])
    found = (data["area_id"].astype(str) == name).to_numpy()
    if found.sum() != 1:
        rule = f"is {name!r}, the area_id of {int(found.sum())} areas"
        fix = "Pass the area_id of one area, 'population', or a point (x, y)."
        kind = InputError if found.any() else UnknownNameError
        raise kind(message("center", rule, fix=fix))
    x, y = centers(data)[found][0].tolist()
    return x, y
