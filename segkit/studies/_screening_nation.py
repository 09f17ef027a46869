"""The municipality beside others in the four fields of the grant of 2018, as far as figures reach."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segkit import areas
from segkit.screening._examples import GRANT_FIELDS

#: Where the figures of whole municipalities go by another name.
_NAMED = {"turnout": "turnout_riksdag"}
_COUNTRY = "00"


def municipality(code: str) -> pd.DataFrame:
    """Return the four fields of a municipality beside the others with the same definition and period.

    Parameters
    ----------
    code : str
        Of four digits; another gives an empty table.

    Returns
    -------
    pandas.DataFrame
        ``indicator, period, value, sweden`` (missing where no figure has the same definition), ``lowest,
        highest, n_others, place`` (1 is the weakest), ``source``.

    Examples
    --------
    >>> municipality("0483")["indicator"].tolist()
    ['unemployment_rate', 'employment_rate', 'post_secondary_share', 'turnout']
    """
    reference = areas.load_reference()
    rows = []
    for indicator, sign in GRANT_FIELDS:
        same = reference[reference["indicator"] == _NAMED.get(indicator, indicator)]
        own = same[same["municipality_code"] == code].sort_values("period", kind="stable")
        if own.empty:
            continue
        newest = own.iloc[-1]
        beside = same[
            (same["period"] == newest["period"])
            & (same["source_table"] == newest["source_table"])
            & (same["unit"] == newest["unit"])
        ]
        country = beside.loc[beside["municipality_code"] == _COUNTRY, "value"]
        others = beside.loc[~beside["municipality_code"].isin([_COUNTRY, code]), "value"]
        weaker = others > newest["value"] if sign == ">=" else others < newest["value"]
        rows.append(
            {
                "indicator": indicator,
                "period": str(newest["period"]),
                "value": float(newest["value"]),
                "sweden": float(country.iloc[0]) if len(country) else np.nan,
                "lowest": float(others.min()) if len(others) else np.nan,
                "highest": float(others.max()) if len(others) else np.nan,
                "n_others": len(others),
                "place": int(weaker.sum()) + 1,
                "source": f"{newest['source']} {newest['source_table']}",
            }
        )
    return pd.DataFrame(rows)
