"""The report's own sentences in Swedish and English."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from segkit._wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.indicators import Language


@cache
def _sentences() -> Mapping[str, tuple[str, str]]:
    """Read the sentences; each entry is Swedish and English."""
    path = Path(__file__).parent.parent / "templates" / "report.json"
    sentences: dict[str, tuple[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return sentences


def texts(language: Language) -> dict[str, str]:
    """Return every sentence of the report in one language.

    Examples
    --------
    >>> texts("en")["areas"]
    'Areas'
    """
    place = LANGUAGES.index(language)
    return {key: pair[place] for key, pair in _sentences().items()}


def listed(items: list[str], text: Mapping[str, str]) -> str:
    """Join words: a, b and c.

    Examples
    --------
    >>> listed(["a", "b", "c"], texts("en"))
    'a, b and c'
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {text['and']} {items[-1]}"
