"""How sure a measure is: bootstrap intervals, a permutation test, and paired change between periods.

What an interval means when the areas are all areas there are: the figures are then no sample, and
nothing is left to draw. The interval answers another question: had the same forces produced another set
of areas, or placed people a little differently, how far could the measure have ended up (the
superpopulation reading)? It tells large differences from such as chance easily makes. It says nothing
about errors in the figures, and with few areas (Kalmar has 17 RegSO) it is approximate, often too narrow.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit._result import TIDY
from segkit._scoring import (
    Columns,
    Counts,
    Measures,
    Scorer,
    columns_for,
    counts,
    one_period,
    rows_for,
    score,
    scorers_for,
    usable,
)
from segkit._validate import Floats, check_choice, check_count, check_keys
from segkit.errors import DataWarning, InputError, UnknownNameError, message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Unit = Literal["areas", "people"]

#: Areas times draws that are scored together, to bound the memory.
_BLOCK = 2_000_000

#: More undefined draws than this share, and the interval would describe other data than these.
_MOST_REDRAWN = 0.1

#: Two results this close are the same but for rounding.
_EQUAL = 1e-12


def bootstrap(
    data: pd.DataFrame,
    measure: Measures,
    *,
    values: str | None = None,
    weight: str | None = None,
    group: str | None = None,
    total: str | None = None,
    unit: Unit = "areas",
    n_bootstrap: int = 999,
    confidence: float = 0.95,
    random_state: int = 0,
    options: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Measure with standard error and percentile interval; several measures share the same draws.

    The interval runs between percentiles of the draws: for 95 % between the 2.5th and the 97.5th. What
    it means when the areas are all there are, and its limits with few areas, stands at the top of this
    module. Measures of segregation are biased upwards in small areas; the bootstrap does not mend that.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period. Areas where `weight` or `total` is 0 are left out and counted in
        ``n_missing``; other missing values are errors.
    measure : str, Measure, function, or a list of these
        A name of ``segregation.MEASURES`` (with `group` and `total`), or of ``inequality.MEASURES`` or
        ``polarization.MEASURES`` (with `values`), or a function of one table that returns a number.
    values, weight : str, optional
        Columns with the value of each area and its population.
    group, total : str, optional
        Columns with the count of the group and of everyone, per area.
    unit : {"areas", "people"}
        ``"areas"``: areas are drawn with replacement. ``"people"``: the areas stay, people are drawn; the
        group, and everyone else, each by its distribution over the areas (multinomial). Needs `group`
        and `total` in whole numbers. It adds sampling noise to the noise that is there already, so
        evenness measures come out somewhat higher in the draws than in the data.
    n_bootstrap : int
        Number of draws. A draw on which a measure is not defined (say, no area with the group) is drawn
        again for all measures, with a `DataWarning` that counts them.
    confidence : float
        Between 0 and 1.
    random_state : int
        Seed; the same seed gives the same answer.
    options : mapping, optional
        Further arguments of the measures, such as ``{"b": 0.1}`` for Atkinson's index.

    Returns
    -------
    pandas.DataFrame
        Tidy table, one row per measure.

    Raises
    ------
    InputError
        When columns and measure do not go together, values are missing, the table has several periods,
        or more than a tenth of the draws had to be drawn again.
    UnknownNameError
        When a measure, option or column does not exist.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.

    Examples
    --------
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> table = bootstrap(areas, "dissimilarity", group="group", total="total", unit="people")
    >>> round(table.loc[0, "value"], 6)
    np.float64(0.6)
    """
    check_choice(unit, ("areas", "people"), argument="unit")
    check_count(n_bootstrap, argument="n_bootstrap", least=2)
    _check_confidence(confidence)
    rng = _generator(random_state)
    columns = columns_for(values, weight, group, total)
    scorers = scorers_for(measure, columns, options)
    rows, n_missing = one_period(data, columns)
    observed = score(scorers, rows.frame)
    if unit == "people":
        people = partial(_people, *counts(rows), rng)
        draws = _all_draws(lambda size: rows.by_people(*people(size)).score(scorers), len(rows), n_bootstrap)
    else:
        draws = _all_draws(
            lambda size: rows.by_area(_positions(len(rows), rng, size)).score(scorers), len(rows), n_bootstrap
        )
    found = _summary(scorers, observed, draws, confidence)
    return _table(
        found, period=_period(data), group=columns.group, n_areas=len(rows.frame), n_missing=n_missing
    )


def permutation_test(
    data: pd.DataFrame,
    measure: Measures,
    *,
    group: str,
    total: str,
    n_permutations: int = 999,
    random_state: int = 0,
    options: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Test whether a group is spread more unevenly than if everyone lived in a home drawn by lot.

    People are moved between areas at random; the size of every area and of the group stay as they are
    (multivariate hypergeometric counts). With small areas or a small group chance alone makes measures
    far above 0: ``expected`` says how far. The test is of chance, not of size: with thousands of people
    nearly any difference is more than chance. There is no such test for measures of values (such as
    Wolfson's): values of areas do not say how people would be moved.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period. Areas where `total` is 0 are left out and counted in ``n_missing``.
    measure : str, Measure, function, or a list of these
        A name of ``segregation.MEASURES``, or a function of one table that returns a number.
    group, total : str
        Columns with the count of the group and of everyone, whole numbers.
    n_permutations, random_state : int
        Number of random placements, and seed.
    options : mapping, optional
        Further arguments of the measures.

    Returns
    -------
    pandas.DataFrame
        Tidy table, one row per measure, with ``p_value``, the chance of a value as high or higher,
        (1 + number of placements with one) / (1 + number of placements), and ``expected``, the mean over the
        placements. ``se`` is their standard deviation; there is no interval (NaN).

    Raises
    ------
    InputError
        When counts are missing or not whole numbers, or the measure is one of values.
    UnknownNameError
        When a measure, option or column does not exist.

    References
    ----------
    Good, P. (2005). Permutation, Parametric, and Bootstrap Tests of Hypotheses. Springer. Boisso, D.
    et al. (1994). Occupational segregation in the multidimensional case. Journal of Econometrics 61,
    161-171.

    Examples
    --------
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> table = permutation_test(areas, "dissimilarity", group="group", total="total")
    >>> table[["value", "p_value"]].round(3).values.tolist()
    [[0.6, 0.001]]
    """
    check_count(n_permutations, argument="n_permutations")
    rng = _generator(random_state)
    columns = columns_for(None, None, group, total)
    scorers = scorers_for(measure, columns, options)
    rows, n_missing = one_period(data, columns)
    observed = score(scorers, rows.frame)
    inside, rest = counts(rows)
    everyone = inside + rest
    placed = rng.multivariate_hypergeometric(everyone, int(inside.sum()), n_permutations, method="marginals")
    draws = rows.by_people(placed, everyone - placed).score(scorers)
    as_high = draws >= observed - _EQUAL * np.maximum(1, np.abs(observed))
    found = _summary(scorers, observed, draws, None)
    found["p_value"] = (1 + as_high.sum(axis=0)) / (1 + n_permutations)
    found["expected"] = draws.mean(axis=0)
    return _table(found, period=_period(data), group=group, n_areas=len(rows.frame), n_missing=n_missing)


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
    n_bootstrap: int = 999,
    confidence: float = 0.95,
    random_state: int = 0,
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
    measure, values, weight, group, total, options
        As for `bootstrap`. Population is that of each period.
    first, last : int
        The periods; the change is last minus first.
    n_bootstrap, random_state : int
        Number of draws, and seed.
    confidence : float
        Between 0 and 1, of the percentile interval.

    Returns
    -------
    pandas.DataFrame
        Tidy table, one row per measure, with ``p_value``. ``period`` reads like ``"2020–2023"``,
        ``n_areas`` counts the areas compared, ``n_missing`` those left out because they lack a row, a
        value or inhabitants in one of the periods.

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
    check_count(n_bootstrap, argument="n_bootstrap", least=2)
    _check_confidence(confidence)
    rng = _generator(random_state)
    columns = columns_for(values, weight, group, total)
    scorers = scorers_for(measure, columns, options)
    before, after, n_missing = _paired(panel, first, last, columns)
    then, now = (rows_for(rows, columns) for rows in (before, after))

    def change(size: int) -> Floats:
        chosen = _positions(len(now), rng, size)
        return now.by_area(chosen).score(scorers) - then.by_area(chosen).score(scorers)

    observed = score(scorers, now.frame) - score(scorers, then.frame)
    draws = _all_draws(change, len(now), n_bootstrap)
    found = _summary(scorers, observed, draws, confidence)
    as_large = np.abs(draws - observed) >= np.abs(observed) - _EQUAL
    found["p_value"] = (1 + as_large.sum(axis=0)) / (1 + n_bootstrap)
    period = f"{first}–{last}"
    return _table(found, period=period, group=columns.group, n_areas=len(before), n_missing=n_missing)


def usable_areas(
    data: pd.DataFrame,
    *,
    values: str | None = None,
    weight: str | None = None,
    group: str | None = None,
    total: str | None = None,
) -> pd.Series[bool]:
    """Tell which rows a measure can use: nothing missing in the columns, and more than 0 inhabitants.

    Raises
    ------
    InputError
        When the columns do not go together or hold text.
    UnknownNameError
        When a column does not exist.

    Examples
    --------
    >>> areas = pd.DataFrame({"income": [250.0, None, 300.0], "population": [900.0, 800.0, 0.0]})
    >>> usable_areas(areas, values="income", weight="population").tolist()
    [True, False, False]
    """
    return usable(data, columns_for(values, weight, group, total))


def _paired(
    panel: pd.DataFrame, first: int, last: int, columns: Columns
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Return the rows of the areas usable in both periods, in one order, and how many areas are not."""
    check_keys(panel)
    at_hand = sorted(panel["period"].unique().tolist())
    absent = [period for period in (first, last) if period not in at_hand]
    if absent:
        fix = f"Periods at hand: {', '.join(map(str, at_hand))}."
        raise UnknownNameError(message("period", "is not in the panel", absent, fix))
    if first >= last:
        raise InputError(message("first", f"is {first}, must come before last ({last})"))
    rows = panel[panel["period"].isin([first, last])]
    filled = rows[usable(rows, columns)]
    before, after = (filled[filled["period"] == period].set_index("area_id") for period in (first, last))
    both = before.index[before.index.isin(after.index)]
    if both.empty:
        fix = "Check in which periods the columns have values."
        raise InputError(message("panel", f"has no area with values in both {first} and {last}", fix=fix))
    n_missing = rows["area_id"].nunique() - len(both)
    return before.loc[both].reset_index(), after.loc[both].reset_index(), n_missing


def _positions(n: int, rng: np.random.Generator, size: int) -> Counts:
    """Draw positions of areas with replacement, one draw per line."""
    return rng.integers(n, size=(size, n))


def _people(inside: Counts, rest: Counts, rng: np.random.Generator, size: int) -> tuple[Counts, Counts]:
    """Draw the group, and everyone else, by their distributions over the areas, one draw per line."""
    of_group, of_rest = (rng.multinomial(n.sum(), n / max(n.sum(), 1), size=size) for n in (inside, rest))
    return of_group, of_rest


def _all_draws(rate: Callable[[int], Floats], n_areas: int, size: int) -> Floats:
    """Score as many draws as asked for, in blocks; draw anew where a measure is not defined."""
    block = max(1, _BLOCK // max(n_areas, 1))
    parts: list[Floats] = []
    have = redrawn = 0
    while have < size:
        scores = rate(min(block, size - have))
        defined = scores[~np.isnan(scores).any(axis=1)]
        parts.append(defined)
        have, redrawn = have + len(defined), redrawn + len(scores) - len(defined)
        if redrawn > _MOST_REDRAWN * size:
            rule = f"is not defined on {redrawn} of {size} draws"
            raise InputError(message("measure", rule, fix="There are too few areas for an interval."))
    if redrawn:
        rule = f"{redrawn} of {size} draws were drawn again, because a measure was not defined on them"
        warnings.warn(message("measure", rule), DataWarning, stacklevel=3)
    return np.concatenate(parts)


def _summary(
    scorers: list[Scorer], observed: Floats, draws: Floats, confidence: float | None
) -> pd.DataFrame:
    """Return value, standard error and percentile interval per measure."""
    many = len(draws) > 1
    found = pd.DataFrame({"measure": [scorer.name for scorer in scorers], "value": observed})
    found["se"] = draws.std(axis=0, ddof=1) if many else np.nan
    tail = (1 - (confidence or 0)) / 2
    ends = np.quantile(draws, [tail, 1 - tail], axis=0)
    found["ci_low"], found["ci_high"] = ends if confidence is not None else (np.nan, np.nan)
    return found


def _table(
    found: pd.DataFrame, *, period: int | str, group: str | None, n_areas: int, n_missing: int
) -> pd.DataFrame:
    """Complete rows to the tidy table; what a test adds comes last."""
    common = {
        "period": period,
        "region": "",
        "group": group or "",
        "n_areas": n_areas,
        "n_missing": n_missing,
    }
    full = found.assign(**common)
    return full[[*TIDY, *[column for column in full if column not in TIDY]]]


def _period(data: pd.DataFrame) -> int | str:
    """Return the one period of a table, empty where it has none."""
    return int(data["period"].iloc[0]) if "period" in data else ""


def _generator(random_state: int) -> np.random.Generator:
    """Return a generator for a seed."""
    return np.random.default_rng(check_count(random_state, argument="random_state", least=0))


def _check_confidence(confidence: float) -> None:
    """Check a level of confidence."""
    if not 0 < confidence < 1:
        raise InputError(message("confidence", f"is {confidence!r}, must lie between 0 and 1, such as 0.95"))
