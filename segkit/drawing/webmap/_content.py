"""What the interactive map shows: areas with their shapes, layers, texts."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

from segkit.base.checks import check_columns
from segkit.catalogue import indicators as catalogue
from segkit.drawing.classes import source_line
from segkit.drawing.webmap._frames import check_history, frames_of, population_of
from segkit.drawing.webmap._layers import index_layer, indicator_layer, profile_layer, rounded
from segkit.drawing.webmap._shapes import on_grid
from segkit.errors import InputError, message
from segkit.words.numbers import format_number
from segkit.words.text import say, texts
from segkit.words.text import texts as texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from segkit.base.checks import Language
    from segkit.drawing.webmap._shapes import Grid

#: Above this many coordinates, or figures, the page is compressed; below it can be read as it is.
_PLAIN = 50_000


def content(
    areas: gpd.GeoDataFrame,
    history: pd.DataFrame | None,
    *,
    profile: str,
    index: str | None,
    indicators: Sequence[str] | None,
    labels: Mapping[str, tuple[str, str]],
    flags: Mapping[str, str],
    language: Language,
    source: str | None,
) -> dict[str, Any]:
    """Return everything that the script in the page needs; large maps are packed."""
    first = [profile] if index is None else [profile, index]
    chosen = _indicators(areas, indicators, first)
    columns = [*first, *chosen]
    _check(areas, history, columns, flags)
    frames = {column: frames_of(areas, history, column, flags.get(column), language) for column in columns}
    layers = [profile_layer(areas, frames[profile], profile, language)]
    if index is not None:
        layers.append(index_layer(frames[index], index, labels, language))
    layers += [indicator_layer(frames[column], column, labels, language) for column in chosen]
    grid = on_grid(areas)
    made: dict[str, Any] = {
        "areas": _areas(areas),
        "layers": layers,
        "population": _population(areas, history, language),
        "source": " ".join([source_line(areas, source, language), *_simplified(grid, language)]),
        "text": _texts(language),
    }
    figures = len(areas) * sum(len(found) for found in frames.values())
    if grid.size <= _PLAIN and figures <= _PLAIN:
        return {**made, "shapes": grid.plain()}
    packed = _packed({**made, "shapes": grid.packed(), "decimals": grid.decimals})
    # What the page says while it unpacks the rest.
    notices = {key: made["text"][key] for key in ("loading", "not_drawn")}
    return {"text": notices, "packed": packed}


def _indicators(areas: pd.DataFrame, indicators: Sequence[str] | None, first: Sequence[str]) -> list[str]:
    """Return the indicators to show."""
    if indicators is not None:
        return list(dict.fromkeys(indicators))
    known = catalogue.catalogue().index
    return [str(c) for c in areas.columns if c in known and c != "population" and c not in first]


def _check(
    areas: pd.DataFrame, history: pd.DataFrame | None, columns: Sequence[str], flags: Mapping[str, str]
) -> None:
    """Check that the columns are there and the history is of these areas."""
    check_columns(areas, [*columns, *flags.values()], argument="areas")
    unknown = [column for column in flags if column not in columns]
    if unknown:
        raise InputError(message("flags", "names columns that are not shown", unknown))
    if history is not None:
        check_history(history, areas, columns, flags)


def _areas(areas: pd.DataFrame) -> list[dict[str, str]]:
    """Return for each area its code, its name and a key that no other area has."""
    names = areas["name"].fillna(areas["area_id"]).astype(str)
    twice = names.duplicated(keep=False)
    codes = areas["area_id"].astype(str)
    keys = names.where(~twice, names + " (" + codes + ")")
    return [
        {"id": code, "name": name, "key": key} for code, name, key in zip(codes, names, keys, strict=True)
    ]


def _population(
    areas: pd.DataFrame, history: pd.DataFrame | None, language: Language
) -> dict[str, Any] | None:
    """Return the population, with its label and period."""
    values, period = population_of(areas, history)
    if values is None:
        return None
    title = say("maps.shared", "population", language)
    return {"title": title, "period": "" if period is None else str(period), "values": rounded(values, 0)}


def _simplified(grid: Grid, language: Language) -> list[str]:
    """Say that borders are simplified."""
    if not grid.tolerance:
        return []
    return [
        texts("webmap", language)["simplified"].format(format_number(grid.tolerance, 0, language=language))
    ]


def _texts(language: Language) -> dict[str, str]:
    """Return the words and signs that the script needs."""
    shared = ("layers", "search", "nothing", "hatched", "missing")
    words = {key: texts_of("maps.shared", language)[key] for key in shared} | texts("webmap", language)
    words.pop("of_areas")
    point, thousands = (
        format_number(1000.5, 1, language=language)[-2],
        format_number(1000, 0, language=language)[1],
    )
    return {
        **words,
        "point": point,
        "thousands": thousands,
        "minus": format_number(-1, 0, language=language)[0],
    }


def _packed(data: dict[str, Any]) -> str:
    """Return data as gzipped JSON in base64, the same for the same data."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")
