"""What an evaluation allows to be said, in Swedish and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice
from segkit.base.digits import EQUAL
from segkit.catalogue import indicators
from segkit.errors import InputError, list_some, message
from segkit.words import numbers
from segkit.words.text import entries, say, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Floats, Language
    from segkit.evaluation.differences import DifferenceInDifferences
    from segkit.evaluation.input import Design
    from segkit.evaluation.power import DetectableEffect
    from segkit.evaluation.synthetic import SyntheticControl

#: The usual level of a test.
USUAL = 0.05

#: How unlike the paths before must be to be named as unlike: on the safe side of the usual .05.
UNLIKE_BEFORE = 0.10


def note(code: str, **facts: object) -> dict[str, str]:
    """Return a row of the table of notes; numbers and lists are written in each language."""
    texts = {}
    for language in LANGUAGES:
        own = {name: _fact(fact, language) for name, fact in facts.items()}
        texts[f"text_{language}"] = say("evaluation.notes", code, language, **own)
    return {"code": code, **texts}


def _fact(fact: object, language: Language) -> object:
    """Write a fact: a pair by language, a list of areas by its first ones, a number with two figures."""
    if isinstance(fact, tuple):
        return fact[LANGUAGES.index(language)]
    if isinstance(fact, np.ndarray):
        return list_some(fact)
    return (
        numbers.format_number(fact, numbers.decimals(fact), language=language)
        if isinstance(fact, float)
        else fact
    )


def notes_of_design(design: Design, panel: pd.DataFrame) -> list[dict[str, str]]:
    """Return the reservations that follow from the data."""
    rows = []
    if design.before.sum() == 1:
        rows.append(note("one_period_before", start=design.start))
    if (~design.before).sum() == 1:
        rows.append(note("one_period_after", start=design.start))
    if design.n_missing:
        rows.append(note("left_out", n=design.n_missing))
    called = entries("evaluation.flags")
    rows += [
        note(
            "flag",
            n=n,
            all=design.outcomes.size,
            flag=tuple(called.get(flag, (flag, flag))),
        )
        for flag, n in design.flags.items()
    ]
    if "boundary_comparable" in panel:
        used = panel[panel["area_id"].isin(design.areas["area_id"])]
        moved = used.loc[used["boundary_comparable"] == 0, "area_id"].unique()
        if len(moved):
            rows.append(note("boundary", areas=np.asarray(moved)))
    return rows


def notes_of_differences(
    design: Design, found: Mapping[str, Floats], n_sets: int, panel: pd.DataFrame
) -> pd.DataFrame:
    """Return the reservations of a difference-in-differences."""
    rows = notes_of_design(design, panel)
    if not np.isfinite(found["low"][0]):
        rows.append(note("few_sets", n=n_sets + 1, p=1 / (1 + n_sets)))
    return as_table(rows)


def as_table(rows: list[dict[str, str]]) -> pd.DataFrame:
    """Return notes as a table."""
    return pd.DataFrame(rows, columns=["code", "text_sv", "text_en"])


def unit_of_change(outcome: str, language: Language) -> str:
    """Return the unit of a difference, with a space before; empty where the catalogue has none."""
    unit = indicators.unit(outcome, language=language)
    if not unit:
        return ""
    per_cent, points = (say("evaluation.units", key, language) for key in ("per_cent", "points"))
    return f" {points if unit == per_cent else unit}"


def name_of(outcome: str, label: str | None, language: Language) -> str:
    """Return what the outcome is called, checked with the language."""
    check_choice(language, LANGUAGES, argument="language")
    if label is None:
        return indicators.label(outcome, language=language)
    if not isinstance(label, str) or not label.strip():
        raise InputError(message("label", f"is {label!r}, must be the name of the outcome"))
    return label


def of_differences(result: DifferenceInDifferences, language: Language, label: str | None) -> str:
    """Put a difference-in-differences in words."""
    name = name_of(result.outcome, label, language)
    words = texts("evaluation.differences", language)
    row, _, joint = result.estimate[["value", "ci_low", "ci_high", "p_value"]].to_dict("records")
    roles = result.areas["role"].value_counts()
    width = row["ci_high"] - row["ci_low"]
    places = numbers.decimals(width if np.isfinite(width) else abs(row["value"]))
    means = {
        key: result.event_study.loc[result.event_study["before"] == early, role].mean()
        for key, role, early in (
            ("a", "treated", True),
            ("b", "treated", False),
            ("c", "untreated", True),
            ("d", "untreated", False),
        )
    }
    n = int(roles["treated"])
    facts = {
        key: numbers.format_number(float(value), places, language=language) for key, value in means.items()
    }
    facts |= {
        "treated": words["one"] if n == 1 else words["many"].format(n=n),
        "n_untreated": str(roles["untreated"]),
        "label": name[:1].upper() + name[1:],
        "value": numbers.format_number(row["value"], places, language=language, sign=True),
        "unit": unit_of_change(result.outcome, language),
        "level": _level(result.confidence, language),
        "low": numbers.format_number(row["ci_low"], places, language=language),
        "high": numbers.format_number(row["ci_high"], places, language=language),
    }
    sets = len(result.permutations)
    lots = words["all" if result.enumerated else "drawn"].format(
        n=numbers.format_number(sets, 0, language=language),
        k=numbers.format_number(row["p_value"] * (1 + sets) - 1, 0, language=language),
        p=numbers.PValue(row["p_value"]).written(language),
    )
    found = row["p_value"] <= 1 - result.confidence + EQUAL
    parts = [words["moved"].format(**facts), lots, words["found" if found else "not_found"]]
    start = result.event_study.loc[~result.event_study["before"], "period"].min()
    if np.isfinite(joint["p_value"]):
        key = "unlike" if joint["p_value"] < UNLIKE_BEFORE else "alike"
        parts.append(words[key].format(start=start, p=numbers.PValue(joint["p_value"]).written(language)))
    parts += [words["assumes"], *result.notes[f"text_{language}"]]
    return " ".join(parts)


def of_synthetic(result: SyntheticControl, language: Language, label: str | None) -> str:
    """Put a synthetic control in words."""
    name = name_of(result.outcome, label, language)
    words = texts("evaluation.synthetic", language)
    value, before = (float(x) for x in result.estimate["value"].iloc[:2])
    p = float(result.estimate["p_value"].iloc[3])
    treated = result.placebos.loc[result.placebos["role"] == "treated", "area_id"]
    places = numbers.decimals(max(abs(value), before))
    start = result.gaps.loc[~result.gaps["before"], "period"].min()
    moved = words["one" if len(treated) == 1 else "many"].format(
        label=name[:1].upper() + name[1:],
        n=len(treated),
        start=start,
        value=numbers.format_number(value, places, language=language, sign=True),
        unit=unit_of_change(result.outcome, language),
        donors=result.weights["donor"].nunique(),
        before=numbers.format_number(before, places, language=language),
    )
    lots = words["lots" if len(treated) == 1 else "sets"].format(
        n=numbers.format_number(result.n_sets, 0, language=language),
        k=numbers.format_number(p * (1 + result.n_sets) - 1, 0, language=language),
        p=numbers.PValue(p).written(language),
    )
    verdict = texts("evaluation.differences", language)["found" if p <= USUAL + EQUAL else "not_found"]
    return " ".join([moved, lots, verdict, words["assumes"], *result.notes[f"text_{language}"]])


def of_power(result: DetectableEffect, language: Language, label: str | None) -> str:
    """Put the smallest detectable effect in words."""
    name = name_of(result.outcome, label, language)
    words = texts("evaluation.power", language)
    rows = dict(zip(result.table["measure"], result.table["value"], strict=True))
    rise, fall = rows["detectable_rise"], rows["detectable_fall"]
    parts = []
    if np.isfinite([rise, fall]).all():
        places = numbers.decimals(min(rise, fall))
        parts.append(
            words["found"].format(
                label=name[:1].upper() + name[1:],
                rise=numbers.format_number(rise, places, language=language),
                fall=numbers.format_number(fall, places, language=language),
                unit=unit_of_change(result.outcome, language),
                power=_level(result.power, language),
                level=_level(result.level, language),
            )
        )
    if "sampling_share" in rows:
        share = min(100 * rows["sampling_share"], 100.0)
        parts.append(words["sampling"].format(share=numbers.format_number(share, 0, language=language)))
    return " ".join([*parts, *result.notes[f"text_{language}"]])


def _level(confidence: float, language: Language) -> str:
    return numbers.format_short(100 * confidence, language=language)
