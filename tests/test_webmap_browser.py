"""Interactive maps in a browser without a network: what is drawn, clicked, found, said and printed."""

import pytest
from webmap_pages import EVIL, area, choose, data_of, fills, find, needs_browser, rows_of

from segkit import palettes, webmap
from segkit.words.numbers import format_number

pytestmark = [needs_browser, pytest.mark.browser]

EMPLOYMENT = "Sysselsättningsgrad"


def legend_of(tab):
    return tab.locator(".segkit-legend").inner_text()


def heading_of(tab):
    return tab.locator(".segkit-panel h2").inner_text()


def test_every_area_is_drawn_without_a_network(opened, map_page, map_areas):
    tab = opened(map_page)
    shapes = tab.locator("path[data-area]")
    assert shapes.count() == 43
    sizes = shapes.evaluate_all("all => all.map(p => p.getBoundingClientRect().width)")
    assert min(sizes) > 1
    profile = dict(zip(map_areas["area_id"], map_areas["profile"], strict=True))
    for area_id in ("0880C1120", "0880A0020"):
        assert area(tab, area_id).get_attribute("fill") == palettes.sequential(5)[profile[area_id] - 1]


def test_click_shows_the_figures(opened, map_page, map_areas):
    tab = opened(map_page)
    area(tab, "0880A0020").click()
    row = map_areas.set_index("area_id").loc["0880A0020"]
    popup = tab.locator(".segkit-popup")
    assert popup.locator("h2").inner_text() == "Påryd"
    assert "Kod 0880A0020. Folkmängd: 885" in popup.inner_text()
    rows = rows_of(tab)
    assert rows["Profil"] == [str(row["profile"]), "", ""]
    mean = (map_areas["employment_rate"] * map_areas["population"]).sum() / map_areas["population"].sum()
    assert rows[EMPLOYMENT] == [
        format_number(row["employment_rate"]) + "\u00a0%",
        format_number(mean) + "\u00a0%",
        format_number(row["employment_rate"] - mean, sign=True),
    ]
    assert rows["Ekonomisk standard (median)"][0] == format_number(row["median_income"], 0)
    assert "Vägt medel av områdenas medianer" in popup.inner_text()
    assert "inte kommunens officiella uppgift" in popup.inner_text()


def test_remarks_stand_with_the_figure(opened, map_page):
    tab = opened(map_page)
    find(tab, "0880A0010")
    remark = tab.locator(".segkit-popup .segkit-remark").first.inner_text()
    assert "modellerat värde, inte en officiell uppgift, ±3,1 (standardfel)" in remark


def test_other_layer_changes_colors_and_legend(opened, map_page):
    tab = opened(map_page)
    before = fills(tab)
    assert heading_of(tab) == "Områdesprofiler"
    choose(tab, EMPLOYMENT)
    after = fills(tab)
    assert before != after
    assert heading_of(tab) == "Sysselsättningsgrad, procent, 2024"
    assert "till under" in legend_of(tab)
    assert "streckat" in legend_of(tab)
    assert area(tab, "0880A0010").get_attribute("fill").startswith("url(#")
    choose(tab, "Index")
    assert heading_of(tab) == "Index"
    choose(tab, "Profil")
    assert fills(tab) == before


def test_slider_changes_colors_legend_and_popup(opened, map_page, map_areas):
    tab = opened(map_page)
    slider = tab.locator("input[type=range]")
    assert not slider.is_visible()
    choose(tab, EMPLOYMENT)
    assert slider.is_visible()
    assert tab.get_by_label("Period: 2024").count() == 1
    find(tab, "Påryd")
    value = map_areas.set_index("area_id").loc["0880C1120", "employment_rate"]
    now, legend = fills(tab), legend_of(tab)
    find(tab, "Oxhagen")
    assert rows_of(tab)[EMPLOYMENT][0] == format_number(value) + "\u00a0%"
    slider.focus()
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowLeft")
    assert tab.get_by_label("Period: 2022").get_attribute("aria-valuetext") == "2022"
    assert fills(tab) != now
    assert legend_of(tab) != legend
    assert heading_of(tab) == "Sysselsättningsgrad, procent, 2022"
    assert rows_of(tab)[EMPLOYMENT][0] == format_number(value - 10) + "\u00a0%"
    assert area(tab, "0880A0020").get_attribute("fill") == palettes.MISSING
    assert "uppgift saknas" in legend_of(tab)
    assert "uppgift saknas" in area(tab, "0880A0020").get_attribute("aria-label")
    assert tab.locator(".segkit-panel [role=status]").last.inner_text() == heading_of(tab)
    choose(tab, "Ekonomisk standard (median)")
    assert not slider.is_visible()


def test_the_line_over_time_is_told_in_words(opened, map_page, map_areas):
    tab = opened(map_page)
    find(tab, "Oxhagen")
    value = map_areas.set_index("area_id").loc["0880C1120", "employment_rate"]
    years = zip((2022, 2023, 2024), (value - 10, value - 4, value), strict=True)
    told = "; ".join(f"{year} {format_number(found)}\u00a0%" for year, found in years)
    lines = tab.locator(".segkit-popup svg")
    assert lines.count() == 1
    assert lines.get_attribute("aria-label") == f"{EMPLOYMENT}: {told}"
    ys = [float(dot.get_attribute("cy")) for dot in lines.locator("circle").all()]
    assert ys[0] > ys[1] > ys[2]


@pytest.mark.parametrize("typed", ["Oxhagen", "oxhag", "0880C1120"])
def test_search_finds_oxhagen(opened, map_page, typed):
    tab = opened(map_page)
    find(tab, typed)
    assert tab.locator(".segkit-popup h2").inner_text() == "Oxhagen"


def test_search_says_when_there_is_none(opened, map_page):
    tab = opened(map_page)
    tab.get_by_label("Sök område").fill("Atlantis")
    tab.keyboard.press("Enter")
    assert tab.locator(".segkit-search [role=status]").inner_text() == "Inget område heter så."
    assert tab.locator(".segkit-popup").count() == 0


def test_all_by_keyboard(opened, map_page):
    tab = opened(map_page)
    stops = []
    for _ in range(12):
        tab.keyboard.press("Tab")
        stops.append(tab.evaluate("() => document.activeElement.tagName + document.activeElement.type"))
    # Zoom, search, choice of layer and table come before the areas.
    assert stops.index("INPUTsearch") < stops.index("SELECTselect-one")
    assert stops.index("SELECTselect-one") < stops.index("BUTTONbutton") < stops.index("pathundefined")
    area(tab, "0880C1180").focus()
    assert "Berga. Profil:" in area(tab, "0880C1180").get_attribute("aria-label")
    tab.keyboard.press("Enter")
    assert tab.locator(".segkit-popup h2").inner_text() == "Berga"
    inside = "() => document.querySelector('.leaflet-popup').contains(document.activeElement)"
    assert tab.evaluate(inside)
    tab.keyboard.press("Escape")
    tab.wait_for_selector(".segkit-popup", state="detached")
    assert tab.evaluate("() => document.activeElement.getAttribute('data-area')") == "0880C1180"
    find(tab, "Oxhagen")
    tab.get_by_role("button", name="Stäng").click()
    assert tab.evaluate("() => document.activeElement.type") == "search"


def test_the_area_in_focus_is_seen(opened, map_page):
    tab = opened(map_page)
    area(tab, "0880C1180").focus()
    lines = tab.locator(".segkit-outline")
    assert lines.count() == 2
    box, around = area(tab, "0880C1180").bounding_box(), lines.last.bounding_box()
    assert all(abs(box[side] - around[side]) < 6 for side in box)


def test_table_lists_all_areas(opened, map_page, map_areas):
    tab = opened(map_page)
    choose(tab, EMPLOYMENT)
    tab.get_by_role("button", name="Visa som tabell").click()
    table = tab.get_by_role("table")
    assert table.locator("tbody tr").count() == 43
    assert "Sysselsättningsgrad, procent, 2024" in table.locator("caption").inner_text()
    table.get_by_role("button", name="Värde").click()
    assert table.locator("th[aria-sort=descending]").inner_text() == "Värde ▼"
    values = table.locator("tbody .segkit-value").all_inner_texts()
    ordered = map_areas["employment_rate"].sort_values(ascending=False)
    assert values == [format_number(v) + "\u00a0%" for v in ordered]
    tab.locator("input[type=range]").press("Home")
    assert "2022" in table.locator("caption").inner_text()
    assert table.locator("tbody .segkit-value").last.inner_text() == "uppgift saknas"
    assert "modellerat" in table.inner_text()
    tab.get_by_role("button", name="Visa karta").click()
    assert not table.is_visible()
    assert area(tab, "0880C1180").is_visible()


ODD_NAMES = [
    EVIL,
    "</script><script>alert(3)</script>",
    "Norra\u2028Södra",
    "Ö" * 300,
    "🏡 Villastaden 👨‍👩‍👧‍👦",
    "ירושלים (מזרח)",
    '"O\'Hara" & <b>Åsa</b> \\ `${alert(4)}`',
]


def test_text_from_data_is_shown_as_text(opened, map_areas, tmp_path):
    image = "<img src=x onerror=alert(2)>"
    names = [*ODD_NAMES, *map_areas["name"][len(ODD_NAMES) :]]
    evil = map_areas.assign(name=names, employment_rate_flag=[image] + [""] * 42)
    labels = {"employment_rate": (f"A {image}", "</b>")}
    made = webmap.build(
        evil, indicators=["employment_rate"], labels=labels, title=EVIL, source=f"{EVIL} {image}"
    )
    tab = opened(webmap.save(made, tmp_path / "evil.html"))
    choose(tab, f"A {image}")
    for code, name in zip(evil["area_id"], ODD_NAMES, strict=False):
        find(tab, code)
        heading = tab.locator(".segkit-popup h2")
        assert heading.text_content() == name
        assert heading.get_attribute("dir") == "auto"
        box = tab.locator(".leaflet-popup").bounding_box()
        assert box["width"] < 460
        tab.keyboard.press("Escape")
    find(tab, evil["area_id"][0])
    assert image in tab.locator(".segkit-popup .segkit-remark").first.inner_text()
    tab.keyboard.press("Escape")
    area(tab, "0880A0020").hover(force=True)
    tab.wait_for_selector(".segkit-tooltip")
    tab.get_by_role("button", name="Visa som tabell").click()
    assert tab.locator("tbody th").all_text_contents().count(EVIL) == 1
    assert tab.locator(".segkit-panel h1").inner_text() == EVIL
    assert image in tab.locator(".segkit-source").inner_text()
    assert tab.locator("img, b").count() == 0


def test_notebook_frame_draws_the_map(opened, map_areas, map_history, tmp_path):
    made = webmap.build(map_areas, history=map_history)
    file = tmp_path / "notebook.html"
    dark = "<style>:root{color-scheme:dark}body{background:#111;color:#eee}</style>"
    page = f"<!DOCTYPE html><meta charset=utf-8><title>x</title>{dark}{made._repr_html_()}"
    file.write_text(page, encoding="utf-8")
    tab = opened(file, inside="iframe")
    frame = tab.frame_locator("iframe")
    assert frame.locator("path[data-area]").count() == 43
    assert frame.locator(".segkit-panel h1").inner_text().startswith("Områden")
    find_in = frame.get_by_label("Sök område")
    find_in.fill("Oxhagen")
    find_in.press("Enter")
    assert frame.locator(".segkit-popup h2").inner_text() == "Oxhagen"
    style = "node => getComputedStyle(node).backgroundColor"
    assert frame.locator(".segkit-map").evaluate(style) == "rgb(255, 255, 255)"
    assert find_in.evaluate(style) == "rgb(255, 255, 255)"


def test_print_fits_map_legend_and_source_on_one_page(opened, map_page, tmp_path):
    import pypdf

    tab = opened(map_page)
    before = area(tab, "0880C1180").bounding_box()
    file = tmp_path / "map.pdf"
    tab.pdf(path=file, prefer_css_page_size=True)
    (sheet,) = pypdf.PdfReader(file).pages
    assert sheet.mediabox.width > sheet.mediabox.height
    text = sheet.extract_text()
    assert "Källa: SCB" in text
    assert "svagast förutsättningar" in text
    assert "Sök område" not in text
    assert area(tab, "0880C1180").bounding_box() == before
    tab.emulate_media(media="print")
    assert not tab.locator(".segkit-search").is_visible()
    assert not tab.locator(".segkit-choice").is_visible()
    assert tab.locator(".segkit-legend").is_visible()


def test_narrow_screen_has_the_panel_below(opened, map_page):
    tab = opened(map_page, width=390, height=700)
    panel = tab.locator(".segkit-panel").bounding_box()
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= 390
    boxes = [shape.bounding_box() for shape in tab.locator("path[data-area]").all()]
    assert max(box["y"] + box["height"] for box in boxes) <= panel["y"]
    find(tab, "Oxhagen")
    popup = tab.locator(".leaflet-popup").bounding_box()
    assert popup["x"] >= 0
    assert popup["x"] + popup["width"] <= 390
    # The figures have the screen to themselves until they are closed.
    assert not tab.locator(".segkit-panel").is_visible()
    tab.keyboard.press("Escape")
    assert tab.evaluate("() => document.activeElement.type") == "search"


def test_another_width_fits_the_map_again(opened, map_page):
    tab = opened(map_page)
    tab.set_viewport_size({"width": 550, "height": 420})
    tab.wait_for_function("document.querySelector('.segkit-panel').getBoundingClientRect().left < 20")
    panel = tab.locator(".segkit-panel").bounding_box()
    boxes = [shape.bounding_box() for shape in tab.locator("path[data-area]").all()]
    assert max(box["y"] + box["height"] for box in boxes) <= panel["y"] + 1


@pytest.mark.parametrize("state", ["map", "popup", "slider", "table", "narrow"])
def test_accessible(opened, map_page, state):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import expect

    tab = opened(map_page, width=390 if state == "narrow" else 1100)
    if state not in {"map", "narrow"}:
        choose(tab, EMPLOYMENT)
    if state == "popup":
        find(tab, "Oxhagen")
        # A popup that fades in has no contrast yet.
        expect(tab.locator(".leaflet-popup")).to_have_css("opacity", "1")
    elif state == "slider":
        tab.locator("input[type=range]").press("Home")
    elif state == "table":
        tab.get_by_role("button", name="Visa som tabell").click()
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 20


def test_english_map_has_no_swedish_words(opened, map_areas, map_history, tmp_path):
    made = webmap.build(map_areas, history=map_history, index="index", language="en")
    assert data_of(made)["text"]["close"] == "Close"
    tab = opened(webmap.save(made, tmp_path / "en.html"))
    choose(tab, "Employment rate", label="Choose a map")
    find(tab, "Oxhagen", label="Find an area")
    text = tab.locator("body").inner_text()
    for word in ("Vägt", "Skillnad", "Visa", "Sök", "områden", "uppgift", "Värde"):
        assert word not in text
    assert "Weighted mean" in text
    assert tab.get_by_role("button", name="Zoom in").count() == 1
