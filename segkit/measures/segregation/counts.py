"""The gate of the segregation measures: counts of a group and of everyone, checked, as arrays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_choice, check_columns, complete, labels_of, numbers
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Mask = npt.NDArray[np.bool_]

#: The least positive number, a divisor that leaves 0 as it is.
LEAST = float(np.finfo(np.float64).tiny)

#: A count computed as share times population may pass the total by this much, relatively, by rounding.
ROUNDING = 1e-9

#: Fewer than this are no one.
_NOBODY = 0.5


def two_groups(
    data: pd.DataFrame, *, group: str, total: str, missing: str = "raise"
) -> tuple[Floats, Floats]:
    """Return the counts of the group and of the rest, area by area, for areas with inhabitants.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, one period.
    group, total : str
        Columns with the count of the group and of everyone, per area.
    missing : {"raise", "drop"}
        Whether a missing count is an error or leaves its area out. An area whose total is 0 contributes
        nothing, whatever its group count says: 0 or missing.

    Returns
    -------
    tuple of numpy.ndarray
        Group and rest (total - group), of one length; both sums are greater than 0.

    Raises
    ------
    UnknownNameError
        If a column is missing.
    InputError
        If a count is negative, missing, infinite or text, a group is larger than its total, nobody
        belongs to the group or everybody does, or the table holds several periods.

    Examples
    --------
    >>> areas = pd.DataFrame({"group": [10, 0, 30], "total": [40, 0, 40]})
    >>> two_groups(areas, group="group", total="total")
    (array([10., 30.]), array([30., 10.]))
    """
    (x,), t = group_counts(data, groups=[group], total=total, missing=missing)
    y = t - x
    # Only rounding can make the difference negative here.
    np.maximum(y, 0.0, out=y)
    # What is less than a person may be rounding; a single one in a billion is not.
    if y.sum() <= min(ROUNDING * t.sum(), _NOBODY):
        rule = f"equals `{total}` in every area, so there is no one to be segregated from"
        raise InputError(message(group, rule, fix="Choose a group that is a part of the population."))
    return x, y


def group_counts(
    data: pd.DataFrame, *, groups: Sequence[str], total: str, missing: str = "raise"
) -> tuple[list[Floats], Floats]:
    """Return the counts of each group and of everyone, checked as in `two_groups`.

    The first group must have members; the others may be empty.
    """
    counts, t, gap = weighted_columns(data, [(g, 0.0) for g in groups], weight=total, missing=missing)
    for column, x in zip(groups, counts, strict=True):
        check_part(data, x, t, group=column, total=total)
    keep = (t > 0) & ~gap
    if not keep.any():
        fix = "Check that the right columns and period are chosen."
        raise InputError(message(total, "has no area with a known count above 0", fix=fix))
    if not keep.all():
        counts, t = [x[keep] for x in counts], t[keep]
    if counts[0].sum() <= 0:
        raise InputError(message(groups[0], "is 0 in every area, so the group has no members"))
    return counts, t


def weighted_columns(
    data: pd.DataFrame, columns: Iterable[tuple[str, float | None]], *, weight: str, missing: str
) -> tuple[list[Floats], Floats, Mask]:
    """Return columns, each named with its least allowed value, their weight, and which rows have a gap.

    With ``missing="raise"`` a gap is an error, but for that of a value where the weight is 0.
    """
    check_table(data)
    check_choice(missing, ("raise", "drop"), argument="missing")
    columns = list(columns)
    w = numbers(data, weight, least=0.0)
    values = [numbers(data, column, least=least) for column, least in columns]
    gap: Mask = np.zeros(len(data), dtype=bool)
    for numbers_of in (w, *values):
        # The least value tells, without a mask, that nothing is missing.
        if numbers_of.size and np.isnan(numbers_of.min()):
            gap |= np.isnan(numbers_of)
    if missing == "raise" and gap.any():
        complete(data, weight)
        for column, _ in columns:
            complete(data[w != 0], column)
    return values, w, gap


def lived_in(data: pd.DataFrame, *, group: str, total: str) -> Mask:
    """Return which rows of a checked table are areas with people and known counts."""
    return (numbers(data, total) > 0) & ~np.isnan(numbers(data, group))


def column_names(given: Any, *, argument: str) -> list[str]:
    """Return the name of one column, or of several, as a list."""
    names = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    if not all(isinstance(name, Hashable) for name in names):
        raise InputError(message(argument, "must be names of columns", names))
    return names


def ratio(part: Any, whole: Any) -> Floats:
    """Return part / whole, NaN where the whole is 0 or not known."""
    some = whole != 0
    return np.where(some, part / np.where(some, whole, 1.0), np.nan)


def share(counts: Floats) -> Floats:
    """Return each area's share of a group, areas along the last axis; NaN in a draw without members."""
    members = counts.sum(axis=-1, keepdims=True)
    return np.asarray(counts / np.where(members > 0, members, np.nan), dtype=np.float64)


def share_of_area(x: Floats, y: Floats) -> Floats:
    """Return the group's share of each area; 0 in an area that nobody lives in, as in some draws."""
    t = x + y
    return np.asarray(x / np.maximum(t, LEAST), dtype=np.float64)


def bounded(value: float) -> float:
    """Return a float in [0, 1]: the formula keeps it there, rounding can leave it by 1e-16."""
    return min(max(float(value), 0.0), 1.0)


def check_table(data: pd.DataFrame) -> None:
    """Check that the data are a table with one period."""
    if not isinstance(data, pd.DataFrame):
        fix = "Pass a DataFrame with one row per area."
        raise InputError(message("data", f"must be a table, is {type(data).__name__}", fix=fix))
    if data.empty:
        raise InputError(message("data", "has no rows"))
    check_columns(data, [column for column in ("area_id", "period") if column in data.columns])
    if "period" not in data.columns:
        return
    periods = data["period"].unique()
    if len(periods) < 2:
        return
    fix = f"Choose one, for example data[data['period'] == {periods[-1]}]."
    if "area_id" not in data.columns:
        rule = "has several periods, and no area_id that tells whether the areas are the same"
        raise InputError(message("data", rule, periods, fix))
    # Resampled areas may repeat within a period, and areas may each be of another period.
    if data[["area_id", "period"]].drop_duplicates()["area_id"].duplicated().any():
        raise InputError(message("data", "has the same areas in several periods", periods, fix))


def check_part(data: pd.DataFrame, x: Floats, t: Floats, *, group: str, total: str) -> None:
    """Check that a group is nowhere larger than the total."""
    over = x > t
    if over.any() and (over := x > t * (1 + ROUNDING)).any():
        fix = "Both must be counts of the same people; correct these rows."
        raise InputError(message(group, f"is larger than `{total}`", labels_of(data, over), fix))


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
