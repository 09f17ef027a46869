"""The words of tables, charts and reports in Swedish and English: columns, measures, verdicts, remarks."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from segkit import indicators
from segkit._validate import check_choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.indicators import Language

Term = Literal["measures", "dimensions", "arguments", "geographies", "verdicts", "flags", "statistics"]

LANGUAGES = ("sv", "en")


@cache
def words() -> Mapping[str, Any]:
    """Read the words for columns, measures and remarks; each entry is Swedish, English and more."""
    path = Path(__file__).parent / "templates" / "words.json"
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


def term(kind: Term, code: str, *, language: Language = "sv") -> str:
    """Return the word for a measure, geography, verdict, flag or statistic; unknown ones as they are.

    Examples
    --------
    >>> term("measures", "dissimilarity")
    'Olikhetsindex (D)'
    >>> term("verdicts", "not supported", language="en")
    'Not supported by the data'
    """
    check_choice(language, LANGUAGES, argument="language")
    known = words()[kind]
    if code in known:
        return str(known[code][LANGUAGES.index(language)])
    subject, _, ending = code.partition(" (")
    if kind == "statistics" and f"({ending}" in known:
        return f"{indicators.label(subject, language=language)} {term(kind, f'({ending}', language=language)}"
    return code


def verdict_symbol(verdict: str) -> str:
    """Return a neutral symbol for a verdict, so that it never rests on color alone.

    Examples
    --------
    >>> verdict_symbol("supported"), verdict_symbol("something else")
    ('●', '◇')
    """
    known = words()["verdicts"]
    return str(known[verdict][2]) if verdict in known else "◇"


def heading(column: str, *, language: Language = "sv", unit: bool = True) -> str:
    """Return the heading of a column: an indicator with its unit, or a column of segkit's own tables.

    Examples
    --------
    >>> heading("turnout"), heading("n_areas"), heading("turnout_se", language="en")
    ('Valdeltagande (procent)', 'Antal områden', 'Turnout, standard error')
    """
    check_choice(language, LANGUAGES, argument="language")
    for ending, key in (("_se", "standard_error"), ("_flag", "remark")):
        if column.endswith(ending):
            base = heading(column.removesuffix(ending), language=language, unit=False)
            return f"{base}, {word(key, language=language)}"
    columns = words()["columns"]
    if column in columns:
        return str(columns[column][LANGUAGES.index(language)])
    if column == "population":
        return indicators.label(column, language=language)
    label = indicators.label(column, language=language, unit=unit)
    return label if label != column else column.replace("_", " ")


def explain(column: str, *, language: Language = "sv") -> str:
    """Say in a sentence what a column holds; empty when neither segkit nor the catalogue knows it.

    Examples
    --------
    >>> explain("area_id", language="en")
    'Code of the area, as text.'
    """
    check_choice(language, LANGUAGES, argument="language")
    columns = words()["columns"]
    if column in columns:
        return str(columns[column][2 + LANGUAGES.index(language)])
    catalogue = indicators.catalogue()
    if column in catalogue.index:
        return str(catalogue.loc[column, f"definition_{language}"])
    return heading(column, language=language) + "." if column.endswith(("_se", "_flag")) else ""
