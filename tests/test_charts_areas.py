"""Charts with a row or a curve of areas: what is drawn equals the numbers, and says what is missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from segkit import areas, charts, inequality, segregation, trends
from segkit.errors import InputError, UnknownNameError


def _axes(width=6.2, height=4.0):
    return Figure(figsize=(width, height), layout="constrained").subplots()


def _panel(**changes):
    panel = pd.DataFrame(
        {
            "area_id": list("abc") * 2,
            "period": [2020] * 3 + [2023] * 3,
            "name": ["Alfa", "Beta", "Gamma"] * 2,
            "population": [100, 300, 100, 100, 100, 100],
            "turnout": [60.0, 80.0, 70.0, 66.0, 79.0, np.nan],
        }
    )
    return panel.assign(**changes)


def _named(ax, gid):
    return next(c for c in ax.collections if c.get_gid() == gid)


def _rows(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def _at(ax, gid):
    return _named(ax, gid).get_offsets().tolist()


def test_dumbbell_draws_areas_then_and_now_and_their_weighted_means():
    ax = charts.dumbbell(_panel(), "turnout", ax=_axes())
    assert _rows(ax) == ["Medel för områdena", "Beta", "Alfa", "Gamma"]
    # Means of the areas with both: (60 * 100 + 80 * 300) / 400 and (66 + 79) / 2.
    assert _at(ax, "then") == [[75.0, 0], [80.0, 1], [60.0, 2], [70.0, 3]]
    assert _at(ax, "now") == [[72.5, 0], [79.0, 1], [66.0, 2]]
    np.testing.assert_allclose(_named(ax, "change").get_segments()[1], [[80, 1], [79, 1]])
    assert [t.get_text() for t in ax.texts][:4] == ["72,5 (−2,5)", "79,0 (−1,0)", "66,0 (+6,0)", "saknas"]
    assert ax.get_title(loc="left") == "Valdeltagande: steg i 1 av 2 områden, 2020–2023"
    said = charts.description(ax)
    assert "1 steg, 1 sjönk, 0 oförändrade" in said
    assert "Alfa från 60,0 till 66,0; Gamma: uppgift saknas." in said
    assert "Uppgifterna avser 2020–2023. Källa ej angiven." in ax.get_xlabel()


def test_dumbbell_shows_intervals_and_remarks():
    panel = _panel(
        turnout_se=2.0, turnout_flag=["observed"] * 3 + ["modelled, preliminary", "preliminary", ""]
    )
    ax = charts.dumbbell(panel, "turnout", language="en", highlight=["a"], weight=None, ax=_axes())
    assert _rows(ax) == ["Mean of the areas", "Beta ᵖ", "Alfa †ᵖ", "Gamma"]
    assert [t.get_fontweight() for t in ax.get_yticklabels()] == ["bold", "normal", "bold", "normal"]
    segments = _named(ax, "last").get_segments()
    np.testing.assert_allclose(segments[1][:, 0], [66 - 1.959964 * 2, 66 + 1.959964 * 2])
    faces = _named(ax, "now").get_facecolors()
    assert [face[:3].tolist() == [1, 1, 1] for face in faces] == [False, False, True]
    foot = ax.get_xlabel().replace("\n", " ")
    assert "Hollow dot: † modelled value, not an official figure. ᵖ preliminary figure." in foot
    assert "Areas count alike in the mean." in foot


def test_dumbbell_of_a_table_with_ends_of_intervals():
    table = pd.DataFrame(
        {"area_id": ["a", "b"], "name": ["A", "B"], "first": [1.0, 4.0], "last": [2.0, 3.0],
         "last_low": [1.5, 2.5],
         "last_high": [2.5, 3.5], "people": [3, 1]}
    )  # fmt: skip
    ax = charts.dumbbell(table, weight="people", first=1990, last=2020, language="en", ax=_axes())
    assert _at(ax, "now")[0] == [2.25, 0]
    assert "rose in 1 of 2 areas, 1990–2020" in ax.get_title(loc="left")
    np.testing.assert_allclose(_named(ax, "last").get_segments()[0][:, 0], [2.5, 3.5])


def test_dumbbell_names_what_is_wrong():
    with pytest.raises(UnknownNameError, match="lacks the column"):
        charts.dumbbell(_panel(), "income", ax=_axes())
    with pytest.raises(InputError, match="needs figures of two periods"):
        charts.dumbbell(_panel().iloc[:3], "turnout", ax=_axes())
    with pytest.raises(InputError, match="needs figures of two periods"):
        charts.dumbbell(_panel(turnout=np.nan), "turnout", ax=_axes())
    with pytest.raises(UnknownNameError, match=r"no figures of turnout \(2019\).*2020, 2023"):
        charts.dumbbell(_panel(), "turnout", first=2019, ax=_axes())
    with pytest.raises(InputError, match="must be in order"):
        charts.dumbbell(_panel(), "turnout", first=2023, last=2020, ax=_axes())
    with pytest.raises(InputError, match="population: has values under 0"):
        charts.dumbbell(_panel(population=-1), "turnout", ax=_axes())
    with pytest.raises(InputError, match="has no rows"):
        charts.dumbbell(_panel().iloc[:0], "turnout", ax=_axes())
    with pytest.raises(InputError, match="more than one row for an area"):
        charts.dumbbell(_panel(first=1, last=2), ax=_axes())
    apart = _panel(turnout=[1, np.nan, np.nan, np.nan, 2, 3])
    with pytest.raises(InputError, match="no area with figures in both 2020 and 2023"):
        charts.dumbbell(apart, "turnout", ax=_axes())


def _now(**changes):
    return _panel().iloc[3:].assign(**{"turnout": [66.0, 79.0, 72.0]} | changes)


def test_ranking_puts_the_highest_on_top_and_tells_which_differ_from_the_mean():
    table = _now(turnout_se=[1.0, 0.0, 2.0], turnout_flag=["modelled", "", "preliminary"])
    ax = charts.ranking(table, "turnout", highlight=["c"], ax=_axes())
    assert _rows(ax) == ["Beta", "Gamma ᵖ", "Alfa †"]
    assert _at(ax, "value") == [[79.0, 0], [72.0, 1], [66.0, 2]]
    reach = 1.959964
    ends = [segment[:, 0].tolist() for segment in _named(ax, "interval").get_segments()]
    np.testing.assert_allclose(ends, [[79, 79], [72 - 2 * reach, 72 + 2 * reach], [66 - reach, 66 + reach]])
    # The mean is 217 / 3 = 72.3: Beta is above it, Alfa below, Gamma can't be told from it.
    title = "Valdeltagande: 1 område över och 1 under medelvärdet, 1 kan inte skiljas från det"
    assert ax.get_title(loc="left").replace("\n", " ") == title
    mean = next(line for line in ax.lines if line.get_gid() == "mean")
    assert mean.get_xdata()[0] == pytest.approx(217 / 3)
    faces = _named(ax, "value").get_facecolors()[:, :3]
    assert len({tuple(face) for face in faces}) == 3
    assert faces[2].tolist() == [1, 1, 1]
    assert "Gamma 72,0 (68,1–75,9); Alfa 66,0 (64,0–68,0)" in charts.description(ax)


def test_ranking_with_columns_of_intervals_a_band_and_missing_values():
    table = _now(low=[65.0, 78, np.nan], high=[70.0, 80, np.nan], turnout=[66.0, 79, np.nan])
    ax = charts.ranking(
        table, "turnout", interval=("low", "high"), mean_interval=(70, 74), language="en", ax=_axes()
    )
    band = next(patch for patch in ax.patches if patch.get_gid() == "band")
    assert (band.get_x(), band.get_width()) == (70, 4)
    assert _rows(ax) == ["Beta", "Alfa", "Gamma"]
    assert [t.get_text() for t in ax.texts][:3] == ["79.0", "66.0", "missing"]
    # Alfa's interval just reaches the band.
    assert "1 area above and 0 below the mean, 1 can't" in ax.get_title(loc="left").replace("\n", " ")
    assert "mean of the areas, 72.5 (70.0–74.0)" in ax.get_xlabel().replace("\n", " ")


def test_ranking_without_intervals_says_from_where_to_where():
    ax = charts.ranking(_now(), "turnout", language="en", ax=_axes())
    assert ax.get_title(loc="left") == "Turnout: from 66.0 to 79.0"
    assert "can't be told" not in ax.get_xlabel()


def test_ranking_names_what_is_wrong():
    with pytest.raises(InputError, match="more than one row for an area"):
        charts.ranking(_panel(), "turnout", ax=_axes())
    with pytest.raises(InputError, match="turnout: is missing in every area"):
        charts.ranking(_now().assign(turnout=np.nan), "turnout", ax=_axes())
    with pytest.raises(InputError, match="no area to draw"):
        charts.ranking(_now().iloc[:0], "turnout", ax=_axes())
    with pytest.raises(InputError, match=r"interval: must hold the value.*b 2023"):
        charts.ranking(_now(low=70, high=90), "turnout", interval=("high", "low"), ax=_axes())
    with pytest.raises(InputError, match="does not hold the mean"):
        charts.ranking(_now(), "turnout", mean_interval=(0, 1), ax=_axes())
    with pytest.raises(InputError, match="turnout_se: has values under 0"):
        charts.ranking(_now(turnout_se=-1), "turnout", ax=_axes())
    with pytest.raises(UnknownNameError, match="lacks the column"):
        charts.ranking(_now().drop(columns="population"), "turnout", ax=_axes())


def _area_under(line):
    x, y = (np.asarray(values) / 100 for values in line.get_data())
    return float(np.trapezoid(y, x))


people = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=2, max_size=8)


@settings(max_examples=30, deadline=None)
@given(people)
def test_lorenz_curve_holds_half_the_gini_above_it(rows):
    table = pd.DataFrame(rows, columns=["income", "population"])
    if table["income"].sum() == 0:
        table["income"] += 1
    line = charts.lorenz(table, "income", ax=_axes()).lines[0]
    gini = inequality.gini(table["income"], table["population"])
    assert 1 - 2 * _area_under(line) == pytest.approx(gini, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(people)
def test_segregation_curve_shows_dissimilarity_and_gini(rows):
    table = pd.DataFrame(rows, columns=["group", "others"])
    table["group"] += table["group"].sum() == 0
    table["total"] = table["group"] + table["others"]
    ax = charts.segregation_curve(table, group="group", total="total", ax=_axes())
    x, y = ax.lines[0].get_data()
    d = segregation.dissimilarity(table, group="group", total="total")
    assert np.max(x - y) / 100 == pytest.approx(d, abs=1e-9)
    (low, high) = ax.collections[0].get_segments()[0]
    assert (high - low)[1] / 100 == pytest.approx(d, abs=1e-9)
    gini = segregation.gini(table, group="group", total="total")
    assert 1 - 2 * _area_under(ax.lines[0]) == pytest.approx(gini, abs=1e-9)


def test_curves_of_several_periods_in_one_chart():
    panel = areas.load_example("kalmar", "regso")
    ax = charts.lorenz(panel, "mean_wage_income", periods=[2020, 2022, 2023], language="en", ax=_axes())
    ginis = {
        year: inequality.gini(part["mean_wage_income"], part["population"])
        for year, part in panel.groupby("period")
    }
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        *(f"{year}: Gini {ginis[year]:.3f}" for year in (2020, 2022, 2023)),
        "even distribution",
    ]
    assert len({line.get_linestyle() + str(line._dash_pattern) for line in ax.lines[:3]}) == 3
    assert f"{ginis[2020]:.3f} in 2020, {ginis[2022]:.3f} in 2022 and" in ax.get_title(loc="left").replace(
        "\n", " "
    )


def test_curves_leave_out_areas_without_figures_and_say_so():
    panel = _panel(group=[10, 20, 30, 10, 20, np.nan])
    ax = charts.segregation_curve(panel, group="group", total="population", language="en", ax=_axes())
    assert "Areas without a figure, left out: 1 (2023)." in ax.get_xlabel().replace("\n", " ")
    assert "Areas without a figure, left out: 1 (2023)." in charts.description(ax)
    ax = charts.lorenz(panel, "turnout", ax=_axes())
    assert "Områden utan uppgift, inte med: 1 (2023)." in ax.get_xlabel().replace("\n", " ")


def test_curves_name_what_is_wrong():
    with pytest.raises(UnknownNameError, match=r"have no figures \(1999\)"):
        charts.lorenz(_panel(), "turnout", periods=[1999], ax=_axes())
    with pytest.raises(UnknownNameError, match="has no column `period`"):
        charts.lorenz(_panel().drop(columns="period"), "turnout", periods=[2020], ax=_axes())
    with pytest.raises(InputError, match="has no value to draw"):
        charts.lorenz(_panel(turnout=np.nan), "turnout", ax=_axes())
    with pytest.raises(InputError, match="must not be negative"):
        charts.lorenz(_panel(turnout=-1), "turnout", ax=_axes())
    years = pd.concat([_panel().iloc[:3].assign(period=year) for year in range(5)])
    with pytest.raises(InputError, match="at most 4"):
        charts.lorenz(years, "turnout", periods=range(5), ax=_axes())
    with pytest.raises(InputError, match="group"):
        charts.segregation_curve(_panel(group=0), group="group", total="population", ax=_axes())
    with pytest.raises(InputError, match="population: has values under 0"):
        charts.lorenz(_panel(population=-1), "turnout", ax=_axes())


def test_growth_incidence_draws_the_table():
    panel = _panel(turnout=[10.0, 20, 40, 11, 20, 38])
    table = trends.growth_incidence(panel, "turnout", first=2020, last=2023, n_quantiles=3)
    ax = charts.growth_incidence(table, "turnout", ax=_axes())
    dots = next(line for line in ax.lines if line.get_gid() == "growth")
    np.testing.assert_allclose(dots.get_xydata(), [[1, 10], [2, 0], [3, -5]])
    every = next(line for line in ax.lines if line.get_gid() == "all")
    assert every.get_ydata()[0] == pytest.approx(100 * (69 - 70) / 70)
    assert [t.get_text() for t in ax.texts][:4] == ["+10,0 %", "0,0 %", "−5,0 %", "alla: −1,4 %"]
    assert "lika många områden i varje grupp" in ax.texts[-1].get_text().replace("\n", " ")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1\n(lägst)", "2", "3\n(högst)"]


def test_growth_incidence_with_intervals_in_the_unit():
    panel = _panel(turnout=[10.0, 20, 40, 11, 20, 38])
    table = trends.growth_incidence(panel, "turnout", first=2020, last=2023,
                                    n_quantiles=2, weight="population")  # fmt: skip
    bounded = table.assign(change_low=table["change"] - 1, change_high=table["change"] + 2)
    ax = charts.growth_incidence(bounded, "turnout", values="change", language="en", ax=_axes())
    spans = [segment[:, 1] for segment in _named(ax, "interval").get_segments()]
    np.testing.assert_allclose(spans, bounded[["change_low", "change_high"]])
    assert "Wide bars: interval." in ax.get_xlabel()


def test_growth_incidence_names_what_is_wrong():
    table = trends.growth_incidence(
        _panel(turnout=[1, 2, 3, 4, 5, 6]), "turnout", first=2020, last=2023, n_quantiles=2
    )
    with pytest.raises(InputError, match="no group to draw"):
        charts.growth_incidence(table.iloc[:0], ax=_axes())
    with pytest.raises(InputError, match="one pair of periods"):
        charts.growth_incidence(pd.concat([table, table]), ax=_axes())
    with pytest.raises(InputError, match="relative_change: is missing in every group"):
        charts.growth_incidence(table.assign(relative_change=np.nan), ax=_axes())
    with pytest.raises(UnknownNameError, match="quantile"):
        charts.growth_incidence(table.drop(columns="quantile"), ax=_axes())
