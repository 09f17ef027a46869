"""Files for others: read back equal, safe to open, whole or not at all."""

import datetime as dt
import json
import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from survey_factory import survey

from segkit import _qgis, export, palettes
from segkit.errors import FileError, InputError, UnknownNameError

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")']


def _read(path):
    with path.open("rb") as file:
        return openpyxl.load_workbook(file)


def _left(folder):
    return sorted(p.name for p in folder.iterdir())


def test_workbook_read_back_equals_the_tables(tmp_path):
    tables = survey().tables
    path = export.to_excel(tables, tmp_path / "a.xlsx")
    book = _read(path)
    assert book.sheetnames == ["Läs mig", *tables]
    for name, table in tables.items():
        head, *rows = book[name].iter_rows(values_only=True)
        assert list(head) == list(table.columns)
        assert len(rows) == len(table)
        for place, column in enumerate(table.columns):
            for got, wanted in zip([row[place] for row in rows], table[column], strict=True):
                if pd.isna(wanted) or wanted == "":
                    assert got in (None, "")
                elif isinstance(wanted, str):
                    assert got == wanted
                else:
                    assert got == pytest.approx(float(wanted), rel=1e-14)


def test_workbook_is_ready_to_read(tmp_path):
    book = _read(export.to_excel(survey().tables, tmp_path / "a.xlsx"))
    sheet = book["areas"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions
    columns = {cell.value: cell.column_letter for cell in sheet[1]}
    assert sheet[f"{columns['turnout']}2"].number_format == "#,##0.0"
    assert sheet[f"{columns['profile']}2"].number_format == "0"
    assert 8 < sheet.column_dimensions[columns["name"]].width < 61


def test_readme_explains_every_sheet_and_column(tmp_path):
    tables = survey().tables
    lines = ["Kalmar", "Källa: SCB"]
    sheet = _read(export.to_excel(tables, tmp_path / "a.xlsx", readme=lines))["Läs mig"]
    rows = [tuple(str(c or "") for c in row) for row in sheet.iter_rows(values_only=True)]
    assert [rows[0][0], rows[1][0]] == lines
    explained = {row[:2]: row for row in rows}
    for name, table in tables.items():
        assert (name, f"{len(table)} rader") in explained
        for column in table.columns:
            assert (name, column) in explained
    turnout = explained["areas", "turnout"]
    assert turnout[3:] == ("procent", "Valmyndigheten", "2026")
    assert explained["areas", "employment_rate"][4:] == ("SCB TAB6680", "2024")


def test_workbook_cannot_run_formulas(tmp_path):
    table = pd.DataFrame({"name": DANGEROUS, "=head": range(len(DANGEROUS))})
    book = _read(export.to_excel({"=sheet": table}, tmp_path / "a.xlsx", readme="=cmd"))
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type in ("s", "n") for cell in row)
            assert all(cell.hyperlink is None for cell in row)
    cells = [cell for (cell,) in book["=sheet"].iter_rows(min_row=2, max_col=1)]
    # A carriage return becomes a line feed in XML.
    assert [c.value.replace("\n", "\r").replace("_x000D_", "\r") for c in cells] == DANGEROUS
    assert all(cell.quotePrefix for cell in cells)


def test_workbook_takes_odd_names_types_and_values(tmp_path):
    table = pd.DataFrame(
        {
            "flag": [True, False],
            "number": [np.inf, 1.5],
            "integer": pd.array([1, None], dtype="Int64"),
            "when": [dt.date(2024, 1, 2), None],
            "kind": pd.Categorical(["a", "b"]),
        }
    ).rename_axis("row")
    book = _read(
        export.to_excel({"a/b:c" + "x" * 40: table.set_index("kind", append=True)}, tmp_path / "a.xlsx")
    )
    assert book.sheetnames[1] == "a_b_c" + "x" * 26
    rows = list(book.worksheets[1].iter_rows(values_only=True))
    assert rows[0][:2] == ("row", "kind")
    assert rows[1] == (0, "a", True, "inf", 1, "2024-01-02")
    assert rows[2] == (1, "b", False, 1.5, None, None)


@pytest.mark.parametrize(
    ("tables", "rule"),
    [
        ({}, "no table"),
        ({"a": pd.DataFrame()}, r"tables\['a'\]: has no rows"),
        ({"a": [1]}, "must be a table"),
        ({"a": pd.DataFrame([[1, 2]], columns=["x", "x"])}, "same name"),
        ({"AB": pd.DataFrame({"x": [1]}), "ab": pd.DataFrame({"x": [1]})}, "tell apart"),
        ({"a": pd.DataFrame({"x": ["y" * 40_000]})}, "40000 characters"),
        ({"a": survey().areas}, "boundaries"),
    ],
)
def test_workbook_names_what_is_wrong_and_leaves_nothing(tmp_path, tables, rule):
    with pytest.raises(InputError, match=rule):
        export.to_excel(tables, tmp_path / "a.xlsx")
    assert _left(tmp_path) == []


def test_same_tables_same_bytes(tmp_path):
    for kind in ("a", "b"):
        export.to_excel(survey().tables, tmp_path / f"{kind}.xlsx")
        export.to_csv(survey().trends, tmp_path / f"{kind}.csv")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_csv_read_back_is_exact(tmp_path):
    table = survey().trends
    path = export.to_csv(table, tmp_path / "a.csv")
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(path, keep_default_na=False, dtype=str)
    assert back["value"].map(float).tolist() == table["value"].tolist()
    assert back["measure"].tolist() == table["measure"].tolist()
    assert list(back.columns) == list(table.columns)


def test_swedish_csv(tmp_path):
    table = survey().tables["areas"]
    path = export.to_csv(table, tmp_path / "a.csv", swedish=True)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig", dtype={"area_id": str})
    np.testing.assert_array_equal(back["turnout"], table["turnout"])
    assert back["area_id"].tolist() == table["area_id"].tolist()


def test_csv_neutralizes_formulas_but_not_numbers(tmp_path):
    table = pd.DataFrame({"-text": DANGEROUS[:4], "number": [-1.5, -2.0, 0.0, 1.0]})
    back = pd.read_csv(export.to_csv(table, tmp_path / "a.csv"))
    assert list(back.columns) == ["'-text", "number"]
    assert back["'-text"].tolist() == [f"'{text}" for text in DANGEROUS[:4]]
    assert back["number"].tolist() == table["number"].tolist()


def test_inputs_are_not_changed(tmp_path):
    full = survey()
    before = full.areas.copy(deep=True)
    export.to_geopackage(full.areas, tmp_path / "a.gpkg")
    export.to_geojson(full.areas, tmp_path / "a.geojson")
    export.to_csv(full.tables["areas"], tmp_path / "a.csv")
    pd.testing.assert_frame_equal(full.areas, before)


def test_geopackage_read_back_equals(tmp_path):
    areas = survey().areas
    path = export.to_geopackage(areas.to_crs(4326), tmp_path / "a.gpkg", layer="Kalmar")
    back = gpd.read_file(path)
    assert back.crs.to_epsg() == 3006
    columns = areas.columns.drop("geometry")
    for column in columns:
        pd.testing.assert_series_equal(back[column], areas[column], check_dtype=False)
    # Corners within a millimeter after the way over WGS84.
    assert shapely.hausdorff_distance(back.geometry.array, areas.geometry.array).max() < 1e-3
    assert back.geometry.area.sum() == pytest.approx(areas.geometry.area.sum(), rel=1e-9)


def test_geopackage_carries_the_colors_of_the_profiles(tmp_path):
    path = export.to_geopackage(survey().areas, tmp_path / "a.gpkg", color_column="profile")
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML, update_time FROM layer_styles"
        ).fetchall()
        geometry = connection.execute("SELECT column_name FROM gpkg_geometry_columns").fetchone()[0]
    [(layer, column, default, qml, time)] = row
    assert (layer, column, default) == ("areas", geometry, 1)
    assert time.endswith("00.000Z")
    root = ET.fromstring(qml)
    assert root.find("renderer-v2").get("attr") == "profile"
    values = [c.get("value") for c in root.iter("category")]
    assert values == ["1", "2", "3", ""]
    symbols = {
        s.get("name"): s.find("layer/Option/Option[@name='color']").get("value") for s in root.iter("symbol")
    }
    shown = [symbols[c.get("symbol")] for c in root.iter("category")]
    wanted = [*palettes.sequential(3), palettes.MISSING]
    assert shown == [",".join(str(int(c[i : i + 2], 16)) for i in (1, 3, 5)) + ",255" for c in wanted]
    assert gpd.read_file(path, layer="areas")["profile"].tolist() == survey().areas["profile"].tolist()


def test_style_escapes_names():
    root = ET.fromstring(_qgis.style('a"<&', {'<"&>': "#000000"}))
    assert root.find("renderer-v2").get("attr") == 'a"<&'
    assert next(root.iter("category")).get("value") == '<"&>'


def test_own_palette_must_cover_the_classes(tmp_path):
    areas = survey().areas
    with pytest.raises(InputError, match=r"no color for the class \(2, 3\)"):
        export.to_geopackage(areas, tmp_path / "a.gpkg", color_column="profile", palette={1: "#000000"})
    with pytest.raises(InputError, match="such as #23235f"):
        export.to_geopackage(
            areas, tmp_path / "a.gpkg", color_column="profile", palette=dict.fromkeys((1, 2, 3), "red")
        )
    with pytest.raises(InputError, match="classes 1, 2, 3"):
        export.to_geopackage(areas, tmp_path / "a.gpkg", color_column="turnout")
    with pytest.raises(UnknownNameError, match="typ"):
        export.to_geopackage(areas, tmp_path / "a.gpkg", color_column="typ")
    with pytest.raises(InputError, match="color_column"):
        export.to_geopackage(areas, tmp_path / "a.gpkg", palette={1: "#000000"})
    assert _left(tmp_path) == []


def test_geojson_follows_its_standard(tmp_path):
    areas = survey().areas
    path = export.to_geojson(areas, tmp_path / "a.geojson")
    data = json.loads(path.read_text(encoding="utf-8"))
    assert "crs" not in data
    assert [f["properties"]["area_id"] for f in data["features"]] == areas["area_id"].tolist()
    missing = areas["median_income"].isna().idxmax()
    assert data["features"][missing]["properties"]["median_income"] is None
    shapes = [shapely.geometry.shape(f["geometry"]) for f in data["features"]]
    west, south, east, north = shapely.total_bounds(shapes)
    assert 15 < west < east < 17.5
    assert 56 < south < north < 57.5
    rings = [polygon.exterior for shape in shapes for polygon in shape.geoms]
    assert all(ring.is_ccw for ring in rings)
    back = gpd.GeoSeries(shapes, crs=4326).to_crs(3006)
    assert shapely.hausdorff_distance(back.array, areas.geometry.array).max() < 0.2


@pytest.mark.parametrize("write", [export.to_geopackage, export.to_geojson])
def test_areas_must_be_there_with_boundaries_and_crs(tmp_path, write):
    areas = survey().areas
    name = tmp_path / ("a.gpkg" if write is export.to_geopackage else "a.geojson")
    with pytest.raises(InputError, match="no rows"):
        write(areas.iloc[:0], name)
    with pytest.raises(InputError, match="geometry: is missing"):
        write(pd.DataFrame(areas.drop(columns="geometry")), name)
    with pytest.raises(InputError, match="CRS"):
        write(areas.set_crs(None, allow_override=True), name)
    with pytest.raises(InputError, match="End the name"):
        write(areas, tmp_path / "a.shp")
    assert _left(tmp_path) == []


WRITERS = {
    "a.xlsx": lambda p: export.to_excel({"a": pd.DataFrame({"x": [1]})}, p),
    "a.csv": lambda p: export.to_csv(pd.DataFrame({"x": [1]}), p),
    "a.gpkg": lambda p: export.to_geopackage(survey().areas, p, color_column="profile"),
    "a.geojson": lambda p: export.to_geojson(survey().areas, p),
}


@pytest.mark.parametrize("name", WRITERS)
def test_files_are_written_whole_or_not_at_all(tmp_path, name):
    with pytest.raises(FileError, match="does not exist"):
        WRITERS[name](tmp_path / "none" / name)
    (tmp_path / name).write_text("before")
    assert WRITERS[name](tmp_path / name) == tmp_path / name
    assert (tmp_path / name).read_bytes() != b"before"
    assert _left(tmp_path) == [name]


@pytest.mark.parametrize("name", WRITERS)
def test_a_read_only_folder_is_named(tmp_path, monkeypatch, name):
    def refuse(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(FileError, match="can't write in .*Permission denied"):
        WRITERS[name](tmp_path / name)
    assert _left(tmp_path) == []


def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.gpkg"
    export.to_geopackage(survey().areas, path)
    before = path.read_bytes()

    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_qgis, "write_style", fail)
    with pytest.raises(FileError, match="No space left"):
        export.to_geopackage(survey().areas, path, color_column="profile")
    assert path.read_bytes() == before
    assert _left(tmp_path) == ["a.gpkg"]
