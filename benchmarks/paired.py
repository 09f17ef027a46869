"""A widening that the paired comparison of periods finds and an unpaired one misses.

    python benchmarks/paired.py [--simulations 100]

Each simulation: 300 areas of 700-2,700 people in two periods; the areas drift a little, so that the
second period is like the first but not the same. Either the areas part, so that D rises by about .015, or
nothing changes but the drift. Counted is how often each test says at the 5 % level that D changed.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from segkit import inference

COLUMNS = {"group": "group", "total": "total"}

#: The spread of the areas' log odds, before and after a widening, and their correlation over time.
BEFORE, WIDENED, CORRELATION = 0.90, 0.95, 0.995


def simulated(rng: np.random.Generator, after: float) -> pd.DataFrame:
    """Return a panel of two periods."""
    first = rng.normal(size=300)
    last = CORRELATION * first + np.sqrt(1 - CORRELATION**2) * rng.normal(size=300)
    total = rng.integers(700, 2701, 300)
    parts = []
    for period, place, spread in ((2020, first, BEFORE), (2024, last, after)):
        chance = 1 / (1 + np.exp(1.4 - spread * place))
        parts.append(
            pd.DataFrame(
                {
                    "area_id": [f"{k:03d}" for k in range(300)],
                    "period": period,
                    "group": rng.binomial(total, chance),
                    "total": total,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def tested(panel: pd.DataFrame, seed: int) -> dict[str, float]:
    """Return the change, and whether each test finds it."""
    run = {"n_bootstrap": 399, "random_state": seed, **COLUMNS}
    paired = inference.compare_periods(panel, "dissimilarity", first=2020, last=2024, **run).loc[0]
    apart = [
        inference.bootstrap(panel[panel["period"] == period], "dissimilarity", **run).loc[0, "se"]
        for period in (2020, 2024)
    ]
    return {
        "change": paired["value"],
        "paired": paired["p_value"] < 0.05,
        "unpaired": abs(paired["value"]) > 1.96 * np.hypot(*apart),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--simulations", type=int, default=100)
    simulations = parser.parse_args().simulations
    print(f"{simulations} simulations; mean change of D, and how many tests reject 'no change' at 5 %")
    for name, after in (("widening", WIDENED), ("no change", BEFORE)):
        rng = np.random.default_rng(0)
        table = pd.DataFrame([tested(simulated(rng, after), seed) for seed in range(simulations)])
        print(
            f"{name:10} change {table['change'].mean():+.4f}  paired {int(table['paired'].sum())}"
            f"  unpaired {int(table['unpaired'].sum())}"
        )


if __name__ == "__main__":
    main()
