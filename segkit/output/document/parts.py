"""What a document is made of: small frozen blocks, set by one template on the screen and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segkit.output.document.grid import Grid, grid, grouped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Link:
    """A way on: ``#anchor`` on the page, or another file, which paper does without.

    `address` as a Path is written as seen from the document's own file; `spoken` follows the text for
    those who hear the link without what it stands beside.
    """

    text: str
    address: str | Path
    spoken: str = ""

    @property
    def inside(self) -> bool:
        """Whether it leads to a place on the page."""
        return isinstance(self.address, str) and self.address.startswith("#")


@dataclass(frozen=True)
class Text:
    """A paragraph; `language` where it is not the document's, `paper` what paper says instead of a link.

    One without text and link is not shown; `color` is shown before it.
    """

    text: str = ""
    link: Link | None = None
    small: bool = False
    language: str = ""
    paper: str = ""
    color: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading inside a section; that of the section itself has level 2."""

    text: str
    level: int = 3
    language: str = ""


@dataclass(frozen=True)
class Point:
    """One point of a list, with lines under it and a link to where more is told."""

    text: str = ""
    lines: tuple[str, ...] = ()
    link: Link | None = None
    language: str = ""


@dataclass(frozen=True)
class Points:
    """A list; `kind` is what the style sheet calls it (findings, index, small)."""

    items: tuple[Point, ...]
    kind: str = ""
    language: str = ""

    @classmethod
    def of(cls, items: tuple[str, ...] | list[str], kind: str = "", language: str = "") -> Points:
        """Return a list of plain points."""
        return cls(tuple(Point(item) for item in items), kind, language)


@dataclass(frozen=True)
class Definitions:
    """Terms and what they mean."""

    pairs: tuple[tuple[str, str], ...]
    kind: str = ""


@dataclass(frozen=True)
class Code:
    """What is typed into a command line."""

    text: str


@dataclass(frozen=True)
class Legend:
    """The marks that stand at figures; `title` is for those who don't see where it stands."""

    title: str
    items: tuple[str, ...]


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
    name : str
        Its name on the page; by default its place in the section.
    """

    figure: Figure | Axes
    description: str
    caption: str = ""
    wide: bool = False
    name: str = ""


@dataclass(frozen=True)
class Drawing:
    """SVG, or what draws it when the document is printed and is told whether it is for paper."""

    draw: str | Callable[[bool], str]
    caption: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Shapes:
    """SVG that is not seen itself: shapes that drawings of the page use by name."""

    draw: str | Callable[[bool], str]


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

    def grid(self) -> Grid:
        """Return it ready for the page."""
        if self.by:
            return grouped(self.table, self.caption, self.by)
        return grid(self.table, self.caption)


@dataclass(frozen=True)
class Beside:
    """Text with a drawing at its side."""

    parts: tuple[Part, ...]
    drawing: Drawing | None = None


@dataclass(frozen=True)
class Article:
    """A piece that can be read by itself, such as a fact sheet or the portrait of a profile.

    `kind` is what the style sheet calls it; `color` is shown before the title, `code` after it; `back`
    leads out of it again.
    """

    title: str
    parts: tuple[Part, ...]
    level: int = 3
    kind: str = ""
    anchor: str = ""
    code: str = ""
    color: str = ""
    language: str = ""
    back: Link | None = None


Part = (
    Text | Heading | Points | Definitions | Code | Legend | Picture | Drawing | Shapes | Table | Grid
    | Beside | Article
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A section of a document: a title, and any of paragraphs, points, pictures, tables and remarks.

    They are shown in this order and `parts` after them, in the order given. A `landscape` section has
    pages of its own on paper, with room for tables of many columns. Links reach the section by its
    `anchor`; `kind` is what the style sheet calls it.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    remarks: tuple[str, ...] = ()
    landscape: bool = False
    parts: tuple[Part, ...] = ()
    anchor: str = ""
    kind: str = ""

    @property
    def flow(self) -> tuple[Part, ...]:
        """Everything in the section, in the order in which it is read."""
        return (
            *(Text(paragraph) for paragraph in self.paragraphs),
            *([Points.of(self.points, "findings")] if self.points else []),
            *self.pictures,
            *(table for table in self.tables if not table.table.empty),
            *(Text(remark, small=True) for remark in self.remarks),
            *self.parts,
        )
