"""Public sources: one client for all of them, and a module for each service."""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.sources import boundaries, fetching, kolada, scb, val
from segkit.sources.http.client import Client

__all__ = ["Client", "boundaries", "fetching", "kolada", "scb", "val"]

__dir__ = public(__all__)

guard(__name__)
