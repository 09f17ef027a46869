"""What the tests by permutation share: weights, marks, permutations, chances and the tidy table."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import Floats, check_columns, check_count, check_seed, labels_of
from segkit.base.digits import EQUAL
from segkit.base.order import area_order
from segkit.base.tidy import TIDY, period_of
from segkit.errors import InputError, message
from segkit.panels.graphs import area_ids, contiguity, matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    from libpysal.graph import Graph
    from scipy.sparse import csr_array

Mask: TypeAlias = npt.NDArray[np.bool_]

#: Cells permuted at once: bounds the memory, does not change the answer.
_CELLS = 2_000_000


def weights_between(areas: gpd.GeoDataFrame, graph: Graph | None) -> csr_array:
    """Return the weights between the areas, in the order of the table."""
    ids = area_ids(areas)
    if graph is not None and not hasattr(graph, "adjacency"):
        fix = "Make one with graphs.contiguity."
        raise InputError(message("graph", f"is {type(graph).__name__}, must be a libpysal Graph", fix=fix))
    return matrix(contiguity(areas) if graph is None else graph, ids)


def links(weights: csr_array) -> csr_array:
    """Return 1 where there is a weight."""
    links = weights.copy()
    links.data = np.ones_like(links.data)
    return links


def row_standardized(weights: csr_array) -> tuple[csr_array, int]:
    """Divide each row by its sum; rows without neighbors stay 0 and are counted."""
    from scipy.sparse import diags_array

    sums = np.asarray(weights.sum(axis=1), dtype=float)
    scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums != 0)
    return (diags_array(scale) @ weights).tocsr(), int((np.diff(weights.indptr) == 0).sum())


def check_size(n: int, argument: str, *, least: int = 2) -> None:
    """Check that there are areas to compare."""
    if n < least:
        raise InputError(message(argument, f"has {n} areas with values, needs at least {least}"))


def same(values: Floats) -> bool:
    """Tell whether values are the same but for rounding."""
    return bool(np.ptp(values) <= EQUAL * np.abs(values).max())


def marked_areas(areas: pd.DataFrame, mask: pd.Series | str, argument: str) -> Mask:
    """Return the marks as an array, checked, in the order of `area_order`."""
    if isinstance(mask, str):
        check_columns(areas, [mask], argument="areas")
        marks = areas[mask]
    elif isinstance(mask, pd.Series):
        marks = mask
    else:
        rule = f"is {type(mask).__name__}, must be a Series of True and False or the name of a column"
        raise InputError(message(argument, rule))
    if not marks.index.equals(areas.index):
        fix = "Make it from the same table, with the same rows."
        raise InputError(message(argument, "has another index than `areas`", fix=fix))
    missing = marks.isna().to_numpy()
    if missing.any():
        raise InputError(message(argument, "is missing", labels_of(areas, missing), "State True or False."))
    wrong = ~marks.isin([True, False]).to_numpy()
    if wrong.any():
        raise InputError(message(argument, "must be True or False", labels_of(areas, wrong)))
    return marks.to_numpy(dtype=bool)[area_order(areas)]


def permute(
    score: Callable[[Floats], Floats], values: Floats, n_permutations: int, random_state: int
) -> tuple[Floats, Floats]:
    """Score the values as they lie and permuted: one row per permutation, one column per statistic."""
    check_count(n_permutations, argument="n_permutations")
    rng = np.random.default_rng(check_seed(random_state))
    size = max(1, _CELLS // values.size)
    blocks = [min(size, n_permutations - start) for start in range(0, n_permutations, size)]
    permuted = [score(rng.permuted(np.tile(values, (block, 1)), axis=1)) for block in blocks]
    return score(values[None, :])[0], np.concatenate(permuted)


def chances(observed: float, permuted: Floats) -> dict[str, float]:
    """Return value, spread and the two one-sided chances; the pattern at hand counts as one draw."""
    slack = EQUAL * max(1.0, abs(observed))
    n = permuted.size + 1
    return {
        "value": float(observed),
        "se": float(permuted.std(ddof=1)) if permuted.size > 1 else float("nan"),
        "p_value": float((1 + (permuted >= observed - slack).sum()) / n),
        "p_value_low": float((1 + (permuted <= observed + slack).sum()) / n),
    }


def table_of(rows: Sequence[dict[str, object]], areas: pd.DataFrame, *, n_areas: int) -> pd.DataFrame:
    """Complete rows to the tidy table."""
    common = {
        "period": period_of(areas),
        "region": "",
        "group": "",
        "ci_low": float("nan"),
        "ci_high": float("nan"),
        "n_areas": n_areas,
        "n_missing": len(areas) - n_areas,
    }
    columns = [*TIDY, "p_value", "p_value_low", "expected", "n_isolates"]
    return pd.DataFrame([{**common, **row} for row in rows], columns=columns)
