"""A first draft of a description: what was guessed with a remark, and every doubt as a question."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.panels.frame import schema
from segkit.panels.frame.description import FORM, TOML
from segkit.panels.frame.form_sheets import write_form
from segkit.panels.frame.questions import ASKED, MUST
from segkit.panels.frame.reading import spoken_language, table_settings
from segkit.panels.frame.study import Study, study
from segkit.panels.frame.texts import FrameError, Language, Problem, say, written

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from segkit.panels.frame.catalogue import Indicator
    from segkit.panels.frame.questions import Note

_DRAFTED = (
    "heading",
    "id",
    "label",
    "unit",
    "kind",
    "direction",
    "source",
    "definition",
    "field",
    "like",
    "multiply",
)


@dataclass(frozen=True)
class Draft:
    """A drafted description.

    Attributes
    ----------
    questions : pandas.DataFrame
        One row for each doubt, those that must be answered first.
    text : str
        The draft as ``survey.toml``.
    new : str
        Blocks for what the folder's own description does not name yet; empty without a description.
    folder : Path
        The folder.
    """

    questions: pd.DataFrame
    text: str
    new: str
    folder: Path
    language: Language = "sv"
    areas: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def save(self, *, add: bool = False, workbook: bool = False) -> Path:
        """Write the draft into the folder; what stands there is never overwritten.

        Parameters
        ----------
        add : bool
            Append blocks for what is new in the files to the description that is there.
        workbook : bool
            Write ``survey_form.xlsx`` in place of ``survey.toml``: a form to fill in.

        Returns
        -------
        Path
            The file.
        """
        if workbook:
            return self._form()
        path = self.folder / TOML
        if not path.exists():
            path.write_text(self.text, encoding="utf-8")
        elif not add:
            raise FrameError(
                say("draft_there", self.language, file=TOML, folder=self.folder.name), "draft_there"
            )
        elif self.new:
            there = path.read_text(encoding="utf-8").rstrip("\n")
            path.write_text(f"{there}\n\n{self.new}", encoding="utf-8")
        return path

    def _form(self) -> Path:
        there = [name for name in (TOML, FORM) if (self.folder / name).exists()]
        if there:
            raise FrameError(
                say("draft_there", self.language, file=there[0], folder=self.folder.name), "draft_there"
            )
        path = self.folder / FORM
        areas, unknown = list(self.areas), list(self.unknown)
        values = tomllib.loads(self.text)
        write_form(path, values, self.questions, language=self.language, areas=areas, unknown=unknown)
        return path


def prepare(folder: str | Path, *, language: Language | None = None, **overrides: Any) -> Draft:
    r"""Look at a folder and draft its description.

    Parameters
    ----------
    folder : str or Path
        A folder with tables and perhaps a boundary file.
    language : {"sv", "en"}, optional
        Language of the remarks and questions; else the description's, else Swedish.
    overrides : any
        As for `read`.

    Returns
    -------
    Draft
        The questions, the text, and a way to save it.

    Raises
    ------
    InputError
        When a file can't be read, as its subclass `FrameError`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as here:
    ...     table = "\n".join(["Kod;2022;2023", "A01;1,5;2", "A02;3;4,5"])
    ...     _ = (Path(here) / "tal.csv").write_text(table, encoding="utf-8")
    ...     draft = prepare(here)
    >>> 'decimal = ","' in draft.text, 'direction = "?"' in draft.text
    (True, True)
    """
    path = Path(folder)
    spoken = spoken_language(language, path, None)
    try:
        found = study(path, None, overrides)
        text = drafted(found, spoken)
        new = _new(found, spoken) if found.told.path is not None else ""
        areas = tuple(found.areas.shown) if found.areas is not None else ()
        questions = found.log.questions(spoken, (MUST, ASKED))
        return Draft(questions, text, new, found.folder.path, spoken, areas, _unknown(found))
    except Problem as problem:
        raise FrameError(say(problem.key, spoken, **problem.facts), problem.key) from None


def _unknown(found: Study) -> tuple[str, ...]:
    """Return the names that wait for an area."""
    items = [
        fact
        for note in found.log.must
        if note.setting in {"areas.same", "areas.leave_out"}
        for value in note.facts.values()
        if isinstance(value, list)
        for fact in value
    ]
    return tuple(dict.fromkeys(str(i[1]["text"]) for i in items if isinstance(i, tuple)))


def drafted(found: Study, language: Language) -> str:
    """Write a study as a description."""
    blocks = [[say("draft_head", language), f"segkit = {schema.VERSION}"]]
    blocks.append(["[survey]", *_survey(found, language)])
    areas = _areas(found, language)
    if areas:
        blocks.append(["[areas]", *areas])
    for table, result in found.tables:
        blocks.append(["[[tables]]", *_table(found, table_settings(table, result), language)])
    blocks.extend(_asked_tables(found, language))
    blocks.extend(
        ["[[indicators]]", *_indicator(found, indicator, language)] for indicator in found.indicators
    )
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _line(key: str, value: Any, remarks: Iterable[str] = ()) -> str:
    text = f"{_key(key)} = {toml(value)}"
    remark = " ".join(dict.fromkeys(" ".join(r.split()) for r in remarks))
    remark = "".join(c for c in remark if c.isprintable())
    return f"{text}  # {remark}" if remark else text


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else toml(key)


def toml(value: Any) -> str:
    """Write a value as toml does.

    Examples
    --------
    >>> toml({"kön": "totalt"}), toml([1, 2]), toml(100.0)
    ('{ "kön" = "totalt" }', '[1, 2]', '100')
    """
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{toml(str(k))} = {toml(v)}" for k, v in value.items()) + " }"
            if value
            else "{}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _notes(found: Study, setting: str, file: str = "", sheet: str = "") -> list[Note]:
    return [
        n
        for n in found.log.notes
        if n.setting == setting and (not file or n.file == file) and (not sheet or n.sheet == sheet)
    ]


def _said(notes: Iterable[Note], language: Language) -> list[str]:
    return [note.said(language) for note in notes]


def _survey(found: Study, language: Language) -> list[str]:
    told = found.told.survey
    lines = [_line("place", found.place, _said(_notes(found, "survey.place"), language))]
    lines += [_line(key, told.get(key)) for key in schema.SURVEY if key in told and key != "place"]
    unsaid = [n for n in _notes(found, "survey.source") if n.key == "source_which"]
    if unsaid and "source" not in told:
        headings = [n.text for n in unsaid]
        remark = say("source_which", language, heading=written(headings, language), file=unsaid[0].file)
        lines.append(_line("source", schema.UNANSWERED, [remark]))
    return lines


def _areas(found: Study, language: Language) -> list[str]:
    told, bounds = found.told.areas, found.boundaries
    lines: list[str] = []

    def put(key: str, value: Any) -> None:
        notes = _notes(found, f"areas.{key}")
        must = [n for n in notes if n.level == MUST]
        if must:
            lines.append(_line(key, schema.UNANSWERED, _said(must, language)))
        elif value not in (None, "", [], {}):
            lines.append(_line(key, value, _said(notes, language)))

    put("file", bounds.file if bounds else told.get("file"))
    if bounds is not None:
        put("layer", bounds.layer if bounds.layer and (told.get("layer") or _several(found)) else None)
        put("crs", told.get("crs"))
        put("id", bounds.id if not bounds.file.startswith("segkit:") else None)
        put("name", bounds.name if not bounds.file.startswith("segkit:") else None)
    put("snap", bounds.snap if bounds is not None else None)
    for key in ("names", "same", "leave_out"):
        put(key, told.get(key))
    return lines


def _several(found: Study) -> bool:
    return any(n.key in {"layer_not_read", "no_geometry", "which_layer"} for n in found.log.notes)


def _table(found: Study, settings: list[tuple[str, Any, str]], language: Language) -> list[str]:
    values = {key: value for key, value, _ in settings}
    file, sheet = values["file"], values.get("sheet", "")
    lines: list[str] = []
    for key in schema.TABLES:
        notes = _notes(found, f"tables.{key}", file, sheet)
        must = [n for n in notes if n.level == MUST]
        if must:
            lines.append(_line(key, schema.UNANSWERED, _said(must, language)))
        elif key in values and not (key == "headings" and values[key] == [1]):
            lines.append(_line(key, values[key], _said(notes, language)))
    return lines


def _asked_tables(found: Study, language: Language) -> list[list[str]]:
    """Write a block for each sheet that could not be read before an answer."""
    read = {(table.sheet.file, table.sheet.name or "") for table, _ in found.tables}
    blocks: dict[tuple[str, str], list[str]] = {}
    for note in found.log.must:
        section, _, key = note.setting.partition(".")
        if section == "tables" and (note.file, note.sheet) not in read and note.file:
            lines = blocks.setdefault((note.file, note.sheet), ["[[tables]]", _line("file", note.file)])
            if note.sheet and key != "sheet":
                lines.append(_line("sheet", note.sheet))
            lines.append(_line(key, schema.UNANSWERED, [note.said(language)]))
        elif section == "indicators" and not key:
            blocks["", ""] = ["[[indicators]]", _line("heading", schema.UNANSWERED, [note.said(language)])]
    return list(blocks.values())


def _indicator(found: Study, indicator: Indicator, language: Language) -> list[str]:
    values = {**indicator.said, "heading": indicator.heading, "id": indicator.id}
    lines: list[str] = []
    for key in _DRAFTED:
        notes = [n for n in _notes(found, f"indicators.{key}") if n.facts.get("heading") == indicator.heading]
        if key == "source":
            sheets = {(t.sheet.file, t.sheet.name or "") for t, _ in indicator.parts}
            notes += [
                n
                for n in _notes(found, "indicators.source")
                if (n.file, n.sheet) in sheets and n.key == "source_line"
            ]
        must = [
            n
            for n in _notes(found, f"indicators.{key}")
            if n.level == MUST and indicator.heading in n.facts.get("list", [])
        ]
        origin = indicator.origins.get(key)
        if must:
            lines.append(_line(key, schema.UNANSWERED, _said(must, language)))
        elif key == "heading":
            lines.append(_line(key, indicator.heading, _said(notes, language)))
        elif key == "id":
            if origin is not None:
                lines.append(_line(key, indicator.id, _said(notes, language)))
        elif (
            key in values
            and origin not in {"heading", "the file's name", "default"}
            and not str(origin).startswith("like")
        ):
            lines.append(_line(key, values[key], _said(notes, language)))
        elif any(n.level == ASKED and n.key != "source_line" for n in notes):
            lines.append(_line(key, schema.UNANSWERED, _said(notes, language)))
    lines += [
        _line(key, values[key])
        for key in schema.INDICATORS
        if key in (indicator.entry or {}) and key not in _DRAFTED
    ]
    return lines


def _new(found: Study, language: Language) -> str:
    """Write blocks for tables and headings that the description does not name."""
    blocks = [
        ["[[indicators]]", *_indicator(found, indicator, language)]
        for indicator in found.indicators
        if indicator.entry is None
    ]
    blocks += [
        ["[[tables]]", _line("file", note.file, [note.said(language)])]
        for note in found.log.notes
        if note.key == "table_not_read"
    ]
    return "".join("\n".join(block) + "\n\n" for block in blocks)
