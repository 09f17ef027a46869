"""Peers, fans, risers against chance, and what else changed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import areas
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.profiles.transitions import peers, trajectory_fan, turnaround_test, what_changed


def panel_of(values, first=2020, **columns):
    values = np.asarray(values, dtype=float)
    n, t = values.shape
    panel = pd.DataFrame(
        {
            "area_id": np.repeat([f"a{k:03d}" for k in range(n)], t),
            "period": np.tile(first + np.arange(t), n),
            "name": np.repeat([f"Area {k}" for k in range(n)], t),
            "y": values.ravel(),
        }
    )
    return panel.assign(**{name: np.asarray(column, dtype=float).ravel() for name, column in columns.items()})


def test_distance_by_hand():
    x, z = [[0, 2], [0, 4], [0, 0], [0, 6]], [[1, 1], [1, 3], [1, 1], [1, 3]]
    panel = panel_of(x, z=z)
    table = peers(panel, "a000", ["y", "z"], path=0).set_index("area_id")
    sd_y, sd_z = np.std([2, 4, 0, 6]), 1.0
    assert table.loc["a001", "distance"] == pytest.approx(np.sqrt(((2 / sd_y) ** 2 + (2 / sd_z) ** 2) / 2))
    assert table.loc["a002", "distance"] == pytest.approx(np.sqrt((2 / sd_y) ** 2 / 2))
    assert table.index.tolist() == ["a002", "a001", "a003"]
    assert table["most_unlike"].tolist() == ["y", "z", "z"]
    assert table.loc["a002", "share"] == pytest.approx(1)
    assert "y_change" not in table
    assert table["distance_path"].isna().all()


def test_path_counts_by_its_part():
    panel = panel_of([[0, 5], [5, 5], [1, 6], [9, 20]])
    level = peers(panel, "a000", ["y"], path_weight=0)
    assert level["area_id"].tolist() == ["a001", "a002", "a003"]
    course = peers(panel, "a000", ["y"], path_weight=1)
    assert course["area_id"].tolist() == ["a002", "a001", "a003"]
    assert course.loc[0, ["distance", "most_unlike", "share"]].tolist() == [0.0, "", 0.0]
    both = peers(panel, "a000", ["y"]).set_index("area_id")
    squares = (both["distance_level"] ** 2 + both["distance_path"] ** 2) / 2
    assert both["distance"].to_numpy() == pytest.approx(np.sqrt(squares).to_numpy())
    assert both.loc["a001", ["y", "y_change"]].tolist() == [5.0, 0.0]


def test_ties_come_along_and_share_a_rank():
    panel = panel_of([[0], [1], [-1], [2], [-2], [5]])
    table = peers(panel, "a000", ["y"], path=0, n=3)
    assert table["area_id"].tolist() == ["a001", "a002", "a003", "a004"]
    assert table["rank"].tolist() == [1, 1, 3, 3]


@given(st.floats(-100, 100), st.floats(0.1, 100))
@settings(max_examples=25, deadline=None)
def test_units_do_not_matter(shift, factor):
    rng = np.random.default_rng(0)
    panel = panel_of(rng.normal(size=(12, 3)), z=rng.normal(size=(12, 3)))
    other = panel.assign(z=panel["z"] * factor + shift)
    one, two = (peers(p, "a000", ["y", "z"], n=4) for p in (panel, other))
    assert one["area_id"].tolist() == two["area_id"].tolist()
    assert one["distance"].to_numpy() == pytest.approx(two["distance"].to_numpy())


def test_earlier_peers_and_scales():
    values = [[0, 0, 10.0], [10, 20, 30], [0, 10, 20], [50, 60, 71]]
    panel = panel_of(values)
    table = peers(panel, "a000", ["y"], path=0, when="earlier", n=2).set_index("area_id")
    assert table["period"].to_dict() == {"a001": 2020, "a002": 2021}
    assert table["distance"].tolist() == [0.0, 0.0]
    # Frozen in another period: all distances in that unit.
    now, then = (peers(panel, "a000", ["y"], path=0, scale=s)["distance"] for s in (None, 2020))
    assert (now / then).to_numpy() == pytest.approx(np.std([0, 10, 0, 50]) / np.std([10, 30, 20, 71]))
    risen = panel.assign(y=panel["y"] + 1000 * (panel["period"] - 2020))
    one, two = (
        peers(p, "a000", ["y"], path=1, when="earlier", scale="period")["distance"] for p in (panel, risen)
    )
    assert one.to_numpy() == pytest.approx(two.to_numpy())


def test_areas_without_figures_are_named():
    panel = panel_of([[0, 1], [1, 2], [2, 4], [3, 3]])
    panel.loc[3, "y"] = np.nan
    with pytest.warns(DataWarning, match=r"leaves out 1 of 3 areas, which lack figures \(a001\)"):
        assert peers(panel, "a000", ["y"])["area_id"].tolist() == ["a003", "a002"]
    # The newest period in which the area itself has figures.
    panel.loc[1, "y"] = np.nan
    assert peers(panel, "a000", ["y"], path=0)["period"].unique().tolist() == [2020]


BAD_PEERS = [
    ({"area": "b"}, UnknownNameError, r"area: is not in the panel \(b\)"),
    ({"period": 2030}, UnknownNameError, r"period: is not in the panel \(2030\)"),
    ({"period": 2020}, InputError, "path: is 1, but 2020 has 0 periods before it. Use path=0"),
    ({"columns": "y"}, InputError, "columns: is 'y', must be a list"),
    ({"columns": ["y", "y"]}, InputError, "columns: must be different"),
    ({"columns": ["no"]}, UnknownNameError, "lacks the column"),
    ({"columns": ["flat"]}, InputError, r"columns: do not tell areas apart in 2021 .*\(flat\)"),
    ({"columns": ["gap"]}, InputError, "area: has no period with gap and again 1 before"),
    (
        {"columns": ["gap"], "period": 2021, "path": 0},
        InputError,
        r"area: a000 lacks figures in 2021 \(gap\)",
    ),
    ({"when": "later"}, InputError, "when: is 'later'"),
    ({"when": "earlier"}, InputError, "when: is 'earlier', but no period before 2021 is left"),
    ({"path_weight": 2}, InputError, "path_weight: is 2"),
    ({"scale": 2020}, InputError, "scale: 2020 has no 1 periods before it"),
    ({"n": 0}, InputError, "n: is 0"),
]


@pytest.mark.parametrize(("changed", "error", "rule"), BAD_PEERS)
def test_bad_input_of_peers(changed, error, rule):
    gap = [[np.nan, np.nan], [1, 2], [2, 4]]
    panel = panel_of([[0, 1], [1, 2], [2, 4]], flat=np.ones((3, 2)), gap=gap)
    with pytest.raises(error, match=rule):
        peers(panel, **({"area": "a000", "columns": ["y"]} | changed))


def test_no_peer_has_figures():
    panel = panel_of([[0, 1], [1, 2], [2, 4]])
    panel.loc[[3, 5], "y"] = np.nan
    with pytest.raises(InputError, match=r"no other area with figures to compare \(a001, a002\)"):
        peers(panel, "a000", ["y"], path=0, period=2021, scale=2020)


def test_fan_by_hand():
    values = [[10, 20], [10, 12], [10, 13], [10, 15], [10, 11], [10, 19]]
    like = pd.DataFrame({"area_id": [f"a00{k}" for k in range(1, 6)], "period": 2020})
    fan = trajectory_fan(panel_of(values), "a000", "y", like, horizon=1)
    ends = fan[fan["step"] == 1].set_index("quantile")["value"]
    # Changes 1, 2, 3, 5, 9: the median is 3, the quarter lies halfway between the first two.
    assert ends[0.5] == 23
    assert ends[0.25] == 21.5
    assert np.isnan(ends[0.1])
    assert np.isnan(ends[0.9])
    assert fan.loc[fan["step"] == 0, "value"].eq(20).all()
    assert fan["n_paths"].eq(5).all()
    assert fan["period"].tolist() == [2021] * 5 + [2022] * 5
    assert fan["kind"].unique().tolist() == ["descriptive, not a forecast"]


def test_fan_says_where_series_are_too_short():
    panel = areas.load_example("kalmar", "regso")
    columns = ["mean_wage_income", "foreign_born_share"]
    like = peers(panel, "0880R012", columns, when="earlier", n=8)
    with pytest.warns(DataWarning, match=r"no peer can be followed to the steps \(2, 3\)"):
        fan = trajectory_fan(panel, "0880R012", "mean_wage_income", like, horizon=3)
    assert fan.loc[fan["step"] == 3, "value"].isna().all()
    now = peers(panel, "0880R012", columns)
    with pytest.raises(InputError, match="none has figures 1 to 2 after .*when='earlier'"):
        trajectory_fan(panel, "0880R012", "mean_wage_income", now, horizon=2)


def test_fan_follows_years_not_rows():
    panel = panel_of([[1, 2, 3], [1, 4, 9], [1, 6, 8], [1, 5, 7]])
    panel["period"] = panel["period"].map({2020: 2014, 2021: 2018, 2022: 2022})
    like = pd.DataFrame({"area_id": ["a001", "a002", "a003"], "period": 2014})
    with pytest.warns(DataWarning, match="1, 2, 3"):
        fan = trajectory_fan(panel, "a000", "y", like, horizon=4, quantiles=[0.5])
    assert fan["n_paths"].tolist() == [3, 0, 0, 0, 3]
    assert fan["value"].iloc[-1] == 3 + 4


BAD_FANS = [
    ({"area": "b"}, UnknownNameError, "area: is not in the panel"),
    ({"period": 1999}, UnknownNameError, "period: is not in the panel"),
    ({"horizon": 0}, InputError, "horizon: is 0"),
    ({"quantiles": [50]}, InputError, "quantiles: is 50"),
    ({"peers": pd.DataFrame({"area_id": ["x"], "period": [2020]})}, UnknownNameError, r"peers: .*\(x\)"),
    (
        {"peers": pd.DataFrame({"area_id": ["a000"], "period": [2020]})},
        InputError,
        "includes the area itself",
    ),
    ({"peers": pd.DataFrame({"area_id": [], "period": []})}, InputError, "peers: has no rows"),
    ({"peers": pd.DataFrame({"area_id": ["a001"]})}, UnknownNameError, "peers: lacks the column"),
    ({"column": "gap"}, InputError, "area: a000 lacks 'gap' in every period"),
    ({"column": "gap", "period": 2021}, InputError, "area: a000 lacks 'gap' in 2021"),
]


@pytest.mark.parametrize(("changed", "error", "rule"), BAD_FANS)
def test_bad_input_of_fans(changed, error, rule):
    panel = panel_of([[0, 1], [1, 2]], gap=[[np.nan, np.nan], [1, 2]])
    like = pd.DataFrame({"area_id": ["a001"], "period": [2020]})
    options = {"area": "a000", "column": "y", "peers": like, "horizon": 1} | changed
    with pytest.raises(error, match=rule):
        trajectory_fan(panel, **options)


def test_a_peer_without_figures_is_left_out():
    panel = panel_of([[0, 1], [np.nan, 2], [1, 2]])
    like = pd.DataFrame({"area_id": ["a001", "a002"], "period": 2020})
    with pytest.warns(DataWarning, match=r"leaves out 1 peers, which lack 'y' in their period \(a001\)"):
        fan = trajectory_fan(panel, "a000", "y", like, horizon=1, quantiles=[0.5])
    assert fan["n_paths"].tolist() == [1, 1]


def noise(seed, planted=0, n=100, t=6):
    """Lasting differences and noise; the lowest areas rise by four standard deviations where planted."""
    rng = np.random.default_rng(seed)
    lasting = rng.normal(size=(n, 1))
    values = lasting + 0.5 * rng.normal(size=(n, t))
    low = np.argsort(lasting[:, 0])[:planted]
    values[low] += np.linspace(0, 4, t)
    return panel_of(values), [f"a{k:03d}" for k in low]


def risen(result, column="p_value"):
    return result.summary.set_index("measure").loc["n_risen", column]


@pytest.mark.parametrize("null", ["reversal", "persistence"])
def test_noise_has_no_more_risers_than_chance(null):
    results = [turnaround_test(noise(seed)[0], "y", null=null, n_simulations=199) for seed in range(40)]
    assert np.mean([risen(r) <= 0.05 for r in results]) <= 0.1
    observed, expected = (np.mean([risen(r, column) for r in results]) for column in ("value", "expected"))
    assert observed == pytest.approx(expected, abs=0.5)
    # Regression to the mean alone makes areas rise.
    assert observed > 1


@pytest.mark.parametrize("null", ["reversal", "persistence"])
def test_planted_turnarounds_are_found(null):
    rejected, right, wrong = [], [], []
    for seed in range(10):
        panel, low = noise(seed, planted=10)
        result = turnaround_test(panel, "y", null=null, at_least=1.7, hold=2, n_simulations=199)
        rejected.append(risen(result) <= 0.05)
        right.append(len(set(result.areas["area_id"]) & set(low)))
        wrong.append(len(set(result.areas["area_id"]) - set(low)))
    assert np.mean(rejected) >= 0.9
    assert np.mean(right) >= 8
    assert np.mean(wrong) <= 0.5


def test_risers_by_hand():
    values = np.tile(np.arange(20.0)[:, None], (1, 4))
    values[0] = [0, 3, 9, 11]
    panel = panel_of(values)
    result = turnaround_test(panel, "y", at_least=8, n_simulations=50)
    row = result.areas.iloc[0]
    assert len(result.areas) == 1
    assert row[["area_id", "name", "since"]].tolist() == ["a000", "Area 0", 2022]
    # Beside the mean of all, which rises by 11 / 20.
    assert row["rise"] == pytest.approx(11 - 11 / 20)
    assert row["per_period"] == pytest.approx(row["rise"] / 3)
    counted = result.summary.set_index("measure")["value"]
    assert counted[["n_started", "n_risen", "share_risen"]].tolist() == [4, 1, 25]
    assert turnaround_test(panel, "y", at_least=9, hold=2, n_simulations=50).areas.empty
    fallen = turnaround_test(panel.assign(y=-panel["y"]), "y", at_least=8, direction=-1, n_simulations=50)
    assert fallen.areas["area_id"].tolist() == ["a000"]
    assert fallen.areas["rise"].iloc[0] == pytest.approx(-row["rise"])


def test_paths_read_backwards_by_hand():
    # The lowest and the highest change places: read backwards in one of four ways neither, and so on.
    values = np.tile(np.arange(10.0)[:, None], (1, 2))
    values[0, 1], values[9, 1] = 9, 0
    result = turnaround_test(
        panel_of(values), "y", weakest=0.1, at_least=5, null="reversal", n_simulations=2000
    )
    # A riser is there when the path of one of them starts at 0 and ends at 9; both may.
    assert result.expected_counts["value"].isin([0, 1, 2]).all()
    assert risen(result, "expected") == pytest.approx(1.0, abs=0.07)


def test_a_rise_of_all_is_none_and_known_errors_explain_rises():
    panel, _ = noise(3)
    lifted = panel.assign(y=panel["y"] + 5 * (panel["period"] - 2020))
    one, two = (turnaround_test(p, "y", n_simulations=50) for p in (panel, lifted))
    pd.testing.assert_frame_equal(one.summary, two.summary)
    rng = np.random.default_rng(0)
    only = panel_of(rng.normal(size=(200, 2)), error=np.ones((200, 2)))
    result = turnaround_test(only, "y", error="error", n_simulations=199)
    assert risen(result) > 0.05
    assert risen(result, "expected") == pytest.approx(risen(result, "value"), rel=0.35)


def test_like_takes_the_areas_named():
    panel, low = noise(1, planted=8)
    result = turnaround_test(panel, "y", like=low, at_least=1.7, hold=2, n_simulations=199)
    assert result.summary.loc[0, "value"] == 8
    assert risen(result) <= 0.05
    assert result.null == "persistence"
    again = turnaround_test(panel, "y", like=low, at_least=1.7, hold=2, n_simulations=199)
    pd.testing.assert_frame_equal(result.summary, again.summary)


BAD_TESTS = [
    ({"like": ["x"]}, UnknownNameError, r"like: must name areas with figures \(x\)"),
    ({"like": ["a000"], "null": "reversal"}, InputError, "like: does not go with null='reversal'"),
    ({"error": "y", "null": "reversal"}, InputError, "error: is not used by null='reversal'"),
    ({"hold": 6}, InputError, "hold: is 6, must be less than the 6 periods"),
    ({"at_least": -1}, InputError, "at_least: is -1"),
    ({"weakest": 20}, InputError, "weakest: is 20"),
    ({"direction": 0}, InputError, "direction: is 0"),
    ({"null": "noise"}, InputError, "null: is 'noise'"),
    ({"column": "no"}, UnknownNameError, "lacks the column"),
    ({"missing": "fill"}, InputError, "missing: is 'fill'"),
]


@pytest.mark.parametrize(("changed", "error", "rule"), BAD_TESTS)
def test_bad_input_of_the_test(changed, error, rule):
    with pytest.raises(error, match=rule):
        turnaround_test(noise(0)[0], **({"column": "y"} | changed))


def test_too_little_to_test():
    with pytest.raises(InputError, match="fewer than two periods"):
        turnaround_test(panel_of(np.arange(12.0)[:, None]), "y")
    with pytest.raises(InputError, match="panel: has 4 areas with figures in every period, needs 10"):
        turnaround_test(panel_of(np.arange(8.0).reshape(4, 2)), "y")
    with pytest.raises(InputError, match="same level in all areas in 2020"):
        turnaround_test(panel_of(np.tile([1.0, 2.0], (12, 1))), "y")
    panel, _ = noise(0)
    with pytest.warns(DataWarning, match=r"leaves out 1 of 100 areas, which lack a figure in some period"):
        turnaround_test(panel[1:], "y", n_simulations=5)


def test_what_changed_by_hand():
    y, z = [[0, 9], [0, 2], [0, 3], [0, 4]], [[5, 5], [5, 6], [5, 7], [5, 8]]
    panel = panel_of(y, z=z)
    table = what_changed(panel, ["a000"], ["a001", "a002"], ["y", "z"])
    assert table["difference"].tolist() == pytest.approx([6.5, -1.5])
    assert table[["n_risers", "n_others"]].to_numpy().tolist() == [[1, 2], [1, 2]]
    every = what_changed(panel, ["a000"], None, ["y"]).iloc[0]
    assert every[["risers", "others", "difference", "p_value"]].tolist() == pytest.approx([9, 3, 6, 0.25])
    assert every["ci_low"] == -np.inf
    assert every["kind"] == "descriptive, not a forecast"


def test_what_changed_finds_a_planted_change_and_adjusts_for_many():
    rng = np.random.default_rng(0)
    other = {f"z{k}": rng.normal(size=(60, 2)) for k in range(5)}
    other["z0"][:5, 1] += 4
    panel = panel_of(rng.normal(size=(60, 2)), **other)
    rose = [f"a{k:03d}" for k in range(5)]
    table = what_changed(panel, rose, None, list(other)).set_index("column")
    assert table.loc["z0", "ci_low"] > 0
    assert table.loc["z0", "q_value"] < 0.05
    assert (table["q_value"] >= table["p_value"]).all()
    assert (table["q_value"].drop("z0") > 0.05).all()


BAD_CHANGES = [
    ({"risers": ["x"]}, UnknownNameError, r"risers: names areas that are not in the panel \(x\)"),
    ({"risers": []}, InputError, "risers: is"),
    ({"others": ["a000", "a001"]}, InputError, r"others: includes areas that rose \(a000\)"),
    ({"others": ["a001"]}, InputError, "others: has 1 areas with 'y', needs 2"),
    ({"columns": ["gap"]}, InputError, "risers: have no 'gap' in two periods that they share"),
    ({"first": 2021}, InputError, r"first: is 2021, must come before last \(2021\)"),
    ({"last": 2030}, UnknownNameError, r"last: is not in the panel \(2030\)"),
]


@pytest.mark.parametrize(("changed", "error", "rule"), BAD_CHANGES)
def test_bad_input_of_what_changed(changed, error, rule):
    panel = panel_of([[0, 1], [1, 2], [2, 4]], gap=[[1, np.nan], [1, 2], [2, 4]])
    with pytest.raises(error, match=rule):
        what_changed(panel, **({"risers": ["a000"], "others": None, "columns": ["y"]} | changed))


def test_inputs_are_not_changed():
    panel, low = noise(0, planted=3)
    before = panel.copy()
    like = peers(panel, "a000", ["y"], when="earlier")
    kept = like.copy()
    trajectory_fan(panel, "a000", "y", like, horizon=1)
    turnaround_test(panel, "y", n_simulations=5)
    what_changed(panel, low, None, ["y"])
    pd.testing.assert_frame_equal(panel, before)
    pd.testing.assert_frame_equal(like, kept)
