"""Values with a reservation: flags as patterns, suppressed values apart from missing, and wide intervals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.checks import check_columns, check_count, labels_of, numbers
from segkit.drawing import palettes
from segkit.drawing.classes import as_mask, count_text, counts
from segkit.drawing.maps._legend import Pattern
from segkit.errors import InputError, message
from segkit.words.text import say
from segkit.words.text import texts as texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segkit.base.checks import Floats, Language
    from segkit.drawing.classes import Classes, Codes, Mask

#: Kinds of flags and their patterns; the first that begins a flag names it.
_HATCHES = {
    "modelled": "////",
    "partly observed": "//",
    "interpolated": "||",
    "preliminary": "--",
    "other": "++",
}
_NO_FLAG = ("", "observed")
#: Kinds that tell nothing apart when every area has them: said once, in words, and not drawn.
_SAID_ONCE = ("preliminary",)
_SUPPRESSED = "suppressed"
#: The normal deviate of a 95 % interval.
_DEVIATE = 1.959963984540054


@dataclass(frozen=True)
class Flags:
    """The areas of each kind of flag; suppressed ones must not show their value."""

    kinds: dict[str, Mask]
    suppressed: Mask

    def of(self, rows: Mask) -> Flags:
        """Return the flags of some of the rows."""
        return Flags({kind: mask[rows] for kind, mask in self.kinds.items()}, self.suppressed[rows])

    def patterns(self, language: Language) -> list[Pattern]:
        """Return a pattern for each kind that occurs and tells areas apart."""
        return [
            Pattern(mask, _HATCHES[kind], flag_text(kind, language), count_text(int(mask.sum()), language))
            for kind, mask in self.kinds.items()
            if mask.any() and not self._holds_everywhere(kind)
        ]

    def headed(self, heading: str, language: Language) -> str:
        """Return the heading of the legend, with what holds for every area."""
        said = [flag_text(kind, language) for kind in self.kinds if self._holds_everywhere(kind)]
        return "\n".join([heading, *(f"{say('maps.flags', 'everywhere', language)} {text}" for text in said)])

    def _holds_everywhere(self, kind: str) -> bool:
        return kind in _SAID_ONCE and bool((self.kinds[kind] | self.suppressed).all())


def flag_text(kind: str, language: Language) -> str:
    """Say in the legend what a kind of flag means."""
    return (
        say("maps.shared", "modelled", language) if kind == "modelled" else say("maps.flags", kind, language)
    )


def hatch_of(kind: str) -> str:
    """Return the pattern of a kind of flag."""
    return _HATCHES[kind]


def read_flags(areas: pd.DataFrame, columns: Sequence[str], flags: Any, flagged: Any) -> Flags:
    """Return the flags of areas out of `flags`, or of the columns ending in _flag, and out of `flagged`."""
    found = {kind: np.zeros(len(areas), dtype=bool) for kind in (*_HATCHES, _SUPPRESSED)}
    for texts in _flag_columns(areas, columns, flags):
        for flag in texts.dropna().unique():
            for kind in _kinds_of(str(flag)):
                found[kind] |= (texts == flag).to_numpy(dtype=bool, na_value=False)
    suppressed = found.pop(_SUPPRESSED)
    # What is known to be partly observed is not modelled throughout.
    given = as_mask(flagged, areas, argument="flagged") & ~found["partly observed"]
    found["modelled"] |= given
    return Flags({kind: mask & ~suppressed for kind, mask in found.items()}, suppressed)


def _flag_columns(areas: pd.DataFrame, columns: Sequence[str], flags: Any) -> list[pd.Series]:
    """Return the series of texts that hold flags."""
    if flags is None:
        return [areas[f"{column}_flag"] for column in columns if f"{column}_flag" in areas]
    if isinstance(flags, str):
        check_columns(areas, [flags], argument="flags")
        return [areas[flags]]
    if not isinstance(flags, pd.Series) or not flags.index.equals(areas.index):
        fix = "Give a column such as areas['turnout_flag'], or its name."
        raise InputError(message("flags", "must be a Series of texts with the index of `areas`", fix=fix))
    return [flags]


def _kinds_of(flag: str) -> list[str]:
    """Return the kinds in one flag, such as "modelled, preliminary"."""
    parts = [part.strip().lower() for part in re.split("[,;]", flag)]
    known = (*_HATCHES, _SUPPRESSED)
    return [
        next((kind for kind in known if part.startswith(kind)), "other")
        for part in parts
        if part not in _NO_FLAG
    ]


def set_apart(
    areas: pd.DataFrame, codes: Codes, n: int, apart: Sequence[tuple[Mask, str, str]], language: Language
) -> tuple[Codes, list[str], list[str], list[Pattern]]:
    """Draw areas white with a pattern instead of in a class.

    Returns the codes, the colors and counts (as many; the last is of missing values) that go with the
    codes beyond the `n` classes, and the patterns.
    """
    used = [(mask, hatch, text) for mask, hatch, text in apart if mask.any()]
    codes = codes.copy()
    for place, (mask, _, _) in enumerate(used):
        codes[mask] = n + place
    amounts = counts(areas, codes, n + len(used), language)
    patterns = [
        Pattern(mask, hatch, text, amount)
        for (mask, hatch, text), amount in zip(used, amounts[n:-1], strict=True)
    ]
    return codes, [palettes.UNCERTAIN] * len(used), amounts, patterns


def suppressed_part(flags: Flags, language: Language) -> tuple[Mask, str, str]:
    """Return the suppressed areas with their pattern and text."""
    return flags.suppressed, "xxx", flag_text(_SUPPRESSED, language)


def uncertain_class(
    areas: pd.DataFrame,
    column: str,
    values: Floats,
    classes: Classes,
    *,
    se: str | None,
    interval: Sequence[str] | None,
    most_bounds: int,
    language: Language,
) -> list[Pattern]:
    """Return the dots of areas whose 95 % interval crosses more class bounds than allowed."""
    check_count(most_bounds, argument="most_bounds", least=0)
    if se is None and interval is None and f"{column}_se" in areas:
        se = f"{column}_se"
    if se is None and interval is None:
        return []
    low, high = _limits(areas, values, se, interval)
    inner = classes.bounds[1:-1]
    crossed = np.digitize(high, inner) - np.digitize(low, inner)
    known = ~np.isnan(low) & ~np.isnan(high) & ~np.isnan(values)
    mask = known & (crossed > most_bounds)
    if not mask.any():
        return []
    words = texts_of("maps.flags", language)
    rule = words["bounds"][min(most_bounds, 2)].format(most_bounds)
    text = str(words["uncertain"]).format(rule)
    return [Pattern(mask, "..", text, count_text(int(mask.sum()), language))]


def _limits(
    areas: pd.DataFrame, values: Floats, se: str | None, interval: Sequence[str] | None
) -> tuple[Floats, Floats]:
    """Return the lower and the upper limit of each area."""
    if se is not None and interval is not None:
        raise InputError(message("interval", "can't be given together with `se`"))
    if se is not None:
        check_columns(areas, [se], argument="se")
        error = numbers(areas, se)
        if (error < 0).any():
            raise InputError(message("se", "must not be below 0", labels_of(areas, error < 0)))
        return values - _DEVIATE * error, values + _DEVIATE * error
    names = [] if interval is None or isinstance(interval, str) else list(interval)
    if len(names) != 2:
        raise InputError(message("interval", "must name two columns, the lower and the upper limit"))
    check_columns(areas, names, argument="interval")
    low, high = (numbers(areas, name) for name in names)
    if (low > high).any():
        raise InputError(
            message("interval", "has a lower limit above the upper", labels_of(areas, low > high))
        )
    return low, high
