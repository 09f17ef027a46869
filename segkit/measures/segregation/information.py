"""Divergence: how the mix of groups in each area differs from another mix, and what that adds up to.

The divergence of an area from the whole is its local segregation; weighted by population its mean is the
mutual information index M, which falls into parts between and within regions exactly.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, check_columns, labels_of
from segkit.base.namespace import public
from segkit.base.tidy import TIDY
from segkit.errors import InputError, list_some, message
from segkit.measures.measure import measure
from segkit.measures.segregation.counts import (
    bounded,
    column_names,
    compositions,
    group_names,
    group_rows,
    group_table,
)
from segkit.measures.segregation.multigroup import (
    chance_of_difference,
    divergence_from,
    entropy_of,
    mutual_information_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segkit.base.checks import Floats
    from segkit.measures.segregation.counts import Mask

__all__ = ["between_within", "divergence", "divergence_by_area", "interaction", "local_segregation"]

__dir__ = public(__all__)


def divergence(
    data: pd.DataFrame,
    *,
    groups: Sequence[str],
    reference: Mapping[str, float] | None = None,
    missing: str = "raise",
) -> float:
    r"""Divergence index: how surprising the mix of an area is to someone who expects another mix.

    .. math:: D = \sum_u p_u D_u, \quad D_u = \sum_g p_{g|u} \ln \frac{p_{g|u}}{p_g}

    with p_u the area's share of everyone, p_g|u the group's share of the area and p_g its share of everyone
    or of the `reference`.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period. Areas where every group is 0 contribute nothing.
    groups : sequence of str
        Columns with the count of each group per area; nobody belongs to two of them.
    reference : mapping of str to float, optional
        Count or share of each group in the population to compare with, such as the whole country or the
        same place in an earlier period. Without it, the areas together.
    missing : {"raise", "drop"}
        Whether a missing count is an error or leaves its area out.

    Returns
    -------
    float
        0 (every area has the mix compared with) upwards, in natural units (nats). Without `reference` at
        most the entropy of the groups.

    Raises
    ------
    UnknownNameError
        If a column is missing.
    InputError
        If counts are missing, negative or text, fewer than two columns are named, everyone is in one
        group, the table holds the same areas in several periods, or `reference` lacks a group that has
        members.

    Notes
    -----
    Without `reference` it equals `mutual_information`. With one it is M plus the divergence of the areas
    together from the reference. For the divergence of each area see `divergence_by_area`.

    References
    ----------
    Roberto, E. (2016). The divergence index: a decomposable measure of segregation and inequality.
    arXiv:1508.01167.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"low": [40, 0], "high": [0, 40]})
    >>> round(divergence(areas, groups=["low", "high"]), 6)
    0.693147
    >>> round(divergence(areas, groups=["low", "high"], reference={"low": 0.2, "high": 0.8}), 6)
    0.916291
    """
    n = group_table(data, groups=groups, missing=missing)
    expected = None if reference is None else _shares(n, group_names(groups), reference)
    return max(float(divergence_of(n, reference=expected)), 0.0)


def divergence_of(n: Floats, *, reference: Floats | None = None) -> Any:
    """Compute the divergence index of counts, areas along the last axis but one, from shares of groups."""
    if reference is None:
        return mutual_information_of(n)
    weight, inside, _ = compositions(n)
    return (weight * divergence_from(inside, reference)).sum(axis=-1)


def divergence_by_area(
    data: pd.DataFrame,
    *,
    groups: Sequence[str],
    reference: Mapping[str, float] | None = None,
    missing: str = "raise",
) -> pd.Series[float]:
    r"""Divergence of each area: how surprising its mix is to someone who expects another mix.

    .. math:: D_u = \sum_g p_{g|u} \ln \frac{p_{g|u}}{p_g}

    with p_g|u the group's share of the area and p_g its share of everyone or of the `reference`.

    Parameters
    ----------
    data, groups, reference, missing
        As for `divergence`.

    Returns
    -------
    pandas.Series
        One value per row of `data`, on its index: 0 (the mix compared with) upwards, in natural units.
        NaN for an area that nobody lives in and, with ``missing="drop"``, for one with a missing count.

    Raises
    ------
    UnknownNameError, InputError
        As for `divergence`.

    References
    ----------
    Roberto, E. (2016). The divergence index: a decomposable measure of segregation and inequality.
    arXiv:1508.01167.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"low": [40, 20, 0], "high": [0, 20, 40]}, index=["west", "mid", "east"])
    >>> divergence_by_area(areas, groups=["low", "high"]).round(6).to_dict()
    {'west': 0.693147, 'mid': 0.0, 'east': 0.693147}
    """
    counts, inhabited, _ = group_rows(data, groups=groups, missing=missing)
    n = counts[inhabited]
    _, inside, whole = compositions(n)
    if reference is not None:
        whole = _shares(n, group_names(groups), reference)
    found = np.full(len(data), np.nan)
    found[inhabited] = np.maximum(divergence_from(inside, whole), 0.0)
    return pd.Series(found, index=data.index, name="divergence")


def _shares(n: Floats, names: list[str], reference: Mapping[str, float]) -> Floats:
    """Return the shares of the groups in the reference, after checking it."""
    try:
        given = dict(reference)
    except (TypeError, ValueError) as error:
        fix = f"Such as {{{names[0]!r}: 0.2, {names[1]!r}: 0.8}}."
        raise InputError(message("reference", "must give a number to each group", fix=fix)) from error
    if set(given) != set(names):
        fix = f"Give a count or share for each of {list_some(names, len(names))}."
        raise InputError(message("reference", "must name the same groups as `groups`", given, fix))
    try:
        size = np.array([given[name] for name in names], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(message("reference", "must be numbers", given.values())) from error
    if not (np.isfinite(size) & (size >= 0)).all() or size.sum() <= 0:
        rule = "must be counts or shares, none negative or missing, that sum to more than 0"
        raise InputError(message("reference", rule, given.values()))
    lacking = (size == 0) & (n.sum(axis=0) > 0)
    if lacking.any():
        rule = "is 0 for a group that has members, so the divergence is infinite"
        offending = [name for name, one in zip(names, lacking, strict=True) if one]
        raise InputError(message("reference", rule, offending, "Choose a reference that has them all."))
    return np.asarray(size / size.sum(), dtype=np.float64)


def interaction_of(n: Floats) -> Any:
    """Compute I of counts, areas along the last axis but one; 0 where one group holds everyone."""
    return chance_of_difference(compositions(n)[2])


@measure(
    "multigroup",
    interaction_of,
    letter="I",
    dimension="diversity",
    reference="Simpson (1949); Lieberson (1969)",
    even=None,
)
def interaction(data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise") -> float:
    r"""Simpson's interaction, I: the chance that two people drawn at random belong to different groups.

    .. math:: I = \sum_g p_g (1 - p_g)

    with p_g the group's share of everyone. It says how diverse the population is as a whole, not how it
    is spread over the areas; `relative_diversity` compares it with that inside areas.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period.

    Returns
    -------
    float
        From 0 (almost everyone in one group) to 1 - 1 / K (K groups of one size).

    Notes
    -----
    The two people are drawn with replacement, so both can be the same person; this is as if the
    population were infinitely large. 1 - I is Simpson's concentration.

    References
    ----------
    Simpson, E. H. (1949). Measurement of diversity. Nature 163, 688. Lieberson, S. (1969). Measuring
    population diversity. American Sociological Review 34(6), 850-862.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"low": [10, 15], "middle": [20, 30], "high": [20, 5]})
    >>> round(interaction(areas, groups=["low", "middle", "high"]), 4)
    0.625
    """
    return bounded(interaction_of(group_table(data, groups=groups, missing=missing)))


def local_segregation(data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise") -> pd.DataFrame:
    r"""Local segregation, L: how the mix of each area differs from the whole, and what that adds to M.

    .. math:: M = \sum_u p_u L_u, \quad L_u = \sum_g p_{g|u} \ln \frac{p_{g|u}}{p_g}

    with p_u the area's share of everyone, p_g|u the group's share of the area and p_g of everyone.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period.
    groups : sequence of str
        Columns with the count of each group per area; nobody belongs to two of them.
    missing : {"raise", "drop"}
        Whether a missing count is an error or leaves its area out.

    Returns
    -------
    pandas.DataFrame
        One row per row of `data`, on its index:

        * ``local_segregation``: 0 (the mix of the whole) to -ln p_g (everyone in one group g; a high
          value alone does not say which); NaN for an area that nobody lives in;
        * ``weight``: the area's share of everyone; 0 for an area that nobody lives in;
        * ``contribution``: their product; the sum is `mutual_information`.

        With ``missing="drop"``, areas with a missing count have NaN in all three.

    Raises
    ------
    UnknownNameError
        If a column is missing.
    InputError
        If counts are missing, negative or text, fewer than two columns are named, everyone is in one
        group, or the table holds the same areas in several periods.

    References
    ----------
    Mora, R. & Ruiz-Castillo, J. (2011). Entropy-based segregation indices. Sociological Methodology 41(1),
    159-194. Elbers, B. (2021). A method for studying differences in segregation across time and space.
    Sociological Methods & Research 52(1), 5-42.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"low": [40, 20, 5, 1], "high": [20, 40, 60, 80]})
    >>> table = local_segregation(areas, groups=["low", "high"])
    >>> table["local_segregation"].round(4).tolist()
    [0.3878, 0.0182, 0.0993, 0.2323]
    >>> round(float(table["contribution"].sum()), 6)
    0.186587
    """
    counts, inhabited, gap = group_rows(data, groups=groups, missing=missing)
    weight, inside, whole = compositions(counts[inhabited])
    local = np.maximum(divergence_from(inside, whole), 0.0)
    # An area that nobody lives in has no mix, but is known to add nothing.
    found = np.where(gap[:, None], np.nan, [np.nan, 0.0, 0.0])
    found[inhabited] = np.column_stack([local, weight, weight * local])
    return pd.DataFrame(found, index=data.index, columns=["local_segregation", "weight", "contribution"])


def between_within(
    data: pd.DataFrame,
    *,
    groups: Sequence[str],
    region: str | Sequence[str],
    missing: str = "raise",
    measure: str = "M",
) -> pd.DataFrame:
    r"""Split segregation into what lies between regions and what lies between the areas inside them.

    .. math:: M = M_{regions} + \sum_r p_r M_r

    with M_regions the `mutual_information` of regions taken as areas, M_r that of the areas of region r and
    p_r the region's share of everyone. With regions inside regions, each step down is parted in the same
    way. For H every part is divided by the entropy of the groups of everyone.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period. Areas where every group is 0 contribute nothing.
    groups : sequence of str
        Columns with the count of each group per area; nobody belongs to two of them.
    region : str or sequence of str
        Column with the region (container) of each area, or several from the largest regions to the
        smallest, such as ``["municipality", "regso_id"]``. Each must lie inside one of the level before.
    missing : {"raise", "drop"}
        Whether a missing count is an error or leaves its area out.
    measure : {"M", "H"}
        The mutual information or the information theory index.

    Returns
    -------
    pandas.DataFrame
        Tidy table with ``level`` (a column of `region`, empty for the total) and ``population_share``
        besides. The first rows, with ``region`` empty, part the total:

        * ``total``: the index for the areas;
        * ``between``, for each level: between the regions of that level that lie inside the same region of
          the level before (for the first level, inside the whole);
        * ``within``, for the last level: between the areas inside its regions.

        ``between`` and ``within`` are 0 or more and sum to ``total``. Then follow for each level its
        regions by code, ``measure`` being ``"within"``: what everything inside the region adds to the
        total. Those of the last level sum to the ``within`` above. Divided by ``population_share`` (and,
        for H, times the entropy of the groups) it is the M of the region's own areas.
        ``n_areas`` and ``n_missing`` count the areas with people and those left out.

    Raises
    ------
    UnknownNameError
        If a column is missing.
    InputError
        If counts are missing, negative or text, fewer than two columns are named, everyone is in one
        group, the table holds the same areas in several periods, an area has no region, or a region lies
        in two regions of the level before.

    References
    ----------
    Theil, H. & Finizza, A. J. (1971). A note on the measurement of racial integration of schools by means
    of informational concepts. Journal of Mathematical Sociology 1(2), 187-193. Mora, R. & Ruiz-Castillo,
    J. (2011). Entropy-based segregation indices. Sociological Methodology 41(1), 159-194.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame(
    ...     {"low": [40, 20, 5, 1], "high": [20, 40, 60, 80], "region": ["west", "west", "east", "east"]}
    ... )
    >>> table = between_within(areas, groups=["low", "high"], region="region")
    >>> table[["measure", "level", "region", "value"]].round(6).values.tolist()[:3]
    [['total', '', '', 0.186587], ['between', 'region', '', 0.15348], ['within', 'region', '', 0.033107]]
    """
    check_choice(measure, ("M", "H"), argument="measure")
    counts, inhabited, gap = group_rows(data, groups=groups, missing=missing)
    levels = _levels(data, region, inhabited)
    n = counts[inhabited]
    whole = float(entropy_of(n)) if measure == "H" else 1.0
    of_areas = _contributions(n)
    regions = [_regions(data, level, counts, inhabited, gap) for level in levels]
    # What regions differ from the whole by, level by level: each step down adds what lies between.
    steps = [0.0, *[float(table.pop("between").sum()) for table in regions], float(of_areas.sum())]
    parts = np.maximum(np.diff(steps), 0.0)
    summary = pd.DataFrame(
        {
            "measure": ["total", *["between"] * len(levels), "within"],
            "region": "",
            "level": ["", *levels, levels[-1]],
            "value": [parts.sum(), *parts],
            "population_share": 1.0,
            "n_areas": int(inhabited.sum()),
            "n_missing": int(gap.sum()),
        }
    )
    table = pd.concat([summary, *regions], ignore_index=True)
    empty = dict.fromkeys(("se", "ci_low", "ci_high"), np.nan)
    names = ", ".join(map(str, group_names(groups)))
    table = table.assign(value=table["value"] / whole, period="", group=names, **empty)
    return table[[*TIDY, "level", "population_share"]]


def _regions(data: pd.DataFrame, level: str, counts: Floats, inhabited: Mask, gap: Mask) -> pd.DataFrame:
    """Return the rows of the regions of a level, and what each adds to M between regions."""
    labels = data[level]
    codes, names = pd.factorize(labels.mask(_blank(labels)), sort=True)
    own, n, size = codes[inhabited], counts[inhabited], len(names)
    members = np.column_stack([np.bincount(own, x, size) for x in n.T]).astype(np.float64)
    between = _contributions(members)
    within = np.maximum(np.bincount(own, _contributions(n), size) - between, 0.0)
    areas, missed = np.bincount(own, minlength=size), np.bincount(codes[gap & (codes >= 0)], minlength=size)
    # Where every count is missing nobody knows what the region adds; where nobody lives it adds 0.
    unknown = (areas == 0) & (missed > 0)
    return pd.DataFrame(
        {
            "measure": "within",
            "region": list(names),
            "level": level,
            "value": np.where(unknown, np.nan, within),
            "population_share": np.where(unknown, np.nan, members.sum(axis=1) / n.sum()),
            "n_areas": areas,
            "n_missing": missed,
            "between": between,
        }
    )


def _contributions(n: Floats) -> Floats:
    """Return what each row of a table adds to its mutual information."""
    weight, inside, whole = compositions(n)
    return weight * divergence_from(inside, whole)


def _blank(labels: pd.Series[Any]) -> Mask:
    """Return which rows have no region."""
    return np.asarray(labels.isna() | (labels.astype(str).str.strip() == ""))


def _levels(data: pd.DataFrame, region: str | Sequence[str], inhabited: Mask) -> list[str]:
    """Return the columns of regions, from the largest to the smallest, after checking that they nest."""
    levels = column_names(region, argument="region")
    if not levels or len(set(levels)) < len(levels):
        fix = "Name each column once, from the largest regions to the smallest."
        raise InputError(message("region", "must be one or more different columns", levels, fix))
    check_columns(data, levels)
    for level in levels:
        blank = _blank(data[level]) & inhabited
        if blank.any():
            fix = "Every area with people needs a region."
            raise InputError(message(level, "is missing", labels_of(data, blank), fix))
    for coarse, fine in pairwise(levels):
        pairs = data.loc[~_blank(data[coarse]) & ~_blank(data[fine]), [coarse, fine]].drop_duplicates()
        twice = pairs[pairs[fine].duplicated(keep=False)]
        if len(twice):
            by_code = twice.groupby(fine, observed=True)[coarse]
            found = [f"{code} in {' and '.join(map(str, parents))}" for code, parents in by_code]
            fix = "Name the columns from the largest regions to the smallest, or correct the codes."
            raise InputError(message(fine, f"has regions that lie in more than one `{coarse}`", found, fix))
    return levels
