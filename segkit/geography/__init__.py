"""Figures between geographies that do not match: interpolated, looked up in keys, chained or modelled."""

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.geography._chaining import SAME, Chain, chain
from segkit.geography._changing import boundary_changes
from segkit.geography._crosswalking import aggregate, crosswalk
from segkit.geography._interpolating import interpolate, nest_check
from segkit.geography._model import MOST, WHOLE, transfer_model
from segkit.geography._sharing import Conversion
from segkit.geography._turnout import TURNOUT_PREDICTORS, turnout_by_area

__all__ = [
    "MOST",
    "SAME",
    "TURNOUT_PREDICTORS",
    "WHOLE",
    "Chain",
    "Conversion",
    "aggregate",
    "boundary_changes",
    "chain",
    "crosswalk",
    "interpolate",
    "nest_check",
    "transfer_model",
    "turnout_by_area",
]

__dir__ = public(__all__)

guard(__name__)
