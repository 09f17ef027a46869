"""The type of a sheet: named sizes, letters that grow with their use, and text that any data may hold.

Everything on a sheet is laid out in the inches of a report page; on a slide or an A3 these inches, and the
letters with them, are larger by the scale of that use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from segkit.base.checks import check_choice
from segkit.drawing.glyphs import drawable
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SizeName = Literal["report", "slide", "a3", "a3_portrait"]


class Page(NamedTuple):
    """Width and height in inches, and how much larger than in a report the letters are."""

    width: float
    height: float
    scale: float


#: Half the text of an A4 page; a slide of 16:9, read from the far end of a room; a sheet on a table or wall.
SIZES: dict[str, Page] = {
    "report": Page(7.4, 6.0, 1.0),
    "slide": Page(13.333, 7.5, 1.6),
    "a3": Page(16.54, 11.69, 1.5),
    "a3_portrait": Page(11.69, 16.54, 1.5),
}

#: Points in a report.
SMALL, NORMAL, LARGE = 7.0, 8.0, 11.0
INK = "#222222"

#: Letters are a little wider or narrower at other resolutions than that of the measuring.
_SURE = 0.98


def page_of(size: str | tuple[float, float]) -> tuple[str | None, Page]:
    """Return the name, if it has one, and the page of a size; letters are those of a report by default."""
    if isinstance(size, str):
        check_choice(size, tuple(SIZES), argument="size")
        return size, SIZES[size]
    try:
        wide, tall = (float(inches) for inches in size)
    except (TypeError, ValueError) as error:
        rule = f"is {size!r}, must be width and height in inches, or one of {', '.join(SIZES)}"
        raise InputError(message("size", rule)) from error
    if not (0 < wide < np.inf and 0 < tall < np.inf):
        raise InputError(message("size", f"is {size!r}, must be above 0"))
    return None, Page(wide, tall, 1.0)


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure of an Axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def scale_of(ax: Axes) -> float:
    """Return how much larger than in a report the letters are; the figure is named by its use."""
    page = SIZES.get(figure_of(ax).get_gid() or "")
    return page.scale if page else 1.0


def inches_of(ax: Axes) -> tuple[float, float]:
    """Return width and height of the box of an Axes in inches of a report."""
    box = ax.get_position(original=True)
    width, height = figure_of(ax).get_size_inches()
    scale = scale_of(ax)
    return float(box.width * width) / scale, float(box.height * height) / scale


def per_inch(ax: Axes) -> float:
    """Return the pixels of an inch of a report."""
    return float(figure_of(ax).dpi) * scale_of(ax)


def style(ax: Axes, size: float, *, bold: bool = False) -> dict[str, Any]:
    """Return the font for a size in points of a report."""
    return {"fontsize": size * scale_of(ax), "fontweight": "bold" if bold else "normal"}


def width_of(ax: Axes, text: str, font: dict[str, Any]) -> float:
    """Return the width in inches of a report of a text drawn in a font."""
    probe = ax.text(0, 0, text, parse_math=False, **font)
    width = float(probe.get_window_extent().width) / per_inch(ax)
    probe.remove()
    return width


def wrapped(ax: Axes, text: str, inches: float, font: dict[str, Any]) -> str:
    """Break a text into lines that are no wider than `inches`, measured in the font it is drawn in."""
    probe = ax.text(0, 0, "", parse_math=False, **font)
    room = _SURE * inches * per_inch(ax)

    def fits(part: str) -> bool:
        probe.set_text(part)
        return bool(probe.get_window_extent().width <= room)

    lines: list[str] = []
    for paragraph in drawable(text).split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and not fits(longer):
                lines.append(line)
                longer = word
            while len(longer) > 1 and " " not in longer and not fits(longer):
                start = _most(longer, fits)
                lines.append(longer[:start])
                longer = longer[start:]
            line = longer
        lines.append(line)
    probe.remove()
    return "\n".join(lines)


def _most(word: str, fits: Any) -> int:
    """Return how many letters of a word, at least one, fit on a line."""
    low, high = 1, len(word)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(word[:middle]) else (low, middle)
    return low
