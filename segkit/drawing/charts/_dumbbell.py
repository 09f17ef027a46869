"""Areas then and now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.base.checks import LANGUAGES, check_choice, check_columns, check_keys, numbers
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
from segkit.drawing.classes import source_line
from segkit.errors import InputError, UnknownNameError, message
from segkit.words.numbers import format_number
from segkit.words.text import chart_texts as texts
from segkit.words.text import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from segkit.base.checks import Floats, Language

_ENDS = ("first", "last")


def dumbbell(
    data: pd.DataFrame,
    indicator: str | None = None,
    *,
    first: int | None = None,
    last: int | None = None,
    weight: str | None = "population",
    highlight: Sequence[str] = (),
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each area then and now: a bar where it was, a dot where it is, highest now on top.

    The mean of the areas has the first row, and a vertical line through all where it is now. The value
    now and the change stand beside the dot. Areas that lack a figure stand last and say so; a value with
    a remark (modelled, preliminary) has a hollow dot.

    Parameters
    ----------
    data : pandas.DataFrame
        A panel, with an indicator: one row per area and period, with ``name``, and where there are any
        ``<indicator>_se`` (for 95 per cent intervals) and ``<indicator>_flag``. Or, without an
        indicator, a table with a row per area: ``area_id, name, first, last``, and where there are any
        ``first_low, first_high, last_low, last_high`` and ``flag``.
    indicator : str, optional
        The indicator of a panel.
    first, last : int, optional
        The periods; of a panel by default the first and the last with figures.
    weight : str, optional
        Column of people that the mean is weighted by, in each period its own; None lets areas count alike.
    highlight : sequence of str
        Codes of areas whose names are bold.
    language : {"sv", "en"}
        The language of labels and numbers.
    title, source : str, optional
        Title, by default how many areas rose; source at the foot, by default the periods.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot, as high as the areas are many.

    Returns
    -------
    matplotlib.axes.Axes
        With a description for `description`.

    Raises
    ------
    UnknownNameError
        When a column or period is missing.
    InputError
        When the panel has fewer than two periods with figures, no area has figures in both, or weights
        are missing or negative.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"area_id": ["a", "b"], "name": ["A", "B"], "first": [1, 2], "last": [2, 1.5]})
    >>> ax = dumbbell(table, weight=None, language="en", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['Mean of the areas', 'A', 'B']
    """
    check_choice(language, LANGUAGES, argument="language")
    text = texts(language)
    if indicator is None:
        table, ends = _from_table(data, weight), [str(first or text["then"]), str(last or text["now"])]
    else:
        table, periods = _from_panel(data, indicator, first, last, weight)
        data = data[data["period"].isin(periods)]
        ends = [str(period) for period in periods]
    order = np.argsort(-table["last"].to_numpy(dtype=float), kind="stable")
    table = table.iloc[order]
    values = [numbers(table, end) for end in _ENDS]
    both = ~np.isnan(values[0] + values[1])
    if not both.any():
        rule = f"have no area with figures in both {ends[0]} and {ends[1]}"
        raise InputError(message("data", rule, fix="Choose other periods, or another indicator."))
    decimals = decimals_of_values(indicator or "", np.concatenate(values))
    means = [mean(np.where(both, value, np.nan), numbers(table, f"mass_{end}"))
             for end, value in zip(_ENDS, values, strict=True)]  # fmt: skip
    axes = new_axes(6.2, 1.5 + ROW * (len(table) + 1)) if ax is None else ax
    marks = remarks(table["flag"], language, solid=["preliminary"])
    names = [f"{name} {symbol}".rstrip() for name, symbol in zip(table["name"], marks.symbols, strict=True)]
    strong = [True, *table["area_id"].isin(highlight)]
    write_rows(axes, [text["mean_weighted"], *names], strong=strong)
    _draw(axes, table, means, marks.hollow, decimals, language)
    unit = indicators.unit(indicator or "", language=language)
    found, counts = _found(indicator, values, both, ends, language)
    legend = f"│ {ends[0]}   ● {ends[1]}"
    parts = [legend, unit, text["order_now"].format(last=ends[1]), "" if title is None else counts]
    dress(
        axes,
        title=found if title is None else title,
        subtitle=" · ".join(part for part in parts if part),
        notes=[
            marks.note,
            text["whiskers"] if _bounded(table).any() else "",
            f"{weighting(weight, language)} {text['followed']}",
            source_line(data, source, language),
        ],
    )
    _describe(axes, table, (found if title is None else title, counts), ends, means, decimals, language)
    return axes


def _from_table(data: pd.DataFrame, weight: str | None) -> pd.DataFrame:
    """Return the rows of a table of areas as they are drawn."""
    check_columns(data, ["area_id", "name", *_ENDS], argument="data")
    if data.empty:
        raise InputError(message("data", "has no area to draw"))
    if data["area_id"].duplicated().any():
        fix = "Name the indicator of a panel, or keep one row per area."
        raise InputError(message("data", "has more than one row for an area", fix=fix))
    table = data[["area_id", "name", *_ENDS]].copy()
    for end in _ENDS:
        table[end] = numbers(data, end)
        for side in ("low", "high"):
            column = f"{end}_{side}"
            table[column] = numbers(data, column) if column in data else np.nan
        table[f"mass_{end}"] = masses(data, weight)
    table["flag"] = data.get("flag", "")
    return table


def _from_panel(
    panel: pd.DataFrame, indicator: str, first: int | None, last: int | None, weight: str | None
) -> tuple[pd.DataFrame, list[int]]:
    """Return the rows of two periods side by side, and which periods they are."""
    check_keys(panel)
    needed = [indicator, *([] if weight is None else [weight])]
    check_columns(panel, needed, argument="panel")
    filled = sorted(panel.loc[~np.isnan(numbers(panel, indicator)), "period"].unique().tolist())
    at_hand = f"Periods with figures: {', '.join(map(str, filled)) or 'none'}."
    if len(filled) < 2:
        raise InputError(message(indicator, "needs figures of two periods to compare", fix=at_hand))
    periods = [filled[0] if first is None else first, filled[-1] if last is None else last]
    stray = [period for period in periods if period not in filled]
    if stray:
        raise UnknownNameError(message("first, last", f"have no figures of {indicator}", stray, at_hand))
    if periods[0] >= periods[1]:
        raise InputError(message("first, last", f"are {periods[0]} and {periods[1]}, must be in order"))
    parts = []
    for end, period in zip(_ENDS, periods, strict=True):
        part = panel[panel["period"] == period]
        value = numbers(part, indicator)
        error = Z * numbers(part, f"{indicator}_se") if f"{indicator}_se" in part else value * np.nan
        flag = part[f"{indicator}_flag"].fillna("") if f"{indicator}_flag" in part else ""
        new = {end: value, f"{end}_low": value - error, f"{end}_high": value + error, f"flag_{end}": flag}
        named = part["name"] if "name" in part else part["area_id"]
        new |= {f"mass_{end}": masses(part, weight), f"name_{end}": named}
        parts.append(part[["area_id"]].assign(**new).set_index("area_id"))
    table = parts[0].join(parts[1], how="outer")
    table["name"] = table["name_last"].fillna(table["name_first"])
    flags = table[["flag_first", "flag_last"]].fillna("")
    # A remark on either value is one on the row.
    table["flag"] = [", ".join(dict.fromkeys(part for part in row if part)) for row in flags.to_numpy()]
    return table.fillna({"mass_first": 0.0, "mass_last": 0.0}).reset_index(), periods


def _bounded(table: pd.DataFrame) -> Any:
    """Tell which rows have an interval at either end."""
    return table[["first_low", "last_low"]].notna().any(axis=1)


def _draw(
    ax: Axes,
    table: pd.DataFrame,
    means: list[float],
    marked: list[bool],
    decimals: int,
    language: Language,
) -> None:
    """Draw bars, dots, intervals and values."""
    then, now = (np.concatenate([[at], numbers(table, end)]) for at, end in zip(means, _ENDS, strict=True))
    row = np.arange(len(then), dtype=float)
    color = np.array([ACCENT] + [LINE] * len(table))
    both = ~np.isnan(then + now)
    ax.axvline(means[1], color=ACCENT, linewidth=0.8, zorder=1, gid="mean")
    ax.hlines(row[both], then[both], now[both], color=PALE, linewidth=2.4, zorder=2, gid="change")
    edges = [then, now]
    for end, lift in (("first", 0.26), ("last", -0.26)):
        low, high = numbers(table, f"{end}_low"), numbers(table, f"{end}_high")
        here = ~np.isnan(low + high)
        ax.hlines(row[1:][here] + lift, low[here], high[here], color=MUTED, linewidth=0.9, zorder=3, gid=end)
        edges += [np.concatenate([[np.nan], low]), np.concatenate([[np.nan], high])]
    known = ~np.isnan(then)
    ax.scatter(
        then[known], row[known], s=62, marker="|", color=color[known], linewidths=1.8, zorder=4, gid="then"
    )
    known = ~np.isnan(now)
    face = np.where([False, *marked], "white", color)
    ax.scatter(
        now[known], row[known], s=30, marker="o", facecolors=face[known].tolist(),
        edgecolors=color[known].tolist(), linewidths=1.2, zorder=5, gid="now",
    )  # fmt: skip
    everything = np.array(edges)
    right = np.nanmax(np.where(np.isnan(everything), -np.inf, everything), axis=0)
    for place, (before, after, edge) in enumerate(zip(then, now, right, strict=True)):
        text = _beside(before, after, decimals, language)
        at = edge if np.isfinite(edge) else means[1]
        ax.annotate(text, (at, place), (7, 0), textcoords="offset points", zorder=2.5, **VALUE)
    least, most = float(np.nanmin(everything)), float(np.nanmax(everything))
    span = (most - least) or max(abs(most), 1.0)
    ax.set_xlim(least - 0.05 * span, most + 0.28 * span)
    number_axis(ax, language, axis="x", most=6)
    bare(ax, grid="x")


def _beside(before: float, after: float, decimals: int, language: Language) -> str:
    """Return the value now with the change, or that it is missing."""
    missing = word("missing", language=language)
    if np.isnan(after):
        return missing
    shown = format_number(after, decimals, language=language)
    change = format_number(after - before, decimals, language=language, sign=True)
    return f"{shown} ({missing if np.isnan(before) else change})"


def _found(
    indicator: str | None, values: list[Floats], both: Any, ends: list[str], language: Language
) -> tuple[str, str]:
    """Say in how many areas the value rose, and the counts of all outcomes."""
    text = texts(language)
    change = (values[1] - values[0])[both]
    rose, fell = int((change > 0).sum()), int((change < 0).sum())
    label = heading(indicator or "value", language=language, unit=False)
    title = text["rose"].format(label=label, n=rose, of=int(both.sum()), first=ends[0], last=ends[1])
    return title, text["fell_too"].format(rose=rose, fell=fell, same=int(both.sum()) - rose - fell)


def _describe(
    ax: Axes,
    table: pd.DataFrame,
    heads: tuple[str, str],
    ends: list[str],
    means: list[float],
    decimals: int,
    language: Language,
) -> None:
    """Keep every row in words."""
    text = texts(language)
    rows = []
    for name, before, after in zip(table["name"], *(numbers(table, end) for end in _ENDS), strict=True):
        shown = [format_number(value, decimals, language=language) for value in (before, after)]
        if np.isnan(before + after):
            rows.append(text["missing_row"].format(name=name))
        else:
            rows.append(text["row"].format(name=name, first=shown[0], last=shown[1]))
    first, last = (format_number(value, decimals, language=language) for value in means)
    means_said = text["mean_is"].format(first=ends[0], last=ends[1], first_value=first, last_value=last)
    describe(ax, *heads, means_said, "; ".join(rows))
