"""What each column of figures means: told, said by the file, or left unsaid. Never by its name's likeness."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.panels.frame import checks
from segkit.panels.frame import headings as hd
from segkit.panels.frame.layout import heading_cell
from segkit.panels.frame.periods import is_source
from segkit.panels.frame.questions import ASKED, MUST
from segkit.panels.frame.raw import folded, text_of
from segkit.panels.frame.texts import Problem, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segkit.panels.frame.columns import Table
    from segkit.panels.frame.description import Description, Entry
    from segkit.panels.frame.questions import Log
    from segkit.panels.frame.raw import Sheet
    from segkit.panels.frame.texts import Language
    from segkit.panels.frame.values import Read, Series

KEYS = (
    "label",
    "label_sv",
    "label_en",
    "unit",
    "kind",
    "direction",
    "base",
    "source",
    "source_table",
    "definition",
    "definition_sv",
    "definition_en",
    "price_year",
    "field",
    "multiply",
    "like",
    "use",
    "decimals",
    "noise",
)
ABOUT = {"label": "label", "unit": "unit", "note": "definition", "field_label": "field"}


@dataclass
class Indicator:
    """A heading with all its figures and what is said of it."""

    heading: str
    parts: list[tuple[Table, Series]] = field(default_factory=list)
    entry: Entry | None = None
    said: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    id: str = ""

    def set(self, key: str, value: Any, origin: str) -> None:
        """Set what is not said with a higher right."""
        if value is not None and value != "" and key not in self.said:
            self.said[key] = value
            self.origins[key] = origin

    @property
    def figures(self) -> NDArray[np.float64]:
        """All its figures."""
        return np.concatenate([series.figures for _, series in self.parts]) if self.parts else np.zeros(0)

    @property
    def file(self) -> str:
        """The file that it stands in."""
        return self.parts[0][0].sheet.file


def build(
    tables: list[tuple[Table, Read]], sheets: list[Sheet], told: Description, seen: set[str], log: Log
) -> list[Indicator]:
    """Return the indicators of a folder with all that is said of them."""
    found: dict[str, Indicator] = {}
    for table, read in tables:
        for series in read.series:
            key = folded(series.heading)
            found.setdefault(key, Indicator(series.heading)).parts.append((table, series))
    _describe(found, told, seen)
    if told.chosen is not None:
        _choose(found, told.chosen)
    boundary = {k for k, i in found.items() if i.parts[0][0].sheet.kind == "layer" and i.entry is None}
    indicators = [i for k, i in found.items() if k not in boundary]
    about = _about(sheets)
    for indicator in indicators:
        _from_file(indicator, about)
        _from_heading(indicator, log)
    _residents(indicators, log)
    _ids(indicators)
    for indicator in indicators:
        _like(indicator)
        _defaults(indicator, told)
        checks.check(indicator, log)
    checks.bases(indicators)
    checks.official(indicators, log)
    return [i for i in indicators if i.said.get("use") != "no"]


def _describe(found: dict[str, Indicator], told: Description, seen: set[str]) -> None:
    for entry in told.indicators:
        heading = entry.get("heading", entry.get("id"))
        indicator = found.get(folded(heading)) or found.get(folded(hd.split_year(heading)[0]))
        if indicator is None and "heading" not in entry:
            indicator = next((i for i in found.values() if hd.default_id(i.heading) == heading), None)
        if indicator is None:
            if folded(heading) in seen or "heading" not in entry:
                continue
            near = nearest(heading, [i.heading for i in found.values()], 0.3) or next(
                (i.heading for i in found.values()), "-"
            )
            raise Problem("no_heading_in_files", h=heading, near=near, where=entry.place("heading"))
        indicator.entry = entry
        for key in KEYS:
            if key in entry:
                indicator.set(key, entry.get(key), entry.origins.get(key, "description"))


def _choose(found: dict[str, Indicator], chosen: list[str]) -> None:
    for heading in chosen:
        if folded(heading) not in found:
            near = nearest(heading, [i.heading for i in found.values()], 0.3) or "-"
            raise Problem("no_heading_in_files", h=heading, near=near, where="indicators")
    wanted = {folded(h) for h in chosen}
    for key in list(found):
        if key not in wanted:
            del found[key]


def _about(sheets: list[Sheet]) -> dict[str, dict[str, str]]:
    """Read sheets that describe indicators as earlier templates do."""
    found: dict[str, dict[str, str]] = {}
    for sheet in sheets:
        at = {key: heading_cell(sheet, key) for key in ("indicator", *ABOUT)}
        first = at["indicator"]
        if first is None or at["label"] is None or at["unit"] is None or at["label"][0] != first[0]:
            continue
        for r in range(first[0] + 1, sheet.height):
            name = text_of(sheet.grid[r, first[1]])
            if name:
                found[folded(name)] = {
                    ABOUT[key]: text_of(sheet.grid[r, place[1]])
                    for key, place in at.items()
                    if key != "indicator" and place is not None and text_of(sheet.grid[r, place[1]])
                }
    return found


def is_about(sheet: Sheet) -> bool:
    """Tell whether a sheet describes indicators."""
    places = [heading_cell(sheet, key) for key in ("indicator", "label", "unit")]
    return all(p is not None for p in places) and len({p[0] for p in places if p is not None}) == 1


def _from_file(indicator: Indicator, about: dict[str, dict[str, str]]) -> None:
    said = about.get(folded(indicator.heading), {})
    for key, value in said.items():
        if key == "unit":
            unit = hd.unit_of(value)
            indicator.set("unit", unit[0] if unit else value, "file")
            if unit:
                indicator.set("kind", unit[1], "file")
        else:
            indicator.set(key, value, "file")
    sources = {source_of(table) for table, _ in indicator.parts}
    if len(sources) == 1 and (source := next(iter(sources))):
        indicator.set("source", source, "file")


def source_of(table: Table) -> str:
    """Return the source that a sheet states, empty where it states none or several."""
    found = [source_in(text) for _, text in [*table.layout.titles, *table.layout.notes] if is_source(text)]
    found = list(dict.fromkeys(s for s in found if s))
    return found[0] if len(found) == 1 else ""


def source_in(text: str) -> str:
    """Return the source that a line states: what follows the colon, up to the end of the sentence.

    Examples
    --------
    >>> source_in('Källa: SCB. ".." = uppgift sekretessbelagd')
    'SCB'
    """
    after = text.partition(":")[2].strip()
    first = after.split(". ")[0].strip()
    return first.rstrip(".").strip()


def _from_heading(indicator: Indicator, log: Log) -> None:
    """Take the unit and kind that the heading, the cells' format or the values of a share say."""
    figures, heading = indicator.figures, indicator.heading
    unit, share_word = hd.unit_in(heading), hd.is_share_word(heading)
    low, high = (float(figures.min()), float(figures.max())) if len(figures) else (np.nan, np.nan)
    words = folded(heading).replace("_", " ").split()
    as_share = share_word or "share" in words or (unit is not None and unit[0] == "%")
    table, series = indicator.parts[0]
    where: dict[str, Any] = {"column": series.column, "heading": heading, "low": low, "high": high}
    said = {"setting": "indicators.unit", **where}
    found: tuple[str | None, str | None]
    if any(series.percent for _, series in indicator.parts):
        log.add("unit", "percent_format", table.sheet, guess="%", **said)
        found, origin = ("%", "share"), "file"
    elif as_share and low >= 0 and high <= 1:
        if not (indicator.entry and "multiply" in indicator.entry):
            log.add(
                "share of one",
                "share_of_one",
                table.sheet,
                level=ASKED,
                setting="indicators.multiply",
                **where,
            )
        return
    elif unit is not None:
        if "unit" not in indicator.said:
            log.add("unit", "unit_heading", table.sheet, unit=unit[0], guess=unit[0], **said)
        found, origin = unit, "file"
    elif share_word and low >= 0 and high <= 100:
        if "unit" not in indicator.said:
            log.add("unit", "unit_share", table.sheet, level=ASKED, unit="%", guess="%", **said)
        found, origin = ("%", "share"), "guess"
    else:
        found, origin = (None, "count" if hd.counted(heading) else None), "file"
    indicator.set("unit", found[0], origin)
    indicator.set("kind", found[1], origin)


def _residents(indicators: list[Indicator], log: Log) -> None:
    """Find the column that counts the residents."""
    if any(i.entry is not None and i.entry.get("id") == "population" for i in indicators):
        return
    able = [
        i
        for i in indicators
        if hd.is_residents(i.heading)
        and len(i.figures)
        and i.figures.min() >= 0
        and not (i.entry is not None and "id" in i.entry)
        and (i.entry is None or i.entry.get("kind", "count") == "count")
    ]
    if len(able) > 1:
        log.add(
            "population",
            "two_populations",
            able[0].parts[0][0].sheet,
            level=MUST,
            setting="indicators.id",
            guess="?",
            list=[i.heading for i in able],
        )
    if len(able) == 1:
        table, series = able[0].parts[0]
        able[0].id = "population"
        able[0].origins["id"] = "guess"
        able[0].set("kind", "count", "guess")
        log.add(
            "population",
            "population",
            table.sheet,
            column=series.column,
            heading=able[0].heading,
            setting="indicators.id",
            guess="population",
        )


def _ids(indicators: list[Indicator]) -> None:
    taken: set[str] = {i.entry.get("id") for i in indicators if i.entry is not None and "id" in i.entry}
    for indicator in indicators:
        if indicator.entry is not None and "id" in indicator.entry:
            indicator.id = indicator.entry.get("id")
            indicator.origins["id"] = "description"
            continue
        if indicator.id:
            taken.add(indicator.id)
            continue
        base = hd.default_id(indicator.heading)
        own, n = base, 2
        while (
            own in taken
            or own in {"area_id", "period", "name", "geometry", "population"}
            or own.endswith("_flag")
        ):
            own, n = f"{base[:57]}_{n}", n + 1
        indicator.id = own
        taken.add(own)


def _like(indicator: Indicator) -> None:
    """Take from the official catalogue what is not given, never the source."""
    wanted = indicator.said.get("like")
    if wanted is None:
        return
    from segkit.catalogue import indicators as official

    table = official.catalogue()
    if wanted not in table.index:
        near = nearest(wanted, [str(i) for i in table.index], 0.4) or "-"
        where = indicator.entry.place("like") if indicator.entry else ""
        raise Problem("no_official", id=wanted, near=near, where=where)
    row = table.loc[wanted]
    unit = hd.unit_of(str(row["unit_sv"]))
    for key, value in (
        ("label_sv", row["label_sv"]),
        ("label_en", row["label_en"]),
        ("unit", unit[0] if unit and unit[0] == "%" else str(row["unit_sv"])),
        ("kind", str(row["kind"])),
        ("direction", int(row["direction"])),
        ("definition_sv", row["definition_sv"]),
        ("definition_en", row["definition_en"]),
    ):
        if key.partition("_")[0] not in indicator.said:
            indicator.set(key, value, f"like {wanted}")


def _defaults(indicator: Indicator, told: Description) -> None:
    if "source" not in indicator.said and "source" in told.survey:
        indicator.set("source", told.survey.get("source"), told.survey.origins.get("source", "description"))
    if indicator.origins.get("source") == "file" and "source" in told.survey:
        indicator.said["source"] = told.survey.get("source")
        indicator.origins["source"] = told.survey.origins.get("source", "description")
    indicator.set("source", indicator.file, "the file's name")
    indicator.set("label", indicator.heading, "heading")
    figures = indicator.figures
    indicator.set("decimals", int(bool(len(figures)) and bool((figures % 1 != 0).any())), "file")
    indicator.set("use", "profiles" if indicator.said.get("direction") else "show", "default")


def table_of(indicators: list[Indicator], language: Language) -> pd.DataFrame:
    """Return the catalogue: one row for each column that was read."""
    rows = []
    for i in indicators:
        value = i.said.get
        label, definition = value("label"), value("definition")
        own = value(f"label_{language}")
        table, series = i.parts[0]
        rows.append(
            {
                "indicator": i.id,
                "heading": i.heading,
                "label": own or label,
                "label_sv": value("label_sv") or label,
                "label_en": value("label_en") or label,
                "unit": value("unit"),
                "kind": value("kind"),
                "direction": value("direction"),
                "base": value("base"),
                "source": value("source"),
                "source_table": value("source_table"),
                "definition_sv": value("definition_sv") or definition,
                "definition_en": value("definition_en") or definition,
                "price_year": value("price_year"),
                "field": value("field"),
                "multiply": value("multiply", 1.0),
                "like": value("like"),
                "use": value("use"),
                "decimals": value("decimals"),
                "noise": value("noise"),
                "retrieved": table.entry.get("retrieved"),
                "described": i.entry is not None,
                "file": table.sheet.file,
                "sheet": table.sheet.name or "",
                "column": table.sheet.letter(series.column),
            }
        )
    frame = pd.DataFrame(rows)
    for column in ("direction", "price_year", "decimals"):
        if column in frame:
            frame[column] = frame[column].astype("Int64")
    return frame
