"""Profiles over several periods on one scale, so that an area's move is a move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import (
    Floats,
    check_choice,
    check_columns,
    check_count,
    check_keys,
    labels_of,
    numbers,
)
from segkit.base.order import in_area_order
from segkit.errors import InputError, message, warn
from segkit.profiles import transitions
from segkit.profiles._model import Profiles
from segkit.profiles.standardize import Standardizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from segkit.profiles.typologies._matching import Codes

Base = int | Literal["pooled"] | None
Missing = Literal["raise", "drop"]


@dataclass(frozen=True)
class Settings:
    """How the profiles were fitted, for those who fit them anew."""

    columns: tuple[str, ...]
    n_profiles: int
    directions: Mapping[str, int] | None
    random_state: int
    n_starts: int


@dataclass(frozen=True)
class ProfilesOverTime:
    """The result of `over_time`.

    Attributes
    ----------
    labels : pandas.Series
        The profile of each row of the panel, 1 = weakest (Int64; missing where figures are).
    index : pandas.Series
        The mean of the standardized indicators of each row.
    membership : pandas.Series
        How firmly each row belongs, 0 (as near to the next profile) to 1 (at the center).
    scores : pandas.DataFrame
        The standardized indicators of each row, on the scale of the base period, higher is stronger.
    centers : pandas.DataFrame
        Profile by indicator, on the same scale.
    table : pandas.DataFrame
        One row per area: ``area_id, name`` and the profile in each period, a column per period.
    transitions : pandas.DataFrame
        Counts of areas by profile ``from`` one period ``to`` the next, all periods together.
    moved : pandas.DataFrame
        Areas whose profile differs between their first and last period: ``area_id, name, first, last``
        (periods), ``from, to`` (profiles), ``index_then, index_now, membership_then, membership_now``;
        the longest moves first.
    base : int or "pooled"
        The period that set scale and centers.
    periods : tuple of int
        The periods that have profiles.
    data : pandas.DataFrame
        The panel, without geometry.
    settings : Settings
        How the profiles were fitted.
    """

    labels: pd.Series
    index: pd.Series
    membership: pd.Series
    scores: pd.DataFrame
    centers: pd.DataFrame
    table: pd.DataFrame
    transitions: pd.DataFrame
    moved: pd.DataFrame
    base: int | Literal["pooled"]
    periods: tuple[int, ...]
    data: pd.DataFrame
    settings: Settings


def over_time(
    panel: pd.DataFrame,
    columns: Sequence[str],
    *,
    n_profiles: int = 5,
    base: Base = None,
    random_state: int = 0,
    n_starts: int = 200,
    directions: Mapping[str, int] | None = None,
    missing: Missing = "raise",
) -> ProfilesOverTime:
    r"""Place areas in the same profiles in every period, and find those that changed profile.

    Means, spreads and centers are those of the base period and stay as they are. With z the figures
    standardized by them and c the centers, the profile of area i in period t is the nearest:

    .. math:: p_{it} = \arg\min_k \sum_j (z_{ijt} - c_{kj})^2

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period.
    columns : sequence of str
        The indicators.
    n_profiles : int
        How many profiles.
    base : int or "pooled", optional
        The period that scale and centers are fitted on; by default the first in which every indicator
        has figures. ``"pooled"`` fits them on the rows of all periods together.
    random_state : int
        The seed; same seed, same profiles.
    n_starts : int
        Runs of k-means from different starts, of which the best is kept.
    directions : mapping, optional
        Indicator -> 1 or -1 for those the catalogue does not judge.
    missing : {"raise", "drop"}
        A missing figure is an error, or its row is left without a profile and counted by a
        `DataWarning`.

    Returns
    -------
    ProfilesOverTime
        Profiles by row, by area and period, transitions, and the areas that moved.

    Raises
    ------
    InputError
        When figures are missing, fewer than two periods have them, the base period has none, or as
        `Profiles.fit` does.
    UnknownNameError
        When a column is missing, or an indicator has no direction.

    Notes
    -----
    A frozen base keeps a change that all areas share: when incomes rise everywhere, areas move up. With
    ``"pooled"`` they do too, against a scale between the periods. Whether one area's move is larger
    than noise is for `move_certainty` to say.

    References
    ----------
    Delmelle, E. C. (2016). Mapping the DNA of urban neighborhoods: Clustering longitudinal sequences of
    neighborhood socioeconomic change. Annals of the American Association of Geographers 106, 36-56.

    Examples
    --------
    >>> panel = pd.DataFrame({"area_id": list("abcd") * 2, "period": [2020] * 4 + [2024] * 4,
    ...                       "turnout": [60.0, 61.0, 90.0, 91.0, 60.0, 89.0, 90.0, 91.0]})
    >>> result = over_time(panel, ["turnout"], n_profiles=2)
    >>> result.moved[["area_id", "from", "to"]].to_numpy().tolist()
    [['b', 1, 2]]
    """
    check_keys(panel)
    if isinstance(columns, str) or not list(columns):
        raise InputError(message("columns", "must be a list of indicators, at least one"))
    check_columns(panel, columns, argument="panel")
    check_choice(missing, ("raise", "drop"), argument="missing")
    check_count(n_profiles, argument="n_profiles", least=2)
    settings = Settings(tuple(columns), n_profiles, directions, random_state, n_starts)
    known = _known(panel, settings.columns, missing)
    rows = in_area_order(panel[known])
    periods = tuple(int(p) for p in np.unique(rows["period"]))
    if len(periods) < 2:
        fix = "Choose indicators that have figures in two periods."
        raise InputError(message("panel", "has fewer than two periods with every indicator", columns, fix))
    start: int | Literal["pooled"] = periods[0] if base is None else base
    fitted_on = rows if start == "pooled" else rows[rows["period"] == start]
    if fitted_on.empty:
        fix = f"Periods with every indicator: {', '.join(map(str, periods))}; or 'pooled'."
        raise InputError(message("base", f"has no figures: {base!r}", fix=fix))
    scale, centers = fit_centers(fitted_on[list(columns)], settings)
    scores = scale.transform(rows)
    gaps = distances(scores.to_numpy(), centers)
    order = np.sort(np.sqrt(gaps), axis=1)
    state = pd.DataFrame(
        {
            "profile": gaps.argmin(axis=1) + 1,
            "index": scores.mean(axis=1),
            "membership": (order[:, 1] - order[:, 0]) / order[:, 1],
        },
        index=rows.index,
    )
    named = _named(rows).join(state)
    states = list(range(1, n_profiles + 1))
    return ProfilesOverTime(
        labels=state["profile"].astype("Int64").reindex(panel.index),
        index=state["index"].reindex(panel.index),
        membership=state["membership"].reindex(panel.index),
        scores=scores.reindex(panel.index),
        centers=pd.DataFrame(centers, index=pd.Index(states, name="profile"), columns=list(columns)),
        table=_by_area(named),
        transitions=transitions.transition_counts(named, "profile", states=states),
        moved=_moved(named),
        base=start,
        periods=periods,
        data=pd.DataFrame(panel.drop(columns="geometry", errors="ignore")).copy(),
        settings=settings,
    )


def fit_centers(figures: pd.DataFrame, settings: Settings) -> tuple[Standardizer, Floats]:
    """Return the scale and the centers of the profiles, weakest first, of rows that each count as an area."""
    columns = list(settings.columns)
    # Codes that sort as they are counted, so that the rows stay in their order.
    areas = figures.assign(area_id=[f"{number:09d}" for number in range(len(figures))])
    model = Profiles(
        settings.n_profiles,
        random_state=settings.random_state,
        columns=columns,
        n_starts=settings.n_starts,
        standardizer=Standardizer(columns, directions=settings.directions),
    ).fit(areas)
    scale = Standardizer(columns, directions=settings.directions).fit(areas)
    return scale, model.centers_[columns].to_numpy()


def distances(points: Floats, centers: Floats) -> Floats:
    """Squared distances of points to centers, one column per center."""
    return np.stack([((points - center) ** 2).sum(axis=1) for center in centers], axis=1)


def ends(rows: pd.DataFrame) -> tuple[Codes, Codes]:
    """Return the positions of the first and the last row of each area that has more than one."""
    order = np.lexsort((rows["period"], pd.factorize(rows["area_id"])[0]))
    area = pd.factorize(rows["area_id"])[0][order]
    new = np.flatnonzero(np.diff(area, prepend=-1))
    old = np.append(new[1:], len(area)) - 1
    several = old > new
    return order[new[several]], order[old[several]]


def _known(panel: pd.DataFrame, columns: Sequence[str], missing: Missing) -> npt.NDArray[np.bool_]:
    """Tell which rows have every figure."""
    gap = np.isnan(np.column_stack([numbers(panel, column) for column in columns]))
    without: npt.NDArray[np.bool_] = np.logical_or.reduce(gap, axis=1)
    if without.any():
        where = labels_of(panel, without)
        lack = ", ".join(
            c for c, empty in zip(columns, np.logical_or.reduce(gap, axis=0), strict=True) if empty
        )
        if missing == "raise":
            fix = "Choose periods and indicators that are complete, or leave these rows out: missing='drop'."
            raise InputError(message("panel", f"has missing figures in {lack}", where, fix))
        rule = f"leaves {int(without.sum())} of {len(panel)} rows without a profile, which lack {lack}"
        warn(message("panel", rule, where))
    return ~without


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of the rows; areas without a name are called by their code."""
    name = rows["name"] if "name" in rows else rows["area_id"]
    return pd.DataFrame({"area_id": rows["area_id"], "name": name, "period": rows["period"]})


def _by_area(named: pd.DataFrame) -> pd.DataFrame:
    """Spread the profiles over one column per period."""
    last = named.sort_values("period", kind="stable").drop_duplicates("area_id", keep="last")
    wide = named.pivot(index="area_id", columns="period", values="profile").astype("Int64")
    wide.columns = wide.columns.astype(int)
    table = last[["area_id", "name"]].merge(wide.reset_index(), on="area_id", validate="1:1")
    return table.sort_values("area_id", ignore_index=True, kind="stable")


def _moved(named: pd.DataFrame) -> pd.DataFrame:
    """Compare each area's first period with its last."""
    first, last = (named.iloc[place].reset_index(drop=True) for place in ends(named))
    table = pd.DataFrame(
        {
            "area_id": last["area_id"],
            "name": last["name"],
            "first": first["period"],
            "last": last["period"],
            "from": first["profile"],
            "to": last["profile"],
            "index_then": first["index"],
            "index_now": last["index"],
            "membership_then": first["membership"],
            "membership_now": last["membership"],
        }
    )
    far = (table["to"] - table["from"]).abs()
    moved = table.assign(far=far)[far > 0]
    order = moved.sort_values(["far", "area_id"], ascending=[False, True], ignore_index=True)
    return order.drop(columns="far")
