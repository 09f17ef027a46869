"""The smallest detectable effect: by hand, by planting, and what stands in the way of one."""

import numpy as np
import pandas as pd
import pytest

from segkit import areas
from segkit.errors import InputError, UnknownNameError
from segkit.evaluation import difference_in_differences, minimum_detectable_effect


def panel_of(changes, **columns):
    n = len(changes)
    names = [f"a{k:02d}" for k in range(n)]
    panel = pd.DataFrame({"area_id": names * 2, "period": [2022] * n + [2026] * n})
    panel["y"] = [50.0] * n + (50 + np.asarray(changes, dtype=float)).tolist()
    return panel.assign(**{name: list(column) * 2 for name, column in columns.items()})


def detectable(panel, treated, **options):
    return minimum_detectable_effect(panel, "y", treated=treated, start=2026, **options)


def value(result, measure):
    return result.table.set_index("measure").loc[measure, "value"]


CHANGES = np.random.default_rng(5).normal(size=41)


def test_an_effect_just_above_is_found_and_just_below_is_not():
    panel = panel_of(CHANGES)
    result = detectable(panel, ["a40"], power=0.8)
    free = panel[panel["area_id"] != "a40"]
    for measure, sign in (("detectable_rise", 1), ("detectable_fall", -1)):
        for factor, enough in ((1.0001, True), (0.9999, False)):
            found = []
            for area in free["area_id"].unique():
                hit = (free["area_id"] == area) & (free["period"] == 2026)
                planted = free.assign(y=free["y"] + sign * factor * value(result, measure) * hit)
                test = difference_in_differences(planted, "y", treated=[area], start=2026)
                estimate = test.estimate.loc[0]
                found.append(estimate["p_value"] <= 0.05 and sign * estimate["value"] > 0)
            assert (np.mean(found) >= 0.8) is np.bool_(enough)


def test_curve_and_table_agree():
    result = detectable(panel_of(CHANGES), ["a40", "a39"])
    curve = result.curve.set_index("effect")["power"]
    assert curve[curve.index > value(result, "detectable_rise")].min() >= 0.8
    assert curve[curve.index < -value(result, "detectable_fall")].min() >= 0.8
    assert curve.iloc[20] <= 0.08
    assert result.curve["effect"].is_monotonic_increasing


def test_units_follow_and_more_areas_find_less():
    one = detectable(panel_of(CHANGES), ["a40"])
    large = detectable(panel_of(10 * CHANGES), ["a40"])
    assert value(large, "detectable_rise") == pytest.approx(10 * value(one, "detectable_rise"))
    four = detectable(panel_of(CHANGES), ["a37", "a38", "a39", "a40"])
    assert value(four, "detectable_rise") < 0.75 * value(one, "detectable_rise")


def test_the_treated_areas_take_no_part():
    hit = CHANGES.copy()
    hit[40] += 100
    assert detectable(panel_of(hit), ["a40"]).table.equals(detectable(panel_of(CHANGES), ["a40"]).table)


def test_few_areas_find_nothing():
    result = detectable(panel_of(CHANGES[:8]), ["a00"])
    assert value(result, "detectable_rise") == np.inf
    assert "no change, however large" in result.conclude("en")
    assert "hur stor den än är" in result.conclude("sv")
    assert "must be at least" not in result.conclude("en")


def test_sampling_is_told_apart():
    rng = np.random.default_rng(2)
    n = 400
    before, after = (rng.binomial(n, 0.5, size=60) / n * 100 for _ in range(2))
    panel = panel_of(after - before, persons=[n] * 60)
    result = detectable(panel, ["a00", "a01", "a02"], persons="persons")
    # The areas differ by sampling alone: 100 * sqrt(2 * 0.25 / 400) = 3.54 is the spread of their changes.
    assert value(result, "sampling_share") == pytest.approx(1, abs=0.35)
    only = value(result, "detectable_rise_sampling_only")
    assert only == pytest.approx(value(result, "detectable_rise"), rel=0.25)
    assert only == pytest.approx((1.96 + 0.84) * 3.54 / np.sqrt(3), rel=0.2)
    many = detectable(panel.assign(persons=n * 100), ["a00", "a01", "a02"], persons="persons")
    assert value(many, "sampling_share") == pytest.approx(value(result, "sampling_share") / 100)
    assert value(many, "detectable_rise_sampling_only") == pytest.approx(only / 10, rel=0.15)
    assert "of the variation between the changes" in result.conclude("en")


def test_strata_weights_and_seed():
    panel = panel_of(CHANGES, size=np.arange(41) + 5.0, kind=[0, 1] * 20 + [0])
    options = {"weight": "size", "strata": "kind", "n_assignments": 50, "n_permutations": 200}
    one, other = (detectable(panel, ["a39", "a40"], **options) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.table.loc[0, "n_areas"] == 41


def test_turnout_of_kalmar():
    panel = areas.load_example("kalmar", "districts")
    panel = panel[panel["boundary_comparable"] == 1]
    places = ["08801610", "08801715", "08801817", "08801818"]
    options = {"treated": places, "start": 2026, "weight": "electorate"}
    result = minimum_detectable_effect(panel, "turnout", **options, persons="electorate")
    found = difference_in_differences(panel, "turnout", **options).estimate.loc[0, "value"]
    assert 2 < value(result, "detectable_rise") < 5
    assert abs(found) < value(result, "detectable_rise")
    text = result.conclude("sv")
    assert "procentenheter" in text
    assert "Mindre förändringar kan finnas utan att synas" in text


BAD = [
    ({"persons": "y", "outcome": "money"}, InputError, "persons: goes with percentages, but 'money'"),
    ({"persons": "gap"}, InputError, "gap: has .* missing values"),
    ({"persons": "nothing"}, UnknownNameError, "lacks the column"),
    ({"level": 5}, InputError, "level: is 5"),
    ({"power": 1}, InputError, "power: is 1"),
    ({"n_assignments": 1}, InputError, "n_assignments"),
    ({"strata": "kind"}, InputError, "strata: have no more untreated areas than treated ones"),
    ({"controls": ["a02", "a03", "a04"]}, InputError, "panel: has 1 areas to compare 2 with"),
]


@pytest.mark.parametrize(("changed", "error", "rule"), BAD)
def test_bad_input(changed, error, rule):
    panel = panel_of(CHANGES, gap=[np.nan] + [9] * 40, kind=[1, 0, 1, *[0] * 38])
    panel["money"] = 1000 * panel["y"]
    options = {"outcome": "y", "treated": ["a00", "a01"], "start": 2026} | changed
    if "gap" in changed.values():
        options["treated"] = ["a01", "a02"]
    with pytest.raises(error, match=rule):
        minimum_detectable_effect(panel, options.pop("outcome"), **options)
