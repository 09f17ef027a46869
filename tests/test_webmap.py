"""Interactive maps: one file without a network, right figures, text from data as text."""

import json
import os
import re
from pathlib import Path

import folium
import numpy as np
import pytest
from shapely.geometry import shape

from segkit import areas as sg_areas
from segkit import palettes, webmap
from segkit.errors import FileError, InputError, UnknownNameError
from segkit.webmap._build import as_script
from segkit.webmap._page import _external

INDICATORS = ["employment_rate", "median_income"]
CHROMIUM = Path("/usr/bin/chromium")
EVIL = "<script>alert(1)</script>"

needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("CI"), reason="Debian's chromium is not installed"
)


@pytest.fixture(scope="module")
def kalmar():
    found, _ = sg_areas.latest(sg_areas.load_example("kalmar"), INDICATORS)
    score = sum((found[c] - found[c].mean()) / found[c].std() for c in INDICATORS)
    found["profile"] = np.digitize(score, [-2.5, -1, 0.5, 1.5]) + 1
    found["employment_rate_flag"] = "observed"
    found["employment_rate_se"] = np.nan
    found.loc[0, ["employment_rate_flag", "employment_rate_se"]] = ["modelled", 3.14]
    return found


@pytest.fixture(scope="module")
def page(kalmar, tmp_path_factory):
    path = tmp_path_factory.mktemp("web") / "kalmar.html"
    return webmap.save(webmap.build(kalmar, source="Källa: SCB, https://www.scb.se"), path)


def data_of(text):
    return json.loads(re.search(r"^segkitMap\(\w+, (.*)\);", text, re.MULTILINE)[1])


# The file ---------------------------------------------------------------------------------------


def test_page_is_one_small_file_in_its_language(page, kalmar, tmp_path):
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_size < 600_000
    assert text.startswith('<!DOCTYPE html>\n<html lang="sv">')
    assert "<title>Områden och deras socioekonomiska förutsättningar</title>" in text
    assert "Volodymyr Agafonkin" in text  # Leaflet's license travels with it
    english = webmap.save(webmap.build(kalmar, language="en"), tmp_path / "en.html").read_text(
        encoding="utf-8"
    )
    assert '<html lang="en">' in english


def test_same_map_is_the_same_file(kalmar, page, tmp_path):
    one = webmap.build(kalmar, source="Källa: SCB, https://www.scb.se")
    again = webmap.save(one, tmp_path / "again.html")
    assert again.read_bytes() == page.read_bytes()
    assert webmap.save(one, tmp_path / "twice.html").read_bytes() == page.read_bytes()
    assert one._repr_html_() == webmap.build(kalmar, source="Källa: SCB, https://www.scb.se")._repr_html_()


def test_notebook_frame_links_to_nothing(kalmar):
    frame = webmap.build(kalmar, language="en")._repr_html_()
    assert frame.startswith("<iframe")
    assert frame == webmap.display(webmap.build(kalmar, language="en"))
    assert "cdn.jsdelivr.net" not in frame
    assert 'sandbox="allow-scripts"' in frame


def test_it_is_a_folium_map(kalmar):
    assert isinstance(webmap.build(kalmar), folium.Map)


def test_tiles_and_plugins_need_the_network(kalmar, tmp_path):
    tiled = webmap.build(kalmar, tiles="OpenStreetMap")
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


def test_folder_must_exist(kalmar, tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        webmap.save(webmap.build(kalmar), tmp_path / "none" / "map.html")


# The content ------------------------------------------------------------------------------------


def test_layers_figures_and_legends(kalmar, page):
    data = data_of(page.read_text(encoding="utf-8"))
    assert [layer["title"] for layer in data["layers"]][:2] == ["Profil", "Sysselsättningsgrad"]
    assert len(data["layers"]) == 1 + len(INDICATORS)
    assert [area["id"] for area in data["areas"]] == kalmar["area_id"].tolist()
    for layer in data["layers"]:
        assert len(layer["codes"]) == 43
        counted = [int(row[2].split()[0]) for row in layer["legend"] if row[0]]
        assert sum(counted) == 43
        assert counted == [layer["codes"].count(i) for i in range(len(counted))]
    assert data["layers"][0]["colors"] == [*palettes.sequential(5), palettes.MISSING]


def test_modelled_values_say_so(kalmar, page):
    data = data_of(page.read_text(encoding="utf-8"))
    employment = data["layers"][1]
    assert employment["flagged"] == [1] + [0] * 42
    assert employment["legend"][-1][0] == ""
    assert employment["legend"][-1][2] == "1 område"
    row = next(row for row in data["areas"][0]["rows"] if row[0] == "Sysselsättningsgrad")
    assert re.fullmatch(r"modellera.*, ±3,1 \(standardfel\)", row[2])
    assert sum(data["layers"][2]["flagged"]) == 0


def test_flags_from_another_column(kalmar):
    flagged = kalmar.assign(remark=["modelled, preliminary"] + [None] * 42)
    text = (
        webmap.build(flagged, indicators=[], flags={"profile": "remark"}, language="en").get_root().render()
    )
    data = data_of(text)
    assert data["layers"][0]["flagged"] == [1] + [0] * 42
    assert "modelled" in data["areas"][0]["rows"][0][2]
    assert "preliminary" in data["areas"][0]["rows"][0][2]


def test_missing_values_are_grey_and_counted(kalmar):
    gaps = kalmar.assign(median_income=kalmar["median_income"].where(kalmar.index > 1))
    data = data_of(webmap.build(gaps, indicators=["median_income"], language="en").get_root().render())
    layer = data["layers"][1]
    assert layer["codes"][:2] == [-1, -1]
    assert layer["values"][0] == "no figure"
    assert layer["legend"][-1][:2] == [palettes.MISSING, "no figure"]
    assert layer["legend"][-1][2].startswith("2 areas")


def test_labels_of_own_columns(kalmar):
    own = kalmar.assign(walk=np.linspace(1, 9, 43))
    data = data_of(
        webmap.build(own, indicators=["walk"], labels={"walk": ("Distance", "km")}).get_root().render()
    )
    assert data["layers"][1]["title"] == "Distance"
    assert data["layers"][1]["values"][0] == "1,0\u00a0km"


def test_shapes_keep_their_area(kalmar, page):
    data = data_of(page.read_text(encoding="utf-8"))
    written = [shape(area["geometry"]) for area in data["areas"]]
    original = kalmar.geometry.to_crs(4326)
    assert all(
        abs(a.symmetric_difference(b).area) < 0.01 * b.area for a, b in zip(written, original, strict=True)
    )


def test_two_areas_of_one_name_have_two_search_keys(kalmar):
    twins = kalmar.assign(name=["Twin", "Twin", *kalmar["name"][2:]])
    keys = [area["key"] for area in data_of(webmap.build(twins).get_root().render())["areas"]]
    assert keys[:2] == [f"Twin ({i})" for i in kalmar["area_id"][:2]]
    assert len(set(keys)) == 43


def test_json_can_stand_in_a_script():
    nasty = f"{EVIL}<!-- & https://example.org \u2028 @import url(x) 'Åsa\""
    text = as_script([nasty])
    assert json.loads(text) == [nasty]
    assert not re.search(r"[<>&\u2028]|//|@import|url\(", text)


def test_title_is_escaped(kalmar, tmp_path):
    text = webmap.save(webmap.build(kalmar, title=EVIL), tmp_path / "x.html").read_text(encoding="utf-8")
    assert "<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>" in text
    assert EVIL not in text


def test_input_is_left_alone(kalmar):
    before = kalmar.copy()
    webmap.build(kalmar)
    assert kalmar.equals(before)


def test_errors(kalmar):
    with pytest.raises(UnknownNameError, match="lacks the column"):
        webmap.build(kalmar, indicators=["nothing"])
    with pytest.raises(UnknownNameError, match="lacks the column"):
        webmap.build(kalmar, flags={"profile": "nothing"})
    with pytest.raises(InputError, match="flags: names columns that are not shown"):
        webmap.build(kalmar, indicators=[], flags={"median_income": "name"})
    with pytest.raises(InputError, match="missing in every area"):
        webmap.build(kalmar.assign(median_income=np.nan))
    with pytest.raises(InputError, match="has no rows"):
        webmap.build(kalmar.iloc[:0])
    with pytest.raises(InputError, match="language"):
        webmap.build(kalmar, language="fi")
    with pytest.raises(InputError, match="no coordinate reference system"):
        webmap.build(kalmar.set_crs(None, allow_override=True))


# In a browser, without a network ----------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser):
    """Open files in a browser that is offline; afterwards nothing may have gone wrong."""
    context = browser.new_context(offline=True, viewport={"width": 1100, "height": 750})
    tab = context.new_page()
    trouble = []
    tab.on("console", lambda note: trouble.append(note.text) if note.type in {"error", "warning"} else None)
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    tab.on(
        "request",
        lambda request: trouble.append(request.url) if request.url[:5] not in {"file:", "data:"} else None,
    )

    def open_page(path):
        tab.goto(path.as_uri())
        tab.wait_for_selector("path[data-area]")
        return tab

    yield open_page
    assert trouble == []
    context.close()


def area(tab, area_id):
    return tab.locator(f'path[data-area="{area_id}"]')


@needs_browser
@pytest.mark.browser
def test_every_area_is_drawn_without_a_network(opened, page, kalmar):
    tab = opened(page)
    shapes = tab.locator("path[data-area]")
    assert shapes.count() == 43
    sizes = shapes.evaluate_all("all => all.map(p => p.getBoundingClientRect().width)")
    assert min(sizes) > 1
    fills = dict(zip(kalmar["area_id"], kalmar["profile"], strict=True))
    for area_id in ("0880C1120", "0880A0020"):
        assert area(tab, area_id).get_attribute("fill") == palettes.sequential(5)[fills[area_id] - 1]


@needs_browser
@pytest.mark.browser
def test_click_shows_the_figures(opened, page, kalmar):
    tab = opened(page)
    area(tab, "0880A0020").click()
    row = kalmar.set_index("area_id").loc["0880A0020"]
    shown = tab.locator(".segkit-popup").inner_text()
    assert "Påryd" in shown
    assert f"Profil\t{row['profile']}" in shown
    assert "Folkmängd\t885" in shown
    assert f"{row['employment_rate']:.1f}".replace(".", ",") in shown


@needs_browser
@pytest.mark.browser
def test_other_layer_changes_colors_and_legend(opened, page):
    tab = opened(page)
    before = tab.locator("path[data-area]").evaluate_all("all => all.map(p => p.getAttribute('fill'))")
    assert tab.locator(".segkit-panel h2").inner_text() == "Områdesprofiler"
    tab.get_by_label("Sysselsättningsgrad", exact=True).check()
    after = tab.locator("path[data-area]").evaluate_all("all => all.map(p => p.getAttribute('fill'))")
    assert before != after
    assert tab.locator(".segkit-panel h2").inner_text() == "Sysselsättningsgrad, procent"
    assert "till under" in tab.locator(".segkit-legend").inner_text()
    assert "streckat" in tab.locator(".segkit-legend").inner_text()
    assert area(tab, "0880A0010").get_attribute("fill").startswith("url(#")
    tab.get_by_label("Profil", exact=True).check()
    assert (
        tab.locator("path[data-area]").evaluate_all("all => all.map(p => p.getAttribute('fill'))") == before
    )


@needs_browser
@pytest.mark.browser
@pytest.mark.parametrize("typed", ["Oxhagen", "oxhag", "0880C1120"])
def test_search_finds_oxhagen(opened, page, typed):
    tab = opened(page)
    tab.get_by_label("Sök område").fill(typed)
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".segkit-popup")
    assert tab.locator(".segkit-popup h3").inner_text() == "Oxhagen"


@needs_browser
@pytest.mark.browser
def test_search_says_when_there_is_none(opened, page):
    tab = opened(page)
    tab.get_by_label("Sök område").fill("Atlantis")
    tab.keyboard.press("Enter")
    assert tab.locator(".segkit-status").inner_text() == "Inget område heter så."
    assert tab.locator(".segkit-popup").count() == 0


@needs_browser
@pytest.mark.browser
def test_areas_are_reached_by_keyboard(opened, page):
    tab = opened(page)
    area(tab, "0880C1180").focus()
    assert "Berga. Profil:" in area(tab, "0880C1180").get_attribute("aria-label")
    tab.keyboard.press("Enter")
    assert tab.locator(".segkit-popup h3").inner_text() == "Berga"
    tab.keyboard.press("Escape")
    tab.wait_for_selector(".segkit-popup", state="detached")


@needs_browser
@pytest.mark.browser
def test_text_from_data_is_shown_as_text(opened, kalmar, tmp_path):
    image = "<img src=x onerror=alert(2)>"
    evil = kalmar.assign(name=[EVIL, *kalmar["name"][1:]], employment_rate_flag=[image] + [""] * 42)
    labels = {"employment_rate": (f"A {image}", "</b>")}
    made = webmap.build(
        evil, indicators=["employment_rate"], labels=labels, title=EVIL, source=f"{EVIL} {image}"
    )
    tab = opened(webmap.save(made, tmp_path / "evil.html"))
    tab.get_by_label("Sök område").fill(EVIL)
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".segkit-popup")
    assert tab.locator(".segkit-popup h3").inner_text() == EVIL
    assert image in tab.locator(".segkit-popup small").first.inner_text()
    tab.get_by_label(f"A {image}").check()
    area(tab, "0880A0020").hover(force=True)
    tab.wait_for_selector(".segkit-tooltip")
    assert tab.locator(".segkit-panel h1").inner_text() == EVIL
    assert image in tab.locator(".segkit-source").inner_text()
    assert tab.locator("img").count() == 0


@needs_browser
@pytest.mark.browser
def test_notebook_frame_draws_the_map(browser, kalmar, tmp_path):
    file = tmp_path / "notebook.html"
    file.write_text(f"<!DOCTYPE html><title>x</title>{webmap.build(kalmar)._repr_html_()}", encoding="utf-8")
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(file.as_uri())
    tab.frame_locator("iframe").locator("path[data-area]").first.wait_for()
    assert tab.frame_locator("iframe").locator("path[data-area]").count() == 43
    context.close()


@needs_browser
@pytest.mark.browser
def test_print_hides_the_controls_and_keeps_the_legend(opened, page):
    tab = opened(page)
    tab.emulate_media(media="print")
    assert not tab.locator(".segkit-search").is_visible()
    assert not tab.locator(".segkit-panel details").is_visible()
    assert tab.locator(".segkit-legend").is_visible()
    assert tab.locator(".segkit-source").is_visible()


@needs_browser
@pytest.mark.browser
def test_narrow_screen_keeps_search_and_panel_apart(browser, page):
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 700})
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.wait_for_selector("path[data-area]")
    search, panel = (tab.locator(name).bounding_box() for name in (".segkit-search", ".segkit-panel"))
    assert search["y"] + search["height"] < panel["y"]
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= 390
    context.close()
