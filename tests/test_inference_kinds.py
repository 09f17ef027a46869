"""Inference for measures of every kind: spatial ones, of several groups, and of groups in order."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from segkit import areas, inference, segregation, trends
from segkit.errors import DataWarning, InputError

TWO = {"group": "group", "total": "total"}
THREE = ["low", "middle", "high"]
SIDE = 6
MEASURES = segregation.MEASURES
SPATIAL = [name for name, m in MEASURES.items() if m.kind == "spatial"]
SEVERAL = [name for name, m in MEASURES.items() if m.kind in {"multigroup", "ordered"}]
FIGURES = ["value", "se", "ci_low", "ci_high"]


def grid(group, total=40):
    """A square of cells, 500 meters wide, with people of the group in each."""
    cells = [box(500 * c, 500 * r, 500 * c + 500, 500 * r + 500) for r in range(SIDE) for c in range(SIDE)]
    ids = [f"c{k:02d}" for k in range(SIDE**2)]
    counts = {"area_id": ids, "group": np.ravel(group), "total": np.full(SIDE**2, total)}
    return gpd.GeoDataFrame(counts, geometry=cells, crs=3006)


def half():
    return grid([[30] * 3 + [2] * 3] * SIDE)


def checkerboard():
    return grid(np.where(np.add.outer(np.arange(SIDE), np.arange(SIDE)) % 2, 30, 2))


def uneven():
    """Group counts in no order in cells of many sizes, two of them uninhabited."""
    k = np.arange(SIDE**2)
    cells = grid(1 + (k * 7919) % 23)
    cells["geometry"] = [cell.buffer(10 * (j % 7)) for j, cell in enumerate(cells.geometry)]
    cells.loc[[4, 20], ["group", "total"]] = 0
    return cells


def brackets():
    k = np.arange(30)
    ids = [f"a{j:02d}" for j in k]
    return pd.DataFrame(
        {"area_id": ids, "low": 9 + k * 37 % 41, "middle": 5 + k * 11 % 29, "high": 2 + k * 5 % 17}
    )


def of_groups(name):
    """The measure as a user's function of a table."""
    argument = "brackets" if MEASURES[name].kind == "ordered" else "groups"
    return lambda table: MEASURES[name].function(table, **{argument: THREE}, **options_of(name))


def options_of(name):
    """What three brackets need."""
    return {"order": 1} if name == "rank_order" else {}


def both_ways(function, name, table, **asked):
    """The rows of a measure by name, its draws scored together, and by a user's function, one by one."""
    together = function(table, name, groups=THREE, options=options_of(name), **asked)
    return together, function(table, of_groups(name), groups=THREE, **asked)


@pytest.fixture(scope="module")
def kalmar():
    """The areas of 2024 with a count of the group from its share and the population of 2025."""
    panel = areas.load_example("kalmar")
    people = panel[panel["period"] == 2025].set_index("area_id")["population"]
    now = panel[panel["period"] == 2024].reset_index(drop=True)
    total = now["area_id"].map(people)
    return now.assign(total=total, group=(now["foreign_background_share"] / 100 * total).round())


def test_there_are_measures_of_every_kind():
    assert len(SPATIAL) >= 8
    assert "rank_order" in SEVERAL
    assert "mutual_information" in SEVERAL


@pytest.mark.parametrize("name", SPATIAL)
def test_spatial_draws_scored_together_are_those_scored_one_by_one(name):
    cells = uneven()
    asked = {"unit": "people", "n_bootstrap": 12, **TWO}
    together = inference.bootstrap(cells, name, **asked)
    # Beside a spatial measure a user's function gets the uninhabited areas too.
    pair = [name, lambda table: MEASURES[name].function(table, **TWO)]
    alone = inference.bootstrap(cells, pair, **asked)
    np.testing.assert_allclose(together.loc[0, FIGURES].tolist(), alone.loc[1, FIGURES].tolist(), atol=1e-10)
    assert together.loc[0, "value"] == MEASURES[name].function(cells, **TWO)
    assert together.loc[0, ["n_areas", "n_missing"]].tolist() == [SIDE**2 - 2, 2]


@pytest.mark.parametrize("unit", ["areas", "people", "both"])
@pytest.mark.parametrize("name", SEVERAL)
def test_draws_of_several_groups_scored_together_are_those_scored_one_by_one(name, unit):
    table = brackets()
    together, alone = both_ways(inference.bootstrap, name, table, unit=unit, n_bootstrap=12)
    np.testing.assert_allclose(together[FIGURES].to_numpy(), alone[FIGURES].to_numpy(), atol=1e-10)
    assert together.loc[0, "value"] == of_groups(name)(table)
    assert together.loc[0, "group"] == "low, middle, high"


@pytest.mark.parametrize("name", SEVERAL)
def test_tests_of_several_groups_score_the_same_placements(name):
    together, alone = both_ways(inference.permutation_test, name, brackets(), n_permutations=12)
    columns = ["value", "se", "p_value", "expected"]
    np.testing.assert_allclose(together[columns].to_numpy(), alone[columns].to_numpy(), atol=1e-10)


@pytest.mark.parametrize("name", SEVERAL)
def test_several_groups_are_corrected_and_compared(name):
    table = brackets()
    asked = {"groups": THREE, "options": options_of(name)}
    row = inference.debias(table, name, n_bootstrap=49, **asked).loc[0]
    assert row["uncorrected"] == of_groups(name)(table)
    assert row["bias"] == row["uncorrected"] - row["value"]
    later = table.assign(low=table["low"] + np.arange(30))
    ids = [f"a{k:02d}" for k in range(30)]
    panel = pd.concat([table.assign(period=1, area_id=ids), later.assign(period=2, area_id=ids)])
    panel = panel.reset_index(drop=True)
    change = inference.compare_periods(panel, name, first=1, last=2, n_bootstrap=19, **asked).loc[0]
    assert change["value"] == of_groups(name)(later) - of_groups(name)(table)
    both = trends.by_period(panel, name, unit="both", n_bootstrap=19, **asked)
    assert both["value"].tolist() == [of_groups(name)(table), of_groups(name)(later)]


def test_spatial_measures_of_kalmar(kalmar):
    table = inference.bootstrap(kalmar, SPATIAL, unit="people", n_bootstrap=49, **TWO)
    assert table["value"].tolist() == [MEASURES[name].function(kalmar, **TWO) for name in SPATIAL]
    assert (table["se"] > 0).all()
    assert (table["ci_low"] < table["ci_high"]).all()
    placed = inference.permutation_test(kalmar, "spatial_proximity", n_permutations=99, **TWO).loc[0]
    assert placed["p_value"] == 0.01
    assert placed["expected"] == pytest.approx(1, abs=1e-3)
    corrected = inference.debias(kalmar, "delta", n_bootstrap=49, **TWO).loc[0]
    assert corrected["uncorrected"] == segregation.delta(kalmar, **TWO)


def test_land_without_people_counts_when_periods_are_compared():
    before, after = uneven(), uneven()
    after["group"] = np.minimum(after["group"] + 5, after["total"])
    ids = [f"a{k:02d}" for k in range(SIDE**2)]
    tables = [cells.assign(period=period, area_id=ids) for period, cells in ((1, before), (2, after))]
    panel = pd.concat(tables, ignore_index=True)
    asked = {"unit": "people", "n_bootstrap": 19, **TWO}
    change = inference.compare_periods(panel, SPATIAL, first=1, last=2, **asked)
    then, now = ([MEASURES[name].function(cells, **TWO) for name in SPATIAL] for cells in (before, after))
    assert change["value"].tolist() == np.subtract(now, then).tolist()
    assert change[["n_areas", "n_missing"]].drop_duplicates().to_numpy().tolist() == [[SIDE**2 - 2, 2]]
    table = trends.by_period(panel, "delta", **asked)
    assert table["value"].tolist() == [segregation.delta(cells, **TWO) for cells in (before, after)]
    assert table["n_missing"].tolist() == [2, 2]


def test_where_populations_lie_is_tested_by_areas_that_change_places():
    asked = {"unit": "areas", "n_permutations": 199, **TWO}
    together = inference.permutation_test(half(), "spatial_proximity", **asked).loc[0]
    assert together["p_value"] == 1 / 200
    scattered = inference.permutation_test(checkerboard(), "spatial_proximity", alternative="less", **asked)
    assert scattered.loc[0, "p_value"] == 1 / 200
    assert inference.permutation_test(half(), "delta", **asked).loc[0, "p_value"] == 1.0


def test_areas_that_change_places_are_scored_alike_one_by_one():
    cells = uneven()
    cells = cells[cells["total"] > 0]
    together, alone = (
        inference.permutation_test(cells, measure, unit="areas", n_permutations=12, **TWO)
        for measure in ("spatial_proximity", lambda table: segregation.spatial_proximity(table, **TWO))
    )
    columns = ["value", "se", "p_value", "expected"]
    np.testing.assert_allclose(together[columns].to_numpy(), alone[columns].to_numpy(), atol=1e-12)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(
    ("data", "columns", "name"),
    [(half, TWO, "spatial_proximity"), (brackets, {"groups": THREE, "options": {"order": 1}}, "rank_order")],
)
def test_an_interrupted_run_of_any_kind_keeps_what_is_done(monkeypatch, data, columns, name, n_jobs):
    monkeypatch.setattr("segkit.base.blocks._BLOCK", 10 * max(2 * SIDE**2, 3 * 30))

    def stop(have, _size):
        if have >= 30:
            raise KeyboardInterrupt

    asked = {"n_permutations": 199, "progress": stop, "n_jobs": n_jobs, **columns}
    with pytest.warns(DataWarning, match="run: was interrupted; the table rests on [34]. of 199 draws"):
        row = inference.permutation_test(data(), name, **asked).loc[0]
    assert np.isfinite(row[["value", "se", "p_value", "expected"]].tolist()).all()


def test_one_area_has_no_interval_and_that_is_said():
    alone = pd.DataFrame({"group": [3, 0], "total": [9, 0]})
    for function in (inference.bootstrap, inference.debias):
        with pytest.warns(DataWarning, match="data: has one area with people"):
            row = function(alone, "isolation", n_bootstrap=9, **TWO).loc[0]
        assert row["se"] == 0
    panel = pd.DataFrame({"area_id": ["a"] * 2, "period": [1, 2], "group": [3, 4], "total": [9, 9]})
    with pytest.warns(DataWarning, match="data: has one area with people"):
        inference.compare_periods(panel, "isolation", first=1, last=2, n_bootstrap=9, **TWO)
    # One placement only: the test says nothing against chance.
    assert inference.permutation_test(alone, "isolation", n_permutations=9, **TWO).loc[0, "p_value"] == 1.0


def test_places_are_needed_and_areas_are_not_drawn_twice(kalmar):
    with pytest.raises(InputError, match=r"unit: is 'areas', but an area .*\(delta\).*unit='people'"):
        inference.bootstrap(kalmar, "delta", **TWO)
    with pytest.raises(InputError, match="geometry: is missing"):
        inference.bootstrap(pd.DataFrame(kalmar.drop(columns="geometry")), "delta", unit="people", **TWO)
    shares = kalmar.assign(group=kalmar["group"] + 0.4)
    with pytest.raises(InputError, match=r"group: must be whole numbers \(.* and 40 more\).*round"):
        inference.permutation_test(shares, "delta", **TWO)
