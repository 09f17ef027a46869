"""Paired change of a measure between two periods of the same areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.base.blocks import Draw, Progress, Run
from segkit.base.checks import Floats, check_choice, check_count, check_keys
from segkit.base.digits import EQUAL
from segkit.base.order import in_area_order
from segkit.errors import InputError, UnknownNameError, message
from segkit.inference import draws as resampling
from segkit.inference.bootstrap import UNITS, Unit, any_own, check_unit, spatial
from segkit.inference.draws import Rows, rows_for
from segkit.inference.scoring import Columns, Measures, Scorer, columns_for, score, scorers_for, usable
from segkit.inference.tidy import check_confidence, summary, tidy, warn_of_one_area

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd


def compare_periods(
    panel: pd.DataFrame,
    measure: Measures,
    *,
    first: int,
    last: int,
    values: str | None = None,
    weight: str | None = None,
    group: str | None = None,
    total: str | None = None,
    groups: Sequence[str] | None = None,
    unit: Unit = "areas",
    n_bootstrap: int = 999,
    confidence: float = 0.95,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Progress = None,
    options: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Change of a measure between two periods, from the same areas in both.

    Areas are drawn with replacement, the same ones for both periods, because an area now is like itself
    then: treating the periods as unrelated would hide real changes. The p-value is two-sided: how often
    a change of this size comes up in the draws when they are centered on no change, the change at hand
    counted as one. For what this means when the areas are all there are, see the top of this module.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period.
    measure, values, weight, group, total, groups, options
        As for `bootstrap`. Population is that of each period.
    first, last : int
        The periods; the change is last minus first.
    unit : {"areas", "people", "both"}
        ``"areas"``: the same areas are drawn for both periods. ``"people"``: the areas stay, the people
        of each period are drawn anew; the change is then that of these very areas, and what is uncertain
        is only who happened to live where. The sizes of the groups stay: that isolation rises because
        a group has grown counts as change, however few people made the difference. ``"both"``: the same
        areas, and the people of each period, with groups as large as chance makes them.
    n_bootstrap, random_state : int
        Number of draws, and seed.
    confidence : float
        Between 0 and 1, of the percentile interval.
    n_jobs : int
        Number of threads, -1 for one per core; it changes the time only.
    progress : bool or callable, optional
        As for `bootstrap`.

    Returns
    -------
    pandas.DataFrame
        Tidy table, one row per measure, with ``p_value``. ``period`` reads like ``"2020–2023"``,
        ``n_areas`` counts the areas compared, ``n_missing`` those left out because they lack a row, a
        value or inhabitants in one of the periods; spatial measures keep the land of areas that are
        uninhabited in both. With one area alone nothing varies: a `DataWarning` says that the interval
        is empty.

    Raises
    ------
    InputError
        When no area has values in both periods, the periods are not in order, or as for `bootstrap`.
    UnknownNameError
        When a period, measure, option or column does not exist.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.

    Examples
    --------
    >>> from segkit import areas
    >>> panel = areas.load_example("kalmar", "regso")
    >>> table = compare_periods(
    ...     panel, "gini", first=2020, last=2023, values="mean_wage_income", weight="population"
    ... )
    >>> print(table.loc[0, "period"], table.loc[0, "n_areas"], table.loc[0, "n_missing"])
    2020–2023 17 0
    """
    check_choice(unit, UNITS, argument="unit")
    check_count(n_bootstrap, argument="n_bootstrap", least=2)
    check_confidence(confidence)
    run = Run(random_state, n_jobs, progress)
    columns = columns_for(values, weight, group, total, groups)
    scorers = scorers_for(measure, columns, options)
    check_unit(unit, scorers)
    before, after, n_missing = _paired(panel, first, last, columns, keep_empty=spatial(scorers))
    then, now = (rows_for(rows, columns) for rows in (before, after))
    warn_of_one_area(now.n_inhabited)
    observed = score(scorers, now.frame) - score(scorers, then.frame)
    draw = _changes(then, now, scorers, unit)
    draws = run.collect(draw, n_bootstrap, cells=2 * now.cells, one_by_one=any_own(scorers))
    found = summary(scorers, observed, draws, confidence)
    as_large = np.abs(draws - observed) >= np.abs(observed) - EQUAL
    found["p_value"] = (1 + as_large.sum(axis=0)) / (1 + len(draws))
    return tidy(found, columns, period=f"{first}–{last}", n_areas=now.n_inhabited, n_missing=n_missing)


def _changes(then: Rows, now: Rows, scorers: list[Scorer], unit: Unit) -> Draw:
    """Return the function that draws both periods and scores the change."""
    ready = [(rows, [scorer.at(rows.frame) for scorer in scorers]) for rows in (now, then)]
    whole = [rows.whole_parts() for rows, _ in ready] if unit != "areas" else []

    def draw(rng: np.random.Generator, size: int) -> Floats:
        if unit == "people":
            scores = [
                resampling.people(rows, rng, size, base).score(measures)
                for (rows, measures), base in zip(ready, whole, strict=True)
            ]
        else:
            drawn = resampling.areas(now, rng, size)
            scores = [
                resampling.again(drawn, rows, rng, whole[place] if whole else None).score(measures)
                for place, (rows, measures) in enumerate(ready)
            ]
        return scores[0] - scores[1]

    return draw


def _paired(
    panel: pd.DataFrame, first: int, last: int, columns: Columns, *, keep_empty: bool
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Return the rows of the areas usable in both periods, in one order, and how many areas are not.

    Areas that are uninhabited in both stay when `keep_empty`: their land counts in spatial measures.
    """
    check_keys(panel)
    panel = in_area_order(panel)
    at_hand = sorted(panel["period"].unique().tolist())
    absent = [period for period in (first, last) if period not in at_hand]
    if absent:
        fix = f"Periods at hand: {', '.join(map(str, at_hand))}."
        raise UnknownNameError(message("period", "is not in the panel", absent, fix))
    if first >= last:
        raise InputError(message("first", f"is {first}, must come before last ({last})"))
    rows = panel[panel["period"].isin([first, last])]
    fit = usable(rows, columns)
    filled = _in_both(rows[fit])
    if filled.empty:
        fix = "Check in which periods the columns have values."
        raise InputError(message("panel", f"has no area with values in both {first} and {last}", fix=fix))
    n_missing = rows["area_id"].nunique() - filled["area_id"].nunique()
    people = columns.people(rows)
    if keep_empty and people is not None:
        empty = _in_both(rows[people == 0])
        filled = rows[rows["area_id"].isin([*filled["area_id"], *empty["area_id"]])]
    before, after = (filled[filled["period"] == period].set_index("area_id") for period in (first, last))
    return before.reset_index(), after.loc[before.index].reset_index(), n_missing


def _in_both(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of areas that have two."""
    return rows[rows["area_id"].duplicated(keep=False)]
