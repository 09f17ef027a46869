"""Concentration: how little of the land a group lives on.

Land that nobody lives on is a part of the city too and counts in `delta`, so the answer depends on how
much forest, water and industry the areas hold: pass a column with the land that can be lived on where
there is one. The other two compare the group with the smallest and largest areas that could house it.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from segkit.base.namespace import public
from segkit.measures.measure import measure
from segkit.measures.segregation.counts import ROUNDING, bounded, ratio, share
from segkit.measures.segregation.places import defined, land, people, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from segkit.base.checks import Floats

__all__ = ["absolute_concentration", "delta", "relative_concentration"]

__dir__ = public(__all__)

_UNDEFINED = (
    "the areas are of one size, or so few that the smallest and the largest that house the group are the same"
)
_FIX = "Use finer areas, or delta."


def delta_over(data: pd.DataFrame, *, area: str | None = None) -> Callable[[Floats, Floats], Floats]:
    """Read the land once and return delta as a function of counts, areas along the last axis."""
    part = share(land(data, area))

    def formula(x: Floats, _y: Floats) -> Floats:
        return np.asarray(0.5 * np.abs(share(x) - part).sum(axis=-1))

    return formula


@measure(
    "spatial",
    delta_over,
    letter="DEL",
    dimension="concentration",
    reference="Duncan, Cuzzort & Duncan (1961)",
    even=None,
    symmetric=False,
)
def delta(
    data: pd.DataFrame, *, group: str, total: str, area: str | None = None, missing: str = "raise"
) -> float:
    r"""Delta: the share of a group that would have to move to live at the same density everywhere.

    .. math:: DEL = \frac{1}{2} \sum_i \left| \frac{x_i}{X} - \frac{a_i}{A} \right|

    with x the group, a the land of an area, X and A their sums.

    Parameters
    ----------
    data : pandas.DataFrame or geopandas.GeoDataFrame
        One row per area, one period. Areas whose total is 0 count with their land.
    missing : {"raise", "drop"}
        Whether a missing count is an error or leaves its area, with its land, out.

    Returns
    -------
    float
        0 (the same number of members per unit of land everywhere, or a single area) towards 1 (all of
        them on next to no land).

    Raises
    ------
    InputError
        Also if the land is missing, negative or 0 everywhere.

    References
    ----------
    Hoover, E. M. (1941). Interstate redistribution of population, 1850-1940. Journal of Economic History
    1(2), 199-205. Duncan, O. D., Cuzzort, R. P. & Duncan, B. (1961). Statistical Geography. Free Press.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [50, 30, 20], "total": [100, 100, 100], "land": [1, 2, 7]})
    >>> round(delta(areas, group="group", total="total", area="land"), 6)
    0.5
    """
    known = people(data, group=group, total=total, missing=missing)
    return bounded(value_of(delta_over(known.data, area=area), known))


def absolute_concentration_over(
    data: pd.DataFrame, *, area: str | None = None
) -> Callable[[Floats, Floats], Floats]:
    """Read the land once and return ACO as a function of counts, areas along the last axis."""
    size, ends = _sizes(data, area)

    def formula(x: Floats, y: Floats) -> Floats:
        least, most = ends(x, y)
        return 1 - ratio(ratio(x @ size, x.sum(axis=-1)) - least, most - least)

    return formula


@measure(
    "spatial",
    absolute_concentration_over,
    letter="ACO",
    dimension="concentration",
    reference="Massey & Denton (1988)",
    low=-inf,
    high=inf,
    even=None,
    symmetric=False,
)
def absolute_concentration(
    data: pd.DataFrame, *, group: str, total: str, area: str | None = None, missing: str = "raise"
) -> float:
    r"""Absolute concentration, ACO: how near a group is to living in the smallest areas that could house it.

    .. math:: ACO = 1 - \frac{\sum_{i=1}^{n} \frac{x_i a_i}{X} - \sum_{i=1}^{n_1} \frac{t_i a_i}{T_1}}
        {\sum_{i=n_2}^{n} \frac{t_i a_i}{T_2} - \sum_{i=1}^{n_1} \frac{t_i a_i}{T_1}}

    with the areas in order of land a from the smallest, x the group, X its sum, t the total; areas 1 to
    :math:`n_1` are the smallest that together hold at least X people, :math:`n_2` to n the largest, and
    :math:`T_1, T_2` are the people in them. Areas of the same size are taken together, so the order of
    the rows does not matter.

    Parameters
    ----------
    data : pandas.DataFrame or geopandas.GeoDataFrame
        One row per area, one period. Areas whose total is 0 contribute nothing.

    Returns
    -------
    float
        1: as in the smallest areas that could house the group; 0: as in the largest. As whole areas are
        taken, which may hold more than the group, values somewhat above 1 or below 0 occur.

    Raises
    ------
    InputError
        Also if the land is missing, negative or 0 everywhere, or the measure is not defined: all areas
        are of one size, there is a single area, or the group is so large that it takes all areas from
        either end.

    Notes
    -----
    The Python package ``segregation`` 2.5.4 agrees where no two areas are of the same size; where they
    are, its answer depends on the order of the rows.

    References
    ----------
    Massey, D. S. & Denton, N. A. (1988). The dimensions of residential segregation. Social Forces 67(2),
    281-315.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [50, 30, 20], "total": [100, 100, 100], "land": [1, 2, 7]})
    >>> round(absolute_concentration(areas, group="group", total="total", area="land"), 6)
    0.75
    """
    known = people(data, group=group, total=total, missing=missing)
    formula = absolute_concentration_over(known.data, area=area)
    return defined(value_of(formula, known), rule=_UNDEFINED, fix=_FIX)


def relative_concentration_over(
    data: pd.DataFrame, *, area: str | None = None
) -> Callable[[Floats, Floats], Floats]:
    """Read the land once and return RCO as a function of counts, areas along the last axis."""
    size, ends = _sizes(data, area)

    def formula(x: Floats, y: Floats) -> Floats:
        least, most = ends(x, y)
        group, others = ratio(x @ size, x.sum(axis=-1)), ratio(y @ size, y.sum(axis=-1))
        return ratio(ratio(group, others) - 1, ratio(least, most) - 1)

    return formula


@measure(
    "spatial",
    relative_concentration_over,
    letter="RCO",
    dimension="concentration",
    reference="Massey & Denton (1988)",
    low=-inf,
    high=inf,
    symmetric=False,
)
def relative_concentration(
    data: pd.DataFrame, *, group: str, total: str, area: str | None = None, missing: str = "raise"
) -> float:
    r"""Relative concentration, RCO: whether a group lives on less land than everyone else does.

    .. math:: RCO = \frac{\sum_i \frac{x_i a_i}{X} \Big/ \sum_i \frac{y_i a_i}{Y} - 1}
        {\sum_{i=1}^{n_1} \frac{t_i a_i}{T_1} \Big/ \sum_{i=n_2}^{n} \frac{t_i a_i}{T_2} - 1}

    with y everyone else, Y their sum, and the rest as for `absolute_concentration`: the group's mean
    area against the others', beside the ratio if the group lived in the smallest areas and the others in
    the largest.

    Parameters
    ----------
    data : pandas.DataFrame or geopandas.GeoDataFrame
        One row per area, one period. Areas whose total is 0 contribute nothing.

    Returns
    -------
    float
        Above 0: the group lives in smaller areas than the others, 1 as much as could be; 0: in areas as
        large; below 0: in larger. The literature gives -1 as the lower end, but the ratio of means is
        not symmetric: a group that lives in the largest areas can be far below -1, and as whole areas are
        taken, values somewhat above 1 occur.

    Raises
    ------
    InputError
        Also if the land is missing, negative or 0 everywhere, or the measure is not defined: all areas
        are of one size, there is a single area, the group is so large that it takes all areas from
        either end, or everyone else lives on no land.

    Notes
    -----
    The Python package ``segregation`` 2.5.4 agrees where no two areas are of the same size; where they
    are, its answer depends on the order of the rows.

    References
    ----------
    Massey, D. S. & Denton, N. A. (1988). The dimensions of residential segregation. Social Forces 67(2),
    281-315.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [50, 30, 20], "total": [100, 100, 100], "land": [1, 2, 7]})
    >>> round(relative_concentration(areas, group="group", total="total", area="land"), 6)
    0.388889
    """
    known = people(data, group=group, total=total, missing=missing)
    formula = relative_concentration_over(known.data, area=area)
    rule = f"{_UNDEFINED}, or everyone else lives on no land"
    return defined(value_of(formula, known), rule=rule, fix=_FIX)


def _sizes(
    data: pd.DataFrame, area: str | None
) -> tuple[Floats, Callable[[Floats, Floats], tuple[Floats, Floats]]]:
    """Return the land of each area, and what gives the least and the largest mean land of X people.

    Both ends are means over whole areas, areas of the same size taken together.
    """
    size = land(data, area)
    order = np.argsort(size, kind="stable")
    ranked = size[order]
    starts = np.flatnonzero(np.append(True, np.diff(ranked) > ROUNDING * ranked[1:]))

    def ends(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        t = (x + y)[:, order]
        people_by_size = np.add.reduceat(t, starts, axis=-1)
        land_by_size = np.add.reduceat(t * ranked, starts, axis=-1)
        least = _mean_size(people_by_size, land_by_size, x.sum(axis=-1))
        most = _mean_size(people_by_size[:, ::-1], land_by_size[:, ::-1], x.sum(axis=-1))
        # The same areas summed from either end differ by rounding only.
        return least, np.where(most - least > ROUNDING * most, most, least)

    return size, ends


def _mean_size(t: Floats, t_land: Floats, members: Floats) -> Floats:
    """Return the mean land of the people in the first areas that together hold as many as the group."""
    housed = np.cumsum(t, axis=-1)
    last = np.argmax(housed >= members[:, None] * (1 - ROUNDING), axis=-1)[:, None]
    total_land = np.take_along_axis(np.cumsum(t_land, axis=-1), last, axis=-1)
    return ratio(total_land, np.take_along_axis(housed, last, axis=-1))[:, 0]
