"""The embedded election districts as a panel: each figure in the row of the period it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.panels import cells, joining

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

#: Column of districts.csv -> (period, indicator); a figure stands in the period it belongs to.
_DISTRICT_COLUMNS = {
    "employment_rate_2021": (2021, "employment_rate"),
    "electorate_2022": (2022, "electorate"),
    "ballots_2022": (2022, "ballots"),
    "turnout_2022": (2022, "turnout"),
    "population_2022": (2022, "population"),
    "foreign_background_share_2022": (2022, "foreign_background_share"),
    "foreign_born_share_2022": (2022, "foreign_born_share"),
    "post_secondary_share_2022": (2022, "post_secondary_share"),
    "mean_net_income_2024": (2024, "mean_net_income"),
    "population_2025": (2025, "population"),
    "foreign_background_share_2025": (2025, "foreign_background_share"),
    "foreign_born_share_2025": (2025, "foreign_born_share"),
    "electorate_2026": (2026, "electorate"),
    "ballots_2026": (2026, "ballots"),
    "turnout_2026": (2026, "turnout"),
}


def load_districts(folder: Path) -> gpd.GeoDataFrame:
    """Build the panel of election districts; those that changed boundary get a code per election."""
    import geopandas as gpd

    raw = cells.read_table(folder / "districts.csv")
    parts = []
    for column, (period, indicator) in _DISTRICT_COLUMNS.items():
        value = cells.parse_numbers(raw[column], raw["district_id"], argument=column)
        # SEK in this file, thousand SEK everywhere else.
        value = value / 1000 if indicator == "mean_net_income" else value
        parts.append(raw[["district_id"]].assign(period=period, indicator=indicator, value=value))
    long = pd.concat(parts).dropna(subset="value").rename(columns={"district_id": "area_id"})
    areas = raw.rename(columns={"district_id": "area_id"})[["area_id", "name"]]
    wide = joining.pivot(long.reset_index(drop=True))
    panel = areas.merge(wide, how="right", on="area_id").sort_values(["period", "area_id"], ignore_index=True)
    same = raw.set_index("district_id")["boundary_comparable_2022_2026"].eq("True")
    panel["boundary_comparable"] = panel["area_id"].map(same).astype(float)
    panel["turnout_flag"] = np.where(panel["turnout"].isna(), "", "observed")
    panel.loc[(panel["period"] == 2026) & panel["turnout"].notna(), "turnout_flag"] = "preliminary"
    columns = [c for c in panel.columns if c not in {"area_id", "period", "name"}]
    panel = panel[["area_id", "period", "name", *columns]]
    return gpd.GeoDataFrame(panel, geometry=gpd.GeoSeries([None] * len(panel), crs=3006))
