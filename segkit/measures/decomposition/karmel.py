"""Karmel and Maclachlan's index and the parts of its change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.measures.decomposition.periods import (
    NOTABLE,
    first_as_last,
    other_fill,
    two_periods,
    warn_of_zeros,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from segkit.base.checks import Floats


def karmel_maclachlan(
    panel: pd.DataFrame,
    *,
    groups: Sequence[str],
    periods: Sequence[int] | None = None,
    fill: float = 1e-9,
    tolerance: float = 1e-10,
) -> pd.DataFrame:
    r"""Karmel and Maclachlan's index in two periods, and its change as mix and composition.

    .. math:: KM = \frac{1}{2 T} \sum_u \sum_g \left| n_{ug} - \frac{n_u n_g}{T} \right|

    with n the counts of areas u and groups g and T all people. For two groups this is
    :math:`\frac{1}{T} \sum_u |(1 - a) M_u - a F_u|` with a the share of the group M, the form printed by
    the authors, and equals 2 a (1 - a) D with D the index of dissimilarity.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period, with ``area_id`` and ``period``. An area without a row, or with 0 in
        every group, counts as not present in that period.
    groups : sequence of str
        Columns with the count of each group; together they are everyone.
    periods : sequence of int, optional
        First and last period; needed when the panel has more than two.
    fill : float
        Number of people put in place of each 0 before fitting, see `change_in_information`.
    tolerance : float
        How closely the fitted table meets its margins, as a share of each.

    Returns
    -------
    pandas.DataFrame
        ``measure, period, value, n_areas`` with ``KM1, KM2``, the share of all people who would have to
        change areas for an even distribution while areas and groups keep their sizes: 0 to less than 1.
        Then ``difference`` and the parts that sum to it: ``additions`` and ``removals`` (areas and groups
        present in one period only), ``group_margins`` (the first table with the groups of the last period,
        areas as mixed as that makes them), ``unit_margins`` (with the areas' sizes of the last period),
        ``interaction`` (both margins fitted, less each alone) - together the mix - and ``structure``
        (composition: the last table less the first fitted to its margins).

    Raises
    ------
    UnknownNameError, InputError
        As for `change_in_information`.

    Warns
    -----
    DataWarning
        If structure would move by more than 1 per cent of the index with a thousandth of the smallest
        count in place of each 0 of the first period.

    Notes
    -----
    Structure is measured with the margins of the last period only, so swapped periods give other parts,
    not the same with opposite signs: `change_in_information` has no such order. The authors compare the
    same occupations in both years and have neither additions nor removals.

    References
    ----------
    Karmel, T. & Maclachlan, M. (1988). Occupational sex segregation - increasing or decreasing? Economic
    Record 64(3), 187-195. Silber, J. (1992). Occupational segregation indices in the multidimensional
    case: a note. Economic Record 68(3), 276-277.

    Examples
    --------
    >>> import pandas as pd
    >>> panel = pd.DataFrame(
    ...     {
    ...         "area_id": ["1", "2", "3"] * 2,
    ...         "period": [1980] * 3 + [1990] * 3,
    ...         "male": [100, 50, 100, 125, 100, 100],
    ...         "female": [50, 50, 50, 100, 100, 75],
    ...     }
    ... )
    >>> table = karmel_maclachlan(panel, groups=["male", "female"])
    >>> print(table[["measure", "period", "value"]].round(4).to_string(index=False))
          measure    period   value
              KM1      1980  0.0625
              KM2      1990  0.0278
       difference 1980–1990 -0.0347
        additions 1980–1990  0.0000
         removals 1980–1990  0.0000
    group_margins 1980–1990  0.0037
     unit_margins 1980–1990  0.0116
      interaction 1980–1990 -0.0016
        structure 1980–1990 -0.0484
    """
    data = two_periods(panel, groups=groups, periods=periods)
    first, last = data.common
    rows, columns = last.sum(axis=1), last.sum(axis=0)
    fitted = first_as_last(data, fill=fill, tolerance=tolerance)
    whole = [float(karmel_maclachlan_of(counts)) for counts in (data.first, data.last)]
    before, after = float(karmel_maclachlan_of(first)), float(karmel_maclachlan_of(last))
    mix = float(karmel_maclachlan_of(fitted)) - before
    if (other := other_fill(first)) is not None:
        moved = float(karmel_maclachlan_of(first_as_last(data, fill=other, tolerance=tolerance))) - before
        if abs(moved - mix) > NOTABLE * max(whole):
            rule = f"with {fill:g} in place of 0, structure is {after - before - mix:.3g}; "
            warn_of_zeros(
                f"{rule}with {other:g}, a thousandth of the smallest count, {after - before - moved:.3g}"
            )
    group_margins = float(karmel_maclachlan_of(first * (columns / first.sum(axis=0)))) - before
    unit_margins = float(karmel_maclachlan_of(first * (rows / first.sum(axis=1))[:, None])) - before
    return data.tidy(
        {
            "KM1": whole[0],
            "KM2": whole[1],
            "difference": whole[1] - whole[0],
            "additions": whole[1] - after,
            "removals": before - whole[0],
            "group_margins": group_margins,
            "unit_margins": unit_margins,
            "interaction": mix - group_margins - unit_margins,
            "structure": after - before - mix,
        }
    )


def karmel_maclachlan_of(n: Floats) -> Any:
    """Compute KM of counts, areas along the last axis but one and groups along the last."""
    everyone = n.sum(axis=(-2, -1), keepdims=True)
    even = n.sum(axis=-1, keepdims=True) * n.sum(axis=-2, keepdims=True) / everyone
    return 0.5 * (np.abs(n - even) / everyone).sum(axis=(-2, -1))
