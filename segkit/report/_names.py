"""Names of areas that are safe as anchors and as file names on every system."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segkit._result import Survey

_MOST = 40


def anchors(survey: Survey) -> list[str]:
    """Return the areas' codes with only letters, digits, ``-`` and ``_``, each one once.

    A code that had to be changed, or differs from another by case only, ends in a part of its hash.
    """
    found, taken = [], set()
    for code in survey.areas["area_id"].astype(str):
        safe = re.sub(r"[^A-Za-z0-9_-]", "_", code)[:_MOST]
        if not safe or safe != code or safe.casefold() in taken:
            safe = f"{safe}-{hashlib.sha256(code.encode()).hexdigest()[:8]}"
        taken.add(safe.casefold())
        found.append(safe)
    return found


def slug(name: str) -> str:
    """Return a name in small letters a-z, digits and hyphens; ``area`` when nothing is left of it.

    Examples
    --------
    >>> slug("Östra Smedby (södra)"), slug("../../etc"), slug("🙂")
    ('ostra-smedby-sodra', 'etc', 'area')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MOST].strip("-") or "area"
