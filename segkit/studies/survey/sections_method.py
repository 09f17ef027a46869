"""How the survey was made: method, sources, settings, and the command that repeats it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue import embedded, indicators
from segkit.catalogue.labels import term
from segkit.measures import inequality, polarization, segregation
from segkit.output import tables
from segkit.output.document.grid import grid
from segkit.output.document.parts import Code, Definitions, Heading, Points, Text
from segkit.words.numbers import MISSING

if TYPE_CHECKING:
    from segkit.output.document.parts import Part, Section
    from segkit.studies.survey.case import Case
    from segkit.studies.survey.result import Survey

_EMBEDDED_FILE = "districts.csv"


def method(case: Case) -> Section:
    """Tell how the index, the profiles, the intervals and the modelled turnout were made."""
    survey = case.survey
    directions = indicators.catalogue()["direction"]
    known = []
    for indicator in survey.indicators:
        side = {1: "method_stronger", -1: "method_weaker"}.get(int(directions.get(indicator, 0)))
        known.append(case.indicator(indicator) + (f": {case.say(side)}" if side else ""))
    seed = survey.parameters.get("seed", survey.parameters.get("random_state"))
    draws = survey.parameters.get("n_bootstrap")
    kmeans, bootstrap = case.say("method_kmeans", k=len(survey.profiles)), case.say("method_bootstrap")
    return case.section(
        "method",
        [
            Heading(case.say("method_index")),
            Text(case.say("method_indicators")),
            Points.of(known),
            Text(case.say("method_standardize")),
            Text(kmeans if seed is None else f"{kmeans} {case.say('method_seed', seed=seed)}"),
            Heading(case.say("method_intervals")),
            Text(
                bootstrap
                if draws is None
                else f"{bootstrap} {case.say('method_draws', n=case.number(draws))}"
            ),
            *_meanings(case),
            *_turnout(case),
        ],
    )


def _meanings(case: Case) -> list[Part]:
    """Say what a high value of each measure of the trends means."""
    trends = case.survey.trends
    used = dict.fromkeys(trends["measure"].astype(str)) if "measure" in trends else {}
    registries = (segregation.MEASURES, inequality.MEASURES, polarization.MEASURES)
    found = []
    for name in used:
        measures = [registry[name] for registry in registries if name in registry]
        if len(measures) == 1:
            meaning = measures[0].said("meaning", case.language)
            found.append((term("measures", name, language=case.language), meaning))
    return [Heading(case.say("method_measures")), Definitions(tuple(found))] if found else []


def _turnout(case: Case) -> list[Part]:
    """Tell how turnout by area was modelled, and how well."""
    model = case.survey.turnout_model
    if model.empty:
        return []
    errors = model[model["statistic"] == "leave-one-out mean absolute error"]
    parts = [
        case.say("method_turnout_part", value=case.number(error, 1), period=period)
        for error, period in zip(errors["value"], errors["period"], strict=True)
    ]
    shown = tables.present(model[["statistic", "period", "value"]], language=case.language)
    name, period, value = shown.columns
    wide = shown.pivot(index=name, columns=period, values=value).fillna(MISSING)
    wide = wide.loc[shown[name].drop_duplicates()].rename_axis(index=case.say("method_turnout_head"))
    return [
        Heading(case.say("method_turnout")),
        Text(case.say("method_turnout_text")),
        Text(case.say("method_turnout_error", errors=case.listed(parts)) if parts else ""),
        grid(wide.reset_index(), case.say("method_turnout_caption"), name="table-turnout"),
    ]


def sources(case: Case) -> Section:
    """Name where every indicator comes from, and which years its figures are from."""
    survey, language = case.survey, case.language
    found = []
    if not survey.sources.empty:
        table = survey.sources
        if "label" in table:
            table = table.drop(columns="indicator", errors="ignore").rename(columns={"label": "indicator"})
        found.append((tables.present(table, language=language), case.say("sources_caption")))
    if not survey.periods.empty:
        used = survey.periods[survey.periods["period"].astype(int) > 0]
        if len(used):
            found.append((tables.present(used, language=language), case.say("periods_caption")))
    parts: list[Part | None] = [
        grid(table, caption, name=f"table-sources-{place}", kind="sources" if place == 1 else "")
        for place, (table, caption) in enumerate(found, start=1)
    ]
    return case.section("sources", parts or [Text(case.say("sources_none"))])


def limitations(case: Case) -> Section:
    """Say what the figures can't tell, in the survey's own sentences."""
    notes = case.survey.notes
    said = Points.of(notes, language=case.survey.language) if notes else Text(case.say("limitations_none"))
    return case.section("limitations", [said])


def repeat(case: Case) -> Section:
    """Give the command, the settings and the hashes of the input."""
    settings: list[tuple[str, str]] = []
    files: list[tuple[str, str]] = []
    for key, value in case.survey.parameters.items():
        if isinstance(value, Mapping):
            pairs = [(str(k), str(v)) for k, v in value.items()]
            (files if _is_hashes(value) else settings).extend(pairs)
        elif key != "command":
            shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            settings.append((str(key), shown))
    told = (
        (settings, ("repeat_setting", "repeat_value"), "repeat_caption"),
        (files, ("repeat_file", "repeat_hash"), "repeat_files"),
    )
    shown_tables = [
        (pd.DataFrame(rows, columns=[case.say(key) for key in keys], dtype=str), case.say(caption))
        for rows, keys, caption in told
        if rows
    ]
    command = _command(case.survey)
    way = [Text(case.say("repeat_intro")), Code(command)] if command else [Text(case.say("repeat_settings"))]
    grids = [
        grid(table, caption, name=f"table-repeat-{place}", kind="long")
        for place, (table, caption) in enumerate(shown_tables, start=1)
    ]
    return case.section("repeat", [*way, *grids])


def _is_hashes(value: Mapping[str, object]) -> bool:
    """Tell whether every value looks like a SHA-256 sum."""
    return bool(value) and all(isinstance(v, str) and len(v) == 64 for v in value.values())


def _command(survey: Survey) -> str:
    """Return the command that repeats the survey; empty when it did not start from files."""
    given = survey.parameters
    if "command" in given:
        return str(given["command"])
    files = given.get("input_sha256", {})
    if not files or not {"language", "n_profiles", "seed", "n_bootstrap"} <= set(given):
        return ""
    titles = {title: short for short, (_, title) in embedded.MUNICIPALITIES.items()}
    source = titles.get(survey.name, "") if _EMBEDDED_FILE in files else ""
    parts = [
        "segkit survey",
        source or f'"{survey.name}"',
        f"--language {given['language']}",
        f"--profiles {given['n_profiles']}",
        f"--seed {given['seed']}",
        f"--bootstrap {given['n_bootstrap']}",
        f"--indicators {','.join(survey.indicators)}",
    ]
    return " ".join(parts)
