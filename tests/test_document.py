"""The document: every part is set, on the screen and on paper, and links follow the file."""

from pathlib import Path
from typing import get_args

import pandas as pd
import pytest
from matplotlib.figure import Figure
from test_report import NASTY, Page

from segkit.output.document.document import Document
from segkit.output.document.grid import Cell, Grid, Group, Head, Row
from segkit.output.document.parts import (
    Article,
    Beside,
    Code,
    Definitions,
    Drawing,
    Heading,
    Legend,
    Link,
    Part,
    Picture,
    Point,
    Points,
    Section,
    Shapes,
    Table,
    Text,
)


def _drawn(paper):
    return f'<svg role="img"><title>{"paper" if paper else "screen"}</title></svg>'


def _parts(word):
    """Return one part of every kind, each with a word that must be seen."""
    link = Link(word, "#section-1", word)
    row = Row(word, (Cell(word, mark="▲", svg=_drawn(paper=False), after=word), "–"), code=word, unit=word)
    return [
        Text(word, link, language="en", color="#000000"),
        Heading(word),
        Points((Point(word, (word,), link, "en"),), "findings", "en"),
        Definitions(((word, word),)),
        Code(word),
        Legend(word, (word,)),
        Picture(Figure(), word, word),
        Drawing(_drawn, word),
        Shapes(lambda _paper: "<svg><title>shapes</title></svg>"),
        Table(pd.DataFrame({"a": [word], "b": ["1"]}), word),
        Grid(word, (Head(word), Head(word), Head(word, kind="reading")), (Group((row,), word),)),
        Beside((Text(word),), Drawing(_drawn, word)),
        Article(word, (Text(word),), anchor="piece", code=word, color="#000000", back=link),
    ]


def test_the_parts_are_all_tried():
    assert {type(part) for part in _parts("x")} == set(get_args(Part))


@pytest.mark.parametrize("paper", [False, True])
def test_every_part_is_set_and_escaped(paper):
    for part in _parts(NASTY):
        html = Document("A", (Section("B", parts=(part,)),)).render(paper=paper)
        page = Page(html)
        assert page.open == []
        assert "<script" not in html.lower()
        assert len(page.ids) == len(set(page.ids))
        assert isinstance(part, Shapes) or NASTY in page.text, type(part)
        if isinstance(part, Drawing):
            assert ("paper" if paper else "screen") in page.text


def test_another_language_is_marked_and_the_own_is_not():
    parts = (Text("one", language="en"), Text("ett", language="sv"))
    html = Document("A", (Section("B", parts=parts),), language="sv").render()
    assert '<p lang="en">one</p>' in html
    assert "<p>ett</p>" in html


def test_a_link_to_a_file_starts_from_the_document_and_paper_has_none(tmp_path):
    far = tmp_path / "maps" / "one map.html"
    way = Text(link=Link("map", far), paper="The map is another file.")
    page = Document("A", (Section("B", parts=(way,)),), language="en")
    assert 'href="maps/one%20map.html"' in page.write(tmp_path / "a.html").read_text(encoding="utf-8")
    on_paper = page.render(paper=True)
    assert "The map is another file." in on_paper
    assert "one%20map" not in on_paper
    relative = Document("A", (Section("B", parts=(Text(link=Link("map", Path("m.html"))),)),))
    assert 'href="m.html"' in relative.render()


def test_contents_and_closing_line_have_another_place_on_paper():
    sections = tuple(Section(name, anchor=name) for name in ("first", "second", "third"))
    page = Document("A", sections, contents_after=1, closing="the end", closing_in="second")
    screen, paper = page.render(), page.render(paper=True)
    assert screen.index('id="contents"') < screen.index('id="first"')
    assert paper.index('id="first"') < paper.index('id="contents"') < paper.index('id="second"')
    assert screen.index('id="third"') < screen.index("the end")
    assert paper.index('id="second"') < paper.index("the end") < paper.index('id="third"')


def test_figures_are_drawn_once_for_screen_and_paper(monkeypatch):
    drawn = []
    from segkit.output.document import document as module

    real = module.inline
    monkeypatch.setattr(module, "inline", lambda *args: drawn.append(args[1]) or real(*args))
    page = Document("A", (Section("B", pictures=(Picture(Figure(), "seen"),)),))
    page.render()
    page.render(paper=True)
    assert drawn == ["figure-1-1"]
