"""The gate of the measures of several groups: counts per area and group, checked, as one array."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit._validate import check_choice, check_columns, complete, numbers
from segkit.errors import InputError, message
from segkit.segregation._input import check_table, column_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from segkit._validate import Floats
    from segkit.segregation._input import Mask


def group_table(
    data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise", argument: str = "groups"
) -> Floats:
    """Return the counts of areas with people, areas along the first axis and groups along the second.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period.
    groups : sequence of str
        Two or more columns with the count of each group per area. Nobody belongs to two of them, and
        together they are everyone the measure is about. A group that is empty everywhere is allowed and
        contributes nothing, as does an area where every group is 0.
    missing : {"raise", "drop"}
        Whether a missing count is an error or leaves its area out. A missing count among zeros is missing
        too, since nobody knows how many people the area has.
    argument : str
        What the caller calls `groups`, for errors.

    Returns
    -------
    numpy.ndarray
        Every row has people; at least two columns have.

    Raises
    ------
    UnknownNameError
        If a column is missing.
    InputError
        If fewer than two different columns are named, a count is negative, missing, infinite or text,
        nobody lives anywhere, everyone is in one group, or the table holds several periods.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"young": [10, 0, 30], "middle": [20, 0, 5], "old": [5, 0, 0]})
    >>> group_table(areas, groups=["young", "middle", "old"])
    array([[10., 20.,  5.],
           [30.,  5.,  0.]])
    """
    counts, inhabited, _ = group_rows(data, groups=groups, missing=missing, argument=argument)
    return counts[inhabited]


def group_rows(
    data: pd.DataFrame, *, groups: Sequence[str], missing: str = "raise", argument: str = "groups"
) -> tuple[Floats, Mask, Mask]:
    """Return the counts of every row, which rows have people, and which have a missing count.

    Checked as in `group_table`, for results that are aligned with the rows.
    """
    check_table(data)
    check_choice(missing, ("raise", "drop"), argument="missing")
    names = group_names(groups, argument=argument)
    check_columns(data, names)
    read = complete if missing == "raise" else numbers
    counts = np.column_stack([read(data, column, least=0.0) for column in names])
    gap: Mask = np.asarray(np.isnan(counts).any(axis=1))
    inhabited = ~gap & (counts > 0).any(axis=1)
    members = counts[inhabited].sum(axis=0)
    if not inhabited.any():
        fix = "Check that the right columns and period are chosen."
        raise InputError(message(argument, "have no area with known counts above 0", names, fix))
    if (members > 0).sum() < 2:
        only = names[int(members.argmax())]
        fix = f"Name the columns of the other {argument} too."
        raise InputError(message(only, "holds everyone, so there is no one to be segregated from", fix=fix))
    return counts, inhabited, gap


def group_names(groups: Sequence[str], *, argument: str = "groups") -> list[str]:
    """Return the names of the columns, two or more and all different."""
    names = column_names(groups, argument=argument)
    if len(names) < 2 or len(set(names)) < len(names):
        fix = f'Name each column once, such as {argument}=["low", "middle", "high"].'
        raise InputError(message(argument, "must be two or more different columns", names, fix))
    return names


def compositions(n: Floats) -> tuple[Floats, Floats, Floats]:
    """Return each area's share of everyone, each group's share of each area, and of everyone.

    Areas stand along the last axis but one and groups along the last. Shares of an area that nobody
    lives in are 0; shares of everyone are NaN in a draw without people.
    """
    members = n.sum(axis=-2)
    # Summed group by group, so that the share of a group that holds everyone is exactly 1.
    everyone = members.sum(axis=-1, keepdims=True)
    everyone = np.where(everyone > 0, everyone, np.nan)
    t = n.sum(axis=-1)
    return t / everyone, n / np.where(t > 0, t, 1.0)[..., None], members / everyone
