"""What an annotation asks of a value, in words: for arguments that made a call fail."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np
import pandas as pd

from segkit.base.checks import LARGEST, is_number, shown
from segkit.base.usable import is_cell, unusable
from segkit.errors import message

#: Beyond these no count, seed or measurement lies, and sums overflow.
_LARGEST_WHOLE = 2**63

_SIMPLE: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "str": ("text", lambda v: isinstance(v, str)),
    "int": (
        "a whole number",
        lambda v: is_number(v) and isinstance(v, int | np.integer) and abs(v) < _LARGEST_WHOLE,
    ),
    "float": ("a number", lambda v: is_number(v) and abs(v) < LARGEST),
    "bool": ("True or False", lambda v: isinstance(v, bool | np.bool_)),
    "None": ("None", lambda v: v is None),
    "Path": ("a path", lambda v: isinstance(v, os.PathLike)),
    "pd.DataFrame": ("a table", lambda v: isinstance(v, pd.DataFrame)),
    "gpd.GeoDataFrame": (
        "a table with boundaries (GeoDataFrame)",
        lambda v: isinstance(v, pd.DataFrame) and hasattr(v, "to_crs"),
    ),
    "pd.Series": ("a Series", lambda v: isinstance(v, pd.Series)),
    "Language": ("'sv' or 'en'", lambda v: isinstance(v, str) and v in {"sv", "en"}),
    "Floats": ("an array of numbers", lambda v: isinstance(v, np.ndarray) and _is_array(v, "biu")),
    "object": ("a value that can be compared", pd.api.types.is_hashable),
    "Progress": ("a function, True or False", lambda v: v is None or callable(v) or isinstance(v, bool)),
    "Row": ("a row of a table", lambda v: isinstance(v, Mapping | pd.Series)),
}
#: Classes that are known to the annotations by name only, so that none is imported for a check.
_CLASSES = {
    *("Axes", "Client", "Clustergram", "Criterion", "Document", "Figure", "Graph", "Map", "Metadata"),
    *("Picture", "Plan", "ProfilesOverTime", "Rule", "Screening", "Section", "Standardizer", "Survey"),
    *("Table", "Point"),
}
_LISTS = {"Sequence", "Iterable", "tuple", "list"}


def broken(value: Any, annotation: str, names: Mapping[str, Any], argument: str) -> str:
    """Return what a value breaks, as the text of an error, or no text."""
    if not _meets(value, annotation, names):
        return message(argument, f"is {shown(value)}, must be {_words(annotation, names)}")
    if isinstance(value, pd.DataFrame | pd.Series):
        return unusable(value, argument)
    if annotation == "Any" and not _is_array(value, "biuUST"):
        return message(argument, f"is {shown(value)}, must be numbers or text in one dimension")
    return ""


def _meets(value: Any, annotation: str, names: Mapping[str, Any]) -> bool:
    return any(_meets_one(value, one, names) for one in _split(annotation, "|"))


def _meets_one(value: Any, annotation: str, names: Mapping[str, Any]) -> bool:
    if annotation in _SIMPLE:
        return _SIMPLE[annotation][1](value)
    outer, inner = _taken_apart(annotation)
    if outer in _LISTS:
        return _is_list(value, outer) and _meets_each(value, inner, names)
    if outer == "Mapping":
        return isinstance(value, Mapping) and all(_meets(v, inner[-1], names) for v in value.values())
    if outer == "Callable":
        return callable(value)
    if outer == "Literal":
        return pd.api.types.is_hashable(value) and value in _choices(annotation)
    return _meets_named(value, outer, names)


def _meets_named(value: Any, name: str, names: Mapping[str, Any]) -> bool:
    """Hold a value against a name: of an alias, or of a class."""
    last = name.rpartition(".")[2]
    alias = _alias(last, names)
    if isinstance(alias, str):
        return _meets(value, alias, names)
    if get_origin(alias) in {Union, UnionType}:
        return any(_meets_object(value, one) for one in get_args(alias))
    if alias is None:
        return last not in _CLASSES or any(kind.__name__ == last for kind in type(value).__mro__)
    return _meets_object(value, alias)


def _meets_object(value: Any, wanted: Any) -> bool:
    """Hold a value against a class or a choice."""
    if get_origin(wanted) is Literal:
        return pd.api.types.is_hashable(value) and value in get_args(wanted)
    if isinstance(wanted, type) and wanted is not Any and get_origin(wanted) is None:
        return isinstance(value, wanted)
    return True


def _alias(name: str, names: Mapping[str, Any]) -> Any:
    """Return what a name means where it is used; the checker's own imports are found where they are from."""
    if name in names:
        return names[name]
    modules = [module for key, module in sys.modules.items() if key.startswith("segkit.")]
    found = [vars(module)[name] for module in modules if name in vars(module)]
    return found[0] if found and all(one == found[0] for one in found) else None


def _is_list(value: Any, outer: str) -> bool:
    """Tell whether a value is a list; one that is read once can't be looked at again."""
    if isinstance(value, str | bytes):
        return False
    if isinstance(value, np.ndarray) and value.ndim != 1:
        return False
    return isinstance(value, Sequence if outer != "Iterable" else Collection)


def _meets_each(value: Any, inner: list[str], names: Mapping[str, Any]) -> bool:
    if len(inner) > 1 and inner[-1] != "...":
        return len(value) == len(inner) and all(
            _meets(v, a, names) for v, a in zip(value, inner, strict=True)
        )
    return all(_meets(v, inner[0], names) for v in value)


def _is_array(value: Any, kinds: str) -> bool:
    """Tell whether a value is an array of such kinds, or can be one, within what can be computed with."""
    try:
        array = np.asarray(value)
    except ValueError:
        return False
    if array.dtype == object:
        return "U" in kinds and all(is_cell(one) for one in array.flat)
    if array.dtype.kind == "f":
        return not (np.abs(array) > LARGEST).any()
    return array.dtype.kind in kinds


def _split(text: str, sign: str) -> list[str]:
    """Split at a sign that stands in no brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[(") - (letter in "])")
        if letter == sign and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _taken_apart(annotation: str) -> tuple[str, list[str]]:
    outer, _, rest = annotation.partition("[")
    return outer, _split(rest.removesuffix("]"), ",") if rest else ["Any"]


def _choices(annotation: str) -> tuple[Any, ...]:
    found = ast.literal_eval("(" + annotation.removeprefix("Literal[").removesuffix("]") + ",)")
    return tuple(found)


def _words(annotation: str, names: Mapping[str, Any]) -> str:
    """Say what an annotation asks for."""
    return " or ".join(_words_of_one(one, names) for one in _split(annotation, "|"))


def _words_of_one(annotation: str, names: Mapping[str, Any]) -> str:
    outer, inner = _taken_apart(annotation)
    alias = _alias(outer, names)
    if annotation in _SIMPLE:
        return _SIMPLE[annotation][0]
    if outer in _LISTS:
        kinds = [_words(a, names) for a in inner if a != "..."]
        return "a list" if kinds == ["Any"] else f"a list of {', '.join(kinds)}"
    if outer in {"Mapping", "Callable"}:
        return "a function" if outer == "Callable" else f"a mapping to {_words(inner[-1], names)}"
    if outer == "Literal" or get_origin(alias) is Literal:
        choices = _choices(annotation) if outer == "Literal" else get_args(alias)
        return "one of " + ", ".join(map(repr, choices))
    if get_origin(alias) in {Union, UnionType}:
        return " or ".join(_words_of_object(one) for one in get_args(alias))
    return _words(alias, names) if isinstance(alias, str) else outer


def _words_of_object(wanted: Any) -> str:
    if get_origin(wanted) is Literal:
        return " or ".join(map(repr, get_args(wanted)))
    name = getattr(wanted, "__name__", str(wanted))
    return "None" if wanted is type(None) else _SIMPLE.get(name, (name,))[0]
