"""How areas split as the number of profiles grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segkit.base.checks import LANGUAGES, check_choice
from segkit.drawing import palettes
from segkit.drawing.charts._style import FONT, INK, LINE, MUTED, bare, describe, dress, new_axes, number_axis
from segkit.errors import InputError, message
from segkit.profiles import Clustergram
from segkit.words.numbers import format_number
from segkit.words.text import chart_texts as texts
from segkit.words.text import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from segkit.base.checks import Language

#: Points of width of a stream that holds all areas, and square points of a dot that does.
_STREAM, _DOT = 22.0, 420.0


def clustergram(
    result: Clustergram,
    *,
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw profiles as dots at their index, and the areas as streams from fewer profiles to more.

    Dots well apart that later only split speak for a number of profiles; streams that cross tell that
    one more profile groups the areas in another way. A dot's size is its number of areas, a stream's
    width how many go together; dots have the colors of the profiles on the maps.

    Parameters
    ----------
    result : profiles.Clustergram
        From `profiles.clustergram`.
    language : {"sv", "en"}
        The language of labels and numbers.
    title, source : str, optional
        Title, and source at the foot.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure of pyplot.

    Returns
    -------
    matplotlib.axes.Axes
        With a description for `description`.

    Raises
    ------
    InputError
        When the result is not from `profiles.clustergram`.

    References
    ----------
    Schonlau, M. (2002). The clustergram: a graph for visualizing hierarchical and nonhierarchical
    cluster analyses. Stata Journal 2.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> from segkit import profiles
    >>> data = pd.DataFrame({"area_id": list("abcdef"), "turnout": [60.0, 61, 75, 76, 90, 91]})
    >>> result = profiles.clustergram(data, columns=["turnout"], k=[2, 3])
    >>> len(clustergram(result, ax=Figure().subplots()).collections[0].get_offsets())
    5
    """
    check_choice(language, LANGUAGES, argument="language")
    if not isinstance(result, Clustergram):
        rule = f"must be the result of profiles.clustergram, is {type(result).__name__}"
        raise InputError(message("result", rule))
    text = texts(language)
    nodes, links = result.nodes, result.links
    axes = new_axes(6.2, 4.4) if ax is None else ax
    height = {(k, p): at for k, p, at in zip(nodes["k"], nodes["profile"], nodes["index"], strict=True)}
    numbers = nodes["k"].unique().tolist()
    before = dict(zip(numbers[1:], numbers, strict=False))
    for link in links.to_dict("records"):
        ends = [height[before[link["k"]], link["previous"]], height[link["k"], link["profile"]]]
        axes.plot(
            [before[link["k"]], link["k"]], ends, color=LINE, alpha=0.35, solid_capstyle="round",
            linewidth=_STREAM * link["share"], zorder=2,
        )  # fmt: skip
    every = float(nodes.loc[nodes["k"] == numbers[0], "n_areas"].sum())
    colors = [
        palettes.sequential(min(k, 9))[min(p, 9) - 1]
        for k, p in zip(nodes["k"], nodes["profile"], strict=True)
    ]
    size = 14 + _DOT * nodes["n_areas"] / every
    axes.scatter(nodes["k"], nodes["index"], s=size, color=colors, edgecolors=INK, linewidths=0.8, zorder=3)
    number_axis(axes, language, most=6)
    bare(axes)
    axes.set_xticks(numbers)
    axes.set_xlim(numbers[0] - 0.5, numbers[-1] + 0.5)
    axes.margins(y=0.1)
    axes.set_ylabel(text["clustergram_y"], fontsize=FONT - 1.5, color=MUTED)
    head = title or text["clustergram"].format(low=numbers[0], high=numbers[-1])
    notes = [
        f"{text['clustergram_x']}.",
        text["clustergram_note"],
        source or say("maps.shared", "no_source", language),
    ]
    dress(axes, title=head, notes=notes)
    describe(axes, head, *_spoken(result, language))
    return axes


def _spoken(result: Clustergram, language: Language) -> list[str]:
    """Say for each number of profiles how many areas each has, and at which index."""
    text = texts(language)
    said = []
    for k, part in result.nodes.groupby("k"):
        rows = zip(part["n_areas"], part["index"], strict=True)
        shown = [
            text["clustergram_part"].format(n=n, value=format_number(at, 2, language=language))
            for n, at in rows
        ]
        said.append(text["clustergram_at"].format(k=k, parts=", ".join(shown)))
    return said
