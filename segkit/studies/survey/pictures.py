"""The maps of a survey, with its flags, labels and sources: for its files and for its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue import indicators
from segkit.drawing import maps, webmap
from segkit.words.text import say

if TYPE_CHECKING:
    import folium
    from matplotlib.axes import Axes

    from segkit.studies.survey.result import Survey


def profile_map(survey: Survey, ax: Axes | None = None) -> Axes:
    """Draw the profile map; areas that rest on a modelled value are hatched.

    Examples
    --------
    >>> from segkit import maps, survey
    >>> ax = profile_map(survey.run("motala", n_bootstrap=99), maps.new_axes())
    >>> len(ax.get_legend().get_texts()) >= 6
    True
    """
    return maps.profile_map(
        survey.areas,
        flagged=modelled(survey.areas, survey.indicators),
        highlight=named_areas(survey),
        language=survey.language,
        source=source_line(survey, survey.indicators),
        ax=ax,
    )


def indicator_map(survey: Survey, indicator: str, ax: Axes | None = None) -> Axes:
    """Draw the map of one indicator in five classes of about equal numbers of areas."""
    return maps.choropleth(
        survey.areas,
        indicator,
        flagged=modelled(survey.areas, [indicator]),
        highlight=named_areas(survey),
        language=survey.language,
        source=source_line(survey, [indicator]),
        ax=ax,
    )


def web_map(survey: Survey) -> folium.Map:
    """Build the interactive map: profiles first, then the index and each indicator."""
    shown = [*survey.indicators, *_beside(survey)]
    flags = {c: f"{c}_flag" for c in shown if f"{c}_flag" in survey.areas}
    marks = modelled(survey.areas, survey.indicators).map(
        {True: say("survey.texts", "rests_partly", survey.language), False: ""}
    )
    index = "index" if "index" in survey.areas else None
    of_profile = {"profile": "profile_flag"} | ({index: "profile_flag"} if index else {})
    return webmap.build(
        survey.areas.assign(profile_flag=marks),
        history=None if survey.history.empty else survey.history,
        index=index,
        indicators=shown,
        labels={c: (_label(survey, c), _unit(survey, c)) for c in shown},
        flags={**flags, **of_profile},
        language=survey.language,
        title=_title(survey),
        source=source_line(survey, shown),
    )


def modelled(areas: pd.DataFrame, columns: tuple[str, ...] | list[str]) -> pd.Series:
    """Tell which areas rest on a modelled or partly modelled value in any of the columns.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"turnout_flag": ["observed", "modelled, preliminary", ""]})
    >>> modelled(table, ["turnout"]).tolist()
    [False, True, False]
    """
    found = pd.Series(False, index=areas.index)
    for column in columns:
        flag = f"{column}_flag"
        if flag in areas:
            found |= areas[flag].fillna("").str.contains("modelled|partly")
    return found


def named_areas(survey: Survey) -> list[str]:
    """Return the areas named on maps: those of the weakest profiles, and the typical one of each other."""
    areas = survey.areas
    weak = areas["profile"] <= int(survey.parameters.get("n_weak_profiles", 1))
    typical = (
        areas["name"].isin(survey.profiles["typical_area"]) if "typical_area" in survey.profiles else weak
    )
    return [str(code) for code in areas.loc[weak | typical, "area_id"]]


def source_line(survey: Survey, columns: tuple[str, ...] | list[str]) -> str:
    """Name the sources of the columns with their periods."""
    early = say("survey.texts", "preliminary", survey.language)
    rows = survey.sources[survey.sources["indicator"].isin(columns)]
    parts = []
    for source, part in rows.groupby("source", sort=False):
        years = sorted({year for cell in part["period"] for year in cell.split(", ") if year})
        span = " " + "–".join(dict.fromkeys([years[0], years[-1]])) if years else ""
        flags = [survey.areas[f"{c}_flag"] for c in part["indicator"] if f"{c}_flag" in survey.areas]
        unsure = any(flag.fillna("").str.contains("preliminary").any() for flag in flags)
        parts.append(f"{source}{span}" + (f" ({early})" if unsure else ""))
    return say("survey.texts", "source_line", survey.language, sources=", ".join(parts))


def _beside(survey: Survey) -> list[str]:
    """Return the indicators shown beside those of the profiles."""
    named = survey.sources["indicator"].tolist()
    return [c for c in named if c in survey.areas and c not in survey.indicators and c != "population"]


def _label(survey: Survey, column: str) -> str:
    return indicators.label(column, language=survey.language)


def _unit(survey: Survey, column: str) -> str:
    return indicators.unit(column, language=survey.language)


def _title(survey: Survey) -> str:
    words = say("survey.texts", "map_title", survey.language)
    return f"{words}: {survey.name}" if survey.name else words
