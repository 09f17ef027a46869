"""The kinds of static maps: area profiles, classes of an indicator, a change around zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.catalogue import indicators
from segkit.drawing import palettes
from segkit.drawing.classes import (
    as_mask,
    check_areas,
    classify,
    classify_change,
    count_text,
    decimals_of,
    profile_codes,
    profile_texts,
    some_values,
    source_line,
    with_unit,
)
from segkit.drawing.maps._flags import read_flags, set_apart, suppressed_part, uncertain_class
from segkit.drawing.maps._legend import Plan
from segkit.drawing.maps._sheet import draw
from segkit.errors import InputError, UnknownNameError, message
from segkit.words.numbers import format_number
from segkit.words.text import say
from segkit.words.text import texts as texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes

    from segkit.base.checks import Floats, Language
    from segkit.drawing.classes import Codes, Mask, Scheme
    from segkit.drawing.maps._detail import Bounds
    from segkit.drawing.maps._flags import Flags


def profile_map(
    areas: gpd.GeoDataFrame,
    *,
    profile: str = "profile",
    labels: Mapping[int, str] | None = None,
    heading: str | None = None,
    flags: pd.Series | str | None = None,
    flagged: pd.Series | None = None,
    highlight: Sequence[str] | None = None,
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    inset: bool | Bounds = True,
    ax: Axes | None = None,
) -> Axes:
    """Map the socioeconomic profiles of areas, 1 (weakest conditions, darkest) to the strongest.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area: ``area_id, name, geometry`` and the profile; ``population`` for the legend.
    profile : str
        Column of whole numbers from 1; missing ones are drawn in grey.
    labels : mapping of int to str, optional
        What each profile is called; without it the number, with the meaning of the two ends.
    heading : str, optional
        Above the legend, where the classes are no profiles.
    flags : pandas.Series of str or str, optional
        Reservations in words, or the column that holds them; by default the column of the same name
        ending in ``_flag``, where there is one. "modelled", "partly observed", "interpolated",
        "preliminary" and others (several with commas between) get a pattern each, counted in the
        legend; "suppressed" values are not shown, but drawn crossed on white, apart from missing ones.
        Empty and "observed" are no reservation.
    flagged : pandas.Series of bool, optional
        Areas that rest on modelled values: as the flag "modelled".
    highlight : sequence of str, optional
        `area_id` of the areas to name; None names those of profile 1, an empty list none. A name that
        finds no free place is left out, never drawn over another.
    language : {"sv", "en"}
        Language of legend and default texts.
    title, source : str, optional
        Title, by default the finding, and source line, by default the period.
    inset : bool or tuple of float
        Whether a cluster of areas too small to read gets a detail of its own (only if there is one); or
        its bounds (left, bottom, right, top) in EPSG:3006.
    ax : matplotlib.axes.Axes, optional
        Where to draw; such as `new_axes` for a report, a slide or an A3; by default a new
        figure of pyplot, half an A4 page.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes of the map.

    Raises
    ------
    UnknownNameError
        When a column or an area to name is missing.
    InputError
        When there are no areas, no coordinate system, no profile, or several rows for an area.

    Examples
    --------
    >>> from segkit import areas, maps
    >>> kalmar, _ = areas.latest(areas.load_example("kalmar"), ["low_economic_standard"])
    >>> kalmar["profile"] = (kalmar["low_economic_standard"] < 20).astype(int) + 1
    >>> ax = maps.profile_map(kalmar, language="en", ax=maps.new_axes())
    >>> ax.get_legend().get_texts()[0].get_text().splitlines()[0]
    'Profile 1, weakest conditions'
    """
    check_areas(areas, [profile], language)
    codes, n = profile_codes(areas, profile, labels)
    text = texts_of("maps.shared", language)
    found = read_flags(areas, [profile], flags, flagged)
    classes = profile_texts(n, labels, language)
    codes, extra, amounts, patterns = set_apart(areas, codes, n, [suppressed_part(found, language)], language)
    plan = Plan(
        codes=codes,
        colors=[*palettes.sequential(n), *extra, palettes.MISSING],
        texts=[*classes, *([""] * len(extra)), text["missing"] if (codes < 0).any() else ""],
        counts=amounts,
        heading=found.headed(heading or text["profiles"], language),
        title=title or _profile_title(areas, codes, language),
        source=source_line(areas, source, language),
        language=language,
        patterns=[*patterns, *found.patterns(language)],
        names=chosen_names(areas, highlight, np.flatnonzero(codes == 0)),
    )
    return draw(areas, plan, ax, inset)


def choropleth(
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    scheme: Scheme = "quantiles",
    k: int = 5,
    bins: Sequence[float] | None = None,
    se: str | None = None,
    interval: Sequence[str] | None = None,
    most_bounds: int = 1,
    flags: pd.Series | str | None = None,
    flagged: pd.Series | None = None,
    label: str | None = None,
    unit: str | None = None,
    highlight: Sequence[str] | None = None,
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    inset: bool | Bounds = True,
    ax: Axes | None = None,
) -> Axes:
    """Map one indicator in ordered classes, the higher the darker.

    Class bounds are rounded before the values are sorted into classes, so that the legend is exact.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area: ``area_id, name, geometry`` and the indicator; ``population`` for the legend.
    column : str
        The indicator; areas where it is missing are drawn in grey and counted.
    scheme : {"quantiles", "equal", "natural_breaks", "std", "manual"}
        Classes with as many areas each, as wide each, with the least spread within (Fisher, Jenks), at
        1/2 and 3/2 standard deviations around the mean, or those of `bins`.
    k : int
        Number of classes, 2 to 9; not used by "std" (5) and "manual". Fewer when values are tied.
    bins : sequence of float, optional
        Inner class bounds for "manual".
    se : str, optional
        Column of standard errors, by default the one ending in ``_se``, where there is one: areas whose
        95 % interval (1.96 standard errors to both sides) crosses more than `most_bounds` class bounds
        are dotted and counted, since their class is uncertain.
    interval : sequence of str, optional
        Instead of `se` the columns of the lower and the upper limit of the interval.
    most_bounds : int
        How many class bounds an interval may cross before the area is dotted; 0 dots every area that may
        belong to another class.
    flags, flagged, highlight, language, title, source, inset, ax
        As in `profile_map`; by default the three areas with the lowest and the highest values are named.
    label, unit : str, optional
        Name and unit of the indicator, by default those of the catalogue.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes of the map.

    Raises
    ------
    UnknownNameError
        When a column or an area to name is missing.
    InputError
        When the indicator is missing everywhere or is no number, or an option is out of range.

    References
    ----------
    Fisher, W. D. (1958). On grouping for maximum homogeneity. JASA 53, 789-798.

    Examples
    --------
    >>> from segkit import areas, maps
    >>> kalmar, _ = areas.latest(areas.load_example("kalmar"), ["employment_rate"])
    >>> ax = maps.choropleth(kalmar, "employment_rate", scheme="manual", bins=[80], ax=maps.new_axes())
    >>> len(ax.get_legend().get_texts())
    2
    """
    check_areas(areas, [column], language)
    found = read_flags(areas, [column], flags, flagged)
    values = shown_values(areas, column, found)
    classes = classify(values, scheme, k, bins)
    unsure = uncertain_class(
        areas, column, values, classes, se=se, interval=interval, most_bounds=most_bounds, language=language
    )
    codes, extra, amounts, patterns = set_apart(
        areas, classes.codes, classes.n, [suppressed_part(found, language)], language
    )
    text = texts_of("maps.shared", language)
    label = indicators.label(column, language=language) if label is None else label
    unit = indicators.unit(column, language=language) if unit is None else unit
    plan = Plan(
        codes=codes,
        colors=[*palettes.sequential(classes.n)[::-1], *extra, palettes.MISSING],
        texts=[*classes.texts(language), *([""] * len(extra)), text["missing"] if (codes < 0).any() else ""],
        counts=amounts,
        heading=found.headed(f"{label}, {unit}" if unit else label, language),
        title=title or value_title(values, label, unit, language),
        source=source_line(areas, source, language),
        language=language,
        patterns=[*patterns, *found.patterns(language), *unsure],
        names=chosen_names(areas, highlight, _extremes(values)),
    )
    return draw(areas, plan, ax, inset)


def change_map(
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    k: int = 6,
    significant: pd.Series | None = None,
    flags: pd.Series | str | None = None,
    flagged: pd.Series | None = None,
    label: str | None = None,
    unit: str | None = None,
    highlight: Sequence[str] | None = None,
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    inset: bool | Bounds = True,
    ax: Axes | None = None,
) -> Axes:
    """Map a change: purple where it is negative, orange where it is positive, darker the larger.

    Classes are symmetric around zero, which is a class bound. The colors do not judge: whether up is
    good depends on the indicator.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area: ``area_id, name, geometry`` and the change.
    column : str
        The change; areas where it is missing are drawn in grey and counted.
    k : int
        Number of classes, an even number from 2 to 8; fewer when values are tied.
    significant : pandas.Series of bool, optional
        Areas whose change can be told from chance; the others are drawn dotted and counted.
    flags, flagged, label, unit, highlight, language, title, source, inset, ax
        As in `choropleth`; by default the three largest changes down and up are named.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes of the map.

    Raises
    ------
    UnknownNameError
        When a column or an area to name is missing.
    InputError
        When the change is missing everywhere or is no number, or `k` is odd.

    Examples
    --------
    >>> from segkit import areas, maps
    >>> panel = areas.load_example("kalmar")
    >>> wide = panel.pivot(index="area_id", columns="period", values="post_secondary_share")
    >>> change = (wide[2025] - wide[2024]).rename("change").reset_index()
    >>> kalmar = areas.latest(panel, [])[0].merge(change, on="area_id")
    >>> ax = maps.change_map(kalmar, "change", label="Education", language="en", ax=maps.new_axes())
    >>> len(ax.get_legend().get_texts())
    6
    """
    check_areas(areas, [column], language)
    found = read_flags(areas, [column], flags, flagged)
    values = shown_values(areas, column, found)
    classes = classify_change(values, k)
    text = texts_of("maps.shared", language)
    label = indicators.label(column, language=language) if label is None else label
    unit = indicators.unit(column, language=language) if unit is None else unit
    colors = palettes.diverging(classes.n) if classes.n > 1 else [palettes.UNCERTAIN]
    unsure = np.zeros(len(areas), dtype=bool)
    if significant is not None:
        unsure = ~as_mask(significant, areas, argument="significant") & (classes.codes >= 0)
    apart = [(unsure, "..", text["uncertain"]), suppressed_part(found, language)]
    codes, extra, amounts, patterns = set_apart(areas, classes.codes, classes.n, apart, language)
    plan = Plan(
        codes=codes,
        colors=[*colors, *extra, palettes.MISSING],
        texts=[*classes.texts(language), *([""] * len(extra)), text["missing"] if (codes < 0).any() else ""],
        counts=amounts,
        heading=found.headed(f"{label}, {unit}" if unit else label, language),
        title=title or _change_title(values, label, language),
        source=source_line(areas, source, language),
        language=language,
        patterns=[*patterns, *found.patterns(language)],
        names=chosen_names(areas, highlight, _extremes(np.where(unsure, np.nan, values))),
    )
    return draw(areas, plan, ax, inset)


def shown_values(areas: gpd.GeoDataFrame, column: str, flags: Flags) -> Floats:
    """Return the values that may be shown, of which one at least is there."""
    values = np.where(flags.suppressed, np.nan, some_values(areas, column))
    if np.isnan(values).all():
        raise InputError(message(column, "is suppressed or missing in every area"))
    return values


def chosen_names(areas: gpd.GeoDataFrame, highlight: Sequence[str] | None, default: Codes) -> list[int]:
    """Return the positions of the areas to name."""
    if highlight is None:
        return [int(i) for i in default]
    ids = areas["area_id"].tolist()
    unknown = [area for area in highlight if area not in ids]
    if unknown:
        raise UnknownNameError(message("highlight", "names areas that are not in `areas`", unknown))
    return [ids.index(area) for area in highlight]


def _extremes(values: Floats) -> Codes:
    """Return the positions of the three lowest and the three highest values."""
    order = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]
    return np.unique(np.concatenate([order[:3], order[-3:]]))


def _profile_title(areas: gpd.GeoDataFrame, codes: Codes, language: Language) -> str:
    """Say how many areas, and which share of the residents, have the weakest profile."""
    weakest: Mask = codes == 0
    text = texts_of("maps.shared", language)
    n = f"{int(weakest.sum())} {text['of']} {count_text(len(areas), language)}"
    share = ""
    if "population" in areas and areas["population"].notna().all() and areas["population"].sum() > 0:
        percent = 100 * areas["population"].to_numpy()[weakest].sum() / areas["population"].sum()
        share = text["with_share"].format(format_number(float(percent), 0, language=language))
    return f"{n}{share} {text['have_weakest']}"


def value_title(values: Floats, label: str, unit: str, language: Language) -> str:
    """Say the range and the median of an indicator."""
    known = values[~np.isnan(values)]
    decimals = min(decimals_of(values), 1)
    low, high, median = (
        format_number(float(v), decimals, language=language)
        for v in (known.min(), known.max(), np.median(known))
    )
    text = texts_of("maps.shared", language)
    where = f"{text['in']} {count_text(known.size, language)}"
    return f"{label}: {with_unit(f'{low}–{high}', unit)} {where}, {text['median']} {median}"


def _change_title(values: Floats, label: str, language: Language) -> str:
    """Say in how many areas the figure rose and fell."""
    known = values[~np.isnan(values)]
    text = texts_of("maps.shared", language)
    up, down = int((known > 0).sum()), int((known < 0).sum())
    of = f"{text['of']} {count_text(known.size, language)}"
    return (
        f"{label}: {text['increased']} {up} {say('words', 'and', language)} {text['decreased']} {down} {of}"
    )
