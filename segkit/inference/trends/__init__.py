"""Development over time: a measure per period, growth by level, convergence, and a change put in words."""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.inference.trends.by_period import by_period
from segkit.inference.trends.convergence import convergence
from segkit.inference.trends.growth import growth_incidence
from segkit.inference.trends.sentences import change_sentence

__all__ = ["by_period", "change_sentence", "convergence", "growth_incidence"]

__dir__ = public(__all__)

guard(__name__)
