"""The survey's report: one function a section; the order of the tuple is the order of the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue.labels import heading
from segkit.output import tables
from segkit.output.document.document import Document
from segkit.output.document.grid import Grid, Group, Head, Row, grid, heads
from segkit.output.document.parts import Article, Link, Text
from segkit.output.document.svg import anchors
from segkit.studies.survey import figures, pictures
from segkit.studies.survey.case import Case, years
from segkit.studies.survey.sections_evidence import changes, claims, dispersal, official, trends
from segkit.studies.survey.sections_method import limitations, method, repeat, sources
from segkit.studies.survey.sections_summary import summary
from segkit.studies.survey.sheets import sheets

if TYPE_CHECKING:
    from collections.abc import Callable

    from segkit.output.document.parts import Section


def document(case: Case) -> Document:
    """Return the report of a survey."""
    survey = case.survey
    named = "title" if survey.name else "title_unnamed"
    years_ = years(survey.periods, survey.trends)
    return Document(
        title=case.say(named, name=survey.name),
        sections=tuple(section(case) for section in SECTIONS),
        subtitle=case.say("subtitle", n=len(survey.areas), periods=years_),
        lede=case.say("lede"),
        language=case.language,
        about="" if case.language == survey.language else case.say("other_language"),
        closing=case.say("footer", version=case.version),
        closing_in="repeat",
        contents_after=1,
        version=case.version,
    )


def profile_map(case: Case) -> Section:
    """Show the profiles on the map, and lead to the interactive one."""
    file = case.map_file
    way: Text | None = None
    if file is not None:
        address = file if isinstance(file, str) else Path(file)
        name = Path(file).name
        way = Text(link=Link(case.say("map_link"), address), paper=case.say("map_file", name=name))
    survey = case.survey
    if not figures.has_boundaries(survey):
        return case.section("map", [Text(case.say("map_none")), way])
    n = int(pictures.modelled(survey.areas, survey.indicators).sum())
    caption = case.say("map_caption", k=len(case.colors))
    if n:
        caption += " " + case.say("map_modelled", n=n, total=len(survey.areas))
    return case.section("map", [figures.profile_map(case, caption), way])


def profiles(case: Case) -> Section:
    """Describe the profiles: their means, the areas between two of them, and a portrait of each."""
    survey, language = case.survey, case.language
    own = [case.colors[int(p)] for p in survey.profiles["profile"]]
    table = tables.profile_table(survey, language=language)
    # The portraits name it.
    table = table.drop(columns=heading("typical_area", language=language), errors="ignore")
    return case.section(
        "profiles",
        [
            Text(case.say("profiles_intro", k=len(case.colors))),
            grid(table, case.say("profiles_caption"), colors=own, name="table-profiles"),
            _borderline(case),
            figures.profile_dots(case),
            *(_portrait(case, row) for _, row in survey.profiles.iterrows()),
        ],
        kind="compact",
    )


def _portrait(case: Case, row: pd.Series) -> Article:
    """Tell of one profile: what it is like, how many live there, and its typical area."""
    number = int(row["profile"])
    title = case.say("profile_name", label=str(row["label"]) if "label" in row else str(number))
    said = _size(case, row)
    typical = str(row["typical_area"]) if "typical_area" in row else ""
    if typical:
        said += " " + case.say("profile_typical", area=typical)
    description = str(row["description"]) if "description" in row else ""
    own = case.survey.language
    return Article(
        title,
        (
            Text(description, language=own),
            Text(said, link=Link(case.say("profile_areas"), f"#profile-{number}", title)),
        ),
        kind="portrait",
        color=case.colors[number],
        language=own,
    )


def _size(case: Case, row: pd.Series) -> str:
    """Say how many areas and residents a profile has."""
    people = row.get("population")
    if people is None or pd.isna(people):
        return case.say("profile_size", n=row["n_areas"])
    share = case.number(row["population_share"], 1)
    return case.say("profile_size_people", n=row["n_areas"], people=case.number(people), share=share)


def _borderline(case: Case) -> Text | None:
    """Name the areas on the border between two profiles."""
    table = case.survey.borderline
    if table.empty:
        return None
    parts = [
        case.say(
            "borderline_area",
            area=row["name"] if "name" in row else row["area_id"],
            profile=row["profile"],
            other=row["other_profile"],
            share=case.number(100 * row["other_share"]),
        )
        for row in table.to_dict("records")
    ]
    n = case.survey.parameters.get("n_refits", "")
    return Text(case.say("borderline", areas=case.listed(parts), n=n))


def areas(case: Case) -> Section:
    """List the areas by profile, each with its figures and a link to its fact sheet."""
    return case.section("areas", [Text(case.say("areas_intro")), case.legend(), _areas(case)], wide=True)


def _areas(case: Case) -> Grid:
    """Return the areas by profile; name and code in the first cell."""
    survey, language = case.survey, case.language
    table = tables.area_table(survey, language=language)
    ordered = survey.areas.loc[table.index]
    skipped = [heading(c, language=language) for c in ("name", "area_id", "profile")]
    shown = table.drop(columns=skipped, errors="ignore")
    first, *others = heads(pd.concat([table.iloc[:, :1], shown], axis=1))
    safe = dict(zip(survey.areas.index, anchors(survey.areas["area_id"]), strict=True))
    rows: dict[int, list[Row]] = {}
    for (index, area), cells in zip(
        ordered.iterrows(), shown.itertuples(index=False, name=None), strict=True
    ):
        row = Row(
            str(area["name"]),
            tuple(map(str, cells)),
            anchor=f"area-{safe[index]}",
            code=str(area["area_id"]),
            link=f"sheet-{safe[index]}",
        )
        rows.setdefault(0 if pd.isna(area["profile"]) else int(area["profile"]), []).append(row)
    groups = tuple(
        Group(tuple(part), case.profile_title(profile), f"profile-{profile}", case.colors.get(profile, ""))
        for profile, part in rows.items()
    )
    head = Head(case.say("areas_head"), "", first.numeric)
    return Grid(case.say("areas_caption"), (head, *others), groups, "table-areas", "areas")


SECTIONS: tuple[Callable[[Case], Section], ...] = (
    summary,
    profile_map,
    profiles,
    areas,
    trends,
    changes,
    dispersal,
    claims,
    official,
    method,
    sources,
    limitations,
    repeat,
    sheets,
)
