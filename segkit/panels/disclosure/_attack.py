"""What an attacker can compute: the least and the most that each hidden figure can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_columns, check_count
from segkit.errors import InputError, message
from segkit.panels.disclosure._grid import build, layout
from segkit.panels.disclosure._rules import Changing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scipy.sparse import csr_array

    from segkit.base.checks import Floats
    from segkit.panels.disclosure._grid import Grid, Ints, Mask, Shares

#: A solution this near whole numbers is whole.
_WHOLE = 1e-6


@dataclass(frozen=True)
class Knowledge:
    """What an attacker knows: sums (matrix times counts equals side), and bounds of each count."""

    matrix: csr_array
    side: Floats
    low: Floats
    high: Floats


def attack(
    table: pd.DataFrame,
    *,
    counts: str | Sequence[str] = (),
    shares: Shares | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    region: str | Sequence[str] = (),
    known: pd.DataFrame | None = None,
    least: int = 1,
    rule: Changing | None = None,
) -> pd.DataFrame:
    """Compute what a published table tells of its hidden counts, as someone who adds and subtracts would.

    For each hidden count, linear programs find the least and the most that it can be, given every figure
    shown, the sums over groups and regions, and that counts are whole and not negative. Where both are the
    same, the count is disclosed. Use it on any table before it is published, whoever hid its figures.

    Parameters
    ----------
    table : pandas.DataFrame
        The published table, hidden cells missing. Where a column has ``X_flag``, cells flagged
        "suppressed" are attacked, otherwise every missing cell.
    counts, shares, groups, region
        As in `apply`. Totals are known only where they are rows of the table, or of `known`.
    known : pandas.DataFrame, optional
        Rows with the same columns that are known from elsewhere, such as totals of regions, or the areas
        of another division whose sum the table's areas are: an attack by differencing.
    least : int
        The least a hidden count can be: 1 where it is known that zeros are never hidden, otherwise 0.
        Counts behind shares can always be 0.
    rule : RoundTo or ReplaceSmall, optional
        The rule that the counts shown were changed by: then every count of the table is attacked.

    Returns
    -------
    pandas.DataFrame
        Tidy table: ``area_id`` and ``period`` or ``row``, ``column``, ``low``, ``high`` (persons; `high` is
        infinite where nothing bounds it). Shares are attacked as the number of persons they stand for.

    Raises
    ------
    InputError
        When a figure shown is no count or share, or the figures shown contradict each other.
    UnknownNameError
        When a column is not there.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley.
    Fischetti, M. & Salazar, J. J. (2001). Solving the cell suppression problem on tabular data with linear
    constraints. Management Science 47, 1008-1027.

    Examples
    --------
    A hidden 2 is what the total leaves:

    >>> table = pd.DataFrame({"area_id": ["a", "b", "c", "all"], "region": ["all", "all", "all", None],
    ...                       "n": [None, 7, 8, 17]})
    >>> attack(table, counts="n", region="region")[["area_id", "low", "high"]].values.tolist()
    [['a', 2.0, 2.0]]
    """
    check_count(least, argument="least", least=0)
    about = layout(counts, shares, groups, region)
    if rule is not None and not isinstance(rule, Changing):
        raise InputError(message("rule", "must be RoundTo or ReplaceSmall: other rules hide figures"))
    own = len(table)
    if known is not None:
        check_columns(known, [c for c in ("area_id", *about.counts) if c in table], argument="known")
        columns = [c for c in table.columns if c in known.columns]
        table = pd.concat([pd.DataFrame(table), known[columns]], ignore_index=True)
    grid = build(table, about, known_elsewhere=False)
    missing = np.isnan(grid.counts)
    values = np.where(missing, 0.0, grid.counts)
    kinds = np.array(grid.kinds)
    low = np.where(missing, np.where(np.isin(kinds, ["count"]), least, 0), values)
    high = np.where(missing, np.where(np.isnan(grid.bases), np.inf, grid.bases), values)
    targets = missing & (kinds != "rest")
    for place, column in enumerate(grid.columns):
        if f"{column}_flag" in table:
            targets[:, place] &= table[f"{column}_flag"].astype(str).str.contains("suppressed").to_numpy()
    if rule is not None:
        ends = rule.bounds(values[:own])
        free = grid.totals.reshape(values.shape)[:own] & (rule.totals == "summed")
        low[:own] = np.where(missing[:own], low[:own], np.where(free, 0, ends[0]))
        high[:own] = np.where(missing[:own], high[:own], np.where(free, np.inf, ends[1]))
        targets[:own] |= kinds != "rest"
    targets[own:] = False
    matrix = grid.matrix(everything=True)
    facts = Knowledge(matrix, np.zeros(matrix.shape[0]), low.ravel(), high.ravel())
    cells = np.flatnonzero(targets.ravel())
    return describe(grid, cells).assign(**dict(zip(("low", "high"), intervals(facts, cells), strict=True)))


def describe(grid: Grid, cells: Ints) -> pd.DataFrame:
    """Return where cells are: area and period, or row, and column."""
    width = len(grid.columns)
    keys = [c for c in ("area_id", "period") if c in grid.rows] or ["row"]
    where = pd.DataFrame(grid.rows[keys].iloc[cells // width]).reset_index(drop=True)
    return where.assign(column=pd.Series([grid.columns[c % width] for c in cells.tolist()], dtype=str))


def intervals(facts: Knowledge, cells: Ints) -> tuple[Floats, Floats]:
    """Return the least and the most that cells can be, in whole numbers."""
    low, high = facts.low.copy(), facts.high.copy()
    wanted = np.zeros(low.size, dtype=bool)
    wanted[cells] = True
    free = facts.high > facts.low
    side = facts.side - facts.matrix @ np.where(free, 0.0, facts.low)
    tied: list[_Block] = []
    for unknown, lines in blocks(facts.matrix, free, wanted):
        limits = np.column_stack([facts.low[unknown], facts.high[unknown]])
        inside = facts.matrix[lines][:, unknown]
        block = _Block(unknown, inside, side[lines], limits, np.flatnonzero(wanted[unknown]))
        if lines.size > 1:
            tied.append(block)
        elif lines.size == 1:
            for place in block.targets.tolist():
                low[unknown[place]], high[unknown[place]] = _ends_of_one(block, place)
    _solve_together(tied, low, high)
    return low[cells], high[cells]


@dataclass(frozen=True)
class _Block:
    """Unknown cells that hang together by sums, and the places of those that are wanted."""

    cells: Ints
    matrix: csr_array
    side: Floats
    limits: Floats
    targets: Ints

    @property
    def beyond(self) -> float:
        """More than any cell can be that something bounds."""
        return float(np.abs(self.side).sum() + self.limits[np.isfinite(self.limits)].sum() + 1)


def _solve_together(tied: Sequence[_Block], low: Floats, high: Floats) -> None:
    """Find the ends of one cell of every block in one program, then of the next: blocks are independent."""
    from scipy.sparse import block_diag

    order = sorted(tied, key=lambda block: -block.targets.size)
    if not order:
        return
    matrix = block_diag([block.matrix for block in order], format="csr")
    side = np.concatenate([block.side for block in order])
    # A bound far out instead of none: no cell without end then spoils the answer for the others.
    limits = np.vstack([np.minimum(block.limits, 10 * block.beyond) for block in order])
    width = np.cumsum([0, *(block.cells.size for block in order)])
    height = np.cumsum([0, *(block.side.size for block in order)])
    for turn in range(order[0].targets.size):
        active = [block for block in order if block.targets.size > turn]
        n, m = width[len(active)], height[len(active)]
        at = np.array([width[i] + block.targets[turn] for i, block in enumerate(active)])
        for sign, ends in ((1.0, low), (-1.0, high)):
            cost = np.zeros(n)
            cost[at] = sign
            answer = solve(cost, matrix[:m, :n], side[:m], limits[:n])
            if answer is None:
                raise _contradiction()
            for i, block in enumerate(active):
                own = answer[width[i] : width[i + 1]]
                if np.abs(own - np.rint(own)).max() > _WHOLE:
                    # The program over real numbers ends between whole ones.
                    own = _whole(block, cost[width[i] : width[i + 1]], limits[width[i] : width[i + 1]])
                end = float(np.rint(own[block.targets[turn]]))
                ends[block.cells[block.targets[turn]]] = end if end < block.beyond else np.inf


def _whole(block: _Block, cost: Floats, limits: Floats) -> Floats:
    """Solve for one block in whole numbers."""
    answer = solve(cost, block.matrix, block.side, limits, whole=True)
    if answer is None:
        raise _contradiction()
    return answer


def _contradiction() -> InputError:
    fix = "Correct the figures, or leave out `region` or `groups`."
    return InputError(message("table", "has figures that contradict each other", fix=fix))


def _ends_of_one(block: _Block, place: int) -> tuple[float, float]:
    """Return both ends for a cell of a single sum, by arithmetic."""
    signs, side = block.matrix.toarray()[0], float(block.side[0])
    others = np.arange(signs.size) != place
    # What the others add at the least and at the most.
    added = np.where(signs[:, None] > 0, block.limits, -block.limits[:, ::-1])[others].sum(axis=0)
    reach = sorted((side - added) * signs[place])
    low, high = max(block.limits[place, 0], reach[0]), min(block.limits[place, 1], reach[1])
    if low > high:
        raise _contradiction()
    return float(low), float(high)


def blocks(matrix: csr_array, free: Mask, wanted: Mask) -> Iterator[tuple[Ints, Ints]]:
    """Yield the free cells and the sums of each part of the table that hangs together and is wanted."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    unknown = np.flatnonzero(free)
    line, cell = matrix[:, unknown].nonzero()
    size = unknown.size + matrix.shape[0]
    links = coo_array((np.ones(line.size), (cell, unknown.size + line)), shape=(size, size))
    label = np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
    of_cell, of_line = label[: unknown.size], label[unknown.size :]
    for lines, cells in _together(of_cell, of_line, set(of_cell[wanted[unknown]].tolist())):
        yield unknown[cells], lines


def _together(of_cell: Ints, of_line: Ints, labels: set[int]) -> Iterator[tuple[Ints, Ints]]:
    """Yield the lines and cells of each label."""
    orders = [np.argsort(of, kind="stable") for of in (of_line, of_cell)]
    for label in sorted(labels):
        pair = []
        for of, order in zip((of_line, of_cell), orders, strict=True):
            first, last = np.searchsorted(of[order], [label, label + 1])
            pair.append(np.sort(order[first:last]))
        yield pair[0], pair[1]


def solve(
    cost: Floats, matrix: csr_array, side: Floats, limits: Floats, *, whole: bool = False
) -> Floats | None:
    """Solve a linear program with equalities; None when nothing fits."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    result = milp(
        cost,
        constraints=LinearConstraint(matrix, side, side),
        bounds=Bounds(limits[:, 0], limits[:, 1]),
        integrality=np.full(cost.size, int(whole)),
        options={"mip_rel_gap": 0.0},
    )
    return None if result.x is None else np.asarray(result.x, dtype=np.float64)
