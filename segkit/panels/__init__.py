"""The areas and what is known of them, period by period: read, joined, neighbors, disclosure."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, ["areas", "disclosure", "frame", "graphs", "owndata"]
)
