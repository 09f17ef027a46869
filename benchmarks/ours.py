"""segkit's side of the benchmarks: a case is prepared, then timed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TWO = {"group": "group", "total": "total"}
GROUPS = [f"g{k}" for k in range(6)]


def counts(data: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({"group": data["group"], "total": data["total"]})


def grid(data: Mapping[str, Any]) -> Any:
    import geopandas as gpd
    import shapely

    n = len(data["total"])
    column, row = np.divmod(np.arange(n), int(data["side"]))
    x, y = 1000.0 * column, 1000.0 * row
    table = counts(data).assign(area_id=[f"{k:06d}" for k in range(n)])
    return gpd.GeoDataFrame(table, geometry=shapely.box(x, y, x + 1000, y + 1000), crs=3006)


def queen(data: Mapping[str, Any], ids: Any) -> Any:
    """Return the neighbors on the grid, as the peer's lattice has them."""
    from libpysal.graph import Graph

    n, side = len(data["total"]), int(data["side"])
    column, row = np.divmod(np.arange(n), side)
    heads, tails = [], []
    for right, up in ((1, 0), (0, 1), (1, 1), (1, -1)):
        near = (row + up >= 0) & (row + up < side) & ((column + right) * side + row + up < n)
        heads.append(np.flatnonzero(near))
        tails.append(((column + right) * side + row + up)[near])
    one, other = np.concatenate(heads), np.concatenate(tails)
    head, tail = np.concatenate([one, other]), np.concatenate([other, one])
    order = np.lexsort((tail, head))
    ids = np.asarray(ids)
    return Graph.from_arrays(ids[head[order]], ids[tail[order]], np.ones(len(head)))


def five_measures(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segkit import segregation as s

    table = counts(data)
    five = (s.dissimilarity, s.gini, s.information_theory, s.isolation, s.correlation_ratio)
    return lambda: [measure(table, **TWO) for measure in five]


def five_sums(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segkit import segregation as s

    table = counts(data)
    five = (s.dissimilarity, s.information_theory, s.atkinson, s.isolation, s.correlation_ratio)
    return lambda: [measure(table, **TWO) for measure in five]


def gini(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segkit import segregation

    table = counts(data)
    return lambda: [segregation.gini(table, **TWO)]


def inequality_gini(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segkit import inequality

    values = data["values"][:, 0]
    return lambda: [inequality.gini(values)]


def multigroup_gini(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segkit import segregation

    table = pd.DataFrame(data["groups"], columns=GROUPS)
    return lambda: [segregation.multigroup_gini(table, groups=GROUPS)]


def permutation(data: Mapping[str, Any], draws: int) -> Callable[[], list[float]]:
    from segkit import inference

    table = counts(data)

    def run() -> list[float]:
        found = inference.permutation_test(table, "dissimilarity", n_permutations=draws, n_jobs=2, **TWO)
        return [float(found.loc[0, "value"])]

    return run


def paired(data: Mapping[str, Any], draws: int) -> Callable[[], list[float]]:
    from segkit import inference

    ids = [f"{k:06d}" for k in range(len(data["total"]))]
    first = counts(data).assign(area_id=ids, period=2020)
    panel = pd.concat([first, first.assign(group=data["later"], period=2024)], ignore_index=True)

    def run() -> list[float]:
        found = inference.compare_periods(
            panel, "dissimilarity", first=2020, last=2024, n_bootstrap=draws, n_jobs=2, **TWO
        )
        return [-float(found.loc[0, "value"])]

    return run


def spatial_proximity(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segkit import segregation

    areas = grid(data)
    return lambda: [segregation.spatial_proximity(areas, **TWO)]


def local_moran(data: Mapping[str, Any], draws: int) -> Callable[[], list[float]]:
    areas = grid(data).assign(value=data["values"][:, 0])
    graph = queen(data, areas["area_id"])

    def run() -> list[float]:
        from segkit import autocorrelation

        found = autocorrelation.local_moran(areas, "value", graph=graph, n_permutations=draws)
        return found["value"].tolist()

    return run


def spatial_markov(data: Mapping[str, Any], draws: int) -> Callable[[], list[float]]:
    from segkit import transitions

    ids = np.array([f"{k:06d}" for k in range(len(data["total"]))])
    graph = queen(data, ids)
    values = data["values"]
    panel = pd.DataFrame(
        {
            "area_id": np.tile(ids, 10),
            "period": np.repeat(np.arange(2015, 2025), len(ids)),
            "value": values.T.ravel(),
        }
    )

    def run() -> list[float]:
        found = transitions.spatial_markov(panel, "value", graph=graph, n_permutations=draws)
        return found.matrices.to_numpy().ravel().tolist()

    return run


def nearest_people(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segkit import segregation

    areas = grid(data)

    def run() -> list[float]:
        found = segregation.nearest_people(areas, k=12_800, **TWO)
        return found.tolist()

    return run


def interpolate(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from data import polygons

    from segkit import geography

    source, target = polygons(1000, seed=1), polygons(len(data["total"]), seed=2)[["area_id", "geometry"]]

    def run() -> list[float]:
        found = geography.interpolate(
            source, target, extensive=["population"], intensive=["rate"], sliver=0, outside="report"
        ).areas
        return [float(v) for v in (*found["population"][:100], *found["rate"][:100])]

    return run
