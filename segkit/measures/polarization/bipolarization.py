"""Two halves: how far those below and above the median lie apart."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from segkit.base.checks import Floats, values_and_weight
from segkit.base.namespace import public
from segkit.errors import InputError, message
from segkit.measures.measure import measure

__all__ = ["wolfson"]

__dir__ = public(__all__)

#: What sums of shares may miss one half by.
_HALF = 1e-12


def wolfson_of(y: Floats, w: Floats, copies: Floats | float = 1.0) -> Any:
    """Compute W, draws along the first axis of `copies`; NaN where the median is 0."""
    order = np.argsort(y, kind="stable")
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


@measure("values", wolfson_of, letter="W", dimension="polarization", reference="Wolfson (1994)", high=inf)
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

    Returns
    -------
    float
        0 (all areas equal) upwards; 1 when one half has nothing and the other twice the mean. It can
        pass 1 when a few very high values pull the mean far above the median.

    Raises
    ------
    InputError
        Also if values are negative or their median is 0 (the measure divides by it).

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
