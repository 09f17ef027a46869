"""The boundaries of a folder: which file and layer, which columns are id and name, and whether they can be right."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.frame.places import is_code
from segkit.frame.questions import ASKED, MUST
from segkit.frame.raw import folded, text_of
from segkit.frame.texts import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

    from segkit.frame.description import Description
    from segkit.frame.questions import Log
    from segkit.frame.raw import Sheet

SUFFIXES = frozenset({".gpkg", ".shp", ".geojson", ".json", ".fgb", ".gml", ".kml", ".tab"})
MOST_BYTES = 2**30
#: Neighbors that overlap by more than this share of the smaller are no map of areas.
MOST_OVERLAP = 0.01


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
        return _embedded(wanted, told, log)
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
    chosen = _choose(layers, told, log)
    found = _roles(chosen, told, log, has_tables=bool(sheets))
    found.working = _coordinates(found, told, log)
    _shapes(found, log)
    if found.working:
        found.snap = _gap(found, told, log)
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
            names = [str(row[0]) for row in pyogrio.list_layers(path)]
            kinds = {str(row[0]): row[1] for row in pyogrio.list_layers(path)}
            if layer_told is not None and layer_told not in names:
                near = nearest(layer_told, names, 0.5) or names[0]
                raise Problem("no_layer", file=name, layer=layer_told, list=names, near=near)
            for layer in names:
                if layer_told is not None and layer != layer_told:
                    continue
                if kinds[layer] is None:
                    log.add("layer without geometry", "no_geometry", file=name, name=layer)
                    continue
                frame = _read_layer(path, layer)
                if frame is None:
                    log.add("layer without polygons", "no_geometry", file=name, name=layer)
                else:
                    found.append(_Layer(name, layer, frame, {}))
        except Problem:
            raise
        except Exception as error:
            raise Problem("boundary_broken", file=name, why=str(error)) from error
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


def _choose(layers: list[_Layer], told: Description, log: Log) -> _Layer:
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


def _roles(layer: _Layer, told: Description, log: Log, *, has_tables: bool) -> Boundaries:
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
        id_column, matched = _id_column(layer, unique, texts, log, has_tables=has_tables)
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


def _id_column(
    layer: _Layer, unique: list[str], texts: dict[str, list[str]], log: Log, *, has_tables: bool
) -> tuple[str, str]:
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
        if c != id_column and frame[c].dtype.kind not in "iuf" and len(set(texts[c])) > 1
        and not all(is_code(t) or not t for t in texts[c])
    ]  # fmt: skip
    if not able:
        return id_column
    best = max(able, key=lambda c: len(set(texts[c])))
    return best if len(set(texts[best])) * 10 > len(frame) or len(set(texts[best])) > 10 else id_column


def _embedded(wanted: str, told: Description, log: Log) -> Boundaries:
    """Take embedded boundaries, such as segkit:kalmar/deso."""
    from segkit import areas
    from segkit.errors import SegkitError

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


def _coordinates(found: Boundaries, told: Description, log: Log) -> str:
    """State or check the coordinate system; return the one that distances are measured in."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    frame = found.frame
    stated = told.areas.get("crs")
    if stated is not None:
        try:
            CRS.from_user_input(stated)
        except CRSError:
            raise Problem("no_crs", crs=stated) from None
        found.frame = frame = frame.set_crs(stated, allow_override=True)
    if frame.crs is None:
        log.add("coordinate system", "crs_missing", level=MUST, setting="areas.crs", file=found.file, guess="?",
                example=_example(frame))  # fmt: skip
        return ""
    system = CRS.from_user_input(frame.crs)
    problem = _outside(frame, system)
    if problem:
        log.add("coordinate system", problem, level=MUST, setting="areas.crs", file=found.file, guess="?",
                crs=_crs_name(system), example=_example(frame))  # fmt: skip
        return ""
    if system.is_geographic:
        working = _local_metric(frame)
        log.add("coordinate system", "degrees", file=found.file, level=ASKED, setting="areas.crs", crs=_crs_name(system),
                working=working)  # fmt: skip
        return working
    return _crs_name(system)


def _crs_name(system: Any) -> str:
    code = system.to_epsg()
    return f"EPSG:{code}" if code else str(system.name)


def _example(frame: Any) -> str:
    left, bottom, _, _ = frame.total_bounds
    return f"{left:.6g}, {bottom:.6g}"


def _outside(frame: gpd.GeoDataFrame, system: Any) -> str:
    """Return the name of what is wrong with the coordinates, empty when nothing is."""
    left, bottom, right, top = (float(v) for v in frame.total_bounds)
    if not np.isfinite([left, bottom, right, top]).all():
        return "crs_outside"
    area = system.area_of_use
    bounds = (left, bottom, right, top)
    if _within(bounds, system, area):
        return ""
    if _within((bottom, left, top, right), system, area):
        return "crs_swapped"
    return "crs_outside"


def _within(bounds: tuple[float, float, float, float], system: Any, area: Any) -> bool:
    from pyproj import Transformer

    left, bottom, right, top = bounds
    if not system.is_geographic:
        change = Transformer.from_crs(system, "EPSG:4326", always_xy=True)
        xs, ys = change.transform([left, right, (left + right) / 2], [bottom, top, (bottom + top) / 2])
        if not np.isfinite([*xs, *ys]).all():
            return False
        left, right, bottom, top = xs[0], xs[1], ys[0], ys[1]
    if max(abs(left), abs(right)) > 180 or max(abs(bottom), abs(top)) > 90:
        return False
    if area is None:
        return True
    x, y = (left + right) / 2, (bottom + top) / 2
    wide = area.east - area.west if area.east >= area.west else area.east + 360 - area.west
    slack = max(1.0, 0.05 * wide)
    east = area.east if area.east >= area.west else area.east + 360
    x_in = any(area.west - slack <= v <= east + slack for v in (x, x + 360))
    return bool(x_in and area.south - slack <= y <= area.north + slack)


def _local_metric(frame: gpd.GeoDataFrame) -> str:
    """Return a metric system for areas in degrees: the country's own in Sweden, else the zone of UTM."""
    degrees = frame.to_crs(4326)
    left, bottom, right, top = degrees.total_bounds
    if _in_sweden((left + right) / 2, (bottom + top) / 2):
        return "EPSG:3006"
    return _crs_name(degrees.estimate_utm_crs())


def _in_sweden(x: float, y: float) -> bool:
    """Tell whether a point lies inside a rough outline of Sweden that keeps the neighbors' cities out."""
    from shapely.geometry import Point, Polygon

    outline = [
        (10.9, 59.0), (11.0, 58.6), (12.0, 57.0), (12.6, 56.2), (12.72, 55.85), (12.75, 55.3), (14.3, 55.25), (16.6, 56.0),
        (19.5, 56.7), (19.6, 58.1), (19.4, 59.9), (18.8, 60.7), (17.8, 61.5), (18.5, 62.5), (20.9, 63.6), (21.6, 64.5),
        (24.2, 65.6), (23.7, 66.6), (23.4, 67.9), (20.6, 69.1), (18.1, 68.5), (16.0, 66.9), (14.5, 65.4), (13.9, 64.0),
        (12.1, 63.4), (12.2, 61.6), (12.6, 60.8), (11.8, 59.9), (11.6, 59.2),
    ]  # fmt: skip
    return bool(Polygon(outline).contains(Point(x, y)))


def _shapes(found: Boundaries, log: Log) -> None:
    """Name doubled and overlapping polygons, and gaps along borders."""
    import shapely

    shapes = shapely.make_valid(found.frame.geometry.to_numpy())
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    if not len(one):
        return
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    sizes = shapely.area(shapes)
    smaller = np.minimum(sizes[one], sizes[other])
    share = np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0)
    for key, which in (("doubled", share > 0.99), ("overlap", (share > MOST_OVERLAP) & (share <= 0.99))):
        pairs = [f"{found.ids[a]} / {found.ids[b]}" for a, b in zip(one[which], other[which], strict=True)]
        if pairs:
            log.add(
                key,
                key,
                level=MUST,
                setting="areas.file",
                file=found.file,
                list=pairs[:3],
                n=len(pairs),
                guess="?",
            )


def _gap(found: Boundaries, told: Description, log: Log) -> float | None:
    """Return the gap up to which borders count as touching: told, else found where most areas touch nothing."""
    import shapely

    shapes = found.frame.geometry.to_crs(found.working).to_numpy()
    bounds = shapely.bounds(shapes)
    most = float(np.median(np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]))) / 10
    stated = told.areas.get("snap")
    if stated is not None:
        if stated > most:
            raise Problem("snap_wide", where=told.areas.place("snap") or "areas.snap", value=stated, most=round(most, 1))
        return float(stated)
    alone = _alone(shapes, 0.0)
    if len(shapes) < 3 or alone * 5 < len(shapes):
        return None
    for metres in (0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0):
        if metres <= most and _alone(shapes, metres) * 10 < len(shapes):
            log.add("gap", "snap", file=found.file, metres=metres, setting="areas.snap", guess=metres)
            return metres
    return None


def _alone(shapes: Any, metres: float) -> int:
    """Count the areas that touch no other within a distance."""
    import shapely

    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=metres)
    return len(shapes) - len(np.unique(one[one != other]))
