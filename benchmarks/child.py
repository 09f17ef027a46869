"""One side of one case, in a process of its own: prints seconds, peak memory and values as JSON."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
import warnings

import numpy as np

#: Shorter runs are repeated, and the best is taken.
_SHORT, _REPEATS = 2.0, 3


def main(side: str, case: str, path: str, draws: str, cold: str, memory: str) -> None:
    warnings.simplefilter("ignore")
    limit = int(memory) * 2**30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with np.load(path) as stored:
        data = dict(stored)
    function = getattr(importlib.import_module(side), case)
    run = function(data, int(draws))
    begun = time.perf_counter()
    values = run()
    seconds = time.perf_counter() - begun
    if cold == "no" and seconds < _SHORT:
        for _ in range(_REPEATS):
            begun = time.perf_counter()
            run()
            seconds = min(seconds, time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("\n" + json.dumps({"seconds": seconds, "mib": peak, "values": values}))


if __name__ == "__main__":
    main(*sys.argv[1:])
