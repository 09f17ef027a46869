"""From names to numbers: which columns a measure reads, and the measures made ready to be called often."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit import inequality, polarization, segregation
from segkit._measures import Measure
from segkit._validate import Checked, Floats, check_columns, complete, labels_of, numbers
from segkit.errors import InputError, UnknownNameError, message
from segkit.segregation._input import TwoGroups, check_part

MeasureLike: TypeAlias = str | Measure | Callable[[pd.DataFrame], float]
Measures: TypeAlias = MeasureLike | Sequence[MeasureLike]
Options: TypeAlias = Mapping[str, object] | None
Table: TypeAlias = pd.DataFrame | TwoGroups | dict[str, Floats]
Counts: TypeAlias = npt.NDArray[np.int64]

#: How far a count may lie from a whole number.
_WHOLE = 1e-6

#: Copies of an area drawn more than once differ in value by this share of the range.
_COPY = 1e-9

#: Arguments of the measures that are not options.
_NOT_OPTIONS = frozenset({"data", "values", "weight", "group", "total", "missing"})

#: Kind of measure -> the arguments it needs.
_NEEDS = {"two_group": "group= and total= (counts per area)", "values": "values= (a column)"}


@dataclass(frozen=True)
class Columns:
    """The columns a measure is computed from."""

    values: str | None
    weight: str | None
    group: str | None
    total: str | None

    @property
    def kind(self) -> str:
        """The kind of measure that such columns serve."""
        if self.values is not None:
            return "values"
        return "two_group" if self.group is not None else ""

    @property
    def size(self) -> str | None:
        """The column with the number of people."""
        return self.weight if self.total is None else self.total

    @property
    def names(self) -> list[str]:
        """The columns that are given."""
        given = (self.values, self.weight, self.group, self.total)
        return [column for column in given if column is not None]


@dataclass(frozen=True)
class Scorer:
    """A measure made ready: its name, its value for a table, and whether it is a user's function."""

    name: str
    score: Callable[[Table], float]
    own: bool = False


@dataclass(frozen=True)
class Rows:
    """The areas that measures are computed from, ready to be drawn from a thousand times.

    `block` holds the columns the measures read; a user's function gets rows of the whole `frame`.
    `step` is what tells copies of an area apart: an area drawn twice is two areas alike, not one twice as
    large, which Esteban and Ray's measure would read into equal values.
    """

    frame: pd.DataFrame
    columns: Columns
    own: bool
    names: pd.Index[str]
    block: Floats
    step: Floats

    def take(self, chosen: Counts, copies: Counts) -> Table:
        """Take rows by position; `copies` numbers the repetitions of a row from 0."""
        if not self.own:
            return self._table(self.block[chosen] + copies[:, None] * self.step[chosen])
        rows = self.frame.take(chosen).reset_index(drop=True)
        value = self.columns.values  # noqa: PD011
        if value is not None:
            rows[value] += copies * self.step[chosen, self.names.get_loc(value)]
        return rows

    def with_counts(self, inside: Counts, everyone: Counts) -> Table:
        """Put other counts in the places of the group and the total."""
        group, total = str(self.columns.group), str(self.columns.total)
        if self.own:
            return self.frame.assign(**{group: inside, total: everyone})
        block = self.block.copy()
        block[:, self.names.get_loc(group)] = inside
        block[:, self.names.get_loc(total)] = everyone
        return self._table(block)

    def _table(self, block: Floats) -> Table:
        """Return columns by name: as a table, or as bare arrays where that is enough."""
        if self.columns.kind == "values":
            return dict(zip(self.names, block.T, strict=True))
        if list(self.names) == [self.columns.group, self.columns.total]:
            group, total = block.T
            # Only rounding can make the difference negative here.
            return TwoGroups(group, np.maximum(total - group, 0.0))
        return pd.DataFrame(block, columns=self.names)


def usable(data: pd.DataFrame, columns: Columns) -> pd.Series[bool]:
    """Mark the rows with every column filled and people in them."""
    known = pd.Series(data=True, index=data.index, dtype=bool)
    for column in columns.names:
        known &= ~np.isnan(numbers(data, column))
    if columns.size is not None:
        known &= numbers(data, columns.size, least=0) > 0
    return known


def columns_for(values: str | None, weight: str | None, group: str | None, total: str | None) -> Columns:
    """Check that the columns given go together."""
    if values is not None and (group is not None or total is not None):
        fix = "Give values= (and weight=) for measures of values, group= and total= for those of two groups."
        raise InputError(message("values", "can't be given together with group or total", fix=fix))
    if weight is not None and values is None:
        raise InputError(message("weight", "is given without values", fix="Two groups need no weight."))
    if (group is None) != (total is None):
        lacking = "total" if total is None else "group"
        raise InputError(message(lacking, "is missing; group and total are needed together"))
    return Columns(values, weight, group, total)


def scorers_for(measure: Measures, columns: Columns, options: Options) -> list[Scorer]:
    """Make the measures ready; every option must be one of theirs."""
    several = measure if isinstance(measure, Sequence) and not isinstance(measure, str) else [measure]
    if not several:
        raise InputError(message("measure", "is an empty list"))
    given = dict(options or {})
    taken: set[str] = set()
    scorers = []
    for one in several:
        name, kind, function = _resolved(one, columns.kind)
        allowed = set(inspect.signature(function).parameters) - _NOT_OPTIONS if given else set()
        mine = {option: value for option, value in given.items() if option in allowed}
        taken |= set(mine)
        own = not isinstance(one, str | Measure)
        bound = _bound(kind, partial(function, **mine), columns, own=own)
        scorers.append(Scorer(name, bound, own=own))
    unknown = [option for option in given if option not in taken]
    if unknown:
        raise UnknownNameError(message("options", "are not arguments of the measures chosen", unknown))
    names = [scorer.name for scorer in scorers]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputError(message("measure", "occurs twice", twice, "Give functions names of their own."))
    return scorers


def _resolved(measure: object, kind: str) -> tuple[str, str, Callable[..., float]]:
    """Return name, kind and function of a measure that the columns at hand serve."""
    if isinstance(measure, str):
        found = _named(measure)
    elif isinstance(measure, Measure):
        found = [measure]
    elif callable(measure):
        name = getattr(measure, "__name__", type(measure).__name__)
        own = _kind_of(measure)
        if own in {kind, ""}:
            return name, own, measure
        raise InputError(message("measure", f"{name!r} needs {_NEEDS[own]}"))
    else:
        rule = f"is {type(measure).__name__}, must be a name, a Measure, a function, or a list of these"
        raise InputError(message("measure", rule))
    for one in found:
        if one.kind == kind:
            return one.name, one.kind, one.function
    rule = f"{found[0].name!r} needs {' or '.join(_NEEDS[one.kind] for one in found)}"
    fix = f"With {_NEEDS[kind]} there are: {', '.join(_registries()[kind])}." if kind else ""
    raise InputError(message("measure", rule, fix=fix))


def _registries() -> dict[str, dict[str, Measure]]:
    """Return the registered measures by kind and name."""
    return {"two_group": segregation.MEASURES, "values": {**inequality.MEASURES, **polarization.MEASURES}}


def _named(name: str) -> list[Measure]:
    """Return the measures of a name; a name may stand for one of each kind."""
    registries = _registries()
    found = [known[name] for known in registries.values() if name in known]
    if not found:
        at_hand = "; ".join(f"with {_NEEDS[kind]}: {', '.join(known)}" for kind, known in registries.items())
        raise UnknownNameError(message("measure", f"there is no {name!r}", fix=f"There are, {at_hand}."))
    return found


def _kind_of(function: Callable[..., float]) -> str:
    """Tell a measure passed as a function by its arguments; empty for a function of a table."""
    arguments = inspect.signature(function).parameters
    if "group" in arguments and "total" in arguments:
        return "two_group"
    return "values" if "values" in arguments else ""


def _bound(
    kind: str, function: Callable[..., float], columns: Columns, *, own: bool
) -> Callable[[Table], float]:
    """Bind a measure to its columns; a user's function gets plain arrays."""
    if kind == "two_group":
        return partial(function, group=columns.group, total=columns.total)
    if kind == "":
        return function
    value, weight = str(columns.values), columns.weight

    def of_values(table: Any) -> float:
        found = np.asarray(table[value])
        people = None if weight is None else np.asarray(table[weight])
        if own:
            return function(found, people)
        return function(Checked(found, np.ones_like(found) if people is None else people))

    return of_values


def one_period(
    data: pd.DataFrame, columns: Columns, scorers: list[Scorer], options: Options
) -> tuple[Rows, int]:
    """Return the rows of a table of one period that hold people, and how many do not."""
    if not isinstance(data, pd.DataFrame):
        raise InputError(message("data", f"must be a table, is {type(data).__name__}"))
    if data.empty:
        raise InputError(message("data", "has no rows"))
    periods = sorted(data["period"].unique().tolist()) if "period" in data else []
    if len(periods) > 1:
        fix = f"Choose one, for example data[data['period'] == {periods[-1]}]."
        raise InputError(message("data", "has several periods", periods, fix))
    check_columns(data, columns.names)
    inhabited = np.ones(len(data), dtype=bool)
    if columns.size is not None:
        inhabited = complete(data, columns.size, least=0) > 0
    rows = data[inhabited]
    if rows.empty:
        raise InputError(message(str(columns.size), "is 0 in every area"))
    for column in columns.names:
        complete(rows, column)
    return rows_for(rows, columns, scorers, options), int((~inhabited).sum())


def rows_for(data: pd.DataFrame, columns: Columns, scorers: list[Scorer], options: Options) -> Rows:
    """Make rows without missing values ready to be drawn from."""
    named = [value for value in (options or {}).values() if isinstance(value, str) and value in data]
    names = list(dict.fromkeys([*columns.names, *named]))
    if columns.kind == "two_group":
        # The draws pass by the gate of the measures, so here it is once.
        group, total = str(columns.group), str(columns.total)
        check_part(
            data, numbers(data, group, least=0), numbers(data, total, least=0), group=group, total=total
        )
    block = np.array([complete(data, name) for name in names]).reshape(len(names), len(data)).T
    step = np.zeros_like(block)
    if columns.kind == "values":
        value = block[:, 0]
        # Values that several areas share stay one group.
        alone = ~pd.Series(value).duplicated(keep=False).to_numpy()
        step[alone, 0] = _COPY * np.ptp(value)
    own = any(scorer.own for scorer in scorers)
    # Plain objects as labels: a thousand look-ups in a text index of pandas would take half the time.
    index = pd.Index(names, dtype=object)
    frame = data.reset_index(drop=True).assign(**dict(zip(names, block.T, strict=True)))
    return Rows(frame, columns, own, index, block, step)


def counts(rows: Rows) -> tuple[Counts, Counts]:
    """Return the group and everyone else per area as whole numbers."""
    frame, columns = rows.frame, rows.columns
    if columns.group is None or columns.total is None:
        fix = "Values of areas can only be drawn by area: unit='areas'."
        raise InputError(message("unit", "'people' needs group and total", fix=fix))
    whole = []
    for column in (columns.group, columns.total):
        people = complete(frame, column, least=0)
        broken = np.abs(people - np.round(people)) > _WHOLE
        if broken.any():
            fix = "People are drawn one by one; round the counts if they were computed from shares."
            raise InputError(message(column, "must be whole numbers", labels_of(frame, broken), fix))
        whole.append(np.round(people).astype(np.int64))
    inside, everyone = whole
    over = inside > everyone
    if over.any():
        raise InputError(message(columns.group, f"is larger than {columns.total}", labels_of(frame, over)))
    return inside, everyone - inside


def score(scorers: Iterable[Scorer], table: Table) -> Floats:
    """Score a table by every measure."""
    found = np.array([scorer.score(table) for scorer in scorers], dtype=np.float64)
    if not np.isfinite(found).all():
        undefined = [s.name for s, value in zip(scorers, found, strict=True) if not np.isfinite(value)]
        raise InputError(message("measure", "is not defined on these data", undefined))
    return found
