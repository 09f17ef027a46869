"""The estimator: fit profiles, place other areas in them, and say why and how firmly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import (
    Floats,
    check_choice,
    check_columns,
    check_count,
    check_seed,
    complete,
    is_number,
    labels_of,
)
from segkit.base.digits import given, nearest, settled
from segkit.base.order import area_order, as_given
from segkit.catalogue import indicators
from segkit.errors import InputError, UnknownNameError, message
from segkit.profiles import _explaining, _portraits, _stability
from segkit.profiles._methods import METHODS, STARTS, Found, Method, find, means_of
from segkit.profiles._regions import connected, find_regions
from segkit.profiles.composite import CompositeIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from libpysal.graph import Graph

    from segkit.base.checks import Language
    from segkit.profiles._stability import Stability
    from segkit.profiles.standardize import Standardizer

#: The indicators of the profiles unless others are named.
DEFAULT_COLUMNS = indicators.with_role("profile")

Aside = Literal["own", "nearest"]


class Profiles:
    r"""Cluster areas on standardized indicators into profiles; 1 = weakest conditions.

    k-means finds the groups that make the sum of squared distances to their means least,

    .. math:: W = \sum_k \sum_{i \in k} w_i \lVert z_i - \bar z_k \rVert^2

    with the standardized indicators :math:`z` and weights :math:`w` (1 without `weight`).

    Parameters
    ----------
    n_profiles : int
        How many profiles.
    method : {"kmeans", "ward", "gmm", "kmedoids", "regional"}
        k-means (Lloyd's algorithm from greedy k-means++ starts); Ward's hierarchical method; a Gaussian
        mixture with one covariance matrix shared by all components, since a municipality has too few
        areas for one each; k-medoids (PAM on Euclidean distances; above 1,000 areas on samples, CLARA);
        contiguous regions (Ward's method, merging neighbors only).
    random_state : int
        The seed; same seed, same profiles.
    columns : sequence of str
        The indicators.
    n_starts : int, optional
        Runs from different starts, of which the best is kept: by default 200 for k-means, 20 for the
        mixture and k-medoids. k-means goes on (at most 10 times as many, up to 2,000 areas) until the
        best solution has been found 5 times.
    weight : str, optional
        A column of sample weights, such as ``population``. Without it each area counts the same. Ward,
        regions and the mixture group areas without weights; their centers are weighted.
    standardizer : Standardizer, optional
        How to standardize; by default z-scores over all rows.
    graph : libpysal.graph.Graph, optional
        For ``"regional"``: who borders on whom, keyed by ``area_id``; by default
        ``graphs.contiguity(data)``. Pieces without a link to the rest, such as islands, are tied to the
        nearest area (`attached_`).
    min_population : float, optional
        For ``"regional"``: the fewest people of a region (column ``population``). The smallest region is
        merged into the neighboring region of most alike mean until all have enough; the tree is cut
        finer until `n_profiles` regions remain after that. A warning tells when it can't be done.
    set_aside : sequence of str or boolean Series, optional
        Areas (by ``area_id``, or True per row) whose figures mean something else, see `special_areas`.
        They take no part in the scale or the profiles.
    set_aside_as : {"own", "nearest"}
        Areas set aside get label 0 and are described apart, or the label of the nearest profile.

    Attributes
    ----------
    labels_ : pandas.Series
        The profile of each row, 1..n_profiles, ordered by the mean of the standardized indicators; 0
        for areas set aside.
    centers_ : pandas.DataFrame
        Profile by indicator: the (weighted) mean of its areas, in standard deviations from the mean of
        all areas, higher is stronger.
    index_ : pandas.Series
        The mean of the standardized indicators of each row.
    inertia_ : float
        Sum of squared distances to the centers.
    membership_ : pandas.Series
        How firmly a row belongs: (b - a) / max(a, b) with the distances a to its own and b to the
        nearest other center; near 0 the row could as well be in the other profile, under 0 (Ward,
        regions) the other center is nearer. For the mixture the posterior probability of its profile.
        NaN for areas set aside.
    n_starts_, n_found_, share_found_ : int, int, float
        Starts run (k-means and k-medoids), and how many, and what share, ended in the solution kept.
    attached_ : pandas.DataFrame
        For ``"regional"``: ``area_id, attached_to, distance`` of the ties added, in meters.
    medoids_ : tuple
        For ``"kmedoids"``: ``area_id`` of the typical area of each profile.

    Notes
    -----
    Of solutions equally good to nine digits always the same one is kept, so the seed matters only where
    the best is not found at all: look at `share_found_`.

    References
    ----------
    Lloyd (1982); Arthur & Vassilvitskii (2007); Ward (1963); Kaufman & Rousseeuw (1990); McLachlan &
    Peel (2000); Murtagh (1985) on contiguity.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"area_id": list("abcd"), "turnout": [60.0, 61.0, 90.0, 91.0],
    ...                      "employment_rate": [65.0, 66.0, 88.0, 89.0]})
    >>> model = Profiles(2, columns=["turnout", "employment_rate"]).fit(data)
    >>> model.labels_.tolist(), model.share_found_
    ([1, 1, 2, 2], 1.0)
    """

    def __init__(
        self,
        n_profiles: int = 5,
        method: Method = "kmeans",
        random_state: int = 0,
        *,
        columns: Sequence[str] = DEFAULT_COLUMNS,
        n_starts: int | None = None,
        weight: str | None = None,
        standardizer: Standardizer | None = None,
        graph: Graph | None = None,
        min_population: float | None = None,
        set_aside: Sequence[str] | pd.Series | None = None,
        set_aside_as: Aside = "own",
    ) -> None:
        self.n_profiles = n_profiles
        self.method: Method = method
        self.random_state = random_state
        self.columns = columns
        self.n_starts = n_starts
        self.weight = weight
        self.standardizer = standardizer
        self.graph = graph
        self.min_population = min_population
        self.set_aside = set_aside
        self.set_aside_as = set_aside_as

    def fit(self, data: pd.DataFrame) -> Profiles:
        """Find the profiles.

        Raises
        ------
        InputError
            When there are fewer distinct areas than profiles, values are missing, an indicator has
            the same value everywhere, there is more than one row per area, or an argument does not
            belong to the method.
        UnknownNameError
            When a column is missing or an indicator has no direction.
        """
        self._check()
        check_one_row_each(data)
        order = area_order(data)
        aside = _aside(data, self.set_aside)[order]
        rows = data.iloc[order]
        used = rows[~aside]
        if len(used) < self.n_profiles:
            rule = f"is {self.n_profiles}, but there are only {len(used)} areas"
            raise InputError(message("n_profiles", rule, fix="Ask for fewer profiles."))
        weight = np.ones(len(used)) if self.weight is None else complete(used, self.weight, least=0)
        if weight.sum() <= 0:
            raise InputError(message("weight", "must sum to more than 0"))
        self.composite_ = CompositeIndex(self.columns, standardizer=self.standardizer).fit(used)
        self.standardizer_ = self.composite_.standardizer_
        points = self.standardizer_.transform(used).to_numpy()
        distinct = len(np.unique(points[weight > 0], axis=0))
        if distinct < self.n_profiles:
            rule = f"is {self.n_profiles}, but the areas have only {distinct} different sets of values"
            raise InputError(message("n_profiles", rule, fix="Ask for fewer profiles."))
        found = self._find(used, points, weight)
        self._keep(found, points, weight)
        self._place(rows, aside)
        for name in ("labels_", "index_", "membership_", "_margin", "_other"):
            setattr(self, name, as_given(getattr(self, name), order))
        self._data, self._inside, self._weight = data.copy(), ~aside[np.argsort(order, kind="stable")], weight
        self.standardizer_.imputed_ = self.standardizer_.imputed_.loc[data.index[self._inside]]
        return self

    def predict(self, data: pd.DataFrame) -> pd.Series:
        """Return the profile of other areas or periods on the same scale.

        That is the profile whose center (k-medoids: typical area) is nearest; for the mixture the most
        probable one. Contiguity does not carry over: areas elsewhere have no place among the regions.
        """
        return self._assign(self._points(data), data.index)

    def describe(self, *, language: Language = "sv", spread: bool = False) -> pd.DataFrame:
        """Describe each profile in numbers and words.

        Parameters
        ----------
        language : {"sv", "en"}
            Of labels and descriptions.
        spread : bool
            Add the standard deviation of each indicator within the profile (``<indicator>_sd``, weighted
            as the mean, n in the denominator).

        Returns
        -------
        pandas.DataFrame
            ``profile, label, n_areas, population, population_share`` (per cent), ``index``, the mean of
            each indicator (weighted by population where it is at hand), ``typical_area`` (nearest to the
            center, of equals the first by ``area_id``), ``description``. Population is NaN when the data
            have none. Areas set aside stand last, as profile 0.
        """
        self._check_fitted()
        return _portraits.describe(self, self._data, self._means, language=language, spread=spread)

    def borderline(self, threshold: float = 0.1) -> pd.DataFrame:
        """List the areas that could as well be in the neighboring profile.

        Parameters
        ----------
        threshold : float
            The membership under which an area is on the border; for the mixture the posterior
            probability of its own profile less that of the other.

        Returns
        -------
        pandas.DataFrame
            ``area_id``, ``name`` where the data have it, ``profile, other_profile, membership``, the
            least firm first.

        Examples
        --------
        >>> import pandas as pd
        >>> data = pd.DataFrame({"area_id": list("abcde"), "turnout": [60.0, 62, 74, 90, 92]})
        >>> Profiles(2, columns=["turnout"]).fit(data).borderline(0.5)["area_id"].tolist()
        ['c']
        """
        self._check_fitted()
        if not is_number(threshold):
            raise InputError(message("threshold", f"is {threshold!r}, must be a number"))
        kept = (self._margin < threshold).to_numpy() & (self.labels_ > 0).to_numpy()
        names = [c for c in ("area_id", "name") if c in self._data]
        table = pd.DataFrame(self._data.loc[kept, names]).assign(
            profile=self.labels_[kept], other_profile=self._other[kept], membership=self.membership_[kept]
        )
        return table.loc[self._margin[kept].sort_values(kind="stable").index].reset_index(drop=True)

    def explain(self, area_id: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Say which indicators put an area where it is.

        Parameters
        ----------
        area_id : str or sequence of str, optional
            The areas; all without it.

        Returns
        -------
        pandas.DataFrame
            A row per area and indicator: ``area_id``, ``name`` where there is one, ``profile,
            other_profile`` (the nearest other), ``indicator, value, standardized``; ``contribution``, to
            the area's index, which they sum to; ``to_own, to_other``, standardized value less that of the
            center of the profile and of the other; ``pull`` = to_other² - to_own², above 0 where the
            indicator speaks for the profile the area is in: they sum to the difference of the squared
            distances to the two centers.

        Raises
        ------
        UnknownNameError
            When an area is not among those fitted.
        InputError
            When an area asked for was set aside.
        """
        self._check_fitted()
        return _explaining.explain(self, self._data, self._anchors, self._other, area_id)

    def stability(
        self, n_bootstrap: int = 200, random_state: int = 0, *, n_jobs: int = 1, confidence: float = 0.95
    ) -> Stability:
        """Refit on areas drawn anew with replacement, and see which profiles and areas stay.

        The scale is held; each refit places all areas, and its numbers are matched to these (`align`).

        Parameters
        ----------
        n_bootstrap, random_state : int
            Refits, and their seed.
        n_jobs : int
            Threads; -1 for all cores. The answer is the same.
        confidence : float
            Of the intervals (percentiles over the refits).

        Returns
        -------
        Stability
            Its tables ``profiles`` (Jaccard similarity) and ``areas``, and ``adjusted_rand``.

        Raises
        ------
        InputError
            For regions: areas drawn anew have no map.

        References
        ----------
        Hennig (2007), Cluster-wise assessment of cluster stability. Computational Statistics & Data
        Analysis 52; Hubert & Arabie (1985).
        """
        self._check_fitted()
        return _stability.stability(
            self,
            self._data,
            self._inside,
            self._weight,
            n_bootstrap=n_bootstrap,
            random_state=random_state,
            n_jobs=n_jobs,
            confidence=confidence,
        )

    def _check(self) -> None:
        check_choice(self.method, METHODS, argument="method")
        check_choice(self.set_aside_as, ("own", "nearest"), argument="set_aside_as")
        check_count(self.n_profiles, argument="n_profiles", least=2)
        check_seed(self.random_state)
        if self.n_starts is not None:
            check_count(self.n_starts, argument="n_starts")
        for name, value in (("graph", self.graph), ("min_population", self.min_population)):
            if value is not None and self.method != "regional":
                raise InputError(message(name, 'belongs to method="regional"'))
        if self.min_population is not None and not (
            is_number(self.min_population) and self.min_population >= 0
        ):
            raise InputError(message("min_population", f"is {self.min_population!r}, must be a number >= 0"))

    def _check_fitted(self) -> None:
        if not hasattr(self, "centers_"):
            raise InputError(message("Profiles", "is not fitted", fix="Call fit first."))

    def _find(self, used: pd.DataFrame, points: Floats, weight: Floats) -> Found:
        if self.method != "regional":
            starts = STARTS[self.method] if self.n_starts is None else self.n_starts
            return find(points, self.n_profiles, self.method, starts, self.random_state, weight)
        adjacency, self.attached_ = connected(used, self.graph)
        least = self.min_population or 0.0
        people = None if self.min_population is None else complete(used, "population", least=0)
        return find_regions(points, self.n_profiles, adjacency, weight, people, least)

    def _keep(self, found: Found, points: Floats, weight: Floats) -> None:
        """Give the groups their numbers, from the weakest, and keep their centers."""
        k = int(found.labels.max()) + 1
        centers = means_of(points, found.labels, k, weight)
        # The name of a cluster is arbitrary; its place in the order of conditions is not.
        rounded = given(centers)
        order = np.lexsort((*rounded.T, settled(rounded.mean(axis=1))))
        names = pd.RangeIndex(1, k + 1, name="profile")
        self.centers_ = pd.DataFrame(rounded[order], index=names, columns=list(self.columns))
        self._means = centers[order]
        self._anchors = centers[order] if found.medoids is None else found.anchors[order]
        self._mixture, self._order = found.mixture, order
        self._fitted = np.argsort(order, kind="stable")[found.labels] + 1
        inertia = (((points - centers[found.labels]) ** 2).sum(axis=1) * weight).sum()
        self.inertia_ = given(inertia).item()
        self.n_starts_, self.n_found_ = found.n_starts, found.n_found
        self.share_found_ = found.n_found / found.n_starts
        self._medoids = None if found.medoids is None else found.medoids[order]

    def _place(self, data: pd.DataFrame, aside: npt.NDArray[np.bool_]) -> None:
        """Label all rows, those set aside too, and say how firmly each belongs."""
        points = self._points(data)
        labels = self._assign(points, data.index)
        labels[~aside] = self._fitted
        self.index_ = self.composite_.transform(data)
        if self._medoids is not None:
            self.medoids_ = tuple(data.loc[~aside, "area_id"].iloc[self._medoids])
        own = labels.to_numpy() - 1
        rows = np.arange(len(own))
        if self._mixture is not None:
            chance = self._posterior(points)
            member = chance[rows, own].copy()
            chance[rows, own] = -1
            other = chance.argmax(axis=1)
            margin = given(member - chance[rows, other], scale=1)
        else:
            gap = np.sqrt(self._distances(points))
            a = gap[rows, own].copy()
            gap[rows, own] = np.inf
            other = nearest(gap)
            b = gap[rows, other]
            both = np.maximum(a, b)
            member = np.divide(b - a, both, out=np.zeros_like(a), where=both > 0)
            member = margin = given(member, scale=1)
        gone = aside & (self.set_aside_as == "own")
        self.labels_ = labels.mask(gone, 0)
        self.membership_ = pd.Series(member, index=data.index, name="membership").mask(gone)
        self._margin = pd.Series(margin, index=data.index)
        self._other = pd.Series(other + 1, index=data.index)

    def _points(self, data: pd.DataFrame) -> Floats:
        self._check_fitted()
        points: Floats = self.standardizer_.transform(data).to_numpy()
        return points

    def _assign(self, points: Floats, index: pd.Index) -> pd.Series:
        if self._mixture is not None:
            found = self._posterior(points).argmax(axis=1)
        else:
            found = nearest(self._distances(points))
        return pd.Series(found + 1, index=index, name="profile")

    def _posterior(self, points: Floats) -> Floats:
        return given(self._mixture.predict_proba(points)[:, self._order], scale=1)

    def _distances(self, points: Floats) -> Floats:
        """Squared distances to the centers (k-medoids: typical areas), one column per profile."""
        return np.stack([((points - anchor) ** 2).sum(axis=1) for anchor in self._anchors], axis=1)


def _aside(data: pd.DataFrame, chosen: Sequence[str] | pd.Series | None) -> npt.NDArray[np.bool_]:
    """Return which rows are set aside."""
    if chosen is None:
        return np.zeros(len(data), dtype=bool)
    if isinstance(chosen, pd.Series) and pd.api.types.is_bool_dtype(chosen):
        if not chosen.index.equals(data.index):
            raise InputError(message("set_aside", "has another index than `data`"))
        if chosen.isna().any():
            raise InputError(message("set_aside", "is missing", labels_of(data, chosen.isna().to_numpy())))
        return chosen.to_numpy(dtype=bool)
    ids = {chosen} if isinstance(chosen, str) else set(map(str, chosen))
    known = data["area_id"].astype(str)
    stray = sorted(ids - set(known))
    if stray:
        raise UnknownNameError(message("set_aside", "names areas that are not in `data`", stray))
    return known.isin(ids).to_numpy()


def check_one_row_each(data: pd.DataFrame) -> None:
    if isinstance(data, pd.DataFrame) and data.empty:
        raise InputError(message("data", "has no rows"))
    check_columns(data, ["area_id"])
    if not data.index.is_unique:
        raise InputError(message("data", "has a repeated row index", fix="Call reset_index(drop=True)."))
    twice = data["area_id"].duplicated(keep=False).to_numpy()
    if twice.any():
        fix = "Take one row per area, for example with areas.latest."
        ids = list(dict.fromkeys(labels_of(data[["area_id"]], twice)))
        raise InputError(message("data", "has an area more than once", ids, fix))
