"""Bad input to inference, trends, decomposition, transitions, autocorrelation, inequality, polarization.

Each case is a clear error that names the argument and the rule, or a finite answer that is documented.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from segkit import autocorrelation as a
from segkit import decomposition as d
from segkit import inequality as q
from segkit import inference as i
from segkit import polarization as p
from segkit import transitions as x
from segkit import trends as t
from segkit.errors import DataWarning, InputError, UnknownNameError

TWO = {"group": "group", "total": "total"}
NAN = float("nan")


def table(**columns):
    """Four areas with counts, values and two groups."""
    found = {"group": [5, 30, 12, 40], "total": [50, 60, 70, 80], "income": [1.0, 2, 3, 4]}
    return pd.DataFrame({**found, "young": [5, 6, 7, 8], "old": [9, 4, 2, 1], **columns})


def panel(**columns):
    """The same areas in two periods."""
    both = pd.concat([table(), table(group=[6, 31, 13, 41], income=[2.0, 2, 4, 9])], ignore_index=True)
    keys = {
        "area_id": list("abcd") * 2,
        "period": [2020] * 4 + [2023] * 4,
        "profile": [1, 2, 1, 3, 2, 2, 1, 3],
    }
    return both.assign(**{**keys, "population": 10.0, **columns})


def cells(**columns):
    """A square of nine areas."""
    found = {"area_id": [f"{k:02d}" for k in range(9)], "income": np.arange(9.0) ** 2, "population": 10.0}
    squares = [box(c, r, c + 1, r + 1) for r in range(3) for c in range(3)]
    marks = {"weak": [k % 3 == 0 for k in range(9)]}
    return gpd.GeoDataFrame({**found, **marks, **columns}, geometry=squares, crs=3006)


def moving(**columns):
    """The square in three periods."""
    three = [cells(income=(np.arange(9) * k * 7 % 11).astype(float)).assign(period=k) for k in (1, 2, 3)]
    return pd.concat(three, ignore_index=True).assign(**columns)


def row(**fields):
    return {
        "period": "1–2",
        "value": 0.1,
        "ci_low": 0.0,
        "ci_high": 0.2,
        "p_value": 0.1,
        "n_areas": 3,
        **fields,
    }


def bootstrap(data=None, measure="dissimilarity", **asked):
    return i.bootstrap(table() if data is None else data, measure, **{**TWO, "n_bootstrap": 9, **asked})


def permuted(data=None, measure="gini", **asked):
    data = table() if data is None else data
    return i.permutation_test(data, measure, **{**TWO, "n_permutations": 9, **asked})


def debiased(data=None, measure="gini", **asked):
    return i.debias(table() if data is None else data, measure, **{**TWO, "n_bootstrap": 9, **asked})


def compared(data=None, measure="gini", **asked):
    asked = {"first": 2020, "last": 2023, "n_bootstrap": 9, **TWO, **asked}
    return i.compare_periods(panel() if data is None else data, measure, **asked)


def by_period(data=None, measure="gini", **asked):
    return t.by_period(panel() if data is None else data, measure, **{**TWO, "n_bootstrap": 9, **asked})


def converged(data=None, values="income", **asked):
    asked = {"first": 2020, "last": 2023, "n_bootstrap": 9, **asked}
    return t.convergence(panel() if data is None else data, values, **asked)


def grown(data=None, values="income", **asked):
    asked = {"first": 2020, "last": 2023, "n_quantiles": 2, **asked}
    return t.growth_incidence(panel() if data is None else data, values, **asked)


def sentence(change=None, label="it", **asked):
    ends = {"value": 0.1, "n_areas": 3}
    return t.change_sentence(label, asked.pop("first", ends), ends, row(**(change or {})), **asked)


def parts(function=d.change_in_information, data=None, **asked):
    return function(panel() if data is None else data, **{"groups": ["young", "old"], **asked})


def markov(data=None, **asked):
    asked = {"n_states": 2, "n_lag_states": 2, **asked}
    return x.spatial_markov(moving() if data is None else data, "income", **asked)


SUPPRESSED = table(group=[NAN, 30, 12, 40])
CHANCES = [[0.5, 0.5], [0.25, 0.75]]

INFERENCE = [
    (lambda: i.bootstrap([1], "gini", **TWO), "data: must be a table, is list"),
    (lambda: bootstrap(table().head(0)), "data: has no rows"),
    (lambda: bootstrap(pd.concat([table(), table()[["group"]]], axis=1)), "column more than once"),
    (lambda: i.bootstrap(table(), "gini", values=table()["income"]), "values: is Series, must be the name"),
    (
        lambda: i.bootstrap(table(), "gini", values=["income"]),
        "values: is list, must be the name of a column",
    ),
    (lambda: bootstrap(group=5), "group: is int, must be the name of a column"),
    (lambda: bootstrap(group=None), "group: is missing; group and total are needed together"),
    (lambda: i.bootstrap(table(), "gini", values="income", **TWO), "values: can't be given together with"),
    (lambda: i.bootstrap(table(), "gini", weight="total"), "weight: is given without values"),
    (lambda: i.bootstrap(table(), "mutual_information", groups=[["young"], "old"]), "groups: must be names"),
    (
        lambda: i.bootstrap(table(), "mutual_information", groups=np.array(["a", "b"])),
        "groups: is .* list of",
    ),
    (lambda: bootstrap(measure=None), "measure: is NoneType, must be a name"),
    (lambda: bootstrap(measure=[]), "measure: is an empty list"),
    (lambda: bootstrap(measure=["gini", "gini"]), r"measure: occurs twice \(gini\)"),
    (lambda: bootstrap(measure=lambda _: None), "measure: is not defined on these data"),
    (lambda: bootstrap(options="b"), r"options: is str. Pass a mapping"),
    (lambda: bootstrap(measure="atkinson", options={"b": 7}), "b: is 7, must be greater than 0"),
    (lambda: bootstrap(unit=np.array(["areas", "people"])), "unit: is array.*, must be one of 'areas'"),
    (lambda: bootstrap(unit="person"), "unit: is 'person', must be one of 'areas', 'people', 'both'"),
    (lambda: bootstrap(confidence="0.9"), "confidence: is '0.9', must be a number"),
    (lambda: bootstrap(confidence=None), "confidence: is None, must be a number"),
    (lambda: bootstrap(confidence=NAN), "confidence: is nan, must be greater than 0 and less than 1"),
    (lambda: bootstrap(confidence=95), "confidence: is 95, must be .* Such as 0.95"),
    (lambda: bootstrap(n_bootstrap=1), "n_bootstrap: is 1, must be a whole number >= 2"),
    (lambda: bootstrap(random_state=1.5), "random_state: is 1.5, must be a whole number >= 0"),
    (lambda: bootstrap(n_jobs="2"), "n_jobs: is '2', must be a whole number"),
    (lambda: bootstrap(table(group=["1", "x", "2", "3"])), r"group: has text .* such as 'x' \(1\)"),
    (lambda: bootstrap(table(group=[np.inf, 1, 1, 1])), r"group: has infinite values \(0\)"),
    (lambda: bootstrap(table(group=[-1, 1, 1, 1])), r"group: has values under 0 \(0\)"),
    (
        lambda: bootstrap(table(group=pd.array([None, 1, 1, 1], "Int64"))),
        r"group: has 1 missing values \(0\)",
    ),
    (lambda: bootstrap(table(total=[NAN, 60, 70, 80])), r"total: has 1 missing values \(0\)"),
    (lambda: bootstrap(table(group=[51, 1, 1, 1])), r"group: is larger than `total` \(0\)"),
    (lambda: bootstrap(table(total=0, group=0)), "total: is 0 in every area"),
    (lambda: bootstrap(table(group=0)), "group: is 0 in every area"),
    (lambda: bootstrap(table(group=[50, 60, 70, 80])), "group: equals `total` in every area"),
    (lambda: bootstrap(table(group=[1.5, 1, 1, 1]), unit="both"), r"group: must be whole numbers \(0\)"),
    (lambda: bootstrap(table(period=[1, 2, 1, 1])), r"data: has several periods \(1, 2\)"),
    (lambda: bootstrap(table(period=[1, "a", 1, 1])), r"data: has several periods \(1, a\)"),
    (lambda: i.bootstrap(table(income=0.0), "gini", values="income"), "values: are all 0"),
    (lambda: bootstrap(SUPPRESSED), r"group: has 1 missing values \(0\)"),
    (lambda: bootstrap(SUPPRESSED, suppressed="group"), "suppressed: is 'group', must be a mapping"),
    (lambda: bootstrap(SUPPRESSED, suppressed={"group": 3}), "suppressed: has 3 for group"),
    (
        lambda: bootstrap(SUPPRESSED, suppressed={"group": (1, None)}),
        r"suppressed: has \(1, None\) for group",
    ),
    (lambda: bootstrap(SUPPRESSED, suppressed={"group": (1, np.inf)}), "must be whole numbers from 0"),
    (lambda: bootstrap(SUPPRESSED, suppressed={"group": (60, 70)}), r"group: is larger than `total` \(0\)"),
    (
        lambda: bootstrap(table(low=20, high=40), suppressed={"group": ("low", "high")}),
        r"suppressed\['group'\]: does not hold what group is \(0, 2\)",
    ),
    (
        lambda: bootstrap(SUPPRESSED.assign(total=[NAN, 60, 70, 80]), suppressed={"group": (1, 2)}),
        r"total: has 1 missing values \(0\)",
    ),
    (lambda: permuted(alternative="more"), "alternative: is 'more', must be one of"),
    (lambda: permuted(unit="both"), "unit: is 'both', must be one of 'people', 'areas'"),
    (lambda: permuted(unit="areas"), r"unit: is 'areas', but populations that change places .*\(gini\)"),
    (lambda: permuted(table(group=[0.5, 1, 1, 1])), r"group: must be whole numbers \(0\)"),
    (lambda: permuted(n_permutations=0), "n_permutations: is 0"),
    (lambda: debiased(method="jackknife"), "method: is 'jackknife', must be one of"),
    (lambda: debiased(method="density"), r"method: is 'density', .*\(gini\)"),
    (lambda: debiased(table(group=[0.5, 1, 1, 1])), r"group: must be whole numbers \(0\)"),
    (lambda: compared(panel().set_axis([0] * 8)), "panel: has a repeated row index"),
    (lambda: compared(panel(period=2020.0)), "period: must be whole numbers, is float64"),
    (lambda: compared(last=2020), r"first: is 2020, must come before last \(2020\)"),
    (lambda: compared(panel().iloc[[0, 5]]), "panel: has no area with values in both 2020 and 2023"),
    (lambda: compared(panel(group=[1.5] * 8), unit="people"), r"group: must be whole numbers \(a 2023"),
    (lambda: i.compare_periods(panel(), "gini", first=2020, last=2023), "measure: 'gini' needs group="),
    (lambda: i.usable_areas([1], values="income"), "data: must be a table, is list"),
    (lambda: i.usable_areas(table(), values=table()["income"]), "values: is Series"),
    (lambda: i.false_discovery_rate([]), "p_values: must be one dimension with at least one value"),
    (lambda: i.false_discovery_rate(["a"]), "p_values: must be numbers"),
    (lambda: i.false_discovery_rate([0.1, np.inf]), r"p_values: must be between 0 and 1 \(inf\)"),
    (lambda: i.false_discovery_rate([0.1], method="holm"), "method: is 'holm'"),
]

TRENDS = [
    (lambda: by_period(periods=2020), "periods: is 2020, must be a list of years"),
    (lambda: by_period(measure="delta"), "unit: is 'areas', but an area drawn twice"),
    (lambda: t.by_period([1], "gini", **TWO), "panel: must be a table, is list"),
    (lambda: converged(values=panel()["income"]), "panel: has its columns named by text, not by .*Series"),
    (lambda: converged(confidence="x"), "confidence: is 'x', must be a number"),
    (lambda: converged(weight="population", data=panel(population=0.0)), "panel: has 0 areas with figures"),
    (lambda: converged(panel(income=1.0)), "values: are the same in every area in 2020"),
    (lambda: grown(n_quantiles=5), "n_quantiles: is 5, more than the 4 areas"),
    (lambda: grown(n_quantiles="2"), "n_quantiles: is '2', must be a whole number"),
    (lambda: sentence(confidence=95), "confidence: is 95, must be greater than 0 and less than 1"),
    (lambda: sentence({"value": NAN}), r"change_row: has no number as value \(nan\)"),
    (lambda: sentence({"ci_high": np.inf}), r"change_row: has no number as ci_high \(inf\)"),
    (lambda: sentence({"p_value": "low"}), r"change_row\['p_value'\]: is 'low', must be a number"),
    (lambda: sentence({"ci_low": 0.3}), "change_row: has a ci_low above its ci_high"),
    (lambda: sentence(first=panel()), "first_row: is DataFrame, must be one row of a table"),
    (lambda: sentence(label=""), "measure_label: is '', must be the subject of a sentence"),
]

DECOMPOSITION = [
    (lambda: parts(periods=2020), "periods: must be two, is 2020"),
    (lambda: parts(periods=(2020,)), r"periods: must be two, are 1 \(2020\)"),
    (lambda: parts(tolerance="x"), "tolerance: is 'x', must be a number"),
    (lambda: parts(tolerance=0), "tolerance: is 0, must be greater than 0 and less than 1"),
    (lambda: parts(fill="x"), "fill: is 'x', must be a number"),
    (lambda: parts(fill=NAN), "fill: is nan, must be greater than 0 and less than the smallest count"),
    (lambda: parts(groups="young"), "groups: must be two or more different columns"),
    (lambda: parts(data=panel(young=[NAN, *range(1, 8)])), r"young: has 1 missing values \(a 2020\)"),
    (lambda: parts(data=[1]), "panel: must be a table, is list"),
    (lambda: parts(measure="D"), "measure: is 'D', must be one of 'M', 'H'"),
    (lambda: parts(d.fill_sensitivity, fills=1e-3), "fills: is 0.001, must be a list"),
    (lambda: parts(d.fill_sensitivity, fills=[]), "fills: is empty"),
    (lambda: parts(d.karmel_maclachlan, periods=2020), "periods: must be two, is 2020"),
    (lambda: parts(d.karmel_maclachlan, tolerance=None), "tolerance: is None, must be a number"),
    (lambda: parts(d.counterfactual, structure=2020, margins=2023, fill=0), "fill: is 0"),
    (lambda: d.fit_margins([[1, 2], [3, 4]], [3, 7], [5, 5], tolerance=None), "tolerance: is None"),
    (lambda: d.fit_margins(None, [3, 7], [5, 5]), "counts: must be a table of areas and groups"),
    (lambda: d.fit_margins([[1, NAN], [3, 4]], [3, 7], [5, 5]), r"counts: .*\(row 0, column 1\)"),
    (lambda: d.fit_margins([[1, 2], [3, 4]], [3, 7], [5, 6]), "rows: sum to 10, `columns` to 11"),
]

TRANSITIONS = [
    *(
        (call, rule)
        for function in (
            x.transition_counts,
            x.transition_matrix,
            x.sequences,
            x.sequence_distances,
            x.turnarounds,
        )
        for call, rule in [
            (lambda f=function: f([1], "profile"), "panel: must be a table, is list"),
            (lambda f=function: f(panel(), panel()["profile"]), "panel: has its columns named by text"),
            (lambda f=function: f(panel(), "profile", missing="fill"), "missing: is 'fill', must be one of"),
            (lambda f=function: f(panel().head(4), "profile"), "panel: has fewer than two periods"),
            (lambda f=function: f(panel(profile=[NAN, *range(1, 8)]), "profile"), "profile: has 1 missing"),
        ]
        if function is not x.turnarounds or "missing: is" not in rule
    ),
    (lambda: x.transition_counts(panel(), "profile", states=3), "states: is 3, must be a list of states"),
    (lambda: x.transition_counts(panel(), "profile", states="123"), "states: is '123', must be a list"),
    (lambda: x.transition_counts(panel(), "profile", states=[1, 2]), r"states: lacks states .*\(3\)"),
    (lambda: x.transition_counts(panel(population=0.0), "profile", weight="population"), "no transition"),
    (lambda: x.transition_counts(panel(), "profile", weight=panel()["population"]), "data: has its columns"),
    (lambda: x.sequence_distances(panel(), "profile", indel="x"), "indel: is 'x', must be a number"),
    (lambda: x.sequence_distances(panel(), "profile", indel=-1), "indel: is -1, must be a cost >= 0"),
    (lambda: x.sequence_distances(panel(), "profile", substitution=np.eye(3)), "substitution: is array"),
    (
        lambda: x.sequence_distances(
            panel(), "profile", substitution=pd.DataFrame("a", index=[1, 2, 3], columns=[1, 2, 3])
        ),
        "substitution: must be numbers",
    ),
    *(
        (lambda f=function, m=matrix: f(m), rule)
        for function in (x.steady_state, x.first_passage, x.mobility)
        for matrix, rule in [
            (None, "matrix: must be a table, has the shape"),
            (np.ones((2, 2, 2)), "matrix: must be a table, has the shape"),
            ([[3, 1], [0, 1]], r"matrix: must have chances >= 0 that sum to 1 in each row \(0\)"),
            ([[NAN, 1], [0, 1]], r"matrix: has no chances for the states \(0\)"),
            (pd.DataFrame(CHANCES, index=["a", "a"], columns=["a", "a"]), "matrix: must be square with the"),
            (pd.DataFrame(CHANCES, columns=["a", "b"]), "matrix: must be square with the same states"),
        ]
    ),
    (lambda: x.steady_state(np.eye(2)), "matrix: has 2 recurrent classes"),
    (lambda: x.mobility(CHANCES, "bartholomew", initial="a"), "initial: must be numbers"),
    (lambda: x.mobility(CHANCES, "bartholomew", initial=[NAN, 1]), "initial: must be 2 shares"),
    (lambda: markov(cuts=["a"]), "cuts: must be numbers"),
    (lambda: markov(lag_cuts=5), "lag_cuts: is 5, must be rising numbers"),
    (lambda: markov(graph=4), "graph: is int, must be a libpysal Graph"),
    (lambda: markov(moving(income=1.0)), "n_states: is 2, but the values are too alike"),
    (lambda: markov(n_permutations=9, n_jobs=0), "n_jobs: is 0"),
    (lambda: markov(n_jobs=0), "n_jobs: is 0"),
]

AUTOCORRELATION = [
    *(
        (call, rule)
        for function in (a.morans_i, a.local_moran)
        for call, rule in [
            (lambda f=function: f([1], "income"), "areas: must be a table, is list"),
            (lambda f=function: f(cells(), cells()["income"]), "data: has its columns named by text"),
            (lambda f=function: f(cells(), "income", graph="queen"), "graph: is str, must be a libpysal"),
            (lambda f=function: f(cells(income=1.0), "income"), "income: is the same in every area"),
            (lambda f=function: f(cells(income=[0.3, 0.1 + 0.2, 0.3] * 3), "income"), "income: is the same"),
            (lambda f=function: f(cells(income=np.inf), "income"), "income: has infinite values"),
            (lambda f=function: f(cells(area_id="a"), "income"), "areas: must have one row per area"),
            (lambda f=function: f(cells(), "income", n_permutations=0), "n_permutations: is 0"),
        ]
    ),
    (lambda: a.local_moran(cells(), "income", false_discovery_rate="x"), "false_discovery_rate: is 'x'"),
    (lambda: a.local_moran(cells(), "income", false_discovery_rate=1), "false_discovery_rate: is 1, must"),
    *(
        (call, rule)
        for function in (a.join_counts, a.dispersal)
        for call, rule in [
            (lambda f=function: f([1], "weak"), "areas: must be a table, is list"),
            (lambda f=function: f(cells(), [True] * 9), "is list, must be a Series of True and False"),
            (lambda f=function: f(cells(weak=2), "weak"), "must be True or False"),
            (lambda f=function: f(cells(weak=[None, *[True] * 8]), "weak"), r"is missing \(00\)"),
            (lambda f=function: f(cells(), "weak", graph=3), "graph: is int, must be a libpysal Graph"),
            (lambda f=function: f(cells(), "weak", random_state=-1), "random_state: is -1"),
        ]
    ),
    (lambda: a.dispersal(cells(weak=False), "weak"), "weak: marks no area"),
    (lambda: a.dispersal(cells(population=NAN), "weak"), "population: has 9 missing values"),
]

VALUES = [
    q.gini,
    q.theil,
    q.mean_log_deviation,
    q.ratio,
    q.sigma,
    p.wolfson,
    p.esteban_ray,
    p.duclos_esteban_ray,
]

INEQUALITY = [
    *(
        (lambda f=function, g=given: f(*g), rule)
        for function in VALUES
        for given, rule in [
            (([1, NAN],), r"values: has missing values at positions \(1\)"),
            ((pd.Series([1, None], dtype="Int64"),), r"values: has missing values at positions \(1\)"),
            (([],), "values: must be one non-empty dimension"),
            (([[1, 2]],), "values: must be one non-empty dimension"),
            ((["a"],), "values: must be numbers"),
            (([1, np.inf],), "values: must be finite"),
            (([1, 2], [0, 0]), "weight: must sum to more than 0"),
            (([1, 2], [1, -1]), r"weight: must not be negative \(1\)"),
            (([1, 2], [1, NAN]), r"weight: has missing values at positions \(1\)"),
            (([1, 2], [1]), "weight: has 1 values where `values` has 2"),
        ]
    ),
    (lambda: q.ratio([1, 2], top="a"), "top: is 'a', must be a number"),
    (lambda: q.ratio([1, 2], bottom=None), "bottom: is None, must be a number"),
    (lambda: q.ratio([1, 2], top=NAN), "top, bottom: are nan and 0.2"),
    (lambda: p.esteban_ray([1, 2], alpha="a"), "alpha: is 'a', must be a number"),
    (lambda: p.esteban_ray([1, 2], alpha=NAN), "alpha: is nan, must be from 0 to 1.6"),
    (lambda: p.duclos_esteban_ray([1, 2], alpha="a"), "alpha: is 'a', must be a number"),
    (lambda: p.duclos_esteban_ray([1, 2], bandwidth="a"), "bandwidth: is 'a', must be a number"),
    (lambda: p.duclos_esteban_ray([1, 2], bandwidth=NAN), "bandwidth: is nan, must be above 0"),
    *(
        (lambda f=function, g=given: f(*g), rule)
        for function in (q.theil_decomposition, q.mean_log_deviation_decomposition)
        for given, rule in [
            (([1, 2], [["a"], ["b"]]), "region: must be one dimension"),
            (([1, 2], "a"), "region: has 1 values where `values` has 2"),
            (([1, 2], ["a", None]), r"region: is missing at positions \(1\)"),
        ]
    ),
    (lambda: p.reynal_querol(3), "sizes: must be one non-empty dimension"),
    (lambda: p.reynal_querol([1, NAN]), r"sizes: has 1 missing values \(1\)"),
    (lambda: p.concentration_at_extremes([3], [3], [4]), "affluent: and `deprived` hold more people"),
    (lambda: p.concentration_at_extremes([0], [0], [0]), "total: is 0 in every area"),
]

ALL = [*INFERENCE, *TRENDS, *DECOMPOSITION, *TRANSITIONS, *AUTOCORRELATION, *INEQUALITY]


@pytest.mark.parametrize(
    ("call", "rule"), ALL, ids=[f"{k:03d} {rule[:40]}" for k, (_, rule) in enumerate(ALL)]
)
def test_bad_input_is_a_clear_error(call, rule):
    with pytest.raises(InputError, match=rule):
        call()


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: bootstrap(measure="skew"), "measure: there is no 'skew'"),
        (lambda: bootstrap(group="men"), r"data: lacks the column \(men\)"),
        (
            lambda: bootstrap(options={"zest": 1}),
            r"options: are not arguments of the measures chosen \(zest\)",
        ),
        (lambda: bootstrap(SUPPRESSED, suppressed={"men": (1, 2)}), r"suppressed: .* not measured \(men\)"),
        (lambda: permuted(measure="skew"), "measure: there is no 'skew'"),
        (lambda: debiased(total="all"), r"data: lacks the column \(all\)"),
        (lambda: compared(first="2020"), r"period: is not in the panel \(2020\)"),
        (lambda: compared(first=[2020]), r"period: is not in the panel \(\[2020\]\)"),
        (lambda: i.usable_areas(table(), values="wealth"), r"data: lacks the column \(wealth\)"),
        (lambda: by_period(periods=[]), "periods: have no figures"),
        (lambda: converged(first=None), r"period: is not in the panel \(None\)"),
        (lambda: grown(values="wealth"), r"panel: lacks the column \(wealth\)"),
        (lambda: t.change_sentence("it", {"value": 1}, {}, row()), r"first_row: lacks \(n_areas\)"),
        (lambda: parts(groups=["young", "men"]), r"lacks the column \(men\)"),
        (lambda: parts(d.counterfactual, structure=2020, margins=1999), r"not in the panel \(1999\)"),
        (lambda: x.sequences(panel(), "type"), r"panel: lacks the column \(type\)"),
        (lambda: markov(pd.DataFrame(moving().drop(columns="geometry"))), r"lacks the column \(geometry\)"),
        (lambda: a.morans_i(cells(), "wealth"), r"data: lacks the column \(wealth\)"),
        (lambda: a.dispersal(cells(), "weak", weight="people"), r"data: lacks the column \(people\)"),
    ],
)
def test_names_that_are_not_there_are_named(call, rule):
    with pytest.raises(UnknownNameError, match=rule):
        call()


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "float32", "object", "int16"])
@pytest.mark.parametrize("unit", ["areas", "people", "both"])
def test_types_of_columns_and_index_change_nothing(dtype, unit):
    plain = bootstrap(unit=unit)
    typed = table().astype({"group": dtype, "total": dtype}).set_axis([7, 7, 1, 1])
    pd.testing.assert_frame_equal(plain, bootstrap(typed, unit=unit))
    pd.testing.assert_frame_equal(permuted(), permuted(typed))
    seeds = {"random_state": np.int64(0), "n_bootstrap": np.int32(9), "n_jobs": np.int8(2)}
    pd.testing.assert_frame_equal(plain, bootstrap(unit=unit, **seeds))


@pytest.mark.parametrize(
    ("period", "shown"), [(2020, 2020), ("2020", 2020), (2020.0, 2020), ("2020–2023", "2020–2023"), (NAN, "")]
)
def test_the_period_of_a_table_is_shown_as_it_is(period, shown):
    assert bootstrap(table(period=period)).loc[0, "period"] == shown
    assert a.morans_i(cells(period=period), "income", n_permutations=9).loc[0, "period"] == shown


def test_the_middle_of_a_suppressed_cell_is_no_more_than_its_total():
    small = SUPPRESSED.assign(total=[1, 60, 70, 80])
    found = bootstrap(small, suppressed={"group": (1, 2)}).loc[0]
    known = bootstrap(small.assign(group=[1, 30, 12, 40])).loc[0]
    assert found["value"] == found["if_least"] == found["if_most"] == known["value"]


def test_all_levels_0_have_no_coefficient_of_variation():
    found = converged(panel(income=[1.0, 2, 3, 4, 0, 0, 0, 0]))
    assert not found["measure"].str.startswith("cv").any()
    assert found.set_index("measure").loc["beta", "value"] == -1


def test_one_area_or_one_value_has_no_spread():
    for function in VALUES:
        least = 1.0 if function is q.ratio else 0.0
        assert function([3.0]) == function([3.0, 3.0], [1, 2]) == least
    with pytest.warns(DataWarning, match="has one area with people"):
        found = bootstrap(table().head(1), unit="people").loc[0]
    assert found[["value", "se", "ci_low", "ci_high"]].tolist() == [0, 0, 0, 0]
    assert parts(data=panel()[lambda rows: rows["area_id"] == "a"])["value"].abs().max() < 1e-12


def test_where_nothing_can_differ_p_is_1():
    one = markov(cuts=[99.0])
    assert (one.tests["df"] == 0).all()
    assert (one.tests["p_value"] == 1).all()
    two = a.morans_i(cells().iloc[:2], "income", n_permutations=9).loc[0]
    assert two[["value", "se", "p_value", "p_value_low"]].tolist() == [-1, 0, 1, 1]


def test_chains_that_are_periodic_absorbed_or_apart():
    assert x.steady_state([[0, 1], [1, 0]]).tolist() == [0.5, 0.5]
    assert x.steady_state([[1, 0], [0.5, 0.5]]).tolist() == [1, 0]
    assert x.first_passage([[0, 1], [1, 0]]).to_numpy().tolist() == [[2, 1], [1, 2]]
    assert x.first_passage([[1, 0], [0.5, 0.5]]).to_numpy().tolist() == [[1, np.inf], [2, np.inf]]
    assert x.first_passage(np.eye(2)).to_numpy().tolist() == [[1, np.inf], [np.inf, 1]]
    assert x.mobility([[0, 1], [1, 0]]) == 2


def test_panels_in_any_order_or_with_gaps_are_read():
    shuffled = panel().iloc[[5, 2, 7, 0, 3, 6, 1, 4]]
    pd.testing.assert_frame_equal(
        x.transition_counts(panel(), "profile"), x.transition_counts(shuffled, "profile")
    )
    assert compared(shuffled).loc[0, "value"] == pytest.approx(compared().loc[0, "value"], abs=1e-15)
    assert compared(panel().drop(index=0)).loc[0, ["n_areas", "n_missing"]].tolist() == [3, 1]
    with pytest.warns(DataWarning, match=r"leaves out 1 of 4 transitions.*\(a\)"):
        assert x.transition_counts(panel().drop(index=0), "profile").to_numpy().sum() == 3
