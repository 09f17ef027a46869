"""Polarization of areas: whether they part into camps, which is another thing than inequality.

Inequality rises whenever values move apart; polarization rises when the middle empties, even if
inequality falls. Report them side by side. Weights are populations; an area of weight 0 contributes
nothing.
"""

# A module's own __all__ says what is public; the order of the modules is that of every list of measures.
# ruff: noqa: F403, I001, PLE0604

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import below, public
from segkit.measures.measure import Measure, registered
from segkit.measures.polarization.bipolarization import *
from segkit.measures.polarization.identification import *
from segkit.measures.polarization.groups import *

#: Measures of values by name: ``MEASURES["wolfson"].function(values, weight)``.
MEASURES: dict[str, Measure] = {one.name: one for one in registered("polarization")}

__all__ = ["MEASURES", *below(__name__)]

__dir__ = public(__all__)

guard(__name__)
