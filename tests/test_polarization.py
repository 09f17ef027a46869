from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segkit import inequality, polarization
from segkit.errors import InputError

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


@pytest.mark.parametrize("name", sorted(polarization.MEASURES))
def test_missing_and_misfit_input_is_named(name):
    measure = polarization.MEASURES[name].function
    with pytest.raises(InputError, match=r"values: has missing values at positions \(1\)"):
        measure([1, np.nan, 2])
    with pytest.raises(InputError, match="weight: must sum to more than 0"):
        measure([1, 2], [0, 0])
    assert measure([1, np.nan, 2], [1, 0, 1]) == measure([1, 2])


def test_registry_describes_every_measure():
    assert set(polarization.MEASURES) == {"wolfson", "esteban_ray"}
    for name, measure in polarization.MEASURES.items():
        assert measure.name == name
        assert measure.kind == "values"
        assert measure.dimension == "polarization"
        assert measure.function is getattr(polarization, name)
        assert (measure.low, measure.high) == (0, np.inf)
        assert measure.meaning.endswith(".")
        assert measure.meaning_sv.endswith(".")
        assert measure.reference.endswith(")")
