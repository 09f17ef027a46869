"""Kolada: right figures with their status or a clear error, and the follow-up that is made from them."""

import numpy as np
import pandas as pd
import pytest
from standin import StandIn, faults
from standin.kolada import Kolada, figure

from segkit import followup
from segkit.errors import InputError, NotFetchedError, SourceError
from segkit.sources import Client, kolada

KPIS = {"N00945": False, "N07907": True, "N05401": True}
PEERS = ["0780", "1080", "1290", "1380"]


@pytest.fixture
def service():
    return Kolada(KPIS)


@pytest.fixture
def server(service):
    with StandIn(service) as standin:
        yield standin


@pytest.fixture
def client(server, tmp_path):
    return make(server, tmp_path)


def make(server, tmp_path, **options):
    bases = {"kolada": f"{server.url}/v3"}
    defaults = {"timeout": (2.0, 2.0), "deadline": 5.0, "tries": 3, "sleep": lambda _: None}
    return Client(base_urls=bases, cache=tmp_path / "cache", **{**defaults, **options})


def test_figures_by_sex_and_year(client):
    table = kolada.values(list(KPIS), ["0880", "00"], [2023, 2024], client=client)
    # One by all, two by three: 7 for each of two places and two years.
    assert len(table) == 7 * 2 * 2
    assert table["municipality"].unique().tolist() == ["00", "0880"]
    for row in table.itertuples():
        place = {"00": "0000"}.get(row.municipality, row.municipality)
        assert row.value == figure(row.kpi, place, row.sex, row.period)
    assert (table["status"] == "").all()


def test_status_is_kept_and_withdrawn_rows_are_not(service, client):
    service.missing = {("N07907", "0880", 2024, "K"): "Privacy", ("N07907", "0880", 2024, "M"): "Missing"}
    service.deleted = {("N07907", "0880", 2024, "T")}
    table = kolada.values(["N07907"], ["0880"], [2024], client=client)
    assert table[["sex", "status"]].to_numpy().tolist() == [["K", "Privacy"], ["M", "Missing"]]
    assert table["value"].isna().all()


def test_at_most_25_ids_in_a_part_of_the_address(tmp_path):
    many = {f"N{number:05d}": False for number in range(60)}
    with StandIn(Kolada(many, years=range(1980, 2026))) as server:
        table = kolada.values(list(many), ["0880"], range(1990, 2024), client=make(server, tmp_path))
        assert len(table) == 60 * 34
        assert server.count("/v3/data") == 3 * 2


def test_pages_are_followed_to_the_end(tmp_path):
    with StandIn(Kolada(KPIS, per_page=3)) as server:
        client = make(server, tmp_path)
        table = kolada.values(list(KPIS), ["0880", "0780"], [2022, 2023], client=client)
        assert len(table) == 7 * 2 * 2
        assert server.count("/v3/data") == 4
        kinds = kolada.metadata("municipality", client=client)
        assert "0880" in set(kinds["id"])
        again = kolada.values(list(KPIS), ["0880", "0780"], [2022, 2023], client=make(server, tmp_path))
        assert again.equals(table)
        assert server.count("/v3/data") == 4


def test_titles_are_searched(client):
    found = kolada.metadata("kpi", client=client, title="N05")
    assert found["id"].tolist() == ["N05401"]


def test_nothing_is_asked_twice_and_offline_answers_from_what_was_kept(server, client, tmp_path):
    table = kolada.values(["N05401"], ["0880"], [2024], client=client)
    n = server.count()
    offline = make(server, tmp_path, offline=True)
    assert kolada.values(["N05401"], ["0880"], [2024], client=offline).equals(table)
    assert server.count() == n
    with pytest.raises(NotFetchedError, match="is not in the cache"):
        kolada.values(["N05401"], ["0880"], [2023], client=offline)


@pytest.mark.parametrize(
    "fault",
    [
        faults.too_many(1),
        faults.status(500),
        faults.reset,
        faults.hang_up,
        faults.truncated,
        faults.html_called_json,
    ],
)
def test_right_figures_after_a_fault(server, client, fault):
    server.fail(fault)
    table = kolada.values(["N05401"], ["0880"], [2024], client=client)
    assert table["value"].tolist() == [figure("N05401", "0880", sex, 2024) for sex in "KMT"]


def test_a_page_of_the_network_is_no_data(server, client):
    server.fail(faults.html)
    with pytest.raises(SourceError, match=r"answered with text/html.*Driftstopp"):
        kolada.values(["N05401"], ["0880"], [2024], client=client)


def test_a_lasting_fault_loses_nothing_that_was_fetched(server, client, tmp_path):
    many = [*KPIS, *(f"X{number:05d}" for number in range(30))]
    server.fail(faults.status(500), times=3, where="X00029")
    with pytest.raises(SourceError, match="run again later and only the rest is asked for"):
        kolada.values(many, ["0880"], [2024], client=client)
    n = server.count("N05401")
    kolada.values(many, ["0880"], [2024], client=make(server, tmp_path))
    assert server.count("N05401") == n


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda page: page.pop("values"), "no list called values"),
        (lambda page: page.update(count=99), "count is 99"),
        (lambda page: page["values"][0].update(kpi="N99999"), "was not asked for"),
        (lambda page: page["values"][0].update(period="2024"), "was not asked for"),
        (lambda page: page["values"][0].update(values=None), "no list of values"),
        (lambda page: page["values"][0]["values"][0].update(value="12"), "where a number belongs"),
        (lambda page: page["values"][0]["values"][0].update(value=True), "where a number belongs"),
        (lambda page: page["values"][0]["values"][0].update(gender="X"), "has the sex"),
        (lambda page: page["values"][0]["values"][0].pop("value"), "'value'"),
        (lambda page: page["values"].append(7), "no object|count is"),
    ],
)
def test_what_is_not_as_agreed_is_no_data(server, service, client, change, words):
    whole = service.page

    def spoiled(asked, rows):
        import json

        reply = whole(asked, rows)
        page = json.loads(reply.body)
        change(page)
        reply.body = json.dumps(page).encode()
        return reply

    service.page = spoiled
    with pytest.raises(SourceError, match=words):
        kolada.values(["N05401"], ["0880"], [2024], client=client)
    assert not list((client.cache.folder).rglob("*.part"))


def test_a_circle_of_pages_ends(server, service, client):
    whole = service.page

    def circle(asked, rows):
        import json

        reply = whole(asked, rows)
        page = json.loads(reply.body) | {"next_url": f"{server.url}/v3/data/circle"}
        reply.body = json.dumps(page).encode()
        return reply

    service.page = circle
    service.routes.append(("GET", "/v3/data/circle", lambda asked, _: circle(asked, [])))
    server.routes.append(service.routes[-1])
    with pytest.raises(SourceError, match="leads back to a page that was read"):
        kolada.values(["N05401"], ["0880"], [2024], client=client)


def test_a_dry_run_tells_every_first_page(tmp_path):
    asks = Client(dry_run=True, cache=tmp_path)
    many = [f"N{number:05d}" for number in range(26)]
    assert kolada.values(many, ["0880"], [2024], client=asks).empty
    assert [request.url.count("N0") for request in asks.planned] == [25, 1]
    assert asks.planned[1].url == (
        "https://api.kolada.se/v3/data/kpi/N00025/municipality/0880/year/2024?per_page=5000"
    )


def test_errors(client):
    for arguments, match in [
        (([], ["0880"], [2024]), "kpis: must be a list"),
        ((["N05401"], [], [2024]), "municipalities: must be a list"),
        ((["N05401"], ["0880"], []), "periods: must be a list"),
        (("N05401", ["0880"], [2024]), "kpis: and municipalities must be lists"),
        ((["N5401"], ["0880"], [2024]), r"a letter and five digits \(N5401\)"),
        ((["N05401"], ["880"], [2024]), r"codes of four digits \(880\)"),
        ((["N05401"], ["0880"], ["2024"]), "periods: must be years"),
    ]:
        with pytest.raises(InputError, match=match):
            kolada.values(*arguments, client=client)
    with pytest.raises(InputError, match="kind"):
        kolada.metadata("data", client=client)


# The follow-up ----------------------------------------------------------------------------------


@pytest.fixture
def whole(tmp_path):
    catalogue = followup.key_figures()
    served = catalogue[catalogue["source"] == "Kolada"]
    service = Kolada(dict(zip(served["source_id"], served["by_sex"], strict=True)))
    service.missing = {("N07907", "0880", 2024, "K"): "Privacy", ("N07907", "0880", 2025, "K"): "Privacy"} | {
        ("N07907", "0880", year, "K"): "Privacy" for year in range(2018, 2026)
    }
    with StandIn(service) as server:
        yield make(server, tmp_path)


def test_every_row_that_kolada_backs_is_filled_by_sex(whole):
    figures = followup.fetch_figures(["0880", *PEERS], range(2018, 2026), client=whole)
    table = followup.table("0880", figures=figures, language="en")
    backed = table[table["source_id"].str.fullmatch(r"[NU]\d{5}")].set_index(["key_figure", "sex"])
    hidden = ("crowding_norm_2", "K")
    assert backed["value"].drop(hidden).notna().all()
    assert backed.loc[hidden, "reason"] == "The source says: suppressed."
    rest = backed.drop(hidden)
    assert (rest["n_peers"] == 4).all()
    assert (rest["period"] == 2025).all()
    assert (rest["previous_period"] == 2023).all()
    assert rest["difference_sweden"].notna().all()
    row = rest.loc[("turnout_foreign_born", "M")]
    value = figure("U65861", "0880", "M", 2025)
    assert row["value"] == value
    assert row["change"] == pytest.approx(value - figure("U65861", "0880", "M", 2023))
    assert row["gap"] == pytest.approx(figure("U65861", "0880", "K", 2025) - value)
    median = np.median([figure("U65861", peer, "M", 2025) for peer in PEERS])
    assert row["difference_peers"] == pytest.approx(value - median)
    assert row["source"] == "Kolada U65861"


def test_only_some_key_figures(whole):
    figures = followup.fetch_figures(["0880"], [2025], client=whole, key_figure_ids=["crowding_norm_2"])
    assert set(figures["key_figure"]) == {"crowding_norm_2"}
    assert figures.loc[figures["municipality"] == "0880", "flag"].tolist() == ["suppressed", "", ""]
    with pytest.raises(InputError, match=r"are not served by Kolada \(hate_crime\)"):
        followup.fetch_figures(["0880"], [2025], client=whole, key_figure_ids=["hate_crime"])


def test_fetched_and_embedded_have_the_same_columns(whole):
    figures = followup.fetch_figures(["0880"], [2025], client=whole)
    assert list(figures.columns) == list(followup.embedded_figures().columns)
    assert isinstance(figures, pd.DataFrame)
