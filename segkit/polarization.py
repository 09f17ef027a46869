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
    order = np.argsort(y)
    y, w = y[order], w[order]
    median = _median(y, w)
    if median <= 0:
        fix = "Wolfson's index divides by the median; use `esteban_ray` instead."
        raise InputError(message("values", "have the median 0", fix=fix))
    p = np.concatenate([[0.0], np.cumsum(w) / w.sum()])
    lorenz = np.concatenate([[0.0], np.cumsum(w * y) / (w * y).sum()])
    gap = 0.5 - float(np.interp(0.5, p, lorenz))
    gini = 1.0 - 2.0 * float(np.trapezoid(lorenz, p))
    mean = float((w * y).sum() / w.sum())
    return max(2.0 * (2.0 * gap - gini) * mean / median, 0.0)


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
    v, w = values_and_weight(values, weight)
    y, group = np.unique(v, return_inverse=True)
    share = np.bincount(group, w) / w.sum()
    # Around the mean, so that large values with small differences keep their digits.
    y = y - (share * y).sum()
    below, amount_below = np.cumsum(share) - share, np.cumsum(share * y) - share * y
    above, amount_above = 1.0 - below - share, (share * y).sum() - amount_below - share * y
    distance = y * below - amount_below + amount_above - y * above
    return max(float((share ** (1.0 + alpha) * distance).sum()), 0.0)


def _median(y: Floats, w: Floats) -> float:
    """Return the weighted median of sorted values; at an exact half, the mean of the two middle ones."""
    cumulated = np.cumsum(w) / w.sum()
    # Sums of shares such as 0.1 + 0.2 + 0.2 miss one half by rounding.
    at = int(np.searchsorted(cumulated, 0.5 - 1e-12))
    if cumulated[at] <= 0.5 + 1e-12:
        return float((y[at] + y[at + 1]) / 2)
    return float(y[at])


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
        ),
    )
}
