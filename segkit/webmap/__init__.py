"""Interactive maps that work without a network: one file with everything in it.

The map is a `folium.Map`, so anything folium can add may be added; the layers, the legend, the search
and the popups are one element of its own, drawn by Leaflet alone.
"""

from __future__ import annotations

from segkit._boundary import guard
from segkit.webmap._build import build, display
from segkit.webmap._page import save

__all__ = ["build", "display", "save"]

guard(__name__)
