"""What a survey holds: one frozen record, handed to maps, tables, exports and the report."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.base.digits import given_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from segkit.base.checks import Language


#: What is told of a table: estimates only (the others hold figures as they came, too) or figures; its name
#: among the tables where it is not that of the field, None where it is none of them.
_ESTIMATES, _FIGURES = {"estimated": True, "file": ""}, {"estimated": False, "file": ""}


@dataclass(frozen=True, kw_only=True)
class Survey:
    """The result of `survey.run`.

    Attributes
    ----------
    name : str
        The municipality or folder surveyed, as a title.
    language : {"sv", "en"}
        The language of its texts.
    indicators : tuple of str
        The indicators that the profiles stand on.
    areas : geopandas.GeoDataFrame
        One row per area: ``area_id, name``, for DeSO ``regso_id, regso_name``, ``profile`` (1 = weakest
        socioeconomic conditions), ``index`` (mean of standardized indicators), ``population``,
        the newest value of each indicator (with ``_se``, ``_flag`` where it has them), ``flags``
        (remarks in plain text, empty when there is none), ``geometry``.
    profiles : pandas.DataFrame
        One row per profile: ``profile, label, n_areas, population, population_share`` (per cent),
        ``index``, the mean of each indicator weighted by population, ``typical_area, description``.
    periods : pandas.DataFrame
        ``indicator, period, n_areas, n_missing``: which period each newest value is from.
    trends : pandas.DataFrame
        Tidy table of measures per period, with ``geography, indicator`` and ``note``.
    changes : pandas.DataFrame
        Tidy table of paired changes between first and last period, with ``p_value, geography,
        indicator, sentence``.
    growth : pandas.DataFrame
        Mean level of fifths of areas (by their level in the first period) then and now.
    dispersal : pandas.DataFrame
        Moran's I, join counts and largest patch of the areas in the weakest profiles.
    claims : pandas.DataFrame
        ``claim, statement, statistic, value, ci_low, ci_high, period, data, verdict, reason``.
    official : pandas.DataFrame
        SCB's area types beside the population-weighted mean profile per RegSO; empty without such data.
    turnout_model : pandas.DataFrame
        ``statistic, period, value``: how turnout by area was modelled and how well; empty without it.
    sources : pandas.DataFrame
        ``indicator, label, period, source, source_table, definition``.
    borderline : pandas.DataFrame
        Areas that ended in another profile in more than a fifth of refits on areas drawn anew:
        ``area_id, name, profile, kept`` (share of refits), ``other_profile, other_share, membership``.
    history : pandas.DataFrame
        ``area_id, period, population`` and the indicators of `areas` with their ``_se`` and ``_flag``, for
        every period at hand; empty when only the newest values are known.
    courses : pandas.DataFrame
        Every period of the areas' indicators that have two or more: ``geography, area_id, indicator,
        period, value, se, flag``; for DeSO also those that only their RegSO has.
    municipal : pandas.DataFrame
        The municipality's official figures of the same indicator, period and source table as the areas':
        ``indicator, period, value, source, source_table``; may be empty.
    read : pandas.DataFrame
        ``item, place, reading``: how the user's own table was understood; empty where it had segkit's form.
    notes : tuple of str
        Limitations, in plain sentences.
    parameters : mapping
        Versions, seed, options and hashes of the input.
    """

    name: str
    language: Language
    indicators: tuple[str, ...]
    areas: gpd.GeoDataFrame
    profiles: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_ESTIMATES)
    borderline: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_ESTIMATES)
    trends: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_ESTIMATES)
    changes: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_ESTIMATES)
    growth: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_ESTIMATES)
    dispersal: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_ESTIMATES)
    claims: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_ESTIMATES)
    official: pd.DataFrame = field(
        default_factory=pd.DataFrame, metadata={**_ESTIMATES, "file": "official_area_types"}
    )
    turnout_model: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_FIGURES)
    courses: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_FIGURES)
    municipal: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_FIGURES)
    periods: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_FIGURES)
    sources: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_FIGURES)
    read: pd.DataFrame = field(default_factory=pd.DataFrame, metadata=_FIGURES)
    history: pd.DataFrame = field(default_factory=pd.DataFrame, metadata={**_FIGURES, "file": None})
    notes: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give what was estimated as many digits as it bears."""
        for own in fields(self):
            if own.metadata.get("estimated"):
                object.__setattr__(self, own.name, given_table(getattr(self, own.name)))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the survey by name, without geometry, in the order of the fields; none is empty."""
        named = {"areas": pd.DataFrame(self.areas.drop(columns="geometry"))}
        for own in fields(self):
            file = own.metadata.get("file")
            if file is not None:
                named[file or own.name] = getattr(self, own.name)
        return {name: table for name, table in named.items() if not table.empty}
