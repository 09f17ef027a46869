"""From names to numbers: measures found by name or function, and made ready to be called often."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from segkit import inequality, polarization, segregation
from segkit._boundary import unguarded
from segkit._columns import SERVES, Columns
from segkit._measures import Measure
from segkit.errors import InputError, UnknownNameError, message

if TYPE_CHECKING:
    import pandas as pd

    from segkit._validate import Floats

MeasureLike: TypeAlias = "str | Measure | Callable[[pd.DataFrame], float]"
Measures: TypeAlias = "MeasureLike | Sequence[MeasureLike]"
Options: TypeAlias = Mapping[str, object] | None

#: Arguments of the measures that are not options.
_NOT_OPTIONS = frozenset({"data", "values", "weight", "group", "total", "groups", "brackets", "missing"})

#: Kind of measure -> the arguments it needs.
_NEEDS = {
    "two_group": "group= and total= (counts per area)",
    "spatial": "group= and total= (counts per area, with boundaries)",
    "multigroup": "groups= (a column of counts per group)",
    "ordered": "groups= (a column of counts per bracket, in order)",
    "values": "values= (a column)",
}


@dataclass(frozen=True)
class Scorer:
    """A measure made ready: its name and kind, its value for a table, its values for many draws."""

    name: str
    kind: str
    score: Callable[[pd.DataFrame], float]
    many: Callable[..., Floats] | None = None
    prepare: Callable[..., Callable[..., Floats]] | None = None

    @property
    def own(self) -> bool:
        """Whether it is a user's function, called once per draw."""
        return self.many is None and self.prepare is None

    def at(self, table: pd.DataFrame) -> Scorer:
        """Return it ready for draws over the places of a table."""
        return self if self.prepare is None else replace(self, many=self.prepare(table), prepare=None)


def scorers_for(measure: Measures, columns: Columns, options: Options) -> list[Scorer]:
    """Make the measures ready; every option must be one of theirs."""
    several = measure if isinstance(measure, Sequence) and not isinstance(measure, str) else [measure]
    if not several:
        raise InputError(message("measure", "is an empty list"))
    if options is not None and not isinstance(options, Mapping):
        fix = 'Pass a mapping such as {"b": 0.1}.'
        raise InputError(message("options", f"is {type(options).__name__}", fix=fix))
    given = dict(options or {})
    taken: set[str] = set()
    scorers = []
    for one in several:
        found = _resolved(one, columns.kind)
        allowed = set(inspect.signature(found.function).parameters) - _NOT_OPTIONS if given else set()
        mine = {option: value for option, value in given.items() if option in allowed}
        taken |= set(mine)
        scorers.append(
            Scorer(
                found.name,
                found.kind,
                _bound(found.kind, partial(found.function, **mine), columns),
                None if found.many is None else partial(found.many, **mine),
                None if found.prepare is None else partial(found.prepare, **mine),
            )
        )
    unknown = [option for option in given if option not in taken]
    if unknown:
        raise UnknownNameError(message("options", "are not arguments of the measures chosen", unknown))
    names = [scorer.name for scorer in scorers]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputError(message("measure", "occurs twice", twice, "Give functions names of their own."))
    return scorers


@dataclass(frozen=True)
class _Found:
    """A measure, or a user's function by its arguments."""

    name: str
    kind: str
    function: Callable[..., float]
    many: Callable[..., Floats] | None = None
    prepare: Callable[..., Callable[..., Floats]] | None = None


def _resolved(measure: object, given: str) -> _Found:
    """Return the measure that the columns given serve."""
    if isinstance(measure, str):
        found = _named(measure)
    elif isinstance(measure, Measure):
        found = [measure]
    elif callable(measure):
        found = [one for one in _registered() if unguarded(one.function) is unguarded(measure)]
        if not found:
            return _users(measure, given)
    else:
        rule = f"is {type(measure).__name__}, must be a name, a Measure, a function, or a list of these"
        raise InputError(message("measure", rule))
    for one in found:
        if one.kind in SERVES[given]:
            return _Found(one.name, one.kind, one.function, one.many, one.prepare)
    rule = f"{found[0].name!r} needs {' or '.join(_NEEDS[one.kind] for one in found)}"
    at_hand = ", ".join(one.name for one in _registered() if one.kind in SERVES[given])
    fix = f"With {_NEEDS[SERVES[given][0]]} there are: {at_hand}." if given else ""
    raise InputError(message("measure", rule, fix=fix))


def _users(function: Callable[..., float], given: str) -> _Found:
    """Take a user's function, by its arguments."""
    name = getattr(function, "__name__", type(function).__name__)
    own = _kind_of(function)
    if own not in {*SERVES[given], ""}:
        raise InputError(message("measure", f"{name!r} needs {_NEEDS[own]}"))
    return _Found(name, own, function)


def _registered() -> list[Measure]:
    """Return every registered measure."""
    registries = (segregation.MEASURES, inequality.MEASURES, polarization.MEASURES)
    return [one for known in registries for one in known.values()]


def _named(name: str) -> list[Measure]:
    """Return the measures of a name; a name may stand for one of each kind."""
    found = [one for one in _registered() if one.name == name]
    if not found:
        by_kind = {kind: [one.name for one in _registered() if one.kind == kind] for kind in _NEEDS}
        at_hand = "; ".join(f"with {_NEEDS[kind]}: {', '.join(names)}" for kind, names in by_kind.items())
        raise UnknownNameError(message("measure", f"there is no {name!r}", fix=f"There are, {at_hand}."))
    return found


def _kind_of(function: Callable[..., float]) -> str:
    """Tell a measure passed as a function by its arguments; empty for a function of a table."""
    arguments = inspect.signature(function).parameters
    if "group" in arguments and "total" in arguments:
        return "two_group"
    if "groups" in arguments:
        return "multigroup"
    if "brackets" in arguments:
        return "ordered"
    return "values" if "values" in arguments else ""


def _bound(kind: str, function: Callable[..., float], columns: Columns) -> Callable[[pd.DataFrame], float]:
    """Bind a measure to its columns."""
    if kind in {"two_group", "spatial"}:
        return partial(function, group=columns.group, total=columns.total)
    if kind == "multigroup":
        return partial(function, groups=list(columns.groups))
    if kind == "ordered":
        return partial(function, brackets=list(columns.groups))
    if kind == "":
        return function
    value, weight = str(columns.values), columns.weight

    def of_values(table: pd.DataFrame) -> float:
        people = None if weight is None else table[weight].to_numpy()
        return function(table[value].to_numpy(), people)

    return of_values


def score(scorers: Iterable[Scorer], table: pd.DataFrame) -> Floats:
    """Score a table by every measure."""
    scorers = list(scorers)
    found = np.array([scorer.score(table) for scorer in scorers], dtype=np.float64)
    if not np.isfinite(found).all():
        undefined = [s.name for s, value in zip(scorers, found, strict=True) if not np.isfinite(value)]
        raise InputError(message("measure", "is not defined on these data", undefined))
    return found
