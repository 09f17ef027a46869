"""The peers' side of the benchmarks: each case as the peer's documentation does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TWO = {"group_pop_var": "group", "total_pop_var": "total"}
GROUPS = [f"g{k}" for k in range(6)]


def counts(data: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({"group": data["group"], "total": data["total"]})


def grid(data: Mapping[str, Any]) -> Any:
    import geopandas as gpd
    import shapely

    n = len(data["total"])
    column, row = np.divmod(np.arange(n), int(data["side"]))
    x, y = 1000.0 * column, 1000.0 * row
    return gpd.GeoDataFrame(counts(data), geometry=shapely.box(x, y, x + 1000, y + 1000), crs=3006)


def queen(data: Mapping[str, Any]) -> Any:
    from libpysal.weights import W

    n, side = len(data["total"]), int(data["side"])
    neighbors = {}
    for k in range(n):
        column, row = divmod(k, side)
        near = [
            (column + right) * side + row + up
            for right in (-1, 0, 1)
            for up in (-1, 0, 1)
            if (right or up) and 0 <= row + up < side and column + right >= 0
        ]
        neighbors[k] = sorted(place for place in near if place < n)
    return W(neighbors, silence_warnings=True)


def five_measures(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segregation import singlegroup as s

    table = counts(data)
    five = (s.Dissim, s.Gini, s.Entropy, s.Isolation, s.CorrelationR)
    return lambda: [float(measure(table, **TWO).statistic) for measure in five]


def five_sums(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segregation import singlegroup as s

    table = counts(data)
    five = (s.Dissim, s.Entropy, s.Atkinson, s.Isolation, s.CorrelationR)
    return lambda: [float(measure(table, **TWO).statistic) for measure in five]


def gini(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segregation.singlegroup import Gini

    table = counts(data)
    return lambda: [float(Gini(table, **TWO).statistic)]


def inequality_gini(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from inequality.gini import Gini

    values = data["values"][:, 0]
    return lambda: [float(Gini(values).g)]


def multigroup_gini(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segregation.multigroup import MultiGini

    table = pd.DataFrame(data["groups"], columns=GROUPS)
    return lambda: [float(MultiGini(table, GROUPS).statistic)]


def permutation(
    data: Mapping[str, Any], draws: int, approach: str = "systematic"
) -> Callable[[], list[float]]:
    from segregation.inference import SingleValueTest
    from segregation.singlegroup import Dissim

    measured = Dissim(counts(data), **TWO)

    def run() -> list[float]:
        SingleValueTest(measured, iterations_under_null=draws, null_approach=approach, n_jobs=2)
        return [float(measured.statistic)]

    return run


def person_permutation(data: Mapping[str, Any], draws: int) -> Callable[[], list[float]]:
    return permutation(data, draws, "person_permutation")


def paired(data: Mapping[str, Any], draws: int) -> Callable[[], list[float]]:
    from segregation.inference import TwoValueTest
    from segregation.singlegroup import Dissim

    first = Dissim(counts(data), **TWO)
    last = Dissim(counts(data).assign(group=data["later"]), **TWO)

    def run() -> list[float]:
        found = TwoValueTest(first, last, iterations_under_null=draws, null_approach="bootstrap", n_jobs=2)
        return [float(found.est_point_diff)]

    return run


def spatial_proximity(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from segregation.singlegroup import SpatialProximity

    areas = grid(data)
    return lambda: [float(SpatialProximity(areas, **TWO).statistic)]


def local_moran(data: Mapping[str, Any], draws: int) -> Callable[[], list[float]]:
    values, weights = data["values"][:, 0], queen(data)

    def run() -> list[float]:
        from esda import Moran_Local

        found = np.asarray(Moran_Local(values, weights, permutations=draws).Is)
        # The peer divides by n - 1 where the reference divides by n.
        return (found * len(found) / (len(found) - 1)).tolist()

    return run


def spatial_markov(data: Mapping[str, Any], draws: int) -> Callable[[], list[float]]:
    from giddy.markov import Spatial_Markov

    values, weights = data["values"], queen(data)
    weights.transform = "r"

    def run() -> list[float]:
        found = Spatial_Markov(values, weights, fixed=True, k=5, m=5, permutations=draws)
        return np.asarray(found.P).ravel().tolist()

    return run


def nearest_people(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    import equipop

    n = len(data["total"])
    column, row = np.divmod(np.arange(n), int(data["side"]))
    places = {"E": 1000.0 * column + 500, "N": 1000.0 * row + 500, "n": data["total"]}
    cells = equipop.CellData(**places, binary_sums={"group": data["group"]})

    def run() -> list[float]:
        found = equipop.run_knn_counts(cells, [12_800], overshoot_mode="proportional", report=False)
        return found.set_index("CellId").loc[np.arange(n), "R_group_12800"].tolist()

    return run


def interpolate(data: Mapping[str, Any], _: int) -> Callable[[], list[float]]:
    from data import polygons
    from tobler.area_weighted import area_interpolate

    source, target = polygons(1000, seed=1), polygons(len(data["total"]), seed=2)[["area_id", "geometry"]]

    def run() -> list[float]:
        found = area_interpolate(source, target, ["population"], ["rate"], allocate_total=False)
        return [float(v) for v in (*found["population"][:100], *found["rate"][:100])]

    return run
