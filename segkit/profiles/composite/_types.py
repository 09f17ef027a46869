"""Five area types by an index: how far an area lies from the mean of all, in standard deviations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, as_floats, check_choice, complete, is_level, is_number
from segkit.errors import InputError, message
from segkit.words.text import say

if TYPE_CHECKING:
    from segkit.base.checks import Language


def area_types(
    index: Any,
    *,
    weight: Any = None,
    ddof: int = 1,
    moments: tuple[float, float] | None = None,
    higher_is: Literal["weaker", "stronger"] = "weaker",
) -> pd.Series:
    r"""Five area types by mean and standard deviation of an index, 1 the weakest conditions.

    .. math::

        \text{type} = 1 : x \ge \mu + 2\sigma,\quad 2 : x \ge \mu + \sigma,\quad 3 : x \ge \mu,\quad
        4 : x \ge \mu - \sigma,\quad 5 : x < \mu - \sigma

    with x the index, higher is weaker, and mu and sigma its mean and standard deviation. The types are
    relative: they tell where an area stands among those that mu and sigma come from.

    Parameters
    ----------
    index : array-like
        One value per area, as of ``CompositeIndex(method="scb")``.
    weight : array-like, optional
        Population of each area for mu and sigma; without it every area counts the same.
    ddof : {1, 0}
        The variance is divided by n - 1 or n (with weights: times n / (n - 1) or not).
    moments : tuple of float, optional
        mu and sigma of a reference, such as all areas of the country, so that the areas of one municipality
        are typed against the country and not against one another.
    higher_is : {"weaker", "stronger"}
        What a higher index means. SCB's index is higher where conditions are weaker; those of
        ``CompositeIndex`` by other methods are higher where they are stronger.

    Returns
    -------
    pandas.Series
        ``area_type``, 1 (weakest) to 5 (strongest), whole numbers, aligned with the index of `index`.

    Raises
    ------
    InputError
        If values are missing, all are equal, or an argument is off.

    Notes
    -----
    Statistics Sweden (SCB) recomputes its types every year over all RegSO of the country. Whether its mean
    is weighted and its variance divided by n or n - 1 is not documented; the default here is unweighted
    and n - 1. Types of another index, of DeSO or of one municipality alone are not SCB's:
    `area_type_name` gives SCB's names on request only.

    References
    ----------
    Statistics Sweden (2023). Socioekonomiskt index och områdestyper: tabellkommentar. Solna: SCB.

    Examples
    --------
    >>> area_types([30.0, 20.0, 15.0, 10.0, 9.99, 5.0, 4.99], moments=(10.0, 5.0)).tolist()
    [1, 1, 2, 3, 4, 4, 5]
    """
    check_choice(higher_is, ("weaker", "stronger"), argument="higher_is")
    check_choice(ddof, (0, 1), argument="ddof")
    if weight is not None and moments is not None:
        raise InputError(message("weight", "is for the moments, and these are given", fix="Leave one out."))
    if isinstance(index, pd.DataFrame) or np.ndim(index) != 1:
        raise InputError(message("index", "must be one value per area, in one dimension"))
    x = pd.Series(index) if not isinstance(index, pd.Series) else index
    values = complete(x.to_frame("index"), "index")
    if moments is None:
        mean, spread = _moments(values, _weights(weight, x), ddof)
    else:
        mean, spread = _given(moments)
    sign = 1.0 if higher_is == "weaker" else -1.0
    values, mean = sign * values, sign * mean
    bounds = np.array([mean - spread, mean, mean + spread, mean + 2 * spread])
    types = 5 - np.searchsorted(bounds, values, side="right")
    return pd.Series(types.astype(np.int64), index=x.index, name="area_type")


def area_type_name(area_type: int, *, language: Language = "sv", official: bool = False) -> str:
    """Return what an area type is called; SCB's own name only where it is SCB's own type.

    Parameters
    ----------
    area_type : int
        1 to 5.
    language : {"sv", "en"}
        Of the name. SCB's names are in Swedish; the English are translations.
    official : bool
        You state that the type is SCB's own. Without it the name tells what was computed.

    Returns
    -------
    str
        The name of type 1 (weakest) to 5 (strongest).

    Raises
    ------
    InputError
        If the type is none of 1 to 5 or the language is not known.

    Examples
    --------
    >>> area_type_name(1, language="en"), area_type_name(1, language="en", official=True)
    ('Index much weaker than the mean', 'Areas with great socioeconomic challenges')
    """
    check_choice(language, ("sv", "en"), argument="language")
    if isinstance(area_type, bool):
        raise InputError(message("area_type", f"is {area_type!r}, must be one of 1, 2, 3, 4, 5"))
    check_choice(area_type, (1, 2, 3, 4, 5), argument="area_type")
    names = say("profiles.types", "official" if official else "neutral", language).split(" | ")
    return names[int(area_type) - 1]


def _weights(weight: Any, x: pd.Series) -> Floats:
    if weight is None:
        return np.ones(len(x))
    if isinstance(weight, pd.Series) and not weight.index.equals(x.index):
        raise InputError(message("weight", "has another index than `index`", fix="Take both from one table."))
    w = as_floats(weight, argument="weight")
    if w.shape != (len(x),):
        raise InputError(message("weight", f"has shape {w.shape} where `index` has {len(x)} values"))
    return complete(pd.DataFrame({"weight": w}, index=x.index), "weight", least=0)


def _moments(x: Floats, w: Floats, ddof: int) -> tuple[float, float]:
    """Return mean and standard deviation of areas with weight."""
    x, w = x[w > 0], w[w > 0]
    if len(x) < 2 or is_level(x):
        rule = "must have at least two different values, so that it has a standard deviation"
        raise InputError(message("index", rule, fix="Or give `moments` of a reference."))
    mean = float(np.average(x, weights=w))
    variance = float(np.average((x - mean) ** 2, weights=w)) * len(x) / (len(x) - ddof)
    return mean, float(np.sqrt(variance))


def _given(moments: Any) -> tuple[float, float]:
    if not isinstance(moments, tuple | list) or len(moments) != 2 or not all(map(is_number, moments)):
        raise InputError(message("moments", f"is {moments!r}, must be two numbers: mean, standard deviation"))
    mean, spread = map(float, moments)
    if not (np.isfinite(mean) and np.isfinite(spread) and spread > 0):
        rule = f"is {moments!r}, must be finite with a standard deviation of more than 0"
        raise InputError(message("moments", rule))
    return mean, spread
