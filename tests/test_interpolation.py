"""Interpolation: totals kept, hand-computed overlaps, tobler's values, and what is said of each value."""

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from segkit import areas
from segkit.errors import InputError, UnknownNameError
from segkit.geography import interpolate, nest_check

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "interpolation.csv", dtype={"area_id": str})


def layer(shapes, codes=None, **columns):
    codes = codes or [f"{'abcdefghijklmnop'[k]}" for k in range(len(shapes))]
    return gpd.GeoDataFrame({"area_id": codes, **columns}, geometry=list(shapes), crs=3006)


def strip(*edges, **columns):
    """Areas side by side, a meter high."""
    return layer([box(a, 0, b, 1) for a, b in pairwise(edges)], **columns)


@pytest.fixture
def halves():
    """Two sources of 4 x 1, three targets: one whole, one across the border, one in the second."""
    source = strip(0, 4, 8, people=[100.0, 200.0], share=[10.0, 40.0], workers=[50.0, 150.0])
    return source, strip(0, 3, 6, 8).assign(area_id=["x", "y", "z"])


def test_counts_are_divided_by_area_and_bounded(halves):
    result = interpolate(*halves, extensive=["people"])
    row = result.areas.set_index("area_id")
    assert row["people"].tolist() == [75.0, 25 + 100, 100.0]
    assert row["people_low"].tolist() == [0.0, 0.0, 0.0]
    assert row["people_high"].tolist() == [100.0, 300.0, 200.0]
    assert row["people_flag"].tolist() == ["interpolated"] * 3
    assert row["whole_share"].tolist() == [0.0, 0.0, 0.0]
    assert row["coverage"].tolist() == [1.0, 1.0, 1.0]
    total = result.totals.iloc[0]
    assert (total["source"], total["target"], total["outside"]) == (300.0, 300.0, 0.0)


def test_means_are_weighted_by_what_is_said(halves):
    by_area = interpolate(*halves, intensive=["share"])
    # y holds 1 m of the first source and 2 m of the second.
    assert by_area.areas["share"].tolist() == pytest.approx([10.0, 30.0, 40.0])
    assert by_area.totals["weight"].item() == "area"
    by_workers = interpolate(*halves, intensive=["share"], weight="workers")
    assert by_workers.areas["share"][1] == pytest.approx((12.5 * 10 + 75 * 40) / 87.5)
    assert by_workers.totals["weight"].item() == "workers"
    assert by_workers.areas["share_low"].tolist() == [10.0, 10.0, 40.0]
    assert by_workers.areas["share_high"].tolist() == [10.0, 40.0, 40.0]


def test_the_range_of_a_mean_takes_divided_sources_wholly_or_not_at_all():
    # y = the whole of b (200 people at 40) and parts of a (100 at 10) and c (300 at 50).
    source = strip(0, 4, 8, 12, share=[10.0, 40.0, 50.0], people=[100.0, 200.0, 300.0])
    target = strip(0, 3, 9, 12)
    row = interpolate(source, target, intensive=["share"], weight="people").areas.iloc[1]
    assert row["share"] == pytest.approx((25 * 10 + 200 * 40 + 75 * 50) / 300)
    assert row["share_low"] == pytest.approx((1000 + 8000) / 300)
    assert row["share_high"] == pytest.approx((8000 + 15000) / 500)
    assert row["whole_share"] == pytest.approx(4 / 6)


def test_whole_sources_are_summed_exactly_and_called_computed(halves):
    source, _ = halves
    target = layer([box(0, 0, 8, 1)], ["all"])
    row = interpolate(source, target, extensive=["people"], intensive=["share"], weight="workers")
    row = row.areas.iloc[0]
    assert row["people"] == row["people_low"] == row["people_high"] == 300.0
    assert row["share"] == row["share_low"] == pytest.approx(32.5)
    assert row["people_flag"] == row["share_flag"] == "computed"
    assert row["whole_share"] == 1.0


def test_a_mean_of_medians_is_never_called_computed(halves):
    source, _ = halves
    source = source.rename(columns={"share": "median_income"})
    row = interpolate(source, layer([box(0, 0, 8, 1)]), intensive=["median_income"]).areas.iloc[0]
    assert row["median_income_flag"] == "interpolated"
    one = interpolate(source, source[["area_id", "geometry"]], intensive=["median_income"]).areas
    assert one["median_income_flag"].tolist() == ["computed"] * 2


def grid_of_the_oracle():
    codes = [f"{a}{b}" for a in range(5) for b in range(6)]
    x, y, side = 548_000, 6_258_000, 8_000
    shapes = [
        box(x + a * side + 2000, y + b * side, x + (a + 1) * side + 2000, y + (b + 1) * side)
        for a in range(5)
        for b in range(6)
    ]
    return layer(shapes, codes)


@pytest.mark.parametrize(("outside", "total"), [("report", False), ("allocate nearest", True)])
def test_the_values_are_those_of_tobler(outside, total):
    source, _ = areas.latest(areas.load_example("kalmar"), ["mean_net_income"])
    result = interpolate(
        source[["area_id", "population", "mean_net_income", "geometry"]],
        grid_of_the_oracle(),
        extensive=["population"],
        intensive=["mean_net_income"],
        outside=outside,
        sliver=0,
    )
    oracle = ORACLE[ORACLE["allocate_total"] == total].set_index("area_id")
    found = result.areas.set_index("area_id")
    reached = oracle.index[oracle["population"] > 0]
    assert 20 < len(reached) < 30
    # What is allocated also weighs in our means, not in tobler's.
    for column in ("population",) if total else ("population", "mean_net_income"):
        # tobler keeps areas as 32-bit numbers, so no more digits agree.
        assert np.allclose(found.loc[reached, column], oracle.loc[reached, column], rtol=1e-6)
    # Where no source reaches tobler has 0; nothing is known there.
    beyond = found.loc[oracle.index[oracle["population"] == 0]]
    assert beyond["population"].isna().all()
    assert (beyond["population_flag"] == "missing").all()
    assert result.totals["source"][0] == source["population"].sum()


edges = st.lists(st.floats(0, 50), min_size=2, max_size=12, unique_by=lambda v: round(v, 3))


@settings(max_examples=60, deadline=None)
@given(edges, edges, st.sampled_from([0.0, 0.001, 0.1]), st.sampled_from(["report", "allocate nearest"]))
def test_totals_are_kept_whatever_the_boundaries(one, other, sliver, outside):
    source, target = strip(*sorted(one)), strip(*sorted(other))
    source["people"] = np.arange(1.0, len(source) + 1) ** 2
    result = interpolate(source, target, extensive=["people"], outside=outside, sliver=sliver)
    lost = result.totals["outside"].item()
    assert np.nansum(result.areas["people"]) + lost == pytest.approx(source["people"].sum(), rel=1e-9)
    if outside == "allocate nearest":
        assert lost == 0
    else:
        people = source.set_index("area_id")["people"]
        outside_share = result.outside.set_index("area_id")["share"]
        assert lost == pytest.approx((outside_share * people).sum())
    made = result.areas[result.areas["people_flag"] != "missing"]
    assert (made["people_low"] <= made["people"]).all()
    assert (made["people"] <= made["people_high"]).all()


def test_people_at_points_decide_where_counts_go(halves):
    source, target = halves
    grid = gpd.GeoDataFrame(
        {"population": [30.0, 10.0, 60.0, 5.0]},
        geometry=[Point(1, 0.5), Point(3.5, 0.5), Point(7, 0.5), Point(90, 90)],
        crs=3006,
    )
    result = interpolate(source, target, extensive=["people"], intensive=["share"], finer=grid)
    assert result.areas["people"].tolist() == [75.0, 25.0, 200.0]
    assert result.areas["share"].tolist() == [10.0, 10.0, 40.0]
    # All who live in the second source live in z: nothing of it is divided.
    assert result.areas["people_low"].tolist() == [0.0, 0.0, 200.0]
    assert result.areas["people_flag"].tolist() == ["interpolated", "interpolated", "computed"]
    method = result.method.set_index("statistic")["value"]
    assert method["people outside every source"] == 5.0
    assert method["sources without people, shared out by area"] == 0


def test_people_of_finer_areas_are_spread_evenly_within_each(halves):
    source, target = halves
    # The finer area across the border of the sources has half of its 40 people in each.
    finer = strip(0, 2, 3, 5, 8, population=[10.0, 10.0, 40.0, 30.0])
    result = interpolate(source, target, extensive=["people"], finer=finer)
    # First source: 20 in x, 20 in y. Second: 20 + 10 in y, 20 in z.
    assert result.areas["people"].tolist() == pytest.approx([50.0, 50 + 120, 80.0])
    assert result.areas["coverage"].tolist() == [1.0, 1.0, 1.0]


def test_a_source_where_the_grid_has_nobody_is_shared_out_by_area(halves):
    source, target = halves
    grid = gpd.GeoDataFrame({"population": [30.0]}, geometry=[Point(1, 0.5)], crs=3006)
    result = interpolate(source, target, extensive=["people"], finer=grid)
    assert result.areas["people"].tolist() == [100.0, 100.0, 100.0]
    method = result.method.set_index("statistic")["value"]
    assert method["sources without people, shared out by area"] == 1


def test_a_target_without_people_gets_none_but_no_mean():
    source = strip(0, 4, people=[100.0], share=[10.0])
    grid = gpd.GeoDataFrame({"population": [30.0]}, geometry=[Point(1, 0.5)], crs=3006)
    result = interpolate(source, strip(0, 2, 4), extensive=["people"], intensive=["share"], finer=grid)
    assert result.areas["people"].tolist() == [100.0, 0.0]
    assert result.areas["share"].isna().tolist() == [False, True]
    assert result.areas["share_flag"].tolist()[1] == "missing"


def test_slivers_go_back_to_the_rest(halves):
    source, _ = halves
    target = strip(0, 4.002, 8)
    kept = interpolate(source, target, extensive=["people"], sliver=0)
    assert kept.areas["people"].tolist() == pytest.approx([100.1, 199.9])
    result = interpolate(source, target, extensive=["people"])
    assert result.areas["people"].tolist() == [100.0, 200.0]
    assert result.areas["people_flag"].tolist() == ["computed", "computed"]
    method = result.method.set_index("statistic")["value"]
    assert method["slivers left out"] == 1
    assert method["sliver area (m²)"] == pytest.approx(0.002)


def test_gaps_are_told(halves):
    source, _ = halves
    result = interpolate(source, strip(4, 8, 12, 14), extensive=["people"], outside="report")
    assert result.areas["coverage"].tolist() == [1.0, 0.0, 0.0]
    assert result.areas["people_flag"].tolist() == ["computed", "missing", "missing"]
    result = interpolate(source, strip(4, 12), extensive=["people"], outside="report")
    assert result.areas["coverage"].tolist() == [0.5]
    assert result.areas["people_flag"].tolist() == ["computed, incomplete"]


def test_what_lies_outside_is_never_lost_in_silence(halves):
    source, _ = halves
    target = strip(5, 8)
    with pytest.raises(InputError, match=r"2 areas that reach outside every target \(a: 1e\+02 %, b: 25 %\)"):
        interpolate(source, target, extensive=["people"])
    told = interpolate(source, target, extensive=["people"], outside="report")
    assert told.areas["people"].tolist() == [150.0]
    assert told.totals["outside"].item() == 150.0
    assert told.outside.to_dict("list") == {"area_id": ["a", "b"], "share": [1.0, 0.25]}
    given = interpolate(source, target, extensive=["people"], outside="allocate nearest")
    assert given.areas["people"].tolist() == [300.0]
    assert given.areas["people_low"].tolist() == [0.0]
    assert given.areas["people_flag"].tolist() == ["interpolated"]


def test_invalid_geometry_is_repaired_and_named(halves):
    source, target = halves
    bow = source.copy()
    bow.loc[0, "geometry"] = Polygon([(0, 0), (4, 1), (4, 0), (0, 1)])
    result = interpolate(bow, target, extensive=["people"], outside="report")
    assert result.areas["people"].sum() == pytest.approx(300)
    assert result.method.set_index("statistic").loc["sources repaired", "value"] == "a"
    assert not bow.geometry.is_valid.all()


def test_other_coordinate_systems_are_projected():
    source = areas.load_example("kalmar").drop_duplicates("area_id")[["area_id", "geometry"]]
    source = source.assign(people=100.0)
    target = areas.load_example("kalmar", "regso").drop_duplicates("area_id")[["area_id", "geometry"]]
    here = interpolate(source, target, extensive=["people"])
    there = interpolate(source.to_crs(4326), target.to_crs(3857), extensive=["people"])
    assert there.areas.crs.to_epsg() == 3006
    assert np.allclose(here.areas["people"], there.areas["people"], rtol=1e-6)
    assert (here.areas["people_flag"] == "computed").all()


def test_areas_onto_themselves_give_the_same_figures():
    panel = areas.load_example("motala")
    source = panel[panel["period"] == 2025]
    shapes = source.drop_duplicates("area_id")[["area_id", "geometry"]]
    result = interpolate(source, shapes, extensive=["population"]).areas
    assert result["period"].unique().tolist() == [2025]
    assert result["population"].tolist() == source["population"].tolist()


def test_a_panel_keeps_its_periods(halves):
    source, target = halves
    panel = pd.concat([source.assign(period=2020), source.assign(period=2021, people=[10.0, 20.0])])
    panel.loc[panel["period"] == 2020, "share"] = np.nan
    result = interpolate(panel, target, extensive=["people"], intensive=["share"], weight="workers")
    table = result.areas.pivot(index="area_id", columns="period", values="people")
    assert table[2021].tolist() == [7.5, 12.5, 10.0]
    # Nobody has a share in 2020, so there is nothing to interpolate and nothing wrong.
    assert result.areas.loc[result.areas["period"] == 2020, "share"].isna().all()
    areas.check_panel(result.areas.assign(name="").reset_index(drop=True))


def test_weights_of_another_period_are_told(halves):
    source, target = halves
    panel = pd.concat([source.assign(period=2020, workers=np.nan), source.assign(period=2023)])
    totals = interpolate(panel, target, intensive=["share"], weight={"share": "workers"}).totals
    assert totals["weight"].tolist() == ["workers 2023", "workers"]


def test_missing_figures_are_refused_or_make_missing_what_they_touch(halves):
    source, target = halves
    source.loc[0, "people"] = np.nan
    with pytest.raises(InputError, match=r"people: has 1 missing values \(a\)"):
        interpolate(source, target, extensive=["people"])
    result = interpolate(source, target, extensive=["people"], missing="report")
    assert result.areas["people"].isna().tolist() == [True, True, False]
    assert result.areas["people_flag"].tolist() == ["missing", "missing", "interpolated"]
    assert result.totals["n_missing"].item() == 2


def test_input_is_left_alone_and_order_does_not_matter(halves):
    source, target = halves
    before = (source.copy(), target.copy())
    one = interpolate(source, target, extensive=["people"], intensive=["share"]).areas
    other = interpolate(source[::-1], target[::-1], extensive=["people"], intensive=["share"]).areas
    pd.testing.assert_frame_equal(source, before[0])
    pd.testing.assert_frame_equal(target, before[1])
    other = other.sort_values("area_id", ignore_index=True)
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.drop(columns="geometry")), pd.DataFrame(other.drop(columns="geometry"))
    )


REFUSED = {
    "twice": (lambda s, t: (pd.concat([s, s]), t), {}, InputError, "source: has an area more than once"),
    "no crs": (
        lambda s, t: (s.set_crs(None, allow_override=True), t),
        {},
        InputError,
        "no coordinate reference",
    ),
    "overlap": (
        lambda s, _: (s, layer([box(0, 0, 5, 1), box(1, 0, 8, 1)])),
        {},
        InputError,
        "target: .*overlap one",
    ),
    "sources overlap": (
        lambda _, t: (layer([box(0, 0, 5, 1), box(1, 0, 8, 1)], people=1.0), t),
        {},
        InputError,
        "source: has areas that overlap one another",
    ),
    "points": (lambda s, t: (s, t.set_geometry(t.centroid)), {}, InputError, "target: must be polygons"),
    "taken": (lambda s, t: (s, t.assign(people_flag="")), {}, InputError, "would be made.*people_flag"),
    "no geometry": (
        lambda s, t: (s, t.set_geometry([None] * 3, crs=3006)),
        {},
        InputError,
        "without geometry",
    ),
    "no column": (lambda s, t: (s.drop(columns="people"), t), {}, UnknownNameError, "lacks the column"),
    "no areas": (lambda s, t: (s, t.head(0)), {}, InputError, "target: has no areas"),
    "numbers as codes": (lambda s, t: (s, t.assign(area_id=[1, 2, 3])), {}, InputError, "must be text"),
    "both kinds": (lambda s, t: (s, t), {"intensive": ["people"]}, InputError, "extensive too"),
    "sliver": (lambda s, t: (s, t), {"sliver": 0.7}, InputError, "sliver"),
    "outside": (lambda s, t: (s, t), {"outside": "drop"}, InputError, "must be one of"),
    "text": (lambda s, t: (s, t), {"extensive": "people"}, InputError, "must be a list"),
    "no table": (lambda s, t: (pd.DataFrame(s), t), {}, InputError, "must be a GeoDataFrame"),
    "weight": (lambda s, t: (s, t), {"weight": {"people": "workers"}}, InputError, "not intensive"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused(halves, case):
    change, options, error, pattern = REFUSED[case]
    with pytest.raises(error, match=pattern):
        interpolate(*change(*halves), **({"extensive": ["people"]} | options))


def test_nothing_asked_for_is_refused(halves):
    with pytest.raises(InputError, match="nothing is asked for"):
        interpolate(*halves)


def test_a_nest_check_names_what_reaches_out(halves):
    source, target = halves
    table = nest_check(target, source).set_index("area_id")
    assert table["coarse_id"].tolist() == ["a", "b", "b"]
    assert table["share_outside"].tolist() == pytest.approx([0, 1 / 3, 0])
    assert table["n_coarse"].tolist() == [1, 2, 1]
    assert table["nested"].tolist() == [True, False, True]
    beyond = nest_check(strip(20, 30), source).iloc[0]
    assert pd.isna(beyond["coarse_id"])
    assert beyond["share_outside"] == 1.0
    assert not beyond["nested"]
