"""Rules of what may be shown: each a frozen record that says which figures are too small, or changes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from segkit.base.checks import check_choice, check_count
from segkit.errors import InputError, message
from segkit.words.text import say

if TYPE_CHECKING:
    from segkit.base.checks import Floats

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MinimumCount:
    """Hide counts from 1 to under a least count; by default 1 and 2.

    A zero is shown: it tells of no person. Where everyone or no one having a property is itself a
    disclosure, hide zeros too. Where a share and its denominator are shown, the rule also looks at the
    count that they give, and at those who lack the property.

    Parameters
    ----------
    minimum : int
        The least count that is shown, from 2 up.
    zeros : bool
        True hides zeros too.

    Raises
    ------
    InputError
        When the least count is not a whole number from 2 up.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley.

    Examples
    --------
    >>> MinimumCount().hides(np.array([0.0, 1.0, 2.0, 3.0])).tolist()
    [False, True, True, False]
    """

    minimum: int = 3
    zeros: bool = False

    def __post_init__(self) -> None:
        check_count(self.minimum, argument="minimum", least=2)

    @property
    def width(self) -> int:
        """How far apart the least and the most that a hidden count can be must lie."""
        return self.minimum - 1

    @property
    def may_hide_zero(self) -> bool:
        """Whether a hidden figure can be zero."""
        return self.zeros

    def hides(self, counts: Floats) -> Mask:
        """Return which counts are hidden; missing ones are not."""
        return np.asarray((counts < self.minimum) & ((counts > 0) | self.zeros))

    def text(self, language: Literal["sv", "en"]) -> str:
        """Say the rule in a sentence."""
        least = 0 if self.zeros else 1
        return say("disclosure", "minimum", language, least=least, most=self.minimum - 1)


@dataclass(frozen=True)
class ShareRule:
    """Show a share only when it is computed on enough persons, of whom enough have the property.

    The rule of Statistics Sweden and Boverket for the segregation barometer: more than 20 persons, of
    whom more than 5 have the property. A share of zero is hidden too, since 0 is not more than 5. The
    rule as published does not look at those who lack the property: a share of 98 per cent of 100 persons
    is shown, though only 2 are outside it. With ``complement=True`` they must be more than 5 as well.

    Parameters
    ----------
    persons : int
        A share is shown only on more persons than this.
    with_property : int
        A share is shown only when more persons than this have the property.
    complement : bool
        True asks the same of the persons who lack the property.

    Raises
    ------
    InputError
        When a number is not a whole number from 0 up.

    References
    ----------
    Statistics Sweden and Boverket, Segregationsbarometern: notes to the tables.

    Examples
    --------
    >>> rule = ShareRule()
    >>> rule.hides(np.array([5.0, 6.0, 6.0, 98.0]), np.array([100.0, 20.0, 21.0, 100.0])).tolist()
    [True, True, False, False]
    """

    persons: int = 20
    with_property: int = 5
    complement: bool = False

    def __post_init__(self) -> None:
        check_count(self.persons, argument="persons", least=0)
        check_count(self.with_property, argument="with_property", least=0)

    @property
    def width(self) -> int:
        """How far apart the least and the most that a hidden count can be must lie."""
        return max(self.with_property, 1)

    @property
    def may_hide_zero(self) -> bool:
        """Whether a hidden figure can be zero."""
        return True

    def hides(self, numerator: Floats, denominator: Floats) -> Mask:
        """Return which shares are hidden; missing ones are not."""
        few = (denominator <= self.persons) | (numerator <= self.with_property)
        if self.complement:
            few |= denominator - numerator <= self.with_property
        return np.asarray(few & ~np.isnan(numerator))

    def text(self, language: Literal["sv", "en"]) -> str:
        """Say the rule in a sentence."""
        also = say("disclosure", "complement", language, n=self.with_property) if self.complement else ""
        shown = {"persons": self.persons, "owners": self.with_property, "also": also}
        return say("disclosure", "share", language, **shown)


@dataclass(frozen=True)
class RoundTo:
    """Round counts to multiples of an odd base: to the nearest, or up and down at random without bias.

    At random, a count with remainder r is rounded up with probability r / base, so that its expected
    value is the count itself; multiples of the base stay.

    Parameters
    ----------
    base : int
        The base, odd and from 3 up: often 3 or 5.
    random : bool
        False rounds to the nearest multiple, True at random without bias.
    totals : {"summed", "rounded"}
        "summed": totals are the sums of the rounded counts, so the table adds up and a total tells
        nothing more. "rounded": each total is rounded by itself, so it lies closer to the truth but
        the table need not add up; small counts are then checked against an attacker.

    Raises
    ------
    InputError
        When the base is not an odd whole number from 3 up, or `totals` is unknown.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley.

    Examples
    --------
    >>> RoundTo(3).change(np.array([0.0, 1.0, 2.0, 3.0, 4.0])).tolist()
    [0.0, 0.0, 3.0, 3.0, 3.0]
    """

    base: int = 3
    random: bool = False
    totals: Literal["summed", "rounded"] = "summed"

    def __post_init__(self) -> None:
        check_count(self.base, argument="base", least=3)
        if self.base % 2 == 0:
            fix = "Take 3 or 5: halfway cases have no nearest multiple."
            raise InputError(message("base", f"is {self.base}, must be odd", fix=fix))
        check_choice(self.totals, ("summed", "rounded"), argument="totals")

    def change(self, counts: Floats, random_state: int = 0) -> Floats:
        """Return the rounded counts."""
        if not self.random:
            return np.asarray(self.base * np.floor(counts / self.base + 0.5))
        draws = np.random.default_rng(random_state).random(counts.shape)
        down = self.base * np.floor(counts / self.base)
        return np.asarray(down + self.base * (draws < (counts - down) / self.base))

    def bounds(self, shown: Floats) -> tuple[Floats, Floats]:
        """Return the least and the most that the counts behind rounded ones can be."""
        reach = self.base - 1 if self.random else (self.base - 1) // 2
        return np.maximum(shown - reach, 0), shown + reach

    def small(self, counts: Floats) -> Mask:
        """Return the counts that the rule is there to protect."""
        return np.asarray((counts > 0) & (counts < self.base))

    def text(self, language: Literal["sv", "en"]) -> str:
        """Say the rule in a sentence."""
        also = say("disclosure", "summed", language) if self.totals == "summed" else ""
        key = "rounded_random" if self.random else "rounded_nearest"
        return say("disclosure", key, language, base=self.base, also=also)


@dataclass(frozen=True)
class ReplaceSmall:
    """Show 1 as 0 and 2 as 3, and leave other counts: the rule of Linköping municipality.

    Totals are sums of the counts shown. Where true totals are known, one replaced count in a region
    can be computed back; that is checked, and refused.

    References
    ----------
    Linköping municipality: notes to the tables on small areas.

    Examples
    --------
    >>> ReplaceSmall().change(np.array([0.0, 1.0, 2.0, 3.0, 4.0])).tolist()
    [0.0, 0.0, 3.0, 3.0, 4.0]
    """

    @property
    def totals(self) -> Literal["summed"]:
        """How totals are made: they are sums of what is shown."""
        return "summed"

    def change(self, counts: Floats, random_state: int = 0) -> Floats:  # noqa: ARG002 - one call for all rules
        """Return the counts with 1 and 2 replaced."""
        return np.where(counts == 1, 0.0, np.where(counts == 2, 3.0, counts))

    def bounds(self, shown: Floats) -> tuple[Floats, Floats]:
        """Return the least and the most that the counts behind those shown can be."""
        return np.where(shown == 3, 2.0, shown), np.where(shown == 0, 1.0, shown)

    def small(self, counts: Floats) -> Mask:
        """Return the counts that the rule is there to protect."""
        return np.asarray((counts > 0) & (counts < 3))

    def text(self, language: Literal["sv", "en"]) -> str:
        """Say the rule in a sentence."""
        return say("disclosure", "replaced", language)


Hiding: TypeAlias = MinimumCount | ShareRule
Changing: TypeAlias = RoundTo | ReplaceSmall
Rule: TypeAlias = Hiding | Changing


def check_rules(rules: object) -> tuple[Rule, ...]:
    """Return rules as a tuple: any number that hide, or one that changes counts."""
    every = tuple(rules) if isinstance(rules, list | tuple) else (rules,)
    wrong = [type(r).__name__ for r in every if not isinstance(r, Rule)]
    if wrong or not every:
        fix = "Use MinimumCount(), ShareRule(), RoundTo() or ReplaceSmall()."
        raise InputError(message("rules", "must be rules of segkit.disclosure, not", wrong or ["none"], fix))
    if len(every) > 1 and any(isinstance(r, Changing) for r in every):
        fix = "Round and hide in two tables, each with its own columns."
        raise InputError(message("rules", "mix one that changes counts with others", fix=fix))
    return every
