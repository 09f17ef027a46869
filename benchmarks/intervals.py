"""How often a 95 % interval of a segregation measure covers the truth, with and without bias correction.

    python benchmarks/intervals.py [--simulations 1000]

Each simulation: 100 areas of 50-2,000 people, each with a true chance of belonging to the group; people
are drawn by these chances, the measure is computed with its interval, and compared with the measure of
the chances themselves. ``percentile`` is the plain interval of drawn people, ``corrected`` that of
`inference.debias`.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from segkit import inference, segregation

#: Name -> share of the group, and how alike the areas are (the larger, the more alike).
SETTINGS = {
    "strong": (0.15, 3.0),
    "moderate": (0.15, 10.0),
    "slight": (0.15, 40.0),
    "small group": (0.03, 15.0),
}
MEASURES = ["dissimilarity", "gini", "information_theory", "correlation_ratio"]
COLUMNS = {"group": "group", "total": "total"}


def simulated(share: float, alike: float, seed: int, simulations: int) -> pd.DataFrame:
    """Return how often each kind of interval covers, and the mean bias, per measure."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(simulations):
        total = rng.integers(50, 2001, 100)
        chance = rng.beta(share * alike, (1 - share) * alike, 100)
        expected = pd.DataFrame({"group": total * chance, "total": total})
        data = pd.DataFrame({"group": rng.binomial(total, chance), "total": total})
        run = {"n_bootstrap": 399, "random_state": int(rng.integers(2**31)), **COLUMNS}
        plain = inference.bootstrap(data, MEASURES, unit="people", **run).set_index("measure")
        corrected = inference.debias(data, MEASURES, **run).set_index("measure")
        for measure in MEASURES:
            truth = segregation.MEASURES[measure].function(expected, **COLUMNS)
            one, other = plain.loc[measure], corrected.loc[measure]
            rows.append(
                {
                    "measure": measure,
                    "truth": truth,
                    "percentile": one["ci_low"] <= truth <= one["ci_high"],
                    "corrected": other["ci_low"] <= truth <= other["ci_high"],
                    "bias": one["value"] - truth,
                    "bias_left": other["value"] - truth,
                }
            )
    return pd.DataFrame(rows).groupby("measure", sort=False).mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--simulations", type=int, default=1000)
    simulations = parser.parse_args().simulations
    tables = {
        name: simulated(share, alike, seed, simulations)
        for seed, (name, (share, alike)) in enumerate(SETTINGS.items())
    }
    table = pd.concat(tables, names=["setting"]).reset_index()
    print(f"{simulations} simulations a setting; share of 95 % intervals that cover the truth")
    print(
        table.round({"truth": 3, "percentile": 3, "corrected": 3, "bias": 4, "bias_left": 4}).to_string(
            index=False
        )
    )


if __name__ == "__main__":
    main()
