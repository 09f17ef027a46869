"""Put indicators on one scale, with higher always meaning a stronger position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit import indicators
from segkit._validate import Floats, check_choice, check_columns, complete
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Method = Literal["zscore", "robust", "rank", "minmax", "ihs"]

_METHODS = ("zscore", "robust", "rank", "minmax", "ihs")


class Standardizer:
    """Standardize indicators so that areas, indicators and years compare.

    Parameters
    ----------
    columns : sequence of str
        The indicators.
    method : {"zscore", "robust", "rank", "minmax", "ihs"}
        z-score (mean 0, standard deviation 1, n in the denominator); robust (median 0, interquartile
        range 1); rank (0-1, ties share their mean rank; later values are placed among those fitted);
        minmax (0-1 over those fitted); ihs (z-score of the inverse hyperbolic sine, for skewed values).
    reference : int, optional
        The period whose distribution sets the scale. Without it all rows are pooled. With a frozen
        period a common rise shows as a rise; it is not standardized away.
    weight : str, optional
        A column of weights, such as ``population``, for mean, spread and quantiles.
    directions : mapping, optional
        Indicator -> 1 or -1 for those the catalogue does not judge, or to override it.

    Attributes
    ----------
    center_, scale_ : pandas.Series
        What was subtracted and what was divided by, per indicator (for ``rank``: the median and 1).
    n_areas_ : int
        Rows the scale stands on.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"employment_rate": [60.0, 80.0], "unemployment_rate": [15.0, 5.0]})
    >>> Standardizer(["employment_rate", "unemployment_rate"]).fit_transform(data).to_numpy().tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    """

    def __init__(
        self,
        columns: Sequence[str],
        method: Method = "zscore",
        reference: int | None = None,
        weight: str | None = None,
        directions: Mapping[str, int] | None = None,
    ) -> None:
        self.columns = columns
        self.method = method
        self.reference = reference
        self.weight = weight
        self.directions = directions

    def fit(self, data: pd.DataFrame) -> Standardizer:
        """Learn center and scale of each indicator.

        Raises
        ------
        InputError
            When values are missing, the reference period has no rows, or an indicator has the same
            value in every area, so that it can't tell them apart.
        UnknownNameError
            When a column is missing or an indicator has no direction.
        """
        check_choice(self.method, _METHODS, argument="method")
        if not list(self.columns):
            raise InputError(message("columns", "names no indicator"))
        rows = self._rows(data)
        weight = np.ones(len(rows)) if self.weight is None else complete(rows, self.weight, least=0)
        if weight.sum() <= 0:
            raise InputError(message("weight", "must sum to more than 0"))
        self.directions_ = pd.Series({c: self._direction(c) for c in self.columns}, dtype=int)
        center, scale, self._sorted = {}, {}, {}
        for column in self.columns:
            values = self._forward(complete(rows, column))
            if np.ptp(values[weight > 0]) == 0:
                rule = f"has the same value in every area ({values[0]:g}), so it can't tell them apart"
                raise InputError(message(column, rule, fix="Leave it out of `columns`."))
            center[column], scale[column] = self._moments(values, weight)
            if scale[column] == 0:
                rule = "has no spread by this method: more than half of the areas share one value"
                raise InputError(message(column, rule, fix='Use method="zscore" or leave it out.'))
            self._sorted[column] = np.sort(values)
        self.center_, self.scale_ = pd.Series(center), pd.Series(scale)
        self.n_areas_ = len(rows)
        return self

    def transform(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the standardized indicators, aligned with the index of `data`."""
        if not hasattr(self, "center_"):
            raise InputError(message("Standardizer", "is not fitted", fix="Call fit first."))
        check_columns(data, self.columns)
        result = {}
        for column in self.columns:
            values = self._forward(complete(data, column))
            if self.method == "rank":
                known = self._sorted[column]
                low = np.searchsorted(known, values, side="left")
                high = np.searchsorted(known, values, side="right")
                scaled = (low + high) / (2 * len(known))
                result[column] = scaled if self.directions_[column] > 0 else 1 - scaled
                continue
            scaled = (values - self.center_[column]) / self.scale_[column]
            if self.method == "minmax":
                result[column] = scaled if self.directions_[column] > 0 else 1 - scaled
            else:
                result[column] = scaled * self.directions_[column]
        return pd.DataFrame(result, index=data.index)

    def fit_transform(self, data: pd.DataFrame) -> pd.DataFrame:
        """Fit and transform the same table."""
        return self.fit(data).transform(data)

    def _rows(self, data: pd.DataFrame) -> pd.DataFrame:
        check_columns(data, self.columns)
        if self.reference is None:
            rows = data
        else:
            check_columns(data, ["period"])
            rows = data[data["period"] == self.reference]
        if rows.empty:
            raise InputError(message("reference", f"the table has no rows of {self.reference}"))
        return rows

    def _direction(self, column: str) -> int:
        given = dict(self.directions or {})
        if column in given:
            check_choice(given[column], (1, -1), argument=f"directions[{column!r}]")
            return given[column]
        return indicators.direction(column)

    def _forward(self, values: Floats) -> Floats:
        return np.arcsinh(values) if self.method == "ihs" else values

    def _moments(self, values: Floats, weight: Floats) -> tuple[float, float]:
        """Return center and scale by the method."""
        if self.method == "rank":
            return float(np.median(values)), 1.0
        if self.method == "minmax":
            used = values[weight > 0]
            return float(used.min()), float(np.ptp(used))
        if self.method == "robust":
            low, middle, high = _quantiles(values, weight, (0.25, 0.5, 0.75))
            return middle, high - low
        mean = float(np.average(values, weights=weight))
        return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=weight)))


def _quantiles(values: Floats, weight: Floats, at: Sequence[float]) -> tuple[float, ...]:
    """Weighted quantiles, linear between the middles of the weights."""
    order = np.argsort(values, kind="stable")
    v, w = values[order], weight[order]
    position = (np.cumsum(w) - w / 2) / w.sum()
    return tuple(float(np.interp(q, position, v)) for q in at)
