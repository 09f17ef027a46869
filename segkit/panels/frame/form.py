"""The form of a description: a workbook with one cell for each answer, read by the same schema."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from segkit.panels.frame import raw, schema
from segkit.panels.frame.raw import folded, text_of
from segkit.panels.frame.texts import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Types of keys that a number is written for.
NUMBERS = frozenset({"year", "factor", "positive", "number", "digits"})
WHOLES = frozenset({"years", "rows"})
LINES = frozenset({"texts", "signs", "text_or_texts"})
#: Blocks of one row for each key.
SINGLE = ("survey", "areas")
NAMES = ("same", "leave_out")


@cache
def words() -> dict[str, dict[str, Any]]:
    """Return the words of the form, each in Swedish and English."""
    found: dict[str, dict[str, Any]] = json.loads(
        files("segkit.words").joinpath("frame_form.json").read_text("utf-8")
    )
    return found


def key_of(text: str, table: dict[str, list[str]]) -> str | None:
    """Return the key that a heading in either language, or the key itself, stands for.

    Examples
    --------
    >>> key_of("a high value is", words()["indicators"]), key_of("unit", words()["indicators"])
    ('direction', 'unit')
    """
    wanted = folded(text)
    return next((k for k, said in table.items() if wanted in {folded(k), *map(folded, said)}), None)


def shown(section: str, key: str, value: Any, language: int) -> str:
    """Return a value as its cell shows it.

    Examples
    --------
    >>> shown("indicators", "direction", -1, 0), shown("tables", "take", {"kön": "totalt"}, 0)
    ('ogynnsamt', 'kön = totalt')
    """
    if value == schema.UNANSWERED:
        return schema.UNANSWERED
    said = words()["values"].get(key, {}).get(str(value)) if section != "tables" else None
    if said is not None:
        return str(said[language])
    if isinstance(value, dict):
        return "\n".join(f"{_quoted(str(k))} = {v}" for k, v in value.items())
    if isinstance(value, list):
        return "\n".join(str(v) or '""' for v in value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if "=" in text or text.startswith('"') else text


def taken(section: str, key: str, text: str) -> Any:
    """Return what a cell says, as the schema takes it.

    Examples
    --------
    >>> taken("indicators", "multiply", "0,5"), taken("tables", "missing", "-" + chr(10) + "..")
    (0.5, ['-', '..'])
    """
    if text == schema.UNANSWERED:
        return text
    known = words()["values"].get(key) if section != "tables" else None
    if known is not None:
        found = key_of(text, known)
        return int(found) if found and found.lstrip("-").isdigit() else found or text
    return _typed(schema.SECTIONS[section][key].form, key, text)


def _typed(form: str, key: str, text: str) -> Any:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if form in WHOLES:
        return [_number(part) for line in lines for part in line.replace(",", " ").split()]
    if form in LINES:
        return ["" if line == '""' else line for line in lines]
    if form == "mapping":
        return dict(_pair(line) for line in lines)
    if key == "like" and text.endswith(")") and "(" in text:
        return text[text.rindex("(") + 1 : -1]
    return _number(text) if form in NUMBERS else text


def _number(text: str) -> Any:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _pair(line: str) -> tuple[str, str]:
    if line.startswith('"'):
        try:
            key, end = json.JSONDecoder().raw_decode(line)
        except ValueError:
            key, end = line, len(line)
        return str(key), line[end:].strip().removeprefix("=").strip()
    key, _, value = line.partition("=")
    return key.strip(), value.strip()


def read_form(path: Path) -> tuple[dict[str, Any], dict[tuple[Any, ...], str]]:
    """Return the sections of a form as a mapping, and the cell of each key."""
    values: dict[str, Any] = {}
    cells: dict[Any, str] = {}
    for sheet, rows in _sheets(path):
        section = key_of(sheet.name or "", words()["sheets"])
        if section in SINGLE:
            _read_keys(section, sheet, rows, values, cells)
        elif section in schema.LISTS:
            _read_rows(section, sheet, rows, values, cells)
    return values, cells


def _sheets(path: Path) -> Iterator[tuple[raw.Sheet, list[list[str]]]]:
    for sheet in raw.open_table(path, path.name):
        yield sheet, [[_text(cell) for cell in row] for row in sheet.grid]


def _text(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else text_of(cell)


def _put(section: str, key: str, text: str, into: dict[str, Any]) -> None:
    value = taken(section, key, text)
    if section == "indicators" and key == "kind" and value == "population":
        into |= {"kind": "count", "id": "population"}
    else:
        into[key] = value


def _read_keys(
    section: str, sheet: raw.Sheet, rows: list[list[str]], values: dict[str, Any], cells: dict[Any, str]
) -> None:
    """Read a sheet with one row for each key, and the block of names below it."""
    words_of, columns = words()[section], words()["columns"]
    own = values.setdefault(section, {})
    heads: dict[int, str] = {}
    for r, row in enumerate(rows):
        found = {c: key_of(text, columns) for c, text in enumerate(row) if text}
        if {"what", "answer"} <= set(found.values()) or {"text", "area_of"} <= set(found.values()):
            heads = {c: key for c, key in found.items() if key}
            continue
        at = {key: c for c, key in heads.items()}
        if "what" in at and row[at["what"]]:
            key = key_of(row[at["what"]], words_of)
            if key is None:
                raise _unknown(sheet, r, at["what"], row[at["what"]], words_of)
            cells[(key,) if key == "segkit" else (section, key)] = sheet.cell(r, at["answer"])
            if row[at["answer"]]:
                if key == "segkit":
                    values[key] = _number(row[at["answer"]])
                else:
                    _put(section, key, row[at["answer"]], own)
        elif "text" in at and row[at["text"]] and row[at["area_of"]] not in {"", schema.UNANSWERED}:
            name, area = row[at["text"]], row[at["area_of"]]
            cells.setdefault((section, "same"), sheet.cell(r, at["area_of"]))
            if key_of(area, words()["values"]["area"]):
                own.setdefault("leave_out", []).append(name)
            else:
                own.setdefault("same", {})[name] = area


def _read_rows(
    section: str, sheet: raw.Sheet, rows: list[list[str]], values: dict[str, Any], cells: dict[Any, str]
) -> None:
    """Read a sheet with one row for each entry."""
    table = words()[section] | ({"read": words()["columns"]["read"]} if section == "tables" else {})
    heads: dict[int, str] = {}
    for c, text in enumerate(rows[0] if rows else []):
        key = key_of(text, table) if text else None
        if text and key is None:
            raise _unknown(sheet, 0, c, text, table)
        if key is not None:
            heads[c] = key
    entries = values.setdefault(section, [])
    for r, row in enumerate(rows[1:], start=1):
        entry: dict[str, Any] = {}
        for c, key in heads.items():
            cells[section, len(entries), key] = sheet.cell(r, c)
            if row[c] and key != "read":
                _put(section, key, row[c], entry)
        read = next((row[c] for c, key in heads.items() if key == "read"), "")
        if entry and key_of(read, words()["values"]["read"]) != "no":
            entries.append(entry)


def _unknown(sheet: raw.Sheet, row: int, column: int, text: str, table: dict[str, list[str]]) -> Problem:
    known = [word for key, said in table.items() for word in (*said, key)]
    near = nearest(text, known, 0.3) or known[0]
    return Problem("form_key", file=sheet.file, cell=sheet.cell(row, column), key=text, near=near)
