"""Read tables as Swedish municipalities have them: semicolons, decimal commas, codes with leading zeros."""

from __future__ import annotations

import csv
import math
import re
from typing import TYPE_CHECKING

import pandas as pd

from segkit._files import existing
from segkit._workbooks import check_workbook
from segkit.errors import FileError, InputError, message

if TYPE_CHECKING:
    from pathlib import Path

#: What official tables write for "no figure": not available, too uncertain, suppressed.
MISSING = frozenset({"", ".", "..", "...", "....", "na", "n/a", "nan", "null", "none"})

_SPACES = re.compile(r"[\s\u00a0\u202f]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a CSV or Excel file with every cell as text, so that no code loses its zeros.

    CSV may be UTF-8 (with or without byte order mark) or Windows-1252, and separated by semicolon,
    comma or tab. Excel is read from its first sheet.
    """
    file = existing(path, argument="table")
    kind = file.suffix.lower()
    if kind in {".xlsx", ".xlsm"}:
        table = _read_excel(file)
    elif kind in {".csv", ".txt", ".tsv", ".skv"}:
        table = _read_csv(file)
    else:
        raise FileError(message("table", f"{file.name} is not a CSV or Excel (.xlsx) file"))
    table.columns = [str(c).strip() for c in table.columns]
    twice = table.columns[table.columns.duplicated()].tolist()
    if twice:
        raise InputError(message("table", f"{file.name} has a column heading more than once", twice))
    if table.empty:
        raise InputError(message("table", f"{file.name} has headings but no rows"))
    return table


def _read_csv(file: Path) -> pd.DataFrame:
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError(message("table", f"{file.name} has no lines"))
    separator = max(";\t,", key=lines[0].count)
    rows = list(csv.reader(lines, delimiter=separator))
    width = len(rows[0])
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != width:
            rule = f"{file.name}, line {number} has {len(row)} cells where the heading has {width}"
            fix = "Put text that contains the separator in quotation marks."
            raise InputError(message("table", rule, fix=fix))
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=str)


def _read_excel(file: Path) -> pd.DataFrame:
    check_workbook(file)
    try:
        table = pd.read_excel(file, dtype=str, keep_default_na=False, engine="openpyxl")
    except Exception as error:
        raise FileError(message("table", f"{file.name} can't be read as Excel: {error}")) from error
    return table.loc[:, [not str(c).startswith("Unnamed:") for c in table.columns]]


def parse_number(cell: object) -> float:
    """Return a cell as a number; NaN for an official sign of "no figure"; ValueError for other text.

    Examples
    --------
    >>> parse_number("1 234,5"), parse_number("−2"), parse_number("..")
    (1234.5, -2.0, nan)
    """
    text = _SPACES.sub("", str(cell)).replace("\u2212", "-")
    if text.casefold() in MISSING:
        return float("nan")
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text.replace(",", "."))


def parse_numbers(column: pd.Series, rows: pd.Series, *, argument: str) -> pd.Series:
    """Parse a column of text; an error names the cells (by the labels in `rows`) that are no numbers."""
    if pd.api.types.is_numeric_dtype(column) and column.dtype.kind not in "bc":
        return column.astype(float)
    values: list[float] = []
    bad: list[str] = []
    first = ""
    for cell, row in zip(column.tolist(), rows.tolist(), strict=True):
        try:
            values.append(float("nan") if cell is None else parse_number(cell))
        except ValueError:
            first = first or str(cell)
            bad.append(str(row))
    if bad:
        fix = 'Write a number or leave the cell empty; "-" may mean zero or missing, so write which.'
        raise InputError(message(argument, f"has text where a number belongs, such as {first!r}", bad, fix))
    return pd.Series(values, index=column.index, dtype=float)


def has_no_number(column: pd.Series) -> bool:
    """Tell whether a column has text in some cell and a number in none: names, not figures."""
    if pd.api.types.is_numeric_dtype(column):
        return False
    text = 0
    for cell in column.tolist():
        try:
            value = float("nan") if cell is None else parse_number(cell)
        except ValueError:
            text += 1
        else:
            if not math.isnan(value):
                return False
    return text > 0
