"""Income segregation: how people of different income are spread over areas, without a poverty line.

`rank_order` needs counts in ordered brackets, `neighborhood_sorting` the mean and spread of income of
each area, `income_shares_of_areas` one typical income of each area. They answer different questions:
who lives with whom by rank, how much of the inequality lies between areas, and how many people live in
areas that are low or high for the place.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, check_count, is_number
from segkit.base.namespace import public
from segkit.errors import InputError, message, warn
from segkit.measures.measure import measure
from segkit.measures.segregation.counts import bounded, group_table, weighted_columns
from segkit.measures.segregation.evenness import entropy, information_theory_of
from segkit.measures.segregation.exposure import correlation_ratio_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from segkit.base.checks import Floats

__all__ = ["income_shares_of_areas", "neighborhood_sorting", "rank_order"]

__dir__ = public(__all__)

#: What a value may pass 0 or 1 by through rounding.
_ROUNDING = 1e-9


def rank_order_of(n: Floats, *, method: str = "H", order: int = 4) -> Any:
    """Compute H^R or R^R of counts, areas along the last axis but one and brackets along the last.

    NaN for draws with too few brackets with people for a polynomial of degree `order`.
    """
    below = np.swapaxes(np.cumsum(n, axis=-1)[..., :-1], -1, -2)
    above = np.swapaxes(np.cumsum(n[..., ::-1], axis=-1)[..., -2::-1], -1, -2)
    low, high = below.sum(axis=-1), above.sum(axis=-1)
    # An empty bracket repeats the border before it; the first and last border may have nobody outside.
    usable = (n.sum(axis=-2)[..., :-1] > 0) & (high > 0)
    x, y = (np.where(usable[..., None], counts, 1.0) for counts in (below, above))
    p = np.where(usable, low / (low + high), 0.5)
    points = information_theory_of(x, y) if method == "H" else correlation_ratio_of(x, y)
    return integral_of(p, points, usable, method=method, order=order)


@measure("ordered", rank_order_of, letter="H^R", dimension="income", reference="Reardon (2011)")
def rank_order(
    data: pd.DataFrame, *, brackets: Sequence[str], method: str = "H", order: int = 4, missing: str = "raise"
) -> float:
    r"""Rank-order segregation by income, H^R or R^R: two-group segregation averaged over all income ranks.

    .. math:: H^R = 2 \ln 2 \int_0^1 E(p) H(p) \, dp, \qquad R^R = 6 \int_0^1 p (1 - p) R(p) \, dp

    H(p) is the information theory index, and R(p) the correlation ratio, between the share p of people
    with the lowest incomes and everyone else; E(p) is the entropy of p in bits. At each border between
    brackets p and H(p) are known exactly. A polynomial of degree `order` is fitted through these points
    by least squares with the weights :math:`E(p)^2`, or :math:`(p (1 - p))^2` for R, so that it is best
    where the integral weighs most. With its coefficients :math:`\beta_m` the integral is
    :math:`\sum_m \beta_m \delta_m`,

    .. math:: \delta_m = \frac{2}{(m+2)^2} + 2 \sum_{n=0}^{m} \frac{(-1)^{m-n} \binom{m}{n}}{(m-n+2)^2}
        \quad (H), \qquad \delta_m = \frac{6}{(m+2)(m+3)} \quad (R).

    Only the order of incomes matters, not their distance, so the values of periods with other price
    levels, income inequality or brackets can be compared.

    Parameters
    ----------
    method : {"H", "R"}
        Rank-order information theory index or rank-order variance ratio index.
    order : int
        Degree of the polynomial; 4 is usual with some 15 brackets. It takes at least ``order + 1``
        borders, that is ``order + 2`` brackets with people; with as many it runs through every point.
        It is never lowered in silence, since values of different degrees should not be compared.

    Returns
    -------
    float
        0 (every area has the same distribution of incomes) to 1 (the people of an area are all in one
        bracket). The polynomial can leave this range; the value is then returned with a warning.

    Raises
    ------
    InputError
        Also if brackets are too few for `order`.

    Notes
    -----
    Brackets that leave a wide range of ranks without a border, most often at the top, make the value
    depend on the polynomial there; try two degrees. Software that takes each person's income and
    fixed ranks such as 1/14, 2/14, ... gives the same only where a border falls exactly on each of these
    ranks; with few people or tied incomes it differs, as the ranks assumed there are not those observed.

    References
    ----------
    Reardon, S. F. (2011). Measures of income segregation. Stanford Center on Poverty and Inequality.
    Reardon, S. F. & Bischoff, K. (2011). Income inequality and income segregation. American Journal of
    Sociology 116(4), 1092-1153 (appendix A).

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"low": [60, 30, 10], "middle": [30, 40, 30], "high": [10, 30, 60]})
    >>> round(rank_order(areas, brackets=["low", "middle", "high"], order=1), 6)
    0.157411
    >>> round(rank_order(areas, brackets=["low", "middle", "high"], order=1, method="R"), 6)
    0.19
    """
    check_choice(method, ("H", "R"), argument="method")
    check_count(order, argument="order", least=0)
    counts = group_table(data, groups=brackets, missing=missing, argument="brackets")
    filled = int((counts.sum(axis=0) > 0).sum())
    if filled < order + 2:
        rule = f"is {order}, which takes {order + 2} brackets with people, but there are {filled}"
        fix = f"Set order={filled - 2}, or use finer brackets."
        raise InputError(message("order", rule, fix=fix))
    value = float(rank_order_of(counts, method=method, order=order))
    if not -_ROUNDING <= value <= 1 + _ROUNDING:
        rule = f"gives {value:.4g}, outside 0 to 1: the polynomial swings between the borders"
        text = message("order", rule, fix="Use a lower order, or finer brackets.")
        warn(text)
        return value
    return bounded(value)


def integral_of(
    p: Floats, points: Floats, usable: npt.NDArray[np.bool_], *, method: str = "H", order: int = 4
) -> Any:
    """Fit the polynomial to H(p) or R(p), points along the last axis, and integrate it over the ranks.

    NaN where the usable points are too few for the degree.
    """
    weight = np.where(usable, entropy(p) if method == "H" else p * (1 - p), 0.0)
    design = p[..., None] ** np.arange(order + 1) * weight[..., None]
    beta = (np.linalg.pinv(design) @ (points * weight)[..., None])[..., 0]
    delta = np.array([delta_of(m, method=method) for m in range(order + 1)])
    return np.where(usable.sum(axis=-1) > order, beta @ delta, np.nan)


def delta_of(m: int, *, method: str = "H") -> float:
    """Return the integral of p^m over all ranks, weighted as the method weighs them."""
    if method == "R":
        return 6 / ((m + 2) * (m + 3))
    terms = [float((-1) ** j * comb(m, j) / (j + 2) ** 2) for j in range(m + 1)]
    return 2 / (m + 2) ** 2 + 2 * sum(terms)


def neighborhood_sorting(
    data: pd.DataFrame, *, mean: str, sd: str, weight: str, missing: str = "raise"
) -> float:
    r"""Neighborhood sorting index, NSI: how much of the spread of income lies between areas.

    .. math:: NSI = \frac{\sigma_{between}}{\sigma_{total}} = \sqrt{\frac{\sum_i t_i (m_i - \mu)^2}
        {\sum_i t_i (m_i - \mu)^2 + \sum_i t_i s_i^2}}

    with t the people of an area, m and s the mean and the standard deviation of their incomes, and mu the
    mean of everyone.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period.
    mean, sd : str
        Columns with the mean and the standard deviation of income among the people of each area, in the
        same unit. The standard deviation is that of the people counted (divided by n, not n - 1).
    weight : str
        Column with the number of people (or households) whose incomes these are. Areas with none
        contribute nothing.
    missing : {"raise", "drop"}
        Whether a missing value is an error or leaves its area out.

    Returns
    -------
    float
        0 (every area has the same mean) to 1 (everyone in an area has the same income). Its square is the
        share of the variance between areas.

    Raises
    ------
    InputError
        If values are missing or text, a spread or weight is negative, or all incomes are equal.

    Notes
    -----
    It depends on the highest incomes and on inequality between people of an area, which `rank_order`
    does not.

    References
    ----------
    Jargowsky, P. A. (1996). Take the money and run: economic segregation in U.S. metropolitan areas.
    American Sociological Review 61(6), 984-998.

    Examples
    --------
    Two areas with the incomes 1 and 3, and 5 and 7:

    >>> import pandas as pd
    >>> areas = pd.DataFrame({"mean": [2, 6], "sd": [1, 1], "people": [2, 2]})
    >>> round(neighborhood_sorting(areas, mean="mean", sd="sd", weight="people"), 6)
    0.894427
    """
    columns = [(mean, None), (sd, 0.0)]
    (center, spread), people = _areas(data, columns, weight=weight, missing=missing)
    middle = np.average(center, weights=people)
    between = np.average(np.square(center - middle), weights=people)
    total = between + np.average(np.square(spread), weights=people)
    # The mean of equal numbers can differ from them in the last digit.
    if total <= np.square(1e-14 * np.abs(center).max()):
        rule = f"has no spread: `{mean}` is the same in every area and `{sd}` is 0"
        raise InputError(message("data", rule, fix="Without differences in income there is no sorting."))
    return bounded(np.sqrt(between / total))


def income_shares_of_areas(
    data: pd.DataFrame,
    *,
    income: str,
    weight: str,
    reference: float | None = None,
    cuts: Sequence[float] = (2 / 3, 0.8, 1.0, 1.25, 1.5),
    missing: str = "raise",
) -> pd.DataFrame:
    r"""Share of people who live in areas of low, middle and high income for the place.

    .. math:: S_k = \frac{1}{T} \sum_{i: c_k \le m_i / \mu < c_{k+1}} t_i

    with t the people of an area, T their sum, m the income of an area, mu the reference and c the cuts.
    Each area is placed by the ratio of its income to the reference, the income of the whole place. The
    ladder of ratios goes up by `cuts`; a ratio on a cut belongs above it.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period.
    income : str
        Column with the median income of each area. State with the result which income it is (disposable,
        net, per consumption unit), whose, and whether it is a median or a mean.
    weight : str
        Column with the people of each area. Areas with none contribute nothing.
    reference : float, optional
        Median income of the whole place, in the unit of `income`. Without it, the median of the areas'
        incomes weighted by their people, which is close to it but not the same: half of the people live
        in areas below.
    cuts : sequence of float
        Ratios between the steps, rising, greater than 0.
    missing : {"raise", "drop"}
        Whether a missing value is an error or leaves its area out.

    Returns
    -------
    pandas.DataFrame
        One row per step, from the lowest, also those without areas: ``group`` (the range of the ratio),
        ``ratio_from, ratio_to`` and the same in money, ``income_from, income_to`` (from is included, to
        is not), ``value`` (share of all people, 0 to 1), ``population`` and ``n_areas``.

    Raises
    ------
    InputError
        If values are missing, negative or text, `reference` or `cuts` are not as described, or there is no
        reference and the median of the areas is 0.

    Notes
    -----
    With the default cuts the reference's own words for the six steps are poor, low-income, low-middle
    income, high-middle income, high-income and affluent neighborhoods. Here they are named by the range
    alone: the measure is of an area's typical income, not of the people in it. With an own set of cuts
    the two end steps together say how much of the population lives far from the middle. When incomes
    spread out everywhere, more areas pass the cuts without anyone moving; `rank_order` tells the two
    apart.

    References
    ----------
    Reardon, S. F. & Bischoff, K. (2011). Growth in the residential segregation of families by income,
    1970-2009. US2010 Project, Brown University.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"income": [150, 240, 310, 480], "people": [100, 300, 400, 200]})
    >>> table = income_shares_of_areas(areas, income="income", weight="people", reference=300)
    >>> table[["group", "value"]].values.tolist()[:3]
    [['under 0.67', 0.1], ['0.67 to 0.8', 0.0], ['0.8 to 1', 0.3]]
    """
    edges = _ladder(cuts)
    (level,), people = _areas(data, [(income, 0.0)], weight=weight, missing=missing)
    whole = _weighted_median(level, people) if reference is None else reference
    if reference is None and whole <= 0:
        fix = "Give the income of the whole place as reference."
        raise InputError(message(income, "has the median 0, and there is no ratio to that", fix=fix))
    if not is_number(whole) or not 0 < whole < np.inf:
        rule = f"is {whole!r}, must be a finite number greater than 0"
        raise InputError(message("reference", rule, fix="Give the income of the whole place."))
    step = np.searchsorted(edges[1:-1], level / whole, side="right")
    steps = edges.size - 1
    population = np.bincount(step, weights=people, minlength=steps)
    table = pd.DataFrame({"group": _names(edges), "ratio_from": edges[:-1], "ratio_to": edges[1:]})
    return table.assign(
        income_from=edges[:-1] * whole,
        income_to=edges[1:] * whole,
        value=population / people.sum(),
        population=population,
        n_areas=np.bincount(step, minlength=steps),
    )


def _ladder(cuts: Sequence[float]) -> Floats:
    """Return the borders of the steps, from 0 to infinity, after checking the cuts."""
    inner = list(cuts) if isinstance(cuts, Iterable) else [cuts]
    numeric = bool(inner) and all(is_number(cut) and np.isfinite(cut) for cut in inner)
    if not numeric or (np.diff([0.0, *inner]) <= 0).any():
        fix = "For example (2/3, 0.8, 1, 1.25, 1.5)."
        raise InputError(message("cuts", "must be numbers greater than 0 that rise", inner, fix))
    return np.array([0.0, *inner, np.inf], dtype=np.float64)


def _names(edges: Floats) -> list[str]:
    """Name the steps by their range, with as many digits as tell the cuts apart."""
    inner = [f"{edge:.3g}" if edge > 1 else f"{edge:.2g}" for edge in edges[1:-1]]
    if len(set(inner)) < len(inner):
        inner = [f"{edge:.15g}" for edge in edges[1:-1]]
    between = [f"{low} to {high}" for low, high in pairwise(inner)]
    return [f"under {inner[0]}", *between, f"{inner[-1]} and over"]


def _weighted_median(values: Floats, weight: Floats) -> float:
    """Return the median of values; of two values when the weight below is exactly one half."""
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weight[order]) / weight.sum()
    at = [int((passed > 0.5 + sign * _ROUNDING).argmax()) for sign in (-1, 1)]
    return float(values[order][at].mean())


def _areas(
    data: pd.DataFrame, columns: Sequence[tuple[str, float | None]], *, weight: str, missing: str
) -> tuple[list[Floats], Floats]:
    """Return columns of values, each with its least allowed value, and weights of areas with people."""
    values, people, gap = weighted_columns(data, columns, weight=weight, missing=missing)
    keep = ~gap & (people > 0)
    if not keep.any():
        fix = "Check that the right columns and period are chosen."
        raise InputError(message(weight, "has no area with people and known values", fix=fix))
    return [v[keep] for v in values], people[keep]
