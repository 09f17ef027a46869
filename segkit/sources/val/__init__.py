"""Valmyndigheten: results by election district of four elections, comparability, boundaries."""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.sources.val._comparing import read_comparability
from segkit.sources.val._results import late_votes, read_results, results
from segkit.sources.val._shapes import district_boundaries, read_district_boundaries

__all__ = [
    "district_boundaries",
    "late_votes",
    "read_comparability",
    "read_district_boundaries",
    "read_results",
    "results",
]

__dir__ = public(__all__)

guard(__name__)
