"""A folder looked at as a whole: from its files and description to figures by area and year, with every doubt."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.frame import boundaries, catalogue, columns, folder, layout, values
from segkit.frame.description import Description, Entry, gather
from segkit.frame.places import AREA, BLANK, LEFT, OTHER, RESIDUAL, RESIDUALS, TOTAL, UNKNOWN, Areas
from segkit.frame.questions import ASKED, MUST, Log
from segkit.frame.raw import Sheet, folded, open_table, text_of
from segkit.frame.texts import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.frame.boundaries import Boundaries
    from segkit.frame.catalogue import Indicator
    from segkit.frame.columns import Table
    from segkit.frame.values import Read

#: Rows of areas that are not here are named one by one up to this many, then counted.
MOST_NAMED = 200


@dataclass
class Study:
    """Everything found in a folder."""

    folder: folder.Folder
    told: Description
    log: Log
    boundaries: Boundaries | None = None
    areas: Areas | None = None
    tables: list[tuple[Table, Read]] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)
    records: pd.DataFrame = field(default_factory=pd.DataFrame)
    seen: set[str] = field(default_factory=set)

    @property
    def place(self) -> str:
        """The name of the place: told, else the folder's."""
        return str(self.told.survey.get("place", self.folder.name))


def study(
    source: Path,
    description: str | Path | Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    indicators: Any = None,
) -> Study:
    """Look at a folder; nothing is raised for what must be answered, that stands in the log."""
    log = Log()
    found = folder.look(source, log)
    told = gather(
        found.path if source.is_dir() else Path("/nonexistent"),
        description,
        options or {},
        settings or {},
        indicators,
    )
    result = Study(found, told, log)
    if "place" not in told.survey:
        log.add("place", "place", setting="survey.place", level=ASKED, name=found.name, guess=found.name)
    work = _sheets(result)
    sheets = [sheet for sheet, _ in work]
    _boundary_inside(result)
    result.boundaries = boundaries.find(found.boundaries, [s for s in sheets if s.kind != "layer"], told, log)
    work = _layer_tables(result, work)
    result.areas = _areas(result, work)
    if result.areas is not None:
        _read_tables(result, work)
    _indicators(result, [sheet for sheet, _ in work])
    return result


def _boundary_inside(result: Study) -> None:
    wanted = result.told.areas.get("file")
    if wanted is not None and not wanted.startswith("segkit:"):
        path = folder.inside(result.folder, wanted, "areas.file")
        if wanted not in {name for name, _ in result.folder.boundaries}:
            result.folder.boundaries.append((wanted, path))


def _sheets(result: Study) -> list[tuple[Sheet, Entry]]:
    """Open the tables: all of them, or those that the description names."""
    told, log = result.told, result.log
    entries = [told.table(entry) for entry in told.tables] or [told.table(Entry())]
    named = {entry.get("file") for entry in entries if "file" in entry}
    every = not told.tables or any("file" not in entry for entry in entries)
    work: list[tuple[Sheet, Entry]] = []
    left: dict[tuple[str, str | None], Sheet] = {}
    opened: dict[str, list[Sheet]] = {}
    for entry in entries:
        wanted = _named(result, entry, named)
        for name, path in wanted:
            if name not in opened:
                opened[name] = open_table(path, name)
            chosen, others = _chosen(opened[name], entry, name, strict=len(wanted) == 1)
            work += chosen
            left |= {(sheet.file, sheet.name): sheet for sheet in others}
    read = {(sheet.file, sheet.name) for sheet, _ in work}
    for at, sheet in left.items():
        if at not in read:
            what = "sheet not read" if _has_rows(sheet) else "sheet without figures"
            log.add(what, what.replace(" ", "_"), sheet, row=0, text=("whole_sheet", {}))
    for name, _ in result.folder.tables:
        if not every and name not in named:
            log.add("file not read", "table_not_read", file=name, name=name)
    return work


def _named(result: Study, entry: Entry, named: set[str | None]) -> list[tuple[str, Path]]:
    """Return the tables that an entry speaks of: the one it names, else all that no entry names."""
    name = entry.get("file")
    if name is None:
        return [(n, p) for n, p in result.folder.tables if n not in named]
    path = folder.inside(result.folder, name, "tables.file")
    if path.suffix.lower() in boundaries.SUFFIXES:
        return []
    if path.suffix.lower() not in folder.TABLES:
        raise Problem("no_table_file", file=name)
    return [(name, path)]


def _has_rows(sheet: Sheet) -> bool:
    return bool((layout.figure_cells(sheet).any(axis=1) & (sheet.full.sum(axis=1) > 1)).any())


def _chosen(
    sheets: list[Sheet], entry: Entry, file: str, *, strict: bool = True
) -> tuple[list[tuple[Sheet, Entry]], list[Sheet]]:
    wanted = entry.get("sheet")
    if wanted is None or any(sheet.kind == "csv" for sheet in sheets):
        return [(sheet, entry) for sheet in sheets], []
    names = [str(sheet.name) for sheet in sheets]
    for name in wanted:
        if name not in names and strict:
            near = nearest(name, names, 0.4) or (names[0] if names else "")
            raise Problem("no_sheet", file=file, sheet=name, list=names, near=near)
    left = [sheet for sheet in sheets if sheet.name not in wanted]
    return [(sheet, entry) for sheet in sheets if sheet.name in wanted], left


def _layer_tables(result: Study, work: list[tuple[Sheet, Entry]]) -> list[tuple[Sheet, Entry]]:
    """Add the boundary file as a table where the description names it as one."""
    found, told = result.boundaries, result.told
    for entry in told.tables:
        name = entry.get("file")
        if name is None or Path(name).suffix.lower() not in boundaries.SUFFIXES:
            continue
        if found is None or found.file != name:
            raise Problem("layer_not_areas", file=name)
        work.append((_layer_sheet(found), told.table(entry)))
    if not work and found is not None:
        numbers = [
            str(c)
            for c in found.frame.columns
            if c not in {found.id, found.name} and found.frame[c].dtype.kind in "iuf"
        ]
        if told.indicators or told.chosen:
            work.append((_layer_sheet(found), told.table(Entry())))
        else:
            result.log.add("indicators", "which_columns", file=found.file, level=MUST, setting="indicators", list=numbers,
                           n=len(numbers), guess="?", name=found.file)  # fmt: skip
            if "period" not in told.every_table:
                result.log.add(
                    "period", "no_year", file=found.file, level=MUST, setting="tables.period", guess="?"
                )
    return work


def _layer_sheet(found: Boundaries) -> Sheet:
    frame = pd.DataFrame(found.frame.drop(columns=found.frame.geometry.name))
    grid = np.full(frame.shape, None, dtype=object)
    for c, name in enumerate(frame.columns):
        column = frame[name]
        cells = column.astype(object).where(column.notna(), None)
        grid[:, c] = [x.item() if hasattr(x, "item") else x for x in cells]
    return Sheet(found.file, found.layer, grid, np.arange(1, len(frame) + 1), np.arange(1, frame.shape[1] + 1), "layer",
                 headings=[str(c) for c in frame.columns])  # fmt: skip


# Areas


def _areas(result: Study, work: list[tuple[Sheet, Entry]]) -> Areas | None:
    told, found = result.told.areas, result.boundaries
    same, leave = told.get("same", {}), told.get("leave_out", [])
    if found is not None:
        areas = Areas(found.ids, found.names, same, leave, result.told.survey.get("place", ""))
        _own_names(result, areas)
    else:
        areas = _from_tables(result, work, same, leave)
        if areas is None:
            return None
    for text, target in same.items():
        if areas.find(target) is None:
            raise Problem(
                "same_unknown", name=text, target=target, near=areas.nearest(target) or areas.names[0]
            )
    return areas


def _own_names(result: Study, areas: Areas) -> None:
    """Replace the names by those of a file of two columns, id and name."""
    name = result.told.areas.get("names")
    if name is None:
        return
    path = folder.inside(result.folder, name, "areas.names")
    sheet = open_table(path, name)[0]
    if sheet.width < 2:
        raise Problem("names_columns", file=name)
    own: dict[int, str] = {}
    unknown = []
    for r in range(sheet.height):
        text, value = text_of(sheet.grid[r, 0]), text_of(sheet.grid[r, 1])
        at = areas.find(text)
        if at is not None and value:
            own[at] = value
        elif r > 0 and text:
            unknown.append(text)
    if unknown:
        raise Problem("names_unknown", file=name, list=unknown[:3], n=len(unknown))
    areas.names = [own.get(i, n) for i, n in enumerate(areas.names)]
    areas.__post_init__()


def _from_tables(
    result: Study, work: list[tuple[Sheet, Entry]], same: dict[str, str], leave: list[str]
) -> Areas | None:
    """Without boundaries the areas are what the tables name."""
    ids: dict[str, str] = {}
    for sheet, entry in work:
        table = layout.find(sheet, None, entry)
        if table is None or catalogue.is_about(sheet):
            continue
        skip = {folded(x) for x in [*same, *leave]}
        rows = table.rows[table.status == AREA]
        wanted = layout.with_figures(table, AREA)
        rows = table.rows[wanted]
        if len(set(table.column.codes[rows].tolist())) < 2:
            continue
        name = _name_column(table, rows)
        known = {folded(n) for n in ids.values()} | {folded(i) for i in ids}
        for k, r in dict(zip(table.column.codes[rows].tolist(), rows.tolist(), strict=True)).items():
            text = table.column.texts[k]
            if text and folded(text) not in known and folded(text) not in skip:
                ids[text] = text_of(sheet.grid[r, name]) if name is not None else text
    if not ids:
        return None
    result.log.add("boundaries", "no_boundaries", setting="areas.file", n=len(ids), guess=None)
    _suggest_embedded(result, list(ids))
    return Areas(
        list(ids), list(ids.values()), same, leave, result.told.survey.get("place", ""), bounded=False
    )


def _name_column(table: layout.Layout, rows: Any) -> int | None:
    sheet = table.sheet
    codes = table.column.codes[rows]
    for c in range(sheet.width):
        if c == table.area or layout.is_number_column(sheet, c):
            continue
        other = sheet.column(c)
        pairs = set(zip(codes.tolist(), other.codes[rows].tolist(), strict=True))
        texts = {other.texts[k] for _, k in pairs}
        if len(pairs) == len(set(codes.tolist())) == len(texts) and "" not in texts:
            return c
    return None


def _suggest_embedded(result: Study, ids: list[str]) -> None:
    from segkit import _geodata

    for place in _geodata.MUNICIPALITIES:
        text = (_geodata.municipality(place) / "areas.geojson").read_text("utf-8")
        if sum(f'"{i}"' in text for i in ids[:200]) * 2 >= min(len(ids), 200):
            file = f"segkit:{place}/deso"
            result.log.add(
                "boundaries", "use_embedded", level=ASKED, setting="areas.file", name=file, guess=file
            )


# Tables


def _read_tables(result: Study, work: list[tuple[Sheet, Entry]]) -> None:
    areas, log = result.areas, result.log
    if areas is None:
        return
    found: list[Table] = []
    for sheet, entry in work:
        place = layout.find(sheet, areas, entry)
        if place is None or not _enough(place):
            _pass_over(result, sheet, entry)
            continue
        if not (place.status == AREA).any():
            example = text_of(sheet.grid[place.rows[0], place.area])
            log.add("areas", "none_known", sheet, level=MUST, row=int(place.rows[0]), column=place.area, setting="areas.file",
                    text=example, list=areas.ids[:3], guess="?")  # fmt: skip
            continue
        found.append(columns.read(place, areas, entry, log))
    if not found and work and not log.must:
        _no_areas(result, work)
    loose: list[tuple[Table, int, str, int]] = []
    for table in found:
        _left_out(table, loose, log)
    _ask_names(loose, areas, log)
    _read_figures(result, found)
    _told_left(result)


def _enough(place: layout.Layout) -> bool:
    status = place.status
    known = set(place.areas[status == AREA].tolist())
    return len(known) + int((status == OTHER).sum() > 1) >= 1 and columns.numbers_in(place.sheet)


def _pass_over(result: Study, sheet: Sheet, entry: Entry) -> None:
    log, areas = result.log, result.areas
    named = "sheet" in entry or ("area" in entry and "file" in entry and sheet.kind == "csv")
    if catalogue.is_about(sheet):
        log.add("description of indicators", "about_sheet", sheet, row=0, text=("whole_sheet", {}))
    elif "area" in entry and named:
        known = _heads(sheet)
        near = nearest(entry.get("area"), known, 0.4) or (known[0] if known else "-")
        raise Problem(
            "no_column", key="tables.area", heading=entry.get("area"), file=sheet.title, list=known, near=near
        )
    elif named and areas is not None:
        raise Problem("no_areas_in", file=sheet.title, list=[str(sheet.name)], id=result.boundaries.id if result.boundaries else "-",
                      examples=areas.ids[:3])  # fmt: skip
    elif sheet.unsaved:
        from segkit.frame.raw import letters

        row, number = sheet.unsaved[0]
        log.add("formula", "formula_must", sheet, level=MUST, cell=f"{sheet.name}!{letters(number)}{row}", n=len(sheet.unsaved),
                setting="tables.sheet", guess="?")  # fmt: skip
    else:
        what = "sheet without areas" if _has_rows(sheet) else "sheet without figures"
        log.add(what, what.replace(" ", "_"), sheet, row=0, text=("whole_sheet", {}))


def _heads(sheet: Sheet) -> list[str]:
    if sheet.headings is not None:
        return sheet.headings
    rows = [r for r in range(min(sheet.height, 30)) if len(sheet.filled(r)) > 1][:3]
    return [
        text_of(sheet.grid[r, c]) for r in rows for c in sheet.filled(r) if isinstance(sheet.grid[r, c], str)
    ]


def _no_areas(result: Study, work: list[tuple[Sheet, Entry]]) -> None:
    areas, found = result.areas, result.boundaries
    files = list(dict.fromkeys(sheet.file for sheet, _ in work))
    names = [str(sheet.name or sheet.file) for sheet, _ in work]
    result.log.add("areas", "no_areas_in", level=MUST, setting="tables.area", file=", ".join(files), list=names,
                   id=found.id if found else "-", examples=areas.ids[:3] if areas else [], guess="?")  # fmt: skip


def _left_out(table: Table, loose: list[tuple[Table, int, str, int]], log: Log) -> None:
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
    """A heading row among the data: the same again is passed over; another begins another table."""
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
        log.add("second table", "second_table", sheet, level=MUST, row=r, column=table.layout.area, text=text, guess="?",
                setting="tables.sheet", cell=sheet.cell(r, table.layout.area))  # fmt: skip


def _tell_match(table: Table, log: Log) -> None:
    place = table.layout
    how: dict[str, int] = {}
    codes = np.unique(place.column.codes[table.rows])
    for k in codes:
        how[place.matched.how[k]] = how.get(place.matched.how[k], 0) + 1
    if "area" not in table.entry:
        log.add("area column", "area_column", table.sheet, column=place.area, heading=table.area_heading, n=len(codes),
                setting="tables.area", guess=table.area_heading)  # fmt: skip
    for name in ("zeros", "suffix", "code_and_name", "first_word", "in_brackets", "name"):
        if name in how:
            log.add("areas", f"how_{name}", table.sheet, column=place.area, n=how[name])
    if place.filled_down:
        log.add("areas", "filled_down", table.sheet, column=place.area, n=place.filled_down)


def _note(table: Table, r: int, text: str, log: Log) -> None:
    if columns.is_source(text) and (source := catalogue.source_in(text)):
        log.add("note", "source_line", table.sheet, level=ASKED, row=r, column=table.sheet.filled(r)[0], text=text, source=source,
                setting="indicators.source", guess=source, cell=table.sheet.cell(r, table.sheet.filled(r)[0]))  # fmt: skip
    else:
        log.add("note", "left_note", table.sheet, row=r, column=table.sheet.filled(r)[0], text=text)


def _blank(table: Table, log: Log) -> None:
    """Rows with figures and no area: sums beside codes; many of them are a block that was not merged."""
    place, sheet = table.layout, table.sheet
    blank = columns.blank_rows(place)
    if not len(blank):
        return
    first = int(place.rows[blank[0]])
    if len(blank) >= max(2, 0.3 * len(table.rows)):
        log.add("empty areas", "fill_which", sheet, level=MUST, row=first, column=place.area, n=len(blank), setting="tables.area",
                cell=sheet.cell(first, place.area), guess="?")  # fmt: skip
        return
    for i in blank:
        r = int(place.rows[i])
        text = text_of(sheet.grid[r, sheet.filled(r)[0]])
        log.add("total", "left_blank", sheet, row=r, column=place.area, text=text)


def _ask_names(loose: list[tuple[Table, int, str, int]], areas: Areas, log: Log) -> None:
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
        log.add(what, f"unknown_{what}", table.sheet, level=MUST, row=r, column=table.layout.area, text=", ".join(found),
                setting=setting, list=items, n=len(found), guess=guesses if kind == UNKNOWN else list(found))  # fmt: skip


def _told_left(result: Study) -> None:
    """Tell of texts to be left out that match no row."""
    wanted = [t for t in result.told.areas.get("leave_out", []) if t != "*"]
    left = {folded(str(n.text)) for n in result.log.notes if n.what in {"left out", "total", "residual"}}
    for text in wanted:
        if folded(text) not in left:
            result.log.add("left out", "leave_out_none", text=text, setting="areas.leave_out")


def _read_figures(result: Study, found: list[Table]) -> None:
    log = result.log
    titles: dict[str, list[str]] = {}
    for table in found:
        if columns.years_only(table):
            titles.setdefault(table.sheet.file, []).append(columns.title_of(table)[0])
    told = {entry.get("heading", entry.get("id")): entry for entry in result.told.indicators}
    for table in found:
        if columns.years_only(table):
            columns.base_heading(table, titles[table.sheet.file], log)
        columns.set_periods(table, log)
        for c, (heading, _) in enumerate(table.heads):
            if c != table.layout.area:
                result.seen.add(folded(heading))
        if table.sheet.kind == "layer":
            wanted = {folded(h) for h in [*told, *(result.told.chosen or [])] if h}
            table.figures = [f for f in table.figures if folded(f.heading) in wanted]
        result.tables.append((table, values.read(table, told, log)))


# Indicators and records


def _indicators(result: Study, sheets: list[Sheet]) -> None:
    if not result.tables:
        return
    log = result.log
    result.indicators = catalogue.build(result.tables, sheets, result.told, result.seen, log)
    parts = []
    for n, indicator in enumerate(result.indicators):
        factor = float(indicator.values.get("multiply", 1))
        for t, (table, series) in enumerate(indicator.parts):
            parts.append(
                pd.DataFrame(
                    {
                        "indicator": n, "area": series.areas, "period": series.periods, "value": series.values * factor,
                        "flag": series.flags, "part": t, "row": series.rows, "column": series.column,
                    }
                )
            )  # fmt: skip
            del table
    if not parts:
        return
    records = pd.concat(parts, ignore_index=True)
    result.records = _once(result, records[records["period"] >= 0])
    _odd_years(result)
    for indicator in result.indicators:
        if (
            not indicator.values.get("direction")
            and "direction" not in indicator.values
            and indicator.id != "population"
        ):
            log.add("direction", "direction", level=ASKED, setting="indicators.direction", heading=indicator.heading, file=indicator.file,
                    text=indicator.heading)  # fmt: skip
        if "unit" not in indicator.values:
            figures = indicator.figures
            low, high = (float(figures.min()), float(figures.max())) if len(figures) else (0.0, 0.0)
            log.add("unit", "unit_which", level=ASKED, setting="indicators.unit", heading=indicator.heading, file=indicator.file,
                    text=indicator.heading, low=low, high=high)  # fmt: skip
        if indicator.origins.get("source") == "the file's name":
            log.add("source", "source_which", level=ASKED, setting="survey.source", heading=indicator.heading, file=indicator.file,
                    text=indicator.heading)  # fmt: skip


def _once(result: Study, records: pd.DataFrame) -> pd.DataFrame:
    """Keep one value for each area, year and indicator; two different ones are an error."""
    key = ["indicator", "area", "period"]
    again = records.duplicated(key, keep=False)
    if not again.any():
        return records
    twice = records[again]
    figures = twice[twice["value"].notna()]
    spread = figures.groupby(key)["value"].agg(["min", "max"])
    wrong = spread[spread["min"] != spread["max"]]
    if len(wrong) and not result.log.must:
        _two_values(result, figures, wrong.index[0], len(wrong))
    order = records.assign(empty=records["value"].isna()).sort_values("empty", kind="stable")
    kept = order.drop_duplicates(key).drop(columns="empty").sort_index()
    result.log.add("twice", "same_twice", n=len(records) - len(kept))
    return kept


def _two_values(result: Study, figures: pd.DataFrame, key: tuple[int, int, int], n: int) -> None:
    indicator, area, period = key
    at = (figures["indicator"] == indicator) & (figures["area"] == area) & (figures["period"] == period)
    rows = figures[at].drop_duplicates("value").head(2).to_dict("records")
    found = result.indicators[indicator]
    cells = []
    for row in rows:
        sheet = found.parts[row["part"]][0].sheet
        cells.append(f"{sheet.file}, {sheet.cell(row['row'], row['column'])}")
    name = result.areas.shown[area] if result.areas else str(area)
    raise Problem("two_values", a=name, h=found.heading, year=int(period), v1=float(rows[0]["value"]), cell1=cells[0],
                  v2=float(rows[1]["value"]), cell2=cells[1], n=n)  # fmt: skip


def _odd_years(result: Study) -> None:
    this = dt.datetime.now(tz=dt.UTC).year
    years = sorted({int(y) for y in result.records["period"].unique()})
    odd = [y for y in years if y < 1900 or y > this + 1]
    if odd:
        result.log.add("year", "odd_year", level=ASKED, setting="tables.period", list=[str(y) for y in odd])
    wanted = result.told.survey.get("periods")
    if wanted is not None:
        absent = [y for y in wanted if y not in years]
        if absent:
            raise Problem("no_figures_for", list=[str(y) for y in absent], years=[str(y) for y in years])
        result.records = result.records[result.records["period"].isin(wanted)]
