"""The templates of pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any


def templates() -> Any:
    """Return the environment of templates: everything is escaped, and a name that is lacking is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_unbroken,
    )


def _unbroken(value: Any) -> Any:
    """Keep a number and its % on one line."""
    return re.sub(r"(?<=\d) %", "\u00a0%", value) if type(value) is str else value
