"""The house: layers point down, modules and functions stay small, importing is light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "segkit"

LAYERS = [
    {
        "errors",
        "_validate",
        "_files",
        "_folders",
        "_glyphs",
        "_measures",
        "_numerals",
        "_result",
        "_running",
        "_workbooks",
    },
    {
        "areas",
        "indicators",
        "_geodata",
        "_reading",
        "_joining",
        "_districts",
        "disclosure",
        "frame",
        "owndata",
        "sources",
    },
    {"standardize", "segregation", "inequality", "polarization", "graphs", "autocorrelation", "geography"},
    {
        *{"composite", "profiles", "decomposition", "inference", "transitions", "evaluation"},
        *{"_scoring", "_columns", "_draws", "_assignment"},
    },
    {"trends", "measures", "typologies", "_wording"},
    {"maps", "webmap", "tables", "charts", "export", "_cartography", "palettes", "_pictures"},
    {"fetching", "survey", "report", "screening", "followup", "studies", "cli", "__main__"},
]
LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}
MODULES = sorted(p for p in PACKAGE.rglob("*.py"))

HEAVY = ["sklearn", "matplotlib", "folium", "pyarrow", "libpysal", "scipy.stats", "requests"]


def _noun(path):
    """Return the module of the first level that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(tree):
    """Yield the segkit modules that are imported when the code runs; hints for types don't count."""
    hints = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if id(node) in hints:
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "segkit":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("segkit."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("segkit."))


def test_every_module_has_a_layer():
    assert {_noun(p) for p in MODULES} - {"__init__"} == set(LAYER)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_arrows_point_down(path):
    noun = _noun(path)
    if noun == "__init__":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    up = [name for name in _imports(tree) if name in LAYER and LAYER[name] > LAYER[noun]]
    assert not up


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_modules_and_functions_are_small(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 500
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            docstring = ast.get_docstring(node, clean=False) or ""
            body = node.end_lineno - node.lineno - docstring.count("\n")
            assert body <= 60, f"{node.name} has {body} lines"


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
            }
            assert not heavy & {n.split(".")[0] for n in names}, path
            assert not any(n.startswith("scipy") for n in names), path


def test_the_top_level_offers_modules_and_estimators():
    import segkit

    assert segkit.Profiles().n_profiles == 5
    assert segkit.segregation.__name__ == "segkit.segregation"
    assert set(segkit.__all__) <= set(dir(segkit))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = segkit.nothing


def test_versions_agree():
    import tomllib

    import segkit

    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert segkit.__version__ == project["version"]
