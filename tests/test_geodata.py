"""The embedded files: unique ids, valid geometry, no overlaps, totals as stated in SOURCES.md."""

import pandas as pd
import pytest
from shapely import STRtree

from segkit import areas, indicators
from segkit.catalogue import embedded

NAMES = list(embedded.MUNICIPALITIES)
POPULATION = {"kalmar": 73055, "motala": 43130, "katrineholm": 33988}
TURNOUT = {
    ("kalmar", 2022): (46167, 54430),
    ("kalmar", 2026): (46934, 56273),
    ("motala", 2022): (27522, 33347),
    ("motala", 2026): (27740, 33713),
    ("katrineholm", 2022): (20887, 25962),
    ("katrineholm", 2026): (21222, 26374),
}
N_DESO = {"kalmar": 43, "motala": 24, "katrineholm": 21}


@pytest.mark.parametrize("name", NAMES)
def test_deso_are_unique_valid_and_complete(name):
    panel = areas.load_example(name)
    code = embedded.MUNICIPALITIES[name][0]
    assert panel["area_id"].nunique() == N_DESO[name]
    assert panel["area_id"].str.fullmatch(code + r"[ABC]\d{4}").all()
    assert panel.crs.to_epsg() == 3006
    first = panel.drop_duplicates("area_id")
    assert first.geometry.is_valid.all()
    # Sweden in SWEREF 99 TM.
    assert first.total_bounds[0] > 200_000
    assert first.total_bounds[3] < 7_700_000
    assert panel.loc[panel["period"] == 2025, "population"].sum() == POPULATION[name]


@pytest.mark.parametrize("name", NAMES)
def test_areas_do_not_overlap(name):
    shapes = areas.load_example(name).drop_duplicates("area_id").geometry.to_numpy()
    one, other = STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a < b]
    assert pairs
    assert sum(shapes[a].intersection(shapes[b]).area for a, b in pairs) < 1.0


@pytest.mark.parametrize(("name", "period"), TURNOUT)
def test_district_totals_are_the_published_ones(name, period):
    panel = areas.load_example(name, "districts")
    rows = panel[(panel["period"] == period) & panel["ballots"].notna()]
    assert (rows["ballots"].sum(), rows["electorate"].sum()) == TURNOUT[name, period]
    assert (rows["turnout"] - 100 * rows["ballots"] / rows["electorate"]).abs().max() < 0.001


@pytest.mark.parametrize("name", NAMES)
def test_districts_and_areas_hold_the_same_people(name):
    districts = areas.load_example(name, "districts")
    people = districts.loc[districts["period"] == 2025, "population"].sum()
    assert people == pytest.approx(POPULATION[name], abs=1.5)


@pytest.mark.parametrize("name", NAMES)
def test_links_name_known_districts_and_areas(name):
    links = areas.load_district_links(name)
    assert set(links["district_id"]) <= set(areas.load_example(name, "districts")["area_id"])
    assert set(links["area_id"]) <= set(areas.load_example(name)["area_id"])
    assert links.groupby("area_id")["share_of_area_population"].sum().between(0.3, 1.001).all()


@pytest.mark.parametrize("name", NAMES)
def test_regso_are_unions_of_deso(name):
    deso = areas.load_example(name).drop_duplicates("area_id")
    regso = areas.load_example(name, "regso")
    once = regso.drop_duplicates("area_id")
    assert set(once["area_id"]) == set(deso["regso_id"])
    assert once.area.sum() == pytest.approx(deso.area.sum(), rel=1e-9)
    assert sorted(regso["period"].unique()) == [2020, 2021, 2022, 2023]
    tenure = regso[["rental_dwelling_share", "cooperative_dwelling_share", "owned_dwelling_share"]]
    # A single dwelling of other tenure is left over in Julita-Bie.
    assert (tenure.sum(axis=1) - 100).abs().max() < 0.1


def test_rental_share_agrees_with_the_dwelling_counts():
    panel = areas.load_example("kalmar").query("period == 2025")
    total = panel[["dwellings_rental", "dwellings_cooperative", "dwellings_owned"]].sum(axis=1)
    assert (100 * panel["dwellings_rental"] / total - panel["rental_dwelling_share"]).abs().max() < 0.02


def test_every_embedded_indicator_is_in_the_catalogue():
    known = set(indicators.catalogue().index) | {"official_area_type", "boundary_comparable"}
    for name in NAMES:
        for geography in ("deso", "regso", "districts"):
            assert set(areas.indicator_columns(areas.load_example(name, geography))) <= known


def test_the_catalogue_is_complete_in_both_languages():
    table = indicators.catalogue()
    assert table.index.is_unique
    filled = ["label_sv", "label_en", "unit_sv", "unit_en", "definition_sv", "definition_en", "source"]
    assert (table[filled] != "").all().all()
    assert set(table["kind"]) <= {"share", "count", "money", "index", "category"}
    assert set(table["direction"]) == {-1, 0, 1}


def test_the_makeup_of_the_population_and_tenure_is_never_judged():
    table = indicators.catalogue()
    neutral = ["foreign_background_share", "foreign_born_share", "rental_dwelling_share", "young_adult_share"]
    assert (table.loc[neutral, "direction"] == 0).all()


def test_reference_rows_are_unique_and_described():
    table = areas.load_reference()
    keys = ["municipality_code", "period", "indicator", "source_table"]
    assert not table.duplicated(keys).any()
    assert table["value"].notna().all()
    assert (table["source"] != "").all()
    kalmar = table[(table["municipality_code"] == "0880") & (table["indicator"] == "turnout_riksdag")]
    assert kalmar.set_index("period")["value"]["2022"] == pytest.approx(86.98, abs=0.01)


def test_area_types_are_those_of_the_reference_file_when_it_is_there():
    path = embedded.folder().parents[1] / "shared" / "data" / "reference" / "regso_omradestyp_2022.csv"
    if not path.is_file():
        pytest.skip("the national file of area types is not at hand")
    national = pd.read_csv(path).set_index("regso")["typ"]
    kalmar = areas.load_example("kalmar", "regso").query("period == 2022").set_index("area_id")
    assert (kalmar["official_area_type"] == national.reindex(kalmar.index)).all()
