"""The studies of fields and of a rule, and what all studies share: figures, plain words, bytes, commands."""

import re

import pandas as pd
import pytest
from test_studies_area import FORBIDDEN
from typer.testing import CliRunner

from segkit import screening, studies
from segkit.cli import app
from segkit.errors import SegkitError, UnknownNameError
from segkit.studies.survey import load, map_fields

DRAWS = 199
MAKE = {
    "fields": lambda **options: studies.field_study("motala", n_draws=DRAWS, **options),
    "screen": lambda **options: studies.screening_study("katrineholm", **options),
    "evaluate": lambda **options: studies.did_it_work("kalmar", **options),
}


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("kind", MAKE)
def test_plain_words(kind, language):
    page = MAKE[kind](language=language).document.render()
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", page, flags=re.DOTALL)
    assert not re.search(r"[{}]", body)
    assert not re.search(FORBIDDEN[language], body, re.IGNORECASE)


@pytest.mark.parametrize("kind", MAKE)
def test_the_same_pages_and_tables_twice(kind):
    one, two = MAKE[kind](language="en"), MAKE[kind](language="en")
    assert one.document.render() == two.document.render()
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, two.tables[name])


def test_fields_are_those_of_the_mapping():
    study = MAKE["fields"](language="en")
    found = map_fields(load("motala").main, n_draws=DRAWS, language="en")
    assert study.tables["positions"]["position"].tolist() == found.positions["position"].tolist()
    page = study.document.render()
    for name in ("Charlottenborg", "Ekön", "Gamla stan"):
        assert name in page


def test_the_rule_selects_what_the_screening_does():
    page = MAKE["screen"](language="en").document.render()
    found = screening.screen(load("katrineholm").main, screening.weakest_in_fields())
    names = found.areas.set_index("area_id").loc[found.selected, "name"]
    assert all(name in page for name in names)


def test_the_difference_is_that_of_the_evaluation():
    page = MAKE["evaluate"](language="en").document.render()
    assert "+1.3 percentage points" in page
    assert "told from chance" in page


@pytest.mark.parametrize(
    "command",
    [["fields", "motala", "--draws", "99"], ["screen", "katrineholm"], ["evaluate", "kalmar"], ["followup"]],
)
def test_commands_work_from_another_folder(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [*command, "--language", "en", "--out", "made"])
    assert done.exit_code == 0, done.output
    assert {"report.html", "tables.xlsx", "run.json"} <= {p.name for p in (tmp_path / "made").iterdir()}


@pytest.mark.parametrize(
    "command",
    [
        ["fields", "atlantis"],
        ["screen", "atlantis"],
        ["screen", "katrineholm", "--rule", "no-such-file.toml"],
        ["evaluate", "kalmar", "--treated", "99999999"],
        ["followup", "atlantis"],
    ],
)
def test_a_wrong_name_is_one_line(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert "segkit: " in done.output
    assert "Traceback" not in done.output
    assert not list(tmp_path.iterdir())


def test_errors():
    with pytest.raises(UnknownNameError):
        studies.field_study("atlantis")
    with pytest.raises(SegkitError):
        studies.did_it_work("kalmar", treated=["08801610"], start=1900)
