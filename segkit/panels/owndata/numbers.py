"""Read the cells of a column as numbers, and count how they were read."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from segkit.errors import InputError, message
from segkit.panels.cells import MISSING, SPACED, SPACES

Dash = Literal["raise", "zero", "missing"]
Decimal = Literal[",", "."]

#: Signs and words for "no figure", beside those of official tables.
NO_FIGURE = MISSING | {"saknas", "uppgift saknas", "uppg. saknas", "u.s.", "missing"}
#: Signs for a figure that is withheld.
WITHHELD = frozenset({"x", "xx", "*", "**", "sekretess", "sekr.", "suppressed"})
DASHES = frozenset({"-", "–", "—", "\u2212", "--"})

_PLAIN = re.compile(r"[+-]?\d+([.,]\d*)?([eE][+-]?\d+)?|[+-]?[.,]\d+")
_GROUPED = re.compile(r"[+-]?\d{1,3}((?:[.,]\d{3})+)")


@dataclass(frozen=True)
class Numbers:
    """A column as numbers (NaN for none), what is withheld, and how the cells were read."""

    values: list[float]
    withheld: list[bool]
    how: Counter[str]


def is_text(value: Any) -> bool:
    """Tell whether a cell holds text that is neither a number nor a sign for none."""
    if not isinstance(value, str):
        return False
    text = _bare(value)
    return text not in NO_FIGURE | WITHHELD | DASHES and not _number_like(text)


def read_numbers(
    cells: list[Any], places: list[str], percent: list[bool], *, dash: Dash, decimal: Decimal | None
) -> Numbers:
    """Read a column; the first cell that can't be read is named, with what to do."""
    how: Counter[str] = Counter()
    mark = decimal or _decimal_of(cells, places)
    values, withheld = [], []
    for cell, place, scaled in zip(cells, places, percent, strict=True):
        value, hidden = _one(cell, place, mark, dash, how)
        if scaled and not math.isnan(value):
            # Rounded to what a person would have typed: 0.452 * 100 is not 45.2 to the last bit.
            value = float(f"{value * 100:.12g}")
            how["percent_format"] += 1
        values.append(value)
        withheld.append(hidden)
    numbers = [isinstance(c, int | float) for c in cells]
    if any(percent) and not all(p or not n for p, n in zip(percent, numbers, strict=True)):
        odd = next(k for k, (p, n) in enumerate(zip(percent, numbers, strict=True)) if n and not p)
        rule = f"{places[odd]} has no per cent format where other cells of the column have"
        raise InputError(message("table", rule, fix="Give the whole column one format."))
    return Numbers(values, withheld, how)


def _one(cell: Any, place: str, mark: str, dash: Dash, how: Counter[str]) -> tuple[float, bool]:
    if cell is None:
        how["empty"] += 1
        return math.nan, False
    if isinstance(cell, bool):
        raise InputError(message("table", f"{place} holds {cell} where a number belongs"))
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        fix = "Excel has made a date of it: format the cell as a number and type it again."
        raise InputError(message("table", f"{place} holds a date ({cell}) where a number belongs", fix=fix))
    if isinstance(cell, int | float):
        if not math.isfinite(cell):
            raise InputError(message("table", f"{place} holds {cell}, which is no finite number"))
        return float(cell), False
    text = _bare(cell)
    if text in NO_FIGURE:
        how[f"mark {text}" if text else "empty"] += 1
        return math.nan, False
    if text in WITHHELD:
        how[f"withheld {text}"] += 1
        return math.nan, True
    if text in DASHES:
        return _dash(place, dash, how), False
    return _from_text(cell, place, mark, how), False


def _dash(place: str, dash: Dash, how: Counter[str]) -> float:
    if dash == "raise":
        fix = (
            "Statistics Sweden writes - for nil and .. for missing; others mean missing by it. Say with "
            "dash='zero' or dash='missing', or write 0 or nothing in the cells."
        )
        raise InputError(message("table", f"{place} holds a dash, which may mean zero or missing", fix=fix))
    how[f"dash_{dash}"] += 1
    return 0.0 if dash == "zero" else math.nan


def _from_text(cell: str, place: str, mark: str, how: Counter[str]) -> float:
    text = cell.replace("\u2212", "-").strip()
    if text.endswith("%"):
        text = text[:-1].rstrip()
        how["percent_sign"] += 1
    bare = SPACES.sub("", text)
    if bare != text:
        if not SPACED.fullmatch(text):
            fix = "Correct the cell: spaces belong between thousands only. Two figures need a column each."
            raise InputError(message("table", f"{place} holds {cell!r} where a number belongs", fix=fix))
        how["spaces"] += 1
    other = "." if mark == "," else ","
    if other in bare:
        groups = re.fullmatch(rf"[+-]?\d{{1,3}}(\{other}\d{{3}})+(\{mark}\d*)?", bare)
        if groups:
            bare = bare.replace(other, "")
            how["thousands"] += 1
    if not _PLAIN.fullmatch(bare) or other in bare:
        fix = "Correct the cell, or empty it if there is no figure. Notes belong in a column of their own."
        if bare.startswith("#"):
            fix = "It is an error of a formula: mend the formula, or empty the cell."
        raise InputError(message("table", f"{place} holds {cell!r} where a number belongs", fix=fix))
    if "," in bare:
        how["decimal_comma"] += 1
    value = float(bare.replace(",", "."))
    if not math.isfinite(value):
        raise InputError(message("table", f"{place} holds {cell!r}, which is no finite number"))
    return value


def _bare(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split()).casefold()


def _number_like(text: str) -> bool:
    bare = SPACES.sub("", text.replace("\u2212", "-").rstrip("%"))
    return bool(re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*([eE][+-]?\d+)?", bare))


def _decimal_of(cells: list[Any], places: list[str]) -> str:
    """Return the decimal sign of a column of text; where it can't be told the first such cell is named."""
    bare = {
        place: SPACES.sub("", cell.rstrip(" %"))
        for cell, place in zip(cells, places, strict=True)
        if isinstance(cell, str)
    }
    texts = {
        p: t for p, t in bare.items() if re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*", t) and re.search("[.,]", t)
    }
    if not texts:
        return ","
    certain = set()
    for text in texts.values():
        last = text[max(text.rfind(","), text.rfind("."))]
        if "," in text and "." in text:
            certain.add(last)
        elif text.count(last) > 1:
            # Several of one sign can only divide thousands.
            certain.add("." if last == "," else ",")
        elif not _GROUPED.fullmatch(text) or text.lstrip("+-").startswith("0"):
            certain.add(last)
    if len(certain) == 1:
        return certain.pop()
    signs = {t[max(t.rfind(","), t.rfind("."))] for t in texts.values()}
    if not certain and signs == {","}:
        # A comma is the decimal sign of Swedish tables.
        return ","
    place, text = next(iter(texts.items()))
    fix = "Say which sign is decimal with decimal=',' or decimal='.', or remove those of thousands."
    rule = f"{place} holds {text!r}, and the column does not tell decimals from thousands"
    raise InputError(message("table", rule, fix=fix))
