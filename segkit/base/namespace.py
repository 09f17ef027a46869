"""What a public module shows of itself."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def public(names: Iterable[str]) -> Callable[[], list[str]]:
    """Return the ``__dir__`` of a module that shows the names in its ``__all__`` and nothing else.

    Examples
    --------
    >>> public(["gini", "entropy"])()
    ['entropy', 'gini']
    """
    return lambda: sorted(names)


def below(package: str) -> list[str]:
    """Return the functions in a package's own namespace that its modules define.

    Examples
    --------
    >>> import segkit.measures.inequality
    >>> below("segkit.measures.inequality")[:2]
    ['gini', 'mean_log_deviation']
    """
    known = vars(sys.modules[package]).items()
    return sorted(
        name
        for name, value in known
        if inspect.isfunction(value) and value.__module__.startswith(f"{package}.")
    )
