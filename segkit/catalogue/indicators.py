"""The catalogue of indicators: what each one means, in which unit, and which direction is stronger."""

from __future__ import annotations

from functools import cache

import pandas as pd

from segkit.base.boundary import guard
from segkit.base.checks import Language
from segkit.base.namespace import public
from segkit.catalogue import embedded
from segkit.errors import UnknownNameError, list_some, message

__all__ = ["Language", "catalogue", "direction", "is_count", "is_share", "label", "unit", "with_role"]

__dir__ = public(__all__)


#: Names that end so are percentages even when the catalogue does not know them.
_SHARE_ENDINGS = ("_share", "_rate", "turnout")


def catalogue() -> pd.DataFrame:
    """Return the catalogue of indicators, one row each, indexed by id.

    Returns
    -------
    pandas.DataFrame
        Columns ``label_sv, label_en, unit_sv, unit_en, kind`` (share in per cent, count, money, index,
        category),
        ``direction`` (1: a higher value is a stronger socioeconomic position, -1: weaker,
        0: describes residents or housing and is never judged), ``base`` (the count that a share is of;
        empty: the population), ``decimals`` (shown), ``price_year`` (constant: constant prices, the year
        not stated), ``noise`` (known error of the values), ``definition_sv, definition_en, source,
        source_table, kolada`` (its id there), ``focus_area`` (the heading it stands under in reports and
        charts), ``follow_up_row`` (the row of the key figures it belongs to), ``roles`` (where it is used
        without being named: profile, context and so on), ``field, field_role, nearness, field_note_sv,
        field_note_en`` (its place in the frame of five fields).

    Examples
    --------
    >>> from segkit import indicators
    >>> table = indicators.catalogue()
    >>> table.loc["unemployment_rate", "direction"]
    np.int64(-1)
    """
    return _table().copy()


@cache
def _table() -> pd.DataFrame:
    """Read the catalogue once; never handed out, so nobody can change it."""
    path = embedded.folder() / "catalogue.csv"
    table = pd.read_csv(
        path, dtype={"direction": int, "decimals": int}, keep_default_na=False, encoding="utf-8"
    )
    return table.set_index("id")


def with_role(role: str) -> tuple[str, ...]:
    """Return the indicators that have a role, in the order of the catalogue.

    Parameters
    ----------
    role : str
        ``profile`` (decides the profiles unless others are named), ``context`` (shown beside them),
        ``evenness`` (a group that is counted), ``deviation`` (areas' deviation from the municipality),
        ``grant`` (the fields of the state's grant of 2018), ``held_equal`` (in comparisons of areas),
        ``turnout_predictor``.

    Returns
    -------
    tuple of str

    Raises
    ------
    UnknownNameError
        When no indicator has the role.

    Examples
    --------
    >>> with_role("profile")
    ('employment_rate', 'median_income', 'post_secondary_share', 'turnout')
    """
    table = _table()
    roles = table["roles"].str.split()
    found = tuple(str(i) for i in table.index[[role in of for of in roles]])
    if not found:
        known = sorted({r for of in roles for r in of})
        fix = f"Roles of the catalogue: {', '.join(known)}."
        raise UnknownNameError(message("role", f"no indicator has the role {role!r}", fix=fix))
    return found


def label(indicator: str, *, language: Language = "sv", unit: bool = False) -> str:
    """Return the label of an indicator, with its unit on request; unknown ids are returned as they are.

    Examples
    --------
    >>> label("turnout", language="en", unit=True)
    'Turnout (per cent)'
    """
    table = _table()
    if indicator not in table.index:
        return indicator
    row = table.loc[indicator]
    text = str(row[f"label_{language}"])
    return f"{text} ({row[f'unit_{language}']})" if unit else text


def unit(indicator: str, *, language: Language = "sv") -> str:
    """Return the unit of an indicator, empty when the catalogue does not know it.

    Examples
    --------
    >>> unit("median_income", language="en")
    'thousand SEK per consumption unit'
    """
    table = _table()
    return str(table.loc[indicator, f"unit_{language}"]) if indicator in table.index else ""


def direction(indicator: str) -> int:
    """Return 1 or -1, the direction in which the indicator means a stronger position.

    Raises
    ------
    UnknownNameError
        When the catalogue does not know the indicator, or does not judge it (direction 0).

    Examples
    --------
    >>> direction("low_economic_standard")
    -1
    """
    table = _table()
    value = int(table["direction"].get(indicator, 0))
    if value == 0:
        known = list_some(table.index[table["direction"] != 0], 20)
        fix = f"State it with directions={{{indicator!r}: 1}} or -1. Indicators with a direction: {known}."
        raise UnknownNameError(message("direction", f"{indicator!r} has no direction", fix=fix))
    return value


def is_share(indicator: str) -> bool:
    """Tell whether an indicator is a percentage, 0 to 100.

    By the catalogue's ``kind``; for ids it does not know by the ending: ``_share``, ``_rate``, ``turnout``.

    Examples
    --------
    >>> is_share("turnout"), is_share("median_income"), is_share("my_own_share")
    (True, False, True)
    """
    table = _table()
    if indicator in table.index:
        return bool(table.loc[indicator, "kind"] == "share")
    return indicator.endswith(_SHARE_ENDINGS)


def is_count(indicator: str) -> bool:
    """Tell whether an indicator is a number of persons, households or dwellings, never negative.

    Examples
    --------
    >>> is_count("ballots")
    True
    """
    table = _table()
    return indicator in table.index and bool(table.loc[indicator, "kind"] == "count")


guard(__name__)
