"""Inequality split into what lies between regions and what lies within them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.namespace import public
from segkit.errors import InputError, message
from segkit.measures.inequality.indices import mean_log_deviation_of, not_negative, positive

if TYPE_CHECKING:
    from segkit.base.checks import Floats

__all__ = ["mean_log_deviation_decomposition", "theil_decomposition"]

__dir__ = public(__all__)


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
    y, w = not_negative(values, weight)
    codes = _region_codes(values, region, weight)
    people, amount = w / w.sum(), w * y / (w * y).sum()
    region_people = np.asarray(np.bincount(codes, people), dtype=np.float64)
    region_amount = np.asarray(np.bincount(codes, amount), dtype=np.float64)
    between = max(_theil(region_people, region_amount), 0.0)
    # s_i ln(s_i / p_i) against the region's own shares; a region whose values are all 0 adds 0.
    expected = people * region_amount[codes] / region_people[codes]
    within = max(_theil(expected, amount), 0.0)
    return _parts(between, within, y.size)


def mean_log_deviation_decomposition(values: Any, region: Any, weight: Any = None) -> pd.DataFrame:
    r"""Split the mean log deviation into inequality between regions and within them.

    .. math:: MLD = \sum_r p_r \ln \frac{\mu}{\mu_r} + \sum_r p_r MLD_r

    with p the region's share of the weight, mu_r its mean and MLD_r the mean log deviation inside it.
    The parts inside regions are weighted by people, not by their share of the values as in
    `theil_decomposition`: making all regions equal, by scaling each one's values to the same mean, leaves
    exactly the part within. That makes it the one to answer "how much would remain".

    Parameters
    ----------
    values : array-like
        One value per area, all greater than 0.
    region : array-like
        The region (container) of each area, such as ``regso_id``.
    weight : array-like, optional
        Population of each area; without it every area counts the same.

    Returns
    -------
    pandas.DataFrame
        Tidy table with three rows, ``measure`` being ``"total"``, ``"between"`` and ``"within"``, each 0
        or more; between + within = total. ``n_areas`` is the number of areas with weight.

    Raises
    ------
    InputError
        As for `mean_log_deviation`, or if a region is missing or their number is not that of the values.

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica 48(3),
    613-625.

    Examples
    --------
    >>> table = mean_log_deviation_decomposition([1, 3, 4, 4], ["west", "west", "east", "east"])
    >>> table.set_index("measure")["value"].round(6).to_dict()
    {'total': 0.130812, 'between': 0.058892, 'within': 0.071921}
    """
    y, w = positive(values, weight)
    codes = _region_codes(values, region, weight)
    people = np.asarray(np.bincount(codes, w), dtype=np.float64)
    mean = np.asarray(np.bincount(codes, w * y), dtype=np.float64) / people
    between = max(float(mean_log_deviation_of(mean, people)), 0.0)
    within = max(float((w * np.log(mean[codes] / y)).sum() / w.sum()), 0.0)
    return _parts(between, within, y.size)


def _parts(between: float, within: float, n_areas: int) -> pd.DataFrame:
    """Return the tidy table of a total and its two parts."""
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
            "n_areas": n_areas,
            "n_missing": 0,
        }
    )


def _theil(people: Floats, amount: Floats) -> float:
    """Return the sum of s ln(s / p) over shares of the amount and of the people; 0 ln 0 is 0."""
    some = amount > 0
    return float((amount[some] * np.log(amount[some] / people[some])).sum())


def _region_codes(values: Any, region: Any, weight: Any) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return the region of each area with weight, as codes from 0."""
    both = isinstance(values, pd.Series) and isinstance(region, pd.Series)
    if both and not values.index.equals(region.index):
        fix = "Take both from the same table, or pass arrays in the same order."
        raise InputError(message("region", "has another index than `values`", fix=fix))
    if np.ndim(region) > 1:
        raise InputError(message("region", f"must be one dimension, has {np.shape(region)}"))
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
