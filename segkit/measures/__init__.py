"""Measures of segregation, inequality, polarization and spatial dependence, and the list of them."""

from __future__ import annotations

from segkit.base.namespace import public
from segkit.measures import autocorrelation, decomposition, inequality, polarization, segregation
from segkit.measures.listing import catalogue, markdown

__all__ = [
    "autocorrelation",
    "catalogue",
    "decomposition",
    "inequality",
    "markdown",
    "polarization",
    "segregation",
]

__dir__ = public(__all__)
