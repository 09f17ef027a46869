"""What may be shown of small areas: rules for small numbers, what they hide, and an attacker to check it.

`apply` hides or rounds, `attack` tells what a published table gives away.
"""

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.panels.disclosure._apply import Plan, Protected, apply
from segkit.panels.disclosure._attack import attack
from segkit.panels.disclosure._grid import Share
from segkit.panels.disclosure._rules import MinimumCount, ReplaceSmall, RoundTo, ShareRule

__all__ = [
    "MinimumCount",
    "Plan",
    "Protected",
    "ReplaceSmall",
    "RoundTo",
    "Share",
    "ShareRule",
    "apply",
    "attack",
]

__dir__ = public(__all__)

guard(__name__)
