"""The sentences of the studies in Swedish and English."""

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


@cache
def _sentences() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    path = Path(__file__).parent.parent / "templates" / "studies.json"
    sentences: dict[str, dict[str, tuple[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return sentences


def texts(part: str, language: Language) -> dict[str, str]:
    """Return the sentences of a study in one language.

    Examples
    --------
    >>> texts("followup", "en")["title"]
    'Follow-up of key figures: {name}'
    """
    check_choice(language, LANGUAGES, argument="language")
    place = LANGUAGES.index(language)
    return {key: pair[place] for key, pair in _sentences()[part].items()}
