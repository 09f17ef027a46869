"""Turnout by area, from election districts whose boundaries are others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from segkit.base.checks import check_columns
from segkit.catalogue import indicators
from segkit.errors import InputError, message
from segkit.geography._model import transfer_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

#: What election districts and DeSO share, and turnout depends on.
TURNOUT_PREDICTORS = indicators.with_role("turnout_predictor")


def turnout_by_area(
    panel: gpd.GeoDataFrame,
    districts: pd.DataFrame,
    links: pd.DataFrame,
    *,
    predictors: Sequence[str] = TURNOUT_PREDICTORS,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Add turnout to a panel of areas, from election districts whose boundaries are others.

    For each election in `districts`, `transfer_model` is run with the predictors of the period nearest
    to the election in each geography; a predictor that some districts of an election lack is left out
    for that election, and the returned model shows which were used. Links of districts that changed boundary
    (``boundary_comparable`` 0) are used for the last election only, to which they refer.

    Parameters
    ----------
    panel : geopandas.GeoDataFrame
        A panel of areas with ``population`` and the predictors.
    districts : pandas.DataFrame
        A panel of election districts with ``ballots, electorate, population`` and the predictors.
    links : pandas.DataFrame
        As for `transfer_model`.
    predictors : sequence of str
        What both geographies share.

    Returns
    -------
    panel : geopandas.GeoDataFrame
        The panel with rows for the elections and the columns ``turnout, turnout_se, turnout_flag``
        (``observed``, ``partly observed``, ``modelled``; with ``, preliminary`` where the districts'
        figures are) and ``turnout_coverage`` (0-1).
    model : pandas.DataFrame
        ``period, statistic, value`` of the model of each election.

    Raises
    ------
    InputError
        When every predictor is missing for some district of an election, and as `transfer_model`.
    UnknownNameError
        When a column is missing or a link names an unknown unit or area.

    Examples
    --------
    >>> from segkit import areas
    >>> districts, links = areas.load_example("kalmar", "districts"), areas.load_district_links("kalmar")
    >>> panel, model = turnout_by_area(areas.load_example("kalmar"), districts, links)
    >>> int((panel["period"] == 2022).sum())
    43
    """
    check_columns(
        districts, ["area_id", "ballots", "electorate", "period", "population"], argument="districts"
    )
    voted = districts[districts["ballots"].notna()]
    elections = sorted(int(p) for p in voted["period"].unique())
    described = [
        c for c in ("area_id", "name", "regso_id", "regso_name", "deso_2018", "geometry") if c in panel
    ]
    shapes = panel.drop_duplicates("area_id")[described]
    parts, models = [panel], []
    for election in elections:
        source = _nearest(districts, ["population", *predictors], election)
        rows = voted[voted["period"] == election]
        source = rows[["area_id", "ballots", "electorate"]].merge(source, on="area_id", validate="1:1")
        target = _nearest(panel, ["population", *predictors], election)
        usable = _usable(links, rows, last=election == elections[-1])
        shared = [p for p in predictors if source[p].notna().all()]
        if not shared:
            rule = f"are all missing for some of the districts of {election}"
            raise InputError(
                message("predictors", rule, predictors, "Name others that both geographies have.")
            )
        values, model = transfer_model(
            source, target, usable, events="ballots", total="electorate", predictors=shared
        )
        early = (rows["turnout_flag"] == "preliminary").any() if "turnout_flag" in rows else False
        values = values.rename(
            columns={"value": "turnout", "se": "turnout_se", "coverage": "turnout_coverage"}
        )
        values["turnout_flag"] = values["flag"] + (", preliminary" if early else "")
        columns = ["area_id", "turnout", "turnout_se", "turnout_flag", "turnout_coverage"]
        parts.append(shapes.merge(values[columns], on="area_id", validate="1:1").assign(period=election))
        models.append(model.assign(period=election))
    return _stack(parts), pd.concat(models, ignore_index=True)[["period", "statistic", "value"]]


def _stack(parts: list[pd.DataFrame]) -> gpd.GeoDataFrame:
    """Join a panel and rows of new periods, in the panel's order of columns."""
    import geopandas as gpd

    panel, *new = parts
    added = ["turnout", "turnout_se", "turnout_flag", "turnout_coverage"]
    rows = pd.concat([panel.drop(columns=[c for c in added if c in panel]), *new], ignore_index=True)
    # A period that the panel had before keeps one row: its figures and the turnout.
    keys = ["area_id", "period"]
    joined = rows.groupby(keys, sort=False, as_index=False).first()
    order = [c for c in panel.columns if c not in {*added, "geometry"}]
    joined["turnout_flag"] = joined["turnout_flag"].fillna("")
    frame = joined[[*order, *added, "geometry"]].sort_values(["period", "area_id"], ignore_index=True)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=panel.crs)


def _nearest(panel: pd.DataFrame, columns: Sequence[str], period: int) -> pd.DataFrame:
    """Return one row per area with each column's value of the period nearest to `period`."""
    check_columns(panel, columns, argument="panel")
    result = panel[["area_id"]].drop_duplicates().reset_index(drop=True)
    distance = (panel["period"] - period).abs()
    for column in columns:
        rows = panel.assign(_distance=distance)[panel[column].notna()]
        # Of two periods equally near the earlier stands first, so the answer does not depend on order.
        rows = rows.sort_values(["_distance", "period"], kind="stable").drop_duplicates("area_id")
        result = result.merge(rows[["area_id", column]], how="left", on="area_id")
    return result


def _usable(links: pd.DataFrame, rows: pd.DataFrame, *, last: bool) -> pd.DataFrame:
    """Keep the links that hold at an election: of districts that voted, with the boundaries linked."""
    known = rows
    if not last and "boundary_comparable" in rows:
        known = rows[rows["boundary_comparable"] == 1]
    return links[links["district_id"].isin(set(known["area_id"]))]
