"""How many digits an estimate is given, and when two numbers are the same.

Processors sum in different orders, so what comes out of matrix products, linear algebra, iteration and
elementary functions differs between machines from about the fifteenth digit on, after a few such steps
from the twelfth. Two rules keep that from a reader:

- An estimate is given `DIGITS` significant digits when it is made, more than any error leaves certain: a
  column in the decimals of its largest value, a row of a tidy table in those of its largest figure. Data
  as published, counts and their sums are exact on every machine and are left as they are.
- Numbers that agree in `SAME` digits are the same: where they are compared, ordered or written with fewer
  decimals, the difference does not decide. Of equals the first counts, in the order of ``area_id``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from segkit.base.checks import Floats

#: Significant digits of an estimate.
DIGITS = 8

#: Numbers that agree in so many digits are the same.
SAME = 9

#: Two numbers are the same when they differ by no more than this part of the larger.
EQUAL = 10.0**-SAME

#: A number written with no more digits than this was not estimated here: published, counted or given already.
_WRITTEN = 12

#: Columns of a tidy table that are in the unit of their row.
_IN_UNIT = (
    *("value", "se", "ci_low", "ci_high", "expected", "expected_low", "expected_high", "uncorrected"),
    *("first", "last", "change", "if_least", "if_most"),
)


def given(values: Any, scale: Any = None) -> Floats:
    """Round estimates to `DIGITS` significant digits of a scale, by default the largest of them.

    Parameters
    ----------
    values : array-like
        Estimates in one unit.
    scale : array-like, optional
        The size that sets the decimals, for all or for each.

    Examples
    --------
    >>> given([86.07254254210673, 0.5]).tolist(), given(2 / 3).item()
    ([86.072543, 0.5], 0.66666667)
    """
    x = np.asarray(values, dtype=np.float64)
    known = np.abs(x[np.isfinite(x)])
    size = (known.max() if known.size else 0.0) if scale is None else np.asarray(scale, dtype=np.float64)
    sizes = np.broadcast_to(size, x.shape).ravel().tolist()
    rounded = [_given(value, of) for value, of in zip(x.ravel().tolist(), sizes, strict=True)]
    return np.array(rounded, dtype=np.float64).reshape(x.shape)


def _given(value: float, size: float) -> float:
    if not math.isfinite(value) or not math.isfinite(size) or size == 0:
        return value
    # Adding 0 makes minus zero zero.
    return round(value, DIGITS - 1 - _exponent(size)) + 0.0


def given_table(table: pd.DataFrame) -> pd.DataFrame:
    """Round what was estimated in a table: figures by the largest of their row, other columns by their own.

    Numbers that need no more than 12 digits, as published figures and counts do, stay as they are.

    Examples
    --------
    >>> table = pd.DataFrame({"measure": ["gini"], "value": [1 / 3], "ci_low": [1 / 3000], "n_areas": [43]})
    >>> given_table(table).to_dict("records")
    [{'measure': 'gini', 'value': 0.33333333, 'ci_low': 0.00033333, 'n_areas': 43}]
    """
    floats = [c for c in table.columns if pd.api.types.is_float_dtype(table[c])]
    if not floats:
        return table
    together = [c for c in floats if c in _IN_UNIT]
    row = np.nan_to_num(table[together].to_numpy(dtype=np.float64, na_value=np.nan), posinf=0, neginf=0)
    largest = np.abs(row).max(axis=1, initial=0.0)
    made = {}
    for column in floats:
        values = table[column].to_numpy(dtype=np.float64, na_value=np.nan)
        rounded = given(values, largest if column in together else None)
        short = np.array([float(f"{v:.{_WRITTEN}g}") == v for v in values.tolist()], dtype=bool)
        made[column] = pd.Series(np.where(short, values, rounded), table.index, dtype=table[column].dtype)
    return table.assign(**made)


def settled(values: Any) -> Floats:
    """Round to the digits in which equal numbers agree, so that they compare as equal.

    Examples
    --------
    >>> settled([0.1 + 0.2, 0.3]).tolist()
    [0.3, 0.3]
    """
    x = np.asarray(values, dtype=np.float64)
    return np.array([float(f"{v:.{SAME - 1}e}") for v in x.ravel().tolist()]).reshape(x.shape)


def settle(value: float, places: int) -> float:
    """Round a number that is to be cut to some decimals so that a half does not hang on its last digits.

    Examples
    --------
    >>> settle(71.24999999999929, 1), settle(1000000.499, 0)
    (71.25, 1000000.499)
    """
    return round(value, places + SAME) if math.isfinite(value) else value


def _exponent(value: float) -> int:
    """Return the power of ten of a number, 99.99999999999 as 100."""
    return int(f"{value:.{SAME - 1}e}".partition("e")[2])


def nearest(distances: Floats, axis: int = -1) -> npt.NDArray[np.intp]:
    """Return the place of the least distance, of equals the first.

    Examples
    --------
    >>> nearest(np.array([[0.1 + 0.2, 0.3], [2.0, 1.0]])).tolist()
    [0, 1]
    """
    size = np.abs(np.where(np.isfinite(distances), distances, 0.0)).max(axis=axis, keepdims=True)
    least = distances.min(axis=axis, keepdims=True)
    return np.asarray((distances <= least + EQUAL * size).argmax(axis=axis), dtype=np.intp)
