"""The sheet of a static map: polygons in their colors, a detail, names, and what stands around them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.drawing import palettes
from segkit.drawing.maps._detail import detail_bounds, widened
from segkit.drawing.maps._furniture import (
    BOX,
    SHEET,
    draw_furniture,
    draw_scale_bar,
    write_source,
    write_title,
)
from segkit.drawing.maps._layout import CAPTION, best_layout
from segkit.drawing.maps._legend import DARK, HATCH, LINE, NO_VALUE, draw_legend, legend_bottom
from segkit.drawing.maps._names import Anchor, place_names
from segkit.drawing.maps._type import INK, SIZES, SMALL, inches_of, page_of, scale_of, style
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes

    from segkit.drawing.maps._detail import Bounds
    from segkit.drawing.maps._legend import Plan
    from segkit.drawing.maps._type import SizeName

#: Inches of a report: the least width of a detail, so that its caption has room.
_LEAST_DETAIL = 0.8
#: Inches on paper within which an outline is simplified: less than a printer's dot.
_DOT = 1 / 300


def new_axes(
    *, size: SizeName | tuple[float, float] = "report", areas: gpd.GeoDataFrame | None = None
) -> Axes:
    """Return an empty Axes on a figure of its own, which no window and no pyplot state holds on to.

    Parameters
    ----------
    size : {"report", "slide", "a3", "a3_portrait"} or tuple of float
        What the map is for: half a page of an A4 report (7.4 x 6 inches, letters of 7 to 11 points), a
        slide of 16:9 (13.3 x 7.5, letters 1.6 times as large) or an A3 sheet (16.5 x 11.7 or upright,
        letters 1.5 times as large); or width and height in inches, with the letters of a report.
    areas : geopandas.GeoDataFrame, optional
        The areas to map: an "a3" is turned upright when they stretch farther from north to south than
        from west to east.

    Returns
    -------
    matplotlib.axes.Axes
        Pass it to a map; save it with `save`.

    Raises
    ------
    InputError
        When the size is not known or not above 0.

    Examples
    --------
    >>> ax = new_axes(size=(6, 4))
    >>> tuple(float(inches) for inches in ax.figure.get_size_inches())
    (6.0, 4.0)
    >>> tuple(float(inches) for inches in new_axes(size="slide").figure.get_size_inches())
    (13.333, 7.5)
    """
    from matplotlib.figure import Figure

    name, page = page_of(size)
    if name == "a3" and areas is not None:
        low_x, low_y, high_x, high_y = areas.geometry.to_crs(3006).total_bounds
        if high_y - low_y > high_x - low_x:
            name, page = "a3_portrait", SIZES["a3_portrait"]
    figure = Figure(figsize=(page.width, page.height))
    # The name says how large the letters are, whoever draws here.
    figure.set_gid(name)
    return figure.add_axes(BOX, gid=SHEET)


def draw(areas: gpd.GeoDataFrame, plan: Plan, ax: Axes | None, inset: bool | Bounds) -> Axes:
    """Draw a map into `ax`, or into a new figure of pyplot, and return its Axes."""
    geometry = areas.geometry.to_crs(3006)
    if ax is None:
        import matplotlib.pyplot as plt

        page = SIZES["report"]
        ax = plt.figure(figsize=(page.width, page.height)).add_axes(BOX, gid=SHEET)
    ax.set_axis_off()
    write_title(ax, plan.title)
    source_top = write_source(ax, plan.source)
    detail = detail_bounds(geometry, inset)
    low_x, low_y, high_x, high_y = (float(b) for b in geometry.total_bounds)
    bounds = (low_x, low_y, high_x, high_y)
    layout = best_layout(ax, plan, source_top, bounds, detail, widen=inset is True)
    place = layout.legend
    _frame(ax, bounds, layout.map)
    draw_areas(ax, geometry, plan)
    draw_legend(ax, plan, place.left, place.width, bottom=legend_bottom(source_top), columns=place.columns)
    # The bar takes a third of its room, and stays clear of a legend at the foot.
    free = 3 * (place.left - 0.6)
    draw_furniture(ax, source_top, plan.language, min(layout.map[2], 0.42 * inches_of(ax)[0], free))
    parts: list[tuple[Axes, Bounds | None]] = [(ax, None)]
    if detail is not None and layout.detail is not None:
        room = (layout.detail[2], layout.detail[3] - CAPTION)
        if inset is True:
            detail = widened(detail, room)
        parts = [(ax, None), (_detail(ax, geometry, plan, detail, layout.detail), detail)]
    _names(areas, geometry, plan, parts, layout.map)
    return ax


def _frame(ax: Axes, bounds: Bounds, box: Bounds) -> None:
    """Set the limits so that `bounds` fill the box (left, bottom, width, height, in inches)."""
    width, height = inches_of(ax)
    left, bottom, wide, tall = box
    low_x, low_y, high_x, high_y = bounds
    scale = max((high_x - low_x) / wide, (high_y - low_y) / tall) * 1.02
    x = (low_x + high_x) / 2 - (left + wide / 2) * scale
    y = (low_y + high_y) / 2 - (bottom + tall / 2) * scale
    ax.set_xlim(x, x + width * scale)
    ax.set_ylim(y, y + height * scale)
    ax.set_aspect("equal", adjustable="box", anchor="C")


def _paths(geometry: gpd.GeoSeries, tolerance: float) -> list[Any]:
    """Return a compound path for each polygon, holes turned the other way, shared borders still shared."""
    import shapely
    from matplotlib.path import Path

    paths = []
    simple = shapely.coverage_simplify(geometry.to_numpy(), tolerance)
    for polygon in shapely.orient_polygons(simple):
        parts = [part for part in shapely.get_parts(polygon) if part.geom_type == "Polygon"]
        rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        closed = [Path(shapely.get_coordinates(ring), closed=True) for ring in rings]
        paths.append(Path.make_compound_path(*closed))
    return paths


def draw_areas(ax: Axes, geometry: gpd.GeoSeries, plan: Plan, edge: float = 0.4) -> None:
    """Draw the areas in their colors, and hatching over those that are flagged."""
    from matplotlib.collections import PathCollection

    scale = scale_of(ax)
    wide = abs(float(np.ptp(ax.get_xlim())))
    paths = _paths(geometry, wide / (inches_of(ax)[0] * scale) * _DOT)
    fills = np.array(plan.colors)[plan.codes]
    # Many small areas would drown in their outlines.
    thin = edge * scale * min(1.0, (1000 / len(paths)) ** 0.5)
    ax.add_collection(
        PathCollection(paths, facecolors=fills.tolist(), edgecolors=LINE, linewidths=thin, gid="areas"),
        autolim=False,
    )
    dark = np.array([palettes.lightness(color) < DARK for color in plan.colors])[plan.codes]
    hatched = [(plan.codes == -1, NO_VALUE, "missing")]
    hatched += [(pattern.mask, pattern.hatch, "pattern") for pattern in plan.patterns]
    for (mask, hatch, gid), on_dark in product(hatched, (True, False)):
        chosen = [path for path, drawn in zip(paths, mask & (dark == on_dark), strict=True) if drawn]
        color = "#ffffff" if on_dark else HATCH[hatch]
        if chosen:
            layer = PathCollection(
                chosen, facecolors="none", edgecolors=color, linewidths=0, hatch=hatch, gid=gid
            )
            ax.add_collection(layer, autolim=False)


def _detail(ax: Axes, geometry: gpd.GeoSeries, plan: Plan, bounds: Bounds, box: Bounds) -> Axes:
    """Draw the detail at the upper left of its box (left, bottom, width, height, in inches)."""
    width, height = inches_of(ax)
    left, bottom, across, up = box
    wide, tall = detail_size(bounds, (across, up - CAPTION), least=_LEAST_DETAIL)
    place = (left / width, (bottom + up - CAPTION - tall) / height, wide / width, tall / height)
    return draw_detail(ax, geometry, plan, bounds, place)


def detail_size(bounds: Bounds, room: tuple[float, float], *, least: float = 0.0) -> tuple[float, float]:
    """Return width (at least `least`) and height in inches of a detail that fills its room."""
    low_x, low_y, high_x, high_y = bounds
    ratio = (high_y - low_y) / (high_x - low_x)
    wide = max(min(room[0], room[1] / ratio), least)
    return wide, wide * ratio


def draw_detail(
    ax: Axes, geometry: gpd.GeoSeries, plan: Plan, bounds: Bounds, place: Bounds, *, explained: bool = True
) -> Axes:
    """Draw a detail at `place` (left, bottom, width, height in Axes fractions), and its frame on the map."""
    from matplotlib.patches import Rectangle

    low_x, low_y, high_x, high_y = bounds
    scale = scale_of(ax)
    detail = ax.inset_axes(place)
    detail.set_gid("detail")
    detail.set_xlim(low_x, high_x)
    detail.set_ylim(low_y, high_y)
    detail.set_xticks([])
    detail.set_yticks([])
    for spine in detail.spines.values():
        spine.set(edgecolor=INK, linewidth=1.1 * scale)
    draw_areas(detail, geometry, plan, edge=0.5)
    frame = Rectangle(
        (low_x, low_y), high_x - low_x, high_y - low_y, fill=False, edgecolor=INK, linewidth=1.1 * scale,
        gid="frame",
    )  # fmt: skip
    ax.add_patch(frame)
    if explained:
        caption = say("maps.shared", "detail", plan.language)
        detail.set_title(caption, loc="left", color=INK, pad=3 * scale, **style(ax, SMALL, bold=True))
        wide = place[2] * inches_of(ax)[0]
        draw_scale_bar(detail, (0.1, 0.12), wide, plan.language, wide / (high_x - low_x), halo=True)
    return detail


def _names(
    areas: gpd.GeoDataFrame,
    geometry: gpd.GeoSeries,
    plan: Plan,
    parts: Sequence[tuple[Axes, Bounds | None]],
    map_box: Bounds,
) -> None:
    """Write the names: of areas in the detail there, of the others on the map."""
    points = geometry.representative_point()
    x, y = points.x.to_numpy(), points.y.to_numpy()
    shapes = geometry.to_numpy()
    left = list(plan.names)
    frame = next((bounds for _, bounds in parts if bounds is not None), None)
    width, height = inches_of(parts[0][0])
    low, down, across, up = map_box
    for ax, bounds in reversed(parts):
        inside, avoid = left, frame
        box = (low / width, down / height, (low + across) / width, (down + up) / height)
        if bounds is not None:
            low_x, low_y, high_x, high_y = bounds
            inside = [i for i in left if low_x <= x[i] <= high_x and low_y <= y[i] <= high_y]
            box, avoid = (0.0, 0.0, 1.0, 1.0), None
        left = [i for i in left if i not in inside]
        anchors = [Anchor(float(x[i]), float(y[i]), str(areas["name"].iloc[i]), shapes[i]) for i in inside]
        place_names(ax, anchors, box=box, avoid=avoid, others=np.column_stack([x, y]))
