"""A few areas compared with the rest, and what the comparison gives when the few are drawn by lot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from segkit.base.digits import EQUAL
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Floats

Sets: TypeAlias = npt.NDArray[np.intp]

#: Numbers gathered at once: bounds the memory.
_BLOCK = 4_000_000

#: A weight of chosen areas that is this small a part beside what is held equal has nothing left to compare.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Comparison:
    """The rest of the areas as comparison for a few, with weights and with what is held equal.

    The estimate is the coefficient of membership in a weighted regression on membership, a constant and
    the covariates: without covariates the difference between two weighted means.
    """

    weight: Floats
    basis: Floats

    @classmethod
    def of(cls, weight: Floats, held: Floats) -> Comparison:
        """Build it from weights (n) and covariates (n by p, may have no column)."""
        spread = held - np.average(held, axis=0, weights=weight)
        size = np.sqrt(np.square(spread).max(axis=0, initial=0.0))
        columns = np.column_stack([np.ones(weight.size), spread[:, size > 0] / size[size > 0]])
        left, strength, _ = np.linalg.svd(np.sqrt(weight)[:, None] * columns, full_matrices=False)
        kept = strength > _ROUNDING * strength.max()
        return cls(weight, left[:, kept] / np.sqrt(weight)[:, None])

    def rest(self, values: Floats) -> Floats:
        """Return values (n by m) less what constant and covariates tell of them."""
        fitted: Floats = self.basis @ (self.basis.T @ (self.weight[:, None] * values))
        left: Floats = values - fitted
        return left

    def differences(self, sets: Sets, values: Floats) -> Floats:
        """Compare each set of areas (a line of positions) with the rest: sets by columns of the values.

        Infinite where covariates tell members from the rest without fail, so that nothing is comparable.
        """
        apart = self.weight[:, None] * self.rest(values)
        along = self.weight[:, None] * self.basis
        found = np.empty((len(sets), values.shape[1]))
        width = max(1, sets.shape[1] * (values.shape[1] + self.basis.shape[1]))
        step = max(1, _BLOCK // width)
        for start in range(0, len(sets), step):
            chosen = sets[start : start + step]
            own = self.weight[chosen].sum(axis=1)
            left = own - np.square(along[chosen].sum(axis=1)).sum(axis=1)
            known = left > _ROUNDING * own
            above = apart[chosen].sum(axis=1)
            safe = np.where(known, left, 1.0)[:, None]
            found[start : start + step] = np.where(known[:, None], above / safe, np.inf)
        return found

    def without_each(self, members: Sets, values: Floats) -> Floats:
        """Return the difference when each area in turn is left out: areas by columns of the values.

        NaN where an area can't be spared.
        """
        n = self.weight.size
        inside = np.zeros((n, 1))
        inside[members] = 1.0
        unlike, apart = self.rest(inside)[:, 0], self.rest(values)
        size = float(self.weight @ np.square(unlike))
        effect = self.differences(members[None, :], values)[0]
        residual = apart - unlike[:, None] * effect
        lever = self.weight * (np.square(self.basis).sum(axis=1) + np.square(unlike) / size)
        spared = 1 - lever > _ROUNDING
        pull = (self.weight * unlike / size)[:, None] * residual
        moved = np.divide(pull, (1 - lever)[:, None], out=np.full_like(pull, np.nan), where=spared[:, None])
        found: Floats = effect - moved
        return found


def random_sets(
    members: Sets, strata: npt.NDArray[np.intp], n_permutations: int, random_state: int
) -> tuple[Sets, bool]:
    """Draw other sets of as many areas, as many from each stratum; all of them where they are few enough.

    Returns the sets, and whether they are all there are besides the one at hand. Sets drawn by lot may
    repeat, and may be the one at hand.
    """
    pools = [np.flatnonzero(strata == code) for code in np.unique(strata[members])]
    sizes = [int(np.isin(members, pool).sum()) for pool in pools]
    sets, every = sets_from(pools, sizes, n_permutations, random_state, besides=1)
    return (sets[(sets != np.sort(members)).any(axis=1)] if every else sets), every


def sets_from(
    pools: Sequence[Sets], sizes: Sequence[int], n_permutations: int, random_state: int, *, besides: int = 0
) -> tuple[Sets, bool]:
    """Return sets with so many areas from each pool: all, in order, where few enough, else drawn by lot."""
    parts = list(zip(pools, sizes, strict=True))
    if math.prod(math.comb(len(pool), size) for pool, size in parts) - besides <= n_permutations:
        chosen = product(*(combinations(pool.tolist(), size) for pool, size in parts))
        every = [[area for part in one for area in part] for one in chosen]
        return np.sort(np.array(every, dtype=np.intp).reshape(-1, sum(sizes)), axis=1), True
    rng = np.random.default_rng(random_state)
    return np.concatenate([_drawn(pool, size, n_permutations, rng) for pool, size in parts], axis=1), False


def _drawn(pool: Sets, size: int, n: int, rng: np.random.Generator) -> Sets:
    """Draw n sets from a pool, each without repeats."""
    step = max(1, _BLOCK // len(pool))
    parts = []
    for start in range(0, n, step):
        keys = rng.random((min(step, n - start), len(pool)), dtype=np.float32)
        parts.append(np.argpartition(keys, size - 1, axis=1)[:, :size])
    return pool[np.concatenate(parts)]


def chance(value: Floats, draws: Floats) -> Floats:
    """Return the share of sets, the one at hand counted as one, with a value as far from 0 or farther."""
    as_far = np.abs(draws) >= np.abs(value) * (1 - EQUAL)
    return np.asarray((1 + as_far.sum(axis=0)) / (1 + len(draws)), dtype=np.float64)


def margins(value: Floats, draws: Floats, overlap: Floats, level: float) -> tuple[Floats, Floats]:
    r"""Return the interval of effects that the test by lot does not reject at a level, value by value.

    An effect c is taken off the areas at hand, and the test is made on what is left. A set with value t
    and overlap a then counts as far out when |t - c a| >= |value - c|, that is for c between
    (value - t) / (1 - a) and (value + t) / (1 + a). The level is met where enough sets count. Infinite
    where the sets are too few for any effect to be rejected.
    """
    least = math.floor(level * (1 + len(draws)) + EQUAL)
    if least < 1 or least > len(draws):
        return np.full(value.shape, -np.inf), np.full(value.shape, np.inf)
    inside = np.abs(overlap) < 1 - EQUAL
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([(value - draws) / (1 - overlap), (value + draws) / (1 + overlap)])
    ends = np.sort(ends, axis=0)
    usable = inside & np.isfinite(draws)
    low = np.where(usable, ends[0], -np.inf)
    high = np.where(usable, ends[1], np.inf)
    place = least - 1
    return (
        np.partition(low, place, axis=0)[place],
        -np.partition(-high, place, axis=0)[place],
    )


def check_members(n_members: int, n_others: int) -> None:
    """Check that there are areas to compare with."""
    if n_others < 2:
        rule = f"has {n_others} areas to compare {n_members} with, needs 2 or more"
        raise InputError(message("panel", rule, fix="Add areas that can serve as comparison."))
