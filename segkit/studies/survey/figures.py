"""The figures of the report: map, profiles side by side, measures over the periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue import indicators
from segkit.catalogue.labels import term
from segkit.drawing import charts
from segkit.drawing.glyphs import drawable
from segkit.output.document.parts import Picture
from segkit.studies.survey.case import places
from segkit.words.numbers import numbers_or_nan

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from segkit.studies.survey.case import Case
    from segkit.studies.survey.result import Survey

#: Panels of a trend figure side by side.
_ABREAST = 3


def has_boundaries(survey: Survey) -> bool:
    """Tell whether every area has a boundary, so that a map can be drawn."""
    areas = survey.areas
    if "geometry" not in areas or areas.crs is None:
        return False
    return bool((areas.geometry.notna() & ~areas.geometry.is_empty).all())


def profile_map(case: Case, caption: str) -> Picture:
    """Return the map of profiles."""
    from segkit.drawing import maps
    from segkit.studies.survey import pictures

    survey = case.survey
    axes = maps.profile_map(
        survey.areas.assign(name=survey.areas["name"].astype(str).map(drawable)),
        flagged=pictures.modelled(survey.areas, survey.indicators),
        highlight=pictures.named_areas(survey),
        language=case.language,
        source=case.source,
        ax=maps.new_axes(),
    )
    counts = survey.areas["profile"].value_counts().sort_index()
    parts = [case.say("map_alt_part", profile=int(p), n=n) for p, n in counts.items()]
    described = case.say("map_alt", n=len(survey.areas), parts="; ".join(parts))
    return Picture(axes, described, caption, wide=True, name="profile-map")


def profile_dots(case: Case) -> Picture | None:
    """Return the means of the profiles; None when there is nothing to draw."""
    survey, language = case.survey, case.language
    columns = [i for i in survey.indicators if i in survey.profiles]
    if survey.profiles.empty or not columns:
        return None
    figure = _figure(1.0 + 1.75 * len(columns), 0.75 + 0.26 * len(survey.profiles))
    charts.indicator_dots(survey.profiles, columns, language=language, figure=figure)
    parts = []
    for column in columns:
        values = [v for v in numbers_or_nan(survey.profiles[column]) if v == v]  # noqa: PLR0124 - not NaN
        if values:
            low, high = (case.number(v, places(column)) for v in (min(values), max(values)))
            label = indicators.label(column, language=language)
            unit = indicators.unit(column, language=language)
            parts.append(case.say("profiles_alt_part", label=label, low=low, high=high, unit=unit).strip())
    described = case.say("profiles_alt", parts="; ".join(parts))
    return Picture(figure, described, case.say("profiles_figure"), name="profile-dots")


def trend_panels(case: Case, rows: pd.DataFrame, indicator: str, name: str, caption: str) -> Picture | None:
    """Return one small chart per measure; None with fewer than two periods."""
    rows = rows[[str(p).isdigit() for p in rows["period"]]]
    rows = rows.assign(period=pd.to_numeric(rows["period"]))
    parts = [c for c in ("measure", "region", "group") if c in rows]
    shown = [
        (str(key[0]), part)
        for key, part in rows.groupby(parts, sort=False)
        if part["value"].notna().sum() > 1 and part["period"].is_unique
    ]
    if not shown:
        return None
    across = min(_ABREAST, len(shown))
    down = -(-len(shown) // across)
    figure = _figure(2.75 * across, 1.75 * down)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for panel, (measure, part) in zip(panels, shown, strict=False):
        charts.trend(part, measure=measure, language=case.language, indicator=indicator, ax=panel)
    for panel in panels[len(shown) :]:
        panel.remove()
    years = case.listed(sorted({str(p) for p in rows["period"]}))
    measures = case.listed(term("measures", measure, language=case.language) for measure, _ in shown)
    return Picture(figure, case.say("trends_alt", measures=measures, years=years), caption, name=name)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
