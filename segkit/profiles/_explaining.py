"""Which indicators put an area in its profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.errors import InputError, UnknownNameError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Floats
    from segkit.profiles._model import Profiles


def explain(
    model: Profiles,
    data: pd.DataFrame,
    anchors: Floats,
    other: pd.Series,
    area_id: str | Sequence[str] | None,
) -> pd.DataFrame:
    """See `Profiles.explain`."""
    rows = _rows(model, data, area_id)
    chosen, columns = data.iloc[rows], list(model.columns)
    # With all areas at hand: one alone may lack a figure that was filled.
    points = model.standardizer_.transform(data).to_numpy()[rows]
    own = model.labels_.to_numpy()[rows]
    beside = other.to_numpy()[rows]
    to_own, to_other = points - anchors[own - 1], points - anchors[beside - 1]
    times = len(columns)
    table = {
        name: np.repeat(chosen[name].to_numpy(), times) for name in ("area_id", "name") if name in chosen
    }
    return pd.DataFrame(
        {
            **table,
            "profile": np.repeat(own, times),
            "other_profile": np.repeat(beside, times),
            "indicator": columns * len(rows),
            "value": model.standardizer_.filled(data).to_numpy()[rows].ravel(),
            "standardized": points.ravel(),
            "contribution": model.composite_.contributions(data)[columns].to_numpy()[rows].ravel(),
            "to_own": to_own.ravel(),
            "to_other": to_other.ravel(),
            "pull": (to_other**2 - to_own**2).ravel(),
        }
    )


def _rows(model: Profiles, data: pd.DataFrame, area_id: str | Sequence[str] | None) -> list[int]:
    """Return the positions of the areas asked for; all that have a profile without a choice."""
    if area_id is None:
        return np.flatnonzero(model.labels_.to_numpy() > 0).tolist()
    ids = [area_id] if isinstance(area_id, str) else list(area_id)
    rows = pd.Index(data["area_id"]).get_indexer(ids)
    stray = [i for i, row in zip(ids, rows, strict=True) if row < 0]
    if stray:
        raise UnknownNameError(message("area_id", "is not among the areas fitted", stray))
    aside = [i for i, row in zip(ids, rows, strict=True) if model.labels_.iloc[row] == 0]
    if aside:
        fix = 'Use set_aside_as="nearest" to compare them with the profiles.'
        raise InputError(message("area_id", "was set aside and has no profile", aside, fix))
    return [int(row) for row in rows]
