"""Where a table's parts are on a sheet: title, heading rows, rows of data, the column of areas, notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.panels.frame.headings import DIMENSION_WORDS, INDICATOR_WORDS, PERIOD_WORDS, year_of
from segkit.panels.frame.places import AREA, BLANK, OTHER, TOTAL, Areas, Matched, is_code, is_total, match
from segkit.panels.frame.raw import Column, factored, filled_cells, folded, text_of
from segkit.panels.frame.written import numbers, written

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segkit.panels.frame.description import Entry
    from segkit.panels.frame.raw import Sheet

_MOST_HEADING_ROWS = 5
_LOOKED = 200


@dataclass
class Layout:
    """A table on a sheet; rows and columns counted from 0 as in the sheet's grid."""

    sheet: Sheet
    area: int
    headings: list[int]
    rows: NDArray[np.intp]
    matched: Matched
    column: Column
    parts: list[list[Any]]
    titles: list[tuple[int, str]]
    notes: list[tuple[int, str]]
    filled_down: int = 0
    gaps: list[int] = field(default_factory=list)
    told_headings: bool = False

    @property
    def status(self) -> NDArray[np.intp]:
        """What each row of the table is."""
        return self.matched.status[self.column.codes[self.rows]]

    @property
    def areas(self) -> NDArray[np.intp]:
        """The area of each row, -1 where it is none."""
        return self.matched.area[self.column.codes[self.rows]]


def year_like(column: Column) -> NDArray[np.bool_]:
    """Tell which distinct cells of a column are years; done once."""
    if "years" not in column.kept:
        import pyarrow.compute as pc

        found = np.zeros(len(column.cells), dtype=bool)
        apart = written(column)
        found |= (
            np.isfinite(apart.stored)
            & (apart.stored % 1 == 0)
            & (apart.stored >= 1800)
            & (apart.stored < 2100)
        )
        able = pc.match_substring_regex(
            apart.strings, r"^[^0-9]{0,30}(?:18|19|20)[0-9][0-9](?:[^0-9].{0,20})?$"
        )
        for k in np.flatnonzero(able.to_numpy(zero_copy_only=False) & ~np.isfinite(apart.stored)):
            found[k] = year_of(column.cells[k]) is not None
        column.kept["years"] = found
    kept: NDArray[np.bool_] = column.kept["years"]
    return kept


def number_cells(sheet: Sheet) -> NDArray[np.bool_]:
    """Tell which cells of a sheet are numbers; done once."""
    if "numbers" not in sheet.kept:
        columns = [sheet.column(c) for c in range(sheet.width)]
        sheet.kept["numbers"] = np.column_stack([numbers(column)[column.codes] for column in columns])
    kept: NDArray[np.bool_] = sheet.kept["numbers"]
    return kept


def figure_cells(sheet: Sheet) -> NDArray[np.bool_]:
    """Tell which cells of a sheet are numbers that can't be years; done once."""
    if "figures" not in sheet.kept:
        columns = [sheet.column(c) for c in range(sheet.width)]
        years = np.column_stack([year_like(column)[column.codes] for column in columns])
        sheet.kept["figures"] = number_cells(sheet) & ~years
    kept: NDArray[np.bool_] = sheet.kept["figures"]
    return kept


def heading_cell(sheet: Sheet, heading: str) -> tuple[int, int] | None:
    """Return the first cell that holds a heading."""
    wanted = folded(heading)
    if sheet.headings is not None:
        return next(((-1, c) for c, h in enumerate(sheet.headings) if folded(h) == wanted), None)
    for r in range(min(sheet.height, _LOOKED)):
        for c in sheet.filled(r):
            if folded(text_of(sheet.grid[r, c])) == wanted and len(sheet.filled(r)) > 1:
                return r, c
    return None


def find(sheet: Sheet, areas: Areas | None, entry: Entry) -> Layout | None:
    """Find the table on a sheet; None where no column says which area."""
    told = entry.get("area")
    at = heading_cell(sheet, told) if told is not None else None
    stated = _stated(sheet, entry)
    if told is not None and at is None:
        at = _joined_heading(sheet, areas, entry)
        if at is None:
            return None
    if areas is None:
        column = at[1] if at is not None else _any_area_column(sheet, stated)
        if column is None:
            return None
        cells, filled = _filled_down(sheet, column)
        matched = _all_areas(cells)
        begin = _first_figures(sheet, stated, column)
        if begin is None:
            return None
    else:
        column = at[1] if at is not None else _area_column(sheet, areas)
        if column is None:
            return None
        cells, filled = _filled_down(sheet, column)
        matched = match(cells, areas)
        status = matched.status[cells.codes]
        after = max(stated) + 1 if stated else (at[0] + 1 if at is not None else 0)
        known = np.flatnonzero(np.isin(status[after:], (AREA, OTHER))) + after
        if not len(known):
            first = _first_figures(sheet, stated, column)
            if first is None:
                return None
            known = np.array([max(first, after)])
        begin = _begin(sheet, column, int(known[0]), status, after)
    headings = stated or ([] if sheet.headings is not None else _heading_rows(sheet, column, begin))
    layout = Layout(sheet, column, headings, np.arange(0), matched, cells, [], [], [], filled)
    layout.told_headings = bool(stated)
    layout.parts = _parts(sheet, headings, column, told=bool(stated))
    _set_rows(layout, max(begin, max(headings, default=-1) + 1))
    top = min(headings, default=begin)
    layout.titles = [(r, text_of(sheet.grid[r, sheet.filled(r)[0]])) for r in range(top)]
    return layout if len(layout.rows) else None


def _joined_heading(sheet: Sheet, areas: Areas | None, entry: Entry) -> tuple[int, int] | None:
    """Find a heading of several rows."""
    from segkit.panels.frame.description import Entry as _Entry

    wanted = folded(entry.get("area"))
    found = find(sheet, areas, _Entry({k: v for k, v in entry.content.items() if k != "area"}))
    if found is None:
        return None
    for c, parts in enumerate(found.parts):
        words = list(dict.fromkeys(text_of(x) for x in parts))
        if folded(" ".join(words)) == wanted and found.headings:
            return max(found.headings), c
    return None


def _stated(sheet: Sheet, entry: Entry) -> list[int]:
    from segkit.panels.frame.texts import Problem

    rows = entry.get("headings")
    if rows is None or sheet.headings is not None:
        return []
    found = [r for r in range(sheet.height) if sheet.row(r) in set(rows)]
    if len(found) < len(rows):
        raise Problem(
            "headings_beyond",
            sheet=sheet.title,
            list=[str(row) for row in rows],
            n=sheet.row(sheet.height - 1),
        )
    return found


def _figures(sheet: Sheet, r: int, area: int) -> bool:
    """Tell whether a row has a number that is no year beside its area."""
    return _beside(figure_cells(sheet)[r], area)


def _any_number(sheet: Sheet, r: int, area: int) -> bool:
    return _beside(number_cells(sheet)[r], area)


def _beside(cells: NDArray[np.bool_], area: int) -> bool:
    n = int(cells.sum())
    return n > 1 or (n == 1 and not (area >= 0 and cells[area]))


def _area_column(sheet: Sheet, areas: Areas) -> int | None:
    """Return the column with the most rows that are areas."""
    ids = set(areas.by_folded_id) | set(areas.by_name)
    best, found = 0.0, None
    for c in range(sheet.width):
        column = sheet.column(c)
        if len(column.cells) > 2000:
            hits = sum(
                t.casefold() in ids
                or t.split(" ", 1)[0].casefold() in ids
                or t.lstrip("0") in areas.by_bare_id
                for t in column.texts
            )
            if not hits:
                continue
        matched = match(column, areas)
        status = matched.status[column.codes]
        known = status == AREA
        few = len(set(matched.area[column.codes[known]])) < min(2, len(areas.ids))
        if few and ((status == OTHER).sum() < 2 or is_number_column(sheet, c)):
            continue
        score = float(known.sum()) + 0.001 * float((status == OTHER).sum())
        if score > best:
            best, found = score, c
    return found


def is_number_column(sheet: Sheet, c: int) -> bool:
    """Tell whether most filled cells of a column are numbers."""
    column = sheet.column(c)
    counts = np.bincount(column.codes, minlength=len(column.cells))
    filled = int(counts[~column.empty].sum())
    return filled > 0 and 2 * int(counts[numbers(column)].sum()) > filled


def _filled_down(sheet: Sheet, column: int) -> tuple[Column, int]:
    """Return the column of areas with the cells of merged blocks filled from above."""
    spread = sheet.spread[:, column]
    raw = sheet.grid[:, column]
    filled = int((filled_cells(spread) & ~filled_cells(raw)).sum()) if sheet.merged else 0
    if not filled:
        return sheet.column(column), 0
    return factored(spread), filled


def _begin(sheet: Sheet, column: int, first: int, status: NDArray[np.intp], after: int) -> int:
    """Return the first row of data: above the first known area other names and sums may stand."""
    begin = first
    cells = sheet.column(column)
    for r in range(first - 1, after - 1, -1):
        named = not cells.empty[cells.codes[r]]
        if named and (_figures(sheet, r, column) or (status[r] == TOTAL and _any_number(sheet, r, column))):
            begin = r
        elif not (named and len(sheet.filled(r)) == 1 and _fuller_above(sheet, r)):
            break
    return begin


def _fuller_above(sheet: Sheet, r: int) -> bool:
    return any(len(sheet.filled(q)) > 1 for q in range(max(0, r - _MOST_HEADING_ROWS), r))


def _together(sheet: Sheet, r: int) -> bool:
    """Tell whether a row follows the one above it without a blank row."""
    return sheet.row(r) - sheet.row(r - 1) == 1


def _heading_rows(sheet: Sheet, column: int, begin: int) -> list[int]:
    """Return the heading rows above the first row of data."""
    r = begin - 1
    while r > 0 and len(sheet.filled(r)) == 1 and not _names_stub(sheet, r, column):
        r -= 1
    if r < 0 or (len(sheet.filled(r)) == 1 and not _names_stub(sheet, r, column) and begin - r > 1):
        return []
    if len(sheet.filled(r)) == 1 and not _names_stub(sheet, r, column) and sheet.width > 2:
        return []
    rows = [r]
    while (
        r > 0
        and _together(sheet, r)
        and not _is_title(sheet, r - 1, column)
        and not _figures(sheet, r - 1, column)
        and len(rows) < _MOST_HEADING_ROWS
    ):
        r -= 1
        rows.append(r)
    return rows[::-1]


def _names_stub(sheet: Sheet, r: int, column: int) -> bool:
    """Tell whether a row holds only the names of the row labels, below headings (as pandas writes them)."""
    return (
        r > 0
        and all(c <= column + 1 for c in sheet.filled(r))
        and _together(sheet, r)
        and sheet.spread[r - 1, column] is None
        and len(sheet.filled(r - 1)) > 0
    )


def _is_title(sheet: Sheet, r: int, column: int) -> bool:
    """Tell whether a row is a title: one cell, from the left, that stands for no group of columns."""
    filled = sheet.filled(r)
    if len(filled) != 1:
        return False
    block = sheet.merge_at(r, filled[0])
    if block is not None and block[1] > sheet.columns[column]:
        return False
    return filled[0] <= column or block is not None


def _parts(sheet: Sheet, headings: list[int], area: int, *, told: bool) -> list[list[Any]]:
    """Return the heading cells above each column, merged ones in each column they cover."""
    if sheet.headings is not None:
        return [[h] for h in sheet.headings]
    cells = [[sheet.spread[r, c] for r in headings] for c in range(sheet.width)]
    if told:
        # Where the rows are told, a heading holds until the next one, over columns with years only.
        for n in range(len(headings) - 1):
            for c in range(area + 2, sheet.width):
                if (
                    cells[c][n] is None
                    and cells[c - 1][n] is not None
                    and not any(_is_word(x) for x in cells[c])
                ):
                    cells[c][n] = cells[c - 1][n]
    return [[x for x in column if x is not None] for column in cells]


def _is_word(cell: Any) -> bool:
    return bool(text_of(cell)) and year_of(cell) is None


def _set_rows(layout: Layout, begin: int) -> None:
    """Set the rows of the table and the notes below it."""
    sheet, column = layout.sheet, layout.area
    status = layout.matched.status[layout.column.codes]
    known = np.flatnonzero(np.isin(status, (AREA, OTHER)))
    known = known[known >= begin]
    last = int(known[-1]) if len(known) else begin
    end = last + 1
    notes: list[tuple[int, str]] = []
    for r in range(last + 1, sheet.height):
        if len(sheet.filled(r)) > 1 and _any_number(sheet, r, column):
            end = r + 1
        else:
            notes.append((r, text_of(sheet.grid[r, sheet.filled(r)[0]])))
    inside = {r for r, _ in notes if r < end}
    rows = np.arange(begin, end, dtype=np.intp)
    if inside:
        rows = rows[~np.isin(rows, list(inside))]
    layout.rows = rows
    layout.notes = notes


# Without boundaries: the areas are what the tables name.


def _all_areas(column: Column) -> Matched:
    status = np.full(len(column.cells), AREA, dtype=np.intp)
    for k, text in enumerate(column.texts):
        if not text:
            status[k] = BLANK
        elif is_total(text):
            status[k] = TOTAL
    return Matched(status, np.where(status == AREA, np.arange(len(status)), -1), [""] * len(status))


def _first_figures(sheet: Sheet, stated: list[int], column: int | None) -> int | None:
    """Return the first row with a name and a number that is no year."""
    after = max(stated) + 1 if stated else 0
    wide = sheet.full.sum(axis=1) > 1
    able = figure_cells(sheet).copy()
    if column is not None:
        able[:, column] = False
    found = np.flatnonzero(wide & able.any(axis=1))
    found = found[found >= after]
    return int(found[0]) if len(found) else None


def _any_area_column(sheet: Sheet, stated: list[int]) -> int | None:
    """Return the column of texts with the most different values over the rows with figures."""
    begin = _first_figures(sheet, stated, None)
    if begin is None:
        return None
    rows = np.flatnonzero(sheet.full.sum(axis=1) > 1)
    rows = rows[rows >= begin]
    headings = _heading_rows(sheet, 0, begin) if begin else []
    best, found = 1, None
    for c in range(sheet.width):
        column = sheet.column(c)
        words = {folded(text_of(sheet.grid[r, c])) for r in headings if sheet.grid[r, c] is not None}
        if words & (PERIOD_WORDS | INDICATOR_WORDS | DIMENSION_WORDS):
            continue
        counts = column.counts(rows)
        filled = counts[~column.empty].sum()
        if filled < 0.9 * len(rows):
            continue
        texts = [k for k in np.flatnonzero(counts) if not column.empty[k] and not numbers(column)[k]]
        if sum(counts[k] for k in texts) * 2 < filled and not all(
            is_code(column.texts[k]) and column.texts[k].startswith("0") for k in np.flatnonzero(counts)
        ):
            continue
        distinct = int((counts[~column.empty] > 0).sum())
        if distinct > best:
            best, found = distinct, c
    if found is None:
        # No column of texts: whole numbers in the first column are codes.
        column = sheet.column(0)
        if all(text.isdigit() for text in (column.texts[k] for k in set(column.codes[rows])) if text):
            return 0
    return found


def with_figures(layout: Layout, *status: int) -> NDArray[np.intp]:
    """Return the positions of rows of these kinds that hold figures."""
    loose = np.flatnonzero(np.isin(layout.status, status))
    cells = number_cells(layout.sheet)[layout.rows[loose]].copy()
    cells[:, layout.area] = False
    return loose[cells.any(axis=1)]
