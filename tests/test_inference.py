from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import areas, inequality, inference, polarization, segregation
from segkit.base.tidy import TIDY
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.measures.polarization import identification

TWO_GROUPS = [name for name, m in segregation.MEASURES.items() if m.kind == "two_group"]
OF_VALUES = [*inequality.MEASURES, *polarization.MEASURES]


@pytest.fixture
def m1():
    return pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})


@pytest.fixture
def thirty():
    rng = np.random.default_rng(1)
    total = rng.integers(700, 2700, 30)
    return pd.DataFrame(
        {
            "area_id": [f"a{k:02d}" for k in range(30)],
            "group": rng.binomial(total, rng.beta(2, 6, 30)),
            "total": total,
            "income": rng.normal(300, 50, 30),
            "population": total,
        }
    )


def panel(first, last, **columns):
    """A panel of two periods with the values given."""
    n = len(first)
    ids = [f"a{k}" for k in range(n)] * 2
    table = pd.DataFrame({"area_id": ids, "period": [2020] * n + [2023] * n, "income": [*first, *last]})
    return table.assign(**columns)


def by_measure(table, column):
    return table.set_index("measure")[column].to_dict()


def mean_of_income(data):
    return float(data["income"].mean())


# bootstrap


@pytest.mark.parametrize("unit", ["areas", "people"])
def test_bootstrap_two_groups_has_value_and_interval_around_it(thirty, unit):
    table = inference.bootstrap(thirty, TWO_GROUPS, group="group", total="total", unit=unit, n_bootstrap=199)
    assert list(table.columns) == TIDY
    assert table["measure"].tolist() == TWO_GROUPS
    for row in table.itertuples():
        expected = segregation.MEASURES[row.measure].function(thirty, group="group", total="total")
        assert row.value == expected
        assert row.ci_low <= row.value <= row.ci_high
        assert 0 < row.se < row.ci_high - row.ci_low
    assert (table["n_areas"] == 30).all()
    assert (table["group"] == "group").all()


@pytest.mark.parametrize("weight", [None, "population"])
def test_bootstrap_of_values_has_value_and_interval_around_it(thirty, weight):
    table = inference.bootstrap(thirty, OF_VALUES, values="income", weight=weight, n_bootstrap=199)
    people = None if weight is None else thirty[weight]
    for row in table.itertuples():
        function = {**inequality.MEASURES, **polarization.MEASURES}[row.measure].function
        assert row.value == pytest.approx(function(thirty["income"], people), abs=1e-12)
        assert row.ci_low < row.value < row.ci_high
    assert (table["group"] == "").all()


def test_same_seed_same_answer_and_other_seed_another(thirty):
    def table(seed):
        return inference.bootstrap(thirty, "wolfson", values="income", n_bootstrap=50, random_state=seed)

    pd.testing.assert_frame_equal(table(4), table(4))
    assert table(4).loc[0, "se"] != table(5).loc[0, "se"]


def test_several_measures_share_the_draws(thirty):
    options = {"group": "group", "total": "total", "n_bootstrap": 50}
    together = inference.bootstrap(thirty, ["gini", "isolation"], **options)
    alone = inference.bootstrap(thirty, "isolation", **options)
    pd.testing.assert_frame_equal(together.iloc[[1]].reset_index(drop=True), alone)


def test_standard_error_of_a_mean_is_the_textbook_one(thirty):
    row = inference.bootstrap(thirty, mean_of_income, n_bootstrap=4000).iloc[0]
    assert row["measure"] == "mean_of_income"
    assert row["se"] == pytest.approx(thirty["income"].std(ddof=0) / np.sqrt(30), rel=0.05)


def test_people_are_drawn_within_group_and_rest():
    # One group of 400 and a rest of 400: D of two areas is |x/400 - y/400|, its spread is binomial.
    data = pd.DataFrame({"group": [300, 100], "total": [400, 400]})
    row = inference.bootstrap(
        data, "dissimilarity", group="group", total="total", unit="people", n_bootstrap=4000
    ).iloc[0]
    assert row["value"] == 0.5
    assert row["se"] == pytest.approx(np.sqrt(2 * 0.75 * 0.25 / 400), rel=0.05)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(7)
    hits = 0
    for seed in range(60):
        data = pd.DataFrame({"income": rng.normal(300, 50, 40)})
        row = inference.bootstrap(data, "sigma", values="income", n_bootstrap=199, random_state=seed).iloc[0]
        hits += row["ci_low"] <= 50 <= row["ci_high"]
    # With 40 areas the percentile interval of a standard deviation is somewhat too narrow.
    assert 48 <= hits < 60


def test_a_lower_confidence_gives_a_narrower_interval(thirty):
    wide, narrow = (
        inference.bootstrap(thirty, "theil", values="income", n_bootstrap=199, confidence=level).iloc[0]
        for level in (0.95, 0.5)
    )
    assert wide["ci_low"] < narrow["ci_low"] < narrow["ci_high"] < wide["ci_high"]


def test_an_area_drawn_twice_is_not_one_twice_as_large(thirty):
    # Esteban and Ray's measure merges equal values: read so, every draw would lie above the value.
    row = inference.bootstrap(thirty, "esteban_ray", values="income", n_bootstrap=199).iloc[0]
    assert row["ci_low"] < row["value"] < row["ci_high"]
    # Values that several areas share stay one group, drawn twice or not.
    spikes = pd.DataFrame({"income": [0.0, 1.0] * 50})
    row = inference.bootstrap(spikes, "esteban_ray", values="income", n_bootstrap=199).iloc[0]
    assert row["value"] == pytest.approx(0.25)
    # It is p(1 - p) there, p the share of ones; 95 % of draws have p within .5 +- .112.
    assert row["ci_low"] == pytest.approx(0.25 - 0.112**2, abs=0.003)
    assert row["ci_high"] == pytest.approx(0.25)


def test_empty_areas_are_left_out_and_counted(m1):
    with_empty = pd.concat([m1, pd.DataFrame({"group": [0], "total": [0]})], ignore_index=True)
    options = {"group": "group", "total": "total", "n_bootstrap": 30, "unit": "people"}
    full, less = (inference.bootstrap(d, "gini", **options).iloc[0] for d in (with_empty, m1))
    assert (full["n_areas"], full["n_missing"]) == (4, 1)
    assert (full["value"], full["se"]) == (less["value"], less["se"])


def test_undefined_draws_are_drawn_again_and_counted():
    # The group lives in 3 of 12 areas: a draw without any of them has chance (9/12)^12 = .032.
    data = pd.DataFrame({"group": [5] * 3 + [0] * 9, "total": [50] * 12})
    with pytest.warns(DataWarning, match=r"(2|3|4)\d of 999 draws were drawn again"):
        table = inference.bootstrap(data, ["gini", "isolation"], group="group", total="total")
    assert table.notna().all(axis=None)


@pytest.mark.parametrize("name", TWO_GROUPS)
@pytest.mark.parametrize("unit", ["areas", "people"])
def test_draws_scored_together_are_those_scored_one_by_one(thirty, name, unit):
    measure = segregation.MEASURES[name]

    def alone(data):
        return measure.function(data, group="group", total="total")

    columns = {"group": "group", "total": "total", "unit": unit, "n_bootstrap": 40}
    together, single = (inference.bootstrap(thirty, m, **columns) for m in (measure, alone))
    numbers = ["value", "se", "ci_low", "ci_high"]
    assert np.allclose(together[numbers], single[numbers], rtol=1e-10)


@pytest.mark.parametrize("name", [*inequality.MEASURES, "wolfson"])
@pytest.mark.parametrize("weight", [None, "population"])
def test_values_scored_together_are_those_scored_one_by_one(thirty, name, weight):
    measure = {**inequality.MEASURES, **polarization.MEASURES}[name]

    def alone(data):
        return measure.function(data["income"], None if weight is None else data[weight])

    columns = {"values": "income", "weight": weight, "n_bootstrap": 40}
    together, single = (inference.bootstrap(thirty, m, **columns) for m in (measure, alone))
    numbers = ["value", "se", "ci_low", "ci_high"]
    assert np.allclose(together[numbers], single[numbers], rtol=1e-10)


def test_copies_of_an_area_are_groups_of_their_own_in_esteban_ray():
    y, w = np.array([1.0, 4.0, 4.0, 9.0]), np.array([2.0, 1.0, 3.0, 4.0])
    copies = np.array([[2.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0, 2.0, 1.0, 3.0]])
    together = identification.esteban_ray_of(y, w, copies, alpha=1.3)
    for line, found in zip(copies.astype(int), together, strict=True):
        # A copy is a group of its own, but the two areas that share the value 4 are one.
        places = np.repeat(np.arange(4), line)
        groups = pd.DataFrame({"y": y[places], "w": w[places]})
        groups["key"] = [(1, 0) if y[p] == 4 else (p, i) for i, p in enumerate(places)]
        groups = groups.groupby("key").agg(y=("y", "first"), w=("w", "sum"))
        share = groups["w"].to_numpy() / groups["w"].sum()
        gaps = np.abs(np.subtract.outer(groups["y"].to_numpy(), groups["y"].to_numpy()))
        assert found == pytest.approx(share**2.3 @ gaps @ share)


def test_too_many_undefined_draws_are_an_error():
    data = pd.DataFrame({"group": [5] + [0] * 11, "total": [50] * 12})
    with pytest.raises(InputError, match="not defined on .* draws.*too few areas"):
        inference.bootstrap(data, "gini", group="group", total="total")


def test_functions_of_the_package_and_options_work(m1):
    by_name = inference.bootstrap(
        m1,
        ["atkinson", "gini"],
        group="group",
        total="total",
        unit="people",
        n_bootstrap=20,
        options={"b": 0.1},
    )
    assert by_name.loc[0, "value"] == pytest.approx(0.540811, abs=1e-6)
    by_function = inference.bootstrap(
        m1,
        segregation.atkinson,
        group="group",
        total="total",
        unit="people",
        n_bootstrap=20,
        options={"b": 0.1},
    )
    pd.testing.assert_frame_equal(by_name.iloc[[0]], by_function)
    by_measure = inference.bootstrap(
        m1,
        replace(segregation.MEASURES["atkinson"], name="A"),
        group="group",
        total="total",
        unit="people",
        n_bootstrap=20,
    )
    assert by_measure.loc[0, ["measure", "value"]].tolist() == ["A", pytest.approx(0.76)]
    spread = pd.DataFrame({"v": [6, 6, 8, 8, 10, 10, 12, 12]})
    values = inference.bootstrap(spread, polarization.wolfson, values="v", n_bootstrap=20)
    assert values.loc[0, "value"] == pytest.approx(1 / 6)


def test_a_column_named_by_an_option_is_drawn_along():
    def concentration(data, *, group, total, area):
        x, a = data[group].to_numpy(), data[area].to_numpy()
        return float(0.5 * np.abs(x / x.sum() - a / a.sum()).sum())

    data = pd.DataFrame({"x": [50, 30, 20], "total": [100, 100, 100], "km2": [1.0, 2.0, 7.0]})
    columns = {"group": "x", "total": "total", "n_bootstrap": 50, "options": {"area": "km2"}}
    measure = replace(segregation.MEASURES["gini"], name="delta", function=concentration, many=None)
    for one in (concentration, measure):
        row = inference.bootstrap(data, one, **columns).iloc[0]
        assert row["value"] == pytest.approx(0.5)
        assert row["se"] > 0


def test_period_is_taken_from_the_table(thirty):
    table = inference.bootstrap(thirty.assign(period=2024), "theil", values="income", n_bootstrap=5)
    assert table.loc[0, "period"] == 2024


# permutation_test


def test_even_distribution_is_not_significant_and_full_separation_is(m1):
    options = {"group": "group", "total": "total"}
    strong = inference.permutation_test(m1, TWO_GROUPS, **options)
    assert (strong["p_value"] == 1 / 1000).all()
    even = inference.permutation_test(m1.assign(group=50), TWO_GROUPS, **options)
    assert (even["p_value"] == 1).all()
    assert list(even.columns) == [*TIDY, "p_value", "expected"]
    assert even[["ci_low", "ci_high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("size", "share", "expected"), [(10, 0.1, 0.387), (10, 0.5, 0.246), (100, 0.1, 0.131)]
)
def test_expected_dissimilarity_under_randomness_is_the_published_one(size, share, expected):
    data = pd.DataFrame({"group": [int(size * share)] * 1000, "total": [size] * 1000})
    row = inference.permutation_test(
        data, "dissimilarity", group="group", total="total", n_permutations=40
    ).iloc[0]
    assert row["expected"] == pytest.approx(expected, abs=0.005)
    assert row["value"] == 0
    assert row["p_value"] == 1


def test_permutation_p_value_agrees_with_all_placements():
    # 2 of 4 people in two homes of 2: the group fills one home in 2 of 6 placements.
    data = pd.DataFrame({"group": [2, 0], "total": [2, 2]})
    row = inference.permutation_test(data, "gini", group="group", total="total", n_permutations=6000).iloc[0]
    assert row["p_value"] == pytest.approx(1 / 3, abs=0.02)
    assert row["expected"] == pytest.approx(1 / 3, abs=0.02)


def test_permutation_p_values_are_uniform_under_randomness():
    rng = np.random.default_rng(3)
    total = np.full(20, 200)
    p = []
    for seed in range(60):
        data = pd.DataFrame({"group": rng.multivariate_hypergeometric(total, 600), "total": total})
        table = inference.permutation_test(
            data, "information_theory", group="group", total="total", n_permutations=99, random_state=seed
        )
        p.append(table.loc[0, "p_value"])
    assert 0.35 < np.mean(p) < 0.65
    assert np.mean(np.array(p) <= 0.1) < 0.25


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=2, max_size=8),
    st.integers(0, 100),
)
def test_margins_stay_fixed_in_every_placement(counts, seed):
    data = pd.DataFrame({"group": [min(x, t) for x, t in counts], "total": [t for _, t in counts]})
    data["area_id"] = [f"a{k:02d}" for k in range(len(data))]
    seen = []

    def share_of_group(table):
        seen.append((table["group"].sum(), tuple(table["total"]), (table["group"] <= table["total"]).all()))
        return 1.0

    inference.permutation_test(
        data, share_of_group, group="group", total="total", n_permutations=5, random_state=seed
    )
    assert len(seen) == 6
    assert set(seen) == {(data["group"].sum(), tuple(data["total"]), True)}


def test_permutation_test_is_only_for_two_groups(thirty):
    with pytest.raises(InputError, match="'wolfson' needs values="):
        inference.permutation_test(thirty, "wolfson", group="group", total="total")


# compare_periods


def test_no_change_is_zero_with_p_one():
    incomes = [200.0, 250.0, 260.0, 310.0, 330.0, 400.0]
    table = inference.compare_periods(
        panel(incomes, incomes), OF_VALUES, first=2020, last=2023, values="income"
    )
    assert (table["value"] == 0).all()
    assert (table["p_value"] == 1).all()
    assert (table[["ci_low", "ci_high"]] == 0).all(axis=None)
    assert table.loc[0, "period"] == "2020–2023"
    assert list(table.columns) == [*TIDY, "p_value"]


def test_a_planted_widening_is_found_and_noise_is_not():
    rng = np.random.default_rng(11)
    first = rng.normal(300, 40, 40)
    wider = 300 + (first - 300) * 1.3 + rng.normal(0, 4, 40)
    noisy = first + rng.normal(0, 4, 40)
    found, not_found = (
        inference.compare_periods(
            panel(first, last), ["gini", "sigma"], first=2020, last=2023, values="income"
        )
        for last in (wider, noisy)
    )
    assert (found["p_value"] < 0.01).all()
    assert (found["ci_low"] > 0).all()
    assert (not_found["p_value"] > 0.05).all()
    assert (not_found["ci_low"] < 0).all()
    sigma = [inequality.sigma(first), inequality.sigma(wider)]
    assert by_measure(found, "value")["sigma"] == pytest.approx(sigma[1] - sigma[0], abs=1e-9)


def test_pairing_makes_small_changes_visible():
    rng = np.random.default_rng(2)
    first = rng.normal(300, 50, 30)
    last = 300 + (first - 300) * 1.1
    paired = inference.compare_periods(
        panel(first, last), "sigma", first=2020, last=2023, values="income"
    ).iloc[0]
    apart = [
        inference.bootstrap(pd.DataFrame({"income": v}), "sigma", values="income").iloc[0]["se"]
        for v in (first, last)
    ]
    assert paired["se"] < np.hypot(*apart) / 4


def test_unpaired_areas_are_left_out_and_counted():
    incomes = [200.0, 250.0, 260.0, 310.0, 330.0, 400.0]
    table = panel(incomes, [v * 1.2 for v in incomes], population=100.0)
    table = table.drop(index=11)
    table.loc[0, "income"] = np.nan
    table.loc[7, "population"] = 0.0
    row = inference.compare_periods(
        table, "sigma", first=2020, last=2023, values="income", weight="population", n_bootstrap=50
    ).iloc[0]
    assert (row["n_areas"], row["n_missing"]) == (3, 3)
    kept = np.array([260.0, 310.0, 330.0])
    assert row["value"] == pytest.approx(0.2 * kept.std())


def test_compare_two_groups_and_order_of_rows_does_not_matter(thirty):
    then = thirty.assign(area_id=[f"a{k:02}" for k in range(30)], period=2020)
    now = then.assign(period=2023, group=(then["group"] * 0.9).round())
    table = pd.concat([then, now], ignore_index=True)
    options = {"first": 2020, "last": 2023, "group": "group", "total": "total", "n_bootstrap": 50}
    row = inference.compare_periods(table, "isolation", **options).iloc[0]
    by_hand = segregation.isolation(now, group="group", total="total") - segregation.isolation(
        then, group="group", total="total"
    )
    assert row["value"] == pytest.approx(by_hand)
    shuffled = pd.concat([then, now.sample(frac=1, random_state=1)], ignore_index=True)
    assert inference.compare_periods(shuffled, "isolation", **options).iloc[0]["se"] == row["se"]


def test_compare_takes_a_function():
    table = panel([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0])
    row = inference.compare_periods(table, mean_of_income, first=2020, last=2023, n_bootstrap=20).iloc[0]
    assert row["value"] == row["ci_low"] == row["ci_high"] == 1.0


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(100, 500), min_size=5, max_size=12, unique=True), st.floats(0.5, 2))
def test_relative_measures_do_not_change_when_all_incomes_grow_alike(incomes, factor):
    table = panel(incomes, [v * factor for v in incomes])
    result = inference.compare_periods(
        table, ["gini", "theil"], first=2020, last=2023, values="income", n_bootstrap=19
    )
    assert result["value"].abs().max() < 1e-9
    assert (result["p_value"] > 0.9).all()


def test_kalmar_regso_2020_2023_compares_all_17_areas():
    table = inference.compare_periods(
        areas.load_example("kalmar", "regso"),
        ["gini", "wolfson"],
        first=2020,
        last=2023,
        values="mean_wage_income",
        weight="population",
        n_bootstrap=99,
    )
    assert (table["n_areas"] == 17).all()
    assert (table["n_missing"] == 0).all()


# the gate


def test_input_is_not_changed(thirty):
    before = thirty.copy()
    inference.bootstrap(thirty, ["gini"], group="group", total="total", unit="people", n_bootstrap=5)
    inference.bootstrap(thirty, mean_of_income, values="income", n_bootstrap=5)
    inference.permutation_test(thirty, "gini", group="group", total="total", n_permutations=5)
    pd.testing.assert_frame_equal(before, thirty)


@pytest.mark.parametrize(
    ("measure", "columns", "error", "match"),
    [
        ("ginni", {"values": "income"}, UnknownNameError, "no 'ginni'.*dissimilarity.*wolfson"),
        (
            "wolfson",
            {"group": "group", "total": "total"},
            InputError,
            "needs values=.*there are: dissimilarity",
        ),
        ("isolation", {"values": "income"}, InputError, "needs group= and total=.*there are: gini, theil"),
        ("gini", {}, InputError, "'gini' needs group= and total=.*or values="),
        (segregation.isolation, {"values": "income"}, InputError, "'isolation' needs group="),
        ("gini", {"group": "group"}, InputError, "total: is missing"),
        (
            "gini",
            {"group": "group", "total": "total", "values": "income"},
            InputError,
            "can't be given together",
        ),
        ("gini", {"weight": "population"}, InputError, "weight: is given without values"),
        ([], {"values": "income"}, InputError, "empty list"),
        (["gini", "gini"], {"values": "income"}, InputError, "occurs twice"),
        ([3], {"values": "income"}, InputError, "measure: is int"),
        ("gini", {"values": "salary"}, UnknownNameError, "lacks the column.*salary"),
        ("gini", {"values": "income", "unit": "people"}, InputError, "people can only be drawn from counts"),
        ("gini", {"values": "income", "unit": "homes"}, InputError, "unit: is 'homes'"),
        ("gini", {"values": "income", "n_bootstrap": 1}, InputError, "n_bootstrap"),
        ("gini", {"values": "income", "confidence": 95}, InputError, "confidence: is 95"),
        ("gini", {"values": "income", "random_state": -1}, InputError, "random_state"),
        (
            "gini",
            {"values": "income", "options": {"alpha": 1.0}},
            UnknownNameError,
            "options: are not.*alpha",
        ),
        ("gini", {"values": "income", "options": {"weight": None}}, UnknownNameError, "options.*weight"),
    ],
)
def test_bootstrap_errors(thirty, measure, columns, error, match):
    with pytest.raises(error, match=match):
        inference.bootstrap(thirty, measure, **columns)


def test_data_errors(thirty):
    with pytest.raises(InputError, match="has several periods"):
        inference.bootstrap(thirty.assign(period=[2020, 2023] * 15), "gini", values="income")
    with pytest.raises(InputError, match="missing values"):
        inference.bootstrap(thirty.assign(income=[np.nan] + [1.0] * 29), "gini", values="income")
    with pytest.raises(InputError, match="must be a table"):
        inference.bootstrap([1, 2], "gini", values="income")
    with pytest.raises(InputError, match="no rows"):
        inference.bootstrap(thirty.iloc[:0], "gini", values="income")
    with pytest.raises(InputError, match="0 in every area"):
        inference.bootstrap(thirty.assign(total=0), "gini", group="group", total="total")
    halves = thirty.assign(group=thirty["group"] + 0.5)
    with pytest.raises(InputError, match="group: must be whole numbers .*27 more.*round the counts"):
        inference.bootstrap(halves, "gini", group="group", total="total", unit="people")
    with pytest.raises(InputError, match="group: must be whole numbers"):
        inference.permutation_test(halves, "gini", group="group", total="total")
    over = thirty.assign(group=thirty["total"] + 1)
    with pytest.raises(InputError, match="larger than `total`"):
        inference.permutation_test(over, lambda _: 1.0, group="group", total="total")
    with pytest.raises(InputError, match="is not defined on these data"):
        inference.bootstrap(thirty, lambda _: float("nan"))


def test_panel_errors():
    table = panel([1.0, 2.0], [2.0, 3.0])
    with pytest.raises(UnknownNameError, match=r"period: is not in the panel \(2019\).*2020, 2023"):
        inference.compare_periods(table, "sigma", first=2019, last=2023, values="income")
    with pytest.raises(InputError, match="must come before"):
        inference.compare_periods(table, "sigma", first=2023, last=2020, values="income")
    with pytest.raises(InputError, match="no area with values in both"):
        inference.compare_periods(
            table.assign(income=[np.nan, 1.0, 1.0, np.nan]), "sigma", first=2020, last=2023, values="income"
        )
    with pytest.raises(InputError, match="more than one row"):
        inference.compare_periods(
            pd.concat([table, table], ignore_index=True), "sigma", first=2020, last=2023, values="income"
        )


def test_usable_areas_marks_filled_and_inhabited_rows():
    data = pd.DataFrame({"x": [1.0, np.nan, 0.0], "t": [2.0, 5.0, 0.0]}, index=[5, 6, 7])
    marks = inference.usable_areas(data, group="x", total="t")
    assert marks.to_dict() == {5: True, 6: False, 7: False}


def test_large_tables_give_no_warnings(thirty):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = inference.permutation_test(
            pd.concat([thirty] * 20), "dissimilarity", group="group", total="total", n_permutations=5
        )
    assert table.loc[0, "n_areas"] == 600
