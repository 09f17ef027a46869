"""The evaluation of the meeting places: its tables are those of the functions, its words are plain."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pandas as pd
import pytest

from segkit import areas, evaluation, studies
from segkit.errors import FileError, InputError, UnknownNameError

PLACES = ["08801610", "08801715", "08801817", "08801818"]
FUNKABO, BERGA = "08801712", "08801716"
#: Words that would judge an area, or claim what a comparison of few areas can't show.
UNWANTED = {
    "sv": r"orsakade|orsakat|tack vare|ledde till|effekten av mötesplats|utanförskap|utsatta|problemområde|"
    r"misslyckad|sämst|getto|drabbad",
    "en": r"\bcaused\b|thanks to|\bled to a\b|effect of the meeting|deprived|vulnerable|problem area|"
    r"failed|\bworst\b|ghetto|disadvantaged",
}


@pytest.fixture(scope="module")
def study():
    return studies.did_it_work("kalmar", language="en", n_permutations=999)


@pytest.fixture(scope="module")
def districts():
    panel = pd.DataFrame(areas.load_example("kalmar", "districts"))
    return panel[panel["boundary_comparable"] == 1]


def test_the_difference_by_hand(study):
    # Treated 72.267 -> 71.962; from the counts of ballots and voters in the file.
    raw = areas.load_example("kalmar", "districts")
    raw = raw[raw["ballots"].notna() & (raw["boundary_comparable"] == 1)]
    turnout = raw.assign(t=100 * raw["ballots"] / raw["electorate"]).pivot(
        index="area_id", columns="period", values="t"
    )
    change = turnout[2026] - turnout[2022]
    mine = change.index.isin(PLACES)
    by_hand = change[mine].mean() - change[~mine].mean()
    assert study.tables["variants"].loc[0, "value"] == pytest.approx(by_hand, abs=1e-3)
    assert study.tables["estimate"].loc[0, "n_areas"] == 39
    assert sorted(study.tables["excluded"]["area_id"]) == ["08800108", "08800124", "08801611"]


def test_variants_are_those_of_the_functions(study, districts):
    rows = study.tables["variants"].set_index("variant")
    options = {"start": 2026, "n_permutations": 999}
    expected = {
        "main": {"treated": PLACES},
        "nearby": {"treated": [*PLACES, FUNKABO]},
        "weighted": {"treated": PLACES, "weight": "electorate"},
        "level": {"treated": PLACES, "covariates": ["turnout"]},
    }
    for variant, chosen in expected.items():
        found = evaluation.difference_in_differences(districts, "turnout", **chosen, **options)
        assert rows.loc[variant, "value"] == pytest.approx(found.estimate.loc[0, "value"], rel=1e-7)
        assert rows.loc[variant, "p_value"] == pytest.approx(found.estimate.loc[0, "p_value"], rel=1e-7)
    assert rows.loc["lowest", ["n_treated", "n_untreated", "n_sets"]].tolist() == [4, 12, 999]
    assert rows.loc["joined", "n_treated"] == 3
    assert rows.loc["alone", "place"].tolist() == ["Oxhagen", "Berga Centrum", "Norrliden V + Ö"]


def test_norrliden_as_one_by_hand(study):
    raw = pd.DataFrame(areas.load_example("kalmar", "districts")).set_index(["area_id", "period"])
    both = [
        100 * raw.loc[[(a, year) for a in PLACES[2:]], "ballots"].sum()
        / raw.loc[[(a, year) for a in PLACES[2:]], "electorate"].sum()
        for year in (2022, 2026)
    ]  # fmt: skip
    rest = study.tables["districts"].query("role == 'untreated'")["change"].mean()
    alone = study.tables["variants"].query("place == 'Norrliden V + Ö'")["value"].item()
    assert alone == pytest.approx(both[1] - both[0] - rest, abs=1e-3)


def test_berga_and_funkabo_are_not_among_the_places(study):
    table = study.tables["places"].set_index("area_id")
    assert BERGA not in table.index
    assert table.loc[FUNKABO, "role"] == "nearby"
    assert table.index[table["role"] == "treated"].tolist() == PLACES


@pytest.mark.parametrize("language", ["sv", "en"])
def test_words(language):
    page = studies.did_it_work("kalmar", language=language, n_permutations=999).document.render()
    body = page[page.index("<body") :]
    text = re.sub(r"<[^>]+>", " ", body)
    assert not re.search(r"[{}]", text)
    assert not re.search(UNWANTED[language], text, re.IGNORECASE)
    needed = {"sv": "Det går inte att skilja från slumpen", "en": "It can&#39;t be told from chance"}
    assert needed[language] in text
    assert "needs 3 or more" in text


def test_same_bytes_twice_and_no_network(tmp_path, study):
    again = studies.did_it_work("kalmar", language="en", n_permutations=999)
    assert again.document.render() == study.document.render()
    folder = study.write(tmp_path / "out")
    assert {"report.html", "tables.xlsx", "run.json"} <= {path.name for path in folder.iterdir()}
    assert "http://" not in re.sub(r"http://www\.w3\.org\S*", "", study.document.render())


def test_a_panel_of_ones_own_with_several_periods():
    rows = [
        {
            "area_id": f"a{i:02d}",
            "period": year,
            "name": f"A{i}",
            "turnout": 60.0 + i + (year % 7) * (i % 3) / 3,
        }
        for i in range(12)
        for year in (2010, 2014, 2018, 2022, 2026)
    ]
    panel = pd.DataFrame(rows)
    panel.loc[(panel["area_id"] == "a00") & (panel["period"] == 2026), "turnout"] += 9
    found = studies.did_it_work(panel, treated=["a00"], language="en", n_permutations=99)
    text = found.document.render()
    assert found.tables["variants"].loc[0, "p_value"] == pytest.approx(1 / 12)
    assert "there is a single measurement before" not in text
    assert "synthetic control) can" not in text


def test_errors(districts):
    with pytest.raises(FileError, match="has no election districts"):
        studies.did_it_work("nowhere")
    with pytest.raises(UnknownNameError, match=r"treated: names districts that are not there \(1\)"):
        studies.did_it_work("kalmar", treated=["1"])
    with pytest.raises(InputError, match="treated: changed boundary"):
        studies.did_it_work("kalmar", treated=["08800108"])
    with pytest.raises(InputError, match="treated: has no default"):
        studies.did_it_work("motala")
    with pytest.raises(InputError, match="treated: is '08801610'"):
        studies.did_it_work("kalmar", treated="08801610")
    with pytest.raises(UnknownNameError, match="outcome"):
        studies.did_it_work("kalmar", outcome="happiness")
    with pytest.raises(InputError, match="period"):
        studies.did_it_work(districts[districts["period"] == 2026], treated=PLACES)
    with pytest.raises(InputError, match="language"):
        studies.did_it_work("kalmar", language="fi")


def test_the_command_from_another_folder(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "segkit", "evaluate", "kalmar", "--out", "here"],
        cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here" / "report.html").is_file()
    wrong = subprocess.run(
        [sys.executable, "-m", "segkit", "evaluate", "kalmar", "--treated", "1"],
        cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert wrong.returncode == 2
    assert "treated" in wrong.stderr
