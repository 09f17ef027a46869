"""The measures of inequality: Gini, Theil, mean log deviation, the ratio of top to bottom, sigma."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from segkit.base.checks import Floats, check_number, values_and_weight
from segkit.base.namespace import public
from segkit.errors import InputError, message
from segkit.measures.measure import measure

__all__ = ["gini", "mean_log_deviation", "ratio", "sigma", "theil"]

__dir__ = public(__all__)


def gini_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute G, draws along the first axis of `copies`."""
    if np.ndim(copies) == 0 and (w == w[0]).all():
        # Equal weights need no order of their own, and sorting alone is quicker.
        y = np.sort(y)
    else:
        order = np.argsort(y, kind="stable")
        y, w = y[order], (copies * w)[..., order]
    size_before, amount_before = np.cumsum(w, axis=-1) - w, np.cumsum(w * y, axis=-1) - w * y
    differences = (w * (y * size_before - amount_before)).sum(axis=-1)
    return differences / (w.sum(axis=-1) * (w * y).sum(axis=-1))


@measure("values", gini_of, letter="G", dimension="inequality", reference="Gini (1912)")
def gini(values: Any, weight: Any = None) -> float:
    r"""Gini coefficient, G: half the mean difference between two inhabitants' areas, relative to the mean.

    .. math:: G = \frac{\sum_i \sum_j w_i w_j |y_i - y_j|}{2 W^2 \mu}

    with y the values, w the weights, W their sum and mu the weighted mean. No correction for the number
    of areas. Computed by sorting, so the time grows as N log N.

    Parameters
    ----------
    values : array-like
        One value per area, none negative, such as mean income.

    Returns
    -------
    float
        0 (all areas equal) to 1 (one area has everything; at most 1 - 1/n with n equal weights).

    Raises
    ------
    InputError
        Also if values are negative or all 0.

    References
    ----------
    Gini, C. (1912). Variabilità e mutabilità. Bologna: Cuppini. Lerman, R. I. & Yitzhaki, S. (1989).
    Improving the accuracy of estimates of Gini coefficients. Journal of Econometrics 42(1), 43-47.

    Examples
    --------
    >>> gini([0, 0, 10, 10])
    0.5
    >>> gini([0, 10], weight=[2, 2])
    0.5
    """
    return min(max(float(gini_of(*not_negative(values, weight))), 0.0), 1.0)


def theil_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute T, draws along the first axis of `copies`."""
    w = copies * w
    mean = (w * y).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
    relative = y / mean
    logs = np.log(np.where(relative > 0, relative, 1.0))
    return (w * relative * logs).sum(axis=-1) / w.sum(axis=-1)


@measure("values", theil_of, letter="T", dimension="inequality", reference="Theil (1967)", high=inf)
def theil(values: Any, weight: Any = None) -> float:
    r"""Theil index, T: inequality that can be split exactly into between and within regions.

    .. math:: T = \sum_i \frac{w_i}{W} \frac{y_i}{\mu} \ln \frac{y_i}{\mu}

    with y the values, w the weights, W their sum and mu the weighted mean; an area of value 0 adds 0.
    Sensitive to differences at the top. See `theil_decomposition`.

    Returns
    -------
    float
        0 (all areas equal) upwards; at most ln n with n equal weights.

    Raises
    ------
    InputError
        Also if values are negative or all 0.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. Amsterdam: North-Holland.

    Examples
    --------
    >>> round(theil([0, 0, 0, 10, 10, 10]), 6)
    0.693147
    """
    return max(float(theil_of(*not_negative(values, weight))), 0.0)


def mean_log_deviation_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute L, draws along the first axis of `copies`."""
    p = copies * w
    p = p / p.sum(axis=-1, keepdims=True)
    return (p * np.log((p * y).sum(axis=-1, keepdims=True) / y)).sum(axis=-1)


@measure(
    "values", mean_log_deviation_of, letter="MLD", dimension="inequality", reference="Theil (1967)", high=inf
)
def mean_log_deviation(values: Any, weight: Any = None) -> float:
    r"""Mean log deviation, MLD (Theil's L): how far, in logarithms, the average area lies under the mean.

    .. math:: MLD = \sum_i \frac{w_i}{W} \ln \frac{\mu}{y_i}

    with y the values, w the weights, W their sum and mu the weighted mean. Sensitive to differences at
    the bottom.

    Parameters
    ----------
    values : array-like
        One value per area, all greater than 0.

    Returns
    -------
    float
        0 (all areas equal) upwards, without limit.

    Raises
    ------
    InputError
        Also if a value is 0 or negative.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. Amsterdam: North-Holland.

    Examples
    --------
    >>> round(mean_log_deviation([1, 3]), 6)
    0.143841
    """
    return max(float(mean_log_deviation_of(*positive(values, weight))), 0.0)


def ratio_of(
    y: Floats, w: Floats, copies: Floats | float = 1.0, *, top: float = 0.2, bottom: float = 0.2
) -> Any:
    """Compute the ratio, draws along the first axis of `copies`; NaN where the bottom has mean 0."""
    order = np.argsort(y, kind="stable")
    y, w = y[order], (copies * w)[..., order]
    low = _first_share_mean(y, w, bottom)
    high = _first_share_mean(y[::-1], w[..., ::-1], top)
    return np.where(low > 0, high / np.where(low > 0, low, 1.0), np.nan)


@measure(
    "values",
    ratio_of,
    letter="S80/S20",
    dimension="inequality",
    reference="Atkinson et al. (2002)",
    low=1.0,
    high=inf,
    even=1.0,
)
def ratio(values: Any, weight: Any = None, *, top: float = 0.2, bottom: float = 0.2) -> float:
    """Top-to-bottom ratio: the mean of the areas at the top over the mean of those at the bottom.

    Areas are sorted by value. The bottom is the areas with the lowest values that together hold exactly
    the share `bottom` of the population: the area on the cut counts with the part of its population that
    fills the share, at its own value. The top likewise from the highest value. Both means are weighted
    by the population counted. With `top` and `bottom` .2 this is the quintile ratio (S80/S20) of areas.

    Parameters
    ----------
    top, bottom : float
        Shares of the population, each greater than 0, together at most 1.

    Returns
    -------
    float
        1 (all areas equal) upwards, without limit.

    Raises
    ------
    InputError
        Also if values are negative or all 0, the bottom's mean is 0, or the shares break their rule.

    References
    ----------
    Atkinson, A. B., Cantillon, B., Marlier, E. & Nolan, B. (2002). Social Indicators: The EU and Social
    Inclusion. Oxford University Press.

    Examples
    --------
    >>> ratio([1, 2, 3, 4, 5])
    5.0

    The bottom half holds the first area and half of the second: (1 * 10 + 2 * 5) / 15.

    >>> round(ratio([1, 2, 4], weight=[10, 10, 10], top=1 / 3, bottom=0.5), 6)
    3.0
    """
    ends = [check_number(end, argument=name) for name, end in (("top", top), ("bottom", bottom))]
    if not (min(ends) > 0 and sum(ends) <= 1 + 1e-12):
        rule = f"are {top!r} and {bottom!r}, must be greater than 0 and together at most 1"
        raise InputError(message("top, bottom", rule))
    found = float(ratio_of(*not_negative(values, weight), top=top, bottom=bottom))
    if np.isnan(found):
        fix = "Choose a larger `bottom` or another measure."
        raise InputError(message("values", "have mean 0 at the bottom, so there is no ratio", fix=fix))
    return max(found, 1.0)


def sigma_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute the standard deviation, draws along the first axis of `copies`."""
    p = copies * w
    p = p / p.sum(axis=-1, keepdims=True)
    return np.sqrt((p * np.square(y - (p * y).sum(axis=-1, keepdims=True))).sum(axis=-1))


@measure(
    "values",
    sigma_of,
    letter="σ",
    dimension="inequality",
    reference="Barro & Sala-i-Martin (1992)",
    high=inf,
    in_units=True,
)
def sigma(values: Any, weight: Any = None) -> float:
    r"""Population-weighted standard deviation, sigma: the spread of areas in the unit of the values.

    .. math:: \sigma = \sqrt{\sum_i \frac{w_i}{W} (y_i - \mu)^2}

    with y the values, w the weights, W their sum and mu the weighted mean (divided by W, not W - 1). A
    falling sigma over time is sigma convergence; take logarithms first if levels grow.

    Parameters
    ----------
    values : array-like
        One value per area; negative values are allowed.

    Returns
    -------
    float
        0 (all areas equal) upwards, in the unit of the values.

    References
    ----------
    Barro, R. J. & Sala-i-Martin, X. (1992). Convergence. Journal of Political Economy 100(2), 223-251.

    Examples
    --------
    >>> sigma([2, 4], weight=[1, 1])
    1.0
    """
    return float(sigma_of(*values_and_weight(values, weight)))


def not_negative(values: Any, weight: Any) -> tuple[Floats, Floats]:
    """Return values >= 0 that sum to more than 0, and their weights."""
    y, w = values_and_weight(values, weight)
    if (y < 0).any():
        fix = "Use `sigma` for values that can be negative, such as standardized ones."
        raise InputError(message("values", "must not be negative", y[y < 0].tolist(), fix))
    if not (y > 0).any():
        raise InputError(message("values", "are all 0, so there is nothing to be unequal"))
    return y, w


def positive(values: Any, weight: Any) -> tuple[Floats, Floats]:
    """Return values greater than 0, and their weights."""
    y, w = not_negative(values, weight)
    if (y == 0).any():
        fix = "The logarithm of 0 has no value; use `theil` or `gini`, which allow 0."
        raise InputError(message("values", "must be greater than 0", fix=fix))
    return y, w


def _first_share_mean(y: Floats, w: Floats, share: float) -> Any:
    """Return the mean of the first areas that hold the share; the area on the cut counts in part."""
    people = w.sum(axis=-1, keepdims=True)
    counted = np.clip(share * people - (np.cumsum(w, axis=-1) - w), 0.0, w)
    return (counted * y).sum(axis=-1) / counted.sum(axis=-1)
