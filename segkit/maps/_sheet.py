"""The sheet of a static map: polygons, detail, legend, scale bar, north arrow, title and source."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit import palettes
from segkit._cartography import TEXTS
from segkit.maps._detail import detail_bounds, widened
from segkit.maps._names import Anchor, place_names
from segkit.tables import format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes

    from segkit._cartography import Codes, Mask
    from segkit.indicators import Language
    from segkit.maps._detail import Bounds

#: Default size in inches: half an A4 page.
SIZE = (7.4, 6.0)

BOX = (0.02, 0.02, 0.96, 0.9)
#: Marks an Axes that has its figure to itself, so that the title may take room from it.
SHEET = "sheet"
SMALL, NORMAL, _LARGE = 7.0, 8.0, 11.0
INK, _LINE = "#222222", "#6b6b6b"
#: Inches: the legend without a detail; scale bar, north arrow and source; the gap between parts.
COLUMN, STRIP, GAP = 2.45, 0.72, 0.14
#: Inches: the caption over a detail.
CAPTION = 0.18
_HATCH = {"////": "#333333", "..": "#8a8a8a"}
_DARK = 55  # lightness under which hatching is drawn white


@dataclass(frozen=True)
class Pattern:
    """Areas drawn with a pattern over their color, and what it means."""

    mask: Mask
    hatch: str
    text: str
    count: str


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


def new_axes(*, size: tuple[float, float] = SIZE) -> Axes:
    """Return an empty Axes on a figure of its own, which no window and no pyplot state holds on to.

    Parameters
    ----------
    size : tuple of float
        Width and height in inches.

    Returns
    -------
    matplotlib.axes.Axes
        Pass it to a map; save it with `save`.

    Examples
    --------
    >>> ax = new_axes(size=(6, 4))
    >>> tuple(float(inches) for inches in ax.figure.get_size_inches())
    (6.0, 4.0)
    """
    from matplotlib.figure import Figure

    return Figure(figsize=size).add_axes(BOX, gid=SHEET)


def draw(areas: gpd.GeoDataFrame, plan: Plan, ax: Axes | None, inset: bool | Bounds) -> Axes:
    """Draw a map into `ax`, or into a new figure of pyplot, and return its Axes."""
    geometry = areas.geometry.to_crs(3006)
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.figure(figsize=SIZE).add_axes(BOX, gid=SHEET)
    write_title(ax, plan.title)
    source_top = write_source(ax, plan.source)
    detail = detail_bounds(geometry, inset)
    width, height = inches_of(ax)
    wide = min(0.47 * width, 3.5) if detail is not None else min(COLUMN, 0.45 * width)
    ax.set_axis_off()
    _frame(ax, geometry.total_bounds, (0, STRIP, width - wide - GAP, height - STRIP))
    draw_areas(ax, geometry, plan)
    used = draw_legend(ax, plan, width - wide, wide, bottom=legend_bottom(source_top))
    draw_furniture(ax, source_top, plan.language, width * 0.42)
    parts: list[tuple[Axes, Bounds | None]] = [(ax, None)]
    if detail is not None:
        room = (wide, height - used - 2 * GAP)
        if inset is True:
            detail = widened(detail, room)
        parts = [(ax, None), (_detail(ax, geometry, plan, detail, room), detail)]
    _names(areas, geometry, plan, parts, map_right=1 - (wide + GAP) / width)
    return ax


def inches_of(ax: Axes) -> tuple[float, float]:
    """Return width and height of the box of an Axes in inches."""
    box = ax.get_position(original=True)
    figure = ax.get_figure(root=True)
    assert figure is not None
    width, height = figure.get_size_inches()
    return float(box.width * width), float(box.height * height)


def _frame(ax: Axes, bounds: Sequence[float], box: tuple[float, float, float, float]) -> None:
    """Set the limits so that `bounds` fill the box (left, bottom, width, height, in inches)."""
    width, height = inches_of(ax)
    left, bottom, wide, tall = box
    low_x, low_y, high_x, high_y = (float(b) for b in bounds)
    scale = max((high_x - low_x) / wide, (high_y - low_y) / tall) * 1.02
    x = (low_x + high_x) / 2 - (left + wide / 2) * scale
    y = (low_y + high_y) / 2 - (bottom + tall / 2) * scale
    ax.set_xlim(x, x + width * scale)
    ax.set_ylim(y, y + height * scale)
    ax.set_aspect("equal", adjustable="box", anchor="C")


def wrapped(ax: Axes, text: str, inches: float, **font: Any) -> str:
    """Break a text into lines that are no wider than `inches`, measured in the font it is drawn in."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    probe = ax.text(0, 0, "", **font)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            probe.set_text(longer.replace("$", r"\$"))
            if line and probe.get_window_extent().width / figure.dpi > inches:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    probe.remove()
    return "\n".join(lines)


def write_title(ax: Axes, title: str) -> None:
    """Write the title above the map; a figure of our own leaves it the room it needs."""
    large = _LARGE if inches_of(ax)[0] > 5 else NORMAL + 1
    font: dict[str, Any] = {"fontsize": large, "fontweight": "bold"}
    text = wrapped(ax, title, inches_of(ax)[0], **font)
    # Without y matplotlib would push the title above the heading of the detail.
    ax.set_title(text, loc="left", y=1.0, pad=8, color=INK, parse_math=False, **font)
    if ax.get_gid() == SHEET:
        figure = ax.get_figure(root=True)
        assert figure is not None
        room = (0.2 + 0.19 * (text.count("\n") + 1)) / figure.get_size_inches()[1]
        ax.set_position((*BOX[:3], 1 - BOX[1] - room))


def write_source(ax: Axes, source: str) -> float:
    """Write the source at the foot; return the height in inches of its top."""
    text = wrapped(ax, source, inches_of(ax)[0], fontsize=SMALL)
    ax.text(
        0, 0, text, transform=ax.transAxes, fontsize=SMALL, color="#444444", va="bottom", gid="source",
        parse_math=False,
    )  # fmt: skip
    return 0.05 + 0.125 * (text.count("\n") + 1)


def _paths(geometry: gpd.GeoSeries) -> list[Any]:
    """Return a compound path for each polygon, holes turned the other way."""
    import shapely
    from matplotlib.path import Path

    paths = []
    for polygon in shapely.orient_polygons(geometry.to_numpy()):
        parts = [part for part in shapely.get_parts(polygon) if part.geom_type == "Polygon"]
        rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        closed = [Path(shapely.get_coordinates(ring), closed=True) for ring in rings]
        paths.append(Path.make_compound_path(*closed))
    return paths


def draw_areas(ax: Axes, geometry: gpd.GeoSeries, plan: Plan, edge: float = 0.4) -> None:
    """Draw the areas in their colors, and hatching over those that are flagged."""
    from matplotlib.collections import PathCollection

    paths = _paths(geometry)
    fills = np.array(plan.colors)[plan.codes]
    ax.add_collection(
        PathCollection(paths, facecolors=fills.tolist(), edgecolors=_LINE, linewidths=edge, gid="areas"),
        autolim=False,
    )
    dark = np.array([palettes.lightness(fill) < _DARK for fill in fills])
    for pattern, on_dark in product(plan.patterns, (True, False)):
        chosen = [path for path, drawn in zip(paths, pattern.mask & (dark == on_dark), strict=True) if drawn]
        color = "#ffffff" if on_dark else _HATCH[pattern.hatch]
        if chosen:
            layer = PathCollection(
                chosen, facecolors="none", edgecolors=color, linewidths=0, hatch=pattern.hatch, gid="pattern"
            )
            ax.add_collection(layer, autolim=False)


def legend_bottom(source_top: float) -> float:
    """Return the height in inches at which a legend stands clear of the source."""
    return max(0.26, source_top + 0.08)


def draw_legend(
    ax: Axes, plan: Plan, left: float, inches: float, *, bottom: float, columns: int = 1
) -> float:
    """Draw the legend; places are in inches. Return how far its top lies above the foot."""
    from matplotlib.patches import Patch

    figure = ax.get_figure(root=True)
    assert figure is not None
    width, height = inches_of(ax)
    rows = [
        (color, "", text, count)
        for color, text, count in zip(plan.colors, plan.texts, plan.counts, strict=True)
        if text
    ]
    rows += [("#ffffff", pattern.hatch, pattern.text, pattern.count) for pattern in plan.patterns]
    together = [f"{text} ({count})" for _, _, text, count in rows]
    font = {"fontsize": NORMAL}
    wide = inches / columns - 0.4
    handles = []
    for (color, hatch, text, count), joined in zip(rows, together, strict=True):
        label = joined
        if "\n" in wrapped(ax, joined, wide, **font):
            label = f"{wrapped(ax, text, wide, **font)}\n{wrapped(ax, count, wide, **font)}"
        # A dollar sign in a label would start mathematics.
        label = label.replace("$", r"\$")
        edge = _HATCH.get(hatch, _LINE)
        handles.append(
            Patch(facecolor=color, edgecolor=edge, linewidth=0.5, hatch=hatch or None, label=label)
        )
    bold = {"fontsize": NORMAL, "fontweight": "bold"}
    legend = ax.legend(
        handles=handles,
        title=wrapped(ax, plan.heading, inches, **bold).replace("$", r"\$"),
        loc="lower left",
        bbox_to_anchor=(left / width, bottom / height),
        ncols=columns,
        columnspacing=1.0,
        borderaxespad=0,
        borderpad=0,
        frameon=False,
        fontsize=NORMAL,
        title_fontproperties={"size": NORMAL, "weight": "bold"},
        alignment="left",
        handlelength=1.7,
        handleheight=1.5,
        labelspacing=0.55,
    )
    legend.set_gid("legend")
    box = legend.get_window_extent()
    return float(box.height / figure.dpi) + bottom


def _detail(ax: Axes, geometry: gpd.GeoSeries, plan: Plan, bounds: Bounds, room: tuple[float, float]) -> Axes:
    """Draw the detail at the head of the right column."""
    width, height = inches_of(ax)
    wide, tall = detail_size(bounds, (room[0], room[1] - CAPTION), least=0.8)
    place = (1 - room[0] / width, 1 - (tall + CAPTION) / height, wide / width, tall / height)
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
    detail = ax.inset_axes(place)
    detail.set_gid("detail")
    detail.set_xlim(low_x, high_x)
    detail.set_ylim(low_y, high_y)
    detail.set_xticks([])
    detail.set_yticks([])
    for spine in detail.spines.values():
        spine.set(edgecolor=INK, linewidth=1.1)
    draw_areas(detail, geometry, plan, edge=0.5)
    frame = Rectangle(
        (low_x, low_y), high_x - low_x, high_y - low_y, fill=False, edgecolor=INK, linewidth=1.1, gid="frame"
    )
    ax.add_patch(frame)
    if explained:
        caption = TEXTS[plan.language]["detail"]
        detail.set_title(caption, loc="left", fontsize=SMALL, color=INK, pad=3, fontweight="bold")
        wide = place[2] * inches_of(ax)[0]
        _scale_bar(detail, (0.1, 0.12), wide, plan.language, wide / (high_x - low_x), halo=True)
    return detail


def draw_furniture(ax: Axes, bottom: float, language: Language, room: float) -> None:
    """Draw a scale bar, at most a third of the room in inches, and a north arrow at the foot of the map."""
    width, height = inches_of(ax)
    per_meter = width / float(np.ptp(ax.get_xlim()))
    at = bottom + 0.1
    ax.annotate(
        TEXTS[language]["north"],
        xy=(0.1 / width, (at + 0.36) / height),
        xytext=(0.1 / width, (at + 0.02) / height),
        xycoords="axes fraction",
        textcoords="axes fraction",
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.2, "shrinkA": 1, "shrinkB": 0},
        ha="center",
        va="bottom",
        fontsize=NORMAL,
        fontweight="bold",
        color=INK,
        gid="north",
    )
    _scale_bar(ax, (0.34, at + 0.04), room, language, per_meter)


def _scale_bar(
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
    effects = [withStroke(linewidth=3, foreground="white")] if halo else []
    ax.plot(
        [x, x, x + meters, x + meters],
        [y + tick, y, y, y + tick],
        color=INK,
        linewidth=1.2,
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
        x + meters / 2, y + 1.3 * tick, text, ha="center", va="bottom", fontsize=SMALL, color=INK,
        path_effects=effects, gid="scale",
    )  # fmt: skip


def _round_length(meters: float) -> float:
    """Return the greatest of 1, 2, 5 times a power of ten that is no longer than `meters`."""
    power = 10 ** np.floor(np.log10(meters))
    return float(max(step * power for step in (1, 2, 5) if step * power <= meters))


def _names(
    areas: gpd.GeoDataFrame,
    geometry: gpd.GeoSeries,
    plan: Plan,
    parts: Sequence[tuple[Axes, Bounds | None]],
    map_right: float,
) -> None:
    """Write the names: of areas in the detail there, of the others on the map."""
    points = geometry.representative_point()
    x, y = points.x.to_numpy(), points.y.to_numpy()
    shapes = geometry.to_numpy()
    left = list(plan.names)
    frame = next((bounds for _, bounds in parts if bounds is not None), None)
    for ax, bounds in reversed(parts):
        inside, box, avoid = left, (0.0, STRIP / inches_of(ax)[1], map_right, 1.0), frame
        if bounds is not None:
            low_x, low_y, high_x, high_y = bounds
            inside = [i for i in left if low_x <= x[i] <= high_x and low_y <= y[i] <= high_y]
            box, avoid = (0.0, 0.0, 1.0, 1.0), None
        left = [i for i in left if i not in inside]
        anchors = [Anchor(float(x[i]), float(y[i]), str(areas["name"].iloc[i]), shapes[i]) for i in inside]
        place_names(ax, anchors, size=SMALL, box=box, avoid=avoid, others=np.column_stack([x, y]))
