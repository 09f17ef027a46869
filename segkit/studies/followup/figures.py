"""The figures that a follow-up is made from: those embedded, and the shape that fetched ones have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.base.checks import check_columns, numbers
from segkit.base.files import existing
from segkit.catalogue import embedded as geodata
from segkit.catalogue.key_figures import key_figures
from segkit.errors import InputError, UnknownNameError, message
from segkit.panels import areas
from segkit.sources import kolada
from segkit.studies.survey.peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from segkit.sources import Client

#: Columns of a long table of figures.
COLUMNS = ["key_figure", "municipality", "sex", "period", "value", "flag", "source"]

SEXES = ("T", "K", "M")

#: The country in a table of figures.
COUNTRY = "00"


def embedded_figures(municipalities: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the key figures that can be filled without a network, for the municipalities embedded.

    Parameters
    ----------
    municipalities : sequence of str, optional
        Codes of four digits, ``"00"`` for Sweden; all that are embedded when left out.

    Returns
    -------
    pandas.DataFrame
        Long: ``key_figure, municipality, sex`` (T all, K women, M men), ``period, value, flag, source``
        (where the value itself is from).

    Examples
    --------
    >>> table = embedded_figures(["0880"])
    >>> table[table["key_figure"] == "turnout_municipal"]["period"].tolist()
    [2014, 2018, 2022]
    """
    serves = key_figures()["embedded"]
    ids = {name: str(key) for key, name in serves.items() if name not in {"", "areas"}}
    rows = areas.load_reference()
    rows = rows[rows["indicator"].isin(ids)]
    if municipalities is not None:
        rows = rows[rows["municipality_code"].isin(list(municipalities))]
    table = pd.DataFrame(
        {
            "key_figure": rows["indicator"].map(ids),
            "municipality": rows["municipality_code"],
            "sex": "T",
            "period": rows["period"].astype(int),
            "value": rows["value"].astype(float),
            "flag": "",
            "source": (rows["source"] + " " + rows["source_table"].fillna("")).str.strip(),
        }
    )
    return table.sort_values(["key_figure", "municipality", "period"], ignore_index=True)


def check_figures(figures: pd.DataFrame) -> pd.DataFrame:
    """Check a long table of figures, and return it with whole years and values as floats.

    Raises
    ------
    UnknownNameError
        When a column is missing.
    InputError
        When a key figure is unknown, a sex is none of T, K, M, a period is no year, a value is no
        number, or a figure stands twice.
    """
    check_columns(figures, COLUMNS, argument="figures")
    table = figures[COLUMNS].copy()
    strangers = sorted(set(table["key_figure"]) - set(key_figures().index))
    if strangers:
        fix = "See followup.key_figures()."
        raise InputError(
            message("figures", "has key figures that the catalogue does not know", strangers, fix)
        )
    sexes = sorted(set(table["sex"]) - set(SEXES))
    if sexes:
        raise InputError(message("figures", "has a sex other than T, K and M", sexes))
    periods = numbers(table, "period")
    if (periods != periods.round()).any():
        raise InputError(message("figures", "has periods that are no whole years"))
    table["period"] = periods.astype(int)
    table["value"] = numbers(table, "value")
    keys = ["key_figure", "municipality", "sex", "period"]
    twice = table[table.duplicated(keys)]
    if len(twice):
        where = [f"{k} {m} {s} {p}" for k, m, s, p in twice[keys].itertuples(index=False)]
        raise InputError(message("figures", "has a figure more than once", where))
    return table


#: What Kolada says of a value that is not shown.
_FLAGS = {"privacy": "suppressed", "missing": "missing", "": ""}


def fetch_figures(
    municipalities: Sequence[str],
    periods: Sequence[int],
    *,
    client: Client,
    key_figure_ids: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return every key figure that Kolada has, for municipalities and the country, by sex and year.

    Parameters
    ----------
    municipalities : sequence of str
        Codes of four digits; the country is always fetched too.
    periods : sequence of int
        Years.
    client : Client
        Asks and keeps the answers; offline it answers from what it kept.
    key_figure_ids : sequence of str, optional
        Only these of the catalogue.

    Returns
    -------
    pandas.DataFrame
        Long: ``key_figure, municipality, sex, period, value, flag, source``, as `table` takes it.

    Raises
    ------
    InputError
        When a list is empty, an id is unknown or served by another source than Kolada.
    SourceError
        When no usable answer came; what was fetched before is kept.

    Examples
    --------
    >>> from segkit.sources import Client
    >>> asks = Client(dry_run=True, cache="no-such-folder")
    >>> fetch_figures(["0880"], [2024], client=asks).empty, len(asks.planned)
    (True, 3)
    """
    catalogue = key_figures()
    served = catalogue[catalogue["source"] == "Kolada"]
    if key_figure_ids is not None:
        strangers = [key for key in key_figure_ids if key not in served.index]
        if strangers:
            fix = "See followup.key_figures()."
            raise InputError(message("key_figure_ids", "are not served by Kolada", strangers, fix))
        served = served.loc[list(dict.fromkeys(key_figure_ids))]
    ids = pd.Series(served.index, index=served["source_id"])
    places = list(dict.fromkeys([*municipalities, COUNTRY]))
    found = kolada.values(list(ids.index), places, periods, client=client)
    return pd.DataFrame(
        {
            "key_figure": found["kpi"].map(ids),
            "municipality": found["municipality"],
            "sex": found["sex"],
            "period": found["period"].astype(int),
            "value": found["value"],
            "flag": [_FLAGS.get(status.casefold(), status) for status in found["status"]],
            "source": "Kolada " + found["kpi"],
        },
        columns=COLUMNS,
    )


#: Years back that are asked for when none are given: the newest figure of a slow one, and the time before.
_BACK = 8


def fetched_figures(
    municipality: str,
    peers: Sequence[str] | None = None,
    periods: Sequence[int] | None = None,
    *,
    client: Client,
) -> pd.DataFrame:
    """Return the embedded key figures, and those of Kolada for the municipality, peers and Sweden.

    Parameters
    ----------
    municipality, peers, periods
        As in `follow_up`; without periods the years up to the newest embedded one.
    client : Client
        Asks and keeps the answers; offline it answers from what it kept.

    Returns
    -------
    pandas.DataFrame
        As `followup.table` takes it; where both have a figure, that of Kolada.

    Raises
    ------
    InputError, SourceError
        As `followup.fetch_figures`.

    Examples
    --------
    >>> from segkit.sources import Client
    >>> asks = Client(dry_run=True, cache="no-such-folder")
    >>> figures = fetched_figures("kalmar", periods=[2024], client=asks)
    >>> "0880,0780,1080,1290,1380" in asks.planned[0].url
    True
    """
    try:
        code = geodata.MUNICIPALITIES[geodata.municipality(municipality).name][0]
    except UnknownNameError:
        code = municipality
    embedded = embedded_figures()
    newest = int(embedded["period"].max())
    years = range(newest - _BACK + 1, newest + 1) if periods is None else periods
    places = [code, *(PEERS.get(code, ()) if peers is None else peers)]
    fetched = fetch_figures(places, list(years), client=client)
    both = pd.concat([part for part in (fetched, embedded) if len(part)], ignore_index=True)
    keys = ["key_figure", "municipality", "sex", "period"]
    return both.drop_duplicates(keys, keep="first", ignore_index=True)


def read_codes(path: str | Path) -> list[str]:
    """Read a list of codes from a text file, one a line; what follows ``#`` is a remark.

    Raises
    ------
    FileError
        When there is no such file.
    InputError
        When it holds no code.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "list.txt"
    ...     _ = file.write_text("0880  # Kalmar", encoding="utf-8")
    ...     read_codes(file)
    ['0880']
    """
    file = existing(path)
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(message(file.name, "is no text in UTF-8")) from error
    codes = [line.partition("#")[0].strip() for line in lines]
    found = list(dict.fromkeys(code for code in codes if code))
    if not found:
        raise InputError(message(file.name, "holds no code", fix="Write one code a line."))
    return found
