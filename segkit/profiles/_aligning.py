"""Give two typologies the same numbers for the same groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import complete
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from segkit.profiles._kmeans import Labels


def align(labels_a: pd.Series, labels_b: pd.Series) -> pd.Series:
    r"""Renumber the groups of b so that as many areas as possible have the number they have in a.

    .. math:: \max_{\pi} \sum_i 1[a_i = \pi(b_i)]

    over the one-to-one assignments :math:`\pi` of numbers (Hungarian method).

    Parameters
    ----------
    labels_a, labels_b : pandas.Series
        The groups of the areas, whole numbers, with the areas as index, for example
        ``table.set_index("area_id")["profile"]``. Only areas in both decide the matching.

    Returns
    -------
    pandas.Series
        All of `labels_b`, renumbered. Groups of b that no group of a is left for, or that share no area
        with it, get new numbers after the greatest in a, so that no number changes its meaning.

    Raises
    ------
    InputError
        When an area occurs twice, no area is in both, or a label is missing or no whole number.

    References
    ----------
    Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Naval Research Logistics
    Quarterly 2.

    Examples
    --------
    >>> first = pd.Series([1, 1, 2, 2, 3], index=list("abcde"))
    >>> again = pd.Series([3, 3, 1, 1, 1], index=list("abcde"))
    >>> align(first, again).tolist()
    [1, 1, 2, 2, 2]
    """
    codes = []
    for name, labels in (("labels_a", labels_a), ("labels_b", labels_b)):
        if not isinstance(labels, pd.Series):
            raise InputError(
                message(name, f"must be a Series with areas as index, is {type(labels).__name__}")
            )
        if labels.isna().any():
            raise InputError(message(name, "has missing labels", labels.index[labels.isna()]))
        if not labels.index.is_unique:
            twice = labels.index[labels.index.duplicated()].unique()
            raise InputError(message(name, "has an area more than once", twice))
        values = complete(pd.DataFrame({name: labels}), name)
        if (values != np.round(values)).any():
            raise InputError(message(name, "must be whole numbers"))
        codes.append(values.astype(np.int64))
    both = labels_a.index.intersection(labels_b.index)
    if not len(both):
        fix = "Use area_id as the index of both."
        raise InputError(message("labels_b", "has no area in common with `labels_a`", fix=fix))
    (names_a, code_a), (names_b, code_b) = (np.unique(values, return_inverse=True) for values in codes)
    at_a, at_b = labels_a.index.get_indexer(both), labels_b.index.get_indexer(both)
    match = matching(code_a[at_a], code_b[at_b], len(names_a), len(names_b))
    spare = iter(range(int(names_a.max()) + 1, int(names_a.max()) + 1 + len(names_b)))
    new = np.array([names_a[m] if m >= 0 else next(spare) for m in match])
    return pd.Series(new[code_b], index=labels_b.index, name=labels_b.name)


def matching(a: Labels, b: Labels, n_a: int, n_b: int) -> Labels:
    """Return for each group of b the group of a (numbers from 0) it is matched with, or -1."""
    from scipy.optimize import linear_sum_assignment

    overlap = np.bincount(a * n_b + b, minlength=n_a * n_b).reshape(n_a, n_b)
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    match = np.full(n_b, -1, dtype=np.intp)
    match[columns] = rows
    # Two groups without an area in common are matched only because they are left over.
    match[columns[overlap[rows, columns] == 0]] = -1
    return match
