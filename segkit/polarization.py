"""Polarization of areas: whether they part into camps, which is another thing than inequality.

Inequality rises whenever values move apart; polarization rises when the middle empties, even if
inequality falls. Report them side by side. Weights are populations; an area of weight 0 contributes
nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from segkit._measures import Measure
from segkit._validate import Floats, values_and_weight
from segkit.errors import InputError, message

#: What sums of shares may miss one half by.
_HALF = 1e-12


def wolfson(values: Any, weight: Any = None) -> float:
    r"""Wolfson's bipolarization index, W: how far the halves below and above the median lie apart.

    .. math:: W = 2 (2 T - G) \frac{\mu}{m}, \quad T = \frac{1}{2} - L(\frac{1}{2})

    with mu the mean, m the median, G the Gini coefficient and L the Lorenz curve. The Lorenz curve is
    linear inside an area, so the area on the median is split between the halves. The median is the value
    at which the cumulated weight passes one half; where it is exactly one half after an area, the mean
    of that area's value and the next. An area of weight 2 thus counts as two areas of weight 1.

    Parameters
    ----------
    values : array-like
        One value per area, none negative, median greater than 0, such as mean income.
    weight : array-like, optional
        Population of each area; without it every area counts the same.

    Returns
    -------
    float
        0 (all areas equal) upwards; 1 when one half has nothing and the other twice the mean. It can
        pass 1 when a few very high values pull the mean far above the median.

    Raises
    ------
    InputError
        If values are missing or negative, their median is 0 (the measure divides by it), or weights are
        missing, negative or all 0.

    Notes
    -----
    With the leading factor 2, as in the reference; some software leaves it out and gives half of this.

    References
    ----------
    Wolfson, M. C. (1994). When inequalities diverge. American Economic Review 84(2), 353-358.

    Examples
    --------
    >>> wolfson([0, 0, 10, 10])
    1.0
    >>> round(wolfson([2, 4, 6, 8, 10, 12, 14, 16]), 6)
    0.305556
    """
    y, w = values_and_weight(values, weight)
    if (y < 0).any():
        fix = "Shares of a negative sum have no meaning; use values before standardizing."
        raise InputError(message("values", "must not be negative", y[y < 0].tolist(), fix))
    found = float(wolfson_of(y, w))
    if np.isnan(found):
        fix = "Wolfson's index divides by the median; use `esteban_ray` instead."
        raise InputError(message("values", "have the median 0", fix=fix))
    return max(found, 0.0)


def wolfson_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute W, draws along the first axis of `copies`; NaN where the median is 0."""
    order = np.argsort(y)
    y, w = y[order], (copies * w)[..., order]
    people, amount = w.sum(axis=-1), (w * y).sum(axis=-1)
    p = np.cumsum(w, axis=-1) / people[..., None]
    # Sums of shares such as 0.1 + 0.2 + 0.2 miss one half by rounding.
    middle, beyond = (p >= 0.5 - _HALF).argmax(axis=-1), (p > 0.5 + _HALF).argmax(axis=-1)
    median = (y[middle] + y[beyond]) / 2
    lorenz = np.cumsum(w * y, axis=-1) / np.where(amount > 0, amount, 1.0)[..., None]
    width, height = w / people[..., None], w * y / np.where(amount > 0, amount, 1.0)[..., None]
    # The area on the median is split at half of the people.
    at = middle[..., None]
    part, step, rise, top = (
        np.take_along_axis(values, at, axis=-1)[..., 0] for values in (p, width, height, lorenz)
    )
    gap = 0.5 - (top - rise * (part - 0.5) / step)
    gini = 1.0 - (width * (2.0 * lorenz - height)).sum(axis=-1)
    found = 2.0 * (2.0 * gap - gini) * (amount / people) / np.where(median > 0, median, 1.0)
    return np.where(median > 0, found, np.nan)


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
        If values are missing, weights are missing, negative or all 0, or `alpha` is not in 0 to 1.6.

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
    if not 0 <= alpha <= 1.6:
        raise InputError(message("alpha", f"is {alpha!r}, must be from 0 to 1.6"))
    return max(float(esteban_ray_of(*values_and_weight(values, weight), alpha=alpha)), 0.0)


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
    # Around the mean, so that large values with small differences keep their digits.
    y = y - (share * y).sum(axis=-1, keepdims=True)
    below, amount_below = np.cumsum(share, axis=-1) - share, np.cumsum(share * y, axis=-1) - share * y
    all_of_it = (share * y).sum(axis=-1, keepdims=True)
    above, amount_above = 1.0 - below - share, all_of_it - amount_below - share * y
    distance = y * below - amount_below + amount_above - y * above
    return (power * distance).sum(axis=-1)


#: Measures of values by name: ``MEASURES["wolfson"].function(values, weight)``.
MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            name="wolfson",
            letter="W",
            kind="values",
            dimension="polarization",
            low=0.0,
            high=np.inf,
            meaning="The middle is thin: the halves of the population in areas below and above the median "
            "lie far apart and each is held together.",
            meaning_sv="Mitten är tunn: halvorna av befolkningen i områden under och över medianen ligger "
            "långt från varandra och är var för sig samlade.",
            reference="Wolfson (1994)",
            function=wolfson,
            many=wolfson_of,
        ),
        Measure(
            name="esteban_ray",
            letter="ER",
            kind="values",
            dimension="polarization",
            low=0.0,
            high=np.inf,
            meaning="The population parts into a few large groups of areas with very different values; "
            "compare only the same areas over time.",
            meaning_sv="Befolkningen delar sig i några få stora grupper av områden med mycket olika värden; "
            "jämför bara samma områden över tid.",
            reference="Esteban & Ray (1994)",
            function=esteban_ray,
            many=esteban_ray_of,
        ),
    )
}
