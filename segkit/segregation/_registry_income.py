"""The measures of segregation by ordered brackets, as the registry tells of them."""

from __future__ import annotations

from segkit._measures import Measure
from segkit.segregation.income import rank_order, rank_order_of

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
