"""Residential segregation: measures of how groups are spread over areas.

Two groups: evenness, exposure, and (with boundaries) concentration, centralization and clustering.
Several groups: multigroup measures, local segregation, parts between and within regions. Income in
brackets: rank-order measures and sorting. Scale: `spatial` takes any measure of composition to local
environments, `scale_profile` follows it over their size.

`MEASURES` is the registry: name, letter, range, dimension, meaning and reference of each measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.measures.segregation.centralization import absolute_centralization, relative_centralization
from segkit.measures.segregation.clustering import absolute_clustering, relative_clustering, spatial_proximity
from segkit.measures.segregation.concentration import absolute_concentration, delta, relative_concentration
from segkit.measures.segregation.evenness import atkinson, dissimilarity, gini, information_theory
from segkit.measures.segregation.exposure import correlation_ratio, exposure, isolation
from segkit.measures.segregation.income import income_shares_of_areas, neighborhood_sorting, rank_order
from segkit.measures.segregation.information import (
    between_within,
    divergence,
    divergence_by_area,
    interaction,
    local_segregation,
)
from segkit.measures.segregation.kernel import local_composition, spatial
from segkit.measures.segregation.multigroup import (
    multigroup_dissimilarity,
    multigroup_gini,
    multigroup_information_theory,
    mutual_information,
    normalized_exposure,
    relative_diversity,
    squared_coefficient_of_variation,
)
from segkit.measures.segregation.registry import MULTIGROUP, ORDERED, SPATIAL, TWO_GROUP
from segkit.measures.segregation.scale import nearest_people, scale_profile

if TYPE_CHECKING:
    from segkit.measures.measure import Measure

__all__ = [
    "MEASURES",
    "absolute_centralization",
    "absolute_clustering",
    "absolute_concentration",
    "atkinson",
    "between_within",
    "correlation_ratio",
    "delta",
    "dissimilarity",
    "divergence",
    "divergence_by_area",
    "exposure",
    "gini",
    "income_shares_of_areas",
    "information_theory",
    "interaction",
    "isolation",
    "local_composition",
    "local_segregation",
    "multigroup_dissimilarity",
    "multigroup_gini",
    "multigroup_information_theory",
    "mutual_information",
    "nearest_people",
    "neighborhood_sorting",
    "normalized_exposure",
    "rank_order",
    "relative_centralization",
    "relative_clustering",
    "relative_concentration",
    "relative_diversity",
    "scale_profile",
    "spatial",
    "spatial_proximity",
    "squared_coefficient_of_variation",
]

__dir__ = public(__all__)

#: Measures by name: ``MEASURES["dissimilarity"].function(data, group=..., total=...)``.
MEASURES: dict[str, Measure] = {
    measure.name: measure for measure in (*TWO_GROUP, *SPATIAL, *MULTIGROUP, *ORDERED)
}

guard(__name__)
