import ast
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from segkit import Profiles, tables
from segkit.base import digits

NOISE = 1e-13
ROOT = Path(__file__).parents[1]


def _unstable(code):
    """Yield the lines of sorts by one key whose equals come in an order that the processor chooses."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        by = node.args[0] if node.args else None
        several = isinstance(by, ast.List) and len(by.elts) > 1
        stated = any(keyword.arg == "kind" for keyword in node.keywords)
        if node.func.attr in {"argsort", "sort_values"} and not stated and not several:
            yield node.lineno


def _code():
    """Yield each file of code, and each notebook's cells, with what stands there."""
    for path in sorted((ROOT / "segkit").rglob("*.py")):
        yield path.name, path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield path.name, "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def test_every_sort_leaves_equals_in_their_order():
    assert list(_unstable("table.sort_values('a')\nnp.argsort(x)\ntable.sort_values(['a', 'b'])")) == [1, 2]
    assert {name: lines for name, code in _code() if (lines := list(_unstable(code)))} == {}


@drawn(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_estimates_keep_eight_digits_of_the_largest(values):
    found = digits.given(values)
    largest = max(abs(value) for value in values)
    assert np.abs(found - values).max() <= 5.1 * largest * 10.0**-digits.DIGITS
    assert digits.given(found).tolist() == found.tolist()


def test_a_scale_just_below_a_power_of_ten_has_the_decimals_of_that_power():
    near = [100.0 * (1 - NOISE), 3.123456789]
    assert digits.given(near).tolist() == digits.given([100.0, 3.123456789]).tolist() == [100.0, 3.12346]


def test_what_is_missing_or_infinite_stays():
    assert digits.given([np.nan, np.inf, -0.0]).tolist()[1:] == [np.inf, 0.0]
    assert digits.given([]).tolist() == []


def test_published_figures_in_a_table_stay_and_a_change_of_nothing_is_nothing():
    table = pd.DataFrame({"value": [2.0**-54, 123456.789], "ci_low": [-1 / 3, np.nan], "own": [0.1, 311.4]})
    found = digits.given_table(table)
    assert found["value"].tolist() == [0.0, 123456.789]
    assert found["ci_low"].tolist()[0] == -0.33333333
    assert found["own"].tolist() == [0.1, 311.4]


@pytest.mark.parametrize("value", [71.25, 0.125, 2.5, 1234.5, 0.05])
@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_a_half_is_cut_the_same_way_under_noise(value, decimals):
    for moved in (value * (1 - NOISE), value * (1 + NOISE)):
        assert tables.format_number(moved, decimals) == tables.format_number(value, decimals)


def test_of_areas_equally_near_the_first_by_code_is_typical_in_any_order():
    figures = {"turnout": [60.1, 61.3, 90.7, 91.9], "employment_rate": [65.2, 66.1, 88.4, 89.3]}
    data = pd.DataFrame({"area_id": list("abcd"), **figures})
    for order in ([0, 1, 2, 3], [3, 1, 2, 0], [1, 0, 3, 2]):
        model = Profiles(2, columns=["turnout", "employment_rate"]).fit(data.iloc[order])
        assert model.describe()["typical_area"].tolist() == ["a", "c"]


def test_of_equal_distances_the_first_counts():
    assert digits.nearest(np.array([[0.3, 0.1 + 0.2, 9.0], [0.1 + 0.2, 0.3, 9.0]])).tolist() == [0, 0]
    assert digits.nearest(np.array([0.5, np.inf, 0.4])) == 2
