"""Charts: what is drawn is what the table says."""

import io

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from survey_factory import INDICATORS, survey

from segkit import charts, palettes
from segkit.errors import InputError, UnknownNameError


def _axes():
    return Figure().subplots()


def _rows(**changes):
    rows = pd.DataFrame(
        {
            "measure": "gini",
            "period": [2023, 2020],
            "value": [0.3, 0.2],
            "ci_low": [0.25, 0.1],
            "ci_high": [0.4, 0.3],
        }
    )
    return rows.assign(**changes)


def test_trend_draws_points_in_order_of_time_and_their_intervals():
    ax = charts.trend(_rows(), measure="gini", ax=_axes())
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[2020, 0.2], [2023, 0.3]])
    segments = sorted(ax.collections[0].get_segments(), key=lambda s: s[0, 0])
    np.testing.assert_allclose(segments, [[[2020, 0.1], [2020, 0.3]], [[2023, 0.25], [2023, 0.4]]])
    assert [t.get_text() for t in ax.texts] == ["0,200", "0,300"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["2020", "2023"]
    low, high = ax.get_ylim()
    assert low < 0.1
    assert high > 0.4


def test_trend_with_one_period_and_without_intervals():
    ax = charts.trend(_rows().iloc[:1].assign(ci_low=np.nan), measure="gini", language="en", ax=_axes())
    assert [t.get_text() for t in ax.texts] == ["0.300"]
    assert len(ax.collections[0].get_segments()) == 0
    assert ax.get_title(loc="left") == "Gini coefficient"


def test_ticks_of_the_value_axis_say_where_they_are():
    rows = _rows(measure="sigma", value=[10.4, 9.8], ci_low=[8.3, 7.8], ci_high=[11.9, 11.3])
    ax = charts.trend(rows, measure="sigma", indicator="turnout", ax=_axes())
    ax.figure.canvas.draw()
    said = [float(t.get_text().replace(",", ".")) for t in ax.get_yticklabels()]
    np.testing.assert_allclose(said, ax.get_yticks())


def test_trend_names_what_is_wrong():
    with pytest.raises(UnknownNameError, match="'theil' has no rows"):
        charts.trend(_rows(), measure="theil", ax=_axes())
    with pytest.raises(InputError, match="one row for each period"):
        charts.trend(_rows(period=2020), measure="gini", ax=_axes())
    with pytest.raises(UnknownNameError, match="ci_low"):
        charts.trend(_rows().drop(columns="ci_low"), measure="gini", ax=_axes())


def test_dots_stand_at_the_means_in_the_colors_of_the_map():
    profiles = survey().profiles
    figure = charts.indicator_dots(profiles, INDICATORS, figure=Figure())
    assert len(figure.axes) == 4
    dots = [line for line in figure.axes[3].lines if line.get_marker() == "o"]
    np.testing.assert_allclose([d.get_xdata()[0] for d in dots], profiles["turnout"])
    assert [d.get_color() for d in dots] == palettes.sequential(3)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["Profil 1", "Profil 2", "Profil 3"]


def test_a_missing_mean_is_said_in_words():
    profiles = pd.DataFrame({"profile": [1, 2], "turnout": [70.0, np.nan]})
    figure = charts.indicator_dots(profiles, ["turnout"], language="en", figure=Figure())
    assert [t.get_text() for t in figure.axes[0].texts] == ["70.0", "missing"]
    with pytest.raises(InputError, match="no profile or no indicator"):
        charts.indicator_dots(profiles, [], figure=Figure())


def test_a_chart_leaves_settings_alone_and_is_the_same_every_time():
    before = dict(mpl.rcParams)
    pages = []
    for _ in range(2):
        figure = Figure(layout="constrained")
        charts.indicator_dots(survey().profiles, INDICATORS, figure=figure)
        buffer = io.BytesIO()
        with mpl.rc_context({"svg.hashsalt": "x"}):
            figure.savefig(buffer, format="svg", metadata={"Date": None})
        pages.append(buffer.getvalue())
    assert pages[0] == pages[1]
    assert dict(mpl.rcParams) == before


def test_dollar_signs_in_labels_are_no_formulas():
    profiles = pd.DataFrame({"profile": [1, 2], "cost_$a$_^": [1.0, 2.0]})
    figure = charts.indicator_dots(profiles, ["cost_$a$_^"], figure=Figure())
    figure.savefig(io.BytesIO(), format="svg")
    assert not figure.axes[0]._left_title.get_parse_math()
