"""Numbers, words and tables for readers."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from survey_factory import bare, own_data, survey

from segkit import tables
from segkit.errors import InputError, UnknownNameError
from segkit.words import text as wording

NARROW = "\u202f"


@pytest.mark.parametrize(
    ("value", "decimals", "language", "sign", "expected"),
    [
        (1234567.891, 1, "sv", False, f"1{NARROW}234{NARROW}567,9"),
        (1234567.891, 1, "en", False, "1,234,567.9"),
        (-0.5, 2, "sv", False, "−0,50"),
        (-0.04, 1, "sv", False, "0,0"),
        (0.0, 1, "sv", True, "0,0"),
        (3.25, 1, "en", True, "+3.3"),
        (-3.25, 1, "en", True, "−3.3"),
        (2.675, 2, "sv", False, "2,68"),
        (None, 1, "sv", False, "–"),
        (np.nan, 1, "en", True, "–"),
        (pd.NA, 1, "en", True, "–"),
        (np.float64(84.82), 1, "sv", False, "84,8"),
        (np.int64(43), 0, "sv", False, "43"),
        (float("inf"), 1, "sv", False, "∞"),
        (1e21, 0, "en", False, "1,000,000,000,000,000,000,000"),
    ],
)
def test_number(value, decimals, language, sign, expected):
    assert tables.format_number(value, decimals, language=language, sign=sign) == expected


@given(st.floats(-1e12, 1e12), st.integers(0, 6), st.booleans())
def test_number_read_back_is_within_half_a_unit(value, decimals, sign):
    text = tables.format_number(value, decimals, sign=sign)
    back = float(text.replace(NARROW, "").replace(",", ".").replace("−", "-"))
    assert abs(back - value) <= 0.5 * 10**-decimals * (1 + 1e-9) + abs(value) * 1e-15
    assert text not in ("−0", "−0,0")


@pytest.mark.parametrize("value", ["abc", object(), [1.0, 2.0]])
def test_number_rejects_what_is_no_number(value):
    with pytest.raises(InputError, match="value"):
        tables.format_number(value)


def test_number_rejects_unknown_language_and_decimals():
    with pytest.raises(InputError, match="language"):
        tables.format_number(1.0, language="no")
    with pytest.raises(InputError, match="decimals"):
        tables.format_number(1.0, -1)


def test_interval_parts_its_ends_by_a_word_when_one_is_negative():
    assert tables.format_interval(0.2, 0.4, 1) == "0,2–0,4"
    assert tables.format_interval(-0.2, 0.4, 1) == "−0,2 till 0,4"
    assert tables.format_interval(-0.4, -0.2, 1, language="en") == "−0.4 to −0.2"
    assert tables.format_interval(np.nan, 0.4, 1) == "–"


def test_p_value():
    assert tables.format_p(0.0009) == "< 0,001"
    assert tables.format_p(0.001) == "0,001"
    assert tables.format_p(None) == "–"


def test_decimals_follow_unit_and_measure():
    assert tables.decimals_for("population") == 0
    assert tables.decimals_for("employment_rate") == 1
    assert tables.decimals_for("low_economic_standard") == 0
    assert tables.decimals_of("information_theory") == 3
    assert tables.decimals_of("esteban_ray", "turnout") is None


@pytest.mark.parametrize("key", ["columns", "measures", "geographies", "verdicts", "flags", "statistics"])
def test_every_word_is_there_in_both_languages(key):
    length = {"columns": 4, "measures": 3, "verdicts": 3, "flags": 3}.get(key, 2)
    for code, entry in wording.words()[key].items():
        assert len(entry) == length, code
        assert all(isinstance(text, str) and text for text in entry[:2]), code


def test_every_measure_of_the_registries_has_a_word():
    from segkit import inequality, polarization, segregation

    names = {n for m in (segregation, inequality, polarization) for n in m.MEASURES}
    assert names <= set(wording.words()["measures"])


def test_present_tidy_table():
    shown = tables.present(survey().changes.drop(columns="sentence"))
    row = shown.iloc[1]
    assert row["Mått"] == "Olikhetsindex (D)"
    assert row["Värde"] == "+0,019"
    assert row["95 % intervall"] == "−0,020 till 0,041"
    assert row["p-värde"] == "0,031"
    assert row["Indikator"] == "Löneinkomst (medel)"
    assert not {"Del", "Grupp"} & set(shown.columns)


def test_present_does_not_change_its_input_and_keeps_the_index():
    table = survey().trends.iloc[5:9]
    before = table.copy(deep=True)
    shown = tables.present(table)
    pd.testing.assert_frame_equal(table, before)
    assert shown.index.equals(table.index)


def test_present_without_labels_keeps_columns_and_codes():
    table = survey().trends.drop(columns="note")
    shown = tables.present(table, labels=False)
    assert list(shown.columns) == list(table.columns)
    assert shown["measure"].tolist() == table["measure"].tolist()
    assert shown["period"].iloc[0] == "2020"


def test_present_unknown_columns_and_types():
    table = pd.DataFrame(
        {
            "my column": [1.5, np.nan],
            "yes": [True, False],
            "mixed": [1, "a"],
            "when": pd.array([1, None], dtype="Int64"),
        }
    )
    shown = tables.present(table, language="en")
    assert shown["my column"].tolist() == ["1.50", "–"]
    assert shown["yes"].tolist() == ["yes", "no"]
    assert shown["mixed"].tolist() == ["1", "a"]
    assert shown["when"].tolist() == ["1", "–"]


def test_present_rejects_two_columns_of_one_heading():
    table = pd.DataFrame({"note": ["a"], "flags": ["b"]})
    with pytest.raises(InputError, match="two columns called 'Anmärkning'"):
        tables.present(table)
    with pytest.raises(InputError, match="DataFrame"):
        tables.present([1])


def test_profile_table():
    shown = tables.profile_table(survey())
    assert shown["Profil"].iloc[0] == "1 – svagast socioekonomiska förutsättningar"
    assert re.fullmatch(r"\d\d,\d", shown["Valdeltagande (procent)"].iloc[0])
    assert "Beskrivning" not in shown


def test_area_table_is_ordered_and_marks_what_is_not_observed():
    full = survey()
    shown = tables.area_table(full)
    ordered = full.areas.loc[shown.index]
    assert ordered["profile"].is_monotonic_increasing
    assert ordered.groupby("profile")["index"].apply(lambda s: s.is_monotonic_increasing).all()
    turnout = shown["Valdeltagande (procent)"]
    observed = ordered["turnout_flag"] == "observed"
    assert turnout[~observed].str.endswith(" ±1,4†ᵖ").all()
    assert not turnout[observed].str.contains("[±†]").any()
    assert tables.flag_marks(full) == {
        "†": "modellerat värde, inte en officiell uppgift",
        "ᵖ": "preliminär uppgift",
    }
    assert (shown["Ekonomisk standard (median) (tkr per konsumtionsenhet)"] == "–").sum() == 1


def test_unknown_flags_have_a_mark_of_their_own():
    full = survey()
    full.areas.loc[full.areas.index[0], "turnout_flag"] = "guessed"
    assert "*" in tables.flag_marks(full, language="en")
    assert tables.area_table(full, language="en")["Turnout (per cent)"].loc[full.areas.index[0]].endswith("*")


def test_claims_table_says_the_outcome_in_words_and_symbols():
    shown = tables.claims_table(survey())
    assert [text[0] for text in shown["Utfall"]] == ["○", "●", "◇"]
    assert shown["Utfall"].iloc[1][2:] == "Stöds av underlaget"
    assert shown["Värde (95 % intervall)"].tolist()[:2] == ["0,003 (−0,002 till 0,008)", "62,5"]


def test_trend_table_is_wide_with_intervals():
    shown = tables.trend_table(survey(), geography="regso", indicator="foreign_born_share")
    assert shown["Mått"].tolist() == [
        "Standardavvikelse mellan områden",
        "Olikhetsindex (D)",
        "Informationsindex (H)",
    ]
    assert shown.loc[1, "2020"] == "0,312 (0,250–0,359)"
    assert list(shown.columns) == ["Mått", "2020", "2021", "2022", "2023"]
    every = tables.trend_table(survey())
    assert len(every) == 9
    assert every.loc[every["Indelning"] == "Valdistrikt", "2021"].tolist() == ["–", "–"]


def test_trend_table_keeps_groups_that_tell_rows_apart():
    full = survey()
    rows = full.trends[full.trends["measure"] == "dissimilarity"].query("geography == 'regso'")
    both = pd.concat([rows.assign(group="women"), rows.assign(group="men")])
    shown = tables.trend_table(replace(full, trends=both), geography="regso", indicator="foreign_born_share")
    assert shown["Grupp"].tolist() == ["women", "men"]


def test_tables_of_surveys_with_little_in_them():
    assert tables.trend_table(bare()).empty
    assert tables.claims_table(bare()).empty
    assert tables.flag_marks(own_data()) == {}
    shown = tables.area_table(own_data())
    assert "Population" not in shown
    with pytest.raises(UnknownNameError, match="trends"):
        tables.trend_rows(pd.DataFrame({"measure": ["a"]}))
