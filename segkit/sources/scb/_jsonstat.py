"""Read JSON-stat 2.0: each cell with its codes, labels, value and status."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from segkit.sources.http.cache import is_number


def check(data: Any) -> None:
    """Raise ValueError, TypeError or KeyError unless the data are a whole JSON-stat dataset with values.

    Every dimension has as many categories as its size says, the values are as many as the product of the
    sizes, each a number or null, and the statuses belong to cells that exist.
    """
    if not isinstance(data, dict) or not isinstance(data.get("id"), list):
        raise TypeError("no JSON-stat dataset")
    sizes = data["size"]
    if len(sizes) != len(data["id"]):
        raise ValueError("as many sizes as dimensions were expected")
    if len(set(data["id"])) != len(sizes):
        raise ValueError("a dimension stands twice")
    for name, size in zip(data["id"], sizes, strict=True):
        if len(categories(data, name)) != size:
            raise ValueError(f"dimension {name} has other than its {size} categories")
    cells = math.prod(sizes)
    _check_values(data["value"], cells)
    _status(data, cells)


def _check_values(values: Any, cells: int) -> None:
    """Raise an error unless values, as a list or by place, are numbers or null of cells that exist."""
    if isinstance(values, list):
        if len(values) != cells:
            raise ValueError(f"{len(values)} values where {cells} were expected")
        found = values
    else:
        if any(not 0 <= int(i) < cells for i in values):
            raise ValueError("a value outside the dataset")
        if len({int(i) for i in values}) != len(values):
            raise ValueError("two values for one cell")
        found = list(values.values())
    bad = [v for v in found if v is not None and not is_number(v)]
    if bad:
        raise ValueError(f"{str(bad[0])[:60]} where a number or null was expected")


def categories(data: dict[str, Any], name: str) -> dict[str, str]:
    """Return the codes of a dimension in order, with their labels."""
    category = data["dimension"][name]["category"]
    labels = category.get("label") or {}
    index = category.get("index")
    if index is None:
        codes = list(labels)
    elif isinstance(index, list):
        codes = list(index)
    else:
        codes = sorted(index, key=index.__getitem__)
        if [index[code] for code in codes] != list(range(len(codes))):
            raise ValueError(f"dimension {name} has no order")
    return {str(code): str(labels.get(code, code)) for code in codes}


def _status(data: dict[str, Any], cells: int) -> np.ndarray[Any, Any]:
    status = data.get("status") or {}
    text = np.full(cells, "", dtype=object)
    if isinstance(status, str):
        text[:] = status
    elif isinstance(status, list):
        if len(status) not in {1, cells}:
            raise ValueError(f"{len(status)} statuses where {cells} were expected")
        text[:] = ["" if s is None else str(s) for s in status]
    elif isinstance(status, dict):
        for place, told in status.items():
            if not 0 <= int(place) < cells:
                raise ValueError("a status outside the dataset")
            text[int(place)] = "" if told is None else str(told)
    else:
        raise TypeError(f"{status!r} where statuses were expected")
    return text


def read_jsonstat(data: dict[str, Any]) -> pd.DataFrame:
    """Return a JSON-stat dataset as a tidy table, one row for each cell.

    Parameters
    ----------
    data : dict
        A dataset of JSON-stat 2.0, as PxWebApi answers.

    Returns
    -------
    pandas.DataFrame
        For each dimension its code under the dimension's name and its label under the name and ``_label``;
        ``value`` (NaN where the source has null) and ``status`` (the source's sign, empty where it has
        none), so that null with a reason, null without, and a number with a remark can be told apart.

    Raises
    ------
    ValueError, TypeError, KeyError
        When the dataset is not whole.

    Examples
    --------
    >>> data = {"id": ["Region", "Tid"], "size": [1, 2], "value": [318.5, None], "status": {"1": ".."},
    ...         "dimension": {"Region": {"category": {"label": {"1273C1050": "1273C1050"}}},
    ...                       "Tid": {"category": {"index": {"2023": 0, "2024": 1}}}}}
    >>> read_jsonstat(data)[["Region", "Tid", "value", "status"]].values.tolist()
    [['1273C1050', '2023', 318.5, ''], ['1273C1050', '2024', nan, '..']]
    """
    check(data)
    sizes = data["size"]
    cells = math.prod(sizes)
    table: dict[str, Any] = {}
    # The last dimension runs fastest.
    inner = cells
    for name, size in zip(data["id"], sizes, strict=True):
        inner //= max(size, 1)
        known = categories(data, name)
        place = np.tile(np.repeat(np.arange(size), inner), cells // max(size * inner, 1))
        table[name] = np.array(list(known), dtype=object)[place]
        table[f"{name}_label"] = np.array(list(known.values()), dtype=object)[place]
    values = data["value"]
    if isinstance(values, list):
        numbers = np.array(values, dtype=np.float64)
    else:
        numbers = np.full(cells, np.nan)
        numbers[[int(i) for i in values]] = np.array(list(values.values()), dtype=np.float64)
    table["value"] = numbers
    table["status"] = _status(data, cells)
    return pd.DataFrame(table)
