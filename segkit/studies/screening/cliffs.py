"""How firm a screening is: thresholds moved, figures moved within their uncertainty, a list beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_count, numbers
from segkit.errors import InputError, UnknownNameError, message
from segkit.studies.screening.rules import Criterion, Rule
from segkit.studies.screening.screen import Screening, screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


#: Numbers scored at once: bounds the memory.
_BLOCK = 1_000_000


def threshold_moves(
    panel: pd.DataFrame,
    rule: Rule | Criterion,
    moves: Sequence[float],
    *,
    relative: bool = False,
    period: int | None = None,
    references: Mapping[str, float | str] | None = None,
    weight: str = "population",
) -> pd.DataFrame:
    """Tell which areas would enter or leave if one threshold at a time were another.

    Parameters
    ----------
    panel, rule, period, references, weight
        As in `screen`.
    moves : sequence of float
        What is added to each threshold, in its own unit; with `relative` the per cent it is raised by.
    relative : bool
        Whether moves are per cent of the threshold.

    Returns
    -------
    pandas.DataFrame
        One row per criterion and move: ``criterion`` (number), ``indicator, threshold`` (moved), ``move,
        n_selected, n_entering, n_leaving, entering, leaving`` (codes, separated by commas). Areas whose
        outcome becomes or stops being unknown are counted in neither.

    Raises
    ------
    InputError
        As `screen`; or when there are no moves, or one is no finite number.
    UnknownNameError
        When a column is missing.

    Examples
    --------
    >>> table = pd.DataFrame({"area_id": ["a", "b", "c"], "period": 2024, "turnout": [60.0, 69.0, 71.0]})
    >>> moved = threshold_moves(table, Criterion("turnout", "<", 70), [-2, 2])
    >>> moved[["n_selected", "leaving"]].to_numpy().tolist()
    [[1, 'b'], [3, '']]
    """
    asked = Rule((rule,), 1) if isinstance(rule, Criterion) else rule
    if not len(moves) or not np.isfinite(np.asarray(moves, dtype=float)).all():
        raise InputError(message("moves", "must be finite numbers, at least one"))
    options = {"period": period, "references": references, "weight": weight}
    base = screen(panel, asked, **options)  # type: ignore[arg-type]
    rows = []
    for number, criterion in enumerate(asked.criteria()):
        for move in moves:
            step = criterion.threshold * move / 100 if relative else move
            other = replace(criterion, threshold=criterion.threshold + step)
            found = screen(panel, _with(asked, number, other), **options)  # type: ignore[arg-type]
            rows.append(_row(number, other, float(move), base, found))
    return pd.DataFrame(rows)


def _with(rule: Rule, number: int, criterion: Criterion) -> Rule:
    """Return the rule with its criterion of a number, counted from 0, replaced."""
    parts: list[Criterion | Rule] = []
    at = 0
    for part in rule.parts:
        n = 1 if isinstance(part, Criterion) else sum(1 for _ in part.criteria())
        inside = at <= number < at + n
        if inside:
            parts.append(criterion if isinstance(part, Criterion) else _with(part, number - at, criterion))
        else:
            parts.append(part)
        at += n
    return replace(rule, parts=tuple(parts))


def _row(number: int, other: Criterion, move: float, base: Screening, found: Screening) -> dict[str, object]:
    before, after = base.areas["selected"], found.areas["selected"]
    ids = base.areas["area_id"]
    entering = ids[(after & ~before).fillna(value=False)].tolist()
    leaving = ids[(before & ~after).fillna(value=False)].tolist()
    return {
        "criterion": number + 1,
        "indicator": other.indicator,
        "threshold": other.threshold,
        "move": move,
        "n_selected": len(found.selected),
        "n_entering": len(entering),
        "n_leaving": len(leaving),
        "entering": ", ".join(entering),
        "leaving": ", ".join(leaving),
    }


def certainty(screening: Screening, *, n_draws: int = 9999, random_state: int = 0) -> pd.DataFrame:
    """Tell in which share of draws each area meets the rule, figures drawn within their uncertainty.

    Each figure with a standard error is drawn from a normal distribution around it, the figures of an
    area independently of one another; figures without one, and the bounds, are held fixed.

    Parameters
    ----------
    screening : Screening
        From `screen` on a panel with columns ``X_se``.
    n_draws : int
        Number of draws.
    random_state : int
        Seed; the same seed gives the same shares.

    Returns
    -------
    pandas.DataFrame
        One row per area: ``area_id, name, selected, share_selected`` (0 to 1; missing where unknown
        figures decide in some draw), ``firm`` (whether the outcome is the same in at least 95 per cent
        of draws).

    Raises
    ------
    InputError
        When `n_draws` is not a whole number of at least 1, or no figure has a standard error.

    Examples
    --------
    >>> table = pd.DataFrame({"area_id": ["a", "b"], "period": 2024, "turnout": [60.0, 70.0],
    ...                       "turnout_se": [1.0, 1.0]})
    >>> certainty(screen(table, Criterion("turnout", "<", 70.0)))["firm"].tolist()
    [True, False]
    """
    check_count(n_draws, argument="n_draws")
    criteria = screening.criteria
    if criteria["se"].isna().all():
        fix = "Give the panel columns named after the indicator with _se, such as turnout_se."
        raise InputError(message("screening", "no figure has a standard error", fix=fix))
    random = np.random.default_rng(random_state)
    blocks = [part for _, part in criteria.groupby("criterion", sort=True)]
    noise: dict[tuple[str, str], np.ndarray] = {}
    figures = []
    for criterion, part in zip(screening.rule.criteria(), blocks, strict=True):
        key = (criterion.indicator, str(part["period"].iloc[0]))
        if key not in noise:
            noise[key] = random.standard_normal((n_draws, len(part)))
        value, bound = numbers(part, "value"), numbers(part, "bound")
        figures.append((criterion, value, np.nan_to_num(numbers(part, "se")), bound, noise[key]))
    share = np.empty(len(screening.areas))
    step = max(1, _BLOCK // n_draws)
    for at in (slice(start, start + step) for start in range(0, share.size, step)):
        outcomes = [
            criterion.met(value[at] + se[at] * drawn[:, at], bound[at])
            for criterion, value, se, bound, drawn in figures
        ]
        share[at] = screening.rule.met(np.stack(outcomes, axis=-1)).mean(axis=0)
    table = screening.areas[[c for c in ("area_id", "name", "selected") if c in screening.areas]].copy()
    table["share_selected"] = share
    firm = pd.Series((share >= 0.95) | (share <= 0.05)).astype("boolean")
    table["firm"] = firm.mask(np.isnan(share))
    return table


def agreement(
    selected: Iterable[str], published: Iterable[str], *, among: Iterable[str] | None = None
) -> pd.DataFrame:
    """Compare what a rule finds with a published list: recall, precision and who differs.

    Recall is the share of the list that the rule finds, precision the share of what the rule finds that
    is on the list.

    Parameters
    ----------
    selected : iterable of str
        What the rule found, as `Screening.selected`.
    published : iterable of str
        The list.
    among : iterable of str, optional
        All that were screened; members of the list outside them could not be found: they are named and
        left out of the recall.

    Returns
    -------
    pandas.DataFrame
        ``measure`` (recall, precision, found, missed, extra, not screened), ``value`` (0 to 1 for the
        first two, else a count), ``n_of``, and ``codes`` (separated by commas).

    Raises
    ------
    InputError
        When the list is empty, or a selected code is not among those screened.
    UnknownNameError
        When no member of the list was screened.

    Examples
    --------
    >>> agreement(["a", "b", "c"], ["b", "c", "d"])[["measure", "value"]].to_numpy().tolist()[:2]
    [['recall', 0.6666666666666666], ['precision', 0.6666666666666666]]
    """
    chosen, given = dict.fromkeys(selected), dict.fromkeys(published)
    if not given:
        raise InputError(message("published", "is empty, so there is nothing to compare with"))
    screened = dict.fromkeys(among) if among is not None else dict.fromkeys([*chosen, *given])
    strangers = [code for code in chosen if code not in screened]
    if strangers:
        raise InputError(message("selected", "has codes that are not among those screened", strangers))
    reachable = [code for code in given if code in screened]
    if not reachable:
        fix = "Check that both are codes of the same kind, such as municipality codes of four digits."
        raise UnknownNameError(message("published", "has no code that was screened", given, fix))
    found = [code for code in reachable if code in chosen]
    missed = [code for code in reachable if code not in chosen]
    extra = [code for code in chosen if code not in given]
    rest = [code for code in given if code not in screened]
    rows = [
        ("recall", len(found) / len(reachable), len(reachable), []),
        ("precision", len(found) / len(chosen) if chosen else np.nan, len(chosen), []),
        ("found", len(found), len(reachable), found),
        ("missed", len(missed), len(reachable), missed),
        ("extra", len(extra), len(chosen), extra),
        ("not screened", len(rest), len(given), rest),
    ]
    table = pd.DataFrame(rows, columns=["measure", "value", "n_of", "codes"])
    return table.assign(codes=[", ".join(codes) for codes in table["codes"]])
