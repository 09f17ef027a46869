"""Styles for QGIS, kept inside a GeoPackage: colors of classes or of values, and names of areas."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np

from segkit.drawing.palettes import MISSING
from segkit.errors import FileError, message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from segkit.base.checks import Floats
    from segkit.drawing.classes import Classes

#: Name of the geometry column in the file.
GEOMETRY = "geom"

#: Stands for a missing value in classes of numbers, where QGIS would draw nothing.
_NO_VALUE = -1e15
#: The same file for the same input: no time of writing.
_TIME = "2000-01-01T00:00:00.000Z"
_OUTLINE = "255,255,255,255"
_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30),
    ui TEXT(30), update_time DATETIME
)
"""
_CONTENTS = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)
"""
_ROW = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,
    styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)
VALUES ('', '', ?, ?, ?, ?, '', ?, ?, '', '', ?)
"""


@dataclass(frozen=True)
class Style:
    """A style of a layer: its name in QGIS, what it shows, and the style itself (QML)."""

    name: str
    description: str
    qml: str


def categorized(
    column: str, colors: Mapping[Any, str], texts: Mapping[Any, str], missing: str, label_column: str | None
) -> str:
    """Return a style that fills areas by class, areas without a class in grey.

    Examples
    --------
    >>> "categorizedSymbol" in categorized("profile", {1: "#23235f"}, {1: "Profile 1"}, "no figure", None)
    True
    """
    root, renderer = _root("categorizedSymbol", column, label_column)
    categories = ET.SubElement(renderer, "categories")
    # An empty value is QGIS's class for everything else.
    for place, value in enumerate([*colors, ""]):
        kind = "string" if isinstance(value, str) else "long" if value == int(value) else "double"
        about = {"value": str(value), "symbol": str(place), "label": texts.get(value, missing)}
        ET.SubElement(categories, "category", {**about, "render": "true", "type": kind})
    _symbols(renderer, [*colors.values(), MISSING])
    return _text(root, label_column)


def graduated(
    column: str,
    values: Floats,
    classes: Classes,
    colors: Sequence[str],
    texts: Sequence[str],
    label: str | None,
) -> str:
    """Return a style that fills areas by classes of a value, the same as the map's; missing ones in grey.

    A value on a bound belongs to the class above, and QGIS takes the first class that fits: so the
    highest comes first. `texts` has one element more than there are classes, for missing values.
    """
    bounds = classes.bounds.copy()
    bounds[0], bounds[-1] = min(bounds[0], np.nanmin(values)), max(bounds[-1], np.nanmax(values))
    ranges = [(low, high, text) for (low, high), text in zip(pairwise(bounds), texts, strict=False)][::-1]
    shown = list(colors)[::-1]
    field = '"' + column.replace('"', '""') + '"'
    if np.isnan(values).any():
        field = f"coalesce({field}, {_NO_VALUE:.0f})"
        ranges.append((_NO_VALUE, _NO_VALUE, texts[-1]))
        shown.append(MISSING)
    root, renderer = _root("graduatedSymbol", field, label)
    renderer.set("graduatedMethod", "GraduatedColor")
    group = ET.SubElement(renderer, "ranges")
    for place, (low, high, text) in enumerate(ranges):
        about = {"lower": f"{low:.15f}", "upper": f"{high:.15f}", "symbol": str(place), "label": text}
        ET.SubElement(group, "range", {**about, "render": "true"})
    _symbols(renderer, shown)
    return _text(root, label)


def _root(kind: str, attribute: str, label_column: str | None) -> tuple[ET.Element, ET.Element]:
    parts = "Symbology|Labeling" if label_column else "Symbology"
    root = ET.Element("qgis", {"version": "3.22.0", "styleCategories": parts})
    options = {"type": kind, "attr": attribute, "forceraster": "0", "enableorderby": "0", "symbollevels": "0"}
    return root, ET.SubElement(root, "renderer-v2", options)


def _text(root: ET.Element, label_column: str | None) -> str:
    """Add the names of areas, and return the style as text."""
    if label_column:
        root.set("labelsEnabled", "1")
        _names(root, label_column)
    ET.SubElement(root, "layerGeometryType").text = "2"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        root, encoding="unicode"
    )


def _names(root: ET.Element, column: str) -> None:
    """Label areas by a column: dark text with a white edge, level, where there is room."""
    labeling = ET.SubElement(root, "labeling", {"type": "simple"})
    settings = ET.SubElement(labeling, "settings", {"calloutType": "simple"})
    font = {"fontFamily": "Sans Serif", "fontSize": "8", "fontSizeUnit": "Point", "textColor": "33,37,41,255"}
    # A name with quotes in it is still a column's name: as an expression, so quoted.
    quoted = '"' + column.replace('"', '""') + '"'
    text = ET.SubElement(
        settings, "text-style", {**font, "fieldName": quoted, "isExpression": "1", "textOpacity": "1"}
    )
    edge = {"bufferDraw": "1", "bufferSize": "1", "bufferSizeUnits": "MM", "bufferColor": _OUTLINE}
    ET.SubElement(text, "text-buffer", {**edge, "bufferOpacity": "1"})
    ET.SubElement(settings, "text-format", {"wrapChar": "", "autoWrapLength": "16", "multilineAlign": "1"})
    # 4: level, inside the area.
    ET.SubElement(settings, "placement", {"placement": "4", "priority": "5", "dist": "0"})
    ET.SubElement(settings, "rendering", {"drawLabels": "1", "displayAll": "0", "obstacle": "0"})


def _symbols(renderer: ET.Element, colors: Sequence[str]) -> None:
    """Add a fill with a thin white outline for each color."""
    symbols = ET.SubElement(renderer, "symbols")
    for place, color in enumerate(colors):
        about = {"type": "fill", "name": str(place), "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
        symbol = ET.SubElement(symbols, "symbol", about)
        options = {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"}
        layer = ET.SubElement(symbol, "layer", options)
        red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
        properties = {
            "color": f"{red},{green},{blue},255",
            "style": "solid",
            "outline_color": _OUTLINE,
            "outline_style": "solid",
            "outline_width": "0.2",
            "outline_width_unit": "MM",
        }
        group = ET.SubElement(layer, "Option", {"type": "Map"})
        for key, value in properties.items():
            ET.SubElement(group, "Option", {"name": key, "value": value, "type": "QString"})
            # QGIS before 3.18 reads these.
            ET.SubElement(layer, "prop", {"k": key, "v": value})


def finish(path: Path, layer: str, styles: Sequence[Style]) -> None:
    """Add the styles of a layer to a GeoPackage, the first as default, and take out the time of writing."""
    try:
        with closing(sqlite3.connect(path)) as connection, connection:
            if styles:
                connection.execute(_TABLE)
                connection.execute(_CONTENTS, (_TIME,))
            for place, style in enumerate(styles):
                names = (layer, GEOMETRY, style.name[:30], style.qml)
                connection.execute(_ROW, (*names, int(place == 0), style.description, _TIME))
            connection.execute("UPDATE gpkg_contents SET last_change = ?", (_TIME,))
    except sqlite3.Error as error:
        raise FileError(message("path", f"can't write the styles: {error}")) from error
