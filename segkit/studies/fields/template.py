"""The workbook that a municipality fills in with what only it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue.fields import frame, texts
from segkit.errors import InputError, message
from segkit.output import export
from segkit.panels.areas import check_panel

if TYPE_CHECKING:
    from pathlib import Path

    from segkit.base.checks import Language


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
    >>> from segkit.panels.areas import load_example
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
