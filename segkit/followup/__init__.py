"""The follow-up of key figures: each by sex, against Sweden and peers, with its change since last time."""

from __future__ import annotations

from segkit._boundary import guard
from segkit.followup._areas import segregated_areas
from segkit.followup._catalogue import key_figures
from segkit.followup._fetching import fetch_figures
from segkit.followup._figures import embedded_figures
from segkit.followup._table import table

__all__ = ["embedded_figures", "fetch_figures", "key_figures", "segregated_areas", "table"]

guard(__name__)
