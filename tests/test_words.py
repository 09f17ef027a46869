"""Sentences are data in both languages, and one module writes numbers."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from string import Formatter

import pytest

from segkit.words import numbers
from segkit.words.text import entries, listed, say

PACKAGE = Path(__file__).resolve().parent.parent / "segkit"
WORDS = PACKAGE / "words"

#: Texts that stand outside words/, with the reason.
TEXTS_ELSEWHERE = {
    "base/folders.py": "errors of writing, in a room before words",
    "base/files.py": "errors of writing, in a room before words",
    "words/numbers.py": "the signs of a number",
    "measures/listing.py": "goes with the registry of measures",
    "panels/frame/": "what is asked of a user's files, by its own sentences (test_frame_rules)",
}

#: Swedish letters outside words/ that no reader is told, or not yet by the loader.
SWEDISH_ELSEWHERE = {
    **TEXTS_ELSEWHERE,
    "measures/": "labels and meanings go with the registry of measures",
    "geography/_chaining.py": "names of columns in the sources",
    "panels/owndata/": "headings and signs that are looked for in others' tables",
    "sources/": "names in the sources",
    "studies/survey/sheets.py": "the order of the alphabet",
}

#: Numbers written outside words/numbers.py, with the reason.
NUMBERS_ELSEWHERE = {
    "words/numbers.py": "the rule itself",
    **dict.fromkeys(("base/digits.py", "panels/owndata/numbers.py"), "significant digits, not for readers"),
    **dict.fromkeys(
        ("drawing/charts/_sparkline.py", "studies/survey/locator.py", "output/document/svg.py"),
        "coordinates of SVG",
    ),
    "measures/listing.py": "goes with the registry of measures",
    "output/export/_qgis.py": "XML of QGIS",
    "panels/frame/": "figures as they stand in a user's file, and TOML",
    "panels/areas.py": "a text of an error",
    "studies/screening/report_parts.py": "a key of a text",
    **dict.fromkeys(
        (
            *("drawing/maps/_layout.py", "geography/_interpolating.py", "inference/trends/convergence.py"),
            *("measures/decomposition/", "measures/polarization/identification.py", "measures/segregation/"),
            *("panels/cells.py", "sources/doctor.py", "sources/http/", "base/checks.py"),
            *("profiles/standardize.py", "profiles/_regions.py", "profiles/composite/_shrinkage.py"),
            *("drawing/maps/_grid.py", "drawing/charts/_ranking.py", "geography/_crosswalking.py"),
            "studies/screening/rules.py",
        ),
        "texts of errors, warnings and checks of the machine, in English",
    ),
}

#: Parts whose keys are codes of data, so that no code names them.
CODES = {
    *("words.columns", "words.measures", "words.dimensions", "words.arguments", "words.geographies"),
    *("words.verdicts", "words.flags", "words.statistics", "evaluation.flags", "profiles.criteria"),
    *("fields.fields", "followup.groups", "followup.units", "followup.sexes", "followup.nearness"),
    *("followup.verdicts", "survey.measures", "survey.statements", "rules.signs"),
}


def sources():
    return {p.relative_to(PACKAGE).as_posix(): p.read_text(encoding="utf-8") for p in PACKAGE.rglob("*.py")}


def excepted(path, known):
    return any(path == one or (one.endswith("/") and path.startswith(one)) for one in known)


def texts_in(code):
    """Return the lines where a text stands in two languages."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Dict):
            keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
            if {"sv", "en"} <= keys:
                found.append(node.lineno)
        if isinstance(node, ast.If | ast.IfExp) and re.search(
            r"(language|spoken)(\.value)? (==|is) ('(sv|en)'|Language)", ast.unparse(node.test)
        ):
            found.append(node.lineno)
    return sorted(found)


def pairs():
    """Return every entry by part and key."""
    found = {}

    def walk(part, entry):
        for key, value in entry.items():
            if isinstance(value, dict):
                walk(f"{part}.{key}", value)
            elif key != "decimals":
                found[part, key] = value

    for path in sorted(WORDS.glob("*.json")):
        # The reader of users' folders has sentences of its own, which its own tests hold.
        if path.stem.startswith("frame"):
            continue
        walk(path.stem, json.loads(path.read_text(encoding="utf-8")))
    return found


def unequal(found):
    """Return the entries that lack a language, or whose languages have different fields."""
    wrong = []
    for where, entry in found.items():
        words = entry[:2] if isinstance(entry, list) else []
        if len(words) != 2 or not all(isinstance(word, str) for word in words):
            wrong.append(where)
            continue
        fields = [sorted(str(f) for _, f, *_ in Formatter().parse(word) if f is not None) for word in words]
        specified = any(spec for w in words for *_, spec, _ in Formatter().parse(w))
        if bool(words[0]) != bool(words[1]) or fields[0] != fields[1] or specified:
            wrong.append(where)
    return wrong


def unknown(code, known):
    """Return what `say` is asked for in literals and no file holds."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"say", "sentence"}:
            if len(node.args) < 2 or not all(isinstance(a, ast.Constant) for a in node.args[:2]):
                continue
            where = tuple(a.value for a in node.args[:2])
            if where not in known:
                found.append(where)
    return found


def unused(known, codes, templates=""):
    """Return keys that no string, no f-string's pattern and no template names."""
    strings, patterns = set(), set()
    for code in codes:
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(v.value) if isinstance(v, ast.Constant) else ".+" for v in node.values]
                if any("_" in part or len(part) > 2 for part in parts if part != ".+"):
                    patterns.add("".join(parts))
            elif isinstance(node, ast.keyword) and node.arg:
                strings.add(node.arg)
    named = strings | set(re.findall(r"\w+", templates))
    return [
        (part, key)
        for part, key in known
        if part not in CODES and key not in named and not any(re.fullmatch(p, key) for p in patterns)
    ]


def written(code):
    """Return the lines where a number is written by hand: a format of decimals, or a comma for a point."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            parts = node.format_spec.values
            spec = "".join(str(v.value) if isinstance(v, ast.Constant) else "0" for v in parts)
            wrong = "," in spec or re.search(r"[fge%]$", spec)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "replace":
            wrong = [a.value for a in node.args if isinstance(a, ast.Constant)] == [".", ","]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            wrong = re.search(r"%[-+ 0]*\d*\.\d+[feg]", str(getattr(node.left, "value", "")))
        else:
            wrong = False
        if wrong:
            found.add(node.lineno)
    return sorted(found)


def swedish(code):
    """Return the lines where a text with Swedish letters stands that is no docstring."""
    tree = ast.parse(code)
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, kinds) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documented
        and re.search("[åäöÅÄÖ]", node.value)
    ]


def test_every_text_is_data():
    wrong = {p: texts_in(c) for p, c in sources().items() if not excepted(p, TEXTS_ELSEWHERE)}
    assert {p: lines for p, lines in wrong.items() if lines} == {}
    assert all(
        any(excepted(p, {one}) and texts_in(c) for p, c in sources().items()) for one in TEXTS_ELSEWHERE
    )


@pytest.mark.parametrize(
    "planted",
    ['T = {"sv": "ja", "en": "yes"}', 'a = "ja" if language == "sv" else "yes"', 'if language == "sv": pass'],
)
def test_a_planted_text_is_found(planted):
    assert texts_in(planted) == [1]
    assert texts_in('def f(language="sv"): ...') == []


def test_every_sentence_has_two_languages_and_their_fields_agree():
    assert unequal(pairs()) == []


@pytest.mark.parametrize(
    "entry", [["ja"], ["ja", ""], ["{n} områden", "areas"], ["{n:.0f} år", "{n:.0f} years"], "ja"]
)
def test_a_planted_sentence_is_found(entry):
    assert unequal({("p", "k"): entry}) == [("p", "k")]


def test_every_key_is_known_and_used():
    known, code = pairs(), sources()
    asking = {p: c for p, c in code.items() if not p.startswith("panels/frame/")}
    assert {p: u for p, c in asking.items() if (u := unknown(c, known))} == {}
    files = [p for ending in ("*.j2", "*.js") for p in PACKAGE.rglob(ending) if "leaflet" not in p.parts]
    templates = " ".join(p.read_text(encoding="utf-8") for p in files)
    assert unused(known, code.values(), templates) == []


def test_a_planted_key_is_found():
    known = {("charts", "and"): ["och", "and"]}
    assert unknown('say("charts", "andd", language)', known) == [("charts", "andd")]
    assert unknown('say("charts", "and", language)', known) == []
    assert unused(known, ['say("charts", "or", language)']) == [("charts", "and")]
    assert unused(known, ['say("charts", "and", language)']) == []


def test_one_module_writes_numbers():
    code = {p: c for p, c in sources().items() if not excepted(p, NUMBERS_ELSEWHERE)}
    assert {p: lines for p, c in code.items() if (lines := written(c))} == {}


def test_no_swedish_text_stands_outside_words():
    code = {p: c for p, c in sources().items() if not excepted(p, SWEDISH_ELSEWHERE)}
    assert {p: lines for p, c in code.items() if (lines := swedish(c))} == {}
    assert swedish('"""Område."""\na = f"{n} områden"') == [2]


@pytest.mark.parametrize(
    "planted",
    [
        *('f"{x:,.1f}"', 'f"{x:.1f}"', 'f"{x:.{n}f}"', 'f"{x:g}"'),
        *('str(x).replace(".", ",")', '"%.1f" % x'),
    ],
)
def test_a_planted_number_is_found(planted):
    assert written(planted) == [1]


def test_facts_of_a_sentence_are_written_by_the_one_rule():
    assert say("charts", "stayed", "en", n=numbers.Number(1234.5, 0)) == "1,235 stayed"
    assert numbers.Number(66.05).written("sv") == "66,1"
    assert numbers.Number(float("nan")).written("en") == numbers.MISSING
    with pytest.raises(TypeError, match="n must be a text"):
        say("charts", "stayed", "en", n=1234.5)
    with pytest.raises(KeyError):
        say("charts", "nothing like it", "en")
    assert listed(["a", "b"], "en") == "a and b"
    assert entries("maps.shared")["north"] == ["N", "N"]
