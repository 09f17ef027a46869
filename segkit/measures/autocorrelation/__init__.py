"""How areas that are alike lie: Moran's I, whole and local, join counts, and where weak areas lie.

The tests permute the values over the areas and ask how often chance alone gives a pattern like the one
at hand. Tables of the whole map have two one-sided chances: ``p_value`` (as high or higher) and
``p_value_low`` (as low or lower), both (1 + number of such permutations) / (1 + number of permutations).
"""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.measures.autocorrelation.local import local_moran
from segkit.measures.autocorrelation.patches import dispersal
from segkit.measures.autocorrelation.whole import join_counts, morans_i

__all__ = ["dispersal", "join_counts", "local_moran", "morans_i"]

__dir__ = public(__all__)

guard(__name__)
