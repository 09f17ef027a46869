r"""Clustering: whether the areas where a group lives lie close to one another.

Two areas i and j are near by :math:`c_{ij} = e^{-d_{ij}}`, with d the distance between their centroids
and :math:`d_{ii} = \sqrt{0.6 a_i}` for an area of size a (Massey & Denton 1988). The length that counts
as distance 1 decides how far "near" reaches, so it is an argument, `unit`: values by different units
cannot be compared. Every pair of areas counts; a `cutoff` leaves out pairs further apart, for speed.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from segkit.base.namespace import public
from segkit.measures.measure import measure
from segkit.measures.segregation.counts import ratio
from segkit.measures.segregation.places import Length, decayed, defined, nearness, people, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from segkit.base.checks import Floats
    from segkit.measures.segregation.places import Nearness

__all__ = ["absolute_clustering", "relative_clustering", "spatial_proximity"]

__dir__ = public(__all__)

#: Sums under this have lost digits, or are 0 where exp(-distance) is too small a number.
_FAINT = 1e-290

_UNDEFINED = "the areas are so large, or so far apart, in this unit that no nearness is left"
_FIX = "Choose a longer unit, such as unit='km'."


def absolute_clustering_over(
    data: pd.DataFrame, *, unit: Length = "km", cutoff: float | None = None
) -> Callable[[Floats, Floats], Floats]:
    """Read the places once and return ACL as a function of counts, areas along the last axis."""
    places = nearness(data, unit=unit, cutoff=cutoff)

    def formula(x: Floats, y: Floats) -> Floats:
        xx, xy, _, ones = _near(places, x, y)
        members = x.sum(axis=-1)
        apart = members**2 * ones / x.shape[-1] ** 2
        low = (xx + xy - apart <= 0) | (xx + xy < _FAINT)
        return ratio(xx - apart, np.where(low, 0.0, xx + xy - apart))

    return formula


@measure(
    "spatial",
    absolute_clustering_over,
    letter="ACL",
    dimension="clustering",
    reference="Massey & Denton (1988)",
    low=-inf,
    even=None,
    symmetric=False,
)
def absolute_clustering(
    data: pd.DataFrame,
    *,
    group: str,
    total: str,
    unit: Length = "km",
    cutoff: float | None = None,
    missing: str = "raise",
) -> float:
    r"""Absolute clustering, ACL: how many of those who live near a group's members belong to it.

    .. math:: ACL = \frac{\sum_i \frac{x_i}{X} \sum_j c_{ij} x_j - \frac{X}{n^2} \sum_i \sum_j c_{ij}}
        {\sum_i \frac{x_i}{X} \sum_j c_{ij} t_j - \frac{X}{n^2} \sum_i \sum_j c_{ij}}

    with x the group, X its sum, t the total, n the number of areas and c their nearness. What is
    subtracted is the group with equally many members in every area.

    Parameters
    ----------
    data : geopandas.GeoDataFrame
        One row per area, one period, polygons in a coordinate system in meters. Areas whose total is 0
        count among the n areas.

    Returns
    -------
    float
        At most 1, which it nears when only members of the group live near members. 0: no more members
        near members than with equally many in every area, or a single area; less than 0: fewer.

    Raises
    ------
    InputError
        Also if the measure is not defined: so few people live near the members that the denominator is
        not greater than 0, or no nearness is left in this unit.

    Notes
    -----
    The Python package ``segregation`` 2.5.4 uses 1 - exp(-d) for nearness, so that far areas count as
    near; its values are not comparable.

    References
    ----------
    Massey, D. S. & Denton, N. A. (1988). The dimensions of residential segregation. Social Forces 67(2),
    281-315.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> squares = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), box(9000, 0, 10000, 1000)]
    >>> areas = gpd.GeoDataFrame({"group": [10, 10, 0], "total": [20, 20, 20]}, geometry=squares, crs=3006)
    >>> round(absolute_clustering(areas, group="group", total="total"), 6)
    0.301427
    """
    known = people(data, group=group, total=total, missing=missing)
    return defined(
        value_of(absolute_clustering_over(known.data, unit=unit, cutoff=cutoff), known),
        rule="so few people live near the group's members, or so little nearness is left in this unit, "
        "that absolute clustering is not defined",
        fix="Choose a longer unit or another group, or use relative_clustering.",
    )


def spatial_proximity_over(
    data: pd.DataFrame, *, unit: Length = "km", cutoff: float | None = None
) -> Callable[[Floats, Floats], Floats]:
    """Read the places once and return SP as a function of counts, areas along the last axis."""
    places = nearness(data, unit=unit, cutoff=cutoff)

    def formula(x: Floats, y: Floats) -> Floats:
        xx, xy, yy, _ = _near(places, x, y)
        members, others = x.sum(axis=-1), y.sum(axis=-1)
        own = ratio(xx, members) + ratio(yy, others)
        return ratio(own * (members + others), _clear(xx + 2 * xy + yy))

    return formula


@measure(
    "spatial",
    spatial_proximity_over,
    letter="SP",
    dimension="clustering",
    reference="White (1983)",
    high=inf,
    even=1.0,
)
def spatial_proximity(
    data: pd.DataFrame,
    *,
    group: str,
    total: str,
    unit: Length = "km",
    cutoff: float | None = None,
    missing: str = "raise",
) -> float:
    r"""Spatial proximity, SP: how much nearer people live to their own group than to people at large.

    .. math:: SP = \frac{X P_{xx} + Y P_{yy}}{T P_{tt}}, \quad
        P_{ab} = \sum_i \sum_j \frac{a_i b_j c_{ij}}{A B}

    with x the group, y everyone else, t the total, X, Y and T their sums and c the nearness of two areas.

    Returns
    -------
    float
        Greater than 0, with no upper end. 1: neither group is clustered more than the other (even
        spread, or a single area); above 1: members of a group live nearer to one another than to the
        others; below 1: nearer to the others. Group and everyone else can change places.

    Raises
    ------
    InputError
        Also if no nearness is left in this unit.

    Notes
    -----
    The Python package ``segregation`` 2.5.4 uses 1 - exp(-d) for nearness, so that a checkerboard gets a
    higher value than two halves; its values are not comparable.

    References
    ----------
    White, M. J. (1983). The measurement of spatial segregation. American Journal of Sociology 88(5),
    1008-1018. Massey, D. S. & Denton, N. A. (1988). The dimensions of residential segregation. Social
    Forces 67(2), 281-315.

    Examples
    --------
    Sixteen squares of 1 km, the group in the left half:

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> squares = [box(x, y, x + 1, y + 1) for y in range(4) for x in range(4)]
    >>> counts = {"group": [10, 10, 0, 0] * 4, "total": [10] * 16}
    >>> areas = gpd.GeoDataFrame(counts, geometry=squares, crs=3006)
    >>> round(spatial_proximity(areas, group="group", total="total", unit="m"), 6)
    1.399544
    """
    known = people(data, group=group, total=total, missing=missing)
    formula = spatial_proximity_over(known.data, unit=unit, cutoff=cutoff)
    return defined(value_of(formula, known), rule=_UNDEFINED, fix=_FIX)


def relative_clustering_over(
    data: pd.DataFrame, *, unit: Length = "km", cutoff: float | None = None
) -> Callable[[Floats, Floats], Floats]:
    """Read the places once and return RCL as a function of counts, areas along the last axis."""
    places = nearness(data, unit=unit, cutoff=cutoff)

    def formula(x: Floats, y: Floats) -> Floats:
        xx, _, yy, _ = _near(places, x, y)
        own = ratio(_clear(xx), x.sum(axis=-1) ** 2)
        return ratio(own, ratio(_clear(yy), y.sum(axis=-1) ** 2)) - 1

    return formula


@measure(
    "spatial",
    relative_clustering_over,
    letter="RCL",
    dimension="clustering",
    reference="Massey & Denton (1988)",
    low=-1.0,
    high=inf,
    symmetric=False,
)
def relative_clustering(
    data: pd.DataFrame,
    *,
    group: str,
    total: str,
    unit: Length = "km",
    cutoff: float | None = None,
    missing: str = "raise",
) -> float:
    r"""Relative clustering, RCL: how much nearer members of a group live to one another than the others do.

    .. math:: RCL = \frac{P_{xx}}{P_{yy}} - 1, \quad P_{aa} = \sum_i \sum_j \frac{a_i a_j c_{ij}}{A^2}

    with x the group, y everyone else, A the sum of either, and c the nearness of two areas.

    Returns
    -------
    float
        Greater than -1, with no upper end. 0: group and others equally clustered (even spread, or a
        single area); 1: members on average twice as near to one another as the others are; less than 0:
        the group is the more dispersed. With the groups exchanged, 1 / (1 + RCL) - 1.

    Raises
    ------
    InputError
        Also if no nearness is left in this unit.

    Notes
    -----
    The Python package ``segregation`` 2.5.4 uses 1 - exp(-d) for nearness; its values are not comparable.

    References
    ----------
    Massey, D. S. & Denton, N. A. (1988). The dimensions of residential segregation. Social Forces 67(2),
    281-315.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> squares = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), box(9000, 0, 10000, 1000)]
    >>> areas = gpd.GeoDataFrame({"group": [10, 10, 0], "total": [20, 20, 20]}, geometry=squares, crs=3006)
    >>> round(relative_clustering(areas, group="group", total="total"), 6)
    0.892744
    """
    known = people(data, group=group, total=total, missing=missing)
    formula = relative_clustering_over(known.data, unit=unit, cutoff=cutoff)
    return defined(value_of(formula, known), rule=_UNDEFINED, fix=_FIX)


def _near(places: Nearness, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return x'Cx, x'Cy and y'Cy of each draw, and the sum of C, from one pass over the distances."""
    draws = len(x)
    found = decayed(places, np.vstack([x, y, np.ones_like(x[:1])]).T).T
    near_x, near_y, near_all = found[:draws], found[draws:-1], found[-1]
    sums = ((x, near_x), (x, near_y), (y, near_y))
    xx, xy, yy = (np.einsum("da,da->d", counts, near) for counts, near in sums)
    return xx, xy, yy, near_all.sum()


def _clear(sums: Floats) -> Floats:
    """Return sums as they are, but NaN where the nearness has shrunk to nothing."""
    return np.where(sums < _FAINT, np.nan, sums)
