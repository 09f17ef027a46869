"""What a survey starts from: an embedded or a fetched municipality, or a folder with own files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from segkit import geography
from segkit.base.order import in_area_order
from segkit.catalogue import embedded as geodata
from segkit.errors import FileError, InputError, UnknownNameError, message
from segkit.panels import areas, cells, owndata
from segkit.sources import fetching

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

_AREA_FILES = (".gpkg", ".geojson", ".json", ".shp")
_TABLE_FILES = (".csv", ".xlsx")


@dataclass(frozen=True)
class Inputs:
    """The data of a survey.

    Attributes
    ----------
    name, code : str
        Title, and municipality code (empty for the user's own areas).
    panels : mapping
        Geography (``deso``, ``regso``, ``districts``, or ``own``) -> panel; the first is the one surveyed.
    reference : pandas.DataFrame
        Figures of whole municipalities, may be empty.
    turnout_model : pandas.DataFrame
        How turnout by area was modelled, may be empty.
    files : mapping
        File name -> SHA-256 of its content.
    understood : owndata.Understood, optional
        How the user's own table was read, where its form had to be found out.
    provenance : pandas.DataFrame
        Where each fetched figure comes from, as `fetching.read` tells it; else empty.
    """

    name: str
    code: str
    panels: Mapping[str, gpd.GeoDataFrame]
    reference: pd.DataFrame
    turnout_model: pd.DataFrame
    files: Mapping[str, str] = field(default_factory=dict)
    understood: owndata.Understood | None = None
    provenance: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def main(self) -> gpd.GeoDataFrame:
        """The panel whose areas are surveyed."""
        return next(iter(self.panels.values()))


def load(source: str | Path, *, area_id: str = "area_id", name: str = "name") -> Inputs:
    """Load the data of a survey.

    Parameters
    ----------
    source : str or Path
        An embedded municipality (``"kalmar"``, or its code), a folder that `fetching.fetch` wrote, or one
        that holds one file ``areas`` (GeoPackage, GeoJSON or Shapefile) and one file ``indicators``
        (CSV or Excel).
    area_id, name : str
        The columns of the user's areas file with code and name; the name may be missing.

    Returns
    -------
    Inputs
        With the rows of each panel by period and area, whatever the order in the files.

    Raises
    ------
    UnknownNameError, FileError, InputError
        When the municipality is not embedded, a file is missing, or the data break a rule.

    Examples
    --------
    >>> data = load("kalmar")
    >>> data.name, list(data.panels)
    ('Kalmar', ['deso', 'regso', 'districts'])
    """
    found = _found(source, area_id, name)
    panels = {geography: in_area_order(own) for geography, own in found.panels.items()}
    return replace(found, panels={key: own.reset_index(drop=True) for key, own in panels.items()})


def _found(source: str | Path, area_id: str, name: str) -> Inputs:
    """Read a folder or what is embedded."""
    folder = Path(source)
    if folder.is_dir() and str(source).casefold() not in geodata.MUNICIPALITIES:
        fetched = (folder / fetching.FETCHED_FILE).is_file()
        return _fetched(folder) if fetched else _own(folder, area_id, name)
    try:
        embedded = geodata.municipality(str(source))
    except UnknownNameError as error:
        fix = f"and there is no folder {source!s} either."
        raise UnknownNameError(f"{error} A folder with your own files serves as well, {fix}") from error
    return _embedded(embedded)


def _embedded(folder: Path) -> Inputs:
    short = folder.name
    code, title = geodata.MUNICIPALITIES[short]
    districts = areas.load_example(short, "districts")
    deso, model = geography.turnout_by_area(
        areas.load_example(short, "deso"), districts, areas.load_district_links(short)
    )
    # The districts' other figures are estimates for their area; DeSO and RegSO have the counts.
    counted = ["area_id", "period", "name", "electorate", "ballots", "turnout", "turnout_flag"]
    voted = districts.loc[districts["ballots"].notna(), [*counted, "boundary_comparable", "geometry"]]
    panels = {
        "deso": deso,
        "regso": areas.load_example(short, "regso"),
        "districts": voted.reset_index(drop=True),
    }
    files = sorted(folder.iterdir())
    return Inputs(title, code, panels, areas.load_reference(), model, _hashes([*files, _reference_file()]))


def _reference_file() -> Path:
    return geodata.folder() / "reference.csv"


def _fetched(folder: Path) -> Inputs:
    found = fetching.read(folder)
    files = sorted(folder / name for name in (*found.about["files"], fetching.FETCHED_FILE))
    empty = pd.DataFrame()
    return Inputs(
        found.name, found.code, found.panels, empty, empty, _hashes(files), provenance=found.provenance
    )


def _own(folder: Path, area_id: str, name: str) -> Inputs:
    boundaries = _one_file(folder, "areas", _AREA_FILES)
    table = _one_file(folder, "indicators", _TABLE_FILES)
    named = name if name in _columns(boundaries) else None
    frame = areas.load_areas(boundaries, area_id=area_id, name=named)
    panel, understood = _joined(frame, table, area_id)
    empty = pd.DataFrame()
    hashes = _hashes([boundaries, table])
    return Inputs(folder.resolve().name, "", {"own": panel}, empty, empty, hashes, understood)


def _joined(
    frame: gpd.GeoDataFrame, table: Path, area_id: str
) -> tuple[gpd.GeoDataFrame, owndata.Understood | None]:
    """Join a table in segkit's own form as it is; of any other find out the form first."""
    try:
        raw = cells.read_table(table)
    except InputError:
        # Lines of a title, for one, have fewer cells than the table below them.
        raw = pd.DataFrame()
    if {area_id, "period"} <= set(raw.columns):
        return areas.join_indicators(frame, raw, area_id=area_id), None
    found = owndata.read(table, areas=frame)
    return areas.join_indicators(frame, found.table), found.understood


def _columns(path: Path) -> list[str]:
    import pyogrio

    try:
        return list(pyogrio.read_info(path, layer=pyogrio.list_layers(path)[0, 0])["fields"])
    except Exception as error:
        raise FileError(message("source", f"can't read {path.name}: {error}")) from error


def _one_file(folder: Path, stem: str, endings: tuple[str, ...]) -> Path:
    found = sorted(p for p in folder.iterdir() if p.stem.casefold() == stem and p.suffix.lower() in endings)
    wanted = ", ".join(stem + ending for ending in endings)
    if not found:
        raise FileError(message("source", f"the folder {folder} has none of {wanted}"))
    if len(found) > 1:
        rule = f"the folder {folder} has more than one file of {stem}"
        raise FileError(message("source", rule, [p.name for p in found], "Keep one of them."))
    return found[0]


def _hashes(files: list[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
