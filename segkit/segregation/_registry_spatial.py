"""The two-group measures that need the places of the areas, as the registry tells of them."""

from __future__ import annotations

from math import inf

from segkit._measures import Measure
from segkit.segregation.centralization import (
    absolute_centralization,
    absolute_centralization_over,
    relative_centralization,
    relative_centralization_over,
)
from segkit.segregation.clustering import (
    absolute_clustering,
    absolute_clustering_over,
    relative_clustering,
    relative_clustering_over,
    spatial_proximity,
    spatial_proximity_over,
)
from segkit.segregation.concentration import (
    absolute_concentration,
    absolute_concentration_over,
    delta,
    delta_over,
    relative_concentration,
    relative_concentration_over,
)

SPATIAL: tuple[Measure, ...] = (
    Measure(
        name="delta",
        letter="DEL",
        kind="spatial",
        dimension="concentration",
        low=0.0,
        high=1.0,
        meaning="A large share of the group would have to move for it to live at one density everywhere.",
        meaning_sv="En stor andel av gruppen skulle behöva flytta för att den skulle bo lika tätt överallt.",
        reference="Duncan, Cuzzort & Duncan (1961)",
        function=delta,
        prepare=delta_over,
    ),
    Measure(
        name="absolute_concentration",
        letter="ACO",
        kind="spatial",
        dimension="concentration",
        low=-inf,
        high=inf,
        meaning="The group lives nearly in the smallest areas that could house it (1); 0 is in the largest.",
        meaning_sv="Gruppen bor nästan i de minsta områden som kan rymma den (1); 0 är i de största.",
        reference="Massey & Denton (1988)",
        function=absolute_concentration,
        prepare=absolute_concentration_over,
    ),
    Measure(
        name="relative_concentration",
        letter="RCO",
        kind="spatial",
        dimension="concentration",
        low=-inf,
        high=inf,
        meaning="The group lives in smaller areas than everyone else; 0 is in areas as large, below 0 in "
        "larger.",
        meaning_sv="Gruppen bor i mindre områden än övriga; 0 är i lika stora, under 0 i större.",
        reference="Massey & Denton (1988)",
        function=relative_concentration,
        prepare=relative_concentration_over,
    ),
    Measure(
        name="absolute_centralization",
        letter="ACE",
        kind="spatial",
        dimension="centralization",
        low=-1.0,
        high=1.0,
        meaning="The group lives nearer to the center than if spread evenly over the land; below 0, further "
        "out.",
        meaning_sv="Gruppen bor närmare centrum än om den vore jämnt spridd över ytan; under 0 längre ut.",
        reference="Massey & Denton (1988)",
        function=absolute_centralization,
        prepare=absolute_centralization_over,
    ),
    Measure(
        name="relative_centralization",
        letter="RCE",
        kind="spatial",
        dimension="centralization",
        low=-1.0,
        high=1.0,
        meaning="The group lives nearer to the center than everyone else; below 0, further out.",
        meaning_sv="Gruppen bor närmare centrum än övriga; under 0 längre ut.",
        reference="Duncan & Duncan (1955)",
        function=relative_centralization,
        prepare=relative_centralization_over,
    ),
    Measure(
        name="absolute_clustering",
        letter="ACL",
        kind="spatial",
        dimension="clustering",
        low=-inf,
        high=1.0,
        meaning="Of the people who live near members of the group, many belong to it too; 0 is as with "
        "equally many members in every area.",
        meaning_sv="Av dem som bor nära dem som tillhör gruppen gör många också det; 0 är som med lika många "
        "i varje område.",
        reference="Massey & Denton (1988)",
        function=absolute_clustering,
        prepare=absolute_clustering_over,
    ),
    Measure(
        name="spatial_proximity",
        letter="SP",
        kind="spatial",
        dimension="clustering",
        low=0.0,
        high=inf,
        meaning="People live nearer to their own group than to people at large; 1 is no clustering, below 1 "
        "nearer to the other group.",
        meaning_sv="Människor bor närmare den egna gruppen än befolkningen i stort; 1 är ingen klustring, "
        "under 1 närmare den andra gruppen.",
        reference="White (1983)",
        function=spatial_proximity,
        prepare=spatial_proximity_over,
    ),
    Measure(
        name="relative_clustering",
        letter="RCL",
        kind="spatial",
        dimension="clustering",
        low=-1.0,
        high=inf,
        meaning="Members of the group live nearer to one another than the others do; 0 is as near, below 0 "
        "further apart.",
        meaning_sv="De som tillhör gruppen bor närmare varandra än övriga gör; 0 är lika nära, under 0 "
        "längre ifrån.",
        reference="Massey & Denton (1988)",
        function=relative_clustering,
        prepare=relative_clustering_over,
    ),
)
