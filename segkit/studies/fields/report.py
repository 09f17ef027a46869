"""The mapping in five fields as a report: mapping, analysis, and the frame of a plan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.catalogue.fields import texts as field_texts
from segkit.drawing import maps
from segkit.output import export
from segkit.output.document.document import Document, Picture, Section, Table
from segkit.studies import fields, survey
from segkit.studies.study import Study, shown
from segkit.words.numbers import MISSING, format_interval, format_number
from segkit.words.text import study_texts as texts

if TYPE_CHECKING:
    from pathlib import Path

    from segkit.base.checks import Language
    from segkit.studies.fields import FieldMapping

#: In the weakest fifth in nearly all draws, or in hardly any.
FIRM, RULED_OUT = 0.95, 0.05


def standing_of(rows: pd.DataFrame) -> list[int]:
    """Return 1 (in the weakest fifth), 2 (there, uncertain), 3 (outside, may belong) or 4 (outside).

    Areas without a position get 0.

    Examples
    --------
    >>> table = pd.DataFrame({"weakest_fifth": [True, True, False, False], "position": [-2.0, -1, 0, 1],
    ...                       "share_weakest": [1.0, 0.6, 0.3, 0.0]})
    >>> standing_of(table)
    [1, 2, 3, 4]
    """
    weak = rows["weakest_fifth"].to_numpy(dtype=bool)
    share = rows["share_weakest"].to_numpy(dtype=float)
    found = np.where(weak, np.where(share >= FIRM, 1, 2), np.where(share > RULED_OUT, 3, 4))
    return [int(c) for c in np.where(rows["position"].isna(), 0, found)]


def mapped(found: FieldMapping, field: str, words: dict[str, str]) -> Section:
    """Return the section of one field: its map, who stands where, or what is lacking."""
    label = field_texts("fields", found.language)[field]
    title = words["field_title"].format(label=label)
    rows = found.positions[found.positions["field"] == field]
    if rows.empty:
        lacking = found.missing.loc[found.missing["field"] == field, "label"]
        names = "; ".join(lacking.astype(str))
        context = found.frame[(found.frame["field"] == field) & found.frame["used"]]
        paragraphs = [words["field_none"].format(names=names)]
        if len(context):
            paragraphs.append(words["field_context"].format(names="; ".join(context["label"])))
        return Section(title, paragraphs=tuple(paragraphs))
    rows = rows.reset_index(drop=True)
    standing = pd.Series(standing_of(rows))
    used = found.frame[(found.frame["field"] == field) & found.frame["used"]]
    own = used[used["role"] != "context"]
    made_of = "; ".join(f"{row.label}, {row.period}" for row in own.itertuples())
    points = [
        words[f"class_{c}_points"].format(names="; ".join(rows.loc[standing == c, "name"].astype(str)))
        for c in (1, 2, 3)
        if (standing == c).any()
    ]
    if (standing == 0).any():
        points.append(words["class_0_points"].format(n=int((standing == 0).sum())))
    note = described(found, field, words)
    return Section(
        title,
        paragraphs=(words["field_made_of"].format(names=made_of),),
        points=tuple(points),
        pictures=(_map(found, field, standing, words),),
        remarks=(note,) if note else (),
    )


def described(found: FieldMapping, field: str, words: dict[str, str]) -> str:
    """Say how many of a field's figures are modelled or preliminary; empty where none is."""
    flags = found.positions.loc[found.positions["field"] == field, "flag"].astype(str)
    told = [
        words[f"flag_{word}"].format(n=int(flags.str.contains(pattern).sum()), total=len(flags))
        for word, pattern in (("modelled", "modelled|partly"), ("preliminary", "preliminary"))
        if flags.str.contains(pattern).any()
    ]
    if not told:
        return ""
    label = field_texts("fields", found.language)[field]
    return f"{label}: {' '.join(told)}"


def _map(found: FieldMapping, field: str, standing: pd.Series, words: dict[str, str]) -> Picture:
    language = found.language
    rows = found.positions[found.positions["field"] == field].set_index("area_id")
    areas = found.areas.copy()
    order = dict(zip(rows.index, standing, strict=True))
    areas["standing"] = areas["area_id"].map(order).replace(0, np.nan).to_numpy(dtype=float)
    flags = areas["area_id"].map(rows["flag"])
    # What holds for every area is said under the map.
    same = bool((flags == flags.iloc[0]).all())
    label = field_texts("fields", language)[field]
    weakest = areas.loc[areas["standing"] <= 2, "area_id"].tolist()
    axes = maps.profile_map(
        areas,
        profile="standing",
        labels={c: words[f"class_{c}_map"] for c in (1, 2, 3, 4)},
        heading=words["map_legend"],
        flags=pd.Series("", index=areas.index) if same else flags,
        highlight=weakest,
        language=language,
        title=words["map_title"].format(label=label),
        source=_source(found, field, words),
        ax=maps.new_axes(),
    )
    counts = "; ".join(
        f"{words[f'class_{c}_map']}: {int((standing == c).sum())}" for c in (1, 2, 3, 4)
    )  # fmt: skip
    alt = words["map_alt"].format(label=label, counts=counts)
    return Picture(axes, alt, words["map_caption"], wide=True)


def _source(found: FieldMapping, field: str, words: dict[str, str]) -> str:
    used = found.frame[(found.frame["field"] == field) & found.frame["used"]]
    own = used[used["role"] != "context"]
    parts = dict.fromkeys(f"{row.source} ({row.period})" for row in own.itertuples())
    return words["map_source"].format(names=", ".join(parts))


TEMPLATE, AREAS = "own_figures.xlsx", "areas.gpkg"

#: Of chance alone so rare a difference or likeness would be.
_RARE = 0.05

_BLANK = ("goal", "measure", "responsible", "resources", "time")


def field_study(
    source: str | Path = "motala",
    *,
    n_draws: int = 999,
    random_state: int = 0,
    area_id: str = "area_id",
    name: str = "name",
    language: Language = "sv",
) -> Study:
    """Map a municipality in five fields: mapping, analysis and the frame of a plan, in one report.

    Beside the report the folder holds the workbook to fill in with what only the municipality has, and
    the areas with their positions as GeoPackage.

    Parameters
    ----------
    source : str or Path
        An embedded municipality, or a folder with areas and indicators, as `survey.run` takes it.
    n_draws, random_state
        As in `survey.map_fields`.
    area_id, name : str
        The columns of the user's areas file with code and name.
    language : {"sv", "en"}
        Of all texts.

    Returns
    -------
    Study
        With tables ``positions, coinciding, differences, together, plan, missing, frame``, those that
        have rows.

    Raises
    ------
    UnknownNameError, InputError, FileError
        As `survey.load` and `survey.map_fields`.

    Examples
    --------
    >>> study = field_study("motala", n_draws=99, language="en")
    >>> study.document.title, len(study.tables["positions"])
    ('Mapping in five fields: Motala', 72)
    """
    data = survey.load(source, area_id=area_id, name=name)
    found = survey.map_fields(data.main, n_draws=n_draws, random_state=random_state, language=language)
    words = texts("fields", language)
    command = f"segkit fields {source} --language {language} --draws {n_draws} --seed {random_state}"
    sources = _sources(found, words)
    document = Document(
        title=words["title"].format(name=data.name),
        subtitle=words["subtitle"].format(n=len(found.areas)),
        lede=words["lede"],
        language=language,
        sections=(
            Section(words["summary"], points=_summary(found, words)),
            Section(words["mapping"], paragraphs=(words["mapping_text"], words["mapping_classes"])),
            *(mapped(found, field, words) for field in fields.FIELDS),
            _positions(found, words),
            _coinciding(found, words),
            *_differences(found, words),
            _together(found, words),
            _plan(found, words),
            _missing(found, words),
            Section(
                words["method"],
                paragraphs=(words["method_text"],),
                tables=(_used(found, words),),
                remarks=(words["repeat"].format(command=command),),
            ),
        ),
    )
    return Study(
        document,
        found.tables,
        notes=(words["lede"], sources, words["template_note"]),
        parameters={"study": "fields", "source": data.name, "command": command, "input": data.files},
        files={
            TEMPLATE: partial(_write_template, data.main, language),
            AREAS: partial(_write_areas, found),
        },
    )


def _write_template(panel: pd.DataFrame, language: Language, path: Path) -> None:
    fields.write_template(panel, path, language=language)


def _write_areas(found: FieldMapping, path: Path) -> None:
    positions = [c for c in found.areas if str(c).startswith("position_")]
    export.to_geopackage(found.areas, path, value_columns=positions, language=found.language)


def _label(field: str, language: Language) -> str:
    return field_texts("fields", language)[field]


def _labels(joined: str, language: Language) -> str:
    return ", ".join(_label(field, language) for field in joined.split(", "))


def _summary(found: FieldMapping, words: dict[str, str]) -> tuple[str, ...]:
    language = found.language
    with_data = list(dict.fromkeys(found.positions["field"]))
    without = [field for field in fields.FIELDS if field not in with_data]
    points = [
        words["summary_fields"].format(
            n=len(with_data), names=_labels(", ".join(with_data), language).casefold()
        )
    ]
    if without:
        points.append(words["summary_without"].format(names=_labels(", ".join(without), language).casefold()))
    most = found.coinciding[found.coinciding["n_fields"] > 1]
    if len(most):
        points.append(
            words["summary_coinciding"].format(n=len(most), names=", ".join(most["name"].astype(str)))
        )
    else:
        points.append(words["summary_nowhere"])
    firm = found.positions[found.positions["weakest_fifth"]]
    unsure = firm[firm["share_weakest"] < 1 - _RARE]
    if len(unsure):
        points.append(words["summary_unsure"].format(n=len(unsure), total=len(firm)))
    points.append(words["summary_plan"])
    return tuple(points)


def _positions(found: FieldMapping, words: dict[str, str]) -> Section:
    """Return the table of every area's position in every field."""
    language = found.language
    table = pd.DataFrame({words["head_area"]: found.areas["name"].astype(str).to_numpy()})
    for field, rows in found.positions.groupby("field", sort=False):
        label = _label(str(field), language)
        table[words["head_position"].format(label=label)] = [
            f"{format_number(v, 2, language=language, sign=True)}"
            + ("" if np.isnan(v) else f" ({format_interval(low, high, 2, language=language)})")
            for v, low, high in zip(rows["position"], rows["ci_low"], rows["ci_high"], strict=True)
        ]
        table[words["head_standing"].format(label=label)] = [
            words[f"class_{c}_short"].format(share=format_number(100 * share, 0, language=language))
            for c, share in zip(standing_of(rows), rows["share_weakest"], strict=True)
        ]
    notes = [described(found, field, words) for field in dict.fromkeys(found.positions["field"])]
    return Section(
        words["positions"],
        paragraphs=(words["positions_text"],),
        tables=(Table(table, words["positions_caption"]),),
        remarks=tuple(note for note in notes if note),
        landscape=True,
    )


def _coinciding(found: FieldMapping, words: dict[str, str]) -> Section:
    rows = found.coinciding.copy()
    rows["fields"] = [_labels(joined, found.language) for joined in rows["fields"]]
    rows["of"] = [f"{n} / {m}" for n, m in zip(rows["n_fields"], rows["n_fields_with_data"], strict=True)]
    columns = ("name", "population", "of", "fields", "mean_position")
    heads = dict(
        zip(columns, (words[f"head_{c}"] for c in ("area", *columns[1:])), strict=True),
    )
    table = shown(
        rows, heads, decimals={"population": 0, "mean_position": 2}, signed=("mean_position",),
        language=found.language,
    )  # fmt: skip
    return Section(
        words["coinciding"],
        paragraphs=(words["coinciding_text"],),
        tables=(Table(table, words["coinciding_caption"]),),
    )


def _differences(found: FieldMapping, words: dict[str, str]) -> tuple[Section, Section]:
    """Return in words and in a table which differences are large, growing, or concentrated."""
    language, rows = found.language, found.differences.copy()
    about = found.frame.set_index("indicator")
    rows = rows.join(about[["label", "unit", "direction"]], on="indicator")
    rows["group"] = rows["field"].map(field_texts("fields", language))
    points = tuple(_said(row, words, language) for _, row in rows.iterrows())
    change = [
        row["change_note"]
        or f"{format_number(row['change_sigma'], 2, language=language, sign=True)} "
        f"({format_interval(row['ci_low'], row['ci_high'], 2, language=language)})"
        for _, row in rows.iterrows()
    ]
    rows["label"] = rows["label"] + " (" + rows["unit"] + ")"
    rows["change"] = change
    rows["period"] = rows["change_period"].replace("", MISSING)
    columns = ("label", "mean", "weakest_fifth", "strongest_fifth", "gap", "sigma", "period", "change")
    heads = {c: words[f"head_{c}"] for c in (*columns, "morans_i", "p_together")}
    table = shown(
        rows, heads, decimals={"morans_i": 2, "p_together": 3}, signed=("gap", "morans_i"), language=language
    )
    table["group"] = rows["group"]
    return (
        Section(words["differences"], paragraphs=(words["differences_text"],), points=points),
        Section(
            words["differences_table"],
            tables=(Table(table, words["differences_caption"], by="group"),),
            remarks=(words["differences_remark"],),
            landscape=True,
        ),
    )


def _said(row: pd.Series, words: dict[str, str], language: Language) -> str:
    """Say of one indicator whether its differences are large, growing, concentrated."""

    def number(column: str, places: int = 1) -> str:
        return format_number(abs(float(row[column])), places, language=language)

    large = words["said_large" if row["direction"] else "said_spread"].format(
        label=row["label"],
        low=number("weakest_fifth"),
        high=number("strongest_fifth"),
        gap=number("gap"),
        unit=row["unit"],
    )
    if row["change_note"]:
        growing = words["said_no_change"].format(why=str(row["change_note"]).rstrip(".").casefold())
    elif row["p_change"] >= _RARE:
        growing = words["said_same"].format(period=row["change_period"])
    else:
        key = "said_growing" if row["change_sigma"] > 0 else "said_shrinking"
        growing = words[key].format(period=row["change_period"])
    if np.isnan(row["p_together"]):
        together = words["said_place_unknown"]
    elif row["p_together"] >= _RARE:
        together = words["said_scattered"]
    else:
        together = words["said_concentrated" if row["morans_i"] > 0 else "said_mixed"]
    return f"{large} {growing} {together}"


def _together(found: FieldMapping, words: dict[str, str]) -> Section:
    rows, language = found.together.copy(), found.language
    if rows.empty:
        return Section(words["together"], paragraphs=(words["together_none"],))
    rows["pair"] = [
        f"{_label(a, language)} – {_label(b, language)}"
        for a, b in zip(rows["field"], rows["other_field"], strict=True)
    ]
    columns = ("pair", "n_areas", "rank_correlation", "p_value", "n_weakest_in_both")
    heads = {c: words[f"head_{c}"] for c in columns}
    decimals = {"n_areas": 0, "rank_correlation": 2, "p_value": 3, "n_weakest_in_both": 0}
    table = shown(rows, heads, decimals=decimals, signed=("rank_correlation",), language=language)
    notes = [
        f"{pair}: {note}"
        for pair, note in zip(rows["pair"], rows["note"], strict=True)
        if note
    ]  # fmt: skip
    return Section(
        words["together"],
        paragraphs=(words["together_text"],),
        tables=(Table(table, words["together_caption"]),),
        remarks=tuple(notes),
    )


def _plan(found: FieldMapping, words: dict[str, str]) -> Section:
    """Return the frame of a plan; what only the municipality can decide is left empty."""
    heads = {c: words[f"head_{c}"] for c in ("field_label", "figures_show", *_BLANK, "follow_up")}
    table = found.plan[list(heads)].rename(columns=heads)
    return Section(
        words["plan"],
        paragraphs=(words["plan_text"],),
        tables=(Table(table, words["plan_caption"]),),
        landscape=True,
    )


def _missing(found: FieldMapping, words: dict[str, str]) -> Section:
    if found.missing.empty:
        return Section(words["missing"], paragraphs=(words["missing_none"],))
    heads = {c: words[f"head_{c}"] for c in ("label", "unit", "note")}
    table = shown(found.missing, heads, language=found.language)
    table["group"] = found.missing["field_label"]
    return Section(
        words["missing"],
        paragraphs=(words["missing_text"],),
        tables=(Table(table, words["missing_caption"], by="group"),),
    )


def _used(found: FieldMapping, words: dict[str, str]) -> Table:
    rows = found.frame[found.frame["used"]].copy()
    rows["how"] = [words[f"role_{role}"] for role in rows["role"]]
    columns = ("label", "unit", "period", "source", "how")
    rows["source"] = rows["source"].replace("kommunen", words["municipality"])
    table = shown(rows, {c: words[f"head_{c}"] for c in columns}, language=found.language)
    table["group"] = rows["field_label"]
    return Table(table, words["used_caption"], by="group")


def _sources(found: FieldMapping, words: dict[str, str]) -> str:
    rows = found.frame[found.frame["used"]]
    names = [f"{row.label} {row.period} ({row.source})" for row in rows.itertuples()]
    return words["sources"].format(names="; ".join(names))
