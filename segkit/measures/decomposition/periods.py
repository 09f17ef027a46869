"""The gate of the decompositions: two periods of a panel as two tables of the same areas and groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import Floats, check_keys, check_number, check_share, complete
from segkit.errors import InputError, UnknownNameError, message, warn
from segkit.measures.decomposition.margins import check_reached, fitted_of
from segkit.measures.segregation.counts import group_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Mask = npt.NDArray[np.bool_]

#: What is put in place of zeros may move a part by this share of the measure before a warning.
NOTABLE = 0.01


@dataclass(frozen=True)
class Periods:
    """Counts of two periods: areas (of either period) as rows, groups as columns, 0 where absent.

    Attributes
    ----------
    areas, groups : list of str
        Labels of rows and columns.
    names : tuple of int
        The two periods.
    first, last : numpy.ndarray
        The counts.
    in_areas, in_groups : numpy.ndarray
        Which areas and groups have members in both periods.
    """

    areas: list[str]
    groups: list[str]
    names: tuple[int, int]
    first: Floats
    last: Floats
    in_areas: Mask
    in_groups: Mask

    @property
    def common(self) -> tuple[Floats, Floats]:
        """The counts of areas and groups with members in both periods."""
        kept = np.ix_(self.in_areas, self.in_groups)
        return self.first[kept], self.last[kept]

    @property
    def common_areas(self) -> list[str]:
        """The areas with members in both periods."""
        return [area for area, kept in zip(self.areas, self.in_areas, strict=True) if kept]

    @property
    def common_groups(self) -> list[str]:
        """The groups with members in both periods."""
        return [group for group, kept in zip(self.groups, self.in_groups, strict=True) if kept]

    def tidy(self, values: Mapping[str, float]) -> pd.DataFrame:
        """Return ``measure, period, value, n_areas``; measures that end in 1 or 2 are of one period."""
        lived_in = [counts.sum(axis=1) > 0 for counts in (self.first, self.last)]
        n_areas = {
            "1": lived_in[0].sum(),
            "2": lived_in[1].sum(),
            "difference": (lived_in[0] | lived_in[1]).sum(),
            "additions": (lived_in[1] & ~self.in_areas).sum(),
            "removals": (lived_in[0] & ~self.in_areas).sum(),
        }
        period = {"1": str(self.names[0]), "2": str(self.names[1])}
        rows = [
            {
                "measure": measure,
                "period": period.get(measure[-1], f"{self.names[0]}–{self.names[1]}"),
                "value": float(value),
                "n_areas": int(n_areas.get(measure, n_areas.get(measure[-1], self.in_areas.sum()))),
            }
            for measure, value in values.items()
        ]
        return pd.DataFrame(rows)


def two_periods(panel: pd.DataFrame, *, groups: Sequence[str], periods: Sequence[int] | None) -> Periods:
    """Return the counts of two periods, checked.

    Raises
    ------
    UnknownNameError
        If a column or period is missing.
    InputError
        If keys are not unique, counts are missing, negative, infinite or text, the periods are not two,
        or fewer than one area or two groups have members in both.
    """
    check_keys(panel)
    columns = group_names(groups)
    names = _two_of(panel, periods)
    rows = [panel[panel["period"] == period] for period in names]
    areas = pd.Index(pd.unique(pd.concat([table["area_id"] for table in rows])))
    counts = []
    for table in rows:
        n = np.zeros((len(areas), len(columns)))
        at = areas.get_indexer(table["area_id"])
        n[at] = np.column_stack([complete(table, column, least=0.0) for column in columns])
        counts.append(n)
    first, last = counts
    in_areas, in_groups = _in_both(first, last)
    if not in_areas.any() or in_groups.sum() < 2:
        fix = "Choose periods with the same division into areas, and groups with members in both."
        found = f"{int(in_areas.sum())} areas and {int(in_groups.sum())} groups"
        raise InputError(
            message("panel", f"has {found} with members in both {names[0]} and {names[1]}", fix=fix)
        )
    return Periods(areas.tolist(), columns, names, first, last, in_areas, in_groups)


def filled(*tables: Floats, fill: float) -> list[Floats]:
    """Return the tables with a small number in place of each 0, so that each can have any margins."""
    least = _smallest(*tables)
    if not 0 < check_number(fill, argument="fill") < least:
        rule = f"is {fill!r}, must be greater than 0 and less than the smallest count, {least:g}"
        raise InputError(message("fill", rule, fix="Take a number far below one person, such as 1e-9."))
    return [np.where(counts > 0, counts, fill) for counts in tables]


def other_fill(*tables: Floats) -> float | None:
    """Return a thousandth of the smallest count, to see whether zeros matter; None without zeros."""
    return None if all((counts > 0).all() for counts in tables) else _smallest(*tables) / 1000


def fit(
    structure: Floats, rows: Floats, columns: Floats, *, groups: Sequence[str], tolerance: float
) -> Floats:
    """Fit filled tables to margins or raise an error that names the groups that miss theirs."""
    check_share(tolerance, argument="tolerance")
    fitted, miss = fitted_of(structure, rows, columns, tolerance=tolerance)
    check_reached(miss, groups, tolerance=tolerance, argument="panel")
    return fitted


def first_as_last(data: Periods, *, fill: float, tolerance: float) -> Floats:
    """Return the first table fitted to the margins of the last, areas and groups of both."""
    first, last = data.common
    (dense,) = filled(first, fill=fill)
    rows, columns = last.sum(axis=1), last.sum(axis=0)
    return fit(dense, rows, columns, groups=data.common_groups, tolerance=tolerance)


def warn_of_zeros(rule: str) -> None:
    """Warn the caller's caller that zeros decide a result."""
    fix = "See `fill_sensitivity` before telling margins from structure, or merge small areas or groups."
    warn(message("fill", rule, fix=fix))


def _smallest(*tables: Floats) -> float:
    return float(min(counts[counts > 0].min() for counts in tables))


def _two_of(panel: pd.DataFrame, periods: Sequence[int] | None) -> tuple[int, int]:
    """Return the two periods to compare."""
    at_hand = sorted(panel["period"].unique().tolist())
    fix = f"Name two, such as periods=({at_hand[0]}, {at_hand[-1]})."
    if isinstance(periods, str) or not isinstance(periods, Iterable | None):
        raise InputError(message("periods", f"must be two, is {periods!r}", fix=fix))
    wanted = at_hand if periods is None else list(periods)
    if len(wanted) != 2:
        raise InputError(message("periods", f"must be two, are {len(wanted)}", wanted, fix))
    absent = [period for period in wanted if period not in at_hand]
    if absent:
        fix = f"Periods at hand: {', '.join(map(str, at_hand))}."
        raise UnknownNameError(message("periods", "are not in the panel", absent, fix))
    return int(wanted[0]), int(wanted[1])


def _in_both(first: Floats, last: Floats) -> tuple[Mask, Mask]:
    """Return which areas and groups have members in both periods, once the others are left out."""
    areas, groups = np.ones(first.shape[0], dtype=bool), np.ones(first.shape[1], dtype=bool)
    while True:
        before = areas.sum() + groups.sum()
        areas &= (first[:, groups].sum(axis=1) > 0) & (last[:, groups].sum(axis=1) > 0)
        groups &= (first[areas].sum(axis=0) > 0) & (last[areas].sum(axis=0) > 0)
        if areas.sum() + groups.sum() == before:
            return areas, groups
