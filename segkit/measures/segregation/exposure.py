"""Exposure: what members of a group meet in the area where they live.

Isolation and exposure depend on the size of the group: even spread over the areas gives the group's
share of the population, not 0. The correlation ratio takes that share out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.base.namespace import public
from segkit.measures.measure import measure
from segkit.measures.segregation.counts import bounded, group_counts, share, share_of_area, two_groups

if TYPE_CHECKING:
    import pandas as pd

    from segkit.base.checks import Floats

__all__ = ["correlation_ratio", "exposure", "isolation"]

__dir__ = public(__all__)


def isolation_of(x: Floats, y: Floats) -> Any:
    """Compute xPx of counts, areas along the last axis."""
    return (share(x) * share_of_area(x, y)).sum(axis=-1)


@measure(
    "two_group",
    isolation_of,
    letter="xPx",
    dimension="exposure",
    reference="Lieberson (1981)",
    even=None,
    symmetric=False,
)
def isolation(data: pd.DataFrame, *, group: str, total: str, missing: str = "raise") -> float:
    r"""Isolation, xPx: the share of the group in the area of its average member.

    .. math:: xPx = \sum_i \frac{x_i}{X} \frac{x_i}{t_i}

    with x the group, X its sum and t the total.

    Returns
    -------
    float
        P, the group's share of the population (even spread, or a single area), to 1 (members live
        only among themselves). Compare groups or periods with different P by `correlation_ratio`.

    References
    ----------
    Lieberson, S. (1981). An asymmetrical approach to segregation. In Peach, C., Robinson, V. & Smith, S.
    (eds), Ethnic Segregation in Cities, 61-82. London: Croom Helm.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> round(isolation(areas, group="group", total="total"), 4)
    0.76
    """
    x, y = two_groups(data, group=group, total=total, missing=missing)
    return bounded(isolation_of(x, y))


def exposure(data: pd.DataFrame, *, group: str, other: str, total: str, missing: str = "raise") -> float:
    r"""Exposure (interaction), xPy: the share of another group in the area of the group's average member.

    .. math:: xPy = \sum_i \frac{x_i}{X} \frac{y_i}{t_i}

    with x the group, X its sum, y the other group and t the total.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period. Areas whose total is 0 contribute nothing.
    group, other, total : str
        Columns with the count of the group, of the other group and of everyone, per area. The two
        groups may share members: each only has to be a part of the total.
    missing : {"raise", "drop"}
        Whether a missing count is an error or leaves its area out.

    Returns
    -------
    float
        0 (no member has anyone of the other group in the area, or the other group is empty) to 1. With
        everyone else as the other group it is 1 - `isolation`.

    Raises
    ------
    InputError
        If counts are missing, negative, text or larger than the total, nobody belongs to the group, or
        the table holds the same areas in several periods.

    References
    ----------
    Bell, W. (1954). A probability model for the measurement of ecological segregation. Social Forces
    32(4), 357-364.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"low": [10, 20, 30], "high": [30, 20, 10], "all": [40, 40, 40]})
    >>> round(exposure(areas, group="low", other="high", total="all"), 6)
    0.416667
    """
    (x, y), t = group_counts(data, groups=[group, other], total=total, missing=missing)
    return bounded((x / x.sum() * y / t).sum())


def correlation_ratio_of(x: Floats, y: Floats) -> Any:
    """Compute eta squared of counts, areas along the last axis."""
    t = x + y
    everyone = t.sum(axis=-1, keepdims=True)
    p = x.sum(axis=-1, keepdims=True) / everyone
    spread = (t * np.square(share_of_area(x, y) - p)).sum(axis=-1, keepdims=True)
    return (spread / (everyone * p * (1 - p)))[..., 0]


@measure("two_group", correlation_ratio_of, letter="eta2", dimension="exposure", reference="Bell (1954)")
def correlation_ratio(data: pd.DataFrame, *, group: str, total: str, missing: str = "raise") -> float:
    r"""Correlation ratio, eta squared: isolation beyond what the group's size alone would give.

    .. math:: \eta^2 = \frac{xPx - P}{1 - P} = \frac{\sum_i t_i (p_i - P)^2}{T P (1 - P)}

    with xPx the `isolation`, t the total, p the group's share of an area, T and P the same for all areas
    together. It is also the share of the variance in belonging to the group that lies between areas.

    Returns
    -------
    float
        0 (the same share of the group in every area, or a single area) to 1 (no area holds both).

    References
    ----------
    Bell, W. (1954). A probability model for the measurement of ecological segregation. Social Forces
    32(4), 357-364. White, M. J. (1986). Segregation and diversity measures in population distribution.
    Population Index 52(2), 198-221.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> round(correlation_ratio(areas, group="group", total="total"), 4)
    0.52
    """
    x, y = two_groups(data, group=group, total=total, missing=missing)
    return bounded(correlation_ratio_of(x, y))
