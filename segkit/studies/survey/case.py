"""One survey as it is told: what every section of its report asks for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from segkit.base.version import __version__
from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for, heading
from segkit.drawing import palettes
from segkit.output import tables
from segkit.output.document.parts import Legend, Section
from segkit.words.numbers import MISSING, format_number
from segkit.words.text import listed, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

    from segkit.base.checks import Language
    from segkit.output.document.parts import Part
    from segkit.studies.survey.result import Survey


@dataclass(frozen=True)
class Case:
    """A survey, the language of its report, and the file of its interactive map.

    Sentences that the survey itself made stay in its own language.
    """

    survey: Survey
    language: Language
    map_file: Path | str | None = None

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence of the report."""
        return say("report", key, self.language, **facts)

    def listed(self, items: Iterable[str]) -> str:
        """Join words: a, b and c."""
        return listed(list(items), self.language)

    def number(self, value: Any, decimals: int = 0, *, sign: bool = False) -> str:
        """Write a number in the language of the report."""
        return format_number(value, decimals, language=self.language, sign=sign)

    def section(
        self, key: str, parts: Sequence[Part | None], *, wide: bool = False, kind: str = ""
    ) -> Section:
        """Return a section with the title and the anchor of a key; parts that are None are left out."""
        kept = tuple(part for part in parts if part is not None)
        return Section(self.say(key), parts=kept, anchor=key, landscape=wide, kind=kind)

    @property
    def version(self) -> str:
        """The version of segkit that made the survey."""
        return str(self.survey.parameters.get("segkit", __version__))

    @cached_property
    def colors(self) -> dict[int, str]:
        """The color of each profile, the same as on the map."""
        survey = self.survey
        known = [int(p) for p in survey.profiles["profile"]] if "profile" in survey.profiles else []
        found = known or [int(p) for p in survey.areas["profile"].dropna().unique()]
        return dict(enumerate(palettes.sequential(max(found)), start=1)) if found else {}

    def profile_title(self, profile: int) -> str:
        """Return the name of a profile; 0 is none."""
        if profile == 0:
            return self.say("no_profile")
        profiles = self.survey.profiles
        match = profiles[profiles["profile"] == profile]
        named = "label" in match and len(match) > 0
        return self.say("profile_name", label=match["label"].iloc[0] if named else profile)

    def indicator(self, name: str) -> str:
        """Return the label of an indicator with its unit; the word for indicator when there is none."""
        if not name:
            return heading("indicator", language=self.language)
        unit = indicators.unit(name, language=self.language)
        return indicators.label(name, language=self.language, unit=bool(unit))

    @property
    def source(self) -> str:
        """The sources and the years of the indicators of the profiles."""
        survey = self.survey
        named = survey.sources["source"].astype(str).tolist() if "source" in survey.sources else []
        sources = self.listed([s for s in dict.fromkeys(named) if s])
        used = survey.periods
        used = used[used["indicator"].isin(survey.indicators)] if "indicator" in used else used
        return self.say("map_source" if sources else "map_source_none", sources=sources, periods=years(used))

    def legend(self) -> Legend:
        """Return the marks that stand at the areas' figures."""
        marks = tables.flag_marks(self.survey, language=self.language)
        items = [f"{mark} {meaning}" for mark, meaning in marks.items()]
        items += [self.say("legend_se")] if marks else []
        return Legend(self.say("legend"), (*items, f"{MISSING} {self.say('legend_missing')}"))


def places(indicator: str) -> int:
    """Return the decimals of an indicator where values are set against each other: shares have one.

    Examples
    --------
    >>> places("employment_rate")
    1
    """
    return max(decimals_for(indicator), int(indicators.is_share(indicator)))


def years(*sources: pd.DataFrame) -> str:
    """Return the first and last year that figures are from.

    Examples
    --------
    >>> import pandas as pd
    >>> years(pd.DataFrame({"period": [2020, 2024]}), pd.DataFrame({"period": ["2018", ""]}))
    '2018–2024'
    """
    found: set[int] = set()
    for table in sources:
        if "period" in table:
            found |= {int(p) for p in table["period"].astype(str) if p.isdigit() and int(p) > 0}
    if not found:
        return MISSING
    return str(min(found)) if len(found) == 1 else f"{min(found)}–{max(found)}"
