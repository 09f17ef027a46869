"""Screening by explicit rules: who falls within, how near the bound, and what would change it.

A rule draws a line through a distribution, and areas just outside are not unlike those just inside.
Read the distances, and how the outcome moves with thresholds and uncertainty, beside the list.
"""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.studies.screening.cliffs import agreement, certainty, threshold_moves
from segkit.studies.screening.examples import (
    danish_exposed_area,
    grant_municipalities,
    has_area_of_type,
    weakest_in_fields,
)
from segkit.studies.screening.rule_files import read_rule
from segkit.studies.screening.rules import Criterion, Rule, all_of, any_of, at_least
from segkit.studies.screening.screen import Screening, by_region, screen

__all__ = [
    "Criterion",
    "Rule",
    "Screening",
    "agreement",
    "all_of",
    "any_of",
    "at_least",
    "by_region",
    "certainty",
    "danish_exposed_area",
    "grant_municipalities",
    "has_area_of_type",
    "read_rule",
    "screen",
    "threshold_moves",
    "weakest_in_fields",
]

__dir__ = public(__all__)

guard(__name__)
