"""What of a table is asked for: expressions for codes, and parts small enough for one answer."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FUNCTION = re.compile(r"(?i)(top|bottom|from|to|range)\((.*)\)")


def expand(expression: str, codes: Sequence[str], *, variable: str, time: bool = False) -> list[str]:
    """Return the codes that an expression of PxWebApi 2 stands for, in the order of the table.

    Parameters
    ----------
    expression : str
        A code, ``*``, a pattern with ``*`` or ``?``, ``TOP(n, offset)``, ``BOTTOM(n, offset)``,
        ``FROM(code)``, ``TO(code)`` or ``RANGE(a, b)``; upper and lower case are one.
    codes : sequence of str
        The codes of the variable in order.
    variable : str
        The variable's name, for messages.
    time : bool
        Whether it is the time variable, where TOP means the last.

    Raises
    ------
    InputError
        When the expression is malformed or stands for no code.

    Examples
    --------
    >>> years = ["2019", "2020", "2021", "2022"]
    >>> expand("TOP(2)", years, variable="Tid", time=True), expand("range(2021,2020)", years, variable="Tid")
    (['2021', '2022'], ['2020', '2021'])
    """
    function = _FUNCTION.fullmatch(expression.strip())
    if function and expression not in codes:
        found = _function(function[1].lower(), function[2], codes, variable=variable, time=time)
    elif expression in codes:
        found = [expression]
    else:
        pattern = re.escape(expression).replace(r"\*", ".*").replace(r"\?", ".")
        found = [c for c in codes if re.fullmatch(pattern, c, re.IGNORECASE)]
    if not found:
        fix = "The table may have changed; look at its metadata."
        raise InputError(message(variable, "has none of the codes asked for", [expression], fix))
    return found


def _function(name: str, inside: str, codes: Sequence[str], *, variable: str, time: bool) -> list[str]:
    parts = [p.strip() for p in inside.split(",")]
    if name in {"top", "bottom"}:
        if not all(p.isdecimal() for p in parts) or len(parts) > 2:
            raise InputError(message(variable, f"{name.upper()} takes one or two numbers", [inside]))
        count, offset = int(parts[0]), int(parts[1]) if len(parts) == 2 else 0
        last = (name == "top") == time
        turned = list(codes)[::-1] if last else list(codes)
        found = turned[offset : offset + count]
        return found[::-1] if last else found
    places = {c.casefold(): i for i, c in enumerate(codes)}
    missing = [p for p in parts if p.casefold() not in places]
    if missing or len(parts) != (2 if name == "range" else 1):
        raise InputError(message(variable, f"{name.upper()} names a code the table lacks", [inside]))
    ends = sorted(places[p.casefold()] for p in parts)
    start = 0 if name == "to" else ends[0]
    stop = len(codes) - 1 if name == "from" else ends[-1]
    return list(codes[start : stop + 1])


@dataclass(frozen=True)
class Part:
    """A part of a table: for each variable the expressions that are sent and the codes they stand for."""

    sent: dict[str, tuple[str, ...]]
    codes: dict[str, tuple[str, ...]]

    @property
    def cells(self) -> int:
        return math.prod(len(codes) for codes in self.codes.values())

    def halves(self, time: str) -> tuple[Part, Part]:
        """Split along the periods while there are several, else along the variable with most codes."""
        name = (
            time if len(self.codes.get(time, ())) > 1 else max(self.codes, key=lambda v: len(self.codes[v]))
        )
        codes = self.codes[name]
        middle = (len(codes) + 1) // 2
        first, second = codes[:middle], codes[middle:]
        return (
            Part({**self.sent, name: first}, {**self.codes, name: first}),
            Part({**self.sent, name: second}, {**self.codes, name: second}),
        )

    def split(self, most: int, time: str) -> Iterator[Part]:
        """Yield parts of at most `most` cells each."""
        if self.cells <= most or self.cells == 1:
            yield self
            return
        for half in self.halves(time):
            yield from half.split(most, time)
