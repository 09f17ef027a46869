"""From draws to the tidy table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_share
from segkit.base.tidy import TIDY
from segkit.errors import message, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Floats
    from segkit.inference.scoring import Columns, Scorer


def summary(
    scorers: Sequence[Scorer], observed: Floats, draws: Floats, confidence: float | None
) -> pd.DataFrame:
    """Return value, standard error and percentile interval per measure."""
    many = len(draws) > 1
    found = pd.DataFrame({"measure": [scorer.name for scorer in scorers], "value": observed})
    found["se"] = draws.std(axis=0, ddof=1) if many else np.nan
    tail = (1 - (confidence or 0)) / 2
    ends = np.quantile(draws, [tail, 1 - tail], axis=0)
    found["ci_low"], found["ci_high"] = ends if confidence is not None else (np.nan, np.nan)
    return found


def tidy(
    found: pd.DataFrame, columns: Columns, *, period: int | str, n_areas: int, n_missing: int
) -> pd.DataFrame:
    """Complete rows to the tidy table; what a test adds comes last."""
    common = {
        "period": period,
        "region": "",
        "group": columns.label,
        "n_areas": n_areas,
        "n_missing": n_missing,
    }
    full = found.assign(**common)
    return full[[*TIDY, *[column for column in full if column not in TIDY]]]


def check_confidence(confidence: float) -> None:
    """Check a level of confidence."""
    check_share(confidence, argument="confidence", fix="Such as 0.95.")


def warn_of_one_area(n_areas: int) -> None:
    """Warn the caller's caller when there is nothing to draw from."""
    if n_areas == 1:
        rule = "has one area with people, so that nothing varies between the draws: the interval says nothing"
        warn(message("data", rule))
