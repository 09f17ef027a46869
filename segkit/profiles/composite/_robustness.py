"""How firm the ranks of an index are: other weights, indicators and methods, and other areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_count, check_number, check_seed, check_share, complete
from segkit.base.order import as_given
from segkit.errors import InputError, list_some, message, warn
from segkit.measures.segregation.counts import check_table
from segkit.profiles.composite._formulas import Domains, Mean, rank_among
from segkit.profiles.standardize import Scale, Standardizer

if TYPE_CHECKING:
    import numpy.typing as npt

    from segkit.base.order import Order
    from segkit.profiles.composite._recipes import Method, Recipe

#: The methods that an index is compared with.
_OTHERS: tuple[Method, ...] = ("mean", "pca", "imd", "svi")

#: How many decimals of an index decide its rank; the rest is rounding.
_DECIMALS = 10


@dataclass(frozen=True)
class Workshop:
    """The areas as arrays, with what is needed to make the index from any of them.

    Attributes
    ----------
    recipe : Recipe
        How the index is made.
    values : numpy.ndarray
        Areas by indicators, in their own units, gaps filled.
    weight : numpy.ndarray
        Of each area in the scale.
    standardizer : Standardizer
        Fitted on these areas; for percentages the one that other methods use.
    standardized : bool
        Whether the recipe itself takes standardized values.
    """

    recipe: Recipe
    values: Floats
    weight: Floats
    standardizer: Standardizer
    standardized: bool

    @classmethod
    def of(cls, recipe: Recipe, standardizer: Standardizer, data: pd.DataFrame) -> Workshop:
        """Fit the scale to the areas at hand."""
        check_table(data)
        own = Standardizer(
            standardizer.columns,
            standardizer.method,
            "pooled",
            standardizer.weight,
            standardizer.directions,
            missing=standardizer.missing,
            region=standardizer.region,
        ).fit(data)
        weight = np.ones(len(data)) if own.weight is None else complete(data, own.weight, least=0)
        return cls(recipe, own.filled(data).to_numpy(), weight, own, standardized=True)

    @classmethod
    def of_percentages(cls, recipe: Recipe, values: Floats, data: pd.DataFrame) -> Workshop:
        """Take percentages of which more is weaker."""
        check_table(data)
        down = dict.fromkeys(recipe.columns, -1)
        own = Standardizer(recipe.columns, reference="pooled", directions=down).fit(data)
        return cls(recipe, values, np.ones(len(data)), own, standardized=False)

    def scaled(
        self, drawn: slice | npt.NDArray[np.int64] = slice(None), *, standardized: bool | None = None
    ) -> Floats:
        """Return all areas by indicators, on the scale of those drawn."""
        if not (self.standardized if standardized is None else standardized):
            return -self.values
        own = self.standardizer
        signs = np.asarray(own.directions_, dtype=np.float64)
        scale = Scale.fit(self.values[drawn], self.weight[drawn], self.recipe.columns, own.method, signs)
        return scale.apply(self.values)


class Scenario(NamedTuple):
    """Ranks in one scenario."""

    kind: str
    name: str
    low: Floats
    high: Floats


def sensitivity(
    shop: Workshop,
    data: pd.DataFrame,
    order: Order,
    *,
    n_draws: int,
    concentration: float,
    confidence: float,
    random_state: int,
) -> pd.DataFrame:
    """Compute the table of `CompositeIndex.sensitivity`, of areas that come in an order of their own."""
    check_count(n_draws, argument="n_draws")
    check_seed(random_state)
    check_share(confidence, argument="confidence")
    if not 0 < check_number(concentration, argument="concentration") < np.inf:
        raise InputError(message("concentration", f"is {concentration!r}, must be more than 0"))
    z, recipe = shop.scaled(), shop.recipe
    if len(recipe.columns) < 2:
        raise InputError(message("columns", "must be at least two: one alone has nothing to vary"))
    formula = recipe.fit(z, shop.weight)
    rank = _ranks(formula.strength(z))
    scenarios = _variants(shop, z)
    if isinstance(formula, Mean | Domains) and len(recipe.weights) > 1:
        draws = np.random.default_rng(random_state).dirichlet(concentration * recipe.weights, n_draws)
        ranks = _ranks(formula.reweighted(z, draws))
        tail = (1 - confidence) / 2
        low, high = np.quantile(ranks, [tail, 1 - tail], axis=1)
        scenarios.append(Scenario("weights", "weights drawn", low, high))
    low = np.stack([s.low for s in scenarios]).min(axis=0)
    high = np.stack([s.high for s in scenarios]).max(axis=0)
    scenarios.insert(0, Scenario("all", "all", low, high))
    area, label = (data["area_id"], "area_id") if "area_id" in data else (data.index, "row")
    parts = [
        as_given(
            pd.DataFrame(
                {
                    label: np.asarray(area),
                    "kind": s.kind,
                    "scenario": s.name,
                    "rank": rank,
                    "rank_low": s.low,
                    "rank_high": s.high,
                }
            ),
            order,
        )
        for s in scenarios
    ]
    return pd.concat(parts, ignore_index=True)


def _variants(shop: Workshop, z: Floats) -> list[Scenario]:
    """Leave out each indicator, and take each of the other methods."""
    recipe, columns = shop.recipe, shop.recipe.columns
    standard = shop.scaled(standardized=True)
    plans: list[tuple[str, str, Recipe, Floats]] = []
    for i, column in enumerate(columns):
        plans.append(("indicator", f"without {column}", recipe.without(i), np.delete(z, i, axis=1)))
    plans += [("method", m, recipe.by(m), standard) for m in _OTHERS if m != recipe.method]
    found, failed = [], []
    for kind, name, variant, points in plans:
        try:
            ranks = _ranks(variant.fit(points, shop.weight).strength(points))
        except InputError as error:
            failed.append(f"{name}: {error}")
            continue
        found.append(Scenario(kind, name, ranks, ranks))
    if failed:
        warn(message("sensitivity", f"left out scenarios that can't be computed: {list_some(failed)}"))
    return found


def rank_intervals(
    shop: Workshop, data: pd.DataFrame, *, n_bootstrap: int, confidence: float, random_state: int
) -> pd.DataFrame:
    """Compute the table of `CompositeIndex.rank_intervals`."""
    check_count(n_bootstrap, argument="n_bootstrap", least=99)
    check_seed(random_state)
    check_share(confidence, argument="confidence")
    draw, n = np.random.default_rng(random_state), len(data)
    z = shop.scaled()
    rank = _ranks(shop.recipe.fit(z, shop.weight).strength(z))
    ranks = []
    for _ in range(n_bootstrap):
        drawn = draw.integers(0, n, n)
        try:
            z = shop.scaled(drawn)
            strength = shop.recipe.fit(z[drawn], shop.weight[drawn]).strength(z).round(_DECIMALS)
        except InputError:
            continue
        ranks.append(rank_among(strength, np.sort(strength[drawn])))
    failed = n_bootstrap - len(ranks)
    if failed > n_bootstrap / 2:
        rule = f"can't be computed: in {failed} of {n_bootstrap} draws an indicator lacks spread"
        raise InputError(message("rank_intervals", rule, fix="There are too few areas, or too much alike."))
    if failed:
        rule = f"stand on {len(ranks)} draws; {failed} were left out, as an indicator lacked spread"
        warn(message("rank_intervals", rule))
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.stack(ranks), [tail, 1 - tail], axis=0)
    return pd.DataFrame({"rank": rank, "ci_low": low, "ci_high": high}, index=data.index)


def _ranks(strength: Floats) -> Floats:
    """Return ranks from the weakest, ties sharing their mean rank; each draw in a column of its own."""
    return pd.DataFrame(strength.round(_DECIMALS)).rank().to_numpy().reshape(strength.shape)
