"""Polarization of areas: whether they part into camps, which is another thing than inequality.

Inequality rises whenever values move apart; polarization rises when the middle empties, even if
inequality falls. Report them side by side. Weights are populations; an area of weight 0 contributes
nothing.
"""

from __future__ import annotations

import numpy as np

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.measures.measure import Measure
from segkit.measures.polarization.bipolarization import wolfson, wolfson_of
from segkit.measures.polarization.groups import concentration_at_extremes, reynal_querol
from segkit.measures.polarization.identification import (
    duclos_esteban_ray,
    duclos_esteban_ray_of,
    esteban_ray,
    esteban_ray_of,
)

__all__ = [
    "MEASURES",
    "concentration_at_extremes",
    "duclos_esteban_ray",
    "esteban_ray",
    "reynal_querol",
    "wolfson",
]

__dir__ = public(__all__)

#: Measures of values by name: ``MEASURES["wolfson"].function(values, weight)``.
MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            name="wolfson",
            letter="W",
            kind="values",
            dimension="polarization",
            low=0.0,
            high=np.inf,
            meaning="The middle is thin: the halves of the population in areas below and above the median "
            "lie far apart and each is held together.",
            meaning_sv="Mitten är tunn: halvorna av befolkningen i områden under och över medianen ligger "
            "långt från varandra och är var för sig samlade.",
            reference="Wolfson (1994)",
            function=wolfson,
            many=wolfson_of,
        ),
        Measure(
            name="esteban_ray",
            letter="ER",
            kind="values",
            dimension="polarization",
            low=0.0,
            high=np.inf,
            meaning="The population parts into a few large groups of areas with very different values; "
            "compare only the same areas over time.",
            meaning_sv="Befolkningen delar sig i några få stora grupper av områden med mycket olika värden; "
            "jämför bara samma områden över tid.",
            reference="Esteban & Ray (1994)",
            function=esteban_ray,
            many=esteban_ray_of,
        ),
        Measure(
            name="duclos_esteban_ray",
            letter="DER",
            kind="values",
            dimension="polarization",
            low=0.0,
            high=np.inf,
            meaning="People gather around values that lie far from each other: many live in areas like "
            "their own and unlike those of others.",
            meaning_sv="Människor samlas kring värden som ligger långt från varandra: många bor i områden "
            "som liknar varandra och skiljer sig från andras.",
            reference="Duclos, Esteban & Ray (2004)",
            function=duclos_esteban_ray,
            many=duclos_esteban_ray_of,
        ),
    )
}

guard(__name__)
