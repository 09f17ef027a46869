"""The smallest change that these areas and periods could have told from chance."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_count, check_seed, check_share, complete, numbers
from segkit.base.digits import EQUAL
from segkit.base.order import in_area_order
from segkit.base.tidy import TIDY
from segkit.errors import InputError, message
from segkit.evaluation import sentences
from segkit.evaluation.differences import prepare
from segkit.evaluation.input import Areas, Design, read
from segkit.inference.lots import Comparison, check_members, margins, sets_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Language
    from segkit.inference.lots import Sets

#: Points of the curve on each side of no effect.
_POINTS = 20


@dataclass(frozen=True)
class DetectableEffect:
    """The result of `minimum_detectable_effect`.

    Attributes
    ----------
    outcome : str
        The outcome.
    table : pandas.DataFrame
        Tidy table in the unit of the outcome: ``detectable_rise`` and ``detectable_fall`` (both above 0;
        infinite where no change could be found). With `persons` also ``sampling_share`` (of the variance
        of changes between areas, as a share; over 1 where they vary less than sampling would have them),
        ``detectable_rise_sampling_only`` and ``detectable_fall_sampling_only`` (were areas to differ by
        sampling alone).
    curve : pandas.DataFrame
        ``effect, power``: share of the lots in which a planted effect is found. At effect 0 it is the share
        of false findings.
    notes : pandas.DataFrame
        ``code, text_sv, text_en``: reservations.
    level, power : float
        As asked for.
    """

    outcome: str
    table: pd.DataFrame
    curve: pd.DataFrame
    notes: pd.DataFrame
    level: float
    power: float

    def conclude(self, language: Language = "sv", *, label: str | None = None) -> str:
        """Say how large a change would have to be to be found.

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
        return sentences.of_power(self, language, label)


def minimum_detectable_effect(
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
    persons: str | None = None,
    level: float = 0.05,
    power: float = 0.8,
    n_assignments: int = 500,
    n_permutations: int = 999,
    random_state: int = 0,
) -> DetectableEffect:
    r"""Find the smallest change that `difference_in_differences` would find in these data.

    As many untreated areas as are treated are drawn by lot, an effect is planted in them from `start` on,
    and the test by lot is made; the treated areas take no part. The smallest effect is that found in at
    least a share `power` of the lots:

    .. math:: \min \{\delta : \Pr(p(\delta) \le \text{level}) \ge \text{power}\}

    Parameters
    ----------
    panel, outcome, treated, start, weight, controls, covariates, strata, periods
        As for `difference_in_differences`.
    persons : str, optional
        For an outcome in per cent: the column with the persons that it is a share of, such as the electorate.
        The part of the variation between areas that comes from who the persons happen to be is then drawn
        anew for each lot (binomial), and is told apart from the rest.
    level : float
        The level of the test, between 0 and 1.
    power : float
        How often a change is to be found, between 0 and 1.
    n_assignments : int
        How many lots get an effect planted; all where they are fewer.
    n_permutations, random_state : int
        Sets drawn for each test, and seed.

    Returns
    -------
    DetectableEffect
        Tables in the unit of the outcome, see there; `conclude` puts them in words.

    Raises
    ------
    InputError
        As for `difference_in_differences`, when there are not two more untreated areas than treated ones, or
        `persons` goes with an outcome that is no percentage.
    UnknownNameError
        When a column, period or area does not exist.

    Notes
    -----
    Where a result "can't be told from chance", this says what that is worth: changes smaller than the
    smallest detectable one may be there unseen. It is reckoned from the change that took place among the
    untreated areas, and holds for an effect that is the same in all treated areas and periods.

    With `persons` the sampling share is an upper bound when many of the persons are the same in all periods:
    they do not choose anew each time.

    A planted effect is found when the interval of the same lot without it leaves the opposite effect out, so
    that the answer is exact for these lots, not read off a grid.

    References
    ----------
    Bloom, H. S. (1995). Minimum detectable effects: a simple way to report the statistical power of
    experimental designs. Evaluation Review 19(5), 547-556.

    Examples
    --------
    >>> values = [10, 12, 11, 14, 10, 13, 12, 11, 13, 10, 12, 14, 11, 13, 10, 12, 13, 11, 12, 14, 10, 13]
    >>> panel = pd.DataFrame({"area_id": [f"a{k:02d}" for k in range(22)] * 2,
    ...                       "period": [2022] * 22 + [2026] * 22, "turnout": [70] * 22 + values})
    >>> result = minimum_detectable_effect(panel, "turnout", treated=["a00"], start=2026, level=0.1)
    >>> result.table.set_index("measure")["value"].round(3).tolist()
    [3.211, 3.421]
    """
    check_count(n_assignments, argument="n_assignments", least=2)
    check_count(n_permutations, argument="n_permutations")
    check_seed(random_state)
    check_share(level, argument="level", fix="Such as 0.05.")
    check_share(power, argument="power", fix="Such as 0.8.")
    panel = in_area_order(panel)
    design = read(
        panel, outcome, treated=treated, start=start, others=controls, argument="controls", periods=periods
    )
    design, weights, held, codes = prepare(panel, design, weight, covariates, strata)
    free = ~design.treated
    sizes = [int((codes[design.treated] == code).sum()) for code in np.unique(codes[design.treated])]
    lots = _Lots.of(design.keep(free), Comparison.of(weights[free], held[free]), codes[free], sizes)
    lots = lots.drawn(n_assignments, n_permutations, random_state)
    noise = None if persons is None else _sampling(panel, lots.design, outcome, persons)
    ends = lots.margins(lots.measured, noise, level, random_state)
    rows = _smallest(ends, power)
    if noise is not None:
        own = lots.against.rest(lots.measured[:, None])[:, 0]
        rows["sampling_share"] = float(np.square(noise).mean() / max(own.var(), np.finfo(float).tiny))
        alone = lots.margins(np.zeros_like(lots.measured), noise, level, random_state, add=True)
        rows |= {f"{name}_sampling_only": value for name, value in _smallest(alone, power).items()}
    return DetectableEffect(
        outcome=outcome,
        table=_table(rows, design, outcome),
        curve=_curve(ends, rows),
        notes=_notes(design, panel, rows, level),
        level=level,
        power=power,
    )


@dataclass(frozen=True)
class _Lots:
    """Untreated areas, of which some are drawn as if treated, and the sets each test compares with."""

    design: Design
    against: Comparison
    pools: tuple[Sets, ...]
    sizes: tuple[int, ...]
    measured: Floats
    planted: Sets
    sets: Sets
    enumerated: bool

    @classmethod
    def of(cls, design: Design, against: Comparison, codes: Sets, sizes: list[int]) -> _Lots:
        """Check that enough areas are left in each stratum."""
        pools = tuple(np.flatnonzero(codes == code) for code in np.unique(codes))
        check_members(sum(sizes), len(codes) - sum(sizes))
        if any(len(pool) <= size for pool, size in zip(pools, sizes, strict=True)):
            fix = "Use wider strata."
            raise InputError(message("strata", "have no more untreated areas than treated ones", fix=fix))
        before = design.before
        contrast = np.where(before, -1 / before.sum(), 1 / (~before).sum())
        empty = np.empty((0, sum(sizes)), dtype=np.intp)
        measured = design.outcomes @ contrast
        return cls(design, against, pools, tuple(sizes), measured, empty, empty, enumerated=False)

    def drawn(self, n_assignments: int, n_permutations: int, random_state: int) -> _Lots:
        """Draw the areas that get an effect planted, and the sets that they are compared with."""
        planted, _ = sets_from(self.pools, self.sizes, n_assignments, random_state)
        sets, every = sets_from(self.pools, self.sizes, n_permutations, random_state + 1, besides=1)
        return replace(self, planted=planted, sets=sets, enumerated=every)

    def margins(
        self, measured: Floats, noise: Floats | None, level: float, random_state: int, *, add: bool = False
    ) -> Floats:
        """Return the ends of the interval of each lot: lots by low and high.

        With noise the changes are drawn towards what is expected of them until, with the noise added, they
        vary as they did; with `add` it is added to the changes as they are.
        """
        n = len(self.planted)
        values = np.repeat(measured[:, None], n, axis=1)
        if noise is not None:
            own = self.against.rest(values)
            variance = float(own[:, 0].var())
            kept = 1.0 if add else math.sqrt(max(0.0, 1 - float(np.square(noise).mean()) / (variance or 1.0)))
            rng = np.random.default_rng(random_state)
            values = values - (1 - kept) * own + noise[:, None] * rng.normal(size=values.shape)
        inside = np.zeros_like(values)
        inside[self.planted.T, np.arange(n)] = 1.0
        draws = self.against.differences(self.sets, values)
        overlap = self.against.differences(self.sets, inside)
        ends = np.empty((n, 2))
        for lot in range(n):
            other = slice(None)
            if self.enumerated:
                other = (self.sets != np.sort(self.planted[lot])).any(axis=1)
            value = self.against.differences(self.planted[lot : lot + 1], values[:, lot : lot + 1])[0]
            low, high = margins(value, draws[other, lot : lot + 1], overlap[other, lot : lot + 1], level)
            ends[lot] = low[0], high[0]
        return ends


def _sampling(panel: pd.DataFrame, design: Design, outcome: str, persons: str) -> Floats:
    """Return the standard error of each area's change that comes from who its persons happen to be."""
    if (design.outcomes < 0).any() or (design.outcomes > 100).any():
        rule = f"goes with percentages, but {outcome!r} has values outside 0-100"
        raise InputError(message("persons", rule))
    rows = panel[panel["area_id"].isin(design.areas["area_id"]) & panel["period"].isin(design.periods)]
    rows = rows[~np.isnan(numbers(rows, outcome))]
    people = pd.Series(complete(rows, persons, least=1), index=[rows["area_id"], rows["period"]])
    wide = people.unstack().reindex(index=design.areas["area_id"], columns=list(design.periods))
    before = design.before
    contrast = np.where(before, 1 / before.sum(), 1 / (~before).sum())
    variance = design.outcomes * (100 - design.outcomes) / wide.to_numpy(dtype=np.float64)
    return np.asarray(np.sqrt(variance @ np.square(contrast)), dtype=np.float64)


def _smallest(ends: Floats, power: float) -> dict[str, float]:
    """Return the smallest effects found in a share of the lots."""
    place = math.ceil(power * len(ends) - EQUAL) - 1
    return {
        "detectable_rise": float(np.sort(-ends[:, 0])[place]),
        "detectable_fall": float(np.sort(ends[:, 1])[place]),
    }


def _curve(ends: Floats, rows: dict[str, float]) -> pd.DataFrame:
    """Return how often planted effects are found."""
    sizes = [size for size in (rows["detectable_rise"], rows["detectable_fall"]) if math.isfinite(size)]
    effects = np.linspace(-1, 1, 2 * _POINTS + 1) * 1.5 * max(sizes, default=1.0)
    found = (-effects[:, None] < ends[:, 0]) | (-effects[:, None] > ends[:, 1])
    return pd.DataFrame({"effect": effects, "power": found.mean(axis=1)})


def _table(rows: dict[str, float], design: Design, outcome: str) -> pd.DataFrame:
    """Return the tidy table."""
    table = pd.DataFrame({"measure": list(rows), "value": list(rows.values())})
    table = table.assign(
        period=design.span, region="", group=outcome, se=np.nan, ci_low=np.nan, ci_high=np.nan
    )
    return table.assign(n_areas=len(design.areas), n_missing=design.n_missing)[TIDY]


def _notes(design: Design, panel: pd.DataFrame, rows: dict[str, float], level: float) -> pd.DataFrame:
    """Return the reservations."""
    notes = sentences.notes_of_design(design, panel)
    if not math.isfinite(rows["detectable_rise"]):
        notes.append(sentences.note("undetectable", level=level))
    return sentences.as_table(notes)
