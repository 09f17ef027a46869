"""The areas that deviate most from the municipality in foreign background and foreign born."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_columns, check_count, check_keys, numbers
from segkit.catalogue import indicators
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Floats

_Z95 = 1.959963984540054

#: The shares that Kalmar's follow-up goes by.
COLUMNS = indicators.with_role("deviation")


def segregated_areas(
    panel: pd.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    n: int = 5,
    weight: str = "population",
) -> pd.DataFrame:
    r"""Return the areas that deviate most, in percentage points, from the municipality's average.

    The deviation of area i is its share minus the share of all areas together,
    :math:`p_i - \sum_j t_j p_j / \sum_j t_j`. The figures count all residents; the interval (Wilson's, of
    the area's share, the average held fixed) says how much a share of so few people would vary if
    each resident belonged to the group with that chance.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period, with the shares in per cent and `weight`.
    columns : sequence of str, optional
        The shares; by default those of foreign background and foreign born that the panel has.
    n : int
        How many areas are named on each side: highest and lowest.
    weight : str
        Column of the number of residents; the newest of each area serves periods that lack it.

    Returns
    -------
    pandas.DataFrame
        ``indicator, period, side`` (above or below the average), ``rank, area_id, name, population,
        value`` (per cent), ``average, deviation, ci_low, ci_high`` (percentage points), largest
        deviation first within each side. Areas whose deviation has the other sign are not listed.

    Raises
    ------
    UnknownNameError
        When a column is missing, or none of the default ones is there.
    InputError
        When a share is not between 0 and 100, the weights are missing, or a share has no value.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22,
    209-212.

    Examples
    --------
    >>> table = pd.DataFrame({"area_id": ["a", "b"], "period": 2025, "population": [100, 300],
    ...                       "foreign_born_share": [40.0, 20.0]})
    >>> segregated_areas(table)[["area_id", "deviation"]].to_numpy().tolist()
    [['a', 15.0], ['b', -5.0]]
    """
    check_keys(panel)
    check_count(n, argument="n")
    chosen = [c for c in COLUMNS if c in panel] if columns is None else list(columns)
    check_columns(panel, chosen or [COLUMNS[0]], argument="panel")
    check_columns(panel, [weight], argument="panel")
    people = _people(panel, weight)
    tables = []
    for column in chosen:
        values = numbers(panel, column, least=0)
        if np.isnan(values).all():
            raise InputError(message(column, "is missing in every area", fix="Leave the column out."))
        if np.nanmax(values) > 100:
            raise InputError(message(column, "has shares over 100 per cent"))
        period = int(panel.loc[~np.isnan(values), "period"].max())
        of_period = (panel["period"] == period).to_numpy() & ~np.isnan(values)
        tables.append(_deviations(panel[of_period], values[of_period], people[of_period], column, period, n))
    return pd.concat(tables, ignore_index=True)


def _people(panel: pd.DataFrame, weight: str) -> Floats:
    """Return the residents of each row, the area's newest where the period has none."""
    known = pd.Series(numbers(panel, weight, least=0), index=panel.index)
    newest = (
        panel.assign(_people=known)
        .dropna(subset=["_people"])
        .sort_values("period", kind="stable")
        .drop_duplicates("area_id", keep="last")
        .set_index("area_id")["_people"]
    )
    filled = known.fillna(panel["area_id"].map(newest))
    if filled.isna().any():
        lacking = list(dict.fromkeys(panel.loc[filled.isna(), "area_id"]))
        raise InputError(message(weight, "is missing", lacking, "Join it first."))
    return np.asarray(filled, dtype=np.float64)


def _deviations(
    rows: pd.DataFrame, values: Floats, people: Floats, column: str, period: int, n: int
) -> pd.DataFrame:
    if not people.sum() > 0:
        raise InputError(message("weight", "must sum to more than 0"))
    average = float(np.average(values, weights=people))
    low, high = _wilson(values / 100, people)
    found = pd.DataFrame(
        {
            "indicator": column,
            "period": period,
            "side": np.where(values > average, "above", "below"),
            "rank": 0,
            "area_id": rows["area_id"].to_numpy(dtype=object),
            "name": rows["name"].to_numpy(dtype=object) if "name" in rows else "",
            "population": people,
            "value": values,
            "average": average,
            "deviation": values - average,
            "ci_low": 100 * low - average,
            "ci_high": 100 * high - average,
        }
    )
    found = found[(found["deviation"] != 0) & (found["population"] > 0)]
    found = found.assign(_size=found["deviation"].abs())
    found = found.sort_values(["side", "_size", "area_id"], ascending=[True, False, True], kind="stable")
    found["rank"] = found.groupby("side").cumcount() + 1
    return found[found["rank"] <= n].drop(columns="_size").reset_index(drop=True)


def _wilson(share: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Return the ends of Wilson's 95 % interval."""
    size = np.where(people > 0, people, np.nan)
    z2 = _Z95**2
    middle = (share + z2 / (2 * size)) / (1 + z2 / size)
    half = _Z95 * np.sqrt(share * (1 - share) / size + z2 / (4 * size**2)) / (1 + z2 / size)
    return middle - half, middle + half
