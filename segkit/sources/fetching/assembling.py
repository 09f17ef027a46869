"""One series for each area: figures of the older division put on the newer one, flagged where it changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from segkit import geography
from segkit.catalogue import indicators
from segkit.panels import areas
from segkit.sources.fetching.asking import LAST_OF_OLD

if TYPE_CHECKING:
    import geopandas as gpd

COLUMNS = [
    *["area_id", "period", "indicator", "value", "flag"],
    *["source", "source_table", "retrieved", "boundaries"],
]

#: Treatments under which figures before and after refer to the same place.
COMPARABLE = ("chained",)

#: Published by the source for its own areas: never computed for others.
_OFFICIAL = re.compile(r"official_\w+")

_KEYS = ["area_id", "period", "indicator"]


def assemble(
    table: pd.DataFrame, old: gpd.GeoDataFrame | None, new: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Put the figures of both divisions on the newer one.

    Returns
    -------
    areas : geopandas.GeoDataFrame
        The newer areas with ``boundary_comparable``: 1 where figures of all years refer to the same place,
        0 where the boundary changed.
    figures : pandas.DataFrame
        Long; figures of areas that were divided are interpolated and flagged, those of areas whose boundary
        moved are flagged. What a source publishes for its own areas only is then left missing.
    units : pandas.DataFrame
        What became of each area, as `geography.chain` tells it.
    """
    early = table[table["period"] <= LAST_OF_OLD]
    if old is None or early.empty:
        units = pd.DataFrame(columns=["area_id", "old", "new", "cause", "change", "treatment"])
        return new.assign(boundary_comparable=1.0), _sorted(table), units
    late = table[table["period"] > LAST_OF_OLD]
    before = areas.join_indicators(old, early)
    # Without later years the newer areas stand with their earlier people only.
    after = areas.join_indicators(new, late) if len(late) else new.assign(period=LAST_OF_OLD + 1)
    names = list(dict.fromkeys(early["indicator"]))
    counts = [n for n in names if indicators.is_count(n) or n == "population"]
    means = [n for n in names if n not in counts]
    after = after.assign(**{n: float("nan") for n in names if n not in after or after[n].isna().all()})
    people = "population" if after["population"].notna().any() else None
    changes = geography.boundary_changes(old, _newest(after, people), weight=people)
    chained = geography.chain(
        before,
        after,
        changes,
        share="share",
        extensive=counts,
        intensive=means,
        method="interpolate",
        moved="flag",
        missing="report",
    )
    units = chained.units
    figures = pd.concat([_kept(early, units), _made(early, chained.panel, units), late], ignore_index=True)
    same = set(units.loc[units["treatment"].isin(COMPARABLE), "area_id"])
    return new.assign(boundary_comparable=new["area_id"].isin(same).astype(float)), _sorted(figures), units


def _newest(panel: gpd.GeoDataFrame, people: str | None) -> gpd.GeoDataFrame:
    """Return each area once, with its first number of residents in the newer division."""
    if people is None:
        return panel.drop_duplicates("area_id")
    rows = panel.assign(_none=panel[people].isna()).sort_values(["_none", "period"], kind="stable")
    return rows.drop_duplicates("area_id").drop(columns="_none")


def _kept(early: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of areas that were not divided, under their newer codes."""
    alone = units[units["treatment"].isin([*COMPARABLE, "flagged"])].set_index("old")
    rows = early[early["area_id"].isin(alone.index)]
    moved = rows["area_id"].map(alone["treatment"]) == "flagged"
    flag = _with_flag(rows["flag"], moved, "boundary moved")
    return rows.assign(area_id=rows["area_id"].map(alone["area_id"]), flag=flag)


def _made(early: pd.DataFrame, panel: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that were shared out to newer areas, with the source's remarks on the series."""
    divided = set(units.loc[units["treatment"] == "interpolated", "area_id"])
    rows = pd.DataFrame(panel)[panel["area_id"].isin(divided) & (panel["period"] <= LAST_OF_OLD)]
    names = list(dict.fromkeys(early["indicator"]))
    value = rows.melt(["area_id", "period"], names, var_name="indicator", value_name="value")
    told = early.drop(columns=["area_id", "value"]).sort_values(
        "flag", key=lambda f: f.str.len(), kind="stable"
    )
    # What holds for a whole series is in its shortest remark.
    about = told.drop_duplicates(["period", "indicator"])
    made = value.merge(about, on=["period", "indicator"], validate="m:1")
    official = made["indicator"].str.fullmatch(_OFFICIAL)
    made["value"] = made["value"].mask(official)
    made["flag"] = made["flag"].where(
        official, _with_flag(made["flag"], made["value"].notna(), "interpolated")
    )
    made["flag"] = _with_flag(made["flag"], official, "boundary moved")
    made["flag"] = made["flag"].mask(made["value"].isna() & (made["flag"] == ""), "not available")
    return made


def _with_flag(flag: pd.Series, where: pd.Series, text: str) -> pd.Series:
    return flag.mask(where, (flag + f", {text}").str.removeprefix(", "))


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    ordered: pd.DataFrame = table[COLUMNS].sort_values(_KEYS, ignore_index=True, kind="stable")
    return ordered
