"""Development over time: a measure per period, growth by level, convergence, and a change put in words."""

from __future__ import annotations

from segkit._boundary import guard
from segkit.trends._by_period import by_period
from segkit.trends._convergence import convergence
from segkit.trends._growth import growth_incidence
from segkit.trends._sentences import change_sentence

__all__ = ["by_period", "change_sentence", "convergence", "growth_incidence"]

guard(__name__)
