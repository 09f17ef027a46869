"""How areas move between states over time: profiles, area types, or classes of a value.

A transition leads from an area's state in one period of the panel to its state in the next. With areas
as rows and no sampling, the chances are shares of the moves that took place; read as a Markov chain they
assume that a move depends on the present state alone, and that the chances stay as they are.
"""

from __future__ import annotations

from segkit._boundary import guard
from segkit.transitions._chain import first_passage, mobility, steady_state
from segkit.transitions._counts import transition_counts, transition_matrix
from segkit.transitions._fan import trajectory_fan
from segkit.transitions._peers import peers
from segkit.transitions._sequences import SequenceDistances, sequence_distances, sequences
from segkit.transitions._spatial import SpatialMarkov, spatial_markov
from segkit.transitions._turnaround_test import TurnaroundTest, turnaround_test
from segkit.transitions._turnarounds import turnarounds
from segkit.transitions._what_changed import what_changed

__all__ = [
    "SequenceDistances",
    "SpatialMarkov",
    "TurnaroundTest",
    "first_passage",
    "mobility",
    "peers",
    "sequence_distances",
    "sequences",
    "spatial_markov",
    "steady_state",
    "trajectory_fan",
    "transition_counts",
    "transition_matrix",
    "turnaround_test",
    "turnarounds",
    "what_changed",
]

guard(__name__)
