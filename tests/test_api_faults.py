"""Bad arguments to every public function: a clear error or an answer, never another package's error."""

import inspect
import os
from pathlib import Path

import argument_factory
import calls
import numpy as np
import pandas as pd
import pytest

from segkit import disclosure, evaluation, geography, inequality, inference, segregation, tables
from segkit.base.boundary import unguarded
from segkit.base.checks import MOST_DRAWS
from segkit.errors import InputError, UnknownNameError

QUICK = [name for name in calls.CALLS if not name.startswith(argument_factory.SLOW)]
SAMPLE = 800


@pytest.fixture(scope="module", autouse=True)
def _elsewhere(tmp_path_factory):
    """Let what is written under an odd name be written away from here."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    yield
    os.chdir(before)


def test_a_sample_of_bad_arguments_ends_well():
    bad = [
        f"{found.kind}: {fault}: {found.words}"
        for fault in argument_factory.faults(QUICK, sample=SAMPLE)
        if (found := argument_factory.outcome(fault)) and found.kind in {"raw", "too long", "silent"}
    ]
    assert bad == []


@pytest.mark.parametrize("name", calls.CALLS)
def test_every_public_function_is_guarded(name):
    called = calls.function(name)
    called = called.__init__ if inspect.isclass(called) else called
    assert unguarded(called) is not called


def test_the_factory_tells_the_classes_apart():
    kinds = {
        ("inequality.gini", "values", "text"): "clear",
        ("inequality.gini", "no_such_argument", "unknown"): "python",
        ("inequality.gini", "weight", "none"): "answered",
    }
    for fault, kind in kinds.items():
        assert argument_factory.outcome(argument_factory.Fault(*fault)).kind == kind


def test_a_fault_of_our_own_passes_as_it_is(monkeypatch):
    def broken(*_, **__):
        raise KeyError("ours")

    monkeypatch.setattr("segkit.measures.inequality.indices.values_and_weight", broken)
    with pytest.raises(KeyError, match="ours"):
        inequality.gini([1.0, 2.0])
    fault = argument_factory.Fault("inequality.gini", "weight", "none")
    assert argument_factory.outcome(fault).kind == "raw"
    with pytest.raises(InputError, match=r"values: is \[<object.*\], must be numbers or text") as caught:
        inequality.gini([object()])
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        (name, argument)
        for name in calls.CALLS
        for argument in argument_factory.parameters(name)
        if argument in {"n_permutations", "n_bootstrap", "n_draws", "n_simulations", "n_references"}
    ],
)
def test_draws_without_end_are_refused_at_once(name, argument):
    rule = f"{argument}: is .*, must be at most {MOST_DRAWS}"
    for n in (MOST_DRAWS + 1, 10**30):
        with pytest.raises(InputError, match=rule), argument_factory.limit(5):
            calls.call(name, **{argument: n})


def test_numbers_too_large_to_sum_are_named():
    with pytest.raises(InputError, match="weight: has values beyond 1e\\+150, .* at positions"):
        inequality.gini([1.0, 2.0, 3.0], [1e308] * 3)
    with pytest.raises(InputError, match="total: has values beyond 1e\\+150"):
        segregation.gini(calls.one().assign(total=1e308), group="group", total="total")
    with pytest.raises(
        InputError, match="group: has cells that are neither text nor numbers that can be computed with"
    ):
        segregation.gini(calls.one().assign(group=[10**400] * calls.N), group="group", total="total")
    with pytest.raises(InputError, match="values: must be numbers"):
        inequality.gini([10**400])


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: tables.profile_table(None), "survey: is None, must be Survey"),
        (
            lambda: calls.call("decomposition.counterfactual", structure=pd.Series([1, 2])),
            "structure: is Series, must be a whole number",
        ),
        (lambda: calls.call("transitions.what_changed", risers=1), "risers: is 1, must be a list of text"),
        (
            lambda: evaluation.synthetic_control(
                calls.panel(), "turnout", treated=["a02"], start=2023, periods=np.inf
            ),
            "periods: is inf, must be a list of a whole number or None",
        ),
        (lambda: disclosure.Plan(disclosure.MinimumCount(), groups=1), "groups: "),
        (
            lambda: calls.call("geography.crosswalk", intensive=[[1]]),
            r"intensive: is \[\[1\]\], must be a list of text",
        ),
        (lambda: calls.call("charts.ranking", title=5), "title: is 5, must be text or None"),
        (
            lambda: inference.usable_areas(calls.one().assign(income=pd.Timestamp("2024")), values="income"),
            r"income: has datetime64.* where numbers",
        ),
        (
            lambda: geography.turnout_by_area(calls.one(), calls.key(), calls.key()),
            r"districts: lacks the column \(area_id, ballots",
        ),
    ],
)
def test_the_argument_is_named(call, rule):
    with pytest.raises((InputError, UnknownNameError), match=rule):
        call()
