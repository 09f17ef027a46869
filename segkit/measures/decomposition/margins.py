"""Tables with other margins: who lives where, had areas and groups other sizes and nothing else changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, as_floats, check_count, check_share
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The sums of the two margins may differ by this much, relatively, by rounding.
_ROUNDING = 1e-9

#: No factor changes by more than e to this power in one step of Newton's method.
_LONGEST_STEP = 2.0

#: Directions in which the table is flatter than this can't be followed by Newton's method.
_FLAT = 1e-12

#: Factors (as logarithms) this far apart grow without end: the margins can't be reached.
_APART = 1500.0

#: The function that is minimized can't be told apart more finely than this.
_LEVEL = 1e-13


def fit_margins(
    counts: Any, rows: Any, columns: Any, *, tolerance: float = 1e-10, max_iterations: int = 10000
) -> Any:
    r"""Give a table other margins and keep its odds ratios: iterative proportional fitting (IPF).

    .. math:: m_{ug} = a_u n_{ug} b_g, \quad \sum_g m_{ug} = r_u, \quad \sum_u m_{ug} = c_g

    with n the counts of areas u and groups g, r and c the margins wanted. The factors a and b are the only
    ones that meet both margins, so the result does not depend on how it is computed. Of all tables with
    these margins it is the one closest to n (in relative entropy): sizes change, who is over- or
    under-represented where does not.

    Parameters
    ----------
    counts : array-like or pandas.DataFrame
        Areas as rows and groups as columns, no value under 0. Cells of 0 stay 0.
    rows, columns : array-like
        The sums wanted, in the order of the table (a Series must have its labels), no value under 0.
        Both must sum to the same.
    tolerance : float
        The result is accepted when every column sum is right to this share of it; row sums are exact.
    max_iterations : int
        The most steps to take.

    Returns
    -------
    numpy.ndarray or pandas.DataFrame
        The fitted table, like `counts` and with its labels; in the unit of the margins.

    Raises
    ------
    InputError
        If values are missing, negative or text, shapes, labels or sums do not agree, or the margins can't
        be reached within `max_iterations`, as when zeros leave nowhere for a group to be.

    Notes
    -----
    Classical IPF scales rows and columns in turn and may need thousands of rounds when few cells hold the
    table together. Here each round takes such a step or one of Newton's method on the same convex
    function, whichever leads further. The limit is the same.

    References
    ----------
    Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when
    the expected marginal totals are known. Annals of Mathematical Statistics 11(4), 427-444. Karmel, T. &
    Maclachlan, M. (1988). Occupational sex segregation - increasing or decreasing? Economic Record 64(3),
    187-195.

    Examples
    --------
    Men and women in three occupations, given the margins of a later year (Karmel & Maclachlan 1988):

    >>> table = [[100, 50], [50, 50], [100, 50]]
    >>> fit_margins(table, rows=[225, 200, 175], columns=[325, 275]).round(1).tolist()
    [[134.7, 90.3], [85.5, 114.5], [104.8, 70.2]]
    """
    n = _table(counts)
    check_share(tolerance, argument="tolerance")
    check_count(max_iterations, argument="max_iterations")
    labels = counts if isinstance(counts, pd.DataFrame) else pd.DataFrame(n)
    r = _margin(rows, labels.index, argument="rows")
    c = _margin(columns, labels.columns, argument="columns")
    if not np.isclose(r.sum(), c.sum(), rtol=_ROUNDING, atol=0.0):
        fix = "Margins of one table have the same sum; use shares if the totals differ."
        raise InputError(message("rows", f"sum to {r.sum():g}, `columns` to {c.sum():g}", fix=fix))
    if r.sum() <= 0:
        raise InputError(message("rows", "sum to 0, so there is no one to place"))
    _check_places(n, r, c, labels)
    fitted, miss = fitted_of(n, r, c, tolerance=tolerance, max_iterations=max_iterations)
    check_reached(miss, labels.columns.tolist(), tolerance=tolerance, argument="counts")
    if isinstance(counts, pd.DataFrame):
        return pd.DataFrame(fitted, index=counts.index, columns=counts.columns)
    return fitted


def fitted_of(
    n: Floats, rows: Floats, columns: Floats, *, tolerance: float = 1e-10, max_iterations: int = 10000
) -> tuple[Floats, Floats]:
    """Fit tables (..., areas, groups) to margins (..., areas) and (..., groups); sums are those of `rows`.

    Also returns by what share of itself each column sum is still missed.
    """
    r, c = (margin / margin.sum(axis=-1, keepdims=True) for margin in (rows, columns))
    used = (n > 0) & (c > 0)[..., None, :]
    logs = np.where(used, np.log(np.where(used, n, 1.0)), -np.inf)
    factors = np.zeros(c.shape)
    p, got, _ = _placed(logs, factors, r, c)
    for _ in range(max_iterations):
        met = (_miss(got, c) <= tolerance).all(axis=-1)
        if (met | (np.ptp(factors, axis=-1) > _APART)).all():
            break
        ahead = factors + np.log(np.where(got > 0, c / np.where(got > 0, got, 1.0), 1.0))
        newton = factors + _newton_step(p, got, r, c)
        p, got, level = _placed(logs, ahead, r, c)
        p_newton, got_newton, level_newton = _placed(logs, newton, r, c)
        further = (level_newton <= level + _LEVEL)[..., None]
        factors = np.where(further, newton, ahead)
        got = np.where(further, got_newton, got)
        p = np.where(further[..., None], p_newton, p)
    return rows[..., None] * p, _miss(got, c)


def check_reached(miss: Floats, groups: Sequence[object], *, tolerance: float, argument: str) -> None:
    """Raise an error when the margins of some table are not reached, naming the groups that miss."""
    short = np.flatnonzero((miss > tolerance).any(axis=tuple(range(miss.ndim - 1))))
    if short.size:
        names = [groups[at] for at in short.tolist()]
        rule = (
            f"can't be given these margins: after all steps sums are wrong by up to {miss.max():.2g} of them"
        )
        fix = "Zeros may leave a group nowhere to be: replace them by a small number, or allow more steps."
        raise InputError(message(argument, rule, names, fix))


def _placed(logs: Floats, factors: Floats, r: Floats, c: Floats) -> tuple[Floats, Floats, Floats]:
    """Spread each area's people over its groups by the factors of the groups (as logarithms).

    Returns each group's share of each area, the groups' shares of all, and the convex function whose
    minimum has the margins wanted: its slope is the groups' shares less those wanted.
    """
    z = logs + factors[..., None, :]
    top = z.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    raised = np.exp(z - top)
    sums = raised.sum(axis=-1, keepdims=True)
    sums = np.where(sums > 0, sums, 1.0)
    p = raised / sums
    got = (r[..., None] * p).sum(axis=-2)
    level = (r * (np.log(sums) + top)[..., 0]).sum(axis=-1) - (c * factors).sum(axis=-1)
    return p, got, level


def _newton_step(p: Floats, got: Floats, r: Floats, c: Floats) -> Floats:
    """Return the change of the factors that Newton's method proposes, not longer than a limit."""
    scale = 1 / np.sqrt(np.where(got > 0, got, 1.0))
    # In units of the groups' sizes, so that a small group counts as much as a large one.
    q = p * np.sqrt(r)[..., None] * scale[..., None, :]
    curvature = np.eye(c.shape[-1]) - np.swapaxes(q, -1, -2) @ q
    values, vectors = np.linalg.eigh(curvature)
    slope = np.swapaxes(vectors, -1, -2) @ (scale * (c - got))[..., None]
    steep = (values > _FLAT)[..., None]
    along = np.where(steep, slope / np.where(steep, values[..., None], 1.0), 0.0)
    step = scale * (vectors @ along)[..., 0]
    longest = np.abs(step).max(axis=-1, keepdims=True)
    return np.asarray(step * np.minimum(1.0, _LONGEST_STEP / np.maximum(longest, _LONGEST_STEP)))


def _miss(got: Floats, c: Floats) -> Floats:
    """Return by what share of itself each column sum is missed; a sum of 0 is always met."""
    return np.asarray(np.abs(got - c) / np.where(c > 0, c, 1.0), dtype=np.float64)


def _table(counts: Any) -> Floats:
    """Return a table of counts as floats."""
    n = as_floats(counts, argument="counts")
    if n.ndim != 2 or n.size == 0:
        raise InputError(message("counts", f"must be a table of areas and groups, has the shape {n.shape}"))
    wrong = ~(np.isfinite(n) & (n >= 0))
    if wrong.any():
        where = [f"row {u}, column {g}" for u, g in np.argwhere(wrong)]
        raise InputError(message("counts", "must be finite and not negative", where, "Correct these cells."))
    return n


def _margin(margin: Any, labels: pd.Index, *, argument: str) -> Floats:
    """Return the sums wanted, checked against the labels of the table."""
    if isinstance(margin, pd.Series) and not margin.index.equals(labels):
        fix = "Bring them into the order of the table with reindex."
        raise InputError(message(argument, "have other labels than the table", margin.index, fix))
    sums = as_floats(margin, argument=argument)
    if sums.shape != (len(labels),):
        raise InputError(message(argument, f"must be {len(labels)} numbers, have the shape {sums.shape}"))
    wrong = ~(np.isfinite(sums) & (sums >= 0))
    if wrong.any():
        raise InputError(message(argument, "must be finite and not negative", labels[wrong]))
    return sums


def _check_places(n: Floats, r: Floats, c: Floats, labels: pd.DataFrame) -> None:
    """Check that rows and columns that shall hold someone have a cell above 0."""
    used = (n > 0) & (r > 0)[:, None] & (c > 0)
    fix = "Replace zeros by a small number, or drop what nobody belongs to."
    for argument, wanted, names in (("rows", r, labels.index), ("columns", c, labels.columns)):
        nowhere = (wanted > 0) & ~used.any(axis=1 if argument == "rows" else 0)
        if nowhere.any():
            rule = "are above 0 where the table has only zeros"
            raise InputError(message(argument, rule, names[nowhere], fix))
