"""The form of a description: the same as the toml, in both languages, and safe."""

from __future__ import annotations

import tomllib
import zipfile

import openpyxl
import pandas as pd
import pytest
from test_frame_cases import CASES, DESCRIBED, EXPECTED, OPEN, answers, assert_same, folder_of

from segkit.panels.frame import FrameError, UnansweredError, prepare, read
from segkit.panels.frame.description import FORM, TOML, _read, from_mapping
from segkit.panels.frame.form_sheets import write_form

__all__ = ["folder_of"]

NONE = pd.DataFrame({"must": pd.Series(dtype=bool), "setting": pd.Series(dtype=str)})
CASE = pytest.mark.skipif(not CASES.is_dir(), reason="the folder of worked cases is not here")


def of_form(path, values, language):
    write_form(path, values, NONE, language=language, areas=[], unknown=[])
    return _read(path)


def contents(found):
    lists = [
        [entry.content for entry in entries] for entries in (found.tables, found.indicators, found.claims)
    ]
    return [found.survey.content, found.areas.content, *lists]


@CASE
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("name", DESCRIBED)
def test_a_form_says_what_the_toml_says(name, language, tmp_path):
    values = tomllib.loads(answers(name).read_text("utf-8"))
    found = of_form(tmp_path / FORM, values, language)
    assert contents(found) == contents(from_mapping(values, "description"))


@CASE
@pytest.mark.parametrize("name", list(EXPECTED))
def test_a_form_is_read_as_the_toml(name, folder_of):
    folder = folder_of(name)
    draft = prepare(folder)
    draft.save(workbook=True)
    if name in OPEN:
        assert_same(read(folder), read(folder, description=tomllib.loads(draft.text)))
        return
    with pytest.raises(UnansweredError) as by_form:
        read(folder)
    (folder / FORM).unlink()
    draft.save()
    with pytest.raises(UnansweredError) as by_toml:
        read(folder)
    assert list(by_form.value.questions["what"]) == list(by_toml.value.questions["what"])


def small(folder):
    (folder / "tal.csv").write_text("Kod;2022;2023\nA01;1,5;2\nA02;3;4,5\n", encoding="utf-8")
    return prepare(folder)


def test_both_descriptions_and_a_form_that_is_there_are_refused(tmp_path):
    draft = small(tmp_path)
    draft.save(workbook=True)
    with pytest.raises(FrameError):
        draft.save(workbook=True)
    (tmp_path / TOML).write_text(draft.text, encoding="utf-8")
    with pytest.raises(FrameError, match="både"):
        read(tmp_path)


def test_an_unknown_column_is_named_with_its_cell(tmp_path):
    path = small(tmp_path).save(workbook=True)
    book = openpyxl.load_workbook(path)
    book["Indikatorer"]["C1"] = "Enhett"
    book.save(path)
    with pytest.raises(FrameError, match=r"Indikatorer!C1: okänd rubrik .Enhett.*Enhet"):
        read(tmp_path)


def test_columns_in_any_order_under_keys_or_either_language(tmp_path):
    path = small(tmp_path).save(workbook=True)
    book = openpyxl.load_workbook(path)
    page = book["Indikatorer"]
    heading = page["A2"].value
    page.delete_rows(1, 200)
    page.append(["unit", "A high value is", "Rubrik"])
    page.append(["tkr", "ogynnsamt", heading])
    book.save(path)
    row = read(tmp_path).catalogue.iloc[0]
    assert (row["unit"], row["direction"], row["heading"]) == ("tkr", -1, heading)


def test_texts_of_data_are_texts_in_the_form(tmp_path):
    bad = "=1+1"
    values = {"segkit": 1, "survey": {"place": bad}, "indicators": [{"heading": "@x", "label": "-1+2"}]}
    found = of_form(tmp_path / FORM, values, "sv")
    assert found.survey.content["place"] == bad
    with zipfile.ZipFile(tmp_path / FORM) as archive:
        names = archive.namelist()
        text = "".join(archive.read(n).decode() for n in names if n.startswith("xl/worksheets/sheet"))
        assert "<f>" not in text
        assert not any("vba" in n.lower() for n in names)
        assert 'quotePrefix="1"' in archive.read("xl/styles.xml").decode()


@CASE
def test_each_question_points_at_a_cell(folder_of):
    folder = folder_of(next(n for n in EXPECTED if n not in OPEN))
    draft = prepare(folder)
    book = openpyxl.load_workbook(draft.save(workbook=True))
    page = book["Frågor"]
    assert page.max_row - 1 == len(draft.questions)
    links = [page.cell(r, 2).hyperlink for r in range(2, page.max_row + 1)]
    assert any(links)
    for link in filter(None, links):
        sheet, _, at = link.location.replace("'", "").partition("!")
        assert book[sheet][at] is not None
