"""The sheet of several maps: how many columns, how large, and where legend, scale bar and source stand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.drawing.maps._detail import detail_bounds, widened
from segkit.drawing.maps._furniture import BOX, SHEET, STRIP, draw_furniture, write_source, write_title
from segkit.drawing.maps._layout import CAPTION, COLUMN, FOOT_LEFT, GAP, NARROW_COLUMN, SMALLEST, Place
from segkit.drawing.maps._legend import draw_legend, legend_bottom
from segkit.drawing.maps._sheet import detail_size, draw_areas, draw_detail
from segkit.drawing.maps._type import (
    INK,
    NORMAL,
    Page,
    figure_of,
    inches_of,
    scale_of,
    style,
    width_of,
    wrapped,
)
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from segkit.drawing.maps._detail import Bounds
    from segkit.drawing.maps._legend import Plan

_LINE = 0.135  # inches: a line of a map's title
_AIR = 1.03  # of the extent, so that no outline is cut
_TALLEST = 1.25  # height of a detail to its width; beyond it shows more of the surroundings
_NARROWEST = 4.5  # inches: a sheet, so that legend and source have room
_BETWEEN = 0.3  # inches: between the maps and a legend beside them
#: A second row of maps must enlarge them by this factor: side by side they are easier to compare.
_WORTH = 1.25


@dataclass(frozen=True)
class Sheet:
    """What the whole sheet says (its codes cover all maps), and the room it may take."""

    plan: Plan
    n_columns: int | None
    name: str | None
    page: Page
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
class _Grid:
    """A way to place the maps, in inches: `cell` is as wide as a map and its title, `row` as high."""

    n_columns: int
    n_rows: int
    width: float
    cell: float
    row: float
    heading: float
    size: tuple[float, float]
    beside: bool
    legend: Place

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
    aside = _BETWEEN + grid.legend.width if grid.beside else 0
    width = max(grid.used + aside, _NARROWEST) / BOX[2] * sheet.page.scale
    if width < sheet.page.width:
        sheet = replace(sheet, page=sheet.page._replace(width=width))
        grid = _best_grid(plans, sheet, frame, figure)
    legend = grid.legend
    ax, source_top = _start(figure, sheet, grid.size)
    wide, tall = inches_of(ax)
    # The sheet has the scale of the maps, so its scale bar is theirs.
    meters = frame.span / grid.width
    ax.set_xlim(0, wide * meters)
    ax.set_ylim(0, tall * meters)
    left = grid.used + _BETWEEN if grid.beside else FOOT_LEFT
    bottom = legend_bottom(source_top)
    draw_legend(ax, sheet.plan, left, legend.width, bottom=bottom, columns=legend.columns)
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
    figure.set_gid(sheet.name)
    figure.set_size_inches(*size)
    ax = figure.add_axes(BOX, gid=SHEET)
    ax.set_axis_off()
    write_title(ax, sheet.plan.title)
    return ax, write_source(ax, sheet.plan.source)


def _best_grid(plans: Sequence[Plan], sheet: Sheet, frame: _Frame, figure: Figure) -> _Grid:
    """Return the grid with the largest maps; more rows only where they enlarge them enough."""
    ax, source_top = _start(figure, sheet, sheet.page[:2])
    choices = range(1, len(plans) + 1) if sheet.n_columns is None else [min(sheet.n_columns, len(plans))]
    legends = [(beside, _legend(ax, sheet.plan, source_top, beside=beside)) for beside in (False, True)]
    grids = [
        _grid(ax, plans, frame, n, legend, source_top, beside=beside)
        for n, (beside, legend) in product(choices, legends)
    ]
    best = max(grids, key=lambda grid: grid.width / _WORTH ** (math.log2(grid.n_rows)))
    if best.width < SMALLEST:
        room = f"{sheet.page.width:g} x {sheet.page.height:g} inches"
        rule = f"of {room} has no room for {len(plans)} maps, their titles and legend"
        fix = "Give a larger size, fewer maps, or another n_columns."
        raise InputError(message("size", rule, fix=fix))
    return best


def _legend(ax: Axes, plan: Plan, source_top: float, *, beside: bool) -> Place:
    """Return the lowest legend beside the maps or at the foot."""
    wide, _ = inches_of(ax)
    width = min(COLUMN, 0.45 * wide) if beside else wide - FOOT_LEFT
    bottom = legend_bottom(source_top)
    most = 1 if beside else max(1, int(width / NARROW_COLUMN))
    tops = [draw_legend(ax, plan, 0, width, bottom=bottom, columns=n) for n in range(1, most + 1)]
    # Fewer columns are easier to read than lines that break, for a line more.
    n_columns, top = next((n, top) for n, top in enumerate(tops, start=1) if top <= min(tops) + _LINE)
    return Place(0.0, width, n_columns, top)


def _grid(
    ax: Axes,
    plans: Sequence[Plan],
    frame: _Frame,
    n_columns: int,
    legend: Place,
    source_top: float,
    *,
    beside: bool,
) -> _Grid:
    """Return the largest maps in this many columns, the legend beside them or at the foot."""
    wide, tall = inches_of(ax)
    n_rows = math.ceil(len(plans) / n_columns)
    foot = source_top + STRIP - GAP if beside else max(source_top + STRIP, legend.top + GAP)
    room = wide - (legend.width + _BETWEEN if beside else 0)
    across = max((room - 2 * GAP * (n_columns - 1)) / n_columns, 0.1)
    font = style(ax, NORMAL, bold=True)
    titles = [wrapped(ax, plan.title, across, font) for plan in plans]
    heading = 0.08 + _LINE * max(title.count("\n") + 1 for title in titles)
    extra = heading + (CAPTION + GAP if frame.detail else 0)
    free = (tall - foot - (n_rows - 1) * GAP) / n_rows - extra
    shape = frame.ratio + frame.detail_ratio
    width = min(across, free / shape)
    row = extra + width * shape
    content = max(foot + n_rows * row + (n_rows - 1) * GAP, legend.top)
    whole = figure_of(ax).get_size_inches()
    spare = (tall - content) / (1 - BOX[1]) * scale_of(ax)
    return _Grid(
        n_columns=n_columns,
        n_rows=n_rows,
        width=width,
        cell=max(width, min(across, width_of(ax, "\n".join(titles), font))),
        row=row,
        heading=heading,
        size=(float(whole[0]), float(whole[1]) - spare),
        beside=beside,
        legend=legend,
    )


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
    box = sheet.get_position(original=True)
    # Inches as shares of the figure.
    width, height = (inches / share for inches, share in zip(inches_of(sheet), box.size, strict=True))
    corner = (box.x0 + left / width, box.y0 + (top - tall) / height)
    ax = figure_of(sheet).add_axes((*corner, wide / width, tall / height), gid="map")
    ax.set_axis_off()
    low_x, low_y, high_x, high_y = frame.bounds
    half = np.array([-0.5, 0.5]) * frame.span
    ax.set_xlim(*((low_x + high_x) / 2 + half))
    ax.set_ylim(*((low_y + high_y) / 2 + half * frame.ratio))
    ax.set_aspect("equal", adjustable="box", anchor="C")
    font = style(ax, NORMAL, bold=True)
    title = wrapped(ax, plan.title, cell, font)
    ax.set_title(title, loc="left", y=1.0, pad=3 * scale_of(ax), color=INK, parse_math=False, **font)
    draw_areas(ax, geometry, plan)
    if frame.detail is not None:
        under = CAPTION + GAP
        across, down = detail_size(frame.detail, (wide, wide * frame.detail_ratio))
        spot = (0.0, -(under + down) / tall, across / wide, down / tall)
        draw_detail(ax, geometry, plan, frame.detail, spot, explained=explained)
