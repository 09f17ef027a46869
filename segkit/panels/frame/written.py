"""The texts of a column as numbers, all at once: what each may be, and what it is with a decimal sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from segkit.panels.frame.numbers import Shape, shape

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from segkit.panels.frame.raw import Column

_NO, _COMMA, _POINT = 0, 1, 2
SIGNS = {",": _COMMA, ".": _POINT}
_PLAIN = r"^-?[0-9]+(?:[.,][0-9]+)?$"


@dataclass
class Written:
    """The distinct cells of a column: which are plain numbers, with which sign; the others taken apart."""

    text: NDArray[np.bool_]
    plain: NDArray[np.bool_]
    mark: NDArray[np.int8]
    certain: NDArray[np.bool_]
    stored: NDArray[np.float64]
    others: dict[int, Shape]
    strings: pa.Array = field(repr=False)

    @property
    def number(self) -> NDArray[np.bool_]:
        """Which distinct cells are numbers, stored or written."""
        found = self.plain | np.isfinite(self.stored)
        found[list(self.others)] = True
        return found

    def values(self, decimal: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the numbers with this decimal sign, and which texts contradict it."""
        values = self.stored.copy()
        wrong = np.zeros(len(values), dtype=bool)
        own = SIGNS[decimal]
        other = "," if decimal == "." else "."
        as_decimal = self.plain & ((self.mark == _NO) | (self.mark == own))
        grouped = self.plain & (self.mark != _NO) & (self.mark != own)
        values[as_decimal] = self._cast(as_decimal, decimal, ".")
        values[grouped & ~self.certain] = self._cast(grouped & ~self.certain, other, "")
        wrong[grouped & self.certain] = True
        for k, form in self.others.items():
            value = form.value(decimal)
            values[k] = np.nan if value is None else value
            wrong[k] = value is None
        return values, wrong

    def _cast(self, which: NDArray[np.bool_], sign: str, instead: str) -> NDArray[np.float64]:
        import pyarrow as pa
        import pyarrow.compute as pc

        texts = self.strings.filter(pa.array(which))
        if sign != instead:
            texts = pc.replace_substring(texts, sign, instead)
        found: NDArray[np.float64] = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
        return found


def written(column: Column) -> Written:
    """Take a column's texts apart; done once."""
    if "written" not in column.kept:
        column.kept["written"] = _take_apart(column)
    kept: Written = column.kept["written"]
    return kept


def _take_apart(column: Column) -> Written:
    import pyarrow as pa
    import pyarrow.compute as pc

    cells, texts = column.cells, column.texts
    text = np.fromiter((isinstance(x, str) for x in cells), dtype=bool, count=len(cells)) & ~column.empty
    stored = np.full(len(cells), np.nan)
    for k in np.flatnonzero(~text):
        cell = cells[k]
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            stored[k] = cell
    strings = pa.array(texts, pa.string())
    plain = _numpy(pc.match_substring_regex(strings, _PLAIN)).astype(bool) & text
    comma, point = (_numpy(pc.find_substring(strings, sign)) for sign in (",", "."))
    at = np.maximum(comma, point)
    mark = np.where(at < 0, _NO, np.where(comma > point, _COMMA, _POINT)).astype(np.int8)
    fraction = _numpy(pc.utf8_length(strings)) - at - 1
    whole = at - _numpy(pc.starts_with(strings, "-"))
    zero = _numpy(pc.match_substring_regex(strings, "^-?0"))
    certain = (mark != _NO) & ((fraction != 3) | (whole > 3) | zero)
    others = {int(k): form for k in np.flatnonzero(text & ~plain) if (form := shape(texts[k])) is not None}
    return Written(text, plain, mark, certain, stored, others, strings)


def _numpy(found: pa.Array) -> NDArray[np.int64]:
    values: NDArray[np.int64] = found.to_numpy(zero_copy_only=False)
    return values


def numbers(column: Column) -> NDArray[np.bool_]:
    """Tell which distinct cells of a column are numbers, stored or written; done once."""
    if "numbers" not in column.kept:
        column.kept["numbers"] = written(column).number
    kept: NDArray[np.bool_] = column.kept["numbers"]
    return kept


@dataclass
class Evidence:
    """What the text numbers of a table say of its decimal sign: the first of each kind, column and cell."""

    quoted: bool = False
    signs: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    ambiguous: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    whole: bool = False

    def add(self, c: int, column: Column, used: NDArray[np.bool_]) -> None:
        """Take in the numbers of a column."""
        apart = written(column)
        plain = apart.plain & used
        self.whole |= bool((plain & (apart.mark == _NO)).any())
        for sign, code in SIGNS.items():
            for found, certain in ((self.signs, apart.certain), (self.ambiguous, ~apart.certain)):
                at = np.flatnonzero(plain & (apart.mark == code) & certain)
                if len(at) and sign not in found:
                    found[sign] = (c, int(at[0]), column.texts[at[0]])
        for k, form in apart.others.items():
            if used[k]:
                if form.evidence:
                    self.signs.setdefault(form.evidence, (c, k, column.texts[k]))
                elif form.ambiguous:
                    self.ambiguous.setdefault(form.mark, (c, k, column.texts[k]))

    def decimal(self) -> str | None:
        """Return the decimal sign; empty where there is none to tell, None where it can't be told."""
        if len(self.signs) == 1:
            return next(iter(self.signs))
        if self.signs:
            return None
        if not self.ambiguous:
            return ""
        if len(self.ambiguous) == 1 and "," in self.ambiguous and self.whole and self.quoted:
            return "."
        return None
