"""What was tested: measures over the periods, changes, location and statements, as tables and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue.labels import heading, term
from segkit.output import tables
from segkit.output.document.grid import Grid, grid
from segkit.output.document.parts import Heading, Points, Text
from segkit.studies.survey import figures
from segkit.studies.survey.sections_summary import MANY

if TYPE_CHECKING:
    from segkit.output.document.parts import Part, Section
    from segkit.studies.survey.case import Case


def trends(case: Case) -> Section:
    """Show the measures per period by geography and indicator, and growth by fifths."""
    survey = case.survey
    if survey.trends.empty:
        return case.section("trends", [Text(case.say("trends_none")), *_growth(case)])
    one = "period" in survey.trends and len(set(survey.trends["period"])) == 1
    intro = case.say("trends_intro") + (" " + case.say("trends_one") if one else "")
    parts: list[Part | None] = [Text(intro)]
    by_geography: dict[str, list[tuple[str, str, int]]] = {}
    for place, (geography, indicator) in enumerate(_pairs(survey.trends)):
        named = term("geographies", geography, language=case.language)
        by_geography.setdefault(named, []).append((geography, indicator, place))
    for outer, (named, series) in enumerate(by_geography.items(), start=1):
        parts.append(Heading(named or case.say("trends")))
        for inner, (geography, indicator, place) in enumerate(series, start=1):
            parts += _series(case, geography, indicator, named, (f"table-trends-{outer}-{inner}", place))
    return case.section("trends", [*parts, *_growth(case)])


def _series(
    case: Case, geography: str, indicator: str, named: str, names: tuple[str, int]
) -> list[Part | None]:
    """Return one series: its table, its figure and the remarks on it."""
    survey = case.survey
    title = case.indicator(indicator)
    told = {"indicator": title, "geography": named}
    rows = tables.trend_rows(survey.trends, geography=geography, indicator=indicator)
    notes = rows["note"].dropna().astype(str).tolist() if "note" in rows else []
    table = tables.trend_table(survey, language=case.language, geography=geography, indicator=indicator)
    caption = case.say("trends_figure", **told)
    name, place = names
    return [
        Heading(title, 4),
        grid(table, case.say("trends_caption", **told), name=name, kind="quiet"),
        figures.trend_panels(case, rows, indicator, f"trend-{place}", caption),
        *(Text(note, small=True, language=survey.language) for note in dict.fromkeys(notes) if note),
    ]


def _pairs(trends: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of geography and indicator in their order; a missing column as ""."""
    blank = pd.Series("", index=trends.index)
    geography, indicator = (trends.get(c, blank).astype(str) for c in ("geography", "indicator"))
    return list(dict.fromkeys(zip(geography, indicator, strict=True)))


def _growth(case: Case) -> list[Part | None]:
    """Return growth by fifths; what all rows share stands in the caption."""
    table = case.survey.growth
    if table.empty:
        return []
    drop = tuple(c for c in ("geography", "indicator", "period") if c in table and len(set(table[c])) == 1)
    shared = tables.present(table[list(drop)].head(1), language=case.language) if drop else pd.DataFrame()
    caption = ", ".join([case.say("growth_caption"), *shared.to_numpy().ravel().tolist()])
    return [
        Heading(case.say("growth")),
        Text(case.say("growth_intro")),
        _plain(case, table, caption, "table-growth", drop=(*drop, "n_missing")),
    ]


def _plain(case: Case, table: pd.DataFrame, caption: str, name: str, *, drop: tuple[str, ...]) -> Grid:
    """Return any table with what it is about first."""
    language = case.language
    first = [c for c in ("geography", "indicator", "measure") if c in table]
    ordered = table[[*first, *[c for c in table.columns if c not in first]]]
    # Presented before columns go: the decimals of a figure follow from its measure and indicator.
    shown = tables.present(ordered, language=language)
    left = shown.drop(columns=[heading(c, language=language) for c in drop], errors="ignore")
    return grid(left, caption, name=name)


def changes(case: Case) -> Section:
    """Show the paired changes, those whose interval misses zero as sentences."""
    table = case.survey.changes
    if table.empty:
        return case.section("changes", [Text(case.say("changes_none"))], wide=True)
    n = len(table)
    many = case.say("changes_many" if n >= MANY else "changes_few", n=n, k=round(0.05 * n))
    parts: list[Part | None] = [Text(f"{case.say('changes_intro')} {many} {case.say('changes_shown')}")]
    certain = table[(table["ci_low"] > 0) | (table["ci_high"] < 0)]
    if certain.empty:
        parts.append(Text(case.say("changes_uncertain")))
    for geography, part in certain.groupby("geography", sort=False):
        named = term("geographies", str(geography), language=case.language)
        said = [str(s) for s in part["sentence"]] if "sentence" in part else []
        parts += [Heading(named or case.say("changes")), Points.of(said, language=case.survey.language)]
    dropped = ("sentence", "note", "se", "group", "n_missing")
    parts.append(_plain(case, table, case.say("changes_caption"), "table-changes", drop=dropped))
    return case.section("changes", parts, wide=True)


def dispersal(case: Case) -> Section:
    """Say whether neighbors are alike, and where the weakest profiles lie."""
    table = case.survey.dispersal
    if table.empty:
        return case.section("dispersal", [Text(case.say("dispersal_none"))], wide=True)
    caption = case.say("dispersal_caption")
    # Join counts may come from two measures.
    shown = _plain(case, table.drop_duplicates(), caption, "table-dispersal", drop=("period", "n_missing"))
    return case.section("dispersal", [Text(case.say("dispersal_intro")), shown], wide=True)


def claims(case: Case) -> Section:
    """Show the statements tested, each with its verdict and the reason."""
    survey, language = case.survey, case.language
    if survey.claims.empty:
        return case.section("claims", [Text(case.say("claims_none"))], wide=True)
    table = tables.claims_table(survey, language=language)
    first = [heading(c, language=language) for c in ("statement", "verdict", "reason")]
    order = [c for c in first if c in table] + [c for c in table.columns if c not in first]
    shown = grid(table[order], case.say("claims_caption"), name="table-claims", kind="claims")
    return case.section("claims", [Text(case.say("claims_intro")), shown], wide=True)


def official(case: Case) -> Section:
    """Set SCB's area types beside the report's profiles."""
    table = case.survey.official
    if table.empty:
        return case.section("official", [Text(case.say("official_none"))])
    caption = case.say("official_caption")
    if "period" in table and len(set(table["period"])) == 1:
        caption = case.say("official_caption_year", year=table["period"].iloc[0])
        table = table.drop(columns="period")
    first = [c for c in ("regso_name", "name", "regso_id", "area_id") if c in table]
    table = table[[*first, *[c for c in table.columns if c not in first]]]
    shown = grid(tables.present(table, language=case.language), caption, name="table-official")
    return case.section("official", [Text(case.say("official_intro")), shown])
