"""The follow-up from fetched figures: every row that Kolada backs, from a server that stands in for it."""

import pytest
from standin import StandIn
from standin.kolada import Kolada

from segkit import followup, studies
from segkit.errors import FileError, NotFetchedError
from segkit.sources import Client


@pytest.fixture
def server():
    catalogue = followup.key_figures()
    served = catalogue[catalogue["source"] == "Kolada"]
    with StandIn(Kolada(dict(zip(served["source_id"], served["by_sex"], strict=True)))) as standin:
        yield standin


def make(server, tmp_path, **options):
    return Client(base_urls={"kolada": f"{server.url}/v3"}, cache=tmp_path, **options)


def test_the_report_is_filled(server, tmp_path):
    figures = studies.fetched_figures("kalmar", None, [2021, 2023], client=make(server, tmp_path))
    study = studies.follow_up("kalmar", None, [2021, 2023], figures=figures, language="en")
    table = study.tables["key_figures"]
    backed = table[table["source_id"].str.fullmatch(r"[NU]\d{5}")]
    assert backed["value"].notna().all()
    assert (backed["n_peers"] == 4).all()
    assert "Women and men" in study.document.render()


def test_offline_only_what_was_fetched(server, tmp_path):
    studies.fetched_figures("kalmar", None, [2023], client=make(server, tmp_path))
    n = server.count()
    again = studies.fetched_figures("kalmar", None, [2023], client=make(server, tmp_path, offline=True))
    assert len(again)
    assert server.count() == n
    with pytest.raises(NotFetchedError, match="is not in the cache"):
        studies.fetched_figures("kalmar", None, [2019], client=make(server, tmp_path, offline=True))


def test_a_list_of_codes_is_read(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("0483\n0583\n", encoding="utf-8")
    assert studies.read_codes(path) == ["0483", "0583"]
    with pytest.raises(FileError):
        studies.read_codes(tmp_path / "none.txt")
