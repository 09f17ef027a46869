"""How the survey was made: method, sources, settings, and the command that repeats it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.catalogue import embedded, indicators
from segkit.catalogue.labels import term
from segkit.output import tables
from segkit.output.document.grid import Grid, grid
from segkit.studies.survey.report import _figures
from segkit.words.numbers import MISSING, format_number
from segkit.words.text import listed

if TYPE_CHECKING:
    from segkit.base.checks import Language
    from segkit.studies.survey.result import Survey

_EMBEDDED_FILE = "districts.csv"


def method(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any]:
    catalogue = indicators.catalogue()
    known = []
    for indicator in survey.indicators:
        direction = int(catalogue["direction"].get(indicator, 0))
        side = {1: text["method_stronger"], -1: text["method_weaker"]}.get(direction, "")
        known.append({"label": _figures.indicator_name(indicator, language), "direction": side})
    seed = survey.parameters.get("seed", survey.parameters.get("random_state"))
    draws = survey.parameters.get("n_bootstrap")
    return {
        "indicators": known,
        "kmeans": text["method_kmeans"].format(k=len(survey.profiles)),
        "seed": "" if seed is None else text["method_seed"].format(seed=seed),
        "draws": ""
        if draws is None
        else text["method_draws"].format(n=format_number(draws, 0, language=language)),
        "measures": _meanings(survey, language),
        "turnout": _turnout(survey, text, language),
    }


def _meanings(survey: Survey, language: Language) -> list[tuple[str, str]]:
    """Say what a high value of each measure of the trends means."""
    from segkit.measures import inequality, polarization, segregation

    used = dict.fromkeys(survey.trends["measure"].astype(str)) if "measure" in survey.trends else {}
    registries = (segregation.MEASURES, inequality.MEASURES, polarization.MEASURES)
    found = []
    for name in used:
        measures = [registry[name] for registry in registries if name in registry]
        if len(measures) == 1:
            meaning = measures[0].meaning_sv if language == "sv" else measures[0].meaning
            found.append((term("measures", name, language=language), meaning))
    return found


def _turnout(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any] | None:
    model = survey.turnout_model
    if model.empty:
        return None
    errors = model[model["statistic"] == "leave-one-out mean absolute error"]
    parts = [
        text["method_turnout_part"].format(value=format_number(error, 1, language=language), period=period)
        for error, period in zip(errors["value"], errors["period"], strict=True)
    ]
    said = text["method_turnout_error"].format(errors=listed(parts, text)) if parts else ""
    shown = tables.present(model[["statistic", "period", "value"]], language=language)
    name, period, value = shown.columns
    wide = shown.pivot(index=name, columns=period, values=value).fillna(MISSING)
    wide = wide.loc[shown[name].drop_duplicates()].rename_axis(index=text["method_turnout_head"])
    return {"error": said, "grid": grid(wide.reset_index(), text["method_turnout_caption"])}


def sources(survey: Survey, text: Mapping[str, str], language: Language) -> list[Grid]:
    found = []
    if not survey.sources.empty:
        table = survey.sources
        if "label" in table:
            table = table.drop(columns="indicator", errors="ignore").rename(columns={"label": "indicator"})
        found.append(grid(tables.present(table, language=language), text["sources_caption"]))
    if not survey.periods.empty:
        used = survey.periods[survey.periods["period"].astype(int) > 0]
        found += [grid(tables.present(used, language=language), text["periods_caption"])] if len(used) else []
    return found


def repeat(survey: Survey, text: Mapping[str, str]) -> dict[str, Any]:
    """Return the command, the settings and the hashes of the input."""
    settings: list[tuple[str, str]] = []
    files: list[tuple[str, str]] = []
    for key, value in survey.parameters.items():
        if isinstance(value, Mapping):
            pairs = [(str(k), str(v)) for k, v in value.items()]
            (files if _is_hashes(value) else settings).extend(pairs)
        elif key != "command":
            shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            settings.append((str(key), shown))
    columns = [text["repeat_setting"], text["repeat_value"]], [text["repeat_file"], text["repeat_hash"]]
    captions = text["repeat_caption"], text["repeat_files"]
    grids = [
        grid(pd.DataFrame(rows, columns=names, dtype=str), caption)
        for rows, names, caption in zip((settings, files), columns, captions, strict=True)
        if rows
    ]
    return {"command": _command(survey), "grids": grids}


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


def version(survey: Survey) -> str:
    from segkit.base.version import __version__

    return str(survey.parameters.get("segkit", __version__))
