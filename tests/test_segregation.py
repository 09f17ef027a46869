from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segkit import segregation
from segkit.base.boundary import unguarded
from segkit.errors import InputError, UnknownNameError
from segkit.measures.segregation.counts import two_groups

ORACLES = Path(__file__).parent / "oracles"
COLUMNS = {"group": "group", "total": "total"}
EVENNESS = ["dissimilarity", "gini", "information_theory", "atkinson", "correlation_ratio"]


def counts(group, rest):
    group, rest = np.asarray(group, dtype=float), np.asarray(rest, dtype=float)
    return pd.DataFrame({"group": group, "total": group + rest})


M1 = counts([100, 60, 40, 0], [0, 40, 60, 100])
V3 = counts([10, 20, 30], [30, 20, 10])


def names():
    return sorted(name for name, measure in segregation.MEASURES.items() if measure.kind == "two_group")


@pytest.mark.parametrize(
    ("name", "m1", "v3"),
    [
        ("dissimilarity", 0.6, 1 / 3),
        ("gini", 0.8, 4 / 9),
        ("information_theory", 0.514525, 0.125815),
        ("atkinson", 0.76, 0.170655),
        ("isolation", 0.76, 0.583333),
        ("correlation_ratio", 0.52, 1 / 6),
    ],
)
def test_published_tables(name, m1, v3):
    measure = getattr(segregation, name)
    assert measure(M1, **COLUMNS) == pytest.approx(m1, abs=5e-7)
    assert measure(V3, **COLUMNS) == pytest.approx(v3, abs=5e-7)


@pytest.mark.parametrize(
    ("b", "m1", "v3"),
    [(0.1, 0.540811, 0.036230), (0.5, 0.76, 0.170655), (0.9, 0.999092, 0.282602)],
)
def test_atkinson_follows_b(b, m1, v3):
    assert segregation.atkinson(M1, b=b, **COLUMNS) == pytest.approx(m1, abs=5e-7)
    assert segregation.atkinson(V3, b=b, **COLUMNS) == pytest.approx(v3, abs=5e-7)


def test_atkinson_b_says_which_areas_count_most():
    # Mirror images: one area with hardly any of the others, or with hardly any of the group.
    over, under = counts([99, 40, 40, 40], [1, 60, 60, 60]), counts([1, 60, 60, 60], [99, 40, 40, 40])

    def difference(b):
        return segregation.atkinson(over, b=b, **COLUMNS) - segregation.atkinson(under, b=b, **COLUMNS)

    assert difference(0.5) == pytest.approx(0, abs=1e-12)
    assert difference(0.2) < -0.01
    assert difference(0.8) > 0.01


@pytest.mark.parametrize("b", [0, 1, -0.5, float("nan")])
def test_atkinson_refuses_b_outside_its_range(b):
    with pytest.raises(InputError, match="b: is"):
        segregation.atkinson(M1, b=b, **COLUMNS)


@pytest.mark.parametrize(("data", "expected"), [(M1, 0.24), (V3, 0.416667)])
def test_exposure_to_the_rest(data, expected):
    data = data.assign(rest=data["total"] - data["group"])
    value = segregation.exposure(data, group="group", other="rest", total="total")
    assert value == pytest.approx(expected, abs=5e-7)


def test_exposure_to_an_empty_group_is_zero_and_to_itself_is_isolation():
    data = M1.assign(nobody=0.0)
    assert segregation.exposure(data, group="group", other="nobody", total="total") == 0
    own = segregation.exposure(data, group="group", other="group", total="total")
    assert own == pytest.approx(segregation.isolation(data, **COLUMNS))


def test_exposure_needs_members_and_parts_of_the_total():
    data = M1.assign(nobody=0.0, many=[0.0, 0.0, 101.0, 0.0])
    with pytest.raises(InputError, match="nobody: is 0 in every area"):
        segregation.exposure(data, group="nobody", other="group", total="total")
    with pytest.raises(InputError, match=r"many: is larger than `total` \(2\)"):
        segregation.exposure(data, group="group", other="many", total="total")


def test_gini_equals_the_printed_double_sum():
    rng = np.random.default_rng(3)
    total = rng.integers(0, 900, 80).astype(float)
    data = pd.DataFrame({"group": np.floor(total * rng.random(80)), "total": total})
    t, x = total[total > 0], data["group"].to_numpy()[total > 0]
    p, share = x / t, x.sum() / t.sum()
    double_sum = (np.outer(t, t) * np.abs(p[:, None] - p[None, :])).sum()
    expected = double_sum / (2 * t.sum() ** 2 * share * (1 - share))
    assert segregation.gini(data, **COLUMNS) == pytest.approx(expected, rel=1e-12)


def test_other_package_agrees():
    areas = pd.read_csv(ORACLES / "measures_areas.csv").assign(rest=lambda d: d["total"] - d["group"])
    oracle = pd.read_csv(ORACLES / "measures.csv").query("module == 'segregation'")
    assert len(oracle) == 6
    for row in oracle.itertuples():
        options = {"other": "rest"} if row.measure == "exposure" else {}
        value = getattr(segregation, row.measure)(areas, **COLUMNS, **options)
        assert value == pytest.approx(row.value, rel=1e-10), row.call


@pytest.mark.parametrize("name", EVENNESS)
def test_single_area_is_even(name):
    assert getattr(segregation, name)(counts([30], [70]), **COLUMNS) == pytest.approx(0, abs=1e-12)


def test_isolation_of_a_single_area_is_the_share():
    assert segregation.isolation(counts([30], [70]), **COLUMNS) == pytest.approx(0.3)


@pytest.mark.parametrize("name", names())
def test_empty_areas_contribute_nothing_even_with_a_missing_group(name):
    measure = segregation.MEASURES[name].function
    empty = pd.DataFrame({"group": [0.0, np.nan], "total": [0.0, 0.0]})
    data = pd.concat([empty, M1], ignore_index=True)
    assert measure(data, **COLUMNS) == measure(M1, **COLUMNS)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("column", ["group", "total"])
def test_missing_counts_are_an_error_unless_dropped(name, column):
    measure = segregation.MEASURES[name].function
    extra = pd.DataFrame({"area_id": ["x"], "group": [5.0], "total": [10.0]})
    extra[column] = np.nan
    data = pd.concat([M1.assign(area_id=list("abcd")), extra], ignore_index=True)
    with pytest.raises(InputError, match=rf"{column}: has 1 missing values \(x\)"):
        measure(data, **COLUMNS)
    assert measure(data, missing="drop", **COLUMNS) == measure(M1, **COLUMNS)


def test_missing_takes_two_words_only():
    with pytest.raises(InputError, match=r"missing: is 'ignore', must be one of 'raise', 'drop'"):
        segregation.dissimilarity(M1, missing="ignore", **COLUMNS)


def bad_tables():
    area_id = list("abcd")
    table = M1.assign(area_id=area_id)
    yield table.assign(group=[-1.0, 0, 0, 0]), r"group: has values under 0 \(a\)"
    yield table.assign(total=[100.0, -5, 100, 100]), r"total: has values under 0 \(b\)"
    yield table.assign(group=[100.0, 60, 140, 0]), r"group: is larger than `total` \(c\)"
    yield table.assign(total=[0.0, 100, 100, 100]), r"group: is larger than `total` \(a\)"
    yield (
        table.assign(group=["many", "1", "2", "3"]),
        r"group: has text where a number belongs",
    )
    yield table.assign(group=[np.inf, 0, 0, 0]), r"group: has infinite values \(a\)"
    yield table.assign(group=0.0), r"group: is 0 in every area"
    yield table.assign(group=table["total"]), r"group: equals `total` in every area"
    yield table.assign(group=0.0, total=0.0), r"total: has no area with a known count above 0"
    yield table.iloc[:0], r"data: has no rows"


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize(("data", "pattern"), list(bad_tables()))
def test_bad_counts_are_named(name, data, pattern):
    with pytest.raises(InputError, match=pattern):
        segregation.MEASURES[name].function(data, **COLUMNS)


def test_all_areas_missing_is_an_error_even_when_dropped():
    with pytest.raises(InputError, match="no area with a known count"):
        segregation.dissimilarity(M1.assign(total=np.nan), missing="drop", **COLUMNS)


def test_unknown_column_lists_those_at_hand():
    with pytest.raises(UnknownNameError, match=r"lacks the column \(grupp\)\. Columns at hand: group, total"):
        segregation.dissimilarity(M1, group="grupp", total="total")


def test_data_must_be_a_table():
    with pytest.raises(InputError, match="data: must be a table, is dict"):
        segregation.dissimilarity({"group": [1], "total": [2]}, **COLUMNS)


def test_several_periods_of_the_same_areas_are_refused():
    panel = pd.concat([M1.assign(area_id=list("abcd"), period=year) for year in (2020, 2023)])
    with pytest.raises(InputError, match=r"same areas in several periods \(2020, 2023\)\. Choose one"):
        segregation.dissimilarity(panel, **COLUMNS)
    assert segregation.dissimilarity(panel[panel["period"] == 2023], **COLUMNS) == pytest.approx(0.6)


def test_resampled_areas_and_areas_of_different_periods_pass():
    areas = M1.assign(area_id=list("abcd"), period=2023)
    twice = pd.concat([areas, areas])
    assert segregation.dissimilarity(twice, **COLUMNS) == pytest.approx(0.6)
    newest = areas.assign(period=[2022, 2023, 2023, 2022])
    assert segregation.dissimilarity(newest, **COLUMNS) == pytest.approx(0.6)


def test_rounding_above_the_total_is_no_error():
    total = np.array([3.0, 7.0, 11.0])
    data = pd.DataFrame({"group": [total[0] * (1 + 1e-15), 0.1, 0.2], "total": total})
    x, y = two_groups(data, **COLUMNS)
    assert y[0] == 0
    assert x.sum() > 0


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float32", "str"])
def test_other_column_types_give_the_same(dtype):
    data = M1.astype("int64").astype(dtype)
    assert segregation.gini(data, **COLUMNS) == pytest.approx(0.8)


@pytest.mark.parametrize("name", names())
def test_input_is_not_changed(name):
    data = M1.assign(area_id=list("abcd"))
    before = data.copy()
    segregation.MEASURES[name].function(data, **COLUMNS)
    pd.testing.assert_frame_equal(data, before)


def test_registry_of_two_groups():
    letters = {
        "dissimilarity": "D",
        "gini": "G",
        "information_theory": "H",
        "atkinson": "A",
        "isolation": "xPx",
        "correlation_ratio": "eta2",
    }
    assert letters.items() <= {name: segregation.MEASURES[name].letter for name in names()}.items()


@pytest.mark.parametrize("name", segregation.MEASURES)
def test_registry_describes_every_measure(name):
    measure = segregation.MEASURES[name]
    assert measure.name == name
    assert measure.kind in {"two_group", "spatial", "multigroup", "ordered"}
    assert unguarded(measure.function) is unguarded(getattr(segregation, name))
    # One formula for many draws, so that inference is fast for every measure.
    assert (measure.many is None) == (measure.kind == "spatial")
    assert (measure.prepare is None) == (measure.kind != "spatial")
    assert measure.low < measure.high
    assert measure.meaning.endswith(".")
    assert measure.meaning_sv.endswith(".")
    assert measure.reference.endswith(")")
