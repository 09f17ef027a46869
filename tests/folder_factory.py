"""Folders as users bring them, equivalent and faulty, drawn by seed; each says how it must be answered."""

from __future__ import annotations

import contextlib
import csv
import io
import random
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyogrio
from shapely.geometry import box

from segkit import indicators
from segkit.base.files import NO_WHOLE_ZIP

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIGURES = ("population", "employment_rate", "median_income", "post_secondary_share", "foreign_born_share")
SWEDISH = {"area_id": "DeSO", "period": "År"} | {c: indicators.label(c, language="sv") for c in FIGURES}
N_BASES = 6

#: How a folder must be answered: as the base; as the base or with an error; with an error (or a warning of
#: ours); in any way but a raw error.
SAME, SAME_OR_REFUSED, REFUSED, ANY = "same", "same or refused", "refused", "any"


@dataclass
class Draft:
    """A folder before it is written: tables of text, the form of the files, and what is done to them."""

    areas: gpd.GeoDataFrame
    table: pd.DataFrame
    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    line_end: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL
    table_name: str = "indicators.csv"
    areas_name: str = "areas.geojson"
    numeric_cells: bool = False
    layout: Callable[[pd.DataFrame], list[list[str]]] | None = None
    after: list[Callable[[Path], object]] = field(default_factory=list)


@dataclass(frozen=True)
class Fault:
    """Something that is done to a draft; of each part of a folder at most one is drawn."""

    name: str
    part: str
    answer: str
    change: Callable[[Draft, random.Random], object]


@dataclass(frozen=True)
class Case:
    """A folder to draw: its number, its base, and what is done to it."""

    number: int
    base: int
    faults: tuple[Fault, ...]

    @property
    def name(self) -> str:
        """The faults by name."""
        return " + ".join(f.name for f in self.faults)

    @property
    def answer(self) -> str:
        """How the folder must be answered: what can't be judged goes first."""
        answers = [f.answer for f in self.faults]
        return next((a for a in (ANY, REFUSED, SAME_OR_REFUSED) if a in answers), SAME)


FAULTS: list[Fault] = []


def fault(part: str, answer: str) -> Callable[[Callable[[Draft, random.Random], object]], object]:
    """Put a change in the list of faults."""

    def register(change: Callable[[Draft, random.Random], object]) -> object:
        FAULTS.append(Fault(change.__name__.replace("_", " ").strip(), part, answer, change))
        return change

    return register


def add(part: str, answer: str, name: str, change: Callable[[Draft, random.Random], object]) -> None:
    """Put a change with a name of its own in the list of faults."""
    FAULTS.append(Fault(name, part, answer, change))


def draw(number: int, seed: int = 0) -> Case:
    """Draw a case: the first numbers go through every fault alone, the others combine up to three."""
    rng = random.Random(f"{seed} {number}")
    base = rng.randrange(N_BASES)
    if number < len(FAULTS):
        return Case(number, base, (FAULTS[number],))
    chosen: dict[str, Fault] = {}
    for _ in range(rng.choice((1, 2, 2, 3))):
        one = rng.choice(FAULTS)
        chosen.setdefault(one.part, one)
    # How a table is laid out may rename its columns, so that comes last.
    return Case(number, base, tuple(sorted(chosen.values(), key=lambda f: f.part == "layout")))


def write(case: Case, folder: Path, seed: int = 0) -> None:
    """Write the folder of a case."""
    rng = random.Random(f"{seed} {case.number} content")
    draft = base(case.base)
    for one in case.faults:
        one.change(draft, rng)
    write_draft(draft, folder)


def base(number: int) -> Draft:
    """Return a folder as it should be: a grid of areas, two or three years, five figures."""
    areas, table = _base(number)
    return Draft(areas.copy(), table.copy())


@cache
def _base(number: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    rng = random.Random(f"base {number}")
    n = 12 + number
    codes = [f"0880C{1010 + 10 * k}" for k in range(n)]
    # Widths of their own: equal distances would be ties that any change of coordinates breaks.
    east = [580_000 + 500 * k + rng.randint(-90, 90) for k in range(5)]
    north = [6_280_000 + 500 * k + rng.randint(-90, 90) for k in range(n // 4 + 2)]
    cells = [box(east[k % 4], north[k // 4], east[k % 4 + 1], north[k // 4 + 1]) for k in range(n)]
    areas = gpd.GeoDataFrame(
        {"area_id": codes, "name": [f"Område {k + 1}" for k in range(n)]}, geometry=cells, crs=3006
    )
    rows = []
    for year in (2023, 2024) if number % 2 else (2022, 2023, 2024):
        for code in codes:
            shares = [f"{rng.uniform(20, 80):.2f}" for _ in range(3)]
            income = f"{rng.uniform(210, 390):.1f}"
            rows.append([code, str(year), str(rng.randint(700, 2600)), shares[0], income, *shares[1:]])
    return areas, pd.DataFrame(rows, columns=["area_id", "period", *FIGURES])


def write_draft(draft: Draft, folder: Path) -> None:
    """Write a draft as files."""
    _write_areas(draft, folder / draft.areas_name)
    cells = _cells(draft)
    path = folder / draft.table_name
    if path.suffix == ".xlsx":
        _write_workbook(path, cells, numeric=draft.numeric_cells)
    else:
        text = io.StringIO()
        out = csv.writer(
            text, delimiter=draft.separator, lineterminator=draft.line_end, quoting=draft.quoting
        )
        out.writerows(cells)
        path.write_bytes(text.getvalue().encode(draft.encoding, errors="surrogatepass"))
    for change in draft.after:
        # What was to be changed may be gone or spoiled by another fault.
        with contextlib.suppress(FileNotFoundError, ValueError, *NO_WHOLE_ZIP):
            change(folder)


def _cells(draft: Draft) -> list[list[str]]:
    table = draft.table.copy()
    if draft.decimal != ".":
        for c in [c for c in FIGURES if c in table]:
            table[c] = table[c].str.replace(".", draft.decimal, regex=False)
    if draft.layout is not None:
        return draft.layout(table)
    return [list(table.columns), *table.to_numpy().tolist()]


def _write_areas(draft: Draft, path: Path) -> None:
    import warnings

    with warnings.catch_warnings():
        # What is written is faulty on purpose, and the writers say so.
        warnings.simplefilter("ignore")
        driver = {".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile"}
        try:
            draft.areas.to_file(path, driver=driver[path.suffix])
        except pyogrio.errors.FeatureError:
            # Not every form can hold every coordinate.
            draft.areas.to_file(path.with_suffix(".gpkg"), driver="GPKG")


def _write_workbook(path: Path, cells: list[list[str]], *, numeric: bool) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.title = "Data"
    for r, row in enumerate(cells, 1):
        for c, cell in enumerate(row, 1):
            if cell != "":
                page.cell(r, c, _number(cell) if numeric else None).value = (
                    _number(cell)
                    if numeric
                    else openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell)[:32_000]
                )
    book.save(path)


def _number(cell: str) -> object:
    try:
        value = float(cell)
    except ValueError:
        import openpyxl

        return openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell)[:32_000]
    if abs(value) > 1e300 or value != value:  # noqa: PLR0124
        return cell
    return int(value) if value.is_integer() and abs(value) < 1e15 else value
