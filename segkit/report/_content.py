"""What the report says, section by section: plain data for the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit import _geodata, indicators, tables
from segkit._wording import heading, term
from segkit.report import _figures
from segkit.report._findings import summary
from segkit.report._grid import Grid, Group, Head, Row, grid, heads
from segkit.report._text import listed, texts
from segkit.tables import MISSING, format_number

if TYPE_CHECKING:
    from segkit._result import Survey
    from segkit.indicators import Language

#: The sections in their order; each is an anchor and the key of its title.
SECTIONS = (
    "summary",
    "map",
    "profiles",
    "areas",
    "trends",
    "changes",
    "dispersal",
    "claims",
    "official",
    "method",
    "sources",
    "limitations",
    "repeat",
)

#: From so many changes on, at least one is expected to miss zero by chance.
_MANY = 20
_EMBEDDED_FILE = "districts.csv"


def content(survey: Survey, language: Language, map_html: str | None) -> dict[str, Any]:
    """Return everything that the template shows."""
    text = texts(language)
    years = _years(survey.periods, survey.trends)
    return {
        "text": text,
        "language": language,
        "own_language": survey.language,
        "title": text["title"].format(name=survey.name) if survey.name else text["title_unnamed"],
        "n_areas": len(survey.areas),
        "years": years,
        "sections": SECTIONS,
        "missing": MISSING,
        "colors": _figures.colors(survey),
        "map_html": map_html,
        "summary": summary(survey, text, language),
        "map": _map(survey, text, language),
        "profiles": _profiles(survey, text, language),
        "areas": _areas(survey, text, language),
        "marks": tables.flag_marks(survey, language=language),
        "trends": _trends(survey, text, language),
        "growth": _growth(survey, text, language),
        "changes": _changes(survey, text, language),
        # Join counts may come from two measures.
        "dispersal": _plain(
            survey.dispersal.drop_duplicates(),
            text["dispersal_caption"],
            language,
            drop=("period", "n_missing"),
        ),
        "claims": _claims(survey, text, language),
        "official": _official(survey, text, language),
        "method": _method(survey, text, language),
        "sources": _sources(survey, text, language),
        "notes": survey.notes,
        "repeat": _repeat(survey, text),
        "version": _version(survey),
    }


def _years(*sources: pd.DataFrame) -> str:
    """Return the first and last year that figures are from."""
    found: set[int] = set()
    for table in sources:
        if "period" in table:
            found |= {int(p) for p in table["period"].astype(str) if p.isdigit() and int(p) > 0}
    if not found:
        return MISSING
    return str(min(found)) if len(found) == 1 else f"{min(found)}–{max(found)}"


def _map(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any] | None:
    if not _figures.has_boundaries(survey):
        return None
    named = survey.sources["source"].astype(str) if "source" in survey.sources else pd.Series(dtype=str)
    sources = listed([s for s in dict.fromkeys(named) if s], text)
    used = survey.periods
    used = used[used["indicator"].isin(survey.indicators)] if "indicator" in used else used
    key = "map_source" if sources else "map_source_none"
    source = text[key].format(sources=sources, periods=_years(used))
    flags = [survey.areas[f"{i}_flag"] for i in survey.indicators if f"{i}_flag" in survey.areas]
    modelled = [flag.fillna("").astype(str).str.contains("modelled|partly") for flag in flags]
    n = int(pd.concat(modelled, axis=1).any(axis=1).sum()) if modelled else 0
    return {
        "svg": _figures.profile_map(survey, text, source, language),
        "modelled": text["map_modelled"].format(n=n, total=len(survey.areas)) if n else "",
    }


def _profiles(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any]:
    shades = _figures.colors(survey)
    own = [shades[int(p)] for p in survey.profiles["profile"]]
    portraits = []
    for _, row in survey.profiles.iterrows():
        label = str(row["label"]) if "label" in row else str(int(row["profile"]))
        typical = str(row["typical_area"]) if "typical_area" in row else ""
        portraits.append(
            {
                "number": int(row["profile"]),
                "color": shades[int(row["profile"])],
                "title": text["profile_name"].format(label=label),
                "description": str(row["description"]) if "description" in row else "",
                "size": _size(row, text, language),
                "typical": text["profile_typical"].format(area=typical) if typical else "",
            }
        )
    table = tables.profile_table(survey, language=language)
    # The portraits name it.
    table = table.drop(columns=heading("typical_area", language=language), errors="ignore")
    return {
        "grid": grid(table, text["profiles_caption"], colors=own),
        "portraits": portraits,
        "borderline": _borderline(survey, text, language),
        "svg": _figures.profile_dots(survey, text, language),
    }


def _borderline(survey: Survey, text: Mapping[str, str], language: Language) -> str:
    """Name the areas on the border between two profiles."""
    table = survey.borderline
    if table.empty:
        return ""
    parts = [
        text["borderline_area"].format(
            area=row["name"] if "name" in row else row["area_id"],
            profile=row["profile"],
            other=row["other_profile"],
            share=format_number(100 * row["other_share"], 0, language=language),
        )
        for row in table.to_dict("records")
    ]
    return text["borderline"].format(areas=listed(parts, text), n=survey.parameters.get("n_refits", ""))


def _size(row: pd.Series, text: Mapping[str, str], language: Language) -> str:
    """Say how many areas and residents a profile has."""
    people = row.get("population")
    if people is None or pd.isna(people):
        return text["profile_size"].format(n=row["n_areas"])
    shown = format_number(people, 0, language=language)
    share = format_number(row["population_share"], 1, language=language)
    return text["profile_size_people"].format(n=row["n_areas"], people=shown, share=share)


def _areas(survey: Survey, text: Mapping[str, str], language: Language) -> Grid:
    """Return the areas by profile; name and code in the first cell."""
    table = tables.area_table(survey, language=language)
    ordered = survey.areas.loc[table.index]
    skipped = [heading(c, language=language) for c in ("name", "area_id", "profile")]
    shown = table.drop(columns=skipped, errors="ignore")
    first, *others = heads(pd.concat([table.iloc[:, :1], shown], axis=1))
    rows: dict[int, list[Row]] = {}
    for (index, area), cells in zip(
        ordered.iterrows(), shown.itertuples(index=False, name=None), strict=True
    ):
        profile = 0 if pd.isna(ordered.loc[index, "profile"]) else int(ordered.loc[index, "profile"])
        code = str(area["area_id"])
        row = Row(str(area["name"]), tuple(map(str, cells)), anchor=f"area-{code}", code=code)
        rows.setdefault(profile, []).append(row)
    shades = _figures.colors(survey)
    groups = tuple(
        Group(
            tuple(part), _profile_title(survey, profile, text), f"profile-{profile}", shades.get(profile, "")
        )
        for profile, part in rows.items()
    )
    return Grid(text["areas_caption"], (Head(text["areas_head"], "", first.numeric), *others), groups)


def _profile_title(survey: Survey, profile: int, text: Mapping[str, str]) -> str:
    if profile == 0:
        return text["no_profile"]
    match = survey.profiles[survey.profiles["profile"] == profile]
    named = "label" in match and len(match) > 0
    return text["profile_name"].format(label=match["label"].iloc[0] if named else profile)


def _plain(
    table: pd.DataFrame, caption: str, language: Language, *, drop: tuple[str, ...] = ()
) -> Grid | None:
    """Return any table as a grid, None when it is empty."""
    if table.empty:
        return None
    first = [c for c in ("geography", "indicator", "measure") if c in table]
    ordered = table[[*first, *[c for c in table.columns if c not in first]]]
    # Presented before columns go: the decimals of a figure follow from its measure and indicator.
    shown = tables.present(ordered, language=language)
    return grid(shown.drop(columns=[heading(c, language=language) for c in drop], errors="ignore"), caption)


def _growth(survey: Survey, text: Mapping[str, str], language: Language) -> Grid | None:
    """Return growth by fifths; what all rows share stands in the caption."""
    table = survey.growth
    if table.empty:
        return None
    drop = tuple(c for c in ("geography", "indicator", "period") if c in table and len(set(table[c])) == 1)
    shared = tables.present(table[list(drop)].head(1), language=language) if drop else pd.DataFrame()
    caption = ", ".join([text["growth_caption"], *shared.to_numpy().ravel().tolist()])
    return _plain(table, caption, language, drop=(*drop, "n_missing"))


def _trends(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any]:
    """Return the series by geography, each with its table, figure and remarks."""
    by_geography: dict[str, list[dict[str, Any]]] = {}
    pairs = _pairs(survey.trends)
    for place, (geography, indicator) in enumerate(pairs):
        title = _figures.indicator_name(indicator, language)
        named = term("geographies", geography, language=language)
        words = {"indicator": title, "geography": named}
        rows = tables.trend_rows(survey.trends, geography=geography, indicator=indicator)
        notes = rows["note"].dropna().astype(str) if "note" in rows else pd.Series(dtype=str)
        table = tables.trend_table(survey, language=language, geography=geography, indicator=indicator)
        item = {
            "title": title,
            "grid": grid(table, text["trends_caption"].format(**words)),
            "svg": _figures.trend_panels(survey, geography, indicator, f"trend-{place}", text, language),
            "caption": text["trends_figure"].format(**words),
            "notes": [note for note in dict.fromkeys(notes) if note],
        }
        by_geography.setdefault(named, []).append(item)
    n_periods = survey.trends["period"].nunique() if "period" in survey.trends else 0
    return {"by_geography": by_geography, "one_period": n_periods == 1}


def _pairs(trends: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of geography and indicator in their order; a missing column as ""."""
    blank = pd.Series("", index=trends.index)
    geography, indicator = (trends.get(c, blank).astype(str) for c in ("geography", "indicator"))
    return list(dict.fromkeys(zip(geography, indicator, strict=True)))


def _changes(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any] | None:
    if survey.changes.empty:
        return None
    by_geography: dict[str, list[str]] = {}
    for geography, part in survey.changes.groupby("geography", sort=False):
        named = term("geographies", str(geography), language=language)
        by_geography[named] = [str(s) for s in part["sentence"]] if "sentence" in part else []
    n = len(survey.changes)
    key = "changes_many" if n >= _MANY else "changes_few"
    return {
        "by_geography": by_geography,
        "many": text[key].format(n=n, k=round(0.05 * n)),
        "grid": _plain(
            survey.changes,
            text["changes_caption"],
            language,
            drop=("sentence", "note", "se", "group", "n_missing"),
        ),
    }


def _claims(survey: Survey, text: Mapping[str, str], language: Language) -> Grid | None:
    if survey.claims.empty:
        return None
    table = tables.claims_table(survey, language=language)
    first = [heading(c, language=language) for c in ("statement", "verdict", "reason")]
    order = [c for c in first if c in table] + [c for c in table.columns if c not in first]
    return grid(table[order], text["claims_caption"])


def _official(survey: Survey, text: Mapping[str, str], language: Language) -> Grid | None:
    if survey.official.empty:
        return None
    table = survey.official
    caption = text["official_caption"]
    if "period" in table and len(set(table["period"])) == 1:
        caption = text["official_caption_year"].format(year=table["period"].iloc[0])
        table = table.drop(columns="period")
    first = [c for c in ("regso_name", "name", "regso_id", "area_id") if c in table]
    table = table[[*first, *[c for c in table.columns if c not in first]]]
    return grid(tables.present(table, language=language), caption)


def _method(survey: Survey, text: Mapping[str, str], language: Language) -> dict[str, Any]:
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
    from segkit import inequality, polarization, segregation

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


def _sources(survey: Survey, text: Mapping[str, str], language: Language) -> list[Grid]:
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


def _repeat(survey: Survey, text: Mapping[str, str]) -> dict[str, Any]:
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
    titles = {title: short for short, (_, title) in _geodata.MUNICIPALITIES.items()}
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


def _version(survey: Survey) -> str:
    from segkit import __version__

    return str(survey.parameters.get("segkit", __version__))
