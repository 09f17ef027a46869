"""segkit beside its peers: the same data, one run, each case in a process of its own.

    python benchmarks/run.py --peers .venv-peers/bin/python [--only CASE] [--out FILE]

The peers' interpreter is that of an environment with their packages; the README says how to make it.
Prints a table in Markdown: seconds and peak memory (of the whole process) on both sides, the ratio of the
seconds (per draw where the numbers of draws differ), and the largest difference between the values. Runs
shorter than two seconds are repeated, the best counts. Cold: once, with the import of the package and
what it compiles, the data and neighbors being at hand. A side that needs more than 20 GiB, or ten
minutes, is stopped.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import data
import numpy as np

HERE = Path(__file__).parent
MEMORY_GIB = 20
SECONDS = 600


@dataclass(frozen=True)
class Case:
    """What is measured; `theirs` is the peer's function where it has another name than ours."""

    label: str
    ours: str
    peer: str
    n: int
    draws: int = 0
    theirs: str = ""
    their_draws: int = 0
    cold: bool = False
    note: str = ""
    comparable: bool = True


CASES = (
    Case("D, Gini, H, isolation, eta squared", "five_measures", "segregation", 100_000),
    Case("D, H, Atkinson, isolation, eta squared", "five_sums", "segregation", 1_000_000),
    Case("Gini of segregation", "gini", "segregation", 60_000),
    Case("Gini of values", "inequality_gini", "inequality", 60_000),
    Case("Multigroup Gini, 6 groups", "multigroup_gini", "segregation", 6_000),
    Case("Multigroup Gini, 6 groups", "multigroup_gini", "segregation", 60_000),
    Case("Permutation test of D", "permutation", "segregation", 6_000, draws=500),
    Case(
        "Permutation of persons, D",
        "permutation",
        "segregation",
        6_000,
        draws=500,
        theirs="person_permutation",
        their_draws=2,
    ),
    Case("Two periods, D", "paired", "segregation", 6_000, draws=500),
    Case(
        "Spatial proximity",
        "spatial_proximity",
        "segregation",
        6_000,
        comparable=False,
        note="the peer's decay is 1 - exp(-d)",
    ),
    Case("Spatial proximity", "spatial_proximity", "segregation", 60_000, comparable=False),
    Case("Share among the 12,800 nearest people", "nearest_people", "equipop", 60_000),
    Case("Local Moran, 999 permutations, cold", "local_moran", "esda", 6_000, draws=999, cold=True),
    Case("Spatial Markov, 10 periods", "spatial_markov", "giddy", 6_000, draws=99),
    Case("Interpolation from 1,000 polygons", "interpolate", "tobler", 6_000),
    # Last, since the peer is stopped after ten minutes.
    Case("D, Gini, H, isolation, eta squared", "five_measures", "segregation", 1_000_000),
)


def measured(python: str, side: str, case: Case, path: Path) -> dict[str, Any]:
    """Run one side of a case; what went wrong stands under ``error``."""
    theirs = side == "peers"
    name = (case.theirs or case.ours) if theirs else case.ours
    draws = (case.their_draws or case.draws) if theirs else case.draws
    cold = "yes" if case.cold else "no"
    command = [python, str(HERE / "child.py"), side, name, str(path), str(draws), cold, str(MEMORY_GIB)]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return {"error": f"over {SECONDS} s"}
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        found["per_draw"] = found["seconds"] / max(draws, 1)
        return found
    text = done.stderr.strip().splitlines()
    last = text[-1] if text else "killed"
    memory = "MemoryError" in done.stderr or "Unable to allocate" in done.stderr or done.returncode < 0
    return {"error": f"over {MEMORY_GIB} GiB" if memory else last}


def row(case: Case, ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Return the cells of a case."""

    def shown(found: dict[str, Any], draws: int) -> list[str]:
        if "error" in found:
            return [found["error"], ""]
        for_draws = f" ({draws} draws)" if draws else ""
        return [f"{found['seconds']:.3g} s{for_draws}", f"{found['mib']:,.0f}"]

    ratio = difference = ""
    if "error" not in ours and "error" not in theirs:
        times = theirs["per_draw"] / ours["per_draw"]
        ratio = f"{times:,.0f}" if times >= 10 else f"{times:.1f}"
        if case.comparable:
            gap = np.abs(np.array(ours["values"]) - np.array(theirs["values"])).max()
            difference = f"{gap:.0e}"
    return [
        case.label,
        f"{case.n:,}",
        case.peer,
        *shown(theirs, case.their_draws or case.draws),
        *shown(ours, case.draws),
        ratio,
        difference or case.note,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--peers", required=True, help="interpreter of the peers' environment")
    parser.add_argument("--only", default="", help="cases whose function has this in its name")
    parser.add_argument("--out", type=Path, help="file for the table, besides the screen")
    arguments = parser.parse_args()
    heads = ["case", "areas", "peer", "peer time", "MiB", "segkit time", "MiB", "ratio", "difference"]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    print("\n".join(lines), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if arguments.only not in case.ours:
                continue
            path = Path(folder) / f"{case.n}.npz"
            if not path.exists():
                data.make(path, case.n)
            ours = measured(sys.executable, "ours", case, path)
            theirs = measured(arguments.peers, "peers", case, path)
            lines.append("| " + " | ".join(row(case, ours, theirs)) + " |")
            print(lines[-1], flush=True)
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
