"""What an evaluation allows to be said, in Swedish and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice
from segkit.base.digits import EQUAL
from segkit.catalogue import indicators
from segkit.errors import InputError, list_some, message
from segkit.words import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Floats, Language
    from segkit.evaluation.differences import DifferenceInDifferences
    from segkit.evaluation.input import Design
    from segkit.evaluation.power import DetectableEffect
    from segkit.evaluation.synthetic import SyntheticControl

LANGUAGES = ("sv", "en")

#: The usual level of a test.
USUAL = 0.05

#: How unlike the paths before must be to be named as unlike: on the safe side of the usual .05.
UNLIKE_BEFORE = 0.10

_NOTES = {
    "one_period_before": (
        (
            "Det finns bara en mätning före {start}, så det går inte att se om områdena redan utvecklades på "
            "ett annat sätt än jämförelseområdena."
        ),
        (
            "There is a single measurement before {start}, so it can't be seen whether the areas already "
            "changed in another way than those they are compared with."
        ),
    ),
    "one_period_after": (
        "Det finns bara en mätning från och med {start}; en enskild mätning kan bero på tillfälligheter.",
        "There is a single measurement from {start} on; one measurement may be a matter of chance.",
    ),
    "few_sets": (
        "Det finns bara {n} uppsättningar områden att jämföra med, så inget p-värde kan bli lägre än {p}.",
        "There are only {n} sets of areas to compare with, so no p-value can be below {p}.",
    ),
    "left_out": (
        "{n} områden saknar någon uppgift och är inte med.",
        "{n} areas lack some figure and are left out.",
    ),
    "flag": (
        "{n} av {all} värden är {flag}.",
        "{n} of {all} values are {flag}.",
    ),
    "boundary": (
        "Gränserna har ändrats för {areas}; deras värden gäller inte samma plats i alla perioder.",
        "Boundaries changed for {areas}; their values are not of the same place in every period.",
    ),
    "outside": (
        (
            "{areas} låg utanför alla jämförelseområden före {start}; inget vägt medeltal av dem kan likna "
            "området, och jämförelsen blir osäker."
        ),
        (
            "{areas} lay outside all donors before {start}; no weighted mean of them can be like the area, "
            "and the comparison is unsure."
        ),
    ),
    "poor_fit": (
        (
            "Före {start} skilde sig det vägda medeltalet från {areas} med i snitt {rmspe}; det är en dålig "
            "passning."
        ),
        "Before {start} the weighted mean differed from {areas} by {rmspe} on average; that is a poor fit.",
    ),
    "overfit": (
        (
            "Det finns {donors} jämförelseområden men bara {n} perioder före {start}. Då kan ett vägt "
            "medeltal passa av en tillfällighet, och andra vikter kan passa lika bra."
        ),
        (
            "There are {donors} donors but only {n} periods before {start}. A weighted mean may then fit by "
            "chance, and other weights may fit as well."
        ),
    ),
    "no_placebo_in_time": (
        "Perioderna före {start} är för få för att låtsas att insatsen började tidigare.",
        "The periods before {start} are too few to pretend that the measure began earlier.",
    ),
    "undetectable": (
        (
            "Med så få uppsättningar områden kan ingen förändring, hur stor den än är, skiljas från slumpen "
            "på nivån {level}."
        ),
        "With so few sets of areas no change, however large, can be told from chance at the level {level}.",
    ),
}

_FLAGS = {
    "preliminary": ("preliminära", "preliminary"),
    "modelled": ("modellerade", "modelled"),
    "partly observed": ("delvis modellerade", "partly modelled"),
    "interpolated": ("omräknade mellan indelningar", "interpolated between divisions"),
}

_DIFFERENCES = {
    "sv": {
        "moved": "{label}: i {treated} ändrades värdet från {a} till {b}, i {n_untreated} andra områden från "
        "{c} till {d}. Skillnaden mellan ändringarna är {value}{unit} ({level} % intervall {low} till "
        "{high}).",
        "one": "ett område",
        "many": "{n} områden",
        "all": "Av alla {n} andra uppsättningar av lika många områden har {k} en minst lika "
        "stor skillnad ({p}).",
        "drawn": "Av {n} uppsättningar av lika många områden, valda genom lottning, har {k} en minst lika "
        "stor "
        "skillnad ({p}).",
        "found": "Det är mer än slumpen brukar ge.",
        "not_found": "Det går inte att skilja från slumpen; uppgifterna visar varken att områdena "
        "utvecklades "
        "på ett eget sätt eller att de inte gjorde det.",
        "unlike": "Redan före {start} utvecklades grupperna olika ({p}), vilket talar emot jämförelsen.",
        "alike": "Före {start} syns ingen skillnad i utveckling som är större än slumpen ({p}); det "
        "bevisar inte "
        "att utvecklingen var lika.",
        "assumes": "Skillnaden motsvarar effekten av en insats bara under två antaganden: att områdena "
        "annars "
        "hade ändrats lika mycket som jämförelseområdena, och att dessa inte berördes.",
    },
    "en": {
        "moved": "{label}: in {treated} the value went from {a} to {b}, in {n_untreated} other areas from "
        "{c} to "
        "{d}. The difference between the changes is {value}{unit} ({level}% interval {low} to {high}).",
        "one": "one area",
        "many": "{n} areas",
        "all": "Of all {n} other sets of as many areas, {k} have a difference at least as large ({p}).",
        "drawn": "Of {n} sets of as many areas, drawn by lot, {k} have a difference at least as large ({p}).",
        "found": "That is more than chance usually gives.",
        "not_found": "It can't be told from chance; the figures show neither that the areas changed in a "
        "way of "
        "their own nor that they did not.",
        "unlike": "Already before {start} the groups changed differently ({p}), which speaks against the "
        "comparison.",
        "alike": "Before {start} there is no difference in change beyond chance ({p}); that does not "
        "prove that "
        "they changed alike.",
        "assumes": "The difference is the effect of a measure only under two assumptions: that the areas "
        "would "
        "otherwise have changed as much as those they are compared with, and that these were not affected.",
    },
}


_SYNTHETIC = {
    "sv": {
        "one": "{label}: från och med {start} ligger området i snitt {value}{unit} från ett vägt medeltal av "
        "{donors} andra områden, som valts för att likna det före {start} (då skilde det {before}).",
        "many": "{label}: från och med {start} ligger {n} områden i snitt {value}{unit} från vägda medeltal "
        "av sammanlagt {donors} andra områden, som valts för att likna dem före {start} (då skilde "
        "det {before}).",
        "lots": "Av {n} andra områden som jämförts på samma sätt avviker {k} minst lika mycket i förhållande "
        "till hur väl de passade före ({p}).",
        "sets": "Av {n} uppsättningar av lika många andra områden som jämförts på samma sätt avviker {k} "
        "minst lika mycket i förhållande till hur väl de passade före ({p}).",
        "assumes": "Avvikelsen motsvarar effekten av en insats bara under två antaganden: att området annars "
        "hade fortsatt att följa det vägda medeltalet, och att de andra områdena inte berördes.",
    },
    "en": {
        "one": "{label}: from {start} on the area lies {value}{unit} on average from a weighted mean of "
        "{donors} other areas, chosen to be like it before {start} (the difference was then {before}).",
        "many": "{label}: from {start} on {n} areas lie {value}{unit} on average from weighted means of "
        "{donors} other areas in all, chosen to be like them before {start} (the difference was "
        "then {before}).",
        "lots": "Of {n} other areas compared in the same way, {k} deviate at least as much beside how well "
        "they fitted before ({p}).",
        "sets": "Of {n} sets of as many other areas compared in the same way, {k} deviate at least as much "
        "beside how well they fitted before ({p}).",
        "assumes": "The deviation is the effect of a measure only under two assumptions: that the area would "
        "otherwise have kept to the weighted mean, and that the other areas were not affected.",
    },
}


_POWER = {
    "sv": {
        "found": "{label}: en ökning utöver andra områdens behöver vara minst {rise}{unit}, en minskning "
        "minst {fall}, för att upptäckas i {power} % av fallen (på nivån {level} %). Mindre förändringar "
        "kan finnas utan att synas.",
        "sampling": "Ungefär {share} % av variationen mellan områdenas ändringar är vad slumpen ger när "
        "grupper av den här storleken jämförs.",
    },
    "en": {
        "found": "{label}: a rise beyond that of other areas must be at least {rise}{unit}, a fall at least "
        "{fall}, to be found in {power}% of cases (at the level {level}%). Smaller changes may be there "
        "unseen.",
        "sampling": "About {share}% of the variation between the changes of areas is what chance gives when "
        "groups of this size are compared.",
    },
}


def note(code: str, **facts: object) -> dict[str, str]:
    """Return a row of the table of notes; numbers and lists are written in each language."""
    texts = {}
    for language, text in zip(LANGUAGES, _NOTES[code], strict=True):
        own = {name: _fact(fact, language) for name, fact in facts.items()}
        texts[f"text_{language}"] = text.format(**own)
    return {"code": code, **texts}


def _fact(fact: object, language: str) -> object:
    """Write a fact: a pair by language, a list of areas by its first ones, a number with two figures."""
    if isinstance(fact, tuple):
        return fact[LANGUAGES.index(language)]
    if isinstance(fact, np.ndarray):
        return list_some(fact)
    return numbers.number(fact, numbers.decimals(fact), language) if isinstance(fact, float) else fact


def notes_of_design(design: Design, panel: pd.DataFrame) -> list[dict[str, str]]:
    """Return the reservations that follow from the data."""
    rows = []
    if design.before.sum() == 1:
        rows.append(note("one_period_before", start=design.start))
    if (~design.before).sum() == 1:
        rows.append(note("one_period_after", start=design.start))
    if design.n_missing:
        rows.append(note("left_out", n=design.n_missing))
    rows += [
        note("flag", n=n, all=design.outcomes.size, flag=_FLAGS.get(flag, (flag, flag)))
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
    points = {"procent": "procentenheter", "per cent": "percentage points"}
    return f" {points.get(unit, unit)}" if unit else ""


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
    words: dict[str, Any] = _DIFFERENCES[language]
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
    facts = {key: numbers.number(float(value), places, language) for key, value in means.items()}
    facts |= {
        "treated": words["one"] if n == 1 else words["many"].format(n=n),
        "n_untreated": str(roles["untreated"]),
        "label": name[:1].upper() + name[1:],
        "value": numbers.number(row["value"], places, language, sign=True),
        "unit": unit_of_change(result.outcome, language),
        "level": _level(result.confidence, language),
        "low": numbers.number(row["ci_low"], places, language),
        "high": numbers.number(row["ci_high"], places, language),
    }
    sets = len(result.permutations)
    lots = words["all" if result.enumerated else "drawn"].format(
        n=numbers.number(sets, 0, language),
        k=numbers.number(row["p_value"] * (1 + sets) - 1, 0, language),
        p=numbers.p_value(row["p_value"], language),
    )
    found = row["p_value"] <= 1 - result.confidence + EQUAL
    parts = [words["moved"].format(**facts), lots, words["found" if found else "not_found"]]
    start = result.event_study.loc[~result.event_study["before"], "period"].min()
    if np.isfinite(joint["p_value"]):
        key = "unlike" if joint["p_value"] < UNLIKE_BEFORE else "alike"
        parts.append(words[key].format(start=start, p=numbers.p_value(joint["p_value"], language)))
    parts += [words["assumes"], *result.notes[f"text_{language}"]]
    return " ".join(parts)


def of_synthetic(result: SyntheticControl, language: Language, label: str | None) -> str:
    """Put a synthetic control in words."""
    name = name_of(result.outcome, label, language)
    words = _SYNTHETIC[language]
    value, before = (float(x) for x in result.estimate["value"].iloc[:2])
    p = float(result.estimate["p_value"].iloc[3])
    treated = result.placebos.loc[result.placebos["role"] == "treated", "area_id"]
    places = numbers.decimals(max(abs(value), before))
    start = result.gaps.loc[~result.gaps["before"], "period"].min()
    moved = words["one" if len(treated) == 1 else "many"].format(
        label=name[:1].upper() + name[1:],
        n=len(treated),
        start=start,
        value=numbers.number(value, places, language, sign=True),
        unit=unit_of_change(result.outcome, language),
        donors=result.weights["donor"].nunique(),
        before=numbers.number(before, places, language),
    )
    lots = words["lots" if len(treated) == 1 else "sets"].format(
        n=numbers.number(result.n_sets, 0, language),
        k=numbers.number(p * (1 + result.n_sets) - 1, 0, language),
        p=numbers.p_value(p, language),
    )
    verdict = _DIFFERENCES[language]["found" if p <= USUAL + EQUAL else "not_found"]
    return " ".join([moved, lots, verdict, words["assumes"], *result.notes[f"text_{language}"]])


def of_power(result: DetectableEffect, language: Language, label: str | None) -> str:
    """Put the smallest detectable effect in words."""
    name = name_of(result.outcome, label, language)
    words = _POWER[language]
    rows = dict(zip(result.table["measure"], result.table["value"], strict=True))
    rise, fall = rows["detectable_rise"], rows["detectable_fall"]
    parts = []
    if np.isfinite([rise, fall]).all():
        places = numbers.decimals(min(rise, fall))
        parts.append(
            words["found"].format(
                label=name[:1].upper() + name[1:],
                rise=numbers.number(rise, places, language),
                fall=numbers.number(fall, places, language),
                unit=unit_of_change(result.outcome, language),
                power=_level(result.power, language),
                level=_level(result.level, language),
            )
        )
    if "sampling_share" in rows:
        share = min(100 * rows["sampling_share"], 100.0)
        parts.append(words["sampling"].format(share=numbers.number(share, 0, language)))
    return " ".join([*parts, *result.notes[f"text_{language}"]])


def _level(confidence: float, language: Language) -> str:
    return f"{100 * confidence:g}".replace(".", "," if language == "sv" else ".")
