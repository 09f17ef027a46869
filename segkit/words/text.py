"""Every sentence that a reader sees, in Swedish and English: one loader, one way to say it.

A part is a file of this folder, or a section of one: "charts", "studies.area". Each of its keys holds a
pair, Swedish and English, with fields in braces for the facts.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from segkit.base.checks import LANGUAGES, check_choice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segkit.base.checks import Language

Term = Literal["measures", "dimensions", "arguments", "geographies", "verdicts", "flags", "statistics"]


@runtime_checkable
class Figure(Protocol):
    """A figure in a sentence, such as `segkit.words.numbers.Number`: the language says how."""

    def written(self, language: Language) -> str:
        """Return the figure as text."""
        ...


@cache
def entries(part: str) -> Mapping[str, Any]:
    """Read the entries of a part: Swedish, English and, of codes, what else is known of them.

    Examples
    --------
    >>> entries("charts")["and"]
    ['och', 'and']
    """
    name, *sections = part.split(".")
    found: dict[str, Any] = json.loads(files("segkit.words").joinpath(f"{name}.json").read_text("utf-8"))
    for section in sections:
        found = found[section]
    return found


def say(part: str, key: str, language: Language, **facts: object) -> str:
    r"""Return a sentence with its facts.

    Parameters
    ----------
    part, key : str
        Where the sentence stands.
    language : {"sv", "en"}
        The language of the sentence.
    **facts : str, int or Figure
        What its fields hold. A whole number is written as it is, as a year is; every other number is a
        figure, whose decimals are chosen: `numbers.Number`, `numbers.Interval` or `numbers.PValue`.

    Raises
    ------
    TypeError
        When a fact is a bare decimal number or anything else that isn't a text.

    Examples
    --------
    >>> from segkit.words.numbers import Number
    >>> say("charts", "stayed", "sv", n=Number(1234.5, 0))
    '1\\u202f235 var kvar'
    """
    check_choice(language, LANGUAGES, argument="language")
    sentence = str(entries(part)[key][LANGUAGES.index(language)])
    shown = {name: _shown(name, fact, language) for name, fact in facts.items()}
    return sentence.format(**shown) if shown else sentence


def _shown(name: str, fact: object, language: Language) -> str:
    if isinstance(fact, Figure):
        return fact.written(language)
    if isinstance(fact, str) or (isinstance(fact, Integral) and not isinstance(fact, bool)):
        return str(fact)
    raise TypeError(f"{name} must be a text, a whole number or a figure, not {fact!r}")


def texts(part: str, language: Language) -> dict[str, str]:
    """Return every sentence of a part in one language.

    Examples
    --------
    >>> texts("charts", "en")["stayed"].format(n=5)
    '5 stayed'
    """
    check_choice(language, LANGUAGES, argument="language")
    place = LANGUAGES.index(language)
    return {key: pair[place] for key, pair in entries(part).items() if isinstance(pair, list)}


def listed(items: Sequence[str], language: Language | Mapping[str, str]) -> str:
    """Join words: a, b and c.

    Examples
    --------
    >>> listed(["a", "b", "c"], "sv")
    'a, b och c'
    """
    if len(items) < 2:
        return "".join(items)
    both = say("words", "and", language) if isinstance(language, str) else language["and"]
    return f"{', '.join(items[:-1])} {both} {items[-1]}"


@cache
def words() -> Mapping[str, Any]:
    """Return the words for columns, measures and remarks; each entry is Swedish, English and more."""
    measures = {name: [*said["label"], said["decimals"]] for name, said in measure_words().items()}
    return {**entries("words"), "measures": measures}


@cache
def measure_words() -> Mapping[str, Mapping[str, Any]]:
    """Return what is said of measures: label, decimals, and for those registered what a high value means."""
    return entries("measures")


def word(key: str, *, language: Language = "sv") -> str:
    """Return one of the small words that tables share: missing, interval, standard_error, remark.

    Examples
    --------
    >>> word("missing"), word("missing", language="en")
    ('saknas', 'missing')
    """
    return say("words", key, language)


def verdict_symbol(verdict: str) -> str:
    """Return a neutral symbol for a verdict, so that it never rests on color alone.

    Examples
    --------
    >>> verdict_symbol("supported"), verdict_symbol("something else")
    ('●', '◇')
    """
    known = entries("words.verdicts")
    return str(known[verdict][2]) if verdict in known else "◇"


def flag_parts(flag: object) -> list[str]:
    """Split a flag such as "modelled, preliminary" into its parts."""
    if not isinstance(flag, str):
        return []
    return [part.strip() for part in flag.split(",") if part.strip()]


def flag_symbol(part: str) -> str:
    """Return the symbol of a part of a flag, empty for an observed value."""
    known = entries("words.flags")
    return str(known.get(part, known["other"])[2])


def report_texts(language: Language) -> dict[str, str]:
    """Return every sentence of the report in one language."""
    return texts("report", language)


def chart_texts(language: Language) -> dict[str, str]:
    """Return every sentence of the charts in one language."""
    return texts("charts", language)


def study_texts(part: str, language: Language) -> dict[str, str]:
    """Return the sentences of a study in one language."""
    return texts(f"studies.{part}", language)


def survey_texts(kind: str, language: Language) -> dict[str, str]:
    """Return the sentences of a kind by key, with fields in braces for the figures."""
    return texts(f"survey.{kind}", language)
