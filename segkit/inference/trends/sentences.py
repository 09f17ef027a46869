"""A change put in words, and no more than the figures allow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from segkit.base.checks import check_choice, check_count, check_number
from segkit.errors import InputError, UnknownNameError, message
from segkit.inference.tidy import check_confidence
from segkit.words import numbers
from segkit.words.numbers import MOST_DECIMALS
from segkit.words.text import texts

if TYPE_CHECKING:
    from segkit.base.checks import Language

    Row: TypeAlias = pd.Series | Mapping[str, Any]


def change_sentence(
    measure_label: str,
    first_row: Row,
    last_row: Row,
    change_row: Row,
    *,
    language: Language = "sv",
    decimals: int | None = None,
    confidence: float = 0.95,
) -> str:
    """Say in one sentence what a measure did between two periods, and no more than the figures allow.

    A change is called larger than chance when its interval leaves out 0 and its p-value is under
    1 - `confidence`; on the verge when just one of the two holds.

    Parameters
    ----------
    measure_label : str
        Subject of the sentence, such as "Spridningen mellan områdena (Wolfson)".
    first_row, last_row : Series or mapping
        The two rows of `by_period`.
    change_row : Series or mapping
        The row of `inference.compare_periods`. When it is for other areas than the first two, because
        some lack figures in one of the periods, the sentence says so.
    language : {"sv", "en"}
        Language of the sentence.
    decimals : int, optional
        Decimals of the values; without it as many as the width of the interval gives meaning to.
    confidence : float
        The level that `change_row` was computed with.

    Returns
    -------
    str
        The sentence, with a period.

    Raises
    ------
    InputError
        When the rows are not of the same measure and periods, a number in them is missing or the ends of
        the interval change places, the label is empty, or `confidence` is not between 0 and 1.
    UnknownNameError
        When a row lacks a field.

    Examples
    --------
    >>> first, last = {"value": 0.112, "n_areas": 17}, {"value": 0.125, "n_areas": 17}
    >>> change = {"period": "2020–2023", "value": 0.013, "ci_low": 0.004, "ci_high": 0.021}
    >>> change |= {"p_value": 0.01, "n_areas": 17}
    >>> print(change_sentence("spridningen", first, last, change, language="en"))
    Spridningen rose from 0.112 (2020) to 0.125 (2023); the increase is larger than random variation \
between areas usually gives (95% interval of the change 0.004 to 0.021, p = 0.010).
    """
    check_choice(language, ("sv", "en"), argument="language")
    check_confidence(confidence)
    if not isinstance(measure_label, str) or not measure_label.strip():
        raise InputError(message("measure_label", f"is {measure_label!r}, must be the subject of a sentence"))
    start, end = _check_rows(first_row, last_row, change_row)
    words = texts("trends", language)
    verdict = _verdict(change_row, 1 - confidence)
    places = (
        _decimals(change_row, verdict)
        if decimals is None
        else check_count(decimals, argument="decimals", least=0)
    )

    def number(value: Any, *, sign: bool = False) -> str:
        return numbers.format_number(float(value), places, language=language, sign=sign)

    facts = {
        "label": measure_label[:1].upper() + measure_label[1:],
        "first": number(first_row["value"]),
        "last": number(last_row["value"]),
        "first_period": start,
        "last_period": end,
        "n_first": first_row["n_areas"],
        "n_last": last_row["n_areas"],
        "n": change_row["n_areas"],
        "change": number(change_row["value"], sign=True),
    }
    template, verb, noun = _template(
        words, facts, change_row, verdict, _same_areas(first_row, last_row, change_row)
    )
    text = template.format(**facts, verb=verb, noun=noun)
    if verdict == "same":
        return f"{text}."
    interval = words["interval"].format(
        level=numbers.format_short(100 * confidence, language=language),
        low=number(change_row["ci_low"]),
        high=number(change_row["ci_high"]),
        p=numbers.PValue(float(change_row["p_value"])).written(language),
    )
    return f"{text}{words[verdict]}{interval}."


def _check_fields(name: str, row: Row, fields: set[str]) -> None:
    """Check that a row has the fields, and numbers in them."""
    if not isinstance(row, pd.Series | Mapping):
        raise InputError(message(name, f"is {type(row).__name__}, must be one row of a table"))
    lacking = sorted(field for field in fields if field not in row)
    if lacking:
        raise UnknownNameError(message(name, "lacks", lacking))
    for field in sorted(fields - {"period"}):
        if not math.isfinite(check_number(row[field], argument=f"{name}[{field!r}]")):
            raise InputError(message(name, f"has no number as {field}", [row[field]]))


def _check_rows(first_row: Row, last_row: Row, change_row: Row) -> tuple[str, str]:
    """Check that three rows belong together; return the two periods."""
    needed = {"value", "n_areas"}
    rows = (("first_row", first_row, needed), ("last_row", last_row, needed))
    own = ("change_row", change_row, needed | {"period", "ci_low", "ci_high", "p_value"})
    for name, row, fields in (*rows, own):
        _check_fields(name, row, fields)
    if change_row["ci_low"] > change_row["ci_high"]:
        raise InputError(message("change_row", "has a ci_low above its ci_high"))
    start, _, end = str(change_row["period"]).partition("–")
    if not end:
        fix = "Pass a row of inference.compare_periods."
        raise InputError(message("change_row", f"has the period {change_row['period']!r}", fix=fix))
    for (name, row, _), period in zip(rows, (start, end), strict=True):
        if str(row.get("period", period)) != period:
            raise InputError(message(name, f"is of {row['period']}, the change is of {start}–{end}"))
        if row.get("measure", "") != change_row.get("measure", row.get("measure", "")):
            raise InputError(
                message(name, f"is of {row['measure']}, the change is of {change_row['measure']}")
            )
    return start, end


def _verdict(change_row: Row, level: float) -> str:
    """Tell what the interval and the p-value allow to be said."""
    if change_row["value"] == change_row["ci_low"] == change_row["ci_high"] == 0:
        return "same"
    outside = change_row["ci_low"] > 0 or change_row["ci_high"] < 0
    rare = change_row["p_value"] < level
    if outside and rare:
        return "found"
    return "border" if outside or rare else "not_found"


def _same_areas(first_row: Row, last_row: Row, change_row: Row) -> bool:
    """Tell whether the change is that between the two values."""
    difference = last_row["value"] - first_row["value"]
    size = max(abs(first_row["value"]), abs(last_row["value"]), abs(change_row["value"]))
    return bool(abs(difference - change_row["value"]) <= 1e-9 * size)


def _template(
    words: dict[str, str], facts: dict[str, Any], change_row: Row, verdict: str, same_areas: bool
) -> tuple[str, str, str]:
    """Choose the sentence, its verb and what it calls the change."""
    if not same_areas:
        return words["apart_same" if verdict == "same" else "apart"], "", ""
    if verdict == "same":
        return words["same"], "", ""
    if facts["first"] == facts["last"]:
        return words["kept"], "", ""
    if verdict == "not_found":
        return words["moved"], words["went"], words["change"]
    way = "up" if change_row["value"] > 0 else "down"
    return words["moved"], words[f"{way}_verb"], words[f"{way}_noun"]


def _decimals(change_row: Row, verdict: str) -> int:
    """Return decimals that show two figures of the interval's width, and a found change as one."""
    ends = [float(change_row[end]) for end in ("ci_low", "ci_high")]
    width = ends[1] - ends[0] or abs(float(change_row["value"]))
    if not width > 0:
        return 3
    places = numbers.decimals(width)
    shown = [*ends, float(change_row["value"])] if verdict == "found" else []
    while places < MOST_DECIMALS and any(abs(value) < 0.5 * 10**-places for value in shown):
        places += 1
    return places
