"""What makes a table unusable, in words: for tables that made a call fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segkit.base.checks import KEY_COLUMNS, LARGEST, TEXT_COLUMNS, is_number, labels_of
from segkit.errors import message

_LARGEST_WHOLE = 2**63


def unusable(table: pd.DataFrame | pd.Series, argument: str) -> str:
    """Return the first thing that no function of segkit can use, as the text of an error, or no text."""
    if isinstance(table, pd.Series):
        table = table.to_frame(argument)
        if not table.index.is_unique:
            return message(argument, "has a repeated index", fix="Give each area one row.")
        return _cells(table, argument, argument)
    return _heads(table, argument) or _rows(table, argument) or _columns(table, argument)


def _heads(table: pd.DataFrame, argument: str) -> str:
    if isinstance(table.columns, pd.MultiIndex):
        return message(
            argument, "has several rows of column names", fix="Give the table a single row of them."
        )
    odd = [repr(c) for c in table.columns if not isinstance(c, str)]
    if odd:
        return message(argument, "has columns whose names are not text", odd, "Rename them.")
    twice = table.columns[table.columns.duplicated()].unique()
    if len(twice):
        return message(argument, "has a column more than once", twice, "Rename or drop one of them.")
    return ""


def _rows(table: pd.DataFrame, argument: str) -> str:
    if not len(table) or not table.shape[1]:
        return message(argument, "has no rows" if not len(table) else "has no columns")
    if hasattr(table, "to_crs") and "geometry" not in table:
        fix = "Load the areas from a GeoPackage, GeoJSON or Shapefile."
        return message(argument, "has no column geometry", fix=fix)
    if isinstance(table.index, pd.MultiIndex) or not table.index.is_unique:
        return message(argument, "has an index that repeats or has levels", fix="Call reset_index().")
    return ""


def _columns(table: pd.DataFrame, argument: str) -> str:
    found = (_cells(table, str(name), argument) for name in table.columns)
    return next((rule for rule in found if rule), "")


def _cells(table: pd.DataFrame, name: str, argument: str) -> str:
    """Say what is wrong with the cells of a column."""
    return _key_cells(table[name], name, argument) or _other_cells(table, name, argument)


def _key_cells(column: pd.Series[Any], name: str, argument: str) -> str:
    """Say what is wrong with a column that tells what a row is."""
    if name == "geometry" and not hasattr(column, "crs"):
        return message(name, "is no column of boundaries")
    if name in {"area_id", "name"} and not column.map(lambda v: isinstance(v, str) and bool(v.strip())).all():
        fix = "Read the codes as text, so that leading zeros are kept." if name == "area_id" else ""
        return message(name, f"must be text in every row of `{argument}`", fix=fix)
    if name == "period" and not pd.api.types.is_integer_dtype(column):
        return message(name, f"must be whole numbers, is {column.dtype}", fix="Use years such as 2024.")
    return ""


def _other_cells(table: pd.DataFrame, name: str, argument: str) -> str:
    """Say what is wrong with a column of figures or words."""
    column = table[name]
    if name == "geometry":
        return ""
    if column.dtype.kind in "cmM" or isinstance(column.dtype, pd.PeriodDtype):
        return message(name, f"has {column.dtype} where numbers or text belong")
    if pd.api.types.is_string_dtype(column) and name not in {*KEY_COLUMNS, *TEXT_COLUMNS, argument}:
        filled = column.dropna()
        if len(filled) and pd.to_numeric(filled, errors="coerce").notna().all():
            return message(name, "has numbers stored as text", fix="Convert them with pandas.to_numeric.")
    if column.dtype == object or isinstance(column.dtype, pd.CategoricalDtype):
        bad = ~column.map(is_cell).to_numpy(dtype=bool)
        rule = "has cells that are neither text nor numbers that can be computed with"
    elif pd.api.types.is_numeric_dtype(column) and column.dtype != bool:
        bad = np.abs(column.to_numpy(dtype=np.float64, na_value=np.nan)) > LARGEST
        rule = "has numbers too large to compute with"
    else:
        return ""
    fix = "Correct the cells or leave them empty."
    return message(name, rule, labels_of(table, bad), fix) if bad.any() else ""


def is_cell(value: Any) -> bool:
    """Tell whether a value is text, a number, or nothing."""
    if value is None or isinstance(value, str | bool | np.bool_) or value is pd.NA:
        return True
    return is_number(value) and not abs(value) > (_LARGEST_WHOLE if isinstance(value, int) else LARGEST)
