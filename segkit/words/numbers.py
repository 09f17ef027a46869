"""Numbers for readers, in Swedish and English: in running text and in tables."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice, check_count
from segkit.base.digits import settle
from segkit.errors import InputError, message
from segkit.words.text import word

if TYPE_CHECKING:
    from segkit.base.checks import Language

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


#: What stands in a cell without a figure.
MISSING = "–"

_PRECISE = Context(prec=400)


def format_number(
    value: float | None, decimals: int = 1, *, language: Language = "sv", sign: bool = False
) -> str:
    """Write a number for reading, halves rounded away from zero.

    Parameters
    ----------
    value : float or None
        The number; None and NaN are missing.
    decimals : int
        Number of decimals.
    language : {"sv", "en"}
        Swedish: decimal comma, narrow space between thousands. English: point and comma.
    sign : bool
        Whether a plus sign marks numbers above zero.

    Returns
    -------
    str
        The number with a real minus sign (U+2212), ``–`` when it is missing.

    Raises
    ------
    InputError
        When the value is not a number.

    Examples
    --------
    >>> format_number(-1234.25, language="en"), format_number(0.125, 2, sign=True), format_number(None)
    ('−1,234.3', '+0,13', '–')
    """
    check_choice(language, LANGUAGES, argument="language")
    check_count(decimals, argument="decimals", least=0)
    try:
        number = math.nan if value is None or pd.isna(value) else settle(float(value), decimals)
    except (TypeError, ValueError) as error:
        raise InputError(message("value", f"is {value!r}, must be a number")) from error
    if math.isnan(number):
        return MISSING
    if math.isinf(number):
        return "∞" if number > 0 else f"{_MINUS}∞"
    rounded = Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _PRECISE)
    text = f"{abs(rounded):,f}"
    if language == "sv":
        text = text.replace(",", _NARROW_SPACE).replace(".", ",")
    return (_MINUS if rounded < 0 else "+" if sign and rounded > 0 else "") + text


def format_interval(
    low: float | None, high: float | None, decimals: int = 1, *, language: Language = "sv"
) -> str:
    """Write an interval, lower–upper; the word "till" ("to") parts them when one is negative.

    Examples
    --------
    >>> format_interval(0.2, 0.45, 2), format_interval(-0.1, 0.2, language="en")
    ('0,20–0,45', '−0.1 to 0.2')
    """
    ends = [format_number(end, decimals, language=language) for end in (low, high)]
    if MISSING in ends:
        return MISSING
    between = f" {word('to', language=language)} " if any(end.startswith(_MINUS) for end in ends) else "–"
    return between.join(ends)


def format_p(value: float | None, *, language: Language = "sv") -> str:
    """Write a p-value with three decimals, or as under the least that they show.

    Examples
    --------
    >>> format_p(0.0421), format_p(0.0001, language="en")
    ('0,042', '< 0.001')
    """
    if value is not None and value < 0.001:
        return "< " + format_number(0.001, 3, language=language)
    return format_number(value, 3, language=language)


def numbers_or_nan(cells: pd.Series) -> list[float]:
    """Return a numeric column as floats, missing as NaN.

    Examples
    --------
    >>> numbers_or_nan(pd.Series([1, None], dtype="Int64"))
    [1.0, nan]
    """
    if isinstance(cells, pd.Series) and cells.dtype.kind == "c":
        raise InputError(message(str(cells.name), "has complex numbers"))
    try:
        return [float(value) for value in cells.to_numpy(dtype=np.float64, na_value=np.nan)]
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(message(str(cells.name or "cells"), "must be numbers", fix=str(error))) from error


def adaptive_decimals(*values: float) -> int:
    """Return decimals for numbers of unknown unit that are read together: three digits or so.

    Whole numbers have none; otherwise the largest number decides.

    Examples
    --------
    >>> [adaptive_decimals(x) for x in (1200.5, 45.25, 3.14159, 0.04, 7.0)]
    [0, 1, 2, 3, 0]
    >>> adaptive_decimals(7.0, 5.5)
    2
    """
    known = [abs(value) for value in values if math.isfinite(value)]
    if all(value == math.floor(value) for value in known):
        return 0
    largest = max(known)
    return next((decimals for least, decimals in ((100, 0), (10, 1), (1, 2)) if largest >= least), 3)
