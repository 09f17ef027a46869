"""One index out of several indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit._validate import check_choice
from segkit.errors import InputError, UnknownNameError, message
from segkit.standardize import Standardizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class CompositeIndex:
    """A socioeconomic index: the weighted mean of standardized indicators, higher is stronger.

    Parameters
    ----------
    columns : sequence of str
        The indicators.
    method : {"mean"}
        Weighted mean of z-scores.
    weights : mapping, optional
        Indicator -> weight, each more than 0; equal without it. They are divided by their sum.
    standardizer : Standardizer, optional
        How to standardize; by default ``Standardizer(columns)``: z-scores over all rows.

    Attributes
    ----------
    weights_ : pandas.Series
        The weights used; they sum to 1.
    standardizer_ : Standardizer
        Fitted.

    Notes
    -----
    The index has no unit: 0 is the mean of the areas it was fitted on, and 1 means one standard
    deviation stronger in every indicator. It is not SCB's socioeconomic index.

    References
    ----------
    OECD & JRC (2008), Handbook on Constructing Composite Indicators.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"employment_rate": [60.0, 80.0], "turnout": [70.0, 90.0]})
    >>> CompositeIndex(["employment_rate", "turnout"]).fit(data).transform(data).tolist()
    [-1.0, 1.0]
    """

    def __init__(
        self,
        columns: Sequence[str],
        method: Literal["mean"] = "mean",
        weights: Mapping[str, float] | None = None,
        standardizer: Standardizer | None = None,
    ) -> None:
        self.columns = columns
        self.method = method
        self.weights = weights
        self.standardizer = standardizer

    def fit(self, data: pd.DataFrame) -> CompositeIndex:
        """Learn the scale of each indicator.

        Raises
        ------
        InputError, UnknownNameError
            When weights don't fit the indicators, or as `Standardizer.fit` does.
        """
        check_choice(self.method, ("mean",), argument="method")
        self.weights_ = self._weights()
        chosen = self.standardizer or Standardizer(self.columns)
        if list(chosen.columns) != list(self.columns):
            raise InputError(message("standardizer", "has other columns than the index", chosen.columns))
        self.standardizer_ = chosen.fit(data)
        return self

    def transform(self, data: pd.DataFrame) -> pd.Series:
        """Return the index of each row, aligned with the index of `data`."""
        parts = self.contributions(data)
        return parts.sum(axis=1).rename("index")

    def contributions(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return how much each indicator adds to each row's index; the columns sum to the index."""
        if not hasattr(self, "weights_"):
            raise InputError(message("CompositeIndex", "is not fitted", fix="Call fit first."))
        return self.standardizer_.transform(data) * self.weights_

    def fit_transform(self, data: pd.DataFrame) -> pd.Series:
        """Fit and transform the same table."""
        return self.fit(data).transform(data)

    def _weights(self) -> pd.Series:
        columns = list(self.columns)
        if self.weights is None:
            return pd.Series(1 / len(columns), index=columns)
        stray = sorted(set(self.weights) ^ set(columns))
        if stray:
            raise UnknownNameError(message("weights", "must name just the indicators of the index", stray))
        weights = pd.Series({c: float(self.weights[c]) for c in columns})
        bad = weights[~(np.isfinite(weights) & (weights > 0))]
        if len(bad):
            raise InputError(message("weights", "must be more than 0", bad.index.tolist()))
        return weights / weights.sum()
