"""Change in M or H and what it stems from: new areas, sizes of areas and groups, or who lives where."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_choice
from segkit.base.digits import EQUAL
from segkit.errors import InputError, message
from segkit.measures.decomposition.periods import (
    NOTABLE,
    Periods,
    filled,
    fit,
    other_fill,
    two_periods,
    warn_of_zeros,
)
from segkit.measures.segregation.counts import compositions
from segkit.measures.segregation.multigroup import (
    divergence_from,
    entropy_of,
    multigroup_information_theory_of,
    mutual_information_of,
)

#: Tables by the period (A first, B last) of their group margins, unit margins and structure.
_TABLES = ("AAA", "BBB", "BBA", "ABA", "BAA", "AAB", "BAB", "ABB")

_INDEX = {"M": mutual_information_of, "H": multigroup_information_theory_of}


def change_in_information(
    panel: pd.DataFrame,
    *,
    groups: Sequence[str],
    periods: Sequence[int] | None = None,
    measure: str = "M",
    detail: bool = False,
    fill: float = 1e-9,
    tolerance: float = 1e-10,
) -> pd.DataFrame:
    r"""Change in M (or H) between two periods, parted into five causes that sum to it.

    .. math::
        M_2 - M_1 = \underbrace{M_2 - M_{BBB}}_{additions} + \underbrace{M_{AAA} - M_1}_{removals}
        + \Delta_{groups} + \Delta_{units} + \Delta_{structure}

    .. math::
        \Delta_{structure} &= \tfrac{1}{2} [(M_{AAB} - M_{AAA}) + (M_{BBB} - M_{BBA})] \\
        \Delta_{groups} &= \tfrac{1}{4} [(M_{BAA} - M_{AAA}) + (M_{BBA} - M_{ABA})
        + (M_{BBB} - M_{ABB}) + (M_{BAB} - M_{AAB})] \\
        \Delta_{units} &= \tfrac{1}{4} [(M_{ABA} - M_{AAA}) + (M_{BBA} - M_{BAA})
        + (M_{BBB} - M_{BAB}) + (M_{ABB} - M_{AAB})]

    The letters say from which period (A first, B last) a table of the areas and groups present in both has
    the sizes of the groups, the sizes of the areas and the odds ratios; tables of mixed letters are fitted
    by `fit_margins`. Each part is the mean over the orders in which the causes can be changed (Shapley).

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period, with ``area_id`` and ``period``. An area without a row, or with 0 in
        every group, counts as not present in that period.
    groups : sequence of str
        Columns with the count of each group; together they are everyone.
    periods : sequence of int, optional
        First and last period, in any order; needed when the panel has more than two.
    measure : {"M", "H"}
        The mutual information index, or the information theory index H = M / E with E the entropy of the
        groups: all tables are then measured by H, so the group margins include what E changes.
    detail : bool
        Whether rows follow that part ``structure`` by area, and once more by group.
    fill : float
        Number of people put in place of each 0 before fitting; see Notes.
    tolerance : float
        How closely fitted tables meet their margins, as a share of each.

    Returns
    -------
    pandas.DataFrame
        ``measure, period, value, n_areas`` with the measures ``M1, M2`` (or ``H1, H2``), ``difference`` and
        five parts that sum to it, positive where they raise segregation:

        * ``additions``: areas and groups present in the last period only;
        * ``removals``: areas and groups present in the first period only;
        * ``group_margins``: groups became larger or smaller;
        * ``unit_margins``: areas became larger or smaller;
        * ``structure``: groups are over- and under-represented elsewhere, or more or less so, than before.

        Periods swapped give the same with opposite signs. ``n_areas`` is the number of areas a row stands
        on. With `detail` also ``area_id`` and ``group``, empty except in the rows of detail; those of
        areas sum to ``structure``, and so do those of groups.

    Raises
    ------
    UnknownNameError
        If a column or period is missing.
    InputError
        If keys are not unique, counts are missing, negative or text, the periods are not two, no area or
        fewer than two groups are in both, or `fill` is not below the smallest count.

    Warns
    -----
    DataWarning
        If a part would move by more than 1 per cent of the measure with a thousandth of the smallest count in
        place of each 0: then what is read into cells without people decides the split.

    Notes
    -----
    A table with zeros can't have any margins, so each 0 is replaced by `fill` in the fitted tables (not
    in M1, M2, AAA and BBB, nor in the margins fitted to). The split between margins and structure can
    depend on that number, for under other margins a cell of nobody and one of hardly anybody differ:
    `fill_sensitivity` shows how much. M1, M2, additions and removals never depend on it. An area or group
    whose only members in common belong to what is left out counts as added or removed itself.

    An area's part of structure is :math:`\tfrac{1}{2} p^A_u (L^{AAB}_u - L^{AAA}_u) + \tfrac{1}{2} p^B_u
    (L^{BBB}_u - L^{BBA}_u)` with p its share of the people and L its local segregation. This is exact, as
    the tables compared have the same margins; for H, L is divided by E. Groups likewise. A part can be
    negative where the local segregation of the area fell.

    References
    ----------
    Elbers, B. (2021). A method for studying differences in segregation across time and space. Sociological
    Methods & Research 52(1), 5-42. Deutsch, J., Flückiger, Y. & Silber, J. (2009). Analyzing changes in
    occupational segregation: the case of Switzerland (1970-2000). Research on Economic Inequality 17,
    171-202.

    Examples
    --------
    Two areas and two groups keep their sizes while people in the areas become more mixed:

    >>> import pandas as pd
    >>> panel = pd.DataFrame(
    ...     {
    ...         "area_id": ["a", "b", "a", "b"],
    ...         "period": [2020, 2020, 2023, 2023],
    ...         "low": [80, 20, 65, 35],
    ...         "high": [20, 80, 35, 65],
    ...     }
    ... )
    >>> table = change_in_information(panel, groups=["low", "high"])
    >>> table = table.set_index("measure").loc[["M1", "M2", "difference", "structure"]]
    >>> print(table[["period", "value"]].round(4).to_string(index_names=False))
                   period   value
    M1               2020  0.1927
    M2               2023  0.0457
    difference  2020–2023 -0.1470
    structure   2020–2023 -0.1470
    """
    check_choice(measure, tuple(_INDEX), argument="measure")
    data = two_periods(panel, groups=groups, periods=periods)
    tables = _tables(data, fill=fill, tolerance=tolerance)
    values = _values(data, tables, measure)
    if (other := other_fill(*data.common)) is not None:
        elsewhere = _values(data, _tables(data, fill=other, tolerance=tolerance), measure)
        part = max(values, key=lambda name: abs(values[name] - elsewhere[name]))
        if abs(values[part] - elsewhere[part]) > NOTABLE * max(values[f"{measure}1"], values[f"{measure}2"]):
            rule = f"with {fill:g} in place of 0, {part} is {values[part]:.3g}; "
            warn_of_zeros(f"{rule}with {other:g}, a thousandth of the smallest count, {elsewhere[part]:.3g}")
    found = data.tidy(values)
    if not detail:
        return found
    period = found["period"].iloc[2]
    by_area, by_group = (_structure(shares) for shares in _shares_of(tables, measure))
    shared = {"measure": "structure", "period": period, "n_areas": 1}
    areas = pd.DataFrame({**shared, "value": by_area, "area_id": data.common_areas, "group": ""})
    of_groups = pd.DataFrame({**shared, "value": by_group, "area_id": "", "group": data.common_groups})
    of_groups["n_areas"] = len(data.common_areas)
    rows = pd.concat([found.assign(area_id="", group=""), areas, of_groups], ignore_index=True)
    return rows[["measure", "period", "area_id", "group", "value", "n_areas"]]


def fill_sensitivity(
    panel: pd.DataFrame,
    *,
    groups: Sequence[str],
    periods: Sequence[int] | None = None,
    measure: str = "M",
    fills: Sequence[float] = (1e-3, 1e-5, 1e-7, 1e-9),
    tolerance: float = 1e-10,
) -> pd.DataFrame:
    """Show how the parts of `change_in_information` depend on the number put in place of each 0.

    Parameters
    ----------
    panel, groups, periods, measure, tolerance
        As for `change_in_information`.
    fills : sequence of float
        Numbers of people to put in place of each 0, each below the smallest count.

    Returns
    -------
    pandas.DataFrame
        ``measure, period, fill, value, n_areas``: the rows of `change_in_information` for each fill. Only
        ``group_margins``, ``unit_margins`` and ``structure`` can differ between fills; where a part moves
        as much as it is large, the data do not say what it is.

    Raises
    ------
    UnknownNameError, InputError
        As for `change_in_information`, or if `fills` is empty.

    Examples
    --------
    Area b has nobody of the group "high" in the first period:

    >>> import pandas as pd
    >>> panel = pd.DataFrame(
    ...     {
    ...         "area_id": ["a", "b", "a", "b"],
    ...         "period": [2020, 2020, 2023, 2023],
    ...         "low": [80, 20, 65, 35],
    ...         "high": [20, 0, 35, 65],
    ...     }
    ... )
    >>> table = fill_sensitivity(panel, groups=["low", "high"], fills=(1e-3, 1e-9))
    >>> table[table["measure"] == "structure"]["value"].round(4).tolist()
    [-0.2942, -0.3308]
    """
    if isinstance(fills, str) or not isinstance(fills, Sequence | np.ndarray) or not len(fills):
        rule = f"is {fills!r}, must be a list" if np.ndim(fills) == 0 else "is empty"
        raise InputError(message("fills", rule, fix="Name one or more numbers, such as (1e-6, 1e-9)."))
    check_choice(measure, tuple(_INDEX), argument="measure")
    data = two_periods(panel, groups=groups, periods=periods)
    every = []
    for fill in fills:
        tables = _tables(data, fill=fill, tolerance=tolerance)
        every.append(data.tidy(_values(data, tables, measure)).assign(fill=float(fill)))
    return pd.concat(every, ignore_index=True)[["measure", "period", "fill", "value", "n_areas"]]


def _tables(data: Periods, *, fill: float, tolerance: float) -> Floats:
    """Return the tables AAA, BBB and the fitted ones in the order of `_TABLES`."""
    pair = data.common
    dense = filled(*pair, fill=fill)
    of_groups, of_units, structure = (["AB".index(name[i]) for name in _TABLES[2:]] for i in range(3))
    # Shares, because the margins of one table can be from periods with different populations.
    columns = np.stack([pair[i].sum(axis=0) / pair[i].sum() for i in of_groups])
    rows = np.stack([pair[i].sum(axis=1) / pair[i].sum() for i in of_units])
    source = np.stack([dense[i] for i in structure])
    fitted = fit(source, rows, columns, groups=data.common_groups, tolerance=tolerance)
    return np.concatenate([np.stack(pair), fitted])


def _values(data: Periods, tables: Floats, measure: str) -> dict[str, float]:
    """Return the measures by name, from the tables in the order of `_TABLES`."""
    index = _INDEX[measure]
    whole = [float(index(counts)) for counts in (data.first, data.last)]
    totals = index(tables)
    m = dict(zip(_TABLES, totals.tolist(), strict=True))
    before, after = m["AAA"], m["BBB"]
    group_margins = (m["BAA"] - before) + (m["BBA"] - m["ABA"]) + (after - m["ABB"]) + (m["BAB"] - m["AAB"])
    unit_margins = (m["ABA"] - before) + (m["BBA"] - m["BAA"]) + (after - m["BAB"]) + (m["ABB"] - m["AAB"])
    parts = {
        f"{measure}1": max(whole[0], 0.0),
        f"{measure}2": max(whole[1], 0.0),
        "difference": whole[1] - whole[0],
        "additions": whole[1] - after,
        "removals": before - whole[0],
        "group_margins": group_margins / 4,
        "unit_margins": unit_margins / 4,
        "structure": float(_structure(totals)),
    }
    # What is left of a difference of equal sums is nothing, and has no sign.
    least = EQUAL * max(whole)
    return {name: value if abs(value) > least else 0.0 for name, value in parts.items()}


def _structure(parts: Floats) -> Floats:
    """Return what structure contributes, from values of the tables in the order of `_TABLES`."""
    part = dict(zip(_TABLES, parts, strict=True))
    return np.asarray(((part["AAB"] - part["AAA"]) + (part["BBB"] - part["BBA"])) / 2)


def _shares_of(n: Floats, measure: str) -> tuple[Floats, Floats]:
    """Return what each area and what each group adds to M or H of tables (..., areas, groups)."""
    whole = entropy_of(n)[..., None] if measure == "H" else 1.0
    by_area, by_group = (
        weight * divergence_from(inside, everyone) / whole
        for weight, inside, everyone in (compositions(n), compositions(np.swapaxes(n, -1, -2)))
    )
    return by_area, by_group
