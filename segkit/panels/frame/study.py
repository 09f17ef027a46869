"""A folder looked at as a whole: from files and description to figures by area and year, and every doubt."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.panels.frame import boundaries, catalogue, columns, folder, layout, naming, periods, rows, values
from segkit.panels.frame.description import Description, Entry, gather
from segkit.panels.frame.places import AREA, OTHER, Areas
from segkit.panels.frame.questions import ASKED, MUST, Log
from segkit.panels.frame.raw import Sheet, folded, open_table, text_of
from segkit.panels.frame.texts import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.panels.frame.boundaries import Boundaries
    from segkit.panels.frame.catalogue import Indicator
    from segkit.panels.frame.columns import Table
    from segkit.panels.frame.values import Read, Series


#: A folder that holds no description.
_NOWHERE = Path("\0")


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
    source: Any,
    description: str | Path | Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    indicators: Any = None,
    given: str = "",
) -> Study:
    """Look at a folder or a frame; nothing is raised for what must be answered, that stands in the log."""
    log = Log()
    if hasattr(source, "columns"):
        return _study_frame(
            source, gather(_NOWHERE, description, options or {}, settings or {}, indicators), given
        )
    source = Path(source)
    found = folder.look(source, log)
    told = gather(
        found.path if source.is_dir() else _NOWHERE,
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
    result.areas = naming.areas(result, work)
    if result.areas is not None:
        _read_tables(result, work)
    _indicators(result, [sheet for sheet, _ in work])
    return result


def _study_frame(data: pd.DataFrame, told: Description, name: str) -> Study:
    """Look at a frame: its geometry gives the areas, its columns the figures."""
    log = Log()
    place = str(told.survey.get("place", name))
    result = Study(folder.Folder(_NOWHERE, place), told, log)
    result.boundaries = boundaries.of_frame(data, told, name, log)
    entry = told.table(Entry())
    entry.put("area", told.areas.get("id"), told.areas.origins["id"])
    columns_ = pd.DataFrame(
        data.drop(columns=getattr(data, "_geometry_column_name", None) or [], errors="ignore")
    )
    work = [(_sheet_of(columns_, name, name, "frame"), entry)]
    result.areas = naming.areas(result, work)
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
    described = bool(told.indicators) or told.chosen is not None
    if found is not None and (
        not work or (not described and all(sheet.kind == "layer" for sheet, _ in work))
    ):
        numbers = [
            str(c)
            for c in found.frame.columns
            if c not in {found.id, found.name} and found.frame[c].dtype.kind in "iuf"
        ]
        if described:
            work.append((_layer_sheet(found), told.table(Entry())))
        else:
            result.log.add(
                "indicators",
                "which_columns",
                file=found.file,
                level=MUST,
                setting="indicators",
                list=numbers,
                n=len(numbers),
                guess="?",
                name=found.file,
            )
            if "period" not in told.every_table and not work:
                result.log.add(
                    "period", "no_year", file=found.file, level=MUST, setting="tables.period", guess="?"
                )
    return work


def _layer_sheet(found: Boundaries) -> Sheet:
    frame = pd.DataFrame(found.frame.drop(columns=found.frame.geometry.name))
    return _sheet_of(frame, found.file, found.layer, "layer")


def _sheet_of(frame: pd.DataFrame, file: str, name: str, kind: str) -> Sheet:
    """Return a frame as a sheet whose headings are the names of its columns."""
    grid = np.full(frame.shape, None, dtype=object)
    for c, heading in enumerate(frame.columns):
        column = frame[heading]
        cells = column.astype(object).where(column.notna(), None)
        grid[:, c] = [x.item() if hasattr(x, "item") else x for x in cells]
    return Sheet(
        file,
        name,
        grid,
        np.arange(1, len(frame) + 1),
        np.arange(1, frame.shape[1] + 1),
        kind,
        headings=[str(c) for c in frame.columns],
    )


# Areas


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
            log.add(
                "areas",
                "none_known",
                sheet,
                level=MUST,
                row=int(place.rows[0]),
                column=place.area,
                setting="areas.file",
                text=example,
                list=areas.ids[:3],
                guess="?",
            )
            continue
        found.append(columns.read(place, areas, entry, log))
    if not found and work and not log.must:
        _no_areas(result, work)
    loose: list[tuple[Table, int, str, int]] = []
    for table in found:
        rows.tell(table, loose, log)
    rows.ask_names(loose, areas, log)
    _read_figures(result, found)
    rows.tell_unmatched(result.told.areas.get("leave_out", []), log)


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
        raise Problem(
            "no_areas_in",
            file=sheet.title,
            list=[str(sheet.name)],
            id=result.boundaries.id if result.boundaries else "-",
            examples=areas.ids[:3],
        )
    elif sheet.unsaved:
        from segkit.panels.frame.raw import letters

        row, number = sheet.unsaved[0]
        log.add(
            "formula",
            "formula_must",
            sheet,
            level=MUST,
            cell=f"{sheet.name}!{letters(number)}{row}",
            n=len(sheet.unsaved),
            setting="tables.sheet",
            guess="?",
        )
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
    result.log.add(
        "areas",
        "no_areas_in",
        level=MUST,
        setting="tables.area",
        file=", ".join(files),
        list=names,
        id=found.id if found else "-",
        examples=areas.ids[:3] if areas else [],
        guess="?",
    )


def _read_figures(result: Study, found: list[Table]) -> None:
    log = result.log
    titles: dict[str, list[str]] = {}
    for table in found:
        if periods.years_only(table):
            titles.setdefault(table.sheet.file, []).append(periods.title_of(table)[0])
    told = {entry.get("heading", entry.get("id")): entry for entry in result.told.indicators}
    for table in found:
        if periods.years_only(table):
            periods.base_heading(table, titles[table.sheet.file], log)
        periods.set_periods(table, log)
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
    result.indicators = catalogue.build(result.tables, sheets, result.told, result.seen, result.log)
    parts = [
        _record(n, t, series, float(indicator.said.get("multiply", 1)))
        for n, indicator in enumerate(result.indicators)
        for t, (_, series) in enumerate(indicator.parts)
    ]
    if not parts:
        return
    records = pd.concat(parts, ignore_index=True)
    result.records = _once(result, records[records["period"] >= 0])
    _odd_years(result)
    for indicator in result.indicators:
        _ask(indicator, result.log)


def _record(indicator: int, part: int, series: Series, factor: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator": indicator,
            "area": series.areas,
            "period": series.periods,
            # A product is freed of the noise of binary fractions: 0.07 times 100 is 7.
            "value": series.numbers if factor == 1 else np.round(series.numbers * factor, 10),
            "flag": series.flags,
            "part": part,
            "row": series.rows,
            "column": series.column,
        }
    )


def _ask(indicator: Indicator, log: Log) -> None:
    """Ask for what no file says: direction, unit, source."""
    about: dict[str, Any] = {
        "level": ASKED,
        "heading": indicator.heading,
        "file": indicator.file,
        "text": indicator.heading,
    }
    if "direction" not in indicator.said and indicator.id != "population":
        log.add("direction", "direction", setting="indicators.direction", **about)
    if "unit" not in indicator.said:
        figures = indicator.figures
        low, high = (float(figures.min()), float(figures.max())) if len(figures) else (0.0, 0.0)
        log.add("unit", "unit_which", setting="indicators.unit", low=low, high=high, **about)
    if indicator.origins.get("source") == "the file's name":
        log.add("source", "source_which", setting="survey.source", **about)


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
    raise Problem(
        "two_values",
        a=name,
        h=found.heading,
        year=int(period),
        v1=float(rows[0]["value"]),
        cell1=cells[0],
        v2=float(rows[1]["value"]),
        cell2=cells[1],
        n=n,
    )


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
