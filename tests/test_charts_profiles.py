"""Trends with gaps, breaks and remarks; fingerprints, clustergrams, sparklines."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from charts_factory import draw
from matplotlib.figure import Figure

from segkit import charts, palettes, profiles
from segkit.errors import InputError, UnknownNameError


def _axes():
    return Figure(figsize=(4, 3), layout="constrained").subplots()


def _series(value, period, **columns):
    rows = pd.DataFrame(
        {"measure": "gini", "period": period, "value": value, "ci_low": np.nan, "ci_high": np.nan}
    )
    return rows.assign(**columns)


def _line(ax, gid):
    return next((line.get_xydata() for line in ax.lines if line.get_gid() == gid), None)


def test_years_without_figures_are_not_bridged_silently():
    rows = _series([1.0, 2, 3, np.nan, 5], [2018, 2019, 2021, 2022, 2023])
    ax = charts.trend(rows, measure="gini", language="en", ax=_axes())
    nothing = [np.nan, np.nan]
    whole = [[2018, 1], [2019, 2], nothing, [2021, 3], nothing, [2023, 5]]
    np.testing.assert_allclose(_line(ax, "line"), whole)
    dashed = [[2019, 2], [2021, 3], nothing, [2021, 3], [2023, 5], nothing]
    np.testing.assert_allclose(_line(ax, "gap"), dashed)
    assert "Dashed line: years without a figure in between." in ax.get_xlabel().replace("\n", " ")
    assert "no figure in 2022" in charts.description(ax)


def test_regular_periods_have_no_gaps():
    ax = charts.trend(_series([1.0, 2, 3], [2014, 2018, 2022]), measure="gini", ax=_axes())
    assert _line(ax, "gap") is None
    assert ax.get_xlabel() == ""


def test_no_line_crosses_a_break():
    ax = charts.trend(_series([1.0, 2, 9, 10], range(2018, 2022)), measure="gini", breaks=[2020], ax=_axes())
    np.testing.assert_allclose(
        _line(ax, "line"), [[2018, 1], [2019, 2], [np.nan, np.nan], [2020, 9], [2021, 10]]
    )
    assert _line(ax, "break")[:, 0].tolist() == [2019.5, 2019.5]
    assert "Brott i serien vid 2020." in charts.description(ax)
    for outside in (2018, 2022):
        with pytest.raises(InputError, match="must lie within the periods"):
            charts.trend(_series([1.0, 2], [2018, 2021]), measure="gini", breaks=[outside], ax=_axes())


def test_preliminary_and_modelled_years_are_hollow_and_marked():
    rows = _series([1.0, 2, 3], [2021, 2022, 2023], flag=["", "modelled", "preliminary"])
    ax = charts.trend(rows, measure="gini", language="en", source=None, ax=_axes())
    hollow = [line.get_xdata().tolist() for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert hollow == [[2022, 2023]]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["2021", "2022†", "2023ᵖ"]
    foot = ax.get_xlabel().replace("\n", " ")
    assert "† modelled value, not an official figure; ᵖ preliminary figure." in foot
    assert foot.endswith("Figures refer to 2021–2023. Source not stated.")


def test_trend_without_any_value_is_an_error():
    with pytest.raises(InputError, match="have no value of 'gini'"):
        charts.trend(_series([np.nan, np.nan], [2020, 2021]), measure="gini", ax=_axes())
    with pytest.raises(UnknownNameError, match="The table is empty"):
        charts.trend(_series([], []), measure="gini", ax=_axes())


def test_years_that_would_touch_are_left_out_from_the_end():
    rows = _series(np.arange(30.0), range(1994, 2024))
    ax = charts.trend(rows, measure="gini", ax=_axes())
    ax.figure.draw_without_rendering()
    shown = [t for t in ax.get_xticklabels() if t.get_text()]
    assert shown[-1].get_text() == "2023"
    assert 3 < len(shown) < 15
    boxes = [t.get_window_extent() for t in shown]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


def _areas():
    return pd.DataFrame(
        {
            "area_id": list("abcd"),
            "population": [1, 1, 1, 5],
            "turnout": [60.0, 80.0, np.nan, 72.0],
            "age": 40.0,
        }
    )


def test_fingerprint_stands_where_the_mean_lies_among_the_areas():
    table = pd.DataFrame(
        {"profile": [2, 1], "turnout": [80.0, 62.0], "age": [40.0, np.nan], "turnout_sd": [4.0, 0.0]}
    )
    figure = charts.fingerprint(table, ["turnout", "age"], areas=_areas(), language="en", figure=Figure())
    center = (60 + 80 + 5 * 72) / 7
    spread = np.sqrt(((60 - center) ** 2 + (80 - center) ** 2 + 5 * (72 - center) ** 2) / 7)
    dots = [ax.lines[-1] for ax in figure.axes]
    np.testing.assert_allclose(dots[0].get_xydata(), [[(62 - center) / spread, 0]])
    # All areas are alike in age, so a profile is at the mean.
    np.testing.assert_allclose(dots[1].get_xydata(), [[(80 - center) / spread, 0], [0, 1]])
    assert [dot.get_markerfacecolor() for dot in dots] == palettes.sequential(2)
    assert len({dot.get_marker() for dot in dots}) == 2
    whisker = figure.axes[1].collections[0].get_segments()[0][:, 0]
    np.testing.assert_allclose(whisker, [(76 - center) / spread, (84 - center) / spread])
    said = charts.description(figure)
    assert "Profile 1: Turnout (per cent) 62.0 (1.7 standard deviations below the mean); age missing." in said
    assert "age 40.0 (at the mean)" in said


def test_fingerprint_names_what_is_wrong():
    table = pd.DataFrame({"profile": [1], "turnout": [80.0]})
    with pytest.raises(InputError, match="turnout: is missing in every area"):
        charts.fingerprint(table, ["turnout"], areas=_areas().assign(turnout=np.nan), figure=Figure())
    with pytest.raises(InputError, match="no profile or no indicator"):
        charts.fingerprint(table, [], areas=_areas(), figure=Figure())
    with pytest.raises(UnknownNameError, match="lacks the column"):
        charts.fingerprint(table, ["income"], areas=_areas(), figure=Figure())
    with pytest.raises(InputError, match="population: has values under 0"):
        charts.fingerprint(table, ["turnout"], areas=_areas().assign(population=-1), figure=Figure())
    with pytest.raises(InputError, match="population: must sum to more than 0"):
        charts.fingerprint(table, ["turnout"], areas=_areas().assign(population=0), figure=Figure())


def test_clustergram_draws_its_tables():
    data = pd.DataFrame({"area_id": list("abcdef"), "turnout": [60.0, 61, 75, 76, 90, 91]})
    result = profiles.clustergram(data, columns=["turnout"], k=[2, 3, 4])
    ax = charts.clustergram(result, language="en", ax=_axes())
    np.testing.assert_allclose(ax.collections[0].get_offsets(), result.nodes[["k", "index"]])
    widths = [line.get_linewidth() for line in ax.lines]
    np.testing.assert_allclose(np.array(widths) / 22, result.links["share"])
    sizes = ax.collections[0].get_sizes()
    np.testing.assert_allclose((sizes - 14) / 420 * 6, result.nodes["n_areas"])
    assert charts.description(ax).startswith(
        "How the areas split as profiles become more, 2–4 profiles. 2 profiles: "
    )
    with pytest.raises(InputError, match=r"must be the result of profiles\.clustergram, is DataFrame"):
        charts.clustergram(result.nodes, ax=_axes())


def test_flow_says_who_moved():
    said = charts.description(draw("flow", "en"))
    assert said == (
        "2 of 8 areas changed profile. 2019 – 2023. "
        "6 stayed, 1 from profile 1 to profile 2, 1 from profile 3 to profile 1."
    )


def test_sparkline_breaks_at_missing_values_and_keeps_to_scale():
    text = charts.sparkline(
        [1.0, 2, None, 3], [2018, 2019, 2020, 2022], label="<i>&", language="en", width=106, height=26
    )
    root = ET.fromstring(text)
    assert root.get("aria-label") == "<i>&: 1 in 2018, 2 in 2019, 3 in 2022, no figure in 2020"
    path = root.find("path").get("d")
    assert path == "M3.0 23.0 L28.0 13.0"
    circle = root.find("circle")
    assert (circle.get("cx"), circle.get("cy")) == ("103.0", "3.0")
    assert not re.search(r"https?:|#", text)
    assert text == charts.sparkline(
        [1.0, 2, None, 3], [2018, 2019, 2020, 2022], label="<i>&", language="en", width=106, height=26
    )


def test_sparkline_of_level_and_single_values():
    assert 'd="M3.0 12.0 L93.0 12.0"' in charts.sparkline([5, 5], [2020, 2021])
    assert "<path" not in charts.sparkline([5], [2020])


def test_sparkline_names_what_is_wrong():
    with pytest.raises(InputError, match="must rise"):
        charts.sparkline([1, 2], [2021, 2020])
    with pytest.raises(InputError, match="no value to draw"):
        charts.sparkline([np.nan, np.nan], [2020, 2021])
    with pytest.raises(InputError, match="no value to draw"):
        charts.sparkline([], [])
    with pytest.raises(InputError, match="has shape"):
        charts.sparkline([1], [2020, 2021])
    with pytest.raises(InputError, match="must be numbers"):
        charts.sparkline(["high"], [2020])
