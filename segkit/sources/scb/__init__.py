"""Statistics Sweden (SCB): tables of its database, and ready-made indicators of small areas."""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.sources.scb._database import Metadata, Variable, codelist, config, data, metadata, search
from segkit.sources.scb._definitions import definitions
from segkit.sources.scb._indicators import indicators, requests_for
from segkit.sources.scb._jsonstat import read_jsonstat

__all__ = [
    "Metadata",
    "Variable",
    "codelist",
    "config",
    "data",
    "definitions",
    "indicators",
    "metadata",
    "read_jsonstat",
    "requests_for",
    "search",
]

__dir__ = public(__all__)

guard(__name__)
