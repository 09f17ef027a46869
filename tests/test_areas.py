"""Panels: loading, joining, checking, newest values, saving; and what is said of bad files."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box

from segkit import areas
from segkit.errors import DataWarning, FileError, InputError, UnknownNameError
from segkit.panels import cells


@pytest.fixture
def squares():
    shapes = [box(i * 1000, 0, (i + 1) * 1000, 1000) for i in range(3)]
    return gpd.GeoDataFrame(
        {"code": ["0101", "0102", "0103"], "namn": ["Å", "Ä", "Ö"]}, geometry=shapes, crs=3006
    )


def _load(frame, folder, **options):
    path = folder / "areas.gpkg"
    frame.to_file(path)
    return areas.load_areas(path, **({"area_id": "code", "name": "namn"} | options))


@pytest.fixture
def loaded(squares, tmp_path):
    return _load(squares, tmp_path)


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp"])
def test_areas_load_from_the_usual_formats(squares, tmp_path, ending):
    path = tmp_path / f"areas.{ending}"
    squares.to_file(path)
    result = areas.load_areas(path, area_id="code", name="namn")
    assert result["area_id"].tolist() == ["0101", "0102", "0103"]
    assert result["name"].tolist() == ["Å", "Ä", "Ö"]
    assert result.crs.to_epsg() == 3006
    assert result.area.tolist() == pytest.approx([1e6] * 3, rel=1e-3)


def test_other_coordinate_systems_are_projected(squares, tmp_path):
    result = _load(squares.to_crs(4326), tmp_path)
    assert result.crs.to_epsg() == 3006
    assert result.area.tolist() == pytest.approx([1e6] * 3, rel=1e-6)


def test_whole_number_codes_get_no_decimals(squares, tmp_path):
    assert _load(squares.assign(code=[1, 2, 3]), tmp_path)["area_id"].tolist() == ["1", "2", "3"]


def _csv(folder, text, encoding="utf-8"):
    path = folder / "indicators.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_swedish_csv_is_understood(loaded, tmp_path, encoding):
    rows = ["0101;2024;Å;78,5;1 234", "0102;2024;Ä;..;900", "0103;2024;Ö;80;1\u00a0000"]
    text = "\n".join(["kod;år;namn;employment_rate;population", *rows])
    with pytest.warns(DataWarning, match=r"hold text only and are left out \(namn\)"):
        panel = areas.join_indicators(loaded, _csv(tmp_path, text, encoding), area_id="kod", period="år")
    assert panel["employment_rate"].tolist()[0] == 78.5
    assert panel["employment_rate"].isna().tolist() == [False, True, False]
    assert panel["population"].tolist() == [1234, 900, 1000]
    assert panel["area_id"].tolist() == ["0101", "0102", "0103"]


def test_an_excel_file_keeps_codes_and_numbers(loaded, tmp_path):
    path = tmp_path / "indicators.xlsx"
    table = pd.DataFrame({"area_id": ["0101", "0102"], "period": [2023, 2024], "turnout": [78.5, 81.25]})
    table.to_excel(path, index=False)
    panel = areas.join_indicators(loaded, path)
    assert len(panel) == 6
    assert panel.set_index(["area_id", "period"])["turnout"].dropna().to_dict() == {
        ("0101", 2023): 78.5,
        ("0102", 2024): 81.25,
    }


def test_long_and_wide_tables_give_the_same_panel(loaded):
    wide = pd.DataFrame({"area_id": ["0101", "0102", "0103"], "period": 2024, "turnout": [70.0, 80.0, 90.0]})
    long = wide.rename(columns={"turnout": "value"}).assign(indicator="turnout")
    pd.testing.assert_frame_equal(areas.join_indicators(loaded, wide), areas.join_indicators(loaded, long))


def test_joining_changes_no_input(loaded):
    table = pd.DataFrame({"area_id": ["0101"], "period": ["2024"], "turnout": ["70"]})
    before_areas, before_table = loaded.copy(), table.copy()
    areas.join_indicators(loaded, table)
    pd.testing.assert_frame_equal(loaded, before_areas)
    pd.testing.assert_frame_equal(table, before_table)


def _table(**columns):
    return pd.DataFrame({"area_id": ["0101", "0102"], "period": 2024} | columns)


BAD_TABLES = {
    "text in a number": (_table(turnout=["70", "many"]), InputError, r"turnout.*'many'.*0102 2024"),
    "a hyphen": (_table(turnout=["70", "-"]), InputError, "zero or missing"),
    "share over 100": (_table(turnout=[70, 101]), InputError, "outside 0-100.*0102 2024"),
    "share under 0": (_table(turnout=[-1, 50]), InputError, "outside 0-100.*0101 2024"),
    "negative count": (_table(population=[-5, 10]), InputError, "population.*under 0.*0101 2024"),
    "duplicate": (
        _table(area_id=["0101", "0101"], turnout=[1, 2]),
        InputError,
        "more than one row.*0101 2024",
    ),
    "unknown area": (_table(area_id=["0101", "9999"], turnout=[1, 2]), InputError, "9999.*Drop these rows"),
    "lost zero": (_table(area_id=["0101", "102"], turnout=[1, 2]), InputError, "[Ll]eading zeros.*text"),
    "no period": (_table().drop(columns="period"), UnknownNameError, "lacks the column.*period"),
    "odd period": (_table(period=["2024", "in May"]), InputError, "year of four digits.*in May"),
    "infinite": (_table(turnout=[70, np.inf]), InputError, "infinite|outside"),
    "empty": (_table().head(0), InputError, "no rows"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables_are_refused_with_the_place_and_the_fix(loaded, case):
    table, error, pattern = BAD_TABLES[case]
    with pytest.raises(error, match=pattern):
        areas.join_indicators(loaded, table)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("", "is empty"),
        ("\n\n", "no lines"),
        ("area_id;period\n", "no rows"),
        ("a;b;a\n1;2;3\n", "more than once"),
    ],
)
def test_empty_and_headless_files_are_refused(tmp_path, text, pattern):
    with pytest.raises(InputError, match=pattern):
        cells.read_table(_csv(tmp_path, text))


def test_a_ragged_line_is_named(tmp_path):
    with pytest.raises(InputError, match="line 3 has 3 cells where the heading has 2"):
        cells.read_table(_csv(tmp_path, "a;b\n1;2\n1;2;3\n"))


def test_files_that_are_no_tables_are_refused(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(b"no workbook")
    (tmp_path / "t.pdf").write_bytes(b"%PDF")
    for name, pattern in [("t.xlsx", "can't be read as Excel"), ("t.pdf", "not a CSV"), ("t.csv", "no file")]:
        with pytest.raises(FileError, match=pattern):
            cells.read_table(tmp_path / name)


BAD_AREAS = {
    "missing column": (lambda f: f.drop(columns="code"), UnknownNameError, "lacks the column.*code"),
    "repeated code": (
        lambda f: f.assign(code=["0101", "0101", "0103"]),
        InputError,
        "more than one row.*0101",
    ),
    "empty code": (lambda f: f.assign(code=["0101", None, "0103"]), InputError, "area_id.*empty"),
    "points": (lambda f: f.set_geometry(f.centroid), InputError, "must be polygons.*0101"),
}


@pytest.mark.parametrize("case", BAD_AREAS)
def test_bad_areas_are_refused(squares, tmp_path, case):
    change, error, pattern = BAD_AREAS[case]
    with pytest.raises(error, match=pattern):
        _load(change(squares), tmp_path)


def test_missing_geometry_is_named(squares, tmp_path):
    squares.loc[1, "geometry"] = None
    with pytest.raises(InputError, match=r"geometry: is missing \(0102\)"):
        _load(squares, tmp_path)


def test_invalid_geometry_is_named_with_the_reason(squares, tmp_path):
    from shapely import Polygon

    squares.loc[2, "geometry"] = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(InputError, match=r"invalid \(0103\).*Self-intersection"):
        _load(squares, tmp_path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_missing_coordinate_system_is_an_error(squares, tmp_path):
    path = tmp_path / "areas.shp"
    squares.set_crs(None, allow_override=True).to_file(path)
    with pytest.raises(InputError, match="coordinate reference system.*set_crs"):
        areas.load_areas(path, area_id="code")


def test_metres_that_are_said_to_be_degrees_are_an_error(squares, tmp_path):
    with pytest.raises(InputError, match="beyond 180 and 90 degrees.*0101.*set_crs"):
        _load(squares.set_crs(4326, allow_override=True), tmp_path)


def test_unreadable_and_missing_files(tmp_path):
    (tmp_path / "areas.gpkg").write_bytes(b"not a database")
    with pytest.raises(FileError, match="can't read areas.gpkg"):
        areas.load_areas(tmp_path / "areas.gpkg", area_id="code")
    with pytest.raises(FileError, match="there is no file"):
        areas.load_areas(tmp_path / "none.gpkg", area_id="code")


def test_a_panel_with_a_repeated_index_or_key_is_refused():
    panel = areas.load_example("kalmar")
    with pytest.raises(InputError, match="repeated row index"):
        areas.check_panel(pd.concat([panel, panel.assign(period=panel["period"] + 10)]))
    with pytest.raises(InputError, match="more than one row for the same area and period"):
        areas.check_panel(pd.concat([panel, panel], ignore_index=True))
    with pytest.raises(InputError, match="area_id: must be text"):
        areas.check_panel(panel.assign(area_id=range(len(panel))))
    with pytest.raises(InputError, match="period: must be whole numbers"):
        areas.check_panel(panel.assign(period="2024"))


def test_latest_takes_the_newest_value_with_its_error_and_flag():
    panel = areas.load_example("kalmar")
    panel["turnout"] = np.where(panel["period"] == 2024, 80.0, np.nan)
    panel["turnout_se"] = np.where(panel["period"] == 2024, 1.5, np.nan)
    panel["turnout_flag"] = np.where(panel["period"] == 2024, "modelled", "")
    newest, periods = areas.latest(panel, ["turnout", "post_secondary_share"])
    assert len(newest) == 43
    assert (newest["turnout_flag"] == "modelled").all()
    assert (newest["turnout_se"] == 1.5).all()
    assert periods.set_index("indicator")["period"].to_dict() == {
        "population": 2025,
        "turnout": 2024,
        "post_secondary_share": 2025,
    }
    assert (periods["n_missing"] == 0).all()


def test_latest_counts_what_is_missing():
    panel = areas.load_example("kalmar")
    panel.loc[panel["area_id"] == "0880C1220", "employment_rate"] = np.nan
    newest, periods = areas.latest(panel, ["employment_rate"])
    assert newest["employment_rate"].isna().sum() == 1
    assert periods.set_index("indicator").loc["employment_rate", "n_missing"] == 1


def test_a_saved_panel_comes_back_equal(tmp_path):
    panel = areas.load_example("motala")
    path = areas.save_panel(panel, tmp_path / "panel.parquet")
    pd.testing.assert_frame_equal(areas.load_panel(path), panel)
    assert [p.name for p in tmp_path.iterdir()] == ["panel.parquet"]


def test_saving_where_there_is_no_folder_leaves_nothing(tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        areas.save_panel(areas.load_example("motala"), tmp_path / "none" / "panel.parquet")
    assert not list(tmp_path.iterdir())


def test_unknown_names_list_those_that_exist():
    with pytest.raises(UnknownNameError, match="kalmar, motala, katrineholm"):
        areas.load_example("atlantis")
    with pytest.raises(InputError, match="'deso', 'regso', 'districts'"):
        areas.load_example("kalmar", "parishes")


def test_municipalities_answer_to_their_code():
    pd.testing.assert_frame_equal(areas.load_example("0583"), areas.load_example("Motala"))


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False))
def test_numbers_are_read_as_swedes_write_them(number):
    whole, _, part = f"{number:.3f}".partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    grouped = f"{int(digits):,}".replace(",", "\u00a0")
    assert cells.parse_number(f"{sign}{grouped},{part}") == pytest.approx(float(number))


@pytest.mark.parametrize("cell", ["1.234,5", "1,234.5", "5 5", "12 %%", "1e999", "ca 5", "-", "1-2", "1e"])
def test_what_is_no_number_is_not_guessed(cell):
    with pytest.raises(ValueError, match=".*"):
        cells.parse_number(cell)


def test_edges_that_cross_when_projected_are_mended(tmp_path):
    # A corner a tenth of a millimeter above an edge that SWEREF 99 TM lifts by more than that.
    shape = Polygon([(14.998, 61), (15.002, 61), (15.002, 61.01), (15, 61 + 1e-9), (14.998, 61.01)])
    frame = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shape], crs=4326)
    assert frame.geometry.is_valid.all()
    projected = frame.to_crs(3006).geometry
    assert not projected.is_valid.any()
    frame.to_file(tmp_path / "a.gpkg")
    result = areas.load_areas(tmp_path / "a.gpkg", area_id="code")
    assert result.geometry.is_valid.all()
    assert result.area.item() == pytest.approx(projected.area.item(), rel=1e-6)


def test_edges_that_cross_far_when_projected_are_refused(tmp_path):
    shape = Polygon([(14, 61), (16, 61), (16, 61.01), (15, 61 + 1e-9), (14, 61.01)])
    gpd.GeoDataFrame({"code": ["a"]}, geometry=[shape], crs=4326).to_file(tmp_path / "a.gpkg")
    with pytest.raises(InputError, match=r"geometry: is invalid \(a\)"):
        areas.load_areas(tmp_path / "a.gpkg", area_id="code")
