"""Interactive maps: one file without a network, right figures, text from data as text."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import folium
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import shape
from webmap_pages import EVIL, SOURCE, data_of

from segkit import palettes, webmap
from segkit.drawing.webmap._build import as_script
from segkit.drawing.webmap._page import _external
from segkit.errors import FileError, InputError, UnknownNameError
from segkit.studies.survey import pictures
from segkit.words.numbers import format_number

# The file ---------------------------------------------------------------------------------------


def test_page_is_one_small_file_in_its_language(map_page, map_areas, tmp_path):
    text = map_page.read_text(encoding="utf-8")
    assert map_page.stat().st_size < 600_000
    assert text.startswith('<!DOCTYPE html>\n<html lang="sv">')
    assert "<title>Områden och deras socioekonomiska förutsättningar</title>" in text
    assert "Volodymyr Agafonkin" in text  # Leaflet's license travels with it
    english = webmap.save(webmap.build(map_areas, language="en"), tmp_path / "en.html").read_text(
        encoding="utf-8"
    )
    assert '<html lang="en">' in english


def test_same_map_is_the_same_file(map_areas, map_history, map_page, tmp_path):
    made = webmap.build(map_areas, history=map_history, index="index", source=SOURCE)
    again = webmap.save(made, tmp_path / "again.html")
    assert again.read_bytes() == map_page.read_bytes()
    assert webmap.save(made, tmp_path / "twice.html").read_bytes() == map_page.read_bytes()
    other = webmap.build(map_areas, history=map_history, index="index", source=SOURCE)
    assert made._repr_html_() == other._repr_html_()


def test_another_process_writes_the_same_file(map_areas, tmp_path):
    map_areas.to_parquet(tmp_path / "areas.parquet")
    code = (
        "import geopandas, sys; from segkit import webmap; folder = sys.argv[1];"
        "areas = geopandas.read_parquet(folder + '/areas.parquet');"
        "webmap.save(webmap.build(areas), folder + '/' + sys.argv[2])"
    )
    for name, seed in (("one.html", "1"), ("two.html", "2")):
        command = [sys.executable, "-c", code, str(tmp_path), name]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    one = (tmp_path / "one.html").read_bytes()
    assert one == (tmp_path / "two.html").read_bytes()
    assert len(one) > 200_000


def test_notebook_frame_links_to_nothing(map_areas):
    frame = webmap.build(map_areas, language="en")._repr_html_()
    assert frame.startswith("<iframe")
    assert frame == webmap.display(webmap.build(map_areas, language="en"))
    assert "cdn.jsdelivr.net" not in frame
    assert 'sandbox="allow-scripts"' in frame


def test_it_is_a_folium_map(map_areas):
    assert isinstance(webmap.build(map_areas), folium.Map)


def test_tiles_and_plugins_need_the_network(map_areas, tmp_path):
    tiled = webmap.build(map_areas, tiles="OpenStreetMap")
    with pytest.raises(InputError, match=r"needs the network for \(https://tile.openstreetmap.org"):
        webmap.save(tiled, tmp_path / "map.html")
    with pytest.raises(InputError, match="needs the network"):
        webmap.save(folium.Map(tiles=None), tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []
    linked = webmap.save(tiled, tmp_path / "map.html", self_contained=False)
    assert "tile.openstreetmap.org" in linked.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "snippet",
    [
        '<img src="https://example.org/a.png">',
        '<link rel="icon" href="icon.png">',
        "<style>@import 'a.css'</style>",
        "<style>p {background: url(a.png)}</style>",
        "<script>fetch('//example.org/x')</script>",
        "<script>L.tileLayer('https://{s}.example.org/{z}')</script>",
        '<p style="background:url(https://example.org/a.png)">',
        '<iframe src="other.html"></iframe>',
    ],
)
def test_everything_that_is_fetched_is_found(snippet):
    assert _external(f"<html>{snippet}</html>")


def test_links_to_click_and_plain_text_are_no_fetches():
    assert _external('<a href="https://example.org">https://example.org</a><img src="data:,">') == []


def test_folder_must_exist(map_areas, tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        webmap.save(webmap.build(map_areas), tmp_path / "none" / "map.html")


def test_a_full_disk_leaves_the_old_file(map_areas, tmp_path, monkeypatch):
    target = tmp_path / "map.html"
    target.write_text("old", encoding="utf-8")
    write = Path.write_text

    def fail(path, text, **options):
        write(path, text[:1000], **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(FileError, match="No space left on device"):
        webmap.save(webmap.build(map_areas), target)
    monkeypatch.undo()
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_may_only_be_read(map_areas, tmp_path, monkeypatch):
    def fail(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", fail)
    with pytest.raises(FileError, match="can't write in .*: Permission denied"):
        webmap.save(webmap.build(map_areas), tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


# The content ------------------------------------------------------------------------------------


def test_layers_figures_and_legends(map_areas):
    data = data_of(webmap.build(map_areas, index="index"))
    titles = ["Profil", "Index", "Sysselsättningsgrad", "Ekonomisk standard (median)"]
    assert [layer["title"] for layer in data["layers"]] == titles
    assert [area["id"] for area in data["areas"]] == map_areas["area_id"].tolist()
    for layer in data["layers"]:
        (one,) = layer["periods"]
        counted = [int(text.split()[0]) for text in one["counts"]]
        assert counted == [one["codes"].count(i) for i in [*range(len(counted) - 1), -1]]
        assert sum(counted) == 43
        assert len(layer["colors"]) == len(layer["classes"]) == len(counted)
    assert data["layers"][0]["colors"] == [*palettes.sequential(5), palettes.MISSING]
    assert data["layers"][2]["periods"][0]["values"][1] == 74.9
    assert data["population"]["values"][1] == 885


def test_index_has_the_colors_of_the_profiles(map_areas):
    layer = data_of(webmap.build(map_areas, index="index", language="en"))["layers"][1]
    lowest = int(map_areas["index"].to_numpy().argmin())
    assert layer["periods"][0]["codes"][lowest] == 0
    assert layer["colors"] == [*palettes.sequential(5), palettes.MISSING]
    assert layer["note"] == "A higher value is stronger conditions."
    assert layer["periods"][0]["values"][lowest] == round(map_areas["index"].min(), 2)
    named = webmap.build(map_areas, index="index", labels={"index": ("Welfare", "points")})
    assert data_of(named)["layers"][1]["heading"] == "Welfare, points"


def test_modelled_values_say_so(map_areas):
    data = data_of(webmap.build(map_areas))
    one = data["layers"][1]["periods"][0]
    assert one["flagged"] == [0]
    assert one["hatched"] == "1 område"
    assert list(one["notes"]) == ["0"]
    assert re.fullmatch(r"modellera.*, ±3,1 \(standardfel\)", one["notes"]["0"])
    assert data["layers"][2]["periods"][0]["flagged"] == []
    assert "hatched" not in data["layers"][2]["periods"][0]


def test_an_observed_value_shows_its_standard_error_and_is_not_hatched(map_areas):
    unsure = map_areas.assign(median_income_se=[2.5, 0.0, *[np.nan] * 41])
    one = data_of(webmap.build(unsure, language="en"))["layers"][2]["periods"][0]
    assert one["notes"] == {"0": "±2.5 (standard error)"}
    assert one["flagged"] == []


def test_what_holds_for_all_is_said_once(map_areas):
    flags = ["modelled, preliminary", *["observed, preliminary"] * 42]
    one = data_of(webmap.build(map_areas.assign(employment_rate_flag=flags)))["layers"][1]["periods"][0]
    assert one["remarks"] == ["Preliminära uppgifter."]
    assert one["flagged"] == [0]
    flags = ["modelled", *["observed, preliminary"] * 42]
    one = data_of(webmap.build(map_areas.assign(employment_rate_flag=flags)))["layers"][1]["periods"][0]
    assert one["remarks"] == []
    assert len(one["flagged"]) == 43


def test_flags_from_another_column(map_areas):
    flagged = map_areas.assign(remark=["modelled, preliminary"] + [None] * 42)
    made = webmap.build(flagged, indicators=[], flags={"profile": "remark"}, language="en")
    one = data_of(made)["layers"][0]["periods"][0]
    assert one["flagged"] == [0]
    assert "modelled" in one["notes"]["0"]
    assert "preliminary" in one["notes"]["0"]


def test_missing_values_are_grey_and_counted(map_areas):
    gaps = map_areas.assign(median_income=map_areas["median_income"].where(map_areas.index > 1))
    layer = data_of(webmap.build(gaps, indicators=["median_income"], language="en"))["layers"][1]
    (one,) = layer["periods"]
    assert one["codes"][:2] == [-1, -1]
    assert one["values"][:2] == one["differences"][:2] == [None, None]
    assert layer["classes"][-1] == "no figure"
    assert layer["colors"][-1] == palettes.MISSING
    assert one["counts"][-1].startswith("2 areas")
    assert one["of"] == "Weighted mean of 41 of 43 areas"


def test_weighted_mean_and_difference(map_areas):
    layer = data_of(webmap.build(map_areas))["layers"][1]
    (one,) = layer["periods"]
    rate, people = map_areas["employment_rate"], map_areas["population"]
    mean = (rate * people).sum() / people.sum()
    assert layer["mean"] == "mean"
    assert one["mean"] == round(mean, 1)
    for i in (0, 7, 42):
        expected = format_number(rate[i] - mean, 1, language="en").replace("−", "-")
        assert f"{one['differences'][i]:.1f}" == expected
    income = data_of(webmap.build(map_areas))["layers"][2]
    assert income["mean"] == "median"
    assert data_of(webmap.build(map_areas))["text"]["mean_of_medians"] == "Vägt medel av områdenas medianer"


def test_no_mean_of_counts_or_without_people(map_areas):
    counted = map_areas.assign(dwellings=np.arange(43))
    layer = data_of(webmap.build(counted, indicators=["dwellings"]))["layers"][1]
    assert layer["mean"] == ""
    assert "differences" not in layer["periods"][0]
    alone = data_of(webmap.build(map_areas.drop(columns="population")))
    assert [layer["mean"] for layer in alone["layers"]] == ["", "", ""]
    assert alone["population"] is None
    unknown = map_areas.assign(population=map_areas["population"].where(map_areas.index > 0))
    assert "mean" not in data_of(webmap.build(unknown))["layers"][1]["periods"][0]


def test_labels_of_own_columns(map_areas):
    own = map_areas.assign(walk=np.linspace(1, 9, 43))
    data = data_of(webmap.build(own, indicators=["walk"], labels={"walk": ("Distance", "km")}))
    layer = data["layers"][1]
    assert (layer["title"], layer["heading"], layer["unit"]) == ("Distance", "Distance, km", "km")
    assert layer["periods"][0]["values"][0] == 1.0


def test_one_value_everywhere_is_one_class(map_areas):
    layer = data_of(webmap.build(map_areas.assign(median_income=250.0)))["layers"][2]
    assert layer["classes"] == ["250", "uppgift saknas"]
    assert set(layer["periods"][0]["codes"]) == {0}
    assert layer["periods"][0]["counts"][0].startswith("43 områden")


def test_shapes_keep_their_area(map_areas):
    written = [shape(found) for found in data_of(webmap.build(map_areas))["shapes"]]
    original = map_areas.geometry.to_crs(4326)
    assert all(
        abs(a.symmetric_difference(b).area) < 0.01 * b.area for a, b in zip(written, original, strict=True)
    )


def test_two_areas_of_one_name_have_two_search_keys(map_areas):
    twins = map_areas.assign(name=["Twin", "Twin", *map_areas["name"][2:]])
    keys = [area["key"] for area in data_of(webmap.build(twins))["areas"]]
    assert keys[:2] == [f"Twin ({i})" for i in map_areas["area_id"][:2]]
    assert len(set(keys)) == 43


def test_json_can_stand_in_a_script():
    nasty = f"{EVIL}<!-- & https://example.org \u2028 @import url(x) 'Åsa\""
    text = as_script([nasty])
    assert json.loads(text) == [nasty]
    assert not re.search(r"[<>&\u2028]|//|@import|url\(", text)


def test_title_is_escaped(map_areas, tmp_path):
    made = webmap.build(map_areas, title=EVIL)
    text = webmap.save(made, tmp_path / "x.html").read_text(encoding="utf-8")
    assert "<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>" in text
    assert EVIL not in text


def test_input_is_left_alone(map_areas, map_history):
    before, history = map_areas.copy(), map_history.copy()
    webmap.build(map_areas, history=map_history)
    assert map_areas.equals(before)
    assert map_history.equals(history)


def test_errors(map_areas):
    with pytest.raises(UnknownNameError, match="lacks the column"):
        webmap.build(map_areas, indicators=["nothing"])
    with pytest.raises(UnknownNameError, match="lacks the column"):
        webmap.build(map_areas, index="nothing")
    with pytest.raises(UnknownNameError, match="lacks the column"):
        webmap.build(map_areas, flags={"profile": "nothing"})
    with pytest.raises(InputError, match="flags: names columns that are not shown"):
        webmap.build(map_areas, indicators=[], flags={"median_income": "name"})
    for column in ("profile", "median_income", "index"):
        with pytest.raises(InputError, match=f"{column}: is missing in every area"):
            webmap.build(map_areas.assign(**{column: np.nan}), index="index")
    with pytest.raises(InputError, match="has no rows"):
        webmap.build(map_areas.iloc[:0])
    with pytest.raises(InputError, match="language"):
        webmap.build(map_areas, language="fi")
    with pytest.raises(InputError, match="no coordinate reference system"):
        webmap.build(map_areas.set_crs(None, allow_override=True))


# Several periods --------------------------------------------------------------------------------


def test_one_set_of_classes_for_all_periods(map_areas, map_history):
    layer = data_of(webmap.build(map_areas, history=map_history))["layers"][1]
    assert [one["period"] for one in layer["periods"]] == ["2022", "2023", "2024"]
    pairs = [
        (value, code)
        for one in layer["periods"]
        for value, code in zip(one["values"], one["codes"], strict=True)
        if value is not None
    ]
    assert len(pairs) == 3 * 43 - 1
    tops = [max(v for v, c in pairs if c == k) for k in range(5)]
    bottoms = [min(v for v, c in pairs if c == k) for k in range(5)]
    assert all(top <= bottom for top, bottom in zip(tops, bottoms[1:], strict=False))
    assert max(abs(sum(c == k for _, c in pairs) - 128 / 5) for k in range(5)) <= 3


def test_an_area_without_a_figure_in_a_period_is_grey_in_it(map_areas, map_history):
    layer = data_of(webmap.build(map_areas, history=map_history))["layers"][1]
    first, _, last = layer["periods"]
    assert (first["values"][1], first["codes"][1]) == (None, -1)
    assert first["counts"][-1].startswith("1 område")
    assert first["of"] == "Vägt medel av 42 av 43 områden"
    assert last["codes"][1] >= 0
    assert "of" not in last


def test_flags_and_means_are_those_of_the_period(map_areas, map_history):
    flagged = map_history.copy()
    flagged.loc[flagged["period"] == 2022, "employment_rate_flag"] = "observed"
    layer = data_of(webmap.build(map_areas, history=flagged))["layers"][1]
    assert [one["flagged"] for one in layer["periods"]] == [[], [0], [0]]
    means = [one["mean"] for one in layer["periods"]]
    assert means[2] - means[1] == pytest.approx(4.0)


def test_weights_are_of_the_period_where_it_has_them(map_areas, map_history):
    people = pd.Series(np.arange(1, 44), index=map_areas["area_id"])
    own = map_history.assign(population=map_history["area_id"].map(people))
    one = data_of(webmap.build(map_areas, history=own))["layers"][1]["periods"][1]
    rate = map_areas["employment_rate"] - 4
    assert one["mean"] == round(np.average(rate, weights=np.arange(1, 44)), 1)
    assert one["remarks"] == []


def test_weights_of_another_period_are_told(map_areas, map_history):
    late = map_areas[["area_id", "population"]].assign(period=2025)
    data = data_of(webmap.build(map_areas, history=pd.concat([map_history, late], ignore_index=True)))
    assert data["population"]["period"] == "2025"
    told = [one["remarks"] for one in data["layers"][1]["periods"]]
    assert told == [["Invånare och vikter: folkmängd 2025."]] * 3


def test_profiles_may_have_a_history_too(map_areas):
    earlier = map_areas[["area_id", "profile"]].assign(period=2020, profile=3)
    now = map_areas[["area_id", "profile"]].assign(period=2024)
    layer = data_of(webmap.build(map_areas, history=pd.concat([earlier, now], ignore_index=True)))["layers"][
        0
    ]
    assert [one["period"] for one in layer["periods"]] == ["2020", "2024"]
    assert set(layer["periods"][0]["codes"]) == {2}
    assert layer["periods"][1]["values"] == map_areas["profile"].tolist()


def test_a_period_without_any_value_is_no_step(map_areas, map_history):
    empty = map_history.assign(
        employment_rate=map_history["employment_rate"].where(map_history["period"] != 2023)
    )
    layer = data_of(webmap.build(map_areas, history=empty))["layers"][1]
    assert [one["period"] for one in layer["periods"]] == ["2022", "2024"]


def test_one_period_is_known_from_the_areas(map_areas):
    layer = data_of(webmap.build(map_areas.assign(period=2024)))["layers"][1]
    assert [one["period"] for one in layer["periods"]] == ["2024"]
    mixed = map_areas.assign(period=[2023] + [2024] * 42)
    assert data_of(webmap.build(mixed))["layers"][1]["periods"][0]["period"] == ""


def test_the_map_of_a_survey_has_index_and_periods(surveyed):
    result = surveyed("kalmar", n_bootstrap=99)
    data = data_of(pictures.web_map(result))
    titles = [layer["title"] for layer in data["layers"]]
    assert titles[:3] == ["Profil", "Index", "Sysselsättningsgrad"]
    periods = {layer["title"]: [one["period"] for one in layer["periods"]] for layer in data["layers"]}
    assert periods["Valdeltagande"] == ["2022", "2026"]
    assert periods["Eftergymnasial utbildning"] == ["2024", "2025"]
    assert periods["Sysselsättningsgrad"] == ["2024"]
    turnout = data["layers"][titles.index("Valdeltagande")]["periods"]
    assert turnout[1]["remarks"][0] == "Preliminära uppgifter."
    assert len(turnout[1]["flagged"]) == 34
    for layer in data["layers"][:2]:
        assert set(layer["periods"][0]["notes"].values()) == {"bygger delvis på ett modellerat värde"}
        assert len(layer["periods"][0]["flagged"]) == 34
    assert data["population"]["period"] == "2025"
    # A survey made without its history has the newest figures.
    alone = data_of(pictures.web_map(replace(result, history=pd.DataFrame())))
    assert all(len(layer["periods"]) == 1 for layer in alone["layers"])


def test_errors_of_the_history(map_areas, map_history):
    strange = map_history.assign(area_id=map_history["area_id"].replace({"0880C1120": "0000X0000"}))
    with pytest.raises(InputError, match=r"history: holds areas that are not in `areas` \(0000X0000\)"):
        webmap.build(map_areas, history=strange)
    other = map_history.assign(employment_rate=map_history["employment_rate"] + 1)
    with pytest.raises(InputError, match="disagrees with `areas` on the newest employment_rate"):
        webmap.build(map_areas, history=other)
    with pytest.raises(InputError, match="has no value of employment_rate in any period"):
        webmap.build(map_areas, history=map_history.assign(employment_rate=np.nan))
    with pytest.raises(InputError, match="none of the columns that the map shows"):
        webmap.build(map_areas, history=map_history[["area_id", "period"]])
    with pytest.raises(InputError, match="more than one row"):
        webmap.build(map_areas, history=pd.concat([map_history, map_history], ignore_index=True))
    with pytest.raises(UnknownNameError, match=r"history: lacks the column \(employment_rate_flag\)"):
        webmap.build(map_areas, history=map_history.drop(columns="employment_rate_flag"))
    with pytest.raises(UnknownNameError, match="period"):
        webmap.build(map_areas, history=map_history.drop(columns="period"))


def test_names_that_look_like_templates_are_text(map_areas, tmp_path):
    names = ["{% raw %}", "{% endraw %}{{ 7 * 7 }}", "{{ 7 * 7 }}", "{# {{{ #}"]
    areas = map_areas.assign(name=names + map_areas["name"].tolist()[len(names) :])
    made = webmap.build(areas, title="Karta {{ 7 * 7 }} {% if %}")
    text = webmap.save(made, tmp_path / "map.html").read_text(encoding="utf-8")
    assert "<title>Karta &#123;&#123; 7 * 7 }} &#123;% if %}</title>" in text
    assert "49" not in "".join(area["name"] for area in data_of(text)["areas"])
    assert [area["name"] for area in data_of(text)["areas"]][: len(names)] == names
