"""Turnout by election district, with what can't be counted by district told beside it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from segkit.base.checks import check_choice, check_columns
from segkit.errors import FileError, InputError, UnknownNameError, message
from segkit.sources.val._files import YEARS, file_of
from segkit.sources.val._readers import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.sources.http.client import Client
    from segkit.sources.val._files import Election, Stage

_FORMS = {2014: "text", 2018: "wide", 2022: "long", 2026: "json"}


def results(
    year: int,
    election: Election = "rd",
    *,
    municipalities: Sequence[str],
    client: Client,
    stage: Stage = "final",
) -> pd.DataFrame:
    """Return turnout by election district of municipalities.

    Votes that came late by post and votes from abroad are counted in districts of their own, which have no
    eligible voters (``late_votes_district``). Turnout of the other districts is therefore lower than
    the official turnout: compare districts with districts only, and see `late_votes`.

    Parameters
    ----------
    year : {2014, 2018, 2022, 2026}
        The election.
    election : {"rd", "rf", "kf"}
        To the Riksdag, the region, the municipality.
    municipalities : sequence of str
        Codes of four digits.
    client : Client
        Asks and keeps the files.
    stage : {"final", "preliminary"}
        Preliminary results exist for 2026 only, and are flagged.

    Returns
    -------
    pandas.DataFrame
        ``district_id, name, municipality_code, period, election, electorate, ballots, valid, turnout``
        (per cent; missing for districts of late votes), ``turnout_flag`` (observed or preliminary),
        ``late_votes_district, source``.

    Raises
    ------
    InputError
        When there is no such election or file, or a code has the wrong form.
    UnknownNameError
        When a municipality has no district in the file.
    SourceError
        When the file did not come whole or is not of the form expected.

    Examples
    --------
    >>> from segkit.errors import NotFetchedError
    >>> from segkit.sources import Client
    >>> asks = Client(dry_run=True, cache="no-such-folder")
    >>> try:
    ...     results(2026, municipalities=["0880"], client=asks, stage="preliminary")
    ... except NotFetchedError:
    ...     print(asks.planned[0].url.rpartition("/")[2])
    Val_2026_preliminar_0880_RD.zip
    """
    codes = _checked(municipalities)
    files = {code: file_of(year, election, stage, code) for code in codes}
    tables = []
    for url in dict.fromkeys(file.url for file in files.values()):
        file = next(f for f in files.values() if f.url == url)
        got = client.download(url, kinds=file.kinds, check=partial(read, form=file.form))
        tables.append(read(got.path, file.form))
    return _finished(pd.concat(tables, ignore_index=True), codes, year, election, stage)


def read_results(
    path: str | Path,
    year: int,
    election: Election = "rd",
    *,
    municipalities: Sequence[str] | None = None,
    stage: Stage = "final",
) -> pd.DataFrame:
    """Read a result file by district that is at hand; the agency's addresses move.

    Parameters
    ----------
    path : str or Path
        The file as the agency publishes it: ``.skv`` (2014), ``.xlsx`` (2018, 2022, final 2026), ``.zip``
        with JSON (2026).
    year, election, municipalities, stage
        As in `results`; without municipalities all of the file.

    Returns
    -------
    pandas.DataFrame
        As `results`.

    Raises
    ------
    InputError
        When there is no such election, or a code has the wrong form.
    UnknownNameError
        When a municipality has no district in the file.
    FileError, SourceError
        When the file can't be read, or is not of the form expected.

    Examples
    --------
    >>> import tempfile
    >>> lines = ["LAN;KOM;VALDIST;LAN;KOMMUN;VALDISTRIKT;Rost Giltiga;Rostande;Rostb",
    ...          "8;80;101;Kalmar län;Kalmar;Kvarnholmen;590;600;800"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.skv")
    ...     _ = file.write_text(chr(10).join(lines), encoding="latin-1")
    ...     read_results(file, 2014)[["district_id", "turnout"]].to_numpy().tolist()
    [['08800101', 75.0]]
    """
    check_choice(year, YEARS, argument="year")
    file = Path(path)
    if not file.is_file():
        raise FileError(message("path", f"there is no file {file}"))
    form = "long" if year == 2026 and file.suffix.lower() == ".xlsx" else _FORMS[year]
    table = read(file, form)
    codes = sorted(set(table["district_id"].str[:4])) if municipalities is None else _checked(municipalities)
    return _finished(table, codes, year, election, stage)


def _checked(municipalities: Sequence[str]) -> list[str]:
    codes = list(dict.fromkeys([municipalities] if isinstance(municipalities, str) else municipalities))
    wrong = [code for code in codes if not (isinstance(code, str) and re.fullmatch(r"\d{4}", code))]
    if wrong or not codes:
        fix = "Write them as text, with leading zeros: '0880'."
        raise InputError(message("municipalities", "must be codes of four digits", wrong, fix))
    return codes


def _finished(table: pd.DataFrame, codes: list[str], year: int, election: str, stage: str) -> pd.DataFrame:
    """Keep the municipalities asked for, and add turnout and where it is from."""
    code = table["district_id"].str[:4]
    lacking = [c for c in codes if c not in set(code)]
    if lacking:
        raise UnknownNameError(message("municipalities", "have no district in the file", lacking))
    table = table.assign(municipality_code=code, period=year, election=election)[code.isin(codes)]
    regular = ~table["late_votes_district"] & (table["electorate"] > 0)
    table["turnout"] = (100 * table["ballots"] / table["electorate"].where(regular)).astype(float)
    flag = "preliminary" if stage == "preliminary" else "observed"
    table["turnout_flag"] = pd.Series(flag, index=table.index).where(table["turnout"].notna(), "")
    table["source"] = "Valmyndigheten"
    columns = ["district_id", "name", "municipality_code", "period", "election", "electorate", "ballots"]
    last = ["valid", "turnout", "turnout_flag", "late_votes_district", "source"]
    return table.sort_values("district_id", ignore_index=True, kind="stable")[[*columns, *last]]


def late_votes(table: pd.DataFrame) -> pd.DataFrame:
    """Return by municipality how much of the turnout the districts can't show.

    Parameters
    ----------
    table : pandas.DataFrame
        From `results` or `read_results`.

    Returns
    -------
    pandas.DataFrame
        ``municipality_code, period, electorate, ballots_in_districts, late_ballots, turnout_in_districts,
        turnout, difference`` (percentage points by which districts understate turnout); missing where
        a district lacks its figure.

    Raises
    ------
    UnknownNameError
        When the table lacks a column.

    Examples
    --------
    >>> table = pd.DataFrame({"municipality_code": "0880", "period": 2022, "electorate": [100.0, 0.0],
    ...                       "ballots": [80.0, 3.0], "late_votes_district": [False, True]})
    >>> late_votes(table)[["turnout_in_districts", "turnout"]].to_numpy().tolist()
    [[80.0, 83.0]]
    """
    needed = ["municipality_code", "period", "electorate", "ballots", "late_votes_district"]
    check_columns(table, needed, argument="table")
    late = table["ballots"].where(table["late_votes_district"], 0.0)
    here = table["ballots"].where(~table["late_votes_district"], 0.0)
    sums = (
        table.assign(late_ballots=late, ballots_in_districts=here)
        .groupby(["municipality_code", "period"])[["electorate", "ballots_in_districts", "late_ballots"]]
        .agg(_whole_sum)
        .reset_index()
    )
    sums["turnout_in_districts"] = 100 * sums["ballots_in_districts"] / sums["electorate"]
    sums["turnout"] = 100 * (sums["ballots_in_districts"] + sums["late_ballots"]) / sums["electorate"]
    sums["difference"] = sums["turnout"] - sums["turnout_in_districts"]
    return sums


def _whole_sum(figures: pd.Series) -> float:
    """Return the sum; what one district lacks, the municipality lacks."""
    return float(figures.sum(skipna=False))
