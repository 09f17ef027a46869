"""The one order in which areas are drawn and added up, so that no answer hangs on the order of rows.

Rows go by ``period`` and then ``area_id``. A table without ``area_id`` goes by its row index where that
names the rows (text, each once), else by what stands in the rows: the columns that are measured, then the
others, then the shapes. Rows that are alike in everything can't be told apart, and need not be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Order: TypeAlias = npt.NDArray[np.intp]

_Table = TypeVar("_Table", bound=pd.DataFrame)
_Rows = TypeVar("_Rows", pd.DataFrame, "pd.Series[Any]")

#: The keys, the one that decides first before the other.
_KEYS = ("period", "area_id")


def area_order(data: pd.DataFrame, columns: Iterable[str] = ()) -> Order:
    """Return the positions of the rows in the order of their areas.

    Examples
    --------
    >>> area_order(pd.DataFrame({"area_id": ["b", "c", "a"], "n": [1, 2, 3]})).tolist()
    [2, 0, 1]
    >>> area_order(pd.DataFrame({"n": [3, 1, 2]}), ["n"]).tolist()
    [1, 2, 0]
    """
    # A table that is none, or has a column twice, is for the gate to turn away.
    if not isinstance(data, pd.DataFrame) or not data.columns.is_unique:
        return np.arange(len(data) if hasattr(data, "__len__") else 0, dtype=np.intp)
    codes = [_codes(data[key]) for key in _KEYS if key in data]
    if "area_id" not in data and _names_rows(data.index):
        codes.append(_codes(data.index.to_series()))
    order = _sorted(codes, len(data))
    if _all_told_apart(codes, order):
        return order
    codes += list(_contents(data, columns))
    return _sorted(codes, len(data))


def in_area_order(data: _Table, columns: Iterable[str] = ()) -> _Table:
    """Return the rows in the order of their areas; the table itself where they are so already.

    Examples
    --------
    >>> in_area_order(pd.DataFrame({"area_id": ["b", "a"], "n": [1, 2]}))["n"].tolist()
    [2, 1]
    """
    order = area_order(data, columns)
    return data if _rises(order) else data.iloc[order]


def as_given(rows: _Rows, order: Order) -> _Rows:
    """Return rows that follow an order of areas in the order of the table that the areas came from.

    Examples
    --------
    >>> table = pd.DataFrame({"area_id": ["b", "c", "a"]})
    >>> as_given(pd.Series(["first", "second", "third"]), area_order(table)).tolist()
    ['second', 'third', 'first']
    """
    return rows if _rises(order) else rows.iloc[np.argsort(order, kind="stable")]


def _rises(order: Order) -> bool:
    return bool((order == np.arange(len(order))).all())


def _names_rows(index: pd.Index) -> bool:
    """Tell whether a row index names the rows; numbers are mere places, which change with the order."""
    return index.nlevels == 1 and index.is_unique and pd.api.types.is_string_dtype(index)


def _codes(column: pd.Series) -> Order:
    """Return the rank of each entry among the different ones, -1 where it is missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    try:
        return pd.factorize(column, sort=True)[0]
    except TypeError:
        # Entries of several kinds, or such as lists, still have their text.
        return pd.factorize(column.map(repr), sort=True)[0]


def _contents(data: pd.DataFrame, columns: Iterable[str]) -> Iterator[Order]:
    """Yield the ranks of all that stands in the rows, what is measured first."""
    shapes = [name for name in data if str(data[name].dtype) == "geometry"]
    named = [name for name in dict.fromkeys([*columns, *data]) if name in data and name not in _KEYS]
    for name in [name for name in named if name not in shapes]:
        yield _codes(data[name])
    for name in shapes:
        yield _codes(pd.Series(data[name].to_wkb()))


def _sorted(codes: list[Order], n: int) -> Order:
    """Return positions by codes, the first of them before the others; rows alike in all stay as they are."""
    return np.lexsort(codes[::-1]) if codes else np.arange(n, dtype=np.intp)


def _all_told_apart(codes: list[Order], order: Order) -> bool:
    """Tell whether no two rows have the same codes."""
    if not codes:
        return len(order) < 2
    differs = [np.diff(code[order]) != 0 for code in codes]
    return bool(np.logical_or.reduce(differs).all())
