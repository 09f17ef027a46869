"""Numbers in running text, in Swedish and English."""

from __future__ import annotations

import math

from segkit._digits import settle

_NARROW_SPACE = "\u202f"
_MINUS = "\u2212"

#: No sentence shows more decimals than this.
MOST_DECIMALS = 6


def number(value: float, places: int, language: str, *, sign: bool = False) -> str:
    """Write a number with real minus sign and the language's separators.

    Examples
    --------
    >>> number(-1.25, 2, "sv"), number(3.0, 1, "en", sign=True)
    ('−1,25', '+3.0')
    """
    if math.isinf(value):
        return (_MINUS if value < 0 else "+" if sign else "") + "∞"
    rounded = round(settle(value, places), places)
    text = f"{abs(rounded):,.{places}f}"
    if language == "sv":
        text = text.replace(",", _NARROW_SPACE).replace(".", ",")
    return (_MINUS if rounded < 0 else "+" if sign and rounded > 0 else "") + text


def p_value(p: float, language: str) -> str:
    """Write a p-value.

    Examples
    --------
    >>> p_value(0.0421, "sv"), p_value(0.0001, "en")
    ('p = 0,042', 'p < 0.001')
    """
    if p < 0.001:
        return f"p < {number(0.001, 3, language)}"
    return f"p = {number(p, 3, language)}"


def decimals(width: float) -> int:
    """Return decimals that show two figures of a width, such as an interval's.

    Examples
    --------
    >>> decimals(6.0), decimals(0.02), decimals(400)
    (1, 3, 0)
    """
    if not width > 0 or math.isinf(width):
        return 3
    return min(max(1 - math.floor(math.log10(width)), 0), MOST_DECIMALS)
