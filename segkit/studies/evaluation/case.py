"""Did it work: a few districts beside the others, and all the ways in which they can be compared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_columns
from segkit.catalogue import embedded, indicators
from segkit.errors import FileError, InputError, UnknownNameError, list_some, message
from segkit.evaluation import (
    DetectableEffect,
    DifferenceInDifferences,
    difference_in_differences,
    minimum_detectable_effect,
    synthetic_control,
)
from segkit.panels import areas, cells

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Controls of like level: those among so many lowest in the last period before the start.
N_LOWEST = 16

#: What is held equal where the districts have it: estimates for the district's area.
COVARIATES = indicators.with_role("held_equal")


@dataclass(frozen=True)
class Case:
    """Which districts got something, from when, on what outcome.

    Attributes
    ----------
    places : pandas.DataFrame
        ``area_id, unit, unit_label, role`` (``treated``, or ``nearby`` for those tried separately), reasons.
    excluded : pandas.DataFrame
        ``area_id, name``: those whose boundary changed.
    """

    panel: pd.DataFrame
    outcome: str
    start: int
    places: pd.DataFrame
    excluded: pd.DataFrame
    random_state: int
    n_permutations: int

    @property
    def treated(self) -> list[str]:
        """The treated districts."""
        return self.places.loc[self.places["role"] == "treated", "area_id"].tolist()

    @property
    def nearby(self) -> list[str]:
        """Districts that may have been reached as well, tried separately."""
        return self.places.loc[self.places["role"] == "nearby", "area_id"].tolist()


@dataclass(frozen=True)
class Findings:
    """All comparisons of a case."""

    main: DifferenceInDifferences
    variants: pd.DataFrame
    detectable: DetectableEffect
    refusal: str
    weight: str = field(default="")


def meeting_places(municipality: str) -> pd.DataFrame:
    """Return the districts in which a municipality's meeting places are taken to lie, and why.

    Columns ``area_id, district_name, role, unit, unit_label, reason_sv, reason_en``; without rows where none
    are known.
    """
    table = cells.read_table(embedded.folder() / "meeting_places.csv")
    rows = table[table["municipality_code"] == municipality].drop(columns="municipality_code")
    return rows.rename(columns={"district_id": "area_id"}).reset_index(drop=True)


def read_case(
    source: str | Path | pd.DataFrame,
    outcome: str,
    treated: Sequence[str] | None,
    start: int,
    random_state: int,
    n_permutations: int,
) -> Case:
    """Read the districts of a source, without those whose boundary changed."""
    panel, places = _districts(source)
    check_columns(panel, [outcome], argument="outcome")
    if treated is not None:
        places = _chosen(panel, places, treated)
    if places.empty:
        fix = "Give treated=[...] with the codes of the districts."
        raise InputError(message("treated", "has no default for this source", fix=fix))
    moved = pd.DataFrame({"area_id": [], "name": []}, dtype="str")
    if "boundary_comparable" in panel:
        apart = panel["boundary_comparable"] == 0
        moved = panel.loc[apart, ["area_id", "name"]].drop_duplicates("area_id").reset_index(drop=True)
        panel = panel[~apart]
    gone = sorted(set(places["area_id"]) & set(moved["area_id"]))
    if gone:
        rule = "changed boundary, so that their figures can't be compared"
        raise InputError(message("treated", rule, gone, "Leave them out."))
    if panel.empty:
        rule = "has no district with the same boundary in both elections"
        raise InputError(message("source", rule, fix="Use a municipality whose districts were kept."))
    return Case(panel.reset_index(drop=True), outcome, start, places, moved, random_state, n_permutations)


def _districts(source: str | Path | pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    none = pd.DataFrame(columns=["area_id", "role", "unit", "unit_label", "reason_sv", "reason_en"])
    if isinstance(source, pd.DataFrame):
        areas.check_panel(source, geometry=False)
        return pd.DataFrame(source), none
    try:
        folder = embedded.municipality(str(source))
    except UnknownNameError as error:
        fix = "Or give a panel of your own districts, with area_id, period and the outcome."
        raise FileError(message("source", f"{source!s} has no election districts", fix=fix)) from error
    panel = pd.DataFrame(areas.load_example(folder.name, "districts"))
    return panel, meeting_places(embedded.MUNICIPALITIES[folder.name][0])


def _chosen(panel: pd.DataFrame, places: pd.DataFrame, treated: Sequence[str]) -> pd.DataFrame:
    """Return the caller's districts, each a unit of its own unless it is known to be one with others."""
    if isinstance(treated, str) or not len(treated):
        raise InputError(message("treated", f"is {treated!r}, must be a list of one district or more"))
    names = panel.drop_duplicates("area_id", keep="last").set_index("area_id")
    codes = list(dict.fromkeys(treated))
    unknown = [code for code in codes if code not in names.index]
    if unknown:
        fix = f"Districts at hand: {list_some(names.index)}."
        raise UnknownNameError(message("treated", "names districts that are not there", unknown, fix))
    found = pd.DataFrame({"area_id": codes, "role": "treated", "unit": codes})
    found["unit_label"] = names["name"].reindex(codes).to_numpy() if "name" in names else codes
    known = places[places["role"] == "treated"].set_index("area_id")
    whole = [unit for unit, part in known.groupby("unit") if len(part) > 1 and set(part.index) <= set(codes)]
    for code in codes:
        if code in known.index and known.loc[code, "unit"] in whole:
            found.loc[found["area_id"] == code, ["unit", "unit_label"]] = known.loc[
                code, ["unit", "unit_label"]
            ].to_numpy()
    return found.assign(reason_sv="", reason_en="")


def compare(case: Case) -> Findings:
    """Make the comparison, and all the others that could have been made."""
    weight = next((c for c in ("electorate", "population") if c in case.panel), "")
    main = _differences(case, case.treated)
    persons = weight if case.outcome == "turnout" and weight else None
    return Findings(
        main,
        _variants(case, main, weight),
        minimum_detectable_effect(
            case.panel,
            case.outcome,
            treated=case.treated,
            start=case.start,
            persons=persons,
            random_state=case.random_state,
        ),
        _refusal(case),
        weight,
    )


def _differences(
    case: Case,
    treated: Sequence[str],
    *,
    controls: Sequence[str] | None = None,
    weight: str | None = None,
    covariates: Sequence[str] = (),
) -> DifferenceInDifferences:
    return difference_in_differences(
        case.panel,
        case.outcome,
        treated=treated,
        start=case.start,
        controls=controls,
        weight=weight,
        covariates=covariates,
        n_permutations=case.n_permutations,
        random_state=case.random_state,
    )


def _variants(case: Case, main: DifferenceInDifferences, weight: str) -> pd.DataFrame:
    """Return one row per way of comparing, the first the one that was chosen beforehand."""
    others = main.areas.loc[main.areas["role"] == "untreated", "area_id"].tolist()
    rows = [_row("main", "", main)]
    if case.nearby:
        rows.append(_row("nearby", "", _differences(case, [*case.treated, *case.nearby])))
    joined = join(case, weight)
    units = joined.treated
    if len(units) < len(case.treated):
        rows.append(_row("joined", "", _differences(joined, units)))
    if weight:
        rows.append(_row("weighted", "", _differences(case, case.treated, weight=weight)))
    low = main.areas.nsmallest(N_LOWEST, "before")
    alike = low.loc[low["role"] == "untreated", "area_id"].tolist()
    if 2 <= len(alike) < len(others):
        rows.append(_row("lowest", "", _differences(case, case.treated, controls=alike)))
    rows.append(_row("level", "", _differences(case, case.treated, covariates=[case.outcome])))
    held = [c for c in COVARIATES if c in case.panel and c != case.outcome]
    if held:
        rows.append(_row("covariates", "", _differences(case, case.treated, covariates=held)))
    for unit, label in zip(units, joined.places["unit_label"], strict=False):
        if len(units) > 1:
            rows.append(_row("alone", str(label), _differences(joined, [unit], controls=others)))
    return pd.DataFrame(rows)


def _row(variant: str, place: str, result: DifferenceInDifferences) -> dict[str, object]:
    head = result.estimate.iloc[0]
    roles = result.areas["role"].value_counts()
    return {
        "variant": variant,
        "place": place,
        "value": float(head["value"]),
        "ci_low": float(head["ci_low"]),
        "ci_high": float(head["ci_high"]),
        "p_value": float(head["p_value"]),
        "n_treated": int(roles["treated"]),
        "n_untreated": int(roles["untreated"]),
        "n_sets": len(result.permutations),
    }


def join(case: Case, weight: str) -> Case:
    """Return the case with the districts of a unit made one: means weighted by voters or residents.

    Neighbors share what happens around them, so that two of them are less than two trials.
    """
    mine = case.places[case.places["role"] == "treated"]
    unit = mine.set_index("area_id")["unit"]
    used = case.panel[case.panel[case.outcome].notna()]
    inside = used["area_id"].isin(unit.index)
    rows = used[inside].assign(
        unit=used["area_id"].map(unit), mass=used[weight] if weight else 1.0, outcome=used[case.outcome]
    )
    parts = []
    for (name, period), part in rows.groupby(["unit", "period"]):
        value = float(np.average(part["outcome"], weights=part["mass"]))
        parts.append({"area_id": name, "period": period, "name": name, case.outcome: value})
    made = pd.DataFrame(parts)
    places = mine.drop_duplicates("unit").assign(area_id=lambda table: table["unit"]).reset_index(drop=True)
    made["name"] = made["area_id"].map(places.set_index("unit")["unit_label"])
    kept = used.loc[~inside, ["area_id", "period", "name", case.outcome]]
    return replace(case, panel=pd.concat([kept, made], ignore_index=True), places=places)


def _refusal(case: Case) -> str:
    """Return why a synthetic control can't be made; empty where it can."""
    try:
        synthetic_control(
            case.panel,
            case.outcome,
            treated=case.treated,
            start=case.start,
            n_permutations=99,
            random_state=case.random_state,
        )
    except InputError as error:
        return str(error)
    return ""
