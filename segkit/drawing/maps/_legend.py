"""The plan of a map and its legend: a list of classes, or the square of two indicators."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any

from segkit.drawing import palettes
from segkit.drawing.glyphs import drawable
from segkit.drawing.maps._type import (
    INK,
    NORMAL,
    SMALL,
    figure_of,
    inches_of,
    scale_of,
    style,
    width_of,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from segkit.base.checks import Language
    from segkit.drawing.classes import Codes, Mask

LINE = "#6b6b6b"
#: Color of each pattern on light areas.
HATCH = {
    "////": "#333333",
    "//": "#333333",
    "||": "#333333",
    "--": "#333333",
    "++": "#333333",
    r"\\": "#8f8f8f",
    "xxx": "#555555",
    "..": "#6b6b6b",
}
#: Over areas without a value: in grey print their color alone could be that of a class.
NO_VALUE = r"\\"
#: Lightness under which hatching is drawn white.
DARK = 55
#: Inches: a line of text, the widest and the least height of a cell of the square.
_TEXT_LINE = 0.135
_CELL, _TALL = 0.74, 0.42


@dataclass(frozen=True)
class Pattern:
    """Areas drawn with a pattern over their color, and what it means."""

    mask: Mask
    hatch: str
    text: str
    count: str


@dataclass(frozen=True)
class Axis:
    """One side of the square: what is measured, and its class bounds as text."""

    heading: str
    bounds: Sequence[str]


@dataclass(frozen=True)
class Square:
    """The legend of two indicators: cells by column (x) and row (y), each a color and what it holds."""

    x: Axis
    y: Axis
    colors: Sequence[Sequence[str]]
    cells: Sequence[Sequence[str]]
    note: str


@dataclass(frozen=True)
class Plan:
    """What a map shows: a code for each area, and a color and a text for each code (last: missing)."""

    codes: Codes
    colors: Sequence[str]
    texts: Sequence[str]
    counts: Sequence[str]
    heading: str
    title: str
    source: str
    language: Language
    patterns: Sequence[Pattern] = ()
    names: Sequence[int] = ()
    square: Square | None = None


def legend_bottom(source_top: float) -> float:
    """Return the height in inches at which a legend stands clear of the source."""
    return max(0.26, source_top + 0.08)


def draw_legend(
    ax: Axes, plan: Plan, left: float, inches: float, *, bottom: float, columns: int = 1
) -> float:
    """Draw the legend; places are in inches. Return how far its top lies above the foot."""
    rows = [
        (color, NO_VALUE if color == palettes.MISSING else "", text, count)
        for color, text, count in zip(plan.colors, plan.texts, plan.counts, strict=True)
        if text
    ]
    rows += [("#ffffff", pattern.hatch, pattern.text, pattern.count) for pattern in plan.patterns]
    top = _draw_rows(ax, plan.heading, rows, (left, bottom), inches, columns) if rows else bottom
    if plan.square is None:
        return top
    return _draw_square(ax, plan.square, left, inches, top + 0.1 if rows else bottom)


def _draw_rows(
    ax: Axes,
    heading: str,
    rows: Sequence[tuple[str, str, str, str]],
    place: tuple[float, float],
    inches: float,
    columns: int,
) -> float:
    """Draw a line for each color and pattern; return how far the top lies above the foot."""
    from matplotlib.patches import Patch

    width, height = inches_of(ax)
    scale = scale_of(ax)
    font, bold = style(ax, NORMAL), style(ax, NORMAL, bold=True)
    wide = inches / columns - 0.4
    handles = []
    for color, hatch, text, count in rows:
        label = drawable(f"{text} ({count})")
        if "\n" in wrapped(ax, label, wide, font):
            label = f"{wrapped(ax, text, wide, font)}\n{wrapped(ax, count, wide, font)}"
        edge = HATCH.get(hatch, LINE)
        handles.append(
            Patch(facecolor=color, edgecolor=edge, linewidth=0.5, hatch=hatch or None, label=label)
        )
    legend = ax.legend(
        handles=handles,
        title=wrapped(ax, heading, inches, bold) if heading else None,
        loc="lower left",
        bbox_to_anchor=(place[0] / width, place[1] / height),
        ncols=columns,
        columnspacing=1.0,
        borderaxespad=0,
        borderpad=0,
        frameon=False,
        fontsize=font["fontsize"],
        title_fontproperties={"size": bold["fontsize"], "weight": "bold"},
        alignment="left",
        handlelength=1.7,
        handleheight=1.5,
        labelspacing=0.55,
    )
    # A dollar sign in a text from data would start mathematics.
    for text_of in (legend.get_title(), *legend.get_texts()):
        text_of.set_parse_math(False)
    legend.set_gid("legend")
    box = legend.get_window_extent()
    return float(box.height / figure_of(ax).dpi) / scale + place[1]


def _draw_square(ax: Axes, square: Square, left: float, inches: float, bottom: float) -> float:
    """Draw the square of two indicators, the names of its axes and its class bounds; return its top."""
    from matplotlib.patches import Rectangle

    for old in [child for child in ax.child_axes if child.get_gid() == "square"]:
        old.remove()
    small, bold = style(ax, SMALL), style(ax, NORMAL, bold=True)
    width, height = inches_of(ax)
    n_x, n_y = len(square.colors), len(square.colors[0])
    widest = max(width_of(ax, text, small) for text in (*square.x.bounds, *square.y.bounds))
    lines = [cell.count("\n") + 1 for column in square.cells for cell in column]
    tall = max(_TALL, 0.14 + _TEXT_LINE * max(lines))
    heading_y = wrapped(ax, square.y.heading, n_y * tall + 0.25, bold)
    aside = _TEXT_LINE * (heading_y.count("\n") + 1) + widest + 0.14
    cell = min(_CELL, (inches - aside - widest / 2) / n_x)
    # Bounds that would run into each other stand on two lines in turn.
    turns = 2 if widest + 0.05 > cell else 1
    heading_x = wrapped(ax, square.x.heading, inches - aside, bold)
    note = wrapped(ax, square.note, inches, small)
    below = 0.12 + 0.125 * turns
    foot = below + _TEXT_LINE * (heading_x.count("\n") + 1) + 0.08 + 0.125 * (note.count("\n") + 1)
    total = foot + n_y * tall + 0.15
    part = ax.inset_axes((left / width, bottom / height, inches / width, total / height))
    part.set_gid("square")
    part.set_axis_off()
    part.set_xlim(0, inches)
    part.set_ylim(0, total)
    for i, column in enumerate(square.colors):
        for j, color in enumerate(column):
            at = (aside + i * cell, foot + j * tall)
            part.add_patch(
                Rectangle(at, cell, tall, facecolor=color, edgecolor="white", linewidth=1.0, gid="cell")
            )
            ink = "#ffffff" if palettes.lightness(color) < DARK else INK
            middle = (at[0] + cell / 2, at[1] + tall / 2)
            part.text(*middle, square.cells[i][j], color=ink, ha="center", va="center", gid="count", **small)
    for j, text in enumerate(square.y.bounds):
        part.text(aside - 0.05, foot + j * tall, text, ha="right", va="center", gid="bound", **small)
    for (i, text), row in zip(enumerate(square.x.bounds), cycle(range(turns))):
        at = (aside + i * cell, foot - 0.08 - 0.125 * row)
        part.text(*at, text, ha="center", va="top", gid="bound", **small)
    axis = {**bold, "color": INK, "gid": "axis", "parse_math": False}
    middle_y = foot + n_y * tall / 2
    upward: dict[str, Any] = {"rotation": 90, "multialignment": "center"}
    part.text(0, middle_y, heading_y, ha="left", va="center", **upward, **axis)
    part.text(aside, foot - below, heading_x, ha="left", va="top", **axis)
    part.text(0, 0, note, ha="left", va="bottom", gid="note", color="#444444", **small)
    return bottom + total
