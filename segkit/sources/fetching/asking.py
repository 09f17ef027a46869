"""What is asked for a municipality, and the answers as tables: figures, boundaries, name."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from segkit.base.checks import check_choice
from segkit.errors import (
    InputError,
    NotFetchedError,
    SegkitError,
    SourceError,
    UnknownNameError,
    message,
    warn,
)
from segkit.sources import boundaries, kolada, scb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd

    from segkit.sources.http.client import Client

Geography = Literal["deso", "regso"]

GEOGRAPHIES: tuple[Geography, ...] = ("deso", "regso")

#: The division on which the figures are put, and the one that figures up to 2023 are of.
NEW = 2025
OLD = {"deso": 2018, "regso": 2020}
LAST_OF_OLD = 2023

#: A service answers so where a table or an address is gone: asking again does not help.
_GONE = {400, 404, 410}


@dataclass(frozen=True)
class Wish:
    """What is wanted of a municipality."""

    municipality: str
    geographies: tuple[Geography, ...]
    periods: tuple[int, ...] | None
    indicators: dict[Geography, tuple[str, ...]]

    @property
    def vintages(self) -> tuple[bool, bool]:
        """Whether years of the older and of the newer division are wanted."""
        if self.periods is None:
            return True, True
        return min(self.periods) <= LAST_OF_OLD, max(self.periods) > LAST_OF_OLD


def wish(
    municipality: str,
    geographies: Sequence[Geography],
    periods: Iterable[int] | None,
    indicators: Iterable[str] | None,
) -> Wish:
    """Check what is wanted, before anything is asked."""
    if not (isinstance(municipality, str) and re.fullmatch(r"\d{4}", municipality)):
        fix = "Write '0780' for Växjö; Statistics Sweden lists the codes."
        raise InputError(message("municipality", "must be a code of four digits", [municipality], fix))
    if not geographies or isinstance(geographies, str):
        raise InputError(message("geographies", f"must be a list of {', '.join(GEOGRAPHIES)}"))
    for geography in geographies:
        check_choice(geography, GEOGRAPHIES, argument="geographies")
    years = None if periods is None else tuple(sorted({int(p) for p in periods}))
    if years == ():
        raise InputError(message("periods", "names no year"))
    known = available()
    wanted = None if indicators is None else list(dict.fromkeys(indicators))
    every = {name for geography in geographies for name in known[geography]}
    unknown = [name for name in wanted or () if name not in every]
    if unknown:
        fix = f"At hand: {', '.join(sorted(every))}."
        raise UnknownNameError(message("indicators", "not known", unknown, fix))
    chosen = {
        # The number of residents is the weight of everything else.
        g: tuple(n for n in known[g] if wanted is None or n in wanted or n == "population")
        for g in GEOGRAPHIES
        if g in geographies
    }
    return Wish(municipality, tuple(chosen), years, chosen)


def available() -> dict[Geography, list[str]]:
    """Return the indicators that can be fetched, by geography."""
    table = scb.definitions()
    return {
        g: sorted(
            set(table.loc[table["geographies"].str.split(", ").map(lambda e, g=g: g in e), "indicator"])
        )
        for g in GEOGRAPHIES
    }


@dataclass
class Notes:
    """What was left out and why, and what the sources told on the way."""

    left_out: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def figures(wanted: Wish, geography: Geography, client: Client, notes: Notes) -> pd.DataFrame:
    """Return the figures of a geography in long form; a table that is gone is left out and noted.

    A failure that may pass stops the fetch instead, so that what is lacking can be fetched later.
    """
    tables = []
    names = wanted.indicators[geography]
    for number, name in enumerate(names):
        client.tell(f"SCB {geography} {name}", number, len(names))
        try:
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                table = scb.indicators(wanted.municipality, geography, wanted.periods, [name], client=client)
        except NotFetchedError:
            raise
        except (InputError, SourceError) as error:
            if name == "population" or (isinstance(error, SourceError) and error.status not in _GONE):
                raise
            notes.left_out[f"{geography} {name}"] = str(error)
            warn(f"{name} ({geography}) is left out: {error}")
            continue
        for text in dict.fromkeys(str(w.message) for w in told):
            if text not in notes.remarks:
                notes.remarks.append(text)
                warn(text)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def versions(wanted: Wish, geography: Geography) -> list[int]:
    """Return the versions of the boundaries that are needed, the newest last."""
    return [*([OLD[geography]] if wanted.vintages[0] else []), NEW]


def shapes(wanted: Wish, geography: Geography, version: int, client: Client) -> gpd.GeoDataFrame:
    """Return the boundaries of a version."""
    return boundaries.areas([wanted.municipality], geography, version=version, client=client)


def name_of(municipality: str, client: Client, notes: Notes) -> str:
    """Return the name of a municipality: from Kolada, else from the package of boundaries, else its code."""
    try:
        table = kolada.metadata("municipality", client=client)
        known = dict(zip(table["id"], table["title"], strict=True))
        if municipality in known:
            return str(known[municipality])
    except SegkitError as error:
        if client.dry_run:
            raise
        reason = str(error)
    else:
        reason = "Kolada does not know the code"
    try:
        return str(boundaries.municipality_boundaries([municipality])["name"].iloc[0])
    except UnknownNameError:
        notes.left_out["name"] = reason
        return municipality
