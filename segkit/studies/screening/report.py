"""A screening by an explicit rule as a report: who meets it, how near, how firmly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice, check_count
from segkit.catalogue import indicators
from segkit.errors import InputError, message
from segkit.output.document.document import Document, Section
from segkit.panels import areas
from segkit.studies import screening, survey
from segkit.studies.screening import report_parts as parts
from segkit.studies.screening.examples import GRANT_FIELDS
from segkit.studies.screening.rules import Criterion, Rule
from segkit.studies.study import Study
from segkit.words.text import study_texts as texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segkit.base.checks import Language
    from segkit.studies.screening.screen import Screening

#: Where the figures of whole municipalities go by another name.
_NAMED = {"turnout": "turnout_riksdag"}

_COUNTRY = "00"


def municipality(code: str) -> pd.DataFrame:
    """Return the four fields of a municipality beside the others with the same definition and period.

    Parameters
    ----------
    code : str
        Of four digits; another gives an empty table.

    Returns
    -------
    pandas.DataFrame
        ``indicator, period, value, sweden`` (missing where no figure has the same definition), ``lowest,
        highest, n_others, place`` (1 is the weakest), ``source``.

    Examples
    --------
    >>> municipality("0483")["indicator"].tolist()
    ['unemployment_rate', 'employment_rate', 'post_secondary_share', 'turnout']
    """
    reference = areas.load_reference()
    rows = []
    for indicator, sign in GRANT_FIELDS:
        same = reference[reference["indicator"] == _NAMED.get(indicator, indicator)]
        own = same[same["municipality_code"] == code].sort_values("period", kind="stable")
        if own.empty:
            continue
        newest = own.iloc[-1]
        beside = same[
            (same["period"] == newest["period"])
            & (same["source_table"] == newest["source_table"])
            & (same["unit"] == newest["unit"])
        ]
        country = beside.loc[beside["municipality_code"] == _COUNTRY, "value"]
        others = beside.loc[~beside["municipality_code"].isin([_COUNTRY, code]), "value"]
        weaker = others > newest["value"] if sign == ">=" else others < newest["value"]
        rows.append(
            {
                "indicator": indicator,
                "period": str(newest["period"]),
                "value": float(newest["value"]),
                "sweden": float(country.iloc[0]) if len(country) else np.nan,
                "lowest": float(others.min()) if len(others) else np.nan,
                "highest": float(others.max()) if len(others) else np.nan,
                "n_others": len(others),
                "place": int(weaker.sum()) + 1,
                "source": f"{newest['source']} {newest['source_table']}",
            }
        )
    return pd.DataFrame(rows)


RULES = ("weakest", "danish")

#: Per cent by which each threshold is moved.
MOVES = (-20.0, -10.0, 10.0, 20.0)

_WHOLE = 100


@dataclass(frozen=True)
class _Source:
    """What is screened."""

    name: str
    code: str
    panel: pd.DataFrame
    files: Mapping[str, str]


def screening_study(
    source: str | Path | pd.DataFrame = "katrineholm",
    rule: str | Path | Rule | Criterion = "weakest",
    *,
    at_least: int | None = None,
    period: int | None = None,
    references: Mapping[str, float | str] | None = None,
    published: Sequence[str] | None = None,
    n_draws: int = 9999,
    random_state: int = 0,
    title: str = "",
    area_id: str = "area_id",
    name: str = "name",
    language: Language = "sv",
) -> Study:
    """Screen areas or municipalities by a rule: who meets it, every distance, cliffs, certainty.

    Parameters
    ----------
    source : str, Path or pandas.DataFrame
        An embedded municipality, a folder with areas and indicators, or a panel as `screening.screen`
        takes it, of municipalities for instance.
    rule : str, Path, Rule or Criterion
        "weakest" (`screening.weakest_in_fields`), "danish" (`screening.danish_exposed_area`), a rule, or a
        TOML file (`screening.read_rule`).
    at_least : int, optional
        How many criteria must hold, instead of what the rule says; not for "danish", whose number is law.
    period, references
        As in `screening.screen`; references come before those of the file.
    published : sequence of str, optional
        A list of codes to compare with.
    n_draws, random_state
        Of `screening.certainty`, where figures have standard errors.
    title : str
        What is screened, for a panel.
    area_id, name : str
        The columns of the user's areas file with code and name.
    language : {"sv", "en"}
        Of all texts.

    Returns
    -------
    Study
        With tables ``areas, criteria, threshold_moves, certainty, agreement, municipality``.

    Raises
    ------
    InputError, UnknownNameError, FileError
        As `survey.load`, `screening.read_rule` and `screening.screen`; or when there is one area only.

    Examples
    --------
    >>> study = screening_study("katrineholm", n_draws=99, language="en")
    >>> study.tables["areas"]["selected"].sum()
    np.int64(3)
    """
    check_choice(language, LANGUAGES, argument="language")
    asked, given = _asked(rule, at_least)
    given |= dict(references or {})
    read = _read(source, title, area_id, name)
    if read.panel["area_id"].nunique() < 2:
        raise InputError(message("source", "has one area only", fix="A screening compares two or more."))
    options = {"period": period, "references": given}
    found = screening.screen(read.panel, asked, **options)  # type: ignore[arg-type]
    words = texts("screening", language)
    tables = {
        "areas": found.areas,
        "criteria": found.criteria,
        "threshold_moves": screening.threshold_moves(
            read.panel, asked, _moves(asked), relative=True, **options  # type: ignore[arg-type]
        ),
        "certainty": pd.DataFrame(),
        "agreement": pd.DataFrame(),
        "municipality": municipality(read.code),
    }  # fmt: skip
    if found.criteria["se"].notna().any():
        tables["certainty"] = screening.certainty(found, n_draws=n_draws, random_state=random_state)
    if published is not None:
        tables["agreement"] = screening.agreement(
            found.selected, published, among=found.areas["area_id"].astype(str)
        )
    command = _command(source, rule, at_least, language)
    document = _document(read, found, tables, words, language, command)
    return Study(
        document,
        tables,
        notes=(words["lede"], asked.describe(language=language)),
        parameters={
            "study": "screening",
            "source": read.name,
            "rule": asked.describe(language="en"),
            "command": command,
            "n_draws": n_draws,
            "random_state": random_state,
            "input": read.files,
        },
    )


def _document(
    read: _Source,
    found: Screening,
    tables: Mapping[str, pd.DataFrame],
    words: dict[str, str],
    language: Language,
    command: str,
) -> Document:
    sections = [
        parts.summary(found, tables, words),
        parts.the_rule(found, words, language),
        parts.who_meets(found, tables["certainty"], read.panel, words, language),
        parts.distances(found, words, language),
        parts.cliffs(found, tables["threshold_moves"], words, language),
        parts.firmness(found, tables["certainty"], words, language),
    ]
    if len(tables["agreement"]):
        sections.append(parts.listed_and_found(tables["agreement"], found, words, language))
    if len(tables["municipality"]):
        sections.append(parts.among_municipalities(read.code, tables["municipality"], words, language))
    years = sorted({str(p) for p in found.criteria["period"]})
    figures = dict.fromkeys(indicators.label(i, language=language) for i in found.criteria["indicator"])
    sources = parts.sources_of(found, words)
    remarks = (
        words["figures"].format(names=", ".join(figures), years=", ".join(years)),
        *((sources,) if sources else ()),
        *((words["repeat"].format(command=command),) if command else ()),
    )
    sections.append(Section(words["method"], paragraphs=(words["method_text"],), remarks=remarks))
    return Document(
        title=words["title"].format(name=read.name),
        subtitle=words["subtitle"].format(n=len(found.areas), met=len(found.selected)),
        lede=words["lede"],
        language=language,
        sections=tuple(sections),
    )


def _asked(rule: str | Path | Rule | Criterion, at_least: int | None) -> tuple[Rule, dict[str, float | str]]:
    """Return the rule and the references that came with it."""
    given: dict[str, float | str] = {}
    if at_least is not None:
        check_count(at_least, argument="at_least")
    if rule == "danish":
        if at_least is not None:
            raise InputError(message("at_least", "can't be chosen for the Danish rule: it is set by law"))
        return screening.danish_exposed_area(), given
    if rule == "weakest":
        return screening.weakest_in_fields(at_least_fields=3 if at_least is None else at_least), given
    if isinstance(rule, Criterion):
        asked = Rule((rule,), 1)
    elif isinstance(rule, Rule):
        asked = rule
    elif Path(rule).suffix.lower() == ".toml":
        asked, given = screening.read_rule(rule)
    else:
        fix = f"Choose {' or '.join(RULES)}, or give a file ending in .toml."
        raise InputError(message("rule", f"is {str(rule)!r}, which is no rule known here", fix=fix))
    return (asked if at_least is None else replace(asked, at_least=at_least)), given


def _read(source: str | Path | pd.DataFrame, title: str, area_id: str, name: str) -> _Source:
    if isinstance(source, pd.DataFrame):
        return _Source(title, "", source, {})
    data = survey.load(source, area_id=area_id, name=name)
    return _Source(data.name, data.code, data.main, data.files)


def _moves(rule: Rule) -> list[float]:
    """Return the moves that keep shares of areas below the whole."""
    shares = [c.threshold for c in rule.criteria() if c.relative == "share"]
    return [move for move in MOVES if all(s * (1 + move / 100) < _WHOLE for s in shares)]


def _command(source: object, rule: object, at_least: int | None, language: Language) -> str:
    """Return the command that gives the same, empty where a table or rule was given in Python."""
    if not isinstance(source, str | Path) or not isinstance(rule, str | Path):
        return ""
    least = "" if at_least is None else f" --at-least {at_least}"
    return f"segkit screen {source} --rule {rule}{least} --language {language}"
