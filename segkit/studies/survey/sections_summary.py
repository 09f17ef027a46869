"""The summary of the report: what was found, with figures and intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue import indicators
from segkit.catalogue.labels import term
from segkit.output.document.parts import Link, Point, Points
from segkit.studies.survey.case import places

if TYPE_CHECKING:
    from segkit.output.document.parts import Section
    from segkit.studies.survey.case import Case

#: Changes shown in the summary; the rest stand in their section.
_MOST = 5

#: From so many changes on, at least one is expected to miss zero by chance.
MANY = 20


def summary(case: Case) -> Section:
    """Say what was found, as far as the survey's tables allow."""
    found = [*_ends(case), _gap(case), _changes(case), _claims(case)]
    points = tuple(point for point in found if point is not None)
    return case.section("summary", [Points(points, "findings")])


def _point(case: Case, said: str, section: str, lines: tuple[str, ...] = (), language: str = "") -> Point:
    """Return a finding with the way to the section that tells more."""
    more = case.say("read_more", section=case.say(section))
    return Point(said, lines, Link(more, f"#{section}"), language)


def _ends(case: Case) -> list[Point]:
    """Say how many areas and residents the first and the last profile have."""
    profiles = case.survey.profiles
    if len(profiles) < 2:
        return []
    profiles = profiles.sort_values("profile", kind="stable")
    found = []
    for key, row in (("weakest", profiles.iloc[0]), ("strongest", profiles.iloc[-1])):
        people = row.get("population")
        known = people is not None and pd.notna(people)
        alone = key == "strongest" and row["n_areas"] == 1
        sentence = case.say(
            f"summary_{key}{'_people' if known else ''}{'_one' if alone else ''}",
            n=row["n_areas"],
            total=len(case.survey.areas),
            k=int(row["profile"]),
            people=case.number(people),
            share=case.number(row.get("population_share"), 1),
        )
        found.append(_point(case, sentence, "profiles" if key == "strongest" else "areas"))
    return found


def _gap(case: Case) -> Point | None:
    """Set the means of the first and the last profile side by side."""
    profiles = case.survey.profiles
    columns = [i for i in case.survey.indicators if i in profiles]
    if len(profiles) < 2 or not columns:
        return None
    ordered = profiles.sort_values("profile", kind="stable")
    items = []
    for column in columns:
        first, last = (case.number(ordered[column].iloc[i], places(column)) for i in (0, -1))
        label = indicators.label(column, language=case.language)
        unit = indicators.unit(column, language=case.language)
        items.append(case.say("summary_gap_item", label=label, first=first, last=last, unit=unit).strip())
    sentence = case.say("summary_gap", k=int(ordered["profile"].iloc[-1]))
    return _point(case, sentence, "profiles", tuple(items))


def _changes(case: Case) -> Point | None:
    """Return the changes whose interval does not contain zero, longest periods first."""
    changes = case.survey.changes
    if changes.empty or "sentence" not in changes:
        return None
    certain = changes[(changes["ci_low"] > 0) | (changes["ci_high"] < 0)]
    if certain.empty:
        return _point(case, case.say("summary_no_change", n=len(changes)), "changes")
    span = certain["period"].astype(str).map(_length)
    chosen = certain.loc[span.sort_values(ascending=False, kind="stable").index]
    if len(certain) > _MOST:
        alike = [c for c in ("geography", "indicator") if c in chosen]
        chosen = chosen.drop_duplicates(alike).head(_MOST)
    key = "summary_certain" if len(certain) <= _MOST else "summary_certain_some"
    by_chance = case.say("summary_expected", k=round(0.05 * len(changes)))
    expected = by_chance if len(changes) >= MANY else ""
    sentence = case.say(key, m=len(certain), n=len(changes), expected=expected)
    return _point(case, sentence, "changes", tuple(map(str, chosen["sentence"])), case.survey.language)


def _length(period: str) -> int:
    first, _, last = period.partition("–")
    return int(last) - int(first) if first.isdigit() and last.isdigit() else 0


def _claims(case: Case) -> Point | None:
    """Count the outcomes of the statements tested."""
    claims = case.survey.claims
    if claims.empty or "verdict" not in claims:
        return None
    counts = claims["verdict"].astype(str).value_counts()
    parts = []
    known = ["supported", "not supported", "cannot be tested"]
    for verdict in [*known, *counts.index.difference(known)]:
        if verdict in counts.index:
            said = term("verdicts", str(verdict), language=case.language)
            parts.append(f"{counts[verdict]} {said[0].lower()}{said[1:]}")
    return _point(case, case.say("summary_claims", n=len(claims), parts=", ".join(parts)), "claims")
