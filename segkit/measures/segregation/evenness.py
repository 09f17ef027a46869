"""Evenness: how differently a group and everyone else are spread over the areas.

The four measures are 0 when every area has the same share of the group and 1 when no area holds both
the group and others. They do not change when areas with the same share are merged or split, when all
counts are multiplied by one number, or with the order of the areas. A single area gives 0: there is
only one place to live. Small areas raise them by chance alone; `segkit.inference` says by how much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.base.checks import is_number
from segkit.base.namespace import public
from segkit.errors import InputError, message
from segkit.measures.measure import measure
from segkit.measures.segregation.counts import LEAST, bounded, share, share_of_area, two_groups

if TYPE_CHECKING:
    import pandas as pd

    from segkit.base.checks import Floats

__all__ = ["atkinson", "dissimilarity", "gini", "information_theory"]

__dir__ = public(__all__)


def dissimilarity_of(x: Floats, y: Floats) -> Any:
    """Compute D of counts, areas along the last axis."""
    return 0.5 * np.abs(share(x) - share(y)).sum(axis=-1)


@measure("two_group", dissimilarity_of, letter="D", dimension="evenness", reference="Duncan & Duncan (1955)")
def dissimilarity(data: pd.DataFrame, *, group: str, total: str, missing: str = "raise") -> float:
    r"""Index of dissimilarity, D: the share of a group that would have to move for an even distribution.

    .. math:: D = \frac{1}{2} \sum_i \left| \frac{x_i}{X} - \frac{y_i}{Y} \right|

    with x the group, y everyone else (total - group), X and Y their sums.

    Returns
    -------
    float
        0 (the same share of the group in every area, or a single area) to 1 (no area holds both).

    References
    ----------
    Duncan, O. D. & Duncan, B. (1955). A methodological analysis of segregation indexes. American
    Sociological Review 20(2), 210-217.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> round(dissimilarity(areas, group="group", total="total"), 4)
    0.6
    """
    x, y = two_groups(data, group=group, total=total, missing=missing)
    return bounded(dissimilarity_of(x, y))


def gini_of(x: Floats, y: Floats) -> Any:
    """Compute G of counts, areas along the last axis."""
    order = np.argsort(share_of_area(x, y), axis=-1, kind="stable")
    x, y = (np.take_along_axis(counts, order, axis=-1) for counts in (x, y))
    # The double sum over sorted areas: t_i t_j |p_i - p_j| = |x_i y_j - x_j y_i|.
    x_before, y_before = np.cumsum(x, axis=-1) - x, np.cumsum(y, axis=-1) - y
    return (x * y_before - y * x_before).sum(axis=-1) / (x.sum(axis=-1) * y.sum(axis=-1))


@measure("two_group", gini_of, letter="G", dimension="evenness", reference="Massey & Denton (1988)")
def gini(data: pd.DataFrame, *, group: str, total: str, missing: str = "raise") -> float:
    r"""Gini index of segregation, G: the mean difference between areas in the group's share.

    .. math:: G = \frac{\sum_i \sum_j t_i t_j |p_i - p_j|}{2 T^2 P (1 - P)}

    with t the total, p the group's share of an area, T and P the same for all areas together. Unlike D it
    also counts differences between areas on the same side of the mean share; D <= G <= 2D - D^2.
    Computed by sorting, so the time grows as N log N.

    Returns
    -------
    float
        0 (the same share of the group in every area, or a single area) to 1 (no area holds both).

    References
    ----------
    Massey, D. S. & Denton, N. A. (1988). The dimensions of residential segregation. Social Forces 67(2),
    281-315.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> round(gini(areas, group="group", total="total"), 4)
    0.8
    """
    x, y = two_groups(data, group=group, total=total, missing=missing)
    return bounded(gini_of(x, y))


def information_theory_of(x: Floats, y: Floats) -> Any:
    """Compute H of counts, areas along the last axis."""
    t = x + y
    everyone = t.sum(axis=-1)
    whole = entropy(x.sum(axis=-1) / everyone)
    inside = (t * entropy(share_of_area(x, y))).sum(axis=-1)
    return 1 - inside / (whole * everyone)


@measure(
    "two_group", information_theory_of, letter="H", dimension="evenness", reference="Theil & Finizza (1971)"
)
def information_theory(data: pd.DataFrame, *, group: str, total: str, missing: str = "raise") -> float:
    r"""Information theory index, H (Theil's entropy index): how much less mixed the areas are than the whole.

    .. math:: H = \sum_i \frac{t_i (E - E_i)}{E T}, \quad E = -P \ln P - (1 - P) \ln(1 - P)

    with t the total and E the entropy (diversity) of all areas together, E_i of one area.

    Returns
    -------
    float
        0 (every area as mixed as the whole, or a single area) to 1 (no area holds both).

    References
    ----------
    Theil, H. & Finizza, A. J. (1971). A note on the measurement of racial integration of schools by means
    of informational concepts. Journal of Mathematical Sociology 1(2), 187-193.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> round(information_theory(areas, group="group", total="total"), 6)
    0.514525
    """
    x, y = two_groups(data, group=group, total=total, missing=missing)
    return bounded(information_theory_of(x, y))


def atkinson_of(x: Floats, y: Floats, *, b: float = 0.5) -> Any:
    """Compute A of counts, areas along the last axis."""
    # The printed formula, rearranged: its factors P/(1-P) and 1/(P T) become shares of each group.
    kept = (share(y) ** (1 - b) * share(x) ** b).sum(axis=-1)
    return 1 - kept ** (1 / (1 - b))


@measure("two_group", atkinson_of, letter="A", dimension="evenness", reference="James & Taeuber (1985)")
def atkinson(data: pd.DataFrame, *, group: str, total: str, b: float = 0.5, missing: str = "raise") -> float:
    r"""Atkinson index of segregation, A: unevenness with a say in which areas count most.

    .. math:: A = 1 - \frac{P}{1 - P} \left| \sum_i \frac{(1 - p_i)^{1 - b} p_i^b t_i}{P T}
        \right|^{1 / (1 - b)}

    with t the total, p the group's share of an area, T and P the same for all areas together.

    Parameters
    ----------
    b : float
        Between 0 and 1, both excluded. Under .5, areas where the group is under-represented count more;
        over .5, areas where it is over-represented; .5 treats both alike. Values with different `b`
        cannot be compared, so report it.

    Returns
    -------
    float
        0 (the same share of the group in every area, or a single area) to 1 (no area holds both).

    Raises
    ------
    InputError
        Also if `b` is not between 0 and 1.

    References
    ----------
    James, D. R. & Taeuber, K. E. (1985). Measures of segregation. Sociological Methodology 15, 1-32.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> round(atkinson(areas, group="group", total="total"), 4)
    0.76
    >>> round(atkinson(areas, group="group", total="total", b=0.1), 6)
    0.540811
    """
    if not is_number(b) or not 0 < b < 1:
        raise InputError(message("b", f"is {b!r}, must be greater than 0 and less than 1"))
    return bounded(atkinson_of(*two_groups(data, group=group, total=total, missing=missing), b=b))


def entropy(p: Any) -> Any:
    """Return the entropy of two groups in natural units, 0 where only one is present."""
    q = 1 - p
    # The logarithm of the least positive number stands in for that of 0: 0 times it is 0.
    return -(p * np.log(np.maximum(p, LEAST)) + q * np.log(np.maximum(q, LEAST)))
