"""Profiles in numbers and words: circumstances of areas, never of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, check_count
from segkit.base.digits import EQUAL, given_table
from segkit.base.order import in_area_order
from segkit.catalogue import indicators as catalogue
from segkit.errors import InputError, message
from segkit.words.text import listed, say

if TYPE_CHECKING:
    from segkit.base.checks import Floats, Language
    from segkit.profiles._model import Profiles

#: Distance from the mean of all areas, in standard deviations, from which a level gets a word.
_CLEAR, _SOME = 1.0, 0.35


def label(profile: int, n_profiles: int, *, language: Language = "sv") -> str:
    """Return the name of a profile: its number and its place in the order of conditions.

    Parameters
    ----------
    profile : int
        The profile, 1 to `n_profiles`; 0 for areas set aside.
    n_profiles : int
        How many there are.
    language : {"sv", "en"}
        Of the name.

    Returns
    -------
    str
        The number and, in words, its place between the weakest (1) and the strongest conditions.

    Raises
    ------
    InputError
        If there is no such profile or the language is not known.

    Examples
    --------
    >>> label(1, 5, language="en")
    '1 – weakest socioeconomic conditions'
    >>> label(3, 5, language="en")
    '3 – middle of the order'
    """
    check_choice(language, ("sv", "en"), argument="language")
    check_count(profile, argument="profile", least=0)
    if profile > check_count(n_profiles, argument="n_profiles"):
        raise InputError(message("profile", f"is {profile}, but there are only {n_profiles}"))
    if profile == 0:
        return f"0 – {say('profiles.portraits', 'aside', language)}"
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
    places = say("profiles.portraits", "places", language).split(" | ")
    return f"{profile} – {places[place]}"


def describe(
    model: Profiles, data: pd.DataFrame, means: Floats, *, language: Language, spread: bool
) -> pd.DataFrame:
    """See `Profiles.describe`."""
    check_choice(language, ("sv", "en"), argument="language")
    data = in_area_order(data)
    labels, index = model.labels_.loc[data.index], model.index_.loc[data.index]
    people = data["population"].astype(float) if "population" in data else None
    if people is not None and (people.isna().any() or people.sum() == 0):
        people = None
    scores = model.standardizer_.transform(data)
    values = model.standardizer_.filled(data)
    name = data["name"] if "name" in data else data["area_id"]
    # The sign of the values themselves, not of how they are judged.
    signs = model.standardizer_.directions_[values.columns]
    rows = []
    for profile in [*model.centers_.index, *([0] if (labels == 0).any() else [])]:
        member = (labels == profile).to_numpy()
        weight = np.ones(member.sum()) if people is None else people[member].to_numpy()
        weight = weight if weight.sum() > 0 else np.ones(member.sum())
        center = pd.Series(means[profile - 1], scores.columns) if profile else scores[member].mean()
        told = model.centers_.loc[profile] if profile else center
        gap = ((scores[member] - center) ** 2).sum(axis=1)
        near = data.loc[gap.index[gap <= gap.min() + EQUAL * gap.max()], "area_id"].astype(str)
        mean, sd = _moments(values[member].to_numpy(), weight)
        row = {
            "profile": profile,
            "label": label(profile, len(model.centers_), language=language),
            "n_areas": int(member.sum()),
            "population": np.nan if people is None else float(people[member].sum()),
            "population_share": np.nan
            if people is None
            else 100 * float(people[member].sum()) / people.sum(),
            "index": float(index[member].mean()),
            **dict(zip(values.columns, mean, strict=True)),
            "typical_area": str(name.loc[near.sort_values(kind="stable").index[0]]),
            "description": _portrait(told * signs, model.centers_ * signs, language),
        }
        if spread:
            row |= {f"{c}_sd": s for c, s in zip(values.columns, sd, strict=True)}
        rows.append(row)
    return given_table(pd.DataFrame(rows))


def _moments(values: Floats, weight: Floats) -> tuple[list[float], list[float]]:
    """Return mean and standard deviation of each column."""
    mean = np.average(values, weights=weight, axis=0)
    sd = np.sqrt(np.average((values - mean) ** 2, weights=weight, axis=0))
    return mean.tolist(), sd.tolist()


def _portrait(levels: pd.Series, every: pd.DataFrame, language: Language) -> str:
    """Say in words how the areas' figures compare with the mean of all areas."""
    words = say("profiles.portraits", "levels", language).split(" | ")
    groups: dict[str, list[str]] = {}
    for column, z in levels.items():
        place = 1 + int(np.digitize(z, [-_CLEAR, -_SOME, _SOME, _CLEAR]))
        if abs(z) >= _CLEAR and z in (every[column].min(), every[column].max()):
            place = 0 if z < 0 else len(words) - 1
        name = catalogue.label(str(column), language=language)
        groups.setdefault(words[place], []).append(name[0].lower() + name[1:])
    parts = [f"{word}: {listed(groups[word], language)}" for word in words if word in groups]
    return say("profiles.portraits", "against", language) + "; ".join(parts) + "."
