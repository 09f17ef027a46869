"""Interactive maps that work without a network: one file with everything in it.

The map is a `folium.Map`, so anything folium can add may be added; the layers, the legend, the search
and the popups are one element of its own, drawn by Leaflet alone.
"""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.drawing.webmap._build import build, display
from segkit.drawing.webmap._page import save

__all__ = ["build", "display", "save"]

__dir__ = public(__all__)

guard(__name__)
