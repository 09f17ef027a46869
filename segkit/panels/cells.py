"""Read tables as Swedish municipalities have them: semicolons, decimal commas, codes with leading zeros."""

from __future__ import annotations

import csv
import html
import io
import math
import re
import sys
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.base.files import NO_WHOLE_ZIP, existing
from segkit.errors import FileError, InputError, message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: A workbook that unpacks to more than this is refused before it is opened.
MOST_UNPACKED = 100 * 2**20

MOST_MEMBERS = 2_000

#: Cells of a sheet, empty ones within its corners counted.
MOST_CELLS = 2_000_000

_CHUNK = 2**20

_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")

#: Cells that are one, or have one link: the reader goes through every cell of them.
_SPAN = re.compile(rb"""<(?:\w+:)?(?:mergeCell|hyperlink)\b[^<>]*?\bref\s*=\s*["']([^"']*)["']""")


def open_workbook(file: Path) -> tuple[Any, Any]:
    """Open a workbook with the stored results of its formulas; and, if it has any, with the formulas.

    Raises
    ------
    FileError
        When it is no workbook, or would take more memory or time than a table of areas does.
    """
    import openpyxl

    formulas = check_workbook(file)
    try:
        # Opened here, since the reader leaves the file open when it fails.
        with file.open("rb") as content, warnings.catch_warnings():
            # Of parts that are not read, such as validation lists.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(content, data_only=True)
            stated = openpyxl.load_workbook(content) if formulas else None
    except Exception as error:
        fix = "Open it, save it as .xlsx and try again."
        raise FileError(message("table", f"{file.name} can't be read as Excel: {error}", fix=fix)) from error
    if not book.worksheets:
        raise FileError(message("table", f"{file.name} has no sheet of cells"))
    return book, stated


def check_size(file: Path, page: Any) -> None:
    """Refuse a sheet whose cells lie far apart, before anything goes through those between them."""
    from openpyxl.utils import get_column_letter

    if page.max_row * page.max_column > MOST_CELLS:
        corner = f"{get_column_letter(page.max_column)}{page.max_row}"
        rule = f"{file.name}, sheet {page.title} reaches to cell {corner}"
        fix = "Delete the empty rows and columns beyond the table, or save the sheet as CSV."
        raise FileError(message("table", rule, fix=fix))


def check_workbook(file: Path) -> bool:
    """Refuse a workbook that unpacks to too much or declares entities; tell whether it has formulas."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if len(members) > MOST_MEMBERS or size > MOST_UNPACKED:
                rule = f"{file.name} unpacks to {size / 2**20:,.0f} MB in {len(members)} parts"
                most = f"{MOST_UNPACKED / 2**20:,.0f} MB"
                fix = f"At most {most} is read: keep the sheet that is needed, or save it as CSV."
                raise FileError(message("table", rule, fix=fix))
            formulas = False
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                    formulas |= _scan(archive, member, file.name)
            return formulas
    except (*NO_WHOLE_ZIP, OSError) as error:
        if isinstance(error, FileError):
            raise
        fix = "It may be protected by a password, damaged, or an old .xls: open it and save it as .xlsx."
        raise FileError(message("table", f"{file.name} can't be read as Excel", fix=fix)) from error


def _scan(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bool:
    """Look through a part for what no table needs: declarations, and cells joined over whole sheets."""
    formulas, tail, spanned = False, b"", 0
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            # Without the zeros of UTF-16, in which a part may be written, too.
            window = tail + chunk.replace(b"\0", b"")
            if any(text in window for text in _DECLARATIONS):
                rule = f"{name} declares a document type or entities in {member.filename}"
                raise FileError(message("table", rule, fix="No workbook needs that: it is not opened."))
            formulas |= b"<f>" in window or b"<f " in window
            end = window.rfind(b"<") if len(window) - window.rfind(b"<") < _CHUNK else len(window)
            spanned += sum(
                _cells(found[1].decode(errors="replace")) for found in _SPAN.finditer(window[:end])
            )
            tail = window[end:]
            if spanned > MOST_CELLS:
                rule = f"{name} has {spanned:,} cells that are merged or linked in {member.filename}"
                fix = "Take the merging and the links away, or save the sheet as CSV."
                raise FileError(message("table", rule, fix=fix))
    return formulas and "worksheets/" in member.filename


def _cells(span: str) -> int:
    """Count the cells of a span such as A1:C7, A:C or 1:7; what is none is left to the reader to refuse."""
    from openpyxl.utils import range_boundaries

    try:
        left, top, right, bottom = range_boundaries(html.unescape(span))
    except (ValueError, TypeError):
        return 0
    # A span of whole columns has no rows, one of whole rows no columns.
    return ((right or 16_384) - (left or 1) + 1) * ((bottom or 1_048_576) - (top or 1) + 1)


#: A text file larger than this is no table of areas.
MOST_TEXT = 100 * 2**20

#: What official tables write for "no figure": not available, too uncertain, suppressed.
MISSING = frozenset({"", ".", "..", "...", "....", "na", "n/a", "nan", "null", "none"})

_SPACE = r"[\s\u00a0\u202f\u2009']"

#: What may stand between thousands.
SPACES = re.compile(_SPACE)

#: Spaces divide thousands and nothing else: "1 2" may be two figures.
SPACED = re.compile(rf"([+-]{_SPACE}*)?\d{{1,3}}({_SPACE}\d{{3}})*([.,]\d*)?|[+-]{_SPACE}*\d+([.,]\d*)?")

_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+")

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a CSV or Excel file with every cell as text, so that no code loses its zeros.

    CSV may be UTF-8 (with or without byte order mark) or Windows-1252, and separated by semicolon,
    comma or tab. Excel is read from its first sheet.
    """
    file = existing(path, argument="table")
    kind = file.suffix.lower()
    if kind in {".xlsx", ".xlsm"}:
        table = _read_excel(file)
    elif kind in {".csv", ".txt", ".tsv", ".skv"}:
        table = _read_csv(file)
    else:
        raise FileError(message("table", f"{file.name} is not a CSV or Excel (.xlsx) file"))
    table.columns = [str(c).strip() for c in table.columns]
    twice = table.columns[table.columns.duplicated()].tolist()
    if twice:
        raise InputError(message("table", f"{file.name} has a column heading more than once", twice))
    if table.empty:
        raise InputError(message("table", f"{file.name} has headings but no rows"))
    return table


def _read_csv(file: Path) -> pd.DataFrame:
    text = decoded(file)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise InputError(message("table", f"{file.name} has no lines"))
    separator = max(";\t,", key=first.count)
    rows = [(n, row) for n, row in csv_rows(text, separator, file.name) if any(c.strip() for c in row)]
    heading = rows[0][1]
    for number, row in rows[1:]:
        if len(row) != len(heading):
            rule = f"{file.name}, line {number} has {len(row)} cells where the heading has {len(heading)}"
            fix = "Put text that contains the separator in quotation marks."
            raise InputError(message("table", rule, fix=fix))
    return pd.DataFrame([row for _, row in rows[1:]], columns=heading, dtype=str)


def decoded(file: Path) -> str:
    """Return the text of a file in UTF-8, UTF-16 with its mark, or Windows-1252."""
    if file.stat().st_size > MOST_TEXT:
        rule = f"{file.name} is larger than {MOST_TEXT / 2**20:,.0f} MB"
        raise FileError(message("table", rule, fix="Keep the rows and columns that are needed."))
    raw = file.read_bytes()
    wide = raw[:2] in {b"\xff\xfe", b"\xfe\xff"}
    for code in ["utf-16"] if wide else ["utf-8-sig", "cp1252"]:
        try:
            text = raw.decode(code)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    fix = "Save it as CSV with UTF-8."
    raise FileError(message("table", f"{file.name} is neither UTF-8 nor Windows-1252 text", fix=fix))


def csv_rows(text: str, separator: str, name: str) -> list[tuple[int, list[str]]]:
    """Return the rows of a text with the line that each begins at; quotation marks must be closed.

    Raises
    ------
    InputError
        When a quotation mark is not closed: the rows after it would be lost in one cell.
    """
    # A cell may be as long as the file, whose size is bounded.
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    rows: list[tuple[int, list[str]]] = []
    begun = 1
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        for row in reader:
            rows.append((begun, row))
            begun = reader.line_num + 1
    except csv.Error as error:
        rule = f"{name}, line {begun} can't be read: {error}"
        fix = "A quotation mark there or below is not closed, or text goes on after it."
        raise InputError(message("table", rule, fix=fix)) from error
    finally:
        csv.field_size_limit(before)
    return rows


def _read_excel(file: Path) -> pd.DataFrame:
    book, stated = open_workbook(file)
    page = book.worksheets[0]
    check_size(file, page)
    formulas = stated[page.title] if stated else None
    rows = [[_excel_text(cell, page.title, formulas) for cell in row] for row in page.iter_rows()]
    rows = [row for row in rows if any(row)]
    if not rows:
        raise InputError(message("table", f"{file.name}, sheet {page.title} is empty"))
    table = pd.DataFrame(rows[1:], columns=rows[0], dtype=str)
    return table.loc[:, [bool(c) or bool((table.iloc[:, k] != "").any()) for k, c in enumerate(rows[0])]]


def _excel_text(cell: Any, sheet: str, formulas: Any) -> str:
    """Return what a cell holds as text; what text alone would falsify is an error."""
    value = cell.value
    place = f"{sheet}!{cell.coordinate}"
    if value is None:
        if formulas is not None and formulas[cell.coordinate].data_type == "f":
            fix = "Open the workbook in Excel or LibreOffice, save it and try again."
            rule = f"{place} holds a formula whose result is not stored in the file"
            raise InputError(message("table", rule, fix=fix))
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if "%" in str(cell.number_format):
            fix = "Read the file with owndata.read, which understands it, or format the cells as numbers."
            raise InputError(message("table", f"{place} has a per cent format", fix=fix))
        return str(int(value)) if float(value).is_integer() else str(value)
    return str(value).strip()


def parse_number(cell: object) -> float:
    """Return a cell as a number; NaN for an official sign of "no figure"; ValueError for other text.

    Examples
    --------
    >>> parse_number("1 234,5"), parse_number("−2"), parse_number("..")
    (1234.5, -2.0, nan)
    """
    text = str(cell).replace("\u2212", "-").strip()
    bare = SPACES.sub("", text)
    if bare.casefold() in MISSING:
        return float("nan")
    if bare.endswith("%"):
        text, bare = text[:-1].rstrip(), bare[:-1]
    if not _NUMBER.fullmatch(bare) or (bare != text and not SPACED.fullmatch(text)):
        raise ValueError(text)
    value = float(bare.replace(",", "."))
    if math.isinf(value):
        raise ValueError(text)
    return value


def check_thousands(cells: Iterable[object], rows: Iterable[object], *, argument: str) -> None:
    """Raise an error where a column of counts has nothing but groups of three digits: 1,037 is not 1.037.

    Examples
    --------
    >>> check_thousands(["1,037", "880"], ["0880C1010", "0880C1020"], argument="population")
    Traceback (most recent call last):
    segkit.errors.InputError: population: is a count, and '1,037' may have a sign between thousands ...
    """
    told = [(c.strip(), row) for c, row in zip(cells, rows, strict=True) if isinstance(c, str)]
    signed = [(text, row) for text, row in told if "," in text or "." in text]
    if signed and all(_GROUPED.fullmatch(text) for text, _ in signed):
        rule = f"is a count, and {signed[0][0]!r} may have a sign between thousands or decimals"
        fix = "Write whole numbers without signs in them."
        raise InputError(message(argument, rule, [row for _, row in signed], fix))


def parse_numbers(column: pd.Series, rows: pd.Series, *, argument: str) -> pd.Series:
    """Parse a column of text; an error names the cells (by the labels in `rows`) that are no numbers."""
    if pd.api.types.is_numeric_dtype(column) and column.dtype.kind not in "bc":
        return column.astype(float)
    values: list[float] = []
    bad: list[str] = []
    first = ""
    for cell, row in zip(column.tolist(), rows.tolist(), strict=True):
        try:
            values.append(float("nan") if cell is None else parse_number(cell))
        except ValueError:
            first = first or str(cell)
            bad.append(str(row))
    if bad:
        fix = 'Write a number or leave the cell empty; "-" may mean zero or missing, so write which.'
        raise InputError(message(argument, f"has text where a number belongs, such as {first!r}", bad, fix))
    return pd.Series(values, index=column.index, dtype=float)


def has_no_number(column: pd.Series) -> bool:
    """Tell whether a column has text in some cell and a number in none: names, not figures."""
    if pd.api.types.is_numeric_dtype(column):
        return False
    text = 0
    for cell in column.tolist():
        try:
            value = float("nan") if cell is None else parse_number(cell)
        except ValueError:
            text += 1
        else:
            if not math.isnan(value):
                return False
    return text > 0
