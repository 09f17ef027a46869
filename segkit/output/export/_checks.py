"""What every export checks: the name of the file, the table, the areas, and the rules for small numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import check_geometry, labels_of
from segkit.errors import InputError, message
from segkit.panels.disclosure import Plan

if TYPE_CHECKING:
    import geopandas as gpd

#: Text that begins so could run as a formula in a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def check_ending(path: str | Path, endings: tuple[str, ...]) -> None:
    """Check how the name of a file ends."""
    if Path(path).suffix.lower() not in endings:
        fix = f"End the name with {' or '.join(endings)}."
        raise InputError(message("path", f"is {Path(path).name!r}", fix=fix))


def check_table(table: pd.DataFrame, argument: str) -> None:
    """Check that there is something to write and that it fits in cells."""
    if not isinstance(table, pd.DataFrame):
        raise InputError(message(argument, f"must be a table, is {type(table).__name__}"))
    if table.empty:
        raise InputError(message(argument, "has no rows or no columns, so there is nothing to write"))
    if "geometry" in table.columns:
        fix = "Drop the column geometry, or use to_geopackage."
        raise InputError(message(argument, "has boundaries, which a table of cells can't hold", fix=fix))
    _check_columns(table, argument)


def check_areas(areas: gpd.GeoDataFrame) -> None:
    """Check that there are areas with boundaries, and columns that a GIS file can hold."""
    if not isinstance(areas, pd.DataFrame) or areas.empty:
        raise InputError(message("areas", "has no rows, so there is nothing to write"))
    _check_columns(areas, "areas")
    check_geometry(areas)


def check_plan(disclosure: object) -> None:
    """Check that rules for small numbers come with the columns they are for."""
    if not isinstance(disclosure, Plan):
        fix = "Use segkit.disclosure.Plan(rules, counts=..., shares=...)."
        raise InputError(message("disclosure", f"must be a plan, is {type(disclosure).__name__}", fix=fix))


def protected(table: Any, disclosure: Plan | None, argument: str) -> Any:
    """Apply the rules for small numbers, where there are any."""
    if disclosure is None:
        return table
    check_plan(disclosure)
    if not disclosure.concerns(table):
        fix = f"It is for {', '.join(disclosure.layout.shown)}."
        raise InputError(message("disclosure", f"names no column of {argument}", fix=fix))
    return disclosure.apply(table).table


def flattened(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose named index, if it has one, is a column, and whose columns are text."""
    named = any(name is not None for name in table.index.names)
    flat = table.reset_index() if named else table.copy()
    return flat.set_axis([str(c) for c in flat.columns], axis=1)


def _check_columns(table: pd.DataFrame, argument: str) -> None:
    """Check that names are unique as text and that each cell holds one thing."""
    names = pd.Index([str(c) for c in table.columns])
    if not names.is_unique:
        twice = names[names.duplicated()].tolist()
        raise InputError(message(argument, "has two columns of the same name", twice))
    for column in table.columns:
        if table[column].dtype != object:
            continue
        several = [isinstance(cell, list | tuple | set | dict | np.ndarray) for cell in table[column]]
        if any(several):
            fix = "Give each item a row or a column of its own, or join them as text."
            rule = f"has lists in the column {column!s}, where a cell holds one value"
            raise InputError(message(argument, rule, labels_of(table, np.array(several)), fix))
