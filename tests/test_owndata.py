"""Own tables as municipalities have them: read right, or refused with sheet, row and column."""

import datetime as dt
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import areas, owndata
from segkit.errors import FileError, InputError, UnknownNameError
from segkit.panels.owndata import headings, numbers, sheets

CODES = ["0880C1010", "0880C1020", "0880C1030"]


@pytest.fixture
def excel(tmp_path):
    def write(rows, *, title="Blad1", merge=(), change=None, name="own.xlsx", more=None):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = title
        for row in rows:
            sheet.append(row)
        for span in merge:
            sheet.merge_cells(span)
        for other, cells in (more or {}).items():
            page = book.create_sheet(other)
            for row in cells:
                page.append(row)
        if change:
            change(book)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def text(tmp_path):
    def write(content, encoding="utf-8", name="own.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        return path

    return write


def wide(found):
    return found.table.set_index(["area_id", "period"])


# Twelve ugly files that are read right.


def test_01_titles_totals_notes_and_swedish_numbers(text):
    path = text(
        "Arbetsmarknad i Kalmar kommun;;\n"
        "Uppgifterna avser 2024;;\n"
        ";;\n"
        "DeSO;Områdesnamn;Sysselsättningsgrad;Folkmängd\n"
        "0880C1010;Centrum;78,5;1 700\n"
        "0880C1020;Malmen;81;2\u00a0100\n"
        "0880C1030;Norr;..;900\n"
        "Totalt;;79,1;4 700\n"
        ";;;\n"
        "Källa: SCB, uttag 2025-03-01;;;\n"
        "* Preliminära uppgifter;;;\n",
        encoding="cp1252",
    )
    found = owndata.read(path)
    assert found.table["area_id"].tolist() == CODES
    assert found.table["period"].tolist() == [2024] * 3
    assert found.table["employment_rate"].tolist()[:2] == [78.5, 81.0]
    assert np.isnan(found.table["employment_rate"][2])
    assert found.table["population"].tolist() == [1700, 2100, 900]
    told = found.understood
    assert told.period == "title"
    assert told.heading_rows == (4,)
    assert [(place, why) for place, _, why in told.left_out] == [
        ("own.csv, line 8, column 1", "sum"),
        ("own.csv, line 10, column 1", "note"),
        ("own.csv, line 11, column 1", "note"),
    ]
    columns = {c.indicator or c.heading: dict(c.how) for c in told.columns}
    assert columns["employment_rate"] == {"decimal_comma": 1, "mark ..": 1}
    assert columns["population"] == {"spaces": 2}
    assert columns["Områdesnamn"] == {"text": 1}


def test_02_merged_headings_of_year_over_sex(excel):
    path = excel(
        [
            ["Befolkning efter kön"],
            [],
            ["Område", "2023", None, "2024", None],
            [None, "Män", "Kvinnor", "Män", "Kvinnor"],
            [CODES[0], 850, 800, 860, 810],
            [CODES[1], 900, 950, 910, 960],
            ["Kalmar kommun", 1750, 1750, 1770, 1770],
        ],
        merge=["A1:E1", "A3:A4", "B3:C3", "D3:E3"],
    )
    found = owndata.read(path, names={"Män": "men", "kvinnor": "women"})
    assert found.understood.period == "headings"
    assert found.understood.heading_rows == (3, 4)
    rows = wide(found)
    assert rows.loc[(CODES[0], 2023)].to_dict() == {"men": 850, "women": 800}
    assert rows.loc[(CODES[1], 2024)].to_dict() == {"men": 910, "women": 960}
    assert found.understood.left_out == (("Blad1!A7", "Kalmar kommun", "sum"),)


def test_03_codes_as_numbers_and_numbers_as_text(excel):
    rows = [["Kod", "Period", "Andel"], [8801010, 2024, "12,5"], [8801020.0, 2024, "7 %"], [8801030, 2024, 9]]
    known = pd.DataFrame({"area_id": ["08801010", "08801020", "08801030"]})
    found = owndata.read(excel(rows), areas=known)
    assert found.table["area_id"].tolist() == known["area_id"].tolist()
    assert found.table["Andel"].tolist() == [12.5, 7.0, 9.0]
    assert found.understood.areas == {"zeros": 3}
    assert found.understood.columns[1].how == {"decimal_comma": 1, "percent_sign": 1, "stored_as_text": 2}


def test_04_wide_years_semicolons_and_a_byte_order_mark(text):
    path = text("RegSO;2021;2022;2023\n880R001;1;2;3\n880R002;4;;..\n", encoding="utf-8-sig")
    found = owndata.read(path, indicator="dwellings")
    rows = wide(found)["dwellings"]
    assert rows["0880R001"].tolist() == [1, 2, 3]
    assert rows["0880R002"].isna().tolist() == [False, True, True]


def test_05_codes_with_suffix_and_names_in_one_cell(text):
    path = text("region\ttid\tvärde 20-64\n0880C1010_DeSO2025\t2024\t5\n0880C1020 Malmen\t2024\t6\n")
    found = owndata.read(path)
    assert found.table["area_id"].tolist() == CODES[:2]
    assert found.understood.areas == {"suffix": 1, "code_and_name": 1}
    assert found.table["värde 20-64"].tolist() == [5, 6]


def test_06_a_long_table(text):
    path = text(
        "område;nyckeltal;år;värde\n"
        "0880C1010;Folkmängd;2023;1 700\n"
        "0880C1010;Sysselsättningsgrad;2023;78,5\n"
        "0880C1020;Folkmängd;2023;900\n"
    )
    found = owndata.read(path)
    assert wide(found).loc[(CODES[0], 2023)].to_dict() == {"population": 1700, "employment_rate": 78.5}
    assert np.isnan(wide(found).loc[(CODES[1], 2023), "employment_rate"])


def test_07_suppressed_and_missing_stay_apart(excel):
    path = excel(
        [["DeSO", "År", "Bistånd"], [CODES[0], 2024, "x"], [CODES[1], 2024, ".."], [CODES[2], 2024, 3]]
    )
    found = owndata.read(path)
    assert found.table["Bistånd"].isna().tolist() == [True, True, False]
    assert found.table["Bistånd_flag"].tolist() == ["suppressed", "", ""]
    assert found.understood.columns[1].how == {"withheld x": 1, "mark ..": 1}


def test_08_per_cent_formats_of_excel(excel):
    def percent(book):
        for row in (2, 3):
            book.active.cell(row, 3).number_format = "0.0%"

    path = excel([["DeSO", "År", "Andel"], [CODES[0], 2024, 0.452], [CODES[1], 2024, 0.07]], change=percent)
    found = owndata.read(path)
    assert found.table["Andel"].tolist() == [45.2, 7.0]
    assert found.understood.columns[1].how == {"percent_format": 2}


def test_09_several_sheets_hidden_ones_and_hidden_rows(excel):
    def hide(book):
        book["Gammalt"].sheet_state = "hidden"
        book["Data 2024"].row_dimensions[3].hidden = True
        book["Data 2024"].column_dimensions["C"].hidden = True

    rows = [["Deso", "Folkmängd", "Intern"], [CODES[0], 10, 1], [CODES[1], 20, 2]]
    more = {"Läs mig": [["Kontakta statistikenheten"], ["Tfn", 123]], "Gammalt": rows}
    path = excel(rows, title="Data 2024", more=more, change=hide)
    found = owndata.read(path)
    assert found.understood.sheet == "Data 2024"
    assert found.table["period"].tolist() == [2024, 2024]
    assert found.understood.areas == {"hidden_rows": 1}
    assert found.understood.other_sheets == ("Läs mig", "Gammalt")
    assert found.table["Intern"].tolist() == [1, 2]
    less = owndata.read(path, hidden="leave out")
    assert less.table.columns.tolist() == ["area_id", "period", "population"]
    assert less.table["area_id"].tolist() == CODES[:1]
    assert less.understood.areas == {}
    assert less.understood.left_out == (("Data 2024!A3", CODES[1], "hidden"),)
    assert owndata.read(path, sheet="Gammalt", period=2020).table["population"].tolist() == [10, 20]


def test_10_headings_of_a_group_that_are_not_merged(text):
    path = text(
        "Kod;Namn;Sysselsättningsgrad;;Arbetslöshet;\n"
        ";;2022;2023;2022;2023\n"
        "0880C1010;Centrum;70;71;5;6\n"
        "0880C1020;Malmen;72;73;7;8\n"
    )
    rows = wide(owndata.read(path))
    assert rows.loc[(CODES[1], 2023)].to_dict() == {"employment_rate": 73, "unemployment_rate": 8}


def test_11_own_areas_by_name_with_group_headings_and_merged_codes(excel):
    known = pd.DataFrame({"area_id": ["N1", "N2"], "name": ["Norra staden", "Södra staden"]})
    path = excel(
        [
            ["Stadsdel", "År", "Trygghet"],
            ["Stadsdelar i norr"],
            ["Norra staden", 2022, 60],
            [None, 2023, 62],
            ["SÖDRA STADEN", 2022, 70],
            ["Samtliga", 2022, 65],
        ],
        merge=["A3:A4"],
    )
    with pytest.raises(InputError, match=r"Blad1!A2 holds 'Stadsdelar i norr', which is no code or name"):
        owndata.read(path, areas=known)
    found = owndata.read(path, areas=known, leave_out=["Stadsdelar i norr"])
    assert wide(found)["Trygghet"].to_dict() == {("N1", 2022): 60, ("N2", 2022): 70, ("N1", 2023): 62}
    assert found.understood.areas == {"name": 3}


def test_12_nyko_codes_that_nothing_else_tells(text):
    path = text("Statistik 2023\nNYKO;Antal\n1101;5\n1102;6\nSumma;11\n")
    found = owndata.read(path)
    assert found.table["area_id"].tolist() == ["1101", "1102"]
    assert found.understood.left_out == (("own.csv, line 5, column 1", "Summa", "sum"),)


def test_formulas_with_stored_values_are_read(excel, tmp_path):
    import xlsxwriter

    path = tmp_path / "formula.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["DeSO", "År", "Antal"])
        sheet.write_row(1, 0, [CODES[0], 2024])
        sheet.write_formula(1, 2, "=1+2", None, 3)
    assert owndata.read(path).table["Antal"].tolist() == [3]


# What is not understood is refused, with the cell.

HEAD = ["DeSO", "År", "Antal"]
REFUSED = {
    "text among numbers": (
        [HEAD, [CODES[0], 2024, 5], [CODES[1], 2024, "ca 7"]],
        {},
        r"Blad1!C3 holds 'ca 7'",
    ),
    "dash": ([HEAD, [CODES[0], 2024, "-"]], {}, r"Blad1!C2 holds a dash.*dash='zero' or dash='missing'"),
    "date for a number": (
        [HEAD, [CODES[0], 2024, dt.date(2024, 3, 1)]],
        {},
        r"Blad1!C2 holds a date.*Excel has made",
    ),
    "date for a code": (
        [HEAD, [CODES[0], 2024, 5], [dt.date(2024, 1, 2), 2024, 6]],
        {},
        r"Blad1!A3 holds .*where the code of an area belongs.*Excel has made a date",
    ),
    "unknown area": (
        [HEAD, [CODES[0], 2024, 5], ["Okänt", 2024, 6]],
        {},
        r"Blad1!A3 holds 'Okänt'.*leave_out=",
    ),
    "no area": (
        [HEAD, [CODES[0], 2024, 5], [None, 2024, 6]],
        {},
        r"Blad1!A3 is empty, but the row has figures",
    ),
    "error of a formula": (
        [HEAD, [CODES[0], 2024, "#DIV/0!"]],
        {},
        r"Blad1!C2 holds '#DIV/0!'.*error of a formula",
    ),
    "formula not stored": (
        [HEAD, [CODES[0], 2024, "=1+2"]],
        {},
        r"Blad1!C2 holds a formula whose result is not stored",
    ),
    "truth": ([HEAD, [CODES[0], 2024, True]], {}, r"Blad1!C2 holds True"),
    "same heading": ([[*HEAD, "Antal"], [CODES[0], 2024, 5, 6]], {}, r"Blad1!C2 and Blad1!D2 are both Antal"),
    "same area": (
        [HEAD, [CODES[0], 2024, 5], [CODES[0], 2024, 6]],
        {},
        r"Blad1!C2 and Blad1!C3 are both Antal",
    ),
    "no heading": (
        [[*HEAD, None], [CODES[0], 2024, 5, 6]],
        {},
        r"Blad1!D2 has a figure, but its column has no heading",
    ),
    "no headings": ([[CODES[0], 2024, 5]], {}, r"Blad1!A1 is an area with no headings above it"),
    "no year": (
        [["DeSO", "Antal"], [CODES[0], 5]],
        {},
        r"Blad1 does not tell which year.*there is none.*period=2024",
    ),
    "two years": (
        [["Data 2019 och 2020"], ["DeSO", "Antal"], [CODES[0], 5]],
        {},
        r"the title names several \(2019, 2020\)",
    ),
    "bad year": ([HEAD, [CODES[0], "våren", 5]], {}, r"Blad1!B2 holds 'våren' where a year belongs"),
    "years only": ([["DeSO", 2023], [CODES[0], 5]], {}, r"Blad1!B1 is a year.*indicator='population'"),
    "some years": (
        [["DeSO", "A 2023", "B"], [CODES[0], 5, 6]],
        {},
        r"Blad1!C1 has no year, but other headings have",
    ),
    "date as heading": (
        [["DeSO", dt.date(2023, 5, 1)], [CODES[0], 5]],
        {},
        r"Blad1!B1 has the date 2023-05-01",
    ),
    "thousands or decimals": (
        [HEAD, [CODES[0], 2024, "1.234"], [CODES[1], 2024, "2.345"]],
        {},
        r"Blad1!C2 holds '1.234', and the column does not tell",
    ),
    "no areas at all": (
        [["Namn", "Antal"], ["Kalle", 5]],
        {},
        r"Blad1 has no column with codes of areas.*area_id=",
    ),
    "no figures": (
        [["DeSO", "Namn"], [CODES[0], "Centrum"]],
        {},
        r"Blad1 has areas but no column of figures",
    ),
    "mixed per cent": (None, {}, r"Blad1!C3 has no per cent format where other cells"),
    "infinite": ([HEAD, [CODES[0], 2024, "1e999"]], {}, r"Blad1!C2 holds '1e999', which is no finite number"),
    "missing label": (
        [["DeSO", "År", "Indikator", "Värde"], [CODES[0], 2024, None, 5]],
        {},
        r"Blad1!C2 is empty where the name of an indicator belongs",
    ),
    "heading of periods": (
        [HEAD, [CODES[0], 2024, 5]],
        {"period": "tid"},
        r"no column has the heading 'tid'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_understood_is_refused(excel, case):
    rows, options, pattern = REFUSED[case]
    change = None
    if rows is None:
        rows = [HEAD, [CODES[0], 2024, 0.45], [CODES[1], 2024, 46]]

        def change(book):
            book.active.cell(2, 3).number_format = "0%"

    with pytest.raises(InputError, match=pattern):
        owndata.read(excel(rows, change=change), **options)


def test_lines_and_columns_of_a_text_file_are_named(text):
    path = text('Titel\n\nDeSO;År;"Antal\npersoner"\n0880C1010;2024;fem\n0880C1020;2024;6\n')
    with pytest.raises(InputError, match=r"own.csv, line 5, column 3 holds 'fem'"):
        owndata.read(path)


def test_sheets_and_headings_asked_for(excel):
    path = excel([HEAD, [CODES[0], 2024, 5]], more={"Annat": [HEAD, [CODES[0], 2024, 6]]})
    with pytest.raises(InputError, match=r"several sheets have a table of areas \(Blad1, Annat\)"):
        owndata.read(path)
    assert owndata.read(path, sheet="Annat").table["Antal"].tolist() == [6]
    with pytest.raises(UnknownNameError, match="no sheet 'Blad9'.*Sheets: Blad1, Annat"):
        owndata.read(path, sheet="Blad9")
    with pytest.raises(UnknownNameError, match="no row of headings with 'omr_kod'"):
        owndata.read(path, sheet="Annat", area_id="omr_kod")


def test_a_heading_asked_for_wins(text):
    path = text("Statistik 2023\nKod;Distrikt;Antal\n0880C1010;A1;5\n0880C1020;A2;6\n")
    found = owndata.read(path, area_id="distrikt")
    assert found.table["area_id"].tolist() == ["A1", "A2"]


def test_figures_that_look_like_codes_are_not_taken_for_areas(text):
    known = pd.DataFrame({"area_id": [str(k) for k in range(1, 9)]})
    rows = [f"{9 - k};{k};{k} 234" for k in range(1, 9)]
    headed = text("\n".join(["Antal 2024", "Ärenden;Område;Folkmängd", *rows]))
    found = owndata.read(headed, areas=known)
    assert found.table["Ärenden"].tolist() == [8, 7, 6, 5, 4, 3, 2, 1]
    assert found.table["population"][0] == 1234
    bare = text("\n".join(["Antal 2024", "Ärenden;Nummer;Folkmängd", *rows]))
    with pytest.raises(
        InputError, match=r"line 3, column 1 and own.csv, line 3, column 2 both begin a column"
    ):
        owndata.read(bare, areas=known)
    assert owndata.read(bare, areas=known, area_id="nummer").table["Ärenden"][0] == 8


def test_of_two_official_divisions_the_finer_is_meant(text):
    path = text("År 2024\nI;II;Antal\n0880R001;0880C1010;1\n0880R001;0880C1020;2\n")
    assert owndata.read(path).table["area_id"].tolist() == CODES[:2]
    path = text("År 2024\nFörr;Nu;Antal\n0880C1010;0880C1020;1\n0880C1020;0880C1010;2\n")
    with pytest.raises(InputError, match="both begin a column of areas"):
        owndata.read(path)


def test_codes_of_another_place_are_refused_where_they_stand(text):
    path = text("DeSO;År;Antal\n0581C1010;2024;1\n")
    with pytest.raises(
        InputError, match=r"line 2, column 1 holds '0581C1010', which is no code or name of a known"
    ):
        owndata.read(path, areas=pd.DataFrame({"area_id": CODES}))


@pytest.mark.parametrize(("dash", "value"), [("zero", 0.0), ("missing", np.nan)])
def test_a_dash_is_what_is_said(text, dash, value):
    path = text("DeSO;År;Antal\n0880C1010;2024;–\n0880C1020;2024;-4\n")
    found = owndata.read(path, dash=dash)
    assert np.array_equal(found.table["Antal"], [value, -4.0], equal_nan=True)
    assert found.understood.columns[1].how == {f"dash_{dash}": 1}


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.234,5", "2"], [1234.5, 2]),
        (["1,234.5", "2,000"], [1234.5, 2000]),
        (["1.234.567", "12"], [1234567, 12]),
        (["0.123", "0.456"], [0.123, 0.456]),
        (["1,234", "5,678"], [1.234, 5.678]),
        (["1\u202f234", "1'000"], [1234, 1000]),
        (["\u22125", "+6"], [-5, 6]),
        (["12.5", "7"], [12.5, 7]),
        ([",5", "5,"], [0.5, 5]),
    ],
)
def test_signs_of_decimals_and_thousands(cells, values):
    places = [f"A{k}" for k in range(len(cells))]
    found = numbers.read_numbers(cells, places, [False] * len(cells), dash="raise", decimal=None)
    assert list(found.values) == values


@pytest.mark.parametrize("cell", ["1 2", "1 23", "12 3456", "1 234 5", "1,5 2"])
def test_two_figures_in_a_cell_are_not_one(text, cell):
    path = text(f"DeSO;År;Antal\n0880C1010;2024;{cell}\n0880C1020;2024;7\n")
    with pytest.raises(InputError, match="spaces belong between thousands only"):
        owndata.read(path)


def test_a_workbook_that_is_damaged_is_a_clear_error(excel):
    path = excel([["DeSO", "År", "Antal"], *([code, 2024, 5] for code in CODES)])
    content = path.read_bytes()
    for place in range(60, len(content), 97):
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        try:
            assert len(owndata.read(path).table) == len(CODES)
        except (FileError, InputError) as error:
            assert "table" in str(error)  # noqa: PT017 - damage that changes nothing is no error


def test_the_decimal_sign_can_be_said(text):
    path = text("DeSO;År;Antal\n0880C1010;2024;1.234\n0880C1020;2024;2.345\n")
    assert owndata.read(path, decimal=",").table["Antal"].tolist() == [1234, 2345]
    assert owndata.read(path, decimal=".").table["Antal"].tolist() == [1.234, 2.345]


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e9, 1e9, allow_nan=False), st.integers(0, 3), st.sampled_from([" ", "\u00a0", "\u202f"]))
def test_numbers_written_the_swedish_way_come_back(value, decimals, space):
    written = f"{value:,.{decimals}f}".replace(",", space).replace(".", ",")
    found = numbers.read_numbers([written], ["A1"], [False], dash="raise", decimal=None)
    assert list(found.values) == [float(f"{value:.{decimals}f}")]


cells = st.one_of(
    st.none(),
    st.sampled_from(
        [*CODES, "Totalt", "2024", "..", "-", "x", "12,5", "1 000", "DeSO", "År", "45 %", "#N/A", "880C1010"]
    ),
    st.text(alphabet="abcåäö0123456789 .,;-%\"'\n", max_size=8),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.dates(dt.date(1950, 1, 1), dt.date(2050, 1, 1)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=5), min_size=1, max_size=8))
def test_any_sheet_is_read_or_refused_with_our_errors(rows):
    sheet = sheets.Sheet("Blad1", rows)
    from segkit.panels.owndata import layout as _layout
    from segkit.panels.owndata import table as _read

    codes = _read._codes(None)
    options = _read._Options(2024, "x", {}, "zero", None, "read")
    try:
        layout = _layout.find(sheet, codes, area_id=None, leave_out=(), hidden="read")
        if layout is None:
            return
        table, _, _ = _read._figures(sheet, layout, options)
    except InputError:
        return
    assert not table.duplicated(["area_id", "period"]).any()
    assert all(isinstance(code, str) and code for code in table["area_id"])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_our_errors(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "own.csv"
    path.write_bytes(content)
    for name in ("own.csv", "own.xlsx"):
        other = path.with_name(name)
        other.write_bytes(content)
        with pytest.raises((InputError, FileError, UnknownNameError)):
            owndata.read(other, period=2024)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    st.sampled_from([";", "\t"]),
    st.lists(st.integers(0, 10**7), min_size=3, max_size=3),
)
def test_the_same_table_in_any_dress(tmp_path_factory, titles, total, note, encoding, separator, counts):
    lines = [["Tabell över områden"]] * titles + [["DeSO", "Namn", "2023", "2024"]]
    lines += [[code, "Å", f"{n:,}".replace(",", " "), str(n)] for code, n in zip(CODES, counts, strict=True)]
    lines += [["Totalt", "", "1", "2"]] * total + [["Källa: SCB"]] * note
    path = tmp_path_factory.mktemp("dress") / "own.csv"
    path.write_bytes("\r\n".join(separator.join(line) for line in lines).encode(encoding))
    found = owndata.read(path, indicator="n")
    assert found.table["n"].tolist() == [*map(float, counts)] * 2
    assert len(found.understood.left_out) == total + note


# What was understood is told in both languages.


def test_the_report_of_what_was_understood(text):
    path = text("År 2024\nDeSO;Namn;Antal\n880C1010;A;1 700\n0880C1020;B;..\nSumma;;1 700\n")
    understood = owndata.read(path).understood
    table = understood.table()
    assert table.columns.tolist() == ["item", "place", "reading"]
    assert table["reading"].tolist() == [
        "own.csv",
        "rader med rubriker",
        "2 områden i 2 rader, 1 uppgifter; 1 koder fick tillbaka inledande nollor",
        "året står i titeln ovanför tabellen",
        "utelämnad, text",
        "Antal: 1 med blanksteg mellan tusental; 1 celler med .., uppgift saknas",
        "Summa: utelämnad, summa eller större område",
    ]
    english = understood.table(language="en")
    assert english["item"].tolist() == ["File", "Headings", "Areas", "Periods", "Column", "Column", "Row"]
    with pytest.raises(InputError, match="language"):
        understood.table(language="de")


def test_what_is_read_joins_to_areas(text):
    shapes = areas.load_example("motala").drop_duplicates("area_id")[["area_id", "name", "geometry"]]
    lines = [f"{code[1:]};{k}" for k, code in enumerate(shapes["area_id"])]
    path = text("\n".join(["Lägesbild 2023", "Omr;Trygghet", *lines, "0583 Motala;12"]))
    found = owndata.read(path, areas=shapes)
    panel = areas.join_indicators(shapes, found.table)
    assert panel["Trygghet"].sum() == sum(range(len(shapes)))


def test_years_in_headings():
    assert headings.split(["Folkmängd 2023"], "") == ("Folkmängd", 2023)
    assert headings.split(["2023", "Män"], "") == ("Män", 2023)
    assert headings.split(["Andel 20-64 år"], "") == ("Andel 20-64 år", None)
    assert headings.split(["Förändring 2019-2023"], "") == ("Förändring 2019-2023", None)
    assert headings.split([dt.date(2023, 12, 31), "Antal"], "") == ("Antal", 2023)
    assert headings.split(["turnout_2022"], "") == ("turnout", 2022)


# Attacks and what no table is.


def _xlsx(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(101):
            part.write(b" " * 2**20)
    assert path.stat().st_size < 2**20
    with pytest.raises(FileError, match=r"bomb.xlsx unpacks to 101 MB"):
        owndata.read(path)


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path):
    path = _xlsx(tmp_path / "liar.xlsx", {"xl/worksheets/sheet1.xml": b" " * 50_000_000})
    raw = path.read_bytes()
    # The size in both headers says 1,000 bytes.
    path.write_bytes(raw.replace((50_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")))
    with pytest.raises(FileError, match="can't be read as Excel"):
        owndata.read(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("padding", [0, 2**20 - 5])
def test_entities_are_refused(excel, encoding, padding):
    path = excel([HEAD, [CODES[0], 2024, 5]])
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"].decode()
    declared = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    members["xl/worksheets/sheet1.xml"] = (" " * padding + declared + sheet).encode(encoding)
    with pytest.raises(FileError, match="declares a document type or entities in xl/worksheets/sheet1.xml"):
        owndata.read(_xlsx(path, members))


def test_many_parts_are_refused(tmp_path):
    path = _xlsx(tmp_path / "parts.xlsx", {f"{k}.xml": "" for k in range(2_001)})
    with pytest.raises(FileError, match="in 2001 parts"):
        owndata.read(path)


def test_a_sheet_that_reaches_far_is_refused(excel):
    def far(book):
        book.active["XFD200"] = 1

    with pytest.raises(FileError, match=r"sheet Blad1 reaches to cell XFD200"):
        owndata.read(excel([HEAD, [CODES[0], 2024, 5]], change=far))


@pytest.mark.parametrize(
    ("name", "content", "error", "pattern"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0", FileError, r"save it as an Excel workbook \(.xlsx\)"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" * 200, FileError, "protected by a password"),
        ("a.csv", b"\x81\x8d;\x00", FileError, "neither UTF-8 nor Windows-1252"),
        ("a.csv", b"\n \n", InputError, "has no lines"),
        ("a.csv", b"", InputError, "is empty"),
        ("a.pdf", b"%PDF", FileError, "is not a CSV or Excel"),
        ("a.csv", b'"' + b"a" * 200_000, InputError, r"a.csv, line 1 can't be read"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, content, error, pattern):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=pattern):
        owndata.read(path)


@pytest.mark.slow
def test_a_survey_of_a_folder_reads_its_table_and_tells_how(tmp_path):
    from segkit import survey

    folder = tmp_path / "mine"
    folder.mkdir()
    panel = areas.load_example("motala")
    newest = panel[panel["period"] == 2024]
    newest[["area_id", "name", "geometry"]].to_file(folder / "areas.gpkg")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Områden"
    sheet.append(["Underlag 2024"])
    sheet.append([])
    sheet.append(["Område", "Sysselsättningsgrad", "Ekonomisk standard, median", "Folkmängd"])
    for code, rate, income in zip(
        newest["area_id"], newest["employment_rate"], newest["median_income"], strict=True
    ):
        sheet.append([code[1:], f"{rate} %".replace(".", ","), income, "1 000"])
    sheet.append(["0583 Motala", "75 %", 250, "24 000"])
    book.save(folder / "indicators.xlsx")
    out = tmp_path / "out"
    names = ["employment_rate", "Ekonomisk standard, median"]
    with pytest.raises(UnknownNameError, match="has no direction"):
        survey.run(folder, columns=names, n_bootstrap=99)
    for row in sheet.iter_rows(min_row=3, max_row=3):
        row[2].value = "median_income"
    book.save(folder / "indicators.xlsx")
    names[1] = "median_income"
    result = survey.run(folder, columns=names, n_bootstrap=99, out=out)
    found = result.areas.set_index("area_id")
    expected = newest.set_index("area_id")
    assert found["employment_rate"].to_dict() == expected["employment_rate"].to_dict()
    assert found["median_income"].to_dict() == expected["median_income"].to_dict()
    assert (found["population"] == 1000).all()
    read = pd.read_excel(out / "survey.xlsx", sheet_name="read")
    assert read["place"].dropna().str.contains("Områden!A28").sum() == 1
    assert (read["reading"] == "0583 Motala: utelämnad, summa eller större område").sum() == 1


def test_workbooks_of_any_reader_are_looked_into_first(tmp_path):
    from segkit.panels import cells as reading

    path = _xlsx(tmp_path / "parts.xlsx", {f"{k}.xml": "" for k in range(2_001)})
    with pytest.raises(FileError, match="in 2001 parts"):
        reading.read_table(path)
