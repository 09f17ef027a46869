"""How many profiles, how stable they are, and numbers that keep their meaning."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from segkit import Profiles, profiles
from segkit.errors import InputError
from segkit.profiles import _criteria, _stability

mpl.use("Agg")

COLUMNS = ["employment_rate", "turnout"]


def _planted(spread, groups=3, n=12):
    steps = np.arange(n)
    noise = np.column_stack([np.sin(1 + 7.3 * steps), np.cos(2 + 5.1 * steps)])
    points = np.concatenate(
        [[50 + 12 * g, 55 + 10 * g + 5 * (g % 2)] + spread * noise for g in range(groups)]
    )
    data = pd.DataFrame(points, columns=COLUMNS).assign(area_id=[f"a{i}" for i in range(groups * n)])
    return data, np.repeat(np.arange(groups), n)


def test_aligning_by_hand():
    first = pd.Series([1, 1, 2, 2, 3, 3], index=list("abcdef"))
    turned = first.map({1: 3, 2: 1, 3: 2})
    pd.testing.assert_series_equal(profiles.align(first, turned), first)
    assert (
        profiles.align(first, turned.sample(frac=1, random_state=1)).sort_index().tolist() == first.tolist()
    )
    more = pd.Series([1, 1, 2, 3, 4, 4], index=list("abcdef"))
    assert profiles.align(first, more).tolist()[:2] == [1, 1]
    assert sorted(set(profiles.align(first, more))) == [1, 2, 3, 4]
    # A group that shares no area with the one left over does not take over its number.
    split = pd.Series([1, 1, 1, 1, 2, 3], index=list("abcdef"))
    assert profiles.align(first, split).iloc[-2:].isin([3, 4]).all()
    assert len(set(profiles.align(first, split)) & {1, 2}) == 1
    partly = pd.Series([2, 1], index=["a", "z"])
    assert profiles.align(first, partly).to_dict() == {"a": 1, "z": 4}
    with pytest.raises(InputError, match="no area in common"):
        profiles.align(first, pd.Series([1], index=["z"]))
    with pytest.raises(InputError, match="more than once .a"):
        profiles.align(first, pd.Series([1, 2], index=["a", "a"]))
    with pytest.raises(InputError, match="must be a Series"):
        profiles.align([1, 2], first)


@pytest.mark.parametrize("spread", [1.0, 6.0, 15.0])
def test_criteria_are_those_of_scikit_learn(spread):
    data, truth = _planted(spread)
    points = data[COLUMNS].to_numpy()
    assert _criteria.silhouette(points, truth) == pytest.approx(metrics.silhouette_score(points, truth))
    assert _criteria.calinski_harabasz(points, truth) == pytest.approx(
        metrics.calinski_harabasz_score(points, truth)
    )
    assert _criteria.davies_bouldin(points, truth) == pytest.approx(
        metrics.davies_bouldin_score(points, truth)
    )
    other = np.arange(len(truth)) % 4
    assert _stability.adjusted_rand(truth, other) == pytest.approx(metrics.adjusted_rand_score(truth, other))
    assert _stability.adjusted_rand(truth, 2 - truth) == 1


def test_the_simplified_silhouette_by_hand(monkeypatch):
    monkeypatch.setattr(_criteria, "EXACT", 3)
    points = np.array([[0.0], [2], [10], [14]])
    labels = np.array([0, 0, 1, 1])
    # Centers 1 and 12: (12-1)/12, (10-1)/10, (9-2)/9, (13-2)/13.
    expected = np.mean([11 / 12, 9 / 10, 7 / 9, 11 / 13])
    assert _criteria.silhouette(points, labels) == pytest.approx(expected)


@pytest.mark.parametrize("method", ["kmeans", "ward", "gmm", "kmedoids"])
def test_the_planted_number_is_recommended(method):
    data, _ = _planted(1.0)
    found = profiles.choose_n_profiles(
        data, columns=COLUMNS, k=range(2, 6), method=method, n_bootstrap=5, n_references=5
    )
    assert found.recommended == 3
    assert found.table["k"].tolist() == [2, 3, 4, 5]
    assert found.table["inertia"].is_monotonic_decreasing
    assert found.table["bic"].notna().all() == (method == "gmm")
    assert found.table.set_index("k")["stability"][3] == pytest.approx(1)
    assert found.reason_sv.startswith("3 profiler: antalet förordas av silhuetten")
    assert found.reason_en.startswith("3 profiles: the number is favored by the silhouette")
    assert found.reason == found.reason_sv


def test_the_choice_is_repeatable_and_drawn():
    data, _ = _planted(6.0)
    options = {"columns": COLUMNS, "k": [2, 3, 4], "n_bootstrap": 5, "n_references": 4}
    found = profiles.choose_n_profiles(data, **options)
    pd.testing.assert_frame_equal(found.table, profiles.choose_n_profiles(data, **options).table)
    ax = found.plot(language="en")
    assert ax.get_xlabel() == "Number of profiles"
    labels = [t.get_text() for t in ax.get_legend().get_texts()]
    assert f"recommended: {found.recommended}" in labels
    assert len(labels) == len(found.favored) + 1
    mpl.pyplot.close("all")


def test_the_clustergram_counts_every_area():
    data, _ = _planted(6.0)
    found = profiles.clustergram(data, columns=COLUMNS, k=range(2, 6), n_starts=20)
    assert found.nodes.groupby("k")["n_areas"].sum().eq(36).all()
    assert found.nodes.groupby("k").size().tolist() == [2, 3, 4, 5]
    assert found.links.groupby("k")["n_areas"].sum().to_dict() == {3: 36, 4: 36, 5: 36}
    assert found.links.groupby("k")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    means = found.nodes.groupby("k").apply(lambda g: np.average(g["index"], weights=g["n_areas"]))
    assert means.tolist() == pytest.approx([0] * 4, abs=1e-12)
    ax = found.plot(language="en")
    assert len(ax.lines) == len(found.links)
    mpl.pyplot.close("all")


def test_separated_profiles_are_stable_and_overlapping_ones_less():
    clear, _ = _planted(1.0)
    model = Profiles(3, columns=COLUMNS, n_starts=20).fit(clear)
    found = model.stability(30)
    assert found.adjusted_rand == 1
    assert found.profiles["jaccard"].tolist() == [1, 1, 1]
    assert found.profiles["dissolved"].eq(0).all()
    assert found.areas["kept"].eq(1).all()
    assert found.areas["other_profile"].eq(0).all()
    mixed, _ = _planted(15.0)
    again = Profiles(3, columns=COLUMNS, n_starts=20).fit(mixed)
    less = again.stability(30)
    assert less.adjusted_rand < 0.95
    assert less.ci_low <= less.adjusted_rand <= less.ci_high
    loose = less.areas["kept"] < 0.8
    assert loose.sum() > 0
    # What moves is what lies near a border.
    membership = again.membership_.reset_index(drop=True)
    assert membership[loose].mean() < membership[~loose].mean()
    parallel = again.stability(30, n_jobs=2)
    pd.testing.assert_frame_equal(parallel.areas, less.areas)


@pytest.mark.parametrize("method", ["ward", "gmm", "kmedoids"])
def test_every_method_without_a_map_can_be_refitted(method):
    data, _ = _planted(1.0)
    found = Profiles(3, method, columns=COLUMNS, n_starts=3).fit(data).stability(5)
    assert found.adjusted_rand == 1
    assert found.n_bootstrap == 5


def test_what_is_refused():
    data, _ = _planted(1.0)
    with pytest.raises(InputError, match="method: is 'regional'"):
        profiles.choose_n_profiles(data, columns=COLUMNS, method="regional")
    with pytest.raises(InputError, match="k: names no number"):
        profiles.choose_n_profiles(data, columns=COLUMNS, k=[])
    with pytest.raises(InputError, match="k: names no number"):
        profiles.clustergram(data, columns=COLUMNS, k=[])
    with pytest.raises(InputError, match="k: reaches 36, but the areas have only 36"):
        profiles.choose_n_profiles(data, columns=COLUMNS, k=[36])
    with pytest.raises(InputError, match="k: is 1, must be a whole number >= 2"):
        profiles.choose_n_profiles(data, columns=COLUMNS, k=[1, 2])
    with pytest.raises(InputError, match="n_bootstrap"):
        Profiles(3, columns=COLUMNS, n_starts=5).fit(data).stability(1)


def test_only_whole_numbers_are_aligned():
    areas = list("abc")
    first = pd.Series([1, 1, 2], index=areas)
    with pytest.raises(InputError, match="labels_b: has text where a number belongs"):
        profiles.align(first, pd.Series(list("xxy"), index=areas))
    with pytest.raises(InputError, match="labels_b: must be whole numbers"):
        profiles.align(first, pd.Series([1, 1, 2.5], index=areas))
    assert profiles.align(first, pd.Series([2, 2, 1], index=areas, dtype="Int64")).tolist() == [1, 1, 2]
    assert profiles.align(first, pd.Series([2, 2, 1], index=areas, dtype="category")).tolist() == [1, 1, 2]
