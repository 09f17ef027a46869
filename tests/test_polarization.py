from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import inequality, inference, polarization
from segkit.base.boundary import unguarded
from segkit.errors import InputError
from segkit.measures.polarization import identification

ORACLES = Path(__file__).parent / "oracles"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0, 10, 10], 1),
        ([6, 6, 8, 8, 10, 10, 12, 12], 1 / 6),
        ([2, 4, 6, 8, 10, 12, 14, 16], 0.305556),
    ],
)
def test_wolfson_published(values, expected):
    assert polarization.wolfson(values) == pytest.approx(expected, abs=5e-7)


def test_wolfson_splits_the_area_on_the_median():
    # L(1/2) = (1 + 2 / 2) / 6 = 1/3, G = 2/9: 2 * (2 * 1/6 - 2/9) * 2 / 2.
    assert polarization.wolfson([1, 2, 3]) == pytest.approx(2 / 9)
    assert polarization.wolfson([3, 1, 2], weight=[5, 5, 5]) == pytest.approx(2 / 9)


def test_wolfson_weight_is_a_number_of_areas():
    values, weight = [3.0, 1, 8, 5, 2], [2, 4, 1, 3, 2]
    repeated = np.repeat(values, weight)
    assert polarization.wolfson(values, weight) == pytest.approx(polarization.wolfson(repeated))


def test_wolfson_finds_an_exact_half_in_shares():
    # 0.1 + 0.2 + 0.2 is one half, but 0.1 * 3 + 0.2 is not, to the last digit.
    weight = [0.1, 0.1, 0.1, 0.2, 0.5]
    assert polarization.wolfson([1, 1, 1, 1, 3], weight) == pytest.approx(polarization.wolfson([1, 3]))
    for cut in (3, 7, 9):
        weight = np.concatenate([np.full(cut, 0.5 / cut), [0.5]])
        values = np.append(np.ones(cut), 3.0)
        assert polarization.wolfson(values, weight) == pytest.approx(0.5)


def test_wolfson_of_two_areas_by_hand():
    # m = mu = 2, L(1/2) = 1/4, G = 1/4: 2 * (1/2 - 1/4).
    assert polarization.wolfson([1, 3]) == pytest.approx(0.5)


def test_wolfson_rises_when_the_middle_empties_while_gini_falls():
    spread, camps = [2, 4, 6, 8, 10, 12, 14, 16], [5, 5, 5, 5, 13, 13, 13, 13]
    assert polarization.wolfson(camps) > polarization.wolfson(spread)
    assert inequality.gini(camps) < inequality.gini(spread)


def test_wolfson_can_pass_one_when_the_mean_is_far_above_the_median():
    assert polarization.wolfson([0, 1, 100]) > 1


def test_wolfson_needs_a_positive_median():
    with pytest.raises(InputError, match="values: have the median 0"):
        polarization.wolfson([0, 0, 0, 5])
    with pytest.raises(InputError, match="values: have the median 0"):
        polarization.wolfson([0, 0])
    with pytest.raises(InputError, match=r"values: must not be negative \(-1.0\)"):
        polarization.wolfson([-1, 2, 3])


def test_wolfson_agrees_with_another_package_after_correction():
    areas = pd.read_csv(ORACLES / "measures_areas.csv")
    oracle = pd.read_csv(ORACLES / "measures.csv").query("module == 'polarization'")
    assert oracle["measure"].tolist() == ["wolfson"]
    assert polarization.wolfson(areas["income"]) == pytest.approx(oracle["value"].iloc[0], rel=1e-10)


@pytest.mark.parametrize(
    ("values", "alpha", "expected"),
    [
        ([0, 1], 1, 0.25),
        ([0, 1], 1.3, 0.203063),
        ([0, 1 / 3, 2 / 3, 1], 1, 0.1041667),
        ([0, 1 / 3, 2 / 3, 1], 0, 0.4166667),
    ],
)
def test_esteban_ray_published(values, alpha, expected):
    assert polarization.esteban_ray(values, alpha=alpha) == pytest.approx(expected, abs=5e-7)


def test_esteban_ray_default_alpha_is_one():
    values = [0.0, 2, 5]
    assert polarization.esteban_ray(values) == polarization.esteban_ray(values, alpha=1.0)
    assert polarization.esteban_ray(values) != pytest.approx(polarization.esteban_ray(values, alpha=1.3))


def test_esteban_ray_equals_the_printed_double_sum():
    rng = np.random.default_rng(6)
    y, w = rng.normal(0, 3, 60), rng.integers(1, 2000, 60).astype(float)
    share = w / w.sum()
    for alpha in (0.0, 0.5, 1.0, 1.6):
        distance = np.abs(y[:, None] - y[None, :])
        expected = (np.outer(share ** (1 + alpha), share) * distance).sum()
        assert polarization.esteban_ray(y, w, alpha=alpha) == pytest.approx(expected, rel=1e-11)


def test_esteban_ray_without_identification_is_the_mean_difference():
    y, w = [1.0, 4, 4, 9], [3.0, 1, 2, 5]
    mean = np.average(y, weights=w)
    assert polarization.esteban_ray(y, w, alpha=0) == pytest.approx(2 * mean * inequality.gini(y, w))


def test_esteban_ray_merges_areas_of_equal_value():
    merged = polarization.esteban_ray([0, 1], weight=[30, 70])
    assert polarization.esteban_ray([0, 1, 0, 1], weight=[10, 30, 20, 40]) == pytest.approx(merged)


def test_esteban_ray_takes_each_distinct_value_as_its_own_group():
    together = polarization.esteban_ray([0, 0, 1, 1])
    apart = polarization.esteban_ray([0, 1e-9, 1, 1 + 1e-9])
    assert together == pytest.approx(0.25)
    assert apart == pytest.approx(0.125, abs=1e-6)


def test_esteban_ray_is_linear_in_the_values_and_blind_to_their_level():
    y = np.array([1.0, 2, 4, 8])
    value = polarization.esteban_ray(y)
    assert polarization.esteban_ray(10 * y) == pytest.approx(10 * value)
    assert polarization.esteban_ray(y + 1e6) == pytest.approx(value)
    assert polarization.esteban_ray(-y) == pytest.approx(value)


@pytest.mark.parametrize("alpha", [-0.1, 1.7, float("nan")])
def test_esteban_ray_alpha_has_a_range(alpha):
    with pytest.raises(InputError, match="alpha: is"):
        polarization.esteban_ray([0, 1], alpha=alpha)


def dense_duclos_esteban_ray(y, w, alpha, h):
    """The printed formula with every pair of areas."""
    share = w / w.sum()
    apart = y[:, None] - y[None, :]
    density = (share * np.exp(-0.5 * (apart / h) ** 2)).sum(axis=1) / (h * np.sqrt(2 * np.pi))
    return (share * density**alpha * (share * np.abs(apart)).sum(axis=1)).sum()


def lognormal(n):
    """Incomes that are skewed, as a fixed sequence, and weights that vary."""
    place = np.arange(n)
    return 300 * np.exp(0.4 * np.sin(1.7 * place) + 0.3 * np.cos(place**1.3)), 500.0 + place * 37 % 1900


@pytest.mark.parametrize("alpha", [0.25, 0.5, 1.0])
def test_duclos_esteban_ray_equals_the_printed_double_sum(alpha):
    y, w = lognormal(300)
    mean = np.average(y, weights=w)
    h = 4.7 * 300**-0.5 * inequality.sigma(y, w) * alpha**0.1
    found = polarization.duclos_esteban_ray(y, w, alpha=alpha, relative=False)
    assert found == pytest.approx(dense_duclos_esteban_ray(y, w, alpha, h), rel=1e-8)
    relative = polarization.duclos_esteban_ray(y, w, alpha=alpha)
    assert relative == pytest.approx(found * mean ** (alpha - 1), rel=1e-12)
    divided = polarization.duclos_esteban_ray(y / mean, w, alpha=alpha, relative=False)
    assert relative == pytest.approx(divided, rel=1e-8)


@pytest.mark.parametrize("h", [0.3, 5.0, 40.0, 3000.0])
def test_duclos_esteban_ray_with_a_chosen_bandwidth(h):
    y, w = lognormal(80)
    found = polarization.duclos_esteban_ray(y, w, alpha=0.7, bandwidth=h, relative=False)
    assert found == pytest.approx(dense_duclos_esteban_ray(y, w, 0.7, h), rel=1e-7)


def test_duclos_esteban_ray_of_a_uniform_distribution():
    # f = 1 and a(y) = 1/2 - y + y^2, whose integral is 1/3 for every alpha.
    y = (np.arange(4000) + 0.5) / 4000
    for alpha in (0.25, 0.5, 1.0):
        wide, narrow = (
            polarization.duclos_esteban_ray(y, alpha=alpha, bandwidth=h, relative=False)
            for h in (0.01, 0.001)
        )
        assert narrow == pytest.approx(1 / 3, abs=5e-4)
        # The density falls off at the ends only, in proportion to the bandwidth.
        assert (1 / 3 - wide) / (1 / 3 - narrow) == pytest.approx(10, rel=0.05)
        relative = polarization.duclos_esteban_ray(y, alpha=alpha, bandwidth=0.001)
        assert relative == pytest.approx(narrow * 2 ** (1 - alpha))


def test_duclos_esteban_ray_of_a_uniform_distribution_smoothed():
    # The kernel makes f(y) = Phi((1 - y) / h) - Phi(-y / h), integrated with a(y) by the midpoints.
    n, h = 4000, 0.1
    y = (np.arange(n) + 0.5) / n
    half = np.sqrt(2) * h
    density = np.array([(math.erf((1 - v) / half) + math.erf(v / half)) / 2 for v in y])
    for alpha in (0.25, 1.0):
        expected = (density**alpha * (0.5 - y + y**2)).mean()
        found = polarization.duclos_esteban_ray(y, alpha=alpha, bandwidth=h, relative=False)
        assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("alpha", [0.25, 0.6, 1.0])
def test_duclos_esteban_ray_of_spikes_is_that_of_groups(alpha):
    # As h falls to 0, each of two spikes has the density pi / (h sqrt(2 pi)).
    y, w, h = [2.0, 5.0], [30.0, 70.0], 1e-3
    found = polarization.duclos_esteban_ray(y, w, alpha=alpha, bandwidth=h, relative=False)
    by_hand = 3 * 0.3 * 0.7 * (0.3**alpha + 0.7**alpha)
    assert found * (h * np.sqrt(2 * np.pi)) ** alpha == pytest.approx(by_hand)
    assert polarization.esteban_ray(y, w, alpha=alpha) == pytest.approx(by_hand)


def test_duclos_esteban_ray_without_identification_is_the_mean_difference():
    y, w = lognormal(50)
    found = identification.duclos_esteban_ray_of(y, w, alpha=0, bandwidth=1.0, relative=False)
    assert found == pytest.approx(2 * np.average(y, weights=w) * inequality.gini(y, w))
    assert identification.duclos_esteban_ray_of(y, w, alpha=0, bandwidth=1.0) == pytest.approx(
        2 * inequality.gini(y, w)
    )


def test_duclos_esteban_ray_rises_when_the_middle_empties_while_gini_falls():
    spread = np.linspace(1, 9, 400)
    camps = np.concatenate([np.linspace(2.3, 3.3, 200), np.linspace(6.7, 7.7, 200)])
    for alpha in (0.5, 1.0):
        more, less = (polarization.duclos_esteban_ray(y, alpha=alpha) for y in (camps, spread))
        assert more > less
    assert inequality.gini(camps) < inequality.gini(spread)


def test_duclos_esteban_ray_takes_areas_alike_as_one():
    y, w = lognormal(40)
    value = polarization.duclos_esteban_ray(y, w)
    assert polarization.duclos_esteban_ray(np.tile(y, 3), np.tile(w, 3)) == pytest.approx(value, rel=1e-9)
    halves = np.append(w, w[0] / 2)
    halves[0] /= 2
    assert polarization.duclos_esteban_ray(np.append(y, y[0]), halves) == pytest.approx(value, rel=1e-9)


def test_duclos_esteban_ray_of_many_draws():
    y, w = lognormal(30)
    copies = np.ones((3, 30))
    copies[1, :10], copies[1, 10:20] = 2, 0
    copies[2] = 0
    copies[2, 4] = 30
    found = identification.duclos_esteban_ray_of(y, w, copies)
    assert found[0] == pytest.approx(polarization.duclos_esteban_ray(y, w), rel=1e-9)
    # An area taken twice is two areas: the bandwidth is that of 30.
    people = copies[1] * w
    h = 4.7 * 30**-0.5 * inequality.sigma(y, people) * 0.5**0.1
    mean = np.average(y, weights=people)
    assert found[1] == pytest.approx(dense_duclos_esteban_ray(y, people, 0.5, h) * mean**-0.5, rel=1e-7)
    assert found[2] == 0
    without_mean = identification.duclos_esteban_ray_of(np.array([-1.0, 1.0]), np.ones(2), np.eye(2))
    assert np.isnan(without_mean[0])
    assert without_mean[1] == 0


def test_duclos_esteban_ray_of_many_areas_is_fast():
    place = np.arange(60_000)
    y = 300 + 50 * np.sin(place) + 80 * np.cos(place**1.1)
    start = time.perf_counter()
    value = polarization.duclos_esteban_ray(y, 500.0 + place % 1000)
    assert time.perf_counter() - start < 3
    some = polarization.duclos_esteban_ray(y[::10], bandwidth=4.7 * 60_000**-0.5 * y.std() * 0.5**0.1)
    assert value == pytest.approx(some, rel=0.02)


def test_duclos_esteban_ray_can_be_bootstrapped():
    y, w = lognormal(40)
    data = pd.DataFrame({"income": y, "population": w})
    row = inference.bootstrap(
        data, "duclos_esteban_ray", values="income", weight="population", n_bootstrap=99
    ).iloc[0]
    assert row["ci_low"] < row["value"] < row["ci_high"]


def test_duclos_esteban_ray_faults():
    with pytest.raises(InputError, match="alpha: is 0.2, must be from 0.25 to 1"):
        polarization.duclos_esteban_ray([1, 2], alpha=0.2)
    with pytest.raises(InputError, match="alpha: is 1.1"):
        polarization.duclos_esteban_ray([1, 2], alpha=1.1)
    for wrong in (0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="bandwidth: is .* must be above 0"):
            polarization.duclos_esteban_ray([1, 2], bandwidth=wrong)
    with pytest.raises(InputError, match="bandwidth: is too small.*Choose a bandwidth above 1e-05"):
        polarization.duclos_esteban_ray([1, 2], bandwidth=1e-9)
    with pytest.raises(InputError, match="values: have a range too wide for the rule"):
        polarization.duclos_esteban_ray([*range(1000), 1e9], weight=[1e12] * 1000 + [1])
    with pytest.raises(InputError, match="values: have a mean that is not above 0.*relative=False"):
        polarization.duclos_esteban_ray([-1, 1])
    assert polarization.duclos_esteban_ray([-1, 1], relative=False) > 0


def test_reynal_querol_by_hand():
    assert polarization.reynal_querol([7, 7]) == 1
    assert polarization.reynal_querol([12]) == 0
    assert polarization.reynal_querol([12, 0, 0]) == 0
    # 4 (.25 * .5 + .0625 * .75 * 2)
    assert polarization.reynal_querol([2, 1, 1]) == pytest.approx(0.875)
    for k in (2, 3, 5, 10):
        assert polarization.reynal_querol([3] * k) == pytest.approx(4 * (k - 1) / k**2)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_reynal_querol_is_one_less_the_distance_from_two_halves(sizes):
    if sum(sizes) == 0:
        sizes = [*sizes, 1]
    share = np.array(sizes) / sum(sizes)
    value = polarization.reynal_querol(sizes)
    assert value == pytest.approx(1 - (((0.5 - share) / 0.5) ** 2 * share).sum(), abs=1e-12)
    assert 0 <= value <= 1
    assert polarization.reynal_querol(sizes[::-1]) == pytest.approx(value)


def test_reynal_querol_faults():
    with pytest.raises(InputError, match="sizes: has values under 0"):
        polarization.reynal_querol([1, -1])
    with pytest.raises(InputError, match="sizes: has 1 missing values"):
        polarization.reynal_querol([1, np.nan])
    with pytest.raises(InputError, match="sizes: are all 0"):
        polarization.reynal_querol([0, 0])
    with pytest.raises(InputError, match="sizes: has text where a number belongs, such as 'many'"):
        polarization.reynal_querol(["many", 2])
    for wrong in ([], 3, [[1, 2], [3, 4]]):
        with pytest.raises(InputError, match="sizes: must be one non-empty dimension"):
            polarization.reynal_querol(wrong)


def test_concentration_at_extremes_by_hand():
    found = polarization.concentration_at_extremes(
        [60, 10, 0, 0, 40], [10, 60, 0, 30, 0], [100, 100, 9, 30, 40]
    )
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [0.5, -0.5, 0, -1, 1]


def test_concentration_at_extremes_aligns_with_the_series():
    table = pd.DataFrame({"high": [5, 2], "low": [1, 4], "all": [8, 8]}, index=["x", "y"])
    found = polarization.concentration_at_extremes(table["high"], table["low"], table["all"])
    pd.testing.assert_series_equal(
        found, pd.Series([0.5, -0.25], index=["x", "y"], name="concentration_at_extremes")
    )
    mixed = polarization.concentration_at_extremes([5, 2], [1, 4], table["all"])
    pd.testing.assert_series_equal(mixed, found)


def test_concentration_at_extremes_where_nobody_lives():
    high, low, everyone = [3, np.nan, 0], [1, np.nan, 4], [8, 0, 8]
    found = polarization.concentration_at_extremes(high, low, everyone)
    assert np.isnan(found).tolist() == [False, True, False]
    whole = polarization.concentration_at_extremes(high, low, everyone, whole=True)
    assert whole == pytest.approx((3 - 5) / 16)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=20)
)
def test_the_whole_is_the_mean_of_the_areas_weighted_by_people(rows):
    high, low, middle = (np.array(column) for column in zip(*rows, strict=True))
    everyone = high + low + middle + 1
    areas = polarization.concentration_at_extremes(high, low, everyone)
    assert (np.abs(areas) <= 1).all()
    whole = polarization.concentration_at_extremes(high, low, everyone, whole=True)
    assert whole == pytest.approx(np.average(areas, weights=everyone))
    assert polarization.concentration_at_extremes(low, high, everyone, whole=True) == pytest.approx(-whole)


def test_concentration_at_extremes_faults():
    ice = polarization.concentration_at_extremes
    table = pd.DataFrame({"high": [5.0, 6], "low": [1.0, 4], "all": [8.0, 8]}, index=["x", "y"])
    with pytest.raises(InputError, match=r"affluent: and `deprived` hold more people than `total` \(y\)"):
        ice(table["high"], table["low"], table["all"])
    with pytest.raises(InputError, match="deprived: has another index than `affluent`"):
        ice(table["high"], table["low"].iloc[::-1], table["all"])
    with pytest.raises(InputError, match="deprived: has 1 values where `total` has 2"):
        ice([1, 2], [1], [5, 5])
    with pytest.raises(InputError, match=r"affluent: has 1 missing values \(1\)"):
        ice([1, np.nan], [1, 1], [5, 5])
    with pytest.raises(InputError, match=r"total: has 1 missing values \(0\)"):
        ice([1, 1], [1, 1], [np.nan, 5])
    with pytest.raises(InputError, match="deprived: has values under 0"):
        ice([1, 1], [-1, 1], [5, 5])
    with pytest.raises(InputError, match="total: is 0 in every area"):
        ice([0, 0], [0, 0], [0, 0])


@pytest.mark.parametrize("name", sorted(polarization.MEASURES))
def test_missing_and_misfit_input_is_named(name):
    measure = polarization.MEASURES[name].function
    with pytest.raises(InputError, match=r"values: has missing values at positions \(1\)"):
        measure([1, np.nan, 2])
    with pytest.raises(InputError, match="weight: must sum to more than 0"):
        measure([1, 2], [0, 0])
    assert measure([1, np.nan, 2], [1, 0, 1]) == measure([1, 2])


def test_registry_describes_every_measure():
    assert set(polarization.MEASURES) == {"wolfson", "esteban_ray", "duclos_esteban_ray"}
    for name, measure in polarization.MEASURES.items():
        assert measure.name == name
        assert measure.kind == "values"
        assert measure.dimension == "polarization"
        assert unguarded(measure.function) is unguarded(getattr(polarization, name))
        assert (measure.low, measure.high) == (0, np.inf)
        assert measure.meaning.endswith(".")
        assert measure.meaning_sv.endswith(".")
        assert measure.reference.endswith(")")
