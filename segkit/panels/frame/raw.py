"""Files as they stand: sheets of cells, with what only the file knows (merged cells, formats, formulas)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd

from segkit.panels.frame.texts import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

TEXT_FILES = frozenset({".csv", ".txt", ".tsv", ".skv"})
WORKBOOKS = frozenset({".xlsx", ".xlsm"})
#: Tables that can't be read: told, with what to do.
OTHER_TABLES = frozenset({".xls", ".xlsb", ".ods", ".numbers"})

MOST_UNPACKED = 200 * 2**20
MOST_MEMBERS = 2_000
MOST_CELLS = 20_000_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True)
class Column:
    """A column of cells as codes of its distinct cells: work is done once for each distinct cell."""

    codes: NDArray[np.intp]
    cells: list[Any]
    kept: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def texts(self) -> list[str]:
        """Each distinct cell as text on one line."""
        return [text_of(cell) for cell in self.cells]

    @cached_property
    def folded(self) -> list[str]:
        """Each distinct cell as text for comparing: lower case, blanks as one, none around / and dashes."""
        return [folded(text) for text in self.texts]

    @cached_property
    def empty(self) -> NDArray[np.bool_]:
        """Which distinct cells are empty."""
        return np.array([not text for text in self.texts], dtype=bool)

    def counts(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Count each distinct cell over rows."""
        return np.bincount(self.codes[rows], minlength=len(self.cells))

    def first(self, code: int, rows: NDArray[np.intp]) -> int:
        """Return the first of the rows that holds a distinct cell."""
        return int(rows[np.argmax(self.codes[rows] == code)])


@dataclass
class Sheet:
    """A sheet of cells without its empty rows and columns; the others keep the numbers a program shows."""

    file: str
    name: str | None
    grid: NDArray[np.object_]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    kind: str
    separator: str = ""
    encoding: str = ""
    hidden: bool = False
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    percent: set[tuple[int, int]] = field(default_factory=set)
    unsaved: list[tuple[int, int]] = field(default_factory=list)
    headings: list[str] | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    _columns: dict[int, Column] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """The number of columns that hold anything."""
        return int(self.grid.shape[1])

    @property
    def height(self) -> int:
        """The number of rows that hold anything."""
        return int(self.grid.shape[0])

    def column(self, c: int) -> Column:
        """Return a column, read once."""
        if c not in self._columns:
            self._columns[c] = factored(self.grid[:, c])
        return self._columns[c]

    def forget(self, c: int) -> None:
        """Read a column anew when it is asked for."""
        self._columns.pop(c, None)

    def letter(self, c: int) -> str:
        """Return a column's letters (its name in a boundary file)."""
        return self.headings[c] if self.headings else letters(int(self.columns[c]))

    def row(self, r: int) -> int:
        """Return the number of a row as a program shows it."""
        return int(self.rows[r])

    @cached_property
    def full(self) -> NDArray[np.bool_]:
        """Which cells hold anything."""
        return filled_cells(self.grid)

    def filled(self, r: int) -> list[int]:
        """Return the columns of a row that hold anything."""
        return [int(c) for c in np.flatnonzero(self.full[r])]

    @property
    def title(self) -> str:
        """The file, and the sheet where there is one."""
        return f"{self.file}, {self.name}" if self.name and self.kind == "xlsx" else self.file

    def cell(self, r: int, c: int) -> str:
        """Name a cell: Blad!H9, or H9 in a file without sheets."""
        at = f"{self.letter(c)}{self.row(r)}" if not self.headings else f"{self.letter(c)} {self.row(r)}"
        return f"{self.name}!{at}" if self.name and self.kind == "xlsx" else at

    @cached_property
    def spread(self) -> NDArray[np.object_]:
        """The cells with the value of a merged block in each cell of it."""
        if not self.merged:
            return self.grid
        grid = self.grid.copy()
        for top, left, bottom, right in self.merged:
            rows = np.flatnonzero((self.rows >= top) & (self.rows <= bottom))
            columns = np.flatnonzero((self.columns >= left) & (self.columns <= right))
            if len(rows) and len(columns) and self.rows[rows[0]] == top and self.columns[columns[0]] == left:
                grid[np.ix_(rows, columns)] = self.grid[rows[0], columns[0]]
        return grid

    def merge_at(self, r: int, c: int) -> tuple[int, int, int, int] | None:
        """Return the merged block that a cell lies in."""
        row, column = int(self.rows[r]), int(self.columns[c])
        for block in self.merged:
            if block[0] <= row <= block[2] and block[1] <= column <= block[3]:
                return block
        return None


def filled_cells(cells: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which cells are not empty."""
    found: NDArray[np.bool_] = pd.notna(cells)
    return found


def factored(cells: NDArray[np.object_]) -> Column:
    """Return cells as codes of the distinct ones."""
    flags = np.fromiter((isinstance(x, bool) for x in cells), dtype=bool, count=len(cells))
    if flags.any():
        cells = cells.copy()
        cells[flags] = [str(x).upper() for x in cells[flags]]
    codes, distinct = pd.factorize(cells)
    found = list(distinct)
    if (codes < 0).any():
        codes = np.where(codes < 0, len(found), codes)
        found.append(None)
    return Column(codes.astype(np.intp), found)


def text_of(cell: Any) -> str:
    """Return a cell as text on one line.

    Examples
    --------
    >>> text_of(2023.0), text_of(" 1  549 "), text_of(None)
    ('2023', '1 549', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(float(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return str(cell)


_AROUND = re.compile(r"\s*([/–—-])\s*")


def folded(text: str) -> str:
    """Return a text for comparing names: case, runs of blanks and blanks around / and dashes do not count.

    Examples
    --------
    >>> folded("Påryd / Tvärskog"), folded("ängö ")
    ('påryd/tvärskog', 'ängö')
    """
    plain = " ".join(text.split()).casefold()
    return _AROUND.sub(r"\1", plain).replace("–", "-").replace("—", "-")


def letters(number: int) -> str:
    """Return the letters of a column counted from 1.

    Examples
    --------
    >>> letters(1), letters(28)
    ('A', 'AB')
    """
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def open_table(path: Path, name: str) -> list[Sheet]:
    """Return the sheets of a table's file that hold anything; `name` is the file's name in messages."""
    if path.suffix.lower() in WORKBOOKS:
        return list(_workbook(path, name))
    sheet = _text(path, name)
    return [sheet] if sheet is not None else []


def _compact(rows: list[tuple[int, Any]], file: str, name: str | None, kind: str) -> Sheet | None:
    """Lay rows of cells in a grid that leaves out empty rows and columns."""
    used: set[int] = set()
    kept: list[tuple[int, Any]] = []
    for number, cells in rows:
        at = [c for c, cell in enumerate(cells) if cell is not None and cell != ""]
        if at:
            used.update(at)
            kept.append((number, cells))
    if not kept:
        return None
    columns = sorted(used)
    if len(kept) * len(columns) > MOST_CELLS:
        raise Problem("many_cells", file=file, n=MOST_CELLS)
    grid = np.full((len(kept), len(columns)), None, dtype=object)
    dense = columns == list(range(len(columns)))
    for i, (_, cells) in enumerate(kept):
        if dense:
            grid[i, : len(cells)] = cells[: len(columns)]
        else:
            grid[i] = [cells[c] if c < len(cells) else None for c in columns]
    numbers = np.array([number for number, _ in kept], dtype=np.intp)
    return _without_blanks(Sheet(file, name, grid, numbers, np.array(columns, dtype=np.intp) + 1, kind))


def _without_blanks(sheet: Sheet) -> Sheet | None:
    """Empty the cells that hold blanks only, and leave out rows and columns that are empty then."""
    for c in range(sheet.width):
        column = sheet.column(c)
        blank = [k for k, cell in enumerate(column.cells) if isinstance(cell, str) and not cell.strip()]
        if blank:
            sheet.grid[np.isin(column.codes, blank), c] = None
            sheet.forget(c)
    rows, columns = sheet.full.any(axis=1), sheet.full.any(axis=0)
    if rows.all() and columns.all():
        return sheet
    if not rows.any():
        return None
    grid = sheet.grid[np.ix_(rows, columns)]
    return Sheet(sheet.file, sheet.name, grid, sheet.rows[rows], sheet.columns[columns], sheet.kind)


def _text(path: Path, name: str) -> Sheet | None:
    if path.stat().st_size > MOST_UNPACKED:
        raise Problem("file_large", file=name, n=MOST_UNPACKED // 2**20)
    text, encoding = _decoded(path, name)
    # A first line that only names the separator is for spreadsheet programs.
    stated = re.match(r"sep=(.)[ \t]*\r?\n", text)
    separator = stated.group(1) if stated else _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[tuple[int, Any]] = []
    try:
        rows.extend(enumerate(reader, start=1))
        if stated:
            del rows[0]
    except csv.Error as error:
        raise Problem("csv_broken", file=name, row=reader.line_num, why=str(error)) from None
    sheet = _compact(rows, name, None, "csv")
    if sheet is not None:
        sheet.separator, sheet.encoding = separator, encoding
    return sheet


def _decoded(path: Path, name: str) -> tuple[str, str]:
    raw = path.read_bytes()
    codes = ["utf-16"] if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else ["utf-8-sig", "cp1252"]
    for code in codes:
        try:
            text = raw.decode(code)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, code.removesuffix("-sig")
    raise Problem("encoding", file=name)


def _separator(text: str) -> str:
    """Return the sign that divides the lines alike; the comma last, since it may be decimal."""
    sample: list[str] = []
    for line in io.StringIO(text):
        if line.strip():
            sample.append(line)
        if len(sample) >= 200:
            break
    best, sign = 0.0, ","
    for candidate in ("\t", ";", ","):
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=candidate) if len(row) > 1]
        except csv.Error:
            continue
        if not widths:
            continue
        agree = max(widths.count(width) for width in set(widths)) / len(sample)
        if agree > max(best, 0.0) + (0.25 if best else 0.0):
            best, sign = agree, candidate
    return sign


@dataclass
class _Part:
    """What only a sheet's own XML says."""

    merged: list[tuple[int, int, int, int]]
    percent: set[tuple[int, int]]
    unsaved: list[tuple[int, int]]


def _workbook(path: Path, name: str) -> Iterator[Sheet]:
    import openpyxl

    parts, styles = _check(path, name)
    try:
        with warnings.catch_warnings():
            # Of parts that are not read, such as validation lists.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise Problem("workbook_broken", file=name, why=str(error)) from error
    try:
        with zipfile.ZipFile(path) as archive:
            for page in book.worksheets:
                page.reset_dimensions()
                part = _scan(archive, parts.get(page.title), styles)
                sheet = _compact(list(_rows(page, name)), name, page.title, "xlsx")
                if sheet is None:
                    if part.unsaved:
                        raise Problem("formula", cell=f"{page.title}!{_name(part.unsaved[0])}", file=name)
                    continue
                sheet.merged, sheet.percent, sheet.unsaved = part.merged, part.percent, part.unsaved
                sheet.hidden = page.sheet_state != "visible"
                yield sheet
    except (ET.ParseError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise Problem("workbook_broken", file=name, why=str(error)) from error
    finally:
        book.close()


def _name(at: tuple[int, int]) -> str:
    return f"{letters(at[1])}{at[0]}"


def _rows(page: Any, name: str) -> Iterator[tuple[int, Any]]:
    cells = 0
    for number, row in enumerate(page.iter_rows(values_only=True), start=1):
        if not row:
            continue
        if any(cell is not None for cell in row):
            cells += len(row) - row.count(None)
            if cells > MOST_CELLS:
                raise Problem("many_cells", file=name, n=MOST_CELLS)
            yield number, row


def _check(path: Path, name: str) -> tuple[dict[str, str], set[str]]:
    """Refuse a workbook that is too large or declares entities; return the sheets' parts and styles."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_UNPACKED:
                raise Problem("file_large", file=name, n=MOST_UNPACKED // 2**20)
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _no_entities(archive, member, name)
            return _sheet_parts(archive), _percent_styles(archive)
    except (zipfile.BadZipFile, KeyError, ET.ParseError, OSError, NotImplementedError, RuntimeError) as error:
        raise Problem("workbook_broken", file=name, why=str(error)) from error


def _no_entities(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    with archive.open(member) as part:
        head = part.read(4096)
        tail = head[-16:]
        while True:
            window = head
            for text in ("<!DOCTYPE", "<!ENTITY"):
                if any(text.encode(code) in window for code in ("utf-8", "utf-16-le", "utf-16-be")):
                    raise Problem("entities", file=name)
            chunk = part.read(2**20)
            if not chunk:
                return
            head = tail + chunk
            tail = chunk[-16:]


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the package that holds each sheet."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - declarations were refused
    links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    parts: dict[str, str] = {}
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(f"{_REL}id"), "")
        parts[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return parts


def _percent_styles(archive: zipfile.ZipFile) -> set[str]:
    """Return the numbers of the styles that show numbers as per cent."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    root = ET.fromstring(archive.read("xl/styles.xml"))  # noqa: S314
    formats = {f.get("numFmtId") for f in root.iter(f"{_MAIN}numFmt") if "%" in f.get("formatCode", "")}
    formats |= {"9", "10"}
    cells = root.find(f"{_MAIN}cellXfs")
    return {
        str(i) for i, xf in enumerate(cells if cells is not None else []) if xf.get("numFmtId") in formats
    }


_CELL = re.compile(rb"<(?:\w+:)?c ([^>]*)>")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_FORMULA = re.compile(
    rb"<(?:\w+:)?c ([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></)"
)
_AT = re.compile(rb'\br="([A-Z]+)(\d+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')


def _scan(archive: zipfile.ZipFile, part: str | None, styles: set[str]) -> _Part:
    if part is None or part not in archive.namelist():
        return _Part([], set(), [])
    xml = archive.read(part)
    merged = [(int(b), _number(a), int(d), _number(c)) for a, b, c, d in _MERGE.findall(xml)]
    unsaved = []
    if b"<f" in xml or b":f>" in xml:
        unsaved = [(int(m[2]), _number(m[1])) for a in _FORMULA.findall(xml) if (m := _AT.search(a))]
    percent: set[tuple[int, int]] = set()
    wanted = {style.encode() for style in styles}
    if wanted:
        for attributes in _CELL.findall(xml):
            style = _STYLE.search(attributes)
            if style and style[1] in wanted and (at := _AT.search(attributes)):
                percent.add((int(at[2]), _number(at[1])))
    return _Part(merged, percent, unsaved)


def _number(letters_: bytes) -> int:
    number = 0
    for sign in letters_:
        number = 26 * number + sign - 64
    return number
