"""The sections of a screening's report."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from segkit.catalogue import indicators
from segkit.catalogue.labels import decimals_for
from segkit.drawing import maps
from segkit.output.document.document import Picture, Section, Table
from segkit.studies.screening.examples import grant_municipalities as granted
from segkit.studies.study import shown
from segkit.words.numbers import MISSING, format_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from segkit.base.checks import Language
    from segkit.studies.screening.screen import Screening

Words = dict[str, str]
#: Areas listed by name in a sentence.
_MOST_NAMED = 12


def _called(found: Screening) -> pd.Series:
    """Return code -> name, the code where there is no name."""
    areas = found.areas.set_index("area_id")
    return areas["name"] if "name" in areas else pd.Series(areas.index, index=areas.index)


def _names(codes: list[str], found: Screening) -> str:
    called = _called(found)
    text = "; ".join(str(called[code]) for code in codes[:_MOST_NAMED])
    return text if len(codes) <= _MOST_NAMED else f"{text} …"


def _number(value: float, indicator: str, language: Language, *, sign: bool = False) -> str:
    places = max(decimals_for(indicator), 1) if indicator != "population" else 0
    return format_number(value, places, language=language, sign=sign)


def summary(found: Screening, tables: Mapping[str, pd.DataFrame], words: Words) -> Section:
    """Return the findings in a few sentences."""
    n = len(found.areas)
    points = [words["summary_none"].format(total=n)]
    if found.selected:
        names = _names(found.selected, found)
        points = [words["summary_met"].format(n=len(found.selected), total=n, names=names)]
    if found.unknown:
        points.append(
            words["summary_unknown"].format(n=len(found.unknown), names=_names(found.unknown, found))
        )
    near = found.areas[found.areas["change_needed"].notna()]
    if len(near):
        names = _names([str(a) for a in near["area_id"]], found)
        points.append(words["summary_pivotal"].format(n=len(near), names=names))
    certain = tables["certainty"]
    if len(certain):
        unsure = (
            certain.loc[certain["firm"].eq(other=False).fillna(value=False), "area_id"].astype(str).tolist()
        )
        if unsure:
            points.append(words["summary_unsure"].format(n=len(unsure), names=_names(unsure, found)))
        else:
            points.append(words["summary_sure"])
    moves = tables["threshold_moves"]
    moving = int(((moves["n_entering"] + moves["n_leaving"]) > 0).sum())
    points.append(words["summary_moves"].format(n=moving, total=len(moves)))
    if len(tables["agreement"]):
        table = tables["agreement"].set_index("measure")
        points.append(
            words["summary_list"].format(
                found=int(table["value"]["found"]),
                listed=int(table["n_of"]["recall"]),
                met=len(found.selected),
            )
        )
    return Section(words["summary"], points=tuple(points))


def the_rule(found: Screening, words: Words, language: Language) -> Section:
    """Return the rule in words, and each criterion with the bound it came to."""
    rows = []
    for number, (criterion, (_, part)) in enumerate(
        zip(found.rule.criteria(), found.criteria.groupby("criterion", sort=True), strict=True), start=1
    ):
        bounds = part["bound"].dropna().unique()
        bound = (
            _number(float(bounds[0]), criterion.indicator, language) if len(bounds) == 1 else words["each"]
        )
        met = part["met"]
        rows.append(
            (
                f"{number}. {criterion.describe(language=language)}",
                str(part["period"].iloc[0]),
                bound if len(bounds) else MISSING,
                str(int(met.fillna(value=False).sum())),
                str(int(met.isna().sum())),
            )
        )
    heads = [words[f"head_{key}"] for key in ("criterion", "period", "bound", "n_met", "n_unknown")]
    text = found.rule.describe(language=language)
    known = words.get(f"rule_{found.rule.name}", "")
    return Section(
        words["rule"],
        paragraphs=tuple(filter(None, (text[:1].upper() + text[1:] + ".", known))),
        tables=(Table(pd.DataFrame(rows, columns=heads), words["rule_caption"]),),
    )


def _standing(found: Screening, certain: pd.DataFrame) -> pd.Series:
    """Return 1 (meets), 2 (meets, uncertain), 3 (does not, uncertain), 4 (does not); missing: undecided."""
    meets = found.areas["selected"]
    unsure = pd.Series(data=False, index=meets.index)
    if len(certain):
        unsure = certain["firm"].eq(other=False).fillna(value=False).astype(bool)
    codes = np.where(meets.fillna(value=False), np.where(unsure, 2, 1), np.where(unsure, 3, 4))
    return pd.Series(codes, index=meets.index, dtype=float).where(meets.notna())


def who_meets(
    found: Screening, certain: pd.DataFrame, panel: pd.DataFrame, words: Words, language: Language
) -> Section:
    """Return those that meet the rule, the undecided ones, and a map where there are boundaries."""
    standing = _standing(found, certain)
    rows = found.areas.assign(standing=standing)
    rows = rows[rows["selected"].fillna(value=True).astype(bool) | rows["standing"].isin([2.0, 3.0])]
    called = _called(found)
    table = pd.DataFrame(
        {
            words["head_area"]: [str(called[a]) for a in rows["area_id"]],
            words["head_code"]: rows["area_id"].astype(str).tolist(),
            words["head_outcome"]: [
                words["class_0"] if np.isnan(c) else words[f"class_{c:.0f}"] for c in rows["standing"]
            ],
            words["head_met_of"]: [
                f"{m} / {n}" for m, n in zip(rows["n_met"], rows["n_criteria"], strict=True)
            ],
            words["head_n_unknown"]: rows["n_unknown"].astype(str).tolist(),
        }
    )
    pictures: tuple[Picture, ...] = ()
    if "geometry" in panel and getattr(panel, "crs", None) is not None:
        pictures = (
            _map(found, standing, cast("gpd.GeoDataFrame", panel), words, language, bool(len(certain))),
        )
    paragraphs = () if len(table) else (words["who_none"],)
    return Section(
        words["who"], paragraphs=paragraphs, pictures=pictures, tables=(Table(table, words["who_caption"]),)
    )


def _map(
    found: Screening,
    standing: pd.Series,
    panel: gpd.GeoDataFrame,
    words: Words,
    language: Language,
    uncertain: bool,
) -> Picture:
    newest = panel.sort_values("period", kind="stable").drop_duplicates("area_id", keep="last")
    classes = (1, 2, 3, 4) if uncertain else (1, 4)
    place = {c: i for i, c in enumerate(classes, start=1)}
    of_area = dict(zip(found.areas["area_id"], standing.map(place), strict=True))
    areas = newest.assign(standing=newest["area_id"].map(of_area).astype(float)).reset_index(drop=True)
    counts = "; ".join(f"{words[f'class_{c}']}: {int((standing == c).sum())}" for c in classes)
    axes = maps.profile_map(
        areas,
        profile="standing",
        labels={place[c]: words[f"class_{c}"] for c in classes},
        heading=words["map_legend"],
        highlight=found.selected,
        language=language,
        title=words["map_title"].format(n=len(found.selected), total=len(found.areas)),
        source=sources_of(found, words) or None,
        ax=maps.new_axes(),
    )
    return Picture(axes, words["map_alt"].format(counts=counts), words["map_caption"], wide=True)


def sources_of(found: Screening, words: Words) -> str:
    """Say where the figures of the catalogue come from; empty where none is from there."""
    catalogue = indicators.catalogue()
    known = [i for i in dict.fromkeys(found.criteria["indicator"]) if i in catalogue.index]
    names = dict.fromkeys(
        f"{catalogue.loc[i, 'source']} {catalogue.loc[i, 'source_table']}".strip() for i in known
    )
    return words["map_source"].format(names=", ".join(names)) if names else ""


def distances(found: Screening, words: Words, language: Language) -> Section:
    """Return the distance of every area to every threshold."""
    called = _called(found)
    table = pd.DataFrame({words["head_area"]: [str(called[a]) for a in found.areas["area_id"]]})
    for number, (criterion, (_, part)) in enumerate(
        zip(found.rule.criteria(), found.criteria.groupby("criterion", sort=True), strict=True), start=1
    ):
        name = indicators.label(criterion.indicator, language=language)
        table[f"{number}. {name}"] = [_number(v, criterion.indicator, language) for v in part["value"]]
        table[words["head_distance"].format(number=number)] = [
            _number(v, criterion.indicator, language, sign=True)
            + ("*" if unsure is not pd.NA and bool(unsure) else "")
            for v, unsure in zip(part["distance"], part["uncertain"], strict=True)
        ]
    outcome = found.areas["selected"].map({True: words["yes"], False: words["no"]})
    table[words["head_meets"]] = outcome.astype(object).fillna(words["class_0"]).tolist()
    order = found.areas.assign(first=found.areas["selected"].fillna(value=False).astype(int))
    order = order.sort_values(["first", "n_met"], ascending=False, kind="stable")
    return Section(
        words["distances"],
        paragraphs=(words["distances_text"],),
        tables=(Table(table.loc[order.index].reset_index(drop=True), words["distances_caption"]),),
        landscape=True,
    )


def cliffs(found: Screening, moves: pd.DataFrame, words: Words, language: Language) -> Section:
    """Return who would enter or leave if a threshold moved, and whom a single figure decides."""
    called = _called(found)

    def named(codes: str) -> str:
        return "; ".join(str(called[code]) for code in codes.split(", ")) if codes else MISSING

    rows = pd.DataFrame(
        {
            words["head_criterion"]: [
                f"{row.criterion}. {indicators.label(str(row.indicator), language=language)}"
                for row in moves.itertuples()
            ],
            words["head_move"]: [format_number(m, 0, language=language, sign=True) for m in moves["move"]],
            words["head_threshold"]: [format_number(t, 2, language=language) for t in moves["threshold"]],
            words["head_n_selected"]: moves["n_selected"].astype(str),
            words["head_entering"]: [named(codes) for codes in moves["entering"]],
            words["head_leaving"]: [named(codes) for codes in moves["leaving"]],
        }
    )
    near = found.areas[found.areas["change_needed"].notna()]
    points = [
        words["pivotal"].format(
            name=called[row["area_id"]],
            outcome=words["class_1" if row["selected"] else "class_4"],
            label=indicators.label(str(row["nearest"]), language=language).casefold(),
            change=_number(float(row["change_needed"]), str(row["nearest"]), language),
            unit=indicators.unit(str(row["nearest"]), language=language),
        )
        for _, row in near.iterrows()
    ]
    return Section(
        words["cliffs"],
        paragraphs=(words["cliffs_text"], words["pivotal_text" if points else "pivotal_none"]),
        points=tuple(points),
        tables=(Table(rows, words["cliffs_caption"]),),
    )


def firmness(found: Screening, certain: pd.DataFrame, words: Words, language: Language) -> Section:
    """Return in which share of draws each area meets the rule."""
    if certain.empty:
        return Section(words["certainty"], paragraphs=(words["certainty_none"],))
    called = _called(found)
    rows = certain[certain["share_selected"].fillna(1) > 0]
    table = pd.DataFrame(
        {
            words["head_area"]: [str(called[a]) for a in rows["area_id"]],
            words["head_meets"]: [
                words["class_0"] if pd.isna(s) else words["yes" if s else "no"] for s in rows["selected"]
            ],
            words["head_share"]: [
                format_number(100 * v, 0, language=language) for v in rows["share_selected"]
            ],
            words["head_firm"]: [
                MISSING if pd.isna(f) else words["yes" if f else "no"] for f in rows["firm"]
            ],
        }
    )
    with_se = found.criteria.loc[found.criteria["se"].notna(), "indicator"].unique()
    names = ", ".join(indicators.label(i, language=language).casefold() for i in with_se)
    return Section(
        words["certainty"],
        paragraphs=(words["certainty_text"].format(names=names),),
        tables=(Table(table, words["certainty_caption"]),),
    )


def listed_and_found(agreement: pd.DataFrame, found: Screening, words: Words, language: Language) -> Section:
    """Return how the list given and those that meet the rule agree."""
    called = _called(found)
    rows = []
    for row in agreement.itertuples():
        share = row.measure in {"recall", "precision"}
        codes = [str(called.get(code, code)) for code in str(row.codes).split(", ") if code]
        value = float(cast("float", row.value))
        rows.append(
            (
                words[f"agreement_{str(row.measure).replace(' ', '_')}"],
                format_number(100 * value if share else value, int(share), language=language),
                str(row.n_of),
                "; ".join(codes) or MISSING,
            )
        )
    heads = [words[f"head_{key}"] for key in ("measure", "value", "n_of", "who")]
    return Section(
        words["agreement"],
        paragraphs=(words["agreement_text"],),
        tables=(Table(pd.DataFrame(rows, columns=heads), words["agreement_caption"]),),
    )


def among_municipalities(code: str, table: pd.DataFrame, words: Words, language: Language) -> Section:
    """Return the municipality in the four fields of the grant, and what the figures can't tell."""
    rows = table.copy()
    rows["label"] = [indicators.label(i, language=language, unit=True) for i in rows["indicator"]]
    rows["place"] = [f"{p} / {n + 1}" for p, n in zip(rows["place"], rows["n_others"], strict=True)]
    columns = ("label", "period", "value", "sweden", "lowest", "highest", "place", "source")
    frame = shown(rows, {c: words[f"nation_{c}"] for c in columns}, language=language)
    chosen = code in set(granted()["municipality_code"])
    return Section(
        words["nation"],
        paragraphs=(words["nation_text"], words["nation_chosen" if chosen else "nation_not_chosen"]),
        tables=(Table(frame, words["nation_caption"]),),
        remarks=(words["nation_remark"],),
    )
