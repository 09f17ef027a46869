"""The areas of a whole county, from other hands: loaded, checked, joined, interpolated and mapped."""

from pathlib import Path

import pytest

from segkit import areas, geography, maps, owndata

REFERENCE = Path(__file__).parents[2] / "shared" / "data" / "reference"
SHAPES, FIGURES = REFERENCE / "deso_2025_dalarna.geojson", REFERENCE / "dalarna_population_2024.csv"

pytestmark = pytest.mark.skipif(not SHAPES.is_file(), reason="needs the reference files")


@pytest.fixture(scope="module")
def panel():
    shapes = areas.load_areas(SHAPES, area_id="desokod")
    names = {"andel_65_plus": "old_share_of_one", "antal_servicenoder": "services"}
    found = owndata.read(FIGURES, areas=shapes, period=2024, names=names)
    shapes = shapes.rename(columns={"regsokod": "regso_id"})
    return areas.join_indicators(shapes[["area_id", "name", "regso_id", "geometry"]], found.table)


def test_every_area_is_loaded_and_checked(panel):
    areas.check_panel(panel)
    assert len(panel) == 175
    assert panel["area_id"].str[:2].eq("20").all()
    assert panel["population"].notna().all()
    assert panel["population"].between(300, 5_000).all()
    # The table's own areas and densities agree with the boundaries.
    assert (panel.area / 1e6).corr(panel["area_km2"]) > 0.999


def test_deso_nest_in_their_regso_and_add_up(panel):
    result = geography.aggregate(panel, "regso_id", extensive=["population"], intensive=["old_share_of_one"])
    assert result.areas["population"].sum() == panel["population"].sum()
    table = geography.nest_check(panel, result.areas)
    assert table["nested"].all()
    by_area = geography.interpolate(
        panel[["area_id", "population", "geometry"]],
        result.areas[["area_id", "geometry"]],
        extensive=["population"],
    )
    assert by_area.areas["population"].tolist() == pytest.approx(result.areas["population"].tolist())
    assert (by_area.areas["population_flag"] == "computed").all()


def test_they_are_mapped(panel, tmp_path):
    share = panel.assign(old_share=100 * panel["old_share_of_one"])
    axes = maps.choropleth(share, "old_share", title="65 år och äldre", source="SCB")
    paths = maps.save(axes, tmp_path / "dalarna")
    assert all(Path(path).stat().st_size > 10_000 for path in paths)
