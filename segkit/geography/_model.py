"""Rates for areas that lack them, modelled from units with other boundaries, with their error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from segkit.base.checks import Floats, check_columns, complete, labels_of
from segkit.base.digits import given, given_table
from segkit.errors import InputError, UnknownNameError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Coverage from which source units make up an area (rounding of published shares).
WHOLE = 0.995

#: Per cent and percentage points of an area, given in as many digits as any share.
_RATES = ("value", "se", "ci_low", "ci_high")

#: Coverage from which an area counts as partly observed rather than modelled.
MOST = 0.5


def transfer_model(
    source: pd.DataFrame,
    target: pd.DataFrame,
    links: pd.DataFrame,
    *,
    events: str,
    total: str,
    predictors: Sequence[str],
    population: str = "population",
    confidence: float = 0.95,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate a rate for areas that lack it, from units that have it but other boundaries.

    Where units of the source make up a target area the rate is observed. Where they cover part of it,
    the known part is kept and the rest modelled. Elsewhere it is modelled: a quasi-binomial (logit)
    regression of events out of the total on what both geographies share, fitted on the source, then
    calibrated by one constant on the logit scale so that the target areas add up to the source's total.

    Parameters
    ----------
    source : pandas.DataFrame
        One row per unit with ``area_id``, the counts `events` and `total`, `population` and `predictors`.
    target : pandas.DataFrame
        One row per area with ``area_id``, `population` and `predictors`. Together the areas must cover
        the same place as the source.
    links : pandas.DataFrame
        Units that lie wholly inside one area: ``district_id`` (of the source), ``area_id`` (of the
        target), ``share_of_area_population`` (0-1). May be empty.
    events, total, population : str
        Columns of counts; events never exceed the total.
    predictors : sequence of str
        Columns that both tables have, in the same units.
    confidence : float
        Of the intervals.

    Returns
    -------
    values : pandas.DataFrame
        One row per target area: ``area_id, value`` (per cent), ``se`` (percentage points; 0 where
        observed), ``ci_low, ci_high, flag`` (``observed``, ``partly observed`` from half of the
        population up, ``modelled``), ``coverage`` (share of the population in linked units), ``total``
        (the estimated number of persons that the rate refers to).
    model : pandas.DataFrame
        ``statistic, value``: coefficients, leave-one-out errors in percentage points, the share of
        units inside their leave-one-out interval, dispersion, the calibration and both sums.

    Raises
    ------
    InputError
        When figures are missing or out of range, events exceed the total, there are too few units, or
        a link covers more than an area.
    UnknownNameError
        When a column is missing or a link names an unknown unit or area.

    Notes
    -----
    The standard error joins the uncertainty of the coefficients and the spread of single units around
    the model (dispersion); leave-one-out repeats the whole fit without each unit. A modelled value is
    no count of votes: it says what is usual in units with the same figures. Rates have five decimals.

    References
    ----------
    McCullagh, P. & Nelder, J. A. (1989). Generalized Linear Models, ch. 4 and 9. Chapman & Hall.

    Examples
    --------
    >>> import pandas as pd
    >>> source = pd.DataFrame({"area_id": list("abcd"), "voted": [50, 60, 70, 80], "may_vote": 100,
    ...                        "population": 120, "income": [1.0, 2.0, 3.0, 4.0]})
    >>> target = pd.DataFrame({"area_id": ["west", "east"], "population": [240, 240], "income": [1.5, 3.5]})
    >>> links = pd.DataFrame({"district_id": ["a", "b"], "area_id": "west", "share_of_area_population": 0.5})
    >>> values, model = transfer_model(source, target, links, events="voted", total="may_vote",
    ...                                predictors=["income"])
    >>> values[["area_id", "value", "flag"]].round(6).values.tolist()
    [['west', 55.0, 'observed'], ['east', 75.0, 'modelled']]
    """
    predictors = list(predictors)
    units = _units(source, events=events, total=total, population=population, predictors=predictors)
    goal = _goal(target, population=population, predictors=predictors)
    known = _known(units, goal, links)
    scale = (units.x.mean(axis=0), units.x.std(axis=0))
    constant = [name for name, spread in zip(predictors, scale[1], strict=True) if spread == 0]
    if constant:
        raise InputError(message("predictors", "have the same value in every unit", constant))
    design, aim = _design(units.x, scale), _design(goal.x, scale)
    fit = _fit(design, units.events, units.total)
    size = _expected_total(units, goal, known, design, aim)
    rest = size * (1 - known.coverage)
    shift = _calibrate(aim @ fit.beta, rest, units.events.sum() - known.events.sum())
    values = _values(goal, known, rest, aim, fit, shift, confidence)
    sums = {
        "calibration (logit)": shift,
        "events in source": units.events.sum(),
        "events in target": (known.events + rest * _logistic(aim @ fit.beta + shift)).sum(),
        "total in source": units.total.sum(),
        "total in target": (known.total + rest).sum(),
    }
    return values, _diagnose(design, units, fit, predictors, scale, sums, confidence)


@dataclass(frozen=True)
class _Units:
    """The source as arrays."""

    ids: list[str]
    events: Floats
    total: Floats
    population: Floats
    x: Floats


@dataclass(frozen=True)
class _Known:
    """What linked units tell of each target area."""

    events: Floats
    total: Floats
    coverage: Floats


@dataclass(frozen=True)
class _Fit:
    """A quasi-binomial fit: coefficients, their covariance, dispersion and degrees of freedom."""

    beta: Floats
    covariance: Floats
    dispersion: float
    freedom: int


def _units(
    source: pd.DataFrame, *, events: str, total: str, population: str, predictors: list[str]
) -> _Units:
    check_columns(source, ["area_id", events, total, population, *predictors], argument="source")
    _check_unique(source, "source")
    happened = complete(source, events, least=0)
    of = complete(source, total, least=0)
    if (of == 0).any():
        raise InputError(message(total, "is 0", labels_of(source, of == 0), "Drop units without anyone."))
    over = happened > of
    if over.any():
        raise InputError(message(events, f"is larger than {total}", labels_of(source, over)))
    x = np.column_stack([complete(source, p) for p in predictors])
    if len(source) < len(predictors) + 3:
        rule = f"has {len(source)} units, too few for {len(predictors)} predictors"
        raise InputError(message("source", rule, fix="Use fewer predictors or more units."))
    ids = source["area_id"].astype(str).tolist()
    return _Units(ids, happened, of, complete(source, population, least=0), x)


def _goal(target: pd.DataFrame, *, population: str, predictors: list[str]) -> _Units:
    check_columns(target, ["area_id", population, *predictors], argument="target")
    _check_unique(target, "target")
    people = complete(target, population, least=0)
    x = np.column_stack([complete(target, p) for p in predictors])
    zeros = np.zeros(len(target))
    return _Units(target["area_id"].astype(str).tolist(), zeros, zeros, people, x)


def _check_unique(table: pd.DataFrame, argument: str) -> None:
    twice = table["area_id"].duplicated(keep=False)
    if twice.any():
        fix = "Choose one period and keep one row per area."
        raise InputError(
            message(
                argument, "has an area more than once", table.loc[twice, "area_id"].unique().tolist(), fix
            )
        )


def _known(units: _Units, goal: _Units, links: pd.DataFrame) -> _Known:
    """Sum the linked units per target area."""
    share = "share_of_area_population"
    check_columns(links, ["district_id", "area_id", share], argument="links")
    row = {code: i for i, code in enumerate(units.ids)}
    column = {code: i for i, code in enumerate(goal.ids)}
    stray = [d for d in links["district_id"] if d not in row] + [
        a for a in links["area_id"] if a not in column
    ]
    if stray:
        raise UnknownNameError(message("links", "name units or areas that are not in the tables", stray))
    covered = complete(links, share, least=0) if len(links) else np.zeros(0)
    known = _Known(np.zeros(len(goal.ids)), np.zeros(len(goal.ids)), np.zeros(len(goal.ids)))
    for district, area, part in zip(links["district_id"], links["area_id"], covered, strict=True):
        known.events[column[area]] += units.events[row[district]]
        known.total[column[area]] += units.total[row[district]]
        known.coverage[column[area]] += part
    over = known.coverage > 1 + (1 - WHOLE)
    if over.any():
        names = [goal.ids[i] for i in np.flatnonzero(over)]
        raise InputError(message("links", "cover more than the whole area", names))
    whole = known.coverage >= WHOLE
    return _Known(known.events, known.total, np.where(whole, 1.0, known.coverage))


def _design(x: Floats, scale: tuple[Floats, Floats]) -> Floats:
    return np.column_stack([np.ones(len(x)), (x - scale[0]) / scale[1]])


def _logistic(eta: Floats) -> Floats:
    return 1 / (1 + np.exp(-eta))


def _fit(design: Floats, events: Floats, total: Floats) -> _Fit:
    """Fit the quasi-binomial regression by iteratively reweighted least squares."""
    # Half an event keeps units with none or all finite at the start.
    p = (events + 0.5) / (total + 1)
    eta = np.log(p / (1 - p))
    beta = np.zeros(design.shape[1])
    for _ in range(100):
        p = np.clip(_logistic(eta), 1e-12, 1 - 1e-12)
        weight = total * p * (1 - p)
        working = eta + (events / total - p) / (p * (1 - p))
        root = np.sqrt(weight)
        new: Floats = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)[0].astype(
            np.float64
        )
        eta = design @ new
        if np.abs(new - beta).max() < 1e-12:
            break
        beta = new
    p = np.clip(_logistic(eta), 1e-12, 1 - 1e-12)
    information = (design * (total * p * (1 - p))[:, None]).T @ design
    freedom = len(events) - design.shape[1]
    pearson = float(((events - total * p) ** 2 / (total * p * (1 - p))).sum())
    # Counts never vary less than binomially.
    dispersion = max(1.0, pearson / freedom)
    covariance = (dispersion * np.linalg.inv(information)).astype(np.float64)
    return _Fit(new, covariance, dispersion, freedom)


def _expected_total(units: _Units, goal: _Units, known: _Known, design: Floats, aim: Floats) -> Floats:
    """Return how many the rate refers to in each area, so that all add up to the source's total."""
    weight = np.sqrt(units.population)
    share = np.divide(
        units.total, units.population, out=np.ones_like(units.total), where=units.population > 0
    )
    beta, *_ = np.linalg.lstsq(design * weight[:, None], share * weight, rcond=None)
    expected = goal.population * np.clip(aim @ beta, share.min(), share.max())
    rest = expected * (1 - known.coverage)
    left = units.total.sum() - known.total.sum()
    if rest.sum() == 0:
        return np.asarray(expected, dtype=np.float64)
    if left <= 0:
        fix = "Check that source and target cover the same place."
        raise InputError(message("links", "leave nobody for the areas that are not covered", fix=fix))
    return np.asarray(expected * (left / rest.sum()), dtype=np.float64)


def _calibrate(eta: Floats, size: Floats, events: float) -> float:
    """Return the constant that makes the modelled parts add up to the events that are left."""
    from scipy.optimize import brentq

    if size.sum() == 0:
        return 0.0
    if not 0 < events < size.sum():
        fix = "Check that source and target cover the same place."
        raise InputError(message("links", "leave no plausible number of events to model", fix=fix))
    return float(brentq(lambda c: float((size * _logistic(eta + c)).sum()) - events, -20, 20, xtol=1e-13))


def _values(
    goal: _Units, known: _Known, rest: Floats, aim: Floats, fit: _Fit, shift: float, confidence: float
) -> pd.DataFrame:
    """Join the known parts and the modelled rest into one rate per area, with its error."""
    eta = aim @ fit.beta + shift
    p = _logistic(eta)
    spread = _spread(aim, fit, p, np.maximum(rest, 1))
    low, high = _interval(eta, spread, fit.freedom, confidence)
    total = known.total + rest
    share = np.divide(rest, total, out=np.ones_like(rest), where=total > 0)
    rates = [
        100 * np.divide(known.events + rest * q, total, out=q.copy(), where=total > 0) for q in (p, low, high)
    ]
    rates.insert(1, 100 * p * (1 - p) * spread * share)
    flag = np.where(known.coverage >= MOST, "partly observed", "modelled")
    return pd.DataFrame(
        {
            "area_id": goal.ids,
            **{name: given(rate, scale=100) for name, rate in zip(_RATES, rates, strict=True)},
            "flag": np.where(known.coverage >= WHOLE, "observed", flag),
            "coverage": known.coverage,
            "total": given(total),
        }
    )


def _spread(design: Floats, fit: _Fit, p: Floats, size: Floats) -> Floats:
    """Return the standard error of a new unit on the logit scale."""
    of_line = np.einsum("ij,jk,ik->i", design, fit.covariance, design)
    return np.asarray(np.sqrt(of_line + fit.dispersion / (size * p * (1 - p))), dtype=np.float64)


def _interval(eta: Floats, spread: Floats, freedom: int, confidence: float) -> tuple[Floats, Floats]:
    from scipy.special import stdtrit

    t = float(stdtrit(freedom, (1 + confidence) / 2))
    return _logistic(eta - t * spread), _logistic(eta + t * spread)


def _diagnose(
    design: Floats,
    units: _Units,
    fit: _Fit,
    predictors: list[str],
    scale: tuple[Floats, Floats],
    sums: dict[str, float],
    confidence: float,
) -> pd.DataFrame:
    """Return coefficients, leave-one-out errors and sums as a table."""
    n = len(units.events)
    left_out = np.empty(n)
    inside = np.empty(n, dtype=bool)
    for i in range(n):
        keep: npt.NDArray[np.bool_] = np.arange(n) != i
        part = _fit(design[keep], units.events[keep], units.total[keep])
        eta = design[[i]] @ part.beta
        spread = _spread(design[[i]], part, _logistic(eta), units.total[[i]])
        low, high = _interval(eta, spread, part.freedom, confidence)
        rate = units.events[i] / units.total[i]
        left_out[i] = 100 * (rate - _logistic(eta)[0])
        inside[i] = low[0] <= rate <= high[0]
    slopes = fit.beta[1:] / scale[1]
    rows = {
        "units": float(n),
        "intercept (logit)": float(fit.beta[0] - (slopes * scale[0]).sum()),
        **{f"{name} (logit per unit)": float(s) for name, s in zip(predictors, slopes, strict=True)},
        "dispersion": fit.dispersion,
        "leave-one-out root mean square error": float(np.sqrt((left_out**2).mean())),
        "leave-one-out mean absolute error": float(np.abs(left_out).mean()),
        "leave-one-out interval coverage": float(100 * inside.mean()),
        **sums,
    }
    return given_table(pd.DataFrame({"statistic": list(rows), "value": list(rows.values())}))
