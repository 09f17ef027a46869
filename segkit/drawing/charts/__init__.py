"""Static charts in one style: measures over time, areas then and now, distributions, profiles.

Every chart takes the Axes (or Figure) to draw into and returns it; speaks Swedish or English; shows what
is missing, modelled or preliminary as such; and carries a description in plain words for those who don't
see it: `description`. `segkit.maps.save` writes it, the same bytes every time.
"""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.drawing.charts._clustergram import clustergram
from segkit.drawing.charts._curves import lorenz, segregation_curve
from segkit.drawing.charts._dots import fingerprint, indicator_dots
from segkit.drawing.charts._dumbbell import dumbbell
from segkit.drawing.charts._flow import flow
from segkit.drawing.charts._growth import growth_incidence
from segkit.drawing.charts._ranking import ranking
from segkit.drawing.charts._sparkline import sparkline
from segkit.drawing.charts._style import description
from segkit.drawing.charts._trend import trend

__all__ = [
    "clustergram",
    "description",
    "dumbbell",
    "fingerprint",
    "flow",
    "growth_incidence",
    "indicator_dots",
    "lorenz",
    "ranking",
    "segregation_curve",
    "sparkline",
    "trend",
]

__dir__ = public(__all__)

guard(__name__)
