"""Which requests a fetch takes, without sending any."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from segkit.errors import NotFetchedError
from segkit.sources import scb
from segkit.sources.fetching import asking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from segkit.sources.fetching.asking import Geography
    from segkit.sources.http.client import Client


def requests_for(
    municipality: str,
    *,
    geographies: Sequence[Geography] = asking.GEOGRAPHIES,
    periods: Iterable[int] | None = None,
    indicators: Iterable[str] | None = None,
    client: Client,
) -> pd.DataFrame:
    """Return the requests that `fetch` would take, without sending any.

    Where an answer tells of more (a table's codes, the pages that follow the first), what is not yet known is
    planned by what was known when segkit was written, and said under ``about``.

    Parameters
    ----------
    municipality, geographies, periods, indicators
        As for `fetch`.
    client : Client
        With ``dry_run=True``.

    Returns
    -------
    pandas.DataFrame
        ``method, url, body, kept`` (whether the answer is in the cache), ``about``.

    Raises
    ------
    InputError, UnknownNameError
        When an argument is not as described.

    Examples
    --------
    >>> from segkit.sources import Client
    >>> asks = Client(dry_run=True, cache="no-such-folder")
    >>> plan = requests_for("0780", indicators=["median_income"], client=asks)
    >>> plan["url"].iloc[0]
    'https://api.kolada.se/v3/municipality?per_page=5000'
    """
    wanted = asking.wish(municipality, geographies, periods, indicators)
    parts = [_of_call(lambda: asking.name_of(municipality, client, asking.Notes()), client, "name")]
    for geography in wanted.geographies:
        names = wanted.indicators[geography]
        parts.append(scb.requests_for(municipality, geography, wanted.periods, names, client=client))
        for version in asking.versions(wanted, geography):
            about = f"boundaries: {geography} {version}"
            call = partial(asking.shapes, wanted, geography, version, client)
            parts.append(_of_call(call, client, about))
    plan = pd.concat([p for p in parts if len(p)], ignore_index=True)
    return plan.drop_duplicates(["method", "url", "body"], ignore_index=True)


def _of_call(call: Callable[[], object], client: Client, about: str) -> pd.DataFrame:
    """Return what a call asks for: what the cache answers, and the first that it does not."""
    kept, planned = len(client.exchanges), len(client.planned)
    with suppress(NotFetchedError):
        call()
    known = [(e.request, True) for e in client.exchanges[kept:]]
    lacking = [(request, False) for request in client.planned[planned:]]
    rows = [(r.method, r.url, r.body, at_hand, about) for r, at_hand in (*known, *lacking)]
    return pd.DataFrame(rows, columns=["method", "url", "body", "kept", "about"])
