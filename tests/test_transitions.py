from __future__ import annotations

from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from shapely import box

from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.profiles.transitions import (
    first_passage,
    mobility,
    sequence_distances,
    sequences,
    spatial_markov,
    steady_state,
    transition_counts,
    transition_matrix,
    turnarounds,
)

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "transitions_giddy.csv", dtype=str)

PUBLISHED = ["bac", "cca", "cbc", "aab", "abc"]
SIDE, PERIODS = 6, 6


def panel_of(paths, **columns):
    """One area for each path, one period for each state; a space is a missing row."""
    rows = [
        (f"a{k:02d}", t, state)
        for k, path in enumerate(paths)
        for t, state in enumerate(path)
        if state != " "
    ]
    return pd.DataFrame(rows, columns=["area_id", "period", "profile"]).assign(**columns)


def oracle(data, statistic, shape=()):
    """The stored values whose name is the statistic and then numbers."""
    rows = ORACLE[ORACLE["data"] == data]
    found = rows[rows["statistic"].str.fullmatch(f"{statistic}( \\d+)*")]["value"].astype(float).to_numpy()
    return found.reshape(shape) if shape else float(found.item())


def grid_values():
    i, t = np.arange(SIDE**2)[:, None], np.arange(PERIODS)[None, :]
    return ((37 * i + 101 * t + 17 * i * t) % 97) + 30.0 * (i % SIDE) + (i * PERIODS + t) / 1000


def grid_panel(values=None):
    """A square of cells with a value in each period, the input of the oracle."""
    values = grid_values() if values is None else values
    cells = [box(c, r, c + 1, r + 1) for r in range(SIDE) for c in range(SIDE)]
    n, t = values.shape
    table = {
        "area_id": np.repeat([f"a{k:02d}" for k in range(n)], t),
        "period": np.tile(np.arange(2000, 2000 + t), n),
        "value": values.ravel(),
        "profile": np.searchsorted(np.quantile(values, [0.25, 0.5, 0.75]), values.ravel()) + 1,
    }
    return gpd.GeoDataFrame(table, geometry=np.repeat(cells, t), crs=3006)


@pytest.fixture(scope="module")
def us_states():
    rows = ORACLE[ORACLE["statistic"].str.startswith("quintiles")]
    return panel_of(rows["value"])


@pytest.fixture(scope="module")
def fitted():
    return spatial_markov(grid_panel(), "value", n_states=3, n_lag_states=4, n_permutations=99)


def test_published_sequences():
    matrix = transition_matrix(panel_of(PUBLISHED), "profile")
    expected = [[0.25, 0.5, 0.25], [1 / 3, 0, 2 / 3], [1 / 3, 1 / 3, 1 / 3]]
    assert np.abs(matrix.to_numpy() - expected).max() < 1e-12
    assert matrix.index.tolist() == matrix.columns.tolist() == ["a", "b", "c"]
    assert (matrix.index.name, matrix.columns.name) == ("from", "to")
    assert steady_state(matrix).tolist() == pytest.approx([0.30769231, 0.28846154, 0.40384615], abs=1e-8)


def test_published_quintiles_of_us_states(us_states):
    matrix = transition_matrix(us_states, "profile")
    diagonal = [0.9101, 0.7853, 0.7888, 0.7981, 0.9274]
    assert np.diag(matrix).tolist() == pytest.approx(diagonal, abs=6e-5)
    share = [0.20774716, 0.18725774, 0.20740537, 0.18821787, 0.20937187]
    assert steady_state(matrix).tolist() == pytest.approx(share, abs=1e-8)
    assert mobility(matrix) == pytest.approx(0.19759, abs=1e-5)
    initial = [0.1, 0.2, 0.2, 0.4, 0.1]
    assert mobility(matrix, "bartholomew", initial=initial) == pytest.approx(0.22777, abs=1e-5)
    assert mobility(matrix, "bartholomew_2", initial=initial) == pytest.approx(0.04637, abs=1e-5)


@pytest.mark.parametrize("data", ["grid", "us states"])
def test_chain_equals_giddy(data, us_states):
    panel = grid_panel() if data == "grid" else us_states
    matrix, n = transition_matrix(panel, "profile"), 4 if data == "grid" else 5
    assert np.abs(matrix.to_numpy() - oracle(data, "p", (n, n))).max() < 1e-9
    assert (transition_counts(panel, "profile").to_numpy() == oracle(data, "transitions", (n, n))).all()
    assert np.abs(steady_state(matrix).to_numpy() - oracle(data, "steady_state", (n,))).max() < 1e-9
    times = oracle(data, "mfpt", (n, n))
    assert np.abs(first_passage(matrix).to_numpy() / times - 1).max() < 1e-9
    names = {
        "prais": "P",
        "determinant": "D",
        "second_eigenvalue": "L2",
        "bartholomew": "B1",
        "bartholomew_2": "B2",
    }
    initial = np.arange(1, n + 1) / np.arange(1, n + 1).sum()
    for name, letter in names.items():
        assert mobility(matrix, name) == pytest.approx(oracle(data, f"mobility {letter}"), abs=1e-9)
        if letter.startswith("B"):
            expected = oracle(data, f"mobility {letter} ini")
            assert mobility(matrix, name, initial=initial) == pytest.approx(expected, abs=1e-9)


def test_counts_by_weight_take_the_weight_at_the_start():
    panel = panel_of(["ab", "bb"], population=[10.0, 99.0, 5.0, 77.0])
    counts = transition_counts(panel, "profile", weight="population")
    assert counts.to_numpy().tolist() == [[0, 10], [0, 5]]
    with pytest.raises(InputError, match="population: has values under 0"):
        transition_counts(panel.assign(population=-1.0), "profile", weight="population")


def test_gaps_make_no_transition_and_are_counted():
    with pytest.warns(
        DataWarning, match=r"leaves out 2 of 4 transitions, where an area lacks a state \(a00\)"
    ):
        counts = transition_counts(panel_of(["a b", "abb"]), "profile")
    assert counts.to_numpy().tolist() == [[0, 1], [0, 1]]


def test_missing_states_are_errors_or_counted():
    panel = panel_of(["aab", "abb"])
    panel.loc[0, "profile"] = None
    with pytest.raises(InputError, match=r"profile: has 1 missing values \(a00 0\)"):
        transition_counts(panel, "profile")
    with pytest.warns(DataWarning) as warned:
        counts = transition_counts(panel, "profile", missing="drop")
    assert [str(w.message)[:30] for w in warned] == [
        "profile: leaves out 1 rows wit",
        "panel: leaves out 1 of 4 trans",
    ]
    assert counts.to_numpy().tolist() == [[0, 2], [0, 1]]


def test_states_keep_the_order_asked_for_and_unknown_ones_are_errors():
    panel = panel_of(PUBLISHED)
    counts = transition_counts(panel, "profile", states=["c", "a", "b"])
    assert counts.loc["a", "b"] == 2
    assert counts.index.tolist() == ["c", "a", "b"]
    kind = pd.CategoricalDtype(["c", "b", "a", "z"], ordered=True)
    assert transition_counts(panel.astype({"profile": kind}), "profile").index.tolist() == ["c", "b", "a"]
    with pytest.raises(InputError, match=r"lacks states of 'profile' \(c\)"):
        transition_counts(panel, "profile", states=["a", "b"])
    with pytest.raises(InputError, match="each named once"):
        transition_counts(panel, "profile", states=["a", "a"])
    with pytest.raises(UnknownNameError, match="type"):
        transition_counts(panel, "type")
    with pytest.raises(InputError, match="fewer than two periods"):
        transition_counts(panel[panel["period"] == 0], "profile")
    with pytest.raises(InputError, match="more than one row"):
        transition_counts(pd.concat([panel, panel], ignore_index=True), "profile")
    with pytest.warns(DataWarning), pytest.raises(InputError, match="has no transition"):
        transition_counts(panel_of(["a ", " b"]), "profile")


def test_states_without_transitions_have_no_chances():
    panel = panel_of(["ab", "aa"])
    with pytest.warns(DataWarning, match=r"chances are not known \(b\)"):
        matrix = transition_matrix(panel, "profile")
    assert matrix.loc["b"].isna().all()
    with pytest.raises(InputError, match=r"has no chances for the states \(b\)"):
        steady_state(matrix)


def test_steady_state_names_recurrent_classes_and_empties_transient_states():
    two = pd.DataFrame([[0.5, 0.5, 0], [0.2, 0.8, 0], [0, 0, 1]], index=list("xyz"), columns=list("xyz"))
    with pytest.raises(InputError, match=r"2 recurrent classes, \{x, y\}; \{z\}"):
        steady_state(two)
    transient = [[0.5, 0.25, 0.25], [0, 0.5, 0.5], [0, 0.25, 0.75]]
    assert steady_state(transient).tolist() == pytest.approx([0, 1 / 3, 2 / 3])
    assert steady_state([[0, 1], [1, 0]]).tolist() == [0.5, 0.5]


def test_first_passage_by_hand_and_where_it_may_never_come():
    rain = [[0.5, 0.25, 0.25], [0.5, 0, 0.5], [0.25, 0.25, 0.5]]
    expected = [[2.5, 4, 10 / 3], [8 / 3, 5, 8 / 3], [10 / 3, 4, 2.5]]
    assert np.abs(first_passage(rain).to_numpy() - expected).max() < 1e-12
    # From the middle both ends may be reached, none for certain; the ends are not left.
    ends = first_passage([[1, 0, 0], [0.25, 0.5, 0.25], [0, 0, 1]]).to_numpy()
    inf = np.inf
    assert ends.tolist() == [[1, inf, inf], [inf, inf, inf], [inf, inf, 1]]
    sure = first_passage([[0.5, 0.5], [0, 1]]).to_numpy()
    assert sure.tolist() == [[inf, 2], [inf, 1]]


def test_return_times_are_inverse_steady_state():
    matrix = transition_matrix(grid_panel(), "profile")
    times = np.diag(first_passage(matrix))
    assert (times * steady_state(matrix)).tolist() == pytest.approx([1] * 4)


def test_mobility_ends():
    stay, forget = np.eye(3), np.full((3, 3), 1 / 3)
    for measure in ("prais", "determinant", "second_eigenvalue", "bartholomew"):
        assert mobility(stay, measure) == pytest.approx(0)
        assert mobility(forget, measure) == pytest.approx(1)
    assert mobility(stay, "bartholomew_2") == 0
    assert mobility([[0, 1], [1, 0]], "bartholomew_2") == 1
    assert mobility([[0, 1], [1, 0]], "prais") == 2
    start = pd.Series({"b": 0.0, "a": 1.0})
    matrix = pd.DataFrame([[0.5, 0.5], [0, 1]], index=["a", "b"], columns=["a", "b"])
    assert mobility(matrix, "bartholomew", initial=start) == 1


def test_matrix_errors():
    with pytest.raises(InputError, match="must be square"):
        steady_state([[0.5, 0.5]])
    with pytest.raises(InputError, match=r"sum to 1 in each row \(1\)"):
        first_passage([[0.5, 0.5], [3, 1]])
    with pytest.raises(InputError, match="must be numbers"):
        steady_state([["a", "b"], ["c", "d"]])
    with pytest.raises(InputError, match="needs at least 2"):
        mobility([[1.0]])
    with pytest.raises(InputError, match="measure"):
        mobility(np.eye(2), "shorrocks")
    with pytest.raises(InputError, match="must be 2 shares"):
        mobility(np.eye(2), "bartholomew", initial=[0.5, 0.6])
    with pytest.raises(InputError, match="states of the matrix"):
        mobility(np.eye(2), "bartholomew", initial=pd.Series([0.5, 0.5], index=["a", "b"]))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.text("abc", min_size=4, max_size=4), min_size=2, max_size=8))
def test_counts_equal_a_plain_count_and_margins(texts):
    counts = transition_counts(panel_of(texts), "profile")
    pairs = [text[k : k + 2] for text in texts for k in range(3)]
    for start in counts.index:
        for end in counts.columns:
            assert counts.loc[start, end] == pairs.count(start + end)
    order = transition_counts(panel_of(texts).sample(frac=1, random_state=1), "profile")
    pd.testing.assert_frame_equal(order, counts)


def test_spatial_markov_equals_giddy(fitted):
    assert np.abs(fitted.counts.to_numpy() - oracle("grid", "T", (12, 3))).max() < 1e-9
    assert np.abs(fitted.matrices.fillna(0).to_numpy() - oracle("grid", "P", (12, 3))).max() < 1e-9
    assert fitted.cuts == pytest.approx(oracle("grid", "cutoffs", (2,)), abs=1e-9)
    assert fitted.lag_cuts == pytest.approx(oracle("grid", "lag_cutoffs", (3,)), abs=1e-9)
    tests = fitted.tests.set_index(["lag_state", "test"])
    assert tests.loc[("all", "chi_square"), "statistic"] == pytest.approx(oracle("grid", "Q"), abs=1e-9)
    assert tests.loc[("all", "likelihood_ratio"), "statistic"] == pytest.approx(
        oracle("grid", "LR"), abs=1e-9
    )
    assert tests.loc[("all", "chi_square"), "df"] == oracle("grid", "dof_hom")
    for test, name in (("chi_square", "Q_p_value"), ("likelihood_ratio", "LR_p_value")):
        assert tests.loc[("all", test), "p_value"] == pytest.approx(oracle("grid", name), abs=1e-9)
    each = tests.xs("chi_square", level="test").loc[[1, 2, 3, 4], "statistic"]
    assert np.abs(each.to_numpy() - oracle("grid", "chi2", (4,))).max() < 1e-9


def test_spatial_markov_parts_sum_to_the_whole(fitted):
    tests = fitted.tests.set_index(["test", "lag_state"])["statistic"]
    for test in ("chi_square", "likelihood_ratio"):
        assert tests[test].drop("all").sum() == pytest.approx(tests[test]["all"])
    assert fitted.n_transitions == fitted.counts.to_numpy().sum() == 36 * 5
    assert (fitted.n_areas, fitted.n_left_out) == (36, 0)
    whole = fitted.counts.groupby("from").sum()
    expected = whole.div(whole.sum(axis=1), axis=0)
    assert np.abs(fitted.matrix.to_numpy() - expected.to_numpy()).max() < 1e-12
    summary = fitted.summary
    assert summary.index.tolist() == ["all", 1, 2, 3, 4]
    assert summary["n_transitions"].tolist()[0] == summary["n_transitions"].iloc[1:].sum() == 180
    shares = summary[["down", "stay", "up"]].sum(axis=1)
    assert shares.tolist() == pytest.approx([1] * 5)
    moved = np.triu(whole.to_numpy(), 1).sum() / 180
    assert summary.loc["all", "up"] == pytest.approx(moved)


def test_spatial_markov_counts_by_a_plain_search(fitted):
    values = grid_values()
    counts = np.zeros((4, 3, 3))
    for k in range(36):
        near = [m for m in range(36) if m != k and abs(m // 6 - k // 6) <= 1 and abs(m % 6 - k % 6) <= 1]
        for t in range(5):
            lag = sum(values[near, t].mean() > cut for cut in fitted.lag_cuts)
            start, end = (sum(values[k, u] > cut for cut in fitted.cuts) for u in (t, t + 1))
            counts[lag, start, end] += 1
    assert (fitted.counts.to_numpy() == counts.reshape(12, 3)).all()


def test_spatial_markov_finds_a_planted_effect_of_neighbors():
    # Everyone starts alike but for a little; areas with strong neighbors rise, the others fall.
    start = grid_values()[:, :1] / 1000 + (np.arange(36) % 6 > 2)[:, None] * 1.0
    lag = np.array(
        [np.mean([start[m, 0] for m in (k - 1, k + 1, k - 6, k + 6) if 0 <= m < 36]) for k in range(36)]
    )
    planted = np.column_stack([start[:, 0], start[:, 0] + np.where(lag > 0.5, 2.0, -2.0)])
    found = spatial_markov(grid_panel(planted), "value", cuts=[-1.0, 1.6], n_lag_states=2, n_permutations=199)
    assert (found.tests["p_permutation"].iloc[:2] <= 0.01).all()
    assert (found.tests["p_value"].iloc[:2] < 0.01).all()


def test_chances_are_even_when_areas_lie_at_random():
    options = {"n_states": 2, "n_lag_states": 2, "n_permutations": 19}
    chances = []
    for seed in range(40):
        mixed = np.random.default_rng(seed).permutation(grid_values())
        table = spatial_markov(grid_panel(mixed), "value", **options, random_state=seed).tests
        chances.append(table["p_permutation"].iloc[0])
    # Of 40 even chances 8 are expected to be 0.2 or less.
    assert 1 <= (np.array(chances) <= 0.2 + 1e-9).sum() <= 17
    assert 0.3 < np.mean(chances) < 0.7


def test_permutations_move_areas_with_their_history():
    # Two areas that are each other's neighbors: changing places changes nothing.
    graph = Graph.from_arrays(["a", "b"], ["b", "a"], [1.0, 1.0])
    panel = pd.DataFrame(
        {"area_id": list("ab") * 3, "period": [1, 1, 2, 2, 3, 3], "value": [1.0, 5.0, 6.0, 2.0, 3.0, 7.0]}
    )
    found = spatial_markov(panel, "value", graph=graph, n_states=2, n_lag_states=2, n_permutations=19)
    assert (found.tests["p_permutation"] == 1).all()


def test_isolates_and_gaps_are_left_out_and_counted():
    panel = grid_panel()
    far = panel[panel["area_id"] == "a00"].assign(area_id="z", value=lambda t: t["value"] + 0.5)
    far = far.set_geometry(far.translate(100))
    both = gpd.GeoDataFrame(pd.concat([panel, far], ignore_index=True), crs=3006)
    cuts = {"cuts": [100.0, 150.0], "lag_cuts": [110.0, 130.0]}
    plain, more = spatial_markov(panel, "value", **cuts), spatial_markov(both, "value", **cuts)
    pd.testing.assert_frame_equal(plain.counts, more.counts)
    assert (more.n_left_out, more.n_areas) == (5, 37)
    gap = panel[~((panel["area_id"] == "a14") & (panel["period"] == 2003))]
    fewer = spatial_markov(gap, "value", **cuts, n_permutations=9)
    assert fewer.n_left_out == 2
    assert fewer.tests["p_permutation"].between(0.1, 1).all()
    missing = panel.assign(value=panel["value"].where(panel.index.isin(gap.index)))
    with pytest.warns(DataWarning, match="leaves out 1 rows"):
        dropped = spatial_markov(missing, "value", **cuts, missing="drop")
    pd.testing.assert_frame_equal(fewer.counts, dropped.counts)
    with pytest.raises(InputError, match=r"1 missing values \(a14 2003\)"):
        spatial_markov(missing, "value", **cuts)


def test_spatial_markov_same_answer_whatever_threads_and_blocks(monkeypatch, fitted):
    options = {"n_states": 3, "n_lag_states": 4, "n_permutations": 99}
    threads = spatial_markov(grid_panel(), "value", **options, n_jobs=2)
    monkeypatch.setattr("segkit.profiles.transitions._spatial._CELLS", 36 * 5 * 7)
    blocks = spatial_markov(grid_panel(), "value", **options, n_jobs=-1)
    pd.testing.assert_frame_equal(fitted.tests, threads.tests)
    pd.testing.assert_frame_equal(fitted.tests, blocks.tests)
    other = spatial_markov(grid_panel(), "value", **options, random_state=1)
    assert (other.tests["p_permutation"] != fitted.tests["p_permutation"]).any()


def test_spatial_markov_errors():
    panel = grid_panel()
    with pytest.raises(InputError, match="n_states: is 1"):
        spatial_markov(panel, "value", n_states=1)
    with pytest.raises(InputError, match=r"n_states: is 5, but the values are too alike"):
        spatial_markov(panel.assign(value=panel["period"] % 3), "value")
    with pytest.raises(InputError, match="cuts: is .* rising numbers"):
        spatial_markov(panel, "value", cuts=[2, 1])
    with pytest.raises(InputError, match="n_permutations"):
        spatial_markov(panel, "value", n_permutations=-1)
    with pytest.raises(UnknownNameError, match="geometry"):
        spatial_markov(pd.DataFrame(panel.drop(columns="geometry")), "value")
    with pytest.raises(UnknownNameError, match="graph: lacks areas"):
        spatial_markov(panel, "value", graph=Graph.from_arrays(["a00"], ["a01"], [1.0]))
    few = panel[panel["area_id"].isin(["a00", "a35"])]
    with pytest.raises(InputError, match="links no two areas"):
        spatial_markov(few, "value", n_states=2)
    with pytest.raises(InputError, match="no transition of an area that has neighbors"):
        spatial_markov(few, "value", n_states=2, lag_cuts=[1.0])


def test_sequences_by_hand():
    table = sequences(panel_of(["aab", "abb", "aab", "bbb"]), "profile")
    assert table["states"].tolist() == [("a", "a", "b"), ("a", "b", "b"), ("b", "b", "b")]
    assert table["n_areas"].tolist() == [2, 1, 1]
    assert table["share"].tolist() == [0.5, 0.25, 0.25]
    assert table["n_changes"].tolist() == [1, 1, 0]
    assert table["area_ids"].tolist() == [("a00", "a02"), ("a01",), ("a03",)]
    with pytest.warns(DataWarning, match=r"leaves out 1 of 3 areas.*some period \(a01\)"):
        fewer = sequences(panel_of(["aa", "a ", "ab"]), "profile")
    assert fewer["area_ids"].explode().tolist() == ["a00", "a02"]
    with pytest.raises(InputError, match="no area with a state in every period"):
        sequences(panel_of(["a ", " a"]), "profile")


def plain_distance(left, right, cost, indel):
    table = np.zeros((len(left) + 1, len(right) + 1))
    table[:, 0], table[0] = indel * np.arange(len(left) + 1), indel * np.arange(len(right) + 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            table[i + 1, j + 1] = min(
                table[i, j] + cost(a, b), table[i, j + 1] + indel, table[i + 1, j] + indel
            )
    return table[-1, -1]


@pytest.mark.parametrize(
    ("kind", "peer"), [("unit", "unit"), ("interval", "interval"), ("transition", "markov")]
)
def test_distances_equal_giddy(kind, peer):
    panel = grid_panel()
    panel = panel[panel["area_id"] < "a12"]
    found = sequence_distances(panel, "profile", substitution=kind, states=[1, 2, 3, 4])
    number = found.areas.loc[[f"a{k:02d}" for k in range(12)]]
    assert (
        np.abs(
            found.distances.loc[number, number].to_numpy() - oracle("grid", f"distance {peer}", (12, 12))
        ).max()
        < 1e-9
    )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(st.text("abc", min_size=5, max_size=5), min_size=2, max_size=7), st.sampled_from([0.4, 1.0, 3.0])
)
def test_distances_equal_a_plain_alignment(texts, indel):
    found = sequence_distances(panel_of(texts), "profile", indel=indel)
    assert len(found.sequences) == len(set(texts))
    for k, m in combinations(range(len(texts)), 2):
        at_hand = found.distances.loc[found.areas[f"a{k:02d}"], found.areas[f"a{m:02d}"]]
        expected = plain_distance(texts[k], texts[m], lambda a, b: float(a != b), indel)
        assert at_hand == pytest.approx(expected)
    values = found.distances.to_numpy()
    assert (values == values.T).all()
    assert (np.diag(values) == 0).all()
    assert (values + np.eye(len(values)) > 0).all()


def test_distances_with_stated_costs_and_in_blocks(monkeypatch):
    panel = panel_of(["aab", "abc", "cba", "ccc", "bca"])
    cost = pd.DataFrame([[0, 1, 3], [1, 0, 2], [3, 2, 0]], index=list("abc"), columns=list("abc"))
    found = sequence_distances(panel, "profile", substitution=cost.loc[list("bca"), list("cab")])
    assert found.indel == 3
    assert found.distances.loc[found.areas["a01"], found.areas["a02"]] == 6
    assert found.substitution.loc["a", "c"] == 3
    monkeypatch.setattr("segkit.profiles.transitions._sequences._PAIRS", 4)
    blocks = sequence_distances(panel, "profile", substitution=cost)
    pd.testing.assert_frame_equal(found.distances, blocks.distances)


def test_distance_errors():
    panel = panel_of(["ab", "ba"])
    square = pd.DataFrame([[0, 1], [2, 0]], index=list("ab"), columns=list("ab"))
    with pytest.raises(InputError, match="must be symmetric"):
        sequence_distances(panel, "profile", substitution=square)
    with pytest.raises(InputError, match="0 from a state to itself"):
        sequence_distances(panel, "profile", substitution=square + 1)
    with pytest.raises(InputError, match=r"each state once among its rows \(b\)"):
        sequence_distances(panel, "profile", substitution=square.loc[["a"]])
    with pytest.raises(InputError, match="indel"):
        sequence_distances(panel, "profile", indel=-1)
    with pytest.raises(InputError, match="substitution"):
        sequence_distances(panel, "profile", substitution="hamming")


def test_turnarounds_by_hand():
    rows = {"a": [1, 1, 2, 3], "b": [1, 2, 1, 2], "c": [2, 3, 3, 3], "d": [1, 3, 3, 1], "e": [1, 3, 2, 2]}
    panel = pd.DataFrame(
        [(k, 2020 + t, f"Area {k}", p) for k, path in rows.items() for t, p in enumerate(path)],
        columns=["area_id", "period", "name", "profile"],
    )
    table = turnarounds(panel, "profile")
    assert table["area_id"].tolist() == ["a", "b", "e"]
    assert table["name"].tolist() == ["Area a", "Area b", "Area e"]
    assert table[["start", "end", "rise"]].to_numpy().tolist() == [[1, 3, 2], [1, 2, 1], [1, 2, 1]]
    assert table["since"].tolist() == [2022, 2023, 2021]
    assert table["n_periods"].tolist() == [2, 1, 3]
    assert turnarounds(panel, "profile", at_least=2)["area_id"].tolist() == ["a"]
    wider = turnarounds(panel, "profile", weakest=2)
    assert wider["area_id"].tolist() == ["a", "c"]
    assert wider["since"].tolist() == [2023, 2021]
    assert turnarounds(panel, "profile", at_least=4).empty
    gap = panel[~((panel["area_id"] == "a") & (panel["period"] == 2022))]
    assert turnarounds(gap, "profile")[["since", "n_periods"]].iloc[0].tolist() == [2023, 1]
    late = panel[~((panel["area_id"] == "a") & (panel["period"] == 2020))]
    with pytest.warns(DataWarning, match=r"leaves out 1 of 5 areas.*first or the last period \(a\)"):
        assert turnarounds(late, "profile")["area_id"].tolist() == ["b", "e"]


def test_turnaround_errors():
    panel = pd.DataFrame({"area_id": ["a", "a"], "period": [1, 2], "profile": [0, 2]})
    with pytest.raises(InputError, match="whole numbers from 1"):
        turnarounds(panel, "profile")
    with pytest.raises(InputError, match="weakest"):
        turnarounds(panel, "profile", weakest=0)
    with pytest.raises(InputError, match="text where a number belongs"):
        turnarounds(panel_of(PUBLISHED), "profile")


def test_input_is_not_changed():
    panel = grid_panel()
    before = panel.copy()
    spatial_markov(panel, "value", n_states=3, n_lag_states=3, n_permutations=3)
    transition_matrix(panel, "profile")
    sequence_distances(panel, "profile")
    turnarounds(panel, "profile")
    assert before.equals(panel)
