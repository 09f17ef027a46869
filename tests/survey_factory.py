"""Surveys for the tests of tables, charts and report: embedded areas, made-up but plausible results."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from segkit import areas as panels
from segkit.base.tidy import TIDY
from segkit.studies.survey.result import Survey

INDICATORS = ("employment_rate", "median_income", "post_secondary_share", "turnout")
LABELS = {
    "sv": (
        "svagast socioekonomiska förutsättningar",
        "mitten av ordningen",
        "starkast socioekonomiska förutsättningar",
    ),
    "en": ("weakest socioeconomic conditions", "middle of the order", "strongest socioeconomic conditions"),
}
SENTENCE = {
    "sv": "{label}: olikhetsindex gick från 0,312 till {last} ({change}, intervall {low} till {high}).",
    "en": "{label}: dissimilarity went from 0.312 to {last} ({change}, interval {low} to {high}).",
}


def survey(*, language: str = "sv") -> Survey:
    """Return a full survey of Kalmar with three profiles."""
    areas, periods = _areas(language)
    return Survey(
        name="Kalmar",
        language=language,
        indicators=INDICATORS,
        areas=areas,
        profiles=_profiles(areas, language),
        periods=periods,
        trends=_trends(),
        changes=_changes(language),
        growth=pd.DataFrame(
            {
                "geography": "regso",
                "indicator": "mean_wage_income",
                "period": "2020–2023",
                "group": ["1", "2", "3", "4", "5"],
                "value": [-1.5, 0.4, 0.9, 1.2, 3.1],
                "n_areas": [3, 4, 3, 4, 3],
            }
        ),
        dispersal=_dispersal(),
        claims=_claims(),
        official=pd.DataFrame(
            {
                "regso_id": ["0880R012", "0880R001"],
                "regso_name": ["Norrliden", "Berga"],
                "official_area_type": [1.0, 5.0],
                "period": 2022,
                "mean_profile": [1.0, 2.75],
            }
        ),
        turnout_model=pd.DataFrame(
            {
                "period": [2026, 2026, 2026],
                "statistic": [
                    "units",
                    "leave-one-out mean absolute error",
                    "mean_net_income (logit per unit)",
                ],
                "value": [42.0, 2.41, 0.0123],
            }
        ),
        sources=_sources(),
        courses=_courses(areas),
        municipal=pd.DataFrame(
            {
                "indicator": ["post_secondary_share"],
                "period": [2025],
                "value": [50.249],
                "source": ["SCB"],
                "source_table": ["TAB6534"],
            }
        ),
        notes=("Profilerna jämför områdena med varandra.", "Valdeltagandet 2026 är preliminärt."),
        parameters={
            "segkit": "0.1.0",
            "python": "3.11",
            "packages": {"numpy": "2.4.6"},
            "language": language,
            "n_profiles": 3,
            "n_bootstrap": 999,
            "confidence": 0.95,
            "seed": 0,
            "indicators": list(INDICATORS),
            "input_sha256": {"areas.geojson": "a" * 64, "districts.csv": "b" * 64},
        },
    )


def own_data() -> Survey:
    """Return a survey of a user's own data: one period, an unknown indicator, most tables empty."""
    full = survey(language="en")
    areas = full.areas.drop(columns=[c for c in full.areas if c.startswith("turnout")])
    areas = areas.rename(columns={"post_secondary_share": "my_own_share"}).assign(population=np.nan)
    profiles = full.profiles.drop(columns="turnout").rename(columns={"post_secondary_share": "my_own_share"})
    nothing = pd.DataFrame()
    trends = full.trends[full.trends["period"] == 2020].assign(geography="own", note="")
    return replace(
        full,
        name="my folder",
        indicators=("employment_rate", "my_own_share"),
        areas=areas,
        profiles=profiles.assign(population=np.nan, population_share=np.nan),
        trends=trends,
        changes=nothing,
        growth=nothing,
        dispersal=nothing,
        claims=nothing,
        official=nothing,
        turnout_model=nothing,
        sources=nothing,
        courses=nothing,
        municipal=nothing,
        notes=(),
        parameters={},
    )


def bare() -> Survey:
    """Return a survey in which every table that may be empty is."""
    nothing = pd.DataFrame()
    return replace(own_data(), periods=nothing, trends=nothing)


def _areas(language: str):
    areas, periods = panels.latest(panels.load_example("kalmar"), INDICATORS[:3])
    rank = areas["post_secondary_share"].rank().to_numpy()
    areas.insert(2, "profile", np.digitize(rank, [8, 30]) + 1)
    areas.insert(3, "index", (rank - 22) / 14)
    turnout = np.round(70 + rank / 2, 3)
    flags = np.where(rank > 38, "observed", "modelled, preliminary")
    place = len(areas.columns) - 1
    words = {
        "sv": "Valdeltagande: modellerat värde (95 % intervall 70–80).",
        "en": "Turnout: modelled value (95% interval 70–80).",
    }
    areas.insert(place, "flags", np.where(rank > 38, "", words[language]))
    areas.insert(place, "turnout_flag", flags)
    areas.insert(place, "turnout_se", np.where(rank > 38, 0.0, 1.43))
    areas.insert(place, "turnout", turnout)
    areas.loc[0, "median_income"] = np.nan
    more = pd.DataFrame({"indicator": ["turnout"], "period": [2026], "n_areas": [43], "n_missing": [0]})
    return areas, pd.concat([periods, more], ignore_index=True)


def _courses(areas: pd.DataFrame) -> pd.DataFrame:
    """Turnout of the areas in two elections, and wages of their RegSO in four years."""
    turnout = [
        pd.DataFrame(
            {
                "geography": "deso",
                "area_id": areas["area_id"],
                "indicator": "turnout",
                "period": year,
                "value": areas["turnout"] + step,
                "se": areas["turnout_se"],
                "flag": areas["turnout_flag"],
            }
        )
        for year, step in ((2022, -2.0), (2026, 0.0))
    ]
    wages = [
        pd.DataFrame(
            {
                "geography": "regso",
                "area_id": sorted(set(areas["regso_id"])),
                "indicator": "mean_wage_income",
                "period": year,
                "value": 280.0 + 2 * step,
                "se": np.nan,
                "flag": "",
            }
        )
        for step, year in enumerate((2020, 2021, 2022, 2023))
    ]
    return pd.concat([*turnout, *wages], ignore_index=True)


def _profiles(areas: pd.DataFrame, language: str) -> pd.DataFrame:
    people = areas["population"].sum()
    rows = []
    for profile, part in areas.groupby("profile"):
        row = {
            "profile": profile,
            "label": f"{profile} – {LABELS[language][profile - 1]}",
            "n_areas": len(part),
            "population": part["population"].sum(),
            "population_share": 100 * part["population"].sum() / people,
            "index": part["index"].mean(),
        }
        row |= {i: part[i].mean() for i in INDICATORS}
        text = {
            "sv": "Jämfört med medelvärdet för alla områden – klart lägre: valdeltagande.",
            "en": "Against the mean of all areas – clearly lower: turnout.",
        }
        rows.append(row | {"typical_area": part["name"].iloc[0], "description": text[language]})
    return pd.DataFrame(rows)


def _trends() -> pd.DataFrame:
    rows = []
    series = {
        ("regso", "foreign_born_share"): {"sigma": 9.8, "dissimilarity": 0.312, "information_theory": 0.071},
        ("regso", "mean_wage_income"): {"sigma": 31.4, "ratio": 1.31, "wolfson": 0.052, "esteban_ray": 12.3},
        ("districts", "turnout"): {"sigma": 5.2, "dissimilarity": 0.15},
    }
    for (geography, indicator), measures in series.items():
        years = (2020, 2021, 2022, 2023) if geography == "regso" else (2022, 2026)
        for measure, start in measures.items():
            for step, year in enumerate(years):
                value = start * (1 + 0.02 * step)
                note = "Uppgifterna för 2026 är preliminära." if indicator == "turnout" else ""
                rows.append(
                    [
                        measure,
                        year,
                        "",
                        "",
                        value,
                        value / 12,
                        value * 0.8,
                        value * 1.15,
                        17,
                        0,
                        geography,
                        indicator,
                        note,
                    ]
                )
    return pd.DataFrame(rows, columns=[*TIDY, "geography", "indicator", "note"])


def _changes(language: str) -> pd.DataFrame:
    rows = []
    for indicator, label, low in (
        ("foreign_born_share", "Utrikes födda", 0.004),
        ("mean_wage_income", "Löneinkomst", -0.02),
    ):
        sentence = SENTENCE[language].format(
            label=label, last="0,331", change="+0,019", low=low, high="0,041"
        )
        rows.append(
            [
                "dissimilarity",
                "2020–2023",
                "",
                "",
                0.019,
                0.01,
                low,
                0.041,
                17,
                0,
                0.031,
                "regso",
                indicator,
                sentence,
            ]
        )
    return pd.DataFrame(rows, columns=[*TIDY, "p_value", "geography", "indicator", "sentence"])


def _dispersal() -> pd.DataFrame:
    rows = [
        ["morans_i", "2025", "", "", 0.318, 0.09, np.nan, np.nan, 43, 0, 0.002],
        ["join_count_bb", "2025", "", "", 5.0, np.nan, np.nan, np.nan, 43, 0, 0.214],
        ["largest_patch_share", "2025", "", "", 0.41, np.nan, np.nan, np.nan, 43, 0, 0.35],
    ]
    return pd.DataFrame(rows, columns=[*TIDY, "p_value"])


def _claims() -> pd.DataFrame:
    rows = [
        (
            "polarization_up",
            "Polariseringen mellan områdena har ökat.",
            "förändring i Wolfsons index",
            0.0031,
            -0.002,
            0.0084,
            "2020–2023",
            "RegSO",
            "not supported",
            "Intervallet innehåller noll.",
        ),
        (
            "income_up_everywhere",
            "Inkomsterna har ökat i alla områden.",
            "andel områden med ökning",
            62.5,
            np.nan,
            np.nan,
            "2020–2023",
            "RegSO",
            "supported",
            "Nivån har ökat i alla 17 områden.",
        ),
        (
            "strong",
            "Kommunen är stark som helhet jämfört med Sverige.",
            "antal bättre av 4 indikatorer",
            3.0,
            np.nan,
            np.nan,
            "2024",
            "",
            "cannot be tested",
            "Underlag finns inte.",
        ),
    ]
    columns = [
        "claim",
        "statement",
        "statistic",
        "value",
        "ci_low",
        "ci_high",
        "period",
        "data",
        "verdict",
        "reason",
    ]
    return pd.DataFrame(rows, columns=columns)


def _sources() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator": ["employment_rate", "turnout"],
            "label": ["Sysselsättningsgrad", "Valdeltagande"],
            "period": ["2024", "2026"],
            "source": ["SCB", "Valmyndigheten"],
            "source_table": ["TAB6680", ""],
            "definition": [
                "Andel sysselsatta av befolkningen 20–64 år.",
                "Avgivna röster i riksdagsvalet per röstberättigad.",
            ],
        }
    )
