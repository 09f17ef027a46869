"""Ways of grouping, and what a profile says of its areas: planted groups, regions, sums that add up."""

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from segkit import Profiles, areas, geography, graphs, profiles
from segkit.errors import DataWarning, InputError, UnknownNameError
from segkit.profiles import _kmeans

gpd = pytest.importorskip("geopandas")

COLUMNS = ["employment_rate", "turnout"]
METHODS = ["kmeans", "ward", "gmm", "kmedoids"]


def _table(municipality, extra=()):
    panel, _ = geography.turnout_by_area(
        areas.load_example(municipality),
        areas.load_example(municipality, "districts"),
        areas.load_district_links(municipality),
    )
    return areas.latest(panel, [*profiles.DEFAULT_COLUMNS, *extra])[0]


@pytest.fixture(scope="module")
def kalmar():
    return _table("kalmar", ["young_adult_share"])


def _planted(spread, n=20):
    """Three groups; the normal scores are a fixed grid, so no generator is trusted."""
    steps = np.arange(n)
    noise = np.column_stack([np.sin(1 + 7.3 * steps), np.cos(2 + 5.1 * steps)])
    centers = np.array([[60, 66], [74, 78], [90, 93]])
    points = np.concatenate([center + spread * noise for center in centers])
    data = pd.DataFrame(points, columns=COLUMNS).assign(area_id=[f"a{i}" for i in range(3 * n)])
    return data, np.repeat([1, 2, 3], n)


@pytest.mark.parametrize("method", METHODS)
def test_planted_groups_are_found_and_lost_as_they_overlap(method):
    starts = 5 if method == "gmm" else 20
    agreement = []
    for spread in (2.0, 12.0, 25.0):
        data, truth = _planted(spread)
        agreement.append(
            adjusted_rand_score(
                truth, Profiles(3, method, columns=COLUMNS, n_starts=starts).fit(data).labels_
            )
        )
    assert agreement[0] == 1
    assert agreement[0] > agreement[1] > agreement[2]


@pytest.mark.parametrize("method", METHODS)
def test_one_is_weakest_and_fitted_areas_are_predicted(method):
    data, truth = _planted(2.0)
    model = Profiles(3, method, columns=COLUMNS).fit(data)
    assert (model.labels_ == truth).all()
    assert (model.predict(data) == truth).all()
    assert model.centers_.mean(axis=1).is_monotonic_increasing
    points = model.standardizer_.transform(data)
    pd.testing.assert_frame_equal(points.groupby(truth).mean(), model.centers_, check_names=False)
    assert model.membership_.between(0.5, 1).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_the_same_starts_end_where_scikit_learn_ends(kalmar, weighted):
    points = Profiles().fit(kalmar).standardizer_.transform(kalmar).to_numpy()
    weight = kalmar["population"].to_numpy(float) / 1000 if weighted else np.ones(len(points))
    starts = _kmeans.start_centers(points, 5, 30, np.random.default_rng(1), weight)
    inertia, labels, centers = _kmeans.lloyd(points, starts, weight)
    for i, start in enumerate(starts):
        peer = KMeans(5, init=start, n_init=1, tol=0, max_iter=1000).fit(points, sample_weight=weight)
        assert inertia[i] == pytest.approx(peer.inertia_, rel=1e-12)
        assert np.array_equal(labels[i], peer.labels_)
        np.testing.assert_allclose(centers[i], peer.cluster_centers_)


def test_many_areas_go_through_scikit_learn_to_the_same_solution():
    data, truth = _planted(2.0, n=150)
    assert len(data) > _kmeans.LARGE
    model = Profiles(3, columns=COLUMNS, n_starts=5).fit(data)
    assert (model.labels_ == truth).all()
    assert model.share_found_ == 1


def test_empty_clusters_restart():
    points = np.array([[0.0], [1], [10], [11], [30]])
    start = np.array([[[0.0], [10], [1000]]])
    inertia, labels, _ = _kmeans.lloyd(points, start, np.ones(5))
    assert inertia[0] == pytest.approx(1.0)
    assert len(set(labels[0])) == 3


def test_medoids_are_the_best_of_all_triples():
    from itertools import combinations

    data, _ = _planted(12.0, n=8)
    model = Profiles(3, "kmedoids", columns=COLUMNS).fit(data)
    points = model.standardizer_.transform(data).to_numpy()
    gaps = np.sqrt(((points[:, None] - points) ** 2).sum(axis=2))
    best = min(combinations(range(24), 3), key=lambda m: gaps[:, list(m)].min(axis=1).sum())
    assert set(model.medoids_) == {f"a{i}" for i in best}


def test_equally_good_solutions_do_not_depend_on_the_seed():
    square = pd.DataFrame({"turnout": [60.0, 60, 90, 90], "employment_rate": [60.0, 90, 60, 90]})
    square["area_id"] = list("abcd")
    found = {tuple(Profiles(2, columns=COLUMNS, random_state=s).fit(square).labels_) for s in range(10)}
    assert len(found) == 1


def test_where_the_named_areas_fall():
    motala = _table("motala")
    weakest = set(motala["name"][Profiles().fit(motala).labels_ == 1])
    assert {
        "Väster-Södra Varamon-Gustavsvik",
        "Charlottenborg-Ekenäs-Grankulla",
        "Ekön-Torvmossen",
    } <= weakest
    katrineholm = _table("katrineholm")
    weakest = katrineholm["name"][Profiles().fit(katrineholm).labels_ == 1]
    assert weakest.str.startswith("Nyhem-Nävertorp").sum() == 2


def _grid(values, side, gap=None):
    """Squares in rows; `gap` moves the last so far away."""
    boxes = [box(i % side, i // side, i % side + 1, i // side + 1) for i in range(len(values))]
    if gap:
        i = len(values) - 1
        boxes[-1] = box(i % side + gap, i // side, i % side + gap + 1, i // side + 1)
    frame = {"area_id": [f"a{i}" for i in range(len(values))], "turnout": np.asarray(values, float)}
    return gpd.GeoDataFrame(frame, geometry=boxes, crs=3006)


def _in_one_piece(model, data, links):
    from scipy.sparse.csgraph import connected_components

    for profile in model.centers_.index:
        member = np.flatnonzero(model.labels_ == profile)
        assert connected_components(links[np.ix_(member, member)], directed=False)[0] == 1, profile


def test_regions_hang_together(kalmar):
    model = Profiles(6, "regional").fit(kalmar)
    links = graphs.matrix(graphs.contiguity(kalmar), kalmar["area_id"]).toarray()
    place = pd.Index(kalmar["area_id"])
    assert model.attached_["area_id"].tolist() == ["0880C1100"]
    for tie in model.attached_.itertuples():
        a, b = place.get_loc(tie.area_id), place.get_loc(tie.attached_to)
        links[a, b] = links[b, a] = 1
        gaps = kalmar.to_crs(3006).distance(kalmar.to_crs(3006).geometry.iloc[a]).drop(kalmar.index[a])
        assert tie.distance == pytest.approx(gaps.min())
        assert gaps.idxmin() == kalmar.index[b]
    _in_one_piece(model, kalmar, links)
    assert model.labels_.nunique() == 6


def test_alike_areas_apart_are_different_regions():
    data = _grid([60, 61, 90, 91, 60, 62], side=6)
    model = Profiles(3, "regional", columns=["turnout"]).fit(data)
    assert model.labels_.tolist() in ([1, 1, 3, 3, 2, 2], [2, 2, 3, 3, 1, 1])
    assert Profiles(2, "ward", columns=["turnout"]).fit(data).labels_.tolist() == [1, 1, 2, 2, 1, 1]
    given = graphs.contiguity(data)
    again = Profiles(3, "regional", columns=["turnout"], graph=given).fit(pd.DataFrame(data))
    pd.testing.assert_series_equal(again.labels_, model.labels_)


def test_islands_are_tied_to_the_nearest_area():
    data = _grid([60, 61, 90, 91], side=4, gap=3)
    model = Profiles(2, "regional", columns=["turnout"]).fit(data)
    assert model.attached_.to_numpy().tolist() == [["a3", "a2", 3.0]]
    assert model.labels_.tolist() == [1, 1, 2, 2]
    with pytest.raises(InputError, match="several pieces; cut off are .a3"):
        Profiles(2, "regional", columns=["turnout"], graph=graphs.contiguity(data)).fit(
            pd.DataFrame(data.drop(columns="geometry"))
        )


def test_regions_have_the_people_asked_for():
    data = _grid([40, 60, 61, 90, 91, 92], side=6).assign(population=[10, 100, 100, 100, 100, 100])
    assert Profiles(3, "regional", columns=["turnout"]).fit(data).labels_.tolist() == [1, 2, 2, 3, 3, 3]
    model = Profiles(3, "regional", columns=["turnout"], min_population=100).fit(data)
    assert data.groupby(model.labels_.to_numpy())["population"].sum().min() >= 100
    assert model.labels_.nunique() == 3
    assert model.labels_[0] == model.labels_[1]
    with pytest.warns(DataWarning, match="leaves 2 regions where 3 were asked for"):
        few = Profiles(3, "regional", columns=["turnout"], min_population=200).fit(data)
    assert few.labels_.tolist() == [1, 1, 1, 2, 2, 2]


def test_explanations_add_up(kalmar):
    model = Profiles().fit(kalmar)
    table = model.explain()
    sums = table.groupby("area_id", sort=False)[["contribution", "pull"]].sum()
    np.testing.assert_allclose(sums["contribution"], model.index_, rtol=0, atol=1e-13)
    points = model.standardizer_.transform(kalmar).to_numpy()
    gaps = np.sort(((points[:, None] - model.centers_.to_numpy()) ** 2).sum(axis=2), axis=1)
    # The centers are given with eight digits.
    np.testing.assert_allclose(sums["pull"], gaps[:, 1] - gaps[:, 0], rtol=0, atol=1e-6)
    one = model.explain("0880C1210")
    assert one["indicator"].tolist() == list(profiles.DEFAULT_COLUMNS)
    assert one["other_profile"].eq(2).all()
    assert one.loc[0, "to_own"] == pytest.approx(
        one.loc[0, "standardized"] - model.centers_.loc[1, "employment_rate"]
    )
    with pytest.raises(UnknownNameError, match="not among the areas fitted .x"):
        model.explain(["0880C1210", "x"])


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
def test_the_borderline_is_where_membership_is_low(kalmar, method):
    model = Profiles(4, method, n_starts=50 if method == "kmeans" else 5).fit(kalmar)
    threshold = 0.3 if method == "kmeans" else 0.9
    table = model.borderline(threshold)
    assert 0 < len(table) < len(kalmar)
    assert (table["profile"] != table["other_profile"]).all()
    if method == "kmeans":
        assert table["membership"].is_monotonic_increasing
        assert len(table) == (model.membership_ < 0.3).sum()
    assert model.borderline(-2).empty


def test_description_has_the_spread_when_asked(kalmar):
    model = Profiles().fit(kalmar)
    plain, wide = model.describe(), model.describe(spread=True)
    pd.testing.assert_frame_equal(wide[plain.columns], plain)
    member = kalmar[model.labels_ == 3]
    mean = np.average(member["turnout"], weights=member["population"])
    variance = np.average((member["turnout"] - mean) ** 2, weights=member["population"])
    assert wide.loc[2, "turnout_sd"] == pytest.approx(np.sqrt(variance))


def test_student_areas_are_said_and_can_be_set_aside(kalmar):
    special = profiles.special_areas(kalmar)
    assert special["name"].tolist() == ["Malmen S", "Malmen V"]
    assert special["kind"].eq("students").all()
    assert "58 % har eftergymnasial" in special.loc[0, "reason_sv"]
    assert "largely reflect studies" in special.loc[0, "reason_en"]
    model = Profiles(set_aside=special["area_id"]).fit(kalmar)
    gone = kalmar["area_id"].isin(special["area_id"])
    assert (model.labels_[gone] == 0).all()
    assert model.membership_[gone].isna().all()
    rest = Profiles().fit(kalmar[~gone])
    pd.testing.assert_series_equal(model.labels_[~gone], rest.labels_)
    table = model.describe(language="en")
    assert table["profile"].tolist() == [1, 2, 3, 4, 5, 0]
    assert table["label"].iloc[-1].startswith("0 – set apart")
    near = Profiles(set_aside=gone, set_aside_as="nearest").fit(kalmar)
    pd.testing.assert_series_equal(near.labels_[gone], rest.predict(kalmar[gone]))
    assert not set(model.explain()["area_id"]) & set(special["area_id"])
    with pytest.raises(InputError, match="was set aside"):
        model.explain(special["area_id"].iloc[0])
    with pytest.raises(UnknownNameError, match="not in `data` .nowhere"):
        Profiles(set_aside=["nowhere"]).fit(kalmar)


def test_areas_of_the_old_are_said():
    data = pd.DataFrame({"area_id": list("ab"), "old_share": [52.0, 20], "young_adult_share": [5.0, 15]})
    data = data.assign(employment_rate=[60.0, 80], median_income=[1.0, 2], post_secondary_share=[20.0, 30])
    table = profiles.special_areas(data)
    assert table[["area_id", "kind"]].to_numpy().tolist() == [["a", "old"]]
    assert table.loc[0, "reason_en"].startswith("52% are old")
    assert "pension" in table.loc[0, "reason_sv"]
    assert profiles.special_areas(data.drop(columns="old_share")).empty


def test_what_is_refused():
    data, _ = _planted(2.0)
    with pytest.raises(InputError, match="method: is 'dbscan'"):
        Profiles(3, "dbscan", columns=COLUMNS).fit(data)
    with pytest.raises(InputError, match="graph: is needed for contiguous regions. Pass graph="):
        Profiles(3, "regional", columns=COLUMNS).fit(data)
    with pytest.raises(InputError, match='min_population: belongs to method="regional"'):
        Profiles(3, columns=COLUMNS, min_population=5).fit(data)
    with pytest.raises(InputError, match="min_population: is -1"):
        Profiles(3, "regional", columns=COLUMNS, min_population=-1).fit(data)
    with pytest.raises(InputError, match="weight: must sum to more than 0"):
        Profiles(3, columns=COLUMNS, weight="w").fit(data.assign(w=0.0))
    model = Profiles(3, columns=COLUMNS).fit(data)
    with pytest.raises(UnknownNameError, match="lacks the column .turnout"):
        model.predict(data.drop(columns="turnout"))
    with pytest.raises(InputError, match="threshold"):
        model.borderline("low")
    for call in ("describe", "borderline", "explain", "stability"):
        with pytest.raises(InputError, match="is not fitted"):
            getattr(Profiles(3), call)()


def test_one_region_is_no_answer():
    data = _grid([40, 60, 61, 90], side=4).assign(population=100)
    with pytest.raises(InputError, match="min_population: is 1000, which leaves one region only"):
        Profiles(2, "regional", columns=["turnout"], min_population=1000).fit(data)


def test_areas_are_set_aside_by_code_or_mask_of_any_type():
    data = pd.DataFrame({"area_id": range(5), "turnout": [60.0, 61, 75, 90, 91]})
    mask = pd.Series([False, False, True, False, False], dtype="boolean")
    for chosen in (["2"], [2], mask):
        model = Profiles(2, columns=["turnout"], set_aside=chosen).fit(data)
        assert model.labels_.tolist() == [1, 1, 0, 2, 2]
    with pytest.raises(InputError, match="set_aside: is missing .2"):
        Profiles(2, columns=["turnout"], set_aside=mask.where(~mask)).fit(data)
