"""The ways to make one number out of standardized indicators, as arrays; higher is stronger."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.base.checks import Floats, as_floats
from segkit.base.digits import given
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    #: Positions of the indicators of each domain.
    Groups = Sequence[npt.NDArray[np.intp]]

#: The constant of the English indices: the weakest tenth of a domain spans half of its scores.
_IMD = 23.0

#: Variances and loadings that differ by less than this differ by rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Mean:
    """Weighted mean of the indicators."""

    weights: Floats

    def parts(self, z: Floats) -> Floats:
        """Return what each indicator adds."""
        return z * self.weights

    def strength(self, z: Floats) -> Floats:
        """Return the weighted mean."""
        return np.asarray(self.parts(z).sum(axis=1), dtype=np.float64)

    def reweighted(self, z: Floats, weights: Floats) -> Floats:
        """Return the index under other weights, rows by draws."""
        return np.asarray(z @ weights.T, dtype=np.float64)


@dataclass(frozen=True)
class Component:
    """First principal component."""

    center: Floats
    loadings: Floats
    explained: float

    @classmethod
    def fit(cls, z: Floats, weight: Floats, columns: Sequence[str]) -> Component:
        """Find the direction of the greatest variance, its sign so that the loadings sum to more than 0."""
        center = np.average(z, axis=0, weights=weight)
        deviation = z - center
        variance, vectors = np.linalg.eigh((deviation * weight[:, None]).T @ deviation / weight.sum())
        loadings = vectors[:, -1]
        if len(variance) > 1 and variance[-1] - variance[-2] < _ROUNDING * variance[-1]:
            rule = "have no first principal component: two components explain equally much"
            raise InputError(message("columns", rule, columns, 'Use method="mean".'))
        if abs(loadings.sum()) < _ROUNDING:
            rule = "stand against one another in the first component, so neither end of it is the stronger"
            raise InputError(message("columns", rule, columns, 'Use method="mean".'))
        share = given(variance[-1] / variance.sum()).item()
        return cls(center, given(loadings * np.sign(loadings.sum())), share)

    def parts(self, z: Floats) -> Floats:
        """Return what each indicator adds."""
        return (z - self.center) * self.loadings

    def strength(self, z: Floats) -> Floats:
        """Return the score on the component."""
        return np.asarray(self.parts(z).sum(axis=1), dtype=np.float64)


@dataclass(frozen=True)
class Domains:
    """The English Index of Multiple Deprivation: domains ranked, transformed and weighted."""

    groups: Groups
    weights: Floats
    known: tuple[Floats, ...]

    @classmethod
    def fit(cls, z: Floats, groups: Groups, weights: Floats) -> Domains:
        """Learn what to rank among."""
        return cls(groups, weights, tuple(np.sort(_deprivation(z, group)) for group in groups))

    def scores(self, z: Floats) -> Floats:
        """Return each domain's score, 0 to 100, higher is more deprived."""
        return np.stack(
            [
                imd_transform_of(rank_among(_deprivation(z, group), known) / len(known))
                for group, known in zip(self.groups, self.known, strict=True)
            ],
            axis=1,
        )

    def parts(self, z: Floats) -> Floats:
        """Return what each domain adds."""
        return (100.0 - self.scores(z)) * self.weights

    def strength(self, z: Floats) -> Floats:
        """Return 100 less the weighted sum of the scores."""
        return np.asarray(self.parts(z).sum(axis=1), dtype=np.float64)

    def reweighted(self, z: Floats, weights: Floats) -> Floats:
        """Return the index under other weights, rows by draws."""
        return np.asarray((100.0 - self.scores(z)) @ weights.T, dtype=np.float64)


@dataclass(frozen=True)
class Themes:
    """The Social Vulnerability Index of the CDC: percentile ranks, summed and ranked again."""

    groups: Groups
    indicators: tuple[Floats, ...]
    themes: tuple[Floats, ...] = ()
    overall: Floats = field(default_factory=lambda: np.empty(0))

    @classmethod
    def fit(cls, z: Floats, groups: Groups) -> Themes:
        """Learn what to rank among, step by step."""
        model = cls(groups, tuple(np.sort(-column) for column in z.T))
        sums = model.sums(z)
        overall = np.sort(sums.sum(axis=1).round(9))
        return replace(model, themes=tuple(np.sort(s) for s in sums.round(9).T), overall=overall)

    def sums(self, z: Floats) -> Floats:
        """Return the sum of percentile ranks in each theme; equal sums tie only when rounded."""
        ranks = np.stack(
            [percentile_among(-x, known) for x, known in zip(z.T, self.indicators, strict=True)], axis=1
        )
        return np.stack([ranks[:, group].sum(axis=1) for group in self.groups], axis=1)

    def scores(self, z: Floats) -> Floats:
        """Return each theme's percentile rank, 0 to 1, higher is more vulnerable."""
        sums = self.sums(z).round(9)
        return np.stack(
            [percentile_among(s, known) for s, known in zip(sums.T, self.themes, strict=True)], axis=1
        )

    def strength(self, z: Floats) -> Floats:
        """Return 1 less the percentile rank of the sum of all themes."""
        return 1.0 - percentile_among(self.sums(z).sum(axis=1).round(9), self.overall)


#: Every way of making an index.
Formula = Mean | Component | Domains | Themes


def imd_transform(rank: Any) -> Floats:
    r"""Exponential transformation of the English Index of Multiple Deprivation: ranks into scores.

    .. math:: X = -23 \ln\left(1 - R\left(1 - e^{-100/23}\right)\right)

    with R the rank divided by the number of areas. It spreads the most deprived tenth over half the scale,
    so that when domains are added, high deprivation in one is not canceled by little in another.

    Parameters
    ----------
    rank : array-like
        R, more than 0 and at most 1; 1 is the most deprived area.

    Returns
    -------
    numpy.ndarray
        Scores of more than 0 to 100 (the most deprived).

    Raises
    ------
    InputError
        If a rank is missing, not more than 0, or more than 1.

    References
    ----------
    McLennan, D. et al. (2019). The English Indices of Deprivation 2019: Technical Report. London: Ministry
    of Housing, Communities & Local Government.

    Examples
    --------
    >>> imd_transform([0.5, 0.99, 1.0]).round(4).tolist()
    [15.6468, 86.9573, 100.0]
    """
    r = as_floats(rank, argument="rank")
    bad = ~((r > 0) & (r <= 1))
    if bad.any():
        fix = "Divide ranks 1..n by n."
        raise InputError(message("rank", "must be more than 0 and at most 1", np.unique(r[bad]), fix))
    return imd_transform_of(r)


def imd_transform_of(rank: Floats) -> Floats:
    """Compute X; no checks."""
    return np.asarray(-_IMD * np.log1p(rank * np.expm1(-100.0 / _IMD)), dtype=np.float64)


def percentile_rank(values: Any) -> Floats:
    r"""Percentile rank, as the Social Vulnerability Index has it: the share of other areas that lie lower.

    .. math:: P_i = \frac{\mathrm{rank}_i - 1}{n - 1}

    with ranks from the lowest value; areas that tie share the lowest of their ranks.

    Parameters
    ----------
    values : array-like
        One value per area.

    Returns
    -------
    numpy.ndarray
        0 (no area lies lower) to 1 (all others lie lower).

    Raises
    ------
    InputError
        If values are missing or there are fewer than two.

    References
    ----------
    Flanagan, B. E. et al. (2011). A Social Vulnerability Index for Disaster Management. Journal of Homeland
    Security and Emergency Management 8(1).

    Examples
    --------
    >>> percentile_rank([10, 30, 20, 30, 50]).tolist()
    [0.0, 0.5, 0.25, 0.5, 1.0]
    """
    x = as_floats(values, argument="values")
    if x.ndim != 1 or x.size < 2:
        raise InputError(message("values", f"must be one dimension of at least two, has {x.shape}"))
    if not np.isfinite(x).all():
        raise InputError(
            message("values", "has missing or infinite values at", np.flatnonzero(~np.isfinite(x)))
        )
    return percentile_among(x, np.sort(x))


def percentile_among(values: Floats, known: Floats) -> Floats:
    """Return the percentile rank of values among sorted ones; no checks."""
    below = np.searchsorted(known, values, side="left")
    return np.asarray(np.minimum(below / max(len(known) - 1, 1), 1.0), dtype=np.float64)


def _deprivation(z: Floats, group: npt.NDArray[np.intp]) -> Floats:
    """Return the mean of a domain, higher is more deprived, rounded so that equal means tie."""
    return np.asarray(-z[:, group].mean(axis=1).round(12), dtype=np.float64)


def rank_among(values: Floats, known: Floats) -> Floats:
    """Return ranks from the lowest, 1 to n, among sorted values; ties share their mean rank."""
    low = np.searchsorted(known, values, side="left")
    high = np.searchsorted(known, values, side="right")
    return np.asarray(np.clip((low + high + 1) / 2, 1.0, len(known)), dtype=np.float64)
