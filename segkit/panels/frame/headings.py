"""What a heading says: its year, its unit, and the id that follows from it. No name means anything else."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from segkit.panels.frame.raw import folded, text_of
from segkit.panels.frame.texts import words

PERIOD_WORDS = words("period")
INDICATOR_WORDS = words("indicator")
VALUE_WORDS = words("value")
#: The one role that words give: who lives here.
RESIDENT_WORDS = words("residents")
DIMENSION_WORDS = words("dimension")
TOTAL_WORDS = words("total_category")

_SPAN = r"(?:(?:19|20)\d\d)\s*[-–/]\s*(?:(?:19|20)?\d\d)"
_ONE = r"(?:18|19|20)\d\d"
_PREFIX = r"(?:år(?:et)?|year|läsår(?:et)?|lå|ht|vt|fy|den 31 december|31 december|31 dec\.?|per)\s*\.?\s*"
_YEAR = re.compile(rf"(?:{_PREFIX})*({_SPAN}|{_ONE})(?:[-/](?:12-31|01-01))?", re.IGNORECASE)
_AT_END = re.compile(rf"(.*?[^\d\s.,–/-])[\s_,(\[]+((?:{_PREFIX})*(?:{_SPAN}|{_ONE}))[)\]]?", re.IGNORECASE)
_AT_START = re.compile(rf"((?:{_PREFIX})*(?:{_SPAN}|{_ONE}))[\s_,:]+([^\d\s–/-].*)", re.IGNORECASE)
_IN_TEXT = re.compile(rf"(?<![\d–/.,-])({_SPAN}|{_ONE})(?![\d–/-])")
#: A year after one of these says something else than the period of the figures.
_NOT_PERIOD = re.compile(
    r"(prisnivå|priser|basår|pris|bas|fasta|prices|price level|base year)[\s:=(,i]*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Year:
    """A year as it was read, and how it stood where it stood otherwise."""

    year: int
    text: str = ""


def year_of(cell: Any) -> Year | None:
    """Return the year that a cell means, None when it means none; of a span the last year.

    Examples
    --------
    >>> year_of("2022/23"), year_of("2019-2023").year, year_of(2023.0).year, year_of("2023-06-30")
    (Year(year=2023, text='2022/23'), 2023, 2023, None)
    """
    if isinstance(cell, dt.date):
        return Year(cell.year) if (cell.month, cell.day) in {(12, 31), (1, 1)} else None
    text = text_of(cell).removesuffix(".0")
    found = _YEAR.fullmatch(text)
    return _last(found.group(1), text) if found else None


def _last(span: str, text: str) -> Year:
    parts = re.split(r"\s*[-–/]\s*", span)
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return Year(int(first))
    year = int(last) if len(last) == 4 else int(first[:2] + last)
    if year < int(first):
        year += 100
    return Year(year, text)


def split_year(text: str) -> tuple[str, Year | None]:
    """Return a heading without its year, and the year.

    Examples
    --------
    >>> split_year("Röstade 2022")
    ('Röstade', Year(year=2022, text=''))
    >>> split_year("Behöriga till gymnasiet lå 2022/23")[0], split_year("Inkomst i prisnivå 2020")[1]
    ('Behöriga till gymnasiet', None)
    """
    found = _AT_END.fullmatch(text)
    if found and not _NOT_PERIOD.search(found.group(1)):
        heading = re.sub(r"[\s_,(:\[–-]+$", "", found.group(1))
        year = year_of(found.group(2))
        return (heading, year) if year else (text, None)
    found = _AT_START.fullmatch(text)
    if found:
        year = year_of(found.group(1))
        if year:
            return found.group(2).strip(), year
    return text, None


def years_in(text: str) -> list[Year]:
    """Return the years in a sentence, each once; a span counts as its last year."""
    found: dict[int, Year] = {}
    for match in _IN_TEXT.finditer(text):
        if _NOT_PERIOD.search(text[: match.start()]):
            continue
        year = _last(match.group(1), match.group(1))
        found.setdefault(year.year, year)
    return list(found.values())


def title_heading(title: str) -> str:
    """Return what a title says the figures are: without its number, and up to "efter" or "by".

    Examples
    --------
    >>> title_heading("Tabell 2. Valdeltagande i riksdagsvalet efter område och år")
    'Valdeltagande i riksdagsvalet'
    """
    text = re.sub(
        r"^(tabell|table|tab\.?|diagram|figur)\s*\d+[a-z]?\s*[.:–-]?\s*",
        "",
        title.strip(),
        flags=re.IGNORECASE,
    )
    text = re.split(r",?\s+(?:efter|fördelat på|by)\s", f"{text} ", maxsplit=1)[0].strip()
    text = re.sub(
        rf"[\s,(]+(?:{_PREFIX})*(?:{_SPAN}|{_ONE})((?:\s*,\s*|\s+och\s+|\s+and\s+)(?:{_ONE}))*[)]?\.?$",
        "",
        text,
    )
    return text.strip(" .,:;")


_MONEY = re.compile(
    r"(?:1[ ,.\u00a0]?000|tusental|tusen|thousands?|miljoner|million|mn|m|t|k)?\s*"
    r"(?:kr(?:onor)?|sek|usd|us\$|\$|dollars?|eur(?:os?)?|€|nok|dkk|gbp|£|pounds?|chf)"
    r"(?:\s*(?:/|per)\s*\S.*)?|tkr|mkr|mnkr|mdkr",
    re.IGNORECASE,
)
_PER = re.compile(
    r"(?:antal )?(per\s+(?:\d[\d\s.,\u00a0\u202f]*\s*(?:\S+)?|capita|invånare|inv\.?))", re.IGNORECASE
)
_FIXED: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(words("unit_other"), ("", None)),
    **dict.fromkeys(words("unit_count"), ("", "count")),
    **dict.fromkeys(words("unit_percent"), ("%", "share")),
    "index": ("index", "index"),
}


def unit_of(text: str) -> tuple[str, str | None] | None:
    """Return the unit that a text is, and the kind of figure that follows from it.

    Examples
    --------
    >>> unit_of("procent"), unit_of("tkr"), unit_of("per 1 000 inv"), unit_of("median")
    (('%', 'share'), ('tkr', 'money'), ('per 1 000 inv', 'rate'), None)
    """
    plain = " ".join(text.split())
    low = plain.casefold()
    if low in _FIXED:
        unit, kind = _FIXED[low]
        return unit or plain, kind
    if _MONEY.fullmatch(low):
        return plain, "money"
    if _PER.fullmatch(plain) and re.search(r"\d|capita|inv", low):
        return plain, "rate"
    return None


def unit_in(heading: str) -> tuple[str, str | None] | None:
    """Return the unit that a heading states: in brackets, after a comma, at its end, or per so many.

    Examples
    --------
    >>> unit_in("Medianinkomst (tkr)"), unit_in("Anmälda våldsbrott per 1 000 inv"), unit_in("Utbildning")
    (('tkr', 'money'), ('per 1 000 inv', 'rate'), None)
    """
    _, unit = _without_unit(heading)
    if unit:
        return unit
    found = re.search(r"\b(per\s+\d[\d\s.,\u00a0\u202f]*\s*[^\W\d_]+\.?)", heading, re.IGNORECASE)
    if found:
        return " ".join(found.group(1).split()), "rate"
    found = re.search(
        r"(?:^|\s)(?:i\s+)?(procent|percent|per cent|%|tkr|kronor|kr|sek|usd|eur)\s*$", heading, re.IGNORECASE
    )
    return unit_of(found.group(1)) if found else None


def _without_unit(heading: str) -> tuple[str, tuple[str, str | None] | None]:
    for form in (r"(.*\S)\s*[(\[]([^()\[\]]*)[)\]]", r"(.*\S)\s*,\s*([^,]+)"):
        found = re.fullmatch(form, heading.strip())
        if found and (unit := unit_of(found.group(2))):
            return found.group(1), unit
    return heading, None


def counted(heading: str) -> bool:
    """Tell whether a heading says that it is a number of something."""
    return bool(re.match(r"(antal|antalet|number of|count of)\b", heading.strip(), re.IGNORECASE))


def is_share_word(heading: str) -> bool:
    """Tell whether a heading says in Swedish that it is a share."""
    return bool(re.search(r"\bandel(en)?\b", heading, re.IGNORECASE))


def is_residents(heading: str) -> bool:
    """Tell whether a heading says that its column counts the residents."""
    bare, unit = _without_unit(heading)
    return folded(bare if unit and unit[1] == "count" else heading) in RESIDENT_WORDS


def default_id(heading: str) -> str:
    """Return the name of a column in the panel that follows from its heading.

    Examples
    --------
    >>> default_id("Förvärvsarbetande 20–64 år (%)"), default_id("Behöriga till gymnasiet, procent")
    ('forvarvsarbetande_20_64_ar', 'behoriga_till_gymnasiet')
    """
    text = split_year(heading)[0]
    text = _without_unit(text)[0]
    for sign, plain in (
        ("ø", "o"),
        ("Ø", "o"),
        ("æ", "ae"),
        ("Æ", "ae"),
        ("ß", "ss"),
        ("đ", "d"),
        ("ł", "l"),
    ):
        text = text.replace(sign, plain)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:60].strip("_")
    return text or "indicator"
