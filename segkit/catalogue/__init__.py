"""What is known of indicators, key figures, fields and places."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, ["indicators"])
