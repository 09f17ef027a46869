"""Time series over changed boundaries: what holds is chained, what was divided is merged or interpolated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, check_columns, check_keys, numbers
from segkit.errors import InputError, message
from segkit.geography._crosswalking import aggregate, crosswalk
from segkit.panels import cells, joining

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segkit.geography._sharing import Missing

#: Causes of a change under which an area's figures still mean the same place.
SAME = ("water", "only water", "vatten", "endast vatten", "unchanged", "oförändrad")


@dataclass(frozen=True)
class Chain:
    """The result of `chain`.

    Attributes
    ----------
    panel : pandas.DataFrame
        One row per area and period of both panels, on one set of areas; with geometry where the new panel
        has it. Figures of areas that changed have a flag.
    units : pandas.DataFrame
        One row per area: ``area_id, old, new`` (codes, joined by commas), ``cause``, ``change``
        (``none, water, split, merged, regrouped, moved``) and ``treatment`` (``chained, merged,
        interpolated, flagged``).
    totals : pandas.DataFrame
        Sums of counts before and after, per period.
    """

    panel: pd.DataFrame
    units: pd.DataFrame
    totals: pd.DataFrame


def chain(
    old: pd.DataFrame,
    new: pd.DataFrame,
    changes: pd.DataFrame | str | Path,
    *,
    old_id: str = "old",
    new_id: str = "new",
    cause: str | None = "cause",
    share: str | None = None,
    extensive: Sequence[str] = (),
    intensive: Sequence[str] = (),
    weight: str | Mapping[str, str] = "population",
    method: Literal["merge", "interpolate"] = "merge",
    same: Sequence[str] = SAME,
    moved: Literal["raise", "flag"] = "raise",
    missing: Missing = "report",
) -> Chain:
    """Join panels of an old and a new division into one time series.

    Areas with the same code that `changes` does not name, and those whose only change is in `same`, are
    chained as they are. Where areas were split or merged, the series is either put on the areas that both
    divisions can be summed to (``merge``), or the old figures are shared out to the new areas
    (``interpolate``). An area whose boundary moved otherwise is refused, or flagged.

    Parameters
    ----------
    old, new : pandas.DataFrame
        Panels without a period in common.
    changes : pandas.DataFrame or path of a CSV or Excel file
        One row for each pair of an old and a new area that changed.
    old_id, new_id, cause : str
        Its columns with the codes and the cause of the change; `cause` may be None.
    share : str, optional
        Its column with the part of the old area's people in the new one (0-1). Without it ``interpolate``
        takes the weight of the new areas in their first period.
    extensive, intensive, weight : sequence of str, str or mapping
        As for `crosswalk`; in both panels.
    method : {"merge", "interpolate"}
        Merging loses detail but no accuracy; interpolating keeps the detail and is flagged.
    same : sequence of str
        Causes under which figures still refer to the same place, in any case of letters.
    moved : {"raise", "flag"}
        What to do with an area whose boundary moved for another cause.
    missing : {"raise", "report"}
        As for `crosswalk`.

    Returns
    -------
    Chain
        Flags: ``computed`` where areas were merged, ``interpolated`` where shared out, ``boundary moved``
        where figures before and after refer to different boundaries; else the panel's own flag or none.

    Raises
    ------
    InputError
        When an area is in one panel only and `changes` does not tell why, a boundary moved, a share is
        needed, or the panels share a period.
    UnknownNameError
        When a column is missing.

    References
    ----------
    Statistics Sweden (2025). Demographic Statistical Areas: change file 2018-2025.

    Examples
    --------
    >>> import pandas as pd
    >>> old = pd.DataFrame({"area_id": ["a", "b"], "period": 2023, "population": [10.0, 40.0]})
    >>> new = pd.DataFrame({"area_id": ["a", "b1", "b2"], "period": 2024, "population": [11.0, 30.0, 10.0]})
    >>> changes = pd.DataFrame({"old": ["b", "b"], "new": ["b1", "b2"], "cause": "split"})
    >>> merged = chain(old, new, changes, extensive=["population"])
    >>> merged.panel[["area_id", "period", "population"]].values.tolist()
    [['a', 2023, 10.0], ['b', 2023, 40.0], ['a', 2024, 11.0], ['b', 2024, 40.0]]
    >>> shared = chain(old, new, changes, extensive=["population"], method="interpolate")
    >>> shared.panel["population"].tolist()
    [10.0, 30.0, 10.0, 11.0, 30.0, 10.0]
    """
    check_choice(method, ("merge", "interpolate"), argument="method")
    check_choice(moved, ("raise", "flag"), argument="moved")
    for panel, argument in ((old, "old"), (new, "new")):
        check_keys(panel)
        check_columns(panel, [*extensive, *intensive], argument=argument)
    shared = sorted(set(old["period"]) & set(new["period"]))
    if shared:
        raise InputError(
            message("new", "has periods that the old panel has too", shared, "Keep one of them.")
        )
    table = _read_changes(changes, old_id, new_id, cause, share)
    units = _units(table, old, new, same, method)
    _check_moved(units, moved)
    figures = _Figures(list(extensive), list(intensive), weight)
    if method == "merge":
        parts, totals = _merged(old, new, units, figures, missing)
    else:
        parts, totals = _shared(old, new, table, units, figures, missing, given=share is not None)
    flags = {c: f"{c}_flag" for c in (*extensive, *intensive)}
    panel = _stack(parts, units, (old, new), flags)
    return Chain(panel, units.drop(columns="component"), totals)


@dataclass(frozen=True)
class _Figures:
    """Which figures are chained, and what the means are weighted by."""

    extensive: list[str]
    intensive: list[str]
    weight: str | Mapping[str, str]


def _read_changes(
    changes: pd.DataFrame | str | Path, old_id: str, new_id: str, cause: str | None, share: str | None
) -> pd.DataFrame:
    raw = cells.read_table(changes) if isinstance(changes, str | Path) else changes
    check_columns(raw, [old_id, new_id, *[c for c in (cause, share) if c is not None]], argument="changes")
    table = pd.DataFrame({"old": joining.codes(raw[old_id]), "new": joining.codes(raw[new_id])})
    table["cause"] = "" if cause is None else raw[cause].fillna("").astype(str).str.strip()
    if share is not None:
        labels = table["old"] + " to " + table["new"]
        table["share"] = cells.parse_numbers(raw[share], labels, argument=f"changes {share}")
    if (table[["old", "new"]] == "").any(axis=None):
        fix = "Write both codes in every row."
        raise InputError(message("changes", "has rows without a code", fix=fix))
    return table.drop_duplicates(["old", "new"], ignore_index=True)


def _units(
    table: pd.DataFrame, old: pd.DataFrame, new: pd.DataFrame, same: Sequence[str], method: str
) -> pd.DataFrame:
    """Group old and new areas that belong together, and say what became of each group."""
    before, after = set(old["area_id"]), set(new["area_id"])
    table = table[table["old"].isin(before) | table["new"].isin(after)]
    named_before, named_after = set(table["old"]), set(table["new"])
    stray = sorted((before - named_before) ^ (after - named_after))
    if stray:
        rule = f"does not tell what became of {len(stray)} areas that only one panel has"
        raise InputError(
            message("changes", rule, stray, "Add a row for each, or drop these areas and say so.")
        )
    gone = sorted((named_before - before) | (named_after - after))
    if gone:
        fix = "Add their figures, or drop their rows if the panels are about another place."
        raise InputError(message("changes", "names areas that a panel lacks", gone, fix))
    kept = pd.DataFrame({"old": sorted(before - named_before)})
    everything = pd.concat([table, kept.assign(new=kept["old"], cause="")], ignore_index=True)
    component = _components(everything["old"], everything["new"])
    rows = []
    accepted = {text.casefold() for text in same}
    for number, part in everything.groupby(component, sort=False):
        olds, news = sorted(set(part["old"])), sorted(set(part["new"]))
        causes = sorted({text for text in part["cause"] if text})
        change = _change(olds, news, causes, accepted)
        divided = change in {"split", "merged", "regrouped"}
        code = olds[0] if len(olds) == 1 else news[0] if len(news) == 1 else "+".join(olds)
        treatment = {"none": "chained", "water": "chained", "moved": "flagged"}.get(change, "merged")
        if method == "interpolate":
            treatment = "interpolated" if divided else treatment
            codes = news
        else:
            codes = [code if divided else news[0]]
        rows += [
            {
                "area_id": unit,
                "old": ", ".join(olds),
                "new": ", ".join(news),
                "cause": ", ".join(causes),
                "change": change,
                "treatment": treatment,
                "component": number,
            }
            for unit in codes
        ]
    return pd.DataFrame(rows).sort_values("area_id", ignore_index=True, kind="stable")


def _change(olds: list[str], news: list[str], causes: list[str], accepted: set[str]) -> str:
    if len(olds) == len(news) == 1:
        if not causes and olds == news:
            return "none"
        return "water" if causes and all(c.casefold() in accepted for c in causes) else "moved"
    if len(olds) == 1:
        return "split"
    return "merged" if len(news) == 1 else "regrouped"


def _components(old: pd.Series, new: pd.Series) -> list[int]:
    """Return the number of the group that each pair belongs to, areas being joined by their pairs."""
    root: dict[tuple[str, str], tuple[str, str]] = {}

    def find(node: tuple[str, str]) -> tuple[str, str]:
        while root.setdefault(node, node) != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for one, other in zip(old, new, strict=True):
        root[find(("new", other))] = find(("old", one))
    numbers_of: dict[tuple[str, str], int] = {}
    return [numbers_of.setdefault(find(("old", code)), len(numbers_of)) for code in old]


def _check_moved(units: pd.DataFrame, moved: str) -> None:
    shifted = units[units["change"] == "moved"]
    if moved == "raise" and len(shifted):
        names = [f"{a}: {c or 'no cause'}" for a, c in zip(shifted["area_id"], shifted["cause"], strict=True)]
        fix = (
            "Add the cause to same= if their residents are the same, interpolate by boundaries, or use "
            "moved='flag' to keep the figures with a flag."
        )
        raise InputError(message("changes", f"has {len(shifted)} areas whose boundary moved", names, fix))


def _merged(
    old: pd.DataFrame, new: pd.DataFrame, units: pd.DataFrame, figures: _Figures, missing: Missing
) -> tuple[list[pd.DataFrame], pd.DataFrame]:
    """Sum both panels to the areas that both can be summed to."""
    parts, totals = [], []
    for panel, side in ((old, "old"), (new, "new")):
        codes = units.assign(**{side: units[side].str.split(", ")}).explode(side)
        key = codes[[side, "area_id"]].rename(columns={"area_id": "unit", side: "area_id"})
        made = aggregate(
            panel,
            "unit",
            key=key,
            extensive=figures.extensive,
            intensive=figures.intensive,
            weight=figures.weight,
            missing=missing,
        )
        parts.append(made.areas)
        totals.append(made.totals.assign(panel=side))
    return parts, pd.concat(totals, ignore_index=True)


def _shared(
    old: pd.DataFrame,
    new: pd.DataFrame,
    table: pd.DataFrame,
    units: pd.DataFrame,
    figures: _Figures,
    missing: Missing,
    *,
    given: bool,
) -> tuple[list[pd.DataFrame], pd.DataFrame]:
    """Share the old figures out to the new areas."""
    pairs = table[table["old"].isin(set(old["area_id"]))]
    same = pd.DataFrame({"old": sorted(set(old["area_id"]) - set(pairs["old"]))})
    pairs = pd.concat([pairs, same.assign(new=same["old"])], ignore_index=True)
    if given:
        pairs["share"] = pairs["share"].fillna(1.0)
    else:
        pairs["share"] = _shares_of(pairs, units, new, figures.weight)
    made = crosswalk(
        pd.DataFrame(old),
        pairs,
        from_id="old",
        to_id="new",
        share="share",
        extensive=figures.extensive,
        intensive=figures.intensive,
        weight=figures.weight,
        missing=missing,
    )
    return [made.areas, new], made.totals.assign(panel="old")


def _shares_of(
    pairs: pd.DataFrame, units: pd.DataFrame, new: pd.DataFrame, weight: object
) -> pd.Series[float]:
    """Divide each old area by the weight of its new ones in their first period."""
    regrouped = units.loc[units["change"] == "regrouped", "area_id"].tolist()
    if regrouped:
        fix = "Give the part of each pair's people with share=, or use method='merge'."
        raise InputError(message("share", "is needed where areas were regrouped", regrouped, fix))
    column = weight if isinstance(weight, str) else "population"
    check_columns(new, [column], argument="new")
    rows = new.assign(_weight=numbers(new, column, least=0)).dropna(subset="_weight")
    first = rows.sort_values("period", kind="stable").drop_duplicates("area_id")
    mass = pairs["new"].map(first.set_index("area_id")["_weight"])
    alone = ~pairs["old"].duplicated(keep=False)
    bad = (mass.isna() & ~alone).to_numpy()
    if bad.any():
        fix = "Give the parts with share=, or a weight that the new areas have."
        raise InputError(message("weight", "is missing for new areas", pairs.loc[bad, "new"].tolist(), fix))
    total = mass.groupby(pairs["old"]).transform("sum")
    empty = ((total == 0) & ~alone).to_numpy()
    if empty.any():
        raise InputError(message("weight", "is 0 in the new areas of", pairs.loc[empty, "old"].tolist()))
    return pd.Series(np.where(alone, 1.0, mass / total.where(total > 0, 1.0)), index=pairs.index)


def _stack(
    parts: list[pd.DataFrame],
    units: pd.DataFrame,
    panels: tuple[pd.DataFrame, pd.DataFrame],
    flags: Mapping[str, str],
) -> pd.DataFrame:
    """Put both periods on one another; areas that did not change keep the flag they had."""
    import geopandas as gpd

    change = units.set_index("area_id")["change"]
    old_codes = units.set_index("area_id")["old"]
    made = []
    for part, panel, side in zip(parts, panels, ("old", "new"), strict=True):
        frame = pd.DataFrame(part).drop(
            columns=["whole_share", "coverage", "geometry", "name"], errors="ignore"
        )
        kind = frame["area_id"].map(change)
        source = frame["area_id"].map(old_codes) if side == "old" else frame["area_id"]
        keys = pd.MultiIndex.from_arrays([source, frame["period"]])
        untouched = kind.isin(["none", "water", "moved"])
        for column, flag in flags.items():
            own = pd.Series("", index=frame.index, dtype=object)
            if flag in panel:
                known = panel.set_index(["area_id", "period"])[flag].reindex(keys).fillna("")
                own = pd.Series(known.to_numpy(), index=frame.index, dtype=object)
            marked = own.map(lambda text: f"{text}, boundary moved".removeprefix(", "))
            own = own.where(kind != "moved", marked)
            current = frame[flag].fillna("") if flag in frame else ""
            frame[flag] = own.where(untouched, current).where(frame[column].notna(), current)
        wanted = [c for c in flags if c in frame]
        made.append(frame[["area_id", "period", *[x for c in wanted for x in (c, flags[c])]]])
    rows = pd.concat(made, ignore_index=True).sort_values(["period", "area_id"], ignore_index=True)
    shapes = parts[1].drop_duplicates("area_id")
    described = [c for c in ("area_id", "name", "geometry") if c in shapes]
    joined: pd.DataFrame = rows.merge(
        pd.DataFrame(shapes[described]), on="area_id", how="left", validate="m:1"
    )
    if "geometry" not in joined:
        return joined
    placed: pd.DataFrame = gpd.GeoDataFrame(joined, geometry="geometry", crs=getattr(parts[1], "crs", None))
    return placed
