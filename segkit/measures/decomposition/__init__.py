"""Why segregation changed: sizes of areas and groups on one side, who lives where on the other.

A measure can change though nobody's chances of living in an area did, because areas were built or groups
grew. The decompositions here tell such changes of margins from changes of structure (odds ratios), by
fitting tables of one period to the margins of another.
"""

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.measures.decomposition.counterfactual import counterfactual
from segkit.measures.decomposition.information import change_in_information, fill_sensitivity
from segkit.measures.decomposition.karmel import karmel_maclachlan
from segkit.measures.decomposition.margins import fit_margins

__all__ = ["change_in_information", "counterfactual", "fill_sensitivity", "fit_margins", "karmel_maclachlan"]

__dir__ = public(__all__)

guard(__name__)
