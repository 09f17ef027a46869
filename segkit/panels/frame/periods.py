"""The year of each row and the name of figures under years: column, heading, sheet, title, in this order."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from segkit.panels.frame import headings as hd
from segkit.panels.frame.questions import ASKED, MUST
from segkit.panels.frame.raw import folded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segkit.panels.frame.columns import Table
    from segkit.panels.frame.questions import Log

_DEFAULT_SHEET = ("sheet", "blad", "ark", "tabell", "table", "tabelle", "feuil", "taul", "data")


def years_only(table: Table) -> bool:
    """Tell whether the headings of the figures hold years and nothing else."""
    return (
        table.indicator is None
        and bool(table.figures)
        and all(not f.heading and f.year for f in table.figures)
    )


def base_heading(table: Table, others: list[str], log: Log) -> None:
    """Name figures whose headings are years: by the title, the sheet or the file."""
    title, row = title_of(table)
    if title and others.count(title) <= 1:
        name, table.base_from = title, "title"
        log.add(
            "heading",
            "heading_from_title",
            table.sheet,
            row=row,
            heading=name,
            setting="indicators.heading",
            guess=name,
        )
    else:
        sheet = table.sheet.name or ""
        default = folded(sheet).strip(" 0123456789") in _DEFAULT_SHEET
        name = (
            sheet if sheet and table.sheet.kind == "xlsx" and not default else PurePath(table.sheet.file).stem
        )
        table.base_from = "sheet"
        log.add(
            "heading",
            "heading_from_name",
            table.sheet,
            heading=name,
            setting="indicators.heading",
            guess=name,
        )
    for figures in table.figures:
        figures.heading = name


def title_of(table: Table) -> tuple[str, int | None]:
    """Return what the title of a table says the figures are, and its row."""
    for r, text in table.layout.titles:
        if not is_source(text) and (heading := hd.title_heading(text)):
            return heading, r
    return "", None


def is_source(text: str) -> bool:
    """Tell whether a line states a source."""
    return folded(text).startswith(("källa", "source", "källor", "sources", "datakälla"))


def set_periods(table: Table, log: Log) -> None:
    """Give every row its year: from the column, else from the sheet's name or the title."""
    sheet = table.sheet
    if table.period is not None:
        table.periods = _column_years(table, log)
        _tell_headings(table, log)
        return
    if table.year is not None:
        table.periods = np.full(len(table.rows), table.year, dtype=np.intp)
        return
    table.periods = np.full(len(table.rows), -1, dtype=np.intp)
    if all(f.year is not None for f in table.figures):
        for year in dict.fromkeys(f.year for f in table.figures if f.year and f.year.text):
            log.add("year", "span", sheet, text=year.text, year=year.year)
        return
    texts = [(None, sheet.name)] if sheet.name and sheet.kind == "xlsx" else []
    for r, text in [*texts, *table.layout.titles]:
        years = hd.years_in(text)
        if len(years) == 1:
            table.year = years[0].year
            table.periods[:] = table.year
            log.add(
                "year",
                "year_from_title",
                sheet,
                row=r,
                text=text,
                year=table.year,
                setting="tables.period",
                guess=table.year,
            )
            return
        if years:
            break
    log.add("period", "no_year", sheet, level=MUST, setting="tables.period", guess="?")


def _tell_headings(table: Table, log: Log) -> None:
    """Tell where a heading has a year of its own beside a column of years."""
    years = sorted(set(table.periods.tolist()))
    for figures in table.figures:
        if figures.year is not None and years != [figures.year.year]:
            key = "heading_year" if heading_year_holds(table) else "column_year"
            log.add(
                "year",
                key,
                table.sheet,
                level=ASKED,
                column=figures.column,
                heading=figures.heading,
                year=figures.year.year,
                list=[str(y) for y in years],
                setting="tables.period",
            )


def heading_year_holds(table: Table) -> bool:
    """Tell whether a year in a heading is the figures': not where each area has rows of several years."""
    if table.period is None:
        return True
    return len(set(table.periods.tolist())) == 1 or len(np.unique(table.areas)) == len(table.areas)


def _column_years(table: Table, log: Log) -> NDArray[np.intp]:
    c = table.period
    column = table.sheet.column(c if c is not None else 0)
    years = np.full(len(column.cells), -1, dtype=np.intp)
    spans: list[hd.Year] = []
    for k in np.flatnonzero(column.counts(table.rows)):
        found = hd.year_of(column.cells[k])
        if found is None and (four := column.texts[k]).isdigit() and len(four) == 4:
            found = hd.Year(int(four))
        if found is not None:
            years[k] = found.year
            if found.text:
                spans.append(found)
    for span in spans:
        log.add("year", "span", table.sheet, column=c, text=span.text, year=span.year)
    codes = column.codes[table.rows]
    wrong = np.flatnonzero(years[codes] < 0)
    if len(wrong):
        r = int(table.rows[wrong[0]])
        text = column.texts[column.codes[r]] or "-"
        log.add(
            "period",
            "not_a_year",
            table.sheet,
            level=MUST,
            row=r,
            column=c,
            text=text,
            n=len(wrong),
            cell=table.sheet.cell(r, c or 0),
            setting="tables.period",
            guess="?",
        )
    return years[codes]
