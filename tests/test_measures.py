from __future__ import annotations

import inspect
import os
import pickle
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segkit import inequality, measures, polarization, segregation
from segkit.errors import InputError
from segkit.measures.measure import FAMILIES, registered

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def test_the_catalogue_has_every_measure():
    table = measures.catalogue()
    registries = (segregation.MEASURES, inequality.MEASURES, polarization.MEASURES)
    assert len(table) == sum(map(len, registries))
    assert table.notna().all(axis=None)
    assert not table.duplicated(["name", "kind"]).any()
    assert table["label_sv"].ne(table["name"]).all()
    assert table["label_sv"].ne(table["label_en"]).mean() > 0.8


def test_the_page_of_measures_is_that_of_the_registries():
    page = runpy.run_path(str(DOCS / "write_measures.py"))["text"]()
    assert (DOCS / "measures.md").read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("language", "word"), [("sv", "Olikhetsindex (D)"), ("en", "Dissimilarity index (D)")]
)
def test_tables_have_as_many_cells_in_every_line(language, word):
    text = measures.markdown(language=language)
    assert word in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count(" | ") for line in rows if "---" not in line} == {6}


def test_another_language_is_refused():
    with pytest.raises(InputError, match="language"):
        measures.markdown(language="de")


@pytest.mark.parametrize("one", registered(), ids=lambda one: f"{one.noun}.{one.name}")
def test_a_measure_is_what_it_says(one):
    public = getattr(
        {"segregation": segregation, "inequality": inequality, "polarization": polarization}[one.noun],
        one.name,
    )
    assert one.function is public
    assert pickle.loads(pickle.dumps(public)) is public
    given = inspect.signature(one.function).parameters
    columns = ("data", *FAMILIES[one.kind].columns, "missing")
    assert [name for name in given if name in columns] == [name for name in columns if name in given]
    assert set(FAMILIES[one.kind].columns) <= set(given)
    # The formula knows the measure's own options, with the same defaults.
    formula = inspect.signature(one.prepare or one.many).parameters.values()
    own = {p.name: p.default for p in formula if p.kind is p.KEYWORD_ONLY}
    assert own == {p.name: p.default for p in given.values() if p.name not in columns}


SCRIPT = """
import pandas as pd
import segkit as sg

areas = pd.DataFrame()
sg.segregation.atkinson(areas, group="a", total="b", b=0.3)
sg.segregation.atkinson(areas, group="a", total="b", bb=0.3)
sg.segregation.atkinson(areas, group="a", total="b", b="0.3")
sg.segregation.dissimilarity(areas, grp="a", total="b")
sg.segregation.absolute_clustering(areas, group="a", total="b", unit="km", cutoff=2)
sg.segregation.absolute_clustering(areas, group="a", total="b", unit="feet")
sg.segregation.rank_order(areas, brackets=["a", "b"], oder=3)
sg.inequality.ratio([1, 2], top=0.1)
sg.inequality.ratio([1, 2], tops=0.1)
sg.segregation.MEASURES["atkinson"].function(areas, group="a", total="b", b=0.3)
sg.segregation.atkinson_of
"""


@pytest.mark.slow
def test_a_type_checker_refuses_a_misspelt_option(tmp_path):
    (tmp_path / "mine.py").write_text(SCRIPT, encoding="utf-8")
    call = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file",
        str(ROOT / "pyproject.toml"),
        "mine.py",
    ]
    done = subprocess.run(
        [*call, "--cache-dir", str(ROOT / ".mypy_cache")],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = {int(line) for line in re.findall(r"^mine\.py:(\d+): error", done.stdout, re.MULTILINE)}
    lines = SCRIPT.splitlines()
    wrong = ("bb=", 'b="0.3"', "grp=", "feet", "oder=", "tops=", "atkinson_of")
    assert [lines[n - 1] for n in sorted(found)] == [
        line for line in lines if any(w in line for w in wrong)
    ], done.stdout


def example():
    """Return the files of the worked example in CONTRIBUTING.md: path -> text."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    part = text.split("## A new measure")[1].split("\n## ")[0]
    return dict(re.findall(r"`([\w/.]+)`:\n\n```\w+\n(.*?)```", part, re.DOTALL))


USED = """
import segkit as sg
from segkit.measures import listing
from segkit.cli._lists import list_measures, Language
import pandas as pd

assert "{name}" in sg.segregation.MEASURES
assert "{name}" in dir(sg.segregation)
assert "`segregation.{name}`" in listing.markdown(language="en")
list_measures(Language.sv)
n = range(1, 13)
areas = pd.DataFrame({{"area_id": [f"a{{i}}" for i in n], "x": n, "t": 20}})
columns = {{"group": "x", "total": "t"}}
value = sg.segregation.{name}(areas, **columns)
drawn = sg.inference.bootstrap(areas, "{name}", n_bootstrap=9, unit="people", **columns)
assert abs(drawn.loc[0, "value"] - value) < 1e-6
sg.inference.permutation_test(areas, "{name}", n_permutations=9, **columns)
panel = pd.concat([areas.assign(period=2020), areas.assign(period=2021)], ignore_index=True)
assert len(sg.trends.by_period(panel, "{name}", n_bootstrap=9, **columns)) == 2
help(sg.segregation.{name})
"""


@pytest.mark.slow
def test_a_new_measure_takes_three_files(tmp_path):
    files = example()
    assert len(files) == 3
    for folder in ("segkit", "tests", "docs", "geodata"):
        if folder == "geodata":
            (tmp_path / folder).symlink_to(ROOT / folder)
        else:
            shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (name,) = re.findall(r"^def (\w+)\(data", files["segkit/measures/segregation/evenness.py"], re.MULTILINE)
    for path, text in files.items():
        file = tmp_path / path
        old = file.read_text(encoding="utf-8")
        if path.endswith(".json"):
            file.write_text(old.rstrip().removesuffix("}").rstrip() + ",\n" + text + "}\n", encoding="utf-8")
        elif path.endswith(".py"):
            listed, code = text.split("\n", 1) if text.startswith("__all__") else ("", text)
            old = re.sub(r"^__all__ = .*$", listed, old, flags=re.MULTILINE) if listed else old
            file.write_text(f"{old}\n{code}", encoding="utf-8")
        else:
            file.write_text(old + text, encoding="utf-8")
    env = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*call):
        done = subprocess.run(
            [sys.executable, *call], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    told = run("-c", USED.format(name=name))
    assert f"`segregation.{name}`" in told
    assert "Columns with the count of the group and of everyone, per area." in told
    run("docs/write_measures.py")
    assert f"`segregation.{name}`" in (tmp_path / "docs" / "measures.md").read_text(encoding="utf-8")
    tests = [
        "test_identities.py",
        "test_bad_input.py",
        "test_docstrings.py",
        "test_segregation.py",
        "test_calls.py",
    ]
    run("-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/{t}" for t in tests), "-k", name)
    # In the lists of the tests: not only its own.
    told = run("-m", "pytest", "-q", "--collect-only", *(f"tests/{t}" for t in tests), "-k", name)
    assert all(t in told for t in tests)
