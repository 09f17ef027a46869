"""Bad arguments for every public function, one at a time, and what became of each call.

``faults()`` lists them, ``outcome`` makes one call and classifies it:

- ``answered``: a result, whole or with a `DataWarning`
- ``clear``: an error of segkit's
- ``python``: Python's own error for an argument that is missing or unknown
- ``raw``: any other error
- ``too long``: no end within the time
- ``silent``: a warning of another package's, or numbers out of range that turn up as NaN or infinite
"""

from __future__ import annotations

import datetime as dt
import inspect
import random
import signal
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import calls
import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point, Polygon

from segkit.errors import DataWarning, SegkitError

SECONDS = 5.0

#: What stands in place of an argument, whatever it is.
VALUES = {
    "none": lambda: None,
    "one": lambda: 1,
    "minus": lambda: -1,
    "zero": lambda: 0,
    "half": lambda: 0.5,
    "true": lambda: True,
    "text": lambda: "no such thing",
    "empty text": lambda: "",
    "list": lambda: [1, 2],
    "texts": lambda: ["x", "y"],
    "empty list": list,
    "nested": lambda: [["turnout"], [1, [2]]],
    "mapping": lambda: {"a": 1},
    "empty mapping": dict,
    "series": lambda: pd.Series([1.0, 2.0]),
    "texts series": lambda: pd.Series(["x", "y"]),
    "table": lambda: pd.DataFrame({"x": [1.0]}),
    "array 0-d": lambda: np.array(3.0),
    "array 2-d": lambda: np.ones((2, 2)),
    "object": object,
    "function": lambda: lambda *_, **__: None,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "1e308": lambda: 1e308,
    "10**30": lambda: 10**30,
    "10**400": lambda: 10**400,
    "complex": lambda: 1j,
    "datetime": lambda: dt.datetime(2024, 1, 1),  # noqa: DTZ001
    "period": lambda: pd.Period("2024"),
    "bytes": lambda: b"x",
    "set": lambda: {1, 2},
    "generator": lambda: (n for n in range(2)),
    "path": lambda: Path("no-such-folder/no-such-file"),
}


def _each_number(change):
    """Return a spoiler that changes every column of numbers but the period."""

    def spoiled(table):
        names = [n for n in table.select_dtypes("number") if n != "period"]
        return table.assign(**{n: change(table[n]) for n in names})

    return spoiled


def _each_text(change):
    def spoiled(table):
        names = [n for n in table.columns if pd.api.types.is_string_dtype(table[n]) and n != "geometry"]
        return table.assign(**{n: change(table[n]) for n in names})

    return spoiled


def _first(value):
    """Return a change that puts a value in the first row."""

    def change(column):
        column = column.astype(object)
        column.iloc[:1] = value
        return column

    return change


def _two_heads(table):
    return table.set_axis(pd.MultiIndex.from_product([["x"], table.columns]), axis=1)


def _two_levels(table):
    return table.set_axis(pd.MultiIndex.from_product([["x"], range(len(table))]))


def _period(change):
    return lambda table: table.assign(period=change(table["period"])) if "period" in table else None


def _shapes(change):
    return lambda table: table.assign(geometry=change(table)) if isinstance(table, gpd.GeoDataFrame) else None


def _third(shape):
    def change(table):
        shapes = list(table.geometry)
        shapes[min(2, len(shapes) - 1)] = shape
        return gpd.GeoSeries(shapes, index=table.index, crs=table.crs)

    return change


#: What is done to a table.
TABLES = {
    "no rows": lambda table: table.iloc[:0],
    "no columns": lambda table: pd.DataFrame(index=table.index),
    "nothing": lambda _: pd.DataFrame(),
    "one row": lambda table: table.iloc[:1],
    "doubled columns": lambda table: pd.concat([pd.DataFrame(table)] * 2, axis=1),
    "doubled rows": lambda table: pd.concat([table] * 2),
    "repeated index": lambda table: table.set_axis([0] * len(table)),
    "levels of rows": _two_levels,
    "levels of columns": _two_heads,
    "columns by number": lambda table: table.set_axis(range(table.shape[1]), axis=1),
    "columns of other kinds": lambda table: pd.DataFrame(table).rename(
        columns={table.columns[0]: pd.Period("2024"), table.columns[-1]: ("x", 1)}
    ),
    "area_id as index": lambda table: table.set_index("area_id") if "area_id" in table else None,
    "area_id as numbers": lambda t: t.assign(area_id=range(len(t))) if "area_id" in t else None,
    "area_id missing": lambda t: t.assign(area_id=_first(None)(t["area_id"])) if "area_id" in t else None,
    "period as dates": _period(lambda p: pd.to_datetime(p.astype(str))),
    "period as Period": _period(lambda p: pd.PeriodIndex(p.astype(str), freq="Y").array),
    "period as text": _period(lambda p: p.astype(str)),
    "period as float": _period(lambda p: p + 0.5),
    "period missing": _period(_first(None)),
    "period nullable": _period(lambda p: p.astype("Int64")),
    "period huge": _period(lambda p: p.astype(object) * 10**400),
    "numbers as text": _each_number(lambda c: c.astype(str)),
    "numbers mixed": _each_number(_first("x")),
    "numbers with a list": _each_number(lambda c: pd.Series([[1]] * len(c), index=c.index, dtype=object)),
    "numbers nullable": _each_number(lambda c: c.astype("Float64").mask(c.index == c.index[0])),
    "numbers categorical": _each_number(lambda c: c.astype("category")),
    "numbers as dates": _each_number(lambda c: pd.to_datetime(c.fillna(0).astype("int64"))),
    "numbers complex": _each_number(lambda c: c.astype(complex)),
    "numbers missing": _each_number(lambda c: c * np.nan),
    "numbers infinite": _each_number(lambda c: c.astype(float).where(c.index != c.index[0], np.inf)),
    "numbers negative": _each_number(lambda c: -1 - c.astype(float)),
    "numbers zero": _each_number(lambda c: c * 0),
    "numbers 1e308": _each_number(lambda c: c * 0 + 1e308),
    "numbers 10**400": _each_number(_first(10**400)),
    "texts missing": _each_text(lambda c: pd.Series([None] * len(c), index=c.index, dtype=object)),
    "texts categorical": _each_text(lambda c: c.astype("category")),
    "texts with a list": _each_text(lambda c: pd.Series([["x"]] * len(c), index=c.index, dtype=object)),
    "shapes as objects": lambda t: pd.DataFrame(t).astype({"geometry": object}) if "geometry" in t else None,
    "shapes dropped": lambda t: pd.DataFrame(t.drop(columns="geometry")) if "geometry" in t else None,
    "shapes of text": lambda t: pd.DataFrame(t).assign(geometry="x") if "geometry" in t else None,
    "shape missing": _shapes(_third(None)),
    "shape empty": _shapes(_third(Polygon())),
    "shape a point": _shapes(_third(Point(0, 0))),
    "no crs": lambda t: t.set_crs(None, allow_override=True) if isinstance(t, gpd.GeoDataFrame) else None,
    "degrees": lambda t: t.to_crs(4326) if isinstance(t, gpd.GeoDataFrame) else None,
}

#: What is done to each column of a table that the good call names.
COLUMNS = {
    "dropped": lambda table, name: table.drop(columns=name),
    "doubled": lambda table, name: pd.concat([pd.DataFrame(table), pd.DataFrame(table)[[name]]], axis=1),
    "renamed": lambda table, name: table.rename(columns={name: f"{name} "}),
    "missing": lambda table, name: table.assign(**{name: None}),
    "of objects": lambda table, name: table.assign(**{name: [object() for _ in range(len(table))]}),
    "of dates": lambda table, name: table.assign(**{name: pd.Timestamp("2024-01-01")}),
    "of 1e308": lambda table, name: table.assign(**{name: 1e308}),
}

#: Values that are no fault, with much to write.
_GOOD = {("survey.run", "out", "text"), ("survey.run", "out", "path")}

#: Slow ones, which the suite leaves to ``python benchmarks/api_faults.py``.
SLOW = ("maps.", "report.render", "report.write", "studies.", "survey.run")

#: Numbers that no answer may pass on as NaN or infinite.
_OUT_OF_RANGE = {"1e308", "10**30", "10**400", "numbers 1e308", "numbers 10**400"}


@dataclass(frozen=True)
class Fault:
    """One argument of one function, and what is wrong with it."""

    name: str
    argument: str
    kind: str

    def __str__(self):
        return f"{self.name}({self.argument}: {self.kind})"


@dataclass(frozen=True)
class Outcome:
    """What became of a call: its class, and the error or the warning in words."""

    fault: Fault
    kind: str
    words: str = ""
    error: BaseException | None = None


class TooLong(BaseException):
    """Raised by the clock; no handler of errors stops it."""


@contextmanager
def limit(seconds):
    """End what is running after a time of the processor, or ten times that by the clock."""

    def ring(*_):
        raise TooLong

    clocks = {signal.SIGPROF: (signal.ITIMER_PROF, 1), signal.SIGALRM: (signal.ITIMER_REAL, 10)}
    before = {sign: signal.signal(sign, ring) for sign in clocks}
    for clock, times in clocks.values():
        signal.setitimer(clock, times * seconds)
    try:
        yield
    finally:
        for sign, (clock, _) in clocks.items():
            signal.setitimer(clock, 0)
            signal.signal(sign, before[sign])


def parameters(name):
    """Return the arguments of a function, without the object that a method belongs to."""
    found = inspect.signature(calls.function(name)).parameters.values()
    return ["*" if p.kind is p.VAR_POSITIONAL else p.name for p in found if p.name != "self"]


def faults(names=None, *, sample=None, seed=0):
    """Return the faults of these functions (of all by default), or a random sample of them.

    The sample holds each function about as often as any other, however many arguments it has.
    """
    every = [fault for name in (names or calls.CALLS) for fault in _faults(name)]
    if sample is None or sample >= len(every):
        return every
    chance, found = random.Random(seed), []
    by_name = {}
    for fault in every:
        by_name.setdefault(fault.name, []).append(fault)
    for mine in by_name.values():
        chance.shuffle(mine)
    while len(found) < sample:
        found += [mine.pop() for mine in by_name.values() if mine]
    return found[:sample]


def _faults(name):
    given = calls.arguments(name)
    yield Fault(name, "no_such_argument", "unknown")
    for argument in parameters(name):
        yield from (Fault(name, argument, kind) for kind in VALUES if (name, argument, kind) not in _GOOD)
        value = given.get(argument)
        if isinstance(value, pd.DataFrame):
            yield from (Fault(name, argument, kind) for kind in TABLES)
            for column in [c for c in value.columns if c in _named(given)]:
                yield from (Fault(name, argument, f"{column} {kind}") for kind in COLUMNS)
        elif isinstance(value, list | tuple | pd.Series) and len(value):
            yield from (Fault(name, argument, f"first of {kind}") for kind in VALUES)


def _named(given):
    """Return the texts among the arguments, which are often names of columns."""
    texts = {"area_id", "period", "population", "geometry", "name"}
    for value in given.values():
        texts |= {value} if isinstance(value, str) else set()
        texts |= {v for v in value if isinstance(v, str)} if isinstance(value, list | tuple) else set()
    return texts


def spoiled(fault):
    """Return the arguments of the good call with the one that is bad, None where it can't be made."""
    given = calls.arguments(fault.name)
    value = given.get(fault.argument)
    kind = fault.kind
    if kind == "unknown":
        bad = 1
    elif kind in VALUES:
        bad = VALUES[kind]()
        bad = (bad,) if fault.argument == "*" else bad
    elif kind in TABLES:
        bad = TABLES[kind](value)
        if bad is None:
            return None
    elif kind.startswith("first of "):
        first = VALUES[kind.removeprefix("first of ")]()
        if isinstance(value, pd.Series):
            bad = pd.Series([first, *value.iloc[1:]], index=value.index, dtype=object)
        else:
            bad = type(value)([first, *value[1:]])
    else:
        column = next(c for c in value.columns if isinstance(c, str) and kind.startswith(f"{c} "))
        bad = COLUMNS[kind.removeprefix(f"{column} ")](value, column)
    return {**given, fault.argument: bad}


def outcome(fault, *, seconds=SECONDS):
    """Make the call and say what became of it; None where the table allows no such fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = spoiled(fault)
    if given is None:
        return None
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            with limit(seconds):
                result = calls.call(fault.name, **given)
        except TooLong:
            return Outcome(fault, "too long")
        except Exception as error:  # noqa: BLE001
            return Outcome(fault, _kind(fault, error), f"{type(error).__name__}: {error}", error)
    return _answer(fault, result, told)


def _kind(fault, error):
    """Return the class of a call that ended in an error."""
    if isinstance(error, SegkitError):
        return "clear"
    return "python" if fault.kind == "unknown" and isinstance(error, TypeError) else "raw"


def _answer(fault, result, told):
    """Look at an answer: it may hold no foreign warning and no number lost on the way."""
    foreign = [w for w in told if not issubclass(w.category, DataWarning | ResourceWarning)]
    if foreign:
        return Outcome(fault, "silent", f"{foreign[0].category.__name__}: {foreign[0].message}")
    if fault.kind.removeprefix("first of ") in _OUT_OF_RANGE or fault.kind.endswith(" of 1e308"):
        lost = _lost(result)
        if lost > _lost(calls.call(fault.name)):
            return Outcome(fault, "silent", f"{lost} numbers are NaN or infinite")
    return Outcome(fault, "answered")


def _lost(result):
    """Count the numbers of a result that are NaN or infinite."""
    if isinstance(result, pd.DataFrame):
        result = result.select_dtypes("number")
    elif not isinstance(result, float | np.ndarray | pd.Series | list):
        return 0
    try:
        return int((~np.isfinite(np.asarray(result, dtype=float))).sum())
    except (TypeError, ValueError):
        return 0
