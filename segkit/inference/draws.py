"""The areas that measures are computed from, drawn anew a thousand times and scored together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import Floats, check_columns, complete, labels_of, numbers
from segkit.base.order import area_order
from segkit.errors import InputError, message
from segkit.measures.segregation.counts import check_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from segkit.inference.scoring import Columns, Scorer

Counts = npt.NDArray[np.int64]

#: How far a count may lie from a whole number.
_WHOLE = 1e-6


@dataclass(frozen=True)
class Rows:
    """One row per area, without missing values, ready to be drawn from.

    Attributes
    ----------
    frame : pandas.DataFrame
        The rows.
    columns : Columns
        The columns measured.
    kept : numpy.ndarray
        Their positions in the table they come from.
    """

    frame: pd.DataFrame
    columns: Columns
    kept: npt.NDArray[np.intp]

    def __len__(self) -> int:
        """Return the number of areas."""
        return len(self.frame)

    @property
    def n_inhabited(self) -> int:
        """Return the number of areas where people live."""
        people = self.columns.people(self.frame)
        return len(self) if people is None else int((people > 0).sum())

    @property
    def cells(self) -> int:
        """How many numbers one draw holds."""
        return len(self) * max(2, len(self.columns.groups))

    def column(self, name: str | None) -> Floats:
        """Return a column as floats; ones without a name."""
        if name is None:
            return np.ones(len(self.frame))
        return self.frame[name].to_numpy(dtype=np.float64)

    def parts(self) -> Floats:
        """Return the people as groups by areas: the group and the rest, or each of the groups."""
        columns = self.columns
        if columns.groups:
            return np.stack([self.column(name) for name in columns.groups])
        group, total = self.column(columns.group), self.column(columns.total)
        # Only rounding can make the difference negative here.
        return np.stack([group, np.maximum(total - group, 0.0)])

    def whole_parts(self) -> Counts:
        """Return the people as `parts` does, in whole numbers."""
        columns = self.columns
        if not columns.counts:
            fix = "Values of areas can only be drawn by area: unit='areas'."
            raise InputError(message("unit", "people can only be drawn from counts", fix=fix))
        people = [self._whole(name) for name in (columns.groups or (columns.group, columns.total))]
        if columns.groups:
            return np.stack(people)
        group, total = people
        over = group > total
        if over.any():
            rule = f"is larger than {columns.total}"
            raise InputError(message(str(columns.group), rule, self._labels(over)))
        return np.stack([group, total - group])

    def _labels(self, mask: npt.NDArray[np.bool_]) -> list[str]:
        """Name rows by area, else by their places in the table they come from."""
        return labels_of(self.frame.set_axis(self.kept), mask)

    def _whole(self, name: str | None) -> Counts:
        people = self.column(name)
        broken = np.abs(people - np.round(people)) > _WHOLE
        if broken.any():
            fix = "People are drawn one by one; round the counts if they were computed from shares."
            rule = "must be whole numbers"
            raise InputError(message(str(name), rule, self._labels(broken), fix))
        return np.round(people).astype(np.int64)


@dataclass(frozen=True)
class Draws:
    """Many draws from the same areas, a line per draw.

    Attributes
    ----------
    rows : Rows
        The areas drawn from.
    chosen : numpy.ndarray, optional
        Positions of the areas taken, which may repeat; without it every area is taken once.
    people : numpy.ndarray, optional
        Groups by draws by areas: how many people live where, in place of the counts of the rows.
    """

    rows: Rows
    chosen: Counts | None = None
    people: Counts | Floats | None = None

    @property
    def size(self) -> int:
        """Return the number of draws."""
        if self.people is not None:
            return int(self.people.shape[1])
        return 0 if self.chosen is None else len(self.chosen)

    def score(self, scorers: Sequence[Scorer]) -> Floats:
        """Score every draw by every measure: a line per draw, NaN where a measure is not defined."""
        found = np.full((self.size, len(scorers)), np.nan)
        values = self._of_values() if self.rows.columns.kind == "values" else None
        people = self._of_people() if self.rows.columns.counts else None
        for place, scorer in enumerate(scorers):
            if scorer.many is None:
                continue
            with np.errstate(divide="ignore", invalid="ignore"):
                if scorer.kind == "values" and values is not None:
                    found[:, place] = scorer.many(*values)
                elif people is not None and scorer.kind in {"multigroup", "ordered"}:
                    found[:, place] = scorer.many(np.moveaxis(people, 0, -1))
                elif people is not None:
                    found[:, place] = scorer.many(*people)
        own = [(place, scorer) for place, scorer in enumerate(scorers) if scorer.many is None]
        if own:
            for line, table in enumerate(self._tables()):
                for place, scorer in own:
                    found[line, place] = _or_nan(scorer, table)
        return np.where(np.isfinite(found), found, np.nan)

    def _of_values(self) -> tuple[Floats, Floats, Floats]:
        """Return values, weights, and how often each area is taken in each draw."""
        columns, rows = self.rows.columns, self.rows
        return rows.column(columns.values), rows.column(columns.weight), self._copies()

    def _of_people(self) -> Floats:
        """Return the people of each draw: groups by draws by areas."""
        if self.people is not None:
            return self.people.astype(np.float64, copy=False)
        return self.rows.parts()[:, None, :] * self._copies()

    def _copies(self) -> Floats:
        """Count how often each area is taken in each draw."""
        n = len(self.rows)
        chosen = np.zeros((0, n), dtype=np.int64) if self.chosen is None else self.chosen
        flat = (chosen + n * np.arange(len(chosen))[:, None]).ravel()
        return np.bincount(flat, minlength=len(chosen) * n).reshape(len(chosen), n).astype(np.float64)

    def _tables(self) -> Iterator[pd.DataFrame]:
        """Yield each draw as a table, for users' functions."""
        frame, columns = self.rows.frame, self.rows.columns
        for line in range(self.size):
            table = frame
            if self.chosen is not None:
                table = frame.take(self.chosen[line]).reset_index(drop=True)
            if self.people is not None:
                here = self.people[:, line]
                total = {str(columns.total): here.sum(axis=0)} if columns.total else {}
                table = table.assign(**dict(zip(columns.counts, here, strict=False)), **total)
            yield table


def _or_nan(scorer: Scorer, table: pd.DataFrame) -> float:
    try:
        return float(scorer.score(table))
    except InputError:
        return float("nan")


def one_period(data: pd.DataFrame, columns: Columns, *, keep_empty: bool = False) -> tuple[Rows, int]:
    """Return the rows of a table of one period that hold people, by area, and how many do not.

    Uninhabited areas stay when `keep_empty`: their land counts in spatial measures.
    """
    if not isinstance(data, pd.DataFrame):
        raise InputError(message("data", f"must be a table, is {type(data).__name__}"))
    if data.empty:
        raise InputError(message("data", "has no rows"))
    periods = sorted(data["period"].unique().tolist(), key=str) if "period" in data else []
    if len(periods) > 1:
        fix = f"Choose one, for example data[data['period'] == {periods[0]!r}]."
        raise InputError(message("data", "has several periods", periods, fix))
    check_columns(data, columns.names)
    people = columns.people(data)
    inhabited = np.ones(len(data), dtype=bool)
    if people is not None:
        for column in (columns.weight, columns.total, *columns.groups):
            if column is not None:
                complete(data, column, least=0)
        inhabited = people > 0
    if not inhabited.any():
        size = ", ".join(columns.groups) or str(columns.weight or columns.total)
        raise InputError(message(size, "is 0 in every area"))
    order = area_order(data, columns.names)
    kept = order if keep_empty else order[inhabited[order]]
    for column in columns.names:
        complete(data[inhabited], column)
    return rows_for(data.iloc[kept], columns, kept), int((~inhabited).sum())


def rows_for(data: pd.DataFrame, columns: Columns, kept: npt.NDArray[np.intp] | None = None) -> Rows:
    """Make rows without missing values ready to be drawn from."""
    if columns.kind == "two_group":
        # The draws pass by the gate of the measures, so here it is once.
        group, total = str(columns.group), str(columns.total)
        part, whole = (numbers(data, name, least=0) for name in (group, total))
        check_part(data, part, whole, group=group, total=total)
    filled = {name: numbers(data, name) for name in columns.names}
    if columns.counts:
        # An empty area has nobody of the group either, whatever is known of it.
        filled = {name: np.nan_to_num(column) for name, column in filled.items()}
    places = np.arange(len(data)) if kept is None else kept
    return Rows(data.reset_index(drop=True).assign(**filled), columns, places)


def areas(rows: Rows, rng: np.random.Generator, size: int, base: Counts | None = None) -> Draws:
    """Take areas with replacement; `base` has the people per draw where some counts are uncertain."""
    chosen = rng.integers(len(rows), size=(size, len(rows)))
    if base is None:
        return Draws(rows, chosen=chosen)
    people = np.take_along_axis(base, np.broadcast_to(chosen, base.shape), axis=-1)
    return Draws(rows, chosen=chosen, people=people)


def people(rows: Rows, rng: np.random.Generator, size: int, base: Counts) -> Draws:
    """Draw each group's people by its distribution over the areas."""
    return Draws(rows, people=np.stack([_spread(group, rng, size) for group in base]))


def _spread(counts: Counts, rng: np.random.Generator, size: int) -> Counts:
    everyone = counts.sum(axis=-1)
    shares = counts / np.maximum(everyone, 1)[..., None]
    return rng.multinomial(everyone, shares, size=size)


def both(rows: Rows, rng: np.random.Generator, size: int, base: Counts) -> Draws:
    """Take areas with replacement, then draw the people of each anew by its composition."""
    chosen = rng.integers(len(rows), size=(size, len(rows)))
    return Draws(rows, chosen=chosen, people=within(rng, base, chosen))


def within(rng: np.random.Generator, base: Counts, chosen: Counts) -> Counts:
    """Draw the people of chosen areas anew by the composition of each; its size stays."""
    per_draw = base if base.ndim == 3 else base[:, None, :]
    shape = (len(base), *chosen.shape)
    here = np.take_along_axis(np.broadcast_to(per_draw, shape), np.broadcast_to(chosen, shape), axis=-1)
    total = here.sum(axis=0)
    shares = here / np.maximum(total, 1)
    if len(base) == 2:
        group = rng.binomial(total, shares[0])
        return np.stack([group, total - group])
    return np.moveaxis(rng.multinomial(total, np.moveaxis(shares, 0, -1)), -1, 0)


def placements(rows: Rows, rng: np.random.Generator, size: int, base: Counts) -> Draws:
    """Place everyone at random; the size of every area and of every group stays."""
    capacity = base.sum(axis=0)
    if len(base) == 2:
        group = rng.multivariate_hypergeometric(capacity, int(base[0].sum()), size, method="marginals")
        return Draws(rows, people=np.stack([group, capacity - group]))
    left: Counts = np.broadcast_to(capacity, (size, len(capacity))).astype(np.int64)
    placed = []
    for group in base[:-1]:
        here = _filled(left, int(group.sum()), rng)
        placed.append(here)
        left = left - here
    return Draws(rows, people=np.stack([*placed, left]))


def _filled(capacity: Counts, number: int, rng: np.random.Generator) -> Counts:
    """Fill so many of the places of each line at random, halving the areas until each stands alone."""
    size, n = capacity.shape
    depth = max(n - 1, 0).bit_length()
    room = np.zeros((size, 2**depth), dtype=np.int64)
    room[:, :n] = capacity
    levels = [room]
    for _ in range(depth):
        levels.append(levels[-1][:, ::2] + levels[-1][:, 1::2])
    here = np.full((size, 1), number, dtype=np.int64)
    for finer in levels[-2::-1]:
        first = rng.hypergeometric(finer[:, ::2], finer[:, 1::2], here)
        here = np.stack([first, here - first], axis=-1).reshape(size, -1)
    return here[:, :n]


def swapped_areas(rows: Rows, rng: np.random.Generator, size: int, base: Floats) -> Draws:
    """Let the populations of inhabited areas change places with each other."""
    inhabited = np.flatnonzero(base.sum(axis=0) > 0)
    order = rng.permuted(np.tile(inhabited, (size, 1)), axis=1)
    people = np.zeros((len(base), size, len(rows)))
    people[:, :, inhabited] = base[:, order]
    return Draws(rows, people=people)


def again(drawn: Draws, rows: Rows, rng: np.random.Generator, base: Counts | None) -> Draws:
    """Take the areas of a draw from another period, with their people drawn anew where counts are given."""
    if drawn.chosen is None or base is None:
        return Draws(rows, chosen=drawn.chosen)
    return Draws(rows, chosen=drawn.chosen, people=within(rng, base, drawn.chosen))
