"""Boundaries from the user's own file of areas."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from segkit.base.checks import check_bounds, check_columns, check_geometry
from segkit.base.files import existing
from segkit.errors import FileError, InputError, list_some, message, warn
from segkit.panels import joining

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

#: SWEREF 99 TM, Sweden's official projection in metres: the coordinate system inside every panel.
CRS = 3006


def load_areas(path: str | Path, *, area_id: str, name: str | None = None) -> gpd.GeoDataFrame:
    """Load areas from a GeoPackage, GeoJSON or Shapefile: one row per area, EPSG:3006.

    Parameters
    ----------
    path : str or Path
        The file; of a GeoPackage the first layer is read.
    area_id : str
        The column with the areas' codes. They become text; whole numbers get no decimals.
    name : str, optional
        The column with the areas' names; without it the codes serve as names.

    Returns
    -------
    geopandas.GeoDataFrame
        ``area_id, name``, the other columns of the file, ``geometry``.

    Raises
    ------
    FileError
        When the file can't be read.
    UnknownNameError
        When a column is missing.
    InputError
        When a code is empty or repeated, the coordinate system is missing, or a geometry is missing,
        not a polygon or invalid.

    Examples
    --------
    >>> from segkit.catalogue import embedded
    >>> areas = load_areas(embedded.municipality("motala") / "areas.geojson", area_id="area_id", name="name")
    >>> len(areas), areas.crs.to_epsg()
    (24, 3006)
    """
    import geopandas as gpd

    file = existing(path)
    raw = _read_file(file)
    if not isinstance(raw, gpd.GeoDataFrame):
        raise InputError(
            message("geometry", f"{file.name} has no boundaries", fix="Choose a layer of polygons.")
        )
    if raw.empty:
        raise InputError(message("path", f"{file.name} has no areas"))
    wanted = [area_id] if name is None else [area_id, name]
    check_columns(raw, wanted, argument=f"path ({file.name})")
    frame = raw.rename_geometry("geometry") if raw.geometry.name != "geometry" else raw
    codes = joining.codes(frame[area_id])
    names = codes if name is None else frame[name].astype(str)
    # "id" is what GeoJSON readers call the feature number, which means nothing here.
    rest = frame.drop(columns=[c for c in {area_id, name, "area_id", "name", "id", "period"} if c in frame])
    rest.insert(0, "area_id", codes)
    rest.insert(1, "name", names)
    _check_areas(rest)
    return _projected(rest).reset_index(drop=True)


def _read_file(file: Path) -> pd.DataFrame:
    """Read the first layer of a file of boundaries; what the reader remarks is passed on as ours."""
    import geopandas as gpd
    import pyogrio

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            layers = pyogrio.list_layers(file)[:, 0].tolist()
            raw: pd.DataFrame = gpd.read_file(file, layer=layers[0])
        except Exception as error:
            fix = "segkit reads GeoPackage (.gpkg), GeoJSON (.geojson) and Shapefile (.shp)."
            raise FileError(message("path", f"can't read {file.name}: {error}", fix=fix)) from error
    told = [f"{file.name}: {w.message}" for w in said if not issubclass(w.category, RuntimeWarning)]
    if len(layers) > 1:
        told.append(f"{file.name} has several layers, the first is read ({list_some(layers)})")
    for text in dict.fromkeys(told):
        warn(message("path", text))
    return raw


def _projected(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project valid areas; rounding may let edges that almost touch cross, which is mended."""
    from pyproj.exceptions import ProjError

    try:
        projected = areas.to_crs(CRS)
    except ProjError as error:
        fix = "State the right one with set_crs(..., allow_override=True), for example 3006."
        rule = f"has a coordinate system without a way to SWEREF 99 TM ({areas.crs.name})"
        raise InputError(message("geometry", rule, fix=fix)) from error
    check_bounds(projected)
    crossed = ~projected.geometry.is_valid
    if crossed.any():
        mended = projected.geometry[crossed].make_valid(method="structure", keep_collapsed=False)
        change = (mended.area / projected.geometry[crossed].area - 1).abs()
        whole = mended.geom_type.isin(["Polygon", "MultiPolygon"]) & (change < 1e-6)
        projected.loc[whole.index[whole], "geometry"] = mended[whole]
        check_geometry(projected)
    return projected


def _check_areas(areas: gpd.GeoDataFrame) -> None:
    """Check one row per area: codes filled and unique, geometry whole."""
    empty = (areas["area_id"] == "").to_numpy()
    if empty.any():
        raise InputError(message("area_id", "is empty in rows", np.flatnonzero(empty).tolist()))
    twice = areas["area_id"].duplicated(keep=False).to_numpy()
    if twice.any():
        codes = areas.loc[twice, "area_id"].unique().tolist()
        fix = "Dissolve the parts of an area into one geometry first."
        raise InputError(message("area_id", "stands in more than one row", codes, fix))
    check_geometry(areas)
