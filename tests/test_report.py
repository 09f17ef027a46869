"""The report: complete, self-contained, safe, accessible, and the same every time."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from matplotlib.figure import Figure
from survey_factory import bare, own_data, survey

from segkit import report
from segkit.errors import FileError, InputError
from segkit.output.document.svg import inline
from segkit.words.text import report_texts as texts

SECTIONS = (
    *("summary", "map", "profiles", "areas", "trends", "changes", "dispersal", "claims", "official"),
    *("method", "sources", "limitations", "repeat", "sheets"),
)

CHROMIUM = "/usr/bin/chromium"
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What the tests ask of a page."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.headings, self.words = [], [], [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.links += [v for k, v in attrs if k in ("href", "src", "xlink:href", "action")]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"[ \n\t]+", " ", " ".join(self.words))


CASES = {
    "sv": lambda: report.render(survey()),
    "en": lambda: report.render(survey(language="en")),
    "own": lambda: report.render(own_data()),
    "bare": lambda: report.render(bare(), language="sv"),
}


@cache
def _html(case):
    return CASES[case]()


@pytest.fixture(scope="module", params=CASES)
def page(request):
    return Page(_html(request.param))


@pytest.fixture(scope="module")
def swedish():
    return _html("sv")


def test_every_section_is_there_in_order(page):
    tags = [attributes.get("id") for tag, attributes in page.tags if tag == "section"]
    assert tags == list(SECTIONS)
    contents = [link[1:] for link in page.links if link.startswith("#")]
    assert set(SECTIONS) <= set(contents)


def test_nothing_is_asked_of_any_network(page):
    assert all(link.startswith("#") for link in page.links)
    assert not {"script", "link", "iframe", "img", "object", "embed", "base"} & {tag for tag, _ in page.tags}


def test_no_address_at_all(swedish):
    assert not re.search(r"(?i)https?:|//[a-z0-9.]+\.[a-z]|@import|url\((?!#)", swedish)
    assert "<script" not in swedish.lower()
    assert not re.search(r"<[^>]+\son[a-z]+=", swedish)


def test_the_page_is_well_formed_and_links_reach(page):
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    labels = [
        a for _, attributes in page.tags for k, v in attributes.items() if k == "aria-labelledby" for a in [v]
    ]
    assert set(labels) <= set(page.ids)


def test_headings_descend_without_leaps(page):
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps)


def test_tables_and_figures_are_named(page):
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption") > 0
    assert tags.count("figure") == tags.count("figcaption") > 0
    assert all(a.get("scope") in ("col", "row", "rowgroup") for tag, a in page.tags if tag == "th")
    pictures = [a for tag, a in page.tags if tag == "svg" and a.get("height") != "0"]
    assert all(a.get("role") == "img" or a["aria-hidden"] == "true" for a in pictures)
    assert tags.count("title") == 1 + len(pictures)


def test_language_of_the_page():
    pages = {name: Page(_html(name)) for name in CASES}
    languages = {name: pages[name].tags[0][1] | dict(pages[name].tags[1][1]) for name in pages}
    assert languages["sv"]["lang"] == "sv"
    assert languages["en"]["lang"] == "en"
    assert "Så upprepas analysen" in pages["sv"].text
    assert "How to repeat the analysis" in pages["en"].text
    for word in ("Profil ", "Sammanfattning", "Källor", "saknas", "procent"):
        assert word not in pages["own"].text


def test_sentences_of_another_language_are_marked():
    html = report.render(survey(language="sv"), language="en")
    assert '<html lang="en">' in html
    assert '<ul lang="sv">' in html
    assert texts("en")["other_language"] in html
    assert texts("sv")["other_language"] not in _html("sv")


def test_both_languages_have_every_sentence_with_the_same_blanks():
    swedish, english = texts("sv"), texts("en")
    assert all(swedish.values())
    assert all(english.values())
    for key, sentence in swedish.items():
        assert re.findall(r"{\w+}", sentence) == [] or sorted(re.findall(r"{\w+}", sentence)) == sorted(
            re.findall(r"{\w+}", english[key])
        ), key


def test_no_blank_is_left(page):
    assert not re.search(r"{\w+}|{{|{%|\bnan\b|\bNone\b", page.text)


def test_summary_gives_the_figures(swedish):
    text = Page(swedish).text
    full = survey()
    people = full.profiles["population"].iloc[0]
    shown = f"{people:,.0f}".replace(",", "\u202f")
    n = full.profiles["n_areas"].iloc[0]
    assert f"{n} av 43 områden har profil 1" in text
    assert shown in text
    assert "1 av 2 prövade förändringar har ett 95-procentsintervall som inte innehåller noll" in text
    first, second = full.changes["sentence"]
    assert text.count(first) == 2
    assert second not in text
    assert "3 påståenden är prövade: 1 stöds av underlaget, 1 stöds inte av underlaget" in text


def test_many_certain_changes_are_shown_one_per_indicator():
    full = survey()
    many = pd.concat([full.changes.iloc[[0]].assign(measure=f"m{i}") for i in range(25)])
    text = Page(report.render(replace(full, changes=many))).text
    assert "25 av 25 prövade förändringar" in text
    summary = text.partition("Karta Karta")[0]
    assert summary.count("olikhetsindex gick från") in (1, 26)
    assert "25 förändringar är prövade. Med 95-procentsintervall väntas omkring 1 av dem" in text


def test_every_area_has_a_row_with_an_anchor(swedish):
    page = Page(swedish)
    areas = survey().areas
    assert {f"area-{code}" for code in areas["area_id"]} <= set(page.ids)
    assert all(name in page.text for name in areas["name"])
    assert {"profile-1", "profile-2", "profile-3"} <= set(page.ids)


def test_modelled_and_missing_values_are_marked(swedish):
    text = Page(swedish).text
    assert "† modellerat värde, inte en officiell uppgift" in text
    assert "± följs av medelfelet" in text
    assert re.search(r"\d,\d ±1,4†ᵖ", text)
    assert "– saknas" in text
    assert "38 av 43 områden; de är streckade på kartan och märkta i tabellen" in text


def test_verdicts_are_words(swedish):
    text = Page(swedish).text
    for said in ("○ Stöds inte av underlaget", "● Stöds av underlaget", "◇ Kan inte prövas med dessa data"):
        assert said in text.replace("\u00a0", " ")


def test_official_types_stand_apart_with_their_year(swedish):
    text = Page(swedish).text
    assert "SCB:s områdestyp 2022 och rapportens medelprofil per RegSO" in text
    assert "inte sammanvägda" in text


def test_method_and_repetition(swedish):
    text = Page(swedish).text
    assert "Felet är då i genomsnitt 2,4 procentenheter 2026." in text
    assert "Slumptalsfröet är 0" in text
    assert "segkit survey kalmar --language sv --profiles 3 --seed 0 --bootstrap 999" in text
    assert "a" * 64 in text


def test_empty_parts_say_so():
    text = Page(report.render(bare(), language="sv")).text
    keys = ("trends_none", "changes_none", "claims_none", "official_none", "dispersal_none", "sources_none")
    for key in (*keys, "limitations_none"):
        assert texts("sv")[key] in text
    assert "segkit survey" not in text


def test_one_period_is_a_state_without_charts():
    html = report.render(own_data())
    assert texts("en")["trends_one"] in html
    assert "trend-0" not in html


def test_areas_without_boundaries_have_no_map():
    full = survey()
    without = full.areas.set_geometry(gpd.GeoSeries([None] * len(full.areas), crs=3006))
    assert texts("sv")["map_none"] in report.render(replace(full, areas=without))
    unknown = full.areas.set_crs(None, allow_override=True)
    assert texts("sv")["map_none"] in report.render(replace(full, areas=unknown))


NASTY = "<script>alert(1)</script>\"'&{{ 7*7 }}"


def test_text_from_data_is_escaped(tmp_path):
    full = survey()
    areas = full.areas.copy()
    areas["name"] = NASTY
    areas["flags"] = NASTY
    hostile = replace(
        full,
        name=NASTY,
        areas=areas,
        profiles=full.profiles.assign(typical_area=NASTY, description=NASTY),
        claims=full.claims.assign(reason=NASTY, verdict=NASTY),
        changes=full.changes.assign(sentence=NASTY),
        sources=full.sources.assign(source=NASTY),
        notes=(NASTY,),
        parameters={NASTY: NASTY},
    )
    html = report.render(hostile)
    assert "<script" not in html.lower()
    page = Page(html)
    assert NASTY in page.text
    assert not [tag for tag, _ in page.tags if tag == "script"]


def test_same_survey_same_bytes_in_another_process(tmp_path):
    path = report.write(survey(), tmp_path / "a.html")
    code = "import sys; from survey_factory import survey; from segkit import report\n"
    code += "report.write(survey(), sys.argv[1])"
    folder = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": f"{folder.parent}:{folder}", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "b.html")], check=True, env=environment)
    assert path.read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_survey_is_not_changed():
    full = survey()
    before = {name: table.copy(deep=True) for name, table in full.tables.items()}
    report.render(full)
    for name, table in full.tables.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_link_to_the_map(tmp_path):
    (tmp_path / "maps").mkdir()
    inside = report.write(bare(), tmp_path / "a.html", map_html="map 1.html").read_text(encoding="utf-8")
    assert 'href="map%201.html"' in inside
    outside = report.write(bare(), tmp_path / "a.html", map_html=tmp_path / "maps" / "m.html")
    assert 'href="maps/m.html"' in outside.read_text(encoding="utf-8")
    script = report.write(bare(), tmp_path / "a.html", map_html="javascript:alert(1)").read_text(
        encoding="utf-8"
    )
    assert "javascript:" not in script
    with pytest.raises(InputError, match="is an address"):
        report.write(bare(), tmp_path / "a.html", map_html="https://example.org/map.html")


def test_wrong_input_is_named_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="must be a Survey"):
        report.write(pd.DataFrame(), tmp_path / "a.html")
    with pytest.raises(InputError, match="language"):
        report.write(bare(), tmp_path / "a.html", language="de")
    with pytest.raises(InputError, match=r"End the name with .html or .pdf"):
        report.write(bare(), tmp_path / "a.docx")
    with pytest.raises(FileError, match="does not exist"):
        report.write(bare(), tmp_path / "none" / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_folder_is_named(tmp_path, monkeypatch):
    def refuse(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(FileError, match="can't write in .*Permission denied"):
        report.write(bare(), tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_inline_figure_keeps_text_and_references():
    figure = Figure()
    ax = figure.subplots()
    ax.plot([0, 1], [0, 1], clip_on=True)
    ax.text(0.5, 0.5, '<b id="x"> url(#y) #abc')
    svg = inline(figure, "one", 'A & "B"')
    assert svg == inline(figure, "one", 'A & "B"')
    page = Page(svg)
    assert '<b id="x"> url(#y) #abc' in page.text
    assert 'A & "B"' in page.text
    clips = re.findall(r"url\(#([^)]+)\)", " ".join(v for _, a in page.tags for v in a.values() if v))
    assert clips
    assert set(clips) <= set(page.ids)
    assert all(identifier.startswith("one-") for identifier in page.ids)
    assert "http" not in svg


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.skip("needs Debian's chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_opens_without_network_and_fits_the_screen(browser, tmp_path, width):
    path = report.write(survey(), tmp_path / "a.html")
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    tab = context.new_page()
    said, asked = [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(path.as_uri())
    assert said == []
    assert asked == [path.as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.locator("h1").count() == 1
    sizes = tab.evaluate(
        "[...document.querySelectorAll('svg[role=img]')].map(s => s.getBoundingClientRect().width)"
    )
    assert all(size > 100 for size in sizes)
    context.close()


@pytest.mark.browser
def test_text_has_contrast_and_the_skip_link_works(browser, tmp_path):
    path = report.write(survey(), tmp_path / "a.html")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    ratios = tab.evaluate(
        """() => {
        const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
            .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b };
        const ground = e => { while (e) { const c = getComputedStyle(e).backgroundColor;
            if (!c.endsWith(', 0)')) return c; e = e.parentElement } return 'rgb(255, 255, 255)' };
        const every = document.querySelectorAll('p, li, a, td, th, caption, figcaption, .code, .unit');
        return [...every].map(e => {
            const a = light(getComputedStyle(e).color) + .05, b = light(ground(e)) + .05;
            return Math.max(a, b) / Math.min(a, b) }) }"""
    )
    assert min(ratios) >= 4.5
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#content")
    tab.close()


@pytest.mark.browser
def test_prints_on_a4_without_cutting_tables(browser, tmp_path):
    path = report.write(survey(), tmp_path / "a.html")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    tab.emulate_media(media="print")
    # The landscape page is 297 mm less two margins of 14 mm, at 96 dots per inch; the others 210 less 30.
    for section, width in (("areas", 1016), ("claims", 680), ("trends", 680)):
        tab.set_viewport_size({"width": width, "height": 900})
        widths = tab.evaluate(f"[...document.querySelectorAll('#{section} table')].map(t => t.scrollWidth)")
        assert widths
        assert max(widths) <= width
    assert tab.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    tab.close()


@pytest.mark.parametrize(
    ("language", "words"), [("sv", "Ett område har profil"), ("en", "One area has profile")]
)
def test_one_area_is_not_several(language, words):
    alone = survey()
    profiles = alone.profiles.copy()
    profiles.loc[profiles["profile"].idxmax(), "n_areas"] = 1
    page = report.render(replace(alone, profiles=profiles), language=language)
    assert words in page
