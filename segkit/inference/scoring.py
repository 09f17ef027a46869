"""From names to numbers: measures found by name or function, and made ready to be called often."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from segkit.base.boundary import unguarded
from segkit.base.checks import check_columns, numbers
from segkit.errors import InputError, UnknownNameError, message
from segkit.measures.measure import FAMILIES, Measure, registered

if TYPE_CHECKING:
    from segkit.base.checks import Floats

#: What the columns given are -> the kinds of measures that they serve.
SERVES = {
    given: tuple(kind for kind, family in FAMILIES.items() if family.given == given)
    for given in ("values", "two_group", "groups", "")
}


@dataclass(frozen=True)
class Columns:
    """The columns a measure is computed from: values, a group and its total, or several groups."""

    values: str | None = None
    weight: str | None = None
    group: str | None = None
    total: str | None = None
    groups: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What is given, a key of `SERVES`; empty when nothing is."""
        if self.values is not None:
            return "values"
        if self.groups:
            return "groups"
        return "two_group" if self.group is not None else ""

    @property
    def counts(self) -> list[str]:
        """The columns with numbers of people in a group."""
        return list(self.groups) or ([] if self.group is None else [self.group])

    @property
    def names(self) -> list[str]:
        """The columns that are given."""
        given = (self.values, self.weight, self.group, self.total)
        return [column for column in given if column is not None] + list(self.groups)

    @property
    def label(self) -> str:
        """What stands under ``group`` in a table."""
        return self.group or ", ".join(self.groups)

    def people(self, data: pd.DataFrame) -> Floats | None:
        """Return the number of people per row, NaN where it is not known; None when nothing tells it."""
        if self.groups:
            total: Floats = np.sum([numbers(data, column, least=0.0) for column in self.groups], axis=0)
            return total
        size = self.weight if self.total is None else self.total
        return None if size is None else numbers(data, size, least=0.0)


def columns_for(
    values: str | None = None,
    weight: str | None = None,
    group: str | None = None,
    total: str | None = None,
    groups: Sequence[str] | None = None,
) -> Columns:
    """Check that the columns given go together."""
    named = {"values": values, "weight": weight, "group": group, "total": total}
    for argument, column in named.items():
        if column is not None and not isinstance(column, str):
            fix = "The table is the first argument; name one of its columns."
            rule = f"is {type(column).__name__}, must be the name of a column"
            raise InputError(message(argument, rule, fix=fix))
    given = {"values": values, "group": total if group is None else group, "groups": groups}
    together = [name for name, column in given.items() if column is not None]
    if len(together) > 1:
        fix = (
            "Give values= (and weight=) for measures of values, group= and total= for two groups, "
            "groups= for several."
        )
        raise InputError(message(together[0], f"can't be given together with {together[1]}", fix=fix))
    if weight is not None and values is None:
        raise InputError(message("weight", "is given without values", fix="Counts need no weight."))
    if (group is None) != (total is None):
        lacking = "total" if total is None else "group"
        raise InputError(message(lacking, "is missing; group and total are needed together"))
    if groups is None:
        return Columns(values, weight, group, total)
    if isinstance(groups, str) or not isinstance(groups, Sequence) or len(groups) < 2:
        fix = 'Pass a list such as ["young", "middle", "old"].'
        raise InputError(message("groups", f"is {groups!r}, must be a list of at least two columns", fix=fix))
    if not all(isinstance(column, str) for column in groups):
        raise InputError(message("groups", "must be names of columns", groups))
    if len(set(groups)) < len(groups):
        raise InputError(message("groups", "names a column twice", groups))
    return Columns(groups=tuple(groups))


def usable(data: pd.DataFrame, columns: Columns) -> pd.Series[bool]:
    """Mark the rows with every column filled and people in them."""
    check_columns(data, columns.names)
    known = pd.Series(data=True, index=data.index, dtype=bool)
    for column in columns.names:
        known &= ~np.isnan(numbers(data, column))
    people = columns.people(data)
    return known if people is None else known & (people > 0)


MeasureLike: TypeAlias = "str | Measure | Callable[[pd.DataFrame], float]"

Measures: TypeAlias = "MeasureLike | Sequence[MeasureLike]"

Options: TypeAlias = Mapping[str, object] | None

#: Arguments of the measures that are not options.
_NOT_OPTIONS = {"data", "missing"}.union(*(family.columns for family in FAMILIES.values()))

#: Kind of measure -> the arguments it needs.
_NEEDS: dict[str, str] = {kind: family.needs for kind, family in FAMILIES.items()}


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
        found = [one for one in registered() if unguarded(one.function) is unguarded(measure)]
        if not found:
            return _users(measure, given)
    else:
        rule = f"is {type(measure).__name__}, must be a name, a Measure, a function, or a list of these"
        raise InputError(message("measure", rule))
    for one in found:
        if one.kind in SERVES[given]:
            return _Found(one.name, one.kind, one.function, one.many, one.prepare)
    rule = f"{found[0].name!r} needs {' or '.join(_NEEDS[one.kind] for one in found)}"
    at_hand = ", ".join(one.name for one in registered() if one.kind in SERVES[given])
    fix = f"With {_NEEDS[SERVES[given][0]]} there are: {at_hand}." if given else ""
    raise InputError(message("measure", rule, fix=fix))


def _users(function: Callable[..., float], given: str) -> _Found:
    """Take a user's function, by its arguments."""
    name = getattr(function, "__name__", type(function).__name__)
    own = _kind_of(function)
    if own not in {*SERVES[given], ""}:
        raise InputError(message("measure", f"{name!r} needs {_NEEDS[own]}"))
    return _Found(name, own, function)


def _named(name: str) -> list[Measure]:
    """Return the measures of a name; a name may stand for one of each kind."""
    found = [one for one in registered() if one.name == name]
    if not found:
        by_kind = {kind: [one.name for one in registered() if one.kind == kind] for kind in _NEEDS}
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


def usable_areas(
    data: pd.DataFrame,
    *,
    values: str | None = None,
    weight: str | None = None,
    group: str | None = None,
    total: str | None = None,
    groups: Sequence[str] | None = None,
) -> pd.Series[bool]:
    """Tell which rows a measure can use: nothing missing in the columns, and more than 0 inhabitants.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area, or per area and period.
    values, weight, group, total, groups
        The columns, as for `bootstrap`.

    Returns
    -------
    pandas.Series
        True and False, with the index of `data`.

    Raises
    ------
    InputError
        When the columns do not go together or hold text.
    UnknownNameError
        When a column does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"income": [250.0, None, 300.0], "population": [900.0, 800.0, 0.0]})
    >>> usable_areas(areas, values="income", weight="population").sum()
    np.int64(1)
    """
    return usable(data, columns_for(values, weight, group, total, groups))
