"""The published statements of a survey, each tested on the data at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_columns
from segkit.base.order import in_area_order
from segkit.catalogue import indicators
from segkit.catalogue.labels import term
from segkit.inference import bootstrap, compare_periods
from segkit.measures import autocorrelation
from segkit.output import tables
from segkit.panels import graphs
from segkit.studies.survey.measuring import same_definition
from segkit.studies.survey.peers import comparable, peers_of, period_name, reference_label
from segkit.words.text import survey_texts as sentences

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph

    from segkit.base.checks import Floats, Language

COLUMNS = [
    "claim",
    "statement",
    "statistic",
    "value",
    "ci_low",
    "ci_high",
    "period",
    "data",
    "verdict",
    "reason",
]

#: Income and education by the first of these columns that a panel has over several periods.
INCOME = ("mean_wage_income", "median_income", "mean_net_income")
EDUCATION = ("post_secondary_share",)

#: A verdict on the whole needs this many indicators; a cluster this share of the residents.
LEAST_INDICATORS = 3
CLUSTERED = 0.5

#: The municipality whose survey the statements come from.
_KALMAR = "0880"

SUPPORTED, NOT_SUPPORTED, UNTESTABLE = "supported", "not supported", "cannot be tested"


def claims(
    panel: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    areas: gpd.GeoDataFrame | None = None,
    n_weak: int = 2,
    reference: pd.DataFrame | None = None,
    municipality: str = "",
    peers: tuple[str, ...] | None = None,
    n_bootstrap: int = 999,
    random_state: int = 0,
    language: Language = "sv",
) -> pd.DataFrame:
    """Test the statements of a published survey on the data at hand.

    Parameters
    ----------
    panel : DataFrame or mapping of geography to DataFrame
        One or more panels; income and education are taken from the first that has them over at
        least two periods.
    areas : geopandas.GeoDataFrame, optional
        One row per area with ``profile, population, geometry``, for the statement on dispersal.
    n_weak : int
        How many of the weakest profiles count as weaker conditions.
    reference : pandas.DataFrame, optional
        As `areas.load_reference` gives it. Only rows of the same indicator, period, unit and source
        table are compared.
    municipality : str
        Its code in `reference`.
    peers : tuple of str
        Codes of the municipalities to compare with; by default those the municipality names itself,
        else all others of `reference`.
    n_bootstrap, random_state : int
        For the intervals.
    language : {"sv", "en"}
        Of the sentences.

    Returns
    -------
    pandas.DataFrame
        One row per statement: ``claim, statement, statistic, value, ci_low, ci_high, period, data,
        verdict`` (``supported``, ``not supported``, ``cannot be tested``), ``reason``.

    Examples
    --------
    >>> from segkit import areas, survey
    >>> table = survey.claims(areas.load_example("kalmar", "regso"), n_bootstrap=99, language="en")
    >>> table.set_index("claim").loc["income_up_everywhere", "verdict"]
    'not supported'
    """
    panels = dict(panel) if isinstance(panel, Mapping) else {"own": panel}
    panels = {geography: in_area_order(own) for geography, own in panels.items()}
    run = _Run(panels, municipality, n_bootstrap, random_state, language)
    sweden = run.compare("sweden", reference, municipality, ("00",))
    if peers is None:
        peers = () if reference is None or reference.empty else peers_of(municipality, reference)
    near = run.compare("peers", reference, municipality, peers)
    rows = {
        "strong_against_sweden": sweden,
        "strong_against_peers": near,
        "polarization_up": run.polarization(),
        "well_off_better_off": run.well_off(),
        "weak_dispersed": run.dispersed(areas, n_weak),
        "income_up_everywhere": run.income_up(),
        "education_up_in_most": run.education_up(),
    }
    statements = sentences("statements", language)
    table = pd.DataFrame([{"claim": c, "statement": statements[c], **row} for c, row in rows.items()])
    return table[COLUMNS]


Row = dict[str, object]


class _Run:
    """The data and choices that all statements share."""

    def __init__(
        self,
        panels: Mapping[str, pd.DataFrame],
        municipality: str,
        n_bootstrap: int,
        random_state: int,
        language: Language,
    ) -> None:
        self.panels = panels
        self.municipality = municipality
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state
        self.language = language
        self.text = sentences("reasons", language)

    def number(self, value: float, decimals: int = 1, *, sign: bool = False) -> str:
        return tables.format_number(value, decimals, language=self.language, sign=sign)

    def untestable(self, reason: str) -> Row:
        return _row("–", np.nan, verdict=UNTESTABLE, reason=self.text[reason])

    def compare(
        self, whom: str, reference: pd.DataFrame | None, municipality: str, others: tuple[str, ...]
    ) -> Row:
        """Compare the municipality with Sweden, or with the median of peers."""
        least = 1 if whom == "sweden" else LEAST_INDICATORS
        if reference is None or reference.empty or municipality not in set(reference["municipality_code"]):
            return self.untestable("no_municipality")
        pairs = comparable(reference, municipality, others, least=least)
        if pairs.empty:
            return self.untestable("no_municipality")
        whom_text = self.text[whom]
        pairs["label"] = [reference_label(i, self.language) for i in pairs["indicator"]]
        figures = " ".join(
            self.text["figure"].format(
                label=label,
                period=period_name(period, self.language),
                own=self.number(own),
                other=self.number(other),
            )
            for label, period, own, other in zip(
                pairs["label"], pairs["period"], pairs["own"], pairs["other"], strict=True
            )
        )
        better = int(pairs["better"].sum())
        n = len(pairs)
        kinds = pairs["theme"].nunique()
        years = sorted(pairs["period"].str[:4])
        period = years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}"
        named = reference[reference["municipality_code"].isin(others)]["municipality_name"].unique()
        statistic = {"sv": f"antal bättre av {n} indikatorer", "en": f"number better of {n} indicators"}
        data = f"reference.csv: {', '.join(named)}"
        if kinds < LEAST_INDICATORS:
            names = " {} ".format({"sv": "och", "en": "and"}[self.language]).join(
                _lower(label) for label in dict.fromkeys(pairs["label"])
            )
            reason = self.text["few_comparable"].format(names=names, whom=whom_text, figures=figures)
            return _row(
                statistic[self.language], better, verdict=UNTESTABLE, reason=reason, period=period, data=data
            )
        verdict = SUPPORTED if better > n / 2 else NOT_SUPPORTED
        reason = self.text["compared"].format(whom=whom_text, better=better, n=n, figures=figures)
        return _row(
            statistic[self.language], better, verdict=verdict, reason=reason, period=period, data=data
        )

    def polarization(self) -> Row:
        """Wolfson's index of income between areas: paired change from first to last period."""
        found = self.first_series(INCOME)
        if found is None:
            return self.untestable("no_income")
        geography, column, wide, first, last = found
        table = compare_periods(
            self.long(wide, column, first, last),
            "wolfson",
            first=first,
            last=last,
            values=column,
            weight="weight",
            n_bootstrap=self.n_bootstrap,
            random_state=self.random_state,
        )
        change = table.iloc[0]
        low, high = float(change["ci_low"]), float(change["ci_high"])
        state = "wolfson_up" if low > 0 else "wolfson_down" if high < 0 else "wolfson_unsure"
        name = term("measures", "wolfson", language=self.language)
        statistic = {"sv": f"förändring i {name}", "en": f"change in {name}"}[self.language]
        return _row(
            statistic,
            float(change["value"]),
            ci_low=low,
            ci_high=high,
            verdict=SUPPORTED if state == "wolfson_up" else NOT_SUPPORTED,
            reason=self.join(state, geography, column, first, last, len(wide)),
            period=f"{first}–{last}",
            data=self.data(geography, column),
        )

    def well_off(self) -> Row:
        """Growth in the fifth of areas (by population) with the highest income in the first period."""
        found = self.first_series(INCOME)
        if found is None:
            return self.untestable("no_income")
        geography, column, wide, first, last = found
        rows = bootstrap(
            wide, growth_of_top_fifth, n_bootstrap=self.n_bootstrap, random_state=self.random_state
        ).iloc[0]
        value, low, high = (float(rows[c]) for c in ("value", "ci_low", "ci_high"))
        state = "top_up" if low > 0 else "top_down" if high < 0 or value <= 0 else "top_unsure"
        sentence = self.text[state].format(value=self.number(value, sign=True))
        others = self.text["top_others"].format(others=self.number(_growth_of_others(wide), sign=True))
        where = self.join("prices", geography, column, first, last, len(wide))
        statistic = {
            "sv": "förändring i den starkaste femtedelen, procent",
            "en": "change in the strongest fifth, per cent",
        }[self.language]
        return _row(
            statistic,
            value,
            ci_low=low,
            ci_high=high,
            verdict=SUPPORTED if state == "top_up" else NOT_SUPPORTED,
            reason=f"{sentence} {others} {where}",
            period=f"{first}–{last}",
            data=self.data(geography, column),
        )

    def income_up(self) -> Row:
        """Count the areas whose income rose."""
        found = self.first_series(INCOME)
        if found is None:
            return self.untestable("no_income")
        geography, column, wide, first, last = found
        growth = 100 * (wide["last"] / wide["first"] - 1)
        up, n = int((growth > 0).sum()), len(growth)
        state = "all_up" if up == n else "not_all_up"
        sentence = self.text[state].format(
            n=n, up=up, low=self.number(growth.min(), sign=True), high=self.number(growth.max(), sign=True)
        )
        return _row(
            {"sv": f"antal områden av {n} som ökat", "en": f"areas of {n} that rose"}[self.language],
            up,
            verdict=SUPPORTED if up == n else NOT_SUPPORTED,
            reason=f"{sentence} {self.join('prices', geography, column, first, last, n)}",
            period=f"{first}–{last}",
            data=self.data(geography, column),
        )

    def education_up(self) -> Row:
        """Give the share of areas whose level of education rose, with an interval from resampled areas."""
        found = self.first_series(EDUCATION)
        if found is None:
            return self.untestable("no_education")
        geography, column, wide, first, last = found
        table = bootstrap(
            wide, _share_that_rose, n_bootstrap=self.n_bootstrap, random_state=self.random_state
        )
        rows = table.iloc[0]
        up = int((wide["last"] > wide["first"]).sum())
        reason = self.text["most_up"].format(up=up, n=len(wide))
        if last - first == 1:
            reason += " " + self.text["one_year"]
        statistic = {
            "sv": "andel områden som ökat, procent",
            "en": "share of areas that rose, per cent",
        }[self.language]
        return _row(
            statistic,
            float(rows["value"]),
            ci_low=float(rows["ci_low"]),
            ci_high=float(rows["ci_high"]),
            verdict=SUPPORTED if rows["ci_low"] > 50 else NOT_SUPPORTED,
            reason=f"{reason} {self.join('no_reference_year', geography, column, first, last, len(wide))}",
            period=f"{first}–{last}",
            data=self.data(geography, column),
        )

    def dispersed(self, areas: gpd.GeoDataFrame | None, n_weak: int) -> Row:
        """Give the share of the residents of weaker areas who live in the largest contiguous group."""
        if areas is None or areas["population"].isna().any():
            return self.untestable("no_weak")
        check_columns(areas, ["area_id", "name", "profile", "population"], argument="areas")
        weak = areas["profile"] <= n_weak
        if weak.sum() < 2 or weak.all():
            return self.untestable("no_weak")
        graph = graphs.contiguity(areas)
        table = autocorrelation.dispersal(areas, weak, graph=graph, random_state=self.random_state)
        rows = table.set_index("measure")[["value", "p_value"]].astype(float)
        share = float(rows["value"]["largest_patch_share"])
        names = _largest_patch(areas, weak, graph)
        reason = self.text["patch"].format(
            share=self.number(100 * share, 0),
            n=int(weak.sum()),
            profiles="1" if n_weak == 1 else f"1–{n_weak}",
            patches=self.number(float(rows["value"]["n_patches"]), 0),
            names=", ".join(names),
            p=tables.format_p(float(rows["p_value"]["largest_patch_share"]), language=self.language),
        )
        statistic = {
            "sv": "andel i den största sammanhängande gruppen, procent",
            "en": "share in the largest contiguous group, per cent",
        }[self.language]
        return _row(
            statistic,
            100 * share,
            verdict=SUPPORTED if share < CLUSTERED else NOT_SUPPORTED,
            reason=reason,
            data={"sv": "områdenas profiler och gränser", "en": "the areas' profiles and borders"}[
                self.language
            ],
        )

    def first_series(self, columns: tuple[str, ...]) -> tuple[str, str, pd.DataFrame, int, int] | None:
        """Return geography, column, ``first, last, weight`` per area, and the two periods."""
        for column in columns:
            for geography, panel in self.panels.items():
                if column not in panel:
                    continue
                rows, _ = same_definition(panel, column)
                if "boundary_comparable" in rows:
                    rows = rows[rows["boundary_comparable"] == 1]
                periods = sorted(int(p) for p in rows["period"].unique())
                if len(periods) < 2:
                    continue
                wide = rows.pivot(index="area_id", columns="period", values=column)
                wide = wide[[periods[0], periods[-1]]].dropna()
                wide.columns = ["first", "last"]
                wide["weight"] = _population(panel, wide.index, periods[0])
                if len(wide) < 2 or wide["weight"].isna().any():
                    continue
                return geography, column, wide.reset_index(), periods[0], periods[-1]
        return None

    def long(self, wide: pd.DataFrame, column: str, first: int, last: int) -> pd.DataFrame:
        """Return two periods as a panel again."""
        parts = [
            wide[["area_id", "weight"]].assign(period=period, **{column: wide[which]})
            for which, period in (("first", first), ("last", last))
        ]
        return pd.concat(parts, ignore_index=True)

    def join(self, key: str, geography: str, column: str, first: int, last: int, n: int) -> str:
        """Return the sentence of a key after the sentence on what was tested."""
        label = indicators.label(column, language=self.language)
        areas = geography_name(geography) or {"sv": "områden", "en": "areas"}[self.language]
        where = self.text["period"].format(label=_lower(label), first=first, last=last, areas=f"{n} {areas}")
        # Constant prices are documented for this column only, and the statements are Kalmar's own.
        if key == "prices" and column != "mean_wage_income":
            return where
        if key == "no_reference_year" and self.municipality != _KALMAR:
            return where
        return f"{where} {self.text[key]}"

    def data(self, geography: str, column: str) -> str:
        label = indicators.label(column, language=self.language)
        name = geography_name(geography)
        return f"{label} ({name})" if name else label


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]


def geography_name(geography: str) -> str:
    """Return how a geography is written in running text.

    Examples
    --------
    >>> geography_name("regso")
    'RegSO'
    """
    return {"deso": "DeSO", "regso": "RegSO"}.get(geography, "")


def growth_of_top_fifth(data: pd.DataFrame) -> float:
    """Return the growth in per cent of the fifth of the population in areas with the highest first value.

    `data` has ``first, last, weight``; the area on the cut counts by its part above the cut.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"first": [1, 2, 3, 4, 10.0], "last": [1, 2, 3, 4, 11.0], "weight": 1})
    >>> round(growth_of_top_fifth(data), 6)
    10.0
    """
    return _growth(data, _top_part(data))


def _growth(data: pd.DataFrame, part: Floats) -> float:
    """Return the growth in per cent of the mean over parts of the areas' weights."""
    return float(100 * (part @ data["last"].to_numpy() / (part @ data["first"].to_numpy()) - 1))


def _top_part(data: pd.DataFrame) -> Floats:
    """Return the weight of each area that belongs to the top fifth."""
    weight = data["weight"].to_numpy(dtype=float)
    order = np.argsort(-data["first"].to_numpy(), kind="stable")
    before = np.cumsum(weight[order]) - weight[order]
    part = np.empty_like(weight)
    part[order] = np.clip(0.2 * weight.sum() - before, 0, weight[order])
    return part


def _growth_of_others(data: pd.DataFrame) -> float:
    return _growth(data, data["weight"].to_numpy(dtype=float) - _top_part(data))


def _share_that_rose(data: pd.DataFrame) -> float:
    return float(100 * (data["last"] > data["first"]).mean())


def _population(panel: pd.DataFrame, ids: pd.Index, period: int) -> pd.Series:
    """Return the population of each area in the period, or in the nearest one that has it."""
    rows = panel.dropna(subset=["population"])
    rows = rows.assign(distance=(rows["period"] - period).abs()).sort_values(["distance", "period"])
    return rows.drop_duplicates("area_id").set_index("area_id")["population"].reindex(ids)


def _largest_patch(areas: gpd.GeoDataFrame, weak: pd.Series, graph: Graph) -> list[str]:
    """Return the names of the weak areas in the contiguous group with the most residents."""
    inside = areas[weak].set_index("area_id")
    patch = graph.subgraph(inside.index).component_labels.reindex(inside.index)
    people = inside["population"].groupby(patch).sum()
    return [str(name) for name in inside.loc[patch == people.idxmax(), "name"]]


def _row(
    statistic: str,
    value: float,
    *,
    verdict: str,
    reason: str,
    ci_low: float = np.nan,
    ci_high: float = np.nan,
    period: str = "",
    data: str = "",
) -> Row:
    return {
        "statistic": statistic,
        "value": float(value),
        "ci_low": ci_low,
        "ci_high": ci_high,
        "period": period,
        "data": data,
        "verdict": verdict,
        "reason": reason,
    }
