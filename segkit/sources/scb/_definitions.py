"""How indicators are built from tables: the statements of indicators.toml, and codes found by them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.sources.scb._database import Metadata, Variable

Geography = Literal["deso", "regso"]
Codes = dict[str, list[str]]

#: Codes that stand for all persons where a table has them.
TOTALS = ("1+2", "TotSa", "TotSA", "totalt", "total", "TOTALT", "tot", "SA")


@dataclass(frozen=True)
class Vintage:
    """A version of the areas: the years it holds for, its code lists, how its codes look in the tables."""

    name: str
    first: int
    last: int
    codelists: tuple[str, ...]
    pattern: str

    def holds(self, year: int) -> bool:
        return self.first <= year <= self.last


#: Reference years to 2023 are told for the older version, later years for the newer; each only for its own.
VINTAGES: dict[str, tuple[Vintage, ...]] = {
    "deso": (
        Vintage("DeSO 2018", 0, 2023, ("vs_DeSO2018", "vs_DeSoHE"), r"\d{4}[ABC]\d{4}"),
        Vintage("DeSO 2025", 2024, 9999, ("vs_DeSO2025",), r"\d{4}[ABC]\d{4}_DeSO2025"),
    ),
    "regso": (
        Vintage("RegSO 2020", 0, 2023, ("vs_RegSO2020", "vs_RegSo1"), r"\d{4}R\d{3}"),
        Vintage("RegSO 2025", 2024, 9999, ("vs_RegSO2025",), r"\d{4}R\d{3}_RegSO2025"),
    ),
}


@dataclass(frozen=True)
class Table:
    """A table: where it is, how it is found again, what is the same for all its indicators."""

    key: str
    path: str
    title: str
    search: str
    years: tuple[int, int]
    id: str = ""
    geographies: tuple[str, ...] = ("deso", "regso")
    fixed: Codes = field(default_factory=dict)


@dataclass(frozen=True)
class Series:
    """An indicator from one table over some years, as ``value``, ``count`` or ``share`` of its cells."""

    indicator: str
    table: str
    kind: Literal["value", "count", "share"]
    part: Codes
    whole: Codes
    first: int
    last: int
    flag: str

    def wanted(self) -> list[Codes]:
        return [self.part, self.whole] if self.kind == "share" else [self.part]


@cache
def _read() -> tuple[dict[str, Table], tuple[Series, ...]]:
    told = tomllib.loads(Path(__file__).with_name("indicators.toml").read_text(encoding="utf-8"))
    tables = {
        key: Table(
            key,
            raw["path"],
            raw["title"],
            raw["search"],
            (raw["years"][0], raw["years"][1]),
            raw.get("id", ""),
            tuple(raw.get("geographies", ("deso", "regso"))),
            raw.get("fixed", {}),
        )
        for key, raw in told["tables"].items()
    }
    return tables, tuple(_series(raw) for raw in told["series"])


def _series(raw: dict[str, object]) -> Series:
    kinds: dict[str, Literal["value", "count", "share"]] = {
        "value": "value",
        "count": "count",
        "part": "share",
    }
    (name,) = kinds.keys() & raw.keys()
    first, last = raw.get("from", 0), raw.get("to", 9999)
    part, whole = raw[name], raw.get("whole", {})
    if not (isinstance(part, dict) and isinstance(whole, dict)):
        raise TypeError(f"{raw['indicator']}: codes by variable are expected")
    return Series(
        str(raw["indicator"]),
        str(raw["table"]),
        kinds[name],
        part,
        whole,
        int(str(first)),
        int(str(last)),
        str(raw.get("flag", "")),
    )


def tables() -> dict[str, Table]:
    """Return the tables by key."""
    return dict(_read()[0])


def series() -> tuple[Series, ...]:
    """Return every series."""
    return _read()[1]


def definitions() -> pd.DataFrame:
    """Return how each indicator is built: one row for each series of each indicator.

    Returns
    -------
    pandas.DataFrame
        Columns ``indicator, table`` (id, or path where the id is not stable), ``path, geographies, first,
        last`` (years known when this was written, narrowed to those that are used), ``kind`` (value, count,
        share), ``part, whole`` (codes by variable), ``flag``.

    Examples
    --------
    >>> table = definitions().set_index("indicator")
    >>> table.loc["unemployment_rate", ["table", "kind"]].tolist(), table.loc["unemployment_rate", "first"]
    (['TAB6680', 'share'], np.int64(2020))
    """
    known = tables()
    rows = []
    for one in series():
        table = known[one.table]
        first, last = max(one.first, table.years[0]), min(one.last, table.years[1])
        part, whole = _words({**table.fixed, **one.part}), _words(one.whole)
        places = (table.id or table.path, table.path, ", ".join(table.geographies))
        rows.append((one.indicator, *places, first, last, one.kind, part, whole, one.flag))
    columns = ["indicator", "table", "path", "geographies", "first", "last", "kind", "part", "whole", "flag"]
    return pd.DataFrame(rows, columns=columns)


def _words(codes: Codes) -> str:
    return "; ".join(f"{name}: {', '.join(every)}" for name, every in codes.items())


def find(wanted: Sequence[str], variable: Variable, *, table: str) -> list[str]:
    """Return the codes of a table's variable that stand for what is wanted, one for each.

    Raises
    ------
    InputError
        When the table has none of the spellings, or a pattern fits several labels.
    """
    return [_one(text, variable, table) for text in wanted]


def _one(text: str, variable: Variable, table: str) -> str:
    # A pattern may hold "|" itself: it is always the last spelling.
    plain, _, pattern = text.partition("label:")
    for spelling in plain.rstrip("|").split("|"):
        if spelling in variable.codes:
            return spelling
    if pattern:
        found = [c for c, label in variable.codes.items() if re.search(pattern, label, re.IGNORECASE)]
        if len(found) == 1:
            return found[0]
    some = [f"{code} {label}" for code, label in variable.codes.items()]
    fix = f"The table has changed; it has {', '.join(some[:12])}."
    raise InputError(message(f"{table} {variable.code}", "has nothing that is clearly", [text], fix))


def first_spelling(text: str) -> str:
    """Return what is sent when the table's codes are not known: the first spelling."""
    plain = text.partition("label:")[0].rstrip("|").split("|")[0]
    return plain or text


def fits(meta: Metadata, table: Table) -> bool:
    """Tell whether a table has the variables that its indicators are built from."""
    own = [codes for one in series() if one.table == table.key for codes in one.wanted()]
    needed = {"Region", *(name for codes in own for name in codes)}
    return needed <= set(meta.variables)
