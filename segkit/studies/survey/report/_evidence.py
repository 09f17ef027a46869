"""What was tested: measures over the periods, changes, location and statements, as tables and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.catalogue.labels import heading, term
from segkit.output import tables
from segkit.output.document.grid import Grid, grid
from segkit.studies.survey.report import _figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language
    from segkit.studies.survey.result import Survey

#: From so many changes on, at least one is expected to miss zero by chance.
MANY = 20


def plain(
    table: pd.DataFrame, caption: str, language: Language, *, drop: tuple[str, ...] = ()
) -> Grid | None:
    """Return any table as a grid, None when it is empty."""
    if table.empty:
        return None
    first = [c for c in ("geography", "indicator", "measure") if c in table]
    ordered = table[[*first, *[c for c in table.columns if c not in first]]]
    # Presented before columns go: the decimals of a figure follow from its measure and indicator.
    shown = tables.present(ordered, language=language)
    return grid(shown.drop(columns=[heading(c, language=language) for c in drop], errors="ignore"), caption)


def growth(survey: Survey, text: Mapping[str, str], language: Language) -> Grid | None:
    """Return growth by fifths; what all rows share stands in the caption."""
    table = survey.growth
    if table.empty:
        return None
    drop = tuple(c for c in ("geography", "indicator", "period") if c in table and len(set(table[c])) == 1)
    shared = tables.present(table[list(drop)].head(1), language=language) if drop else pd.DataFrame()
    caption = ", ".join([text["growth_caption"], *shared.to_numpy().ravel().tolist()])
    return plain(table, caption, language, drop=(*drop, "n_missing"))


def trends(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any]:
    """Return the series by geography, each with its table, figure and remarks."""
    by_geography: dict[str, list[dict[str, Any]]] = {}
    pairs = _pairs(survey.trends)
    for place, (geography, indicator) in enumerate(pairs):
        title = _figures.indicator_name(indicator, language)
        named = term("geographies", geography, language=language)
        words = {"indicator": title, "geography": named}
        rows = tables.trend_rows(survey.trends, geography=geography, indicator=indicator)
        notes = rows["note"].dropna().astype(str) if "note" in rows else pd.Series(dtype=str)
        table = tables.trend_table(survey, language=language, geography=geography, indicator=indicator)
        item = {
            "title": title,
            "grid": grid(table, text["trends_caption"].format(**words)),
            "svg": _figures.trend_panels(survey, geography, indicator, f"trend-{place}", text, language),
            "caption": text["trends_figure"].format(**words),
            "notes": [note for note in dict.fromkeys(notes) if note],
        }
        by_geography.setdefault(named, []).append(item)
    n_periods = survey.trends["period"].nunique() if "period" in survey.trends else 0
    return {"by_geography": by_geography, "one_period": n_periods == 1}


def _pairs(trends: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of geography and indicator in their order; a missing column as ""."""
    blank = pd.Series("", index=trends.index)
    geography, indicator = (trends.get(c, blank).astype(str) for c in ("geography", "indicator"))
    return list(dict.fromkeys(zip(geography, indicator, strict=True)))


def changes(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any] | None:
    if survey.changes.empty:
        return None
    by_geography: dict[str, list[str]] = {}
    certain = survey.changes[(survey.changes["ci_low"] > 0) | (survey.changes["ci_high"] < 0)]
    for geography, part in certain.groupby("geography", sort=False):
        named = term("geographies", str(geography), language=language)
        by_geography[named] = [str(s) for s in part["sentence"]] if "sentence" in part else []
    n = len(survey.changes)
    key = "changes_many" if n >= MANY else "changes_few"
    return {
        "by_geography": by_geography,
        "many": text[key].format(n=n, k=round(0.05 * n)),
        "grid": plain(
            survey.changes,
            text["changes_caption"],
            language,
            drop=("sentence", "note", "se", "group", "n_missing"),
        ),
    }


def claims(survey: Survey, text: Mapping[str, str], language: Language) -> Grid | None:
    if survey.claims.empty:
        return None
    table = tables.claims_table(survey, language=language)
    first = [heading(c, language=language) for c in ("statement", "verdict", "reason")]
    order = [c for c in first if c in table] + [c for c in table.columns if c not in first]
    return grid(table[order], text["claims_caption"])


def official(survey: Survey, text: Mapping[str, str], language: Language) -> Grid | None:
    if survey.official.empty:
        return None
    table = survey.official
    caption = text["official_caption"]
    if "period" in table and len(set(table["period"])) == 1:
        caption = text["official_caption_year"].format(year=table["period"].iloc[0])
        table = table.drop(columns="period")
    first = [c for c in ("regso_name", "name", "regso_id", "area_id") if c in table]
    table = table[[*first, *[c for c in table.columns if c not in first]]]
    return grid(tables.present(table, language=language), caption)
