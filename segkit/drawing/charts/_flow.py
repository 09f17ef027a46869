"""How areas or people went from profile to profile between two periods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.base.checks import LANGUAGES, check_choice, complete
from segkit.catalogue.labels import heading
from segkit.drawing import palettes
from segkit.drawing.charts._style import FONT, INK, LABEL, MUTED, describe, dress, new_axes
from segkit.drawing.glyphs import drawable
from segkit.errors import InputError, message
from segkit.words.numbers import format_number
from segkit.words.text import chart_texts as texts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from segkit.base.checks import Floats, Language

#: Half the width of a bar, and the gap between bars as a share of all.
_BAR, _GAP = 0.018, 0.07


def flow(
    labels_first: pd.Series,
    labels_last: pd.Series,
    *,
    weight: pd.Series | None = None,
    names: tuple[str, str] | None = None,
    language: Language = "sv",
    title: str | None = None,
    source: str | None = "",
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
    title : str, optional
        Title; by default how many changed profile.
    source : str, optional
        Source at the foot; none by default.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.axes.Axes
        With a description for `description`.

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
    axes = new_axes(5.6, 3.6) if ax is None else ax
    ends = [_stacked(table.sum(axis=1)), _stacked(table.sum(axis=0))]
    _draw_bands(axes, table, ends)
    for side, bottoms in enumerate(ends):
        _draw_stage(axes, table.sum(axis=1 - side), bottoms, side, language)
    counted = heading("n_areas" if weight is None else "population", language=language)
    style: dict[str, Any] = {
        "ha": "center",
        "textcoords": "offset points",
        "parse_math": False,
        "fontsize": FONT,
    }
    heads = zip((0.0, 1.0), (1.0, 1.0), ("", "") if names is None else names, strict=True)
    for x, y, text in [*heads, (0.5, 0.0, counted)]:
        place = ("data", "axes fraction")
        axes.annotate(drawable(text), (x, y), (0, 8 if y else -10), xycoords=place, color=MUTED, **style)
    axes.set_xlim(-0.42, 1.42)
    axes.set_ylim(-0.02 * table.sum(), (1 + _GAP * (len(table) - 1) + 0.02) * table.sum())
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    found, parts = _spoken(table, counted=weight is None, language=language)
    # The heads of the two sides stand between.
    dress(axes, title=found if title is None else title, notes=[source or ""], lift=20)
    axes.xaxis.labelpad = 18
    describe(axes, found if title is None else title, " – ".join(names or ()), *parts)
    return axes


def _spoken(table: Floats, *, counted: bool, language: Language) -> tuple[str, list[str]]:
    """Say how many changed profile, and each flow from one profile to another."""
    text = texts(language)
    moved = table.sum() - np.trace(table)
    unit = text["areas" if counted else "people"]
    shown, every = (format_number(float(n), 0, language=language) for n in (moved, table.sum()))
    flows = [
        text["flow_part"].format(n=format_number(float(table[a, b]), 0, language=language), a=a + 1, b=b + 1)
        for a, b in np.argwhere(table > 0)
        if a != b
    ]
    stayed = text["stayed"].format(n=format_number(float(np.trace(table)), 0, language=language))
    return text["flow"].format(n=shown, of=f"{every} {unit}"), [", ".join([stayed, *flows])]


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
            edgecolor=INK if moves else MUTED,
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
                    edgecolor=INK,
                    linewidth=0.7,
                    zorder=4,
                )
            )
        text = f"{name} {number}: {format_number(size, 0, language=language)}"
        style = {**LABEL, "ha": "right" if side == 0 else "left"}
        ax.annotate(
            text,
            (side, bottom + size / 2),
            (-10 if side == 0 else 10, 0),
            textcoords="offset points",
            **style,
        )
