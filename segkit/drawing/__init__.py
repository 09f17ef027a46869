"""Maps, charts and interactive maps, and the classes, colors and signs that they share."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, ["charts", "maps", "palettes", "webmap"])
