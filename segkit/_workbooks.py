"""Open an Excel workbook within bounds: its size when unpacked, what it declares, how far it reaches."""

from __future__ import annotations

import html
import re
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

from segkit._files import NO_WHOLE_ZIP
from segkit.errors import FileError, message

if TYPE_CHECKING:
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
