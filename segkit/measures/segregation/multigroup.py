"""Several groups at once: how differently they are all spread over the areas.

All measures are 0 when every area has the same mix of groups; when every area holds a single group, M is
the entropy of the groups and the others are 1. None of them changes with the order of the areas or
groups, when all counts are multiplied by one number, or when areas with the same mix are merged or
split. A group that is empty everywhere changes nothing. Groups are not ordered: for brackets of
income see `rank_order`. Small areas raise all of them by chance alone; `segkit.inference` says by how much.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.base.namespace import public
from segkit.measures.measure import measure
from segkit.measures.segregation.counts import bounded, compositions, group_table, ratio
from segkit.measures.segregation.evenness import gini_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from segkit.base.checks import Floats

__all__ = [
    "multigroup_dissimilarity",
    "multigroup_gini",
    "multigroup_information_theory",
    "mutual_information",
    "normalized_exposure",
    "relative_diversity",
    "squared_coefficient_of_variation",
]

__dir__ = public(__all__)


def mutual_information_of(n: Floats) -> Any:
    """Compute M of counts, areas along the last axis but one and groups along the last.

    0 where one group holds everyone, NaN where nobody lives anywhere.
    """
    weight, inside, whole = compositions(n)
    return (weight * divergence_from(inside, whole)).sum(axis=-1)


@measure(
    "multigroup",
    mutual_information_of,
    letter="M",
    dimension="information",
    reference="Theil & Finizza (1971)",
    high=inf,
)
def mutual_information(data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise") -> float:
    r"""Mutual information index, M: how much an area tells of the group of those who live there.

    .. math:: M = \sum_u \sum_g p_{ug} \ln \frac{p_{ug}}{p_u p_g}

    with p_ug the share of everyone who live in area u and belong to group g, p_u and p_g its sums.

    Returns
    -------
    float
        0 (every area has the same mix, or a single area) to the entropy of the groups, at most the
        logarithm of their number (every area holds a single group), in natural units (nats); divide by
        ln 2 for bits.

    Notes
    -----
    Areas and groups have the same place in the formula: exchanged, M is the same. It falls into parts
    exactly (`local_segregation`, `between_within`), but depends on the sizes of the groups: a value of
    the same areas with other groups, or of a more mixed population, is on another scale.

    References
    ----------
    Theil, H. & Finizza, A. J. (1971). A note on the measurement of racial integration of schools by means
    of informational concepts. Journal of Mathematical Sociology 1(2), 187-193. Mora, R. & Ruiz-Castillo,
    J. (2011). Entropy-based segregation indices. Sociological Methodology 41(1), 159-194. Frankel, D. M.
    & Volij, O. (2011). Measuring school segregation. Journal of Economic Theory 146(1), 1-38.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"low": [40, 20, 5, 1], "high": [20, 40, 60, 80]})
    >>> round(mutual_information(areas, groups=["low", "high"]), 6)
    0.186587
    """
    return max(float(mutual_information_of(group_table(data, groups=groups, missing=missing))), 0.0)


def divergence_from(inside: Floats, whole: Floats) -> Floats:
    """Compute the Kullback-Leibler divergence of the mix of each area from another mix.

    0 for an area that nobody lives in. A group with members in an area must have a share of the other mix.
    """
    some = inside > 0
    quotient = np.where(some, inside, 1.0) / np.where(some, whole[..., None, :], 1.0)
    return np.asarray((inside * np.log(quotient)).sum(axis=-1), dtype=np.float64)


def entropy_of(n: Floats) -> Any:
    """Compute the entropy E of the groups of everyone, in natural units; 0 when there is one group."""
    whole = compositions(n)[2]
    return -(whole * np.log(np.where(whole == 0, 1.0, whole))).sum(axis=-1)


def multigroup_information_theory_of(n: Floats) -> Any:
    """Compute H of counts, areas along the last axis but one; NaN where fewer than two groups have people."""
    return ratio(mutual_information_of(n), entropy_of(n))


@measure(
    "multigroup",
    multigroup_information_theory_of,
    letter="H",
    dimension="evenness",
    reference="Theil & Finizza (1971)",
)
def multigroup_information_theory(
    data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise"
) -> float:
    r"""Information theory index of several groups, H: how much less mixed the areas are than the whole.

    .. math:: H = \frac{M}{E} = \sum_u p_u \frac{E - E_u}{E}, \quad E = -\sum_g p_g \ln p_g

    with M the `mutual_information`, E the entropy of the groups of everyone and E_u that of an area, p_u
    the area's and p_g the group's share of everyone.

    Returns
    -------
    float
        0 (every area as mixed as the whole, or a single area) to 1 (every area holds a single group).

    Notes
    -----
    With two groups it is `information_theory`. A group that is empty everywhere adds 0 to E; some
    software returns no number then.

    References
    ----------
    Theil, H. & Finizza, A. J. (1971). A note on the measurement of racial integration of schools by means
    of informational concepts. Journal of Mathematical Sociology 1(2), 187-193. Reardon, S. F. &
    Firebaugh, G. (2002). Measures of multigroup segregation. Sociological Methodology 32(1), 33-67.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"low": [40, 20, 5, 1], "high": [20, 40, 60, 80]})
    >>> round(multigroup_information_theory(areas, groups=["low", "high"]), 6)
    0.333036
    """
    return bounded(multigroup_information_theory_of(group_table(data, groups=groups, missing=missing)))


def multigroup_dissimilarity_of(n: Floats) -> Any:
    """Compute D of counts, areas along the last axis but one; NaN where fewer than two groups have people."""
    weight, inside, whole = compositions(n)
    apart = (weight * np.abs(inside - whole[..., None, :]).sum(axis=-1)).sum(axis=-1)
    return ratio(apart, 2 * chance_of_difference(whole))


@measure(
    "multigroup",
    multigroup_dissimilarity_of,
    letter="D",
    dimension="evenness",
    reference="Morgan (1975); Sakoda (1981)",
)
def multigroup_dissimilarity(data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise") -> float:
    r"""Index of dissimilarity of several groups, D: the share that would have to move, of the most possible.

    .. math:: D = \frac{1}{2 I} \sum_g \sum_u p_u |p_{g|u} - p_g|, \quad I = \sum_g p_g (1 - p_g)

    with p_g|u the group's share of an area, p_g of everyone, p_u the area's share of everyone and I the
    `interaction`. I is the share who have to move, keeping the sizes of areas, when every area holds a
    single group.

    Returns
    -------
    float
        0 (every area has the same mix, or a single area) to 1 (every area holds a single group).

    Notes
    -----
    With two groups it is `dissimilarity`. With more it is the mean of the dissimilarity of each group
    from everyone else, weighted by p_g (1 - p_g).

    References
    ----------
    Morgan, B. S. (1975). The segregation of socio-economic groups in urban areas: a comparative analysis.
    Urban Studies 12(1), 47-60. Sakoda, J. M. (1981). A generalized index of dissimilarity. Demography
    18(2), 245-250.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"a": [60, 20, 20], "b": [20, 60, 20], "c": [20, 20, 60]})
    >>> round(multigroup_dissimilarity(areas, groups=["a", "b", "c"]), 4)
    0.4
    """
    return bounded(multigroup_dissimilarity_of(group_table(data, groups=groups, missing=missing)))


def chance_of_difference(whole: Floats) -> Any:
    """Compute Simpson's interaction of shares, groups along the last axis."""
    return (whole * (1 - whole)).sum(axis=-1)


def multigroup_gini_of(n: Floats) -> Any:
    """Compute G of counts, areas along the last axis but one; NaN where fewer than two groups have people."""
    t, whole = n.sum(axis=-1), compositions(n)[2]
    apart = np.zeros(n.shape[:-2])
    # A loop over groups keeps the sorted copies of many draws as small as those of one group.
    for g in range(n.shape[-1]):
        weight = whole[..., g] * (1 - whole[..., g])
        x = n[..., g]
        with np.errstate(invalid="ignore"):
            against_rest = gini_of(x, t - x)
        apart = apart + weight * np.where(weight > 0, against_rest, 0.0)
    return ratio(apart, chance_of_difference(whole))


@measure(
    "multigroup", multigroup_gini_of, letter="G", dimension="evenness", reference="Reardon & Firebaugh (2002)"
)
def multigroup_gini(data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise") -> float:
    r"""Gini index of several groups, G: the mean difference between areas in the groups' shares.

    .. math:: G = \frac{1}{2 I} \sum_g \sum_u \sum_v p_u p_v |p_{g|u} - p_{g|v}|,
        \quad I = \sum_g p_g (1 - p_g)

    with p_g|u the group's share of an area, p_g of everyone and p_u the area's share of everyone.
    Computed by sorting, so the time grows as N log N.

    Returns
    -------
    float
        0 (every area has the same mix, or a single area) to 1 (every area holds a single group).

    Notes
    -----
    With two groups it is `gini`. With more it is the mean of the Gini index of each group against
    everyone else, weighted by p_g (1 - p_g).

    References
    ----------
    Reardon, S. F. & Firebaugh, G. (2002). Measures of multigroup segregation. Sociological Methodology
    32(1), 33-67.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"a": [60, 20, 20], "b": [20, 60, 20], "c": [20, 20, 60]})
    >>> round(multigroup_gini(areas, groups=["a", "b", "c"]), 4)
    0.4
    """
    return bounded(multigroup_gini_of(group_table(data, groups=groups, missing=missing)))


def normalized_exposure_of(n: Floats) -> Any:
    """Compute P of counts, areas along the last axis but one; NaN where fewer than two groups have people."""
    spread, whole = _spread(n)
    found = (spread / np.where(whole < 1, 1 - whole, 1.0)).sum(axis=-1)
    return np.where(_number_of_groups(whole) > 1, found, np.nan)


@measure(
    "multigroup",
    normalized_exposure_of,
    letter="P",
    dimension="exposure",
    reference="Bell (1954); James (1986)",
)
def normalized_exposure(data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise") -> float:
    r"""Exposure of several groups, normalized, P: how much more people meet their own group than by its size.

    .. math:: P = \sum_g \sum_u p_u \frac{(p_{g|u} - p_g)^2}{1 - p_g}

    with p_g|u the group's share of an area, p_g of everyone and p_u the area's share of everyone.

    Returns
    -------
    float
        0 (every area has the same mix, or a single area) to 1 (every area holds a single group).

    Notes
    -----
    It is the mean of the `correlation_ratio` of each group, weighted by p_g, so large groups decide; in
    `squared_coefficient_of_variation` the weights are 1 - p_g, in `relative_diversity` p_g (1 - p_g).
    With two groups all four are the same.

    References
    ----------
    Bell, W. (1954). A probability model for the measurement of ecological segregation. Social Forces
    32(4), 357-364. James, F. J. (1986). A new generalized "exposure-based" segregation index:
    demonstration in Denver and Houston. Sociological Methods & Research 14(3), 301-316.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"a": [60, 20, 20], "b": [20, 60, 20], "c": [20, 20, 60]})
    >>> round(normalized_exposure(areas, groups=["a", "b", "c"]), 4)
    0.16
    """
    return bounded(normalized_exposure_of(group_table(data, groups=groups, missing=missing)))


def relative_diversity_of(n: Floats) -> Any:
    """Compute R of counts, areas along the last axis but one; NaN where fewer than two groups have people."""
    spread, whole = _spread(n)
    return ratio(spread.sum(axis=-1), chance_of_difference(whole))


@measure(
    "multigroup",
    relative_diversity_of,
    letter="R",
    dimension="diversity",
    reference="Goodman & Kruskal (1954); Reardon & Firebaugh (2002)",
)
def relative_diversity(data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise") -> float:
    r"""Relative diversity, R: how much rarer a meeting of different groups is in areas than in the whole.

    .. math:: R = 1 - \sum_u p_u \frac{I_u}{I} = \frac{1}{I} \sum_g \sum_u p_u (p_{g|u} - p_g)^2

    with I the `interaction` of everyone, the chance that two people belong to different groups, I_u that
    of an area, p_u the area's share of everyone, p_g|u the group's share of the area and p_g of everyone.

    Returns
    -------
    float
        0 (every area as mixed as the whole, or a single area) to 1 (every area holds a single group).

    Notes
    -----
    With two groups it is `correlation_ratio`. It is Goodman and Kruskal's tau of groups given areas.

    References
    ----------
    Goodman, L. A. & Kruskal, W. H. (1954). Measures of association for cross classifications. Journal of
    the American Statistical Association 49(268), 732-764. Reardon, S. F. & Firebaugh, G. (2002). Measures
    of multigroup segregation. Sociological Methodology 32(1), 33-67.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"a": [60, 20, 20], "b": [20, 60, 20], "c": [20, 20, 60]})
    >>> round(relative_diversity(areas, groups=["a", "b", "c"]), 4)
    0.16
    """
    return bounded(relative_diversity_of(group_table(data, groups=groups, missing=missing)))


def squared_coefficient_of_variation_of(n: Floats) -> Any:
    """Compute C of counts, areas along the last axis but one; NaN where fewer than two groups have people."""
    spread, whole = _spread(n)
    found = (spread / np.where(whole > 0, whole, 1.0)).sum(axis=-1)
    return ratio(found, _number_of_groups(whole) - 1)


@measure(
    "multigroup",
    squared_coefficient_of_variation_of,
    letter="C",
    dimension="evenness",
    reference="Reardon & Firebaugh (2002)",
)
def squared_coefficient_of_variation(
    data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise"
) -> float:
    r"""Squared coefficient of variation, C: how much the groups' shares vary between areas, for their size.

    .. math:: C = \frac{1}{K - 1} \sum_g \sum_u p_u \frac{(p_{g|u} - p_g)^2}{p_g}

    with p_g|u the group's share of an area, p_g of everyone, p_u the area's share of everyone and K the
    number of groups that have members.

    Returns
    -------
    float
        0 (every area has the same mix, or a single area) to 1 (every area holds a single group).

    Notes
    -----
    It is the chi squared of the table of areas by groups, divided by the people and by K - 1. It is the
    mean of the `correlation_ratio` of each group, weighted by 1 - p_g, so small groups count almost as
    much as large ones. A group that is empty everywhere is not counted in K; some software returns no
    number then.

    References
    ----------
    Reardon, S. F. & Firebaugh, G. (2002). Measures of multigroup segregation. Sociological Methodology
    32(1), 33-67.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"a": [60, 20, 20], "b": [20, 60, 20], "c": [20, 20, 60]})
    >>> round(squared_coefficient_of_variation(areas, groups=["a", "b", "c"]), 4)
    0.16
    """
    return bounded(squared_coefficient_of_variation_of(group_table(data, groups=groups, missing=missing)))


def _spread(n: Floats) -> tuple[Floats, Floats]:
    """Return the variance between areas of each group's share, and its share of everyone."""
    weight, inside, whole = compositions(n)
    return (weight[..., None] * np.square(inside - whole[..., None, :])).sum(axis=-2), whole


def _number_of_groups(whole: Floats) -> Any:
    """Count the groups with members."""
    return (whole > 0).sum(axis=-1)
