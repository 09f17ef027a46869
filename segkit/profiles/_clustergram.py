"""How groups split as their number grows: Schonlau's clustergram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, check_count
from segkit.base.order import in_area_order
from segkit.errors import InputError, message
from segkit.profiles._model import DEFAULT_COLUMNS, Profiles
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from segkit.base.checks import Language
    from segkit.profiles._methods import Method


@dataclass(frozen=True)
class Clustergram:
    """What `clustergram` returns.

    Attributes
    ----------
    nodes : pandas.DataFrame
        ``k, profile, n_areas, index`` (mean of the areas).
    links : pandas.DataFrame
        ``k, profile, previous, n_areas, share``: how many areas of a profile, and what share of all,
        come from which profile when there is one fewer (the number of profiles before).
    """

    nodes: pd.DataFrame
    links: pd.DataFrame

    def plot(self, ax: Axes | None = None, *, language: Language = "sv") -> Axes:
        """Draw profiles as dots at their index, and streams of areas between numbers of profiles."""
        check_choice(language, ("sv", "en"), argument="language")
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(figsize=(6, 4))[1]
        dots = zip(self.nodes["k"], self.nodes["profile"], self.nodes["index"], strict=True)
        height = {(n, profile): level for n, profile, level in dots}
        numbers = self.nodes["k"].unique().tolist()
        before = dict(zip(numbers[1:], numbers, strict=False))
        for link in self.links.to_dict("records"):
            start, end = before[link["k"]], link["k"]
            ends = [height[start, link["previous"]], height[end, link["profile"]]]
            ax.plot([start, end], ends, color="#2b4f8c", alpha=0.5, linewidth=0.5 + 14 * link["share"])
        size = 8 + 160 * self.nodes["n_areas"] / self.nodes["n_areas"].max()
        ax.scatter(self.nodes["k"], self.nodes["index"], s=size, color="#1f2933", zorder=3)
        across, up = say("profiles.choice", "axes", language).split(" | ")
        ax.set(xlabel=across, ylabel=up, xticks=numbers)
        return ax


def clustergram(
    data: pd.DataFrame,
    *,
    columns: Sequence[str] = DEFAULT_COLUMNS,
    k: Iterable[int] = range(2, 11),
    method: Method = "kmeans",
    n_starts: int | None = None,
    random_state: int = 0,
) -> Clustergram:
    """Follow the areas from few profiles to many.

    Schonlau draws the mean of the variables of each cluster; here that is the index, the mean of the
    standardized indicators. A number of profiles that suits the data shows as dots well apart, that later
    only split; streams that cross and mix tell that the next number groups the areas otherwise.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area.
    columns : sequence of str
        The indicators.
    k : iterable of int
        The numbers of profiles.
    method, n_starts, random_state
        As in `Profiles`.

    Returns
    -------
    Clustergram
        Tables of dots and streams, and ``plot``.

    Raises
    ------
    InputError, UnknownNameError
        As `Profiles.fit`.

    References
    ----------
    Schonlau, M. (2002). The clustergram: a graph for visualizing hierarchical and nonhierarchical
    cluster analyses. Stata Journal 2.

    Examples
    --------
    >>> data = pd.DataFrame({"area_id": list("abcdef"), "turnout": [60.0, 61, 75, 76, 90, 91]})
    >>> clustergram(data, columns=["turnout"], k=[2, 3]).links["n_areas"].tolist()
    [2, 2, 2]
    """
    ks = sorted({check_count(n, argument="k", least=2) for n in k})
    if not ks:
        raise InputError(message("k", "names no number of profiles"))
    data = in_area_order(data)
    nodes, links = [], []
    before: np.ndarray[tuple[int, ...], np.dtype[np.int64]] | None = None
    for n in ks:
        model = Profiles(n, method, random_state, columns=columns, n_starts=n_starts).fit(data)
        labels = model.labels_.to_numpy()
        for profile in model.centers_.index:
            member = labels == profile
            nodes.append((n, profile, int(member.sum()), float(model.index_[member].mean())))
            if before is not None:
                came, counts = np.unique(before[member], return_counts=True)
                links += [
                    (n, profile, int(p), int(c), c / len(data)) for p, c in zip(came, counts, strict=True)
                ]
        before = labels
    return Clustergram(
        pd.DataFrame(nodes, columns=["k", "profile", "n_areas", "index"]),
        pd.DataFrame(links, columns=["k", "profile", "previous", "n_areas", "share"]),
    )
