"""The map of two indicators: pairs of classes by hand, the square legend, titles that say the finding."""

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from segkit import areas as sg_areas
from segkit import maps, palettes
from segkit.errors import InputError, UnknownNameError


@pytest.fixture
def grid():
    """Nine squares of 1 km, all pairs of three values of x and three of y, of 10 to 90 residents."""
    pairs = [(x, y) for x in range(3) for y in range(3)]
    shapes = [box(5e5 + 1000 * x, 6.2e6 + 1000 * y, 501000 + 1000 * x, 6201000 + 1000 * y) for x, y in pairs]
    return gpd.GeoDataFrame(
        {
            "area_id": [f"a{i}" for i in range(9)],
            "name": [f"Area {i}" for i in range(9)],
            "population": 10.0 * np.arange(1, 10),
            "x": [float(x) for x, _ in pairs],
            "y": [10.0 * y for _, y in pairs],
        },
        geometry=shapes,
        crs=3006,
    )  # fmt: skip


def drawn(areas, **options):
    options.setdefault("ax", maps.new_axes())
    return maps.bivariate(areas, "x", "y", **options)


def texts(ax, gid):
    found = ax.findobj(lambda artist: artist.get_gid() == gid)
    return [artist.get_text() for artist in found]


def fills(ax):
    (layer,) = [a for a in ax.collections if a.get_gid() == "areas"]
    return [mpl.colors.to_hex(color) for color in layer.get_facecolor()]


def rows(ax):
    legend = ax.get_legend()
    return [] if legend is None else [text.get_text().replace("\n", " ") for text in legend.get_texts()]


def title(ax):
    return " ".join(ax.get_title(loc="left").split())


def test_each_pair_of_classes_has_its_color_and_count(grid):
    ax = drawn(grid)
    colors = palettes.bivariate(3)
    assert fills(ax) == [colors[x][y] for x in range(3) for y in range(3)]
    # Cells by column, from the lowest y upward.
    assert texts(ax, "count") == [f"1\n{10 * i}" for i in range(1, 10)]
    assert texts(ax, "bound") == ["0", "10", "20", "20", "0", "1", "2", "2"]
    assert [" ".join(text.split()) for text in texts(ax, "axis")] == ["y →", "x →"]
    assert texts(ax, "note") == ["I varje ruta: antal områden, därunder invånare"]
    assert rows(ax) == []


def test_two_classes_by_hand(grid):
    ax = drawn(grid, k=2, scheme="manual", bins=([1], [20]), language="en")
    (low, y_only), (x_only, both) = palettes.bivariate(2)
    assert fills(ax) == [low, low, y_only, x_only, x_only, both, x_only, x_only, both]
    assert [text.split("\n")[0] for text in texts(ax, "count")] == ["2", "1", "4", "2"]
    assert texts(ax, "note") == ["In each cell: number of areas, residents below"]


def test_a_scheme_for_each_axis(grid):
    ax = drawn(grid, scheme=("equal", "manual"), bins=(None, [15]))
    assert texts(ax, "bound") == ["0", "15", "20", "0,00", "0,67", "1,33", "2,00"]


def test_without_population_cells_hold_areas_only(grid):
    ax = drawn(grid.drop(columns="population"))
    assert texts(ax, "count") == ["1"] * 9
    assert texts(ax, "note") == ["I varje ruta: antal områden"]


def test_title_says_how_many_lie_in_the_corners(grid):
    up = grid.assign(y=grid["x"])
    assert title(drawn(up, labels=("Arbete", "Inkomst"), units=("", ""))) == (
        "Arbete och inkomst: 3 av 9 områden är i lägsta klassen i båda, 3 i den högsta (rangkorrelation 1,00)"
    )
    down = title(drawn(grid.assign(y=-grid["x"]), language="en"))
    assert down == (
        "x and y: 3 of 9 areas are lowest in the first and highest in the second, 3 the opposite "
        "(rank correlation −1.00)"
    )


def test_missing_in_either_is_grey_and_counted(grid):
    grid.loc[0, "x"] = np.nan
    grid.loc[8, "y"] = np.nan
    ax = drawn(grid)
    assert [i for i, color in enumerate(fills(ax)) if color == palettes.MISSING] == [0, 8]
    assert rows(ax) == ["uppgift saknas för en eller båda 2 områden, 100 invånare"]
    assert "av 7 områden" in title(ax)


def test_flags_of_both_indicators_are_hatched(grid):
    grid["x_flag"] = ["modelled", *[""] * 8]
    grid["y_flag"] = ["", "suppressed", *["observed"] * 7]
    ax = drawn(grid, language="en")
    assert rows(ax) == ["suppressed figure 1 area, 20 residents", "modelled value (1 area)"]
    assert fills(ax)[1] == palettes.UNCERTAIN
    assert sum(int(text.split("\n")[0]) for text in texts(ax, "count")) == 8


def test_names_are_those_at_the_ends(grid):
    assert {"Area 0", "Area 8"} <= set(texts(drawn(grid, inset=False), "name"))
    assert texts(drawn(grid, highlight=["a4"]), "name") == ["Area 4"]


def test_ties_make_a_smaller_square(grid):
    ax = drawn(grid.assign(x=[0.0] * 8 + [1.0]))
    assert len(texts(ax, "count")) == 6
    colors = palettes.bivariate(3)
    assert fills(ax)[0] == colors[0][0]
    assert fills(ax)[8] == colors[2][2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"k": 4}, "k: is 4, must be 2 or 3"),
        ({"k": 1}, "k: is 1"),
        ({"scheme": "std"}, "scheme: is 'std'"),
        ({"scheme": ("equal",)}, "one scheme or a pair"),
        ({"scheme": "manual"}, "bins: is needed"),
        ({"scheme": "manual", "bins": [1, 2]}, "bins: must be a pair"),
        ({"scheme": "manual", "bins": ([1], [1, 2, 3])}, "bins: makes 4 classes of y"),
        ({"language": "de"}, "language: is 'de'"),
        ({"flags": [1]}, "flags: must be a Series"),
    ],
)
def test_options_are_checked(grid, options, words):
    with pytest.raises(InputError, match=words):
        drawn(grid, **options)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda g: g.iloc[:0], "has no rows"),
        (lambda g: g.assign(x=np.nan), "x: is missing in every area"),
        (lambda g: g.assign(y=3.0), "y: has one class only"),
        (lambda g: g.assign(x=[1.0, *[np.nan] * 8], y=[np.nan, *range(8)]), "no area in common"),
        (lambda g: g.set_crs(None, allow_override=True), "no coordinate reference system"),
        (lambda g: pd.concat([g, g], ignore_index=True), "more than one row for an area"),
        (lambda g: g.assign(x_flag="suppressed"), "x: is suppressed or missing in every area"),
    ],
)
def test_areas_that_make_no_map(grid, change, words):
    with pytest.raises(InputError, match=words):
        drawn(change(grid))


def test_unknown_columns(grid):
    with pytest.raises(UnknownNameError, match="lacks the column"):
        maps.bivariate(grid, "x", "z", ax=maps.new_axes())


@pytest.mark.parametrize("size", ["report", "slide", "a3", "a3_portrait"])
@pytest.mark.parametrize("name", ["kalmar", "motala", "katrineholm"])
def test_nothing_in_the_square_lies_over_anything_else(name, size):
    found, _ = sg_areas.latest(sg_areas.load_example(name), ["employment_rate", "median_income"])
    ax = maps.bivariate(found, "employment_rate", "median_income", ax=maps.new_axes(size=size))
    ax.get_figure(root=True).canvas.draw()
    parts = [a for gid in ("bound", "axis", "note") for a in ax.findobj(lambda p, g=gid: p.get_gid() == g)]
    boxes = [part.get_window_extent() for part in parts]
    assert len(boxes) == 4 + 4 + 2 + 1
    for i, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[i + 1 :])
    (square,) = [child for child in ax.child_axes if child.get_gid() == "square"]
    cells = square.findobj(lambda p: p.get_gid() == "cell")
    for cell, text in zip(cells, square.findobj(lambda p: p.get_gid() == "count"), strict=True):
        inside, around = text.get_window_extent(), cell.get_window_extent()
        assert around.x0 <= inside.x0
        assert inside.x1 <= around.x1
        assert around.y0 <= inside.y0
        assert inside.y1 <= around.y1
