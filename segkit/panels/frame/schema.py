"""The keys of a description, version 1: names, types, values allowed; for toml, form and Python."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import Any

from segkit.panels.frame.texts import Problem, nearest

VERSION = 1
UNANSWERED = "?"
RESERVED = frozenset({"area_id", "period", "name", "geometry"})
KINDS = ("share", "rate", "money", "count", "index", "category")
MOST_INDICATORS = 500
LONGEST = 500
LONGEST_DEFINITION = 2_000


@dataclass(frozen=True)
class Key:
    """What a key takes."""

    form: str
    choices: tuple[Any, ...] = ()
    longest: int = LONGEST


_TEXT = Key("text")
_DEFINITION = Key("text", longest=LONGEST_DEFINITION)
_TEXTS = Key("texts")
_SIGNS = Key("signs")

SURVEY = {
    "place": _TEXT,
    "title": _TEXT,
    "language": Key("choice", ("sv", "en")),
    "source": _TEXT,
    "attribution": _TEXT,
    "periods": Key("years"),
    "peers": _TEXTS,
}
AREAS = {
    "file": Key("path"),
    "layer": _TEXT,
    "crs": Key("crs"),
    "id": _TEXT,
    "name": _TEXT,
    "names": Key("path"),
    "same": Key("mapping"),
    "leave_out": _TEXTS,
    "snap": Key("positive"),
}
TABLES = {
    "file": Key("path"),
    "sheet": Key("text_or_texts"),
    "area": _TEXT,
    "period": Key("heading_or_year"),
    "indicator": _TEXT,
    "value": _TEXT,
    "headings": Key("rows"),
    "take": Key("mapping"),
    "decimal": Key("choice", (",", ".")),
    "missing": _SIGNS,
    "suppressed": _SIGNS,
    "zero": _SIGNS,
    "retrieved": Key("date"),
}
INDICATORS = {
    "heading": _TEXT,
    "id": Key("id"),
    "label": _TEXT,
    "label_sv": _TEXT,
    "label_en": _TEXT,
    "definition": _DEFINITION,
    "definition_sv": _DEFINITION,
    "definition_en": _DEFINITION,
    "unit": _TEXT,
    "kind": Key("choice", KINDS),
    "direction": Key("choice", (1, -1, 0)),
    "base": _TEXT,
    "source": _TEXT,
    "source_table": _TEXT,
    "price_year": Key("year"),
    "field": _TEXT,
    "multiply": Key("factor"),
    "like": _TEXT,
    "use": Key("choice", ("profiles", "show", "no")),
    "decimals": Key("digits"),
    "noise": Key("positive"),
}
CLAIMS = {
    "statement": _TEXT,
    "test": _TEXT,
    "indicators": _TEXTS,
    "direction": Key("choice", (1, -1, 0)),
    "bound": Key("number"),
}
SECTIONS = {"survey": SURVEY, "areas": AREAS, "tables": TABLES, "indicators": INDICATORS, "claims": CLAIMS}
LISTS = frozenset({"tables", "indicators", "claims"})


def check_keys(section: str, values: dict[str, Any], where: Any) -> None:
    """Refuse a key that the section does not have, with the nearest one; `where` names a key's place."""
    keys = SECTIONS[section]
    for key in values:
        if key not in keys:
            near = nearest(str(key), list(keys), 0.5)
            if near is None:
                raise Problem("unknown_key_far", where=where(key), key=key, known=sorted(keys))
            raise Problem("unknown_key", where=where(key), key=key, near=near)


def check_value(section: str, key: str, value: Any, where: Any) -> Any:
    """Return a value as its key wants it; another type or value is a `Problem` that names its place."""
    rule = SECTIONS[section][key]
    try:
        return _FORMS[rule.form](value, rule)
    except _Wrong as wrong:
        expected = (
            f"form.{wrong.form or rule.form}",
            {"choices": [str(c) for c in rule.choices], "n": rule.longest},
        )
        raise Problem(
            "wrong_value", where=where(key), key=key, value=_short(value), expected=expected
        ) from None


class _Wrong(Exception):  # noqa: N818
    def __init__(self, form: str = "") -> None:
        self.form = form


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _text(value: Any, rule: Key) -> str:
    if not isinstance(value, str):
        raise _Wrong
    text = value.strip()
    if not text or "\n" in text or "\r" in text:
        raise _Wrong
    if len(text) > rule.longest:
        raise _Wrong("too_long")
    return text


def _choice(value: Any, rule: Key) -> Any:
    if isinstance(value, bool) or value not in rule.choices:
        raise _Wrong
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or float(value) != int(value):
        raise _Wrong
    return int(value)


def _year(value: Any, _rule: Key) -> int:
    year = _whole(value)
    if not 1000 <= year <= 2999:
        raise _Wrong
    return year


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _Wrong
    return list(value)


def _years(value: Any, rule: Key) -> list[int]:
    return sorted({_year(v, rule) for v in _list(value)})


def _texts(value: Any, rule: Key) -> list[str]:
    return [_text(v, rule) for v in _list(value)]


def _text_or_texts(value: Any, rule: Key) -> list[str]:
    return [_text(value, rule)] if isinstance(value, str) else _texts(value, rule)


def _signs(value: Any, rule: Key) -> list[str]:
    items = [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else _list(value)
    signs = []
    for item in items:
        if isinstance(item, bool) or not isinstance(item, str | int | float) or len(str(item)) > rule.longest:
            raise _Wrong
        signs.append(
            item.strip() if isinstance(item, str) else f"{item:g}" if isinstance(item, float) else str(item)
        )
    return signs


def _mapping(value: Any, rule: Key) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _Wrong
    return {_text(str(k), rule): _text(str(v) if isinstance(v, int) else v, rule) for k, v in value.items()}


def _heading_or_year(value: Any, rule: Key) -> str | int:
    if isinstance(value, str):
        text = _text(value, rule)
        return int(text) if re.fullmatch(r"[12]\d{3}", text) else text
    return _year(value, rule)


def _rows(value: Any, _rule: Key) -> list[int]:
    rows = [_whole(v) for v in ([value] if isinstance(value, int) else _list(value))]
    if not rows or min(rows) < 1:
        raise _Wrong
    return sorted(set(rows))


def _number(value: Any, _rule: Key) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _Wrong
    return float(value)


def _positive(value: Any, rule: Key) -> float:
    number = _number(value, rule)
    if number < 0:
        raise _Wrong
    return number


def _factor(value: Any, rule: Key) -> float:
    number = _number(value, rule)
    if number == 0:
        raise _Wrong
    return number


def _digits(value: Any, _rule: Key) -> int:
    digits = _whole(value)
    if not 0 <= digits <= 6:
        raise _Wrong
    return digits


def _crs(value: Any, rule: Key) -> str:
    text = (
        f"EPSG:{value}"
        if isinstance(value, int) and not isinstance(value, bool)
        else _text(value, rule).upper()
    )
    if re.fullmatch(r"\d{4,6}", text):
        text = f"EPSG:{text}"
    if not re.fullmatch(r"EPSG:\d{4,6}", text):
        raise _Wrong
    return text


def _date(value: Any, _rule: Key) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    try:
        return dt.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise _Wrong from None


def _id(value: Any, rule: Key) -> str:
    text = _text(value, rule)
    if not re.fullmatch(r"[a-z0-9_]{1,60}", text):
        raise _Wrong
    if text in RESERVED:
        raise _Wrong("reserved")
    return text


def _path(value: Any, rule: Key) -> str:
    text = _text(value, rule).replace("\\", "/")
    if text.startswith("segkit:"):
        return text
    if "://" in text or text.startswith(("/", "~")) or re.match(r"[A-Za-z]:", text):
        raise _Wrong
    return text


_FORMS = {
    "text": _text,
    "choice": _choice,
    "years": _years,
    "year": _year,
    "texts": _texts,
    "text_or_texts": _text_or_texts,
    "signs": _signs,
    "mapping": _mapping,
    "heading_or_year": _heading_or_year,
    "rows": _rows,
    "number": _number,
    "positive": _positive,
    "factor": _factor,
    "digits": _digits,
    "crs": _crs,
    "date": _date,
    "id": _id,
    "path": _path,
}
