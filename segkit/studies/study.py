"""What every study gives: a report of sections, tables, and how to repeat it."""

from __future__ import annotations

import math
import platform
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.base.digits import given_table
from segkit.base.folders import write_folder
from segkit.base.version import __version__
from segkit.output import export
from segkit.output.document import pdf
from segkit.words.numbers import MISSING, format_number
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from segkit.base.checks import Language
    from segkit.output.document.document import Document

REPORT, REPORT_PDF, WORKBOOK = "report.html", "report.pdf", "tables.xlsx"


@dataclass(frozen=True)
class Study:
    """A study of one of the municipality's own questions.

    Attributes
    ----------
    document : segkit.report.Document
        The report.
    tables : mapping of str to pandas.DataFrame
        Every table by name; estimates have eight significant digits.
    notes : tuple of str
        Sources and limitations, for the first sheet of the workbook.
    parameters : mapping
        What to run to get the same again.
    files : mapping of str to callable
        Other files by name, ``folder/name`` for those in a folder; each is given the path where it is to
        be written.
    workbook : str
        The name of the workbook with all tables.
    """

    document: Document
    tables: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Callable[[Path], object]] = field(default_factory=dict)
    workbook: str = WORKBOOK

    def __post_init__(self) -> None:
        """Give what was estimated as many digits as it bears."""
        rounded = {name: given_table(table) for name, table in self.tables.items()}
        object.__setattr__(self, "tables", rounded)

    @property
    def language(self) -> Language:
        """The language of all texts."""
        return self.document.language

    def write(self, out: str | Path, *, force: bool = False) -> Path:
        """Write report, workbook, other files and run.json into a folder, all or none.

        Parameters
        ----------
        out : str or Path
            The folder; its parent must exist.
        force : bool
            Write into a folder that holds other files. They stay in it; one with the name of a file that is
            written is kept as ``name-kept``.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        FileError
            When the folder holds other files and `force` is not given, or it can't be written.
        """
        reason = pdf.problem()
        told = {
            "segkit": __version__,
            "python": platform.python_version(),
            **self.parameters,
            "left_out": {REPORT_PDF: reason} if reason else {},
        }
        return write_folder(out, partial(_make, self), told, force=force, language=self.language)


def _make(study: Study, folder: Path) -> None:
    study.document.write(folder / REPORT)
    if not pdf.problem():
        study.document.write(folder / REPORT_PDF)
    filled = {name: table for name, table in study.tables.items() if not table.empty}
    lines = [study.document.title, *study.notes]
    export.to_excel(filled, folder / study.workbook, readme=lines, language=study.language)
    for name, make in study.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        make(path)


def shown(
    table: pd.DataFrame,
    columns: Mapping[str, str],
    *,
    decimals: Mapping[str, int] | None = None,
    signed: tuple[str, ...] = (),
    language: Language,
) -> pd.DataFrame:
    """Return columns of a table as text under headings, numbers with so many decimals (1 by default).

    Examples
    --------
    >>> shown(pd.DataFrame({"a": [1.25, None]}), {"a": "A"}, signed=("a",), language="sv")["A"].tolist()
    ['+1,3', '–']
    """
    places = decimals or {}
    return pd.DataFrame(
        {
            heading: [
                _cell(cell, places.get(column, 1), language, signed=column in signed)
                for cell in table[column]
            ]
            for column, heading in columns.items()
        },
        index=table.index,
        dtype="str",
    )


def _cell(cell: object, decimals: int, language: Language, *, signed: bool) -> str:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)):
        return MISSING
    if isinstance(cell, bool):
        return say("words", "yes" if cell else "no", language)
    if isinstance(cell, str):
        return cell or MISSING
    return format_number(float(cell), decimals, language=language, sign=signed)  # type: ignore[arg-type]
