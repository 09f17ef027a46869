"""How an index is made, apart from the data: method, domains and weights, and variants of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_choice, is_number
from segkit.errors import InputError, UnknownNameError, message
from segkit.profiles.composite._formulas import Component, Domains, Formula, Mean, Themes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.profiles.composite._formulas import Groups

Method = Literal["mean", "pca", "imd", "svi", "scb"]

METHODS: tuple[Method, ...] = ("mean", "pca", "imd", "svi", "scb")

#: The methods that group indicators into domains.
_GROUPED = ("imd", "svi")

#: The methods that find or fix the weights themselves.
_OWN_WEIGHTS = {
    "pca": "finds the weights itself",
    "svi": "gives each indicator the same weight",
    "scb": "gives each indicator the same weight",
}


@dataclass(frozen=True)
class Recipe:
    """How an index is made.

    Attributes
    ----------
    method : str
        As in `CompositeIndex`.
    columns : tuple of str
        The indicators.
    names : tuple of str
        The domains; the indicators themselves where nothing is grouped.
    groups : tuple of numpy.ndarray
        The positions of the indicators of each domain.
    weights : numpy.ndarray
        One per domain, summing to 1.
    """

    method: Method
    columns: tuple[str, ...]
    names: tuple[str, ...]
    groups: Groups
    weights: Floats

    @property
    def weighted(self) -> bool:
        """Tell whether weights decide the index."""
        return self.method in {"mean", "imd", "scb"}

    def fit(self, z: Floats, weight: Floats) -> Formula:
        """Learn what the method needs from standardized indicators, rows by indicators."""
        if self.method == "pca":
            return Component.fit(z, weight, self.columns)
        if self.method == "imd":
            return Domains.fit(z, self.groups, self.weights)
        if self.method == "svi":
            return Themes.fit(z, self.groups)
        return Mean(self._per_indicator())

    def without(self, position: int) -> Recipe:
        """Return the recipe with an indicator left out, and its domain when that is then empty."""
        groups = [group[group != position] for group in self.groups]
        kept = [i for i, group in enumerate(groups) if group.size]
        weights = self.weights[kept]
        return Recipe(
            self.method,
            tuple(c for i, c in enumerate(self.columns) if i != position),
            tuple(self.names[i] for i in kept),
            tuple(groups[i] - (groups[i] > position) for i in kept),
            weights / weights.sum(),
        )

    def by(self, method: Method) -> Recipe:
        """Return the recipe by another method, with the same weights where it has any."""
        if method in _GROUPED:
            return replace(self, method=method)
        singles = tuple(np.array([i]) for i in range(len(self.columns)))
        return Recipe(method, self.columns, self.columns, singles, self._per_indicator())

    def _per_indicator(self) -> Floats:
        weights = np.zeros(len(self.columns))
        for group, weight in zip(self.groups, self.weights, strict=True):
            weights[group] = weight / len(group)
        return weights


def recipe_of(
    columns: Sequence[str],
    method: Method,
    weights: Mapping[str, float] | None,
    domains: Mapping[str, Sequence[str]] | None,
) -> Recipe:
    """Check the choices of an index and return its recipe."""
    check_choice(method, METHODS, argument="method")
    if isinstance(columns, str) or not list(columns):
        raise InputError(message("columns", "must be a list that names at least one indicator"))
    indicators = tuple(columns)
    if not all(isinstance(c, str) for c in indicators):
        raise InputError(message("columns", "must be names of columns", indicators))
    twice = [c for c in dict.fromkeys(indicators) if indicators.count(c) > 1]
    if twice:
        raise InputError(message("columns", "names an indicator more than once", twice))
    if method == "pca" and len(indicators) < 2:
        raise InputError(message("columns", "must be at least two for a principal component", indicators))
    for argument, given in (("weights", weights), ("domains", domains)):
        if given is not None and not isinstance(given, Mapping):
            raise InputError(message(argument, f"must be a mapping, is {type(given).__name__}"))
    if weights is not None and method in _OWN_WEIGHTS:
        rule = f'can\'t be given to method="{method}", which {_OWN_WEIGHTS[method]}'
        raise InputError(message("weights", rule, fix="Leave them out."))
    if domains is not None and method not in _GROUPED:
        rule = f'can\'t be given to method="{method}", which has none'
        raise InputError(message("domains", rule, fix='Leave them out, or take method="imd" or "svi".'))
    grouped = {c: [c] for c in indicators} if domains is None else _checked_domains(domains, indicators)
    names = tuple(grouped)
    groups = tuple(np.array([indicators.index(c) for c in group]) for group in grouped.values())
    return Recipe(method, indicators, names, groups, _checked_weights(weights, names))


def _checked_domains(
    domains: Mapping[str, Sequence[str]], columns: tuple[str, ...]
) -> Mapping[str, Sequence[str]]:
    text = [name for name, group in domains.items() if isinstance(group, str) or not list(group)]
    if text:
        raise InputError(message("domains", "must each be a list of at least one indicator", text))
    members = [c for group in domains.values() for c in group]
    stray = sorted(set(members) ^ set(columns), key=str)
    if stray:
        raise UnknownNameError(message("domains", "must hold just the indicators of the index", stray))
    twice = [c for c in columns if members.count(c) > 1]
    if twice:
        raise InputError(message("domains", "have an indicator more than once", twice))
    return domains


def _checked_weights(weights: Mapping[str, float] | None, names: tuple[str, ...]) -> Floats:
    if weights is None:
        return np.full(len(names), 1 / len(names))
    stray = sorted(set(weights) ^ set(names), key=str)
    if stray:
        rule = "must name just the indicators of the index, or its domains"
        raise UnknownNameError(message("weights", rule, stray))
    given = pd.Series({n: float(w) if is_number(w := weights[n]) else np.nan for n in names})
    bad = given[~(np.isfinite(given) & (given > 0))]
    if len(bad):
        raise InputError(message("weights", "must be more than 0", bad.index.tolist()))
    return np.asarray(given / given.sum(), dtype=np.float64)
