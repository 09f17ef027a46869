"""Single areas through time, beside their profile and the municipality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, Floats, check_choice, check_columns, complete, numbers
from segkit.base.order import in_area_order
from segkit.catalogue.labels import heading
from segkit.errors import InputError, UnknownNameError, list_some, message
from segkit.profiles.typologies._over_time import ProfilesOverTime
from segkit.words.numbers import format_short
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from segkit.base.checks import Language

_INK, _MUTED, _RULE, _LINE = "#1f2933", "#5f6b7a", "#d5dae1", "#2b4f8c"
_FONT = 8.5
#: Series of a panel: column, words, and how it is drawn, the one that matters most last.
_SERIES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "municipality_mean",
        {"color": _MUTED, "linestyle": (0, (2, 2)), "linewidth": 1.1},
    ),
    ("profile_mean", {"color": "#b36a14", "linewidth": 1.3}),
    ("value", {"color": _LINE, "linewidth": 2.2, "marker": "o"}),
)
#: Least distance of two labels, as a share of the height of a panel.
_APART = 0.11


def trajectories(
    result: ProfilesOverTime, area_ids: Sequence[str], *, weight: str | None = "population"
) -> pd.DataFrame:
    """Follow single areas beside the mean of their profile and of all areas.

    The profile is the one that the area had in its first period, and its mean is that of the areas that
    had the same profile in the first period, the area itself among them: their company at the start,
    followed through time.

    Parameters
    ----------
    result : ProfilesOverTime
        From `over_time`.
    area_ids : sequence of str
        The areas, such as Norrliden's and Oxhagen's.
    weight : str, optional
        The column of people that the means are weighted by; None lets areas count alike.

    Returns
    -------
    pandas.DataFrame
        One row per area, indicator and period: ``area_id, name, profile, indicator`` (``"index"`` for
        the mean of them), ``period, value, profile_mean, municipality_mean``. Values are in standard
        deviations from the mean of the base period, higher is stronger.

    Raises
    ------
    UnknownNameError
        When an area or the column of weights is missing.
    InputError
        When no area is named, or weights are missing or 0 for all areas of a mean.

    Examples
    --------
    >>> from segkit import typologies
    >>> panel = pd.DataFrame({"area_id": list("abcd") * 2, "period": [2020] * 4 + [2024] * 4,
    ...                       "turnout": [60.0, 60.0, 80.0, 80.0, 60.0, 80.0, 80.0, 80.0]})
    >>> result = typologies.over_time(panel, ["turnout"], n_profiles=2)
    >>> table = trajectories(result, ["b"], weight=None)
    >>> table[table["indicator"] == "index"].iloc[:, -3:].values.tolist()
    [[-1.0, -1.0, 0.0], [1.0, 0.0, 0.5]]
    """
    if not isinstance(result, ProfilesOverTime):
        rule = f"must be the result of typologies.over_time, is {type(result).__name__}"
        raise InputError(message("result", rule))
    known = result.labels.notna()
    rows = in_area_order(result.data[known])
    wanted = _wanted(area_ids, rows["area_id"])
    mass = np.ones(len(rows)) if weight is None else _people(rows, weight)
    figures = result.scores.loc[rows.index].assign(index=result.index[rows.index])
    called = "name" if "name" in rows else "area_id"
    first = rows.drop_duplicates("area_id")
    start = pd.Series(result.labels[first.index].to_numpy(dtype=int), index=first["area_id"])
    company = rows["area_id"].map(start)
    everyone = _means(figures, mass, rows["period"])
    alike = _means(figures, mass, [rows["period"], company.rename("profile")])
    parts = []
    for area in wanted:
        own = rows["area_id"] == area
        profile = int(start[area])
        periods = rows.loc[own, "period"]
        beside = alike.xs(profile, level="profile").loc[periods]
        empty = beside.index[np.isnan(beside.to_numpy()).any(axis=1)]
        if len(empty):
            rule = f"is 0 in all areas that began in profile {profile}, in the periods"
            raise InputError(message(str(weight), rule, empty, "Let areas count alike: weight=None."))
        lines = (
            figures[own].set_axis(periods),
            beside,
            everyone.loc[periods],
        )
        # One column per line, one row per indicator and period.
        names = [column for column, _ in reversed(_SERIES)]
        part = pd.concat([line.unstack() for line in lines], axis=1, keys=names)
        part = part.rename_axis(["indicator", "period"]).reset_index()
        keys = {"area_id": area, "name": rows.loc[own, called].iloc[-1], "profile": profile}
        parts.append(part.assign(**keys)[[*keys, *part.columns]])
    return pd.concat(parts, ignore_index=True)


def plot_trajectories(
    table: pd.DataFrame, *, language: Language = "sv", figure: Figure | None = None
) -> Figure:
    """Draw areas through time: a row of small panels per area, one per indicator, on one scale.

    Parameters
    ----------
    table : pandas.DataFrame
        From `trajectories`.
    language : {"sv", "en"}
        The language of labels.
    figure : matplotlib.figure.Figure, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        When the table is empty or has missing values.
    UnknownNameError
        When a column is missing.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"area_id": "a", "name": "A", "profile": 1, "indicator": "turnout",
    ...                       "period": [2020, 2024], "value": [-1.0, 0.0], "profile_mean": [-1.0, -0.9],
    ...                       "municipality_mean": [0.0, 0.1]})
    >>> len(plot_trajectories(table, language="en", figure=Figure()).axes)
    1
    """
    check_choice(language, LANGUAGES, argument="language")
    series = [name for name, _ in _SERIES]
    check_columns(table, ["area_id", "name", "profile", "indicator", "period", *series], argument="table")
    if table.empty:
        raise InputError(message("table", "has no area to draw"))
    values = np.concatenate([complete(table, column) for column in series])
    areas, indicators = (table[c].drop_duplicates().tolist() for c in ("area_id", "indicator"))
    figure = _figure(0.6 + 2.25 * len(indicators), 0.35 + 1.9 * len(areas)) if figure is None else figure
    panels = figure.subplots(len(areas), len(indicators), sharey=True, sharex=True, squeeze=False)
    figure.supxlabel(say("profiles.trajectories", "scale", language), fontsize=_FONT - 1, color=_MUTED)
    margin = 0.12 * max(float(np.ptp(values)), 0.5)
    panels[0, 0].set_ylim(values.min() - margin, values.max() + margin)
    for area, line in zip(areas, panels, strict=True):
        for indicator, ax in zip(indicators, line, strict=True):
            own = table[(table["area_id"] == area) & (table["indicator"] == indicator)]
            _draw(ax, own.sort_values("period", kind="stable"), language)
            ax.set_title(
                heading(indicator, language=language, unit=False),
                loc="left",
                fontsize=_FONT,
                color=_INK,
                pad=6,
                parse_math=False,
            )
        line[0].set_ylabel(_broken(str(own["name"].iloc[0])), fontsize=_FONT, color=_INK, parse_math=False)
    return figure


def _draw(ax: Axes, own: pd.DataFrame, language: Language) -> None:
    """Draw the three lines of a panel, each with its name at its end."""
    years = numbers(own, "period")
    # Only as long as the lines, so that it strikes through no label.
    ax.hlines(0, years[0], years[-1], color=_RULE, linewidth=0.8, zorder=1)
    for column, style in _SERIES:
        ax.plot(years, own[column], markersize=3.5, zorder=3, **style)
    span = max(float(np.ptp(years)), 1.0)
    ax.set_xlim(years[0] - 0.08 * span, years[-1] + 0.85 * span)
    # Ends only: every year in between would be a thicket.
    ends = sorted({int(years[0]), int(years[-1])})
    ax.set_xticks(ends, [str(year) for year in ends])
    low, high = ax.get_ylim()
    at = [float(own[column].iloc[-1]) for column, _ in _SERIES]
    places = _spaced(np.array(at), _APART * (high - low), low, high)
    for (column, style), place in zip(_SERIES, places, strict=True):
        text = say("profiles.trajectories", column, language).format(int(own["profile"].iloc[0]))
        ax.text(years[-1] + 0.1 * span, place, text, color=style["color"], fontsize=_FONT - 1, va="center")
    ax.yaxis.set_major_formatter(lambda value, _: _number(value, language))
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.spines["bottom"].set_color(_RULE)
    ax.tick_params(length=0, labelsize=_FONT - 1, labelcolor=_MUTED)


def _spaced(at: Floats, apart: float, low: float, high: float) -> Floats:
    """Move labels as little as is needed for them to stand apart, within the panel, in their order."""
    order = np.argsort(at, kind="stable")
    steps = apart * np.arange(len(at))
    # Labels that crowd stand around their mean: the least squares solution (pool adjacent violators).
    blocks: list[list[float]] = []
    for value in at[order] - steps:
        blocks.append([value])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1].extend(last)
    even = np.concatenate([np.full(len(block), np.mean(block)) for block in blocks])
    placed = np.empty(len(at))
    placed[order] = np.clip(even, low + apart / 2, high - apart / 2 - steps[-1]) + steps
    return placed


def _number(value: float, language: Language) -> str:
    return format_short(value, language=language)


def _broken(name: str) -> str:
    """Break a long name at its hyphens and spaces."""
    import textwrap

    return "\n".join(textwrap.wrap(name.replace("-", "- "), 20)).replace("- ", "-")


def _figure(width: float, height: float) -> Figure:
    import matplotlib.pyplot as plt

    return plt.figure(figsize=(width, height), layout="constrained")


def _wanted(area_ids: Sequence[str], known: pd.Series) -> list[str]:
    """Return the areas asked for, checked."""
    if isinstance(area_ids, str) or not list(area_ids):
        raise InputError(message("area_ids", "must be a list of codes of areas, at least one"))
    wanted = list(dict.fromkeys(area_ids))
    stray = [area for area in wanted if area not in set(known)]
    if stray:
        fix = f"Areas with a profile: {list_some(known.unique(), 5)}."
        raise UnknownNameError(message("area_ids", "has areas without a profile", stray, fix))
    return wanted


def _people(rows: pd.DataFrame, weight: str) -> Floats:
    mass = complete(rows, weight, least=0)
    empty = pd.Series(mass).groupby(rows["period"].to_numpy()).sum() <= 0
    if empty.any():
        raise InputError(message(weight, "must sum to more than 0 in each period", empty.index[empty]))
    return mass


def _means(figures: pd.DataFrame, mass: Floats, by: Any) -> pd.DataFrame:
    """Return means weighted by people."""
    total = pd.Series(mass, index=figures.index).groupby(by).sum()
    return figures.mul(mass, axis=0).groupby(by).sum().div(total, axis=0)
