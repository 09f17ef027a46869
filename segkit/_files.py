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


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it takes the name, on failure it is removed.

    Raises
    ------
    FileError
        When the folder is missing or can't be written, or the disk is full.
    """
    target = Path(path)
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
        temporary.replace(target)
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
