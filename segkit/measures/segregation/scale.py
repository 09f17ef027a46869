"""Segregation by scale: environments of the k nearest people, and a measure at one scale after another.

A place can be mixed as a whole and divided from block to block, or the other way around. One scale cannot
tell; a profile over scales can. Scales are numbers of people (the same size of company wherever one
lives) or meters (the same walk).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, check_count
from segkit.base.namespace import public
from segkit.errors import InputError, message, warn
from segkit.measures.segregation.kernel import check_length, check_measure, environment_measure, settlement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import numpy.typing as npt

    from segkit.base.checks import Floats
    from segkit.measures.segregation.kernel import Settlement

__all__ = ["nearest_people", "scale_profile"]

__dir__ = public(__all__)

#: Centroids within this many meters are at the same distance.
_TIE = 1e-6

#: Values up to this are rounding: no segregation.
_NONE = 1e-9

#: Nearest areas that a first search looks at, and pairs that are in memory at once.
_FIRST, _PAIRS = 16, 2_000_000


def nearest_people(
    data: gpd.GeoDataFrame, *, group: str, total: str, k: int, engine: str = "area", missing: str = "raise"
) -> pd.Series[float]:
    r"""Share of the group among the k nearest people of each area.

    .. math:: \tilde p_i = \frac{1}{k} \sum_j a_{ij} x_j, \quad \sum_j a_{ij} t_j = k

    with x the group, t the total and a_ij the part of area j, 0 to 1, that belongs to the k nearest.
    The people of the area itself come first, then those of other areas by the distance between centroids,
    until there are k. Areas at the same distance are taken together, and of the last the part that is
    needed: with 30 people still to find, an area of 120 gives a quarter of its people and of its members.

    Parameters
    ----------
    data : geopandas.GeoDataFrame
        One row per area, one period, polygons in a coordinate system in meters.
    group, total : str
        Columns with the count of the group and of everyone, per area.
    k : int
        Number of people. With k up to the size of an area the share is the area's own; with k from the
        number of all people it is P, the share of the whole place, everywhere.
    engine : {"area", "equipop"}
        Own search, or the package `equipop` if it is installed. Both give the same, except that `equipop`
        takes areas with the very same centroid (one around the other) together, where the own search
        takes the area itself first.
    missing : {"raise", "drop"}
        Whether a missing count is an error or makes its area count as one without people.

    Returns
    -------
    pandas.Series
        0 to 1, aligned with the index of `data`; an area without people has the share of those nearest.

    Raises
    ------
    InputError
        If counts are not as for `dissimilarity`, the geometry is missing, invalid or not in meters, `k`
        is not a whole number from 1 up, or `equipop` is asked for and not installed.

    Notes
    -----
    Everyone is taken to live at the centroid, so with k smaller than the areas this is no more detailed
    than the areas are. Software for single persons or small grid cells may take the last ring whole,
    which passes k; here k is met exactly.

    References
    ----------
    Östh, J., Malmberg, B. & Andersson, E. K. (2014). Analysing segregation using individualized
    neighbourhoods. In Lloyd, C. D., Shuttleworth, I. G. & Wong, D. W. (eds), Social-Spatial Segregation,
    135-162. Bristol: Policy Press.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> row = [box(100 * i, 0, 100 * i + 100, 100) for i in range(4)]
    >>> counts = {"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]}
    >>> areas = gpd.GeoDataFrame(counts, geometry=row, crs=3006)
    >>> nearest_people(areas, group="group", total="total", k=200).tolist()
    [0.8, 0.65, 0.35, 0.2]
    """
    check_choice(engine, ("area", "equipop"), argument="engine")
    check_count(k, argument="k")
    here = settlement(data, group=group, total=total, missing=missing)
    search = nearest_shares if engine == "area" else _by_equipop
    return pd.Series(search(here, [k])[:, 0], index=data.index, name="nearest_people")


def scale_profile(
    data: gpd.GeoDataFrame,
    measure: str,
    *,
    group: str,
    total: str,
    bandwidths: Sequence[float] | None = None,
    k: Sequence[int] | None = None,
    kernel: str = "biweight",
    missing: str = "raise",
) -> pd.DataFrame:
    r"""Segregation at one scale after another, and how much of it remains at the larger scales.

    .. math:: r_s = \frac{S_s}{S_1}

    with S_s the measure at scale s, S_1 at the smallest and r_s their ratio. Environments are all people
    within a bandwidth, as in `spatial`, or the k nearest people, as in `nearest_people`. The formulas
    of the measures are those of `spatial`.

    Parameters
    ----------
    data : geopandas.GeoDataFrame
        One row per area, one period, polygons in a coordinate system in meters.
    measure : str
        As for `spatial`.
    group, total : str
        Columns with the count of the group and of everyone, per area.
    bandwidths : sequence of float, optional
        Scales in meters. Either these or `k`.
    k : sequence of int, optional
        Scales in people.
    kernel : str
        As for `spatial`; used with `bandwidths` only.
    missing : {"raise", "drop"}
        Whether a missing count is an error or leaves its area out.

    Returns
    -------
    pandas.DataFrame
        One row per scale, from the smallest: ``measure, scale`` (meters or people), ``value`` and
        ``ratio``, the value divided by that at the smallest scale (Reardon et al.'s macro/micro ratio).
        A ratio near 1 says that what is measured at the small scale are parts of large regions; a ratio
        near 0 that it evens out over short distances.

    Raises
    ------
    InputError
        As for `spatial`; or if there are no scales, of both kinds, or one of them twice.
    UnknownNameError
        If the measure is unknown.

    Warns
    -----
    DataWarning
        If the value at the smallest scale is not greater than 0, so that the ratio is missing.

    References
    ----------
    Reardon, S. F., Matthews, S. A., O'Sullivan, D., Lee, B. A., Firebaugh, G., Farrell, C. R. & Bischoff,
    K. (2008). The geographic scale of metropolitan racial segregation. Demography 45(3), 489-514.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> row = [box(100 * i, 0, 100 * i + 100, 100) for i in range(4)]
    >>> counts = {"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]}
    >>> areas = gpd.GeoDataFrame(counts, geometry=row, crs=3006)
    >>> profile = scale_profile(areas, "dissimilarity", group="group", total="total", k=[100, 200, 400])
    >>> profile.round(2).values.tolist()
    [['dissimilarity', 100, 0.6, 1.0], ['dissimilarity', 200, 0.45, 0.75], ['dissimilarity', 400, 0.0, 0.0]]
    """
    check_measure(measure)
    scales = _scales(bandwidths, k)
    here = settlement(data, group=group, total=total, missing=missing)
    if k is None:
        shares = np.stack([here.composition(bandwidth=scale, kernel=kernel) for scale in scales])
    else:
        shares = nearest_shares(here, scales)[here.lived].T
    value = environment_measure(measure, here.x, here.y, shares)
    smallest = float(value[0])
    if smallest <= _NONE:
        rule = f"is {smallest:.3g} at the smallest scale, so the ratio to it is missing"
        warn(message(measure, rule))
    ratio = value / smallest if smallest > _NONE else np.full(len(scales), np.nan)
    return pd.DataFrame({"measure": measure, "scale": scales, "value": value, "ratio": ratio})


def _scales(bandwidths: Sequence[float] | None, k: Sequence[int] | None) -> list[Any]:
    """Return the scales in rising order, after checking them."""
    if (bandwidths is None) == (k is None):
        rule = "or `k` must be given, and not both" if k is None else "and `k` are both given"
        raise InputError(message("bandwidths", rule, fix="Choose meters or people."))
    argument, given = ("bandwidths", bandwidths) if k is None else ("k", k)
    scales = np.atleast_1d(np.asarray(given, dtype=object)).tolist()
    for scale in scales:
        if k is None:
            check_length(scale, argument=argument)
        else:
            check_count(scale, argument=argument)
    if not scales or len(set(scales)) < len(scales):
        raise InputError(message(argument, "must be one or more different scales", scales))
    return sorted(scales)


def nearest_shares(here: Settlement, scales: Sequence[int]) -> Floats:
    """Return the group's share among the k nearest people, a row per area and a column per k.

    Each round looks at more of the nearest areas, for the rows that did not find their people yet.
    """
    from scipy.spatial import cKDTree

    x, t = here.x, here.x + here.y
    found = np.full((len(here.every), len(scales)), x.sum() / t.sum())
    sought = [(column, k) for column, k in enumerate(scales) if k < t.sum() * (1 - 1e-12)]
    tree = cKDTree(here.every[here.lived])
    own = np.where(here.lived, np.cumsum(here.lived) - 1, -1)
    width = min(_FIRST, t.size)
    rows = np.arange(len(here.every)) if sought else np.arange(0)
    while rows.size:
        left = []
        for block in np.array_split(rows, -(-rows.size * width // _PAIRS)):
            ring, people = _rings(tree, here.every[block], own[block], width, np.stack([t, x]))
            done = np.ones(block.size, dtype=bool)
            for column, k in sought:
                share, whole = _share_of_nearest(ring, people, k)
                found[block[whole], column] = share[whole]
                done &= whole
            left.append(block[~done])
        rows = np.concatenate(left) if width < t.size else np.arange(0)
        width = min(4 * width, t.size)
    return found


def _rings(
    tree: Any, centers: Floats, own: npt.NDArray[np.int64], width: int, counts: Floats
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the ring of each of the nearest areas, and cumulated counts by rising distance.

    Areas at the same distance are a ring; the area itself is one alone. The last ring at hand has a number
    above `width`, unless all areas are there: it may go on beyond the areas looked at.
    """
    distance, index = tree.query(centers, k=np.arange(1, width + 1))
    distance[index == own[:, None]] = -1.0
    order = np.argsort(distance, axis=1, kind="stable")
    distance, index = (np.take_along_axis(a, order, axis=1) for a in (distance, index))
    ring = np.cumsum(np.diff(distance, axis=1, prepend=-2.0) > _TIE, axis=1, dtype=np.int64)
    if width < tree.n:
        ring[ring == ring[:, -1:]] = width + 1
    return ring, np.cumsum(counts[:, index], axis=-1)


def _share_of_nearest(
    ring: npt.NDArray[np.int64], people: Floats, k: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the share among the k nearest, and for which rows the areas at hand hold all of them."""
    width = ring.shape[1]
    reach = (people[0] < k).sum(axis=1)
    at = ring[np.arange(len(ring)), np.minimum(reach, width - 1)][:, None]
    first, after = (ring < at).sum(axis=1), (ring <= at).sum(axis=1)
    padded = np.concatenate([np.zeros((2, len(ring), 1)), people], axis=2)
    before, behind = (np.take_along_axis(padded, j[None, :, None], axis=2)[..., 0] for j in (first, after))
    part = np.minimum((k - before[0]) / (behind[0] - before[0]), 1.0)
    # Rounding can leave the ends by 1e-16.
    share = np.clip((before[1] + part * (behind[1] - before[1])) / k, 0.0, 1.0)
    return share, (reach < width) & (at[:, 0] <= width)


def _by_equipop(here: Settlement, scales: Sequence[int]) -> Floats:
    """Return the same from the package `equipop`."""
    from contextlib import redirect_stdout
    from importlib import import_module
    from io import StringIO

    try:
        equipop = import_module("equipop")
    except ImportError as error:
        fix = "Install it with `pip install equipop`, or use engine='area'."
        raise InputError(message("engine", "needs the package equipop, which is missing", fix=fix)) from error
    n, group = np.zeros(len(here.every)), np.zeros(len(here.every))
    n[here.lived], group[here.lived] = here.x + here.y, here.x
    cells = equipop.CellData(E=here.every[:, 0], N=here.every[:, 1], n=n, binary_sums={"group": group})
    # It reports on standard output.
    with redirect_stdout(StringIO()):
        table = equipop.run_knn_counts(cells, list(scales), overshoot_mode="proportional", report=False)
    table = table.set_index("CellId").loc[np.arange(n.size)]
    return np.asarray(table[[f"R_group_{k}" for k in scales]], dtype=np.float64)
