"""The survey of a municipality, end to end: profiles, polarization over time, claims, report and files."""

from segkit._boundary import guard
from segkit._result import Survey
from segkit.survey.claims import claims
from segkit.survey.fields import FieldMapping, map_fields
from segkit.survey.inputs import Inputs, load
from segkit.survey.outputs import write
from segkit.survey.running import STEPS, official_agreement, run

__all__ = [
    "STEPS",
    "FieldMapping",
    "Inputs",
    "Survey",
    "claims",
    "load",
    "map_fields",
    "official_agreement",
    "run",
    "write",
]

guard(__name__)
