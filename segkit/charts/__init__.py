"""Static charts in one style: measures over time, areas then and now, distributions, profiles.

Every chart takes the Axes (or Figure) to draw into and returns it; speaks Swedish or English; shows what
is missing, modelled or preliminary as such; and carries a description in plain words for those who don't
see it: `description`. `segkit.maps.save` writes it, the same bytes every time.
"""

from __future__ import annotations

from segkit._boundary import guard
from segkit.charts._clustergram import clustergram
from segkit.charts._curves import lorenz, segregation_curve
from segkit.charts._dots import fingerprint, indicator_dots
from segkit.charts._dumbbell import dumbbell
from segkit.charts._flow import flow
from segkit.charts._growth import growth_incidence
from segkit.charts._ranking import ranking
from segkit.charts._sparkline import sparkline
from segkit.charts._style import description
from segkit.charts._trend import trend

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

guard(__name__)
