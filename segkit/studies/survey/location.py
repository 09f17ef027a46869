"""Where the areas of a survey lie to each other: worked out once, for its table and its statements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from segkit.measures import autocorrelation
from segkit.panels import graphs

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph


@dataclass(frozen=True)
class Location:
    """The areas, and how many of the weakest profiles count as weaker conditions."""

    areas: gpd.GeoDataFrame
    n_weak: int
    random_state: int

    @cached_property
    def graph(self) -> Graph:
        """Which areas share a border."""
        return graphs.contiguity(self.areas)

    @cached_property
    def weak(self) -> pd.Series:
        """Which areas have weaker conditions."""
        weak: pd.Series = self.areas["profile"] <= self.n_weak
        return weak

    @property
    def testable(self) -> bool:
        """Whether some areas, but not all, have weaker conditions."""
        return bool(2 <= self.weak.sum() < len(self.areas))

    @cached_property
    def patches(self) -> pd.DataFrame:
        """How the residents of the weaker areas are spread over contiguous groups; may be empty."""
        if not self.testable or self.areas["population"].isna().any():
            return pd.DataFrame()
        return autocorrelation.dispersal(
            self.areas, self.weak, graph=self.graph, random_state=self.random_state
        )

    def table(self) -> pd.DataFrame:
        """Return whether neighbors have alike conditions, and where the weakest profiles lie."""
        parts = [
            autocorrelation.morans_i(self.areas, "index", graph=self.graph, random_state=self.random_state)
        ]
        if self.testable:
            parts.append(
                autocorrelation.join_counts(
                    self.areas, self.weak, graph=self.graph, random_state=self.random_state
                )
            )
        parts += [] if self.patches.empty else [self.patches]
        # Both of the last two count the borders between weak areas.
        return pd.concat(parts, ignore_index=True).drop_duplicates("measure", ignore_index=True)
