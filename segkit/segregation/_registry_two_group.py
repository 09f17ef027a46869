"""The two-group measures that need no map, as the registry tells of them."""

from __future__ import annotations

from segkit._measures import Measure
from segkit.segregation.evenness import (
    atkinson,
    atkinson_of,
    dissimilarity,
    dissimilarity_of,
    gini,
    gini_of,
    information_theory,
    information_theory_of,
)
from segkit.segregation.exposure import (
    correlation_ratio,
    correlation_ratio_of,
    isolation,
    isolation_of,
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
