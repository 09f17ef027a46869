"""The docstring of a measure: what it says of itself, with what all measures of its kind share."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WIDTH = 105

_HEAD = re.compile(r"^(\w+)\n-{3,}\n", re.MULTILINE)


def composed(
    function: Callable[..., Any], *, parameters: Mapping[str, str], raises: Mapping[str, str]
) -> str | None:
    r"""Return the docstring with every argument of the signature, in its order, and every error.

    What the docstring itself says of an argument goes before what is shared, and what it says of an error
    is added to it. None without a docstring, as under ``python -OO``.

    Examples
    --------
    >>> from segkit.measures.measure import FAMILIES
    >>> family = FAMILIES["values"]
    >>> def spread(values, *, width=1.0):
    ...     '''Spread.'''
    >>> spread.__doc__ += "\n\nReturns\n-------\nfloat\n\nRaises\n------\nInputError\n    Also."
    >>> lines = composed(spread, parameters=family.parameters, raises=family.raises).splitlines()
    >>> lines[4], lines[-1]
    ('values : array-like', '    If values are missing, or weights are missing, negative or all 0. Also.')
    """
    if not function.__doc__:
        return None
    text, *rest = _HEAD.split(inspect.cleandoc(function.__doc__))
    sections = {head: body.strip("\n") for head, body in zip(rest[::2], rest[1::2], strict=True)}
    own = _entries(sections.pop("Parameters", ""))
    found = _arguments(function, {head: f"{head} : {said}" for head, said in parameters.items()} | own)
    also = _entries(sections.pop("Raises", ""))
    errors = {
        error: " ".join([raises.get(error, ""), *also.get(error, "").split()[1:]]).strip()
        for error in (*raises, *also)
    }
    indent = " " * 4
    told = (
        f"{error}\n{textwrap.fill(said, _WIDTH, initial_indent=indent, subsequent_indent=indent)}"
        for error, said in errors.items()
    )
    whole = {
        "Parameters": "\n".join(found),
        "Returns": sections.pop("Returns"),
        "Raises": "\n".join(told),
        **sections,
    }
    parts = [f"{head}\n{'-' * len(head)}\n{body}" for head, body in whole.items()]
    return "\n\n".join([text.strip("\n"), *parts])


def _entries(section: str) -> dict[str, str]:
    """Split a section by its heads, such as ``b : float``: name or names -> head and text."""
    entries = re.split(r"\n(?=\S)", section) if section else []
    return {re.split(r" :|\n", entry)[0]: entry for entry in entries}


def _arguments(function: Callable[..., Any], known: Mapping[str, str]) -> list[str]:
    """Return what is said of each argument, once, in the order of the signature; the last said counts."""
    by_name = {name: entry for names, entry in known.items() for name in names.split(", ")}
    taken = (by_name[name] for name in inspect.signature(function).parameters if name in by_name)
    return list(dict.fromkeys(taken))
