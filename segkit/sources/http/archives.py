"""Members of a zip from outside: only plain files, inside, of a stated size."""

from __future__ import annotations

import re
import stat
import zipfile
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from segkit.base.files import NO_WHOLE_ZIP
from segkit.errors import SegkitError, SourceError, message

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A text packs to a twentieth; what packs to less than a thousandth is made to fill the memory.
_MOST_RATIO = 1000
_BLOCK = 1 << 20


def safe_members(
    archive: zipfile.ZipFile, *, most_bytes: int = 1_000_000_000, most_members: int = 10_000
) -> list[zipfile.ZipInfo]:
    """Return the files of a zip, or raise an error when any member is not a plain file inside it.

    Raises
    ------
    SourceError
        When there are too many members, they are too large together or packed too tightly, or one has an
        absolute path, a path that leads out, a drive letter, is a link or is encrypted, or two share a name.
    """
    name = str(archive.filename or "the zip file")
    members = archive.infolist()
    if len(members) > most_members:
        raise SourceError(message(name, f"has {len(members)} members, more than {most_members}"))
    bad = [m.filename[:200] for m in members if _leads_out(m)]
    if bad:
        raise SourceError(message(name, "has members that are no plain files inside it", bad))
    files = [m for m in members if not m.is_dir()]
    if len({m.filename.casefold() for m in files}) < len(files):
        raise SourceError(message(name, "has several members of one name"))
    size = sum(m.file_size for m in files)
    if size > most_bytes:
        raise SourceError(message(name, f"unpacks to {size / 1e6:.0f} MB, more than {most_bytes / 1e6:.0f}"))
    tight = [
        m.filename for m in files if m.file_size > _BLOCK and m.file_size > _MOST_RATIO * m.compress_size
    ]
    if tight:
        raise SourceError(message(name, "is packed as only a zip bomb is", tight))
    return files


def _leads_out(member: zipfile.ZipInfo) -> bool:
    raw = member.orig_filename
    path = PurePosixPath(raw.replace("\\", "/"))
    kind = stat.S_IFMT(member.external_attr >> 16)
    return (
        path.is_absolute()
        or ".." in path.parts
        or re.match(r"[A-Za-z]:", raw) is not None
        or any(ord(c) < 32 for c in raw)
        or kind not in {0, stat.S_IFREG, stat.S_IFDIR}
        or bool(member.flag_bits & 0x1)
    )


def read_zip(
    content: bytes | Path, *, endings: Iterable[str] = (), most_bytes: int = 1_000_000_000
) -> dict[str, bytes]:
    """Return the checked files of a zip by name, only those with one of `endings` where given.

    Parameters
    ----------
    content : bytes or path
        The zip, or where it lies.
    endings : iterable of str, optional
        Endings such as ``.json``; upper and lower case are one.
    most_bytes : int
        Largest size of all files together, unpacked.

    Raises
    ------
    SourceError
        When it is no zip, is damaged, or a member is refused (`safe_members`).
    """
    name = "zip" if isinstance(content, bytes) else str(content)
    wanted = tuple(e.casefold() for e in endings)
    try:
        with zipfile.ZipFile(BytesIO(content) if isinstance(content, bytes) else content) as archive:
            files = safe_members(archive, most_bytes=most_bytes)
            chosen = [m for m in files if not wanted or m.filename.casefold().endswith(wanted)]
            return {m.filename: _read(archive, m) for m in chosen}
    except SegkitError:
        raise
    except (*NO_WHOLE_ZIP, OSError, ValueError) as error:
        raise SourceError(message(name, f"is no whole zip file ({error})")) from error


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Read a member, never more than it says it holds."""
    kept = bytearray()
    with archive.open(member) as file:
        while block := file.read(_BLOCK):
            kept += block
            if len(kept) > member.file_size:
                raise SourceError(message(member.filename, "holds more than it says"))
    return bytes(kept)
