"""Key figures from Kolada, in the shape that the table of a follow-up takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.errors import InputError, message
from segkit.followup._catalogue import key_figures
from segkit.followup._figures import COLUMNS, COUNTRY
from segkit.sources import kolada

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.sources import Client

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
