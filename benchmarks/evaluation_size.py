"""How often evaluations find an effect where there is none, and where there is one, and how they miss.

    python benchmarks/evaluation_size.py [--simulations 400]

Each simulation: 40 areas and 10 periods, 3 of the areas treated in the last 3 periods. An area's outcome is
its level, a common course and noise that carries over from one period to the next (autocorrelation .5, a
standard deviation of 1); in the setting ``in space`` neighbors on a grid share half the variance of it, and
the treated areas are neighbors; in ``uneven`` the noise of areas differs by up to four times. Treated areas
are drawn by lot, but for ``lowest``, where they are the three lowest in the last period before: areas that
rise of themselves.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from segkit.evaluation import difference_in_differences, minimum_detectable_effect, synthetic_control

N, T, BEFORE, TREATED = 40, 10, 7, 3
SETTINGS = ["by lot", "in space", "uneven", "lowest"]
EFFECTS = [0.0, 1.0, 2.0, 3.0]


def noise(rng: np.random.Generator, setting: str) -> np.ndarray:
    """Draw noise with standard deviation 1 on average, areas by periods."""
    shocks = rng.normal(size=(N, T))
    if setting == "in space":
        cells = rng.normal(size=(N // 4, T))
        shocks = np.sqrt(0.5) * shocks + np.sqrt(0.5) * np.repeat(cells, 4, axis=0)
    if setting == "uneven":
        scale = rng.uniform(0.5, 2, size=(N, 1))
        shocks *= scale / np.sqrt(np.square(scale).mean())
    found = np.empty((N, T))
    found[:, 0] = shocks[:, 0]
    for t in range(1, T):
        found[:, t] = 0.5 * found[:, t - 1] + np.sqrt(0.75) * shocks[:, t]
    return found


def treated_areas(rng: np.random.Generator, setting: str, values: np.ndarray) -> np.ndarray:
    """Choose the treated areas."""
    if setting == "lowest":
        return np.argsort(values[:, BEFORE - 1])[:TREATED]
    if setting == "in space":
        return 4 * rng.integers(N // 4) + np.arange(TREATED)
    return rng.choice(N, TREATED, replace=False)


def simulated(setting: str, effect: float, simulations: int) -> dict[str, float]:
    """Return how often an effect is found, and the mean and spread of the error."""
    rng = np.random.default_rng([SETTINGS.index(setting), int(10 * effect)])
    rows = []
    for _ in range(simulations):
        values = 50 + rng.normal(size=(N, 1)) + rng.normal(size=T).cumsum() + noise(rng, setting)
        chosen = treated_areas(rng, setting, values)
        values[chosen, BEFORE:] += effect
        names = np.array([f"a{k:02d}" for k in range(N)])
        panel = pd.DataFrame(
            {"area_id": np.repeat(names, T), "period": np.tile(np.arange(T), N), "y": values.ravel()}
        )
        design = {"treated": names[chosen].tolist(), "start": BEFORE, "n_permutations": 399}
        design["random_state"] = int(rng.integers(2**31))
        one = difference_in_differences(panel, "y", **design).estimate
        other = synthetic_control(panel, "y", demean=True, **design).estimate
        rows.append(
            {
                "did": one.loc[0, "p_value"] <= 0.05,
                "did_bias": one.loc[0, "value"] - effect,
                "did_covers": one.loc[0, "ci_low"] <= effect <= one.loc[0, "ci_high"],
                "trend_before": one.loc[2, "p_value"] <= 0.05,
                "synthetic": other.loc[3, "p_value"] <= 0.05,
                "synthetic_bias": other.loc[0, "value"] - effect,
            }
        )
    table = pd.DataFrame(rows).astype(float)
    return table.mean().to_dict() | {"did_error": table["did_bias"].std()}


def detectable(simulations: int) -> float:
    """Return the mean smallest detectable effect of areas drawn by lot."""
    rng = np.random.default_rng(99)
    found = []
    for _ in range(simulations):
        values = noise(rng, "by lot")
        names = [f"a{k:02d}" for k in range(N)]
        panel = pd.DataFrame(
            {"area_id": np.repeat(names, T), "period": np.tile(np.arange(T), N), "y": values.ravel()}
        )
        result = minimum_detectable_effect(panel, "y", treated=names[:TREATED], start=BEFORE)
        found.append(result.table.loc[0, "value"])
    return float(np.mean(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--simulations", type=int, default=400)
    simulations = parser.parse_args().simulations
    rows = [
        {"setting": setting, "effect": effect, **simulated(setting, effect, simulations)}
        for setting in SETTINGS
        for effect in (EFFECTS if setting == "by lot" else EFFECTS[:1])
    ]
    print(f"{simulations} simulations a row; share found at the level .05, mean and spread of the error")
    print(pd.DataFrame(rows).round(3).to_string(index=False))
    smallest = detectable(max(10, simulations // 20))
    print(f"smallest detectable effect (power .8), mean over panels of areas drawn by lot: {smallest:.2f}")


if __name__ == "__main__":
    main()
