"""Massey & Denton's measures of concentration, centralization and clustering."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from segkit import segregation
from segkit.errors import InputError, UnknownNameError
from segkit.measures.segregation import centralization, clustering, concentration
from segkit.measures.segregation.places import _TILE, Nearness, decayed, meters, people

ORACLES = Path(__file__).parent / "oracles"
COLUMNS = {"group": "group", "total": "total"}
MEASURES = {name: one for name, one in segregation.MEASURES.items() if one.kind == "spatial"}
DISTANCES = ["absolute_clustering", "spatial_proximity", "relative_clustering"]
some = settings(max_examples=25, deadline=None, derandomize=True)


def each(names=None):
    return pytest.mark.parametrize("name", list(names or MEASURES))


def areas_of(boxes, group, total, **columns):
    table = {"group": np.asarray(group, dtype=float), "total": np.asarray(total, dtype=float), **columns}
    return gpd.GeoDataFrame(table, geometry=[box(*edges) for edges in boxes], crs=3006)


def grid(group, side=4, size=1, total=10):
    boxes = [(x * size, y * size, (x + 1) * size, (y + 1) * size) for y in range(side) for x in range(side)]
    return areas_of(boxes, np.ravel(group), [total] * side**2)


def patchwork(n=200, size=1000.0):
    """Rectangles of all sizes in no order, some of them empty; every number follows from its place."""
    i = np.arange(n)
    x, y = (i * 61 % 97) * size * 0.37, (i * 89 % 101) * size * 0.29
    width, height = size * (0.3 + (i * 17 % 23) / 11), size * (0.2 + (i * 31 % 29) / 13)
    total = 50 + i * 7919 % 977
    group = total * (i * 13 % 19) // 31
    total[i % 29 == 5] = group[i % 29 == 5] = 0
    boxes = np.column_stack([x, y, x + width, y + height])
    return areas_of(boxes, group, total, area_id=[f"A{k:03d}" for k in i])


def near(data, unit=1000.0, cutoff=np.inf):
    """Nearness as printed, all pairs."""
    middle = data.geometry.centroid
    x, y = middle.x.to_numpy() / unit, middle.y.to_numpy() / unit
    d = np.hypot(x[:, None] - x, y[:, None] - y)
    c = np.where(d <= cutoff, np.exp(-d), 0.0)
    np.fill_diagonal(c, np.exp(-np.sqrt(0.6 * data.geometry.area.to_numpy()) / unit))
    return c


def printed_clustering(data, c):
    x, t = data["group"].to_numpy(), data["total"].to_numpy()
    y, n = t - x, len(t)
    spread = x.sum() / n**2 * c.sum()
    pxx, pyy, ptt = (v @ c @ v / v.sum() ** 2 for v in (x, y, t))
    return {
        "absolute_clustering": (x / x.sum() @ c @ x - spread) / (x / x.sum() @ c @ t - spread),
        "spatial_proximity": (x.sum() * pxx + y.sum() * pyy) / (t.sum() * ptt),
        "relative_clustering": pxx / pyy - 1,
    }


# --- Concentration -------------------------------------------------------------------------------

LAND = pd.DataFrame({"group": [50, 30, 20], "total": [100, 100, 100], "land": [1, 2, 7]})


def test_delta_by_hand():
    assert concentration.delta(LAND, area="land", **COLUMNS) == pytest.approx(0.5, abs=1e-15)


def test_delta_counts_land_that_nobody_lives_on():
    wild = pd.concat([LAND, pd.DataFrame({"group": [0], "total": [0], "land": [90]})])
    # 1/2 (|.5 - .01| + |.3 - .02| + |.2 - .07| + .9)
    assert concentration.delta(wild, area="land", **COLUMNS) == pytest.approx(0.9, abs=1e-15)
    unknown = wild.assign(group=[50, 30, 20, np.nan])
    assert concentration.delta(unknown, area="land", **COLUMNS) == pytest.approx(0.9, abs=1e-15)


def test_delta_is_zero_at_one_density_and_for_one_area():
    even = LAND.assign(group=[10, 20, 70])
    assert concentration.delta(even, area="land", **COLUMNS) == pytest.approx(0, abs=1e-15)
    assert concentration.delta(LAND.iloc[:1], area="land", **COLUMNS) == 0


def test_delta_by_geometry_equals_delta_by_column():
    data = patchwork(40)
    column = data.assign(land=data.geometry.area / 1e6)
    assert concentration.delta(data, **COLUMNS) == pytest.approx(
        concentration.delta(column, area="land", **COLUMNS), rel=1e-12
    )


def test_absolute_and_relative_concentration_by_hand():
    # X = 100, so n1 is the smallest area alone and n2 the largest alone: mean land 1 and 7.
    # The group's mean land is (50 + 60 + 140) / 100 = 2.5, the others' (50 + 140 + 560) / 200 = 3.75.
    aco = concentration.absolute_concentration(LAND, area="land", **COLUMNS)
    rco = concentration.relative_concentration(LAND, area="land", **COLUMNS)
    assert aco == pytest.approx(1 - (2.5 - 1) / (7 - 1), abs=1e-14)
    assert rco == pytest.approx((2.5 / 3.75 - 1) / (1 / 7 - 1), abs=1e-14)


def test_whole_areas_are_taken_until_they_house_the_group():
    # X = 60: from below 40 + 50 people (1 and 2 units of land), from above 30 + 80 (10 and 4).
    four = pd.DataFrame({"group": [20, 10, 25, 5], "total": [40, 50, 80, 30], "land": [1.0, 2.0, 4.0, 10.0]})
    least, most = (40 * 1 + 50 * 2) / 90, (80 * 4 + 30 * 10) / 110
    mean_x, mean_y = (20 + 20 + 100 + 50) / 60, (20 + 80 + 220 + 250) / 140
    aco = concentration.absolute_concentration(four, area="land", **COLUMNS)
    rco = concentration.relative_concentration(four, area="land", **COLUMNS)
    assert aco == pytest.approx(1 - (mean_x - least) / (most - least), abs=1e-14)
    assert rco == pytest.approx((mean_x / mean_y - 1) / (least / most - 1), abs=1e-14)


def test_concentration_ends():
    smallest = LAND.assign(group=[100, 0, 0])
    largest = LAND.assign(group=[0, 0, 100])
    assert concentration.absolute_concentration(smallest, area="land", **COLUMNS) == pytest.approx(1)
    assert concentration.absolute_concentration(largest, area="land", **COLUMNS) == pytest.approx(0)
    # The others' mean land is 1.5: far below -1, as the ratio of means is not symmetric.
    rco = concentration.relative_concentration(largest, area="land", **COLUMNS)
    assert rco == pytest.approx((7 / 1.5 - 1) / (1 / 7 - 1))
    half = pd.DataFrame({"group": [100, 0], "total": [100, 100], "land": [1, 7]})
    assert concentration.relative_concentration(half, area="land", **COLUMNS) == pytest.approx(1)


def test_areas_of_one_size_are_taken_together():
    data = pd.DataFrame({"group": [10, 0, 10, 10], "total": [20, 60, 90, 30], "land": [1, 2, 2, 5]})
    # X = 30: from below area 1 (20 people) is too small, so both areas of size 2 join it.
    least = (20 * 1 + 60 * 2 + 90 * 2) / 170
    expected = 1 - ((10 + 20 + 50) / 30 - least) / (5 - least)
    for order in ([0, 1, 2, 3], [0, 2, 1, 3], [3, 2, 1, 0]):
        found = concentration.absolute_concentration(data.iloc[order], area="land", **COLUMNS)
        assert found == pytest.approx(expected, abs=1e-14)


@each(["absolute_concentration", "relative_concentration"])
@pytest.mark.parametrize(
    "data",
    [
        LAND.assign(land=3),
        LAND.iloc[:1],
        # 90 of 100 in two areas: both are needed from either end.
        pd.DataFrame({"group": [45, 45], "total": [50, 50], "land": [1, 4]}),
    ],
)
def test_concentration_without_two_ends_is_an_error(name, data):
    with pytest.raises(InputError, match=r"data: the areas are of one size, or so few .* Use finer areas"):
        MEASURES[name].function(data, area="land", **COLUMNS)


def test_land_is_checked():
    for land, pattern in [
        ([1, np.nan, 3], r"land: has 1 missing values \(1\)"),
        ([1, -2, 3], r"land: has values under 0 \(1\)"),
        ([0, 0, 0], "land: is 0 in every area"),
    ]:
        with pytest.raises(InputError, match=pattern):
            concentration.delta(LAND.assign(land=land), area="land", **COLUMNS)
    with pytest.raises(UnknownNameError, match=r"lacks the column \(hectares\)"):
        concentration.delta(LAND, area="hectares", **COLUMNS)
    with pytest.raises(InputError, match="geometry: is missing"):
        concentration.delta(LAND, **COLUMNS)


# --- Centralization ------------------------------------------------------------------------------


def row_of_three(group=(6, 3, 1), widths=(1, 1, 1), total=(10, 10, 10)):
    edges = np.concatenate([[0], np.cumsum(widths)])
    boxes = [(a, 0, b, 1) for a, b in pairwise(edges)]
    return areas_of(boxes, group, total, area_id=["inner", "middle", "outer"])


def test_centralization_by_hand():
    # Cumulated shares by distance: X .6 .9 1, A 1/6 1/3 1, Y .2 .55 1.
    data = row_of_three(widths=(1, 1, 4))
    ace = centralization.absolute_centralization(data, center=(0.0, 0.5), **COLUMNS)
    rce = centralization.relative_centralization(data, center=(0.0, 0.5), **COLUMNS)
    assert ace == pytest.approx(0.6 / 3 + 0.9 * 1 - 0.9 / 6 - 1 / 3, abs=1e-14)
    assert rce == pytest.approx(0.6 * 0.55 + 0.9 - 0.9 * 0.2 - 0.55, abs=1e-14)


def test_centers_by_point_area_and_population():
    data = row_of_three(total=(10, 10, 40))
    by_area = centralization.absolute_centralization(data, center="inner", **COLUMNS)
    for same in [(0.5, 0.5), Point(0.5, 0.5)]:
        assert centralization.absolute_centralization(data, center=same, **COLUMNS) == by_area
    # Balance point of 10, 10 and 40 people at .5, 1.5 and 2.5.
    by_people = centralization.relative_centralization(data, **COLUMNS)
    expected = centralization.relative_centralization(data, center=(2.0, 0.5), **COLUMNS)
    assert by_people == pytest.approx(expected, abs=1e-15)
    outermost = centralization.relative_centralization(data, center="outer", **COLUMNS)
    assert outermost < 0 < centralization.relative_centralization(data, center="inner", **COLUMNS)


def test_area_column_replaces_the_geometry():
    data = row_of_three().assign(land=[1, 1, 4])
    wide = row_of_three(widths=(1, 1, 4))
    found = centralization.absolute_centralization(data, center="inner", area="land", **COLUMNS)
    assert found == pytest.approx(centralization.absolute_centralization(wide, center="inner", **COLUMNS))


def test_areas_at_one_distance_are_taken_together():
    # A cross of four areas around a center area: all four at one distance.
    boxes = [(x, y, x + 1, y + 1) for x, y in [(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)]]
    data = areas_of(boxes, [2, 4, 0, 1, 3], [10] * 5)
    expected = 0.2 * 1 - 1 * 0.2
    for order in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 1, 4, 3]):
        found = centralization.absolute_centralization(data.iloc[order], center=(1.5, 1.5), **COLUMNS)
        assert found == pytest.approx(expected, abs=1e-15)
    two = centralization.relative_centralization(data.iloc[1:3], **COLUMNS)
    assert two == pytest.approx(0, abs=1e-15)


@each(["absolute_centralization", "relative_centralization"])
def test_single_area_is_not_centralized(name):
    assert MEASURES[name].function(grid([4], side=1), **COLUMNS) == 0


def test_uninhabited_land_counts_in_absolute_centralization_only():
    data = row_of_three(total=(10, 10, 0), group=(6, 3, 0))
    cut = data.iloc[:2]
    options = {"center": (0.0, 0.5), **COLUMNS}
    absolute, relative = centralization.absolute_centralization, centralization.relative_centralization
    # X 2/3 1 1 against A 1/3 2/3 1, and X 2/3 1 against A 1/2 1.
    assert absolute(data, **options) == pytest.approx(4 / 9 + 1 - 1 / 3 - 2 / 3)
    assert absolute(cut, **options) == pytest.approx(2 / 3 - 1 / 2)
    assert relative(data, **options) == pytest.approx(relative(cut, **options))


def test_dropped_area_can_be_the_center():
    data = row_of_three().assign(group=[np.nan, 3, 1])
    found = centralization.relative_centralization(data, center="inner", missing="drop", **COLUMNS)
    assert found == pytest.approx(0.75 - 7 / 16)


@each(["absolute_centralization", "relative_centralization"])
def test_bad_centers_are_named(name):
    data, measure = row_of_three(), MEASURES[name].function
    with pytest.raises(UnknownNameError, match="center: is 'Storgatan', the area_id of 0 areas"):
        measure(data, center="Storgatan", **COLUMNS)
    with pytest.raises(InputError, match="center: is 'inner', the area_id of 3 areas"):
        measure(data.assign(area_id="inner"), center="inner", **COLUMNS)
    with pytest.raises(UnknownNameError, match=r"lacks the column \(area_id\)"):
        measure(data.drop(columns="area_id"), center="inner", **COLUMNS)
    with pytest.raises(InputError, match=r"far outside the 3 areas\. Give it in .* SWEREF99 TM"):
        measure(data, center=(16.36, 56.66), **COLUMNS)
    for center in [(1, 2, 3), 5, ("a", "b"), [1, 2], Point(), LineString([(0, 0), (1, 1)])]:
        with pytest.raises(InputError, match="center: is"):
            measure(data, center=center, **COLUMNS)


# --- Clustering ----------------------------------------------------------------------------------

HALVES = [[10, 10, 0, 0]] * 4
CHECKERS = [[10, 0, 10, 0], [0, 10, 0, 10]] * 2


def test_spatial_proximity_of_the_grid():
    assert clustering.spatial_proximity(grid(HALVES), unit="m", **COLUMNS) == pytest.approx(
        1.399544, abs=5e-7
    )
    assert clustering.spatial_proximity(grid(CHECKERS), unit="m", **COLUMNS) == pytest.approx(
        0.966804, abs=5e-7
    )


@each(DISTANCES)
@pytest.mark.parametrize(("unit", "size"), [("km", 1000), ("mile", 1609.344), (250, 250), (np.float32(2), 2)])
def test_unit_is_the_length_of_distance_one(name, unit, size):
    measure = MEASURES[name].function
    expected = measure(grid(HALVES), unit="m", **COLUMNS)
    assert measure(grid(HALVES, size=size), unit=unit, **COLUMNS) == pytest.approx(expected, rel=1e-12)


def test_kilometers_are_the_default():
    data = patchwork(30)
    assert clustering.spatial_proximity(data, **COLUMNS) == clustering.spatial_proximity(
        data, unit=1000.0, **COLUMNS
    )


@each(DISTANCES)
@pytest.mark.parametrize("n", [3, 200])
def test_clustering_equals_the_printed_formula(name, n):
    data = patchwork(n)
    expected = printed_clustering(data, near(data))[name]
    assert MEASURES[name].function(data, **COLUMNS) == pytest.approx(expected, rel=1e-12, abs=1e-13)


@each(DISTANCES)
@pytest.mark.parametrize("cutoff", [0.5, 3.0, 1e6])
def test_cutoff_equals_the_printed_formula(name, cutoff):
    data = patchwork()
    expected = printed_clustering(data, near(data, cutoff=cutoff))[name]
    found = MEASURES[name].function(data, cutoff=cutoff, **COLUMNS)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-13)


def places(n, span):
    i = np.arange(n)
    points = np.column_stack([i * 0.6180339887498949 % 1, i * 0.7548776662466927 % 1]) * span
    return Nearness(points, 0.1 + i % 7 / 10)


@pytest.mark.parametrize("n", [1, 2, _TILE, _TILE + 1, 1500])
@pytest.mark.parametrize("cutoff", [np.inf, 2.0])
def test_sums_over_tiles_equal_all_pairs(n, cutoff):
    where = places(n, 9.0)
    where = Nearness(where.points, where.within, cutoff)
    d = np.hypot(*(where.points[:, None, :] - where.points[None, :, :]).transpose(2, 0, 1))
    c = np.where(d <= cutoff, np.exp(-d), 0)
    np.fill_diagonal(c, np.exp(-where.within))
    columns = np.column_stack([np.arange(n) % 11, np.ones(n), np.sin(np.arange(n))])
    np.testing.assert_allclose(decayed(where, columns), c @ columns, rtol=1e-12, atol=1e-11)


def test_pairs_too_far_to_change_a_digit_are_left_out():
    where = places(1500, 2000.0)
    assert where.reach < 70
    x = np.arange(1500.0)[:, None]
    whole = np.exp(-np.hypot(*(where.points[:, None, :] - where.points[None, :, :]).transpose(2, 0, 1)))
    np.fill_diagonal(whole, np.exp(-where.within))
    assert (x.T @ decayed(where, x)).item() == pytest.approx((x.T @ whole @ x).item(), rel=1e-14)


def test_the_number_of_threads_changes_nothing():
    where, columns = places(2000, 30.0), np.cos(np.arange(4000.0)).reshape(2000, 2)
    one = decayed(where, columns, workers=1)
    for workers in (2, 3, 8):
        np.testing.assert_array_equal(decayed(where, columns, workers=workers), one)


def test_centers_that_coincide_are_cut_into_tiles_too():
    n = 2 * _TILE + 5
    where = Nearness(np.zeros((n, 2)), np.full(n, np.log(2.0)))
    np.testing.assert_allclose(decayed(where, np.ones((n, 1))), n - 0.5, rtol=1e-13)


def test_memory_grows_with_the_areas_not_with_their_pairs():
    # All pairs at once would take 275 MiB.
    code = """
import resource
import numpy as np
from segkit.measures.segregation.places import Nearness, decayed
from scipy.spatial import cKDTree, distance
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
i = np.arange(6_000)
points = np.column_stack([i * 0.6180339887498949 % 1, i * 0.7548776662466927 % 1]) * 100
decayed(Nearness(points, np.ones(i.size)), np.ones((i.size, 3)))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    pytest.importorskip("resource")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 50


@each(DISTANCES)
def test_even_spread_and_a_single_area(name):
    expected = {"spatial_proximity": 1, "relative_clustering": 0}.get(name)
    data = patchwork()
    even = data.assign(group=data["total"] * 0.25)
    found = MEASURES[name].function(even, **COLUMNS)
    if expected is None:
        # Not 0: the areas do not hold equally many.
        assert found == pytest.approx(printed_clustering(even, near(even))[name], rel=1e-11)
    else:
        assert found == pytest.approx(expected, abs=1e-13)
    alone = MEASURES[name].function(grid([4], side=1, size=1000), **COLUMNS)
    assert alone == pytest.approx(expected or 0, abs=1e-15)


def test_equally_many_everywhere_is_zero_absolute_clustering():
    assert clustering.absolute_clustering(grid([[4] * 4] * 4), unit="m", **COLUMNS) == pytest.approx(0)


def test_uninhabited_areas_count_in_absolute_clustering_only():
    data = patchwork()
    lived_in = data[data["total"] > 0]
    for name in ("spatial_proximity", "relative_clustering"):
        measure = MEASURES[name].function
        assert measure(data, **COLUMNS) == pytest.approx(measure(lived_in, **COLUMNS), rel=1e-12)
    values = [clustering.absolute_clustering(d, **COLUMNS) for d in (data, lived_in)]
    assert abs(values[0] - values[1]) > 1e-4


@each(DISTANCES)
def test_a_unit_too_short_for_the_areas_is_an_error(name):
    with pytest.raises(InputError, match=r"nearness is left.*Choose a longer unit"):
        MEASURES[name].function(grid(HALVES, size=5000), unit="m", **COLUMNS)


def test_absolute_clustering_among_few_people_is_an_error():
    # The group fills one large area far out, where c is small; the many small areas are near one another.
    boxes = [(x, 0, x + 100, 100) for x in range(0, 1000, 100)] + [(90_000, 0, 110_000, 20_000)]
    data = areas_of(boxes, [0] * 10 + [1000], [10] * 10 + [1000])
    with pytest.raises(InputError, match="so few people live near the group's members"):
        clustering.absolute_clustering(data, **COLUMNS)


@each(DISTANCES)
@pytest.mark.parametrize("unit", ["feet", 0, -1, np.inf, np.nan, True])
def test_bad_units_are_named(name, unit):
    with pytest.raises(InputError, match="unit: is .* must be 'm', 'km', 'mile' or a number of meters"):
        MEASURES[name].function(grid(HALVES), unit=unit, **COLUMNS)


@each(DISTANCES)
@pytest.mark.parametrize("cutoff", [0, -1, np.nan])
def test_bad_cutoffs_are_named(name, cutoff):
    with pytest.raises(InputError, match="cutoff: is .* must be greater than 0, or None"):
        MEASURES[name].function(grid(HALVES), cutoff=cutoff, **COLUMNS)


def test_lengths_by_name():
    assert [meters(unit) for unit in ("m", "km", "mile", 12)] == [1, 1000, 1609.344, 12]


# --- All of them ---------------------------------------------------------------------------------


def test_other_package_agrees_where_it_follows_the_textbook():
    table = pd.read_csv(ORACLES / "spatial_areas.csv")
    data = areas_of(table[["left", "bottom", "right", "top"]].to_numpy(), table["group"], table["total"])
    oracle = pd.read_csv(ORACLES / "spatial.csv", keep_default_na=False)
    assert len(oracle) == 7
    centers = {"": {}, "population_weighted_mean": {"center": "population"}}
    for row in oracle.itertuples():
        options = centers.get(row.center) or ({"center": (6000, 3000)} if row.center == "6000 3000" else {})
        value = MEASURES[row.measure].function(data, **COLUMNS, **options)
        assert value == pytest.approx(row.value, rel=1e-11, abs=1e-13), row.call


@each()
def test_order_of_rows_and_scale_of_counts_change_nothing(name):
    measure = MEASURES[name].function
    data = patchwork(300)
    value = measure(data, **COLUMNS)
    shuffled = data.iloc[np.arange(300) * 101 % 300]
    assert measure(shuffled, **COLUMNS) == pytest.approx(value, rel=1e-12, abs=1e-13)
    tenfold = data.assign(group=data["group"] * 10, total=data["total"] * 10)
    assert measure(tenfold, **COLUMNS) == pytest.approx(value, rel=1e-12, abs=1e-13)


@each()
def test_ties_do_not_depend_on_the_order_of_rows(name):
    # On a grid nearly all sizes and many distances are tied.
    data = grid([[3, 1, 0, 7], [9, 2, 2, 0], [1, 1, 5, 0], [10, 0, 4, 6]], size=1000).assign(
        land=[1, 2, 2, 3] * 4
    )
    options = {"area": "land"} if name.endswith("concentration") else {}
    measure = MEASURES[name].function
    value = measure(data, **COLUMNS, **options)
    for step in (3, 5, 11):
        shuffled = data.iloc[np.arange(16) * step % 16]
        assert measure(shuffled, **COLUMNS, **options) == pytest.approx(value, rel=1e-12, abs=1e-13)


@each()
def test_prepared_formula_scores_many_draws_as_the_function_does(name):
    data = patchwork(60)
    total = data["total"].to_numpy()
    group = data["group"].to_numpy()
    draws = np.stack([group, np.floor(total / 3), np.minimum(group[::-1], total)])
    formula = MEASURES[name].prepare(data)
    for totals in (np.stack([total] * 3), np.stack([total, total, np.maximum(draws[2], total[::-1])])):
        expected = [
            MEASURES[name].function(data.assign(group=x, total=t), **COLUMNS)
            for x, t in zip(draws, totals, strict=True)
        ]
        np.testing.assert_allclose(formula(draws, totals - draws), expected, rtol=1e-11, atol=1e-13)


@each()
def test_draws_without_a_group_are_nan(name):
    data = patchwork(20)
    total = data["total"].to_numpy()
    x = np.stack([np.zeros(20), data["group"], total])
    found = MEASURES[name].prepare(data)(x, total - x)
    assert np.isfinite(found[1])
    assert np.isnan(found[0])


@pytest.mark.parametrize("column", ["group", "total"])
@each()
def test_missing_counts_are_an_error_unless_dropped(name, column):
    measure, data = MEASURES[name].function, patchwork(20)
    gap = data.assign(**{column: data[column].where(data.index != 3)})
    with pytest.raises(InputError, match=rf"{column}: has 1 missing values \(A003\)"):
        measure(gap, **COLUMNS)
    assert measure(gap, missing="drop", **COLUMNS) == measure(data.drop(index=3), **COLUMNS)


@each()
def test_geometry_is_checked(name):
    measure, data = MEASURES[name].function, patchwork(6)

    def with_first(shape):
        return data.set_geometry([shape, *data.geometry[1:]], crs=3006)

    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    for bad, pattern in [
        (data.set_crs(None, allow_override=True), "has no coordinate reference system"),
        (
            data.translate(500_000, 6_500_000)
            .to_frame("geometry")
            .join(data[["group", "total"]])
            .to_crs(4326),
            r"geometry: must be in meters, is in degree .*to_crs\(3006\)",
        ),
        (data.set_crs(2263, allow_override=True), "geometry: must be in meters, is in US survey foot"),
        (with_first(None), r"geometry: is missing \(A000\)"),
        (with_first(Point(0, 0)), r"geometry: must be polygons \(A000\)"),
        (with_first(LineString([(0, 0), (1, 1)])), r"geometry: must be polygons \(A000\)"),
        (with_first(bow), r"geometry: is invalid \(A000\)"),
        (pd.DataFrame(data.drop(columns="geometry")), "geometry: is missing"),
    ]:
        with pytest.raises(InputError, match=pattern):
            measure(bad, **COLUMNS)


@each()
def test_bad_counts_are_named(name):
    measure, data = MEASURES[name].function, patchwork(6)
    for bad, pattern in [
        (data.assign(group=data["total"] + 1), r"group: is larger than `total`"),
        (data.assign(group=0.0), "group: is 0 in every area"),
        (data.assign(group=data["total"]), "group: equals `total` in every area"),
        (data.assign(total=-1.0), "total: has values under 0"),
        (data.iloc[:0], "data: has no rows"),
    ]:
        with pytest.raises(InputError, match=pattern):
            measure(bad, **COLUMNS)
    with pytest.raises(InputError, match="missing: is 'ignore'"):
        measure(data, missing="ignore", **COLUMNS)


@each()
def test_input_is_not_changed(name):
    data = patchwork(20)
    before = data.copy()
    MEASURES[name].function(data, **COLUMNS)
    pd.testing.assert_frame_equal(pd.DataFrame(data), pd.DataFrame(before))


def test_people_keeps_empty_areas_and_the_order():
    data = pd.DataFrame({"group": [1, np.nan, 2, np.nan], "total": [2, 0, 5, 4]})
    known = people(data, group="group", total="total", missing="drop")
    assert known.x.tolist() == [1, 0, 2]
    assert known.y.tolist() == [1, 0, 3]
    assert known.data.index.tolist() == [0, 1, 2]


def test_registry_describes_every_measure():
    assert {name: measure.letter for name, measure in MEASURES.items()} == {
        "delta": "DEL",
        "absolute_concentration": "ACO",
        "relative_concentration": "RCO",
        "absolute_centralization": "ACE",
        "relative_centralization": "RCE",
        "absolute_clustering": "ACL",
        "spatial_proximity": "SP",
        "relative_clustering": "RCL",
    }
    for name, measure in MEASURES.items():
        assert measure.function.__name__ == name
        assert measure.kind == "spatial"
        assert measure.dimension in {"concentration", "centralization", "clustering"}
        assert measure.function.__module__.endswith(measure.dimension)
        assert measure.many is None
        assert measure.meaning.endswith(".")
        assert measure.meaning_sv.endswith(".")
        assert measure.reference.endswith(")")


@st.composite
def towns(draw):
    """Areas of a 4 x 4 grid with rows of different height, in which both groups live."""
    count = st.integers(0, 300)
    people_of = draw(st.lists(st.tuples(count, count), min_size=16, max_size=16))
    group, rest = np.array(people_of, dtype=float).T
    assume(group.sum() > 0 and rest.sum() > 0)
    heights = np.cumsum([0, *draw(st.lists(st.integers(100, 4000), min_size=4, max_size=4))])
    boxes = [(x * 900, heights[y], (x + 1) * 900, heights[y + 1]) for y in range(4) for x in range(4)]
    return areas_of(boxes, group, group + rest)


@some
@given(data=towns())
def test_values_stay_in_range(data):
    for name, measure in MEASURES.items():
        try:
            value = measure.function(data, **COLUMNS)
        except InputError:
            # The others are defined for any such town.
            assert name in {"absolute_concentration", "relative_concentration", "absolute_clustering"}
            continue
        assert isinstance(value, float)
        assert np.isfinite(value)
        assert measure.low <= value <= measure.high


@some
@given(data=towns())
def test_group_and_rest_can_change_places(data):
    swapped = data.assign(group=data["total"] - data["group"])
    rce, rce_swapped = (centralization.relative_centralization(d, **COLUMNS) for d in (data, swapped))
    assert rce_swapped == pytest.approx(-rce, abs=1e-12)
    sp, sp_swapped = (clustering.spatial_proximity(d, **COLUMNS) for d in (data, swapped))
    assert sp_swapped == pytest.approx(sp, rel=1e-12)
    rcl, rcl_swapped = (clustering.relative_clustering(d, **COLUMNS) for d in (data, swapped))
    assert (1 + rcl_swapped) * (1 + rcl) == pytest.approx(1, rel=1e-11)


@some
@given(data=towns(), dx=st.integers(-500, 500), dy=st.integers(-500, 500))
def test_place_and_direction_do_not_matter(data, dx, dy):
    # Moved, then mirrored along the diagonal.
    moved = [
        box(bottom + dy * 1000, left + dx * 1000, top + dy * 1000, right + dx * 1000)
        for left, bottom, right, top in data.geometry.bounds.to_numpy()
    ]
    for name in ("spatial_proximity", "relative_clustering", "delta"):
        measure = MEASURES[name].function
        expected = measure(data, **COLUMNS)
        assert measure(data.set_geometry(moved, crs=3006), **COLUMNS) == pytest.approx(
            expected, rel=1e-9, abs=1e-9
        )
