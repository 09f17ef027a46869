"""One index out of several indicators, area types by an index, and rates of small areas made steadier."""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.profiles.composite._formulas import imd_transform, percentile_rank
from segkit.profiles.composite._index import CompositeIndex
from segkit.profiles.composite._shrinkage import shrink_rates
from segkit.profiles.composite._types import area_type_name, area_types

__all__ = [
    "CompositeIndex",
    "area_type_name",
    "area_types",
    "imd_transform",
    "percentile_rank",
    "shrink_rates",
]

__dir__ = public(__all__)

guard(__name__)
