"""The one place that rounds or writes a number for readers, in Swedish and English.

Halves are rounded away from zero, as readers do: 66.05 is 66,1. A number that is not known is never
printed as such: `MISSING` stands in its place. Sentences take their figures as `Number`, `Interval` and
`PValue`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
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
        return f"{'+' if sign else ''}∞" if number > 0 else f"{_MINUS}∞"
    rounded = Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _PRECISE)
    return _signs(f"{abs(rounded):,f}", float(rounded), language, sign=sign)


def _signs(digits: str, value: float, language: Language, *, sign: bool = False) -> str:
    """Give digits written as in English the language's separators, and the number its sign."""
    if language == "sv":
        digits = digits.replace(",", _NARROW_SPACE).replace(".", ",")
    return (_MINUS if value < 0 else "+" if sign and value > 0 else "") + digits


def format_short(value: float | None, *, language: Language = "sv", sign: bool = False) -> str:
    """Write a number with as many decimals as it has, six digits at most, such as a level or a bound.

    Examples
    --------
    >>> format_short(95.0), format_short(97.5), format_short(-0.05, language="en")
    ('95', '97,5', '−0.05')
    """
    if value is None or math.isnan(value) or math.isinf(value):
        return format_number(value, 0, language=language, sign=sign)
    rounded = Decimal(repr(settle(float(value), MOST_DECIMALS)))
    places = MOST_DECIMALS - 1 - rounded.adjusted() if rounded else 0
    rounded = rounded.quantize(
        Decimal(1).scaleb(-min(max(places, 0), MOST_DECIMALS)), ROUND_HALF_UP, _PRECISE
    )
    digits = f"{abs(rounded):,f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return _signs(digits, float(rounded), language, sign=sign)


@dataclass(frozen=True)
class Number:
    """A figure in a sentence; without decimals it has as many as it needs (`format_short`).

    Examples
    --------
    >>> Number(66.05).written("sv"), Number(95, None).written("en")
    ('66,1', '95')
    """

    value: float | None
    decimals: int | None = 1
    sign: bool = False

    def written(self, language: Language) -> str:
        """Return the figure as text."""
        if self.decimals is None:
            return format_short(self.value, language=language, sign=self.sign)
        return format_number(self.value, self.decimals, language=language, sign=self.sign)


@dataclass(frozen=True)
class Interval:
    """An interval in a sentence.

    Examples
    --------
    >>> Interval(-0.1, 0.2).written("sv")
    '−0,1 till 0,2'
    """

    low: float | None
    high: float | None
    decimals: int = 1

    def written(self, language: Language) -> str:
        """Return the interval as text."""
        return format_interval(self.low, self.high, self.decimals, language=language)


@dataclass(frozen=True)
class PValue:
    """A p-value in a sentence.

    Examples
    --------
    >>> PValue(0.0421).written("sv"), PValue(0.0001).written("en")
    ('p = 0,042', 'p < 0.001')
    """

    value: float | None

    def written(self, language: Language) -> str:
        """Return the p-value as text, with the letter."""
        shown = format_p(self.value, language=language)
        return f"p {shown}" if shown.startswith("<") else f"p = {shown}"


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
