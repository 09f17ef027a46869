"""Panels read as one row per area and one column per period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import Floats, check_choice, check_columns, check_keys, labels_of
from segkit.base.order import in_area_order
from segkit.errors import InputError, list_some, message, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

Missing = Literal["raise", "drop"]

Codes: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Paths:
    """The states of each area in each period, as positions among the states; -1 where there is none."""

    codes: Codes
    states: pd.Index
    areas: pd.Index
    periods: tuple[int, ...]
    rows: pd.DataFrame

    def complete(self, argument: str) -> Paths:
        """Return the areas that have a state in every period; count the others by a warning."""
        whole = (self.codes >= 0).all(axis=1)
        kept = np.flatnonzero(whole)
        if not kept.size:
            fix = "Choose periods that have the same areas."
            raise InputError(message(argument, "has no area with a state in every period", fix=fix))
        warn_left_out(argument, self.areas[np.flatnonzero(~whole)], len(self.areas), "a state in some period")
        return Paths(self.codes[kept], self.states, self.areas[kept], self.periods, self.rows)


def paths(
    panel: pd.DataFrame, column: str, states: Sequence[object] | None = None, *, missing: Missing = "raise"
) -> Paths:
    """Read the states of a panel, checked."""
    check_choice(missing, ("raise", "drop"), argument="missing")
    rows = rows_with(panel, column, missing=missing)
    known = _states(rows[column], states)
    code = known.get_indexer(pd.Index(rows[column]))
    if (code < 0).any():
        fix = f"States at hand: {list_some(known, 20)}."
        strange = rows[column][code < 0].unique()
        raise InputError(message("states", f"lacks states of {column!r}", strange, fix))
    wide, areas, periods = spread(rows, code, empty=-1)
    return Paths(wide.astype(np.intp), known, areas, periods, rows)


def rows_with(panel: pd.DataFrame, column: str, *, missing: Missing) -> pd.DataFrame:
    """Return the rows of a checked panel that have an entry in a column, in the order of their areas."""
    check_keys(panel)
    panel = in_area_order(panel)
    check_columns(panel, [column], argument="panel")
    absent = panel[column].isna().to_numpy()
    if absent.any() and missing == "raise":
        fix = "Fill them by a rule you can state, or leave their transitions out by missing='drop'."
        rule = f"has {int(absent.sum())} missing values"
        raise InputError(message(column, rule, labels_of(panel, absent), fix))
    if absent.any():
        rule = f"leaves out {int(absent.sum())} rows without a value"
        warn(message(column, rule, labels_of(panel, absent)))
    rows = panel[~absent] if absent.any() else panel
    if rows["period"].nunique() < 2:
        raise InputError(message("panel", f"has fewer than two periods with {column!r}"))
    return rows


def spread(
    rows: pd.DataFrame, entries: npt.NDArray[np.generic], *, empty: float
) -> tuple[Floats, pd.Index, tuple[int, ...]]:
    """Spread the entries of a panel's rows to one row per area and one column per period."""
    area, areas = pd.factorize(rows["area_id"])
    period, periods = pd.factorize(rows["period"], sort=True)
    wide = np.full((len(areas), len(periods)), empty, dtype=np.float64)
    wide[area, period] = entries
    return wide, pd.Index(areas, name="area_id"), tuple(int(p) for p in periods)


def warn_left_out(argument: str, areas: pd.Index, total: int, lacks: str) -> None:
    """Count the areas that are left out."""
    if len(areas):
        rule = f"leaves out {len(areas)} of {total} areas, which lack {lacks}"
        warn(message(argument, rule, areas))


def _states(column: pd.Series, states: Sequence[object] | None) -> pd.Index:
    """Return the states in their order: as given, of a categorical, or sorted."""
    known: pd.Index
    if states is not None:
        if isinstance(states, str) or not isinstance(states, Iterable):
            raise InputError(message("states", f"is {states!r}, must be a list of states"))
        known = pd.Index(list(states))
        if known.empty or not known.is_unique or known.hasnans:
            raise InputError(message("states", "must be different states, each named once", states))
    elif isinstance(column.dtype, pd.CategoricalDtype):
        known = pd.Index(column.cat.remove_unused_categories().cat.categories)
    else:
        known = pd.Index(pd.factorize(column, sort=True)[1])
    return known
