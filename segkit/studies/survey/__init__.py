"""The survey of a municipality, end to end: profiles, polarization over time, claims, report and files."""

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.studies.fields import FieldMapping, map_fields
from segkit.studies.survey import report
from segkit.studies.survey.claims import claims
from segkit.studies.survey.inputs import Inputs, load
from segkit.studies.survey.outcome import write
from segkit.studies.survey.result import Survey
from segkit.studies.survey.run import STEPS, official_agreement, run

__all__ = [
    "STEPS",
    "FieldMapping",
    "Inputs",
    "Survey",
    "claims",
    "load",
    "map_fields",
    "official_agreement",
    "report",
    "run",
    "write",
]

__dir__ = public(__all__)

guard(__name__)
