"""Difference-in-differences: by hand, by identity, against other packages, and what data do not allow."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import areas
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.evaluation import difference_in_differences
from segkit.inference import lots

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "difference_in_differences.csv")


def panel_of(values, first=2020, **columns):
    """One row per area (a line of values) and period."""
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


def grid(n=14, t=6):
    """The data of the oracles."""
    i, k = np.arange(n)[:, None], np.arange(t)[None, :]
    values = 60 + ((37 * i + 101 * k + 17 * i * k) % 29) / 3 + 2.0 * (i % 5) + 0.7 * k
    weight = 100 + ((53 * np.arange(n)) % 37) * 20.0
    return panel_of(values, w=weight, x=(19 * np.arange(n)) % 11, s=np.arange(n) % 2)


TREATED = ["a02", "a07", "a11"]
WEEKS = {"treated": TREATED, "start": 2023}


def value(result, measure="difference_in_differences", column="value"):
    return result.estimate.set_index("measure").loc[measure, column]


def test_two_by_two_by_hand():
    panel = panel_of([[10, 15], [20, 22], [30, 32], [40, 42]])
    result = difference_in_differences(panel, "y", treated=["a00"], start=2021)
    assert value(result) == 3.0
    assert result.event_study["value"].tolist() == [0.0, 3.0]
    assert result.event_study[["treated", "untreated"]].to_numpy().tolist() == [[10, 30], [15, 32]]
    # The others' estimates as if treated: 2 - (5 + 2 + 2) / 3 = -1 each.
    assert result.permutations["value"].round(9).tolist() == [-1.0] * 3
    assert result.enumerated
    assert value(result, column="p_value") == 0.25
    assert result.estimate.loc[0, "period"] == "2020–2021"
    assert result.areas[["role", "before", "after", "change"]].to_numpy().tolist()[0] == [
        "treated",
        10,
        15,
        5,
    ]


def test_weights_by_hand():
    panel = panel_of([[10, 15], [10, 13], [30, 31], [40, 42]], people=[300, 100, 100, 300])
    result = difference_in_differences(panel, "y", treated=["a00", "a01"], start=2021, weight="people")
    assert value(result) == pytest.approx(4.5 - 1.75)


def test_several_periods_are_means_before_and_after():
    panel = panel_of([[1, 3, 8, 10], [0, 0, 1, 1], [0, 0, 1, 1]])
    result = difference_in_differences(panel, "y", treated=["a00"], start=2022)
    assert value(result) == pytest.approx(6.0)
    assert result.event_study["value"].tolist() == pytest.approx([-2.0, 0.0, 4.0, 6.0])
    assert value(result, "trend_before") == pytest.approx(2.0)
    assert value(result, "differences_before") == pytest.approx(1.0)
    assert result.event_study["before"].tolist() == [True, True, False, False]


def test_p_by_hand_from_all_pairs():
    changes = np.array([6.0, 5.0, 1.0, 4.5, 0.0, 2.0])
    panel = panel_of(np.column_stack([np.zeros(6), changes]))
    result = difference_in_differences(panel, "y", treated=["a00", "a01"], start=2021)
    every = [
        changes[list(pair)].mean() - np.delete(changes, list(pair)).mean()
        for pair in combinations(range(6), 2)
    ]
    far = sum(abs(x) >= abs(every[0]) - 1e-12 for x in every)
    assert len(result.permutations) == len(every) - 1
    assert value(result, column="p_value") == pytest.approx(far / len(every))
    assert sorted(result.permutations["value"]) == pytest.approx(sorted(every[1:]))


@pytest.mark.parametrize("kind", ["plain", "weighted"])
def test_linear_models_of_other_packages_agree(kind):
    stored = ORACLE.set_index("statistic")["value"]
    weight = "w" if kind == "weighted" else None
    result = difference_in_differences(grid(), "y", **WEEKS, weight=weight)
    assert value(result) == pytest.approx(stored[f"{kind} estimate"])
    events = result.event_study.set_index("period")["value"]
    for period in (2020, 2021, 2023, 2024, 2025):
        assert events[period] == pytest.approx(stored[f"{kind} event {period}"])


def test_covariates_and_strata_agree_with_regression():
    stored = ORACLE.set_index("statistic")["value"]
    result = difference_in_differences(grid(), "y", **WEEKS, weight="w", covariates=["x"])
    assert value(result) == pytest.approx(stored["covariate estimate"])
    left = result.leave_one_out.set_index("area_id")["value"]
    assert left["a02"] == pytest.approx(stored["covariate without 2"])
    assert left["a05"] == pytest.approx(stored["covariate without 5"])
    within = difference_in_differences(grid(), "y", **WEEKS, weight="w", strata="s")
    assert value(within) == pytest.approx(stored["strata estimate"])


def test_leaving_one_out_is_estimating_without_it():
    panel = grid()
    result = difference_in_differences(panel, "y", **WEEKS, weight="w")
    left = result.leave_one_out.set_index("area_id")
    assert left["role"].tolist()[:3] == ["treated"] * 3
    for area in ("a02", "a05"):
        rest = panel[panel["area_id"] != area]
        kept = [k for k in TREATED if k != area]
        again = difference_in_differences(rest, "y", treated=kept, start=2023, weight="w")
        assert left.loc[area, "value"] == pytest.approx(value(again))
    alone = difference_in_differences(panel, "y", treated=["a02"], start=2023)
    assert np.isnan(alone.leave_one_out.set_index("area_id").loc["a02", "value"])


@given(
    st.lists(st.floats(-50, 50), min_size=14, max_size=14),
    st.lists(st.floats(-50, 50), min_size=6, max_size=6),
    st.floats(-20, 20),
)
@settings(max_examples=25, deadline=None)
def test_what_sets_areas_or_periods_apart_cancels(area, period, effect):
    panel = grid()
    shifted = panel.copy()
    shifted["y"] += np.repeat(area, 6) + np.tile(period, 14)
    shifted.loc[shifted["area_id"].isin(TREATED) & (shifted["period"] >= 2023), "y"] += effect
    one, other = (difference_in_differences(p, "y", **WEEKS, n_permutations=99) for p in (panel, shifted))
    assert value(other) - value(one) == pytest.approx(effect, abs=1e-8)
    # The interval follows the effect, whatever it is: the test of an effect takes it off first.
    assert value(other, column="ci_low") - value(one, column="ci_low") == pytest.approx(effect, abs=1e-7)
    before = [result.event_study.loc[:2, "value"] for result in (one, other)]
    assert before[0].to_numpy() == pytest.approx(before[1].to_numpy(), abs=1e-8)


def test_the_interval_holds_what_the_test_does_not_reject():
    panel = grid()
    result = difference_in_differences(panel, "y", **WEEKS, weight="w", covariates=["x"])
    hit = panel["area_id"].isin(TREATED) & (panel["period"] >= 2023)
    for end, inside in (("ci_low", 1), ("ci_high", -1)):
        for step, kept in ((1e-4 * inside, True), (-1e-4 * inside, False)):
            less = panel.copy()
            less.loc[hit, "y"] -= value(result, column=end) + step
            again = difference_in_differences(less, "y", **WEEKS, weight="w", covariates=["x"])
            assert (value(again, column="p_value") > 0.05) is np.bool_(kept)


def test_too_few_sets_give_no_interval():
    result = difference_in_differences(grid(), "y", treated=["a03"], start=2023)
    assert value(result, column="ci_low") == -np.inf
    assert value(result, column="p_value") >= 1 / 14
    assert result.notes["code"].tolist() == ["few_sets"]
    assert "14 sets" in result.conclude("en")
    assert "lower than" not in result.conclude("sv")
    wide = difference_in_differences(grid(), "y", treated=["a03"], start=2023, confidence=0.8)
    assert np.isfinite(value(wide, column="ci_low"))


def test_the_same_seed_gives_the_same_answer_and_lots_come_near_all_sets():
    every = difference_in_differences(grid(), "y", **WEEKS)
    one, other = (difference_in_differences(grid(), "y", **WEEKS, n_permutations=300) for _ in range(2))
    pd.testing.assert_frame_equal(one.estimate, other.estimate)
    assert every.enumerated
    assert not one.enumerated
    assert value(one, column="p_value") == pytest.approx(value(every, column="p_value"), abs=0.08)


def test_sets_are_drawn_within_strata():
    members, strata = np.array([0, 4]), np.array([0, 0, 0, 1, 1, 1, 1])
    sets, every = lots.random_sets(members, strata, 100, 0)
    assert every
    assert len(sets) == 3 * 4 - 1
    drawn, every = lots.random_sets(members, strata, 5, 0)
    assert not every
    assert (np.sort(strata[drawn], axis=1) == [0, 1]).all()
    big, _ = lots.random_sets(np.arange(3), np.zeros(50, dtype=int), 400, 1)
    assert all(len(set(line)) == 3 for line in big.tolist())
    # Each area is drawn about as often: 400 * 3 / 50 = 24.
    assert np.ptp(np.bincount(big.ravel(), minlength=50)) < 40


def test_a_column_marks_the_treated():
    panel = grid()
    panel["meeting_place"] = (panel["area_id"].isin(TREATED) & (panel["period"] >= 2023)).astype(int)
    named = difference_in_differences(panel, "y", **WEEKS)
    marked = difference_in_differences(panel, "y", treated="meeting_place", start=2023)
    pd.testing.assert_frame_equal(named.estimate, marked.estimate)
    with pytest.raises(InputError, match=r"meeting_place: is 1 from another period than start \(2022\)"):
        difference_in_differences(panel, "y", treated="meeting_place", start=2022)
    single = difference_in_differences(panel, "y", treated="a02", start=2023)
    assert single.areas["role"].tolist().count("treated") == 1


def test_controls_periods_and_missing_figures():
    panel = grid()
    chosen = difference_in_differences(
        panel, "y", **WEEKS, controls=["a00", "a01", "a03"], periods=[2022, 2024]
    )
    assert chosen.estimate.loc[0, ["n_areas", "period"]].tolist() == [6, "2022–2024"]
    panel.loc[5, "y"] = np.nan
    with pytest.warns(DataWarning, match=r"leaves out 1 of 11 untreated areas, which lack y in some .*a00"):
        result = difference_in_differences(panel, "y", **WEEKS)
    assert result.estimate["n_missing"].tolist() == [1, 1, 1]
    assert "left_out" in result.notes["code"].tolist()


def test_input_is_not_changed():
    panel = grid()
    before = panel.copy()
    difference_in_differences(panel, "y", **WEEKS, weight="w", covariates=["x"], strata="s")
    pd.testing.assert_frame_equal(panel, before)


BAD = [
    ({"treated": ["b"]}, UnknownNameError, r"treated: names areas that are not in the panel \(b\)"),
    ({"treated": []}, InputError, "treated: is empty"),
    ({"treated": 3}, InputError, "treated: is 3, must be area_ids or a column"),
    ({"start": 2020}, InputError, "start: is 2020, but there is no period before it"),
    ({"start": 2030}, InputError, "start: is 2030, but there is no period from then on"),
    ({"start": "2022"}, InputError, "start: is '2022', must be a period"),
    ({"periods": [2019, 2023]}, UnknownNameError, r"periods: has no 'y' in \(2019\)"),
    ({"periods": [2023]}, InputError, "panel: has 'y' in 1 period, needs one before the start"),
    ({"controls": ["a02", "a03"]}, InputError, r"controls: includes treated areas \(a02\)"),
    ({"controls": ["a03"]}, InputError, "panel: has 1 areas to compare 3 with, needs 2 or more"),
    ({"covariates": "x"}, InputError, "covariates: is 'x', must be a list of columns"),
    ({"covariates": ["mark"]}, InputError, "covariates: tell treated areas from the others"),
    ({"strata": "mark"}, InputError, r"mark: has strata with treated areas only \(a02, a07, a11\)"),
    ({"strata": "nothing"}, UnknownNameError, r"panel: lacks the column \(nothing\)"),
    ({"weight": "gap"}, InputError, r"treated: has areas that lack gap above 0 before 2023 \(a02\)"),
    ({"n_permutations": 0}, InputError, "n_permutations: is 0"),
    ({"confidence": 95}, InputError, "confidence: is 95"),
    ({"treated": "x"}, InputError, "x: must be 0 or 1"),
]


@pytest.mark.parametrize(("changed", "error", "rule"), BAD)
def test_bad_input(changed, error, rule):
    panel = grid()
    panel["mark"] = panel["area_id"].isin(TREATED).astype(int)
    panel["gap"] = panel["w"].where(panel["area_id"] != "a02")
    with pytest.raises(error, match=rule):
        difference_in_differences(panel, "y", **(WEEKS | changed))


def test_a_treated_area_must_be_there_before_and_after():
    panel = grid()
    late = panel[~((panel["area_id"] == "a07") & (panel["period"] < 2022))]
    with pytest.raises(
        InputError, match=r"areas without 'y' in a period before the start \(2023\) \(a07 2020\)"
    ):
        difference_in_differences(late, "y", **WEEKS)
    gone = panel[~((panel["area_id"] == "a07") & (panel["period"] == 2024))]
    with pytest.raises(InputError, match=r"in a period from the start \(2023\) \(a07 2024\).*periods="):
        difference_in_differences(gone, "y", **WEEKS)
    never = panel.copy()
    never.loc[never["area_id"] == "a07", "y"] = np.nan
    with pytest.raises(InputError, match=r"a07 2020"):
        difference_in_differences(never, "y", **WEEKS)


#: Districts of the places with a meeting place; Berga is the district around its center.
PLACES = ["08801610", "08801715", "08801817", "08801818"]


def test_turnout_of_kalmar_allows_no_conclusion():
    panel = areas.load_example("kalmar", "districts")
    panel = panel[panel["boundary_comparable"] == 1]
    result = difference_in_differences(panel, "turnout", treated=PLACES, start=2026, weight="electorate")
    assert result.estimate.loc[0, "n_areas"] == 39
    assert value(result, column="ci_low") < 0 < value(result, column="ci_high")
    assert np.isnan(value(result, "trend_before"))
    codes = result.notes["code"].tolist()
    assert codes == ["one_period_before", "one_period_after", "flag"]
    text = result.conclude("sv")
    assert "går inte att skilja från slumpen" in text
    assert "procentenheter" in text
    assert "39 av 78 värden är preliminära" in text
    assert "två antaganden" in text
    assert "percentage points" in result.conclude("en")


def test_words_follow_the_figures():
    values = np.zeros((20, 4)) + np.arange(20)[:, None] + np.sin(np.arange(80).reshape(20, 4))
    values[:2, 2:] += 9
    result = difference_in_differences(panel_of(values), "y", treated=["a00", "a01"], start=2022)
    assert "more than chance usually gives" in result.conclude("en")
    assert "does not prove that they changed alike" in result.conclude("en")
    values[:2, 1] += 9
    result = difference_in_differences(panel_of(values), "y", treated=["a00", "a01"], start=2022)
    assert "Already before 2022 the groups changed differently" in result.conclude("en")
    assert result.conclude("en", label="school results").startswith("School results: in 2 areas")
    with pytest.raises(InputError, match="label: is ''"):
        result.conclude("en", label="")
    with pytest.raises(InputError, match="language: is 'fi'"):
        result.conclude("fi")


def test_boundaries_that_changed_are_noted():
    panel = areas.load_example("kalmar", "districts")
    result = difference_in_differences(panel, "turnout", treated=PLACES, start=2026)
    assert "boundary" in result.notes["code"].tolist()
    assert "08800108, 08800124, 08801611" in result.conclude("en")
