"""The first part of the mapping in five fields: for each field a map and the areas to name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit import maps
from segkit.report import Picture, Section
from segkit.survey.fields._frame import texts

if TYPE_CHECKING:
    from segkit.survey.fields import FieldMapping

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
    label = texts("fields", found.language)[field]
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
    label = texts("fields", found.language)[field]
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
    label = texts("fields", language)[field]
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
