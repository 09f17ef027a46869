"""Tests against chance: people placed by lot over the areas, or populations placed by lot on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from segkit.base.blocks import Progress, Run
from segkit.base.checks import Floats, as_floats, check_choice, check_count
from segkit.base.digits import EQUAL
from segkit.base.tidy import period_of
from segkit.errors import InputError, message
from segkit.inference import draws as resampling
from segkit.inference.bootstrap import any_own, spatial
from segkit.inference.draws import one_period
from segkit.inference.scoring import Measures, columns_for, score, scorers_for
from segkit.inference.tidy import summary, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segkit.inference.scoring import Scorer

Alternative = Literal["greater", "less", "two_sided"]


def permutation_test(
    data: pd.DataFrame,
    measure: Measures,
    *,
    group: str | None = None,
    total: str | None = None,
    groups: Sequence[str] | None = None,
    unit: Literal["people", "areas"] = "people",
    alternative: Alternative = "greater",
    n_permutations: int = 999,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Progress = None,
    options: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Test whether groups are spread more unevenly than if everyone lived in a home drawn by lot.

    People are moved between areas at random; the size of every area and of every group stays as it is
    (multivariate hypergeometric counts). With small areas or a small group chance alone makes measures
    far above 0: ``expected`` says how far. The test is of chance, not of size: with thousands of people
    nearly any difference is more than chance. For spatial measures there is a second question, whether
    the areas lie where they lie by chance: ``unit="areas"`` lets the populations of the inhabited areas
    change places. There is no such test for measures of values (such as Wolfson's): values of areas do
    not say how people would be moved.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period. Areas where nobody lives are left out and counted in ``n_missing``;
        spatial measures keep their land.
    measure : str, Measure, function, or a list of these
        A name of ``segregation.MEASURES``, or a function of one table that returns a number.
    group, total : str, optional
        Columns with the count of the group and of everyone, whole numbers.
    groups : sequence of str, optional
        Columns with the count of each group, whole numbers, for measures of several groups.
    unit : {"people", "areas"}
        What is placed at random. ``"areas"`` is for spatial measures alone: the others do not change
        when populations change places.
    alternative : {"greater", "less", "two_sided"}
        Which values speak against chance: as high or higher, as low or lower, or either (twice the
        smaller of the two chances, at most 1).
    n_permutations, random_state : int
        Number of random placements, and seed; the same seed gives the same answer.
    n_jobs : int
        Number of threads, -1 for one per core; it changes the time only.
    progress : bool or callable, optional
        As for `bootstrap`.
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
        When counts are missing or not whole numbers, the measure is one of values, or areas would be
        permuted for a measure without places.
    UnknownNameError
        When a measure, option or column does not exist.

    References
    ----------
    Good, P. (2005). Permutation, Parametric, and Bootstrap Tests of Hypotheses. Springer. Boisso, D.
    et al. (1994). Occupational segregation in the multidimensional case. Journal of Econometrics 61,
    161-171.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> table = permutation_test(areas, "dissimilarity", group="group", total="total")
    >>> table[["value", "p_value"]].round(3).values.tolist()
    [[0.6, 0.001]]
    """
    check_count(n_permutations, argument="n_permutations")
    check_choice(unit, ("people", "areas"), argument="unit")
    check_choice(alternative, ("greater", "less", "two_sided"), argument="alternative")
    run = Run(random_state, n_jobs, progress)
    columns = columns_for(None, None, group, total, groups)
    if not columns.counts:
        fix = "Give group= and total=, or groups=."
        raise InputError(message("group", "is missing; people can only be placed from counts", fix=fix))
    scorers = scorers_for(measure, columns, options)
    _check_unit(unit, scorers)
    rows, n_missing = one_period(data, columns, keep_empty=spatial(scorers))
    observed = score(scorers, rows.frame)
    ready = [scorer.at(rows.frame) for scorer in scorers]
    people = rows.whole_parts() if unit == "people" else None

    def draw(rng: np.random.Generator, size: int) -> Floats:
        if people is None:
            return resampling.swapped_areas(rows, rng, size, rows.parts()).score(ready)
        return resampling.placements(rows, rng, size, people).score(ready)

    draws = run.collect(draw, n_permutations, cells=rows.cells, one_by_one=any_own(scorers))
    found = summary(scorers, observed, draws, None)
    found["p_value"] = _chance(observed, draws, alternative)
    found["expected"] = draws.mean(axis=0)
    return tidy(found, columns, period=period_of(data), n_areas=rows.n_inhabited, n_missing=n_missing)


def _chance(observed: Floats, draws: Floats, alternative: str) -> Floats:
    """Return the chance of a value as extreme; the pattern at hand counts as one."""
    slack = EQUAL * np.maximum(1, np.abs(observed))
    high, low = (
        (1 + as_extreme.sum(axis=0)) / (1 + len(draws))
        for as_extreme in (draws >= observed - slack, draws <= observed + slack)
    )
    if alternative == "two_sided":
        return np.asarray(np.minimum(1.0, 2 * np.minimum(high, low)), dtype=np.float64)
    return np.asarray(high if alternative == "greater" else low, dtype=np.float64)


def _check_unit(unit: str, scorers: list[Scorer]) -> None:
    """Check that the measures can change when areas change places."""
    blind = [scorer.name for scorer in scorers if scorer.kind != "spatial" and not scorer.own]
    if unit == "areas" and blind:
        rule = "is 'areas', but populations that change places do not change"
        raise InputError(message("unit", rule, blind, "Use unit='people', or a spatial measure."))


def false_discovery_rate(p_values: Any, *, method: Literal["bh", "by"] = "bh") -> pd.Series | Floats:
    """Adjust p-values of many tests, so that a limit holds the share of false findings among the found.

    With one test per area, one in twenty has p < .05 by chance alone. Areas whose adjusted value is below
    .05 are a set of which at most 5 % are expected to be false findings.

    Parameters
    ----------
    p_values : array-like
        One p-value per area, 0 to 1. Missing ones (areas without a test) stay missing and are not counted
        as tests.
    method : {"bh", "by"}
        ``"bh"``: Benjamini and Hochberg, for tests that are independent or positively dependent, as those
        of neighboring areas. ``"by"``: Benjamini and Yekutieli, for any dependence; stricter.

    Returns
    -------
    pandas.Series or numpy.ndarray
        Adjusted p-values (q-values), never below the p-values; a Series with the same index when a Series
        is given.

    Raises
    ------
    InputError
        When a value is not a p-value, or none is given.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57(1), 289-300. Benjamini, Y. and Yekutieli, D. (2001). Annals of Statistics 29,
    1165-1188.

    Examples
    --------
    >>> false_discovery_rate([0.01, 0.02, 0.03, 0.5]).round(3).tolist()
    [0.04, 0.04, 0.04, 0.5]
    """
    from scipy.stats import false_discovery_control

    check_choice(method, ("bh", "by"), argument="method")
    p = as_floats(p_values, argument="p_values")
    if p.ndim != 1 or np.isnan(p).all():
        raise InputError(message("p_values", "must be one dimension with at least one value"))
    wrong = (p < 0) | (p > 1)
    if wrong.any():
        raise InputError(message("p_values", "must be between 0 and 1", p[wrong].tolist()))
    tested = ~np.isnan(p)
    adjusted = np.full_like(p, np.nan)
    adjusted[tested] = false_discovery_control(p[tested], method=method)
    return pd.Series(adjusted, index=p_values.index) if isinstance(p_values, pd.Series) else adjusted
