from __future__ import annotations

import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segkit import decomposition, segregation
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.measures.decomposition import information, karmel
from segkit.measures.decomposition.margins import fitted_of

ORACLES = Path(__file__).parent / "oracles"
PARTS = ["additions", "removals", "group_margins", "unit_margins", "structure"]

some = settings(max_examples=25, deadline=None, derandomize=True)

# Karmel & Maclachlan (1988): men and women in three occupations, two years.
KM_FIRST = [[100, 50], [50, 50], [100, 50]]
KM_LAST = [[125, 100], [100, 100], [100, 75]]
KM_FITTED = [[134.7, 90.3], [85.5, 114.5], [104.8, 70.2]]

FIRST = np.array([[40.0, 5, 10], [30, 10, 7], [20, 15, 30], [10, 20, 25]])
LAST = np.array([[20.0, 5, 12], [20, 10, 9], [20, 10, 21], [15, 15, 40]])


def names_of(counts):
    return [f"g{g}" for g in range(np.shape(counts)[1])]


def table_of(counts, period, areas=None):
    counts = np.asarray(counts, dtype=float)
    areas = [f"a{u}" for u in range(len(counts))] if areas is None else list(areas)
    table = pd.DataFrame(counts, columns=names_of(counts))
    return table.assign(area_id=areas, period=period)


def panel_of(first, last, areas=(None, None)):
    tables = [table_of(first, 2020, areas[0]), table_of(last, 2023, areas[1])]
    return pd.concat(tables, ignore_index=True)


def change(first, last, areas=(None, None), **options):
    panel = panel_of(first, last, areas)
    return decomposition.change_in_information(panel, groups=names_of(first), **options)


def values(table):
    if "area_id" in table:
        table = table[(table["area_id"] == "") & (table["group"] == "")]
    return table.set_index("measure")["value"]


def mutual_information(counts):
    """Return M cell by cell, as printed."""
    counts = np.asarray(counts, dtype=float)
    p = counts / counts.sum()
    return sum(p[u, g] * math.log(p[u, g] / (p[u].sum() * p[:, g].sum())) for u, g in np.argwhere(p > 0))


def two_by_two(odds_ratio, row, column):
    """Return the table of shares with these margins and odds ratio, by the quadratic equation it solves."""
    s = 1 + (row + column) * (odds_ratio - 1)
    root = math.sqrt(s**2 - 4 * odds_ratio * (odds_ratio - 1) * row * column)
    x = (s - root) / (2 * (odds_ratio - 1))
    return [[x, row - x], [column - x, 1 - row - column + x]]


@st.composite
def two_tables(draw, least=0):
    n_areas, n_groups = draw(st.integers(2, 6)), draw(st.integers(2, 4))
    cell = st.integers(least, 500)
    cells = st.lists(cell, min_size=n_areas * n_groups, max_size=n_areas * n_groups)
    first, last = (np.array(draw(cells), dtype=float).reshape(n_areas, n_groups) for _ in range(2))
    for counts in (first, last):
        assume((counts.sum(axis=0) > 0).all())
        assume((counts.sum(axis=1) > 0).all())
    return first, last


# fit_margins


def test_published_margins():
    fitted = decomposition.fit_margins(KM_FIRST, rows=[225, 200, 175], columns=[325, 275])
    assert fitted == pytest.approx(np.array(KM_FITTED), abs=0.05)


def test_other_package_agrees():
    oracle = pd.read_csv(ORACLES / "decomposition.csv")
    assert set(oracle["package"]) == {"ipfn"}
    counts = oracle.pivot_table(index="area", columns="group", values="count")
    rows = oracle.groupby("area")["row_sum"].first()
    columns = oracle.groupby("group")["column_sum"].first()
    fitted = decomposition.fit_margins(counts, rows, columns)
    expected = oracle.pivot_table(index="area", columns="group", values="value")
    pd.testing.assert_frame_equal(fitted, expected, rtol=1e-9)
    assert not np.allclose(fitted, counts)


@some
@given(tables=two_tables(least=1))
def test_fitting_meets_margins_and_keeps_odds_ratios(tables):
    source, target = tables
    fitted = decomposition.fit_margins(source, target.sum(axis=1), target.sum(axis=0))
    assert fitted.sum(axis=1) == pytest.approx(target.sum(axis=1), rel=1e-12)
    assert fitted.sum(axis=0) == pytest.approx(target.sum(axis=0), rel=1e-9)
    logs = np.log(fitted) - np.log(source)
    interaction = logs - logs.mean(axis=0) - logs.mean(axis=1, keepdims=True) + logs.mean()
    assert interaction == pytest.approx(np.zeros_like(source), abs=1e-9)


def test_fitting_to_its_own_margins_changes_nothing():
    counts = np.where(FIRST == 5, 0, FIRST)
    fitted = decomposition.fit_margins(counts, counts.sum(axis=1), counts.sum(axis=0))
    assert fitted == pytest.approx(counts, rel=1e-12)


def test_fitting_a_table_held_together_by_few_people_takes_few_rounds():
    counts = np.array([[10, 1e-9], [1e-9, 10]])
    fitted, miss = fitted_of(counts, np.array([10.0, 10]), np.array([9.99, 10.01]), max_iterations=50)
    assert miss.max() <= 1e-10
    expected = 20 * np.array(two_by_two(1e20, 0.5, 9.99 / 20))
    assert fitted[:, 1] == pytest.approx(expected[:, 1], rel=1e-6)


def test_many_tables_are_fitted_as_one_by_one():
    rows, columns = np.stack([FIRST.sum(axis=1), LAST.sum(axis=1)]), np.stack([[100.0, 60, 62], [60, 60, 77]])
    together, _ = fitted_of(np.stack([FIRST, LAST]), rows, columns)
    for i, counts in enumerate((FIRST, LAST)):
        assert together[i] == pytest.approx(fitted_of(counts, rows[i], columns[i])[0], rel=1e-9)


def test_margins_of_zero_empty_their_cells():
    fitted = decomposition.fit_margins(FIRST, rows=[10, 0, 5, 5], columns=[12, 8, 0])
    assert (fitted[1] == 0).all()
    assert (fitted[:, 2] == 0).all()
    assert fitted.sum(axis=0) == pytest.approx([12, 8, 0])


def test_unreachable_margins_are_an_error():
    with pytest.raises(InputError, match=r"counts: can't be given these margins.*wrong by up to .*\(0, 1\)"):
        decomposition.fit_margins([[10, 0], [0, 10]], rows=[10, 10], columns=[5, 15])
    with pytest.raises(InputError, match=r"Zeros may leave a group nowhere to be.*or allow more steps"):
        decomposition.fit_margins([[10, 5], [0, 10]], rows=[10, 10], columns=[11, 9])
    with pytest.raises(InputError, match="can't be given these margins"):
        decomposition.fit_margins(FIRST, LAST.sum(axis=1), LAST.sum(axis=0), max_iterations=1)


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({"counts": [[1, -2], [3, 4]]}, r"counts: must be finite and not negative \(row 0, column 1\)"),
        ({"counts": [[1, np.nan], [3, 4]]}, r"counts: must be finite and not negative \(row 0, column 1\)"),
        ({"counts": [["many", 2], [3, 4]]}, "counts: must be numbers"),
        ({"counts": [1, 2]}, r"counts: must be a table of areas and groups, has the shape \(2,\)"),
        ({"rows": [3, 7, 0]}, r"rows: must be 2 numbers, have the shape \(3,\)"),
        ({"columns": [-4, 14]}, r"columns: must be finite and not negative \(0\)"),
        ({"columns": ["a", "b"]}, "columns: must be numbers"),
        ({"columns": [4, 7]}, "rows: sum to 10, `columns` to 11.*use shares"),
        ({"rows": [0, 0], "columns": [0, 0]}, "rows: sum to 0"),
        ({"counts": [[0, 0], [3, 4]]}, r"rows: are above 0 where the table has only zeros \(0\)"),
        ({"counts": [[0, 1], [0, 4]]}, r"columns: are above 0 where the table has only zeros \(0\)"),
        ({"rows": pd.Series([3, 7], index=["x", "y"])}, r"rows: have other labels than the table \(x, y\)"),
        ({"tolerance": 0}, "tolerance: is 0, must be greater than 0 and less than 1"),
        ({"max_iterations": 0}, "max_iterations: is 0, must be a whole number >= 1"),
    ],
)
def test_faults_of_margins_are_named(options, pattern):
    arguments = {"counts": [[1, 2], [3, 4]], "rows": [3, 7], "columns": [4, 6]} | options
    with pytest.raises(InputError, match=pattern):
        decomposition.fit_margins(**arguments)


# change_in_information


def test_table_has_the_measures_and_periods_promised():
    found = change(FIRST, LAST)
    assert found.columns.tolist() == ["measure", "period", "value", "n_areas"]
    assert found["measure"].tolist() == ["M1", "M2", "difference", *PARTS]
    assert found["period"].tolist() == ["2020", "2023", *["2020–2023"] * 6]
    assert found["n_areas"].tolist() == [4, 4, 4, 0, 0, 4, 4, 4]
    with_h = change(FIRST, LAST, measure="H")
    assert with_h["measure"].tolist() == ["H1", "H2", "difference", *PARTS]


def test_two_by_two_by_hand():
    first, last = [[4, 1], [1, 4]], [[6, 2], [3, 9]]
    found = values(change(first, last))
    # Shares of the first area and group, and odds ratios.
    a = {"unit": 0.5, "group": 0.5, "structure": 16.0}
    b = {"unit": 0.4, "group": 0.45, "structure": 9.0}

    def m(group, unit, structure):
        return mutual_information(
            two_by_two(structure["structure"], unit["unit"], group["group"]),
        )

    assert found["M1"] == pytest.approx(0.192745, abs=5e-7)
    assert found["M1"] == pytest.approx(m(a, a, a))
    assert found["M2"] == pytest.approx(m(b, b, b))
    structure = (m(a, a, b) - m(a, a, a) + m(b, b, b) - m(b, b, a)) / 2
    assert found["structure"] == pytest.approx(structure, abs=1e-10)
    steps = [(m(b, x, z), m(a, x, z)) for x, z in ((a, a), (b, a), (b, b), (a, b))]
    assert found["group_margins"] == pytest.approx(sum(to - of for to, of in steps) / 4, abs=1e-10)
    steps = [(m(x, b, z), m(x, a, z)) for x, z in ((a, a), (b, a), (b, b), (a, b))]
    assert found["unit_margins"] == pytest.approx(sum(to - of for to, of in steps) / 4, abs=1e-10)
    assert found[["additions", "removals"]].tolist() == pytest.approx([0, 0], abs=1e-14)


def test_values_are_those_of_the_index_as_printed():
    found = values(change(FIRST, LAST))
    assert found["M1"] == pytest.approx(mutual_information(FIRST), abs=1e-14)
    assert found["M2"] == pytest.approx(mutual_information(LAST), abs=1e-14)
    halves = values(change(FIRST[:, :2], LAST[:, :2], measure="H"))
    for name, counts in (("H1", FIRST), ("H2", LAST)):
        data = pd.DataFrame({"group": counts[:, 0], "total": counts[:, :2].sum(axis=1)})
        expected = segregation.information_theory(data, group="group", total="total")
        assert halves[name] == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("measure", ["M", "H"])
@some
@given(tables=two_tables())
def test_parts_sum_to_the_difference_and_change_sign_when_periods_are_swapped(measure, tables):
    panel, groups = panel_of(*tables), names_of(tables[0])
    options = {"groups": groups, "measure": measure, "fills": [1e-9]}
    found, swapped = (
        decomposition.fill_sensitivity(panel, periods=periods, **options).set_index("measure")["value"]
        for periods in ((2020, 2023), (2023, 2020))
    )
    assert found[PARTS].sum() == pytest.approx(found["difference"], abs=1e-10)
    assert found["difference"] == pytest.approx(found[f"{measure}2"] - found[f"{measure}1"], abs=1e-12)
    assert swapped["difference"] == -found["difference"]
    assert (swapped[f"{measure}1"], swapped[f"{measure}2"]) == (found[f"{measure}2"], found[f"{measure}1"])
    assert swapped["additions"] == pytest.approx(-found["removals"], abs=1e-12)
    rest = ["group_margins", "unit_margins", "structure"]
    assert swapped[rest].tolist() == pytest.approx((-found[rest]).tolist(), abs=1e-10)


@pytest.mark.parametrize("measure", ["M", "H"])
@pytest.mark.parametrize("factor", [1, 3, 0.01])
def test_same_table_or_a_multiple_of_it_gives_zeros(measure, factor):
    counts = FIRST.copy()
    counts[0, 1] = 0
    found = values(change(counts, counts * factor, measure=measure))
    assert found[f"{measure}1"] > 0.05
    assert found[["difference", *PARTS]].abs().max() < 1e-8


def test_a_period_with_itself_gives_zeros():
    found = values(change(FIRST, LAST, periods=(2020, 2020)))
    assert found[["difference", *PARTS]].abs().max() < 1e-14


@pytest.mark.parametrize("measure", ["M", "H"])
def test_only_group_margins_changed(measure):
    last = decomposition.fit_margins(FIRST, FIRST.sum(axis=1), np.array([60.0, 90, 72]))
    found = values(change(FIRST, last, measure=measure))
    assert found["group_margins"] == pytest.approx(found["difference"], abs=1e-9)
    assert abs(found["difference"]) > 1e-4
    assert found[["unit_margins", "structure"]].abs().max() < 1e-9


def test_only_unit_margins_changed():
    last = decomposition.fit_margins(FIRST, np.array([30.0, 30, 30, 132]), FIRST.sum(axis=0))
    found = values(change(FIRST, last))
    assert found["unit_margins"] == pytest.approx(found["difference"], abs=1e-9)
    assert abs(found["difference"]) > 1e-3
    assert found[["group_margins", "structure"]].abs().max() < 1e-9


def test_growing_areas_and_groups_leave_structure_alone():
    # Multiplying rows or columns keeps every odds ratio.
    for last in (FIRST * [[1], [1], [2], [1]], FIRST * [1, 2, 1]):
        found = values(change(FIRST, last))
        assert abs(found["structure"]) < 1e-9
        assert abs(found["group_margins"] + found["unit_margins"]) > 1e-4


def test_areas_and_groups_change_places():
    found, turned = values(change(FIRST, LAST)), values(change(FIRST.T, LAST.T))
    assert turned["group_margins"] == pytest.approx(found["unit_margins"], abs=1e-9)
    assert turned["unit_margins"] == pytest.approx(found["group_margins"], abs=1e-9)
    assert turned["structure"] == pytest.approx(found["structure"], abs=1e-9)


def test_added_and_removed_areas():
    added = change(FIRST[:3], FIRST, areas=("abc", "abcd"))
    found = values(added)
    expected = mutual_information(FIRST) - mutual_information(FIRST[:3])
    assert found["difference"] == pytest.approx(expected, abs=1e-14)
    assert found["additions"] == pytest.approx(expected, abs=1e-14)
    assert found[PARTS[1:]].abs().max() < 1e-12
    assert added["n_areas"].tolist() == [3, 4, 4, 1, 0, 3, 3, 3]
    removed = values(change(FIRST, FIRST[:3], areas=("abcd", "abc")))
    assert removed["removals"] == pytest.approx(-expected, abs=1e-14)
    assert removed["additions"] == pytest.approx(0, abs=1e-14)


def test_additions_and_removals_are_those_of_the_areas_in_both():
    found = values(change(FIRST[:3], LAST[1:], areas=("abc", "bcd")))
    assert found["additions"] == pytest.approx(
        mutual_information(LAST[1:]) - mutual_information(LAST[1:3]), abs=1e-14
    )
    assert found["removals"] == pytest.approx(
        mutual_information(FIRST[1:3]) - mutual_information(FIRST[:3]), abs=1e-14
    )
    inner = values(change(FIRST[1:3], LAST[1:3]))
    rest = ["group_margins", "unit_margins", "structure"]
    assert found[rest].tolist() == pytest.approx(inner[rest].tolist(), abs=1e-12)


def test_an_area_or_group_of_nobody_is_not_present():
    empty = FIRST.copy()
    empty[3] = 0
    found = values(change(empty, LAST))
    pd.testing.assert_series_equal(found, values(change(FIRST[:3], LAST, areas=("abc", "abcd"))) * 1.0)
    no_group = FIRST.copy()
    no_group[:, 2] = 0
    found = values(change(no_group, LAST))
    inner = values(change(FIRST[:, :2], LAST[:, :2]))
    assert found["additions"] == pytest.approx(found["M2"] - inner["M2"], abs=1e-14)
    assert found["structure"] == pytest.approx(inner["structure"], abs=1e-12)


def test_an_area_left_with_nobody_in_common_is_left_out_too():
    # Area d has only members of the group that nobody belongs to later.
    first, last = FIRST.copy(), LAST.copy()
    first[3], last[:, 2] = [0, 0, 25], 0
    found = change(first, last)
    assert found.set_index("measure")["n_areas"].tolist() == [4, 4, 4, 1, 1, 3, 3, 3]
    inner = values(change(first[:3, :2], last[:3, :2]))
    assert values(found)["structure"] == pytest.approx(inner["structure"], abs=1e-12)


@pytest.mark.parametrize("measure", ["M", "H"])
def test_detail_sums_to_structure_by_area_and_by_group(measure):
    first, last = FIRST.copy(), LAST.copy()
    first[0, 1] = last[2, 2] = 0
    found = change(first, last[1:], areas=("abcd", "bcd"), detail=True, measure=measure)
    assert found.columns.tolist() == ["measure", "period", "area_id", "group", "value", "n_areas"]
    by_area, by_group = found[found["area_id"] != ""], found[found["group"] != ""]
    assert by_area["area_id"].tolist() == list("bcd")
    assert by_group["group"].tolist() == ["g0", "g1", "g2"]
    assert set(by_area["measure"]) == set(by_group["measure"]) == {"structure"}
    for rows in (by_area, by_group):
        assert rows["value"].sum() == pytest.approx(values(found)["structure"], abs=1e-14)
        assert rows["value"].abs().min() > 1e-6
    plain = change(first, last[1:], areas=("abcd", "bcd"), measure=measure)
    pd.testing.assert_frame_equal(found[plain.columns].iloc[:8], plain)


def test_detail_is_share_times_change_of_local_segregation():
    found = change(FIRST, LAST, detail=True)

    def local(counts):
        p = counts / counts.sum(axis=1, keepdims=True)
        return (p * np.log(p / (counts.sum(axis=0) / counts.sum()))).sum(axis=1)

    margins = [(counts.sum(axis=1), counts.sum(axis=0)) for counts in (FIRST, LAST)]
    aab, bba = decomposition.fit_margins(LAST, *margins[0]), decomposition.fit_margins(FIRST, *margins[1])
    shares = [rows / rows.sum() for rows, _ in margins]
    expected = shares[0] * (local(aab) - local(FIRST)) / 2 + shares[1] * (local(LAST) - local(bba)) / 2
    by_area = found[found["area_id"] != ""]["value"].to_numpy()
    assert by_area == pytest.approx(expected, abs=1e-10)


def test_areas_that_stay_as_they_are_have_no_part_in_structure():
    first = np.array([[50.0, 50], [50, 50], [90, 10], [10, 90]])
    last = np.array([[50.0, 50], [50, 50], [70, 30], [30, 70]])
    found = change(first, last, detail=True).set_index("area_id")["value"]
    assert found[["a0", "a1"]].abs().max() < 1e-12
    assert found["a2"] == pytest.approx(found["a3"])
    assert found["a2"] < -0.05


def test_zeros_that_decide_the_split_are_warned_of_and_shown():
    panel = panel_of([[80, 20], [20, 0]], [[65, 35], [35, 65]])
    pattern = (
        r"fill: with 1e-09 in place of 0, structure is -0\.331; "
        r"with 0\.02, a thousandth of the smallest count, -0\.2"
    )
    with pytest.warns(DataWarning, match=pattern) as caught:
        found = decomposition.change_in_information(panel, groups=["g0", "g1"])
    assert caught[0].filename == __file__
    assert values(found)[PARTS].sum() == pytest.approx(values(found)["difference"], abs=1e-10)
    shown = decomposition.fill_sensitivity(panel, groups=["g0", "g1"], fills=(1e-3, 1e-9))
    assert shown.columns.tolist() == ["measure", "period", "fill", "value", "n_areas"]
    wide = shown.pivot_table(index="measure", columns="fill", values="value")
    moved = (wide[1e-3] - wide[1e-9]).abs()
    assert moved[["M1", "M2", "difference", "additions", "removals"]].max() == 0
    assert moved["structure"] > 0.03
    same = shown[shown["fill"] == 1e-9].set_index("measure")["value"]
    pd.testing.assert_series_equal(same, values(found))


def test_without_zeros_the_fill_does_not_matter_and_nobody_is_warned():
    shown = decomposition.fill_sensitivity(panel_of(FIRST, LAST), groups=names_of(FIRST))
    assert sorted(shown["fill"].unique()) == [1e-9, 1e-7, 1e-5, 1e-3]
    assert shown.groupby("measure")["value"].agg(np.ptp).max() == 0
    few = FIRST.copy()
    few[0, 1] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        change(few, LAST)


def test_order_of_rows_and_areas_does_not_matter_and_input_is_kept():
    panel = panel_of(FIRST, LAST)
    before = panel.copy()
    found = decomposition.change_in_information(panel, groups=names_of(FIRST), detail=True)
    pd.testing.assert_frame_equal(panel, before)
    mixed = panel.iloc[[5, 2, 7, 0, 4, 1, 6, 3]]
    again = decomposition.change_in_information(mixed, groups=names_of(FIRST), detail=True)
    keys = ["measure", "area_id", "group"]
    pd.testing.assert_frame_equal(
        again.sort_values(keys, ignore_index=True), found.sort_values(keys, ignore_index=True), atol=1e-12
    )


def bad_panels():
    panel = panel_of(FIRST, LAST)
    yield panel.assign(g0=[np.nan, *panel["g0"][1:]]), r"g0: has 1 missing values \(a0 2020\)"
    yield panel.assign(g1=[-1.0, *panel["g1"][1:]]), r"g1: has values under 0 \(a0 2020\)"
    yield panel.assign(g1=["few", *panel["g1"][1:]]), "g1: has text where a number belongs, such as 'few'"
    yield panel.assign(g1=[np.inf, *panel["g1"][1:]]), r"g1: has infinite values \(a0 2020\)"
    yield panel.assign(period=2020), "panel: has more than one row for the same area and period"
    yield panel[panel["period"] == 2020], r"periods: must be two, are 1 \(2020\)"
    third = panel[panel["period"] == 2023].assign(period=2025)
    yield pd.concat([panel, third], ignore_index=True), r"must be two, are 3.*periods=\(2020, 2025\)"
    other = panel.assign(area_id=[f"{a}{p}" for a, p in zip(panel["area_id"], panel["period"], strict=True)])
    yield other, "panel: has 0 areas and 0 groups with members in both 2020 and 2023"
    yield panel.assign(g1=0.0, g2=0.0), "panel: has 4 areas and 1 groups with members in both"
    yield {"area_id": []}, "panel: must be a table, is dict"


@pytest.mark.parametrize("name", ["change_in_information", "karmel_maclachlan", "fill_sensitivity"])
@pytest.mark.parametrize(("panel", "pattern"), list(bad_panels()))
def test_bad_panels_are_named(name, panel, pattern):
    with pytest.raises(InputError, match=pattern):
        getattr(decomposition, name)(panel, groups=["g0", "g1", "g2"])


@pytest.mark.parametrize(
    ("options", "error", "pattern"),
    [
        ({"groups": "g0"}, InputError, r"groups: must be two or more different columns \(g0\)"),
        ({"groups": ["g0", "g0"]}, InputError, r"groups: must be two or more different columns \(g0, g0\)"),
        ({"groups": ["g0", "x"]}, UnknownNameError, r"lacks the column \(x\)"),
        (
            {"periods": (2020, 2024)},
            UnknownNameError,
            r"not in the panel \(2024\)\. Periods at hand: 2020, 2023",
        ),
        ({"periods": (2020,)}, InputError, "periods: must be two, are 1"),
        ({"measure": "D"}, InputError, "measure: is 'D', must be one of 'M', 'H'"),
        ({"fill": 0}, InputError, "fill: is 0, must be greater than 0 and less than the smallest count, 5"),
        ({"fill": 5}, InputError, "fill: is 5, must be greater than 0 and less than the smallest count, 5"),
        ({"tolerance": 2}, InputError, "tolerance: is 2"),
    ],
)
def test_bad_options_are_named(options, error, pattern):
    arguments = {"groups": ["g0", "g1", "g2"]} | options
    with pytest.raises(error, match=pattern):
        decomposition.change_in_information(panel_of(FIRST, LAST), **arguments)


def test_sensitivity_needs_a_fill():
    with pytest.raises(InputError, match="fills: is empty"):
        decomposition.fill_sensitivity(panel_of(FIRST, LAST), groups=["g0", "g1"], fills=[])


# karmel_maclachlan


def test_index_is_the_one_printed_and_a_multiple_of_dissimilarity():
    m, f = np.array(KM_FIRST, dtype=float).T
    a = m.sum() / (m.sum() + f.sum())
    printed = np.abs((1 - a) * m - a * f).sum() / (m.sum() + f.sum())
    assert printed == pytest.approx(0.0625)
    assert karmel.karmel_maclachlan_of(np.array(KM_FIRST, dtype=float)) == pytest.approx(printed)
    data = pd.DataFrame({"group": m, "total": m + f})
    d = segregation.dissimilarity(data, group="group", total="total")
    assert printed == pytest.approx(2 * a * (1 - a) * d)


def test_index_of_three_groups_by_hand():
    # Expected are 10 in each cell: half of 20 + 20 + 20 people out of place, of 90.
    counts = np.array([[20.0, 10, 0], [0, 20, 10], [10, 0, 20]])
    assert karmel.karmel_maclachlan_of(counts) == pytest.approx(30 / 90)
    assert karmel.karmel_maclachlan_of(np.stack([counts, np.ones((3, 3))])) == pytest.approx([1 / 3, 0])


def test_published_table_decomposed():
    found = decomposition.karmel_maclachlan(panel_of(KM_FIRST, KM_LAST), groups=["g0", "g1"])
    assert found["measure"].tolist() == [
        "KM1", "KM2", "difference", "additions", "removals",
        "group_margins", "unit_margins", "interaction", "structure",
    ]  # fmt: skip
    assert found["period"].tolist() == ["2020", "2023", *["2020–2023"] * 7]
    value = values(found)
    fitted = float(karmel.karmel_maclachlan_of(np.array(KM_FITTED)))
    assert value["KM1"] == pytest.approx(25 / 400)
    assert value["KM2"] == pytest.approx(100 / 6 / 600)
    assert value["structure"] == pytest.approx(100 / 6 / 600 - fitted, abs=2e-4)
    mix = value[["group_margins", "unit_margins", "interaction"]].sum()
    assert mix == pytest.approx(fitted - 25 / 400, abs=2e-4)
    # Women grow from 150 to 275 and men from 250 to 325, each spread over the occupations as before.
    men, women = 325 / 250, 275 / 150
    m, f, t = np.array([100, 50, 100]) * men, 50 * women, 600
    expected = np.abs(m * 275 / t - f * 325 / t).sum() / t
    assert value["group_margins"] == pytest.approx(expected - 25 / 400)


@some
@given(tables=two_tables(least=1))
def test_parts_of_karmel_and_maclachlan_sum_to_the_difference(tables):
    found = decomposition.karmel_maclachlan(panel_of(*tables), groups=names_of(tables[0]))
    value = values(found)
    assert value.iloc[3:].sum() == pytest.approx(value["difference"], abs=1e-12)
    assert 0 <= value["KM1"] < 1
    assert value["difference"] == pytest.approx(value["KM2"] - value["KM1"])


def test_karmel_and_maclachlan_of_multiples_and_added_areas():
    groups = names_of(FIRST)
    same = values(decomposition.karmel_maclachlan(panel_of(FIRST, FIRST * 7), groups=groups))
    assert same.iloc[2:].abs().max() < 1e-10
    panel = panel_of(FIRST[:3], FIRST, areas=("abc", "abcd"))
    added = values(decomposition.karmel_maclachlan(panel, groups=groups))
    assert added["additions"] == pytest.approx(added["difference"])
    assert abs(added["difference"]) > 1e-3
    assert added.iloc[4:].abs().max() < 1e-10


def test_karmel_and_maclachlan_warn_of_zeros():
    panel = panel_of([[80, 20], [20, 0]], [[65, 35], [35, 65]])
    with pytest.warns(
        DataWarning, match=r"structure is -.*; with 0\.02, a thousandth of the smallest count, "
    ):
        decomposition.karmel_maclachlan(panel, groups=["g0", "g1"])
    # Only the structure of the first period is put under other margins.
    decomposition.karmel_maclachlan(panel, groups=["g0", "g1"], periods=(2023, 2020))


# counterfactual


def test_counterfactual_is_the_published_table():
    panel = panel_of(KM_FIRST, KM_LAST)
    found = decomposition.counterfactual(panel, groups=["g0", "g1"], structure=2020, margins=2023)
    assert found.columns.tolist() == ["area_id", "g0", "g1"]
    assert found["area_id"].tolist() == ["a0", "a1", "a2"]
    assert found[["g0", "g1"]].to_numpy() == pytest.approx(np.array(KM_FITTED), abs=0.05)


def test_counterfactual_of_a_period_with_its_own_margins_is_itself():
    groups = names_of(FIRST)
    found = decomposition.counterfactual(panel_of(FIRST, LAST), groups=groups, structure=2023, margins=2023)
    assert found[groups].to_numpy() == pytest.approx(LAST, rel=1e-9)


def test_counterfactuals_give_the_structure_of_the_decomposition():
    panel, groups = panel_of(FIRST, LAST), names_of(FIRST)

    def m(structure, margins):
        table = decomposition.counterfactual(panel, groups=groups, structure=structure, margins=margins)
        return mutual_information(table[groups].to_numpy())

    expected = (m(2023, 2020) - m(2020, 2020) + m(2023, 2023) - m(2020, 2023)) / 2
    assert values(change(FIRST, LAST))["structure"] == pytest.approx(expected, abs=1e-9)


def test_counterfactual_names_what_it_leaves_out():
    last = LAST.copy()
    last[:, 1] = 0
    panel = panel_of(FIRST, last[:3])
    with pytest.warns(DataWarning, match=r"without members in both 2020 and 2023 are left out \(a3, g1\)"):
        found = decomposition.counterfactual(panel, groups=names_of(FIRST), structure=2020, margins=2023)
    assert found.columns.tolist() == ["area_id", "g0", "g2"]
    assert found["g0"].sum() == pytest.approx(last[:3, 0].sum())


def test_counterfactual_warns_of_zeros_of_the_structure_only():
    panel = panel_of([[80, 20], [20, 0]], [[65, 35], [35, 65]])
    pattern = (
        r"with 1e-09 in place of 0, \d\.\d% of the people are in other cells than with 0\.02, a thousandth"
    )
    with pytest.warns(DataWarning, match=pattern):
        decomposition.counterfactual(panel, groups=["g0", "g1"], structure=2020, margins=2023)
    decomposition.counterfactual(panel, groups=["g0", "g1"], structure=2023, margins=2020)


def test_counterfactual_needs_periods_of_the_panel():
    with pytest.raises(UnknownNameError, match=r"are not in the panel \(1999\)"):
        decomposition.counterfactual(panel_of(FIRST, LAST), groups=["g0", "g1"], structure=1999, margins=2023)


def test_the_package_offers_what_it_names():
    assert sorted(decomposition.__all__) == [
        "change_in_information", "counterfactual", "fill_sensitivity", "fit_margins", "karmel_maclachlan",
    ]  # fmt: skip
    assert decomposition.change_in_information is information.change_in_information
