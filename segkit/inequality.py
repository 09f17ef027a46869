"""Inequality between areas: how far apart the values of areas lie, weighted by population.

The values are means or shares of areas, so this is inequality between areas, not between people: what
differs inside an area is not seen. Weights are populations; an area of weight 0 contributes nothing, and
splitting or merging areas of equal value changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segkit._measures import Measure
from segkit._validate import Floats, values_and_weight
from segkit.errors import InputError, message


def gini(values: Any, weight: Any = None) -> float:
    r"""Gini coefficient, G: half the mean difference between two inhabitants' areas, relative to the mean.

    .. math:: G = \frac{\sum_i \sum_j w_i w_j |y_i - y_j|}{2 W^2 \mu}

    with y the values, w the weights, W their sum and mu the weighted mean. No correction for the number
    of areas. Computed by sorting, so the time grows as N log N.

    Parameters
    ----------
    values : array-like
        One value per area, none negative, such as mean income.
    weight : array-like, optional
        Population of each area; without it every area counts the same.

    Returns
    -------
    float
        0 (all areas equal) to 1 (one area has everything; at most 1 - 1/n with n equal weights).

    Raises
    ------
    InputError
        If values are missing, negative or all 0, or weights are missing, negative or all 0.

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
    return min(max(float(gini_of(*_not_negative(values, weight))), 0.0), 1.0)


def gini_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute G, draws along the first axis of `copies`."""
    order = np.argsort(y)
    y, w = y[order], (copies * w)[..., order]
    size_before, amount_before = np.cumsum(w, axis=-1) - w, np.cumsum(w * y, axis=-1) - w * y
    differences = (w * (y * size_before - amount_before)).sum(axis=-1)
    return differences / (w.sum(axis=-1) * (w * y).sum(axis=-1))


def theil(values: Any, weight: Any = None) -> float:
    r"""Theil index, T: inequality that can be split exactly into between and within regions.

    .. math:: T = \sum_i \frac{w_i}{W} \frac{y_i}{\mu} \ln \frac{y_i}{\mu}

    with y the values, w the weights, W their sum and mu the weighted mean; an area of value 0 adds 0.
    Sensitive to differences at the top. See `theil_decomposition`.

    Parameters
    ----------
    values : array-like
        One value per area, none negative.
    weight : array-like, optional
        Population of each area; without it every area counts the same.

    Returns
    -------
    float
        0 (all areas equal) upwards; at most ln n with n equal weights.

    Raises
    ------
    InputError
        If values are missing, negative or all 0, or weights are missing, negative or all 0.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. Amsterdam: North-Holland.

    Examples
    --------
    >>> round(theil([0, 0, 0, 10, 10, 10]), 6)
    0.693147
    """
    return max(float(theil_of(*_not_negative(values, weight))), 0.0)


def theil_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute T, draws along the first axis of `copies`."""
    w = copies * w
    mean = (w * y).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
    relative = y / mean
    logs = np.log(np.where(relative > 0, relative, 1.0))
    return (w * relative * logs).sum(axis=-1) / w.sum(axis=-1)


def theil_decomposition(values: Any, region: Any, weight: Any = None) -> pd.DataFrame:
    r"""Split the Theil index into inequality between regions and within them.

    .. math:: T = \sum_r s_r \ln \frac{s_r}{p_r} + \sum_r s_r T_r

    with s the region's share of the sum of values (weight times value), p its share of the weight and T
    the Theil index inside it.

    Parameters
    ----------
    values : array-like
        One value per area, none negative.
    region : array-like
        The region (container) of each area, such as ``regso_id``.
    weight : array-like, optional
        Population of each area; without it every area counts the same.

    Returns
    -------
    pandas.DataFrame
        Tidy table with three rows, ``measure`` being ``"total"``, ``"between"`` and ``"within"``;
        between + within = total. ``n_areas`` is the number of areas with weight.

    Raises
    ------
    InputError
        As for `theil`, or if a region is missing or their number is not that of the values.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. Amsterdam: North-Holland. Shorrocks, A. F. (1980).
    The class of additively decomposable inequality measures. Econometrica 48(3), 613-625.

    Examples
    --------
    >>> table = theil_decomposition([1, 3, 5, 7], ["west", "west", "east", "east"])
    >>> table.set_index("measure")["value"].round(6).to_dict()
    {'total': 0.17398, 'between': 0.130812, 'within': 0.043168}
    """
    y, w = _not_negative(values, weight)
    codes = _region_codes(values, region, weight)
    people, amount = w / w.sum(), w * y / (w * y).sum()
    region_people = np.asarray(np.bincount(codes, people), dtype=np.float64)
    region_amount = np.asarray(np.bincount(codes, amount), dtype=np.float64)
    between = max(_theil(region_people, region_amount), 0.0)
    # s_i ln(s_i / p_i) against the region's own shares; a region whose values are all 0 adds 0.
    expected = people * region_amount[codes] / region_people[codes]
    within = max(_theil(expected, amount), 0.0)
    return pd.DataFrame(
        {
            "measure": ["total", "between", "within"],
            "period": "",
            "region": "",
            "group": "",
            "value": [between + within, between, within],
            "se": np.nan,
            "ci_low": np.nan,
            "ci_high": np.nan,
            "n_areas": y.size,
            "n_missing": 0,
        }
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
    weight : array-like, optional
        Population of each area; without it every area counts the same.

    Returns
    -------
    float
        0 (all areas equal) upwards, without limit.

    Raises
    ------
    InputError
        If a value is missing, 0 or negative, or weights are missing, negative or all 0.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. Amsterdam: North-Holland.

    Examples
    --------
    >>> round(mean_log_deviation([1, 3]), 6)
    0.143841
    """
    y, w = _not_negative(values, weight)
    if (y == 0).any():
        fix = "The logarithm of 0 has no value; use `theil` or `gini`, which allow 0."
        raise InputError(message("values", "must be greater than 0", fix=fix))
    return max(float(mean_log_deviation_of(y, w)), 0.0)


def mean_log_deviation_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute L, draws along the first axis of `copies`."""
    p = copies * w
    p = p / p.sum(axis=-1, keepdims=True)
    return (p * np.log((p * y).sum(axis=-1, keepdims=True) / y)).sum(axis=-1)


def ratio(values: Any, weight: Any = None, *, top: float = 0.2, bottom: float = 0.2) -> float:
    """Top-to-bottom ratio: the mean of the areas at the top over the mean of those at the bottom.

    Areas are sorted by value. The bottom is the areas with the lowest values that together hold exactly
    the share `bottom` of the population: the area on the cut counts with the part of its population that
    fills the share, at its own value. The top likewise from the highest value. Both means are weighted
    by the population counted. With `top` and `bottom` .2 this is the quintile ratio (S80/S20) of areas.

    Parameters
    ----------
    values : array-like
        One value per area, none negative.
    weight : array-like, optional
        Population of each area; without it every area counts the same.
    top, bottom : float
        Shares of the population, each greater than 0, together at most 1.

    Returns
    -------
    float
        1 (all areas equal) upwards, without limit.

    Raises
    ------
    InputError
        If values are missing, negative or all 0, the bottom's mean is 0, weights are missing, negative
        or all 0, or the shares break their rule.

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
    if not (top > 0 and bottom > 0 and top + bottom <= 1 + 1e-12):
        rule = f"are {top!r} and {bottom!r}, must be greater than 0 and together at most 1"
        raise InputError(message("top, bottom", rule))
    found = float(ratio_of(*_not_negative(values, weight), top=top, bottom=bottom))
    if np.isnan(found):
        fix = "Choose a larger `bottom` or another measure."
        raise InputError(message("values", "have mean 0 at the bottom, so there is no ratio", fix=fix))
    return max(found, 1.0)


def ratio_of(
    y: Floats, w: Floats, copies: Floats | float = 1.0, *, top: float = 0.2, bottom: float = 0.2
) -> Any:
    """Compute the ratio, draws along the first axis of `copies`; NaN where the bottom has mean 0."""
    order = np.argsort(y)
    y, w = y[order], (copies * w)[..., order]
    low = _first_share_mean(y, w, bottom)
    high = _first_share_mean(y[::-1], w[..., ::-1], top)
    return np.where(low > 0, high / np.where(low > 0, low, 1.0), np.nan)


def sigma(values: Any, weight: Any = None) -> float:
    r"""Population-weighted standard deviation, sigma: the spread of areas in the unit of the values.

    .. math:: \sigma = \sqrt{\sum_i \frac{w_i}{W} (y_i - \mu)^2}

    with y the values, w the weights, W their sum and mu the weighted mean (divided by W, not W - 1). A
    falling sigma over time is sigma convergence; take logarithms first if levels grow.

    Parameters
    ----------
    values : array-like
        One value per area; negative values are allowed.
    weight : array-like, optional
        Population of each area; without it every area counts the same.

    Returns
    -------
    float
        0 (all areas equal) upwards, in the unit of the values.

    Raises
    ------
    InputError
        If values are missing, or weights are missing, negative or all 0.

    References
    ----------
    Barro, R. J. & Sala-i-Martin, X. (1992). Convergence. Journal of Political Economy 100(2), 223-251.

    Examples
    --------
    >>> sigma([2, 4], weight=[1, 1])
    1.0
    """
    return float(sigma_of(*values_and_weight(values, weight)))


def sigma_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute the standard deviation, draws along the first axis of `copies`."""
    p = copies * w
    p = p / p.sum(axis=-1, keepdims=True)
    return np.sqrt((p * np.square(y - (p * y).sum(axis=-1, keepdims=True))).sum(axis=-1))


def _not_negative(values: Any, weight: Any) -> tuple[Floats, Floats]:
    """Return values >= 0 that sum to more than 0, and their weights."""
    y, w = values_and_weight(values, weight)
    if (y < 0).any():
        fix = "Use `sigma` for values that can be negative, such as standardized ones."
        raise InputError(message("values", "must not be negative", y[y < 0].tolist(), fix))
    if not (y > 0).any():
        raise InputError(message("values", "are all 0, so there is nothing to be unequal"))
    return y, w


def _theil(people: Floats, amount: Floats) -> float:
    """Return the sum of s ln(s / p) over shares of the amount and of the people; 0 ln 0 is 0."""
    some = amount > 0
    return float((amount[some] * np.log(amount[some] / people[some])).sum())


def _first_share_mean(y: Floats, w: Floats, share: float) -> Any:
    """Return the mean of the first areas that hold the share; the area on the cut counts in part."""
    people = w.sum(axis=-1, keepdims=True)
    counted = np.clip(share * people - (np.cumsum(w, axis=-1) - w), 0.0, w)
    return (counted * y).sum(axis=-1) / counted.sum(axis=-1)


def _region_codes(values: Any, region: Any, weight: Any) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return the region of each area with weight, as codes from 0."""
    both = isinstance(values, pd.Series) and isinstance(region, pd.Series)
    if both and not values.index.equals(region.index):
        fix = "Take both from the same table, or pass arrays in the same order."
        raise InputError(message("region", "has another index than `values`", fix=fix))
    labels = pd.Series(np.asarray(region, dtype=object))
    if labels.size != np.size(values):
        raise InputError(message("region", f"has {labels.size} values where `values` has {np.size(values)}"))
    if weight is not None:
        labels = labels[np.asarray(weight, dtype=np.float64) > 0]
    codes, _ = pd.factorize(labels)
    if (codes < 0).any():
        where = labels.index[codes < 0].tolist()
        raise InputError(message("region", "is missing at positions", where, "Every area needs a region."))
    return np.asarray(codes, dtype=np.intp)


#: Measures of values by name: ``MEASURES["theil"].function(values, weight)``.
MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            name="gini",
            letter="G",
            kind="values",
            dimension="inequality",
            low=0.0,
            high=1.0,
            meaning="The areas where two inhabitants live differ much in value, relative to the mean.",
            meaning_sv="Områdena där två invånare bor skiljer sig mycket åt, i förhållande till medelvärdet.",
            reference="Gini (1912)",
            function=gini,
            many=gini_of,
        ),
        Measure(
            name="theil",
            letter="T",
            kind="values",
            dimension="inequality",
            low=0.0,
            high=np.inf,
            meaning="Values differ much between areas, above all because some lie far above the mean.",
            meaning_sv="Värdena skiljer sig mycket mellan områdena, framför allt för att några ligger långt "
            "över medelvärdet.",
            reference="Theil (1967)",
            function=theil,
            many=theil_of,
        ),
        Measure(
            name="mean_log_deviation",
            letter="MLD",
            kind="values",
            dimension="inequality",
            low=0.0,
            high=np.inf,
            meaning="Values differ much between areas, above all because some lie far below the mean.",
            meaning_sv="Värdena skiljer sig mycket mellan områdena, framför allt för att några ligger långt "
            "under medelvärdet.",
            reference="Theil (1967)",
            function=mean_log_deviation,
            many=mean_log_deviation_of,
        ),
        Measure(
            name="ratio",
            letter="S80/S20",
            kind="values",
            dimension="inequality",
            low=1.0,
            high=np.inf,
            meaning="The fifth of the population in the areas with the highest values has many times the "
            "mean of the fifth in the areas with the lowest.",
            meaning_sv="Den femtedel av befolkningen som bor i områdena med högst värden har många gånger "
            "högre medelvärde än femtedelen i områdena med lägst.",
            reference="Atkinson et al. (2002)",
            function=ratio,
            many=ratio_of,
        ),
        Measure(
            name="sigma",
            letter="σ",
            kind="values",
            dimension="inequality",
            low=0.0,
            high=np.inf,
            meaning="The values of areas are spread widely around the mean, in the unit of the values.",
            meaning_sv="Områdenas värden är mycket utspridda kring medelvärdet, i värdenas egen enhet.",
            reference="Barro & Sala-i-Martin (1992)",
            function=sigma,
            many=sigma_of,
        ),
    )
}
