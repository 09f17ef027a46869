from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from segkit import inequality, measures, polarization, segregation
from segkit.errors import InputError

DOCS = Path(__file__).parents[1] / "docs"


def test_the_catalogue_has_every_measure():
    table = measures.catalogue()
    registries = (segregation.MEASURES, inequality.MEASURES, polarization.MEASURES)
    assert len(table) == sum(map(len, registries))
    assert table.notna().all(axis=None)
    assert not table.duplicated(["name", "kind"]).any()
    assert table["label_sv"].ne(table["name"]).all()
    assert table["label_sv"].ne(table["label_en"]).mean() > 0.8


def test_the_page_of_measures_is_that_of_the_registries():
    page = runpy.run_path(str(DOCS / "write_measures.py"))["text"]()
    assert (DOCS / "measures.md").read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("language", "word"), [("sv", "Olikhetsindex (D)"), ("en", "Dissimilarity index (D)")]
)
def test_tables_have_as_many_cells_in_every_line(language, word):
    text = measures.markdown(language=language)
    assert word in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count(" | ") for line in rows if "---" not in line} == {6}


def test_another_language_is_refused():
    with pytest.raises(InputError, match="language"):
        measures.markdown(language="de")
