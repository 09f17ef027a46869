"""Figures that may be wrong: signs not known, dashes, numbers for no figure, counts that are not whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.panels.frame import headings as hd
from segkit.panels.frame import numbers as num
from segkit.panels.frame.questions import ASKED, MUST
from segkit.panels.frame.raw import letters
from segkit.panels.frame.written import written

if TYPE_CHECKING:
    from segkit.panels.frame.columns import Table
    from segkit.panels.frame.description import Entry
    from segkit.panels.frame.questions import Log
    from segkit.panels.frame.values import Read, Series


def _first(series: Series, at: Any, table: Table) -> tuple[int, str]:
    row = int(series.rows[np.flatnonzero(at)[0]])
    return row, table.sheet.cell(row, series.column)


def dashes(series: Series, table: Table, result: Read, log: Log) -> None:
    """Take a dash alone as missing where zero is out of the question, else ask."""
    at = series.kinds == num.DASH
    if not at.any():
        return
    row, cell = _first(series, at, table)
    column = table.sheet.column(series.column)
    sign = column.texts[int(series.codes[np.flatnonzero(at)[0]])]
    others = series.figures
    n = int(at.sum())
    series.flags[at] = num.MISSING
    series.kinds[at] = num.MISSING
    facts: dict[str, Any] = {"n": n, "sign": sign, "cell": cell, "heading": series.heading}
    if len(others) and others.min() > np.median(others) / 10 and others.min() > 0:
        _keep(result.missing, sign)
        log.add(
            "mark",
            "dash_missing",
            table.sheet,
            level=ASKED,
            row=row,
            column=series.column,
            text=sign,
            setting="tables.missing",
            guess="missing",
            low=float(others.min()),
            high=float(others.max()),
            **facts,
        )
    else:
        first = result.dashes.setdefault(sign, (row, series.column, []))
        first[2].append((series.heading, n))
    series.kinds[at] = num.DASH


def ask_dashes(table: Table, result: Read, log: Log) -> None:
    """Ask once for each dash of a table whether it is zero or missing."""
    for sign, (row, column, found) in result.dashes.items():
        log.add(
            "mark",
            "dash_which",
            table.sheet,
            level=MUST,
            row=row,
            column=column,
            text=sign,
            setting="tables.missing",
            guess="?",
            n=sum(n for _, n in found),
            sign=sign,
            cell=table.sheet.cell(row, column),
            heading=[heading for heading, _ in found],
        )


def _keep(signs: list[str], sign: str) -> None:
    if sign and sign not in signs:
        signs.append(sign)


def unknown(series: Series, table: Table, loose: dict[str, tuple[int, int, int]]) -> None:
    """Gather signs among numbers that are not known."""
    at = np.flatnonzero(series.kinds == num.UNKNOWN)
    column = table.sheet.column(series.column)
    for i in at:
        text = column.texts[int(series.codes[i])]
        r, c, n = loose.get(text, (int(series.rows[i]), series.column, 0))
        loose[text] = (r, c, n + 1)
    series.flags[at] = num.MISSING


def count_marks(series: Series, table: Table, marks: num.Marks, result: Read, log: Log) -> None:
    """Tell each sign with what it was taken for and how often."""
    column = table.sheet.column(series.column)
    signs = np.flatnonzero(np.bincount(series.codes, minlength=len(column.cells)) * ~written(column).number)
    zeros = [int(k) for k in signs if marks.meaning(column.texts[k]) == "zero"]
    for kind, name in ((num.MISSING, "missing"), (num.SUPPRESSED, "suppressed")):
        codes = series.codes[series.kinds == kind]
        for code in dict.fromkeys(codes.tolist()):
            sign, n = column.texts[code], int((codes == code).sum())
            at = series.codes == code
            row, cell = _first(series, at, table)
            if sign:
                _keep(getattr(result, name), sign)
                told = sign in marks.missing | marks.suppressed | marks.zero or sign in marks.noted
                log.add(
                    "mark",
                    f"mark_{name}",
                    table.sheet,
                    level="told" if told else ASKED,
                    row=row,
                    column=series.column,
                    text=sign,
                    n=n,
                    sign=sign,
                    cell=cell,
                    heading=series.heading,
                    setting=f"tables.{name}",
                    guess=name,
                )
            else:
                log.add(
                    "empty",
                    "mark_empty",
                    table.sheet,
                    row=row,
                    column=series.column,
                    n=n,
                    cell=cell,
                    heading=series.heading,
                )
    for code in zeros:
        sign = column.texts[code]
        at = series.codes == code
        row, cell = _first(series, at, table)
        _keep(result.zero, sign)
        log.add(
            "mark",
            "mark_zero",
            table.sheet,
            row=row,
            column=series.column,
            text=sign,
            n=int(at.sum()),
            sign=sign,
            cell=cell,
            heading=series.heading,
        )


def doubts(series: Series, table: Table, marks: num.Marks, told: dict[str, Entry], log: Log) -> None:
    """Ask where a number can be wrong: sentinels, negatives, counts that are not whole."""
    figures = series.figures
    if not len(figures):
        return
    entry = told.get(series.heading)
    unit = hd.unit_in(series.heading)
    kind = (entry.get("kind") if entry else None) or (unit[1] if unit else None)
    counted = kind == "count" or hd.is_residents(series.heading) or hd.counted(series.heading)
    own_id = entry.get("id") if entry else None
    counted = (counted or own_id == "population") and kind in {None, "count"}
    _sentinels(series, table, marks, log, never_negative=counted or kind == "money")
    told_kind = entry is not None and "kind" in entry and entry.get("kind") != "count"
    if "decimal" not in table.entry and not told_kind:
        _not_whole(series, table, log, counted=counted)


def _sentinels(series: Series, table: Table, marks: num.Marks, log: Log, *, never_negative: bool) -> None:
    if marks.told_nothing:
        return
    figures = series.figures
    distinct = np.unique(figures)
    nines = np.isin(distinct, num.NINES)
    others = distinct[~nines]
    suspects = [v for v in distinct[nines] if num.is_sentinel(float(v), others)]
    if never_negative:
        suspects += [v for v in distinct[distinct < 0] if v not in suspects]
    if not suspects:
        return
    at = np.isin(series.numbers, suspects)
    row, cell = _first(series, at, table)
    rest = distinct[~np.isin(distinct, suspects)]
    log.add(
        "sentinel",
        "sentinel",
        table.sheet,
        level=MUST,
        row=row,
        column=series.column,
        setting="tables.missing",
        guess="?",
        list=[float(v) for v in suspects[:3]],
        n=int(at.sum()),
        cell=cell,
        heading=series.heading,
        low=float(rest.min()) if len(rest) else 0.0,
        high=float(rest.max()) if len(rest) else 0.0,
    )


def _not_whole(series: Series, table: Table, log: Log, *, counted: bool) -> None:
    values = series.figures
    fraction = values[values % 1 != 0]
    whole = values[values % 1 == 0]
    if not len(fraction):
        return
    thousandths = fraction[np.abs(fraction * 1000 - np.round(fraction * 1000)) < 1e-6]
    three = thousandths[np.abs(thousandths * 100 - np.round(thousandths * 100)) > 1e-6]
    hundreds = whole[(whole >= 100) & (whole < 1000)]
    like_thousands = (
        len(thousandths) == len(fraction)
        and len(three) > 0
        and len(hundreds) > 0
        and fraction.max() < 1000
        and len(hundreds) == len(whole[whole != 0])
    )
    certain = like_thousands and (counted or (len(hundreds) > 1 and fraction.max() < 100))
    if not (certain or counted):
        return
    at = np.isin(series.numbers, three if certain else fraction)
    row, cell = _first(series, at, table)
    example = float(series.numbers[np.flatnonzero(at)[0]])
    if certain:
        log.add(
            "whole",
            "not_whole_thousands",
            table.sheet,
            level=MUST,
            row=row,
            column=series.column,
            setting="tables.decimal",
            guess="?",
            heading=series.heading,
            cell=cell,
            value=example,
            other=float(hundreds[0]),
            times=round(example * 1000),
            n=len(fraction),
        )
    else:
        log.add(
            "whole",
            "not_whole",
            table.sheet,
            level=ASKED,
            row=row,
            column=series.column,
            setting="tables.decimal",
            heading=series.heading,
            cell=cell,
            value=example,
        )


def unsaved(table: Table, log: Log) -> None:
    """Ask for formulas without a stored result among the figures."""
    sheet = table.sheet
    if not sheet.unsaved:
        return
    rows = {sheet.row(int(r)) for r in table.rows}
    columns = {int(sheet.columns[f.column]) for f in table.figures}
    found = [
        at
        for at in sheet.unsaved
        if at[0] in rows and (at[1] in columns or at[1] not in set(sheet.columns.tolist()))
    ]
    if not found:
        heads = {int(sheet.columns[c]) for c in range(sheet.width)}
        found = [at for at in sheet.unsaved if at[0] in rows and at[1] in heads]
    if found:
        row, number = found[0]
        cell = f"{sheet.name}!{letters(number)}{row}"
        log.add(
            "formula",
            "formula_must",
            sheet,
            level=MUST,
            cell=cell,
            n=len(found),
            setting="tables.sheet",
            guess="?",
        )
