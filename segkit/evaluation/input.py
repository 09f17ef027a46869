"""The panel of an evaluation: who was treated, from when, and what to compare with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import Floats, check_columns, check_keys, numbers
from segkit.errors import InputError, UnknownNameError, list_some, message, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

Areas: TypeAlias = "str | Sequence[str]"
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Design:
    """Areas with an outcome in every period used, one row each.

    Attributes
    ----------
    areas : pandas.DataFrame
        ``area_id`` and ``name`` (empty where the panel has none), in the order of the other fields.
    outcomes : numpy.ndarray
        The outcome, areas by periods.
    periods : tuple of int
        The periods, in order.
    start : int
        The first treated period.
    treated : numpy.ndarray
        Whether the area is treated.
    n_missing : int
        Areas that could have been compared with but lack something.
    flags : dict
        Flag -> how many of the values carry it.
    """

    areas: pd.DataFrame
    outcomes: Floats
    periods: tuple[int, ...]
    start: int
    treated: Mask
    n_missing: int
    flags: dict[str, int]

    @property
    def before(self) -> Mask:
        """Which periods lie before the start."""
        return np.array([period < self.start for period in self.periods])

    @property
    def base(self) -> int:
        """The last period before the start."""
        return max(period for period in self.periods if period < self.start)

    @property
    def span(self) -> str:
        """The periods before and after, in words of a table."""
        ends = [[p for p in self.periods if (p < self.start) is early] for early in (True, False)]
        return "–".join(str(part[0]) if len(part) == 1 else f"{part[0]}..{part[-1]}" for part in ends)

    def keep(self, mask: Mask) -> Design:
        """Return the design with some of its areas."""
        rows = self.areas[mask].reset_index(drop=True)
        return replace(self, areas=rows, outcomes=self.outcomes[mask], treated=self.treated[mask])


def read(
    panel: pd.DataFrame,
    outcome: str,
    *,
    treated: Areas,
    start: int,
    others: Sequence[str] | None,
    argument: str,
    periods: Sequence[int] | None = None,
) -> Design:
    """Read the outcome of treated areas and of those they may be compared with, checked."""
    check_keys(panel)
    check_columns(panel, [outcome], argument="panel")
    used = _periods(panel, outcome, periods)
    _check_start(start, used)
    chosen = _treated(panel, treated, start)
    allowed = None if others is None else known_areas(panel, others, argument=argument)
    if allowed is not None and (both := [area for area in allowed if area in set(chosen)]):
        raise InputError(message(argument, "includes treated areas", both, "Leave them out."))
    rows = panel[panel["period"].isin(used)]
    if allowed is not None:
        rows = rows[rows["area_id"].isin([*chosen, *allowed])]
    wide = (
        pd.DataFrame({"area_id": rows["area_id"], "period": rows["period"], "value": numbers(rows, outcome)})
        .pivot(index="area_id", columns="period", values="value")
        .reindex(columns=used, index=_in_order(rows, chosen))
    )
    _check_treated(wide.loc[chosen], start, outcome)
    whole = wide.notna().all(axis=1)
    warn_left_out(wide.index[~whole].tolist(), len(wide) - len(chosen), f"{outcome} in some period")
    wide = wide[whole]
    names = panel.drop_duplicates("area_id", keep="last").set_index("area_id")
    areas = pd.DataFrame({"area_id": wide.index})
    areas["name"] = areas["area_id"].map(names["name"]) if "name" in panel else ""
    inside = wide.index.isin(chosen)
    flags = _flags(rows[rows["area_id"].isin(wide.index)], outcome)
    values = wide.to_numpy(dtype=np.float64)
    return Design(areas, values, tuple(used), start, inside, int((~whole).sum()), flags)


def column_before(panel: pd.DataFrame, design: Design, column: str, *, least: float | None = None) -> Floats:
    """Return each area's newest value of a column before the start; NaN where it has none."""
    rows = panel[(panel["period"] < design.start).to_numpy()]
    newest = pd.Series(numbers(rows, column, least=least), index=[rows["area_id"], rows["period"]])
    known = newest.dropna().sort_index().groupby(level=0).last()
    return np.asarray(known.reindex(design.areas["area_id"]), dtype=np.float64)


def strata_before(panel: pd.DataFrame, design: Design, column: str) -> npt.NDArray[np.intp]:
    """Return the code of each area's newest stratum before the start; -1 where it has none."""
    check_columns(panel, [column], argument="panel")
    rows = panel[(panel["period"] < design.start).to_numpy() & panel[column].notna().to_numpy()]
    newest = (
        rows.sort_values("period", kind="stable")
        .drop_duplicates("area_id", keep="last")
        .set_index("area_id")[column]
    )
    codes, _ = pd.factorize(newest.reindex(design.areas["area_id"]))
    return np.asarray(codes, dtype=np.intp)


def without(design: Design, lacking: Mask, what: str) -> Design:
    """Return the design without the areas that lack something; treated ones must not."""
    bad = design.areas["area_id"][lacking & design.treated].tolist()
    if bad:
        fix = "Fill it by a rule you can state, or leave it out for all."
        raise InputError(message("treated", f"has areas that lack {what} before {design.start}", bad, fix))
    gone = design.areas["area_id"][lacking].tolist()
    warn_left_out(gone, int((~design.treated).sum()), f"{what} before {design.start}")
    kept = design.keep(~lacking)
    return replace(kept, n_missing=design.n_missing + len(gone))


def warn_left_out(areas: list[str], total: int, lacks: str) -> None:
    """Count the areas that can't be compared with."""
    if areas:
        rule = f"leaves out {len(areas)} of {total} untreated areas, which lack {lacks}"
        warn(message("panel", rule, areas))


def known_areas(panel: pd.DataFrame, areas: Areas, *, argument: str) -> list[str]:
    """Return areas as a list, each of them in the panel."""
    wanted = [areas] if isinstance(areas, str) else areas
    if not isinstance(wanted, Iterable):
        raise InputError(message(argument, f"is {areas!r}, must be area_ids or a column"))
    listed = list(dict.fromkeys(wanted))
    if not listed:
        raise InputError(message(argument, "is empty", fix="Name one area or more."))
    at_hand = set(panel["area_id"])
    strange = [area for area in listed if area not in at_hand]
    if strange:
        fix = f"Areas at hand: {list_some(sorted(at_hand))}."
        raise UnknownNameError(message(argument, "names areas that are not in the panel", strange, fix))
    return listed


def _treated(panel: pd.DataFrame, treated: Areas, start: int) -> list[str]:
    """Return the treated areas, named or marked by a column."""
    if not isinstance(treated, str) or treated not in panel.columns:
        return known_areas(panel, treated, argument="treated")
    mark = numbers(panel, treated)
    strange = ~np.isnan(mark) & (mark != 0) & (mark != 1)
    if strange.any():
        raise InputError(message(treated, "must be 0 or 1, or True or False", np.unique(mark[strange])))
    ever = panel["area_id"][mark == 1]
    varies = ever.isin(panel["area_id"][mark == 0])
    begun = panel["period"][mark == 1][varies].groupby(ever[varies]).min()
    other = begun.index[(begun != start).to_numpy()].tolist()
    if other:
        fix = "Evaluate areas with the same start together, others by themselves."
        raise InputError(message(treated, f"is 1 from another period than start ({start})", other, fix))
    if ever.empty:
        raise InputError(message(treated, "is 1 in no row, so that no area is treated"))
    return list(dict.fromkeys(ever))


def _periods(panel: pd.DataFrame, outcome: str, periods: Sequence[int] | None) -> list[int]:
    """Return the periods asked for, or all in which some area has an outcome."""
    have = sorted(panel["period"][~np.isnan(numbers(panel, outcome))].unique().tolist())
    if periods is None:
        used = have
    else:
        used = sorted(set(periods))
        absent = [period for period in used if period not in have]
        if absent:
            fix = f"Periods at hand: {', '.join(map(str, have))}."
            raise UnknownNameError(message("periods", f"has no {outcome!r} in", absent, fix))
    if len(used) < 2:
        rule = f"has {outcome!r} in {len(used)} period, needs one before the start and one from it"
        raise InputError(message("panel", rule))
    return [int(period) for period in used]


def _check_start(start: object, periods: list[int]) -> None:
    """Check that there are periods before and after."""
    at_hand = f"Periods at hand: {', '.join(map(str, periods))}."
    if isinstance(start, bool) or not isinstance(start, int | np.integer):
        raise InputError(message("start", f"is {start!r}, must be a period", fix=at_hand))
    if start <= periods[0]:
        rule = f"is {start}, but there is no period before it to compare with"
        raise InputError(message("start", rule, fix=at_hand))
    if start > periods[-1]:
        raise InputError(message("start", f"is {start}, but there is no period from then on", fix=at_hand))


def _check_treated(wide: pd.DataFrame, start: int, outcome: str) -> None:
    """Check that every treated area has an outcome throughout."""
    gap = wide.isna().to_numpy()
    early = np.asarray(wide.columns.to_numpy(dtype=np.int64) < start, dtype=np.bool_)
    for part, when in ((early, "before"), (~early, "from")):
        lacks = (gap & part).any(axis=1)
        if lacks.any():
            firsts = (gap & part)[lacks].argmax(axis=1).tolist()
            named = [
                f"{a} {wide.columns[k]}"
                for a, k in zip(wide.index[np.flatnonzero(lacks)], firsts, strict=True)
            ]
            rule = f"has areas without {outcome!r} in a period {when} the start ({start})"
            fix = "Choose periods in which they have figures (periods=), or leave them out and say so."
            raise InputError(message("treated", rule, named, fix))


def _in_order(rows: pd.DataFrame, chosen: list[str]) -> list[str]:
    """Return the areas of some rows, and the treated ones even if they have no row."""
    return list(dict.fromkeys([*rows["area_id"].tolist(), *chosen]))


def _flags(rows: pd.DataFrame, outcome: str) -> dict[str, int]:
    """Count the values that carry a flag, such as preliminary ones."""
    column = f"{outcome}_flag"
    if column not in rows:
        return {}
    marked = rows[column].where(rows[outcome].notna()).dropna().astype(str)
    return {
        str(k): int(n) for k, n in marked[~marked.isin(["", "observed"])].value_counts().sort_index().items()
    }
