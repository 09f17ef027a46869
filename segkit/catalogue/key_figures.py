"""The catalogue of key figures: what each one is, where it comes from, and how near the source comes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from segkit.base.checks import LANGUAGES
from segkit.catalogue import embedded, indicators

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language

#: The groups in the order of the table.
GROUPS = ("background", "work", "education", "health", "housing", "cohesion")


def key_figures() -> pd.DataFrame:
    """Return the catalogue of key figures of a municipality's follow-up, one row each, indexed by id.

    The figures are those of the appendix to Kalmar's strategy, followed every second year. A row of the
    appendix may be served by several figures.

    Returns
    -------
    pandas.DataFrame
        Columns ``row`` (of the appendix, in Swedish), ``group`` (background, work, education, health,
        housing, cohesion), ``label_sv, label_en, definition_sv, definition_en, unit`` (persons,
        per_cent, per_1000, sek, days, ratio, dwellings), ``direction`` (1: higher is better, -1: lower
        is better, 0: never judged), ``by_sex`` (whether the source divides by sex), ``source,
        source_id`` (Kolada's id or SCB's table), ``nearness`` (exact, nearest, none), ``sample``
        (whether it comes from a sample survey), ``note_sv, note_en, embedded`` (what serves it
        offline, empty when nothing does), ``area_indicators`` (ids of the catalogue's
        indicators of areas that belong to the row).

    Examples
    --------
    >>> table = key_figures()
    >>> table.loc["foreign_born_18_64", ["source_id", "nearness"]].tolist()
    ['N00221', 'exact']
    """
    of_row = indicators.catalogue().reset_index().groupby("follow_up_row")["id"].agg(" ".join)
    table = _table()
    return table.assign(area_indicators=table["row"].map(of_row).fillna(""))


@cache
def _table() -> pd.DataFrame:
    """Read the catalogue once; never handed out, so nobody can change it."""
    path = embedded.folder() / "key_figures.csv"
    kinds = {"direction": int, "by_sex": int, "sample": int}
    table = pd.read_csv(path, dtype=kinds, keep_default_na=False, encoding="utf-8").set_index("id")
    return table.assign(by_sex=table["by_sex"].astype(bool), sample=table["sample"].astype(bool))


@cache
def _sentences() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    path = Path(__file__).parents[1] / "words" / "followup.json"
    sentences: dict[str, dict[str, tuple[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return sentences


def texts(part: str, language: Language) -> dict[str, str]:
    """Return the words of a part (texts, groups, units, sexes, nearness, verdicts, reasons).

    Examples
    --------
    >>> texts("groups", "en")["work"]
    'Work and income'
    """
    place = LANGUAGES.index(language)
    return {key: pair[place] for key, pair in _sentences()[part].items()}
