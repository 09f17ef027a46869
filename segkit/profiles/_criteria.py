"""How good a grouping into k is: criteria on standardized points and labels from 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.profiles._methods import Found, means_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from segkit.base.checks import Floats
    from segkit.profiles._kmeans import Labels

#: Rows up to which the silhouette compares all pairs; above it areas are compared with centers.
EXACT = 3000

#: Numbers in a block of pairs: bounds the memory.
_BLOCK = 2_000_000


def inertia_of(points: Floats, labels: Labels, weight: Floats) -> float:
    """Sum of (weighted) squared distances to the means of the groups."""
    centers = means_of(points, labels, int(labels.max()) + 1, weight)
    return float(((points - centers[labels]) ** 2).sum(axis=1) @ weight)


def silhouette(points: Floats, labels: Labels) -> float:
    """Mean silhouette (Rousseeuw 1987), -1 to 1; simplified (Hruschka et al. 2004) for many areas.

    The simplified one takes the distance to a group's mean for the mean distance to its areas.
    """
    k, n = int(labels.max()) + 1, len(points)
    rows, sizes = np.arange(n), np.bincount(labels, minlength=k)
    if n > EXACT:
        centers = means_of(points, labels, k, np.ones(n))
        mean = np.sqrt(np.stack([((points - c) ** 2).sum(axis=1) for c in centers], axis=1))
        own = mean[rows, labels].copy()
    else:
        member = (labels[:, None] == np.arange(k)).astype(np.float64)
        total = np.empty((n, k))
        step = max(1, _BLOCK // (n * points.shape[1]))
        for i in range(0, n, step):
            gaps = np.sqrt(((points[i : i + step, None] - points) ** 2).sum(axis=2))
            total[i : i + step] = gaps @ member
        # An area is at no distance from itself, so the others of its group are one fewer.
        own = total[rows, labels] / np.maximum(sizes[labels] - 1, 1)
        mean = total / sizes
    mean[rows, labels] = np.inf
    other = mean.min(axis=1)
    most = np.maximum(own, other)
    score = np.divide(other - own, most, out=np.zeros(n), where=most > 0)
    return float(np.where(sizes[labels] > 1, score, 0).mean())


def calinski_harabasz(points: Floats, labels: Labels) -> float:
    """Variance between groups over variance within, each by its degrees of freedom (1974)."""
    k, n = int(labels.max()) + 1, len(points)
    within = inertia_of(points, labels, np.ones(n))
    total = float(((points - points.mean(axis=0)) ** 2).sum())
    return (total - within) / (k - 1) / (within / (n - k)) if within > 0 and n > k else np.nan


def davies_bouldin(points: Floats, labels: Labels) -> float:
    """Mean over groups of the worst ratio of spreads to distance between centers (1979); low is good."""
    k = int(labels.max()) + 1
    centers = means_of(points, labels, k, np.ones(len(points)))
    gaps = np.sqrt(((points - centers[labels]) ** 2).sum(axis=1))
    spread = np.bincount(labels, weights=gaps, minlength=k) / np.bincount(labels, minlength=k)
    apart = np.sqrt(((centers[:, None] - centers) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    # Two groups with one mean, which only regions can be, are not apart at all.
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (spread[:, None] + spread) / apart
    return float(np.nan_to_num(ratio, nan=0.0, posinf=np.inf).max(axis=1).mean())


def gap_statistic(
    points: Floats,
    ks: list[int],
    group: Callable[[Floats, int, int], Labels],
    *,
    n_references: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Gap statistic and its standard error for each k (Tibshirani, Walther & Hastie 2001).

    The references are uniform over the range of each indicator.
    """
    rng = np.random.default_rng(seed)
    low, high = points.min(axis=0), points.max(axis=0)
    drawn = [rng.uniform(low, high, points.shape) for _ in range(n_references)]
    even = np.ones(len(points))

    def logs(cloud: Floats) -> list[float]:
        return [np.log(max(inertia_of(cloud, group(cloud, k, seed), even), 1e-300)) for k in ks]

    expected = np.array([logs(cloud) for cloud in drawn])
    gap = expected.mean(axis=0) - logs(points)
    return gap, expected.std(axis=0) * np.sqrt(1 + 1 / n_references)


def bic_of(found: Found, points: Floats) -> float:
    """Bayesian information criterion of a mixture (low is good); NaN for other methods."""
    return float(found.mixture.bic(points)) if found.mixture is not None else np.nan


def adjusted_rand_of(table: Floats) -> float:
    """Score a cross table of counts: pairs of areas that both groupings treat alike, beyond chance."""
    together, in_a, in_b = (
        float((n * (n - 1)).sum() / 2) for n in (table, table.sum(axis=1), table.sum(axis=0))
    )
    pairs = float(table.sum() * (table.sum() - 1) / 2)
    # One area, or all areas in one group or each in its own in both: there is nothing to disagree on.
    if in_a == in_b and in_a in {0.0, pairs}:
        return 1.0
    expected = in_a * in_b / pairs
    return (together - expected) / ((in_a + in_b) / 2 - expected)
