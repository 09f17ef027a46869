"""What columns, measures and indicators are called, and with how many decimals they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segkit.base.checks import LANGUAGES, check_choice
from segkit.catalogue import indicators
from segkit.words.text import Term, word, words

if TYPE_CHECKING:
    from segkit.base.checks import Language


def decimals_for(indicator: str) -> int:
    """Return how many decimals the values of an indicator are shown with.

    As the catalogue says; one where it does not know the indicator.

    Examples
    --------
    >>> decimals_for("turnout"), decimals_for("median_income"), decimals_for("low_economic_standard")
    (1, 0, 0)
    """
    table = indicators.catalogue()
    if indicator in table.index:
        return int(table["decimals"][indicator])
    return 1


def decimals_of(measure: str, indicator: str = "") -> int | None:
    """Return how many decimals a measure is shown with, None when that depends on its size.

    Measures in the unit of an indicator, such as a standard deviation, have one decimal at least.

    Examples
    --------
    >>> decimals_of("dissimilarity"), decimals_of("sigma", "median_income"), decimals_of("of my own")
    (3, 1, None)
    """
    known = words()["measures"]
    if measure not in known:
        return None
    decimals = known[measure][2]
    if decimals == "unit":
        return max(1, decimals_for(indicator))
    return None if decimals is None else int(decimals)


def term(kind: Term, code: str, *, language: Language = "sv") -> str:
    """Return the word for a measure, geography, verdict, flag or statistic; unknown ones as they are.

    Examples
    --------
    >>> term("measures", "dissimilarity")
    'Olikhetsindex (D)'
    >>> term("verdicts", "not supported", language="en")
    'Not supported by the data'
    """
    check_choice(language, LANGUAGES, argument="language")
    known = words()[kind]
    if code in known:
        return str(known[code][LANGUAGES.index(language)])
    subject, _, ending = code.partition(" (")
    if kind == "statistics" and f"({ending}" in known:
        return f"{indicators.label(subject, language=language)} {term(kind, f'({ending}', language=language)}"
    return code


def heading(column: str, *, language: Language = "sv", unit: bool = True) -> str:
    """Return the heading of a column: an indicator with its unit, or a column of segkit's own tables.

    Examples
    --------
    >>> heading("turnout"), heading("n_areas"), heading("turnout_se", language="en")
    ('Valdeltagande (procent)', 'Antal områden', 'Turnout, standard error')
    """
    check_choice(language, LANGUAGES, argument="language")
    for ending, key in (("_se", "standard_error"), ("_flag", "remark")):
        if column.endswith(ending):
            base = heading(column.removesuffix(ending), language=language, unit=False)
            return f"{base}, {word(key, language=language)}"
    columns = words()["columns"]
    if column in columns:
        return str(columns[column][LANGUAGES.index(language)])
    if column == "population":
        return indicators.label(column, language=language)
    label = indicators.label(column, language=language, unit=unit)
    return label if label != column else column.replace("_", " ")


def explain(column: str, *, language: Language = "sv") -> str:
    """Say in a sentence what a column holds; empty when neither segkit nor the catalogue knows it.

    Examples
    --------
    >>> explain("area_id", language="en")
    'Code of the area, as text.'
    """
    check_choice(language, LANGUAGES, argument="language")
    columns = words()["columns"]
    if column in columns:
        return str(columns[column][2 + LANGUAGES.index(language)])
    catalogue = indicators.catalogue()
    if column in catalogue.index:
        return str(catalogue.loc[column, f"definition_{language}"])
    return heading(column, language=language) + "." if column.endswith(("_se", "_flag")) else ""
