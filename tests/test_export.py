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

from segkit import export, maps, palettes
from segkit.drawing.classes import classify
from segkit.errors import FileError, InputError, UnknownNameError
from segkit.output.export import _qgis
from segkit.panels.disclosure import MinimumCount, Plan, ShareRule

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
    root = ET.fromstring(_qgis.categorized('a"<&', {'<"&>': "#000000"}, {'<"&>': "<b>"}, "-", 'na"me<'))
    assert next(root.iter("text-style")).get("fieldName") == '"na""me<"'
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
    rings = [polygon.exterior for polygon in shapely.get_parts(shapes)]
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
    "a.parquet": lambda p: export.to_geoparquet(survey().areas, p),
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

    monkeypatch.setattr(_qgis, "finish", fail)
    with pytest.raises(FileError, match="No space left"):
        export.to_geopackage(survey().areas, path, color_column="profile")
    assert path.read_bytes() == before
    assert _left(tmp_path) == ["a.gpkg"]


# --- styles for QGIS ---


def _styles(path):
    """Name -> (default, root of the style)."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT styleName, useAsDefault, styleQML FROM layer_styles").fetchall()
    return {name: (default, ET.fromstring(qml)) for name, default, qml in rows}


def _fills(root):
    """Colors of the symbols by name, as hexadecimal."""
    return {
        s.get("name"): "#{:02x}{:02x}{:02x}".format(
            *map(int, s.find("layer/Option/Option[@name='color']").get("value").split(",")[:3])
        )
        for s in root.iter("symbol")
    }


def _first_range(root, value):
    """The color QGIS gives: the first range with the value between its ends, ends included."""
    fills = _fills(root)
    for part in root.iter("range"):
        if float(part.get("lower")) <= value <= float(part.get("upper")):
            return fills[part.get("symbol")]
    return None


@pytest.mark.parametrize(
    ("scheme", "options"),
    [
        ("quantiles", {}),
        ("equal", {"k": 4}),
        ("natural_breaks", {}),
        ("std", {}),
        ("manual", {"bins": [300, 320]}),
    ],
)
def test_styles_of_values_color_every_area_as_the_map_does(tmp_path, scheme, options):
    areas = survey().areas
    columns = ["median_income", "turnout"] if scheme != "manual" else ["median_income"]
    path = export.to_geopackage(
        areas, tmp_path / "a.gpkg", color_column="profile", value_columns=columns, scheme=scheme, **options
    )
    styles = _styles(path)
    assert {name: default for name, (default, _) in styles.items()} == {
        "profile": 1,
        **dict.fromkeys(columns, 0),
    }
    for column in columns:
        root = styles[column][1]
        values = areas[column].to_numpy()
        classes = classify(values, scheme, options.get("k", 5), options.get("bins"))
        colors = [*palettes.sequential(classes.n)[::-1], palettes.MISSING]
        missing = -1e15
        shown = [_first_range(root, missing if np.isnan(v) else v) for v in values]
        assert shown == [colors[code] for code in classes.codes]
        drawn = maps.choropleth(areas, column, scheme=scheme, ax=maps.new_axes(), **options)
        legend = [text.get_text() for text in drawn.get_legend().get_texts()]
        # Class by class the legend of the map, which goes from low to high.
        texts = [r.get("label") for r in root.iter("range") if float(r.get("upper")) != missing][::-1]
        assert len(texts) == classes.n
        for text, line in zip(classes.texts("sv"), legend, strict=False):
            assert text in line
        assert all(label.startswith(text) for label, text in zip(texts, classes.texts("sv"), strict=True))
        field = root.find("renderer-v2").get("attr")
        assert field == (
            f'coalesce("{column}", -1000000000000000)' if np.isnan(values).any() else f'"{column}"'
        )


def test_a_value_on_a_bound_belongs_to_the_class_above(tmp_path):
    areas = survey().areas.iloc[:4].assign(x=[1.0, 2.0, 3.0, 4.0])
    path = export.to_geopackage(areas, tmp_path / "a.gpkg", value_columns="x", scheme="manual", bins=[2, 4])
    default, root = _styles(path)["x"]
    assert default == 1
    light, middle, dark = palettes.sequential(3)[::-1]
    assert [_first_range(root, x) for x in areas["x"]] == [light, middle, middle, dark]


@pytest.mark.parametrize(("language", "weakest"), [("sv", "svagast"), ("en", "weakest")])
def test_styles_label_areas_and_say_what_classes_are(tmp_path, language, weakest):
    path = export.to_geopackage(
        survey().areas, tmp_path / "a.gpkg", color_column="profile", language=language
    )
    root = _styles(path)["profile"][1]
    assert root.get("labelsEnabled") == "1"
    assert root.find("labeling/settings/text-style").get("fieldName") == '"name"'
    first = next(root.iter("category")).get("label")
    assert weakest in first
    plain = export.to_geopackage(
        survey().areas.drop(columns="name"), tmp_path / "b.gpkg", color_column="profile", language=language
    )
    assert _styles(plain)["profile"][1].find("labeling") is None


def test_geopackage_has_the_same_contents_each_time(tmp_path):
    contents = []
    for kind in ("a", "b"):
        path = export.to_geopackage(
            survey().areas, tmp_path / f"{kind}.gpkg", color_column="profile", value_columns="turnout"
        )
        with closing(sqlite3.connect(path)) as connection:
            times = connection.execute("SELECT DISTINCT last_change FROM gpkg_contents").fetchall()
            assert times == [("2000-01-01T00:00:00.000Z",)]
            contents.append(
                [
                    r
                    for t in ("areas", "layer_styles", "gpkg_contents")
                    for r in connection.execute(f"SELECT * FROM {t} ORDER BY 1")
                ]
            )
    assert contents[0] == contents[1]
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


# --- other formats and odd input ---


def test_geoparquet_read_back_equals(tmp_path):
    areas = survey().areas
    back = gpd.read_parquet(export.to_geoparquet(areas, tmp_path / "a.geoparquet"))
    pd.testing.assert_frame_equal(pd.DataFrame(back), pd.DataFrame(areas))
    assert back.crs == areas.crs
    with pytest.raises(InputError, match="GeoParquet.*one type"):
        export.to_geoparquet(areas.assign(x=[1, "a"] + [None] * 41), tmp_path / "b.parquet")
    assert _left(tmp_path) == ["a.geoparquet"]


LAYERS = {
    "gpkg": export.to_geopackage,
    "geojson": export.to_geojson,
    "parquet": export.to_geoparquet,
}
ODD = [
    "a/b\\c",
    "ö" * 300,
    "🏘️👩\u200d👧",
    "\u202eשלום עليكم",
    "<script>alert(1)</script>",
    "'; DROP TABLE areas; --",
    "",
]


@pytest.mark.parametrize("ending", LAYERS)
def test_odd_names_pass_through_layers(tmp_path, ending):
    areas = survey().areas.iloc[: len(ODD)].assign(name=ODD, **{"a/b": 1.0, "=🏘️": 2.0})
    path = LAYERS[ending](areas, tmp_path / f"områden 🏘️.{ending}")
    back = gpd.read_parquet(path) if ending == "parquet" else gpd.read_file(path)
    assert back["name"].tolist() == ODD
    assert back["a/b"].tolist() == [1.0] * len(ODD)
    assert back["=🏘️"].tolist() == [2.0] * len(ODD)


def test_odd_names_pass_through_cells(tmp_path):
    table = pd.DataFrame({"name": ODD, "=1+1": range(len(ODD))})
    book = _read(export.to_excel({"🏘" * 40: table, "a/b": table, "x\ny": table}, tmp_path / "a.xlsx"))
    assert book.sheetnames == ["Läs mig", "🏘" * 15, "a_b", "x_y"]
    cells = [cell for (cell,) in book["a_b"].iter_rows(min_row=2, max_col=1)]
    assert [cell.value or "" for cell in cells] == ODD
    assert book["a_b"]["B1"].quotePrefix
    assert book["a_b"]["B1"].data_type == "s"
    back = pd.read_csv(export.to_csv(table, tmp_path / "a.csv"), keep_default_na=False)
    assert back["name"].tolist() == ["'" + t if t.startswith("=") else t for t in ODD]


@pytest.mark.parametrize("ending", LAYERS)
def test_layers_name_what_is_wrong(tmp_path, ending):
    areas = survey().areas
    write, path = LAYERS[ending], tmp_path / f"a.{ending}"
    with pytest.raises(InputError, match=r"lists in the column x.*0880A0010"):
        write(areas.assign(x=[[1, 2]] + [None] * 42), path)
    with pytest.raises(InputError, match=r"two columns of the same name .turnout"):
        write(pd.concat([areas, areas[["turnout"]]], axis=1), path)
    with pytest.raises(InputError, match="no rows"):
        write(areas.iloc[:0], path)
    with pytest.raises(InputError, match="CRS"):
        write(areas.set_crs(None, allow_override=True), path)
    assert _left(tmp_path) == []


def test_geopackage_refuses_what_it_cannot_hold(tmp_path):
    areas, path = survey().areas, tmp_path / "a.gpkg"
    with pytest.raises(InputError, match="makes itself .FID"):
        export.to_geopackage(areas.assign(FID=1), path)
    with pytest.raises(InputError, match="differ by case only .turnout, Turnout"):
        export.to_geopackage(areas.assign(Turnout=1), path)
    for layer in ("", "gpkg_x", "layer_styles"):
        with pytest.raises(InputError, match="layer: is"):
            export.to_geopackage(areas, path, layer=layer)
    with pytest.raises(InputError, match="missing in every area"):
        export.to_geopackage(areas.assign(x=np.nan), path, value_columns="x")
    with pytest.raises(UnknownNameError, match="lacks the column .y"):
        export.to_geopackage(areas, path, value_columns=["y"])
    assert _left(tmp_path) == []
    mixed = areas.iloc[:2].copy()
    mixed.geometry = [shapely.box(0, 0, 1, 1), shapely.MultiPolygon([shapely.box(2, 2, 3, 3)])]
    assert set(gpd.read_file(export.to_geopackage(mixed, path)).geom_type) == {"MultiPolygon"}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch, name):
    (tmp_path / name).write_text("before")

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    # Each writer ends by giving the finished file its name.
    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(FileError, match="No space left"):
        WRITERS[name](tmp_path / name)
    assert (tmp_path / name).read_text() == "before"
    assert _left(tmp_path) == [name]


def test_a_full_disk_in_the_middle_of_a_workbook_or_a_style(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zipfile.ZipFile.writestr", full)
    with pytest.raises(FileError, match="No space left"):
        WRITERS["a.xlsx"](tmp_path / "a.xlsx")

    def refuse(*_args, **_options):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("sqlite3.connect", refuse)
    with pytest.raises(FileError, match="disk is full"):
        WRITERS["a.gpkg"](tmp_path / "a.gpkg")
    assert _left(tmp_path) == []


# --- rules for small numbers ---

SHARES = Plan(ShareRule(), shares={"post_secondary_share": "population"}, region="regso_id")


def _with_a_small_share():
    areas = survey().areas
    areas.loc[0, "post_secondary_share"] = 0.1
    return areas


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.gpkg", "a.geojson", "a.parquet"])
def test_every_export_applies_the_rule_with_flags(tmp_path, name):
    areas = _with_a_small_share()
    table, path = pd.DataFrame(areas.drop(columns="geometry")), tmp_path / name
    wanted = SHARES.apply(table).table
    if name == "a.xlsx":
        export.to_excel({"areas": table}, path, disclosure=SHARES)
        back = pd.read_excel(path, sheet_name="areas", dtype={"area_id": str})
    elif name == "a.csv":
        back = pd.read_csv(export.to_csv(table, path, disclosure=SHARES))
    else:
        LAYERS[name.partition(".")[2]](areas, path, disclosure=SHARES)
        back = gpd.read_parquet(path) if name == "a.parquet" else gpd.read_file(path)
    assert back["post_secondary_share_flag"].tolist() == wanted["post_secondary_share_flag"].tolist()
    hidden = (back["post_secondary_share_flag"] == "suppressed").to_numpy()
    # The area itself and one more of its RegSO, whose mean would give it away.
    assert hidden[0]
    assert 2 <= hidden.sum() < 10
    np.testing.assert_allclose(back["post_secondary_share"], wanted["post_secondary_share"])
    assert back["post_secondary_share"].isna().to_numpy()[hidden].all()
    assert areas.loc[0, "post_secondary_share"] == 0.1


def test_workbook_says_which_rule_it_is_under(tmp_path):
    tables = {
        "areas": pd.DataFrame(_with_a_small_share().drop(columns="geometry")),
        "trends": survey().trends,
    }
    counts = {"n": pd.DataFrame({"n": [1, 5]}), "other": pd.DataFrame({"m": [1, 5]})}
    for language, words in (("sv", "fler än 20 personer"), ("en", "more than 20 persons")):
        path = export.to_excel(tables, tmp_path / "a.xlsx", language=language, disclosure={"areas": SHARES})
        lines = [str(row[0].value) for row in _read(path).worksheets[0].iter_rows(max_row=8)]
        assert any(line.startswith("areas: ") and words in line for line in lines)
    plan = Plan(MinimumCount(), counts="n")
    book = _read(export.to_excel(counts, tmp_path / "b.xlsx", disclosure=plan))
    assert [c.value for c in book["n"]["A"]] == ["n", None, 5]
    assert [c.value for c in book["n"]["B"]] == ["n_flag", "suppressed", "observed"]
    assert [c.value for c in book["other"]["A"]] == ["m", 1, 5]


@pytest.mark.parametrize(
    ("given", "error", "rule"),
    [
        (MinimumCount(), InputError, "must be a plan, is MinimumCount"),
        (Plan(MinimumCount(), counts="z"), InputError, "columns that no table has"),
        ({"b": Plan(MinimumCount(), counts="n")}, UnknownNameError, "tables that are not written .b"),
        (
            {"a": Plan(MinimumCount(), counts="z")},
            InputError,
            r"names no column of tables\['a'\].*It is for z",
        ),
        (Plan(MinimumCount(), counts=["n", "z"]), UnknownNameError, "lacks the column .z"),
    ],
)
def test_rules_must_fit_the_tables(tmp_path, given, error, rule):
    with pytest.raises(error, match=rule):
        export.to_excel({"a": pd.DataFrame({"n": [1, 5]})}, tmp_path / "a.xlsx", disclosure=given)
    assert _left(tmp_path) == []


def test_hidden_values_are_grey_in_qgis(tmp_path):
    plan = Plan(ShareRule(), shares={"post_secondary_share": "population"})
    areas = _with_a_small_share()
    path = export.to_geopackage(
        areas, tmp_path / "a.gpkg", value_columns="post_secondary_share", disclosure=plan
    )
    root = _styles(path)["post_secondary_share"][1]
    assert root.find("renderer-v2").get("attr").startswith("coalesce(")
    assert _first_range(root, -1e15) == palettes.MISSING
    # The true value is in no bound.
    assert min(float(r.get("lower")) for r in root.iter("range") if float(r.get("lower")) > -1e14) > 1
