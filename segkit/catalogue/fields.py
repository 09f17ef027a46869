"""The frame of five fields: which indicators each has, at which level, and what must be brought."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice
from segkit.catalogue import embedded, indicators

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language

#: The fields in their order.
FIELDS = ("housing", "school", "unemployment", "democracy", "crime")


@cache
def _table() -> pd.DataFrame:
    path = embedded.folder() / "fields.csv"
    return pd.read_csv(path, dtype={"direction": int}, keep_default_na=False, encoding="utf-8")


def _all() -> pd.DataFrame:
    """Return the rows of every field: the catalogue's that name a field, then those that must be brought."""
    table = indicators.catalogue()
    known = table[table["field"] != ""].rename_axis("indicator").reset_index()
    sources = known["source"].str.cat(known["source_table"], sep=" ").str.strip()
    notes = {f"note_{language}": known[f"field_note_{language}"] for language in LANGUAGES}
    known = known.assign(role=known["field_role"], level="deso", source=sources, **notes)
    own = _table().assign(role="own")
    rows = pd.concat([known[own.columns], own], ignore_index=True)
    return rows.sort_values(
        "field", key=lambda names: names.map(FIELDS.index), ignore_index=True, kind="stable"
    )


def frame(*, language: Language = "sv") -> pd.DataFrame:
    """Return the frame of five fields, one row per indicator.

    Parameters
    ----------
    language : {"sv", "en"}
        Of labels, units and notes.

    Returns
    -------
    pandas.DataFrame
        ``field, field_label, indicator, label, unit, role`` (position: enters the position of an area in
        the field; context: shown beside it; own: enters where the municipality brings it), ``direction,
        level, source, nearness, note``.

    Raises
    ------
    InputError
        When the language is not known.

    Examples
    --------
    >>> table = frame(language="en")
    >>> table.groupby("field")["indicator"].count()["crime"]
    np.int64(3)
    """
    check_choice(language, LANGUAGES, argument="language")
    rows = _all()
    known = set(indicators.catalogue().index)
    ids = rows["indicator"]
    own = rows[f"label_{language}"].where(rows[f"label_{language}"] != "", ids)
    units = rows[f"unit_{language}"]
    return pd.DataFrame(
        {
            "field": rows["field"],
            "field_label": rows["field"].map(texts("fields", language)),
            "indicator": ids,
            "label": [
                indicators.label(i, language=language) if i in known else label
                for i, label in zip(ids, own, strict=True)
            ],
            "unit": [
                indicators.unit(i, language=language) if i in known else unit
                for i, unit in zip(ids, units, strict=True)
            ],
            "role": rows["role"],
            "direction": rows["direction"],
            "level": rows["level"],
            "source": rows["source"],
            "nearness": rows["nearness"],
            "note": rows[f"note_{language}"],
        }
    )


@cache
def _sentences() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    path = Path(__file__).parents[1] / "words" / "fields.json"
    sentences: dict[str, dict[str, tuple[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return sentences


def texts(part: str, language: Language) -> dict[str, str]:
    """Return the words of a part (fields, texts) in one language.

    Examples
    --------
    >>> texts("fields", "en")["school"]
    'School results'
    """
    place = LANGUAGES.index(language)
    return {key: pair[place] for key, pair in _sentences()[part].items()}
