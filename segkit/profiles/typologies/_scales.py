"""The same analysis on small and large areas: what the larger ones hide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_columns, check_count, complete
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class AcrossScales:
    """The result of `across_scales`.

    Attributes
    ----------
    within : pandas.DataFrame
        One row per coarse area: ``area_id, name, label, index, population, n_fine``, ``fine_index``
        (population-weighted mean of the index of its fine areas), ``spread`` (their population-weighted
        standard deviation, 0 when alike), ``lowest, highest`` (index of the weakest and strongest) and
        ``share_1, share_2, ...``: per cent of its people by the label of their fine area.
    hidden : pandas.DataFrame
        The fine areas in the weakest profiles whose coarse area is not in them, the most people first:
        ``area_id, name, label, index, population, coarse_id, coarse_name, coarse_label``.
    hidden_population : float
        People who live in them.
    hidden_share : float
        Their per cent of all people.
    hidden_share_of_weakest : float
        Their per cent of the people in the weakest profiles of the fine areas; 0 when none live there.
    within_share : float
        Per cent of the variance of the index between fine areas (by people) that lies within the coarse
        ones and is lost with them.
    """

    within: pd.DataFrame
    hidden: pd.DataFrame
    hidden_population: float
    hidden_share: float
    hidden_share_of_weakest: float
    within_share: float


def coarsen(
    fine: pd.DataFrame,
    columns: Sequence[str],
    *,
    link: str,
    name: str | None = None,
    weight: str = "population",
) -> pd.DataFrame:
    """Compute indicators of coarse areas as the population-weighted means of their fine areas.

    Parameters
    ----------
    fine : pandas.DataFrame
        One row per fine area, such as DeSO from `areas.latest`.
    columns : sequence of str
        The indicators.
    link : str
        The column with the code of the coarse area, such as ``"regso_id"``.
    name : str, optional
        The column with its name, such as ``"regso_name"``; the code without it.
    weight : str
        The column of weights.

    Returns
    -------
    pandas.DataFrame
        ``area_id, name``, the sum of the weights under the weights' own name, each indicator, and for
        each a column ``<indicator>_flag`` that says ``computed``.

    Raises
    ------
    InputError
        When a figure, weight or code is missing, a fine area stands twice, or a coarse one has no
        people.
    UnknownNameError
        When a column is missing.

    Notes
    -----
    The mean of shares is exact when the weight is what the shares are taken of, and close when it is
    all residents. The mean of medians is not the median of the larger area: hence the flag.

    Examples
    --------
    >>> fine = pd.DataFrame({"area_id": ["a", "b"], "large": ["L", "L"], "turnout": [60.0, 90.0],
    ...                      "population": [1000.0, 2000.0]})
    >>> coarsen(fine, ["turnout"], link="large")["turnout"].item()
    80.0
    """
    check_columns(fine, ["area_id", link, weight, *columns, *([] if name is None else [name])])
    if weight in columns:
        raise InputError(message("columns", "must not hold the weight, which is summed", [weight]))
    _check_linked(fine, link)
    mass = complete(fine, weight, least=0)
    figures = pd.DataFrame({c: complete(fine, c) * mass for c in columns}, index=fine.index)
    key = fine[link]
    people = pd.Series(mass, index=fine.index).groupby(key).sum()
    if (people == 0).any():
        fix = "Drop these areas and say so."
        raise InputError(message(weight, "is 0 in coarse areas", people.index[people == 0], fix))
    means = figures.groupby(key).sum().div(people, axis=0)
    called = people.index if name is None else fine.groupby(link)[name].first().to_numpy()
    table = pd.DataFrame({"area_id": people.index, "name": called, weight: people.to_numpy()})
    for column in columns:
        table[column] = means[column].to_numpy()
        table[f"{column}_flag"] = "computed"
    return table


def across_scales(
    fine: pd.DataFrame,
    coarse: pd.DataFrame,
    *,
    link: str,
    label: str = "profile",
    index: str = "index",
    weight: str = "population",
    weakest: int = 1,
) -> AcrossScales:
    r"""Set the profiles of small areas beside those of the larger areas they lie in.

    With w the people and x the index of the fine areas, a bar for their mean in a coarse area c and
    for all, the share of the variance that the coarse areas hide is

    .. math:: \frac{\sum_c \sum_{i \in c} w_i (x_i - \bar{x}_c)^2}{\sum_i w_i (x_i - \bar{x})^2}

    Parameters
    ----------
    fine, coarse : pandas.DataFrame
        One row per area: ``area_id``, the label and the index; `fine` also the weight and the link.
        Names are taken along where there is a column ``name``.
    link : str
        The column of `fine` with the code of the coarse area, such as ``"regso_id"``.
    label : str
        The column of both with the profile as a number, 1 for the weakest.
    index : str
        The column of both with the index; on one scale when both are placed in the same profiles.
    weight : str
        The column of `fine` with the people.
    weakest : int
        The weakest profiles are those up to this number.

    Returns
    -------
    AcrossScales
        What lies within each coarse area, and which weak fine areas it hides.

    Raises
    ------
    InputError
        When an area stands twice, values are missing, labels are not whole numbers from 1, or a fine
        area lies in no coarse one or the other way round.
    UnknownNameError
        When a column is missing.

    Notes
    -----
    Coarse areas placed by ``Profiles.predict`` of profiles fitted on the fine ones share their scale: a
    difference is then due to the size of areas alone. Profiles fitted on the coarse areas themselves are
    relative to other large areas. Say which was done.

    References
    ----------
    Openshaw, S. (1984). The Modifiable Areal Unit Problem. Geo Books.

    Examples
    --------
    >>> fine = pd.DataFrame({"area_id": ["a", "b", "c"], "large": ["L", "L", "M"], "profile": [1, 3, 2],
    ...                      "index": [-1.0, 1.0, 0.0], "population": [500.0, 500.0, 1000.0]})
    >>> coarse = pd.DataFrame({"area_id": ["L", "M"], "profile": [2, 2], "index": [0.0, 0.0]})
    >>> result = across_scales(fine, coarse, link="large")
    >>> result.hidden["area_id"].tolist(), result.hidden_share, result.within_share
    (['a'], 25.0, 100.0)
    """
    check_count(weakest, argument="weakest")
    check_columns(fine, ["area_id", link, label, index, weight], argument="fine")
    check_columns(coarse, ["area_id", label, index], argument="coarse")
    _check_linked(fine, link)
    own, large = _read(fine, label, index), _read(coarse, label, index).set_index("area_id")
    if not large.index.is_unique:
        twice = large.index[large.index.duplicated()]
        raise InputError(message("coarse", "has an area more than once", twice))
    own = own.assign(coarse_id=fine[link].to_numpy(), population=complete(fine, weight, least=0))
    stray = pd.Index(own["coarse_id"].unique()).symmetric_difference(large.index)
    if len(stray):
        fix = "Take fine and coarse areas of one municipality and one division."
        raise InputError(message("link", "joins fine and coarse areas that do not go together", stray, fix))
    everyone = own["population"].sum()
    if everyone <= 0:
        raise InputError(message(weight, "must sum to more than 0"))
    own = own.join(large[["name", "label"]].add_prefix("coarse_"), on="coarse_id")
    weak = own["label"] <= weakest
    hidden = own[weak & (own["coarse_label"] > weakest)]
    people, weak_people = hidden["population"].sum(), own.loc[weak, "population"].sum()
    columns = ["area_id", "name", "label", "index", "population", "coarse_id", "coarse_name", "coarse_label"]
    return AcrossScales(
        within=_within(own, large),
        hidden=hidden.sort_values("population", ascending=False, kind="stable", ignore_index=True)[columns],
        hidden_population=float(people),
        hidden_share=float(100 * people / everyone),
        hidden_share_of_weakest=float(100 * people / weak_people) if weak_people > 0 else 0.0,
        within_share=_within_share(own),
    )


def _check_linked(fine: pd.DataFrame, link: str) -> None:
    """Check that each fine area stands once and has a coarse one."""
    if fine.empty:
        raise InputError(message("fine", "has no areas"))
    twice = fine["area_id"].duplicated().to_numpy()
    if twice.any():
        fix = "Take one row per area, for example with areas.latest."
        raise InputError(message("fine", "has an area more than once", fine.loc[twice, "area_id"], fix))
    without = fine[link].isna().to_numpy()
    if without.any():
        raise InputError(message(link, "is missing", fine.loc[without, "area_id"]))


def _read(areas: pd.DataFrame, label: str, index: str) -> pd.DataFrame:
    """Return keys, label and index of areas, checked."""
    number = complete(areas, label, least=1)
    if (number != np.round(number)).any():
        fix = "Number the profiles from the weakest (1) to the strongest."
        raise InputError(message(label, "must be whole numbers from 1", fix=fix))
    name = areas["name"] if "name" in areas else areas["area_id"]
    return pd.DataFrame(
        {
            "area_id": areas["area_id"].to_numpy(),
            "name": name.to_numpy(),
            "label": number.astype(int),
            "index": complete(areas, index),
        }
    )


def _within(own: pd.DataFrame, large: pd.DataFrame) -> pd.DataFrame:
    """Describe the fine areas of each coarse one."""
    group = own.groupby("coarse_id")
    people = group["population"].sum()
    # A coarse area without people has no mean by people: its fine areas count alike.
    counted = own["population"].where(own["coarse_id"].map(people) > 0, 1.0)
    total = counted.groupby(own["coarse_id"]).sum()
    mean = (own["index"] * counted).groupby(own["coarse_id"]).sum() / total
    square = (own["index"] - own["coarse_id"].map(mean)) ** 2
    spread = np.sqrt((square * counted).groupby(own["coarse_id"]).sum() / total)
    share = own.assign(counted=counted).pivot_table("counted", "coarse_id", "label", "sum", fill_value=0.0)
    labels = range(1, int(max(own["label"].max(), large["label"].max())) + 1)
    share = share.div(total, axis=0).mul(100).reindex(columns=labels, fill_value=0.0)
    table = large.assign(
        population=people,
        n_fine=group.size(),
        fine_index=mean,
        spread=spread,
        lowest=group["index"].min(),
        highest=group["index"].max(),
    )
    table = table.join(share.add_prefix("share_")).reset_index(names="area_id")
    return table.sort_values("spread", ascending=False, kind="stable", ignore_index=True)


def _within_share(own: pd.DataFrame) -> float:
    """Return the per cent of the variance of the index that lies within coarse areas; 0 without any."""
    mass, value = own["population"], own["index"]
    people = mass.groupby(own["coarse_id"]).transform("sum")
    inhabited = people > 0
    total = (mass * (value - np.average(value, weights=mass)) ** 2).sum()
    means = (mass * value).groupby(own["coarse_id"]).transform("sum")[inhabited] / people[inhabited]
    inside = (mass[inhabited] * (value[inhabited] - means) ** 2).sum()
    return float(100 * inside / total) if total > 0 else 0.0
