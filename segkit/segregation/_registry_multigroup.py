"""The measures of several groups, as the registry tells of them."""

from __future__ import annotations

import numpy as np

from segkit._measures import Measure
from segkit.segregation.information import interaction, interaction_of
from segkit.segregation.multigroup import (
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
