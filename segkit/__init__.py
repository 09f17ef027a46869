"""segkit: socioeconomic area analysis, from a municipality's figures to its segregation survey.

The modules are namespaces: ``import segkit as sg; sg.segregation.dissimilarity(...)``. They, and the
three estimators, are imported when first used, so ``import segkit`` is light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segkit import (
        areas,
        autocorrelation,
        charts,
        composite,
        decomposition,
        disclosure,
        errors,
        evaluation,
        export,
        fetching,
        followup,
        geography,
        graphs,
        indicators,
        inequality,
        inference,
        maps,
        measures,
        owndata,
        palettes,
        polarization,
        profiles,
        report,
        screening,
        segregation,
        sources,
        standardize,
        studies,
        survey,
        tables,
        transitions,
        trends,
        typologies,
        webmap,
    )
    from segkit.composite import CompositeIndex
    from segkit.profiles import Profiles
    from segkit.standardize import Standardizer

__version__ = "0.1.0"

_ESTIMATORS = {
    "CompositeIndex": "segkit.composite",
    "Profiles": "segkit.profiles",
    "Standardizer": "segkit.standardize",
}

__all__ = [
    "CompositeIndex",
    "Profiles",
    "Standardizer",
    "__version__",
    "areas",
    "autocorrelation",
    "charts",
    "composite",
    "decomposition",
    "disclosure",
    "errors",
    "evaluation",
    "export",
    "fetching",
    "followup",
    "geography",
    "graphs",
    "indicators",
    "inequality",
    "inference",
    "maps",
    "measures",
    "owndata",
    "palettes",
    "polarization",
    "profiles",
    "report",
    "screening",
    "segregation",
    "sources",
    "standardize",
    "studies",
    "survey",
    "tables",
    "transitions",
    "trends",
    "typologies",
    "webmap",
]


def __getattr__(name: str) -> Any:
    if name in _ESTIMATORS:
        return getattr(importlib.import_module(_ESTIMATORS[name]), name)
    if name in __all__:
        return importlib.import_module(f"segkit.{name}")
    raise AttributeError(f"module 'segkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
