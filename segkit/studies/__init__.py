"""The municipalities' own questions, each as one study: a report, a workbook, and how to repeat it."""

from __future__ import annotations

from segkit._boundary import guard
from segkit.studies._area import area_study
from segkit.studies._did_it_work import did_it_work
from segkit.studies._fetching import fetched_figures, read_codes
from segkit.studies._fields import field_study
from segkit.studies._followup import follow_up
from segkit.studies._screening import screening_study
from segkit.studies._study import Study

__all__ = [
    "Study",
    "area_study",
    "did_it_work",
    "fetched_figures",
    "field_study",
    "follow_up",
    "read_codes",
    "screening_study",
]

guard(__name__)
