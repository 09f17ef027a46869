"""The indicators of municipalities by area and year, from the tables that define them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice
from segkit.errors import InputError, SourceError, UnknownNameError, message, warn
from segkit.sources.http.client import Client
from segkit.sources.scb import _database, _definitions, _planning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from segkit.sources.scb._database import Metadata
    from segkit.sources.scb._definitions import Geography, Series, Table
    from segkit.sources.scb._planning import Question

COLUMNS = [
    "area_id",
    "period",
    "indicator",
    "value",
    "flag",
    "source",
    "source_table",
    "retrieved",
    "boundaries",
]

#: What the source's signs mean where a value is null; "-" is a count of exactly nothing.
_SIGNS = {".": "not applicable", "": "missing"}

#: From this year small random noise protects individuals in tables whose notes tell of it.
_NOISE_FROM = 2025
_NOISE = re.compile(r"cell key|\bCKM\b|slumpmässig osäkerhet", re.IGNORECASE)


def indicators(
    municipalities: str | Iterable[str],
    geography: Geography = "deso",
    periods: Iterable[int] | None = None,
    indicators: Iterable[str] | None = None,
    *,
    on_error: Literal["raise", "warn"] = "raise",
    client: Client | None = None,
) -> pd.DataFrame:
    """Fetch indicators of municipalities by area and year from Statistics Sweden.

    Each is built as `definitions` states, from one table a year. Areas are asked for in the version that
    holds for the year: DeSO 2018 and RegSO 2020 to 2023, DeSO and RegSO 2025 from 2024. A year for which
    the source has nothing but nulls or zeros in a municipality is no data. Every answer is kept as it comes:
    a run that broke goes on where it was, and a second run asks nothing.

    Parameters
    ----------
    municipalities : str or iterable of str
        Codes of four digits, such as ``"0880"``.
    geography : {"deso", "regso"}
        The areas.
    periods : iterable of int, optional
        Years; default all that the tables have.
    indicators : iterable of str, optional
        Ids of the catalogue, and ``official_index, official_area_type, turnout_regso`` (RegSO only); default
        all that the geography has.
    on_error : {"raise", "warn"}, default "raise"
        What to do when a table can't be had: stop, or go on with the others and warn.
    client : Client, optional
        The client to ask with.

    Returns
    -------
    pandas.DataFrame
        Columns ``area_id, period, indicator, value, flag, source, source_table, retrieved, boundaries``.
        Shares are in per cent, 0 to 100. `flag` holds, separated by commas: ``not available`` (the source
        withholds or lacks the value), ``not applicable``, ``missing`` (null without a reason), ``empty``
        (nobody to take a share of), ``not published`` (nulls or zeros for the whole municipality),
        ``source note`` (the source has a remark on a cell), ``noise added`` (the cell key method; parts do
        not sum to totals), ``ages 25-64`` and ``earlier register`` (an earlier definition: a break in the
        series). `boundaries` is the version of the areas.

    Raises
    ------
    InputError, UnknownNameError
        When an argument is not as described.
    SourceError
        When a table can't be had.

    References
    ----------
    Statistics Sweden (CC0), https://www.statistikdatabasen.scb.se.

    Examples
    --------
    >>> indicators("880")
    Traceback (most recent call last):
    segkit.errors.InputError: municipalities: must be codes of four digits (880). ...
    """
    codes, wanted, years = _arguments(municipalities, geography, periods, indicators)
    asking = Client() if client is None else client
    chosen = [t for t in _definitions.tables().values() if _gives(t, geography, wanted, years)]
    frames = []
    for number, table in enumerate(chosen):
        asking.tell(f"SCB {table.id or table.path}", number, len(chosen))
        try:
            frames += _of_table(table, geography, codes, wanted, asking)
        except (SourceError, InputError) as error:
            if on_error == "raise":
                raise
            warn(f"{table.id or table.path} is left out: {error}")
    result = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)
    if years is not None:
        result = result[result["period"].isin(years)]
    asking.tell("SCB", len(chosen), len(chosen))
    return result[COLUMNS].sort_values(["area_id", "period", "indicator"], ignore_index=True)


def requests_for(
    municipalities: str | Iterable[str],
    geography: Geography = "deso",
    periods: Iterable[int] | None = None,
    indicators: Iterable[str] | None = None,
    *,
    client: Client | None = None,
) -> pd.DataFrame:
    """Return the requests that `indicators` would take, without sending any.

    Parameters
    ----------
    municipalities, geography, periods, indicators, client
        As for `indicators`.

    Returns
    -------
    pandas.DataFrame
        Columns ``method, url, body, kept`` (whether the answer is in the cache), ``about``. Where a table's
        metadata is not kept, its codes and years are those known when segkit was written.

    Examples
    --------
    >>> plan = requests_for("0880", indicators=["population"], client=Client(cache="none", offline=True))
    >>> plan["method"].tolist()
    ['GET', 'GET', 'POST', 'POST']
    """
    codes, wanted, years = _arguments(municipalities, geography, periods, indicators)
    asking = Client() if client is None else client
    plan = [(asking.request(f"{asking.base('scb', _database.V2)}/config"), "limits")]
    for table in _definitions.tables().values():
        if not _gives(table, geography, wanted, years):
            continue
        request = _database.metadata_request(table.id or table.path, asking)
        plan.append((request, f"{table.key}: metadata"))
        unseen = asking.kept(request) is None
        if unseen:
            meta = _database.Metadata(table.id or table.path, "", {}, (), 2 if table.id else 1)
            asked = _planning.blind(table, geography, codes)
        else:
            meta = _database.metadata(table.id or table.path, client=asking)
            asked = _planning.questions(table, meta, geography, codes, wanted)
        for question in asked:
            about = f"{table.key}: {question.municipality}, {question.vintage.name}"
            about += " (codes and years follow the metadata)" if unseen else ""
            plan.append((_database.ask(meta, question.part, question.codelists, asking), about))
    rows = [(r.method, r.url, r.body, asking.kept(r) is not None, about) for r, about in plan]
    return pd.DataFrame(rows, columns=["method", "url", "body", "kept", "about"])


def _arguments(
    municipalities: str | Iterable[str],
    geography: str,
    periods: Iterable[int] | None,
    indicators: Iterable[str] | None,
) -> tuple[list[str], set[str], set[int] | None]:
    check_choice(geography, tuple(_definitions.VINTAGES), argument="geography")
    codes = [municipalities] if isinstance(municipalities, str) else list(municipalities)
    bad = [c for c in codes if not (isinstance(c, str) and re.fullmatch(r"\d{4}", c))]
    if bad or not codes:
        fix = "Write '0880' for Kalmar, as text."
        raise InputError(message("municipalities", "must be codes of four digits", bad, fix))
    tables = _definitions.tables()
    known = {s.indicator for s in _definitions.series() if geography in tables[s.table].geographies}
    wanted = known if indicators is None else set(indicators)
    if wanted - known:
        fix = f"At hand for {geography}: {', '.join(sorted(known))}."
        raise UnknownNameError(message("indicators", "not known", sorted(wanted - known), fix))
    years = None if periods is None else {int(p) for p in periods}
    return list(dict.fromkeys(codes)), wanted, years


def _gives(table: Table, geography: str, wanted: set[str], years: set[int] | None) -> bool:
    """Tell whether a table gives any wanted indicator in any wanted year."""
    own = [s for s in _definitions.series() if s.table == table.key and s.indicator in wanted]
    # Years after those known here may have come since.
    first, last = table.years[0], 9999
    spans = [(max(s.first, first), min(s.last, last)) for s in own]
    held = years is None or any(a <= year <= b for year in years for a, b in spans)
    return bool(own) and held and geography in table.geographies


def _of_table(
    table: Table, geography: str, codes: Sequence[str], wanted: set[str], client: Client
) -> list[pd.DataFrame]:
    """Return the indicators of one table, a frame for each question."""
    meta = _planning.resolve(table, client)
    frames = []
    for question in _planning.questions(table, meta, geography, codes, wanted):
        cells = _database.fetch(meta, question.part, question.codelists, client)
        cells = _prepared(cells, meta)
        own = [s for s in _definitions.series() if s.table == table.key and s.indicator in wanted]
        frames += [_figure(one, table, meta, cells, question) for one in own]
    return frames


def _prepared(cells: pd.DataFrame, meta: Metadata) -> pd.DataFrame:
    """Read the signs of the source, and take out years that are empty for the whole municipality."""
    missing, status = cells["value"].isna(), cells["status"]
    nil = missing & (status == "-")
    value = cells["value"].mask(nil, 0.0)
    missing &= ~nil
    flag = status.map(_SIGNS).fillna("not available").where(missing, "")
    flag = flag.mask(~missing & ~nil & (status != ""), "source note")
    period = cells[meta.time].astype("int64")
    hollow = (value.isna() | (value == 0)).groupby(period).transform("all")
    value, flag = value.mask(hollow), flag.mask(hollow, "not published")
    if any(_NOISE.search(note) for note in meta.notes):
        flag = _joined(flag, ~hollow & (period >= _NOISE_FROM), "noise added")
    area = cells["Region"].str.partition("_")[0]
    return cells.assign(area_id=area, period=period, value=value, flag=flag)


def _joined(flag: pd.Series, where: Any, text: str) -> pd.Series:
    """Add a text to a flag where told to, after a comma when there is something already."""
    return flag.mask(where, np.where(flag == "", text, flag + f", {text}"))


def _figure(
    one: Series, table: Table, meta: Metadata, cells: pd.DataFrame, question: Question
) -> pd.DataFrame:
    """Compute one indicator from its cells, one row for each area and year."""
    sums = [_sum(cells, _planning.resolved(one, table, meta, codes)) for codes in one.wanted()]
    result = sums[0]
    if one.kind == "share":
        whole = sums[1].reindex(result.index)
        share = 100.0 * result["value"] / whole["value"].where(whole["value"] > 0)
        flag = _all_flags(pd.concat([result["flag"], whole["flag"]], axis=1))
        flag = _joined(flag, (whole["value"] == 0).to_numpy(), "empty")
        result = result.assign(value=share, flag=flag)
    result = result.reset_index()
    result = result[result["period"].between(one.first, one.last)]
    if one.flag:
        result = result.assign(flag=_joined(result["flag"], np.ones(len(result), bool), one.flag))
    return result.assign(
        indicator=one.indicator, source="SCB", source_table=meta.table, boundaries=question.vintage.name
    )


def _sum(cells: pd.DataFrame, codes: dict[str, list[str]]) -> pd.DataFrame:
    """Sum the cells of the codes by area and year; one that is missing makes the sum missing."""
    chosen = np.ones(len(cells), dtype=bool)
    for name, every in codes.items():
        chosen &= cells[name].isin(every).to_numpy()
    part = cells[chosen]
    grouped = part.groupby(["area_id", "period"], sort=True)
    count = int(np.prod([len(every) for every in codes.values()]))
    result = grouped.agg(value=("value", "first"), retrieved=("retrieved", "max"))
    result["value"] = grouped["value"].sum(min_count=count)
    flags = part.loc[part["flag"] != ""].groupby(["area_id", "period"])["flag"]
    told = flags.agg(lambda every: ", ".join(dict.fromkeys(", ".join(every).split(", "))))
    result["flag"] = told.reindex(result.index).fillna("").astype("object")
    return result


def _all_flags(flags: pd.DataFrame) -> pd.Series:
    """Join the flags of several columns, each once."""
    rows = [", ".join(dict.fromkeys(f for c in row if c for f in c.split(", "))) for row in flags.to_numpy()]
    return pd.Series(rows, index=flags.index, dtype=object)
