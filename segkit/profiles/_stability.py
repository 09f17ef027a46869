"""How far profiles depend on which areas happen to be in the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.blocks import in_order
from segkit.base.checks import check_count, check_seed, check_share
from segkit.base.digits import nearest
from segkit.base.order import area_order, as_given
from segkit.errors import InputError, message
from segkit.profiles._aligning import matching
from segkit.profiles._criteria import adjusted_rand_of
from segkit.profiles._methods import Found, Method, find

if TYPE_CHECKING:
    from segkit.base.checks import Floats
    from segkit.profiles._kmeans import Labels
    from segkit.profiles._model import Profiles

#: Starts of a refit: a refit need not be the very best, and there are many.
_STARTS = {"kmeans": 25, "kmedoids": 3, "gmm": 3, "ward": 1}

#: From this many areas a refit has at most so many starts.
_MANY, _FEW_STARTS = 1000, 2


@dataclass(frozen=True)
class Stability:
    """What `Profiles.stability` returns.

    Attributes
    ----------
    profiles : pandas.DataFrame
        ``profile, n_areas, jaccard, ci_low, ci_high, dissolved``: the mean Jaccard similarity of the
        profile with its match in the refits (areas in both / areas in either, 0-1), its interval, and the
        share of refits where it is 0.5 or less. Hennig's guide: 0.75 or more is stable, under 0.6 not to
        be relied on.
    areas : pandas.DataFrame
        ``area_id``, ``name``, ``profile``, ``kept`` (share of refits in which the area is in its
        profile), ``other_profile`` (where it is most often otherwise, 0 if nowhere), ``other_share``.
    adjusted_rand, ci_low, ci_high : float
        Mean adjusted Rand index of the refits with the profiles, and its interval: 1 the same, 0 as alike
        as by chance.
    n_bootstrap : int
        Refits.
    """

    profiles: pd.DataFrame
    areas: pd.DataFrame
    adjusted_rand: float
    ci_low: float
    ci_high: float
    n_bootstrap: int


def stability(
    model: Profiles,
    data: pd.DataFrame,
    inside: npt.NDArray[np.bool_],
    weight: Floats,
    *,
    n_bootstrap: int,
    random_state: int,
    n_jobs: int,
    confidence: float,
) -> Stability:
    """See `Profiles.stability`."""
    if model.method == "regional":
        fix = 'Use method="ward" to see how stable the groups are without the map.'
        raise InputError(
            message("method", "regions can't be refitted: areas drawn anew have no map", fix=fix)
        )
    confidence = check_share(confidence, argument="confidence")
    # The weights come from the fit, in this order.
    order = area_order(data[inside])
    used = data[inside].iloc[order]
    points = model.standardizer_.transform(used).to_numpy()
    first = model.labels_.to_numpy()[inside][order] - 1
    k = len(model.centers_)
    refits = refitted(
        points,
        k,
        model.method,
        weight,
        n_bootstrap=check_count(n_bootstrap, argument="n_bootstrap", least=2),
        random_state=check_seed(random_state),
        n_jobs=n_jobs,
    )
    same = np.stack([_numbered(first, labels, k) for labels in refits])
    rand = np.array([adjusted_rand(first, labels) for labels in refits])
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = (float(q) for q in np.quantile(rand, ends))
    return Stability(
        profiles=_profiles(first, same, k, ends),
        areas=as_given(_areas(used, first, same, k), order).reset_index(drop=True),
        adjusted_rand=float(rand.mean()),
        ci_low=low,
        ci_high=high,
        n_bootstrap=len(refits),
    )


def refitted(
    points: Floats,
    k: int,
    method: Method,
    weight: Floats,
    *,
    n_bootstrap: int,
    random_state: int,
    n_jobs: int = 1,
) -> list[Labels]:
    """Group areas drawn anew, and place all areas in these groups, many times."""
    seeds = np.random.SeedSequence(random_state).spawn(n_bootstrap)
    starts = _STARTS[method] if len(points) < _MANY else min(_STARTS[method], _FEW_STARTS)

    def once(seed: np.random.SeedSequence) -> Labels:
        rng = np.random.default_rng(seed)
        n = len(points)
        rows = rng.integers(n, size=n)
        # A draw with fewer different areas than groups can't be grouped.
        while len(np.unique(points[rows[weight[rows] > 0]], axis=0)) < k:
            rows = rng.integers(n, size=n)
        start = int(rng.integers(2**31))
        return placed(points, find(points[rows], k, method, starts, start, weight[rows]))

    return list(in_order(once, seeds, n_jobs=n_jobs))


def placed(points: Floats, found: Found) -> Labels:
    """Return the group of each point: the most probable in a mixture, otherwise the nearest."""
    if found.mixture is not None:
        likely: Labels = found.mixture.predict(points).astype(np.intp)
        return likely
    return nearest(np.stack([((points - a) ** 2).sum(axis=1) for a in found.anchors]), axis=0)


def adjusted_rand(a: Labels, b: Labels) -> float:
    """Return the adjusted Rand index of two groupings (Hubert & Arabie 1985); labels are 0, 1, ..."""
    n_b = int(b.max()) + 1
    table = np.bincount(a * n_b + b, minlength=(int(a.max()) + 1) * n_b).reshape(-1, n_b)
    return adjusted_rand_of(table.astype(np.float64))


def _numbered(first: Labels, labels: Labels, k: int) -> Labels:
    """Give the groups of a refit the numbers of those they match.

    A group without a match, such as half of a profile that was split, has the number of the profile that
    most of its areas are in.
    """
    match = matching(first, labels, k, k)
    overlap = np.bincount(first * k + labels, minlength=k * k).reshape(k, k)
    renumbered: Labels = np.where(match >= 0, match, overlap.argmax(axis=0))[labels]
    return renumbered


def _profiles(first: Labels, same: Labels, k: int, ends: list[float]) -> pd.DataFrame:
    rows = []
    for group in range(k):
        own, again = first == group, same == group
        jaccard = (own & again).sum(axis=1) / (own | again).sum(axis=1)
        low, high = np.quantile(jaccard, ends)
        rows.append((group + 1, int(own.sum()), jaccard.mean(), low, high, (jaccard <= 0.5).mean()))
    names = ["profile", "n_areas", "jaccard", "ci_low", "ci_high", "dissolved"]
    return pd.DataFrame(rows, columns=names)


def _areas(used: pd.DataFrame, first: Labels, same: Labels, k: int) -> pd.DataFrame:
    share = np.stack([(same == group).mean(axis=0) for group in range(k)], axis=1)
    rows = np.arange(len(first))
    kept = share[rows, first].copy()
    share[rows, first] = 0
    most = share.max(axis=1)
    names = pd.DataFrame(used[[c for c in ("area_id", "name") if c in used]]).reset_index(drop=True)
    return names.assign(
        profile=first + 1,
        kept=kept,
        other_profile=np.where(most > 0, share.argmax(axis=1) + 1, 0),
        other_share=most,
    )
