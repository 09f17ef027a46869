"""The areas of a survey: those of the boundaries, or without boundaries those that the tables name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segkit.panels.frame import catalogue, folder, layout
from segkit.panels.frame.places import AREA, Areas
from segkit.panels.frame.questions import ASKED
from segkit.panels.frame.raw import folded, open_table, text_of
from segkit.panels.frame.texts import Problem

if TYPE_CHECKING:
    from segkit.panels.frame.description import Entry
    from segkit.panels.frame.raw import Sheet
    from segkit.panels.frame.study import Study


def areas(result: Study, work: list[tuple[Sheet, Entry]]) -> Areas | None:
    """Return the areas of a survey, None where nothing names any."""
    told, found = result.told.areas, result.boundaries
    same, leave = told.get("same", {}), told.get("leave_out", [])
    if found is not None:
        own = Areas(found.ids, found.names, same, leave, result.told.survey.get("place", ""))
        _own_names(result, own)
    else:
        named = _from_tables(result, work, same, leave)
        if named is None:
            return None
        own = named
    for text, target in same.items():
        if own.find(target) is None:
            raise Problem("same_unknown", name=text, target=target, near=own.nearest(target) or own.names[0])
    return own


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
    from segkit.catalogue import embedded

    for place in embedded.MUNICIPALITIES:
        text = (embedded.municipality(place) / "areas.geojson").read_text("utf-8")
        if sum(f'"{i}"' in text for i in ids[:200]) * 2 >= min(len(ids), 200):
            file = f"segkit:{place}/deso"
            result.log.add(
                "boundaries", "use_embedded", level=ASKED, setting="areas.file", name=file, guess=file
            )
