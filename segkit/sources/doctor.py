"""Which sources answer, what is kept, which versions: one line each, and never an error."""

from __future__ import annotations

import platform
import time
from importlib import metadata
from typing import TYPE_CHECKING

import pandas as pd

from segkit.catalogue import embedded
from segkit.errors import NotFetchedError, SegkitError
from segkit.sources import boundaries, kolada

if TYPE_CHECKING:
    from collections.abc import Callable

    from segkit.sources.http.client import Client

_PACKAGES = ("segkit", "geopandas", "shapely", "pandas", "matplotlib", "folium", "scikit-learn", "requests")


def checkup(client: Client) -> pd.DataFrame:
    """Tell which sources answer, how much of each is kept, and which versions are installed.

    Parameters
    ----------
    client : Client
        Asks; offline it only tells what is kept.

    Returns
    -------
    pandas.DataFrame
        ``check`` (what), ``state`` (ok, offline, failed), ``detail`` (time, number kept, version, or what
        went wrong and what to try).

    Examples
    --------
    >>> from segkit.sources import Client
    >>> table = checkup(Client(offline=True, cache="no-such-folder"))
    >>> table.loc[table["check"] == "scb", "state"].item()
    'offline'
    """
    rows = [_asked(name, ask) for name, ask in _questions(client).items()]
    rows += [_kept(client), _embedded()]
    rows.append(("python", "ok", platform.python_version()))
    rows += [_version(name) for name in _PACKAGES]
    return pd.DataFrame(rows, columns=["check", "state", "detail"])


def _questions(client: Client) -> dict[str, Callable[[], object]]:
    """Return a small question to each service."""
    from segkit.sources import scb

    def wfs() -> object:
        query = {"service": "WFS", "version": "2.0.0", "request": "GetFeature", "count": 1}
        query |= {"typeNames": "stat:RegSO_2025", "outputFormat": "application/json", "sortBy": "regsokod"}
        return client.json(client.base("wfs", boundaries.OFFICIAL), params=query)

    return {
        "scb": lambda: scb.config(client=client),
        "kolada": lambda: kolada.metadata("municipality", client=client),
        "wfs": wfs,
    }


def _asked(name: str, ask: Callable[[], object]) -> tuple[str, str, str]:
    began = time.monotonic()
    try:
        ask()
    except NotFetchedError as error:
        return name, "offline", str(error)
    except SegkitError as error:
        return name, "failed", str(error)
    return name, "ok", f"{time.monotonic() - began:.1f} s"


def _kept(client: Client) -> tuple[str, str, str]:
    """Tell how many answers are kept, their size and age."""
    heads = list(client.cache.heads())
    if not heads:
        return "cache", "ok", f"0 answers in {client.cache.folder}"
    size = sum(int(head["bytes"]) for head in heads) / 1e6
    dates = sorted(head.get("retrieved", "")[:10] for head in heads)
    span = " to ".join(dict.fromkeys((dates[0], dates[-1])))
    return "cache", "ok", f"{len(heads)} answers, {size:.1f} MB, {span}, in {client.cache.folder}"


def _embedded() -> tuple[str, str, str]:
    try:
        return "geodata", "ok", str(embedded.folder())
    except SegkitError as error:
        return "geodata", "failed", str(error)


def _version(name: str) -> tuple[str, str, str]:
    try:
        return name, "ok", metadata.version(name)
    except metadata.PackageNotFoundError:
        return name, "failed", "not installed"
