"""The study of an area and the follow-up as reports: figures as in the data, plain words, the same bytes."""

import re

import numpy as np
import pytest
from typer.testing import CliRunner

from segkit import studies, transitions
from segkit.cli import app
from segkit.errors import InputError, UnknownNameError
from segkit.panels.areas import latest
from segkit.studies.survey import load

#: Words that judge people or places, or claim a cause that nobody has shown.
FORBIDDEN = {
    "sv": r"utsatt|problemområde|belastad|sämst|orsakar|leder till|beror på att|ghetto|tack vare",
    "en": r"ghetto|deprived|worst|problem area|causes|leads to|because of the|thanks to",
}


@pytest.fixture(scope="module")
def norrliden():
    return studies.area_study("0880C1220", language="en")


def test_figures_are_those_of_the_data(norrliden):
    panel = load("kalmar").main
    newest, _ = latest(panel, ["employment_rate", "turnout"])
    own = newest.set_index("area_id").loc["0880C1220"]
    now = norrliden.tables["now"].set_index("indicator")
    assert now.loc["employment_rate", "value"] == own["employment_rate"]
    assert now.loc["turnout", "value"] == own["turnout"]
    mean = np.average(newest["employment_rate"], weights=newest["population"])
    assert now.loc["employment_rate", "mean"] == pytest.approx(mean, rel=1e-12)
    assert (
        now.loc["employment_rate", "rank"] == (newest["employment_rate"] < own["employment_rate"]).sum() + 1
    )


def test_peers_are_those_of_the_method(norrliden):
    assert norrliden.tables["peers"]["name"].tolist()[:3] == ["Norrliden V", "Oxhagen", "Funkabo"]
    regso = load("kalmar").panels["regso"]
    nearest = transitions.peers(regso, "0880R012", ["mean_wage_income"], period=2020, path=0, n=6)
    fan = transitions.trajectory_fan(regso, "0880R012", "mean_wage_income", nearest, horizon=3, period=2020)
    assert norrliden.tables["after"].equals(fan)


def test_a_series_of_the_regso_is_said_to_be_one(norrliden):
    page = norrliden.document.render()
    assert "This one is of RegSO Norrliden" in page
    whole = studies.area_study("0880R012", language="en").document.render()
    assert "This one is of RegSO" not in whole


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("make", [lambda **o: studies.area_study("0583C1110", **o), studies.follow_up])
def test_plain_words(make, language):
    page = make(language=language).document.render()
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", page, flags=re.DOTALL)
    assert not re.search(r"[{}]", body)
    assert not re.search(FORBIDDEN[language], body, re.IGNORECASE)


def test_the_same_bytes_twice(tmp_path):
    for number in (1, 2):
        studies.area_study("0483C1090", language="en").write(tmp_path / str(number))
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("1", "2"))
    assert set(one) >= {"report.html", "tables.xlsx", "run.json"}
    assert one == two


def test_the_command_works_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["area", "0880C1120", "--language", "en"])
    assert done.exit_code == 0, done.output
    assert "The report is in" in done.output
    assert (tmp_path / "area-0880C1120" / "report.html").is_file()


def test_errors(tmp_path):
    with pytest.raises(UnknownNameError, match="no embedded municipality has the area '9999C1010'"):
        studies.area_study("9999C1010")
    with pytest.raises(UnknownNameError, match="Kalmar has no area '0880C9999'"):
        studies.area_study("0880C9999")
    with pytest.raises(InputError, match="language"):
        studies.area_study("0880C1220", language="fi")
    done = CliRunner().invoke(app, ["area", "0880C9999"])
    assert done.exit_code == 2
