"""The map of two indicators at once, with a square legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import check_choice
from segkit.catalogue import indicators
from segkit.drawing import palettes
from segkit.drawing.classes import check_areas, classify, count_text, residents, source_line
from segkit.drawing.maps._flags import read_flags, set_apart, suppressed_part
from segkit.drawing.maps._kinds import chosen_names, shown_values
from segkit.drawing.maps._legend import Axis, Plan, Square
from segkit.drawing.maps._sheet import draw
from segkit.errors import InputError, message
from segkit.words.numbers import format_number
from segkit.words.text import texts as texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes

    from segkit.base.checks import Floats, Language
    from segkit.drawing.classes import Classes, Codes, Scheme
    from segkit.drawing.maps._detail import Bounds


def bivariate(
    areas: gpd.GeoDataFrame,
    x: str,
    y: str,
    *,
    k: int = 3,
    scheme: Scheme | tuple[Scheme, Scheme] = "quantiles",
    bins: tuple[Sequence[float], Sequence[float]] | None = None,
    flags: pd.Series | str | None = None,
    flagged: pd.Series | None = None,
    labels: tuple[str, str] | None = None,
    units: tuple[str, str] | None = None,
    highlight: Sequence[str] | None = None,
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    inset: bool | Bounds = True,
    ax: Axes | None = None,
) -> Axes:
    """Map two indicators at once: brown where the first is high, blue where the second is, purple where both.

    The legend is a square of all pairs of classes, with their bounds and the number of areas and residents
    in each. The map shows where the indicators go together; it does not say that one causes the other.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area: ``area_id, name, geometry`` and both indicators; ``population`` for the legend.
    x, y : str
        The indicators; areas where one of them is missing are drawn in grey and counted.
    k : int
        Classes of each indicator, 2 or 3 (thirds of the areas); fewer when values are tied.
    scheme : {"quantiles", "equal", "natural_breaks", "manual"} or a pair of them
        How values are sorted into classes, as in `choropleth`; a pair when the axes differ.
    bins : pair of sequences of float, optional
        Inner class bounds of x and of y for "manual", 1 or 2 each; None for an axis of another scheme.
    labels, units : pair of str, optional
        Names and units of the indicators, by default those of the catalogue.
    flags, flagged, highlight, language, title, source, inset, ax
        As in `choropleth`. By default the names are those of the three areas that lie farthest out at
        each end of the common ranking (of the opposite ranking when the rank correlation is negative).

    Returns
    -------
    matplotlib.axes.Axes
        The Axes of the map.

    Raises
    ------
    UnknownNameError
        When a column or an area to name is missing.
    InputError
        When no area has both figures, an indicator has the same value everywhere, or an option is out of
        range.

    See Also
    --------
    segkit.palettes.bivariate : the colors, and what is left of them in grey print.

    References
    ----------
    Trumbo, B. E. (1981). A theory for coloring bivariate statistical maps. The American Statistician 35,
    220-226.

    Examples
    --------
    >>> from segkit import areas, maps
    >>> kalmar, _ = areas.latest(areas.load_example("kalmar"), ["employment_rate", "median_income"])
    >>> ax = maps.bivariate(kalmar, "employment_rate", "median_income", ax=maps.new_axes())
    >>> cells = ax.findobj(lambda part: part.get_gid() == "count")
    >>> sum(int(cell.get_text().split(chr(10))[0]) for cell in cells)
    43
    """
    check_areas(areas, [x, y], language)
    pairs = _pair(scheme, bins)
    found = read_flags(areas, [x, y], flags, flagged)
    values = [shown_values(areas, column, found) for column in (x, y)]
    both = ~np.isnan(values[0]) & ~np.isnan(values[1])
    sides = [
        _side(np.where(both, value, np.nan), column, k, *how)
        for value, column, how in zip(values, (x, y), pairs, strict=True)
    ]
    n_x, n_y = (side.n for side in sides)
    codes = np.where(both, sides[0].codes * n_y + sides[1].codes, -1)
    labels = labels or (indicators.label(x, language=language), indicators.label(y, language=language))
    units = units or (indicators.unit(x, language=language), indicators.unit(y, language=language))
    rank = _rank_correlation(values[0][both], values[1][both])
    text = texts_of("maps.bivariate", language)
    cells = _cells(areas, codes, n_x * n_y, language)
    part = suppressed_part(found, language)
    named = _farthest(values, both, rank)
    codes, extra, amounts, patterns = set_apart(areas, codes, n_x * n_y, [part], language)
    colors = _colors(palettes.bivariate(k), n_x, n_y)
    plan = Plan(
        codes=codes,
        colors=[*(color for column in colors for color in column), *extra, palettes.MISSING],
        texts=[*[""] * (n_x * n_y + len(extra)), text["missing"] if (codes < 0).any() else ""],
        counts=amounts,
        heading="",
        title=title or _title(sides, labels, int(both.sum()), rank, language),
        source=source_line(areas, source, language),
        language=language,
        patterns=[*patterns, *found.patterns(language)],
        names=chosen_names(areas, highlight, named),
        square=Square(
            x=_axis(sides[0], labels[0], units[0], language),
            y=_axis(sides[1], labels[1], units[1], language),
            colors=colors,
            cells=[cells[i * n_y : (i + 1) * n_y] for i in range(n_x)],
            note=text["cells"] + (text["people"] if any("\n" in cell for cell in cells) else ""),
        ),
    )
    return draw(areas, plan, ax, inset)


def _pair(scheme: Any, bins: Any) -> list[tuple[Any, Any]]:
    """Return scheme and bounds of each axis."""
    schemes = (scheme, scheme) if isinstance(scheme, str) else tuple(scheme)
    if len(schemes) != 2:
        raise InputError(message("scheme", f"is {scheme!r}, must be one scheme or a pair"))
    for name in schemes:
        check_choice(name, ("quantiles", "equal", "natural_breaks", "manual"), argument="scheme")
    given = (None, None) if bins is None else tuple(bins)
    if len(given) != 2 or any(np.isscalar(part) for part in given):
        raise InputError(message("bins", "must be a pair: the inner class bounds of x and those of y"))
    return list(zip(schemes, given, strict=True))


def _side(values: Floats, column: str, k: int, scheme: str, bins: Any) -> Classes:
    """Sort one of the indicators into classes."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        fix = "Choose indicators of the same areas and period."
        raise InputError(message("x, y", "have no area in common that has both figures", fix=fix))
    classes = classify(values, scheme, k, bins)
    if classes.n > 3:
        raise InputError(message("bins", f"makes {classes.n} classes of {column}, at most 3 can be mapped"))
    if classes.n == 1:
        fix = "A map of the other indicator alone says as much."
        raise InputError(message(column, "has one class only: the same value in all areas", fix=fix))
    return classes


def _colors(square: list[list[str]], n_x: int, n_y: int) -> list[list[str]]:
    """Return the colors of a square that ties or bounds given by hand made smaller or larger."""
    if max(n_x, n_y) > len(square):
        square = palettes.bivariate(max(n_x, n_y))
    columns, rows = (np.linspace(0, len(square) - 1, n).round().astype(int) for n in (n_x, n_y))
    return [[square[i][j] for j in rows] for i in columns]


def _cells(areas: gpd.GeoDataFrame, codes: Codes, n: int, language: Language) -> list[str]:
    """Return what stands in each cell: the number of areas and, where known, of residents."""
    masks = [codes == code for code in range(n)]
    numbers = [str(int(mask.sum())) for mask in masks]
    people = residents(areas, masks, language)
    if people is None:
        return numbers
    return [f"{number}\n{total}" for number, total in zip(numbers, people, strict=True)]


def _axis(side: Classes, label: str, unit: str, language: Language) -> Axis:
    """Return one side of the legend."""
    bounds = [format_number(float(bound), side.decimals, language=language) for bound in side.bounds]
    return Axis(f"{label}, {unit}\u00a0→" if unit else f"{label}\u00a0→", bounds)


def _rank_correlation(x: Floats, y: Floats) -> float:
    """Return Spearman's rank correlation."""
    return float(pd.Series(x).rank().corr(pd.Series(y).rank()))


def _farthest(values: Sequence[Floats], both: Any, rank: float) -> Codes:
    """Return the positions of three areas at each end of the common or the opposite ranking."""
    first, second = (pd.Series(np.where(both, value, np.nan)).rank() for value in values)
    score = (first + (second if rank >= 0 else -second)).to_numpy()
    order = np.argsort(score, kind="stable")[: int(both.sum())]
    return np.unique(np.concatenate([order[:3], order[-3:]]))


def _title(sides: Sequence[Classes], labels: tuple[str, str], n: int, rank: float, language: Language) -> str:
    """Say how many areas lie in the two corners that the rank correlation points to."""
    text = texts_of("maps.bivariate", language)
    x, y = sides
    turned = rank < 0
    ends = (y.n - 1, 0) if turned else (0, y.n - 1)
    low = int(((x.codes == 0) & (y.codes == ends[0])).sum())
    high = int(((x.codes == x.n - 1) & (y.codes == ends[1])).sum())
    corners = text["crossed" if turned else "both"].format(low=low, high=high, n=count_text(n, language))
    corners += text["rank"].format(format_number(rank, 2, language=language))
    first, second = labels
    # Abbreviations keep their capitals.
    second = second[:1].lower() + second[1:] if second[1:2].islower() else second
    return text["title"].format(x=first, y=second, corners=corners)
