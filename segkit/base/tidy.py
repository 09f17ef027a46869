"""The names of the columns in tidy tables, and the one period of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Columns of every tidy table of measures.
TIDY = ["measure", "period", "region", "group", "value", "se", "ci_low", "ci_high", "n_areas", "n_missing"]


def period_of(data: pd.DataFrame) -> int | str:
    """Return the one period of a table, a year as a number; empty where it has none or several."""
    periods = data["period"].dropna().unique().tolist() if "period" in data else []
    if len(periods) != 1:
        return ""
    try:
        return int(periods[0])
    except ValueError:
        return str(periods[0])
