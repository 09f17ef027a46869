"""Interactive maps of thousands of areas: small enough, all drawn, borders still shared."""

import base64
import gzip
import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from tessellation import country, figures
from webmap_pages import area, choose, data_of, fills, find, needs_browser

from segkit import webmap
from segkit.drawing.webmap._shapes import on_grid

N = 6160


@pytest.fixture(scope="module")
def land():
    return country(N)


@pytest.fixture(scope="module")
def large_page(land, tmp_path_factory):
    table, history = figures(land)
    made = webmap.build(table, history=history, title="Landet")
    return webmap.save(made, tmp_path_factory.mktemp("large") / "large.html")


def unpacked(made):
    return json.loads(gzip.decompress(base64.b64decode(data_of(made)["packed"])))


def decoded(data):
    """Read the shapes as the page does."""
    made = []
    for shape in data["shapes"]:
        polygons = []
        for rings in shape:
            points = [
                np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / 10 ** data["decimals"] for steps in rings
            ]
            polygons.append(shapely.Polygon(points[0], points[1:]))
        made.append(shapely.MultiPolygon(polygons))
    return np.array(made)


def test_the_country_of_the_tests_fits_together(land):
    shapes = land.geometry.to_numpy()
    assert len(shapes) == N
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.get_num_coordinates(shapes).sum() > 800_000
    rings = [len(part.interiors) for part in shapely.get_parts(shapes)]
    assert sum(rings) >= 30
    assert shapely.get_num_geometries(shapes).max() > 1


def test_steps_on_the_grid_are_the_shapes(land):
    some = land.iloc[::10].assign(profile=1)
    grid = on_grid(some)
    steps = decoded({"shapes": grid.packed(), "decimals": grid.decimals})
    assert shapely.equals(steps, grid.shapes).all()
    plain = np.array([shapely.geometry.shape(found) for found in grid.plain()])
    assert shapely.equals(plain, grid.shapes).all()
    assert grid.tolerance == 0
    assert shapely.coverage_is_valid(grid.shapes)


def test_a_grid_too_coarse_for_a_small_area_is_made_finer():
    lot = shapely.box(500_000, 6_500_000, 500_000.3, 6_500_000.3)
    around = shapely.box(499_990, 6_499_990, 500_010, 6_500_010).difference(lot)
    areas = gpd.GeoDataFrame({"area_id": ["a", "b"]}, geometry=[lot, around], crs=3006)
    grid = on_grid(areas)
    assert grid.decimals > 5
    assert shapely.is_valid(grid.shapes).all()
    assert shapely.coverage_is_valid(grid.shapes)
    assert (shapely.area(grid.shapes) > 0).all()


def test_packed_data_is_the_same_each_time(land):
    table, history = figures(land.iloc[:3000], periods=(2023, 2024))
    one = webmap.build(table, history=history)
    assert data_of(one) == data_of(webmap.build(table, history=history))
    data = unpacked(one)
    assert len(data["areas"]) == 3000
    assert [layer["title"] for layer in data["layers"]][:2] == ["Profil", "Sysselsättningsgrad"]
    assert set(data_of(one)) == {"text", "packed", "title", "opacity"}


@needs_browser
@pytest.mark.browser
def test_large_page_is_small_and_its_borders_are_shared(opened, large_page, land):
    assert large_page.stat().st_size < 5_000_000
    tab = opened(large_page)
    assert tab.locator("path[data-area]").count() == N
    empty = tab.locator("path[data-area]").evaluate_all(
        "all => all.filter(p => p.getAttribute('d').length < 9).length"
    )
    assert empty == 0
    rings = tab.evaluate("""() => {
        const map = Object.entries(window).find(([name]) => name.startsWith("map_"))[1];
        const found = [];
        map.eachLayer((layer) => {
            if (layer.area === undefined) return;
            const polygons = layer.getLatLngs();
            found[layer.area] = polygons.map((p) => p.map((ring) => ring.map((at) => [at.lng, at.lat])));
        });
        return found;
    }""")
    drawn = np.array([shapely.MultiPolygon([(p[0], p[1:]) for p in shape]) for shape in rings])
    assert shapely.is_valid(drawn).all()
    assert shapely.coverage_is_valid(drawn)
    # In square meters, on a plane: what overlaps, and what is missing inside the outline.
    flat = gpd.GeoSeries(drawn, crs=4326).to_crs(3006).to_numpy()
    whole = shapely.union_all(flat)
    assert abs(shapely.area(flat).sum() - whole.area) < 1
    original = shapely.coverage_union_all(land.geometry.to_numpy())
    assert holes(whole) == holes(original)
    # No area is moved by more than a little: the share of it that lies elsewhere.
    moved = shapely.area(shapely.symmetric_difference(flat, land.geometry.to_numpy()))
    assert np.median(moved / shapely.area(flat)) < 0.05


def holes(shape):
    return sum(len(part.interiors) for part in shapely.get_parts(shape))


@needs_browser
@pytest.mark.browser
def test_large_page_works(opened, large_page, land):
    tab = opened(large_page)
    assert "Gränserna är förenklade (tolerans" in tab.locator(".segkit-source").inner_text()
    # Not six thousand stops of the Tab key: search and table are the way.
    assert tab.locator("path[data-area][tabindex='0']").count() == 0
    choose(tab, "Sysselsättningsgrad")
    before = fills(tab)
    tab.locator("input[type=range]").press("Home")
    assert fills(tab) != before
    find(tab, "Område 4321")
    assert tab.locator(".segkit-popup h2").inner_text() == "Område 4321"
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Visa som tabell").click()
    assert tab.locator("tbody tr").count() == N
    tab.get_by_role("button", name="Visa karta").click()
    assert area(tab, land["area_id"][4321]).is_visible()


@pytest.fixture(scope="module")
def packed_map(land):
    table, history = figures(land.iloc[:2500], periods=(2024,))
    return webmap.build(table, history=history)


@needs_browser
@pytest.mark.browser
def test_packed_map_works_in_a_notebook_frame(opened, packed_map, tmp_path):
    made = packed_map
    assert "packed" in data_of(made)
    file = tmp_path / "notebook.html"
    file.write_text(f"<!DOCTYPE html><title>x</title>{made._repr_html_()}", encoding="utf-8")
    tab = opened(file, inside="iframe")
    assert tab.frame_locator("iframe").locator("path[data-area]").count() == 2500


@needs_browser
@pytest.mark.browser
def test_a_damaged_file_says_so(offline_browser, packed_map, tmp_path):
    made = webmap.save(packed_map, tmp_path / "map.html")
    text = made.read_text(encoding="utf-8")
    at = text.index('"packed":"') + 5000
    made.write_text(text[:at] + "AAAA" + text[at + 4 :], encoding="utf-8")
    tab = offline_browser.new_page()
    tab.goto(made.as_uri())
    alert = tab.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text() == "Kartan kan inte visas: webbläsaren är för gammal eller filen är skadad."
    tab.close()
