"""Folders as municipalities and researchers have them, read without and with a description."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from segkit.panels.frame import FrameError, UnansweredError, prepare, read

SHARED = Path(__file__).parents[2] / "shared"
CASES = SHARED / "cases"
BOSTON = SHARED / "data" / "foreign" / "boston_tracts.gpkg"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder of worked cases is not here")

EXPECTED = json.loads((CASES / "expected.json").read_text("utf-8"))["cases"] if CASES.is_dir() else {}
OPEN = [name for name, case in EXPECTED.items() if not case["blocking"]]
DESCRIBED = [name for name in EXPECTED if (CASES / "answers" / f"{name}.toml").is_file()]


@pytest.fixture
def folder_of(tmp_path):
    def folder(name):
        target = tmp_path / name.removesuffix(".csv")
        if target.is_dir():
            return target
        if name == "boston":
            target.mkdir()
            shutil.copy(BOSTON, target)
        elif name == "national.csv":
            target.mkdir()
            shutil.copy(CASES / "own" / name, target)
            shutil.copy(CASES / "own" / "f3" / "areas.gpkg", target)
        else:
            shutil.copytree(CASES / "own" / name, target)
        return target

    return folder


def answers(name):
    return CASES / "answers" / f"{name}.toml"


def close(value, wanted):
    return abs(value - wanted) <= 1e-6 * max(1, abs(wanted))


def check_series(reading, case):
    panel, catalogue = reading.panel, reading.catalogue.set_index("heading")
    assert set(catalogue.index) == {i["heading"] for i in case["indicators"]}
    assert sorted(int(p) for p in panel["period"].unique()) == case["periods"]
    values = 0
    for wanted in case["indicators"]:
        column = wanted["id"]
        assert catalogue.loc[wanted["heading"], "indicator"] == column
        own = panel.set_index("period")
        for year, figures in wanted["periods"].items():
            of_year = own.loc[[int(year)]]
            found = of_year[column]
            assert found.notna().sum() == figures["n"], (column, year)
            none = (of_year[f"{column}_flag"] != "").sum()
            assert none == figures["n_missing"] + figures["n_suppressed"], (column, year)
            if figures["n"]:
                for name in ("sum", "mean", "min", "max"):
                    assert close(getattr(found, name)(), figures[name]), (column, year, name)
            if "weighted_mean" in figures:
                known = found.notna()
                weight = of_year.loc[known, "population"]
                assert close(np.average(found[known], weights=weight), figures["weighted_mean"])
        values += panel[column].notna().sum()
    assert values == case["n_values_total"]


def check_cells(reading, case):
    by_area = reading.panel.set_index(["area_id", "period"])
    ids = {i["heading"]: i["id"] for i in case["indicators"]}
    names = dict(zip(reading.panel["name"], reading.panel["area_id"], strict=True))
    for cell in case["cells"]:
        area = names.get(cell["area"], cell["area"])
        row = by_area.loc[(area, cell["period"])]
        if cell["value"] is None:
            assert np.isnan(row[ids[cell["heading"]]])
            assert row[f"{ids[cell['heading']]}_flag"] in {"missing", "suppressed"}
        else:
            assert row[ids[cell["heading"]]] == cell["value"], cell


def check_left_out(reading, case):
    table = reading.reading
    for row in case["left_out"]:
        found = table[
            (table["file"] == row["file"]) & (table["row"] == row["row"]) & (table["text"] == row["text"])
        ]
        if row["sheet"] is not None:
            found = found[found["sheet"] == row["sheet"]]
        assert row["why"] in set(found["what"]), row


def check_areas(reading, case):
    wanted = case["areas"]
    panel = reading.panel
    assert panel["area_id"].nunique() == wanted["n"]
    assert panel.groupby("area_id")["name"].first().is_unique is wanted["names_unique"]
    settings = reading.frame.set_index("setting")["value"]
    if wanted["epsg"] is None:
        assert "geometry" not in panel
    else:
        assert panel.crs.to_epsg() == wanted["epsg"]
        assert settings["areas.working_crs"] == f"EPSG:{wanted['working_epsg']}"
        assert settings["areas.id"] == wanted["id_column"]
        assert settings["areas.name"] == wanted["name_column"]


def check_tables(reading, case):
    settings = reading.frame.set_index("setting")["value"]
    wanted = [t for t in case["tables"] if t["area_column"]]
    for n, table in enumerate(wanted):
        assert settings[f"tables[{n}].file"] == table["file"]
        if table["sheet"] and f"tables[{n}].sheet" in settings:
            assert settings[f"tables[{n}].sheet"] == table["sheet"]
        if table.get("heading_rows"):
            assert settings[f"tables[{n}].headings"] == table["heading_rows"]
        assert settings[f"tables[{n}].area"] == table["area_column"].split(" (")[0]
        if "take" in table:
            assert settings[f"tables[{n}].take"] == table["take"]


def check_sources(reading, case):
    """A source stands where the file names one; else the file's own name."""
    said = case["source"]
    for row in reading.catalogue.itertuples():
        text = said["by_sheet"][row.sheet]["text"] if "by_sheet" in said else said["text"]
        assert row.source == (text or said["if_unanswered"])


def check_words(reading, case):
    """Nothing that the product would say by itself: columns and texts of the files stand as they are."""
    said = reading.catalogue.drop(columns=["file", "sheet"]).to_csv()
    for word in case["must_not_contain"]:
        assert not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said), word
    text = reading.catalogue.to_csv() + reading.panel.drop(columns="geometry", errors="ignore").to_csv()
    for words in case["must_contain"]:
        assert any(word in text for word in words.split("|")) or case["blocking"], words


@pytest.mark.parametrize("name", OPEN)
def test_without_description(name, folder_of):
    case = EXPECTED[name]
    reading = read(folder_of(name))
    check_series(reading, case)
    check_cells(reading, case)
    check_left_out(reading, case)
    check_areas(reading, case)
    check_tables(reading, case)
    check_words(reading, case)
    check_sources(reading, case)
    catalogue = reading.catalogue.set_index("heading")
    assert catalogue["direction"].isna().all()
    for wanted in case["indicators"]:
        unit = catalogue.loc[wanted["heading"], "unit"]
        said = None if wanted["unit_from"].startswith("asked") else wanted["unit"]
        assert (unit if isinstance(unit, str) else None) == said, wanted["heading"]


@pytest.mark.parametrize("name", [n for n in EXPECTED if n not in OPEN])
def test_stops_with_the_expected_questions(name, folder_of):
    case = EXPECTED[name]
    with pytest.raises(UnansweredError) as stopped:
        read(folder_of(name))
    wanted = [q["id"] for q in case["questions"] if q["blocking"]]
    assert sorted(stopped.value.questions["what"]) == sorted(wanted)
    text = str(stopped.value)
    assert text.count("segkit prepare") == 1
    assert "måste besvaras" in text
    for unknown in case.get("unknown_names", []):
        assert f'"{unknown["text"]}" (rad {unknown["row"]}' in text
        if unknown["nearest"]:
            assert f'närmast "{unknown["nearest"]}"' in text
    with pytest.raises(UnansweredError, match="must be answered"):
        read(folder_of(name), language="en")


@pytest.mark.parametrize("name", DESCRIBED)
def test_with_its_description(name, folder_of):
    case = EXPECTED[name]
    reading = read(folder_of(name), description=answers(name))
    check_series(reading, case)
    check_cells(reading, case)
    check_left_out(reading, case)
    check_areas(reading, case)
    check_words(reading, case)
    told = tomllib.loads(answers(name).read_text("utf-8"))
    catalogue = reading.catalogue.set_index("heading")
    for entry in told["indicators"]:
        for key in ("unit", "kind", "direction", "field", "source"):
            if key in entry:
                assert catalogue.loc[entry["heading"], key] == entry[key]
        source = entry.get("source", told["survey"].get("source"))
        assert catalogue.loc[entry["heading"], "source"] == source


@pytest.mark.parametrize("name", DESCRIBED)
def test_the_draft_answered_equals_the_description(name, folder_of):
    folder = folder_of(name)
    draft = tomllib.loads(prepare(folder).text)
    told = tomllib.loads(answers(name).read_text("utf-8"))
    filled = fill(draft, told)
    assert_same(read(folder, description=filled), read(folder, description=answers(name)))


def fill(draft, told):
    """Answer the questions of a draft as the description does."""
    for section in ("survey", "areas"):
        answered = told.get(section, {})
        kept = {k: answered.get(k) if v == "?" else v for k, v in draft.get(section, {}).items()}
        draft[section] = {k: v for k, v in kept.items() if v is not None}
    draft["survey"]["place"] = told["survey"]["place"]
    for table in draft.get("tables", []):
        for key in [k for k, v in table.items() if v == "?"]:
            table[key] = told["tables"][0][key]
    by_heading = {entry["heading"]: entry for entry in told["indicators"]}
    if any(entry["heading"] == "?" for entry in draft["indicators"]):
        draft["indicators"] = told["indicators"]
    for entry in draft["indicators"]:
        for key, value in by_heading[entry["heading"]].items():
            if entry.get(key, "?") == "?":
                entry[key] = value
    return draft


def assert_same(one, other):
    assert_frame_equal(pd.DataFrame(one.panel), pd.DataFrame(other.panel))
    keys = ["indicator", "heading", "unit", "kind", "direction"]
    left, right = (r.catalogue[keys].reset_index(drop=True) for r in (one, other))
    assert_frame_equal(left, right)


@pytest.mark.parametrize("name", list(EXPECTED))
def test_prepare_drafts(name, folder_of):
    draft = prepare(folder_of(name))
    values = tomllib.loads(draft.text)
    assert values["segkit"] == 1
    must = draft.questions[draft.questions["must"]]
    assert len(must) == sum(q["blocking"] for q in EXPECTED[name]["questions"])
    asked = {q["id"] for q in EXPECTED[name]["questions"]} & {"direction", "unit", "place"}
    assert asked <= set(draft.questions["what"]) or name == "boston"


@pytest.mark.parametrize("name", list(EXPECTED))
def test_a_saved_draft_asks_the_same_and_changes_nothing(name, folder_of):
    folder = folder_of(name)
    if name in OPEN:
        bare = read(folder)
        prepare(folder).save()
        assert_same(read(folder), bare)
        return
    with pytest.raises(UnansweredError) as stopped:
        read(folder)
    prepare(folder).save()
    with pytest.raises(UnansweredError) as again:
        read(folder)
    assert list(again.value.questions["what"]) == list(stopped.value.questions["what"])


def test_six_in_two_forms(folder_of):
    one, other = read(folder_of("six")), read(folder_of("six_b"))
    assert_frame_equal(pd.DataFrame(one.panel), pd.DataFrame(other.panel))


@pytest.mark.parametrize(
    ("source", "which"), [("segkit:kalmar/deso", "embedded_kalmar_deso"), ("NYKO_omraden.shp", "f1")]
)
def test_berga_with_boundaries(source, which, folder_of, tmp_path):
    folder = folder_of("berga")
    for path in (CASES / "own" / "f1").glob("NYKO*"):
        shutil.copy(path, folder)
    wanted = EXPECTED["berga"]["with_boundaries"][which]
    settings = {"areas.file": source}
    with pytest.raises(UnansweredError) as stopped:
        read(folder, settings=settings)
    assert list(stopped.value.questions["what"]) == ["names"]
    for unknown in wanted["unknown"]:
        near = f'; närmast "{unknown["nearest"]}"' if unknown["nearest"] else ""
        assert f'"{unknown["text"]}" (rad {unknown["row"]}{near})' in str(stopped.value)
    reading = read(folder, settings={**settings, "areas.leave_out": ["Berga centrum", "Lindsdal norra"]})
    figures = reading.panel.set_index("name")["sysselsattningsgrad"]
    assert set(figures.dropna().index) == set(wanted["known"])
    for name in wanted["must_stay_without_figure"]:
        assert np.isnan(figures[name])
        assert name in " ".join(
            reading.reading.loc[reading.reading["what"] == "area without figures", "text"]
        )


def test_national_table_with_embedded_boundaries():
    table = CASES / "own" / "national.csv"
    reading = read(table, settings={"areas.file": "segkit:kalmar/deso"})
    check_series(reading, EXPECTED["national.csv"])
    check_left_out(reading, EXPECTED["national.csv"])


def test_no_official_word_comes_by_likeness(folder_of):
    for name in ("f8fix", "f5", "f6", "us_thousands"):
        reading = read(folder_of(name))
        assert "SCB" not in reading.catalogue.to_csv() + reading.reading.to_csv() + reading.frame.to_csv()


def test_both_descriptions_are_refused(folder_of):
    folder = folder_of("six")
    shutil.copy(answers("six"), folder / "survey.toml")
    (folder / "survey_form.xlsx").write_bytes(b"")
    with pytest.raises(FrameError, match=r"både survey\.toml och survey_form\.xlsx"):
        read(folder)


@pytest.mark.parametrize(("epsg", "working"), [(4267, 32619), (2249, 32619), (26986, 26986), (3857, 32619)])
def test_boston_in_other_systems(epsg, working, tmp_path):
    gpd.read_file(BOSTON).to_crs(epsg).to_file(tmp_path / "boston_tracts.gpkg")
    reading = read(tmp_path, description=answers("boston"))
    assert reading.panel.crs.to_epsg() == epsg
    system = reading.frame.set_index("setting").loc["areas.working_crs", "value"]
    assert system == f"EPSG:{working}"
    area = reading.panel.to_crs(system).area.sum() / 1e6
    assert abs(area / EXPECTED["boston"]["areas"]["area_km2_geodesic"] - 1) < 1e-3
    text = reading.catalogue.to_csv() + reading.reading.to_csv() + reading.frame.to_csv()
    assert not re.search(r"\b(SEK|SCB|Sweden|Sverige|Swedish|tkr|kommun|municipality)\b", text)
