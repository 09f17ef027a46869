"""Inequality between areas: how far apart the values of areas lie, weighted by population.

The values are means or shares of areas, so this is inequality between areas, not between people: what
differs inside an area is not seen. Weights are populations; an area of weight 0 contributes nothing, and
splitting or merging areas of equal value changes nothing.
"""

from __future__ import annotations

import numpy as np

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.measures.inequality.decomposition import mean_log_deviation_decomposition, theil_decomposition
from segkit.measures.inequality.indices import (
    gini,
    gini_of,
    mean_log_deviation,
    mean_log_deviation_of,
    ratio,
    ratio_of,
    sigma,
    sigma_of,
    theil,
    theil_of,
)
from segkit.measures.measure import Measure

__all__ = [
    "MEASURES",
    "gini",
    "mean_log_deviation",
    "mean_log_deviation_decomposition",
    "ratio",
    "sigma",
    "theil",
    "theil_decomposition",
]

__dir__ = public(__all__)

#: Measures of values by name: ``MEASURES["theil"].function(values, weight)``.
MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            name="gini",
            letter="G",
            kind="values",
            dimension="inequality",
            low=0.0,
            high=1.0,
            meaning="The areas where two inhabitants live differ much in value, relative to the mean.",
            meaning_sv="Områdena där två invånare bor skiljer sig mycket åt, i förhållande till medelvärdet.",
            reference="Gini (1912)",
            function=gini,
            many=gini_of,
        ),
        Measure(
            name="theil",
            letter="T",
            kind="values",
            dimension="inequality",
            low=0.0,
            high=np.inf,
            meaning="Values differ much between areas, above all because some lie far above the mean.",
            meaning_sv="Värdena skiljer sig mycket mellan områdena, framför allt för att några ligger långt "
            "över medelvärdet.",
            reference="Theil (1967)",
            function=theil,
            many=theil_of,
        ),
        Measure(
            name="mean_log_deviation",
            letter="MLD",
            kind="values",
            dimension="inequality",
            low=0.0,
            high=np.inf,
            meaning="Values differ much between areas, above all because some lie far below the mean.",
            meaning_sv="Värdena skiljer sig mycket mellan områdena, framför allt för att några ligger långt "
            "under medelvärdet.",
            reference="Theil (1967)",
            function=mean_log_deviation,
            many=mean_log_deviation_of,
        ),
        Measure(
            name="ratio",
            letter="S80/S20",
            kind="values",
            dimension="inequality",
            low=1.0,
            high=np.inf,
            meaning="The fifth of the population in the areas with the highest values has many times the "
            "mean of the fifth in the areas with the lowest.",
            meaning_sv="Den femtedel av befolkningen som bor i områdena med högst värden har många gånger "
            "högre medelvärde än femtedelen i områdena med lägst.",
            reference="Atkinson et al. (2002)",
            function=ratio,
            many=ratio_of,
        ),
        Measure(
            name="sigma",
            letter="σ",
            kind="values",
            dimension="inequality",
            low=0.0,
            high=np.inf,
            meaning="The values of areas are spread widely around the mean, in the unit of the values.",
            meaning_sv="Områdenas värden är mycket utspridda kring medelvärdet, i värdenas egen enhet.",
            reference="Barro & Sala-i-Martin (1992)",
            function=sigma,
            many=sigma_of,
        ),
    )
}

guard(__name__)
