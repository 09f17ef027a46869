"""What static and interactive maps share: checks, classes of values, numbers and texts in two languages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import (
    LANGUAGES,
    check_choice,
    check_columns,
    check_count,
    check_geometry,
    labels_of,
    numbers,
)
from segkit.errors import InputError, message
from segkit.words.numbers import format_number
from segkit.words.text import say
from segkit.words.text import texts as texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from segkit.base.checks import Floats, Language

Scheme = Literal["quantiles", "equal", "natural_breaks", "std", "manual"]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SCHEMES = ("quantiles", "equal", "natural_breaks", "std", "manual")

_MOST_CLASSES = 9
#: Above this many values the exact search for natural breaks runs on evenly spaced order statistics.
_MOST_FOR_BREAKS = 1000


@dataclass(frozen=True)
class Classes:
    """Ordered classes of values: `bounds` has one more element than there are classes.

    A value belongs to the class whose lower bound it reaches and whose upper bound it stays under;
    the last class holds its upper bound too. The two outer bounds are the rounded
    extremes. `codes` is -1 where the value is missing.
    """

    bounds: Floats
    codes: Codes
    decimals: int

    @property
    def n(self) -> int:
        """Number of classes."""
        return len(self.bounds) - 1

    def texts(self, language: Language) -> list[str]:
        """Say each class in words and numbers."""
        shown = [format_number(b, self.decimals, language=language) for b in self.bounds]
        if self.n == 1:
            return [shown[0] if shown[0] == shown[1] else f"{shown[0]}–{shown[1]}"]
        text = texts_of("maps.shared", language)
        pairs = list(pairwise(shown))
        texts = [f"{low} {text['until']} {high}" for low, high in pairs]
        # An end class that reaches no farther than its inner bound holds no value beyond it.
        if pairs[0][0] == pairs[0][1]:
            texts[0] = f"{text['under']} {pairs[0][1]}"
        low, high = pairs[-1]
        texts[-1] = f"{low} {text['or_more']}" if low == high else f"{low}–{high}".replace("–−", " – −")
        return texts


def check_areas(areas: gpd.GeoDataFrame, columns: Sequence[str], language: Language) -> None:
    """Check what every map needs: one row per area, the columns, polygons, a known language."""
    check_choice(language, LANGUAGES, argument="language")
    if not isinstance(areas, pd.DataFrame):
        raise InputError(message("areas", f"must be a GeoDataFrame, is {type(areas).__name__}"))
    check_columns(areas, ["area_id", "name", *columns], argument="areas")
    if areas.empty:
        raise InputError(message("areas", "has no rows, so there is nothing to map"))
    check_geometry(areas)
    twice = areas["area_id"].duplicated(keep=False).to_numpy()
    if twice.any():
        fix = "Choose one period, or call areas.latest."
        raise InputError(message("areas", "has more than one row for an area", labels_of(areas, twice), fix))


def some_values(areas: pd.DataFrame, column: str) -> Floats:
    """Return a column as floats, of which one at least is there."""
    values = numbers(areas, column)
    if np.isnan(values).all():
        fix = "Join the indicator first, or map another one."
        raise InputError(message(column, "is missing in every area", fix=fix))
    return values


def profile_codes(areas: pd.DataFrame, profile: str, labels: Mapping[int, str] | None) -> tuple[Codes, int]:
    """Return profile minus 1 (-1 where missing) and the number of profiles."""
    values = some_values(areas, profile)
    known = ~np.isnan(values)
    wrong = known & ((values != np.floor(values)) | (values < 1))
    if wrong.any():
        rule = "must hold whole numbers from 1 (weakest)"
        raise InputError(message(profile, rule, labels_of(areas, wrong)))
    n = int(max(np.nanmax(values), max(labels, default=1) if labels else 1))
    if n > _MOST_CLASSES:
        fix = "More can't be told apart on a map: choose fewer profiles."
        rule = f"has {n} profiles, at most {_MOST_CLASSES} can be mapped"
        raise InputError(message(profile, rule, fix=fix))
    return np.where(known, np.nan_to_num(values) - 1, -1).astype(np.int64), n


def profile_texts(n: int, labels: Mapping[int, str] | None, language: Language) -> list[str]:
    """Say what each profile is called; unnamed ones by number, with the meaning of the two ends."""
    text = texts_of("maps.shared", language)
    names = [f"{text['profile']} {i}" for i in range(1, n + 1)]
    if labels:
        return [f"{i}. {labels[i]}" if i in labels else name for i, name in enumerate(names, start=1)]
    if n > 1:
        names[0] += f", {text['weakest']}"
        names[-1] += f", {text['strongest']}"
    return names


def as_mask(mask: Any, areas: pd.DataFrame, *, argument: str) -> Mask:
    """Return a boolean mask aligned with the areas; None means no area."""
    if mask is None:
        return np.zeros(len(areas), dtype=bool)
    if isinstance(mask, pd.Series) and not mask.index.equals(areas.index):
        fix = "Make it from the same table, such as areas['x_flag'] == 'modelled'."
        raise InputError(message(argument, "has another index than `areas`", fix=fix))
    array = np.asarray(mask)
    if array.shape != (len(areas),) or pd.isna(array).any() or not np.isin(array, (True, False)).all():
        raise InputError(message(argument, f"must be True or False for each of the {len(areas)} areas"))
    return array.astype(bool)


def classify(values: Floats, scheme: str, k: int, bins: Sequence[float] | None) -> Classes:
    """Sort values into ordered classes with bounds that are round enough to print."""
    check_choice(scheme, SCHEMES, argument="scheme")
    if scheme == "manual":
        return _from_bounds(values, _manual(bins), exact=True)
    if bins is not None:
        raise InputError(message("bins", f"is for scheme='manual', not {scheme!r}"))
    check_classes(k)
    known = values[~np.isnan(values)]
    if known.min() == known.max():
        return _from_bounds(values, np.array([]))
    if scheme == "quantiles":
        inner = np.quantile(known, np.arange(1, k) / k, method="higher")
        # Where a class would be empty because many values tie at the bottom, they make the first class.
        inner = np.where(inner <= known.min(), known[known > known.min()].min(), inner)
    elif scheme == "equal":
        inner = np.linspace(known.min(), known.max(), k + 1)[1:-1]
    elif scheme == "std":
        inner = known.mean() + known.std(ddof=1) * np.array([-1.5, -0.5, 0.5, 1.5])
    else:
        inner = natural_breaks(known, k)
    return _from_bounds(values, inner)


def classify_change(values: Floats, k: int) -> Classes:
    """Sort changes into k classes (k even), symmetric around zero, which is a bound."""
    check_classes(k)
    if k % 2:
        raise InputError(message("k", f"is {k}, must be even: zero is a class bound"))
    known = values[~np.isnan(values)]
    size = np.abs(known[known != 0])
    half = k // 2
    if size.size == 0:
        return _from_bounds(values, np.array([]))
    arm = np.quantile(size, np.arange(1, half) / half)
    decimals = _decimals(arm, float(size.max()))
    arm = np.unique(np.round(arm, decimals))
    arm = arm[arm > 0]
    return _from_bounds(values, np.concatenate([-arm[::-1], [0.0], arm]), exact=True)


def natural_breaks(values: Floats, k: int) -> Floats:
    """Return k - 1 inner bounds with the least sum of squares within classes (Fisher 1958, Jenks).

    Exact up to 1,000 different values; above that on 1,000 evenly spaced order statistics.
    """
    points, weight = np.unique(values, return_counts=True)
    if points.size > _MOST_FOR_BREAKS:
        at = np.linspace(0, values.size - 1, _MOST_FOR_BREAKS).astype(int)
        points, weight = np.unique(np.sort(values)[at], return_counts=True)
    k = min(k, points.size)
    w = np.concatenate([[0.0], np.cumsum(weight)])
    s = np.concatenate([[0.0], np.cumsum(weight * points)])
    q = np.concatenate([[0.0], np.cumsum(weight * points**2)])

    def within(start: npt.NDArray[np.int64], stop: int) -> Floats:
        total = s[stop] - s[start]
        return np.asarray(q[stop] - q[start] - total**2 / (w[stop] - w[start]))

    n = points.size
    best = np.array([np.inf, *(float(within(np.array([0]), j)[0]) for j in range(1, n + 1))])
    cut = np.zeros((k, n + 1), dtype=np.int64)
    for row in range(1, k):
        following = np.full(n + 1, np.inf)
        for stop in range(row + 1, n + 1):
            start = np.arange(row, stop)
            cost = best[start] + within(start, stop)
            at_least = int(cost.argmin())
            following[stop], cut[row, stop] = cost[at_least], start[at_least]
        best = following
    found, stop = [], n
    for row in range(k - 1, 0, -1):
        stop = int(cut[row, stop])
        found.append(points[stop])
    return np.array(found[::-1], dtype=float)


def with_unit(text: str, unit: str) -> str:
    """Put the unit after a number, the per cent sign for shares."""
    sign = {"procent": "%", "per cent": "%", "percent": "%"}.get(unit, unit)
    return f"{text}\u00a0{sign}" if sign else text


def count_text(n: int, language: Language) -> str:
    """Say how many areas."""
    text = texts_of("maps.shared", language)
    return f"{format_number(n, 0, language=language)} {text['area'] if n == 1 else text['areas']}"


def counts(areas: pd.DataFrame, codes: Codes, n: int, language: Language) -> list[str]:
    """Say for each class, and last for missing values, how many areas and residents it holds."""
    order = [*range(n), -1]
    texts = [count_text(int((codes == code).sum()), language) for code in order]
    sums = residents(areas, [codes == code for code in order], language)
    if sums is None:
        return texts
    people = say("maps.shared", "inhabitants", language)
    return [f"{text}, {total} {people}" for text, total in zip(texts, sums, strict=True)]


def residents(areas: pd.DataFrame, masks: Sequence[Mask], language: Language) -> list[str] | None:
    """Return the residents of each part as text, or None when some of the areas lack their population."""
    if "population" not in areas:
        return None
    population = numbers(areas, "population")
    if np.isnan(population).any():
        return None
    return [format_number(float(population[mask].sum()), 0, language=language) for mask in masks]


def source_line(areas: pd.DataFrame, source: str | None, language: Language) -> str:
    """Return the source, or what is known of the period when no source is given."""
    if source:
        return source
    text = texts_of("maps.shared", language)
    if "period" in areas:
        years = sorted({int(p) for p in areas["period"]})
        span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
        return f"{text['refers']} {span}. {text['no_source']}"
    return text["no_source"]


def decimals_of(values: Floats) -> int:
    """Return how many decimals show about three figures of the spread of values, at most 6."""
    known = values[~np.isnan(values)]
    spread = float(known.max() - known.min()) or abs(float(known[0]))
    if spread == 0:
        return 0
    return int(np.clip(2 - math.floor(math.log10(spread)), 0, 6))


def check_classes(k: int) -> None:
    """Check the number of classes: 2 to 9."""
    check_count(k, argument="k", least=2)
    if k > _MOST_CLASSES:
        fix = "More can't be told apart on a map."
        raise InputError(message("k", f"is {k}, must be at most {_MOST_CLASSES}", fix=fix))


def _manual(bins: Sequence[float] | None) -> Floats:
    """Check inner bounds given by hand."""
    if bins is None:
        raise InputError(message("bins", "is needed for scheme='manual'", fix="Give the inner class bounds."))
    inner = np.asarray(bins, dtype=float)
    if inner.ndim != 1 or not 1 <= inner.size < _MOST_CLASSES or not np.isfinite(inner).all():
        raise InputError(message("bins", "must be 1 to 8 inner class bounds"))
    if (np.diff(inner) <= 0).any():
        raise InputError(message("bins", "must rise from one bound to the next", inner.tolist()))
    return inner


def _decimals(inner: Floats, span: float) -> int:
    """Return the fewest decimals that keep bounds apart and within 1/100 of the span."""
    for decimals in range(7):
        rounded = np.round(inner, decimals)
        apart = np.unique(rounded).size == np.unique(np.round(inner, 10)).size
        if apart and (np.abs(rounded - inner) <= span / 100).all():
            return decimals
    return 7


def _from_bounds(values: Floats, inner: Floats, *, exact: bool = False) -> Classes:
    """Make classes of inner bounds, which are rounded first unless they are exact."""
    known = values[~np.isnan(values)]
    low, high = float(known.min()), float(known.max())
    inner = inner[np.isfinite(inner)]
    decimals = _decimals(inner, high - low) if inner.size else decimals_of(values)
    if not exact:
        inner = np.unique(np.round(inner, decimals))
        inner = inner[(inner > low) & (inner <= high)]
    bottom = min([round(low, decimals), *inner])
    top = max([round(high, decimals), *inner])
    if low == high and not inner.size:
        decimals = next((d for d in range(7) if round(low, d) == low), 7)
        bottom = top = low
    codes = np.digitize(values, inner).astype(np.int64)
    codes[np.isnan(values)] = -1
    return Classes(np.concatenate([[bottom], inner, [top]]), codes, decimals)
