from __future__ import annotations

from itertools import permutations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy.stats import false_discovery_control
from shapely import box

from segkit import areas, graphs
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.measures.autocorrelation import dispersal, local_moran, morans_i
from segkit.measures.autocorrelation.local import _neighbors

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "local_moran_esda.csv", dtype={"area_id": str})

QUADRANT = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}


def line(values, **columns):
    """Cells in a row: each has one or two neighbors."""
    cells = [box(k, 0, k + 1, 1) for k in range(len(values))]
    ids = [f"a{k}" for k in range(len(values))]
    return gpd.GeoDataFrame({"area_id": ids, "value": values, **columns}, geometry=cells, crs=3006)


def grid(side, size=1.0):
    """A square of cells, row by row, with the values of the oracle."""
    cells = [
        box(c * size, r * size, (c + 1) * size, (r + 1) * size) for r in range(side) for c in range(side)
    ]
    i = np.arange(side**2)
    table = {"area_id": i.astype(str), "value": (37 * i) % 97 + 30.0 * (i % side) + i * 6 / 1000}
    return gpd.GeoDataFrame(table, geometry=cells, crs=3006)


@pytest.fixture(scope="module")
def kalmar():
    panel = areas.load_example("kalmar")
    return panel[panel["period"] == 2024]


@pytest.fixture(scope="module")
def weak():
    """A grid of 64 with the weak areas in a block."""
    cells = grid(8, 100.0)
    return cells.assign(population=10.0, weak=[k % 8 < 3 and k < 24 for k in range(64)])


def test_local_moran_by_hand_on_a_line_of_four():
    # z = (-3, -1, 1, 3) / sqrt(5); lags (-1, -1, 1, 1) / sqrt(5).
    table = local_moran(line([1.0, 2.0, 3.0, 4.0]), "value")
    assert table["value"].tolist() == pytest.approx([0.6, 0.2, 0.2, 0.6], abs=1e-12)
    assert table["z"].tolist() == pytest.approx(np.array([-3, -1, 1, 3]) / 5**0.5)
    assert table["quadrant"].tolist() == ["low-low", "low-low", "high-high", "high-high"]
    # Four areas are too few for any cluster.
    assert (table["cluster"] == "not significant").all()


def test_mean_of_local_values_is_morans_i(kalmar):
    linked = kalmar[kalmar["area_id"] != "0880C1100"]
    local = local_moran(linked, "median_income", n_permutations=9)
    whole = morans_i(linked, "median_income", n_permutations=9)
    assert local["value"].mean() == pytest.approx(whole.loc[0, "value"], abs=1e-12)


@pytest.mark.parametrize("name", ["kalmar median_income 2024 queen", "grid"])
def test_equals_esda(name, kalmar):
    rows = ORACLE[ORACLE["data"] == name].pivot(index="area_id", columns="statistic", values="value")
    table, column = (grid(6), "value") if name == "grid" else (kalmar, "median_income")
    n = len(table)
    found = local_moran(table, column, n_permutations=9999, alternative="directed").set_axis(table["area_id"])
    folded = local_moran(table, column, n_permutations=9999, alternative="folded").set_axis(table["area_id"])
    tested = found["quadrant"] != "isolate"
    rows = rows.reindex(found.index)[tested.to_numpy()]
    assert len(rows) == n - (name != "grid")
    assert np.abs(found["value"][tested] * (n - 1) / n - rows["Is"]).max() < 1e-9
    assert found["quadrant"][tested].tolist() == rows["q"].map(QUADRANT).tolist()
    # Monte Carlo: four standard errors of the difference of two shares out of 9999, at most.
    assert np.abs(found["p_value"][tested] - rows["p_sim directed"]).max() < 0.03
    assert np.abs(folded["p_value"][tested] - rows["p_sim folded"]).max() < 0.03


def test_p_values_agree_with_all_possible_neighbors():
    values = np.array([1.0, 2.0, 4.0, 3.0, 9.0, 5.0, 7.0])
    table = line(values)
    z = (values - values.mean()) / values.std()
    drawn = local_moran(table, "value", n_permutations=40_000, alternative="directed")
    for i in (0, 2, 4):
        others, k = np.delete(z, i), 1 if i == 0 else 2
        lags = np.array([np.mean(chosen) for chosen in permutations(others, k)])
        at_hand = drawn["lag"][i]
        exact = min((lags >= at_hand - 1e-12).mean(), (lags <= at_hand + 1e-12).mean())
        assert drawn["p_value"][i] == pytest.approx(exact, abs=0.01)


def test_draws_are_distinct_and_every_order_is_as_likely():
    places, values, following = _neighbors(np.arange(5.0), 3, 24_000, 0)
    assert (np.sort(places, axis=0)[1:] > np.sort(places, axis=0)[:-1]).all()
    assert set(places.ravel().tolist()) == {0, 1, 2, 3}
    assert (values == places).all()
    assert (following == places + 1).all()
    codes, counts = np.unique(places.T @ [16, 4, 1], return_counts=True)
    assert codes.size == 24
    assert np.abs(counts - 1000).max() < 5 * 1000**0.5


def test_weights_that_differ_count_in_value_and_draws():
    ids = ["a", "a", "b", "c", "d"]
    graph = Graph.from_arrays(ids, ["b", "c", "a", "a", "a"], [3.0, 1.0, 1.0, 1.0, 1.0])
    table = pd.DataFrame({"area_id": list("abcd"), "value": [0.0, 5.0, 1.0, 2.0]})
    found = local_moran(table, "value", graph=graph, n_permutations=20_000, alternative="directed")
    z = (table["value"] - 2.0) / 3.5**0.5
    assert found["lag"][0] == pytest.approx(0.75 * z[1] + 0.25 * z[2])
    # Of the six ordered pairs out of b, c, d only (b, d) gives a higher lag: 2 in 6 as high.
    assert found["p_value"][0] == pytest.approx(2 / 6, abs=0.015)


def test_two_sided_is_twice_the_directed_chance(kalmar):
    two = local_moran(kalmar, "median_income")
    one = local_moran(kalmar, "median_income", alternative="directed")
    pd.testing.assert_series_equal(two["p_value"], (2 * one["p_value"]).clip(upper=1))
    tested = two["p_value"].notna()
    expected = false_discovery_control(two["p_value"][tested])
    assert two["q_value"][tested].tolist() == pytest.approx(expected.tolist())
    assert (two["p_value"][tested] >= 2 / 1000).all()


def test_a_planted_cluster_is_found_and_chance_is_not():
    side = 10
    near = [(k % side < 4) and (k < 40) for k in range(side**2)]
    noise = (np.arange(side**2) * 61 % 101) / 101
    cells = grid(side).assign(value=np.where(near, 10.0, 0.0) + noise)
    table = local_moran(cells, "value")
    inside = [k for k in range(side**2) if k % side < 3 and k < 30]
    assert (table["cluster"].iloc[inside] == "high-high").all()
    outside = [k for k in range(side**2) if k % side > 4 or k >= 50]
    assert (table["cluster"].iloc[outside] == "not significant").mean() > 0.9
    strict = local_moran(cells, "value", false_discovery_rate=1e-6)
    assert (strict["cluster"] == "not significant").all()


def test_isolates_and_missing_values_are_named_not_zero(kalmar):
    gap = kalmar["median_income"].where(kalmar["area_id"] != kalmar["area_id"].iloc[0])
    with pytest.warns(DataWarning, match="no value in 1 areas"):
        table = local_moran(kalmar.assign(median_income=gap), "median_income")
    assert table.index.equals(kalmar.index)
    assert table["quadrant"].iloc[0] == table["cluster"].iloc[0] == "missing"
    assert table.iloc[0][["value", "z", "lag", "p_value", "q_value"]].isna().all()
    island = table[(kalmar["area_id"] == "0880C1100").to_numpy()].iloc[0]
    assert island["quadrant"] == island["cluster"] == "isolate"
    assert not np.isnan(island["z"])
    assert island[["value", "lag", "p_value", "q_value"]].isna().all()
    rest = table.loc[~table["quadrant"].isin(["missing", "isolate"])]
    assert rest[["value", "p_value", "q_value"]].notna().all(axis=None)
    with pytest.warns(DataWarning):
        alone = local_moran(kalmar.assign(median_income=gap), "median_income", n_permutations=99)
    pd.testing.assert_series_equal(
        alone["value"].iloc[1:], local_moran(kalmar.iloc[1:], "median_income", n_permutations=99)["value"]
    )


def test_an_index_that_repeats_is_kept(kalmar):
    repeated = kalmar.set_axis([0] * len(kalmar))
    assert local_moran(repeated, "median_income", n_permutations=9).index.tolist() == [0] * len(kalmar)


def test_an_area_at_the_mean_has_no_extreme_value():
    table = local_moran(line([1.0, 2.0, 3.0, 2.0, 5.0, -1.0]), "value")
    assert table["value"][1] == pytest.approx(0)
    assert table["p_value"][1] == 1


def test_same_answer_whatever_threads_and_blocks(monkeypatch, kalmar):
    first = local_moran(kalmar, "median_income", random_state=3)
    monkeypatch.setattr("segkit.measures.autocorrelation.local._CELLS", 999 * 2)
    pd.testing.assert_frame_equal(first, local_moran(kalmar, "median_income", random_state=3, n_jobs=2))
    pd.testing.assert_frame_equal(first, local_moran(kalmar, "median_income", random_state=3, n_jobs=-1))
    other = local_moran(kalmar, "median_income", random_state=4)
    assert (first["p_value"] != other["p_value"]).any()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(-50, 50), min_size=6, max_size=6).filter(lambda v: len(set(v)) > 1))
def test_properties(values):
    table = local_moran(line(np.array(values, dtype=float)), "value", n_permutations=19)
    assert table["p_value"].between(1 / 20, 1).all()
    assert (table["q_value"] >= table["p_value"] - 1e-12).all()
    flipped = local_moran(line(-np.array(values, dtype=float)), "value", n_permutations=19)
    assert flipped["value"].tolist() == pytest.approx(table["value"].tolist())
    assert flipped["p_value"].tolist() == table["p_value"].tolist()
    moved = local_moran(line(np.array(values) * 3.0 + 7), "value", n_permutations=19)
    assert moved["value"].tolist() == pytest.approx(table["value"].tolist())


def test_errors(kalmar):
    with pytest.raises(InputError, match="same in every area"):
        local_moran(line([1.0] * 4), "value")
    with pytest.raises(InputError, match="needs at least 3"):
        local_moran(line([1.0, 2.0]), "value")
    apart = graphs.contiguity(line([1.0, 2.0, 3.0]).assign(geometry=lambda t: t.scale(0.1, 0.1)))
    with pytest.raises(InputError, match="links no two areas"):
        local_moran(line([1.0, 2.0, 3.0]), "value", graph=apart)
    with pytest.raises(InputError, match="alternative"):
        local_moran(kalmar, "median_income", alternative="greater")
    with pytest.raises(InputError, match="n_permutations"):
        local_moran(kalmar, "median_income", n_permutations=0)
    with pytest.raises(InputError, match="n_jobs"):
        local_moran(kalmar, "median_income", n_jobs=0)
    with pytest.raises(InputError, match="false_discovery_rate"):
        local_moran(kalmar, "median_income", false_discovery_rate=1)
    with pytest.raises(UnknownNameError, match="wealth"):
        local_moran(kalmar, "wealth")


def test_input_is_not_changed(kalmar):
    before = kalmar.copy()
    local_moran(kalmar, "median_income", n_permutations=9)
    assert before.equals(kalmar)


def test_mean_distance_by_hand():
    # Weak cells with centers at 0, 1 and 3, people 1, 2 and 3: (2 * 1 + 3 * 3 + 6 * 2) / 11.
    table = line([0.0] * 5, population=[1.0, 2.0, 9.0, 3.0, 9.0], weak=[True, True, False, True, False])
    found = dispersal(table, "weak").set_index("measure")
    assert found.index.tolist() == ["largest_patch_share", "n_patches", "join_count_bb", "mean_distance"]
    assert found.loc["mean_distance", "value"] == pytest.approx(23 / 11)
    assert dispersal(table, "weak", weight=None)["value"].iloc[3] == pytest.approx((1 + 3 + 2) / 3)


def test_mean_distance_tells_cluster_from_dispersed(weak):
    together = dispersal(weak, "weak").set_index("measure").loc["mean_distance"]
    assert together["p_value_low"] <= 0.005
    assert together["value"] < together["expected"] / 2
    # With equal people the expected value is the mean distance of all pairs.
    x, y = weak.centroid.x.to_numpy(), weak.centroid.y.to_numpy()
    every = np.hypot(np.subtract.outer(x, x), np.subtract.outer(y, y)).sum() / (64 * 63)
    assert together["expected"] == pytest.approx(every, rel=0.01)
    corners = weak.assign(weak=[k in {0, 7, 56, 63} for k in range(64)])
    apart = dispersal(corners, "weak").set_index("measure").loc["mean_distance"]
    assert apart["p_value"] <= 0.005
    assert apart["value"] == pytest.approx(700 * (4 + 2 * 2**0.5) / 6)


def test_mean_distance_is_in_meters_in_any_coordinate_system(weak):
    value = dispersal(weak.set_geometry(weak.translate(5e5, 6.3e6)), "weak", n_permutations=9)["value"]
    shifted = weak.set_geometry(weak.translate(5e5, 6.3e6))
    degrees = dispersal(shifted.to_crs(4326), "weak", n_permutations=9)["value"]
    assert degrees.iloc[3] == pytest.approx(value.iloc[3], rel=1e-4)
    # EPSG:2225 has US survey feet.
    feet = dispersal(weak.set_crs(2225, allow_override=True), "weak", n_permutations=9)["value"]
    assert feet.iloc[3] == pytest.approx(value.iloc[3] * 1200 / 3937)


def test_mean_distance_needs_places_and_something_to_compare(weak):
    three = ["largest_patch_share", "n_patches", "join_count_bb"]
    graph = graphs.contiguity(weak)
    with_row = dispersal(weak, "weak", graph=graph)
    plain = dispersal(pd.DataFrame(weak.drop(columns="geometry")), "weak", graph=graph)
    pd.testing.assert_frame_equal(plain, with_row.iloc[:3])
    assert (
        dispersal(weak.set_crs(None, allow_override=True), "weak", graph=graph)["measure"].tolist() == three
    )
    gap = weak.set_geometry([None, *weak.geometry.iloc[1:]], crs=3006)
    assert dispersal(gap, "weak", graph=graph)["measure"].tolist() == three
    assert dispersal(weak, pd.Series([True] * 64))["measure"].tolist() == three
    assert dispersal(weak, pd.Series([True] + [False] * 63))["measure"].tolist() == three
    empty = weak.assign(population=[0.0, 5.0] + [0.0] * 62)
    assert dispersal(empty, "weak")["measure"].tolist() == three


def test_placements_without_people_are_left_out_of_mean_distance():
    table = line([0.0] * 4, population=[2.0, 2.0, 0.0, 0.0], weak=[True, True, False, False])
    row = dispersal(table, "weak").set_index("measure").loc["mean_distance"]
    assert (row["value"], row["expected"], row["p_value"], row["p_value_low"]) == (1, 1, 1, 1)


def test_distances_and_permutations_are_the_same_whatever_the_block(monkeypatch, weak):
    first = dispersal(weak, "weak", random_state=3)
    monkeypatch.setattr("segkit.measures.autocorrelation.patches._CELLS", 64 * 5)
    monkeypatch.setattr("segkit.measures.autocorrelation.permuting._CELLS", 64 * 10)
    pd.testing.assert_frame_equal(first, dispersal(weak, "weak", random_state=3), rtol=1e-12)
