"""Growth of groups of areas by their level at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from segkit.base.checks import LANGUAGES, check_choice, check_columns, complete, numbers
from segkit.catalogue import indicators
from segkit.catalogue.labels import heading
from segkit.drawing.charts._style import (
    FONT,
    INK,
    LABEL,
    LINE,
    MUTED,
    PALE,
    bare,
    describe,
    dress,
    new_axes,
    number_axis,
)
from segkit.errors import InputError, message
from segkit.words.numbers import adaptive_decimals, format_interval, format_number
from segkit.words.text import chart_texts as texts
from segkit.words.text import say, word
from segkit.words.text import texts as texts_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from segkit.base.checks import Floats, Language


def growth_incidence(
    table: pd.DataFrame,
    indicator: str = "",
    *,
    values: Literal["relative_change", "change"] = "relative_change",
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw whether areas that had it good got it better: the growth of each group of areas by level.

    A dot for each group with a stem from zero, lowest level in the first period to the left; the dashed
    line is the growth of all groups together. Intervals are drawn where the table has them. That low
    areas tend to rise by chance alone is said at the foot.

    Parameters
    ----------
    table : pandas.DataFrame
        From `trends.growth_incidence`, with intervals where it has drawn some.
    indicator : str
        What is measured, for label and unit.
    values : {"relative_change", "change"}
        Growth in per cent, or in the unit of the indicator.
    language : {"sv", "en"}
        The language of labels and numbers.
    title, source : str, optional
        Title, by default the growth of the lowest and of the highest group; source at the foot.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.axes.Axes
        With a description for `description`.

    Raises
    ------
    UnknownNameError
        When a column is missing.
    InputError
        When the table is empty, holds several pairs of periods, or the change is missing in every group.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"period": "2020–2023", "quantile": [1, 2], "first": [2.0, 8.0],
    ...                       "last": [2.0, 10.0], "change": [0.0, 2.0], "relative_change": [0.0, 25.0],
    ...                       "population": [10.0, 10.0]})
    >>> ax = growth_incidence(table, "income", language="en", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.texts][:3]
    ['0.0%', '+25.0%', 'all: +20.0%']
    """
    check_choice(language, LANGUAGES, argument="language")
    check_choice(values, ("relative_change", "change"), argument="values")
    text = texts(language)
    order = _in_order(table, values)
    place, change = complete(order, "quantile"), numbers(order, values)
    low, high = _bounds(order, values)
    everyone = _together(order, values)
    # Growth in per cent has one decimal, whatever the unit.
    decimals = 1 if values == "relative_change" else max(1, adaptive_decimals(*change))
    shown = [_shown(value, decimals, values, language) for value in change]
    axes = new_axes(5.2, 3.9) if ax is None else ax
    _draw(axes, place, (change, low, high), shown, language)
    axes.axhline(everyone, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=2, gid="all")
    together = text["all_together"].format(value=_shown(everyone, decimals, values, language))
    last = place[-1] + 0.62
    axes.annotate(
        together, (last, everyone), (0, 2), textcoords="offset points",
        **{**LABEL, "va": "bottom", "color": MUTED, "fontsize": FONT - 1.5},
    )  # fmt: skip
    ends = {place[0]: f"\n({text['lowest']})", place[-1]: f"\n({text['highest']})"}
    axes.set_xticks(place, [f"{int(at)}{ends.get(at, '')}" for at in place])
    start = str(order["period"].iloc[0]).partition("–")[0]
    label = (
        heading(indicator, language=language, unit=False) if indicator else heading(values, language=language)
    )
    found = title or text["growth"].format(label=label, low=shown[0], high=shown[-1], first=start)
    equal = "growth_equal" if order["population"].isna().all() else "growth_unit"
    key = f"{equal}_relative" if values == "relative_change" else equal
    unit = indicators.unit(indicator, language=language) or label
    n_missing = int(order["n_missing"].iloc[0]) if "n_missing" in order else 0
    missing = text["left_out"].format(n=n_missing) if n_missing else ""
    dress(
        axes,
        title=found,
        subtitle=text[key].format(first=start, unit=unit),
        notes=[
            text["bands"] if np.isfinite(low + high).any() else "",
            text["reversion"],
            missing,
            _source(source, str(order["period"].iloc[0]), language),
        ],
    )
    rows = [
        f"{int(at)}: {value}{_about(a, b, decimals, language)}"
        for at, value, a, b in zip(place, shown, low, high, strict=True)
    ]
    describe(axes, found, text[key].format(first=start, unit=unit), "; ".join(rows), together, missing)
    return axes


def _in_order(table: pd.DataFrame, values: str) -> pd.DataFrame:
    """Return the groups in order, checked."""
    needed = ["period", "quantile", "first", "last", "change", "relative_change", "population"]
    check_columns(table, needed, argument="table")
    if table.empty:
        raise InputError(message("table", "has no group to draw"))
    if len(set(table["period"])) != 1 or table["quantile"].duplicated().any():
        periods = dict.fromkeys(table["period"].astype(str))
        raise InputError(message("table", "must have one row per group of one pair of periods", periods))
    if np.isnan(numbers(table, values)).all():
        fix = "Draw values='change' where levels are not above 0."
        raise InputError(message(values, "is missing in every group", fix=fix))
    return table.sort_values("quantile", kind="stable")


def _bounds(order: pd.DataFrame, values: str) -> list[Floats]:
    """Return the ends of the intervals, NaN without."""
    ends = (f"{values}_low", f"{values}_high")
    return [numbers(order, end) if end in order else np.full(len(order), np.nan) for end in ends]


def _together(order: pd.DataFrame, values: str) -> float:
    """Return the growth of all groups together; they are equally large."""
    first, last = (float(complete(order, end).mean()) for end in ("first", "last"))
    if values == "change":
        return last - first
    return 100 * (last - first) / first if first > 0 else float("nan")


def _shown(value: float, decimals: int, values: str, language: Language) -> str:
    """Return a change with its sign; growth in per cent says so."""
    if np.isnan(value):
        return word("missing", language=language)
    number = format_number(value, decimals, language=language, sign=True)
    ending = say("charts", "per_cent_sign", language) if values == "relative_change" else ""
    return number + ending


def _draw(
    ax: Axes, place: Floats, values: tuple[Floats, Floats, Floats], shown: list[str], language: Language
) -> None:
    """Draw stems, dots and intervals, with each value over or under its dot."""
    change, low, high = values
    known, bounded = ~np.isnan(change), ~np.isnan(low + high)
    ax.axhline(0, color=INK, linewidth=0.8, zorder=2, gid="zero")
    ax.vlines(place[known], 0, change[known], color=PALE, linewidth=2.4, zorder=2, gid="stem")
    ax.vlines(
        place[bounded],
        low[bounded],
        high[bounded],
        color=LINE,
        linewidth=7,
        alpha=0.28,
        zorder=3,
        gid="interval",
    )
    ax.plot(place[known], change[known], "o", color=LINE, markersize=6.5, zorder=4, gid="growth")
    for at, value, a, b, text in zip(place, change, low, high, shown, strict=True):
        up = not value < 0
        ends = [0.0 if np.isnan(value) else value, *([a, b] if np.isfinite(a + b) else [])]
        style = {**LABEL, "ha": "center", "va": "bottom" if up else "top"}
        end = (at, max(ends) if up else min(ends))
        ax.annotate(text, end, (0, 6 if up else -6), textcoords="offset points", zorder=5, **style)
    every = np.concatenate([[0.0], change[known], low[bounded], high[bounded]])
    span = float(np.ptp(every)) or 1.0
    ax.set_ylim(every.min() - (0.17 if every.min() < 0 else 0.03) * span, every.max() + 0.17 * span)
    ax.set_xlim(place[0] - 0.6, place[-1] + 1.35)
    number_axis(ax, language)
    bare(ax)


def _about(low: float, high: float, decimals: int, language: Language) -> str:
    return "" if np.isnan(low + high) else f" ({format_interval(low, high, decimals, language=language)})"


def _source(source: str | None, period: str, language: Language) -> str:
    """Return the source, or what is known of the period when no source is given."""
    text = texts_of("maps.shared", language)
    return source or f"{text['refers']} {period}. {text['no_source']}"
