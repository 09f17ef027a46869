"""Each area's figures beside the municipality: difference, place, and whether it stands clearly apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.catalogue import indicators

if TYPE_CHECKING:
    from segkit.base.checks import Floats
    from segkit.studies.survey.result import Survey

#: An area stands apart from this many standard deviations between areas on.
APART = 0.5
#: Half the width of a 95 per cent interval, in standard errors.
_MARGIN = 1.96

#: The order of the fields; what the catalogue does not know comes last.
FIELDS = ("work", "income", "education", "democracy", "housing", "background", "other")


@dataclass(frozen=True)
class Fact:
    """One figure of one area; places count from the highest value, `standing` is -1, 0 or 1."""

    value: float
    difference: float
    place: int
    place_first: int
    place_last: int
    standing: int

    @property
    def missing(self) -> bool:
        """Whether the area has no value."""
        return bool(np.isnan(self.value))


@dataclass(frozen=True)
class Subject:
    """One indicator over all areas: the mean of the areas, their spread, and the fact of each."""

    indicator: str
    field: str
    period: str
    mean: float
    spread: float
    weighted: bool
    n: int
    municipal: float
    facts: tuple[Fact, ...]


def subjects(survey: Survey) -> list[Subject]:
    """Return the indicators of a survey by field, those of the profiles first within each.

    Parameters
    ----------
    survey : Survey
        The survey. Indicators that no area has a value of are left out.

    Returns
    -------
    list of Subject
        In each the facts stand in the order of ``survey.areas``.
    """
    catalogue = indicators.catalogue()
    named = survey.sources["indicator"].tolist() if "indicator" in survey.sources else []
    shown = [
        c for c in dict.fromkeys([*survey.indicators, *named]) if c in survey.areas and c != "population"
    ]
    found = [
        _subject(survey, column, str(catalogue["focus_area"].get(column, "other")))
        for column in shown
        if pd.to_numeric(survey.areas[column], errors="coerce").notna().any()
    ]
    return sorted(found, key=lambda subject: FIELDS.index(subject.field))


def _subject(survey: Survey, column: str, field: str) -> Subject:
    areas = survey.areas
    values = pd.to_numeric(areas[column]).to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(values)
    weight, weighted = _weight(areas, known)
    mean = float(np.average(values[known], weights=weight[known]))
    spread = float(np.sqrt(np.average((values[known] - mean) ** 2, weights=weight[known])))
    errors = np.zeros(len(values))
    if f"{column}_se" in areas:
        errors = areas[f"{column}_se"].fillna(0).to_numpy(dtype=np.float64)
    facts = tuple(
        _fact(value, error, values[known], mean, spread) for value, error in zip(values, errors, strict=True)
    )
    return Subject(
        column,
        field if field in FIELDS else "other",
        _period(survey, column),
        mean,
        spread,
        weighted,
        int(known.sum()),
        _municipal(survey, column),
        facts,
    )


def _weight(areas: pd.DataFrame, known: np.ndarray) -> tuple[Floats, bool]:
    """Return the population of the areas; the same weight for all where it is not known for each."""
    if "population" in areas:
        people = areas["population"].to_numpy(dtype=np.float64, na_value=np.nan)
        if not np.isnan(people[known]).any() and people[known].sum() > 0:
            return people, True
    return np.ones(len(areas)), False


def _fact(value: float, error: float, every: Floats, mean: float, spread: float) -> Fact:
    if np.isnan(value):
        return Fact(value, np.nan, 0, 0, 0, 0)
    margin = _MARGIN * error
    place, first, last = (1 + int((every > value + step).sum()) for step in (0.0, margin, -margin))
    # The area's own value lies above the lower end of its interval.
    last -= int(margin > 0)
    difference = value - mean
    apart = spread > 0 and abs(difference) >= APART * spread and abs(difference) > margin
    return Fact(value, difference, place, first, last, int(np.sign(difference)) if apart else 0)


def _period(survey: Survey, column: str) -> str:
    """Return the years that the newest values are from."""
    if "indicator" not in survey.periods:
        return ""
    rows = survey.periods[survey.periods["indicator"] == column]
    years = sorted({int(p) for p in rows["period"].astype(str) if p.isdigit() and int(p) > 0})
    return "–".join(dict.fromkeys([str(years[0]), str(years[-1])])) if years else ""


def _municipal(survey: Survey, column: str) -> float:
    """Return the municipality's official figure, NaN without one."""
    if survey.municipal.empty:
        return float("nan")
    rows = survey.municipal.loc[survey.municipal["indicator"] == column, "value"]
    return float(rows.iloc[0]) if len(rows) == 1 else float("nan")


@dataclass(frozen=True)
class Course:
    """The values of one area over the periods, beside the change of the areas' mean.

    `certain` tells whether the interval of the change, from errors taken as independent, misses zero;
    None where the values have no error.
    """

    indicator: str
    geography: str
    periods: tuple[int, ...]
    values: tuple[float, ...]
    flags: tuple[str, ...]
    change: float
    mean_change: float
    certain: bool | None


class Courses:
    """The series of a survey, ready to be asked for area by area."""

    def __init__(self, survey: Survey) -> None:
        history = survey.courses
        parts: Any = [] if history.empty else history.groupby(["geography", "indicator"], sort=False)
        self._survey = survey
        self._series = [
            (
                str(geography),
                str(indicator),
                rows.pivot(index="area_id", columns="period", values="value"),
                {
                    str(code): own.sort_values("period", kind="stable")
                    for code, own in rows.groupby("area_id", sort=False)
                },
            )
            for (geography, indicator), rows in parts
        ]
        self._means: dict[tuple[str, str, int, int], float] = {}

    def of(self, area: pd.Series) -> list[Course]:
        """Return the indicators that an area, or its RegSO, has over two or more periods."""
        found = []
        for geography, indicator, wide, by_area in self._series:
            code = area.get("regso_id") if geography == "regso" else area["area_id"]
            own = by_area.get(str(code))
            if own is None or len(own) < 2:
                continue
            first, last = own.iloc[0], own.iloc[-1]
            ends = (geography, indicator, int(first["period"]), int(last["period"]))
            if ends not in self._means:
                both = wide[[first["period"], last["period"]]].dropna()
                self._means[ends] = _mean_change(self._survey, geography, both)
            change = float(last["value"] - first["value"])
            spread = float(np.hypot(*own["se"].iloc[[0, -1]].fillna(0)))
            found.append(
                Course(
                    indicator,
                    geography,
                    tuple(int(p) for p in own["period"]),
                    tuple(float(v) for v in own["value"]),
                    tuple(own["flag"].fillna("").astype(str)),
                    change,
                    self._means[ends],
                    abs(change) > _MARGIN * spread if spread else None,
                )
            )
        return sorted(found, key=lambda course: _place_of(course.indicator))


def _mean_change(survey: Survey, geography: str, wide: pd.DataFrame) -> float:
    """Return the mean change of the areas, weighted by population where it is theirs and known."""
    changes = wide.iloc[:, -1] - wide.iloc[:, 0]
    people = pd.Series(1.0, index=changes.index)
    if geography != "regso" and "population" in survey.areas:
        known = survey.areas.set_index("area_id")["population"].reindex(changes.index)
        people = known.astype(float) if known.notna().all() and known.sum() > 0 else people
    return float(np.average(changes, weights=people))


def _place_of(indicator: str) -> int:
    field = str(indicators.catalogue()["focus_area"].get(indicator, "other"))
    return FIELDS.index(field) if field in FIELDS else len(FIELDS)
