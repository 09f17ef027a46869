"""Open a file as sheets of cells, whatever made it; nothing is interpreted yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from segkit.base.files import existing
from segkit.errors import FileError, InputError, message
from segkit.panels.cells import check_size, csv_rows, decoded, open_workbook

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Sheet:
    """A sheet of cells; rows and columns are counted from 0 here, from 1 in all messages."""

    name: str
    rows: list[list[Any]]
    is_text: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    percent: frozenset[tuple[int, int]] = frozenset()
    unsaved: frozenset[tuple[int, int]] = frozenset()
    lines: list[int] = field(default_factory=list)

    @property
    def width(self) -> int:
        """The number of columns."""
        return max((len(row) for row in self.rows), default=0)

    def at(self, row: int, column: int) -> Any:
        """Return a cell, None beyond the end of its row."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def place(self, row: int, column: int) -> str:
        """Name a cell as the file's own program does."""
        if self.is_text:
            return f"{self.name}, line {self.lines[row]}, column {column + 1}"
        return f"{self.name}!{letters(column)}{row + 1}"

    def row_number(self, row: int) -> int:
        """Return the number of a row as the file's own program shows it."""
        return self.lines[row] if self.is_text else row + 1


def letters(column: int) -> str:
    """Return the letters of a column counted from 0.

    Examples
    --------
    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def open_sheets(path: str | Path) -> tuple[list[Sheet], list[str]]:
    """Return the sheets of a file, and the names of those that are hidden."""
    file = existing(path, argument="table")
    kind = file.suffix.lower()
    if kind in {".xlsx", ".xlsm"}:
        return _workbook(file)
    if kind in {".csv", ".txt", ".tsv", ".skv"}:
        return [_text(file)], []
    if kind in {".xls", ".xlsb", ".ods"}:
        fix = "Open it and save it as an Excel workbook (.xlsx)."
        raise FileError(message("table", f"{file.name} has a format that can't be read", fix=fix))
    raise FileError(message("table", f"{file.name} is not a CSV or Excel (.xlsx) file"))


def _workbook(file: Path) -> tuple[list[Sheet], list[str]]:
    book, stated = open_workbook(file)
    for page in book.worksheets:
        check_size(file, page)
    hidden = [page.title for page in book.worksheets if page.sheet_state != "visible"]
    return [_sheet(page, stated[page.title] if stated else None) for page in book.worksheets], hidden


def _sheet(page: Any, stated: Any) -> Sheet:
    rows: list[list[Any]] = []
    percent, unsaved = set(), set()
    for r, cells in enumerate(page.iter_rows()):
        row = []
        for c, cell in enumerate(cells):
            value = cell.value
            if isinstance(value, str) and not value.strip():
                value = None
            if (
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and "%" in str(cell.number_format)
            ):
                percent.add((r, c))
            if stated is not None and value is None and stated.cell(r + 1, c + 1).data_type == "f":
                unsaved.add((r, c))
            row.append(value)
        rows.append(row)
    merged = [(a.min_row - 1, a.min_col - 1, a.max_row - 1, a.max_col - 1) for a in page.merged_cells.ranges]
    columns = set()
    for letter, size in page.column_dimensions.items():
        if size.hidden:
            first = size.min or _number(letter)
            columns |= set(range(first - 1, min(size.max or first, page.max_column)))
    lines = frozenset(r - 1 for r, size in page.row_dimensions.items() if size.hidden)
    return Sheet(
        page.title,
        rows,
        merged=tuple(sorted(merged)),
        hidden_rows=lines,
        hidden_columns=frozenset(columns),
        percent=frozenset(percent),
        unsaved=frozenset(unsaved),
    )


def _number(letter: str) -> int:
    number = 0
    for sign in letter:
        number = 26 * number + ord(sign) - 64
    return number


def _text(file: Path) -> Sheet:
    text = decoded(file)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError(message("table", f"{file.name} has no lines"))
    read = csv_rows(text, _separator(lines), file.name)
    rows: list[list[Any]] = [[cell if cell.strip() else None for cell in row] for _, row in read]
    return Sheet(file.name, rows, is_text=True, lines=[line for line, _ in read])


def _separator(lines: list[str]) -> str:
    """Return the sign that divides most lines; semicolon and tab before the comma, which may be decimal."""
    for sign in (";", "\t", ","):
        if sum(sign in line for line in lines) * 2 >= len(lines):
            return sign
    return max(";\t,", key=lambda sign: sum(sign in line for line in lines))
