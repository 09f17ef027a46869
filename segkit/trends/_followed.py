"""The areas that are followed from one period to another."""

from __future__ import annotations

import pandas as pd

from segkit._order import in_area_order
from segkit._validate import check_columns, check_keys, numbers
from segkit.errors import InputError, UnknownNameError, message


def followed(
    panel: pd.DataFrame,
    values: str,
    first: int,
    last: int,
    weight: str | None,
    *,
    error: str | None = None,
    earlier: int | None = None,
) -> tuple[pd.DataFrame, int]:
    """Return the levels and weights of the areas with figures, and how many areas lack them.

    The columns are ``first, last, weight`` (of the first period), ``error_first, error_last`` where
    `error` is given, and ``earlier``, the level of that period, where one is. The index is ``area_id``.
    """
    check_keys(panel)
    panel = in_area_order(panel)
    check_columns(panel, [c for c in (values, weight, error) if c is not None], argument="panel")
    asked = [first, last] if earlier is None else [earlier, first, last]
    at_hand = sorted(panel["period"].unique().tolist())
    absent = [period for period in asked if period not in at_hand]
    if absent:
        fix = f"Periods at hand: {', '.join(map(str, at_hand))}."
        raise UnknownNameError(message("period", "is not in the panel", absent, fix))
    if first >= last:
        raise InputError(message("first", f"is {first}, must come before last ({last})"))
    rows = pd.DataFrame({"level": numbers(panel, values)}, index=panel["area_id"])
    rows["weight"] = 1.0 if weight is None else numbers(panel, weight, least=0)
    if error is not None:
        rows["error"] = numbers(panel, error, least=0)
    before, after = (rows[panel["period"].to_numpy() == period] for period in (first, last))
    wide = pd.DataFrame({"first": before["level"], "last": after["level"], "weight": before["weight"]})
    if error is not None:
        wide["error_first"], wide["error_last"] = before["error"], after["error"]
    if earlier is not None:
        wide["earlier"] = rows.loc[panel["period"].to_numpy() == earlier, "level"]
    found = wide[wide.notna().all(axis=1) & (wide["weight"] > 0)]
    return found, len(wide) - len(found)
