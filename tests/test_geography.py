"""Turnout by area from election districts: observed where it can be, modelled and marked elsewhere."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import areas, geography
from segkit.errors import InputError, UnknownNameError

NO_LINKS = pd.DataFrame({"district_id": [], "area_id": [], "share_of_area_population": []})


def _source(n=30, slope=0.05, seed=0):
    """Districts whose rate follows the model exactly, but for rounding to whole votes."""
    income = np.random.default_rng(seed).uniform(0, 40, n)
    rate = 1 / (1 + np.exp(-(slope * income - 0.5)))
    total = np.full(n, 10_000.0)
    return pd.DataFrame(
        {
            "area_id": [f"d{i}" for i in range(n)],
            "votes": np.round(total * rate),
            "may_vote": total,
            "population": total * 1.25,
            "income": income,
        }
    )


def _transfer(source, target, links=NO_LINKS):
    return geography.transfer_model(
        source, target, links, events="votes", total="may_vote", predictors=["income"]
    )


def _statistic(model, name):
    return model.set_index("statistic").loc[name, "value"]


def test_known_parameters_are_recovered():
    source = _source()
    _, model = _transfer(source, source)
    assert _statistic(model, "income (logit per unit)") == pytest.approx(0.05, abs=2e-4)
    assert _statistic(model, "intercept (logit)") == pytest.approx(-0.5, abs=5e-3)
    assert _statistic(model, "leave-one-out root mean square error") < 0.02
    assert _statistic(model, "dispersion") == 1.0


def test_the_fit_is_that_of_statsmodels():
    oracle = pd.read_csv(Path(__file__).parent / "oracles" / "quasi_binomial.csv").set_index("statistic")
    _, model = geography.turnout_by_area(
        areas.load_example("kalmar"),
        areas.load_example("kalmar", "districts"),
        areas.load_district_links("kalmar"),
    )
    of_2022 = model[model["period"] == 2022].set_index("statistic")["value"]
    for name, row in oracle.iterrows():
        assert of_2022[name] == pytest.approx(row["value"], rel=1e-7), name


def test_areas_add_up_to_the_districts_total():
    for name in ("kalmar", "motala", "katrineholm"):
        panel, model = geography.turnout_by_area(
            areas.load_example(name), areas.load_example(name, "districts"), areas.load_district_links(name)
        )
        for period, part in model.groupby("period"):
            sums = part.set_index("statistic")["value"]
            assert sums["events in target"] == pytest.approx(sums["events in source"], abs=1e-6)
            assert sums["total in target"] == pytest.approx(sums["total in source"], abs=1e-6)
            assert panel.loc[panel["period"] == period, "turnout"].between(50, 100).all()


def test_leave_one_out_errors_are_those_a_linear_model_has():
    _, model = geography.turnout_by_area(
        areas.load_example("kalmar"),
        areas.load_example("kalmar", "districts"),
        areas.load_district_links("kalmar"),
    )
    error = model[model["statistic"] == "leave-one-out root mean square error"].set_index("period")["value"]
    assert error[2022] == pytest.approx(2.6, abs=0.15)
    assert error[2026] == pytest.approx(3.5, abs=0.15)
    inside = model[model["statistic"] == "leave-one-out interval coverage"]["value"]
    assert inside.between(88, 100).all()


def test_what_districts_make_up_is_observed_and_exact():
    panel, _ = geography.turnout_by_area(
        areas.load_example("kalmar"),
        areas.load_example("kalmar", "districts"),
        areas.load_district_links("kalmar"),
    )
    rows = panel[panel["period"] == 2022].set_index("area_id")
    # Norrliden Ö is one district, Rockneby-Drag-Revsudden two: (973 + 979) of (1115 + 1079).
    assert rows.loc["0880C1220", "turnout"] == pytest.approx(100 * 798 / 1195)
    assert rows.loc["0880A0070", "turnout"] == pytest.approx(100 * 1952 / 2194)
    assert rows.loc["0880A0070", "turnout_flag"] == "observed"
    assert rows.loc["0880A0070", "turnout_se"] == 0
    # Norrliden V has no district of its own.
    assert rows.loc["0880C1210", "turnout_flag"] == "modelled"
    assert rows.loc["0880C1210", "turnout_se"] > 2
    assert rows["turnout_flag"].value_counts().to_dict() == {
        "modelled": 30,
        "observed": 9,
        "partly observed": 4,
    }


def test_preliminary_elections_are_flagged():
    panel, _ = geography.turnout_by_area(
        areas.load_example("kalmar"),
        areas.load_example("kalmar", "districts"),
        areas.load_district_links("kalmar"),
    )
    flags = panel.loc[panel["period"] == 2026, "turnout_flag"]
    assert flags.str.endswith(", preliminary").all()
    assert not panel.loc[panel["period"] == 2022, "turnout_flag"].str.contains("preliminary").any()


def test_adding_turnout_keeps_every_other_figure():
    before = areas.load_example("kalmar")
    copy = before.copy()
    panel, _ = geography.turnout_by_area(
        before, areas.load_example("kalmar", "districts"), areas.load_district_links("kalmar")
    )
    pd.testing.assert_frame_equal(before, copy)
    areas.check_panel(panel)
    old = panel[panel["period"].isin([2024, 2025])].reset_index(drop=True)
    pd.testing.assert_frame_equal(old[before.columns.tolist()], before, check_like=True)


def test_the_error_shrinks_with_coverage():
    source = _source()
    # One district is 30 % of area a, another 80 % of area b; the rest of the people live in areas c.
    people = [12_500 / 0.3, 12_500 / 0.8, *[39_713.5] * 8]
    target = pd.DataFrame({"area_id": ["a", "b", *"cdefghij"], "population": people, "income": 10.0})
    links = pd.DataFrame(
        {"district_id": ["d0", "d1"], "area_id": ["a", "b"], "share_of_area_population": [0.3, 0.8]}
    )
    values, _ = _transfer(source, target, links)
    by_area = values.set_index("area_id")
    assert by_area.loc["b", "se"] < by_area.loc["a", "se"] < by_area.loc["c", "se"]
    assert by_area["flag"].iloc[:3].tolist() == ["modelled", "partly observed", "modelled"]
    assert by_area.loc["b", "ci_low"] < by_area.loc["b", "value"] < by_area.loc["b", "ci_high"]


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_rows_does_not_matter(order):
    source = _source(12)
    values, _ = _transfer(source, source)
    shuffled, _ = _transfer(source.iloc[order], source)
    assert np.allclose(values["value"], shuffled["value"], atol=1e-9)


BAD = {
    "missing column": (lambda s: s.drop(columns="income"), UnknownNameError, "lacks the column.*income"),
    "more votes than voters": (
        lambda s: s.assign(votes=s["may_vote"] + 1),
        InputError,
        "larger than may_vote.*d0",
    ),
    "negative": (lambda s: s.assign(votes=-1.0), InputError, "votes.*under 0"),
    "missing": (lambda s: s.assign(income=np.nan), InputError, "income.*30 missing"),
    "constant": (lambda s: s.assign(income=1.0), InputError, "same value in every unit.*income"),
    "nobody": (lambda s: s.assign(votes=0.0, may_vote=0.0), InputError, "may_vote: is 0"),
    "few": (lambda s: s.head(3), InputError, "too few"),
    "twice": (lambda s: pd.concat([s, s]), InputError, "more than once.*d0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_sources_are_refused(case):
    change, error, pattern = BAD[case]
    source = _source()
    with pytest.raises(error, match=pattern):
        _transfer(change(source), source)


def test_bad_links_are_refused():
    source = _source()
    link = {"district_id": ["d0"], "area_id": ["d0"], "share_of_area_population": [1.2]}
    with pytest.raises(InputError, match="cover more than the whole area.*d0"):
        _transfer(source, source, pd.DataFrame(link))
    with pytest.raises(UnknownNameError, match="nowhere"):
        _transfer(source, source, pd.DataFrame(link | {"area_id": ["nowhere"]}))
