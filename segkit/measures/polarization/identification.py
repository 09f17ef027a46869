"""Identification and alienation: near to one's own, far from the others."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from segkit.base.checks import Floats, check_number, values_and_weight
from segkit.base.namespace import public
from segkit.errors import InputError, message
from segkit.measures.measure import measure
from segkit.measures.polarization.density import MOST_WIDTHS, density

__all__ = ["duclos_esteban_ray", "esteban_ray"]

__dir__ = public(__all__)


def esteban_ray_of(y: Floats, w: Floats, copies: Floats | float = 1.0, *, alpha: float = 1.0) -> Any:
    """Compute ER, draws along the first axis of `copies`.

    Areas of equal value are one group. An area taken twice in a draw is two areas alike, not one twice as
    large, which the power of the share would read into it.
    """
    order = np.argsort(y, kind="stable")
    y, starts, sizes = np.unique(y[order], return_index=True, return_counts=True)
    taken = (copies * np.ones_like(w))[..., order]
    one = w[order] / (taken * w[order]).sum(axis=-1, keepdims=True)
    share = np.add.reduceat(taken * one, starts, axis=-1)
    alone = taken[..., starts] * one[..., starts] ** (1.0 + alpha)
    power = np.where(sizes == 1, alone, share ** (1.0 + alpha))
    return (power * _alienation(y, share)).sum(axis=-1)


@measure(
    "values",
    esteban_ray_of,
    letter="ER",
    dimension="polarization",
    reference="Esteban & Ray (1994)",
    high=inf,
    in_units=True,
)
def esteban_ray(values: Any, weight: Any = None, *, alpha: float = 1.0) -> float:
    r"""Esteban and Ray's polarization, ER: alienation between groups, felt more the larger one's own group.

    .. math:: ER = \sum_i \sum_j \pi_i^{1 + \alpha} \pi_j |y_i - y_j|

    with pi a group's share of the weight and y its value (the constant K of the reference is 1).

    Parameters
    ----------
    values : array-like
        One value per area; negative values are allowed.
    weight : array-like, optional
        Population of each area; without it every area counts the same. Only shares matter.
    alpha : float
        Weight of identification, 0 to 1.6. At 0 the result is the mean difference (inequality, twice
        Gini times mean); from 0 upwards the size of one's own group counts. Report it with the value.

    Returns
    -------
    float
        0 (all areas equal) upwards, in the unit of the values: ten times the values, ten times ER. Of
        all distributions between 0 and 1, two equal halves at the ends give the most.

    Raises
    ------
    InputError
        Also if `alpha` is not in 0 to 1.6.

    Notes
    -----
    The reference takes groups as given. Here a group is all areas with exactly the same value: areas of
    equal value are merged first, so that dividing an area into two of the same value, or repeating every
    area, changes nothing. Means and shares of areas are seldom exactly equal, so that in practice each
    area is its own group and, for alpha > 0, ER falls with the number of areas. Compare only the same
    areas over time, never two municipalities or two divisions into areas; or give the means and sizes of
    a few groups (profiles, say) in place of areas.

    References
    ----------
    Esteban, J.-M. & Ray, D. (1994). On the measurement of polarization. Econometrica 62(4), 819-851.

    Examples
    --------
    >>> esteban_ray([0, 1])
    0.25
    >>> esteban_ray([0, 0, 1, 1])
    0.25
    >>> round(esteban_ray([0, 1 / 3, 2 / 3, 1]), 6)
    0.104167
    """
    if not 0 <= check_number(alpha, argument="alpha") <= 1.6:
        raise InputError(message("alpha", f"is {alpha!r}, must be from 0 to 1.6"))
    return max(float(esteban_ray_of(*values_and_weight(values, weight), alpha=alpha)), 0.0)


def duclos_esteban_ray_of(
    y: Floats,
    w: Floats,
    copies: Floats | float = 1.0,
    *,
    alpha: float = 0.5,
    bandwidth: float | None = None,
    relative: bool = True,
) -> Any:
    """Compute P, draws along the first axis of `copies`; NaN where the mean or bandwidth doesn't do.

    An area taken twice in a draw is two areas alike: n stays the number of areas taken.
    """
    order = np.argsort(y, kind="stable")
    y, starts, sizes = np.unique(y[order], return_index=True, return_counts=True)
    taken = (copies * np.ones_like(w))[..., order]
    share = np.add.reduceat(taken * w[order], starts, axis=-1)
    share = share / share.sum(axis=-1, keepdims=True)
    mean = (share * y).sum(axis=-1)
    if bandwidth is None:
        n = (np.add.reduceat(taken, starts, axis=-1) / sizes).sum(axis=-1)
        sigma = np.sqrt((share * np.square(y - mean[..., None])).sum(axis=-1))
        h = 4.7 / np.sqrt(n) * sigma * alpha**0.1
    else:
        h = np.full_like(mean, bandwidth)
    # Where all values are the same there is no density, and nobody to be alien to.
    width = np.where(h > 0, h, 1.0)
    felt = np.power(density(y, share, width), alpha) * _alienation(y, share)
    found = np.where(h > 0, (share * felt).sum(axis=-1), 0.0)
    if not relative:
        return found
    return np.where(mean > 0, found * np.where(mean > 0, mean, 1.0) ** (alpha - 1.0), np.nan)


@measure(
    "values",
    duclos_esteban_ray_of,
    letter="DER",
    dimension="polarization",
    reference="Duclos, Esteban & Ray (2004)",
    high=inf,
)
def duclos_esteban_ray(
    values: Any,
    weight: Any = None,
    *,
    alpha: float = 0.5,
    bandwidth: float | None = None,
    relative: bool = True,
) -> float:
    r"""Duclos, Esteban and Ray's polarization, DER: alienation, felt more the more people are near oneself.

    .. math:: P_\alpha = \sum_i \pi_i f(y_i)^\alpha a(y_i), \quad
        a(y) = \mu + y (2 F(y) - 1) - 2 \int_{-\infty}^{y} x \, dF(x) = \sum_j \pi_j |y - y_j|

    with pi an area's share of the weight, f the density of people over values and F its distribution. The
    density takes the place of the groups of `esteban_ray`, so that values need not be exactly equal to
    count as near, and more areas do not mean less polarization. It is estimated with a Gaussian kernel of
    bandwidth

    .. math:: h = 4.7 \, n^{-1/2} \, \sigma \, \alpha^{0.1}

    with sigma the weighted standard deviation and n the number of distinct values.

    Parameters
    ----------
    values : array-like
        One value per area; with `relative` their mean must be above 0.
    weight : array-like, optional
        Population of each area; without it every area counts the same. Only shares matter.
    alpha : float
        Weight of identification, .25 to 1. Report it with the value; values of different alpha do not
        compare.
    bandwidth : float, optional
        The bandwidth h, above 0, in the unit of the values; without it the rule above. To compare
        periods, the same for all keeps a change in smoothing out of the result.
    relative : bool
        Whether values are divided by their mean, which multiplies P by mu^(alpha - 1): without a unit,
        the same in crowns and thousands of crowns. Otherwise ten times the values give 10^(1 - alpha)
        times P.

    Returns
    -------
    float
        0 (all areas equal) upwards.

    Raises
    ------
    InputError
        Also if the mean of the values is not above 0 (with `relative`), `alpha` is not in .25 to 1, or
        the bandwidth is not above 0 or too small for the range.

    Notes
    -----
    The rule is the reference's for distributions that are not strongly skewed. It smooths much when areas
    are few: with 22 areas or fewer h is about sigma or more, and two camps blur into one; give `bandwidth`
    then, or use `wolfson`. n counts distinct values, not areas, so that dividing an area into two alike,
    or repeating every area, changes nothing, as the population principle asks.

    Some software halves the result, so that it would be Gini's coefficient at alpha = 0; here it would be
    twice that, the relative mean difference, as the formula is printed. The density is computed on a grid
    and differs from the double sum by less than 1 in 10 million.

    References
    ----------
    Duclos, J.-Y., Esteban, J. & Ray, D. (2004). Polarization: concepts, measurement, estimation.
    Econometrica 72(6), 1737-1772.

    Examples
    --------
    With well separated values the density is that of each one's own kernel, and P is `esteban_ray` over
    (h sqrt(2 pi))^alpha.

    >>> camps = duclos_esteban_ray([1, 3], alpha=1, bandwidth=0.1, relative=False)
    >>> round(camps * 0.1 * (2 * np.pi) ** 0.5, 6), esteban_ray([1, 3], alpha=1)
    (0.5, 0.5)

    Eight values spread evenly, and the same number in two camps:

    >>> spread, apart = [1, 2, 3, 4, 5, 6, 7, 8], [2, 2.1, 2.2, 2.3, 6.7, 6.8, 6.9, 7]
    >>> [round(duclos_esteban_ray(values, bandwidth=0.5), 3) for values in (spread, apart)]
    [0.433, 0.701]
    """
    if not 0.25 <= check_number(alpha, argument="alpha") <= 1:
        raise InputError(message("alpha", f"is {alpha!r}, must be from 0.25 to 1"))
    if bandwidth is not None and not 0 < check_number(bandwidth, argument="bandwidth") < np.inf:
        raise InputError(message("bandwidth", f"is {bandwidth!r}, must be above 0"))
    y, w = values_and_weight(values, weight)
    if relative and not (w * y).sum() > 0:
        fix = "The result is relative to the mean; use relative=False for values that can be negative."
        raise InputError(message("values", "have a mean that is not above 0", fix=fix))
    found = float(duclos_esteban_ray_of(y, w, alpha=alpha, bandwidth=bandwidth, relative=relative))
    if np.isnan(found):
        rule = (
            "is too small for the range of the values" if bandwidth else "have a range too wide for the rule"
        )
        fix = f"Choose a bandwidth above {np.ptp(y) / MOST_WIDTHS:.3g}."
        raise InputError(message("bandwidth" if bandwidth else "values", rule, fix=fix))
    return max(found, 0.0)


def _alienation(y: Floats, share: Floats) -> Floats:
    """Return the mean distance from each value, in ascending order, to all others, draw by draw."""
    # Around the mean, so that large values with small differences keep their digits.
    y = y - (share * y).sum(axis=-1, keepdims=True)
    below, amount_below = np.cumsum(share, axis=-1) - share, np.cumsum(share * y, axis=-1) - share * y
    all_of_it = (share * y).sum(axis=-1, keepdims=True)
    above, amount_above = 1.0 - below - share, all_of_it - amount_below - share * y
    return np.asarray(y * below - amount_below + amount_above - y * above, dtype=np.float64)
