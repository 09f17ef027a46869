"""Standardizing: hand-computed values, direction, reference period, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segkit import Standardizer
from segkit.errors import DataWarning, InputError, UnknownNameError

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


def _each(data, **options):
    """Standardize each indicator alone: the two follow from one another, of which a table warns."""
    return {c: Standardizer([c], **options).fit_transform(data)[c] for c in COLUMNS}


def test_zscore_by_hand(data):
    result = _each(data)
    spread = np.sqrt(125)
    expected = (np.array([60, 70, 80, 90]) - 75) / spread
    assert np.allclose(result["employment_rate"], expected)
    # Lower unemployment is stronger.
    assert np.allclose(result["unemployment_rate"], expected)


def test_weighted_zscore_is_that_of_repeated_rows(data):
    weighted = Standardizer(COLUMNS[:1], weight="population").fit(data)
    repeated = Standardizer(COLUMNS[:1]).fit(data.loc[[0, 1, 2, 3, 3, 3]].reset_index(drop=True))
    pd.testing.assert_series_equal(weighted.center_, repeated.center_)
    pd.testing.assert_series_equal(weighted.scale_, repeated.scale_)
    weighted = Standardizer(COLUMNS[:1], "rank", weight="population").fit_transform(data)
    repeated = Standardizer(COLUMNS[:1], "rank").fit_transform(data.loc[[0, 1, 2, 3, 3, 3]])
    assert np.allclose(weighted, repeated.drop_duplicates())


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("minmax", [0, 1 / 3, 2 / 3, 1]),
        ("rank", [0.125, 0.375, 0.625, 0.875]),
        ("robust", [-0.75, -0.25, 0.25, 0.75]),
    ],
)
def test_the_other_methods_by_hand(data, method, expected):
    result = _each(data, method=method)
    assert np.allclose(result["employment_rate"], expected)
    assert np.allclose(result["unemployment_rate"], expected)


def test_inverse_hyperbolic_sine_is_the_zscore_of_arcsinh(data):
    result = _each(data, method="ihs")["employment_rate"]
    values = np.arcsinh(data["employment_rate"])
    assert np.allclose(result, (values - values.mean()) / values.std(ddof=0))


def test_a_frozen_period_lets_a_common_rise_show(data):
    later = data.assign(employment_rate=data["employment_rate"] + 5, period=2025)
    both = pd.concat([data.assign(period=2024), later], ignore_index=True)
    result = Standardizer(["employment_rate"], reference=2024).fit_transform(both)["employment_rate"]
    assert result[:4].mean() == pytest.approx(0)
    assert result[4:].mean() == pytest.approx(5 / np.sqrt(125))


@pytest.fixture
def years():
    """Three areas in three years, all rising by 5 a year."""
    rate = [60.0, 70, 80, 65, 75, 85, 70, 80, 90]
    return pd.DataFrame(
        {"area_id": list("abc") * 3, "period": np.repeat([2023, 2024, 2025], 3), "employment_rate": rate}
    )


ONE = ["employment_rate"]
SPREAD = np.sqrt(200 / 3)


def test_of_several_years_the_first_is_frozen(years):
    model = Standardizer(ONE)
    result = model.fit_transform(years)[ONE[0]]
    assert model.reference_ == 2023
    assert model.n_areas_ == 3
    assert model.center_[ONE[0]] == 70
    assert np.allclose(result.groupby(years["period"]).mean(), [0, 5 / SPREAD, 10 / SPREAD])
    # A year that was not fitted stands on the same scale.
    later = pd.DataFrame({"area_id": ["a"], "period": [2030], "employment_rate": [70.0]})
    assert model.transform(later)[ONE[0]].tolist() == [0.0]


def test_each_period_by_itself_loses_the_common_rise(years):
    model = Standardizer(ONE, reference="period")
    result = model.fit_transform(years)[ONE[0]]
    assert model.reference_ == "period"
    assert np.allclose(result, np.tile([-10, 0, 10], 3) / SPREAD)
    assert model.center_[ONE[0]].to_dict() == {2023: 70, 2024: 75, 2025: 80}
    # The order of the rows is kept.
    pd.testing.assert_frame_equal(model.transform(years[::-1])[::-1], model.transform(years))
    with pytest.raises(InputError, match=r"period: has periods that were not fitted \(2030\)"):
        model.transform(years.assign(period=2030))
    with pytest.raises(UnknownNameError, match="lacks the column.*period"):
        model.transform(years[ONE])


def test_pooled_years_share_a_scale(years):
    model = Standardizer(ONE, reference="pooled")
    result = model.fit_transform(years)[ONE[0]]
    assert model.reference_ == "pooled"
    assert model.center_[ONE[0]] == 75
    assert result.mean() == pytest.approx(0)


def test_areas_of_different_years_are_no_panel(data):
    own_year = data.assign(period=[2021, 2022, 2023, 2024])
    model = Standardizer(ONE).fit(own_year)
    assert model.reference_ == "pooled"
    pd.testing.assert_frame_equal(model.transform(own_year), Standardizer(ONE).fit_transform(data))
    # An area drawn twice in its year is no panel either.
    twice = own_year.loc[[0, 0, 1, 2]]
    assert Standardizer(ONE).fit(twice).reference_ == "pooled"
    with pytest.raises(InputError, match="reference: must be stated: several periods, and no area_id"):
        Standardizer(ONE).fit(own_year.drop(columns="area_id"))


def test_a_gap_is_filled_with_the_median_and_flagged(data):
    gap = data.assign(employment_rate=[60.0, np.nan, 80.0, 90.0])
    model = Standardizer(ONE, missing="median")
    with pytest.warns(DataWarning, match=r"1 missing values were filled with the median of the areas \(b\)"):
        result = model.fit_transform(gap)[ONE[0]]
    assert model.imputed_[ONE[0]].tolist() == [False, True, False, False]
    # The scale stands on the known values 60, 80, 90.
    known = np.array([60.0, 80, 90])
    assert model.scale_[ONE[0]] == pytest.approx(known.std())
    assert result[1] == pytest.approx((80 - known.mean()) / known.std())
    assert gap["employment_rate"].isna().sum() == 1
    model.transform(data)
    assert not model.imputed_.to_numpy().any()


def test_a_gap_is_filled_with_the_mean_of_the_region(data):
    gap = data.assign(employment_rate=[60.0, np.nan, 80.0, 90.0], town=["x", "x", "x", "y"])
    model = Standardizer(ONE, missing="region", region="town")
    with pytest.warns(DataWarning, match="filled with the mean of the region"):
        model.fit(gap)
    assert model.filled(gap)[ONE[0]].tolist() == [60, 70, 80, 90]
    weighted = Standardizer(ONE, weight="population", missing="region", region="town")
    with pytest.warns(DataWarning, match="filled"):
        weighted.fit(gap.assign(population=[3, 1, 1, 1]))
    assert weighted.filled(gap)[ONE[0]][1] == 65
    with (
        pytest.warns(DataWarning, match="filled"),
        pytest.raises(InputError, match=r"missing: can't be filled: no value.*region of \(b\)"),
    ):
        model.fit_transform(gap.assign(town=["x", "z", "x", "y"]))
    with pytest.raises(InputError, match=r"region: is missing \(a\)"):
        model.fit(gap.assign(town=[None, "x", "x", "y"]))


def test_a_gap_is_filled_from_its_own_period(years):
    years.loc[6, "employment_rate"] = np.nan
    model = Standardizer(ONE, missing="median")
    with pytest.warns(DataWarning, match=r"filled.*\(a 2025\)"):
        model.fit(years)
    assert model.filled(years)[ONE[0]][6] == 85
    with pytest.raises(InputError, match=r"missing: can't be filled.*\(a 2030, b 2030, c 2030 and 6 more\)"):
        model.filled(years.assign(period=2030, employment_rate=np.nan))


def test_indicators_that_say_the_same_are_named(data):
    with pytest.warns(DataWarning, match=r"say the same \(employment_rate and unemployment_rate\)"):
        Standardizer(COLUMNS).fit(data)
    near = data.assign(unemployment_rate=[12.0, 9, 6, 3.001])
    assert Standardizer(COLUMNS).fit(near).n_areas_ == 4


def test_an_indicator_without_values_is_named(data, years):
    with pytest.raises(InputError, match="employment_rate: has no value in any row"):
        Standardizer(COLUMNS, missing="median").fit(data.assign(employment_rate=np.nan))
    years.loc[years["period"] == 2023, "employment_rate"] = np.nan
    for missing in ("raise", "median"):
        with pytest.raises(InputError, match=r"employment_rate: has no value at all in the period \(2023\)"):
            Standardizer(ONE, missing=missing).fit(years)
    later = Standardizer(ONE, reference=2024).fit(years)
    with pytest.raises(InputError, match=r"has no value at all in the period \(2023\)"):
        later.transform(years)
    assert later.transform(years[years["period"] > 2023]).shape == (6, 1)


def test_a_stated_direction_overrides_the_catalogue(data):
    result = Standardizer(["employment_rate"], directions={"employment_rate": -1}).fit_transform(data)
    assert result["employment_rate"].is_monotonic_decreasing


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    hnp.arrays(
        float, st.integers(3, 30), elements=st.integers(0, 10_000).map(lambda x: x / 100), unique=True
    ),
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
    with pytest.raises(InputError, match="reference: is 'first', must be a period"):
        Standardizer(COLUMNS, reference="first").fit(data.assign(period=2024))
    with pytest.raises(UnknownNameError, match="lacks the column.*period"):
        Standardizer(COLUMNS, reference=2024).fit(data)
    with pytest.raises(InputError, match="period: is missing"):
        Standardizer(COLUMNS, reference="period").fit(data.assign(period=[2024, 2024, None, 2024]))
    with pytest.raises(InputError, match="missing: is 'drop'"):
        Standardizer(COLUMNS, missing="drop").fit(data)
    for options in ({"missing": "region"}, {"region": "area_id"}):
        with pytest.raises(InputError, match='region: goes with missing="region"'):
            Standardizer(COLUMNS, **options).fit(data)
    with pytest.raises(InputError, match="columns: names an indicator more than once"):
        Standardizer([*COLUMNS, COLUMNS[0]]).fit(data)
    with pytest.raises(InputError, match="columns: must be a list that names at least one"):
        Standardizer([]).fit(data)
    with pytest.raises(UnknownNameError, match="directions: names what is no indicator here"):
        Standardizer(COLUMNS, directions={"turnout": 1}).fit(data)
    with pytest.raises(InputError, match="weight: must sum to more than 0"):
        Standardizer(COLUMNS, weight="population").fit(data.assign(population=0))
    with pytest.raises(InputError, match="data: has no rows"):
        Standardizer(COLUMNS).fit(data[:0])
    with pytest.raises(InputError, match="directions: must be a mapping"):
        Standardizer(COLUMNS, directions=[1, -1]).fit(data)
    with pytest.raises(InputError, match="reference: is True, must be a period"):
        Standardizer(COLUMNS, reference=True).fit(data.assign(period=2024))
    with pytest.raises(InputError, match="columns: must be names of columns"):
        Standardizer([COLUMNS]).fit(data)


def test_differences_by_rounding_are_none(data):
    with pytest.raises(InputError, match="has the same value in every area"):
        Standardizer(["turnout"]).fit(data.assign(turnout=[0.1 + 0.2, 0.3, 0.3, 0.3]))


@pytest.mark.parametrize("kind", ["str", "category"])
def test_periods_must_be_numbers_to_be_frozen(data, kind):
    years = pd.concat([data.assign(period=2023), data.assign(period=2024)], ignore_index=True)
    with pytest.raises(InputError, match="period: must be whole numbers, is (str|object|category)"):
        Standardizer(COLUMNS[:1]).fit(years.astype({"period": kind}))
