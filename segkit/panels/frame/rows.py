"""The rows of a table that are no areas: sums, notes, leftovers, names not known; each is told or asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.panels.frame import catalogue, columns, layout
from segkit.panels.frame.periods import is_source
from segkit.panels.frame.places import BLANK, LEFT, OTHER, RESIDUAL, RESIDUALS, TOTAL, UNKNOWN, Areas
from segkit.panels.frame.questions import ASKED, MUST, Log
from segkit.panels.frame.raw import folded, text_of

if TYPE_CHECKING:
    from segkit.panels.frame.columns import Table

#: Rows of areas that are not here are named one by one up to this many, then counted.
MOST_NAMED = 200


def tell(table: Table, loose: list[tuple[Table, int, str, int]], log: Log) -> None:
    """Tell of the rows of a table that are no areas; names not known are gathered to be asked at once."""
    place, sheet = table.layout, table.sheet
    status = place.status
    _tell_match(table, log)
    for r, text in place.notes:
        _note(table, r, text, log)
    figures = set(layout.with_figures(place, UNKNOWN, RESIDUAL, BLANK, LEFT, TOTAL).tolist())
    others = np.flatnonzero(status == OTHER)
    for i in np.flatnonzero(np.isin(status, (UNKNOWN, RESIDUAL, BLANK, LEFT, TOTAL))):
        r = int(place.rows[i])
        text = text_of(sheet.spread[r, place.area]) or text_of(sheet.grid[r, sheet.filled(r)[0]])
        kind = int(status[i])
        if kind == UNKNOWN and table.area_heading and folded(text) == folded(table.area_heading):
            _heading_again(table, r, log)
        elif kind in {UNKNOWN, RESIDUAL} and i in figures:
            loose.append((table, r, text, kind))
        elif kind == TOTAL:
            log.add("total", "left_total", sheet, row=r, column=place.area, text=text)
        elif kind == LEFT:
            what = "residual" if RESIDUALS.fullmatch(text) else "left out"
            log.add(what, "left_told", sheet, row=r, column=place.area, text=text, setting="areas.leave_out")
        elif kind == BLANK and i in figures:
            continue
        else:
            log.add("row without figures", "left_empty", sheet, row=r, column=place.area, text=text)
    _blank(table, log)
    for i in others[:MOST_NAMED]:
        r = int(place.rows[i])
        text = place.column.texts[place.column.codes[r]]
        log.add("not an area of this survey", "left_other", sheet, row=r, column=place.area, text=text)
    if len(others):
        codes = {place.column.texts[place.column.codes[int(place.rows[i])]] for i in others}
        known = len(set(table.areas.tolist()))
        log.add(
            "other areas",
            "left_others",
            sheet,
            column=place.area,
            n=len(codes),
            known=known,
            rows=len(others),
        )


def _heading_again(table: Table, r: int, log: Log) -> None:
    """Pass over a heading row that stands again among the data; another one begins another table."""
    sheet = table.sheet
    above = table.layout.headings[-1] if table.layout.headings else None
    text = text_of(sheet.grid[r, table.layout.area])
    same = above is not None and all(
        sheet.grid[r, c] is None or folded(text_of(sheet.grid[r, c])) == folded(text_of(sheet.grid[above, c]))
        for c in range(sheet.width)
    )
    if same:
        log.add("heading again", "heading_again", sheet, row=r, text=text)
    else:
        log.add(
            "second table",
            "second_table",
            sheet,
            level=MUST,
            row=r,
            column=table.layout.area,
            text=text,
            guess="?",
            setting="tables.sheet",
            cell=sheet.cell(r, table.layout.area),
        )


def _tell_match(table: Table, log: Log) -> None:
    place = table.layout
    how: dict[str, int] = {}
    codes = np.unique(place.column.codes[table.rows])
    for k in codes:
        how[place.matched.how[k]] = how.get(place.matched.how[k], 0) + 1
    if "area" not in table.entry:
        log.add(
            "area column",
            "area_column",
            table.sheet,
            column=place.area,
            heading=table.area_heading,
            n=len(codes),
            setting="tables.area",
            guess=table.area_heading,
        )
    for name in ("zeros", "suffix", "code_and_name", "first_word", "in_brackets", "name"):
        if name in how:
            log.add("areas", f"how_{name}", table.sheet, column=place.area, n=how[name])
    if place.filled_down:
        log.add("areas", "filled_down", table.sheet, column=place.area, n=place.filled_down)


def _note(table: Table, r: int, text: str, log: Log) -> None:
    if is_source(text) and (source := catalogue.source_in(text)):
        log.add(
            "note",
            "source_line",
            table.sheet,
            level=ASKED,
            row=r,
            column=table.sheet.filled(r)[0],
            text=text,
            source=source,
            setting="indicators.source",
            guess=source,
            cell=table.sheet.cell(r, table.sheet.filled(r)[0]),
        )
    else:
        log.add("note", "left_note", table.sheet, row=r, column=table.sheet.filled(r)[0], text=text)


def _blank(table: Table, log: Log) -> None:
    """Rows with figures and no area: sums beside codes; many of them are a block that was not merged."""
    place, sheet = table.layout, table.sheet
    blank = columns.blank_rows(place)
    if not len(blank):
        return
    first = int(place.rows[blank[0]])
    named = 0
    if table.name is not None:
        named = int(sheet.full[place.rows[blank], table.name].sum())
    # A name beside an empty code is a sum or a leftover; without any name the area above may be meant.
    if len(blank) - named >= max(2, 0.3 * len(table.rows)):
        log.add(
            "empty areas",
            "fill_which",
            sheet,
            level=MUST,
            row=first,
            column=place.area,
            n=len(blank),
            setting="tables.area",
            cell=sheet.cell(first, place.area),
            guess="?",
        )
        return
    for i in blank:
        r = int(place.rows[i])
        text = text_of(sheet.grid[r, sheet.filled(r)[0]])
        log.add("total", "left_blank", sheet, row=r, column=place.area, text=text)


def ask_names(loose: list[tuple[Table, int, str, int]], areas: Areas, log: Log) -> None:
    """Ask for all unknown names at once, with the nearest known beside."""
    for kind, what in ((UNKNOWN, "names"), (RESIDUAL, "leave_out")):
        found: dict[str, tuple[Table, int]] = {}
        for table, r, text, status in loose:
            if status == kind:
                found.setdefault(text, (table, r))
        if not found:
            continue
        items, guesses = [], {}
        for text, (table, r) in found.items():
            near = areas.nearest(text)
            guesses[text] = near
            facts = {"text": text, "row": table.sheet.row(r), "near": near}
            items.append(("name_item" if near else "name_item_far", facts))
        table, r = next(iter(found.values()))
        setting = "areas.same" if kind == UNKNOWN else "areas.leave_out"
        log.add(
            what,
            f"unknown_{what}",
            table.sheet,
            level=MUST,
            row=r,
            column=table.layout.area,
            text=", ".join(found),
            setting=setting,
            list=items,
            n=len(found),
            guess=guesses if kind == UNKNOWN else list(found),
        )


def tell_unmatched(leave_out: list[str], log: Log) -> None:
    """Tell of texts to be left out that match no row."""
    wanted = [t for t in leave_out if t != "*"]
    left = {folded(str(n.text)) for n in log.notes if n.what in {"left out", "total", "residual"}}
    for text in wanted:
        if folded(text) not in left:
            log.add("left out", "leave_out_none", text=text, setting="areas.leave_out")
