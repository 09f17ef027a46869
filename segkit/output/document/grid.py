"""Tables ready for the page: heads, rows and cells as text, nothing computed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_FIGURE = re.compile(r"(?:[\d∞ .,\u202f()<+−–±†‡§ᵖ*]|till|to)+")


@dataclass(frozen=True)
class Head:
    """The head of a column; `unit` is what stood in parentheses, `kind` the style of its cells."""

    text: str
    unit: str = ""
    numeric: bool = False
    kind: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell that is more than its text: a sign or small drawing before it, a remark after it."""

    text: str
    mark: str = ""
    svg: str = ""
    after: str = ""


@dataclass(frozen=True)
class Row:
    """One row: the first cell names it, and may link to more."""

    name: str
    cells: tuple[str | Cell, ...]
    anchor: str = ""
    code: str = ""
    unit: str = ""
    color: str = ""
    link: str = ""


@dataclass(frozen=True)
class Group:
    """Rows that belong together, with a heading row when they have a name."""

    rows: tuple[Row, ...]
    name: str = ""
    anchor: str = ""
    color: str = ""


@dataclass(frozen=True)
class Grid:
    """A table with its caption; `heads` includes the head of the first column.

    `name` is its own on the page; `kind` is what the style sheet calls it.
    """

    caption: str
    heads: tuple[Head, ...]
    groups: tuple[Group, ...]
    name: str = ""
    kind: str = ""


def grid(
    frame: pd.DataFrame, caption: str, *, colors: list[str] | None = None, name: str = "", kind: str = ""
) -> Grid:
    """Return a frame of strings as a grid; its first column names the rows."""
    shades = colors or [""] * len(frame)
    rows = tuple(
        Row(str(cells[0]), tuple(map(str, cells[1:])), color=shade)
        for cells, shade in zip(frame.itertuples(index=False, name=None), shades, strict=True)
    )
    return Grid(caption, heads(frame), (Group(rows),), name, kind)


def grouped(frame: pd.DataFrame, caption: str, by: str) -> Grid:
    """Return a frame of strings as a grid parted by a column, whose values head the groups."""
    shown = frame.drop(columns=by)
    parts = {
        str(name): tuple(
            Row(str(cells[0]), tuple(map(str, cells[1:])))
            for cells in shown.loc[part.index].itertuples(index=False, name=None)
        )
        for name, part in frame.groupby(by, sort=False)
    }
    return Grid(caption, heads(shown), tuple(Group(rows, name) for name, rows in parts.items()))


def heads(frame: pd.DataFrame) -> tuple[Head, ...]:
    """Return the heads of a frame of strings; a column of numbers is set to the right."""
    found = []
    for place, column in enumerate(frame.columns):
        text, bracket, unit = str(column).rpartition(" (") if str(column).endswith(")") else (column, "", "")
        numeric = place > 0 and all(is_figure(cell) for cell in frame.iloc[:, place])
        found.append(Head(str(text), (bracket + unit).strip(), numeric))
    return tuple(found)


def is_figure(cell: str) -> bool:
    """Tell whether a cell holds a number, an interval or nothing.

    Examples
    --------
    >>> is_figure("0,25 (0,20–0,30)"), is_figure("0880R012"), is_figure("–")
    (True, False, True)
    """
    return _FIGURE.fullmatch(cell) is not None
