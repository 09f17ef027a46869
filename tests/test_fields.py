"""The mapping in five fields: positions by hand, what coincides, what is missing, nothing invented."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from segkit.errors import InputError, UnknownNameError
from segkit.panels.areas import join_indicators, load_example
from segkit.studies import fields
from segkit.studies.survey import load, map_fields

N = 10


def made_up(**columns):
    """Return ten made-up areas in a row."""
    return gpd.GeoDataFrame(
        {
            "area_id": [f"a{i}" for i in range(N)],
            "period": 2024,
            "name": [f"Area {i}" for i in range(N)],
            "population": [100.0 * (i + 1) for i in range(N)],
            **columns,
        },
        geometry=[box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(N)],
        crs=3006,
    )


@pytest.fixture(scope="module")
def motala():
    return map_fields(load("motala").main, language="en")


def test_positions_by_hand():
    found = map_fields(made_up(unemployment_rate=np.arange(10.0), turnout=np.arange(10.0) + 60))
    table = found.positions.set_index(["field", "area_id"])["position"]
    # 0..9: mean 4.5, standard deviation sqrt(55 / 6); more unemployment is weaker, more turnout stronger.
    assert table["unemployment", "a0"] == pytest.approx(4.5 / np.sqrt(55 / 6), rel=1e-12)
    assert table["democracy", "a0"] == pytest.approx(-4.5 / np.sqrt(55 / 6), rel=1e-12)
    weak = found.positions[found.positions["weakest_fifth"]].groupby("field")["area_id"].apply(list)
    assert weak["unemployment"] == ["a8", "a9"]
    assert weak["democracy"] == ["a0", "a1"]
    pair = found.together.iloc[0]
    assert pair["rank_correlation"] == pytest.approx(-1)
    assert pair["n_weakest_in_both"] == 0


def test_one_certain_indicator_has_no_interval_and_several_have():
    panel = made_up(
        unemployment_rate=np.arange(10.0), employment_rate=[80.0, 70, 75, 60, 62, 71, 69, 50, 77, 66]
    )
    one = map_fields(panel.drop(columns="employment_rate")).positions
    np.testing.assert_allclose(one["ci_low"], one["ci_high"], atol=1e-12)
    assert set(one["share_weakest"]) == {0.0, 1.0}
    two = map_fields(panel).positions
    assert (two["ci_low"] <= two["position"]).all()
    assert (two["ci_high"] - two["ci_low"] > 0).sum() >= 9


def test_standard_errors_widen_the_interval():
    values = np.arange(10.0) + 60
    narrow = map_fields(made_up(turnout=values, turnout_se=0.1)).positions
    wide = map_fields(made_up(turnout=values, turnout_se=3.0)).positions
    assert (wide["ci_high"] - wide["ci_low"] > narrow["ci_high"] - narrow["ci_low"]).all()
    # Half the interval is 1.96 standard errors, in standard deviations among areas.
    half = (wide["ci_high"] - wide["ci_low"]).mean() / 2
    assert half == pytest.approx(1.96 * 3 / np.sqrt(55 / 6), rel=0.05)
    assert wide["share_weakest"].between(0.05, 0.95).any()


def test_what_coincides():
    found = map_fields(
        made_up(
            unemployment_rate=[9.0, 8, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7],
            turnout=[60.0, 80, 81, 82, 83, 84, 61, 85, 86, 87],
        )
    )
    assert found.coinciding["area_id"].tolist()[0] == "a0"
    assert found.coinciding["n_fields"].tolist() == [2, 1, 1]
    assert set(found.coinciding["fields"]) == {"unemployment, democracy", "unemployment", "democracy"}


def test_gap_of_fifths_by_hand():
    found = map_fields(made_up(unemployment_rate=np.arange(10.0)))
    row = found.differences.iloc[0]
    # Weakest: 8 and 9 with 900 and 1,000 residents; strongest: 0 and 1 with 100 and 200.
    assert row["weakest_fifth"] == pytest.approx((8 * 900 + 9 * 1000) / 1900)
    assert row["strongest_fifth"] == pytest.approx(200 / 300)
    assert row["gap"] == pytest.approx(200 / 300 - 16_200 / 1900)
    assert row["morans_i"] > 0.5
    assert row["p_together"] < 0.05


def test_a_growing_difference_is_found():
    first = made_up(employment_rate=70 + np.arange(10.0))
    last = made_up(employment_rate=70 + 2 * np.arange(10.0)).assign(period=2026)
    panel = pd.concat([first, last], ignore_index=True)
    row = map_fields(panel).differences.iloc[0]
    assert row["change_period"] == "2024–2026"
    assert row["change_sigma"] == pytest.approx(np.arange(10.0).std())
    assert row["p_change"] < 0.05


def test_motalas_own_survey(motala):
    # It named Charlottenborg, Ekön, Väster and Gamla stan.
    named = motala.coinciding[motala.coinciding["n_fields"] == 3]["name"]
    for name in ("Charlottenborg", "Ekön", "Väster", "Gamla stan"):
        assert named.str.contains(name).any(), name
    assert len(named) == 5


def test_fields_without_figures_get_no_position(motala):
    assert set(motala.positions["field"]) == {"housing", "unemployment", "democracy"}
    assert set(motala.missing["field"]) == set(fields.FIELDS)
    plan = motala.plan.set_index("field")
    assert plan.loc["crime", "figures_show"].startswith("The field has no figures by area.")
    # Adults' education is no school result.
    assert "school" not in set(motala.positions["field"])


def test_the_plan_is_a_frame_and_nothing_is_invented(motala):
    assert motala.plan["field"].tolist() == list(fields.FIELDS)
    for column in ("goal", "measure", "responsible", "resources", "time"):
        assert (motala.plan[column] == "").all()


def test_modelled_figures_are_flagged_and_their_correlation_noted(motala):
    democracy = motala.positions[motala.positions["field"] == "democracy"]
    assert democracy["flag"].str.contains("modelled").sum() > 10
    noted = motala.together.set_index(["field", "other_field"])["note"]
    assert "part of the correlation is therefore built in" in noted["housing", "democracy"]
    assert noted["housing", "unemployment"] == ""
    turnout = motala.differences.set_index("indicator").loc["turnout"]
    assert turnout["change_note"] == "Modelled values are not compared between periods."
    assert np.isnan(turnout["change_sigma"])


def test_same_seed_same_answer(motala):
    again = map_fields(load("motala").main, language="en")
    for name, table in motala.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])


def test_own_figures_fill_a_field(tmp_path):
    panel = load_example("motala")
    path = fields.write_template(panel, tmp_path / "own.xlsx", language="en")
    sheet = pd.read_excel(path, sheet_name="indicators", dtype={"area_id": str})
    assert sheet["area_id"].tolist() == sorted(set(panel["area_id"]))
    sheet["unsafe_share"] = np.arange(24.0)
    joined = join_indicators(
        panel.drop_duplicates("area_id")[["area_id", "name", "geometry"]],
        sheet[["area_id", "period", "unsafe_share"]],
    )
    people = panel.dropna(subset=["population"]).set_index("area_id")["population"]
    found = map_fields(joined.assign(population=joined["area_id"].map(people)), n_draws=99)
    assert found.positions["field"].unique().tolist() == ["crime"]
    assert "unsafe_share" not in set(found.missing["indicator"])


def test_missing_figures_leave_the_area_without_position():
    values = np.arange(10.0)
    values[3] = np.nan
    found = map_fields(made_up(unemployment_rate=values)).positions.set_index("area_id")
    assert np.isnan(found.loc["a3", "position"])
    assert not found.loc["a3", "weakest_fifth"]
    assert np.isnan(found.loc["a3", "share_weakest"])


@given(
    st.lists(st.floats(0, 100), min_size=N, max_size=N, unique=True), st.floats(0.1, 9), st.floats(-50, 50)
)
@settings(max_examples=15, deadline=None)
def test_positions_do_not_depend_on_unit(values, scale, shift):
    values = np.round(values, 3)
    if np.unique(values).size < N:
        return
    one = map_fields(made_up(distance_library=values), n_draws=99).positions["position"]
    other = map_fields(made_up(distance_library=values * scale + 100 + shift), n_draws=99).positions[
        "position"
    ]
    np.testing.assert_allclose(one, other, atol=1e-8)


def test_the_frame_is_whole():
    for language in ("sv", "en"):
        table = fields.frame(language=language)
        assert table["field"].unique().tolist() == list(fields.FIELDS)
        assert (table[["label", "note", "source"]] != "").all(axis=None)
        assert (table["label"] != table["indicator"]).all()
        assert set(table["role"]) == {"position", "context", "own"}
        assert (table.loc[table["role"] != "context", "direction"] != 0).all()


def test_input_is_left_alone():
    panel = load("motala").main
    before = panel.copy()
    map_fields(panel, n_draws=99)
    assert panel.equals(before)


def test_errors():
    panel = made_up(unemployment_rate=np.arange(10.0))
    with pytest.raises(InputError, match="no indicator of any of the five fields"):
        map_fields(made_up(flat_share=np.arange(10.0)))
    with pytest.raises(InputError, match="no indicator of any of the five fields"):
        map_fields(made_up(turnout=np.full(10, 80.0)))
    with pytest.raises(InputError, match="has 4 areas"):
        map_fields(panel.head(4))
    with pytest.raises(UnknownNameError, match="lacks the column"):
        map_fields(panel.drop(columns="population"))
    with pytest.raises(InputError, match="n_draws"):
        map_fields(panel, n_draws=5)
    with pytest.raises(InputError, match="language"):
        map_fields(panel, language="fi")
    with pytest.raises(InputError, match="no coordinate reference system"):
        map_fields(panel.set_crs(None, allow_override=True))
    with pytest.raises(InputError, match="lacks the column name"):
        fields.write_template(panel.drop(columns="name"), "x.xlsx")
