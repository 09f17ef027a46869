"""Lorenz curves of values and segregation curves of a group, with the measures that they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice, check_columns, complete, numbers
from segkit.catalogue.labels import heading
from segkit.drawing.charts._means import lower, masses
from segkit.drawing.charts._style import DASHES, FONT, INK, MUTED, bare, describe, dress, new_axes
from segkit.drawing.classes import source_line
from segkit.errors import InputError, UnknownNameError, message
from segkit.measures import inequality, segregation
from segkit.measures.segregation.counts import two_groups
from segkit.words.numbers import format_number
from segkit.words.text import chart_texts as texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from segkit.base.checks import Floats, Language

#: Colors of several periods, the last and most important first; told apart by dashes too.
_COLORS = ("#2b4f8c", "#b36a14", "#5f6b7a", "#3b86a6")


def lorenz(
    data: pd.DataFrame,
    values: str,
    *,
    weight: str | None = "population",
    periods: Sequence[int] | None = None,
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the Lorenz curve: what share of the sum the areas with the lowest values have.

    Areas are put in order of their value. Each adds its people to the right and its people times value
    upwards. Equal areas give the straight line; the Gini coefficient is twice the area between the
    line and the curve, as `inequality.gini` computes it. Differences within areas are not seen, so it is
    lower than the coefficient of persons.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, or a panel.
    values : str
        The column of values, none negative, such as mean income.
    weight : str, optional
        Column of people; None lets areas count alike.
    periods : sequence of int, optional
        At most four periods of a panel; by default the first and the last with figures.
    language : {"sv", "en"}
        The language of labels and numbers.
    title, source : str, optional
        Title, by default the coefficients; source at the foot, by default the periods.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.axes.Axes
        With a description for `description`.

    Raises
    ------
    UnknownNameError
        When a column or period is missing.
    InputError
        When every value is missing, a value is negative, or weights are missing or negative.

    References
    ----------
    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the American
    Statistical Association 9(70), 209-219.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> areas = pd.DataFrame({"income": [1.0, 3.0], "population": [10, 10]})
    >>> ax = lorenz(areas, "income", language="en", ax=Figure().subplots())
    >>> ax.get_title(loc="left"), ax.lines[0].get_ydata().tolist()
    ('Income: Gini coefficient 0.250', [0.0, 25.0, 100.0])
    """
    check_choice(language, LANGUAGES, argument="language")
    text = texts(language)
    axes = new_axes(4.6, 5.3) if ax is None else ax
    found, left_out, said = [], [], []
    rows = _each_period(data, values, periods)
    for place, (period, part) in zip(range(len(rows))[::-1], rows, strict=True):
        value, mass = numbers(part, values), masses(part, weight)
        known = ~np.isnan(value) & (mass > 0)
        gini = inequality.gini(value[known], mass[known])
        x, y = _curve(mass[known], (mass * value)[known], value[known])
        shown = format_number(gini, 3, language=language)
        _line(axes, x, y, place, _legend(period, text["gini_of"].format(value=shown)))
        found.append(_at(shown, period, text))
        left_out += _left_out(int((~known).sum()), period, text)
        half = format_number(float(np.interp(50.0, x, y)), 1, language=language)
        people = lower(weight, language) if weight else text["areas"]
        said.append(_legend(period, text["half_point"].format(people=people, share=half)))
    head = title or text["lorenz"].format(label=_capital(values, language), ginis=_listed(found, text))
    across = text["lorenz_x"].format(weight=lower(weight, language) if weight else text["areas"])
    _frame(axes, text["lorenz_y"], text["even"])
    used = pd.concat([part for _, part in rows])
    notes = [f"{across} (%).", text["lorenz_note"], *left_out, source_line(used, source, language)]
    dress(axes, title=head, notes=notes, lift=11)
    describe(axes, head, *said, *left_out)
    return axes


def segregation_curve(
    data: pd.DataFrame,
    *,
    group: str,
    total: str,
    periods: Sequence[int] | None = None,
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the segregation curve of a group against everyone else, with D and G.

    Areas are put in order of the group's share. Each adds its part of everyone else to the right and its
    part of the group upwards. An even distribution gives the straight line. The dissimilarity index D is
    the largest vertical distance to it, drawn as a vertical line; the Gini index G is twice the area
    between.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, or a panel. Areas where a count is missing are left out and counted at the foot.
    group, total : str
        Columns with the count of the group and of everyone, per area.
    periods : sequence of int, optional
        At most four periods of a panel; by default the first and the last with figures.
    language : {"sv", "en"}
        The language of labels and numbers.
    title, source : str, optional
        Title, by default the dissimilarity; source at the foot, by default the periods.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.axes.Axes
        With a description for `description`.

    Raises
    ------
    UnknownNameError
        When a column or period is missing.
    InputError
        As `segregation.dissimilarity`, or when there are more than four periods.

    References
    ----------
    Duncan, O. D. & Duncan, B. (1955). A methodological analysis of segregation indexes. American
    Sociological Review 20(2), 210-217.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> ax = segregation_curve(areas, group="group", total="total", language="en", ax=Figure().subplots())
    >>> ax.get_legend().get_texts()[0].get_text()
    'D = 0.600, G = 0.800'
    """
    check_choice(language, LANGUAGES, argument="language")
    text = texts(language)
    check_columns(data, [group, total])
    axes = new_axes(4.6, 5.3) if ax is None else ax
    found, left_out, said = [], [], []
    rows = _each_period(data, group, periods)
    for place, (period, part) in zip(range(len(rows))[::-1], rows, strict=True):
        members, others = two_groups(part, group=group, total=total, missing="drop")
        measures = [
            float(measure(part, group=group, total=total, missing="drop"))
            for measure in (segregation.dissimilarity, segregation.gini)
        ]
        d, g = (format_number(value, 3, language=language) for value in measures)
        x, y = _curve(others, members, members / (members + others))
        _line(axes, x, y, place, _legend(period, f"D = {d}, G = {g}"))
        far = int(np.argmax(x - y))
        look = {"color": _COLORS[place], "linewidth": 1.1, "linestyle": DASHES[place]}
        axes.vlines(x[far], y[far], x[far], zorder=2, gid="D", **look)
        found.append(_at(d, period, text))
        left_out += _left_out(int(part[[group, total]].isna().any(axis=1).sum()), period, text)
        half = format_number(float(np.interp(50.0, x, y)), 1, language=language)
        said.append(_legend(period, f"D {d}, G {g}. {text['half_group'].format(share=half)}"))
    head = title or text["segregation"].format(group=_capital(group, language), values=_listed(found, text))
    _frame(axes, text["segregation_y"], text["even"])
    used = pd.concat([part for _, part in rows])
    notes = [
        f"{text['segregation_x']} (%).", text["segregation_note"], *left_out,
        source_line(used, source, language),
    ]  # fmt: skip
    dress(axes, title=head, notes=notes, lift=11)
    describe(axes, head, *said, *left_out)
    return axes


def _each_period(
    data: pd.DataFrame, column: str, periods: Sequence[int] | None
) -> list[tuple[int | None, pd.DataFrame]]:
    """Return the rows of each period to draw."""
    check_columns(data, [column])
    if data.empty or np.isnan(numbers(data, column)).all():
        fix = "Join the figures first, or choose another column."
        raise InputError(message(column, "has no value to draw", fix=fix))
    if "period" not in data:
        if periods is not None:
            raise UnknownNameError(message("periods", "can't be chosen, as `data` has no column `period`"))
        return [(None, data)]
    period = complete(data, "period").astype(int)
    filled = sorted(set(period[~np.isnan(numbers(data, column))].tolist()))
    wanted = sorted({filled[0], filled[-1]}) if periods is None else list(dict.fromkeys(periods))
    stray = [at for at in wanted if at not in filled]
    if stray or not wanted:
        fix = f"Periods with figures: {', '.join(map(str, filled))}."
        raise UnknownNameError(message("periods", "have no figures", stray, fix))
    if len(wanted) > len(_COLORS):
        rule = f"are {len(wanted)}, must be at most {len(_COLORS)} to be told apart"
        raise InputError(message("periods", rule))
    return [(at, data[period == at]) for at in wanted]


def _curve(across: Floats, up: Floats, order: Floats) -> tuple[Floats, Floats]:
    """Return the corners of a curve of cumulative shares, in per cent, from the lowest of `order`."""
    place = np.argsort(order, kind="stable")
    x, y = (np.concatenate([[0.0], np.cumsum(part[place])]) for part in (across, up))
    return 100 * x / x[-1], 100 * y / y[-1]


def _line(ax: Axes, x: Floats, y: Floats, place: int, label: str) -> None:
    """Draw the curve of a period, told apart by dashes as well as color."""
    ax.plot(
        x,
        y,
        color=_COLORS[place],
        linestyle=DASHES[place],
        linewidth=1.6,
        zorder=4 - 0.1 * place,
        label=label,
    )


def _frame(ax: Axes, up: str, even: str) -> None:
    """Draw the line of an even distribution, both axes in per cent and the legend."""
    ax.plot([0, 100], [0, 100], color=MUTED, linewidth=0.8, zorder=1, label=even, gid="even")
    ticks = range(0, 101, 25)
    ax.set(xlim=(0, 100), ylim=(0, 100), xticks=ticks, yticks=ticks)
    ax.set_ylabel(f"{up} (%)", fontsize=FONT - 1.5, color=MUTED)
    bare(ax)
    ax.legend(loc="upper left", frameon=False, fontsize=FONT - 1.5, labelcolor=INK, handlelength=2.6)


def _capital(column: str, language: Language) -> str:
    """Return the name of a column as a sentence begins."""
    name = heading(column, language=language, unit=False)
    return name[:1].upper() + name[1:]


def _legend(period: int | None, shown: str) -> str:
    return shown if period is None else f"{period}: {shown}"


def _at(shown: str, period: int | None, text: Mapping[str, str]) -> str:
    return shown if period is None else text["at"].format(value=shown, period=period)


def _listed(parts: Sequence[str], text: Mapping[str, str]) -> str:
    *rest, last = parts
    return f"{', '.join(rest)} {text['and']} {last}" if rest else last


def _left_out(n: int, period: int | None, text: Mapping[str, str]) -> list[str]:
    """Say how many areas have no figure."""
    if not n:
        return []
    return [text["left_out" if period is None else "left_out_at"].format(n=n, period=period)]
