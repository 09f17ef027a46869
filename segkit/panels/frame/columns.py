"""What each column of a table is: areas, years, indicator, value, a dimension, a name, or figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.panels.frame import headings as hd
from segkit.panels.frame import numbers as num
from segkit.panels.frame.layout import Layout, number_cells, with_figures, year_like
from segkit.panels.frame.periods import years_only
from segkit.panels.frame.places import AREA, BLANK, Areas, match
from segkit.panels.frame.questions import ASKED, MUST
from segkit.panels.frame.raw import folded, text_of
from segkit.panels.frame.texts import Problem, nearest
from segkit.panels.frame.written import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segkit.panels.frame.description import Entry
    from segkit.panels.frame.questions import Log
    from segkit.panels.frame.raw import Sheet

_MOST_CATEGORIES = 60


@dataclass
class Figures:
    """A column of figures: its heading, and the year where the heading has one."""

    column: int
    heading: str
    year: hd.Year | None = None


@dataclass
class Table:
    """A table whose columns are understood."""

    sheet: Sheet
    layout: Layout
    entry: Entry
    heads: list[tuple[str, hd.Year | None]]
    period: int | None = None
    year: int | None = None
    indicator: int | None = None
    figures: list[Figures] = field(default_factory=list)
    take: dict[str, str] = field(default_factory=dict)
    name: int | None = None
    rows: NDArray[np.intp] = field(default_factory=lambda: np.arange(0))
    areas: NDArray[np.intp] = field(default_factory=lambda: np.arange(0))
    periods: NDArray[np.intp] = field(default_factory=lambda: np.arange(0))
    base_from: str = ""

    @property
    def area_heading(self) -> str:
        """The heading of the column of areas."""
        return self.heads[self.layout.area][0]


def read(layout: Layout, areas: Areas, entry: Entry, log: Log) -> Table:
    """Tell what each column of a table is."""
    sheet = layout.sheet
    table = Table(sheet, layout, entry, [_heading(parts) for parts in layout.parts])
    keep = layout.status == AREA
    table.rows, table.areas = layout.rows[keep], layout.areas[keep]
    table.period, table.year = _period_column(table, log)
    able = [c for c in range(sheet.width) if c not in {layout.area, table.period}]
    _figures_of(table, able, log)
    _names(table, areas, able, log)
    _select(table, able, log)
    _headings(table, log)
    return table


def _heading(parts: list[Any]) -> tuple[str, hd.Year | None]:
    """Join the parts of a heading downwards, each text once; a year among them is taken out."""
    year: hd.Year | None = None
    texts: list[str] = []
    for part in parts:
        found = hd.year_of(part)
        if found is not None and year is None:
            year = found
        elif (text := text_of(part)) and text not in texts:
            texts.append(text)
    heading = " ".join(texts)
    if year is None and heading:
        heading, year = hd.split_year(heading)
    return heading, year


def find_heading(table: Table, wanted: str, key: str) -> int:
    """Return the column with a heading, in whole or without its year."""
    plain = folded(wanted)
    for c, (heading, year) in enumerate(table.heads):
        full = f"{heading} {year.text or year.year}" if year else heading
        if plain in {folded(heading), folded(full)}:
            return c
    for c, (heading, _) in enumerate(table.heads):
        if not heading and plain == folded(f"({table.sheet.letter(c)})"):
            return c
    known = [h for h, _ in table.heads if h]
    near = nearest(wanted, known, 0.4) or (known[0] if known else "")
    raise Problem(
        "no_column", key=f"tables.{key}", heading=wanted, file=table.sheet.title, list=known, near=near
    )


def _period_column(table: Table, log: Log) -> tuple[int | None, int | None]:
    told = table.entry.get("period")
    if isinstance(told, int):
        return None, told
    if told is not None:
        return find_heading(table, told, "period"), None
    for c, (heading, _) in enumerate(table.heads):
        column = table.sheet.column(c)
        used = [k for k in np.flatnonzero(column.counts(table.rows)) if not column.empty[k]]
        years = sum(bool(year_like(column)[k]) for k in used)
        if c != table.layout.area and folded(heading) in hd.PERIOD_WORDS and used and years * 2 >= len(used):
            log.add(
                "period column",
                "period_column",
                table.sheet,
                column=c,
                heading=heading,
                setting="tables.period",
                guess=heading,
            )
            return c, None
    return None, None


def _figures_of(table: Table, able: list[int], log: Log) -> None:
    told, value = table.entry.get("indicator"), table.entry.get("value")
    if told is not None:
        table.indicator = find_heading(table, told, "indicator")
        c = find_heading(table, value, "value")
        table.figures = [Figures(c, table.heads[c][0])]
        return
    found = [c for c in able if _is_figures(table, c) and not _row_numbers(table, c, log)]
    indicator = next(
        (c for c in able if folded(table.heads[c][0]) in hd.INDICATOR_WORDS and c not in found), None
    )
    if indicator is not None:
        values = [c for c in found if folded(table.heads[c][0]) in hd.VALUE_WORDS]
        values = values or (found if len(found) == 1 else [])
        if values:
            table.indicator = indicator
            found = values[:1]
            log.add(
                "long form",
                "long_form",
                table.sheet,
                column=indicator,
                heading=table.heads[indicator][0],
                value=table.heads[found[0]][0],
            )
    table.figures = [Figures(c, *table.heads[c]) for c in found]
    if table.indicator is not None:
        return
    for c in able:
        heading, year = table.heads[c]
        if c not in found and (heading or year) and _without_figures(table, c):
            full = _shown(table, c)
            row = table.layout.headings[-1] if table.layout.headings else None
            log.add(
                "column without figures",
                "no_figures",
                table.sheet,
                row=row,
                column=c,
                text=full,
                heading=full,
            )


def _row_numbers(table: Table, c: int, log: Log) -> bool:
    """Tell whether a column without heading only counts the rows, as pandas writes its index."""
    if table.heads[c][0] or c > table.layout.area:
        return False
    column = table.sheet.column(c)
    texts = [column.texts[k] for k in column.codes[table.layout.rows]]
    if not all(text.isdigit() for text in texts) or len(texts) < 2:
        return False
    steps = np.diff([int(text) for text in texts])
    if not (steps == 1).all():
        return False
    log.add("row numbers", "row_numbers", table.sheet, column=c)
    return True


def _shown(table: Table, c: int) -> str:
    heading, year = table.heads[c]
    return f"{heading} {year.text or year.year}".strip() if year else heading


def _without_figures(table: Table, c: int) -> bool:
    column = table.sheet.column(c)
    used = np.flatnonzero(column.counts(table.rows))
    marks = num.Marks()
    return all(column.empty[k] or (not numbers(column)[k] and marks.meaning(column.texts[k])) for k in used)


def _is_figures(table: Table, c: int) -> bool:
    """Tell whether most cells of a column that are no marks are numbers."""
    column = table.sheet.column(c)
    counts = column.counts(table.rows)
    n_numbers = int(counts[numbers(column)].sum())
    if not n_numbers:
        return False
    marks = num.Marks()
    texts = sum(
        int(counts[k])
        for k in np.flatnonzero(counts)
        if not column.empty[k] and not numbers(column)[k] and not marks.meaning(column.texts[k])
    )
    return n_numbers >= texts


def _names(table: Table, areas: Areas, able: list[int], log: Log) -> None:
    """Find the column of names, and rows whose code and name are not of the same area."""
    used = {f.column for f in table.figures} | {table.indicator}
    for c in able:
        if c in used or not len(table.rows):
            continue
        column = table.sheet.column(c)
        pairs = set(zip(table.areas.tolist(), column.codes[table.rows].tolist(), strict=True))
        if len(pairs) != len(set(table.areas.tolist())):
            if areas.bounded:
                _conflict(table, areas, c, log)
            continue
        texts = {text_of(table.sheet.grid[r, c]) for r in table.rows}
        if len(texts) == len(pairs) and "" not in texts and table.name is None and len(pairs) > 1:
            table.name = c
        if areas.bounded:
            _conflict(table, areas, c, log)


def _conflict(table: Table, areas: Areas, c: int, log: Log) -> None:
    if "area" in table.entry:
        return
    column = table.sheet.column(c)
    if len(column.cells) > 20_000:
        return
    named = match(column, areas)
    other = named.area[column.codes[table.rows]]
    known = other >= 0
    agree = other == table.areas
    if known.sum() < 2 or known.sum() * 2 < len(known):
        return
    rows = table.rows[known & ~agree]
    if len(rows):
        pairs = [
            f"{text_of(table.sheet.grid[r, table.layout.area])} / {column.texts[column.codes[r]]}"
            for r in rows[:3]
        ]
        log.add(
            "code and name",
            "conflict",
            table.sheet,
            level=MUST,
            row=int(rows[0]),
            column=c,
            setting="tables.area",
            guess="?",
            rows=[table.sheet.row(int(r)) for r in rows],
            list=pairs,
            n=len(rows),
        )


def _select(table: Table, able: list[int], log: Log) -> None:
    """Read one category of each other dimension: the one told, else its total."""
    sheet, told = table.sheet, dict(table.entry.get("take", {}))
    chosen: list[tuple[int, str]] = []
    for heading, value in told.items():
        c = find_heading(table, heading, "take")
        chosen.append((c, value))
    for c, value in chosen:
        _take(table, c, value, told=True)
    used = (
        {f.column for f in table.figures}
        | {table.indicator, table.layout.area, table.period}
        | {c for c, _ in chosen}
    )
    for c in [c for c in able if c not in used or _is_dimension(table, c)]:
        if c in {c for c, _ in chosen} or not _repeated(table):
            continue
        column = sheet.column(c)
        codes = column.codes[table.rows]
        values = [column.texts[k] for k in dict.fromkeys(codes.tolist())]
        if not 1 < len(values) <= _MOST_CATEGORIES or not _varies(table, codes):
            continue
        table.figures = [f for f in table.figures if f.column != c]
        totals = [
            v for v in values if folded(v) in hd.TOTAL_WORDS or folded(v).startswith(("totalt ", "total "))
        ]
        heading = table.heads[c][0] or f"({sheet.letter(c)})"
        if len(totals) == 1:
            _take(table, c, totals[0], told=False)
            table.take[heading] = totals[0]
            log.add(
                "category",
                "take_total",
                sheet,
                level=ASKED,
                column=c,
                heading=heading,
                value=totals[0],
                others=[v for v in values if v != totals[0]],
                setting="tables.take",
                guess={heading: totals[0]},
            )
        else:
            log.add(
                "category",
                "take_which",
                sheet,
                level=MUST,
                column=c,
                heading=heading,
                list=values,
                value=values[0],
                setting="tables.take",
                guess="?",
            )
            _take(table, c, values[0], told=False)
    table.take.update(told)


def _is_dimension(table: Table, c: int) -> bool:
    return folded(table.heads[c][0]) in hd.DIMENSION_WORDS


def _take(table: Table, c: int, value: str, *, told: bool) -> None:
    column = table.sheet.column(c)
    wanted = folded(value)
    codes = [k for k, text in enumerate(column.folded) if text == wanted]
    keep = np.isin(column.codes[table.rows], codes)
    if told and not keep.any():
        values = list(dict.fromkeys(column.texts[k] for k in column.codes[table.rows]))
        near = nearest(value, values, 0.4) or (values[0] if values else "")
        raise Problem(
            "no_category",
            heading=table.heads[c][0],
            value=value,
            list=values,
            near=near,
            sheet=table.sheet.title,
        )
    table.rows, table.areas = table.rows[keep], table.areas[keep]


def _key(table: Table) -> NDArray[np.intp]:
    key = table.areas.astype(np.int64)
    for c in (table.period, table.indicator):
        if c is not None:
            column = table.sheet.column(c)
            key = key * len(column.cells) + column.codes[table.rows]
    return key


def _repeated(table: Table) -> bool:
    key = _key(table)
    return len(np.unique(key)) < len(key)


def _varies(table: Table, codes: NDArray[np.intp]) -> bool:
    """Tell whether a column differs within an area, year and indicator."""
    key = _key(table)
    pairs = np.unique(np.column_stack([key, codes]), axis=0)
    return len(pairs) > len(np.unique(key))


def _headings(table: Table, log: Log) -> None:
    """Ask for headings that are left empty above figures."""
    if table.indicator is not None:
        return
    empty = [f for f in table.figures if not f.heading]
    if not empty:
        return
    if years_only(table):
        return
    row = table.layout.headings[-1] if table.layout.headings else None
    cells = [
        table.sheet.cell(row, f.column) if row is not None else table.sheet.letter(f.column) for f in empty
    ]
    log.add(
        "empty heading",
        "empty_heading",
        table.sheet,
        level=MUST,
        row=row,
        column=empty[0].column,
        setting="tables.headings",
        list=cells,
        guess="?",
    )


def blank_rows(layout: Layout) -> NDArray[np.intp]:
    """Return the positions of rows with figures whose area is left empty."""
    return with_figures(layout, BLANK)


def numbers_in(sheet: Sheet) -> bool:
    """Tell whether a sheet holds any number."""
    return bool(number_cells(sheet).any())
