"""Development over time: a measure per period, growth by initial level, and a change put in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from segkit._validate import Floats, check_choice, check_columns, check_count, check_keys, numbers
from segkit.errors import InputError, UnknownNameError, message
from segkit.inference import bootstrap, usable_areas

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segkit._scoring import Measures
    from segkit.indicators import Language

    Row: TypeAlias = pd.Series | Mapping[str, Any]

#: No sentence shows more decimals than this.
_MOST_DECIMALS = 6

#: A part of an area under this share of all people is none but for rounding.
_ROUNDING = 1e-12

_NARROW_SPACE = "\u202f"
_MINUS = "\u2212"

_WORDS = {
    "sv": {
        "up": ("ökade", "ökningen"),
        "down": ("minskade", "minskningen"),
        "moved": "{label} {verb} från {first} ({first_period}) till {last} ({last_period}); {noun} ",
        "went": "gick",
        "change": "ändringen",
        "kept": "{label} var {first} både {first_period} och {last_period}; ändringen ",
        "same": "{label} låg kvar på {first} mellan {first_period} och {last_period}",
        "apart": "{label} var {first} år {first_period} ({n_first} områden) och {last} år {last_period} "
        "({n_last} områden); för de {n} områden som har uppgifter för båda åren är ändringen {change}, "
        "och den ",
        "apart_same": "{label} var {first} år {first_period} ({n_first} områden) och {last} år {last_period} "
        "({n_last} områden); för de {n} områden som har uppgifter för båda åren är ändringen {change}",
        "found": "är större än vad slumpmässig variation mellan områden brukar ge",
        "border": "ligger på gränsen till vad slumpmässig variation mellan områden brukar ge",
        "not_found": "kan inte skiljas från slumpmässig variation mellan områden",
        "interval": " ({level} % intervall för ändringen {low} till {high}, {p})",
    },
    "en": {
        "up": ("rose", "the increase"),
        "down": ("fell", "the decrease"),
        "moved": "{label} {verb} from {first} ({first_period}) to {last} ({last_period}); {noun} ",
        "went": "went",
        "change": "the change",
        "kept": "{label} was {first} in both {first_period} and {last_period}; the change ",
        "same": "{label} stayed at {first} between {first_period} and {last_period}",
        "apart": "{label} was {first} in {first_period} ({n_first} areas) and {last} in {last_period} "
        "({n_last} areas); for the {n} areas with figures in both years the change is {change}, and it ",
        "apart_same": "{label} was {first} in {first_period} ({n_first} areas) and {last} in {last_period} "
        "({n_last} areas); for the {n} areas with figures in both years the change is {change}",
        "found": "is larger than random variation between areas usually gives",
        "border": "is on the verge of what random variation between areas usually gives",
        "not_found": "can't be told apart from random variation between areas",
        "interval": " ({level}% interval of the change {low} to {high}, {p})",
    },
}


def by_period(
    panel: pd.DataFrame,
    measures: Measures,
    *,
    values: str | None = None,
    weight: str | None = None,
    group: str | None = None,
    total: str | None = None,
    periods: Sequence[int] | None = None,
    n_bootstrap: int = 999,
    confidence: float = 0.95,
    random_state: int = 0,
    options: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Measure each period, with intervals from areas drawn with replacement.

    Overlapping intervals of two periods do not mean that nothing changed: the areas are the same and
    resemble themselves. Test a change with `inference.compare_periods`.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period. Areas that lack a figure, or inhabitants, in a period are left out
        of it and counted in its ``n_missing``.
    measures, values, weight, group, total, options
        As for `inference.bootstrap`.
    periods : sequence of int, optional
        The periods wanted; without it all in which the columns have figures.
    n_bootstrap, random_state : int
        Number of draws, and seed.
    confidence : float
        Between 0 and 1, of the percentile intervals.

    Returns
    -------
    pandas.DataFrame
        Tidy table, one row per measure and period, by measure and then period.

    Raises
    ------
    InputError
        When a period has no figures, or as for `inference.bootstrap`.
    UnknownNameError
        When a period, measure, option or column does not exist.

    Examples
    --------
    >>> from segkit import areas, trends
    >>> panel = areas.load_example("kalmar", "regso")
    >>> table = trends.by_period(panel, "gini", values="mean_wage_income", weight="population")
    >>> table["period"].tolist()[0], table["period"].tolist()[-1], len(table)
    (2020, 2023, 4)
    """
    check_keys(panel)
    usable = usable_areas(panel, values=values, weight=weight, group=group, total=total)
    parts = []
    for period in _periods(panel, usable, periods):
        here = panel["period"] == period
        table = bootstrap(
            panel[here & usable],
            measures,
            values=values,
            weight=weight,
            group=group,
            total=total,
            n_bootstrap=n_bootstrap,
            confidence=confidence,
            random_state=random_state,
            options=options,
        )
        parts.append(table.assign(n_missing=int((here & ~usable).sum())))
    order = {name: place for place, name in enumerate(parts[0]["measure"])}
    return pd.concat(parts).sort_values(
        "measure", key=lambda m: m.map(order), kind="stable", ignore_index=True
    )


def growth_incidence(
    panel: pd.DataFrame,
    values: str,
    *,
    first: int,
    last: int,
    weight: str | None = None,
    n_quantiles: int = 5,
) -> pd.DataFrame:
    """Tell whether areas that had it good got it better: growth by level in the first period.

    Areas are ranked by their level in the first period and divided into groups of equal population; an
    area on a cut counts in both groups, by its parts. The same areas are followed to the last period.
    Weights of the first period serve both, so that a change is one of levels, not of where people live.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period.
    values : str
        The indicator.
    first, last : int
        The periods.
    weight : str, optional
        Population in the first period; without it every area counts the same.
    n_quantiles : int
        Number of groups, 5 for fifths.

    Returns
    -------
    pandas.DataFrame
        One row per group: ``period`` (``"2020–2023"``), ``quantile`` (1 = lowest level in the first
        period), ``first`` and ``last`` (mean levels), ``change``, ``relative_change`` (per cent; NaN when
        the first level is not above 0), ``n_areas`` (areas wholly or partly in the group),
        ``population`` (sum of weights; NaN without), and
        ``n_missing`` (areas, the same in every row, that lack a figure or inhabitants and are left out).

    Raises
    ------
    InputError
        When there are more groups than areas with figures, or the periods are not in order.
    UnknownNameError
        When a column or period is missing.

    Notes
    -----
    Regression to the mean: levels of small areas vary by chance. Areas that are low by chance in the first
    period tend to rise, and high ones to fall, even when nothing changes. Growth at the top is therefore
    rather understated and growth at the bottom overstated; rank by an earlier period, or by a mean of
    several, to avoid it.

    References
    ----------
    Ravallion, M. and Chen, S. (2003). Measuring pro-poor growth. Economics Letters 78, 93-99.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = ["a", "b", "c", "d"]
    >>> panel = pd.DataFrame(
    ...     {"area_id": areas * 2, "period": [2020] * 4 + [2023] * 4, "income": [1, 3, 6, 10, 2, 2, 8, 12]}
    ... )
    >>> table = growth_incidence(panel, "income", first=2020, last=2023, n_quantiles=2)
    >>> table[["first", "last", "change", "relative_change"]].values.tolist()
    [[2.0, 2.0, 0.0, 0.0], [8.0, 10.0, 2.0, 25.0]]
    """
    check_count(n_quantiles, argument="n_quantiles", least=2)
    areas, n_missing = _followed(panel, values, first, last, weight)
    parts = _quantile_parts(areas, n_quantiles)
    people = parts.sum(axis=0)
    table = pd.DataFrame({end: parts.T @ areas[end].to_numpy() / people for end in ("first", "last")})
    table["change"] = table["last"] - table["first"]
    table["relative_change"] = (100 * table["change"] / table["first"]).where(table["first"] > 0)
    table["n_areas"] = (parts > 0).sum(axis=0)
    table["population"] = people if weight is not None else np.nan
    table["n_missing"] = n_missing
    table.insert(0, "quantile", np.arange(1, n_quantiles + 1))
    table.insert(0, "period", f"{first}–{last}")
    return table


def change_sentence(
    measure_label: str,
    first_row: Row,
    last_row: Row,
    change_row: Row,
    *,
    language: Language = "sv",
    decimals: int | None = None,
    confidence: float = 0.95,
) -> str:
    """Say in one sentence what a measure did between two periods, and no more than the figures allow.

    A change is called larger than chance when its interval leaves out 0 and its p-value is under
    1 - `confidence`; on the verge when just one of the two holds.

    Parameters
    ----------
    measure_label : str
        Subject of the sentence, such as "Spridningen mellan områdena (Wolfson)".
    first_row, last_row : Series or mapping
        The two rows of `by_period`.
    change_row : Series or mapping
        The row of `inference.compare_periods`. When it is for other areas than the first two, because
        some lack figures in one of the periods, the sentence says so.
    language : {"sv", "en"}
        Language of the sentence.
    decimals : int, optional
        Decimals of the values; without it as many as the width of the interval gives meaning to.
    confidence : float
        The level that `change_row` was computed with.

    Returns
    -------
    str
        The sentence, with a period.

    Raises
    ------
    InputError
        When the rows are not of the same measure and periods.
    UnknownNameError
        When a row lacks a field.

    Examples
    --------
    >>> first, last = {"value": 0.112, "n_areas": 17}, {"value": 0.125, "n_areas": 17}
    >>> change = {"period": "2020–2023", "value": 0.013, "ci_low": 0.004, "ci_high": 0.021}
    >>> change |= {"p_value": 0.01, "n_areas": 17}
    >>> print(change_sentence("spridningen", first, last, change, language="en"))
    Spridningen rose from 0.112 (2020) to 0.125 (2023); the increase is larger than random variation \
between areas usually gives (95% interval of the change 0.004 to 0.021, p = 0.010).
    """
    check_choice(language, ("sv", "en"), argument="language")
    start, end = _check_rows(first_row, last_row, change_row)
    words: dict[str, Any] = _WORDS[language]
    verdict = _verdict(change_row, 1 - confidence)
    places = (
        _decimals(change_row, verdict)
        if decimals is None
        else check_count(decimals, argument="decimals", least=0)
    )

    def number(value: Any, *, sign: bool = False) -> str:
        return _number(float(value), places, language, sign=sign)

    facts = {
        "label": measure_label[:1].upper() + measure_label[1:],
        "first": number(first_row["value"]),
        "last": number(last_row["value"]),
        "first_period": start,
        "last_period": end,
        "n_first": first_row["n_areas"],
        "n_last": last_row["n_areas"],
        "n": change_row["n_areas"],
        "change": number(change_row["value"], sign=True),
    }
    template, verb, noun = _template(
        words, facts, change_row, verdict, _same_areas(first_row, last_row, change_row)
    )
    text = template.format(**facts, verb=verb, noun=noun)
    if verdict == "same":
        return f"{text}."
    interval = words["interval"].format(
        level=f"{100 * confidence:g}".replace(".", "," if language == "sv" else "."),
        low=number(change_row["ci_low"]),
        high=number(change_row["ci_high"]),
        p=_p_value(float(change_row["p_value"]), language),
    )
    return f"{text}{words[verdict]}{interval}."


def _periods(panel: pd.DataFrame, usable: pd.Series[bool], wanted: Sequence[int] | None) -> list[int]:
    """Return the periods to measure, each with figures."""
    filled = sorted(panel.loc[usable, "period"].unique().tolist())
    if not filled:
        fix = "Check the names of the columns, and whether they have figures in the same periods."
        raise InputError(message("panel", "has no row with figures in all the columns", fix=fix))
    if wanted is None:
        return filled
    absent = [period for period in wanted if period not in filled]
    if absent or not wanted:
        fix = f"Periods with figures: {', '.join(map(str, filled))}."
        raise UnknownNameError(message("periods", "have no figures", absent, fix))
    return sorted(set(wanted))


def _followed(
    panel: pd.DataFrame, values: str, first: int, last: int, weight: str | None
) -> tuple[pd.DataFrame, int]:
    """Return ``first, last, weight`` of the areas with figures, and how many areas lack them."""
    check_keys(panel)
    check_columns(panel, [values, *([] if weight is None else [weight])], argument="panel")
    at_hand = sorted(panel["period"].unique().tolist())
    absent = [period for period in (first, last) if period not in at_hand]
    if absent:
        fix = f"Periods at hand: {', '.join(map(str, at_hand))}."
        raise UnknownNameError(message("period", "is not in the panel", absent, fix))
    if first >= last:
        raise InputError(message("first", f"is {first}, must come before last ({last})"))
    levels = pd.DataFrame(
        {"area_id": panel["area_id"], "period": panel["period"], "level": numbers(panel, values)}
    )
    levels["weight"] = 1.0 if weight is None else numbers(panel, weight, least=0)
    before, after = (levels[levels["period"] == period].set_index("area_id") for period in (first, last))
    wide = pd.DataFrame({"first": before["level"], "last": after["level"], "weight": before["weight"]})
    followed = wide[wide.notna().all(axis=1) & (wide["weight"] > 0)]
    return followed, len(wide) - len(followed)


def _quantile_parts(areas: pd.DataFrame, n_quantiles: int) -> Floats:
    """Return the people of each area (rows) in each group (columns) when ranked by first level."""
    if len(areas) < n_quantiles:
        rule = f"is {n_quantiles}, more than the {len(areas)} areas with figures in both periods"
        raise InputError(message("n_quantiles", rule, fix="Use fewer groups, or check the periods."))
    level = areas.groupby("first")["weight"].sum()
    end = level.cumsum().to_numpy()
    cuts = np.linspace(0, end[-1], n_quantiles + 1)
    # Areas of one level lie side by side: a cut through them takes the same share of each.
    low = np.maximum((end - level.to_numpy())[:, None], cuts[:-1])
    overlap = np.minimum(end[:, None], cuts[1:]) - low
    share = np.where(overlap > _ROUNDING * end[-1], overlap, 0) / level.to_numpy()[:, None]
    parts: Floats = share[level.index.get_indexer(pd.Index(areas["first"]))] * areas[["weight"]].to_numpy()
    return parts


def _check_rows(first_row: Row, last_row: Row, change_row: Row) -> tuple[str, str]:
    """Check that three rows belong together; return the two periods."""
    needed = {"value", "n_areas"}
    rows = (("first_row", first_row, needed), ("last_row", last_row, needed))
    own = ("change_row", change_row, needed | {"period", "ci_low", "ci_high", "p_value"})
    for name, row, fields in (*rows, own):
        lacking = sorted(field for field in fields if field not in row)
        if lacking:
            raise UnknownNameError(message(name, "lacks", lacking))
    start, _, end = str(change_row["period"]).partition("–")
    if not end:
        fix = "Pass a row of inference.compare_periods."
        raise InputError(message("change_row", f"has the period {change_row['period']!r}", fix=fix))
    for (name, row, _), period in zip(rows, (start, end), strict=True):
        if str(row.get("period", period)) != period:
            raise InputError(message(name, f"is of {row['period']}, the change is of {start}–{end}"))
        if row.get("measure", "") != change_row.get("measure", row.get("measure", "")):
            raise InputError(
                message(name, f"is of {row['measure']}, the change is of {change_row['measure']}")
            )
    return start, end


def _verdict(change_row: Row, level: float) -> str:
    """Tell what the interval and the p-value allow to be said."""
    if change_row["value"] == change_row["ci_low"] == change_row["ci_high"] == 0:
        return "same"
    outside = change_row["ci_low"] > 0 or change_row["ci_high"] < 0
    rare = change_row["p_value"] < level
    if outside and rare:
        return "found"
    return "border" if outside or rare else "not_found"


def _same_areas(first_row: Row, last_row: Row, change_row: Row) -> bool:
    """Tell whether the change is that between the two values."""
    difference = last_row["value"] - first_row["value"]
    size = max(abs(first_row["value"]), abs(last_row["value"]), abs(change_row["value"]))
    return bool(abs(difference - change_row["value"]) <= 1e-9 * size)


def _template(
    words: dict[str, Any], facts: dict[str, Any], change_row: Row, verdict: str, same_areas: bool
) -> tuple[str, str, str]:
    """Choose the sentence, its verb and what it calls the change."""
    if not same_areas:
        return words["apart_same" if verdict == "same" else "apart"], "", ""
    if verdict == "same":
        return words["same"], "", ""
    if facts["first"] == facts["last"]:
        return words["kept"], "", ""
    if verdict == "not_found":
        return words["moved"], words["went"], words["change"]
    verb, noun = words["up" if change_row["value"] > 0 else "down"]
    return words["moved"], verb, noun


def _decimals(change_row: Row, verdict: str) -> int:
    """Return decimals that show two figures of the interval's width, and a found change as one."""
    ends = [float(change_row[end]) for end in ("ci_low", "ci_high")]
    width = ends[1] - ends[0] or abs(float(change_row["value"]))
    if not width > 0:
        return 3
    places = min(max(1 - math.floor(math.log10(width)), 0), _MOST_DECIMALS)
    shown = [*ends, float(change_row["value"])] if verdict == "found" else []
    while places < _MOST_DECIMALS and any(abs(value) < 0.5 * 10**-places for value in shown):
        places += 1
    return places


def _number(value: float, places: int, language: str, *, sign: bool = False) -> str:
    """Write a number with real minus sign and the language's separators."""
    rounded = round(value, places)
    text = f"{abs(rounded):,.{places}f}"
    if language == "sv":
        text = text.replace(",", _NARROW_SPACE).replace(".", ",")
    return (_MINUS if rounded < 0 else "+" if sign and rounded > 0 else "") + text


def _p_value(p: float, language: str) -> str:
    """Write a p-value."""
    if p < 0.001:
        return f"p < {_number(0.001, 3, language)}"
    return f"p = {_number(p, 3, language)}"
