"""Keys between divisions, larger and own areas, and time series over changed boundaries."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import areas
from segkit.errors import InputError, UnknownNameError
from segkit.geography import aggregate, chain, crosswalk, nest_check

REFERENCE = Path(__file__).parents[2] / "shared" / "data" / "reference"


@pytest.fixture
def values():
    return pd.DataFrame(
        {
            "area_id": ["a", "b", "c"],
            "population": [100.0, 300.0, 50.0],
            "workers": [60.0, 100.0, 20.0],
            "rate": [50.0, 20.0, 80.0],
        }
    )


def _key(*rows):
    return pd.DataFrame(rows, columns=["old", "new", "part"])


def _convert(values, key, share="part", **options):
    options = {"extensive": ["population"], "intensive": ["rate"], "weight": "workers"} | options
    return crosswalk(values, key, from_id="old", to_id="new", share=share, **options)


def test_many_to_many_by_hand(values):
    key = _key(("a", "X", 1), ("b", "X", 0.25), ("b", "Y", 0.75), ("c", "Y", 1))
    result = _convert(values, key)
    x, y = (result.areas.set_index("area_id").loc[code] for code in "XY")
    assert (x["population"], y["population"]) == (175.0, 275.0)
    assert x["rate"] == pytest.approx((60 * 50 + 25 * 20) / 85)
    assert (x["population_low"], x["population_high"]) == (100.0, 400.0)
    assert x["rate_low"] == pytest.approx((60 * 50 + 100 * 20) / 160)
    assert x["rate_high"] == 50.0
    assert x["rate_flag"] == "interpolated"
    assert x["whole_share"] == pytest.approx(60 / 85)
    assert result.totals["weight"].tolist() == ["", "workers"]
    assert result.method.set_index("statistic").loc["areas divided", "value"] == 1


def test_merging_needs_no_shares_and_is_exact(values):
    key = _key(("a", "X", 1), ("b", "X", 1), ("c", "Y", 1))
    result = _convert(values, key, share=None).areas
    assert result["population"].tolist() == [400.0, 50.0]
    assert result["rate"].tolist() == [pytest.approx((60 * 50 + 100 * 20) / 160), 80.0]
    assert result["rate_flag"].tolist() == ["computed", "computed"]


def test_a_key_of_a_whole_country_serves_one_place(values):
    key = _key(("a", "X", 1), ("b", "X", 1), ("c", "Y", 1), ("elsewhere", "Z", 1))
    assert _convert(values, key).areas["area_id"].tolist() == ["X", "Y"]


def test_an_area_of_the_key_without_values_is_told(values):
    key = _key(("a", "X", 1), ("b", "X", 1), ("c", "Y", 1), ("d", "Y", 1))
    with pytest.raises(InputError, match=r"population: has 1 missing values \(d\)"):
        _convert(values, key)
    result = _convert(values, key, missing="report")
    assert result.areas["population"].isna().tolist() == [False, True]
    assert result.areas["population_flag"].tolist() == ["computed", "missing"]
    named = result.method.set_index("statistic")["value"]
    assert named["areas of the key without values"] == "d"


def test_areas_that_the_key_lacks(values):
    key = _key(("a", "X", 1), ("b", "X", 1))
    with pytest.raises(InputError, match=r"key: lacks 1 areas of the values \(c\)"):
        _convert(values, key)
    told = _convert(values, key, outside="report")
    assert told.outside.to_dict("list") == {"area_id": ["c"], "share": [1.0]}
    assert told.totals.loc[0, ["source", "target", "outside"]].tolist() == [450.0, 400.0, 50.0]
    kept = _convert(values, key, outside="keep").areas
    assert kept["area_id"].tolist() == ["X", "c"]
    assert kept["population"].tolist() == [400.0, 50.0]


def test_a_key_file_with_decimal_commas(values, tmp_path):
    path = tmp_path / "key.csv"
    path.write_text("old;new;part\na;X;1\nb;X;0,25\nb;Y;0,75\nc;Y;1\n", encoding="cp1252")
    assert _convert(values, path).areas["population"].tolist() == [175.0, 275.0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=8))
def test_totals_are_kept_for_any_shares(weights):
    rows = []
    for k, row in enumerate(weights):
        total = sum(row) or 1
        parts = row if sum(row) else [1, 0, 0, 0]
        rows += [(f"s{k}", f"t{j}", part / total) for j, part in enumerate(parts) if part]
    values = pd.DataFrame({"area_id": [f"s{k}" for k in range(len(weights))]})
    values["population"] = np.arange(len(values)) ** 2 + 1.0
    values["rate"] = np.linspace(0, 100, len(values))
    result = _convert(values, _key(*rows), weight="population").areas
    assert result["population"].sum() == pytest.approx(values["population"].sum(), rel=1e-9)
    # The mean over all stays what it was, too.
    before = np.average(values["rate"], weights=values["population"])
    assert np.average(result["rate"], weights=result["population"]) == pytest.approx(before)
    assert (result["rate_low"] <= result["rate"]).all()
    assert (result["rate"] <= result["rate_high"]).all()


BAD_KEYS = {
    "shares": ([("a", "X", 1), ("b", "X", 0.5), ("b", "Y", 0.2), ("c", "Y", 1)], {}, r"add up to 1.*b: 0.7"),
    "per cent": ([("a", "X", 100), ("b", "X", 100), ("c", "X", 100)], {}, "divided by 100"),
    "negative": ([("a", "X", 1), ("b", "X", -1), ("b", "Y", 2), ("c", "Y", 1)], {}, "under 0"),
    "twice": ([("a", "X", 1), ("a", "X", 1), ("b", "X", 1), ("c", "X", 1)], {}, "more than once.*a to X"),
    "no shares": ([("a", "X", 1), ("a", "Y", 1), ("b", "X", 1)], {"share": None}, "share: is needed.*a"),
    "empty": ([("a", "", 1)], {}, "key new: is empty"),
    "other place": ([("q", "X", 1)], {"outside": "report"}, "no row for any area"),
    "no weight": ([("a", "X", 1)], {"weight": {}}, "weight: is not named for"),
}


@pytest.mark.parametrize("case", BAD_KEYS)
def test_bad_keys_are_refused(values, case):
    rows, options, pattern = BAD_KEYS[case]
    with pytest.raises(InputError, match=pattern):
        _convert(values, _key(*rows), **options)


def test_unknown_columns_are_named(values):
    with pytest.raises(UnknownNameError, match="to_x"):
        crosswalk(values, _key(("a", "X", 1)), from_id="old", to_id="to_x", extensive=["population"])


def test_deso_are_summed_to_regso():
    panel = areas.load_example("kalmar")
    result = aggregate(panel, "regso_id", name="regso_name")
    areas.check_panel(result.areas)
    assert result.areas["area_id"].nunique() == 17
    newest = result.areas[result.areas["period"] == 2025].set_index("area_id")
    by_hand = panel[panel["period"] == 2025].groupby("regso_id")["population"].sum()
    assert newest["population"].to_dict() == by_hand.to_dict()
    rows = panel[(panel["period"] == 2025) & (panel["regso_id"] == newest.index[0])]
    mean = np.average(rows["post_secondary_share"], weights=rows["population"])
    assert newest["post_secondary_share"].iloc[0] == pytest.approx(mean)
    assert newest["post_secondary_share_flag"].unique().tolist() == ["computed"]
    older = result.areas[result.areas["period"] == 2024]
    several = panel.drop_duplicates("area_id").groupby("regso_id").size() > 1
    flags = older.set_index("area_id")["median_income_flag"]
    assert (flags[several[several].index] == "interpolated").all()
    # Population is of 2025 only: the weight of 2024 says so.
    said = result.totals[(result.totals["period"] == 2024) & (result.totals["kind"] == "intensive")]
    assert said["weight"].unique().tolist() == ["population 2025"]
    assert newest.geometry.area.sum() == pytest.approx(panel[panel["period"] == 2025].area.sum())


def test_own_areas_by_a_key_file(tmp_path):
    panel = areas.load_example("motala")
    codes = sorted(panel["area_id"].unique())
    path = tmp_path / "nyko.csv"
    lines = [
        f"{code};{'N' if k < 10 else 'S'};{'Norr' if k < 10 else 'Söder'}" for k, code in enumerate(codes)
    ]
    path.write_text("\n".join(["deso;nyko;namn", *lines]), encoding="utf-8")
    options = {"key": path, "key_id": "deso", "name": "namn", "intensive": ["post_secondary_share"]}
    result = aggregate(panel, "nyko", **options).areas
    newest = result[result["period"] == 2025]
    assert newest["name"].tolist() == ["Norr", "Söder"]
    assert newest["population"].sum() == panel.loc[panel["period"] == 2025, "population"].sum()
    areas.check_panel(result)
    path.write_text("\n".join(["deso;nyko;namn", *lines[1:]]), encoding="utf-8")
    with pytest.raises(InputError, match=f"key: lacks 1 areas of the values.*{codes[0]}"):
        aggregate(panel, "nyko", **options)


def kalmar_before():
    """The DeSO of 2018 of Kalmar with the sums of today's areas: one was split since, C1200."""
    panel = areas.load_example("kalmar")
    now = panel[panel["period"] == 2025].reset_index(drop=True)
    options = {"extensive": ["population"], "intensive": ["post_secondary_share"]}
    before = aggregate(now, "deso_2018", **options).areas
    return before.assign(period=2023).drop(columns=["population_flag", "post_secondary_share_flag"]), now


def _changes(now):
    pairs = now.loc[now["area_id"] != now["deso_2018"], ["deso_2018", "area_id"]]
    return pairs.rename(columns={"deso_2018": "old", "area_id": "new"}).assign(cause="Delad")


FIGURES = {"extensive": ["population"], "intensive": ["post_secondary_share"]}


def test_the_split_area_of_kalmar_is_merged():
    before, now = kalmar_before()
    result = chain(before, now, _changes(now), **FIGURES)
    areas.check_panel(result.panel)
    assert result.panel["area_id"].nunique() == 42
    rows = result.panel[result.panel["area_id"] == "0880C1200"].set_index("period")
    parts = now[now["deso_2018"] == "0880C1200"]
    assert sorted(parts["area_id"]) == ["0880C1201", "0880C1202"]
    assert rows.loc[2025, "population"] == rows.loc[2023, "population"] == parts["population"].sum()
    assert rows.loc[2025, "post_secondary_share"] == pytest.approx(rows.loc[2023, "post_secondary_share"])
    assert rows.loc[2025, "population_flag"] == "computed"
    assert result.panel.loc[result.panel["area_id"] == "0880C1010", "population_flag"].unique() == [""]
    unit = result.units.set_index("area_id").loc["0880C1200"]
    assert unit[["change", "treatment", "cause"]].tolist() == ["split", "merged", "Delad"]
    assert result.units["change"].value_counts().to_dict() == {"none": 41, "split": 1}
    assert rows.geometry.area.iloc[0] == pytest.approx(parts.area.sum())


def test_the_split_area_of_kalmar_is_interpolated():
    before, now = kalmar_before()
    result = chain(before, now, _changes(now), method="interpolate", **FIGURES)
    areas.check_panel(result.panel)
    assert result.panel["area_id"].nunique() == 43
    rows = result.panel.set_index(["area_id", "period"])
    # The old figures were made from the new areas, so the counts come back exactly.
    for code in ("0880C1201", "0880C1202"):
        assert rows.loc[(code, 2023), "population"] == pytest.approx(rows.loc[(code, 2025), "population"])
        assert rows.loc[(code, 2023), "population_flag"] == "interpolated"
        assert rows.loc[(code, 2025), "population_flag"] == ""
    total = result.panel.groupby("period")["population"].sum()
    assert total[2023] == pytest.approx(73_055)


def _panel(period, **population):
    return pd.DataFrame(
        {"area_id": list(population), "period": period, "population": list(population.values())}
    )


def _chain(old, new, rows, **options):
    changes = pd.DataFrame(rows, columns=["old", "new", "cause"])
    return chain(old, new, changes, extensive=["population"], **options)


def test_areas_that_only_gained_water_are_chained():
    result = _chain(_panel(2023, a=10.0, b=5.0), _panel(2024, a=11.0, b2=6.0), [("b", "b2", "Vatten")])
    assert result.units["change"].tolist() == ["none", "water"]
    assert result.panel["population"].tolist() == [10.0, 5.0, 11.0, 6.0]
    assert result.panel["area_id"].tolist() == ["a", "b2", "a", "b2"]
    assert result.panel["population_flag"].tolist() == [""] * 4


def test_moved_boundaries_are_refused_or_flagged():
    old, new, rows = _panel(2023, a=10.0, b=5.0), _panel(2024, a=11.0, b=6.0), [("b", "b", "Ny gräns")]
    with pytest.raises(InputError, match=r"1 areas whose boundary moved \(b: Ny gräns\)"):
        _chain(old, new, rows)
    result = _chain(old, new, rows, moved="flag")
    flags = result.panel.set_index(["area_id", "period"])["population_flag"]
    assert flags["b"].tolist() == ["boundary moved"] * 2
    assert flags["a"].tolist() == ["", ""]


def test_regrouped_areas_are_merged_to_what_both_divisions_share():
    old, new = _panel(2023, a=10.0, b=20.0, c=1.0), _panel(2024, x=12.0, y=21.0, c=1.0)
    rows = [("a", "x", "ny"), ("a", "y", "ny"), ("b", "y", "ny")]
    result = _chain(old, new, rows)
    assert result.panel["area_id"].tolist() == ["a+b", "c"] * 2
    assert result.panel["population"].tolist() == [30.0, 1.0, 33.0, 1.0]
    with pytest.raises(InputError, match=r"share: is needed where areas were regrouped \(x, y\)"):
        _chain(old, new, rows, method="interpolate")
    changes = pd.DataFrame(rows, columns=["old", "new", "cause"]).assign(part=[0.4, 0.6, 1.0])
    shared = chain(old, new, changes, share="part", extensive=["population"], method="interpolate").panel
    assert shared.loc[shared["period"] == 2023, "population"].tolist() == [1.0, 4.0, 26.0]


def test_flags_of_areas_that_did_not_change_are_kept():
    old, new = _panel(2023, a=10.0, b=5.0), _panel(2024, a=11.0, b1=3.0, b2=3.0)
    old["population_flag"] = ["preliminary", ""]
    result = _chain(old, new, [("b", "b1", ""), ("b", "b2", "")])
    flags = result.panel.set_index(["area_id", "period"])["population_flag"]
    assert flags.to_dict() == {
        ("a", 2023): "preliminary",
        ("b", 2023): "computed",
        ("a", 2024): "",
        ("b", 2024): "computed",
    }


BAD_CHAINS = {
    "untold": (_panel(2024, a=1.0, z=1.0), [], r"what became of 2 areas.*b, z"),
    "lacking": (
        _panel(2024, a=1.0, b=1.0),
        [("b", "b", "x"), ("b", "q", "x")],
        "names areas that a panel lacks.*q",
    ),
    "same period": (_panel(2023, a=1.0, b=1.0), [], r"periods that the old panel has too \(2023\)"),
    "nobody": (_panel(2024, a=1.0, p=0.0, q=0.0), [("b", "p", ""), ("b", "q", "")], r"is 0 in the new areas"),
}


@pytest.mark.parametrize("case", BAD_CHAINS)
def test_chains_that_do_not_hold_are_refused(case):
    new, rows, pattern = BAD_CHAINS[case]
    with pytest.raises(InputError, match=pattern):
        _chain(_panel(2023, a=10.0, b=5.0), new, rows, method="interpolate")


@pytest.mark.skipif(not (REFERENCE / "deso2018_regso2020.csv").is_file(), reason="needs the reference files")
def test_the_official_key_agrees_with_the_embedded_regso():
    key = pd.read_csv(REFERENCE / "deso2018_regso2020.csv", dtype=str, encoding="utf-8-sig")
    before, now = kalmar_before()
    result = aggregate(
        before, "RegSOkod_2020", key=key, key_id="DeSO_2018", intensive=["post_secondary_share"]
    )
    here = now.groupby("regso_id")["population"].sum()
    assert result.areas.set_index("area_id")["population"].to_dict() == here.to_dict()
    assert nest_check(before, result.areas)["nested"].all()


def test_interpolated_figures_are_remarked_on_in_a_survey():
    from segkit import survey

    panel = areas.load_example("motala")
    flagged = panel.assign(median_income_flag="")
    flagged.loc[flagged["area_id"] == "0583A0010", "median_income_flag"] = "interpolated"
    chosen = ["median_income", "employment_rate"]
    result = survey.run(flagged, columns=chosen, n_bootstrap=99, language="en").areas.set_index("area_id")
    assert "interpolated between divisions" in result.loc["0583A0010", "flags"]
    assert "interpolated" not in result.loc["0583A0020", "flags"]
