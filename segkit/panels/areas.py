"""Load, check, join and save a panel: one row per area and period, an ordinary GeoDataFrame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from segkit.base.boundary import guard
from segkit.base.checks import (
    KEY_COLUMNS,
    TEXT_COLUMNS,
    check_choice,
    check_columns,
    check_geometry,
    check_keys,
    labels_of,
    numbers,
)
from segkit.base.files import atomic, existing
from segkit.base.namespace import public
from segkit.catalogue import embedded, indicators
from segkit.errors import FileError, InputError, message
from segkit.panels import cells, districts, joining
from segkit.panels.area_files import CRS, load_areas

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

__all__ = [
    "CRS",
    "Geography",
    "check_panel",
    "examples",
    "indicator_columns",
    "join_indicators",
    "latest",
    "load_areas",
    "load_district_links",
    "load_example",
    "load_panel",
    "load_reference",
    "save_panel",
]

__dir__ = public(__all__)


Geography = Literal["deso", "regso", "districts"]

#: No figure of an area is larger, or nearer to 0: squares and ratios of those that are run over.
_LARGEST, _SMALLEST = 1e15, 1e-100


def examples() -> pd.DataFrame:
    """List the embedded municipalities and geographies, with periods and numbers of areas.

    Examples
    --------
    >>> from segkit import areas
    >>> table = areas.examples()
    >>> table.loc[(table["name"] == "kalmar") & (table["geography"] == "deso"), "n_areas"].item()
    43
    """
    rows = []
    for name, (code, title) in embedded.MUNICIPALITIES.items():
        for geography in ("deso", "regso", "districts"):
            panel = load_example(name, geography)
            rows.append(
                {
                    "name": name,
                    "code": code,
                    "municipality": title,
                    "geography": geography,
                    "n_areas": panel["area_id"].nunique(),
                    "first_period": int(panel["period"].min()),
                    "last_period": int(panel["period"].max()),
                }
            )
    return pd.DataFrame(rows)


def load_example(name: str = "kalmar", geography: Geography = "deso") -> gpd.GeoDataFrame:
    """Load an embedded municipality as a panel of real figures.

    Parameters
    ----------
    name : str
        ``"kalmar"``, ``"motala"`` or ``"katrineholm"``, or the municipality code (``"0880"``).
    geography : {"deso", "regso", "districts"}
        Demographic statistical areas 2025 (also with ``regso_id, regso_name``), regional statistical
        areas 2020, or election districts. The districts have no embedded boundaries: geometry is None.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per area and period, EPSG:3006. A figure stands in the row of the period it belongs to;
        population of DeSO is of 2025, of districts 2022 and 2025. ``turnout_flag`` says which turnout
        is preliminary.

    Raises
    ------
    UnknownNameError, InputError
        When the municipality or the geography is not embedded.

    References
    ----------
    Statistics Sweden (CC0); Valmyndigheten; see geodata/SOURCES.md.

    Examples
    --------
    >>> from segkit import areas
    >>> panel = areas.load_example("kalmar")
    >>> len(panel), sorted(int(p) for p in panel["period"].unique())
    (86, [2024, 2025])
    >>> panel["population"].sum()
    np.float64(73055.0)
    """
    check_choice(geography, ("deso", "regso", "districts"), argument="geography")
    folder = embedded.municipality(name)
    if geography == "districts":
        panel = districts.load_districts(folder)
        check_panel(panel, geometry=False)
        return panel
    deso = load_areas(folder / "areas.geojson", area_id="area_id", name="name")
    if geography == "regso":
        return _regso(folder, deso)
    return join_indicators(deso, folder / "indicators.csv")


def load_district_links(name: str = "kalmar") -> pd.DataFrame:
    """Load the election districts that lie wholly inside one DeSO, with the share of it they cover.

    Columns ``district_id, district_name, area_id, share_of_area_population`` (0 to 1).

    Examples
    --------
    >>> links = load_district_links("kalmar")
    >>> len(links)
    15
    """
    path = embedded.municipality(name) / "district_links.csv"
    links = cells.read_table(path)
    share = "share_of_area_population"
    return links.assign(**{share: cells.parse_numbers(links[share], links["district_id"], argument=share)})


def load_reference() -> pd.DataFrame:
    """Load figures of whole municipalities and Sweden, for comparison; read ``note`` before comparing.

    Columns ``municipality_code, municipality_name, period`` (text: a year, or a month such as 2025M12),
    ``indicator, value, unit, source, source_table, note``. Only rows of the same indicator, unit,
    period and source_table have the same definition.

    Examples
    --------
    >>> table = load_reference()
    >>> sorted(table["municipality_code"].unique())[:2]
    ['00', '0483']
    """
    table = cells.read_table(embedded.folder() / "reference.csv")
    rows = table["municipality_code"] + " " + table["indicator"]
    return table.assign(value=cells.parse_numbers(table["value"], rows, argument="value"))


def join_indicators(
    areas: gpd.GeoDataFrame,
    table: pd.DataFrame | str | Path,
    *,
    area_id: str = "area_id",
    period: str = "period",
) -> gpd.GeoDataFrame:
    """Join figures to areas and return a panel.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area with ``area_id, name, geometry``.
    table : DataFrame or path of a CSV or Excel file
        Long (columns ``indicator, value``) or wide (a column per indicator), with a column for the
        area's code and one for the period. Swedish decimal commas, spaces in numbers and the signs
        ``..`` for missing figures are understood; codes are kept as text with their leading zeros. A
        column ``flag`` of a long table becomes a column ``<indicator>_flag`` for each indicator with any.
    area_id, period : str
        The names of these columns in `table`.

    Returns
    -------
    geopandas.GeoDataFrame
        A panel: one row per area and period that the table has, missing figures as NaN. Areas without
        any figure in a period have a row there too, so nothing is dropped.

    Raises
    ------
    InputError
        When a code of the table is not among the areas, an area and period stands twice, a cell is not
        a number, a share lies outside 0-100 or a count is negative.
    UnknownNameError
        When a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from segkit.catalogue import embedded
    >>> areas = load_areas(embedded.municipality("motala") / "areas.geojson", area_id="area_id", name="name")
    >>> codes = areas["area_id"]
    >>> table = pd.DataFrame({"area_id": codes, "period": "2024", "my_share": "12,5"})
    >>> join_indicators(areas, table)["my_share"].sum()
    np.float64(300.0)
    """
    raw = cells.read_table(table) if isinstance(table, str | Path) else table.copy()
    if raw.empty:
        raise InputError(message("table", "has no rows"))
    check_columns(areas, ["area_id", "name", "geometry"], argument="areas")
    check_columns(raw, [area_id, period], argument="table")
    raw = raw.rename(columns={area_id: "area_id", period: "period"})
    raw["area_id"] = joining.codes(raw["area_id"])
    raw["period"] = joining.periods(raw)
    joining.check_known(raw["area_id"], areas["area_id"])
    is_long = {"indicator", "value"} <= set(raw.columns)
    figures = joining.pivot(raw) if is_long else joining.wide(raw, areas)
    periods = sorted(figures["period"].unique())
    keys = pd.MultiIndex.from_product([areas["area_id"], periods], names=["area_id", "period"])
    rows = keys.to_frame(index=False).merge(figures, how="left", on=["area_id", "period"], validate="1:1")
    # A period of the areas file itself is not carried over: the table says which periods there are.
    both = [c for c in figures.columns if c in areas.columns and c not in {"area_id", "period"}]
    panel = areas.drop(columns=both).merge(rows, how="right", on="area_id", validate="1:m")
    if "population" not in panel:
        panel["population"] = np.nan
    described = [c for c in TEXT_COLUMNS if c in panel]
    first = ["area_id", "period", "name", *described, "population"]
    panel = panel[[*first, *[c for c in panel.columns if c not in {*first, "geometry"}], "geometry"]]
    panel = panel.sort_values(["period", "area_id"], kind="stable", ignore_index=True)
    check_panel(panel)
    return panel


def check_panel(panel: pd.DataFrame, *, geometry: bool = True) -> None:
    """Check that a table is a panel; return nothing, raise a clear error otherwise.

    Rules: ``area_id`` (text), ``period`` (whole numbers), one row for each pair, a unique row index,
    valid polygons in a known coordinate system, numbers in every indicator, shares within 0-100,
    counts and population not negative. Missing figures (NaN) are allowed.

    Parameters
    ----------
    panel : pandas.DataFrame or geopandas.GeoDataFrame
        The table to check.
    geometry : bool
        Whether boundaries are needed.

    Raises
    ------
    InputError, UnknownNameError
        The message names the column, the rule, the areas and the fix.

    Examples
    --------
    >>> check_panel(load_example("kalmar"))
    """
    check_keys(panel)
    if geometry:
        # One check per area, not per period: the boundaries repeat.
        first = panel.drop_duplicates("area_id")
        check_geometry(first)
    for column in indicator_columns(panel):
        values = numbers(panel, column)
        size = np.abs(values)
        beyond = (size > _LARGEST) | ((size > 0) & (size < _SMALLEST))
        if beyond.any():
            rule = f"has values over {_LARGEST:g} or, but for 0, under {_SMALLEST:g}"
            raise InputError(message(column, rule, labels_of(panel, beyond), "Correct the cells."))
        if indicators.is_count(column):
            numbers(panel, column, least=0)
        if indicators.is_share(column):
            outside = (values < 0) | (values > 100)
            if outside.any():
                fix = "Give percentages (45.2), not fractions or counts."
                labels = labels_of(panel, outside)
                raise InputError(message(column, "is a share outside 0-100 per cent", labels, fix))


def indicator_columns(panel: pd.DataFrame) -> list[str]:
    """Return the columns that hold figures: not keys, not text about the area, not flags.

    Examples
    --------
    >>> "turnout" in indicator_columns(load_example("kalmar", "districts"))
    True
    """
    text = {*KEY_COLUMNS, *TEXT_COLUMNS} - {"population"}
    columns = [str(c) for c in panel.columns if c not in text and not str(c).endswith("_flag")]
    # A text column is an error where numbers belong, unless no indicator could be meant.
    return [c for c in columns if not isinstance(panel[c].dtype, pd.CategoricalDtype)]


def latest(panel: gpd.GeoDataFrame, indicators: Sequence[str]) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return one row per area with the newest value of each indicator, and which period each came from.

    Parameters
    ----------
    panel : geopandas.GeoDataFrame
        A panel.
    indicators : sequence of str
        The indicators; `population` is always taken along, and so are the standard errors (``_se``)
        and flags (``_flag``) that belong to a value.

    Returns
    -------
    areas : geopandas.GeoDataFrame
        One row per area, without ``period``.
    periods : pandas.DataFrame
        ``indicator, period, n_areas, n_missing``: one row per indicator and period used.

    Raises
    ------
    UnknownNameError
        When an indicator is missing from the panel.

    Examples
    --------
    >>> areas, periods = latest(load_example("kalmar"), ["employment_rate", "post_secondary_share"])
    >>> len(areas)
    43
    >>> periods.set_index("indicator")["period"].to_dict()
    {'population': 2025, 'employment_rate': 2024, 'post_secondary_share': 2025}
    """
    check_keys(panel)
    wanted = list(dict.fromkeys(["population", *indicators]))
    check_columns(panel, wanted, argument="panel")
    ordered = panel.sort_values("period", kind="stable")
    text = [c for c in ("area_id", "name", *TEXT_COLUMNS, "geometry") if c in panel]
    result = ordered.drop_duplicates("area_id", keep="last")[text].sort_values(
        "area_id", ignore_index=True, kind="stable"
    )
    rows = []
    for indicator in wanted:
        companions = [c for c in (f"{indicator}_se", f"{indicator}_flag") if c in panel]
        newest = ordered[ordered[indicator].notna()].drop_duplicates("area_id", keep="last")
        part = newest[["area_id", "period", indicator, *companions]]
        joined = result[["area_id"]].merge(part, how="left", on="area_id")
        result[[indicator, *companions]] = joined[[indicator, *companions]]
        n_missing = int(joined[indicator].isna().sum())
        counts = part["period"].value_counts().sort_index()
        rows += [(indicator, int(p), int(n), n_missing) for p, n in counts.items()]
        if counts.empty:
            rows.append((indicator, 0, 0, n_missing))
    order = [c for c in result.columns if c != "geometry"]
    periods = pd.DataFrame(rows, columns=["indicator", "period", "n_areas", "n_missing"])
    return result[[*order, "geometry"]], periods


def save_panel(panel: gpd.GeoDataFrame, path: str | Path) -> Path:
    """Save a panel as GeoParquet, whole or not at all; `load_panel` gives the same table back.

    Raises
    ------
    FileError
        When the folder does not exist or can't be written.
    """
    check_panel(panel, geometry=False)
    target = Path(path)
    with atomic(target) as temporary:
        panel.to_parquet(temporary, index=False)
    return target


def load_panel(path: str | Path) -> gpd.GeoDataFrame:
    """Load a panel that `save_panel` wrote.

    Raises
    ------
    FileError
        When there is no such file or it is not GeoParquet.
    """
    import geopandas as gpd

    file = existing(path)
    try:
        panel = gpd.read_parquet(file)
    except Exception as error:
        raise FileError(message("path", f"can't read {file.name} as GeoParquet: {error}")) from error
    check_panel(panel, geometry=False)
    return panel


def _regso(folder: Path, deso: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Build the RegSO panel: boundaries are the union of their DeSO."""
    shapes = deso.dissolve(by="regso_id", as_index=False, aggfunc="first")[
        ["regso_id", "regso_name", "geometry"]
    ]
    regso = shapes.rename(columns={"regso_id": "area_id", "regso_name": "name"})
    return join_indicators(regso, folder / "regso_2020_2023.csv")


guard(__name__)
