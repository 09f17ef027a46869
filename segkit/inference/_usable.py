"""Which rows a measure can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segkit._columns import columns_for, usable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def usable_areas(
    data: pd.DataFrame,
    *,
    values: str | None = None,
    weight: str | None = None,
    group: str | None = None,
    total: str | None = None,
    groups: Sequence[str] | None = None,
) -> pd.Series[bool]:
    """Tell which rows a measure can use: nothing missing in the columns, and more than 0 inhabitants.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, or per area and period.
    values, weight, group, total, groups
        The columns, as for `bootstrap`.

    Returns
    -------
    pandas.Series
        True and False, with the index of `data`.

    Raises
    ------
    InputError
        When the columns do not go together or hold text.
    UnknownNameError
        When a column does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"income": [250.0, None, 300.0], "population": [900.0, 800.0, 0.0]})
    >>> usable_areas(areas, values="income", weight="population").sum()
    np.int64(1)
    """
    return usable(data, columns_for(values, weight, group, total, groups))
