"""What changed between two versions of a division, found by laying one over the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_number, numbers
from segkit.errors import InputError, message
from segkit.geography import _overlay
from segkit.geography._interpolating import _one_shape_each
from segkit.geography._sharing import check_areas

if TYPE_CHECKING:
    import geopandas as gpd

COLUMNS = ["old", "new", "cause", "share"]


def boundary_changes(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, *, weight: str | None = None, tolerance: float = 0.01
) -> pd.DataFrame:
    """Find which areas changed between two versions of a division, as `chain` wants to be told.

    Overlaps of at most `tolerance` of the smaller area are the drawing's, not changes. An area that lies
    where it lay, and at most grew into what no area held before (which is water, since the areas cover all
    land), has the cause ``water``; one whose code alone is new has ``unchanged``.

    Parameters
    ----------
    old, new : geopandas.GeoDataFrame
        Areas with ``area_id`` and polygons; of a panel each area is taken once.
    weight : str, optional
        Column of `new` with people, by which the people of a divided area are shared out; they are taken to
        be spread evenly within each new area. Without it the areas' size is taken.
    tolerance : float
        From 0 to less than 0.5.

    Returns
    -------
    pandas.DataFrame
        ``old, new, cause`` (``unchanged, water, boundary, redrawn``), ``share`` (0-1, of the old area's
        people in the new one): one row for each pair that changed.

    Raises
    ------
    InputError
        When geometry is missing or the tolerance is out of range.

    References
    ----------
    Statistics Sweden (2025). Demographic Statistical Areas: change file 2018-2025.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> old = gpd.GeoDataFrame({"area_id": ["a", "b"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 3, 1)], crs=3006)
    >>> new = gpd.GeoDataFrame({"area_id": ["a", "b", "c"], "people": [9, 30, 10]}, crs=3006,
    ...                        geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1)])
    >>> boundary_changes(old, new, weight="people").values.tolist()
    [['b', 'b', 'redrawn', 0.75], ['b', 'c', 'redrawn', 0.25]]
    """
    import shapely

    if not 0 <= check_number(tolerance, argument="tolerance") < 0.5:
        raise InputError(message("tolerance", f"is {tolerance!r}, must be from 0 to less than 0.5"))
    for layer, argument in ((old, "old"), (new, "new")):
        check_areas(layer, argument)
    before, _ = _overlay.ready(_one_shape_each(old), "old")
    after, _ = _overlay.ready(_one_shape_each(new), "new")
    one, other = before.geometry.to_numpy(), after.geometry.to_numpy()
    found = _overlay.pairs(one, other, tolerance)
    part_of_old = found.area / shapely.area(one)[found.one]
    part_of_new = found.area / shapely.area(other)[found.other]
    table = pd.DataFrame(
        {
            "old": before["area_id"].to_numpy()[found.one],
            "new": after["area_id"].to_numpy()[found.other],
        }
    )
    alone = ~table["old"].duplicated(keep=False) & ~table["new"].duplicated(keep=False)
    kept, same = part_of_old >= 1 - tolerance, part_of_new >= 1 - tolerance
    causes = [alone & kept & same, alone & kept, alone]
    table["cause"] = np.select(causes, ["unchanged", "water", "boundary"], "redrawn")
    people = shapely.area(other) if weight is None else numbers(after, weight, least=0)
    mass = pd.Series(np.nan_to_num(people[found.other]) * part_of_new)
    total = mass.groupby(table["old"]).transform("sum")
    # Where nobody lives now the size decides.
    size = pd.Series(part_of_old).groupby(table["old"]).transform("sum")
    table["share"] = np.where(total > 0, mass / total.where(total > 0, 1.0), part_of_old / size)
    changed = ~((table["cause"] == "unchanged") & (table["old"] == table["new"]))
    return table.loc[changed, COLUMNS].sort_values(["old", "new"], ignore_index=True)
