"""One index out of several indicators, area types by an index, and rates of small areas made steadier."""

from __future__ import annotations

from segkit._boundary import guard
from segkit.composite._formulas import imd_transform, percentile_rank
from segkit.composite._index import CompositeIndex
from segkit.composite._shrinkage import shrink_rates
from segkit.composite._types import area_type_name, area_types

__all__ = [
    "CompositeIndex",
    "area_type_name",
    "area_types",
    "imd_transform",
    "percentile_rank",
    "shrink_rates",
]

guard(__name__)
