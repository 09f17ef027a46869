"""The municipalities' own questions, each as one study: a report, a workbook, and how to repeat it."""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.studies import followup, screening, survey
from segkit.studies.area import area_study
from segkit.studies.evaluation.report import did_it_work
from segkit.studies.fields.report import field_study
from segkit.studies.followup.figures import fetched_figures, read_codes
from segkit.studies.followup.report import follow_up
from segkit.studies.screening.report import screening_study
from segkit.studies.study import Study

__all__ = [
    "Study",
    "area_study",
    "did_it_work",
    "fetched_figures",
    "field_study",
    "follow_up",
    "followup",
    "read_codes",
    "screening",
    "screening_study",
    "survey",
]

__dir__ = public(__all__)

guard(__name__)
