"""The figures held against what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.panels.frame.questions import ASKED
from segkit.panels.frame.raw import folded
from segkit.panels.frame.texts import Problem, nearest

if TYPE_CHECKING:
    from segkit.panels.frame.catalogue import Indicator
    from segkit.panels.frame.questions import Log


def check(indicator: Indicator, log: Log) -> None:
    """Hold the figures against what is said of them."""
    figures = indicator.figures * float(indicator.said.get("multiply", 1))
    table, series = indicator.parts[0]
    heading = indicator.heading
    if not len(figures):
        return
    kind = indicator.said.get("kind")
    stated = indicator.entry is not None and "kind" in indicator.entry
    if kind == "share" and (figures.min() < 0 or figures.max() > 100):
        wrong = float(figures[(figures < 0) | (figures > 100)][0])
        if stated:
            raise Problem("share_outside", heading=heading, value=wrong, cell=_cell_of(indicator, wrong))
        log.add(
            "share",
            "share_over",
            table.sheet,
            level=ASKED,
            column=series.column,
            heading=heading,
            value=wrong,
            cell=_cell_of(indicator, wrong),
            setting="indicators.kind",
        )
    if kind == "count" and figures.min() < 0 and stated:
        raise Problem(
            "count_negative",
            heading=heading,
            value=float(figures.min()),
            cell=_cell_of(indicator, float(figures.min())),
        )
    _jumps(indicator, log)


def bases(indicators: list[Indicator]) -> None:
    """See that what a share is of is a count of this folder."""
    able = {name: i for i in indicators for name in (i.id, i.heading)}
    for indicator in indicators:
        base = indicator.said.get("base")
        if base is not None and (base not in able or able[base].said.get("kind", "count") != "count"):
            counts = [i.heading for i in indicators if i.said.get("kind") == "count"]
            where = indicator.entry.place("base") if indicator.entry else ""
            raise Problem(
                "base_unknown",
                where=where,
                base=base,
                near=nearest(base, counts, 0.3) or (counts[0] if counts else "-"),
            )


def official(indicators: list[Indicator], log: Log) -> None:
    """Ask whether a heading that is an official one's means the same; nothing follows from the likeness."""
    from segkit.catalogue import indicators as embedded

    table = embedded.catalogue()
    known = {folded(str(i)): str(i) for i in table.index}
    known |= {folded(str(row[c])): str(i) for i, row in table.iterrows() for c in ("label_sv", "label_en")}
    for indicator in indicators:
        found = known.get(folded(indicator.heading))
        if (
            found
            and indicator.id != "population"
            and "like" not in indicator.said
            and indicator.entry is None
        ):
            table_, series = indicator.parts[0]
            log.add(
                "like",
                "like_which",
                table_.sheet,
                level=ASKED,
                column=series.column,
                heading=indicator.heading,
                official=found,
                setting="indicators.like",
            )


def _cell_of(indicator: Indicator, value: float) -> str:
    factor = float(indicator.said.get("multiply", 1))
    for table, series in indicator.parts:
        at = np.flatnonzero(series.numbers * factor == value)
        if len(at):
            return table.sheet.cell(int(series.rows[at[0]]), series.column)
    return ""


def _jumps(indicator: Indicator, log: Log) -> None:
    values = np.concatenate([s.numbers for _, s in indicator.parts])
    years = np.concatenate([s.periods for _, s in indicator.parts])
    keep = np.isfinite(values) & (years > 0)
    levels = pd.Series(np.abs(values[keep])).groupby(years[keep]).median()
    levels = levels[levels > 0]
    years_, middles = [int(y) for y in levels.index.tolist()], levels.tolist()
    for y1, v1, y2, v2 in zip(years_, middles, years_[1:], middles[1:], strict=False):
        if max(v1, v2) >= 10 * min(v1, v2):
            log.add(
                "jump",
                "jump",
                indicator.parts[0][0].sheet,
                level=ASKED,
                column=indicator.parts[0][1].column,
                heading=indicator.heading,
                y1=y1,
                y2=y2,
                v1=v1,
                v2=v2,
                setting="indicators.multiply",
            )
