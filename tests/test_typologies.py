"""Typologies over time, against each other and across scales: known moves, identities, real areas."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from segkit import Profiles, areas, charts, palettes, typologies
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.profiles.typologies import _certainty

COLUMNS = ["turnout", "employment_rate"]
REGSO = ["mean_wage_income", "owned_dwelling_share"]
DESO = ["employment_rate", "median_income", "post_secondary_share"]
QUICK = {"n_profiles": 3, "n_starts": 20}


def _panel(*, last=None):
    """Return 18 areas in three tight groups, 2020 and 2024; `last` sets the figures of areas in 2024."""
    levels = np.repeat([60.0, 75.0, 90.0], 6)
    jitter = np.tile([-0.5, -0.3, -0.1, 0.1, 0.3, 0.5], 3)
    first = pd.DataFrame(
        {
            "area_id": [f"A{i:02d}" for i in range(18)],
            "name": [f"Area {i}" for i in range(18)],
            "period": 2020,
            "population": 1000.0 + 100 * np.arange(18),
            "turnout": levels + jitter,
            "employment_rate": levels - jitter[::-1] / 2,
        }
    )
    then = first.assign(period=2024)
    for area, value in (last or {}).items():
        then.loc[then["area_id"] == area, COLUMNS] = value
    return pd.concat([first, then], ignore_index=True)


def test_same_figures_in_both_periods_move_nobody():
    panel = _panel()
    result = typologies.over_time(panel, COLUMNS, **QUICK)
    assert result.moved.empty
    np.testing.assert_array_equal(result.transitions.to_numpy(), np.diag([6.0, 6.0, 6.0]))
    assert result.labels.tolist() == np.tile(np.repeat([1, 2, 3], 6), 2).tolist()
    certainty = typologies.move_certainty(result, n_bootstrap=10)
    assert (certainty["certainty"] == 0).all()
    assert (certainty[["share_up", "share_down"]] == 0).all(axis=None)
    assert set(certainty["verdict"]) == {"stayed"}


def test_planted_moves_are_found_and_firm():
    panel = _panel(last={"A01": 90.0, "A16": 75.0})
    before = panel.copy()
    result = typologies.over_time(panel, COLUMNS, **QUICK)
    pd.testing.assert_frame_equal(panel, before)
    assert result.moved[["area_id", "name", "first", "last", "from", "to"]].to_numpy().tolist() == [
        ["A01", "Area 1", 2020, 2024, 1, 3],
        ["A16", "Area 16", 2020, 2024, 3, 2],
    ]
    assert result.transitions.to_numpy().tolist() == [[5, 0, 1], [0, 6, 0], [0, 1, 5]]
    assert result.table.set_index("area_id").loc["A01", [2020, 2024]].tolist() == [1, 3]
    certainty = typologies.move_certainty(result, n_bootstrap=40)
    top = certainty.iloc[:2].set_index("area_id")
    assert set(top.index) == {"A01", "A16"}
    assert (top["verdict"] == "firm").all()
    assert top.loc["A01", "share_up"] == top.loc["A01", "certainty"]
    assert top.loc["A16", "share_down"] == top.loc["A16", "certainty"]
    assert (certainty.iloc[2:]["verdict"] == "stayed").all()


def test_a_jitter_over_the_border_is_uncertain():
    # The border lies at 82.5 in samples without the area, near 83.1 with it once, higher with it twice.
    panel = _panel(last={"A06": 83.15})
    panel.loc[panel["area_id"].eq("A06") & panel["period"].eq(2020), COLUMNS] = 82.2
    result = typologies.over_time(panel, COLUMNS, **QUICK)
    assert result.moved["area_id"].tolist() == ["A06"]
    assert result.moved["membership_now"].item() < 0.1
    row = typologies.move_certainty(result, n_bootstrap=40).iloc[0]
    assert row["area_id"] == "A06"
    assert row["verdict"] == "uncertain"
    assert 0 < row["certainty"] < 0.8
    loose = typologies.move_certainty(result, n_bootstrap=40, likely=0.01, firm=0.999)
    assert loose.iloc[0]["verdict"] == "likely"


def test_standard_errors_make_a_move_less_sure():
    panel = _panel(last={"A01": 70.0})
    panel["turnout_se"] = 0.0
    result = typologies.over_time(panel, COLUMNS, **QUICK)
    exact = typologies.move_certainty(result, n_bootstrap=20)
    zero = typologies.move_certainty(result, n_bootstrap=20, errors="_se")
    pd.testing.assert_frame_equal(exact, zero)
    assert exact.iloc[0][["area_id", "verdict"]].tolist() == ["A01", "firm"]
    panel["turnout_se"] = np.where(panel["area_id"] == "A01", 15.0, 0.0)
    noisy = typologies.over_time(panel, COLUMNS, **QUICK)
    blurred = typologies.move_certainty(noisy, n_bootstrap=20, errors="_se")
    assert blurred.iloc[0]["certainty"] < exact.iloc[0]["certainty"]


def test_same_seed_same_certainty():
    result = typologies.over_time(_panel(last={"A01": 68.0}), COLUMNS, **QUICK)
    runs = [typologies.move_certainty(result, n_bootstrap=8, random_state=s) for s in (3, 3)]
    pd.testing.assert_frame_equal(*runs)


def test_labels_do_not_hang_on_the_order_of_rows():
    panel = _panel(last={"A01": 90.0})
    mixed = panel.iloc[np.argsort(panel.index * 7 % 36)]
    one, two = (typologies.over_time(p, COLUMNS, **QUICK) for p in (panel, mixed))
    pd.testing.assert_series_equal(one.labels, two.labels.sort_index())
    pd.testing.assert_frame_equal(one.moved, two.moved)
    pd.testing.assert_frame_equal(one.table, two.table)


def test_a_frozen_base_keeps_a_common_rise():
    panel = _panel()
    panel.loc[panel["period"] == 2024, COLUMNS] += 9.9
    frozen = typologies.over_time(panel, COLUMNS, **QUICK)
    assert frozen.transitions.to_numpy().tolist() == [[0, 6, 0], [0, 0, 6], [0, 0, 6]]
    late = typologies.over_time(panel, COLUMNS, base=2024, **QUICK)
    assert late.base == 2024
    assert late.transitions.to_numpy().tolist() == [[6, 6, 0], [0, 0, 6], [0, 0, 0]]
    pooled = typologies.over_time(panel, COLUMNS, base="pooled", **QUICK)
    assert pooled.scores.mean().abs().max() < 1e-12
    rise = pooled.index[panel["period"] == 2024].to_numpy() - pooled.index[panel["period"] == 2020].to_numpy()
    assert (rise > 0.5).all()
    certainty = typologies.move_certainty(pooled, n_bootstrap=5)
    assert len(certainty) == 18


def test_base_period_equals_profiles_fitted_on_it():
    panel = areas.load_example("kalmar", "regso")
    result = typologies.over_time(panel, ["mean_wage_income"], n_profiles=4, n_starts=30)
    base = panel[panel["period"] == 2020]
    model = Profiles(4, columns=["mean_wage_income"], n_starts=30).fit(base)
    assert result.base == 2020
    assert result.labels[base.index].tolist() == model.labels_.tolist()
    assert result.labels.tolist() == model.predict(panel).tolist()
    np.testing.assert_allclose(result.membership[base.index], model.membership_)
    np.testing.assert_allclose(result.index[base.index], model.index_)
    np.testing.assert_allclose(result.centers, model.centers_)


def test_kalmar_regso_over_time():
    panel = areas.load_example("kalmar", "regso")
    result = typologies.over_time(panel, REGSO, directions={"owned_dwelling_share": 1}, n_starts=50)
    assert result.periods == (2020, 2021, 2022, 2023)
    assert result.transitions.to_numpy().sum() == 3 * 17
    place = result.table.set_index("name")
    assert (place.loc[["Norrliden", "Djurängen-Funkabo-Oxhagen"], 2020] == 1).all()
    assert result.moved.empty
    certainty = typologies.move_certainty(result, n_bootstrap=10)
    assert (certainty["certainty"] == 0).all()


def test_kalmar_wages_move_three_areas_of_which_one_is_sure():
    panel = areas.load_example("kalmar", "regso")
    result = typologies.over_time(panel, ["mean_wage_income"], n_starts=50)
    moved = result.moved.set_index("name")
    assert moved[["from", "to"]].T.to_dict("list") == {
        "Bergavik-Björkenäs": [4, 3],
        "Krafslösa-Snurrom-Vimpeltorpet": [5, 4],
        "Lindsdal": [4, 3],
    }
    certainty = typologies.move_certainty(result, n_bootstrap=60).set_index("name")["verdict"]
    assert certainty[moved.index].tolist() == ["firm", "uncertain", "uncertain"]


def test_missing_figures_are_errors_or_left_without_a_profile():
    panel = _panel()
    panel.loc[[3, 20], "turnout"] = np.nan
    with pytest.raises(InputError, match=r"missing figures in turnout \(A03 2020, A02 2024\)"):
        typologies.over_time(panel, COLUMNS, **QUICK)
    with pytest.warns(DataWarning) as caught:
        result = typologies.over_time(panel, COLUMNS, missing="drop", **QUICK)
    assert any("leaves 2 of 36 rows without a profile" in str(w.message) for w in caught)
    assert result.labels.isna().to_numpy().nonzero()[0].tolist() == [3, 20]
    assert result.table.set_index("area_id").loc["A03"].isna().sum() == 1
    assert "A03" not in typologies.move_certainty(result, n_bootstrap=2)["area_id"].tolist()
    deso = areas.load_example("kalmar")
    with pytest.raises(InputError, match="missing figures in employment_rate"):
        typologies.over_time(deso, DESO)


def test_over_time_names_what_is_wrong():
    panel = _panel()
    with pytest.raises(InputError, match=r"base: has no figures: 2019.*2020, 2024; or 'pooled'"):
        typologies.over_time(panel, COLUMNS, base=2019, **QUICK)
    with pytest.raises(InputError, match="fewer than two periods"):
        typologies.over_time(panel[panel["period"] == 2020], COLUMNS, **QUICK)
    with pytest.raises(UnknownNameError, match="lacks the column"):
        typologies.over_time(panel, ["income"], **QUICK)
    with pytest.raises(InputError, match="n_profiles"):
        typologies.over_time(panel, COLUMNS, n_profiles=19, n_starts=2)
    with pytest.raises(InputError, match="missing: is 'fill'"):
        typologies.over_time(panel, COLUMNS, missing="fill")
    with pytest.raises(InputError, match="same area and period"):
        typologies.over_time(pd.concat([panel, panel], ignore_index=True), COLUMNS)
    with pytest.raises(InputError, match="columns: must be a list of indicators"):
        typologies.over_time(panel, [], **QUICK)


def test_move_certainty_names_what_is_wrong():
    result = typologies.over_time(_panel(), COLUMNS, **QUICK)
    with pytest.raises(
        InputError, match=r"result: must be the result of typologies\.over_time, is DataFrame"
    ):
        typologies.move_certainty(_panel())
    with pytest.raises(UnknownNameError, match="no indicator has a column with the ending '_se'"):
        typologies.move_certainty(result, errors="_se")
    with pytest.raises(InputError, match="firm: is 0.7, must be at least `likely`"):
        typologies.move_certainty(result, firm=0.7)
    with pytest.raises(InputError, match="n_bootstrap"):
        typologies.move_certainty(result, n_bootstrap=0)
    small = _panel().query("area_id in ['A00', 'A06', 'A12', 'A13']").assign(turnout_se=np.nan)
    few = typologies.over_time(small, COLUMNS, **QUICK)
    with pytest.raises(InputError, match="turnout_se: has 8 missing values"):
        typologies.move_certainty(few, errors="_se")
    tiny = typologies.over_time(
        _panel().query("area_id in ['A00', 'A17']"), COLUMNS, n_profiles=2, n_starts=2
    )
    assert len(typologies.move_certainty(tiny, n_bootstrap=3)) == 2


def test_trajectories_by_hand():
    panel = pd.DataFrame(
        {
            "area_id": list("abcd") * 2,
            "period": [2020] * 4 + [2024] * 4,
            "population": [100.0, 300.0, 200.0, 400.0] * 2,
            "turnout": [60.0, 60.0, 80.0, 80.0, 60.0, 80.0, 80.0, 90.0],
        }
    )
    result = typologies.over_time(panel, ["turnout"], n_profiles=2, n_starts=5)
    table = typologies.trajectories(result, ["b", "d"])
    assert table.columns.tolist() == [
        *("area_id", "name", "profile", "indicator", "period"),
        *("value", "profile_mean", "municipality_mean"),
    ]
    own = table[(table["area_id"] == "b") & (table["indicator"] == "turnout")]
    np.testing.assert_allclose(own["value"], [-1, 1])
    np.testing.assert_allclose(own["profile_mean"], [-1, (-1 * 100 + 1 * 300) / 400])
    np.testing.assert_allclose(own["municipality_mean"], [0.2, (-100 + 300 + 200 + 2 * 400) / 1000])
    assert table.loc[table["area_id"] == "d", "profile"].unique().tolist() == [2]
    index = table[table["indicator"] == "index"].drop(columns="indicator").reset_index(drop=True)
    same = table[table["indicator"] == "turnout"].drop(columns="indicator").reset_index(drop=True)
    pd.testing.assert_frame_equal(index, same)


def test_trajectories_name_what_is_wrong():
    result = typologies.over_time(_panel(), COLUMNS, **QUICK)
    with pytest.raises(UnknownNameError, match=r"areas without a profile \(X\)"):
        typologies.trajectories(result, ["A01", "X"])
    with pytest.raises(InputError, match="must be a list of codes"):
        typologies.trajectories(result, "A01")
    with pytest.raises(UnknownNameError, match="people"):
        typologies.trajectories(result, ["A01"], weight="people")
    without = typologies.over_time(_panel().assign(population=0.0), COLUMNS, **QUICK)
    with pytest.raises(InputError, match=r"sum to more than 0 in each period \(2020, 2024\)"):
        typologies.trajectories(without, ["A01"])
    with pytest.raises(InputError, match="result of typologies.over_time"):
        typologies.trajectories(_panel(), ["A01"])


@pytest.mark.parametrize(("language", "words"), [("sv", "Profil 1"), ("en", "Profile 1")])
def test_trajectories_are_drawn_with_labels_that_stand_apart(language, words):
    result = typologies.over_time(_panel(last={"A01": 70.0}), COLUMNS, **QUICK)
    table = typologies.trajectories(result, ["A01", "A02"])
    figure = typologies.plot_trajectories(table, language=language, figure=Figure(figsize=(7.5, 4)))
    figure.canvas.draw()
    assert len(figure.axes) == 6
    for ax in figure.axes:
        boxes = [text.get_window_extent() for text in ax.texts]
        assert len(boxes) == 3
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert words in {text.get_text() for text in figure.axes[0].texts}
    drawn = next(line for line in figure.axes[0].lines if line.get_marker() == "o")
    own = table[(table["area_id"] == "A01") & (table["indicator"] == "turnout")]
    np.testing.assert_allclose(drawn.get_xydata(), own[["period", "value"]])
    with pytest.raises(InputError, match="no area to draw"):
        typologies.plot_trajectories(table.iloc[:0])


def test_comparison_by_hand():
    a = pd.Series([1, 1, 1, 2, 2, 2], index=list("uvwxyz"))
    b = pd.Series(["p", "p", "q", "q", "q", "r"], index=list("uvwxyz"))
    result = typologies.compare(a, b)
    assert result.crosstab.to_numpy().tolist() == [[2, 1, 0], [0, 2, 1]]
    # Pairs together in both: 1 + 1; in a: 6; in b: 1 + 3; of 15.
    assert result.adjusted_rand == pytest.approx((2 - 6 * 4 / 15) / (5 - 6 * 4 / 15))
    assert result.spearman is None
    assert result.mapping == {"p": 1, "q": 2, "r": None}
    assert result.agreement == pytest.approx(4 / 6)
    assert result.disagreements["area"].tolist() == ["w", "z"]
    distance = result.disagreements.set_index("area")["distance"]
    assert distance["w"] == pytest.approx(1 - 1 / 5)
    assert distance["z"] == pytest.approx(1 - 1 / 3)
    people = pd.Series([1.0, 1.0, 6.0, 1.0, 1.0, 0.0], index=list("zyxwvu")[::-1])
    weighted = typologies.compare(a, b, weight=people)
    assert weighted.crosstab.to_numpy().sum() == 10
    assert weighted.mapping["q"] == 1


def test_a_typology_agrees_with_itself_under_other_names():
    a = pd.Series([3, 1, 2, 3, 1], index=list("abcde"))
    result = typologies.compare(a, a.map({1: "x", 2: "y", 3: "z"})[::-1])
    assert result.adjusted_rand == 1
    assert result.agreement == 1
    assert result.disagreements.empty
    turned = typologies.compare(a, 4 - a)
    assert (turned.spearman, turned.adjusted_rand, turned.agreement) == pytest.approx((-1, 1, 1))
    same = typologies.compare(a, 4 - a, matching="same")
    assert same.agreement == pytest.approx(1 / 5)
    assert same.disagreements["distance"].is_monotonic_decreasing


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), min_size=2, max_size=40))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_adjusted_rand_equals_scikit_learn(pairs):
    from sklearn.metrics import adjusted_rand_score

    a, b = (pd.Series(side) for side in zip(*pairs, strict=True))
    result = typologies.compare(a, b)
    assert result.adjusted_rand == pytest.approx(adjusted_rand_score(a, b), abs=1e-12)
    assert result.adjusted_rand == pytest.approx(typologies.compare(b, a).adjusted_rand, abs=1e-12)
    assert result.agreement == pytest.approx(1 - len(result.disagreements) / len(a))
    assert result.crosstab.to_numpy().sum() == len(a)


def test_spearman_equals_pandas():
    a, b = pd.Series([1, 1, 2, 3, 3, 5, 4]), pd.Series([2, 1, 2, 2, 3, 3, 3])
    assert typologies.compare(a, b).spearman == pytest.approx(a.rank().corr(b.rank()))
    ordered = b.map({1: "low", 2: "mid", 3: "top"}).astype(
        pd.CategoricalDtype(["low", "mid", "top"], ordered=True)
    )
    assert typologies.compare(a, ordered).spearman == pytest.approx(a.rank().corr(b.rank()))
    assert typologies.compare(a, pd.Series(1, index=a.index)).spearman is None


def test_disagreements_say_which_indicator_speaks_for_which_group():
    a = pd.Series([1, 1, 1, 2, 2, 2])
    b = pd.Series([1, 1, 2, 2, 2, 2])
    data = pd.DataFrame({"low": [-1.0, -1, -1, 1, 1, 1], "high": [-1.0, -1, 1, 1, 1, 1]})
    row = typologies.compare(a, b, data=data).disagreements.iloc[0]
    assert row[["area", "a", "b", "for_a", "for_b"]].tolist() == [2, 1, 2, "low", "high"]


def test_profiles_against_official_area_types():
    panel = areas.load_example("kalmar", "regso")
    official = typologies.official_types(panel)
    assert official.equals(typologies.official_types(panel, period=2023))
    assert sorted(official.unique()) == [1, 2, 3, 4, 5]
    result = typologies.over_time(panel, REGSO, directions={"owned_dwelling_share": 1}, n_starts=50)
    now = panel["period"] == 2023
    code = panel.loc[now, "area_id"]
    own = typologies.compare(
        result.labels[now].set_axis(code), official, data=result.scores[now].set_axis(code), matching="same"
    )
    assert own.spearman > 0.85
    assert len(own.disagreements) == round(17 * (1 - own.agreement))
    assert "0880R012" not in own.disagreements["area"].tolist()
    assert set(own.disagreements["for_a"]) <= {*REGSO, ""}
    with pytest.raises(InputError, match="no official area types in 2020.*2022, 2023"):
        typologies.official_types(panel, period=2020)
    with pytest.raises(UnknownNameError, match="official_area_type"):
        typologies.official_types(areas.load_example("kalmar"))


def test_compare_names_what_is_wrong():
    a = pd.Series([1, 2, 2], index=list("abc"))
    with pytest.raises(InputError, match=r"b: must have the same areas as `a`, each once \(c, d\)"):
        typologies.compare(a, pd.Series([1, 2, 2], index=list("abd")))
    with pytest.raises(InputError, match=r"a: has no group for areas \(a\)"):
        typologies.compare(a.where(a > 1), a)
    with pytest.raises(InputError, match=r"b: has an area more than once \(a\)"):
        typologies.compare(a, pd.Series([1, 2, 2], index=list("aab")))
    with pytest.raises(InputError, match="a: must be a Series indexed by area, is list"):
        typologies.compare([1, 2], a)
    with pytest.raises(InputError, match="weight: must sum to more than 0"):
        typologies.compare(a, a, weight=a * 0)
    with pytest.raises(InputError, match="a: has no areas"):
        typologies.compare(a.iloc[:0], a)
    with pytest.raises(InputError, match="data: must have the same areas"):
        typologies.compare(a, a, data=pd.DataFrame({"x": [1.0]}, index=["a"]))
    with pytest.raises(InputError, match="data: has no indicator"):
        typologies.compare(a, a, data=pd.DataFrame(index=a.index))
    with pytest.raises(InputError, match="matching: is 'order'"):
        typologies.compare(a, a, matching="order")


def _scales():
    fine = pd.DataFrame(
        {
            "area_id": list("abcde"),
            "large": ["L", "L", "L", "M", "M"],
            "population": [100.0, 300.0, 100.0, 250.0, 250.0],
            "turnout": [50.0, 80.0, 90.0, 60.0, 60.0],
            "profile": [1, 2, 2, 1, 1],
            "index": [-2.0, 1.0, 2.0, -1.0, -1.0],
        }
    )
    coarse = pd.DataFrame(
        {"area_id": ["L", "M"], "name": ["Large", "Middle"], "profile": [2, 1], "index": [0.6, -1]}
    )
    return fine, coarse


def test_across_scales_by_hand():
    fine, coarse = _scales()
    result = typologies.across_scales(fine, coarse, link="large")
    assert result.hidden[["area_id", "coarse_name", "coarse_label"]].to_numpy().tolist() == [
        ["a", "Large", 2]
    ]
    assert (result.hidden_population, result.hidden_share) == (100, 10)
    assert result.hidden_share_of_weakest == pytest.approx(100 * 100 / 600)
    large, middle = (result.within.set_index("area_id").loc[code] for code in "LM")
    mean = (-200 + 300 + 200) / 500
    inside = (100 * (-2 - mean) ** 2 + 300 * (1 - mean) ** 2 + 100 * (2 - mean) ** 2) / 500
    assert (large["fine_index"], large["spread"]) == pytest.approx((mean, inside**0.5))
    assert large[["share_1", "share_2", "n_fine", "lowest", "highest"]].tolist() == [20, 80, 3, -2, 2]
    assert (middle["spread"], middle["share_1"]) == (0, 100)
    total = np.average(
        (fine["index"] - np.average(fine["index"], weights=fine["population"])) ** 2,
        weights=fine["population"],
    )
    assert result.within_share == pytest.approx(100 * inside / 2 / total)
    both = typologies.across_scales(fine, coarse, link="large", weakest=2)
    assert both.hidden.empty
    assert both.hidden_share_of_weakest == 0


def test_coarse_areas_that_are_the_fine_ones_hide_nothing():
    fine, _ = _scales()
    fine["large"] = fine["area_id"]
    result = typologies.across_scales(fine, fine, link="large")
    assert result.hidden.empty
    assert result.within_share == 0
    assert (result.within["spread"] == 0).all()
    coarse = typologies.coarsen(fine, ["turnout"], link="large")
    np.testing.assert_allclose(coarse["turnout"], fine["turnout"])


def test_coarsen_weights_by_people_and_says_so():
    fine, _ = _scales()
    coarse = typologies.coarsen(fine, ["turnout"], link="large")
    np.testing.assert_allclose(coarse["turnout"], [(5000 + 24000 + 9000) / 500, 60])
    assert coarse["population"].tolist() == [500, 500]
    assert coarse["turnout_flag"].tolist() == ["computed", "computed"]
    fine.loc[3:, "population"] = 0
    with pytest.raises(InputError, match=r"population: is 0 in coarse areas \(M\)"):
        typologies.coarsen(fine, ["turnout"], link="large")


def test_regso_hides_oxhagen():
    fine, _ = areas.latest(areas.load_example("kalmar"), DESO)
    before = fine.copy()
    model = Profiles(5, columns=DESO).fit(fine[["area_id", *DESO]])
    fine = fine.assign(profile=model.labels_, index=model.index_)
    coarse = typologies.coarsen(fine, DESO, link="regso_id", name="regso_name")
    assert coarse["population"].sum() == fine["population"].sum() == 73055
    # Each figure has one scale, so that the index of the mean is the mean of the index.
    coarse["profile"] = model.predict(coarse)
    coarse["index"] = fine["index"].mul(fine["population"]).groupby(fine["regso_id"]).sum().to_numpy()
    coarse["index"] /= coarse["population"]
    result = typologies.across_scales(fine, coarse, link="regso_id")
    assert set(result.hidden["name"]) == {"Oxhagen", "Funkabo"}
    assert set(result.hidden["coarse_name"]) == {"Djurängen-Funkabo-Oxhagen"}
    assert result.hidden_population == 2253 + 1793
    assert result.hidden_share == pytest.approx(100 * 4046 / 73055)
    np.testing.assert_allclose(result.within["fine_index"], result.within["index"])
    own = result.within.set_index("name").loc["Djurängen-Funkabo-Oxhagen"]
    assert own["lowest"] < -1.4 < own["index"] < own["highest"]
    pd.testing.assert_frame_equal(fine[before.columns], before)


def test_what_is_hidden_depends_on_whose_profiles_the_coarse_areas_have():
    panel = areas.load_example("kalmar")
    people = panel[panel["period"] == 2025].set_index("area_id")["population"]
    fine = panel[panel["period"] == 2024].assign(population=lambda rows: rows["area_id"].map(people))
    model = Profiles(5, columns=DESO).fit(fine)
    fine = fine.assign(profile=model.labels_, index=model.index_)
    coarse = typologies.coarsen(fine, DESO, link="regso_id", name="regso_name").assign(index=0.0)
    shared = typologies.across_scales(fine, coarse.assign(profile=model.predict(coarse)), link="regso_id")
    assert shared.hidden.empty
    own = coarse.assign(profile=Profiles(5, columns=DESO).fit(coarse).labels_)
    hidden = typologies.across_scales(fine, own, link="regso_id").hidden["name"]
    assert set(hidden) == {"Oxhagen", "Funkabo", "Berga Centrum m.fl.", "Västra Smedby", "Påryd"}


def test_across_scales_names_what_is_wrong():
    fine, coarse = _scales()
    with pytest.raises(InputError, match=r"do not go together \(M\)"):
        typologies.across_scales(fine, coarse.iloc[:1], link="large")
    with pytest.raises(InputError, match=r"coarse: has an area more than once \(L\)"):
        typologies.across_scales(fine, coarse.assign(area_id="L"), link="large")
    with pytest.raises(InputError, match="fine: has an area more than once"):
        typologies.across_scales(fine.assign(area_id="a"), coarse, link="large")
    with pytest.raises(InputError, match=r"large: is missing \(a\)"):
        typologies.across_scales(fine.assign(large=fine["large"].where(fine.index > 0)), coarse, link="large")
    with pytest.raises(InputError, match="whole numbers from 1"):
        typologies.across_scales(fine.assign(profile=1.5), coarse, link="large")
    with pytest.raises(InputError, match="population: must sum to more than 0"):
        typologies.across_scales(fine.assign(population=0), coarse, link="large")
    with pytest.raises(InputError, match="fine: has no areas"):
        typologies.across_scales(fine.iloc[:0], coarse, link="large")


def _labels(*values):
    return pd.Series(values, index=[f"a{i}" for i in range(len(values))])


def _bands(ax):
    """Return color, thickness at both ends and whether it is strong, of each band."""
    from matplotlib.colors import to_hex
    from matplotlib.patches import PathPatch

    found = []
    for patch in (p for p in ax.patches if isinstance(p, PathPatch)):
        v = patch.get_path().vertices
        found.append(
            (to_hex(patch.get_facecolor()), v[7, 1] - v[0, 1], v[4, 1] - v[3, 1], patch.get_alpha() > 0.5)
        )
    return sorted(found)


def test_flow_bands_are_as_thick_as_what_they_hold():
    ax = charts.flow(_labels(1, 1, 1, 2), _labels(1, 1, 2, 2), names=("2020", "2023"), ax=Figure().subplots())
    dark, light = palettes.sequential(2)
    assert _bands(ax) == sorted([(dark, 2, 2, False), (dark, 1, 1, True), (light, 1, 1, False)])
    assert [t.get_text() for t in ax.texts] == [
        *("Profil 1: 3", "Profil 2: 1", "Profil 1: 2", "Profil 2: 2", "2020", "2023", "Antal områden"),
    ]
    people = pd.Series([500.0, 1000, 250, 50], index=["a0", "a1", "a2", "a3"])[::-1]
    ax = charts.flow(
        _labels(1, 1, 1, 2), _labels(1, 1, 2, 2), weight=people, language="en", ax=Figure().subplots()
    )
    np.testing.assert_allclose(sorted(b[1] for b in _bands(ax)), [50, 250, 1500])
    assert ax.texts[0].get_text() == "Profile 1: 1,750"


def test_flow_labels_never_overlap():
    figure = Figure(figsize=(5.6, 3.6), layout="constrained")
    first = _labels(*range(1, 10), *[9] * 200)
    ax = charts.flow(first, first[::-1].set_axis(first.index), names=("Då", "Nu"), ax=figure.subplots())
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert len(boxes) == 21
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_flow_names_what_is_wrong():
    a = _labels(1, 2, 2)
    with pytest.raises(InputError, match="must have the same areas"):
        charts.flow(a, a.iloc[:2])
    with pytest.raises(InputError, match="labels_last: has 1 missing values"):
        charts.flow(a, a.where(a.index != "a2"))
    with pytest.raises(InputError, match="labels_last: must be profiles: whole numbers from 1"):
        charts.flow(a, a + 0.5)
    with pytest.raises(InputError, match="labels_last: must be a Series with each area once"):
        charts.flow(a, pd.concat([a, a]))
    with pytest.raises(InputError, match="labels_first: must be a Series"):
        charts.flow([1, 2], [1, 2])
    with pytest.raises(InputError, match="weight: must sum to more than 0"):
        charts.flow(a, a, weight=a * 0)
    with pytest.raises(InputError, match="weight: must have the same areas as `labels_first`"):
        charts.flow(a, a, weight=pd.Series([1.0], index=["x"]))


def test_groups_that_share_no_area_do_not_correspond():
    a = pd.Series([1, 1, 2, 2, 3, 3, 3], index=list("abcdefg"))
    b = pd.Series([1, 1, 1, 1, 2, 2, 3], index=list("abcdefg"))
    assert typologies.compare(a, b).mapping == {1: 1, 2: 3, 3: None}


def test_half_of_a_split_profile_in_a_draw_is_still_that_profile():
    drawn = np.array([0, 0, 1, 1, 1, 2, 2])
    label = np.array([0, 0, 0, 0, 0, 1, 2])
    # Groups 0 and 1 are both of profile 0; profile 2 is left over, and far from both.
    assert _certainty._aligned(drawn, label, 3).tolist()[:5] == [0] * 5


def test_a_mean_of_areas_without_people_is_refused():
    panel = _panel()
    panel.loc[panel["turnout"] < 70, "population"] = 0.0
    result = typologies.over_time(panel, COLUMNS, **QUICK)
    with pytest.raises(InputError, match=r"is 0 in all areas that began in profile 1, .* \(2020, 2024\)"):
        typologies.trajectories(result, ["A01"])
    assert typologies.trajectories(result, ["A01"], weight=None)["profile_mean"].notna().all()
    assert typologies.trajectories(result, ["A12"])["profile_mean"].notna().all()


def test_the_weight_is_no_indicator_of_larger_areas():
    fine, _ = _scales()
    with pytest.raises(InputError, match=r"must not hold the weight, which is summed \(population\)"):
        typologies.coarsen(fine, ["turnout", "population"], link="large")
