"""Rules that have been used: Denmark's exposed areas, the weakest of four fields, the grant of 2018."""

from __future__ import annotations

import pandas as pd

from segkit.base.checks import check_count
from segkit.catalogue import embedded, indicators
from segkit.errors import InputError, message
from segkit.studies.screening.rules import Criterion, Rule, all_of, at_least

#: The fields on which the state chose municipalities in 2018, by indicator, and which side is weak.
GRANT_FIELDS = tuple(
    (name, "<=" if indicators.direction(name) > 0 else ">=") for name in indicators.with_role("grant")
)


def danish_exposed_area() -> Rule:
    """Return Denmark's rule for an exposed residential area (udsat boligområde), as a worked rule set.

    At least 1,000 residents in social housing, and at least two of four: more than 40 per cent of ages
    18-64 outside work and education (mean of two years); convicted at least three times the national
    share (mean of two years); more than 60 per cent of ages 30-59 with basic school only; mean gross
    income of ages 15-64 under 55 per cent of the region's. The columns are ``population,
    outside_work_share, convicted_share, basic_school_share, mean_gross_income``; give `screen` the
    references ``{"convicted_share": national, "mean_gross_income": "column of the region's mean"}``.

    The rule is Danish law and speaks of social housing areas there; in Sweden no authority uses it.

    Returns
    -------
    Rule
        The rule.

    References
    ----------
    Lov om almene boliger m.v. § 61 a (Denmark).

    Examples
    --------
    >>> rule = danish_exposed_area()
    >>> len(list(rule.criteria())), rule.parts[1].at_least
    (5, 2)
    """
    return all_of(
        Criterion("population", ">=", 1000),
        at_least(
            2,
            Criterion("outside_work_share", ">", 40, periods=2),
            Criterion("convicted_share", ">=", 3, "ratio", periods=2),
            Criterion("basic_school_share", ">", 60),
            Criterion("mean_gross_income", "<", 0.55, "ratio"),
        ),
        name="danish_exposed_area",
    )


def weakest_in_fields(share: float = 20, *, at_least_fields: int = 3) -> Rule:
    """Return the rule of being among the weakest areas in several of the grant's four fields.

    The fields are unemployment, employment, education and turnout: those on which the state chose 32
    municipalities for a grant in 2018. Its thresholds are not public, so this is not the state's rule.

    Parameters
    ----------
    share : float
        How many per cent of the areas count as the weakest in a field.
    at_least_fields : int
        In how many of the four fields an area must be among them.

    Returns
    -------
    Rule
        The rule.

    Raises
    ------
    InputError
        When an argument is out of range.

    Examples
    --------
    >>> [c.indicator for c in weakest_in_fields().criteria()][-1]
    'turnout'
    """
    if check_count(at_least_fields, argument="at_least_fields") > len(GRANT_FIELDS):
        raise InputError(message("at_least_fields", f"is {at_least_fields}, there are four fields"))
    parts = [Criterion(name, sign, share, "share") for name, sign in GRANT_FIELDS]  # type: ignore[arg-type]
    return at_least(at_least_fields, *parts, name="weakest_in_fields")


def has_area_of_type(area_type: int = 1) -> Criterion:
    """Return the criterion that a RegSO is of an official area type or a weaker one.

    With `by_region` it finds the municipalities that have at least one such area.

    Parameters
    ----------
    area_type : int
        SCB's type, 1 (great socioeconomic challenges) to 5.

    Returns
    -------
    Criterion
        On the column ``official_area_type``.

    Raises
    ------
    InputError
        When `area_type` is none of 1 to 5.

    Examples
    --------
    >>> has_area_of_type().threshold
    1
    """
    if check_count(area_type, argument="area_type") > 5:
        raise InputError(message("area_type", f"is {area_type}, must be 1 to 5"))
    return Criterion("official_area_type", "<=", area_type)


def grant_municipalities() -> pd.DataFrame:
    """Return the 32 municipalities that the state chose for the grant of 2018.

    Returns
    -------
    pandas.DataFrame
        ``municipality_code, municipality_name``.

    References
    ----------
    Förordning (2018:151) om statsbidrag till vissa kommuner för åtgärder mot segregation.

    Examples
    --------
    >>> table = grant_municipalities()
    >>> len(table), "0880" in set(table["municipality_code"])
    (32, False)
    """
    return pd.read_csv(embedded.folder() / "grant_2018.csv", dtype=str, encoding="utf-8")
