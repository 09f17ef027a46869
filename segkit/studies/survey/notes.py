"""Say in words what the reader must know: remarks on areas, sources, limitations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue import indicators
from segkit.output import tables
from segkit.profiles import SPECIAL_COLUMNS, special_areas
from segkit.studies.survey.measuring import periods_in_words, same_definition
from segkit.words.text import survey_texts as sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Language
    from segkit.studies.survey.inputs import Inputs

#: From this share of people aged 20-34, figures of work and income partly reflect studies.
YOUNG = 30.0


def flags_of(areas: pd.DataFrame, chosen: Sequence[str], language: Language) -> pd.Series:
    """Say in plain text what the reader must know of an area's figures."""
    text = sentences("texts", language)
    remarks: list[list[str]] = [[] for _ in range(len(areas))]
    for indicator in chosen:
        if f"{indicator}_flag" not in areas:
            continue
        label = indicators.label(indicator, language=language)
        early = areas[f"{indicator}_flag"].fillna("").astype(str).str.contains("preliminary")
        for place, (_, row) in enumerate(areas.iterrows()):
            remarks[place] += _remarks(row, indicator, label, text, language)
            # What holds for every area is said once, under the limitations.
            if early.iloc[place] and not early.all():
                remarks[place].append(text["flag_preliminary"].format(label=label))
    if "young_adult_share" in areas:
        special = _special(areas, language)
        student = _student_like(areas)
        for place, (area, share) in enumerate(zip(areas["area_id"], areas["young_adult_share"], strict=True)):
            if area in special:
                remarks[place].append(special[area].removesuffix("."))
            elif student.iloc[place]:
                number = tables.format_number(share, 0, language=language)
                remarks[place].append(text["flag_young"].format(share=number))
    return pd.Series([". ".join(r) + ("." if r else "") for r in remarks], index=areas.index, dtype="str")


def _special(areas: pd.DataFrame, language: Language) -> dict[str, str]:
    """Return the reason why the figures of an area mean something else, by its code."""
    if not all(c in areas and areas[c].notna().all() for c in SPECIAL_COLUMNS):
        return {}
    found = special_areas(areas)
    return dict(zip(found["area_id"], found[f"reason_{language}"], strict=True))


def _student_like(areas: pd.DataFrame) -> pd.Series:
    """Tell where many are young and education is above the median, as where students live."""
    young = areas["young_adult_share"] >= YOUNG
    if "post_secondary_share" not in areas:
        return young & False
    return young & (areas["post_secondary_share"] > areas["post_secondary_share"].median())


def _remarks(
    row: pd.Series, indicator: str, label: str, text: dict[str, str], language: Language
) -> list[str]:
    flag = str(row[f"{indicator}_flag"])
    found = []
    if "modelled" in flag or "partly" in flag:
        kind = "flag_partly" if "partly" in flag else "flag_modelled"
        error = row.get(f"{indicator}_se")
        if pd.isna(error):
            found.append(text[f"{kind}_alone"].format(label=label))
        else:
            low, high = row[indicator] - 1.96 * error, row[indicator] + 1.96 * error
            if indicators.is_share(indicator):
                high = min(high, 100.0)
            low_text, high_text = (tables.format_number(v, 0, language=language) for v in (low, high))
            found.append(text[kind].format(label=label, low=low_text, high=high_text))
    elif "interpolated" in flag:
        found.append(text["flag_interpolated"].format(label=label))
    return found


def sources_of(
    areas: pd.DataFrame, periods: pd.DataFrame, language: Language, provenance: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return where each indicator comes from, of which period, and what it means.

    What a source told when it was fetched (`provenance`, of the areas surveyed) goes before the catalogue.
    """
    catalogue = indicators.catalogue()
    text = sentences("texts", language)
    rows = []
    for indicator, part in periods.groupby("indicator", sort=False):
        known = indicator in catalogue.index
        row = catalogue.loc[indicator] if known else None
        definition = str(row[f"definition_{language}"]) if row is not None else ""
        flag = f"{indicator}_flag"
        if flag in areas and areas[flag].fillna("").str.contains("modelled|partly").any():
            definition = text["modelled_definition"].format(definition=definition)
        rows.append(
            {
                "indicator": indicator,
                "label": indicators.label(str(indicator), language=language),
                "period": ", ".join(str(p) for p in part["period"] if p),
                "source": str(row["source"]) if row is not None else text["own_source"],
                "source_table": str(row["source_table"]) if row is not None else "",
                "definition": definition,
            }
        )
    table = pd.DataFrame(rows)
    return table if provenance is None or provenance.empty else _as_fetched(table, periods, provenance)


def _as_fetched(table: pd.DataFrame, periods: pd.DataFrame, provenance: pd.DataFrame) -> pd.DataFrame:
    """Put the source tables that the figures came from, and when, in place of the catalogue's."""
    used = periods.merge(provenance, on=["indicator", "period"], validate="1:m").groupby("indicator")
    told = used[["source", "source_table", "retrieved"]].agg(_each_once)
    for column in told:
        known = table["indicator"].map(told[column])
        table[column] = known.fillna(table[column]) if column in table else known.fillna("")
    columns = [c for c in table if c != "definition"]
    return table[[*columns, "definition"]]


def _each_once(texts: pd.Series[str]) -> str:
    return ", ".join(sorted(set(texts)))


def notes_on(
    inputs: Inputs, areas: pd.DataFrame, periods: pd.DataFrame, language: Language
) -> tuple[str, ...]:
    """Return the limitations, in plain sentences."""
    text = sentences("texts", language)
    notes = [text["note_index"], text["note_interval"]]
    people = periods[(periods["indicator"] == "population") & (periods["period"] > 0)]
    if len(people):
        notes.append(text["note_population"].format(period=", ".join(map(str, people["period"]))))
    if not inputs.turnout_model.empty and "turnout_flag" in areas:
        notes += _turnout_notes(inputs, areas, periods, language)
    if not inputs.provenance.empty:
        notes += _fetched_notes(inputs, areas, periods, language)
    elif inputs.code:
        notes.append(text["note_geometry"])
    return tuple(notes)


def _fetched_notes(
    inputs: Inputs, areas: pd.DataFrame, periods: pd.DataFrame, language: Language
) -> list[str]:
    """Say what holds for figures of a fetched municipality: names, boundaries, earlier definitions."""
    text = sentences("texts", language)
    notes = [text["note_names"]] if "regso_name" in areas else []
    panel = inputs.main
    changed = panel.loc[panel["boundary_comparable"] == 0, "name"].unique()
    if len(changed):
        notes.append(text["note_changed"].format(n=len(changed), names=list_some(changed, language)))
    for indicator in periods["indicator"].unique():
        earlier = same_definition(panel, str(indicator))[1]
        if earlier:
            label = indicators.label(str(indicator), language=language)
            notes.append(text["note_earlier"].format(label=label, periods=periods_in_words(earlier)))
    return notes


def list_some(names: Sequence[str], language: Language, most: int = 5) -> str:
    """Return the first few names and how many more there are."""
    shown = ", ".join(map(str, names[:most]))
    more = len(names) - most
    return shown if more <= 0 else sentences("texts", language)["and_more"].format(names=shown, n=more)


def _turnout_notes(
    inputs: Inputs, areas: pd.DataFrame, periods: pd.DataFrame, language: Language
) -> list[str]:
    text = sentences("texts", language)
    year = int(periods.loc[periods["indicator"] == "turnout", "period"].max())
    model = inputs.turnout_model
    error = model[(model["period"] == year) & (model["statistic"] == "leave-one-out mean absolute error")]
    flags = areas["turnout_flag"].fillna("")
    notes = [
        text["note_modelled"].format(
            year=year,
            n=int(flags.str.contains("modelled|partly").sum()),
            total=len(areas),
            error=tables.format_number(float(error["value"].iloc[0]), 1, language=language),
        )
    ]
    if flags.str.contains("preliminary").any():
        notes.append(text["note_early"].format(year=year))
    reference = inputs.reference
    known = reference[
        (reference["municipality_code"] == inputs.code) & (reference["indicator"] == "turnout_riksdag")
    ].sort_values("period", kind="stable")
    districts = inputs.panels["districts"]
    for last in known["period"].iloc[::-1]:
        rows = districts[(districts["period"] == int(last)) & districts["ballots"].notna()]
        if len(rows):
            counted = 100 * rows["ballots"].sum() / rows["electorate"].sum()
            official = float(known.loc[known["period"] == last, "value"].iloc[0])
            district_text, official_text = (
                tables.format_number(v, 1, language=language) for v in (counted, official)
            )
            notes.append(
                text["note_turnout"].format(district=district_text, official=official_text, year=last)
            )
            break
    return notes
