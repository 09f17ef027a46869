"""The profiles' indicators as dots: in their units side by side, and as positions against all areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.base.checks import LANGUAGES, check_choice, check_columns, complete, numbers
from segkit.catalogue.labels import decimals_for, heading
from segkit.drawing import palettes
from segkit.drawing.charts._means import masses, weighting
from segkit.drawing.charts._style import (
    FONT,
    INK,
    LABEL,
    MUTED,
    RULE,
    TITLE,
    decimals_of_values,
    describe,
    new_figure,
    number_axis,
    wrapped_heading,
)
from segkit.drawing.classes import count_text, source_line
from segkit.drawing.glyphs import drawable
from segkit.errors import InputError, message
from segkit.words.numbers import format_number
from segkit.words.text import chart_texts as texts
from segkit.words.text import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from segkit.base.checks import Floats, Language

#: Inches of a panel, and of one row of dots.
_PANEL = 1.75
_ROW = 0.26
_CHARACTERS = 22
#: Inches of a fingerprint taken by titles and foot.
_AROUND = 1.95
#: Profiles are told apart by shape too.
_MARKERS = "osD^vP*Xp"
_OUTLINE: dict[str, Any] = {"markeredgecolor": INK, "markeredgewidth": 0.7, "markersize": 8}


def indicator_dots(
    profiles: pd.DataFrame,
    columns: Sequence[str],
    *,
    language: Language = "sv",
    source: str | None = "",
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
    source : str, optional
        Source at the foot; none by default.
    figure : matplotlib.figure.Figure, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.figure.Figure
        With a description for `description`.

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
    order = _in_order(profiles, columns)
    n = len(columns)
    figure = new_figure(1.2 + _PANEL * n, 0.85 + _ROW * len(order)) if figure is None else figure
    panels = figure.subplots(1, n, sharey=True, squeeze=False)[0]
    names = [f"{heading('profile', language=language)} {int(p)}" for p in complete(order, "profile")]
    for panel, column in zip(panels, columns, strict=True):
        _draw_dots(panel, order, column, names, language)
    if source:
        figure.supxlabel(
            drawable(source), x=0.01, ha="left", fontsize=FONT - 1.5, color=MUTED, parse_math=False
        )
    return figure


def _in_order(profiles: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the profiles in order, checked."""
    check_columns(profiles, ["profile", *columns], argument="profiles")
    if profiles.empty or not list(columns):
        raise InputError(message("profiles", "has no profile or no indicator to draw"))
    return profiles.sort_values("profile", kind="stable")


def _draw_dots(ax: Axes, order: pd.DataFrame, column: str, names: list[str], language: Language) -> None:
    """Draw one panel: dots by profile with their values."""
    profile = complete(order, "profile").astype(int)
    value = numbers(order, column)
    colors = palettes.sequential(int(profile.max()))
    decimals = decimals_of_values(column, value)
    known = value[~np.isnan(value)]
    span = (float(np.ptp(known)) if known.size else 0.0) or 1.0
    left = (float(known.min()) if known.size else 0.0) - 0.12 * span
    said = []
    for place, (number, mean) in enumerate(zip(profile, value, strict=True)):
        if np.isnan(mean):
            missing = word("missing", language=language)
            ax.text(left + 0.1 * span, place, missing, **LABEL)
            said.append(f"{names[place]} {missing}")
            continue
        ax.plot([left, left + 1.12 * span], [place, place], color=RULE, linewidth=0.8, zorder=1)
        ax.plot(mean, place, "o", color=colors[number - 1], **_OUTLINE)
        text = format_number(mean, decimals, language=language)
        ax.annotate(text, (mean, place), (8, 0), textcoords="offset points", **LABEL)
        said.append(f"{names[place]} {text}")
    ax.set_xlim(left, left + 1.75 * span)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_yticks(range(len(names)), names)
    ax.set_xticks([])
    title = heading(column, language=language)
    ax.set_title(wrapped_heading(drawable(title), _CHARACTERS), **TITLE)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, labelsize=FONT, labelcolor=INK)
    describe(ax, f"{title}: {', '.join(said)}")


def fingerprint(
    profiles: pd.DataFrame,
    columns: Sequence[str],
    *,
    areas: pd.DataFrame,
    weight: str | None = "population",
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    figure: Figure | None = None,
) -> Figure:
    """Draw what marks each profile: a panel per profile, a row per indicator, a dot where its mean lies.

    All panels have one scale: standard deviations among the areas, from their mean (the vertical line).
    To the right is a higher value, whether that is stronger or weaker conditions; the value itself, in
    the unit of the indicator, stands beside the dot. Profiles have a shape of their own as well as the
    color of the maps.

    Parameters
    ----------
    profiles : pandas.DataFrame
        One row per profile: ``profile`` (1, 2, ...) and the mean of each indicator, such as from
        ``Profiles.describe``. ``label``, ``n_areas`` and ``<indicator>_sd`` (the spread among its areas)
        are shown where they are.
    columns : sequence of str
        The indicators.
    areas : pandas.DataFrame
        One row per area with the indicators, for the mean and spread of all. Areas without a figure are
        left out of that indicator's mean.
    weight : str, optional
        Column of `areas` with people, that the mean and spread are weighted by; None lets areas count
        alike.
    language : {"sv", "en"}
        The language of labels and numbers.
    title, source : str, optional
        Title, and source at the foot, by default the period that the figures refer to.
    figure : matplotlib.figure.Figure, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.figure.Figure
        With a description for `description`.

    Raises
    ------
    UnknownNameError
        When a column is missing.
    InputError
        When there is no profile or no indicator, no area has a figure, or weights are missing or negative.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> areas = pd.DataFrame({"area_id": ["a", "b"], "turnout": [70.0, 90.0]})
    >>> table = pd.DataFrame({"profile": [1, 2], "turnout": [70.0, 90.0]})
    >>> figure = fingerprint(table, ["turnout"], areas=areas, weight=None, figure=Figure())
    >>> [float(ax.lines[-1].get_xdata()[0]) for ax in figure.axes]
    [-1.0, 1.0]
    """
    text = texts(language)
    order = _in_order(profiles, columns)
    center, spread = _moments(areas, columns, weight)
    number = complete(order, "profile").astype(int)
    n = len(order)
    figure = new_figure(1.9 + 1.9 * n, _AROUND + 0.4 * len(columns)) if figure is None else figure
    panels = figure.subplots(1, n, sharey=True, sharex=True, squeeze=False)[0]
    position = np.column_stack([numbers(order, c) for c in columns]) - center
    position = position / np.where(spread > 0, spread, 1.0)
    reach = max(1.0, float(np.nanmax(np.abs(position), initial=0.0)))
    colors = palettes.sequential(int(number.max()))
    for row, panel in enumerate(panels):
        style = {"marker": _MARKERS[number[row] - 1], "color": colors[number[row] - 1]}
        _draw_fingerprint(panel, order.iloc[row], columns, position[row], spread, style, language)
    panels[0].set_xlim(-1.75 * reach, 1.75 * reach)
    panels[0].set_ylim(len(columns) - 0.5, -0.6)
    # Units have a line of their own where the rows have room for two.
    roomy = (figure.bbox.height / figure.dpi - _AROUND) / len(columns) > 0.34
    rows = [wrapped_heading(drawable(heading(c, language=language, unit=roomy)), 40) for c in columns]
    panels[0].set_yticks(range(len(columns)), rows, fontsize=FONT - 1, color=INK, parse_math=False)
    head = text["fingerprints"] if title is None else title
    notes = [
        text["fingerprint_unit"] + ".",
        text["spread"] if any(f"{c}_sd" in order for c in columns) else "",
        weighting(weight, language),
        source_line(areas, source, language),
    ]
    _dress_figure(figure, head, [note for note in notes if note])
    return figure


def _moments(areas: pd.DataFrame, columns: Sequence[str], weight: str | None) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each indicator among the areas."""
    check_columns(areas, [*columns, *([] if weight is None else [weight])], argument="areas")
    mass = masses(areas, weight)
    moments = []
    for column in columns:
        value = numbers(areas, column)
        known = ~np.isnan(value) & (mass > 0)
        if not known.any():
            fix = "Leave it out, or choose another period."
            raise InputError(message(column, "is missing in every area with inhabitants", fix=fix))
        mean = np.average(value[known], weights=mass[known])
        moments.append((mean, np.sqrt(np.average((value[known] - mean) ** 2, weights=mass[known]))))
    center, spread = np.transpose(moments)
    return center, spread


def _draw_fingerprint(
    ax: Axes,
    profile: pd.Series,
    columns: Sequence[str],
    position: Floats,
    spread: Floats,
    style: Mapping[str, Any],
    language: Language,
) -> None:
    """Draw the panel of one profile."""
    text = texts(language)
    ax.axvline(0, color=MUTED, linewidth=0.9, zorder=1, gid="mean")
    said = []
    for place, (column, z) in enumerate(zip(columns, position, strict=True)):
        label = heading(column, language=language)
        if np.isnan(z):
            missing = word("missing", language=language)
            ax.annotate(missing, (0, place), (6, 0), textcoords="offset points", **LABEL)
            said.append(f"{label} {missing}")
            continue
        value = float(profile[column])
        ax.plot([0, z], [place, place], color=RULE, linewidth=2.2, zorder=2, solid_capstyle="butt")
        deviation = float(profile.get(f"{column}_sd", np.nan)) / (spread[place] or np.nan)
        reach = deviation if np.isfinite(deviation) else 0.0
        if reach:
            ax.hlines(place, z - reach, z + reach, color=INK, linewidth=0.8, zorder=3)
        decimals = max(decimals_for(column), int(decimals_of_values(column, np.array([value])) > 0))
        shown = format_number(value, decimals, language=language)
        side = 1 if z >= 0 else -1
        beside = {**LABEL, "ha": "left" if side > 0 else "right", "fontsize": FONT - 1.5}
        end = (z + side * reach, place)
        ax.annotate(shown, end, (9 * side, 0), textcoords="offset points", zorder=6, **beside)
        where = text["above" if z > 0 else "below"]
        gap = format_number(abs(z), 1, language=language)
        near = text["at_mean"] if round(abs(z), 1) == 0 else text["sd_from"]
        said.append(near.format(label=label, value=shown, sd=gap, side=where))
    known = ~np.isnan(position)
    ax.plot(position[known], np.flatnonzero(known), linestyle="", zorder=5, **style, **_OUTLINE)
    name = f"{heading('profile', language=language)} {int(profile['profile'])}"
    label = str(profile.get("label", ""))
    head = label if label.startswith(f"{int(profile['profile'])} ") else name
    count = [count_text(int(profile["n_areas"]), language)] if "n_areas" in profile else []
    lines = [wrapped_heading(drawable(name if head == name else f"{name[:-1].rstrip()} {head}"), 26), *count]
    ax.set_title("\n".join(lines), **{**TITLE, "fontsize": FONT - 0.5})
    number_axis(ax, language, axis="x", most=4)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.spines["bottom"].set_color(RULE)
    ax.tick_params(length=0, labelsize=FONT - 1.5, labelcolor=MUTED)
    describe(ax, text["profile_is"].format(name=" ".join(lines), parts="; ".join(said)))


def _dress_figure(figure: Figure, title: str, notes: Sequence[str]) -> None:
    """Write the title and the foot of a figure of several panels."""
    figure.suptitle(
        drawable(title),
        x=0.01,
        ha="left",
        fontsize=FONT + 0.5,
        fontweight="bold",
        color=INK,
        parse_math=False,
    )
    figure.supxlabel(
        "\n".join(drawable(note) for note in notes),
        x=0.01,
        ha="left",
        multialignment="left",
        fontsize=FONT - 1.5,
        color=MUTED,
        parse_math=False,
    )
