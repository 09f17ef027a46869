"""Place names on a map: a halo around each, none over another, a line to the area where it had to move."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.drawing.glyphs import drawable
from segkit.drawing.maps._type import SMALL, per_inch, scale_of, style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

    from segkit.base.checks import Floats

_INK = "#111111"
_LETTERS = 17
_LINES = 4
_PAD = 2.0
_DISTANCES = (5, 9, 14, 20, 27, 35, 45, 57, 70, 85, 100, 125, 150)
_TURNS = 16
#: Points of distance worth going so as not to cover one more area.
_PENALTY = 9.0

Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class Anchor:
    """An area to name: a point inside it, its name and its shape."""

    x: float
    y: float
    name: str
    shape: BaseGeometry


@dataclass
class _Board:
    """What is on the map already, in pixels: the room, places to keep clear, names, points of areas."""

    limits: Box
    unit: float
    points: Floats
    named: list[Point]
    taken: list[tuple[Box, Point, Point]]
    blocked: list[Box]


def place_names(
    ax: Axes,
    anchors: Sequence[Anchor],
    *,
    box: Box,
    avoid: Box | None = None,
    others: Floats,
) -> None:
    """Write names in or near their areas inside `box` (left, bottom, right, top, in Axes fractions).

    Names keep clear of the scale bar, of `avoid` (in data units) and, where there is a choice, of the
    points `others`.
    A name that finds no free place is left out: over another one neither could be read.
    """
    if not anchors:
        return
    ax.apply_aspect()
    board = _Board(
        limits=_box(ax.transAxes.transform([box[:2], box[2:]])),
        unit=per_inch(ax) / 72,
        points=np.asarray(ax.transData.transform(others)),
        named=[_pixel(ax, anchor) for anchor in anchors],
        taken=[],
        blocked=_scale_bar(ax) + ([_box(ax.transData.transform([avoid[:2], avoid[2:]]))] if avoid else []),
    )
    for anchor in sorted(anchors, key=lambda a: (-a.y, a.x)):
        _place(ax, anchor, board)


def _scale_bar(ax: Axes) -> list[Box]:
    """Return the boxes of the scale bar and its text, when there is one."""
    parts = [part for part in ax.get_children() if part.get_gid() == "scale"]
    return [_box(part.get_window_extent().get_points()) for part in parts]


def _place(ax: Axes, anchor: Anchor, board: _Board) -> None:
    """Write one name at its best place."""
    from matplotlib.patheffects import withStroke

    text = ax.text(
        anchor.x, anchor.y, wrap_name(anchor.name), color=_INK, ha="center", va="center", linespacing=1.2,
        gid="name", parse_math=False, zorder=6,
        path_effects=[withStroke(linewidth=2.2 * scale_of(ax), foreground="white")], **style(ax, SMALL),
    )  # fmt: skip
    extent = text.get_window_extent()
    half = (extent.width / 2 + _PAD * board.unit, extent.height / 2 + _PAD * board.unit)
    pixel = _pixel(ax, anchor)
    center = _inside(ax, anchor, pixel, half, board) or _best_place(pixel, half, board)
    if center is None:
        text.remove()
        return
    here = _around(center, half)
    board.taken.append((here, pixel, center))
    _move(ax, text, (anchor.x, anchor.y), center, here, pixel)


def wrap_name(name: str) -> str:
    """Break a long name at spaces and hyphens, where it can; a very long one ends in an ellipsis.

    Examples
    --------
    >>> wrap_name("Getingen-Tallhagen-Västra Norrgård").split(chr(10))
    ['Getingen-', 'Tallhagen-Västra', 'Norrgård']
    """
    return textwrap.fill(drawable(name), _LETTERS, max_lines=_LINES, placeholder="…")


def _move(ax: Axes, text: Any, anchor: Point, center: Point, box: Box, pixel: Point) -> None:
    """Put a name at its place, and draw a line from the area to a name that lies apart."""
    from matplotlib.patheffects import withStroke

    text.set_position(ax.transData.inverted().transform(center))
    if box[0] <= pixel[0] <= box[2] and box[1] <= pixel[1] <= box[3]:
        return
    end = (np.clip(pixel[0], box[0], box[2]), np.clip(pixel[1], box[1], box[3]))
    x, y = ax.transData.inverted().transform(end)
    scale = scale_of(ax)
    ax.plot(
        [anchor[0], x], [anchor[1], y], color=_INK, linewidth=0.7 * scale, zorder=5, gid="leader",
        marker="o", markersize=2.2 * scale, markevery=[0], scalex=False, scaley=False,
        path_effects=[withStroke(linewidth=1.8 * scale, foreground="white")],
    )  # fmt: skip


def _inside(ax: Axes, anchor: Anchor, pixel: Point, half: Point, board: _Board) -> Point | None:
    """Return the anchor itself when the name fits in its area there."""
    from shapely import box

    low, high = ax.transData.inverted().transform([np.subtract(pixel, half), np.add(pixel, half)])
    here = _around(pixel, half)
    fits = anchor.shape.contains(box(*low, *high)) and _within(here, board.limits)
    covers = [*board.blocked, *(other for other, _, _ in board.taken)]
    return pixel if fits and not any(_overlap(here, other) for other in covers) else None


def _best_place(pixel: Point, half: Point, board: _Board) -> Point | None:
    """Return the center near the anchor that covers no name or line, and few areas' points."""
    best, least = None, np.inf
    for distance, center in _candidates(pixel, half, board.unit):
        # Distances rise, so nothing better can follow.
        if distance >= least:
            break
        box = _around(center, half)
        if not _within(box, board.limits) or _is_blocked(box, pixel, center, board):
            continue
        x, y = board.points.T
        covered = int(((box[0] < x) & (x < box[2]) & (box[1] < y) & (y < box[3])).sum())
        if distance + _PENALTY * covered < least:
            best, least = center, distance + _PENALTY * covered
    return best


def _is_blocked(box: Box, pixel: Point, center: Point, board: _Board) -> bool:
    """Say whether a name here would cover another, a line or a blocked place, or its line would."""
    if any(_overlap(box, other) for other in board.blocked):
        return True
    near = _around(center, (center[0] - box[0] + 5 * board.unit, center[1] - box[1] + 5 * board.unit))
    if any(_holds(near, point) for point in board.named if point != pixel):
        return True
    return any(
        _overlap(box, other)
        or _crosses(start, end, box)
        or _crosses(pixel, center, other)
        or _meet(pixel, center, start, end)
        for other, start, end in board.taken
    )


def _candidates(pixel: Point, half: Point, unit: float) -> Iterator[tuple[float, Point]]:
    """Yield distances in points and centers ever farther from the anchor, in all directions."""
    for distance, turn in product(_DISTANCES, range(_TURNS)):
        angle = 2 * np.pi * turn / _TURNS
        away = distance * unit
        across, up = float(np.cos(angle)), float(np.sin(angle))
        # In one direction at least the name lies wholly beside its anchor, so it never covers it.
        x = pixel[0] + across * away + half[0] * float(np.clip(1.5 * across, -1, 1))
        y = pixel[1] + up * away + half[1] * float(np.clip(1.5 * up, -1, 1))
        yield distance, (x, y)


def _around(center: Point, half: Point) -> Box:
    return center[0] - half[0], center[1] - half[1], center[0] + half[0], center[1] + half[1]


def _box(corners: Any) -> Box:
    """Return two corners as (left, bottom, right, top)."""
    (left, bottom), (right, top) = corners
    return float(left), float(bottom), float(right), float(top)


def _within(inner: Box, outer: Box) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _pixel(ax: Axes, anchor: Anchor) -> Point:
    x, y = ax.transData.transform((anchor.x, anchor.y))
    return float(x), float(y)


def _holds(box: Box, point: Point) -> bool:
    return bool(box[0] < point[0] < box[2] and box[1] < point[1] < box[3])


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _crosses(start: Point, end: Point, box: Box) -> bool:
    """Say whether a line runs through a box, by points along it."""
    for share in np.linspace(0, 1, 25):
        x, y = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
        if _holds(box, (x, y)):
            return True
    return False


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Say whether two lines cross."""

    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
