"""What all charts share: one look, two languages, descriptions, whole labels, the same bytes."""

import hashlib
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from charts_factory import CHARTS, ODD, draw, panel
from matplotlib.figure import Figure

from segkit import charts, maps, palettes
from segkit.drawing.charts import _style
from segkit.errors import InputError


def _texts(figure):
    """Return the texts that are seen, with their boxes."""
    found = [text for text in (figure._suptitle, figure._supxlabel) if text is not None]
    for ax in figure.axes:
        found += [*ax.texts, ax._left_title, ax.xaxis.label, ax.yaxis.label]
        # Of the labels of ticks only those within the limits are drawn.
        found += [tick.label1 for axis in (ax.xaxis, ax.yaxis) for tick in axis._update_ticks()]
        found += ax.get_legend().get_texts() if ax.get_legend() else []
    seen = [text for text in found if text.get_text().strip() and text.get_visible()]
    return [(text.get_text(), text.get_window_extent()) for text in seen]


@pytest.mark.parametrize("dpi", [100, 200])
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("name", CHARTS)
def test_labels_stand_apart_and_within_the_figure(name, language, dpi):
    figure = draw(name, language)
    figure.set_dpi(dpi)
    figure.draw_without_rendering()
    boxes = _texts(figure)
    assert len(boxes) > 5
    frame = figure.bbox.padded(1)
    assert not [text for text, box in boxes if box.x0 < frame.x0 or box.x1 > frame.x1]
    assert not [text for text, box in boxes if box.y0 < frame.y0 or box.y1 > frame.y1]
    # The frame of a letter is a little larger than its ink.
    inner = [(text, box.padded(-0.01 * dpi)) for text, box in boxes]
    assert not [(a, b) for (a, first), (b, second) in combinations(inner, 2) if first.overlaps(second)]


@pytest.mark.parametrize("name", CHARTS)
def test_names_of_any_script_are_drawn_as_text_without_warnings(name, tmp_path):
    figure = draw(name, "sv", ODD)
    files = maps.save(figure, tmp_path / name)
    svg = ET.parse(files[1]).getroot()
    words = "".join(svg.itertext())
    assert "Källa: SCB. $ <b> □" in words
    for path in files:
        assert path.stat().st_size > 1000


@pytest.mark.parametrize("name", CHARTS)
def test_a_description_says_what_is_seen_in_the_language(name):
    said = {language: charts.description(draw(name, language)) for language in ("sv", "en")}
    assert said["sv"] != said["en"]
    assert all(text.endswith(".") and "\n" not in text and len(text) > 60 for text in said.values())
    assert "nan" not in said["en"]


def test_descriptions_of_panels_follow_each_other():
    figure = draw("indicator_dots", "en")
    parts = [charts.description(ax) for ax in figure.axes]
    assert charts.description(figure) == " ".join(parts)
    assert parts[0] == "Turnout (per cent): Profile 1 61.0, Profile 2 70.0, Profile 3 missing."
    with pytest.raises(InputError, match="holds no chart with a description"):
        charts.description(Figure().subplots())


def _digests(folder):
    """Return a digest of each file of each chart, and whether the settings were left alone."""
    before = dict(mpl.rcParams)
    found = []
    for name in CHARTS:
        files = maps.save(draw(name, "sv"), Path(folder) / name, dpi=60)
        found += [f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files]
    assert dict(mpl.rcParams) == before
    return found


def test_the_same_chart_has_the_same_bytes_here_and_in_another_process(tmp_path):
    first = _digests(tmp_path)
    assert first == _digests(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_charts_style as t; "
        f"print('\\n'.join(t._digests({str(tmp_path)!r})))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[:-1] == first


def test_inks_are_told_apart_in_grey():
    light = [palettes.lightness(color) for color in (_style.INK, _style.LINE, _style.PALE, "#ffffff")]
    assert np.diff(light).min() > 15
    assert palettes.lightness(_style.ACCENT) - palettes.lightness(_style.LINE) > 15


def test_charts_of_several_kinds_share_a_figure():
    figure = Figure(figsize=(11, 9), layout="constrained")
    panels = figure.subplots(2, 2).ravel()
    table = panel()
    now = table[table["period"] == 2023]
    charts.ranking(now, "turnout", ax=panels[0])
    charts.lorenz(table, "turnout", ax=panels[1])
    charts.segregation_curve(table, group="group", total="population", ax=panels[2])
    charts.dumbbell(table, "turnout", ax=panels[3])
    figure.draw_without_rendering()
    boxes = _texts(figure)
    frame = figure.bbox.padded(1)
    assert not [text for text, box in boxes if box.x0 < frame.x0 or box.x1 > frame.x1]
    inner = [(text, box.padded(-1)) for text, box in boxes]
    assert not [(a, b) for (a, first), (b, second) in combinations(inner, 2) if first.overlaps(second)]
    assert charts.description(figure).count("Lodrät linje") == 1


def test_long_names_keep_both_ends():
    name = "Krafslösa-Snurrom-Vimpeltorpet och Djurängen (C1201)"
    short = _style.shortened(name)
    assert len(short) <= 40
    assert short.startswith("Krafslösa-Snurrom-Vimpe")
    assert short.endswith("ängen (C1201)")


def test_rows_of_many_areas_have_letters_that_fit():
    ax = Figure(figsize=(6, 4), layout="constrained").subplots()
    _style.write_rows(ax, [f"Area {i}" for i in range(60)])
    ax.figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert not any(a.padded(-0.5).overlaps(b.padded(-0.5)) for a, b in combinations(boxes, 2))
