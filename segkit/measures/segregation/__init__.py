"""Residential segregation: measures of how groups are spread over areas.

Two groups: evenness, exposure, and (with boundaries) concentration, centralization and clustering.
Several groups: multigroup measures, local segregation, parts between and within regions. Income in
brackets: rank-order measures and sorting. Scale: `spatial` takes any measure of composition to local
environments, `scale_profile` follows it over their size.

`MEASURES` is the registry: name, letter, range, dimension, meaning and reference of each measure.
"""

# A module's own __all__ says what is public; the order of the modules is that of every list of measures.
# ruff: noqa: F403, I001, PLE0604

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import below, public
from segkit.measures.measure import Measure, registered
from segkit.measures.segregation.evenness import *
from segkit.measures.segregation.exposure import *
from segkit.measures.segregation.concentration import *
from segkit.measures.segregation.centralization import *
from segkit.measures.segregation.clustering import *
from segkit.measures.segregation.multigroup import *
from segkit.measures.segregation.information import *
from segkit.measures.segregation.income import *
from segkit.measures.segregation.kernel import *
from segkit.measures.segregation.scale import *

#: Measures by name: ``MEASURES["dissimilarity"].function(data, group=..., total=...)``.
MEASURES: dict[str, Measure] = {one.name: one for one in registered("segregation")}

__all__ = ["MEASURES", *below(__name__)]

__dir__ = public(__all__)

guard(__name__)
