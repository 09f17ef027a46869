"""Numbers as people write them, and the marks for what is missing, withheld or nil."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from segkit.panels.frame.texts import words

if TYPE_CHECKING:
    from numpy.typing import NDArray


#: What a cell of figures is: a number, missing, withheld; then what is still to be told.
NO_FLAG, MISSING, SUPPRESSED = 0, 1, 2
DASH, UNKNOWN, CONTRADICTION = 10, 11, 12

DASHES = frozenset({"-", "–", "—", "−", "‐"})
#: Marks for no figure of statistical offices and spreadsheets, as they are written.
MISSING_MARKS = words("missing")
SUPPRESSED_MARKS = words("suppressed")
#: Values that the American Community Survey writes instead of a figure.
SENTINELS = frozenset(
    float(v) for v in (-666666666, -999999999, -888888888, -555555555, -333333333, -222222222)
)
#: Numbers written of nines, which often stand for no figure.
NINES = np.array([s * (10.0**k - 1) for k in range(3, 13) for s in (1, -1)])

_PLAIN = re.compile(r"([+-]?)(\d+)(?:([.,])(\d*))?")
_MANY = re.compile(r"([+-]?)(\d{1,3})((?:([.,])\d{3})(?:\4\d{3})*)(?:([.,])(\d*))?")
_SPACED = re.compile(r"([+-]?)(\d{1,3}(?:[ '’]\d{3})+)(?:([.,])(\d*))?")
_POWER = re.compile(r"([+-]?\d+(?:[.,]\d+)?)[eE]([+-]?\d+)")
_CURRENCY = re.compile(
    r"^(?:us\$|[$€£¥]|sek|usd|eur|gbp)\s*(?=[\d+-])|(?<=\d)\s*(?:[$€£]|kr|kronor|sek|usd|eur|gbp|:-)$",
    re.IGNORECASE,
)
_FOOT = re.compile(r"(?<=\d)(?:\s?[*†‡¹²³]{1,3}|\s[pebrud]{1,2}|\s?\[[pebrn]\])$")


@dataclass(frozen=True)
class Shape:
    """A number as text, taken apart; `fraction` is None where there is no sign after the whole part."""

    whole: str
    mark: str = ""
    fraction: str = ""
    grouped: str = ""
    notes: tuple[str, ...] = ()
    fixed: float | None = None

    @property
    def evidence(self) -> str:
        """The decimal sign that this number shows by itself, empty when it shows none."""
        if self.grouped in {",", "."}:
            return self.mark or ("," if self.grouped == "." else ".")
        if not self.mark:
            return ""
        digits = self.whole.lstrip("+-")
        certain = len(self.fraction) != 3 or len(digits) > 3 or digits.startswith("0") or bool(self.grouped)
        return self.mark if certain else ""

    @property
    def ambiguous(self) -> bool:
        """Whether the sign may stand for decimals as well as thousands."""
        return bool(self.mark) and not self.evidence

    def value(self, decimal: str) -> float | None:
        """Return the number with this decimal sign; None where the text contradicts it."""
        if self.fixed is not None:
            return self.fixed
        if self.grouped == decimal or (self.mark and self.grouped == self.mark):
            return None
        if not self.mark:
            return float(self.whole)
        if self.mark == decimal:
            return float(f"{self.whole or '0'}.{self.fraction or '0'}")
        if self.ambiguous and not self.grouped:
            return float(self.whole + self.fraction)
        return None


def shape(text: str) -> Shape | None:
    """Take a number as text apart; None when it is no number.

    Examples
    --------
    >>> shape("2,596").ambiguous, shape("84,6").evidence, shape("1 549").whole, shape("..")
    (True, ',', '1549', None)
    """
    found = _PLAIN.fullmatch(text)
    if found:
        sign, whole, mark, fraction = found.groups()
        return Shape(("-" if sign == "-" else "") + whole, mark or "", fraction or "")
    if not any(c.isdigit() for c in text):
        return None
    return _dressed(text)


def _dressed(text: str) -> Shape | None:
    notes: list[str] = []
    bare = " ".join(text.split()).replace("−", "-")
    bare = re.sub(r"^–\s?(?=\d)", "-", bare)
    if bare.endswith("%"):
        bare, notes = bare[:-1].rstrip(), ["percent"]
    without = _CURRENCY.sub("", bare)
    if without != bare:
        bare = without
        notes.append("currency")
    without = _FOOT.sub("", bare)
    if without != bare:
        notes.append("foot")
        bare = without
    return _bare_shape(bare, tuple(notes))


def _bare_shape(bare: str, notes: tuple[str, ...]) -> Shape | None:
    found = _PLAIN.fullmatch(bare) or _SPACED.fullmatch(bare)
    if found:
        sign, whole, mark, fraction = found.groups()
        digits = re.sub(r"\D", "", whole)
        grouped = " " if digits != whole else ""
        told = (*notes, "spaces") if grouped else notes
        return Shape(_signed(sign, digits), mark or "", fraction or "", grouped, told)
    if found := _MANY.fullmatch(bare):
        sign, first, groups, group, mark, fraction = found.groups()
        if mark != group:
            digits = _signed(sign, first + re.sub(r"\D", "", groups))
            return Shape(digits, mark or "", fraction or "", group, (*notes, "thousands"))
    elif found := _POWER.fullmatch(bare):
        return Shape("", fixed=float(f"{found[1].replace(',', '.')}e{found[2]}"), notes=notes)
    elif re.fullmatch(r"[.,]\d+", bare):
        return Shape("0", bare[0], bare[1:], "", notes)
    return None


def _signed(sign: str, digits: str) -> str:
    return f"-{digits}" if sign == "-" else digits


@dataclass
class Marks:
    """What the signs of a table mean: told by the user, said by the file, known."""

    missing: frozenset[str] = frozenset()
    suppressed: frozenset[str] = frozenset()
    zero: frozenset[str] = frozenset()
    noted: dict[str, str] = field(default_factory=dict)
    told_nothing: bool = False

    def meaning(self, text: str) -> str | None:
        """Return missing, suppressed, zero or dash; None where the sign is not known."""
        for name in ("missing", "suppressed", "zero"):
            if text in getattr(self, name):
                return name
        if text in self.noted:
            return self.noted[text]
        if text in DASHES:
            return "dash"
        if text in SUPPRESSED_MARKS:
            return "suppressed"
        if text in MISSING_MARKS or text.casefold() in MISSING_MARKS:
            return "missing"
        return None

    @property
    def told(self) -> frozenset[str]:
        """The signs that the user names."""
        return self.missing | self.suppressed | self.zero

    def numbers(self) -> dict[float, str]:
        """Return the numbers that stand for no figure, as the user says or an office writes them."""
        found = dict.fromkeys(SENTINELS, "missing")
        for name in ("missing", "suppressed", "zero"):
            for sign in getattr(self, name):
                form = shape(sign)
                for mark in (".", ",") if form is not None else ():
                    value = form.value(mark) if form is not None else None
                    if value is not None:
                        found[value] = name
        return found


def is_sentinel(value: float, others: NDArray[np.float64]) -> bool:
    """Tell whether a number is written of nines and lies far beyond the rest of its column."""
    if value not in NINES or not len(others):
        return False
    if value < 0:
        return bool(others.min() >= 0 or value < 10 * others.min())
    high = float(np.abs(others).max())
    return value > 10 * high if high else True


_MEANS = re.compile(
    r"[\"”“'»«]?([^\s\"”“'»«=:]{1,6})[\"”“'»«]?\s*(?:=|:|betyder|avser|means|är)\s*(.+?)(?=(?:[;]|\.\s|$))",
    re.IGNORECASE,
)
_WITHHELD = re.compile(
    r"sekretess|skydda|röja|suppress|withheld|confidential|disclos|hemlig|undertryckt", re.IGNORECASE
)
_NIL = re.compile(r"\b(noll|zero|nil|inget finns att redovisa|inget att redovisa|none)\b", re.IGNORECASE)
_ABSENT = re.compile(
    r"saknas|missing|not available|inte tillgänglig|ej tillgänglig|osäker|ingen uppgift|unknown|okän",
    re.IGNORECASE,
)


def noted_marks(note: str) -> dict[str, str]:
    """Return the signs that a note explains, with what they mean.

    Examples
    --------
    >>> noted_marks('Källa: SCB. ".." = uppgift sekretessbelagd (färre än 5 personer).')
    {'..': 'suppressed'}
    """
    found: dict[str, str] = {}
    for sign, meaning in _MEANS.findall(note):
        if any(c.isdigit() for c in sign) or (sign.isalpha() and len(sign) > 2):
            continue
        for form, name in ((_WITHHELD, "suppressed"), (_NIL, "zero"), (_ABSENT, "missing")):
            if form.search(meaning):
                found[sign] = name
                break
    return found
