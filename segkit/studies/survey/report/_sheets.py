"""The fact sheet of each area: where it lies, its figures beside the municipality, and its trend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for, heading, term
from segkit.output import tables
from segkit.output.document.svg import anchors
from segkit.studies.survey.report import _figures
from segkit.studies.survey.report._facts import APART, FIELDS, Course, Courses, Fact, Subject, subjects
from segkit.studies.survey.report._locator import Locator, sparkline
from segkit.words.numbers import MISSING, format_number
from segkit.words.text import listed, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language
    from segkit.studies.survey.result import Survey

#: The keys of how an indicator stands, by its direction times where the area lies.
_SIDES = ("weaker", "stronger", "other", "alike")


@dataclass(frozen=True)
class Figure:
    """One row of the figures of an area, as text."""

    label: str
    unit: str
    value: str
    mean: str
    municipal: str
    difference: str
    place: str
    reading: str
    mark: str


@dataclass(frozen=True)
class Sheet:
    """What the fact sheet of one area shows."""

    anchor: str
    name: str
    code: str
    where: str
    color: str
    profile: str
    lines: tuple[str, ...]
    remarks: str
    whole: str
    near: str
    fields: tuple[tuple[str, tuple[Figure, ...]], ...]
    readings: tuple[tuple[str, str], ...]
    trends: tuple[dict[str, Any], ...]
    official: str


class Sheets:
    """All fact sheets of a survey; what they share is worked out once."""

    def __init__(self, survey: Survey, text: Mapping[str, str], language: Language, *, shared: bool) -> None:
        self.survey = survey
        self.text = text
        self.language = language
        self.shared = shared
        self.subjects = subjects(survey)
        self.courses = Courses(survey)
        self.locator = Locator.of(survey, coarse=not shared)
        self.anchors = anchors(survey)
        self.order = self._order()
        self.marked = tables.area_table(survey, language=language).reindex(survey.areas.index)

    def _order(self) -> list[int]:
        """Return the places of the areas by name, so that a reader finds theirs."""
        areas = self.survey.areas
        keys = zip(areas["name"].astype(str), areas["area_id"].astype(str), strict=True)
        alphabet = {"å": "z1", "ä": "z2", "ö": "z3"}
        folded = ["".join(alphabet.get(c, c) for c in name.casefold()) + "\0" + code for name, code in keys]
        return sorted(range(len(folded)), key=folded.__getitem__)

    @property
    def notes(self) -> list[str]:
        """The rules that all sheets follow, in plain sentences."""
        weighted = all(s.weighted for s in self.subjects)
        notes = [self.text["sheet_note_mean" if weighted else "sheet_note_mean_plain"]]
        if any(indicators.is_share(s.indicator) for s in self.subjects):
            notes.append(self.text["sheet_note_points"])
        if self.has_municipal:
            notes.append(self.text["sheet_note_municipal"])
        share = format_number(APART, 1, language=self.language)
        notes.append(self.text["sheet_note_apart"].format(limit=share))
        notes.append(self.text["sheet_note_place"])
        if any(f.place_first != f.place_last for s in self.subjects for f in s.facts if not f.missing):
            notes.append(self.text["sheet_note_interval"])
        return notes

    @property
    def has_municipal(self) -> bool:
        """Whether any indicator has an official figure of the municipality."""
        return any(subject.municipal == subject.municipal for subject in self.subjects)

    def every(self) -> list[Sheet]:
        """Return the sheets by name of area."""
        return [self.sheet(place) for place in self.order]

    def sheet(self, place: int) -> Sheet:
        """Return the sheet of the area at a place of ``survey.areas``."""
        area = self.survey.areas.iloc[place]
        name = str(area["name"])
        profile = None if pd.isna(area["profile"]) else int(area["profile"])
        marked = {"name": name, "municipality": self.survey.name or self.text["sheet_all"]}
        whole = near = ""
        if self.locator is not None:
            whole = self.locator.whole(place, self.text["sheet_whole"].format(**marked), shared=self.shared)
            near = self.locator.near(place, self.text["sheet_near"].format(**marked), shared=self.shared)
        trends = [self._trend(course) for course in self.courses.of(area)]
        return Sheet(
            anchor=self.anchors[place],
            name=name,
            code=str(area["area_id"]),
            where=self._where(area),
            color=_figures.colors(self.survey).get(profile or 0, ""),
            profile=_figures.profile_title(self.survey, profile or 0, self.text),
            lines=tuple(self._lines(area)),
            remarks=str(area["flags"]) if "flags" in area and pd.notna(area["flags"]) else "",
            whole=whole,
            near=near,
            fields=self._fields(place),
            readings=self._readings(place),
            trends=tuple(trends),
            official=self._official(area),
        )

    def _where(self, area: pd.Series) -> str:
        """Name the RegSO and the population."""
        parts = []
        if "regso_name" in area and pd.notna(area["regso_name"]):
            parts.append(self.text["sheet_regso"].format(name=area["regso_name"]))
        if "population" in area and pd.notna(area["population"]):
            shown = format_number(area["population"], 0, language=self.language)
            parts.append(self.text["sheet_people"].format(n=shown))
        return " ".join(parts)

    def _lines(self, area: pd.Series) -> list[str]:
        """Say what the index is, and how settled the profile."""
        lines = []
        every = self.survey.areas["index"]
        if pd.notna(area["index"]):
            lines.append(
                self.text["sheet_index"].format(
                    value=format_number(area["index"], 2, language=self.language, sign=True),
                    place=1 + int((every < area["index"]).sum()),
                    n=int(every.notna().sum()),
                )
            )
        unsure = self.survey.borderline
        row = unsure[unsure["area_id"] == area["area_id"]] if "area_id" in unsure else unsure
        if len(row):
            share = format_number(100 * row["other_share"].iloc[0], 0, language=self.language)
            other = row["other_profile"].iloc[0]
            lines.append(self.text["sheet_unsettled"].format(share=share, other=other))
        elif len(unsure):
            lines.append(self.text["sheet_settled"])
        return lines

    def _fields(self, place: int) -> tuple[tuple[str, tuple[Figure, ...]], ...]:
        """Return the figures by field."""
        found = []
        for field in FIELDS:
            rows = tuple(self._figure(s, place) for s in self.subjects if s.field == field)
            if rows:
                found.append((self.text[f"field_{field}"], rows))
        return tuple(found)

    def _figure(self, subject: Subject, place: int) -> Figure:
        fact = subject.facts[place]
        name = subject.indicator
        places = max(decimals_for(name), int(indicators.is_share(name)))

        def shown(value: float, *, sign: bool = False) -> str:
            return format_number(value, places, language=self.language, sign=sign)

        column = heading(name, language=self.language)
        own, official = (
            format_number(number, decimals_for(name), language=self.language)
            for number in (fact.value, subject.municipal)
        )
        unit = indicators.unit(name, language=self.language)
        return Figure(
            label=indicators.label(name, language=self.language),
            unit=", ".join(part for part in (unit, subject.period) if part),
            value=str(self.marked[column].iloc[place]) if column in self.marked else own,
            mean=shown(subject.mean),
            municipal=official,
            difference=shown(fact.difference, sign=True),
            place=self._place(fact, subject.n),
            reading=MISSING if fact.missing else self.text[f"sheet_{_level(fact)}"],
            mark="" if fact.missing else {1: "▲", -1: "▼"}.get(fact.standing, ""),
        )

    def _place(self, fact: Fact, n: int) -> str:
        if fact.missing:
            return MISSING
        own = self.text["sheet_place"].format(place=fact.place, n=n)
        if fact.place_first == fact.place_last:
            return own
        return own + " " + self.text["sheet_places"].format(first=fact.place_first, last=fact.place_last)

    def _readings(self, place: int) -> tuple[tuple[str, str], ...]:
        """Name the fields in which the area stands clearly apart, and those in which it does not."""
        catalogue = indicators.catalogue()["direction"]
        sides: dict[str, dict[str, list[str]]] = {side: {} for side in _SIDES}
        for subject in self.subjects:
            fact = subject.facts[place]
            if fact.missing:
                continue
            judged = int(catalogue.get(subject.indicator, 0)) * fact.standing
            side = {1: "stronger", -1: "weaker"}.get(judged, "other" if fact.standing else "alike")
            label = indicators.label(subject.indicator, language=self.language)
            label = label[0].lower() + label[1:]
            if side != "alike":
                label += " " + self.text["sheet_up" if fact.standing > 0 else "sheet_down"]
            sides[side].setdefault(self.text[f"field_{subject.field}"].lower(), []).append(label)
        return tuple(
            (
                self.text[f"sheet_side_{side}"],
                "; ".join(f"{field} ({listed(names, self.text)})" for field, names in fields.items())
                or self.text["sheet_none"],
            )
            for side, fields in sides.items()
            if fields or side in ("weaker", "stronger")
        )

    def _trend(self, course: Course) -> dict[str, Any]:
        places = max(decimals_for(course.indicator), int(indicators.is_share(course.indicator)))

        def shown(value: float, *, sign: bool = False) -> str:
            return format_number(value, places, language=self.language, sign=sign)

        own = course.geography != "regso"
        geography = "" if own else term("geographies", course.geography, language=self.language)
        steps = zip(course.periods, course.values, course.flags, strict=True)
        label = indicators.label(course.indicator, language=self.language)
        curve = self.text["sheet_curve"].format(label=label)
        return {
            "label": label,
            "unit": ", ".join(
                part
                for part in (indicators.unit(course.indicator, language=self.language), geography)
                if part
            ),
            "values": ", ".join(
                f"{shown(value)}{self._marks(flag)} ({period})" for period, value, flag in steps
            ),
            "change": shown(course.change, sign=True),
            "mean": shown(course.mean_change, sign=True),
            "uncertain": self.text["sheet_unsure_change"] if course.certain is False else "",
            "spark": sparkline(course.values, curve) if len(course.values) > 2 else "",
        }

    @staticmethod
    def _marks(flag: str) -> str:
        """Return the symbols of a flag such as "modelled, preliminary"."""
        known = words()["flags"]
        return "".join(known.get(p, known["other"])[2] for p in flag.split(", ") if p)

    def _official(self, area: pd.Series) -> str:
        """Say which official type the area's RegSO has."""
        official = self.survey.official
        if official.empty or "regso_id" not in area:
            return ""
        rows = official[official["regso_id"] == area["regso_id"]]
        if len(rows) != 1 or pd.isna(rows["official_area_type"].iloc[0]):
            return ""
        row = rows.iloc[0]
        return self.text["sheet_official"].format(
            name=row["regso_name"], type=int(row["official_area_type"]), year=row["period"]
        )


def _level(fact: Fact) -> str:
    return {1: "higher", -1: "lower"}.get(fact.standing, "same")
