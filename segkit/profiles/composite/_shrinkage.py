"""Rates of small areas, drawn towards the rate of a larger area as far as they are uncertain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, as_floats, labels_of, numbers
from segkit.errors import InputError, message


def shrink_rates(rate: Any, n: Any, region: Any = None, *, percent: bool = False) -> pd.DataFrame:
    r"""Empirical-Bayes shrinkage of rates on the logit scale, towards the rate of the parent area.

    .. math::

        z^* = w z + (1 - w) z_{parent}, \qquad w = \frac{1/s^2}{1/s^2 + 1/t^2}, \qquad
        s^2 = \frac{1}{n p (1 - p)}

    with z the logit of the rate p, n the persons it stands on, z_parent the logit of the parent's rate (all
    its persons together), s2 the sampling variance of z and t2 the variance between the areas of the
    parent beyond sampling. t2 is found by the method of moments, and is not less than 0:

    .. math::

        t^2 = \max\left(0, \frac{\sum_i v_i (z_i - \bar z)^2 - (k - 1)}{\sum_i v_i - \sum_i v_i^2 /
        \sum_i v_i}\right), \qquad v_i = 1 / s_i^2

    with k areas and the mean of z weighted by v. Rates of small areas move most, those of large areas hardly.

    Parameters
    ----------
    rate : array-like
        One rate per area, as a share 0-1. May be missing where `n` is 0.
    n : array-like
        The persons that the rate is a share of. 0 is an area without any.
    region : array-like, optional
        The parent of each area, such as its municipality or RegSO. Without it all areas have one parent.
    percent : bool
        Whether the rates are percentages, 0-100. ``value``, ``parent`` and ``se`` are then too.

    Returns
    -------
    pandas.DataFrame
        ``value`` (the shrunken rate), ``weight`` (w: 0 where the parent decides, 1 where the area's
        own rate does), ``parent`` (the parent's rate) and ``se`` (the standard error of the value, t2 taken
        as known), aligned with the index of `rate`. Rates lie strictly between 0 and 1.

    Raises
    ------
    InputError
        If rates lie outside their range, are missing where there are persons, n is negative, a region has no
        persons, or the arguments don't fit one another.

    Notes
    -----
    A rate of 0 or 1 has no logit: half a person is then added to those with and those without,
    p = (n p + 1/2) / (n + 1), in z and in s2. The same holds for a parent's rate.

    As w depends on p, too, two rates on the same n keep their order where
    (1 - 2p)(z_parent - z) < 1 + t2 n p (1 - p) (with p at most 1/2; mirrored above), always within a
    factor of 2.7 in odds of the parent's rate. Further away, where t2 is small, a rate near 0 is so uncertain
    that it may be drawn past one that is somewhat higher.

    A parent of one area has no variance between areas: its area keeps its rate, with w = 1.

    References
    ----------
    McLennan, D. et al. (2019). The English Indices of Deprivation 2019: Technical Report. London: MHCLG.
    DerSimonian, R. & Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7(3),
    177-188.

    Examples
    --------
    >>> shrink_rates([0.1, 0.3, 0.3], [1000, 1000, 10]).round(3).to_numpy().tolist()
    [[0.101, 0.987, 0.2, 0.01], [0.299, 0.995, 0.2, 0.014], [0.262, 0.648, 0.2, 0.107]]
    """
    index, p, persons, codes, names = _checked(rate, n, region, percent=percent)
    k = len(names)
    some = persons > 0
    cases = np.bincount(codes[some], (p * persons)[some], k).astype(np.float64)
    people = np.bincount(codes[some], persons[some], k).astype(np.float64)
    if (people == 0).any():
        fix = "Join it with another region."
        raise InputError(message("region", "has no persons", names[people == 0].tolist(), fix))
    parent = _inside(cases / people, people)
    p = _inside(np.where(some, p, parent[codes]), np.where(some, persons, people[codes]))
    z, z_parent = _logit(p), _logit(parent)[codes]
    # An area without persons is told nothing by its own rate.
    precision = np.where(some, persons * p * (1 - p), 0.0)
    between = _between(z, precision, codes, k)
    alone = np.bincount(codes[some], minlength=k) == 1
    share = between[codes] * precision
    weight = np.where(alone[codes] & some, 1.0, share / (1 + share))
    value = 1 / (1 + np.exp(-(weight * z + (1 - weight) * z_parent)))
    own = np.divide(weight**2, precision, out=np.zeros_like(weight), where=precision > 0)
    spread = (1 - weight) ** 2 * (between + 1 / (people * parent * (1 - parent)))[codes]
    unit = 100.0 if percent else 1.0
    return pd.DataFrame(
        {
            "value": unit * value,
            "weight": weight,
            "parent": unit * parent[codes],
            "se": unit * value * (1 - value) * np.sqrt(own + spread),
        },
        index=index,
    )


def _checked(
    rate: Any, n: Any, region: Any, *, percent: bool
) -> tuple[pd.Index, Floats, Floats, Any, pd.Index]:
    """Return the row index, rates as shares, persons, the code of each area's region, and the regions."""
    index = rate.index if isinstance(rate, pd.Series) else None
    given = {"rate": rate, "n": n} | ({} if region is None else {"region": region})
    columns: dict[str, Any] = {}
    for name, raw in given.items():
        if isinstance(raw, pd.Series) and index is not None and not raw.index.equals(index):
            raise InputError(message(name, "has another index than `rate`", fix="Take both from one table."))
        array = np.asarray(raw, dtype=object) if name == "region" else as_floats(raw, argument=name)
        if array.ndim != 1 or not array.size:
            raise InputError(message(name, f"must be one non-empty dimension, has {array.shape}"))
        if columns and len(array) != len(columns["rate"]):
            rule = f"has {len(array)} values where `rate` has {len(columns['rate'])}"
            raise InputError(message(name, rule))
        columns[name] = array
    table = pd.DataFrame(columns, index=index)
    p, persons = numbers(table, "rate", least=0.0), numbers(table, "n", least=0.0)
    top = 100.0 if percent else 1.0
    if (p > top).any():
        fix = "" if percent else "Pass percent=True for percentages."
        raise InputError(message("rate", f"has values over {top:g}", labels_of(table, p > top), fix))
    for name, gap in (("n", np.isnan(persons)), ("rate", np.isnan(p) & (persons > 0))):
        if gap.any():
            fix = "Drop these areas and say so."
            raise InputError(message(name, "is missing", labels_of(table, gap), fix))
    codes, names = np.zeros(len(p), dtype=np.intp), pd.Index(["all areas"])
    if region is not None:
        if (blank := table["region"].isna().to_numpy()).any():
            raise InputError(message("region", "is missing", labels_of(table, blank)))
        codes, found = pd.factorize(table["region"])
        names = pd.Index(found)
    return table.index, p / top, persons, codes, names


def _inside(p: Floats, n: Floats) -> Floats:
    """Return rates of which those at 0 and 1 are moved inwards by half a person."""
    return np.where((p <= 0) | (p >= 1), (n * p + 0.5) / (n + 1), p)


def _logit(p: Floats) -> Floats:
    return np.asarray(np.log(p) - np.log1p(-p), dtype=np.float64)


def _between(z: Floats, v: Floats, codes: Any, k: int) -> Floats:
    """Return the variance between the areas of each parent, t2."""
    total = np.bincount(codes, v, k)
    center = np.bincount(codes, v * z, k) / total
    q = np.bincount(codes, v * (z - center[codes]) ** 2, k)
    areas = np.bincount(codes, v > 0, k)
    scale = total - np.bincount(codes, v**2, k) / total
    found = np.divide(q - (areas - 1), scale, out=np.zeros(k), where=(areas > 1) & (scale > 0))
    return np.asarray(np.maximum(found, 0.0), dtype=np.float64)
