"""The published statements of a survey, each tested on the data at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import check_columns
from segkit.base.order import in_area_order
from segkit.catalogue import indicators
from segkit.catalogue.labels import term
from segkit.catalogue.statements import Statement, statements
from segkit.inference import bootstrap, compare_periods
from segkit.output import tables
from segkit.studies.survey.location import Location
from segkit.studies.survey.measuring import same_definition
from segkit.studies.survey.peers import comparable, peers_of, period_name, reference_label
from segkit.words.text import listed
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

#: A median of peers is of this many at least.
LEAST_PEERS = 3

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
    location = None if areas is None else Location(areas, n_weak, random_state)
    return claims_at(
        location,
        panel,
        reference=reference,
        municipality=municipality,
        peers=peers,
        n_bootstrap=n_bootstrap,
        random_state=random_state,
        language=language,
    )


def claims_at(
    location: Location | None,
    panel: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    reference: pd.DataFrame | None,
    municipality: str,
    n_bootstrap: int,
    random_state: int,
    language: Language,
    peers: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """Test the statements as `claims` does, where the areas lie being worked out already."""
    panels = dict(panel) if isinstance(panel, Mapping) else {"own": panel}
    for own in panels.values():
        check_columns(own, ["area_id", "period"], argument="panel")
    panels = {geography: in_area_order(own) for geography, own in panels.items()}
    run = _Run(panels, municipality, n_bootstrap, random_state, language)
    if peers is None:
        peers = () if reference is None or reference.empty else peers_of(municipality, reference)
    run.reference, run.others = reference, {"sweden": ("00",), "peers": peers}
    run.location = location
    rows = [
        {"claim": said.id, "statement": said.text(language), **TESTS[said.test](run, said)}
        for said in statements(municipality)
    ]
    return pd.DataFrame(rows)[COLUMNS]


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
        self.reference: pd.DataFrame | None = None
        self.others: dict[str, tuple[str, ...]] = {}
        self.location: Location | None = None

    def number(self, value: float, decimals: int = 1, *, sign: bool = False) -> str:
        return tables.format_number(value, decimals, language=self.language, sign=sign)

    def untestable(self, reason: str) -> Row:
        return _row("–", np.nan, verdict=UNTESTABLE, reason=self.text[reason])

    def better_than(self, said: Statement) -> Row:
        """Compare the municipality with Sweden, or with the median of peers."""
        whom, reference, municipality = said.against, self.reference, self.municipality
        others = self.others[whom]
        least = 1 if whom == "sweden" else LEAST_PEERS
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
        statistic = self.text["stat_better"].format(n=n)
        data = f"reference.csv: {', '.join(named)}"
        if kinds < said.bound:
            names = listed([_lower(label) for label in dict.fromkeys(pairs["label"])], self.language)
            reason = self.text["few_comparable"].format(names=names, whom=whom_text, figures=figures)
            return _row(statistic, better, verdict=UNTESTABLE, reason=reason, period=period, data=data)
        verdict = SUPPORTED if better > n / 2 else NOT_SUPPORTED
        reason = self.text["compared"].format(whom=whom_text, better=better, n=n, figures=figures)
        return _row(statistic, better, verdict=verdict, reason=reason, period=period, data=data)

    def spread_has_grown(self, said: Statement) -> Row:
        """Wolfson's index of income between areas: paired change from first to last period."""
        found = self.first_series(said.indicators)
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
        statistic = self.text["stat_change"].format(name=name)
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

    def strongest_have_grown(self, said: Statement) -> Row:
        """Growth in the fifth of areas (by population) with the highest income in the first period."""
        found = self.first_series(said.indicators)
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
        return _row(
            self.text["stat_top"],
            value,
            ci_low=low,
            ci_high=high,
            verdict=SUPPORTED if state == "top_up" else NOT_SUPPORTED,
            reason=f"{sentence} {others} {where}",
            period=f"{first}–{last}",
            data=self.data(geography, column),
        )

    def risen_everywhere(self, said: Statement) -> Row:
        """Count the areas whose income rose."""
        found = self.first_series(said.indicators)
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
            self.text["stat_rose"].format(n=n),
            up,
            verdict=SUPPORTED if up == n else NOT_SUPPORTED,
            reason=f"{sentence} {self.join('prices', geography, column, first, last, n)}",
            period=f"{first}–{last}",
            data=self.data(geography, column),
        )

    def risen_in_most(self, said: Statement) -> Row:
        """Give the share of areas whose level of education rose, with an interval from resampled areas."""
        found = self.first_series(said.indicators)
        if found is None:
            return self.untestable("no_education")
        geography, column, wide, first, last = found
        table = bootstrap(
            wide, _share_that_rose, n_bootstrap=self.n_bootstrap, random_state=self.random_state
        )
        rows = table.iloc[0]
        remark = said.remark.get(self.language, "")
        up = int((wide["last"] > wide["first"]).sum())
        reason = self.text["most_up"].format(up=up, n=len(wide))
        if last - first == 1:
            reason += " " + self.text["one_year"]
        return _row(
            self.text["stat_share_rose"],
            float(rows["value"]),
            ci_low=float(rows["ci_low"]),
            ci_high=float(rows["ci_high"]),
            verdict=SUPPORTED if rows["ci_low"] > said.bound else NOT_SUPPORTED,
            reason=f"{reason} {self.join('', geography, column, first, last, len(wide))} {remark}".rstrip(),
            period=f"{first}–{last}",
            data=self.data(geography, column),
        )

    def weak_are_dispersed(self, said: Statement) -> Row:
        """Give the share of the residents of weaker areas who live in the largest contiguous group."""
        location = self.location
        if location is None or location.areas["population"].isna().any():
            return self.untestable("no_weak")
        areas, weak, n_weak = location.areas, location.weak, location.n_weak
        check_columns(areas, ["area_id", "name", "profile", "population"], argument="areas")
        if not location.testable:
            return self.untestable("no_weak")
        table = location.patches
        rows = table.set_index("measure")[["value", "p_value"]].astype(float)
        share = float(rows["value"]["largest_patch_share"])
        names = _largest_patch(areas, weak, location.graph)
        reason = self.text["patch"].format(
            share=self.number(100 * share, 0),
            n=int(weak.sum()),
            profiles="1" if n_weak == 1 else f"1–{n_weak}",
            patches=self.number(float(rows["value"]["n_patches"]), 0),
            names=", ".join(names),
            p=tables.format_p(float(rows["p_value"]["largest_patch_share"]), language=self.language),
        )
        return _row(
            self.text["stat_patch"],
            100 * share,
            verdict=SUPPORTED if 100 * share < said.bound else NOT_SUPPORTED,
            reason=reason,
            data=self.text["data_borders"],
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
        areas = geography_name(geography) or self.text["areas"]
        where = self.text["period"].format(label=_lower(label), first=first, last=last, areas=f"{n} {areas}")
        # A test on prices says so only where the catalogue knows that they are constant.
        if not key or (key == "prices" and not indicators.catalogue()["price_year"].get(column)):
            return where
        return f"{where} {self.text[key]}"

    def data(self, geography: str, column: str) -> str:
        label = indicators.label(column, language=self.language)
        name = geography_name(geography)
        return f"{label} ({name})" if name else label


#: The tests that a statement can name.
TESTS: Mapping[str, Callable[[_Run, Statement], Row]] = {
    "better_than": _Run.better_than,
    "spread_has_grown": _Run.spread_has_grown,
    "strongest_have_grown": _Run.strongest_have_grown,
    "weak_are_dispersed": _Run.weak_are_dispersed,
    "risen_everywhere": _Run.risen_everywhere,
    "risen_in_most": _Run.risen_in_most,
}


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
