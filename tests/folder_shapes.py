"""What is done to boundaries, and to files as bytes."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import shapely
from folder_factory import ANY, REFUSED, SAME, SAME_OR_REFUSED, Draft, add, fault
from shapely import affinity
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

#: A local system without any way to another, as a drawing program makes.
ENGINEERING = 'LOCAL_CS["site",UNIT["metre",1]]'


# The form of the file of areas.
for _name in ("areas.gpkg", "areas.shp", "areas.json", "AREAS.geojson"):
    add("file", SAME, _name, lambda d, _, n=_name: setattr(d, "areas_name", n))


@fault("system", SAME)
def degrees(draft: Draft, _: random.Random) -> None:
    draft.areas = draft.areas.to_crs(4326)


@fault("system", SAME)
def another_projection(draft: Draft, rng: random.Random) -> None:
    # A file of its own kind: GeoJSON knows degrees best.
    draft.areas_name = "areas.gpkg"
    draft.areas = draft.areas.to_crs(rng.choice([3857, 25833, 3009, 3021]))


@fault("system", REFUSED)
def no_system(draft: Draft, rng: random.Random) -> None:
    draft.areas_name = rng.choice(["areas.gpkg", "areas.shp"])
    draft.areas = draft.areas.set_crs(None, allow_override=True)


@fault("system", REFUSED)
def a_local_system(draft: Draft, rng: random.Random) -> None:
    draft.areas_name = rng.choice(["areas.gpkg", "areas.shp"])
    draft.areas = draft.areas.set_crs(ENGINEERING, allow_override=True)


@fault("system", REFUSED)
def metres_said_to_be_degrees(draft: Draft, rng: random.Random) -> None:
    draft.areas_name = rng.choice(["areas.gpkg", "areas.geojson"])
    draft.areas = draft.areas.set_crs(4326, allow_override=True)


@fault("system", ANY)
def another_system_than_said(draft: Draft, rng: random.Random) -> None:
    draft.areas_name = "areas.gpkg"
    draft.areas = draft.areas.set_crs(rng.choice([3857, 32601, 2154, 27700, 4978, 5514]), allow_override=True)


@fault("system", ANY)
def degrees_said_to_be_metres(draft: Draft, _: random.Random) -> None:
    draft.areas_name = "areas.gpkg"
    draft.areas = draft.areas.to_crs(4326).set_crs(3006, allow_override=True)


@fault("system", ANY)
def axes_swapped(draft: Draft, rng: random.Random) -> None:
    draft.areas = draft.areas.to_crs(rng.choice([4326, 3006]))
    draft.areas.geometry = draft.areas.geometry.map(lambda g: shapely.transform(g, lambda x: x[:, ::-1]))


def _one(form: Callable[[Polygon], object]) -> Callable[[Draft, random.Random], None]:
    """Change the boundary of one area."""

    def change(draft: Draft, rng: random.Random) -> None:
        at = rng.randrange(len(draft.areas))
        shapes = list(draft.areas.geometry)
        shapes[at] = form(shapes[at])
        draft.areas = draft.areas.set_geometry(shapes, crs=draft.areas.crs)

    return change


def _every(form: Callable[[Polygon], object]) -> Callable[[Draft, random.Random], None]:
    def change(draft: Draft, _: random.Random) -> None:
        draft.areas = draft.areas.set_geometry([form(g) for g in draft.areas.geometry], crs=draft.areas.crs)

    return change


def _bow(shape: Polygon) -> Polygon:
    a, b, c, d = list(shape.exterior.coords)[:4]
    return Polygon([a, c, b, d])


def _spoiled(value: float) -> Callable[[Polygon], Polygon]:
    def spoil(shape: Polygon) -> Polygon:
        coordinates = np.array(shape.exterior.coords)
        coordinates[1, 0] = value
        with np.errstate(invalid="ignore"):
            return shapely.polygons(coordinates)

    return spoil


def _collection(shape: Polygon) -> GeometryCollection:
    return GeometryCollection([shape, Point(shape.centroid)])


_BAD_SHAPES: dict[str, Callable[[Polygon], object]] = {
    "null": lambda _: None,
    "empty": lambda _: Polygon(),
    "a point": lambda g: Point(g.centroid),
    "a line": lambda g: LineString(g.exterior.coords),
    "a collection": _collection,
    "self-crossing": _bow,
    "without size": lambda g: Polygon([g.exterior.coords[0]] * 4),
    "a line as polygon": lambda g: Polygon(
        [*g.exterior.coords[:2], g.exterior.coords[0], g.exterior.coords[0]]
    ),
    "not a number": _spoiled(float("nan")),
    "infinite": _spoiled(float("inf")),
}
for _name, _form in _BAD_SHAPES.items():
    for _kind in ("geojson", "gpkg"):

        def _change(
            draft: Draft, rng: random.Random, form: Callable[[Polygon], object] = _form, kind: str = _kind
        ) -> None:
            draft.areas_name = f"areas.{kind}"
            _one(form)(draft, rng)

        add("shapes", REFUSED, f"boundary {_name}, {_kind}", _change)
add("shapes", ANY, "boundary huge", _one(_spoiled(1e300)))
add("shapes", ANY, "boundary far away", _one(lambda g: affinity.translate(g, 1e7, 1e7)))
add("shapes", ANY, "boundary of 1e300", _every(lambda g: affinity.scale(g, 1e300, 1e300)))
add("shapes", ANY, "boundary tiny", _one(lambda g: affinity.scale(g, 1e-9, 1e-9)))
add(
    "shapes",
    ANY,
    "all boundaries tiny",
    _every(lambda g: affinity.scale(g, 1e-6, 1e-6, origin=(580_000, 6_280_000))),
)
add("shapes", ANY, "boundaries apart", _every(lambda g: affinity.scale(g, 0.5, 0.5)))
add("shapes", ANY, "boundaries overlap", _every(lambda g: affinity.scale(g, 1.5, 1.5)))
add(
    "shapes",
    ANY,
    "the same boundary for all",
    lambda d, _: d.areas.set_geometry(
        [d.areas.geometry.iloc[0]] * len(d.areas), inplace=True, crs=d.areas.crs
    ),
)
add("shapes", ANY, "a hole", _one(lambda g: g.difference(g.centroid.buffer(50))))
add("shapes", ANY, "many points", _one(lambda g: g.segmentize(0.02)))
add("shapes", SAME, "heights", _every(lambda g: shapely.force_3d(g, 12.5)))
add("shapes", SAME, "multipolygons of one", _every(lambda g: MultiPolygon([g])))
add("shapes", SAME, "turned around", _every(lambda g: g.reverse()))
add(
    "shapes",
    SAME,
    "points repeated",
    _every(lambda g: Polygon([p for p in g.exterior.coords for _ in range(2)])),
)
add("shapes", ANY, "no areas", lambda d, _: setattr(d, "areas", d.areas.iloc[:0]))


@fault("layers", SAME)
def another_layer(draft: Draft, _: random.Random) -> None:
    draft.areas_name = "areas.gpkg"
    draft.after.append(lambda folder: _append(folder / draft.areas_name, draft))


def _append(path: Path, draft: Draft) -> None:
    if path.suffix == ".gpkg":
        draft.areas.head(3).to_file(path, layer="more", driver="GPKG")


@fault("layers", ANY)
def columns_of_every_kind(draft: Draft, _: random.Random) -> None:
    n = len(draft.areas)
    draft.areas = draft.areas.assign(
        profile=range(n), period=2020, population=5.0, flags="x", index=1, geometry_name="g", regso_id="a"
    )


# Files as bytes.
def _after(part: str, answer: str, name: str, change: Callable[[Path], object], *, table: bool) -> None:
    """Change the bytes of a file when it has been written."""

    def done(draft: Draft, _: random.Random) -> None:
        draft.after.append(lambda folder: change(folder / (draft.table_name if table else draft.areas_name)))

    add(part, answer, name, done)


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _moved(name: str) -> Callable[[Path], object]:
    return lambda path: path.rename(path.parent / name)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _zipped(path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("a.txt", "a")
    path.write_bytes(packed.getvalue())


_NOISE = bytes(range(256)) * 20
_FILE_FAULTS: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "empty": _bytes(b""),
    "blank": _bytes(b" \n\n"),
    "a mark alone": _bytes(b"\xef\xbb\xbf"),
    "a wide mark alone": _bytes(b"\xff\xfe"),
    "noise": _bytes(_NOISE),
    "zeros": _bytes(bytes(5000)),
    "a folder": _folder,
    "a link to nothing": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "a link to itself": lambda path: (path.unlink(), path.symlink_to(path.name)),
    "a zip": _zipped,
    "JSON": _bytes(b'{"a": 1}'),
    "HTML": _bytes(b"<!DOCTYPE html><html><body>404</body></html>"),
    "one letter": _bytes(b"a"),
    "quotation marks": _bytes(b'"' * 3001),
}
for _name, _do in _FILE_FAULTS.items():
    _after("table file", REFUSED, f"figures: {_name}", _do, table=True)
    _after("areas file", REFUSED, f"areas: {_name}", _do, table=False)


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def _spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for at in range(97, len(content), 211):
        content[at] = (content[at] * 7 + 13) % 256
    path.write_bytes(bytes(content))


_after("table file", ANY, "figures: cut off", _cut, table=True)
_after("areas file", ANY, "areas: cut off", _cut, table=False)
_after("table file", ANY, "figures: spoiled", _spoil, table=True)
_after("areas file", ANY, "areas: spoiled", _spoil, table=False)
for _name in ("indicators.xlsx", "indicators.xls", "indicators.ods", "indicators.doc"):

    def _rename(draft: Draft, _: random.Random, name: str = _name) -> None:
        draft.table_name = "indicators.csv"
        draft.after.append(lambda folder: (folder / draft.table_name).rename(folder / name))

    add("form", REFUSED, f"a CSV file named {_name}", _rename)


@fault("form", REFUSED)
def a_workbook_named_csv(draft: Draft, _: random.Random) -> None:
    draft.table_name = "indicators.xlsx"
    draft.after.append(lambda folder: (folder / draft.table_name).rename(folder / "indicators.csv"))


@fault("table file", REFUSED)
def two_files_of_figures(draft: Draft, _: random.Random) -> None:
    draft.after.append(lambda folder: (folder / "Indicators.xlsx").write_bytes(b"PK"))
    draft.after.append(lambda folder: (folder / "indicators.CSV").write_bytes(b"a,b\n1,2\n"))


@fault("areas file", REFUSED)
def two_files_of_areas(draft: Draft, _: random.Random) -> None:
    draft.after.append(lambda folder: (folder / "Areas.json").write_text("{}"))
    draft.after.append(lambda folder: (folder / "Areas.shp").write_bytes(b""))


@fault("table file", REFUSED)
def a_quotation_mark_that_is_not_closed(draft: Draft, rng: random.Random) -> None:
    _lines(draft, rng, lambda line: '"' + line)


@fault("table file", REFUSED)
def a_quotation_mark_within(draft: Draft, rng: random.Random) -> None:
    _lines(draft, rng, lambda line: line[:9] + draft.separator + '"' + line[10:])


@fault("table file", REFUSED)
def a_cell_too_many(draft: Draft, rng: random.Random) -> None:
    _lines(draft, rng, lambda line: line + draft.separator + "5")


def _lines(draft: Draft, rng: random.Random, change: Callable[[str], str]) -> None:
    """Change one line of the file of figures, which is then a plain one."""
    draft.table_name, draft.encoding, draft.line_end, draft.quoting, draft.layout = (
        "indicators.csv",
        "utf-8",
        "\n",
        0,
        None,
    )
    at = rng.random()

    def done(folder: Path) -> None:
        path = folder / draft.table_name
        if not path.is_file():
            return
        lines = path.read_text(encoding="utf-8").split("\n")
        k = 1 + int(at * (len(lines) - 3))
        lines[k] = change(lines[k])
        path.write_text("\n".join(lines), encoding="utf-8")

    draft.after.append(done)


def _sheet(part: str, found: str, put: str) -> Callable[[Path], None]:
    """Put a text before another in the first sheet of a workbook."""

    def change(path: Path) -> None:
        if not zipfile.is_zipfile(path):
            return
        with zipfile.ZipFile(path) as archive:
            kept = {name: archive.read(name) for name in archive.namelist()}
        content = kept.get(part, b"").decode()
        kept[part] = content.replace(found, put + found, 1).encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, told in kept.items():
                archive.writestr(name, told)

    return change


_FAR = '<row r="1048576"><c r="A1048576" t="n"><v>1</v></c><c r="XFD1048576" t="n"><v>1</v></c></row>'
for _name, _answer, _args in (
    ("far cells", REFUSED, ("</sheetData>", _FAR)),
    (
        "merged whole",
        REFUSED,
        ("</worksheet>", '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    ),
    (
        "links whole",
        REFUSED,
        ("</worksheet>", '<hyperlinks><hyperlink ref="A1:XFD1048576" location="a"/></hyperlinks>'),
    ),
    ("a wrong dimension", SAME_OR_REFUSED, ("<sheetData>", '<dimension ref="A1:XFD1048576"/>')),
    ("no cells", REFUSED, ("<sheetData>", "<sheetData/><oldData>")),
):

    def _workbook(draft: Draft, _: random.Random, args: tuple[str, str] = _args) -> None:
        draft.table_name = "indicators.xlsx"
        draft.after.append(
            lambda folder: _sheet("xl/worksheets/sheet1.xml", *args)(folder / "indicators.xlsx")
        )

    add("form", _answer, f"a workbook with {_name}", _workbook)


@fault("areas file", REFUSED)
def numbers_beyond_floats(draft: Draft, _: random.Random) -> None:
    draft.areas_name = "areas.geojson"
    draft.after.append(lambda folder: _replace(folder / draft.areas_name, b"[ [ [ ", b"[ [ [ 1e999, 1 ], [ "))


@fault("areas file", ANY)
def deeply_nested(draft: Draft, _: random.Random) -> None:
    draft.areas_name = "areas.geojson"
    draft.after.append(lambda folder: _replace(folder / draft.areas_name, b"[ [ [ ", b"[" * 5000))


@fault("areas file", ANY)
def a_geojson_of_one_feature(draft: Draft, _: random.Random) -> None:
    draft.areas_name = "areas.geojson"

    def done(folder: Path) -> None:
        path = folder / draft.areas_name
        if path.is_file():
            path.write_text(json.dumps(json.loads(path.read_bytes())["features"][0]), encoding="utf-8")

    draft.after.append(done)


def _replace(path: Path, old: bytes, new: bytes) -> None:
    if path.is_file():
        path.write_bytes(path.read_bytes().replace(old, new, 1))


add(
    "form",
    SAME_OR_REFUSED,
    "a shapefile without its index",
    lambda d, _: (
        setattr(d, "areas_name", "areas.shp"),
        d.after.append(lambda f: (f / "areas.shx").unlink(missing_ok=True)),
    ),
)
add(
    "form",
    REFUSED,
    "a shapefile without its columns",
    lambda d, _: (
        setattr(d, "areas_name", "areas.shp"),
        d.after.append(lambda f: (f / "areas.dbf").unlink(missing_ok=True)),
    ),
)
