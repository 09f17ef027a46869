"""Area types: by definition, at the boundaries, against given moments, and SCB's names on request only."""

import statistics
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import CompositeIndex
from segkit.errors import InputError
from segkit.profiles.composite import area_type_name, area_types

N_REGSO = 3363

#: RegSO by type in 2022, as published.
PUBLISHED = [160, 289, 855, 1770, 289]

OFFICIAL = Path(__file__).parents[2] / "shared" / "data" / "reference" / "regso_omradestyp_2022.csv"


def _national():
    """Return index values of as many areas as there are RegSO, skewed as such shares are, in mixed order."""
    place = (np.arange(N_REGSO) * 1009) % N_REGSO
    return pd.Series(4 + 30 * ((place + 0.5) / N_REGSO) ** 3, index=[f"R{i:04}" for i in range(N_REGSO)])


def _definition(x, mean, spread):
    if x >= mean + 2 * spread:
        return 1
    if x >= mean + spread:
        return 2
    if x >= mean:
        return 3
    return 4 if x >= mean - spread else 5


def test_a_national_table_gives_the_types_of_the_definition():
    index = _national()
    mean, spread = statistics.fmean(index), statistics.stdev(index)
    types = area_types(index)
    assert types.tolist() == [_definition(x, mean, spread) for x in index]
    assert types.index.equals(index.index)
    assert types.name == "area_type"
    assert set(types) == {1, 2, 3, 4}  # No area lies a standard deviation below the mean here.


def test_a_municipality_is_typed_against_the_country():
    index = _national()
    moments = (statistics.fmean(index), statistics.stdev(index))
    municipality = index.iloc[100:117]
    pd.testing.assert_series_equal(area_types(municipality, moments=moments), area_types(index)[100:117])
    # Among themselves they get other types.
    assert (area_types(municipality) != area_types(index)[100:117]).any()


def test_boundaries_belong_to_the_weaker_side():
    values = [30, 20, 19.999, 15, 14.999, 10, 9.999, 5, 4.999]
    assert area_types(values, moments=(10, 5)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5]


def test_n_or_n_minus_one_decides_at_the_edge():
    # Mean 10, squared deviations 64 in all: sigma is 4 by n = 4 and 4.62 by n - 1 = 3.
    x = pd.Series([6.0, 6.0, 14.0, 14.0])
    assert area_types(x, ddof=0).tolist() == [4, 4, 2, 2]
    assert area_types(x, ddof=1).tolist() == [4, 4, 3, 3]


def test_weights_count_areas_as_often_as_people():
    x, w = [5.0, 10.0, 30.0], [3, 2, 1]
    repeated = area_types(np.repeat(x, w), ddof=0)
    assert area_types(x, weight=w, ddof=0).tolist() == repeated.iloc[[0, 3, 5]].tolist()
    pd.testing.assert_series_equal(area_types(x, weight=[7, 7, 7]), area_types(x))
    # An area without people sets no moments but gets its type.
    assert area_types([*x, 99.0], weight=[1, 1, 1, 0]).tolist() == [*area_types(x).tolist(), 1]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 100), min_size=3, max_size=40).filter(lambda x: len(set(x)) > 1))
def test_a_higher_index_is_never_a_stronger_type(values):
    types = area_types(np.array(values, dtype=float)).to_numpy()[np.argsort(values, kind="stable")]
    assert (np.diff(types) <= 0).all()


def test_an_index_whose_top_is_strongest_is_turned():
    index = _national()
    pd.testing.assert_series_equal(area_types(-index, higher_is="stronger"), area_types(index))
    given = area_types([-10.0], higher_is="stronger", moments=(0, 5))
    assert given.tolist() == [1]


def test_scbs_form_of_index_gives_types():
    shares = pd.DataFrame({"v1": [60.0, 10, 12, 8, 11], "v2": [40.0, 10, 9, 8, 7], "v3": [30.0, 4, 3, 2, 3]})
    index = CompositeIndex(["v1", "v2", "v3"], method="scb").fit_transform(shares)
    assert area_types(index, moments=(10, 10)).tolist() == [1, 4, 4, 4, 4]


def test_scbs_names_are_given_on_request_only():
    for language in ("sv", "en"):
        for kind in range(1, 6):
            assert area_type_name(kind, language=language) != area_type_name(
                kind, language=language, official=True
            )
    assert area_type_name(1, official=True) == "Områden med stora socioekonomiska utmaningar"
    assert area_type_name(5, official=True) == "Områden med mycket goda socioekonomiska förutsättningar"
    assert area_type_name(3) == "Index något svagare än medelvärdet"
    words = " ".join(area_type_name(k, language=x) for k in range(1, 6) for x in ("sv", "en"))
    for official in ("Områden", "utmaning", "challenge", "förutsättning", "blandade"):
        assert official not in words


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official types are not at hand")
def test_the_official_types_at_hand():
    # The file has the types of 3,343 of the 3,363 RegSO and no index, so the types can't be recomputed
    # from it; what can be told is that no type has more areas than published, and how many lack.
    official = pd.read_csv(OFFICIAL)["typ"]
    counts = official.value_counts().sort_index().to_numpy()
    assert sum(PUBLISHED) == N_REGSO
    assert (np.array(PUBLISHED) - counts).tolist() == [4, 5, 2, 9, 0]
    # An index on the lower bound of each type gives the very types back.
    bound = official.map({1: 2.0, 2: 1.0, 3: 0.0, 4: -1.0, 5: -1.5})
    assert (area_types(bound, moments=(0, 1)) == official).all()


def test_what_is_refused():
    for index in (5.0, None, [[5.0, 6.0]], pd.DataFrame({"x": [5.0, 6.0]})):
        with pytest.raises(InputError, match="index: must be one value per area"):
            area_types(index)
    with pytest.raises(InputError, match="index: must have at least two different values"):
        area_types([5.0, 5.0, 5.0])
    with pytest.raises(InputError, match=r"index: has 1 missing values \(b\)"):
        area_types(pd.Series([5.0, np.nan, 6.0], index=list("abc")))
    with pytest.raises(InputError, match="weight: is for the moments, and these are given"):
        area_types([5.0, 6.0], weight=[1, 2], moments=(5, 1))
    with pytest.raises(InputError, match="weight: has another index"):
        area_types(pd.Series([5.0, 6.0]), weight=pd.Series([1, 2], index=[4, 5]))
    with pytest.raises(InputError, match="weight: has shape"):
        area_types([5.0, 6.0], weight=[1])
    with pytest.raises(InputError, match="weight: has values under 0"):
        area_types([5.0, 6.0, 7.0], weight=[1, -1, 1])
    for moments in (5.0, (5,), (5, "much")):
        with pytest.raises(InputError, match="moments: is .* must be two numbers"):
            area_types([5.0, 6.0], moments=moments)
    for moments in ((5, 0), (5, -1), (np.nan, 1), (5, np.inf)):
        with pytest.raises(InputError, match="must be finite with a standard deviation of more than 0"):
            area_types([5.0, 6.0], moments=moments)
    with pytest.raises(InputError, match="ddof: is 2"):
        area_types([5.0, 6.0], ddof=2)
    with pytest.raises(InputError, match="higher_is: is 'better'"):
        area_types([5.0, 6.0], higher_is="better")
    for kind in (0, 6, "1", True, 1.5):
        with pytest.raises(InputError, match="area_type: is .* must be one of 1, 2, 3, 4, 5"):
            area_type_name(kind)
    with pytest.raises(InputError, match="language: is 'fi'"):
        area_type_name(1, language="fi")


def test_any_index_of_rows_will_do():
    rows = pd.MultiIndex.from_tuples([("a", 1), ("b", 1), ("c", 2)], names=["area_id", "period"])
    types = area_types(pd.Series([1.0, 2.0, 3.0], index=rows))
    assert types.tolist() == [4, 3, 2]
    assert types.index.equals(rows)
