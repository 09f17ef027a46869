"""The catalogue of measures: what each is a measure of, its range, and what a high value means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.boundary import guard
from segkit.base.checks import LANGUAGES, check_choice
from segkit.catalogue.labels import term
from segkit.measures.measure import registered

if TYPE_CHECKING:
    from segkit.base.checks import Language

_HEADS = {
    "sv": ("Mått", "Bokstav", "Räckvidd", "Räknas på", "Ett högt värde betyder", "Källa", "Funktion"),
    "en": ("Measure", "Letter", "Range", "Computed from", "A high value means", "Source", "Function"),
}


def catalogue() -> pd.DataFrame:
    """List every measure that has a name in segkit: for `trends.by_period`, `inference` and the reader.

    Returns
    -------
    pandas.DataFrame
        One row per measure: ``name`` (as `inference` and `trends` take it), ``module``, ``letter``,
        ``dimension``, ``kind`` (what it is computed from), ``low`` and ``high`` (ends of its range),
        ``meaning_sv`` and ``meaning_en`` (of a high value), ``label_sv``, ``label_en``, ``reference``.

    Examples
    --------
    >>> table = catalogue().set_index("name")
    >>> table.loc["dissimilarity", "letter"], table.loc["dissimilarity", "dimension"]
    ('D', 'evenness')
    """
    rows = [
        {
            "name": one.name,
            "module": one.noun,
            "letter": one.letter,
            "dimension": one.dimension,
            "kind": one.kind,
            "low": one.low,
            "high": one.high,
            "meaning_sv": one.meaning_sv,
            "meaning_en": one.meaning,
            "label_sv": one.said("label", "sv"),
            "label_en": one.said("label", "en"),
            "reference": one.reference,
        }
        for one in registered()
    ]
    return pd.DataFrame(rows)


def markdown(*, language: Language = "sv") -> str:
    """Write the catalogue as tables in Markdown, one for each dimension.

    Parameters
    ----------
    language : {"sv", "en"}
        Language of the text.

    Returns
    -------
    str
        A heading and a table per dimension.

    Raises
    ------
    InputError
        When the language is another.

    Examples
    --------
    >>> print(markdown(language="en").splitlines()[0])
    ## Evenness
    """
    check_choice(language, LANGUAGES, argument="language")
    lines = []
    for dimension, rows in catalogue().groupby("dimension", sort=False):
        lines += ["## " + term("dimensions", str(dimension), language=language), ""]
        lines += ["| " + " | ".join(_HEADS[language]) + " |", "|" + " --- |" * len(_HEADS[language])]
        for row in rows.to_dict("records"):
            cells = [
                row[f"label_{language}"],
                row["letter"],
                f"{_end(row['low'])}–{_end(row['high'])}",
                term("arguments", row["kind"], language=language),
                row[f"meaning_{language}"],
                row["reference"],
                f"`{row['module']}.{row['name']}`",
            ]
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def _end(value: float) -> str:
    """Write an end of a range."""
    sign = "\u2212" if value < 0 else ""
    return sign + ("∞" if np.isinf(value) else f"{abs(value):g}")


guard(__name__)
