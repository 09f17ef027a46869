"""The boundaries of a folder: which file and layer, and which columns are id and name."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.panels.frame import coordinates
from segkit.panels.frame.places import is_code
from segkit.panels.frame.questions import MUST
from segkit.panels.frame.raw import folded, text_of
from segkit.panels.frame.texts import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

    from segkit.panels.frame.description import Description
    from segkit.panels.frame.questions import Log
    from segkit.panels.frame.raw import Sheet

SUFFIXES = frozenset({".gpkg", ".shp", ".geojson", ".json", ".fgb", ".gml", ".kml", ".tab"})
MOST_BYTES = 2**30


@dataclass
class Boundaries:
    """A layer of areas with its roles."""

    file: str
    layer: str
    frame: gpd.GeoDataFrame
    id: str
    name: str
    ids: list[str]
    names: list[str]
    working: str = ""
    snap: float | None = None


@dataclass
class _Layer:
    file: str
    layer: str
    frame: gpd.GeoDataFrame
    scores: dict[str, float]

    @property
    def best(self) -> float:
        return max(self.scores.values(), default=0.0)


def find(
    files: Sequence[tuple[str, Path]], sheets: Sequence[Sheet], told: Description, log: Log
) -> Boundaries | None:
    """Find the boundaries of a folder; None when it has none."""
    wanted = told.areas.get("file")
    if wanted is not None and wanted.startswith("segkit:"):
        return _embedded(wanted, log)
    if not files:
        for key in ("layer", "id", "name", "crs"):
            if key in told.areas and key in {"layer", "crs"}:
                raise Problem("no_boundaries_for", key=key)
        return None
    layers = _layers(files, told, log)
    if not layers:
        raise Problem("no_polygons", file=", ".join(name for name, _ in files))
    pool = _pool(sheets)
    for layer in layers:
        layer.scores = {c: _score(layer.frame[c], pool) for c in _candidates(layer.frame)}
    chosen = _choose(layers, log)
    found = _roles(chosen, told, log)
    found.working = coordinates.working_system(found, told, log)
    coordinates.check_shapes(found, log)
    if found.working:
        found.snap = coordinates.gap(found, told, log)
    return found


def _layers(files: Sequence[tuple[str, Path]], told: Description, log: Log) -> list[_Layer]:
    import pyogrio

    wanted, layer_told = told.areas.get("file"), told.areas.get("layer")
    found: list[_Layer] = []
    for name, path in files:
        if wanted is not None and name != wanted:
            log.add("file not read", "boundary_not_read", file=name, name=name)
            continue
        if path.stat().st_size > MOST_BYTES:
            raise Problem("file_large", file=name, n=MOST_BYTES // 2**20)
        try:
            kinds = {str(row[0]): row[1] for row in pyogrio.list_layers(path)}
            frames = {
                layer: _read_layer(path, layer) if kind is not None else None
                for layer, kind in kinds.items()
                if layer_told in {None, layer}
            }
        except (OSError, RuntimeError, ValueError) as error:
            raise Problem("boundary_broken", file=name, why=str(error)) from error
        if layer_told is not None and layer_told not in kinds:
            near = nearest(layer_told, list(kinds), 0.5) or next(iter(kinds), "-")
            raise Problem("no_layer", file=name, layer=layer_told, list=list(kinds), near=near)
        for layer, frame in frames.items():
            if frame is None:
                log.add("layer without geometry", "no_geometry", file=name, name=layer)
            else:
                found.append(_Layer(name, layer, frame, {}))
    if wanted is not None and not any(name == wanted for name, _ in files):
        raise Problem("no_such_file", key="areas.file", file=wanted, list=[name for name, _ in files])
    return found


def _read_layer(path: Path, layer: str) -> gpd.GeoDataFrame | None:
    import geopandas as gpd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = gpd.read_file(path, layer=layer, engine="pyogrio")
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        return None
    polygons = frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    return frame[polygons].reset_index(drop=True) if polygons.mean() > 0.5 else None


def _candidates(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(c) for c in frame.columns if c != frame.geometry.name and not _is_measure(frame[c])]


def _is_measure(column: Any) -> bool:
    numbers = column.dtype.kind == "f" and bool((column.dropna() % 1 != 0).any())
    return numbers or column.dtype.kind in "bM"


def _pool(sheets: Sequence[Sheet]) -> list[tuple[dict[str, int], int]]:
    """Return the texts of each column of the tables with their counts, codes with a name by the code too."""
    pool = []
    for sheet in sheets:
        for c in range(sheet.width):
            column = sheet.column(c)
            counts = np.bincount(column.codes, minlength=len(column.cells))
            texts: dict[str, int] = {}
            total = 0
            for k, text in enumerate(column.texts):
                if not text or (isinstance(column.cells[k], float) and not column.cells[k].is_integer()):
                    continue
                n = int(counts[k])
                total += n
                for form in {folded(text), folded(text.split(" ")[0]), folded(text).lstrip("0")}:
                    texts[form] = texts.get(form, 0) + n
            pool.append((texts, total))
    return pool


def _score(column: Any, pool: list[tuple[dict[str, int], int]]) -> float:
    """Return how many rows of the tables hold a value of a column; the best column of a table counts."""
    values = [text_of(x) for x in column if x is not None and x == x]  # noqa: PLR0124
    if len(set(values)) < 2:
        return 0.0
    keys = {folded(v) for v in values} | {folded(v).lstrip("0") for v in values if v[:1].isdigit()}
    keys.discard("")
    best = 0.0
    for texts, total in pool:
        if total:
            hits = {k for k in keys if k in texts}
            if len(hits) > 1:
                best = max(best, min(sum(texts[k] for k in hits), total) + 0.5 * len(hits) / len(keys))
    return best


def _choose(layers: list[_Layer], log: Log) -> _Layer:
    if len(layers) == 1:
        return layers[0]
    best = max(layer.best for layer in layers)
    able = [layer for layer in layers if layer.best == best]
    if len(able) > 1:
        files = list(dict.fromkeys(layer.file for layer in able))
        if len(files) > 1:
            log.add(
                "boundary file", "which_boundary", level=MUST, setting="areas.file", list=files, guess="?"
            )
        else:
            names = [layer.layer for layer in able]
            log.add(
                "layer",
                "which_layer",
                level=MUST,
                setting="areas.layer",
                list=names,
                file=files[0],
                guess="?",
            )
    chosen = able[0]
    for layer in layers:
        if layer is not chosen and len(able) == 1:
            log.add(
                "layer not read", "layer_not_read", file=layer.file, name=layer.layer, chosen=chosen.layer
            )
    return chosen


def _texts(frame: gpd.GeoDataFrame, column: str) -> list[str]:
    return ["" if x is None or x != x else text_of(x) for x in frame[column]]  # noqa: PLR0124


def _roles(layer: _Layer, told: Description, log: Log) -> Boundaries:
    frame = layer.frame
    columns = _candidates(frame)
    texts = {c: _texts(frame, c) for c in columns}
    everything = [str(c) for c in frame.columns if c != frame.geometry.name]
    texts |= {
        c: _texts(frame, c)
        for c in everything
        if c not in texts and c in {told.areas.get("id"), told.areas.get("name")}
    }
    unique = [c for c in columns if "" not in texts[c] and len(set(texts[c])) == len(frame)]
    own = _told_column(told, "id", everything, layer.file)
    if own is not None:
        _check_unique(own, texts[own], layer.file)
        id_column, matched = own, own
    else:
        id_column, matched = _id_column(layer, unique, texts, log)
    name = _told_column(told, "name", everything, layer.file)
    if name is None:
        name = _name_column(id_column, matched, columns, texts, frame)
        if "name" not in told.areas:
            log.add(
                "name column", "name_column", file=layer.file, name=name, setting="areas.name", guess=name
            )
    others = [c for c in everything if c not in {id_column, name}]
    if others:
        log.add("columns not read", "columns_not_read", file=layer.file, list=others, text=", ".join(others))
    return Boundaries(layer.file, layer.layer, frame, id_column, name, texts[id_column], texts[name])


def _told_column(told: Description, key: str, columns: list[str], file: str) -> str | None:
    wanted = told.areas.get(key)
    if wanted is None:
        return None
    if wanted not in columns:
        near = nearest(wanted, columns, 0.4) or columns[0]
        raise Problem("no_column", key=f"areas.{key}", heading=wanted, file=file, list=columns, near=near)
    return str(wanted)


def _check_unique(column: str, texts: list[str], file: str) -> None:
    often = [text or "-" for text, n in Counter(texts).items() if n > 1 or not text]
    if often:
        raise Problem("id_not_unique", heading=column, file=file, list=often[:3], n=len(often))


def _sequence(texts: list[str]) -> bool:
    numbers = sorted(int(t) for t in texts if t.isdigit())
    return (
        len(numbers) == len(texts) and numbers[0] in {0, 1} and numbers[-1] - numbers[0] == len(numbers) - 1
    )


def _id_column(layer: _Layer, unique: list[str], texts: dict[str, list[str]], log: Log) -> tuple[str, str]:
    """Return the column of ids, and the column that the tables name their areas by."""
    if not unique:
        raise Problem("no_unique", file=layer.file, list=list(texts))
    text_columns = [c for c in unique if layer.frame[c].dtype.kind not in "iuf"]

    def codes(columns: list[str]) -> list[str]:
        return [c for c in columns if all(is_code(t) for t in texts[c])]

    best = max(unique, key=lambda c: (layer.scores[c], c in text_columns))
    if layer.scores[best] <= 0:
        able = codes(text_columns) or text_columns or [c for c in unique if not _sequence(texts[c])] or unique
        best = able[0]
        matched = best
    else:
        matched = best
        if best not in codes(unique):
            able = codes(text_columns) or [c for c in codes(unique) if not _sequence(texts[c])]
            best = max(able, key=lambda c: layer.scores[c], default=best)
    log.add("id column", "id_column", file=layer.file, name=best, setting="areas.id", guess=best)
    return best, matched


def _name_column(
    id_column: str, matched: str, columns: list[str], texts: dict[str, list[str]], frame: Any
) -> str:
    if matched != id_column:
        return matched
    able = [
        c
        for c in columns
        if c != id_column
        and frame[c].dtype.kind not in "iuf"
        and len(set(texts[c])) > 1
        and not all(is_code(t) or not t for t in texts[c])
    ]
    if not able:
        return id_column
    best = max(able, key=lambda c: len(set(texts[c])))
    return best if len(set(texts[best])) * 10 > len(frame) or len(set(texts[best])) > 10 else id_column


def of_frame(data: Any, told: Description, name: str, log: Log) -> Boundaries | None:
    """Take the areas of a frame of areas and periods; None where it has no geometry."""
    columns = [str(c) for c in data.columns]
    own = _told_column(told, "id", columns, name)
    if own is None:
        raise Problem("frame_id", list=columns)
    shown = _told_column(told, "name", columns, name) or own
    if getattr(data, "_geometry_column_name", None) not in data.columns:
        return None
    frame = data.drop_duplicates(own).reset_index(drop=True)
    ids = _texts(frame, own)
    _check_unique(own, ids, name)
    found = Boundaries(name, "", frame, own, shown, ids, _texts(frame, shown))
    found.working = coordinates.working_system(found, told, log)
    coordinates.check_shapes(found, log)
    if found.working:
        found.snap = coordinates.gap(found, told, log)
    return found


def _embedded(wanted: str, log: Log) -> Boundaries:
    """Take embedded boundaries, such as segkit:kalmar/deso."""
    from segkit.errors import SegkitError
    from segkit.panels import areas

    place, _, geography = wanted.removeprefix("segkit:").partition("/")
    try:
        panel = areas.load_example(place, geography=geography or "deso")  # type: ignore[arg-type]
    except SegkitError as error:
        raise Problem("no_embedded", file=wanted, why=str(error)) from error
    frame = panel.drop_duplicates("area_id").reset_index(drop=True)[["area_id", "name", "geometry"]]
    ids, names = frame["area_id"].astype(str).tolist(), frame["name"].astype(str).tolist()
    log.add("boundary file", "embedded", file=wanted, name=wanted, n=len(ids))
    frame = frame.set_crs(panel.crs) if frame.crs is None and panel.crs is not None else frame
    working = frame.crs.to_string() if frame.crs is not None else ""
    return Boundaries(wanted, "", frame, "area_id", "name", ids, names, working=working)
