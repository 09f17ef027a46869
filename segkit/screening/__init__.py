"""Screening by explicit rules: who falls within, how near the bound, and what would change it.

A rule draws a line through a distribution, and areas just outside are not unlike those just inside.
Read the distances, and how the outcome moves with thresholds and uncertainty, beside the list.
"""

from __future__ import annotations

from segkit._boundary import guard
from segkit.screening._cliffs import agreement, certainty, threshold_moves
from segkit.screening._examples import (
    danish_exposed_area,
    grant_municipalities,
    has_area_of_type,
    weakest_in_fields,
)
from segkit.screening._reading import read_rule
from segkit.screening._rules import Criterion, Rule, all_of, any_of, at_least
from segkit.screening._screen import Screening, by_region, screen

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

guard(__name__)
