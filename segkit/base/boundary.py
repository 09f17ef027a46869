"""The boundary of the public functions: an error that a bad argument caused is told in words.

A call costs nothing here. When it ends in an error that is not segkit's own, the arguments are held
against the annotations of the signature, and tables against what makes a table usable. An argument that
breaks them is named, with the error as cause; where all are in order the error is a fault of segkit's own
and passes as it is.
"""

from __future__ import annotations

import functools
import inspect
import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

from segkit.errors import InputError, SegkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def guard(name: str) -> None:
    """Guard the public functions, and the methods of the public classes, of a module."""
    module = sys.modules[name]
    own = getattr(module, "__all__", None) or [
        key
        for key, value in vars(module).items()
        if key[0] != "_" and getattr(value, "__module__", "") == name and callable(value)
    ]
    for key in own:
        value = getattr(module, key)
        if isinstance(value, FunctionType):
            made = guarded(value)
            setattr(module, key, made)
            # Where it is defined too: it is found there when it is pickled or its examples are run.
            setattr(sys.modules[value.__module__], value.__name__, made)
        elif inspect.isclass(value) and not issubclass(value, tuple | BaseException):
            for method, code in list(vars(value).items()):
                if isinstance(code, FunctionType) and (method[0] != "_" or method == "__init__"):
                    setattr(value, method, guarded(code))


def unguarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that a guarded one stands for, and any other as it is."""
    found: Callable[..., Any] = inspect.unwrap(function)
    return found


def guarded(function: FunctionType) -> FunctionType:
    """Return a function that does the same and names the argument at fault."""
    if hasattr(function, "__wrapped__"):
        return function
    told = _told

    def call(*given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        except Exception as error:
            told(function, error, given, named)
            raise

    # With the globals of the module that the function is from, doctest still sees it as that module's.
    made = FunctionType(call.__code__, function.__globals__, function.__name__, None, call.__closure__)
    functools.update_wrapper(made, function)
    return made


def _told(function: FunctionType, error: Exception, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    """Raise an error that names the argument at fault, if there is one."""
    if isinstance(error, SegkitError | Warning):
        return
    signature = inspect.signature(function)
    try:
        bound = signature.bind(*given, **named)
    except TypeError:
        return
    from segkit.base import annotations as _annotations

    for name, value in bound.arguments.items():
        wanted = signature.parameters[name]
        values = value if wanted.kind is wanted.VAR_POSITIONAL else (value,)
        for one in values:
            if rule := _annotations.broken(one, str(wanted.annotation), function.__globals__, name):
                raise InputError(rule) from error
