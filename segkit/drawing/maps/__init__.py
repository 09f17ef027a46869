"""Static maps for print and reports: area profiles, one indicator or two, a change, several maps.

Every map carries its legend with class meaning and counts, a scale bar, a north arrow, its source, and
the names of the areas that matter; small areas in the middle are shown in a detail of their own.
"""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.drawing.maps._bivariate import bivariate
from segkit.drawing.maps._files import save
from segkit.drawing.maps._kinds import change_map, choropleth, profile_map
from segkit.drawing.maps._multiples import small_multiples
from segkit.drawing.maps._sheet import new_axes

__all__ = ["bivariate", "change_map", "choropleth", "new_axes", "profile_map", "save", "small_multiples"]

__dir__ = public(__all__)

guard(__name__)
