"""Synthetic control: weights against another package and against first principles, placebos, refusals."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import areas
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.evaluation import synthetic_control
from segkit.evaluation.synthetic import simplex_weights

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "synthetic_control.csv")


def panel_of(values, first=2020, **columns):
    values = np.asarray(values, dtype=float)
    n, t = values.shape
    panel = pd.DataFrame(
        {
            "area_id": np.repeat([f"a{k:02d}" for k in range(n)], t),
            "period": np.tile(first + np.arange(t), n),
            "y": values.ravel(),
        }
    )
    return panel.assign(**{name: np.repeat(list(column), t) for name, column in columns.items()})


def grid(n=12, t=9):
    """The data of the oracles."""
    i, k = np.arange(n)[:, None], np.arange(t)[None, :]
    return 60 + ((37 * i + 101 * k + 17 * i * k) % 29) / 3 + 2.0 * (i % 5) + 0.7 * k


def factors(n=20, t=12, seed=0, noise=0.3):
    """Areas that follow two common courses, each in its measure."""
    rng = np.random.default_rng(seed)
    courses = rng.normal(size=(2, t)).cumsum(axis=1)
    return 50 + rng.uniform(0, 1, (n, 2)) @ courses + rng.normal(size=(n, t)) * noise


def value(result, measure="synthetic_control", column="value"):
    return result.estimate.set_index("measure").loc[measure, column]


@pytest.mark.parametrize("data", ["inside", "outside", "predictor"])
def test_weights_and_effect_of_another_package_agree(data):
    stored = ORACLE[ORACLE["data"] == data].set_index("statistic")["value"]
    values, treated = grid(), "a00" if data == "outside" else "a04"
    if data == "outside":
        values[0] -= 30
    panel = panel_of(values, x=(19 * np.arange(12)) % 11)
    predictors = ["x"] if data == "predictor" else []
    result = synthetic_control(panel, "y", treated=[treated], start=2026, predictors=predictors)
    weights = result.weights.set_index("donor")["weight"]
    assert weights.sum() == pytest.approx(1)
    for name in stored.index[:-1]:
        assert weights.get(name.removeprefix("weight "), 0) == pytest.approx(stored[name], abs=2e-3)
    assert value(result) == pytest.approx(stored["effect"], abs=5e-3)


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 12))
@settings(max_examples=60, deadline=None)
def test_no_other_weights_come_nearer(seed, rows, donors):
    rng = np.random.default_rng(seed)
    target, features = 2 * rng.normal(size=rows), rng.normal(size=(rows, donors))
    weights = simplex_weights(target, features)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)
    # The conditions of Karush, Kuhn and Tucker: weight stands only where the slope is least.
    slope = features.T @ (features @ weights - target)
    assert slope[weights > 0] == pytest.approx(slope.min(), abs=1e-7)


def test_weights_by_brute_force():
    rng = np.random.default_rng(3)
    target, features = rng.normal(size=4), rng.normal(size=(4, 3))
    steps = np.linspace(0, 1, 201)
    tried = np.array([(a, b, 1 - a - b) for a in steps for b in steps if a + b <= 1])
    distance = np.square(tried @ features.T - target).sum(axis=1)
    assert simplex_weights(target, features) == pytest.approx(tried[distance.argmin()], abs=0.01)


def test_a_planted_effect_is_found():
    values = factors()
    values[0] = values[3:6].mean(axis=0)
    values[0, 8:] += 2.5
    result = synthetic_control(panel_of(values), "y", treated=["a00"], start=2028)
    assert value(result) == pytest.approx(2.5)
    assert value(result, "rmspe_before") == pytest.approx(0, abs=1e-6)
    noisy = factors()
    noisy[0, 8:] += 2.5
    result = synthetic_control(panel_of(noisy), "y", treated=["a00"], start=2028)
    assert value(result) == pytest.approx(2.5, abs=0.6)
    assert value(result, "rmspe_ratio", "p_value") == 1 / 20
    assert "more than chance" in result.conclude("en")
    nothing = synthetic_control(panel_of(factors()), "y", treated=["a00"], start=2028)
    assert value(result) - value(nothing) == pytest.approx(2.5)
    assert "can't be told from chance" in nothing.conclude("en")


def test_placebos_by_hand():
    values = factors()
    panel = panel_of(values)
    result = synthetic_control(panel, "y", treated=["a00"], start=2028)
    placebo = result.placebos.set_index("area_id")
    rest = panel[panel["area_id"] != "a00"]
    for area in ("a01", "a07"):
        alone = synthetic_control(rest, "y", treated=[area], start=2028)
        assert placebo.loc[area, "value"] == pytest.approx(value(alone))
        assert placebo.loc[area, "ratio"] == pytest.approx(value(alone, "rmspe_ratio"))
    as_large = (placebo.loc[placebo["role"] == "donor", "ratio"] >= placebo.loc["a00", "ratio"]).sum()
    assert value(result, "rmspe_ratio", "p_value") == pytest.approx((1 + as_large) / 20)
    assert value(result, column="se") == pytest.approx(placebo.loc[placebo["role"] == "donor", "value"].std())


def test_several_treated_are_averaged_and_compared_with_as_many():
    panel = panel_of(factors(n=10))
    pair = synthetic_control(panel, "y", treated=["a00", "a01"], start=2028)
    each = []
    for area, other in (("a00", "a01"), ("a01", "a00")):
        each.append(synthetic_control(panel[panel["area_id"] != other], "y", treated=[area], start=2028))
    assert value(pair) == pytest.approx(np.mean([value(one) for one in each]))
    assert pair.n_sets == 28
    gaps = {k: g["gap"].to_numpy() for k, g in pair.gaps.groupby("area_id")}
    assert gaps[""] == pytest.approx((gaps["a00"] + gaps["a01"]) / 2)
    donors = pair.placebos[pair.placebos["role"] == "donor"].set_index("area_id")["value"]
    means = [np.mean([donors[a], donors[b]]) for a, b in combinations(donors.index, 2)]
    assert value(pair, column="se") == pytest.approx(np.std(means, ddof=1))
    drawn = synthetic_control(panel, "y", treated=["a00", "a01"], start=2028, n_permutations=20)
    assert drawn.n_sets == 20
    assert "Of 28 sets of as many other areas" in pair.conclude("en")
    assert "2 områden" in pair.conclude("sv")


def test_leaving_a_donor_out_is_estimating_without_it():
    panel = panel_of(factors())
    result = synthetic_control(panel, "y", treated=["a00"], start=2028)
    assert set(result.leave_one_out["donor"]) == set(result.weights["donor"])
    donor, alone = result.leave_one_out.loc[0, ["donor", "value"]]
    again = synthetic_control(panel[panel["area_id"] != donor], "y", treated=["a00"], start=2028)
    assert alone == pytest.approx(value(again))
    assert result.leave_one_out["change"].abs().is_monotonic_decreasing


def test_placebos_in_time_are_earlier_starts():
    panel = panel_of(factors())
    result = synthetic_control(panel, "y", treated=["a00"], start=2028)
    assert result.placebos_in_time["start"].tolist() == [2023, 2024, 2025, 2026, 2027]
    early = synthetic_control(panel[panel["period"] < 2028], "y", treated=["a00"], start=2025)
    assert result.placebos_in_time.loc[2, "value"] == pytest.approx(value(early))
    assert result.placebos_in_time.loc[2, "rmspe_before"] == pytest.approx(value(early, "rmspe_before"))


def test_an_area_outside_all_others_is_said_to_be_and_can_be_matched_in_course():
    values = factors()
    values[0] -= 40
    panel = panel_of(values)
    result = synthetic_control(panel, "y", treated=["a00"], start=2028)
    assert {"outside", "poor_fit"} <= set(result.notes["code"])
    assert "a00 lay outside all donors before 2028" in result.conclude("en")
    assert "dålig passning" in result.conclude("sv")
    course = synthetic_control(panel, "y", treated=["a00"], start=2028, demean=True)
    assert "outside" not in set(course.notes["code"])
    shifted = panel_of(factors())
    same = synthetic_control(shifted, "y", treated=["a00"], start=2028, demean=True)
    assert value(course) == pytest.approx(value(same))
    assert course.gaps.loc[course.gaps["before"], "gap"].mean() == pytest.approx(0, abs=1e-9)


def test_no_donor_is_treated_and_units_do_not_matter():
    panel = panel_of(factors())
    result = synthetic_control(panel, "y", treated=["a00", "a01"], start=2028, donors=["a02", "a03", "a04"])
    assert set(result.weights["donor"]) <= {"a02", "a03", "a04"}
    other = panel.assign(y=1000 * panel["y"] - 7)
    scaled = synthetic_control(other, "y", treated=["a00", "a01"], start=2028, donors=["a02", "a03", "a04"])
    assert value(scaled) == pytest.approx(1000 * value(result))
    assert scaled.weights["weight"].to_numpy() == pytest.approx(result.weights["weight"].to_numpy())
    assert value(scaled, "rmspe_ratio") == pytest.approx(value(result, "rmspe_ratio"))


def test_a_constant_outcome_has_no_gap():
    result = synthetic_control(panel_of(np.full((5, 6), 3.0)), "y", treated=["a00"], start=2024)
    assert value(result) == pytest.approx(0)
    assert value(result, "rmspe_ratio", "p_value") == 1.0
    assert "overfit" in result.notes["code"].tolist()


def test_one_election_before_is_too_few():
    panel = areas.load_example("kalmar", "districts")
    panel = panel[panel["boundary_comparable"] == 1]
    rule = "start: leaves 1 period with the outcome before 2026, needs 3 or more for weights that are more"
    with pytest.raises(InputError, match=rule + ".*difference_in_differences"):
        synthetic_control(panel, "turnout", treated=["08801817", "08801818"], start=2026)


def test_income_of_norrliden_lies_outside_all_others():
    panel = areas.load_example("kalmar", "regso")
    result = synthetic_control(panel, "mean_wage_income", treated=["0880R012"], start=2023)
    codes = result.notes["code"].tolist()
    assert "outside" in codes
    assert "overfit" in codes
    assert "no_placebo_in_time" in codes
    assert value(result, "rmspe_ratio", "p_value") > 0.05


def test_missing_figures_are_counted():
    panel = panel_of(factors(), x=np.arange(20.0))
    panel.loc[panel["area_id"] == "a05", "x"] = np.nan
    with pytest.warns(
        DataWarning, match=r"leaves out 1 of 19 untreated areas, which lack x before 2028 \(a05"
    ):
        result = synthetic_control(panel, "y", treated=["a00"], start=2028, predictors=["x"])
    assert result.estimate["n_missing"].tolist() == [1] * 4
    panel.loc[panel["area_id"] == "a00", "x"] = np.nan
    with pytest.raises(InputError, match=r"treated: has areas that lack x before 2028 \(a00\)"):
        synthetic_control(panel, "y", treated=["a00"], start=2028, predictors=["x"])


BAD = [
    ({"start": 2022}, InputError, "start: leaves 2 periods with the outcome before 2022"),
    ({"donors": ["a01"]}, InputError, "donors: leaves 1 areas that may get weight"),
    ({"donors": ["a00", "a01"]}, InputError, r"donors: includes treated areas \(a00\)"),
    ({"donors": ["b"]}, UnknownNameError, r"donors: names areas that are not in the panel \(b\)"),
    ({"predictors": "x"}, InputError, "predictors: is 'x', must be a list"),
    ({"predictors": ["z"]}, UnknownNameError, "lacks the column"),
    ({"n_permutations": 0}, InputError, "n_permutations"),
    ({"random_state": -1}, InputError, "random_state"),
]


@pytest.mark.parametrize(("changed", "error", "rule"), BAD)
def test_bad_input(changed, error, rule):
    with pytest.raises(error, match=rule):
        synthetic_control(panel_of(factors()), "y", **({"treated": ["a00"], "start": 2028} | changed))
