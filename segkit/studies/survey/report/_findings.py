"""The summary of the report: what was found, with figures and intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for, term
from segkit.studies.survey.report._evidence import MANY
from segkit.words.numbers import format_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language
    from segkit.studies.survey.result import Survey

#: Changes shown in the summary; the rest stand in their section.
_MOST = 5


@dataclass(frozen=True)
class Finding:
    """One finding, the section that tells more, and sentences under it (`own`: in the analysis's words)."""

    sentence: str
    section: str
    lines: tuple[str, ...] = ()
    own: bool = False


def summary(survey: Survey, text: Mapping[str, str], language: Language) -> list[Finding]:
    """Return the findings of a survey, those that its tables allow."""
    found = [*_ends(survey, text, language), _gap(survey, text, language)]
    found += [_changes(survey, text), _claims(survey, text, language)]
    return [finding for finding in found if finding is not None]


def _ends(survey: Survey, text: Mapping[str, str], language: Language) -> list[Finding]:
    """Say how many areas and residents the first and the last profile have."""
    profiles = (
        survey.profiles.sort_values("profile", kind="stable") if len(survey.profiles) else survey.profiles
    )
    if len(profiles) < 2:
        return []
    found = []
    for key, row in (("weakest", profiles.iloc[0]), ("strongest", profiles.iloc[-1])):
        people = row.get("population")
        known = people is not None and pd.notna(people)
        alone = key == "strongest" and row["n_areas"] == 1
        named = f"summary_{key}{'_people' if known else ''}{'_one' if alone else ''}"
        sentence = text[named].format(
            n=row["n_areas"],
            total=len(survey.areas),
            k=int(row["profile"]),
            people=format_number(people, 0, language=language),
            share=format_number(row.get("population_share"), 1, language=language),
        )
        found.append(Finding(sentence, "profiles" if key == "strongest" else "areas"))
    return found


def _gap(survey: Survey, text: Mapping[str, str], language: Language) -> Finding | None:
    """Set the means of the first and the last profile side by side."""
    profiles = survey.profiles
    columns = [i for i in survey.indicators if i in profiles]
    if len(profiles) < 2 or not columns:
        return None
    ordered = profiles.sort_values("profile", kind="stable")
    items = []
    for column in columns:
        places = max(decimals_for(column), int(indicators.is_share(column)))
        first, last = (format_number(ordered[column].iloc[i], places, language=language) for i in (0, -1))
        label = indicators.label(column, language=language)
        unit = indicators.unit(column, language=language)
        item = text["summary_gap_item"].format(label=label, first=first, last=last, unit=unit)
        items.append(item.strip())
    sentence = text["summary_gap"].format(k=int(ordered["profile"].iloc[-1]))
    return Finding(sentence, "profiles", tuple(items))


def _changes(survey: Survey, text: Mapping[str, str]) -> Finding | None:
    """Return the changes whose interval does not contain zero, longest periods first."""
    changes = survey.changes
    if changes.empty or "sentence" not in changes:
        return None
    certain = changes[(changes["ci_low"] > 0) | (changes["ci_high"] < 0)]
    if certain.empty:
        return Finding(text["summary_no_change"].format(n=len(changes)), "changes")
    span = certain["period"].astype(str).map(_length)
    chosen = certain.loc[span.sort_values(ascending=False, kind="stable").index]
    if len(certain) > _MOST:
        alike = [c for c in ("geography", "indicator") if c in chosen]
        chosen = chosen.drop_duplicates(alike).head(_MOST)
    key = "summary_certain" if len(certain) <= _MOST else "summary_certain_some"
    by_chance = text["summary_expected"].format(k=round(0.05 * len(changes)))
    expected = by_chance if len(changes) >= MANY else ""
    sentence = text[key].format(m=len(certain), n=len(changes), expected=expected)
    return Finding(sentence, "changes", tuple(map(str, chosen["sentence"])), own=True)


def _length(period: str) -> int:
    first, _, last = period.partition("–")
    return int(last) - int(first) if first.isdigit() and last.isdigit() else 0


def _claims(survey: Survey, text: Mapping[str, str], language: Language) -> Finding | None:
    """Count the outcomes of the statements tested."""
    if survey.claims.empty or "verdict" not in survey.claims:
        return None
    counts = survey.claims["verdict"].astype(str).value_counts()
    parts = []
    known = ["supported", "not supported", "cannot be tested"]
    for verdict in [*known, *counts.index.difference(known)]:
        if verdict in counts.index:
            said = term("verdicts", str(verdict), language=language)
            parts.append(f"{counts[verdict]} {said[0].lower()}{said[1:]}")
    sentence = text["summary_claims"].format(n=len(survey.claims), parts=", ".join(parts))
    return Finding(sentence, "claims")
