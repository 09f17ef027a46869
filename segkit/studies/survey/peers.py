"""Figures of whole municipalities side by side, only where they are of the same definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue import indicators
from segkit.words.text import survey_texts as sentences

if TYPE_CHECKING:
    from segkit.base.checks import Language

#: Municipality -> those it compares itself with, where it has said so.
PEERS = {"0880": ("0780", "1080", "1290", "1380")}


def peers_of(municipality: str, reference: pd.DataFrame) -> tuple[str, ...]:
    """Return the peers a municipality has named, else every other municipality of the reference.

    Examples
    --------
    >>> from segkit import areas
    >>> peers_of("0880", areas.load_reference())
    ('0780', '1080', '1290', '1380')
    """
    if municipality in PEERS:
        return PEERS[municipality]
    codes = sorted(set(reference["municipality_code"]) - {"00", municipality})
    return tuple(codes)


def period_name(period: str, language: Language) -> str:
    """Return a period of the reference as it is written in running text.

    Examples
    --------
    >>> period_name("2026M06", "en"), period_name("2022", "sv")
    ('June 2026', '2022')
    """
    year, _, month = period.partition("M")
    months = sentences("texts", language)["months"].split()
    return f"{months[int(month) - 1]} {year}" if month else period


def reference_label(indicator: str, language: Language) -> str:
    """Return the label of an indicator of the reference.

    Examples
    --------
    >>> reference_label("turnout_riksdag", "en")
    'Turnout in the Riksdag election'
    """
    named = sentences("texts", language)
    return named[indicator] if indicator in named else indicators.label(indicator, language=language)


def comparable(
    reference: pd.DataFrame, municipality: str, others: tuple[str, ...], *, least: int
) -> pd.DataFrame:
    """Pair a municipality's newest figures with those of others of the same definition and period.

    Only indicators with a direction are taken, and only rows that agree in indicator, period, unit and
    source table; at least `least` of the others must have the figure. The counterpart is their median.

    Returns
    -------
    pandas.DataFrame
        ``indicator, theme, period, own, other, better, source, n_others``.

    Examples
    --------
    >>> from segkit import areas
    >>> pairs = comparable(areas.load_reference(), "0880", ("00",), least=1)
    >>> pairs[["indicator", "period"]].values.tolist()
    [['turnout_municipal', '2022'], ['turnout_riksdag', '2022']]
    """
    catalogue = indicators.catalogue()
    keys = ["indicator", "period", "unit", "source_table"]
    own = reference[reference["municipality_code"] == municipality]
    rest = reference[reference["municipality_code"].isin(others)]
    grouped = rest.groupby(keys)["value"].agg(other="median", n_others="count").reset_index()
    pairs = own.merge(grouped[grouped["n_others"] >= least], on=keys)
    rows = []
    for indicator, part in pairs.groupby("indicator"):
        theme = "turnout" if str(indicator).startswith("turnout") else str(indicator)
        direction = int(catalogue["direction"].get(theme, 0))
        if direction == 0:
            continue
        newest = part.sort_values("period", kind="stable").iloc[-1]
        rows.append(
            {
                "indicator": str(indicator),
                "theme": str(catalogue["focus_area"][theme]),
                "period": str(newest["period"]),
                "own": float(newest["value"]),
                "other": float(newest["other"]),
                "better": bool(direction * (newest["value"] - newest["other"]) > 0),
                "source": str(newest["source"]),
                "n_others": int(newest["n_others"]),
            }
        )
    columns = ["indicator", "theme", "period", "own", "other", "better", "source", "n_others"]
    return pd.DataFrame(rows, columns=columns)
