"""What a study takes from outside: figures of Kolada, and lists in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit import _geodata, followup
from segkit._files import existing
from segkit.errors import InputError, UnknownNameError, message
from segkit.survey.comparing import PEERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from segkit.sources import Client

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
        code = _geodata.MUNICIPALITIES[_geodata.municipality(municipality).name][0]
    except UnknownNameError:
        code = municipality
    embedded = followup.embedded_figures()
    newest = int(embedded["period"].max())
    years = range(newest - _BACK + 1, newest + 1) if periods is None else periods
    places = [code, *(PEERS.get(code, ()) if peers is None else peers)]
    fetched = followup.fetch_figures(places, list(years), client=client)
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
