"""A measure over the periods, each with its interval."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.base.checks import LANGUAGES, check_choice, check_columns, numbers
from segkit.catalogue.labels import decimals_of, term
from segkit.drawing.charts._style import (
    LABEL,
    LINE,
    MUTED,
    TITLE,
    bare,
    describe,
    dress,
    new_axes,
    number_axis,
    remarks,
    slot,
    years,
)
from segkit.drawing.classes import source_line
from segkit.drawing.glyphs import drawable
from segkit.errors import InputError, UnknownNameError, message
from segkit.words.numbers import adaptive_decimals, format_interval, format_number
from segkit.words.text import chart_texts as texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from segkit.base.checks import Floats, Language
    from segkit.drawing.charts._style import Remarks


def trend(
    rows: pd.DataFrame,
    *,
    measure: str,
    language: Language = "sv",
    indicator: str = "",
    title: str | None = None,
    breaks: Sequence[int] = (),
    source: str | None = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a measure over the periods: a point for each with its interval as a bar.

    Points are joined by a thin line without smoothing: between the periods nothing is known. Where the
    periods lie farther apart than elsewhere, or a figure is missing, the line is dashed; over a break in
    the series there is none. A point whose figure has a remark (modelled, preliminary) is hollow, and the
    remark stands at the foot. The value axis does not start at zero; it holds all intervals.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a tidy table, one per period of this measure: ``measure, period, value, ci_low, ci_high``,
        and, where there are remarks, ``flag``, such as ``"preliminary"``.
    measure : str
        Which measure of the table.
    language : {"sv", "en"}
        The language of labels and numbers.
    indicator : str
        What is measured, for the decimals.
    title : str, optional
        Title; by default the name of the measure.
    breaks : sequence of int
        Periods from which the series is measured in another way; a vertical line stands before each.
    source : str, optional
        Source at the foot; None says which periods the figures refer to. By default there is none, for
        panels that share one.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.axes.Axes
        With a description for `description`.

    Raises
    ------
    UnknownNameError
        When a column or the measure is missing from the table.
    InputError
        When a period is no year or stands twice, no value is known, or a break is not within the series.

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
    own = _one_series(rows, measure)
    period, value = numbers(own, "period"), numbers(own, "value")
    if np.isnan(value).all():
        raise InputError(message("rows", f"have no value of {measure!r}", fix="Pick another measure."))
    outside = [b for b in breaks if not period[0] < b <= period[-1]]
    if outside:
        fix = f"Name the first period after each break, {int(period[0])} excluded."
        raise InputError(message("breaks", "must lie within the periods", outside, fix))
    known = decimals_of(measure, indicator)
    decimals = adaptive_decimals(*value) if known is None else known
    flags = own["flag"] if "flag" in own else [""] * len(own)
    marks = remarks(flags, language)
    axes = new_axes(3.4, 2.3) if ax is None else ax
    _draw(axes, own, marks, decimals, language)
    dashed = _draw_line(axes, period, value, breaks)
    name = term("measures", measure, language=language) if title is None else title
    text = texts(language)
    foot = [
        text["dashed"] if dashed else "",
        text["breaks"] if breaks else "",
        marks.note,
        "" if source == "" else source_line(own, source, language),
    ]
    if any(foot):
        dress(axes, title=name, notes=foot)
    else:
        axes.set_title(drawable(name), **TITLE)
    broken = text["break_at"].format(periods=years(breaks)) if breaks else ""
    describe(axes, f"{name}: {_spoken(own, marks.symbols, decimals, language)}", broken, marks.note)
    return axes


def _one_series(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the rows of the measure in order of time, checked."""
    check_columns(rows, ["measure", "period", "value", "ci_low", "ci_high"], argument="rows")
    own = rows[rows["measure"] == measure]
    if own.empty:
        known = ", ".join(dict.fromkeys(rows["measure"].astype(str)))
        fix = f"At hand: {known}." if known else "The table is empty."
        raise UnknownNameError(message("measure", f"{measure!r} has no rows", fix=fix))
    period = numbers(own, "period")
    if np.isnan(period).any() or len(np.unique(period)) < len(period):
        fix = "Pick one geography, indicator, region and group first."
        raise InputError(message("rows", "must have one row for each period", own["period"].tolist(), fix))
    return own.iloc[np.argsort(period, kind="stable")]


def _draw(ax: Axes, rows: pd.DataFrame, marks: Remarks, decimals: int, language: Language) -> None:
    """Draw intervals, value labels and the axes."""
    names = ("period", "value", "ci_low", "ci_high")
    period, value, low, high = (numbers(rows, column) for column in names)
    known = ~np.isnan(value)
    # The percentile interval of a biased measure need not hold the value itself.
    bounded = known & ~np.isnan(low) & ~np.isnan(high)
    ax.vlines(period[bounded], low[bounded], high[bounded], color=LINE, linewidth=5, alpha=0.28, zorder=2)
    marked = np.array(marks.hollow)
    for chosen, face in ((known & ~marked, LINE), (known & marked, "white")):
        style: dict[str, Any] = {"color": LINE, "markerfacecolor": face, "markersize": 5.5}
        ax.plot(period[chosen], value[chosen], "o", zorder=4, **style)
    # Only the ends are labelled: between them a label would lie on the line.
    for place, side in ((0, "right"), (-1, "left"))[2 - min(known.sum(), 2) :]:
        text = format_number(value[known][place], decimals, language=language)
        offset = (7 if side == "left" else -7, 0)
        point = (period[known][place], value[known][place])
        ax.annotate(text, point, offset, textcoords="offset points", **{**LABEL, "ha": side})
    _value_limits(ax, np.concatenate([value[known], low[bounded], high[bounded]]))
    span = max(float(np.ptp(period)), 1.0)
    ax.set_xlim(period.min() - 0.34 * span, period.max() + 0.34 * span)
    shown = [f"{int(year)}{symbol}" for year, symbol in zip(period, marks.symbols, strict=True)]
    ax.set_xticks(period, _thinned(ax, period, shown))
    number_axis(ax, language)
    bare(ax)


def _thinned(ax: Axes, period: Floats, shown: list[str]) -> list[str]:
    """Leave out years that would touch, the last one never."""
    inches = 0.8 * slot(ax)[0] / float(np.ptp(ax.get_xlim()))
    kept = [""] * len(shown)
    edge = np.inf
    for place in reversed(range(len(shown))):
        wide = 0.085 * len(shown[place]) / inches
        if period[place] + wide / 2 <= edge:
            kept[place], edge = shown[place], period[place] - wide / 2
    return kept


def _draw_line(ax: Axes, period: Floats, value: Floats, breaks: Sequence[int]) -> bool:
    """Join what is measured alike; return whether a part is dashed since periods between are unknown."""
    known = np.flatnonzero(~np.isnan(value))
    usual = np.diff(period).min() if len(period) > 1 else 0.0
    whole: list[list[float]] = [[period[known[0]], value[known[0]]]]
    gaps: list[list[float]] = []
    for a, b in pairwise(known):
        broken = any(period[a] < at <= period[b] for at in breaks)
        near = period[b] - period[a] <= usual and b == a + 1
        if not near or broken:
            whole.append([np.nan, np.nan])
        if not near and not broken:
            gaps += [[period[a], value[a]], [period[b], value[b]], [np.nan, np.nan]]
        whole.append([period[b], value[b]])
    for points, style, gid in ((whole, "-", "line"), (gaps, (0, (3, 2.5)), "gap")):
        if points:
            x, y = np.transpose(points)
            ax.plot(x, y, color=LINE, linewidth=0.9, linestyle=style, zorder=3, gid=gid)
    for at in breaks:
        before = period[period < at].max()
        after = period[period >= at].min()
        ax.axvline((before + after) / 2, color=MUTED, linewidth=0.9, zorder=1, gid="break")
    return bool(gaps)


def _value_limits(ax: Axes, values: Floats) -> None:
    """Leave air over and under everything drawn."""
    low, high = float(values.min()), float(values.max())
    margin = 0.14 * (high - low) or max(abs(high), 1.0) * 0.1
    ax.set_ylim(low - margin, high + margin)


def _spoken(rows: pd.DataFrame, symbols: list[str], decimals: int, language: Language) -> str:
    """Say every value with its interval."""
    text = texts(language)
    said, missing = [], []
    columns = [numbers(rows, column) for column in ("period", "value", "ci_low", "ci_high")]
    for (period, value, low, high), symbol in zip(np.transpose(columns), symbols, strict=True):
        if np.isnan(value):
            missing.append(period)
            continue
        shown = format_number(value, decimals, language=language)
        part = text["at"].format(value=shown, period=f"{int(period)}{symbol}")
        if not np.isnan(low + high):
            interval = format_interval(low, high, decimals, language=language)
            part += f" ({text['interval_from'].format(interval=interval)})"
        said.append(part)
    if missing:
        said.append(text["missing_at"].format(periods=years(missing)))
    return ", ".join(said)
