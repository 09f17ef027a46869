"""Bad and extreme input: every measure of segregation answers with a clear error or a documented number."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, Polygon, box

from segkit import segregation as s
from segkit.errors import DataWarning, InputError, UnknownNameError

TWO = {"group": "group", "total": "total"}
GROUPS = {"groups": ["a", "b", "c"]}
BRACKETS = ["b0", "b1", "b2", "b3", "b4"]
CODES = list("ABCDEFGH")
ROW = 2

n = np.arange(8)
TABLE = gpd.GeoDataFrame(
    {
        "area_id": CODES,
        "group": [10, 40, 30, 5, 60, 20, 11, 0],
        "other": [20, 10, 40, 15, 10, 50, 9, 3],
        "total": [60, 50, 90, 40, 70, 80, 20, 30],
        "a": [10, 40, 30, 5, 60, 20, 11, 1],
        "b": [20, 10, 40, 15, 10, 50, 9, 3],
        "c": [30, 7, 20, 20, 0, 10, 0, 26],
        **{name: (n * (3 + k) + 7 * k) % 19 + 2 for k, name in enumerate(BRACKETS)},
        "income": [210, 250, 190, 330, 180, 240, 400, 260],
        "sd": [50, 60, 40, 90, 45, 55, 120, 70],
        "people": [60, 50, 90, 40, 70, 80, 20, 30],
        "region": ["west", "west", "mid", "mid", "mid", "east", "east", "east"],
    },
    geometry=[box(1000 * i, 0, 1000 * i + 1000, 800 + 90 * i) for i in range(8)],
    crs=3006,
)


@dataclass(frozen=True)
class Call:
    """How a function is called, the column whose cells are spoiled, and who the people are."""

    function: object
    options: dict
    part: str
    people: tuple[str, ...]
    kind: str

    def __call__(self, data, **options):
        return self.function(data, **{**self.options, **options})


def two(function, kind="two", **options):
    return Call(function, {**TWO, **options}, "group", ("group", "other", "total"), kind)


def several(function, **options):
    return Call(function, {**GROUPS, **options}, "b", ("a", "b", "c"), "several")


CALLS = {
    **{name: two(m.function) for name, m in s.MEASURES.items() if m.kind == "two_group"},
    "exposure": two(s.exposure, other="other"),
    **{name: two(m.function, "spatial") for name, m in s.MEASURES.items() if m.kind == "spatial"},
    "spatial": two(lambda data, **o: s.spatial(data, "gini", **o), "spatial", bandwidth=1500),
    "local_composition": two(s.local_composition, "spatial", bandwidth=1500),
    "nearest_people": two(s.nearest_people, "spatial", k=100),
    "scale_profile": two(
        lambda data, **o: s.scale_profile(data, "atkinson", **o), "spatial", bandwidths=[500, 1500]
    ),
    **{name: several(m.function) for name, m in s.MEASURES.items() if m.kind == "multigroup"},
    "divergence": several(s.divergence),
    "divergence_by_area": several(s.divergence_by_area),
    "local_segregation": several(s.local_segregation),
    "between_within": several(s.between_within, region="region"),
    "rank_order": Call(s.rank_order, {"brackets": BRACKETS, "order": 3}, "b2", tuple(BRACKETS), "ordered"),
    "neighborhood_sorting": Call(
        s.neighborhood_sorting,
        {"mean": "income", "sd": "sd", "weight": "people"},
        "sd",
        ("people",),
        "income",
    ),
    "income_shares_of_areas": Call(
        s.income_shares_of_areas, {"income": "income", "weight": "people"}, "income", ("people",), "income"
    ),
}
#: Results that have a row for each area.
BY_AREA = {"local_composition", "nearest_people", "divergence_by_area", "local_segregation"}
each = pytest.mark.parametrize("name", list(CALLS))


def those(*kinds):
    return pytest.mark.parametrize("name", [name for name, call in CALLS.items() if call.kind in kinds])


def values_of(result):
    """Return the numbers of a result."""
    if isinstance(result, pd.DataFrame):
        columns = [c for c in ("value", "ratio", "population_share", "contribution") if c in result]
        return result[columns].to_numpy(dtype=float)
    return np.atleast_1d(np.asarray(result, dtype=float))


def same(result, expected):
    np.testing.assert_allclose(values_of(result), values_of(expected), rtol=1e-9, atol=1e-12)


def spoiled(column, value, row=ROW):
    data = TABLE.copy()
    data[column] = data[column].astype(object)
    data.loc[row, column] = value
    return data


def test_every_public_function_is_here():
    assert set(CALLS) == set(s.__all__) - {"MEASURES"}
    assert set(s.MEASURES) <= set(CALLS)


@each
def test_the_table_itself_gives_finite_numbers(name):
    found = values_of(CALLS[name](TABLE))
    assert np.isfinite(found).all()
    assert (np.abs(found) > 0).any()


# --- Cells ---------------------------------------------------------------------------------------

CELLS = [
    (np.nan, r"{part}: has 1 missing values \(C\)\. Fill them by a rule you can state, or drop these areas"),
    (pd.NA, r"{part}: has 1 missing values \(C\)"),
    (-1, r"{part}: has values under 0 \(C\)\. Correct or drop these rows"),
    ("many", r"{part}: has text where a number belongs, such as 'many' \(C\)\. Correct the cells"),
    ([3], r"{part}: has text where a number belongs, such as \[3\] \(C\)"),
    (np.inf, r"{part}: has infinite values \(C\)"),
]


@pytest.mark.parametrize(("cell", "pattern"), CELLS, ids=[repr(cell) for cell, _ in CELLS])
@each
def test_bad_cells_are_named(name, cell, pattern):
    call = CALLS[name]
    data = TABLE.copy()
    data[call.part] = pd.Series(
        [cell if i == ROW else v for i, v in enumerate(data[call.part])], dtype=object
    )
    with pytest.raises(InputError, match=pattern.format(part=call.part)):
        call(data)


@each
def test_areas_with_missing_cells_are_left_out_when_asked(name):
    call = CALLS[name]
    found = call(spoiled(call.part, np.nan), missing="drop")
    kept = call(TABLE.drop(index=ROW))
    if name in BY_AREA:
        found = found.drop(index=ROW)
    if name == "between_within":
        assert found["n_missing"].iloc[0] == 1
    same(found, kept)


@each
def test_a_column_in_which_all_is_missing_is_named(name):
    call = CALLS[name]
    data = TABLE.assign(**{call.part: np.nan})
    with pytest.raises(InputError, match=rf"{call.part}: has 8 missing values \(A, B, C and 5 more\)"):
        call(data)
    with pytest.raises(InputError, match="(no area with|is 0 in every area)"):
        call(data, missing="drop")


@pytest.mark.parametrize("kind", ["datetime64[ns]", "complex128"])
@each
def test_dates_are_not_numbers(name, kind):
    call = CALLS[name]
    pattern = rf"{call.part}: has {kind} where numbers belong".replace("[", r"\[")
    with pytest.raises(InputError, match=pattern):
        call(TABLE.astype({call.part: kind}))


@pytest.mark.parametrize("kind", ["uint16", "Int64", "Float64", "float32", "object", "category"])
@each
def test_the_kind_of_number_does_not_matter(name, kind):
    call = CALLS[name]
    columns = dict.fromkeys({*call.people, call.part}, kind)
    same(call(TABLE.astype(columns)), call(TABLE))


@those("two", "spatial")
def test_a_group_above_the_total_is_named(name):
    with pytest.raises(InputError, match=r"group: is larger than `total` \(C\)\. Both must be counts of"):
        CALLS[name](spoiled("group", 91))


@each
def test_counts_need_not_be_whole(name):
    call = CALLS[name]
    options = {"k": 25} if name == "nearest_people" else {}
    thin = TABLE.assign(**{column: TABLE[column] / 4 for column in call.people})
    same(call(thin, **options), call(TABLE))


@each
def test_huge_counts_give_the_same(name):
    call = CALLS[name]
    options = {"k": 10**11} if name == "nearest_people" else {}
    huge = TABLE.assign(**{column: TABLE[column] * 10**9 for column in call.people})
    same(call(huge, **options), call(TABLE))


# --- Who lives where -----------------------------------------------------------------------------


@those("two", "spatial")
def test_a_group_without_members_is_named(name):
    with pytest.raises(InputError, match="group: is 0 in every area, so the group has no members"):
        CALLS[name](TABLE.assign(group=0))


@those("several", "ordered")
def test_a_group_without_members_changes_nothing(name):
    call = CALLS[name]
    key = "groups" if "groups" in call.options else "brackets"
    wider = {key: [*call.options[key][:1], "nobody", *call.options[key][1:]]}
    same(call(TABLE.assign(nobody=0), **wider), call(TABLE))


@those("two", "spatial")
def test_a_group_of_everyone_is_named(name):
    everyone = TABLE.assign(group=TABLE["total"])
    if name == "exposure":
        # Exposed to the other group are then all: the answer is its share of the population.
        assert CALLS[name](everyone) == pytest.approx(TABLE["other"].sum() / TABLE["total"].sum())
        return
    rule = (
        "group: equals `total` in every area, so there is no one to be segregated from. Choose a group that"
    )
    with pytest.raises(InputError, match=rule):
        CALLS[name](everyone)
    with pytest.raises(InputError, match="total: equals `total` in every area"):
        CALLS[name](TABLE, group="total")


@those("several", "ordered")
def test_one_group_of_everyone_is_named(name):
    call = CALLS[name]
    alone = TABLE.assign(**{**dict.fromkeys(call.people, 0), call.part: 5})
    with pytest.raises(
        InputError, match=rf"{call.part}: holds everyone, so there is no one to be segregated"
    ):
        call(alone)


def test_a_single_person_outside_the_group_is_not_no_one():
    total = np.full(10, 10**9)
    data = pd.DataFrame({"group": total - 5 * (np.arange(10) == 9), "total": total})
    assert s.dissimilarity(data, **TWO) == pytest.approx(0.9)
    shares = pd.DataFrame({"group": [0.1 * 3, 0.7], "total": [0.3, 0.7]})
    with pytest.raises(InputError, match="equals `total` in every area"):
        s.dissimilarity(shares, **TWO)


@each
def test_a_place_without_people_is_named(name):
    call = CALLS[name]
    rule = {
        "two": "total: has no area with a known count above 0",
        "spatial": "total: has no area with a known count above 0",
        "several": r"groups: have no area with known counts above 0 \(a, b, c\)",
        "ordered": "brackets: have no area with known counts above 0",
        "income": "people: has no area with people and known values",
    }[call.kind]
    with pytest.raises(InputError, match=rf"{rule}.* Check that the right columns and period are chosen"):
        call(TABLE.assign(**dict.fromkeys(call.people, 0)))


#: Measures of which the docstring says that areas without people count, with their land or as areas.
LAND_COUNTS = ["delta", "absolute_centralization", "absolute_clustering"]


@each
def test_areas_without_people_add_nothing(name):
    call = CALLS[name]
    empty = TABLE.copy()
    empty.loc[[3, 7], list(call.people)] = 0
    found, kept = call(empty), call(TABLE.drop(index=[3, 7]))
    if name in LAND_COUNTS:
        assert np.isfinite(found)
        assert found != pytest.approx(kept)
        return
    same(found.drop(index=[3, 7]) if name in BY_AREA else found, kept)


@each
def test_the_rows_may_stand_in_any_order_under_any_index(name):
    call = CALLS[name]
    order = [5, 0, 7, 2, 1, 6, 4, 3]
    turned = TABLE.iloc[order].set_axis([1] * 8)
    expected = call(TABLE)
    if name in BY_AREA:
        expected = expected.iloc[order]
    found = call(turned)
    if name == "between_within":
        found, expected = (t.sort_values(["level", "measure", "region"]) for t in (found, expected))
    same(found, expected)
    several_levels = TABLE.set_index(pd.MultiIndex.from_product([range(4), ["p", "q"]]))
    same(call(several_levels), call(TABLE))


#: The answer for area C alone: 30 of 90 in the group, 40 in the other; 30, 40, 20 in a, b, c.
SINGLE = {
    "isolation": 1 / 3,
    "exposure": 4 / 9,
    "spatial_proximity": 1.0,
    "local_composition": 1 / 3,
    "nearest_people": 1 / 3,
    "interaction": 1 - (9 + 16 + 4) / 81,
    "between_within": [[0, 1], [0, 1], [0, 1], [0, 1]],
    "local_segregation": [[0.0]],
    "income_shares_of_areas": [[0], [0], [0], [1], [0], [0]],
}


@each
def test_a_single_area_has_the_documented_value(name):
    call, single = CALLS[name], TABLE.iloc[[ROW]]
    if name in {"absolute_concentration", "relative_concentration"}:
        with pytest.raises(InputError, match=r"data: the areas are of one size, or so few.*Use finer areas"):
            call(single)
    elif name == "scale_profile":
        with pytest.warns(DataWarning, match="atkinson: is .* at the smallest scale, so the ratio to it is"):
            found = call(single)
        assert found["value"].tolist() == pytest.approx([0, 0], abs=1e-12)
        assert found["ratio"].isna().all()
    else:
        expected = np.asarray(SINGLE.get(name, 0.0))
        np.testing.assert_allclose(values_of(call(single)), np.atleast_1d(expected), atol=1e-12)


# --- Tables --------------------------------------------------------------------------------------


@each
def test_several_periods_in_one_table_are_named(name):
    both = pd.concat([TABLE.assign(period=2020), TABLE.assign(period=2023)], ignore_index=True)
    rule = r"data: has the same areas in several periods \(2020, 2023\)\. Choose one, for example data\[data"
    with pytest.raises(InputError, match=rule):
        CALLS[name](both)
    rule = r"data: has several periods, and no area_id that tells .* \(2020, 2023\)\. Choose one"
    with pytest.raises(InputError, match=rule):
        CALLS[name](both.drop(columns="area_id"))
    same(CALLS[name](TABLE.assign(period=2023)), CALLS[name](TABLE))


@each
def test_missing_and_repeated_columns_are_named(name):
    call = CALLS[name]
    with pytest.raises(UnknownNameError, match=rf"data: lacks the column \({call.part}\)\. Columns at hand:"):
        call(TABLE.drop(columns=call.part))
    twice = gpd.GeoDataFrame(pd.concat([pd.DataFrame(TABLE), TABLE[[call.part]]], axis=1), crs=3006)
    with pytest.raises(InputError, match=rf"data: has a column more than once \({call.part}\)"):
        call(twice)


@each
def test_columns_under_a_common_head_are_named(name):
    call = CALLS[name]
    wide = pd.concat({column: TABLE[["people"]] for column in TABLE.columns}, axis=1)
    with pytest.raises(
        InputError, match=r"stands over several columns \(people\)\. Give the table a single row"
    ):
        call(wide)


@each
def test_what_is_no_table_is_named(name):
    call = CALLS[name]
    for bad, kind in ((TABLE.to_dict(), "dict"), (TABLE["group"], "Series"), (None, "NoneType")):
        with pytest.raises(InputError, match=f"data: must be a table, is {kind}"):
            call(bad)
    with pytest.raises(InputError, match="data: has no rows"):
        call(TABLE.iloc[:0])
    for choice in ("ignore", None, ["drop"]):
        with pytest.raises(InputError, match=r"missing: is .*, must be one of 'raise', 'drop'"):
            call(TABLE, missing=choice)


@each
def test_the_table_is_not_changed(name):
    data = TABLE.astype({CALLS[name].part: "Int64"})
    before = data.copy()
    CALLS[name](data)
    pd.testing.assert_frame_equal(pd.DataFrame(data), pd.DataFrame(before))


# --- Places --------------------------------------------------------------------------------------

BOW = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


def places():
    def with_third(shape):
        return TABLE.set_geometry([*TABLE.geometry[:2], shape, *TABLE.geometry[3:]], crs=3006)

    north = TABLE.set_geometry(TABLE.translate(500_000, 6_500_000))
    yield "none", with_third(None), r"geometry: is missing \(C\)\. Add the boundary or drop the area"
    yield "empty", with_third(Polygon()), r"geometry: is missing \(C\)"
    yield "point", with_third(Point(0, 0)), r"geometry: must be polygons \(C\)"
    yield "bow", with_third(BOW), r"geometry: is invalid \(C\)\. First reason: Self-intersection"
    yield "no crs", TABLE.set_crs(None, allow_override=True), r"no coordinate reference system .*Set it with"
    yield "degrees", north.to_crs(4326), r"geometry: must be in meters, is in degree .*to_crs\(3006\)"
    yield (
        "feet",
        TABLE.set_crs(2263, allow_override=True),
        "geometry: must be in meters, is in US survey foot",
    )
    yield "dropped", pd.DataFrame(TABLE.drop(columns="geometry")), "geometry: is missing.*Load the areas from"
    yield "no longer", pd.DataFrame(TABLE), r"geometry: is missing.*make it one with geopandas\.GeoDataFrame"
    yield "other name", TABLE.rename_geometry("geom"), r"It is in `geom`: call rename_geometry\('geometry'\)"


@pytest.mark.parametrize(("data", "pattern"), [pytest.param(d, p, id=i) for i, d, p in places()])
@those("spatial")
def test_bad_places_are_named(name, data, pattern):
    with pytest.raises(InputError, match=pattern):
        CALLS[name](data)


@those("two", "several", "ordered", "income")
def test_other_measures_need_no_places(name):
    same(CALLS[name](pd.DataFrame(TABLE.drop(columns="geometry"))), CALLS[name](TABLE))


# --- Other arguments -----------------------------------------------------------------------------

NAMES = r"must be names of columns|has its columns named by text, not by \(list\)"
ARGUMENTS = [
    *[
        ("atkinson", {"b": b}, "b: is .*, must be greater than 0 and less than 1")
        for b in ("x", None, [0.5], 1)
    ],
    *[
        ("absolute_clustering", {"unit": u}, "unit: is .*, must be 'm', 'km'")
        for u in (None, [1], True, "feet")
    ],
    *[("spatial_proximity", {"cutoff": c}, "cutoff: is .*, must be greater") for c in ("5", [1], True, 0)],
    *[("nearest_people", {"k": k}, "k: is .*, must be a whole number") for k in (5.0, True, None, "5", 0)],
    *[
        ("local_composition", {"bandwidth": b}, "bandwidth: is .*, must be")
        for b in (None, True, [5], "5", -1)
    ],
    *[
        (
            "income_shares_of_areas",
            {"reference": r},
            "reference: is .*, must be a finite number greater than 0",
        )
        for r in ("300", [300], True, np.nan, -1)
    ],
    *[
        ("income_shares_of_areas", {"cuts": c}, "cuts: must be numbers greater than 0 that rise")
        for c in ("ab", [], [1, None], [2, 1], 0, (True, 2))
    ],
    *[("divergence", {"reference": r}, "reference: must") for r in ([0.5, 0.5], "ab", 5, {"a": 1})],
    *[
        ("mutual_information", {"groups": g}, "groups: must be two or more")
        for g in (None, "a", ["a", "a"], [])
    ],
    *[("rank_order", {"brackets": g}, "brackets: must be two or more") for g in (None, "b0", ["b0", "b0"])],
    ("multigroup_gini", {"groups": [["a"], ["b"]]}, NAMES),
    ("between_within", {"region": [["region"]]}, NAMES),
    ("dissimilarity", {"group": ["group"]}, NAMES),
    ("delta", {"area": ["people"]}, NAMES),
]


@pytest.mark.parametrize(("name", "options", "pattern"), ARGUMENTS)
def test_bad_arguments_are_named(name, options, pattern):
    with pytest.raises(InputError, match=pattern):
        CALLS[name](TABLE, **options)


def test_incomes_without_a_difference_or_a_middle_are_named():
    # The mean of equal numbers is not always that number: 0.1 three times gives 0.10000000000000002.
    same_income = pd.DataFrame({"income": [0.1] * 3, "sd": 0, "people": 1})
    with pytest.raises(InputError, match="data: has no spread: `income` is the same in every area"):
        CALLS["neighborhood_sorting"](same_income)
    with pytest.raises(InputError, match="income: has the median 0, and there is no ratio to that"):
        CALLS["income_shares_of_areas"](TABLE.assign(income=0))


def test_close_cuts_have_different_names():
    table = CALLS["income_shares_of_areas"](TABLE, cuts=(1, 1.001, 1.002))
    assert table["group"].tolist() == ["under 1", "1 to 1.001", "1.001 to 1.002", "1.002 and over"]


def test_a_share_among_the_nearest_does_not_pass_1():
    # 7 / 100 of 100 members, divided by 7, is 1.0000000000000002.
    full = TABLE.assign(group=[100, 60, 40, 0] * 2, total=100)
    assert s.nearest_people(full, k=7, **TWO).max() == 1
    profile = s.scale_profile(full, "atkinson", k=[7], **TWO)
    assert profile["value"].item() == pytest.approx(0.76)


def test_empty_areas_without_a_region_make_no_region():
    empty = TABLE.copy()
    empty.loc[7, ["a", "b", "c"]] = 0
    empty.loc[7, "region"] = " "
    found = CALLS["between_within"](empty)
    assert found["region"].tolist() == ["", "", "", "east", "mid", "west"]


def test_a_group_may_not_be_housed_on_all_land_there_is():
    data = pd.DataFrame({"group": [10, 0], "total": [10, 20], "land": [5, 0]})
    with pytest.raises(InputError, match="or everyone else lives on no land"):
        s.relative_concentration(data, area="land", **TWO)
