"""The follow-up as a report and a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.catalogue import embedded, indicators
from segkit.catalogue.key_figures import texts as followup_texts
from segkit.errors import UnknownNameError
from segkit.output.document.document import Document, Section, Table
from segkit.panels import areas
from segkit.studies import followup
from segkit.studies.study import Study, shown
from segkit.studies.survey.peers import PEERS
from segkit.words.numbers import MISSING, format_interval, format_number
from segkit.words.text import listed, say
from segkit.words.text import study_texts as texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from segkit.base.checks import Language

_DECIMALS = {"persons": 0, "dwellings": 0, "sek": 0, "ratio": 2}


def follow_up(
    municipality: str = "kalmar",
    peers: Sequence[str] | None = None,
    periods: Sequence[int] | None = None,
    *,
    figures: pd.DataFrame | None = None,
    panel: gpd.GeoDataFrame | None = None,
    language: Language = "sv",
) -> Study:
    """Follow up the key figures of a municipality: a report, a workbook, what is missing and why.

    Parameters
    ----------
    municipality : str
        Name of an embedded municipality, or a code of four digits.
    peers, periods, figures
        As in `followup.table`.
    panel : geopandas.GeoDataFrame, optional
        Areas with shares of foreign background or foreign born; by default the embedded DeSO of the
        municipality, where there are any.
    language : {"sv", "en"}
        Of all texts.

    Returns
    -------
    Study
        With tables ``key_figures, areas_that_deviate``.

    Raises
    ------
    UnknownNameError, InputError
        As `followup.table`.

    Examples
    --------
    >>> study = follow_up("kalmar", language="en")
    >>> study.document.title
    'Follow-up of key figures: Kalmar'
    """
    code, name = _place(municipality)
    table = followup.table(code, peers, periods, figures=figures, language=language)
    deviating = _deviating(municipality, panel)
    words = texts("followup", language)
    chosen = PEERS.get(code, ()) if peers is None else tuple(peers)
    command = f"segkit followup {municipality} --language {language}"
    filled = table[table["value"].notna()]
    subtitle = words["subtitle"].format(
        filled=filled["key_figure"].nunique(),
        total=table["key_figure"].nunique(),
        peers=_names(chosen, words, language),
    )
    document = Document(
        title=words["title"].format(name=name),
        subtitle=subtitle,
        lede=words["lede"],
        language=language,
        sections=(
            Section(words["summary"], points=_summary(table, words, language)),
            _figures(filled, words, language),
            _by_sex(filled, words, language),
            _areas(deviating, words, language),
            _missing(table, words, language),
            Section(
                words["method"],
                paragraphs=(words["method_text"],),
                remarks=(_sources(filled, language), words["repeat"].format(command=command)),
            ),
        ),
    )
    return Study(
        document,
        {"key_figures": table, "areas_that_deviate": deviating},
        notes=(words["lede"], _sources(filled, language)),
        parameters={"study": "followup", "municipality": code, "peers": list(chosen), "command": command},
    )


def _place(municipality: str) -> tuple[str, str]:
    """Return code and name; a municipality that is not embedded goes by its code."""
    try:
        return embedded.MUNICIPALITIES[embedded.municipality(municipality).name]
    except UnknownNameError:
        return municipality, municipality


def _names(codes: Sequence[str], words: dict[str, str], language: Language) -> str:
    known = areas.load_reference().drop_duplicates("municipality_code").set_index("municipality_code")
    names = known["municipality_name"]
    found = [str(names.get(code, code)) for code in codes]
    return listed(found, language) or words["no_peers"]


def _deviating(municipality: str, panel: gpd.GeoDataFrame | None) -> pd.DataFrame:
    if panel is None:
        try:
            panel = areas.load_example(municipality)
        except UnknownNameError:
            return pd.DataFrame()
    return followup.segregated_areas(panel)


def _summary(table: pd.DataFrame, words: dict[str, str], language: Language) -> tuple[str, ...]:
    total = table[table["sex"] == "T"]
    lacking = total[total["value"].isna()]
    fetch = int((lacking["source"] == "Kolada").sum())
    n = int(total["value"].notna().sum())
    points = [words["summary_filled"].format(n=n, missing=len(lacking), fetch=fetch)]
    for column in ("change", "sweden", "peers"):
        judged = total[f"{column}_judged"].value_counts()
        better, worse, same = (int(judged.get(word, 0)) for word in ("better", "worse", "same"))
        if better + worse + same:
            points.append(
                words[f"summary_{column}"].format(better=better, worse=worse, n=better + worse + same)
            )
    shares = total[total["gap"].notna() & (total["unit"] == followup_texts("units", language)["per_cent"])]
    if len(shares):
        row = shares.iloc[int(shares["gap"].abs().to_numpy().argmax())]
        gap = format_number(float(row["gap"]), 1, language=language, sign=True)
        points.append(words["summary_gap"].format(label=row["label"], gap=gap, unit=row["unit"]))
    return tuple(points)


def _figures(filled: pd.DataFrame, words: dict[str, str], language: Language) -> Section:
    """Return the totals with their comparisons, by group."""
    rows = filled[filled["sex"] == "T"]
    verdicts, groups = followup_texts("verdicts", language), followup_texts("groups", language)
    cells = [_row(row, words, verdicts, language) for _, row in rows.iterrows()]
    table = pd.DataFrame(cells, index=rows.index)
    if len(table):
        table["group"] = rows["group"].map(groups)
    return Section(
        words["figures"],
        paragraphs=(words["figures_intro"],),
        tables=(Table(table, words["figures_caption"], by="group" if len(table) else ""),),
        remarks=tuple(f"{row['label']}: {row['note']}" for _, row in rows.iterrows() if row["note"]),
    )


def _row(
    row: pd.Series, words: dict[str, str], verdicts: dict[str, str], language: Language
) -> dict[str, str]:
    places = _decimals(row["key_figure"])

    def number(column: str, *, sign: bool = False) -> str:
        return format_number(float(row[column]), places, language=language, sign=sign)

    def year(column: str) -> str:
        return MISSING if pd.isna(row[column]) else str(int(row[column]))

    peers = MISSING if pd.isna(row["peers_median"]) else f"{number('peers_median')} (n = {row['n_peers']})"
    return {
        words["head_label"]: f"{row['label']}, {row['unit']}",
        words["head_period"]: year("period"),
        words["head_value"]: number("value"),
        words["head_since"]: year("previous_period"),
        words["head_change_plain"]: number("change", sign=True),
        words["head_change_judged"]: verdicts[row["change_judged"]] or MISSING,
        words["head_sweden"]: number("sweden"),
        words["head_sweden_judged"]: verdicts[row["sweden_judged"]] or MISSING,
        words["head_peers"]: peers,
        words["head_peers_judged"]: verdicts[row["peers_judged"]] or MISSING,
    }


def _decimals(key_figure: str) -> int:
    return _DECIMALS.get(str(followup.key_figures().loc[key_figure, "unit"]), 1)


def _by_sex(filled: pd.DataFrame, words: dict[str, str], language: Language) -> Section:
    women = filled[filled["sex"] == "K"].set_index("key_figure")
    men = filled[filled["sex"] == "M"].set_index("key_figure")
    both = [key for key in women.index if key in men.index]
    if not both:
        return Section(words["by_sex"], paragraphs=(words["by_sex_none"],))
    cells = []
    for key in both:
        row = women.loc[key]
        places = _decimals(key)
        values: list[Any] = [row["value"], men.loc[key, "value"]]
        texts_ = [format_number(float(v), places, language=language) for v in values]
        gap = format_number(float(row["gap"]), places, language=language, sign=True)
        cells.append((f"{row['label']}, {row['unit']}", str(int(row["period"])), *texts_, gap))
    heads = [words[f"head_{key}"] for key in ("label", "period", "women", "men", "gap")]
    return Section(
        words["by_sex"], tables=(Table(pd.DataFrame(cells, columns=heads), words["by_sex_caption"]),)
    )


def _areas(deviating: pd.DataFrame, words: dict[str, str], language: Language) -> Section:
    if deviating.empty:
        return Section(words["areas"], paragraphs=(words["areas_none"],))
    tables = []
    for indicator, part in deviating.groupby("indicator", sort=False):
        caption = words["areas_caption"].format(
            label=indicators.label(str(indicator), language=language),
            period=part["period"].iloc[0],
            average=format_number(float(part["average"].iloc[0]), 1, language=language),
        )
        rows = part.assign(
            interval=[
                format_interval(low, high, 1, language=language)
                for low, high in zip(part["ci_low"], part["ci_high"], strict=True)
            ]
        )
        columns = {"name": "area", "population": "population", "value": "share", "deviation": "deviation"}
        heads = {column: words[f"head_{key}"] for column, key in {**columns, "interval": "interval"}.items()}
        table = shown(rows, heads, decimals={"population": 0}, signed=("deviation",), language=language)
        tables.append(Table(table, caption))
    return Section(words["areas"], paragraphs=(words["areas_intro"],), tables=tuple(tables))


def _missing(table: pd.DataFrame, words: dict[str, str], language: Language) -> Section:
    rows = table[table["value"].isna() & (table["sex"] == "T")]
    heads = {"label": words["head_label"], "row": words["head_row"], "reason": words["head_reason"]}
    frame = shown(rows, heads, language=language)
    by = ""
    if len(frame):
        by = "group"
        frame[by] = rows["group"].map(followup_texts("groups", language))
    return Section(
        words["missing"],
        paragraphs=(words["missing_intro"],),
        tables=(Table(frame, words["missing_caption"], by=by),),
    )


def _sources(filled: pd.DataFrame, language: Language) -> str:
    names = sorted(set(filled["source"]))
    return say("words", "sources", language) + ": " + listed(names, language) + "."
