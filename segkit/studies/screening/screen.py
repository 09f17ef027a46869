"""Apply a rule to areas or municipalities: who meets it, by how much, and what can't be told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import as_floats, check_columns, check_count, check_keys, numbers
from segkit.base.order import in_area_order
from segkit.errors import InputError, UnknownNameError, message
from segkit.studies.screening.rules import Criterion, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Floats

#: Half the width of a 95 % interval in standard errors.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Screening:
    """What a screening found.

    Attributes
    ----------
    areas : pandas.DataFrame
        One row per area: ``area_id``, ``name`` where known, ``selected`` (True, False, or missing where
        unknown figures decide), ``n_met``, ``n_unknown``, ``n_criteria``; ``nearest`` (the criterion
        whose figure alone would change the outcome by the smallest step, in standard deviations
        among areas), ``change_needed`` (that step in the unit of the indicator, bounds held fixed; missing
        where no single figure changes the outcome).
    criteria : pandas.DataFrame
        One row per area and criterion: ``area_id, name, criterion`` (its number), ``indicator, period,
        value, se, bound, sign, distance`` (how far the value lies within the criterion, in its unit;
        negative where it lies outside), ``distance_sd`` (in standard deviations among areas), ``met``,
        ``uncertain`` (whether the 95 % interval of the value spans the bound; missing without a
        standard error), ``pivotal`` (whether this criterion alone decides the area's outcome).
    rule : Rule
        The rule.
    """

    areas: pd.DataFrame
    criteria: pd.DataFrame
    rule: Rule

    @property
    def selected(self) -> list[str]:
        """The areas that meet the rule, in the order of the table."""
        return [str(a) for a in self.areas.loc[self.areas["selected"].fillna(value=False), "area_id"]]

    @property
    def unknown(self) -> list[str]:
        """The areas of which the figures at hand don't tell."""
        return [str(a) for a in self.areas.loc[self.areas["selected"].isna(), "area_id"]]


def screen(
    panel: pd.DataFrame,
    rule: Rule | Criterion,
    *,
    period: int | None = None,
    references: Mapping[str, float | str] | None = None,
    weight: str = "population",
) -> Screening:
    """Find the areas (or municipalities) that meet a rule, with the distance to every threshold.

    A missing figure is unknown, not a no: an area is left undecided where unknown criteria could change
    its outcome.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period: ``area_id, period`` and the indicators of the rule; ``name``, and
        ``X_se`` (standard error of X) where there are any.
    rule : Rule or Criterion
        What is asked.
    period : int, optional
        The period screened; by default each indicator's newest, which the result names.
    references : mapping, optional
        Indicator -> what relative criteria compare with: a number, such as the national figure, or the
        name of a column that holds it for each area, such as that of its region. Without it, the mean
        of all areas of the panel in the same periods, weighted by `weight`.
    weight : str
        Column of the weights of that mean.

    Returns
    -------
    Screening
        Tables of areas and criteria, in the order of ``area_id``.

    Raises
    ------
    InputError
        When the panel breaks a rule, the period has no figure, a reference is not used or no number.
    UnknownNameError
        When a column is missing.

    Examples
    --------
    >>> table = pd.DataFrame({"area_id": ["a", "b", "c"], "period": 2024, "turnout": [60.0, 75.0, None],
    ...                       "employment_rate": [55.0, 80.0, 58.0]})
    >>> rule = Rule((Criterion("turnout", "<", 70), Criterion("employment_rate", "<", 60)), 2)
    >>> found = screen(table, rule)
    >>> found.selected, found.unknown
    (['a'], ['c'])
    >>> found.areas["change_needed"].tolist()
    [5.0, nan, nan]
    """
    check_keys(panel)
    panel = in_area_order(panel)
    asked = Rule((rule,), 1) if isinstance(rule, Criterion) else rule
    if not isinstance(asked, Rule):
        raise InputError(message("rule", f"must be a Rule or Criterion, is {type(rule).__name__}"))
    criteria = list(asked.criteria())
    check_columns(panel, dict.fromkeys(c.indicator for c in criteria), argument="panel")
    given = dict(references or {})
    _check_references(given, criteria)
    ids = pd.Index(sorted(panel["area_id"].unique()), name="area_id")
    parts = [_figures(panel, ids, criterion, period, given, weight) for criterion in criteria]
    outcomes = np.column_stack([part["met"].to_numpy(dtype=float) for part in parts])
    return _result(panel, ids, asked, parts, outcomes)


def _check_references(given: Mapping[str, Any], criteria: list[Criterion]) -> None:
    used = {c.indicator for c in criteria if c.relative in {"ratio", "difference"}}
    unused = [name for name in given if name not in used]
    if unused:
        fix = "They serve criteria with relative='ratio' or 'difference'."
        raise InputError(message("references", "name indicators that no criterion compares", unused, fix))


def _figures(
    panel: pd.DataFrame,
    ids: pd.Index,
    criterion: Criterion,
    period: int | None,
    references: Mapping[str, float | str],
    weight: str,
) -> pd.DataFrame:
    """Return value, standard error, bound, distance and outcome of each area for one criterion."""
    name = criterion.indicator
    values = pd.Series(numbers(panel, name), index=pd.MultiIndex.from_frame(panel[["area_id", "period"]]))
    last = _last_period(values, name, period)
    wide = values.unstack("period").reindex(index=ids)
    years = [last - step for step in range(criterion.periods)]
    of_years = wide.reindex(columns=years)
    mean = of_years.mean(axis=1, skipna=False).to_numpy(dtype=float)
    se = _standard_error(panel, ids, name, years)
    bound = _bound(panel, ids, criterion, years, mean, references, weight)
    met = criterion.met(mean, bound)
    distance = (mean - bound) * (1 if criterion.upward else -1)
    spread = float(np.nanstd(mean, ddof=1)) if np.isfinite(mean).sum() > 1 else np.nan
    spans = np.where(np.isnan(se) | np.isnan(distance), np.nan, np.abs(distance) < Z95 * se)
    shown = str(last) if len(years) == 1 else f"{years[-1]}–{years[0]}"
    return pd.DataFrame(
        {
            "indicator": name,
            "period": shown,
            "value": mean,
            "se": se,
            "bound": np.broadcast_to(bound, mean.shape),
            "sign": criterion.sign,
            "distance": distance,
            "distance_sd": distance / spread if spread > 0 else np.nan,
            "met": met,
            "uncertain": spans,
        },
        index=ids,
    )


def _last_period(values: pd.Series, name: str, period: int | None) -> int:
    """Return the period asked for, or the newest with a figure."""
    known = values.dropna().index.get_level_values("period")
    if known.empty:
        fix = "Join the indicator first, or leave the criterion out."
        raise InputError(message(name, "is missing in every area and period", fix=fix))
    if period is None:
        return int(known.max())
    if period not in set(known):
        fix = f"Periods with figures: {', '.join(map(str, sorted(set(known))))}."
        raise InputError(message("period", f"{name} has no figure for {period}", fix=fix))
    return int(period)


def _standard_error(panel: pd.DataFrame, ids: pd.Index, name: str, years: list[int]) -> Floats:
    """Return the standard error of the mean of the periods, their errors taken as independent."""
    column = f"{name}_se"
    if column not in panel:
        return np.full(len(ids), np.nan)
    errors = numbers(panel, column, least=0)
    wide = pd.Series(errors, index=pd.MultiIndex.from_frame(panel[["area_id", "period"]])).unstack("period")
    of_years = wide.reindex(index=ids, columns=years).to_numpy(dtype=float)
    return np.asarray(np.sqrt((of_years**2).sum(axis=1)) / len(years))


def _bound(
    panel: pd.DataFrame,
    ids: pd.Index,
    criterion: Criterion,
    years: list[int],
    values: Floats,
    references: Mapping[str, float | str],
    weight: str,
) -> Floats:
    """Return what each area's figure is compared with."""
    known = values[~np.isnan(values)]
    if criterion.relative == "none":
        bound: Any = criterion.threshold
    elif criterion.relative == "sd":
        if known.size < 2:
            raise InputError(message(criterion.indicator, "needs two areas for a standard deviation"))
        bound = known.mean() + criterion.threshold * known.std(ddof=1)
    elif criterion.relative == "share":
        bound = _share_bound(known, criterion)
    else:
        reference = _reference(panel, ids, criterion.indicator, years, references, weight, values)
        bound = (
            reference * criterion.threshold
            if criterion.relative == "ratio"
            else reference + criterion.threshold
        )
    return np.broadcast_to(np.asarray(bound, dtype=float), values.shape)


def _share_bound(known: Floats, criterion: Criterion) -> float:
    """Return the figure of the last area within the share, or for a strict sign of the first one outside.

    Areas with equal figures fall on the same side: within by ">=" and "<=", outside by ">" and "<".
    """
    ordered = np.sort(known)[::-1] if criterion.upward else np.sort(known)
    n = max(1, math.floor(known.size * criterion.threshold / 100 + 0.5))
    last = n if criterion.sign in {">", "<"} else n - 1
    return float(ordered[min(last, known.size - 1)])


def _reference(
    panel: pd.DataFrame,
    ids: pd.Index,
    name: str,
    years: list[int],
    references: Mapping[str, float | str],
    weight: str,
    values: Floats,
) -> Any:
    """Return the reference of an indicator: a number, or one per area."""
    given = references.get(name)
    if isinstance(given, str):
        check_columns(panel, [given], argument="panel")
        rows = panel[panel["period"] == years[0]]
        return pd.Series(numbers(rows, given), index=rows["area_id"]).reindex(ids).to_numpy()
    if given is not None:
        return float(as_floats(given, argument="references"))
    if weight not in panel:
        fix = f"Give references={{{name!r}: ...}}, or a column of weights."
        raise UnknownNameError(
            message("weight", f"the panel lacks {weight!r} for the mean of {name}", fix=fix)
        )
    rows = panel[panel["period"] == years[0]]
    people = pd.Series(numbers(rows, weight, least=0), index=rows["area_id"]).reindex(ids).to_numpy()
    both = ~np.isnan(values)
    if np.isnan(people[both]).any() or not people[both].sum() > 0:
        lacking = ids[both & np.isnan(people)].tolist()
        fix = f"Give references={{{name!r}: ...}}."
        raise InputError(message(weight, f"is missing for the mean of {name} in {years[0]}", lacking, fix))
    return float(np.average(values[both], weights=people[both]))


def _result(
    panel: pd.DataFrame, ids: pd.Index, rule: Rule, parts: list[pd.DataFrame], outcomes: Floats
) -> Screening:
    """Put the tables together."""
    outcome = rule.met(outcomes)
    names = _names(panel, ids)
    pivotal, steps, steps_sd = [], [], []
    for at, part in enumerate(parts):
        flipped = outcomes.copy()
        flipped[:, at] = 1 - flipped[:, at]
        other = rule.met(flipped)
        turns = ~np.isnan(outcome) & ~np.isnan(other) & (other != outcome)
        pivotal.append(turns)
        steps.append(np.where(turns, np.abs(part["distance"]), np.nan))
        steps_sd.append(np.where(turns, np.abs(part["distance_sd"].fillna(0)), np.inf))
    easiest = np.column_stack(steps_sd).argmin(axis=1)
    any_turn = np.column_stack(pivotal).any(axis=1)
    labels = np.array([c.indicator for c in rule.criteria()], dtype=object)
    areas = pd.DataFrame({"area_id": ids.to_numpy(dtype=object)})
    if names is not None:
        areas["name"] = names
    areas["selected"] = as_flags(outcome)
    areas["n_met"] = np.nansum(outcomes, axis=1).astype(int)
    areas["n_unknown"] = np.isnan(outcomes).sum(axis=1)
    areas["n_criteria"] = len(parts)
    areas["nearest"] = pd.Series(labels[easiest]).where(pd.Series(any_turn), None)
    areas["change_needed"] = np.where(any_turn, np.column_stack(steps)[np.arange(len(ids)), easiest], np.nan)
    rows = []
    for number, (part, turns) in enumerate(zip(parts, pivotal, strict=True), start=1):
        table = part.reset_index()
        if names is not None:
            table.insert(1, "name", names)
        table.insert(list(table.columns).index("indicator"), "criterion", number)
        table["met"] = as_flags(table["met"])
        table["uncertain"] = as_flags(table["uncertain"])
        table["pivotal"] = turns
        rows.append(table)
    return Screening(areas, pd.concat(rows, ignore_index=True), rule)


def as_flags(values: Any) -> pd.Series:
    """Return 1.0, 0.0 and NaN as True, False and missing.

    Examples
    --------
    >>> as_flags([1.0, float("nan")]).tolist()
    [True, <NA>]
    """
    return pd.Series(np.asarray(values, dtype=float)).astype("boolean")


def _names(panel: pd.DataFrame, ids: pd.Index) -> Any:
    if "name" not in panel:
        return None
    newest = panel.sort_values("period", kind="stable").drop_duplicates("area_id", keep="last")
    return newest.set_index("area_id")["name"].reindex(ids).to_numpy(dtype=object)


def by_region(
    screening: Screening, region: pd.Series | Mapping[str, str], *, at_least: int = 1
) -> pd.DataFrame:
    """Return the regions, such as municipalities, with at least so many areas that meet the rule.

    Parameters
    ----------
    screening : Screening
        Of areas.
    region : mapping or pandas.Series
        ``area_id`` -> region.
    at_least : int
        How many areas of a region must meet the rule.

    Returns
    -------
    pandas.DataFrame
        One row per region: ``region, n_areas, n_selected, n_unknown, selected`` (missing where
        undecided areas decide).

    Raises
    ------
    InputError
        When an area has no region, or `at_least` is less than 1.

    Examples
    --------
    >>> table = pd.DataFrame({"area_id": ["a", "b", "c"], "period": 2022, "type": [1, 4, 5]})
    >>> found = screen(table, Criterion("type", "<=", 1))
    >>> by_region(found, {"a": "x", "b": "x", "c": "y"})["selected"].tolist()
    [True, False]
    """
    check_count(at_least, argument="at_least")
    areas = screening.areas
    where = areas["area_id"].map(dict(region))
    if where.isna().any():
        raise InputError(message("region", "lacks areas", areas.loc[where.isna(), "area_id"].tolist()))
    counted = pd.DataFrame(
        {
            "region": where,
            "n_areas": 1,
            "n_selected": areas["selected"].fillna(value=False).astype(int),
            "n_unknown": areas["selected"].isna().astype(int),
        }
    )
    table = counted.groupby("region", sort=True).sum().reset_index()
    surely = table["n_selected"] >= at_least
    possibly = table["n_selected"] + table["n_unknown"] >= at_least
    table["selected"] = as_flags(np.where(surely, 1.0, np.where(possibly, np.nan, 0.0)))
    return table
