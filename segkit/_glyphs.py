"""Names as a figure can draw them: characters that its font lacks become a box, without a warning."""

from __future__ import annotations

import re

_BOX = "\u25a1"
#: Joiners and selectors of variants are seen only through the characters that they join or vary.
_JOINING = "\u200d\ufe0e\ufe0f"


def drawable(text: str) -> str:
    r"""Return a text on one line, with a box for each run of characters that the font of figures lacks.

    Draw it with ``parse_math=False``, so that a dollar sign stays one.

    Parameters
    ----------
    text : str
        Any text, such as the name of an area.

    Returns
    -------
    str
        The text itself when all of it can be drawn.

    Examples
    --------
    >>> drawable("Norrliden"), drawable("日本 Kalmar"), drawable("Two\nlines")
    ('Norrliden', '□ Kalmar', 'Two lines')
    """
    line = re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]+", " ", text)
    if line.isascii() and line.isprintable():
        return line
    from matplotlib.font_manager import FontProperties, findfont, get_font

    known = get_font(findfont(FontProperties())).get_charmap()
    lacking = "".join(sorted({re.escape(c) for c in line if ord(c) not in known or c < " "}))
    return re.sub(f"[{lacking}][{lacking}{_JOINING}]*", _BOX, line) if lacking else line
