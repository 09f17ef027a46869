"""What if only sizes had changed: one period's structure with the other's margins, as a table of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.errors import message, warn
from segkit.measures.decomposition.periods import (
    NOTABLE,
    first_as_last,
    other_fill,
    two_periods,
    warn_of_zeros,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def counterfactual(
    panel: pd.DataFrame,
    *,
    groups: Sequence[str],
    structure: int,
    margins: int,
    fill: float = 1e-9,
    tolerance: float = 1e-10,
) -> pd.DataFrame:
    """Give one period the sizes of areas and groups of another, as a table of counts.

    The odds ratios are those of `structure`, the margins those of `margins` (see `fit_margins`). Any
    measure of the table compared with the same measure of the period `margins` says what the change of
    structure has done, sizes held equal; compared with the period `structure`, what the sizes have done.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period, with ``area_id`` and ``period``. An area without a row, or with 0 in
        every group, counts as not present in that period.
    groups : sequence of str
        Columns with the count of each group; together they are everyone.
    structure, margins : int
        The period whose odds ratios, and the one whose sizes of areas and groups, the table gets.
    fill : float
        Number of people put in place of each 0 of `structure`, see `change_in_information`.
    tolerance : float
        How closely the table meets the margins, as a share of each.

    Returns
    -------
    pandas.DataFrame
        ``area_id`` and one column per group, in people of the period `margins`, not whole numbers: a
        calculation, not figures of any year. Only areas and groups with members in both periods.

    Raises
    ------
    UnknownNameError, InputError
        As for `change_in_information`.

    Warns
    -----
    DataWarning
        If areas or groups are left out because they have members in one period only, or more than 1 per
        cent of the people would be in other cells with a thousandth of the smallest count in place of each 0.

    References
    ----------
    Elbers, B. (2021). A method for studying differences in segregation across time and space. Sociological
    Methods & Research 52(1), 5-42.

    Examples
    --------
    How uneven would 2023 have been, had only the sizes of areas and groups changed since 2020?

    >>> import pandas as pd
    >>> from segkit import segregation
    >>> panel = pd.DataFrame(
    ...     {
    ...         "area_id": ["a", "b", "a", "b"],
    ...         "period": [2020, 2020, 2023, 2023],
    ...         "low": [80, 20, 90, 60],
    ...         "high": [20, 80, 30, 120],
    ...     }
    ... )
    >>> table = counterfactual(panel, groups=["low", "high"], structure=2020, margins=2023)
    >>> table.round(1).to_dict("list")
    {'area_id': ['a', 'b'], 'low': [102.3, 47.7], 'high': [17.7, 132.3]}
    >>> table["total"] = table[["low", "high"]].sum(axis=1)
    >>> round(segregation.dissimilarity(table, group="low", total="total"), 4)
    0.5637
    """
    data = two_periods(panel, groups=groups, periods=(structure, margins))
    left_out = [
        name
        for names, kept in ((data.areas, data.in_areas), (data.groups, data.in_groups))
        for name, is_kept in zip(names, kept, strict=True)
        if not is_kept
    ]
    if left_out:
        rule = f"areas or groups without members in both {structure} and {margins} are left out"
        warn(message("panel", rule, left_out))
    fitted = first_as_last(data, fill=fill, tolerance=tolerance)
    if (other := other_fill(data.common[0])) is not None:
        moved = np.abs(first_as_last(data, fill=other, tolerance=tolerance) - fitted).sum() / 2
        if moved > NOTABLE * fitted.sum():
            rule = f"with {fill:g} in place of 0, {moved / fitted.sum():.1%} of the people are in other cells"
            warn_of_zeros(f"{rule} than with {other:g}, a thousandth of the smallest count")
    table = pd.DataFrame(fitted, columns=data.common_groups)
    table.insert(0, "area_id", data.common_areas)
    return table
