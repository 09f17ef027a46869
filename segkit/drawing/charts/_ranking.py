"""Areas in order of a value, with their intervals and the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.base.checks import LANGUAGES, check_choice, check_columns, labels_of, numbers
from segkit.catalogue import indicators
from segkit.catalogue.labels import heading
from segkit.drawing.charts._means import masses, mean, weighting
from segkit.drawing.charts._style import (
    ACCENT,
    LINE,
    MUTED,
    PALE,
    ROW,
    VALUE,
    Z,
    bare,
    decimals_of_values,
    describe,
    dress,
    new_axes,
    number_axis,
    remarks,
    write_rows,
)
from segkit.drawing.classes import count_text, some_values, source_line
from segkit.errors import InputError, message
from segkit.words.numbers import format_interval, format_number
from segkit.words.text import chart_texts as texts
from segkit.words.text import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd
    from matplotlib.axes import Axes

    from segkit.base.checks import Floats, Language


def ranking(
    areas: pd.DataFrame,
    column: str,
    *,
    interval: tuple[str, str] | None = None,
    mean_interval: tuple[float, float] | None = None,
    weight: str | None = "population",
    highlight: Sequence[str] = (),
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw areas in order of an indicator or the index, with intervals and the mean of the areas.

    The highest value is on top; areas without a figure stand last and say so. An area whose interval
    reaches the mean (or the band of the mean's own interval) can't be told from it and is pale; a value
    with a remark (modelled, preliminary) has a hollow dot, and the remark stands at the foot. An order
    between areas whose intervals reach each other is not certain.

    Parameters
    ----------
    areas : pandas.DataFrame
        One row per area: ``area_id, name``, the column, and where there are any ``<column>_se`` (for 95
        per cent intervals) and ``<column>_flag``.
    column : str
        The indicator, or ``"index"``.
    interval : tuple of str, optional
        Columns with the ends of each area's interval, in place of the standard errors.
    mean_interval : tuple of float, optional
        Ends of the interval of the mean, drawn as a band.
    weight : str, optional
        Column of people that the mean is weighted by; None lets areas count alike.
    highlight : sequence of str
        Codes of areas whose names are bold.
    language : {"sv", "en"}
        The language of labels and numbers.
    title, source : str, optional
        Title, by default what is found; source at the foot, by default the period.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot, as high as the areas are many.

    Returns
    -------
    matplotlib.axes.Axes
        With a description for `description`.

    Raises
    ------
    UnknownNameError
        When a column is missing.
    InputError
        When an area stands twice, every value is missing, an interval has its ends in the wrong order, or
        weights are missing or negative.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> areas = pd.DataFrame({"area_id": ["a", "b"], "name": ["A", "B"], "turnout": [70.0, 90.0]})
    >>> ax = ranking(areas, "turnout", weight=None, language="en", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_yticklabels()], [text.get_text() for text in ax.texts][:2]
    (['B', 'A'], ['90.0', '70.0'])
    """
    check_choice(language, LANGUAGES, argument="language")
    text = texts(language)
    table, ends = _in_order(areas, column, interval)
    value = numbers(table, column)
    center = mean(value, masses(table, weight))
    band = (center, center) if mean_interval is None else mean_interval
    if not band[0] <= center <= band[1]:
        rule = f"is {band}, which does not hold the mean {center:g}"
        raise InputError(message("mean_interval", rule, fix="Check its order and its weights."))
    told = ~((ends[0] <= band[1]) & (ends[1] >= band[0]))
    flags = table[f"{column}_flag"] if f"{column}_flag" in table else [""] * len(table)
    marks = remarks(flags, language, solid=["preliminary"])
    decimals = decimals_of_values(column, value)
    axes = new_axes(6.2, 1.6 + ROW * len(table)) if ax is None else ax
    names = [f"{name} {symbol}".rstrip() for name, symbol in zip(table["name"], marks.symbols, strict=True)]
    write_rows(axes, names, strong=table["area_id"].isin(highlight).tolist())
    axes.axvspan(*band, color=ACCENT, alpha=0.16, linewidth=0, zorder=1, gid="band")
    axes.axvline(center, color=ACCENT, linewidth=0.9, zorder=1, gid="mean")
    _draw(axes, value, ends, told, np.array(marks.hollow), center, decimals, language)
    bounded = bool((ends[1] > ends[0]).any())
    shown = format_number(center, decimals, language=language)
    mean_said = text["mean_line"].format(value=shown)
    if mean_interval is not None:
        about = format_interval(*mean_interval, decimals, language=language)
        mean_said = text["mean_band"].format(value=shown, interval=about)
    found = title or _found(column, value, told, center, decimals, bounded=bounded, language=language)
    unit = indicators.unit(column, language=language)
    dress(
        axes,
        title=found,
        subtitle=" · ".join(part for part in (unit, text["highest_first"].rstrip(".").lower()) if part),
        notes=[
            f"{mean_said} {weighting(weight, language)}",
            " ".join(text[key] for key in ("whiskers", "told", "neighbors")) if bounded else "",
            marks.note,
            source_line(areas, source, language),
        ],
    )  # fmt: skip
    rows = _spoken(table["name"], value, ends, decimals, language)
    describe(axes, found, mean_said, "; ".join(rows), marks.note)
    return axes


def _in_order(
    areas: pd.DataFrame, column: str, interval: tuple[str, str] | None
) -> tuple[pd.DataFrame, tuple[Floats, Floats]]:
    """Return the areas, highest value first, and the ends of their intervals: the value without one."""
    check_columns(areas, ["area_id", "name", column, *(interval or ())], argument="areas")
    if areas.empty:
        raise InputError(message("areas", "has no area to draw"))
    twice = areas["area_id"].duplicated(keep=False).to_numpy()
    if twice.any():
        fix = "Choose one period, or call areas.latest."
        raise InputError(message("areas", "has more than one row for an area", labels_of(areas, twice), fix))
    table = areas.iloc[np.argsort(-some_values(areas, column), kind="stable")]
    value = numbers(table, column)
    if interval is not None:
        low, high = (numbers(table, end) for end in interval)
        wrong = (low > high) | (value < low) | (value > high)
        if wrong.any():
            rule = "must hold the value between its ends"
            raise InputError(message("interval", rule, labels_of(table, wrong)))
    else:
        error = numbers(table, f"{column}_se", least=0) if f"{column}_se" in table else np.zeros(len(table))
        low, high = value - Z * error, value + Z * error
    return table, (np.where(np.isnan(low), value, low), np.where(np.isnan(high), value, high))


def _draw(
    ax: Axes,
    value: Floats,
    ends: tuple[Floats, Floats],
    told: npt.NDArray[np.bool_],
    marked: npt.NDArray[np.bool_],
    center: float,
    decimals: int,
    language: Language,
) -> None:
    """Draw whiskers, dots and values."""
    row = np.arange(len(value))
    known = ~np.isnan(value)
    bounded = bool((ends[1] > ends[0]).any())
    color = np.where(told | (not bounded), LINE, PALE)
    ax.hlines(
        row[known],
        ends[0][known],
        ends[1][known],
        color=color[known],
        linewidth=1.8,
        zorder=3,
        gid="interval",
    )
    ax.scatter(
        value[known], row[known], s=30, marker="o", linewidths=1.3, zorder=4, gid="value",
        facecolors=np.where(marked, "white", color)[known].tolist(), edgecolors=color[known].tolist(),
    )  # fmt: skip
    for place in row:
        if known[place]:
            shown = format_number(float(value[place]), decimals, language=language)
            at, look = float(ends[1][place]), VALUE
        else:
            shown, at, look = word("missing", language=language), center, {**VALUE, "color": MUTED}
        ax.annotate(shown, (at, place), (7, 0), textcoords="offset points", zorder=2.5, **look)
    low, high = float(np.nanmin(ends[0])), float(np.nanmax(ends[1]))
    span = (high - low) or max(abs(high), 1.0)
    ax.set_xlim(low - 0.05 * span, high + 0.16 * span)
    number_axis(ax, language, axis="x", most=6)
    bare(ax, grid="x")


def _found(
    column: str,
    value: Floats,
    told: npt.NDArray[np.bool_],
    center: float,
    decimals: int,
    *,
    bounded: bool,
    language: Language,
) -> str:
    """Say how many areas can be told from the mean, or from where to where the values go."""
    text = texts(language)
    label = heading(column, language=language, unit=False)
    if not bounded:
        ends = (format_number(float(f(value)), decimals, language=language) for f in (np.nanmin, np.nanmax))
        low, high = ends
        return text["ranking_plain"].format(label=label, low=low, high=high)
    known = ~np.isnan(value)
    above, below = int((told & (value > center)).sum()), int((told & (value < center)).sum())
    return text["ranking"].format(
        label=label, above=count_text(above, language), below=below, level=int(known.sum()) - above - below
    )


def _spoken(
    names: pd.Series, value: Floats, ends: tuple[Floats, Floats], decimals: int, language: Language
) -> list[str]:
    """Say the value of every area, with its interval where it has one."""
    text = texts(language)
    rows = []
    for name, here, low, high in zip(names, value, *ends, strict=True):
        if np.isnan(here):
            rows.append(text["missing_row"].format(name=name))
            continue
        row = text["row_one"].format(name=name, value=format_number(here, decimals, language=language))
        about = f" ({format_interval(low, high, decimals, language=language)})" if high > low else ""
        rows.append(row + about)
    return rows
