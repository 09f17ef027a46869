"""How many profiles: criteria side by side, a recommendation and its reason."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, Floats, check_choice, check_count, check_seed, complete
from segkit.base.order import in_area_order
from segkit.errors import InputError, message
from segkit.profiles import _criteria
from segkit.profiles._methods import METHODS, Found, Method, find
from segkit.profiles._model import DEFAULT_COLUMNS, check_one_row_each
from segkit.profiles._stability import adjusted_rand, refitted
from segkit.profiles.standardize import Standardizer
from segkit.words.numbers import Number
from segkit.words.text import listed, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from segkit.base.checks import Language
    from segkit.profiles._kmeans import Labels

#: Rows drawn for gap and stability when there are more, and starts for few and for many areas.
_DRAWN = 1000
_STARTS = {"kmeans": (100, 4), "gmm": (10, 1), "kmedoids": (10, 1), "ward": (1, 1)}

#: Starts for references of the gap statistic.
_REFERENCE_STARTS = {"kmeans": (10, 1), "gmm": (1, 1), "kmedoids": (1, 1), "ward": (1, 1)}

#: Refits that agree less than this with the profiles do not carry a recommendation, if others do.
_STABLE = 0.6


@dataclass(frozen=True)
class Choice:
    """What `choose_n_profiles` returns.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per number of profiles: ``k, inertia, silhouette, calinski_harabasz, davies_bouldin, gap,
        gap_se, bic, stability`` (mean adjusted Rand). NaN where a criterion does not apply.
    favored : pandas.Series
        Criterion -> the number it favors.
    recommended : int
        The number favored by most criteria.
    reason_sv, reason_en : str
        Why, in a sentence.
    """

    table: pd.DataFrame
    favored: pd.Series
    recommended: int
    reason_sv: str
    reason_en: str

    @property
    def reason(self) -> str:
        """The reason in Swedish."""
        return self.reason_sv

    def plot(self, ax: Axes | None = None, *, language: Language = "sv") -> Axes:
        """Draw each criterion over the number of profiles, from its worst (0) to its best value (1)."""
        check_choice(language, ("sv", "en"), argument="language")
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(figsize=(6, 3.6))[1]
        for criterion in self.favored.index:
            values = self.table[criterion].to_numpy(dtype=float)
            if criterion in ("davies_bouldin", "bic"):
                values = -values
            spread = np.nanmax(values) - np.nanmin(values)
            scaled = (values - np.nanmin(values)) / (spread or 1.0)
            name = say("profiles.criteria", str(criterion), language)
            ax.plot(self.table["k"], scaled, marker="o", markersize=3, label=name)
        label, word = say("profiles.choice", "axis", language).split(" | ")
        ax.axvline(self.recommended, color="#5f6b7a", linestyle=":", label=f"{word}: {self.recommended}")
        ax.set(xlabel=label, xticks=self.table["k"].tolist(), yticks=[0, 1])
        ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
        return ax


def choose_n_profiles(
    data: pd.DataFrame,
    *,
    columns: Sequence[str] = DEFAULT_COLUMNS,
    k: Iterable[int] = range(2, 11),
    method: Method = "kmeans",
    n_bootstrap: int = 50,
    n_references: int = 20,
    random_state: int = 0,
    weight: str | None = None,
    standardizer: Standardizer | None = None,
) -> Choice:
    r"""Compare numbers of profiles by several criteria, and recommend one.

    Each criterion favors a number: the greatest silhouette, Calinski-Harabasz and stability, the least
    Davies-Bouldin and BIC, and by the gap statistic the least :math:`k` with

    .. math:: Gap(k) \ge Gap(k + 1) - s_{k+1}.

    Recommended is the number that most criteria favor, of several the most stable one; numbers with a
    stability under 0.6 come last.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area.
    columns : sequence of str
        The indicators.
    k : iterable of int
        The numbers to compare.
    method : {"kmeans", "ward", "gmm", "kmedoids"}
        As in `Profiles`.
    n_bootstrap, n_references : int
        Refits for the stability, and references for the gap statistic.
    random_state : int
        The seed.
    weight : str, optional
        A column of sample weights. The criteria themselves count each area the same.
    standardizer : Standardizer, optional
        How to standardize; by default z-scores over all rows.

    Returns
    -------
    Choice

    Raises
    ------
    InputError, UnknownNameError
        As `Profiles.fit`; also when `k` is empty or the method is ``"regional"``.

    Notes
    -----
    Above 3,000 areas the silhouette is the simplified one; above 1,000, gap and stability are those of
    1,000 areas drawn at random and k-means has 4 starts instead of 100 (for references 1, not 10). The
    inertia is weighted if `weight` is given. BIC is that of the mixture, NaN for other methods.

    References
    ----------
    Tibshirani, R., Walther, G. & Hastie, T. (2001). Estimating the number of clusters in a data set via
    the gap statistic. Journal of the Royal Statistical Society B 63(2), 411-423. Rousseeuw, P. J. (1987).
    Silhouettes: a graphical aid to the interpretation and validation of cluster analysis. Journal of
    Computational and Applied Mathematics 20, 53-65. Also Hruschka et al. (2004); Caliński & Harabasz
    (1974); Davies & Bouldin (1979); Schwarz (1978); Hennig (2007).

    Examples
    --------
    >>> spots = [(60 + 10 * g + 0.3 * i, 65 + 9 * g + 0.2 * (i % 3)) for g in range(3) for i in range(6)]
    >>> data = pd.DataFrame(spots, columns=["turnout", "employment_rate"])
    >>> data["area_id"] = [f"a{i}" for i in range(18)]
    >>> choose_n_profiles(data, columns=["turnout", "employment_rate"], k=range(2, 6)).recommended
    3
    """
    ks = _checked(data, k, method, n_bootstrap, n_references, random_state)
    data = in_area_order(data)
    scale = copy(standardizer or Standardizer(columns)).fit(data)
    points = scale.transform(data).to_numpy()
    weighed = np.ones(len(data)) if weight is None else complete(data, weight, least=0)
    distinct = len(np.unique(points[weighed > 0], axis=0))
    if distinct <= ks[-1]:
        rule = f"reaches {ks[-1]}, but the areas have only {distinct} different sets of values"
        raise InputError(message("k", rule, fix="Ask for fewer profiles."))
    starts = _STARTS[method][len(points) > _DRAWN]
    found = {n: find(points, n, method, starts, random_state, weighed) for n in ks}
    table = pd.DataFrame([_row(points, n, found[n], weighed) for n in ks])
    rng = np.random.default_rng(random_state)
    few = np.arange(len(points))
    if len(points) > _DRAWN:
        few = np.sort(rng.choice(len(points), _DRAWN, replace=False))

    def group(cloud: Floats, n: int, seed: int) -> Labels:
        return find(cloud, n, method, _REFERENCE_STARTS[method][len(points) > _DRAWN], seed).labels

    table["gap"], table["gap_se"] = _criteria.gap_statistic(
        points[few], ks, group, n_references=n_references, seed=random_state
    )
    table["bic"] = [_criteria.bic_of(found[n], points) for n in ks]
    table["stability"] = [
        _agreement(points[few], found[n].labels[few], n, method, weighed[few], n_bootstrap, random_state)
        for n in ks
    ]
    return _choice(table)


def _checked(
    data: pd.DataFrame, k: Iterable[int], method: str, n_bootstrap: int, n_references: int, seed: int
) -> list[int]:
    check_choice(method, tuple(m for m in METHODS if m != "regional"), argument="method")
    check_count(n_bootstrap, argument="n_bootstrap", least=2)
    check_count(n_references, argument="n_references", least=2)
    check_seed(seed)
    check_one_row_each(data)
    ks = sorted({check_count(n, argument="k", least=2) for n in k})
    if not ks:
        raise InputError(message("k", "names no number of profiles"))
    return ks


def _row(points: Floats, k: int, found: Found, weight: Floats) -> dict[str, float]:
    labels = found.labels
    return {
        "k": k,
        "inertia": _criteria.inertia_of(points, labels, weight),
        "silhouette": _criteria.silhouette(points, labels),
        "calinski_harabasz": _criteria.calinski_harabasz(points, labels),
        "davies_bouldin": _criteria.davies_bouldin(points, labels),
    }


def _agreement(
    points: Floats, labels: Labels, k: int, method: Method, weight: Floats, n_bootstrap: int, seed: int
) -> float:
    """Return the mean adjusted Rand index of refits on areas drawn anew with the groups."""
    refits = refitted(points, k, method, weight, n_bootstrap=n_bootstrap, random_state=seed)
    return float(np.mean([adjusted_rand(labels, again) for again in refits]))


def _choice(table: pd.DataFrame) -> Choice:
    favored: dict[str, int] = {}
    for criterion, least in (
        ("silhouette", False),
        ("calinski_harabasz", False),
        ("davies_bouldin", True),
        ("bic", True),
        ("stability", False),
    ):
        values = table[criterion]
        if values.notna().any():
            favored[criterion] = int(table["k"].iloc[int(values.argmin() if least else values.argmax())])
    favored["gap"] = _by_gap(table)
    votes = list(favored.values())
    rand = dict(zip(table["k"], table["stability"], strict=True))
    best = max(set(votes), key=lambda n: (rand[n] >= _STABLE, votes.count(n), rand[n]))
    chosen = pd.Series(favored, name="k")
    return Choice(table, chosen, best, *(_reason(chosen, best, rand[best], w) for w in LANGUAGES))


def _by_gap(table: pd.DataFrame) -> int:
    """Return the least k whose gap is no less than that of the next but for its error; else the best."""
    gap, error = table["gap"].to_numpy(), table["gap_se"].to_numpy()
    enough = np.flatnonzero(gap[:-1] >= gap[1:] - error[1:])
    return int(table["k"].iloc[enough[0] if len(enough) else gap.argmax()])


def _reason(favored: pd.Series, best: int, rand: float, language: Language) -> str:
    names = [say("profiles.criteria", str(c), language) for c, n in favored.items() if n == best]
    others = [str(n) for n in sorted(set(favored[favored != best]))]
    return say(
        "profiles.choice",
        "reason",
        language,
        k=best,
        names=listed(names, language),
        n=len(names),
        of=len(favored),
        rand=Number(rand, 2),
        also=say("profiles.choice", "also", language, others=listed(others, language)) if others else "",
    )
