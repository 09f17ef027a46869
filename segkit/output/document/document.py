"""A report of sections that the caller makes: paragraphs, points, figures and tables in the house style."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.base.checks import LANGUAGES, check_choice
from segkit.base.files import atomic, write_text
from segkit.base.version import __version__
from segkit.errors import InputError, message
from segkit.output.document.grid import Grid, grid, grouped
from segkit.output.document.pdf import Printer
from segkit.output.document.svg import inline
from segkit.words.numbers import MISSING
from segkit.words.text import report_texts as texts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from segkit.base.checks import Language


def templates() -> Any:
    """Return the environment of templates: everything is escaped, and a name that is lacking is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_unbroken,
    )


def _unbroken(value: Any) -> Any:
    """Keep a number and its % on one line."""
    return re.sub(r"(?<=\d) %", "\u00a0%", value) if type(value) is str else value


@dataclass(frozen=True)
class Picture:
    """A figure of a document.

    Attributes
    ----------
    figure : matplotlib.figure.Figure or matplotlib.axes.Axes
        What is drawn.
    description : str
        What it shows in words, for those who don't see it.
    caption : str
        Under the figure.
    wide : bool
        Whether it may take the whole width of the page.
    """

    figure: Figure | Axes
    description: str
    caption: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a document: strings, as `tables.present` returns them, and its caption.

    Attributes
    ----------
    table : pandas.DataFrame
        Cells as text; the first column heads the rows.
    caption : str
        Above the table.
    by : str
        A column whose values part the table in groups under headings of their own; it is not shown.
    """

    table: pd.DataFrame
    caption: str
    by: str = ""


@dataclass(frozen=True)
class Section:
    """A section of a document: a title, and any of paragraphs, points, pictures, tables and remarks.

    A `landscape` section has pages of its own on paper, with room for tables of many columns.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    remarks: tuple[str, ...] = ()
    landscape: bool = False


@dataclass(frozen=True)
class Document:
    """A report that is no survey: a title, a subtitle, how to read it, and sections.

    Examples
    --------
    >>> import tempfile
    >>> page = Document("Follow-up", (Section("Findings", points=("Turnout fell.",)),), language="en")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = page.write(f"{folder}/a.html")
    ...     "<li>Turnout fell.</li>" in path.read_text(encoding="utf-8")
    True
    """

    title: str
    sections: tuple[Section, ...]
    subtitle: str = ""
    lede: str = ""
    language: Language = "sv"

    def render(self) -> str:
        """Return the document as one HTML page that asks nothing of any network."""
        check_choice(self.language, LANGUAGES, argument="language")
        if not self.sections:
            raise InputError(message("sections", "is empty, so there is nothing to write"))
        shown: list[dict[str, Any]] = []
        for place, section in enumerate(self.sections, start=1):
            figures = [
                {**_figure(picture, f"figure-{place}-{i}"), "caption": picture.caption, "wide": picture.wide}
                for i, picture in enumerate(section.pictures, start=1)
            ]
            shown.append(
                {
                    "title": section.title,
                    "paragraphs": section.paragraphs,
                    "points": section.points,
                    "figures": figures,
                    "grids": [_grid(table) for table in section.tables if not table.table.empty],
                    "remarks": section.remarks,
                    "landscape": section.landscape,
                }
            )
        page = templates().get_template("document.html.j2")
        about = {"title": self.title, "subtitle": self.subtitle, "lede": self.lede, "sections": shown}
        words = {"text": texts(self.language), "language": self.language, "missing": MISSING}
        return str(page.render({**about, **words, "version": __version__}))

    def write(self, path: str | Path) -> Path:
        """Write the document as ``.html`` or ``.pdf``, whole or not at all; the same bytes every time.

        Raises
        ------
        InputError
            When the ending is another, or there is no section.
        FileError
            When the file can't be written, or a PDF can't be made here (`report.pdf_problem`).
        """
        target = Path(path)
        ending = target.suffix.lower()
        if ending not in (".html", ".htm", ".pdf"):
            raise InputError(message("path", f"is {target.name!r}", fix="End the name with .html or .pdf."))
        page = self.render()
        if ending != ".pdf":
            return write_text(target, page)
        printed = Printer().print(page)
        with atomic(target) as temporary:
            temporary.write_bytes(printed)
        return target


def _figure(picture: Picture, name: str) -> dict[str, str]:
    from matplotlib.figure import Figure

    figure = picture.figure
    whole = figure if isinstance(figure, Figure) else figure.get_figure(root=True)
    if whole is None:
        raise InputError(message("figure", "is an Axes that belongs to no figure"))
    return {"svg": inline(whole, name, picture.description)}


def _grid(table: Table) -> Grid:
    return grouped(table.table, table.caption, table.by) if table.by else grid(table.table, table.caption)
