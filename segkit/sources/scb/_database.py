"""Statistics Sweden's database: search, metadata, code lists and data, by PxWebApi 2 or 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import pandas as pd

from segkit.errors import InputError, SourceError, message
from segkit.sources.http.client import Client
from segkit.sources.scb import _jsonstat
from segkit.sources.scb._selecting import Part, expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from segkit.sources.http.cache import Answer, Request

V2 = "https://statistikdatabasen.scb.se/api/v2"
V1 = "https://api.scb.se/OV0104/v1/doris/sv/ssd"

#: Hits a page when searching.
_PAGE = 100

#: A bare refusal of so small a part as this share of what was first asked for is no matter of size.
_SMALLEST = 1 / 32


@dataclass(frozen=True)
class Variable:
    """A variable of a table: its codes with labels, and whether it may be left out."""

    code: str
    label: str
    codes: dict[str, str]
    elimination: bool
    time: bool
    codelists: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metadata:
    """What a table tells of itself."""

    table: str
    label: str
    variables: dict[str, Variable]
    notes: tuple[str, ...]
    api: Literal[1, 2]

    @property
    def time(self) -> str:
        """The name of the time variable."""
        return next((v.code for v in self.variables.values() if v.time), "Tid")


def config(*, client: Client | None = None) -> dict[str, Any]:
    """Return the limits of the database, and hold them from now on: cells a call, calls a time window.

    Parameters
    ----------
    client : Client, optional
        The client to ask with.

    Returns
    -------
    dict
        As the service states them: ``maxDataCells, maxCallsPerTimeWindow, timeWindow, apiVersion``...

    Raises
    ------
    SourceError
        When no usable answer came.
    """
    asking = Client() if client is None else client
    base = asking.base("scb", V2)

    def check(data: Any) -> None:
        numbers = [data[k] for k in ("maxDataCells", "maxCallsPerTimeWindow", "timeWindow")]
        if not all(isinstance(n, int) and n > 0 for n in numbers):
            raise ValueError("no limits")

    told: dict[str, Any] = asking.json(f"{base}/config", check=check).json()
    for url in (base, asking.base("scb_v1", V1)):
        asking.set_rate(url, told["maxCallsPerTimeWindow"], float(told["timeWindow"]))
    return told


def search(query: str, *, discontinued: bool = False, client: Client | None = None) -> pd.DataFrame:
    """Find tables by words.

    Parameters
    ----------
    query : str
        Words of the title.
    discontinued : bool
        Whether tables that are no longer updated are wanted too.
    client : Client, optional
        The client to ask with.

    Returns
    -------
    pandas.DataFrame
        Columns ``table, label, path, first_period, last_period, updated``; every page of the answer.

    Raises
    ------
    SourceError
        When no usable answer came, or the pages do not hold as many tables as were announced.
    """
    asking = Client() if client is None else client
    base = asking.base("scb", V2)
    rows: list[dict[str, str]] = []
    page, pages, total = 1, 1, 0
    while page <= pages:
        params = {"lang": "sv", "query": query, "pageNumber": page, "pageSize": _PAGE}
        params |= {"includeDiscontinued": "true"} if discontinued else {}
        told = asking.json(f"{base}/tables", params=params, check=_check_page).json()
        pages, total = told["page"]["totalPages"], told["page"]["totalElements"]
        rows += [_hit(table) for table in told["tables"]]
        page += 1
    if len(rows) != total:
        raise SourceError(
            message(f"search {query!r}", f"{len(rows)} tables came where {total} were announced")
        )
    columns = ["table", "label", "path", "first_period", "last_period", "updated"]
    return pd.DataFrame(rows, columns=columns)


def _check_page(data: Any) -> None:
    if not isinstance(data["tables"], list) or not isinstance(data["page"]["totalPages"], int):
        raise TypeError("no list of tables")


def _hit(table: dict[str, Any]) -> dict[str, str]:
    paths = table.get("paths") or [[]]
    told = {"table": table["id"], "label": table["label"], "path": "/".join(p["id"] for p in paths[0])}
    ends = {"first_period": "firstPeriod", "last_period": "lastPeriod", "updated": "updated"}
    return told | {name: str(table.get(key) or "") for name, key in ends.items()}


def metadata(table: str, *, client: Client | None = None) -> Metadata:
    """Return what a table holds: variables with codes and labels, notes.

    Parameters
    ----------
    table : str
        The table's id such as ``TAB6574``, or its path in the older interface such as
        ``AA/AA0003/AA0003J/IntGr11RegSO1``.
    client : Client, optional
        The client to ask with.

    Raises
    ------
    SourceError
        When no usable answer came; its ``status`` is 404 when there is no such table.
    """
    asking = Client() if client is None else client
    if "/" in table:
        return _metadata_v1(table, asking)

    def check(data: Any) -> None:
        for name, size in zip(data["id"], data["size"], strict=True):
            if len(_jsonstat.categories(data, name)) != size:
                raise ValueError(f"dimension {name} is not whole")

    told = asking.fetch_json(metadata_request(table, asking), check=check).json()
    times = (told.get("role") or {}).get("time") or ["Tid"]
    variables = {}
    for name in told["id"]:
        dimension = told["dimension"][name]
        extra = dimension.get("extension") or {}
        lists = tuple(item["id"] for item in extra.get("codelists") or [])
        variables[name] = Variable(
            name,
            str(dimension.get("label", name)),
            _jsonstat.categories(told, name),
            bool(extra.get("elimination", False)),
            name in times,
            lists,
        )
    notes = tuple(str(note) for note in told.get("note") or [])
    return Metadata(table, str(told.get("label", table)), variables, notes, 2)


def metadata_request(table: str, client: Client) -> Request:
    """Compose the request for a table's metadata, by id or by path."""
    if "/" in table:
        return client.request(_url_v1(table, client))
    url = f"{client.base('scb', V2)}/tables/{quote(table, safe='')}/metadata"
    return client.request(url, params={"lang": "sv"})


def _metadata_v1(path: str, client: Client) -> Metadata:
    def check(data: Any) -> None:
        for variable in data["variables"]:
            if len(variable["values"]) != len(variable["valueTexts"]):
                raise ValueError(f"variable {variable['code']} is not whole")

    told = client.fetch_json(metadata_request(path, client), check=check).json()
    variables = {
        v["code"]: Variable(
            v["code"],
            str(v["text"]),
            dict(zip(v["values"], map(str, v["valueTexts"]), strict=True)),
            bool(v.get("elimination", False)),
            bool(v.get("time", False)),
        )
        for v in told["variables"]
    }
    return Metadata(path, str(told["title"]), variables, (), 1)


def _url_v1(path: str, client: Client) -> str:
    return f"{client.base('scb_v1', V1)}/{quote(path.strip('/'))}"


def codelist(name: str, *, client: Client | None = None) -> pd.DataFrame:
    """Return a code list of the database: its codes, labels, and the codes each is made of.

    Parameters
    ----------
    name : str
        Its id, such as ``vs_DeSO2025``.
    client : Client, optional
        The client to ask with.

    Returns
    -------
    pandas.DataFrame
        Columns ``code, label, made_of`` (a tuple of codes).

    Raises
    ------
    SourceError
        When no usable answer came.
    """
    asking = Client() if client is None else client
    url = f"{asking.base('scb', V2)}/codelists/{quote(name, safe='')}"
    told = asking.json(url, params={"lang": "sv"}, check=lambda d: [v["code"] for v in d["values"]]).json()
    rows = [(v["code"], v.get("label", v["code"]), tuple(v.get("valueMap") or ())) for v in told["values"]]
    return pd.DataFrame(rows, columns=["code", "label", "made_of"])


def data(
    table: str | Metadata,
    selection: Mapping[str, Sequence[str]],
    *,
    codelists: Mapping[str, str] | None = None,
    client: Client | None = None,
) -> pd.DataFrame:
    """Fetch cells of a table, in as many parts as the limit asks for; each part is kept as it comes.

    Parameters
    ----------
    table : str or Metadata
        Id, path in the older interface, or metadata.
    selection : mapping
        Variable to codes or expressions (``*``, ``0880*``, ``TOP(5)``, ``FROM(2020)``...). A variable that
        may be left out (elimination) is then summed by the source.
    codelists : mapping, optional
        Variable to the code list that its codes belong to, such as ``{"Region": "vs_DeSO2025"}``.
    client : Client, optional
        The client to ask with.

    Returns
    -------
    pandas.DataFrame
        As `read_jsonstat`, with ``retrieved``, the date when the answer came.

    Raises
    ------
    InputError
        When the table lacks a variable or a code that is asked for.
    SourceError
        When no usable answer came, or an answer lacks cells that were asked for.
    """
    asking = Client() if client is None else client
    meta = table if isinstance(table, Metadata) else metadata(table, client=asking)
    lists = dict(codelists or {})
    whole = part(meta, selection, codelists=lists, client=asking)
    return fetch(meta, whole, lists, asking)


def fetch(meta: Metadata, whole: Part, codelists: Mapping[str, str], client: Client) -> pd.DataFrame:
    """Fetch the cells of a checked selection."""
    limit = config(client=client)["maxDataCells"]
    frames = []
    for answer in _answers(meta, whole, codelists, limit, client):
        frame = _jsonstat.read_jsonstat(answer.json())
        frames.append(frame.assign(retrieved=answer.retrieved.date().isoformat()))
    return pd.concat(frames, ignore_index=True)


def part(
    meta: Metadata, selection: Mapping[str, Sequence[str]], *, codelists: Mapping[str, str], client: Client
) -> Part:
    """Check a selection against the metadata, and find the codes it stands for."""
    unknown = [name for name in (*selection, *codelists) if name not in meta.variables]
    if unknown:
        fix = f"Its variables: {', '.join(meta.variables)}."
        raise InputError(message("selection", f"{meta.table} lacks the variable", unknown, fix))
    lacking = [v.code for v in meta.variables.values() if v.code not in selection and not v.elimination]
    if lacking:
        raise InputError(message("selection", f"{meta.table} needs a choice for", lacking))
    codes = {}
    for name, wanted in selection.items():
        known = list(meta.variables[name].codes)
        if name in codelists:
            known = codelist(codelists[name], client=client)["code"].tolist()
        time = meta.variables[name].time
        every = [c for e in wanted for c in expand(e, known, variable=f"{meta.table} {name}", time=time)]
        codes[name] = tuple(dict.fromkeys(every))
    return Part({name: tuple(wanted) for name, wanted in selection.items()}, codes)


def ask(meta: Metadata, chosen: Part, codelists: Mapping[str, str], client: Client) -> Request:
    """Compose the request for a part of a table."""
    if meta.api == 1:
        query = [
            # A pattern is sent only in a plan made without metadata.
            {
                "code": name,
                "selection": {"filter": "all" if "*" in codes[0] else "item", "values": list(codes)},
            }
            for name, codes in chosen.codes.items()
        ]
        body: dict[str, Any] = {"query": query, "response": {"format": "json-stat2"}}
        return client.request(_url_v1(meta.table, client), body=client.compact(body))
    picked = [
        {"variableCode": name, "valueCodes": list(sent)}
        | ({"codelist": codelists[name]} if name in codelists else {})
        for name, sent in chosen.sent.items()
    ]
    url = f"{client.base('scb', V2)}/tables/{quote(meta.table, safe='')}/data"
    params = {"lang": "sv", "outputFormat": "json-stat2"}
    return client.request(url, params=params, body=client.compact({"selection": picked}))


def _answers(
    meta: Metadata, whole: Part, codelists: Mapping[str, str], limit: int, client: Client
) -> Iterator[Answer]:
    """Yield the answers for a selection, split under the limit and further where the service refuses."""
    waiting = list(whole.split(limit, meta.time))[::-1]
    while waiting:
        chosen = waiting.pop()
        request = ask(meta, chosen, codelists, client)
        kept = client.kept(request) is not None
        # Parts that were fetched after an earlier refusal spare asking for the whole again.
        if (
            not kept
            and chosen.cells > 1
            and all(_at_hand(meta, half, codelists, client) for half in chosen.halves(meta.time))
        ):
            waiting += chosen.halves(meta.time)[::-1]
            continue
        try:
            yield client.fetch_json(request, check=_whole(meta, chosen))
        except SourceError as error:
            small = chosen.cells < min(limit, whole.cells) * _SMALLEST
            if not _too_many(error) or chosen.cells == 1 or (small and error.status == 403):
                raise
            waiting += chosen.halves(meta.time)[::-1]


def _at_hand(
    meta: Metadata, chosen: Part, codelists: Mapping[str, str], client: Client, depth: int = 4
) -> bool:
    """Tell whether the cache holds a part, whole or in halves of halves."""
    if client.kept(ask(meta, chosen, codelists, client)) is not None:
        return True
    if chosen.cells == 1 or depth == 0:
        return False
    return all(_at_hand(meta, half, codelists, client, depth - 1) for half in chosen.halves(meta.time))


def _too_many(error: SourceError) -> bool:
    return error.status == 403 or (error.status == 400 and "too many" in error.title.casefold())


def _whole(meta: Metadata, chosen: Part) -> Any:
    """Return a check that an answer holds every code that was asked for, and no other."""

    def check(data: Any) -> None:
        _jsonstat.check(data)
        for name, codes in chosen.codes.items():
            found = set(_jsonstat.categories(data, name))
            lost, extra = set(codes) - found, found - set(codes)
            if lost or extra:
                raise ValueError(
                    f"{meta.table} {name}: {len(lost)} codes asked for are not in the answer "
                    f"{sorted(lost)[:3]}, {len(extra)} others are {sorted(extra)[:3]}"
                )

    return check
