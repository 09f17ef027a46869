"""The fact sheet of each area: where it lies, its figures beside the municipality, and its trend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for, heading, term
from segkit.output import tables
from segkit.output.document.document import Document
from segkit.output.document.grid import Cell, Grid, Group, Head, Row
from segkit.output.document.parts import (
    Article,
    Beside,
    Definitions,
    Drawing,
    Heading,
    Link,
    Point,
    Points,
    Section,
    Shapes,
    Text,
)
from segkit.output.document.svg import anchors
from segkit.studies.survey.case import places
from segkit.studies.survey.facts import APART, FIELDS, Course, Courses, Fact, Subject, subjects
from segkit.studies.survey.locator import Locator, sparkline
from segkit.words.numbers import MISSING
from segkit.words.text import words

if TYPE_CHECKING:
    from segkit.output.document.parts import Part
    from segkit.studies.survey.case import Case

#: The keys of how an indicator stands, by its direction times where the area lies.
_SIDES = ("weaker", "stronger", "other", "alike")


def sheets(case: Case) -> Section:
    """Show how to read the sheets, an index of them by name, and the sheet of every area."""
    made = Sheets(case)
    names = case.survey.areas["name"].astype(str).tolist()
    index = tuple(Point(link=Link(names[i], f"#sheet-{made.anchors[i]}")) for i in made.order)
    return case.section(
        "sheets",
        [
            Text(case.say("sheets_intro")),
            Heading(case.say("sheets_read")),
            Points.of(made.notes),
            case.legend(),
            Heading(case.say("sheets_index")),
            Points(index, "index"),
            made.outline,
            *(made.article(i) for i in made.order),
        ],
        kind="sheets",
    )


class Sheets:
    """All fact sheets of a survey; what they share is worked out once."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.survey = case.survey
        self.subjects = subjects(self.survey)
        self.courses = Courses(self.survey)
        # On paper every map is drawn anew, so with less detail.
        self.locators = {coarse: Locator.of(self.survey, coarse=coarse) for coarse in (False, True)}
        self.anchors = anchors(self.survey.areas["area_id"])
        self.order = self._order()
        table = tables.area_table(self.survey, language=case.language)
        self.marked = table.reindex(self.survey.areas.index)

    def _order(self) -> list[int]:
        """Return the places of the areas by name, so that a reader finds theirs."""
        areas = self.survey.areas
        keys = zip(areas["name"].astype(str), areas["area_id"].astype(str), strict=True)
        alphabet = {"å": "z1", "ä": "z2", "ö": "z3"}
        folded = ["".join(alphabet.get(c, c) for c in name.casefold()) + "\0" + code for name, code in keys]
        return sorted(range(len(folded)), key=folded.__getitem__)

    @property
    def outline(self) -> Shapes | None:
        """The borders that the small maps of a page share; paper shares none."""
        locator = self.locators[False]
        return None if locator is None else Shapes(lambda paper: "" if paper else locator.symbol())

    @property
    def notes(self) -> list[str]:
        """The rules that all sheets follow, in plain sentences."""
        say = self.case.say
        weighted = all(s.weighted for s in self.subjects)
        notes = [say("sheet_note_mean" if weighted else "sheet_note_mean_plain")]
        if any(indicators.is_share(s.indicator) for s in self.subjects):
            notes.append(say("sheet_note_points"))
        if self.has_municipal:
            notes.append(say("sheet_note_municipal"))
        notes.append(say("sheet_note_apart", limit=self.case.number(APART, 1)))
        notes.append(say("sheet_note_place"))
        if any(f.place_first != f.place_last for s in self.subjects for f in s.facts if not f.missing):
            notes.append(say("sheet_note_interval"))
        return notes

    @property
    def has_municipal(self) -> bool:
        """Whether any indicator has an official figure of the municipality."""
        return any(subject.municipal == subject.municipal for subject in self.subjects)

    def document(self, place: int) -> Document:
        """Return the sheet of the area at a place of ``survey.areas`` as a page of its own."""
        case = self.case
        name = str(self.survey.areas["name"].iloc[place])
        municipality = self.survey.name
        title = case.say("sheet_title", name=name, municipality=municipality).strip(" –")
        reading = (Points.of(self.notes, "small"), case.legend())
        outline = self.outline
        return Document(
            title=title,
            sections=(
                *((outline,) if outline else ()),
                self.article(place, level=1),
                Section(case.say("sheets_read"), parts=reading, anchor="reading"),
            ),
            language=case.language,
            kind="single",
            closing=f"{case.source} {case.say('sheet_footer', version=case.version)}",
            version=case.version,
        )

    def article(self, place: int, *, level: int = 3) -> Article:
        """Return the sheet of an area: of a report, or alone on its page (level 1)."""
        case, area = self.case, self.survey.areas.iloc[place]
        name, anchor = str(area["name"]), self.anchors[place]
        alone = level == 1
        own = self.survey.language
        profile = 0 if pd.isna(area["profile"]) else int(area["profile"])
        title = case.profile_title(profile)
        lines = (self._where(area), *self._lines(area))
        remarks = str(area["flags"]) if "flags" in area and pd.notna(area["flags"]) else ""
        parts = (
            Beside(
                (
                    Text(title, language=own, color=case.colors.get(profile, "")),
                    *(Text(line) for line in lines if line),
                ),
                self._drawing(place, name),
            ),
            Heading(case.say("sheet_fields"), level=2 if alone else level + 1),
            Definitions(self._readings(place), "readings"),
            *self._figures(place, name),
            Heading(case.say("sheet_trend"), level=2 if alone else level + 1),
            self._trends(area, name, anchor),
            Text(self._official(area), small=True),
            Text(remarks, small=True, language=own),
        )
        back = None if alone else Link(case.say("sheet_back"), f"#area-{anchor}", name)
        return Article(
            name, parts, level, "sheet", "" if alone else f"sheet-{anchor}", str(area["area_id"]), back=back
        )

    def _drawing(self, place: int, name: str) -> Drawing | None:
        """Return the maps of where an area lies; None without boundaries."""
        if self.locators[False] is None:
            return None
        marked = {"name": name, "municipality": self.survey.name or self.case.say("sheet_all")}
        whole, near = (self.case.say(key, **marked) for key in ("sheet_whole", "sheet_near"))

        def draw(paper: bool) -> str:
            locator = self.locators[paper]
            if locator is None:
                return ""
            shared = not paper
            return locator.whole(place, whole, shared=shared) + locator.near(place, near, shared=shared)

        return Drawing(draw, self.case.say("sheet_map"), "locator")

    def _where(self, area: pd.Series) -> str:
        """Name the RegSO and the population."""
        parts = []
        if "regso_name" in area and pd.notna(area["regso_name"]):
            parts.append(self.case.say("sheet_regso", name=area["regso_name"]))
        if "population" in area and pd.notna(area["population"]):
            parts.append(self.case.say("sheet_people", n=self.case.number(area["population"])))
        return " ".join(parts)

    def _lines(self, area: pd.Series) -> list[str]:
        """Say what the index is, and how settled the profile."""
        case, lines = self.case, []
        every = self.survey.areas["index"]
        if pd.notna(area["index"]):
            value = case.number(area["index"], 2, sign=True)
            before = int((every < area["index"]).sum())
            lines.append(case.say("sheet_index", value=value, place=1 + before, n=int(every.notna().sum())))
        unsure = self.survey.borderline
        row = unsure[unsure["area_id"] == area["area_id"]] if "area_id" in unsure else unsure
        if len(row):
            share = case.number(100 * row["other_share"].iloc[0])
            lines.append(case.say("sheet_unsettled", share=share, other=row["other_profile"].iloc[0]))
        elif len(unsure):
            lines.append(case.say("sheet_settled"))
        return lines

    def _figures(self, place: int, name: str) -> list[Part]:
        """Return the figures of an area by field."""
        groups = []
        for field in FIELDS:
            rows = tuple(self._figure(s, place) for s in self.subjects if s.field == field)
            if rows:
                groups.append(Group(rows, self.case.say(f"field_{field}")))
        if not groups:
            return []
        columns = ["value", "mean", *(["municipal"] if self.has_municipal else []), "difference", "place"]
        heads = (
            Head(self.case.say("sheet_col_indicator")),
            *(Head(self.case.say(f"sheet_col_{column}"), numeric=True) for column in columns),
            Head(self.case.say("sheet_col_reading"), kind="reading"),
        )
        caption = self.case.say("sheet_caption", name=name)
        return [Grid(caption, heads, tuple(groups), f"figures-{self.anchors[place]}", "figures")]

    def _figure(self, subject: Subject, place: int) -> Row:
        """Return the figures of one indicator: own, mean, official, difference, place, reading."""
        case, fact, name = self.case, subject.facts[place], subject.indicator
        column = heading(name, language=case.language)
        own, official = (case.number(n, decimals_for(name)) for n in (fact.value, subject.municipal))
        unit = indicators.unit(name, language=case.language)
        reading = {1: "sheet_higher", -1: "sheet_lower"}.get(fact.standing, "sheet_same")
        mark = "" if fact.missing else {1: "▲", -1: "▼"}.get(fact.standing, "")
        return Row(
            indicators.label(name, language=case.language),
            (
                str(self.marked[column].iloc[place]) if column in self.marked else own,
                case.number(subject.mean, places(name)),
                *((official,) if self.has_municipal else ()),
                case.number(fact.difference, places(name), sign=True),
                self._place(fact, subject.n),
                Cell(MISSING if fact.missing else case.say(reading), mark),
            ),
            unit=", ".join(part for part in (unit, subject.period) if part),
        )

    def _place(self, fact: Fact, n: int) -> str:
        if fact.missing:
            return MISSING
        own = self.case.say("sheet_place", place=fact.place, n=n)
        if fact.place_first == fact.place_last:
            return own
        return own + " " + self.case.say("sheet_places", first=fact.place_first, last=fact.place_last)

    def _readings(self, place: int) -> tuple[tuple[str, str], ...]:
        """Name the fields in which the area stands clearly apart, and those in which it does not."""
        case = self.case
        catalogue = indicators.catalogue()["direction"]
        sides: dict[str, dict[str, list[str]]] = {side: {} for side in _SIDES}
        for subject in self.subjects:
            fact = subject.facts[place]
            if fact.missing:
                continue
            judged = int(catalogue.get(subject.indicator, 0)) * fact.standing
            side = {1: "stronger", -1: "weaker"}.get(judged, "other" if fact.standing else "alike")
            label = indicators.label(subject.indicator, language=case.language)
            label = label[0].lower() + label[1:]
            if side != "alike":
                label += " " + case.say("sheet_up" if fact.standing > 0 else "sheet_down")
            sides[side].setdefault(case.say(f"field_{subject.field}").lower(), []).append(label)
        return tuple(
            (
                case.say(f"sheet_side_{side}"),
                "; ".join(f"{field} ({case.listed(names)})" for field, names in fields.items())
                or case.say("sheet_none"),
            )
            for side, fields in sides.items()
            if fields or side in ("weaker", "stronger")
        )

    def _trends(self, area: pd.Series, name: str, anchor: str) -> Part:
        """Return the values of the periods, with the change beside that of the mean."""
        rows = tuple(self._trend(course) for course in self.courses.of(area))
        if not rows:
            return Text(self.case.say("sheet_trend_none"))
        heads = (
            *(Head(self.case.say(f"sheet_col_{column}")) for column in ("indicator", "values")),
            *(Head(self.case.say(f"sheet_col_{c}"), numeric=True) for c in ("change", "mean_change")),
        )
        caption = self.case.say("sheet_trend_caption", name=name)
        return Grid(caption, heads, (Group(rows),), f"course-{anchor}", "course")

    def _trend(self, course: Course) -> Row:
        case, name = self.case, course.indicator
        geography = (
            term("geographies", "regso", language=case.language) if course.geography == "regso" else ""
        )
        steps = zip(course.periods, course.values, course.flags, strict=True)
        label = indicators.label(name, language=case.language)
        unit = indicators.unit(name, language=case.language)
        values = ", ".join(
            f"{case.number(value, places(name))}{_marks(flag)} ({period})" for period, value, flag in steps
        )
        drawn = len(course.values) > 2
        spark = sparkline(course.values, case.say("sheet_curve", label=label)) if drawn else ""
        unsure = case.say("sheet_unsure_change") if course.certain is False else ""
        return Row(
            label,
            (
                Cell(values, svg=spark),
                Cell(case.number(course.change, places(name), sign=True), after=unsure),
                case.number(course.mean_change, places(name), sign=True),
            ),
            unit=", ".join(part for part in (unit, geography) if part),
        )

    def _official(self, area: pd.Series) -> str:
        """Say which official type the area's RegSO has."""
        official = self.survey.official
        if official.empty or "regso_id" not in area:
            return ""
        rows = official[official["regso_id"] == area["regso_id"]]
        if len(rows) != 1 or pd.isna(rows["official_area_type"].iloc[0]):
            return ""
        row = rows.iloc[0]
        kind = int(row["official_area_type"])
        return self.case.say("sheet_official", name=row["regso_name"], type=kind, year=row["period"])


def _marks(flag: str) -> str:
    """Return the symbols of a flag such as "modelled, preliminary"."""
    known = words()["flags"]
    return "".join(known.get(p, known["other"])[2] for p in flag.split(", ") if p)
