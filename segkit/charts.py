"""Static charts: a measure over a few periods with intervals, and the profiles' means side by side."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit import indicators, palettes
from segkit._validate import check_choice, check_columns, complete, numbers
from segkit._wording import LANGUAGES, heading, term, word
from segkit.errors import InputError, UnknownNameError, message
from segkit.tables import adaptive_decimals, decimals_for, decimals_of, format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from segkit._validate import Floats
    from segkit.indicators import Language

_INK = "#1f2933"
_MUTED = "#5f6b7a"
_RULE = "#d5dae1"
_LINE = "#2b4f8c"
_FONT = 9.0
#: Inches of a panel, and of one row of dots.
_PANEL = 1.75
_CHARACTERS = 22
_TITLE: dict[str, Any] = {"loc": "left", "fontsize": _FONT, "color": _INK, "pad": 8, "parse_math": False}
_LABEL: dict[str, Any] = {"va": "center", "ha": "left", "fontsize": _FONT - 1, "color": _INK}
_ROW = 0.26
#: Half the width of a bar of a flow diagram, and the gap between bars as a share of all.
_BAR, _GAP = 0.018, 0.07


def trend(
    rows: pd.DataFrame,
    *,
    measure: str,
    language: Language = "sv",
    indicator: str = "",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a measure over the periods: a point for each with its interval as a bar.

    Points are joined by a thin line without smoothing: between the periods nothing is known. The value
    axis does not start at zero; it holds all intervals.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a tidy table, one per period of this measure: ``measure, period, value, ci_low, ci_high``.
    measure : str
        Which measure of the table.
    language : {"sv", "en"}
        The language of labels and numbers.
    indicator : str
        What is measured, for the decimals.
    title : str, optional
        Title; by default the name of the measure.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownNameError
        When a column or the measure is missing from the table.
    InputError
        When a period is no year or stands twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> rows = pd.DataFrame({"measure": "gini", "period": [2020, 2023], "value": [0.2, 0.3],
    ...                      "ci_low": [0.1, 0.2], "ci_high": [0.3, 0.4]})
    >>> ax = trend(rows, measure="gini", language="en", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.texts]
    ['0.200', '0.300']
    """
    check_choice(language, LANGUAGES, argument="language")
    check_columns(rows, ["measure", "period", "value", "ci_low", "ci_high"], argument="rows")
    own = rows[rows["measure"] == measure]
    if own.empty:
        known = ", ".join(dict.fromkeys(rows["measure"].astype(str)))
        raise UnknownNameError(message("measure", f"{measure!r} has no rows", fix=f"At hand: {known}."))
    years = numbers(own, "period")
    if np.isnan(years).any() or len(np.unique(years)) < len(years):
        fix = "Pick one geography, indicator, region and group first."
        raise InputError(message("rows", "must have one row for each period", own["period"].tolist(), fix))
    own = own.iloc[np.argsort(years, kind="stable")]
    axes = _new_axes(3.2, 2.1) if ax is None else ax
    _draw_trend(axes, own, np.sort(years), _decimals(own, measure, indicator), language)
    axes.set_title(term("measures", measure, language=language) if title is None else title, **_TITLE)
    return axes


def _decimals(rows: pd.DataFrame, measure: str, indicator: str) -> int:
    known = decimals_of(measure, indicator)
    return adaptive_decimals(*numbers(rows, "value")) if known is None else known


def _draw_trend(ax: Axes, rows: pd.DataFrame, years: Floats, decimals: int, language: Language) -> None:
    """Draw points, bars and value labels."""
    value, low, high = (numbers(rows, column) for column in ("value", "ci_low", "ci_high"))
    known = ~np.isnan(value)
    # The percentile interval of a biased measure need not hold the value itself.
    bounded = known & ~np.isnan(low) & ~np.isnan(high)
    ax.vlines(years[bounded], low[bounded], high[bounded], color=_LINE, linewidth=5, alpha=0.28, zorder=2)
    ax.plot(years[known], value[known], color=_LINE, linewidth=0.9, zorder=3)
    ax.plot(years[known], value[known], "o", color=_LINE, markersize=5.5, zorder=4)
    # Only the ends are labelled: between them a label would lie on the line.
    for place, side in ((0, "right"), (-1, "left"))[2 - min(known.sum(), 2) :]:
        text = format_number(value[known][place], decimals, language=language)
        offset = (7 if side == "left" else -7, 0)
        point = (years[known][place], value[known][place])
        ax.annotate(text, point, offset, textcoords="offset points", **{**_LABEL, "ha": side})
    _value_limits(ax, np.concatenate([value[known], low[bounded], high[bounded]]))
    span = max(float(np.ptp(years)), 1.0)
    ax.set_xlim(years.min() - 0.34 * span, years.max() + 0.34 * span)
    ax.set_xticks(years, [str(int(year)) for year in years])
    _number_axis(ax, language)
    _bare(ax)


def _value_limits(ax: Axes, values: Floats) -> None:
    """Leave air over and under everything drawn."""
    if values.size == 0:
        return
    low, high = float(values.min()), float(values.max())
    margin = 0.14 * (high - low) or max(abs(high), 1.0) * 0.1
    ax.set_ylim(low - margin, high + margin)


def _number_axis(ax: Axes, language: Language) -> None:
    """Write few ticks on the value axis, the language's way."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    step = float(np.diff(ax.get_yticks())[0])
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: format_number(v, decimals, language=language)))


def _bare(ax: Axes) -> None:
    """Strip an axes of what carries no information."""
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.spines["bottom"].set_color(_RULE)
    ax.tick_params(length=0, labelsize=_FONT - 1, labelcolor=_MUTED)
    ax.grid(axis="y", color=_RULE, linewidth=0.6)
    ax.set_axisbelow(True)


def _new_axes(width: float, height: float) -> Axes:
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def indicator_dots(
    profiles: pd.DataFrame,
    columns: Sequence[str],
    *,
    language: Language = "sv",
    figure: Figure | None = None,
) -> Figure:
    """Draw the profiles' mean of each indicator: one small panel per indicator, one dot per profile.

    The dots have the colors of the profiles on the maps. Each panel has its own scale, in the
    indicator's unit, from the lowest to the highest mean: compare order and gaps within a panel only.

    Parameters
    ----------
    profiles : pandas.DataFrame
        One row per profile: ``profile`` (1, 2, ...) and a column for each indicator.
    columns : sequence of str
        The indicators.
    language : {"sv", "en"}
        The language of labels and numbers.
    figure : matplotlib.figure.Figure, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    UnknownNameError
        When a column is missing.
    InputError
        When there is no profile or no indicator.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"profile": [1, 2], "turnout": [70.0, 90.0]})
    >>> len(indicator_dots(table, ["turnout"], figure=Figure()).axes)
    1
    """
    check_choice(language, LANGUAGES, argument="language")
    check_columns(profiles, ["profile", *columns], argument="profiles")
    if profiles.empty or not list(columns):
        raise InputError(message("profiles", "has no profile or no indicator to draw"))
    order = profiles.sort_values("profile", kind="stable")
    n = len(columns)
    figure = _new_figure(1.2 + _PANEL * n, 0.85 + _ROW * len(order)) if figure is None else figure
    panels = figure.subplots(1, n, sharey=True, squeeze=False)[0]
    names = [f"{heading('profile', language=language)} {int(p)}" for p in complete(order, "profile")]
    for panel, column in zip(panels, columns, strict=True):
        _draw_dots(panel, order, column, names, language)
    return figure


def _new_figure(width: float, height: float) -> Figure:
    import matplotlib.pyplot as plt

    return plt.figure(figsize=(width, height), layout="constrained")


def _draw_dots(ax: Axes, order: pd.DataFrame, column: str, names: list[str], language: Language) -> None:
    """Draw one panel: dots by profile with their values."""
    profile = complete(order, "profile").astype(int)
    value = numbers(order, column)
    colors = palettes.sequential(int(profile.max()))
    decimals = max(decimals_for(column), int(indicators.is_share(column)))
    known = value[~np.isnan(value)]
    span = (float(np.ptp(known)) if known.size else 0.0) or 1.0
    left = (float(known.min()) if known.size else 0.0) - 0.12 * span
    for place, (number, mean) in enumerate(zip(profile, value, strict=True)):
        if np.isnan(mean):
            ax.text(left + 0.1 * span, place, word("missing", language=language), **_LABEL)
            continue
        ax.plot([left, left + 1.12 * span], [place, place], color=_RULE, linewidth=0.8, zorder=1)
        ax.plot(
            mean,
            place,
            "o",
            color=colors[number - 1],
            markeredgecolor=_INK,
            markeredgewidth=0.7,
            markersize=8,
        )
        text = format_number(mean, decimals, language=language)
        ax.annotate(text, (mean, place), (8, 0), textcoords="offset points", **_LABEL)
    ax.set_xlim(left, left + 1.75 * span)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_yticks(range(len(names)), names)
    ax.set_xticks([])
    ax.set_title(_wrapped(heading(column, language=language)), **_TITLE)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, labelsize=_FONT, labelcolor=_INK)


def _wrapped(label: str) -> str:
    """Break a heading before its unit and where it is wider than a panel."""
    name, bracket, unit = label.rpartition(" (")
    parts = [name, f"({unit}"] if bracket else [label]
    return "\n".join(line for part in parts for line in textwrap.wrap(part, _CHARACTERS))


def flow(
    labels_first: pd.Series,
    labels_last: pd.Series,
    *,
    weight: pd.Series | None = None,
    names: tuple[str, str] | None = None,
    language: Language = "sv",
    ax: Axes | None = None,
) -> Axes:
    """Draw how areas, or people, went from profile to profile between two periods (alluvial diagram).

    Bars are profiles, the weakest (1) lowest; bands are as thick as what they hold, in the color of the
    profile they come from. Those that change profile are drawn over those that stay, and stronger.

    Parameters
    ----------
    labels_first, labels_last : pandas.Series
        The profile of each area (1, 2, ...) in the two periods, with the same areas as index.
    weight : pandas.Series, optional
        People by area; without it areas are counted.
    names : tuple of str, optional
        Names of the two periods, such as ``("2020", "2023")``.
    language : {"sv", "en"}
        The language of labels and numbers.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        When the areas differ, a profile or weight is missing, or profiles are not whole numbers from 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> then, now = pd.Series([1, 1, 2], index=list("abc")), pd.Series([1, 2, 2], index=list("abc"))
    >>> ax = flow(then, now, names=("2020", "2023"), language="en", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.texts][:2]
    ['Profile 1: 2', 'Profile 2: 1']
    """
    check_choice(language, LANGUAGES, argument="language")
    table = _flows(labels_first, labels_last, weight)
    axes = _new_axes(5.6, 3.6) if ax is None else ax
    ends = [_stacked(table.sum(axis=1)), _stacked(table.sum(axis=0))]
    _draw_bands(axes, table, ends)
    for side, bottoms in enumerate(ends):
        _draw_stage(axes, table.sum(axis=1 - side), bottoms, side, language)
    counted = heading("n_areas" if weight is None else "population", language=language)
    style: dict[str, Any] = {
        "ha": "center",
        "textcoords": "offset points",
        "parse_math": False,
        "fontsize": _FONT,
    }
    heads = zip((0.0, 1.0), (1.0, 1.0), ("", "") if names is None else names, strict=True)
    for x, y, text in [*heads, (0.5, 0.0, counted)]:
        offset = (0, 8 if y else -10)
        axes.annotate(text, (x, y), offset, xycoords=("data", "axes fraction"), color=_MUTED, **style)
    axes.set_xlim(-0.42, 1.42)
    axes.set_ylim(-0.02 * table.sum(), (1 + _GAP * (len(table) - 1) + 0.02) * table.sum())
    axes.set_axis_off()
    return axes


def _flows(first: pd.Series, last: pd.Series, weight: pd.Series | None) -> Floats:
    """Return areas or people by profile then (rows) and now (columns), checked."""
    import pandas as pd

    given = {"labels_first": first, "labels_last": last}
    given |= {} if weight is None else {"weight": weight}
    fix = "Give each the same index, one row per area, such as set_index('area_id')."
    for argument, column in given.items():
        if not isinstance(column, pd.Series) or not column.index.is_unique:
            raise InputError(message(argument, "must be a Series with each area once as index", fix=fix))
        stray = first.index.symmetric_difference(column.index)
        if len(stray):
            raise InputError(message(argument, "must have the same areas as `labels_first`", stray, fix))
    table = pd.DataFrame(given)
    codes = [complete(table, column, least=1) for column in ("labels_first", "labels_last")]
    for argument, code in zip(given, codes, strict=False):
        if not code.size or (code != np.round(code)).any():
            raise InputError(message(argument, "must be profiles: whole numbers from 1"))
    mass = np.ones(len(table)) if weight is None else complete(table, "weight", least=0)
    if mass.sum() <= 0:
        raise InputError(message("weight", "must sum to more than 0"))
    n = int(max(code.max() for code in codes))
    flows = np.zeros((n, n))
    np.add.at(flows, tuple(code.astype(int) - 1 for code in codes), mass)
    return flows


def _stacked(sizes: Floats) -> Floats:
    """Return where each bar begins when they stand on each other with gaps, empty ones too."""
    bottoms: Floats = np.cumsum(sizes) - sizes + _GAP * sizes.sum() * np.arange(len(sizes))
    return bottoms


def _draw_bands(ax: Axes, table: Floats, ends: list[Floats]) -> None:
    """Draw a band for each flow: those that change profile over those that stay."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    colors = palettes.sequential(len(table))
    left = ends[0][:, None] + np.cumsum(table, axis=1) - table
    right = ends[1][None, :] + np.cumsum(table, axis=0) - table
    flows = sorted(np.argwhere(table > 0).tolist(), key=lambda flow: flow[0] != flow[1])
    x = (_BAR, 0.5, 0.5, 1 - _BAR)
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    for start, end in flows:
        low = (left[start, end], right[start, end])
        high = (low[0] + table[start, end], low[1] + table[start, end])
        up = [(x[0], low[0]), (x[1], low[0]), (x[2], low[1]), (x[3], low[1])]
        down = [(x[3], high[1]), (x[2], high[1]), (x[1], high[0]), (x[0], high[0])]
        moves = start != end
        band = PathPatch(
            Path([*up, *down, up[0]], codes),
            facecolor=colors[start],
            alpha=0.95 if moves else 0.4,
            edgecolor=_INK if moves else _MUTED,
            linewidth=0.5 if moves else 0.25,
            zorder=3 if moves else 2,
        )
        ax.add_patch(band)


def _draw_stage(ax: Axes, sizes: Floats, bottoms: Floats, side: int, language: Language) -> None:
    """Draw the bars of one period with their labels outside."""
    from matplotlib.patches import Rectangle

    colors = palettes.sequential(len(sizes))
    name = heading("profile", language=language)
    for number, (size, bottom) in enumerate(zip(sizes, bottoms, strict=True), start=1):
        if size > 0:
            corner = (side - _BAR if side == 0 else 1 - _BAR, bottom)
            ax.add_patch(
                Rectangle(
                    corner,
                    2 * _BAR,
                    size,
                    facecolor=colors[number - 1],
                    edgecolor=_INK,
                    linewidth=0.7,
                    zorder=4,
                )
            )
        text = f"{name} {number}: {format_number(size, 0, language=language)}"
        style = {**_LABEL, "ha": "right" if side == 0 else "left"}
        ax.annotate(
            text,
            (side, bottom + size / 2),
            (-10 if side == 0 else 10, 0),
            textcoords="offset points",
            **style,
        )
