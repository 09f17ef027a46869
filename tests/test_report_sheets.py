"""Fact sheets: each figure against the municipality, the rule of what stands apart, files, accessibility."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box
from survey_factory import bare, own_data, survey
from test_report import CHROMIUM, NASTY, Page

from segkit import report
from segkit.errors import FileError, InputError, UnknownNameError
from segkit.output.document.svg import anchors, slug
from segkit.studies.survey.facts import Courses, subjects
from segkit.studies.survey.locator import Locator, sparkline
from segkit.words.text import report_texts as texts


def _four(**columns):
    """Return a survey of four square areas whose figures can be checked by hand."""
    full = survey()
    areas = gpd.GeoDataFrame(
        {
            "area_id": ["a", "b", "c", "d"],
            "name": ["A", "B", "C", "D"],
            "profile": [1, 1, 2, 3],
            "index": [-1.0, -0.5, 0.5, 1.0],
            "population": [100.0, 100.0, 100.0, 700.0],
            "employment_rate": [60.0, 70.0, 80.0, 90.0],
            "flags": "",
            **columns,
        },
        geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)],
        crs=3006,
    )
    return replace(
        full, areas=areas, indicators=("employment_rate",), sources=pd.DataFrame(), official=pd.DataFrame()
    )


def test_mean_spread_and_standing_by_hand():
    (subject,) = subjects(_four())
    # Weighted by population: (60 + 70 + 80 + 7 * 90) / 10 = 84; the variance is 104.
    assert subject.mean == pytest.approx(84)
    assert subject.spread == pytest.approx(np.sqrt(104))
    assert [f.difference for f in subject.facts] == pytest.approx([-24, -14, -4, 6])
    # Half a standard deviation is 5.099: C lies nearer to the mean than that.
    assert [f.standing for f in subject.facts] == [-1, -1, 0, 1]
    assert [f.place for f in subject.facts] == [4, 3, 2, 1]
    assert subject.field == "work"
    assert subject.period == "2024"


def test_without_population_each_area_counts_the_same():
    (subject,) = subjects(_four(population=np.nan))
    assert subject.mean == pytest.approx(75)
    assert not subject.weighted
    text = Page(report.render(_four(population=np.nan), language="en")).text
    assert texts("en")["sheet_note_mean_plain"] in text


def test_an_interval_that_holds_the_mean_is_not_clearly_apart():
    (subject,) = subjects(_four(employment_rate_se=[20.0, 0.0, 0.0, 1.0]))
    # 24 lies within 1.96 * 20; 6 lies outside 1.96 * 1 and beyond half a standard deviation.
    assert [f.standing for f in subject.facts] == [0, -1, 0, 1]
    # Lower end 20.8: still the last; upper end 99.2: the first.
    assert (subject.facts[0].place_first, subject.facts[0].place_last) == (1, 4)
    # 88.04 to 91.96 crosses nobody.
    assert (subject.facts[3].place_first, subject.facts[3].place_last) == (1, 1)


def test_missing_values_have_no_place_and_equal_values_none_apart():
    (subject,) = subjects(_four(employment_rate=[np.nan, 70.0, 70.0, 70.0]))
    assert subject.n == 3
    assert subject.facts[0].missing
    assert [f.standing for f in subject.facts] == [0, 0, 0, 0]
    assert [f.place for f in subject.facts[1:]] == [1, 1, 1]
    assert subjects(_four(employment_rate=np.nan)) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(1, 99), min_size=4, max_size=4),
    st.lists(st.integers(1, 5000).map(float), min_size=4, max_size=4),
)
def test_differences_weighted_by_population_cancel(values, people):
    (subject,) = subjects(_four(employment_rate=values, population=people))
    total = sum(f.difference * n for f, n in zip(subject.facts, people, strict=True))
    assert total == pytest.approx(0, abs=1e-6 * sum(people))
    assert all(f.place_first <= f.place <= f.place_last for f in subject.facts)


def test_the_course_of_an_area_by_hand():
    history = pd.DataFrame(
        {
            "geography": "own",
            "area_id": list("aabbccdd"),
            "indicator": "employment_rate",
            "period": [2020, 2024] * 4,
            "value": [50.0, 60.0, 70.0, 70.0, 80.0, 80.0, 90.0, 90.0],
            "se": [3.0, 4.0, 1.0, 1.0, np.nan, np.nan, np.nan, np.nan],
            "flag": "",
        }
    )
    four = replace(_four(), courses=history)
    (first,) = Courses(four).of(four.areas.iloc[0])
    assert (first.change, first.periods) == (10.0, (2020, 2024))
    # Only A changed, by 10, and has a tenth of the people; its error is the hypotenuse of 3 and 4.
    assert first.mean_change == pytest.approx(1.0)
    assert first.certain is True
    (second,) = Courses(four).of(four.areas.iloc[1])
    assert second.certain is False
    (third,) = Courses(four).of(four.areas.iloc[2])
    assert third.certain is None


def test_locators_share_one_outline_on_screen():
    locator = Locator.of(_four())
    assert (locator.width, locator.height) == (4000, 4000)
    assert locator.boxes[0].tolist() == [0, 2000, 2000, 4000]
    assert re.fullmatch(r"M\d+ \d+l(-?2000 0|0 -?2000)( (-?2000 0|0 -?2000)){2}z", locator.paths[0])
    shared = locator.whole(0, "<b>", shared=True)
    assert "<title>&lt;b&gt;</title>" in shared
    assert 'href="#outline"' in shared
    assert 'href="#outline"' not in locator.whole(0, "x", shared=False)
    assert "circle" not in shared
    assert Locator.of(bare_without_geometry()) is None
    assert 'aria-hidden="true"' in sparkline((1.0, 1.0, 1.0), "x")


def bare_without_geometry():
    few = bare()
    return replace(few, areas=few.areas.set_geometry(gpd.GeoSeries([None] * len(few.areas), crs=3006)))


@cache
def _english():
    return Page(report.render(survey(language="en")))


def test_each_area_has_a_sheet_that_the_table_links_to():
    codes = survey().areas["area_id"]
    page = _english()
    assert {f"sheet-{code}" for code in codes} <= set(page.ids)
    assert {f"#sheet-{code}" for code in codes} <= set(page.links)
    assert {f"#area-{code}" for code in codes} <= set(page.links)


def test_the_sheet_says_what_each_figure_is():
    text = _english().text
    for key in ("sheet_note_mean", "sheet_note_municipal", "sheet_note_place", "sheet_note_interval"):
        assert texts("en")[key] in text
    assert "at least 0.5 standard deviations (between the areas)" in text
    assert "Municipality, official figure" in text
    assert "50.2" in text
    assert "280 (2020), 282 (2021), 284 (2022), 286 (2023)" in text
    assert re.search(
        r"Statistics Sweden's official area type 2022 of the RegSO Norrliden: 1 on the scale", text
    )


def test_nobody_is_labelled():
    for language in ("sv", "en"):
        every = " ".join(texts(language).values()).lower()
        for word in ("utsatt", "problemområd", "ghetto", "vulnerable", "deprived", "segregerat", "orsak"):
            assert word not in every


def test_sheets_are_sorted_as_swedes_do():
    names = ["Ö", "Ä", "Å", "Z"]
    page = Page(report.render(_four(name=names)))
    order = [link for link in page.links if link.startswith("#sheet-")][4:8]
    assert order == ["#sheet-d", "#sheet-c", "#sheet-b", "#sheet-a"]


def test_one_file_per_area(tmp_path):
    made = report.write_fact_sheets(survey(), tmp_path / "sheets")
    assert len(made) == 43
    assert made == sorted((tmp_path / "sheets").iterdir())
    assert (tmp_path / "sheets" / "0880C1210-norrliden-v.html").is_file()
    page = Page(made[0].read_text(encoding="utf-8"))
    assert page.headings[0] == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert not [link for link in page.links if not link.startswith("#")]
    assert max(path.stat().st_size for path in made) < 60_000


def test_the_same_sheets_every_time(tmp_path):
    chosen = ["0880C1210", "0880C1220"]
    first, second = (
        report.write_fact_sheets(survey(), tmp_path / name, areas=chosen) for name in ("one", "two")
    )
    assert [p.name for p in first] == [p.name for p in second]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


@pytest.mark.skipif(bool(report.pdf_problem()), reason="needs weasyprint and pango")
def test_a_sheet_as_pdf_is_one_page(tmp_path):
    from pypdf import PdfReader

    made = report.write_fact_sheets(survey(), tmp_path, areas=["0880C1210"], formats=("html", "pdf"))
    assert [p.suffix for p in made] == [".html", ".pdf"]
    pdf = PdfReader(made[1])
    assert len(pdf.pages) == 1
    assert pdf.metadata.title == "Norrliden V – faktablad, Kalmar"
    assert pdf.trailer["/Root"]["/Lang"] == "sv"
    again = report.write_fact_sheets(survey(), tmp_path / "b", areas=["0880C1210"], formats=["pdf"])
    assert again[0].read_bytes() == made[1].read_bytes()


def test_names_of_files_are_safe():
    codes = ["../../etc/passwd", "A/1", "A\\1", "a1", "A1", "CON", "å ö", ""]
    four = _four()
    areas = pd.concat([four.areas, four.areas], ignore_index=True)
    odd = replace(four, areas=areas.assign(area_id=codes, name="../x/CON.html"))
    safe = anchors(odd.areas["area_id"])
    assert len({name.casefold() for name in safe}) == len(codes)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in safe)
    assert safe[3] == "a1"
    assert slug("../x/CON.html") == "x-con-html"
    assert len(slug("x" * 500)) == 40


def test_odd_codes_become_files_in_the_folder(tmp_path):
    codes = ["../../up", "b/c", "d e", "f"]
    made = report.write_fact_sheets(_four(area_id=codes, name=NASTY), tmp_path / "in")
    assert {p.parent for p in made} == {tmp_path / "in"}
    assert [p.name for p in tmp_path.iterdir()] == ["in"]
    page = Page(made[0].read_text(encoding="utf-8"))
    assert NASTY in page.text
    assert "script" not in {tag for tag, _ in page.tags}


@pytest.mark.parametrize("name", [NASTY, "å" * 3000, "🙂🏘️", "שלום مرحبا", "<!-- --> ]]>", "{% raw %}"])
def test_names_are_text_in_report_and_sheet(tmp_path, name):
    four = _four(name=name)
    pages = [report.render(four)]
    pages += [p.read_text(encoding="utf-8") for p in report.write_fact_sheets(four, tmp_path)]
    for html in pages:
        page = Page(html)
        assert page.open == []
        assert name in page.text
        assert len(page.ids) == len(set(page.ids))


def test_surveys_that_lack_things_have_sheets(tmp_path):
    lacking = {
        "geometry": bare_without_geometry(),
        "periods": bare(),
        "own": own_data(),
        "values": _four(employment_rate=np.nan),
        "profile": _four(profile=[np.nan, 1, 2, 3]),
        "index": _four(index=np.nan),
    }
    for name, each in lacking.items():
        made = report.write_fact_sheets(each, tmp_path / name)
        assert len(made) == len(each.areas)
        text = Page(made[0].read_text(encoding="utf-8")).text
        assert not re.search(r"\bnan\b|\bNone\b|{{", text), name
    assert "Utan profil" in Page(report.render(lacking["profile"])).text


def test_wrong_wishes_are_named(tmp_path):
    with pytest.raises(UnknownNameError, match=r"not in the survey \(x\)"):
        report.write_fact_sheets(survey(), tmp_path, areas=["0880C1210", "x"])
    with pytest.raises(InputError, match="areas: is one text"):
        report.write_fact_sheets(survey(), tmp_path, areas="0880C1210")
    with pytest.raises(InputError, match="areas: is empty"):
        report.write_fact_sheets(survey(), tmp_path, areas=[])
    with pytest.raises(InputError, match="formats: is empty"):
        report.write_fact_sheets(survey(), tmp_path, formats=[])
    with pytest.raises(InputError, match="formats"):
        report.write_fact_sheets(survey(), tmp_path, formats=["docx"])
    with pytest.raises(InputError, match="must be a Survey"):
        report.write_fact_sheets(pd.DataFrame(), tmp_path)
    with pytest.raises(FileError, match="does not exist"):
        report.write_fact_sheets(survey(), tmp_path / "none" / "sheets")
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="is a file, not a folder"):
        report.write_fact_sheets(survey(), tmp_path / "file")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_no_half_sheet(tmp_path, monkeypatch):
    real = Path.write_bytes
    written = []

    def full(self, data):
        if len(written) == 2:
            self.open("wb").close()
            raise OSError(28, "No space left on device")
        written.append(self)
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileError, match="No space left on device"):
        report.write_fact_sheets(_four(), tmp_path / "sheets")
    assert list((tmp_path / "sheets").iterdir()) == []


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
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("what", ["report", "sheet"])
def test_axe_finds_nothing(browser, tmp_path, language, what):
    from axe_playwright_python.sync_playwright import Axe

    spoken = survey(language=language)
    if what == "report":
        path = report.write(spoken, tmp_path / "a.html", map_html="map.html")
    else:
        (path,) = report.write_fact_sheets(spoken, tmp_path, areas=["0880C1210"])
    # The page's own policy allows no script; the checker is one.
    context = browser.new_context(offline=True, bypass_csp=True)
    tab = context.new_page()
    tab.goto(path.as_uri())
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 15
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_a_sheet_fits_the_screen_without_network(browser, tmp_path, width):
    (path,) = report.write_fact_sheets(survey(), tmp_path, areas=["0880C1210"])
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    tab = context.new_page()
    said, asked = [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(path.as_uri())
    assert (said, asked) == ([], [path.as_uri()])
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    drawn = tab.evaluate("[...document.querySelectorAll('.locator svg')].map(s => s.getBBox().width)")
    assert len(drawn) == 2
    assert min(drawn) > 100
    context.close()
