"""Every sentence of the frame, in Swedish and English, and the error that carries one."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from segkit.errors import InputError

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = ("sv", "en")

_COUNTED = re.compile(r"\{(\w+)\|([^|}]*)\|([^}]*)\}")
#: No list in a message is longer than this.
MOST_LISTED = 12
MOST_ASKED = 300


class Problem(Exception):  # noqa: N818 - it becomes an InputError in the user's language at the door
    """What is wrong, without words yet: a key of `frame.json` and its facts."""

    def __init__(self, key: str, /, **facts: Any) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


class FrameError(InputError):
    """A folder or its description breaks a rule; the message is in the language asked for.

    Attributes
    ----------
    key : str
        The name of the rule.
    """

    def __init__(self, text: str, key: str) -> None:
        super().__init__(text)
        self.key = key


class UnansweredError(InputError):
    """Something must be answered before the folder can be read; one message lists all of it.

    Attributes
    ----------
    questions : pandas.DataFrame
        One row for each: what, key, file, sheet, row, column, question, guess.
    """

    def __init__(self, text: str, questions: Any) -> None:
        super().__init__(text)
        self.questions = questions


@cache
def _sentences() -> dict[str, list[str]]:
    text = files("segkit.words").joinpath("frame.json").read_text("utf-8")
    sentences: dict[str, list[str]] = json.loads(text)
    return sentences


@cache
def words(role: str) -> frozenset[str]:
    """Return the words or signs of files that are known to play a part, such as those for sums.

    Examples
    --------
    >>> "folkmängd" in words("residents"), "sysselsättningsgrad" in words("residents")
    (True, False)
    """
    text = files("segkit.words").joinpath("frame_words.json").read_text("utf-8")
    return frozenset(json.loads(text)[role])


def say(key: str, language: Language, /, **facts: Any) -> str:
    """Return a sentence with its facts.

    Examples
    --------
    >>> say("no_file", "sv", file="tal.csv", folder="berga")
    'tal.csv finns inte i berga.'
    >>> say("left_others", "en", rows=1, n=1, known=3)
    '1 row is of 1 area outside the survey; 3 of the areas here are in the table.'
    """
    sentence = _sentences()[key][LANGUAGES.index(language)]
    for counted in _COUNTED.finditer(sentence):
        name, one, many = counted.groups()
        sentence = sentence.replace(counted.group(), f"{{{name}}} {one if facts[name] == 1 else many}")
    return sentence.format(**{name: written(fact, language) for name, fact in facts.items()})


def known(key: str) -> bool:
    """Tell whether there is a sentence of this name."""
    return key in _sentences()


def written(fact: Any, language: Language) -> str:
    """Write a fact in a sentence: figures with the language's decimal sign, lists with commas.

    Examples
    --------
    >>> written(2.5, "sv"), written(["a", "b"], "en"), written(2023, "sv")
    ('2,5', 'a, b', '2023')
    """
    if isinstance(fact, float):
        return figure(fact, language)
    if isinstance(fact, tuple) and len(fact) == 2 and isinstance(fact[1], dict):
        return say(fact[0], language, **fact[1])
    if isinstance(fact, list | tuple | set | frozenset):
        items = [written(item, language) for item in fact]
        # Questions are listed in full: all unknown names at once.
        most = MOST_ASKED if any(isinstance(item, tuple) for item in fact) else MOST_LISTED
        if len(items) > most:
            return f"{', '.join(items[:most])} {say('more', language, n=len(items) - most)}"
        return ", ".join(items)
    return str(fact)


def figure(value: float, language: Language) -> str:
    """Write a figure as it stands, with the language's decimal sign."""
    if not math.isfinite(value):
        return str(value)
    text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return text.replace(".", ",") if language == "sv" else text


def nearest(word: str, known: list[str], cutoff: float = 0.65) -> str | None:
    """Return the known word most like another, None when none is like it.

    Examples
    --------
    >>> nearest("Berga centrum", ["Berga", "Berga C"]), nearest("Restpost", ["Berga"])
    ('Berga C', None)
    """
    from difflib import SequenceMatcher

    best, found = cutoff, None
    wanted = word.casefold()
    for other in known:
        matcher = SequenceMatcher(None, wanted, other.casefold())
        if (
            matcher.quick_ratio() >= best
            and (score := matcher.ratio()) >= best
            and (score > best or not found)
        ):
            best, found = score, other
    return found
