"""The ways of finding groups: k-means, Ward, Gaussian mixture, k-medoids and contiguous regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from segkit.base.digits import EQUAL, nearest
from segkit.errors import InputError, message
from segkit.profiles._kmeans import Labels, best_of, few_threads, start_centers

if TYPE_CHECKING:
    from segkit.base.checks import Floats

Method = Literal["kmeans", "ward", "gmm", "kmedoids", "regional"]
METHODS = ("kmeans", "ward", "gmm", "kmedoids", "regional")

#: Starts unless a number is given; Ward and regions have none.
STARTS = {"kmeans": 200, "gmm": 20, "kmedoids": 20, "ward": 1, "regional": 1}

#: Rows up to which k-medoids looks at all pairs; above it samples are clustered (CLARA).
_PAIRS = 1000
_SAMPLES = 5

#: Rows up to which Ward, which needs all pairs, is run.
_WARD = 15_000


@dataclass(frozen=True)
class Found:
    """Groups 0..k-1, the points areas are compared with, and how often the best start was found."""

    labels: Labels
    anchors: Floats
    n_found: int = 1
    n_starts: int = 1
    mixture: Any = None
    medoids: Labels | None = None


def find(
    points: Floats, k: int, method: Method, n_starts: int, random_state: int, weight: Floats | None = None
) -> Found:
    """Group points by any method but the regional one, which needs a map."""
    weighed = np.ones(len(points)) if weight is None else weight
    rng = np.random.default_rng(random_state)
    if method == "kmeans":
        best = best_of(points, k, n_starts, rng, weighed)
        return Found(best.labels, best.centers, best.n_found, best.n_starts)
    if method == "kmedoids":
        return _kmedoids(points, k, n_starts, rng, weighed)
    if method == "gmm":
        return _mixture(points, k, n_starts, random_state, weighed)
    return _ward(points, k, weighed)


def means_of(points: Floats, labels: Labels, k: int, weight: Floats) -> Floats:
    """Return the weighted mean of each group; unweighted where a group weighs nothing."""
    share = (labels == np.arange(k)[:, None]).astype(np.float64)
    heavy = share * weight
    share = np.where(heavy.sum(axis=1, keepdims=True) > 0, heavy, share)
    means: Floats = share @ points / share.sum(axis=1, keepdims=True)
    return means


def _ward(points: Floats, k: int, weight: Floats) -> Found:
    from sklearn.cluster import AgglomerativeClustering

    if len(points) > _WARD:
        rule = f'"ward" compares all pairs, which is too much for {len(points)} areas'
        raise InputError(message("method", rule, fix='Use "kmeans".'))
    labels = AgglomerativeClustering(k, linkage="ward").fit_predict(points).astype(np.intp)
    return Found(labels, means_of(points, labels, k, weight))


def _mixture(points: Floats, k: int, n_starts: int, random_state: int, weight: Floats) -> Found:
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(
        k, covariance_type="tied", n_init=n_starts, random_state=random_state, max_iter=1000, reg_covar=1e-4
    )
    with few_threads(len(points)):
        labels = model.fit(points).predict(points).astype(np.intp)
    filled = len(np.unique(labels))
    if filled < k:
        rule = f"is {k}, but only {filled} of the components are the most probable of any area"
        raise InputError(message("n_profiles", rule, fix="Ask for fewer profiles."))
    return Found(labels, means_of(points, labels, k, weight), n_starts=n_starts, mixture=model)


def _kmedoids(points: Floats, k: int, n_starts: int, rng: np.random.Generator, weight: Floats) -> Found:
    """PAM from several starts; for many areas on samples, of which the best is kept (CLARA)."""
    n = len(points)
    medoids, costs = [], []
    for _ in range(1 if n <= _PAIRS else _SAMPLES):
        rows = np.arange(n) if n <= _PAIRS else np.sort(rng.choice(n, _PAIRS, replace=False))
        gaps = np.sqrt(_squares(points[rows], points[rows]))
        starts = start_centers(points[rows], k, n_starts, rng, weight[rows])
        for start in starts:
            first = nearest(_squares(points[rows], start), axis=0)
            chosen = rows[_swap(gaps, np.unique(first), k, weight[rows])]
            medoids.append(np.sort(chosen))
            costs.append(float(np.sqrt(_squares(points, points[chosen])).min(axis=1) @ weight))
    least = min(costs)
    best = [m for m, c in zip(medoids, costs, strict=True) if c <= least * (1 + EQUAL)]
    chosen = min(best, key=lambda m: m.tolist())
    labels = nearest(_squares(points, points[chosen]))
    found = sum(np.array_equal(m, chosen) for m in best)
    return Found(labels, points[chosen], found, len(medoids), medoids=chosen)


def _swap(gaps: Floats, medoids: Labels, k: int, weight: Floats) -> Labels:
    """Change a medoid for another area as long as that makes the sum of distances less (PAM)."""
    while len(medoids) < k:
        medoids = np.append(medoids, (gaps[:, medoids].min(axis=1) * (weight > 0)).argmax())
    medoids = medoids.copy()
    while True:
        to = gaps[:, medoids]
        near = nearest(to)
        ordered = np.sort(to, axis=1)
        first = ordered[:, :1]
        second = ordered[:, 1:2] if k > 1 else np.full_like(first, np.inf)
        gained = np.minimum(gaps - first, 0)
        lost = np.minimum(gaps, second) - first - gained
        member = (near[:, None] == np.arange(k)) * weight[:, None]
        change = (weight @ gained)[:, None] + lost.T @ member
        into, out = np.unravel_index(nearest(change.ravel()), change.shape)
        if change[into, out] >= -EQUAL * max(1.0, float(first[:, 0] @ weight)):
            return medoids
        medoids[out] = into


def _squares(points: Floats, centers: Floats) -> Floats:
    """Squared distances, points by centers."""
    return np.stack([((points - center) ** 2).sum(axis=1) for center in centers], axis=1)
