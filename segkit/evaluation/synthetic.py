"""Synthetic control: a weighted mean of other areas that ran as the treated area did before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_count, check_seed
from segkit.base.digits import EQUAL, given, given_table
from segkit.base.order import in_area_order
from segkit.base.tidy import TIDY
from segkit.errors import InputError, message
from segkit.evaluation import sentences
from segkit.evaluation.input import Areas, Design, Mask, column_before, read, without
from segkit.inference.lots import sets_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Language
    from segkit.inference.lots import Sets

#: With fewer periods before the start nearly any area can be fitted, whatever it does afterwards.
FEWEST_BEFORE = 3

#: With fewer periods than this before the start a close fit may well be chance.
FEW_BEFORE = 5

#: A fit is called poor when it misses by more than this part of the spread between donors.
POOR = 0.25

#: Weights under this are 0 but for rounding.
_NO_WEIGHT = 1e-9

#: A fit that misses by less than this part of the spread is one without error.
_PERFECT = 1e-7


@dataclass(frozen=True)
class SyntheticControl:
    """The result of `synthetic_control`.

    Attributes
    ----------
    outcome : str
        The outcome.
    estimate : pandas.DataFrame
        Tidy table with ``p_value`` last: ``synthetic_control`` (mean gap from the start on, over all treated
        areas), ``rmspe_before`` and ``rmspe_after`` (root mean square gap of the mean of the treated), and
        ``rmspe_ratio`` (after divided by before) with the p-value of the placebo test. There is no
        interval.
    weights : pandas.DataFrame
        ``area_id, donor, donor_name, weight``: the donors with weight above 0; sums to 1 for each area.
    gaps : pandas.DataFrame
        ``area_id, period, before, observed, synthetic, gap``; several treated areas also as their mean, with
        ``area_id`` empty.
    placebos : pandas.DataFrame
        ``area_id, name, role, value`` (mean gap from the start on), ``rmspe_before, rmspe_after, ratio``:
        each treated area, and each donor as if it were treated.
    placebos_in_time : pandas.DataFrame
        ``start, value, rmspe_before``: the gap from a pretended start to the real one.
    leave_one_out : pandas.DataFrame
        ``donor, donor_name, value, change``: the estimate without each donor that has weight.
    notes : pandas.DataFrame
        ``code, text_sv, text_en``: reservations.
    n_sets : int
        How many sets of donors the treated are compared with.
    """

    outcome: str
    estimate: pd.DataFrame
    weights: pd.DataFrame
    gaps: pd.DataFrame
    placebos: pd.DataFrame
    placebos_in_time: pd.DataFrame
    leave_one_out: pd.DataFrame
    notes: pd.DataFrame
    n_sets: int

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
        return sentences.of_synthetic(self, language, label)


@dataclass(frozen=True)
class _Paths:
    """Outcomes of all areas, and what of them and of predictors is to be matched."""

    outcomes: Floats
    predictors: Floats
    demean: bool

    def gap(self, area: int, donors: Sets, before: Mask) -> tuple[Floats, Floats]:
        """Return the gap of an area in every period, and the weights of the donors."""
        used = np.concatenate([donors, [area]])
        level = self.outcomes[used]
        shift = level[:, before].mean(axis=1, keepdims=True) if self.demean else np.zeros((len(used), 1))
        own = level - shift
        unit = _spread(own[:, before]) or 1.0
        features = np.column_stack([own[:, before] / unit, self.predictors[used]])
        weights = simplex_weights(features[-1], features[:-1].T)
        return own[-1] - weights @ own[:-1], weights

    def gaps(self, areas: Sets, donors: Sets, before: Mask) -> Floats:
        """Return the gaps of several areas, each beside the donors other than itself."""
        return np.array([self.gap(area, donors[donors != area], before)[0] for area in areas.tolist()])


def synthetic_control(
    panel: pd.DataFrame,
    outcome: str,
    *,
    treated: Areas,
    start: int,
    donors: Sequence[str] | None = None,
    predictors: Sequence[str] = (),
    demean: bool = False,
    periods: Sequence[int] | None = None,
    n_permutations: int = 9999,
    random_state: int = 0,
) -> SyntheticControl:
    r"""Compare an area with the weighted mean of other areas that ran as it did before.

    .. math::

        \min_w \lVert x_1 - X_0 w \rVert^2, \quad w_j \ge 0, \quad \sum_j w_j = 1

    with x_1 the outcome of the treated area in each period before `start`, and its predictors, X_0 those of
    the donors. The gap from the start on is what the area did that the weighted mean did not.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period.
    outcome : str
        The indicator.
    treated : sequence of str, or str
        The treated areas, or a column that is 1 for them and 0 for others. Each gets weights of its own;
        the estimate is their mean.
    start : int
        The first treated period.
    donors : sequence of str, optional
        The areas that may get weight; without it all that are not treated.
    predictors : sequence of str
        Indicators of which the newest value before the start is matched too, in units of their standard
        deviation. Each counts as much as the outcome of one period, in units of its standard deviation
        between areas.
    demean : bool
        Match the course, not the level: every area's mean before the start is taken off. For an area
        that lies above or below all donors.
    periods : sequence of int, optional
        The periods used; without it all in which the outcome is known.
    n_permutations, random_state : int
        With several treated areas: how many sets of as many donors are drawn by lot, and seed. All sets
        are taken where they are fewer.

    Returns
    -------
    SyntheticControl
        Tables in the unit of the outcome, see there; `conclude` puts them in words.

    Raises
    ------
    InputError
        When there are fewer than three periods before the start or fewer than two donors, or a treated
        area lacks the outcome in a period used.
    UnknownNameError
        When a column, period or area does not exist.

    Warns
    -----
    DataWarning
        When areas are left out because they lack something.

    Notes
    -----
    *Placebos.* Each donor is treated in thought and compared with the other donors. The ratio of the gap
    after to the gap before (root mean squares) is then compared: p = (1 + donors with as large a ratio) /
    (1 + donors), for several treated areas with the mean of as many donors. With 19 donors no p-value is
    below .05.

    *What to look at first* is the gap before: an area that the donors can't imitate has no synthetic
    control. `notes` says when an area lay outside all donors, and when the fit is poor (it misses by more
    than a quarter of the standard deviation between donors).

    Weights are exact: the problem is solved as one of non-negative least squares. Where several sets of
    weights fit without error, one with few donors is given, always the same.

    References
    ----------
    Abadie, A., Diamond, A. & Hainmueller, J. (2010). Synthetic control methods for comparative case studies.
    Journal of the American Statistical Association 105(490), 493-505. Ferman, B. & Pinto, C. (2021).
    Synthetic controls with imperfect pretreatment fit. Quantitative Economics 12(4), 1197-1221.

    Examples
    --------
    Area a is the mean of b and c, until it rises by 2:

    >>> years = [2020, 2021, 2022, 2023]
    >>> levels = {"a": [3, 4, 6, 9], "b": [2, 4, 7, 8], "c": [4, 4, 5, 6], "d": [9, 8, 9, 9]}
    >>> panel = pd.DataFrame([(k, t, y) for k, path in levels.items() for t, y in zip(years, path)],
    ...                      columns=["area_id", "period", "turnout"])
    >>> result = synthetic_control(panel, "turnout", treated=["a"], start=2023)
    >>> result.weights["weight"].round(6).tolist(), round(result.estimate.loc[0, "value"], 6)
    ([0.5, 0.5], np.float64(2.0))
    """
    check_count(n_permutations, argument="n_permutations")
    check_seed(random_state)
    panel = in_area_order(panel)
    design = read(
        panel, outcome, treated=treated, start=start, others=donors, argument="donors", periods=periods
    )
    design, matched = _matched(panel, design, predictors)
    _check_enough(design)
    paths = _Paths(design.outcomes, matched, demean)
    members, pool = np.flatnonzero(design.treated), np.flatnonzero(~design.treated)
    fits = [paths.gap(area, pool, design.before) for area in members.tolist()]
    gaps = np.array([gap for gap, _ in fits])
    weights = np.array([weight for _, weight in fits])
    others = paths.gaps(pool, pool, design.before)
    sets, _ = sets_from([np.arange(len(pool))], [len(members)], n_permutations, random_state)
    in_time = _in_time(paths, design, members, pool)
    return SyntheticControl(
        outcome=outcome,
        estimate=_estimate(design, gaps, others, sets, outcome),
        weights=_weights(design, members, pool, weights),
        gaps=_gaps(design, members, gaps),
        placebos=given_table(_placebos(design, members, pool, gaps, others)),
        placebos_in_time=given_table(in_time),
        leave_one_out=given_table(_without_donors(paths, design, members, pool, gaps, weights)),
        notes=_notes(design, panel, members, pool, gaps, demean=demean, in_time=not in_time.empty),
        n_sets=len(sets),
    )


def simplex_weights(target: Floats, donors: Floats) -> Floats:
    """Return the weights, not below 0 and with sum 1, of donors (columns) that come nearest to a target.

    With weights that sum to 1 the distance is the length of a weighted mean of the donors' differences from
    the target. The non-negative u that brings these to 0 and their sum to 1 as near as can be has the
    direction of the weights looked for.
    """
    from scipy.optimize import nnls

    apart = donors - target[:, None]
    system = np.vstack([apart, np.ones(apart.shape[1])])
    aim = np.append(np.zeros(len(apart)), 1.0)
    found = nnls(system, aim, maxiter=max(100, 10 * apart.shape[1]))[0]
    weights = found / found.sum()
    weights[weights < _NO_WEIGHT] = 0.0
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _matched(panel: pd.DataFrame, design: Design, predictors: Sequence[str]) -> tuple[Design, Floats]:
    """Return the areas with all predictors, and these in units of their standard deviation."""
    if isinstance(predictors, str):
        raise InputError(message("predictors", f"is {predictors!r}, must be a list of columns"))
    columns = [column_before(panel, design, name) for name in predictors]
    table = np.column_stack(columns) if columns else np.empty((len(design.areas), 0))
    lacking = np.asarray(np.isnan(table).any(axis=1), dtype=np.bool_)
    if lacking.any():
        design, table = without(design, lacking, ", ".join(predictors)), table[~lacking]
    unit = table.std(axis=0)
    return design, table / np.where(unit > 0, unit, 1.0)


def _check_enough(design: Design) -> None:
    """Check that there are periods and donors enough for weights to mean something."""
    n = int(design.before.sum())
    if n < FEWEST_BEFORE:
        rule = f"leaves {n} period{'s' if n > 1 else ''} with the outcome before {design.start}, "
        rule += f"needs {FEWEST_BEFORE} or more for weights that are more than chance"
        fix = (
            "Add earlier periods, or use difference_in_differences and say that the course before is unknown."
        )
        raise InputError(message("start", rule, fix=fix))
    if (free := int((~design.treated).sum())) < 2:
        rule = f"leaves {free} areas that may get weight, needs 2 or more"
        raise InputError(message("donors", rule, fix="Add areas."))


def _spread(own: Floats) -> float:
    """Return the standard deviation between areas, over all periods."""
    return float(np.sqrt(own.var(axis=0).mean()))


def _size(gaps: Floats, part: Mask) -> Floats:
    """Return the root mean square of gaps (any shape, periods last) over some periods."""
    found: Floats = np.sqrt(np.square(gaps[..., part]).mean(axis=-1))
    return found


def _ratio(design: Design, gaps: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the size of gaps before and after, and their ratio; infinite after a fit without error."""
    before, after = _size(gaps, design.before), _size(gaps, ~design.before)
    least = _PERFECT * max(_spread(design.outcomes[:, design.before]), np.finfo(float).tiny)
    before, after = (np.where(size > least, size, 0.0) for size in (before, after))
    ratio = np.divide(after, before, out=np.where(after > 0, np.inf, 0.0), where=before > 0)
    return before, after, ratio


def _estimate(design: Design, gaps: Floats, others: Floats, sets: Sets, outcome: str) -> pd.DataFrame:
    """Return the tidy table, with the p-value of the ratio."""
    mean = gaps.mean(axis=0)
    placebo = np.array([others[chosen].mean(axis=0) for chosen in sets])
    before, after, ratio = (float(size) for size in _ratio(design, mean))
    as_large = _ratio(design, placebo)[2] >= ratio * (1 - EQUAL)
    late = ~design.before
    table = pd.DataFrame(
        {
            "measure": ["synthetic_control", "rmspe_before", "rmspe_after", "rmspe_ratio"],
            "value": [mean[late].mean(), before, after, ratio],
            "se": [placebo[:, late].mean(axis=1).std(ddof=1), *[np.nan] * 3],
            "p_value": [*[np.nan] * 3, (1 + as_large.sum()) / (1 + len(sets))],
        }
    )
    span = design.span.split("–")
    table["period"] = [span[1], span[0], span[1], design.span]
    table = table.assign(region="", group=outcome, ci_low=np.nan, ci_high=np.nan)
    table = table.assign(n_areas=len(design.areas), n_missing=design.n_missing)
    return given_table(table[[*TIDY, "p_value"]])


def _weights(design: Design, members: Sets, pool: Sets, weights: Floats) -> pd.DataFrame:
    """Return the donors with weight."""
    which, donor = np.nonzero(weights > 0)
    table = pd.DataFrame(
        {
            "area_id": design.areas["area_id"].to_numpy()[members[which]],
            "donor": design.areas["area_id"].to_numpy()[pool[donor]],
            "donor_name": design.areas["name"].to_numpy()[pool[donor]],
            "weight": given(weights[which, donor], scale=1),
            "order": which,
        }
    )
    ordered = table.sort_values(
        ["order", "weight", "donor"], ascending=[True, False, True], ignore_index=True
    )
    return ordered.drop(columns="order")


def _gaps(design: Design, members: Sets, gaps: Floats) -> pd.DataFrame:
    """Return the course of each treated area beside its weighted mean, and of the mean of them."""
    names = design.areas["area_id"].to_numpy()[members].tolist()
    lines = list(zip(names, design.outcomes[members], gaps, strict=True))
    if len(lines) > 1:
        lines.append(("", design.outcomes[members].mean(axis=0), gaps.mean(axis=0)))
    frame = {"period": design.periods, "before": design.before}
    parts = [
        pd.DataFrame({"area_id": name, **frame, "observed": path, "synthetic": path - gap, "gap": gap})
        for name, path, gap in lines
    ]
    return pd.concat(parts, ignore_index=True)


def _placebos(design: Design, members: Sets, pool: Sets, gaps: Floats, others: Floats) -> pd.DataFrame:
    """Return each treated area, and each donor as if treated."""
    every = np.vstack([gaps, others])
    before, after, ratio = _ratio(design, every)
    table = design.areas.iloc[np.concatenate([members, pool])].reset_index(drop=True)
    table["role"] = np.repeat(["treated", "donor"], [len(members), len(pool)])
    table["value"] = every[:, ~design.before].mean(axis=1)
    return table.assign(rmspe_before=before, rmspe_after=after, ratio=ratio)


def _in_time(paths: _Paths, design: Design, members: Sets, pool: Sets) -> pd.DataFrame:
    """Return the gap from each pretended start to the real one."""
    early = [period for period in design.periods if period < design.start]
    rows = []
    for start in early[FEWEST_BEFORE:]:
        before = np.array([period < start for period in design.periods])
        between = design.before & ~before
        gap = paths.gaps(members, pool, before).mean(axis=0)
        rows.append((start, gap[between].mean(), float(_size(gap, before))))
    return pd.DataFrame(rows, columns=["start", "value", "rmspe_before"])


def _without_donors(
    paths: _Paths, design: Design, members: Sets, pool: Sets, gaps: Floats, weights: Floats
) -> pd.DataFrame:
    """Return the estimate without each donor that has weight."""
    late = ~design.before
    effects = gaps[:, late].mean(axis=1)
    rows = []
    for place in np.flatnonzero((weights > 0).any(axis=0)) if len(pool) > 1 else []:
        left = np.delete(pool, place)
        again = effects.copy()
        for which in np.flatnonzero(weights[:, place] > 0):
            again[which] = paths.gap(int(members[which]), left, design.before)[0][late].mean()
        area = design.areas.iloc[pool[place]]
        rows.append((area["area_id"], area["name"], again.mean(), again.mean() - effects.mean()))
    table = pd.DataFrame(rows, columns=["donor", "donor_name", "value", "change"])
    order = table["change"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _notes(
    design: Design,
    panel: pd.DataFrame,
    members: Sets,
    pool: Sets,
    gaps: Floats,
    *,
    demean: bool,
    in_time: bool,
) -> pd.DataFrame:
    """Return the reservations."""
    rows = sentences.notes_of_design(design, panel)
    early = design.outcomes[:, design.before]
    start, names = design.start, design.areas["area_id"].to_numpy()[members]
    beyond = (early[members] < early[pool].min(axis=0)) | (early[members] > early[pool].max(axis=0))
    if not demean and beyond.any():
        rows.append(sentences.note("outside", areas=names[beyond.any(axis=1)], start=start))
    shift = early.mean(axis=1, keepdims=True) if demean else 0.0
    spread = _spread((early - shift)[pool])
    sizes = _size(gaps, design.before)
    poor = sizes > POOR * spread
    if poor.any():
        worst = float(sizes[poor].max())
        rows.append(sentences.note("poor_fit", areas=names[poor], start=start, rmspe=worst))
    n = int(design.before.sum())
    if n < FEW_BEFORE or (sizes <= _PERFECT * spread).any():
        rows.append(sentences.note("overfit", donors=len(pool), n=n, start=start))
    if not in_time:
        rows.append(sentences.note("no_placebo_in_time", start=start))
    return sentences.as_table(rows)
