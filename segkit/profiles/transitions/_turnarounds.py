"""Areas that left the weakest profiles, and when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segkit.base.checks import check_count, numbers
from segkit.errors import InputError, message
from segkit.profiles.transitions._input import Missing, rows_with, spread, warn_left_out


def turnarounds(
    panel: pd.DataFrame,
    column: str,
    *,
    weakest: int = 1,
    at_least: int = 1,
    missing: Missing = "raise",
) -> pd.DataFrame:
    """Find the areas that started in the weakest profiles and ended in a stronger one, and since when.

    Profiles are mostly relative to the other areas of the same period, so an area can turn around
    because others fell behind; look at its indicators too. Some areas rise without any change of course:
    `turnaround_test` compares with chance and regression to the mean.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period, with ``area_id`` and ``period``.
    column : str
        The profile as a number, 1 for the weakest, higher for stronger (`Profiles`; the official
        area types are numbered the same way).
    weakest : int
        The weakest profiles are those up to this number.
    at_least : int
        How many profiles higher than at the start an area must end.
    missing : {"raise", "drop"}
        A missing profile is an error, or its row is taken as absent.

    Returns
    -------
    pandas.DataFrame
        One row per such area, the largest rise first: ``area_id``, ``name`` where the panel has it
        (of the last period), ``start`` and ``end`` (profiles in the first and last period of the
        panel), ``rise``, ``since`` (the period from which the area has been above the weakest profiles
        without a break, as far as it has a profile) and ``n_periods`` (how many periods that is).
        Empty when there is none. Areas without a profile in the first or last period are left out and
        counted by a `DataWarning`.

    Raises
    ------
    InputError
        When the panel has fewer than two periods, or profiles are missing or not whole numbers from 1.
    UnknownNameError
        When a column is missing.

    Examples
    --------
    >>> panel = pd.DataFrame({"area_id": ["a"] * 3 + ["b"] * 3, "period": [2020, 2021, 2022] * 2,
    ...                       "profile": [1, 1, 3, 1, 2, 1]})
    >>> turnarounds(panel, "profile")[["area_id", "rise", "since"]].to_numpy().tolist()
    [['a', 2, 2022]]
    """
    check_count(weakest, argument="weakest")
    check_count(at_least, argument="at_least")
    rows = rows_with(panel, column, missing=missing)
    profile = numbers(rows, column)
    if (profile < 1).any() or (profile != np.round(profile)).any():
        fix = "Number the profiles from the weakest (1) to the strongest."
        raise InputError(message(column, "must be whole numbers from 1", fix=fix))
    wide, areas, periods = spread(rows, profile, empty=np.nan)
    start, end = wide[:, 0], wide[:, -1]
    known = ~np.isnan(start) & ~np.isnan(end)
    warn_left_out("panel", areas[~known], len(areas), "a profile in the first or the last period")
    turned = known & (start <= weakest) & (end > weakest) & (end - start >= at_least)
    # Periods without a profile break nothing, and are not counted.
    weak = wide[turned] <= weakest
    since = weak.shape[1] - np.argmax(weak[:, ::-1], axis=1)
    seen = ~np.isnan(wide[turned])
    after = seen & (np.arange(weak.shape[1]) >= since[:, None])
    table = pd.DataFrame(
        {
            "area_id": areas[turned],
            "start": start[turned].astype(int),
            "end": end[turned].astype(int),
            "rise": (end - start)[turned].astype(int),
            "since": np.asarray(periods)[np.argmax(after, axis=1)],
            "n_periods": after.sum(axis=1),
        }
    )
    if "name" in rows:
        last = rows[rows["period"] == periods[-1]].set_index("area_id")["name"]
        table.insert(1, "name", table["area_id"].map(last))
    return table.sort_values(["rise", "area_id"], ascending=[False, True], ignore_index=True)
