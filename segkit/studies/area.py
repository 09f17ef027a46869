"""An area's development: where it stands, areas like it, what they did, and rises beside chance."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.catalogue import embedded, indicators
from segkit.catalogue.labels import decimals_for, term
from segkit.drawing.charts import description
from segkit.drawing.charts.trials import paths
from segkit.errors import DataWarning, InputError, UnknownNameError, message
from segkit.output.document.document import Document, Picture, Section, Table
from segkit.panels import areas
from segkit.profiles import DEFAULT_COLUMNS, transitions
from segkit.studies.study import Study, shown
from segkit.studies.survey.inputs import Inputs, load
from segkit.words.numbers import MISSING, format_number, format_p
from segkit.words.text import flag_parts, listed
from segkit.words.text import study_texts as texts

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from segkit.base.checks import Language

_N_PEERS = 6
_LEAST_AREAS = 10


@dataclass(frozen=True)
class _Case:
    """The area, the panels it is studied in, and the words."""

    inputs: Inputs
    panel: gpd.GeoDataFrame
    area: str
    series: gpd.GeoDataFrame
    container: str
    column: str
    columns: tuple[str, ...]
    language: Language
    random_state: int

    @property
    def words(self) -> dict[str, str]:
        return texts("area", self.language)

    @property
    def name(self) -> str:
        rows = self.panel[self.panel["area_id"] == self.area]
        return str(rows.sort_values("period", kind="stable")["name"].iloc[-1])

    @property
    def years(self) -> tuple[int, int]:
        """The first and last period of the series."""
        known = self.series.loc[self.series[self.column].notna(), "period"]
        return int(known.min()), int(known.max())

    def label(self, column: str) -> str:
        return indicators.label(column, language=self.language)

    def number(self, value: float, column: str) -> str:
        return format_number(value, max(1, decimals_for(column)), language=self.language)


def area_study(
    area: str,
    *,
    source: str | Path | None = None,
    language: Language = "sv",
    random_state: int = 0,
) -> Study:
    """Study the development of an area: areas like it, what they did, and rises beside chance.

    Parameters
    ----------
    area : str
        Code of an area, such as ``"0880C1220"``.
    source : str or Path, optional
        An embedded municipality or a folder, as for `survey.load`; by default the embedded municipality
        whose code the area's begins with.
    language : {"sv", "en"}
        Of all texts.
    random_state : int
        Seed; the same seed gives the same report.

    Returns
    -------
    Study
        With tables ``now, peers, series, after, rises, changed`` as far as the figures allow.

    Raises
    ------
    UnknownNameError
        When no municipality is embedded for the code, or the area is not in the source.
    InputError
        When the area has none of the indicators that areas are compared by.

    Examples
    --------
    >>> study = area_study("0880C1220", language="en")
    >>> study.tables["peers"]["name"].iloc[0]
    'Norrliden V'
    """
    case = _case(area, source, language, random_state)
    words = case.words
    now, peers = _now(case), _peers(case)
    with warnings.catch_warnings(record=True):
        # What the warnings tell, that series are short, the report says in its own words.
        warnings.simplefilter("always", DataWarning)
        nearest, after = _after(case)
        test = _rises(case)
    changed = _changed(case, test)
    place = "" if source is None else f" --source {source}"
    command = f"segkit area {area}{place} --language {language}"
    periods = "–".join(map(str, dict.fromkeys((min(now["period"]), max(now["period"])))))
    document = Document(
        title=words["title"].format(name=case.name),
        subtitle=words["subtitle"].format(area=area, municipality=case.inputs.name, periods=periods),
        lede=words["lede"],
        language=language,
        sections=(
            Section(words["summary"], points=_points(case, now, peers, test)),
            _now_section(case, now),
            _peers_section(case, peers),
            _path_section(case, nearest, after),
            _rise_section(case, test, changed),
            Section(words["limits"], points=_limits(case, now)),
            Section(
                words["method"],
                paragraphs=(words["method_text"].format(columns=_listed(case, case.columns)),),
                remarks=(_sources(case), words["repeat"].format(command=command)),
            ),
        ),
    )
    own = case.series[["area_id", "period", "name", case.column]] if case.column else pd.DataFrame()
    summary = pd.DataFrame() if test is None else test.summary
    tables = {"now": now, "peers": peers, "series": pd.DataFrame(own), "after": after, "rises": summary}
    return Study(
        document,
        {**tables, "changed": changed},
        notes=(words["lede"], _sources(case)),
        parameters={"study": "area", "area": area, "seed": random_state, "command": command},
    )


def _case(area: str, source: str | Path | None, language: Language, random_state: int) -> _Case:
    """Find the area, and the panel with a series for it."""
    if source is None:
        codes = {code: name for name, (code, _) in embedded.MUNICIPALITIES.items()}
        if str(area)[:4] not in codes:
            known = ", ".join(f"{code} ({name})" for code, name in codes.items())
            fix = f"Embedded are {known}; for others give the source, a folder."
            raise UnknownNameError(
                message("area", f"no embedded municipality has the area {area!r}", fix=fix)
            )
        source = codes[str(area)[:4]]
    inputs = load(source)
    found = {kind: panel for kind, panel in inputs.panels.items() if area in set(panel["area_id"])}
    if not found:
        fix = f"Its geographies are {', '.join(inputs.panels)}."
        raise UnknownNameError(message("area", f"{inputs.name} has no area {area!r}", fix=fix))
    kind, panel = next(iter(found.items()))
    columns = _compared(panel, area)
    series, key, column = panel, area, _longest(panel, area)
    container = ""
    regso = inputs.panels.get("regso")
    if kind == "deso" and regso is not None and "regso_id" in panel:
        held = str(panel.loc[panel["area_id"] == area, "regso_id"].iloc[-1])
        if _longest(regso, held):
            series, container, column, key = regso, held, _longest(regso, held), held
    return _Case(inputs, panel, area, series, container or key, column, columns, language, random_state)


def _compared(panel: gpd.GeoDataFrame, area: str) -> tuple[str, ...]:
    """Return the indicators that areas are compared by: those of the profiles, else all judged ones."""
    own = panel[panel["area_id"] == area]
    catalogue = indicators.catalogue()
    judged = [c for c in panel.columns if c in catalogue.index and catalogue["direction"][c] != 0]
    chosen = [c for c in DEFAULT_COLUMNS if c in judged and own[c].notna().any()] or [
        c for c in judged if own[c].notna().any()
    ]
    if not chosen:
        fix = "Join indicators of the catalogue that have a direction (segkit indicators)."
        raise InputError(message("area", f"{area} has no indicator that areas are compared by", fix=fix))
    return tuple(chosen)


def _longest(panel: gpd.GeoDataFrame, area: str) -> str:
    """Return the judged indicator with the most periods for the area, observed ones only; empty if none."""
    catalogue = indicators.catalogue()
    own = panel[panel["area_id"] == area]
    best, most = "", 1
    for column in panel.columns:
        if column not in catalogue.index or catalogue["direction"][column] == 0:
            continue
        rows = own[own[column].notna()]
        flags = rows[f"{column}_flag"] if f"{column}_flag" in rows else pd.Series("", index=rows.index)
        if flags.fillna("").str.contains("modelled|partly").any():
            continue
        if rows["period"].nunique() > most:
            best, most = str(column), rows["period"].nunique()
    return best


def _now(case: _Case) -> pd.DataFrame:
    """Return the newest figure of each judged indicator beside the weighted mean, and its place."""
    catalogue = indicators.catalogue()
    judged = [c for c in case.panel.columns if c in catalogue.index and catalogue["direction"][c] != 0]
    newest, periods = areas.latest(case.panel, judged)
    years = periods[periods["n_areas"] > 0].groupby("indicator")["period"].max()
    rows = []
    for column in judged:
        values = newest.set_index("area_id")[column].astype(float)
        if column not in years.index or np.isnan(values[case.area]):
            continue
        people = newest.set_index("area_id")["population"].astype(float) if "population" in newest else None
        known = values.notna() if people is None else values.notna() & people.notna()
        mean = float(np.average(values[known], weights=None if people is None else people[known]))
        flag = newest.set_index("area_id").get(f"{column}_flag", pd.Series("", index=values.index))
        error = newest.set_index("area_id").get(f"{column}_se", pd.Series(np.nan, index=values.index))
        rows.append(
            {
                "indicator": column,
                "period": int(years[column]),
                "value": float(values[case.area]),
                "se": float(error[case.area]),
                "mean": mean,
                "difference": float(values[case.area]) - mean,
                "rank": int((values < values[case.area]).sum()) + 1,
                "n_areas": int(values.notna().sum()),
                "flag": flag[case.area] if isinstance(flag[case.area], str) else "",
            }
        )
    return pd.DataFrame(rows)


def _peers(case: _Case) -> pd.DataFrame:
    newest, _ = areas.latest(case.panel, list(case.columns))
    rows = newest.assign(period=int(case.panel["period"].max()))
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always", DataWarning)
        n = min(_N_PEERS, len(rows) - 1)
        return transitions.peers(rows, case.area, list(case.columns), path=0, n=n)


def _after(case: _Case) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the areas nearest in the first period, and the fan of what they did after."""
    if not case.column:
        return pd.DataFrame(), pd.DataFrame()
    first, last = case.years
    try:
        nearest = transitions.peers(
            case.series, case.container, [case.column], period=first, path=0, n=_N_PEERS
        )
        fan = transitions.trajectory_fan(
            case.series, case.container, case.column, nearest, horizon=last - first, period=first
        )
    except InputError:
        return pd.DataFrame(), pd.DataFrame()
    return nearest, fan


def _rises(case: _Case) -> Any:
    """Return the test of rises beside chance, None where there are too few areas."""
    if not case.column:
        return None
    first, last = case.years
    rows = case.series[case.series["period"].between(first, last)]
    whole = rows.dropna(subset=[case.column]).groupby("area_id")["period"].nunique()
    if (whole == rows["period"].nunique()).sum() < _LEAST_AREAS:
        return None
    direction = indicators.direction(case.column)
    return transitions.turnaround_test(
        rows, case.column, direction=direction, missing="drop", random_state=case.random_state
    )


def _changed(case: _Case, test: Any) -> pd.DataFrame:
    """Return what else changed in the areas that rose; empty where none did."""
    if test is None or test.areas.empty:
        return pd.DataFrame()
    first, last = case.years
    catalogue = indicators.catalogue()
    columns = [
        c for c in case.series.columns if c in catalogue.index and c not in {case.column, "population"}
    ]
    rows = case.series[case.series["period"].isin([first, last])]
    columns = [c for c in columns if rows[c].notna().all()]
    if not columns:
        return pd.DataFrame()
    return transitions.what_changed(
        rows, test.areas["area_id"].tolist(), None, columns, random_state=case.random_state
    )


def _points(case: _Case, now: pd.DataFrame, peers: pd.DataFrame, test: Any) -> tuple[str, ...]:
    words = case.words
    points = [
        words["point_rank"].format(
            label=case.label(row["indicator"]),
            value=case.number(row["value"], row["indicator"]),
            mean=case.number(row["mean"], row["indicator"]),
            rank=row["rank"],
            n=row["n_areas"],
        )
        for _, row in now[now["indicator"].isin(case.columns)].iterrows()
    ]
    names = listed(peers["name"].astype(str).head(3).tolist(), case.language)
    points.append(words["point_peers"].format(names=names))
    if test is not None:
        found = test.summary.set_index("measure")
        points.append(
            words["point_rise"].format(
                risen=int(found["value"]["n_risen"]),
                started=int(found["value"]["n_started"]),
                expected=format_number(float(found["expected"]["n_risen"]), 1, language=case.language),
            )
        )
    if case.column:
        first, last = case.years
        points.append(words["point_short"].format(first=first, last=last))
    return tuple(points)


def _now_section(case: _Case, now: pd.DataFrame) -> Section:
    words = case.words
    rows = []
    for _, row in now.iterrows():
        column = row["indicator"]
        spread = "" if not row["se"] > 0 else f" ±{case.number(row['se'], column)}"
        parts = [part for part in flag_parts(row["flag"]) if part != "observed"]
        rows.append(
            {
                words["head_indicator"]: indicators.label(column, language=case.language, unit=True),
                words["head_period"]: str(row["period"]),
                words["head_value"]: case.number(row["value"], column) + spread,
                words["head_mean"]: case.number(row["mean"], column),
                words["head_difference"]: format_number(
                    row["difference"], max(1, decimals_for(column)), language=case.language, sign=True
                ),
                words["head_rank"]: f"{row['rank']} / {row['n_areas']}",
                words["head_remark"]: ", ".join(term("flags", p, language=case.language) for p in parts)
                or MISSING,
            }
        )
    table = Table(pd.DataFrame(rows), words["now_caption"].format(name=case.name))
    return Section(words["now"], paragraphs=(words["now_intro"],), tables=(table,))


def _peers_section(case: _Case, peers: pd.DataFrame) -> Section:
    words = case.words
    rows = peers.assign(
        unlike=[case.label(str(c).removesuffix(" (path)")) for c in peers["most_unlike"]],
    )
    heads = {"name": words["head_name"], "distance": words["head_distance"]}
    heads |= {column: case.label(column) for column in case.columns}
    heads["unlike"] = words["head_unlike"]
    decimals = {"distance": 2} | {c: max(1, decimals_for(c)) for c in case.columns}
    table = shown(rows, heads, decimals=decimals, language=case.language)
    caption = words["peers_caption"].format(name=case.name)
    return Section(words["peers"], paragraphs=(words["peers_intro"],), tables=(Table(table, caption),))


def _path_section(case: _Case, nearest: pd.DataFrame, after: pd.DataFrame) -> Section:
    words = case.words
    if not case.column:
        return Section(words["path"], paragraphs=(words["path_none"],))
    first, last = case.years
    wide = case.series.pivot(index="area_id", columns="period", values=case.column)
    names = case.series.drop_duplicates("area_id").set_index("area_id")["name"]
    name, label = str(names[case.container]), case.label(case.column)
    fits = {"label": label, "name": name, "first": first, "last": last}
    notes = [words["fan_note"].format(n=len(nearest), first=first)] if len(after) else []
    ax = paths(
        wide.drop(index=case.container),
        wide.loc[case.container].dropna(),
        name=name,
        title=words["path_title"].format(**fits),
        subtitle=words["path_subtitle"].format(unit=indicators.unit(case.column, language=case.language)),
        notes=[*notes, _sources(case)],
        language=case.language,
        fan=after if len(after) else None,
    )
    said = [words["path_own"].format(label=label)]
    if case.container != case.area:
        said.append(words["path_container"].format(container=name))
    caption = ""
    if len(nearest):
        among = listed(nearest["name"].astype(str).tolist(), case.language)
        caption = words["fan_caption"].format(first=first, names=among)
    return Section(
        words["path"], paragraphs=tuple(said), pictures=(Picture(ax, description(ax), caption, wide=True),)
    )


def _rise_section(case: _Case, test: Any, changed: pd.DataFrame) -> Section:
    words = case.words
    if test is None:
        why = words["rise_few" if case.column else "path_none"]
        return Section(words["rise"], paragraphs=(why,))
    first, last = case.years
    rows = []
    for _, row in test.summary.iterrows():
        places = 0 if row["measure"] in {"n_started", "n_risen"} else 1
        rows.append(
            {
                words["head_measure"]: words[f"measure_{row['measure']}"],
                words["head_found"]: format_number(row["value"], places, language=case.language),
                words["head_expected"]: format_number(row["expected"], 1, language=case.language),
                words["head_p"]: format_p(row["p_value"], language=case.language),
            }
        )
    caption = words["rise_caption"].format(period=f"{first}–{last}", label=case.label(case.column))
    tables = [Table(pd.DataFrame(rows), caption)]
    said = [words["rise_intro"].format(first=first, last=last)]
    if test.areas.empty:
        said.append(words["rise_none"])
    elif len(changed):
        shown_rows = changed.assign(label=[case.label(c) for c in changed["column"]])
        columns = {"label": "indicator", "risers": "risers", "others": "others", "difference": "difference"}
        heads = {column: words[f"head_{key}"] for column, key in columns.items()}
        table = shown(shown_rows, heads, signed=("risers", "others", "difference"), language=case.language)
        tables.append(Table(table, words["changed_caption"]))
    return Section(words["rise"], paragraphs=tuple(said), tables=tuple(tables))


def _limits(case: _Case, now: pd.DataFrame) -> tuple[str, ...]:
    words = case.words
    modelled = now[now["flag"].str.contains("modelled|partly")]
    return (
        words["limit_cause"],
        words["limit_people"],
        words["limit_short"],
        *(words["limit_model"].format(label=case.label(c)) for c in modelled["indicator"]),
    )


def _listed(case: _Case, columns: tuple[str, ...]) -> str:
    return listed([case.label(c).lower() for c in columns], case.language)


def _sources(case: _Case) -> str:
    catalogue = indicators.catalogue()
    used = [c for c in (*case.columns, case.column) if c in catalogue.index]
    names = list(dict.fromkeys(str(catalogue["source"][c]) for c in used))
    return case.words["sources"].format(names=listed(names, case.language))
