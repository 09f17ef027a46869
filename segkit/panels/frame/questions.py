"""What was guessed (told), left open (asked), or waits for an answer (must): one log for a whole reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.panels.frame.texts import UnansweredError, say, written

if TYPE_CHECKING:
    from segkit.panels.frame.raw import Sheet
    from segkit.panels.frame.texts import Language

TOLD, ASKED, MUST = "told", "asked", "must"


@dataclass
class Note:
    """One thing that was found: what it is, where it stands, what follows."""

    what: str
    key: str
    facts: dict[str, Any]
    level: str = TOLD
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    text: Any = ""
    setting: str = ""
    guess: Any = None

    def said(self, language: Language) -> str:
        """Return the sentence."""
        return say(self.key, language, **self.facts)


@dataclass
class Log:
    """Everything found in a reading, in the order of the reading."""

    notes: list[Note] = field(default_factory=list)

    def add(
        self,
        what: str,
        key: str,
        sheet: Sheet | None = None,
        *,
        level: str = TOLD,
        row: int | None = None,
        column: int | None = None,
        text: Any = "",
        setting: str = "",
        guess: Any = None,
        file: str = "",
        **facts: Any,
    ) -> None:
        """Write down one thing; row and column as the sheet counts them from 0."""
        facts.setdefault("text", text)
        facts.setdefault("file", sheet.file if sheet is not None else file)
        facts.setdefault("sheet", sheet.title if sheet is not None else file)
        self.notes.append(
            Note(
                what,
                key,
                facts,
                level,
                file=sheet.file if sheet is not None else file,
                sheet=(sheet.name or "") if sheet is not None else "",
                row=sheet.row(row) if sheet is not None and row is not None else row,
                column=sheet.letter(column) if sheet is not None and column is not None else "",
                text=text,
                setting=setting,
                guess=guess,
            )
        )

    @property
    def must(self) -> list[Note]:
        """What waits for an answer."""
        return [note for note in self.notes if note.level == MUST]

    def reading(self, language: Language) -> pd.DataFrame:
        """Return all notes as a tidy table."""
        columns = ["file", "sheet", "row", "column", "what", "text", "effect"]
        rows = [
            [n.file, n.sheet, n.row, n.column, n.what, written(n.text, language), n.said(language)]
            for n in self.notes
        ]
        table = pd.DataFrame(rows, columns=columns)
        table["row"] = table["row"].astype("Int64")
        return table

    def questions(self, language: Language, levels: tuple[str, ...] = (MUST, ASKED)) -> pd.DataFrame:
        """Return the questions, those that must be answered first."""
        columns = ["what", "must", "setting", "file", "sheet", "row", "column", "question", "guess"]
        wanted = sorted((n for n in self.notes if n.level in levels), key=lambda n: levels.index(n.level))
        rows = [
            [n.what, n.level == MUST, n.setting, n.file, n.sheet, n.row, n.column, n.said(language), n.guess]
            for n in wanted
        ]
        table = pd.DataFrame(rows, columns=columns)
        table["row"] = table["row"].astype("Int64")
        return table

    def stop(self, folder: str, language: Language) -> None:
        """Raise one error with everything that must be answered, if anything must."""
        must = self.must
        if not must:
            return
        said = list(dict.fromkeys(note.said(language) for note in must))
        items = " ".join(f"({i}) {text}" for i, text in enumerate(said, start=1))
        key = "must_one" if len(said) == 1 else "must_many"
        raise UnansweredError(
            say(key, language, n=len(said), folder=folder, list=items), self.questions(language, (MUST,))
        )
