"""Bring figures to other areas by a table that says which area becomes which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_choice, check_columns, complete, numbers
from segkit.catalogue import indicators
from segkit.errors import InputError, message
from segkit.geography._sharing import (
    COMPANIONS,
    Conversion,
    Links,
    Missing,
    Task,
    check_areas,
    check_figures,
    share_out,
    statistics,
    tally,
)
from segkit.panels import cells, joining
from segkit.panels.areas import indicator_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Outside = Literal["raise", "report", "keep"]

#: How far the shares of an area may be from adding up to one (published shares are rounded).
SUM_OF_SHARES = 0.005


def crosswalk(
    values: pd.DataFrame,
    key: pd.DataFrame | str | Path,
    *,
    from_id: str,
    to_id: str,
    share: str | None = None,
    extensive: Sequence[str] = (),
    intensive: Sequence[str] = (),
    weight: str | Mapping[str, str] = "population",
    outside: Outside = "raise",
    missing: Missing = "raise",
) -> Conversion:
    """Bring figures to other areas by a key table: areas that merge are summed, those that split are shared.

    Parameters
    ----------
    values : pandas.DataFrame
        Figures with ``area_id`` and perhaps ``period``, one row each.
    key : pandas.DataFrame or path of a CSV or Excel file
        One row for each pair of an old and a new area; many to many is allowed.
    from_id, to_id : str
        The columns of `key` with the codes of `values`, and of the areas wanted.
    share : str, optional
        The column of `key` with the part of the old area's people (0-1) that the new area gets. Needed
        when an area has several new ones; per old area the shares add up to 1.
    extensive : sequence of str
        Counts: shared out and summed.
    intensive : sequence of str
        Shares, means and medians: averaged by `weight`.
    weight : str or mapping
        The column of `values` with the denominators of the intensive figures, one for all or
        figure -> column.
    outside : {"raise", "report", "keep"}
        What to do with areas that the key lacks: refuse, leave them out and state it, or let them keep
        their code, as in a file that lists changed areas only.
    missing : {"raise", "report"}
        Whether a missing figure, or an area of the key that `values` lacks, is an error, or makes missing
        what it touches.

    Returns
    -------
    Conversion
        Flags, ranges and totals as of `interpolate`; ``coverage`` is 1 for all.

    Raises
    ------
    InputError
        When shares do not add up to 1, are needed and not given, a pair or an area stands twice, an
        area is in no row of the key, or figures are missing.
    UnknownNameError
        When a column is missing.

    Notes
    -----
    Sharing out assumes that the parts of an old area are alike; the range says how wrong that can be. A
    mean of medians is flagged ``interpolated``, since it is not the median of the larger area.

    References
    ----------
    Statistics Sweden (2025). Demographic Statistical Areas: change file 2018-2025.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"area_id": ["a", "b"], "population": [100.0, 300.0], "rate": [10.0, 50.0]})
    >>> key = pd.DataFrame({"old": ["a", "b", "b"], "new": ["X", "X", "Y"], "part": [1, 0.25, 0.75]})
    >>> found = crosswalk(values, key, from_id="old", to_id="new", share="part",
    ...                   extensive=["population"], intensive=["rate"]).areas
    >>> found[["area_id", "population", "rate", "population_flag"]].values.tolist()
    [['X', 175.0, 27.142857142857142, 'interpolated'], ['Y', 225.0, 50.0, 'interpolated']]
    """
    check_choice(outside, ("raise", "report", "keep"), argument="outside")
    check_areas(values, "values")
    weights = check_figures(values, extensive, intensive, weight if intensive else None, argument="values")
    bare = [c for c in intensive if c not in weights]
    if bare:
        fix = "Say what each is a share or mean of, such as weight={'employment_rate': 'population_20_64'}."
        raise InputError(message("weight", "is not named for", bare, fix))
    table = _read_key(key, from_id, to_id, share)
    known = list(dict.fromkeys(values["area_id"]))
    stray = [code for code in known if code not in set(table["from"])]
    if stray and outside == "raise":
        fix = (
            "Use outside='keep' when the key lists changed areas only, or outside='report' to leave them out."
        )
        raise InputError(message("key", f"lacks {len(stray)} areas of the values", stray, fix))
    if stray and outside == "keep":
        table = pd.concat([table, pd.DataFrame({"from": stray, "to": stray, "share": 1.0})])
    # A national key has rows of places that the values are not about.
    table = table[table["to"].isin(set(table.loc[table["from"].isin(known), "to"]))]
    if table.empty:
        raise InputError(message("key", "has no row for any area of the values", known))
    lacking = [code for code in dict.fromkeys(table["from"]) if code not in set(known)]
    ids, targets = [*known, *lacking], sorted(set(table["to"]))
    links = _links(table, ids, targets, _mass(values, ids, weight, intensive))
    made, totals = share_out(values, ids, targets, links, Task(extensive, intensive, weights, missing, ""))
    lost = pd.DataFrame({"area_id": stray if outside == "report" else [], "share": 1.0})
    per_source = table.groupby("from").size()
    method = {
        "shared out by": "key" if share is None else f"key ({share})",
        "areas before": len(known),
        "areas after": len(targets),
        "areas divided": int((per_source > 1).sum()),
        "areas kept without a row in the key": len(stray) if outside == "keep" else 0,
        "areas left out": len(lost),
        "areas of the key without values": ", ".join(lacking),
    }
    return Conversion(made, totals, lost, statistics(method))


def _read_key(key: pd.DataFrame | str | Path, from_id: str, to_id: str, share: str | None) -> pd.DataFrame:
    """Return the key as from, to and share, checked."""
    raw = cells.read_table(key) if isinstance(key, str | Path) else key
    check_columns(raw, [from_id, to_id, *([] if share is None else [share])], argument="key")
    if raw.empty:
        raise InputError(message("key", "has no rows"))
    table = pd.DataFrame({"from": joining.codes(raw[from_id]), "to": joining.codes(raw[to_id])})
    table = table.reset_index(drop=True)
    for column, name in (("from", from_id), ("to", to_id)):
        empty = (table[column] == "").to_numpy()
        if empty.any():
            raise InputError(message(f"key {name}", "is empty in rows", np.flatnonzero(empty).tolist()))
    labels = table["from"] + " to " + table["to"]
    twice = table.duplicated(["from", "to"], keep=False)
    if twice.any():
        raise InputError(message("key", "has a pair more than once", labels[twice].unique().tolist()))
    if share is None:
        several = table.loc[table["from"].duplicated(keep=False), "from"].unique().tolist()
        if several:
            fix = "Say how they are divided: share= a column with the part of the people of each row."
            raise InputError(message("share", "is needed for areas that have several new ones", several, fix))
        return table.assign(share=1.0)
    text = cells.parse_numbers(raw[share].reset_index(drop=True), labels, argument=f"key {share}")
    table["share"] = complete(pd.DataFrame({"area_id": labels, share: text}), share, least=0)
    total = table.groupby("from")["share"].sum()
    off = total[(total - 1).abs() > SUM_OF_SHARES]
    if len(off):
        names = [f"{code}: {part:g}" for code, part in off.items()]
        fix = "Per cent must be divided by 100." if off.between(99, 101).any() else "Complete the key."
        raise InputError(message(f"key {share}", "does not add up to 1 for every area", names, fix))
    table["share"] /= table["from"].map(total)
    return table[table["share"] > 0]


def _mass(
    values: pd.DataFrame, ids: Sequence[str], weight: str | Mapping[str, str], intensive: Sequence[str]
) -> Floats:
    """Return how much each area counts in the share from whole ones: its newest weight, or 1 for each."""
    if not (isinstance(weight, str) and weight in values and intensive):
        return np.ones(len(ids))
    table = pd.DataFrame({"area_id": values["area_id"], "mass": numbers(values, weight, least=0)})
    if "period" in values:
        table = table.assign(period=values["period"]).sort_values("period", kind="stable")
    newest = table.dropna().drop_duplicates("area_id", keep="last").set_index("area_id")["mass"]
    return np.asarray(newest.reindex(list(ids)).fillna(0.0), dtype=np.float64)


def _links(table: pd.DataFrame, ids: Sequence[str], targets: Sequence[str], mass: Floats) -> Links:
    source = pd.Index(ids).get_indexer(pd.Index(table["from"]))
    target = pd.Index(targets).get_indexer(pd.Index(table["to"]))
    share = table["share"].to_numpy(np.float64)
    inside = tally(source, share, len(ids))
    whole = share >= 1 - 1e-12
    outside = np.where(inside > 0, 0.0, 1.0)
    return Links(source, target, share, whole, outside, np.ones(len(targets)), mass)


def aggregate(
    panel: pd.DataFrame,
    to: str,
    *,
    key: pd.DataFrame | str | Path | None = None,
    key_id: str = "area_id",
    name: str | None = None,
    extensive: Sequence[str] | None = None,
    intensive: Sequence[str] | None = None,
    weight: str | Mapping[str, str] = "population",
    outside: Outside = "raise",
    missing: Missing = "raise",
) -> Conversion:
    """Sum up a panel of small areas to larger or own ones, such as DeSO to RegSO or to a town's districts.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per area and period; with geometry the boundaries are dissolved.
    to : str
        The column with the code of the larger area: of `panel`, or of `key`.
    key : pandas.DataFrame or path of a CSV or Excel file, optional
        A table that says which larger area each area belongs to, such as the municipality's own NYKO.
    key_id : str
        The column of `key` with the codes of `panel`.
    name : str, optional
        The column (where `to` is) with the larger area's name; the code without it.
    extensive, intensive : sequence of str, optional
        Counts, which are summed, and the others, which are averaged. By default population and what the
        catalogue knows as counts, and every other figure that the panel has any value of. Standard errors
        and ranges are not carried over.
    weight : str or mapping
        What shares and means are weighted by: their denominators where they are at hand. A period without
        it takes that of the nearest period, which ``totals`` tells.
    outside, missing : str
        As for `crosswalk`.

    Returns
    -------
    Conversion
        ``areas`` is a panel; figures are flagged ``computed``, averaged medians ``interpolated``.

    Raises
    ------
    InputError
        When an area has several larger ones or none, or figures are missing.
    UnknownNameError
        When a column is missing.

    Examples
    --------
    >>> from segkit import areas, geography
    >>> found = aggregate(areas.load_example("kalmar"), "regso_id", name="regso_name").areas
    >>> len(found), found.loc[found["period"] == 2025, "population"].sum()
    (34, np.float64(73055.0))
    """
    check_areas(panel, "panel")
    check_columns(panel, ["area_id"], argument="panel")
    table = _read_links(panel, key, key_id, to, name)
    found = [c for c in indicator_columns(panel) if c != to and not c.endswith(COMPANIONS)]
    found = [c for c in found if pd.api.types.is_numeric_dtype(panel[c]) and panel[c].notna().any()]
    counts = [c for c in found if c == "population" or indicators.is_count(c)]
    asked = set(extensive or ()) | set(intensive or ())
    summed = [c for c in counts if c not in asked] if extensive is None else list(extensive)
    means = [c for c in found if c not in {*counts, *asked}] if intensive is None else list(intensive)
    result = crosswalk(
        pd.DataFrame(panel),
        table,
        from_id="area_id",
        to_id=to,
        extensive=summed,
        intensive=means,
        weight=weight,
        outside=outside,
        missing=missing,
    )
    return Conversion(
        _as_panel(result.areas, panel, table, to, name), result.totals, result.outside, result.method
    )


def _read_links(
    panel: pd.DataFrame, key: pd.DataFrame | str | Path | None, key_id: str, to: str, name: str | None
) -> pd.DataFrame:
    """Return which larger area each area belongs to, from the panel itself or a key."""
    if key is None:
        raw, own = panel, "area_id"
    else:
        raw, own = (cells.read_table(key) if isinstance(key, str | Path) else key), key_id
    argument = "panel" if key is None else "key"
    check_columns(raw, [own, to, *([] if name is None else [name])], argument=argument)
    table = pd.DataFrame({"area_id": joining.codes(raw[own]), to: joining.codes(raw[to])})
    if name is not None:
        table["name"] = raw[name].astype(str)
    return table.drop_duplicates(["area_id", to], ignore_index=True)


def _as_panel(
    made: pd.DataFrame, panel: pd.DataFrame, table: pd.DataFrame, to: str, name: str | None
) -> pd.DataFrame:
    """Give the larger areas their names and, where the small ones have boundaries, their own."""
    import geopandas as gpd

    called = table.drop_duplicates(to).set_index(to)["name"] if name is not None else None
    names = made["area_id"].map(called) if called is not None else made["area_id"]
    names = names.fillna(made["area_id"]).astype(str)
    made.insert(1, "name", names)
    if not isinstance(panel, gpd.GeoDataFrame) or panel.geometry.isna().all():
        return made
    shapes = panel.drop_duplicates("area_id")[["area_id", panel.geometry.name]]
    shapes = shapes if panel.geometry.name == "geometry" else shapes.rename_geometry("geometry")
    linked = table.set_index("area_id")[to]
    shapes["area_id"] = shapes["area_id"].map(linked).fillna(shapes["area_id"])
    dissolved = shapes.dissolve(by="area_id", as_index=False)
    joined = made.merge(dissolved, on="area_id", how="left", validate="m:1")
    placed: pd.DataFrame = gpd.GeoDataFrame(joined, geometry="geometry", crs=panel.crs)
    return placed
