"""The errors that segkit raises; each is also one of Python's own, so old handlers work."""

from __future__ import annotations

import inspect
import unicodedata
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What users meet; the rest of the module words them.
__all__ = [
    "DataWarning",
    "FileError",
    "FileWarning",
    "InputError",
    "NotFetchedError",
    "SegkitError",
    "SourceError",
    "UnknownNameError",
]


def __dir__() -> list[str]:
    return sorted(__all__)


#: Signs that turn the direction of what follows, so that a text reads as another.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    r"""Return a text fit for a terminal: signs that would steer it are spelled out.

    Examples
    --------
    >>> plain("Stängt\x1b[31m")
    'Stängt\\x1b[31m'
    """
    if text.isprintable():
        return text
    steering = {c for c in text if unicodedata.category(c) in {"Cc", "Cs"} or c in _TURNING} - {"\n", "\t"}
    return "".join(c.encode("unicode_escape").decode() if c in steering else c for c in text)


class SegkitError(Exception):
    """Base of every error that segkit raises on purpose; its text can't steer a terminal."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(plain(a) if isinstance(a, str) else a for a in args))


class InputError(SegkitError, ValueError):
    """The data or an argument breaks a rule; the message names the argument, the rule and the fix."""


class UnknownNameError(SegkitError, LookupError):
    """A name (municipality, indicator, measure, column) is not known; the message lists those that are."""


class FileError(SegkitError, OSError):
    """A file or folder can't be read or written as asked."""


class SourceError(SegkitError, OSError):
    """A public source gave no usable answer; the message says what was asked, what came and what to try.

    Attributes
    ----------
    status : int or None
        The status of the answer (HTTP), None where none came.
    title : str
        The service's own words for the error, empty where it gave none.
    """

    def __init__(self, text: str, *, status: int | None = None, title: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.title = plain(title)


class NotFetchedError(SourceError):
    """The answer is not in the cache, and nothing may be sent: offline, or a dry run."""


class DataWarning(UserWarning):
    """The data allow the answer, but with a reservation the user should know of."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(plain(a) if isinstance(a, str) else a for a in args))


class FileWarning(UserWarning):
    """Something was done with the user's files that the user should know of; nothing is lost."""


def list_some(items: Iterable[object], most: int = 3) -> str:
    """Return the first few items and a count of the rest, for messages.

    Examples
    --------
    >>> list_some(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    every = [str(item) for item in items]
    text = ", ".join(every[:most])
    return f"{text} and {len(every) - most} more" if len(every) > most else text


def message(argument: str, rule: str, offending: Iterable[object] = (), fix: str = "") -> str:
    """Compose a message: the argument, the rule, the offending areas (three and a count), the fix.

    Examples
    --------
    >>> message("weight", "must not be negative", ["0880C1010"], "Correct or drop these rows.")
    'weight: must not be negative (0880C1010). Correct or drop these rows.'
    """
    where = list_some(offending)
    text = f"{argument}: {rule} ({where})." if where else f"{argument}: {rule}."
    return f"{text} {fix}" if fix else text


def warn(text: str, category: type[Warning] = DataWarning) -> None:
    """Warn at the line of the user's that called, however many of segkit's own calls lie between."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "segkit":
        level, frame = level + 1, frame.f_back
    warnings.warn(text, category, stacklevel=level)
