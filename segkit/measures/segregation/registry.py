"""The two-group measures that need no map, as the registry tells of them."""

from __future__ import annotations

from math import inf

import numpy as np

from segkit.measures.measure import Measure
from segkit.measures.segregation.centralization import (
    absolute_centralization,
    absolute_centralization_over,
    relative_centralization,
    relative_centralization_over,
)
from segkit.measures.segregation.clustering import (
    absolute_clustering,
    absolute_clustering_over,
    relative_clustering,
    relative_clustering_over,
    spatial_proximity,
    spatial_proximity_over,
)
from segkit.measures.segregation.concentration import (
    absolute_concentration,
    absolute_concentration_over,
    delta,
    delta_over,
    relative_concentration,
    relative_concentration_over,
)
from segkit.measures.segregation.evenness import (
    atkinson,
    atkinson_of,
    dissimilarity,
    dissimilarity_of,
    gini,
    gini_of,
    information_theory,
    information_theory_of,
)
from segkit.measures.segregation.exposure import (
    correlation_ratio,
    correlation_ratio_of,
    isolation,
    isolation_of,
)
from segkit.measures.segregation.income import rank_order, rank_order_of
from segkit.measures.segregation.information import interaction, interaction_of
from segkit.measures.segregation.multigroup import (
    multigroup_dissimilarity,
    multigroup_dissimilarity_of,
    multigroup_gini,
    multigroup_gini_of,
    multigroup_information_theory,
    multigroup_information_theory_of,
    mutual_information,
    mutual_information_of,
    normalized_exposure,
    normalized_exposure_of,
    relative_diversity,
    relative_diversity_of,
    squared_coefficient_of_variation,
    squared_coefficient_of_variation_of,
)

TWO_GROUP: tuple[Measure, ...] = (
    Measure(
        name="dissimilarity",
        letter="D",
        kind="two_group",
        dimension="evenness",
        low=0.0,
        high=1.0,
        meaning="A large share of the group would have to move for every area to have the same mix.",
        meaning_sv="En stor andel av gruppen skulle behöva flytta för att alla områden skulle få samma "
        "sammansättning.",
        reference="Duncan & Duncan (1955)",
        function=dissimilarity,
        many=dissimilarity_of,
    ),
    Measure(
        name="gini",
        letter="G",
        kind="two_group",
        dimension="evenness",
        low=0.0,
        high=1.0,
        meaning="The group's share differs much between areas, on average over all pairs of areas.",
        meaning_sv="Gruppens andel skiljer sig mycket mellan områdena, i genomsnitt över alla par av "
        "områden.",
        reference="Massey & Denton (1988)",
        function=gini,
        many=gini_of,
    ),
    Measure(
        name="information_theory",
        letter="H",
        kind="two_group",
        dimension="evenness",
        low=0.0,
        high=1.0,
        meaning="The areas are much less mixed than the population as a whole.",
        meaning_sv="Områdena är mycket mindre blandade än befolkningen som helhet.",
        reference="Theil & Finizza (1971)",
        function=information_theory,
        many=information_theory_of,
    ),
    Measure(
        name="atkinson",
        letter="A",
        kind="two_group",
        dimension="evenness",
        low=0.0,
        high=1.0,
        meaning="The group and everyone else are spread very differently; with b = 0.5, areas where "
        "the group is over- and under-represented count alike.",
        meaning_sv="Gruppen och övriga är fördelade mycket olika; med b = 0,5 räknas områden där gruppen "
        "är över- och underrepresenterad lika.",
        reference="James & Taeuber (1985)",
        function=atkinson,
        many=atkinson_of,
    ),
    Measure(
        name="isolation",
        letter="xPx",
        kind="two_group",
        dimension="exposure",
        low=0.0,
        high=1.0,
        meaning="Members of the group live in areas where many others belong to it too; the lowest "
        "possible value is the group's share of the population.",
        meaning_sv="De som tillhör gruppen bor i områden där många andra också gör det; det lägsta "
        "möjliga värdet är gruppens andel av befolkningen.",
        reference="Lieberson (1981)",
        function=isolation,
        many=isolation_of,
    ),
    Measure(
        name="correlation_ratio",
        letter="eta2",
        kind="two_group",
        dimension="exposure",
        low=0.0,
        high=1.0,
        meaning="Members of the group live among themselves far more than the group's size alone would give.",
        meaning_sv="De som tillhör gruppen bor bland varandra långt mer än vad gruppens storlek i sig ger.",
        reference="Bell (1954)",
        function=correlation_ratio,
        many=correlation_ratio_of,
    ),
)

ORDERED: tuple[Measure, ...] = (
    Measure(
        name="rank_order",
        letter="H^R",
        kind="ordered",
        dimension="income",
        low=0.0,
        high=1.0,
        meaning="People live in areas with others of about the same income rank, wherever the line between "
        "low and high is drawn.",
        meaning_sv="Människor bor i områden med andra på ungefär samma plats i inkomstfördelningen, var man "
        "än drar gränsen mellan låg och hög inkomst.",
        reference="Reardon (2011)",
        function=rank_order,
        many=rank_order_of,
    ),
)

MULTIGROUP: tuple[Measure, ...] = (
    Measure(
        name="mutual_information",
        letter="M",
        kind="multigroup",
        dimension="information",
        low=0.0,
        high=np.inf,
        meaning="Where people live tells much about which group they belong to; the highest possible value "
        "is the entropy of the groups.",
        meaning_sv="Var människor bor säger mycket om vilken grupp de tillhör; det högsta möjliga värdet är "
        "gruppernas entropi.",
        reference="Theil & Finizza (1971)",
        function=mutual_information,
        many=mutual_information_of,
    ),
    Measure(
        name="multigroup_information_theory",
        letter="H",
        kind="multigroup",
        dimension="evenness",
        low=0.0,
        high=1.0,
        meaning="The areas are much less mixed, across all groups, than the population as a whole.",
        meaning_sv="Områdena är, sett till alla grupper, mycket mindre blandade än befolkningen som helhet.",
        reference="Theil & Finizza (1971)",
        function=multigroup_information_theory,
        many=multigroup_information_theory_of,
    ),
    Measure(
        name="multigroup_dissimilarity",
        letter="D",
        kind="multigroup",
        dimension="evenness",
        low=0.0,
        high=1.0,
        meaning="A large share of people would have to move for every area to have the same mix of all "
        "groups, compared with the most that groups of these sizes allow.",
        meaning_sv="En stor andel skulle behöva flytta för att alla områden skulle få samma sammansättning "
        "av alla grupper, jämfört med det mesta som grupper av dessa storlekar medger.",
        reference="Morgan (1975); Sakoda (1981)",
        function=multigroup_dissimilarity,
        many=multigroup_dissimilarity_of,
    ),
    Measure(
        name="multigroup_gini",
        letter="G",
        kind="multigroup",
        dimension="evenness",
        low=0.0,
        high=1.0,
        meaning="The groups' shares differ much between areas, on average over all groups and "
        "pairs of areas.",
        meaning_sv="Gruppernas andelar skiljer sig mycket mellan områdena, i genomsnitt över alla grupper "
        "och par av områden.",
        reference="Reardon & Firebaugh (2002)",
        function=multigroup_gini,
        many=multigroup_gini_of,
    ),
    Measure(
        name="normalized_exposure",
        letter="P",
        kind="multigroup",
        dimension="exposure",
        low=0.0,
        high=1.0,
        meaning="People live among their own group far more than the sizes of the groups alone would give; "
        "large groups weigh most.",
        meaning_sv="Människor bor bland den egna gruppen långt mer än vad gruppernas storlek i sig ger; "
        "stora grupper väger tyngst.",
        reference="Bell (1954); James (1986)",
        function=normalized_exposure,
        many=normalized_exposure_of,
    ),
    Measure(
        name="relative_diversity",
        letter="R",
        kind="multigroup",
        dimension="diversity",
        low=0.0,
        high=1.0,
        meaning="Two people of the same area belong to different groups much more seldom than two people of "
        "the whole population.",
        meaning_sv="Två personer i samma område tillhör olika grupper mycket mer sällan än två personer i "
        "hela befolkningen.",
        reference="Goodman & Kruskal (1954); Reardon & Firebaugh (2002)",
        function=relative_diversity,
        many=relative_diversity_of,
    ),
    Measure(
        name="squared_coefficient_of_variation",
        letter="C",
        kind="multigroup",
        dimension="evenness",
        low=0.0,
        high=1.0,
        meaning="The groups' shares vary much between areas for the size of each group; small groups count "
        "almost as much as large ones.",
        meaning_sv="Gruppernas andelar varierar mycket mellan områdena i förhållande till gruppernas "
        "storlek; små grupper räknas nästan lika mycket som stora.",
        reference="Reardon & Firebaugh (2002)",
        function=squared_coefficient_of_variation,
        many=squared_coefficient_of_variation_of,
    ),
    Measure(
        name="interaction",
        letter="I",
        kind="multigroup",
        dimension="diversity",
        low=0.0,
        high=1.0,
        meaning="Two people drawn at random from the whole population often belong to different groups; this "
        "is diversity, not segregation.",
        meaning_sv="Två slumpvis valda personer ur hela befolkningen tillhör ofta olika grupper; det är "
        "mångfald, inte segregation.",
        reference="Simpson (1949); Lieberson (1969)",
        function=interaction,
        many=interaction_of,
    ),
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
