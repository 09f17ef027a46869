"""The follow-up of key figures: every row of the appendix, changes and differences worked by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import areas, followup
from segkit.errors import InputError, UnknownNameError

CAPTURES = Path(__file__).parents[2] / "shared" / "captures" / "kolada"

#: Made-up figures of a municipality, the country and three peers.
MADE_UP = pd.DataFrame(
    [
        ("crowding_norm_2", place, sex, year, value, "", "made up")
        for place, sex, year, value in [
            ("0880", "T", 2020, 12.0),
            ("0880", "T", 2022, 11.0),
            ("0880", "T", 2023, 10.5),
            ("0880", "K", 2023, 10.0),
            ("0880", "M", 2023, 11.2),
            ("00", "T", 2023, 13.0),
            ("00", "T", 2022, 99.0),
            ("0780", "T", 2023, 9.0),
            ("1080", "T", 2023, 14.0),
            ("1290", "T", 2022, 1.0),
        ]
    ],
    columns=["key_figure", "municipality", "sex", "period", "value", "flag", "source"],
)


def row(table, key, sex="T"):
    return table.set_index(["key_figure", "sex"]).loc[(key, sex)]


def test_by_hand():
    table = followup.table("0880", ["0780", "1080", "1290"], figures=MADE_UP)
    total = row(table, "crowding_norm_2")
    assert total[["period", "value", "previous_period", "previous"]].tolist() == [2023, 10.5, 2020, 12.0]
    assert total["change"] == -1.5
    assert total["change_judged"] == "better"
    assert total[["sweden", "difference_sweden", "sweden_judged"]].tolist() == [13.0, -2.5, "better"]
    # Only peers of the same year count: the median of 9 and 14.
    assert total[["peers_median", "n_peers", "difference_peers"]].tolist() == [11.5, 2, -1.0]
    assert total["gap"] == pytest.approx(-1.2, abs=1e-12)
    assert total["source"] == "made up"
    women = row(table, "crowding_norm_2", "K")
    assert np.isnan(women["change"])
    assert women["change_judged"] == ""
    assert women["n_peers"] == 0


def test_since_a_year_ago():
    table = followup.table("0880", [], figures=MADE_UP, since=1)
    assert row(table, "crowding_norm_2")[["previous_period", "change"]].tolist() == [2022, -0.5]


def test_two_years_by_choice():
    table = followup.table("0880", [], [2022, 2020], figures=MADE_UP, language="en")
    total = row(table, "crowding_norm_2")
    assert total[["period", "previous_period", "change", "sweden"]].tolist() == [2022, 2020, -1.0, 99.0]
    assert row(table, "crowding_norm_2", "K")["reason"] == "There is no value for 2022."


def test_judged_by_the_catalogue_alone():
    catalogue = followup.key_figures()
    ids = catalogue.index[catalogue["source"] == "Kolada"]
    rows = [
        (key, place, "T", year, value, "", "made up")
        for key in ids
        for place, year, value in [("0880", 2022, 3.0), ("0880", 2024, 4.0), ("00", 2024, 5.0)]
    ]
    table = followup.table("0880", [], figures=pd.DataFrame(rows, columns=MADE_UP.columns))
    table = table[table["value"].notna()].set_index("key_figure")
    assert list(table.index) == list(catalogue.loc[table.index].index)
    for key, about in catalogue.loc[ids].iterrows():
        wanted = {1: ("better", "worse"), -1: ("worse", "better"), 0: ("", "")}[about["direction"]]
        if about["sample"] and about["direction"]:
            wanted = ("sample", "sample")
        assert table.loc[key, ["change_judged", "sweden_judged"]].tolist() == list(wanted), key


def test_every_key_figure_stays_with_a_value_or_a_reason():
    for language in ("sv", "en"):
        table = followup.table(language=language)
        assert set(table["key_figure"]) == set(followup.key_figures().index)
        assert (table["value"].notna() ^ (table["reason"] != "")).all()
        assert not table["reason"].str.contains("{", regex=False).any()


def test_by_sex_wherever_the_source_is():
    table = followup.table()
    catalogue = followup.key_figures()
    n = table.groupby("key_figure")["sex"].apply(list)
    for key, sexes in n.items():
        assert sexes == (["T", "K", "M"] if catalogue.loc[key, "by_sex"] else ["T"])


def test_offline_for_kalmar():
    table = followup.table("0880")
    filled = table[table["value"].notna()].set_index("key_figure")
    assert sorted(filled.index) == ["foreign_born_all", "rental_share", "turnout_municipal"]
    assert filled.loc["turnout_municipal", "source"].startswith("Valmyndigheten")
    assert filled.loc["foreign_born_all", "source"].startswith("SCB")
    reference = areas.load_reference()
    own = reference[
        (reference["municipality_code"] == "0880") & (reference["indicator"] == "turnout_municipal")
    ]
    change = own.set_index("period")["value"].astype(float)
    assert filled.loc["turnout_municipal", "change"] == pytest.approx(change["2022"] - change["2018"])
    assert (
        row(table, "turnout_municipal", "K")["reason"]
        == "De inbäddade uppgifterna är inte uppdelade på kön; hämtas från Kolada (N05401)."
    )


def test_the_catalogue_is_whole():
    catalogue = followup.key_figures()
    assert catalogue.index.is_unique
    # Thirty-five rows of the appendix.
    assert catalogue["row"].nunique() == 35
    assert set(catalogue["nearness"]) == {"exact", "nearest", "none"}
    assert set(catalogue["group"]) == {"background", "work", "education", "health", "housing", "cohesion"}
    for column in ("label_sv", "label_en", "definition_sv", "definition_en", "source"):
        assert (catalogue[column] != "").all()
    assert (catalogue.loc[catalogue["source"] == "Kolada", "source_id"].str.fullmatch(r"[NU]\d{5}")).all()
    assert (catalogue.loc[catalogue["nearness"] != "exact", "note_sv"] != "").all()
    assert ((catalogue["note_sv"] == "") == (catalogue["note_en"] == "")).all()
    assert catalogue["direction"].isin([-1, 0, 1]).all()


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captured list of key figures is not beside the clone")
def test_every_id_of_kolada_exists_there_and_is_divided_by_sex_as_said():
    known = pd.read_csv(CAPTURES / "kpi_catalogue_2026-04.csv", dtype=str).set_index("id")
    catalogue = followup.key_figures()
    kolada = catalogue[catalogue["source"] == "Kolada"]
    assert set(kolada["source_id"]) <= set(known.index)
    by_sex = known.loc[kolada["source_id"], "is_divided_by_gender"] == "True"
    assert by_sex.tolist() == kolada["by_sex"].tolist()
    assert known.loc["N07907", "title"] == "Trångboddhet i flerbostadshus, enligt norm 2, andel (%)"


def test_the_catalogue_can_not_be_changed_from_outside():
    mine = followup.key_figures()
    mine["direction"] = 9
    assert followup.key_figures()["direction"].max() == 1


def test_areas_that_deviate_most_in_kalmar():
    table = followup.segregated_areas(areas.load_example("kalmar"), n=3)
    above = table[table["side"] == "above"]
    assert above["name"].tolist() == ["Norrliden Ö", "Norrliden V", "Oxhagen"]
    assert (table["ci_low"] < table["deviation"]).all()
    assert (table["deviation"] < table["ci_high"]).all()
    assert (table.loc[table["side"] == "below", "deviation"] < 0).all()


def test_wilson_by_hand():
    # 5 of 10: middle 0.5, half 1.95996 sqrt(.025 + .0096036) / (1 + .384146) = .263404.
    table = pd.DataFrame(
        {
            "area_id": ["a", "b"],
            "period": 2025,
            "population": [10.0, 90.0],
            "foreign_born_share": [50.0, 10.0],
        }
    )
    found = followup.segregated_areas(table)
    assert found["average"].tolist() == [14.0, 14.0]
    assert found.loc[0, "ci_low"] == pytest.approx(100 * (0.5 - 0.263404) - 14, abs=1e-3)
    assert found.loc[0, "ci_high"] == pytest.approx(100 * (0.5 + 0.263404) - 14, abs=1e-3)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 3000)), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_deviations_weighted_by_people_cancel(rows):
    table = pd.DataFrame(
        {
            "area_id": [f"a{i}" for i in range(len(rows))],
            "period": 2025,
            "population": [float(n) for _, n in rows],
            "foreign_born_share": [share for share, _ in rows],
        }
    )
    found = followup.segregated_areas(table, n=len(rows))
    assert abs((found["deviation"] * found["population"]).sum()) < 1e-6 * table["population"].sum()
    assert (found["ci_low"] <= found["deviation"] + 1e-9).all()


def test_errors():
    with pytest.raises(UnknownNameError, match="municipality: '9999' has no key figure"):
        followup.table("9999")
    with pytest.raises(UnknownNameError, match=r"peers: have no key figure \(0001\)"):
        followup.table("0880", ["0780", "0001"])
    with pytest.raises(InputError, match="peers: holds the municipality itself"):
        followup.table("0880", ["0880"])
    with pytest.raises(InputError, match="periods: must be two different years"):
        followup.table("0880", periods=[2022])
    with pytest.raises(InputError, match="language"):
        followup.table(language="fi")
    for column, value, match in [
        ("key_figure", "nothing", "has key figures that the catalogue does not know"),
        ("sex", "X", "has a sex other than"),
        ("period", 2020.5, "no whole years"),
        ("value", "much", "has text where a number belongs"),
    ]:
        with pytest.raises(InputError, match=match):
            followup.table("0880", [], figures=MADE_UP.assign(**{column: value}))
    with pytest.raises(InputError, match="has a figure more than once"):
        followup.table("0880", [], figures=pd.concat([MADE_UP, MADE_UP]))
    with pytest.raises(UnknownNameError, match="figures: lacks the column"):
        followup.table("0880", figures=MADE_UP.drop(columns="sex"))
    with pytest.raises(UnknownNameError, match="panel: lacks the column"):
        followup.segregated_areas(areas.load_example("kalmar").drop(columns="foreign_background_share"))
    kalmar = areas.load_example("kalmar")
    with pytest.raises(InputError, match="over 100"):
        followup.segregated_areas(kalmar.assign(foreign_background_share=101.0))
