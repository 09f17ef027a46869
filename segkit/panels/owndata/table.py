"""Read a municipality's own table: find it, read its columns, and say what was understood."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from segkit.base.checks import check_choice, check_columns
from segkit.catalogue import indicators
from segkit.errors import InputError, message
from segkit.panels import joining
from segkit.panels.cells import check_thousands
from segkit.panels.owndata import headings
from segkit.panels.owndata import layout as _layout
from segkit.panels.owndata.codes import Codes, text_of
from segkit.panels.owndata.numbers import Dash, Decimal, is_text, read_numbers
from segkit.panels.owndata.sheets import Sheet, letters, open_sheets
from segkit.panels.owndata.understood import ReadColumn, Understood

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Hidden = Literal["read", "leave out"]


@dataclass(frozen=True)
class OwnData:
    """The result of `read`.

    Attributes
    ----------
    table : pandas.DataFrame
        ``area_id, period``, one column of numbers for each indicator (NaN where there is no figure), and
        ``<indicator>_flag`` with ``suppressed`` where the file withholds figures. Fit for
        `areas.join_indicators`.
    understood : Understood
        What was found where, how it was read and what was left out.
    """

    table: pd.DataFrame
    understood: Understood


@dataclass(frozen=True)
class _Options:
    """The choices of a reading."""

    period: int | str | None
    indicator: str | None
    names: Mapping[str, str]
    dash: Dash
    decimal: Decimal | None
    hidden: Hidden


def read(
    path: str | Path,
    *,
    areas: pd.DataFrame | None = None,
    sheet: str | None = None,
    area_id: str | None = None,
    period: int | str | None = None,
    indicator: str | None = None,
    names: Mapping[str, str] | None = None,
    dash: Dash = "raise",
    decimal: Decimal | None = None,
    hidden: Hidden = "read",
    leave_out: Sequence[str] = (),
) -> OwnData:
    r"""Read a table of areas from an Excel or CSV file as municipalities really have them.

    Titles above the headings, headings in several rows, sums, footnotes, blank rows, codes that lost their
    zeros, decimal commas, spaces in numbers, per cent signs and official signs for missing figures are
    understood; years may stand in a column, in the headings or in the title. What is not understood is
    refused with the cell and the fix.

    Parameters
    ----------
    path : str or Path
        An Excel workbook (.xlsx) or a CSV file.
    areas : pandas.DataFrame, optional
        The areas with ``area_id`` and perhaps ``name``: rows are then recognized by either. Without it
        codes of DeSO and RegSO are recognized, others by `area_id`.
    sheet : str, optional
        The sheet; needed when several have a table of areas.
    area_id : str, optional
        The heading of the column with areas, when it is not found by itself.
    period : int or str, optional
        The year that all figures are of, or the heading of the column with years.
    indicator : str, optional
        What the figures are, where headings are years only.
    names : mapping, optional
        Heading -> indicator. The catalogue's labels and ids are known; other headings stay as they are.
    dash : {"raise", "zero", "missing"}
        What a dash means: Statistics Sweden writes it for nil, others for missing.
    decimal : {",", "."}, optional
        The decimal sign, when a column does not tell.
    hidden : {"read", "leave out"}
        What to do with hidden rows and columns; either way they are reported.
    leave_out : sequence of str
        Texts of further rows that are no areas, such as "Okänt".

    Returns
    -------
    OwnData
        The table, and what was understood.

    Raises
    ------
    InputError
        When a cell, a row or a heading is not understood; the message names it as ``Sheet!C7``.
    UnknownNameError
        When the sheet or a heading asked for is missing.
    FileError
        When the file can't be read, unpacks to too much, or declares entities.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> text = "Befolkning 2024\n\nDeSO;Invånare;Valdeltagande\n880C1010;1 700;84,5 %\nTotalt;1 700;84,5 %\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "own.csv"
    ...     _ = path.write_text(text, encoding="cp1252")
    ...     found = read(path)
    >>> found.table.values.tolist()
    [['0880C1010', 2024, 1700.0, 84.5]]
    """
    check_choice(dash, ("raise", "zero", "missing"), argument="dash")
    check_choice(decimal, (None, ",", "."), argument="decimal")
    check_choice(hidden, ("read", "leave out"), argument="hidden")
    sheets, unseen = open_sheets(path)
    codes = _codes(areas)
    looked = [s for s in sheets if (s.name == sheet if sheet is not None else s.name not in unseen)]
    if sheet is not None and sheets[0].is_text:
        raise InputError(message("sheet", "is given, but the file has no sheets"))
    found = {
        s.name: layout
        for s in looked
        if (layout := _layout.find(s, codes, area_id=area_id, leave_out=leave_out, hidden=hidden)) is not None
    }
    chosen, layout = _layout.pick(found, sheets, sheet, area_id)
    options = _Options(period, indicator, names or {}, dash, decimal, hidden)
    table, columns, whence = _figures(chosen, layout, options)
    understood = Understood(
        file=sheets[0].name if chosen.is_text else str(path).replace("\\", "/").rsplit("/", 1)[-1],
        sheet="" if chosen.is_text else chosen.name,
        heading_rows=tuple(chosen.row_number(r) for r in layout.headings),
        area_column=f"{letters(layout.area)}: {' '.join(text_of(p) for p in layout.parts[layout.area])}",
        areas=dict(layout.how),
        period=whence,
        columns=tuple(columns),
        left_out=tuple(layout.left_out),
        n_areas=table["area_id"].nunique(),
        n_rows=len(layout.rows),
        n_values=int(table.drop(columns=["area_id", "period"]).select_dtypes("number").notna().sum().sum()),
        other_sheets=tuple(s.name for s in sheets if s.name != chosen.name),
    )
    return OwnData(table, understood)


def _codes(areas: pd.DataFrame | None) -> Codes:
    if areas is None:
        return Codes({}, frozenset(), ())
    check_columns(areas, ["area_id"], argument="areas")
    ids = joining.codes(areas["area_id"])
    names: dict[str, str] = {}
    if "name" in areas:
        pairs = pd.DataFrame({"name": areas["name"].map(lambda n: text_of(n).casefold()), "code": ids})
        pairs = pairs.drop_duplicates()
        once = pairs[~pairs["name"].duplicated(keep=False) & (pairs["name"] != "")]
        names = dict(zip(once["name"], once["code"], strict=True))
    known = frozenset(ids)
    return Codes(names, known, tuple(sorted({len(code) for code in known})))


def _figures(
    sheet: Sheet, layout: _layout.Layout, options: _Options
) -> tuple[pd.DataFrame, list[ReadColumn], str]:
    """Read every column and put the figures in one row per area and period."""
    heads = {}
    for c in range(sheet.width):
        if c != layout.area and (layout.parts[c] or _filled(sheet, layout, c)):
            heads[c] = headings.split(layout.parts[c], sheet.place(layout.headings[-1], c))
    roles = _roles(sheet, layout, heads, options)
    _check_formulas(sheet, layout, [layout.area, *(c for c, role in roles.items() if role != "left")])
    periods, whence = _periods(sheet, layout, roles, heads, options)
    columns: list[ReadColumn] = []
    records: list[tuple[str, int, str, float, str, str]] = []
    for c, (heading, year) in heads.items():
        role = roles[c]
        own = year if whence == "headings" else None
        if role in {"figures", "values"}:
            name = _name(sheet, layout, c, heading, options) if role == "figures" else ""
            said = year is None or own is not None or year == options.period
            text = heading if said else f"{heading} {year}".strip()
            if role == "figures" and text != heading:
                name = headings.indicator_of(text, options.names)
            made, how = _column(sheet, layout, c, options)
            labels = _labels(sheet, layout, roles, options) if role == "values" else [name] * len(made)
            _check_counts(sheet, layout, c, labels)
            records += [
                (code, p if own is None else own, label, value, flag, sheet.place(r, c))
                for (r, code), p, label, (value, flag) in zip(layout.rows, periods, labels, made, strict=True)
            ]
            columns.append(ReadColumn(letters(c), text or str(year), name or "values", own, how))
        else:
            why = {"left": _why(sheet, layout, c, options), "period": "periods", "labels": "indicators"}[role]
            columns.append(ReadColumn(letters(c), heading or str(year or ""), "", None, {why: 1}))
    return _table(records), columns, whence


def _filled(sheet: Sheet, layout: _layout.Layout, c: int) -> bool:
    return any(sheet.at(r, c) is not None or (r, c) in sheet.unsaved for r, _ in layout.rows)


def _roles(
    sheet: Sheet, layout: _layout.Layout, heads: Mapping[int, tuple[str, int | None]], options: _Options
) -> dict[int, str]:
    """Say of each column whether it holds figures, periods, names of indicators, values or is left out."""
    roles: dict[int, str] = {}
    wanted = options.period.strip().casefold() if isinstance(options.period, str) else None
    bare = {c: heading.casefold() for c, (heading, year) in heads.items() if year is None}
    long = {
        kind: [c for c, text in bare.items() if text in words]
        for kind, words in (("labels", headings.INDICATOR_HEADINGS), ("values", headings.VALUE_HEADINGS))
    }
    is_long = len(long["labels"]) == len(long["values"]) == 1
    for c, (heading, year) in heads.items():
        cells = [sheet.at(r, c) for r, _ in layout.rows]
        text = bare.get(c, "")
        dates = wanted is None and text in headings.PERIOD_HEADINGS and "period" not in roles.values()
        if c in sheet.hidden_columns and options.hidden == "leave out":
            roles[c] = "left"
        elif dates or (wanted is not None and text == wanted):
            roles[c] = "period"
        elif is_long and c in long["labels"]:
            roles[c] = "labels"
        elif is_long and c in long["values"]:
            roles[c] = "values"
        elif is_long or not _filled(sheet, layout, c) or _only_text(cells):
            roles[c] = "left"
        elif not heading and year is None:
            first = next(r for r, _ in layout.rows if sheet.at(r, c) is not None or (r, c) in sheet.unsaved)
            rule = f"{sheet.place(first, c)} has a figure, but its column has no heading"
            raise InputError(message("table", rule, fix="Write a heading, or empty the column."))
        else:
            roles[c] = "figures"
    if wanted is not None and "period" not in roles.values():
        rule = f"no column has the heading {options.period!r}"
        raise InputError(message("period", rule, fix="Give a year as a number, or the heading as it stands."))
    if not {"figures", "values"} & set(roles.values()):
        raise InputError(message("table", f"{sheet.name} has areas but no column of figures"))
    return roles


def _only_text(cells: list[Any]) -> bool:
    filled = [cell for cell in cells if cell is not None]
    texts = [is_text(cell) and not cell.startswith("#") for cell in filled]
    numbers = [
        isinstance(cell, int | float) or (isinstance(cell, str) and cell.strip()[:1].isdigit())
        for cell in filled
    ]
    return any(texts) and not any(n and not t for n, t in zip(numbers, texts, strict=True))


def _why(sheet: Sheet, layout: _layout.Layout, c: int, options: _Options) -> str:
    if c in sheet.hidden_columns and options.hidden == "leave out":
        return "left_hidden"
    return "text" if _filled(sheet, layout, c) else "nothing"


def _check_formulas(sheet: Sheet, layout: _layout.Layout, columns: list[int]) -> None:
    for r, _ in layout.rows:
        for c in columns:
            if (r, c) in sheet.unsaved:
                rule = f"{sheet.place(r, c)} holds a formula whose result is not stored in the file"
                fix = "Open the workbook in Excel or LibreOffice, save it and try again."
                raise InputError(message("table", rule, fix=fix))


def _periods(
    sheet: Sheet,
    layout: _layout.Layout,
    roles: Mapping[int, str],
    heads: Mapping[int, tuple[str, int | None]],
    options: _Options,
) -> tuple[list[int], str]:
    """Return the period of each row, and where it comes from."""
    column = next((c for c, role in roles.items() if role == "period"), None)
    if column is not None:
        found = []
        for r, _ in layout.rows:
            year = headings.year_of(sheet.at(r, column))
            if year is None:
                rule = f"{sheet.place(r, column)} holds {text_of(sheet.at(r, column))!r} where a year belongs"
                raise InputError(message("table", rule, fix="Write one year, such as 2024."))
            found.append(year)
        return found, "column"
    n = len(layout.rows)
    used = {c: heads[c][1] for c, role in roles.items() if role in {"figures", "values"}}
    if isinstance(options.period, int) and not isinstance(options.period, bool):
        return [options.period] * n, "argument"
    if all(year is not None for year in used.values()):
        return [0] * n, "headings"
    some = next((c for c, year in used.items() if year is None), None)
    if any(year is not None for year in used.values()) and some is not None:
        rule = f"{sheet.place(layout.headings[-1], some)} has no year, but other headings have"
        raise InputError(message("table", rule, fix="Write the year in every heading, or give period=."))
    titles = [text_of(cell) for row in sheet.rows[: layout.headings[0]] for cell in row if cell is not None]
    years = headings.years_in([*titles, *([] if sheet.is_text else [sheet.name])])
    if len(years) == 1:
        return [years[0]] * n, "title"
    said = f"the title names several ({', '.join(map(str, years))})" if years else "there is none"
    rule = f"{sheet.name} does not tell which year the figures are of: {said}"
    raise InputError(
        message("period", rule, fix="Give it, such as period=2024, or add a column with the year.")
    )


def _name(sheet: Sheet, layout: _layout.Layout, c: int, heading: str, options: _Options) -> str:
    if heading:
        return headings.indicator_of(heading, options.names)
    if options.indicator is not None:
        return options.indicator
    rule = f"{sheet.place(layout.headings[-1], c)} is a year, and nothing tells what the figures are"
    raise InputError(message("indicator", rule, fix="Give it, such as indicator='population'."))


def _column(
    sheet: Sheet, layout: _layout.Layout, c: int, options: _Options
) -> tuple[list[tuple[float, str]], dict[str, int]]:
    """Read the figures of a column, with flags."""
    cells = [sheet.at(r, c) for r, _ in layout.rows]
    places = [sheet.place(r, c) for r, _ in layout.rows]
    percent = [(r, c) in sheet.percent for r, _ in layout.rows]
    read = read_numbers(cells, places, percent, dash=options.dash, decimal=options.decimal)
    how = Counter(read.how)
    stored = sum(isinstance(x, str) and not math.isnan(v) for x, v in zip(cells, read.values, strict=True))
    if stored and not sheet.is_text:
        how["stored_as_text"] = stored
    if c in sheet.hidden_columns:
        how["hidden"] = 1
    made = [(v, "suppressed" if w else "") for v, w in zip(read.values, read.withheld, strict=True)]
    return made, dict(how)


def _check_counts(sheet: Sheet, layout: _layout.Layout, c: int, labels: list[str]) -> None:
    for name in filter(indicators.is_count, dict.fromkeys(labels)):
        mine = [r for (r, _), label in zip(layout.rows, labels, strict=True) if label == name]
        check_thousands([sheet.at(r, c) for r in mine], [sheet.place(r, c) for r in mine], argument=name)


def _labels(sheet: Sheet, layout: _layout.Layout, roles: Mapping[int, str], options: _Options) -> list[str]:
    """Return the indicator of each row of a long table."""
    column = next(c for c, role in roles.items() if role == "labels")
    labels = []
    for r, _ in layout.rows:
        text = text_of(sheet.at(r, column))
        if not text:
            rule = f"{sheet.place(r, column)} is empty where the name of an indicator belongs"
            raise InputError(message("table", rule, fix="Write the name, or take the row away."))
        labels.append(headings.indicator_of(text, options.names))
    return labels


def _table(records: list[tuple[str, int, str, float, str, str]]) -> pd.DataFrame:
    """Put figures in one row per area and period; two for the same are an error."""
    seen: dict[tuple[str, int, str], str] = {}
    for code, period, name, _, _, place in records:
        before = seen.setdefault((code, period, name), place)
        if before != place:
            rule = f"{before} and {place} are both {name} of {code} in {period}"
            fix = "Keep one of them, or give the columns different headings."
            raise InputError(message("table", rule, fix=fix))
    frame = pd.DataFrame(records, columns=["area_id", "period", "name", "value", "flag", "place"])
    order = list(dict.fromkeys(frame["name"]))
    keys = ["area_id", "period"]
    table = frame.pivot(index=keys, columns="name", values="value").reindex(columns=order)
    flags = frame.pivot(index=keys, columns="name", values="flag").reindex(columns=order).fillna("")
    for name in order:
        if (flags[name] != "").any():
            table[f"{name}_flag"] = flags[name]
    table = table.reset_index()
    table.columns.name = None
    return table.sort_values(["period", "area_id"], ignore_index=True)
