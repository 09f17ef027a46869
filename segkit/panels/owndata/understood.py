"""What was understood of a file, as a record and as a table for people."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.base.checks import check_choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language

LANGUAGES = ("sv", "en")


@dataclass(frozen=True)
class ReadColumn:
    """How a column was understood.

    Attributes
    ----------
    column : str
        Its letter.
    heading : str
        The texts above it.
    indicator : str
        What it was read as; empty when it was left out.
    period : int or None
        The year in its heading.
    how : mapping
        How its cells were read or why it was left out -> number of cells.
    """

    column: str
    heading: str
    indicator: str
    period: int | None
    how: Mapping[str, int]


@dataclass(frozen=True)
class Understood:
    """What was understood of a file.

    Attributes
    ----------
    file, sheet : str
        Where the table was read; the sheet is empty for text files.
    heading_rows : tuple of int
        The numbers of the rows with headings.
    area_column : str
        The letter and heading of the column with areas.
    areas : mapping
        How codes were read -> number of rows.
    period : str
        Where periods come from: ``column``, ``headings``, ``title`` or ``argument``.
    columns : tuple of ReadColumn
    left_out : tuple
        ``(place, text, reason)`` of rows that are no areas.
    n_areas, n_rows, n_values : int
        Areas, rows of areas, and figures that were read.
    other_sheets : tuple of str
        Sheets that were not read.
    """

    file: str
    sheet: str
    heading_rows: tuple[int, ...]
    area_column: str
    areas: Mapping[str, int]
    period: str
    columns: tuple[ReadColumn, ...]
    left_out: tuple[tuple[str, str, str], ...]
    n_areas: int
    n_rows: int
    n_values: int
    other_sheets: tuple[str, ...] = field(default=())

    def table(self, *, language: Language = "sv") -> pd.DataFrame:
        r"""Return what was understood as a table: ``item, place, reading``.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from segkit import owndata
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "own.csv"
        ...     _ = path.write_text("DeSO;Folkmängd 2024\n0880C1010;1 700\nTotalt;1 700\n")
        ...     understood = owndata.read(path).understood
        >>> understood.table(language="en")["reading"].tolist()[-2:]
        ['population, 2024: 1 with spaces between thousands', 'Totalt: left out, a sum or a larger area']
        """
        check_choice(language, LANGUAGES, argument="language")
        words = _words(language)
        rows = [
            ("file", "", f"{self.file}, {self.sheet}" if self.sheet else self.file),
            ("headings", ", ".join(map(str, self.heading_rows)), words["heading_rows"]),
            ("areas", self.area_column, self._areas(words)),
            ("periods", "", words[f"period_{self.period}"]),
        ]
        rows += [("column", f"{c.column}: {c.heading}", _column(c, words)) for c in self.columns]
        rows += [("row", place, f"{text}: {words[f'left_{why}']}") for place, text, why in self.left_out]
        rows += [("sheet", name, words["not_read"]) for name in self.other_sheets]
        return pd.DataFrame(
            [(words[f"item_{item}"], place, reading) for item, place, reading in rows],
            columns=["item", "place", "reading"],
        )

    def _areas(self, words: Mapping[str, str]) -> str:
        text = words["areas"].format(areas=self.n_areas, rows=self.n_rows, values=self.n_values)
        return "; ".join([text, *_told(self.areas, words)])


def _column(column: ReadColumn, words: Mapping[str, str]) -> str:
    told = "; ".join(_told(column.how, words))
    if not column.indicator:
        return told
    text = column.indicator + (f", {column.period}" if column.period is not None else "")
    return f"{text}: {told}" if told else text


def _told(how: Mapping[str, int], words: Mapping[str, str]) -> list[str]:
    """Say how cells were read, in words."""
    told = []
    for key, count in how.items():
        kind, _, sign = key.partition(" ")
        told.append(words[f"how_{kind}"].format(n=count, sign=sign))
    return told


@cache
def _texts() -> Mapping[str, Any]:
    path = Path(__file__).parents[2] / "words" / "owndata.json"
    texts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def _words(language: Language) -> dict[str, str]:
    return {key: pair[LANGUAGES.index(language)] for key, pair in _texts().items()}
