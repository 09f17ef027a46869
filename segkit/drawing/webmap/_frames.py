"""The figures of a layer period by period: values, remarks and weights, in the order of the areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_columns, check_keys, labels_of, numbers
from segkit.catalogue.labels import decimals_for, term
from segkit.drawing.classes import some_values
from segkit.errors import InputError, message
from segkit.words.numbers import format_number
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segkit.base.checks import Floats, Language

#: A remark that every area may have; it is said once and hatches nothing.
_PRELIMINARY = "preliminary"


@dataclass(frozen=True)
class Frame:
    """One period of a layer; `period` is None when it is not known."""

    period: int | None
    figures: Floats
    #: For each area a remark in words, empty when there is none.
    notes: list[str]
    #: Which areas are hatched.
    flagged: list[bool]
    #: Whether all figures are preliminary.
    preliminary: bool
    #: Population, None when there is none, and its period when that is another one.
    weight: Floats | None
    weight_period: int | None = None


def check_history(
    history: pd.DataFrame, areas: pd.DataFrame, columns: Sequence[str], flags: Mapping[str, str]
) -> None:
    """Check that a history holds the areas of the map, and agrees with their newest figures."""
    check_keys(history)
    shown = [column for column in columns if column in history]
    if not shown:
        fix = f"Columns shown: {', '.join(columns)}."
        raise InputError(message("history", "has none of the columns that the map shows", fix=fix))
    # A remark that `areas` has must not get lost on the way.
    companions = [c for name in shown for c in (f"{name}_se", flags.get(name, f"{name}_flag"))]
    check_columns(history, [c for c in companions if c in areas], argument="history")
    strange = ~history["area_id"].isin(areas["area_id"]).to_numpy()
    if strange.any():
        fix = "Leave them out, or take a history of the same areas."
        codes = list(dict.fromkeys(history.loc[strange, "area_id"]))
        raise InputError(message("history", "holds areas that are not in `areas`", codes, fix))
    ordered = history.sort_values("period", kind="stable")
    for column in shown:
        values = pd.Series(numbers(ordered, column), index=ordered["area_id"])
        newest = values[values.notna()].groupby(level=0).last().reindex(areas["area_id"])
        if newest.isna().all():
            fix = "Join the indicator first, or leave the column out."
            raise InputError(message("history", f"has no value of {column} in any period", fix=fix))
        apart = ~np.isclose(newest.to_numpy(), numbers(areas, column), rtol=1e-9, equal_nan=True)
        if apart.any():
            fix = "`areas` must hold the newest figure of each area, as areas.latest gives it."
            rule = f"disagrees with `areas` on the newest {column}"
            raise InputError(message("history", rule, labels_of(areas, apart), fix))


def frames_of(
    areas: pd.DataFrame, history: pd.DataFrame | None, column: str, flag: str | None, language: Language
) -> list[Frame]:
    """Return the periods of a column that have any value, the oldest first."""
    flag = flag or f"{column}_flag"
    people = numbers(areas, "population") if "population" in areas else None
    if history is None or column not in history:
        some_values(areas, column)
        return [_frame(areas, column, flag, _only_period(areas), people, None, language)]
    known = history[history[column].notna()]
    year = _population_period(history)
    frames = []
    for period in sorted(int(p) for p in known["period"].unique()):
        rows = history[history["period"] == period].set_index("area_id").reindex(areas["area_id"])
        rows = rows.reset_index()
        own = numbers(rows, "population") if "population" in rows else np.full(len(rows), np.nan)
        complete = not np.isnan(own[rows[column].notna()]).any()
        weight, other = (own, None) if complete else (people, year)
        frames.append(_frame(rows, column, flag, period, weight, other, language))
    return frames


def population_of(areas: pd.DataFrame, history: pd.DataFrame | None) -> tuple[Floats | None, int | None]:
    """Return the population of the areas and its period, None where they are not known."""
    if "population" not in areas:
        return None, None
    period = _only_period(areas) if history is None else _population_period(history)
    return numbers(areas, "population"), period


def _frame(
    rows: pd.DataFrame,
    column: str,
    flag: str,
    period: int | None,
    weight: Floats | None,
    weight_period: int | None,
    language: Language,
) -> Frame:
    values = numbers(rows, column)
    words = _flag_words(rows, flag)
    known = ~np.isnan(values)
    early = bool(known.any()) and all(
        _PRELIMINARY in found for found, there in zip(words, known, strict=True) if there
    )
    told = [[w for w in found if not (early and w == _PRELIMINARY)] for found in words]
    errors = numbers(rows, f"{column}_se") if f"{column}_se" in rows else np.full(len(rows), np.nan)
    decimals = max(1, decimals_for(column))
    notes = []
    for found, error in zip(words, errors, strict=True):
        parts = [term("flags", word, language=language) for word in found]
        if error > 0:
            shown = format_number(float(error), decimals, language=language)
            parts.append(f"±{shown} ({say('maps.shared', 'standard_error', language)})")
        notes.append(", ".join(parts))
    flagged = [bool(found) for found in told]
    return Frame(period, values, notes, flagged, early, weight, weight_period)


def _flag_words(rows: pd.DataFrame, flag: str) -> list[list[str]]:
    """Return the remarks of each row but that it is observed."""
    if flag not in rows:
        return [[] for _ in range(len(rows))]
    words = [[] if pd.isna(code) else [w.strip() for w in str(code).split(",")] for code in rows[flag]]
    return [[word for word in found if word not in ("", "observed")] for found in words]


def _only_period(areas: pd.DataFrame) -> int | None:
    """Return the period of a table that has only one."""
    if "period" not in areas or len(areas["period"].unique()) != 1 or areas["period"].isna().any():
        return None
    return int(areas["period"].iloc[0])


def _population_period(history: pd.DataFrame) -> int | None:
    """Return the newest period with population, if all areas have theirs from it."""
    if "population" not in history:
        return None
    check_columns(history, ["period"], argument="history")
    known = history[history["population"].notna()]
    newest = known.groupby("area_id")["period"].max().unique()
    return int(newest[0]) if len(newest) == 1 else None
