"""Turn a user's table of figures, long or wide, into one row per area and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.base.checks import TEXT_COLUMNS
from segkit.catalogue import indicators
from segkit.errors import InputError, message, warn
from segkit.panels import cells

if TYPE_CHECKING:
    import geopandas as gpd


def codes(column: pd.Series) -> pd.Series:
    """Return codes as text; numbers that a file format made of them lose their decimals."""
    if pd.api.types.is_float_dtype(column) and column.notna().all() and (column % 1 == 0).all():
        column = column.astype("int64")
    text = column.astype("str").str.strip()
    return text.where(column.notna(), "")


def periods(raw: pd.DataFrame) -> pd.Series:
    """Return the periods as numbers, checked to be years."""
    text = raw["period"].astype("str").str.strip().str.replace(r"\.0$", "", regex=True)
    bad = ~text.str.fullmatch(r"\d{4}").to_numpy(dtype=bool)
    if bad.any():
        fix = "Write one year, such as 2024."
        raise InputError(message("period", "must be a year of four digits", text[bad].unique().tolist(), fix))
    return text.astype("int64")


def check_known(codes: pd.Series, known: pd.Series) -> None:
    """Check that every code of the table is among the areas; hint at lost leading zeros."""
    stray = sorted(set(codes) - set(known))
    if not stray:
        return
    width = int(known.str.len().max())
    padded = [code.zfill(width) in set(known) for code in stray]
    fix = "Drop these rows, or load the areas they belong to."
    if any(padded):
        fix = "Leading zeros seem to be lost: save the codes as text in the table."
    raise InputError(
        message("area_id", f"{len(stray)} codes of the table are not among the areas", stray, fix)
    )


def pivot(raw: pd.DataFrame) -> pd.DataFrame:
    """Turn a long table into one column per indicator; of flags, one for each indicator that has any."""
    labels = raw["area_id"] + " " + raw["period"].astype("str") + " " + raw["indicator"].astype("str")
    twice = raw.duplicated(["area_id", "period", "indicator"], keep=False)
    if twice.any():
        fix = "Keep one row for each area, period and indicator."
        rule = "has more than one row for the same area, period and indicator"
        raise InputError(message("table", rule, labels[twice].unique().tolist(), fix))
    for indicator in filter(indicators.is_count, raw["indicator"].unique()):
        mine = raw["indicator"] == indicator
        cells.check_thousands(raw.loc[mine, "value"], labels[mine], argument=str(indicator))
    raw = raw.assign(value=cells.parse_numbers(raw["value"], labels, argument="value"))
    wide = raw.pivot(index=["area_id", "period"], columns="indicator", values="value").reset_index()
    wide.columns.name = None
    if "flag" not in raw:
        return wide
    flagged = raw.assign(flag=flag_texts(raw["flag"]).str.strip())
    flagged = flagged[flagged["indicator"].isin(flagged.loc[flagged["flag"] != "", "indicator"])]
    flags = flagged.pivot(index=["area_id", "period"], columns="indicator", values="flag").fillna("")
    return wide.merge(flags.add_suffix("_flag").reset_index(), how="left", on=["area_id", "period"])


def wide(raw: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Read a wide table: text about the area is left to the areas, all else is numbers."""
    text = {"name", *TEXT_COLUMNS, "geometry"}
    text |= {c for c in areas.columns if c in raw and not pd.api.types.is_numeric_dtype(areas[c])} - {
        "area_id"
    }
    figures = raw.drop(columns=[c for c in raw.columns if c in text])
    labels = figures["area_id"] + " " + figures["period"].astype("str")
    twice = figures.duplicated(["area_id", "period"], keep=False)
    if twice.any():
        rule = "has more than one row for the same area and period"
        fix = "Keep one row for each area and period."
        raise InputError(message("table", rule, labels[twice].unique().tolist(), fix))
    described = []
    made = {}
    for column in figures.columns.drop(["area_id", "period"]):
        if str(column).endswith("_flag"):
            made[column] = flag_texts(figures[column])
        elif cells.has_no_number(figures[column]):
            described.append(column)
        else:
            if indicators.is_count(column):
                cells.check_thousands(figures[column], labels, argument=column)
            made[column] = cells.parse_numbers(figures[column], labels, argument=column)
    if described:
        rule = "columns hold text only and are left out"
        warn(message("table", rule, described))
    return pd.concat([figures[["area_id", "period"]], pd.DataFrame(made, index=figures.index)], axis=1)


def flag_texts(column: pd.Series) -> pd.Series:
    """Return remarks as text, whatever a file made of them, empty where there is none."""
    return column.astype(object).where(column.notna(), "").map(str).astype("str")
