"""A measure per period, each with its interval."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from segkit.base.checks import check_keys
from segkit.errors import InputError, UnknownNameError, message
from segkit.inference.bootstrap import bootstrap
from segkit.inference.scoring import columns_for, usable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segkit.base.blocks import Progress
    from segkit.inference.bootstrap import Unit
    from segkit.inference.scoring import Measures


def by_period(
    panel: pd.DataFrame,
    measures: Measures,
    *,
    values: str | None = None,
    weight: str | None = None,
    group: str | None = None,
    total: str | None = None,
    groups: Sequence[str] | None = None,
    periods: Sequence[int] | None = None,
    unit: Unit = "areas",
    n_bootstrap: int = 999,
    confidence: float = 0.95,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Progress = None,
    options: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Measure each period, with intervals from areas (or people) drawn with replacement.

    Overlapping intervals of two periods do not mean that nothing changed: the areas are the same and
    resemble themselves. Test a change with `inference.compare_periods`.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period. Areas that lack a figure, or inhabitants, in a period are left out
        of it and counted in its ``n_missing``.
    measures, values, weight, group, total, groups, unit, options
        As for `inference.bootstrap`. Spatial measures need ``unit="people"``.
    periods : sequence of int, optional
        The periods wanted; without it all in which the columns have figures.
    n_bootstrap, random_state : int
        Number of draws, and seed.
    confidence : float
        Between 0 and 1, of the percentile intervals.
    n_jobs : int
        Number of threads, -1 for one per core; it changes the time only.
    progress : bool or callable, optional
        As for `inference.bootstrap`, for each period.

    Returns
    -------
    pandas.DataFrame
        Tidy table, one row per measure and period, by measure and then period.

    Raises
    ------
    InputError
        When a period has no figures, or as for `inference.bootstrap`.
    UnknownNameError
        When a period, measure, option or column does not exist.

    Examples
    --------
    >>> from segkit import areas, trends
    >>> panel = areas.load_example("kalmar", "regso")
    >>> table = trends.by_period(panel, "gini", values="mean_wage_income", weight="population")
    >>> table["period"].tolist()[0], table["period"].tolist()[-1], len(table)
    (2020, 2023, 4)
    """
    check_keys(panel)
    columns = columns_for(values, weight, group, total, groups)
    filled = usable(panel, columns)
    # Nobody lives there, but the land counts in spatial measures.
    empty = (columns.people(panel) == 0) if columns.counts else False
    parts = []
    for period in _periods(panel, filled, periods):
        here = panel["period"] == period
        table = bootstrap(
            panel[here & (filled | empty)],
            measures,
            values=values,
            weight=weight,
            group=group,
            total=total,
            groups=groups,
            unit=unit,
            n_bootstrap=n_bootstrap,
            confidence=confidence,
            random_state=random_state,
            n_jobs=n_jobs,
            progress=progress,
            options=options,
        )
        parts.append(table.assign(n_missing=int((here & ~filled).sum())))
    order = {name: place for place, name in enumerate(parts[0]["measure"])}
    return pd.concat(parts).sort_values(
        "measure", key=lambda m: m.map(order), kind="stable", ignore_index=True
    )


def _periods(panel: pd.DataFrame, known: pd.Series[bool], wanted: Sequence[int] | None) -> list[int]:
    """Return the periods to measure, each with figures."""
    filled = sorted(panel.loc[known, "period"].unique().tolist())
    if not filled:
        fix = "Check the names of the columns, and whether they have figures in the same periods."
        raise InputError(message("panel", "has no row with figures in all the columns", fix=fix))
    if wanted is None:
        return filled
    if isinstance(wanted, str) or not isinstance(wanted, Iterable):
        raise InputError(message("periods", f"is {wanted!r}, must be a list of years", fix="Such as [2020]."))
    wanted = list(wanted)
    absent = [period for period in wanted if period not in filled]
    if absent or not wanted:
        fix = f"Periods with figures: {', '.join(map(str, filled))}."
        raise UnknownNameError(message("periods", "have no figures", absent, fix))
    return sorted(set(wanted))
