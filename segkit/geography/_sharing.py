"""Share figures out from source areas to target areas, once it is known which part of each lies where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import Floats, check_choice, check_columns, labels_of, numbers
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
Missing = Literal["raise", "report"]

#: How far a total may differ after sharing out, relative to it.
PRESERVED = 1e-9

#: What belongs to a value, and is no figure of its own.
COMPANIONS = ("_se", "_low", "_high", "_coverage", "_whole_share")


def tally(place: Ints, amount: Floats, n: int) -> Floats:
    """Sum amounts per place, of n places."""
    return np.bincount(place, amount, minlength=n).astype(np.float64)


@dataclass(frozen=True)
class Links:
    """Which part of each source lies in which target: one entry for each pair that overlaps.

    Attributes
    ----------
    source, target : arrays of int
        Positions of the areas of a pair.
    share : array of float
        The part of the source's weight that goes to the target, 0-1.
    whole : array of bool
        Whether the source lies wholly in the target.
    outside : array of float
        Per source: the part that goes to no target.
    coverage : array of float
        Per target: the part of its weight that the sources tell of.
    mass : array of float
        Per source: its area, or the people in it; the weight of means where none is named.
    """

    source: Ints
    target: Ints
    share: Floats
    whole: Bools
    outside: Floats
    coverage: Floats
    mass: Floats

    def into(self, per_pair: Floats) -> Floats:
        """Sum a figure of pairs per target."""
        return tally(self.target, per_pair, len(self.coverage))


@dataclass(frozen=True)
class Produced:
    """Values of the targets: the best guess, its range and how it was made."""

    value: Floats
    low: Floats
    high: Floats
    flag: list[str]


@dataclass(frozen=True)
class Conversion:
    """Figures brought to other areas.

    Attributes
    ----------
    areas : pandas.DataFrame
        The target areas (one row for each period of the source; with geometry where it is known), and for
        each figure its value, ``<figure>_low, <figure>_high`` and ``<figure>_flag``; then ``whole_share``
        and ``coverage``.
    totals : pandas.DataFrame
        Per period and figure: ``kind, weight``, the sum over ``source`` and ``target`` and what lies
        ``outside`` (of extensive figures), ``n_areas, n_computed, n_interpolated, n_missing``.
    outside : pandas.DataFrame
        The sources that belong, wholly or in part, to no target: ``area_id, share``.
    method : pandas.DataFrame
        ``statistic, value``: how the sources were shared out.
    """

    areas: pd.DataFrame
    totals: pd.DataFrame
    outside: pd.DataFrame
    method: pd.DataFrame


def statistics(method: Mapping[str, object]) -> pd.DataFrame:
    """Return statements as a table of statistic and value."""
    return pd.DataFrame({"statistic": list(method), "value": pd.Series(list(method.values()), dtype=object)})


def sums(links: Links, figures: Floats) -> Produced:
    """Share out counts; the range is that of partly overlapping sources lying all inside or all outside."""
    gone = np.isnan(figures[links.source])
    x = np.where(gone, 0.0, figures[links.source])
    value = links.into(links.share * x)
    low = links.into(np.where(links.whole, x, np.minimum(x, 0)))
    high = links.into(np.where(links.whole, x, np.maximum(x, 0)))
    return _finish(links, value, low, high, links.into(gone.astype(float)) > 0)


def means(links: Links, figures: Floats, weight: Floats, *, median: bool = False) -> Produced:
    """Average figures by the weight that goes to each target; the range as for `sums`."""
    size = weight[links.source]
    # A source that nobody of the weight lives in says nothing, so its figure may be missing.
    gone = (np.isnan(figures[links.source]) & (size != 0)) | np.isnan(size)
    x = np.where(np.isnan(figures[links.source]), 0.0, figures[links.source])
    size = np.where(gone, 0.0, size)
    people = links.into(links.share * size)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = links.into(links.share * size * x) / people
    low, high = _range_of_means(links, x, size)
    exact = np.isclose(low, high, rtol=1e-12, atol=0.0)
    # A mean of equal figures is that figure, whatever rounding says.
    value = np.where(exact, low, value)
    missing = (links.into(gone.astype(float)) > 0) | (people <= 0)
    several = np.bincount(links.target, minlength=len(value)) > 1
    return _finish(links, value, low, high, missing, by_mean=several & median)


def _finish(
    links: Links, value: Floats, low: Floats, high: Floats, missing: Bools, by_mean: Bools | None = None
) -> Produced:
    """Blank what is not known and say of each value how it was made."""
    missing = missing | (links.coverage <= 0) & (np.bincount(links.target, minlength=len(value)) == 0)
    partial = links.into((~links.whole).astype(float)) > 0
    if by_mean is not None:
        partial = partial | by_mean
    flag = np.where(partial, "interpolated", "computed").astype(object)
    flag = np.where(~missing & (links.coverage < 1), flag + ", incomplete", flag)
    flag = np.where(missing, "missing", flag)
    blank = [np.where(missing, np.nan, array) for array in (value, low, high)]
    return Produced(blank[0], np.minimum(blank[1], blank[0]), np.maximum(blank[2], blank[0]), flag.tolist())


def _range_of_means(links: Links, x: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and highest weighted mean when partial sources may count wholly or not at all."""
    base = links.into(np.where(links.whole, size, 0.0))
    weighted = links.into(np.where(links.whole, size * x, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        sure = weighted / base
    part = np.flatnonzero(~links.whole & (size * links.share > 0))
    ends = []
    for sign, best in ((1, np.fmin), (-1, np.fmax)):
        # The extreme mean takes the lowest (or highest) of the partial sources, up to some one.
        order = part[np.lexsort((sign * x[part], links.target[part]))]
        at = links.target[order]
        sums_so_far = (
            pd.DataFrame({"mass": size[order], "figure": size[order] * x[order]}).groupby(at).cumsum()
        )
        tried = (weighted[at] + sums_so_far["figure"]) / (base[at] + sums_so_far["mass"])
        end = sure.copy()
        best.at(end, at, tried.to_numpy(np.float64))
        ends.append(end)
    return ends[0], ends[1]


def check_figures(
    data: pd.DataFrame,
    extensive: Sequence[str],
    intensive: Sequence[str],
    weight: str | Mapping[str, str] | None,
    *,
    argument: str,
) -> dict[str, str]:
    """Check the columns asked for and return the weight of each mean, where one is named."""
    for name, columns in (("extensive", extensive), ("intensive", intensive)):
        if isinstance(columns, str):
            raise InputError(message(name, f"is {columns!r}, must be a list of columns", fix="Put it in []."))
    both = [c for c in intensive if c in set(extensive)]
    if both:
        fix = "Counts are extensive; shares, means and medians are intensive."
        raise InputError(message("intensive", "holds columns that are extensive too", both, fix))
    if not extensive and not intensive:
        raise InputError(message("extensive", "and intensive are empty, so nothing is asked for"))
    if isinstance(weight, str):
        weights = dict.fromkeys(intensive, weight)
    else:
        weights = dict(weight or {})
        stray = [c for c in weights if c not in set(intensive)]
        if stray:
            raise InputError(message("weight", "names columns that are not intensive", stray))
    check_columns(data, ["area_id", *extensive, *intensive, *weights.values()], argument=argument)
    return weights


@dataclass(frozen=True)
class Task:
    """What is to be shared out, and by which rules."""

    extensive: Sequence[str]
    intensive: Sequence[str]
    weights: Mapping[str, str]
    missing: Missing
    default_weight: str


def share_out(
    data: pd.DataFrame, ids: Sequence[str], targets: Sequence[str], links: Links, task: Task
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Produce every figure for every period; return the values and the sums before and after.

    A figure that no area has in a period stays missing there. A weight that is missing in a period is
    taken from the nearest period that has it, which the second table tells.
    """
    check_choice(task.missing, ("raise", "report"), argument="missing")
    dated = "period" in data
    periods = sorted(data["period"].unique().tolist()) if dated else [0]
    figures = {c: _by_period(data, c, ids, periods) for c in (*task.extensive, *task.intensive)}
    masses = {c: _by_period(data, c, ids, periods, least=0) for c in set(task.weights.values())}
    parts, totals = [], []
    part_of_each = links.share * links.mass[links.source]
    live = links.into(part_of_each)
    share = np.divide(
        links.into(np.where(links.whole, part_of_each, 0.0)),
        live,
        out=np.zeros_like(live),
        where=live > 0,
    )
    for place, period in enumerate(periods):
        part = pd.DataFrame({"area_id": list(targets)})
        if dated:
            part["period"] = period
        for column in (*task.extensive, *task.intensive):
            x = figures[column][place]
            if np.isnan(x).all():
                part = part.assign(**dict.fromkeys([column, f"{column}_low", f"{column}_high"], np.nan))
                part[f"{column}_flag"] = ""
                continue
            _check_missing(column, x, ids, links, task.missing, period if dated else None)
            made, about = _one(column, x, links, task, masses, place, periods)
            part[column], part[f"{column}_low"], part[f"{column}_high"] = made.value, made.low, made.high
            part[f"{column}_flag"] = made.flag
            totals.append({"period": period if dated else "", "indicator": column, **about})
        parts.append(part.assign(whole_share=share, coverage=links.coverage))
    return pd.concat(parts, ignore_index=True), pd.DataFrame(totals)


def _one(
    column: str,
    x: Floats,
    links: Links,
    task: Task,
    masses: Mapping[str, Floats],
    place: int,
    periods: list[int],
) -> tuple[Produced, dict[str, object]]:
    """Produce one figure of one period, with the sums before and after."""
    if column in task.extensive:
        made = sums(links, x)
        before, lost = float(np.nansum(x)), float(np.nansum(x * links.outside))
        known = np.where(np.isnan(x[links.source]), 0.0, x[links.source])
        after = float(links.into(links.share * known).sum())
        _check_preserved(column, before, after + lost, float(np.nansum(np.abs(x))))
        about: dict[str, object] = {
            "kind": "extensive",
            "weight": "",
            "source": before,
            "target": after,
            "outside": lost,
        }
    else:
        named = task.weights.get(column)
        weight, said = links.mass, task.default_weight
        if named is not None:
            at = _nearest_complete(masses[named], place, periods, named)
            weight = masses[named][at]
            said = named if at == place else f"{named} {periods[at]}"
        made = means(links, x, weight, median=is_median(column))
        about = {"kind": "intensive", "weight": said, "source": np.nan, "target": np.nan, "outside": np.nan}
    flags = pd.Series(made.flag)
    about |= {
        "n_areas": len(flags),
        "n_computed": int(flags.str.startswith("computed").sum()),
        "n_interpolated": int(flags.str.startswith("interpolated").sum()),
        "n_missing": int((flags == "missing").sum()),
    }
    return made, about


def is_median(column: str) -> bool:
    """Tell by its name whether a figure is a median, which no mean of medians gives back."""
    return "median" in column.casefold()


def _by_period(
    data: pd.DataFrame, column: str, ids: Sequence[str], periods: list[int], *, least: float | None = None
) -> Floats:
    """Return a figure as an array of periods by areas."""
    column_values = pd.Series(numbers(data, column, least=least), index=data.index)
    if "period" not in data:
        flat = pd.Series(column_values.to_numpy(), index=data["area_id"].to_numpy())
        return np.asarray(flat.reindex(list(ids)), dtype=np.float64)[None, :]
    keys = pd.MultiIndex.from_arrays([data["period"], data["area_id"]])
    table = pd.Series(column_values.to_numpy(), index=keys).unstack()
    return np.asarray(table.reindex(index=periods, columns=list(ids)), dtype=np.float64)


def _nearest_complete(table: Floats, place: int, periods: list[int], column: str) -> int:
    """Return the position of the nearest period in which every area has the weight."""
    full = [at for at, row in enumerate(table) if not np.isnan(row).any()]
    if full:
        # Of two periods equally near the earlier stands first.
        return min(full, key=lambda at: (abs(periods[at] - periods[place]), at))
    if not np.isnan(table[place]).all():
        return place
    fix = "Name another weight, or fill it by a rule you can state."
    raise InputError(message("weight", "is complete in no period", [column], fix))


def _check_missing(
    column: str, x: Floats, ids: Sequence[str], links: Links, missing: Missing, period: int | None
) -> None:
    used = np.zeros(len(x), dtype=bool)
    used[links.source] = True
    gone = np.isnan(x) & used
    if missing == "raise" and gone.any():
        codes = [code for code, absent in zip(ids, gone, strict=True) if absent]
        names = codes if period is None else [f"{code} {period}" for code in codes]
        fix = "Fill them by a rule you can state, or use missing='report': what they touch is then missing."
        raise InputError(message(column, f"has {int(gone.sum())} missing values", names, fix))


def _check_preserved(column: str, before: float, after: float, size: float) -> None:
    if abs(before - after) > PRESERVED * max(size, 1e-300):
        rule = f"does not keep its total: {before!r} before, {after!r} after"
        raise InputError(message(column, rule, fix="Look for areas that overlap one another."))


def check_areas(data: pd.DataFrame, argument: str) -> None:
    """Check codes as text, and one row for each area (and period)."""
    check_columns(data, ["area_id"], argument=argument)
    if data.empty:
        raise InputError(message(argument, "has no areas"))
    if not all(isinstance(code, str) and code.strip() for code in data["area_id"]):
        bad = [repr(c) for c in data["area_id"] if not (isinstance(c, str) and c.strip())]
        fix = "Read the codes as text, so that leading zeros are kept."
        raise InputError(message(f"{argument} area_id", "must be text and filled", bad, fix))
    keys = ["area_id", "period"] if "period" in data else ["area_id"]
    twice = data.duplicated(keys, keep=False).to_numpy()
    if twice.any():
        names = list(dict.fromkeys(labels_of(data, twice)))
        fix = "Keep one row for each area" + (" and period." if len(keys) > 1 else ".")
        raise InputError(message(argument, "has an area more than once", names, fix))
