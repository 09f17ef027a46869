"""Which further cells to hide, so that what is shown does not give away what is hidden."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from segkit.panels.disclosure._attack import Knowledge, blocks, intervals, solve

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from segkit.base.checks import Floats
    from segkit.panels.disclosure._grid import Ints, Mask

#: Cells times primary cells up to which the best choice is searched for; above, a good one.
_SMALL = 150
_NODES = 2000
#: A cell that moves less than this in a solution stays.
_STILL = 1e-6


@dataclass(frozen=True)
class Problem:
    """Counts, sums and what is asked: which cells to hide so that primary ones keep their width.

    `least` and `most` are what a hidden cell can be, `cost` what hiding one loses, `fixed` the cells that
    must stay shown whatever happens. Cells of a level over 0 are totals: they stay as long as there is
    another way, the highest the longest.
    """

    matrix: csr_array
    values: Floats
    least: Floats
    most: Floats
    cost: Floats
    width: Floats
    fixed: Mask
    levels: Ints

    def knowledge(self, hidden: Mask) -> Knowledge:
        """Return what an attacker knows when these cells are hidden."""
        low = np.where(hidden, np.minimum(self.least, self.values), self.values)
        high = np.where(hidden, self.most, self.values)
        return Knowledge(self.matrix, self.matrix @ self.values, low, high)

    def exposed(self, primary: Ints, hidden: Mask) -> Ints:
        """Return the primary cells that an attacker can place within less than their width."""
        low, high = intervals(self.knowledge(hidden), primary)
        return primary[high - low < self.width[primary]]


def choose(problem: Problem, primary: Ints) -> tuple[Mask, Ints]:
    """Return the cells to hide, and the primary cells that can't be protected whatever is hidden.

    Totals stay shown as long as a part of the table can be protected without them.
    """
    hidden = np.zeros(problem.values.size, dtype=bool)
    hidden[primary] = True
    shown = problem.fixed | (problem.levels > 0)
    todo = problem.exposed(primary, hidden)
    while todo.size:
        wanted = np.zeros(hidden.size, dtype=bool)
        wanted[todo] = True
        stuck, opened = [], shown.copy()
        for cells, lines in blocks(problem.matrix, hidden | ~shown, wanted):
            inside = _part(problem, cells, lines)
            found = _protect(inside, hidden[cells], np.flatnonzero(wanted[cells]))
            if found is None:
                stuck += cells[wanted[cells]].tolist()
                opened[_nearest(problem, lines, shown)] = False
            else:
                hidden[cells] |= found
        if not stuck:
            break
        if (opened == shown).all():
            return hidden, np.array(stuck)
        # A block that needs its totals grows together with its neighbors, and is tried again.
        todo, shown = np.array(stuck), opened
    return hidden, problem.exposed(primary, hidden)


def _nearest(problem: Problem, lines: Ints, shown: Mask) -> Ints:
    """Return the totals of the lowest level that a block lies under and that may be hidden."""
    near = np.unique(problem.matrix[lines].indices)
    near = near[shown[near] & ~problem.fixed[near]]
    return np.asarray(near[problem.levels[near] == problem.levels[near].min(initial=np.iinfo(np.int64).max)])


def _part(problem: Problem, cells: Ints, lines: Ints) -> Problem:
    """Return the problem for some cells, all others shown."""
    names = ("values", "least", "most", "cost", "width", "fixed", "levels")
    return replace(
        problem,
        matrix=problem.matrix[lines][:, cells],
        **{name: getattr(problem, name)[cells] for name in names},
    )


def _protect(part: Problem, hidden: Mask, primary: Ints) -> Mask | None:
    """Return the cells to hide within a block; None when there is no way."""
    if hidden.size * primary.size <= _SMALL:
        best = _best(part, hidden, primary)
        if best is not None and not part.exposed(primary, best).size:
            return best
    return _good(part, hidden, primary)


def _ways(part: Problem, cell: int) -> list[tuple[float, float]]:
    """Return how far up and down a cell can be shown to move, first all of it up."""
    down = int(min(part.width[cell], part.values[cell] - min(part.least[cell], part.values[cell])))
    return [(part.width[cell] - d, float(d)) for d in range(down + 1)]


def _good(part: Problem, hidden: Mask, primary: Ints) -> Mask | None:
    """Protect one primary cell after another at least cost, each with what is hidden already."""
    hidden = hidden.copy()
    for cell in primary[np.argsort(-part.values[primary], kind="stable")].tolist():
        for up, down in _ways(part, cell):
            tried: Mask | None = hidden
            for move in (up, -down):
                if tried is not None and move:
                    tried = _moved(part, tried, cell, move)
            if tried is not None:
                hidden = tried
                break
        else:
            return None
    return hidden


def _moved(part: Problem, hidden: Mask, cell: int, move: float) -> Mask | None:
    """Hide the cheapest cells that let one cell be `move` more (or less) with every sum kept."""
    from scipy.sparse import hstack

    room = np.where(part.values > part.least, part.values - part.least, 0.0)
    size = part.values.size
    limits = np.zeros((2 * size, 2))
    limits[:size, 1], limits[size:, 1] = np.maximum(part.most - part.values, 0), room
    limits[cell], limits[size + cell] = (max(move, 0),) * 2, (max(-move, 0),) * 2
    cost = np.where(hidden, 0.0, part.cost) + 1e-6
    matrix = hstack([part.matrix, -part.matrix], format="csr")
    for whole in (False, True):
        answer = solve(np.tile(cost, 2), matrix, np.zeros(matrix.shape[0]), limits, whole=whole)
        if answer is None:
            return None
        change = answer[:size] - answer[size:]
        if np.abs(change - np.rint(change)).max() < _STILL:
            break
    return np.asarray(hidden | (np.abs(change) > _STILL))


def _best(part: Problem, hidden: Mask, primary: Ints) -> Mask | None:
    """Choose the cells of least total cost: for each primary cell two tables that fit what is shown.

    The compact program of Fischetti and Salazar: a cell may differ from its value only when hidden, and
    the two tables of a primary cell differ in it by its width.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import block_diag, csr_array, diags_array, eye_array, hstack, vstack

    size, tables = part.values.size, 2 * primary.size
    reach = 2 * part.width[primary].max()
    room = np.clip(part.values - part.least, 0, reach)
    rise = np.clip(part.most - part.values, 0, reach)
    sums = block_diag([part.matrix] * tables)
    unit = eye_array(tables * size)
    hide_up, hide_down = (vstack([diags_array(by)] * tables) for by in (-rise, room))
    apart = np.zeros((primary.size, tables * size))
    for place, cell in enumerate(primary.tolist()):
        apart[place, 2 * place * size + cell], apart[place, (2 * place + 1) * size + cell] = 1, -1
    left = vstack([csr_array((sums.shape[0], size)), hide_up, hide_down, csr_array((primary.size, size))])
    rows = hstack([left, vstack([sums, unit, unit, csr_array(apart)])], format="csr")
    many, n = np.full(tables * size, np.inf), sums.shape[0]
    low = np.concatenate([np.zeros(n), -many, np.zeros(tables * size), part.width[primary]])
    high = np.concatenate([np.zeros(n), np.zeros(tables * size), many, np.full(primary.size, np.inf)])
    result = milp(
        np.concatenate([np.where(hidden, 0.0, part.cost), np.zeros(tables * size)]),
        constraints=LinearConstraint(rows, low, high),
        bounds=Bounds(
            np.concatenate([hidden.astype(float), np.full(tables * size, -reach)]),
            np.concatenate([np.ones(size), np.full(tables * size, reach)]),
        ),
        integrality=np.concatenate([np.ones(size), np.zeros(tables * size)]),
        options={"node_limit": _NODES, "mip_rel_gap": 0.0},
    )
    return None if result.x is None else np.asarray(result.x[:size] > 0.5)
