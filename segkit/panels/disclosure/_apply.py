"""Apply rules to a table: values removed or rounded, flags, and a log of what was done and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, check_columns, check_count, check_seed
from segkit.base.order import area_order, as_given
from segkit.errors import InputError, message
from segkit.panels.disclosure._attack import Knowledge, describe, intervals
from segkit.panels.disclosure._choice import Problem, choose
from segkit.panels.disclosure._grid import Layout, build, layout
from segkit.panels.disclosure._rules import Changing, ShareRule, check_rules
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from segkit.base.checks import Floats
    from segkit.panels.disclosure._grid import Grid, Ints, Mask, Shares
    from segkit.panels.disclosure._rules import Hiding, Rule


class Protected(NamedTuple):
    """A table that may be shown, and the log of what was hidden or changed.

    Attributes
    ----------
    table : pandas.DataFrame
        The table with values removed or rounded, and a column ``X_flag`` for each column X of a rule.
    log : pandas.DataFrame
        ``area_id`` and ``period`` or ``row``, ``column``, ``kind`` ("primary", "secondary" or "rounded"),
        ``rule``, and ``low, high``: what an attacker can still tell, in persons. It says which cells are
        small: it is for whoever made the table, not for those who get it.
    """

    table: pd.DataFrame
    log: pd.DataFrame


@dataclass(frozen=True)
class Plan:
    """Rules together with the columns they are for, to be applied to any table that has the columns.

    Parameters and meaning are those of `apply`. Exports take a plan as ``disclosure=``.

    Raises
    ------
    InputError
        When rules and columns do not go together.

    Examples
    --------
    >>> plan = Plan(ShareRule(), shares={"low_income": "population"})
    >>> table = pd.DataFrame({"population": [400, 300], "low_income": [12.0, 1.0]})
    >>> plan.apply(table).table["low_income"].tolist()
    [12.0, nan]
    """

    rules: Rule | Sequence[Rule]
    counts: str | Sequence[str] = ()
    shares: Shares = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    region: str | Sequence[str] = ()
    secondary: bool = True
    width: int | None = None
    keep: str | Sequence[str] = ()
    cost: Literal["persons", "cells"] = "persons"
    random_state: int = 0

    def __post_init__(self) -> None:
        rules = check_rules(self.rules)
        about = self.layout
        if any(isinstance(r, ShareRule) for r in rules) and not about.shares:
            fix = "Give shares={'share': 'denominator'}."
            raise InputError(message("shares", "is empty, but a rule is about shares", fix=fix))
        if self.width is not None:
            check_count(self.width, argument="width")
        check_choice(self.cost, ("persons", "cells"), argument="cost")
        check_seed(self.random_state)

    @property
    def layout(self) -> Layout:
        """Which columns hold what."""
        return layout(self.counts, self.shares, self.groups, self.region)

    def concerns(self, table: pd.DataFrame) -> bool:
        """Tell whether a table has any of the columns that the rules are for."""
        return any(column in table.columns for column in self.layout.shown)

    def text(self, language: Literal["sv", "en"]) -> str:
        """Say the rules in sentences."""
        texts = [rule.text(language) for rule in check_rules(self.rules)]
        if self.secondary and not isinstance(check_rules(self.rules)[0], Changing):
            texts.append(say("disclosure", "secondary", language))
        return " ".join(texts)

    def apply(self, table: pd.DataFrame) -> Protected:
        """Return the table as it may be shown, and the log."""
        rules = check_rules(self.rules)
        about = self.layout
        check_columns(table, about.shown, argument="table")
        order = area_order(table, about.shown)
        rows = table.iloc[order]
        grid = build(rows, about, known_elsewhere=True)
        if isinstance(rules[0], Changing):
            done = _changed(rows, grid, self, rules[0])
        else:
            done = _hidden(rows, grid, self, [r for r in rules if not isinstance(r, Changing)])
        return Protected(as_given(done.table, order), done.log)


def apply(
    table: pd.DataFrame,
    rules: Rule | Sequence[Rule],
    *,
    counts: str | Sequence[str] = (),
    shares: Shares | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    region: str | Sequence[str] = (),
    secondary: bool = True,
    width: int | None = None,
    keep: str | Sequence[str] = (),
    cost: Literal["persons", "cells"] = "persons",
    random_state: int = 0,
) -> Protected:
    """Hide or round what is too small to show, and whatever else would give it away.

    A rule hides small figures (primary). If a total is known, a single hidden figure is what the total
    leaves; so further cells are hidden (secondary), those that lose least. They are the best choice in
    small parts of a table and a good one in large; either way an attacker (`attack`) is let loose on the
    result before it is returned. Zeros are not hidden by a least count (see `MinimumCount`), and never
    chosen as secondary cells: a reader knows that a hidden count is at least 1.

    Parameters
    ----------
    table : pandas.DataFrame or geopandas.GeoDataFrame
        One row per area (and period); a column of codes ``area_id`` where regions have rows of their own.
    rules : rule or list of rules
        `MinimumCount` and `ShareRule`, one or both; or one of `RoundTo` and `ReplaceSmall`.
    counts : str or sequence of str
        Columns of counts of persons.
    shares : mapping, optional
        Column of shares in per cent -> column of their denominators, or a `Share` that also names the
        column of numerators or of the complementary share. The counts behind shares are protected too.
    groups : mapping, optional
        Column of totals -> columns that are parts of it. Where the parts do not fill it, what is left can
        be computed by anyone, and is protected as a cell of its own.
    region : str or sequence of str
        Columns with the code of the region that an area lies in, the finest first, such as
        ``["regso_id", "municipality_id"]``. Where a row has that code as its ``area_id``, it is the
        region's total; otherwise the totals count as known to others, since they are published elsewhere,
        except those that are too small themselves, which count as protected where they are published.
    secondary : bool
        False hides what the rules name and nothing else: what is hidden can then often be computed.
    width : int, optional
        How many persons must lie between the least and the most that a hidden figure can be, as an
        attacker sees it. None takes the rule's: 2 for counts of 1 and 2 hidden (it may be 3, and so
        shown), 5 for the share rule.
    keep : str or sequence of str
        Columns of counts or shares never hidden as secondary cells.
    cost : {"persons", "cells"}
        What is lost by a secondary cell: the persons it counts, or one whatever its size. Totals are
        hidden only where there is no other way.
    random_state : int
        Seed of random rounding.

    Returns
    -------
    Protected
        ``(table, log)``. In the table, hidden values are missing and ``X_flag`` says "suppressed";
        rounded counts say "rounded"; a standard error ``X_se`` goes with its value.

    Raises
    ------
    InputError
        When counts are negative or not whole, parts do not add up, or a small figure can't be protected.
    UnknownNameError
        When a column is not there.

    Notes
    -----
    Missing figures count as known to an attacker, the worst case. Not protected against: differences
    between publications, or periods of a slow-moving count (see `attack`, argument `known`); means,
    indices and profiles computed from hidden figures; someone who knows of one of the persons counted.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley.
    Fischetti, M. & Salazar, J. J. (2001). Solving the cell suppression problem on tabular data with linear
    constraints. Management Science 47, 1008-1027. The models are tau-Argus and the R package sdcTable.

    Examples
    --------
    The total of the region is known, so a second count is hidden with the small one, the least that does:

    >>> from segkit.panels.disclosure import MinimumCount
    >>> table = pd.DataFrame({"area_id": ["a", "b", "c"], "city": "x", "n": [2, 7, 8]})
    >>> shown, log = apply(table, MinimumCount(), counts="n", region="city")
    >>> shown["n"].tolist(), log[["area_id", "kind", "low", "high"]].values.tolist()
    ([nan, nan, 8.0], [['a', 'primary', 1.0, 8.0], ['b', 'secondary', 1.0, 8.0]])
    """
    return Plan(
        rules, counts, shares or {}, groups or {}, region, secondary, width, keep, cost, random_state
    ).apply(table)


def _hidden(table: pd.DataFrame, grid: Grid, plan: Plan, rules: Sequence[Hiding]) -> Protected:
    """Hide what is small and what would give it away."""
    small, elsewhere = _primary(grid, rules)
    reason = np.full(grid.counts.size, -1)
    for number, mask in reversed(list(enumerate(small))):
        reason[mask] = number
    primary = np.flatnonzero(reason >= 0)
    problem = _problem(grid, plan, rules, small, elsewhere)
    hidden = reason >= 0
    if plan.secondary and primary.size:
        hidden, open_to_attack = choose(problem, primary)
        if open_to_attack.size:
            fix = (
                "Hide more by hand, join areas or groups, leave `keep` empty, or lower `width`; "
                "with secondary=False they can be computed."
            )
            rule = "has small figures that can be computed from what is known, whatever else is hidden"
            raise InputError(message("table", rule, grid.labels(open_to_attack), fix))
    masks = dict(_masks(grid, plan, hidden))
    return Protected(_removed(table, masks), _log(grid, plan, masks, problem, hidden, reason))


def _log(
    grid: Grid, plan: Plan, masks: Mapping[str, Mask], problem: Problem, hidden: Mask, reason: Ints
) -> pd.DataFrame:
    """Tell of each value removed why it was, and what an attacker can still tell."""
    names = ["", *(rule.text("en") for rule in check_rules(plan.rules))]
    inside = np.flatnonzero(hidden & ~grid.outside)
    low, high = np.full(hidden.size, np.nan), np.full(hidden.size, np.nan)
    low[inside], high[inside] = intervals(problem.knowledge(hidden), inside)
    logs = []
    for column, mask in masks.items():
        cells = np.flatnonzero(mask) * len(grid.columns) + _place(grid, plan, column)
        why = np.where(hidden[cells], reason[cells], -1)
        log = describe(grid, cells).assign(column=column, kind=np.where(why >= 0, "primary", "secondary"))
        logs.append(log.assign(rule=[names[w + 1] for w in why.tolist()], low=low[cells], high=high[cells]))
    return pd.concat(logs, ignore_index=True)


def _place(grid: Grid, plan: Plan, column: str) -> int:
    """Return the place of the counts behind a column of the table."""
    share = plan.layout.shares.get(column)
    return grid.place(share.numerator if share is not None and share.numerator else column)


def _primary(grid: Grid, rules: Sequence[Hiding]) -> tuple[list[Mask], Mask]:
    """Return for each rule the cells it hides, and the totals outside the table that are too small."""
    masks = []
    kinds = np.array(grid.kinds)
    for rule in rules:
        if isinstance(rule, ShareRule):
            mask = rule.hides(grid.counts, grid.bases) & (kinds == "share")
        else:
            mask = rule.hides(grid.counts) & (kinds != "base")
            lacking = rule.hides(np.where(kinds == "share", grid.bases, np.inf) - grid.counts)
            mask |= lacking & (kinds == "share")
        masks.append(mask.ravel())
    elsewhere = np.logical_or.reduce(masks) & grid.outside
    return [mask & ~grid.outside for mask in masks], elsewhere


def _problem(
    grid: Grid, plan: Plan, rules: Sequence[Hiding], small: Sequence[Mask], elsewhere: Mask
) -> Problem:
    """Return the counts, sums and demands as the choice of secondary cells needs them."""
    shape = grid.counts.shape
    kinds = np.broadcast_to(np.array(grid.kinds), shape).ravel()
    values = np.nan_to_num(grid.counts.ravel())
    width = np.zeros(values.size)
    for rule, mask in zip(rules, small, strict=True):
        width[mask] = np.maximum(width[mask], rule.width if plan.width is None else plan.width)
    zero = (kinds == "rest") | (kinds == "share") | any(r.may_hide_zero for r in rules)
    least = np.where(zero, 0.0, 1.0)
    keep = [plan.keep] if isinstance(plan.keep, str) else list(plan.keep)
    unknown = [c for c in keep if c not in [*grid.columns, *plan.layout.shares]]
    if unknown:
        raise InputError(message("keep", "names columns that no rule is for", unknown))
    kept = [(plan.layout.shares[c].numerator or c) if c in plan.layout.shares else c for c in keep]
    fixed = np.broadcast_to(np.isin(grid.columns, kept), shape).ravel() | (kinds == "base") | grid.outside
    # A zero is never hidden for the sake of another; what can be computed anyway is no loss.
    fixed = fixed | np.isnan(grid.counts.ravel()) | ((values == 0) & (kinds != "rest"))
    base = np.where(np.isnan(grid.bases.ravel()), np.inf, grid.bases.ravel())
    cost = np.where(kinds == "rest", 0.0, values if plan.cost == "persons" else 1.0)
    matrix = grid.matrix()
    # A total too small to be shown where it is published tells nothing here.
    matrix = matrix[abs(matrix) @ elsewhere.astype(np.float64) == 0]
    return Problem(matrix, values, least, base, cost, width, fixed, grid.levels)


def _masks(grid: Grid, plan: Plan, hidden: Mask) -> Iterator[tuple[str, Mask]]:
    """Yield what to remove of each column; a share goes with its numerator and with its denominator."""
    block = hidden.reshape(grid.counts.shape)[: grid.n_rows]
    about = plan.layout
    for column in about.counts:
        yield column, block[:, grid.place(column)]
    for name, share in about.shares.items():
        below = share.denominator in about.counts and block[:, grid.place(share.denominator)]
        for column in [name, share.complement] if share.complement else [name]:
            at = _place(grid, plan, column)
            yield column, block[:, at] | (below & ~np.isnan(grid.counts[: grid.n_rows, at]))


def _removed(table: pd.DataFrame, masks: Mapping[str, Mask]) -> pd.DataFrame:
    """Return the table without hidden values, each column with its flags."""
    shown = table.copy()
    for column, mask in masks.items():
        flags = _flags(table, column)
        if mask.any():
            for name in (column, f"{column}_se"):
                if name in table:
                    shown[name] = table[name].astype(np.float64).mask(mask)
        shown[f"{column}_flag"] = flags.mask(mask & table[column].notna().to_numpy(), "suppressed")
    return shown


def _flags(table: pd.DataFrame, column: str) -> pd.Series[Any]:
    """Return the flags that a column has, or "observed"."""
    if f"{column}_flag" in table:
        return table[f"{column}_flag"].astype(object).fillna("")
    return pd.Series(np.where(table[column].notna(), "observed", ""), index=table.index, dtype=object)


def _changed(table: pd.DataFrame, grid: Grid, plan: Plan, rule: Changing) -> Protected:
    """Round or replace counts, make totals, and check that no small count can be computed."""
    known = np.nan_to_num(grid.counts)
    leaf = rule.change(known, plan.random_state)
    totals = grid.totals.reshape(known.shape)
    shown = _summed(grid, leaf.ravel()).reshape(known.shape) if rule.totals == "summed" else leaf
    low, high = rule.bounds(leaf)
    summed = totals & (rule.totals == "summed")
    low, high = np.where(summed, 0.0, low), np.where(summed, np.inf, high)
    fixed = grid.outside.reshape(known.shape) | np.isnan(grid.counts) | (np.array(grid.kinds) == "base")
    computed = np.array(grid.kinds) == "rest"
    low = np.where(fixed, known, np.where(computed, 0, low))
    high = np.where(fixed, known, np.where(computed, np.inf, high))
    matrix = grid.matrix()
    facts = Knowledge(matrix, matrix @ known.ravel(), low.ravel(), high.ravel())
    small = (rule.small(known) & ~fixed & ~computed).ravel()
    cells = np.flatnonzero(small)
    ends = intervals(facts, cells)
    told = cells[ends[0] == ends[1]]
    if told.size:
        fix = "Hide them with MinimumCount, which protects against known totals, or use totals='summed'."
        raise InputError(message("rules", "lets small counts be computed", grid.labels(told), fix))
    return _rewritten(table, grid, plan, rule, shown, (cells, *ends))


def _summed(grid: Grid, leaf: Floats) -> Floats:
    """Return counts whose totals are sums of the changed counts, from the innermost out."""
    shown = leaf.copy()
    missing = np.isnan(grid.counts.ravel())
    # A table is at most a few levels deep; sums of sums settle as many rounds later.
    for _ in range(len(grid.columns) + len(grid.rows)):
        before = shown.copy()
        for total, parts in grid.equations:
            gone = ((parts >= 0) & missing[np.maximum(parts, 0)]).any(axis=1)
            sums = np.where(parts >= 0, shown[np.maximum(parts, 0)], 0.0).sum(axis=1)
            shown[total[~gone]] = sums[~gone]
        if (shown == before).all():
            return shown
    return shown


def _rewritten(
    table: pd.DataFrame,
    grid: Grid,
    plan: Plan,
    rule: Changing,
    shown: Floats,
    small: tuple[Ints, Floats, Floats],
) -> Protected:
    """Return the table with changed counts, shares computed from them, flags and the log."""
    result, logs = table.copy(), []
    low, high = np.full(shown.size, np.nan), np.full(shown.size, np.nan)
    low[small[0]], high[small[0]] = small[1:]
    for column, values in _new_values(table, grid, plan, shown).items():
        old = table[column].to_numpy(dtype=np.float64, na_value=np.nan)
        moved = ~np.isnan(old) & ~np.isclose(values, old, rtol=0, atol=1e-9)
        if moved.any():
            result[column] = np.where(np.isnan(old), np.nan, values)
        flags = _flags(table, column)
        marked = (flags + ", rounded").where(~flags.isin(["observed", ""]), "rounded")
        result[f"{column}_flag"] = flags.where(np.isnan(old), marked)
        cells = np.flatnonzero(moved) * len(grid.columns) + _place(grid, plan, column)
        log = describe(grid, cells).assign(column=column, kind="rounded", rule=rule.text("en"))
        logs.append(log.assign(low=low[cells], high=high[cells]))
    return Protected(result, pd.concat(logs, ignore_index=True))


def _new_values(table: pd.DataFrame, grid: Grid, plan: Plan, shown: Floats) -> dict[str, Floats]:
    """Return changed counts, and shares computed from them."""
    about, own = plan.layout, shown[: grid.n_rows]
    new: dict[str, Floats] = {column: own[:, grid.place(column)] for column in about.counts}
    for name, share in about.shares.items():
        base = table[share.denominator].to_numpy(dtype=np.float64, na_value=np.nan)
        base = new.get(share.denominator, base)
        count = own[:, _place(grid, plan, name)]
        percent = 100 * np.divide(count, base, out=np.full(len(base), np.nan), where=base > 0)
        new[name] = np.minimum(percent, 100)
        if share.complement is not None:
            new[share.complement] = 100 - new[name]
    return new
