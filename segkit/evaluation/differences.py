"""Difference-in-differences for a few treated areas, with chance taken from areas drawn by lot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_count, check_seed
from segkit.base.order import in_area_order
from segkit.base.tidy import TIDY
from segkit.errors import InputError, message
from segkit.evaluation import sentences
from segkit.evaluation.input import Areas, Design, Mask, column_before, read, strata_before, without
from segkit.inference.lots import Comparison, Sets, chance, check_members, margins, random_sets
from segkit.inference.tidy import check_confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Language


@dataclass(frozen=True)
class DifferenceInDifferences:
    """The result of `difference_in_differences`.

    Attributes
    ----------
    outcome : str
        The outcome.
    estimate : pandas.DataFrame
        Tidy table with ``p_value`` last: ``difference_in_differences``; ``trend_before`` (how much more the
        outcome rose per period unit in the treated areas before the start) and ``differences_before``
        (root mean square of the treated areas' lead in each period before, less its mean; never below 0),
        which take two or more periods before and are missing (NaN) with one.
    event_study : pandas.DataFrame
        One row per period: ``period, before`` (whether it lies before the start), ``value`` (lead of the
        treated areas less their lead in the last period before), ``ci_low, ci_high, p_value`` (each
        period by itself), and the mean ``treated`` and ``untreated`` outcome.
    leave_one_out : pandas.DataFrame
        ``area_id, name, role, value`` (the estimate without the area), ``change`` (less the estimate with
        it); treated areas first, then by size of the change.
    areas : pandas.DataFrame
        ``area_id, name, role, weight, before, after, change`` of every area compared.
    permutations : pandas.DataFrame
        ``value``: the estimate for each other set of areas, as if it were the treated one.
    notes : pandas.DataFrame
        ``code, text_sv, text_en``: reservations.
    confidence : float
        Of the intervals.
    enumerated : bool
        Whether the permutations are all sets there are.
    """

    outcome: str
    estimate: pd.DataFrame
    event_study: pd.DataFrame
    leave_one_out: pd.DataFrame
    areas: pd.DataFrame
    permutations: pd.DataFrame
    notes: pd.DataFrame
    confidence: float
    enumerated: bool

    def conclude(self, language: Language = "sv", *, label: str | None = None) -> str:
        """Say what the comparison shows, how it compares with chance, and what it would take to mean more.

        Parameters
        ----------
        language : {"sv", "en"}
            The language.
        label : str, optional
            What the outcome is called; without it the catalogue's word.

        Returns
        -------
        str
            Some sentences, the reservations included.
        """
        return sentences.of_differences(self, language, label)


def difference_in_differences(
    panel: pd.DataFrame,
    outcome: str,
    *,
    treated: Areas,
    start: int,
    weight: str | None = None,
    controls: Sequence[str] | None = None,
    covariates: Sequence[str] = (),
    strata: str | None = None,
    periods: Sequence[int] | None = None,
    n_permutations: int = 9999,
    confidence: float = 0.95,
    random_state: int = 0,
) -> DifferenceInDifferences:
    r"""Compare how a few areas changed with how others did, and with as many areas drawn by lot.

    .. math::

        \hat\tau = (\bar y_{1,after} - \bar y_{1,before}) - (\bar y_{0,after} - \bar y_{0,before})

    with 1 the treated areas, 0 the others, each mean over the periods before `start` or from it on. What
    sets areas apart for good, and what changes all alike, cancels out.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period.
    outcome : str
        The indicator.
    treated : sequence of str, or str
        The treated areas, or a column that is 1 for them and 0 for others.
    start : int
        The first treated period.
    weight : str, optional
        Such as population or electorate: the newest value before the start, the same in all periods.
        Without it every area counts the same.
    controls : sequence of str, optional
        The areas to compare with, such as the `peers` of the treated; without it all others.
    covariates : sequence of str
        Indicators of which the newest value before the start is held equal: areas are compared with those
        expected to change as they do by these values (linear).
    strata : str, optional
        A column that says which areas were alike before. Treated areas are compared within their stratum,
        and lots are drawn within it.
    periods : sequence of int, optional
        The periods used; without it all in which the outcome is known.
    n_permutations, random_state : int
        How many sets of areas are drawn by lot, and seed. All sets are taken where they are fewer.
    confidence : float
        Between 0 and 1, of the intervals.

    Returns
    -------
    DifferenceInDifferences
        Tables in the unit of the outcome, see there; `conclude` puts them in words.

    Raises
    ------
    InputError
        When a treated area lacks the outcome in a period used, there is no period before the start or none
        after, fewer than two areas are left to compare with, or covariates or strata tell treated areas
        from the others without fail.
    UnknownNameError
        When a column, period or area does not exist.

    Warns
    -----
    DataWarning
        When areas are left out because they lack something.

    Notes
    -----
    *Chance.* With three treated areas a standard error from a normal table is far too small. Here the
    treated are compared with every other set of as many of the areas (or with many drawn by lot):
    p = (1 + sets with a difference as far from 0) / (1 + sets). The test is exact if any of these sets had
    been as likely to be the treated one. Areas were rarely chosen by lot; then it says how unusual the
    difference is among these areas. With N sets in all no p-value is below 1/N. The interval holds the
    effects, the same for every treated area, that the test does not reject; it is infinite where there
    are too few sets. ``se`` is the standard deviation over the sets.

    *What it takes.* The difference is the effect of a measure only if the treated areas would otherwise
    have changed as the others did, and the others were not affected. A lead that changed before the
    start speaks against that; that it did not, does not prove it. Areas chosen because they were at their
    lowest tend to rise anyway.

    *Small areas* vary more by chance. When the treated are much smaller than those drawn by lot the test
    rejects too often, when larger too seldom: use `strata` by size, or `controls` of like size. So it does
    when the treated are neighbors that share what happens around them, while lots fall all over the map
    (benchmarks/evaluation_size.py): join neighbors to one area first.

    References
    ----------
    Conley, T. G. & Taber, C. R. (2011). Inference with "difference in differences" with a small number of
    policy changes. Review of Economics and Statistics 93(1), 113-125. MacKinnon, J. G. & Webb, M. D.
    (2020). Randomization inference for difference-in-differences with few treated clusters. Journal of
    Econometrics 218(2), 435-450.

    Examples
    --------
    Area a rises by 5, the others by 1: the most of the five, p = 1/5.

    >>> panel = pd.DataFrame({"area_id": list("abcde") * 2, "period": [2022] * 5 + [2026] * 5,
    ...                       "turnout": [70.0, 80, 85, 90, 75, 75, 81, 86, 91, 76]})
    >>> result = difference_in_differences(panel, "turnout", treated=["a"], start=2026)
    >>> result.estimate.loc[0, ["value", "p_value"]].tolist()
    [4.0, 0.2]
    """
    check_count(n_permutations, argument="n_permutations")
    check_seed(random_state)
    check_confidence(confidence)
    panel = in_area_order(panel)
    design = read(
        panel, outcome, treated=treated, start=start, others=controls, argument="controls", periods=periods
    )
    design, weights, held, codes = prepare(panel, design, weight, covariates, strata)
    members = np.flatnonzero(design.treated)
    sets, enumerated = random_sets(members, codes, n_permutations, random_state)
    against = Comparison.of(weights, held)
    contrasts = _contrasts(design)
    measured = design.outcomes @ contrasts.to_numpy()
    found = _test(against, members, sets, measured, design, confidence)
    names = contrasts.columns
    leave = against.without_each(members, measured[:, :1])[:, 0]
    return DifferenceInDifferences(
        outcome=outcome,
        estimate=_estimate(found, design, outcome),
        event_study=_event_study(found, design, weights),
        leave_one_out=_leave_one_out(leave, float(found["value"][0]), design),
        areas=_areas(design, weights),
        permutations=pd.DataFrame({"value": found["draws"][:, names.get_loc("effect")]}),
        notes=sentences.notes_of_differences(design, found, len(sets), panel),
        confidence=confidence,
        enumerated=enumerated,
    )


def prepare(
    panel: pd.DataFrame, design: Design, weight: str | None, covariates: Sequence[str], strata: str | None
) -> tuple[Design, Floats, Floats, Sets]:
    """Return the areas that have all, their weights, what is held equal, and the codes of strata."""
    if isinstance(covariates, str):
        raise InputError(message("covariates", f"is {covariates!r}, must be a list of columns"))
    columns = [column_before(panel, design, name) for name in covariates]
    held = np.column_stack(columns) if columns else np.empty((len(design.areas), 0))
    weights = np.ones(len(held)) if weight is None else column_before(panel, design, weight, least=0)
    codes = np.zeros(len(held), dtype=np.intp) if strata is None else strata_before(panel, design, strata)
    lacks: dict[str, Mask] = {
        ", ".join(covariates): np.asarray(np.isnan(held).any(axis=1), dtype=np.bool_),
        f"{weight} above 0": np.logical_not(weights > 0),
        str(strata): codes < 0,
    }
    kept = np.ones(len(held), dtype=bool)
    for what, lacking in lacks.items():
        if (lacking & kept).any():
            design = without(design, lacking[kept], what)
            kept &= ~lacking
    held, weights, codes = held[kept], weights[kept], codes[kept]
    if strata is not None:
        design, weights, held, codes = _within(design, weights, held, codes, strata)
    check_members(int(design.treated.sum()), int((~design.treated).sum()))
    return design, weights, held, codes


def _within(
    design: Design, weights: Floats, held: Floats, codes: Sets, strata: str
) -> tuple[Design, Floats, Floats, Sets]:
    """Keep the strata of treated areas, each with a mean of its own."""
    used = np.unique(codes[design.treated])
    alone = [code for code in used if design.treated[codes == code].all()]
    if alone:
        areas = design.areas["area_id"][np.isin(codes, alone)].tolist()
        raise InputError(message(strata, "has strata with treated areas only", areas, "Use wider strata."))
    kept = np.isin(codes, used)
    apart = (codes[:, None] == used[1:]).astype(np.float64)
    return design.keep(kept), weights[kept], np.column_stack([held, apart])[kept], codes[kept]


def _contrasts(design: Design) -> pd.DataFrame:
    """Return what is compared, a column of weights of the periods each."""
    before = design.before
    n = len(design.periods)
    columns = {"effect": np.where(before, -1 / before.sum(), 1 / (~before).sum())}
    if before.sum() > 1:
        time = np.array(design.periods, dtype=np.float64)
        slope = np.where(before, time - time[before].mean(), 0.0)
        columns["trend"] = slope / (slope @ slope)
    base = design.periods.index(design.base)
    columns |= {f"at {period}": np.eye(n)[k] - np.eye(n)[base] for k, period in enumerate(design.periods)}
    return pd.DataFrame(columns)


def _test(
    against: Comparison, members: Sets, sets: Sets, measured: Floats, design: Design, confidence: float
) -> dict[str, Floats]:
    """Compare the treated with the rest, and with sets drawn by lot: one column per contrast."""
    inside = design.treated.astype(np.float64)[:, None]
    value = against.differences(members[None, :], measured)[0]
    if not np.isfinite(value).all():
        rule = "tell treated areas from the others without fail, so that there is nothing to compare"
        raise InputError(message("covariates", rule, fix="Use fewer."))
    drawn = against.differences(sets, np.column_stack([measured, inside]))
    draws, overlap = drawn[:, :-1], drawn[:, -1:]
    low, high = margins(value, draws, overlap, 1 - confidence)
    return {
        "value": value,
        "draws": draws,
        "low": low,
        "high": high,
        "p_value": chance(value, draws),
        "joint": _joint(design, np.vstack([value, draws])),
    }


def _joint(design: Design, leads: Floats) -> Floats:
    """Return the root mean square of the leads before the start around their mean: the treated, then sets."""
    early = leads[:, leads.shape[1] - len(design.periods) :][:, design.before]
    with np.errstate(invalid="ignore"):
        around = early - early.mean(axis=1, keepdims=True)
    found: Floats = np.sqrt(np.square(around).mean(axis=1))
    return np.where(np.isnan(found), np.inf, found)


def _estimate(found: dict[str, Floats], design: Design, outcome: str) -> pd.DataFrame:
    """Return the tidy table of the estimate and of the trend before."""
    early = [period for period in design.periods if period < design.start]
    several = len(early) > 1
    draws, joint = found["draws"], found["joint"]
    columns = [0, 1] if several else [0]
    finite = np.where(np.isfinite(draws[:, columns]), draws[:, columns], np.nan)
    spread = np.nanstd(finite, axis=0, ddof=1) if len(draws) > 1 else np.full(len(columns), np.nan)
    table = pd.DataFrame(
        {
            "measure": ["difference_in_differences", "trend_before"][: len(columns)],
            "value": found["value"][columns],
            "se": spread,
            "ci_low": found["low"][columns],
            "ci_high": found["high"][columns],
            "p_value": found["p_value"][columns],
        }
    )
    rest = ["differences_before"] if several else ["trend_before", "differences_before"]
    more = pd.DataFrame({"measure": rest, "value": np.nan, "p_value": np.nan})
    if several:
        more["value"], more["p_value"] = joint[0], chance(joint[0], joint[1:])
    table = pd.concat([table, more], ignore_index=True)
    before = f"{early[0]}–{early[-1]}" if several else str(early[0])
    table["period"] = [design.span, before, before]
    table = table.assign(region="", group=outcome, n_areas=len(design.areas), n_missing=design.n_missing)
    return table[[*TIDY, "p_value"]]


def _event_study(found: dict[str, Floats], design: Design, weights: Floats) -> pd.DataFrame:
    """Return the lead of the treated in each period, less that in the last before."""
    n = len(design.periods)
    table = pd.DataFrame({"period": design.periods, "before": design.before})
    keys = {"value": "value", "ci_low": "low", "ci_high": "high", "p_value": "p_value"}
    for column, key in keys.items():
        table[column] = found[key][-n:]
    base = table["period"] == design.base
    table.loc[base, ["value", "ci_low", "ci_high"]] = 0.0
    table.loc[base, "p_value"] = np.nan
    for name, part in (("treated", design.treated), ("untreated", ~design.treated)):
        table[name] = np.average(design.outcomes[part], axis=0, weights=weights[part])
    return table


def _leave_one_out(left: Floats, value: float, design: Design) -> pd.DataFrame:
    """Return the estimate without each area."""
    table = _with_role(design).assign(value=left, change=left - value)
    order = pd.DataFrame({"role": table["role"] != "treated", "size": -table["change"].abs()})
    order = order.assign(area_id=table["area_id"]).sort_values(["role", "size", "area_id"])
    return table.loc[order.index].reset_index(drop=True)


def _areas(design: Design, weights: Floats) -> pd.DataFrame:
    """Return each area's mean outcome before and after."""
    table = _with_role(design).assign(weight=weights)
    table["before"] = design.outcomes[:, design.before].mean(axis=1)
    table["after"] = design.outcomes[:, ~design.before].mean(axis=1)
    table["change"] = table["after"] - table["before"]
    return table.sort_values(["role", "area_id"], ignore_index=True)


def _with_role(design: Design) -> pd.DataFrame:
    return design.areas.assign(role=np.where(design.treated, "treated", "untreated"))
