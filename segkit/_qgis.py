"""Styles for QGIS, kept inside a GeoPackage: one color for each class of a column."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from segkit.palettes import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Name of the geometry column in the file.
GEOMETRY = "geom"

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
VALUES ('layer_styles', 'attributes', 'layer_styles', '', '2000-01-01T00:00:00.000Z', 0)
"""
_ROW = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,
    styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)
VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', '', '2000-01-01T00:00:00.000Z')
"""


def style(column: str, colors: Mapping[Any, str]) -> str:
    """Return a QGIS style (QML): areas filled by class, areas without a class in grey.

    Examples
    --------
    >>> "categorizedSymbol" in style("profile", {1: "#23235f"})
    True
    """
    root = ET.Element("qgis", {"version": "3.22.0", "styleCategories": "Symbology"})
    options = {"type": "categorizedSymbol", "attr": column, "forceraster": "0", "enableorderby": "0"}
    renderer = ET.SubElement(root, "renderer-v2", {**options, "symbollevels": "0"})
    categories = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    # An empty value is QGIS's class for everything else.
    for place, (value, color) in enumerate([*colors.items(), ("", MISSING)]):
        kind = "string" if isinstance(value, str) else "long" if value == int(value) else "double"
        about = {"value": str(value), "symbol": str(place), "label": str(value) or "–", "render": "true"}
        ET.SubElement(categories, "category", {**about, "type": kind})
        _symbol(symbols, str(place), color)
    ET.SubElement(root, "layerGeometryType").text = "2"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        root, encoding="unicode"
    )


def _symbol(symbols: ET.Element, name: str, color: str) -> None:
    """Add a fill with a thin white outline."""
    about = {"type": "fill", "name": name, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    symbol = ET.SubElement(symbols, "symbol", about)
    layer = ET.SubElement(
        symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"}
    )
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


def write_style(path: Path, layer: str, qml: str) -> None:
    """Add the default style of a layer to a GeoPackage."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_TABLE)
        connection.execute(_CONTENTS)
        connection.execute(_ROW, (layer, GEOMETRY, layer[:30], qml))
