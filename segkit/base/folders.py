"""A folder of results: made beside its place, then swapped in whole; the old one goes last.

While a run writes the folder ``out``, beside it lie the file ``.out.segkit-lock`` and a workshop
``.out.segkit-1a2b3c4d`` with ``segkit.json``, which tells whose it is, and

- ``new``, the result in the making; the user's own files of the old folder come along into it,
- ``old``, the folder that stood there, from the moment it is renamed aside until ``new`` has its place,
- ``gone``, the old folder once all of it that is the user's is in its place.

What stands there tells how far a run came, so that a run that was killed is settled as one that failed is:
by `_settle`, at the end of a run or at the beginning of the next one on the path.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.base.contents import (
    bring,
    is_folder,
    is_own,
    known_files,
    leaves_of,
    names_from,
    opened_by_office,
    record,
    suspect,
)
from segkit.base.files import check_path, held
from segkit.base.locks import HeldError, elsewhere, goes_on, locked, me, terminable
from segkit.errors import FileError, FileWarning, message, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from segkit.base.checks import Language

#: The file that tells how the folder was made, and which files are of it.
RUN_FILE = "run.json"

_MARKER, _NEW, _OLD, _GONE = "segkit.json", "new", "old", "gone"

#: What systems leave in a folder that was looked at: it comes along without a word.
_OF_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini")

_TEXTS = {
    "sv": {
        "busy": "en annan körning skriver i mappen {folder} (process {pid} på {host})",
        "wait": "Vänta tills den är klar och kör igen.",
        "unsure": "Vänta tills den är klar och kör igen. Pågår den inte längre: ta bort filen {lock}.",
        "not_lock": "filen {lock} är i vägen, och den är inte segkits",
        "move": "Flytta den och kör igen.",
        "restored": "en tidigare körning avbröts; det gamla resultatet i {folder} är återställt",
        "aside": "en tidigare körning avbröts; det gamla resultatet i {folder} ligger nu i {aside}",
        "theirs": "en körning på {host} avbröts; det gamla resultatet ligger i {old}",
        "rename": "Byt namn på den till {folder} och kör igen.",
        "stays": "det gamla resultatet kunde inte ställas tillbaka och ligger i {old} ({why})",
        "again": "Kör igen, så ställs det tillbaka.",
        "lingers": "resultatet är klart, men den gamla mappen är kvar i {old} till nästa körning ({why})",
        "kept": "filer som stod i mappen {folder} har fått nya namn, för att inte gå förlorade",
    },
    "en": {
        "busy": "another run is writing in the folder {folder} (process {pid} on {host})",
        "wait": "Wait until it is done and run again.",
        "unsure": "Wait until it is done and run again. If it no longer goes on: remove the file {lock}.",
        "not_lock": "the file {lock} is in the way, and it is not segkit's",
        "move": "Move it and run again.",
        "restored": "an earlier run was interrupted; the old result in {folder} is restored",
        "aside": "an earlier run was interrupted; the old result in {folder} is now in {aside}",
        "theirs": "a run on {host} was interrupted; the old result is in {old}",
        "rename": "Rename it to {folder} and run again.",
        "stays": "the old result could not be put back and is in {old} ({why})",
        "again": "Run again, and it is put back.",
        "lingers": "the result is done, but the old folder stays in {old} until the next run ({why})",
        "kept": "files that stood in the folder {folder} have new names, so that they are not lost",
    },
}


@dataclass(frozen=True)
class _Place:
    """Where the result is to stand: as the user wrote it, and where that leads."""

    shown: Path
    path: Path
    run_file: str
    force: bool
    language: Language

    def say(self, key: str, **facts: object) -> str:
        return _TEXTS[self.language][key].format(folder=self.shown, **facts)

    def beside(self, ending: str) -> Path:
        """Return a name beside the folder that follows from the folder's name alone."""
        name = self.path.name
        if len(os.fsencode(name)) > 200:
            name = f"{name[:40]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        return self.path.with_name(f".{name}.segkit-{ending}")


class _HeldFolderError(Exception):
    """A folder can't be renamed because another program uses it."""


def check_folder(
    out: str | Path, *, force: bool = False, run_file: str = RUN_FILE, language: Language = "sv"
) -> None:
    """Raise an error when a result can't be written in a folder, or it holds what no earlier run made.

    A run that was killed while it wrote there is settled first.

    Raises
    ------
    InputError
        When it has a name that no folder can have.
    FileError
        When it is a file, its parent is missing, another run is writing there, or it holds other files and
        `force` is not given.

    Warns
    -----
    FileWarning
        When an old result was restored.
    """
    place = _place(out, run_file, language, force=force)
    with _taken(place):
        _check(place)


def write_folder(
    out: str | Path,
    make: Callable[[Path], None],
    parameters: Mapping[str, Any],
    *,
    force: bool = False,
    run_file: str = RUN_FILE,
    language: Language = "sv",
) -> Path:
    """Let `make` write files into a new folder, add the file that tells of the run, and swap all into place.

    With `force` the user's files in the folder come along; where a new file has the same name the user's is
    kept beside it as ``name-kept``. Links are moved as links.

    Raises
    ------
    InputError, FileError
        As `check_folder`, or when the disk is full, the folder can't be written or a file in it is open in
        another program; then the folder is as it was.

    Warns
    -----
    FileWarning
        When an old result was restored, or files have new names.
    """
    place = _place(out, run_file, language, force=force)
    try:
        with terminable(), _taken(place) as told:
            _check(place)
            _write(place, make, parameters, told)
    except _HeldFolderError as error:
        raise FileError(message("out", *held(suspect(place.path), place.shown, language))) from error
    return Path(out)


def _write(
    place: _Place, make: Callable[[Path], None], parameters: Mapping[str, Any], told: list[str]
) -> None:
    """Make the result in a workshop and swap it in; come what may, the workshop is settled."""
    work = place.beside(secrets.token_hex(4))
    new = work / _NEW
    try:
        work.mkdir()
        marker = {**me(), "place": place.path.name, "run_file": place.run_file}
        (work / _MARKER).write_text(json.dumps(marker), encoding="utf-8")
        new.mkdir()
        make(new)
        record(new, parameters, place.run_file)
        kept = bring(place.path, new, place.run_file) if is_folder(place.path) else []
        _swap(place.path, work)
        told += [message("out", place.say("kept"), kept)] if kept else []
    except FileError as error:
        raise FileError(str(error).replace(str(new), str(place.shown))) from error
    except OSError as error:
        rule = f"can't write {place.shown}: {error.strerror or error}"
        raise FileError(message("out", rule)) from error
    finally:
        told += _settle(place, work, place.run_file)


# Where it is to stand.


def _place(out: str | Path, run_file: str, language: Language, *, force: bool) -> _Place:
    """Return the place that a path leads to, or raise an error when no result can be swapped in there."""
    shown = check_path(out, argument="out")
    try:
        path = Path(os.path.realpath(shown))
        rule, fix = _trouble(shown, path)
    except OSError as error:
        rule, fix = f"can't use {shown}: {error.strerror or error}", "Choose another folder."
    if rule:
        raise FileError(message("out", rule, fix=fix))
    return _Place(shown, path, run_file, force, language)


def _trouble(shown: Path, path: Path) -> tuple[str, str]:
    """Return why no folder can be swapped in at a path, and what to do; nothing where one can."""
    other = "Choose another folder."
    inside = f"Choose a folder inside it, such as {shown / 'result'}."
    for folder in (path, path.parent):
        if folder.is_symlink():
            return f"{folder} is a link that leads in a circle", other
        if os.path.lexists(folder) and not folder.is_dir():
            return f"{folder if folder != path else shown} is a file, not a folder", other
    if not path.parent.is_dir():
        missing = path.parent if shown.is_symlink() else shown.parent
        return f"the folder {missing} does not exist", "Create it first."
    if path.parent == path or os.path.ismount(path):
        return f"{shown} is a whole drive or a mounted folder, which can't be swapped", inside
    for what, find in (("the folder you stand in", Path.cwd), ("your home folder", Path.home)):
        with suppress(RuntimeError, OSError):
            if Path(os.path.realpath(find())).is_relative_to(path):
                return (
                    f"{shown} is {what}, or holds it, and a result takes the place of a whole folder",
                    inside,
                )
    return "", ""


@contextmanager
def _taken(place: _Place) -> Iterator[list[str]]:
    """Hold the lock of a place, and settle what killed runs left there; at the end tell what is listed."""
    lock = place.beside("lock")
    told: list[str] = []
    try:
        with locked(lock):
            for work, marker in _left(place):
                told += _settle(place, work, Path(str(marker.get("run_file"))).name, earlier=True)
            yield told
    except HeldError as error:
        holder = error.holder
        if holder is None:
            rule, fix = place.say("not_lock", lock=lock), place.say("move")
        else:
            rule = place.say("busy", pid=holder.get("pid", "?"), host=holder.get("host", "?"))
            fix = place.say("unsure" if holder and elsewhere(holder) else "wait", lock=lock)
        raise FileError(message("out", rule, fix=fix)) from error
    except FileError:
        raise
    except OSError as error:
        rule = f"can't write beside {place.shown}: {error.strerror or error}"
        fix = "A result is made beside its place first: choose a folder in one that you may write in."
        raise FileError(message("out", rule, fix=fix)) from error
    finally:
        for text in told:
            warn(text, FileWarning)


def _check(place: _Place) -> None:
    """Raise an error when the folder holds what no earlier run made, unless forced."""
    folder, run_file = place.path, place.run_file
    if place.force or not is_folder(folder):
        return
    try:
        known = known_files(folder, run_file)
        others = [leaf for leaf in leaves_of(folder) if not is_own(folder, leaf, known)]
    except OSError as error:
        raise FileError(message("out", f"can't read {place.shown}: {error.strerror or error}")) from error
    others = [leaf for leaf in others if leaf.rpartition("/")[2] not in _OF_SYSTEMS]
    for leaf in others:
        if opened := opened_by_office(folder, leaf):
            raise FileError(message("out", *held(opened, place.shown, place.language)))
    fix = "Choose another folder, or use --force (force=True) to write beside them."
    if run_file in others and len(others) > 1:
        rule = f"the folder {place.shown} holds other files, as {run_file} is not as segkit wrote it"
        raise FileError(message("out", rule, others, fix))
    if foreign := [leaf for leaf in others if leaf.rstrip("/") not in known]:
        raise FileError(message("out", f"the folder {place.shown} holds other files", foreign, fix))
    if others:
        rule = f"the folder {place.shown} holds files that were changed since segkit wrote them"
        fix = "Choose another folder, or use --force (force=True): they are kept under new names (-kept)."
        raise FileError(message("out", rule, others, fix))


# The swap.


def _swap(folder: Path, work: Path) -> None:
    """Rename the old folder aside and the new one in."""
    old = work / _OLD
    try:
        if os.path.lexists(folder):
            (work / _NEW).chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IRWXU)
            _rename(folder, old)
        _rename(work / _NEW, folder)
    except OSError as error:
        own = old if os.path.lexists(old) else folder
        in_use = isinstance(error, PermissionError) and os.access(own, os.W_OK)
        if in_use or error.errno in {errno.EBUSY, errno.ETXTBSY}:
            raise _HeldFolderError from error
        raise


def _rename(source: Path, target: Path) -> None:
    """Rename; on Windows again after a moment, because scanners and indexers hold files for a short time."""
    for pause in (0.1, 0.4, 1.5) if os.name == "nt" else ():
        try:
            source.rename(target)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    source.rename(target)


def _settle(place: _Place, work: Path, run_file: str, *, earlier: bool = False) -> list[str]:
    """Bring a workshop, perhaps an earlier run's, to an end from wherever it stands; return what to tell."""
    folder, old, told = place.path, work / _OLD, []
    if is_folder(old) and (is_folder(work / _NEW) or not is_folder(folder)):
        told += _restore(place, old, earlier=earlier)
    elif is_folder(old):
        try:
            late = bring(old, folder, run_file)
            told += [message("out", place.say("kept"), late)] if late else []
            _rename(old, work / _GONE)
        except OSError as error:
            told.append(message("out", place.say("lingers", old=old, why=error.strerror or error)))
    for name in (_NEW, _GONE):
        _remove(work / name)
    with suppress(OSError):
        if {path.name for path in work.iterdir()} <= {_MARKER}:
            (work / _MARKER).unlink(missing_ok=True)
            work.rmdir()
    return told


def _restore(place: _Place, old: Path, *, earlier: bool) -> list[str]:
    """Give the old folder its place again, or a name beside it where the place is taken by now."""
    try:
        with suppress(OSError):
            place.path.rmdir()
        aside = next(p for p in names_from(place.path) if not os.path.lexists(p))
        _rename(old, aside)
    except OSError as error:
        rule = place.say("stays", old=old, why=error.strerror or error)
        raise FileError(message("out", rule, fix=place.say("again"))) from error
    if aside != place.path:
        return [message("out", place.say("aside", aside=aside))]
    return [message("out", place.say("restored"))] if earlier else []


def _remove(tree: Path) -> None:
    """Remove a folder of a workshop; what can't be removed is left to the next run."""
    if not is_folder(tree):
        return
    for folder, _, files in os.walk(tree):
        with suppress(OSError):
            Path(folder).chmod(0o700)
        # Windows removes no read-only files; elsewhere their folder decides.
        for name in files if os.name == "nt" else ():
            with suppress(OSError):
                Path(folder, name).chmod(0o600)
    shutil.rmtree(tree, ignore_errors=True)


def _left(place: _Place) -> list[tuple[Path, Mapping[str, Any]]]:
    """Return the workshops that killed runs on this path left, with what their markers tell."""
    pattern = re.compile(re.escape(place.beside("").name) + "[0-9a-f]{8}")
    with os.scandir(place.path.parent) as entries:
        works = sorted(Path(entry.path) for entry in entries if pattern.fullmatch(entry.name))
    found = []
    for work in works:
        marker = _marker(work) if is_folder(work) else None
        if marker is None or (marker and marker.get("place") != place.path.name):
            continue
        if marker and elsewhere(marker):
            if is_folder(work / _OLD) and not os.path.lexists(place.path):
                rule = place.say("theirs", host=marker.get("host"), old=work / _OLD)
                raise FileError(message("out", rule, fix=place.say("rename")))
        elif marker.get("pid") == os.getpid() or not goes_on(marker):
            found.append((work, marker))
    return found


def _marker(work: Path) -> Mapping[str, Any] | None:
    """Return what the marker of a workshop tells; {} in an empty one, None where it is not segkit's."""
    file = work / _MARKER
    names = {path.name for path in work.iterdir()}
    if names - {_MARKER, _NEW, _OLD, _GONE}:
        return None
    try:
        if not names or (names == {_MARKER} and file.lstat().st_size == 0):
            return {}
        told = json.loads(file.read_text(encoding="utf-8")) if stat.S_ISREG(file.lstat().st_mode) else None
    except (OSError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and told.get("made_by") == "segkit" else None
