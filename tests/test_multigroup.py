from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segkit import segregation
from segkit.base.tidy import TIDY
from segkit.errors import InputError, UnknownNameError
from segkit.measures.segregation import evenness
from segkit.measures.segregation.counts import group_table
from segkit.measures.segregation.exposure import correlation_ratio
from segkit.measures.segregation.information import (
    between_within,
    divergence,
    divergence_by_area,
    divergence_of,
    interaction,
    local_segregation,
)
from segkit.measures.segregation.multigroup import (
    entropy_of,
    multigroup_dissimilarity,
    multigroup_gini,
    multigroup_information_theory,
    mutual_information,
    mutual_information_of,
    normalized_exposure,
    relative_diversity,
    squared_coefficient_of_variation,
)

ORACLES = Path(__file__).parent / "oracles"
MEASURES = {name: one for name, one in segregation.MEASURES.items() if one.kind == "multigroup"}
# Simpson's interaction is of the whole, wherever people live.
SEGREGATION = {name: measure for name, measure in MEASURES.items() if name != "interaction"}
NAMES = list("abcdefghij")
GROUPS = NAMES[:4]

some = settings(max_examples=25, deadline=None, derandomize=True)


def table(counts, **columns):
    counts = np.asarray(counts, dtype=float)
    return pd.DataFrame(counts, columns=NAMES[: counts.shape[1]]).assign(**columns)


def score(measure, counts, **options):
    data = table(counts)
    return measure(data, groups=list(data.columns), **options)


def each(measures):
    return pytest.mark.parametrize("measure", list(measures.values()), ids=lambda m: m.name)


@st.composite
def count_tables(draw, least_areas=1, most_groups=5):
    """Areas by groups, of which some may be empty, with members in at least two groups."""
    k = draw(st.integers(2, most_groups))
    one = st.lists(st.one_of(st.just(0), st.integers(0, 1500)), min_size=k, max_size=k)
    counts = np.array(draw(st.lists(one, min_size=least_areas, max_size=10)), dtype=float)
    assume((counts.sum(axis=0) > 0).sum() > 1)
    return counts


SYMMETRIC = [[60, 20, 20], [20, 60, 20], [20, 20, 60]]
PAIR = np.array([[40, 20, 5, 1], [20, 40, 60, 80]], dtype=float)


# ---- values worked out by hand


def test_full_separation_of_two_groups():
    apart = [[40, 0], [0, 40]]
    assert score(mutual_information, apart) == pytest.approx(log(2), abs=1e-15)
    assert score(multigroup_information_theory, apart) == pytest.approx(1, abs=1e-15)


def test_published_pair_as_rows_and_as_columns():
    assert score(mutual_information, PAIR) == pytest.approx(0.186587, abs=5e-7)
    assert score(mutual_information, PAIR.T) == pytest.approx(0.186587, abs=5e-7)
    assert score(multigroup_information_theory, PAIR) == pytest.approx(0.135384, abs=5e-7)
    assert score(multigroup_information_theory, PAIR.T) == pytest.approx(0.333036, abs=5e-7)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        # Shares .6, .2, .2 in every area, a third each of everyone: |q - p| is 4/15, 2/15, 2/15.
        (mutual_information, 0.6 * log(1.8) + 0.4 * log(0.6)),
        (multigroup_information_theory, (0.6 * log(1.8) + 0.4 * log(0.6)) / log(3)),
        (multigroup_dissimilarity, (8 / 15) / (2 * 2 / 3)),
        # Of nine pairs of areas, four differ by .4 in the share of a group: 3 * 4 / 9 * .4 / (2 * 2 / 3).
        (multigroup_gini, 0.4),
        (normalized_exposure, 0.16),
        (relative_diversity, 1 - (1 - 0.44) / (2 / 3)),
        (squared_coefficient_of_variation, 0.16),
        (interaction, 2 / 3),
    ],
)
def test_three_groups_by_hand(measure, expected):
    assert score(measure, SYMMETRIC) == pytest.approx(expected, rel=1e-13)


def test_groups_of_different_size_by_hand():
    # p = (.5, .3, .2); spread of the shares between two areas of one size = (.09, .01, .04).
    counts = [[80, 20, 0], [20, 40, 40]]
    assert score(interaction, counts) == pytest.approx(0.62)
    assert score(multigroup_dissimilarity, counts) == pytest.approx((0.3 + 0.1 + 0.2) / (2 * 0.62))
    assert score(multigroup_gini, counts) == pytest.approx(0.5 * (0.6 + 0.2 + 0.4) / (2 * 0.62))
    assert score(normalized_exposure, counts) == pytest.approx(0.09 / 0.5 + 0.01 / 0.7 + 0.04 / 0.8)
    assert score(relative_diversity, counts) == pytest.approx(0.14 / 0.62)
    expected = (0.09 / 0.5 + 0.01 / 0.3 + 0.04 / 0.2) / 2
    assert score(squared_coefficient_of_variation, counts) == pytest.approx(expected)


def test_simpsons_interaction_by_counting_pairs():
    people = np.repeat([0, 1, 2], [5, 3, 2])
    different = (people[:, None] != people[None, :]).mean()
    assert score(interaction, [[4, 1, 0], [1, 2, 2]]) == pytest.approx(different)


def test_gini_equals_the_printed_triple_sum():
    n = pd.read_csv(ORACLES / "multigroup_areas.csv")[GROUPS].to_numpy(dtype=float)
    n = n[n.sum(axis=1) > 0]
    p_u, inside, whole = n.sum(axis=1) / n.sum(), n / n.sum(axis=1, keepdims=True), n.sum(axis=0) / n.sum()
    gaps = np.abs(inside[:, None, :] - inside[None, :, :]).sum(axis=-1)
    expected = (np.outer(p_u, p_u) * gaps).sum() / (2 * (whole * (1 - whole)).sum())
    assert score(multigroup_gini, n) == pytest.approx(expected, rel=1e-12)


# ---- other packages


def test_other_packages_agree():
    areas = pd.read_csv(ORACLES / "multigroup_areas.csv", dtype={"municipality": str})
    oracle = pd.read_csv(ORACLES / "multigroup.csv")
    assert set(oracle["measure"]) == {*MEASURES, "divergence", "entropy", "local_segregation"}
    functions = {name: measure.function for name, measure in MEASURES.items()} | {"divergence": divergence}
    local = local_segregation(areas, groups=GROUPS)["local_segregation"].set_axis(areas["area_id"])
    for row in oracle.itertuples():
        if row.measure == "local_segregation":
            value = local[row.area_id]
        elif row.measure == "entropy":
            value = entropy_of(areas[GROUPS].to_numpy())
        else:
            value = functions[row.measure](areas, groups=GROUPS)
        assert value == pytest.approx(row.value, abs=1e-12), row.call


# ---- identities


@some
@given(counts=count_tables(most_groups=2))
def test_two_groups_give_the_measures_of_two_groups(counts):
    data = table(counts).assign(total=counts.sum(axis=1))
    for several, two in (
        (multigroup_information_theory, evenness.information_theory),
        (multigroup_dissimilarity, evenness.dissimilarity),
        (multigroup_gini, evenness.gini),
        (normalized_exposure, correlation_ratio),
        (relative_diversity, correlation_ratio),
        (squared_coefficient_of_variation, correlation_ratio),
    ):
        expected = two(data, group="a", total="total")
        found = several(data, groups=["a", "b"])
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), several.__name__


@some
@given(counts=count_tables())
def test_several_groups_are_a_mean_of_each_against_the_rest(counts):
    counts = counts[:, counts.sum(axis=0) > 0]
    data, p = table(counts).assign(total=counts.sum(axis=1)), counts.sum(axis=0) / counts.sum()
    names = NAMES[: counts.shape[1]]
    for several, two, weight in (
        (multigroup_dissimilarity, evenness.dissimilarity, p * (1 - p)),
        (multigroup_gini, evenness.gini, p * (1 - p)),
        (relative_diversity, correlation_ratio, p * (1 - p)),
        (normalized_exposure, correlation_ratio, p),
        (squared_coefficient_of_variation, correlation_ratio, 1 - p),
    ):
        expected = np.average([two(data, group=name, total="total") for name in names], weights=weight)
        found = several(data, groups=names)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), several.__name__


@some
@given(counts=count_tables(least_areas=2))
def test_areas_and_groups_can_change_places_in_m(counts):
    assume((counts.sum(axis=1) > 0).sum() > 1)
    assert score(mutual_information, counts) == pytest.approx(score(mutual_information, counts.T), abs=1e-12)


@some
@given(counts=count_tables())
def test_h_is_m_over_the_entropy_of_the_groups(counts):
    p = counts.sum(axis=0)[counts.sum(axis=0) > 0] / counts.sum()
    expected = score(mutual_information, counts) / -(p * np.log(p)).sum()
    assert score(multigroup_information_theory, counts) == pytest.approx(expected, abs=1e-12)


@some
@given(counts=count_tables(), seed=st.integers(0, 99), factor=st.sampled_from([0.001, 3.0, 1e6]))
def test_order_scale_empty_areas_and_empty_groups_do_not_matter(counts, seed, factor):
    rng = np.random.default_rng(seed)
    other = np.vstack([np.zeros(counts.shape[1]), rng.permutation(counts, axis=0)])
    other = rng.permutation(np.column_stack([other, np.zeros(len(other))]), axis=1) * factor
    for measure in MEASURES.values():
        value = score(measure.function, counts)
        assert score(measure.function, other) == pytest.approx(value, rel=1e-9, abs=1e-12), measure.name


@some
@given(counts=count_tables(), cut=st.floats(0.05, 0.95), copies=st.integers(2, 3))
def test_areas_of_one_mix_can_be_split_and_merged(counts, cut, copies):
    split, repeated = np.vstack([counts * cut, counts * (1 - cut)]), np.tile(counts, (copies, 1))
    for measure in MEASURES.values():
        expected = pytest.approx(score(measure.function, counts), rel=1e-9, abs=1e-12)
        assert score(measure.function, split) == expected, measure.name
        assert score(measure.function, repeated) == expected, measure.name


@some
@given(
    sizes=st.lists(st.integers(1, 500), min_size=1, max_size=12),
    mix=st.lists(st.integers(1, 99), min_size=2, max_size=6),
)
def test_one_mix_everywhere_is_zero(sizes, mix):
    for measure in SEGREGATION.values():
        assert score(measure.function, np.outer(sizes, mix)) == pytest.approx(0, abs=1e-12), measure.name


@some
@given(sizes=st.lists(st.integers(1, 900), min_size=2, max_size=6), extra=st.integers(1, 900))
def test_a_single_group_in_each_area_is_the_most(sizes, extra):
    apart = np.vstack([np.diag(sizes), np.diag(sizes)[0] * extra])
    p = apart.sum(axis=0) / apart.sum()
    for measure in SEGREGATION.values():
        most = -(p * np.log(p)).sum() if measure.name == "mutual_information" else 1
        assert score(measure.function, apart) == pytest.approx(most, rel=1e-12), measure.name


@some
@given(counts=count_tables())
def test_values_stay_in_range(counts):
    for measure in MEASURES.values():
        value = score(measure.function, counts)
        assert isinstance(value, float)
        assert measure.low <= value <= measure.high, measure.name


@some
@given(counts=count_tables(), part=st.floats(0.01, 1))
def test_moving_towards_the_mean_never_raises_segregation(counts, part):
    t = counts.sum(axis=1, keepdims=True)
    toward = np.maximum(counts + part * (t * counts.sum(axis=0) / t.sum() - counts), 0)
    for measure in SEGREGATION.values():
        before = score(measure.function, counts)
        assert score(measure.function, toward) <= before + 1e-9, measure.name


# ---- many draws at once


@each(MEASURES)
def test_draws_are_scored_as_one_by_one(measure):
    rng = np.random.default_rng(5)
    draws = rng.integers(0, 60, (6, 5, 15, 4)).astype(float)
    draws[:, :, 3] = 0
    draws[1, 2, :, 2] = 0
    found = measure.many(draws)
    assert found.shape == (6, 5)
    one_by_one = [[score(measure.function, n) for n in line] for line in draws]
    np.testing.assert_allclose(found, one_by_one, rtol=1e-12)


@each(MEASURES)
def test_draws_without_people_or_with_one_group_give_no_number_and_no_warning(measure):
    usual = np.array(SYMMETRIC, dtype=float)
    # Sums of these in another order differ by rounding, which must not count as a second group.
    alone = np.array([[0.1, 0, 0], [0.2, 0, 0], [0.3, 0, 0]])
    found = measure.many(np.stack([usual, np.zeros((3, 3)), alone]))
    assert np.isfinite(found[0])
    assert np.isnan(found[1])
    if measure.name in {"mutual_information", "interaction"}:
        assert found[2] == 0
    else:
        assert np.isnan(found[2])


# ---- divergence and local segregation


def test_local_segregation_by_hand():
    data = table([[40, 0], [20, 20], [0, 0], [0, 40]]).set_axis(list("wxyz"))
    found = local_segregation(data, groups=["a", "b"])
    assert list(found.columns) == ["local_segregation", "weight", "contribution"]
    pd.testing.assert_index_equal(found.index, data.index)
    np.testing.assert_allclose(found["local_segregation"], [log(2), 0, np.nan, log(2)], atol=1e-15)
    np.testing.assert_allclose(found["weight"], [1 / 3, 1 / 3, 0, 1 / 3])
    np.testing.assert_allclose(found["contribution"], [log(2) / 3, 0, 0, log(2) / 3], atol=1e-15)


@some
@given(counts=count_tables())
def test_contributions_of_areas_sum_to_m(counts):
    found = score(local_segregation, counts)
    assert found["contribution"].sum() == pytest.approx(score(mutual_information, counts), abs=1e-13)
    assert found["weight"].sum() == pytest.approx(1)
    assert (found["contribution"] >= 0).all()


def test_areas_left_out_are_not_known():
    data = table([[40, 0], [np.nan, 9], [0, 40]])
    found = local_segregation(data, groups=["a", "b"], missing="drop")
    assert found.loc[1].isna().all()
    assert found["contribution"].sum() == pytest.approx(log(2))
    assert divergence_by_area(data, groups=["a", "b"], missing="drop").isna().tolist() == [False, True, False]


@some
@given(counts=count_tables(), reference=st.lists(st.integers(1, 900), min_size=5, max_size=5))
def test_divergence_is_m_plus_that_of_the_whole_from_the_reference(counts, reference):
    reference = dict(zip("abcde", reference[: counts.shape[1]], strict=False))
    expected = np.array(list(reference.values())) / sum(reference.values())
    p = counts.sum(axis=0) / counts.sum()
    of_whole = (p * np.log(np.where(p > 0, p, expected) / expected)).sum()
    m = score(mutual_information, counts)
    assert score(divergence, counts) == pytest.approx(m, abs=1e-13)
    assert score(divergence, counts, reference=reference) == pytest.approx(m + of_whole, abs=1e-12)
    areas = score(divergence_by_area, counts, reference=reference)
    weight = counts.sum(axis=1) / counts.sum()
    assert (areas * weight).sum() == pytest.approx(m + of_whole, abs=1e-12)


def test_divergence_by_area_keeps_the_index_and_the_core_takes_draws():
    data = table(PAIR.T).set_axis(["n", "e", "s", "w"])
    found = divergence_by_area(data, groups=["a", "b"])
    assert found.index.tolist() == ["n", "e", "s", "w"]
    local = local_segregation(data, groups=["a", "b"])["local_segregation"]
    pd.testing.assert_series_equal(found, local, check_names=False)
    assert divergence_of(np.stack([PAIR.T] * 2), reference=np.array([0.5, 0.5])).shape == (2,)


@pytest.mark.parametrize(
    ("reference", "pattern"),
    [
        ({"a": 1}, r"reference: must name the same groups as `groups` \(a\)\. .*each of a, b\."),
        ({"a": 1, "b": 0}, r"reference: is 0 for a group that has members, .* infinite \(b\)"),
        ({"a": 1, "b": -1}, "reference: must be counts or shares, none negative or missing"),
        ({"a": 1, "b": np.nan}, "reference: must be counts or shares, none negative or missing"),
        ({"a": 0, "b": 0}, "reference: must be counts or shares, .* sum to more than 0"),
        ({"a": 1, "b": "half"}, r"reference: must be numbers \(1, half\)"),
    ],
)
def test_bad_references_are_named(reference, pattern):
    with pytest.raises(InputError, match=pattern):
        divergence(table(PAIR.T), groups=["a", "b"], reference=reference)


# ---- between and within regions


def parts(found):
    return found[found["region"] == ""].set_index(["measure", "level"])["value"]


def test_between_and_within_by_hand():
    # Two halves that each separate two of the four groups: ln 2 between, ln 2 within.
    data = table(np.diag([10, 10, 10, 10]), side=list("wwee"))
    found = between_within(data, groups=GROUPS, region="side")
    assert list(found.columns) == [*TIDY, "level", "population_share"]
    assert found["measure"].tolist() == ["total", "between", "within", "within", "within"]
    assert found["level"].tolist() == ["", "side", "side", "side", "side"]
    assert found["region"].tolist() == ["", "", "", "e", "w"]
    np.testing.assert_allclose(found["value"], log(2) * np.array([2, 1, 1, 0.5, 0.5]))
    np.testing.assert_allclose(found["population_share"], [1, 1, 1, 0.5, 0.5])
    assert found["n_areas"].tolist() == [4, 4, 4, 2, 2]
    assert (found["n_missing"] == 0).all()
    assert (found["group"] == "a, b, c, d").all()
    found = between_within(data, groups=GROUPS, region="side", measure="H")
    np.testing.assert_allclose(found["value"], [1, 0.5, 0.5, 0.25, 0.25])


@pytest.mark.parametrize(
    ("measure", "whole"), [("M", mutual_information), ("H", multigroup_information_theory)]
)
def test_regions_inside_regions_add_up(measure, whole):
    areas = pd.read_csv(ORACLES / "multigroup_areas.csv", dtype={"municipality": str})
    levels = ["municipality", "regso_id"]
    found = between_within(areas, groups=GROUPS, region=levels, measure=measure)
    value = parts(found)
    order = [("total", ""), ("between", "municipality"), ("between", "regso_id"), ("within", "regso_id")]
    assert value.index.tolist() == order
    assert value["total", ""] == pytest.approx(whole(areas, groups=GROUPS), abs=1e-13)
    assert value.iloc[1:].sum() == pytest.approx(value["total", ""], abs=1e-13)
    assert (value > 0).all()
    # Each part on its own way: regions as areas, and each region alone.
    scale = entropy_of(areas[GROUPS].to_numpy()) if measure == "H" else 1
    upper = areas.groupby("municipality")[GROUPS].sum()
    assert value["between", "municipality"] == pytest.approx(
        mutual_information(upper, groups=GROUPS) / scale, abs=1e-13
    )
    inside = [
        part[GROUPS].to_numpy().sum()
        * mutual_information(part.groupby("regso_id")[GROUPS].sum(), groups=GROUPS)
        for _, part in areas.groupby("municipality")
    ]
    expected = sum(inside) / areas[GROUPS].to_numpy().sum() / scale
    assert value["between", "regso_id"] == pytest.approx(expected, abs=1e-13)
    rows = found[found["region"] != ""]
    for level in levels:
        mine = rows[rows["level"] == level].set_index("region")
        assert mine["population_share"].sum() == pytest.approx(1)
        assert mine["n_areas"].sum() == (areas[GROUPS].sum(axis=1) > 0).sum() == 39
        for code, part in areas.groupby(level):
            alone = mutual_information_of(part[GROUPS].to_numpy(dtype=float))
            assert mine["value"][code] == pytest.approx(
                mine["population_share"][code] * alone / scale, abs=1e-13
            )
    deepest = rows[rows["level"] == "regso_id"]["value"].sum()
    assert deepest == pytest.approx(value["within", "regso_id"], abs=1e-13)


@some
@given(counts=count_tables(), seed=st.integers(0, 99), measure=st.sampled_from(["M", "H"]))
def test_parts_sum_to_the_total(counts, seed, measure):
    fine = np.random.default_rng(seed).integers(0, 4, len(counts))
    names = NAMES[: counts.shape[1]]
    data = table(counts, coarse=fine // 2, fine=fine)
    found = between_within(data, groups=names, region=["coarse", "fine"], measure=measure)
    value = parts(found)
    whole = mutual_information if measure == "M" else multigroup_information_theory
    assert value.iloc[1:].sum() == pytest.approx(value.iloc[0], abs=1e-12)
    assert value.iloc[0] == pytest.approx(whole(data, groups=names), abs=1e-12)
    assert (value >= 0).all()
    coarse = found[(found["region"] != "") & (found["level"] == "coarse")]["value"].sum()
    assert coarse == pytest.approx(value["between", "fine"] + value["within", "fine"], abs=1e-12)


def test_one_region_has_all_within_and_each_area_alone_all_between():
    data = table(PAIR.T, all="x", each=list("nesw"))
    one = parts(between_within(data, groups=["a", "b"], region="all"))
    assert one["between", "all"] == pytest.approx(0, abs=1e-15)
    alone = parts(between_within(data, groups=["a", "b"], region="each"))
    assert alone["within", "each"] == pytest.approx(0, abs=1e-15)
    assert alone["between", "each"] == pytest.approx(0.186587, abs=5e-7)


def test_regions_without_people_or_without_known_counts():
    counts = [[40, 0], [0, 40], [0, 0], [np.nan, 3], [np.nan, 1]]
    data = table(counts, side=["w", "w", "empty", "unknown", "w"])
    found = between_within(data, groups=["a", "b"], region="side", missing="drop").set_index("region")
    assert found.loc["", "n_missing"].tolist() == [2, 2, 2]
    rows = found.loc[["w", "empty", "unknown"]]
    np.testing.assert_allclose(rows["value"], [log(2), 0, np.nan])
    np.testing.assert_allclose(rows["population_share"], [1, 0, np.nan])
    assert rows["n_areas"].tolist() == [2, 0, 0]
    assert rows["n_missing"].tolist() == [1, 0, 1]


def test_regions_must_be_known_and_nest():
    data = table(PAIR.T, area_id=list("nesw"), big=["x", "x", "y", "y"], small=["p", "q", "q", "r"])
    groups = ["a", "b"]
    with pytest.raises(
        InputError, match=r"small: has regions that lie in more than one `big` \(q in x and y\)"
    ):
        between_within(data, groups=groups, region=["big", "small"])
    with pytest.raises(InputError, match=r"big: .* one `small` \(x in p and q, y in q and r\)\. Name"):
        between_within(data, groups=groups, region=["small", "big"])
    with pytest.raises(InputError, match=r"big: is missing \(e, s\)\. Every area with people needs"):
        between_within(data.assign(big=["x", None, " ", "y"]), groups=groups, region="big")
    with pytest.raises(InputError, match="region: must be one or more different columns"):
        between_within(data, groups=groups, region=[])
    with pytest.raises(InputError, match="region: must be one or more different columns"):
        between_within(data, groups=groups, region=["big", "big"])
    with pytest.raises(UnknownNameError, match=r"lacks the column \(county\)"):
        between_within(data, groups=groups, region="county")
    with pytest.raises(InputError, match="measure: is 'D', must be one of 'M', 'H'"):
        between_within(data, groups=groups, region="big", measure="D")


def test_an_empty_area_needs_no_region():
    data = table([*PAIR.T, [0, 0]], side=["w", "w", "e", "e", None])
    found = between_within(data, groups=["a", "b"], region="side")
    assert found["region"].tolist() == ["", "", "", "e", "w"]
    assert found["n_areas"].tolist() == [4, 4, 4, 2, 2]


# ---- the gate


def bad_tables():
    good = table(SYMMETRIC, area_id=list("xyz"))
    yield good.assign(a=[1, -1, 1]), r"a: has values under 0 \(y\)"
    yield good.assign(b=[1, np.nan, 1]), r"b: has 1 missing values \(y\)"
    yield good.assign(b=[0, 1, np.inf]), r"b: has infinite values \(z\)"
    yield good.assign(c=["1", "some", "2"]), r"c: has text where a number belongs, such as 'some' \(y\)"
    yield good.assign(a=0, b=0, c=0), r"groups: have no area with known counts above 0 \(a, b, c\)"
    yield good.assign(a=0, c=0), "b: holds everyone, so there is no one to be segregated from"
    yield good.iloc[:0], "data: has no rows"
    yield {"a": [1]}, "data: must be a table, is dict"
    panel = pd.concat([good.assign(period=2020), good.assign(period=2023)])
    yield panel, r"data: has the same areas in several periods \(2020, 2023\)"


EVERY = {name: measure.function for name, measure in MEASURES.items()} | {
    "divergence": divergence,
    "divergence_by_area": divergence_by_area,
    "local_segregation": local_segregation,
    "between_within": lambda data, **options: between_within(data, region="area_id", **options),
}
every = pytest.mark.parametrize("function", list(EVERY.values()), ids=list(EVERY))


@every
@pytest.mark.parametrize(("data", "pattern"), list(bad_tables()))
def test_bad_counts_are_named(function, data, pattern):
    with pytest.raises(InputError, match=pattern):
        function(data, groups=["a", "b", "c"])


@every
def test_bad_names_are_named(function):
    data = table(SYMMETRIC, area_id=list("xyz"))
    for groups in ("a", [], ["a"], ["a", "a"]):
        with pytest.raises(InputError, match="groups: must be two or more different columns"):
            function(data, groups=groups)
    with pytest.raises(UnknownNameError, match=r"lacks the column \(old\)\. Columns at hand: a, b, c"):
        function(data, groups=["a", "old"])
    with pytest.raises(InputError, match="missing: is 'ignore', must be one of 'raise', 'drop'"):
        function(data, groups=["a", "b"], missing="ignore")


@each(MEASURES)
def test_missing_counts_leave_their_area_out_when_asked(measure):
    data = table([*SYMMETRIC, [5, np.nan, 0]])
    expected = score(measure.function, SYMMETRIC)
    assert measure.function(data, groups=["a", "b", "c"], missing="drop") == expected
    with pytest.raises(InputError, match="groups: have no area with known counts above 0"):
        measure.function(data.assign(a=np.nan), groups=["a", "b", "c"], missing="drop")


def test_a_missing_count_among_zeros_is_missing():
    data = table([*SYMMETRIC, [0, np.nan, 0]])
    with pytest.raises(InputError, match=r"b: has 1 missing values \(3\)"):
        group_table(data, groups=["a", "b", "c"])


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float32", "str"])
def test_other_column_types_give_the_same(dtype):
    data = table(SYMMETRIC).astype("int64").astype(dtype)
    assert multigroup_gini(data, groups=["a", "b", "c"]) == pytest.approx(0.4)


@every
def test_input_is_not_changed(function):
    data = table([*SYMMETRIC, [0, 0, 0]], area_id=list("wxyz"))
    before = data.copy()
    function(data, groups=["a", "b", "c"])
    pd.testing.assert_frame_equal(data, before)


def test_resampled_areas_pass():
    areas = table(SYMMETRIC, area_id=list("xyz"), period=2023)
    twice = pd.concat([areas, areas])
    assert multigroup_gini(twice, groups=["a", "b", "c"]) == pytest.approx(0.4)
    assert len(local_segregation(twice, groups=["a", "b", "c"])) == 6


def test_registry_describes_every_measure():
    assert {name: (m.letter, m.dimension) for name, m in MEASURES.items()} == {
        "mutual_information": ("M", "information"),
        "multigroup_information_theory": ("H", "evenness"),
        "multigroup_dissimilarity": ("D", "evenness"),
        "multigroup_gini": ("G", "evenness"),
        "normalized_exposure": ("P", "exposure"),
        "relative_diversity": ("R", "diversity"),
        "squared_coefficient_of_variation": ("C", "evenness"),
        "interaction": ("I", "diversity"),
    }
    for name, measure in MEASURES.items():
        assert measure.kind == "multigroup"
        assert measure.function.__name__ == name
        assert measure.many.__name__ == f"{name}_of"
        assert measure.low == 0
        assert measure.high == (np.inf if name == "mutual_information" else 1)
        assert measure.meaning.endswith(".")
        assert measure.meaning_sv.endswith(".")
        assert measure.reference.endswith(")")
