"""The house: rooms build on the rooms before them, modules and functions stay small, importing is light."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "segkit"

#: From the ground up; a room imports only from rooms before it.
ROOMS = [
    *("errors", "base", "words", "catalogue", "panels", "geography", "measures", "inference", "profiles"),
    *("evaluation", "microdata", "drawing", "output", "sources", "studies", "cli"),
]
#: What stands beside the rooms.
BESIDE = {"__init__.py", "__init__.pyi", "__main__.py", "py.typed"}
MODULES = sorted(PACKAGE.rglob("*.py"))

HEAVY = [
    *("sklearn", "matplotlib", "folium", "pyarrow", "libpysal", "scipy.stats", "requests", "duckdb"),
    *("numpy", "pandas", "geopandas"),
]


def _dotted(path):
    """Return the name of a module."""
    parts = ["segkit", *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


KNOWN = {_dotted(p) for p in MODULES}


def _hints(tree):
    """Return the statements that only a type checker reads."""
    return {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }


def _deferred(tree):
    """Return the statements that run when a function is called."""
    return {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }


def imported(tree):
    """Yield each import of segkit when the code runs, as node and module; hints for types don't count."""
    hints = _hints(tree)
    for node in ast.walk(tree):
        if id(node) in hints:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "segkit":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield node, whole if whole in KNOWN else node.module
        elif isinstance(node, ast.Import):
            yield from ((node, a.name) for a in node.names if a.name.split(".")[0] == "segkit")


def _room(module):
    return (*module.split("."), "")[1]


def wrong_ways(module, tree):
    """Return the imports that lead from a room to a later one or to the whole."""
    if _room(module) not in ROOMS:
        return []
    here = ROOMS.index(_room(module))
    targets = {target for _, target in imported(tree)}
    return sorted(t for t in targets if _room(t) not in ROOMS or ROOMS.index(_room(t)) > here)


def pried_open(module, tree):
    """Return the private files and names of other rooms that a file imports, hints for types as well."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "segkit":
            for path in (f"{node.module}.{alias.name}" for alias in node.names):
                private = [p for p in path.split(".")[2:] if p.startswith("_") and not p.endswith("__")]
                if private and _room(path) != _room(module):
                    found.append(path)
    return found


def _trees():
    return {_dotted(p): ast.parse(p.read_text(encoding="utf-8")) for p in MODULES}


def test_the_first_level_is_the_rooms():
    names = {p.name for p in PACKAGE.iterdir()} - {"__pycache__", "geodata"}
    rooms = {name.removesuffix(".py") for name in names - BESIDE}
    assert rooms <= set(ROOMS)
    assert len(names) <= 21


def test_rooms_build_on_the_rooms_before_them():
    faults = {module: wrong_ways(module, tree) for module, tree in _trees().items()}
    assert not {module: ways for module, ways in faults.items() if ways}


def test_private_files_are_used_in_their_own_room_only():
    faults = {module: pried_open(module, tree) for module, tree in _trees().items()}
    assert not {module: paths for module, paths in faults.items() if paths}


@pytest.mark.parametrize(
    ("module", "code", "wrong"),
    [
        ("segkit.words.text", "from segkit.catalogue import indicators", ["segkit.catalogue.indicators"]),
        ("segkit.words.text", "from segkit.errors import message", []),
        ("segkit.panels.areas", "def f():\n    from segkit.studies import survey", ["segkit.studies.survey"]),
        ("segkit.panels.areas", "import segkit", ["segkit"]),
        ("segkit.panels.areas", "if TYPE_CHECKING:\n    from segkit.studies import survey", []),
        ("segkit.studies.area", "from segkit import evaluation", []),
    ],
)
def test_a_way_to_a_later_room_is_found(module, code, wrong):
    assert wrong_ways(module, ast.parse(code)) == wrong


def test_a_private_file_of_another_room_is_found():
    code = ast.parse("from segkit.drawing.maps._type import SIZES\nfrom segkit.base.checks import _x")
    assert pried_open("segkit.output.tables", code) == [
        "segkit.drawing.maps._type.SIZES",
        "segkit.base.checks._x",
    ]
    assert pried_open("segkit.drawing.webmap", code) == ["segkit.base.checks._x"]


def test_no_modules_import_each_other_in_a_circle():
    graph = {}
    for module, tree in _trees().items():
        later = _deferred(tree)
        graph[module] = {target for node, target in imported(tree) if id(node) not in later} - {module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_every_package_can_be_imported_first():
    """A circle through a package's own file shows when another package comes first."""
    code = """
import importlib, sys
for name in sys.argv[1:]:
    for key in [k for k in sys.modules if k.split(".")[0] == "segkit"]:
        del sys.modules[key]
    importlib.import_module(name)
print("done")
"""
    names = sorted(_dotted(p) for p in MODULES if p.name == "__init__.py")
    done = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "done", done.stderr


def too_large(path):
    """Return what is too large in a module: itself, or functions without their docstrings."""
    text = path.read_text(encoding="utf-8")
    found = [f"{path}: {text.count(chr(10))} lines"] * (text.count("\n") > 500)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            docstring = ast.get_docstring(node, clean=False) or ""
            body = node.end_lineno - node.lineno - docstring.count("\n")
            found += [f"{path}: {node.name} has {body} lines"] * (body > 60)
    return found


def test_modules_and_functions_are_small():
    faults = [fault for path in MODULES for fault in too_large(path)]
    assert not faults


def test_what_is_too_large_is_found(tmp_path):
    module = tmp_path / "module.py"
    module.write_text("def f():\n" + "    x = 1\n" * 61 + "\n" * 450)
    assert [fault.removeprefix(f"{module}: ") for fault in too_large(module)] == [
        "512 lines",
        "f has 61 lines",
    ]


def _run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_segkit_is_light():
    code = f"import sys, segkit; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert _run(code).strip() == "[]"


def test_importing_every_module_leaves_options_alone():
    code = """
import numpy as np, pandas as pd, warnings
before = (np.get_printoptions(), np.geterr(), [pd.get_option(o) for o in
          ("display.max_rows", "display.precision", "mode.string_storage")], list(warnings.filters))
import segkit
for name in segkit.__all__:
    getattr(segkit, name)
after = (np.get_printoptions(), np.geterr(), [pd.get_option(o) for o in
         ("display.max_rows", "display.precision", "mode.string_storage")], list(warnings.filters))
print(before[:3] == after[:3], set(map(str, after[3])) - set(map(str, before[3])))
"""
    assert _run(code).strip() == "True set()"


def test_modules_import_heavy_libraries_inside_functions_only():
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        top = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
        for node in top:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            heavy = {
                "sklearn",
                "matplotlib",
                "folium",
                "pyarrow",
                "libpysal",
                "branca",
                "xlsxwriter",
                "openpyxl",
                "requests",
                "urllib3",
                "duckdb",
            }
            assert not heavy & {n.split(".")[0] for n in names}, path
            assert not any(n.startswith("scipy") for n in names), path


def test_the_top_level_offers_modules_and_estimators():
    import segkit

    assert segkit.Profiles().n_profiles == 5
    assert segkit.segregation.__name__ == "segkit.measures.segregation"
    assert set(segkit.__all__) <= set(dir(segkit))
    with pytest.raises(AttributeError, match="No segkit attribute nothing"):
        _ = segkit.nothing


def test_versions_agree():
    import tomllib

    import segkit

    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert segkit.__version__ == project["version"]
