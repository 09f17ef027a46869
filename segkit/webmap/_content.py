"""What the interactive map shows: geometry, figures as text, classes, colors and legends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit import indicators as catalogue
from segkit import palettes
from segkit._cartography import (
    TEXTS,
    classify,
    count_text,
    counts,
    profile_codes,
    profile_texts,
    some_values,
    source_line,
    with_unit,
)
from segkit._validate import check_columns, numbers
from segkit._wording import term
from segkit.errors import InputError, message
from segkit.tables import decimals_for, format_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from segkit._cartography import Codes
    from segkit.indicators import Language

_N_CLASSES = 5
_DECIMALS = 5
#: Above this many coordinates borders are simplified, by this many meters, all at once.
_MANY, _TOLERANCE = 150_000, 20.0


def content(
    areas: gpd.GeoDataFrame,
    *,
    profile: str,
    indicators: Sequence[str] | None,
    labels: Mapping[str, tuple[str, str]],
    flags: Mapping[str, str],
    language: Language,
    source: str | None,
) -> dict[str, Any]:
    """Return everything that the script in the page needs, all numbers written out."""
    columns = _columns(areas, indicators, profile)
    check_columns(areas, [*columns, *flags.values()], argument="areas")
    unknown = [column for column in flags if column not in (profile, *columns)]
    if unknown:
        raise InputError(message("flags", "names columns that are not shown", unknown))
    text = TEXTS[language]
    notes = {column: _notes(areas, column, flags.get(column), language) for column in (profile, *columns)}
    layers = [_profile_layer(areas, profile, notes[profile], language)]
    layers += [_indicator_layer(areas, column, labels, notes[column], language) for column in columns]
    return {
        "areas": _areas(areas, layers, [notes[profile], *(notes[c] for c in columns)], language),
        "layers": layers,
        "source": source_line(areas, source, language),
        "text": {"layers": text["layers"], "search": text["search"], "nothing": text["nothing"]},
    }


def _columns(areas: pd.DataFrame, indicators: Sequence[str] | None, profile: str) -> list[str]:
    """Return the indicators to show."""
    if indicators is not None:
        return list(dict.fromkeys(indicators))
    known = catalogue.catalogue().index
    return [str(c) for c in areas.columns if c in known and c not in ("population", profile)]


def _notes(areas: pd.DataFrame, column: str, flag: str | None, language: Language) -> list[str]:
    """Say for each area what its value is, if not observed: the flag in words, and the standard error."""
    flag = flag or f"{column}_flag"
    if flag not in areas:
        return [""] * len(areas)
    errors = numbers(areas, f"{column}_se") if f"{column}_se" in areas else np.full(len(areas), np.nan)
    notes = []
    for code, error in zip(areas[flag], errors, strict=True):
        words = [] if pd.isna(code) else [word.strip() for word in str(code).split(",")]
        unusual = [word for word in words if word not in ("", "observed")]
        note = ", ".join(term("flags", word, language=language) for word in unusual)
        if note and not np.isnan(error):
            shown = format_number(float(error), max(1, decimals_for(column)), language=language)
            note = f"{note}, ±{shown} ({TEXTS[language]['standard_error']})"
        notes.append(note)
    return notes


def _profile_layer(areas: pd.DataFrame, profile: str, notes: list[str], language: Language) -> dict[str, Any]:
    """Return the layer of profiles."""
    codes, n = profile_codes(areas, profile, None)
    texts = profile_texts(n, None, language)
    missing = TEXTS[language]["missing"]
    layer = _layer(areas, codes, texts, [*palettes.sequential(n), palettes.MISSING], notes, language)
    heading = TEXTS[language]["profiles"]
    return {
        "title": TEXTS[language]["profile"],
        "heading": heading,
        "values": [missing if code < 0 else str(code + 1) for code in codes.tolist()],
        **layer,
    }


def _indicator_layer(
    areas: pd.DataFrame,
    column: str,
    labels: Mapping[str, tuple[str, str]],
    notes: list[str],
    language: Language,
) -> dict[str, Any]:
    """Return the layer of an indicator."""
    values = some_values(areas, column)
    default = (catalogue.label(column, language=language), catalogue.unit(column, language=language))
    label, unit = labels.get(column, default)
    classes = classify(values, "quantiles", _N_CLASSES, None)
    colors = [*palettes.sequential(classes.n)[::-1], palettes.MISSING]
    decimals = decimals_for(column)
    shown = [
        TEXTS[language]["missing"]
        if np.isnan(value)
        else with_unit(format_number(float(value), decimals, language=language), unit)
        for value in values
    ]
    layer = _layer(areas, classes.codes, classes.texts(language), colors, notes, language)
    return {"title": label, "heading": f"{label}, {unit}" if unit else label, "values": shown, **layer}


def _layer(
    areas: pd.DataFrame,
    codes: Codes,
    texts: Sequence[str],
    colors: Sequence[str],
    notes: Sequence[str],
    language: Language,
) -> dict[str, Any]:
    """Return codes, colors, hatching and legend of a layer."""
    text = TEXTS[language]
    words = [*texts, text["missing"]]
    amounts = counts(areas, codes, len(texts), language)
    legend = [[color, word, n] for color, word, n in zip(colors, words, amounts, strict=True)]
    if (codes >= 0).all():
        legend.pop()
    flagged = [int(bool(note)) for note in notes]
    if any(flagged):
        legend.append(["", text["hatched"], count_text(sum(flagged), language)])
    return {"codes": codes.tolist(), "colors": list(colors), "flagged": flagged, "legend": legend}


def _areas(
    areas: gpd.GeoDataFrame, layers: Sequence[dict[str, Any]], notes: Sequence[list[str]], language: Language
) -> list[dict[str, Any]]:
    """Return for each area its id, name, search key, shape and the rows of its popup."""
    names = areas["name"].fillna(areas["area_id"]).astype(str)
    twice = names.duplicated(keep=False)
    keys = names.where(~twice, names + " (" + areas["area_id"].astype(str) + ")")
    people = _population(areas, language)
    made = []
    shapes = zip(areas["area_id"], names, keys, _shapes(areas), strict=True)
    for i, (area_id, name, key, shape) in enumerate(shapes):
        columns = zip(layers, notes, strict=True)
        rows = [[layer["title"], layer["values"][i], note[i]] for layer, note in columns]
        if people:
            rows.insert(1, [TEXTS[language]["population"], people[i], ""])
        made.append({"id": str(area_id), "name": name, "key": key, "geometry": shape, "rows": rows})
    return made


def _population(areas: pd.DataFrame, language: Language) -> list[str]:
    """Return the population as text, empty when there is none."""
    if "population" not in areas:
        return []
    missing = TEXTS[language]["missing"]
    return [
        missing if np.isnan(value) else format_number(float(value), 0, language=language)
        for value in numbers(areas, "population")
    ]


def _shapes(areas: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the shapes as GeoJSON in WGS84, with no more decimals than a meter needs."""
    import shapely

    geometry = areas.geometry
    if shapely.get_num_coordinates(geometry.to_numpy()).sum() > _MANY:
        geometry = geometry.to_crs(3006)
        simple = shapely.coverage_simplify(geometry.to_numpy(), _TOLERANCE)
        geometry = type(geometry)(simple, index=geometry.index, crs=geometry.crs)
    return [_geojson(shape) for shape in geometry.to_crs(4326)]


def _geojson(shape: Any) -> dict[str, Any]:
    """Return one shape as a GeoJSON multipolygon, coordinates rounded and not repeated."""
    import shapely

    polygons = []
    for part in shapely.get_parts(shape):
        rings = []
        for ring in (part.exterior, *part.interiors):
            points = np.round(shapely.get_coordinates(ring), _DECIMALS)
            new = np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))
            rings.append(points[new].tolist())
        polygons.append(rings)
    return {"type": "MultiPolygon", "coordinates": polygons}
