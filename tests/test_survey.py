"""The survey end to end: its parts, its claims, its files, and what happens when something is wrong."""

import json
import os
from dataclasses import FrozenInstanceError, replace

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from shapely import box

from segkit import areas, maps, survey
from segkit.base.folders import check_folder
from segkit.errors import FileError, InputError, UnknownNameError
from segkit.output.document.pdf import problem
from segkit.profiles import Profiles, align
from segkit.studies import study as outputs
from segkit.studies.survey import measuring, notes, peers, pictures

DRAWS = 199


@pytest.fixture(scope="module")
def kalmar(surveyed):
    return surveyed("kalmar", n_bootstrap=DRAWS)


@pytest.fixture(scope="module")
def english(surveyed):
    return surveyed("kalmar", n_bootstrap=DRAWS, language="en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "out"
    survey.run("kalmar", n_bootstrap=DRAWS, out=out)
    return out


@pytest.fixture(autouse=True)
def no_pdf(folder, monkeypatch):
    """Leave out the PDF in all but the one survey that every test reads: its layout takes long."""
    monkeypatch.setattr("segkit.output.document.pdf.problem", lambda: "pdf: left out")


def test_the_areas_are_those_of_kalmar(kalmar):
    table = kalmar.areas
    assert len(table) == 43
    assert table["population"].sum() == 73055
    assert set(table.loc[table["profile"] == 1, "name"]) == {"Norrliden V", "Norrliden Ö"}
    assert kalmar.name == "Kalmar"


def test_modelled_values_are_flagged_in_the_record(kalmar):
    row = kalmar.areas.set_index("area_id").loc["0880C1210"]
    assert row["turnout_flag"] == "modelled, preliminary"
    assert row["turnout_se"] > 2
    assert row["flags"].startswith("Valdeltagande: modellerat värde (95 % intervall ")
    assert notes.flags_of(kalmar.areas, ["median_income"], "sv")[0] == ""


def test_areas_with_many_young_adults_are_remarked_on(kalmar):
    flags = kalmar.areas.set_index("name")["flags"]
    assert "procent av befolkningen är 20–34 år" in flags["Kvarnholmen"]
    assert "20–34" not in flags["Berga"]
    # Many are young in Oxhagen too, but without the education of an area where students live.
    assert "20–34" not in flags["Oxhagen"]


def test_the_trends_are_those_of_real_periods(kalmar):
    found = kalmar.trends.groupby(["geography", "indicator"])["period"].unique().map(sorted).to_dict()
    assert found == {
        ("deso", "foreign_background_share"): [2024, 2025],
        ("deso", "post_secondary_share"): [2024, 2025],
        ("deso", "rental_dwelling_share"): [2024, 2025],
        ("regso", "foreign_born_share"): [2020, 2021, 2022, 2023],
        ("regso", "mean_wage_income"): [2020, 2021, 2022, 2023],
        ("regso", "rental_dwelling_share"): [2020, 2021, 2022, 2023],
        ("districts", "turnout"): [2022, 2026],
    }


def test_only_districts_with_unchanged_boundaries_are_followed(kalmar):
    rows = kalmar.trends[kalmar.trends["geography"] == "districts"]
    assert (rows["n_areas"] == 39).all()
    assert rows["note"].str.contains("3 valdistrikt vars gränser har ändrats").all()
    assert rows["note"].str.contains("preliminära").all()


def test_a_measure_by_hand(kalmar):
    rows = kalmar.trends.query("geography == 'regso' and measure == 'dissimilarity' and period == 2020")
    regso = areas.load_example("kalmar", "regso").query("period == 2020")
    group = regso["foreign_born_share"] * regso["population"]
    rest = (100 - regso["foreign_born_share"]) * regso["population"]
    by_hand = 0.5 * (group / group.sum() - rest / rest.sum()).abs().sum()
    assert rows.set_index("indicator")["value"]["foreign_born_share"] == pytest.approx(by_hand)


def test_intervals_hold_their_values(kalmar):
    for table in (kalmar.trends, kalmar.changes):
        assert (table["ci_low"] <= table["ci_high"]).all()
        assert table["se"].gt(0).all()
    assert kalmar.changes["p_value"].between(0.0009, 1).all()
    spread = kalmar.trends[kalmar.trends["measure"] == "sigma"]
    assert ((spread["ci_low"] < spread["value"] * 1.3) & (spread["value"] * 0.7 < spread["ci_high"])).all()


def test_every_change_has_a_sentence_without_placeholders(kalmar, english):
    for result in (kalmar, english):
        sentences = result.changes["sentence"]
        assert sentences.str.endswith(".").all()
        assert not sentences.str.contains(r"[{}]|nan").any()


def test_carried_weights_are_said(kalmar):
    rows = kalmar.trends[kalmar.trends["geography"] == "deso"]
    assert rows["note"].str.contains("2025").all()


def test_all_claims_have_a_verdict_and_a_reason(kalmar, english):
    for result in (kalmar, english):
        table = result.claims
        assert table["claim"].tolist() == [
            "strong_against_sweden",
            "strong_against_peers",
            "polarization_up",
            "well_off_better_off",
            "weak_dispersed",
            "income_up_everywhere",
            "education_up_in_most",
        ]
        assert set(table["verdict"]) <= {"supported", "not supported", "cannot be tested"}
        assert not table["reason"].str.contains(r"[{}]|nan").any()
        assert (table["reason"].str.len() > 30).all()


def test_claims_by_hand(kalmar):
    table = kalmar.claims.set_index("claim")
    regso = areas.load_example("kalmar", "regso").pivot(
        index="area_id", columns="period", values="mean_wage_income"
    )
    assert table.loc["income_up_everywhere", "value"] == (regso[2023] > regso[2020]).sum()
    deso = areas.load_example("kalmar").pivot(
        index="area_id", columns="period", values="post_secondary_share"
    )
    share = 100 * (deso[2025] > deso[2024]).mean()
    assert table.loc["education_up_in_most", "value"] == pytest.approx(share)
    assert table.loc["strong_against_sweden", "verdict"] == "cannot be tested"
    assert (
        "86,98" in table.loc["strong_against_sweden", "reason"]
        or "87,0" in table.loc["strong_against_sweden", "reason"]
    )


def test_only_figures_of_one_definition_are_compared():
    reference = areas.load_reference()
    pairs = peers.comparable(reference, "0880", peers.PEERS["0880"], least=3)
    assert set(pairs["indicator"]) >= {
        "employment_rate",
        "median_income",
        "post_secondary_share",
        "turnout_riksdag",
    }
    for row in pairs.itertuples():
        same = reference[(reference["indicator"] == row.indicator) & (reference["period"] == row.period)]
        others = same[same["municipality_code"].isin(peers.PEERS["0880"])]["value"]
        assert row.other == pytest.approx(others.median())
    sweden = peers.comparable(reference, "0880", ("00",), least=1)
    assert set(sweden["indicator"]) == {"turnout_riksdag", "turnout_municipal"}


def test_official_types_stand_beside(kalmar):
    assert len(kalmar.official) == 17
    assert survey.official_agreement(kalmar) >= 0.75
    assert "official_area_type" not in kalmar.areas


def test_the_notes_say_why_turnout_is_lower_than_the_official(kalmar):
    text = " ".join(kalmar.notes)
    assert "84,8 procent i distrikten mot 87,0" in text
    assert "procentenheter" in text


def test_the_same_seed_gives_the_same_survey(kalmar):
    again = survey.run("kalmar", n_bootstrap=DRAWS)
    for name, table in kalmar.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


def test_the_record_is_frozen(kalmar):
    with pytest.raises(FrozenInstanceError):
        kalmar.name = "Oskarshamn"
    assert replace(kalmar, name="Oskarshamn").name == "Oskarshamn"


@pytest.mark.parametrize("name", ["motala", "katrineholm"])
def test_the_other_embedded_municipalities_run(name, surveyed):
    result = surveyed(name, n_bootstrap=99, language="en")
    assert result.official.empty
    assert set(result.areas["profile"]) == {1, 2, 3, 4, 5}
    assert len(result.claims) == 7
    # The statements are Kalmar's own: its survey has no say elsewhere.
    assert not result.claims["reason"].str.contains("Kalmar's survey").any()


def test_all_files_are_there(folder):
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    for indicator in ("profiles", "employment_rate", "median_income", "post_secondary_share", "turnout"):
        for ending in ("png", "svg", "pdf"):
            assert f"maps/{indicator}.{ending}" in files
    assert {"report.html", "map.html", "areas.gpkg", "survey.xlsx", "run.json"} <= set(files)
    assert ("report.pdf" in files) == (not problem())
    assert sum(name.startswith("fact_sheets/") for name in files) == 43
    assert {"tables/areas.csv", "tables/claims.csv", "tables/trends.csv"} <= set(files)
    assert not [p for p in folder.parent.iterdir() if p != folder]


def test_run_json_tells_how_to_repeat_it(folder, kalmar):
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert run["seed"] == 0
    assert run["n_bootstrap"] == DRAWS
    assert run["packages"]["numpy"] == np.__version__
    assert set(run["input_sha256"]) >= {"areas.geojson", "indicators.csv", "districts.csv", "reference.csv"}
    made = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
    assert run["files"] == sorted(set(made) - {"run.json"})
    assert run["indicators"] == list(kalmar.indicators)


def test_files_hold_the_same_figures(folder, kalmar):
    layer = gpd.read_file(folder / "areas.gpkg", layer="areas")
    assert layer["profile"].tolist() == kalmar.areas["profile"].tolist()
    table = pd.read_csv(folder / "tables" / "areas.csv")
    assert np.allclose(table["turnout"], kalmar.areas["turnout"])
    book = openpyxl.load_workbook(folder / "survey.xlsx", read_only=True)
    assert len(book.sheetnames) == len(kalmar.tables) + 1


def test_pages_are_self_contained(folder):
    for name in ("report.html", "map.html"):
        page = (folder / name).read_text(encoding="utf-8")
        for tag in ('src="http', "<link", "url(http", "@import"):
            assert tag not in page, (name, tag)


def test_a_foreign_folder_is_left_alone(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "budget.xlsx").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match=r"holds other files \(budget.xlsx\).*--force"):
        survey.run("motala", out=out, n_bootstrap=99)
    assert [p.name for p in out.iterdir()] == ["budget.xlsx"]
    survey.run("motala", out=out, n_bootstrap=99, force=True)
    assert (out / "budget.xlsx").read_text(encoding="utf-8") == "mine"
    assert (out / "report.html").is_file()


def test_an_earlier_survey_is_replaced_and_leaves_nothing_behind(tmp_path):
    out = tmp_path / "out"
    survey.run("motala", out=out, n_bootstrap=99)
    before = (out / "maps" / "profiles.png").read_bytes()
    columns = ["employment_rate", "median_income"]
    survey.run("motala", out=out, n_bootstrap=99, columns=columns)
    assert (out / "maps" / "profiles.png").read_bytes() != before
    assert not (out / "maps" / "turnout.png").exists()


def test_a_failure_while_writing_leaves_the_folder_as_it_was(tmp_path, monkeypatch, kalmar):
    out = tmp_path / "out"
    out.mkdir()

    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs.export, "to_excel", fail)
    with pytest.raises(FileError, match="No space left on device"):
        survey.write(kalmar, out)
    assert not list(out.iterdir())
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_an_error(tmp_path, kalmar):
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match="can't write"):
        survey.write(kalmar, tmp_path / "out")


def test_a_file_or_a_missing_parent_is_an_error(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(FileError, match="is a file"):
        check_folder(tmp_path / "file")
    with pytest.raises(FileError, match="does not exist"):
        check_folder(tmp_path / "none" / "out")


def test_maps_carry_their_parts(kalmar):
    axes = pictures.profile_map(kalmar, maps.new_axes())
    texts = " ".join(t.get_text() for t in axes.figure.findobj() if hasattr(t, "get_text"))
    for part in ("SCB 2024", "Valmyndigheten 2026", "Norrliden", "Oxhagen", "modeller"):
        assert part in texts, part


# The user's own files.


def _own(folder, n=12, **changes):
    """Write a folder of own data: a grid of areas, two years."""
    folder.mkdir(exist_ok=True)
    shapes = [box(x * 1000, y * 1000, (x + 1) * 1000, (y + 1) * 1000) for x in range(4) for y in range(3)][:n]
    codes = [f"{i:04d}" for i in range(1, n + 1)]
    frame = gpd.GeoDataFrame(
        {"area_id": codes, "name": [f"Område {c}" for c in codes]}, geometry=shapes, crs=3006
    )
    frame.to_file(folder / "areas.gpkg")
    draw = np.random.default_rng(1)
    level = np.linspace(60, 90, n)
    rows = [
        {
            "area_id": code,
            "period": period,
            "population": 1000 + 10 * i,
            "employment_rate": level[i] + draw.normal(),
            "median_income": 200 + 3 * level[i] + draw.normal() + 5 * (period - 2023),
            "post_secondary_share": level[i] / 2 + draw.normal(),
        }
        for period in (2023, 2024)
        for i, code in enumerate(codes)
    ]
    table = pd.DataFrame(rows).assign(**changes)
    table.to_csv(folder / "indicators.csv", index=False, sep=";", decimal=",")
    return folder


def test_own_data_get_the_same_survey(tmp_path):
    result = survey.run(_own(tmp_path / "mine"), out=tmp_path / "out", n_bootstrap=99, n_profiles=3)
    assert result.name == "mine"
    assert result.indicators == ("employment_rate", "median_income", "post_secondary_share")
    assert result.areas["profile"].is_monotonic_increasing
    verdicts = result.claims.set_index("claim")["verdict"]
    assert verdicts["strong_against_sweden"] == "cannot be tested"
    assert verdicts["polarization_up"] != "cannot be tested"
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_panel_can_be_surveyed_without_files():
    result = survey.run(areas.load_example("motala"), n_bootstrap=99, n_profiles=4)
    assert result.turnout_model.empty
    assert len(result.areas) == 24


def test_data_of_one_period_have_no_trends(tmp_path):
    panel = areas.load_example("motala").query("period == 2024").reset_index(drop=True)
    result = survey.run(panel, out=tmp_path / "out", n_bootstrap=99, n_profiles=3)
    assert result.trends.empty
    assert (result.claims.set_index("claim").loc["polarization_up", "verdict"]) == "cannot be tested"


BAD_OWN = {
    "fewer areas than profiles": ({}, {"n_profiles": 13}, InputError, "only 12 areas"),
    "no variance": (
        {"employment_rate": 80},
        {},
        InputError,
        "employment_rate: has the same value in every area",
    ),
    "missing figures": ({"employment_rate": np.nan}, {}, InputError, "employment_rate.*missing"),
    "text": ({"employment_rate": ["x", *[70] * 23]}, {}, InputError, "text where a number belongs"),
    "share": ({"employment_rate": 170}, {}, InputError, "outside 0-100"),
    "unknown indicator": ({}, {"columns": ["happiness"]}, UnknownNameError, "lacks the column.*happiness"),
    "one profile": ({}, {"n_profiles": 1}, InputError, "n_profiles.*>= 2"),
    "language": ({}, {"language": "de"}, InputError, "language: is 'de'"),
    "draws": ({}, {"n_bootstrap": 5}, InputError, "n_bootstrap: is 5"),
}


@pytest.mark.parametrize("case", BAD_OWN)
def test_bad_own_data_write_nothing(tmp_path, case):
    changes, options, error, pattern = BAD_OWN[case]
    source = _own(tmp_path / "mine", **changes)
    choices = {"n_bootstrap": 99, "columns": ["employment_rate", "median_income"]} | options
    with pytest.raises(error, match=pattern):
        survey.run(source, out=tmp_path / "out", **choices)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_missing_and_doubled_files_are_named(tmp_path):
    source = _own(tmp_path / "mine")
    (source / "areas.geojson").write_text("{}", encoding="utf-8")
    with pytest.raises(FileError, match=r"more than one file of areas \(areas.geojson, areas.gpkg\)"):
        survey.load(source)
    (source / "areas.geojson").unlink()
    (source / "indicators.csv").unlink()
    with pytest.raises(FileError, match=r"none of indicators.csv, indicators.xlsx"):
        survey.load(source)
    with pytest.raises(UnknownNameError, match=r"municipality is called 'nowhere'.*no folder nowhere"):
        survey.load("nowhere")


def test_indicators_without_direction_are_asked_for(tmp_path):
    panel = areas.load_example("motala")[
        ["area_id", "period", "name", "population", "flat_share", "geometry"]
    ]
    with pytest.raises(InputError, match="fewer than two indicators have a direction"):
        survey.run(panel, n_bootstrap=99)


def test_modelled_series_are_not_measured_over_time():
    panel = survey.load("kalmar").main
    found = measuring.series_of({"deso": panel}, language="sv")
    assert "turnout" not in {s.indicator for s in found}


def test_areas_of_students_are_said_with_the_reason(kalmar):
    flags = kalmar.areas.set_index("name")["flags"]
    for name in ("Malmen S", "Malmen V"):
        assert "speglar till stor del studier" in flags[name]
    assert not flags.drop(["Malmen S", "Malmen V"]).str.contains("speglar till stor del studier").any()


def test_areas_of_uncertain_place_are_listed(kalmar):
    model = Profiles(5).fit(kalmar.areas)
    refits = model.stability(200, 0).areas
    expected = refits.loc[refits["kept"] < 0.8, "area_id"]
    assert set(kalmar.borderline["area_id"]) == set(expected)
    assert 0 < len(expected) < 10
    assert kalmar.borderline["kept"].is_monotonic_increasing
    assert (kalmar.borderline["profile"] != kalmar.borderline["other_profile"]).all()


def test_education_of_another_year_moves_no_area(kalmar):
    # Education is of 2025; with that of 2024 every area keeps its profile, found anew or predicted.
    panel = areas.load_example("kalmar")
    before = panel[panel["period"] == 2024].set_index("area_id")["post_secondary_share"]
    earlier = kalmar.areas.assign(post_secondary_share=kalmar.areas["area_id"].map(before))
    assert (earlier["post_secondary_share"] != kalmar.areas["post_secondary_share"]).all()
    model = Profiles(5).fit(kalmar.areas)
    assert (model.predict(earlier) == kalmar.areas["profile"]).all()
    again = align(model.labels_, Profiles(5).fit(earlier).labels_)
    assert (again == kalmar.areas["profile"]).all()
