"""Two groupings of the same areas: their cross table, and which group of one is which of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from segkit.base.checks import Floats

Codes: TypeAlias = npt.NDArray[np.intp]


def cross(a: Codes, b: Codes, shape: tuple[int, int], mass: Floats | None = None) -> Floats:
    """Count (or sum the mass of) areas by group in both groupings; codes from 0."""
    flat = np.bincount(a * shape[1] + b, weights=mass, minlength=shape[0] * shape[1])
    return np.asarray(flat.reshape(shape), dtype=np.float64)


def matched(table: Floats) -> Codes:
    """Return for each column of a cross table its row, so that most mass is matched; -1 for none.

    Each row takes one column at most (the assignment problem). A column that is left over, or that
    shares nothing with the row left for it, has no row.
    """
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(table, maximize=True)
    place: Codes = np.full(table.shape[1], -1, dtype=np.intp)
    place[columns] = np.where(table[rows, columns] > 0, rows, -1)
    return place
