"""Did it work: how a few areas changed beside areas that they can be compared with.

What is computed is a difference between changes. It is the effect of a measure only under assumptions
that the figures alone can't prove; every result names them, and says what the data do not allow.
"""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.evaluation.differences import DifferenceInDifferences, difference_in_differences
from segkit.evaluation.power import DetectableEffect, minimum_detectable_effect
from segkit.evaluation.synthetic import SyntheticControl, synthetic_control

__all__ = [
    "DetectableEffect",
    "DifferenceInDifferences",
    "SyntheticControl",
    "difference_in_differences",
    "minimum_detectable_effect",
    "synthetic_control",
]

__dir__ = public(__all__)

guard(__name__)
