"""Sheets for report, slide and A3: nothing over anything else; any reservation, text, file and input."""

import errno
import hashlib
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from defusedxml import ElementTree
from matplotlib.figure import Figure
from shapely.geometry import box

from segkit import areas as sg_areas
from segkit import maps, palettes
from segkit.errors import FileError, InputError, UnknownNameError

SIZES = {"report": (7.4, 6.0), "slide": (13.333, 7.5), "a3": (16.54, 11.69), "a3_portrait": (11.69, 16.54)}
INDICATORS = ["employment_rate", "median_income"]


@pytest.fixture
def squares():
    """Six squares of 1 km in two rows, of 100 residents each."""
    corners = [(i % 3 * 1e3 + 5e5, i // 3 * 1e3) for i in range(6)]
    return gpd.GeoDataFrame(
        {
            "area_id": list("abcdef"),
            "name": [f"Area {c}" for c in "ABCDEF"],
            "population": 100.0,
            "x": [1.0, 2, 3, 4, 5, 6],
            "y": [6.0, 4, 5, 2, 3, 1],
            "profile": [1, 2, 2, 3, 3, 3],
        },
        geometry=[box(x, y, x + 1e3, y + 1e3) for x, y in corners],
        crs=3006,
    )  # fmt: skip


def artists(ax, gid):
    return ax.findobj(lambda artist: artist.get_gid() == gid)


def rows(ax):
    """Return the lines of the legend, whether broken or in parentheses."""
    return [re.sub(r"\n| \(", " ", text.get_text()).rstrip(")") for text in ax.get_legend().get_texts()]


def draw(kind, areas, **options):
    if kind == "profile_map":
        return maps.profile_map(areas, **options)
    if kind == "bivariate":
        return maps.bivariate(areas, *INDICATORS, **options)
    if kind == "change_map":
        change = areas.assign(change=areas["employment_rate"] - 80)
        return maps.change_map(change, "change", significant=change["change"].abs() > 2, **options)
    return maps.choropleth(areas, "employment_rate", **options)


# Sizes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["choropleth", "profile_map", "change_map", "bivariate"])
@pytest.mark.parametrize(
    ("name", "size"),
    [(n, s) for n in ("kalmar", "motala", "katrineholm") for s in (*SIZES, (6.3, 4.9))],
)
def test_nothing_lies_over_anything_else_or_outside(kind, name, size):
    found, _ = sg_areas.latest(sg_areas.load_example(name), INDICATORS)
    found["profile"] = pd.qcut(found["median_income"], 5, labels=False) + 1
    flags = pd.Series(["modelled", "suppressed", "preliminary", *[""] * (len(found) - 3)], index=found.index)
    language = "en" if name == "motala" else "sv"
    options = {"flags": flags, "language": language, "source": "Källa: SCB. " * 12}
    ax = draw(kind, found, ax=maps.new_axes(size=size), **options)
    figure = ax.get_figure(root=True)
    figure.canvas.draw()
    (bar,) = [a for a in ax.lines if a.get_gid() == "scale"]
    of_sheet = [t for t in ax.texts if t.get_gid() in {"source", "north", "scale"}]
    parts = [ax._left_title, ax.get_legend(), bar, *of_sheet, *artists(ax, "detail"), *artists(ax, "square")]
    parts += [detail._left_title for detail in artists(ax, "detail")]
    boxes = [part.get_window_extent() for part in parts]
    for (i, one), (j, other) in itertools.combinations(enumerate(boxes), 2):
        assert not one.overlaps(other), (parts[i], parts[j])
    (drawn,) = [a for a in ax.collections if a.get_gid() == "areas"]
    points = ax.transData.transform(np.vstack([path.vertices for path in drawn.get_paths()]))
    # A detail or legend never covers a corner of an area.
    for one in boxes:
        x, y = points.T
        assert not ((one.x0 < x) & (x < one.x1) & (one.y0 < y) & (y < one.y1)).any()
    for one in [*boxes, *[n.get_window_extent() for n in artists(ax, "name")]]:
        assert one.x0 >= 0
        assert one.y0 >= 0
        assert one.x1 <= figure.bbox.x1
        assert one.y1 <= figure.bbox.y1


@pytest.mark.parametrize(("size", "scale"), [("report", 1), ("slide", 1.6), ("a3", 1.5), ((9, 9), 1)])
def test_letters_grow_with_the_use(squares, size, scale):
    ax = maps.choropleth(squares, "x", ax=maps.new_axes(size=size))
    assert tuple(ax.figure.get_size_inches()) == SIZES.get(size, size)
    letters = [*ax.get_legend().get_texts(), *artists(ax, "source"), ax._left_title]
    assert [round(text.get_fontsize() / scale, 6) for text in letters[-3:]] == [8, 7, 11]


def test_a3_is_turned_as_fits_the_areas(squares):
    assert tuple(maps.new_axes(size="a3", areas=squares).figure.get_size_inches()) == SIZES["a3"]
    kalmar = sg_areas.load_example("kalmar")
    assert tuple(maps.new_axes(size="a3", areas=kalmar).figure.get_size_inches()) == SIZES["a3_portrait"]


@pytest.mark.parametrize("size", ["a4", (1, 0), 7, "", (1, 2, 3)])
def test_sizes_are_checked(size):
    with pytest.raises(InputError, match="size: is"):
        maps.new_axes(size=size)


def test_a_sheet_without_room_is_refused(squares):
    with pytest.raises(InputError, match="has no room for map and legend"):
        maps.choropleth(squares, "x", ax=maps.new_axes(size=(1.5, 1.2)))
    with pytest.raises(InputError, match="has no room for map and legend"):
        maps.choropleth(squares, "x", title="word " * 2000, ax=maps.new_axes())


# Reservations -----------------------------------------------------------------------------------


def test_suppressed_modelled_and_missing_are_three_things(squares):
    squares.loc[5, "x"] = np.nan
    squares["x_flag"] = ["suppressed", "modelled", "partly observed, preliminary", "observed", None, ""]
    ax = maps.choropleth(squares, "x", k=2, scheme="equal", language="en", ax=maps.new_axes())
    assert rows(ax)[2:] == [
        "no figure 1 area, 100 residents",
        "suppressed figure 1 area, 100 residents",
        "modelled value 1 area",
        "partly modelled value 1 area",
        "preliminary figure 1 area",
    ]
    hatches = [handle.get_hatch() for handle in ax.get_legend().legend_handles]
    assert hatches[:2] == [None, None]
    assert len(set(hatches[2:])) == 5
    # The value that must not be shown is in no class and in no title.
    assert rows(ax)[0].startswith("2.0 to under 3.5") or rows(ax)[0].startswith("2 to under")
    assert "2.0–5.0" in ax.get_title(loc="left")


def test_flags_are_a_column_a_series_or_its_name(squares):
    flags = pd.Series(["modelled", *[""] * 5])
    for options in ({"flags": flags}, {"flags": "why"}, {"flagged": flags == "modelled"}):
        ax = maps.profile_map(squares.assign(why=flags), language="en", ax=maps.new_axes(), **options)
        assert rows(ax)[-1] == "modelled value 1 area"
    other = maps.profile_map(squares, flags=flags.replace("modelled", "odd"), ax=maps.new_axes())
    assert rows(other)[-1] == "uppgift med annan anmärkning 1 område"
    with pytest.raises(UnknownNameError, match="flags: lacks the column"):
        maps.profile_map(squares, flags="none", ax=maps.new_axes())
    with pytest.raises(InputError, match="flags: must be a Series"):
        maps.profile_map(squares, flags=pd.Series(["modelled"]), ax=maps.new_axes())


def test_areas_of_uncertain_class_are_dotted(squares):
    # Bounds 3 and 5: +- 1.96 crosses both from 4 only, and one of them from 2, 3, 5 and 6.
    squares["error"] = 1.0
    options = {"scheme": "manual", "bins": [3, 5], "language": "en"}
    ax = maps.choropleth(squares, "x", se="error", ax=maps.new_axes(), **options)
    assert rows(ax)[-1] == (
        "uncertain class: the 95 per cent interval crosses more than one class bound 1 area"
    )
    assert ax.get_legend().legend_handles[-1].get_hatch() == ".."
    every = maps.choropleth(squares, "x", se="error", most_bounds=0, ax=maps.new_axes(), **options)
    assert "crosses a class bound" in rows(every)[-1]
    assert "5 areas" in rows(every)[-1]
    by_name = maps.choropleth(squares.assign(x_se=1.0), "x", ax=maps.new_axes(), **options)
    assert rows(by_name) == rows(ax)
    limits = squares.assign(low=[1.0, 2, 2, 4, 5, 6], high=[1.0, 2, 5, 4, 5, np.nan])
    given = maps.choropleth(limits, "x", interval=("low", "high"), ax=maps.new_axes(), **options)
    assert "1 area" in rows(given)[-1]
    assert len(rows(maps.choropleth(squares, "x", ax=maps.new_axes(), **options))) == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"se": "x", "interval": ("x", "y")}, "interval: can't be given together"),
        ({"interval": "x"}, "interval: must name two columns"),
        ({"interval": ("x", "y")}, "interval: has a lower limit above the upper"),
        ({"se": "low"}, "se: must not be below 0"),
        ({"se": "x", "most_bounds": -1}, "most_bounds: is -1"),
    ],
)
def test_intervals_are_checked(squares, options, words):
    with pytest.raises(InputError, match=words):
        maps.choropleth(squares.assign(low=-1.0), "x", ax=maps.new_axes(), **options)


# Text of any kind -------------------------------------------------------------------------------

TEXTS = [
    "Ett mycket långt namn på ett område som ingen kan läsa på en karta " * 8,
    "Supercalifragilisticexpialidocious" * 9,
    "Emoji 🏘️ 👨‍👩‍👧 漢字",
    "مرحبا بالعالم שלום",
    "$x_{1}$ and $\\frac",
    "new\nline\ttab\x00\x1f\u202e",
    "<script>alert(1)</script> & \"'",
    "_hidden",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_is_drawn_without_warning_or_overlap(squares, text, tmp_path):
    squares["name"] = text
    ax = maps.profile_map(
        squares, labels={1: text, 2: "b", 3: "c"}, highlight=["a"], title=text[:300], source=text[:300],
        ax=maps.new_axes(),
    )  # fmt: skip
    figure = ax.get_figure(root=True)
    figure.canvas.draw()
    parts = [ax._left_title, ax.get_legend(), *artists(ax, "source")]
    boxes = [part.get_window_extent() for part in parts if getattr(part, "_text", "-")]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    for one in [*boxes, *[name.get_window_extent() for name in artists(ax, "name")]]:
        assert one.x0 >= 0
        assert one.x1 <= figure.bbox.x1
    files = maps.save(ax, tmp_path / "map")
    svg = files[1].read_text(encoding="utf-8")
    ElementTree.fromstring(svg)
    assert "<script>" not in svg


def test_letters_that_the_font_lacks_are_shown_as_a_sign(squares):
    ax = maps.choropleth(squares, "x", title="Torget 漢\u202e\ud800", ax=maps.new_axes())
    assert ax.get_title(loc="left") == "Torget □□"


# Files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "folder/", ".", "a/..", "a" * 300, "a\x00b"])
def test_paths_that_name_no_file_are_refused(squares, path, tmp_path):
    ax = maps.choropleth(squares, "x", ax=maps.new_axes())
    with pytest.raises(InputError, match="path: "):
        maps.save(ax, f"{tmp_path}/{path}")
    assert list(tmp_path.iterdir()) == []


def test_a_slash_means_a_folder(squares, tmp_path):
    ax = maps.choropleth(squares, "x", ax=maps.new_axes())
    with pytest.raises(FileError, match="does not exist"):
        maps.save(ax, tmp_path / "Norra/Södra")


@pytest.mark.parametrize("what", ["draw", "rename"])
def test_a_full_disk_leaves_no_file(squares, tmp_path, monkeypatch, what):
    ax = maps.choropleth(squares, "x", ax=maps.new_axes())
    (tmp_path / "map.png").write_bytes(b"old")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    save = Figure.savefig

    def fail_late(figure, file, **options):
        save(figure, file, **options)
        if options["format"] == "svg":
            raise full

    def fail(*args, **options):
        raise full

    if what == "draw":
        monkeypatch.setattr(Figure, "savefig", fail_late)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(FileError, match="No space left on device"):
        maps.save(ax, tmp_path / "map")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("map.png", b"old")]


SCRIPT = """
import sys
from segkit import areas, maps
found, _ = areas.latest(areas.load_example("motala"), ["employment_rate", "median_income"])
for size in ("report", "slide", "a3"):
    ax = maps.bivariate(found, "employment_rate", "median_income", ax=maps.new_axes(size=size, areas=found))
    maps.save(ax, f"{sys.argv[1]}/{size}", dpi=72)
"""


def test_files_are_the_same_bytes_in_every_process(tmp_path, monkeypatch):
    digests = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        code = str(Path(__file__).parents[1])
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": code, "HOME": str(tmp_path)}
        subprocess.run([sys.executable, "-c", SCRIPT, str(folder)], check=True, env=environment)
        digests.append([hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.iterdir())])
    assert len(digests[0]) == 9
    assert digests[0] == digests[1]


@pytest.mark.parametrize("size", ["report", "slide", "a3"])
def test_files_are_the_same_bytes_in_one_process(squares, size, tmp_path):
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        ax = maps.bivariate(squares, "x", "y", ax=maps.new_axes(size=size))
        written.append([f.read_bytes() for f in maps.save(ax, tmp_path / name / "map", dpi=72)])
    assert written[0] == written[1]


def test_many_areas_make_a_small_drawing(tmp_path):
    """Outlines finer than the print are simplified; borders that are shared stay so."""
    corners = np.linspace(0, 1, 400)
    wave = 0.5 * np.sin(corners * 300)
    border = np.column_stack([5000 + wave, corners * 1e4])
    west = [*border, (0, 1e4), (0, 0)]
    east = [*border, (1e4, 1e4), (1e4, 0)]
    from shapely.geometry import Polygon

    table = gpd.GeoDataFrame(
        {"area_id": ["w", "e"], "name": ["W", "E"], "x": [1.0, 2.0]},
        geometry=[Polygon(west), Polygon(east)],
        crs=3006,
    )
    ax = maps.choropleth(table, "x", ax=maps.new_axes())
    (drawn,) = [a for a in ax.collections if a.get_gid() == "areas"]
    one, other = ({tuple(v) for v in path.vertices} for path in drawn.get_paths())
    assert max(len(one), len(other)) < 150
    assert {v for v in one if v[0] > 4000} == {v for v in other if v[0] < 6000}


# Input of any kind ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["choropleth", "change_map"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a.iloc[:0], "has no rows"),
        (lambda a: a.assign(x=np.nan), "x: is missing in every area"),
        (lambda a: a.assign(x_flag="suppressed"), "x: is suppressed or missing in every area"),
        (lambda a: a.set_crs(None, allow_override=True), "no coordinate reference system"),
        (lambda a: pd.concat([a, a], ignore_index=True), "more than one row for an area"),
        (lambda a: pd.DataFrame(a.drop(columns="geometry")), "geometry: is missing"),
        (lambda a: a.assign(x="many"), "x: has text where a number belongs"),
    ],
)
def test_areas_that_make_no_map(squares, kind, change, words):
    with pytest.raises(InputError, match=words):
        getattr(maps, kind)(change(squares), "x", ax=maps.new_axes())


def test_equal_values_make_one_class(squares):
    ax = maps.choropleth(squares.assign(x=5.0), "x", language="en", ax=maps.new_axes())
    assert rows(ax) == ["5 6 areas, 600 residents"]
    (drawn,) = [a for a in ax.collections if a.get_gid() == "areas"]
    assert len({tuple(color) for color in drawn.get_facecolor()}) == 1
    assert palettes.sequential(1)


def test_what_holds_for_every_area_is_said_once_and_not_drawn(squares):
    every = squares.assign(x_flag="preliminary")
    every.loc[0, "x_flag"] = "modelled, preliminary"
    ax = maps.choropleth(every, "x", language="en", ax=maps.new_axes())
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert ax.get_legend().get_title().get_text().splitlines()[-1] == "all areas: preliminary figure"
    assert not any("preliminary" in text for text in texts)
    assert any(text.startswith("modelled value") for text in texts)
