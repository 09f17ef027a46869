"""Whole files or none: every file is written under a temporary name and then renamed."""

from __future__ import annotations

import lzma
import os
import struct
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from segkit.errors import FileError, InputError, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from segkit.base.checks import Language

#: What reading a zip (an Excel workbook is one) that is damaged or locked raises, by where the damage is.
NO_WHOLE_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)


#: The longest name of a file or folder, in bytes, that usual file systems take.
_LONGEST = 255


def check_path(path: str | Path, *, argument: str = "path") -> Path:
    r"""Return a path that can be that of a file or folder, or raise an error.

    Raises
    ------
    InputError
        When it is empty, has characters that no name can have, or a name that is too long.

    Examples
    --------
    >>> check_path("a\0b")
    Traceback (most recent call last):
    segkit.errors.InputError: path: 'a\x00b' has control characters. ...
    """
    fix = "Choose another name."
    try:
        text = os.fspath(path)
    except TypeError:
        text = None
    if not isinstance(text, str) or not text.strip():
        raise InputError(message(argument, f"is {path!r}, must be a path", fix=fix))
    if any(ord(letter) < 32 for letter in text):
        raise InputError(message(argument, f"{text!r} has control characters", fix=fix))
    try:
        longest = max((len(part.encode()) for part in Path(text).parts), default=0)
    except UnicodeEncodeError as error:
        rule = f"{text!r} has characters that can't be written as text"
        raise InputError(message(argument, rule, fix=fix)) from error
    if longest > _LONGEST:
        rule = f"has a name of {longest} bytes, at most {_LONGEST} are possible"
        raise InputError(message(argument, rule, fix="Shorten the name."))
    if os.name == "nt" and set(os.path.splitdrive(text)[1]) & set('<>:"|?*'):
        raise InputError(message(argument, f'{text!r} has one of < > : " | ? *', fix=fix))
    return Path(text)


def held(name: str, place: Path, language: Language = "en") -> tuple[str, tuple[()], str]:
    """Return rule, no areas and fix for a file that another program has open; `name` may be unknown."""
    program = {".xlsx": "Excel", ".gpkg": "QGIS"}.get(Path(name).suffix)
    if language == "sv":
        where = f"i {program}" if program else "i programmet som har den öppen"
        rule = f"{place} kan inte bytas ut, för att ett annat program har en fil öppen"
        what = f"Stäng {name} {where}" if name else f"Stäng de program som använder {place}"
        return rule, (), f"{what} och kör igen."
    where = f"in {program}" if program else "in the program that has it open"
    rule = f"can't replace {place}, because another program has a file open"
    what = f"Close {name} {where}" if name else f"Close the programs that use {place}"
    return rule, (), f"{what} and run again."


@contextmanager
def atomic(path: str | Path, *, language: Language = "en") -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it takes the name, on failure it is removed.

    Raises
    ------
    InputError
        When no file can have that name.
    FileError
        When the folder is missing or can't be written, the disk is full, or the file is open in another
        program.
    """
    target = check_path(path)
    if not target.parent.is_dir():
        raise FileError(message("path", f"the folder {target.parent} does not exist", fix="Create it first."))
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=target.suffix, dir=target.parent)
    except OSError as error:
        raise FileError(message("path", f"can't write in {target.parent}: {error.strerror}")) from error
    os.close(handle)
    temporary = Path(name)
    # Some writers (GeoPackage) refuse a file that exists already.
    temporary.unlink()
    try:
        yield temporary
        # mkstemp makes private files; what is shared must be readable as any other file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        try:
            temporary.replace(target)
        except PermissionError as error:
            raise FileError(message("path", *held(target.name, target, language))) from error
    except OSError as error:
        if isinstance(error, FileError):
            raise
        raise FileError(message("path", f"can't write {target}: {error.strerror or error}")) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> Path:
    """Write text as UTF-8, whole or not at all, with the same line ends on every system."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


def existing(path: str | Path, *, argument: str = "path") -> Path:
    """Return the path of a file that exists and is not empty, or raise an error."""
    found = Path(path)
    if not found.is_file():
        raise FileError(message(argument, f"there is no file {found}"))
    if found.stat().st_size == 0:
        raise InputError(message(argument, f"the file {found} is empty"))
    return found
