"""Where map, detail and legend stand on a sheet: the arrangement that draws map and detail largest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segkit.drawing.maps._detail import Bounds, widened
from segkit.drawing.maps._furniture import STRIP
from segkit.drawing.maps._legend import draw_legend, legend_bottom
from segkit.drawing.maps._type import inches_of
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.axes import Axes

    from segkit.drawing.maps._legend import Plan

#: Inches: a legend in a column, the widest column of legend and detail, and the gap between parts.
COLUMN, GAP = 2.45, 0.14
WIDEST = 3.5
#: Inches: the caption over a detail; room of scale bar and north arrow beside a legend at the foot.
CAPTION, FOOT_LEFT = 0.18, 1.75
#: Inches: a map or detail smaller than this shows nothing.
SMALLEST = 0.7
NARROW_COLUMN = 1.6
_SHARES = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
#: A detail need not grow as much as the map.
_DETAIL_WEIGHT = 0.35
#: Another arrangement than the detail above the legend must enlarge by this factor.
_WORTH = 1.05


@dataclass(frozen=True)
class Place:
    """A legend: its left edge, width, number of columns, and top above the foot, in inches."""

    left: float
    width: float
    columns: int
    top: float


@dataclass(frozen=True)
class Layout:
    """Boxes (left, bottom, width, height) of map and detail with its caption, and the legend, in inches."""

    map: Bounds
    legend: Place
    detail: Bounds | None = None
    handicap: float = 1.0


@dataclass(frozen=True)
class _Room:
    """What has to be arranged: the sheet in inches, and the legend as a function of place and columns."""

    width: float
    height: float
    foot: float
    legend: Callable[[float, float, int], Place]


def best_layout(
    ax: Axes, plan: Plan, source_top: float, bounds: Bounds, detail: Bounds | None, *, widen: bool
) -> Layout:
    """Return the layout with the largest map and detail in which no part covers another."""
    width, height = inches_of(ax)

    def legend(left: float, inches: float, columns: int = 1) -> Place:
        top = draw_legend(ax, plan, left, inches, bottom=legend_bottom(source_top), columns=columns)
        return Place(left, inches, columns, top)

    room = _Room(width, height, source_top + STRIP - 0.12, legend)
    found = list(_without_detail(room) if detail is None else _with_detail(room))
    scored = [(_score(layout, bounds, detail, widen=widen), layout) for layout in found]
    usable = [(score, layout) for score, layout in scored if layout.legend.top <= height and score > 0]
    if not usable:
        rule = f"of {width:.1f} x {height:.1f} inches left by title and source has no room for map and legend"
        raise InputError(message("ax", rule, fix="Give a larger figure, shorter texts or fewer classes."))
    return max(usable, key=lambda pair: pair[0])[1]


def _score(layout: Layout, bounds: Bounds, detail: Bounds | None, *, widen: bool) -> float:
    """Return how large map and detail are drawn, 0 when one of them has no room."""
    _, _, wide, tall = layout.map
    if min(wide, tall) < SMALLEST:
        return 0.0
    size = min(wide / (bounds[2] - bounds[0]), tall / (bounds[3] - bounds[1]))
    if detail is None or layout.detail is None:
        return size / layout.handicap
    _, _, across, up = layout.detail
    up -= CAPTION
    if min(across, up) < SMALLEST:
        return 0.0
    shown = widened(detail, (across, up)) if widen else detail
    larger = min(across / (shown[2] - shown[0]), up / (shown[3] - shown[1]))
    return math.exp(math.log(size) + _DETAIL_WEIGHT * math.log(larger)) / layout.handicap


def _without_detail(room: _Room) -> Iterator[Layout]:
    """Yield the legend in a column to the right, and at the foot."""
    column = min(COLUMN, 0.45 * room.width)
    left = room.width - column
    yield Layout((0, room.foot, left - GAP, room.height - room.foot), room.legend(left, column, 1))
    yield from _at_foot(room)


def _at_foot(room: _Room) -> Iterator[Layout]:
    """Yield legends at the foot in one or more columns."""
    wide = room.width - FOOT_LEFT
    for columns in range(1, max(1, int(wide / NARROW_COLUMN)) + 1):
        place = room.legend(FOOT_LEFT, wide, columns)
        bottom = max(place.top + GAP, room.foot)
        yield Layout((0, bottom, room.width, room.height - bottom), place, handicap=_WORTH)


def _with_detail(room: _Room) -> Iterator[Layout]:
    """Yield the detail above the legend, between map and legend, and beside the legend at the foot."""
    for wide in sorted({min(0.47 * room.width, WIDEST), *(share * room.width for share in (0.4, 0.5, 0.6))}):
        inches = min(wide, WIDEST)
        left = room.width - wide
        place = room.legend(left, inches, 1)
        above = (left, place.top + GAP, wide, room.height - place.top - GAP)
        yield Layout((0, room.foot, left - GAP, room.height - room.foot), place, above)
    column = min(COLUMN, 0.45 * room.width)
    place = room.legend(room.width - column, column, 1)
    free = room.width - column - GAP
    upper = room.height - room.foot
    for share in _SHARES:
        wide = share * free
        between = (free - wide, room.foot, wide, upper)
        yield Layout((0, room.foot, free - wide - GAP, upper), place, between, _WORTH)
    for share in _SHARES:
        foot = max(share * room.height, place.top + GAP)
        beside = (0.0, room.foot, free, foot - room.foot - GAP)
        yield Layout((0, foot, room.width, room.height - foot), place, beside, _WORTH)
