"""A municipality's own tables, Excel or CSV, read as they are, with a report of what was understood."""

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.panels.owndata.table import OwnData, read
from segkit.panels.owndata.understood import ReadColumn, Understood

__all__ = ["OwnData", "ReadColumn", "Understood", "read"]

__dir__ = public(__all__)

guard(__name__)
