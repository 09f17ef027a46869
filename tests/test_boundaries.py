"""Boundaries: every area of a municipality once, of the right version and in its place, or an error."""

import json
from pathlib import Path

import pytest
from shapely import Polygon
from standin import Reply, StandIn, faults
from standin.wfs import Wfs, squares

from segkit import areas as panels
from segkit.errors import InputError, NotFetchedError, SourceError, UnknownNameError
from segkit.sources import Client, boundaries

CAPTURES = Path(__file__).parents[2] / "shared" / "captures" / "geo"
DESO = [f"9901{kind}{number:04d}" for kind in "ABC" for number in range(1010, 1210, 10)]


@pytest.fixture
def service():
    return Wfs.made_up([*DESO, "9902A0010"])


@pytest.fixture
def server(service):
    with StandIn(service) as standin:
        yield standin


@pytest.fixture
def client(server, tmp_path):
    return make(server, tmp_path)


def make(server, tmp_path, **options):
    defaults = {"timeout": (2.0, 2.0), "deadline": 5.0, "tries": 2, "sleep": lambda _: None}
    bases = {"wfs": f"{server.url}/geoserver/stat/wfs"}
    return Client(base_urls=bases, cache=tmp_path / "cache", **{**defaults, **options})


def test_all_areas_of_a_municipality(client, server):
    table = boundaries.areas(["9901"], client=client)
    assert table["area_id"].tolist() == sorted(DESO)
    assert table.crs.to_epsg() == 3006
    assert table.area.tolist() == [1e6] * 60
    assert (table["boundary_note"] == "").all()
    assert table["regso_id"].nunique() == 12
    panels.check_panel(table.assign(period=2025))
    assert server.count() == 1


def test_regso_have_names(client):
    table = boundaries.areas(["9901", "9902"], "regso", client=client)
    assert len(table) == 13
    assert table.loc[0, ["area_id", "name"]].tolist() == ["9901R001", "Påhittat 9901R001"]


def test_pages_are_read_to_the_end(client, server, tmp_path, monkeypatch):
    monkeypatch.setattr(boundaries, "PAGE", 25)
    table = boundaries.areas(["9901"], client=client)
    assert len(table) == 60
    assert server.count() == 3
    assert boundaries.areas(["9901"], client=make(server, tmp_path, offline=True)).equals(table)
    assert server.count() == 3


def test_a_layer_that_changes_or_ends_early_is_no_data(client, server, service, monkeypatch):
    monkeypatch.setattr(boundaries, "PAGE", 25)
    whole = service.features

    def shrinking(asked, match):
        reply = whole(asked, match)
        if asked.first("startIndex") != "0":
            page = json.loads(reply.body)
            page["numberMatched"] = 50
            reply.body = json.dumps(page).encode()
        return reply

    server.routes[:] = [("GET", r"/geoserver/stat/wfs", shrinking)]
    with pytest.raises(SourceError, match="held 60 areas, then 50"):
        boundaries.areas(["9901"], client=client)

    def ending(asked, match):
        page = json.loads(whole(asked, match).body)
        if asked.first("startIndex") != "0":
            page.update(features=[], numberReturned=0)
        return Reply.json(page)

    server.routes[:] = [("GET", r"/geoserver/stat/wfs", ending)]
    client.cache.folder = client.cache.folder / "other"
    with pytest.raises(SourceError, match="ended after 25 of 60 areas"):
        boundaries.areas(["9901"], client=client)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda page: page.update(type="Feature"), "no FeatureCollection"),
        (lambda page: page.update(numberReturned=1), "1 areas were announced and 60 came"),
        (lambda page: page.update(crs={"properties": {"name": "EPSG::4326"}}), "coordinates are not EPSG"),
        (lambda page: page["features"][0]["properties"].update(version="2018_v3"), "is of version 2018_v3"),
        (lambda page: page["features"][0]["properties"].update(kommunkod="0180"), "was not asked for"),
        (lambda page: page["features"][0]["properties"].update(desokod="<b>"), "was not asked for"),
        (lambda page: page["features"][0].update(geometry=None), "TypeError"),
        (lambda page: page["features"][0]["geometry"].update(type="Point"), "is no polygon"),
        (lambda page: page["features"].append(page["features"][0]), "60 areas were announced and 61 came"),
    ],
)
def test_what_is_not_as_agreed_is_no_data(client, server, service, spoil, words):
    def spoiled(asked, match):
        page = json.loads(service.features(asked, match).body)
        spoil(page)
        return Reply.json(page)

    server.routes[:] = [("GET", r"/geoserver/stat/wfs", spoiled)]
    with pytest.raises(SourceError, match=words):
        boundaries.areas(["9901"], client=client)


def test_north_before_east_is_no_data(client, service):
    service.layers["stat:DeSO_2025"] = [
        (about, Polygon([(y, x) for x, y in shape.exterior.coords]))
        for about, shape in service.layers["stat:DeSO_2025"]
    ]
    with pytest.raises(SourceError, match="lie outside Sweden"):
        boundaries.areas(["9901"], client=client)


def test_a_boundary_that_crosses_itself_is_mended_and_said_so(client, service):
    about, _ = service.layers["stat:DeSO_2025"][0]
    bow = Polygon([(500_000, 6_300_000), (501_000, 6_301_000), (501_000, 6_300_000), (500_000, 6_301_000)])
    service.layers["stat:DeSO_2025"][0] = (about, bow)
    table = boundaries.areas(["9901"], client=client).set_index("area_id")
    noted = table.index[table["boundary_note"] != ""].tolist()
    assert noted == [about["desokod"]]
    assert table.geometry.is_valid.all()


def test_an_area_twice_is_no_data(client, service):
    service.layers["stat:DeSO_2025"].append(service.layers["stat:DeSO_2025"][0])
    with pytest.raises(SourceError, match="came with an area twice"):
        boundaries.areas(["9901"], client=client)


def test_a_layer_in_xml_is_refused_unread(client, server):
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    server.routes[:] = [("GET", r"/geoserver/stat/wfs", lambda *_: Reply.text(bomb, kind="application/xml"))]
    with pytest.raises(SourceError, match="answered with application/xml where json was expected"):
        boundaries.areas(["9901"], client=client)


def test_an_entity_called_json_is_refused(client, server):
    bomb = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    server.routes[:] = [("GET", r"/geoserver/stat/wfs", lambda *_: Reply.text(bomb, kind="application/json"))]
    with pytest.raises(SourceError, match="not whole or not of the form expected"):
        boundaries.areas(["9901"], client=client)


def test_right_areas_after_a_fault(client, server):
    server.fail(faults.reset)
    assert len(boundaries.areas(["9901"], client=client)) == 60


def test_unknown_municipality(client):
    with pytest.raises(UnknownNameError, match=r"have no deso 2025 \(9999\)"):
        boundaries.areas(["9901", "9999"], client=client)


def test_localities(client, server, service):
    shape = squares(["x"])["x"]
    service.layers["stat:Tatorter_2023"] = [
        ({"tatortskod": "T1", "tatort": "Påhittad", "kommun": "9901", "lan": "99", "bef": 1200}, shape)
    ]
    table = boundaries.localities(["9901"], client=client)
    assert table[["area_id", "name", "population"]].to_numpy().tolist() == [["T1", "Påhittad", 1200]]
    assert boundaries.localities(["9902"], client=client).empty
    with pytest.raises(InputError, match="year: is 2024"):
        boundaries.localities(["9901"], year=2024, client=client)


def test_municipality_boundaries_without_a_network():
    table = boundaries.municipality_boundaries()
    assert len(table) == 290
    assert table.crs.to_epsg() == 3006
    kalmar = panels.load_example("kalmar").drop_duplicates("area_id").union_all()
    outline = table.set_index("area_id").loc["0880", "geometry"]
    assert kalmar.intersection(outline).area > 0.9 * kalmar.area
    with pytest.raises(UnknownNameError, match=r"no municipality of the code \(9999\)"):
        boundaries.municipality_boundaries(["9999"])


def test_what_would_be_sent(tmp_path):
    asks = Client(dry_run=True, cache=tmp_path)
    with pytest.raises(NotFetchedError):
        boundaries.areas(["0880"], client=asks)
    assert asks.planned[0].url == (
        "https://geodata.scb.se/geoserver/stat/wfs?service=WFS&version=2.0.0&request=GetFeature"
        "&typeNames=stat:DeSO_2025&outputFormat=application%2Fjson&srsName=EPSG:3006&sortBy=desokod"
        "&CQL_FILTER=kommunkod+IN+(%270880%27)&count=100&startIndex=0"
    )


@pytest.mark.parametrize(
    ("codes", "match"),
    [
        ([], "must be codes of four digits"),
        (["880"], "must be codes of four digits"),
        ([880], "must be codes of four digits"),
        (["0880') OR ('1'='1"], "must be codes of four digits"),
    ],
)
def test_codes_are_checked_before_they_reach_the_filter(codes, match, client, server):
    with pytest.raises(InputError, match=match):
        boundaries.areas(codes, client=client)
    assert server.count() == 0


def test_unknown_version(client):
    with pytest.raises(InputError, match="deso 2020 does not exist"):
        boundaries.areas(["9901"], version=2020, client=client)


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captured answers are not beside the clone")
def test_captured_answers_have_the_fields_that_are_read():
    page = json.loads((CAPTURES / "scb_geodata_DeSO_2025_features_noGeom.json").read_text(encoding="utf-8"))
    assert page["numberReturned"] == len(page["features"])
    for feature in page["features"]:
        about = feature["properties"]
        assert {"desokod", "regsokod", "kommunkod", "version"} <= set(about)
        assert about["version"].startswith(boundaries.LAYERS["deso", 2025][3])
    page = json.loads((CAPTURES / "scb_geodata_DeSO_2025_wgs84_shape.json").read_text(encoding="utf-8"))
    # This one was asked for in degrees: it must not pass for meters.
    with pytest.raises(ValueError, match="coordinates are not EPSG:3006"):
        boundaries._check_page(page, lambda _: None)
