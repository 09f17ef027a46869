"""A measure says everything of itself at its function, and is in every list from then on.

The decorator `measure` takes what is known of a measure and its formula, writes into the docstring what
all measures of its kind share, and registers it. Its label and what a high value means are in
``words/measures.json`` under its name. Every list of measures is taken from here.

The signature of a measure is written out and its formula is a function beside it: type checkers, editors
and `help` then know the measure's own options, which no typed decorator could add to a formula's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from segkit.base.boundary import guarded
from segkit.measures.docstring import composed
from segkit.words.text import measure_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segkit.base.checks import Language

Kind = Literal["two_group", "spatial", "multigroup", "ordered", "values"]

Dimension = Literal[
    "evenness",
    "exposure",
    "concentration",
    "centralization",
    "clustering",
    "information",
    "diversity",
    "income",
    "inequality",
    "polarization",
]

F = TypeVar("F", bound=Callable[..., float])


@dataclass(frozen=True)
class Family:
    """What the measures of a kind share.

    Attributes
    ----------
    columns : tuple of str
        The arguments that say what is measured; all others but ``missing`` are options.
    given : {"two_group", "groups", "values"}
        What a user of `inference` and `trends` names for it.
    needs : str
        The same in words, for errors.
    parameters, raises : mapping
        What the docstring says of the arguments and errors.
    """

    columns: tuple[str, ...]
    given: str
    needs: str
    parameters: Mapping[str, str]
    raises: Mapping[str, str]


#: What is said of arguments that several measures have.
_ARGUMENTS = {
    "data": """pandas.DataFrame
    One row per area, one period. Areas whose total is 0 contribute nothing.""",
    "group, total": """str
    Columns with the count of the group and of everyone, per area.""",
    "groups": """sequence of str
    Columns with the count of each group per area; nobody belongs to two of them.""",
    "brackets": """sequence of str
    Columns with counts of people (or households) per bracket, from the lowest income to the highest.
    A bracket that is empty everywhere changes nothing.""",
    "values": """array-like
    One value per area, none negative.""",
    "weight": """array-like, optional
    Population of each area; without it every area counts the same.""",
    "area": """str, optional
    Column with the land of each area, in any unit. Without it the land is the area of the geometry,
    which must be polygons in a coordinate system in meters.""",
    "center": """{"population"}, str, tuple or shapely.Point
    The mean of the areas' centroids, weighted by `total` (``"population"``); or the ``area_id`` of
    an area, for its centroid; or a point (x, y) in the coordinate system of the data.""",
    "unit": """float or {"m", "km", "mile"}
    The length that counts as distance 1; a number is meters.""",
    "cutoff": """float, optional
    Distance, in `unit`, beyond which areas do not count as near at all; an area is always near itself.""",
    "missing": """{"raise", "drop"}
    Whether a missing count is an error or leaves its area out.""",
}

_NO_COLUMN = {"UnknownNameError": "If a column is missing."}

_PERIODS = "the table holds the same areas in several periods"

_COUNTS = (
    "If counts are missing, negative, text or larger than the total, nobody or everybody belongs to the group"
)

#: Every kind of measure, and how it is called.
FAMILIES: dict[Kind, Family] = {
    "two_group": Family(
        columns=("group", "total"),
        given="two_group",
        needs="group= and total= (counts per area)",
        parameters=_ARGUMENTS,
        raises=_NO_COLUMN | {"InputError": f"{_COUNTS}, or {_PERIODS}."},
    ),
    "spatial": Family(
        columns=("group", "total"),
        given="two_group",
        needs="group= and total= (counts per area, with boundaries)",
        parameters=_ARGUMENTS
        | {
            "data": """geopandas.GeoDataFrame
    One row per area, one period, polygons in a coordinate system in meters. Areas whose total is 0
    contribute nothing."""
        },
        raises=_NO_COLUMN
        | {
            "InputError": f"{_COUNTS}, {_PERIODS}, an area is no polygon, or the coordinates are not in "
            "meters."
        },
    ),
    "multigroup": Family(
        columns=("groups",),
        given="groups",
        needs="groups= (a column of counts per group)",
        parameters=_ARGUMENTS
        | {
            "data": """pandas.DataFrame
    One row per area, one period. Areas where every group is 0 contribute nothing."""
        },
        raises=_NO_COLUMN
        | {
            "InputError": "If counts are missing, negative or text, fewer than two columns are named, "
            f"everyone is in one group, or {_PERIODS}."
        },
    ),
    "ordered": Family(
        columns=("brackets",),
        given="groups",
        needs="groups= (a column of counts per bracket, in order)",
        parameters=_ARGUMENTS
        | {
            "data": """pandas.DataFrame
    One row per area, one period. Areas without people contribute nothing."""
        },
        raises=_NO_COLUMN
        | {
            "InputError": "If counts are missing, negative or text, fewer than two columns are named, "
            f"everyone is in one bracket, or {_PERIODS}."
        },
    ),
    "values": Family(
        columns=("values", "weight"),
        given="values",
        needs="values= (a column)",
        parameters=_ARGUMENTS,
        raises={"InputError": "If values are missing, or weights are missing, negative or all 0."},
    ),
}


@dataclass(frozen=True)
class Measure:
    """One measure of segregation, inequality or polarization.

    Attributes
    ----------
    name : str
        The name of the function, such as ``"dissimilarity"``.
    noun : str
        The module that users take it from, such as ``"segregation"``.
    kind : {"two_group", "spatial", "multigroup", "ordered", "values"}
        How it is called: ``f(data, *, group, total, missing="raise")``, the same with the places of the
        areas in `data` (spatial), ``f(data, *, groups, missing="raise")`` with one column per group,
        ``f(data, *, brackets, missing="raise")`` with the columns in order, or ``f(values, weight=None)``.
    letter : str
        The letter used in the literature, for table heads.
    dimension : str
        What it is a measure of: evenness, exposure, concentration, centralization, clustering,
        information, diversity, income, inequality or polarization.
    reference : str
        The work that defines it.
    function : callable
        The measure itself; returns a float.
    low, high : float
        The ends of its range; infinity where it has none.
    even : float, optional
        Its value where all areas are alike; None where that depends on the data.
    symmetric : bool
        Whether the group and everyone else can change places, of two groups.
    in_units : bool
        Whether ten times the values give ten times the measure, of values.
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
    noun: str
    kind: Kind
    letter: str
    dimension: Dimension
    reference: str
    function: Callable[..., float]
    low: float = 0.0
    high: float = 1.0
    even: float | None = 0.0
    symmetric: bool = True
    in_units: bool = False
    many: Callable[..., Any] | None = None
    prepare: Callable[..., Callable[..., Any]] | None = None

    def said(self, what: Literal["label", "meaning"], language: Language) -> str:
        """Return its label, or what a high value means in a sentence."""
        known = measure_words()
        # A name that two nouns share stands with its noun for the one of them.
        entry = known.get(f"{self.noun}.{self.name}") or known[self.name]
        return str(entry[what][("sv", "en").index(language)])

    @property
    def meaning(self) -> str:
        """What a high value means, one sentence in English."""
        return self.said("meaning", "en")

    @property
    def meaning_sv(self) -> str:
        """What a high value means, one sentence in Swedish."""
        return self.said("meaning", "sv")


_MEASURES: dict[tuple[str, str], Measure] = {}


def measure(
    kind: Kind,
    formula: Callable[..., Any],
    *,
    letter: str,
    dimension: Dimension,
    reference: str,
    low: float = 0.0,
    high: float = 1.0,
    even: float | None = 0.0,
    symmetric: bool = True,
    in_units: bool = False,
) -> Callable[[F], F]:
    """Make a function a measure: complete its docstring, guard and register it.

    Parameters
    ----------
    kind : {"two_group", "spatial", "multigroup", "ordered", "values"}
        How it is called; see `Measure`, as for all that follows.
    formula : callable
        What `Measure` calls `many`, or `prepare` for a spatial measure. It takes the measure's own
        options by name, with the same defaults.
    letter, dimension, reference : str
        Its letter, what it is a measure of, and the work that defines it.
    low, high : float
        The ends of its range.
    even : float, optional
        Its value where all areas are alike.
    symmetric, in_units : bool
        Whether groups can change places, and whether it is in the unit of the values.

    Returns
    -------
    callable
        The decorator. It keeps the function's type.
    """

    def register(function: F) -> F:
        family = FAMILIES[kind]
        function.__doc__ = composed(function, parameters=family.parameters, raises=family.raises)
        made = cast("F", guarded(cast("Any", function)))
        name, noun = function.__name__, function.__module__.split(".")[-2]
        _MEASURES[noun, name] = Measure(
            name=name,
            noun=noun,
            kind=kind,
            letter=letter,
            dimension=dimension,
            reference=reference,
            function=made,
            low=low,
            high=high,
            even=even,
            symmetric=symmetric,
            in_units=in_units,
            many=None if kind == "spatial" else formula,
            prepare=formula if kind == "spatial" else None,
        )
        return made

    return register


def registered(noun: str = "") -> list[Measure]:
    """Return every measure, or those of a noun, in the order of the modules."""
    return [one for one in _MEASURES.values() if noun in {"", one.noun}]
