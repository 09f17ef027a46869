"""How areas move between states over time: profiles, area types, or classes of a value.

A transition leads from an area's state in one period of the panel to its state in the next. With areas
as rows and no sampling, the chances are shares of the moves that took place; read as a Markov chain they
assume that a move depends on the present state alone, and that the chances stay as they are.
"""

from __future__ import annotations

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.profiles.transitions._chain import first_passage, mobility, steady_state
from segkit.profiles.transitions._counts import transition_counts, transition_matrix
from segkit.profiles.transitions._fan import trajectory_fan
from segkit.profiles.transitions._peers import peers
from segkit.profiles.transitions._sequences import SequenceDistances, sequence_distances, sequences
from segkit.profiles.transitions._spatial import SpatialMarkov, spatial_markov
from segkit.profiles.transitions._turnaround_chance import TurnaroundTest, turnaround_test
from segkit.profiles.transitions._turnarounds import turnarounds
from segkit.profiles.transitions._what_changed import what_changed

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

__dir__ = public(__all__)

guard(__name__)
