from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import inequality
from segkit.base.boundary import unguarded
from segkit.errors import InputError

ORACLES = Path(__file__).parent / "oracles"
TIDY = ["measure", "period", "region", "group", "value", "se", "ci_low", "ci_high", "n_areas", "n_missing"]


def parts(table):
    assert list(table.columns) == TIDY
    return table.set_index("measure")["value"]


def test_gini_by_hand():
    assert inequality.gini([0, 0, 10, 10]) == pytest.approx(0.5)
    # Of 16 pairs 12 differ: 2 * (1+2+3+1+2+1) / (2 * 16 * 2.5).
    assert inequality.gini([1, 2, 3, 4]) == pytest.approx(20 / 80)


def test_gini_equals_the_printed_double_sum():
    rng = np.random.default_rng(4)
    y, w = rng.lognormal(5, 0.4, 70), rng.integers(1, 2000, 70).astype(float)
    mean = (w * y).sum() / w.sum()
    double_sum = (np.outer(w, w) * np.abs(y[:, None] - y[None, :])).sum()
    assert inequality.gini(y, w) == pytest.approx(double_sum / (2 * w.sum() ** 2 * mean), rel=1e-12)


def test_theil_by_hand():
    assert inequality.theil([0, 0, 0, 10, 10, 10]) == pytest.approx(np.log(2))
    assert inequality.theil([1, 3, 5, 7]) == pytest.approx(0.1739805, abs=5e-8)


def test_theil_of_one_owner_is_the_logarithm_of_the_number():
    assert inequality.theil([0, 0, 0, 0, 8]) == pytest.approx(np.log(5))


def test_decomposition_without_inequality_inside_the_regions():
    value = parts(inequality.theil_decomposition([0, 0, 0, 10, 10, 10], list("aaabbb")))
    assert value["total"] == pytest.approx(np.log(2))
    assert value["between"] == pytest.approx(np.log(2))
    assert value["within"] == pytest.approx(0, abs=1e-12)


def test_decomposition_published():
    value = parts(inequality.theil_decomposition([1, 3, 5, 7], list("aabb")))
    assert value.to_numpy() == pytest.approx([0.1739805, 0.1308120, 0.0431684], abs=5e-8)


def test_decomposition_extremes():
    y, w = [1.0, 3, 5, 7], [2.0, 1, 1, 4]
    total = inequality.theil(y, w)
    one = parts(inequality.theil_decomposition(y, ["all"] * 4, w))
    own = parts(inequality.theil_decomposition(y, list("abcd"), w))
    assert one.to_numpy() == pytest.approx([total, 0, total], abs=1e-12)
    assert own.to_numpy() == pytest.approx([total, total, 0], abs=1e-12)


def test_decomposition_is_the_weighted_theil_of_each_region():
    rng = np.random.default_rng(5)
    y, w = rng.lognormal(5, 0.4, 30), rng.integers(1, 900, 30).astype(float)
    region = rng.choice(list("abc"), 30)
    inside = sum(
        (w * y)[region == r].sum() / (w * y).sum() * inequality.theil(y[region == r], w[region == r])
        for r in "abc"
    )
    value = parts(inequality.theil_decomposition(y, region, w))
    assert value["within"] == pytest.approx(inside)
    assert value["total"] == pytest.approx(inequality.theil(y, w))


def test_decomposition_leaves_out_empty_areas_and_says_so():
    table = inequality.theil_decomposition(
        [1, 3, 5, 7, np.nan], ["a", "a", "b", "b", None], weight=[1, 1, 1, 1, 0]
    )
    assert parts(table)["between"] == pytest.approx(0.1308120, abs=5e-8)
    assert table["n_areas"].tolist() == [4, 4, 4]
    assert table["n_missing"].tolist() == [0, 0, 0]


def test_decomposition_region_must_fit():
    with pytest.raises(InputError, match="region: has 1 values where `values` has 2"):
        inequality.theil_decomposition([1, 2], ["a"])
    with pytest.raises(InputError, match=r"region: is missing at positions \(1\)"):
        inequality.theil_decomposition([1, 2], ["a", None])
    values = pd.Series([1.0, 2.0])
    with pytest.raises(InputError, match="region: has another index"):
        inequality.theil_decomposition(values, pd.Series(["a", "b"], index=[1, 0]))


def test_mean_log_deviation_decomposition_by_hand():
    # Means 2 and 4, all together 3: between ln 3 - (ln 2 + ln 4) / 2, within half of that of (1, 3).
    value = parts(inequality.mean_log_deviation_decomposition([1, 3, 4, 4], list("aabb")))
    assert value["between"] == pytest.approx(np.log(3) - 1.5 * np.log(2))
    assert value["within"] == pytest.approx((np.log(2) - np.log(3) / 2) / 2)
    assert value["total"] == pytest.approx(inequality.mean_log_deviation([1, 3, 4, 4]))


def test_mean_log_deviation_decomposition_extremes():
    y, w = [1.0, 3, 5, 7], [2.0, 1, 1, 4]
    total = inequality.mean_log_deviation(y, w)
    one = parts(inequality.mean_log_deviation_decomposition(y, ["all"] * 4, w))
    own = parts(inequality.mean_log_deviation_decomposition(y, list("abcd"), w))
    assert one.to_numpy() == pytest.approx([total, 0, total], abs=1e-12)
    assert own.to_numpy() == pytest.approx([total, total, 0], abs=1e-12)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.integers(1, 900), st.sampled_from("abcd")), min_size=1, max_size=30
    )
)
def test_mean_log_deviation_is_between_plus_within(rows):
    y, w, region = (np.array(column) for column in zip(*rows, strict=True))
    value = parts(inequality.mean_log_deviation_decomposition(y, region, w))
    assert value["between"] + value["within"] == value["total"]
    assert value["total"] == pytest.approx(inequality.mean_log_deviation(y, w), rel=1e-9, abs=1e-12)
    assert value.min() >= 0
    inside = sum(
        w[region == r].sum() / w.sum() * inequality.mean_log_deviation(y[region == r], w[region == r])
        for r in set(region)
    )
    assert value["within"] == pytest.approx(inside, rel=1e-9, abs=1e-12)


def test_regions_made_equal_leave_what_was_within():
    y, w, region = np.array([1.0, 3, 5, 9, 2]), np.array([3.0, 1, 2, 2, 5]), np.array(list("aabbb"))
    within = parts(inequality.mean_log_deviation_decomposition(y, region, w))["within"]
    mean = {r: np.average(y[region == r], weights=w[region == r]) for r in "ab"}
    equal = y / [mean[r] for r in region]
    assert inequality.mean_log_deviation(equal, w) == pytest.approx(within)


def test_mean_log_deviation_decomposition_leaves_out_empty_areas():
    table = inequality.mean_log_deviation_decomposition([1, 3, np.nan], ["a", "b", None], weight=[1, 1, 0])
    assert parts(table)["between"] == pytest.approx(np.log(2) - np.log(3) / 2)
    assert table["n_areas"].tolist() == [2, 2, 2]


def test_mean_log_deviation_decomposition_faults():
    with pytest.raises(InputError, match="values: must be greater than 0.*logarithm of 0"):
        inequality.mean_log_deviation_decomposition([0, 1], ["a", "b"])
    with pytest.raises(InputError, match="region: has 1 values where `values` has 2"):
        inequality.mean_log_deviation_decomposition([1, 2], ["a"])


def test_other_package_agrees_on_the_parts_of_the_mean_log_deviation():
    areas = pd.read_csv(ORACLES / "measures_areas.csv")
    oracle = pd.read_csv(ORACLES / "mean_log_deviation_decomposition.csv").set_index("measure")["value"]
    value = parts(inequality.mean_log_deviation_decomposition(areas["income"], areas["region"]))
    assert value.to_dict() == pytest.approx(oracle.to_dict(), rel=1e-10)


def test_mean_log_deviation_by_hand():
    assert inequality.mean_log_deviation([1, 3]) == pytest.approx(np.log(2) - np.log(3) / 2)
    weighted = inequality.mean_log_deviation([1, 3], weight=[3, 1])
    assert weighted == pytest.approx(np.log(1.5) - np.log(3) / 4)


def test_mean_log_deviation_has_no_answer_for_zero():
    with pytest.raises(InputError, match="values: must be greater than 0"):
        inequality.mean_log_deviation([0, 1])


def test_ratio_of_whole_areas():
    assert inequality.ratio([5, 1, 4, 2, 3]) == pytest.approx(5)
    assert inequality.ratio([1, 2, 3, 4], top=0.5, bottom=0.5) == pytest.approx(3.5 / 1.5)


def test_ratio_counts_the_area_on_the_cut_in_part():
    # 30 people; the bottom 12 are the 10 at 1 and 2 of those at 2; the top 6 all live in the last area.
    value = inequality.ratio([4, 2, 1], weight=[10, 10, 10], top=0.2, bottom=0.4)
    assert value == pytest.approx(4 / ((10 * 1 + 2 * 2) / 12))


def test_ratio_inside_one_area_is_one():
    assert inequality.ratio([7, 8], weight=[1, 0]) == 1


@pytest.mark.parametrize(("top", "bottom"), [(0, 0.2), (0.2, -0.1), (0.6, 0.5), (float("nan"), 0.2)])
def test_ratio_shares_have_a_rule(top, bottom):
    with pytest.raises(InputError, match="top, bottom: are"):
        inequality.ratio([1, 2], top=top, bottom=bottom)


def test_ratio_to_nothing_is_an_error():
    with pytest.raises(InputError, match="mean 0 at the bottom"):
        inequality.ratio([0, 1, 2, 3, 4])


def test_sigma_is_the_population_standard_deviation():
    assert inequality.sigma([2, 4, 4, 4, 5, 5, 7, 9]) == pytest.approx(2)
    assert inequality.sigma([0, 4], weight=[3, 1]) == pytest.approx(np.sqrt(3))
    assert inequality.sigma([-1, 1]) == pytest.approx(1)


def test_sigma_keeps_its_digits_far_from_zero():
    assert inequality.sigma([1e9, 1e9 + 2]) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("name", ["gini", "theil", "mean_log_deviation", "ratio"])
def test_negative_and_all_zero_values_are_errors(name):
    measure = inequality.MEASURES[name].function
    with pytest.raises(InputError, match=r"values: must not be negative \(-1.0\)"):
        measure([-1, 2, 3])
    with pytest.raises(InputError, match="values: are all 0"):
        measure([0, 0])


@pytest.mark.parametrize("name", sorted(inequality.MEASURES))
def test_missing_and_misfit_input_is_named(name):
    measure = inequality.MEASURES[name].function
    with pytest.raises(InputError, match=r"values: has missing values at positions \(1\)"):
        measure([1, np.nan, 2])
    with pytest.raises(InputError, match="weight: must not be negative"):
        measure([1, 2], [1, -1])
    with pytest.raises(InputError, match="weight: must sum to more than 0"):
        measure([1, 2], [0, 0])
    with pytest.raises(InputError, match="weight: has 1 values where `values` has 2"):
        measure([1, 2], [1])


def test_other_package_agrees():
    areas = pd.read_csv(ORACLES / "measures_areas.csv")
    oracle = pd.read_csv(ORACLES / "measures.csv").query("module == 'inequality'")
    split = parts(inequality.theil_decomposition(areas["income"], areas["region"]))
    found = {
        "gini": inequality.gini(areas["income"]),
        "theil": inequality.theil(areas["income"]),
        "theil_between": split["between"],
        "theil_within": split["within"],
        "mean_log_deviation": inequality.mean_log_deviation(areas["income"]),
    }
    assert set(oracle["measure"]) == set(found)
    for row in oracle.itertuples():
        assert found[row.measure] == pytest.approx(row.value, rel=1e-10), row.call


def test_registry_describes_every_measure():
    assert set(inequality.MEASURES) == {"gini", "theil", "mean_log_deviation", "ratio", "sigma"}
    for name, measure in inequality.MEASURES.items():
        assert measure.name == name
        assert measure.kind == "values"
        assert measure.dimension == "inequality"
        assert unguarded(measure.function) is unguarded(getattr(inequality, name))
        assert measure.low < measure.high
        assert measure.meaning.endswith(".")
        assert measure.meaning_sv.endswith(".")
        assert measure.reference.endswith(")")
