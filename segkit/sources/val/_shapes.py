"""Boundaries of election districts, from the agency's files."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from segkit.errors import FileError, SourceError, UnknownNameError, message
from segkit.sources.http.archives import safe_members
from segkit.sources.val._files import SHAPES_2026
from segkit.sources.val._results import _checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from segkit.sources.http.client import Client

#: Attribute with the code, and with the name, in the files of different years.
_CODES = ("valdistriktskod", "lkfv", "vd", "kod")
_NAMES = ("valdistriktsnamn", "vdnamn", "vd_namn", "namn", "valdistrikt")
_CRS = 3006


def district_boundaries(municipalities: Sequence[str], *, client: Client) -> gpd.GeoDataFrame:
    """Return the boundaries of the election districts of 2026; the file of the country is about 100 MB.

    Parameters
    ----------
    municipalities : sequence of str
        Codes of four digits.
    client : Client
        Asks and keeps the file.

    Returns
    -------
    geopandas.GeoDataFrame
        As `read_district_boundaries`.

    Raises
    ------
    InputError
        When a code has the wrong form.
    UnknownNameError
        When a municipality has no district in the file.
    SourceError
        When the file did not come whole.

    Examples
    --------
    >>> from segkit.errors import NotFetchedError
    >>> from segkit.sources import Client
    >>> asks = Client(dry_run=True, cache="no-such-folder")
    >>> try:
    ...     district_boundaries(["0880"], client=asks)
    ... except NotFetchedError:
    ...     print(asks.planned[0].url.rpartition("/")[2])
    valdistrikt-riket-2026.zip
    """
    codes = _checked(municipalities)
    got = client.download(SHAPES_2026, kinds=("zip", "octet-stream"))
    return read_district_boundaries(got.path, municipalities=codes)


def read_district_boundaries(
    path: str | Path, *, municipalities: Sequence[str] | None = None
) -> gpd.GeoDataFrame:
    """Read boundaries of election districts: the agency's JSON, shapefile, or a zip with one of them.

    Districts of the coast reach into the sea: do not compute densities from their area.

    Parameters
    ----------
    path : str or Path
        The file.
    municipalities : sequence of str, optional
        Codes of four digits; all of the file when left out.

    Returns
    -------
    geopandas.GeoDataFrame
        ``area_id`` (code of eight digits), ``name, municipality_code, geometry`` (EPSG:3006).

    Raises
    ------
    FileError
        When the file can't be read.
    UnknownNameError
        When a municipality has no district in the file.
    SourceError
        When there is no column of codes, a code is none, or the coordinate system is not said.

    Examples
    --------
    >>> import geopandas as gpd, tempfile
    >>> from shapely import box
    >>> table = gpd.GeoDataFrame({"Lkfv": ["08800101"], "Vdnamn": ["Kvarnholmen"]},
    ...                          geometry=[box(580000, 6280000, 581000, 6281000)], crs=3006)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table.to_file(f"{folder}/VD.json", driver="GeoJSON")
    ...     read_district_boundaries(f"{folder}/VD.json")["name"].tolist()
    ['Kvarnholmen']
    """
    file = Path(path)
    if not file.is_file():
        raise FileError(message("path", f"there is no file {file}"))
    codes = None if municipalities is None else _checked(municipalities)
    if not zipfile.is_zipfile(file):
        return _districts(file, file.name, codes)
    with tempfile.TemporaryDirectory(prefix="segkit-") as folder, zipfile.ZipFile(file) as archive:
        members = safe_members(archive, most_bytes=2_000_000_000)
        for member in members:
            target = Path(folder, Path(member.filename).name)
            with archive.open(member) as source, target.open("wb") as kept:
                shutil.copyfileobj(source, kept)
        found = sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in {".json", ".geojson", ".shp"})
        if len(found) != 1:
            rule = "must hold one file of boundaries (.json, .geojson, .shp)"
            raise SourceError(message(file.name, rule, [p.name for p in found]))
        return _districts(found[0], file.name, codes)


def _districts(file: Path, shown: str, codes: list[str] | None) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pyogrio

    try:
        table = gpd.read_file(file)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise FileError(message("path", f"can't read boundaries from {shown}: {error}")) from error
    if table.crs is None:
        table = table.set_crs(_CRS)
    plain = {str(column).casefold(): column for column in table.columns}
    code = next((plain[c] for c in _CODES if c in plain), None)
    name = next((plain[c] for c in _NAMES if c in plain), None)
    if code is None:
        raise SourceError(message(shown, "lacks a column of district codes", map(str, table.columns)))
    ids = table[code].astype(str).str.zfill(8)
    wrong = ids[~ids.str.fullmatch(r"\d{8}")].tolist()
    if wrong:
        raise SourceError(message(shown, "has district codes that are not eight digits", wrong))
    table = table.assign(area_id=ids, municipality_code=ids.str[:4])
    table["name"] = table[name].astype(str).str.strip() if name is not None else ids
    if codes is not None:
        lacking = [c for c in codes if c not in set(table["municipality_code"])]
        if lacking:
            raise UnknownNameError(message("municipalities", "have no district in the file", lacking))
        table = table[table["municipality_code"].isin(codes)]
    # Coordinates that are far beyond degrees are meters, whatever GeoJSON without a system is taken for.
    if table.crs.is_geographic and table.total_bounds[3] > 90:
        table = table.set_crs(_CRS, allow_override=True)
    columns = ["area_id", "name", "municipality_code", "geometry"]
    return table.to_crs(_CRS).sort_values("area_id", ignore_index=True, kind="stable")[columns]
