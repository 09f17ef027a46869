from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import segregation
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.measures.segregation.income import (
    delta_of,
    income_shares_of_areas,
    integral_of,
    neighborhood_sorting,
    rank_order,
    rank_order_of,
)

ORACLES = Path(__file__).parent / "oracles"
some = settings(max_examples=25, deadline=None, derandomize=True)
SORTING = {"mean": "mean", "sd": "sd", "weight": "people"}


def table(counts):
    counts = np.asarray(counts, dtype=float)
    return pd.DataFrame(counts, columns=[f"b{i}" for i in range(counts.shape[1])])


def score(counts, **options):
    data = table(counts)
    return rank_order(data, brackets=list(data.columns), **options)


def mixed(brackets=14):
    """Five areas in which every bracket holds 40 people and no area lacks one."""
    area, bracket = np.mgrid[:5, :brackets]
    n = 5 + (3 * area + 2 * bracket + area * bracket) % 5
    n[4] = 40 - n[:4].sum(axis=0)
    return n.astype(float)


def two_group(counts, border, method):
    below = counts[:, :border].sum(axis=1)
    data = pd.DataFrame({"group": below, "total": counts.sum(axis=1)})
    measure = segregation.information_theory if method == "H" else segregation.correlation_ratio
    return measure(data, group="group", total="total")


def average_over_ranks(function, method):
    """Integrate a function of the rank by the midpoint rule, weighted as the index weighs it."""
    p = (np.arange(200_000) + 0.5) / 200_000
    weight = p * (1 - p) if method == "R" else -(p * np.log(p) + (1 - p) * np.log(1 - p))
    return (weight * function(p)).sum() / weight.sum()


@pytest.mark.parametrize("method", ["H", "R"])
@pytest.mark.parametrize("m", range(7))
def test_delta_is_the_weighted_integral_of_the_power(method, m):
    assert delta_of(m, method=method) == pytest.approx(average_over_ranks(lambda p: p**m, method), abs=1e-9)


@pytest.mark.parametrize("method", ["H", "R"])
def test_two_brackets_and_order_zero_give_the_two_group_measure(method):
    counts = np.array([[100.0, 0], [60, 40], [40, 60], [0, 100]])
    expected = 0.514525 if method == "H" else 0.52
    assert score(counts, method=method, order=0) == pytest.approx(expected, abs=5e-7)


def test_line_through_two_borders_by_hand():
    # H(1/3) = H(2/3), so the line is flat: 1 - mean(E(.6), E(.3), E(.1)) / E(1/3).
    value = score([[60, 30, 10], [30, 40, 30], [10, 30, 60]], order=1)
    entropies = [-(p * math.log2(p) + (1 - p) * math.log2(1 - p)) for p in (0.6, 0.3, 0.1, 1 / 3)]
    assert value == pytest.approx(1 - sum(entropies[:3]) / 3 / entropies[3], abs=1e-12)


@pytest.mark.parametrize("method", ["H", "R"])
def test_as_many_borders_as_coefficients_interpolates_them(method):
    counts = mixed(4)
    p = np.array([0.25, 0.5, 0.75])
    through = np.polyfit(p, [two_group(counts, i, method) for i in (1, 2, 3)], 2)
    expected = average_over_ranks(lambda q: np.polyval(through, q), method)
    assert score(counts, method=method, order=2) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("method", "order"), [("H", 4), ("H", 1), ("R", 4), ("R", 1)])
def test_weighted_least_squares_by_another_route(method, order):
    counts = mixed()
    p = np.arange(1, 14) / 14
    points = [two_group(counts, i, method) for i in range(1, 14)]
    # np.polyfit multiplies the residuals by its weights, so that they are squared as in the source.
    weight = p * (1 - p) if method == "R" else -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    fitted = np.polyfit(p, points, order, w=weight)
    expected = average_over_ranks(lambda q: np.polyval(fitted, q), method)
    assert score(counts, method=method, order=order) == pytest.approx(expected, abs=1e-9)


def test_other_package_agrees_where_borders_are_its_ranks():
    oracle = pd.read_csv(ORACLES / "rank_order.csv").query("case == 'brackets'")
    assert len(oracle) == 3
    for row in oracle.itertuples():
        assert score(mixed(), order=row.order) == pytest.approx(row.value, abs=1e-10), row.call


def test_eleven_people_at_assumed_and_at_observed_ranks():
    # Incomes 80 80 70 70, 50 45 40 and 20 20 20 10 of three areas. The published figure puts H at the
    # fixed ranks 1/14 ... 13/14, also where no one's rank lies between two of them, and 0 at 1/14.
    published = pd.read_csv(ORACLES / "rank_order.csv").query("case == 'eleven people'")["value"].item()
    assert published == pytest.approx(0.7181837, abs=5e-8)
    incomes = [10, 20, 40, 45, 50, 70, 80]
    areas = [[80, 80, 70, 70], [50, 45, 40], [20, 20, 20, 10]]
    counts = np.array([[area.count(income) for income in incomes] for area in areas], dtype=float)
    ranks = np.cumsum(counts.sum(axis=0)) / 11
    # People with the same income share their mean rank.
    shared = np.array([1, 3, 5, 6, 7, 8.5, 10.5]) / 11
    assumed = np.arange(1, 14) / 14
    below = np.array([counts[:, : int((shared <= rank).sum())].sum(axis=1) for rank in assumed])
    people = counts.sum(axis=1)

    def entropy(p):
        # The package counts a share of 0 or 1 as one in a million from it.
        p = np.clip(p, 1e-6, 1 - 1e-6)
        return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))

    points = 1 - (entropy(below / people) @ people) / (11 * entropy(below.sum(axis=1) / 11))
    every = np.ones(13, dtype=bool)
    assert integral_of(assumed, points, every) == pytest.approx(published, abs=1e-10)
    exact = [two_group(counts, int(n), "H") if n else 0.0 for n in (shared[:, None] <= assumed).sum(axis=0)]
    assert integral_of(assumed, np.array(exact), every) == pytest.approx(published, abs=3e-5)
    # The observed ranks of the six borders give another value.
    observed = [two_group(counts, border, "H") for border in range(1, 7)]
    weight = -(ranks[:-1] * np.log2(ranks[:-1]) + (1 - ranks[:-1]) * np.log2(1 - ranks[:-1]))
    fitted = np.polyfit(ranks[:-1], observed, 4, w=weight)
    expected = average_over_ranks(lambda q: np.polyval(fitted, q), "H")
    assert score(counts) == pytest.approx(expected, abs=1e-7)
    assert score(counts) == pytest.approx(0.7061275, abs=5e-8)


@pytest.mark.parametrize("method", ["H", "R"])
def test_even_areas_give_zero_and_areas_of_one_bracket_give_one(method):
    assert score(np.outer([3, 1, 7], mixed()[0]), method=method) == pytest.approx(0, abs=1e-9)
    assert score(np.diag([30.0] * 8), method=method) == pytest.approx(1, abs=1e-9)


@some
@given(
    counts=st.lists(st.lists(st.integers(1, 60), min_size=7, max_size=7), min_size=2, max_size=6),
    factor=st.sampled_from([0.01, 3, 1e5]),
    method=st.sampled_from(["H", "R"]),
)
def test_what_does_not_matter(counts, factor, method):
    counts = np.array(counts, dtype=float)
    value = rank_order_of(counts, method=method, order=2)
    same = [
        counts[::-1],
        counts * factor,
        np.vstack([counts * 0.3, counts * 0.7]),
        np.vstack([counts, np.zeros(7)]),
        np.insert(counts, [0, 3, 7], 0.0, axis=1),
    ]
    for other in same:
        assert rank_order_of(other, method=method, order=2) == pytest.approx(value, abs=1e-8)


@some
@given(counts=st.lists(st.lists(st.integers(1, 60), min_size=7, max_size=7), min_size=2, max_size=6))
def test_ranks_can_be_turned_around(counts):
    counts = np.array(counts, dtype=float)
    assert rank_order_of(counts[:, ::-1], order=3) == pytest.approx(rank_order_of(counts, order=3), abs=1e-8)


def test_many_draws_at_once_equal_one_by_one_and_poor_draws_are_nan():
    draws = np.random.default_rng(5).poisson(6.0, (20, 5, 8)).astype(float)
    draws[3, :, 2:] = 0.0
    draws[4, 2] = 0.0
    values = rank_order_of(draws)
    assert values.shape == (20,)
    assert np.isnan(values).tolist() == [i == 3 for i in range(20)]
    for i in (0, 4, 19):
        assert values[i] == pytest.approx(float(rank_order_of(draws[i])), abs=1e-12)


def test_order_is_never_lowered_in_silence():
    counts = mixed(5)
    with pytest.raises(InputError, match=r"order: is 4, which takes 6 brackets .* there are 5\. Set order=3"):
        score(counts)
    with pytest.raises(InputError, match="there are 5"):
        score(np.insert(counts, 2, 0.0, axis=1))
    assert score(counts, order=3) > 0


def test_polynomial_outside_the_range_is_told():
    # Borders at the bottom only: the line through them falls far below 0 at the top.
    counts = [[40, 0, 200], [0, 20, 200], [0, 20, 200]]
    with pytest.warns(DataWarning, match=r"order: gives -.*outside 0 to 1.*Use a lower order"):
        value = score(counts, order=1)
    assert value == pytest.approx(float(rank_order_of(np.array(counts, dtype=float), order=1)))


def test_faults_of_rank_order_are_named():
    data = table(mixed(8)).assign(area_id=list("abcde"))
    brackets = [f"b{i}" for i in range(8)]
    with pytest.raises(InputError, match=r"b2: has values under 0 \(a\)"):
        rank_order(data.assign(b2=[-1.0, 1, 1, 1, 1]), brackets=brackets)
    with pytest.raises(InputError, match=r"b2: has 1 missing values \(c\)"):
        rank_order(data.assign(b2=[1, 1, np.nan, 1, 1]), brackets=brackets)
    with pytest.raises(InputError, match="must be two or more different columns"):
        rank_order(data, brackets=["b0", "b0"])
    with pytest.raises(UnknownNameError, match="lacks the column"):
        rank_order(data, brackets=["b0", "b9"])
    with pytest.raises(InputError, match="method: is 'S', must be one of 'H', 'R'"):
        rank_order(data, brackets=brackets, method="S")
    with pytest.raises(InputError, match="order: is 2.5, must be a whole number >= 0"):
        rank_order(data, brackets=brackets, order=2.5)
    with pytest.raises(InputError, match="missing: is 'skip'"):
        rank_order(data, brackets=brackets, missing="skip")


def test_dropped_areas_are_left_out_and_input_is_kept():
    data = table(mixed(8))
    data.loc[1, "b3"] = np.nan
    before = data.copy()
    value = rank_order(data, brackets=list(data.columns), missing="drop")
    assert value == pytest.approx(score(np.delete(mixed(8), 1, axis=0)))
    pd.testing.assert_frame_equal(data, before)


def test_sorting_equals_the_spread_of_single_incomes():
    groups = [np.array([1.0, 3.0]), np.array([5.0, 7.0, 12.0]), np.array([2.0])]
    people = np.concatenate(groups)
    data = pd.DataFrame(
        {
            "mean": [g.mean() for g in groups],
            "sd": [g.std() for g in groups],
            "people": [len(g) for g in groups],
        }
    )
    of_area = np.concatenate([np.full(len(g), g.mean()) for g in groups])
    assert neighborhood_sorting(data, **SORTING) == pytest.approx(of_area.std() / people.std(), rel=1e-12)


def test_sorting_published_and_at_its_ends():
    data = pd.DataFrame({"mean": [2.0, 6.0], "sd": [1.0, 1.0], "people": [2, 2]})
    assert neighborhood_sorting(data, **SORTING) == pytest.approx(0.894427, abs=5e-7)
    assert neighborhood_sorting(data.assign(sd=0.0), **SORTING) == 1
    assert neighborhood_sorting(data.assign(mean=4.0), **SORTING) == 0


def test_faults_of_sorting_are_named():
    data = pd.DataFrame({"area_id": ["a", "b"], "mean": [2.0, 6.0], "sd": [1.0, 1.0], "people": [2, 2]})
    with pytest.raises(InputError, match=r"sd: has values under 0 \(b\)"):
        neighborhood_sorting(data.assign(sd=[1.0, -1.0]), **SORTING)
    with pytest.raises(InputError, match=r"mean: has 1 missing values \(a\)"):
        neighborhood_sorting(data.assign(mean=[np.nan, 2.0]), **SORTING)
    with pytest.raises(InputError, match="people: has no area with people"):
        neighborhood_sorting(data.assign(people=0), **SORTING)
    with pytest.raises(InputError, match="data: has no spread"):
        neighborhood_sorting(data.assign(mean=3.0, sd=0.0), **SORTING)
    panel = pd.concat([data.assign(period=2020), data.assign(period=2021)])
    with pytest.raises(InputError, match="same areas in several periods"):
        neighborhood_sorting(panel, **SORTING)
    gap = pd.concat([data, data.assign(mean=np.nan, people=0)])
    assert neighborhood_sorting(gap, **SORTING) == neighborhood_sorting(data, **SORTING)
    gap = pd.concat([data, data.assign(mean=np.nan)])
    assert neighborhood_sorting(gap, missing="drop", **SORTING) == neighborhood_sorting(data, **SORTING)


AREAS = pd.DataFrame({"income": [150.0, 200, 240, 300, 374, 375, 450], "people": [10, 20, 30, 10, 10, 15, 5]})


def shares(data, **options):
    return income_shares_of_areas(data, income="income", weight="people", **options)


def test_steps_include_their_lower_end():
    found = shares(AREAS, reference=300)
    assert found["group"].tolist() == [
        "under 0.67",
        "0.67 to 0.8",
        "0.8 to 1",
        "1 to 1.25",
        "1.25 to 1.5",
        "1.5 and over",
    ]
    assert found["population"].tolist() == [10, 20, 30, 20, 15, 5]
    assert found["n_areas"].tolist() == [1, 1, 1, 2, 1, 1]
    assert found["value"].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.2, 0.15, 0.05])
    assert found["income_to"].tolist()[:-1] == pytest.approx([200, 240, 300, 375, 450])
    assert found["income_from"].tolist()[1:] == found["income_to"].tolist()[:-1]


def test_reference_without_a_number_is_the_weighted_median_of_areas():
    # Half of the 100 people live in areas up to 240 after 60, so the median is 240.
    assert shares(AREAS)["income_to"].iloc[2] == pytest.approx(240)
    # Exactly one half below: the mean of the two in the middle.
    halves = pd.DataFrame({"income": [300.0, 100, 200], "people": [2, 1, 1]})
    assert shares(halves)["income_to"].iloc[2] == pytest.approx(250)


@some
@given(
    rows=st.lists(st.tuples(st.integers(1, 900), st.integers(0, 50)), min_size=1, max_size=15).filter(
        lambda rows: any(weight for _, weight in rows)
    ),
    factor=st.sampled_from([2.0, 8.0, 0.25]),
)
def test_shares_sum_to_one_and_units_do_not_matter(rows, factor):
    data = pd.DataFrame(rows, columns=["income", "people"]).astype(float)
    found = shares(data)
    assert found["value"].sum() == pytest.approx(1)
    other = shares(data.assign(income=data["income"] * factor))
    assert other["value"].tolist() == found["value"].tolist()


def test_own_cuts_and_steps_without_areas():
    found = shares(AREAS, reference=300, cuts=(0.1, 2))
    assert found["group"].tolist() == ["under 0.1", "0.1 to 2", "2 and over"]
    assert found["value"].tolist() == [0, 1, 0]


@pytest.mark.parametrize("cuts", [(), (1, 0.8), (0, 1), (0.5, 0.5), (0.5, float("nan"))])
def test_cuts_must_rise(cuts):
    with pytest.raises(InputError, match="cuts: must be numbers greater than 0 that rise"):
        shares(AREAS, cuts=cuts)


def test_faults_of_income_shares_are_named():
    for reference in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="reference: is .*, must be a finite number greater than 0"):
            shares(AREAS, reference=reference)
    with pytest.raises(InputError, match=r"income: has values under 0 \(0\)"):
        shares(AREAS.assign(income=AREAS["income"] - 200))
    with pytest.raises(InputError, match=r"people: has 7 missing values \(0, 1, 2 and 4 more\)"):
        shares(AREAS.assign(people=np.nan))


def test_registry_tells_of_the_ordered_measures():
    (measure,) = [one for one in segregation.MEASURES.values() if one.kind == "ordered"]
    assert (measure.name, measure.letter, measure.kind, measure.dimension) == (
        "rank_order",
        "H^R",
        "ordered",
        "income",
    )
    data = table(mixed())
    value = measure.function(data, brackets=list(data.columns))
    assert measure.low < value < measure.high
    assert float(measure.many(mixed())) == pytest.approx(value, abs=1e-12)
    assert measure.meaning.endswith(".")
    assert measure.meaning_sv.endswith(".")
