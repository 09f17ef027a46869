"""Convergence: slopes and spreads by hand, and what errors in the figures do to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segkit import areas, inequality, trends
from segkit.base.tidy import TIDY
from segkit.errors import DataWarning, InputError, UnknownNameError

some = settings(max_examples=25, deadline=None, derandomize=True)


def panel(population=None, **by_period):
    """A panel from lists of incomes, ``y2020=[...]``."""
    n = len(next(iter(by_period.values())))
    people = np.full(n, 100.0) if population is None else np.asarray(population, dtype=float)
    names = [f"a{k:03}" for k in range(n)]
    parts = [
        pd.DataFrame({"area_id": names, "period": int(p[1:]), "income": v, "population": people})
        for p, v in by_period.items()
    ]
    return pd.concat(parts, ignore_index=True)


def found(table, *, n_bootstrap=20, **options):
    """The result by measure; few draws where only values are read."""
    options = {"first": 2020, "last": 2023, "n_bootstrap": n_bootstrap} | options
    return trends.convergence(table, "income", **options).set_index("measure")


def fixed(n=40):
    """Levels, changes and weights that vary, as fixed sequences."""
    place = np.arange(n)
    level = 300 + 40 * np.sin(1.7 * place) + 20 * np.cos(place**1.3)
    change = 10 - 0.2 * (level - 300) + 8 * np.sin(2.9 * place + 1)
    return level, level + change, 500.0 + place * 37 % 1900


def noisy(beta, seed, *, n=150, noise=14.0):
    """A panel of true levels and figures with errors, as small areas have them."""
    rng = np.random.default_rng(seed)
    earlier = rng.normal(0, 20, n)
    first = 0.9 * earlier + rng.normal(0, 9, n)
    last = (1 + beta) * first + rng.normal(0, 5, n)
    error = noise * rng.uniform(0.5, 1.5, n)
    true = 300 + np.concatenate([earlier, first, last])
    people = rng.integers(500, 2500, n)
    table = panel(people, y2016=true[:n], y2020=true[n : 2 * n], y2023=true[2 * n :])
    error = np.tile(error, 3)
    return table.assign(income=true + rng.normal(0, error), error=error, true=true)


# values


def test_every_area_half_the_way_to_the_mean():
    table = found(panel(y2020=[1.0, 3, 4, 5, 7] * 3, y2023=[2.5, 3.5, 4, 4.5, 5.5] * 3))
    expected = {
        "beta": -0.5,
        "sigma_first": 2,
        "sigma_last": 1,
        "sigma_change": -1,
        "cv_first": 0.5,
        "cv_last": 0.25,
        "cv_change": -0.25,
    }
    assert table["value"].to_dict() == pytest.approx(expected)
    # All areas lie on the line, in every draw.
    assert table.loc["beta", ["se", "ci_low", "ci_high"]].tolist() == pytest.approx([0, -0.5, -0.5], abs=1e-9)


def test_the_table_is_tidy():
    table = trends.convergence(
        panel(y2020=[1.0, 3, 4, 5, 7] * 3, y2023=[2.5, 3.5, 4, 4.5, 5.5] * 3).assign(error=0.1),
        "income",
        first=2020,
        last=2023,
        error="error",
        n_bootstrap=20,
    )
    assert list(table.columns) == [*TIDY, "p_value"]
    assert table["measure"].tolist() == [
        "beta",
        "beta_corrected",
        "sigma_first",
        "sigma_last",
        "sigma_change",
        "sigma_first_corrected",
        "sigma_last_corrected",
        "sigma_change_corrected",
        "cv_first",
        "cv_last",
        "cv_change",
    ]
    span = "2020–2023"
    assert table["period"].tolist() == [span, span, *[2020, 2023, span] * 3]
    assert (table["n_areas"] == 15).all()
    of_levels = table["measure"].str.contains("first|last")
    assert (table["p_value"].isna() == of_levels).all()
    assert table.drop(columns="p_value").notna().all(axis=None)


@pytest.mark.parametrize("weight", [None, "population"])
def test_beta_is_the_slope_of_least_squares(weight):
    first, last, people = fixed()
    w = np.ones(40) if weight is None else people
    slope, _ = np.polyfit(first, last - first, 1, w=np.sqrt(w))
    table = found(panel(people, y2020=first, y2023=last), weight=weight)
    assert table.loc["beta", "value"] == pytest.approx(slope, rel=1e-9)
    for end, level in (("first", first), ("last", last)):
        sigma = inequality.sigma(level, w)
        assert table.loc[f"sigma_{end}", "value"] == pytest.approx(sigma)
        assert table.loc[f"cv_{end}", "value"] == pytest.approx(sigma / np.average(level, weights=w))


def test_beta_and_sigma_are_tied_by_what_the_line_leaves_unexplained():
    first, last, people = fixed()
    table = found(panel(people, y2020=first, y2023=last), weight="population")["value"]
    slope, level = np.polyfit(first, last - first, 1, w=np.sqrt(people))
    unexplained = np.average((last - first - level - slope * first) ** 2, weights=people)
    by_line = (1 + table["beta"]) ** 2 * table["sigma_first"] ** 2
    assert table["sigma_last"] ** 2 == pytest.approx(by_line + unexplained)


def test_negative_beta_does_not_mean_that_areas_are_more_alike():
    # The same five levels, held by other areas.
    swapped = found(panel(y2020=[1.0, 2, 3, 4, 5] * 4, y2023=[4.0, 1, 5, 2, 3] * 4))["value"]
    assert swapped["beta"] < -0.5
    assert swapped["sigma_change"] == pytest.approx(0)
    wider = found(panel(y2020=[1.0, 2, 3, 4, 5] * 4, y2023=[8.0, 2, 10, 4, 6] * 4))["value"]
    assert wider["beta"] < 0 < wider["sigma_change"]


def test_weights_are_those_of_the_first_period():
    first, last, people = fixed()
    table = panel(people, y2020=first, y2023=last)
    value = found(table, weight="population")["value"]
    table.loc[table["period"] == 2023, "population"] = 1.0
    pd.testing.assert_series_equal(found(table, weight="population")["value"], value)


def test_logarithms_speak_of_relative_change():
    first, last, _ = fixed()
    table = found(panel(y2020=first, y2023=last), log=True)["value"]
    slope, _ = np.polyfit(np.log(first), np.log(last / first), 1)
    assert table["beta"] == pytest.approx(slope)
    assert table["sigma_first"] == pytest.approx(np.log(first).std())
    assert not table.index.str.startswith("cv").any()
    doubled = found(panel(y2020=first, y2023=2 * first), log=True)["value"]
    assert doubled[["beta", "sigma_change"]].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert found(panel(y2020=first, y2023=2 * first))["value"]["beta"] == pytest.approx(1)


def test_errors_of_logarithms_are_relative():
    first, last, _ = fixed()
    table = panel(y2020=first, y2023=last)
    relative = found(table.assign(error=0.02 * table["income"]), error="error", log=True)["value"]
    logs = found(table.assign(income=np.log(table["income"]), error=0.02), error="error")["value"]
    pd.testing.assert_series_equal(relative, logs[relative.index])


def test_no_coefficient_of_variation_without_a_true_zero():
    table = found(panel(y2020=[-1.0, 0, 1] * 5, y2023=[-2.0, 0, 2] * 5))
    assert table["value"].to_dict() == pytest.approx(
        {
            "beta": 1,
            "sigma_first": (2 / 3) ** 0.5,
            "sigma_last": (8 / 3) ** 0.5,
            "sigma_change": (2 / 3) ** 0.5,
        }
    )


@some
@given(
    levels=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=8, max_size=30),
    scale=st.sampled_from([0.001, 3.0, 1e5]),
    shift=st.sampled_from([0.0, 40.0, 1e4]),
)
def test_unit_and_zero_of_the_values(levels, scale, shift):
    first, last = (np.array(column, dtype=float) for column in zip(*levels, strict=True))
    # With so many different levels no draw is without a spread.
    assume(len(set(first)) > 6)
    before = found(panel(y2020=first, y2023=last), n_bootstrap=5)["value"]
    after = found(panel(y2020=scale * (first + shift), y2023=scale * (last + shift)), n_bootstrap=5)["value"]
    assert after["beta"] == pytest.approx(before["beta"], rel=1e-7, abs=1e-7)
    assert after["sigma_first"] == pytest.approx(scale * before["sigma_first"], rel=1e-7)
    assert after["sigma_last"] == pytest.approx(scale * before["sigma_last"], rel=1e-7, abs=1e-7 * scale)


# correction


def test_correction_by_known_errors_is_the_textbook_one():
    first, last, _ = fixed()
    n = first.size
    error = 5 + 3 * np.sin(np.arange(2 * n))
    table = found(panel(y2020=first, y2023=last).assign(error=error), error="error")["value"]
    # With covariances divided by n - 1 the errors count in full.
    squares = [np.mean(error[:n] ** 2), np.mean(error[n:] ** 2)]
    moved, spread = np.cov(last - first, first)[0, 1], np.var(first, ddof=1)
    assert table["beta_corrected"] == pytest.approx((moved + squares[0]) / (spread - squares[0]))
    for end, level, square in (("first", first, squares[0]), ("last", last, squares[1])):
        true = (np.var(level, ddof=1) - square) * (n - 1) / n
        assert table[f"sigma_{end}_corrected"] == pytest.approx(true**0.5)
    change = table["sigma_last_corrected"] - table["sigma_first_corrected"]
    assert table["sigma_change_corrected"] == pytest.approx(change)


def test_what_errors_add_to_a_weighted_variance():
    # E of the variance of errors alone is the sum of p (1 - p) e^2, by hand for three kinds of area.
    noise = 4 * (0.125 * 0.875 * 1 + 0.075 * 0.925 * 4 + 0.05 * 0.95 * 9)
    levels, people = [0.0, 10, 20] * 4, [50, 30, 20] * 4
    table = panel(people, y2020=levels, y2023=levels).assign(error=[1.0, 2, 3] * 8)
    value = found(table, weight="population", error="error")["value"]
    spread = inequality.sigma(levels, people) ** 2
    assert value["sigma_first_corrected"] ** 2 == pytest.approx(spread - noise)


def test_figures_without_error_need_no_correction():
    first, last, _ = fixed()
    table = found(panel(y2020=first, y2023=last).assign(error=0.0), error="error")
    for name in ("beta", "sigma_first", "sigma_last", "sigma_change"):
        columns = ["value", "se", "ci_low", "ci_high"]
        assert table.loc[f"{name}_corrected", columns].tolist() == table.loc[name, columns].tolist()


def test_correction_by_an_earlier_period_is_the_instrument():
    first, last, people = fixed()
    earlier = first + 15 * np.sin(5.3 * np.arange(40))
    options = {"weight": "population", "earlier": 2016}
    table = found(panel(people, y2016=earlier, y2020=first, y2023=last), **options)["value"]
    around = earlier - np.average(earlier, weights=people)
    expected = (people * around * (last - first)).sum() / (people * around * first).sum()
    assert table["beta_corrected"] == pytest.approx(expected)
    assert not table.index.str.startswith("sigma_first_").any()
    same = found(panel(people, y2016=first, y2020=first, y2023=last), **options)["value"]
    assert same["beta_corrected"] == pytest.approx(same["beta"])


def test_the_method_follows_what_is_given():
    table = noisy(-0.3, 1)
    by_error = found(table, error="error").loc["beta_corrected", "value"]
    by_period = found(table, earlier=2016).loc["beta_corrected", "value"]
    assert by_error != pytest.approx(by_period)
    assert (
        found(table, error="error", method="errors_in_variables").loc["beta_corrected", "value"] == by_error
    )
    both = found(table, error="error", earlier=2016)["value"]
    assert both["beta_corrected"] == by_period
    assert "sigma_first_corrected" in both
    assert "beta_corrected" not in found(table).index


@pytest.mark.parametrize("correction", [{"error": "error"}, {"earlier": 2016}], ids=["error", "earlier"])
@pytest.mark.parametrize("beta", [0.0, -0.3])
def test_a_known_beta_is_recovered_where_chance_pulls_to_the_mean(beta, correction):
    naive, corrected, covered, left_out = [], [], 0, 0
    for seed in range(10):
        table = found(noisy(beta, seed), n_bootstrap=199, weight="population", **correction)
        naive.append(table.loc["beta", "value"])
        corrected.append(table.loc["beta_corrected", "value"])
        covered += table.loc["beta_corrected", "ci_low"] <= beta <= table.loc["beta_corrected", "ci_high"]
        left_out += table.loc["beta", "ci_high"] < beta
        assert table.loc["beta", "p_value"] < 0.05
    # What the errors do to plain beta, no interval of it sees.
    assert left_out >= 8
    assert max(naive) < beta - 0.1
    assert np.mean(corrected) == pytest.approx(beta, abs=0.06)
    assert covered >= 8


def test_a_known_sigma_is_recovered():
    plain, corrected, true = [], [], []
    for seed in range(15):
        table = noisy(0.0, seed)
        value = found(table, error="error", weight="population")["value"]
        plain.append(value["sigma_first"])
        corrected.append(value["sigma_first_corrected"])
        first = table[table["period"] == 2020]
        true.append(inequality.sigma(first["true"], first["population"]))
    # The errors have the mean variance 14^2 (1 + 1/12), half that of the true levels.
    assert np.mean(np.square(plain)) > 1.4 * np.mean(np.square(true))
    assert np.mean(np.square(corrected)) == pytest.approx(np.mean(np.square(true)), rel=0.08)


# draws


def test_standard_error_of_beta_is_the_robust_one():
    first, last, _ = fixed(200)
    row = found(panel(y2020=first, y2023=last), n_bootstrap=1999).loc["beta"]
    slope, level = np.polyfit(first, last - first, 1)
    around = first - first.mean()
    residual = last - first - level - slope * first
    robust = np.sqrt((around**2 * residual**2).sum()) / (around**2).sum()
    assert row["se"] == pytest.approx(robust, rel=0.06)
    assert row["ci_low"] == pytest.approx(slope - 1.96 * robust, abs=0.2 * robust)
    assert row["ci_high"] == pytest.approx(slope + 1.96 * robust, abs=0.2 * robust)


def test_the_draws_are_paired():
    # Levels that all rise by the same leave no doubt of the change, however unsure the spread is.
    first = fixed()[0]
    table = found(panel(y2020=first, y2023=first + 7), n_bootstrap=99)
    assert table.loc["sigma_first", "se"] > 1
    assert table.loc["sigma_change", "se"] == pytest.approx(0, abs=1e-9)
    assert table.loc[["beta", "sigma_change"], "p_value"].tolist() == [1, 1]


def test_p_value_counts_the_change_at_hand():
    first, last, _ = fixed()
    table = found(panel(y2020=first, y2023=last), n_bootstrap=99)
    assert table.loc["beta", "p_value"] == 1 / 100
    assert table.loc["beta", "ci_high"] < 0


def test_same_seed_same_answer_and_other_seed_another():
    first, last, _ = fixed()
    table = panel(y2020=first, y2023=last)
    pd.testing.assert_frame_equal(found(table, random_state=3), found(table, random_state=3))
    assert found(table, random_state=3).loc["beta", "se"] != found(table, random_state=4).loc["beta", "se"]


def test_a_lower_confidence_gives_a_narrower_interval():
    first, last, _ = fixed()
    wide, narrow = (
        found(panel(y2020=first, y2023=last), n_bootstrap=199, confidence=level).loc["beta"]
        for level in (0.95, 0.5)
    )
    assert wide["ci_low"] < narrow["ci_low"] < narrow["ci_high"] < wide["ci_high"]


def test_draws_without_a_slope_are_drawn_again_and_counted():
    # Three of 12 areas differ: a draw without any of them has chance (9/12)^12 = .032.
    table = panel(y2020=[1.0] * 9 + [2, 3, 4], y2023=list(np.arange(12.0)))
    with pytest.warns(DataWarning, match=r"(2|3|4)\d of 999 draws were drawn again"):
        value = found(table, n_bootstrap=999)
    assert value[["value", "se", "ci_low", "ci_high"]].notna().all(axis=None)
    one = panel(y2020=[1.0] * 11 + [2], y2023=list(np.arange(12.0)))
    with pytest.raises(InputError, match="is not defined on .* of 199 draws"):
        found(one, n_bootstrap=199)


# areas, and faults


def test_areas_without_figures_are_left_out_and_counted():
    first, last, people = fixed()
    table = panel(people, y2016=first, y2020=first, y2023=last).assign(error=1.0)
    table.loc[table["area_id"].eq("a000") & table["period"].eq(2020), "income"] = np.nan
    table.loc[table["area_id"].eq("a001") & table["period"].eq(2020), "population"] = 0
    table.loc[table["area_id"].eq("a002") & table["period"].eq(2023), "error"] = np.nan
    table = table[~(table["area_id"].eq("a003") & table["period"].eq(2016))]
    counted = {
        (): (39, 1),
        ("weight",): (38, 2),
        ("weight", "error"): (37, 3),
        ("weight", "error", "earlier"): (36, 4),
    }
    options = {"weight": "population", "error": "error", "earlier": 2016}
    for names, (n_areas, n_missing) in counted.items():
        row = found(table, **{name: options[name] for name in names}).iloc[0]
        assert (row["n_areas"], row["n_missing"]) == (n_areas, n_missing)
    slope, _ = np.polyfit(first[1:], (last - first)[1:], 1)
    assert found(table).loc["beta", "value"] == pytest.approx(slope)


def test_real_areas():
    regso = areas.load_example("kalmar", "regso")
    before = regso.copy()
    table = trends.convergence(
        regso, "mean_wage_income", first=2020, last=2023, weight="population", n_bootstrap=199
    ).set_index("measure")
    assert before.equals(regso)
    wide = regso.pivot(index="area_id", columns="period", values="mean_wage_income")
    people = regso[regso["period"] == 2020].set_index("area_id")["population"].loc[wide.index]
    slope, _ = np.polyfit(wide[2020], wide[2023] - wide[2020], 1, w=np.sqrt(people))
    assert table.loc["beta", "value"] == pytest.approx(slope)
    assert table.loc["beta", "n_areas"] == 17
    assert (table["ci_low"] <= table["value"]).all()
    assert (table["value"] <= table["ci_high"]).all()


def test_correction_is_impossible_when_errors_are_the_whole_spread():
    first, last, _ = fixed()
    table = panel(y2020=first, y2023=last).assign(error=200.0)
    with pytest.raises(
        InputError, match=r"error: accounts for all the spread in 2020: its variance is 3.9e\+04"
    ):
        found(table, error="error")
    table.loc[table["period"] == 2020, "error"] = 1.0
    with pytest.raises(InputError, match="error: accounts for all the spread in 2023.*larger areas"):
        found(table, error="error")


def test_method_faults():
    first, last, _ = fixed()
    table = panel(y2016=-first, y2020=first, y2023=last).assign(error=1.0)
    with pytest.raises(InputError, match="method: 'errors_in_variables' needs known errors.*Give error="):
        found(table, method="errors_in_variables")
    with pytest.raises(InputError, match="method: 'earlier_period' needs an earlier period.*Give earlier="):
        found(table, method="earlier_period")
    with pytest.raises(InputError, match="earlier: is not used by 'errors_in_variables'"):
        found(table, method="errors_in_variables", error="error", earlier=2016)
    with pytest.raises(InputError, match="method: is 'shrink', must be one of"):
        found(table, method="shrink")
    with pytest.raises(InputError, match=r"earlier: is 2020, must come before first \(2020\)"):
        found(table, earlier=2020)
    with pytest.raises(InputError, match="earlier: has levels that do not go with those of 2020"):
        found(table, earlier=2016)


def test_faults():
    first, last, _ = fixed()
    table = panel(y2020=first, y2023=last).assign(error=1.0)
    with pytest.raises(InputError, match="panel: has 2 areas with figures in all periods used, needs 3"):
        found(table[table["area_id"].isin(["a000", "a001"])])
    with pytest.raises(InputError, match="values: are the same in every area in 2020"):
        found(table.assign(income=table["income"].where(table["period"] == 2023, 0.1)))
    with pytest.raises(InputError, match=r"income: must be above 0 for logarithms \(a000, a001.*log=False"):
        found(table.assign(income=table["income"] - 600), log=True)
    with pytest.raises(InputError, match="first: is 2023, must come before last"):
        found(table, first=2023, last=2020)
    with pytest.raises(UnknownNameError, match=r"period: is not in the panel \(2016\)"):
        found(table, earlier=2016)
    with pytest.raises(UnknownNameError, match="panel: lacks the column"):
        found(table, error="se")
    with pytest.raises(InputError, match="error: has values under 0"):
        found(table.assign(error=-1.0), error="error")
    with pytest.raises(InputError, match="confidence: is 95"):
        found(table, confidence=95)
    with pytest.raises(InputError, match="n_bootstrap: is 1"):
        found(table, n_bootstrap=1)
    with pytest.raises(InputError, match="random_state: is -1"):
        found(table, random_state=-1)
