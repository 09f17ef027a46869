"""A table as a grid of counts and the sums that tie them together: what an attacker can compute with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import check_columns, labels_of, numbers
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from segkit.base.checks import Floats

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Kind: TypeAlias = Literal["count", "share", "rest", "base"]

#: Code and period of a row, and the regions it lies in, the finest first.
_Line: TypeAlias = tuple[str, Any, tuple[str | None, ...]]


@dataclass(frozen=True)
class Share:
    """What a share (in per cent) is computed from, where it is more than a denominator.

    Parameters
    ----------
    denominator : str
        Column with the number of persons the share is computed on.
    numerator : str, optional
        Column with the number who have the property, where the table shows it: it is hidden with the share.
    complement : str, optional
        Column with the share who lack the property, where the table shows it.

    Examples
    --------
    >>> Share("population", numerator="foreign_born").denominator
    'population'
    """

    denominator: str
    numerator: str | None = None
    complement: str | None = None


Shares: TypeAlias = Mapping[str, "str | Share"]


@dataclass(frozen=True)
class Layout:
    """Which columns hold what, and how rows and columns add up."""

    counts: tuple[str, ...]
    shares: dict[str, Share]
    groups: dict[str, tuple[str, ...]]
    regions: tuple[str, ...]

    @property
    def shown(self) -> list[str]:
        """The columns of the table that the layout is about."""
        more = [s.complement for s in self.shares.values() if s.complement]
        return list(dict.fromkeys([*self.counts, *self.shares, *more]))


def layout(counts: Any, shares: Any, groups: Any, region: Any) -> Layout:
    """Check and complete a description of columns."""
    if not isinstance(shares or {}, Mapping) or not isinstance(groups or {}, Mapping):
        fix = "Use shares={'share': 'denominator'} and groups={'total': ['part', 'part']}."
        raise InputError(message("shares, groups", "must be mappings of columns", fix=fix))
    named = {k: v if isinstance(v, Share) else Share(v) for k, v in (shares or {}).items()}
    parts = {k: _names(v, argument=f"groups[{k!r}]") for k, v in (groups or {}).items()}
    hidden = [*(c for k, v in parts.items() for c in (k, *v))]
    hidden += [s.numerator for s in named.values() if s.numerator]
    every = tuple(dict.fromkeys([*_names(counts, argument="counts"), *hidden]))
    if not every and not named:
        fix = "Name columns of counts, or of shares with their denominators."
        raise InputError(message("counts, shares", "name no column, so no rule can be applied", fix=fix))
    both = [c for c in every if c in named]
    if both:
        raise InputError(message("counts", "has a column that is a share too", both))
    return Layout(every, named, parts, _names(region, argument="region"))


def _names(names: Any, *, argument: str) -> tuple[str, ...]:
    if names is None:
        return ()
    every = (names,) if isinstance(names, str) else tuple(names) if isinstance(names, Sequence) else None
    if every is None or not all(isinstance(name, str) for name in every):
        raise InputError(message(argument, f"is {names!r}, must be a column or a list of columns"))
    if len(set(every)) < len(every):
        raise InputError(message(argument, "names a column twice", every))
    return every


@dataclass(frozen=True)
class Grid:
    """Counts by row and column, and the sums that tie them together.

    Rows after the first `n_rows` are totals of regions that the table lacks but others can know. Each
    column is of a kind: "count", "share" (the numerator of one), "rest" (left of a total after the groups
    shown), or "base" (denominators that are never hidden). Counts are NaN where missing; `bases` is what
    a share's numerator is a part of, infinite for other columns. `equations` holds places of totals and,
    in a line for each, of their parts (-1 fills up), as cells of the flattened grid.
    """

    rows: pd.DataFrame
    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    counts: Floats
    bases: Floats
    parents: Ints
    n_rows: int
    equations: tuple[tuple[Ints, Ints], ...] = ()

    @property
    def outside(self) -> Mask:
        """Cells that are no part of the table: totals of regions that are known from elsewhere."""
        mask = np.zeros(self.counts.shape, dtype=bool)
        mask[self.n_rows :] = True
        return mask.ravel()

    @property
    def levels(self) -> Ints:
        """How many sums lie under each cell: 0 for cells that are no sum, 1 for sums of those, and so on."""
        level = np.zeros(self.counts.size, dtype=np.int64)
        for _ in range(len(self.equations) + 1):
            before = level.copy()
            for total, parts in self.equations:
                under = np.where(parts >= 0, level[np.maximum(parts, 0)], 0).max(axis=1)
                level[total] = np.maximum(level[total], under + 1)
            if (level == before).all():
                break
        return level

    @property
    def totals(self) -> Mask:
        """Cells that are sums of others."""
        return np.asarray(self.levels > 0)

    def place(self, column: str) -> int:
        """Return the number of a column of counts, or of the numerator of a share."""
        return self.columns.index(column)

    def matrix(self, *, everything: bool = False) -> csr_array:
        """Return the sums as lines of +1 (parts) and -1 (total).

        Missing cells take part only when asked for: left out, they count as known to others.
        """
        from scipy.sparse import csr_array

        known = ~np.isnan(self.counts.ravel()) | everything
        lines, cells, signs, first = [], [], [], 0
        for total, parts in self.equations:
            count = len(total)
            member, which = np.divmod(np.flatnonzero(parts.ravel() >= 0), parts.shape[1])
            lines += [first + np.arange(count), first + member]
            cells += [total, parts[member, which]]
            signs += [np.full(count, -1.0), np.ones(len(member))]
            first += count
        if not lines:
            return csr_array((0, known.size))
        line, cell, sign = (np.concatenate(x) for x in (lines, cells, signs))
        keep = (cell >= 0) & known[np.maximum(cell, 0)]
        return csr_array((sign[keep], (line[keep], cell[keep])), shape=(first, known.size))

    def labels(self, cells: Ints) -> list[str]:
        """Name cells for messages."""
        width = len(self.columns)
        keys = [c for c in ("area_id", "period") if c in self.rows]
        names = self.rows[keys].astype(str).agg(" ".join, axis=1) if keys else self.rows["row"].astype(str)
        return [f"{names.iloc[c // width]}: {self.columns[c % width]}" for c in cells.tolist()]


def build(table: pd.DataFrame, about: Layout, *, known_elsewhere: bool) -> Grid:
    """Make the grid of a table; with `known_elsewhere` the totals of regions count as published."""
    keys = [c for c in ("area_id", "period") if c in table.columns]
    bases = [s.denominator for s in about.shares.values()]
    check_columns(table, [*about.shown, *bases, *about.regions], argument="table")
    if table.empty:
        raise InputError(message("table", "has no rows"))
    rows = table[[*keys, *about.regions]].reset_index(drop=True)
    rows = pd.DataFrame(rows).assign(row=table.index.to_numpy())
    columns, kinds, values, base = _cells(table, about)
    rows, parents = _parents(rows, about.regions, known_elsewhere=known_elsewhere)
    values, base = (_extend(block, parents, len(table)) for block in (values, base))
    return _with_equations(Grid(rows, columns, kinds, values, base, parents, len(table)), about)


def whole(data: pd.DataFrame, column: str) -> Floats:
    """Return a column of counts; what is negative or not whole is an error, missing passes."""
    values = numbers(data, column, least=0)
    broken = ~np.isnan(values) & (values != np.floor(values))
    if broken.any():
        fix = "Counts of persons are whole; give shares by shares={'share': 'denominator'}."
        raise InputError(message(column, "has counts that are not whole", labels_of(data, broken), fix))
    return values


def _cells(table: pd.DataFrame, about: Layout) -> tuple[tuple[str, ...], tuple[Kind, ...], Floats, Floats]:
    """Return the columns of counts and numerators, their kinds, and what numerators are a part of."""
    values = {column: whole(table, column) for column in about.counts}
    kinds: dict[str, Kind] = dict.fromkeys(values, "count")
    bases = {column: np.full(len(table), np.inf) for column in values}
    for column, share in about.shares.items():
        base, count = _numerator(table, column, share)
        name = share.numerator or column
        if share.numerator:
            apart = np.abs(values[name] - count) > 0.5 + 0.001 * base
            if apart.any():
                rule = f"is not {name} divided by {share.denominator}, in per cent"
                raise InputError(message(column, rule, labels_of(table, apart)))
        values[name], kinds[name], bases[name] = values.get(name, count), "share", base
    columns = tuple(values)
    stacked = (np.column_stack(list(block.values())) for block in (values, bases))
    return columns, tuple(kinds[c] for c in columns), *stacked  # type: ignore[return-value]


def _numerator(table: pd.DataFrame, column: str, share: Share) -> tuple[Floats, Floats]:
    """Return the denominator of a share, and the whole number of persons it stands for."""
    base, percent = whole(table, share.denominator), numbers(table, column, least=0)
    for name in (column, share.complement):
        over = name is not None and numbers(table, name) > 100
        if np.any(over):
            raise InputError(
                message(str(name), "has shares over 100 per cent", labels_of(table, np.asarray(over)))
            )
    bare = ~np.isnan(percent) & np.isnan(base)
    if bare.any():
        rule = f"is shown where its denominator {share.denominator} is missing"
        raise InputError(message(column, rule, labels_of(table, bare)))
    return base, np.rint(percent * base / 100)


def _parents(
    rows: pd.DataFrame, regions: tuple[str, ...], *, known_elsewhere: bool
) -> tuple[pd.DataFrame, Ints]:
    """Find the row that each row is a part of; regions without a row get one after the others."""
    if not regions:
        return rows, np.full(len(rows), -1, dtype=np.int64)
    codes = rows["area_id"].astype(str).tolist() if "area_id" in rows else [""] * len(rows)
    periods = rows["period"].tolist() if "period" in rows else [0] * len(rows)
    above = list(zip(*(rows[r].astype(object).where(rows[r].notna(), None) for r in regions), strict=True))
    lines: list[_Line] = [
        (code, when, tuple(None if a is None else str(a) for a in names))
        for code, when, names in zip(codes, periods, above, strict=True)
    ]
    place = {(code, when): i for i, (code, when, _) in enumerate(lines) if code}
    if "area_id" in rows and len(place) < len(rows):
        twice = rows.duplicated([c for c in ("area_id", "period") if c in rows], keep=False).to_numpy()
        fix = "Keep one row for each area and period; put groups in columns."
        raise InputError(message("table", "has an area more than once", labels_of(rows, twice), fix))
    up: list[int] = []
    # The list grows while it is read: a new region may lie in a region of the next level.
    for code, when, names in lines:
        up.append(-1)
        own = max((k + 1 for k, name in enumerate(names) if name == code), default=0)
        for level in range(own, len(regions)):
            name = names[level]
            if name is None:
                continue
            if (name, when) not in place and known_elsewhere:
                place[name, when] = len(lines)
                lines.append((name, when, (None,) * (level + 1) + names[level + 1 :]))
            if (name, when) in place:
                up[-1] = place[name, when]
                break
    _check_nesting(lines, up)
    extra = [
        {"area_id": code, "period": when, "row": code, **dict(zip(regions, names, strict=True))}
        for code, when, names in lines[len(rows) :]
    ]
    if extra:
        more = pd.DataFrame(extra)[[c for c in ("area_id", "period", "row") if c in rows]]
        rows = pd.concat([rows, more], ignore_index=True)
    return rows, np.array(up, dtype=np.int64)


def _check_nesting(lines: Sequence[_Line], up: Sequence[int]) -> None:
    """Check that a region lies in the same region of the next level, whichever part one asks."""
    for (code, _, names), parent in zip(lines, up, strict=True):
        if parent < 0:
            continue
        name, _, higher = lines[parent]
        said = [a for a in names[names.index(name) + 1 :] if a is not None]
        told = [a for a in higher if a is not None and a != name]
        if said != told:
            rule = f"does not nest: {name} lies in {told or 'no region'}, but after {code} in"
            fix = "A region must lie in one region of the next level."
            raise InputError(message("region", rule, said or ["no region"], fix))


def _extend(block: Floats, parents: Ints, n: int) -> Floats:
    """Add the sums of regions that have no row of their own, from the finest up."""
    full = np.vstack([block, np.zeros((len(parents) - n, block.shape[1]))])
    depth, climber = np.zeros(len(parents), dtype=np.int64), parents
    while (climber >= 0).any():
        depth += climber >= 0
        climber = np.where(climber >= 0, parents[climber], -1)
    for level in range(int(depth.max(initial=0)), 0, -1):
        inside = np.flatnonzero((depth == level) & (parents >= n))
        np.add.at(full, parents[inside], np.where(np.isnan(full[inside]), 0.0, full[inside]))
    return full


def _with_equations(grid: Grid, about: Layout) -> Grid:
    """Add the sums over columns and rows, and what columns leave to compute."""
    within: list[tuple[int, list[int]]] = []
    for total, parts in about.groups.items():
        grid, inside = _with_rest(grid, total, parts)
        within.append((grid.place(total), inside))
    for name, share in about.shares.items():
        if share.complement is not None:
            grid, pair = _with_complement(grid, name, share)
            within.append(pair)
    width = len(grid.columns)
    start = np.arange(len(grid.rows), dtype=np.int64)[:, None] * width
    sums = [((start + at).ravel(), start + np.array(inside)) for at, inside in within]
    sums += _over_rows(grid)
    _check_sums(grid, sums)
    return replace(grid, equations=tuple(sums))


def _with_rest(grid: Grid, total: str, parts: tuple[str, ...]) -> tuple[Grid, list[int]]:
    """Add what is left of a total after its parts, which anyone can compute, unless it is nothing."""
    inside = [grid.place(p) for p in parts]
    rest = grid.counts[:, grid.place(total)] - grid.counts[:, inside].sum(axis=1)
    if (rest < 0).any():
        labels = grid.labels(np.flatnonzero(rest < 0) * len(grid.columns) + grid.place(total))
        raise InputError(message(", ".join(parts), f"are more together than {total}", labels))
    if (rest > 0).any():
        grid = _with_column(grid, f"{total} – {' – '.join(parts)}", "rest", rest)
        inside.append(len(grid.columns) - 1)
    return grid, inside


def _with_complement(grid: Grid, name: str, share: Share) -> tuple[Grid, tuple[int, list[int]]]:
    """Add those who lack a property, whose share is shown: the two parts and their sum."""
    at = grid.place(share.numerator or name)
    base = grid.bases[:, at]
    grid = _with_column(grid, str(share.complement), "share", base - grid.counts[:, at], base)
    inside = [at, len(grid.columns) - 1]
    if share.denominator not in grid.columns:
        grid = _with_column(grid, share.denominator, "base", base)
    return grid, (grid.place(share.denominator), inside)


def _with_column(grid: Grid, name: str, kind: Kind, values: Floats, base: Floats | None = None) -> Grid:
    base = np.full(len(values), np.inf) if base is None else base
    return replace(
        grid,
        columns=(*grid.columns, name),
        kinds=(*grid.kinds, kind),
        counts=np.column_stack([grid.counts, values]),
        bases=np.column_stack([grid.bases, base]),
    )


def _over_rows(grid: Grid) -> list[tuple[Ints, Ints]]:
    """Return the sums over the rows of each region."""
    inside = np.flatnonzero(grid.parents >= 0)
    if not inside.size:
        return []
    order = inside[np.argsort(grid.parents[inside], kind="stable")]
    regions, first, size = np.unique(grid.parents[order], return_index=True, return_counts=True)
    members = np.full((len(regions), size.max()), -1, dtype=np.int64)
    member = np.repeat(np.arange(len(regions)), size)
    members[member, np.arange(len(order)) - np.repeat(first, size)] = order
    width = len(grid.columns)
    return [(regions * width + c, np.where(members >= 0, members * width + c, -1)) for c in range(width)]


def _check_sums(grid: Grid, sums: Sequence[tuple[Ints, Ints]]) -> None:
    """Check that parts add up to their total where none is missing."""
    flat, base = grid.counts.ravel(), np.nan_to_num(grid.bases.ravel(), posinf=0)
    computed = np.isin(grid.kinds, ["share"])
    for total, parts in sums:
        gap = np.where(parts >= 0, flat[np.maximum(parts, 0)], 0.0).sum(axis=1) - flat[total]
        # Numerators computed back from shares that are printed with one decimal.
        slack = 1 + parts.shape[1] / 2 + 0.001 * base[total]
        off = np.abs(gap) > np.where(computed[total % len(grid.columns)], slack, 0)
        if off.any():
            fix = "Leave out `region` or `groups` where figures are not parts of a whole, or correct them."
            raise InputError(message("table", "does not add up to its totals", grid.labels(total[off]), fix))
