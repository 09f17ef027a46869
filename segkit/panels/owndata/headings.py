"""Tell from the headings what each column holds: an indicator, its year, periods or text."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from segkit.catalogue import indicators
from segkit.errors import InputError, message
from segkit.panels.owndata.codes import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PERIOD_HEADINGS = frozenset({"period", "år", "year", "tid", "time", "årtal", "mätår", "kalenderår"})
INDICATOR_HEADINGS = frozenset({"indicator", "indikator", "variabel", "variable", "nyckeltal", "mått"})
VALUE_HEADINGS = frozenset({"value", "värde", "varde", "utfall"})

_PEOPLE = frozenset(
    {"befolkning", "folkmängd", "invånare", "antal invånare", "population", "folkmängd totalt"}
)
_YEAR = re.compile(r"(?:år |year )?((?:19|20)\d\d)(?:\.0)?", re.IGNORECASE)
_LAST_DAY = re.compile(
    r"((?:19|20)\d\d)-12-31(?: 00:00:00)?|(?:den )?31 dec(?:ember|\.)? ((?:19|20)\d\d)", re.IGNORECASE
)
_AT_END = re.compile(r"(.*[^\d\s.,–/-])[\s_,(]+((?:19|20)\d\d)\)?")
_AT_BEGINNING = re.compile(r"((?:19|20)\d\d)[\s_,:]+([^\d\s–/-].*)")
_ANY_YEAR = re.compile(r"(?<![\d–-])((?:19|20)\d\d)(?![\d–])")


def year_of(cell: Any) -> int | None:
    """Return the year that a cell means, None when it means none.

    Examples
    --------
    >>> year_of("2023"), year_of(2023.0), year_of("2023-12-31"), year_of("2023-06-30")
    (2023, 2023, 2023, None)
    """
    if isinstance(cell, bool):
        return None
    if isinstance(cell, dt.date):
        return cell.year if (cell.month, cell.day) in {(12, 31), (1, 1)} else None
    if isinstance(cell, int | float):
        return int(cell) if float(cell).is_integer() and 1900 <= cell < 2100 else None
    text = text_of(cell)
    found = _YEAR.fullmatch(text) or _LAST_DAY.fullmatch(text)
    return int(next(group for group in found.groups() if group)) if found else None


def years_in(texts: list[str]) -> list[int]:
    """Return the years that stand in texts, each once."""
    return sorted({int(year) for text in texts for year in _ANY_YEAR.findall(text)})


def split(parts: list[Any], place: str) -> tuple[str, int | None]:
    """Return the text of a heading and the year in it."""
    year: int | None = None
    texts: list[str] = []
    for part in parts:
        if isinstance(part, dt.date) and year_of(part) is None:
            fix = "Excel has made a date of a heading: format the cell as text and type it again."
            raise InputError(message("table", f"{place} has the date {part} in its heading", fix=fix))
        found = year_of(part)
        if found is not None and year is None:
            year = found
        elif text_of(part) not in texts:
            texts.append(text_of(part))
    heading = " ".join(texts)
    if year is None:
        for form, at in ((_AT_END, (1, 2)), (_AT_BEGINNING, (2, 1))):
            match = form.fullmatch(heading)
            if match:
                return match[at[0]].strip(" _,(:"), int(match[at[1]])
    return heading, year


def indicator_of(heading: str, names: Mapping[str, str]) -> str:
    """Return the indicator that a heading means: as told, by the catalogue, or the heading itself.

    Examples
    --------
    >>> indicator_of("Folkmängd (personer)", {}), indicator_of("Trygghet", {"trygghet": "safety"})
    ('population', 'safety')
    """
    wanted = heading.casefold()
    told = {key.strip().casefold(): value for key, value in names.items()}
    if wanted in told:
        return told[wanted]
    if wanted in _PEOPLE:
        return "population"
    table = indicators.catalogue()
    if wanted in table.index:
        return wanted
    for language in ("sv", "en"):
        for code, label, unit in zip(
            table.index, table[f"label_{language}"], table[f"unit_{language}"], strict=True
        ):
            if wanted in {label.casefold(), f"{label} ({unit})".casefold(), f"{label}, {unit}".casefold()}:
                return str(code)
    return heading
