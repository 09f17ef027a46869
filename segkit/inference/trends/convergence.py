"""Convergence: whether areas draw nearer to each other, beside what chance alone brings about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit.base.blocks import Run
from segkit.base.checks import Floats, check_choice, check_count
from segkit.base.digits import EQUAL
from segkit.base.tidy import TIDY
from segkit.errors import InputError, message
from segkit.inference.tidy import check_confidence
from segkit.inference.trends.growth import followed

if TYPE_CHECKING:
    from collections.abc import Mapping

Method = Literal["errors_in_variables", "earlier_period"]

#: With fewer areas a line goes through all of them, whatever they did.
_FEWEST = 3

#: A variance under this share of the observed one is 0 but for rounding.
_ROUNDING = 1e-12


def convergence(
    panel: pd.DataFrame,
    values: str,
    *,
    first: int,
    last: int,
    weight: str | None = None,
    error: str | None = None,
    log: bool = False,
    method: Method | None = None,
    earlier: int | None = None,
    n_bootstrap: int = 999,
    confidence: float = 0.95,
    random_state: int = 0,
) -> pd.DataFrame:
    r"""Tell whether areas that started low gained on the others (beta), and whether the spread fell (sigma).

    .. math:: \beta = \frac{cov(y_2 - y_1, y_1)}{var(y_1)}, \quad \sigma_t = \sqrt{var(y_t)}, \quad
        CV_t = \frac{\sigma_t}{\mu_t}

    with y_1 and y_2 the levels of the same areas in the first and last period, and moments weighted by
    population in the first period: a change is one of levels, not of where people live. beta is the slope
    of the change on the initial level, over the whole span of years.

    beta < 0: areas that started low rose more (or fell less) than those that started high. sigma falls:
    areas are more alike in the last period. The first does not imply the second, since

    .. math:: \sigma_2^2 = (1 + \beta)^2 \sigma_1^2 + \sigma_u^2

    with u what the line leaves unexplained: areas change places by u, and sigma can stay or grow however
    negative beta is (Galton's fallacy: tall fathers have less tall sons on average, yet heights do not
    draw together). Read both, and speak of less difference between areas only when sigma falls.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period. Areas that lack a figure in one of the periods used, or inhabitants
        in the first, are left out and counted in ``n_missing``.
    values : str
        The indicator.
    first, last : int
        The periods.
    weight : str, optional
        Population, read in the first period; without it every area counts the same.
    error : str, optional
        Column with the standard error of each figure, in each period, in the unit of `values`: known, not
        estimated from these same levels. 0 means a figure without error.
    log : bool
        Measure logarithms of the levels, so that beta and sigma speak of relative differences. Errors
        become relative ones (error divided by level, which holds for errors small against the level).
    method : {"errors_in_variables", "earlier_period"}, optional
        How beta is corrected, see Notes; without it ``"earlier_period"`` when `earlier` is given, else
        ``"errors_in_variables"`` when `error` is. With neither there is no corrected beta.
    earlier : int, optional
        A period before the first.
    n_bootstrap, random_state : int
        Number of draws of areas, and seed.
    confidence : float
        Between 0 and 1, of the percentile intervals.

    Returns
    -------
    pandas.DataFrame
        Tidy table with ``p_value`` last and the rows ``beta`` and ``beta_corrected`` (no unit; 0: no
        convergence, -1: the initial level tells nothing of the final one, above 0: areas draw apart),
        ``sigma_first, sigma_last, sigma_change`` in the unit of the values (of logarithms with `log`),
        ``sigma_first_corrected, sigma_last_corrected, sigma_change_corrected`` when `error` is given,
        and ``cv_first, cv_last, cv_change`` when no level is negative, not all are 0 in a period, and `log`
        is not set. ``p_value``
        is that of no change (two-sided, NaN for levels).

    Raises
    ------
    InputError
        When fewer than three areas have figures, all have the same level in the first period, a level is
        not above 0 with `log`, the errors account for all the spread of a period, the levels of the
        earlier period do not go with those of the first, the periods are not in order, or more than a
        tenth of the draws leave beta undefined (no spread, or none beside the errors).
    UnknownNameError
        When a column or period is missing.

    Warns
    -----
    DataWarning
        When some draws had to be drawn again because an estimate was not defined on them.

    Notes
    -----
    *Regression to the mean.* A level with a random error that is high by chance tends to be followed by a
    lower one. Under no true change cov(y_2 - y_1, y_1) = -mean(e_1^2) with e the standard errors, so that
    beta is pulled towards -1 by the share of error in the observed variance; small areas with uncertain
    figures always seem to converge. The interval and p-value of plain ``beta`` do not see this bias. Let
    areas be large, or correct:

    ``"errors_in_variables"`` subtracts the known errors,

    .. math:: \beta_c = \frac{cov(y_2 - y_1, y_1) + N_1}{var(y_1) - N_1}, \quad
        \sigma_{t,c}^2 = var(y_t) - N_t, \quad N_t = \sum_i p_i (1 - p_i) e_{ti}^2

    with p an area's share of the weight (a mean of e^2 less what errors move the mean itself). It assumes
    errors that are right in size, with mean 0 and independent between areas, between the two periods and
    of the true levels. Errors shared by both periods (the same people asked twice, moving averages over
    the same years) make the correction too large. As a ratio of estimates it overshoots a little: by about
    .02 with 150 areas of which a third of the variance is error.

    ``"earlier_period"`` uses the level of a period before the first as instrument,
    cov(y_2 - y_1, y_0) / cov(y_1, y_0). Errors need not be known, only independent between the periods; in
    addition what moves true levels between first and last must not depend on the earlier level other than
    by way of the first. Passing real shocks are then treated as error too. Levels that say little of each
    other make it unsure; the interval shows that.

    The draws take areas with replacement, the same in all periods, each with its errors. With few areas,
    or errors close to the whole spread, corrected values are unsure and their distribution is skewed.

    beta divided by the number of years is not a rate; the speed of convergence of logarithms is
    -ln(1 + beta) / years.

    References
    ----------
    Barro, R. J. & Sala-i-Martin, X. (1992). Convergence. Journal of Political Economy 100(2), 223-251.
    Quah, D. (1993). Galton's fallacy and tests of the convergence hypothesis. Scandinavian Journal of
    Economics 95(4), 427-443. Fuller, W. A. (1987). Measurement Error Models. Wiley.

    Examples
    --------
    Every area moves half the way to the mean, 4: beta is -1/2, and the spread is halved.

    >>> import pandas as pd
    >>> panel = pd.DataFrame({"area_id": list("abcdefghij") * 2, "period": [2020] * 10 + [2023] * 10})
    >>> panel["income"] = [1.0, 3, 4, 5, 7] * 2 + [2.5, 3.5, 4, 4.5, 5.5] * 2
    >>> table = convergence(panel, "income", first=2020, last=2023).set_index("measure")
    >>> table.loc[["beta", "sigma_first", "sigma_last", "cv_last"], "value"].tolist()
    [-0.5, 2.0, 1.0, 0.25]

    Had the figures of 2020 a standard error of 1/2, some of that would be chance: N is .25 less a tenth,
    and (-1/2 * 4 + .225) / (4 - .225).

    >>> panel["error"] = [0.5] * 10 + [0.25] * 10
    >>> table = convergence(panel, "income", first=2020, last=2023, error="error").set_index("measure")
    >>> round(table.loc["beta_corrected", "value"], 6)
    np.float64(-0.470199)
    """
    check_count(n_bootstrap, argument="n_bootstrap", least=2)
    check_confidence(confidence)
    _check_method(method, error, earlier, first)
    areas, n_missing = followed(panel, values, first, last, weight, error=error, earlier=earlier)
    _check_areas(areas, log=log, values=values)
    levels = _levels(areas, log=log)
    _check_spread(levels, {"first": first, "last": last})
    observed = {name: float(value[0]) for name, value in _scores(levels, np.ones((1, len(areas)))).items()}
    n = len(areas)

    def draw(rng: np.random.Generator, size: int) -> Floats:
        # How often each area is taken when areas are drawn one by one with replacement.
        copies = rng.multinomial(n, np.full(n, 1 / n), size=size).astype(np.float64)
        return np.column_stack(list(_scores(levels, copies).values()))

    draws = Run(random_state).collect(draw, n_bootstrap, cells=2 * n)
    table = _summary(observed, draws, confidence)
    span = f"{first}–{last}"
    at = {"first": first, "last": last}
    table["period"] = [at.get(name.removesuffix("_corrected").split("_")[-1], span) for name in observed]
    table = table.assign(region="", group="", n_areas=n, n_missing=n_missing)
    return table[[*TIDY, "p_value"]]


def _check_method(method: Method | None, error: str | None, earlier: int | None, first: int) -> None:
    """Check that the method has what it needs, and nothing it would leave unused."""
    if method is not None:
        check_choice(method, ("errors_in_variables", "earlier_period"), argument="method")
    if method == "errors_in_variables" and error is None:
        fix = "Give error=, a column with the standard error of each figure."
        raise InputError(message("method", "'errors_in_variables' needs known errors", fix=fix))
    if method == "errors_in_variables" and earlier is not None:
        fix = "Leave it out, or use method='earlier_period'."
        raise InputError(message("earlier", "is not used by 'errors_in_variables'", fix=fix))
    if method == "earlier_period" and earlier is None:
        fix = "Give earlier=, a period before the first."
        raise InputError(message("method", "'earlier_period' needs an earlier period", fix=fix))
    if earlier is not None and earlier >= first:
        raise InputError(message("earlier", f"is {earlier}, must come before first ({first})"))


def _check_areas(areas: pd.DataFrame, *, log: bool, values: str) -> None:
    """Check that there are areas enough, and logarithms of all their levels."""
    if len(areas) < _FEWEST:
        rule = f"has {len(areas)} areas with figures in all periods used, needs {_FEWEST} or more"
        raise InputError(message("panel", rule, fix="Check in which periods the columns have values."))
    levels = areas[[column for column in ("first", "last", "earlier") if column in areas]]
    low = (levels <= 0).any(axis=1)
    if log and low.any():
        fix = "Use log=False, or drop these areas and say so."
        raise InputError(message(values, "must be above 0 for logarithms", areas.index[low], fix))


def _levels(areas: pd.DataFrame, *, log: bool) -> dict[str, Floats]:
    """Return the levels around their means, the means where a ratio to them has meaning, and the rest."""
    found = {str(name): column.to_numpy(dtype=np.float64) for name, column in areas.items()}
    if log:
        for end in ("first", "last"):
            if f"error_{end}" in found:
                found[f"error_{end}"] = found[f"error_{end}"] / found[end]
        found |= {name: np.log(found[name]) for name in ("first", "last", "earlier") if name in found}
    elif all(found[end].min() >= 0 and found[end].max() > 0 for end in ("first", "last")):
        found |= {f"mean_{end}": found[end].mean(keepdims=True) for end in ("first", "last")}
    # Around the mean, so that large levels with small differences keep their digits.
    return found | {
        name: found[name] - found[name].mean() for name in ("first", "last", "earlier") if name in found
    }


def _check_spread(levels: Mapping[str, Floats], periods: Mapping[str, int]) -> None:
    """Check that there is a spread to measure, and something left of it beside the errors."""
    moments = _Moments(levels, np.ones((1, levels["first"].size)))
    if np.ptp(levels["first"]) == 0:
        rule = f"are the same in every area in {periods['first']}, so that there is no slope"
        raise InputError(message("values", rule))
    for end, period in periods.items():
        observed, noise = float(moments.variance(end)[0]), float(moments.noise(end)[0])
        if noise > 0 and noise >= observed * (1 - _ROUNDING):
            rule = f"accounts for all the spread in {period}: its variance is {noise:.4g}, that of the "
            rule += f"levels {observed:.4g}"
            fix = "No difference is left to correct; use larger areas or the mean of several years."
            raise InputError(message("error", rule, fix=fix))
    if "earlier" in levels and float(moments.covariance(levels["first"], levels["earlier"])[0]) <= 0:
        rule = f"has levels that do not go with those of {periods['first']} (no positive correlation)"
        raise InputError(message("earlier", rule, fix="Choose another period, or give known errors."))


class _Moments:
    """Weighted moments of the levels, for many draws at once."""

    def __init__(self, levels: Mapping[str, Floats], copies: Floats) -> None:
        self.levels = levels
        share = copies * levels["weight"]
        self.share = share / share.sum(axis=-1, keepdims=True)

    def covariance(self, a: Floats, b: Floats) -> Floats:
        """Return the covariance in each draw."""
        return np.asarray(self.share @ (a * b) - (self.share @ a) * (self.share @ b), dtype=np.float64)

    def variance(self, end: str) -> Floats:
        """Return the variance of the levels in each draw."""
        return np.maximum(self.covariance(self.levels[end], self.levels[end]), 0.0)

    def noise(self, end: str) -> Floats:
        """Return the part of the variance that errors bring on average; 0 where none are known."""
        if f"error_{end}" not in self.levels:
            return np.zeros(len(self.share))
        squares = np.square(self.levels[f"error_{end}"])
        return np.asarray(self.share @ squares - np.square(self.share) @ squares, dtype=np.float64)


def _scores(levels: Mapping[str, Floats], copies: Floats) -> dict[str, Floats]:
    """Compute every estimate for many draws; NaN where one is not defined."""
    moments = _Moments(levels, copies)
    start, change = levels["first"], levels["last"] - levels["first"]
    moved, spread = moments.covariance(change, start), moments.variance("first")
    least = _ROUNDING * float(np.square(start).mean())
    found = {"beta": _over(moved, spread, least)}
    noise = moments.noise("first")
    if "earlier" in levels:
        earlier = levels["earlier"]
        common = moments.covariance(start, earlier)
        floor = _ROUNDING * float(np.abs(start).mean() * np.abs(earlier).mean())
        found["beta_corrected"] = _over(moments.covariance(change, earlier), common, floor)
    elif "error_first" in levels:
        found["beta_corrected"] = _over(moved + noise, spread - noise, least)
    ends = {end: moments.variance(end) for end in ("first", "last")}
    found |= _with_change("sigma", {end: np.sqrt(variance) for end, variance in ends.items()}, "")
    if "error_first" in levels:
        # In a draw where errors outweigh the spread, no true spread is left to be seen.
        true = {end: np.maximum(variance - moments.noise(end), 0.0) for end, variance in ends.items()}
        found |= _with_change("sigma", {end: np.sqrt(left) for end, left in true.items()}, "_corrected")
    if "mean_first" in levels:
        means = {end: levels[f"mean_{end}"] + moments.share @ levels[end] for end in ends}
        ratios = {end: _over(np.sqrt(ends[end]), means[end], 0.0) for end in ends}
        found |= _with_change("cv", ratios, "")
    return found


def _over(above: Floats, below: Floats, least: float) -> Floats:
    """Divide, with NaN where the divisor is not above a least value."""
    return np.where(below > least, above / np.where(below > least, below, 1.0), np.nan)


def _with_change(name: str, ends: Mapping[str, Floats], suffix: str) -> dict[str, Floats]:
    """Name the first and last values of a measure, and their difference."""
    found = {f"{name}_{end}{suffix}": value for end, value in ends.items()}
    return found | {f"{name}_change{suffix}": ends["last"] - ends["first"]}


def _summary(observed: Mapping[str, float], draws: Floats, confidence: float) -> pd.DataFrame:
    """Return value, standard error, percentile interval and p-value of no change."""
    value = np.array(list(observed.values()))
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    as_large = np.abs(draws - value) >= np.abs(value) - EQUAL
    p_value = (1 + as_large.sum(axis=0)) / (1 + len(draws))
    of_change = [name.startswith("beta") or "change" in name for name in observed]
    return pd.DataFrame(
        {
            "measure": list(observed),
            "value": value,
            "se": draws.std(axis=0, ddof=1),
            "ci_low": low,
            "ci_high": high,
            "p_value": np.where(of_change, p_value, np.nan),
        }
    )
