"""What a screening asks for: criteria on one indicator each, joined by and, or, at least m of n."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from segkit.base.checks import LANGUAGES, check_choice, check_count, check_number
from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for
from segkit.errors import InputError, message
from segkit.words.numbers import format_number
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from segkit.base.checks import Floats, Language

Sign = Literal[">", ">=", "<", "<="]
Relative = Literal["none", "ratio", "difference", "sd", "share"]

SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
RELATIVES = ("none", "ratio", "difference", "sd", "share")


@dataclass(frozen=True)
class Criterion:
    """One condition on one indicator.

    Parameters
    ----------
    indicator : str
        Column of the panel.
    sign : {">", ">=", "<", "<="}
        On which side of the threshold an area meets the criterion, and whether the threshold itself does.
    threshold : float
        In the unit of the indicator; otherwise as `relative` says.
    relative : {"none", "ratio", "difference", "sd", "share"}
        "none": the threshold is the bound itself. "ratio": the bound is the threshold times a reference.
        "difference": the reference plus the threshold. "sd": the mean of all areas plus so many standard
        deviations among areas. "share": so many per cent of the areas, those highest or lowest; areas
        with equal figures at the border are all within by ">=" and "<=", all outside by ">" and "<".
        The reference is given to `screen`; without it, it is the mean of all areas weighted by population.
    periods : int
        The figure is the mean of so many periods one year apart, the last included; where one is
        missing the figure is unknown.

    Raises
    ------
    InputError
        When an argument is off.

    Examples
    --------
    >>> Criterion("unemployment_rate", ">=", 10.0).describe(language="en")
    'Unemployment rate at least 10.0 per cent'
    """

    indicator: str
    sign: Sign
    threshold: float
    relative: Relative = "none"
    periods: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.indicator, str) or not self.indicator:
            raise InputError(message("indicator", f"is {self.indicator!r}, must be the name of a column"))
        check_choice(self.sign, tuple(SIGNS), argument="sign")
        check_choice(self.relative, RELATIVES, argument="relative")
        check_count(self.periods, argument="periods")
        value = check_number(self.threshold, argument="threshold")
        if not math.isfinite(value):
            raise InputError(message("threshold", f"is {value}, must be a finite number"))
        if self.relative == "share" and not 0 < value < 100:
            raise InputError(message("threshold", f"is {value:g}, a share of areas lies between 0 and 100"))

    @property
    def upward(self) -> bool:
        """Whether high values meet the criterion."""
        return self.sign in {">", ">="}

    def met(self, values: Floats, bound: Floats | float) -> Floats:
        """Return 1.0 where values meet the criterion, 0.0 where not, NaN where value or bound is unknown.

        Examples
        --------
        >>> import numpy as np
        >>> Criterion("x", ">", 10).met(np.array([10.0, 10.1, np.nan]), 10.0).tolist()
        [0.0, 1.0, nan]
        """
        import numpy as np

        limits = np.broadcast_to(np.asarray(bound, dtype=float), values.shape)
        unknown = np.isnan(values) | np.isnan(limits)
        return np.where(unknown, np.nan, SIGNS[self.sign](values, limits).astype(float))

    def describe(self, *, language: Language = "sv") -> str:
        """Say the criterion in words."""
        check_choice(language, LANGUAGES, argument="language")
        name = indicators.label(self.indicator, language=language)
        side = say("rules.signs", self.sign, language)
        if self.relative == "none":
            shown = format_number(self.threshold, decimals_for(self.indicator), language=language)
            unit = indicators.unit(self.indicator, language=language)
            text = f"{name} {side} {shown} {unit}".strip()
        else:
            signed = self.relative in {"difference", "sd"}
            decimals = 0 if float(self.threshold).is_integer() else 2
            shown = format_number(self.threshold, decimals, language=language, sign=signed)
            key = f"share {'high' if self.upward else 'low'}" if self.relative == "share" else self.relative
            text = say("rules.relative", key, language, name=name, side=side, threshold=shown)
        return text + (say("rules.joined", "mean", language, n=self.periods) if self.periods > 1 else "")


@dataclass(frozen=True)
class Rule:
    """A rule: at least `at_least` of its parts hold; parts are criteria or rules.

    Make it with `all_of`, `any_of` or `at_least`.

    Parameters
    ----------
    parts : tuple of Criterion or Rule
        What is asked.
    at_least : int
        How many of the parts must hold.
    name : str
        What the rule is called in tables.

    Raises
    ------
    InputError
        When there are no parts, or `at_least` is not between 1 and their number.

    Examples
    --------
    >>> rule = at_least(1, Criterion("turnout", "<", 70), Criterion("employment_rate", "<", 60))
    >>> rule.describe(language="en")
    'any of: Turnout below 70.0 per cent; Employment rate below 60.0 per cent'
    """

    parts: tuple[Criterion | Rule, ...]
    at_least: int
    name: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.parts, tuple) or not self.parts:
            raise InputError(message("parts", "must be criteria or rules, at least one"))
        wrong = [repr(part) for part in self.parts if not isinstance(part, Criterion | Rule)]
        if wrong:
            raise InputError(message("parts", "must be criteria or rules", wrong))
        if check_count(self.at_least, argument="at_least") > len(self.parts):
            raise InputError(message("at_least", f"is {self.at_least} of only {len(self.parts)} parts"))

    def criteria(self) -> Iterator[Criterion]:
        """Yield the criteria in the order of the rule."""
        for part in self.parts:
            if isinstance(part, Criterion):
                yield part
            else:
                yield from part.criteria()

    def met(self, outcomes: Floats) -> Floats:
        """Return 1.0 where the rule holds, 0.0 where not, NaN where unknown criteria decide.

        Parameters
        ----------
        outcomes : numpy.ndarray
            What each criterion gives (last axis: the criteria in their order): 1.0, 0.0, NaN.

        Returns
        -------
        numpy.ndarray
            Without the last axis.

        Examples
        --------
        >>> import numpy as np
        >>> rule = at_least(2, *[Criterion("x", ">", 0)] * 3)
        >>> rule.met(np.array([[1, 1, np.nan], [1, 0, np.nan], [0, 0, np.nan]])).tolist()
        [1.0, nan, 0.0]
        """
        import numpy as np

        parts, at = [], 0
        for part in self.parts:
            n = 1 if isinstance(part, Criterion) else sum(1 for _ in part.criteria())
            block = outcomes[..., at : at + n]
            parts.append(block[..., 0] if isinstance(part, Criterion) else part.met(block))
            at += n
        stacked = np.stack(parts)
        surely = np.nansum(stacked, axis=0)
        possibly = surely + np.isnan(stacked).sum(axis=0)
        return np.where(surely >= self.at_least, 1.0, np.where(possibly < self.at_least, 0.0, np.nan))

    def describe(self, *, language: Language = "sv") -> str:
        """Say the rule in words."""
        check_choice(language, LANGUAGES, argument="language")
        texts = [
            part.describe(language=language)
            if isinstance(part, Criterion)
            else f"({part.describe(language=language)})"
            for part in self.parts
        ]
        if len(texts) == 1:
            return texts[0]
        key = "all" if self.at_least == len(self.parts) else "any" if self.at_least == 1 else "some"
        how = say("rules.joined", key, language, m=self.at_least, n=len(self.parts))
        return f"{how}: {'; '.join(texts)}"


def all_of(*parts: Criterion | Rule, name: str = "") -> Rule:
    """Return the rule that all parts hold.

    Examples
    --------
    >>> all_of(Criterion("turnout", "<", 70)).at_least
    1
    """
    return Rule(parts, max(len(parts), 1), name)


def any_of(*parts: Criterion | Rule, name: str = "") -> Rule:
    """Return the rule that at least one part holds.

    Examples
    --------
    >>> any_of(Criterion("turnout", "<", 70), Criterion("turnout", ">", 90)).at_least
    1
    """
    return Rule(parts, 1, name)


def at_least(m: int, *parts: Criterion | Rule, name: str = "") -> Rule:
    """Return the rule that at least `m` parts hold.

    Examples
    --------
    >>> at_least(2, *[Criterion("turnout", "<", limit) for limit in (60, 70, 80)]).at_least
    2
    """
    return Rule(parts, m, name)
