"""Typologies against time, against each other and across scales.

A typology gives each area one of a few groups: a profile, an official area type. Over time on a frozen
scale it shows which areas moved, and whether that is more than noise; against another typology, where
they disagree; on small and on large areas, what the large ones hide.
"""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.profiles.typologies._certainty import move_certainty
from segkit.profiles.typologies._comparison import Comparison, compare, official_types
from segkit.profiles.typologies._over_time import ProfilesOverTime, over_time
from segkit.profiles.typologies._scales import AcrossScales, across_scales, coarsen
from segkit.profiles.typologies._trajectories import plot_trajectories, trajectories

__all__ = [
    "AcrossScales",
    "Comparison",
    "ProfilesOverTime",
    "across_scales",
    "coarsen",
    "compare",
    "move_certainty",
    "official_types",
    "over_time",
    "plot_trajectories",
    "trajectories",
]

__dir__ = public(__all__)

guard(__name__)
