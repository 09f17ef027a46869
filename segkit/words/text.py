"""The words of tables, charts, maps, surveys and reports in Swedish and English."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from segkit.base.checks import LANGUAGES, check_choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language

Term = Literal["measures", "dimensions", "arguments", "geographies", "verdicts", "flags", "statistics"]


@cache
def words() -> Mapping[str, Any]:
    """Read the words for columns, measures and remarks; each entry is Swedish, English and more."""
    path = Path(__file__).parent / "words.json"
    words: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return words


def word(key: str, *, language: Language = "sv") -> str:
    """Return one of the small words that tables share: missing, interval, standard_error, remark.

    Examples
    --------
    >>> word("missing"), word("missing", language="en")
    ('saknas', 'missing')
    """
    check_choice(language, LANGUAGES, argument="language")
    return str(words()[key][LANGUAGES.index(language)])


def verdict_symbol(verdict: str) -> str:
    """Return a neutral symbol for a verdict, so that it never rests on color alone.

    Examples
    --------
    >>> verdict_symbol("supported"), verdict_symbol("something else")
    ('●', '◇')
    """
    known = words()["verdicts"]
    return str(known[verdict][2]) if verdict in known else "◇"


@cache
def _report_sentences() -> Mapping[str, tuple[str, str]]:
    """Read the sentences; each entry is Swedish and English."""
    path = Path(__file__).parent / "report.json"
    sentences: dict[str, tuple[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return sentences


def report_texts(language: Language) -> dict[str, str]:
    """Return every sentence of the report in one language.

    Examples
    --------
    >>> report_texts("en")["areas"]
    'Areas'
    """
    place = LANGUAGES.index(language)
    return {key: pair[place] for key, pair in _report_sentences().items()}


def listed(items: list[str], text: Mapping[str, str]) -> str:
    """Join words: a, b and c.

    Examples
    --------
    >>> listed(["a", "b", "c"], report_texts("en"))
    'a, b and c'
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {text['and']} {items[-1]}"


def flag_parts(flag: object) -> list[str]:
    """Split a flag such as "modelled, preliminary" into its parts."""
    if not isinstance(flag, str):
        return []
    return [part.strip() for part in flag.split(",") if part.strip()]


def flag_symbol(part: str) -> str:
    """Return the symbol of a part of a flag, empty for an observed value."""
    known = words()["flags"]
    return str(known.get(part, known["other"])[2])


def chart_texts(language: Language) -> Mapping[str, str]:
    """Return the sentences in a language, checked.

    Examples
    --------
    >>> chart_texts("en")["stayed"].format(n=5)
    '5 stayed'
    """
    check_choice(language, LANGUAGES, argument="language")
    place = LANGUAGES.index(language)
    return {key: entry[place] for key, entry in _chart_sentences().items()}


@cache
def _chart_sentences() -> Mapping[str, tuple[str, str]]:
    path = Path(__file__).parent / "charts.json"
    sentences: dict[str, tuple[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return sentences


WEBMAP_TEXTS: dict[str, dict[str, str]] = {
    "sv": {
        "area_details": "Områdets uppgifter",
        "close": "Stäng",
        "code": "Kod",
        "comparison": ("områdenas värden vägda med folkmängden, inte kommunens officiella uppgift"),
        "difference": "Skillnad",
        "difference_note": "Skillnaden är räknad på oavrundade tal, för andelar i procentenheter.",
        "figure": "Uppgift",
        "higher_is_stronger": "Högre värde är starkare förutsättningar.",
        "index": "Index",
        "loading": "Kartan läses in …",
        "mean": "Vägt medel",
        "mean_of_medians": "Vägt medel av områdenas medianer",
        "name": "Område",
        "not_drawn": "Kartan kan inte visas: webbläsaren är för gammal eller filen är skadad.",
        "of_areas": "Vägt medel av {n} av {total} områden",
        "period": "Period",
        "population_of": "Invånare och vikter: folkmängd {}.",
        "preliminary": "Preliminära uppgifter.",
        "remark": "Anmärkning",
        "same_classes": "Klasserna är gemensamma för alla perioder, så att färgerna kan jämföras.",
        "show_map": "Visa karta",
        "show_table": "Visa som tabell",
        "simplified": "Gränserna är förenklade (tolerans {} m).",
        "table_of": "Alla områden",
        "value": "Värde",
        "zoom_in": "Zooma in",
        "zoom_out": "Zooma ut",
    },
    "en": {
        "area_details": "Figures of the area",
        "close": "Close",
        "code": "Code",
        "comparison": ("the areas' values weighted by population, not the municipality's official figure"),
        "difference": "Difference",
        "difference_note": (
            "The difference is computed from unrounded figures, for shares in percentage points."
        ),
        "figure": "Figure",
        "higher_is_stronger": "A higher value is stronger conditions.",
        "index": "Index",
        "loading": "Loading the map …",
        "mean": "Weighted mean",
        "mean_of_medians": "Weighted mean of the areas' medians",
        "name": "Area",
        "not_drawn": "The map can't be shown: the browser is too old or the file is damaged.",
        "of_areas": "Weighted mean of {n} of {total} areas",
        "period": "Period",
        "population_of": "Residents and weights: population {}.",
        "preliminary": "Preliminary figures.",
        "remark": "Remark",
        "same_classes": "Classes are the same in all periods, so that colors can be compared.",
        "show_map": "Show the map",
        "show_table": "Show as a table",
        "simplified": "Borders are simplified (tolerance {} m).",
        "table_of": "All areas",
        "value": "Value",
        "zoom_in": "Zoom in",
        "zoom_out": "Zoom out",
    },
}


@cache
def _study_sentences() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    path = Path(__file__).parent / "studies.json"
    sentences: dict[str, dict[str, tuple[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return sentences


def study_texts(part: str, language: Language) -> dict[str, str]:
    """Return the sentences of a study in one language.

    Examples
    --------
    >>> study_texts("followup", "en")["title"]
    'Follow-up of key figures: {name}'
    """
    check_choice(language, LANGUAGES, argument="language")
    place = LANGUAGES.index(language)
    return {key: pair[place] for key, pair in _study_sentences()[part].items()}


SurveyPart = Literal["texts", "statements", "reasons", "measures"]


@cache
def _survey_sentences() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    path = Path(__file__).parent / "survey.json"
    known: Mapping[str, Mapping[str, tuple[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return known


def survey_texts(kind: SurveyPart, language: Language) -> dict[str, str]:
    """Return the sentences of a kind by key, with places in braces for the figures.

    Examples
    --------
    >>> survey_texts("texts", "en")["note_early"]
    'Turnout in {year} is preliminary.'
    """
    place = ("sv", "en").index(language)
    return {key: both[place] for key, both in _survey_sentences()[kind].items()}
