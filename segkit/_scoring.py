"""From names to numbers: which columns a measure reads, and the measures made ready to be called often."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit import inequality, polarization, segregation
from segkit._measures import Measure
from segkit._validate import Floats, check_columns, complete, labels_of, numbers
from segkit.errors import InputError, UnknownNameError, message
from segkit.segregation._input import check_part

MeasureLike: TypeAlias = str | Measure | Callable[[pd.DataFrame], float]
Measures: TypeAlias = MeasureLike | Sequence[MeasureLike]
Options: TypeAlias = Mapping[str, object] | None
Counts: TypeAlias = npt.NDArray[np.int64]

#: How far a count may lie from a whole number.
_WHOLE = 1e-6

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
    """A measure made ready: its name, its value for a table, its values for many draws, if it has such."""

    name: str
    score: Callable[[pd.DataFrame], float]
    many: Callable[..., Floats] | None = None

    @property
    def own(self) -> bool:
        """Whether it is a user's function, called once per draw."""
        return self.many is None


@dataclass(frozen=True)
class Rows:
    """The areas that measures are computed from, ready to be drawn from a thousand times."""

    frame: pd.DataFrame
    columns: Columns

    def __len__(self) -> int:
        """Return the number of areas."""
        return len(self.frame)

    def by_area(self, chosen: Counts) -> Draws:
        """Take areas by position, one draw per line; an area may be taken more than once."""
        return Draws(self, len(chosen), chosen=chosen)

    def by_people(self, inside: Counts, rest: Counts) -> Draws:
        """Put other counts in the places of the group and the rest, one draw per line."""
        return Draws(self, len(inside), inside=inside, rest=rest)

    def column(self, name: str | None) -> Floats:
        """Return a column as floats; ones without a name."""
        if name is None:
            return np.ones(len(self.frame))
        return self.frame[name].to_numpy(dtype=np.float64)


@dataclass(frozen=True)
class Draws:
    """Many draws from the same areas: either areas chosen, or people placed anew."""

    rows: Rows
    size: int
    chosen: Counts | None = None
    inside: Counts | None = None
    rest: Counts | None = None

    def score(self, scorers: Sequence[Scorer]) -> Floats:
        """Score every draw by every measure: a line per draw, NaN where a measure is not defined."""
        found = np.full((self.size, len(scorers)), np.nan)
        arguments = self._arrays() if any(s.many is not None for s in scorers) else ()
        for place, scorer in enumerate(scorers):
            if scorer.many is not None:
                with np.errstate(divide="ignore", invalid="ignore"):
                    found[:, place] = scorer.many(*arguments)
        own = [(place, scorer) for place, scorer in enumerate(scorers) if scorer.many is None]
        if own:
            for line, table in enumerate(self._tables()):
                for place, scorer in own:
                    found[line, place] = _or_nan(scorer, table)
        return np.where(np.isfinite(found), found, np.nan)

    def _arrays(self) -> tuple[Floats, ...]:
        """Return what the formulas read: counts per draw, or values, weights and copies."""
        columns, rows = self.rows.columns, self.rows
        if self.inside is not None and self.rest is not None:
            return self.inside.astype(np.float64), self.rest.astype(np.float64)
        copies = self._copies()
        if columns.kind == "values":
            return rows.column(columns.values), rows.column(columns.weight), copies
        group, total = rows.column(columns.group), rows.column(columns.total)
        # Only rounding can make the difference negative here.
        return copies * group, copies * np.maximum(total - group, 0.0)

    def _copies(self) -> Floats:
        """Count how often each area is taken in each draw."""
        n = len(self.rows)
        chosen = np.zeros((0, n), dtype=np.int64) if self.chosen is None else self.chosen
        flat = (chosen + n * np.arange(len(chosen))[:, None]).ravel()
        return np.bincount(flat, minlength=len(chosen) * n).reshape(len(chosen), n).astype(np.float64)

    def _tables(self) -> Iterator[pd.DataFrame]:
        """Yield each draw as a table, for users' functions."""
        frame, columns = self.rows.frame, self.rows.columns
        if self.chosen is not None:
            for line in self.chosen:
                yield frame.take(line).reset_index(drop=True)
        elif self.inside is not None and self.rest is not None:
            for inside, rest in zip(self.inside, self.rest, strict=True):
                yield frame.assign(**{str(columns.group): inside, str(columns.total): inside + rest})


def _or_nan(scorer: Scorer, table: pd.DataFrame) -> float:
    try:
        return float(scorer.score(table))
    except InputError:
        return float("nan")


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
        name, kind, function, many = _resolved(one, columns.kind)
        allowed = set(inspect.signature(function).parameters) - _NOT_OPTIONS if given else set()
        mine = {option: value for option, value in given.items() if option in allowed}
        taken |= set(mine)
        bound = _bound(kind, partial(function, **mine), columns)
        scorers.append(Scorer(name, bound, None if many is None else partial(many, **mine)))
    unknown = [option for option in given if option not in taken]
    if unknown:
        raise UnknownNameError(message("options", "are not arguments of the measures chosen", unknown))
    names = [scorer.name for scorer in scorers]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputError(message("measure", "occurs twice", twice, "Give functions names of their own."))
    return scorers


_Resolved: TypeAlias = tuple[str, str, Callable[..., float], Callable[..., Floats] | None]


def _resolved(measure: object, kind: str) -> _Resolved:
    """Return name, kind, function and formula for many draws of a measure that the columns serve."""
    if isinstance(measure, str):
        found = _named(measure)
    elif isinstance(measure, Measure):
        found = [measure]
    elif callable(measure):
        found = [m for known in _registries().values() for m in known.values() if m.function is measure]
        if not found:
            return _users(measure, kind)
    else:
        rule = f"is {type(measure).__name__}, must be a name, a Measure, a function, or a list of these"
        raise InputError(message("measure", rule))
    for one in found:
        if one.kind == kind:
            return one.name, one.kind, one.function, one.many
    rule = f"{found[0].name!r} needs {' or '.join(_NEEDS[one.kind] for one in found)}"
    fix = f"With {_NEEDS[kind]} there are: {', '.join(_registries()[kind])}." if kind else ""
    raise InputError(message("measure", rule, fix=fix))


def _users(function: Callable[..., float], kind: str) -> _Resolved:
    """Make a user's function ready, by its arguments."""
    name = getattr(function, "__name__", type(function).__name__)
    own = _kind_of(function)
    if own not in {kind, ""}:
        raise InputError(message("measure", f"{name!r} needs {_NEEDS[own]}"))
    return name, own, function, None


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


def _bound(kind: str, function: Callable[..., float], columns: Columns) -> Callable[[pd.DataFrame], float]:
    """Bind a measure to its columns."""
    if kind == "two_group":
        return partial(function, group=columns.group, total=columns.total)
    if kind == "":
        return function
    value, weight = str(columns.values), columns.weight

    def of_values(table: pd.DataFrame) -> float:
        people = None if weight is None else table[weight].to_numpy()
        return function(table[value].to_numpy(), people)

    return of_values


def one_period(data: pd.DataFrame, columns: Columns) -> tuple[Rows, int]:
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
    return rows_for(rows, columns), int((~inhabited).sum())


def rows_for(data: pd.DataFrame, columns: Columns) -> Rows:
    """Make rows without missing values ready to be drawn from."""
    if columns.kind == "two_group":
        # The draws pass by the gate of the measures, so here it is once.
        group, total = str(columns.group), str(columns.total)
        part, whole = (numbers(data, name, least=0) for name in (group, total))
        check_part(data, part, whole, group=group, total=total)
    filled = {name: complete(data, name) for name in columns.names}
    return Rows(data.reset_index(drop=True).assign(**filled), columns)


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


def score(scorers: Iterable[Scorer], table: pd.DataFrame) -> Floats:
    """Score a table by every measure."""
    found = np.array([scorer.score(table) for scorer in scorers], dtype=np.float64)
    if not np.isfinite(found).all():
        undefined = [s.name for s, value in zip(scorers, found, strict=True) if not np.isfinite(value)]
        raise InputError(message("measure", "is not defined on these data", undefined))
    return found
