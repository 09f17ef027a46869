"""The catalogue: one key, its columns used instead of ids in code, and a new indicator as data alone."""

from __future__ import annotations

import ast
import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segkit import indicators
from segkit.catalogue import embedded, fields, key_figures, statements
from segkit.errors import UnknownNameError
from segkit.studies.survey.claims import TESTS

ROOT = Path(__file__).parents[1]

#: Files that may name an indicator, and why. No other file of the package does.
NAMED = {
    "catalogue/indicators.py": "the ending of a share that the catalogue does not know",
    "cli/_studies.py": "the outcome of the example that the command runs unasked",
    "geography/_turnout.py": "counts of the votes: makes turnout of them",
    "panels/districts.py": "the adapter of the file of districts: its headings to ids",
    "profiles/_special.py": "the definition of areas of students is made of these",
    "profiles/composite/_index.py": "one of the three of Statistics Sweden's index, whose formula this is",
    "profiles/typologies/_comparison.py": "reads Statistics Sweden's own area types",
    "sources/val/_readers.py": "the adapter of the Election Authority's files",
    "sources/val/_results.py": "the adapter of the Election Authority's files: makes turnout of counts",
    "studies/evaluation/case.py": "turnout counts persons, of the electorate",
    "studies/evaluation/report.py": "the outcome of the example that runs unasked; the source of votes",
    "studies/followup/__init__.py": "the name of a function, not an indicator",
    "studies/followup/report.py": "the name of a unit, not an indicator",
    "studies/screening/examples.py": "reads Statistics Sweden's own area types",
    "studies/screening/report.py": "what turnout is called in the figures of whole municipalities",
    "studies/survey/inputs.py": "keeps the counted figures of districts, not the estimates",
    "studies/survey/measuring.py": "sums the number of dwellings of their parts; knows districts by ballots",
    "studies/survey/notes.py": "remarks on areas of students and on how votes are counted",
    "studies/survey/peers.py": "what turnout is called in the figures of whole municipalities",
    "studies/survey/run.py": "sets Statistics Sweden's own area types beside the profiles",
    "studies/survey/sheets.py": "shows Statistics Sweden's own area types",
}


def _ids() -> set[str]:
    own = fields.frame()["indicator"]
    return {*indicators.catalogue().index, *key_figures.key_figures().index, *own} - {"population"}


def _named(source: str, ids: set[str]) -> set[str]:
    """Return the ids that stand as whole texts in code."""
    found = (n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant))
    return {text for text in found if isinstance(text, str) and text in ids}


def test_code_names_no_indicator_that_the_catalogue_could_say():
    ids = _ids()
    files = sorted((ROOT / "segkit").rglob("*.py"))
    found = {
        path.relative_to(ROOT / "segkit").as_posix(): names
        for path in files
        if (names := _named(path.read_text(encoding="utf-8"), ids))
    }
    assert {name: names for name, names in found.items() if name not in NAMED} == {}
    assert set(NAMED) - set(found) == set(), "files that name none any longer"
    assert _named('DEFAULT = ("turnout",)', ids) == {"turnout"}


def test_columns_refer_to_ids_of_the_catalogue_and_rows_of_the_key_figures():
    table = indicators.catalogue()
    bases = set(table["base"]) - {""}
    assert bases <= set(table.index[table["kind"] == "count"])
    assert set(table["follow_up_row"]) - {""} <= set(key_figures.key_figures()["row"])
    assert set(table["field"]) - {""} <= set(fields.FIELDS)
    assert ((table["field"] == "") == (table["field_role"] == "")).all()
    assert not set(fields._table()["indicator"]) & set(table.index)
    assert (table.loc[list(indicators.with_role("profile")), "direction"] != 0).all()


def test_an_unknown_role_is_told_with_those_that_there_are():
    with pytest.raises(UnknownNameError, match="context"):
        indicators.with_role("no such role")


def test_series_of_statistics_sweden_build_indicators_of_the_catalogue():
    import tomllib

    path = ROOT / "segkit" / "sources" / "scb" / "indicators.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8"))["series"]
    assert {row["indicator"] for row in told} <= set(indicators.catalogue().index)


def test_statements_are_data_that_name_tests_and_indicators_that_exist():
    known = set(indicators.catalogue().index)
    codes = ["", *(code for code, _ in embedded.MUNICIPALITIES.values())]
    for code in codes:
        said = statements.statements(code)
        assert len({s.id for s in said}) == len(said)
        assert {s.test for s in said} <= set(TESTS)
        assert {i for s in said for i in s.indicators} <= known
        assert all(s.statement_sv and s.statement_en for s in said)
    assert not any(s.remark for s in statements.statements())
    assert {s.test for s in statements.statements()} == set(TESTS)


def _example(name: str) -> list[str]:
    """Return the lines that CONTRIBUTING.md writes for a file."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"<!-- {re.escape(name)} -->\n\n((?:    .*\n)+)", text)
    return [line.strip() for line in block.splitlines()]


def _append(path: Path, lines: list[str]) -> None:
    text = path.read_text(encoding="utf-8").rstrip("\n")
    path.write_text("\n".join([text, *lines]) + "\n", encoding="utf-8", newline="\n")


_CHECK = """
import sys
from segkit import indicators
from segkit.catalogue import fields, key_figures
assert indicators.catalogue().loc["garden_share", "decimals"] == 1
row = fields.frame(language="en").set_index("indicator").loc["garden_share"]
assert (row["field"], row["unit"]) == ("housing", "per cent")
assert "garden_share" in " ".join(key_figures.key_figures()["area_indicators"])
from segkit import survey
survey.run("kalmar", out=sys.argv[1], language="en", n_bootstrap=99)
"""


def test_a_new_indicator_is_two_files_of_data(tmp_path):
    house = tmp_path / "house"
    for name in ("segkit", "geodata"):
        shutil.copytree(ROOT / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("catalogue.csv", "kalmar/indicators.csv"):
        _append(house / "geodata" / name, _example(name))
    environment = {**os.environ, "PYTHONPATH": str(house), "COLUMNS": "200"}

    def python(*arguments: str) -> str:
        call = [sys.executable, *arguments]
        done = subprocess.run(
            call, cwd=house, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    assert "garden_share" in python("-m", "segkit", "indicators")
    out = tmp_path / "out"
    python("-c", _CHECK, str(out))
    label, unit = "Share with an allotment", "per cent"
    for name in ("report.html", "map.html"):
        assert label in (out / name).read_text(encoding="utf-8"), name
    with (out / "tables" / "sources.csv").open(encoding="utf-8-sig", newline="") as file:
        assert "garden_share" in {row["indicator"] for row in csv.DictReader(file)}
    from openpyxl import load_workbook

    book = load_workbook(out / "survey.xlsx")
    told = [[cell.value for cell in row] for row in book["Read me"].iter_rows()]
    (row,) = [row for row in told if "garden_share" in row]
    assert unit in row
    assert any(str(cell).startswith(f"{label}.") for cell in row)
    (column,) = [cells for cells in book["areas"].iter_cols() if cells[0].value == "garden_share"]
    shown = [cell for cell in column if cell.value == 7.25]
    assert shown, "the figure as it was given"
    assert shown[0].number_format.endswith("0.0")
