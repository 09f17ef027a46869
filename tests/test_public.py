"""What users see: one table of nouns, and in each noun its own names alone."""

import ast
import importlib
import inspect
import pkgutil
import rlcompleter
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import segkit as sg

PACKAGE = Path(sg.__file__).parent
STUB = PACKAGE / "__init__.pyi"
ESTIMATORS = {"CompositeIndex", "Profiles", "Standardizer"}
NOUNS = sorted(set(sg.__all__) - ESTIMATORS - {"__version__"})


def _modules():
    """Return every public module: the nouns, their rooms, and what is inside that has no underscore."""
    found = {m.name for m in pkgutil.walk_packages([str(PACKAGE)], "segkit.")}
    public = [name for name in found if not any(part.startswith("_") for part in name.split("."))]
    return [m for m in map(importlib.import_module, sorted(public)) if hasattr(m, "__all__")]


def test_the_stub_is_the_table():
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    names = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert names == set(sg.__all__)
    assert names == set(NOUNS) | ESTIMATORS | {"__version__"}


#: Opens each name as the first of a segkit that is imported anew, and prints what went wrong.
OPENING = """
import sys, traceback
for name in sys.argv[1:]:
    for key in [k for k in sys.modules if k.split(".")[0] == "segkit"]:
        del sys.modules[key]
    try:
        import segkit as sg
        first = getattr(sg, name)
        given = {}
        exec(f"from segkit import {name}", given)
        if given[name] is not first:
            print(f"{name}: two objects")
        print(f"{name} is a {type(first).__name__}")
    except BaseException:
        print(f"{name}: {traceback.format_exc()}")
"""


def test_every_noun_opens_both_ways_in_a_fresh_segkit():
    command = [sys.executable, "-c", OPENING, *sg.__all__]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    kinds = [f"{name} is a {type(getattr(sg, name)).__name__}" for name in sg.__all__]
    assert done.stdout.splitlines() == kinds, done.stdout


def test_a_noun_shows_its_own_names_and_no_others():
    faults = []
    for noun in NOUNS:
        module = getattr(sg, noun)
        faults += [f"{noun}: no module"] * (not isinstance(module, ModuleType))
        faults += [f"{noun}: no docstring"] * (not module.__doc__)
        faults += [f"{noun}: dir shows {dir(module)}"] * (dir(module) != sorted(module.__all__))
        faults += [f"{noun}: a name twice"] * (len(set(module.__all__)) != len(module.__all__))
        faults += [f"{noun}.{name} is private" for name in module.__all__ if name.startswith("_")]
    assert not faults


def test_every_public_module_shows_what_it_names_and_has_it():
    faults = []
    modules = _modules()
    assert {getattr(sg, noun) for noun in NOUNS} <= set(modules)
    for module in modules:
        faults += [f"{module.__name__}: dir shows more"] * (dir(module) != sorted(module.__all__))
        faults += [f"{module.__name__}: no {n}" for n in module.__all__ if not hasattr(module, n)]
    assert not faults


def test_a_noun_names_everything_public_that_it_defines():
    faults = []
    for noun in NOUNS:
        module = getattr(sg, noun)
        # The functions of errors are how the house words them.
        kinds = (inspect.isclass,) if noun == "errors" else (inspect.isclass, inspect.isfunction)
        defined = {
            name
            for name, value in vars(module).items()
            if not name.startswith("_")
            and any(kind(value) for kind in kinds)
            and value.__module__ == module.__name__
        }
        faults += [f"{noun}.{name}" for name in sorted(defined - set(module.__all__))]
    assert not faults


def test_completion_offers_the_nouns_and_their_names():
    completer = rlcompleter.Completer({"sg": sg})

    def offered(text):
        matches, state = [], 0
        while (match := completer.complete(text, state)) is not None:
            matches.append(match.rstrip("()"))
            state += 1
        return matches

    assert offered("sg.seg") == ["sg.segregation"]
    assert "sg.areas.load_example" in offered("sg.areas.lo")
    assert not offered("sg.areas.np")
    assert not offered("sg.areas.pd")


def test_a_type_checker_sees_the_nouns_and_refuses_what_is_misspelt(tmp_path):
    script = tmp_path / "script.py"
    lines = [
        "import segkit as sg",
        "from segkit import segregation",
        'areas = sg.areas.load_example("kalmar")',
        'd: float = sg.segregation.dissimilarity(areas, group="foreign_born", total="population")',
        'e: float = segregation.dissimilarity(areas, group="foreign_born", total="population")',
        'sg.segregation.dissimilarity(areas, grupp="foreign_born", total="population")  # wrong: argument',
        'sg.segregation.dissimilarity(areas, group=1, total="population")  # wrong: type',
        "sg.segregatoin  # wrong: noun",
        "sg.segregation.dissimilarty  # wrong: function",
        "sg.areas.pd  # wrong: not public",
        "sg.CompositeIndex(colums=[])  # wrong: argument of an estimator",
        "t: str = sg.trends.by_period  # wrong: type of a function of a noun inside another",
        'sg.areas.load_example("kalmar", geography="dess")  # wrong: choice',
        "sg.report.wirte  # wrong: function of a noun two rooms in",
    ]
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = [sys.executable, "-m", "mypy", "--no-error-summary", str(script)]
    done = subprocess.run(words, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    found = {
        int(line.split(":")[1])
        for line in done.stdout.splitlines()
        if "script.py" in line and " error: " in line
    }
    assert found == {n for n, line in enumerate(lines, 1) if "# wrong" in line}, done.stdout + done.stderr
