"""One good, quick call of every public function, method and class: what the tests over all of them walk.

``CALLS`` maps a dotted name to a function that makes fresh keyword arguments; ``function`` finds what is
called. A method is called with its object as ``self``; arguments without a name stand under ``*``.
"""

from __future__ import annotations

import atexit
import contextlib
import inspect
import shutil
import tempfile
from functools import cache
from operator import attrgetter
from pathlib import Path

import charts_factory
import geopandas as gpd
import numpy as np
import pandas as pd
import survey_factory
from shapely import box
from webmap_pages import history_of, kalmar

import segkit
from segkit import disclosure, profiles, report, screening, studies, typologies
from segkit.errors import NotFetchedError
from segkit.profiles.composite import CompositeIndex
from segkit.profiles.standardize import Standardizer
from segkit.sources import Client

SIDE = 4
N = SIDE * SIDE
CUTS = (0, 1000, 2100, 3300, 4600)
YEARS = (2020, 2021, 2022, 2023)
GROUPS = ["a", "b", "c"]
RULE = 'at_least = "any"\n[[criteria]]\nindicator = "turnout"\nsign = "<"\nthreshold = 70\n'
KOLADA = "https://api.kolada.se/v3/kpi/N01951"
BRACKETS = ["b0", "b1", "b2", "b3", "b4"]
RATES = ["employment_rate", "turnout"]
TREATED = ["a02", "a07"]


def folder():
    """Return a new folder that is removed when Python ends."""
    path = Path(tempfile.mkdtemp(prefix="calls-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def written(name, text):
    """Return the path of a new file with a text."""
    path = folder() / name
    path.write_text(text, encoding="utf-8")
    return path


def one(period=2023, step=3):
    """Return a square of areas in one period."""
    n = np.arange(N)
    parts = {name: (n * (3 + k) + 7 * k + step) % 19 + 2 for k, name in enumerate([*GROUPS, *BRACKETS])}
    return gpd.GeoDataFrame(
        {
            "area_id": [f"a{k:02d}" for k in n],
            "period": period,
            "name": [f"Area {k}" for k in n],
            "population": n * 31 % 17 * 50 + 800.0,
            "region": np.where(n < N // 2, "west", "east"),
            **parts,
            "group": (n * 7 + step) % 23 + 1,
            "other": (n * 5 + step) % 19 + 1,
            "total": 60 + n % 5,
            "income": 200.0 + (n * 37 + step * 11) % 97,
            "sd": 40.0 + n % 7,
            "people": 50 + n % 11,
            "employment_rate": 60.0 + (n * 13 + step * 5) % 31,
            "turnout": 65.0 + (n * 11 + step * 3) % 23,
            "turnout_se": 1.0,
            "profile": (n + step * (n % 3)) % 3 + 1,
            "index": (n * 13 % N - N / 2) / 4,
            "weak": (n * 13 + step * 5) % 31 < 9,
            "type": n % 5 + 1,
        },
        geometry=[box(CUTS[x], CUTS[y], CUTS[x + 1], CUTS[y + 1]) for y, x in np.ndindex(SIDE, SIDE)],
        crs=3006,
    )


def panel():
    """Return the areas in every period."""
    return pd.concat([one(period, step) for step, period in enumerate(YEARS)], ignore_index=True)


def larger():
    """Return two areas over the same land."""
    shapes = [box(left, 0, right, CUTS[-1]) for left, right in ((0, CUTS[2]), (CUTS[2], CUTS[-1]))]
    return gpd.GeoDataFrame({"area_id": ["L0", "L1"], "name": ["L0", "L1"]}, geometry=shapes, crs=3006)


def key():
    return pd.DataFrame({"old": one()["area_id"], "new": ["L0", "L1"] * (N // 2), "part": 1.0})


def labels():
    return pd.Series(one()["profile"].to_numpy(), index=one()["area_id"])


@cache
def _survey():
    return survey_factory.survey()


def survey():
    """Return a survey that may be spoiled."""
    return _survey()


@cache
def _fitted():
    return profiles.Profiles(3, columns=RATES, n_starts=2).fit(one())


@cache
def _index():
    return CompositeIndex(RATES).fit(one())


@cache
def _scales():
    return Standardizer(RATES).fit(one())


@cache
def _study():
    return studies.Study(_document(), {"areas": pd.DataFrame({"area_id": ["a"]})})


def _document():
    return report.Document("Title", (report.Section("Findings", points=("Turnout fell.",)),), language="en")


@cache
def _over_time():
    return typologies.over_time(panel(), RATES, n_profiles=2, n_starts=2)


@cache
def _screened():
    return screening.screen(one(), screening.Criterion("turnout", "<", 75))


def _criterion():
    return screening.Criterion("turnout", "<", 75)


@cache
def _map_areas():
    return kalmar()


@cache
def _map():
    return segkit.webmap.build(_map_areas())


def _figure():
    from matplotlib.figure import Figure

    return Figure()


def _axes():
    return _figure().subplots()


@cache
def _clustergram():
    return profiles.clustergram(one(), columns=RATES, k=[2, 3])


@cache
def _choice():
    return profiles.choose_n_profiles(one(), columns=RATES, k=[2, 3], n_bootstrap=2, n_references=2)


def _client():
    return Client(dry_run=True, cache=folder())


def _graph():
    return segkit.graphs.contiguity(one())


def _panel_file(name="panel.geojson"):
    path = folder() / name
    table = one().drop(columns="region")
    table.to_parquet(path) if path.suffix == ".parquet" else table.to_file(path)
    return path


def _own_file():
    text = "Befolkning 2024\n\nDeSO;Invånare;Valdeltagande\n0880C1010;1700;84,5\n0880C1020;1500;80,1\n"
    return written("own.csv", text)


def _own_folder():
    return written("own.csv", "Kod;2022;2023\nA01;1,5;2\nA02;3;4,5\n").parent


@cache
def _own():
    return segkit.owndata.read(_own_file())


def _counted():
    return {"counts": np.array([0.0, 1.0, 3.0])}


@cache
def _example():
    return segkit.areas.load_example("motala")


def _map_example():
    return _example().copy()


def _line():
    return {"value": 0.1, "n_areas": 3}


def _change():
    ends = {"ci_low": 0.0, "ci_high": 0.2, "p_value": 0.1}
    return {"period": "1–2", "value": 0.1, "n_areas": 3, **ends}


def _plan():
    return disclosure.Plan(disclosure.MinimumCount(), counts="group", region="region")


def _district_figures():
    n = np.arange(6)
    return pd.DataFrame(
        {
            "area_id": [f"d{k}" for k in n],
            "voted": 50 + n * 5 % 7,
            "may_vote": 100,
            "population": 120.0,
            "income": 1.0 + n,
        }
    )


def _district_links():
    ids = one()["area_id"]
    return pd.DataFrame({"district_id": "d1", "area_id": ids[:3], "share_of_area_population": 0.5})


def _asked(**more):
    return {"first": 2020, "last": 2023, "n_bootstrap": 9, **more}


#: What the kinds of measure are called with.
TWO = {"group": "group", "total": "total"}
FEW = {"n_bootstrap": 9}

_REGISTERED = [
    *segkit.segregation.MEASURES.values(),
    *segkit.inequality.MEASURES.values(),
    *segkit.polarization.MEASURES.values(),
]
_TWO_GROUPS = {one.name: {} for one in _REGISTERED if one.kind in {"two_group", "spatial"}} | {
    "atkinson": {"b": 0.5},
    "exposure": {"other": "other"},
    "local_composition": {"bandwidth": 1500},
    "nearest_people": {"k": 100},
    "scale_profile": {"measure": "gini", "bandwidths": [500, 1500]},
    "spatial": {"measure": "gini", "bandwidth": 1500},
}
_SEVERAL_GROUPS = {one.name: {} for one in _REGISTERED if one.kind == "multigroup"} | {
    "between_within": {"region": "region"},
    "divergence": {"reference": {"a": 0.5, "b": 0.25, "c": 0.25}},
    "divergence_by_area": {},
    "local_segregation": {},
}


def _columns():
    return {"values": one()["income"], "weight": one()["population"]}


CALLS = {
    **{
        f"segregation.{name}": lambda more=more: {"data": one(), **TWO, **more}
        for name, more in _TWO_GROUPS.items()
    },
    **{
        f"segregation.{name}": lambda more=more: {"data": one(), "groups": [*GROUPS], **more}
        for name, more in _SEVERAL_GROUPS.items()
    },
    "segregation.income_shares_of_areas": lambda: {"data": one(), "income": "income", "weight": "people"},
    "segregation.neighborhood_sorting": lambda: {
        "data": one(), "mean": "income", "sd": "sd", "weight": "people",
    },
    "segregation.rank_order": lambda: {"data": one(), "brackets": [*BRACKETS], "order": 3},
    **{f"{one.noun}.{one.name}": _columns for one in _REGISTERED if one.kind == "values"},
    **{
        f"inequality.{name}_decomposition": lambda: {**_columns(), "region": one()["region"]}
        for name in ("theil", "mean_log_deviation")
    },
    "polarization.concentration_at_extremes": lambda: {
        "affluent": one()["a"], "deprived": one()["b"], "total": one()["total"],
    },
    "polarization.reynal_querol": lambda: {"sizes": [5, 6, 7]},
    **{
        f"autocorrelation.{name}": lambda: {"areas": one(), "column": "income", "n_permutations": 9}
        for name in ("local_moran", "morans_i")
    },
    "autocorrelation.dispersal": lambda: {"areas": one(), "weak": "weak", "n_permutations": 9},
    "autocorrelation.join_counts": lambda: {"areas": one(), "mask": "weak", "n_permutations": 9},
    "inference.bootstrap": lambda: {"data": one(), "measure": "dissimilarity", **TWO, **FEW},
    "inference.compare_periods": lambda: {"panel": panel(), "measure": "gini", **TWO, **_asked()},
    "inference.debias": lambda: {"data": one(), "measure": "gini", **TWO, **FEW},
    "inference.false_discovery_rate": lambda: {"p_values": [0.01, 0.2, 0.5]},
    "inference.permutation_test": lambda: {"data": one(), "measure": "gini", **TWO, "n_permutations": 9},
    "inference.usable_areas": lambda: {"data": one(), "values": "income", "weight": "population"},
    "trends.by_period": lambda: {"panel": panel(), "measures": "gini", **TWO, **FEW},
    "trends.change_sentence": lambda: {
        "measure_label": "it", "first_row": _line(), "last_row": _line(), "change_row": _change(),
    },
    "trends.convergence": lambda: {"panel": panel(), "values": "income", **_asked()},
    "trends.growth_incidence": lambda: {
        "panel": panel(), "values": "income", **_asked(n_quantiles=3, weight="population"),
    },
    "decomposition.change_in_information": lambda: {
        "panel": panel(), "groups": [*GROUPS], "periods": (2020, 2023),
    },
    "decomposition.counterfactual": lambda: {
        "panel": panel(), "groups": [*GROUPS], "structure": 2020, "margins": 2023,
    },
    "decomposition.fill_sensitivity": lambda: {
        "panel": panel(), "groups": [*GROUPS], "periods": (2020, 2023), "fills": [1e-3, 1e-5],
    },
    "decomposition.fit_margins": lambda: {"counts": [[1, 2], [3, 4]], "rows": [4, 6], "columns": [5, 5]},
    "decomposition.karmel_maclachlan": lambda: {
        "panel": panel(), "groups": [*GROUPS], "periods": (2020, 2023),
    },
    "evaluation.difference_in_differences": lambda: {
        "panel": panel(), "outcome": "turnout", "treated": [*TREATED], "start": 2022, "n_permutations": 19,
    },
    "evaluation.minimum_detectable_effect": lambda: {
        "panel": panel(), "outcome": "turnout", "treated": [*TREATED], "start": 2022, "level": 0.2,
        "n_assignments": 20, "n_permutations": 19,
    },
    "evaluation.synthetic_control": lambda: {
        "panel": panel(), "outcome": "turnout", "treated": ["a02"], "start": 2023, "n_permutations": 19,
    },
    **{
        f"transitions.{name}": lambda: {"panel": panel(), "column": "profile"}
        for name in ("sequences", "transition_counts", "transition_matrix", "turnarounds")
    },
    "transitions.sequence_distances": lambda: {"panel": panel(), "column": "profile"},
    "transitions.first_passage": lambda: {"matrix": [[0.5, 0.5], [0.25, 0.75]]},
    "transitions.mobility": lambda: {"matrix": [[0.5, 0.5], [0.25, 0.75]]},
    "transitions.steady_state": lambda: {"matrix": [[0.5, 0.5], [0.25, 0.75]]},
    "transitions.peers": lambda: {"panel": panel(), "area": "a03", "columns": [*RATES], "n": 3},
    "transitions.spatial_markov": lambda: {
        "panel": panel(), "column": "income", "n_states": 2, "n_lag_states": 2, "n_permutations": 9,
    },
    "transitions.trajectory_fan": lambda: {
        "panel": panel(), "area": "a03", "column": "turnout", "horizon": 1, "period": 2023,
        "peers": pd.DataFrame({"area_id": ["a04", "a05", "a06"], "period": 2022}),
    },
    "transitions.turnaround_test": lambda: {"panel": panel(), "column": "income", "n_simulations": 9},
    "transitions.what_changed": lambda: {
        "panel": panel(), "risers": [*TREATED], "others": None, "columns": [*RATES], "n_permutations": 9,
    },
    "standardize.Standardizer": lambda: {"columns": [*RATES], "weight": "population"},
    **{
        f"standardize.Standardizer.{name}": lambda: {"self": _scales(), "data": one()}
        for name in ("filled", "fit", "fit_transform", "reference_rows", "transform")
    },
    "composite.CompositeIndex": lambda: {"columns": [*RATES]},
    **{
        f"composite.CompositeIndex.{name}": lambda: {"self": _index(), "data": one()}
        for name in ("contributions", "fit", "fit_transform", "transform")
    },
    "composite.CompositeIndex.deprivation": lambda: {
        "self": CompositeIndex([*RATES], "imd").fit(one()), "data": one(),
    },
    "composite.CompositeIndex.domain_scores": lambda: {
        "self": CompositeIndex([*RATES], "imd", domains={"work": RATES[:1], "vote": RATES[1:]}).fit(one()),
        "data": one(),
    },
    "composite.CompositeIndex.rank_intervals": lambda: {"self": _index(), "data": one(), "n_bootstrap": 99},
    "composite.CompositeIndex.sensitivity": lambda: {"self": _index(), "data": one(), "n_draws": 99},
    "composite.area_type_name": lambda: {"area_type": 1},
    "composite.area_types": lambda: {"index": one()["index"], "weight": one()["population"]},
    "composite.imd_transform": lambda: {"rank": [0.5, 0.99]},
    "composite.percentile_rank": lambda: {"values": [10.0, 30, 20]},
    "composite.shrink_rates": lambda: {"rate": [0.1, 0.3, 0.2], "n": [100, 200, 300], "region": list("xxy")},
    "profiles.Profiles": lambda: {"n_profiles": 3, "columns": [*RATES]},
    "profiles.Profiles.borderline": lambda: {"self": _fitted(), "threshold": 0.1},
    "profiles.Profiles.describe": lambda: {"self": _fitted()},
    "profiles.Profiles.explain": lambda: {"self": _fitted(), "area_id": "a03"},
    "profiles.Profiles.fit": lambda: {
        "self": profiles.Profiles(3, columns=[*RATES], n_starts=2), "data": one(),
    },
    "profiles.Profiles.predict": lambda: {"self": _fitted(), "data": one()},
    "profiles.Profiles.stability": lambda: {"self": _fitted(), "n_bootstrap": 3},
    "profiles.Choice.plot": lambda: {"self": _choice(), "ax": _axes()},
    "profiles.Clustergram.plot": lambda: {"self": _clustergram(), "ax": _axes()},
    "profiles.align": lambda: {"labels_a": labels(), "labels_b": labels()},
    "profiles.choose_n_profiles": lambda: {
        "data": one(), "columns": [*RATES], "k": [2, 3], "n_bootstrap": 2, "n_references": 2,
    },
    "profiles.clustergram": lambda: {"data": one(), "columns": [*RATES], "k": [2, 3], "n_starts": 2},
    "profiles.label": lambda: {"profile": 1, "n_profiles": 3},
    "profiles.special_areas": lambda: {"data": one().assign(**dict.fromkeys(profiles.SPECIAL_COLUMNS, 10.0))},
    "typologies.across_scales": lambda: {
        "fine": one().assign(large=["L0", "L1"] * (N // 2)), "link": "large",
        "coarse": larger().assign(profile=[1, 2], index=[0.1, 0.2]),
    },
    "typologies.coarsen": lambda: {
        "fine": one().assign(large=["L0", "L1"] * (N // 2)), "columns": [*RATES], "link": "large",
    },
    "typologies.compare": lambda: {"a": labels(), "b": labels()},
    "typologies.move_certainty": lambda: {"result": _over_time(), "n_bootstrap": 3, "n_starts": 2},
    "typologies.official_types": lambda: {"panel": panel().assign(official_area_type=panel()["type"])},
    "typologies.over_time": lambda: {"panel": panel(), "columns": [*RATES], "n_profiles": 2, "n_starts": 2},
    "typologies.plot_trajectories": lambda: {
        "table": typologies.trajectories(_over_time(), ["a03"]), "figure": _figure(),
    },
    "typologies.trajectories": lambda: {"result": _over_time(), "area_ids": ["a03"]},
    "graphs.area_ids": lambda: {"areas": one()},
    "graphs.contiguity": lambda: {"areas": one()},
    "graphs.matrix": lambda: {"graph": _graph(), "ids": list(one()["area_id"])},
    "frame.Draft.save": lambda: {"self": segkit.frame.prepare(_own_folder()), "add": False},
    "frame.prepare": lambda: {"folder": _own_folder(), "language": "en"},
    "frame.read": lambda: {"folder": _own_folder(), "language": "en"},
    "geography.aggregate": lambda: {"panel": panel(), "to": "region", "extensive": ["group"]},
    "geography.boundary_changes": lambda: {"old": one(), "new": larger().assign(period=2024)},
    "geography.chain": lambda: {
        "old": pd.DataFrame(one()[["area_id", "population"]]).assign(period=2023),
        "new": pd.DataFrame(one()[["area_id", "population"]]).assign(period=2024),
        "changes": pd.DataFrame({"old": ["a00"], "new": ["a00"], "cause": "unchanged"}),
        "extensive": ["population"],
    },
    "geography.crosswalk": lambda: {
        "values": one(), "key": key(), "from_id": "old", "to_id": "new", "share": "part",
        "extensive": ["population"], "intensive": ["turnout"],
    },
    "geography.interpolate": lambda: {
        "source": one(), "target": larger(), "extensive": ["population"], "intensive": ["turnout"],
        "weight": "population",
    },
    "geography.nest_check": lambda: {"fine": one(), "coarse": larger()},
    "geography.transfer_model": lambda: {
        "source": _district_figures(), "target": one(), "links": _district_links(), "events": "voted",
        "total": "may_vote", "predictors": ["income"],
    },
    "geography.turnout_by_area": lambda: {
        "panel": one().drop(columns=["turnout", "turnout_se"]), "links": _district_links(),
        "districts": _district_figures().assign(ballots=55, electorate=100, period=2023),
        "predictors": ["income"],
    },
}  # fmt: skip


def _framed(**more):
    return {"areas": one(), "column": "turnout", "ax": _axes(), **more}


def _fieldwork():
    return {"n_draws": 99, "language": "en"}


CALLS |= {
    **{f"areas.{name}": dict for name in ("examples", "load_reference")},
    "areas.check_panel": lambda: {"panel": panel().drop(columns="region")},
    "areas.indicator_columns": lambda: {"panel": panel()},
    "areas.join_indicators": lambda: {
        "areas": one()[["area_id", "name", "geometry"]],
        "table": pd.DataFrame(one()[["area_id", "period", "turnout"]]),
    },
    "areas.latest": lambda: {"panel": panel(), "indicators": [*RATES]},
    "areas.load_areas": lambda: {"path": _panel_file(), "area_id": "area_id", "name": "name"},
    "areas.load_district_links": lambda: {"name": "kalmar"},
    "areas.load_example": lambda: {"name": "motala", "geography": "deso"},
    "areas.load_panel": lambda: {"path": _panel_file("panel.parquet")},
    "areas.save_panel": lambda: {"panel": panel().drop(columns="region"), "path": folder() / "panel.parquet"},
    "charts.clustergram": lambda: {"result": _clustergram(), "ax": _axes()},
    "charts.description": lambda: {
        "figure": segkit.charts.ranking(one(), "turnout", ax=_axes()),
    },
    "charts.dumbbell": lambda: {"data": panel(), "indicator": "turnout", "highlight": ["a03"], "ax": _axes()},
    "charts.fingerprint": lambda: {
        "profiles": _fitted().describe(spread=True), "columns": [*RATES], "areas": one(), "figure": _figure(),
    },
    "charts.flow": lambda: {"labels_first": labels(), "labels_last": labels(), "ax": _axes()},
    "charts.growth_incidence": lambda: {
        "table": segkit.trends.growth_incidence(panel(), "turnout", first=2020, last=2023, n_quantiles=3),
        "indicator": "turnout", "ax": _axes(),
    },
    "charts.indicator_dots": lambda: {
        "profiles": _fitted().describe(spread=True), "columns": [*RATES], "figure": _figure(),
    },
    "charts.lorenz": lambda: {"data": panel(), "values": "income", "ax": _axes()},
    "charts.ranking": lambda: {
        "areas": one().assign(low=one()["turnout"] - 1, high=one()["turnout"] + 1),
        "column": "turnout", "interval": ("low", "high"), "mean_interval": (70, 80), "ax": _axes(),
    },
    "charts.segregation_curve": lambda: {"data": panel(), **TWO, "ax": _axes()},
    "charts.sparkline": lambda: {"values": [1.0, 2, 3], "periods": [2020, 2021, 2023], "label": "turnout"},
    "charts.trend": lambda: {
        "rows": pd.DataFrame(charts_factory._rows()), "measure": "gini", "breaks": [2019], "ax": _axes(),
    },
    "disclosure.MinimumCount": lambda: {"minimum": 3, "zeros": False},
    "disclosure.MinimumCount.hides": lambda: {"self": disclosure.MinimumCount(), **_counted()},
    "disclosure.MinimumCount.text": lambda: {"self": disclosure.MinimumCount(), "language": "en"},
    "disclosure.Plan": lambda: {"rules": disclosure.MinimumCount(), "counts": "group", "region": "region"},
    "disclosure.Plan.apply": lambda: {"self": _plan(), "table": one()},
    "disclosure.Plan.concerns": lambda: {"self": _plan(), "table": one()},
    "disclosure.Plan.text": lambda: {"self": _plan(), "language": "en"},
    **{
        f"disclosure.{rule.__name__}.{name}": lambda rule=rule, name=name: {
            "self": rule(), "shown" if name == "bounds" else "counts": np.array([0.0, 3.0, 6.0]),
        }
        for rule in (disclosure.ReplaceSmall, disclosure.RoundTo) for name in ("bounds", "change", "small")
    },
    "disclosure.ReplaceSmall": dict,
    "disclosure.ReplaceSmall.text": lambda: {"self": disclosure.ReplaceSmall(), "language": "en"},
    "disclosure.RoundTo": lambda: {"base": 3},
    "disclosure.RoundTo.text": lambda: {"self": disclosure.RoundTo(), "language": "en"},
    "disclosure.Share": lambda: {"denominator": "population", "numerator": "group"},
    "disclosure.ShareRule": lambda: {"persons": 20, "with_property": 5},
    "disclosure.ShareRule.hides": lambda: {
        "self": disclosure.ShareRule(),
        "numerator": np.array([5.0, 6.0]), "denominator": np.array([100.0, 20.0]),
    },
    "disclosure.ShareRule.text": lambda: {"self": disclosure.ShareRule(), "language": "en"},
    "disclosure.apply": lambda: {
        "table": one(), "rules": disclosure.MinimumCount(), "counts": "group", "region": "region",
    },
    "disclosure.attack": lambda: {"table": one(), "counts": "group", "region": "region"},
    **{
        f"evaluation.{kind}.conclude": lambda at=at: {
            "self": function(f"evaluation.{at}")(**arguments(f"evaluation.{at}")), "language": "en",
        }
        for kind, at in {
            "DetectableEffect": "minimum_detectable_effect",
            "DifferenceInDifferences": "difference_in_differences",
            "SyntheticControl": "synthetic_control",
        }.items()
    },
    "export.to_csv": lambda: {
        "table": pd.DataFrame(one().drop(columns="geometry")), "path": folder() / "a.csv",
    },
    "export.to_excel": lambda: {
        "tables": {"areas": pd.DataFrame(one().drop(columns="geometry"))}, "path": folder() / "a.xlsx",
    },
    **{
        f"export.to_{kind}": lambda name=name: {"areas": one(), "path": folder() / name}
        for kind, name in {"geojson": "a.geojson", "geoparquet": "a.parquet"}.items()
    },
    "export.to_geopackage": lambda: {
        "areas": one(), "path": folder() / "a.gpkg", "value_columns": [*RATES], "layer": "areas",
    },
    "fetching.requests_for": lambda: {
        "municipality": "0780", "indicators": ["median_income"], "client": _client(),
    },
    "followup.embedded_figures": lambda: {"municipalities": ["0880"]},
    "followup.fetch_figures": lambda: {"municipalities": ["0880"], "periods": [2024], "client": _client()},
    "followup.key_figures": dict,
    "followup.segregated_areas": lambda: {"panel": one(), "columns": [*RATES], "n": 2},
    "followup.table": lambda: {"municipality": "0880", "peers": ["0780", "1080"]},
    "indicators.catalogue": dict,
    "indicators.with_role": lambda: {"role": "profile"},
    **{
        f"indicators.{name}": lambda: {"indicator": "turnout"}
        for name in ("direction", "is_count", "is_share", "label", "unit")
    },
    "maps.bivariate": lambda: {"areas": one(), "x": "turnout", "y": "employment_rate", "ax": _axes()},
    "maps.change_map": lambda: _framed(areas=one().assign(turnout=one()["turnout"] - 75)),
    "maps.choropleth": _framed,
    "maps.new_axes": lambda: {"size": (3.0, 3.0), "areas": one()},
    "maps.profile_map": lambda: {"areas": one(), "profile": "profile", "ax": _axes()},
    "maps.save": lambda: {"fig_or_ax": _figure(), "path": folder() / "map", "formats": ["png"], "dpi": 30},
    "maps.small_multiples": lambda: {"areas": one(), "columns": [*RATES], "figure": _figure()},
    "measures.catalogue": dict,
    "measures.markdown": lambda: {"language": "en"},
    "owndata.Understood.table": lambda: {"self": _own().understood, "language": "en"},
    "owndata.read": lambda: {"path": _own_file()},
    "palettes.bivariate": lambda: {"k": 3},
    "palettes.diverging": lambda: {"n": 6},
    "palettes.lightness": lambda: {"color": "#336699"},
    "palettes.sequential": lambda: {"n": 5},
    "report.Document": lambda: {"title": "Title", "sections": (report.Section("Findings"),)},
    "report.Document.render": lambda: {"self": _document()},
    "report.Document.write": lambda: {"self": _document(), "path": folder() / "a.html"},
    "report.Picture": lambda: {"figure": _figure(), "description": "A map."},
    "report.Section": lambda: {"title": "Findings", "points": ("Turnout fell.",)},
    "report.Table": lambda: {"table": pd.DataFrame(one()), "caption": "Areas"},
    "report.pdf_problem": dict,
    "report.render": lambda: {"survey": survey(), "language": "en"},
    "report.write": lambda: {"survey": survey(), "path": folder() / "a.html"},
    "report.write_fact_sheets": lambda: {
        "survey": survey(), "folder": folder(), "areas": [survey().areas["area_id"].iloc[0]],
    },
    "report.write_formats": lambda: {"survey": survey(), "paths": [folder() / "a.html"]},
    "screening.Criterion": lambda: {"indicator": "turnout", "sign": "<", "threshold": 70.0},
    "screening.Criterion.describe": lambda: {"self": _criterion(), "language": "en"},
    "screening.Criterion.met": lambda: {
        "self": _criterion(), "values": np.array([60.0, 80.0]), "bound": 70.0,
    },
    "screening.Rule": lambda: {"parts": (_criterion(),), "at_least": 1},
    "screening.Rule.criteria": lambda: {"self": screening.any_of(_criterion())},
    "screening.Rule.describe": lambda: {"self": screening.any_of(_criterion()), "language": "en"},
    "screening.Rule.met": lambda: {
        "self": screening.any_of(_criterion()), "outcomes": np.array([[1.0, 0.0]]),
    },
    "screening.agreement": lambda: {"selected": ["a", "b"], "published": ["b", "c"]},
    "screening.all_of": lambda: {"*": (_criterion(),), "name": "low"},
    "screening.any_of": lambda: {"*": (_criterion(),), "name": "low"},
    "screening.at_least": lambda: {"m": 1, "*": (_criterion(),), "name": "low"},
    "screening.by_region": lambda: {
        "screening": _screened(), "region": one().set_index("area_id")["region"],
    },
    "screening.certainty": lambda: {"screening": _screened(), "n_draws": 9},
    "screening.danish_exposed_area": dict,
    "screening.grant_municipalities": dict,
    "screening.has_area_of_type": lambda: {"area_type": 1},
    "screening.read_rule": lambda: {
        "path": written("rule.toml", RULE),
    },
    "screening.screen": lambda: {"panel": one(), "rule": _criterion()},
    "screening.threshold_moves": lambda: {"panel": one(), "rule": _criterion(), "moves": [-2, 2]},
    "screening.weakest_in_fields": lambda: {"share": 20},
    "sources.Client": lambda: {"cache": folder(), "offline": True},
    "sources.boundaries.areas": lambda: {"municipalities": ["0880"], "client": _client()},
    "sources.boundaries.localities": lambda: {"municipalities": ["0880"], "client": _client()},
    "sources.boundaries.municipality_boundaries": lambda: {"municipalities": ["0880"]},
    "sources.kolada.metadata": lambda: {"kind": "kpi", "client": _client()},
    "sources.kolada.values": lambda: {
        "kpis": ["N00945"], "municipalities": ["0880"], "periods": [2024], "client": _client(),
    },
    "sources.Client.json": lambda: {"self": _client(), "url": KOLADA},
    "sources.Client.download": lambda: {"self": _client(), "url": KOLADA, "kinds": ("zip",)},
    "sources.scb.codelist": lambda: {"name": "vs_DeSO", "client": _client()},
    "sources.scb.config": lambda: {"client": _client()},
    "sources.scb.data": lambda: {"table": "TAB638", "selection": {"Tid": ["2024"]}, "client": _client()},
    "sources.scb.definitions": dict,
    "sources.scb.indicators": lambda: {"municipalities": ["0880"], "client": _client()},
    "sources.scb.metadata": lambda: {"table": "TAB638", "client": _client()},
    "sources.scb.search": lambda: {"query": "income", "client": _client()},
    "sources.val.results": lambda: {"year": 2022, "municipalities": ["0880"], "client": _client()},
    "fetching.fetch": lambda: {"municipality": "0880", "out": folder() / "fetched", "client": _client()},
    "sources.scb.requests_for": lambda: {
        "municipalities": ["0880"], "indicators": ["median_income"], "client": _client(),
    },
    "sources.val.district_boundaries": lambda: {"municipalities": ["0880"], "client": _client()},
    "studies.Study": lambda: {"document": _document(), "tables": {"areas": pd.DataFrame(one())}},
    "studies.Study.write": lambda: {"self": _study(), "out": folder() / "study"},
    "studies.area_study": lambda: {"area": "0880C1220", "language": "en"},
    "studies.did_it_work": lambda: {"source": "kalmar", "n_permutations": 99},
    "studies.fetched_figures": lambda: {"municipality": "kalmar", "periods": [2024], "client": _client()},
    "studies.field_study": lambda: {"source": "motala", **_fieldwork()},
    "studies.follow_up": lambda: {"municipality": "kalmar", "peers": ["0780", "1080"], "language": "en"},
    "studies.read_codes": lambda: {"path": written("list.txt", "0880  # Kalmar")},
    "studies.screening_study": lambda: {"source": "katrineholm", **_fieldwork()},
    "survey.claims": lambda: {"panel": _map_example(), "n_bootstrap": 9, "language": "en"},
    "survey.load": lambda: {"source": "motala"},
    "survey.map_fields": lambda: {"panel": _map_example(), **_fieldwork()},
    "survey.official_agreement": lambda: {"result": survey()},
    "survey.run": lambda: {"source": _map_example(), "n_bootstrap": 99},
    "tables.adaptive_decimals": lambda: {"*": (7.0, 5.5)},
    **{
        f"tables.{name}": lambda: {"survey": survey(), "language": "en"}
        for name in ("area_table", "claims_table", "flag_marks", "profile_table", "trend_table")
    },
    "tables.decimals_for": lambda: {"indicator": "turnout"},
    "tables.decimals_of": lambda: {"measure": "dissimilarity", "indicator": ""},
    "tables.flag_parts": lambda: {"flag": "modelled, preliminary"},
    "tables.flag_symbol": lambda: {"part": "modelled"},
    "tables.format_interval": lambda: {"low": 0.1, "high": 0.2},
    "tables.format_number": lambda: {"value": 12.5},
    "tables.format_p": lambda: {"value": 0.04},
    "tables.numbers_or_nan": lambda: {"cells": pd.Series([1.0, None])},
    "tables.present": lambda: {"table": pd.DataFrame({"measure": ["gini"], "value": [0.25]})},
    "tables.row_decimals": lambda: {
        "table": pd.DataFrame({"measure": ["gini"], "value": [0.25]}), "column": "value",
    },
    "tables.trend_rows": lambda: {"trends": survey().trends, "geography": "deso"},
    "webmap.build": lambda: {
        "areas": _map_areas(), "history": history_of(_map_areas()), "index": "index", "language": "en",
    },
    "webmap.display": lambda: {"map": _map()},
    "webmap.save": lambda: {"map": _map(), "path": folder() / "map.html"},
}  # fmt: skip

_CLIENTS_OWN = (
    *("base", "exchange", "fetch", "fetch_json", "kept", "log", "may_send", "request", "sent", "serves"),
    *("set_rate", "tell"),
)

#: What has no call here, and why.
EXEMPT = {
    **dict.fromkeys(
        (
            *("disclosure.Protected", "fetching.Fetched", "geography.Chain", "geography.Conversion"),
            *("frame.Draft", "frame.Reading"),
            *("evaluation.DetectableEffect", "evaluation.DifferenceInDifferences"),
            *("evaluation.SyntheticControl", "owndata.OwnData", "owndata.ReadColumn", "owndata.Understood"),
            *("profiles.Choice", "profiles.Clustergram", "profiles.Stability", "screening.Screening"),
            *("sources.scb.Metadata", "sources.scb.Variable", "standardize.Scale", "standardize.Scale.apply"),
            *("survey.FieldMapping", "survey.Inputs", "survey.Survey", "transitions.SequenceDistances"),
            *("transitions.SpatialMarkov", "transitions.TurnaroundTest", "typologies.AcrossScales"),
            *("typologies.Comparison", "typologies.ProfilesOverTime"),
        ),
        "a result, which only segkit makes",
    ),
    **dict.fromkeys(
        (f"errors.{name}" for name in segkit.errors.__all__),
        "an error",
    ),
    **dict.fromkeys(("frame.FrameError", "frame.UnansweredError"), "an error"),
    **dict.fromkeys(
        (f"sources.Client.{name}" for name in _CLIENTS_OWN), "how the sources' own modules ask; no data go in"
    ),
    "survey.write": "takes half a minute; test_survey writes",
    "sources.kolada.next_address": "how Kolada's own module asks; no data go in",
    **dict.fromkeys(
        ("fetching.read", "sources.scb.read_jsonstat", "sources.val.late_votes"),
        "reads what a service gave, in the tests of the service",
    ),
    **dict.fromkeys(
        (f"sources.val.read_{name}" for name in ("comparability", "district_boundaries", "results")),
        "reads what a service gave, in the tests of the service",
    ),
}

#: Their good call ends in what would be sent: nothing here asks a service.
ASKING = {
    *("sources.Client.json", "sources.Client.download", "fetching.fetch", "sources.val.district_boundaries"),
    *("sources.boundaries.areas", "sources.boundaries.localities", "sources.kolada.metadata"),
    *(f"sources.scb.{name}" for name in ("codelist", "config", "data", "indicators", "metadata", "search")),
    "sources.val.results",
}


def function(name):
    """Return what a name of `CALLS` stands for."""
    return attrgetter(name)(segkit)


def arguments(name):
    """Return fresh arguments of a good call, by keyword."""
    return CALLS[name]()


def call(name, /, **changed):
    """Make the good call of a name, with some arguments changed."""
    given = {**arguments(name), **changed}
    called, rest = function(name), given.pop("*", None)
    if rest is None:
        return called(**given)
    parameters = inspect.signature(called).parameters.values()
    before = [given.pop(p.name) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.name in given]
    return called(*before, *rest, **given)


def good(name):
    """Make the good call of a name; where it would ask a service, see that it gets that far."""
    if name not in ASKING:
        return call(name)
    with contextlib.suppress(NotFetchedError):
        return call(name)


def public_names():
    """Return the dotted name of every public function, class and method."""
    names = []
    for noun in segkit.__all__:
        if inspect.ismodule(module := getattr(segkit, noun)):
            names += _names_of(module, noun)
    return names


def _names_of(module, at):
    own = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if name[0] != "_" and getattr(value, "__module__", "") == module.__name__ and callable(value)
    ]
    nouns = [getattr(segkit, noun) for noun in segkit.__all__]
    for name in own:
        value = getattr(module, name)
        if inspect.ismodule(value):
            # What is a noun of its own is walked under that name.
            yield from () if value in nouns else _names_of(value, f"{at}.{name}")
        elif inspect.isclass(value):
            yield f"{at}.{name}"
            yield from (
                f"{at}.{name}.{m}" for m in vars(value) if m[0] != "_" and inspect.isfunction(vars(value)[m])
            )
        elif inspect.isroutine(value):
            yield f"{at}.{name}"
