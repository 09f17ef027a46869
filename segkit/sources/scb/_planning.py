"""Which requests the indicators of a municipality take: by table, version of the areas and municipality."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segkit.errors import InputError, NotFetchedError, SourceError, message, warn
from segkit.sources.scb import _database, _definitions
from segkit.sources.scb._selecting import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from segkit.sources.http.client import Client
    from segkit.sources.scb._database import Metadata
    from segkit.sources.scb._definitions import Codes, Series, Table, Vintage


@dataclass(frozen=True)
class Question:
    """What is asked of a table for one municipality and one version of the areas."""

    table: Table
    vintage: Vintage
    municipality: str
    part: Part
    codelists: dict[str, str]


def resolve(table: Table, client: Client) -> Metadata:
    """Return the metadata of a table, found by title where its id has moved, else in the older interface.

    Raises
    ------
    SourceError
        When it is not found, or several tables could be meant.
    """
    asked = table.id or table.path
    try:
        meta = _database.metadata(asked, client=client)
    except NotFetchedError:
        raise
    except SourceError as error:
        # The older interface answers 400 where a path is gone.
        if error.status not in {400, 404}:
            raise
    else:
        if _definitions.fits(meta, table):
            return meta
    found = _moved(table, client)
    rule = f"the table {asked} has moved to {found.table} ({found.label[:80]})"
    warn(message("sources.scb", rule))
    return found


def _moved(table: Table, client: Client) -> Metadata:
    """Find a table by its title, in the same folder where there are several; else by its path."""
    hits = _database.search(table.search, client=client)
    fitting = hits[hits["label"].map(lambda label: bool(re.search(table.title, label, re.IGNORECASE)))]
    folder = table.path.rsplit("/", 1)[0]
    same = fitting[fitting["path"].str.contains(folder.rsplit("/", 1)[-1], regex=False)]
    metas = [_database.metadata(name, client=client) for name in (same if len(same) else fitting)["table"]]
    metas = [m for m in metas if _definitions.fits(m, table)]
    if len(metas) == 1:
        return metas[0]
    if metas:
        fix = "Fetch the right one with scb.data."
        raise SourceError(
            message(table.id or table.path, "has moved, and several tables fit", _labels(metas), fix)
        )
    if table.id:
        try:
            return _database.metadata(table.path, client=client)
        except NotFetchedError:
            raise
        except SourceError as error:
            if error.status not in {400, 404}:
                raise
    fix = f"No table with a title like {table.title!r} was found; look for it with scb.search."
    raise SourceError(message(table.id or table.path, "is gone", fix=fix), status=404)


def _labels(metas: Sequence[Metadata]) -> list[str]:
    return [f"{m.table} {m.label[:60]}" for m in metas]


def choice(table: Table, meta: Metadata, wanted: set[str]) -> dict[str, list[str]]:
    """Return the codes of each variable but region and time that any indicator of the table needs.

    What is asked does not depend on which of them are wanted now, so that what is kept serves them all; an
    indicator that the table can't give stops only those who want it.
    """
    chosen: dict[str, list[str]] = {}
    for one in _definitions.series():
        if one.table != table.key:
            continue
        try:
            codes = [resolved(one, table, meta, which) for which in one.wanted()]
        except InputError:
            if one.indicator in wanted:
                raise
            continue
        for name, every in ((n, e) for each in codes for n, e in each.items()):
            chosen[name] = list(dict.fromkeys([*chosen.get(name, []), *every]))
    for name, variable in meta.variables.items():
        if name in chosen or name == "Region" or variable.time or variable.elimination:
            continue
        total = [code for code in _definitions.TOTALS if code in variable.codes][:1]
        if not total:
            fix = "The table has a new division; its definition in indicators.toml must name a code."
            raise InputError(message(meta.table, "has no total for the variable", [name], fix))
        chosen[name] = total
    return chosen


def resolved(one: Series, table: Table, meta: Metadata, codes: Codes) -> dict[str, list[str]]:
    """Return the codes of one indicator with those that are the same for all; each checked."""
    lost = [name for name in codes if name not in meta.variables]
    if lost:
        raise InputError(message(one.indicator, f"the table {meta.table} lacks the variable", lost))
    every = {**{n: c for n, c in table.fixed.items() if n in meta.variables}, **codes}
    return {
        name: _definitions.find(texts, meta.variables[name], table=meta.table)
        for name, texts in every.items()
    }


def questions(
    table: Table, meta: Metadata, geography: str, municipalities: Sequence[str], wanted: set[str]
) -> Iterator[Question]:
    """Yield what is to be asked of a table, each version of the areas for its own years only."""
    chosen = choice(table, meta, wanted)
    years = _years(table, [int(y) for y in meta.variables[meta.time].codes if re.fullmatch(r"\d{4}", y)])
    known = list(meta.variables["Region"].codes)
    found = set()
    for vintage in _definitions.VINTAGES[geography]:
        held = tuple(str(y) for y in years if vintage.holds(y))
        own = [c for c in known if re.fullmatch(vintage.pattern, c)]
        for municipality in municipalities:
            areas = tuple(c for c in own if c.startswith(municipality))
            if not areas or not held:
                continue
            found.add(municipality)
            listed = set(meta.variables["Region"].codelists)
            lists = [c for c in vintage.codelists if c in listed][:1]
            sent = {
                "Region": (f"{municipality}*",) if lists else areas,
                **{n: tuple(c) for n, c in chosen.items()},
                meta.time: held,
            }
            codelists = {"Region": lists[0]} if lists else {}
            yield Question(table, vintage, municipality, Part(sent, {**sent, "Region": areas}), codelists)
    lost = [m for m in municipalities if m not in found]
    if lost:
        name = _definitions.VINTAGES[geography][0].name.partition(" ")[0]
        rule = f"the table {meta.table} has no {name} of the municipality"
        raise SourceError(message("municipalities", rule, lost, "Give codes of four digits, such as '0880'."))


def blind(table: Table, geography: str, municipalities: Sequence[str]) -> Iterator[Question]:
    """Yield what would be asked of a table whose metadata is not at hand, by what is known of it."""
    chosen: dict[str, list[str]] = {}
    own = [one for one in _definitions.series() if one.table == table.key]
    for codes in [table.fixed, *(c for one in own for c in one.wanted())]:
        for name, texts in codes.items():
            spelled = [_definitions.first_spelling(text) for text in texts]
            chosen[name] = list(dict.fromkeys([*chosen.get(name, []), *spelled]))
    years = _years(table, range(table.years[0], table.years[1] + 1))
    for vintage in _definitions.VINTAGES[geography]:
        held = tuple(str(y) for y in years if vintage.holds(y))
        for municipality in municipalities if held else ():
            sent = {"Region": (f"{municipality}*",), **{n: tuple(c) for n, c in chosen.items()}, "Tid": held}
            lists = {"Region": vintage.codelists[0]} if table.id else {}
            yield Question(table, vintage, municipality, Part(sent, sent), lists)


def _years(table: Table, every: Sequence[int]) -> list[int]:
    """Return the years that any indicator of the table takes from it."""
    own = [one for one in _definitions.series() if one.table == table.key]
    return [year for year in every if any(one.first <= year <= one.last for one in own)]
