"""The sheet of several maps: how many columns, how large, and where legend, scale bar and source stand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.errors import InputError, message
from segkit.maps._detail import detail_bounds, widened
from segkit.maps._sheet import (
    BOX,
    CAPTION,
    COLUMN,
    GAP,
    INK,
    NORMAL,
    SHEET,
    STRIP,
    detail_size,
    draw_areas,
    draw_detail,
    draw_furniture,
    draw_legend,
    inches_of,
    legend_bottom,
    wrapped,
    write_source,
    write_title,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from segkit.maps._detail import Bounds
    from segkit.maps._sheet import Plan

#: Default room in inches: the text width of an A4 page, and most of its height.
ROOM = (7.4, 8.0)

_FONT: dict[str, Any] = {"fontsize": NORMAL, "fontweight": "bold"}
_LINE = 0.135  # inches: a line of a map's title
_AIR = 1.03  # of the extent, so that no outline is cut
_TALLEST = 1.25  # height of a detail to its width; beyond it shows more of the surroundings
_SMALLEST = 0.7  # inches: a map narrower than this shows nothing
_FOOT_LEFT = 1.75  # inches: room of scale bar and north arrow beside a legend at the foot
_NARROWEST = 4.5  # inches: a sheet, so that legend and source have room
_NARROW_COLUMN = 1.6  # inches: a column of a legend
_BETWEEN = 0.3  # inches: between the maps and a legend beside them
#: A second row of maps must enlarge them by this factor: side by side they are easier to compare.
_WORTH = 1.25


@dataclass(frozen=True)
class Sheet:
    """What the whole sheet says (its codes cover all maps), and the room it may take."""

    plan: Plan
    n_columns: int | None
    size: tuple[float, float]
    inset: bool | Bounds


@dataclass(frozen=True)
class _Frame:
    """The extent that all maps share and that of their details, in meters."""

    bounds: Bounds
    detail: Bounds | None

    @property
    def span(self) -> float:
        """Meters across a map."""
        return (self.bounds[2] - self.bounds[0]) * _AIR

    @property
    def ratio(self) -> float:
        """Height of a map to its width."""
        return (self.bounds[3] - self.bounds[1]) * _AIR / self.span

    @property
    def detail_ratio(self) -> float:
        """Height of the room of a detail to the width of its map."""
        if self.detail is None:
            return 0.0
        low_x, low_y, high_x, high_y = self.detail
        return min((high_y - low_y) / (high_x - low_x), _TALLEST)


@dataclass(frozen=True)
class _Legend:
    """Where the legend stands, in inches; `top` lies so far above the foot."""

    beside: bool
    width: float
    n_columns: int
    top: float


@dataclass(frozen=True)
class _Grid:
    """A way to place the maps, in inches: `cell` is as wide as a map and its title, `row` as high."""

    n_columns: int
    n_rows: int
    width: float
    cell: float
    row: float
    heading: float
    size: tuple[float, float]
    legend: _Legend

    @property
    def used(self) -> float:
        """Width of all maps of a row."""
        return self.n_columns * (self.cell + 2 * GAP) - 2 * GAP


def draw_grid(parts: Sequence[tuple[gpd.GeoSeries, Plan]], sheet: Sheet, figure: Figure) -> None:
    """Draw maps of one extent in rows and columns, with one legend, scale bar, north arrow and source."""
    frame = _frame([geometry for geometry, _ in parts], sheet.inset)
    plans = [plan for _, plan in parts]
    grid = _best_grid(plans, sheet, frame, figure)
    # Where the height is what limits the maps, the sheet needs less width.
    legend = grid.legend
    width = max(grid.used + (_BETWEEN + legend.width if legend.beside else 0), _NARROWEST) / BOX[2]
    if width < sheet.size[0]:
        sheet = replace(sheet, size=(width, sheet.size[1]))
        grid = _best_grid(plans, sheet, frame, figure)
        legend = grid.legend
    ax, source_top = _start(figure, sheet, grid.size)
    wide, tall = inches_of(ax)
    # The sheet has the scale of the maps, so its scale bar is theirs.
    meters = frame.span / grid.width
    ax.set_xlim(0, wide * meters)
    ax.set_ylim(0, tall * meters)
    left = grid.used + _BETWEEN if legend.beside else _FOOT_LEFT
    bottom = legend_bottom(source_top)
    draw_legend(ax, sheet.plan, left, legend.width, bottom=bottom, columns=legend.n_columns)
    draw_furniture(ax, source_top, sheet.plan.language, min(0.42 * wide, 1.5 * grid.width))
    for place, (geometry, plan) in enumerate(parts):
        row, column = divmod(place, grid.n_columns)
        left = column * (grid.cell + 2 * GAP)
        top = tall - row * (grid.row + GAP) - grid.heading
        _draw_map(ax, geometry, plan, frame, (left, top, grid.width, grid.cell), explained=place == 0)


def _frame(geometries: Sequence[gpd.GeoSeries], inset: bool | Bounds) -> _Frame:
    """Return the extent of all maps together; areas that stay the same count once for the detail."""
    every = pd.concat(geometries, ignore_index=True).drop_duplicates()
    low_x, low_y, high_x, high_y = (float(b) for b in every.total_bounds)
    detail = detail_bounds(every, inset)
    if detail is not None and inset is True:
        detail = widened(detail, (1.0, _TALLEST))
    return _Frame((low_x, low_y, high_x, high_y), detail)


def _start(figure: Figure, sheet: Sheet, size: tuple[float, float]) -> tuple[Axes, float]:
    """Write title and source on the emptied figure; return its Axes and the height of the source."""
    figure.clear()
    figure.set_size_inches(*size)
    ax = figure.add_axes(BOX, gid=SHEET)
    ax.set_axis_off()
    write_title(ax, sheet.plan.title)
    return ax, write_source(ax, sheet.plan.source)


def _best_grid(plans: Sequence[Plan], sheet: Sheet, frame: _Frame, figure: Figure) -> _Grid:
    """Return the grid with the largest maps; more rows only where they enlarge them enough."""
    ax, source_top = _start(figure, sheet, sheet.size)
    choices = range(1, len(plans) + 1) if sheet.n_columns is None else [min(sheet.n_columns, len(plans))]
    legends = [_legend(ax, sheet.plan, source_top, beside=beside) for beside in (False, True)]
    grids = [_grid(ax, plans, frame, n, legend, source_top) for n, legend in product(choices, legends)]
    best = max(grids, key=lambda grid: grid.width / _WORTH ** (math.log2(grid.n_rows)))
    if best.width < _SMALLEST:
        rule = f"{sheet.size} inches has no room for {len(plans)} maps, their titles and legend"
        fix = "Give a larger size, fewer maps, or another n_columns."
        raise InputError(message("size", rule, fix=fix))
    return best


def _legend(ax: Axes, plan: Plan, source_top: float, *, beside: bool) -> _Legend:
    """Return the lowest legend beside the maps or at the foot."""
    wide, _ = inches_of(ax)
    width = min(COLUMN, 0.45 * wide) if beside else wide - _FOOT_LEFT
    bottom = legend_bottom(source_top)
    most = 1 if beside else max(1, int(width / _NARROW_COLUMN))
    tops = [draw_legend(ax, plan, 0, width, bottom=bottom, columns=n) for n in range(1, most + 1)]
    # Fewer columns are easier to read than lines that break, for a line more.
    n_columns, top = next((n, top) for n, top in enumerate(tops, start=1) if top <= min(tops) + _LINE)
    return _Legend(beside, width, n_columns, top)


def _grid(
    ax: Axes, plans: Sequence[Plan], frame: _Frame, n_columns: int, legend: _Legend, source_top: float
) -> _Grid:
    """Return the largest maps in this many columns, the legend beside them or at the foot."""
    wide, tall = inches_of(ax)
    n_rows = math.ceil(len(plans) / n_columns)
    foot = source_top + STRIP - GAP if legend.beside else max(source_top + STRIP, legend.top + GAP)
    room = wide - (legend.width + _BETWEEN if legend.beside else 0)
    across = max((room - 2 * GAP * (n_columns - 1)) / n_columns, 0.1)
    titles = [wrapped(ax, plan.title, across, **_FONT) for plan in plans]
    heading = 0.08 + _LINE * max(title.count("\n") + 1 for title in titles)
    extra = heading + (CAPTION + GAP if frame.detail else 0)
    free = (tall - foot - (n_rows - 1) * GAP) / n_rows - extra
    shape = frame.ratio + frame.detail_ratio
    width = min(across, free / shape)
    row = extra + width * shape
    content = max(foot + n_rows * row + (n_rows - 1) * GAP, legend.top)
    figure = ax.get_figure(root=True)
    assert figure is not None
    whole = figure.get_size_inches()
    return _Grid(
        n_columns=n_columns,
        n_rows=n_rows,
        width=width,
        cell=max(width, min(across, _longest(ax, titles))),
        row=row,
        heading=heading,
        size=(float(whole[0]), float(whole[1]) - (tall - content) / (1 - BOX[1])),
        legend=legend,
    )


def _longest(ax: Axes, titles: Sequence[str]) -> float:
    """Return the width in inches of the widest title."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    probe = ax.text(0, 0, "\n".join(titles), parse_math=False, **_FONT)
    width = float(probe.get_window_extent().width / figure.dpi)
    probe.remove()
    return width


def _draw_map(
    sheet: Axes,
    geometry: gpd.GeoSeries,
    plan: Plan,
    frame: _Frame,
    place: tuple[float, float, float, float],
    *,
    explained: bool,
) -> None:
    """Draw one map with its title and detail; `place` is left, top, width and width of the title."""
    left, top, wide, cell = place
    tall = wide * frame.ratio
    figure = sheet.get_figure(root=True)
    assert figure is not None
    box = sheet.get_position(original=True)
    width, height = figure.get_size_inches()
    corner = (box.x0 + left / width, box.y0 + (top - tall) / height)
    ax = figure.add_axes((*corner, wide / width, tall / height), gid="map")
    ax.set_axis_off()
    low_x, low_y, high_x, high_y = frame.bounds
    half = np.array([-0.5, 0.5]) * frame.span
    ax.set_xlim(*((low_x + high_x) / 2 + half))
    ax.set_ylim(*((low_y + high_y) / 2 + half * frame.ratio))
    ax.set_aspect("equal", adjustable="box", anchor="C")
    ax.set_title(
        wrapped(ax, plan.title, cell, **_FONT), loc="left", y=1.0, pad=3, color=INK, parse_math=False, **_FONT
    )
    draw_areas(ax, geometry, plan)
    if frame.detail is not None:
        under = CAPTION + GAP
        across, down = detail_size(frame.detail, (wide, wide * frame.detail_ratio))
        spot = (0.0, -(under + down) / tall, across / wide, down / tall)
        draw_detail(ax, geometry, plan, frame.detail, spot, explained=explained)
