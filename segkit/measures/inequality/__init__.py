"""Inequality between areas: how far apart the values of areas lie, weighted by population.

The values are means or shares of areas, so this is inequality between areas, not between people: what
differs inside an area is not seen. Weights are populations; an area of weight 0 contributes nothing, and
splitting or merging areas of equal value changes nothing.
"""

# A module's own __all__ says what is public; the order of the modules is that of every list of measures.
# ruff: noqa: F403, I001, PLE0604

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import below, public
from segkit.measures.measure import Measure, registered
from segkit.measures.inequality.indices import *
from segkit.measures.inequality.decomposition import *

#: Measures of values by name: ``MEASURES["theil"].function(values, weight)``.
MEASURES: dict[str, Measure] = {one.name: one for one in registered("inequality")}

__all__ = ["MEASURES", *below(__name__)]

__dir__ = public(__all__)

guard(__name__)
