"""Small multiples: the same classes, extent and legend in every map, and nothing over anything else."""

import itertools

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from shapely.geometry import box

from segkit import areas as sg_areas
from segkit import maps, palettes
from segkit.drawing.maps._multiples import _classes
from segkit.errors import InputError, UnknownNameError


def squares(period=None, *, first=0, n=4, **columns):
    """Squares of 1 km in a row, of 100 residents each, from the one numbered `first`."""
    places = range(first, first + n)
    data = {
        "area_id": [f"a{i}" for i in places],
        "name": [f"Area {i}" for i in places],
        "population": 100.0,
        **columns,
    }
    if period is not None:
        data["period"] = period
    shapes = [box(1000 * i + 5e5, 6.2e6, 1000 * i + 501000, 6.201e6) for i in places]
    return gpd.GeoDataFrame(data, geometry=shapes, crs=3006)


@pytest.fixture
def panel():
    """Two periods of four squares; values 1 to 4, then 3 to 6."""
    parts = [squares(2020, x=[1.0, 2, 3, 4]), squares(2024, x=[3.0, 4, 5, 6])]
    return pd.concat(parts, ignore_index=True)


def multiples(areas, columns, **options):
    return maps.small_multiples(areas, columns, figure=Figure(), **options)


def drawn(figure):
    return [ax for ax in figure.axes if ax.get_gid() == "map"]


def titles(figure):
    return [ax.get_title(loc="left") for ax in drawn(figure)]


def artists(within, gid):
    return within.findobj(lambda artist: artist.get_gid() == gid)


def texts(figure, gid):
    return [artist.get_text() for artist in artists(figure, gid) if hasattr(artist, "get_text")]


def colors(ax):
    (layer,) = [a for a in ax.collections if a.get_gid() == "areas"]
    return [mpl.colors.to_hex(color) for color in layer.get_facecolor()]


def legend(figure):
    (only,) = [ax.get_legend() for ax in figure.axes if ax.get_legend() is not None]
    return only


def rows(figure):
    return [text.get_text().replace("\n", " ") for text in legend(figure).get_texts()]


def heading(figure):
    (sheet,) = [ax for ax in figure.axes if ax.get_gid() == "sheet"]
    return " ".join(sheet.get_title(loc="left").split())


# The same in every map --------------------------------------------------------------------------


def test_a_color_means_the_same_in_every_map(panel):
    figure = multiples(panel, "x", by="period", scheme="manual", bins=[3, 5])
    dark, middle, light = palettes.sequential(3)
    first, second = drawn(figure)
    assert colors(first) == [light, light, middle, middle]
    assert colors(second) == [middle, middle, dark, dark]
    assert rows(figure) == [
        "1 till under 3 (2, 0 områden; 200; 0 invånare)",
        "3 till under 5 (2, 2 områden; 200; 200 invånare)",
        "5–6 (0, 2 områden; 0; 200 invånare)",
    ]


def test_classes_come_from_the_values_of_all_maps_together(panel):
    figure = multiples(panel, "x", by="period", scheme="equal", k=5)
    assert rows(figure)[0].startswith("1 till under 2 ")
    assert rows(figure)[-1].startswith("5–6 ")
    alone = multiples(panel[panel["period"] == 2020], "x", by="period", scheme="equal", k=3)
    assert rows(alone)[-1].startswith("3–4 ")


@pytest.mark.parametrize("scheme", ["quantiles", "natural_breaks"])
def test_equal_values_have_equal_colors_in_real_maps(scheme):
    regso = sg_areas.load_example("kalmar", "regso")
    figure = multiples(regso, "mean_wage_income", by="period", scheme=scheme, inset=False)
    shown = [color for ax in drawn(figure) for color in colors(ax)]
    values = regso.sort_values("period", kind="stable")["mean_wage_income"].to_numpy()
    order = np.argsort(values, kind="stable")
    lightness = [palettes.lightness(shown[i]) for i in order]
    # The higher the value, in whatever period, the darker: never lighter again.
    assert lightness == sorted(lightness, reverse=True)
    assert len(set(shown)) == len(rows(figure))


def test_all_maps_have_one_extent_and_scale():
    regso = sg_areas.load_example("kalmar", "regso")
    figure = multiples(regso, "mean_wage_income", by="period")
    assert len(drawn(figure)) == 4
    assert len({(ax.get_xlim(), ax.get_ylim()) for ax in drawn(figure)}) == 1
    assert len({ax.get_position().size.round(9).tobytes() for ax in drawn(figure)}) == 1
    assert len({(d.get_xlim(), d.get_ylim()) for d in artists(figure, "detail")}) == 1
    low_x, low_y, high_x, high_y = regso.total_bounds
    ax = drawn(figure)[0]
    assert ax.get_xlim()[0] < low_x < high_x < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < low_y < high_y < ax.get_ylim()[1]


def test_one_of_each_for_the_whole_sheet():
    regso = sg_areas.load_example("kalmar", "regso")
    figure = multiples(regso, "mean_wage_income", by="period", source="Källa: SCB.")
    assert legend(figure).get_title().get_text() == "Löneinkomst (medel), tkr"
    assert texts(figure, "north") == ["N"]
    assert texts(figure, "source") == [
        "Efter varje klass: antal i varje karta, i kartornas ordning.\nKälla: SCB."
    ]
    assert len(artists(figure, "detail")) == 4
    # The bar of the maps, and that of the first detail, which holds for all details.
    assert len(texts(figure, "scale")) == 2
    assert len(texts(multiples(regso, "mean_wage_income", by="period", inset=False), "scale")) == 1


def test_scale_bar_of_the_sheet_is_that_of_the_maps(panel):
    figure = multiples(panel, "x", by="period")
    figure.canvas.draw()
    (bar,) = [artist for artist in artists(figure, "scale") if hasattr(artist, "get_xdata")]
    pixels = np.ptp(bar.get_transform().transform(np.column_stack([bar.get_xdata(), bar.get_ydata()]))[:, 0])
    ax = drawn(figure)[0]
    per_meter = np.diff(ax.transData.transform([[0, 0], [1000, 0]])[:, 0])[0] / 1000
    number, unit = texts(figure, "scale")[0].replace(",", ".").split()
    meters = float(number) * {"km": 1000, "m": 1}[unit]
    assert pixels / per_meter == pytest.approx(meters)


def test_a_map_of_true_proportions_whatever_the_coordinates(panel):
    figure = multiples(panel.to_crs(4326), "x", by="period")
    ax = drawn(figure)[0]
    width, height = ax.get_position().size * figure.get_size_inches()
    assert np.ptp(ax.get_xlim()) / width == pytest.approx(np.ptp(ax.get_ylim()) / height)
    assert ax.get_xlim()[0] < 5e5 < ax.get_xlim()[1]


# Titles and wording -----------------------------------------------------------------------------


def test_titles_are_the_periods_and_the_heading_says_the_finding(panel):
    figure = multiples(panel, "x", by="period", label="Resor", unit="km")
    assert titles(figure) == ["2020", "2024"]
    assert heading(figure) == "Resor: median i 4 områden 2,5 km år 2020 och 4,5 km år 2024"
    assert texts(figure, "source")[0].endswith("\nUppgifterna avser 2020–2024. Källa ej angiven.")
    english = multiples(panel, "x", by="period", label="Trips", unit="km", language="en", k=2)
    assert heading(english) == "Trips: median of 4 areas 2.5 km in 2020 and 4.5 km in 2024"
    assert rows(english)[0].startswith("1 to under")
    assert texts(english, "source")[0].startswith("After each class: the number in each map")


def test_the_finding_compares_the_same_areas(panel):
    panel.loc[[3, 4], "x"] = np.nan  # the last area of 2020, the first of 2024
    figure = multiples(panel, "x", by="period", titles=["before", "after"])
    assert titles(figure) == ["before", "after"]
    assert heading(figure) == "x: median i 2 områden 2,5 år 2020 och 4,5 år 2024"
    panel.loc[[2, 5], "x"] = np.nan
    panel.loc[[0, 1, 6, 7], "area_id"] = list("abcd")
    assert heading(multiples(panel, "x", by="period")) == "x 2020–2024"


def test_columns_side_by_side_have_their_labels():
    kalmar = sg_areas.load_example("kalmar").query("period == 2024")
    names = ["employment_rate", "post_secondary_share", "my_share"]
    table = kalmar.assign(my_share=50.0)
    figure = multiples(table, names, unit="per cent", language="en")
    plain = [" ".join(text.split()) for text in titles(figure)]
    assert plain == ["Employment rate", "Post-secondary education", "my_share"]
    assert legend(figure).get_title().get_text() == "Per cent"
    assert heading(figure) == "Employment rate, post-secondary education and my_share"
    swedish = multiples(kalmar, names[:2], titles=["A", "B"], label="Andel", title="Rubrik")
    assert titles(swedish) == ["A", "B"]
    assert heading(swedish) == "Rubrik"
    assert legend(swedish).get_title().get_text() == "Andel, procent"


def test_periods_choose_and_order(panel):
    assert titles(multiples(panel, "x", by="period", periods=[2024, 2020])) == ["2024", "2020"]
    only = multiples(panel, "x", by="period", periods=[2024])
    assert titles(only) == ["2024"]
    assert heading(only) == "x: 3,0–6,0 i 4 områden, median 4,5"
    assert rows(only)[-1].replace("\n", " ").endswith("(1 område, 100 invånare)")


def test_periods_without_values_are_drawn_only_when_asked_for(panel):
    panel.loc[panel["period"] == 2024, "x"] = np.nan
    assert titles(multiples(panel, "x", by="period")) == ["2020"]
    both = multiples(panel, "x", by="period", periods=[2020, 2024])
    assert colors(drawn(both)[1]) == [palettes.MISSING] * 4
    assert rows(both)[-1] == "uppgift saknas (0, 4 områden; 0; 400 invånare)"


def test_text_from_data_is_no_mathematics(panel):
    figure = multiples(panel, "x", by="period", titles=["$\\frac", "$a$"], label="$x$", title="$y$")
    figure.canvas.draw()
    assert titles(figure) == ["$\\frac", "$a$"]


# Missing, modelled, around a center -------------------------------------------------------------


def test_missing_values_are_grey_and_counted_map_by_map(panel):
    panel.loc[[0, 6, 7], "x"] = np.nan
    figure = multiples(panel, "x", by="period", scheme="equal", k=2)
    first, second = (colors(ax) for ax in drawn(figure))
    assert [i for i, color in enumerate(first) if color == palettes.MISSING] == [0]
    assert [i for i, color in enumerate(second) if color == palettes.MISSING] == [2, 3]
    assert rows(figure)[-1] == "uppgift saknas (1, 2 områden; 100; 200 invånare)"


def hatched(ax):
    layers = [a for a in ax.collections if a.get_gid() == "pattern" and isinstance(a, PathCollection)]
    assert {layer.get_hatch() for layer in layers} <= {"////"}
    return sum(len(layer.get_paths()) for layer in layers)


def test_modelled_values_are_hatched_in_their_map_only(panel):
    figure = multiples(panel, "x", by="period", flagged=panel.index == 5)
    assert [hatched(ax) for ax in drawn(figure)] == [0, 1]
    assert rows(figure)[-1].replace("\n", " ") == "modellerat värde (0, 1 områden)"
    assert legend(figure).legend_handles[-1].get_hatch() == "////"
    assert "modellerat" not in " ".join(rows(multiples(panel, "x", by="period")))


def test_flags_in_words_have_patterns_of_their_own(panel):
    panel["x_flag"] = ["", "modelled", "suppressed", "observed", "", "preliminary", "partly observed", ""]
    figure = multiples(panel, "x", by="period", scheme="manual", bins=[3], language="en")
    assert rows(figure)[-4:] == [
        "suppressed figure 1, 0 areas; 100; 0 residents",
        "modelled value (1, 0 areas)",
        "partly modelled value (0, 1 areas)",
        "preliminary figure (0, 1 areas)",
    ]
    assert colors(drawn(figure)[0])[2] == palettes.UNCERTAIN
    hatches = [handle.get_hatch() for handle in legend(figure).legend_handles[-4:]]
    assert len(set(hatches)) == 4
    with pytest.raises(InputError, match="x: is missing in every area"):
        multiples(panel.assign(x_flag="suppressed"), "x", by="period")


def test_a_flag_for_each_column():
    table = squares(x=[1.0, 2, 3, 4], y=[2.0, 3, 4, 5])
    flags = pd.DataFrame({"x": False, "y": [True, True, False, False]}, index=table.index)
    figure = multiples(table, ["x", "y"], flagged=flags)
    assert [hatched(ax) for ax in drawn(figure)] == [0, 2]
    same = multiples(table, ["x", "y"], flagged=flags["y"])
    assert [hatched(ax) for ax in drawn(same)] == [2, 2]


def test_a_center_is_a_bound_between_two_palettes():
    table = squares(x=[-3.0, -1, 0, 2], y=[0.0, 1, -2, 8])
    figure = multiples(table, ["x", "y"], center=0, k=4, language="en")
    low, below, above, high = palettes.diverging(4)
    bounds = [row.split(" (")[0] for row in rows(figure)]
    assert bounds == ["−3 to under −2", "−2 to under 0", "0 to under 2", "2–8"]
    assert colors(drawn(figure)[0]) == [low, below, above, high]
    assert colors(drawn(figure)[1]) == [above, above, below, high]


def test_a_center_other_than_zero(panel):
    figure = multiples(panel, "x", by="period", center=3.5, k=2, language="en")
    below, above = palettes.diverging(2)
    assert [row.split(" (")[0] for row in rows(figure)] == ["1.0 to under 3.5", "3.5–6.0"]
    assert colors(drawn(figure)[0]) == [below, below, below, above]


def test_values_that_all_are_the_center_make_one_class(panel):
    figure = multiples(panel.assign(x=2.0), "x", by="period", center=2)
    assert len(rows(figure)) == 1
    assert set(colors(drawn(figure)[0])) == {palettes.UNCERTAIN}


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(-400, 400), min_size=2, max_size=30),
    st.integers(-300, 300),
    st.sampled_from([2, 4, 6, 8]),
)
def test_classes_around_a_center_hold_their_values(tenths, center, k):
    values = np.array(tenths) / 10
    classes = _classes(values, "quantiles", k, None, center / 10)
    # With decimals enough for the spread the center is kept, and is a bound.
    if classes.n > 1:
        assert classes.n % 2 == 0
        middle = classes.bounds[classes.n // 2]
        assert middle in {round(center / 10, 0), center / 10}
        assert classes.bounds[0] <= values.min() + 0.5 * 10.0**-classes.decimals
        assert classes.bounds[-1] >= values.max() - 0.5 * 10.0**-classes.decimals
        assert ((values >= middle - 1e-9) == (classes.codes >= classes.n // 2)).all()
        inner = classes.bounds[1:-1]
        np.testing.assert_array_equal(np.digitize(np.round(values + 1e-9, 9), inner), classes.codes)


# The sheet --------------------------------------------------------------------------------------


def extents(figure):
    """Return the boxes of everything that must not lie over anything else."""
    figure.canvas.draw()
    (sheet,) = [ax for ax in figure.axes if ax.get_gid() == "sheet"]
    (bar,) = [a for a in sheet.lines if a.get_gid() == "scale"]
    of_sheet = [t for t in sheet.texts if t.get_gid() in {"source", "north", "scale"}]
    found = [sheet._left_title, legend(figure), bar, *of_sheet]
    for ax in drawn(figure):
        found += [ax, ax._left_title, *artists(ax, "detail")]
    captions = [d._left_title for d in artists(figure, "detail") if d.get_title(loc="left")]
    return [artist.get_window_extent() for artist in (*found, *captions)]


SHEETS = [
    ("kalmar", "regso", 4, {}),
    ("kalmar", "regso", 2, {"language": "en"}),
    ("kalmar", "regso", 3, {"n_columns": 2}),
    ("motala", "regso", 4, {"inset": False}),
    ("motala", "regso", 1, {"n_columns": 5}),
    ("katrineholm", "regso", 4, {"size": (6.3, 9.0), "source": "En lång källa. " * 20}),
    ("katrineholm", "regso", 4, {"size": (13.3, 6.0), "title": "En lång rubrik med många ord " * 9}),
    ("kalmar", "regso", 4, {"size": "slide"}),
    ("motala", "regso", 4, {"size": "a3", "language": "en"}),
    ("katrineholm", "regso", 4, {"size": "a3_portrait"}),
    ("kalmar", "regso", 2, {"inset": (582000, 6280000, 583500, 6286000)}),
]


@pytest.mark.parametrize(("name", "geography", "n", "options"), SHEETS)
def test_nothing_lies_over_anything_else_or_outside(name, geography, n, options):
    found = sg_areas.load_example(name, geography)
    periods = sorted(found["period"].unique().tolist())[:n]
    figure = multiples(
        found, "rental_dwelling_share", by="period", periods=periods, flagged=found["population"] < 2000,
        **options,
    )  # fmt: skip
    assert len(drawn(figure)) == n
    boxes = extents(figure)
    for a, b in itertools.combinations(boxes, 2):
        # Frames may touch by the width of a line.
        assert min(a.x1, b.x1) - max(a.x0, b.x0) < 2 or min(a.y1, b.y1) - max(a.y0, b.y0) < 2
    for extent in boxes:
        assert extent.x0 >= 0
        assert extent.y0 >= 0
        assert extent.x1 <= figure.bbox.x1 + 1
        assert extent.y1 <= figure.bbox.y1 + 1
    width, height = figure.get_size_inches()
    most = options.get("size", (7.4, 8.0))
    most = {"slide": (13.333, 7.5), "a3": (16.54, 11.69), "a3_portrait": (11.69, 16.54)}.get(most, most)
    assert width <= most[0] + 1e-9
    assert height <= most[1] + 1e-9


def columns_of(figure):
    return len({round(ax.get_position().x0, 6) for ax in drawn(figure)})


def test_columns_follow_from_the_shape_and_can_be_chosen():
    table = squares(n=8, **{f"c{i}": np.arange(8.0) for i in range(4)})
    names = [f"c{i}" for i in range(4)]
    # A row of squares is eight times as wide as high: below each other the maps are largest.
    assert columns_of(multiples(table, names)) == 1
    assert columns_of(multiples(table, names, n_columns=2)) == 2
    assert columns_of(multiples(table, names, n_columns=4)) == 4
    kalmar = sg_areas.load_example("kalmar", "regso")
    assert columns_of(multiples(kalmar, "mean_wage_income", by="period")) == 4


def test_maps_grow_with_the_room(panel):
    widths = [
        (drawn(multiples(panel, "x", by="period", size=size))[0].get_position().width * size[0])
        for size in [(5.0, 8.0), (7.4, 8.0), (12.0, 8.0)]
    ]
    assert widths == sorted(widths)
    assert widths[2] > 1.5 * widths[0]


def test_each_period_has_its_own_boundaries():
    early, late = squares(2020, n=2, x=[1.0, 2]), squares(2024, first=1, n=4, x=[1.0, 2, 3, 4])
    figure = multiples(pd.concat([early, late], ignore_index=True), "x", by="period")
    first, second = drawn(figure)
    assert (len(colors(first)), len(colors(second))) == (2, 4)
    assert first.get_xlim() == second.get_xlim()
    assert first.get_xlim()[0] < 500000
    assert first.get_xlim()[1] > 505000


def test_files_and_figure(panel, tmp_path):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    figure = maps.small_multiples(panel, "x", by="period")
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == before
    files = maps.save(figure, tmp_path / "map")
    assert [f.name for f in files] == ["map.png", "map.svg", "map.pdf"]
    again = maps.save(multiples(panel, "x", by="period"), tmp_path / "again")
    assert files[1].read_bytes() == again[1].read_bytes()
    svg = files[1].read_text(encoding="utf-8")
    assert ">2020</text>" in svg


def test_a_figure_given_is_emptied_first(panel):
    figure = Figure()
    figure.add_axes((0, 0, 1, 1), gid="old")
    assert maps.small_multiples(panel, "x", by="period", figure=figure) is figure
    assert not artists(figure, "old")


def test_input_and_settings_are_left_alone(panel):
    before, flags = panel.copy(), pd.Series([True, False] * 4)
    settings_before = dict(mpl.rcParams)
    multiples(panel, "x", by="period", flagged=flags)
    pd.testing.assert_frame_equal(pd.DataFrame(panel), pd.DataFrame(before))
    assert panel.crs == before.crs
    assert flags.tolist() == [True, False] * 4
    assert dict(mpl.rcParams) == settings_before


# Errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.assign(x=np.nan), "x: is missing in every area"),
        (lambda p: p.assign(x="many"), "x: has text where a number belongs"),
        (lambda p: p.set_crs(None, allow_override=True), "no coordinate reference system"),
        (lambda p: p.assign(geometry=[None, *p.geometry[1:]]), r"geometry: is missing \(a0 2020\)"),
        (lambda p: pd.concat([p, p.iloc[:1]], ignore_index=True), r"same area and period \(a0 2020\)"),
        (lambda p: p.iloc[:0], "has no rows"),
        (lambda p: pd.DataFrame(p.drop(columns="geometry")), "geometry: is missing"),
    ],
)
def test_panels_that_make_no_maps(panel, change, words):
    with pytest.raises(InputError, match=words):
        multiples(change(panel), "x", by="period")


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        ("x", {"by": "year"}, "by: is 'year', must be one of None, 'period'"),
        ("x", {}, r"areas: has several periods \(2020, 2024\). Give by='period'"),
        (["x", "population"], {"by": "period"}, "columns: must be one column"),
        ([], {"by": "period"}, "columns: names no column"),
        ("x", {"by": "period", "titles": ["one"]}, "titles: must be one text for each of the 2 maps"),
        ("x", {"by": "period", "titles": "ab"}, "titles: must be one text"),
        ("x", {"by": "period", "n_columns": 0}, "n_columns: is 0"),
        ("x", {"by": "period", "center": 0, "k": 5}, "k: is 5, must be even"),
        ("x", {"by": "period", "center": 0, "scheme": "equal"}, "center: makes its own symmetric classes"),
        ("x", {"by": "period", "center": "mean"}, "center: is 'mean', must be a number"),
        ("x", {"by": "period", "center": float("nan")}, "center: is nan"),
        ("x", {"by": "period", "size": (7.4, 1.0)}, "has no room for 2 maps"),
        ("x", {"by": "period", "size": 7}, "size: is 7, must be width and height"),
        ("x", {"by": "period", "size": (7, 0)}, "must be above 0"),
        ("x", {"by": "period", "language": "de"}, "language: is 'de'"),
        ("x", {"by": "period", "flagged": [True]}, "True or False for each of the 8 areas"),
        ("x", {"by": "period", "inset": "town"}, "inset: is 'town'"),
        ("x", {"by": "period", "scheme": "jenks"}, "scheme: is 'jenks'"),
    ],
)
def test_options_are_checked(panel, columns, options, words):
    with pytest.raises(InputError, match=words):
        multiples(panel, columns, **options)


def test_names_are_checked(panel):
    with pytest.raises(UnknownNameError, match="areas: lacks the column"):
        multiples(panel, "y", by="period")
    with pytest.raises(UnknownNameError, match=r"periods: is not in the panel \(2021\). At hand: 2020, 2024"):
        multiples(panel, "x", by="period", periods=[2020, 2021])
    table = squares(x=[1.0, 2, 3, 4], y=[1.0, 2, 3, 4])
    with pytest.raises(UnknownNameError, match="lacks the column"):
        multiples(table.drop(columns="name"), ["x", "y"])
    with pytest.raises(UnknownNameError, match="flagged: lacks the column"):
        multiples(table, ["x", "y"], flagged=pd.DataFrame({"x": [True] * 4}))
    with pytest.raises(InputError, match="periods: is for by='period'"):
        multiples(table, ["x", "y"], periods=[2020])


def test_columns_of_different_units_share_no_legend():
    kalmar = sg_areas.load_example("kalmar").query("period == 2024")
    words = r"different units.*\(employment_rate: procent, median_income: tkr"
    with pytest.raises(InputError, match=words):
        multiples(kalmar, ["employment_rate", "median_income"])


def test_no_values_in_any_column():
    table = squares(x=np.nan, y=np.nan)
    with pytest.raises(InputError, match="x, y: is missing in every area"):
        multiples(table, ["x", "y"])
