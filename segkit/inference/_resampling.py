"""How areas and people are drawn: one function per way, each a block of draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit._draws import Counts, Draws, Rows

if TYPE_CHECKING:
    from segkit._validate import Floats


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
