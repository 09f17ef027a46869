"""Which columns a measure is computed from, and which rows have them filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit._validate import check_columns, numbers
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from segkit._validate import Floats

#: What the columns given are -> the kinds of measures that they serve.
SERVES = {
    "values": ("values",),
    "two_group": ("two_group", "spatial"),
    "groups": ("multigroup", "ordered"),
    "": (),
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
