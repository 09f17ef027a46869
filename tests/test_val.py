"""Valmyndigheten: turnout by district from each year's form of file, late votes told, or a clear error."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box
from standin import StandIn, faults
from standin.val import (
    DISTRICTS,
    XLSX,
    ZIP,
    Val,
    json_2026,
    long_2022,
    text_2014,
    wide_2018,
    workbook,
    zipped,
)

from segkit.errors import FileError, InputError, NotFetchedError, SourceError, UnknownNameError
from segkit.sources import Client, val
from segkit.sources.val import _files

CAPTURES = Path(__file__).parents[2] / "shared" / "captures" / "val"

FORMS = {
    2014: ("a.skv", text_2014),
    2018: ("a.xlsx", wide_2018),
    2022: ("a.xlsx", long_2022),
    2026: ("a.zip", json_2026),
}


def written(folder, year, rows=DISTRICTS):
    name, make = FORMS[year]
    path = folder / f"{year}-{name}"
    path.write_bytes(make(rows))
    return path


@pytest.mark.parametrize("year", FORMS)
def test_every_form_gives_the_same_districts(tmp_path, year):
    table = val.read_results(written(tmp_path, year), year, municipalities=["9901"])
    assert table["district_id"].tolist() == ["99010000", "99010101", "99010102"]
    assert table["name"].tolist() == ["Uppsamlingsdistrikt", "Påhittad Norra", "Påhittad Södra"]
    assert table["electorate"].tolist() == [0, 1000, 500]
    assert table["ballots"].tolist() == [40, 800, 350]
    assert table["valid"].tolist() == [39, 790, 345]
    np.testing.assert_array_equal(table["turnout"], [np.nan, 80.0, 70.0])
    assert table["late_votes_district"].tolist() == [True, False, False]
    assert table["turnout_flag"].tolist() == ["", "observed", "observed"]
    assert set(table["period"]) == {year}


@pytest.mark.parametrize("year", FORMS)
def test_late_votes_are_told(tmp_path, year):
    told = val.late_votes(val.read_results(written(tmp_path, year), year))
    # (800 + 350) / 1500 in the districts, (800 + 350 + 40) / 1500 in all.
    row = told.set_index("municipality_code").loc["9901"]
    assert row["late_ballots"] == 40
    assert row["turnout_in_districts"] == pytest.approx(76 + 2 / 3)
    assert row["turnout"] == pytest.approx(79 + 1 / 3)
    assert row["difference"] == pytest.approx(2 + 2 / 3)


def test_preliminary_figures_are_flagged(tmp_path):
    table = val.read_results(written(tmp_path, 2026), 2026, municipalities=["9902"], stage="preliminary")
    assert table["turnout_flag"].tolist() == ["preliminary"]


def test_late_votes_that_share_a_code_are_added_up(tmp_path):
    rows = [*DISTRICTS, ("99010000", "Uppsamlingsdistrikt 2", 0, 5, 5)]
    table = val.read_results(written(tmp_path, 2018, rows), 2018, municipalities=["9901"])
    assert table.loc[0, ["ballots", "valid"]].tolist() == [45, 44]


@pytest.mark.parametrize("year", FORMS)
def test_figures_that_can_not_be_are_refused(tmp_path, year):
    more = [("99010101", "Norra", 1000, 1001, 900)]
    with pytest.raises(SourceError, match=r"more ballots than eligible voters \(99010101\)"):
        val.read_results(written(tmp_path, year, more), year)
    twice = [DISTRICTS[0], DISTRICTS[0]]
    with pytest.raises(SourceError, match="more than once"):
        val.read_results(written(tmp_path, year, twice), year)
    valid = [("99010101", "Norra", 1000, 800, 801)]
    with pytest.raises(SourceError, match=r"more valid ballots than ballots \(99010101\)"):
        val.read_results(written(tmp_path, year, valid), year)


HEAD = ["Distrikt", "Valdistriktskod", "Valdistriktnamn", "Parti", "Röster", "Röstberättigade"]


@pytest.mark.parametrize(
    ("code", "other", "match"),
    [(99010101.5, 1000, "not eight digits"), (99010101.0, 1001, r"several numbers of eligible .*99010101")],
)
def test_rows_of_a_district_that_disagree_are_refused(tmp_path, code, other, match):
    path = tmp_path / "a.xlsx"
    rows = [
        ["", code, "Norra", "Summa giltiga röster", 790, 1000],
        ["", code, "", "Valdeltagande", 800, other],
    ]
    path.write_bytes(workbook("roster_RD", HEAD, rows))
    with pytest.raises(SourceError, match=match):
        val.read_results(path, 2022)


def test_a_district_without_a_number_of_voters_is_no_district_of_late_votes(tmp_path):
    path = tmp_path / "a.xlsx"
    rows = [
        ["", code, name, party, votes, electorate]
        for code, name, electorate in [
            (99010101, "Norra", None),
            (99010102, "Södra", 1000),
            (99010900, "Uppsamlingsdistrikt", None),
            (99020101, "Annan", 1000),
        ]
        for party, votes in (("Summa giltiga röster", 79), ("Valdeltagande", 80))
    ]
    path.write_bytes(workbook("roster_RD", HEAD, rows))
    table = val.read_results(path, 2022)
    assert table["late_votes_district"].tolist() == [False, False, True, False]
    np.testing.assert_array_equal(table["turnout"], [np.nan, 8.0, np.nan, 8.0])
    told = val.late_votes(table)
    np.testing.assert_array_equal(told["turnout"], [np.nan, 8.0])
    assert told["late_ballots"].tolist() == [80, 0]


def test_a_workbook_that_is_damaged_is_a_clear_error(tmp_path):
    content = long_2022()
    for place in range(60, len(content), 97):
        path = tmp_path / "a.xlsx"
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        try:
            val.read_results(path, 2022)
        except (FileError, SourceError) as error:
            assert "a.xlsx" in str(error)  # noqa: PT017 - damage that changes nothing is no error


def test_a_word_where_a_number_belongs_is_named(tmp_path):
    path = tmp_path / "a.skv"
    path.write_bytes(text_2014().replace(b";800;1000", b";many;1000"))
    with pytest.raises(SourceError, match=r"a.skv, row 2, Rostande: 'many' is no number"):
        val.read_results(path, 2014)


def test_a_file_cut_short_is_refused(tmp_path):
    path = tmp_path / "a.skv"
    path.write_bytes(text_2014()[:-20])
    with pytest.raises(SourceError, match="rows that are cut short"):
        val.read_results(path, 2014)
    for year in (2018, 2022, 2026):
        name, make = FORMS[year]
        broken = tmp_path / name
        broken.write_bytes(make()[:-40])
        with pytest.raises((FileError, SourceError)):
            val.read_results(broken, year)


def test_another_form_than_expected(tmp_path):
    head = ["Distrikt", "Valdistriktskod", "Valdistriktnamn", "Parti", "Antal", "Röstberättigade"]
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook("roster_RD", head, [["RD", 99010101, "Norra", "M", 1, 10]]))
    with pytest.raises(SourceError, match="lacks the column Röster"):
        val.read_results(path, 2022)
    path.write_bytes(workbook("Blad1", head, []))
    with pytest.raises(SourceError, match=r"lacks a sheet of districts \(Blad1\)"):
        val.read_results(path, 2022)
    head[4] = "Röster"
    path.write_bytes(workbook("roster_RD", head, [["RD", 99010101, "Norra", "M", 1, 10]]))
    with pytest.raises(SourceError, match="has none of valdeltagande"):
        val.read_results(path, 2022)
    zip_path = tmp_path / "a.zip"
    zip_path.write_bytes(zipped({"x_rostfordelning_y.json": b'{"distrikt": []}'}))
    with pytest.raises(SourceError, match="no list of districts called valdistrikt"):
        val.read_results(zip_path, 2026)
    zip_path.write_bytes(json_2026(totaltAntalRoster=None))
    with pytest.raises(SourceError, match="a district that is not whole"):
        val.read_results(zip_path, 2026)


def test_titles_above_the_head_are_passed_over(tmp_path):
    head = ["Distrikt", "Valdistriktskod", "Valdistriktnamn", "Parti", "Röster", "Röstberättigade"]
    rows = [
        ["RD", 1010101, "Norra", "Summa giltiga röster", 9, 10],
        ["RD", 1010101, "Norra", "Valdeltagande", 9, 10],
    ]
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook("roster_RD", head, rows, above=[["Röster per distrikt"], []]))
    assert val.read_results(path, 2022)["district_id"].tolist() == ["01010101"]


@pytest.mark.parametrize(
    "members",
    [
        {"../x_rostfordelning.json": b"{}"},
        {"/x_rostfordelning.json": b"{}"},
        {"x_rostfordelning.json": b"0" * 50_000_000},
    ],
)
def test_a_zip_that_leads_out_or_swells_is_refused(tmp_path, members):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(members))
    with pytest.raises(SourceError, match="no plain files inside it|only a zip bomb"):
        val.read_results(path, 2026)
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


# Fetched ----------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch):
    files = {
        "2014_riksdagsval_per_valdistrikt.skv": (text_2014(), "application/octet-stream"),
        "2018_R_per_valdistrikt.xlsx": (wide_2018(), XLSX),
        _files._FOLDER_2022["rd"].rpartition("/")[2]: (long_2022(), XLSX),
        "Val_2026_preliminar_9901_RD.zip": (json_2026(DISTRICTS[:3]), ZIP),
        "Val_2026_preliminar_9902_RD.zip": (json_2026(DISTRICTS[3:]), ZIP),
    }
    with StandIn(Val(files)) as standin:
        for name in ("_HISTORY", "_MAIN", "_RESULTS"):
            monkeypatch.setattr(_files, name, f"{standin.url}/{name}")
        yield standin


def make(server, tmp_path, **options):
    defaults = {"timeout": (2.0, 2.0), "deadline": 5.0, "tries": 2, "sleep": lambda _: None}
    return Client(base_urls={"val": server.url}, cache=tmp_path / "cache", **{**defaults, **options})


@pytest.mark.parametrize("year", FORMS)
def test_fetched_once_and_then_offline(server, tmp_path, year):
    options = {"municipalities": ["9901", "9902"], "stage": "preliminary" if year == 2026 else "final"}
    table = val.results(year, client=make(server, tmp_path), **options)
    assert len(table) == 4
    n = server.count()
    assert n == (2 if year == 2026 else 1)
    again = val.results(year, client=make(server, tmp_path, offline=True), **options)
    pd.testing.assert_frame_equal(again, table)
    assert server.count() == n


def test_right_districts_after_a_fault(server, tmp_path):
    server.fail(faults.reset)
    assert len(val.results(2018, municipalities=["9901"], client=make(server, tmp_path))) == 3


def test_an_address_that_moved_says_so(server, tmp_path):
    with pytest.raises(SourceError, match=r"answered 404.*may have changed"):
        val.results(2018, "kf", municipalities=["9901"], client=make(server, tmp_path))


def test_what_would_be_sent(tmp_path):
    asks = Client(dry_run=True, cache=tmp_path)
    for year, stage in ((2014, "final"), (2018, "final"), (2022, "final"), (2026, "preliminary")):
        with pytest.raises(NotFetchedError):
            val.results(year, municipalities=["0880"], client=asks, stage=stage)
    urls = [request.url for request in asks.planned]
    assert urls[0] == "https://historik.val.se/val/val2014/statistik/2014_riksdagsval_per_valdistrikt.skv"
    assert urls[1] == "https://historik.val.se/val/val2018/statistik/2018_R_per_valdistrikt.xlsx"
    assert urls[3] == ("https://resultat.val.se/resultatfiler/val2026/p/rd/Val_2026_preliminar_0880_RD.zip")


# Comparability ----------------------------------------------------------------------------------


def test_pairs_of_2014_and_2018(tmp_path):
    text = "gammal;ny;andel\n8800101;08800101;1\n8800102;08800103;0,6\n8800102;08800104;40\n"
    path = tmp_path / "mappning.zip"
    path.write_bytes(zipped({"vd-mappning-2014-2018.skv": text.encode("latin-1"), "vd-indelning.skv": b"O"}))
    table = val.read_comparability(path)
    assert table["previous_id"].tolist() == ["08800101", "08800102", "08800102"]
    assert table["share"].tolist() == [1, 0.6, 0.4]
    assert table["comparable"].tolist() == [True, False, False]


def test_a_workbook_of_two_elections(tmp_path):
    head = ["Kod_2022", "Valdistrikt", "Kommun", "Jämförbart", "Valdistriktskod2018", "Kod 2"]
    rows = [
        [8800101, "Kvarnholmen", "Kalmar", "Ja", 8800101, None],
        [8800108, "Malmen", "Kalmar", "Nej", 8800108, 8800109],
        [8800110, "Ny", "Kalmar", "Nej", None, None],
    ]
    path = tmp_path / "j.xlsx"
    path.write_bytes(workbook("Blad1", head, rows))
    table = val.read_comparability(path)
    assert table["district_id"].tolist() == ["08800101", "08800108", "08800108", "08800110"]
    assert table["previous_id"].tolist() == ["08800101", "08800108", "08800109", ""]
    assert table["comparable"].tolist() == [True, False, False, False]


def test_the_results_of_2026_say_it_themselves(tmp_path):
    path = written(tmp_path, 2026)
    table = val.read_comparability(path).set_index("district_id")
    assert table.loc["99010101", ["previous_id", "comparable"]].tolist() == ["99010101", True]
    assert table.loc["99010102", ["previous_id", "comparable"]].tolist() == ["", False]


# Boundaries -------------------------------------------------------------------------------------


def shapes(code, name):
    return gpd.GeoDataFrame(
        {code: ["08800101", "8800102", "01800101"], name: ["Kvarnholmen", "Malmen", "Gamla stan"]},
        geometry=[box(580_000 + 1000 * i, 6_280_000, 581_000 + 1000 * i, 6_281_000) for i in range(3)],
        crs=3006,
    )


@pytest.mark.parametrize(
    ("file", "code", "name"),
    [
        ("VD.json", "Lkfv", "Vdnamn"),
        ("valdistrikt.geojson", "Valdistriktskod", "Valdistriktsnamn"),
        ("vd.shp", "VD", "VD_NAMN"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_boundaries_of_every_form(tmp_path, file, code, name, packed):
    folder = tmp_path / "made"
    folder.mkdir()
    driver = "ESRI Shapefile" if file.endswith("shp") else "GeoJSON"
    shapes(code, name).to_file(folder / file, driver=driver)
    path = folder / file
    if packed:
        path = tmp_path / "a.zip"
        path.write_bytes(zipped({f"in/{p.name}": p.read_bytes() for p in folder.iterdir()}))
    table = val.read_district_boundaries(path, municipalities=["0880"])
    assert table["area_id"].tolist() == ["08800101", "08800102"]
    assert table["name"].tolist() == ["Kvarnholmen", "Malmen"]
    assert table.crs.to_epsg() == 3006
    assert table.area.round(1).tolist() == [1e6, 1e6]


def test_meters_without_a_stated_system_are_not_degrees(tmp_path):
    path = tmp_path / "VD.json"
    shapes("Lkfv", "Vdnamn").to_file(path, driver="GeoJSON")
    data = json.loads(path.read_text(encoding="utf-8"))
    data.pop("crs")
    path.write_text(json.dumps(data), encoding="utf-8")
    assert val.read_district_boundaries(path).total_bounds[0] == 580_000


def test_boundaries_without_codes(tmp_path):
    path = tmp_path / "a.json"
    shapes("Nummer", "Benämning").to_file(path, driver="GeoJSON")
    with pytest.raises(SourceError, match="lacks a column of district codes"):
        val.read_district_boundaries(path)


# Errors -----------------------------------------------------------------------------------------


def test_errors(tmp_path):
    path = written(tmp_path, 2014)
    with pytest.raises(InputError, match="year: is 2010"):
        val.read_results(path, 2010)
    with pytest.raises(FileError, match="there is no file"):
        val.read_results(tmp_path / "no.skv", 2014)
    with pytest.raises(UnknownNameError, match=r"have no district in the file \(0880\)"):
        val.read_results(path, 2014, municipalities=["0880"])
    with pytest.raises(InputError, match="codes of four digits"):
        val.read_results(path, 2014, municipalities=["880"])
    asks = Client(offline=True, cache=tmp_path)
    with pytest.raises(InputError, match="the address of kf 2022 is not known"):
        val.results(2022, "kf", municipalities=["0880"], client=asks)
    with pytest.raises(InputError, match="only the final result of 2018"):
        val.results(2018, municipalities=["0880"], client=asks, stage="preliminary")
    with pytest.raises(InputError, match="election: is 'eu'"):
        val.results(2018, "eu", municipalities=["0880"], client=asks)
    with pytest.raises(FileError, match="there is no file"):
        val.read_comparability(tmp_path / "no.zip")
    with pytest.raises(FileError, match="there is no file"):
        val.read_district_boundaries(tmp_path / "no.zip")


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captured fragment is not beside the clone")
def test_the_captured_fragment_has_the_fields_that_are_read(tmp_path):
    fragment = (CAPTURES / "2026_rostfordelning_valdistrikt_FRAGMENT.json").read_bytes()
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"Val_2026_x_rostfordelning_y.json": fragment}))
    table = val.read_results(path, 2026, stage="preliminary")
    assert table.loc[0, ["district_id", "electorate"]].tolist() == ["01800101", 1264]
    assert val.read_comparability(path)["comparable"].tolist() == [True]
