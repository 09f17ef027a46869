"""Recognize the codes of areas as people write them, and the rows that are no areas."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Headings of a column with codes of areas, in any case of letters.
AREA_HEADINGS = frozenset(
    {
        "area",
        "area_id",
        "code",
        "delområde",
        "deso",
        "deso-kod",
        "deso_2018",
        "deso_2025",
        "deso_kod",
        "desokod",
        "distrikt",
        "kod",
        "nyko",
        "nykokod",
        "omr",
        "område",
        "områdeskod",
        "områdesnr",
        "områdesnummer",
        "region",
        "regso",
        "regso-kod",
        "regso_id",
        "regsokod",
        "stadsdel",
        "stadsdelskod",
        "valdistrikt",
        "valdistriktskod",
    }
)

_TOTALS = frozenset(
    {
        "alla",
        "average",
        "genomsnitt",
        "kommun",
        "kommunen",
        "mean",
        "medel",
        "medelvärde",
        "median",
        "riket",
        "samtliga",
        "sum",
        "sum:",
        "summa",
        "summa:",
        "sverige",
        "sweden",
        "total",
        "total:",
        "totalsumma",
        "totalt",
        "totalt:",
    }
) | {"hela kommunen", "hela riket", "kommunen totalt", "alla områden", "samtliga områden", "whole country"}
_NOTE = re.compile(
    r"((källa|source|anm|anmärkning|not|note|fotnot|kommentar|comment|definition|uppdaterad|senast)\b"
    r"|\*|\d\)|\(\d|©)",
    re.IGNORECASE,
)
_DESO = re.compile(r"\d{3,4}[ABCabc]\d{4}")
_REGSO = re.compile(r"\d{3,4}[Rr]\d{3}")
_VINTAGE = re.compile(r"_(deso|regso)(20\d\d)$", re.IGNORECASE)
_NAMED = re.compile(r"(\S+?)[,;:]? [^\d\s]")
_LAN_OR_KOMMUN = re.compile(r"(\d{2}|\d{4}|00)( \D.*)?")


@dataclass(frozen=True)
class Codes:
    """Recognizes areas, by the codes and names that are known, or by the form of official codes."""

    names: Mapping[str, str]
    known: frozenset[str]
    lengths: tuple[int, ...]

    @property
    def official(self) -> bool:
        """Whether every area has a code longer than that of a municipality."""
        return all(len(code) > 4 for code in self.known)

    def read(self, cell: Any, how: Counter[str] | None = None) -> str | None:
        """Return the code that a cell means, None when it means no area."""
        tally = Counter() if how is None else how
        if isinstance(cell, bool) or not isinstance(cell, str | int | float):
            return None
        if isinstance(cell, float) and not cell.is_integer():
            return None
        text = (
            str(int(cell)) if isinstance(cell, int | float) else " ".join(cell.replace("\u00a0", " ").split())
        )
        bare = _VINTAGE.sub("", text)
        # A number with spaces between thousands is no code with a name.
        named = _NAMED.match(text)
        first = _VINTAGE.sub("", named.group(1)) if named else text
        for candidate, note in ((text, ""), (bare, "suffix"), (first, "code_and_name")):
            code = self._code(candidate, tally, note if candidate != text else "")
            if code is not None:
                return code
        code = self.names.get(text.casefold())
        if code is not None:
            tally["name"] += 1
        return code

    def _code(self, text: str, how: Counter[str], note: str) -> str | None:
        found = self._exact(text)
        if found is None:
            return None
        if note:
            how[note] += 1
        if len(found) > len(text):
            how["zeros"] += 1
        return found

    def _exact(self, text: str) -> str | None:
        if self.known:
            if text in self.known:
                return text
            padded = [text.zfill(n) for n in self.lengths if n > len(text)]
            return next((p for p in padded if text[:1].isdigit() and p in self.known), None)
        for form, length in ((_DESO, 9), (_REGSO, 8)):
            if form.fullmatch(text):
                return text.upper().zfill(length)
        return None


def text_of(cell: Any) -> str:
    """Return a cell as text on one line."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).replace("\u00a0", " ").split())


def is_total(cell: Any, *, official: bool) -> bool:
    """Tell whether a cell names a sum, a municipality, a county or the country rather than an area.

    With `official`, the areas have codes longer than those of municipalities, so these are recognized.
    """
    text = text_of(cell).casefold()
    if text in _TOTALS or text.endswith((" kommun", " kommun totalt", " län")):
        return True
    if text.startswith(("totalt ", "summa ")):
        return True
    return official and bool(_LAN_OR_KOMMUN.fullmatch(text))


def is_note(cell: Any) -> bool:
    """Tell whether a cell begins as a footnote or a statement of source does."""
    text = text_of(cell)
    return bool(_NOTE.match(text)) or len(text) > 60
