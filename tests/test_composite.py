"""The index by each method: by hand, against other packages, its parts, and how firm its ranks are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import CompositeIndex, Standardizer, areas
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.profiles.composite import imd_transform, percentile_rank

COLUMNS = ["employment_rate", "median_income", "post_secondary_share"]


@pytest.fixture(scope="module")
def kalmar():
    return areas.latest(areas.load_example("kalmar"), [*COLUMNS, "low_economic_standard"])[0]


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


FOUR = [*COLUMNS, "low_economic_standard"]
DOMAINS = {"work and income": ["employment_rate", "median_income"], "education": ["post_secondary_share"]}


@pytest.fixture
def small():
    """Five areas; the first is the weakest in both, and two tie in employment."""
    return pd.DataFrame(
        {
            "area_id": list("abcde"),
            "employment_rate": [50.0, 60, 60, 80, 90],
            "turnout": [60.0, 90, 70, 80, 85],
            "unemployment_rate": [20.0, 10, 9, 5, 4],
        }
    )


TWO = ["employment_rate", "turnout"]


def test_the_first_component_is_that_of_scikit_learn(kalmar):
    from sklearn.decomposition import PCA

    model = CompositeIndex(COLUMNS, "pca").fit(kalmar)
    z = Standardizer(COLUMNS).fit_transform(kalmar)
    other = PCA().fit(z.to_numpy())
    sign = np.sign(other.components_[0].sum())
    assert np.allclose(model.loadings_, sign * other.components_[0])
    assert model.explained_share_ == pytest.approx(other.explained_variance_ratio_[0])
    assert np.allclose(model.transform(kalmar), sign * other.transform(z.to_numpy())[:, 0])
    assert (model.loadings_**2).sum() == pytest.approx(1)
    assert model.loadings_.sum() > 0


def test_the_component_keeps_its_sign_whatever_the_unit(kalmar):
    turned = kalmar.assign(low_economic_standard=100 - kalmar["low_economic_standard"])
    one = CompositeIndex(FOUR, "pca").fit_transform(kalmar)
    scale = Standardizer(FOUR, directions={"low_economic_standard": 1})
    other = CompositeIndex(FOUR, "pca", standardizer=scale).fit_transform(turned)
    pd.testing.assert_series_equal(one, other)
    assert set(kalmar.loc[one.nsmallest(2).index, "name"]) == {"Norrliden V", "Norrliden Ö"}


def test_population_weights_count_in_the_component(small):
    people = small.assign(population=[1.0, 1, 2, 1, 3])
    scale = Standardizer(TWO, weight="population")
    weighted = CompositeIndex(TWO, "pca", standardizer=scale).fit(people)
    repeated = CompositeIndex(TWO, "pca").fit(people.loc[[0, 1, 2, 2, 3, 4, 4, 4]])
    assert np.allclose(weighted.loadings_, repeated.loadings_)
    assert weighted.explained_share_ == pytest.approx(repeated.explained_share_)


def test_the_component_of_a_frozen_period_is_kept(small):
    later = small.assign(employment_rate=small["employment_rate"] + 3)
    years = pd.concat([small.assign(period=2024), later.assign(period=2025)], ignore_index=True)
    model = CompositeIndex(TWO, "pca").fit(years)
    alone = CompositeIndex(TWO, "pca").fit(small)
    pd.testing.assert_series_equal(model.loadings_, alone.loadings_)
    assert np.allclose(model.transform(years)[5:], alone.transform(later))
    assert (model.transform(years)[5:].to_numpy() > model.transform(years)[:5].to_numpy()).all()


def test_an_indicator_against_the_component_is_named(small):
    against = small.assign(turnout=[60.0, 70, 75, 80, 90], median_income=[290.0, 300, 240, 250, 230])
    with pytest.warns(DataWarning, match=r"lower the index.*\(median_income\)"):
        CompositeIndex([*TWO, "median_income"], "pca").fit(against)


def test_a_component_without_a_strong_end_is_refused(small):
    with pytest.raises(InputError, match="stand against one another"):
        CompositeIndex(TWO, "pca").fit(small.assign(turnout=[90.0, 80, 85, 70, 60]))
    square = pd.DataFrame({"employment_rate": [60.0, 60, 80, 80], "turnout": [70.0, 90, 70, 90]})
    with pytest.raises(InputError, match="two components explain equally much"):
        CompositeIndex(TWO, "pca").fit(square)


def test_the_transformation_of_the_english_indices():
    known = imd_transform([0.5, 0.99, 1.0])
    assert np.allclose(known, [15.6468, 86.9573, 100], atol=5e-5)
    # The tenth of areas that are most deprived has half the scale.
    assert imd_transform([0.9])[0] == pytest.approx(50, abs=0.5)
    assert imd_transform([1e-12])[0] == pytest.approx(0, abs=1e-9)


def test_imd_by_hand(small):
    weights = {"employment_rate": 3, "turnout": 1}
    model = CompositeIndex(TWO, "imd", weights=weights).fit(small)
    # Ranks from the least deprived, of 5; b and c tie in employment.
    employment = np.array([5, 3.5, 3.5, 2, 1]) / 5
    turnout = np.array([5, 1, 4, 3, 2]) / 5
    score = 0.75 * imd_transform(employment) + 0.25 * imd_transform(turnout)
    assert np.allclose(model.deprivation(small), score)
    assert np.allclose(model.transform(small), 100 - score)
    assert np.allclose(model.domain_scores(small)["turnout"], imd_transform(turnout))
    assert model.deprivation(small)[0] == pytest.approx(100)
    assert model.weights_.to_dict() == {"employment_rate": 0.75, "turnout": 0.25}


def test_a_domain_is_the_mean_of_its_indicators(kalmar):
    model = CompositeIndex(COLUMNS, "imd", domains=DOMAINS).fit(kalmar)
    z = Standardizer(COLUMNS).fit_transform(kalmar)
    domain = -(z["employment_rate"] + z["median_income"]) / 2
    expected = imd_transform(domain.rank() / len(kalmar))
    assert np.allclose(model.domain_scores(kalmar)["work and income"], expected)
    parts = model.contributions(kalmar)
    assert parts.columns.tolist() == list(DOMAINS)
    assert np.allclose(parts.sum(axis=1), model.transform(kalmar), rtol=0, atol=1e-10)


def test_areas_that_were_not_fitted_are_placed_among_those_that_were(small):
    beyond = small.assign(employment_rate=[0.0, 100, 60, 75, 85], turnout=[0.0, 100, 70, 70, 70])
    imd = CompositeIndex(TWO, "imd").fit(small)
    assert imd.deprivation(beyond)[0] == pytest.approx(100)
    assert imd.deprivation(beyond)[1] == pytest.approx(imd_transform([0.2])[0])
    svi = CompositeIndex(TWO, "svi").fit(small)
    assert svi.deprivation(beyond)[:2].tolist() == [1.0, 0.0]


def test_percentile_rank_by_hand():
    assert percentile_rank([3, 1, 1, 5]).tolist() == [2 / 3, 0, 0, 1]


def test_svi_by_hand(small):
    columns = [*TWO, "unemployment_rate"]
    themes = {"work": ["employment_rate", "unemployment_rate"], "voting": ["turnout"]}
    model = CompositeIndex(columns, "svi", domains=themes).fit(small)
    employment = np.array([4, 2, 2, 1, 0]) / 4
    unemployment = np.array([4, 3, 2, 1, 0]) / 4
    turnout = np.array([4, 0, 3, 2, 1]) / 4
    work = employment + unemployment  # 2, 1.25, 1, 0.5, 0
    scores = model.domain_scores(small)
    assert scores["work"].tolist() == [1, 0.75, 0.5, 0.25, 0]
    assert scores["voting"].tolist() == turnout.tolist()
    # All themes: 3, 1.25, 1.75, 1, 0.25.
    assert model.deprivation(small).tolist() == percentile_rank(work + turnout).tolist()
    assert model.deprivation(small).tolist() == [1, 0.5, 0.75, 0.25, 0]
    assert model.transform(small).tolist() == [0, 0.5, 0.25, 0.75, 1]


@pytest.fixture
def shares():
    """Three percentages, more is weaker."""
    return pd.DataFrame({"v1": [60.0, 12.0], "v2": [30.0, 9.0], "v3": [15.0, 3.0]}, index=[4, 2])


def test_scb_is_the_plain_mean_and_keeps_its_orientation(shares):
    model = CompositeIndex(["v1", "v2", "v3"], "scb").fit(shares)
    index = model.transform(shares)
    assert index.tolist() == [35.0, 8.0]
    assert model.orientation_ == "weaker"
    assert np.allclose(model.contributions(shares).sum(axis=1), index)
    assert np.allclose(model.deprivation(shares), index)


def test_an_approximation_never_carries_scbs_name(shares):
    columns = ["v1", "v2", "v3"]
    mine = CompositeIndex(columns, "scb").fit(shares)
    assert mine.transform(shares).name == "index_approximation"
    assert mine.official_ is False
    theirs = CompositeIndex(columns, "scb", official=True).fit(shares)
    assert theirs.transform(shares).name == "index"
    assert theirs.official_ is True
    other = shares.set_axis(["low_economic_standard", "v2", "unemployment_rate"], axis=1)
    with pytest.raises(InputError, match=r"official: can't be claimed.*\(unemployment_rate\)"):
        CompositeIndex(list(other.columns), "scb", official=True).fit(other)
    assert CompositeIndex(list(other.columns), "scb").fit_transform(other).name == "index_approximation"
    with pytest.raises(InputError, match='official: goes with method="scb" only'):
        CompositeIndex(["low_economic_standard"], official=True).fit(other)


@pytest.mark.parametrize("method", ["mean", "pca", "imd"])
def test_contributions_sum_exactly_by_every_method(kalmar, method):
    model = CompositeIndex(FOUR, method).fit(kalmar)
    gap = model.contributions(kalmar).sum(axis=1) - model.transform(kalmar)
    assert np.abs(gap).max() < 1e-12 * 100
    assert model.orientation_ == "stronger"


@pytest.mark.parametrize("method", ["mean", "pca", "imd", "svi"])
def test_higher_is_stronger_by_every_method(kalmar, method):
    model = CompositeIndex(FOUR, method).fit(kalmar)
    index = model.transform(kalmar)
    assert index.corr(kalmar["employment_rate"], method="spearman") > 0.5
    better = kalmar.assign(employment_rate=kalmar["employment_rate"] + 5)
    assert (model.transform(better) >= index - 1e-12).all()
    assert index.index.equals(kalmar.index)
    turned = CompositeIndex(FOUR, method).fit_transform(kalmar[::-1])[::-1]
    pd.testing.assert_series_equal(turned, index)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 100), min_size=2, max_size=30))
def test_percentile_ranks_order_as_the_values(values):
    rank = percentile_rank(values)
    assert (rank == pd.Series(values).rank(method="min").sub(1).div(len(values) - 1)).all()
    assert rank.min() == 0


def test_sensitivity_by_hand(small):
    table = CompositeIndex(TWO).sensitivity(small, n_draws=200)
    assert table.columns.tolist() == ["area_id", "kind", "scenario", "rank", "rank_low", "rank_high"]
    z = Standardizer(TWO).fit_transform(small)
    of = {name: part.set_index("area_id") for name, part in table.groupby("scenario")}
    assert of["all"]["rank"].tolist() == z.mean(axis=1).rank().tolist()
    assert of["without turnout"]["rank_low"].tolist() == [1, 2.5, 2.5, 4, 5]
    assert of["without employment_rate"]["rank_high"].tolist() == [1, 5, 2, 3, 4]
    for method in ("pca", "imd", "svi"):
        index = CompositeIndex(TWO, method).fit_transform(small)
        assert of[method]["rank_low"].tolist() == index.rank().tolist()
    # The area that is weakest in both stays so whatever is done.
    assert table.loc[table["area_id"] == "a", ["rank", "rank_low", "rank_high"]].eq(1).all(axis=None)
    whole, parts = of["all"], table[table["kind"] != "all"].groupby("area_id")
    assert whole["rank_low"].tolist() == parts["rank_low"].min().tolist()
    assert whole["rank_high"].tolist() == parts["rank_high"].max().tolist()
    assert (whole["rank_low"] < whole["rank_high"])["b"]


def test_weights_that_hardly_vary_hardly_move_ranks(small):
    model = CompositeIndex(TWO)
    firm = model.sensitivity(small, n_draws=99, concentration=1e9).query("kind == 'weights'")
    loose = model.sensitivity(small, n_draws=999, concentration=2).query("kind == 'weights'")
    assert (firm["rank_low"] == firm["rank"]).all()
    assert (firm["rank_high"] == firm["rank"]).all()
    assert (loose["rank_high"] - loose["rank_low"]).sum() > 0
    pd.testing.assert_frame_equal(model.sensitivity(small), model.sensitivity(small))


def test_domains_move_together_and_may_empty(kalmar):
    table = CompositeIndex(COLUMNS, "imd", domains=DOMAINS).sensitivity(kalmar, n_draws=99)
    low = table[table["scenario"] == "without post_secondary_share"]["rank_low"].to_numpy()
    alone = CompositeIndex(COLUMNS[:2], "imd", domains={"work": COLUMNS[:2]}).fit_transform(kalmar)
    assert np.allclose(low, alone.rank())
    mean = table[table["scenario"] == "mean"]["rank_low"].to_numpy()
    weights = {"employment_rate": 1, "median_income": 1, "post_secondary_share": 2}
    assert np.allclose(mean, CompositeIndex(COLUMNS, weights=weights).fit_transform(kalmar).rank())


def test_scbs_form_is_compared_with_the_other_methods():
    shares = pd.DataFrame({"v1": [60.0, 12, 20, 5], "v2": [30.0, 9, 12, 13], "v3": [15.0, 3, 2, 1]})
    table = CompositeIndex(["v1", "v2", "v3"], "scb").sensitivity(shares, n_draws=99)
    assert set(table["scenario"]) >= {"mean", "pca", "imd", "svi", "without v1", "weights drawn"}
    assert table.loc[table["row"] == 0, ["rank", "rank_high"]].eq(1).all(axis=None)
    ranks = CompositeIndex(["v1", "v2", "v3"], "scb").rank_intervals(shares, n_bootstrap=99)["rank"]
    assert ranks.tolist() == [1, 3, 2, 4]


def test_a_scenario_that_can_not_be_computed_is_named(small):
    three = small.assign(median_income=[290.0, 280, 240, 250, 200])
    with pytest.warns(DataWarning, match="left out scenarios.*without turnout: columns: stand against"):
        table = CompositeIndex([*TWO, "median_income"], "pca").sensitivity(three, n_draws=99)
    assert "without turnout" not in set(table["scenario"])
    assert "without median_income" in set(table["scenario"])


def test_rank_intervals_hold_the_rank_and_narrow_where_areas_are_set_apart(kalmar):
    model = CompositeIndex(FOUR)
    table = model.rank_intervals(kalmar, n_bootstrap=299)
    assert table.index.equals(kalmar.index)
    assert table["rank"].tolist() == model.fit_transform(kalmar).rank().tolist()
    assert (table["ci_low"] <= table["rank"]).all()
    assert (table["rank"] <= table["ci_high"]).all()
    assert table["ci_low"].min() == 1
    assert table["ci_high"].max() == len(kalmar)
    width = (table["ci_high"] - table["ci_low"]).sort_index()
    ends = table["rank"].isin([1, 2, len(kalmar)])
    assert width[ends].max() < width[table["rank"].between(15, 30)].min()
    narrow = model.rank_intervals(kalmar, n_bootstrap=299, confidence=0.5)
    assert ((narrow["ci_high"] - narrow["ci_low"]) <= width).all()
    pd.testing.assert_frame_equal(table, model.rank_intervals(kalmar, n_bootstrap=299))


@pytest.mark.parametrize("method", ["robust", "rank", "minmax", "ihs"])
def test_rank_intervals_by_every_standardizer(kalmar, method):
    scale = Standardizer(COLUMNS, method, weight="population")
    table = CompositeIndex(COLUMNS, "svi", standardizer=scale).rank_intervals(kalmar, n_bootstrap=99)
    index = CompositeIndex(COLUMNS, "svi", standardizer=scale).fit_transform(kalmar)
    assert table["rank"].tolist() == index.rank().tolist()
    assert table["ci_low"].between(1, len(kalmar)).all()


def test_draws_without_spread_are_counted(small):
    lone = small.assign(turnout=[60.0, 90, 90, 90, 90])
    with pytest.warns(DataWarning, match="rank_intervals: stand on .* draws; .* were left out"):
        CompositeIndex(TWO).rank_intervals(lone, n_bootstrap=99)
    three = lone.assign(employment_rate=[80.0, 50, 80, 80, 80], median_income=[300.0, 300, 200, 300, 300])
    with pytest.raises(InputError, match="rank_intervals: can't be computed"):
        CompositeIndex([*TWO, "median_income"]).rank_intervals(three)


def test_the_input_is_not_changed(kalmar):
    before = kalmar.copy()
    model = CompositeIndex(COLUMNS, "imd")
    model.fit_transform(kalmar)
    model.sensitivity(kalmar, n_draws=99)
    model.rank_intervals(kalmar, n_bootstrap=99)
    pd.testing.assert_frame_equal(kalmar, before)


def test_what_is_refused(kalmar):
    with pytest.raises(UnknownNameError, match="weights.*turnout"):
        CompositeIndex(COLUMNS, weights=dict.fromkeys([*COLUMNS, "turnout"], 1)).fit(kalmar)
    with pytest.raises(InputError, match="weights: must be more than 0.*median_income"):
        CompositeIndex(COLUMNS, weights=dict.fromkeys(COLUMNS, 1) | {"median_income": 0}).fit(kalmar)
    with pytest.raises(InputError, match="standardizer"):
        CompositeIndex(COLUMNS, standardizer=Standardizer(COLUMNS[:2])).fit(kalmar)
    with pytest.raises(InputError, match="is not fitted"):
        CompositeIndex(COLUMNS).transform(kalmar)
    with pytest.raises(InputError, match="method: is 'magic'"):
        CompositeIndex(COLUMNS, "magic").fit(kalmar)
    with pytest.raises(InputError, match="columns: must be a list that names at least one"):
        CompositeIndex([]).fit(kalmar)
    with pytest.raises(InputError, match=r"columns: names an indicator more than once \(median_income\)"):
        CompositeIndex([*COLUMNS, "median_income"]).fit(kalmar)
    with pytest.raises(InputError, match="columns: must be at least two for a principal component"):
        CompositeIndex(COLUMNS[:1], "pca").fit(kalmar)
    with pytest.raises(InputError, match="no value at all in the period"):
        CompositeIndex(COLUMNS).fit_transform(areas.load_example("kalmar"))
    for method in ("pca", "svi", "scb"):
        with pytest.raises(InputError, match=f'weights: can\'t be given to method="{method}"'):
            CompositeIndex(COLUMNS, method, weights=dict.fromkeys(COLUMNS, 1)).fit(kalmar)


def test_arguments_of_another_kind_are_refused(kalmar):
    with pytest.raises(InputError, match="weights: must be a mapping, is list"):
        CompositeIndex(COLUMNS, weights=[1, 2, 3]).fit(kalmar)
    with pytest.raises(InputError, match="domains: must be a mapping, is list"):
        CompositeIndex(COLUMNS, "imd", domains=[COLUMNS]).fit(kalmar)
    with pytest.raises(InputError, match="standardizer: is 'zscore', must be a Standardizer"):
        CompositeIndex(COLUMNS, standardizer="zscore").fit(kalmar)
    with pytest.raises(InputError, match="columns: must be names of columns"):
        CompositeIndex([COLUMNS]).fit(kalmar)
    with pytest.raises(InputError, match="data: must be a table, is str"):
        CompositeIndex(COLUMNS).fit("kalmar")


def test_what_domains_and_methods_refuse(kalmar):
    with pytest.raises(InputError, match='domains: can\'t be given to method="mean"'):
        CompositeIndex(COLUMNS, domains=DOMAINS).fit(kalmar)
    with pytest.raises(UnknownNameError, match="domains: must hold just the indicators.*turnout"):
        CompositeIndex(COLUMNS, "imd", domains=DOMAINS | {"voting": ["turnout"]}).fit(kalmar)
    with pytest.raises(InputError, match="domains: have an indicator more than once"):
        CompositeIndex(COLUMNS, "svi", domains=DOMAINS | {"more": ["median_income"]}).fit(kalmar)
    with pytest.raises(InputError, match=r"domains: must each be a list.*\(education\)"):
        CompositeIndex(COLUMNS, "svi", domains=DOMAINS | {"education": "post_secondary_share"}).fit(kalmar)
    with pytest.raises(UnknownNameError, match="weights: must name just the indicators.*employment_rate"):
        CompositeIndex(COLUMNS, "imd", dict.fromkeys(COLUMNS, 1), domains=DOMAINS).fit(kalmar)
    with pytest.raises(InputError, match="a percentile rank is no sum"):
        CompositeIndex(COLUMNS, "svi").fit(kalmar).contributions(kalmar)
    for method in ("mean", "pca"):
        model = CompositeIndex(COLUMNS, method).fit(kalmar)
        with pytest.raises(InputError, match="has no score of its own"):
            model.deprivation(kalmar)
        with pytest.raises(InputError, match=f'"{method}" has no domains'):
            model.domain_scores(kalmar)


def test_what_scbs_form_refuses(shares):
    columns = ["v1", "v2", "v3"]
    with pytest.raises(InputError, match='columns: must be three for method="scb", are 2'):
        CompositeIndex(columns[:2], "scb").fit(shares)
    with pytest.raises(InputError, match="standardizer: can't be given"):
        CompositeIndex(columns, "scb", standardizer=Standardizer(columns)).fit(shares)
    with pytest.raises(InputError, match=r"v1: must be a percentage, at most 100 \(4\)"):
        CompositeIndex(columns, "scb").fit(shares.assign(v1=[160.0, 12]))
    with pytest.raises(InputError, match="v2: has 1 missing values"):
        CompositeIndex(columns, "scb").fit(shares.assign(v2=[np.nan, 12]))
    with pytest.raises(
        InputError, match=r"columns: must be percentages of which more is weaker.*\(turnout\)"
    ):
        CompositeIndex(["v1", "v2", "turnout"], "scb").fit(shares.assign(turnout=80.0))


def test_what_the_helpers_and_robustness_refuse(small):
    for rank in (0, 1.2, np.nan, -1):
        with pytest.raises(InputError, match="rank: must be more than 0 and at most 1"):
            imd_transform([0.5, rank])
    with pytest.raises(InputError, match="values: must be one dimension of at least two"):
        percentile_rank([1.0])
    with pytest.raises(InputError, match=r"values: has missing or infinite values at \(1\)"):
        percentile_rank([1.0, np.nan])
    model = CompositeIndex(TWO)
    years = pd.concat([small.assign(period=2024), small.assign(period=2025)], ignore_index=True)
    for compute in (model.sensitivity, model.rank_intervals):
        with pytest.raises(InputError, match="data: has the same areas in several periods"):
            compute(years)
        with pytest.raises(InputError, match="confidence: is 1.5"):
            compute(small, confidence=1.5)
        with pytest.raises(InputError, match="random_state: is -1"):
            compute(small, random_state=-1)
    with pytest.raises(InputError, match="n_draws: is 0"):
        model.sensitivity(small, n_draws=0)
    with pytest.raises(InputError, match="concentration: is 0, must be more than 0"):
        model.sensitivity(small, concentration=0)
    with pytest.raises(InputError, match="columns: must be at least two: one alone"):
        CompositeIndex(["turnout"]).sensitivity(small)
    with pytest.raises(InputError, match="n_bootstrap: is 9, must be a whole number >= 99"):
        model.rank_intervals(small, n_bootstrap=9)


def test_equal_sums_of_percentile_ranks_tie_over_several_themes():
    # Thirds: ranks 1/3 + 1/3 of the first area, 2/3 + 0 of the second.
    data = pd.DataFrame({"employment_rate": [3.0, 2, 4, 1], "turnout": [3.0, 4, 1, 2]})
    assert CompositeIndex(TWO, "svi").fit(data).deprivation(data).tolist() == [0, 0, 2 / 3, 1]


def test_one_standardizer_may_serve_several_indices(small):
    scale = Standardizer(TWO)
    model = CompositeIndex(TWO, standardizer=scale).fit(small)
    before = model.transform(small)
    CompositeIndex(TWO, standardizer=scale).fit(small.assign(turnout=[1.0, 2, 3, 4, 9]))
    pd.testing.assert_series_equal(model.transform(small), before)
    assert not hasattr(scale, "center_")
