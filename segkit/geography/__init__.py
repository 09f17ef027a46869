"""Figures between geographies that do not match: interpolated, looked up in keys, chained or modelled."""

from segkit.geography._interpolating import Interpolation, interpolate, nest_check
from segkit.geography._model import MOST, WHOLE, transfer_model
from segkit.geography._turnout import TURNOUT_PREDICTORS, turnout_by_area

__all__ = [
    "MOST",
    "TURNOUT_PREDICTORS",
    "WHOLE",
    "Interpolation",
    "interpolate",
    "nest_check",
    "transfer_model",
    "turnout_by_area",
]
