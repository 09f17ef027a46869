"""What may be shown of small areas: rules for small numbers, what they hide, and an attacker to check it.

`apply` hides or rounds, `attack` tells what a published table gives away.
"""

from segkit._boundary import guard
from segkit.disclosure._apply import Plan, Protected, apply
from segkit.disclosure._attack import attack
from segkit.disclosure._grid import Share
from segkit.disclosure._rules import MinimumCount, ReplaceSmall, RoundTo, ShareRule

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

guard(__name__)
