"""Text as a figure can draw it: letters that the font lacks become a box, without a warning."""

from __future__ import annotations

import unicodedata
from functools import cache

#: What stands for a letter that the font lacks.
_LACKING = "□"
#: They shape Persian and Indic words; other invisible signs only disturb.
_JOINERS = "\u200c\u200d"


def drawable(text: str) -> str:
    """Return a text with a visible sign for each letter that the font lacks, without invisible signs.

    Examples
    --------
    >>> drawable("Torget 漢 <b>" + chr(8238))
    'Torget □ <b>'
    """
    spaced = "".join(" " if letter in "\t\r\v\f\x85\u2028\u2029" else letter for letter in text)
    if all(" " <= letter < "\x7f" or letter == "\n" for letter in spaced):
        return spaced
    known = _letters()
    return "".join(_shown(letter, known) for letter in spaced)


def _letters() -> frozenset[int]:
    """Return the code points that both weights of the font in use can draw."""
    from matplotlib.font_manager import FontProperties, findfont

    return _in_both(*(findfont(FontProperties(weight=weight)) for weight in ("normal", "bold")))


@cache
def _in_both(normal: str, bold: str) -> frozenset[int]:
    """Return the code points that two font files have in common."""
    from matplotlib.font_manager import get_font

    return frozenset(get_font(normal).get_charmap()) & frozenset(get_font(bold).get_charmap())


def _shown(letter: str, known: frozenset[int]) -> str:
    """Return a letter as it can be drawn."""
    if letter == "\n":
        return letter
    category = unicodedata.category(letter)
    variant = "\ufe00" <= letter <= "\ufe0f"
    if variant or (category in {"Cc", "Cf"} and letter not in _JOINERS):
        return ""
    if category == "Cs":
        return _LACKING
    return letter if ord(letter) in known else _LACKING
