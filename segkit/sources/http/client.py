"""One client for every public source: bounded, patient, cached, and silent when offline."""

from __future__ import annotations

import json
import os
import random
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import pandas as pd

from segkit.base.checks import check_count
from segkit.errors import InputError, NotFetchedError, SegkitError, SourceError, message
from segkit.sources.http import downloads
from segkit.sources.http.addresses import HOSTS, Addresses
from segkit.sources.http.cache import Answer, Cache, Request, parse_json
from segkit.sources.http.transport import USER_AGENT, Line, TransientError, first_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import requests

    from segkit.sources.http.downloads import Download

#: Calls and seconds where a service states none.
DEFAULT = (5, 1.0)

#: The service's clock and ours start the window at different times.
_MARGIN = 1.05


class RateLimit:
    """Waits until one more call fits in the window of its host."""

    def __init__(self, sleep: Callable[[float], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._sleep = sleep
        self._clock = clock
        self._limits: dict[str, tuple[int, float]] = {}
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def set(self, url: str, calls: int, seconds: float) -> None:
        """State how many calls within how many seconds the host of an address allows."""
        self._limits[urlsplit(url).netloc] = (max(1, calls), seconds)

    def wait(self, url: str) -> None:
        """Wait until a call to the host of an address is allowed, and count it."""
        host = urlsplit(url).netloc
        calls, seconds = self._limits.get(host, DEFAULT)
        made = self._calls[host]
        while made and self._clock() - made[0] > seconds * _MARGIN:
            made.popleft()
        if len(made) >= calls:
            wait = made[-calls] + seconds * _MARGIN - self._clock()
            if wait > 0:
                self._sleep(wait)
        made.append(self._clock())


#: Statuses that may pass when asked again.
TRANSIENT = frozenset({429, 500, 502, 503, 504})

_REDIRECTS = frozenset({301, 302, 303, 307, 308})

_MOST_REDIRECTS = 5

#: What a check raises, in its own words or by stumbling, when an answer has another form.
_NOT_OF_THE_FORM = (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError)

_T = TypeVar("_T")

#: The types an answer may call itself; a service that sends its data as plain text is checked by its form.
JSON = ("json", "text/plain", "octet-stream")


class Progress(Protocol):
    """What is told of a fetch: what is fetched, how much is done, how much there is where known."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Hear of a step."""


@dataclass(frozen=True)
class Exchange:
    """One request of a run: how it was answered, and when the answer was retrieved."""

    request: Request
    how: str
    retrieved: datetime | None


class Client:
    """Asks public sources, keeps every whole answer on disk, and asks only for what it lacks.

    Parameters
    ----------
    cache : path, optional
        Folder of the answers; default the environment variable SEGKIT_CACHE, else the user's cache folder.
    offline : bool, optional
        Answer from the cache only; default whether the environment variable SEGKIT_OFFLINE is 1.
    refresh : bool, default False
        Ask again for what is in the cache, once in the client's life.
    max_age_days : float, optional
        Ask again for what is older than this; by default a kept answer serves for ever.
    dry_run : bool, default False
        Send nothing; `planned` tells what would be sent. What the cache holds is answered from it.
    base_urls : mapping, optional
        Service (``scb``, ``scb_v1``, ``kolada``, ``wfs``, ``val``...) to base address, where it is another
        than the official one. Plain http only for a stand-in on this machine.
    hosts : iterable of str, optional
        Hosts to trust beside the official ones.
    timeout : pair of float, default (10, 60)
        Seconds to wait for the connection, and for each next piece of an answer.
    deadline : float, default 300
        Seconds within which an answer must be whole, however busy its sender is.
    tries : int, default 5
        How often to ask before giving up. Between tries the client waits, twice as long each time and with
        chance in it, or as long as the service asks (Retry-After), at most `longest_wait` seconds.
    max_bytes : int, default 200 000 000
        Largest answer, unpacked, that is accepted.
    progress : callable, optional
        Called with what is fetched, how much is done, and how much there is where known.
    sleep : callable, optional
        Waits a number of seconds.

    Examples
    --------
    >>> client = Client(offline=True, cache="no-such-folder")
    >>> client.json("https://api.kolada.se/v3/kpi/N01951")
    Traceback (most recent call last):
    segkit.errors.NotFetchedError: GET https://api.kolada.se/v3/kpi/N01951: is not in the cache ...
    """

    def __init__(
        self,
        *,
        cache: str | Path | None = None,
        offline: bool | None = None,
        refresh: bool = False,
        max_age_days: float | None = None,
        dry_run: bool = False,
        base_urls: Mapping[str, str] | None = None,
        hosts: Iterable[str] = (),
        timeout: tuple[float, float] = (10.0, 60.0),
        deadline: float = 300.0,
        tries: int = 5,
        longest_wait: float = 120.0,
        max_bytes: int = 200_000_000,
        progress: Progress | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.cache = Cache(cache)
        told = os.environ.get("SEGKIT_OFFLINE", "").strip().casefold()
        self.offline = told in {"1", "true", "yes", "ja"} if offline is None else offline
        self.refresh = refresh
        self.max_age = None if max_age_days is None else timedelta(days=max_age_days)
        self.dry_run = dry_run
        self.planned: list[Request] = []
        self.exchanges: list[Exchange] = []
        self.deadline = deadline
        self.tries = check_count(tries, argument="tries")
        self.longest_wait = longest_wait
        self.max_bytes = check_count(max_bytes, argument="max_bytes")
        self._base_urls = {service: url.rstrip("/") for service, url in (base_urls or {}).items()}
        self._addresses = Addresses([*HOSTS, *hosts], self._base_urls)
        self._progress = progress
        self._sleep = sleep
        self._rate = RateLimit(sleep)
        self._line = Line(timeout)
        self._fresh: set[str] = set()

    def base(self, service: str, official: str) -> str:
        """Return the base address of a service: the one given to the client, else the official one."""
        return self._base_urls.get(service, official.rstrip("/"))

    def set_rate(self, url: str, calls: int, seconds: float) -> None:
        """State how many calls within how many seconds the host of an address allows."""
        self._rate.set(url, calls, seconds)

    def tell(self, what: str, done: int, total: int | None = None) -> None:
        """Tell the progress to whoever asked for it."""
        if self._progress is not None:
            self._progress(what, done, total)

    def json(
        self,
        url: str,
        *,
        params: Mapping[str, object] | None = None,
        body: object = None,
        check: Callable[[Any], object] | None = None,
    ) -> Answer:
        """Return an answer in JSON, from the cache or from the service.

        Parameters
        ----------
        url : str
            Address without query.
        params : mapping, optional
            The query; a list gives its name several times.
        body : optional
            What to send as JSON; with a body the method is POST, else GET.
        check : callable, optional
            Gets the data, and raises ValueError (KeyError, TypeError) with words when they are not what was
            asked for; such an answer is neither kept nor returned.

        Raises
        ------
        SourceError
            When no whole, well-formed answer came; what was asked, what came and what to try.
        NotFetchedError
            When the answer is not in the cache and nothing may be sent.
        """
        text = "" if body is None else self.compact(body)
        return self.fetch_json(self.request(url, params=params, body=text), check=check)

    @staticmethod
    def compact(body: object) -> str:
        """Return what is sent as JSON, without spaces."""
        try:
            return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        except (TypeError, ValueError) as error:
            raise InputError(message("body", "can't be written as JSON", fix=str(error))) from error

    def fetch_json(self, request: Request, *, check: Callable[[Any], object] | None = None) -> Answer:
        """Return the answer in JSON to a request; `check` as in `json`."""

        def look(content: bytes) -> None:
            data = parse_json(content)
            if check is not None:
                check(data)

        return self.fetch(request, kinds=JSON, check=look)

    def request(self, url: str, *, params: Mapping[str, object] | None = None, body: str = "") -> Request:
        """Compose a request without sending it: POST with a body, else GET."""
        try:
            query = urlencode(dict(params or {}), doseq=True, safe="*,():[]")
            f"{url}{body}".encode()
        except UnicodeEncodeError as error:
            fix = f"Take out {error.object[error.start : error.end]!r}."
            raise InputError(message("request", "has characters that are no text", fix=fix)) from error
        return Request("POST" if body else "GET", f"{url}?{query}" if query else url, body)

    def fetch(
        self,
        request: Request,
        *,
        kinds: tuple[str, ...],
        check: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Return the answer to a request whose type holds one of the words `kinds` and passes `check`."""
        self._addresses.check(request.url)
        kept = self.kept(request)
        if kept is not None and _passes(kept.content, check):
            self.exchanges.append(Exchange(request, "cache", kept.retrieved))
            return kept
        self.may_send(request)
        content, content_type = self._patiently(request, lambda: self._once(request, kinds, check))
        answer = self.cache.store(request, content, content_type)
        self.sent(request, answer.retrieved)
        return answer

    def download(
        self,
        url: str,
        *,
        kinds: tuple[str, ...],
        params: Mapping[str, object] | None = None,
        check: Callable[[Path], object] | None = None,
        max_bytes: int = 2_000_000_000,
        deadline: float = 3600.0,
    ) -> Download:
        """Fetch a large file to the cache, from where an earlier try stopped if the service allows.

        Parameters
        ----------
        url : str
            Address without query.
        kinds : tuple of str
            Words of which the answer's type must hold one, such as ``("zip", "octet-stream")``.
        params : mapping, optional
            The query.
        check : callable, optional
            Gets the path of the whole file and raises an error with words when it is not what was asked for.
        max_bytes : int
            Largest file that is accepted.
        deadline : float
            Seconds within which one try must be done.
        """
        request = self.request(url, params=params)
        self._addresses.check(request.url)
        have = downloads.kept(self.cache, request)
        if have is not None and self.serves(request, have.retrieved):
            self.exchanges.append(Exchange(request, "cache", have.retrieved))
            return have
        self.may_send(request)
        self.cache.make_folder(self.cache.path(request))

        def attempt() -> Download:
            with downloads.Partial(self.cache, request) as partial:

                def read(reply: requests.Response) -> None:
                    if reply.status_code == 416:
                        partial.begin("")
                        raise TransientError("the part kept is no part of the file any more", status=416)
                    if reply.status_code != 206:
                        refuse_status(request, reply, self._line)
                    check_kind(request, reply, self._line, kinds)
                    partial.receive(reply, self._line.receive, most=max_bytes)

                self.exchange(request, partial.headers(), read, deadline=deadline)
                self.tell(request.url, partial.size, partial.size)
                return downloads.finish(self.cache, request, partial, check)

        got = self._patiently(request, attempt)
        self.sent(request, got.retrieved)
        return got

    def kept(self, request: Request) -> Answer | None:
        """Return the answer of the cache that serves now, None where the service is to be asked."""
        answer = self.cache.load(request)
        return answer if answer is not None and self.serves(request, answer.retrieved) else None

    def serves(self, request: Request, retrieved: datetime) -> bool:
        """Tell whether an answer retrieved then serves now, or is to be asked for again."""
        if self.offline or request.key in self._fresh:
            return True
        old = self.max_age is not None and datetime.now(UTC) - retrieved > self.max_age
        return not (self.refresh or old)

    def may_send(self, request: Request) -> None:
        """Raise an error when nothing may be sent."""
        if self.dry_run:
            if request not in self.planned:
                self.planned.append(request)
            raise NotFetchedError(message(str(request), "would be sent; this is a dry run"))
        if self.offline:
            fix = "Run once with a network (offline=False, SEGKIT_OFFLINE unset): what is fetched is kept."
            raise NotFetchedError(
                message(
                    str(request), f"is not in the cache {self.cache.folder}, and this is offline", fix=fix
                )
            )

    def sent(self, request: Request, retrieved: datetime) -> None:
        """Remember that a request was answered by its service."""
        self._fresh.add(request.key)
        self.exchanges.append(Exchange(request, "fetched", retrieved))

    def log(self) -> pd.DataFrame:
        """Return what was asked in this run: method, url, body, how (cache, fetched), retrieved."""
        rows = [(e.request.method, e.request.url, e.request.body, e.how, e.retrieved) for e in self.exchanges]
        return pd.DataFrame(rows, columns=["method", "url", "body", "how", "retrieved"])

    def _patiently(self, request: Request, attempt: Callable[[], _T]) -> _T:
        """Try until it succeeds or the tries are used up."""
        for number in range(1, self.tries + 1):
            self._rate.wait(request.url)
            self.tell(request.url, 0)
            try:
                return attempt()
            except TransientError as error:
                if number == self.tries:
                    fix = "What was fetched before is kept: run again later and only the rest is asked for."
                    came = f"no usable answer in {number} tries, the last: {error}"
                    raise SourceError(message(str(request), came, fix=fix), status=error.status) from error
                pause = min(2.0 ** (number - 1), self.longest_wait) * random.uniform(0.5, 1.0)  # noqa: S311
                self._sleep(pause if error.wait is None else min(max(error.wait, pause), self.longest_wait))
        raise AssertionError

    def _once(
        self, request: Request, kinds: tuple[str, ...], check: Callable[[bytes], object] | None
    ) -> tuple[bytes, str]:
        """Ask once and return a checked body and its type."""
        content = bytearray()

        def read(reply: requests.Response) -> str:
            refuse_status(request, reply, self._line)
            kind = check_kind(request, reply, self._line, kinds)
            self._line.receive(reply, content.extend, most=self.max_bytes)
            self.tell(request.url, len(content), len(content))
            return kind

        kind = self.exchange(request, {"Accept-Encoding": "gzip"}, read, deadline=self.deadline)
        whole = bytes(content)
        if check is not None:
            try:
                check(whole)
            except SourceError:
                raise
            except _NOT_OF_THE_FORM as error:
                words = first_words(whole) or "nothing"
                raise TransientError(
                    f"the answer is not whole or not of the form expected ({type(error).__name__}: {error}); "
                    f"it begins: {words}"
                ) from error
        return whole, kind

    def exchange(
        self,
        request: Request,
        headers: Mapping[str, str],
        read: Callable[[requests.Response], _T],
        *,
        deadline: float,
    ) -> _T:
        """Send a request, follow redirects that are allowed, and return what `read` makes of the answer."""
        url = request.url
        every = {"User-Agent": USER_AGENT, "Accept": "*/*", **headers}
        if request.body:
            every["Content-Type"] = "application/json"
        end = time.monotonic() + deadline
        for _ in range(_MOST_REDIRECTS + 1):
            direct = self._addresses.is_given(url)
            left = max(end - time.monotonic(), 0.0)
            asked = self._line.ask(request.method, url, request.body, every, deadline=left, direct=direct)
            with asked as reply:
                if reply.status_code not in _REDIRECTS:
                    return read(reply)
                target = reply.headers.get("Location", "")
                if request.method == "POST" and reply.status_code not in {307, 308}:
                    came = f"answered {reply.status_code}, which would turn the question into another"
                    raise SourceError(message(str(request), came), status=reply.status_code)
            url = self._addresses.redirected(url, target)
        raise SourceError(message(str(request), f"was sent on more than {_MOST_REDIRECTS} times"))


def _passes(content: bytes, check: Callable[[bytes], object] | None) -> bool:
    """Tell whether a kept answer is what is asked for now; it may have been kept under a looser check."""
    try:
        if check is not None:
            check(content)
    except (SegkitError, *_NOT_OF_THE_FORM):
        return False
    return True


def refuse_status(request: Request, reply: requests.Response, line: Line) -> None:
    """Raise an error for any status but 200, with the service's own words."""
    status = reply.status_code
    if status == 200:
        return
    content = line.receive_error(reply)
    title = _title(content) or first_words(content)
    came = f"answered {status} {reply.reason or ''}".rstrip() + (f" ({title})" if title else "")
    if status in TRANSIENT:
        raise TransientError(came, wait=_retry_after(reply.headers.get("Retry-After", "")), status=status)
    fix = "The address or what was asked for may have changed; look at the service's own pages."
    raise SourceError(message(str(request), came, fix=fix), status=status, title=title)


def check_kind(request: Request, reply: requests.Response, line: Line, kinds: tuple[str, ...]) -> str:
    """Return the type an answer calls itself, or raise an error with its first words."""
    kind = reply.headers.get("Content-Type", "")
    plain = kind.partition(";")[0].strip().casefold()
    if plain and not any(word in plain for word in kinds):
        words = first_words(line.receive_error(reply))
        came = f"answered with {plain[:60]} where {' or '.join(kinds[:1])} was expected; it begins: {words}"
        fix = "Try later: this is often a page about a stop in service, or a sign-in page of the network."
        raise SourceError(message(str(request), came, fix=fix), status=reply.status_code)
    return kind


def _title(content: bytes) -> str:
    """Return the title and detail of an error in the form of RFC 7807, empty where it has another form."""
    try:
        told = parse_json(content)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    return " ".join(str(told[k]) for k in ("title", "detail") if isinstance(told.get(k), str))[:300]


def _retry_after(header: str) -> float | None:
    """Return the seconds a service asks to wait, by number or by date."""
    from urllib3.exceptions import InvalidHeader
    from urllib3.util import Retry

    try:
        return float(Retry().parse_retry_after(header)) if header else None
    except (InvalidHeader, ValueError, OverflowError):
        return None
