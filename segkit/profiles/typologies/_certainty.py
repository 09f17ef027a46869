"""Whether a change of profile is larger than noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_count, check_share, complete
from segkit.base.order import in_area_order
from segkit.errors import InputError, UnknownNameError, message
from segkit.profiles.typologies._matching import cross, matched
from segkit.profiles.typologies._over_time import ProfilesOverTime, Settings, distances, ends, fit_centers

if TYPE_CHECKING:
    from segkit.profiles.typologies._matching import Codes

#: How often a sample of too few different areas is drawn anew.
_TRIES = 1000


def move_certainty(
    result: ProfilesOverTime,
    *,
    n_bootstrap: int = 200,
    errors: str | None = None,
    random_state: int = 0,
    n_starts: int = 10,
    firm: float = 0.95,
    likely: float = 0.8,
) -> pd.DataFrame:
    """Tell how sure it is that an area changed profile in the direction it seems to have.

    In each draw the areas are sampled with replacement, scale and profiles are fitted anew on the base
    period of the sample, and all areas of the panel are placed in them. Profiles of a draw take the
    numbers of the profiles they share most areas with (optimal matching). Where figures have standard
    errors they are also drawn anew from a normal distribution, in each period by itself.

    Parameters
    ----------
    result : ProfilesOverTime
        From `over_time`.
    n_bootstrap : int
        Number of draws.
    errors : str, optional
        Ending of the columns of standard errors, such as ``"_se"``: an indicator that has such a
        column in the panel is drawn anew. Without it figures are taken as exact.
    random_state : int
        The seed; same seed, same answer.
    n_starts : int
        Starts of k-means in each draw.
    firm, likely : float
        From which share of draws a move is called firm, and likely.

    Returns
    -------
    pandas.DataFrame
        One row per area with profiles in two periods or more, movers first and the surest first:
        ``area_id, name, from, to`` (profiles in its first and last period), ``share_up, share_down``
        (shares of draws, 0-1, in which it moves up and down), ``certainty`` (the share that moves the
        way it did; 0 for an area that stayed, as there is no move to be certain of) and ``verdict``:
        firm, likely, uncertain or stayed.

    Raises
    ------
    InputError
        When an argument is out of range, standard errors are missing or negative, or the areas are too
        few for samples of them to have so many profiles.
    UnknownNameError
        When `errors` is given and no indicator has such a column.

    Notes
    -----
    Without `errors` the draws tell how far the profiles' borders depend on which areas there are, not
    how exact the figures are. A small move across a border that itself moves is uncertain. Standard
    errors are taken as independent between areas and periods; errors that return in both periods, as
    those of one model may, make a move surer than is said here.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and Data
    Analysis 52, 258-271.

    Examples
    --------
    >>> from segkit import typologies
    >>> panel = pd.DataFrame({"area_id": list("abcdef") * 2, "period": [2020] * 6 + [2024] * 6,
    ...                       "turnout": [60.0, 61, 62, 89, 90, 91, 60, 61, 90, 89, 90, 91]})
    >>> result = typologies.over_time(panel, ["turnout"], n_profiles=2)
    >>> table = move_certainty(result, n_bootstrap=20)
    >>> table[["area_id", "from", "to", "verdict"]].head(1).to_numpy().tolist()
    [['c', 1, 2, 'firm']]
    """
    if not isinstance(result, ProfilesOverTime):
        rule = f"must be the result of typologies.over_time, is {type(result).__name__}"
        raise InputError(message("result", rule))
    check_count(n_bootstrap, argument="n_bootstrap")
    check_count(n_starts, argument="n_starts")
    check_share(likely, argument="likely")
    if check_share(firm, argument="firm") < likely:
        raise InputError(message("firm", f"is {firm}, must be at least `likely` ({likely})"))
    known = result.labels.notna()
    rows = in_area_order(result.data[known])
    label = result.labels[rows.index].to_numpy(dtype=np.intp) - 1
    first, last = ends(rows)
    if errors is None:
        spread = np.zeros((len(rows), len(result.settings.columns)))
    else:
        spread = _standard_errors(rows, result.settings.columns, errors)
    rng = np.random.default_rng(random_state)
    up, down = np.zeros(len(first)), np.zeros(len(first))
    for _ in range(n_bootstrap):
        drawn = _draw(result, rows, spread, rng, n_starts)
        step = _aligned(drawn, label, result.settings.n_profiles)
        up += step[last] > step[first]
        down += step[last] < step[first]
    return _verdicts(rows, label, (first, last), up / n_bootstrap, down / n_bootstrap, (firm, likely))


def _draw(
    result: ProfilesOverTime, rows: pd.DataFrame, spread: Floats, rng: np.random.Generator, n_starts: int
) -> Codes:
    """Place every row in the profiles of one sample of the areas."""
    columns = list(result.settings.columns)
    values = rows[columns].to_numpy(dtype=np.float64)
    if spread.any():
        values = values + spread * rng.standard_normal(values.shape)
    used = np.arange(len(rows)) if result.base == "pooled" else np.flatnonzero(rows["period"] == result.base)
    area = pd.factorize(rows["area_id"].iloc[used])[0]
    own = result.settings
    settings = Settings(own.columns, own.n_profiles, own.directions, own.random_state, n_starts)
    sample = values[used[_sample(values[used], area, rng, own.n_profiles)]]
    scale, centers = fit_centers(pd.DataFrame(sample, columns=columns), settings)
    scores = scale.transform(pd.DataFrame(values, columns=columns)).to_numpy()
    return np.asarray(distances(scores, centers).argmin(axis=1), dtype=np.intp)


def _sample(values: Floats, area: Codes, rng: np.random.Generator, n_profiles: int) -> Codes:
    """Take areas with replacement, all their rows, until they differ enough to have so many profiles."""
    n = int(area.max()) + 1
    order = np.argsort(area, kind="stable")
    starts = np.searchsorted(area[order], np.arange(n + 1))
    for _ in range(_TRIES):
        chosen = rng.integers(n, size=n)
        rows = np.concatenate([order[starts[i] : starts[i + 1]] for i in chosen])
        drawn = values[rows]
        if np.ptp(drawn, axis=0).all() and len(np.unique(drawn, axis=0)) >= n_profiles:
            return rows
    rule = f"has {n} areas to sample from, too few for samples with {n_profiles} profiles"
    raise InputError(message("result", rule, fix="Use fewer profiles or more areas."))


def _aligned(drawn: Codes, label: Codes, n_profiles: int) -> Codes:
    """Give the profiles of a draw the numbers of those they share most rows with.

    One without a match, such as half of a profile that was split, has that of the profile most of it is in.
    """
    table = cross(label, drawn, (n_profiles, n_profiles))
    place = matched(table)
    return np.asarray(np.where(place >= 0, place, table.argmax(axis=0))[drawn], dtype=np.intp)


def _standard_errors(rows: pd.DataFrame, columns: tuple[str, ...], ending: str) -> Floats:
    """Return the standard errors of the figures, 0 for indicators that have no such column."""
    at_hand = [column for column in columns if f"{column}{ending}" in rows]
    if not at_hand:
        rule = f"no indicator has a column with the ending {ending!r}"
        raise UnknownNameError(message("errors", rule, fix="Leave it out where figures are exact."))
    zero = np.zeros(len(rows))
    return np.column_stack(
        [complete(rows, f"{c}{ending}", least=0) if c in at_hand else zero for c in columns]
    )


def _verdicts(
    rows: pd.DataFrame,
    label: Codes,
    places: tuple[Codes, Codes],
    up: Floats,
    down: Floats,
    bounds: tuple[float, float],
) -> pd.DataFrame:
    """Put the shares of draws and the verdicts in a table."""
    first, last = places
    way = np.sign(label[last] - label[first])
    certainty = np.select([way > 0, way < 0], [up, down], 0.0)
    firm, likely = bounds
    verdict = np.select(
        [way == 0, certainty >= firm, certainty >= likely], ["stayed", "firm", "likely"], "uncertain"
    )
    table = pd.DataFrame(
        {
            "area_id": rows["area_id"].to_numpy()[last],
            "name": rows["name" if "name" in rows else "area_id"].to_numpy()[last],
            "from": label[first] + 1,
            "to": label[last] + 1,
            "share_up": up,
            "share_down": down,
            "certainty": certainty,
            "verdict": verdict,
        }
    )
    order = np.lexsort((table["area_id"], -certainty, way == 0))
    return table.iloc[order].reset_index(drop=True)
