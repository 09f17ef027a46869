"""Kolada, the database of municipalities and regions (version 3): key figures by sex and year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from segkit.base.boundary import guard
from segkit.base.checks import check_choice
from segkit.errors import InputError, NotFetchedError, SourceError, message
from segkit.sources.http.addresses import joined
from segkit.sources.http.cache import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from segkit.sources.http.client import Client

Kind = Literal["kpi", "kpi_groups", "municipality", "municipality_groups"]

OFFICIAL = "https://api.kolada.se/v3"

#: Ids in one part of an address, and rows on a page.
MOST_IDS, MOST_ROWS = 25, 5000

#: The service states no limit; those who use it keep to five a second.
_CALLS, _SECONDS = 5, 1.0

_KINDS = ("kpi", "kpi_groups", "municipality", "municipality_groups")
_SEXES = ("T", "K", "M")

#: The country's code there.
_COUNTRY = "0000"

COLUMNS = ["kpi", "municipality", "sex", "period", "value", "status", "n_units"]


def metadata(kind: Kind, *, client: Client, title: str = "") -> pd.DataFrame:
    """Return the list of key figures, municipalities or groups.

    Parameters
    ----------
    kind : {"kpi", "kpi_groups", "municipality", "municipality_groups"}
        Which list.
    client : Client
        Asks and keeps the answers.
    title : str
        Only those whose title holds this.

    Returns
    -------
    pandas.DataFrame
        The fields that the service gives, such as ``id, title, is_divided_by_gender``.

    Raises
    ------
    InputError
        When `kind` is none of these.
    SourceError
        When no usable answer came.

    Examples
    --------
    >>> from segkit.errors import NotFetchedError
    >>> from segkit.sources import Client
    >>> asks = Client(dry_run=True, cache="no-such-folder")
    >>> try:
    ...     metadata("municipality", client=asks)
    ... except NotFetchedError:
    ...     print(asks.planned[0].url)
    https://api.kolada.se/v3/municipality?per_page=5000
    """
    check_choice(kind, _KINDS, argument="kind")
    params: dict[str, object] = {"per_page": MOST_ROWS}
    if title:
        params["title"] = title
    rows = [
        row
        for page in _pages(client, f"{client.base('kolada', OFFICIAL)}/{kind}", params, _check_list)
        for row in page["values"]
    ]
    return pd.DataFrame(rows)


def values(
    kpis: Sequence[str],
    municipalities: Sequence[str],
    periods: Sequence[int],
    *,
    client: Client,
) -> pd.DataFrame:
    """Return key figures by municipality, sex and year, with the status of each.

    Parameters
    ----------
    kpis : sequence of str
        Ids, such as ``"N00945"``.
    municipalities : sequence of str
        Codes of four digits; ``"00"`` or ``"0000"`` for the country.
    periods : sequence of int
        Years.
    client : Client
        Asks and keeps the answers.

    Returns
    -------
    pandas.DataFrame
        ``kpi, municipality`` (the country as ``"00"``), ``sex`` (T all, K women, M men), ``period, value,
        status`` (the service's own word, such as Missing or Privacy; empty where the value is there),
        ``n_units``. What the service has no row for is not in the table. Rows that the service has
        withdrawn are left out.

    Raises
    ------
    InputError
        When a list is empty or an id has the wrong form.
    SourceError
        When an answer was not whole; what was fetched before is kept, so that the next try goes on.

    Examples
    --------
    >>> from segkit.sources import Client
    >>> asks = Client(dry_run=True, cache="no-such-folder")
    >>> values(["N00945"], ["0880", "00"], [2023, 2024], client=asks).empty
    True
    >>> asks.planned[0].url
    'https://api.kolada.se/v3/data/kpi/N00945/municipality/0880,0000/year/2023,2024?per_page=5000'
    """
    lists = _checked(kpis, municipalities, periods)
    base = f"{client.base('kolada', OFFICIAL)}/data"
    blocks = [
        (some, places, years)
        for some in _blocks(lists[0])
        for places in _blocks(lists[1])
        for years in _blocks(lists[2])
    ]
    rows: list[tuple[Any, ...]] = []
    for number, (some, places, years) in enumerate(blocks):
        client.tell("Kolada", number, len(blocks))
        url = f"{base}/kpi/{','.join(some)}/municipality/{','.join(places)}/year/{','.join(years)}"
        asked = (frozenset(some), frozenset(places), frozenset(map(int, years)))

        def check(data: Any, asked: tuple[frozenset[Any], ...] = asked) -> None:
            _check_data(data, asked)

        try:
            for page in _pages(client, url, {"per_page": MOST_ROWS}, check):
                rows.extend(_rows(page))
        except NotFetchedError:
            # In a dry run every block is planned; the pages that follow are not known before they come.
            if not client.dry_run:
                raise
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["value"] = table["value"].astype(float)
    return table.sort_values(COLUMNS[:4], ignore_index=True, kind="stable")


def _checked(
    kpis: Sequence[str], municipalities: Sequence[str], periods: Sequence[int]
) -> tuple[list[str], list[str], list[str]]:
    """Return the three lists without repeats, or raise an error."""
    if isinstance(kpis, str) or isinstance(municipalities, str):
        raise InputError(message("kpis", "and municipalities must be lists, not one text"))
    ids, codes, years = list(dict.fromkeys(kpis)), list(dict.fromkeys(municipalities)), list(periods)
    for argument, items in (("kpis", ids), ("municipalities", codes), ("periods", years)):
        if not items:
            raise InputError(message(argument, "must be a list with one member at least"))
    wrong: list[object] = [k for k in ids if not (isinstance(k, str) and len(k) == 6 and k.isalnum())]
    if wrong:
        raise InputError(message("kpis", "must be ids of a letter and five digits", wrong))
    codes = list(dict.fromkeys(_COUNTRY if code == "00" else code for code in codes))
    wrong = [c for c in codes if not (isinstance(c, str) and len(c) == 4 and c.isdigit())]
    if wrong:
        fix = "Write them as text, with leading zeros: '0880'."
        raise InputError(message("municipalities", "must be codes of four digits", wrong, fix))
    wrong = [p for p in years if isinstance(p, bool) or not isinstance(p, int | np.integer) or p < 1900]
    if wrong:
        raise InputError(message("periods", "must be years", wrong))
    return ids, codes, [str(p) for p in dict.fromkeys(years)]


def _blocks(items: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(items), MOST_IDS):
        yield items[at : at + MOST_IDS]


def _pages(client: Client, url: str, params: Mapping[str, object], check: Any) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list; the service says where the next one is."""
    client.set_rate(url, _CALLS, _SECONDS)
    page = client.json(url, params=params, check=check).json()
    seen = {url}
    yield page
    while page.get("next_url"):
        following = next_address(url, str(page["next_url"]))
        if following in seen:
            raise SourceError(message("next_url", "leads back to a page that was read", [following]))
        seen.add(following)
        page = client.json(following, check=check).json()
        yield page


def next_address(asked: str, told: str) -> str:
    """Return the address of the next page; one by http is asked by https, as a service behind a proxy means.

    Examples
    --------
    >>> next_address("https://api.kolada.se/v3/kpi", "http://api.kolada.se/v3/kpi?page=2")
    'https://api.kolada.se/v3/kpi?page=2'
    """
    try:
        following = joined(asked, told)
    except InputError as error:
        raise SourceError(message("next_url", f"can't be followed: {error}")) from error
    secure = asked.startswith("https://") and following.startswith("http://")
    return f"https://{following.removeprefix('http://')}" if secure else following


def _check_list(data: Any) -> None:
    """Raise an error unless the answer is a list of rows as the service gives them."""
    if not isinstance(data, dict) or not isinstance(data.get("values"), list):
        raise TypeError("there is no list called values")
    if "count" in data and data["count"] != len(data["values"]):
        raise ValueError(f"count is {data['count']} where {len(data['values'])} rows came")
    if not all(isinstance(row, dict) for row in data["values"]):
        raise TypeError("a row is no object")


def _check_data(data: Any, asked: tuple[frozenset[Any], ...]) -> None:
    """Raise an error unless every row is one that was asked for, and whole."""
    _check_list(data)
    for row in data["values"]:
        key = (row["kpi"], row["municipality"], row["period"])
        if any(part not in wanted for part, wanted in zip(key, asked, strict=True)):
            raise ValueError(f"a row was not asked for: {key}")
        if not isinstance(row["values"], list):
            raise TypeError(f"{key} has no list of values")
        for cell in row["values"]:
            if cell["gender"] not in _SEXES:
                raise ValueError(f"{key} has the sex {cell['gender']!r}")
            value = cell["value"]
            if value is not None and not is_number(value):
                raise TypeError(f"{key} has {str(value)[:60]} where a number belongs")


def _rows(page: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for row in page["values"]:
        place = "00" if row["municipality"] == _COUNTRY else row["municipality"]
        for cell in row["values"]:
            if not cell.get("isdeleted", False):
                value, status = cell["value"], str(cell.get("status") or "")
                yield row["kpi"], place, cell["gender"], row["period"], value, status, cell.get("count")


guard(__name__)
