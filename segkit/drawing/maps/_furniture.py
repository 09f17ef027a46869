"""What stands around every map: title, source, scale bar and north arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.drawing.maps._type import (
    INK,
    LARGE,
    NORMAL,
    SMALL,
    figure_of,
    inches_of,
    scale_of,
    style,
    wrapped,
)
from segkit.words.numbers import format_number
from segkit.words.text import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from segkit.base.checks import Language

#: The box of a sheet in its figure.
BOX = (0.02, 0.02, 0.96, 0.9)
#: Marks an Axes that has its figure to itself, so that the title may take room from it.
SHEET = "sheet"
#: Inches at the foot for scale bar, north arrow and source.
STRIP = 0.72


def write_title(ax: Axes, title: str) -> None:
    """Write the title above the map; a figure of our own leaves it the room it needs."""
    large = LARGE if inches_of(ax)[0] > 5 else NORMAL + 1
    font = style(ax, large, bold=True)
    scale = scale_of(ax)
    text = wrapped(ax, title, inches_of(ax)[0], font)
    # Without y matplotlib would push the title above the heading of the detail.
    ax.set_title(text, loc="left", y=1.0, pad=8 * scale, color=INK, parse_math=False, **font)
    if ax.get_gid() == SHEET:
        lines = text.count("\n") + 1
        room = scale * (0.2 + 0.19 * lines) / figure_of(ax).get_size_inches()[1]
        ax.set_position((*BOX[:3], max(1 - BOX[1] - room, 0.01)))


def write_source(ax: Axes, source: str) -> float:
    """Write the source at the foot; return the height in inches of its top."""
    font = style(ax, SMALL)
    text = wrapped(ax, source, inches_of(ax)[0], font)
    ax.text(
        0, 0, text, transform=ax.transAxes, color="#444444", va="bottom", gid="source", parse_math=False,
        **font,
    )  # fmt: skip
    return 0.05 + 0.125 * (text.count("\n") + 1)


def draw_furniture(ax: Axes, bottom: float, language: Language, room: float) -> None:
    """Draw a scale bar, at most a third of the room in inches, and a north arrow at the foot of the map."""
    width, height = inches_of(ax)
    per_meter = width / float(np.ptp(ax.get_xlim()))
    at = bottom + 0.1
    scale = scale_of(ax)
    ax.annotate(
        say("maps.shared", "north", language),
        xy=(0.1 / width, (at + 0.36) / height),
        xytext=(0.1 / width, (at + 0.02) / height),
        xycoords="axes fraction",
        textcoords="axes fraction",
        arrowprops={
            "arrowstyle": "-|>",
            "color": INK,
            "lw": 1.2 * scale,
            "mutation_scale": 10 * scale,
            "shrinkA": 1,
            "shrinkB": 0,
        },
        ha="center",
        va="bottom",
        color=INK,
        gid="north",
        **style(ax, NORMAL, bold=True),
    )
    draw_scale_bar(ax, (0.34, at + 0.04), room, language, per_meter)


def draw_scale_bar(
    ax: Axes,
    place: tuple[float, float],
    room: float,
    language: Language,
    per_meter: float,
    *,
    halo: bool = False,
) -> None:
    """Draw a scale bar of a round length, at most a third of the room; `place` is in inches."""
    from matplotlib.patheffects import withStroke

    meters = _round_length(room / 3 / per_meter)
    x, y = ax.get_xlim()[0] + place[0] / per_meter, ax.get_ylim()[0] + place[1] / per_meter
    tick = 0.05 / per_meter
    scale = scale_of(ax)
    effects = [withStroke(linewidth=3 * scale, foreground="white")] if halo else []
    ax.plot(
        [x, x, x + meters, x + meters],
        [y + tick, y, y, y + tick],
        color=INK,
        linewidth=1.2 * scale,
        solid_joinstyle="miter",
        path_effects=effects,
        gid="scale",
        scalex=False,
        scaley=False,
    )
    length = meters / 1000 if meters >= 1000 else meters
    unit = "km" if meters >= 1000 else "m"
    decimals = 0 if length == round(length) else 1
    text = f"{format_number(length, decimals, language=language)} {unit}"
    ax.text(
        x + meters / 2, y + 1.3 * tick, text, ha="center", va="bottom", color=INK, path_effects=effects,
        gid="scale", **style(ax, SMALL),
    )  # fmt: skip


def _round_length(meters: float) -> float:
    """Return the greatest of 1, 2, 5 times a power of ten that is no longer than `meters`."""
    power = 10 ** np.floor(np.log10(meters))
    return float(max(step * power for step in (1, 2, 5) if step * power <= meters))
