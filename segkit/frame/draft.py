"""A first draft of a description: what was guessed, and every doubt as a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Draft:
    text: str


def prepare(folder: Any) -> Draft:
    raise NotImplementedError
