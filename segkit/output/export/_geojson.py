"""Write areas as GeoJSON for the web."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segkit.base.files import atomic
from segkit.output.export._checks import check_areas, check_ending, protected
from segkit.output.export._layers import writable, write_layer

if TYPE_CHECKING:
    import geopandas as gpd

    from segkit.panels.disclosure import Plan


def to_geojson(areas: gpd.GeoDataFrame, path: str | Path, *, disclosure: Plan | None = None) -> Path:
    """Write areas as GeoJSON after RFC 7946: WGS84, longitude before latitude, six decimals (0.1 m).

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas in any known coordinate system.
    path : str or Path
        The file, ending in ``.geojson`` or ``.json``.
    disclosure : disclosure.Plan, optional
        Rules for small numbers: hidden values are null, and ``X_flag`` says so.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When there is no area, no geometry or no coordinate system.
    FileError
        When the file can't be written.

    References
    ----------
    RFC 7946, The GeoJSON Format (2016).

    Examples
    --------
    >>> import tempfile, geopandas
    >>> from segkit.panels.areas import load_example
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = to_geojson(load_example("motala").query("period == 2025"), f"{folder}/motala.geojson")
    ...     len(geopandas.read_file(path))
    24
    """
    check_areas(areas)
    check_ending(path, (".geojson", ".json"))
    web = writable(protected(areas, disclosure, "areas")).to_crs(4326)
    with atomic(path) as temporary:
        options = {"RFC7946": "YES", "COORDINATE_PRECISION": "6", "WRITE_NAME": "NO"}
        write_layer(web, temporary, "GeoJSON", "areas", options)
    return Path(path)
