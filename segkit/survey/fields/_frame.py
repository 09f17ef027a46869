"""The frame of five fields: which indicators each has, at which level, and what must be brought."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from segkit import _geodata, export, indicators
from segkit._validate import check_choice
from segkit._wording import LANGUAGES
from segkit.areas import check_panel
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.indicators import Language

#: The fields in their order.
FIELDS = ("housing", "school", "unemployment", "democracy", "crime")


@cache
def _table() -> pd.DataFrame:
    path = _geodata.folder() / "fields.csv"
    return pd.read_csv(path, dtype={"direction": int}, keep_default_na=False, encoding="utf-8")


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
    rows = _table()
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
    path = Path(__file__).parent.parent.parent / "templates" / "fields.json"
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


def write_template(panel: pd.DataFrame, path: str | Path, *, language: Language = "sv") -> Path:
    """Write the workbook that a municipality fills in with what only it has, one row per area.

    The filled file is read as any table of indicators: `areas.join_indicators`, or the folder of
    ``segkit survey``.

    Parameters
    ----------
    panel : pandas.DataFrame
        The areas, with ``area_id`` and ``name``.
    path : str or Path
        The file, ending in ``.xlsx``.
    language : {"sv", "en"}
        Of the explanations.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When the panel or the ending of the file is wrong.
    FileError
        When the file can't be written.

    Examples
    --------
    >>> import tempfile
    >>> from segkit.areas import load_example
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_template(load_example("motala"), f"{folder}/own.xlsx", language="en")
    ...     pd.read_excel(path, sheet_name="indicators").shape
    (24, 16)
    """
    check_panel(panel)
    if "name" not in panel:
        raise InputError(message("panel", "lacks the column name, so nobody could fill it in"))
    own = frame(language=language)
    own = own[own["role"] == "own"]
    rows = (
        panel.sort_values("period", kind="stable")
        .drop_duplicates("area_id", keep="last")
        .sort_values("area_id", kind="stable")
    )
    blank = pd.DataFrame({"area_id": rows["area_id"].to_numpy(), "name": rows["name"].to_numpy()})
    blank["period"] = int(panel["period"].max())
    for indicator in own["indicator"]:
        blank[indicator] = float("nan")
    about = own[["field_label", "indicator", "label", "unit", "note"]].reset_index(drop=True)
    lines = [texts("texts", language)["fill_in"], texts("texts", language)["template"]]
    return export.to_excel({"indicators": blank, "about": about}, path, readme=lines, language=language)
