"""Write a layer of areas with the library of GIS formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.errors import FileError, InputError, message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd


def writable(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a copy whose columns a GIS file can hold: text, numbers, booleans, dates."""
    frame = areas.copy()
    for column in frame.columns.drop(frame.geometry.name):
        if isinstance(frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].astype(frame[column].cat.categories.dtype)
    return frame


def write_layer(
    frame: gpd.GeoDataFrame, path: Path, driver: str, layer: str, options: Mapping[str, str]
) -> None:
    """Write one layer; what the library says is passed on as segkit's own error."""
    import pyogrio

    try:
        pyogrio.write_dataframe(frame, path, driver=driver, layer=layer, promote_to_multi=True, **options)
    except pyogrio.errors.DataSourceError as error:
        raise FileError(message("path", f"can't write the file: {error}")) from error
    except (pyogrio.errors.DataLayerError, pyogrio.errors.FieldError) as error:
        raise InputError(message("areas", f"can't be written as {driver}: {error}")) from error
