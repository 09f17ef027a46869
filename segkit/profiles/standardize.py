"""Put indicators on one scale, with higher always meaning a stronger position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit.base.boundary import guard
from segkit.base.checks import Floats, check_choice, check_columns, complete, is_level, labels_of, numbers
from segkit.base.namespace import public
from segkit.catalogue import indicators
from segkit.errors import InputError, UnknownNameError, message, warn

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

__all__ = ["Method", "Scale", "Standardizer"]

__dir__ = public(__all__)


Method = Literal["zscore", "robust", "rank", "minmax", "ihs"]

_METHODS = ("zscore", "robust", "rank", "minmax", "ihs")

#: How far from 1 the correlation of two indicators may be that say the same.
_SAME = 1e-12

#: Any two different rows lie on a line.
_FEW = 2

#: The one group of rows when they are not told apart by period.
_ALL = "all rows"


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
    reference : int, "pooled" or "period", optional
        Whose distribution sets the scale. A period (2019) is frozen: its scale holds for every period, so
        a common rise shows as a rise. "pooled": all rows together; a common rise still shows, but the
        scale changes when a year is added. "period": each period by itself; a common rise is
        standardized away and only the order within the period is left. Without it: pooled for a table
        with one row per area (each area may then be of another period), and the first period, frozen,
        for a table with several periods of the same areas. `reference_` says which it was.
    weight : str, optional
        A column of weights, such as ``population``, for mean, spread, quantiles and ranks.
    directions : mapping, optional
        Indicator -> 1 or -1 for those the catalogue does not judge, or to override it.
    missing : {"raise", "median", "region"}
        Missing values are an error, or filled with the median of all areas, or with the mean of the area's
        region. Both are learned in `fit` from the known values, weighted as the scale is, and within
        the row's period unless the reference is pooled. The scale itself stands on known values alone.
        What was filled is warned of and flagged in `imputed_`.
    region : str, optional
        The column with the region of each row; with ``missing="region"``.

    Attributes
    ----------
    reference_ : int or str
        The period whose scale is used, "pooled" or "period".
    center_, scale_ : pandas.Series or pandas.DataFrame
        What was subtracted and what was divided by, per indicator (for ``rank``: the median and 1). With
        ``reference="period"`` a table, one row per period.
    directions_ : pandas.Series
        1 where a higher value is stronger, -1 where it is weaker.
    n_areas_ : int
        Rows the scale stands on.
    imputed_ : pandas.DataFrame
        True where a value was filled, row by indicator, aligned with the table last fitted or transformed.

    Notes
    -----
    Two indicators of which one follows exactly from the other (correlation 1 or -1), such as the shares of
    owners and of all others, count twice in an index. They are named in a `DataWarning`.

    References
    ----------
    OECD & JRC (2008). Handbook on Constructing Composite Indicators. Paris: OECD. Burbidge, J. B.,
    Magee, L. & Robb, A. L. (1988). Alternative transformations to handle extreme values of the dependent
    variable. Journal of the American Statistical Association 83(401), 123-127.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"employment_rate": [60.0, 80.0], "unemployment_rate": [15.0, 5.0]})
    >>> Standardizer(["employment_rate", "unemployment_rate"]).fit_transform(data).to_numpy().tolist()
    [[-1.0, -1.0], [1.0, 1.0]]

    The first of several years is frozen, so that a rise of all areas shows:

    >>> years = pd.DataFrame({"area_id": ["a", "b"] * 2, "period": [2024, 2024, 2025, 2025],
    ...                       "employment_rate": [60.0, 80.0, 65.0, 85.0]})
    >>> Standardizer(["employment_rate"]).fit_transform(years)["employment_rate"].tolist()
    [-1.0, 1.0, -0.5, 1.5]
    """

    def __init__(
        self,
        columns: Sequence[str],
        method: Method = "zscore",
        reference: int | Literal["pooled", "period"] | None = None,
        weight: str | None = None,
        directions: Mapping[str, int] | None = None,
        *,
        missing: Literal["raise", "median", "region"] = "raise",
        region: str | None = None,
    ) -> None:
        self.columns = columns
        self.method = method
        self.reference = reference
        self.weight = weight
        self.directions = directions
        self.missing = missing
        self.region = region

    def fit(self, data: pd.DataFrame) -> Standardizer:
        """Learn center and scale of each indicator.

        Raises
        ------
        InputError
            When values are missing that may not be, a whole column or a period lacks an indicator, the
            reference period has no rows, or an indicator has the same value in every area, so that it
            can't tell them apart.
        UnknownNameError
            When a column is missing or an indicator has no direction.

        Warns
        -----
        DataWarning
            When values were filled, or two indicators say the same.
        """
        self._check(data)
        self.directions_ = pd.Series({c: self._direction(c) for c in self.columns}, dtype=int)
        reference = self._chosen(data)
        self.reference_ = reference
        rows = self.reference_rows(data)
        if rows.empty:
            raise InputError(message("reference", f"the table has no rows of {reference}"))
        self._refuse_gaps(data, rows)
        self._fill = self._learn_fill(data)
        values, weight, keys = self._values(rows), self._weights(rows), self._keys(rows)
        signs = np.asarray(self.directions_, dtype=np.float64)
        scales, same = {}, set()
        for key in dict.fromkeys(keys):
            member = np.asarray([k == key for k in keys]) if reference == "period" else slice(None)
            scales[key] = Scale.fit(values[member], weight[member], self.columns, self.method, signs)
            same |= _say_the_same(values[member][weight[member] > 0], self.columns)
        self._scales = scales if reference == "period" else {_ALL: next(iter(scales.values()))}
        self.center_, self.scale_ = self._table("center"), self._table("spread")
        self.n_areas_ = len(rows)
        self.imputed_ = self._gaps(data)
        _warn_filled(self.imputed_, data, self.missing)
        if same:
            pairs = [f"{a} and {b}" for a, b in sorted(same)]
            fix = "Each counts twice; leave one of the two out."
            warn(message("columns", "have indicators that say the same", pairs, fix))
        return self

    def transform(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the standardized indicators, aligned with the index of `data`.

        Raises
        ------
        InputError
            When values are missing that may not be, or a period comes that was not fitted and its own scale
            or fill is needed.
        UnknownNameError
            When a column is missing.
        """
        self._check_fitted(data)
        self._refuse_gaps(data, data)
        filled = self.filled(data)
        _warn_filled(self.imputed_, data, self.missing)
        return self._scaled(filled, data)

    def fit_transform(self, data: pd.DataFrame) -> pd.DataFrame:
        """Fit and transform the same table."""
        self.fit(data)
        self._refuse_gaps(data, data)
        return self._scaled(self.filled(data), data)

    def filled(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the indicators in their own units, missing values filled by the rule of `missing`."""
        self._check_fitted(data)
        values = self._values(data)
        gap = np.isnan(values)
        if gap.any():
            known = pd.MultiIndex.from_arrays([self._keys(data), self._regions(data)])
            put = self._fill.reindex(known).to_numpy()
            without = (gap & np.isnan(put)).any(axis=1)
            if without.any():
                rule = "can't be filled: no value was known in fit for the period or region of"
                raise InputError(message("missing", rule, labels_of(data, without)))
            values = np.where(gap, put, values)
        self.imputed_ = pd.DataFrame(gap, index=data.index, columns=list(self.columns))
        return pd.DataFrame(values, index=data.index, columns=list(self.columns))

    def reference_rows(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that set the scale: those of the frozen period, else all."""
        return data if isinstance(self.reference_, str) else data[data["period"] == self.reference_]

    def _scaled(self, filled: pd.DataFrame, data: pd.DataFrame) -> pd.DataFrame:
        values = filled.to_numpy()
        if self.reference_ != "period":
            return filled.assign(**dict(zip(filled.columns, self._scales[_ALL].apply(values).T, strict=True)))
        keys = np.asarray(self._keys(data))
        strange = [str(k) for k in dict.fromkeys(keys.tolist()) if k not in self._scales]
        if strange:
            fix = "Fit on a table that has them, or freeze one period with reference=<year>."
            raise InputError(message("period", "has periods that were not fitted", strange, fix))
        result = np.empty_like(values)
        for key, scale in self._scales.items():
            result[keys == key] = scale.apply(values[keys == key])
        return pd.DataFrame(result, index=filled.index, columns=filled.columns)

    def _check(self, data: pd.DataFrame) -> None:
        check_choice(self.method, _METHODS, argument="method")
        check_choice(self.missing, ("raise", "median", "region"), argument="missing")
        if isinstance(self.columns, str) or not list(self.columns):
            raise InputError(message("columns", "must be a list that names at least one indicator"))
        if not all(isinstance(c, str) for c in self.columns):
            raise InputError(message("columns", "must be names of columns", self.columns))
        twice = [c for c in dict.fromkeys(self.columns) if list(self.columns).count(c) > 1]
        if twice:
            raise InputError(message("columns", "names an indicator more than once", twice))
        if self.directions is not None and not isinstance(self.directions, Mapping):
            raise InputError(message("directions", "must be a mapping from indicator to 1 or -1"))
        stray = [c for c in (self.directions or {}) if c not in list(self.columns)]
        if stray:
            raise UnknownNameError(message("directions", "names what is no indicator here", stray))
        if (self.region is not None) != (self.missing == "region"):
            fix = 'Give both missing="region" and region=<column>, or neither.'
            raise InputError(message("region", 'goes with missing="region"', fix=fix))
        check_columns(data, self._needed())
        if data.empty:
            raise InputError(message("data", "has no rows"))

    def _check_fitted(self, data: pd.DataFrame) -> None:
        if not hasattr(self, "center_"):
            raise InputError(message("Standardizer", "is not fitted", fix="Call fit first."))
        by_period = ["period"] if self.reference_ == "period" else []
        check_columns(data, [*self.columns, *by_period])

    def _needed(self) -> list[str]:
        return [c for c in (*self.columns, self.weight, self.region) if c is not None]

    def _chosen(self, data: pd.DataFrame) -> int | str:
        """Return whose distribution sets the scale."""
        given = self.reference
        periods = data["period"].unique().tolist() if "period" in data else []
        if given is None and "area_id" not in data and len(periods) > 1:
            rule = "must be stated: several periods, and no area_id that tells whether the areas are the same"
            fix = 'Name a period, "pooled" or "period".'
            raise InputError(message("reference", rule, periods, fix))
        if given == "pooled" or (given is None and not _same_areas_again(data)):
            return "pooled"
        a_year = isinstance(given, int | np.integer) and not isinstance(given, bool)
        if given is not None and given != "period" and not a_year:
            raise InputError(message("reference", f'is {given!r}, must be a period, "pooled" or "period"'))
        check_columns(data, ["period"])
        if data["period"].isna().any():
            raise InputError(message("period", "is missing", data.index[data["period"].isna()]))
        if given == "period":
            return "period"
        if not pd.api.types.is_numeric_dtype(data["period"]):
            rule = f"must be whole numbers, is {data['period'].dtype}"
            raise InputError(message("period", rule, fix="Use years such as 2024."))
        return int(data["period"].min() if given is None else given)

    def _refuse_gaps(self, data: pd.DataFrame, rows: pd.DataFrame) -> None:
        """Refuse an indicator without any value in the data, or in one of the periods of the rows used."""
        told_apart = "period" in rows and (self.reference_ != "pooled" or _same_areas_again(rows))
        for column in self.columns:
            if len(data) and np.isnan(numbers(data, column)).all():
                raise InputError(
                    message(
                        column, "has no value in any row, all are missing", fix="Leave it out of `columns`."
                    )
                )
            gap = np.isnan(numbers(rows, column))
            if not told_apart or not gap.any():
                continue
            empty = pd.Series(gap).groupby(rows["period"].to_numpy()).all()
            if empty.any():
                fix = "Leave out the indicator or the period, or choose another `reference`."
                rule = "has no value at all in the period"
                raise InputError(message(column, rule, empty.index[empty].tolist(), fix))

    def _values(self, data: pd.DataFrame) -> Floats:
        """Return rows by indicators; with a gap only where it may be filled."""
        read = complete if self.missing == "raise" else numbers
        return np.stack([read(data, column) for column in self.columns], axis=1)

    def _weights(self, data: pd.DataFrame) -> Floats:
        weight = np.ones(len(data)) if self.weight is None else complete(data, self.weight, least=0)
        if weight.sum() <= 0:
            raise InputError(message("weight", "must sum to more than 0"))
        return weight

    def _gaps(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return which values will be filled."""
        fill = self.missing != "raise"
        gaps = {column: fill & np.isnan(numbers(data, column)) for column in self.columns}
        return pd.DataFrame(gaps, index=data.index)

    def _keys(self, data: pd.DataFrame) -> list[Hashable]:
        """Return the period of each row, where rows are told apart by it."""
        if self.reference_ == "pooled" or "period" not in data:
            return [_ALL if self.reference_ == "pooled" else self.reference_] * len(data)
        return list(data["period"].tolist())

    def _regions(self, data: pd.DataFrame) -> list[Hashable]:
        if self.region is None:
            return [_ALL] * len(data)
        check_columns(data, [self.region])
        blank = data[self.region].isna().to_numpy()
        if blank.any():
            raise InputError(message("region", "is missing", labels_of(data, blank)))
        return list(data[self.region].tolist())

    def _learn_fill(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return what fills a gap, one row per period and region; NaN where no value is known."""
        if self.missing == "raise":
            return pd.DataFrame()
        values, weight = self._values(data), self._weights(data)
        index = pd.MultiIndex.from_arrays([self._keys(data), self._regions(data)])
        codes, groups = index.factorize()
        known = ~np.isnan(values) & (weight > 0)[:, None]
        fill = np.full((len(groups), values.shape[1]), np.nan)
        for j in range(values.shape[1]):
            row = known[:, j]
            if self.missing == "region":
                total = np.bincount(codes[row], weight[row], len(groups))
                summed = np.bincount(codes[row], weight[row] * values[row, j], len(groups))
                np.divide(summed, total, out=fill[:, j], where=total > 0)
                continue
            for code in np.unique(codes[row]):
                member = row & (codes == code)
                fill[code, j] = _quantiles(values[member, j], weight[member], (0.5,))[0]
        return pd.DataFrame(fill, index=groups, columns=list(self.columns))

    def _direction(self, column: str) -> int:
        given = dict(self.directions or {})
        if column in given:
            check_choice(given[column], (1, -1), argument=f"directions[{column!r}]")
            return given[column]
        return indicators.direction(column)

    def _table(self, what: str) -> pd.Series | pd.DataFrame:
        columns = list(self.columns)
        if self.reference_ != "period":
            return pd.Series(getattr(self._scales[_ALL], what), index=columns)
        rows = {key: getattr(scale, what) for key, scale in self._scales.items()}
        table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        return table.rename_axis("period").sort_index()


@dataclass(frozen=True)
class Scale:
    """The scale of several indicators, as arrays: what `Standardizer` and resampling share.

    Attributes
    ----------
    method : str
        As in `Standardizer`.
    center, spread : numpy.ndarray
        What is subtracted and what is divided by, per indicator.
    directions : numpy.ndarray
        1 or -1 per indicator.
    known : tuple
        For ``rank``: the sorted values of each indicator and the weight up to each, from 0.
    """

    method: Method
    center: Floats
    spread: Floats
    directions: Floats
    known: tuple[tuple[Floats, Floats], ...] = ()

    @classmethod
    def fit(
        cls, values: Floats, weight: Floats, columns: Sequence[str], method: Method, directions: Floats
    ) -> Scale:
        """Learn the scale from rows by indicators; NaN is left out."""
        center, spread, known = [], [], []
        for column, every in zip(columns, values.T, strict=True):
            row = ~np.isnan(every) & (weight > 0)
            x, w = every[row], weight[row]
            if not x.size:
                raise InputError(message(column, "has no value where the weight is more than 0"))
            if is_level(x):
                rule = f"has the same value in every area ({x[0]:g}), so it can't tell them apart"
                raise InputError(message(column, rule, fix="Leave it out of `columns`."))
            middle, width = _moments(np.arcsinh(x) if method == "ihs" else x, w, method)
            if width == 0:
                rule = "has no spread by this method: more than half of the areas share one value"
                raise InputError(message(column, rule, fix='Use method="zscore" or leave it out.'))
            center.append(middle)
            spread.append(width)
            if method == "rank":
                order = np.argsort(x, kind="stable")
                known.append((x[order], np.concatenate([[0.0], np.cumsum(w[order])])))
        return cls(method, np.array(center), np.array(spread), directions, tuple(known))

    def apply(self, values: Floats) -> Floats:
        """Return the standardized values, rows by indicators, higher is stronger."""
        if self.method == "rank":
            scaled = np.stack([_place(x, *k) for x, k in zip(values.T, self.known, strict=True)], axis=1)
        else:
            forward = np.arcsinh(values) if self.method == "ihs" else values
            scaled = (forward - self.center) / self.spread
        if self.method in {"rank", "minmax"}:
            return np.where(self.directions > 0, scaled, 1 - scaled)
        return scaled * self.directions


def _place(values: Floats, known: Floats, upto: Floats) -> Floats:
    """Return where values stand among those known: the weight below and half of that which ties."""
    low = upto[np.searchsorted(known, values, side="left")]
    high = upto[np.searchsorted(known, values, side="right")]
    return np.asarray((low + high) / (2 * upto[-1]), dtype=np.float64)


def _moments(values: Floats, weight: Floats, method: Method) -> tuple[float, float]:
    """Return center and spread by the method."""
    if method == "rank":
        return float(np.median(values)), 1.0
    if method == "minmax":
        return float(values.min()), float(np.ptp(values))
    if method == "robust":
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


def _same_areas_again(data: pd.DataFrame) -> bool:
    """Tell whether a table has several periods of the same areas."""
    if not {"period", "area_id"} <= set(data.columns):
        return False
    # A resampled area stands several times within its period.
    return bool(data[["area_id", "period"]].drop_duplicates()["area_id"].duplicated().any())


def _say_the_same(values: Floats, columns: Sequence[str]) -> set[tuple[str, str]]:
    """Return the pairs of indicators of which one follows exactly from the other."""
    values = np.unique(values[~np.isnan(values).any(axis=1)], axis=0)
    # Without spread among the complete rows a correlation means nothing.
    if len(values) <= _FEW or values.shape[1] < 2 or (np.ptp(values, axis=0) == 0).any():
        return set()
    r = np.abs(np.corrcoef(values, rowvar=False))
    first, second = np.nonzero(np.triu(r >= 1 - _SAME, k=1))
    return {(columns[i], columns[j]) for i, j in zip(first.tolist(), second.tolist(), strict=True)}


def _warn_filled(imputed: pd.DataFrame, data: pd.DataFrame, rule: str) -> None:
    """Say what was filled."""
    counts = imputed.sum()
    for column in counts.index[counts > 0]:
        where = labels_of(data, imputed[column].to_numpy())
        text = f"{int(counts[column])} missing values were filled with the {_FILLED_WITH[rule]}"
        fix = "They are flagged in `imputed_`."
        warn(message(str(column), text, where, fix))


_FILLED_WITH = {"median": "median of the areas", "region": "mean of the region"}

guard(__name__)
