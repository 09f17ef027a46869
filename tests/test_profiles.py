"""Profiles: planted groups are found, order and seed are stable, Kalmar's areas fall where they should."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans

from segkit import Profiles, Standardizer, areas, geography, profiles
from segkit.errors import DataWarning, InputError, UnknownNameError

COLUMNS = ["employment_rate", "turnout"]


@pytest.fixture(scope="module")
def kalmar():
    panel, _ = geography.turnout_by_area(
        areas.load_example("kalmar"),
        areas.load_example("kalmar", "districts"),
        areas.load_district_links("kalmar"),
    )
    return areas.latest(panel, profiles.DEFAULT_COLUMNS)[0]


def _planted(seed=0, spread=0.5):
    draw = np.random.default_rng(seed)
    centers = np.array([[60, 65], [75, 80], [88, 92]])
    points = np.concatenate([draw.normal(c, spread, (20, 2)) for c in centers])
    truth = np.repeat([1, 2, 3], 20)
    order = draw.permutation(60)
    data = pd.DataFrame(points[order], columns=COLUMNS).assign(area_id=[f"a{i}" for i in range(60)])
    return data, truth[order]


def test_planted_groups_are_found_in_order():
    data, truth = _planted()
    assert (Profiles(3, columns=COLUMNS).fit(data).labels_ == truth).all()


def test_the_solution_is_that_of_scikit_learn():
    data, _ = _planted(spread=6)
    model = Profiles(4, columns=COLUMNS).fit(data)
    points = model.standardizer_.transform(data).to_numpy()
    best = KMeans(4, n_init=50, random_state=0).fit(points)
    assert model.inertia_ == pytest.approx(best.inertia_)
    assert model.inertia_ == pytest.approx(
        sum(((points[model.labels_ == k] - model.centers_.loc[k].to_numpy()) ** 2).sum() for k in range(1, 5))
    )


def test_kalmar_areas_fall_where_they_should(kalmar):
    label = kalmar.assign(profile=Profiles().fit(kalmar).labels_).set_index("area_id")["profile"]
    assert label[["0880C1210", "0880C1220"]].tolist() == [1, 1]
    weaker = ["0880C1120", "0880C1150", "0880B2030", "0880C1190"]  # Oxhagen, Funkabo, V Smedby, Berga Centrum
    assert label[weaker].le(2).all()
    assert label[["0880C1180", "0880B2010"]].ge(4).all()  # Berga, Boholmarna-Dunö-Rinkabyholm


def test_every_seed_gives_the_same_labels(kalmar):
    first = Profiles(random_state=0).fit(kalmar)
    for seed in range(1, 50):
        model = Profiles(random_state=seed).fit(kalmar)
        pd.testing.assert_series_equal(model.labels_, first.labels_)
        assert model.n_found_ >= 20
        assert model.share_found_ == model.n_found_ / model.n_starts_


def test_profiles_rank_the_regso_as_the_official_types_do(kalmar):
    kalmar = kalmar.assign(profile=Profiles().fit(kalmar).labels_)
    weighted = (kalmar["profile"] * kalmar["population"]).groupby(kalmar["regso_id"]).sum()
    mean = weighted / kalmar.groupby("regso_id")["population"].sum()
    regso = areas.load_example("kalmar", "regso").query("period == 2022").set_index("area_id")
    assert mean.corr(regso["official_area_type"], method="spearman") >= 0.75
    assert len(mean) == 17


def test_one_is_weakest_whatever_the_direction():
    data = pd.DataFrame({"area_id": list("abcd"), "unemployment_rate": [20.0, 19, 2, 1]})
    assert Profiles(2, columns=["unemployment_rate"]).fit(data).labels_.tolist() == [1, 1, 2, 2]


def test_order_of_rows_and_units_do_not_matter(kalmar):
    first = kalmar.assign(profile=Profiles().fit(kalmar).labels_).set_index("area_id")["profile"]
    other = kalmar.sample(frac=1, random_state=3).assign(median_income=lambda d: d["median_income"] * 1000)
    again = other.assign(profile=Profiles().fit(other).labels_).set_index("area_id")["profile"]
    pd.testing.assert_series_equal(again.sort_index(), first.sort_index())


def test_predict_gives_the_fitted_labels_back(kalmar):
    model = Profiles().fit(kalmar)
    pd.testing.assert_series_equal(model.predict(kalmar), model.labels_)
    stronger = kalmar.assign(**{c: kalmar[c].max() for c in profiles.DEFAULT_COLUMNS})
    assert (model.predict(stronger) == 5).all()


def test_membership_is_low_on_the_border():
    data = pd.DataFrame(
        {
            "area_id": list("abcde"),
            "turnout": [60.0, 62, 76, 90, 92],
            "employment_rate": [60.0, 63, 76, 90, 91],
        }
    )
    membership = Profiles(2, columns=COLUMNS).fit(data).membership_
    assert membership.idxmin() == 2
    assert membership.between(0, 1).all()


def test_the_description_adds_up(kalmar):
    model = Profiles().fit(kalmar)
    table = model.describe(language="en")
    assert table["n_areas"].sum() == 43
    assert table["population"].sum() == 73055
    assert table["population_share"].sum() == pytest.approx(100)
    assert table["index"].is_monotonic_increasing
    member = kalmar[model.labels_ == 1]
    assert table.loc[0, "turnout"] == pytest.approx(
        np.average(member["turnout"], weights=member["population"])
    )
    assert table.loc[0, "description"].startswith(
        "Against the mean of all areas – lowest of the profiles: employment rate"
    )
    assert table.loc[1, "description"].startswith("Against the mean of all areas – much lower: ")
    assert model.describe()["description"].is_unique
    assert "lägst av profilerna" in model.describe()["description"][0]


def test_data_without_population_are_described_too():
    data, _ = _planted()
    table = Profiles(3, columns=COLUMNS).fit(data).describe()
    assert table["population"].isna().all()
    assert table["n_areas"].tolist() == [20, 20, 20]


@pytest.mark.parametrize("n", range(2, 10))
def test_every_profile_has_a_label(n):
    for language in ("sv", "en"):
        labels = [profiles.label(p, n, language=language) for p in range(1, n + 1)]
        assert len(set(labels)) == n


def test_what_is_refused(kalmar):
    data, _ = _planted()
    with pytest.raises(InputError, match="n_profiles: is 61, but there are only 60 areas"):
        Profiles(61, columns=COLUMNS).fit(data)
    few = data.assign(turnout=[60.0, 90, 90] * 20, employment_rate=[70.0, 80, 70] * 20)
    with pytest.raises(InputError, match="only 3 different sets of values"):
        Profiles(4, columns=COLUMNS).fit(few)
    with pytest.raises(InputError, match="n_profiles: is 1, must be a whole number >= 2"):
        Profiles(1, columns=COLUMNS).fit(data)
    with pytest.raises(InputError, match="an area more than once"):
        Profiles(columns=["employment_rate"]).fit(areas.load_example("kalmar"))
    with pytest.raises(InputError, match="same value in every area"):
        Profiles(3, columns=COLUMNS).fit(data.assign(turnout=80.0))
    with pytest.raises(InputError, match="missing values.*a3"):
        Profiles(3, columns=COLUMNS).fit(data.assign(turnout=data["turnout"].where(data["area_id"] != "a3")))
    with pytest.raises(UnknownNameError, match="lacks the column.*median_income"):
        Profiles(3).fit(data)
    with pytest.raises(InputError, match="no rows"):
        Profiles(3, columns=COLUMNS).fit(data.head(0))
    with pytest.raises(InputError, match="is not fitted"):
        Profiles(3).predict(data)


def test_a_fitted_model_keeps_its_data_and_its_scale():
    data, _ = _planted()
    scale = Standardizer(COLUMNS)
    model = Profiles(3, columns=COLUMNS, standardizer=scale, n_starts=10).fit(data)
    told, placed = model.explain("a0"), model.predict(data)
    Profiles(3, columns=COLUMNS, standardizer=scale, n_starts=10).fit(
        data.assign(turnout=data["turnout"] ** 2)
    )
    pd.testing.assert_series_equal(model.predict(data), placed)
    data.loc[:, "turnout"] = 0.0
    pd.testing.assert_frame_equal(model.explain("a0"), told)


def test_filled_figures_are_described_and_explained():
    data, _ = _planted()
    data.loc[3, "turnout"] = np.nan
    scale = Standardizer(COLUMNS, missing="median")
    with pytest.warns(DataWarning, match="1 missing values were filled"):
        model = Profiles(3, columns=COLUMNS, standardizer=scale, n_starts=10).fit(data)
    with pytest.warns(DataWarning, match="1 missing values were filled"):
        described = model.describe()
    assert described[COLUMNS].notna().all(axis=None)
    with pytest.warns(DataWarning, match="1 missing values were filled"):
        told = model.explain(data["area_id"][3])
    assert told.loc[told["indicator"] == "turnout", "value"].item() == data["turnout"].median()
    assert told["contribution"].sum() == pytest.approx(model.index_[3])


def test_areas_without_people_have_no_share_of_them():
    data, _ = _planted()
    table = Profiles(3, columns=COLUMNS, n_starts=10).fit(data.assign(population=0)).describe()
    assert table["population_share"].isna().all()
    assert table["index"].notna().all()


def test_a_label_is_that_of_a_profile():
    with pytest.raises(InputError, match="profile: is 6, but there are only 5"):
        profiles.label(6, 5)
    with pytest.raises(InputError, match="profile: is -1"):
        profiles.label(-1, 5)
