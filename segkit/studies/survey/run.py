"""Run a survey: from the data to the frozen record that maps, tables and the report are made from."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, check_count, check_seed
from segkit.base.digits import given
from segkit.base.folders import check_folder
from segkit.base.order import in_area_order
from segkit.base.version import __version__
from segkit.catalogue import indicators
from segkit.errors import InputError, message
from segkit.inference import trends
from segkit.panels import areas as panels
from segkit.panels import joining
from segkit.profiles import DEFAULT_COLUMNS, Profiles
from segkit.studies.survey import measuring
from segkit.studies.survey.beside import courses_of, municipal_of
from segkit.studies.survey.claims import claims_at
from segkit.studies.survey.inputs import Inputs, load
from segkit.studies.survey.location import Location
from segkit.studies.survey.notes import flags_of, notes_on, sources_of
from segkit.studies.survey.outcome import write
from segkit.studies.survey.result import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import geopandas as gpd

    from segkit.base.checks import Language

_PACKAGES = ("numpy", "pandas", "geopandas", "shapely", "scikit-learn", "scipy", "matplotlib", "folium")

#: Refits on areas drawn anew, and the share of them that an area must keep its profile in to be settled.
N_REFITS, SETTLED = 200, 0.8

#: The steps that `progress` is told of, in order.
STEPS = ("read", "profiles", "trends", "claims", "write")


def run(
    source: str | Path | gpd.GeoDataFrame,
    *,
    out: str | Path | None = None,
    language: Language = "sv",
    n_profiles: int = 5,
    columns: Sequence[str] | None = None,
    n_bootstrap: int = 999,
    random_state: int = 0,
    area_id: str = "area_id",
    name: str = "name",
    force: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Survey:
    """Run a survey of a municipality: profiles, polarization over time, claims and, on request, files.

    Parameters
    ----------
    source : str, Path or GeoDataFrame
        An embedded municipality (``"kalmar"``), a folder from `fetching.fetch`, a folder with the user's
        own files ``areas.*`` and ``indicators.*``, or a panel.
    out : str or Path, optional
        A folder for report, maps, tables and run.json. Without it nothing is written.
    language : {"sv", "en"}
        Of all texts.
    n_profiles : int
        How many profiles.
    columns : sequence of str, optional
        The indicators of the profiles. By default employment rate, median income, post-secondary
        share and turnout where all are at hand, else every indicator with a direction.
    n_bootstrap, random_state : int
        Draws for the intervals, and the seed of everything random.
    area_id, name : str
        The columns with code and name in the user's areas file.
    force : bool
        Write into a folder that holds other files. They stay in it; one with the name of a file that is
        written is kept as ``name-kept``.
    progress : callable, optional
        Called with the name of each step (`STEPS`) as it begins.

    Returns
    -------
    Survey

    Raises
    ------
    InputError, UnknownNameError, FileError
        The message names what is wrong, where, and the fix; nothing is written then.

    Examples
    --------
    >>> from segkit import survey
    >>> result = survey.run("kalmar", n_bootstrap=99)
    >>> result.areas.loc[result.areas["profile"] == 1, "name"].tolist()
    ['Norrliden V', 'Norrliden Ö']
    """
    choices = Choices(language, n_profiles, n_bootstrap, random_state)
    tell = progress or (lambda _step: None)
    if out is not None:
        check_folder(out, force=force, language=language)
    tell("read")
    inputs = _inputs(source, area_id, name)
    result = _survey(inputs, _columns(inputs.main, columns), choices, tell)
    if out is not None:
        tell("write")
        write(result, out, force=force)
    return result


@dataclass(frozen=True)
class Choices:
    """The choices that every part of a survey shares."""

    language: Language
    n_profiles: int
    n_bootstrap: int
    random_state: int

    def __post_init__(self) -> None:
        check_choice(self.language, ("sv", "en"), argument="language")
        check_count(self.n_profiles, argument="n_profiles", least=2)
        check_count(self.n_bootstrap, argument="n_bootstrap", least=99)
        check_seed(self.random_state)

    @property
    def n_weak(self) -> int:
        """How many of the weakest profiles count as weaker conditions."""
        return 1 if self.n_profiles < 4 else 2


def _survey(inputs: Inputs, chosen: list[str], choices: Choices, tell: Callable[[str], None]) -> Survey:
    """Do the steps of a survey after reading."""
    language, seed = choices.language, choices.random_state
    tell("profiles")
    areas, periods = panels.latest(inputs.main, [*chosen, *_context(inputs.main, chosen)])
    model = Profiles(choices.n_profiles, random_state=seed, columns=chosen).fit(areas)
    areas.insert(2, "profile", model.labels_)
    areas.insert(3, "index", given(model.index_))
    areas.insert(4, "membership", model.membership_)
    areas.insert(len(areas.columns) - 1, "flags", flags_of(areas, chosen, language))
    tell("trends")
    series = measuring.series_of(inputs.panels, language=language)
    draws = choices.n_bootstrap
    per_period, changes = measuring.measure(series, n_bootstrap=draws, random_state=seed, language=language)
    tell("claims")
    location = Location(areas, choices.n_weak, seed)
    tested = claims_at(
        location,
        inputs.panels,
        reference=inputs.reference,
        municipality=inputs.code,
        n_bootstrap=draws,
        random_state=seed,
        language=language,
    )
    return Survey(
        name=inputs.name,
        language=language,
        indicators=tuple(chosen),
        areas=areas,
        profiles=model.describe(language=language),
        periods=periods,
        trends=per_period,
        changes=changes,
        growth=_growth(series),
        dispersal=location.table(),
        claims=tested,
        official=_official(inputs, areas),
        turnout_model=inputs.turnout_model,
        sources=sources_of(areas, periods, language, _of_main(inputs)),
        borderline=_borderline(model, seed),
        read=pd.DataFrame() if inputs.understood is None else inputs.understood.table(language=language),
        history=_history(inputs.main, periods),
        courses=courses_of(inputs.panels, areas),
        municipal=municipal_of(inputs.reference, inputs.code, areas, periods),
        notes=notes_on(inputs, areas, periods, language),
        parameters=_parameters(inputs, chosen, choices, model),
    )


def _of_main(inputs: Inputs) -> pd.DataFrame:
    """Return where the fetched figures of the areas surveyed come from."""
    known = inputs.provenance
    return known if known.empty else known[known["geography"] == next(iter(inputs.panels))]


def _inputs(source: str | Path | gpd.GeoDataFrame, area_id: str, name: str) -> Inputs:
    if isinstance(source, pd.DataFrame):
        panels.check_panel(source)
        panel = in_area_order(source).copy()
        for column in [c for c in panel if str(c).endswith("_flag")]:
            panel[column] = joining.flag_texts(panel[column])
        return Inputs("", "", {"own": panel}, pd.DataFrame(), pd.DataFrame())
    return load(source, area_id=area_id, name=name)


def _columns(panel: pd.DataFrame, columns: Sequence[str] | None) -> list[str]:
    """Return the indicators of the profiles."""
    if columns is not None:
        return list(dict.fromkeys(columns))
    if all(c in panel and panel[c].notna().any() for c in DEFAULT_COLUMNS):
        return list(DEFAULT_COLUMNS)
    catalogue = indicators.catalogue()
    judged = [c for c in panel.columns if c in catalogue.index and catalogue["direction"][c] != 0]
    if len(judged) < 2:
        fix = (
            "Name the columns as the catalogue does (segkit indicators), or say which to use and give them "
            "a direction in Python with Standardizer(directions=...)."
        )
        found = panels.indicator_columns(panel)
        raise InputError(message("columns", "fewer than two indicators have a direction", found, fix))
    return judged


def _context(panel: pd.DataFrame, chosen: Sequence[str]) -> list[str]:
    """Return indicators that are shown beside the profiles but do not decide them."""
    shown = indicators.with_role("context")
    return [c for c in shown if c in panel and c not in chosen and panel[c].notna().any()]


def _history(panel: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of each area and period, for the indicators that the survey shows."""
    shown = periods["indicator"].unique()
    columns = [c for name in shown for c in (name, f"{name}_se", f"{name}_flag") if c in panel]
    return pd.DataFrame(panel[["area_id", "period", *columns]])


def _borderline(model: Profiles, seed: int) -> pd.DataFrame:
    """Return the areas that end in another profile when the profiles are found from areas drawn anew."""
    table = model.stability(N_REFITS, seed).areas
    table = table.assign(membership=model.membership_.to_numpy())
    ordered: pd.DataFrame = table[table["kept"] < SETTLED].sort_values(
        "kept", ignore_index=True, kind="stable"
    )
    return ordered


def _growth(series: list[measuring.Series]) -> pd.DataFrame:
    """Return growth by fifth of areas for income."""
    kinds = indicators.catalogue()["kind"]
    for item in series:
        if kinds.get(item.indicator) == "money":
            table = trends.growth_incidence(
                item.frame, item.indicator, first=item.periods[0], last=item.periods[-1], weight=item.weight
            )
            return table.assign(geography=item.geography, indicator=item.indicator)
    return pd.DataFrame()


def _official(inputs: Inputs, areas: pd.DataFrame) -> pd.DataFrame:
    """Return SCB's area types beside the mean profile of each RegSO; never merged with it."""
    regso = inputs.panels.get("regso")
    if regso is None or "official_area_type" not in regso or "regso_id" not in areas:
        return pd.DataFrame()
    known = regso[regso["official_area_type"].notna()]
    if known.empty:
        return pd.DataFrame()
    period = 2022 if (known["period"] == 2022).any() else int(known["period"].max())
    types = known.loc[known["period"] == period, ["area_id", "name", "official_area_type"]]
    weighted = areas.assign(weighted=areas["profile"] * areas["population"]).groupby("regso_id")
    mean = weighted["weighted"].sum() / weighted["population"].sum()
    table = types.rename(columns={"area_id": "regso_id", "name": "regso_name"}).assign(period=period)
    table["mean_profile"] = table["regso_id"].map(mean)
    ordered: pd.DataFrame = table.sort_values(["mean_profile", "regso_id"], ignore_index=True)
    return ordered


def _parameters(
    inputs: Inputs, chosen: Sequence[str], choices: Choices, model: Profiles
) -> dict[str, object]:
    """Return what is needed to run the same survey again."""
    versions = {name: metadata.version(name) for name in _PACKAGES}
    return {
        "made_by": "segkit",
        "segkit": __version__,
        "python": platform.python_version(),
        "packages": versions,
        "surveyed": inputs.name,
        "language": choices.language,
        "n_profiles": choices.n_profiles,
        "n_weak_profiles": choices.n_weak,
        "indicators": list(chosen),
        "standardization": "z-score over the areas surveyed, each area counting the same",
        "method": "k-means",
        "n_starts": model.n_starts_,
        "share_of_starts_with_the_best": model.share_found_,
        "n_refits": N_REFITS,
        "settled_from": SETTLED,
        "n_bootstrap": choices.n_bootstrap,
        "confidence": 0.95,
        "seed": choices.random_state,
        "input_sha256": dict(inputs.files),
    }


def official_agreement(result: Survey) -> float:
    """Return Spearman's rank correlation between SCB's area types and the mean profile per RegSO.

    NaN when the survey has no official types.

    Examples
    --------
    >>> from segkit import survey
    >>> round(official_agreement(survey.run("kalmar", n_bootstrap=99)), 3)
    0.846
    """
    if result.official.empty:
        return float("nan")
    ranks = result.official[["official_area_type", "mean_profile"]].rank()
    return float(np.corrcoef(ranks["official_area_type"], ranks["mean_profile"])[0, 1])
