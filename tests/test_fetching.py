"""A municipality fetched and surveyed: right figures and flags, or a clear error and nothing written."""

import json
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from fetch_factory import CODE, SPLIT, Sources
from shapely import box
from standin import faults
from standin import scb as made_up
from typer.testing import CliRunner

import segkit.sources
from segkit import fetching, geography, survey
from segkit.cli import app
from segkit.errors import DataWarning, FileError, InputError, NotFetchedError, SourceError, UnknownNameError

SOME = ["population", "median_income", "post_secondary_share"]


@pytest.fixture
def sources(tmp_path):
    with Sources(tmp_path).serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Everything of the made-up municipality, fetched once."""
    folder = tmp_path_factory.mktemp("whole")
    with Sources(folder).serving() as serving:
        fetching.fetch(CODE, folder / "out", client=serving.client())
        asked = [(a.method, a.path, a.body) for a in serving.server.asked]
        again = len(serving.server.asked)
        before = contents(folder / "out")
        fetching.fetch(CODE, folder / "out", client=serving.client())
        again = len(serving.server.asked) - again
        plan = fetching.requests_for(CODE, client=serving.client(dry_run=True))
        blind = fetching.requests_for(CODE, client=serving.client("none", dry_run=True))
        offline = serving.client(offline=True)
        fetching.fetch(CODE, folder / "offline", client=offline)
        yield {
            "folder": folder / "out",
            "asked": asked,
            "again": again,
            "before": before,
            "plan": plan,
            "blind": blind,
            "offline": folder / "offline",
        }


def contents(folder):
    """Return what files hold; SQLite counts its own writes, so a GeoPackage is compared as a table."""
    return {
        p.name: gpd.read_file(p).to_wkt().to_csv() if p.suffix == ".gpkg" else p.read_bytes()
        for p in sorted(folder.iterdir())
    }


def test_figures_are_those_of_the_source(whole):
    found = fetching.read(whole["folder"])
    assert (found.code, found.name, list(found.panels)) == (CODE, "Påhittad", ["deso", "regso"])
    deso = found.panels["deso"].set_index(["area_id", "period"])
    assert found.panels["deso"]["area_id"].nunique() == 60
    for area, year in (("9901A0010", 2011), ("9901B0070", 2023), ("9901C0400", 2024)):
        assert deso.loc[(area, year), "population"] == made_up.persons(area, year)
    income = made_up.tables()["TAB6684"]
    chosen = {"ContentsCode": "000008AB"}
    assert deso.loc[("9901C0120", 2016), "median_income"] == income.value("9901C0120", 2016, chosen)[0]
    assert deso.loc[("9901A0010", 2020), "low_economic_standard_flag"] == "not available"
    assert deso.loc[("9901B0070", 2023), "post_secondary_share_flag"] == "ages 25-64"
    assert deso.loc[("9901B0070", 2019), "employment_rate_flag"] == "earlier register"
    regso = found.panels["regso"]
    assert sorted(regso.loc[regso["official_area_type"].notna(), "period"].unique()) == [*range(2011, 2024)]
    assert "turnout" not in deso


def test_a_divided_area_is_interpolated_and_its_people_preserved(whole):
    deso = fetching.read(whole["folder"]).panels["deso"].set_index(["area_id", "period"])
    (new, old), *_ = SPLIT.items()
    for year in (2010, 2023):
        parts = deso.loc[[(old, year), (new, year)]]
        assert parts["population"].sum() == pytest.approx(made_up.persons(old, year), rel=1e-12)
        assert set(parts["population_flag"]) == {"interpolated"}
    assert set(deso.loc[[(old, 2023), (new, 2023)], "post_secondary_share_flag"]) == {
        "ages 25-64, interpolated"
    }
    comparable = deso["boundary_comparable"].groupby("area_id").first()
    assert set(comparable[comparable == 0].index) == {old, new}


def test_a_second_run_and_an_offline_run_ask_nothing_and_write_the_same(whole):
    assert whole["again"] == 0
    assert contents(whole["folder"]) == whole["before"]
    assert contents(whole["offline"]) == whole["before"]


def test_the_plan_is_what_is_sent(whole):
    def pairs(plan):
        # The addresses differ in the port alone; the pages of boundaries are told apart by their query.
        return {(r.method, "/" + r.url.split("/", 3)[3].partition("?")[0], r.body.encode()) for r in plan}

    sent = set(whole["asked"])
    assert pairs(whole["plan"].itertuples()) == sent
    assert whole["plan"]["kept"].all()
    assert not whole["blind"]["kept"].any()
    assert len(whole["blind"]) == len(whole["plan"]) == len(whole["asked"])


def test_a_survey_of_the_folder_has_names_sources_flags_and_breaks(whole):
    result = survey.run(
        whole["folder"], n_bootstrap=99, language="en", columns=[*SOME[1:], "employment_rate"]
    )
    assert result.name == "Påhittad"
    assert len(result.areas) == 60
    table = result.sources.set_index("indicator")
    assert table.loc["median_income", ["source_table", "period"]].tolist() == ["TAB6684", "2024"]
    assert table.loc["median_income", "retrieved"] != ""
    row = result.areas.set_index("area_id").loc["9901C0400"]
    assert row["population"] == made_up.persons("9901C0400", 2025)
    changes = result.changes[result.changes["geography"] == "deso"].set_index("indicator")
    assert set(changes.loc["post_secondary_share", "period"]) == {"2024–2025"}
    assert set(changes.loc["employment_rate", "period"]) == {"2020–2024"}
    assert "2 areas whose boundaries have changed" in changes.loc["median_income", "note"].iloc[0]
    told = " ".join(result.notes)
    assert "the figures for 2015–2023 have an earlier definition" in told
    assert "2 areas have other boundaries" in told
    assert "simplified" not in told
    claim = result.claims.set_index("claim").loc["education_up_in_most"]
    assert claim["period"] == "2024–2025"
    assert not result.official.empty


FAULTS = {
    "429": faults.too_many(1),
    "500": faults.status(500),
    "reset": faults.reset,
    "truncated": faults.truncated,
    "page called JSON": faults.html_called_json,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_passes_is_waited_for_and_what_does_not_leaves_nothing_half_written(sources, tmp_path, fault):
    out, get = tmp_path / "out", partial(fetching.fetch, CODE, tmp_path / "out", indicators=SOME)
    sources.server.fail(fault, times=2, where="TAB6684/data")
    sources.server.fail(fault, where="wfs")
    get(client=sources.client("patient"))
    right = contents(out)
    sources.server.fail(fault, times=3, where="TAB6684/data")
    with pytest.raises(SourceError, match="TAB6684"):
        get(client=sources.client("broken"))
    assert contents(out)["indicators.csv"] == right["indicators.csv"]
    before = sources.server.count()
    get(client=sources.client("broken"))
    assert contents(out)["indicators.csv"] == right["indicators.csv"]
    assert not sources.server.count("TAB6574/metadata") > 2
    assert sources.server.count() > before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken", "out", "patient"]


def test_more_cells_than_allowed_come_in_parts(sources, tmp_path):
    fetching.fetch(CODE, tmp_path / "a", indicators=SOME, client=sources.client("one"))
    sources.scb.max_cells = 300
    fetching.fetch(CODE, tmp_path / "b", indicators=SOME, client=sources.client("two"))
    assert (tmp_path / "a" / "indicators.csv").read_bytes() == (
        tmp_path / "b" / "indicators.csv"
    ).read_bytes()


def test_a_moved_table_is_told_and_one_that_is_gone_is_left_out_and_told(sources, tmp_path):
    moved = sources.scb.tables.pop("TAB6684")
    moved.id = "TAB7001"
    sources.scb.tables["TAB7001"] = moved
    del sources.scb.tables["TAB6680"]
    del sources.scb.tables["TAB5880"]
    wanted = ["median_income", "unemployment_rate"]
    with pytest.warns(DataWarning) as told:
        fetching.fetch(CODE, tmp_path / "out", indicators=wanted, client=sources.client())
    assert any("moved to TAB7001" in str(w.message) for w in told)
    about = fetching.read(tmp_path / "out").about
    assert list(about["left_out"]) == ["deso unemployment_rate", "regso unemployment_rate"]
    assert "TAB6680: is gone" in about["left_out"]["deso unemployment_rate"]
    assert "moved to TAB7001" in about["remarks"][0]


def test_years_that_the_source_has_not_filled_are_no_data(sources, tmp_path):
    sources.scb.tables["TAB6574"].value = lambda _, year, __: (0 if year == 2025 else 700, "")
    fetching.fetch(CODE, tmp_path / "out", indicators=["population"], client=sources.client())
    deso = fetching.read(tmp_path / "out").panels["deso"]
    assert deso.loc[deso["period"] == 2025, "population"].isna().all()
    assert set(deso.loc[deso["period"] == 2025, "population_flag"]) == {"not published"}


def test_some_years_and_areas_only(sources, tmp_path):
    get = partial(fetching.fetch, CODE, indicators=["median_income"], geographies=["deso"])
    get(tmp_path / "new", periods=[2024], client=sources.client())
    assert sources.server.count("RegSO") == 0
    assert not any("2018" in str(a.query) for a in sources.server.asked if "wfs" in a.path)
    assert set(fetching.read(tmp_path / "new").panels["deso"]["period"]) == {2024}
    get(tmp_path / "old", periods=range(2015, 2018), client=sources.client())
    old = fetching.read(tmp_path / "old").panels["deso"]
    assert (set(old["period"]), old["area_id"].nunique()) == ({2015, 2016, 2017}, 60)


def test_another_municipality_or_other_files_are_not_overwritten(sources, tmp_path):
    out = tmp_path / "out"
    get = partial(fetching.fetch, out=out, indicators=["population"], geographies=["deso"])
    get(CODE, client=sources.client())
    with pytest.raises(FileError, match="holds the municipality 9901"):
        get("9902", client=sources.client())
    with pytest.raises(FileError, match="other files"):
        survey.run("kalmar", out=out)
    assert fetching.read(out).code == CODE
    get("9902", client=sources.client(), force=True)
    assert fetching.read(out).code == "9902"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x")
    with pytest.raises(FileError, match=r"letter\.txt"):
        fetching.fetch(CODE, tmp_path / "mine", client=sources.client())


def test_a_full_disk_leaves_the_folder_as_it_was(sources, tmp_path, monkeypatch):
    out = tmp_path / "out"
    fetching.fetch(CODE, out, indicators=["population"], client=sources.client())
    before = contents(out)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(FileError, match="No space left"):
        fetching.fetch(CODE, out, indicators=SOME, client=sources.client())
    monkeypatch.undo()
    assert contents(out) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "out"]


def test_wrong_wishes_are_refused_before_anything_is_asked(sources, tmp_path):
    get = partial(fetching.fetch, out=tmp_path / "out", client=sources.client())
    with pytest.raises(UnknownNameError, match="happiness"):
        get(CODE, indicators=["happiness"])
    with pytest.raises(UnknownNameError, match="official_index"):
        get(CODE, indicators=["official_index"], geographies=["deso"])
    with pytest.raises(InputError, match="names no year"):
        get(CODE, periods=[])
    with pytest.raises(InputError, match="geographies"):
        get(CODE, geographies=["county"])
    assert sources.server.asked == []
    with pytest.raises(NotFetchedError, match="offline"):
        fetching.fetch(CODE, tmp_path / "out", client=sources.client("empty", offline=True))
    with pytest.raises(SourceError, match="9977"):
        get("9977")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"municipality": "9901"}'])
def test_a_damaged_folder_is_told(tmp_path, text):
    (tmp_path / "fetched.json").write_text(text)
    with pytest.raises(InputError, match=r"fetched\.json is damaged"):
        survey.load(tmp_path)


# Boundaries


def layer(**shapes):
    return gpd.GeoDataFrame({"area_id": list(shapes)}, geometry=list(shapes.values()), crs=3006)


def test_each_kind_of_change_has_its_cause():
    old = layer(
        same=box(0, 0, 10, 10),
        coast=box(20, 0, 30, 10),
        left=box(40, 0, 50, 10),
        right=box(50, 0, 60, 10),
        before=box(70, 0, 80, 10),
        shrunk=box(90, 0, 100, 10),
    )
    new = layer(
        same=box(0, 0, 10, 10),
        coast=box(20, 0, 35, 10),
        merged=box(40, 0, 60, 10),
        after=box(70, 0, 80, 10),
        shrunk=box(90, 0, 95, 10),
    )
    table = geography.boundary_changes(old, new)
    assert table.to_numpy().tolist() == [
        ["before", "after", "unchanged", 1.0],
        ["coast", "coast", "water", 1.0],
        ["left", "merged", "redrawn", 1.0],
        ["right", "merged", "redrawn", 1.0],
        ["shrunk", "shrunk", "boundary", 1.0],
    ]


# The command line


@pytest.fixture
def command(sources, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    real = segkit.sources.Client

    def made(**options):
        return real(base_urls=sources.bases, sleep=lambda _: None, **options)

    monkeypatch.setattr(segkit.sources, "Client", made)
    return lambda *words: CliRunner().invoke(app, ["fetch", *words, "--cache", "cache"])


def test_the_command_fetches_and_says_how_to_go_on(command):
    result = command(CODE, "--out", "pahittad", "--indicators", "median_income", "--periods", "2020-2024")
    assert result.exit_code == 0, result.output
    assert "segkit survey pahittad" in result.stdout
    assert "SCB deso median_income" in result.stderr
    assert json.loads(Path("pahittad/fetched.json").read_text(encoding="utf-8"))["periods"] == [
        *range(2020, 2025)
    ]
    again = command(CODE, "--out", "other", "--indicators", "median_income", "--offline", "--language", "en")
    assert "Go on with: segkit survey other" in again.stdout


def test_a_dry_run_sends_nothing(command, sources):
    result = command(CODE, "--dry-run", "--language", "en", "--geography", "deso")
    assert result.exit_code == 0, result.output
    assert sources.server.asked == []
    assert "POST" in result.stdout
    assert '"codelist":"vs_DeSO2025"' in result.stdout
    assert "typeNames=stat:DeSO_2018" in result.stdout
    assert not Path("cache").exists()


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        (["780"], "municipality: must be a code of four digits"),
        ([CODE, "--periods", "last year"], "--periods: can't be read"),
        ([CODE, "--indicators", "happiness"], "indicators: not known"),
        ([CODE, "--offline"], "this is offline"),
    ],
)
def test_errors_are_one_line(command, words, pattern):
    result = command(*words)
    assert result.exit_code == 2
    assert pattern in result.stderr
    assert "Traceback" not in result.output
