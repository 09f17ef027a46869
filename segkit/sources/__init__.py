"""Public sources: one client for all of them, and a module for each service."""

from __future__ import annotations

from segkit._boundary import guard
from segkit.sources import boundaries, kolada, scb, val
from segkit.sources._http import Client

__all__ = ["Client", "boundaries", "kolada", "scb", "val"]

guard(__name__)
