from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from segkit import areas, graphs
from segkit.errors import InputError, UnknownNameError


def grid(rows, columns, *, gap=0.0, side=100.0):
    """Square cells named by row and column, with gaps between them."""
    cells = {
        f"{r}{c}": box(c * side, r * side, (c + 1) * side - gap, (r + 1) * side - gap)
        for r in range(rows)
        for c in range(columns)
    }
    return gpd.GeoDataFrame({"area_id": list(cells)}, geometry=list(cells.values()), crs=3006)


def neighbors(graph, area):
    return sorted(graph[area].index)


@pytest.fixture(scope="module")
def kalmar():
    panel = areas.load_example("kalmar")
    return panel[panel["period"] == 2024]


def test_queen_counts_corners_and_rook_does_not():
    cells = grid(3, 3)
    assert neighbors(graphs.contiguity(cells), "00") == ["01", "10", "11"]
    assert neighbors(graphs.contiguity(cells, rule="rook"), "00") == ["01", "10"]
    assert graphs.contiguity(cells).n_edges == 40
    assert graphs.contiguity(cells, rule="rook").n_edges == 24


@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_tolerance_bridges_gaps(rule):
    cells = grid(2, 2, gap=2.0)
    apart = graphs.contiguity(cells, rule=rule)
    assert list(apart.isolates) == ["00", "01", "10", "11"]
    together = graphs.contiguity(cells, rule=rule, tolerance=3.0)
    assert together.n_edges == (12 if rule == "queen" else 8)


def test_kalmar_has_one_queen_isolate_an_island(kalmar):
    graph = graphs.contiguity(kalmar)
    assert list(graph.isolates) == ["0880C1100"]
    assert list(graph.unique_ids) == list(kalmar["area_id"])


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize("name", ["kalmar", "motala", "katrineholm"])
def test_equals_libpysal_where_boundaries_are_shared(name, rule):
    from libpysal.graph import Graph

    panel = areas.load_example(name)
    table = panel[panel["period"] == 2024].set_index("area_id")
    expected = Graph.build_contiguity(table.geometry, rook=rule == "rook")
    ours = graphs.contiguity(table.reset_index(), rule=rule)
    ids = table.index
    assert (graphs.matrix(ours, ids) != graphs.matrix(expected, ids)).nnz == 0


def test_degrees_give_the_same_neighbors(kalmar):
    ids = kalmar["area_id"]
    ours = graphs.matrix(graphs.contiguity(kalmar.to_crs(4326)), ids)
    assert (ours != graphs.matrix(graphs.contiguity(kalmar), ids)).nnz == 0


def test_nearest_attaches_an_isolate_both_ways(kalmar):
    graph = graphs.contiguity(kalmar, attach_isolates="nearest")
    assert list(graph.isolates) == []
    assert graph.n_edges == graphs.contiguity(kalmar).n_edges + 2
    (neighbor,) = neighbors(graph, "0880C1100")
    shapes = kalmar.set_index("area_id").geometry
    distance = shapes.drop("0880C1100").distance(shapes["0880C1100"])
    assert neighbor == distance.idxmin() == "0880C1130"
    assert "0880C1100" in neighbors(graph, neighbor)


def test_two_isolates_nearest_to_each_other_make_one_pair():
    two = grid(1, 2, gap=10.0)
    graph = graphs.contiguity(two, attach_isolates="nearest")
    assert graph.n_edges == 2
    assert neighbors(graph, "00") == ["01"]


def test_equally_near_areas_the_first_is_chosen():
    three = grid(1, 3, gap=0.0).iloc[[0, 1, 2]]
    cells = three.assign(geometry=[box(0, 0, 1, 1), box(10, 0, 11, 1), box(20, 0, 21, 1)])
    graph = graphs.contiguity(cells, attach_isolates="nearest")
    assert neighbors(graph, "01") == ["00", "02"]
    assert neighbors(graph, "02") == ["01"]


def test_a_single_area_is_an_isolate():
    graph = graphs.contiguity(grid(1, 1), attach_isolates="nearest")
    assert list(graph.isolates) == ["00"]


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 24), min_size=1), st.sampled_from(["queen", "rook"]))
def test_symmetric_without_loops_and_order_free(chosen, rule):
    cells = grid(5, 5).iloc[sorted(chosen)]
    ids = list(cells["area_id"])
    weights = graphs.matrix(graphs.contiguity(cells, rule=rule), ids).toarray()
    backwards = graphs.matrix(graphs.contiguity(cells.iloc[::-1], rule=rule), ids).toarray()
    assert (weights == weights.T).all()
    assert (np.diag(weights) == 0).all()
    assert (weights == backwards).all()


def test_input_is_not_changed(kalmar):
    before = kalmar.copy()
    graphs.contiguity(kalmar, rule="rook", attach_isolates="nearest")
    assert before.equals(kalmar)


def test_matrix_leaves_out_areas_and_keeps_the_order_asked_for():
    graph = graphs.contiguity(grid(1, 3))
    assert graphs.matrix(graph, ["02", "01"]).toarray().tolist() == [[0, 1], [1, 0]]
    assert graphs.matrix(graph, ["02", "00"]).nnz == 0


def test_errors_name_the_argument_and_the_fix():
    cells = grid(1, 2)
    with pytest.raises(InputError, match="rule: is 'bishop'"):
        graphs.contiguity(cells, rule="bishop")
    with pytest.raises(InputError, match="attach_isolates"):
        graphs.contiguity(cells, attach_isolates="all")
    with pytest.raises(InputError, match="tolerance"):
        graphs.contiguity(cells, tolerance=-1.0)
    with pytest.raises(InputError, match=r"one row per area \(00\).*Choose one period"):
        graphs.contiguity(cells.iloc[[0, 0, 1]])
    with pytest.raises(InputError, match="no rows"):
        graphs.contiguity(cells.iloc[:0])
    with pytest.raises(UnknownNameError, match="area_id"):
        graphs.contiguity(cells.rename(columns={"area_id": "code"}))
    with pytest.raises(InputError, match="coordinate reference system"):
        graphs.contiguity(cells.set_crs(None, allow_override=True))
    with pytest.raises(InputError, match="invalid"):
        graphs.contiguity(
            cells.assign(geometry=[shapely.from_wkt("POLYGON((0 0,1 1,1 0,0 1,0 0))"), cells.geometry[1]])
        )
    with pytest.raises(UnknownNameError, match=r"lacks areas of the table \(99\)"):
        graphs.matrix(graphs.contiguity(cells), ["00", "99"])
