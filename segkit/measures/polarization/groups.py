"""Polarization of groups: by their sizes alone, and of the two ends of a distribution in each area."""

from __future__ import annotations

from typing import Any, Literal, overload

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, complete, labels_of, numbers
from segkit.base.namespace import public
from segkit.errors import InputError, message

__all__ = ["concentration_at_extremes", "reynal_querol"]

__dir__ = public(__all__)

#: A count computed as share times population may pass the total by this much, relatively, by rounding.
_ROUNDING = 1e-9


def reynal_querol(sizes: Any) -> float:
    r"""Reynal-Querol's index, RQ: how near the sizes of groups come to two halves that face each other.

    .. math:: RQ = 4 \sum_g \pi_g^2 (1 - \pi_g)

    with pi the groups' shares of the population. It sees sizes only, not how far groups are apart; the
    groups must be such that any two are equally different.

    Parameters
    ----------
    sizes : array-like
        People in each group, such as by country of birth; empty groups may be included.

    Returns
    -------
    float
        0 (one group) to 1 (two groups of equal size). With k equal groups 4 (k - 1) / k^2: it falls as
        equal groups become more, while diversity rises.

    Raises
    ------
    InputError
        If a size is missing, negative or text, or all are 0.

    References
    ----------
    Montalvo, J. G. & Reynal-Querol, M. (2005). Ethnic polarization, potential conflict, and civil wars.
    American Economic Review 95(3), 796-816.

    Examples
    --------
    >>> reynal_querol([50, 50])
    1.0
    >>> round(reynal_querol([10, 10, 10]), 6)
    0.888889
    """
    people = _counts(sizes, "sizes")
    if people.sum() <= 0:
        raise InputError(message("sizes", "are all 0, so there is nobody in any group"))
    share = people / people.sum()
    return float(4.0 * (np.square(share) * (1.0 - share)).sum())


@overload
def concentration_at_extremes(
    affluent: Any, deprived: Any, total: Any, *, whole: Literal[False] = False
) -> pd.Series[float] | Floats: ...


@overload
def concentration_at_extremes(affluent: Any, deprived: Any, total: Any, *, whole: Literal[True]) -> float: ...


def concentration_at_extremes(
    affluent: Any, deprived: Any, total: Any, *, whole: bool = False
) -> pd.Series[float] | Floats | float:
    r"""Index of concentration at the extremes, ICE: which end of the distribution an area's people are at.

    .. math:: ICE_i = \frac{A_i - D_i}{T_i}

    with A the people at the upper end (say, in the highest fifth of income of the country), D those at the
    lower end, and T everyone.

    Parameters
    ----------
    affluent, deprived, total : array-like
        People at the upper end, at the lower end, and in all, per area. Series must have one index.
    whole : bool
        Whether to return one number for all areas together in place of one per area.

    Returns
    -------
    pandas.Series, numpy.ndarray or float
        A Series with the index of the input when Series are given, else an array; a float with `whole`.
        -1 (everyone at the lower end) to 1 (everyone at the upper end). 0 means as many at either end,
        or nobody at the ends: look at A and D too. NaN in areas where nobody lives (`total` 0).

    Raises
    ------
    InputError
        If a count is missing in an area with inhabitants, negative or text, the two ends hold more people
        than the area, lengths or indexes differ, or nobody lives in any area.

    References
    ----------
    Massey, D. S. (2001). The prodigal paradigm returns: ecology comes back to sociology. In A. Booth &
    A. Crouter (eds.), Does It Take a Village? Mahwah: Erlbaum, 41-48.

    Examples
    --------
    >>> concentration_at_extremes([60, 10, 0], [10, 60, 0], [100, 100, 0]).tolist()
    [0.5, -0.5, nan]
    >>> concentration_at_extremes([60, 10, 0], [10, 30, 0], [100, 100, 0], whole=True)
    0.15
    """
    given = {"affluent": affluent, "deprived": deprived, "total": total}
    index = _one_index(given)
    people = _counts(total, "total")
    lived_in = people > 0
    if not lived_in.any():
        raise InputError(message("total", "is 0 in every area, so nobody lives in any"))
    ends = [_counts(given[name], name, where=lived_in) for name in ("affluent", "deprived")]
    over = np.where(lived_in, ends[0] + ends[1], 0.0) > people * (1 + _ROUNDING)
    if over.any():
        rows = pd.DataFrame(index=np.arange(people.size) if index is None else index)
        fix = "All three must be counts of the same people; nobody is at both ends."
        rule = "and `deprived` hold more people than `total`"
        raise InputError(message("affluent", rule, labels_of(rows, over), fix))
    excess = np.where(lived_in, ends[0] - ends[1], 0.0)
    if whole:
        return float(excess.sum() / people.sum())
    found = np.where(lived_in, excess / np.where(lived_in, people, 1.0), np.nan)
    return found if index is None else pd.Series(found, index=index, name="concentration_at_extremes")


def _counts(raw: Any, argument: str, *, where: Any = None) -> Floats:
    """Return counts as floats, none negative and none missing (where people live, if that is given)."""
    if np.ndim(raw) != 1 or len(raw) == 0:
        raise InputError(message(argument, f"must be one non-empty dimension, has {np.shape(raw)}"))
    table = pd.DataFrame({argument: raw})
    if where is None:
        return complete(table, argument, least=0.0)
    if len(table) != len(where):
        raise InputError(message(argument, f"has {len(table)} values where `total` has {len(where)}"))
    complete(table[where], argument, least=0.0)
    return numbers(table, argument, least=0.0)


def _one_index(given: dict[str, Any]) -> pd.Index[Any] | None:
    """Return the index that the Series share; None when there is no Series."""
    series = {name: value.index for name, value in given.items() if isinstance(value, pd.Series)}
    index = next(iter(series.values()), None)
    for name, other in series.items():
        if not other.equals(index):
            fix = "Take all from the same table, or pass arrays in the same order."
            raise InputError(message(name, f"has another index than `{next(iter(series))}`", fix=fix))
    return index
