"""The index, in five ways."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import Floats, check_columns, complete, labels_of
from segkit.base.order import Order, area_order, as_given
from segkit.catalogue import indicators
from segkit.errors import InputError, message, warn
from segkit.profiles.composite import _robustness
from segkit.profiles.composite._formulas import Component, Domains, Formula, Themes
from segkit.profiles.composite._recipes import Method, Recipe, recipe_of
from segkit.profiles.standardize import Standardizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class CompositeIndex:
    r"""A socioeconomic index of several indicators; higher is stronger but for SCB's.

    Parameters
    ----------
    columns : sequence of str
        The indicators.
    method : {"mean", "pca", "imd", "svi", "scb"}
        - ``mean``: weighted mean of the standardized indicators.
        - ``pca``: first principal component of the standardized indicators (population weights count where
          the standardizer has them), with the sign by which the loadings sum to more than 0.
        - ``imd``: the English Index of Multiple Deprivation. The mean of each domain is ranked and
          transformed (`imd_transform`), and the scores X are added with weights w. The index is
          :math:`100 - \sum_d w_d X_d`, so that higher is stronger; `deprivation` has the IMD's own score.
        - ``svi``: the Social Vulnerability Index of the CDC. Percentile ranks (`percentile_rank`) of the
          indicators are summed over themes (``domains``), and the sum of all themes is ranked. The index
          is 1 less that rank, so that higher is stronger; `deprivation` has the SVI's own.
        - ``scb``: the plain mean of three percentages, not standardized, as in the socioeconomic index of
          Statistics Sweden (SCB). HIGHER IS WEAKER, as in SCB's, so that `area_types` can be used.
    weights : mapping, optional
        Indicator -> weight (``mean``) or domain -> weight (``imd``), each more than 0; equal without it. They
        are divided by their sum. The other methods take none.
    standardizer : Standardizer, optional
        How to standardize; by default ``Standardizer(columns)``: z-scores. Not for ``scb``.
    domains : mapping, optional
        Domain -> its indicators, for ``imd`` and ``svi``. Without it each indicator is its own domain.
    official : bool
        For ``scb``: you state that the columns are SCB's own three (see Notes). Without it the
        index is an approximation, and its name is ``index_approximation``.

    Attributes
    ----------
    weights_ : pandas.Series
        The weights used, of indicators or domains; they sum to 1 (``mean``, ``imd``, ``scb``).
    loadings_, explained_share_ : pandas.Series, float
        What each indicator counts in the first component (squares sum to 1), and the share of the variance
        of all indicators that it explains, 0-1 (``pca``).
    standardizer_ : Standardizer
        Fitted (all but ``scb``).
    orientation_ : str
        What a higher index means: "stronger", or "weaker" for ``scb``.
    official_ : bool
        Whether the columns were stated to be SCB's own.

    Notes
    -----
    ``mean`` and ``pca`` have no unit: 0 is the mean of the areas that set the scale (z-scores). They are
    not SCB's socioeconomic index. SCB's is the mean of V1, the share of all persons with low economic
    standard; V2, the share of those aged 20-64 with pre-upper secondary education; and V3, the share of those
    aged 20-64 with economic assistance for at least ten months or unemployed for more than six. V2 and
    V3 are not public for DeSO, where an index of this form can only be an approximation.

    In ``svi`` ties share the lowest rank, as in the CDC's own. In ``imd`` ties share their mean rank. Areas
    that were not fitted are placed among those that were.

    References
    ----------
    OECD & JRC (2008). Handbook on Constructing Composite Indicators. Paris: OECD. McLennan, D. et al.
    (2019). The English Indices of Deprivation 2019: Technical Report. London: MHCLG. Flanagan, B. E. et al.
    (2011). A Social Vulnerability Index for Disaster Management. Journal of Homeland Security and Emergency
    Management 8(1).

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"employment_rate": [60.0, 80.0], "turnout": [70.0, 90.0]})
    >>> CompositeIndex(["employment_rate", "turnout"]).fit(data).transform(data).tolist()
    [-1.0, 1.0]
    """

    def __init__(
        self,
        columns: Sequence[str],
        method: Method = "mean",
        weights: Mapping[str, float] | None = None,
        standardizer: Standardizer | None = None,
        *,
        domains: Mapping[str, Sequence[str]] | None = None,
        official: bool = False,
    ) -> None:
        self.columns = columns
        self.method = method
        self.weights = weights
        self.standardizer = standardizer
        self.domains = domains
        self.official = official

    def fit(self, data: pd.DataFrame) -> CompositeIndex:
        """Learn the scale of each indicator and what the method needs.

        Raises
        ------
        InputError, UnknownNameError
            When weights or domains don't fit the indicators or the method, the first component has no
            strong and weak end, or as `Standardizer.fit` does.

        Warns
        -----
        DataWarning
            When an indicator lowers the first component, against its own direction.
        """
        recipe = recipe_of(self.columns, self.method, self.weights, self.domains)
        self._check(recipe)
        if self.method == "scb":
            self._formula: Formula = recipe.fit(-percentages(data, recipe.columns), np.ones(len(data)))
        else:
            # A copy: the one given may serve several indices.
            self.standardizer_ = copy(self.standardizer or Standardizer(self.columns)).fit(data)
            self._formula = self._fitted(recipe, data)
        self.official_ = self.official
        self.orientation_ = "weaker" if self.method == "scb" else "stronger"
        self._recipe = recipe
        if recipe.weighted:
            self.weights_ = pd.Series(recipe.weights, index=list(recipe.names))
        if isinstance(self._formula, Component):
            self.loadings_ = pd.Series(self._formula.loadings, index=list(recipe.columns))
            self.explained_share_ = self._formula.explained
            against = self.loadings_.index[self.loadings_ < 0].tolist()
            if against:
                rule = "lower the index, though a higher value is stronger by their direction"
                fix = 'Leave them out, or take method="mean".'
                warn(message("columns", rule, against, fix))
        return self

    def transform(self, data: pd.DataFrame) -> pd.Series:
        """Return the index of each row, aligned with the index of `data`.

        Higher is stronger; with ``scb`` higher is weaker (`orientation_`).
        """
        z = self._indicators(data)
        strength = self._formula.strength(z)
        values = strength if self.orientation_ == "stronger" else -strength
        approximate = self.method == "scb" and not self.official_
        name = "index_approximation" if approximate else "index"
        return pd.Series(values, index=data.index, name=name)

    def contributions(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return how much each indicator (``imd``: domain) adds to each row's index.

        The columns sum to the index. For ``imd`` a domain adds w (100 - X). ``svi`` is a rank, not a sum, and
        is refused.
        """
        z = self._indicators(data)
        if isinstance(self._formula, Themes):
            fix = "See `domain_scores` for the themes, or take another method."
            raise InputError(
                message("method", "a percentile rank is no sum, so it has no parts", ["svi"], fix)
            )
        parts = self._formula.parts(z)
        if self.orientation_ == "weaker":
            parts = -parts
        return pd.DataFrame(parts, index=data.index, columns=list(self._recipe.names))

    def deprivation(self, data: pd.DataFrame) -> pd.Series:
        """Return the score in the method's own orientation, where higher is weaker.

        ``imd``: the weighted sum of the domains' scores, 0-100. ``svi``: the percentile rank, 0-1. ``scb``:
        the index itself, 0-100. ``mean`` and ``pca`` have none and are refused.
        """
        z = self._indicators(data)
        strength = self._formula.strength(z)
        tops = {"imd": 100.0, "svi": 1.0, "scb": 0.0}
        if self.method not in tops:
            rule = f'"{self.method}" has no score of its own where higher is weaker'
            raise InputError(message("method", rule, fix="Use `transform`."))
        return pd.Series(tops[self.method] - strength, index=data.index, name="deprivation")

    def domain_scores(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the score of each domain, higher is weaker: ``imd`` 0-100, ``svi`` percentile ranks 0-1."""
        z = self._indicators(data)
        if not isinstance(self._formula, Domains | Themes):
            raise InputError(message("method", f'"{self.method}" has no domains', fix='Use "imd" or "svi".'))
        return pd.DataFrame(self._formula.scores(z), index=data.index, columns=list(self._recipe.names))

    def fit_transform(self, data: pd.DataFrame) -> pd.Series:
        """Fit and transform the same table."""
        return self.fit(data).transform(data)

    def sensitivity(
        self,
        data: pd.DataFrame,
        *,
        n_draws: int = 999,
        concentration: float = 20.0,
        confidence: float = 0.95,
        random_state: int = 0,
    ) -> pd.DataFrame:
        """Return how each area's rank moves when indicators, weights and method change.

        Every scenario is computed on the areas of `data`, with the scale set by them; the index need not be
        fitted. An indicator is left out, the others keeping the proportions of their weights; weights
        are drawn around those chosen (for methods that have them); another method is taken. A scenario
        that can't be computed is named in a `DataWarning`.

        Parameters
        ----------
        data : pandas.DataFrame
            One row per area, one period.
        n_draws : int
            Draws of weights.
        concentration : float
            How near the draws of weights w lie (Dirichlet): their standard deviation is
            sqrt(w (1 - w) / (concentration + 1)), 0.09 for a weight of 1/4 and 20.
        confidence : float
            The share of draws of weights within ``rank_low`` and ``rank_high``.
        random_state : int
            The seed; same seed, same answer.

        Returns
        -------
        pandas.DataFrame
            One row per area and scenario: ``area_id`` (``row``, the index label, without it), ``kind``
            (all, indicator, weights, method), ``scenario``, ``rank`` (1 to the number of areas; 1 is the
            weakest, ties share their mean rank) of the index as chosen, and ``rank_low, rank_high`` in the
            scenario. The kind ``all`` has the extremes over the other scenarios.

        Raises
        ------
        InputError, UnknownNameError
            As `fit` does, and when the table holds several periods of the same areas or an argument is off.

        References
        ----------
        Saisana, M., Saltelli, A. & Tarantola, S. (2005). Uncertainty and sensitivity analysis techniques
        as tools for the quality assessment of composite indicators. Journal of the Royal Statistical
        Society A 168(2), 307-323.

        Examples
        --------
        >>> data = pd.DataFrame({"area_id": list("abc"), "employment_rate": [60.0, 70, 80],
        ...                      "turnout": [70.0, 72, 71]})
        >>> table = CompositeIndex(["employment_rate", "turnout"]).sensitivity(data, n_draws=99)
        >>> table.loc[table["scenario"] == "without employment_rate", "rank_low"].tolist()
        [1.0, 3.0, 2.0]
        """
        shop, order = self._workshop(data)
        return _robustness.sensitivity(
            shop,
            data.iloc[order],
            order,
            n_draws=n_draws,
            concentration=concentration,
            confidence=confidence,
            random_state=random_state,
        )

    def rank_intervals(
        self, data: pd.DataFrame, *, n_bootstrap: int = 999, confidence: float = 0.95, random_state: int = 0
    ) -> pd.DataFrame:
        """Return each area's rank with an interval: how firm the order is if the areas were others.

        As many areas as there are get drawn with replacement; scale, components and ranks of the method are
        learned from those drawn, and every area of `data` is placed among them. The index need not be fitted.

        Parameters
        ----------
        data : pandas.DataFrame
            One row per area, one period.
        n_bootstrap : int
            Draws.
        confidence : float
            The share of draws within the interval.
        random_state : int
            The seed; same seed, same answer.

        Returns
        -------
        pandas.DataFrame
            ``rank, ci_low, ci_high``, aligned with the index of `data`: 1 (weakest) to the number of areas;
            ties share their mean rank.

        Raises
        ------
        InputError, UnknownNameError
            As `fit` does, when the table holds several periods of the same areas or an argument is off, or
            when most draws lack spread in an indicator.

        References
        ----------
        Goldstein, H. & Spiegelhalter, D. J. (1996). League tables and their limitations. Journal of the
        Royal Statistical Society A 159(3), 385-443.

        Examples
        --------
        >>> data = pd.DataFrame({"employment_rate": [60.0, 61, 70, 80, 81, 82],
        ...                      "turnout": [70.0, 75, 80, 85, 91, 90]})
        >>> index = CompositeIndex(["employment_rate", "turnout"])
        >>> index.rank_intervals(data, n_bootstrap=99)["rank"].tolist()
        [1.0, 2.0, 3.0, 4.0, 6.0, 5.0]
        """
        shop, order = self._workshop(data)
        table = _robustness.rank_intervals(
            shop,
            data.iloc[order],
            n_bootstrap=n_bootstrap,
            confidence=confidence,
            random_state=random_state,
        )
        return as_given(table, order)

    def _check(self, recipe: Recipe) -> None:
        if self.method == "scb":
            _check_scb(recipe.columns, self.standardizer, official=self.official)
            return
        if self.official:
            rule = f'goes with method="scb" only, not with "{self.method}", which is no index of SCB'
            raise InputError(message("official", rule))
        if not isinstance(self.standardizer, Standardizer | None):
            raise InputError(message("standardizer", f"is {self.standardizer!r}, must be a Standardizer"))
        if self.standardizer is not None and list(self.standardizer.columns) != list(recipe.columns):
            rule = "has other columns than the index"
            raise InputError(message("standardizer", rule, self.standardizer.columns))

    def _fitted(self, recipe: Recipe, data: pd.DataFrame) -> Formula:
        """Learn what the method needs from the rows that set the scale."""
        if self.method == "mean":
            return recipe.fit(np.empty((0, 0)), np.empty(0))
        rows = self.standardizer_.reference_rows(data)
        weight = self.standardizer_.weight
        w = np.ones(len(rows)) if weight is None else complete(rows, weight, least=0)
        return recipe.fit(self.standardizer_.transform(rows).to_numpy(), w)

    def _indicators(self, data: pd.DataFrame) -> Floats:
        """Return the indicators as the formula takes them, higher is stronger."""
        if not hasattr(self, "_formula"):
            raise InputError(message("CompositeIndex", "is not fitted", fix="Call fit first."))
        if self.method == "scb":
            return -percentages(data, self._recipe.columns)
        return self.standardizer_.transform(data).to_numpy()

    def _workshop(self, data: pd.DataFrame) -> tuple[_robustness.Workshop, Order]:
        """Return the areas in their order as arrays, and that order."""
        recipe = recipe_of(self.columns, self.method, self.weights, self.domains)
        self._check(recipe)
        check_columns(data, recipe.columns)
        order = area_order(data, recipe.columns)
        rows = data.iloc[order]
        if self.method == "scb":
            shop = _robustness.Workshop.of_percentages(recipe, percentages(rows, recipe.columns), rows)
        else:
            shop = _robustness.Workshop.of(recipe, self.standardizer or Standardizer(self.columns), rows)
        return shop, order


def percentages(data: pd.DataFrame, columns: Sequence[str]) -> Floats:
    """Return columns as rows by indicators; each a percentage without gaps."""
    values = [complete(data, column, least=0) for column in columns]
    for column, x in zip(columns, values, strict=True):
        if (x > 100).any():
            raise InputError(message(column, "must be a percentage, at most 100", labels_of(data, x > 100)))
    return np.stack(values, axis=1)


def _check_scb(columns: Sequence[str], standardizer: Standardizer | None, *, official: bool) -> None:
    """Check what SCB's form of index asks for, and that nothing else is called official."""
    if len(columns) != 3:
        raise InputError(message("columns", f'must be three for method="scb", are {len(columns)}', columns))
    if standardizer is not None:
        rule = 'can\'t be given to method="scb", which takes percentages as they are'
        raise InputError(message("standardizer", rule))
    directions = indicators.catalogue()["direction"]
    up = [c for c in columns if directions.get(c, -1) > 0]
    if up:
        rule = 'must be percentages of which more is weaker for method="scb"'
        raise InputError(message("columns", rule, up, "Take 100 less the value, under a name of its own."))
    known = [c for c in columns if c in directions.index and c != "low_economic_standard"]
    if official and known:
        rule = "can't be claimed: these are other indicators than SCB's three, by the catalogue"
        raise InputError(message("official", rule, known, "Leave it out: the index is an approximation."))
