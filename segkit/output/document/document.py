"""A report of sections that the caller makes: paragraphs, points, figures and tables in the house style."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from segkit.base.checks import LANGUAGES, check_choice
from segkit.base.files import atomic, write_text
from segkit.base.version import __version__
from segkit.errors import InputError, message
from segkit.output.document.grid import Grid
from segkit.output.document.parts import (
    Article,
    Beside,
    Drawing,
    Link,
    Part,
    Picture,
    Points,
    Section,
    Shapes,
    Table,
    Text,
)
from segkit.output.document.pdf import Printer
from segkit.output.document.svg import inline
from segkit.words.numbers import MISSING
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from segkit.base.checks import Language

__all__ = ["ENDINGS", "Document", "Picture", "Section", "Table", "check_ending"]

D = TypeVar("D", Drawing, Shapes)

#: The files that a document can be written as.
ENDINGS = (".html", ".htm", ".pdf")


def _templates() -> Any:
    """Return the environment of templates: everything is escaped, and a name that is lacking is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_unbroken,
    )
    environment.filters["sort_of"] = lambda part: type(part).__name__
    return environment


def _unbroken(value: Any) -> Any:
    """Keep a number and its % on one line."""
    return re.sub(r"(?<=\d) %", "\u00a0%", value) if type(value) is str else value


@dataclass(frozen=True)
class Document:
    """A report: a title, a subtitle, how to read it, and sections.

    `about` is a remark under the lede. On paper the contents come after so many sections
    (`contents_after`) and the closing line in the section with the anchor `closing_in`, else last. A
    document of kind ``single`` is one page of one thing: its heading is that of its first article, and it
    has no contents.

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
    sections: tuple[Section | Part, ...]
    subtitle: str = ""
    lede: str = ""
    language: Language = "sv"
    about: str = ""
    kind: str = ""
    closing: str = ""
    closing_in: str = ""
    contents_after: int = 0
    version: str = __version__
    _drawn: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def render(self, *, paper: bool = False, target: Path | None = None) -> str:
        """Return the document as one HTML page that asks nothing of any network.

        Parameters
        ----------
        paper : bool
            Whether the page is to be printed: it then leads to no other file.
        target : Path, optional
            The file that links to other files start from.
        """
        check_choice(self.language, LANGUAGES, argument="language")
        if not self.sections:
            raise InputError(message("sections", "is empty, so there is nothing to write"))
        words = ("skip", "contents", "back", "missing")
        closing = self.closing or say("report", "footer", self.language, version=self.version)
        page = _templates().get_template("document.html.j2")
        return str(
            page.render(
                document=self,
                language=self.language,
                paper=paper,
                items=_Setting(paper, target, self._drawn).items(self.sections),
                closing=closing,
                text={word: say("report", word, self.language) for word in words},
                missing=MISSING,
            )
        )

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
        if check_ending(target) != ".pdf":
            return write_text(target, self.render(target=target))
        printed = self.print()
        with atomic(target) as temporary:
            temporary.write_bytes(printed)
        return target

    def print(self, printer: Printer | None = None) -> bytes:
        """Return the document as PDF; a printer at hand serves many."""
        return (printer or Printer()).print(self.render(paper=True))


def check_ending(target: Path) -> str:
    """Return the ending of a document's file, in small letters, when it is one of `ENDINGS`.

    Examples
    --------
    >>> check_ending(Path("report.PDF"))
    '.pdf'
    """
    ending = target.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(message("path", f"is {target.name!r}", fix="End the name with .html or .pdf."))
    return ending


class _Setting:
    """Sets the parts of a document for one page: figures drawn, tables as cells, links resolved."""

    def __init__(self, paper: bool, target: Path | None, drawn: dict[str, str]) -> None:
        self.paper, self.target, self.drawn = paper, target, drawn
        self.place: int = 0
        self.tables: int = 0
        self.figures: int = 0

    def items(self, sections: tuple[Section | Part, ...]) -> list[Section | Part]:
        found: list[Section | Part] = []
        for item in sections:
            if not isinstance(item, Section):
                found.append(self.part(item))
                continue
            self.place, self.tables, self.figures = self.place + 1, 0, 0
            anchor = item.anchor or f"section-{self.place}"
            parts = tuple(self.part(part) for part in item.flow)
            found.append(
                Section(item.title, parts=parts, anchor=anchor, kind=item.kind, landscape=item.landscape)
            )
        return found

    def part(self, part: Part) -> Part:
        setters: dict[type, Callable[[Any], Part]] = {
            Picture: self._picture,
            Table: self._table,
            Grid: self._named,
            Drawing: self._drawing,
            Shapes: self._drawing,
            Text: self._text,
            Points: lambda p: replace(p, items=tuple(replace(i, link=self._link(i.link)) for i in p.items)),
            Beside: self._beside,
            Article: lambda p: replace(p, parts=tuple(map(self.part, p.parts)), back=self._link(p.back)),
        }
        known = setters.get(type(part))
        return part if known is None else known(part)

    def _drawing(self, part: D) -> D:
        return part if isinstance(part.draw, str) else replace(part, draw=part.draw(self.paper))

    def _beside(self, part: Beside) -> Part:
        drawing = None if part.drawing is None else self._drawing(part.drawing)
        return replace(part, parts=tuple(map(self.part, part.parts)), drawing=drawing)

    def _picture(self, picture: Picture) -> Part:
        self.figures += 1
        name = picture.name or f"figure-{self.place}-{self.figures}"
        if name not in self.drawn:
            self.drawn[name] = inline(_whole(picture), name, picture.description)
        return Drawing(self.drawn[name], picture.caption, "map" if picture.wide else "panels")

    def _table(self, table: Table) -> Part:
        made = table.grid()
        return self._named(replace(made, kind="grouped") if len(made.groups) > 1 else made)

    def _named(self, made: Grid) -> Part:
        self.tables += 1
        return made if made.name else replace(made, name=f"table-{self.place}-{self.tables}")

    def _text(self, part: Text) -> Part:
        if self.paper and part.paper:
            return replace(part, text=part.paper, link=None)
        return replace(part, link=self._link(part.link))

    def _link(self, link: Link | None) -> Link | None:
        """Return a link as seen from the file that is written."""
        if link is None or link.inside:
            return link
        if self.paper:
            return None
        if isinstance(link.address, str):
            return link
        path = link.address
        if path.is_absolute() and self.target is not None:
            path = Path(os.path.relpath(path, self.target.resolve().parent))
        return replace(link, address=quote(path.as_posix()))


def _whole(picture: Picture) -> Any:
    from matplotlib.figure import Figure

    figure = picture.figure
    whole = figure if isinstance(figure, Figure) else figure.get_figure(root=True)
    if whole is None:
        raise InputError(message("figure", "is an Axes that belongs to no figure"))
    return whole
