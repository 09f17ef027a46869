"""Large files fetched to disk block by block; a fetch that broke goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from segkit.base.files import write_text
from segkit.errors import FileError, SegkitError, SourceError, message
from segkit.sources.http.transport import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import requests

    from segkit.sources.http.cache import Cache, Request

#: What a partial fetch keeps: the bytes so far, and what tells whether the file is still the same.
_BODY, _MARK = "body", "mark"


@dataclass(frozen=True)
class Download:
    """A whole file in the cache, and when it was retrieved."""

    request: Request
    path: Path
    retrieved: datetime
    from_cache: bool


def kept(cache: Cache, request: Request) -> Download | None:
    """Return the file in the cache, None where there is none that is whole."""
    path = cache.path(request, ".file")
    try:
        told = json.loads(cache.path(request, ".file.json").read_text(encoding="utf-8"))
        whole = told["url"] == request.url and told["sha256"] == _sha256(path)
        retrieved = datetime.fromisoformat(told["retrieved"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Download(request, path, retrieved, from_cache=True) if whole else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Partial:
    """The folder of a fetch under way; taken by a rename, so that two runs never write in one file."""

    def __init__(self, cache: Cache, request: Request) -> None:
        self._rest = cache.path(request, ".part")
        self._own = self._rest.with_name(f".{request.key}-{secrets.token_hex(4)}")
        self.body, self._mark = self._own / _BODY, self._own / _MARK

    def __enter__(self) -> Self:
        try:
            self._rest.rename(self._own)
        except OSError:
            self._own.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self.size and self.mark:
                self._own.rename(self._rest)
        except OSError:
            # Another run left its part meanwhile: one is enough.
            pass
        shutil.rmtree(self._own, ignore_errors=True)

    @property
    def size(self) -> int:
        """How many bytes of it lie on the disk."""
        return self.body.stat().st_size if self.body.exists() else 0

    @property
    def mark(self) -> str:
        """What the service said to tell versions of the file apart, empty where it said nothing."""
        return self._mark.read_text(encoding="utf-8") if self._mark.exists() else ""

    def begin(self, mark: str) -> None:
        """Start anew with an empty file of the version that the mark tells."""
        self.body.write_bytes(b"")
        self._mark.write_text(mark, encoding="utf-8")

    def headers(self) -> dict[str, str]:
        """Ask for the rest where there is a part of which it can be told that it still holds."""
        plain = {"Accept-Encoding": "identity"}
        if not (self.size and self.mark):
            return plain
        return {**plain, "Range": f"bytes={self.size}-", "If-Range": self.mark}

    def receive(self, reply: requests.Response, pour: Callable[..., int], *, most: int) -> None:
        """Write what comes behind what is there, or from the beginning where the whole file comes."""
        total = None
        if reply.status_code == 206:
            told = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", reply.headers.get("Content-Range", "").strip())
            if told is None or int(told[1]) != self.size:
                self.begin("")
                raise TransientError("the rest of the file does not begin where the part ends", status=206)
            total = int(told[2])
        else:
            self.begin(_mark(reply))
        with self.body.open("ab") as file:
            pour(reply, _writer(file), most=most - self.size)
        if total is not None and self.size != total:
            raise TransientError(f"{self.size} bytes came where {total} were announced")


def _mark(reply: requests.Response) -> str:
    tag = reply.headers.get("ETag", "")
    if "Content-Encoding" in reply.headers or reply.headers.get("Accept-Ranges", "").strip() != "bytes":
        return ""
    return reply.headers.get("Last-Modified", "") if not tag or tag.startswith("W/") else tag


def _writer(file: Any) -> Callable[[bytes], object]:
    def write(block: bytes) -> None:
        try:
            file.write(block)
        except OSError as error:
            raise FileError(message("cache", f"can't write {file.name}: {error.strerror}")) from error

    return write


def finish(
    cache: Cache, request: Request, partial: Partial, check: Callable[[Path], object] | None
) -> Download:
    """Check a file that has come whole and give it its place in the cache."""
    if check is not None:
        try:
            check(partial.body)
        except (SegkitError, ValueError, KeyError, TypeError) as error:
            partial.begin("")
            raise SourceError(message(str(request), f"the file is not as expected: {error}")) from error
    retrieved = datetime.now(UTC).replace(microsecond=0)
    told = {"url": request.url, "retrieved": retrieved.isoformat(), "sha256": _sha256(partial.body)}
    path = cache.path(request, ".file")
    partial.body.replace(path)
    write_text(cache.path(request, ".file.json"), json.dumps(told, ensure_ascii=False))
    return Download(request, path, retrieved, from_cache=False)
