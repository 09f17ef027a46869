"""Look into an Excel workbook before it is opened: its size when unpacked, and what it declares."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from segkit._files import NO_WHOLE_ZIP
from segkit.errors import FileError, message

if TYPE_CHECKING:
    from pathlib import Path

#: A workbook that unpacks to more than this is refused before it is opened.
MOST_UNPACKED = 100 * 2**20
MOST_MEMBERS = 2_000

_CHUNK = 2**20
_DECLARATIONS = [
    text.encode(code) for text in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
]


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
    """Look through a part for declarations that no workbook needs, and for formulas."""
    formulas, tail = False, b""
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            window = tail + chunk
            if any(text in window for text in _DECLARATIONS):
                rule = f"{name} declares a document type or entities in {member.filename}"
                raise FileError(message("table", rule, fix="No workbook needs that: it is not opened."))
            formulas |= b"<f>" in window or b"<f " in window
            tail = window[-32:]
    return formulas and "worksheets/" in member.filename
