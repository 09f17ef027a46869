"""The table of a follow-up: each key figure by sex, its change, and how it stands beside others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice, check_count
from segkit.catalogue.key_figures import GROUPS, key_figures, texts
from segkit.errors import InputError, UnknownNameError, message
from segkit.studies.followup.figures import COUNTRY, SEXES, check_figures, embedded_figures
from segkit.studies.survey.peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Language


@dataclass(frozen=True)
class _Place:
    """Whom the follow-up is of, whom it compares with, and when."""

    municipality: str
    peers: tuple[str, ...]
    periods: tuple[int, ...] | None
    since: int
    offline: bool
    language: Language


def table(
    municipality: str = "0880",
    peers: Sequence[str] | None = None,
    periods: Sequence[int] | None = None,
    *,
    figures: pd.DataFrame | None = None,
    since: int = 2,
    language: Language = "sv",
) -> pd.DataFrame:
    """Return each key figure by sex, with its change, and the difference from Sweden and the peers.

    Every key figure of the catalogue has its rows. One that can't be filled stays, with the reason.
    Sweden and the peers are compared in the same period and for the same sex only.

    Parameters
    ----------
    municipality : str
        Code of four digits.
    peers : sequence of str, optional
        Codes; by default those the municipality has named (Kalmar: Växjö, Karlskrona, Kristianstad,
        Halmstad), else none.
    periods : sequence of int, optional
        The two years compared, in any order; by default each figure's newest, and the newest at least
        `since` years earlier.
    figures : pandas.DataFrame, optional
        Long table ``key_figure, municipality, sex, period, value, flag, source``, as `fetch_figures` and
        `embedded_figures` return; Sweden is ``"00"``. By default what is embedded.
    since : int
        Years between two follow-ups.
    language : {"sv", "en"}
        Of labels, notes and reasons.

    Returns
    -------
    pandas.DataFrame
        One row per key figure and sex (T all, K women, M men): ``group, row, key_figure, label, unit,
        sex, nearness, period, value, flag, previous_period, previous, change, change_judged`` (better,
        worse, same, sample, or empty where the catalogue does not judge), ``sweden,
        difference_sweden, sweden_judged, peers_median, n_peers, difference_peers, peers_judged,
        gap`` (women minus men), ``reason`` (why a value is missing; else empty), ``source`` (of the
        value; where there is none, of the key figure), ``source_id, note``.

    Raises
    ------
    UnknownNameError
        When the municipality or a peer has no figure at all, or a column is missing.
    InputError
        When the figures break a rule, `periods` are not two years, or the municipality is its own peer.

    Examples
    --------
    >>> found = table("0880", language="en").set_index(["key_figure", "sex"])
    >>> row = found.loc[("turnout_municipal", "T")]
    >>> int(row["period"]), round(float(row["change"]), 2), row["change_judged"], int(row["n_peers"])
    (2022, -2.61, 'worse', 4)
    """
    check_choice(language, LANGUAGES, argument="language")
    offline = figures is None
    long = check_figures(embedded_figures() if figures is None else figures)
    place = _place(municipality, peers, periods, since, offline, language, long)
    catalogue = key_figures()
    order = catalogue["group"].map({group: number for number, group in enumerate(GROUPS)})
    cells = {key: part for key, part in long.groupby(["key_figure", "sex"])}  # noqa: C416 - groupby is no dict
    rows = []
    for key in order.sort_values(kind="stable").index:
        about = catalogue.loc[key]
        sexes = SEXES if about["by_sex"] else ("T",)
        of_sexes = [_row(key, about, sex, cells, place) for sex in sexes]
        _add_gap(of_sexes)
        rows.extend(of_sexes)
    return pd.DataFrame(rows).astype({"period": "Int64", "previous_period": "Int64", "n_peers": "Int64"})


def _place(
    municipality: str,
    peers: Sequence[str] | None,
    periods: Sequence[int] | None,
    since: int,
    offline: bool,
    language: Language,
    long: pd.DataFrame,
) -> _Place:
    """Check whom and when."""
    known = set(long["municipality"])
    if municipality not in known:
        fix = f"At hand are {', '.join(sorted(known))}; fetch others with followup.fetch_figures."
        raise UnknownNameError(message("municipality", f"{municipality!r} has no key figure", fix=fix))
    chosen = PEERS.get(municipality, ()) if peers is None else tuple(dict.fromkeys(peers))
    if municipality in chosen:
        raise InputError(message("peers", "holds the municipality itself", [municipality]))
    lacking = [code for code in chosen if code not in known]
    if lacking:
        fix = "Leave them out, or fetch their figures with followup.fetch_figures."
        raise UnknownNameError(message("peers", "have no key figure", lacking, fix))
    years: tuple[int, ...] | None = None
    if periods is not None:
        years = tuple(sorted({check_count(p, argument="periods", least=1900) for p in periods}))
        if len(years) != 2:
            fix = "Give the two years to compare, or leave them out."
            raise InputError(message("periods", f"must be two different years, is {list(periods)}", fix=fix))
    check_count(since, argument="since")
    return _Place(municipality, chosen, years, since, offline, language)


def _row(
    key: str, about: pd.Series, sex: str, cells: dict[Any, pd.DataFrame], place: _Place
) -> dict[str, Any]:
    """Return the row of a key figure for a sex."""
    language = place.language
    row: dict[str, Any] = {
        "group": about["group"],
        "row": about["row"],
        "key_figure": key,
        "label": about[f"label_{language}"],
        "unit": texts("units", language)[about["unit"]],
        "sex": sex,
        "nearness": about["nearness"],
    }
    part = cells.get((key, sex))
    own = _series(part, place.municipality)
    now, before = _years(own, place)
    value, previous = _at(own, now), _at(own, before)
    direction = int(about["direction"])
    country = _at(_series(part, COUNTRY), now)
    others = [v for v in (_at(_series(part, peer), now) for peer in place.peers) if not np.isnan(v)]
    median = float(np.median(others)) if others else np.nan
    judged = [
        _judge(a - b, direction, about) for a, b in ((value, previous), (value, country), (value, median))
    ]
    row |= {
        "period": now,
        "value": value,
        "flag": _text(part, place.municipality, now, "flag"),
        "previous_period": before,
        "previous": previous,
        "change": value - previous,
        "change_judged": judged[0],
        "sweden": country,
        "difference_sweden": value - country,
        "sweden_judged": judged[1],
        "peers_median": median,
        "n_peers": len(others),
        "difference_peers": value - median,
        "peers_judged": judged[2],
        "gap": np.nan,
        "reason": "" if not np.isnan(value) else _reason(about, sex, cells, key, part, place),
        "source": _text(part, place.municipality, now, "source") or about["source"],
        "source_id": about["source_id"],
        "note": about[f"note_{language}"],
    }
    return row


def _series(part: pd.DataFrame | None, municipality: str) -> pd.Series:
    """Return the values of a municipality by period."""
    if part is None:
        return pd.Series(dtype=float)
    rows = part[part["municipality"] == municipality]
    return pd.Series(rows["value"].to_numpy(), index=rows["period"].to_numpy()).sort_index()


def _years(own: pd.Series, place: _Place) -> tuple[int | None, int | None]:
    """Return the period shown and the one compared with."""
    if place.periods is not None:
        return place.periods[1], place.periods[0]
    known = own.dropna().index
    if not len(known):
        return None, None
    now = int(known.max())
    earlier = [int(year) for year in known if year <= now - place.since]
    return now, max(earlier, default=None)


def _at(values: pd.Series, period: int | None) -> float:
    return float(values.get(period, np.nan)) if period is not None else np.nan


def _judge(difference: float, direction: int, about: pd.Series) -> str:
    """Say whether a difference is favorable; never where the catalogue does not judge."""
    if np.isnan(difference) or direction == 0:
        return ""
    if about["sample"]:
        return "sample"
    if difference == 0:
        return "same"
    return "better" if direction * difference > 0 else "worse"


def _text(part: pd.DataFrame | None, municipality: str, period: int | None, column: str) -> str:
    """Return the flag or source of a municipality's figure of a period, empty where there is none."""
    if part is None or period is None:
        return ""
    rows = part[(part["municipality"] == municipality) & (part["period"] == period)]
    return str(rows[column].iloc[0]) if len(rows) and isinstance(rows[column].iloc[0], str) else ""


def _reason(
    about: pd.Series,
    sex: str,
    cells: dict[Any, pd.DataFrame],
    key: str,
    part: pd.DataFrame | None,
    place: _Place,
) -> str:
    """Say why there is no value."""
    words = texts("reasons", place.language)
    fields = {"source_id": about["source_id"], "note": about[f"note_{place.language}"]}
    own = _series(part, place.municipality)
    if about["embedded"] == "areas":
        return words["areas"]
    if about["source"] != "Kolada":
        return words["other"].format(**fields)
    if place.periods is not None and own.notna().any():
        return words["period"].format(period=place.periods[1])
    flags = [_text(part, place.municipality, int(year), "flag") for year in own.index]
    if any(flags):
        return words["status"].format(flag=[flag for flag in flags if flag][-1])
    if place.offline:
        served = sex != "T" and (key, "T") in cells
        return words["no_sex" if served else "fetch"].format(**fields)
    return words["no_value"].format(**fields)


def _add_gap(rows: list[dict[str, Any]]) -> None:
    """Add the gap between women and men of the same period to the rows of a figure."""
    by_sex = {row["sex"]: row for row in rows}
    if {"K", "M"} <= set(by_sex) and by_sex["K"]["period"] == by_sex["M"]["period"]:
        gap = by_sex["K"]["value"] - by_sex["M"]["value"]
        for row in rows:
            row["gap"] = gap
