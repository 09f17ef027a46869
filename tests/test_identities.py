"""What must hold for every measure of the registries, whatever the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segkit import inequality, polarization, segregation

COLUMNS = {"group": "group", "total": "total"}
TWO_GROUP = [measure for measure in segregation.MEASURES.values() if measure.kind == "two_group"]
EVEN = [measure for measure in TWO_GROUP if measure.even is not None]
SYMMETRIC = [measure for measure in TWO_GROUP if measure.symmetric]
VALUES = [*inequality.MEASURES.values(), *polarization.MEASURES.values()]

some = settings(max_examples=40, deadline=None, derandomize=True)


def each(measures):
    return pytest.mark.parametrize("measure", measures, ids=lambda m: f"{m.dimension}-{m.name}")


def table(group, rest):
    group, rest = np.asarray(group, dtype=float), np.asarray(rest, dtype=float)
    return pd.DataFrame({"group": group, "total": group + rest})


def assert_same(found, expected):
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-9)


@st.composite
def two_group_counts(draw):
    """Areas of which some may be empty, with members in both groups."""
    count = st.integers(0, 2000)
    areas = draw(st.lists(st.tuples(count, count), min_size=1, max_size=12))
    group, rest = (np.array(column, dtype=float) for column in zip(*areas, strict=True))
    assume(group.sum() > 0 and rest.sum() > 0)
    return group, rest


@st.composite
def values_and_weights(draw):
    """Values greater than 0, so that every measure has an answer, with whole weights."""
    areas = draw(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 6)), min_size=1, max_size=12))
    values, weight = zip(*areas, strict=True)
    return np.array(values, dtype=float), np.array(weight)


@each(TWO_GROUP)
@some
@given(counts=two_group_counts())
def test_two_group_values_stay_in_range(measure, counts):
    value = measure.function(table(*counts), **COLUMNS)
    assert isinstance(value, float)
    assert measure.low <= value <= measure.high


@each(EVEN)
@some
@given(
    sizes=st.lists(st.integers(1, 500), min_size=1, max_size=12),
    mix=st.tuples(st.integers(1, 99), st.integers(1, 99)),
)
def test_even_distribution(measure, sizes, mix):
    sizes = np.array(sizes)
    assert_same(measure.function(table(sizes * mix[0], sizes * mix[1]), **COLUMNS), measure.even)


@each(TWO_GROUP)
@some
@given(
    group=st.lists(st.integers(1, 999), min_size=1, max_size=6),
    rest=st.lists(st.integers(1, 999), min_size=1, max_size=6),
)
def test_full_separation_is_one(measure, group, rest):
    apart = table(group + [0] * len(rest), [0] * len(group) + rest)
    assert_same(measure.function(apart, **COLUMNS), 1)


@each(TWO_GROUP)
@some
@given(counts=two_group_counts(), factor=st.sampled_from([0.001, 0.5, 3, 1e6]), seed=st.integers(0, 99))
def test_order_and_scale_of_counts_do_not_matter(measure, counts, factor, seed):
    group, rest = counts
    value = measure.function(table(group, rest), **COLUMNS)
    order = np.random.default_rng(seed).permutation(group.size)
    assert_same(measure.function(table(group[order] * factor, rest[order] * factor), **COLUMNS), value)


@each(TWO_GROUP)
@some
@given(counts=two_group_counts(), cut=st.floats(0.05, 0.95), copies=st.integers(2, 3))
def test_areas_of_equal_mix_can_be_split_merged_and_repeated(measure, counts, cut, copies):
    group, rest = counts
    value = measure.function(table(group, rest), **COLUMNS)
    split = table(np.append(group * cut, group * (1 - cut)), np.append(rest * cut, rest * (1 - cut)))
    assert_same(measure.function(split, **COLUMNS), value)
    assert_same(measure.function(table(np.tile(group, copies), np.tile(rest, copies)), **COLUMNS), value)


@each(SYMMETRIC)
@some
@given(counts=two_group_counts())
def test_group_and_rest_can_change_places(measure, counts):
    group, rest = counts
    assert_same(
        measure.function(table(group, rest), **COLUMNS), measure.function(table(rest, group), **COLUMNS)
    )


@each(EVEN)
@some
@given(counts=two_group_counts(), part=st.floats(0.01, 1))
def test_moving_towards_the_mean_never_raises_segregation(measure, counts, part):
    group, rest = counts
    total = group + rest
    toward = group + part * (total * group.sum() / total.sum() - group)
    before = measure.function(table(group, rest), **COLUMNS)
    assert measure.function(table(toward, total - toward), **COLUMNS) <= before + 1e-9


@some
@given(counts=two_group_counts())
def test_gini_lies_between_its_bounds_by_dissimilarity(counts):
    data = table(*counts)
    d = segregation.dissimilarity(data, **COLUMNS)
    g = segregation.gini(data, **COLUMNS)
    assert d - 1e-9 <= g <= 2 * d - d**2 + 1e-9


@some
@given(counts=two_group_counts())
def test_isolation_exposure_and_correlation_ratio_agree(counts):
    group, rest = counts
    data = table(group, rest).assign(rest=rest)
    xpx = segregation.isolation(data, **COLUMNS)
    assert_same(xpx + segregation.exposure(data, group="group", other="rest", total="total"), 1)
    share = group.sum() / (group + rest).sum()
    assert xpx >= share - 1e-9
    assert_same(segregation.correlation_ratio(data, **COLUMNS) * (1 - share), xpx - share)


@each(VALUES)
@some
@given(areas=values_and_weights())
def test_values_stay_in_range(measure, areas):
    value = measure.function(*areas)
    assert isinstance(value, float)
    assert measure.low <= value <= measure.high


@each(VALUES)
@some
@given(value=st.floats(0.01, 1e6), weight=st.lists(st.floats(0.01, 1e4), min_size=1, max_size=12))
def test_equal_values_give_the_least(measure, value, weight):
    found = measure.function([value] * len(weight), weight)
    assert found == pytest.approx(measure.even, abs=1e-9 * max(value, 1))


@each(VALUES)
@some
@given(areas=values_and_weights(), factor=st.sampled_from([0.001, 7.0, 1e6]), seed=st.integers(0, 99))
def test_order_and_scale_of_weights_do_not_matter(measure, areas, factor, seed):
    values, weight = areas
    order = np.random.default_rng(seed).permutation(values.size)
    assert_same(measure.function(values[order], weight[order] * factor), measure.function(values, weight))


@each(VALUES)
@some
@given(areas=values_and_weights(), copies=st.integers(2, 3))
def test_weight_is_a_number_of_people(measure, areas, copies):
    values, weight = areas
    value = measure.function(values, weight)
    assert_same(measure.function(np.repeat(values, weight)), value)
    assert_same(measure.function(np.tile(values, copies), np.tile(weight, copies)), value)


@each(VALUES)
@some
@given(areas=values_and_weights())
def test_empty_areas_contribute_nothing(measure, areas):
    values, weight = areas
    with_empty = measure.function(np.append(values, np.nan), np.append(weight, 0))
    assert with_empty == measure.function(values, weight)


@each(VALUES)
@some
@given(areas=values_and_weights(), factor=st.sampled_from([0.001, 7.0, 1e6]))
def test_scale_of_values(measure, areas, factor):
    values, weight = areas
    expected = measure.function(values, weight) * (factor if measure.in_units else 1)
    assert measure.function(values * factor, weight) == pytest.approx(expected, rel=1e-7, abs=1e-9 * factor)


@some
@given(areas=values_and_weights(), n_regions=st.integers(1, 4), seed=st.integers(0, 99))
def test_theil_is_between_plus_within(areas, n_regions, seed):
    values, weight = areas
    region = np.random.default_rng(seed).integers(0, n_regions, values.size)
    parts = inequality.theil_decomposition(values, region, weight).set_index("measure")["value"]
    assert_same(parts["between"] + parts["within"], inequality.theil(values, weight))
    assert parts.min() >= 0


@some
@given(areas=values_and_weights())
def test_two_equal_ends_are_the_most_polarized(areas):
    values, weight = areas
    assume(values.max() > values.min())
    unit = (values - values.min()) / (values.max() - values.min())
    assert polarization.esteban_ray(unit, weight) <= 0.25 + 1e-9
