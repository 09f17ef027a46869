"""What is done to folders: to the form of the files, to cells, codes and periods, to boundaries, to bytes."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import folder_factory
from folder_factory import ANY, FIGURES, REFUSED, SAME, SAME_OR_REFUSED, SWEDISH, Draft, add, fault

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

SHARES = [c for c in FIGURES if c.endswith(("rate", "share"))]


def _setting(**options: object) -> Callable[[Draft, random.Random], None]:
    def change(draft: Draft, _: random.Random) -> None:
        for name, value in options.items():
            setattr(draft, name, value)

    return change


# The form of the file of figures.
for _name, _options in {
    "semicolons": {"separator": ";"},
    "tabs": {"separator": "\t"},
    "semicolons and decimal commas": {"separator": ";", "decimal": ","},
    "commas and decimal commas": {"decimal": ","},
    "byte order mark": {"encoding": "utf-8-sig"},
    "Windows-1252": {"encoding": "cp1252"},
    "UTF-16": {"encoding": "utf-16"},
    "UTF-16 and tabs": {"encoding": "utf-16", "separator": "\t"},
    "line ends of Windows": {"line_end": "\r\n"},
    "line ends of old Macintosh": {"line_end": "\r"},
    "all cells quoted": {"quoting": csv.QUOTE_ALL},
    "Excel, text cells": {"table_name": "indicators.xlsx"},
    "Excel, numbers": {"table_name": "indicators.xlsx", "numeric_cells": True},
    "Excel, decimal commas as text": {"table_name": "indicators.xlsx", "decimal": ","},
}.items():
    add("form", SAME, _name, _setting(**_options))
add("form", REFUSED, "UTF-16 without its mark", _setting(encoding="utf-16-le"))
add("form", SAME_OR_REFUSED, "UTF-32", _setting(encoding="utf-32"))
add("form", SAME_OR_REFUSED, "bars for separators", _setting(separator="|"))


# How the table is laid out.
def _swedish(table: pd.DataFrame) -> list[list[str]]:
    return [[SWEDISH.get(c, c) for c in table.columns], *table.to_numpy().tolist()]


def _titled(table: pd.DataFrame) -> list[list[str]]:
    blank = [""] * (len(table.columns) - 1)
    return [["Kommunens områden", *blank], ["", *blank], *_swedish(table), ["Källa: kommunen", *blank]]


def _long(table: pd.DataFrame) -> list[list[str]]:
    rows = [["area_id", "period", "indicator", "value"]]
    keys = [c for c in table.columns if c not in {"area_id", "period"}]
    for _, row in table.iterrows():
        rows += [[row.get("area_id", ""), row.get("period", ""), c, row[c]] for c in keys]
    return rows


def _years(table: pd.DataFrame) -> list[list[str]]:
    if not {"area_id", "period"} <= set(table.columns) or table.duplicated(["area_id", "period"]).any():
        return _swedish(table)
    years = list(dict.fromkeys(table["period"]))
    shown = [c for c in table.columns if c not in {"area_id", "period"}]
    cells = {(row["area_id"], row["period"]): row for _, row in table.iterrows()}
    rows = [["DeSO", *(f"{SWEDISH.get(c, c)} {y}" for c in shown for y in years)]]
    return rows + [
        [code, *(cells[code, y][c] if (code, y) in cells else "" for c in shown for y in years)]
        for code in dict.fromkeys(table["area_id"])
    ]


for _name, _layout in {
    "Swedish headings": _swedish,
    "title and note": _titled,
    "long": _long,
    "years in headings": _years,
}.items():
    add("layout", SAME, _name, _setting(layout=_layout))


@fault("layout", SAME)
def columns_in_another_order(draft: Draft, rng: random.Random) -> None:
    draft.table = draft.table[rng.sample(list(draft.table.columns), len(draft.table.columns))]


@fault("layout", SAME)
def rows_in_another_order(draft: Draft, rng: random.Random) -> None:
    draft.table = draft.table.sample(frac=1, random_state=rng.randrange(2**31))
    draft.areas = draft.areas.sample(frac=1, random_state=rng.randrange(2**31))


@fault("layout", SAME)
def spaces_around_headings(draft: Draft, _: random.Random) -> None:
    draft.table = draft.table.rename(columns=lambda c: f" {c} ")


@fault("layout", SAME_OR_REFUSED)
def headings_in_capitals(draft: Draft, _: random.Random) -> None:
    draft.table = draft.table.rename(columns=str.upper)


@fault("layout", SAME)
def blank_lines(draft: Draft, _: random.Random) -> None:
    draft.layout = lambda t: [list(t.columns), [""] * t.shape[1], *t.to_numpy().tolist(), [""] * t.shape[1]]


# Columns.
for _name in ("area_id", "period"):
    add(
        "columns",
        REFUSED,
        f"no column {_name}",
        lambda d, _, c=_name: setattr(d, "table", d.table.drop(columns=c)),
    )
for _name in FIGURES:
    add(
        "columns",
        ANY,
        f"no column {_name}",
        lambda d, _, c=_name: setattr(d, "table", d.table.drop(columns=c)),
    )


@fault("columns", REFUSED)
def column_twice(draft: Draft, rng: random.Random) -> None:
    c = rng.choice(FIGURES[1:])
    other = draft.table[[c]].map(lambda v: f"1{v}"[::-1])
    draft.table.insert(len(draft.table.columns), c, other[c], allow_duplicates=True)


@fault("columns", ANY)
def headings_renamed(draft: Draft, rng: random.Random) -> None:
    draft.table = draft.table.rename(columns={rng.choice(draft.table.columns): rng.choice(HEADINGS)})


@fault("columns", ANY)
def more_columns(draft: Draft, rng: random.Random) -> None:
    for heading in rng.sample(HEADINGS, 3):
        draft.table[heading] = [
            rng.choice(["1", "2.5", "", "..", "x", "text"]) for _ in range(len(draft.table))
        ]


@fault("columns", SAME)
def a_column_of_text(draft: Draft, rng: random.Random) -> None:
    draft.table["stadsdel"] = [
        rng.choice(["Norr", "Söder", 'med "tecken"; och, mer']) for _ in range(len(draft.table))
    ]


@fault("columns", SAME)
def flags_without_errors(draft: Draft, rng: random.Random) -> None:
    draft.table["median_income_flag"] = rng.choice(["observed", "preliminary", "interpolated"])


@fault("columns", ANY)
def modelled_without_errors(draft: Draft, rng: random.Random) -> None:
    # The spread of modelled figures is not measured: fewer trends than the base has.
    draft.table["median_income_flag"] = rng.choice(["modelled", "partly modelled"])


@fault("columns", SAME)
def flags_that_are_numbers(draft: Draft, rng: random.Random) -> None:
    draft.table[f"{rng.choice(FIGURES)}_flag"] = [rng.choice(["0", "1", ""]) for _ in range(len(draft.table))]


@fault("columns", ANY)
def errors_of_every_kind(draft: Draft, rng: random.Random) -> None:
    c = rng.choice(FIGURES)
    draft.table[f"{c}_se"] = [
        rng.choice(["0", "1.5", "", "-1", rng.choice(CELLS)]) for _ in range(len(draft.table))
    ]
    draft.table[f"{c}_flag"] = [rng.choice(["modelled", "", "partly"]) for _ in range(len(draft.table))]


@fault("columns", ANY)
def thousands_of_columns(draft: Draft, _: random.Random) -> None:
    more = {f"own_{k}": ["1"] * len(draft.table) for k in range(2000)}
    draft.table = draft.table.assign(**more)


HEADINGS = [
    "",
    " ",
    "geometry",
    "name",
    "index",
    "profile",
    "membership",
    "flags",
    "value",
    "indicator",
    "flag",
    "_flag",
    "_se",
    "id",
    "regso_id",
    "regso_name",
    "municipality_code",
    "official_area_type",
    "boundary_comparable",
    "young_adult_share",
    "unemployment_rate",
    "turnout",
    "electorate",
    "ballots",
    "disposable_income",
    "area_id.1",
    "population_se",
    "2024",
    "Andel (%)",
    "=1+1",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\u202eبرعكس",
    "🙂",
    "x" * 10_000,
    "a\nb",
    "\x1b[31mrött",
    "\x00",
    "Unnamed: 0",
    "__class__",
    "{0}",
    "%s",
    "$x$",
]

# Cells.
CELLS = ["abc", "inf", "-inf", "1e999", "1e308", "nan", "-1", "1.2.3", "1,2,3", "0x10", "1_000", "--5", "5-"]
CELLS += [
    "(5)",
    "True",
    "#DIV/0!",
    "=1+1",
    "2024-01-01",
    "12 34",
    "٣",
    "１２",
    "½",
    "\x00",
    "\x1b[2J",
    "9" * 400,
]
CELLS += [
    "x" * 200_000,
    "-",
    "x",
    "..",
    "",
    " ",
    "12%",
    "1e-320",
    "101",
    "1 000",
    "−5",
    "5\n6",
    "+",
    ".",
    ",",
    "e5",
]
BAD_CELLS = [
    "abc",
    "inf",
    "-inf",
    "1e999",
    "1.2.3",
    "0x10",
    "1_000",
    "--5",
    "5-",
    "(5)",
    "True",
    "#DIV/0!",
    "ca 5",
]
BAD_CELLS += ["2024-01-01", "½", "9" * 400, "5;6", "5/6", "12 34", "e5", "+", "5 5", "NaN5", "²"]


def _one_cell(texts: list[str], columns: list[str]) -> Callable[[Draft, random.Random], None]:
    def change(draft: Draft, rng: random.Random) -> None:
        draft.table.loc[rng.choice(draft.table.index), rng.choice(columns)] = rng.choice(texts)

    return change


add("cells", ANY, "any cell", _one_cell(CELLS, list(FIGURES)))
add("cells", ANY, "any cell anywhere", _one_cell(CELLS, ["area_id", "period", *FIGURES]))
for _text in BAD_CELLS:
    add("cells", REFUSED, f"cell {_text[:20]!r}", _one_cell([_text], list(FIGURES)))
add("cells", REFUSED, "negative share or count", _one_cell(["-1", "−0,5", "-1e308"], [*SHARES, "population"]))
add("cells", REFUSED, "share over 100", _one_cell(["100.1", "4520", "1e308"], SHARES))
add("cells", ANY, "income of 1e308", _one_cell(["1e308", "-1e308", "1e154", "1e-308"], ["median_income"]))
add("cells", ANY, "population of 1e308", _one_cell(["1e308", "1e154", "0", "1e-308"], ["population"]))
add("cells", ANY, "no figure", _one_cell(["", "..", "nan", "x", "-"], list(FIGURES)))


@fault("cells", ANY)
def many_cells(draft: Draft, rng: random.Random) -> None:
    for _ in range(10):
        _one_cell(CELLS, list(FIGURES))(draft, rng)


@fault("cells", ANY)
def a_column_of_one_value(draft: Draft, rng: random.Random) -> None:
    draft.table[rng.choice(FIGURES)] = rng.choice(["50", "0", "", "..", "1e308", "abc"])


@fault("cells", ANY)
def every_figure_the_same(draft: Draft, _: random.Random) -> None:
    draft.table[list(FIGURES)] = "50"


@fault("cells", ANY)
def a_period_without_figures(draft: Draft, _: random.Random) -> None:
    draft.table.loc[draft.table["period"] == "2024", list(FIGURES)] = ""


@fault("cells", SAME)
def spaces_in_thousands(draft: Draft, rng: random.Random) -> None:
    space = rng.choice([" ", "\u00a0"])
    draft.table["population"] = draft.table["population"].map(lambda v: f"{int(v):,}".replace(",", space))


@fault("cells", SAME_OR_REFUSED)
def commas_in_thousands(draft: Draft, _: random.Random) -> None:
    draft.table["population"] = draft.table["population"].map(lambda v: f"{int(v):,}")


@fault("cells", SAME_OR_REFUSED)
def points_in_thousands(draft: Draft, _: random.Random) -> None:
    draft.table["population"] = draft.table["population"].map(lambda v: f"{int(v):,}".replace(",", "."))


@fault("cells", SAME_OR_REFUSED)
def per_cent_signs(draft: Draft, rng: random.Random) -> None:
    draft.table["employment_rate"] += rng.choice(["%", " %", "\u00a0%"])


@fault("cells", SAME)
def exponents_and_signs(draft: Draft, _: random.Random) -> None:
    draft.table["median_income"] = draft.table["median_income"].map(lambda v: f"+{float(v):.6e}")


@fault("cells", SAME)
def spaces_around_cells(draft: Draft, _: random.Random) -> None:
    draft.table = draft.table.map(lambda v: f" {v} ")


@fault("cells", SAME_OR_REFUSED)
def full_width_digits(draft: Draft, _: random.Random) -> None:
    wide = {ord("0") + k: chr(0xFF10 + k) for k in range(10)}
    draft.table["population"] = draft.table["population"].str.translate(wide)


# Rows, codes and periods.
@fault("rows", REFUSED)
def row_twice(draft: Draft, rng: random.Random) -> None:
    again = draft.table.sample(1, random_state=rng.randrange(2**31)).copy()
    again["employment_rate"] = "33.3"
    draft.table = folder_factory.pd.concat([draft.table, again], ignore_index=True)


@fault("rows", REFUSED)
def row_of_an_unknown_area(draft: Draft, rng: random.Random) -> None:
    code = rng.choice(["0880C9999", "0000", "Okänt", "880", "0880c1010x"])
    row = draft.table.iloc[[0]].assign(area_id=code)
    draft.table = folder_factory.pd.concat([draft.table, row], ignore_index=True)


@fault("rows", ANY)
def rows_gone(draft: Draft, rng: random.Random) -> None:
    draft.table = draft.table.sample(
        rng.choice([1, 2, 5, len(draft.table) - 1]), random_state=rng.randrange(2**31)
    )


@fault("rows", REFUSED)
def no_rows(draft: Draft, _: random.Random) -> None:
    draft.table = draft.table.iloc[:0]


@fault("rows", ANY)
def few_areas(draft: Draft, rng: random.Random) -> None:
    kept = draft.areas["area_id"].iloc[: rng.choice([1, 2, 3, 4])]
    draft.areas = draft.areas[draft.areas["area_id"].isin(kept)]
    draft.table = draft.table[draft.table["area_id"].isin(kept)]


PERIODS = [
    "20244",
    "abc",
    "",
    "2024-13",
    "24",
    "1e308",
    "2024.5",
    "-2024",
    "2024-2025",
    "0x7e8",
    "2024\x00",
    "9" * 50,
]
for _text in PERIODS:
    add("rows", REFUSED, f"period {_text[:20]!r}", _one_cell([_text], ["period"]))
for _text in ("2024.0", "2024-12-31", "år 2024", "٢٠٢٤", "２０２４", " 2024 "):
    add(
        "rows",
        SAME_OR_REFUSED,
        f"periods such as {_text!r}",
        lambda d, _, t=_text: d.table.loc.__setitem__((d.table["period"] == "2024", "period"), t),
    )
for _text in ("0000", "9999", "0001"):
    add(
        "rows",
        ANY,
        f"periods {_text!r}",
        lambda d, _, t=_text: d.table.loc.__setitem__((d.table["period"] == "2024", "period"), t),
    )
for _text in ("", " ", "None", "nan", "\x00", "x" * 10_000, "=A1", "../..", "\u202e0880", "0880C1010\n"):
    add("rows", SAME_OR_REFUSED, f"code {_text[:20]!r}", _one_cell([_text], ["area_id"]))


def _codes(form: Callable[[int], object]) -> Callable[[Draft, random.Random], None]:
    """Give areas other codes in both files, in the same order."""

    def change(draft: Draft, _: random.Random) -> None:
        told = {c: form(k) for k, c in enumerate(sorted(draft.areas["area_id"]))}
        draft.areas["area_id"] = draft.areas["area_id"].map(told)
        draft.table["area_id"] = draft.table["area_id"].map(told).astype(str)

    return change


add("codes", SAME, "codes with leading zeros", _codes(lambda k: f"{k:03d}"))
add("codes", SAME, "whole numbers as codes", _codes(lambda k: 100 + k))
add("codes", SAME, "signs as codes", _codes(lambda k: f"{k:02d} 🙂 <b>{k}</b>"))
add("codes", SAME, "formulas as codes", _codes(lambda k: f"=A{k + 10}"))
add("codes", SAME_OR_REFUSED, "numbers with decimals as codes", _codes(lambda k: 100.5 + k))
add("codes", SAME_OR_REFUSED, "dates as codes", _codes(lambda k: f"2024-01-{k + 1:02d}"))
add("codes", SAME_OR_REFUSED, "years as codes", _codes(lambda k: f"{2001 + k}"))
add("codes", SAME_OR_REFUSED, "negative codes", _codes(lambda k: -100 - k))
add("codes", ANY, "long codes", _codes(lambda k: f"{k:02d}" + "x" * 10_000))
add("codes", ANY, "codes right to left", _codes(lambda k: f"\u202e{k:02d}"))


@fault("codes", SAME_OR_REFUSED)
def zeros_lost_in_the_table(draft: Draft, _: random.Random) -> None:
    draft.table["area_id"] = draft.table["area_id"].str.lstrip("0")


@fault("codes", REFUSED)
def code_twice_among_the_areas(draft: Draft, _: random.Random) -> None:
    draft.areas.loc[draft.areas.index[1], "area_id"] = draft.areas["area_id"].iloc[0]


@fault("codes", REFUSED)
def no_codes(draft: Draft, _: random.Random) -> None:
    draft.areas = draft.areas.drop(columns="area_id")


for _name, _value in {
    "null": None,
    "list": [1, 2],
    "mapping": {"a": 1},
    "bool": True,
    "blank": " ",
    "decimal": 1.5,
}.items():
    add("codes", REFUSED, f"a code that is {_name}", lambda d, _, v=_value: _one_code(d, v))


def _one_code(draft: Draft, value: object) -> None:
    def change(folder: Path) -> None:
        path = folder / draft.areas_name
        if path.suffix == ".geojson" and path.is_file():
            told = json.loads(path.read_bytes())
            told["features"][0]["properties"]["area_id"] = value
            path.write_text(json.dumps(told), encoding="utf-8")
        else:
            (folder / draft.table_name).unlink()

    draft.after.append(change)


NAMES = [
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "../../x",
    "C:\\con",
    "a\x00b",
    "\u202eabc",
    "🙂🏳️\u200d🌈",
    "x" * 10_000,
]
NAMES += [
    "",
    " ",
    "a\nb",
    "\x1b[31mröd\x1b[0m",
    "{0}{name}",
    "%s%n",
    "$\\frac{1}{0}$",
    "&amp;",
    "'; DROP TABLE--",
    "\ufeff",
    "\ud7ff",
]
for _text in NAMES:
    add("names", SAME, f"names {_text[:20]!r}", lambda d, _, t=_text: d.areas.__setitem__("name", t))
add("names", SAME, "no names", lambda d, _: setattr(d, "areas", d.areas.drop(columns="name")))
add("names", SAME, "numbers as names", lambda d, _: d.areas.__setitem__("name", range(len(d.areas))))
add("names", SAME, "a name missing", lambda d, _: d.areas.loc.__setitem__((d.areas.index[0], "name"), None))
