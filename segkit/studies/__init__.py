"""The municipalities' own questions, each as one study: a report, a workbook, and how to repeat it."""

from __future__ import annotations

from segkit.studies._area import area_study
from segkit.studies._did_it_work import did_it_work
from segkit.studies._followup import follow_up
from segkit.studies._study import Study

__all__ = ["Study", "area_study", "did_it_work", "follow_up"]
