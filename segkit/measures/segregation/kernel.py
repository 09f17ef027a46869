"""Segregation between local environments: the people within reach, instead of one area at a time.

Borders of areas are arbitrary: two areas side by side and two at opposite ends of town count the same in
a measure of areas. Here the environment of an area is everyone around its centroid, those near counting
more than those far, out to the bandwidth; the area itself is always a part of it. The measures then
compare environments. A short bandwidth gives the measure of the areas; a long one none, since
everyone's environment is the whole place. Small environments differ by chance alone, long ones reach
beyond the edge of the place, where no one is counted.

Everyone is taken to live at the centroid of the area. With areas that are large compared with the
bandwidth the environment is little more than the area itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice, is_number, labels_of
from segkit.base.namespace import public
from segkit.errors import InputError, UnknownNameError, message, warn
from segkit.measures.segregation.counts import lived_in, two_groups
from segkit.measures.segregation.evenness import entropy, gini_of
from segkit.measures.segregation.places import centers

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import numpy.typing as npt

    from segkit.base.checks import Floats

__all__ = ["local_composition", "spatial"]

__dir__ = public(__all__)

#: The Gaussian kernel is cut at this many bandwidths, where its weight is below 4 in a million.
GAUSSIAN_CUT = 5.0

#: Weights by distance in bandwidths; constants are left out, since only ratios matter.
KERNELS: dict[str, Callable[[Floats], Floats]] = {
    "biweight": lambda u: np.square(1 - np.square(u)),
    "epanechnikov": lambda u: 1 - np.square(u),
    "gaussian": lambda u: np.exp(-0.5 * np.square(u)),
    "uniform": np.ones_like,
    "triangular": lambda u: 1 - u,
}

#: Pairs of areas that are in memory at once.
_PAIRS = 2_000_000


def spatial(
    data: gpd.GeoDataFrame,
    measure: str,
    *,
    group: str,
    total: str,
    bandwidth: float,
    kernel: str = "biweight",
    missing: str = "raise",
) -> float:
    r"""Segregation between the local environments of people, by one of the measures of areas.

    The share of the group in the environment of area i, with d the distance between centroids, is

    .. math:: \tilde p_i = \frac{\sum_j K(d_{ij}) x_j}{\sum_j K(d_{ij}) t_j}

    Each area's people then count with this share in place of their own area's:

    .. math:: \tilde D = \frac{\sum_i t_i |\tilde p_i - P|}{2 T P (1 - P)}, \quad
        \tilde H = 1 - \frac{\sum_i t_i E(\tilde p_i)}{T E(P)}, \quad
        \tilde R = 1 - \frac{\sum_i t_i \tilde p_i (1 - \tilde p_i)}{T P (1 - P)},

    .. math:: \tilde G = \frac{\sum_i \sum_j t_i t_j |\tilde p_i - \tilde p_j|}{2 T^2 P (1 - P)}, \quad
        x\tilde Px = \sum_i \frac{x_i}{X} \tilde p_i, \quad
        \tilde A = 1 - \left(\frac{\sum_i t_i \sqrt{\tilde p_i (1 - \tilde p_i)}}
        {T \sqrt{P (1 - P)}}\right)^2

    with x the group, t the total, X, T and P the same for all areas together and E the entropy.

    Parameters
    ----------
    data : geopandas.GeoDataFrame
        One row per area, one period, polygons in a coordinate system in meters. Areas whose total is 0
        contribute nothing.
    measure : str
        One of ``"dissimilarity"``, ``"gini"``, ``"information_theory"``, ``"correlation_ratio"`` (the
        reference's relative diversity), ``"isolation"``, ``"exposure"`` (of the group to everyone else,
        1 - isolation) and ``"atkinson"`` (with b = 0.5).
    group, total : str
        Columns with the count of the group and of everyone, per area.
    bandwidth : float
        Meters at which the weight of others reaches 0. For the Gaussian kernel the standard deviation,
        cut at 5 bandwidths.
    kernel : {"biweight", "epanechnikov", "gaussian", "uniform", "triangular"}
        How weight falls with the distance; ``"uniform"`` counts everyone within the bandwidth alike, so
        that an area enters or leaves all at once.
    missing : {"raise", "drop"}
        Whether a missing count is an error or leaves its area out.

    Returns
    -------
    float
        0 (every environment mirrors the whole) to 1 (no environment holds both the group and others);
        isolation and exposure have P and 1 - P for 0. The average environment need not be the whole place,
        so there is no hard limit: information theory, correlation ratio and Atkinson fall below 0, and
        isolation below P, where people's environments are on average more mixed than the place (the
        reference calls it hyper-integration), and dissimilarity and Gini can pass 1 where a small group
        lives in reach of many areas that do not reach each other. The value is returned as it is.

    Raises
    ------
    InputError
        If counts are not as for `dissimilarity`, the geometry is missing, invalid or not in meters, or
        the bandwidth is not a number greater than 0.
    UnknownNameError
        If the measure is unknown.

    Notes
    -----
    Areas count by the people who live there, and P is the share of those people. Software that smooths the
    counts of both groups and puts the smoothed counts into a measure of areas does another thing: it
    counts an area by the people around it, with those near many areas counted many times, and P changes
    with the bandwidth. The results differ, also where the weights are the same.

    References
    ----------
    Reardon, S. F. & O'Sullivan, D. (2004). Measures of spatial segregation. Sociological Methodology
    34(1), 121-162. The Gini and Atkinson indices are not in it; they are built in the same way.

    Examples
    --------
    Four squares of 100 m in a row:

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> row = [box(100 * i, 0, 100 * i + 100, 100) for i in range(4)]
    >>> counts = {"group": [100, 60, 40, 0], "total": [100, 100, 100, 100]}
    >>> areas = gpd.GeoDataFrame(counts, geometry=row, crs=3006)
    >>> columns = {"group": "group", "total": "total"}
    >>> round(spatial(areas, "dissimilarity", bandwidth=50, **columns), 4)
    0.6
    >>> round(spatial(areas, "dissimilarity", bandwidth=100, kernel="uniform", **columns), 4)
    0.4667
    """
    check_measure(measure)
    here = settlement(data, group=group, total=total, missing=missing)
    p = here.composition(bandwidth=bandwidth, kernel=kernel)
    return float(environment_measure(measure, here.x, here.y, p))


def local_composition(
    data: gpd.GeoDataFrame,
    *,
    group: str,
    total: str,
    bandwidth: float,
    kernel: str = "biweight",
    missing: str = "raise",
) -> pd.Series[float]:
    r"""Share of the group in the local environment of each area, for maps.

    .. math:: \tilde p_i = \frac{\sum_j K(d_{ij}) x_j}{\sum_j K(d_{ij}) t_j}

    with K the weight at the distance between centroids, x the group and t the total.

    Parameters
    ----------
    data : geopandas.GeoDataFrame
        One row per area, one period, polygons in a coordinate system in meters.
    group, total : str
        Columns with the count of the group and of everyone, per area.
    bandwidth, kernel
        As for `spatial`.
    missing : {"raise", "drop"}
        Whether a missing count is an error or makes its area count as one without people.

    Returns
    -------
    pandas.Series
        0 to 1, aligned with the index of `data`. An area without people has the share of the people
        around it, and NaN where no one lives within reach, which a warning tells.

    Raises
    ------
    InputError
        As for `spatial`.

    Warns
    -----
    DataWarning
        If areas have no one within reach.

    References
    ----------
    Reardon, S. F. & O'Sullivan, D. (2004). Measures of spatial segregation. Sociological Methodology
    34(1), 121-162.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> row = [box(100 * i, 0, 100 * i + 100, 100) for i in range(3)]
    >>> areas = gpd.GeoDataFrame({"group": [60, 0, 10], "total": [100, 0, 100]}, geometry=row, crs=3006)
    >>> local_composition(areas, group="group", total="total", bandwidth=150).round(2).tolist()
    [0.6, 0.35, 0.1]
    """
    here = settlement(data, group=group, total=total, missing=missing)
    p = here.composition(bandwidth=bandwidth, kernel=kernel, everywhere=True)
    alone = np.isnan(p)
    if alone.any():
        rule = f"leaves {int(alone.sum())} areas without anyone within reach; their share is missing"
        fix = "They have no people of their own; use a longer bandwidth to reach others."
        text = message("bandwidth", rule, labels_of(data, alone), fix)
        warn(text)
    return pd.Series(p, index=data.index, name="local_composition")


@dataclass(frozen=True)
class Settlement:
    """Where the people of a table live: counts and centroids, checked.

    Attributes
    ----------
    x, y : numpy.ndarray
        Counts of the group and of the rest in areas with people.
    every : numpy.ndarray
        Centroids of all rows, in meters.
    lived : numpy.ndarray
        Which of the rows have people and known counts.
    """

    x: Floats
    y: Floats
    every: Floats
    lived: npt.NDArray[np.bool_]

    def composition(self, *, bandwidth: float, kernel: str, everywhere: bool = False) -> Floats:
        """Return the group's share of the environments of areas with people, or of all rows."""
        check_choice(kernel, tuple(KERNELS), argument="kernel")
        check_length(bandwidth, argument="bandwidth")
        people = np.column_stack([self.x, self.x + self.y])
        homes = self.every[self.lived]
        middles = self.every if everywhere else homes
        sums = around(middles, homes, people, bandwidth=bandwidth, kernel=kernel)
        reached = sums[:, 1] > 0
        return np.where(reached, sums[:, 0] / np.where(reached, sums[:, 1], 1.0), np.nan)


def settlement(data: gpd.GeoDataFrame, *, group: str, total: str, missing: str = "raise") -> Settlement:
    """Check counts and polygons and return where people live."""
    x, y = two_groups(data, group=group, total=total, missing=missing)
    return Settlement(x, y, centers(data), lived_in(data, group=group, total=total))


def around(middles: Floats, homes: Floats, people: Floats, *, bandwidth: float, kernel: str) -> Floats:
    """Return the kernel-weighted sums of people around each point, a column for each of `people`.

    In blocks of points, so that memory grows with the pairs within reach, never with all pairs.
    """
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    reach = bandwidth * (GAUSSIAN_CUT if kernel == "gaussian" else 1.0)
    tree = cKDTree(homes)
    pairs = np.cumsum(tree.query_ball_point(middles, reach, return_length=True))
    sums = np.zeros((len(middles), people.shape[1]))
    for rows in np.split(np.arange(len(middles)), np.flatnonzero(np.diff(pairs // _PAIRS)) + 1):
        near = cKDTree(middles[rows]).sparse_distance_matrix(tree, reach, output_type="ndarray")
        weight = KERNELS[kernel](near["v"] / bandwidth)
        kernels = csr_array((weight, (near["i"], near["j"])), shape=(rows.size, len(homes)))
        sums[rows] = np.asarray(kernels @ people)
    return sums


def environment_measure(measure: str, x: Floats, y: Floats, p: Floats) -> Any:
    """Compute a measure of environments from counts and the group's share around, areas along the last axis.

    With the share of the areas themselves it is the measure of areas.
    """
    t = x + y
    whole = x.sum(axis=-1) / t.sum(axis=-1)
    return _FORMULAS[measure](x, t, p, whole)


def check_measure(measure: str) -> None:
    """Check that there is a version of the measure for environments."""
    if not isinstance(measure, str) or measure not in _FORMULAS:
        fix = f"Those at hand: {', '.join(_FORMULAS)}."
        raise UnknownNameError(message("measure", "is not known for environments", [measure], fix))


def check_length(value: Any, *, argument: str) -> None:
    """Check that a distance is a finite number of meters greater than 0."""
    if not is_number(value) or not 0 < value < np.inf:
        raise InputError(message(argument, f"is {value!r}, must be a number of meters greater than 0"))


def _dissimilarity(_x: Floats, t: Floats, p: Floats, whole: Any) -> Any:
    gap = (t * np.abs(p - np.asarray(whole)[..., None])).sum(axis=-1)
    return gap / (2 * t.sum(axis=-1) * whole * (1 - whole))


def _gini(_x: Floats, t: Floats, p: Floats, whole: Any) -> Any:
    # The index of areas divides by the mean of the environments in place of the whole.
    mean = (t * p).sum(axis=-1) / t.sum(axis=-1)
    return gini_of(t * p, t * (1 - p)) * mean * (1 - mean) / (whole * (1 - whole))


def _compared(diversity: Callable[[Any], Any]) -> Callable[[Floats, Floats, Floats, Any], Any]:
    """Return the formula 1 - mean diversity of the environments / diversity of the whole."""

    def formula(_x: Floats, t: Floats, p: Floats, whole: Any) -> Any:
        return 1 - (t * diversity(p)).sum(axis=-1) / (t.sum(axis=-1) * diversity(whole))

    return formula


def _atkinson(x: Floats, t: Floats, p: Floats, whole: Any) -> Any:
    kept = 1 - _compared(lambda q: np.sqrt(q * (1 - q)))(x, t, p, whole)
    return 1 - np.square(kept)


def _isolation(x: Floats, _t: Floats, p: Floats, _whole: Any) -> Any:
    return (x * p).sum(axis=-1) / x.sum(axis=-1)


def _exposure(x: Floats, t: Floats, p: Floats, whole: Any) -> Any:
    return 1 - _isolation(x, t, p, whole)


_FORMULAS: dict[str, Callable[[Floats, Floats, Floats, Any], Any]] = {
    "dissimilarity": _dissimilarity,
    "gini": _gini,
    "information_theory": _compared(entropy),
    "correlation_ratio": _compared(lambda q: q * (1 - q)),
    "isolation": _isolation,
    "exposure": _exposure,
    "atkinson": _atkinson,
}
