"""Many tests at once: the false discovery rate."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from segkit._validate import Floats, as_floats, check_choice
from segkit.errors import InputError, message


def false_discovery_rate(p_values: Any, *, method: Literal["bh", "by"] = "bh") -> pd.Series | Floats:
    """Adjust p-values of many tests, so that a limit holds the share of false findings among the found.

    With one test per area, one in twenty has p < .05 by chance alone. Areas whose adjusted value is below
    .05 are a set of which at most 5 % are expected to be false findings.

    Parameters
    ----------
    p_values : array-like
        One p-value per area, 0 to 1. Missing ones (areas without a test) stay missing and are not counted
        as tests.
    method : {"bh", "by"}
        ``"bh"``: Benjamini and Hochberg, for tests that are independent or positively dependent, as those
        of neighboring areas. ``"by"``: Benjamini and Yekutieli, for any dependence; stricter.

    Returns
    -------
    pandas.Series or numpy.ndarray
        Adjusted p-values (q-values), never below the p-values; a Series with the same index when a Series
        is given.

    Raises
    ------
    InputError
        When a value is not a p-value, or none is given.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57(1), 289-300. Benjamini, Y. and Yekutieli, D. (2001). Annals of Statistics 29,
    1165-1188.

    Examples
    --------
    >>> false_discovery_rate([0.01, 0.02, 0.03, 0.5]).round(3).tolist()
    [0.04, 0.04, 0.04, 0.5]
    """
    from scipy.stats import false_discovery_control

    check_choice(method, ("bh", "by"), argument="method")
    p = as_floats(p_values, argument="p_values")
    if p.ndim != 1 or np.isnan(p).all():
        raise InputError(message("p_values", "must be one dimension with at least one value"))
    wrong = (p < 0) | (p > 1)
    if wrong.any():
        raise InputError(message("p_values", "must be between 0 and 1", p[wrong].tolist()))
    tested = ~np.isnan(p)
    adjusted = np.full_like(p, np.nan)
    adjusted[tested] = false_discovery_control(p[tested], method=method)
    return pd.Series(adjusted, index=p_values.index) if isinstance(p_values, pd.Series) else adjusted
