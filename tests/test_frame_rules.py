"""Each rule of guessing and asking, on small tables written here."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

import segkit
from segkit.panels.frame import FrameError, UnansweredError, prepare, read
from segkit.panels.frame.numbers import shape
from segkit.panels.frame.raw import text_of

NAMES = ["Berga", "Berga C", "Ängö", "Påryd/Tvärskog", "Malmen S", "Malmen V"]
CODES = ["A001", "A002", "A003", "B101", "B102", "B103"]


def squares(folder, ids=CODES, names=NAMES, crs=3006, name="areas.geojson", **columns):
    shapes = [box(500_000 + 1000 * i, 6_500_000, 501_000 + 1000 * i, 6_501_000) for i in range(len(ids))]
    frame = gpd.GeoDataFrame({"kod": ids, "namn": names, **columns}, geometry=shapes, crs=crs)
    frame.to_file(folder / name)
    return frame


def text(folder, content, name="tal.csv", encoding="utf-8"):
    (folder / name).write_text(content, encoding=encoding)


def workbook(folder, sheets, name="tal.xlsx", merge=(), formats=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
        for block in merge:
            page.merge_cells(block)
        for cell, form in formats:
            page[cell].number_format = form
    book.save(folder / name)


def values(reading, column):
    return reading.panel.set_index(["area_id", "period"])[column]


def musts(folder, **options):
    with pytest.raises(UnansweredError) as stopped:
        read(folder, **options)
    return list(stopped.value.questions["what"]), str(stopped.value)


def said(reading, what):
    found = reading.reading[reading.reading["what"] == what]
    return " ".join(found["effect"])


# Which area


def test_names_match_whole_and_never_by_beginning(tmp_path):
    squares(tmp_path)
    text(
        tmp_path,
        "Område;År;Andel (%)\nberga ;2023;1,5\nPåryd / Tvärskog;2023;2,5\n"
        "Berga centrum;2023;3,5\nÄNGÖ;2023;4,5\n",
    )
    what, message = musts(tmp_path)
    assert what == ["names"]
    assert '"Berga centrum" (rad 4; närmast "Berga C")' in message
    reading = read(tmp_path, settings={"areas.same": {"Berga centrum": "Berga C"}})
    assert values(reading, "andel").dropna().tolist() == [1.5, 3.5, 4.5, 2.5]


def test_sums_are_left_out_and_leftovers_asked(tmp_path):
    squares(tmp_path)
    rows = "".join(f"{n};{i}\n" for i, n in enumerate(NAMES, start=10))
    text(tmp_path, f"Område;Barn 2023\n{rows}Okänd;3\nTotalt;80\nRiket;900\n")
    what, _ = musts(tmp_path)
    assert what == ["leave_out"]
    reading = read(tmp_path, settings={"areas.leave_out": ["Okänd"]})
    assert values(reading, "barn").sum() == sum(range(10, 16))
    assert set(reading.reading.loc[reading.reading["what"] == "total", "text"]) == {"Totalt", "Riket"}


def test_leave_out_star_leaves_out_everything_unknown(tmp_path):
    squares(tmp_path)
    rows = "".join(f"{n};{i}\n" for i, n in enumerate(NAMES, start=10))
    text(tmp_path, f"Område;Barn 2023\n{rows}Smedby;3\n")
    assert values(read(tmp_path, settings={"areas.leave_out": ["*"]}), "barn").sum() == sum(range(10, 16))


def test_lost_zeros_and_codes_with_names(tmp_path):
    ids = ["0101", "0102", "0203"]
    squares(tmp_path, ids=ids, names=NAMES[:3])
    workbook(tmp_path, {"Data": [["Kod", "Barn 2022"], [101, 5], [102, 6], [203, 7]]})
    assert values(read(tmp_path), "barn").tolist() == [5, 6, 7]
    assert "nollor" in said(read(tmp_path), "areas")
    (tmp_path / "tal.xlsx").unlink()
    text(tmp_path, "region;2022\n0101 Berga;5\n0102 Berga C;6\n0203 Ängö;7\n", name="barn.csv")
    assert values(read(tmp_path), "barn").tolist() == [5, 6, 7]


def test_first_word_of_a_name_is_no_code(tmp_path):
    squares(tmp_path, ids=["1", "2", "3"], names=["Norr", "Söder", "Väster"])
    text(tmp_path, "Område;Barn 2022\nNorr;5\nSöder;6\n2 barn;7\n")
    what, message = musts(tmp_path)
    assert what == ["names"]
    assert "2 barn" in message


def test_national_table_keeps_the_known_and_counts_the_others(tmp_path):
    ids = ["0880A0010", "0880A0020"]
    squares(tmp_path, ids=ids, names=NAMES[:2])
    rows = "".join(f"{kommun:04d}A{n:04d};{n}\n" for kommun in (114, 115, 880) for n in (10, 20, 30))
    text(tmp_path, f"region;Barn 2022\n00 Riket;999\n08 Kalmar län;99\n0880 Kalmar;50\n{rows}")
    reading = read(tmp_path)
    assert values(reading, "barn").tolist() == [10, 20]
    assert "7 områden utanför" in said(reading, "other areas")
    assert set(reading.reading.loc[reading.reading["what"] == "total", "text"]) == {
        "00 Riket",
        "08 Kalmar län",
        "0880 Kalmar",
    }


def test_not_one_known_code_must_be_answered(tmp_path):
    squares(tmp_path, ids=["0880A0010", "0880A0020"], names=NAMES[:2])
    text(tmp_path, "region;Barn 2022\n0114A0010;5\n0114A0020;6\n")
    assert musts(tmp_path)[0] == ["areas"]


def test_code_and_name_of_different_areas(tmp_path):
    squares(tmp_path)
    rows = "".join(f"{c};{n};{i}\n" for i, (c, n) in enumerate(zip(CODES, NAMES, strict=True)))
    text(tmp_path, "Kod;Namn;Barn 2022\n" + rows.replace("A002;Berga C", "A002;Ängö"))
    what, message = musts(tmp_path)
    assert what == ["code and name"]
    assert "A002 / Ängö" in message
    reading = read(tmp_path, description={"tables": [{"file": "tal.csv", "area": "Kod"}]})
    assert values(reading, "barn").tolist() == [0, 1, 2, 3, 4, 5]


def test_areas_without_figures_are_named_and_stay(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    reading = read(tmp_path)
    assert len(reading.panel) == 6
    assert reading.panel["barn"].notna().sum() == 2
    assert "4 områden har inga uppgifter" in said(reading, "area without figures")


def test_regso_names_in_brackets(tmp_path):
    squares(tmp_path)
    text(tmp_path, "region;Barn 2022\n" + "".join(f"Kalmar ({n});{i}\n" for i, n in enumerate(NAMES)))
    assert values(read(tmp_path), "barn").tolist() == [0, 1, 2, 3, 4, 5]


# Forms of one table

RATES = {
    (c, y): round(20 + 3.1 * i + 0.7 * (y - 2020), 1) for i, c in enumerate(CODES) for y in (2021, 2022, 2023)
}


def tidy(sep=";", sign=","):
    lines = [sep.join(["Kod", "År", "Andel i arbete (%)"])]
    lines += [sep.join([c, str(y), str(v).replace(".", sign)]) for (c, y), v in RATES.items()]
    return "\n".join(lines) + "\n"


def wide_rows():
    return [["Kod", *(f"Andel i arbete (%) {y}" for y in (2021, 2022, 2023))]] + [
        [c, *(RATES[c, y] for y in (2021, 2022, 2023))] for c in CODES
    ]


def forms(folder):
    yield "tidy", lambda: text(folder, tidy())
    yield "comma", lambda: text(folder, tidy(",", "."))
    yield "tab", lambda: text(folder, tidy("\t", ","))
    yield "utf-16", lambda: text(folder, tidy(), encoding="utf-16")
    yield "cp1252", lambda: text(folder, tidy(), encoding="cp1252")
    yield "wide", lambda: workbook(folder, {"Blad1": wide_rows()})
    yield (
        "text numbers",
        lambda: workbook(
            folder,
            {
                "Blad1": [
                    [str(x).replace(".", ",") if isinstance(x, float) else x for x in row]
                    for row in wide_rows()
                ]
            },
        ),
    )
    title = [["Andel i arbete (%) efter område, kön och år"], [], ["region", "kön", "2021", "2022", "2023"]]
    both = [
        [f"{c} {n}", k, *(RATES[c, y] + d for y in (2021, 2022, 2023))]
        for c, n in zip(CODES, NAMES, strict=True)
        for k, d in (("män", 1), ("kvinnor", -1), ("totalt", 0))
    ]
    yield "pxweb", lambda: workbook(folder, {"Sheet1": [*title, *both, [], ["Källa: X"]]})
    head = [["Kod", "Andel i arbete (%)", None, None], [None, 2021, 2022, 2023]]
    yield "merged", lambda: workbook(folder, {"T": [*head, *wide_rows()[1:]]}, merge=["B1:D1"])
    long = [
        ["Kod", "År", "Indikator", "Värde"],
        *([c, y, "Andel i arbete (%)", v] for (c, y), v in RATES.items()),
    ]
    yield "long", lambda: workbook(folder, {"T": long})
    yield (
        "sheet per indicator",
        lambda: workbook(
            folder,
            {"Andel i arbete (%)": [["Kod", 2021, 2022, 2023], *wide_rows()[1:]], "Läs mig": [["Text"]]},
        ),
    )
    blocks = [
        ["", ""],
        *([c if y == 2021 else None, y, RATES[c, y]] for c in CODES for y in (2021, 2022, 2023)),
    ]
    blocks[0] = ["Kod", "År", "Andel i arbete (%)"]
    yield (
        "multiindex",
        lambda: workbook(
            folder, {"T": blocks}, merge=[f"A{2 + 3 * i}:A{4 + 3 * i}" for i in range(len(CODES))]
        ),
    )
    columns = [
        [None, "Andel i arbete (%)", None, None],
        ["År", 2021, 2022, 2023],
        ["Kod", None, None, None],
        *wide_rows()[1:],
    ]
    yield "multiindex columns", lambda: workbook(folder, {"T": columns}, merge=["B1:D1"])


FORMS = [name for name, _ in forms(None)]


@pytest.mark.parametrize("form", FORMS)
def test_equivalent_forms_give_the_same_panel(form, tmp_path):
    squares(tmp_path)
    dict(forms(tmp_path))[form]()
    reading = read(tmp_path)
    assert reading.catalogue["unit"].tolist() == ["%"]
    assert reading.catalogue["kind"].tolist() == ["share"]
    column = reading.catalogue["indicator"][0]
    assert column == "andel_i_arbete"
    assert values(reading, column).to_dict() == RATES


# Headings and years


def test_year_in_a_heading_goes_before_the_column(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;År;Barn;Röstade 2022\nA001;2023;5;80\nA002;2023;6;81\n")
    reading = read(tmp_path)
    assert values(reading, "rostade").dropna().index.get_level_values("period").tolist() == [2022, 2022]


def test_a_price_year_in_a_heading_is_no_period(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;År;Inkomst i prisnivå 2020\nA001;2022;5\nA001;2023;6\nA002;2022;7\nA002;2023;8\n")
    assert sorted(set(read(tmp_path).panel["period"])) == [2022, 2023]


@pytest.mark.parametrize(
    ("written", "year"), [("2022/23", 2023), ("2019-2023", 2023), ("2019–2023", 2023), ("1999/00", 2000)]
)
def test_spans_count_as_their_last_year(written, year, tmp_path):
    squares(tmp_path)
    text(tmp_path, f"Kod;År;Barn\nA001;{written};5\nA002;{written};6\n")
    reading = read(tmp_path)
    assert set(reading.panel["period"]) == {year}
    assert written in said(reading, "year")


def test_no_year_must_be_answered_and_the_title_may_give_it(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn\nA001;5\nA002;6\n")
    what, message = musts(tmp_path)
    assert what == ["period"]
    assert "--period" in message
    assert set(read(tmp_path, period=2021).panel["period"]) == {2021}
    text(tmp_path, "Tabell 1. Barn den 31 december 2020\n\nKod;Barn\nA001;5\nA002;6\n")
    assert set(read(tmp_path).panel["period"]) == {2020}


def test_two_years_in_a_title_do_not_tell(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Barn 2020 och 2021\n\nKod;Barn\nA001;5\nA002;6\n")
    assert musts(tmp_path)[0] == ["period"]


def test_a_heading_left_empty_above_figures_must_be_answered(tmp_path):
    squares(tmp_path)
    workbook(
        tmp_path,
        {
            "T": [
                ["Kod", "Barn", None, "Äldre"],
                [None, 2021, 2022, 2022],
                ["A001", 1, 2, 3],
                ["A002", 4, 5, 6],
            ]
        },
    )
    what, message = musts(tmp_path)
    assert what == ["empty heading"]
    assert "T!C2" in message
    reading = read(tmp_path, settings={"tables.headings": [1, 2]})
    assert values(reading, "barn").dropna().tolist() == [1, 2, 4, 5]


def test_years_out_of_reason_are_asked(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;År;Barn\nA001;1850;5\nA002;1850;6\n")
    assert "1850" in " ".join(read(tmp_path).questions["question"])


def test_notes_below_and_titles_above_are_told(tmp_path):
    squares(tmp_path)
    text(
        tmp_path,
        "Barn efter område\nKod;2022\nA001;5\nA002;6\n\n"
        '"Källa: Skolverket, uttag 2024. Preliminär."\n2024-05-02\n',
    )
    reading = read(tmp_path)
    assert reading.catalogue["source"].tolist() == ["Skolverket, uttag 2024"]
    assert reading.reading.loc[reading.reading["what"] == "note", "row"].tolist() == [6, 7]


def test_a_sum_above_the_headings_is_no_heading(tmp_path):
    squares(tmp_path)
    workbook(
        tmp_path, {"T": [["Kommunen totalt", 20.1], ["Kod", "Andel 2022"], ["A001", 20.5], ["A002", 21.5]]}
    )
    assert read(tmp_path).catalogue["heading"].tolist() == ["Andel"]


# Numbers


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["84,4", "60", "7,25"], [84.4, 60, 7.25]),
        (["1 549", "885", "1\u00a0034"], [1549, 885, 1034]),
        (["1.234,5", "12,25", "3"], [1234.5, 12.25, 3]),
        (["1'549", "885", "2'034"], [1549, 885, 2034]),
        (["−2,5", "3,1", "-1,5"], [-2.5, 3.1, -1.5]),
        (["12,5 %", "13 %", "7 %"], [12.5, 13, 7]),
        (["1,234,567", "2,000", "31"], [1234567, 2000, 31]),
        (["78,6*", "60,1", "55,2 ¹"], [78.6, 60.1, 55.2]),
        (["$52,960.50", "$1,200.25", "$900.10"], [52960.5, 1200.25, 900.1]),
    ],
)
def test_numbers_as_people_write_them(cells, wanted, tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Mått 2022\n" + "".join(f"{c};{x}\n" for c, x in zip(CODES, cells, strict=False)))
    assert values(read(tmp_path), "matt").dropna().tolist() == wanted


def test_a_sign_before_three_digits_everywhere_must_be_answered(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Mått 2022\nA001;2,596\nA002;1,034\nA003;885\n")
    what, message = musts(tmp_path)
    assert what == ["decimal"]
    assert "kan vara 2,596 eller 2596" in message
    assert values(read(tmp_path, decimal=","), "matt").dropna().tolist() == [2.596, 1.034, 885]
    assert values(read(tmp_path, decimal="."), "matt").dropna().tolist() == [2596, 1034, 885]


def test_quoted_commas_beside_whole_numbers_are_thousands(tmp_path):
    squares(tmp_path)
    text(tmp_path, 'kod,population 2022\nA001,"2,596"\nA002,"1,034"\nA003,885\n')
    reading = read(tmp_path)
    assert values(reading, "population").dropna().tolist() == [2596, 1034, 885]
    assert "2596" in said(reading, "decimal")


@pytest.mark.parametrize("as_text", [True, False])
def test_counts_divided_by_a_thousand_are_never_believed(as_text, tmp_path):
    squares(tmp_path)
    cells = [2.596, 1.034, 410, 885]
    shown = [str(x).replace(".", ",") for x in cells] if as_text else cells
    shares = ["7,25", "8,5", "9,5", "3,5"] if as_text else [7.25, 8.5, 9.5, 3.5]
    workbook(
        tmp_path,
        {
            "T": [
                ["Kod", "Folkmängd 2022", "Andel 2022"],
                *([c, x, s] for c, x, s in zip(CODES, shown, shares, strict=False)),
            ]
        },
    )
    what, message = musts(tmp_path)
    assert what == ["whole"]
    assert "2596" in message


def test_a_cell_that_contradicts_the_decimal_sign(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Mått 2022\nA001;84,5\nA002;84.5\nA003;60,5\n")
    what, _ = musts(tmp_path)
    assert what == ["decimal"]
    what, message = musts(tmp_path, decimal=",")
    assert "B3" in message


def test_excel_per_cent_formats(tmp_path):
    squares(tmp_path)
    workbook(
        tmp_path,
        {"T": [["Kod", "Sysselsatta 2022"], ["A001", 0.846], ["A002", 0.7]]},
        formats=[("B2", "0.0%"), ("B3", "0%")],
    )
    reading = read(tmp_path)
    assert values(reading, "sysselsatta").dropna().tolist() == [84.6, 70]
    assert reading.catalogue["unit"].tolist() == ["%"]


def test_shares_of_one_are_asked_and_multiplied_when_told(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Andel barn 2022\nA001;0,25\nA002;0,5\n")
    reading = read(tmp_path)
    assert values(reading, "andel_barn").dropna().tolist() == [0.25, 0.5]
    assert reading.catalogue["unit"].isna().all()
    assert "andelar av 1" in " ".join(reading.questions["question"])
    reading = read(tmp_path, indicators={"Andel barn": {"multiply": 100, "unit": "%", "kind": "share"}})
    assert values(reading, "andel_barn").dropna().tolist() == [25, 50]


def test_formulas_without_results(tmp_path):
    squares(tmp_path)
    workbook(tmp_path, {"T": [["Kod", "Barn 2022"], ["A001", "=1+1"], ["A002", 5], ["A003", 6]]})
    what, message = musts(tmp_path)
    assert what == ["formula"]
    assert "T!B2" in message
    workbook(tmp_path, {"T": [["Kod", "Barn 2022"], ["A001", "=1+1"], ["A002", "=2+2"]]})
    assert musts(tmp_path)[0] == ["formula"]


@pytest.mark.parametrize("sentinel", [-999, 9999, 99999, -99999])
def test_sentinels_must_be_answered(sentinel, tmp_path):
    squares(tmp_path)
    text(tmp_path, f"Kod;Mått 2022\nA001;55\nA002;60\nA003;{sentinel}\nB101;57\n")
    what, message = musts(tmp_path)
    assert what == ["sentinel"]
    assert str(sentinel) in message
    assert values(read(tmp_path, missing=[sentinel]), "matt").notna().sum() == 3
    assert values(read(tmp_path, missing=[]), "matt").notna().sum() == 4


def test_values_of_the_acs_that_are_no_figures(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod,Income (USD) 2022\nA001,52000\nA002,-666666666\nA003,61000\n")
    reading = read(tmp_path)
    assert values(reading, "income").notna().sum() == 2
    assert reading.panel.set_index("area_id").loc["A002", "income_flag"] == "missing"


def test_negative_money_must_be_answered(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Inkomst (tkr) 2022\nA001;300\nA002;-5\nA003;310\n")
    assert musts(tmp_path)[0] == ["sentinel"]


@pytest.mark.parametrize(
    ("mark", "flag"),
    [
        ("..", "missing"),
        (".", "missing"),
        ("...", "missing"),
        ("[x]", "missing"),
        ("[c]", "suppressed"),
        (":c", "suppressed"),
        (":", "missing"),
        ("X", "suppressed"),
        ("N", "missing"),
        ("(X)", "missing"),
        ("**", "missing"),
        ("n/a", "missing"),
        ("NA", "missing"),
        ("", "missing"),
    ],
)
def test_marks_of_statistical_offices(mark, flag, tmp_path):
    squares(tmp_path)
    text(tmp_path, f"Kod;Mått 2022;Annat 2022\nA001;55;1\nA002;{mark};2\nA003;60;3\n")
    reading = read(tmp_path)
    row = reading.panel.set_index("area_id").loc["A002"]
    assert np.isnan(row["matt"])
    assert row["matt_flag"] == flag


def test_a_note_says_what_a_mark_means(tmp_path):
    squares(tmp_path)
    text(tmp_path, 'Kod;Mått 2022\nA001;55\nA002;..\nA003;60\n\n".. = sekretess, färre än 5 personer"\n')
    assert read(tmp_path).panel.set_index("area_id").loc["A002", "matt_flag"] == "suppressed"


def test_unknown_marks_are_asked_all_at_once(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Mått 2022\nA001;55\nA002;#\nA003;60\nB101;<5\nB102;61\nB103;58\n")
    what, message = musts(tmp_path)
    assert what == ["mark"]
    assert '"#"' in message
    assert '"<5"' in message
    reading = read(tmp_path, settings={"tables.missing": ["#"], "tables.suppressed": ["<5"]})
    flags = reading.panel.set_index("area_id")["matt_flag"]
    assert (flags["A002"], flags["B101"]) == ("missing", "suppressed")


def test_a_dash_is_missing_only_where_zero_is_out_of_the_question(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Mått 2022\nA001;55\nA002;-\nA003;60\nB101;57\n")
    assert values(read(tmp_path), "matt").notna().sum() == 3
    text(tmp_path, "Kod;Brott 2022\nA001;55\nA002;–\nA003;2\nB101;57\n")
    what, message = musts(tmp_path)
    assert what == ["mark"]
    assert "noll eller saknad" in message
    assert values(read(tmp_path, settings={"tables.zero": ["–"]}), "brott").dropna().tolist() == [
        55,
        0,
        2,
        57,
    ]


def test_scales_that_jump_and_shares_over_a_hundred_are_asked(tmp_path):
    squares(tmp_path)
    text(
        tmp_path,
        "Kod;År;Mått;Andel (%)\nA001;2022;55;50\nA002;2022;60;104\nA001;2023;0,55;51\nA002;2023;0,6;60\n",
    )
    asked = set(read(tmp_path).questions["what"])
    assert {"jump", "share"} <= asked


# Columns


def test_a_dimension_without_total_must_be_answered(tmp_path):
    squares(tmp_path)
    text(
        tmp_path,
        "Kod;kön;Barn 2022\n"
        + "".join(f"{c};{k};{i}\n" for i, c in enumerate(CODES) for k in ("män", "kvinnor")),
    )
    what, message = musts(tmp_path)
    assert what == ["category"]
    assert 'take = { "kön" = "män" }' in message
    reading = read(tmp_path, settings={"tables.take": {"kön": "kvinnor"}})
    assert values(reading, "barn").tolist() == [0, 1, 2, 3, 4, 5]


def test_two_dimensions_take_their_totals(tmp_path):
    squares(tmp_path)
    rows = "".join(
        f"{c};{k};{a};{i + 10 * (k == 'totalt') + 100 * (a == 'samtliga åldrar')}\n"
        for i, c in enumerate(CODES)
        for k in ("män", "totalt")
        for a in ("16-64", "samtliga åldrar")
    )
    text(tmp_path, f"region;kön;ålder;2022\n{rows}", name="barn.csv")
    assert values(read(tmp_path), "barn").tolist() == [110, 111, 112, 113, 114, 115]


def test_two_different_values_are_an_error_that_names_both(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA001;6\nA002;7\n")
    with pytest.raises(
        FrameError, match=r"två värden för Barn 2022: 5 \(tal\.csv, B2\) och 6 \(tal\.csv, B3\)"
    ):
        read(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA001;5\nA002;7\n")
    assert "räknas en gång" in said(read(tmp_path), "twice")


def test_equal_headings_in_several_tables_are_one_indicator(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n", name="a.csv")
    text(tmp_path, "Kod;Barn 2023\nA001;7\nA002;8\n", name="b.csv")
    reading = read(tmp_path)
    assert len(reading.catalogue) == 1
    assert values(reading, "barn").dropna().tolist() == [5, 7, 6, 8]


def test_residents_are_the_only_role_by_words(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Antal invånare 2022;Sysselsättningsgrad 2022\nA001;500;80\nA002;600;81\n")
    reading = read(tmp_path)
    catalogue = reading.catalogue.set_index("indicator")
    assert catalogue.loc["population", "kind"] == "count"
    own = catalogue.loc["sysselsattningsgrad"]
    assert own[["unit", "kind"]].isna().all()
    assert own["source"] == "tal.csv"
    assert "SCB" not in catalogue.to_csv()


def test_two_columns_of_residents_must_be_answered(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Folkmängd 2022;Invånare 2022\nA001;500;480\nA002;600;510\n")
    assert musts(tmp_path)[0] == ["population"]
    reading = read(tmp_path, indicators={"Invånare": {"id": "population"}})
    assert values(reading, "population").dropna().tolist() == [480, 510]


def test_columns_without_figures_are_not_counted_as_read(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022;Äldre 2022\nA001;5;\nA002;6;\n")
    reading = read(tmp_path)
    assert reading.catalogue["heading"].tolist() == ["Barn"]
    assert reading.reading.loc[reading.reading["what"] == "column without figures", "text"].tolist() == [
        "Äldre 2022"
    ]


# Boundaries


def test_degrees_are_kept_and_measured_locally(tmp_path):
    squares(tmp_path).to_crs(4326).to_file(tmp_path / "areas.geojson")
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    reading = read(tmp_path)
    assert reading.panel.crs.to_epsg() == 4326
    assert reading.frame.set_index("setting")["value"]["areas.working_crs"] == "EPSG:3006"


def test_swapped_axes_and_systems_that_cannot_be(tmp_path):
    frame = squares(tmp_path).to_crs(4326)
    swapped = frame.set_geometry(
        frame.geometry.map(lambda g: box(g.bounds[1], g.bounds[0], g.bounds[3], g.bounds[2]))
    )
    (tmp_path / "areas.geojson").unlink()
    swapped.to_crs(4326).to_file(tmp_path / "areas.gpkg")
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    swapped = gpd.GeoDataFrame(
        swapped.drop(columns="geometry"),
        geometry=[box(5e6, 5e5 + 1e3 * i, 5.001e6, 5.01e5 + 1e3 * i) for i in range(6)],
        crs=3006,
    )
    swapped.to_file(tmp_path / "areas.gpkg")
    what, message = musts(tmp_path)
    assert what == ["coordinate system"]
    assert "EPSG" in message


def test_boundaries_without_a_system(tmp_path):
    squares(tmp_path, name="areas.shp")
    (tmp_path / "areas.prj").unlink()
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    assert musts(tmp_path)[0] == ["coordinate system"]
    assert read(tmp_path, crs="EPSG:3006").panel.crs.to_epsg() == 3006


def test_overlaps_and_doubles_are_named(tmp_path):
    frame = squares(tmp_path)
    frame.loc[1, "geometry"] = frame.geometry[0]
    frame.loc[3, "geometry"] = frame.geometry[3].buffer(100)
    frame.to_file(tmp_path / "areas.geojson")
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    what, message = musts(tmp_path)
    assert what == ["doubled", "overlap"]
    assert "A001 / A002" in message
    assert "A003 / B101" in message


def test_layers_that_fit_equally_must_be_answered(tmp_path):
    frame = squares(tmp_path)
    (tmp_path / "areas.geojson").unlink()
    frame.to_file(tmp_path / "areas.gpkg", layer="a")
    frame.to_file(tmp_path / "areas.gpkg", layer="b")
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    assert musts(tmp_path)[0] == ["layer"]
    assert len(read(tmp_path, layer="b").panel) == 6


def test_the_layer_that_fits_is_taken_and_told(tmp_path):
    frame = squares(tmp_path)
    (tmp_path / "areas.geojson").unlink()
    frame.to_file(tmp_path / "areas.gpkg", layer="a")
    frame.assign(kod=["X1", "X2", "X3", "X4", "X5", "X6"], namn=list("uvwxyz")).to_file(
        tmp_path / "areas.gpkg", layer="b"
    )
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    reading = read(tmp_path)
    assert "b" in said(reading, "layer not read")


def test_names_of_ones_own(tmp_path):
    squares(tmp_path, names=["Centrum"] * 6)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    assert read(tmp_path).panel["name"][1] in {"Centrum (A002)", "A002"}
    text(tmp_path, "id;namn\nA001;Hamnen\n", name="namn.csv")
    reading = read(tmp_path, names="namn.csv", description={"tables": [{"file": "tal.csv"}]})
    assert reading.panel["name"][0] == "Hamnen"


def test_tables_without_boundaries(tmp_path):
    workbook(
        tmp_path,
        {
            "T": [
                ["Kod", "Namn", 2021, 2022],
                ["N1", "Norr", 1.5, 2.5],
                ["N2", "Söder", 3.5, 4.5],
                ["Totalt", None, 2, 3],
            ]
        },
    )
    reading = read(tmp_path)
    assert "geometry" not in reading.panel
    assert reading.panel["name"].tolist() == ["Norr", "Norr", "Söder", "Söder"]
    assert "kartor utgår" in said(reading, "boundaries")


# Descriptions


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('[survey]\nplce = "X"', r'survey.toml rad 4: okänd nyckel "plce". Menade du "place"\?'),
        (
            "[[indicators]]\nheading = 'Barn'\nkind = 'andel'",
            "rad 5: kind är 'andel', ska vara något av share",
        ),
        (
            "[[indicators]]\nheading = 'Barm'",
            'Rubriken "Barm" i beskrivningen finns inte i någon fil. Närmast: "Barn"',
        ),
        ("[[tables]]\nfile = '../tal.csv'", "utanför mappen"),
        ("[[tables]]\nfile = 'tall.csv'", r"filen tall\.csv finns inte i mappen"),
        ("[[tables]]\nfile = 'tal.csv'\narea = 'Kood'", 'Närmast: "Kod"'),
        ("[areas]\nid = 'kood'", 'Närmast: "kod"'),
        ("[[tables]]\nmissing = ['..']\nzero = ['..']", r'tecknet "\.\." står både vid missing och zero'),
        ("[[indicators]]\nheading = 'Barn'\nid = 'name'", "ett annat namn än area_id"),
        ("[[indicators]]\nheading = 'Barn'\nkind = 'share'", r"utanför 0–100"),
        ("[survey]\nplace = ", "kan inte läsas som toml"),
        ("[survey]\nperiods = [2019]", "inga uppgifter för 2019"),
    ],
)
def test_errors_of_a_description_name_the_line_and_the_fix(line, message, tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;600\n")
    text(tmp_path, f"# en beskrivning\nsegkit = 1\n{line}\n", name="survey.toml")
    with pytest.raises(FrameError, match=message):
        read(tmp_path)


def test_versions(tmp_path):
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    text(tmp_path, "segkit = 2\n", name="survey.toml")
    with pytest.raises(FrameError, match="version 2; programmet kan 1"):
        read(tmp_path)
    text(tmp_path, "[survey]\n", name="survey.toml")
    with pytest.raises(FrameError, match="segkit = 1"):
        read(tmp_path)


def test_precedence_and_origins(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\nKälla: Filen\n")
    text(tmp_path, 'segkit = 1\n[survey]\nplace = "Ort"\nsource = "Kommunen"\n', name="survey.toml")
    reading = read(tmp_path, place="Stad")
    frame = reading.frame.set_index("setting")
    assert frame.loc["survey.place"].tolist() == ["Stad", "command"]
    assert frame.loc["indicators.barn.source"].tolist() == ["Kommunen", "description"]
    assert frame.loc["areas.id", "origin"] == "guess"


def test_likeness_to_an_official_measure_is_asked_and_like_gives_all_but_the_source(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;employment_rate 2022\nA001;80\nA002;81\n")
    reading = read(tmp_path)
    assert "like" in set(reading.questions["what"])
    reading = read(tmp_path, indicators={"employment_rate": {"like": "employment_rate"}})
    row = reading.catalogue.iloc[0]
    assert (row["unit"], row["kind"], row["direction"], row["source"]) == ("%", "share", 1, "tal.csv")


def test_messages_in_english(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn\nA001;5\nA002;6\n")
    assert "must be answered" in musts(tmp_path, language="en")[1]


def test_a_draft_is_never_written_over(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    path = prepare(tmp_path).save()
    before = path.read_text("utf-8")
    with pytest.raises(FrameError, match="skrivs inte över|inte skrivs över"):
        prepare(tmp_path).save()
    assert path.read_text("utf-8") == before
    text(tmp_path, "Kod;Äldre 2022\nA001;5\nA002;6\n", name="nytt.csv")
    prepare(tmp_path).save(add=True)
    assert "nytt.csv" in path.read_text("utf-8")


def test_far_cells_take_no_memory(tmp_path):
    book = openpyxl.Workbook()
    page = book.active
    for row in [["Kod", "Barn 2022"], ["A001", 5], ["A002", 6]]:
        page.append(row)
    page["XFD1048576"] = "x"
    book.save(tmp_path / "tal.xlsx")
    squares(tmp_path)
    assert values(read(tmp_path), "barn").dropna().tolist() == [5, 6]


def test_dates_as_years(tmp_path):
    squares(tmp_path)
    workbook(
        tmp_path,
        {
            "T": [
                ["Kod", "År", "Barn"],
                ["A001", dt.date(2022, 12, 31), 5],
                ["A002", dt.date(2022, 12, 31), 6],
            ]
        },
    )
    assert set(read(tmp_path).panel["period"]) == {2022}


def test_borders_a_metre_apart_are_found_and_told(tmp_path):
    frame = squares(tmp_path)
    frame.assign(geometry=frame.geometry.buffer(-0.4, join_style="mitre")).to_file(tmp_path / "areas.geojson")
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    reading = read(tmp_path)
    assert reading.frame.set_index("setting").loc["areas.snap", "value"] == 1.0
    assert "meter isär" in said(reading, "gap")
    with pytest.raises(FrameError, match="en tiondel"):
        read(tmp_path, settings={"areas.snap": 500})


def test_another_table_below_is_never_read_under_the_first_headings(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\nKod;Äldre 2022\nA001;7\nA002;8\n")
    what, message = musts(tmp_path)
    assert what == ["second table"]
    assert "A4" in message
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\nKod;Barn 2022\nA003;7\nB101;8\n")
    assert values(read(tmp_path), "barn").dropna().tolist() == [5, 6, 7, 8]


def test_a_table_beside_in_another_order_must_be_answered(tmp_path):
    squares(tmp_path)
    rows = "".join(f"{a};{i};{b};{i + 10}\n" for i, (a, b) in enumerate(zip(CODES, CODES[::-1], strict=True)))
    text(tmp_path, "Kod;Barn 2022;Kod 2;Äldre 2022\n" + rows)
    assert musts(tmp_path)[0] == ["code and name"]


def test_an_index_of_pandas_is_no_figure(tmp_path):
    squares(tmp_path)
    text(tmp_path, ",kod,Barn 2022\n0,A001,5\n1,A002,6\n2,A003,7\n")
    assert read(tmp_path).catalogue["heading"].tolist() == ["Barn"]


def test_blocks_that_are_not_merged_must_be_answered(tmp_path):
    squares(tmp_path)
    rows = [
        [f"{c} {n}" if k == "män" else None, k, i]
        for i, (c, n) in enumerate(zip(CODES, NAMES, strict=True))
        for k in ("män", "totalt")
    ]
    workbook(tmp_path, {"Sheet1": [["Barn efter område och kön"], [], [None, None, "2022"], *rows]})
    assert "empty areas" in musts(tmp_path)[0]


def test_names_without_code_beside_codes_are_left_out(tmp_path):
    squares(tmp_path)
    rows = [[c, n, i] for i, (c, n) in enumerate(zip(CODES, NAMES, strict=True))]
    workbook(tmp_path, {"T": [["Kod", "Namn", "Barn 2022"], *rows, [None, "Summa", 15], [None, "Okänt", 3]]})
    reading = read(tmp_path)
    assert reading.panel["barn"].sum() == 15
    left = reading.reading[reading.reading["what"] == "total"]
    assert left[["row", "text"]].values.tolist() == [[8, "Summa"], [9, "Okänt"]]


def test_one_sheet_for_each_year(tmp_path):
    squares(tmp_path)
    workbook(tmp_path, {str(y): [["Kod", "Barn"], ["A001", y - 2000], ["A002", 1]] for y in (2021, 2022)})
    assert values(read(tmp_path), "barn").dropna().tolist() == [21, 22, 1, 1]


def test_dimension_without_heading_is_named_by_its_column(tmp_path):
    squares(tmp_path)
    rows = [[c, k, i] for i, c in enumerate(CODES) for k in ("män", "kvinnor", "totalt")]
    workbook(tmp_path, {"Sheet1": [["Barn efter område"], [], ["region", None, "2022"], *rows]})
    reading = read(tmp_path)
    assert values(reading, "barn").tolist() == [0, 1, 2, 3, 4, 5]
    assert read(tmp_path, settings={"tables.take": {"(B)": "män"}}).panel["barn"].tolist() == [
        0,
        1,
        2,
        3,
        4,
        5,
    ]


def test_a_frame_of_ones_own(tmp_path):
    frame = squares(tmp_path, POP=range(100, 106), CRIM=[0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    reading = read(
        frame,
        place="Boston",
        area_id="kod",
        name="namn",
        period=1970,
        source="Census",
        language="en",
        indicators={
            "POP": {"id": "population", "kind": "count"},
            "CRIM": {"unit": "as published", "kind": "rate"},
        },
    )
    assert reading.panel["population"].tolist() == list(range(100, 106))
    assert reading.panel["name"].tolist() == NAMES
    assert reading.panel.crs.to_epsg() == 3006
    assert set(reading.catalogue["source"]) == {"Census"}
    bare = read(frame, area_id="kod", period=1970, language="en")
    assert set(bare.catalogue["source"]) == {"the data given"}
    assert bare.catalogue[["unit", "direction"]].isna().all().all()
    flat = read(frame.drop(columns="geometry"), area_id="kod", name="namn", period=1970)
    assert flat.panel["crim"].tolist() == reading.panel["crim"].tolist()
    with pytest.raises(FrameError, match="area_id"):
        read(frame, period=1970)
    with pytest.raises(FrameError, match='Menade du "place"'):
        read(frame, area_id="kod", plce="X")


def test_embedded_boundaries_are_suggested_for_their_codes(tmp_path):
    text(tmp_path, "kod;Barn 2024\n0880A0010;5\n0880A0020;6\n")
    questions = read(tmp_path).questions
    assert "segkit:kalmar/deso" in questions["guess"].tolist()


@given(
    value=st.decimals(min_value=-99999, max_value=99999, allow_nan=False, places=2),
    style=st.sampled_from(
        [(",", ""), (",", " "), (",", "."), (".", ""), (".", ","), (".", "'"), (",", "\u00a0")]
    ),
)
def test_any_number_is_read_as_it_was_written(value, style):
    decimal, thousands = style
    written = f"{value:,.2f}".replace(",", "t").replace(".", decimal).replace("t", thousands)
    form = shape(text_of(written))
    assert form.value(decimal) == float(value)
    assert form.evidence == decimal


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading_of_numbers(content):
    form = shape(text_of(content))
    if form is not None:
        assert any(form.value(sign) is not None for sign in (",", "."))


@given(st.integers(min_value=1, max_value=999), st.integers(min_value=0, max_value=999))
def test_three_digits_after_a_sign_are_never_decided_alone(whole, rest):
    form = shape(f"{whole},{rest:03d}")
    assert form.ambiguous
    assert {form.value(","), form.value(".")} == {float(f"{whole}.{rest:03d}"), float(whole * 1000 + rest)}


def test_every_sentence_has_both_languages_with_the_same_facts():
    sentences = json.loads((Path(segkit.__file__).parent / "words" / "frame.json").read_text("utf-8"))
    for key, (swedish, english) in sentences.items():
        facts = [
            sorted(re.findall(r"\{(\w+)[|}]", s.replace("{{", "").replace("}}", "")))
            for s in (swedish, english)
        ]
        assert set(facts[0]) == set(facts[1]), key


def test_every_sentence_is_used_and_every_key_has_one():
    folder = Path(segkit.__file__).parent
    sentences = set(json.loads((folder / "words" / "frame.json").read_text("utf-8")))
    code = " ".join(p.read_text("utf-8") for p in (folder / "panels" / "frame").glob("*.py"))
    used = set(re.findall(r"[\"']([a-z_]+)[\"']", code))
    built = {
        k
        for k in sentences
        if k.startswith(("form.", "number_", "how_", "mark_", "unknown_", "sheet_", "name_item"))
    }
    assert sentences - built <= used
    assert set(re.findall(r'Problem\(\s*"([a-z_]+)"', code)) <= sentences


def test_all_unknown_names_are_listed_at_once(tmp_path):
    squares(tmp_path)
    rows = "".join(f"{n};1\n" for n in [*NAMES[:3], *(f"Kvarter {i}" for i in range(40))])
    text(tmp_path, "Område;Barn 2022\n" + rows)
    message = musts(tmp_path)[1]
    assert all(f'"Kvarter {i}"' in message for i in range(40))


def test_codes_and_years_that_a_program_took_for_numbers(tmp_path):
    squares(tmp_path, ids=["0101", "0102", "0203"], names=NAMES[:3])
    text(tmp_path, "sep=;\nkod;år;Barn\n101.0;2022.0;5\n102.0;2022.0;6\n203.0;2022.0;7\n")
    assert values(read(tmp_path), "barn").tolist() == [5, 6, 7]


def test_dashes_of_a_table_are_one_question(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Rån 2022;Inbrott 2022\nA001;55;-\nA002;-;1\nA003;1;40\nB101;60;25\n")
    what, message = musts(tmp_path)
    assert what == ["mark"]
    assert "2 celler i Rån, Inbrott" in message


def test_a_catalogue_describes_what_has_its_ids(tmp_path):
    from segkit.catalogue import indicators

    squares(tmp_path)
    text(tmp_path, "Kod;turnout 2022;Annat 2022\nA001;80;1\nA002;81;2\n")
    catalogue = read(tmp_path, indicators=indicators.catalogue()).catalogue.set_index("indicator")
    assert catalogue.loc["turnout", ["unit", "kind", "direction"]].tolist() == ["procent", "share", 1]
    assert catalogue.loc["annat", "unit"] is None or catalogue["unit"].isna()["annat"]
    chosen = read(tmp_path, indicators=["Annat"])
    assert chosen.catalogue["heading"].tolist() == ["Annat"]


def test_errors_speak_the_language_of_the_description(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    text(tmp_path, 'segkit = 1\n[survey]\nlanguage = "en"\nplce = "X"\n', name="survey.toml")
    with pytest.raises(FrameError, match="unknown key"):
        read(tmp_path)
    with pytest.raises(FrameError, match="okänd nyckel"):
        read(tmp_path, language="sv")
    with pytest.raises(FrameError, match="sv eller en"):
        read(tmp_path, language="de")


def test_nothing_outside_the_folder_is_read(tmp_path):
    folder, other = tmp_path / "mapp", tmp_path / "annan"
    folder.mkdir()
    other.mkdir()
    squares(folder)
    text(folder, "Kod;Barn 2022\nA001;5\nA002;6\n")
    text(other, "Kod;Hemligt 2022\nA001;5\nA002;6\n", name="hemligt.csv")
    (folder / "lank.csv").symlink_to(other / "hemligt.csv")
    reading = read(folder)
    assert reading.catalogue["heading"].tolist() == ["Barn"]
    assert "länk ut ur mappen" in said(reading, "file not read")
    for path in ("../annan/hemligt.csv", "lank.csv", "/etc/passwd", "https://example.org/a.csv"):
        with pytest.raises(FrameError):
            read(folder, description={"tables": [{"file": path}]})


def test_results_and_forms_are_never_read_as_tables(tmp_path):
    squares(tmp_path)
    text(tmp_path, "Kod;Barn 2022\nA001;5\nA002;6\n")
    workbook(tmp_path, {"T": [["Kod", "Annat 2022"], ["A001", 1], ["A002", 2]]}, name="survey.xlsx")
    assert read(tmp_path).catalogue["heading"].tolist() == ["Barn"]
