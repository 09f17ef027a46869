from . import errors, evaluation, geography, inference, measures, profiles, sources, studies
from .base.version import __version__
from .catalogue import indicators
from .drawing import charts, maps, palettes, webmap
from .inference import trends
from .measures import autocorrelation, decomposition, inequality, polarization, segregation
from .output import export, tables
from .panels import areas, disclosure, frame, graphs, owndata
from .profiles import Profiles, composite, standardize, transitions, typologies
from .profiles.composite import CompositeIndex
from .profiles.standardize import Standardizer
from .sources import fetching
from .studies import followup, screening, survey
from .studies.survey import report

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
    "frame",
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
