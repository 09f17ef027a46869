"""Fetch a municipality into a folder, and read such a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.base.checks import check_choice
from segkit.base.folders import check_folder, write_folder
from segkit.base.version import __version__
from segkit.errors import FileError, InputError, message
from segkit.output import export
from segkit.panels import areas, cells
from segkit.sources.fetching import asking as _asking
from segkit.sources.fetching import assembling
from segkit.sources.http.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from segkit.base.checks import Language
    from segkit.sources.fetching.asking import Geography, Notes, Wish

#: The file that makes a folder one that was fetched.
FETCHED_FILE = "fetched.json"

#: Geography -> files with areas, with figures, and with what became of the areas of the older division.
_FILES = {
    "deso": ("areas.gpkg", "indicators.csv", "areas_changed.csv"),
    "regso": ("regso.gpkg", "regso.csv", "regso_changed.csv"),
}


@dataclass(frozen=True)
class Fetched:
    """A fetched municipality.

    Attributes
    ----------
    code, name : str
        Of the municipality.
    panels : mapping
        Geography (``deso``, ``regso``) -> panel, on the newer areas; flags in ``<indicator>_flag``,
        ``boundary_comparable`` 0 where the boundary changed.
    provenance : pandas.DataFrame
        ``geography, indicator, period, source, source_table, retrieved, boundaries``: where each comes from.
    about : mapping
        What fetched.json tells: requests, versions, what was left out and why.
    """

    code: str
    name: str
    panels: Mapping[str, gpd.GeoDataFrame]
    provenance: pd.DataFrame
    about: Mapping[str, Any] = field(default_factory=dict)


def fetch(
    municipality: str,
    out: str | Path,
    *,
    geographies: Sequence[Geography] = _asking.GEOGRAPHIES,
    periods: Iterable[int] | None = None,
    indicators: Iterable[str] | None = None,
    client: Client | None = None,
    force: bool = False,
    language: Language = "sv",
) -> Path:
    """Fetch a municipality from the public sources into a folder that `survey.run` takes.

    Figures stand on the areas of 2025. Those of earlier years are of the divisions before: they are kept
    as they are where the boundary is the same or only took in water, interpolated by residents and flagged
    where areas were divided, and flagged where the boundary moved. Every answer is kept in the cache: a
    fetch that broke goes on where it was, and the same answers give the same files.

    Parameters
    ----------
    municipality : str
        Its code, such as ``"0780"``.
    out : str or Path
        The folder: ``areas.gpkg, indicators.csv`` (DeSO), ``regso.gpkg, regso.csv``,
        ``areas_changed.csv, regso_changed.csv`` (what became of the areas of the older division) and
        ``fetched.json``.
    geographies : sequence of {"deso", "regso"}
        Which areas.
    periods : iterable of int, optional
        Years; default all that the sources have.
    indicators : iterable of str, optional
        Ids of the catalogue; default all. The number of residents is always fetched.
    client : Client, optional
        The client to ask with.
    force : bool
        Write into a folder with another municipality or other files. Other files stay in it; one with the
        name of a file that is written is kept as ``name-kept``.
    language : {"sv", "en"}
        Of what is said of the folder.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError, UnknownNameError
        When an argument is not as described.
    SourceError
        When a source gave no usable answer; nothing is written, and what was fetched is kept for the next
        try.
    FileError
        When the folder holds other files, or can't be written.

    Warns
    -----
    DataWarning
        When a table is gone or has changed, so that an indicator is left out; fetched.json says which.

    Examples
    --------
    >>> fetch("780", "vaxjo")
    Traceback (most recent call last):
    segkit.errors.InputError: municipality: must be a code of four digits (780). ...
    """
    wanted = _asking.wish(municipality, geographies, periods, indicators)
    check_choice(language, ("sv", "en"), argument="language")
    check_folder(out, force=force, run_file=FETCHED_FILE, language=language)
    _check_same(Path(out), municipality, force=force)
    asking = Client() if client is None else client
    begun = len(asking.exchanges)
    notes = _asking.Notes()
    name = _asking.name_of(municipality, asking, notes)
    found = {g: _of_geography(wanted, g, asking, notes) for g in wanted.geographies}
    if "deso" in found and "regso" in found:
        found["deso"][0] = _named(found["deso"][0], found["regso"][0])
    about = _about(wanted, name, asking, begun, notes)

    def make(folder: Path) -> None:
        for geography, (places, table, units) in found.items():
            boundaries, figures, changed = _FILES[geography]
            export.to_geopackage(places, folder / boundaries, layer=geography)
            _write_csv(table, folder / figures)
            if len(units):
                _write_csv(units, folder / changed)

    return write_folder(out, make, about, force=force, run_file=FETCHED_FILE, language=language)


def _check_same(folder: Path, municipality: str, *, force: bool) -> None:
    """Raise an error when the folder holds another municipality."""
    try:
        told = json.loads((folder / FETCHED_FILE).read_text(encoding="utf-8"))
        other = str(told["municipality"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    if other != municipality and not force:
        fix = "Choose another folder, or use --force (force=True) to replace it."
        raise FileError(message("out", f"{folder} holds the municipality {other}", fix=fix))


def _of_geography(wanted: Wish, geography: Geography, client: Client, notes: Notes) -> list[Any]:
    table = _asking.figures(wanted, geography, client, notes)
    *old, new = [
        _asking.shapes(wanted, geography, version, client) for version in _asking.versions(wanted, geography)
    ]
    return list(assembling.assemble(table, old[0] if old else None, new))


def _named(deso: gpd.GeoDataFrame, regso: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name the areas, which have none, after the RegSO they lie in and the end of their code."""
    known = regso.set_index("area_id")["name"]
    inside = deso["regso_id"].map(known)
    name = (inside + " " + deso["area_id"].str[4:]).fillna(deso["name"])
    return deso.assign(name=name, regso_name=inside.fillna(""))


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _about(wanted: Wish, name: str, client: Client, begun: int, notes: Notes) -> dict[str, Any]:
    """Return what fetched.json tells; how an answer came this time is not part of it."""
    requests = {
        (e.request.method, e.request.url, e.request.body): e.retrieved.isoformat() if e.retrieved else ""
        for e in client.exchanges[begun:]
    }
    keys = ("method", "url", "body", "retrieved")
    return {
        "municipality": wanted.municipality,
        "name": name,
        "geographies": list(wanted.geographies),
        "periods": None if wanted.periods is None else list(wanted.periods),
        "indicators": {g: list(names) for g, names in wanted.indicators.items()},
        "divisions": {g: [_asking.OLD[g], _asking.NEW] for g in wanted.geographies},
        "segkit": __version__,
        "left_out": dict(sorted(notes.left_out.items())),
        "remarks": notes.remarks,
        "requests": [
            dict(zip(keys, (*request, when), strict=True)) for request, when in sorted(requests.items())
        ],
    }


def read(folder: str | Path) -> Fetched:
    """Read a folder that `fetch` wrote.

    Parameters
    ----------
    folder : str or Path
        The folder.

    Returns
    -------
    Fetched

    Raises
    ------
    FileError, InputError
        When a file is missing or damaged.

    Examples
    --------
    >>> read("no-such-folder")
    Traceback (most recent call last):
    segkit.errors.FileError: folder: no-such-folder has no fetched.json...
    """
    place = Path(folder)
    try:
        about = json.loads((place / FETCHED_FILE).read_text(encoding="utf-8"))
        code, name = str(about["municipality"]), str(about["name"])
        geographies = [g for g in _FILES if g in about["geographies"]]
    except OSError as error:
        fix = "Fetch a municipality with segkit fetch."
        raise FileError(message("folder", f"{place} has no {FETCHED_FILE}", fix=fix)) from error
    except (ValueError, KeyError, TypeError) as error:
        fix = "Fetch the municipality again."
        raise InputError(
            message("folder", f"{place / FETCHED_FILE} is damaged ({error})", fix=fix)
        ) from error
    panels, parts = {}, []
    for geography in geographies:
        boundaries, figures, _ = _FILES[geography]
        table = cells.read_table(place / figures)
        places = areas.load_areas(place / boundaries, area_id="area_id", name="name")
        panels[geography] = areas.join_indicators(places, table)
        told = ["indicator", "period", "source", "source_table", "retrieved", "boundaries"]
        parts.append(table[told].drop_duplicates().assign(geography=geography))
    provenance = pd.concat(parts, ignore_index=True)
    provenance["period"] = provenance["period"].astype(int)
    return Fetched(code, name, panels, provenance, about)
