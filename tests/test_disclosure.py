"""Rules for small numbers: worked by hand, and attacked at random."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from segkit import disclosure
from segkit.errors import InputError, UnknownNameError
from segkit.panels.disclosure import MinimumCount, Plan, ReplaceSmall, RoundTo, Share, ShareRule
from segkit.panels.disclosure._attack import Knowledge, intervals
from segkit.panels.disclosure._choice import Problem, _best, _good
from segkit.panels.disclosure._grid import build, layout

FEW = MinimumCount()


def areas(**columns):
    """Areas a, b, c ... of one city."""
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"area_id": [chr(97 + i) for i in range(n)], "city": "x", **columns})


def attempt(table, rule, **options):
    try:
        return disclosure.apply(table, rule, **options)
    except InputError as error:
        return str(error)


def hidden(table, column):
    return table["area_id"][table[f"{column}_flag"] == "suppressed"].tolist()


# 3 x 3 with margins: 2 hidden at (a, q). Rectangles through it have one other row (b, c) and one other
# column (r, s); the persons lost are (b, s): 8 + 10 + 8 = 26, (b, r): 10 + 10 + 12 = 32,
# (c, s): 8 + 15 + 11 = 34, (c, r): 10 + 15 + 14 = 39.
THREE = areas(total=[20, 30, 40], q=[2, 10, 15], r=[10, 12, 14], s=[8, 8, 11])


def test_three_by_three_by_hand():
    shown, log = disclosure.apply(THREE, FEW, groups={"total": ["q", "r", "s"]}, region="city")
    assert {c: hidden(shown, c) for c in ("total", "q", "r", "s")} == {
        "total": [],
        "q": ["a", "b"],
        "r": [],
        "s": ["a", "b"],
    }
    assert log["kind"].tolist() == ["primary", "secondary", "secondary", "secondary"]
    # q of a and s of a make 10, each at least 1.
    assert log.loc[0, ["area_id", "column", "low", "high"]].tolist() == ["a", "q", 1, 9]
    assert log["rule"].tolist() == ["Counts from 1 to 2 are not shown.", "", "", ""]


def test_the_cost_decides_what_is_lost():
    table = areas(n=[1, 3, 50])
    by_persons = disclosure.apply(table, FEW, counts="n", region="city").table
    assert hidden(by_persons, "n") == ["a", "b"]
    # With q and r the cheapest pair of rows changes when cells are alike: still one rectangle.
    by_cells = disclosure.apply(THREE, FEW, groups={"total": ["q", "r", "s"]}, region="city", cost="cells")
    assert len(by_cells.log) == 4


def test_a_secondary_cell_must_leave_room():
    # 1 + 1 hidden: their sum is 2, so both would be told; a further cell is needed.
    shown, log = disclosure.apply(areas(n=[1, 1, 9, 20]), FEW, counts="n", region="city")
    assert hidden(shown, "n") == ["a", "b", "c"]
    assert log["high"].tolist() == [9, 9, 9]
    assert hidden(
        disclosure.apply(areas(n=[2, 2, 9]), FEW, counts="n", region="city", width=1).table, "n"
    ) == [
        "a",
        "b",
    ]


def test_without_known_totals_only_the_small_are_hidden():
    table = areas(n=[1, 0, 5, 2])
    for options in ({}, {"region": "city", "secondary": False}):
        shown, log = disclosure.apply(table, FEW, counts="n", **options)
        assert hidden(shown, "n") == ["a", "d"]
        assert log["kind"].eq("primary").all()
        np.testing.assert_array_equal(shown["n"], [np.nan, 0, 5, np.nan])
    assert disclosure.apply(table, FEW, counts="n", region="city", secondary=False).log["low"].tolist() == [
        1,
        1,
    ]


def test_zeros_are_shown_unless_asked():
    table = areas(n=[0, 4, 5])
    assert hidden(disclosure.apply(table, FEW, counts="n", region="city").table, "n") == []
    asked = disclosure.apply(table, MinimumCount(zeros=True), counts="n", region="city").table
    assert hidden(asked, "n") == ["a", "b"]
    # A zero is no help to another cell.
    assert hidden(disclosure.apply(areas(n=[1, 0, 7]), FEW, counts="n", region="city").table, "n") == [
        "a",
        "c",
    ]


def test_a_table_without_small_counts_is_untouched():
    table = areas(total=[20, 30], q=[5, 10], r=[15, 20])
    shown, log = disclosure.apply(table, FEW, groups={"total": ["q", "r"]}, region="city")
    assert_frame_equal(shown[table.columns], table)
    assert log.empty
    assert shown["q_flag"].tolist() == ["observed", "observed"]


def test_what_groups_leave_is_protected_too():
    # All but 2 of the people of a are foreign born: the 2 can be computed.
    table = areas(population=[50, 60, 70], foreign_born=[48, 20, 30])
    shown, log = disclosure.apply(table, FEW, groups={"population": ["foreign_born"]}, region="city")
    assert hidden(shown, "foreign_born") == ["a", "b"]
    assert hidden(shown, "population") == []
    assert set(log["column"]) == {"foreign_born"}


def nested():
    """DeSO in RegSO in a municipality, all with rows; a 1 in one DeSO."""
    return pd.DataFrame(
        {
            "area_id": ["d1", "d2", "d3", "d4", "R1", "R2", "M"],
            "regso": ["R1", "R1", "R2", "R2", None, None, None],
            "muni": ["M"] * 6 + [None],
            "n": [1, 10, 20, 30, 11, 50, 61],
        }
    )


def test_levels_of_regions_with_their_own_rows():
    shown, log = disclosure.apply(nested(), FEW, counts="n", region=["regso", "muni"])
    assert hidden(shown, "n") == ["d1", "d2"]
    assert log["high"].tolist() == [10, 10]
    attacked = disclosure.attack(shown, counts="n", region=["regso", "muni"])
    assert attacked[["area_id", "low", "high"]].to_numpy().tolist() == [["d1", 1, 10], ["d2", 1, 10]]


def test_a_region_of_one_area_hides_its_total():
    table = nested().drop(index=1)
    table.loc[4, "n"], table.loc[6, "n"] = 1, 51
    shown, log = disclosure.apply(table, FEW, counts="n", region=["regso", "muni"])
    # R1 = d1 = 1, so both are small; R2 is hidden with R1, a part with R2; the municipality stays.
    assert hidden(shown, "n") == ["d1", "d3", "R1", "R2"]
    found = disclosure.attack(shown, counts="n", region=["regso", "muni"]).set_index("area_id")
    assert (found.loc[["d1", "R1"], "high"] - found.loc[["d1", "R1"], "low"] >= 2).all()
    assert log["kind"].tolist().count("primary") == 2


def test_totals_known_from_elsewhere_may_lie_on_several_levels():
    table = nested().iloc[:4]
    shown = disclosure.apply(table, FEW, counts="n", region=["regso", "muni"]).table
    assert hidden(shown, "n") == ["d1", "d2"]


def test_a_small_total_elsewhere_counts_as_protected_there():
    # R1 has 2 in all, so others do not know it, and its parts need no more than to be hidden.
    table = nested().iloc[:4].assign(n=[1, 1, 20, 30])
    shown = disclosure.apply(table, FEW, counts="n", region=["regso", "muni"]).table
    assert hidden(shown, "n") == ["d1", "d2"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(15, 300), st.integers(0, 30)), min_size=2, max_size=9)
)
def test_no_attacker_finds_a_small_share(rows):
    """Shares of areas, of their regions and of the municipality, with the shares who lack the property."""
    areas = pd.DataFrame(rows, columns=["regso", "people", "n"])
    areas = areas.assign(
        regso="R" + areas["regso"].astype(str), muni="M", n=areas["n"].clip(upper=areas["people"])
    )
    above = (
        areas.groupby("regso")[["people", "n"]].sum().rename_axis("area_id").reset_index().assign(muni="M")
    )
    top = areas[["people", "n"]].sum().to_frame().T.assign(area_id="M")
    areas["area_id"] = [f"d{i}" for i in areas.index]
    table = pd.concat([areas, above, top], ignore_index=True)
    table["share"] = 100 * table.pop("n") / table["people"]
    table["rest"] = 100 - table["share"]
    shares = {"share": Share("people", complement="rest")}
    answer = attempt(table, ShareRule(), shares=shares, region=["regso", "muni"])
    if isinstance(answer, str):
        assert "can be computed" in answer
        return
    found = disclosure.attack(answer.table, shares=shares, region=["regso", "muni"])
    primary = answer.log[answer.log["kind"] == "primary"]
    ends = found.set_index(["area_id", "column"]).loc[
        list(zip(primary["area_id"], primary["column"], strict=True))
    ]
    assert (ends["high"] - ends["low"] >= 5).all()
    shown = answer.table["share_flag"] != "suppressed"
    np.testing.assert_array_equal(answer.table["share"][shown], table["share"][shown])


def test_regions_must_nest():
    table = nested()
    table.loc[1, "muni"] = "N"
    with pytest.raises(InputError, match=r"region: does not nest: R1"):
        disclosure.apply(table, FEW, counts="n", region=["regso", "muni"])


def test_each_period_by_itself():
    table = pd.concat([areas(n=[1, 5, 9]).assign(period=2020), areas(n=[4, 5, 9]).assign(period=2021)])
    shown, log = disclosure.apply(table.reset_index(drop=True), FEW, counts="n", region="city")
    assert log[["area_id", "period"]].to_numpy().tolist() == [["a", 2020], ["b", 2020]]
    assert shown["n"].notna().sum() == 4


def test_the_share_rule_as_published():
    table = areas(people=[20, 21, 21, 100, 100, 100], share=[50.0, 5 / 0.21, 6 / 0.21, 98.0, 0.0, 40.0])
    shown = disclosure.apply(table, ShareRule(), shares={"share": "people"}).table
    # a: computed on 20; b: 5 of 21; e: none of 100. d: only 2 lack it, which the rule does not look at.
    assert hidden(shown, "share") == ["a", "b", "e"]
    assert "people_flag" not in shown
    strict = disclosure.apply(table, ShareRule(complement=True), shares={"share": "people"}).table
    assert hidden(strict, "share") == ["a", "b", "d", "e"]


def test_shares_are_computed_back_through_the_mean_of_the_region():
    # 4 of 100, 30 of 100, 50 of 100: with the city's 84 of 300 known, 4 is what is left.
    table = areas(people=[100, 100, 100], share=[4.0, 30.0, 50.0])
    shown, log = disclosure.apply(table, ShareRule(), shares={"share": "people"}, region="city")
    assert hidden(shown, "share") == ["a", "b"]
    assert log[["low", "high"]].to_numpy().tolist() == [[0, 34], [0, 34]]


def test_a_share_and_its_count_and_its_complement_hide_together():
    table = areas(people=[100, 100, 100], n=[2, 30, 50], share=[2.0, 30.0, 50.0], rest=[98.0, 70.0, 50.0])
    share = {"share": Share("people", numerator="n", complement="rest")}
    for rule in (FEW, ShareRule()):
        shown = disclosure.apply(table, rule, shares=share, region="city").table
        for column in ("n", "share", "rest"):
            assert hidden(shown, column) == ["a", "b"]


def test_a_share_goes_with_its_denominator():
    table = areas(people=[2, 40, 60], share=[50.0, 50.0, 50.0])
    shown, log = disclosure.apply(table, FEW, counts="people", shares={"share": "people"}, region="city")
    assert hidden(shown, "people") == hidden(shown, "share") == ["a", "b"]
    assert log.loc[log["column"] == "share", "kind"].tolist() == ["primary", "secondary"]


def test_panels_keep_what_they_are():
    from segkit import areas as panels

    panel = panels.latest(panels.load_example("kalmar"), ["flat_share"])[0]
    before = panel.copy(deep=True)
    panel["flat_share_se"] = 1.0
    plan = Plan(ShareRule(), shares={"flat_share": "population"})
    panel.loc[0, "flat_share"] = 0.1
    shown = plan.apply(panel).table
    assert type(shown) is type(panel)
    assert shown.crs == panel.crs
    assert shown.loc[0, "flat_share_flag"] == "suppressed"
    assert np.isnan(shown.loc[0, ["flat_share", "flat_share_se"]].astype(float)).all()
    assert_frame_equal(panel.drop(columns="flat_share_se").iloc[1:], before.iloc[1:])


def test_flags_that_are_there_stay():
    table = areas(n=[1, 5, np.nan]).assign(n_flag=["modelled", "modelled, preliminary", "observed"])
    assert disclosure.apply(table, FEW, counts="n").table["n_flag"].tolist() == [
        "suppressed",
        "modelled, preliminary",
        "observed",
    ]
    rounded = disclosure.apply(table, RoundTo(3), counts="n").table["n_flag"].tolist()
    assert rounded == ["modelled, rounded", "modelled, preliminary, rounded", "observed"]


def test_missing_figures_count_as_known():
    shown = disclosure.apply(areas(n=[1, np.nan, 8, 9]), FEW, counts="n", region="city").table
    assert hidden(shown, "n") == ["a", "c"]
    np.testing.assert_array_equal(shown["n"], [np.nan, np.nan, np.nan, 9])


def test_kept_columns_stay():
    options = {"groups": {"total": ["q", "r", "s"]}, "region": "city"}
    shown = disclosure.apply(THREE, FEW, keep="s", **options).table
    assert hidden(shown, "s") == []
    assert hidden(shown, "r") == ["a", "b"]
    with pytest.raises(InputError, match="keep: names columns"):
        disclosure.apply(THREE, FEW, keep="t", **options)


@pytest.mark.parametrize(
    ("table", "options", "rule"),
    [
        (areas(n=[-1, 2]), {"counts": "n"}, "n: has values under 0 .a"),
        (areas(n=[1.5, 2]), {"counts": "n"}, "n: has counts that are not whole .a"),
        (areas(n=["x", 2]), {"counts": "n"}, "n: has text"),
        (areas(n=[1, 2]), {}, "name no column"),
        (areas(n=[1, 2]), {"counts": ["n", "n"]}, "names a column twice"),
        (areas(n=[1, 2]), {"counts": 3}, "must be a column or a list"),
        (areas(n=[1, 2]), {"shares": ["n"]}, "must be mappings"),
        (areas(n=[1, 2]).iloc[:0], {"counts": "n"}, "table: has no rows"),
        (areas(t=[5, 5], n=[6, 2]), {"groups": {"t": ["n"]}}, "n: are more together than t .a: t"),
        (areas(p=[50, 50], s=[101, 2]), {"shares": {"s": "p"}}, "s: has shares over 100"),
        (areas(p=[np.nan, 50], s=[10, 2]), {"shares": {"s": "p"}}, "denominator p is missing .a"),
        (areas(n=[1, 2]), {"counts": "n", "width": 0}, "width"),
        (areas(n=[1, 2]), {"counts": "n", "cost": "x"}, "cost"),
        (areas(p=[50], n=[20], s=[10]), {"shares": {"s": Share("p", "n")}}, "s: is not n divided by p"),
        (areas(n=[3, 4]).assign(area_id="a"), {"counts": "n", "region": "city"}, "more than once"),
        (nested().assign(n=range(7)), {"counts": "n", "region": ["regso", "muni"]}, "add up to its totals"),
        (areas(n=[4, 9]), {"counts": "n", "rules": ShareRule()}, "shares: is empty"),
        (areas(n=[4, 9]), {"counts": "n", "rules": "SCB"}, "rules: must be rules .* .str."),
        (areas(n=[4, 9]), {"counts": "n", "rules": []}, "rules: must be rules"),
        (areas(n=[4, 9]), {"counts": "n", "rules": [FEW, RoundTo()]}, "mix"),
    ],
)
def test_bad_input_is_named(table, options, rule):
    options = {"rules": FEW, **options}
    with pytest.raises(InputError, match=rule):
        disclosure.apply(table, **options)


def test_unknown_columns_are_named():
    with pytest.raises(UnknownNameError, match="lacks the column .m"):
        disclosure.apply(areas(n=[1]), FEW, counts="m")


def test_what_cannot_be_protected_is_refused():
    with pytest.raises(InputError, match=r"small figures that can be computed .*a: n.*secondary=False"):
        disclosure.apply(areas(n=[2, 4]), FEW, counts="n", region="city", keep="n")
    with pytest.raises(InputError, match="a: n"):
        disclosure.apply(areas(n=[2, 4]), FEW, counts="n", region="city", width=50)


@pytest.mark.parametrize(
    "rule", [lambda: MinimumCount(1), lambda: RoundTo(4), lambda: RoundTo(3, totals="x")]
)
def test_rules_check_their_numbers(rule):
    with pytest.raises(InputError):
        rule()


# --- rounding ---


def test_rounding_to_the_nearest():
    values = np.arange(8.0)
    assert RoundTo(3).change(values).tolist() == [0, 0, 3, 3, 3, 6, 6, 6]
    assert RoundTo(5).change(values).tolist() == [0, 0, 0, 5, 5, 5, 5, 5]
    assert ReplaceSmall().change(values).tolist() == [0, 0, 3, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("base", [3, 5])
def test_random_rounding_is_without_bias(base):
    values = np.repeat(np.arange(12.0), 20_000).reshape(12, -1)
    shown = RoundTo(base, random=True).change(values, 1)
    assert (shown % base == 0).all()
    assert np.abs(shown - values).max() < base
    # Standard deviation of a rounded count is at most base / 2: four standard errors of the mean.
    assert np.abs(shown.mean(axis=1) - np.arange(12)).max() < 4 * base / 2 / np.sqrt(20_000)


@pytest.mark.parametrize("rule", [RoundTo(3), RoundTo(5, random=True), ReplaceSmall()])
def test_changed_tables_add_up(rule):
    table = nested().assign(total=lambda t: t["n"] * 2, m=lambda t: t["n"])
    shown = disclosure.apply(table, rule, groups={"total": ["n", "m"]}, region=["regso", "muni"]).table
    assert (shown["total"] == shown["n"] + shown["m"]).all()
    for column in ("n", "m", "total"):
        values = shown.set_index("area_id")[column]
        assert values["R1"] == values["d1"] + values["d2"]
        assert values["M"] == values["R1"] + values["R2"]
    assert shown["n_flag"].eq("rounded").all()


def test_same_seed_same_rounding():
    table = areas(n=list(range(20)))
    rule = RoundTo(5, random=True)
    first, again, other = (disclosure.apply(table, rule, counts="n", random_state=s).table for s in (1, 1, 2))
    assert_frame_equal(first, again)
    assert not first["n"].equals(other["n"])


def test_rounding_that_tells_is_refused():
    # 1 and 1 become 0 and 0, their total 2 becomes 3, so each is at most 1 and both together at least 2.
    table = areas(total=[2, 90], q=[1, 40], r=[1, 50])
    groups = {"total": ["q", "r"]}
    with pytest.raises(InputError, match=r"lets small counts be computed \(a: total, a: q, a: r\)"):
        disclosure.apply(table, RoundTo(3, totals="rounded"), groups=groups)
    shown, log = disclosure.apply(table, RoundTo(3), groups=groups)
    assert shown["total"].tolist() == [0, 39 + 51]
    assert log.loc[log["area_id"] == "a", ["column", "low", "high"]].to_numpy().tolist() == [
        ["total", 0, 2],
        ["q", 0, 1],
        ["r", 0, 1],
    ]
    # The city's total is known: a single replaced 2 is what it leaves.
    with pytest.raises(InputError, match="MinimumCount"):
        disclosure.apply(areas(n=[2, 40]), ReplaceSmall(), counts="n", region="city")


def test_shares_are_computed_from_rounded_counts():
    table = areas(people=[10, 100], n=[1, 50], share=[10.0, 50.0])
    shown = disclosure.apply(table, RoundTo(3), counts="people", shares={"share": Share("people", "n")}).table
    assert shown["share"].tolist() == pytest.approx([0, 100 * 51 / 99])
    assert shown["share_flag"].tolist() == ["rounded", "rounded"]


# --- the attacker ---


def test_attack_with_what_is_known_from_elsewhere():
    """A division from 2018 gave 30 for what is now two areas: the hidden one is what it leaves."""
    new = pd.DataFrame({"area_id": ["C1201", "C1202"], "deso_2018": "C1200", "n": [np.nan, 28]})
    old = pd.DataFrame({"area_id": ["C1200"], "n": [30]})
    alone = disclosure.attack(new, counts="n", region="deso_2018")
    assert alone[["low", "high"]].to_numpy().tolist() == [[1, np.inf]]
    with_old = disclosure.attack(new, counts="n", region="deso_2018", known=old)
    assert with_old[["area_id", "low", "high"]].to_numpy().tolist() == [["C1201", 2, 2]]


def test_attack_reads_flags_and_rounding():
    table = areas(n=[np.nan, np.nan, 5]).assign(n_flag=["suppressed", "observed", "observed"])
    assert disclosure.attack(table, counts="n")["area_id"].tolist() == ["a"]
    rounded = disclosure.attack(areas(n=[0, 3, 6]), counts="n", rule=RoundTo(3))
    assert rounded[["low", "high"]].to_numpy().tolist() == [[0, 1], [2, 4], [5, 7]]
    random = disclosure.attack(areas(n=[0, 3]), counts="n", rule=RoundTo(3, random=True))
    assert random[["low", "high"]].to_numpy().tolist() == [[0, 2], [1, 5]]
    with pytest.raises(InputError, match="rule: must be RoundTo"):
        disclosure.attack(table, counts="n", rule=FEW)


def test_attack_on_contradictory_figures():
    table = areas(total=[10, 10], q=[np.nan, np.nan], r=[4, 12], s=[1, 1])
    with pytest.raises(InputError):
        disclosure.attack(table, groups={"total": ["q", "r", "s"]})
    two = pd.DataFrame(
        {
            "area_id": ["a", "b", "x"],
            "city": ["x", "x", None],
            "t": [5, 5, 10],
            "q": [np.nan, np.nan, 10],
            "r": [np.nan, np.nan, 4],
        }
    )
    with pytest.raises(InputError, match=r"more together|contradict"):
        disclosure.attack(two, groups={"t": ["q", "r"]}, region="city")


def test_whole_numbers_are_told_where_fractions_are_not():
    """Three sums of pairs, 3 each: 1.5 in fractions; with bounds only whole tables count."""
    from scipy.sparse import csr_array

    pairs = csr_array(np.array([[1.0, 1, 0, -1, 0, 0], [0, 1, 1, 0, -1, 0], [1, 0, 1, 0, 0, -1]]))
    low, high = np.array([0.0, 0, 0, 3, 3, 2]), np.array([9.0, 9, 9, 3, 4, 3])
    ends = intervals(Knowledge(pairs, np.zeros(3), low, high), np.arange(3))
    # By trying every whole table.
    fits = [
        (a, b, c)
        for a in range(10)
        for b in range(10)
        for c in range(10)
        if a + b == 3 and 3 <= b + c <= 4 and 2 <= a + c <= 3
    ]
    np.testing.assert_array_equal(ends[0], np.min(fits, axis=0))
    np.testing.assert_array_equal(ends[1], np.max(fits, axis=0))


tables = st.tuples(st.integers(1, 5), st.integers(1, 4)).flatmap(
    lambda size: st.lists(
        st.lists(st.one_of(st.integers(0, 3), st.integers(0, 40)), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


def with_margins(rows):
    """A table with its own total column and, as a row, its total over areas."""
    n = pd.DataFrame(rows).add_prefix("g").astype(int)
    n["total"] = n.sum(axis=1)
    n = pd.concat([n, n.sum().to_frame().T], ignore_index=True)
    codes = [f"a{i}" for i in range(len(rows))]
    return pd.DataFrame({"area_id": [*codes, "all"], "up": ["all"] * len(rows) + [None]}).join(n)


@settings(max_examples=40, deadline=None)
@given(tables, st.sampled_from([FEW, MinimumCount(5), MinimumCount(3, zeros=True)]))
def test_no_attacker_finds_a_small_count(rows, rule):
    table = with_margins(rows)
    groups = {"total": [c for c in table if c.startswith("g")]}
    answer = attempt(table, rule, groups=groups, region="up")
    columns = ["total", *groups["total"]]
    if isinstance(answer, str):
        # What no hiding protects is refused: not even everything hidden would.
        assert "can be computed" in answer
        values = table[columns].astype(float)
        table[columns] = values.where((values == 0) & (not rule.zeros))
        everything = disclosure.attack(table, groups=groups, region="up", least=1 - rule.zeros)
        assert (everything["high"] - everything["low"] < rule.width).any()
        return
    shown, log = answer
    found = disclosure.attack(shown, groups=groups, region="up", least=1 - rule.zeros)
    found = found.set_index(["area_id", "column"])
    for column in ("total", *groups["total"]):
        small = rule.hides(table[column].to_numpy(float))
        flagged = (shown[f"{column}_flag"] == "suppressed").to_numpy()
        assert flagged[small].all()
        np.testing.assert_array_equal(shown[column][~flagged], table[column][~flagged])
        assert shown[column][flagged].isna().all()
        for area, true in zip(table["area_id"][small], table[column][small], strict=True):
            low, high = found.loc[area, column]
            assert low <= true <= high
            assert high - low >= rule.width
    assert len(log) == len(found)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_the_good_choice_loses_no_less_than_the_best(rows):
    table = with_margins(rows)
    groups = {"total": [c for c in table if c.startswith("g")]}
    grid = build(table, layout((), {}, groups, "up"), known_elsewhere=True)
    values = grid.counts.ravel()
    inner = ~grid.totals & (values > 0)
    primary = np.flatnonzero(inner & FEW.hides(values))
    if not primary.size:
        return
    start = np.zeros(values.size, dtype=bool)
    start[primary] = True
    # Cells that must stay shown have no room.
    least, most = np.where(inner, 1.0, values), np.where(inner, np.inf, values)
    width = np.full(values.size, 2.0)
    fixed = Problem(grid.matrix(), values, least, most, values, width, ~inner, grid.levels)
    good, best = _good(fixed, start, primary), _best(fixed, start, primary)
    if good is None or best is None:
        assert best is None or fixed.exposed(primary, best).size == 0
        return
    assert fixed.exposed(primary, best).size == 0
    assert values[best].sum() <= values[good].sum() + 1e-6


def test_all_of_sweden_in_one_call():
    """6,160 areas in 290 municipalities, two groups and their total: every small count is protected."""
    rng = np.random.default_rng(0)
    people = rng.integers(700, 2700, 6160)
    group = rng.binomial(people, rng.beta(0.4, 30, 6160))
    table = pd.DataFrame(
        {
            "area_id": [f"{i:05d}" for i in range(6160)],
            "municipality": np.sort(rng.integers(0, 290, 6160)).astype(str),
            "people": people,
            "group": group,
            "rest": people - group,
        }
    )
    groups = {"people": ["group", "rest"]}
    shown, log = disclosure.apply(table, FEW, groups=groups, region="municipality")
    assert (log["kind"] == "primary").sum() == ((group > 0) & (group < 3)).sum() > 500
    sums = (
        table.groupby("municipality")[["people", "group", "rest"]].sum().rename_axis("area_id").reset_index()
    )
    found = disclosure.attack(shown, groups=groups, region="municipality", known=sums)
    assert (found["high"] - found["low"]).min() >= 2
