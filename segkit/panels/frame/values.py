"""The figures of a table: from cells to numbers, with what is missing, withheld or doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.panels.frame import doubts
from segkit.panels.frame import headings as hd
from segkit.panels.frame import numbers as num
from segkit.panels.frame.periods import heading_year_holds
from segkit.panels.frame.questions import ASKED, MUST
from segkit.panels.frame.written import Evidence, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from segkit.panels.frame.columns import Figures, Table
    from segkit.panels.frame.description import Entry
    from segkit.panels.frame.questions import Log
    from segkit.panels.frame.raw import Column

_FLAGS = {"missing": num.MISSING, "suppressed": num.SUPPRESSED}


@dataclass
class Series:
    """The figures of one heading in one table."""

    heading: str
    column: int
    rows: NDArray[np.intp]
    areas: NDArray[np.intp]
    periods: NDArray[np.intp]
    numbers: NDArray[np.float64]
    flags: NDArray[np.int8]
    kinds: NDArray[np.intp]
    codes: NDArray[np.intp]
    percent: bool = False

    @property
    def figures(self) -> NDArray[np.float64]:
        """The figures there are."""
        return self.numbers[np.isfinite(self.numbers)]


@dataclass
class Read:
    """What was read of a table's figures."""

    series: list[Series] = field(default_factory=list)
    decimal: str = ""
    missing: list[str] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)
    zero: list[str] = field(default_factory=list)
    dashes: dict[str, tuple[int, int, list[tuple[str, int]]]] = field(default_factory=dict)


def read(table: Table, told: dict[str, Entry], log: Log) -> Read:
    """Read the figures of a table."""
    result = Read()
    marks = _marks(table)
    signs = _decimals(table, result, log)
    loose: dict[str, tuple[int, int, int]] = {}
    for figures in table.figures:
        column = table.sheet.column(figures.column)
        sign = signs.get(figures.column, ".")
        parsed = _parse(column, table, figures.column, sign, marks, log, unclear=result.decimal == "?")
        for series in _series(table, figures, parsed):
            doubts.dashes(series, table, result, log)
            doubts.unknown(series, table, loose)
            doubts.count_marks(series, table, marks, result, log)
            doubts.doubts(series, table, marks, told, log)
            result.series.append(series)
    if loose:
        listed = [
            (("mark_item"), {"sign": text, "n": n, "cell": table.sheet.cell(r, c)})
            for text, (r, c, n) in loose.items()
        ]
        r, c, _ = next(iter(loose.values()))
        log.add(
            "mark",
            "unknown_marks",
            table.sheet,
            level=MUST,
            row=r,
            column=c,
            text=", ".join(loose),
            setting="tables.missing",
            list=listed,
            guess="?",
        )
    doubts.ask_dashes(table, result, log)
    doubts.unsaved(table, log)
    return result


def _marks(table: Table) -> num.Marks:
    entry = table.entry
    noted: dict[str, str] = {}
    for _, text in [*table.layout.titles, *table.layout.notes]:
        noted |= num.noted_marks(text)
    return num.Marks(
        frozenset(entry.get("missing", [])),
        frozenset(entry.get("suppressed", [])),
        frozenset(entry.get("zero", [])),
        noted,
        told_nothing=entry.get("missing") == [],
    )


def _decimals(table: Table, result: Read, log: Log) -> dict[int, str]:
    """Return the decimal sign of each column of figures: told, by the table, else by the column."""
    told = table.entry.get("decimal")
    every = Evidence(quoted=table.sheet.separator == ",")
    by_column: dict[int, Evidence] = {}
    for figures in table.figures:
        c = figures.column
        column = table.sheet.column(c)
        own = by_column.setdefault(c, Evidence(quoted=every.quoted))
        used = column.counts(table.rows) > 0
        own.add(c, column, used)
        every.add(c, column, used)
    if told is not None:
        result.decimal = told
        return dict.fromkeys(by_column, str(told))
    decimal = every.decimal()
    if decimal:
        result.decimal = decimal
        _tell_decimal(table, every, decimal, log)
        return dict.fromkeys(by_column, decimal)
    if decimal is None and len(every.signs) == 2:
        found = {c: evidence.decimal() for c, evidence in by_column.items()}
        if all(sign is not None for sign in found.values()):
            for c, sign in found.items():
                if sign:
                    log.add(
                        "decimal",
                        "decimal_column",
                        table.sheet,
                        column=c,
                        sign=sign,
                        heading=table.heads[c][0],
                    )
            return {c: sign or "." for c, sign in found.items()}
    if decimal is None:
        _ask_decimal(table, every, log)
        result.decimal = "?"
    return dict.fromkeys(by_column, decimal or (sorted(every.signs) or ["."])[0])


def _tell_decimal(table: Table, evidence: Evidence, decimal: str, log: Log) -> None:
    sheet = table.sheet
    other = "," if decimal == "." else "."
    grouped = evidence.ambiguous.get(other)
    c, k, text = grouped or next(iter(evidence.signs.values()))
    row = sheet.column(c).first(k, table.rows)
    key = "thousands" if grouped else "decimal_told"
    form = num.shape(text)
    value = form.value(decimal) if form else None
    log.add(
        "decimal",
        key,
        sheet,
        level=ASKED if grouped else "told",
        row=row,
        column=c,
        text=text,
        sign=decimal,
        cell=sheet.cell(row, c),
        value=value,
        setting="tables.decimal",
        guess=decimal,
    )


def _ask_decimal(table: Table, evidence: Evidence, log: Log) -> None:
    sheet = table.sheet
    c, k, text = [*evidence.ambiguous.values(), *evidence.signs.values()][0]
    row = sheet.column(c).first(k, table.rows)
    form = num.shape(text)
    values = [form.value(sign) for sign in (",", ".")] if form else []
    both = [v for v in values if v is not None]
    log.add(
        "decimal",
        "decimal_which",
        sheet,
        level=MUST,
        row=row,
        column=c,
        text=text,
        setting="tables.decimal",
        guess="?",
        v1=both[0] if both else text,
        v2=both[-1] if both else text,
        r=sheet.row(row),
        c=sheet.letter(c),
    )


@dataclass
class _Parsed:
    numbers: NDArray[np.float64]
    kinds: NDArray[np.intp]
    percent: NDArray[np.bool_]


def _parse(
    column: Column, table: Table, c: int, decimal: str, marks: num.Marks, log: Log, *, unclear: bool
) -> _Parsed:
    """Turn the distinct cells of a column into numbers and flags."""
    apart = written(column)
    values, wrong = apart.values(decimal)
    kinds = np.where(wrong, num.CONTRADICTION, num.NO_FLAG)
    percent = np.zeros(len(values), dtype=bool)
    used = column.counts(table.rows) > 0
    notes: dict[str, tuple[int, int]] = {}
    for k, form in apart.others.items():
        if used[k]:
            percent[k] = "percent" in form.notes
            for note in form.notes:
                notes.setdefault(note, (k, 0))
    for value, sign in marks.numbers().items():
        _mark(values, kinds, values == value, sign)
    stated = [k for k, text in enumerate(column.texts) if text in marks.told] if marks.told else []
    for k in [*np.flatnonzero(used & ~apart.number), *stated]:
        sign = "missing" if column.empty[k] else marks.meaning(column.texts[k]) or ""
        _mark(values, kinds, k, sign)
    kinds[~used] = num.NO_FLAG
    _tell_notes(column, table, c, notes, log)
    if not unclear:
        _contradictions(column, table, c, kinds, decimal, log)
    return _Parsed(values, kinds, percent)


_KINDS = {"missing": num.MISSING, "suppressed": num.SUPPRESSED, "zero": num.NO_FLAG, "dash": num.DASH}


def _mark(values: NDArray[np.float64], kinds: NDArray[np.intp], at: Any, sign: str) -> None:
    values[at] = 0.0 if sign == "zero" else np.nan
    kinds[at] = _KINDS.get(sign, num.UNKNOWN)


def _tell_notes(column: Column, table: Table, c: int, notes: dict[str, tuple[int, int]], log: Log) -> None:
    for note, (k, _) in notes.items():
        if note in {"percent", "currency", "foot", "spaces", "thousands"}:
            row = column.first(k, table.rows)
            log.add(
                "number",
                f"number_{note}",
                table.sheet,
                row=row,
                column=c,
                text=column.texts[k],
                cell=table.sheet.cell(row, c),
            )


def _contradictions(
    column: Column, table: Table, c: int, kinds: NDArray[np.intp], decimal: str, log: Log
) -> None:
    wrong = np.flatnonzero(kinds == num.CONTRADICTION)
    if not len(wrong):
        return
    k = int(wrong[0])
    row = column.first(k, table.rows)
    n = int(column.counts(table.rows)[wrong].sum())
    log.add(
        "decimal",
        "decimal_contradicted",
        table.sheet,
        level=MUST,
        row=row,
        column=c,
        text=column.texts[k],
        sign=decimal,
        cell=table.sheet.cell(row, c),
        n=n,
        setting="tables.decimal",
        guess="?",
    )


def _series(table: Table, figures: Figures, parsed: _Parsed) -> Iterator[Series]:
    sheet, c = table.sheet, figures.column
    column = sheet.column(c)
    codes = column.codes[table.rows]
    values, kinds = parsed.numbers[codes], parsed.kinds[codes]
    cells = np.zeros(len(codes), dtype=bool)
    if sheet.percent:
        wanted = {row for row, number in sheet.percent if number == int(sheet.columns[c])}
        cells = np.isin(sheet.rows[table.rows], list(wanted)) & np.isfinite(values) if wanted else cells
        values = np.where(cells, np.round(values * 100, 10), values)
    share = cells | parsed.percent[codes]
    periods = table.periods
    if figures.year is not None and heading_year_holds(table):
        periods = np.full(len(codes), figures.year.year, dtype=np.intp)

    def one(heading: str, keep: Any) -> Series:
        v, k = values[keep], kinds[keep]
        flags = np.where(np.isin(k, (num.MISSING, num.SUPPRESSED)), k, num.NO_FLAG).astype(np.int8)
        finite = np.isfinite(v)
        percent = bool(finite.any() and share[keep][finite].mean() > 0.5)
        return Series(
            heading,
            c,
            table.rows[keep],
            table.areas[keep],
            periods[keep],
            v.copy(),
            flags,
            k,
            codes[keep],
            percent,
        )

    if table.indicator is None:
        yield one(figures.heading, slice(None))
        return
    which = sheet.column(table.indicator)
    rows = which.codes[table.rows]
    for code in dict.fromkeys(rows.tolist()):
        if not which.empty[code]:
            yield one(hd.split_year(which.texts[code])[0], rows == code)
