"""Which differences are large, growing or concentrated, and how the fields hang together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import numbers
from segkit.catalogue.fields import texts
from segkit.errors import InputError
from segkit.inference import compare_periods
from segkit.measures import autocorrelation
from segkit.studies.fields.positions import WEAKEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from segkit.base.checks import Floats, Language
    from segkit.studies.fields.positions import Standing


def differences(
    areas: gpd.GeoDataFrame,
    panel: pd.DataFrame,
    used: pd.DataFrame,
    *,
    n_draws: int,
    random_state: int,
    language: Language,
) -> pd.DataFrame:
    """Return for each indicator how large, growing and concentrated the differences between areas are."""
    rows = []
    for field, indicator, direction in used[["field", "indicator", "direction"]].itertuples(index=False):
        values, people = numbers(areas, indicator), numbers(areas, "population")
        row: dict[str, Any] = {"field": field, "indicator": indicator}
        row |= _large(values, people, direction)
        row |= _growing(panel, indicator, n_draws, random_state, language)
        row |= _concentrated(areas, indicator, n_draws, random_state)
        rows.append(row)
    return pd.DataFrame(rows)


def _large(values: Floats, people: Floats, direction: int) -> dict[str, Any]:
    """Return the means of the weakest and the strongest fifth of areas, weighted by residents."""
    known = ~np.isnan(values) & ~np.isnan(people)
    order = np.argsort(values[known] * (direction or 1), kind="stable")
    n = max(1, round(known.sum() / WEAKEST))
    v, w = values[known][order], people[known][order]
    weak, strong = np.average(v[:n], weights=w[:n]), np.average(v[-n:], weights=w[-n:])
    mean = np.average(v, weights=w)
    sigma = float(np.sqrt(np.average((v - mean) ** 2, weights=w)))
    return {
        "mean": mean,
        "weakest_fifth": weak,
        "strongest_fifth": strong,
        "gap": strong - weak,
        "sigma": sigma,
    }


def _growing(
    panel: pd.DataFrame, indicator: str, n_draws: int, random_state: int, language: Language
) -> dict[str, Any]:
    """Return the change of the spread between areas, from the first period to the last."""
    words = texts("texts", language)
    empty = {
        "change_period": "",
        "change_sigma": np.nan,
        "ci_low": np.nan,
        "ci_high": np.nan,
        "p_change": np.nan,
    }
    rows = panel[panel[indicator].notna()]
    periods = sorted(rows["period"].unique())
    if len(periods) < 2:
        return {**empty, "change_note": words["no_change"]}
    if f"{indicator}_flag" in rows and rows[f"{indicator}_flag"].fillna("").str.contains("modelled").any():
        return {**empty, "change_note": words["modelled"]}
    change = compare_periods(
        rows, "sigma", first=int(periods[0]), last=int(periods[-1]), values=indicator,
        n_bootstrap=n_draws, random_state=random_state,
    ).iloc[0]  # fmt: skip
    return {
        "change_period": str(change["period"]),
        "change_sigma": float(change["value"]),
        "ci_low": float(change["ci_low"]),
        "ci_high": float(change["ci_high"]),
        "p_change": float(change["p_value"]),
        "change_note": "",
    }


def _concentrated(
    areas: gpd.GeoDataFrame, indicator: str, n_draws: int, random_state: int
) -> dict[str, float]:
    """Return whether neighbors are alike."""
    try:
        found = autocorrelation.morans_i(
            areas, indicator, n_permutations=n_draws, random_state=random_state
        ).iloc[0]
    except InputError:
        # All alike, or no neighbors: nothing can be said.
        return {"morans_i": np.nan, "p_together": np.nan}
    return {"morans_i": float(found["value"]), "p_together": float(found["p_value"])}


def together(
    standings: Sequence[Standing],
    positions: pd.DataFrame,
    *,
    n_draws: int,
    random_state: int,
    language: Language,
) -> pd.DataFrame:
    """Return the rank correlation of positions for each pair of fields, tested by permutation.

    Where figures are modelled from other indicators, part of a correlation is built in: a note says so.
    """
    modelled = positions["flag"].str.contains("modelled|partly")
    n_modelled = modelled.groupby(positions["field"]).sum()
    rows = []
    for one, other in combinations(standings, 2):
        both = ~np.isnan(one.position) & ~np.isnan(other.position)
        a, b = (pd.Series(s.position[both]).rank().to_numpy(dtype=np.float64) for s in (one, other))
        value, p = _spearman(np.asarray(a), np.asarray(b), n_draws, random_state)
        n_both = int((one.weakest & other.weakest).sum())
        n = int(max(n_modelled[one.field], n_modelled[other.field]))
        note = texts("texts", language)["built_in"].format(n=n, total=int(both.sum())) if n else ""
        rows.append((one.field, other.field, int(both.sum()), value, p, n_both, note))
    columns = ["field", "other_field", "n_areas", "rank_correlation", "p_value", "n_weakest_in_both", "note"]
    return pd.DataFrame(rows, columns=columns)


def _spearman(a: Floats, b: Floats, n_draws: int, random_state: int) -> tuple[float, float]:
    if a.size < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan, np.nan
    za, zb = (a - a.mean()) / a.std(), (b - b.mean()) / b.std()
    value = float((za * zb).mean())
    random = np.random.default_rng(random_state)
    draws = random.permuted(np.tile(zb, (n_draws, 1)), axis=1)
    larger = np.abs(draws @ za / a.size) >= abs(value) - 1e-12
    return value, float((1 + larger.sum()) / (1 + n_draws))


def coinciding(areas: pd.DataFrame, standings: Sequence[Standing]) -> pd.DataFrame:
    """Return the areas that are among the weakest in some field, those of most fields first."""
    weak = np.column_stack([s.weakest for s in standings]) if standings else np.zeros((len(areas), 0), bool)
    n = weak.sum(axis=1)
    table = pd.DataFrame(
        {
            "area_id": areas["area_id"].to_numpy(),
            "name": areas["name"].to_numpy(),
            "population": areas["population"].to_numpy(),
            "n_fields": n,
            "n_fields_with_data": len(standings),
            "fields": [", ".join(s.field for s, w in zip(standings, row, strict=True) if w) for row in weak],
            "mean_position": pd.DataFrame([s.position for s in standings]).mean().to_numpy(),
        }
    )
    table = table[table["n_fields"] > 0]
    return table.sort_values(["n_fields", "mean_position"], ascending=[False, True], ignore_index=True)
