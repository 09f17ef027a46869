"""The sentences of the charts in Swedish and English."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from segkit._validate import check_choice
from segkit._wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.indicators import Language


def texts(language: Language) -> Mapping[str, str]:
    """Return the sentences in a language, checked.

    Examples
    --------
    >>> texts("en")["stayed"].format(n=5)
    '5 stayed'
    """
    check_choice(language, LANGUAGES, argument="language")
    place = LANGUAGES.index(language)
    return {key: entry[place] for key, entry in _sentences().items()}


@cache
def _sentences() -> Mapping[str, tuple[str, str]]:
    path = Path(__file__).parents[1] / "templates" / "charts.json"
    sentences: dict[str, tuple[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return sentences
