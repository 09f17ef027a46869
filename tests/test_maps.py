"""Static maps: classes, palettes, what every map must carry, and the same bytes every time."""

import hashlib
import itertools
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from shapely.geometry import box

from segkit import areas as sg_areas
from segkit import maps, palettes
from segkit.drawing.classes import classify, classify_change, natural_breaks
from segkit.drawing.maps._detail import detail_bounds
from segkit.errors import FileError, InputError, UnknownNameError

INDICATORS = ["employment_rate", "median_income", "post_secondary_share"]

# Machado, Oliveira & Fernandes (2009), full severity, linear RGB.
DEFICIENCIES = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


@pytest.fixture(scope="module")
def kalmar():
    found, _ = sg_areas.latest(sg_areas.load_example("kalmar"), INDICATORS)
    score = sum((found[c] - found[c].mean()) / found[c].std() for c in INDICATORS)
    found["profile"] = np.digitize(score, [-4, -1.3, 0.8, 2.5]) + 1
    return found


@pytest.fixture
def squares():
    """Six unit squares of 1 km in a row, of 100 residents each."""
    return gpd.GeoDataFrame(
        {
            "area_id": list("abcdef"),
            "name": [f"Area {c}" for c in "ABCDEF"],
            "population": 100.0,
            "x": [1.0, 2, 3, 4, 5, 6],
            "profile": [1, 2, 2, 3, 3, 3],
        },
        geometry=[box(1000 * i + 5e5, 6.2e6, 1000 * i + 501000, 6.201e6) for i in range(6)],
        crs=3006,
    )


def legend(ax):
    return [text.get_text().replace("\n", " ") for text in ax.get_legend().get_texts()]


def artists(ax, gid):
    return ax.findobj(lambda artist: artist.get_gid() == gid)


def texts(ax, gid):
    return [artist.get_text() for artist in artists(ax, gid) if hasattr(artist, "get_text")]


# Palettes ---------------------------------------------------------------------------------------


def linear(color):
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = matrix @ np.clip(rgb, 0, 1) / matrix.sum(axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("n", range(2, 10))
def test_sequential_colors_get_lighter_in_even_steps(n):
    steps = np.diff([lab(linear(color))[0] for color in palettes.sequential(n)])
    assert (steps > 0).all()
    np.testing.assert_allclose(steps, steps.mean(), atol=1.0)
    assert steps.min() > 8


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("n", range(2, 10))
def test_sequential_colors_stay_apart_for_colorblind_readers(n, deficiency):
    seen = [lab(np.array(DEFICIENCIES[deficiency]) @ linear(c)) for c in palettes.sequential(n)]
    nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert nearest > (15 if n <= 5 else 8)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("n", [2, 4, 6, 8])
def test_diverging_colors_stay_apart_in_grey_and_for_colorblind_readers(n, deficiency):
    colors = palettes.diverging(n)
    assert len(set(colors)) == n
    grey = np.sort([lab(linear(c))[0] for c in colors])
    assert np.diff(grey).min() > 9
    seen = [lab(np.array(DEFICIENCIES[deficiency]) @ linear(c)) for c in colors]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 10
    arm = [palettes.lightness(c) for c in colors]
    assert arm[: n // 2] == sorted(arm[: n // 2])
    assert arm[n // 2 :] == sorted(arm[n // 2 :], reverse=True)


def test_grey_for_missing_is_no_class_color():
    missing = lab(linear(palettes.MISSING))
    for n in range(2, 10):
        assert min(np.linalg.norm(lab(linear(c)) - missing) for c in palettes.sequential(n)) > 12


@pytest.mark.parametrize("n", [0, 10, 2.5, True])
def test_palette_size_is_checked(n):
    with pytest.raises(InputError, match="n: is"):
        palettes.sequential(n)


def test_diverging_needs_an_even_number():
    with pytest.raises(InputError, match="must be even"):
        palettes.diverging(5)


# Classes ----------------------------------------------------------------------------------------


def test_quantiles_by_hand():
    classes = classify(np.arange(1.0, 11), "quantiles", 5, None)
    assert np.bincount(classes.codes).tolist() == [2, 2, 2, 2, 2]
    assert classes.texts("sv")[0] == "1 till under 3"
    assert classes.texts("en")[-1] == "9–10"


def test_equal_classes_by_hand():
    classes = classify(np.array([0.0, 1, 2, 10]), "equal", 2, None)
    assert classes.bounds.tolist() == [0, 5, 10]
    assert classes.codes.tolist() == [0, 0, 0, 1]


def test_standard_deviation_classes_by_hand():
    values = np.array([-2.0, -1, 0, 1, 2])  # mean 0, standard deviation 1.58
    classes = classify(values, "std", 5, None)
    assert classes.bounds.tolist() == [-2.0, -0.8, 0.8, 2.0]
    assert classes.codes.tolist() == [0, 0, 1, 2, 2]


def test_a_value_on_a_bound_belongs_to_the_class_above():
    classes = classify(np.array([1.0, 2, 3]), "manual", 5, [2])
    assert classes.codes.tolist() == [0, 1, 1]
    assert classes.texts("en") == ["1 to under 2", "2–3"]


def test_manual_bounds_beyond_the_values_keep_their_empty_classes():
    classes = classify(np.array([1.0, 2]), "manual", 5, [0, 5])
    assert np.bincount(classes.codes, minlength=3).tolist() == [0, 2, 0]
    assert classes.texts("en") == ["under 0", "0 to under 5", "5 or more"]


def test_ties_give_fewer_classes():
    classes = classify(np.array([1.0] * 8 + [2, 3]), "quantiles", 5, None)
    assert classes.n == 2
    assert classes.codes.tolist() == [0] * 8 + [1, 1]


def test_equal_values_make_one_class():
    classes = classify(np.full(4, 7.0), "quantiles", 5, None)
    assert (classes.n, classes.codes.tolist(), classes.texts("sv")) == (1, [0, 0, 0, 0], ["7"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=4, max_size=9), st.integers(2, 4))
def test_natural_breaks_are_the_best_of_all(values, k):
    values = np.array(values, dtype=float)
    points = np.unique(values)
    if len(points) < k:
        return

    def spread(bounds):
        groups = np.split(np.sort(values), np.searchsorted(np.sort(values), bounds))
        return sum(((g - g.mean()) ** 2).sum() for g in groups if g.size)

    best = min(spread(list(cut)) for cut in itertools.combinations(points[1:], k - 1))
    assert spread(natural_breaks(values, k)) == pytest.approx(best, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3)), min_size=2, max_size=40),
    st.sampled_from(["quantiles", "equal", "natural_breaks", "std"]),
    st.integers(2, 9),
)
def test_classes_are_ordered_and_hold_their_values(values, scheme, k):
    values = np.array(values)
    classes = classify(values, scheme, k, None)
    assert (np.diff(classes.bounds) >= 0).all()
    assert classes.codes.min() >= 0
    assert classes.codes.max() < classes.n
    if classes.n > 1:
        for code in range(classes.n):
            inside = values[classes.codes == code]
            slack = 0.51 * 10.0**-classes.decimals
            assert (inside >= classes.bounds[code] - slack).all()
            assert (inside <= classes.bounds[code + 1] + slack).all()


def test_change_classes_are_symmetric_and_zero_is_a_bound():
    classes = classify_change(np.array([-3.0, -1, 0, 0.5, 2, 8]), 4)
    inner = classes.bounds[1:-1]
    assert 0 in inner
    np.testing.assert_array_equal(inner, -inner[::-1])
    assert classes.codes.tolist()[1:3] == [1, 2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scheme": "jenks"}, "scheme: is 'jenks'"),
        ({"scheme": "manual"}, "bins: is needed"),
        ({"scheme": "manual", "bins": [3, 2]}, "bins: must rise"),
        ({"scheme": "equal", "bins": [3]}, "bins: is for scheme='manual'"),
        ({"k": 1}, "k: is 1"),
        ({"k": 10}, "k: is 10"),
    ],
)
def test_class_options_are_checked(squares, options, words):
    with pytest.raises(InputError, match=words):
        maps.choropleth(squares, "x", ax=maps.new_axes(), **options)


# What every map carries -------------------------------------------------------------------------


def test_profile_legend_says_counts_and_residents(squares):
    ax = maps.profile_map(squares, ax=maps.new_axes())
    assert legend(ax) == [
        "Profil 1, svagast förutsättningar (1 område, 100 invånare)",
        "Profil 2 (2 områden, 200 invånare)",
        "Profil 3, starkast förutsättningar (3 områden, 300 invånare)",
    ]


def test_profile_labels_and_empty_profiles(squares):
    labels = {1: "Lägst", 2: "Låg", 3: "Mellan", 4: "Hög"}
    ax = maps.profile_map(squares.drop(columns="population"), labels=labels, ax=maps.new_axes())
    assert [row.split(" (")[0] for row in legend(ax)] == ["1. Lägst", "2. Låg", "3. Mellan", "4. Hög"]
    assert legend(ax)[3].endswith("(0 områden)")


def test_default_title_says_the_finding(squares):
    ax = maps.profile_map(squares, language="en", ax=maps.new_axes())
    title = " ".join(ax.get_title(loc="left").split())
    assert title.startswith("1 of 6 areas, with 17 per cent of residents, have the weakest")


def test_map_has_scale_bar_north_arrow_and_source(kalmar):
    ax = maps.profile_map(kalmar, source="Källa: SCB 2024.", ax=maps.new_axes())
    assert texts(ax, "source") == ["Källa: SCB 2024."]
    assert texts(ax, "north") == ["N"]
    assert sorted(texts(ax, "scale")) == ["10 km", "2 km"]  # the map's and the detail's


def test_scale_bar_is_as_long_as_it_says(squares):
    ax = maps.choropleth(squares, "x", ax=maps.new_axes())
    (bar,) = [artist for artist in artists(ax, "scale") if hasattr(artist, "get_xdata")]
    number, unit = texts(ax, "scale")[0].replace(",", ".").split()
    assert np.ptp(bar.get_xdata()) == pytest.approx(float(number) * {"km": 1000, "m": 1}[unit])


def test_source_defaults_to_the_period(squares):
    ax = maps.choropleth(squares.assign(period=2024), "x", ax=maps.new_axes())
    assert texts(ax, "source") == ["Uppgifterna avser 2024. Källa ej angiven."]


def test_flagged_areas_are_hatched_with_a_line_in_the_legend(squares):
    flagged = squares["area_id"].isin(["a", "d"])
    ax = maps.profile_map(squares, flagged=flagged, inset=False, ax=maps.new_axes())
    hatched = [a for a in artists(ax, "pattern") if isinstance(a, PathCollection)]
    assert {a.get_hatch() for a in hatched} == {"////"}
    assert sum(len(a.get_paths()) for a in hatched) == 2
    assert legend(ax)[-1] == "modellerat värde (2 områden)"
    assert not artists(maps.profile_map(squares, ax=maps.new_axes()), "pattern")


def test_missing_values_are_grey_and_counted(squares):
    squares.loc[[1, 4], "x"] = np.nan
    ax = maps.choropleth(squares, "x", scheme="equal", k=2, inset=False, ax=maps.new_axes())
    assert legend(ax)[-1] == "uppgift saknas (2 områden, 200 invånare)"
    (drawn,) = artists(ax, "areas")
    colors = [mpl.colors.to_hex(c) for c in drawn.get_facecolor()]
    assert [i for i, c in enumerate(colors) if c == palettes.MISSING] == [1, 4]
    dark, light = palettes.sequential(2)
    assert [colors[i] for i in (0, 5)] == [light, dark]


def test_change_that_is_not_certain_is_dotted(squares):
    change = squares.assign(x=[-2.0, -1, 0, 1, 2, 3])
    ax = maps.change_map(
        change, "x", k=2, significant=change["x"].abs() > 1, language="en", unit="points", inset=False,
        ax=maps.new_axes(),
    )  # fmt: skip
    assert legend(ax)[-1].startswith("no statistically certain change")
    assert "3 areas" in legend(ax)[-1]
    assert legend(ax)[:2] == [
        "−2 to under 0 (1 area, 100 residents)",
        "0–3 (2 areas, 200 residents)",
    ]
    assert ax.get_title(loc="left") == "x: rose in 3 and fell in 2 of 6 areas"


@pytest.mark.parametrize("name", ["kalmar", "motala", "katrineholm"])
def test_names_stand_apart_and_inside_the_figure(name):
    found, _ = sg_areas.latest(sg_areas.load_example(name), INDICATORS)
    ax = maps.choropleth(found, "employment_rate", ax=maps.new_axes())
    figure = ax.get_figure(root=True)
    figure.canvas.draw()
    boxes = [artist.get_window_extent() for artist in artists(ax, "name")]
    assert len(boxes) >= 4
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    rest = [ax.get_legend(), ax.title, *artists(ax, "source"), *artists(ax, "scale")]
    for extent in boxes + [artist.get_window_extent() for artist in rest]:
        assert extent.x0 >= 0
        assert extent.y0 >= 0
        assert extent.x1 <= figure.bbox.x1
        assert extent.y1 <= figure.bbox.y1


def test_a_name_beside_its_area_does_not_cover_the_point_it_belongs_to(kalmar):
    ax = maps.choropleth(kalmar, "median_income", ax=maps.new_axes(size=(6.3, 4.9)))
    ax.get_figure(root=True).canvas.draw()
    boxes = [artist.get_window_extent() for artist in artists(ax, "name")]
    leaders = artists(ax, "leader")
    assert leaders
    for line in leaders:
        x, y = line.axes.transData.transform((line.get_xdata()[0], line.get_ydata()[0]))
        assert not any(extent.contains(x, y) for extent in boxes)


def test_detail_stays_clear_of_the_legend(kalmar):
    ax = maps.profile_map(kalmar, flagged=kalmar["profile"] > 2, ax=maps.new_axes())
    (detail,) = artists(ax, "detail")
    ax.get_figure(root=True).canvas.draw()
    assert not detail.get_window_extent().overlaps(ax.get_legend().get_window_extent())


def test_highlight_names_these_areas_only(squares):
    ax = maps.profile_map(squares, highlight=["b", "f"], ax=maps.new_axes())
    assert sorted(texts(ax, "name")) == ["Area B", "Area F"]
    assert texts(maps.profile_map(squares, highlight=[], ax=maps.new_axes()), "name") == []


def test_text_from_data_is_no_mathematics(squares):
    squares["name"] = "$\\frac{1}"
    labels = {1: "$a", 2: "$b_$", 3: "c"}
    ax = maps.profile_map(squares, labels=labels, title="$x$ and $\\frac", source="$\\y", ax=maps.new_axes())
    ax.get_figure(root=True).canvas.draw()
    assert ax.get_title(loc="left") == "$x$ and $\\frac"


def test_detail_of_the_town(kalmar):
    left, bottom, right, top = detail_bounds(kalmar.geometry, inset=True)
    inside = kalmar.representative_point().within(box(left, bottom, right, top))
    assert {"Oxhagen", "Kvarnholmen", "Norrliden V", "Berga"} <= set(kalmar.loc[inside, "name"])
    ax = maps.profile_map(kalmar, ax=maps.new_axes())
    assert len(artists(ax, "detail")) == len(artists(ax, "frame")) == 1
    without = maps.profile_map(kalmar, inset=False, ax=maps.new_axes())
    assert not artists(without, "detail")


def test_detail_by_hand_and_none_where_areas_are_alike(kalmar, squares):
    ax = maps.profile_map(kalmar, inset=(580000, 6280000, 590000, 6290000), ax=maps.new_axes())
    assert artists(ax, "detail")[0].get_xlim() == (580000, 590000)
    assert detail_bounds(squares.geometry, inset=True) is None
    for wrong in [(1, 2, 3), (5, 0, 1, 1), "town"]:
        with pytest.raises(InputError, match="inset: is"):
            maps.profile_map(squares, inset=wrong, ax=maps.new_axes())


def test_map_is_drawn_in_sweref_at_true_proportions(kalmar):
    ax = maps.profile_map(kalmar.to_crs(4326), ax=maps.new_axes())
    low_x, low_y, high_x, high_y = kalmar.total_bounds
    assert ax.get_xlim()[0] < low_x < high_x < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < low_y < high_y < ax.get_ylim()[1]
    assert ax.get_aspect() == 1.0


def test_without_ax_a_pyplot_figure_is_made(squares):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    ax = maps.profile_map(squares)
    assert len(plt.get_fignums()) == len(before) + 1
    plt.close(ax.get_figure(root=True))
    maps.profile_map(squares, ax=maps.new_axes())
    assert plt.get_fignums() == before


def test_maps_leave_input_and_settings_alone(kalmar):
    before, settings_before = kalmar.copy(), dict(mpl.rcParams)
    maps.choropleth(kalmar, "employment_rate", ax=maps.new_axes())
    pd.testing.assert_frame_equal(pd.DataFrame(kalmar), pd.DataFrame(before))
    assert dict(mpl.rcParams) == settings_before


# Errors -----------------------------------------------------------------------------------------


def test_unknown_columns_and_areas(squares):
    with pytest.raises(UnknownNameError, match="lacks the column"):
        maps.choropleth(squares, "y", ax=maps.new_axes())
    with pytest.raises(UnknownNameError, match="highlight: names areas"):
        maps.profile_map(squares, highlight=["z"], ax=maps.new_axes())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a.iloc[:0], "has no rows"),
        (lambda a: a.set_crs(None, allow_override=True), "no coordinate reference system"),
        (lambda a: a.assign(profile=np.nan), "is missing in every area"),
        (lambda a: a.assign(profile=[0, 1, 1, 1, 1, 1]), r"whole numbers from 1 \(weakest\) \(a\)"),
        (lambda a: a.assign(profile=[1.5, 1, 1, 1, 1, 1]), "whole numbers"),
        (lambda a: a.assign(profile=[12, 1, 1, 1, 1, 1]), "at most 9"),
        (lambda a: pd.concat([a, a], ignore_index=True), "more than one row for an area"),
        (lambda a: a.assign(geometry=[None, *a.geometry[1:]]), "geometry: is missing"),
    ],
)
def test_areas_that_make_no_map(squares, change, words):
    with pytest.raises(InputError, match=words):
        maps.profile_map(change(squares), ax=maps.new_axes())


def test_masks_must_fit(squares):
    with pytest.raises(InputError, match="another index"):
        maps.profile_map(squares, flagged=pd.Series(True, index=range(1, 7)), ax=maps.new_axes())
    with pytest.raises(InputError, match="True or False for each of the 6 areas"):
        maps.profile_map(squares, flagged=[True], ax=maps.new_axes())


def test_one_value_makes_a_map(squares):
    ax = maps.choropleth(squares.assign(x=5.0), "x", ax=maps.new_axes())
    assert legend(ax) == ["5 (6 områden, 600 invånare)"]
    ax = maps.change_map(squares.assign(x=0.0), "x", ax=maps.new_axes())
    assert len(legend(ax)) == 1


# Files ------------------------------------------------------------------------------------------

SCRIPT = """
import sys
from segkit import areas, maps
found, _ = areas.latest(areas.load_example("motala"), ["employment_rate"])
flagged = found["employment_rate"] > 85
maps.save(maps.choropleth(found, "employment_rate", flagged=flagged, ax=maps.new_axes()), sys.argv[1])
"""


def test_files_are_the_same_bytes_in_every_process(tmp_path):
    digests = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(folder / "map")],
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[1]), "HOME": str(tmp_path)},
        )
        digests.append([hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.iterdir())])
    assert len(digests[0]) == 3
    assert digests[0] == digests[1]


def test_text_stays_text_and_fonts_are_embedded(squares, tmp_path):
    files = maps.save(maps.profile_map(squares, ax=maps.new_axes()), tmp_path / "map")
    assert [f.name for f in files] == ["map.png", "map.svg", "map.pdf"]
    svg = files[1].read_text(encoding="utf-8")
    assert "Områdesprofiler</text>" in svg
    assert "<dc:date>" not in svg
    pdf = files[2].read_bytes()
    assert b"/CIDFontType2" in pdf
    assert b"/Type3" not in pdf
    assert b"/CreationDate" not in pdf


def test_save_writes_whole_files_only(squares, tmp_path):
    ax = maps.profile_map(squares, ax=maps.new_axes())
    with pytest.raises(InputError, match="formats: is 'gif'"):
        maps.save(ax, tmp_path / "map", formats=["png", "gif"])
    with pytest.raises(InputError, match="is empty"):
        maps.save(ax, tmp_path / "map", formats=[])
    with pytest.raises(FileError, match="does not exist"):
        maps.save(ax, tmp_path / "none" / "map")
    assert list(tmp_path.iterdir()) == []
