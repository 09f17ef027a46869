"""What a public module shows of itself."""

from __future__ import annotations

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
