"""Where each area stands in each field, and how firmly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import numbers
from segkit.catalogue.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Floats

#: An area is among the weakest of a field when it is in the weakest fifth.
WEAKEST = 5
_TAIL = 2.5


@dataclass(frozen=True)
class Standing:
    """The position of every area in one field: higher is stronger, in standard deviations among areas."""

    field: str
    used: tuple[str, ...]
    position: Floats
    low: Floats
    high: Floats
    rank: Floats
    weakest: np.ndarray
    firm: Floats


def standing(
    areas: pd.DataFrame,
    field: str,
    columns: Sequence[str],
    directions: Sequence[int],
    *,
    n_draws: int,
    random_state: int,
) -> Standing:
    """Compute positions as the mean of standardized indicators, with an interval.

    The interval comes of draws: each figure within its standard error, and where the field has several
    indicators, their weights at random (uniform over all that sum to one).
    """
    z, errors = _standardized(areas, columns, directions)
    known = ~np.isnan(z).any(axis=1)
    position = np.where(known, z.mean(axis=1), np.nan)
    random = np.random.default_rng([random_state, FIELDS.index(field)])
    noise = random.standard_normal((n_draws, *z.shape)) * errors
    weights = random.dirichlet(np.ones(z.shape[1]), n_draws)
    drawn = np.einsum("dak,dk->da", z + noise, weights)
    low, high = np.full(len(z), np.nan), np.full(len(z), np.nan)
    low[known], high[known] = np.percentile(drawn[:, known], [_TAIL, 100 - _TAIL], axis=0)
    n = int(known.sum())
    most = max(1, round(n / WEAKEST))
    rank = np.asarray(pd.Series(position).rank(method="min"), dtype=np.float64)
    weakest = np.where(known, rank <= most, False)
    ranks = pd.DataFrame(drawn[:, known]).rank(axis=1, method="min").to_numpy()
    firm = np.full(len(z), np.nan)
    firm[known] = (ranks <= most).mean(axis=0)
    return Standing(field, tuple(columns), position, low, high, rank, weakest.astype(bool), firm)


def _standardized(
    areas: pd.DataFrame, columns: Sequence[str], directions: Sequence[int]
) -> tuple[Floats, Floats]:
    """Return indicators in standard deviations from the mean of areas, higher stronger, and their errors."""
    scaled, errors = [], []
    for column, direction in zip(columns, directions, strict=True):
        values = numbers(areas, column)
        spread = np.nanstd(values, ddof=1)
        scaled.append(direction * (values - np.nanmean(values)) / spread)
        se = numbers(areas, f"{column}_se", least=0) if f"{column}_se" in areas else np.zeros(len(areas))
        errors.append(np.nan_to_num(se) / spread)
    return np.column_stack(scaled), np.column_stack(errors)


def position_table(areas: pd.DataFrame, standings: Sequence[Standing]) -> pd.DataFrame:
    """Return one row per area and field."""
    tables = [
        pd.DataFrame(
            {
                "area_id": areas["area_id"].to_numpy(),
                "name": areas["name"].to_numpy(),
                "field": s.field,
                "position": s.position,
                "ci_low": s.low,
                "ci_high": s.high,
                "rank": s.rank,
                "weakest_fifth": s.weakest,
                "share_weakest": s.firm,
                "n_indicators": len(s.used),
                "indicators": ", ".join(s.used),
                "flag": _flags(areas, s.used),
            }
        )
        for s in standings
    ]
    return pd.concat(tables, ignore_index=True)


def _flags(areas: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Return for each area the flags of the figures used, observed left out."""
    found = [set[str]() for _ in range(len(areas))]
    for column in columns:
        if f"{column}_flag" in areas:
            for known, flag in zip(found, areas[f"{column}_flag"], strict=True):
                if isinstance(flag, str):
                    known.update({part.strip() for part in flag.split(",")} - {"", "observed"})
    return [", ".join(sorted(flags)) for flags in found]
