"""What an area's figures are set beside: its own earlier values, and the municipality's official figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.catalogue import indicators
from segkit.panels import areas as panels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COURSES = ["geography", "area_id", "indicator", "period", "value", "se", "flag"]
MUNICIPAL = ["indicator", "period", "value", "source", "source_table"]


def courses_of(inputs: Mapping[str, pd.DataFrame], areas: pd.DataFrame) -> pd.DataFrame:
    """Return every period of the areas' indicators, where there are two or more.

    The areas surveyed have all indicators of the survey. Where they lie in RegSO, those have the judged
    indicators that the areas themselves lack.

    Parameters
    ----------
    inputs : mapping of geography to panel
        The first is the one surveyed.
    areas : pandas.DataFrame
        One row per area, with the indicators of the survey.

    Returns
    -------
    pandas.DataFrame
        ``geography, area_id, indicator, period, value, se, flag``; the last two empty where the value has
        none.

    Examples
    --------
    >>> from segkit import areas
    >>> from segkit.studies.survey import load
    >>> data = load("kalmar")
    >>> table = courses_of(data.panels, data.main)
    >>> income = table[table["indicator"] == "mean_wage_income"]
    >>> income[["geography", "period"]].drop_duplicates().values.tolist()[0]
    ['regso', 2020]
    """
    (main, panel), *rest = inputs.items()
    columns = [c for c in panels.indicator_columns(panel) if c in areas and not c.endswith("_se")]
    own = [c for c in columns if c != "population"]
    parts = [_series(panel, main, own)]
    surveyed = set(parts[0]["indicator"])
    for geography, other in rest:
        if geography == "regso" and "regso_id" in areas:
            direction = indicators.catalogue()["direction"]
            judged = [str(c) for c in other if c not in surveyed and direction.get(c, 0) != 0]
            parts.append(_series(other, geography, judged))
    return pd.concat(parts, ignore_index=True)


def _series(panel: pd.DataFrame, geography: str, columns: Iterable[str]) -> pd.DataFrame:
    """Return the columns with values of two or more periods in long form."""
    found = [pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in zip(COURSES, _KINDS, strict=True)})]
    for column in columns:
        rows = panel[panel[column].notna()]
        if rows["period"].nunique() < 2:
            continue
        error, flag = f"{column}_se", f"{column}_flag"
        found.append(
            pd.DataFrame(
                {
                    "geography": geography,
                    "area_id": rows["area_id"].astype(str),
                    "indicator": column,
                    "period": rows["period"].astype(int),
                    "value": rows[column].astype(float),
                    "se": rows[error].astype(float) if error in rows else np.nan,
                    "flag": rows[flag].fillna("").astype(str) if flag in rows else "",
                }
            ).sort_values(["area_id", "period"])
        )
    return pd.concat(found[1:] or found, ignore_index=True)


_KINDS = ("str", "str", "str", "int64", "float64", "float64", "str")


def municipal_of(
    reference: pd.DataFrame, municipality: str, areas: pd.DataFrame, periods: pd.DataFrame
) -> pd.DataFrame:
    """Return the municipality's official figures of the areas' indicators, periods and source tables.

    Parameters
    ----------
    reference : pandas.DataFrame
        As `areas.load_reference` gives it; may be empty.
    municipality : str
        Its code.
    areas, periods : pandas.DataFrame
        As in a survey.

    Returns
    -------
    pandas.DataFrame
        ``indicator, period, value, source, source_table``.

    Examples
    --------
    >>> from segkit import areas
    >>> newest, periods = areas.latest(areas.load_example("kalmar"), ["median_income", "employment_rate"])
    >>> municipal_of(areas.load_reference(), "0880", newest, periods)[["indicator", "value"]].values.tolist()
    [['median_income', 311.4], ['population', 73068.0]]
    """
    if reference.empty or not municipality:
        return pd.DataFrame(columns=MUNICIPAL)
    tables = indicators.catalogue()["source_table"]
    own = reference[reference["municipality_code"] == municipality]
    newest = periods[periods["period"].astype(int) > 0].groupby("indicator")["period"].agg(["min", "max"])
    rows = []
    for indicator in newest.index:
        first, last = (int(newest.loc[indicator, end]) for end in ("min", "max"))
        table = str(tables.get(indicator, ""))
        if indicator not in areas or not table or first != last:
            continue
        same = own["source_table"].astype(str).str.split(n=1).str[0] == table
        match = own[same & (own["indicator"] == indicator) & (own["period"].astype(str) == str(last))]
        if len(match) == 1:
            row = match.iloc[0]
            rows.append([indicator, last, float(row["value"]), str(row["source"]), table])
    return pd.DataFrame(rows, columns=MUNICIPAL)
