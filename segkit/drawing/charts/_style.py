"""The one look of all charts: ink, sizes, title, source, rows of names; and their descriptions."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for, term
from segkit.drawing.glyphs import drawable
from segkit.drawing.maps._type import scale_of, wrapped
from segkit.errors import InputError, message
from segkit.words.numbers import adaptive_decimals, format_number
from segkit.words.text import chart_texts as texts
from segkit.words.text import flag_parts, flag_symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from segkit.base.checks import Floats, Language

INK, MUTED, RULE = "#1f2933", "#5f6b7a", "#d5dae1"
#: What the chart is about; what is less certain or less important; what is compared with.
LINE, PALE, ACCENT = "#2b4f8c", "#9fb1cc", "#b36a14"
FONT = 9.0
LABEL: dict[str, Any] = {
    "va": "center",
    "ha": "left",
    "fontsize": FONT - 1,
    "color": INK,
    "parse_math": False,
}
#: A value beside a dot, legible where a line runs under it.
VALUE: dict[str, Any] = {
    **LABEL,
    "fontsize": FONT - 1.5,
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.4},
}
TITLE: dict[str, Any] = {"loc": "left", "fontsize": FONT, "color": INK, "pad": 8, "parse_math": False}
#: Inches of a row of a chart with a row per area.
ROW = 0.215
#: Two-sided 95 per cent of a normal distribution.
Z = 1.959964
#: Dashes and markers of several series, told apart without color.
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)))
_LONGEST = 40
#: Inches left free at the sides of a figure.
_SIDE = 0.12


def new_axes(width: float, height: float) -> Axes:
    """Return an Axes on a new figure of pyplot, sizes in inches."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def new_figure(width: float, height: float) -> Figure:
    """Return a new figure of pyplot, sizes in inches."""
    import matplotlib.pyplot as plt

    return plt.figure(figsize=(width, height), layout="constrained")


def description(figure: Figure | Axes) -> str:
    """Say in plain words what a chart shows: a text for those who don't see it.

    Every chart keeps its description as the label of its Axes, which is never drawn. Of a figure it is
    the descriptions of its panels, one after another.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or matplotlib.axes.Axes
        What a function of `segkit.charts` has returned, or a figure that holds several charts.

    Returns
    -------
    str
        The text, to be escaped where it is put into a page.

    Raises
    ------
    InputError
        When there is no chart with a description.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> from segkit import charts
    >>> table = pd.DataFrame({"profile": [1, 2], "turnout": [70.0, 90.0]})
    >>> description(charts.indicator_dots(table, ["turnout"], language="en", figure=Figure()))
    'Turnout (per cent): Profile 1 70.0, Profile 2 90.0.'
    """
    axes = getattr(figure, "axes", None)
    panels = axes if isinstance(axes, list) else [figure]
    # Matplotlib marks labels of its own, such as that of a color bar, with a bracket or underscore.
    said = [str(panel.get_label()) for panel in panels]
    said = [text for text in said if text and text[0] not in "<_"]
    if not said:
        fix = "Draw a chart of segkit.charts first."
        raise InputError(message("figure", "holds no chart with a description", fix=fix))
    return " ".join(said)


def describe(ax: Axes, *parts: str) -> None:
    """Keep sentences as the description of a chart."""
    said = [" ".join(part.split()).rstrip(".") for part in parts]
    ax.set_label(". ".join(part[0].upper() + part[1:] for part in said if part) + ".")


def dress(ax: Axes, *, title: str, subtitle: str = "", notes: Iterable[str] = (), lift: float = 6.0) -> None:
    """Write the title, what is measured under it, and source and notes at the foot.

    All begin where the labels of the axis begin; `lift` is their height over the Axes in points. Comes
    last: it measures what is drawn.
    """
    from matplotlib.transforms import ScaledTranslation

    figure = ax.get_figure(root=True)
    assert figure is not None
    labels = ax.yaxis.get_tightbbox()
    # Letters are a little wider at some resolutions than at others.
    indent = 0.0 if labels is None else 0.96 * max(0.0, (ax.bbox.x0 - labels.x0) / figure.dpi)
    # Letters are a little wider at some resolutions than at others.
    # Panels over and under may have longer labels, and so move this one to the right.
    share = 0.97 if len(figure.axes) == 1 else 0.62
    wide = (share * slot(ax)[0] - _SIDE) / scale_of(ax)
    shift = ScaledTranslation(-indent, 0, figure.dpi_scale_trans)
    small: dict[str, Any] = {"fontsize": FONT - 1.5}
    if subtitle:
        under = wrapped(ax, subtitle, wide, small)
        ax.annotate(
            under,
            (0, 1),
            (-72 * indent, lift),
            xycoords="axes fraction",
            textcoords="offset points",
            va="bottom",
            color=MUTED,
            parse_math=False,
            in_layout=False,
            gid="subtitle",
            **small,
        )
        lift += 1.3 * (FONT - 1.5) * (under.count("\n") + 1) + 1
    bold: dict[str, Any] = {"fontsize": FONT + 0.5, "fontweight": "bold"}
    shown = wrapped(ax, title, wide, bold)
    head = ax.set_title(shown, **{**TITLE, **bold, "pad": lift}, linespacing=1.15)
    head.set_transform(head.get_transform() + shift)
    lines = [wrapped(ax, note, wide, small) for note in notes if note]
    foot = ax.set_xlabel("\n".join(lines), loc="left", labelpad=7, color=MUTED, parse_math=False, **small)
    foot.set_multialignment("left")
    foot.set_transform(foot.get_transform() + shift)


def slot(ax: Axes) -> tuple[float, float]:
    """Return width and height in inches of the part of the figure that an Axes has to itself."""
    figure: Any = ax.get_figure(root=False)
    width, height = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
    spec = ax.get_subplotspec()
    if spec is None:
        box = ax.get_position(original=True)
        return float(box.width * width), float(box.height * height)
    # The places of a grid without its margins, which the layout makes anew.
    box, pars = spec.get_position(figure), figure.subplotpars
    return (
        float(box.width / (pars.right - pars.left) * width),
        float(box.height / (pars.top - pars.bottom) * height),
    )


def write_rows(ax: Axes, names: Sequence[str], *, strong: Sequence[bool] = ()) -> None:
    """Write a name for each row, the first on top, in letters that fit the rows."""
    # Title and foot take about an inch.
    tall = 72 * max(slot(ax)[1] - 1.1, 0.5) / max(len(names), 1)
    size = float(np.clip(0.8 * tall, 3.5, FONT - 0.5))
    shown = [shortened(drawable(name)) for name in names]
    ax.set_yticks(range(len(names)), shown, parse_math=False, fontsize=size, color=INK)
    ax.set_ylim(len(names) - 0.4, -0.6)
    for label, bold in zip(ax.get_yticklabels(), strong, strict=False):
        if bold:
            label.set_fontweight("bold")


def shortened(name: str) -> str:
    """Return a name on one line, a long one cut in its middle: both ends tell it from others.

    Examples
    --------
    >>> shortened("Norrliden"), len(shortened("x" * 100))
    ('Norrliden', 40)
    """
    name = " ".join(name.splitlines())
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 16].rstrip()}…{name[-15:].lstrip()}"


def wrapped_heading(label: str, characters: int) -> str:
    """Break a heading before its unit and where it is wider than a panel."""
    name, bracket, unit = label.rpartition(" (")
    parts = [name, f"({unit}"] if bracket else [label]
    return "\n".join(line for part in parts for line in textwrap.wrap(part, characters))


def bare(ax: Axes, *, grid: Literal["x", "y"] = "y") -> None:
    """Strip an axes of what carries no information; lines of a grid across the values remain."""
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.spines["bottom"].set_color(RULE)
    ax.tick_params(axis="x" if grid == "x" else "both", length=0, labelsize=FONT - 1, labelcolor=MUTED)
    ax.tick_params(axis="both", length=0)
    ax.grid(axis=grid, color=RULE, linewidth=0.6)
    ax.set_axisbelow(True)


def number_axis(ax: Axes, language: Language, *, axis: Literal["x", "y"] = "y", most: int = 4) -> None:
    """Write few ticks on a value axis, the language's way."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    values = ax.yaxis if axis == "y" else ax.xaxis
    values.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10]))
    step = float(np.diff(values.get_majorticklocs())[0])
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    values.set_major_formatter(FuncFormatter(lambda v, _: format_number(v, decimals, language=language)))


def decimals_of_values(column: str, values: Floats) -> int:
    """Return how many decimals the values of a column are shown with: by the catalogue, or by their size."""
    if indicators.label(column) != column:
        return max(decimals_for(column), int(indicators.is_share(column)))
    return adaptive_decimals(*values)


@dataclass(frozen=True)
class Remarks:
    """What the flags of rows come to: a symbol by each name, which dots are hollow, a note at the foot."""

    symbols: list[str]
    hollow: list[bool]
    note: str


def remarks(flags: Iterable[object], language: Language, *, solid: Sequence[str] = ()) -> Remarks:
    """Read flags such as ``"modelled, preliminary"``; those in `solid` have a symbol but no hollow dot."""
    parts = [[part for part in flag_parts(flag) if flag_symbol(part)] for flag in flags]
    used = list(dict.fromkeys(part for row in parts for part in row))
    meaning = {part: f"{flag_symbol(part)} {term('flags', part, language=language)}" for part in used}
    hollow = "; ".join(meaning[part] for part in used if part not in solid)
    plain = "; ".join(meaning[part] for part in used if part in solid)
    notes = [texts(language)["hollow"].format(remarks=hollow) if hollow else "", f"{plain}." if plain else ""]
    return Remarks(
        ["".join(dict.fromkeys(flag_symbol(part) for part in row)) for row in parts],
        [any(part not in solid for part in row) for row in parts],
        " ".join(note for note in notes if note),
    )


def years(periods: Iterable[float]) -> str:
    """Return periods as text: ``2020, 2022``."""
    return ", ".join(str(int(period)) for period in periods)
