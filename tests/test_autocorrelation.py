from __future__ import annotations

from itertools import permutations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from segkit import areas, graphs
from segkit.base.tidy import TIDY
from segkit.errors import InputError, UnknownNameError
from segkit.measures.autocorrelation import dispersal, join_counts, morans_i

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "autocorrelation_esda.csv")


def grid(side, **columns):
    """A square of cells, row by row."""
    cells = [box(c, r, c + 1, r + 1) for r in range(side) for c in range(side)]
    ids = [f"{r}{c}" for r in range(side) for c in range(side)]
    people = {"population": [10.0] * side**2}
    return gpd.GeoDataFrame({"area_id": ids, **people, **columns}, geometry=cells, crs=3006)


def line(values, **columns):
    """Cells in a row: each has one or two neighbors."""
    cells = [box(k, 0, k + 1, 1) for k in range(len(values))]
    ids = [f"a{k}" for k in range(len(values))]
    return gpd.GeoDataFrame({"area_id": ids, "value": values, **columns}, geometry=cells, crs=3006)


def by_measure(table, column="value"):
    return table.set_index("measure")[column].to_dict()


@pytest.fixture(scope="module")
def kalmar():
    panel = areas.load_example("kalmar")
    return panel[panel["period"] == 2024]


HALVES = [c < 2 for _ in range(4) for c in range(4)]
CHECKERBOARD = [(r + c) % 2 == 0 for r in range(4) for c in range(4)]


def test_morans_i_by_hand_on_a_line_of_four():
    # z = -1.5, -.5, .5, 1.5; lags -.5, -.5, .5, .5: I = (4/4) (.75 + .25 + .25 + .75) / 5 = .4
    row = morans_i(line([1.0, 2.0, 3.0, 4.0]), "value").iloc[0]
    assert row["value"] == pytest.approx(0.4, abs=1e-12)
    assert row["expected"] == pytest.approx(-1 / 3, abs=1e-12)


def test_morans_i_is_minus_one_on_a_rook_checkerboard():
    cells = grid(4, value=np.where(CHECKERBOARD, 1.0, 0.0))
    rook = graphs.contiguity(cells, rule="rook")
    row = morans_i(cells, "value", graph=rook).iloc[0]
    assert row["value"] == pytest.approx(-1.0, abs=1e-12)
    assert row["p_value"] > 0.99
    assert row["p_value_low"] < 0.01


def test_morans_i_finds_a_planted_cluster():
    row = morans_i(grid(4, value=np.where(HALVES, 1.0, 0.0)), "value").iloc[0]
    assert row["value"] > 0.4
    assert row["p_value"] <= 0.005
    assert row["p_value_low"] > 0.99
    assert row["n_isolates"] == 0


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize("name", ["kalmar", "motala", "katrineholm"])
def test_equals_esda(name, rule):
    panel = areas.load_example(name)
    table = panel[panel["period"] == 2024]
    graph = graphs.contiguity(table, rule=rule)
    expected = ORACLE[ORACLE["municipality"] == name].set_index(["column", "statistic"])["value"]
    for column in expected.index.unique("column"):
        moran = morans_i(table, column, graph=graph, n_permutations=1).iloc[0]
        assert moran["value"] == pytest.approx(expected[column, f"{rule} I"], abs=1e-12)
        assert moran["expected"] == pytest.approx(expected[column, f"{rule} EI"], abs=1e-12)
        low = table[column] < table[column].quantile(0.3)
        counts = by_measure(join_counts(table, low, graph=graph, n_permutations=1))
        for kind in ("bb", "ww", "bw"):
            assert counts[f"join_count_{kind}"] == expected[column, f"{rule} {kind}"]


def test_permutations_agree_with_all_possible_orders():
    values = np.array([1.0, 2.0, 4.0, 3.0, 9.0, 5.0])
    neighbors = np.eye(6, k=1) + np.eye(6, k=-1)
    neighbors /= neighbors.sum(axis=1, keepdims=True)
    every = np.array(list(permutations(values - values.mean())))
    exact = (every * (every @ neighbors.T)).sum(axis=1) / (every[0] ** 2).sum()
    row = morans_i(line(values), "value", n_permutations=20_000).iloc[0]
    assert row["expected"] == pytest.approx(exact.mean(), abs=1e-12)
    assert row["se"] == pytest.approx(exact.std(), rel=0.02)
    assert row["p_value"] == pytest.approx((exact >= exact[0] - 1e-12).mean(), abs=0.015)
    assert row["p_value_low"] == pytest.approx((exact <= exact[0] + 1e-12).mean(), abs=0.015)


def test_missing_values_leave_their_area_out_with_its_links():
    with_gap = morans_i(line([1.0, 2.0, np.nan, 5.0, 4.0, 1.0]), "value").iloc[0]
    first, last = line([1.0, 2.0]), line([5.0, 4.0, 1.0])
    last = last.assign(area_id=["b0", "b1", "b2"], geometry=last.translate(10))
    parts = gpd.GeoDataFrame(pd.concat([first, last], ignore_index=True), crs=3006)
    assert with_gap["value"] == morans_i(parts, "value").iloc[0]["value"]
    assert (with_gap["n_areas"], with_gap["n_missing"]) == (5, 1)


def test_an_isolate_counts_in_n_and_the_mean_only():
    cells = line([1.0, 2.0, 3.0, 4.0, 10.0])
    cells.loc[4, "geometry"] = box(100, 0, 101, 1)
    row = morans_i(cells, "value").iloc[0]
    z = np.array([1.0, 2.0, 3.0, 4.0, 10.0]) - 4.0
    lag = np.array([z[1], (z[0] + z[2]) / 2, (z[1] + z[3]) / 2, z[2], 0.0])
    assert row["value"] == pytest.approx(5 / 4 * (z * lag).sum() / (z**2).sum(), abs=1e-12)
    assert (row["n_isolates"], row["n_areas"]) == (1, 5)


def test_kalmar_has_its_isolate_and_period_in_the_table(kalmar):
    row = morans_i(kalmar, "employment_rate").iloc[0]
    assert (row["period"], row["n_areas"], row["n_isolates"]) == (2024, 43, 1)


def test_join_counts_halves_and_checkerboard_by_hand():
    cells = grid(4, halves=HALVES, board=CHECKERBOARD)
    rook = graphs.contiguity(cells, rule="rook")
    halves = join_counts(cells, "halves", graph=rook)
    assert by_measure(halves) == {"join_count_bb": 10, "join_count_ww": 10, "join_count_bw": 4}
    # 24 pairs, 8 of 16 marked: 24 * 8 * 7 / (16 * 15) = 5.6 and 24 * 2 * 8 * 8 / (16 * 15) = 12.8
    expected = by_measure(halves, "expected")
    assert expected["join_count_bb"] == pytest.approx(5.6)
    assert expected["join_count_bw"] == pytest.approx(12.8)
    assert by_measure(halves, "p_value")["join_count_bb"] <= 0.005
    assert by_measure(halves, "p_value_low")["join_count_bw"] <= 0.005
    board = join_counts(cells, "board", graph=rook)
    assert by_measure(board) == {"join_count_bb": 0, "join_count_ww": 0, "join_count_bw": 24}
    assert by_measure(board, "p_value_low")["join_count_bb"] <= 0.005
    assert by_measure(board, "p_value")["join_count_bb"] == 1.0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=9, max_size=9))
def test_join_counts_identities(marks):
    cells = grid(3, marked=marks)
    table = join_counts(cells, "marked", n_permutations=19)
    assert table["value"].sum() == pytest.approx(20)
    assert table["expected"].sum() == pytest.approx(20)
    swapped = by_measure(join_counts(cells, ~cells["marked"], n_permutations=19))
    assert swapped["join_count_bb"] == by_measure(table)["join_count_ww"]
    assert table["p_value"].between(1 / 20, 1).all()
    assert (table["p_value"] + table["p_value_low"] >= 1 + 1 / 20 - 1e-12).all()


@pytest.mark.parametrize("mark", [True, False])
def test_join_counts_all_or_none_marked_is_one_pattern(mark):
    table = join_counts(grid(3), pd.Series([mark] * 9))
    assert table["value"].tolist() == pytest.approx(table["expected"].tolist())
    assert (table["p_value"] == 1).all()
    assert (table["p_value_low"] == 1).all()


def test_dispersal_finds_patches_and_their_population():
    # Weak: two cells top left that touch, and two single corners.
    weak = [k in {0, 1, 3, 15} for k in range(16)]
    people = np.arange(16.0) + 1
    cells = grid(4).assign(population=people, weak=weak)
    table = by_measure(dispersal(cells, "weak"))
    assert table["n_patches"] == 3
    assert table["join_count_bb"] == 1
    assert table["largest_patch_share"] == pytest.approx(16 / (1 + 2 + 4 + 16))
    counted = by_measure(dispersal(cells, "weak", weight=None))
    assert counted["largest_patch_share"] == 0.5


def test_dispersal_tells_cluster_from_dispersed():
    cells = grid(4)
    rook = graphs.contiguity(cells, rule="rook")
    together = dispersal(cells, pd.Series(HALVES), graph=rook).set_index("measure")
    assert together.loc["largest_patch_share", "value"] == 1.0
    # A share of 1 and a single patch are the same event.
    assert together.loc["n_patches", "p_value_low"] == together.loc["largest_patch_share", "p_value"] < 0.2
    assert together.loc["join_count_bb", "p_value"] <= 0.005
    apart = dispersal(cells, pd.Series(CHECKERBOARD), graph=rook).set_index("measure")
    assert apart.loc["largest_patch_share", "value"] == 1 / 8
    assert apart.loc["n_patches", "value"] == 8
    assert apart.loc["n_patches", "p_value"] <= 0.005
    assert apart.loc["join_count_bb", "p_value_low"] <= 0.005


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=12, max_size=12).filter(any), st.integers(0, 5))
def test_patches_equal_a_plain_search(marks, seed):
    people = np.random.default_rng(seed).integers(1, 50, 12).astype(float)
    cells = line(np.zeros(12), weak=marks, population=people)
    runs = "".join("x" if m else " " for m in marks)
    starts = [k for k in range(12) if runs[k] == "x" and (k == 0 or runs[k - 1] == " ")]
    sizes = [sum(people[k : k + len(runs[k:].split(" ")[0])]) for k in starts]
    table = by_measure(dispersal(cells, "weak", n_permutations=3))
    assert table["n_patches"] == len(starts)
    assert table["largest_patch_share"] == pytest.approx(max(sizes) / people[marks].sum())


def test_dispersal_edge_cases_have_documented_answers():
    cells = grid(3)
    everywhere = dispersal(cells, pd.Series([True] * 9)).set_index("measure")
    assert everywhere["value"].to_dict() == {"largest_patch_share": 1, "n_patches": 1, "join_count_bb": 20}
    assert (everywhere[["p_value", "p_value_low"]] == 1).all(axis=None)
    one = dispersal(cells, pd.Series([True] + [False] * 8)).set_index("measure")
    assert one["value"].to_dict() == {"largest_patch_share": 1, "n_patches": 1, "join_count_bb": 0}
    assert (one[["p_value", "p_value_low"]] == 1).all(axis=None)
    with pytest.raises(InputError, match="weak: marks no area"):
        dispersal(cells, pd.Series([False] * 9))
    with pytest.raises(InputError, match="at least 2"):
        dispersal(cells.iloc[:1], pd.Series([True]))
    with pytest.raises(InputError, match="population: is 0 in all weak areas"):
        dispersal(cells.assign(population=[0.0] + [1.0] * 8), pd.Series([True] + [False] * 8))


def test_unpopulated_areas_in_permutations_do_no_harm():
    cells = grid(3).assign(population=[5.0] + [0.0] * 8)
    table = dispersal(cells, pd.Series([True] + [False] * 8))
    assert table["value"].notna().all()
    assert table["p_value"].between(0, 1).all()


def test_same_seed_same_answer_whatever_the_block(monkeypatch, kalmar):
    weak = kalmar["employment_rate"] < 75
    first = dispersal(kalmar, weak, weight=None, random_state=3)
    monkeypatch.setattr("segkit.measures.autocorrelation.permuting._CELLS", 43 * 10)
    pd.testing.assert_frame_equal(first, dispersal(kalmar, weak, weight=None, random_state=3))
    other = dispersal(kalmar, weak, weight=None, random_state=4)
    assert (first["se"] != other["se"]).any()


def test_tables_have_the_tidy_columns(kalmar):
    table = morans_i(kalmar, "employment_rate", n_permutations=9)
    assert list(table.columns) == [*TIDY, "p_value", "p_value_low", "expected", "n_isolates"]


def test_input_is_not_changed(kalmar):
    before = kalmar.copy()
    morans_i(kalmar, "employment_rate", n_permutations=9)
    dispersal(kalmar, kalmar["employment_rate"] < 75, weight=None, n_permutations=9)
    assert before.equals(kalmar)


def test_morans_i_errors():
    cells = grid(2, value=[1.0, 1.0, 1.0, 1.0])
    with pytest.raises(InputError, match="same in every area"):
        morans_i(cells, "value")
    with pytest.raises(UnknownNameError, match="income"):
        morans_i(cells, "income")
    with pytest.raises(InputError, match="needs at least 2"):
        morans_i(cells.assign(value=[1.0, np.nan, np.nan, np.nan]), "value")
    apart = cells.assign(value=[1.0, 2.0, 3.0, 4.0]).iloc[[0, 3]]
    with pytest.raises(InputError, match="links no two areas"):
        morans_i(apart, "value", graph=graphs.contiguity(apart, rule="rook"))
    with pytest.raises(UnknownNameError, match="graph: lacks areas"):
        morans_i(apart, "value", graph=graphs.contiguity(cells.iloc[:1]))
    with pytest.raises(InputError, match="n_permutations"):
        morans_i(apart, "value", n_permutations=0)
    with pytest.raises(InputError, match="random_state"):
        morans_i(apart, "value", random_state=None)
    with pytest.raises(InputError, match="one row per area"):
        morans_i(gpd.GeoDataFrame(pd.concat([cells, cells])), "value")


def test_mask_errors():
    cells = grid(2)
    with pytest.raises(InputError, match="another index"):
        join_counts(cells, pd.Series([True] * 4, index=[1, 2, 3, 4]))
    with pytest.raises(InputError, match=r"mask: is missing \(01\)"):
        join_counts(cells, pd.Series([True, None, False, True]))
    with pytest.raises(InputError, match="must be True or False"):
        join_counts(cells, pd.Series([1, 2, 0, 0]))
    with pytest.raises(UnknownNameError, match="poor"):
        join_counts(cells, "poor")
    with pytest.raises(InputError, match="weak: is list"):
        dispersal(cells, [True, False, True, False])
    with pytest.raises(InputError, match="missing values"):
        dispersal(cells.assign(population=[1.0, np.nan, 1.0, 1.0]), pd.Series([True] * 4))
