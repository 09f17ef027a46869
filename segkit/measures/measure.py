"""What the registries say of a measure: its name, range, meaning and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Measure:
    """One measure of segregation, inequality or polarization.

    Attributes
    ----------
    name : str
        The name of the function, such as ``"dissimilarity"``.
    letter : str
        The letter used in the literature, for table heads.
    kind : {"two_group", "spatial", "multigroup", "ordered", "values"}
        How it is called: ``f(data, *, group, total, missing="raise")``, the same with the places of the
        areas in `data` (spatial), ``f(data, *, groups, missing="raise")`` with one column per group,
        ``f(data, *, brackets, missing="raise")`` with the columns in order, or ``f(values, weight=None)``.
    dimension : str
        What it is a measure of: evenness, exposure, concentration, centralization, clustering,
        information, diversity, income, inequality or polarization.
    low, high : float
        The ends of its range; infinity where it has none.
    meaning, meaning_sv : str
        What a high value means, one sentence in English and in Swedish.
    reference : str
        The work that defines it.
    function : callable
        The measure itself; returns a float.
    many : callable, optional
        The formula alone, for many draws at once, without checks: counts of the group and of the rest
        ``(x, y)``, areas along the last axis; or ``(counts,)``, areas along the last axis but one and
        groups or brackets along the last; or ``(values, weight, copies)``, with how often each area is
        taken in each draw. Returns one value per draw, NaN where the measure is not defined.
    prepare : callable, optional
        For spatial measures, in place of `many`: ``prepare(data, **options)`` reads the places of the
        areas once and returns the formula ``(x, y)`` for many draws of people over them.
    """

    name: str
    letter: str
    kind: str
    dimension: str
    low: float
    high: float
    meaning: str
    meaning_sv: str
    reference: str
    function: Callable[..., float]
    many: Callable[..., Any] | None = None
    prepare: Callable[..., Callable[..., Any]] | None = None
