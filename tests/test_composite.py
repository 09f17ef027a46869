"""The index: a weighted mean whose parts add up."""

import numpy as np
import pandas as pd
import pytest

from segkit import CompositeIndex, Standardizer, areas
from segkit.errors import InputError, UnknownNameError

COLUMNS = ["employment_rate", "median_income", "post_secondary_share"]


@pytest.fixture(scope="module")
def kalmar():
    return areas.latest(areas.load_example("kalmar"), COLUMNS)[0]


def test_the_index_is_the_weighted_mean(kalmar):
    weights = {"employment_rate": 2, "median_income": 1, "post_secondary_share": 1}
    index = CompositeIndex(COLUMNS, weights=weights).fit_transform(kalmar)
    z = Standardizer(COLUMNS).fit_transform(kalmar)
    by_hand = (2 * z["employment_rate"] + z["median_income"] + z["post_secondary_share"]) / 4
    assert np.allclose(index, by_hand)
    assert index.mean() == pytest.approx(0, abs=1e-12)


def test_contributions_sum_to_the_index(kalmar):
    model = CompositeIndex(COLUMNS).fit(kalmar)
    assert np.allclose(model.contributions(kalmar).sum(axis=1), model.transform(kalmar))


def test_only_the_proportions_of_weights_matter(kalmar):
    one = CompositeIndex(COLUMNS, weights=dict.fromkeys(COLUMNS, 1.0)).fit_transform(kalmar)
    ten = CompositeIndex(COLUMNS, weights=dict.fromkeys(COLUMNS, 10.0)).fit_transform(kalmar)
    pd.testing.assert_series_equal(one, ten)


def test_norrliden_has_the_lowest_index_in_kalmar(kalmar):
    index = CompositeIndex(COLUMNS).fit_transform(kalmar)
    assert set(kalmar.loc[index.nsmallest(2).index, "name"]) == {"Norrliden V", "Norrliden Ö"}


def test_what_is_refused(kalmar):
    with pytest.raises(UnknownNameError, match="weights.*turnout"):
        CompositeIndex(COLUMNS, weights=dict.fromkeys([*COLUMNS, "turnout"], 1)).fit(kalmar)
    with pytest.raises(InputError, match="weights: must be more than 0.*median_income"):
        CompositeIndex(COLUMNS, weights=dict.fromkeys(COLUMNS, 1) | {"median_income": 0}).fit(kalmar)
    with pytest.raises(InputError, match="standardizer"):
        CompositeIndex(COLUMNS, standardizer=Standardizer(COLUMNS[:2])).fit(kalmar)
    with pytest.raises(InputError, match="is not fitted"):
        CompositeIndex(COLUMNS).transform(kalmar)
