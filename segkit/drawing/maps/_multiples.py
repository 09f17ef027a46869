"""Small multiples: several maps in the same classes and the same extent, to be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice, check_columns, check_count, check_keys, numbers
from segkit.catalogue import indicators
from segkit.drawing import palettes
from segkit.drawing.classes import (
    check_areas,
    classify,
    classify_change,
    count_text,
    counts,
    decimals_of,
    residents,
    source_line,
    with_unit,
)
from segkit.drawing.maps._flags import flag_text, hatch_of, read_flags, suppressed_part
from segkit.drawing.maps._grid import Sheet, draw_grid
from segkit.drawing.maps._kinds import value_title
from segkit.drawing.maps._legend import Pattern, Plan
from segkit.drawing.maps._type import page_of
from segkit.errors import InputError, UnknownNameError, message
from segkit.words.numbers import format_number
from segkit.words.text import say
from segkit.words.text import texts as texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.figure import Figure

    from segkit.base.checks import Floats, Language
    from segkit.drawing.classes import Classes, Codes, Mask, Scheme
    from segkit.drawing.maps._detail import Bounds
    from segkit.drawing.maps._flags import Flags
    from segkit.drawing.maps._type import SizeName

#: Inches: several maps may take most of the height of an A4 page.
_TALL = 8.0


@dataclass(frozen=True)
class _Part:
    """One of the maps: its areas, values that may be shown, flags and title."""

    areas: gpd.GeoDataFrame
    value: Floats
    flags: Flags
    title: str


def small_multiples(
    areas: gpd.GeoDataFrame,
    columns: str | Sequence[str],
    *,
    by: Literal["period"] | None = None,
    periods: Sequence[int] | None = None,
    scheme: Scheme = "quantiles",
    k: int | None = None,
    bins: Sequence[float] | None = None,
    center: float | None = None,
    flags: pd.Series | pd.DataFrame | str | None = None,
    flagged: pd.Series | pd.DataFrame | None = None,
    label: str | None = None,
    unit: str | None = None,
    titles: Sequence[str] | None = None,
    n_columns: int | None = None,
    size: SizeName | tuple[float, float] = "report",
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    inset: bool | Bounds = True,
    figure: Figure | None = None,
) -> Figure:
    """Draw several maps to be compared: one indicator over periods, or several columns of one table.

    A color means the same value in every map: class bounds come from the values of all maps together.
    All maps have the same extent and scale, and share legend, scale bar, north arrow and source.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        With ``by="period"`` a panel, one row per area and period, each period drawn with its own
        boundaries; otherwise one row per area. Columns ``area_id, name, geometry`` and the indicators.
    columns : str or sequence of str
        The indicator, or the columns to set side by side, which must have the same unit. Areas where it
        is missing are drawn in grey and counted.
    by : {"period"}, optional
        One map per period of one indicator; None gives one map per column.
    periods : sequence of int, optional
        The periods to draw, in this order; by default all that hold a value. One named here that holds
        no value gives a grey map.
    scheme : {"quantiles", "equal", "natural_breaks", "std", "manual"}
        How the values of all maps together are sorted into classes, as in `choropleth`.
    k : int, optional
        Number of classes; by default 5, and 6 (always even) with `center`.
    bins : sequence of float, optional
        Inner class bounds for "manual".
    center : float, optional
        Class bound where two palettes meet, purple below and orange above, in classes symmetric around
        it: 0 for changes. It is rounded to about three figures of the spread, so that the legend is
        exact.
    flags : pandas.Series, pandas.DataFrame of str or str, optional
        Reservations in words, as in `profile_map`; a DataFrame has a column for each map.
    flagged : pandas.Series or pandas.DataFrame of bool, optional
        Rows of `areas` that rest on modelled values, hatched; a DataFrame has a column for each map.
    label, unit : str, optional
        Name and unit in the legend, by default those of the catalogue.
    titles : sequence of str, optional
        One title for each map; by default the period, or the label of the column.
    n_columns : int, optional
        Maps in a row; by default the number that makes the maps largest, where a doubling of the rows must
        enlarge them by a quarter.
    size : {"report", "slide", "a3", "a3_portrait"} or tuple of float
        The room the figure may take, as in `new_axes` (in a report most of an A4 page, 7.4 x 8 inches), or
        width and most height in inches; the figure is as large as the maps need.
    language : {"sv", "en"}
        Language of legend and default texts.
    title, source : str, optional
        Heading, by default the finding, and source line, by default the period.
    inset : bool or tuple of float
        As in `choropleth`; the detail of each map stands under it.
    figure : matplotlib.figure.Figure, optional
        Where to draw: emptied and given its size. By default a new figure that pyplot does not hold on
        to, so that a notebook shows it once, as the value of its cell.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; save it with `save`.

    Raises
    ------
    UnknownNameError
        When a column or a period is missing.
    InputError
        When there is no value at all, the columns have different units, a map has several rows for an
        area, the coordinate system is missing, or an option is out of range.

    Notes
    -----
    The numbers in the legend count areas and residents, map by map; quantile classes of all maps together
    need not hold as many areas in each map.

    References
    ----------
    Tufte, E. R. (1990). Envisioning Information. Graphics Press, ch. 4.
    Brewer, C. A. & Pickle, L. (2002). Evaluation of methods for classifying epidemiological data on
    choropleth maps in series. Annals of the AAG 92, 662-681.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from segkit import areas, maps
    >>> panel = areas.load_example("kalmar", "regso")
    >>> figure = maps.small_multiples(panel, "mean_wage_income", by="period", figure=Figure())
    >>> [ax.get_title(loc="left") for ax in figure.axes if ax.get_gid() == "map"]
    ['2020', '2021', '2022', '2023']
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    _check(areas, names, by, periods, language)
    if n_columns is not None:
        check_count(n_columns, argument="n_columns")
    name, page = page_of(size)
    if name == "report":
        page = page._replace(height=_TALL)
    if by == "period":
        parts = _by_period(areas, names, periods, (flags, flagged), language)
    else:
        parts = _by_column(areas, names, (flags, flagged), language)
    shown = _titled(parts, titles)
    values = np.concatenate([part.value for part in parts])
    if np.isnan(values).all():
        fix = "Join the indicator first, or map another one."
        raise InputError(message(", ".join(names), "is missing in every area", fix=fix))
    classes = _classes(values, scheme, k, bins, center)
    label, unit = _wording(names, label, unit, language)
    plan = Plan(
        **_drawn(parts, classes, center, language),
        heading=_heading(label, unit, language),
        title=title or _default_title(parts if by else shown, label, unit, language, by),
        source=_foot(parts, source, language),
        language=language,
    )
    figure = _new_figure() if figure is None else figure
    draw_grid(_map_plans(shown, plan), Sheet(plan, n_columns, name, page, inset), figure)
    return figure


def _drawn(
    parts: Sequence[_Part], classes: Classes, center: float | None, language: Language
) -> dict[str, Any]:
    """Return codes, colors, texts, counts and patterns of all maps together; suppressed values are white."""
    hidden = np.concatenate([part.flags.suppressed for part in parts])
    codes = np.where(hidden, classes.n, classes.codes)
    apart = int(hidden.any())
    *amounts, last = _class_counts(parts, codes, classes.n + apart, language)
    return {
        "codes": codes,
        "colors": [*_colors(classes.n, center), *[palettes.UNCERTAIN] * apart, palettes.MISSING],
        "texts": [
            *classes.texts(language),
            *[""] * apart,
            say("maps.shared", "missing", language) if (codes < 0).any() else "",
        ],
        "counts": [*amounts, last],
        "patterns": [
            *[Pattern(hidden, *suppressed_part(parts[0].flags, language)[1:], amounts[-1])] * apart,
            *_patterns(parts, language),
        ],
    }


def _new_figure() -> Figure:
    """Return a figure that notebooks know how to show and that no pyplot state holds on to."""
    import matplotlib.pyplot as plt

    figure = plt.figure()
    plt.close(figure)
    return figure


def _check(
    areas: gpd.GeoDataFrame,
    names: Sequence[str],
    by: object,
    periods: Sequence[int] | None,
    language: Language,
) -> None:
    """Check what does not depend on the single maps."""
    check_choice(language, LANGUAGES, argument="language")
    if not isinstance(areas, pd.DataFrame):
        raise InputError(message("areas", f"must be a GeoDataFrame, is {type(areas).__name__}"))
    check_choice(by, (None, "period"), argument="by")
    if not names:
        raise InputError(message("columns", "names no column"))
    check_columns(areas, ["area_id", *names], argument="areas")
    if by is None and periods is not None:
        raise InputError(message("periods", "is for by='period'"))
    if by is not None and len(names) > 1:
        fix = "Draw one figure for each, or choose one period and leave out `by`."
        raise InputError(message("columns", "must be one column with by='period'", names, fix))
    repeated = by is None and "period" in areas and areas["area_id"].duplicated().any()
    if repeated and len(areas["period"].unique()) > 1:
        fix = "Give by='period' for a map of each, choose one period, or call areas.latest."
        raise InputError(message("areas", "has several periods", sorted(areas["period"].unique()), fix))


def _by_period(
    panel: gpd.GeoDataFrame,
    names: Sequence[str],
    periods: Sequence[int] | None,
    marks: tuple[Any, Any],
    language: Language,
) -> list[_Part]:
    """Return a part for each period that holds a value, or for those asked for."""
    check_keys(panel)
    values = numbers(panel, names[0])
    flags = _flags(panel, names[0], *marks)
    values = np.where(flags.suppressed, np.nan, values)
    period = panel["period"].to_numpy()
    if periods is None:
        periods = np.unique(period[~np.isnan(values)]).tolist()
    unknown = [p for p in periods if p not in period]
    if unknown:
        known = ", ".join(map(str, np.unique(period)))
        raise UnknownNameError(message("periods", "is not in the panel", unknown, f"At hand: {known}."))
    if not periods:
        fix = "Join the indicator first, or map another one."
        raise InputError(message(names[0], "is missing in every area", fix=fix))
    chosen = [(int(p), period == p) for p in periods]
    parts = [_Part(panel[rows], values[rows], flags.of(rows), str(p)) for p, rows in chosen]
    for part in parts:
        check_areas(part.areas, [], language)
    return parts


def _by_column(
    areas: gpd.GeoDataFrame, names: Sequence[str], marks: tuple[Any, Any], language: Language
) -> list[_Part]:
    """Return a part for each column."""
    check_areas(areas, names, language)
    found = [_flags(areas, name, *marks) for name in names]
    return [
        _Part(
            areas,
            np.where(flags.suppressed, np.nan, numbers(areas, name)),
            flags,
            indicators.label(name, language=language),
        )
        for name, flags in zip(names, found, strict=True)
    ]


def _flags(areas: pd.DataFrame, name: str, flags: Any, flagged: Any) -> Flags:
    """Return the flags of a column."""
    for argument, table in (("flags", flags), ("flagged", flagged)):
        if isinstance(table, pd.DataFrame):
            check_columns(table, [name], argument=argument)
    return read_flags(
        areas,
        [name],
        flags[name] if isinstance(flags, pd.DataFrame) else flags,
        flagged[name] if isinstance(flagged, pd.DataFrame) else flagged,
    )


def _titled(parts: Sequence[_Part], titles: Sequence[str] | None) -> list[_Part]:
    """Return the parts with the titles given by hand."""
    if titles is None:
        return list(parts)
    if isinstance(titles, str) or len(titles) != len(parts):
        raise InputError(message("titles", f"must be one text for each of the {len(parts)} maps"))
    return [replace(part, title=str(text)) for part, text in zip(parts, titles, strict=True)]


def _classes(
    values: Floats, scheme: Scheme, k: int | None, bins: Sequence[float] | None, center: float | None
) -> Classes:
    """Sort the values of all maps into classes, around a center if there is one."""
    if center is None:
        return classify(values, scheme, 5 if k is None else k, bins)
    if scheme != "quantiles" or bins is not None:
        rule = "makes its own symmetric classes, without `scheme` and `bins`"
        raise InputError(message("center", rule))
    is_number = isinstance(center, int | float | np.number) and not isinstance(center, bool)
    if not (is_number and np.isfinite(center)):
        raise InputError(message("center", f"is {center!r}, must be a number"))
    places = decimals_of(np.append(values, center))
    center = round(float(center), places)
    # Without rounding 10.3 - 10 would stay under a bound of 0.3.
    around = classify_change(np.round(values - center, 9), 6 if k is None else k)
    places = next(d for d in range(places + 1) if round(center, d) == center)
    decimals = max(around.decimals, places)
    inner = np.round(around.bounds[1:-1] + center, decimals)
    bottom = min(round(float(np.nanmin(values)), decimals), *inner, np.inf)
    top = max(round(float(np.nanmax(values)), decimals), *inner, -np.inf)
    return replace(around, bounds=np.array([bottom, *inner, top]), decimals=decimals)


def _colors(n: int, center: float | None) -> list[str]:
    """Return the color of each class."""
    if center is None:
        return palettes.sequential(n)[::-1]
    return palettes.diverging(n) if n > 1 else [palettes.UNCERTAIN]


def _wording(
    names: Sequence[str], label: str | None, unit: str | None, language: Language
) -> tuple[str, str]:
    """Return what the legend calls the values, and their unit."""
    if unit is None:
        units = {name: indicators.unit(name, language=language) for name in names}
        if len(set(units.values())) > 1:
            found = [f"{name}: {text or '?'}" for name, text in units.items()]
            fix = "Draw them apart, or state `unit` if they are measured alike."
            raise InputError(message("columns", "have different units, so no legend fits all", found, fix))
        unit = units[names[0]]
    if label is None:
        label = indicators.label(names[0], language=language) if len(names) == 1 else ""
    return label, unit


def _heading(label: str, unit: str, language: Language) -> str:
    """Return the heading of the legend: name and unit, or what there is of them."""
    text = ", ".join(part for part in (label, unit) if part) or say("maps.multiples", "value", language)
    return text[:1].upper() + text[1:]


def _map_counts(parts: Sequence[_Part], masks: Sequence[Mask], language: Language, *, people: bool) -> str:
    """Say how many areas, and residents where known, in each map."""
    text = texts_of("maps.shared", language)
    said = f"{', '.join(str(int(mask.sum())) for mask in masks)} {text['areas']}"
    sums = [residents(part.areas, [mask], language) for part, mask in zip(parts, masks, strict=True)]
    known = [amount[0] for amount in sums if amount]
    if not people or len(known) < len(parts):
        return said
    # Numbers of their own have commas in English.
    return f"{said}; {'; '.join(known)} {text['inhabitants']}"


def _split(parts: Sequence[_Part], codes: Any) -> list[Any]:
    """Return the codes of each map."""
    return np.split(codes, np.cumsum([len(part.value) for part in parts])[:-1])


def _class_counts(parts: Sequence[_Part], codes: Codes, n: int, language: Language) -> list[str]:
    """Count areas and residents by class, and last where missing, map by map."""
    if len(parts) == 1:
        return counts(parts[0].areas, codes, n, language)
    split = _split(parts, codes)
    return [
        _map_counts(parts, [part == code for part in split], language, people=True)
        for code in [*range(n), -1]
    ]


def _patterns(parts: Sequence[_Part], language: Language) -> list[Pattern]:
    """Return the hatching of each kind of flag, over all maps."""
    found = []
    for kind in parts[0].flags.kinds:
        masks = [part.flags.kinds[kind] for part in parts]
        mask = np.concatenate(masks)
        if mask.any():
            count = count_text(int(mask.sum()), language)
            if len(parts) > 1:
                count = _map_counts(parts, masks, language, people=False)
            found.append(Pattern(mask, hatch_of(kind), flag_text(kind, language), count))
    return found


def _map_plans(parts: Sequence[_Part], plan: Plan) -> list[tuple[gpd.GeoSeries, Plan]]:
    """Return geometry and plan of each map, in the colors and patterns of the whole."""
    return [
        (
            part.areas.geometry.to_crs(3006),
            replace(
                plan,
                codes=codes,
                title=part.title,
                patterns=[
                    replace(pattern, mask=_split(parts, pattern.mask)[place]) for pattern in plan.patterns
                ],
            ),
        )
        for place, (part, codes) in enumerate(zip(parts, _split(parts, plan.codes), strict=True))
    ]


def _foot(parts: Sequence[_Part], source: str | None, language: Language) -> str:
    """Return what the counts mean, and the source or the periods."""
    line = source_line(pd.concat([part.areas for part in parts]), source, language)
    return line if len(parts) == 1 else f"{say('maps.multiples', 'counts', language)}\n{line}"


def _default_title(parts: Sequence[_Part], label: str, unit: str, language: Language, by: object) -> str:
    """Say the medians of the first and the last period, or what the maps show."""
    text = texts_of("maps.multiples", language)
    if by is None and len(parts) > 1:
        start, *most = [part.title for part in parts]
        # Abbreviations keep their capitals.
        *middle, last = [start, *(t[:1].lower() + t[1:] if t[1:2].islower() else t for t in most)]
        return label or f"{', '.join(middle)} {text['and']} {last}"
    known = [part for part in parts if not np.isnan(part.value).all()]
    if len(known) == 1:
        return value_title(known[0].value, label, unit, language)
    # Medians of different areas would compare what can't be compared.
    ends = [pd.Series(part.value, index=part.areas["area_id"]).dropna() for part in (known[0], known[-1])]
    both = ends[0].index.intersection(ends[1].index)
    if both.empty:
        return f"{label} {known[0].title}–{known[-1].title}"
    decimals = min(decimals_of(np.concatenate([part.value for part in known])), 1)
    medians = [format_number(float(end[both].median()), decimals, language=language) for end in ends]
    first, last = (with_unit(median, unit) for median in medians)
    where = count_text(len(both), language)
    return text["medians"].format(label, where, first, known[0].title, last, known[-1].title)
