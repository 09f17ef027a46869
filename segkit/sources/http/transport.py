"""One request and its answer as bytes: cut when it lasts too long, refused when it grows too large."""

from __future__ import annotations

import http.client
import re
import socket
import threading
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from segkit.errors import SegkitError, SourceError, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests

_BLOCK = 65_536

#: What is read of an answer that tells of an error.
_ERROR_BYTES = 20_000

USER_AGENT = "segkit (area analysis for Swedish municipalities)"


class TransientError(Exception):
    """What may pass when asked again; `wait` is what the service asks for, in seconds."""

    def __init__(self, came: str, *, wait: float | None = None, status: int | None = None) -> None:
        super().__init__(came)
        self.wait = wait
        self.status = status


class Watch:
    """Cuts a connection that is not done in time, also while its headers drip in."""

    def __init__(self) -> None:
        self.sock: socket.socket | None = None
        self.cut = False

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut the line when the block takes longer."""
        self.sock, self.cut = None, False
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def hold(self, sock: Any) -> None:
        """Take the connection that is being read."""
        self.sock = sock
        if self.cut:
            raise TimeoutError("cut")

    def _end(self) -> None:
        self.cut = True
        if self.sock is not None:
            try:
                # Of the plain socket: the one for TLS would wait for the other side's farewell.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
            except OSError:
                return


def _session(watch: Watch) -> requests.Session:
    """Open a session whose connections the watch can cut; no cookies, no stored passwords."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Plain(HTTPConnection):
        def getresponse(self) -> Any:
            watch.hold(self.sock)
            return super().getresponse()

    class Secure(HTTPSConnection):
        def getresponse(self) -> Any:
            watch.hold(self.sock)
            return super().getresponse()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    pools = {"http": PlainPool, "https": SecurePool}

    class Adapter(HTTPAdapter):
        def init_poolmanager(
            self, connections: int, maxsize: int, block: bool = False, **options: Any
        ) -> None:
            super().init_poolmanager(connections, maxsize, block, **options)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
            manager = super().proxy_manager_for(proxy, **options)
            manager.pool_classes_by_scheme = pools
            return manager

    session = requests.Session()
    session.mount("https://", Adapter())
    session.mount("http://", Adapter())
    # Without this, requests would look for a password in the user's .netrc.
    session.auth = lambda request: request
    return session


class Line:
    """A session that asks one thing at a time."""

    def __init__(self, timeout: tuple[float, float]) -> None:
        self._timeout = timeout
        self._watch = Watch()
        self._lock = threading.Lock()
        self._open: requests.Session | None = None

    @contextmanager
    def ask(
        self, method: str, url: str, body: str, headers: dict[str, str], *, deadline: float, direct: bool
    ) -> Iterator[requests.Response]:
        """Send one request and yield its answer, whose body is not yet read; redirects are not followed.

        Raises
        ------
        TransientError
            When the connection fails, is reset or is silent.
        SourceError
            When the certificate is not valid, or the answer is not whole within `deadline` seconds.
        """
        import requests
        from urllib3.exceptions import HTTPError

        with self._lock, self._watch.within(deadline):
            if self._open is None:
                self._open = _session(self._watch)
            session = self._open
            try:
                asked = requests.Request(method, url, data=body.encode() or None, headers=headers)
                prepared = session.prepare_request(asked)
                # Proxies and certificates as the user's environment says; a stand-in is asked directly.
                how = session.merge_environment_settings(url, {}, True, None, None)
                proxies = {} if direct else how["proxies"]
                # The adapter itself: the session would read the whole body of a redirect.
                reply = session.get_adapter(url).send(
                    prepared,
                    stream=True,
                    timeout=self._timeout,
                    verify=how["verify"] or True,
                    cert=how["cert"],
                    proxies=proxies,
                )
                try:
                    yield reply
                finally:
                    reply.close()
            except SegkitError:
                raise
            except requests.exceptions.SSLError as error:
                fix = (
                    "Where an employer's proxy opens encrypted traffic, point the environment variable "
                    "REQUESTS_CA_BUNDLE to its certificates."
                )
                came = f"the certificate can't be verified ({_why(error)})"
                raise SourceError(message(f"{method} {url}", came, fix=fix)) from error
            except (OSError, HTTPError, http.client.HTTPException) as error:
                if self._watch.cut:
                    raise self._too_slow(method, url, deadline) from error
                raise TransientError(_why(error)) from error

    def receive(self, reply: requests.Response, sink: Callable[[bytes], object], *, most: int) -> int:
        """Pass the body on block by block, unpacked, and return its size.

        Raises
        ------
        TransientError
            When fewer bytes come than were announced.
        SourceError
            When the body is larger than `most` bytes, before or after unpacking.
        """
        announced = reply.headers.get("Content-Length", "")
        length = int(announced) if announced.isdecimal() else None
        if length is not None and length > most:
            raise _too_large(reply, most)
        unpack = _unpacker(reply)
        raw_size = size = 0
        while block := reply.raw.read(_BLOCK, decode_content=False):
            raw_size += len(block)
            for part in unpack(block):
                size += len(part)
                if size > most:
                    raise _too_large(reply, most)
                sink(part)
        if self._watch.cut:
            raise TimeoutError("cut")
        if length is not None and raw_size != length:
            raise TransientError(f"{raw_size} bytes came where {length} were announced")
        for part in unpack(b""):
            sink(part)
        return size

    def receive_error(self, reply: requests.Response) -> bytes:
        """Return the beginning of an answer that tells of an error."""
        kept = bytearray()
        unpack = _unpacker(reply)
        while len(kept) < _ERROR_BYTES and (block := reply.raw.read(4096, decode_content=False)):
            for part in unpack(block):
                kept += part
                if len(kept) >= _ERROR_BYTES:
                    break
        return bytes(kept[:_ERROR_BYTES])

    @staticmethod
    def _too_slow(method: str, url: str, deadline: float) -> SourceError:
        came = f"the answer was not whole after {deadline:.3g} seconds and was cut"
        return SourceError(message(f"{method} {url}", came, fix="Try later, or ask for less at a time."))


def _too_large(reply: requests.Response, most: int) -> SourceError:
    rule = f"the answer is larger than {most / 1e6:g} MB and was refused"
    return SourceError(message(str(reply.url), rule, fix="Ask for less, or raise max_bytes if you trust it."))


def _unpacker(reply: requests.Response) -> Callable[[bytes], Iterator[bytes]]:
    """Return what turns blocks as sent into blocks of content, each of a bounded size.

    An empty block ends the body; a compressed body that is not whole is then an error.
    """
    coding = reply.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in {"", "identity"}:
        return lambda block: iter([block] if block else [])
    if coding not in {"gzip", "x-gzip", "deflate"}:
        fix = "Try later; if it lasts, the service has changed."
        raise SourceError(message(str(reply.url), f"the answer is packed as {coding[:40]!r}", fix=fix))
    unzip = zlib.decompressobj(wbits=47)

    def unpack(block: bytes) -> Iterator[bytes]:
        if not block and not unzip.eof:
            raise TransientError("the packed answer ends before its end")
        try:
            rest = block
            while rest:
                if unzip.eof:
                    raise TransientError("the packed answer goes on after its end")
                if part := unzip.decompress(rest, _BLOCK):
                    yield part
                rest = unzip.unconsumed_tail or unzip.unused_data
        except zlib.error as error:
            raise TransientError(f"the packed answer is damaged ({error})") from error

    return unpack


def _why(error: BaseException) -> str:
    """Say what went wrong on the way, without addresses in memory."""
    text = re.sub(r"<[^>]* at 0x[0-9a-f]+>[,:]? ?|\w+\(host='[^']*', port=\d+\)[:,]? ?", "", str(error))
    return f"{type(error).__name__}: {text}"[:300]


def first_words(content: bytes, most: int = 160) -> str:
    """Return the first words of an answer, without tags and control characters, for messages.

    Examples
    --------
    >>> first_words(b"<html><head><title>Driftstopp</title></head><p>Vi ser om systemet.")
    'Driftstopp Vi ser om systemet.'
    """
    text = content[:_ERROR_BYTES].decode("utf-8-sig", errors="replace")
    text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|\Z)|<[^>]{0,2000}>", " ", text)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " ..."
