"""The layers of the interactive map: classes, colors, legends and figures for each period."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.catalogue import indicators as catalogue
from segkit.catalogue.labels import decimals_for, explain
from segkit.drawing import palettes
from segkit.drawing.classes import (
    Codes,
    classify,
    count_text,
    counts,
    decimals_of,
    profile_codes,
    profile_texts,
    with_unit,
)
from segkit.words.text import say, texts
from segkit.words.text import texts as texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segkit.base.checks import Floats, Language
    from segkit.drawing.webmap._frames import Frame

_N_CLASSES = 5


@dataclass(frozen=True)
class _Classified:
    """Classes over all periods: codes by period, texts and colors (the last for missing values)."""

    codes: Codes
    texts: list[str]
    colors: list[str]


def profile_layer(
    areas: pd.DataFrame, frames: Sequence[Frame], profile: str, language: Language
) -> dict[str, Any]:
    """Return the layer of profiles."""
    stacked = pd.DataFrame(
        {
            "area_id": np.tile(areas["area_id"].to_numpy(dtype=object), len(frames)),
            profile: np.concatenate([frame.figures for frame in frames]),
        }
    )
    codes, n = profile_codes(stacked, profile, None)
    classified = _Classified(
        codes.reshape(len(frames), -1),
        profile_texts(n, None, language),
        [*palettes.sequential(n), palettes.MISSING],
    )
    text = texts_of("maps.shared", language)
    described = {"title": text["profile"], "heading": text["profiles"], "note": "", "unit": "", "decimals": 0}
    return {**described, "mean": "", **_parts(frames, classified, None, 0, language)}


def index_layer(
    frames: Sequence[Frame], index: str, labels: Mapping[str, tuple[str, str]], language: Language
) -> dict[str, Any]:
    """Return the layer of an index, in the colors of the profiles: the weakest conditions darkest."""
    label, unit = labels.get(index, (texts("webmap", language)["index"], ""))
    stacked = np.concatenate([frame.figures for frame in frames])
    classified = _classified(stacked, len(frames), language)
    classified = _Classified(classified.codes, classified.texts, _turned(classified.colors))
    note = texts("webmap", language)["higher_is_stronger"]
    decimals = decimals_of(stacked)
    return _described(label, unit, note, decimals, "mean", frames, classified, language)


def indicator_layer(
    frames: Sequence[Frame], column: str, labels: Mapping[str, tuple[str, str]], language: Language
) -> dict[str, Any]:
    """Return the layer of an indicator, the highest values darkest."""
    default = (catalogue.label(column, language=language), catalogue.unit(column, language=language))
    label, unit = labels.get(column, default)
    classified = _classified(np.concatenate([frame.figures for frame in frames]), len(frames), language)
    known = column in catalogue.catalogue().index
    note = explain(column, language=language) if known else ""
    # A mean of counts says nothing of an area.
    mean = "" if catalogue.is_count(column) else "median" if column.startswith("median_") else "mean"
    return _described(label, unit, note, decimals_for(column), mean, frames, classified, language)


def _described(
    label: str,
    unit: str,
    note: str,
    decimals: int,
    mean: str,
    frames: Sequence[Frame],
    classified: _Classified,
    language: Language,
) -> dict[str, Any]:
    """Return a layer of values with its heading, and the weighted mean of the areas where it has one."""
    described = {
        "title": label,
        "heading": f"{label}, {unit}" if unit else label,
        "note": note,
        "unit": with_unit("", unit).removeprefix("\u00a0"),
        "decimals": decimals,
    }
    means = [_mean(frame) for frame in frames] if mean else None
    known = means is not None and any(found is not None for found in means)
    kind = mean if known else ""
    return {**described, "mean": kind, **_parts(frames, classified, means, decimals, language)}


def _classified(stacked: Floats, n_frames: int, language: Language) -> _Classified:
    """Sort the values of all periods into classes with about as many values each."""
    classes = classify(stacked, "quantiles", _N_CLASSES, None)
    colors = [*palettes.sequential(classes.n)[::-1], palettes.MISSING]
    return _Classified(classes.codes.reshape(n_frames, -1), classes.texts(language), colors)


def _turned(colors: Sequence[str]) -> list[str]:
    """Return colors in the opposite order, that of missing values still last."""
    return [*colors[-2::-1], colors[-1]]


def _parts(
    frames: Sequence[Frame],
    classified: _Classified,
    means: Sequence[tuple[float, int] | None] | None,
    decimals: int,
    language: Language,
) -> dict[str, Any]:
    """Return the legend and the periods of a layer."""
    periods = []
    for number, frame in enumerate(frames):
        mean = means[number] if means else None
        periods.append(
            _period(frame, classified.codes[number], len(classified.texts), mean, decimals, language)
        )
    return {
        "colors": classified.colors,
        "classes": [*classified.texts, say("maps.shared", "missing", language)],
        "periods": periods,
    }


def _period(
    frame: Frame, codes: Codes, n: int, mean: tuple[float, int] | None, decimals: int, language: Language
) -> dict[str, Any]:
    """Return the figures of one period, rounded as they are shown."""
    table = pd.DataFrame(index=range(len(codes)))
    if frame.weight is not None:
        table["population"] = frame.weight
    found: dict[str, Any] = {
        "period": "" if frame.period is None else str(frame.period),
        "codes": codes.tolist(),
        "values": rounded(frame.figures, decimals),
        "counts": counts(table, codes, n, language),
        "notes": {str(i): note for i, note in enumerate(frame.notes) if note},
        "flagged": [i for i, flagged in enumerate(frame.flagged) if flagged],
        "remarks": _remarks(frame, language),
    }
    if any(frame.flagged):
        found["hatched"] = count_text(sum(frame.flagged), language)
    if mean is not None:
        value, n_areas = mean
        finer = max(1, decimals)
        found["mean"] = rounded(np.array([value]), finer)[0]
        found["differences"] = rounded(frame.figures - value, finer)
        if n_areas < len(codes):
            found["of"] = texts("webmap", language)["of_areas"].format(n=n_areas, total=len(codes))
    return found


def _remarks(frame: Frame, language: Language) -> list[str]:
    """Say what holds for all figures of a period."""
    words = texts("webmap", language)
    remarks = [words["preliminary"]] if frame.preliminary else []
    if frame.weight is not None and frame.weight_period not in (None, frame.period):
        remarks.append(words["population_of"].format(frame.weight_period))
    return remarks


def _mean(frame: Frame) -> tuple[float, int] | None:
    """Return the mean of the areas weighted by population, and of how many areas; None without people."""
    if frame.weight is None:
        return None
    used = ~np.isnan(frame.figures) & (frame.weight > 0)
    if not used.any() or (np.isnan(frame.weight) & ~np.isnan(frame.figures)).any():
        return None
    return float(np.average(frame.figures[used], weights=frame.weight[used])), int(used.sum())


def rounded(values: Floats, decimals: int) -> list[float | int | None]:
    """Round halves away from zero, as tables do; None where the value is missing.

    Examples
    --------
    >>> import numpy as np
    >>> rounded(np.array([0.25, -2.45, np.nan]), 1), rounded(np.array([2.5]), 0)
    ([0.3, -2.5, None], [3])
    """
    step = Decimal(1).scaleb(-decimals)
    made: list[float | int | None] = []
    for value in values.tolist():
        if value != value:  # noqa: PLR0124 - NaN
            made.append(None)
            continue
        near = Decimal(repr(value)).quantize(step, ROUND_HALF_UP)
        made.append(float(near) if decimals else int(near))
    return made
