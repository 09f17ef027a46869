from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import areas, inequality, inference, polarization, trends
from segkit.base.tidy import TIDY
from segkit.errors import InputError, UnknownNameError


def panel(**by_period):
    """A panel from lists of incomes, ``y2020=[...]``, with equal population."""
    parts = [
        pd.DataFrame({"area_id": [f"a{k:02}" for k in range(len(v))], "period": int(p[1:]), "income": v})
        for p, v in by_period.items()
    ]
    return pd.concat(parts, ignore_index=True).assign(population=100.0)


@pytest.fixture(scope="module")
def regso():
    return areas.load_example("kalmar", "regso")


# by_period


def test_by_period_has_a_row_per_measure_and_period(regso):
    table = trends.by_period(
        regso, ["wolfson", "gini"], values="mean_wage_income", weight="population", n_bootstrap=50
    )
    assert list(table.columns) == TIDY
    assert table["measure"].tolist() == ["wolfson"] * 4 + ["gini"] * 4
    assert table["period"].tolist() == [2020, 2021, 2022, 2023] * 2
    assert (table["n_areas"] == 17).all()
    for row in table.itertuples():
        rows = regso[regso["period"] == row.period]
        measure = {"wolfson": polarization.wolfson, "gini": inequality.gini}[row.measure]
        assert row.value == pytest.approx(measure(rows["mean_wage_income"], rows["population"]))
        assert row.ci_low < row.value < row.ci_high


def test_areas_without_figures_are_left_out_and_counted():
    table = panel(
        y2020=[1.0, 2.0, 3.0, 4.0], y2021=[1.0, np.nan, 3.0, 4.0], y2022=[np.nan] * 4, y2023=[2.0] * 4
    )
    table.loc[(table["period"] == 2023) & (table["area_id"] == "a00"), "population"] = 0
    result = trends.by_period(table, "sigma", values="income", weight="population", n_bootstrap=20)
    assert result["period"].tolist() == [2020, 2021, 2023]
    assert result["n_areas"].tolist() == [4, 3, 3]
    assert result["n_missing"].tolist() == [0, 1, 1]
    assert result.loc[1, "value"] == pytest.approx(np.std([1, 3, 4]))


def test_by_period_two_groups_and_chosen_periods():
    table = panel(y2020=[1.0] * 4, y2021=[1.0] * 4).assign(group=[100, 60, 40, 0] * 2)
    result = trends.by_period(
        table, "dissimilarity", group="group", total="population", periods=[2021], n_bootstrap=20
    )
    assert result["period"].tolist() == [2021]
    assert result.loc[0, "value"] == pytest.approx(0.6)
    assert result.loc[0, "group"] == "group"


def test_by_period_equals_bootstrap_of_that_period(regso):
    options = {"values": "mean_wage_income", "n_bootstrap": 30, "random_state": 5, "confidence": 0.8}
    table = trends.by_period(regso, "theil", periods=[2022], **options)
    alone = inference.bootstrap(regso[regso["period"] == 2022], "theil", **options)
    pd.testing.assert_frame_equal(table, alone)


def test_by_period_errors(regso):
    with pytest.raises(UnknownNameError, match=r"have no figures \(2019\).*2020, 2021, 2022, 2023"):
        trends.by_period(regso, "gini", values="mean_wage_income", periods=[2019, 2020])
    with pytest.raises(UnknownNameError, match="periods: have no figures"):
        trends.by_period(regso, "gini", values="mean_wage_income", periods=[])
    with pytest.raises(InputError, match="no row with figures"):
        trends.by_period(panel(y2020=[np.nan, np.nan]), "gini", values="income")
    with pytest.raises(UnknownNameError, match="wages"):
        trends.by_period(regso, "gini", values="wages")


# growth_incidence


def test_growth_by_fifth_by_hand():
    first = [10.0, 20.0, 30.0, 40.0, 50.0]
    table = trends.growth_incidence(
        panel(y2020=first[::-1], y2023=[75.0, 48.0, 33.0, 21.0, 10.0]), "income", first=2020, last=2023
    )
    assert table["quantile"].tolist() == [1, 2, 3, 4, 5]
    assert table["first"].tolist() == first
    assert table["last"].tolist() == [10, 21, 33, 48, 75]
    assert table["change"].tolist() == [0, 1, 3, 8, 25]
    assert table["relative_change"].tolist() == pytest.approx([0, 5, 10, 20, 50])
    assert table["n_areas"].tolist() == [1] * 5
    assert table["population"].isna().all()
    assert (table["period"] == "2020–2023").all()


def test_groups_hold_equal_population_of_the_first_period():
    table = panel(y2020=[1.0, 2.0, 3.0, 4.0], y2023=[2.0, 2.0, 5.0, 4.0])
    table["population"] = [100.0, 100.0, 100.0, 300.0] * 2
    table.loc[table["period"] == 2023, "population"] = 1.0
    halves = trends.growth_incidence(
        table, "income", first=2020, last=2023, weight="population", n_quantiles=2
    )
    assert halves["n_areas"].tolist() == [3, 1]
    assert halves["population"].tolist() == [300, 300]
    assert halves["last"].tolist() == [3, 4]


def test_an_area_on_a_cut_counts_in_both_groups():
    table = panel(y2020=[1.0, 2.0, 9.0], y2023=[1.0, 4.0, 9.0])
    halves = trends.growth_incidence(table, "income", first=2020, last=2023, n_quantiles=2)
    assert halves["n_areas"].tolist() == [2, 2]
    assert halves["last"].tolist() == pytest.approx([(1 + 2) / 1.5, (2 + 9) / 1.5])


@pytest.mark.parametrize("last", [[1.0, 3.0, 7.0, 9.0], [1.0, 7.0, 3.0, 9.0]])
def test_equal_levels_do_not_depend_on_the_order_of_rows(last):
    halves = trends.growth_incidence(
        panel(y2020=[1.0, 2.0, 2.0, 4.0], y2023=last), "income", first=2020, last=2023, n_quantiles=2
    )
    assert halves["last"].tolist() == [3.0, 7.0]


def test_areas_without_figures_in_either_period_are_counted():
    table = panel(y2020=[1.0, 2.0, np.nan, 4.0, 5.0], y2023=[2.0, np.nan, 3.0, 4.0])
    halves = trends.growth_incidence(table, "income", first=2020, last=2023, n_quantiles=2)
    assert halves["n_areas"].sum() == 2
    assert (halves["n_missing"] == 3).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 30), st.integers(1, 90), st.integers(1, 90)),
        min_size=3,
        max_size=30,
    )
)
def test_groups_add_up_to_the_whole(rows):
    weight, first, last = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    table = panel(y2020=first, y2023=last).assign(population=np.tile(weight, 2))
    halves = trends.growth_incidence(
        table, "income", first=2020, last=2023, weight="population", n_quantiles=3
    )
    assert (halves["first"] * halves["population"]).sum() == pytest.approx((first * weight).sum())
    assert (halves["last"] * halves["population"]).sum() == pytest.approx((last * weight).sum())
    assert halves["population"].tolist() == pytest.approx([weight.sum() / 3] * 3)
    assert (halves["first"].diff().dropna() > -1e-9).all()


def test_noise_alone_regresses_to_the_mean():
    rng = np.random.default_rng(0)
    level = rng.normal(300, 20, 200)
    noisy = [level + rng.normal(0, 20, 200) for _ in range(2)]
    table = trends.growth_incidence(panel(y2020=noisy[0], y2023=noisy[1]), "income", first=2020, last=2023)
    assert table["change"].iloc[0] > 5
    assert table["change"].iloc[-1] < -5


def test_relative_change_is_missing_where_the_level_is_not_positive():
    table = trends.growth_incidence(
        panel(y2020=[-1.0, 2.0], y2023=[1.0, 3.0]), "income", first=2020, last=2023, n_quantiles=2
    )
    assert np.isnan(table["relative_change"].iloc[0])
    assert table["relative_change"].iloc[1] == 50


def test_growth_errors():
    table = panel(y2020=[1.0, 2.0, 2.0], y2023=[2.0, 3.0, 4.0])
    with pytest.raises(InputError, match="n_quantiles: is 5, more than the 3 areas with figures"):
        trends.growth_incidence(table, "income", first=2020, last=2023)
    with pytest.raises(UnknownNameError, match="is not in the panel"):
        trends.growth_incidence(table, "income", first=2019, last=2023)
    with pytest.raises(InputError, match="must come before"):
        trends.growth_incidence(table, "income", first=2023, last=2020)
    with pytest.raises(UnknownNameError, match="wealth"):
        trends.growth_incidence(table, "wealth", first=2020, last=2023)
    with pytest.raises(InputError, match="n_quantiles"):
        trends.growth_incidence(table, "income", first=2020, last=2023, n_quantiles=1)


def test_intervals_of_growth_are_those_of_areas_drawn_and_grouped_anew():
    rng = np.random.default_rng(4)
    levels = rng.uniform(100, 200, 12).round(-1)
    table = pd.DataFrame(
        {
            "area_id": [f"a{i:02d}" for i in range(12)] * 2,
            "period": [2020] * 12 + [2023] * 12,
            "income": [*levels, *(levels * rng.uniform(0.9, 1.2, 12))],
            "population": [*rng.integers(1, 9, 12)] * 2,
        }
    )
    asked = {"first": 2020, "last": 2023, "weight": "population", "n_quantiles": 3}
    found = trends.growth_incidence(table, "income", **asked, n_bootstrap=120, confidence=0.9, random_state=7)
    draws = np.random.default_rng(7)
    by_hand = []
    for size in (50, 50, 20):
        for copies in draws.multinomial(12, np.full(12, 1 / 12), size=size):
            drawn = table.assign(population=table["population"] * np.tile(copies, 2))
            by_hand.append(trends.growth_incidence(drawn, "income", **asked)["relative_change"])
    low, high = np.quantile(by_hand, [0.05, 0.95], axis=0)
    np.testing.assert_allclose(found["relative_change_low"], low)
    np.testing.assert_allclose(found["relative_change_high"], high)
    assert (found["change_low"] < found["change_high"]).all()
    plain = trends.growth_incidence(table, "income", **asked)
    pd.testing.assert_frame_equal(found[plain.columns], plain)


def test_input_is_not_changed(regso):
    before = regso.copy()
    trends.by_period(regso, "gini", values="mean_wage_income", n_bootstrap=5)
    trends.growth_incidence(regso, "mean_wage_income", first=2020, last=2023, weight="population")
    assert before.equals(regso)


# change_sentence


def sentence(first, last, change, *, n=(17, 17, 17), language="sv", label="Spridningen (Wolfson)", **options):
    value, low, high, p = change
    rows = (
        {"measure": "wolfson", "period": 2020, "value": first, "n_areas": n[0]},
        {"measure": "wolfson", "period": 2023, "value": last, "n_areas": n[1]},
        {
            "measure": "wolfson",
            "period": "2020–2023",
            "value": value,
            "ci_low": low,
            "ci_high": high,
            "p_value": p,
            "n_areas": n[2],
        },
    )
    return trends.change_sentence(label, *rows, language=language, **options)


def test_increase_in_swedish():
    assert sentence(0.112, 0.125, (0.013, 0.004, 0.021, 0.01)) == (
        "Spridningen (Wolfson) ökade från 0,112 (2020) till 0,125 (2023); ökningen är större än vad "
        "slumpmässig variation mellan områden brukar ge "
        "(95 % intervall för ändringen 0,004 till 0,021, p = 0,010)."
    )


def test_decrease_in_english():
    text = sentence(0.125, 0.112, (-0.013, -0.021, -0.004, 0.0005), language="en", label="the spread")
    assert text == (
        "The spread fell from 0.125 (2020) to 0.112 (2023); the decrease is larger than random variation "
        "between areas usually gives (95% interval of the change \u22120.021 to \u22120.004, p < 0.001)."
    )


def test_chance_is_not_called_an_increase():
    assert sentence(0.112, 0.115, (0.003, -0.006, 0.012, 0.48)) == (
        "Spridningen (Wolfson) gick från 0,112 (2020) till 0,115 (2023); ändringen kan inte skiljas från "
        "slumpmässig variation mellan områden (95 % intervall för ändringen "
        "\u22120,006 till 0,012, p = 0,480)."
    )


@pytest.mark.parametrize("change", [(-0.1, -0.126, 0.001, 0.027), (-0.1, -0.199, -0.001, 0.06)])
def test_interval_and_p_value_that_disagree_are_on_the_verge(change):
    assert "minskningen ligger på gränsen till vad" in sentence(1.7, 1.6, change)


def test_no_change_at_all():
    assert sentence(0.112, 0.112, (0.0, 0.0, 0.0, 1.0)) == (
        "Spridningen (Wolfson) låg kvar på 0,112 mellan 2020 och 2023."
    )


def test_values_that_read_alike_are_not_said_to_move():
    text = sentence(0.1124, 0.1121, (-0.0003, -0.06, 0.06, 0.9))
    assert text.startswith("Spridningen (Wolfson) var 0,11 både 2020 och 2023; ändringen kan inte skiljas")


def test_other_areas_than_those_of_the_change_are_stated():
    text = sentence(0.112, 0.125, (-0.010, -0.021, -0.004, 0.01), n=(43, 41, 40))
    assert text == (
        "Spridningen (Wolfson) var 0,112 år 2020 (43 områden) och 0,125 år 2023 (41 områden); för de 40 "
        "områden som har uppgifter för båda åren är ändringen \u22120,010, och den är större än vad "
        "slumpmässig variation mellan områden brukar ge "
        "(95 % intervall för ändringen \u22120,021 till \u22120,004, p = 0,010)."
    )
    unchanged = sentence(0.112, 0.125, (0.0, 0.0, 0.0, 1.0), n=(43, 41, 40), language="en")
    assert unchanged.endswith("for the 40 areas with figures in both years the change is 0.000.")


def test_decimals_follow_the_width_of_the_interval():
    assert "från 49,6 (2020) till 55,9 (2023)" in sentence(49.6, 55.87, (6.27, 2.1, 8.9, 0.002))
    large = sentence(12345.0, 23456.0, (11111.0, 5000.0, 16000.0, 0.001))
    assert "från 12\u202f345 (2020) till 23\u202f456 (2023)" in large
    fine = sentence(0.112, 0.125, (0.013, 0.0003, 0.021, 0.04))
    assert "0,0003 till 0,0210" in fine
    assert "från 0,1 (2020) till 0,2 (2023)" in sentence(0.112, 0.151, (0.039, 0.01, 0.06, 0.01), decimals=1)


def test_confidence_is_stated_and_used():
    change = (0.013, 0.001, 0.021, 0.03)
    assert "ökningen är större än" in sentence(0.112, 0.125, change)
    text = sentence(0.112, 0.125, change, confidence=0.99)
    assert "ligger på gränsen" in text
    assert "(99 % intervall" in text
    assert "(97,5 % intervall" in sentence(0.112, 0.125, change, confidence=0.975)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_sentences_of_computed_rows(regso, language):
    columns = {"values": "mean_wage_income", "weight": "population", "n_bootstrap": 99}
    rows = trends.by_period(regso, ["gini", "sigma"], **columns)
    changes = inference.compare_periods(regso, ["gini", "sigma"], first=2020, last=2023, **columns)
    for _, change in changes.iterrows():
        ends = rows[rows["measure"] == change["measure"]].set_index("period")
        text = trends.change_sentence("Gini", ends.loc[2020], ends.loc[2023], change, language=language)
        assert text.count("(2020)") == text.count("(2023)") == 1
        assert text.endswith(").")
        assert "nan" not in text


def test_sentence_errors():
    first = {"measure": "gini", "period": 2020, "value": 0.1, "n_areas": 17}
    last = first | {"period": 2023}
    change = first | {"period": "2020–2023", "ci_low": 0.0, "ci_high": 0.1, "p_value": 0.1}
    with pytest.raises(InputError, match="last_row: is of 2020, the change is of 2020–2023"):
        trends.change_sentence("x", first, first, change)
    with pytest.raises(InputError, match="first_row: is of theil"):
        trends.change_sentence("x", first | {"measure": "theil"}, last, change)
    with pytest.raises(InputError, match="row of inference.compare_periods"):
        trends.change_sentence("x", first, last, change | {"period": 2023})
    with pytest.raises(UnknownNameError, match=r"change_row: lacks \(ci_high, ci_low, p_value\)"):
        trends.change_sentence("x", first, last, first)
    with pytest.raises(InputError, match="language"):
        trends.change_sentence("x", first, last, change, language="fi")
