"""The statements that a survey tests: a municipality's own, else the questions that every survey asks."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from segkit.catalogue import embedded
from segkit.errors import FileError, message

if TYPE_CHECKING:
    from pathlib import Path

    from segkit.base.checks import Language


@dataclass(frozen=True)
class Statement:
    """One statement as data: what is said, by which test, on which indicators, within which bound."""

    id: str
    statement_sv: str
    statement_en: str
    test: str
    indicators: tuple[str, ...] = ()
    against: str = ""
    bound: float = 0.0
    remark: dict[str, str] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        """Return the statement in a language."""
        return str(getattr(self, f"statement_{language}"))


def statements(municipality: str = "") -> tuple[Statement, ...]:
    """Return the statements of an embedded municipality by its code, else the general ones.

    Examples
    --------
    >>> [s.test for s in statements()][:3]
    ['better_than', 'better_than', 'spread_has_grown']
    >>> statements("0880")[-1].remark["en"]
    "Kalmar's survey of 2023 rests on other years and measures."
    """
    general = embedded.folder() / "claims.toml"
    names = [name for name, (code, _) in embedded.MUNICIPALITIES.items() if code == municipality]
    own = [embedded.folder() / name / "claims.toml" for name in names]
    return _read(next((path for path in own if path.is_file()), general))


@cache
def _read(path: Path) -> tuple[Statement, ...]:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_statement(path, raw) for raw in told["claims"])


def _statement(path: Path, raw: dict[str, object]) -> Statement:
    """Make a statement of one entry; an unknown key is an error."""
    remark = {code: str(raw.pop(f"remark_{code}")) for code in ("sv", "en") if f"remark_{code}" in raw}
    known = {"id", "statement_sv", "statement_en", "test", "indicators", "against", "bound"}
    stray = sorted(set(raw) - known)
    if stray:
        fix = f"Known are: {', '.join(sorted(known))}."
        raise FileError(message(path.name, f"{raw.get('id', '')} has unknown keys", stray, fix))
    named, bound = raw.get("indicators", []), raw.get("bound", 0)
    if not isinstance(named, list) or not isinstance(bound, int | float):
        raise FileError(message(path.name, f"{raw.get('id', '')}: indicators is a list, bound a number"))
    return Statement(
        str(raw["id"]),
        str(raw["statement_sv"]),
        str(raw["statement_en"]),
        str(raw["test"]),
        tuple(map(str, named)),
        str(raw.get("against", "")),
        float(bound),
        remark,
    )
