"""The reader's door: a folder and what is said of it, in; panel, catalogue, frame and reading table, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.panels.frame import catalogue, schema
from segkit.panels.frame.description import stated_language
from segkit.panels.frame.study import Study, study
from segkit.panels.frame.texts import LANGUAGES, FrameError, Language, Problem, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Reading:
    """What a folder holds, read as it stands.

    Attributes
    ----------
    panel : geopandas.GeoDataFrame or pandas.DataFrame
        One row for each area and period: ``area_id, period, name, geometry, population``, a column of
        numbers for each indicator and ``<indicator>_flag`` (``missing``, ``suppressed`` or empty). Without
        boundaries it has no geometry.
    catalogue : pandas.DataFrame
        One row for each column that was read: ``indicator, heading, label, unit, kind, ...``.
    frame : pandas.DataFrame
        The settings, ``setting, value, origin``.
    reading : pandas.DataFrame
        ``file, sheet, row, column, what, text, effect``: every row left out, every mark, every guess.
    questions : pandas.DataFrame
        What was left open and may be answered.
    """

    panel: pd.DataFrame
    catalogue: pd.DataFrame
    frame: pd.DataFrame
    reading: pd.DataFrame
    questions: pd.DataFrame


def read(
    folder: str | Path | pd.DataFrame,
    *,
    description: str | Path | Mapping[str, Any] | None = None,
    language: Language | None = None,
    indicators: Any = None,
    settings: Mapping[str, Any] | None = None,
    **overrides: Any,
) -> Reading:
    r"""Read a folder of one's own tables and boundaries, as its description or its files say.

    Parameters
    ----------
    folder : str, Path, DataFrame or GeoDataFrame
        A folder with tables (.csv, .xlsx) and perhaps a boundary file; one table; or a frame of areas and
        periods with `area_id`, `name` and `period` as names of its columns (`period` may be a year).
    description : str, Path or mapping, optional
        ``survey.toml`` or a mapping of the same sections and keys; else what lies in the folder.
    language : {"sv", "en"}, optional
        Language of every message; else the description's, else Swedish.
    indicators : mapping, DataFrame, path or list, optional
        Heading -> keys of the indicators; a list of headings alone chooses without describing.
    settings : mapping, optional
        Any other key: ``{"areas.file": "segkit:kalmar/deso"}``.
    overrides : any
        ``place, title, source, attribution, periods, peers, layer, crs, area_id, name, names, period, sheet,
        decimal, missing``: over the description.

    Returns
    -------
    Reading
        The panel, the catalogue, the settings and everything that was told.

    Raises
    ------
    InputError
        When something must be answered first (`UnansweredError`; the message lists all of it), or the
        description or a file breaks a rule (`FrameError`).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> table = "Område;År;Folkmängd;Andel (%)\nBerga;2023;1 549;78,6\nMalmen;2023;885;69,0\n"
    >>> with tempfile.TemporaryDirectory() as here:
    ...     _ = (Path(here) / "tal.csv").write_text(table, encoding="utf-8")
    ...     found = read(here, place="Exempelstad")
    >>> found.panel[["name", "period", "population", "andel"]].values.tolist()
    [['Berga', 2023, 1549.0, 78.6], ['Malmen', 2023, 885.0, 69.0]]
    """
    spoken = spoken_language(language, folder, description)
    try:
        found = study(folder, description, overrides, settings, indicators, say("given_data", spoken))
        found.log.stop(found.folder.name, spoken)
        return assemble(found, spoken)
    except Problem as problem:
        raise FrameError(say(problem.key, spoken, **problem.facts), problem.key) from None


def spoken_language(language: Language | None, source: Any, description: Any) -> Language:
    """Return the language of messages: told, else the description's, else Swedish; errors speak it too."""
    if language is not None:
        if language not in LANGUAGES:
            raise FrameError(say("wrong_language", "sv", value=str(language)), "wrong_language")
        return language
    return stated_language(source, description) or "sv"


def assemble(found: Study, language: Language) -> Reading:
    """Lay what was read into the tables that are handed out."""
    if found.areas is None or not found.indicators or found.records.empty:
        raise Problem("no_figures_at_all", folder=found.folder.name)
    panel = _panel(found)
    _empty_areas(found, panel)
    return Reading(
        panel,
        catalogue.table_of(found.indicators, language),
        settings_of(found),
        found.log.reading(language),
        found.log.questions(language),
    )


def _panel(found: Study) -> pd.DataFrame:
    areas, records = found.areas, found.records
    if areas is None:
        raise Problem("no_figures_at_all", folder=found.folder.name)
    periods = np.array(sorted(records["period"].unique()), dtype=np.int64)
    n, m = len(areas.ids), len(periods)
    at = records["area"].to_numpy() * m + np.searchsorted(periods, records["period"].to_numpy())
    panel = pd.DataFrame(
        {
            "area_id": np.repeat(np.array(areas.ids, dtype=object), m).astype(str),
            "period": np.tile(periods, n),
            "name": np.repeat(np.array(areas.shown, dtype=object), m).astype(str),
        }
    )
    columns: dict[str, Any] = {}
    names = np.array(["", "missing", "suppressed"], dtype=object)
    which, value, flag = (records[c].to_numpy() for c in ("indicator", "value", "flag"))
    order = sorted(range(len(found.indicators)), key=lambda k: found.indicators[k].id != "population")
    for k in order:
        keep = which == k
        values, flags = np.full(n * m, np.nan), np.zeros(n * m, dtype=np.int8)
        values[at[keep]], flags[at[keep]] = value[keep], flag[keep]
        columns[found.indicators[k].id] = values
        columns[f"{found.indicators[k].id}_flag"] = names[flags]
    if "population" not in columns:
        columns = {"population": np.full(n * m, np.nan), **columns}
    panel = pd.concat([panel, pd.DataFrame(columns)], axis=1)
    if found.boundaries is None:
        return panel
    import geopandas as gpd

    shapes = np.repeat(found.boundaries.frame.geometry.to_numpy(), m)
    panel.insert(3, "geometry", shapes)
    laid: pd.DataFrame = gpd.GeoDataFrame(panel, geometry="geometry", crs=found.boundaries.frame.crs)
    return laid


def _empty_areas(found: Study, panel: pd.DataFrame) -> None:
    """Tell which areas have no figure at all, and which have none of an indicator."""
    ids = [i.id for i in found.indicators]
    by_area = panel.groupby("area_id", sort=False)[ids].count() > 0
    names = dict(zip(panel["area_id"], panel["name"], strict=True))
    none = [names[i] for i in by_area.index[~by_area.any(axis=1)]]
    if none:
        found.log.add("area without figures", "areas_empty", n=len(none), list=none, text=", ".join(none))
    some = by_area[by_area.any(axis=1)]
    for indicator in found.indicators:
        lacking = [names[i] for i in some.index[~some[indicator.id]]]
        if lacking:
            found.log.add(
                "area without figures",
                "areas_lacking",
                n=len(lacking),
                list=lacking,
                heading=indicator.heading,
                text=", ".join(lacking),
            )
    years = {
        i.id: sorted(int(y) for y in panel.loc[panel[i.id].notna(), "period"].unique())
        for i in found.indicators
    }
    if "population" in years:
        for y in sorted({y for own in years.values() for y in own} - set(years["population"])):
            found.log.add("weight", "no_weight", year=y)


def settings_of(found: Study) -> pd.DataFrame:
    """Return the settings with where each comes from."""
    told = found.told
    rows: list[tuple[str, Any, str]] = [("segkit", schema.VERSION, "program")]
    rows.append(("survey.place", found.place, told.survey.origins.get("place", "the folder's name")))
    rows.extend(
        (f"survey.{key}", told.survey.get(key), told.survey.origins[key])
        for key in schema.SURVEY
        if key != "place" and key in told.survey
    )
    rows.extend(_area_settings(found))
    for n, (table, result) in enumerate(found.tables):
        settings = table_settings(table, result)
        rows.extend((f"tables[{n}].{key}", value, origin) for key, value, origin in settings)
    for indicator in found.indicators:
        rows.append((f"indicators.{indicator.id}.heading", indicator.heading, "file"))
        rows.extend(
            (f"indicators.{indicator.id}.{key}", indicator.said[key], indicator.origins[key])
            for key in catalogue.KEYS
            if key in indicator.said
        )
    return pd.DataFrame(rows, columns=["setting", "value", "origin"])


def _area_settings(found: Study) -> list[tuple[str, Any, str]]:
    told, bounds = found.told.areas, found.boundaries
    values: dict[str, Any] = {key: told.get(key) for key in ("names", "same", "leave_out")}
    if bounds is not None:
        crs = bounds.frame.crs.to_string() if bounds.frame.crs is not None else ""
        values |= {"file": bounds.file, "layer": bounds.layer, "id": bounds.id, "name": bounds.name}
        values |= {"crs": crs, "working_crs": bounds.working, "snap": bounds.snap}
    default = {"crs": "file"}
    return [
        (f"areas.{key}", value, told.origins.get(key, default.get(key, "guess")))
        for key, value in values.items()
        if value not in (None, "", [], {})
    ]


def table_settings(table: Any, result: Any) -> list[tuple[str, Any, str]]:
    """Return how a table was read, with where each choice comes from."""
    entry, place, sheet = table.entry, table.layout, table.sheet
    rows: list[tuple[str, Any, str]] = [("file", sheet.file, entry.origins.get("file", "folder"))]

    def put(key: str, value: Any) -> None:
        if value not in (None, "", [], {}):
            rows.append((key, value, entry.origins.get(key, "guess")))

    put("sheet", sheet.name if sheet.kind == "xlsx" else None)
    put("area", table.area_heading)
    put("period", table.heads[table.period][0] if table.period is not None else table.year)
    if table.indicator is not None:
        put("indicator", table.heads[table.indicator][0])
        put("value", table.heads[table.figures[0].column][0])
    put("headings", [sheet.row(r) for r in place.headings])
    put("take", table.take)
    put("decimal", entry.get("decimal") or result.decimal)
    for key in ("missing", "suppressed", "zero"):
        put(key, entry.get(key) or getattr(result, key))
    put("retrieved", entry.get("retrieved"))
    return rows
