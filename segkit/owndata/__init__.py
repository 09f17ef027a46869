"""A municipality's own tables, Excel or CSV, read as they are, with a report of what was understood."""

from segkit._boundary import guard
from segkit.owndata._read import OwnData, read
from segkit.owndata._understood import ReadColumn, Understood

__all__ = ["OwnData", "ReadColumn", "Understood", "read"]

guard(__name__)
