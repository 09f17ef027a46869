"""Write areas as GeoParquet for analysis in other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segkit.base.files import atomic
from segkit.errors import InputError, message
from segkit.output.export._checks import check_areas, check_ending, protected

if TYPE_CHECKING:
    import geopandas as gpd

    from segkit.panels.disclosure import Plan


def to_geoparquet(areas: gpd.GeoDataFrame, path: str | Path, *, disclosure: Plan | None = None) -> Path:
    """Write areas as GeoParquet, with types, flags and coordinate system as they are.

    Any table of areas will do; `areas.save_panel` is for panels that segkit is to read again.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas in any known coordinate system.
    path : str or Path
        The file, ending in ``.parquet`` or ``.geoparquet``.
    disclosure : disclosure.Plan, optional
        Rules for small numbers: hidden values are null, and ``X_flag`` says so.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When there is no area, no geometry or no coordinate system, or a column mixes types.
    FileError
        When the file can't be written.

    References
    ----------
    OGC GeoParquet 1.0.

    Examples
    --------
    >>> import tempfile, geopandas
    >>> from segkit.panels.areas import load_example
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = to_geoparquet(load_example("motala"), f"{folder}/motala.parquet")
    ...     geopandas.read_parquet(path).crs.to_epsg()
    3006
    """
    from pyarrow.lib import ArrowInvalid, ArrowTypeError

    check_areas(areas)
    check_ending(path, (".parquet", ".geoparquet"))
    frame = protected(areas, disclosure, "areas")
    with atomic(path) as temporary:
        try:
            frame.to_parquet(temporary, index=False)
        except (ArrowInvalid, ArrowTypeError) as error:
            fix = "Give each column one type."
            raise InputError(message("areas", f"can't be written as GeoParquet: {error}", fix=fix)) from error
    return Path(path)
