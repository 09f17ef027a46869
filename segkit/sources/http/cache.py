"""Answers kept on disk: one file each, a line that tells what was asked and when, then the answer."""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from segkit.base.files import atomic
from segkit.errors import FileError, message

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORM = 1


@dataclass(frozen=True)
class Request:
    """What is asked: the method, the whole address, the body."""

    method: str
    url: str
    body: str = ""

    @property
    def key(self) -> str:
        """A name for the request that is safe as a file name."""
        text = f"{self.method}\0{self.url}\0{self.body}"
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    def __str__(self) -> str:
        """Return the request in one line, its body cut short."""
        body = f" {self.body[:300]}{'...' if len(self.body) > 300 else ''}" if self.body else ""
        return f"{self.method} {self.url}{body}"


@dataclass(frozen=True)
class Answer:
    """A whole, checked answer: its text as sent, when it was retrieved, whether it lay in the cache."""

    request: Request
    content: bytes
    content_type: str
    retrieved: datetime
    from_cache: bool

    def json(self) -> Any:
        """Return the data of an answer in JSON."""
        return parse_json(self.content)

    def text(self) -> str:
        """Return the answer as text: in UTF-8, else as Windows-1252."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.content.decode("windows-1252", errors="replace")


def parse_json(content: bytes) -> Any:
    """Return the data of a JSON text in UTF-8, with or without a byte order mark.

    Raises
    ------
    ValueError
        When it is not whole and well-formed; NaN and Infinity are not JSON.
    """

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no number in JSON")

    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def is_number(value: object) -> bool:
    """Tell whether a value of JSON is a number that is finite as a float; 1e999 is well-formed, but is not.

    Examples
    --------
    >>> [is_number(value) for value in (1, 2.5, True, "3", float("inf"), 10**400)]
    [True, True, False, False, False, False]
    """
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def default_folder() -> Path:
    """Return the folder of the cache: the environment variable SEGKIT_CACHE, else the user's cache folder."""
    from platformdirs import user_cache_path

    stated = os.environ.get("SEGKIT_CACHE", "").strip()
    return Path(stated).expanduser() if stated else user_cache_path("segkit", appauthor=False)


class Cache:
    """Answers by request; what is damaged is as if it were not there."""

    def __init__(self, folder: str | Path | None) -> None:
        self.folder = Path(folder).expanduser() if folder is not None else default_folder()

    def path(self, request: Request, suffix: str = ".answer") -> Path:
        """Return where the answer to a request lies."""
        host = urlsplit(request.url).netloc.replace(":", "_") or "unknown"
        return self.folder / host / f"{request.key}{suffix}"

    def load(self, request: Request) -> Answer | None:
        """Return the answer to a request, None where there is none that is whole."""
        try:
            head, _, content = self.path(request).read_bytes().partition(b"\n")
            told = json.loads(head)
            whole = (
                told["form"] == _FORM
                and [told["method"], told["url"], told["body"]] == [request.method, request.url, request.body]
                and told["sha256"] == hashlib.sha256(content).hexdigest()
            )
            retrieved = datetime.fromisoformat(told["retrieved"])
            kind = str(told["content_type"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Answer(request, content, kind, retrieved, from_cache=True) if whole else None

    def store(self, request: Request, content: bytes, content_type: str) -> Answer:
        """Keep an answer, whole or not at all."""
        retrieved = datetime.now(UTC).replace(microsecond=0)
        head = {
            "form": _FORM,
            "method": request.method,
            "url": request.url,
            "body": request.body,
            "content_type": content_type,
            "retrieved": retrieved.isoformat(),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        path = self.path(request)
        self.make_folder(path)
        with atomic(path) as temporary:
            temporary.write_bytes(json.dumps(head, ensure_ascii=False).encode() + b"\n" + content)
        return Answer(request, content, content_type, retrieved, from_cache=False)

    @staticmethod
    def make_folder(path: Path) -> None:
        """Make the folder of a file in the cache."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            fix = "Choose another folder with cache=, or the environment variable SEGKIT_CACHE."
            raise FileError(
                message("cache", f"can't make {path.parent}: {error.strerror}", fix=fix)
            ) from error

    def heads(self) -> Iterator[dict[str, str]]:
        """Yield what each kept answer tells of itself, with its size in bytes."""
        for path in sorted(self.folder.glob("*/*.answer")):
            try:
                with path.open("rb") as file:
                    told = json.loads(file.readline())
                yield {**{k: str(v) for k, v in told.items()}, "bytes": str(path.stat().st_size)}
            except (OSError, ValueError, AttributeError):
                continue
