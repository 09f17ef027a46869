"""Rates of small areas: by hand, at the ends, with the order kept, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit.errors import InputError
from segkit.profiles.composite import shrink_rates


def _by_hand(rate, n):
    """Compute the formulas one area at a time."""
    z = [math.log(p / (1 - p)) for p in rate]
    v = [m * p * (1 - p) for p, m in zip(rate, n, strict=True)]
    center = sum(a * b for a, b in zip(v, z, strict=True)) / sum(v)
    q = sum(a * (b - center) ** 2 for a, b in zip(v, z, strict=True))
    t2 = max(0, (q - (len(z) - 1)) / (sum(v) - sum(a * a for a in v) / sum(v)))
    whole = sum(p * m for p, m in zip(rate, n, strict=True)) / sum(n)
    parent = math.log(whole / (1 - whole))
    rows = []
    for a, b in zip(z, v, strict=True):
        w = b / (b + 1 / t2) if t2 else 0.0
        rows.append((1 / (1 + math.exp(-(w * a + (1 - w) * parent))), w, whole))
    return rows


@pytest.mark.parametrize(
    ("rate", "n"),
    [
        ([0.1, 0.3, 0.3], [1000, 1000, 10]),
        ([0.05, 0.2, 0.5, 0.9], [40, 15, 300, 7]),
        ([0.2, 0.21, 0.22], [10, 12, 9]),
    ],
)
def test_the_formula_by_hand(rate, n):
    result = shrink_rates(rate, n)
    assert np.allclose(result[["value", "weight", "parent"]], _by_hand(rate, n))


def test_rates_no_further_apart_than_chance_become_the_parents():
    result = shrink_rates([0.2, 0.21, 0.22], [10, 12, 9])
    assert (result["weight"] == 0).all()
    assert np.allclose(result["value"], (0.2 * 10 + 0.21 * 12 + 0.22 * 9) / 31)
    # The parent's own uncertainty remains.
    assert np.allclose(result["se"], np.sqrt(result["parent"] * (1 - result["parent"]) / 31))


def test_many_persons_keep_the_rate_and_few_take_the_parents():
    rate = [0.1, 0.3, 0.5, 0.2]
    many = shrink_rates(rate, [1e12] * 4)
    assert np.allclose(many["value"], rate, atol=1e-9)
    assert np.allclose(many["weight"], 1)
    few = shrink_rates(rate, [1000, 1000, 1000, 1e-9])
    assert few["value"][3] == pytest.approx(few["parent"][3])
    assert few["weight"][3] == pytest.approx(0, abs=1e-9)
    none = shrink_rates([*rate[:3], np.nan], [1000, 1000, 1000, 0])
    assert none["value"][3] == pytest.approx(none["parent"][3])
    assert none["weight"][3] == 0
    assert none["se"][3] > few["se"][0]


def test_each_region_is_shrunk_by_itself():
    rate, n = [0.1, 0.3, 0.3, 0.6, 0.8, 0.4], [1000, 900, 10, 50, 60, 70]
    both = shrink_rates(rate, n, ["x"] * 3 + ["y"] * 3)
    parts = [shrink_rates(rate[:3], n[:3]), shrink_rates(rate[3:], n[3:])]
    pd.testing.assert_frame_equal(both, pd.concat(parts, ignore_index=True))


def test_a_region_of_one_area_keeps_its_rate():
    result = shrink_rates([0.1, 0.3, 0.7], [100, 100, 20], ["x", "x", "y"])
    assert result["value"][2] == pytest.approx(0.7)
    assert result["weight"][2] == 1
    assert result["se"][2] == pytest.approx(math.sqrt(0.7 * 0.3 / 20))


def test_none_and_all_get_half_a_person():
    result = shrink_rates([0.0, 1.0, 0.5, 0.3], [9, 9, 100, 100])
    same = shrink_rates([0.5 / 10, 9.5 / 10, 0.5, 0.3], [9, 9, 100, 100])
    assert np.allclose(result["weight"], same["weight"])
    assert 0 < result["value"][0] < result["value"][3]
    assert result["value"][2] < result["value"][1] < 1
    assert shrink_rates([0.0, 0.0], [9, 10])["parent"].tolist() == [0.5 / 20] * 2


def test_percentages_are_shares_times_100():
    share = shrink_rates([0.1, 0.3, 0.3], [1000, 1000, 10])
    percent = shrink_rates([10.0, 30, 30], [1000, 1000, 10], percent=True)
    assert np.allclose(percent["weight"], share["weight"])
    assert np.allclose(percent.drop(columns="weight"), 100 * share.drop(columns="weight"))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.floats(0.2, 0.4), min_size=3, max_size=20, unique=True), st.integers(5, 5000))
def test_the_order_is_kept_and_values_lie_between_rate_and_parent(rate, n):
    # Within a factor 2.7 in odds of the parent's rate the order is kept for any n.
    result = shrink_rates(rate, [n] * len(rate))
    order = np.argsort(rate)
    assert (np.diff(result["value"].to_numpy()[order]) >= -1e-12).all()
    low = np.minimum(rate, result["parent"]) - 1e-12
    high = np.maximum(rate, result["parent"]) + 1e-12
    assert result["value"].between(low, high).all()
    assert result["weight"].between(0, 1).all()


def test_far_from_the_parent_the_order_may_turn():
    # As the docstring says: near 0 a rate is so uncertain that it is drawn further.
    rate = [0.001, 0.02] + [0.2, 0.4] * 60
    value = shrink_rates(rate, [40] * len(rate))["value"]
    assert value[0] > value[1]


def test_rows_stay_aligned_and_the_input_unchanged():
    table = pd.DataFrame({"rate": [0.1, 0.3, 0.2], "n": [10, 20, 30], "town": list("xxy")}, index=[7, 3, 5])
    before = table.copy()
    result = shrink_rates(table["rate"], table["n"], table["town"])
    assert result.index.tolist() == [7, 3, 5]
    assert result.columns.tolist() == ["value", "weight", "parent", "se"]
    pd.testing.assert_frame_equal(table, before)


def test_what_is_refused():
    with pytest.raises(InputError, match=r"rate: has values over 1 \(1\). Pass percent=True"):
        shrink_rates([0.1, 30], [10, 10])
    with pytest.raises(InputError, match="rate: has values over 100"):
        shrink_rates([10, 130], [10, 10], percent=True)
    with pytest.raises(InputError, match="rate: has values under 0"):
        shrink_rates([-0.1, 0.3], [10, 10])
    with pytest.raises(InputError, match="n: has values under 0"):
        shrink_rates([0.1, 0.3], [10, -1])
    with pytest.raises(InputError, match=r"rate: is missing \(0\)"):
        shrink_rates([np.nan, 0.3], [10, 10])
    with pytest.raises(InputError, match=r"n: is missing \(1\)"):
        shrink_rates([0.1, 0.3], [10, np.nan])
    with pytest.raises(InputError, match="n: has 1 values where `rate` has 2"):
        shrink_rates([0.1, 0.3], [10])
    with pytest.raises(InputError, match=r"region: has no persons \(y\)"):
        shrink_rates([0.1, 0.3], [10, 0], ["x", "y"])
    with pytest.raises(InputError, match=r"region: is missing \(1\)"):
        shrink_rates([0.1, 0.3], [10, 10], ["x", None])
    with pytest.raises(InputError, match="n: has another index than `rate`"):
        shrink_rates(pd.Series([0.1, 0.3]), pd.Series([10, 10], index=[5, 6]))
    with pytest.raises(InputError, match="rate: must be numbers"):
        shrink_rates(["much", 0.3], [10, 10])
    with pytest.raises(InputError, match="rate: must be one non-empty dimension"):
        shrink_rates([], [])
    with pytest.raises(InputError, match="rate: has infinite values"):
        shrink_rates([np.inf, 0.3], [10, 10])
