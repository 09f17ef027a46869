"""Every bad argument of every public function: how many are answered, told clearly, or end in a raw error.

``python benchmarks/api_faults.py [share] [seed]`` takes 1 in `share` of them, by default all (hours); the
parts of several processes are those of several seeds.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import argument_factory

_BAD = ("raw", "too long", "silent")


def main(share: int = 1, seed: int = 0) -> int:
    every = argument_factory.faults()
    random.Random(seed).shuffle(every)  # noqa: S311
    counts: Counter[str] = Counter()
    functions = set()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for fault in every[: len(every) // share]:
            found = argument_factory.outcome(fault)
            if found is None:
                continue
            counts[found.kind] += 1
            functions.add(fault.name)
            if found.kind in _BAD:
                print(f"{found.kind}: {fault}: {found.words}", flush=True)
        os.chdir("/")
    print("| functions | calls | answered | clear | Python's own | raw | too long | silent |")
    print("|---|---|---|---|---|---|---|---|")
    kinds = ("answered", "clear", "python", *_BAD)
    print(
        f"| {len(functions)} | {counts.total()} | " + " | ".join(str(counts[kind]) for kind in kinds) + " |"
    )
    return sum(counts[kind] for kind in _BAD)


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
