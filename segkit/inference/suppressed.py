"""Counts that are known only to lie between two numbers: suppressed or rounded cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from segkit.base.checks import Floats, check_columns, labels_of, numbers
from segkit.errors import InputError, UnknownNameError, message

if TYPE_CHECKING:
    import pandas as pd

    from segkit.inference.draws import Counts, Rows
    from segkit.inference.scoring import Columns

#: Column -> the least and most that a suppressed cell can be: numbers, or columns with a pair per row.
Suppressed: TypeAlias = "Mapping[str, tuple[float | str, float | str]] | None"


@dataclass(frozen=True)
class Cells:
    """The counts with the least and most that each can be: columns by areas, whole numbers."""

    names: tuple[str, ...]
    low: Floats
    high: Floats
    two_groups: bool

    def parts(self, counts: Counts) -> Counts:
        """Return groups (or the group and the rest) of counts per column."""
        if not self.two_groups:
            return counts
        group, total = counts
        inside = np.minimum(group, total)
        return np.stack([inside, total - inside])

    def draw(self, rng: np.random.Generator, size: int) -> Counts:
        """Draw each uncertain count between its ends, every whole number as likely."""
        low, high = (np.round(end).astype(np.int64)[:, None, :] for end in (self.low, self.high))
        shape = (low.shape[0], size, low.shape[2])
        return self.parts(rng.integers(low, high + 1, size=shape))

    def at(self, rows: Rows) -> Cells:
        """Return the counts of the rows kept."""
        return Cells(self.names, self.low[:, rows.kept], self.high[:, rows.kept], self.two_groups)

    def table(self, rows: Rows, end: Floats) -> pd.DataFrame:
        """Return the rows with every count at one of its ends."""
        filled = dict(zip(self.names, end, strict=True))
        if self.two_groups:
            group, total = self.names
            filled[group] = np.minimum(filled[group], filled[total])
        return rows.frame.assign(**filled)


def uncertain(
    data: pd.DataFrame, columns: Columns, suppressed: Suppressed
) -> tuple[pd.DataFrame, Cells | None]:
    """Return the table with suppressed cells at the middle of what they can be, and their ends."""
    if suppressed is not None and not isinstance(suppressed, Mapping):
        fix = 'Give the least and the most of each column, such as {"group": (1, 2)}.'
        raise InputError(message("suppressed", f"is {suppressed!r}, must be a mapping of columns", fix=fix))
    if not suppressed:
        return data, None
    names = tuple(columns.groups or [name for name in (columns.group, columns.total) if name is not None])
    if not names:
        raise InputError(message("suppressed", "is for counts, not for values of areas"))
    unknown = [name for name in suppressed if name not in names]
    if unknown:
        fix = f"The counts are: {', '.join(names)}."
        raise UnknownNameError(message("suppressed", "names a column that is not measured", unknown, fix))
    low, high, filled = [], [], {}
    for name in names:
        known = numbers(data, name, least=0.0)
        ends = (known, known) if name not in suppressed else _ends(data, name, known, suppressed[name])
        low.append(ends[0])
        high.append(ends[1])
        filled[name] = np.where(np.isnan(known), (ends[0] + ends[1]) / 2, known)
    if not columns.groups:
        # The middle may pass a small total; the least must not.
        group, total = names
        possible = low[0] <= high[1]
        filled[group] = np.where(possible, np.minimum(filled[group], filled[total]), filled[group])
    cells = Cells(names, np.stack(low), np.stack(high), two_groups=not columns.groups)
    return data.assign(**filled), cells


def _ends(
    data: pd.DataFrame, name: str, known: Floats, given: tuple[float | str, float | str]
) -> tuple[Floats, Floats]:
    """Return the least and the most of each cell of a column."""
    pair = isinstance(given, tuple | list) and len(given) == 2
    if not pair or not all(isinstance(end, str | int | float | np.number) for end in given):
        fix = 'Give the least and the most, such as (1, 2), or two columns, such as ("low", "high").'
        raise InputError(message("suppressed", f"has {given!r} for {name}", fix=fix))
    ends = []
    for end in given:
        if isinstance(end, str):
            check_columns(data, [end])
            column = numbers(data, end, least=0.0)
            ends.append(np.where(np.isnan(column), known, column))
        else:
            ends.append(np.where(np.isnan(known), float(end), known))
    low, high = ends
    wrong = low > high
    if wrong.any():
        rule = "has a least value above the most"
        raise InputError(message(f"suppressed[{name!r}]", rule, labels_of(data, wrong)))
    outside = (known < low) | (known > high)
    if outside.any():
        rule = f"does not hold what {name} is"
        raise InputError(message(f"suppressed[{name!r}]", rule, labels_of(data, outside)))
    filled = ~np.isnan(low) & ~np.isnan(high)
    whole = np.isfinite(high) & (low == np.round(low)) & (high == np.round(high)) & (low >= 0)
    broken = filled & ~whole
    if broken.any():
        rule = "must be whole numbers from 0 upwards"
        raise InputError(message(f"suppressed[{name!r}]", rule, labels_of(data, broken)))
    return low, high
