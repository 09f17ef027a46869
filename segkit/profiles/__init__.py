"""Socioeconomic profiles: groups of areas with alike conditions, ordered from weakest to strongest."""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.profiles import composite, standardize, transitions, typologies
from segkit.profiles._aligning import align
from segkit.profiles._choice import Choice, choose_n_profiles
from segkit.profiles._clustergram import Clustergram, clustergram
from segkit.profiles._model import DEFAULT_COLUMNS, Profiles
from segkit.profiles._portraits import label
from segkit.profiles._special import SPECIAL_COLUMNS, special_areas
from segkit.profiles._stability import Stability

__all__ = [
    "DEFAULT_COLUMNS",
    "SPECIAL_COLUMNS",
    "Choice",
    "Clustergram",
    "Profiles",
    "Stability",
    "align",
    "choose_n_profiles",
    "clustergram",
    "composite",
    "label",
    "special_areas",
    "standardize",
    "transitions",
    "typologies",
]

__dir__ = public(__all__)

guard(__name__)
