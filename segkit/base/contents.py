"""What stands in a folder of results: which files a run made, which are the user's, and how those come along.

A file is a run's own only when it stands under the name and has the fingerprint that run.json tells; all
else is the user's. No name in run.json is ever used as a path, and no link is followed.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.base.files import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The part of SQLite's header (a GeoPackage is one) that a program changes by just opening the file.
_COUNTERS = ((18, 20), (24, 28), (92, 100))


def record(folder: Path, parameters: Mapping[str, Any], run_file: str) -> None:
    """Write the file that tells of the run: how it was made, its files, what they held, and a seal."""
    leaves = leaves_of(folder)
    files = [name for name in leaves if not name.endswith("/")]
    marks = {name: "" if name.endswith("/") else fingerprint(folder / name) for name in leaves}
    told = {"made_by": "segkit", **parameters, "files": files, "fingerprints": marks}
    write_text(folder / run_file, _text({**told, "seal": _seal(told)}) + "\n")


def _text(told: Mapping[str, Any]) -> str:
    # What can't be written in UTF-8 (a name of a file, say) is escaped as JSON does it.
    return json.dumps(told, ensure_ascii=False, indent=2).encode(errors="backslashreplace").decode()


def _seal(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(told).encode()).hexdigest()


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file; of a GeoPackage without what changes by just opening it in QGIS."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        head = bytearray(file.read(100))
        if len(head) == 100 and head.startswith(b"SQLite format 3\0"):
            for first, end in _COUNTERS:
                head[first:end] = bytes(end - first)
        digest.update(head)
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def known_files(folder: Path, run_file: str) -> dict[str, str]:
    """Return the fingerprints that the file of a run tells, and its own; none where the seal is broken."""
    file = folder / run_file
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return {}
        told = json.loads(file.read_text(encoding="utf-8"))
        seal = told.pop("seal")
        marks = dict(told["fingerprints"])
    except (OSError, ValueError, RecursionError, KeyError, AttributeError, TypeError):
        return {}
    return {**marks, run_file: fingerprint(file)} if seal == _seal(told) else {}


def is_own(folder: Path, leaf: str, known: Mapping[str, str]) -> bool:
    """Tell whether a run made what stands in the folder; an empty folder where it had files is its own."""
    if leaf.endswith("/"):
        return any(name.startswith(leaf) for name in known)
    path = folder / leaf
    return leaf in known and stat.S_ISREG(path.lstat().st_mode) and fingerprint(path) == known[leaf]


def leaves_of(folder: Path) -> list[str]:
    """Return all that stands in a folder but the folders with something in them; links are not followed.

    Empty folders end in a slash.
    """
    found: list[str] = []
    todo = [""]
    while todo:
        under = todo.pop()
        with os.scandir(folder / under) as entries:
            inside = list(entries)
        if not inside and under:
            found.append(under)
        for entry in inside:
            if is_folder(Path(entry.path)):
                todo.append(f"{under}{entry.name}/")
            else:
                found.append(f"{under}{entry.name}")
    return sorted(found)


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder and no link; Windows' junctions are links of another kind."""
    try:
        told = path.lstat()
    except FileNotFoundError:
        return False
    # The tag of a junction, by which Windows' own headers call it IO_REPARSE_TAG_MOUNT_POINT.
    return stat.S_ISDIR(told.st_mode) and getattr(told, "st_reparse_tag", 0) != 0xA0000003


def bring(source: Path, target: Path, run_file: str) -> list[str]:
    """Bring what is the user's in a folder into another; return what had to take another name."""
    known = known_files(source, run_file)
    leaves = [leaf for leaf in leaves_of(source) if not is_own(source, leaf, known)]
    # Those whose name is free come first, so that none is taken by another that had to give way.
    leaves.sort(key=lambda leaf: (os.path.lexists(target / leaf), leaf))
    names = {leaf: _carry(source, leaf.rstrip("/"), target) for leaf in leaves}
    return [f"{leaf} -> {name}" for leaf, name in names.items() if name not in {"", leaf.rstrip("/")}]


def _carry(source: Path, leaf: str, target: Path) -> str:
    """Bring one file, link or empty folder; return its name there, empty where it was there already."""
    *folders, name = leaf.split("/")
    here, there = source, target
    for part in folders:
        here = here / part
        there = next(p for p in names_from(there / part) if is_folder(p) or not os.path.lexists(p))
        if not os.path.lexists(there):
            there.mkdir()
            there.chmod(_mode(here))
    for path in names_from(there / name):
        if not os.path.lexists(path):
            _copy(here / name, path)
            return path.relative_to(target).as_posix()
        if _same(here / name, path):
            break
    return ""


def _mode(folder: Path) -> int:
    """Return the permissions of a folder, with all for its owner."""
    return stat.S_IMODE(folder.stat().st_mode) | stat.S_IRWXU


def names_from(path: Path) -> Iterator[Path]:
    """Yield a name and those to try where it is taken: survey.xlsx, survey-kept.xlsx, survey-kept-2.xlsx."""
    yield path
    yield path.with_name(f"{path.stem}-kept{path.suffix}")
    number = 2
    while True:
        yield path.with_name(f"{path.stem}-kept-{number}{path.suffix}")
        number += 1


def _same(one: Path, other: Path) -> bool:
    """Tell whether two are the same without loss: links to the same, files of the same content, folders."""
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    if is_folder(one) or is_folder(other):
        return is_folder(one) and is_folder(other)
    return one.samefile(other) or filecmp.cmp(one, other, shallow=False)


def _copy(source: Path, target: Path) -> None:
    """Make a second name for a file, or copy it where the file system has no second names."""
    if source.is_symlink():
        target.symlink_to(source.readlink(), target_is_directory=source.is_dir())
    elif is_folder(source):
        target.mkdir()
        target.chmod(_mode(source))
    elif os.name == "nt" and not os.access(source, os.W_OK):
        # Windows removes no name of a read-only file, so that the old folder would stay.
        shutil.copy2(source, target)
    else:
        try:
            target.hardlink_to(source)
        except OSError:
            if not source.is_file():
                raise
            shutil.copy2(source, target)


def opened_by_office(folder: Path, leaf: str) -> str:
    """Return the file that Excel or LibreOffice has open, by the file that it lays beside; else nothing."""
    under, _, name = leaf.rpartition("/")
    opened = name[2:] if name.startswith("~$") else ""
    if name.startswith(".~lock.") and name.endswith("#"):
        opened = name[7:-1]
    return opened if opened and os.path.lexists(folder / under / opened) else ""


def suspect(folder: Path) -> str:
    """Return the file that another program probably has open, empty where none can be told."""
    leaves = [leaf for leaf in leaves_of(folder) if not leaf.endswith("/")] if is_folder(folder) else []
    opened = next(filter(None, (opened_by_office(folder, leaf) for leaf in leaves)), "")
    return opened or next((leaf for leaf in leaves if _is_held(folder / leaf)), "") or _workbook(leaves)


def _is_held(path: Path) -> bool:
    """Tell whether another program keeps a file from being written, as Windows lets programs do."""
    if not stat.S_ISREG(path.lstat().st_mode) or not os.access(path, os.W_OK):
        return False
    try:
        path.open("r+b").close()
    except OSError:
        return True
    return False


def _workbook(leaves: list[str]) -> str:
    """Return the first workbook: Excel is what mostly holds a file."""
    return next((leaf for leaf in leaves if leaf.endswith(".xlsx")), "")
