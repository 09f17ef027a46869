"""One writer at a time for a folder of results, and an end by a signal that cleans up first."""

from __future__ import annotations

import errno
import json
import os
import platform
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

#: Where the lock lies in its file: far behind the text, which others must be able to read.
_FAR = 1 << 30

_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)


class HeldError(Exception):
    """Another run holds the lock, and `holder` tells of it; None where the file is no lock."""

    def __init__(self, holder: Mapping[str, Any] | None) -> None:
        super().__init__()
        self.holder = holder


class Terminated(SystemExit):
    """The program was asked to end by a signal; the exit status is 128 and the number of the signal."""


def me() -> dict[str, Any]:
    """Return what tells this run apart from every other: process, its start, machine and start of that."""
    return {
        "made_by": "segkit",
        "pid": os.getpid(),
        "start": _start(os.getpid()),
        "host": platform.node(),
        "boot": _boot(),
    }


def elsewhere(run: Mapping[str, Any]) -> bool:
    """Tell whether a run is another machine's, of which can't be told here whether it goes on.

    A container has another name than its machine, but the same start.
    """
    return run.get("host") != platform.node() and (not _boot() or run.get("boot") != _boot())


def goes_on(run: Mapping[str, Any]) -> bool:
    """Tell whether a run is known to go on: a number of a process that was used anew has another start."""
    pid, start = run.get("pid"), run.get("start")
    same_machine = not elsewhere(run) and run.get("boot") == _boot()
    return same_machine and isinstance(pid, int) and bool(start) and _start(pid) == start


def _start(pid: int) -> str:
    """Return when a process began, empty where the system does not tell or there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, ValueError, IndexError):
        return ""


def _boot() -> str:
    """Return an id of the start of the machine, empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock in a file while the body runs; the file is gone after.

    The system gives the lock back when a process ends, however it ends: a file that is left behind holds
    nobody up.

    Raises
    ------
    HeldError
        When another run holds it.
    OSError
        When the file can't be made.
    """
    handle = _taken(path)
    try:
        yield
    finally:
        # Where open files can't be removed it is closed first; the next run may have opened it by then.
        with suppress(OSError):
            if os.name == "nt":
                os.close(handle)
            path.unlink()
        if os.name != "nt":
            os.close(handle)


def _taken(path: Path) -> int:
    """Open the file and take its lock; anew where the run before removed the file meanwhile."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            if _claim(path, handle):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _claim(path: Path, handle: int) -> bool:
    """Take the lock of an open file and write whose it is; not where the path leads to another by now."""
    got = _lock(handle)
    text = os.read(handle, 4096)
    holder = _holder(text)
    if got is False:
        raise HeldError(holder or {})
    if not _still(path, handle):
        return False
    # What no run wrote is somebody else's file. Without locks in the file system the text must do.
    if holder is None and text.strip():
        raise HeldError(None)
    if holder is not None and (elsewhere(holder) or (got is None and goes_on(holder))):
        raise HeldError(holder)
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, json.dumps(me()).encode())
    return True


def _still(path: Path, handle: int) -> bool:
    """Tell whether a path still leads to the open file."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _holder(text: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and told.get("made_by") == "segkit" else None


def _lock(handle: int) -> bool | None:
    """Take the system's lock of a file; None where the file system has none."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.lseek(handle, 0, os.SEEK_SET)
        return False if error.errno in _HELD else None
    return True


@contextmanager
def terminable() -> Iterator[None]:
    """Let a signal that would end the program at once raise `Terminated`, so that it cleans up first.

    A program that handles or ignores these signals itself goes on doing so.
    """
    before: dict[int, Any] = {}

    def stop(number: int, _frame: FrameType | None) -> None:
        # A second signal would break the cleaning.
        for known in before:
            signal.signal(known, signal.SIG_IGN)
        raise Terminated(128 + number)

    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
