"""Standardizing: hand-computed values, direction, reference period, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segkit import Standardizer
from segkit.errors import InputError, UnknownNameError

COLUMNS = ["employment_rate", "unemployment_rate"]


@pytest.fixture
def data():
    return pd.DataFrame(
        {
            "area_id": list("abcd"),
            "employment_rate": [60.0, 70.0, 80.0, 90.0],
            "unemployment_rate": [12.0, 9.0, 6.0, 3.0],
            "population": [1.0, 1.0, 1.0, 3.0],
        }
    )


def test_zscore_by_hand(data):
    result = Standardizer(COLUMNS).fit_transform(data)
    spread = np.sqrt(125)
    expected = (np.array([60, 70, 80, 90]) - 75) / spread
    assert np.allclose(result["employment_rate"], expected)
    # Lower unemployment is stronger.
    assert np.allclose(result["unemployment_rate"], expected)


def test_weighted_zscore_is_that_of_repeated_rows(data):
    weighted = Standardizer(COLUMNS, weight="population").fit(data)
    repeated = Standardizer(COLUMNS).fit(data.loc[[0, 1, 2, 3, 3, 3]].reset_index(drop=True))
    pd.testing.assert_series_equal(weighted.center_, repeated.center_)
    pd.testing.assert_series_equal(weighted.scale_, repeated.scale_)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("minmax", [0, 1 / 3, 2 / 3, 1]),
        ("rank", [0.125, 0.375, 0.625, 0.875]),
        ("robust", [-0.75, -0.25, 0.25, 0.75]),
    ],
)
def test_the_other_methods_by_hand(data, method, expected):
    result = Standardizer(COLUMNS, method=method).fit_transform(data)
    assert np.allclose(result["employment_rate"], expected)
    assert np.allclose(result["unemployment_rate"], expected)


def test_inverse_hyperbolic_sine_is_the_zscore_of_arcsinh(data):
    result = Standardizer(COLUMNS, method="ihs").fit_transform(data)["employment_rate"]
    values = np.arcsinh(data["employment_rate"])
    assert np.allclose(result, (values - values.mean()) / values.std(ddof=0))


def test_a_frozen_period_lets_a_common_rise_show(data):
    later = data.assign(employment_rate=data["employment_rate"] + 5, period=2025)
    both = pd.concat([data.assign(period=2024), later], ignore_index=True)
    result = Standardizer(["employment_rate"], reference=2024).fit_transform(both)["employment_rate"]
    assert result[:4].mean() == pytest.approx(0)
    assert result[4:].mean() == pytest.approx(5 / np.sqrt(125))


def test_a_stated_direction_overrides_the_catalogue(data):
    result = Standardizer(["employment_rate"], directions={"employment_rate": -1}).fit_transform(data)
    assert result["employment_rate"].is_monotonic_decreasing


@settings(max_examples=50, deadline=None)
@given(
    hnp.arrays(float, st.integers(3, 30), elements=st.floats(0, 100, width=32), unique=True),
    st.floats(0.5, 20),
    st.floats(-50, 50),
)
def test_units_do_not_matter(values, factor, shift):
    first = pd.DataFrame({"employment_rate": values})
    other = first * factor + shift
    for method in ("zscore", "minmax", "robust", "rank"):
        a = Standardizer(["employment_rate"], method=method).fit_transform(first)
        b = Standardizer(["employment_rate"], method=method).fit_transform(other)
        # Near-equal values may tie after rescaling; ranks then differ by less than one place.
        assert np.allclose(a, b, atol=1e-5 if method != "rank" else 1 / len(values))


def test_what_is_refused(data):
    with pytest.raises(InputError, match="turnout: has the same value in every area"):
        Standardizer(["turnout"]).fit(data.assign(turnout=80.0))
    with pytest.raises(InputError, match=r"employment_rate: has 1 missing values \(b\)"):
        Standardizer(COLUMNS).fit(data.assign(employment_rate=[60, np.nan, 80, 90]))
    with pytest.raises(UnknownNameError, match="'rental_dwelling_share' has no direction"):
        Standardizer(["rental_dwelling_share"]).fit(data.assign(rental_dwelling_share=[1.0, 2, 3, 4]))
    with pytest.raises(UnknownNameError, match="lacks the column.*turnout"):
        Standardizer(["turnout"]).fit(data)
    with pytest.raises(InputError, match="no rows of 1999"):
        Standardizer(COLUMNS, reference=1999).fit(data.assign(period=2024))
    with pytest.raises(InputError, match="method: is 'magic'"):
        Standardizer(COLUMNS, method="magic").fit(data)
    with pytest.raises(InputError, match="is not fitted"):
        Standardizer(COLUMNS).transform(data)
    with pytest.raises(InputError, match="more than half of the areas share one value"):
        Standardizer(["turnout"], method="robust").fit(pd.DataFrame({"turnout": [80.0] * 7 + [90.0]}))
