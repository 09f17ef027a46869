"""The figures of the report: map, profiles side by side, measures over the periods."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pandas as pd

from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for, heading, term
from segkit.drawing import charts, palettes
from segkit.drawing.glyphs import drawable
from segkit.output.document.svg import inline
from segkit.output.tables import trend_rows
from segkit.words.numbers import format_number, numbers_or_nan
from segkit.words.text import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from segkit.base.checks import Language
    from segkit.studies.survey.result import Survey

#: Panels of a trend figure side by side.
_ABREAST = 3


def colors(survey: Survey) -> dict[int, str]:
    """Return the color of each profile, the same as on the map."""
    known = [int(p) for p in survey.profiles["profile"]] if "profile" in survey.profiles else []
    found = known or [int(p) for p in survey.areas["profile"].dropna().unique()]
    if not found:
        return {}
    return dict(enumerate(palettes.sequential(max(found)), start=1))


def profile_title(survey: Survey, profile: int, text: Mapping[str, str]) -> str:
    """Return the name of a profile; 0 is none."""
    if profile == 0:
        return text["no_profile"]
    match = survey.profiles[survey.profiles["profile"] == profile]
    named = "label" in match and len(match) > 0
    return text["profile_name"].format(label=match["label"].iloc[0] if named else profile)


def has_boundaries(survey: Survey) -> bool:
    """Tell whether every area has a boundary, so that a map can be drawn."""
    areas = survey.areas
    if "geometry" not in areas or areas.crs is None:
        return False
    return bool((areas.geometry.notna() & ~areas.geometry.is_empty).all())


def profile_map(survey: Survey, text: Mapping[str, str], source: str, language: Language) -> str:
    """Return the map of profiles as SVG."""
    from segkit.drawing import maps
    from segkit.studies.survey import pictures

    axes = maps.profile_map(
        survey.areas.assign(name=survey.areas["name"].astype(str).map(drawable)),
        flagged=pictures.modelled(survey.areas, survey.indicators),
        highlight=pictures.named_areas(survey),
        language=language,
        source=source,
        ax=maps.new_axes(),
    )
    figure = cast("Figure", axes.get_figure(root=True))
    counts = survey.areas["profile"].value_counts().sort_index()
    parts = [text["map_alt_part"].format(profile=int(p), n=n) for p, n in counts.items()]
    return inline(figure, "profile-map", text["map_alt"].format(n=len(survey.areas), parts="; ".join(parts)))


def profile_dots(survey: Survey, text: Mapping[str, str], language: Language) -> str:
    """Return the means of the profiles as SVG, empty when there is nothing to draw."""
    columns = [i for i in survey.indicators if i in survey.profiles]
    if survey.profiles.empty or not columns:
        return ""
    figure = _figure(1.0 + 1.75 * len(columns), 0.75 + 0.26 * len(survey.profiles))
    charts.indicator_dots(survey.profiles, columns, language=language, figure=figure)
    parts = []
    for column in columns:
        values = [v for v in numbers_or_nan(survey.profiles[column]) if v == v]  # noqa: PLR0124 - not NaN
        if values:
            places = max(decimals_for(column), int(indicators.is_share(column)))
            low, high = (format_number(v, places, language=language) for v in (min(values), max(values)))
            label = indicators.label(column, language=language)
            unit = indicators.unit(column, language=language)
            parts.append(text["profiles_alt_part"].format(label=label, low=low, high=high, unit=unit).strip())
    return inline(figure, "profile-dots", text["profiles_alt"].format(parts="; ".join(parts)))


def trend_panels(
    survey: Survey, geography: str, indicator: str, name: str, text: Mapping[str, str], language: Language
) -> str:
    """Return one small chart per measure as SVG, empty with fewer than two periods."""
    rows = trend_rows(survey.trends, geography=geography, indicator=indicator)
    rows = rows[[str(p).isdigit() for p in rows["period"]]]
    rows = rows.assign(period=pd.to_numeric(rows["period"]))
    parts = [c for c in ("measure", "region", "group") if c in rows]
    shown = [
        (str(key[0]), part)
        for key, part in rows.groupby(parts, sort=False)
        if part["value"].notna().sum() > 1 and part["period"].is_unique
    ]
    if not shown:
        return ""
    across = min(_ABREAST, len(shown))
    down = -(-len(shown) // across)
    figure = _figure(2.75 * across, 1.75 * down)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for panel, (measure, part) in zip(panels, shown, strict=False):
        charts.trend(part, measure=measure, language=language, indicator=indicator, ax=panel)
    for panel in panels[len(shown) :]:
        panel.remove()
    years = sorted({str(p) for p in rows["period"]})
    measures = listed([term("measures", measure, language=language) for measure, _ in shown], text)
    described = text["trends_alt"].format(measures=measures, years=listed(years, text))
    return inline(figure, name, described)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def indicator_name(indicator: str, language: Language) -> str:
    """Return the label of an indicator with its unit; the word for indicator when there is none."""
    if not indicator:
        return heading("indicator", language=language)
    unit = indicators.unit(indicator, language=language)
    return indicators.label(indicator, language=language, unit=bool(unit))
