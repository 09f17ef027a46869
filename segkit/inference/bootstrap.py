"""Measures with standard errors and percentile intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from segkit.base.blocks import Draw, Progress, Run
from segkit.base.checks import Floats, check_choice, check_count
from segkit.base.tidy import period_of
from segkit.errors import InputError, message
from segkit.inference import draws as resampling
from segkit.inference.draws import Counts, Draws, Rows, one_period
from segkit.inference.scoring import Measures, Scorer, columns_for, score, scorers_for
from segkit.inference.suppressed import Cells, Suppressed, uncertain
from segkit.inference.tidy import check_confidence, summary, tidy, warn_of_one_area

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

Unit = Literal["areas", "people", "both"]
UNITS = ("areas", "people", "both")


def bootstrap(
    data: pd.DataFrame,
    measure: Measures,
    *,
    values: str | None = None,
    weight: str | None = None,
    group: str | None = None,
    total: str | None = None,
    groups: Sequence[str] | None = None,
    unit: Unit = "areas",
    suppressed: Suppressed = None,
    n_bootstrap: int = 999,
    confidence: float = 0.95,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Progress = None,
    options: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Measure with standard error and percentile interval; several measures share the same draws.

    The interval runs between percentiles of the draws: for 95 % between the 2.5th and the 97.5th. What
    it means when the areas are all there are, and its limits with few areas, stands at the top of this
    module. Measures of segregation are biased upwards in small areas; `debias` mends that, this does not.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period. Areas where nobody lives (`weight`, `total` or all `groups` 0) are
        left out and counted in ``n_missing``; other missing values are errors.
    measure : str, Measure, function, or a list of these
        A name of ``segregation.MEASURES`` (with `group` and `total`, or `groups`), or of
        ``inequality.MEASURES`` or ``polarization.MEASURES`` (with `values`), or a function of one table
        that returns a number.
    values, weight : str, optional
        Columns with the value of each area and its population.
    group, total : str, optional
        Columns with the count of the group and of everyone, per area.
    groups : sequence of str, optional
        Columns with the count of each group (or of each bracket, in order), for measures of several.
    unit : {"areas", "people", "both"}
        ``"areas"``: areas are drawn with replacement. ``"people"``: the areas stay, people are drawn;
        each group (the group and everyone else, or each of `groups`) by its distribution over the areas
        (multinomial). ``"both"``: areas are drawn, then the people of each area by its composition.
        People need whole numbers. Drawing people adds sampling noise to the noise that is there already,
        so evenness measures come out higher in the draws than in the data. Spatial measures can only be
        drawn by people: an area drawn twice would lie in one place twice.
    suppressed : mapping, optional
        What cells can be that were suppressed or rounded: column -> ``(least, most)`` for its missing
        cells, such as ``{"group": (1, 2)}``, or the names of two columns with the ends for each area. In
        each draw such a cell is a whole number between its ends, each as likely; in ``value`` it is the
        middle, but a group never more than its total. ``if_least`` and ``if_most`` are the value with all
        such cells at one end.
    n_bootstrap : int
        Number of draws. A draw on which a measure is not defined (say, no area with the group) is drawn
        again for all measures, with a `DataWarning` that counts them.
    confidence : float
        Between 0 and 1.
    random_state : int
        Seed; the same seed gives the same answer.
    n_jobs : int
        Number of threads, -1 for one per core; it changes the time only.
    progress : bool or callable, optional
        True shows a bar, False nothing, None (default) a bar in a terminal; a function is called with
        the number of draws done and wanted.
    options : mapping, optional
        Further arguments of the measures, such as ``{"b": 0.1}`` for Atkinson's index.

    Returns
    -------
    pandas.DataFrame
        Tidy table, one row per measure; with `suppressed` also ``if_least`` and ``if_most``. With one
        area alone nothing varies: a `DataWarning` says that the interval is empty.

    Raises
    ------
    InputError
        When columns and measure do not go together, values are missing, the table has several periods,
        or more than a tenth of the draws had to be drawn again.
    UnknownNameError
        When a measure, option or column does not exist.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall. Davison,
    A. C. and Hinkley, D. V. (1997). Bootstrap Methods and Their Application, section 3.8 (both levels).

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> table = bootstrap(areas, "dissimilarity", group="group", total="total", unit="people")
    >>> round(table.loc[0, "value"], 6)
    np.float64(0.6)

    One count is suppressed; it is 1 or 2:

    >>> areas = pd.DataFrame({"group": [None, 60, 40, 0], "total": [100, 100, 100, 100]})
    >>> table = bootstrap(
    ...     areas, "isolation", group="group", total="total", unit="people", suppressed={"group": (1, 2)}
    ... )
    >>> table[["if_least", "if_most"]].round(4).values.tolist()
    [[0.515, 0.5102]]
    """
    check_choice(unit, UNITS, argument="unit")
    check_count(n_bootstrap, argument="n_bootstrap", least=2)
    check_confidence(confidence)
    run = Run(random_state, n_jobs, progress)
    columns = columns_for(values, weight, group, total, groups)
    scorers = scorers_for(measure, columns, options)
    check_unit(unit, scorers)
    data, cells = uncertain(data, columns, suppressed)
    rows, n_missing = one_period(data, columns, keep_empty=spatial(scorers))
    warn_of_one_area(rows.n_inhabited)
    cells = None if cells is None else cells.at(rows)
    observed = score(scorers, rows.frame)
    draws = run.collect(
        _drawer(rows, scorers, unit, cells), n_bootstrap, cells=rows.cells, one_by_one=any_own(scorers)
    )
    found = summary(scorers, observed, draws, confidence)
    if cells is not None:
        found["if_least"] = score(scorers, cells.table(rows, cells.low))
        found["if_most"] = score(scorers, cells.table(rows, cells.high))
    return tidy(found, columns, period=period_of(data), n_areas=rows.n_inhabited, n_missing=n_missing)


def _drawer(rows: Rows, scorers: list[Scorer], unit: Unit, cells: Cells | None) -> Draw:
    """Return the function that draws and scores a block."""
    ready = [scorer.at(rows.frame) for scorer in scorers]
    known = rows.whole_parts() if unit != "areas" and cells is None else None

    def draw(rng: np.random.Generator, size: int) -> Floats:
        base = known if cells is None else cells.draw(rng, size)
        return drawn(rows, rng, size, unit, base).score(ready)

    return draw


def drawn(rows: Rows, rng: np.random.Generator, size: int, unit: Unit, base: Counts | None) -> Draws:
    """Draw a block by areas, people or both."""
    if unit == "areas" or base is None:
        return resampling.areas(rows, rng, size, base)
    return (resampling.people if unit == "people" else resampling.both)(rows, rng, size, base)


def check_unit(unit: str, scorers: list[Scorer]) -> None:
    """Check that the measures can be drawn so."""
    if unit != "people" and spatial(scorers):
        names = [scorer.name for scorer in scorers if scorer.kind == "spatial"]
        rule = f"is {unit!r}, but an area drawn twice would lie in one place twice in"
        raise InputError(message("unit", rule, names, "Use unit='people'."))


def spatial(scorers: list[Scorer]) -> bool:
    """Tell whether a measure needs the places of the areas, the empty ones too."""
    return any(scorer.kind == "spatial" for scorer in scorers)


def any_own(scorers: list[Scorer]) -> bool:
    """Tell whether a measure is a user's function, which may not bear several threads."""
    return any(scorer.own for scorer in scorers)
