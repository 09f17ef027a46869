"""Means of the areas, weighted by people, and what is said of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.base.checks import complete
from segkit.catalogue.labels import heading
from segkit.errors import InputError, message
from segkit.words.text import chart_texts as texts

if TYPE_CHECKING:
    import pandas as pd

    from segkit.base.checks import Floats, Language


def masses(data: pd.DataFrame, weight: str | None) -> Floats:
    """Return the people of each area, 1 each without a column of them."""
    if weight is None:
        return np.ones(len(data))
    mass = complete(data, weight, least=0)
    if mass.sum() <= 0:
        raise InputError(
            message(weight, "must sum to more than 0", fix="Let areas count alike: weight=None.")
        )
    return mass


def mean(value: Floats, mass: Floats) -> float:
    """Return the mean of the known values; NaN when nobody lives where they are known."""
    known = ~np.isnan(value)
    people = float(mass[known].sum())
    return float((mass[known] * value[known]).sum() / people) if people > 0 else float("nan")


def weighting(weight: str | None, language: Language) -> str:
    """Say what the mean of the areas is weighted by."""
    text = texts(language)
    return text["unweighted"] if weight is None else text["weighted"].format(weight=lower(weight, language))


def lower(column: str, language: Language) -> str:
    """Return the name of a column as it is written within a sentence."""
    name = heading(column, language=language, unit=False)
    return name[:1].lower() + name[1:]
