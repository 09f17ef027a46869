"""One typology against another: how far they agree, which areas they place differently, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_choice, check_columns, check_keys, complete, numbers
from segkit.errors import InputError, message
from segkit.profiles._criteria import adjusted_rand_of
from segkit.profiles.typologies._matching import cross, matched

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Comparison:
    """The result of `compare`.

    Attributes
    ----------
    crosstab : pandas.DataFrame
        Areas (or people, with a weight) by group of the first typology (index) and of the second.
    adjusted_rand : float
        Pairs of areas that both typologies treat alike, beyond chance: 1 the same grouping, 0 as by
        chance, below 0 less than by chance. It needs no matching of groups and counts areas.
    spearman : float or None
        Rank correlation of the two orders, -1 to 1, areas alike; None when a typology has no order
        (its groups are not numbers or an ordered categorical) or one group only.
    agreement : float
        Share of areas (or people), 0 to 1, whose groups correspond by `mapping`.
    mapping : Mapping
        Group of the second typology -> the group of the first that it corresponds to, None for none
        (by the best matching: none is left that shares an area with it).
    disagreements : pandas.DataFrame
        Areas whose groups do not correspond, the farthest first: ``area, a, b, distance`` (0-1) and,
        with figures, ``for_a, for_b``: the indicator that speaks most for the group of the first
        typology, and most for that of the second (empty where none does).
    """

    crosstab: pd.DataFrame
    adjusted_rand: float
    spearman: float | None
    agreement: float
    mapping: Mapping[Any, Any]
    disagreements: pd.DataFrame


def compare(
    a: pd.Series,
    b: pd.Series,
    *,
    data: pd.DataFrame | None = None,
    weight: pd.Series | None = None,
    matching: Literal["best", "same"] = "best",
) -> Comparison:
    r"""Compare two typologies of the same areas.

    With :math:`n_{ij}` areas in group i of the first and j of the second, and sums marked by a dot:

    .. math::

        ARI = \frac{\sum_{ij} \binom{n_{ij}}{2} - E}{\frac{1}{2}
        \left[\sum_i \binom{n_{i.}}{2} + \sum_j \binom{n_{.j}}{2}\right] - E}, \quad
        E = \sum_i \binom{n_{i.}}{2} \sum_j \binom{n_{.j}}{2} \Big/ \binom{n}{2}

    Parameters
    ----------
    a, b : pandas.Series
        The group of each area, with the same areas as index, such as profiles and official area types.
    data : pandas.DataFrame, optional
        Standardized indicators with the same index, to tell which of them speaks for which group.
    weight : pandas.Series, optional
        People by area, for `crosstab`, `agreement` and the matching; areas alike without it.
    matching : {"best", "same"}
        Which groups correspond: the one-to-one matching with most agreement, or those of the same name
        or number, such as profile 1 and official type 1.

    Returns
    -------
    Comparison
        Cross table, three measures of agreement, the matching and the areas that disagree.

    Raises
    ------
    InputError
        When the areas are not the same, an area stands twice or has no group, or weights or figures
        are missing.

    Notes
    -----
    By the best matching two orderings can agree in full and have a rank correlation below 1: names and
    numbers play no part in it. The distance of two ordered groups is that between the middles of their
    shares of all areas, 0 when they stand at the same place of the order; else it is the share of areas
    in either group that are not in both. An indicator with value x speaks for group A of
    the first against group B of the second by :math:`(x - \bar{x}_B)^2 - (x - \bar{x}_A)^2`, with
    the means of the areas in each.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification 2, 193-218.

    Examples
    --------
    >>> profile = pd.Series([1, 1, 2, 2, 3], index=list("abcde"))
    >>> official = pd.Series([1, 2, 2, 2, 3], index=list("abcde"))
    >>> result = compare(profile, official)
    >>> result.agreement, result.disagreements["area"].tolist()
    (0.8, ['b'])
    """
    check_choice(matching, ("best", "same"), argument="matching")
    for argument, series in (("a", a), ("b", b)):
        _check_groups(series, argument)
    _check_same(a.index, b.index, "b")
    b = b.reindex(a.index)
    mass = None if weight is None else _weights(weight, a.index)
    code_a, groups_a = _factorized(a)
    code_b, groups_b = _factorized(b)
    shape = (len(groups_a), len(groups_b))
    counts = cross(code_a, code_b, shape)
    table = counts if mass is None else cross(code_a, code_b, shape, mass)
    place = matched(table) if matching == "best" else groups_a.get_indexer(groups_b)
    same = place[code_b] == code_a
    ordered = _ordered(a) and _ordered(b) and min(shape) > 1
    apart = (
        np.abs(_middles(counts.sum(axis=1))[code_a] - _middles(counts.sum(axis=0))[code_b])
        if ordered
        else 1 - _overlaps(counts)[code_a, code_b]
    )
    listed = pd.DataFrame({"area": a.index, "a": a.to_numpy(), "b": b.to_numpy(), "distance": apart})
    if data is not None:
        listed = listed.join(_reasons(data, a, b))
    order = np.lexsort((np.arange(len(a)), -apart))
    return Comparison(
        crosstab=pd.DataFrame(table, index=groups_a.rename("a"), columns=groups_b.rename("b")),
        adjusted_rand=adjusted_rand_of(counts),
        spearman=_spearman(code_a, code_b) if ordered else None,
        agreement=float(np.average(same, weights=mass)),
        mapping={g: groups_a[p] if p >= 0 else None for g, p in zip(groups_b, place, strict=True)},
        disagreements=listed.iloc[order][~same[order]].reset_index(drop=True),
    )


def official_types(panel: pd.DataFrame, *, period: int | None = None) -> pd.Series:
    """Return the official area types of a panel, to compare profiles with.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period, with ``official_area_type`` (1 = the weakest conditions of five).
    period : int, optional
        The period; by default the last that has types.

    Returns
    -------
    pandas.Series
        The type of each area (Int64), indexed by ``area_id``. Areas that have none are left out.

    Raises
    ------
    InputError
        When no area has a type in the period.
    UnknownNameError
        When the panel has no such column.

    References
    ----------
    Statistics Sweden (2023). Socioeconomiskt index och områdestyper: tabellkommentar. Solna: SCB.

    Examples
    --------
    >>> from segkit import areas
    >>> official_types(areas.load_example("kalmar", "regso"))["0880R012"]
    np.int64(1)
    """
    check_keys(panel)
    check_columns(panel, ["official_area_type"], argument="panel")
    known = panel[~np.isnan(numbers(panel, "official_area_type"))]
    periods = sorted(int(p) for p in known["period"].unique())
    if not periods or (period is not None and period not in periods):
        fix = f"Periods with types: {', '.join(map(str, periods)) or 'none'}."
        raise InputError(message("panel", f"has no official area types in {period or 'any period'}", fix=fix))
    rows = known[known["period"] == (periods[-1] if period is None else period)]
    return rows.set_index("area_id")["official_area_type"].astype("Int64")


def _check_groups(series: pd.Series, argument: str) -> None:
    if not isinstance(series, pd.Series):
        rule = f"must be a Series indexed by area, is {type(series).__name__}"
        raise InputError(message(argument, rule))
    if series.empty:
        raise InputError(message(argument, "has no areas"))
    twice = series.index.duplicated()
    if twice.any():
        fix = "Take one period: one row per area."
        raise InputError(message(argument, "has an area more than once", series.index[twice], fix))
    if series.isna().any():
        fix = "Drop these areas from both typologies and say so."
        raise InputError(message(argument, "has no group for areas", series.index[series.isna()], fix))


def _check_same(areas: pd.Index, others: pd.Index, argument: str) -> None:
    stray = areas.symmetric_difference(others)
    if len(stray) or not others.is_unique:
        fix = "Give both the same index, such as set_index('area_id')."
        raise InputError(message(argument, "must have the same areas as `a`, each once", stray, fix))


def _weights(weight: pd.Series, areas: pd.Index) -> Floats:
    _check_same(areas, weight.index, "weight")
    mass = complete(pd.DataFrame({"weight": weight.reindex(areas)}), "weight", least=0)
    if mass.sum() <= 0:
        raise InputError(message("weight", "must sum to more than 0"))
    return mass


def _factorized(series: pd.Series) -> tuple[Any, pd.Index]:
    """Return the groups as positions, and their names in order."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.cat.remove_unused_categories()
        return series.cat.codes.to_numpy(dtype=np.intp), pd.Index(series.cat.categories)
    codes, groups = pd.factorize(series, sort=True)
    return codes, pd.Index(groups)


def _ordered(series: pd.Series) -> bool:
    if isinstance(series.dtype, pd.CategoricalDtype):
        return bool(series.cat.ordered)
    return pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)


def _middles(sizes: Floats) -> Floats:
    """Return the middle of each group's share when all areas stand in order."""
    middles: Floats = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    return middles


def _overlaps(counts: Floats) -> Floats:
    """Return the Jaccard overlap of each group of one typology with each of the other."""
    either = counts.sum(axis=1, keepdims=True) + counts.sum(axis=0, keepdims=True) - counts
    overlaps: Floats = counts / either
    return overlaps


def _spearman(a: Any, b: Any) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(a, b).statistic)


def _reasons(data: pd.DataFrame, a: pd.Series, b: pd.Series) -> pd.DataFrame:
    """Name the indicators that speak most for an area's group in each typology."""
    _check_same(a.index, data.index, "data")
    rows = data.reindex(a.index)
    if rows.columns.empty:
        raise InputError(message("data", "has no indicator"))
    figures = pd.DataFrame({c: complete(rows, c) for c in rows.columns}, index=a.index)
    mean_a, mean_b = (figures.groupby(g, observed=True).transform("mean").to_numpy() for g in (a, b))
    values = figures.to_numpy()
    for_a = (values - mean_b) ** 2 - (values - mean_a) ** 2
    names = figures.columns.to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "for_a": np.where(for_a.max(axis=1) > 0, names[for_a.argmax(axis=1)], ""),
            "for_b": np.where(for_a.min(axis=1) < 0, names[for_a.argmin(axis=1)], ""),
        }
    )
