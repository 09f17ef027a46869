"""A description, however it was written (toml, Python, command line), as one object with origins."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.panels.frame import form, schema
from segkit.panels.frame.texts import LANGUAGES, Language, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TOML = "survey.toml"
FORM = "survey_form.xlsx"
MOST_BYTES = 256 * 1024

#: Choices of the command line and of keyword arguments: name -> section and key.
OPTIONS = {
    "place": ("survey", "place"),
    "title": ("survey", "title"),
    "source": ("survey", "source"),
    "attribution": ("survey", "attribution"),
    "peers": ("survey", "peers"),
    "periods": ("survey", "periods"),
    "layer": ("areas", "layer"),
    "crs": ("areas", "crs"),
    "area_id": ("areas", "id"),
    "name": ("areas", "name"),
    "names": ("areas", "names"),
    "period": ("tables", "period"),
    "sheet": ("tables", "sheet"),
    "decimal": ("tables", "decimal"),
    "missing": ("tables", "missing"),
}


@dataclass
class Entry:
    """One section of a description: its values and where each comes from."""

    content: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value, or the default where the key is left out or not answered."""
        return self.content.get(key, default)

    def __contains__(self, key: str) -> bool:
        return key in self.content

    def put(self, key: str, value: Any, origin: str) -> None:
        """Set a value over what stands there."""
        self.content[key] = value
        self.origins[key] = origin
        self.unanswered.discard(key)

    def place(self, key: str) -> str:
        """Return where a key stands, for messages."""
        return self.places.get(key, "")


@dataclass
class Description:
    """What the user says about a folder."""

    survey: Entry = field(default_factory=Entry)
    areas: Entry = field(default_factory=Entry)
    tables: list[Entry] = field(default_factory=list)
    indicators: list[Entry] = field(default_factory=list)
    claims: list[Entry] = field(default_factory=list)
    every_table: Entry = field(default_factory=Entry)
    path: Path | None = None
    chosen: list[str] | None = None

    def table(self, entry: Entry) -> Entry:
        """Return an entry of a table with what the command says of every table laid over it."""
        both = Entry(dict(entry.content), dict(entry.origins), set(entry.unanswered), dict(entry.places))
        for key, value in self.every_table.content.items():
            both.put(key, value, self.every_table.origins[key])
        return both


def gather(
    folder: Path,
    given: str | Path | Mapping[str, Any] | None,
    options: Mapping[str, Any],
    settings: Mapping[str, Any],
    indicators: Any = None,
) -> Description:
    """Find or take the description of a folder, and lay the command's choices over it."""
    found = _find(folder, given)
    for name, value in options.items():
        if value is None:
            continue
        if name not in OPTIONS:
            near = nearest(name, list(OPTIONS), 0.5) or ", ".join(sorted(OPTIONS))
            raise Problem("unknown_option", key=name, near=near)
        section, key = OPTIONS[name]
        _lay(found, section, key, value, name)
    for dotted, value in settings.items():
        section, _, key = dotted.partition(".")
        if section not in {"survey", "areas", "tables"} or key not in schema.SECTIONS[section]:
            ways = [f"{s}.{k}" for s in ("survey", "areas", "tables") for k in schema.SECTIONS[s]]
            raise Problem("unknown_option", key=dotted, near=nearest(dotted, ways, 0.4) or ways[0])
        _lay(found, section, key, _from_text(section, key, value), dotted)
    if indicators is not None:
        found.indicators = [*_given_indicators(indicators, found), *found.indicators]
    return found


def _find(folder: Path, given: str | Path | Mapping[str, Any] | None) -> Description:
    if isinstance(given, Mapping):
        return from_mapping(given, "description")
    if given is not None:
        path = Path(given)
        if not path.is_file() and (folder / path).is_file():
            path = folder / path
        if not path.is_file():
            raise Problem("no_description", file=str(given))
        return _read(path)
    toml, workbook = folder / TOML, folder / FORM
    if toml.is_file() and workbook.is_file():
        raise Problem("two_descriptions")
    if toml.is_file():
        return _read(toml)
    if workbook.is_file():
        return _read(workbook)
    return Description()


def _read(path: Path) -> Description:
    if path.suffix.lower() != ".xlsx":
        return read_toml(path)
    values, cells = form.read_form(path)

    def where(path_of_key: tuple[Any, ...]) -> Any:
        cell = cells.get(path_of_key)
        return f"{path.name}, {cell}" if cell else path.name

    found = _build(values, where, "description", versioned=True)
    found.path = path
    return found


def stated_language(source: Any, given: Any) -> Language | None:
    """Return the language that a description states, even where something else in it is wrong."""
    if isinstance(given, Mapping):
        survey = given.get("survey", {})
    else:
        path = (
            Path(given)
            if given is not None
            else Path(source) / TOML
            if isinstance(source, str | Path)
            else None
        )
        if path is not None and not path.is_file() and isinstance(source, str | Path):
            path = Path(source) / path
        if given is None and path is not None and not path.is_file():
            path = path.with_name(FORM)
        if path is not None and path.is_file() and path.suffix.lower() == ".xlsx":
            return _form_language(path)
        if path is None or not path.is_file() or path.suffix.lower() != ".toml":
            return None
        found = re.search(
            r"""^\s*language\s*=\s*["'](sv|en)["']""", path.read_text("utf-8", "replace"), re.MULTILINE
        )
        survey = {"language": found.group(1)} if found else {}
    stated = survey.get("language") if isinstance(survey, Mapping) else None
    return stated if stated in LANGUAGES else None


def _form_language(path: Path) -> Language | None:
    try:
        stated = form.read_form(path)[0].get("survey", {}).get("language")
    except Problem:
        return None
    return next((language for language in LANGUAGES if language == stated), None)


def read_toml(path: Path) -> Description:
    """Read `survey.toml`; an error names the line."""
    if path.stat().st_size > MOST_BYTES:
        raise Problem("description_large", file=path.name, n=MOST_BYTES // 1024)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem("description_text", file=path.name) from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        row = int(line.group(1)) if line else len(text.splitlines())
        raise Problem("description_syntax", file=path.name, row=row, why=str(error)) from None
    lines = key_lines(text)

    def where(path_of_key: tuple[Any, ...]) -> Any:
        row = lines.get(path_of_key) or lines.get(path_of_key[:-1])
        return ("at_line", {"file": path.name, "row": row}) if row else path.name

    found = _build(values, where, "description", versioned=True)
    found.path = path
    return found


def key_lines(text: str) -> dict[tuple[Any, ...], int]:
    """Return the line of each key of a toml text, by its path.

    Examples
    --------
    >>> key_lines("segkit = 1" + chr(10) + "[[tables]]")[("tables", 0)]
    2
    """
    lines: dict[tuple[Any, ...], int] = {}
    counts: dict[str, int] = {}
    at: tuple[Any, ...] = ()
    for row, line in enumerate(text.splitlines(), start=1):
        many = re.match(r"\s*\[\[\s*([\w.-]+)\s*\]\]", line)
        one = re.match(r"\s*\[\s*([\w.-]+)\s*\]", line)
        if many:
            name = many.group(1)
            at = (name, counts.get(name, 0))
            counts[name] = counts.get(name, 0) + 1
        elif one:
            at = tuple(one.group(1).split("."))
        elif key := re.match(r"""\s*("[^"]*"|'[^']*'|[\w.-]+)\s*=""", line):
            lines.setdefault((*at, *key.group(1).strip("\"'").split(".")), row)
            continue
        else:
            continue
        lines.setdefault(at, row)
    return lines


def from_mapping(values: Mapping[str, Any], argument: str) -> Description:
    """Take a description from a mapping of the same sections and keys as `survey.toml`."""

    def where(path_of_key: tuple[Any, ...]) -> Any:
        at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path_of_key)
        return f"{argument}{at}".replace(f"{argument}.", "", 1) if at.startswith(".") else f"{argument}{at}"

    return _build(dict(values), where, "description", versioned="segkit" in values)


def _build(values: dict[str, Any], where: Callable[..., Any], origin: str, *, versioned: bool) -> Description:
    found = Description()
    if versioned:
        _check_version(values, where)
    for section, content in values.items():
        if section == "segkit":
            continue
        if section not in schema.SECTIONS:
            near = nearest(section, list(schema.SECTIONS), 0.5) or "survey"
            raise Problem("unknown_key", where=where((section,)), key=section, near=near)
        if section in schema.LISTS:
            if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
                raise Problem("not_a_list", where=where((section,)), key=section)
            entries = [
                entry_of(section, item, _at_path(where, section, i), origin) for i, item in enumerate(content)
            ]
            setattr(found, section, entries)
        else:
            if not isinstance(content, dict):
                raise Problem("not_a_section", where=where((section,)), key=section)
            setattr(found, section, entry_of(section, content, _at_path(where, section), origin))
    check_indicators(found)
    for entry in found.tables:
        _check_signs(entry)
        if ("indicator" in entry) != ("value" in entry):
            raise Problem("one_of_two", where=entry.place("indicator") or entry.place("value"))
    return found


def _check_version(values: dict[str, Any], where: Callable[..., Any]) -> None:
    version = values.get("segkit")
    if version is None:
        raise Problem("no_version", where=where(("segkit",)), n=schema.VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise Problem("bad_version", where=where(("segkit",)), value=str(version), n=schema.VERSION)
    if version > schema.VERSION:
        raise Problem("version", v=version, n=schema.VERSION)


def entry_of(section: str, values: Mapping[str, Any], where: Callable[[str], Any], origin: str) -> Entry:
    """Check one section's values and keep where they come from."""
    entry = Entry()
    schema.check_keys(section, dict(values), where)
    for key, value in values.items():
        entry.places[key] = where(key)
        if value == schema.UNANSWERED:
            entry.unanswered.add(key)
        else:
            entry.content[key] = schema.check_value(section, key, value, where)
            entry.origins[key] = origin
    return entry


def check_indicators(found: Description) -> None:
    """Check what holds between the keys of the indicators."""
    if len(found.indicators) > schema.MOST_INDICATORS:
        raise Problem("many_indicators", n=len(found.indicators), most=schema.MOST_INDICATORS)
    # A heading that waits for its answer describes nothing yet.
    found.indicators = [entry for entry in found.indicators if "heading" not in entry.unanswered]
    ids: dict[str, Entry] = {}
    headings: set[str] = set()
    for entry in found.indicators:
        if "heading" not in entry and "id" not in entry:
            at = next(iter(entry.places.values()), "indicators")
            raise Problem("no_heading", where=at)
        heading = entry.get("heading", entry.get("id"))
        if heading in headings:
            raise Problem("heading_twice", where=entry.place("heading"), heading=heading)
        headings.add(heading)
        own = entry.get("id")
        if own is not None and own in ids:
            raise Problem("id_twice", where=entry.place("id"), id=own)
        if own is not None:
            ids[own] = entry
        _check_indicator(entry)


def _check_indicator(entry: Entry) -> None:
    kind, direction = entry.get("kind"), entry.get("direction")
    heading = entry.get("heading", entry.get("id"))
    if kind == "category" and direction:
        raise Problem("category_direction", where=entry.place("direction"), heading=heading)
    if "price_year" in entry and kind != "money" and "like" not in entry:
        raise Problem("price_kind", where=entry.place("price_year"), heading=heading)
    if entry.get("use") == "profiles" and not direction and "like" not in entry:
        raise Problem("profiles_direction", where=entry.place("use"), heading=heading)


def _check_signs(entry: Entry) -> None:
    seen: dict[str, str] = {}
    for key in ("missing", "suppressed", "zero"):
        for sign in entry.get(key, []):
            if seen.get(sign, key) != key:
                raise Problem("sign_twice", where=entry.place(key), sign=sign, one=seen[sign], other=key)
            seen[sign] = key


def _lay(found: Description, section: str, key: str, value: Any, name: str) -> None:
    target = found.every_table if section == "tables" else getattr(found, section)
    checked = schema.check_value(section, key, value, lambda _key: ("at_option", {"name": name}))
    target.put(key, checked, "command")
    if section == "tables":
        _check_signs(found.every_table)


def _from_text(section: str, key: str, value: Any) -> Any:
    """Read a setting of the command line as toml would; a bare word is text."""
    if not isinstance(value, str) or schema.SECTIONS[section][key].form in {"text", "path", "crs", "choice"}:
        return value
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        kind = schema.SECTIONS[section][key].form
        return value.split(",") if kind in {"texts", "signs", "text_or_texts"} else value


def _given_indicators(given: Any, found: Description) -> list[Entry]:
    """Take indicators from Python: a mapping, a frame with the keys as columns, a path, or headings alone."""
    if isinstance(given, str | Path):
        return read_toml(Path(given)).indicators
    rows: Iterable[dict[str, Any]]
    if isinstance(given, Mapping):
        rows = [{"heading": h, **dict(keys)} for h, keys in given.items()]
    elif hasattr(given, "columns") and "label_sv" in given.columns:
        rows = _of_catalogue(given, found.survey.get("language", "sv"))
    elif hasattr(given, "to_dict") and hasattr(given, "columns"):
        frame = given if "heading" in given.columns else given.rename_axis("heading").reset_index()
        rows = [
            {str(k): _plain(v) for k, v in row.items() if isinstance(v, str | list) or v == v}  # noqa: PLR0124
            for row in frame.to_dict("records")
        ]
    else:
        found.chosen = [str(heading) for heading in given]
        return []
    entries = [entry_of("indicators", row, _at_heading(row.get("heading")), "description") for row in rows]
    check_indicators(Description(indicators=entries))
    return entries


def _of_catalogue(given: Any, language: str) -> list[dict[str, Any]]:
    """Take a catalogue of indicators, known by id; what the schema does not know is no description."""
    known = {key: key for key in schema.INDICATORS if key != "heading"}
    known |= {f"unit_{language}": "unit"} if "unit" not in given.columns else {}
    frame = given if "id" in given.columns else given.rename_axis("id").reset_index()
    return [
        {known[k]: _plain(v) for k, v in row.items() if k in known and v not in ("", None) and v == v}  # noqa: PLR0124
        for row in frame.to_dict("records")
    ]


def _at_heading(heading: Any) -> Callable[[str], str]:
    return lambda key: f'indicators["{heading}"].{key}'


def _at_path(where: Callable[..., Any], *path: Any) -> Callable[[str], Any]:
    return lambda key: where((*path, key))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
