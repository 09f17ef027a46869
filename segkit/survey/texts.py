"""The sentences of a survey in Swedish and English, kept in templates/survey.json."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.indicators import Language

Kind = Literal["texts", "statements", "reasons", "measures"]


@cache
def _all() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    path = Path(__file__).parents[1] / "templates" / "survey.json"
    known: Mapping[str, Mapping[str, tuple[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return known


def sentences(kind: Kind, language: Language) -> dict[str, str]:
    """Return the sentences of a kind by key, with places in braces for the figures.

    Examples
    --------
    >>> sentences("texts", "en")["note_early"]
    'Turnout in {year} is preliminary.'
    """
    place = ("sv", "en").index(language)
    return {key: both[place] for key, both in _all()[kind].items()}
