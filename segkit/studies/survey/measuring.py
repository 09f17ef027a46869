"""Which measures a survey takes of which indicator, per period and between first and last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.catalogue import indicators
from segkit.inference import compare_periods, trends
from segkit.words.text import survey_texts as sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language

#: Measures of the spread between areas of an indicator that is judged.
SPREAD = ("sigma", "ratio", "wolfson", "esteban_ray")

#: Measures of how a group that can be counted is spread over the areas.
EVENNESS = ("dissimilarity", "information_theory")

#: Remarks that mark an earlier definition: what they stand at is not compared with what they don't.
BREAKS = ("ages 25-64", "earlier register")


@dataclass(frozen=True)
class Series:
    """One indicator of one geography over its periods, ready to be measured."""

    geography: str
    indicator: str
    frame: pd.DataFrame
    weight: str
    counted: bool
    judged: bool
    note: str

    @property
    def periods(self) -> list[int]:
        """The periods with figures, in order."""
        return sorted(int(p) for p in self.frame["period"].unique())


def series_of(panels: Mapping[str, pd.DataFrame], *, language: Language) -> list[Series]:
    """Find the indicators that have figures of at least two periods in a geography.

    Modelled figures are left out: their spread is that of the model, not of the areas. Of districts
    only those with unchanged boundaries are taken.
    """
    found = []
    evenness = indicators.with_role("evenness")
    for geography, panel in panels.items():
        for indicator in _candidates(panel):
            weight = base_of(indicator)
            frame, note = _frame(panel, indicator, weight, language)
            if frame is None or frame["period"].nunique() < 2:
                continue
            counted = indicator in evenness and weight in frame
            judged = _is_judged(indicator)
            found.append(Series(geography, indicator, frame, weight, counted, judged, note))
    return found


def base_of(indicator: str) -> str:
    """Return the count that an indicator is weighted by: its base in the catalogue, else the population.

    Examples
    --------
    >>> base_of("turnout"), base_of("median_income")
    ('electorate', 'population')
    """
    return str(indicators.catalogue()["base"].get(indicator, "")) or "population"


def _is_judged(indicator: str) -> bool:
    table = indicators.catalogue()
    return indicator in table.index and int(table["direction"][indicator]) != 0


def _candidates(panel: pd.DataFrame) -> list[str]:
    table = indicators.catalogue()
    judged = table.index[table["direction"] != 0]
    return [c for c in panel.columns if c in judged or c in indicators.with_role("evenness")]


def _frame(
    panel: pd.DataFrame, indicator: str, weight: str, language: Language
) -> tuple[pd.DataFrame | None, str]:
    """Return rows with figures of periods, with weights, and a note on what was done."""
    text = sentences("texts", language)
    notes = []
    rows, earlier = same_definition(panel, indicator)
    if earlier:
        notes.append(text["note_break"].format(periods=periods_in_words(earlier)))
    flag = f"{indicator}_flag"
    if flag in rows:
        flags = rows[flag].fillna("")
        if flags.str.contains("modelled").any():
            return None, ""
        early = sorted(int(p) for p in rows.loc[flags.str.contains("preliminary"), "period"].unique())
        if early:
            notes.append(text["note_preliminary"].format(periods=", ".join(map(str, early))))
    if "boundary_comparable" in rows:
        changed = rows.loc[rows["boundary_comparable"] == 0, "area_id"].nunique()
        rows = rows[rows["boundary_comparable"] == 1]
        if changed:
            key = "note_boundaries" if "ballots" in panel else "note_boundaries_areas"
            notes.append(text[key].format(n=changed))
    weights, carried = _weights(panel, rows, weight)
    if weights is None:
        return None, ""
    if carried:
        notes.append(text["note_carried"].format(weight=text[f"weight_{weight}"], period=carried))
    frame = pd.DataFrame(
        {
            "area_id": rows["area_id"],
            "period": rows["period"],
            indicator: rows[indicator],
            weight: weights,
            "group": rows[indicator] / 100 * weights,
        }
    )
    return frame.reset_index(drop=True), " ".join(notes)


def same_definition(panel: pd.DataFrame, indicator: str) -> tuple[pd.DataFrame, list[int]]:
    """Return the rows with figures of the newest definition, and the periods of an earlier one.

    Examples
    --------
    >>> panel = pd.DataFrame({"period": [2023, 2024], "x": [1.0, 2.0], "x_flag": ["ages 25-64", ""]})
    >>> same_definition(panel, "x")[1]
    [2023]
    """
    rows = panel[panel[indicator].notna()]
    flag = f"{indicator}_flag"
    if flag not in rows or rows.empty:
        return rows, []
    flags = rows[flag].fillna("").astype(str)
    kind = flags.map(lambda told: ", ".join(b for b in BREAKS if b in told.split(", ")))
    # Of the newest period every area has the same definition.
    same = kind == kind.iloc[int(rows["period"].to_numpy().argmax())]
    return rows[same], sorted(int(p) for p in rows.loc[~same, "period"].unique())


def periods_in_words(periods: list[int]) -> str:
    """Return periods as text, a run of years by its ends.

    Examples
    --------
    >>> periods_in_words([2015, 2016, 2017]), periods_in_words([2018, 2022])
    ('2015–2017', '2018, 2022')
    """
    first, last = periods[0], periods[-1]
    whole = len(periods) > 1 and last - first == len(periods) - 1
    return f"{first}–{last}" if whole else ", ".join(map(str, periods))


def _weights(panel: pd.DataFrame, rows: pd.DataFrame, weight: str) -> tuple[pd.Series | None, str]:
    """Return the weights of each row; where a period has none, those of the nearest period that has."""
    if weight == "dwellings" and "dwellings" not in panel and "dwellings_rental" in panel:
        parts = ["dwellings_rental", "dwellings_cooperative", "dwellings_owned"]
        panel = panel.assign(dwellings=panel[parts].sum(axis=1, skipna=False))
    if weight not in panel:
        return None, ""
    known = panel.dropna(subset=[weight])
    if known.empty:
        return None, ""
    wide = known.pivot(index="area_id", columns="period", values=weight)
    result, carried = [], set()
    for area, period in zip(rows["area_id"], rows["period"], strict=True):
        own = wide.loc[area].dropna() if area in wide.index else pd.Series(dtype=float)
        if own.empty:
            result.append(np.nan)
            continue
        nearest = min(own.index, key=lambda p: (abs(int(p) - period), p))
        if nearest != period:
            carried.add(int(nearest))
        result.append(float(own[nearest]))
    return pd.Series(result, index=rows.index), ", ".join(map(str, sorted(carried)))


def measure(
    series: list[Series], *, n_bootstrap: int, random_state: int, language: Language
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the measures of every series per period, and their paired changes with a sentence each."""
    per_period, changes = [], []
    for item in series:
        for names, options in _calls(item):
            draws: dict[str, Any] = {"n_bootstrap": n_bootstrap, "random_state": random_state, **options}
            rows = trends.by_period(item.frame, names, **draws)
            first, last = item.periods[0], item.periods[-1]
            change = compare_periods(item.frame, names, first=first, last=last, **draws)
            change["sentence"] = [_sentence(item, rows, row, language) for _, row in change.iterrows()]
            described = {"geography": item.geography, "indicator": item.indicator, "note": item.note}
            per_period.append(rows.assign(**described))
            changes.append(change.assign(**described))
    if not per_period:
        return pd.DataFrame(), pd.DataFrame()
    return pd.concat(per_period, ignore_index=True), pd.concat(changes, ignore_index=True)


def _calls(item: Series) -> list[tuple[list[str], dict[str, str]]]:
    """Return which measures to take, with their columns."""
    calls: list[tuple[list[str], dict[str, str]]] = []
    spread = list(SPREAD) if item.judged else ["sigma"]
    calls.append((spread, {"values": item.indicator, "weight": item.weight}))
    if item.counted:
        calls.append((list(EVENNESS), {"group": "group", "total": item.weight}))
    return calls


def _sentence(item: Series, rows: pd.DataFrame, change: pd.Series, language: Language) -> str:
    of_measure = rows[rows["measure"] == change["measure"]].set_index("period")
    name = indicators.label(item.indicator, language=language)
    title = f"{name}: {sentences('measures', language)[change['measure']]}"
    first, last = (of_measure.loc[period] for period in (item.periods[0], item.periods[-1]))
    return trends.change_sentence(title, first, last, change, language=language)
