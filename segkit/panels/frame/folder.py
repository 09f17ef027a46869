"""What lies in a folder: tables, boundaries, and files that are neither; nothing outside it is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from segkit.panels.frame import boundaries, raw
from segkit.panels.frame.description import FORM, TOML
from segkit.panels.frame.texts import Problem

if TYPE_CHECKING:
    from segkit.panels.frame.questions import Log

TABLES = frozenset({".csv", ".tsv", ".skv", *raw.WORKBOOKS})
#: Files that the product writes itself: never read as tables.
OWN = frozenset({TOML, FORM, "survey.xlsx", "survey_form_en.xlsx"})


@dataclass
class Folder:
    """The files of a folder by what they are."""

    path: Path
    name: str
    tables: list[tuple[str, Path]] = field(default_factory=list)
    boundaries: list[tuple[str, Path]] = field(default_factory=list)

    def take(self, path: Path) -> bool:
        """Take a file in by what it is; tell whether it is a table or boundaries."""
        kind = path.suffix.lower()
        if kind in TABLES:
            self.tables.append((path.name, path))
        elif kind in boundaries.SUFFIXES:
            self.boundaries.append((path.name, path))
        else:
            return False
        return True


def look(source: Path, log: Log) -> Folder:
    """List the tables and boundary files of a folder; of a single table that table alone."""
    if source.is_file():
        found = Folder(source.parent, source.stem)
        if not found.take(source):
            raise Problem("no_table_file", file=source.name)
        return found
    if not source.is_dir():
        raise Problem("no_folder", folder=str(source))
    found = Folder(source, source.resolve().name)
    root = source.resolve()
    for path in sorted(source.iterdir(), key=lambda p: p.name.casefold()):
        if path.name.startswith((".", "~$")) or path.name in OWN or not path.is_file():
            continue
        if not path.resolve().is_relative_to(root):
            log.add("file not read", "link_out", file=path.name, name=path.name)
        elif not found.take(path) and path.suffix.lower() in raw.OTHER_TABLES:
            log.add("file not read", "other_format", file=path.name, name=path.name)
    if not found.tables and not found.boundaries:
        raise Problem("empty_folder", folder=found.name)
    return found


def inside(folder: Folder, name: str, key: str) -> Path:
    """Return a file named by the description, which must lie in the folder."""
    path = folder.path / name
    root = folder.path.resolve()
    if ".." in Path(name).parts or not path.resolve().is_relative_to(root):
        raise Problem("outside", key=key, file=name)
    if not path.is_file():
        known = [n for n, _ in [*folder.tables, *folder.boundaries]]
        raise Problem("no_such_file", key=key, file=name, list=known)
    return path
