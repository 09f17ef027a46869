"""The follow-up of key figures: each by sex, against Sweden and peers, with its change since last time."""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.catalogue.key_figures import key_figures
from segkit.studies.followup.areas import segregated_areas
from segkit.studies.followup.figures import embedded_figures, fetch_figures
from segkit.studies.followup.table import table

__all__ = ["embedded_figures", "fetch_figures", "key_figures", "segregated_areas", "table"]

__dir__ = public(__all__)

guard(__name__)
