"""Colors for ordered classes: safe for color-blind readers, and told apart by lightness in grey print.

The smallest difference between any two colors of a palette, as the distance in CIELAB (CIE 1976), with full
sight, protanopia and deuteranopia (Machado, Oliveira & Fernandes 2009, full severity), and of lightness L*
in grey:

=================================  =====  ====
palette                            color  grey
=================================  =====  ====
`sequential`, at most 6 classes    14     15
`sequential`, 7 to 9 classes       8      9
`diverging`                        20     10
`bivariate`                        24     6.5
=================================  =====  ====

`MISSING` keeps at least 7 from every class, `UNCERTAIN` at least 16 from the classes of `diverging`. In grey
a class may be as light as `MISSING`: maps draw a pattern over areas without a value.

References
----------
Machado, G. M., Oliveira, M. M. & Fernandes, L. A. F. (2009). A physiologically-based model for simulation of
color vision deficiency. IEEE Transactions on Visualization and Computer Graphics 15, 1291-1298.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segkit.base.boundary import guard
from segkit.base.checks import check_count
from segkit.base.namespace import public
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from segkit.base.checks import Floats

__all__ = ["MISSING", "UNCERTAIN", "bivariate", "diverging", "lightness", "sequential"]

__dir__ = public(__all__)


#: Areas without a value; neither end of a palette is grey.
MISSING = "#c9c9c9"

#: Areas whose change can't be told from chance.
UNCERTAIN = "#ffffff"

_MOST = 9
_INDIGO_TO_SAND = ("#23235f", "#2b4f8c", "#3b86a6", "#7fb9ad", "#c6dcb4", "#f7f1cf")
_PURPLE = ("#3b1f6b", "#7059a6", "#aa9fcd", "#e4e0ee")
_ORANGE = ("#5c2e02", "#a85808", "#e28f30", "#f4c283", "#fdeedb")

#: Lightness of the palest class of two indicators, and what half the way up darkens, of x and of y.
_PALE, _BY_X, _BY_Y = 94.0, 21.0, 14.0

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _TO_XYZ.sum(axis=1)


def sequential(n: int) -> list[str]:
    """Return `n` colors from dark indigo (class 1) to light sand (class `n`), in even steps of lightness.

    The colors are neutral: none of them says good or bad.

    Parameters
    ----------
    n : int
        Number of classes, 1 to 9.

    Returns
    -------
    list of str
        Hexadecimal colors, darkest first.

    Raises
    ------
    InputError
        When `n` is not a whole number from 1 to 9.

    Examples
    --------
    >>> sequential(5)[0], sequential(5)[-1]
    ('#23235f', '#f7f1cf')
    """
    _check(n)
    return _ramp(_INDIGO_TO_SAND, n)


def diverging(n: int) -> list[str]:
    """Return `n` colors (even) for classes on both sides of zero: purple below, orange above.

    Both arms darken away from zero. Their steps of lightness interleave (an orange is a little lighter
    than the purple opposite), so that every class has a grey of its own in print.

    Parameters
    ----------
    n : int
        Number of classes, an even number from 2 to 8.

    Returns
    -------
    list of str
        Hexadecimal colors, from the lowest class to the highest.

    Raises
    ------
    InputError
        When `n` is not an even number from 2 to 8.

    Examples
    --------
    >>> [round(lightness(color)) for color in diverging(4)]
    [20, 69, 93, 44]
    """
    _check(n)
    if n % 2:
        raise InputError(message("n", f"is {n}, must be even: zero is a class bound"))
    levels = np.linspace(20, 93, n) if n > 2 else np.array([40.0, 70.0])
    return _at_lightness(_PURPLE, levels[::2]) + _at_lightness(_ORANGE, levels[1::2][::-1])


def bivariate(k: int) -> list[list[str]]:
    """Return `k` times `k` colors for two indicators: brown as the first rises, blue as the second does.

    Where both are low the color is almost white, where both are high dark purple. Brown and blue stay
    apart in the common color blindnesses. In grey every class has a lightness of its own, but lightness is
    one dimension: it orders the classes by the first indicator more than by the second, and does not show
    which of the two is high. For grey print two maps side by side say more.

    Parameters
    ----------
    k : int
        Classes of each indicator, 2 or 3.

    Returns
    -------
    list of list of str
        Hexadecimal colors; ``bivariate(k)[i][j]`` is for class `i` of the first and `j` of the second.

    Raises
    ------
    InputError
        When `k` is not 2 or 3.

    References
    ----------
    Trumbo, B. E. (1981). A theory for coloring bivariate statistical maps. The American Statistician 35,
    220-226.

    Examples
    --------
    >>> colors = bivariate(3)
    >>> [round(lightness(colors[i][j])) for i, j in [(0, 0), (0, 2), (2, 0), (2, 2)]]
    [94, 66, 52, 24]
    """
    check_count(k, argument="k", least=2)
    if k > 3:
        raise InputError(message("k", f"is {k}, must be 2 or 3", fix="More can't be told apart on a map."))
    steps = np.linspace(0, 2, k)
    return [
        [
            _hexadecimal(np.array([_PALE - _BY_X * x - _BY_Y * y, 12 * x + 2 * y, 22 * x - 24 * y]))
            for y in steps
        ]
        for x in steps
    ]


def lightness(color: str) -> float:
    """Return the lightness L* of a hexadecimal color: 0 black, 100 white; what is left in grey print.

    Examples
    --------
    >>> round(lightness("#ffffff"), 1), round(lightness("#777777"), 1)
    (100.0, 50.0)
    """
    return float(_lab(color)[0])


def _check(n: int) -> None:
    check_count(n, argument="n")
    if n > _MOST:
        fix = "More can't be told apart on a map: join classes."
        raise InputError(message("n", f"is {n}, must be at most {_MOST}", fix=fix))


def _ramp(anchors: tuple[str, ...], n: int) -> list[str]:
    """Return `n` colors of a ramp in even steps of lightness."""
    if n == 1:
        return [anchors[len(anchors) // 2]]
    return _at_lightness(anchors, np.linspace(lightness(anchors[0]), lightness(anchors[-1]), n))


def _at_lightness(anchors: tuple[str, ...], levels: Floats) -> list[str]:
    """Return the colors of a ramp of rising lightness that have the lightness wanted."""
    lab = np.array([_lab(color) for color in anchors])
    channels = [levels, *(np.interp(levels, lab[:, 0], lab[:, i]) for i in (1, 2))]
    return [_hexadecimal(row) for row in np.column_stack(channels)]


def _lab(color: str) -> Floats:
    """Convert a hexadecimal sRGB color to CIELAB (white D65)."""
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = _TO_XYZ @ linear / _WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _hexadecimal(lab: Floats) -> str:
    """Convert CIELAB to a hexadecimal sRGB color, cut to the gamut."""
    fy = (lab[0] + 16) / 116
    f = np.array([fy + lab[1] / 500, fy, fy - lab[2] / 200])
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * _WHITE
    linear = np.clip(np.linalg.solve(_TO_XYZ, xyz), 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{int(v):02x}" for v in np.rint(rgb * 255))


guard(__name__)
