"""Write areas as a GeoPackage that opens in QGIS with the map's colors and the names of areas."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.base.checks import LANGUAGES, check_choice, check_columns
from segkit.base.files import atomic
from segkit.catalogue import indicators
from segkit.drawing import palettes
from segkit.drawing.classes import classify, profile_texts, some_values, with_unit
from segkit.errors import InputError, message
from segkit.output.export import _qgis
from segkit.output.export._checks import check_areas, check_ending, protected
from segkit.output.export._layers import writable, write_layer
from segkit.panels.area_files import CRS
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from segkit.base.checks import Language
    from segkit.drawing.classes import Scheme
    from segkit.panels.disclosure import Plan

#: Columns that the format makes itself.
_OWN = ("fid", _qgis.GEOMETRY)
_RESERVED = ("gpkg_", "sqlite_", "rtree_", "layer_styles")


def to_geopackage(
    areas: gpd.GeoDataFrame,
    path: str | Path,
    *,
    layer: str = "areas",
    color_column: str | None = None,
    palette: Mapping[Any, str] | None = None,
    value_columns: str | Sequence[str] = (),
    scheme: Scheme = "quantiles",
    k: int = 5,
    bins: Sequence[float] | None = None,
    label_column: str = "name",
    language: Language = "sv",
    disclosure: Plan | None = None,
) -> Path:
    """Write areas as a GeoPackage in SWEREF 99 TM (EPSG:3006), with colors and names for QGIS.

    The same areas give the same contents: the file holds no time of writing.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas in any known coordinate system.
    path : str or Path
        The file, ending in ``.gpkg``.
    layer : str
        Name of the layer.
    color_column : str, optional
        Column of classes, such as ``"profile"``: QGIS opens the layer with one color for each. With a
        style the file has two tables: name the layer when you read it.
    palette : mapping, optional
        Class -> hexadecimal color. None takes segkit's ordered palette for classes 1, 2, 3 and so on.
    value_columns : str or sequence of str
        Columns of numbers that get a style each, in the classes and colors of `maps.choropleth`: choose
        it in QGIS under Styles. Without `color_column` the first of them is how the layer opens.
    scheme, k, bins
        The classes of `value_columns`, as in `maps.choropleth`.
    label_column : str
        Column of names written on the areas, where the layer has a style; without such a column none.
    language : {"sv", "en"}
        The language of the legend.
    disclosure : disclosure.Plan, optional
        Rules for small numbers: hidden values are null and grey, and ``X_flag`` says so.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When there is no area, no geometry, no coordinate system, a class without a color, no value in a
        column to be styled, or a name that the format keeps for itself.
    UnknownNameError
        When there is no column `color_column` or one of `value_columns`.
    FileError
        When the file can't be written.

    References
    ----------
    OGC GeoPackage 1.3; QGIS keeps styles in the table ``layer_styles``.

    Examples
    --------
    >>> import tempfile, geopandas
    >>> from segkit.panels.areas import load_example
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = to_geopackage(load_example("motala").query("period == 2025"), f"{folder}/motala.gpkg")
    ...     geopandas.read_file(path, layer="areas").crs.to_epsg()
    3006
    """
    check_areas(areas)
    check_ending(path, (".gpkg",))
    check_choice(language, LANGUAGES, argument="language")
    _check_names(areas, layer)
    if palette is not None and color_column is None:
        raise InputError(message("palette", "needs `color_column`, the column it colors"))
    areas = protected(areas, disclosure, "areas")
    label = label_column if label_column in areas else None
    styles = []
    if color_column is not None:
        styles.append(_of_classes(areas, color_column, palette, label, language))
    columns = [value_columns] if isinstance(value_columns, str) else list(value_columns)
    check_columns(areas, columns, argument="areas")
    styles += [_of_values(areas, column, (scheme, k, bins), label, language) for column in columns]
    with atomic(path) as temporary:
        frame = writable(areas).to_crs(CRS)
        write_layer(frame, temporary, "GPKG", layer, {"GEOMETRY_NAME": _qgis.GEOMETRY, "VERSION": "1.3"})
        _qgis.finish(temporary, layer, styles)
    return Path(path)


def _check_names(areas: pd.DataFrame, layer: str) -> None:
    """Check names of layer and columns against what the format allows."""
    if not isinstance(layer, str) or not layer.strip() or layer.lower().startswith(_RESERVED):
        fix = "Choose another name."
        raise InputError(message("layer", f"is {layer!r}, which a GeoPackage can't have", fix=fix))
    lower = [str(column).lower() for column in areas.columns]
    taken = [column for column in areas.columns if str(column).lower() in _OWN]
    same = [column for column in areas.columns if lower.count(str(column).lower()) > 1]
    if taken or same:
        rule = (
            "has columns that a GeoPackage makes itself" if taken else "has columns that differ by case only"
        )
        raise InputError(message("areas", rule, taken or same, "Rename them."))


def _of_classes(
    areas: pd.DataFrame, column: str, palette: Mapping[Any, str] | None, label: str | None, language: Language
) -> _qgis.Style:
    """Return the style of a column of classes."""
    colors = _colors(areas, column, palette)
    texts = {value: str(value) for value in colors}
    if palette is None:
        texts = dict(zip(colors, profile_texts(max(colors), None, language), strict=True))
    qml = _qgis.categorized(column, colors, texts, say("maps.shared", "missing", language), label)
    title = say("maps.shared", "profiles", language) if column == "profile" else column
    return _qgis.Style(column, title, qml)


def _of_values(
    areas: pd.DataFrame,
    column: str,
    options: tuple[Scheme, int, Sequence[float] | None],
    label: str | None,
    language: Language,
) -> _qgis.Style:
    """Return the style of a column of numbers, as `maps.choropleth` draws it."""
    values = some_values(areas, column)
    classes = classify(values, *options)
    unit = indicators.unit(column, language=language)
    texts = [with_unit(text, unit) for text in classes.texts(language)]
    colors = palettes.sequential(classes.n)[::-1]
    texts.append(say("maps.shared", "missing", language))
    qml = _qgis.graduated(column, values, classes, colors, texts, label)
    return _qgis.Style(column, indicators.label(column, language=language), qml)


def _colors(areas: pd.DataFrame, column: str, palette: Mapping[Any, str] | None) -> dict[Any, str]:
    """Return the color of each class; every class of the data has one."""
    check_columns(areas, [column], argument="areas")
    classes = sorted(areas[column].dropna().unique().tolist())
    if palette is None:
        if not classes or any(isinstance(c, str) or c != int(c) or c < 1 for c in classes):
            fix = "Give palette={class: color}."
            raise InputError(
                message(column, "must hold classes 1, 2, 3 to be colored without a palette", fix=fix)
            )
        ordered = palettes.sequential(int(max(classes)))
        return dict(enumerate(ordered, start=1))
    without = [c for c in classes if c not in palette]
    if without:
        raise InputError(message("palette", "has no color for the class", without))
    wrong = [color for color in palette.values() if not re.fullmatch(r"#[0-9a-fA-F]{6}", color)]
    if wrong:
        raise InputError(message("palette", "must hold colors such as #23235f", wrong))
    return dict(palette)
