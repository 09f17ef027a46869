"""Socioeconomic profiles: groups of areas with alike conditions, ordered from weakest to strongest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit import indicators as catalogue
from segkit._validate import Floats, check_choice, check_columns, check_count, complete
from segkit.composite import CompositeIndex
from segkit.errors import InputError, message
from segkit.standardize import Standardizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.indicators import Language

#: Distance from the mean of all areas, in standard deviations, from which a level gets a word.
_CLEAR, _SOME = 1.0, 0.35

#: The indicators of the profiles unless others are named.
DEFAULT_COLUMNS = ("employment_rate", "median_income", "post_secondary_share", "turnout")

_WORDS = {
    "sv": ("mycket lägre", "lägre", "ungefär samma", "högre", "mycket högre"),
    "en": ("much lower", "lower", "about the same", "higher", "much higher"),
}


class Profiles:
    """Cluster areas on standardized indicators into profiles; 1 = weakest conditions.

    Parameters
    ----------
    n_profiles : int
        How many profiles.
    method : {"kmeans"}
        k-means with Euclidean distance on z-scores (Lloyd's algorithm, k-means++ starts).
    random_state : int
        The seed; same seed, same profiles.
    columns : sequence of str
        The indicators.
    n_starts : int
        Runs from different starts, of which the best (least inertia) is kept.
    weight : str, optional
        A column of sample weights, such as ``population``. Without it each area counts the same.
    standardizer : Standardizer, optional
        How to standardize; by default z-scores over all rows.

    Attributes
    ----------
    labels_ : pandas.Series
        The profile of each row, 1..n_profiles, ordered by the mean of the standardized indicators.
    centers_ : pandas.DataFrame
        Profile by indicator, in standard deviations from the mean of all areas, higher is stronger.
    index_ : pandas.Series
        The mean of the standardized indicators of each row.
    inertia_ : float
        Sum of squared distances to the centers.
    membership_ : pandas.Series
        How firmly a row belongs, 0-1: (b - a) / b with the distances a to its own and b to the next
        nearest center; near 0 the row could as well be in the other profile.

    References
    ----------
    Lloyd (1982); Arthur & Vassilvitskii (2007).

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"area_id": list("abcd"), "turnout": [60.0, 61.0, 90.0, 91.0],
    ...                      "employment_rate": [65.0, 66.0, 88.0, 89.0]})
    >>> Profiles(2, columns=["turnout", "employment_rate"]).fit(data).labels_.tolist()
    [1, 1, 2, 2]
    """

    def __init__(
        self,
        n_profiles: int = 5,
        method: Literal["kmeans"] = "kmeans",
        random_state: int = 0,
        *,
        columns: Sequence[str] = DEFAULT_COLUMNS,
        n_starts: int = 200,
        weight: str | None = None,
        standardizer: Standardizer | None = None,
    ) -> None:
        self.n_profiles = n_profiles
        self.method = method
        self.random_state = random_state
        self.columns = columns
        self.n_starts = n_starts
        self.weight = weight
        self.standardizer = standardizer

    def fit(self, data: pd.DataFrame) -> Profiles:
        """Find the profiles.

        Raises
        ------
        InputError
            When there are fewer distinct areas than profiles, values are missing, an indicator has
            the same value everywhere, or there is more than one row per area.
        UnknownNameError
            When a column is missing or an indicator has no direction.
        """
        from sklearn.cluster import KMeans

        check_choice(self.method, ("kmeans",), argument="method")
        check_count(self.n_profiles, argument="n_profiles", least=2)
        check_count(self.n_starts, argument="n_starts")
        _check_one_row_each(data)
        if len(data) < self.n_profiles:
            rule = f"is {self.n_profiles}, but there are only {len(data)} areas"
            raise InputError(message("n_profiles", rule, fix="Ask for fewer profiles."))
        weight = None if self.weight is None else complete(data, self.weight, least=0)
        self.standardizer_ = self.standardizer or Standardizer(self.columns)
        composite = CompositeIndex(self.columns, standardizer=self.standardizer_).fit(data)
        scores = self.standardizer_.transform(data)
        points = scores.to_numpy()
        distinct = len(np.unique(points, axis=0))
        if distinct < self.n_profiles:
            rule = f"is {self.n_profiles}, but the areas have only {distinct} different sets of values"
            raise InputError(message("n_profiles", rule, fix="Ask for fewer profiles."))
        model = KMeans(self.n_profiles, n_init=self.n_starts, random_state=self.random_state)
        model.fit(points, sample_weight=weight)
        self.inertia_ = float(model.inertia_)
        # The name of a cluster is arbitrary; its place in the order of conditions is not.
        order = np.argsort(model.cluster_centers_.mean(axis=1), kind="stable")
        names = pd.RangeIndex(1, self.n_profiles + 1, name="profile")
        self.centers_ = pd.DataFrame(model.cluster_centers_[order], index=names, columns=list(self.columns))
        self.labels_ = self._assign(points, data.index)
        self.index_ = composite.transform(data)
        self.membership_ = self._membership(points, data.index)
        self._data = data
        return self

    def predict(self, data: pd.DataFrame) -> pd.Series:
        """Return the profile whose center is nearest, for other areas or periods on the same scale."""
        if not hasattr(self, "centers_"):
            raise InputError(message("Profiles", "is not fitted", fix="Call fit first."))
        return self._assign(self.standardizer_.transform(data).to_numpy(), data.index)

    def describe(self, *, language: Language = "sv") -> pd.DataFrame:
        """Describe each profile in numbers and words.

        Returns
        -------
        pandas.DataFrame
            ``profile, label, n_areas, population, population_share`` (per cent), ``index``, the mean of
            each indicator (weighted by population where it is at hand), ``typical_area`` (nearest to the
            center), ``description``. Population is NaN when the data have none.
        """
        check_choice(language, ("sv", "en"), argument="language")
        data = self._data
        people = data["population"].astype(float) if "population" in data else None
        if people is not None and people.isna().any():
            people = None
        scores = self.standardizer_.transform(data)
        rows = []
        for profile in self.centers_.index:
            member = (self.labels_ == profile).to_numpy()
            weight = np.ones(member.sum()) if people is None else people[member].to_numpy()
            weight = weight if weight.sum() > 0 else np.ones(member.sum())
            gap = ((scores[member] - self.centers_.loc[profile]) ** 2).sum(axis=1)
            name = data["name"] if "name" in data else data["area_id"]
            means = {c: float(np.average(data.loc[member, c], weights=weight)) for c in self.columns}
            rows.append(
                {
                    "profile": profile,
                    "label": label(profile, self.n_profiles, language=language),
                    "n_areas": int(member.sum()),
                    "population": np.nan if people is None else float(weight.sum()),
                    "population_share": np.nan if people is None else 100 * weight.sum() / people.sum(),
                    "index": float(self.index_[member].mean()),
                    **means,
                    "typical_area": str(name.loc[gap.idxmin()]),
                    "description": self._portrait(profile, language),
                }
            )
        return pd.DataFrame(rows)

    def _portrait(self, profile: int, language: Language) -> str:
        """Say in words how the areas' figures compare with the mean of all areas."""
        groups: dict[str, list[str]] = {}
        for column in self.columns:
            # The sign of the value itself, not of how it is judged.
            z = self.centers_[column][profile] * self.standardizer_.directions_[column]
            place = int(np.digitize(z, [-_CLEAR, -_SOME, _SOME, _CLEAR]))
            name = catalogue.label(column, language=language)
            groups.setdefault(_WORDS[language][place], []).append(name[0].lower() + name[1:])
        join = " och " if language == "sv" else " and "
        parts = []
        for word in _WORDS[language]:
            if word in groups:
                *rest, last = groups[word]
                parts.append(f"{word}: {', '.join(rest) + join if rest else ''}{last}")
        head = (
            "Jämfört med medelvärdet för alla områden – "
            if language == "sv"
            else "Against the mean of all areas – "
        )
        return head + "; ".join(parts) + "."

    def _assign(self, points: Floats, index: pd.Index) -> pd.Series:
        nearest = self._distances(points).argmin(axis=1) + 1
        return pd.Series(nearest, index=index, name="profile")

    def _membership(self, points: Floats, index: pd.Index) -> pd.Series:
        near = np.sort(np.sqrt(self._distances(points)), axis=1)
        return pd.Series((near[:, 1] - near[:, 0]) / near[:, 1], index=index, name="membership")

    def _distances(self, points: Floats) -> Floats:
        """Squared distances to the centers, one column per profile."""
        centers = self.centers_.to_numpy()
        return np.stack([((points - center) ** 2).sum(axis=1) for center in centers], axis=1)


def label(profile: int, n_profiles: int, *, language: Language = "sv") -> str:
    """Return the name of a profile: its number and its place in the order of conditions.

    Examples
    --------
    >>> label(1, 5, language="en")
    '1 – weakest socioeconomic conditions'
    >>> label(3, 5, language="en")
    '3 – middle of the order'
    """
    check_choice(language, ("sv", "en"), argument="language")
    middle = (n_profiles + 1) / 2
    place = (
        0
        if profile == 1
        else 4
        if profile == n_profiles
        else 2
        if profile == middle
        else 1
        if profile < middle
        else 3
    )
    words = {
        "sv": (
            "svagast socioekonomiska förutsättningar",
            "svagare än mitten",
            "mitten av ordningen",
            "starkare än mitten",
            "starkast socioekonomiska förutsättningar",
        ),
        "en": (
            "weakest socioeconomic conditions",
            "weaker than the middle",
            "middle of the order",
            "stronger than the middle",
            "strongest socioeconomic conditions",
        ),
    }
    return f"{profile} – {words[language][place]}"


def _check_one_row_each(data: pd.DataFrame) -> None:
    if data.empty:
        raise InputError(message("data", "has no rows"))
    check_columns(data, ["area_id"])
    twice = data["area_id"].duplicated(keep=False)
    if twice.any():
        fix = "Take one row per area, for example with areas.latest."
        raise InputError(
            message("data", "has an area more than once", data.loc[twice, "area_id"].unique(), fix)
        )
