"""Areas whose figures mean something else than weak or strong conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.base.checks import LANGUAGES, check_columns, complete
from segkit.words.numbers import Number
from segkit.words.text import say

if TYPE_CHECKING:
    from segkit.base.checks import Language

#: Share aged 20-34 (per cent) from which, with the other signs, an area is one of students.
_YOUNG = 30.0

#: Share of old people (per cent) from which low employment and income mostly mean pensions.
_OLD = 35.0

#: What tells areas of students.
SPECIAL_COLUMNS = ("employment_rate", "median_income", "post_secondary_share", "young_adult_share")


def special_areas(data: pd.DataFrame) -> pd.DataFrame:
    """List areas of students and of old people, where low employment and income are not weak conditions.

    Students: employment rate and median income below the median of the areas, post-secondary share in
    the top quarter, and at least 30 per cent aged 20-34. Old: at least 35 per cent old people, where the
    data have ``old_share``.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per area with ``area_id, employment_rate, median_income, post_secondary_share,
        young_adult_share`` (per cent but for income) and, if at hand, ``old_share`` (per cent).

    Returns
    -------
    pandas.DataFrame
        ``area_id``, ``name`` where there is one, ``kind`` (``"students"`` or ``"old"``), ``reason_sv,
        reason_en``; no rows when there are none. ``area_id`` can be passed to
        ``Profiles(set_aside=...)``.

    Raises
    ------
    UnknownNameError
        When a column is missing.
    InputError
        When values are missing.

    Examples
    --------
    >>> data = pd.DataFrame({"area_id": ["A1", "A2", "A3", "A4"], "employment_rate": [50.0, 60, 80, 85],
    ...     "median_income": [150.0, 200, 300, 310], "post_secondary_share": [70.0, 20, 40, 45],
    ...     "young_adult_share": [65.0, 20, 15, 15]})
    >>> special_areas(data)[["area_id", "kind"]].to_numpy().tolist()
    [['A1', 'students']]
    """
    check_columns(data, ["area_id"])
    income, work = (complete(data, c) for c in ("median_income", "employment_rate"))
    education, young = (complete(data, c) for c in ("post_secondary_share", "young_adult_share"))
    table = pd.DataFrame({"income": income, "work": work, "education": education, "young": young})
    student = (table["income"] < table["income"].median()) & (table["work"] < table["work"].median())
    student &= (table["education"] >= table["education"].quantile(0.75)) & (table["young"] >= _YOUNG)
    kinds = {"students": student}
    if "old_share" in data:
        table["old"] = complete(data, "old_share")
        kinds["old"] = table["old"] >= _OLD
    names = [c for c in ("area_id", "name") if c in data]
    parts = []
    for kind, flagged in kinds.items():
        part = pd.DataFrame(data.loc[flagged.to_numpy(), names]).assign(kind=kind)
        for language in LANGUAGES:
            told = [_reason(kind, row, language) for _, row in table[flagged].iterrows()]
            part[f"reason_{language}"] = pd.Series(told, index=part.index, dtype="str")
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _reason(kind: str, row: pd.Series, language: Language) -> str:
    told = {str(name): Number(float(value), 0) for name, value in row.items()}
    return say("profiles.special", kind, language, **told)
