"""The mapping in five fields: where areas stand, which fields coincide, and the frame of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice, check_columns, check_count, check_geometry
from segkit.base.namespace import public
from segkit.catalogue.fields import FIELDS, frame, texts
from segkit.errors import InputError, message
from segkit.panels.areas import check_panel, latest
from segkit.studies.fields import analysis
from segkit.studies.fields.positions import position_table, standing
from segkit.studies.fields.template import write_template

if TYPE_CHECKING:
    import geopandas as gpd

    from segkit.base.checks import Language
    from segkit.studies.fields.positions import Standing

__all__ = ["FIELDS", "FieldMapping", "frame", "map_fields", "write_template"]

__dir__ = public(__all__)


@dataclass(frozen=True)
class FieldMapping:
    """A mapping in five fields.

    Attributes
    ----------
    language : {"sv", "en"}
        The language of its texts.
    areas : geopandas.GeoDataFrame
        One row per area with the newest figures, and ``position_FIELD`` for each field with data.
    frame : pandas.DataFrame
        The indicators of each field: ``field, field_label, indicator, label, unit, role, direction, level,
        source, nearness, note, period`` (of the newest figures; empty where there are none), ``used``.
    positions : pandas.DataFrame
        One row per area and field with data: ``area_id, name, field, position`` (mean of the
        indicators in standard deviations among the areas; higher is stronger), ``ci_low, ci_high``,
        ``rank`` (1 weakest), ``weakest_fifth``, ``share_weakest`` (of draws in which the area is in the
        weakest fifth), ``n_indicators, indicators, flag``.
    coinciding : pandas.DataFrame
        Areas in the weakest fifth of some field: ``n_fields, fields, mean_position``.
    differences : pandas.DataFrame
        For each indicator how large the differences are (mean of the weakest and strongest fifth, gap,
        sigma), whether they grow (change of sigma with interval and p) and whether they are
        concentrated (Moran's I with p).
    together : pandas.DataFrame
        Rank correlation between fields, with a permutation test, and a note where modelled figures make
        part of it.
    plan : pandas.DataFrame
        The frame of a plan: for each field what the figures show, and empty cells for goal, measure,
        responsible, resources and time, which only the municipality can fill.
    missing : pandas.DataFrame
        Fields and indicators without figures by area: what the municipality must bring.
    """

    language: Language
    areas: gpd.GeoDataFrame
    frame: pd.DataFrame
    positions: pd.DataFrame
    coinciding: pd.DataFrame
    differences: pd.DataFrame
    together: pd.DataFrame
    plan: pd.DataFrame
    missing: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, without geometry, empty ones left out."""
        named = {
            "positions": self.positions,
            "coinciding": self.coinciding,
            "differences": self.differences,
            "together": self.together,
            "plan": self.plan,
            "missing": self.missing,
            "frame": self.frame,
        }
        return {name: table for name, table in named.items() if not table.empty}


def map_fields(
    panel: gpd.GeoDataFrame,
    *,
    n_draws: int = 999,
    random_state: int = 0,
    language: Language = "sv",
) -> FieldMapping:
    """Map the areas of a municipality in five fields, as Motala did: mapping, analysis, frame of a plan.

    The fields are housing and services, school results, long-term unemployment, democracy and civil
    society, and crime. A field without any figure by area gets no position: the result says what the
    municipality must bring (`write_template`), and takes it where the panel has it.

    Parameters
    ----------
    panel : geopandas.GeoDataFrame
        The areas, with ``area_id, period, name, population, geometry`` and indicators of the frame, own
        ones included (`frame`); each counts with its newest figures.
    n_draws : int
        Draws of the intervals and tests.
    random_state : int
        Seed; the same seed gives the same answer.
    language : {"sv", "en"}
        Of all texts.

    Returns
    -------
    FieldMapping
        The tables.

    Raises
    ------
    InputError
        When the panel breaks a rule, has fewer than five areas, or no indicator of any field.
    UnknownNameError
        When the panel lacks name or population.

    Examples
    --------
    >>> from segkit.studies.survey import load
    >>> found = map_fields(load("motala").main, language="en")
    >>> found.positions["field"].unique().tolist()
    ['housing', 'unemployment', 'democracy']
    >>> found.missing["field"].unique().tolist()
    ['housing', 'school', 'unemployment', 'democracy', 'crime']
    """
    check_choice(language, LANGUAGES, argument="language")
    check_panel(panel)
    check_geometry(panel)
    check_columns(panel, ["name", "population"], argument="panel")
    check_count(n_draws, argument="n_draws", least=99)
    about = frame(language=language)
    at_hand = [i for i in about["indicator"] if i in panel and panel[i].notna().any()]
    about["used"] = about["indicator"].isin(at_hand)
    areas, periods = latest(panel, at_hand)
    if len(areas) < 5:
        raise InputError(message("panel", f"has {len(areas)} areas; a fifth of them needs five at least"))
    newest = periods.groupby("indicator")["period"].agg(lambda years: ", ".join(map(str, sorted(set(years)))))
    about["period"] = about["indicator"].map(newest).fillna("").where(about["used"], "")
    standings = _standings(areas, about, n_draws, random_state)
    if not standings:
        names = ", ".join(about.loc[about["role"] != "context", "indicator"])
        fix = f"Join some of {names}."
        raise InputError(message("panel", "has no indicator of any of the five fields", fix=fix))
    for one in standings:
        areas[f"position_{one.field}"] = one.position
    used = about[about["used"]]
    positions = position_table(areas, standings)
    draws = {"n_draws": n_draws, "random_state": random_state}
    return FieldMapping(
        language=language,
        areas=areas,
        frame=about,
        positions=positions,
        coinciding=analysis.coinciding(areas, standings),
        differences=analysis.differences(areas, panel, used, language=language, **draws),
        together=analysis.together(standings, positions, language=language, **draws),
        plan=_plan(areas, about, standings, language),
        missing=_missing(about),
    )


def _standings(
    areas: gpd.GeoDataFrame, about: pd.DataFrame, n_draws: int, random_state: int
) -> list[Standing]:
    """Return the positions of the fields that have an indicator with a direction and any spread."""
    found = []
    for field in FIELDS:
        rows = about[(about["field"] == field) & about["used"] & (about["role"] != "context")]
        rows = rows[[areas[i].min() < areas[i].max() for i in rows["indicator"]]]
        if len(rows):
            columns, directions = rows["indicator"].tolist(), rows["direction"].tolist()
            found.append(
                standing(areas, field, columns, directions, n_draws=n_draws, random_state=random_state)
            )
    return found


def _plan(
    areas: pd.DataFrame, about: pd.DataFrame, standings: list[Standing], language: Language
) -> pd.DataFrame:
    """Return the frame of a plan; goals and measures are for the municipality to decide."""
    words, names = texts("texts", language), texts("fields", language)
    by_field = {s.field: s for s in standings}
    rows = []
    for field in FIELDS:
        own = about[about["field"] == field]
        if field in by_field:
            weak = areas.loc[by_field[field].weakest, "name"].astype(str).tolist()
            shown = words["shown"].format(n=len(weak), total=len(areas), names=", ".join(weak))
            follow = own.loc[own["used"] & (own["role"] != "context"), "label"]
        else:
            follow = own.loc[own["role"] == "own", "label"]
            shown = words["no_data"].format(names=", ".join(follow))
        blank = dict.fromkeys(("goal", "measure", "responsible", "resources", "time"), "")
        rows.append(
            {
                "field": field,
                "field_label": names[field],
                "figures_show": shown,
                **blank,
                "follow_up": ", ".join(follow),
            }
        )
    return pd.DataFrame(rows)


def _missing(about: pd.DataFrame) -> pd.DataFrame:
    """Return what there are no figures of by area."""
    lacking = about[~about["used"] & (about["role"] != "context")]
    columns = ["field", "field_label", "indicator", "label", "unit", "level", "source", "note"]
    return lacking[columns].reset_index(drop=True)
