"""Tables for readers: rounded, with headings and words in one language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.boundary import guard
from segkit.base.checks import LANGUAGES, check_choice, check_columns, numbers
from segkit.base.namespace import public
from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for, decimals_of, heading, term
from segkit.errors import InputError, message
from segkit.words.numbers import (
    MISSING,
    adaptive_decimals,
    format_interval,
    format_number,
    format_p,
    numbers_or_nan,
)
from segkit.words.text import Term, flag_parts, flag_symbol, verdict_symbol, word, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from segkit.base.checks import Language
    from segkit.studies.survey.result import Survey

__all__ = [
    "MISSING",
    "adaptive_decimals",
    "area_table",
    "claims_table",
    "decimals_for",
    "decimals_of",
    "flag_marks",
    "flag_parts",
    "flag_symbol",
    "format_interval",
    "format_number",
    "format_p",
    "numbers_or_nan",
    "present",
    "profile_table",
    "row_decimals",
    "trend_rows",
    "trend_table",
]

__dir__ = public(__all__)


_FIGURES = ("value", "se", "ci_low", "ci_high")

_WHOLE = ("population", "n_areas", "n_missing", "period", "profile", "quantile")

_DECIMALS = {"population_share": 1, "index": 2, "membership": 2, "mean_profile": 1, "relative_change": 1}

#: Columns that tell nothing when every cell is empty.
_OPTIONAL = (
    *("region", "group", "note", "p_value", "p_value_low", "se", "flags"),
    *("population", "population_share"),
)

#: Column -> kind of the codes in it.
_CODES: dict[str, Term] = {
    "measure": "measures",
    "geography": "geographies",
    "verdict": "verdicts",
    "statistic": "statistics",
}


def present(table: pd.DataFrame, *, language: Language = "sv", labels: bool = True) -> pd.DataFrame:
    """Return a table as strings for reading: rounded, with headings and words in one language.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table of segkit, or your own.
    language : {"sv", "en"}
        The language of headings, words and numbers.
    labels : bool
        Whether columns and codes get their words, the ends of an interval become one column and
        columns without any content are left out. False only writes the numbers.

    Returns
    -------
    pandas.DataFrame
        Strings, same index, geometry left out. A missing value is ``–``.

    Raises
    ------
    InputError
        When `table` is no table, or two columns would get the same heading.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"measure": ["gini"], "value": [0.25], "ci_low": [0.2], "ci_high": [0.3]})
    >>> present(table, language="en").iloc[0].to_dict()
    {'Measure': 'Gini coefficient', 'Value': '0.250', '95 % interval': '0.200–0.300'}
    """
    check_choice(language, LANGUAGES, argument="language")
    if not isinstance(table, pd.DataFrame):
        raise InputError(message("table", f"must be a DataFrame, is {type(table).__name__}"))
    merged = labels and {"ci_low", "ci_high"} <= set(table.columns)
    shown: dict[str, list[str]] = {}
    for column in map(str, table.columns):
        if column == "geometry" or (merged and column == "ci_high"):
            continue
        if merged and column == "ci_low":
            name, cells = word("interval", language=language), _intervals(table, language)
        else:
            name = heading(column, language=language) if labels else column
            cells = _cells(table, column, language, labels=labels)
        if labels and column in (*_OPTIONAL, "ci_low") and set(cells) <= {MISSING}:
            continue
        if name in shown:
            raise InputError(message("table", f"has two columns called {name!r}", fix="Rename one of them."))
        shown[name] = cells
    return pd.DataFrame(shown, index=table.index, dtype="str")


def _cells(table: pd.DataFrame, column: str, language: Language, *, labels: bool) -> list[str]:
    """Write the cells of one column."""
    cells = table[column]
    if isinstance(cells.dtype, pd.BooleanDtype) or cells.dtype == bool:
        words = [word(key, language=language) for key in ("no", "yes")]
        return [MISSING if pd.isna(cell) else words[int(cell)] for cell in cells]
    if not pd.api.types.is_numeric_dtype(cells):
        return [_text(cell, column, language, labels=labels) for cell in cells]
    values = numbers_or_nan(cells)
    if column in ("p_value", "p_value_low"):
        return [format_p(value, language=language) for value in values]
    if column == "period":
        return [MISSING if math.isnan(value) else str(int(value)) for value in values]
    sign = _signed(table) if column == "value" else [False] * len(values)
    return [
        format_number(value, decimals, language=language, sign=plus)
        for value, decimals, plus in zip(values, row_decimals(table, column), sign, strict=True)
    ]


def _text(cell: object, column: str, language: Language, *, labels: bool) -> str:
    """Write one cell of a column that is not numeric, codes as words."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return MISSING
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return format_number(cell, adaptive_decimals(cell), language=language)
    text = str(cell)
    if labels and column == "indicator":
        text = indicators.label(text, language=language)
    elif labels and column in _CODES:
        text = term(_CODES[column], text, language=language)
    elif labels and column.endswith("_flag"):
        text = ", ".join(term("flags", part, language=language) for part in flag_parts(text))
    return text or MISSING


def _intervals(table: pd.DataFrame, language: Language) -> list[str]:
    lows, highs = numbers(table, "ci_low"), numbers(table, "ci_high")
    decimals = row_decimals(table, "ci_low")
    ends = zip(lows, highs, decimals, strict=True)
    return [format_interval(low, high, places, language=language) for low, high, places in ends]


def _signed(table: pd.DataFrame) -> list[bool]:
    """Tell which rows are changes of a measure: their period spans two years."""
    if not {"measure", "period"} <= set(table.columns):
        return [False] * len(table)
    return ["–" in str(period) for period in table["period"]]


def _finer(decimals: int | None, more: bool) -> int | None:
    """Return decimals for a change: one more than for the level, three at most."""
    return decimals if decimals is None or not more else max(decimals, min(decimals + 1, 3))


def row_decimals(table: pd.DataFrame, column: str) -> list[int]:
    """Return the decimals of each row: by column, by measure and indicator, else by size.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"measure": ["sigma", "gini"], "value": [15.25, 0.25]})
    >>> row_decimals(table, "value")
    [1, 3]
    """
    fixed = _column_decimals(column)
    if fixed is not None:
        return [fixed] * len(table)
    check_columns(table, [column], argument="table")
    figures = [c for c in _FIGURES if c in table and c != "se"] if column in _FIGURES else [column]
    values = [numbers_or_nan(table[c]) for c in figures]
    if column in _FIGURES:
        sizes = [adaptive_decimals(*row) for row in zip(*values, strict=True)]
    else:
        sizes = [adaptive_decimals(*values[0])] * len(table)
    # Of a count the standard error and what is expected are no whole numbers.
    least = 1 if column in ("se", "expected") else 0
    known = _subject_decimals(table)
    return [size if fixed is None else max(fixed, least) for fixed, size in zip(known, sizes, strict=True)]


def _column_decimals(column: str) -> int | None:
    """Return the decimals that follow from the column alone."""
    category = indicators.catalogue()["kind"].get(column) == "category"
    if category or column in _WHOLE or column.startswith("n_"):
        return 0
    base = column.removesuffix("_se")
    if column not in _FIGURES and indicators.label(base) != base:
        return max(decimals_for(base), int(base != column))
    return _DECIMALS.get(column)


def _subject_decimals(table: pd.DataFrame) -> list[int | None]:
    """Return the decimals that follow from the measure and the indicator of each row."""
    subject = table["indicator"].astype(str) if "indicator" in table else pd.Series("", index=table.index)
    if "measure" in table:
        pairs = list(zip(table["measure"].astype(str), subject, strict=True))
        known = {pair: decimals_of(*pair) for pair in set(pairs)}
        finer = _signed(table)
        return [_finer(known[pair], more) for pair, more in zip(pairs, finer, strict=True)]
    units = {name: max(1, decimals_for(name)) if name else None for name in set(subject)}
    return [units[name] for name in subject]


def profile_table(survey: Survey, *, language: Language | None = None) -> pd.DataFrame:
    """Return the profiles for reading: size, index, mean of each indicator and a typical area.

    Means of indicators have one decimal where the indicator is a share. The description in words is
    left out: it is a text, not a figure.
    """
    spoken = language or survey.language
    table = survey.profiles.drop(columns=["description", "profile"], errors="ignore")
    if "label" not in table:
        table.insert(0, "label", survey.profiles["profile"].astype(str))
    shown = present(table.rename(columns={"label": "profile"}), language=spoken)
    for indicator in survey.indicators:
        if indicator in table and indicators.is_share(indicator):
            values = numbers_or_nan(table[indicator])
            cells = [format_number(value, 1, language=spoken) for value in values]
            shown[heading(indicator, language=spoken)] = cells
    return shown


def area_table(survey: Survey, *, language: Language | None = None) -> pd.DataFrame:
    """Return the areas for reading, by profile and then index, weakest first, index as in the survey.

    A value that is not observed is marked with a symbol and shows its standard error after ±;
    `flag_marks` explains the symbols.
    """
    spoken = language or survey.language
    areas = survey.areas
    order = [c for c in ("profile", "index", "area_id") if c in areas]
    areas = areas.sort_values(order, kind="stable", na_position="last")
    first = [c for c in ("name", "area_id", "profile", "index", "population") if c in areas]
    own = [c for c in survey.indicators if c in areas and c not in first]
    last = ["flags"] if "flags" in areas else []
    shown = present(pd.DataFrame(areas[[*first, *own, *last]]), language=spoken)
    for indicator in own:
        if f"{indicator}_flag" in areas:
            name = heading(indicator, language=spoken)
            shown[name] = _marked(shown[name], areas, indicator, spoken)
    return shown


def _marked(cells: pd.Series, areas: pd.DataFrame, indicator: str, language: Language) -> list[str]:
    """Add the standard error and the symbols to values that are not observed."""
    errors = areas[f"{indicator}_se"] if f"{indicator}_se" in areas else pd.Series(np.nan, index=areas.index)
    decimals = max(1, decimals_for(indicator))
    marked = []
    for text, flag, error in zip(cells, areas[f"{indicator}_flag"], errors, strict=True):
        symbols = "".join(flag_symbol(part) for part in flag_parts(flag))
        spread = f" ±{format_number(error, decimals, language=language)}" if error > 0 else ""
        marked.append(text if text == MISSING else f"{text}{spread}{symbols}")
    return marked


def flag_marks(survey: Survey, *, language: Language | None = None) -> dict[str, str]:
    """Return the symbols that `area_table` uses in this survey and what each means."""
    spoken = language or survey.language
    columns = [f"{i}_flag" for i in survey.indicators if f"{i}_flag" in survey.areas]
    parts = {part for column in columns for flag in survey.areas[column] for part in flag_parts(flag)}
    known = words()["flags"]
    if parts - set(known):
        parts.add("other")
    ordered = [part for part in known if part in parts and known[part][2]]
    return {flag_symbol(part): term("flags", part, language=spoken) for part in ordered}


def claims_table(survey: Survey, *, language: Language | None = None) -> pd.DataFrame:
    """Return the published statements and how each fared: an outcome in words with a neutral symbol."""
    spoken = language or survey.language
    claims = survey.claims.drop(columns="claim", errors="ignore")
    shown = present(claims, language=spoken)
    name, interval = heading("value", language=spoken), word("interval", language=spoken)
    if interval in shown:
        shown[name] = _with_interval(shown[name], shown[interval])
        shown = shown.drop(columns=interval).rename(columns={name: f"{name} ({interval})"})
    if "verdict" in claims:
        name = heading("verdict", language=spoken)
        symbols = claims["verdict"].astype(str).map(verdict_symbol)
        shown[name] = symbols + "\u00a0" + shown[name]
    return shown


def trend_table(
    survey: Survey,
    *,
    language: Language | None = None,
    geography: str | None = None,
    indicator: str | None = None,
) -> pd.DataFrame:
    """Return measures by period for reading: one row per measure, one column per period.

    A cell holds the value and, in parentheses, its interval. `geography` and `indicator` pick a part
    of the trends; without them the table covers all and has columns for both.
    """
    spoken = language or survey.language
    rows = trend_rows(survey.trends, geography=geography, indicator=indicator)
    if rows.empty:
        return pd.DataFrame()
    picked = {"geography": geography, "indicator": indicator}
    keys = [c for c in ("geography", "indicator", "measure") if c in rows and picked.get(c) is None]
    # Region and group only where they tell rows apart.
    for column in ("group", "region"):
        if column in rows and rows.duplicated([*keys, "period"]).any():
            keys.insert(-1, column)
    texts = _with_interval(_cells(rows, "value", spoken, labels=True), _intervals(rows, spoken))
    long = rows[keys].assign(period=rows["period"].astype(str), text=texts)
    wide = long.pivot(index=keys, columns="period", values="text").reset_index()
    wide.columns.name = None
    order = long[keys].drop_duplicates()
    return present(order.merge(wide, on=keys, how="left", validate="1:1"), language=spoken)


def _with_interval(values: Iterable[str], intervals: Iterable[str]) -> list[str]:
    """Write values with their intervals in parentheses, where there are any."""
    pairs = zip(values, intervals, strict=True)
    return [value if interval == MISSING else f"{value} ({interval})" for value, interval in pairs]


def trend_rows(
    trends: pd.DataFrame, *, geography: str | None = None, indicator: str | None = None
) -> pd.DataFrame:
    """Return the rows of a tidy table that belong to a geography and an indicator.

    Raises
    ------
    UnknownNameError
        When the table lacks ``measure, period, value, ci_low, ci_high``.
    """
    if trends.empty:
        return trends
    check_columns(trends, ["measure", "period", "value", "ci_low", "ci_high"], argument="trends")
    for column, wanted in (("geography", geography), ("indicator", indicator)):
        if wanted is not None:
            check_columns(trends, [column], argument="trends")
            trends = trends[trends[column].astype(str) == wanted]
    return trends.reset_index(drop=True)


guard(__name__)
