"""A line as small as a word, as SVG text to put into a page."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from segkit.base.checks import LANGUAGES, as_floats, check_choice, check_count
from segkit.drawing.charts._style import years
from segkit.errors import InputError, message
from segkit.words.numbers import adaptive_decimals, format_number
from segkit.words.text import chart_texts as texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Language

#: Room about the line for its dots, in pixels.
_EDGE = 3.0


def sparkline(
    values: Sequence[float],
    periods: Sequence[int],
    *,
    label: str = "",
    decimals: int | None = None,
    width: int = 96,
    height: int = 24,
    language: Language = "sv",
) -> str:
    """Return a small line over the periods as an SVG element, in the color of the text around it.

    The line is broken where a value is missing and never smoothed; a dot marks the last value, and any
    that stands alone. Its scale is its own, from the lowest value to the highest.

    Parameters
    ----------
    values : sequence of float
        A value per period; NaN or None is missing.
    periods : sequence of int
        The periods, in order; they need not be evenly spaced.
    label : str
        What is measured, for those who don't see the line; escaped.
    decimals : int, optional
        Decimals of the values in the description; by default by their size.
    width, height : int
        Pixels.
    language : {"sv", "en"}
        The language of the description.

    Returns
    -------
    str
        ``<svg ...>`` with ``role="img"`` and every value in its ``aria-label``.

    Raises
    ------
    InputError
        When the lengths differ, the periods are not in order or no value is known.

    Examples
    --------
    >>> text = sparkline([1.0, 3.0], [2020, 2021], label="Turnout", language="en")
    >>> text[text.index("aria-label") : text.index(" viewBox")]
    'aria-label="Turnout: 1 in 2020, 3 in 2021"'
    """
    for argument, pixels in (("width", width), ("height", height)):
        check_count(pixels, argument=argument)
    check_choice(language, LANGUAGES, argument="language")
    value, period = as_floats(values, argument="values"), as_floats(periods, argument="periods")
    if value.ndim != 1 or value.shape != period.shape:
        raise InputError(message("values", f"has shape {value.shape} where `periods` has {period.shape}"))
    if np.isnan(period).any() or (np.diff(period) <= 0).any():
        raise InputError(message("periods", "must rise from one to the next", list(periods)))
    known = ~np.isnan(value)
    if not known.any() or np.isinf(value).any():
        raise InputError(message("values", "has no value to draw, or an infinite one"))
    x = _scaled(period, period, width)
    y = height - _scaled(value, value[known], height)
    runs = [[i for i, _ in run] for here, run in groupby(enumerate(known), key=lambda p: p[1]) if here]
    path = "".join(f"M{' L'.join(f'{x[i]:.1f} {y[i]:.1f}' for i in run)}" for run in runs if len(run) > 1)
    dots = dict.fromkeys([*(run[0] for run in runs if len(run) == 1), runs[-1][-1]])
    circles = "".join(f'<circle cx="{x[i]:.1f}" cy="{y[i]:.1f}" r="2.2" fill="currentColor"/>' for i in dots)
    line = f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.4"/>' if path else ""
    text = texts(language)
    places = adaptive_decimals(*value[known]) if decimals is None else decimals
    said = [
        text["at"].format(value=format_number(v, places, language=language), period=int(p))
        for v, p in zip(value[known], period[known], strict=True)
    ]
    if not known.all():
        said.append(text["missing_at"].format(periods=years(period[~known])))
    spoken = escape(f"{label}: {', '.join(said)}" if label else ", ".join(said), quote=True)
    return (
        f'<svg class="sparkline" role="img" aria-label="{spoken}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{line}{circles}</svg>'
    )


def _scaled(values: np.ndarray, known: np.ndarray, room: int) -> np.ndarray:
    """Return values as places within the room, in its middle when all are alike."""
    low, span = float(known.min()), float(np.ptp(known))
    share = (values - low) / span if span else np.where(np.isnan(values), np.nan, 0.5)
    return _EDGE + share * (room - 2 * _EDGE)
