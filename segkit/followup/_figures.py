"""The figures that a follow-up is made from: those embedded, and the shape that fetched ones have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit import areas
from segkit._validate import check_columns, numbers
from segkit.errors import InputError, message
from segkit.followup._catalogue import key_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Columns of a long table of figures.
COLUMNS = ["key_figure", "municipality", "sex", "period", "value", "flag", "source"]
SEXES = ("T", "K", "M")

#: The country in a table of figures.
COUNTRY = "00"


def embedded_figures(municipalities: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the key figures that can be filled without a network, for the municipalities embedded.

    Parameters
    ----------
    municipalities : sequence of str, optional
        Codes of four digits, ``"00"`` for Sweden; all that are embedded when left out.

    Returns
    -------
    pandas.DataFrame
        Long: ``key_figure, municipality, sex`` (T all, K women, M men), ``period, value, flag, source``
        (where the value itself is from).

    Examples
    --------
    >>> table = embedded_figures(["0880"])
    >>> table[table["key_figure"] == "turnout_municipal"]["period"].tolist()
    [2014, 2018, 2022]
    """
    serves = key_figures()["embedded"]
    ids = {name: str(key) for key, name in serves.items() if name not in {"", "areas"}}
    rows = areas.load_reference()
    rows = rows[rows["indicator"].isin(ids)]
    if municipalities is not None:
        rows = rows[rows["municipality_code"].isin(list(municipalities))]
    table = pd.DataFrame(
        {
            "key_figure": rows["indicator"].map(ids),
            "municipality": rows["municipality_code"],
            "sex": "T",
            "period": rows["period"].astype(int),
            "value": rows["value"].astype(float),
            "flag": "",
            "source": (rows["source"] + " " + rows["source_table"].fillna("")).str.strip(),
        }
    )
    return table.sort_values(["key_figure", "municipality", "period"], ignore_index=True)


def check_figures(figures: pd.DataFrame) -> pd.DataFrame:
    """Check a long table of figures, and return it with whole years and values as floats.

    Raises
    ------
    UnknownNameError
        When a column is missing.
    InputError
        When a key figure is unknown, a sex is none of T, K, M, a period is no year, a value is no
        number, or a figure stands twice.
    """
    check_columns(figures, COLUMNS, argument="figures")
    table = figures[COLUMNS].copy()
    strangers = sorted(set(table["key_figure"]) - set(key_figures().index))
    if strangers:
        fix = "See followup.key_figures()."
        raise InputError(
            message("figures", "has key figures that the catalogue does not know", strangers, fix)
        )
    sexes = sorted(set(table["sex"]) - set(SEXES))
    if sexes:
        raise InputError(message("figures", "has a sex other than T, K and M", sexes))
    periods = numbers(table, "period")
    if (periods != periods.round()).any():
        raise InputError(message("figures", "has periods that are no whole years"))
    table["period"] = periods.astype(int)
    table["value"] = numbers(table, "value")
    keys = ["key_figure", "municipality", "sex", "period"]
    twice = table[table.duplicated(keys)]
    if len(twice):
        where = [f"{k} {m} {s} {p}" for k, m, s, p in twice[keys].itertuples(index=False)]
        raise InputError(message("figures", "has a figure more than once", where))
    return table
