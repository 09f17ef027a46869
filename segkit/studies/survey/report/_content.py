"""What the report says, section by section: plain data for the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.catalogue.labels import heading
from segkit.output import tables
from segkit.output.document.grid import Grid, Group, Head, Row, grid, heads
from segkit.output.document.svg import anchors
from segkit.studies.survey.report import _evidence, _figures, _method
from segkit.studies.survey.report._findings import summary
from segkit.studies.survey.report._sheets import Sheets
from segkit.words.numbers import MISSING, format_number
from segkit.words.text import listed
from segkit.words.text import report_texts as texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language
    from segkit.studies.survey.result import Survey

#: The sections in their order; each is an anchor and the key of its title.
SECTIONS = (
    "summary",
    "map",
    "profiles",
    "areas",
    "trends",
    "changes",
    "dispersal",
    "claims",
    "official",
    "method",
    "sources",
    "limitations",
    "repeat",
    "sheets",
)


def shared_content(survey: Survey, language: Language) -> dict[str, Any]:
    """Return what the report shows both on the screen and on paper, figures included."""
    text = texts(language)
    return {
        **frame(survey, text, language),
        "title": text["title"].format(name=survey.name) if survey.name else text["title_unnamed"],
        "n_areas": len(survey.areas),
        "years": years(survey.periods, survey.trends),
        "sections": SECTIONS,
        "colors": _figures.colors(survey),
        "summary": summary(survey, text, language),
        "map": _map(survey, text, language),
        "profiles": _profiles(survey, text, language),
        "areas": _areas(survey, text, language),
        "trends": _evidence.trends(survey, text, language),
        "growth": _evidence.growth(survey, text, language),
        "changes": _evidence.changes(survey, text, language),
        # Join counts may come from two measures.
        "dispersal": _evidence.plain(
            survey.dispersal.drop_duplicates(),
            text["dispersal_caption"],
            language,
            drop=("period", "n_missing"),
        ),
        "claims": _evidence.claims(survey, text, language),
        "official": _evidence.official(survey, text, language),
        "method": _method.method(survey, text, language),
        "sources": _method.sources(survey, text, language),
        "notes": survey.notes,
        "repeat": _method.repeat(survey, text),
    }


def content(
    shared: Mapping[str, Any], survey: Survey, map_html: str | None, *, paper: bool
) -> dict[str, Any]:
    """Return everything that the template shows; on paper links to other files are left out."""
    sheets = Sheets(survey, shared["text"], shared["language"], shared=not paper)
    return {
        **shared,
        "paper": paper,
        "map_html": map_html,
        "sheets": sheets.every(),
        "sheet_notes": sheets.notes,
        "sheet_municipal": sheets.has_municipal,
        "outline": sheets.locator.symbol() if sheets.locator and not paper else "",
    }


def frame(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any]:
    """Return what report and fact sheets share."""
    return {
        "text": text,
        "language": language,
        "own_language": survey.language,
        "missing": MISSING,
        "marks": tables.flag_marks(survey, language=language),
        "version": _method.version(survey),
    }


def sheet_content(sheets: Sheets, place: int) -> dict[str, Any]:
    """Return everything that the page of one fact sheet shows."""
    survey, text, language = sheets.survey, sheets.text, sheets.language
    own = sheets.sheet(place)
    return {
        **frame(survey, text, language),
        "title": text["sheet_title"].format(name=own.name, municipality=survey.name).strip(" –"),
        "sheet": own,
        "sheet_notes": sheets.notes,
        "sheet_municipal": sheets.has_municipal,
        "outline": sheets.locator.symbol() if sheets.locator and sheets.shared else "",
        "source": _source_line(survey, text),
        "notes": survey.notes,
    }


def years(*sources: pd.DataFrame) -> str:
    """Return the first and last year that figures are from."""
    found: set[int] = set()
    for table in sources:
        if "period" in table:
            found |= {int(p) for p in table["period"].astype(str) if p.isdigit() and int(p) > 0}
    if not found:
        return MISSING
    return str(min(found)) if len(found) == 1 else f"{min(found)}–{max(found)}"


def _map(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any] | None:
    if not _figures.has_boundaries(survey):
        return None
    source = _source_line(survey, text)
    flags = [survey.areas[f"{i}_flag"] for i in survey.indicators if f"{i}_flag" in survey.areas]
    modelled = [flag.fillna("").astype(str).str.contains("modelled|partly") for flag in flags]
    n = int(pd.concat(modelled, axis=1).any(axis=1).sum()) if modelled else 0
    return {
        "svg": _figures.profile_map(survey, text, source, language),
        "modelled": text["map_modelled"].format(n=n, total=len(survey.areas)) if n else "",
    }


def _source_line(survey: Survey, text: Mapping[str, str]) -> str:
    """Name the sources and the years of the indicators of the profiles."""
    named = survey.sources["source"].astype(str) if "source" in survey.sources else pd.Series(dtype=str)
    sources = listed([s for s in dict.fromkeys(named) if s], text)
    used = survey.periods
    used = used[used["indicator"].isin(survey.indicators)] if "indicator" in used else used
    key = "map_source" if sources else "map_source_none"
    return text[key].format(sources=sources, periods=years(used))


def _profiles(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any]:
    shades = _figures.colors(survey)
    own = [shades[int(p)] for p in survey.profiles["profile"]]
    portraits = []
    for _, row in survey.profiles.iterrows():
        label = str(row["label"]) if "label" in row else str(int(row["profile"]))
        typical = str(row["typical_area"]) if "typical_area" in row else ""
        portraits.append(
            {
                "number": int(row["profile"]),
                "color": shades[int(row["profile"])],
                "title": text["profile_name"].format(label=label),
                "description": str(row["description"]) if "description" in row else "",
                "size": _size(row, text, language),
                "typical": text["profile_typical"].format(area=typical) if typical else "",
            }
        )
    table = tables.profile_table(survey, language=language)
    # The portraits name it.
    table = table.drop(columns=heading("typical_area", language=language), errors="ignore")
    return {
        "grid": grid(table, text["profiles_caption"], colors=own),
        "portraits": portraits,
        "borderline": _borderline(survey, text, language),
        "svg": _figures.profile_dots(survey, text, language),
    }


def _borderline(survey: Survey, text: Mapping[str, str], language: Language) -> str:
    """Name the areas on the border between two profiles."""
    table = survey.borderline
    if table.empty:
        return ""
    parts = [
        text["borderline_area"].format(
            area=row["name"] if "name" in row else row["area_id"],
            profile=row["profile"],
            other=row["other_profile"],
            share=format_number(100 * row["other_share"], 0, language=language),
        )
        for row in table.to_dict("records")
    ]
    return text["borderline"].format(areas=listed(parts, text), n=survey.parameters.get("n_refits", ""))


def _size(row: pd.Series, text: Mapping[str, str], language: Language) -> str:
    """Say how many areas and residents a profile has."""
    people = row.get("population")
    if people is None or pd.isna(people):
        return text["profile_size"].format(n=row["n_areas"])
    shown = format_number(people, 0, language=language)
    share = format_number(row["population_share"], 1, language=language)
    return text["profile_size_people"].format(n=row["n_areas"], people=shown, share=share)


def _areas(survey: Survey, text: Mapping[str, str], language: Language) -> Grid:
    """Return the areas by profile; name and code in the first cell."""
    table = tables.area_table(survey, language=language)
    ordered = survey.areas.loc[table.index]
    skipped = [heading(c, language=language) for c in ("name", "area_id", "profile")]
    shown = table.drop(columns=skipped, errors="ignore")
    first, *others = heads(pd.concat([table.iloc[:, :1], shown], axis=1))
    safe = anchors(survey)
    rows: dict[int, list[Row]] = {}
    for (index, area), cells in zip(
        ordered.iterrows(), shown.itertuples(index=False, name=None), strict=True
    ):
        profile = 0 if pd.isna(ordered.loc[index, "profile"]) else int(ordered.loc[index, "profile"])
        code = str(area["area_id"])
        anchor = safe[survey.areas.index.get_loc(index)]
        row = Row(
            str(area["name"]),
            tuple(map(str, cells)),
            anchor=f"area-{anchor}",
            code=code,
            link=f"sheet-{anchor}",
        )
        rows.setdefault(profile, []).append(row)
    shades = _figures.colors(survey)
    groups = tuple(
        Group(
            tuple(part),
            _figures.profile_title(survey, profile, text),
            f"profile-{profile}",
            shades.get(profile, ""),
        )
        for profile, part in rows.items()
    )
    return Grid(text["areas_caption"], (Head(text["areas_head"], "", first.numeric), *others), groups)
