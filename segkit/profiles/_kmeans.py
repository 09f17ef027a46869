"""k-means from many starts at once, so that it can be told how often the best solution is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from segkit.base.digits import EQUAL, given, nearest, settled

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from segkit.base.checks import Floats

Labels: TypeAlias = npt.NDArray[np.intp]

#: The best solution shall be found this often; rounds of starts are added until it is.
_AGAIN, _ROUNDS = 5, 10

#: Above this many rows no rounds are added.
_PATIENT = 2000

#: Above this many rows scikit-learn, start by start, is faster than all starts at once.
LARGE = 300

#: Above this many rows scikit-learn gains by several threads.
_THREADS = 20_000

#: Numbers in a block of starts: bounds the memory.
_BLOCK = 2_000_000

_MAX_ITER = 300


@dataclass(frozen=True)
class Solution:
    """The best of many runs: labels 0..k-1 in order of the centers' means, and how often it was found."""

    labels: Labels
    centers: Floats
    inertia: float
    n_found: int
    n_starts: int


def best_of(points: Floats, k: int, n_starts: int, rng: np.random.Generator, weight: Floats) -> Solution:
    """Return the best k-means solution, with how many of the starts end in it."""
    runs: list[tuple[float, Labels, Floats]] = []
    for _ in range(_ROUNDS if len(points) <= _PATIENT else 1):
        runs += [
            _in_order(*run) for run in _runs(points, start_centers(points, k, n_starts, rng, weight), weight)
        ]
        least = min(run[0] for run in runs)
        # Equally good solutions: always the same one, whatever the seed.
        best = [run for run in runs if run[0] <= least + EQUAL * max(least, 1e-300)]
        inertia, labels, centers = min(best, key=lambda run: run[1].tolist())
        found = sum(np.array_equal(run[1], labels) for run in best)
        if found >= min(_AGAIN, n_starts):
            break
    return Solution(labels, centers, inertia, found, len(runs))


def few_threads(n: int) -> AbstractContextManager[object]:
    """Keep scikit-learn to one thread where there are too few rows for several to gain."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limited: AbstractContextManager[object] = threadpool_limits(None if n > _THREADS else 1)
    return limited


def start_centers(points: Floats, k: int, size: int, rng: np.random.Generator, weight: Floats) -> Floats:
    """Draw starts by greedy k-means++ (Arthur & Vassilvitskii 2007): start, cluster, indicator."""
    n = len(points)
    trials = 2 + int(np.log(k))
    block = max(1, _BLOCK // (n * trials))
    parts = [
        _start_block(points, k, min(block, size - i), rng, weight, trials) for i in range(0, size, block)
    ]
    drawn: Floats = np.concatenate(parts)
    return drawn


def _start_block(
    points: Floats, k: int, size: int, rng: np.random.Generator, weight: Floats, trials: int
) -> Floats:
    n = len(points)
    square = (points**2).sum(axis=1)
    rows = np.arange(size)
    chosen = np.empty((size, k), dtype=np.intp)
    chosen[:, 0] = rng.choice(n, size, p=weight / weight.sum())

    def gaps(at: Labels) -> Floats:
        """Squared distances from rows `at` to all points."""
        apart: Floats = np.maximum(square[at][..., None] + square - 2 * points[at] @ points.T, 0)
        return apart

    closest = gaps(chosen[:, 0])
    for place in range(1, k):
        heap = np.cumsum(closest * weight, axis=1)
        aim = rng.random((size, trials)) * heap[:, -1:]
        at = np.stack([np.searchsorted(heap[s], aim[s], side="right") for s in rows]).clip(max=n - 1)
        near = np.minimum(gaps(at), closest[:, None])
        pick = nearest(near @ weight)
        chosen[:, place], closest = at[rows, pick], near[rows, pick]
    picked: Floats = points[chosen]
    return picked


def lloyd(points: Floats, starts: Floats, weight: Floats) -> tuple[Floats, npt.NDArray[np.intp], Floats]:
    """Run Lloyd's algorithm from each start: inertias, labels and centers, a line per start."""
    centers = starts.copy()
    labels = np.full((len(starts), len(points)), -1, dtype=np.intp)
    active = np.arange(len(starts))
    k = starts.shape[1]
    for _ in range(_MAX_ITER):
        now = centers[active]
        gap = (now**2).sum(axis=2)[:, None] - 2 * points @ now.transpose(0, 2, 1)
        place = nearest(gap)
        moved = (place != labels[active]).any(axis=1)
        active, place, gap = active[moved], place[moved], gap[moved]
        if not len(active):
            break
        labels[active] = place
        share = (place[:, None, :] == np.arange(k)[:, None]) * weight
        mass = share.sum(axis=2)
        means = (share @ points) / np.where(mass > 0, mass, 1)[..., None]
        for start in np.flatnonzero((mass == 0).any(axis=1)):
            # As in scikit-learn, an empty cluster restarts at the points farthest from their centers.
            empty = np.flatnonzero(mass[start] == 0)
            far = np.argsort(
                -np.where(weight > 0, gap[start].min(axis=1) + (points**2).sum(axis=1), -1), kind="stable"
            )
            means[start, empty] = points[far[: len(empty)]]
        centers[active] = means
    spread = (points - np.take_along_axis(centers, labels[..., None], axis=1)) ** 2
    return spread.sum(axis=2) @ weight, labels, centers


def _runs(points: Floats, starts: Floats, weight: Floats) -> list[tuple[float, Labels, Floats]]:
    n, k = len(points), starts.shape[1]
    if n > LARGE:
        with few_threads(n):
            return [_one_large(points, start, weight) for start in starts]
    block = max(1, _BLOCK // (n * k))
    runs = []
    for i in range(0, len(starts), block):
        inertias, labels, centers = lloyd(points, starts[i : i + block], weight)
        runs += [(float(a), b, c) for a, b, c in zip(inertias, labels, centers, strict=True)]
    return runs


def _one_large(points: Floats, start: Floats, weight: Floats) -> tuple[float, Labels, Floats]:
    from sklearn.cluster import KMeans

    # Among many areas the last few that change places cost most of the time.
    tol = 1e-8 if len(points) <= _PATIENT else 1e-4
    model = KMeans(len(start), init=start, n_init=1, tol=tol, algorithm="lloyd")
    model.fit(points, sample_weight=weight)
    return float(model.inertia_), model.labels_.astype(np.intp), model.cluster_centers_


def _in_order(inertia: float, labels: Labels, centers: Floats) -> tuple[float, Labels, Floats]:
    """Give the clusters numbers by the mean of their centers, so that runs compare."""
    rounded = given(centers)
    order = np.lexsort((*rounded.T, settled(rounded.mean(axis=1))))
    return inertia, np.argsort(order, kind="stable")[labels], centers[order]
