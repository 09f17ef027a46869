"""The one gate for input: messages name the argument, the rule and the offending areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeGuard

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.errors import InputError, UnknownNameError, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd

Floats = npt.NDArray[np.float64]

#: Columns that describe a row; everything else in a panel is an indicator or belongs to one.
KEY_COLUMNS = ("area_id", "period", "name", "geometry", "population")

#: The most of what is drawn, made or started, and the largest other count: those a float holds exactly.
MOST_DRAWS = 1_000_000

_MOST = 2**53

_LARGEST_SEED = 2**32 - 1

_LONG = 10**18

#: Beyond this, sums and squares overflow.
LARGEST = 1e150

#: Share of a value that computing it may add or take away.
_ROUNDING = 1e-13

#: No projection has coordinates beyond this, in metres or feet.
_FARTHEST = 1e9

#: Columns that are text about an area where a panel has them.
TEXT_COLUMNS = (
    "regso_id",
    "regso_name",
    "deso_2018",
    "municipality_code",
    "boundary_version",
    "boundary_note",
)


def check_columns(data: pd.DataFrame, columns: Iterable[str], *, argument: str = "data") -> None:
    """Raise an error that names the columns that are missing, or stand twice, and those that exist."""
    if not isinstance(data, pd.DataFrame):
        raise InputError(message(argument, f"must be a table, is {type(data).__name__}"))
    columns = list(columns)
    unnamed = [type(c).__name__ for c in columns if not pd.api.types.is_hashable(c)]
    if unnamed:
        raise InputError(message(argument, "has its columns named by text, not by", unnamed))
    twice = [c for c in columns if c in data.columns and (data.columns == c).sum() > 1]
    if twice:
        raise InputError(
            message(argument, "has a column more than once", twice, "Rename or drop one of them.")
        )
    missing = [column for column in columns if column not in data.columns]
    if missing:
        known = ", ".join(map(str, data.columns))
        raise UnknownNameError(message(argument, "lacks the column", missing, f"Columns at hand: {known}."))


def check_choice(value: object, allowed: Sequence[object], *, argument: str) -> None:
    """Raise an error when a value is not one of those allowed."""
    if not pd.api.types.is_hashable(value) or value not in allowed:
        choices = ", ".join(repr(a) for a in allowed)
        raise InputError(message(argument, f"is {value!r}, must be one of {choices}"))


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is one number, True and False left out."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def is_level(values: Floats) -> bool:
    """Tell whether values differ by no more than rounding."""
    return bool(np.ptp(values) <= _ROUNDING * np.abs(values).max())


def check_count(value: object, *, argument: str, least: int = 1, most: int | None = None) -> int:
    """Return a whole number from `least` to `most`, or raise an error.

    What is drawn, made or started is called n_ something, of which a million are plenty.
    """
    drawn = argument.startswith("n_")
    most = (MOST_DRAWS if drawn else _MOST) if most is None else most
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InputError(message(argument, f"is {shown(value)}, must be a whole number >= {least}"))
    if value > most:
        fix = "More draws than that make no answer surer." if drawn else ""
        raise InputError(message(argument, f"is {shown(value)}, must be at most {most}", fix=fix))
    return int(value)


def check_seed(value: object, *, argument: str = "random_state") -> int:
    """Return a whole number that every generator of random numbers takes, or raise an error."""
    return check_count(value, argument=argument, least=0, most=_LARGEST_SEED)


def shown(value: object) -> str:
    """Show a value in a message: what it is where it is long."""
    if isinstance(value, int) and abs(value) >= _LONG:
        return "a number of more than 18 digits"
    if isinstance(value, pd.DataFrame | pd.Series) or callable(value):
        return type(value).__name__
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def check_number(value: object, *, argument: str) -> float:
    """Return a number as a float, or raise an error; NaN passes."""
    if not is_number(value):
        raise InputError(message(argument, f"is {value!r}, must be a number"))
    return float(value)


def check_share(value: object, *, argument: str, fix: str = "") -> float:
    """Return a number greater than 0 and less than 1, or raise an error."""
    if not 0 < (share := check_number(value, argument=argument)) < 1:
        raise InputError(message(argument, f"is {value!r}, must be greater than 0 and less than 1", fix=fix))
    return share


def as_floats(raw: Any, *, argument: str) -> Floats:
    """Return numbers as an array of floats, or raise an error."""
    try:
        return np.asarray(raw, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(message(argument, "must be numbers", fix=str(error))) from error


def labels_of(data: pd.DataFrame, mask: npt.NDArray[np.bool_]) -> list[str]:
    """Name the rows of a mask by area and period where there are such columns, else by index."""
    rows = data[mask]
    if "area_id" not in rows:
        return [str(i) for i in rows.index]
    if "period" not in rows:
        return rows["area_id"].astype(str).tolist()
    return [f"{a} {p}" for a, p in zip(rows["area_id"], rows["period"], strict=True)]


def numbers(data: pd.DataFrame, column: str, *, least: float | None = None) -> Floats:
    """Return a column as floats; text, dates, infinities and values under `least` are errors, NaN passes.

    Text that spells a number is one, as in a file read without types; True and False are 1 and 0.
    """
    check_columns(data, [column])
    raw = data[column]
    if raw.ndim > 1:
        fix = "Give the table a single row of column names."
        raise InputError(message(column, "stands over several columns", list(raw.columns), fix))
    if raw.dtype.kind in "cmM" or isinstance(raw.dtype, pd.PeriodDtype):
        raise InputError(message(column, f"has {raw.dtype} where numbers belong"))
    if raw.dtype == bool or not pd.api.types.is_numeric_dtype(raw):
        converted = pd.to_numeric(raw, errors="coerce")
        text = (converted.isna() & raw.notna()).to_numpy()
        if text.any():
            rule = f"has text where a number belongs, such as {raw[text].iloc[0]!r}"
            raise InputError(
                message(column, rule, labels_of(data, text), "Correct the cells or leave them empty.")
            )
        raw = converted
    try:
        values = raw.to_numpy(dtype=np.float64, na_value=np.nan)
    except OverflowError as error:
        raise InputError(message(column, "has values beyond 1e308, too large to compute with")) from error
    if not values.size:
        return values
    # The ends, which skip NaN, tell of most tables that all is well, without a mask of every row.
    lowest, highest = np.fmin.reduce(values), np.fmax.reduce(values)
    if np.isinf(lowest) or np.isinf(highest):
        raise InputError(message(column, "has infinite values", labels_of(data, np.isinf(values))))
    if highest > LARGEST or lowest < -LARGEST:
        rule = f"has values beyond {LARGEST:g}, too large to compute with"
        raise InputError(message(column, rule, labels_of(data, np.abs(values) > LARGEST)))
    if least is not None and lowest < least:
        rule = f"has values under {least:g}"
        low = labels_of(data, values < least)
        raise InputError(message(column, rule, low, "Correct or drop these rows."))
    return values


def complete(data: pd.DataFrame, column: str, *, least: float | None = None) -> Floats:
    """Like `numbers`, but a missing value is an error too."""
    values = numbers(data, column, least=least)
    missing = np.isnan(values)
    if missing.any():
        raise InputError(
            message(
                column,
                f"has {int(missing.sum())} missing values",
                labels_of(data, missing),
                "Fill them by a rule you can state, or drop these areas and say so.",
            )
        )
    return values


def values_and_weight(values: Any, weight: Any = None) -> tuple[Floats, Floats]:
    """Return two float arrays of one length: values without NaN, weights >= 0 that sum to more than 0.

    Rows of weight 0 (empty areas) are left out: they contribute nothing.
    """
    v = _vector(values, "values")
    w = np.ones_like(v) if weight is None else _vector(weight, "weight")
    if v.shape != w.shape:
        raise InputError(message("weight", f"has {w.size} values where `values` has {v.size}"))
    both = isinstance(values, pd.Series) and isinstance(weight, pd.Series)
    if both and not values.index.equals(weight.index):
        fix = "Take both from the same table, or pass arrays in the same order."
        raise InputError(message("weight", "has another index than `values`", fix=fix))
    if (w < 0).any():
        raise InputError(message("weight", "must not be negative", np.flatnonzero(w < 0).tolist()))
    if w.sum() <= 0:
        raise InputError(message("weight", "must sum to more than 0"))
    full = w > 0
    if np.isnan(v[full]).any():
        where = np.flatnonzero(np.isnan(v) & full).tolist()
        fix = "Fill them by a rule you can state, or drop them and say so."
        raise InputError(message("values", "has missing values at positions", where, fix))
    return v[full], w[full]


def _vector(values: Any, argument: str) -> Floats:
    array = as_floats(values, argument=argument)
    if array.ndim != 1 or array.size == 0:
        raise InputError(message(argument, f"must be one non-empty dimension, has {array.shape}"))
    if np.isinf(array).any():
        raise InputError(message(argument, "must be finite", np.flatnonzero(np.isinf(array)).tolist()))
    if (beyond := np.abs(array) > LARGEST).any():
        rule = f"has values beyond {LARGEST:g}, too large to compute with, at positions"
        raise InputError(message(argument, rule, np.flatnonzero(beyond).tolist()))
    if argument == "weight" and np.isnan(array).any():
        where = np.flatnonzero(np.isnan(array)).tolist()
        raise InputError(message(argument, "has missing values at positions", where))
    return array


def check_keys(panel: pd.DataFrame) -> None:
    """Check what makes a table a panel: keys present, filled and unique, a unique index."""
    if not isinstance(panel, pd.DataFrame):
        raise InputError(message("panel", f"must be a table, is {type(panel).__name__}"))
    check_columns(panel, ["area_id", "period"], argument="panel")
    if panel.empty:
        raise InputError(message("panel", "has no rows"))
    if not panel.index.is_unique:
        raise InputError(message("panel", "has a repeated row index", fix="Call reset_index(drop=True)."))
    codes = pd.unique(panel["area_id"])
    blank = [code for code in codes if pd.isna(code) or not str(code).strip()]
    if blank:
        empty = (panel["area_id"].isna() | panel["area_id"].isin(blank)).to_numpy()
        raise InputError(message("area_id", "is empty in rows", panel.index[empty].tolist()))
    if not all(isinstance(code, str) for code in codes):
        fix = "Read the codes as text, so that leading zeros are kept."
        raise InputError(message("area_id", "must be text", panel["area_id"].tolist(), fix))
    period = panel["period"]
    if not pd.api.types.is_integer_dtype(period):
        fix = "Use years such as 2024."
        raise InputError(message("period", f"must be whole numbers, is {period.dtype}", fix=fix))
    twice = panel.duplicated(["area_id", "period"], keep=False).to_numpy()
    if twice.any():
        labels = list(dict.fromkeys(labels_of(panel, twice)))
        fix = "Keep one row for each area and period."
        raise InputError(message("panel", "has more than one row for the same area and period", labels, fix))


def check_geometry(areas: gpd.GeoDataFrame) -> None:
    """Check that every area has a valid polygon and that the coordinate system is known."""
    named = getattr(areas, "active_geometry_name", None)
    if named is None or "geometry" not in areas.columns:
        fix = "Load the areas from a GeoPackage, GeoJSON or Shapefile."
        if named is not None:
            fix = f"It is in `{named}`: call rename_geometry('geometry')."
        elif "geometry" in areas.columns:
            fix = "The table is no GeoDataFrame; make it one with geopandas.GeoDataFrame(data, crs=...)."
        raise InputError(message("geometry", "is missing, so nothing can be mapped", fix=fix))
    if areas.crs is None:
        fix = "Set it with set_crs, for example areas.set_crs(3006) for SWEREF 99 TM."
        raise InputError(message("geometry", "has no coordinate reference system (CRS)", fix=fix))
    if not (areas.crs.is_geographic or areas.crs.is_projected):
        fix = "State the right one with set_crs(..., allow_override=True), for example 3006 for SWEREF 99 TM."
        rule = f"has a coordinate system that is not tied to the earth's surface ({areas.crs.name})"
        raise InputError(message("geometry", rule, fix=fix))
    check_bounds(areas)
    gone = (areas.geometry.isna() | areas.geometry.is_empty).to_numpy()
    if gone.any():
        fix = "Add the boundary or drop the area and say so."
        raise InputError(message("geometry", "is missing", labels_of(areas, gone), fix))
    kind = ~areas.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    if kind.any():
        raise InputError(message("geometry", "must be polygons", labels_of(areas, kind)))
    invalid = ~areas.geometry.is_valid.to_numpy()
    if invalid.any():
        from shapely import is_valid_reason

        why = is_valid_reason(areas.geometry[invalid].iloc[0])
        fix = f"First reason: {why}. Repair the source, or use shapely.make_valid and look at the result."
        raise InputError(message("geometry", "is invalid", labels_of(areas, invalid), fix))


def check_bounds(areas: gpd.GeoDataFrame) -> None:
    """Check that no coordinate lies beyond what its system can hold."""
    in_degrees = areas.crs.is_geographic
    farthest = [180.0, 90.0] if in_degrees else [_FARTHEST, _FARTHEST]
    edges = areas.bounds.to_numpy()
    beyond = (np.abs(edges) > farthest * 2).any(axis=1)
    if not beyond.any():
        return
    name = areas.crs.name
    rule = f"has coordinates beyond {_FARTHEST:g} of its unit, which no place on earth has ({name})"
    if in_degrees:
        rule = f"has coordinates beyond 180 and 90 degrees, but is said to be in degrees ({name})"
    fix = "State the right coordinate system with set_crs(..., allow_override=True), often 3006."
    raise InputError(message("geometry", rule, labels_of(areas, beyond), fix))


Language = Literal["sv", "en"]

LANGUAGES: tuple[Language, ...] = ("sv", "en")
