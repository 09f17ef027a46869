"""Statistics Sweden: cells read with value and status, areas in the right version, nothing lost silently."""

import itertools
import json
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box
from standin import Reply, StandIn, faults
from standin import scb as made_up

from segkit import areas
from segkit import indicators as catalogue
from segkit.errors import DataWarning, InputError, NotFetchedError, SourceError, UnknownNameError
from segkit.sources import Client, scb
from segkit.sources.scb import _definitions, _jsonstat
from segkit.sources.scb._selecting import Part, expand

CAPTURES = Path(__file__).parents[2] / "shared" / "captures" / "scb"
captured = pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captured answers are not at hand")


@pytest.fixture
def service():
    return made_up.Service()


@pytest.fixture
def server(service):
    with StandIn(service) as standin:
        yield standin


def make(server, service, tmp_path, **options):
    defaults = {"cache": tmp_path / "cache", "timeout": (2.0, 1.0), "deadline": 10.0, "sleep": lambda _: None}
    return Client(base_urls=service.base_urls(server.url), **{**defaults, **options})


@pytest.fixture
def client(server, service, tmp_path):
    return make(server, service, tmp_path)


# Reading


def dataset(values, status=None, sizes=(2, 3)):
    names = ["Region", "Tid"]
    dimension = {
        name: {"category": {"index": {f"{name}{i}": i for i in range(size)}}}
        for name, size in zip(names, sizes, strict=True)
    }
    told = {"id": names, "size": list(sizes), "dimension": dimension, "value": values}
    return told if status is None else told | {"status": status}


def test_cells_keep_code_label_value_and_status():
    told = dataset([1, None, 3, None, 5.5, 0], {"1": "..", "4": "r"})
    told["dimension"]["Region"]["category"]["label"] = {"Region0": "Norr", "Region1": "Söder"}
    table = scb.read_jsonstat(told)
    assert list(table["Region"]) == ["Region0"] * 3 + ["Region1"] * 3
    assert list(table["Region_label"]) == ["Norr"] * 3 + ["Söder"] * 3
    assert list(table["Tid"]) == ["Tid0", "Tid1", "Tid2"] * 2
    np.testing.assert_array_equal(table["value"], [1, np.nan, 3, np.nan, 5.5, 0])
    assert list(table["status"]) == ["", "..", "", "", "r", ""]


def test_other_spellings_of_the_same_dataset_read_the_same():
    plain = scb.read_jsonstat(dataset([1, None, 3, None, 5, 6], {"1": ".."}))
    sparse = scb.read_jsonstat(dataset({"0": 1, "2": 3, "4": 5, "5": 6}, ["", "..", "", "", "", None]))
    listed = dataset([1, None, 3, None, 5, 6], {"1": ".."})
    listed["dimension"]["Tid"]["category"]["index"] = ["Tid0", "Tid1", "Tid2"]
    pd.testing.assert_frame_equal(plain, sparse)
    pd.testing.assert_frame_equal(plain, scb.read_jsonstat(listed))


BROKEN = {
    "too few values": dataset([1, 2, 3]),
    "too many values": dataset(list(range(7))),
    "text as value": dataset([1, 2, 3, 4, 5, ".."]),
    "true as value": dataset([1, 2, 3, 4, 5, True]),
    "status outside": dataset(list(range(6)), {"6": ".."}),
    "value outside": dataset({"9": 1}),
    "no values": {k: v for k, v in dataset([]).items() if k != "value"},
    "a dimension too small": dataset(list(range(6))) | {"size": [3, 2]},
    "an error": {"type": "Parameter error", "title": "Non-existent table", "status": 404},
    "a list": [1, 2],
    "two values for a cell": dataset({"1": 1, "01": 2}),
    "a number too large": dataset([1, 2, 3, 4, 5, 10**400]),
    "a number without end": dataset(json.loads("[1, 2, 3, 4, 5, 1e999]")),
    "a number as status": dataset(list(range(6)), 3),
    "a dimension twice": dataset(list(range(4)), sizes=(2, 2)) | {"id": ["Region", "Region"]},
}


@pytest.mark.parametrize("told", BROKEN.values(), ids=BROKEN)
def test_what_is_no_whole_dataset_is_refused(told):
    with pytest.raises((ValueError, TypeError, KeyError)):
        scb.read_jsonstat(told)


def test_a_status_of_null_is_none():
    assert scb.read_jsonstat(dataset(list(range(6)), {"1": None, "2": ".."}))["status"].tolist() == [
        *("", "", "..", "", "", "")
    ]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_each_cell_stands_where_the_last_dimension_runs_fastest(sizes, random):
    names = [f"d{i}" for i in range(len(sizes))]
    values = [random.random() for _ in range(math.prod(sizes))]
    dimension = {
        n: {"category": {"index": {str(i): i for i in range(s)}}} for n, s in zip(names, sizes, strict=True)
    }
    table = scb.read_jsonstat({"id": names, "size": sizes, "dimension": dimension, "value": values})
    places = table[names].astype(int).to_numpy()
    np.testing.assert_array_equal(np.array(values).reshape(sizes)[tuple(places.T)], table["value"])


@captured
@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*_*C*.json")), ids=lambda p: p.stem)
def test_captured_data_read_as_in_the_file(path):
    told = json.loads(path.read_text(encoding="utf-8"))
    table = scb.read_jsonstat(told)
    values = [None if math.isnan(v) else v for v in table["value"]]
    assert values == told["value"]
    status = {str(i): s for i, s in enumerate(table["status"]) if s}
    assert status == told.get("status", {})


@captured
def test_captured_metadata_search_and_limits_are_understood(tmp_path):
    def answer(name):
        return lambda *_: Reply((CAPTURES / name).read_bytes())

    class Captured:
        routes = (
            ("GET", "/config", answer("config.json")),
            ("GET", "/tables", answer("tables_search.json")),
            ("GET", "/tables/TAB6471/metadata", answer("TAB6471_metadata.json")),
            ("POST", "/tables/TAB6471/data", answer("TAB6471_data.json")),
            ("GET", "/codelists/agg_Ålder10årJ", answer("codelist_agg_Alder10arJ.json")),
        )

    with StandIn(Captured()) as server:
        client = Client(base_urls={"scb": server.url}, cache=tmp_path)
        assert scb.config(client=client)["maxDataCells"] == 150_000
        meta = scb.metadata("TAB6471", client=client)
        assert list(meta.variables) == ["Region", "Alder", "Kon", "ContentsCode", "Tid"]
        assert len(meta.variables["Region"].codes) == 312
        assert meta.variables["Region"].codelists == ("vs_CKM01Riket", "vs_CKM02Län", "vs_CKM03Kommun")
        assert meta.variables["Kon"].elimination
        assert meta.time == "Tid"
        hits = scb.search("befolkning", client=client)
        assert len(hits) == 10
        assert hits.loc[0, ["table", "path"]].tolist() == ["TAB4552", "MI/MI0902/MI0902C"]
        ages = scb.codelist("agg_Ålder10årJ", client=client)
        assert ages.loc[0, "code"] == "-9"
        assert len(ages.loc[0, "made_of"]) == 10
        told = json.loads((CAPTURES / "TAB6471_data.json").read_text(encoding="utf-8"))
        selection = {n: list(told["dimension"][n]["category"]["index"]) for n in told["id"]}
        cells = scb.data(meta, selection, client=client)
        np.testing.assert_array_equal(cells["value"], np.array(told["value"], dtype=float))


# Selecting

CODES = ["00", "0880", "0880A0010", "0880C1010", "0881A0010_DeSO2025", "1+2", "3+4"]


@pytest.mark.parametrize(
    "expression",
    [
        *("*", "0880*", "*0010", "*C10*", "08??", "TOP(2)", "top(2,1)", "Bottom(3)", "FROM(1+2)"),
        *("to(0880)", "1+2", "0880a0010", "range(0880C1010,0880)", "RANGE(3+4, 00)"),
    ],
)
@pytest.mark.parametrize("time", [False, True])
def test_expressions_stand_for_what_the_service_takes_them_for(expression, time):
    found = expand(expression, CODES, variable="Region", time=time)
    assert set(found) == set(made_up.select(expression, CODES, last=time))


@pytest.mark.parametrize("expression", ["nothing", "FROM(9)", "RANGE(00)", "TOP(x)", "x*", "TOP(0)"])
def test_an_expression_for_nothing_is_an_error(expression):
    with pytest.raises(InputError, match="Region"):
        expand(expression, CODES, variable="Region")


@given(st.lists(st.integers(1, 7), min_size=1, max_size=3), st.integers(1, 200))
def test_parts_cover_everything_once_and_hold_the_limit(sizes, most):
    codes = {f"d{i}": tuple(map(str, range(size))) for i, size in enumerate(sizes)}
    parts = list(Part(codes, codes).split(most, "d0"))
    assert all(part.cells <= most for part in parts)
    cells = [cell for part in parts for cell in itertools.product(*part.codes.values())]
    assert len(cells) == len(set(cells)) == math.prod(sizes)


# Tables


def test_search_reads_every_page(client, server):
    hits = scb.search("upplåtelseform", client=client)
    assert sorted(hits["table"]) == ["TAB6258", "TAB6638"]
    every = scb.search("region", client=client)
    assert len(every) == 13
    assert server.count("/tables") == 1 + 5


def test_data_by_wildcard_and_code_list(client):
    selection = {
        "Region": ["9901A*"], "Alder": ["totalt"], "Kon": ["1+2"], "ContentsCode": ["*"], "Tid": ["TOP(2)"]
    }  # fmt: skip
    cells = scb.data("TAB6574", selection, codelists={"Region": "vs_DeSO2025"}, client=client)
    assert len(cells) == 20
    assert set(cells["Tid"]) == {"2024", "2025"}
    first = cells.set_index(["Region", "Tid"])["value"]["9901A0010_DeSO2025", "2025"]
    assert first == made_up.persons("9901A0010", 2025)


def test_a_selection_the_table_lacks_is_refused_before_it_is_sent(client, server):
    whole = {"Region": ["*"], "Alder": ["totalt"], "Kon": ["1+2"], "ContentsCode": ["*"], "Tid": ["*"]}
    with pytest.raises(InputError, match="lacks the variable .Konn"):
        scb.data("TAB6574", whole | {"Konn": ["1"]}, client=client)
    with pytest.raises(InputError, match="none of the codes asked for .2031"):
        scb.data("TAB6574", whole | {"Tid": ["2031"]}, client=client)
    with pytest.raises(InputError, match="needs a choice for .Kon"):
        scb.data("TAB6574", {k: v for k, v in whole.items() if k != "Kon"}, client=client)
    assert server.count("/data") == 0


@pytest.mark.parametrize("many", [400, 403])
@pytest.mark.parametrize("table", ["TAB6574", "AA/AA0003/AA0003J/IntGr11RegSO1"])
def test_more_cells_than_the_service_said_are_asked_for_in_parts(tmp_path, many, table):
    service = made_up.Service(many=many)
    with StandIn(service) as server:
        client = make(server, service, tmp_path)
        meta = scb.metadata(table, client=client)
        selection = {name: ["*"] for name in meta.variables}
        whole = scb.data(meta, selection, client=client)
        # The service allows less than its /config says.
        told = service.config()
        service.routes[0] = ("GET", "/api/v2/config", lambda *_: told)
        server.routes[0] = service.routes[0]
        service.max_cells = len(whole) // 5
        service_client = make(server, service, tmp_path / "other")
        parts = scb.data(meta, selection, client=service_client)
        columns = [*meta.variables, "value", "status"]
        pd.testing.assert_frame_equal(
            parts[columns].sort_values(columns[:-2], ignore_index=True),
            whole[columns].sort_values(columns[:-2], ignore_index=True),
        )
        asked = server.count()
        again = scb.data(meta, selection, client=make(server, service, tmp_path / "other"))
        pd.testing.assert_frame_equal(again, parts)
        assert server.count() == asked


def test_parts_follow_the_limit_of_config(tmp_path):
    service = made_up.Service(max_cells=1000)
    with StandIn(service) as server:
        client = make(server, service, tmp_path)
        selection = {n: ["*"] for n in ("Region", "ContentsCode", "Tid", "Alder")}
        cells = scb.data("TAB6685", selection, client=client)
    assert len(cells) == 2 * 14 * len(made_up.tables()["TAB6685"].regions)
    assert not cells.duplicated(["Region", "Alder", "Tid"]).any()


def test_a_refusal_that_is_no_matter_of_size_is_told_soon(client, server):
    server.fail(faults.status(403, "Forbidden"), where="/data", times=50)
    selection = {n: ["*"] for n in ("Region", "ContentsCode", "Tid", "Alder")}
    with pytest.raises(SourceError, match="403"):
        scb.data("TAB6685", selection, client=client)
    assert server.count("/data") <= 7


def test_the_rate_of_config_is_held(tmp_path):
    service = made_up.Service(calls=20, window=1)
    with StandIn(service) as server:
        client = Client(base_urls=service.base_urls(server.url), cache=tmp_path)
        scb.indicators("9901", client=client, indicators=["population", "median_income", "employment_rate",
                                                          "single_household_share", "post_secondary_share",
                                                          "rental_dwelling_share", "foreign_born_share",
                                                          "low_economic_standard"])  # fmt: skip
    assert len(server.asked) > 20
    assert service.refused == 0


# Indicators


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    service, folder = made_up.Service(), tmp_path_factory.mktemp("scb")
    with StandIn(service) as server:
        client = make(server, service, folder)
        tables = {g: scb.indicators("9901", g, client=client) for g in ("deso", "regso")}
        first = server.count()
        again = {g: scb.indicators("9901", g, client=make(server, service, folder)) for g in tables}
        second = server.count() - first
    return tables, again, second


def test_a_second_run_makes_no_request_and_gives_the_same(everything):
    tables, again, requests = everything
    assert requests == 0
    for geography, table in tables.items():
        pd.testing.assert_frame_equal(table, again[geography])


def test_every_area_and_year_is_there_once(everything):
    table = everything[0]["deso"]
    assert not table.duplicated(["area_id", "period", "indicator"]).any()
    people = table[table["indicator"] == "population"]
    by_year = people.groupby("period")["area_id"].nunique()
    assert by_year.loc[2010:2023].eq(59).all()
    assert by_year.loc[2024:2025].eq(60).all()
    assert set(people.loc[people["period"] <= 2023, "boundaries"]) == {"DeSO 2018"}
    assert set(people.loc[people["period"] >= 2024, "boundaries"]) == {"DeSO 2025"}
    assert people["value"].notna().all()
    known = set(catalogue.catalogue().index)
    assert set(table["indicator"]) <= known
    years = {
        "median_income": (2011, 2024),
        "employment_rate": (2019, 2024),
        "post_secondary_share": (2015, 2025),
    }
    for name, (first, last) in years.items():
        periods = table.loc[table["indicator"] == name, "period"]
        assert sorted(set(periods)) == list(range(first, last + 1))


def test_figures_are_what_the_definitions_say(everything):
    table = everything[0]["deso"].set_index(["indicator", "area_id", "period"])["value"]
    area, year = "9901B0030", 2022
    people = made_up.persons(area, year)
    assert table["population", area, year] == people
    young = int(people * 0.05) + int(people * 0.06) + int(people * 0.07)
    assert table["young_adult_share", area, year] == pytest.approx(100 * young / people)
    assert table["foreign_background_share", area, year] == pytest.approx(100 * int(people * 0.25) / people)
    abroad = int(people * 0.05) + int(people * 0.15)
    assert table["foreign_born_share", area, year] == pytest.approx(100 * abroad / people)
    levels = {
        code: int(people * share) for code, share in (("21", 0.1), ("3+4", 0.4), ("5", 0.2), ("6", 0.25))
    }
    high = 100 * (levels["5"] + levels["6"]) / sum(levels.values())
    assert table["post_secondary_share", area, year] == pytest.approx(high)
    out = 100 * int(people * 0.08) / int(people * 0.8)
    assert table["unemployment_rate", area, year] == pytest.approx(out)
    homes = [int(people * share) for share in (0.3, 0.2, 0.4, 0.1)]
    assert table["dwellings", area, year] == sum(homes)
    assert table["owned_dwelling_share", area, year] == pytest.approx(100 * homes[2] / sum(homes))


def test_signs_of_the_source_are_told_apart(everything):
    table = everything[0]["deso"].query("indicator == 'low_economic_standard' and period == 2020")
    cells = table.set_index("area_id")[["value", "flag"]]
    expected = {
        "9901A0010": (np.nan, "not available"),
        "9901A0020": (np.nan, "missing"),
        "9901A0030": (12.5, "source note"),
        "9901A0040": (0.0, ""),
        "9901A0050": (np.nan, "not applicable"),
    }
    for area, (value, flag) in expected.items():
        np.testing.assert_equal(cells.loc[area, "value"], value)
        assert cells.loc[area, "flag"] == flag
    assert cells.loc["9901A0060", "flag"] == ""


def test_breaks_and_noise_are_flagged(everything):
    table = everything[0]["deso"].set_index(["indicator", "period"])["flag"].sort_index()
    assert set(table["post_secondary_share", 2023]) == {"ages 25-64"}
    assert set(table["post_secondary_share", 2024]) == {""}
    assert set(table["employment_rate", 2019]) == {"earlier register"}
    assert set(table["employment_rate", 2020]) == {""}
    assert set(table["population", 2024]) == {""}
    assert set(table["population", 2025]) == {"noise added"}


def test_regso_has_the_official_index_area_type_and_turnout(everything):
    table = everything[0]["regso"]
    official = table[table["indicator"] == "official_area_type"]
    assert sorted(set(official["period"])) == list(range(2011, 2024))
    assert set(official["value"]) <= {1, 2, 3, 4, 5}
    assert set(official["source_table"]) == {"AA/AA0003/AA0003F/IntGr5Socio"}
    assert sorted(set(table.loc[table["indicator"] == "turnout_regso", "period"])) == [2018, 2022]
    assert table["area_id"].nunique() == 12
    assert "official_index" not in set(everything[0]["deso"]["indicator"])


def test_wrong_versions_give_no_data(client, service):
    # Asked for on purpose, the service answers zeros and nulls for the years of the other version.
    selection = {"Alder": ["totalt"], "Kon": ["1+2"], "ContentsCode": ["*"], "Tid": ["2023"]}
    wrong = scb.data("TAB6574", selection | {"Region": ["9901A0010_DeSO2025"]}, client=client)
    assert wrong["value"].tolist() == [0]
    # A year that the source has not filled is no data either, even under the right version.
    table = service.tables["TAB6574"]
    table.value = lambda _, year, __: (0 if year == 2024 else 7, "")
    people = scb.indicators("9902", indicators=["population"], client=client).set_index("period")
    assert people.loc[2024, "value"].isna().all()
    assert set(people.loc[2024, "flag"]) == {"not published"}
    assert people.loc[2025, "value"].eq(7).all()


def test_several_municipalities_some_years_some_indicators(client):
    table = scb.indicators(
        ["9902", "9901"], "deso", range(2022, 2025), ["population", "median_income"], client=client
    )
    assert sorted(set(table["period"])) == [2022, 2023, 2024]
    assert table["area_id"].str[:4].value_counts()["9902"] == 5 * 3 * 2
    assert table["area_id"].is_monotonic_increasing


FAULTS = {
    "429": faults.too_many(1),
    "500": faults.status(500),
    "timeout": faults.silent(2),
    "reset mid-body": faults.reset,
    "truncated JSON": faults.truncated,
    "wrong length": faults.short_length,
    "page called JSON": faults.html_called_json,
}


def lose_a_region(handler, right):
    """Answer rightly, but for one area fewer than was asked for."""
    reply = right()
    told = json.loads(reply.body)
    size, category = told["size"], told["dimension"]["Region"]["category"]
    size[0] -= 1
    last = max(category["index"], key=category["index"].get)
    del category["index"][last], category["label"][last]
    told["value"] = told["value"][: math.prod(size)]
    handler.send(Reply.json(told))


def swap_nulls(handler, right):
    """Answer with text where a number belongs."""
    reply = right()
    told = json.loads(reply.body)
    told["value"][0] = ".."
    handler.send(Reply.json(told))


FAULTS |= {"an area lost": lose_a_region, "text as value": swap_nulls}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_right_data_or_a_clear_error_and_the_run_goes_on(client, server, service, tmp_path, fault):
    wanted = {"indicators": ["population", "median_income"]}
    server.fail(fault, where="/data")
    server.fail(fault, where="/metadata")
    right = scb.indicators("9901", client=client, **wanted)
    assert len(right) == 14 * 59 + 2 * 60 + 13 * 59 + 60
    broken = make(server, service, tmp_path / "broken", tries=2)
    server.fail(fault, times=2, where="TAB6684/data")
    with pytest.raises(SourceError, match="TAB6684"):
        scb.indicators("9901", client=broken, **wanted)
    kept = len(list((tmp_path / "broken").rglob("*.answer")))
    before = server.count()
    resumed = scb.indicators("9901", client=make(server, service, tmp_path / "broken"), **wanted)
    pd.testing.assert_frame_equal(resumed, right)
    # config, 2 metadata, 4 data in all; what was kept is not asked for again.
    assert (kept, server.count() - before) == (5, 2)


def test_a_page_instead_of_data_is_told(client, server):
    server.fail(faults.html, where="/data")
    with pytest.raises(SourceError, match="Driftstopp"):
        scb.indicators("9901", indicators=["population"], client=client)


def test_a_table_that_has_moved_is_found_and_the_move_is_told(client, service):
    table = service.tables.pop("TAB6685")
    table.id = "TAB7001"
    service.tables["TAB7001"] = table
    with pytest.warns(DataWarning, match="TAB6685 has moved to TAB7001 .Låg respektive"):
        found = scb.indicators("9901", indicators=["low_economic_standard"], client=client)
    assert set(found["source_table"]) == {"TAB7001"}
    assert found["value"].notna().sum() == len(found) - 3


def test_an_id_that_means_another_table_now_is_not_taken(client, service):
    table = service.tables.pop("TAB6685")
    table.id = "TAB7001"
    service.tables["TAB7001"] = table
    other = service.tables.pop("TAB6684")
    other.id = "TAB6685"
    service.tables["TAB6685"] = other
    with pytest.warns(DataWarning, match="moved to TAB7001"):
        found = scb.indicators("9901", indicators=["low_economic_standard"], client=client)
    assert set(found["source_table"]) == {"TAB7001"}


def test_a_table_only_the_older_interface_has_is_read_there(client, service):
    table = service.tables["TAB6685"]
    table.id = ""
    with pytest.warns(DataWarning, match="moved to HE/HE0110/HE0110I/Tab4InkDesoRegso"):
        found = scb.indicators("9901", indicators=["low_economic_standard"], client=client)
    assert found["value"].notna().sum() == len(found) - 3


def test_a_table_that_is_gone_stops_or_is_left_out_with_a_warning(client, service):
    del service.tables["TAB6685"]
    wanted = ["low_economic_standard", "population"]
    with pytest.raises(SourceError, match=r"TAB6685: is gone.*scb.search"):
        scb.indicators("9901", indicators=wanted, client=client)
    with pytest.warns(DataWarning, match="TAB6685 is left out"):
        found = scb.indicators("9901", indicators=wanted, client=client, on_error="warn")
    assert set(found["indicator"]) == {"population"}


def test_a_code_that_is_gone_stops_only_who_wants_it(client, service):
    table = service.tables["TAB6683"]
    del table.others["Inkomstkomponenter"]["30"]
    found = scb.indicators("9901", indicators=["mean_net_income"], client=client)
    assert found["value"].notna().all()
    with pytest.raises(InputError, match="nothing that is clearly"):
        scb.indicators("9901", indicators=["capital_income_share"], client=client)


def test_what_is_not_known_is_refused(client):
    with pytest.raises(InputError, match="four digits"):
        scb.indicators(["880"], client=client)
    with pytest.raises(InputError, match="geography"):
        scb.indicators("9901", "county", client=client)
    with pytest.raises(UnknownNameError, match=r"official_index.*At hand for deso: "):
        scb.indicators("9901", indicators=["official_index"], client=client)
    with pytest.raises(SourceError, match=r"TAB6574 has no DeSO of the municipality \(9977\)"):
        scb.indicators("9977", indicators=["population"], client=client)


def test_fetched_figures_join_areas_and_keep_their_flags(everything):
    table = everything[0]["regso"]
    codes = sorted(set(table["area_id"]))
    squares = [box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(len(codes))]
    places = gpd.GeoDataFrame({"area_id": codes, "name": codes}, geometry=squares, crs=3006)
    panel = areas.join_indicators(places, table)
    assert len(panel) == 12 * 16
    rows = panel.set_index(["area_id", "period"])
    assert rows.loc[("9901R003", 2025), "population_flag"] == "noise added"
    assert rows.loc[("9901R003", 2023), "post_secondary_share_flag"] == "ages 25-64"
    assert "median_income_flag" not in panel
    newest = areas.latest(panel, ["population", "median_income"])
    assert (newest[0] if isinstance(newest, tuple) else newest)["population"].notna().all()


def test_every_flag_has_words(everything):
    known = json.loads((Path(areas.__file__).parents[1] / "words" / "words.json").read_text(encoding="utf-8"))
    found = {part for table in everything[0].values() for flag in table["flag"] for part in flag.split(", ")}
    promised = {"not published", "empty", "noise added", "ages 25-64", "earlier register"}
    assert (found | promised) - {""} <= set(known["flags"])


# The plan


def test_the_plan_is_what_is_sent(server, service, tmp_path):
    client = make(server, service, tmp_path)
    scb.indicators("9901", client=client)
    plan = scb.requests_for("9901", client=make(server, service, tmp_path))
    sent = {(a.method, a.path, a.body.decode()) for a in server.asked}
    base = server.url
    planned = {(r.method, r.url.removeprefix(base).partition("?")[0], r.body) for r in plan.itertuples()}
    assert planned == sent
    assert plan["kept"].all()


def test_the_plan_for_kalmar_without_network_agrees_with_the_interfaces(tmp_path):
    client = Client(cache=tmp_path, offline=True)
    plan = scb.requests_for("0880", client=client)
    assert not plan["kept"].any()
    assert plan.loc[0, "url"] == "https://statistikdatabasen.scb.se/api/v2/config"
    data = plan[plan["method"] == "POST"].set_index("about")
    data.index = data.index.str.removesuffix(" (codes and years follow the metadata)")
    people = data.loc["population: 0880, DeSO 2025"]
    assert people["url"].startswith("https://statistikdatabasen.scb.se/api/v2/tables/TAB6574/data?lang=sv")
    assert json.loads(people["body"])["selection"] == [
        {"variableCode": "Region", "valueCodes": ["0880*"], "codelist": "vs_DeSO2025"},
        {"variableCode": "Kon", "valueCodes": ["1+2"]},
        {"variableCode": "ContentsCode", "valueCodes": ["000007Y7"]},
        {"variableCode": "Alder", "valueCodes": ["totalt", "20-24", "25-29", "30-34"]},
        {"variableCode": "Tid", "valueCodes": ["2024", "2025"]},
    ]
    assert json.loads(data.loc["work: 0880, DeSO 2018", "body"])["selection"][0]["codelist"] == "vs_DeSO2018"
    regso = scb.requests_for("0880", "regso", indicators=["turnout_regso"], client=client)
    assert regso["url"].iloc[-1] == (
        "https://api.scb.se/OV0104/v1/doris/sv/ssd/AA/AA0003/AA0003J/IntGr11RegSO1"
    )
    sent = json.loads(regso["body"].iloc[-1])
    assert sent["query"][0] == {"code": "Region", "selection": {"filter": "all", "values": ["0880*"]}}
    assert sent["response"] == {"format": "json-stat2"}


def test_offline_says_what_is_lacking(client, server, service, tmp_path):
    scb.indicators("9901", indicators=["population"], client=client)
    offline = make(server, service, tmp_path, offline=True)
    assert len(scb.indicators("9901", indicators=["population", "young_adult_share"], client=offline)) > 0
    with pytest.raises(NotFetchedError, match=r"TAB6684/metadata.*not in the cache"):
        scb.indicators("9901", indicators=["median_income"], client=offline)


def test_definitions_are_whole():
    tables, series = _definitions.tables(), _definitions.series()
    assert {s.table for s in series} == set(tables)
    for one in series:
        others = [s for s in series if s.indicator == one.indicator and s is not one]
        assert all(s.first > one.last or s.last < one.first for s in others), one.indicator
    told = scb.definitions()
    known = catalogue.catalogue()
    for row in told.itertuples():
        assert row.indicator in known.index, row.indicator
        assert (row.kind == "share") == bool(row.whole)
    assert told.loc[told["kind"] == "count", "indicator"].map(catalogue.is_count).all()
    assert told.loc[told["kind"] == "share", "indicator"].map(catalogue.is_share).all()


def test_the_reader_checks_before_anything_is_kept():
    with pytest.raises(TypeError):
        _jsonstat.check({"title": "Too many cells selected"})
