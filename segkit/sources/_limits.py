"""No more calls than a service allows: a sliding window for each host."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

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
