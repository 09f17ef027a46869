"""The evaluation as a report and a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segkit.base.checks import LANGUAGES, check_choice
from segkit.catalogue import indicators
from segkit.drawing import charts
from segkit.drawing.charts.trials import canvas, estimates, lots
from segkit.evaluation.sentences import unit_of_change
from segkit.output.document.document import Document, Picture, Section, Table
from segkit.studies.evaluation.case import COVARIATES, N_LOWEST, Case, Findings, compare, read_case
from segkit.studies.study import Study, shown
from segkit.words.numbers import PValue, format_interval, format_number
from segkit.words.text import listed
from segkit.words.text import study_texts as texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from segkit.base.checks import Language

_LEVEL = 0.05


def did_it_work(
    source: str | Path | pd.DataFrame = "kalmar",
    *,
    outcome: str = "turnout",
    treated: Sequence[str] | None = None,
    start: int = 2026,
    language: Language = "sv",
    n_permutations: int = 9999,
    random_state: int = 0,
) -> Study:
    """Compare districts that got something with those that did not, in every way the data allow.

    For Kalmar the districts with meeting places since 2022 (Berga Centrum, Norrliden, Oxhagen) on turnout
    2022 and 2026 (preliminary). The report says how large the difference is beside chance, how it changes
    with the choices made, how large a change would have shown, and what the figures can't tell.

    Parameters
    ----------
    source : str or pandas.DataFrame
        An embedded municipality, or a panel of districts of your own.
    outcome : str
        The indicator.
    treated : sequence of str, optional
        Codes of the districts; for Kalmar by default those of ``geodata/meeting_places.csv``.
    start : int
        The first period after.
    language : {"sv", "en"}
        Of all texts.
    n_permutations, random_state : int
        Sets of districts drawn by lot, and seed.

    Returns
    -------
    Study
        With tables ``districts, estimate, variants, leave_one_out, lots, detectable, power, places,
        excluded``.

    Raises
    ------
    FileError, InputError, UnknownNameError
        When the source has no districts, a district is not there or changed boundary, or there is no period
        before or after the start.

    References
    ----------
    MacKinnon, J. G. & Webb, M. D. (2020). Randomization inference for difference-in-differences with few
    treated clusters. Journal of Econometrics 218(2), 435-450.

    Examples
    --------
    >>> study = did_it_work("kalmar", language="en", n_permutations=999)
    >>> study.tables["variants"].loc[0, "value"].round(2)
    np.float64(1.26)
    """
    check_choice(language, LANGUAGES, argument="language")
    case = read_case(source, outcome, treated, start, random_state, n_permutations)
    found = compare(case)
    words = texts("evaluation", language)
    report = _Report(case, found, words, language)
    command = report.command(source, treated)
    document = Document(
        title=words["title"].format(outcome=report.label, start=start),
        subtitle=words["subtitle"].format(names=report.names, before=report.base, start=start),
        lede=words["lede"],
        language=language,
        sections=(
            report.summary(),
            report.districts(),
            report.chance(),
            report.variants(),
            report.power(),
            report.limits(),
            Section(
                words["method"],
                paragraphs=(words["method_text"],),
                remarks=(report.sources(), words["repeat"].format(command=command)),
            ),
        ),
    )
    return Study(
        document,
        report.tables(),
        notes=(words["lede"], report.sources()),
        parameters={
            "study": "evaluate",
            "outcome": outcome,
            "treated": case.treated,
            "start": start,
            "random_state": random_state,
            "n_permutations": n_permutations,
            "command": command,
        },
    )


class _Report:
    """The sections of an evaluation."""

    def __init__(self, case: Case, found: Findings, words: Mapping[str, str], language: Language) -> None:
        self.case, self.found, self.words, self.language = case, found, words, language
        self.label = indicators.label(case.outcome, language=language)
        self.unit = unit_of_change(case.outcome, language).strip()
        before = found.main.event_study
        self.base = int(before.loc[before["before"], "period"].max())
        labels = case.places.loc[case.places["role"] == "treated", "unit_label"]
        self.names = listed(list(dict.fromkeys(labels)), language)

    def command(self, source: object, treated: Sequence[str] | None) -> str:
        """Return what to run again; a panel of one's own has no command."""
        if isinstance(source, pd.DataFrame):
            return "segkit.studies.did_it_work(...)"
        chosen = "" if treated is None else f" --treated {','.join(treated)}"
        return f"segkit evaluate {source}{chosen} --language {self.language}"

    def number(self, value: float, decimals: int = 1, *, sign: bool = False) -> str:
        """Write a number the language's way."""
        return format_number(value, decimals, language=self.language, sign=sign)

    def summary(self) -> Section:
        """Say what the data allow."""
        words, head = self.words, self.found.main.estimate.iloc[0]
        means = self._means()
        p = float(head["p_value"])
        rows = self.found.variants
        clear = int((rows["p_value"] <= _LEVEL).sum())
        power = dict(zip(self.found.detectable.table["measure"], self.found.detectable.table["value"],
                         strict=True))  # fmt: skip
        points = [
            words["point_change"].format(
                **{key: self.number(value) for key, value in means.items()},
                base=self.base,
                start=self.case.start,
            ),
            words["point_difference"].format(
                value=self.number(float(head["value"]), sign=True),
                unit=self.unit,
                low=self.number(float(head["ci_low"])),
                high=self.number(float(head["ci_high"])),
                p=PValue(p).written(self.language),
            ),
            words["point_found" if p <= _LEVEL else "point_not_found"],
            words["point_variants"].format(
                n=len(rows),
                low=self.number(float(rows["value"].min()), sign=True),
                high=self.number(float(rows["value"].max()), sign=True),
                clear=clear,
                level=self.number(_LEVEL, 2),
            ),
        ]
        if np.isfinite(power["detectable_rise"]):
            points.append(
                words["point_power"].format(rise=self.number(power["detectable_rise"]), unit=self.unit)
            )
        points.append(words["point_lowest"])
        single = int(self.found.main.event_study["before"].sum()) == 1
        conclusion = words["conclusion" if single else "conclusion_several"]
        return Section(words["summary"], paragraphs=(conclusion,), points=tuple(points))

    def _means(self) -> dict[str, float]:
        table = self.found.main.areas
        return {
            f"{role[:2]}_{end}": float(table.loc[table["role"] == role, end].mean())
            for role in ("treated", "untreated")
            for end in ("before", "after")
        }

    def districts(self) -> Section:
        """Return which districts are compared, then and now."""
        words, language = self.words, self.language
        rows = self._district_rows()
        reason = f"reason_{language}"
        heads = {"district": "name", "unit": "unit_label", "why": reason}
        places = shown(
            rows, {column: words[f"head_{key}"] for key, column in heads.items()}, language=language
        )
        tables = []
        if rows[reason].ne("").any():
            tables.append(Table(places, words["places_caption"]))
        figures = rows[rows["before"].notna()]
        columns = {c: words[f"head_{c}"].format(base=self.base, start=self.case.start)
                   for c in ("name", "before", "after", "change")}  # fmt: skip
        tables.append(
            Table(
                shown(figures, columns, signed=("change",), language=language),
                words["figures_caption"].format(outcome=self.label),
            )
        )
        panel = self.case.panel[self.case.panel[self.case.outcome].notna()]
        ax = charts.dumbbell(
            panel,
            self.case.outcome,
            first=self.base,
            last=self.case.start,
            weight=self.found.weight or None,
            highlight=self.case.treated,
            source=self.sources(),
            language=language,
            ax=canvas(6.4, 1.5 + 0.19 * panel["area_id"].nunique()),
        )
        paragraphs = [words["districts_intro"].format(n=len(self.found.main.areas))]
        if len(self.case.excluded):
            gone = listed(self.case.excluded["name"].tolist(), language)
            paragraphs.append(words["excluded"].format(names=gone))
        picture = Picture(ax, charts.description(ax), words["dumbbell_caption"], wide=True)
        return Section(
            words["districts"], paragraphs=tuple(paragraphs), pictures=(picture,), tables=tuple(tables)
        )

    def _district_rows(self) -> pd.DataFrame:
        """Return the districts of the case with their figures, those tried separately last."""
        figures = self.found.main.areas[["area_id", "name", "before", "after", "change"]]
        return self.case.places.merge(figures, on="area_id", how="left", validate="1:1")

    def chance(self) -> Section:
        """Return the difference beside what lots give."""
        words, main = self.words, self.found.main
        value = float(main.estimate["value"].iloc[0])
        n = len(main.permutations)
        title = words["lots_title"].format(n=self.number(n, 0))
        ax = lots(
            main.permutations["value"].to_numpy(dtype=float),
            value,
            title=title,
            subtitle=words["lots_axis"].format(unit=self.unit),
            marked=words["lots_marked"].format(value=self.number(value, sign=True)),
            notes=[words["lots_note"], self.sources()],
            language=self.language,
        )
        text = main.conclude(self.language)
        picture = Picture(ax, charts.description(ax), words["lots_caption"])
        return Section(words["chance"], paragraphs=(words["chance_intro"], text), pictures=(picture,))

    def variants(self) -> Section:
        """Return the other ways to compare, and the estimate without each district."""
        words, language = self.words, self.language
        rows = self.found.variants
        endless = not np.isfinite(rows[["ci_low", "ci_high"]]).all(axis=None)
        labels = [self._variant(row) for _, row in rows.iterrows()]
        ax = estimates(
            rows.assign(label=labels),
            title=words["variants_title"],
            subtitle=words["lots_axis"].format(unit=self.unit),
            notes=[words["variants_note"] if endless else "", self.sources()],
            language=language,
        )
        cells = pd.DataFrame(
            {
                words["head_variant"]: labels,
                words["head_difference"]: [self.number(v, sign=True) for v in rows["value"]],
                words["head_interval"]: self._intervals(rows),
                words["head_p"]: [self.number(p, 3) for p in rows["p_value"]],
                words["head_n_treated"]: rows["n_treated"].astype(str),
                words["head_n_untreated"]: rows["n_untreated"].astype(str),
            }
        )
        leave = self.found.main.leave_one_out.head(len(self.case.treated) + 3)
        heads = {c: words[f"head_without_{c}"] for c in ("name", "value", "change")}
        without = shown(leave, heads, signed=("value", "change"), language=language)
        return Section(
            words["variants"],
            paragraphs=(words["variants_intro"].format(n=N_LOWEST, covariates=self._covariates()),),
            pictures=(Picture(ax, charts.description(ax), words["variants_figure"], wide=True),),
            tables=(Table(cells, words["variants_caption"]), Table(without, words["without_caption"])),
        )

    def _covariates(self) -> str:
        names = [indicators.label(c, language=self.language).lower() for c in COVARIATES]
        return listed(names, self.language)

    def _variant(self, row: pd.Series) -> str:
        nearby = self.case.places.loc[self.case.places["role"] == "nearby"]
        name = nearby["district_name"].iloc[0] if len(nearby) else ""
        return self.words[f"variant_{row['variant']}"].format(place=row["place"], nearby=name, n=N_LOWEST)

    def _intervals(self, rows: pd.DataFrame) -> list[str]:
        return [
            format_interval(low, high, 1, language=self.language)
            if np.isfinite([low, high]).all()
            else self.words["no_interval"]
            for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)
        ]

    def power(self) -> Section:
        """Return the smallest change that would have shown."""
        words = self.words
        text = self.found.detectable.conclude(self.language)
        return Section(words["power"], paragraphs=(words["power_intro"], text))

    def limits(self) -> Section:
        """Return what the figures can't tell."""
        words = self.words
        facts = {"base": self.base, "start": self.case.start}
        n_before = int(self.found.main.event_study["before"].sum())
        points = [words["limit_trend"].format(**facts)] if n_before == 1 else []
        if self.found.refusal:
            points.append(words["limit_synthetic"].format(text=self.found.refusal))
        if "district_name" in self.case.places:
            points += [words["limit_begun"].format(**facts), words["limit_place"]]
        points += [words[f"limit_{key}"].format(**facts) for key in ("lowest", "people", "chosen")]
        if "preliminary" in set(self.case.panel.get(f"{self.case.outcome}_flag", [])):
            points.append(words["limit_preliminary"].format(**facts))
        return Section(words["limits"], points=tuple(points), paragraphs=(words["limits_intro"],))

    def sources(self) -> str:
        """Return the source of the figures."""
        known = self.case.outcome == "turnout" and "ballots" in self.case.panel
        return self.words["sources" if known else "sources_own"]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table."""
        return {
            "districts": self.found.main.areas,
            "estimate": self.found.main.estimate,
            "variants": self.found.variants,
            "leave_one_out": self.found.main.leave_one_out,
            "lots": self.found.main.permutations,
            "detectable": self.found.detectable.table,
            "power": self.found.detectable.curve,
            "places": self.case.places,
            "excluded": self.case.excluded,
        }
