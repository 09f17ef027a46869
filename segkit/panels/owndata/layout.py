"""Find the table on a sheet: its heading rows, its column of areas, its rows of data and what is no data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segkit.errors import InputError, UnknownNameError, message
from segkit.panels.owndata.codes import AREA_HEADINGS, Codes, is_note, is_total, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.panels.owndata.sheets import Sheet

_MOST_HEADING_ROWS = 4

#: A column with this share of the most areas may be the column of areas, too.
_RIVAL = 0.5


@dataclass(frozen=True)
class Layout:
    """Where the parts of a table are, rows and columns counted from 0."""

    headings: tuple[int, ...]
    area: int
    rows: list[tuple[int, str]]
    left_out: list[tuple[str, str, str]]
    how: Counter[str]
    parts: list[list[str]]


def find(
    sheet: Sheet, codes: Codes, *, area_id: str | None, leave_out: Sequence[str], hidden: str
) -> Layout | None:
    """Find the table on a sheet, None when it has no column of areas."""
    by_heading = _heading_cell(sheet, area_id)
    if area_id is not None and by_heading is None:
        return None
    column = by_heading[1] if area_id is not None and by_heading else _area_column(sheet, codes)
    if column is None:
        if by_heading is None:
            return None
        column = by_heading[1]
        first = None
    else:
        first = next((r for r in range(len(sheet.rows)) if codes.read(sheet.at(r, column)) is not None), None)
    if by_heading is not None and (first is None or area_id is not None):
        last = by_heading[0]
    elif first is not None:
        last = _last_heading(sheet, column, first, codes)
    else:
        return None
    headings = _heading_rows(sheet, column, last)
    recognized = first is not None or bool(codes.known)
    how: Counter[str] = Counter()
    rows, left_out = _rows(sheet, column, last + 1, codes, leave_out, hidden, how, recognized=recognized)
    if not rows:
        return None
    return Layout(headings, column, rows, left_out, how, _parts(sheet, headings, column))


def _heading_cell(sheet: Sheet, area_id: str | None) -> tuple[int, int] | None:
    """Return the first cell with the heading asked for, or with a usual heading of areas."""
    wanted = AREA_HEADINGS if area_id is None else {area_id.strip().casefold()}
    for r, row in enumerate(sheet.rows[:100]):
        for c, cell in enumerate(row):
            if (
                isinstance(cell, str)
                and text_of(cell).casefold() in wanted
                and sum(x is not None for x in row) > 1
            ):
                return r, c
    return None


def _area_column(sheet: Sheet, codes: Codes) -> int | None:
    """Return the column with the most cells that are areas; another that says otherwise is an error."""
    read = [[codes.read(sheet.at(r, c)) for r in range(len(sheet.rows))] for c in range(sheet.width)]
    counts = [sum(code is not None for code in column) for column in read]
    best = max(counts, default=0)
    if not best:
        return None
    first = counts.index(best)
    rivals = [c for c, n in enumerate(counts) if n >= _RIVAL * best and _differ(read[first], read[c])]
    if not rivals:
        return first
    able = [first, *rivals]
    headed = [c for c in able if _has_area_heading(sheet, c)]
    if len(headed) == 1:
        return headed[0]
    # Of official codes those of the smaller areas are meant.
    distinct = {c: len(set(read[c])) for c in able}
    finest = [c for c in able if distinct[c] == max(distinct.values())]
    if not codes.known and len(finest) == 1:
        return finest[0]
    at = [next(r for r, code in enumerate(read[c]) if code is not None) for c in able[:2]]
    one, other = (sheet.place(r, c) for r, c in zip(at, able[:2], strict=True))
    fix = "Name the heading of the right one with area_id=."
    raise InputError(message("area_id", f"{one} and {other} both begin a column of areas", fix=fix))


def _differ(one: list[str | None], other: list[str | None]) -> bool:
    return any(a != b for a, b in zip(one, other, strict=True) if a is not None and b is not None)


def _has_area_heading(sheet: Sheet, column: int) -> bool:
    return any(text_of(row[column]).casefold() in AREA_HEADINGS for row in sheet.rows if column < len(row))


def _last_heading(sheet: Sheet, column: int, first: int, codes: Codes) -> int:
    """Return the lowest heading row: the nearest filled one above the first area that is no sum."""
    for r in range(first - 1, -1, -1):
        filled = [c for c, cell in enumerate(sheet.rows[r]) if cell is not None]
        # A name alone above the areas heads a group of rows, if a fuller row stands higher up.
        if not filled or (filled == [column] and _fuller_above(sheet, r)):
            continue
        label, official = sheet.at(r, filled[0]), filled[0] == column and codes.official
        if not (is_total(label, official=official) and _figures(sheet, r, filled[0])):
            return r
    fix = "Give every column a heading in the row above the first area."
    raise InputError(
        message("table", f"{sheet.place(first, column)} is an area with no headings above it", fix=fix)
    )


def _fuller_above(sheet: Sheet, row: int) -> bool:
    return any(sum(cell is not None for cell in cells) > 1 for cells in sheet.rows[:row])


def _digits(cell: Any) -> bool:
    return isinstance(cell, str) and cell.strip()[:1].isdigit()


def _heading_rows(sheet: Sheet, column: int, last: int) -> tuple[int, ...]:
    """Return the heading rows: the lowest, and those right above it that head several columns."""
    rows = [last]
    for r in range(last - 1, max(last - _MOST_HEADING_ROWS, -1), -1):
        filled = [c for c, cell in enumerate(sheet.rows[r]) if cell is not None]
        spans = [m for m in sheet.merged if m[0] <= r <= m[2] and m[3] > m[1]]
        over_data = [c for c in filled if c > column]
        title = any(m[1] <= column and m[3] >= column + 2 for m in spans)
        down = any(m[0] == r and m[2] >= last and m[1] == m[3] for m in sheet.merged)
        if not filled or title or not (over_data or down):
            break
        rows.insert(0, r)
    return tuple(rows)


def _parts(sheet: Sheet, headings: tuple[int, ...], area: int) -> list[list[Any]]:
    """Return the texts that stand above each column, from the top; headings of groups are carried on."""
    result: list[list[Any]] = [[] for _ in range(sheet.width)]
    for r in headings:
        cells = [sheet.at(r, c) for c in range(sheet.width)]
        merged = [m for m in sheet.merged if m[0] <= r <= m[2]]
        for top, left, _, right in merged:
            if top == r:
                cells[left : right + 1] = [sheet.at(top, left)] * (right + 1 - left)
        if r != headings[-1] and not any(m[3] > m[1] for m in merged):
            carried = None
            for c in range(area + 1, sheet.width):
                carried = cells[c] if cells[c] is not None else carried
                below = sheet.at(headings[-1], c)
                cells[c] = carried if below is not None else cells[c]
        for c, cell in enumerate(cells):
            if cell is not None:
                result[c].append(cell)
    return result


def _rows(
    sheet: Sheet,
    column: int,
    begin: int,
    codes: Codes,
    leave_out: Sequence[str],
    hidden: str,
    how: Counter[str],
    *,
    recognized: bool,
) -> tuple[list[tuple[int, str]], list[tuple[str, str, str]]]:
    """Tell rows of areas from blank rows, sums and notes; a row that is neither is an error."""
    unwanted = {text.strip().casefold() for text in leave_out}
    rows: list[tuple[int, str]] = []
    left: list[tuple[str, str, str]] = []
    for r in range(begin, len(sheet.rows)):
        filled = [c for c in range(sheet.width) if sheet.at(r, c) is not None or (r, c) in sheet.unsaved]
        if not filled:
            how["blank_rows"] += 1
            continue
        cell = _merged_down(sheet, r, column)
        label = cell if cell is not None else sheet.at(r, filled[0])
        reason = "asked" if text_of(label).casefold() in unwanted else ""
        if r in sheet.hidden_rows:
            reason = "hidden" if hidden == "leave out" else reason
            how.update(["hidden_rows"] if hidden == "read" else [])
        code = codes.read(cell, how) if recognized and not reason else None
        reason = reason or (
            ""
            if code is not None
            else _no_area(sheet, r, column, label, official=recognized and codes.official)
        )
        if reason:
            left.append((sheet.place(r, column), text_of(label), reason))
        elif code is not None:
            rows.append((r, code))
        elif recognized or cell is None:
            _refuse(sheet, r, column, cell, codes)
        else:
            rows.append((r, text_of(cell)))
    return rows, left


def _no_area(sheet: Sheet, r: int, column: int, label: Any, *, official: bool) -> str:
    """Return why a row whose code is not known is no area; empty when it should have been one."""
    filled = [c for c in range(sheet.width) if sheet.at(r, c) is not None]
    alone = len(filled) == 1
    if alone and is_note(label):
        return "note"
    # A number in another column, such as a year, is no code of a municipality.
    if is_total(label, official=official and sheet.at(r, column) is not None):
        return "sum"
    if filled and not _figures(sheet, r, column):
        if is_note(label) or filled[0] != column:
            return "note"
        if alone and official:
            return "alone"
    return ""


def _figures(sheet: Sheet, r: int, column: int) -> bool:
    return any(
        isinstance(cell, int | float) or _digits(cell) for c, cell in enumerate(sheet.rows[r]) if c != column
    )


def _merged_down(sheet: Sheet, r: int, column: int) -> Any:
    cell = sheet.at(r, column)
    if cell is not None:
        return cell
    for top, left, bottom, right in sheet.merged:
        if top < r <= bottom and left <= column <= right:
            return sheet.at(top, left)
    return None


def _refuse(sheet: Sheet, r: int, column: int, cell: Any, codes: Codes) -> None:
    place = sheet.place(r, column)
    if cell is None:
        fix = "Write the area's code in the row, or take the row away."
        raise InputError(message("table", f"{place} is empty, but the row has figures", fix=fix))
    if not isinstance(cell, str | int | float):
        fix = "Excel has made a date of a code: format the cells as text and type the codes again."
        raise InputError(message("table", f"{place} holds {cell} where the code of an area belongs", fix=fix))
    fix = "Correct the code, take the row away, or name the text in leave_out= to leave such rows out."
    rule = f"{place} holds {text_of(cell)!r}, which is no code or name of a known area"
    if codes.known:
        rule += f" (there are {len(codes.known)})"
    raise InputError(message("table", rule, fix=fix))


def pick(
    found: dict[str, Layout], sheets: Sequence[Sheet], sheet: str | None, area_id: str | None
) -> tuple[Sheet, Layout]:
    """Choose the sheet that has a table of areas; none or several is an error."""
    names = [s.name for s in sheets]
    if sheet is not None and sheet not in names:
        raise UnknownNameError(
            message("sheet", f"there is no sheet {sheet!r}", fix=f"Sheets: {', '.join(names)}.")
        )
    if len(found) == 1:
        name = next(iter(found))
        return next(s for s in sheets if s.name == name), found[name]
    if len(found) > 1:
        raise InputError(
            message("sheet", "several sheets have a table of areas", found, "Name one with sheet=.")
        )
    where = f"sheet {sheet!r}" if sheet else ", ".join(names[:3])
    if area_id is not None:
        rule = f"{where} has no row of headings with {area_id!r}"
        raise UnknownNameError(message("area_id", rule, fix="Write the heading as it stands in the file."))
    fix = (
        "Codes of DeSO and RegSO are recognized by themselves; for other areas load them first, or name the "
        "column's heading with area_id=."
    )
    raise InputError(message("table", f"{where} has no column with codes of areas", fix=fix))
