from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from segkit import segregation
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.measures.segregation import kernel as kernel_module
from segkit.measures.segregation import scale as scale_module
from segkit.measures.segregation.kernel import KERNELS, local_composition, spatial
from segkit.measures.segregation.scale import nearest_people, scale_profile

ORACLES = Path(__file__).parent / "oracles"
COLUMNS = {"group": "group", "total": "total"}
AREA_MEASURES = [
    "dissimilarity",
    "gini",
    "information_theory",
    "correlation_ratio",
    "isolation",
    "atkinson",
]
EVENNESS = [name for name in AREA_MEASURES if name != "isolation"]
some = settings(max_examples=25, deadline=None, derandomize=True)


def squares(points, group, total, size=10.0):
    shapes = [box(x - size / 2, y - size / 2, x + size / 2, y + size / 2) for x, y in points]
    counts = {"group": np.asarray(group, dtype=float), "total": np.asarray(total, dtype=float)}
    return gpd.GeoDataFrame(counts, geometry=shapes, crs=3006)


def row(group, total):
    """Squares of 100 m side by side."""
    return squares([(100.0 * i, 0.0) for i in range(len(group))], group, total, size=100.0)


ROW = row([100, 60, 40, 0], [100, 100, 100, 100])


def places(kind):
    """80 places, on a lattice with many equal distances or spread."""
    i = np.arange(80)
    points = np.column_stack([100.0 * (i % 8), 100.0 * (i // 8)])
    if kind == "spread":
        points = np.column_stack([points[:, 0] + (37 * i % 41), points[:, 1] + (53 * i % 47)])
    total = 40.0 + (i * i * 7 + 13 * i) % 160
    return squares(points, np.floor(total * ((i * 29) % 23) / 40), total)


def arrays(data):
    centers = np.column_stack([data.geometry.centroid.x, data.geometry.centroid.y])
    distance = np.hypot(*(centers[:, None] - centers[None]).transpose(2, 0, 1))
    return data["group"].to_numpy(), data["total"].to_numpy(), distance


def nearest_one_by_one(data, k):
    """Brute force: own area first, then ring by ring."""
    x, t, distance = arrays(data)
    shares = []
    for i in range(len(x)):
        order = [i, *(j for j in np.argsort(distance[i], kind="stable") if j != i)]
        ring_of = [-1.0, *np.round(distance[i][order[1:]], 5)]
        people = members = 0.0
        for ring in sorted(set(ring_of)):
            inside = [j for j, r in zip(order, ring_of, strict=True) if r == ring]
            crowd = t[inside].sum()
            part = min(1.0, (k - people) / crowd) if crowd else 0.0
            people, members = people + part * crowd, members + part * x[inside].sum()
            if people >= k:
                break
        shares.append(members / people)
    return shares


# Local environments


@pytest.mark.parametrize("name", AREA_MEASURES)
def test_short_bandwidth_is_the_measure_of_areas(name):
    for data in (ROW, places("spread")):
        expected = getattr(segregation, name)(data, **COLUMNS)
        for kernel in KERNELS:
            value = spatial(data, name, bandwidth=0.5, kernel=kernel, **COLUMNS)
            assert value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", EVENNESS)
def test_long_uniform_bandwidth_has_no_segregation(name):
    data = places("spread")
    assert spatial(data, name, bandwidth=1e7, kernel="uniform", **COLUMNS) == pytest.approx(0, abs=1e-9)
    share = data["group"].sum() / data["total"].sum()
    isolation = spatial(data, "isolation", bandwidth=1e7, kernel="uniform", **COLUMNS)
    assert isolation == pytest.approx(share)
    exposure = spatial(data, "exposure", bandwidth=1e7, kernel="uniform", **COLUMNS)
    assert exposure == pytest.approx(1 - share)


def test_environments_of_a_row_by_hand():
    p = local_composition(ROW, bandwidth=100, kernel="uniform", **COLUMNS)
    assert p.tolist() == pytest.approx([0.8, 2 / 3, 1 / 3, 0.2])
    value = spatial(ROW, "dissimilarity", bandwidth=100, kernel="uniform", **COLUMNS)
    assert value == pytest.approx((0.3 + 1 / 6 + 1 / 6 + 0.3) / 2)
    value = spatial(ROW, "isolation", bandwidth=100, kernel="uniform", **COLUMNS)
    assert value == pytest.approx(0.5 * 0.8 + 0.3 * 2 / 3 + 0.2 / 3)
    value = spatial(ROW, "correlation_ratio", bandwidth=100, kernel="uniform", **COLUMNS)
    assert value == pytest.approx(1 - (0.16 + 2 / 9 + 2 / 9 + 0.16) / 4 / 0.25)


@pytest.mark.parametrize(
    ("kernel", "weight"),
    [("uniform", 1.0), ("triangular", 0.5), ("epanechnikov", 0.75), ("biweight", 0.5625)],
)
def test_kernels_at_half_of_the_bandwidth(kernel, weight):
    data = row([100, 0], [100, 100])
    p = local_composition(data, bandwidth=200, kernel=kernel, **COLUMNS)
    assert p.tolist() == pytest.approx([1 / (1 + weight), weight / (1 + weight)])


def test_gaussian_kernel_and_its_cut():
    near = local_composition(row([100, 0], [100, 100]), bandwidth=50, kernel="gaussian", **COLUMNS)
    assert near.iloc[1] == pytest.approx(np.exp(-2) / (1 + np.exp(-2)))
    far = local_composition(row([100, 0], [100, 100]), bandwidth=19.9, kernel="gaussian", **COLUMNS)
    assert far.tolist() == [1, 0]


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_measure_equals_its_printed_double_sum(kernel):
    data = places("spread")
    x, t, distance = arrays(data)
    u = distance / 250
    reach = 5 if kernel == "gaussian" else 1
    weight = np.where(u <= reach, KERNELS[kernel](u), 0.0)
    p = weight @ x / (weight @ t)
    everyone, share = t.sum(), x.sum() / t.sum()
    entropy = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    whole = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    variance = everyone * share * (1 - share)
    expected = {
        "dissimilarity": (t * np.abs(p - share)).sum() / (2 * variance),
        "gini": (np.outer(t, t) * np.abs(p[:, None] - p[None])).sum() / (2 * everyone * variance),
        "information_theory": 1 - (t * entropy).sum() / (everyone * whole),
        "correlation_ratio": 1 - (t * p * (1 - p)).sum() / variance,
        "isolation": (x * p).sum() / x.sum(),
        "exposure": (x * (1 - p)).sum() / x.sum(),
        "atkinson": 1 - share / (1 - share) * ((t * np.sqrt((1 - p) * p)).sum() / (everyone * share)) ** 2,
    }
    for name, value in expected.items():
        found = spatial(data, name, bandwidth=250, kernel=kernel, **COLUMNS)
        assert found == pytest.approx(value, abs=1e-10), name


def test_other_package_has_the_same_environments():
    oracle = pd.read_csv(ORACLES / "local_composition.csv")
    assert len(oracle) == 640
    for (kind, kernel), part in oracle.groupby(["places", "kernel"]):
        p = local_composition(places(kind), bandwidth=230, kernel=kernel, **COLUMNS)
        np.testing.assert_allclose(p.iloc[part["area"]], part["value"], rtol=0, atol=1e-12)


def test_environments_more_mixed_than_the_whole_fall_below_zero():
    data = row([0, 60, 0], [100, 60, 100])
    share = 60 / 260
    inside = (200 * 0.375 * 0.625 + 60 * share * (1 - share)) / 260
    value = spatial(data, "correlation_ratio", bandwidth=100, kernel="uniform", **COLUMNS)
    assert value == pytest.approx(1 - inside / (share * (1 - share)))
    assert value < 0
    assert spatial(data, "information_theory", bandwidth=100, kernel="uniform", **COLUMNS) < 0
    assert spatial(data, "atkinson", bandwidth=100, kernel="uniform", **COLUMNS) < 0


def test_few_people_in_reach_of_many_pass_one():
    # A small group in the middle of five areas that do not reach each other.
    turns = 2 * np.pi * np.arange(5) / 5
    points = np.vstack([[0, 0], np.column_stack([100 * np.cos(turns), 100 * np.sin(turns)])])
    data = squares(points, [10, 0, 0, 0, 0, 0], [10, 1000, 1000, 1000, 1000, 1000])
    share = 10 / 5010
    expected = 5000 * (10 / 1010 - share) / (2 * 5010 * share * (1 - share))
    value = spatial(data, "dissimilarity", bandwidth=110, kernel="uniform", **COLUMNS)
    assert value == pytest.approx(expected)
    assert value > 1.9


@some
@given(
    cells=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), min_size=6, max_size=16),
    bandwidth=st.floats(20, 900),
    kernel=st.sampled_from(sorted(KERNELS)),
)
def test_group_and_rest_can_change_places_and_counts_can_be_scaled(cells, bandwidth, kernel):
    x, y = np.array(cells, dtype=float).T
    x[0] += 1
    i = np.arange(x.size)
    points = np.column_stack([100.0 * (i % 4), 130.0 * (i // 4)])
    data, turned, larger = (
        squares(points, a, b) for a, b in ((x, x + y), (y, x + y), (1000 * x, 1000 * (x + y)))
    )
    for name in EVENNESS:
        value = spatial(data, name, bandwidth=bandwidth, kernel=kernel, **COLUMNS)
        if name in {"information_theory", "correlation_ratio", "atkinson"}:
            assert value <= 1 + 1e-9
        for other in (turned, larger):
            found = spatial(other, name, bandwidth=bandwidth, kernel=kernel, **COLUMNS)
            assert found == pytest.approx(value, abs=1e-9)


def test_blocks_do_not_change_the_result(monkeypatch):
    data = places("lattice")
    expected = local_composition(data, bandwidth=300, **COLUMNS)
    shares = nearest_people(data, k=1000, **COLUMNS)
    monkeypatch.setattr(kernel_module, "_PAIRS", 50)
    monkeypatch.setattr(scale_module, "_PAIRS", 50)
    monkeypatch.setattr(scale_module, "_FIRST", 2)
    pd.testing.assert_series_equal(local_composition(data, bandwidth=300, **COLUMNS), expected)
    pd.testing.assert_series_equal(nearest_people(data, k=1000, **COLUMNS), shares)


def test_areas_without_people_get_what_is_around_and_else_a_warning():
    data = row([60, 0, 10, 0, 0], [100, 0, 100, 0, 0]).set_index(pd.Index(list("abcde")))
    with pytest.warns(DataWarning, match=r"bandwidth: leaves 1 areas without anyone within reach.*\(e\)"):
        p = local_composition(data, bandwidth=150, **COLUMNS)
    assert p.index.tolist() == list("abcde")
    assert p.iloc[:4].tolist() == pytest.approx([0.6, 0.35, 0.1, 0.1])
    assert np.isnan(p["e"])
    kept = data.loc[["a", "c"]]
    for name in AREA_MEASURES:
        value = spatial(data, name, bandwidth=250, **COLUMNS)
        assert value == pytest.approx(spatial(kept, name, bandwidth=250, **COLUMNS), abs=1e-12)


def test_missing_counts_are_an_error_unless_dropped():
    data = ROW.assign(area_id=list("abcd"))
    data.loc[1, "group"] = np.nan
    kept = data.drop(index=1)
    with pytest.raises(InputError, match=r"group: has 1 missing values \(b\)"):
        spatial(data, "gini", bandwidth=200, **COLUMNS)
    options = {"bandwidth": 250, "missing": "drop", **COLUMNS}
    assert spatial(data, "gini", **options) == spatial(kept, "gini", **options)
    # The area without a known count still has an environment: neighbors at 100 m and one at 200 m.
    near, far = (1 - 0.4**2) ** 2, (1 - 0.8**2) ** 2
    expected = (near * (100 + 40) + far * 0) / (100 * (2 * near + far))
    assert local_composition(data, **options).iloc[1] == pytest.approx(expected)
    assert nearest_people(data, k=200, missing="drop", **COLUMNS).iloc[1] == pytest.approx(0.7)


def bad_calls():
    degrees = ROW.to_crs(4326)
    feet = ROW.to_crs(2263)
    points = gpd.GeoDataFrame(
        ROW.drop(columns="geometry"), geometry=[Point(i, 0) for i in range(4)], crs=3006
    )
    yield degrees, {}, r"geometry: must be in meters, is in degree .*data\.to_crs\(3006\)"
    yield feet, {}, r"geometry: must be in meters, is in US survey foot"
    yield points, {}, "geometry: must be polygons"
    yield ROW.set_crs(None, allow_override=True), {}, "has no coordinate reference system"
    yield pd.DataFrame(ROW.drop(columns="geometry")), {}, "geometry: is missing"
    yield ROW, {"bandwidth": 0}, "bandwidth: is 0, must be a number of meters greater than 0"
    yield ROW, {"bandwidth": float("nan")}, "bandwidth: is nan"
    yield ROW, {"bandwidth": "1 km"}, "bandwidth: is '1 km'"
    yield ROW, {"kernel": "box"}, "kernel: is 'box', must be one of 'biweight', 'epanechnikov'"
    yield ROW, {"missing": "skip"}, "missing: is 'skip'"
    yield ROW.assign(group=ROW["total"]), {}, "group: equals `total` in every area"


@pytest.mark.parametrize(("data", "options", "pattern"), list(bad_calls()))
def test_faults_are_named(data, options, pattern):
    options = {"bandwidth": 100, **COLUMNS, **options}
    with pytest.raises(InputError, match=pattern):
        spatial(data, "dissimilarity", **options)
    with pytest.raises(InputError, match=pattern):
        local_composition(data, **options)


def test_unknown_measures_are_named():
    with pytest.raises(UnknownNameError, match=r"measure: .*\(delta\)\. Those at hand: dissimilarity, gini"):
        spatial(ROW, "delta", bandwidth=100, **COLUMNS)
    with pytest.raises(UnknownNameError, match=r"\(delta\)"):
        scale_profile(ROW, "delta", k=[100], **COLUMNS)


# Nearest people


def test_nearest_people_by_hand():
    assert nearest_people(ROW, k=100, **COLUMNS).tolist() == [1.0, 0.6, 0.4, 0.0]
    # Own 100 and half of the neighbor, or a quarter of each of two at the same distance.
    shares = nearest_people(ROW, k=150, **COLUMNS)
    assert shares.tolist() == pytest.approx([130 / 150, (60 + 35) / 150, (40 + 15) / 150, 20 / 150])


@pytest.mark.parametrize("kind", ["lattice", "spread"])
@pytest.mark.parametrize("k", [1, 60, 333, 2500, 8000])
def test_nearest_people_equal_brute_force(kind, k):
    data = places(kind)
    data.loc[[5, 17], ["group", "total"]] = 0.0
    found = nearest_people(data, k=k, **COLUMNS)
    np.testing.assert_allclose(found, nearest_one_by_one(data, k), rtol=0, atol=1e-12)


def test_other_package_finds_the_same_people():
    oracle = pd.read_csv(ORACLES / "equipop.csv")
    assert len(oracle) == 640
    for (kind, k), part in oracle.groupby(["places", "k"]):
        found = nearest_people(places(kind), k=k, **COLUMNS)
        np.testing.assert_allclose(found.iloc[part["area"]], part["value"], rtol=0, atol=1e-9)


@pytest.mark.parametrize("more", [0, 1, 10**9])
def test_everyone_is_the_whole_place(more):
    data = places("lattice")
    everyone = int(data["total"].sum())
    share = data["group"].sum() / everyone
    assert set(nearest_people(data, k=everyone + more, **COLUMNS)) == {share}


@some
@given(
    cells=st.lists(st.tuples(st.integers(0, 90), st.integers(1, 90)), min_size=2, max_size=12),
    k=st.integers(1, 2500),
    seed=st.integers(0, 99),
)
def test_order_of_areas_does_not_matter(cells, k, seed):
    x, y = np.array(cells, dtype=float).T
    x[0] += 1
    i = np.arange(x.size)
    data = squares(np.column_stack([100.0 * (i % 3), 100.0 * (i // 3)]), x, x + y)
    expected = nearest_people(data, k=k, **COLUMNS)
    assert expected.between(0, 1 + 1e-12).all()
    shuffled = data.sample(frac=1, random_state=seed)
    found = nearest_people(shuffled, k=k, **COLUMNS)
    assert found.index.equals(shuffled.index)
    pd.testing.assert_series_equal(found.sort_index(), expected)


def test_own_people_come_before_those_of_an_area_around():
    inner = box(-10, -10, 10, 10)
    around = box(-50, -50, 50, 50).difference(inner)
    data = gpd.GeoDataFrame({"group": [10, 0], "total": [10, 90]}, geometry=[inner, around], crs=3006)
    assert nearest_people(data, k=10, **COLUMNS).tolist() == [1, 0]
    assert nearest_people(data, k=20, **COLUMNS).tolist() == [0.5, 0]


@pytest.mark.parametrize("k", [0, -5, 2.5, "100", True])
def test_k_is_a_number_of_people(k):
    with pytest.raises(InputError, match=r"k: is .*, must be a whole number >= 1"):
        nearest_people(ROW, k=k, **COLUMNS)
    with pytest.raises(InputError, match=r"k: is .*, must be a whole number >= 1"):
        scale_profile(ROW, "gini", k=[100, k], **COLUMNS)


def test_engine_is_named_and_tells_how_to_install(monkeypatch):
    with pytest.raises(InputError, match="engine: is 'fast', must be one of 'area', 'equipop'"):
        nearest_people(ROW, k=100, engine="fast", **COLUMNS)
    monkeypatch.setitem(sys.modules, "equipop", None)
    with pytest.raises(InputError, match="engine: needs the package equipop.*`pip install equipop`"):
        nearest_people(ROW, k=100, engine="equipop", **COLUMNS)


def test_engine_hands_over_people_and_aligns_what_comes_back(monkeypatch, capsys):
    """Check the call with a stand-in that answers in another order, as the package may."""
    calls = []

    def cell_data(*, E, N, n, binary_sums):
        return pd.DataFrame({"E": E, "N": N, "n": n, "x": binary_sums["group"]})

    def run_knn_counts(cells, k_values, *, overshoot_mode, report):
        sys.stdout.write("[fast] report")
        calls.append((k_values, overshoot_mode, report))
        table = pd.DataFrame(
            {"CellId": cells.index, f"R_group_{k_values[0]}": cells["x"] / 1000 + cells["E"]}
        )
        return table.iloc[::-1]

    stand_in = ModuleType("equipop")
    stand_in.CellData, stand_in.run_knn_counts = cell_data, run_knn_counts
    monkeypatch.setitem(sys.modules, "equipop", stand_in)
    data = row([100, 0, 40], [100, 0, 100]).set_index(pd.Index(list("abc")))
    found = nearest_people(data, k=100, engine="equipop", **COLUMNS)
    assert calls == [([100], "proportional", False)]
    assert found.to_dict() == pytest.approx({"a": 0.1, "b": 100.0, "c": 200.04})
    assert not capsys.readouterr().out


# Profiles of scales


@pytest.mark.parametrize("name", [*AREA_MEASURES, "exposure"])
def test_profile_by_bandwidth_is_the_measure_at_each(name):
    data = places("lattice")
    profile = scale_profile(data, name, bandwidths=[700, 150, 300.5], kernel="triangular", **COLUMNS)
    assert profile.columns.tolist() == ["measure", "scale", "value", "ratio"]
    assert profile["scale"].tolist() == [150, 300.5, 700]
    assert (profile["measure"] == name).all()
    for r in profile.itertuples():
        value = spatial(data, name, bandwidth=r.scale, kernel="triangular", **COLUMNS)
        assert r.value == pytest.approx(value, abs=1e-12)
    assert profile["ratio"].tolist() == pytest.approx((profile["value"] / profile["value"][0]).tolist())


def test_profile_by_people_uses_the_nearest():
    data = places("spread")
    data.loc[3, ["group", "total"]] = 0.0
    profile = scale_profile(data, "dissimilarity", k=[1, 900, 10**6], **COLUMNS)
    x, t, _ = arrays(data)
    share = x.sum() / t.sum()
    p = nearest_people(data, k=900, **COLUMNS).to_numpy()
    expected = (t * np.abs(p - share)).sum() / (2 * t.sum() * share * (1 - share))
    of_areas = segregation.dissimilarity(data, **COLUMNS)
    assert profile["value"].tolist() == pytest.approx([of_areas, expected, 0], abs=1e-12)
    assert profile["ratio"].tolist() == pytest.approx([1, expected / of_areas, 0], abs=1e-12)


def test_checkerboard_and_halves_differ_only_at_larger_scales():
    i, j = np.indices((6, 6)).reshape(2, -1)
    points = np.column_stack([100.0 * i, 100.0 * j])
    board, halves = (
        squares(points, np.where(mask, 90, 10), np.full(36, 100)) for mask in ((i + j) % 2 == 0, i < 3)
    )
    options = {"bandwidths": [50, 250], **COLUMNS}
    mixed = scale_profile(board, "information_theory", **options)
    apart = scale_profile(halves, "information_theory", **options)
    assert mixed["value"][0] == pytest.approx(apart["value"][0])
    assert mixed["ratio"][1] < 0.05
    assert apart["ratio"][1] > 0.5


def test_ratio_to_no_segregation_is_missing_with_a_warning():
    even = row([10, 20, 5], [100, 200, 50])
    with pytest.warns(DataWarning, match="dissimilarity: is .* at the smallest scale"):
        profile = scale_profile(even, "dissimilarity", k=[50, 200], **COLUMNS)
    assert profile["value"].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert profile["ratio"].isna().all()


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({}, "bandwidths: or `k` must be given"),
        ({"bandwidths": [100], "k": [100]}, "bandwidths: and `k` are both given"),
        ({"k": []}, "k: must be one or more different scales"),
        ({"bandwidths": [100, 100]}, r"bandwidths: must be one or more different scales \(100, 100\)"),
        ({"bandwidths": [100, -1]}, "bandwidths: is -1, must be a number of meters"),
    ],
)
def test_scales_are_checked(options, pattern):
    with pytest.raises(InputError, match=pattern):
        scale_profile(ROW, "gini", **options, **COLUMNS)


def test_input_is_not_changed():
    data = places("lattice")
    before = data.copy()
    spatial(data, "gini", bandwidth=300, **COLUMNS)
    local_composition(data, bandwidth=300, **COLUMNS)
    nearest_people(data, k=500, **COLUMNS)
    scale_profile(data, "gini", k=[500], **COLUMNS)
    pd.testing.assert_frame_equal(data, before)


@pytest.mark.parametrize("k", [60, 333, 2500])
def test_the_engine_equipop_finds_the_same(k):
    data = places("spread")
    data.loc[[5], ["group", "total"]] = 0.0
    own, other = (nearest_people(data, k=k, engine=engine, **COLUMNS) for engine in ("area", "equipop"))
    np.testing.assert_allclose(own, other, rtol=0, atol=1e-9)
