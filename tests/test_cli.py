"""The command line, as a user meets it."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from segkit import __version__
from segkit.cli import app


@pytest.fixture
def run():
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.mark.slow
def test_a_survey_ends_with_the_place_of_the_report(run, tmp_path, monkeypatch):
    monkeypatch.setattr("segkit.output.document.pdf.problem", lambda: "pdf: left out")
    result = run("survey", "motala", "--out", str(tmp_path / "out"), "--bootstrap", "99", "--language", "en")
    assert result.exit_code == 0, result.output
    assert f"The report is in {tmp_path / 'out' / 'report.html'}" in result.stdout
    assert "Testing statements" in result.stderr
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        (["survey", "nowhere"], "no embedded municipality is called 'nowhere'"),
        (["survey", "motala", "--out", "none/deep/out"], "does not exist"),
        (["survey", "motala", "--profiles", "25"], "n_profiles: is 25, but there are only 24 areas"),
        (["survey", "motala", "--indicators", "happiness"], "happiness"),
    ],
)
def test_errors_are_one_line_and_status_two(run, tmp_path, monkeypatch, words, pattern):
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == 2
    assert pattern in result.stderr
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


def test_profiles_below_two_are_refused(run):
    assert run("survey", "motala", "--profiles", "1").exit_code == 2


def test_examples_and_indicators_are_listed(run):
    listed = run("examples").stdout
    for word in ("kalmar", "motala", "katrineholm", "deso", "regso", "districts"):
        assert word in listed
    assert "Valdeltagande" in run("indicators").stdout
    assert "Turnout" in run("indicators", "--language", "en").stdout
    assert "Olikhetsindex (D)" in run("measures").stdout


def test_the_version_is_told(run):
    assert run("--version").stdout.strip() == f"segkit {__version__}"


def test_the_command_is_installed_as_a_module_too():
    done = subprocess.run(
        [sys.executable, "-m", "segkit", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"segkit {__version__}"


@pytest.mark.slow
def test_a_report_left_out_is_said(run, tmp_path, monkeypatch):
    reason = "pdf: weasyprint is not installed. Install it."
    monkeypatch.setattr("segkit.output.document.pdf.problem", lambda: reason)
    out = tmp_path / "out"
    result = run("survey", "motala", "--out", str(out), "--bootstrap", "99")
    assert result.exit_code == 0
    assert f"report.pdf skrevs inte: {reason}" in result.stdout
    assert not (out / "report.pdf").exists()
    kept = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert kept["left_out"] == {"report.pdf": reason}
    assert len(list((out / "fact_sheets").iterdir())) == 24
