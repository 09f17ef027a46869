"""The order of rows changes nothing: same areas, same seed, same answer, from every public function."""

import dataclasses
import inspect

import calls
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy.sparse import issparse

from segkit import autocorrelation, graphs, inference, survey
from segkit.base.order import area_order, as_given, in_area_order
from segkit.panels.disclosure import MinimumCount, RoundTo, apply
from segkit.profiles.composite import CompositeIndex

#: Arguments by which a function draws.
DRAWS = {"random_state", "seed", "n_bootstrap", "n_permutations", "n_draws", "n_simulations", "n_references"}

#: What draws, and is no function of a table: the reason, and where it is tested instead.
ELSEWHERE = {
    "disclosure.Plan": "holds choices; disclosure.apply draws by it",
    "disclosure.ReplaceSmall.change": "takes an array, whose places are its keys",
    "disclosure.RoundTo.change": "takes an array, whose places are its keys",
    "profiles.Profiles": "holds choices; its methods draw",
    "profiles.Stability": "holds results; Profiles.stability draws",
    "studies.area_study": "reads by survey.load, which gives the rows by area (test_files)",
    "studies.did_it_work": "reads by survey.load, which gives the rows by area (test_files)",
    "studies.field_study": "reads by survey.load, which gives the rows by area (test_files)",
    "studies.screening_study": "reads by survey.load, which gives the rows by area (test_files)",
    "survey.run": "reads files (test_files)",
}

#: Nouns that fetch, write, draw pictures or put into words what others computed.
_NO_TABLES = {"sources", "fetching", "owndata", "charts", "maps", "webmap", "report", "tables", "export"}

#: Objects without figures to compare.
_BLIND = ("matplotlib", "pathlib", "segkit.studies.survey", "segkit.studies.study")


def draws(name):
    """Tell whether a public function draws."""
    function = calls.function(name)
    if inspect.isclass(function) and issubclass(function, Exception):
        return False
    return bool(DRAWS & set(inspect.signature(function).parameters))


def shuffled(table, seed, *, reset):
    """Return the rows in another order; as many rows get the same order under the same seed."""
    order = permutation(len(table), seed)
    rows = table.iloc[order]
    numbered = rows.index.nlevels == 1 and pd.api.types.is_integer_dtype(rows.index)
    return rows.reset_index(drop=True) if reset and numbered else rows


def permutation(n, seed):
    return np.random.default_rng([n, seed]).permutation(n)


class Shuffling:
    """Good calls with their tables shuffled."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch

    def arguments(self, name, seed, *, reset):
        """Return the arguments with tables and columns shuffled, and results made of shuffled tables."""
        plain = calls.arguments(name)
        with self.monkeypatch.context() as patch:
            for source in ("one", "panel"):
                made = getattr(calls, source)
                patch.setattr(
                    calls, source, lambda *a, made=made, **k: shuffled(made(*a, **k), seed, reset=reset)
                )
            forget()
            remade = calls.arguments(name)
            forget()
        return {key: self._one(value, remade[key], seed, reset=reset) for key, value in plain.items()}

    def _one(self, value, remade, seed, *, reset):
        if isinstance(value, pd.DataFrame | pd.Series):
            return shuffled(value, seed, reset=reset)
        return remade if is_result(value) else value


def forget():
    """Forget the objects that the calls keep."""
    for value in vars(calls).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()


@pytest.fixture
def shuffling(monkeypatch):
    forget()
    yield Shuffling(monkeypatch)
    forget()


def run(name, arguments):
    """Call a public function."""
    found = calls.function(name)(*arguments.pop("*", ()), **arguments)
    return list(found) if inspect.isgenerator(found) else found


class Comparison:
    """Whether two results are the same for the same areas."""

    def __init__(self, *, exact):
        self.near = {"rtol": 0, "atol": 0} if exact else {"rtol": 1e-12, "atol": 1e-12}
        self.by_row = set()
        self.order, self.reset = None, False

    def check(self, was, now, at="result"):
        """Compare what a call gave with what it gives of shuffled rows."""
        if isinstance(was, pd.DataFrame | pd.Series):
            self.check_tables(was, now, at)
        elif isinstance(was, np.ndarray | float | np.floating):
            assert type(was) is type(now), at
            if np.asarray(was).dtype.kind == "O":
                assert was.tolist() == now.tolist(), at
            else:
                np.testing.assert_allclose(now, was, err_msg=at, **self.near)
        elif (parts := parts_of(was)) is not None:
            others = parts_of(now)
            assert set(parts) == set(others), at
            for key, part in parts.items():
                self.check(part, others[key], f"{at}.{key}")
        elif not type(was).__module__.startswith(_BLIND):
            assert was == now, at

    def check_tables(self, was, now, at):
        """Compare tables or columns, row by row or area by area."""
        assert now.shape == was.shape, at
        was, now = self.aligned(was, now, at)
        frame = was.ndim == 2
        check = pd.testing.assert_frame_equal if frame else pd.testing.assert_series_equal
        check(now, was, obj=at, **self.near)

    def aligned(self, was, now, at):
        """Return both with their rows in one order."""
        if was.ndim == 2 and "area_id" in was:
            return by_key(was), by_key(now)
        if was.index.nlevels > 1 or not pd.api.types.is_integer_dtype(was.index):
            return was.sort_index(), now.sort_index()
        order = permutation(len(was), self.order)
        # Shorter tables are of measures, profiles and the like.
        if len(was) >= calls.N and not self.reset and now.index.tolist() == was.index[order].tolist():
            self.by_row.add(at)
        if at not in self.by_row:
            return was, now
        was = was.iloc[order]
        return (was.reset_index(drop=True) if self.reset else was), now


def parts_of(result):
    """Return what a result holds, or None where it holds nothing by name."""
    found = None
    if isinstance(result, dict):
        found = result
    elif isinstance(result, tuple | list):
        found = dict(enumerate(result))
    elif isinstance(result, Graph):
        found = {"adjacency": result.adjacency}
    elif isinstance(result, pd.Index):
        found = {"index": pd.Series(0, index=result)}
    elif issparse(result):
        found = {"cells": result.toarray()}
    elif hasattr(result, "fit"):
        found = {name: value for name, value in vars(result).items() if name.endswith("_")}
    elif dataclasses.is_dataclass(result):
        found = {one.name: getattr(result, one.name) for one in dataclasses.fields(result)}
    return found


def by_key(table):
    """Return the rows of a table with areas by all that is no measured figure, areas first."""
    rows = pd.DataFrame(table).reset_index(drop=True)
    keys = ["area_id", *(c for c in rows if c not in {"area_id", "geometry"} and rows[c].dtype.kind != "f")]
    return rows.sort_values(keys, key=lambda column: column.astype(str), kind="stable", ignore_index=True)


def has_rows(name):
    """Tell whether a function computes from tables, or from results made of them."""
    if name in ELSEWHERE or name.partition(".")[0] in _NO_TABLES:
        return False
    return any(isinstance(value, pd.DataFrame | pd.Series) or is_result(value) for value in _values(name))


def is_result(value):
    """Tell whether an argument was computed by segkit."""
    at = type(value).__module__
    return at.startswith("segkit") and not at.startswith(_BLIND)


def _values(name):
    return calls.arguments(name).values()


@pytest.mark.parametrize("name", [name for name in sorted(calls.CALLS) if has_rows(name)])
def test_shuffled_rows_give_the_same(name, shuffling):
    was = run(name, calls.arguments(name))
    comparison = Comparison(exact=draws(name))
    for comparison.reset in (False, True):
        for comparison.order in (1, 2, 3) if draws(name) else (1,):
            given = shuffling.arguments(name, comparison.order, reset=comparison.reset)
            comparison.check(was, run(name, given))


def test_every_function_that_draws_is_shuffled():
    drawing = {name for name in calls.public_names() if draws(name)}
    walked = {name for name in calls.CALLS if has_rows(name)}
    assert drawing - walked == set(ELSEWHERE)


def test_columns_that_come_beside_the_table_follow_their_rows():
    areas = calls.one()
    mask = areas["weak"].rename("mask")
    few = {"n_permutations": 99, "graph": graphs.contiguity(areas)}
    rows = shuffled(areas, 1, reset=False)
    for function in (autocorrelation.join_counts, autocorrelation.dispersal):
        found = function(rows, mask.loc[rows.index], **few)
        pd.testing.assert_frame_equal(found, function(areas, mask, **few), rtol=0, atol=0)


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize("isolates", ["none", "nearest"])
def test_neighbors_do_not_hang_on_the_order(rule, isolates):
    areas = calls.one().iloc[[0, 1, 2, 6, 11, 15]]
    asked = {"rule": rule, "attach_isolates": isolates}
    known = graphs.contiguity(areas, **asked).adjacency.sort_index()
    for seed in range(6):
        found = graphs.contiguity(shuffled(areas, seed, reset=True), **asked)
        pd.testing.assert_series_equal(found.adjacency.sort_index(), known)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("unit", ["areas", "people", "both"])
def test_rows_without_codes_go_by_their_names_or_by_what_they_hold(named, unit):
    areas = pd.DataFrame(calls.one()[["name", "group", "total"]])
    areas = areas.set_index("name") if named else areas
    asked = {"group": "group", "total": "total", "unit": unit, "n_bootstrap": 29}
    measures = ["dissimilarity", "gini", "isolation"]
    known = inference.bootstrap(areas, measures, **asked)
    for seed in (1, 2, 3):
        for reset in (False, True):
            found = inference.bootstrap(shuffled(areas, seed, reset=reset), measures, **asked)
            pd.testing.assert_frame_equal(found, known, rtol=0, atol=0)


def test_suppressed_cells_follow_their_rows():
    areas = calls.one().assign(group=lambda t: t["group"].where(t["group"] > 3), low=1.0)
    areas["high"] = areas["group"].where(areas["group"].notna(), 2.0 + np.arange(len(areas)) % 2)
    areas["low"] = areas["low"].where(areas["group"].isna(), areas["group"])
    asked = {"group": "group", "total": "total", "suppressed": {"group": ("low", "high")}, "n_bootstrap": 29}
    known = inference.bootstrap(areas, "gini", **asked)
    found = inference.bootstrap(shuffled(areas, 1, reset=True), "gini", **asked)
    pd.testing.assert_frame_equal(found, known, rtol=0, atol=0)


@pytest.mark.parametrize("method", ["kmeans", "ward", "gmm", "kmedoids", "regional"])
def test_profiles_of_every_method(method):
    columns = [*calls.RATES, "income"]
    areas = calls.one()
    asked = {
        "columns": columns,
        "n_starts": 3,
        "standardizer": calls.Standardizer(columns, directions={"income": 1}),
    }
    model = calls.profiles.Profiles(3, method, **asked).fit(areas)
    rows = shuffled(areas, 2, reset=False)
    again = calls.profiles.Profiles(3, method, **asked).fit(rows)
    assert again.labels_.index.equals(rows.index)
    for part in ("labels_", "index_", "membership_"):
        pd.testing.assert_series_equal(
            getattr(again, part).sort_index(), getattr(model, part), rtol=0, atol=0
        )
    pd.testing.assert_frame_equal(again.describe(), model.describe(), rtol=0, atol=0)


def test_random_rounding_follows_the_areas():
    areas = calls.one()
    asked = {"counts": ["a", "b"], "region": "region", "random_state": 3}
    known, log = apply(areas, RoundTo(3, random=True), **asked)
    rows = shuffled(areas, 1, reset=False)
    found, again = apply(rows, RoundTo(3, random=True), **asked)
    assert found.index.equals(rows.index)
    pd.testing.assert_frame_equal(pd.DataFrame(found.sort_index()), pd.DataFrame(known))
    pd.testing.assert_frame_equal(again, log)
    hidden = apply(rows, MinimumCount(5), counts="a", region="region").table
    shown = apply(areas, MinimumCount(5), counts="a", region="region").table
    pd.testing.assert_series_equal(hidden["a"].sort_index(), shown["a"])


def test_rank_intervals_come_back_in_the_order_given():
    areas = pd.DataFrame(calls.one()[calls.RATES])
    index = CompositeIndex(calls.RATES)
    known = index.rank_intervals(areas, n_bootstrap=99)
    rows = shuffled(areas, 1, reset=False)
    found = index.rank_intervals(rows, n_bootstrap=99)
    assert found.index.equals(rows.index)
    pd.testing.assert_frame_equal(found.sort_index(), known, rtol=0, atol=0)


def folder(path, areas, table):
    """Write a folder of one's own files."""
    path.mkdir()
    gpd.GeoDataFrame(areas).to_file(path / "areas.gpkg")
    table.to_csv(path / "indicators.csv", index=False)
    return path


def test_files(tmp_path):
    areas = calls.one()[["area_id", "name", "geometry"]]
    table = pd.DataFrame(calls.panel()[["area_id", "period", "population", *calls.RATES, "turnout_se"]])
    found = []
    for seed in (None, 1, 2):
        rows = [areas, table] if seed is None else [shuffled(t, seed, reset=True) for t in (areas, table)]
        path = folder(tmp_path / str(seed), *rows)
        found.append(survey.run(path, n_profiles=3, n_bootstrap=99))
    for other in found[1:]:
        for one in dataclasses.fields(survey.Survey):
            if one.name not in {"parameters", "name"}:
                was, now = getattr(found[0], one.name), getattr(other, one.name)
                if isinstance(was, pd.DataFrame):
                    pd.testing.assert_frame_equal(
                        pd.DataFrame(now), pd.DataFrame(was), obj=one.name, rtol=0, atol=0
                    )
                else:
                    assert now == was, one.name


def test_order_of_rows():
    table = pd.DataFrame({"period": [2, 1, 2, 1], "area_id": ["a", "b", "c", "a"], "n": [5, 6, 7, 8]})
    order = area_order(table)
    assert order.tolist() == [3, 1, 0, 2]
    assert as_given(in_area_order(table), order).equals(table)
    assert in_area_order(table.iloc[order]) is not table
    assert area_order(table.iloc[order]).tolist() == [0, 1, 2, 3]
    # Entries that can't be compared, and areas that stand twice, still have an order of their own.
    odd = pd.DataFrame({"area_id": ["a", "a", "b"], "x": [[2], [1], None], "n": [1, 1, 1]})
    assert area_order(odd).tolist() == [1, 0, 2]
    assert area_order(pd.DataFrame({"kind": pd.Categorical(["b", "a"])})).tolist() == [1, 0]
