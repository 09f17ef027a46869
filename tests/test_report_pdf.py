"""The report as PDF: tagged, complete, the same every time, and a plain word where it can't be made."""

import builtins
import io
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import pytest
from pypdf import PdfReader
from survey_factory import bare, survey

from segkit import report
from segkit.errors import FileError
from segkit.output.document.pdf import Printer
from segkit.studies.survey import run

NASTY = "<script>alert(1)</script>\"'&{{ 7*7 }}"
WEST_TO_EAST = "שלום مرحبا"

pytestmark = pytest.mark.skipif(bool(report.pdf_problem()), reason="needs weasyprint and pango")


@cache
def _few():
    """Return the survey of four areas only: fewer pages."""
    full = survey()
    return replace(full, areas=full.areas.iloc[:4])


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return report.write(_few(), tmp_path_factory.mktemp("pdf") / "report.pdf", map_html="map.html")


@pytest.fixture(scope="module")
def pdf(path):
    return PdfReader(path)


def _text(pdf):
    # The reader knows no letters outside the basic plane and shows two-byte codes for them.
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).replace("\0", "").split())


def _elements(node):
    """Yield every element of the structure tree."""
    node = node.get_object()
    if isinstance(node, dict):
        yield node
        kids = node.get("/K", [])
        kids = kids.get_object() if hasattr(kids, "get_object") else kids
        for kid in kids if isinstance(kids, list) else [kids]:
            if not isinstance(kid, int):
                yield from _elements(kid)


def test_the_pdf_has_title_language_and_bookmarks(pdf):
    assert pdf.metadata.title == "Kalmar: områden och socioekonomiska förutsättningar"
    assert pdf.trailer["/Root"]["/Lang"] == "sv"
    assert pdf.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]
    first = [item.title for item in pdf.outline if not isinstance(item, list)]
    assert first[0] == "Sammanfattning"
    assert first[-1] == "Faktablad för områdena"
    assert len(first) == 14


def test_the_pdf_is_tagged_and_says_so(pdf):
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    elements = list(_elements(root["/StructTreeRoot"]))
    kinds = {str(e.get("/S")) for e in elements}
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Figure", "/L", "/LI", "/Caption"} <= kinds
    figures = [e for e in elements if e.get("/S") == "/Figure"]
    assert len(figures) >= 2 * len(_few().areas) + 2
    assert all(str(e.get("/Alt", "")) for e in figures)


def test_pages_are_numbered_and_of_a4(pdf):
    n = len(pdf.pages)
    sides = {tuple(sorted(round(float(side)) for side in page.mediabox[2:])) for page in pdf.pages}
    assert sides == {(595, 842)}
    assert [f"{page} / {n}" in pdf.pages[page - 1].extract_text() for page in (1, n)] == [True, True]
    assert "Kalmar: områden" in pdf.pages[-1].extract_text()


def test_the_summary_with_figures_is_on_the_first_page(pdf):
    first = " ".join(pdf.pages[0].extract_text().split())
    assert "har profil 1" in first
    assert "till 0,041)" in first
    assert "3 påståenden är prövade" in first
    assert "Innehåll" in first


def test_each_sheet_has_a_page_of_its_own(pdf):
    names = ["".join(name.split()) for name in _few().areas["name"]]
    last = ["".join(page.extract_text().split()) for page in pdf.pages][-len(names) :]
    assert all(any(name in page for page in last) for name in names)
    assert all("Fältförfält" in page for page in last)


def test_the_letters_travel_with_the_file(pdf):
    fonts = {
        font.get_object()["/BaseFont"].partition("+")[2]
        for page in pdf.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert all(name.startswith("Report") for name in fonts), fonts


def test_nothing_on_paper_asks_for_a_file(pdf):
    assert "Den interaktiva kartan finns i filen map.html" in _text(pdf)
    links = [a.get_object() for page in pdf.pages for a in page.get("/Annots", [])]
    assert links
    assert not [a for a in links if "/URI" in a.get("/A", {})]


def test_same_survey_same_bytes_here_and_in_another_process(path, tmp_path):
    again = report.write(_few(), tmp_path / "a.pdf", map_html="map.html")
    assert again.read_bytes() == path.read_bytes()
    code = (
        "import sys; from test_report_pdf import _few; from segkit import report\n"
        "report.write(_few(), sys.argv[1], map_html='map.html')"
    )
    folder = Path(__file__).parent
    environment = {
        **os.environ,
        "PYTHONPATH": f"{folder.parent}:{folder}",
        "PYTHONHASHSEED": "7",
        "SOURCE_DATE_EPOCH": "12345",
    }
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "b.pdf")], check=True, env=environment)
    assert (tmp_path / "b.pdf").read_bytes() == path.read_bytes()
    assert b"/CreationDate" not in path.read_bytes()


def test_hostile_and_foreign_names_are_text(tmp_path):
    few = _few()
    areas = few.areas.copy()
    areas["name"] = [NASTY, WEST_TO_EAST, "🙂 område", "Mycket " + "långt " * 60 + "namn"]
    text = _text(PdfReader(report.write(replace(few, areas=areas), tmp_path / "a.pdf")))
    assert "<script>alert(1)</script>" in text
    assert "{{ 7*7 }}" in text
    assert "långt långt" in text


def test_a_survey_without_anything_more_is_a_pdf(tmp_path):
    few = bare()
    areas = few.areas.iloc[:2].set_geometry(gpd.GeoSeries([None] * 2, crs=3006, index=few.areas.index[:2]))
    pdf = PdfReader(report.write(replace(few, areas=areas), tmp_path / "a.pdf", language="sv"))
    assert "ingen karta kan ritas" in _text(pdf)


def test_a_page_can_read_no_file_of_the_machine(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>word</text></svg>', encoding="utf-8")
    page = f'<html lang="en"><title>a</title><img alt="x" src="{secret.as_uri()}"><p>rest</p></html>'
    text = _text(PdfReader(io.BytesIO(Printer().print(page))))
    assert "rest" in text
    assert "word" not in text


@pytest.fixture
def no_weasyprint(monkeypatch):
    real = builtins.__import__

    def refuse(error):
        def importer(name, *rest, **options):
            if name.partition(".")[0] == "weasyprint":
                raise error
            return real(name, *rest, **options)

        monkeypatch.setattr(builtins, "__import__", importer)

    return refuse


def test_without_weasyprint_or_pango_the_fix_is_named(tmp_path, no_weasyprint):
    no_weasyprint(ModuleNotFoundError("No module named 'weasyprint'"))
    with pytest.raises(FileError, match=r"weasyprint is not installed .*pip install 'segkit\[pdf\]'"):
        report.write(bare(), tmp_path / "a.pdf")
    no_weasyprint(OSError("cannot load library 'libpango-1.0-0': error 0x7e"))
    with pytest.raises(FileError, match="can't load pango .*open it in a browser and print"):
        report.write_fact_sheets(bare(), tmp_path, formats=["pdf"])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    def full(self, data):
        self.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileError, match="No space left on device"):
        report.write(_few(), tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_fullest_sheets_of_a_real_survey_fill_one_page(tmp_path, language):
    real = run("kalmar", n_bootstrap=99, language=language)
    longest = real.areas["flags"].str.len().nlargest(2).index
    codes = real.areas.loc[longest, "area_id"].tolist()
    made = report.write_fact_sheets(real, tmp_path, areas=codes, formats=["pdf"])
    assert [len(PdfReader(path).pages) for path in made] == [1, 1]
