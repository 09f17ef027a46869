"""Folders drawn by seed: equivalent ones are answered as the base, bad ones refused in words, none raw."""

import csv
from dataclasses import replace
from pathlib import Path

import folder_judge
import geopandas as gpd
import numpy as np
import pytest
from folder_factory import FAULTS, N_BASES, REFUSED, SAME, draw, write
from folder_judge import RAW, WRONG, Verdict, by_command, judged

from segkit import areas, cli, owndata
from segkit.cli._shared import say
from segkit.errors import DataWarning, FileError, InputError, SourceError, UnknownNameError, plain
from segkit.panels import cells
from segkit.panels import cells as workbooks
from segkit.sources.http.addresses import Addresses

ALONE = len(FAULTS)
#: Every fault alone, of names a part (the benchmark has all); then some that are combined.
NUMBERS = [n for n in range(ALONE + 40) if n >= ALONE or FAULTS[n].part != "names" or n % 4 == 0]
#: So many numbers a test: a test for each would cost more than the folders.
AT_A_TIME = 20


@pytest.mark.parametrize("first", range(0, len(NUMBERS), AT_A_TIME))
def test_no_folder_is_answered_raw_or_wrongly(first):
    wrong = {}
    for number in NUMBERS[first : first + AT_A_TIME]:
        case = draw(number)
        verdict = judged(case)
        if verdict.outcome in {RAW, WRONG}:
            wrong[number, case.name] = verdict
    assert wrong == {}


def test_a_case_is_the_same_each_time(tmp_path):
    written = []
    for place in ("one", "other"):
        folder = tmp_path / place
        folder.mkdir()
        write(draw(ALONE + 1, seed=7), folder, seed=7)
        written.append({p.name: p.read_bytes() for p in folder.iterdir() if p.suffix in {".csv", ".geojson"}})
    assert written[0] == written[1]
    assert draw(ALONE + 1, seed=7).name != draw(ALONE + 1, seed=8).name


def test_every_kind_is_drawn():
    assert {f.answer for f in FAULTS} == {"same", "same or refused", "refused", "any"}
    assert len({f.name for f in FAULTS}) == len(FAULTS)
    assert {draw(n).base for n in range(200)} == set(range(N_BASES))


def _case(answer):
    return next(draw(n) for n in range(ALONE) if draw(n).answer == answer)


def test_the_judge_finds_what_is_planted(monkeypatch):
    monkeypatch.setattr(folder_judge.survey, "run", lambda *_, **__: {}["not there"])
    assert judged(_case(SAME)).outcome == RAW

    def refuse(*_, **__):
        raise InputError("table: can't be read, for once")

    monkeypatch.setattr(folder_judge.survey, "run", refuse)
    assert judged(_case(SAME)).outcome == WRONG
    assert judged(_case(REFUSED)) == Verdict("clear error", "table: can't be read, for once")


def test_a_bad_folder_that_is_taken_is_found(monkeypatch):
    base, _ = folder_judge.answer_of_base(0)
    case = _case(REFUSED)
    other = folder_judge.answer_of_base(case.base)[0]
    moved = other.areas.assign(population=other.areas["population"] + 1)
    changed = replace(other, areas=moved)
    monkeypatch.setattr(folder_judge.survey, "run", lambda *_, **__: changed)
    assert judged(case).outcome == WRONG
    assert "population" in judged(case).words
    assert base is folder_judge.answer_of_base(0)[0]


@pytest.mark.parametrize("name", ["no column area_id", "a local system", "cell 'abc'"])
def test_the_command_line_says_what_is_wrong(name):
    number = next(n for n in range(ALONE) if FAULTS[n].name == name)
    found = by_command(draw(number))
    assert found.outcome == "clear error"
    assert found.words.startswith("segkit: ")


@pytest.mark.parametrize(
    "location", ["http://[", "https://[::1", "//[x", "https://a.se:x/", "https://a..se/"]
)
def test_a_redirect_to_no_address_is_refused(location):
    with pytest.raises(SourceError, match="sends on to"):
        Addresses(["a.se"], {}).redirected("https://a.se/x", location)


STEERING = "\x1b]0;title\x07\x1b[31mred\x00\x9b2J\u202eabc\udc80"


@pytest.mark.parametrize(
    "kind", [InputError, UnknownNameError, FileError, SourceError, DataWarning], ids=lambda k: k.__name__
)
def test_no_text_from_outside_steers_a_terminal(kind):
    text = str(kind(f"says: {STEERING}\nÅäö 1\u00a0700 🏳️\u200d🌈"))
    assert not set(STEERING) - {*map(chr, range(32, 127))} & set(text)
    assert text.endswith("\nÅäö 1\u00a0700 🏳️\u200d🌈")
    assert SourceError("says", title="\x1b[31m").title == r"\x1b[31m"


def test_everything_the_commands_print_goes_one_way(capsys):
    say(STEERING)
    assert capsys.readouterr().out == f"{plain(STEERING)}\n"
    for path in Path(cli.__file__).parent.glob("*.py"):
        assert path.name == "_shared.py" or "echo(" not in path.read_text(encoding="utf-8"), path.name


def test_the_limit_of_csv_is_left_as_it_was(tmp_path):
    before = csv.field_size_limit()
    path = tmp_path / "a.csv"
    path.write_text(f"area_id;period;x;note\n1;2024;5;{'y' * 200_000}\n", encoding="utf-8")
    assert len(cells.read_table(path)["note"][0]) == 200_000
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    "span", ["A1:XFD1048576", "A:XFD", "1:1048576", "$A$1:$XFD$1048576", "A1&#58;XFD1048576"]
)
@pytest.mark.parametrize("element", ["mergeCell", "x:hyperlink"])
def test_spans_over_whole_sheets_are_counted(tmp_path, span, element, monkeypatch):
    import zipfile

    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<a>{'<b/>' * 100}<{element} x='1' ref='{span}'/></a>")
    for chunk in (2**20, 64):
        monkeypatch.setattr(workbooks, "_CHUNK", chunk)
        with pytest.raises(FileError, match="cells that are merged or linked"):
            workbooks.check_workbook(path)


def test_per_cent_formats_and_formulas_are_not_taken_as_text(tmp_path):
    import openpyxl

    for value, form, words in ((0.62, "0.0%", "per cent format"), ("=1+1", "0", "not stored")):
        book = openpyxl.Workbook()
        book.active.append(["area_id", "period", "employment_rate"])
        book.active.append(["0880C1010", 2024, value])
        book.active["C2"].number_format = form
        book.save(tmp_path / "a.xlsx")
        with pytest.raises(InputError, match=f"Sheet!C2 .*{words}"):
            cells.read_table(tmp_path / "a.xlsx")


def test_counts_with_signs_between_thousands_are_not_divided(tmp_path):
    path = tmp_path / "a.csv"
    for text in ("1,037", "1.037", "1,037,000"):
        path.write_text(f'DeSO;År;Folkmängd\n0880C1010;2024;"{text}"\n0880C1020;2024;880\n', encoding="utf-8")
        with pytest.raises(InputError):
            owndata.read(path)
    path.write_text("DeSO;År;Folkmängd\n0880C1010;2024;1037,5\n", encoding="utf-8")
    assert owndata.read(path).table["population"].tolist() == [1037.5]


def test_coordinates_off_the_earth_are_refused(tmp_path):
    from shapely import affinity

    panel = areas.load_example("motala")
    for by in (1e10, 1e300):
        far = panel.set_geometry([affinity.translate(g, by, 0) for g in panel.geometry], crs=panel.crs)
        with pytest.raises(InputError, match="which no place on earth has"):
            areas.check_panel(far)


def test_a_file_with_several_layers_says_which_is_read(tmp_path):
    path = tmp_path / "a.gpkg"
    shapes = areas.load_example("motala").drop_duplicates("area_id")[["area_id", "name", "geometry"]]
    for layer in ("one", "two"):
        gpd.GeoDataFrame(shapes).to_file(path, layer=layer, driver="GPKG")
    with pytest.warns(DataWarning, match=r"several layers, the first is read \(one, two\)"):
        found = areas.load_areas(path, area_id="area_id", name="name")
    assert len(found) == len(shapes)


def test_flags_are_text_whatever_a_file_made_of_them():
    from segkit.panels import joining

    table = areas.load_example("motala")[["area_id", "period", "employment_rate", "population"]]
    table = table.assign(employment_rate_flag=[1.0, np.nan] * (len(table) // 2))
    shapes = areas.load_example("motala").drop_duplicates("area_id")[["area_id", "name", "geometry"]]
    found = areas.join_indicators(shapes, table)
    assert set(found["employment_rate_flag"]) == {"1.0", ""}
    assert joining.flag_texts(table["employment_rate_flag"].astype("category")).tolist()[:2] == ["1.0", ""]


@pytest.mark.parametrize("value", [1e16, -1e308, 1e-308])
def test_figures_that_run_over_are_refused(value):
    panel = areas.load_example("motala")
    panel.loc[3, "median_income"] = value
    with pytest.raises(InputError, match="median_income: has values over"):
        areas.check_panel(panel)
