"""How sure a measure is: intervals, tests, paired change between periods, correction of bias.

What an interval means when the areas are all areas there are: the figures are then no sample, and
nothing is left to draw. The interval answers another question: had the same forces produced another set
of areas, or placed people a little differently, how far could the measure have ended up (the
superpopulation reading)? It tells large differences from such as chance easily makes. It says nothing
about errors in the figures, and with few areas (Kalmar has 17 RegSO) it is approximate, often too narrow.

The same seed gives the same answer, whatever the number of threads (`n_jobs`) and the order of the rows:
areas are drawn by ``period`` and ``area_id``. A table without ``area_id`` goes by its row index where that
names the rows (text, each once), else by what stands in the rows, the columns measured first.

A run that is interrupted (Ctrl+C, or stop in a notebook) keeps what is done and says how many draws the
table rests on.
"""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.inference import trends
from segkit.inference.bias import debias
from segkit.inference.bootstrap import bootstrap
from segkit.inference.periods import compare_periods
from segkit.inference.permutation import false_discovery_rate, permutation_test
from segkit.inference.scoring import usable_areas

__all__ = [
    "bootstrap",
    "compare_periods",
    "debias",
    "false_discovery_rate",
    "permutation_test",
    "trends",
    "usable_areas",
]

__dir__ = public(__all__)

guard(__name__)
