"""Write tables as an Excel workbook: a sheet each, after a sheet that explains them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice
from segkit.base.files import atomic
from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for, explain
from segkit.errors import FileError, InputError, UnknownNameError, message
from segkit.output.export._checks import (
    FORMULA_STARTS,
    check_ending,
    check_plan,
    check_table,
    flattened,
    protected,
)
from segkit.output.tables import row_decimals
from segkit.words.numbers import adaptive_decimals, numbers_or_nan
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Language
    from segkit.panels.disclosure import Plan

_MOST_ROWS = 1_048_575
_MOST_CHARACTERS = 32_767
_MOST_SHEET_NAME = 31
#: A fixed date makes the same tables give the same bytes.
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel's dates have no time zone

_HEAD_STYLE = {"bold": True, "bottom": 1, "bg_color": "#e9ecef", "valign": "top"}
#: Widths of the columns of the first sheet in characters, and the height of a line in points.
_WIDTHS = (22, 28, 70, 26, 24, 14)
_LINE = 15
#: Columns that hold figures of different measures or indicators from row to row.
_MEASURED = ("value", "se", "ci_low", "ci_high", "expected", "first", "last", "change")


def to_excel(
    tables: Mapping[str, pd.DataFrame],
    path: str | Path,
    *,
    readme: str | Sequence[str] | None = None,
    language: Language = "sv",
    disclosure: Plan | Mapping[str, Plan] | None = None,
) -> Path:
    """Write tables as an Excel workbook: one tidy sheet each, after a sheet that explains them.

    Values are not rounded, only shown with fewer decimals. Text is always written as text: a cell that
    begins with ``=`` can't run as a formula. The same tables give the same bytes.

    Parameters
    ----------
    tables : mapping
        Name of the sheet -> table without geometry. A named index becomes a column. Names are shortened
        to 31 characters; signs that Excel does not allow become ``_``.
    path : str or Path
        The file, ending in ``.xlsx``.
    readme : str or sequence of str, optional
        Lines that begin the first sheet, such as title, source and limitations.
    language : {"sv", "en"}
        The language of the first sheet.
    disclosure : disclosure.Plan or mapping, optional
        Rules for small numbers: hidden cells are empty, columns ``X_flag`` say so, and the first sheet
        says by which rule. A plan is applied to every table that has one of its columns; a mapping of
        table -> plan to those tables only.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When there is no table, a table is empty or too large, or two sheets would have the same name; as
        the rules for small numbers say.
    FileError
        When the file can't be written.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = to_excel({"areas": pd.DataFrame({"turnout": [84.82]})}, f"{folder}/a.xlsx")
    ...     pd.read_excel(path, sheet_name="areas")["turnout"].item()
    84.82
    """
    import xlsxwriter

    check_choice(language, LANGUAGES, argument="language")
    check_ending(path, (".xlsx",))
    if not tables:
        raise InputError(message("tables", "holds no table, so there is nothing to write"))
    plans = _plans(tables, disclosure)
    names = _sheet_names([say("export", "sheet", language), *tables])
    flat = {
        name: _flat(table, key, plans.get(key))
        for name, (key, table) in zip(names[1:], tables.items(), strict=True)
    }
    lines = [readme] if isinstance(readme, str) else list(readme or [say("export", "title", language)])
    lines += [f"{key}: {plan.text(language)}" for key, plan in plans.items()]
    with atomic(path, language=language) as temporary:
        # In memory: a failure then leaves no files in the folder of temporary ones.
        book = xlsxwriter.Workbook(str(temporary), {"strings_to_urls": False, "in_memory": True})
        book.set_properties({"title": lines[0], "created": _CREATED})
        formats = _Formats(book)
        _write_readme(book.add_worksheet(names[0]), flat, lines, language, formats)
        for name, table in flat.items():
            _write_sheet(book.add_worksheet(name), table, formats)
        for sheet in book.worksheets():
            # Printed: A4 on its side, all columns on one page.
            sheet.set_paper(9)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise FileError(message("path", f"can't write {path}: {error}")) from error
    return Path(path)


class _Formats:
    """The cell formats of one workbook."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.head = book.add_format(_HEAD_STYLE)
        self.quoted_head = book.add_format({**_HEAD_STYLE, "quote_prefix": True})
        self.text = book.add_format({"num_format": "@"})
        # Stays text even when someone edits the cell in Excel.
        self.quoted = book.add_format({"num_format": "@", "quote_prefix": True})
        self.decimals = [book.add_format({"num_format": "#,##0" + "." * (n > 0) + "0" * n}) for n in range(5)]
        self.plain = book.add_format({"num_format": "0"})


def _plans(
    tables: Mapping[str, pd.DataFrame], disclosure: Plan | Mapping[str, Plan] | None
) -> dict[str, Plan]:
    """Return which rules each table is written under."""
    if disclosure is None:
        return {}
    if isinstance(disclosure, Mapping):
        unknown = [key for key in disclosure if key not in tables]
        if unknown:
            raise UnknownNameError(message("disclosure", "names tables that are not written", unknown))
        return dict(disclosure)
    check_plan(disclosure)
    about = [
        k for k, table in tables.items() if isinstance(table, pd.DataFrame) and disclosure.concerns(table)
    ]
    if not about:
        fix = "Name the columns as the tables do, or give {table: plan}."
        raise InputError(message("disclosure", "is for columns that no table has", fix=fix))
    return dict.fromkeys(about, disclosure)


def _flat(table: pd.DataFrame, key: str, plan: Plan | None) -> pd.DataFrame:
    """Check a table for Excel and apply rules; a named index becomes a column."""
    argument = f"tables[{key!r}]"
    check_table(table, argument)
    if len(table) > _MOST_ROWS:
        fix = "Use to_csv."
        raise InputError(message(argument, f"has {len(table)} rows, Excel takes {_MOST_ROWS}", fix=fix))
    return flattened(protected(table, plan, argument))


def _sheet_names(names: Sequence[str]) -> list[str]:
    """Return names that Excel takes, unique whatever the case of letters."""
    shown: list[str] = []
    for name in names:
        clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", str(name)).strip("'")
        # Excel counts signs outside the basic plane, such as emoji, as two.
        while len(clean.encode("utf-16-le")) // 2 > _MOST_SHEET_NAME:
            clean = clean[:-1]
        clean = clean.rstrip("'") or "_"
        if clean.casefold() == "history":
            clean = "history_"
        if clean.casefold() in {other.casefold() for other in shown}:
            fix = "Give the tables names that differ in their first 31 characters."
            raise InputError(message("tables", "has two names that Excel can't tell apart", [clean], fix))
        shown.append(clean)
    return shown


def _write_readme(
    sheet: Any, flat: Mapping[str, pd.DataFrame], lines: Sequence[str], language: Language, formats: _Formats
) -> None:
    """Write what each sheet and column is, with unit, source and date of indicators."""
    sheet.write_string(0, 0, lines[0], formats.title)
    row = 1
    for line in [*lines[1:], say("export", "rounding", language)]:
        sheet.write_string(row, 0, line)
        row += 1
    row += 1
    for place, head in enumerate(say("export", "head", language).split(" | ")):
        sheet.write_string(row, place, head, formats.head)
    dates = _dates(flat)
    for name, table in flat.items():
        row += 1
        sheet.write_string(row, 0, name, formats.head)
        sheet.write_string(row, 1, f"{len(table)} {say('export', 'rows', language)}", formats.head)
        for place in range(2, len(say("export", "head", language).split(" | "))):
            sheet.write_blank(row, place, None, formats.head)
        for column in table.columns:
            row += 1
            cells = [name, column, *_about(column, language), dates.get(column, "")]
            # Not every program makes room for wrapped lines by itself.
            n_lines = max(len(wrap(cell, wide)) for cell, wide in zip(cells, _WIDTHS, strict=True))
            if n_lines > 1:
                sheet.set_row(row, _LINE * n_lines)
            for place, cell in enumerate(cells):
                style = formats.quoted if cell.startswith(FORMULA_STARTS) else formats.wrapped
                sheet.write_string(row, place, cell, style)
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)


def _about(column: str, language: Language) -> list[str]:
    """Return content, unit and source of a column."""
    catalogue = indicators.catalogue()
    if column not in catalogue.index:
        return [explain(column, language=language), "", ""]
    row = catalogue.loc[column]
    content = f"{row[f'label_{language}']}. {explain(column, language=language)}"
    return [content, str(row[f"unit_{language}"]), f"{row['source']} {row['source_table']}".strip()]


def _dates(flat: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the periods of each indicator, from the sheet of newest values that a survey has."""
    for table in flat.values():
        if set(table.columns) == {"indicator", "period", "n_areas", "n_missing"}:
            used = table[table["n_areas"] > 0].sort_values("period", kind="stable")
            grouped = used.groupby("indicator")["period"]
            return {str(k): ", ".join(dict.fromkeys(map(str, v))) for k, v in grouped}
    return {}


def _write_sheet(sheet: Any, table: pd.DataFrame, formats: _Formats) -> None:
    """Write a table with a frozen head, a filter and columns as wide as their content."""
    for place, column in enumerate(table.columns):
        risky = column.startswith(FORMULA_STARTS)
        sheet.write_string(0, place, column, formats.quoted_head if risky else formats.head)
        cells = table[column]
        styles = _number_formats(table, column, formats)
        longest = len(column) + 3
        for row, (cell, style) in enumerate(zip(cells, styles, strict=True), start=1):
            longest = max(longest, _write_cell(sheet, row, place, cell, style, formats))
        sheet.set_column(place, place, min(longest + 1, 60))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _number_formats(table: pd.DataFrame, column: str, formats: _Formats) -> list[Any]:
    """Choose how the numbers of a column are shown, row by row where each row is its own measure."""
    cells = table[column]
    own = column in _MEASURED and pd.api.types.is_float_dtype(cells)
    if own and not {"measure", "indicator"}.isdisjoint(table.columns):
        return [formats.decimals[places] for places in row_decimals(table, column)]
    return [_number_format(cells, column, formats)] * len(table)


def _number_format(cells: pd.Series, column: str, formats: _Formats) -> Any:
    """Choose how the numbers of a column are shown; what is stored is never rounded."""
    catalogue = indicators.catalogue()
    if column in ("period", "profile", "quantile") or catalogue["kind"].get(column) == "category":
        return formats.plain
    if not pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_integer_dtype(cells):
        return formats.decimals[0]
    if column in catalogue.index:
        return formats.decimals[decimals_for(column)]
    return formats.decimals[adaptive_decimals(*numbers_or_nan(cells))]


def _write_cell(sheet: Any, row: int, place: int, cell: object, style: Any, formats: _Formats) -> int:
    """Write one cell and return how wide it is."""
    if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)):  # type: ignore[call-overload]
        return 0
    if isinstance(cell, bool | np.bool_):
        sheet.write_boolean(row, place, bool(cell))
        return 6
    if isinstance(cell, int | float | np.number) and math.isfinite(cell):
        sheet.write_number(row, place, cell, style)
        return min(len(str(cell)), 12)
    text = str(cell)
    if len(text) > _MOST_CHARACTERS:
        rule = f"has a cell of {len(text)} characters, Excel takes {_MOST_CHARACTERS}"
        raise InputError(message("tables", rule, [f"row {row}"], "Use to_csv."))
    sheet.write_string(row, place, text, formats.quoted if text.startswith(FORMULA_STARTS) else formats.text)
    return len(text)
