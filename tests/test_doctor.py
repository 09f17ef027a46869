"""The check-up: a line for each source, whatever state it is in."""

import pytest
from standin import StandIn, faults
from standin.kolada import Kolada
from standin.wfs import Wfs
from typer.testing import CliRunner

from segkit.cli import app
from segkit.sources import Client
from segkit.sources.doctor import checkup


@pytest.fixture
def server():
    with StandIn(Kolada({"N05401": True}), Wfs.made_up(["9901A0010"])) as standin:
        yield standin


def make(server, tmp_path, **options):
    bases = {
        "kolada": f"{server.url}/v3",
        "wfs": f"{server.url}/geoserver/stat/wfs",
        "scb": f"{server.url}/no",
    }
    return Client(
        base_urls=bases, cache=tmp_path, tries=1, timeout=(2.0, 2.0), sleep=lambda _: None, **options
    )


def states(table):
    return table.set_index("check")["state"]


def test_a_line_for_each_source(server, tmp_path):
    table = checkup(make(server, tmp_path))
    assert states(table)[["kolada", "wfs", "scb"]].tolist() == ["ok", "ok", "failed"]
    assert "404" in table.set_index("check").loc["scb", "detail"]
    assert states(table)["geopandas"] == "ok"


def test_a_source_that_fails_stops_nothing(server, tmp_path):
    server.fail(faults.status(500), where="municipality")
    table = checkup(make(server, tmp_path))
    assert states(table)["kolada"] == "failed"
    assert len(table) == 14


def test_offline_tells_what_is_kept(server, tmp_path):
    checkup(make(server, tmp_path))
    table = checkup(make(server, tmp_path, offline=True)).set_index("check")
    assert table.loc["kolada", "state"] == "ok"
    assert table.loc["scb", "state"] == "offline"
    assert "answers" in table.loc["cache", "detail"]


def test_the_command_never_fails(tmp_path):
    done = CliRunner().invoke(app, ["doctor", "--offline", "--cache", str(tmp_path)])
    assert done.exit_code == 0
    assert done.output.count("\n") == 15
