"""Draws of several groups, of areas with their people, of suppressed counts; threads, progress, bias."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segkit import inference, segregation
from segkit.base.blocks import in_order
from segkit.errors import DataWarning, InputError, UnknownNameError

TWO = {"group": "group", "total": "total"}
THREE = ["low", "middle", "high"]
DEBIAS = pd.read_csv(Path(__file__).parent / "oracles" / "debias.csv", dtype=str).set_index("case")


@pytest.fixture
def areas():
    rng = np.random.default_rng(5)
    total = rng.integers(60, 900, 40)
    group = rng.binomial(total, rng.beta(2, 8, 40))
    shares = rng.dirichlet([2, 3, 2], 40)
    people = rng.multinomial(total, shares)
    counts = {"group": group, "total": total, **dict(zip(THREE, people.T, strict=True))}
    return pd.DataFrame({"area_id": [f"a{k:02d}" for k in range(40)], **counts})


def entropy_of_means(table):
    """A user's measure of three groups."""
    return float((table[THREE].sum() / table[THREE].sum().sum()).max())


@pytest.mark.parametrize("unit", ["areas", "people", "both"])
def test_threads_change_nothing(areas, unit, monkeypatch):
    monkeypatch.setattr("segkit.base.blocks._BLOCK", 1000)
    one, four = (
        inference.bootstrap(areas, ["gini", "isolation"], unit=unit, n_bootstrap=90, n_jobs=jobs, **TWO)
        for jobs in (1, 4)
    )
    pd.testing.assert_frame_equal(one, four)


def test_threads_change_nothing_in_tests_of_chance_and_change(areas, monkeypatch):
    monkeypatch.setattr("segkit.base.blocks._BLOCK", 1000)
    panel = pd.concat([areas.assign(period=2020), areas.assign(period=2023, group=areas["group"] // 2)])
    panel = panel.assign(area_id=[f"a{k}" for k in range(40)] * 2).reset_index(drop=True)
    for run in (
        lambda jobs: inference.permutation_test(areas, "gini", n_permutations=60, n_jobs=jobs, **TWO),
        lambda jobs: inference.debias(areas, "gini", n_bootstrap=60, n_jobs=jobs, **TWO),
        lambda jobs: inference.compare_periods(
            panel, "gini", first=2020, last=2023, unit="both", n_bootstrap=60, n_jobs=jobs, **TWO
        ),
    ):
        pd.testing.assert_frame_equal(run(1), run(-1))


def test_placements_of_several_groups_keep_both_margins(areas):
    areas = pd.concat(
        [areas, areas.head(1).assign(area_id="empty", low=0, middle=0, high=0)], ignore_index=True
    )
    seen = []

    def look(table):
        seen.append(
            (tuple(table[THREE].sum()), tuple(table[THREE].sum(axis=1)), table[THREE].min().min() >= 0)
        )
        return 1.0

    inference.permutation_test(areas, look, groups=THREE, n_permutations=30)
    inhabited = areas[areas[THREE].sum(axis=1) > 0]
    expected = (tuple(inhabited[THREE].sum()), tuple(inhabited[THREE].sum(axis=1)), True)
    assert len(seen) == 31
    assert set(seen) == {expected}


def test_placements_of_several_groups_have_hypergeometric_moments():
    # 30 of each of three groups in areas of 50, 30 and 10 people.
    areas = pd.DataFrame(
        {"area_id": list("abc"), "low": [30, 0, 0], "middle": [20, 10, 0], "high": [0, 20, 10]}
    )
    placed = []

    def look(table):
        placed.append(table[THREE].to_numpy())
        return 1.0

    inference.permutation_test(areas, look, groups=THREE, n_permutations=4000)
    counts = np.stack(placed[1:])
    size = np.array([50, 30, 10])
    for group in range(3):
        assert counts[:, :, group].mean(axis=0) == pytest.approx(30 * size / 90, abs=0.12)
        share = size / 90
        variance = 30 * share * (1 - share) * (90 - 30) / 89
        assert counts[:, :, group].var(axis=0) == pytest.approx(variance, rel=0.12)


def test_people_of_both_levels_vary_more_than_people_alone(areas):
    spread = {
        unit: inference.bootstrap(areas, "dissimilarity", unit=unit, n_bootstrap=400, **TWO).loc[0, "se"]
        for unit in ("areas", "people", "both")
    }
    assert spread["both"] > spread["areas"] > spread["people"]


def test_people_within_areas_keep_the_size_of_the_area_drawn(areas):
    seen = []

    def look(table):
        seen.append(set(table["total"]) <= set(areas["total"]) and (table["group"] <= table["total"]).all())
        return 1.0

    inference.bootstrap(areas, look, unit="both", n_bootstrap=10, **TWO)
    assert len(seen) == 11
    assert all(seen)


def test_users_functions_of_groups_are_scored(areas):
    table = inference.bootstrap(areas, entropy_of_means, groups=THREE, unit="people", n_bootstrap=20)
    assert table.loc[0, "group"] == "low, middle, high"
    # Each group's total is fixed when people are drawn by group.
    assert table.loc[0, "se"] == pytest.approx(0, abs=1e-12)


# suppressed counts


def test_suppressed_counts_lie_between_their_ends(areas):
    hidden = areas.assign(group=areas["group"].where(areas["group"] > 30))
    n_hidden = int(hidden["group"].isna().sum())
    assert n_hidden > 3
    table = inference.bootstrap(
        hidden, "isolation", unit="people", suppressed={"group": (0, 30)}, n_bootstrap=100, **TWO
    )
    least, most, value = (
        segregation.isolation(hidden.assign(group=hidden["group"].fillna(fill)), **TWO)
        for fill in (0, 30, 15)
    )
    assert table.loc[0, ["value", "if_least", "if_most"]].tolist() == pytest.approx([value, least, most])


def test_suppression_adds_to_the_spread(areas):
    hidden = areas.assign(group=areas["group"].where(areas.index % 2 == 0))
    narrow, wide = (
        inference.bootstrap(hidden, "dissimilarity", suppressed={"group": ends}, n_bootstrap=300, **TWO).loc[
            0, "se"
        ]
        for ends in ((20, 20), (0, 40))
    )
    assert wide > narrow


def test_rounded_counts_come_as_two_columns(areas):
    rounded = (areas["group"] / 10).round() * 10
    table = areas.assign(
        group=rounded, low=(rounded - 5).clip(lower=0), high=np.minimum(rounded + 5, areas["total"])
    )
    found = inference.bootstrap(
        table, "dissimilarity", unit="people", suppressed={"group": ("low", "high")}, n_bootstrap=60, **TWO
    )
    assert found.loc[0, "value"] == segregation.dissimilarity(table, **TWO)
    assert found.loc[0, "if_least"] == segregation.dissimilarity(table.assign(group=table["low"]), **TWO)


@pytest.mark.parametrize(
    ("suppressed", "error", "match"),
    [
        ({"other": (1, 2)}, UnknownNameError, "not measured"),
        ({"group": (2, 1)}, InputError, "least value above the most"),
        ({"group": (1, 1.5)}, InputError, "whole numbers"),
        ({"group": "ab"}, InputError, "Give the least and the most"),
        ({"group": ("nothing", "high")}, UnknownNameError, "lacks the column"),
    ],
)
def test_suppressed_errors(areas, suppressed, error, match):
    hidden = areas.assign(group=areas["group"].where(areas["group"] > 30))
    with pytest.raises(error, match=match):
        inference.bootstrap(hidden, "gini", suppressed=suppressed, n_bootstrap=5, **TWO)


def test_suppressed_is_for_counts():
    table = pd.DataFrame({"income": [1.0, None, 3.0]})
    with pytest.raises(InputError, match="for counts"):
        inference.bootstrap(table, "gini", values="income", suppressed={"income": (1, 2)})


# progress and interruption


def test_progress_is_told(areas, monkeypatch):
    monkeypatch.setattr("segkit.base.blocks._BLOCK", 800)
    told = []
    inference.bootstrap(
        areas, "gini", n_bootstrap=25, progress=lambda have, size: told.append((have, size)), **TWO
    )
    assert told == [(10, 25), (20, 25), (25, 25)]


def test_a_bar_is_shown_on_request(areas, monkeypatch, capsys):
    monkeypatch.setattr("segkit.base.blocks._PATIENCE", -1.0)
    inference.bootstrap(areas, "gini", n_bootstrap=25, progress=True, **TWO)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "100%" in captured.err


def test_a_short_run_shows_no_bar(areas, capsys):
    inference.bootstrap(areas, "gini", n_bootstrap=5, progress=True, **TWO)
    assert not capsys.readouterr().err.strip()


def test_an_interrupted_run_keeps_what_is_done(areas, monkeypatch):
    monkeypatch.setattr("segkit.base.blocks._BLOCK", 800)

    def stop(have, _size):
        if have >= 30:
            raise KeyboardInterrupt

    with pytest.warns(DataWarning, match="rests on 30 of 999 draws"):
        table = inference.bootstrap(areas, "gini", progress=stop, **TWO)
    # The thirty are those that a run of thirty would have had.
    again = inference.bootstrap(areas, "gini", n_bootstrap=30, **TWO)
    assert table.loc[0, "se"] == again.loc[0, "se"]


def test_a_run_interrupted_at_once_stops(areas, monkeypatch):
    monkeypatch.setattr("segkit.base.blocks._BLOCK", 80)

    def stop(_have, _size):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inference.permutation_test(areas, "gini", progress=stop, **TWO)


@pytest.mark.parametrize("n_jobs", [0, -2, 1.5, True])
def test_n_jobs_is_checked(areas, n_jobs):
    with pytest.raises(InputError, match="n_jobs"):
        inference.bootstrap(areas, "gini", n_jobs=n_jobs, **TWO)


# alternatives


def test_alternatives_of_the_permutation_test(areas):
    even = pd.DataFrame({"group": [50] * 10, "total": [100] * 10})
    p = {
        side: inference.permutation_test(even, "dissimilarity", alternative=side, **TWO).loc[0, "p_value"]
        for side in ("greater", "less", "two_sided")
    }
    # Nothing is more even than even.
    assert p == {"greater": 1.0, "less": 0.001, "two_sided": 0.002}


def test_areas_are_permuted_for_spatial_measures_alone(areas):
    with pytest.raises(InputError, match="do not change"):
        inference.permutation_test(areas, "gini", unit="areas", **TWO)


# bias


def no_segregation(seed):
    rng = np.random.default_rng(seed)
    total = rng.integers(50, 400, 60)
    return pd.DataFrame({"group": rng.binomial(total, 0.1), "total": total})


@pytest.mark.parametrize("method", ["bootstrap", "density"])
def test_bias_is_taken_off(method):
    tables = [no_segregation(seed) for seed in range(12)]
    found = pd.concat(
        [inference.debias(t, "dissimilarity", method=method, n_bootstrap=99, **TWO) for t in tables]
    )
    assert found["uncorrected"].mean() > 0.08
    assert found["value"].mean() < 0.6 * found["uncorrected"].mean()
    assert (found["bias"] == found["uncorrected"] - found["value"]).all()


def test_bootstrap_correction_is_twice_the_value_minus_the_mean_of_the_draws(areas):
    draws = []

    def mine(table):
        draws.append(segregation.dissimilarity(table, **TWO))
        return draws[-1]

    row = inference.debias(areas, mine, n_bootstrap=50, **TWO).iloc[0]
    assert row["value"] == pytest.approx(2 * draws[0] - np.mean(draws[1:]), abs=1e-12)
    low, high = np.quantile(draws[1:], [0.025, 0.975])
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([2 * draws[0] - high, 2 * draws[0] - low])


def test_large_areas_have_nearly_no_bias():
    table = pd.DataFrame({"group": [40_000, 10_000], "total": [100_000, 100_000]})
    for method in ("bootstrap", "density"):
        row = inference.debias(table, "dissimilarity", method=method, **TWO).iloc[0]
        assert abs(row["bias"]) < 1e-3


def test_density_correction_by_hand():
    # Shares .6 and .4 of the group, .5 and .5 of the rest: the standard errors are equal in both areas.
    table = pd.DataFrame({"group": [60, 40], "total": [110, 90]})
    se = np.sqrt(0.24 / 100 + 0.25 / 100)
    z = 0.1 / se
    grid = np.linspace(0, 4, 400_001)
    likelihood = np.exp(-0.5 * (z - grid) ** 2) + np.exp(-0.5 * (z + grid) ** 2)
    row = inference.debias(table, "dissimilarity", method="density", **TWO).iloc[0]
    assert row["value"] == pytest.approx(grid[likelihood.argmax()] * se, abs=1e-6)


@pytest.mark.parametrize("case", DEBIAS.index)
def test_density_correction_is_that_of_another_package(case):
    row = DEBIAS.loc[case]
    counts = {name: [int(count) for count in row[name].split()] for name in ("group", "total")}
    found = inference.debias(pd.DataFrame(counts), "dissimilarity", method="density", n_bootstrap=9, **TWO)
    # The other package finds the most likely sizes by a numerical optimizer, right to about 1e-6.
    assert found.loc[0, "value"] == pytest.approx(float(row["value"]), abs=1e-6)


def test_density_is_for_dissimilarity_alone(areas):
    with pytest.raises(InputError, match="made for dissimilarity alone"):
        inference.debias(areas, ["dissimilarity", "gini"], method="density", **TWO)


@pytest.mark.parametrize("function", [inference.debias, inference.permutation_test])
def test_counts_are_needed(areas, function):
    with pytest.raises(InputError, match="Give group= and total=, or groups="):
        function(areas, "gini")


@pytest.mark.parametrize("groups", ["low", ["low"], 3])
def test_groups_are_at_least_two_columns(areas, groups):
    with pytest.raises(InputError, match="at least two columns"):
        inference.bootstrap(areas, entropy_of_means, groups=groups)


def test_groups_are_named_once(areas):
    with pytest.raises(InputError, match="names a column twice"):
        inference.bootstrap(areas, entropy_of_means, groups=["low", "low"])


# many tests


def test_false_discovery_rate_by_hand():
    p = pd.Series([0.04, np.nan, 0.01, 0.02], index=list("abcd"))
    # Sorted .01, .02, .04 of three tests: .03, .03, .04.
    adjusted = inference.false_discovery_rate(p)
    assert adjusted.drop("b").tolist() == pytest.approx([0.04, 0.03, 0.03])
    assert np.isnan(adjusted["b"])
    harmonic = 1 + 1 / 2 + 1 / 3
    stricter = inference.false_discovery_rate(p, method="by")
    assert stricter["c"] == pytest.approx(0.03 * harmonic)


@pytest.mark.parametrize(
    ("p", "match"), [([0.5, 1.5], "between 0 and 1"), ([np.nan], "at least one"), (["a"], "must be numbers")]
)
def test_false_discovery_rate_errors(p, match):
    with pytest.raises(InputError, match=match):
        inference.false_discovery_rate(p)


def test_an_ordinary_run_warns_of_nothing(areas):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        inference.bootstrap(areas, "gini", n_jobs=2, **TWO)


def test_an_interrupt_waits_for_no_more_than_what_has_begun():
    begun, go = [], threading.Event()

    def slow(item):
        begun.append(item)
        if item:
            go.wait(5)
        return item

    answers = in_order(slow, range(50), n_jobs=2)
    assert next(answers) == 0
    threading.Timer(0.05, go.set).start()
    answers.close()
    assert len(begun) < 50
    assert list(in_order(abs, [-3, 2, -1], n_jobs=2)) == [3, 2, 1]
