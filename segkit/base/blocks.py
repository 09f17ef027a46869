"""Many draws: in blocks with a seed each, on several threads, with progress, and safe to interrupt."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

from segkit.base.checks import check_count, check_seed
from segkit.errors import InputError, message, warn

if TYPE_CHECKING:
    from segkit.base.checks import Floats

#: Draws a block with this generator and of this size: a line per draw, NaN where a measure is undefined.
Draw: TypeAlias = Callable[[np.random.Generator, int], "Floats"]

#: Called with the number of draws done and wanted.
Progress: TypeAlias = "bool | Callable[[int, int], object] | None"

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

#: Numbers in a block of draws: bounds the memory, and leaves work for several threads.
_BLOCK = 500_000

#: More undefined draws than this share, and the interval would describe other data than these.
_MOST_REDRAWN = 0.1

#: With fewer draws than this an interrupted run has nothing to tell.
_FEWEST = 20

#: Seconds before a bar is shown.
_PATIENCE = 2.0


@dataclass(frozen=True)
class Run:
    """How draws are made: seed, threads and what is told on the way."""

    random_state: int = 0
    n_jobs: int = 1
    progress: Progress = None

    def __post_init__(self) -> None:
        """Check the arguments."""
        check_seed(self.random_state)
        check_jobs(self.n_jobs)

    def collect(self, draw: Draw, size: int, *, cells: int, one_by_one: bool = False) -> Floats:
        """Score as many draws as asked for; draw anew where a measure is not defined.

        The blocks, and the seed of each, follow from the sizes alone, so that the number of threads
        changes nothing. `one_by_one` keeps to one thread, for users' functions.
        """
        block = min(size, max(1, _BLOCK // max(cells, 1)))
        seeds = np.random.SeedSequence(self.random_state)
        parts: list[Floats] = []
        have = redrawn = 0
        with _shown(self.progress, size) as show:
            try:
                while have < size:
                    sizes = [min(block, size - have - start) for start in range(0, size - have, block)]
                    for scores in _blocks(draw, sizes, seeds, 1 if one_by_one else self.n_jobs):
                        defined = scores[~np.isnan(scores).any(axis=1)]
                        parts.append(defined)
                        have, redrawn = have + len(defined), redrawn + len(scores) - len(defined)
                        show(have, size)
                    if redrawn > _MOST_REDRAWN * size:
                        rule = f"is not defined on {redrawn} of {size} draws"
                        fix = "There are too few areas, or too few people, for an interval."
                        raise InputError(message("measure", rule, fix=fix))
            except KeyboardInterrupt:
                if have < _FEWEST:
                    raise
                rule = f"was interrupted; the table rests on {have} of {size} draws"
                warn(message("run", rule))
        if redrawn:
            rule = f"{redrawn} of {size} draws were drawn again, because a measure was not defined on them"
            warn(message("measure", rule))
        return np.concatenate(parts)


def check_jobs(n_jobs: int) -> int:
    """Return the number of threads; -1 means every core."""
    return (os.cpu_count() or 1) if n_jobs == -1 else check_count(n_jobs, argument="n_jobs")


def in_order(answer: Callable[[_Item], _Answer], items: Sequence[_Item], *, n_jobs: int) -> Iterator[_Answer]:
    """Yield the answer to each item, in their order, by one or several threads.

    Numpy and scipy let other threads run while they draw and calculate. An interrupt waits for no more
    than what has begun.
    """
    threads = check_jobs(n_jobs)
    if threads == 1 or len(items) == 1:
        yield from map(answer, items)
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(answer, items)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _blocks(draw: Draw, sizes: list[int], seeds: np.random.SeedSequence, n_jobs: int) -> Iterator[Floats]:
    """Yield the blocks in order, each drawn with a seed of its own."""
    generators = [np.random.default_rng(seed) for seed in seeds.spawn(len(sizes))]
    blocks = list(zip(generators, sizes, strict=True))
    return in_order(lambda block: draw(*block), blocks, n_jobs=n_jobs)


@contextmanager
def _shown(progress: Progress, size: int) -> Iterator[Callable[[int, int], object]]:
    """Tell of progress: to a function, by a bar, or (None) by a bar when a terminal is looking."""
    if callable(progress):
        yield progress
    elif progress or (progress is None and sys.stderr.isatty()):
        from rich.console import Console
        from rich.progress import Progress as Bar

        begun = time.monotonic()
        bar = Bar(console=Console(stderr=True))
        task = bar.add_task("", total=size)

        def show(have: int, _: int) -> None:
            bar.update(task, completed=have)
            if time.monotonic() - begun > _PATIENCE:
                bar.start()

        try:
            yield show
        finally:
            bar.stop()
    else:
        yield lambda _have, _size: None
