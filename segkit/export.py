"""Write tables and areas to files for others: Excel, GeoPackage, GeoJSON and CSV, whole or not at all."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit import _qgis, indicators, palettes
from segkit._files import atomic
from segkit._validate import check_choice, check_columns, check_geometry
from segkit._wording import LANGUAGES, explain
from segkit.areas import CRS
from segkit.errors import FileError, InputError, message
from segkit.tables import adaptive_decimals, decimals_for, numbers_or_nan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from segkit.indicators import Language

#: A cell of text that begins so could run as a formula in a spreadsheet.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MOST_ROWS = 1_048_575
_MOST_CHARACTERS = 32_767
_MOST_SHEET_NAME = 31
#: A fixed date makes the same tables give the same bytes.
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel's dates have no time zone

_SHEET = {"sv": "Läs mig", "en": "Read me"}
_TITLE = {"sv": "Om arbetsboken", "en": "About the workbook"}
_ROUNDING = {
    "sv": "Värdena är oavrundade. En tom cell betyder att uppgift saknas.",
    "en": "Values are not rounded. An empty cell means that the figure is missing.",
}
_HEAD = {
    "sv": ("Blad", "Kolumn", "Innehåll", "Enhet", "Källa", "Avser"),
    "en": ("Sheet", "Column", "Content", "Unit", "Source", "Refers to"),
}
_ROWS = {"sv": "rader", "en": "rows"}


def to_excel(
    tables: Mapping[str, pd.DataFrame],
    path: str | Path,
    *,
    readme: str | Sequence[str] | None = None,
    language: Language = "sv",
) -> Path:
    """Write tables as an Excel workbook: one tidy sheet each, after a sheet that explains them.

    Values are not rounded, only shown with fewer decimals. Text is always written as text: a cell that
    begins with ``=`` can't run as a formula. The same tables give the same bytes.

    Parameters
    ----------
    tables : mapping
        Name of the sheet -> table without geometry. A named index becomes a column. Names are shortened
        to 31 characters; signs that Excel does not allow become ``_``.
    path : str or Path
        The file, ending in ``.xlsx``.
    readme : str or sequence of str, optional
        Lines that begin the first sheet, such as title, source and limitations.
    language : {"sv", "en"}
        The language of the first sheet.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When there is no table, a table is empty or too large, or two sheets would have the same name.
    FileError
        When the file can't be written.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = to_excel({"areas": pd.DataFrame({"turnout": [84.82]})}, f"{folder}/a.xlsx")
    ...     pd.read_excel(path, sheet_name="areas")["turnout"].item()
    84.82
    """
    import xlsxwriter

    check_choice(language, LANGUAGES, argument="language")
    _check_ending(path, (".xlsx",))
    if not tables:
        raise InputError(message("tables", "holds no table, so there is nothing to write"))
    names = _sheet_names([_SHEET[language], *tables])
    flat = {name: _flat(table, key) for name, (key, table) in zip(names[1:], tables.items(), strict=True)}
    lines = [readme] if isinstance(readme, str) else list(readme or [_TITLE[language]])
    with atomic(path) as temporary:
        book = xlsxwriter.Workbook(str(temporary), {"strings_to_urls": False, "nan_inf_to_errors": False})
        book.set_properties({"title": lines[0], "created": _CREATED})
        formats = _Formats(book)
        _write_readme(book.add_worksheet(names[0]), flat, lines, language, formats)
        for name, table in flat.items():
            _write_sheet(book.add_worksheet(name), table, formats)
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise FileError(message("path", f"can't write {path}: {error}")) from error
    return Path(path)


class _Formats:
    """The cell formats of one workbook."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#e9ecef", "valign": "top"})
        self.text = book.add_format({"num_format": "@"})
        # Stays text even when someone edits the cell in Excel.
        self.quoted = book.add_format({"num_format": "@", "quote_prefix": True})
        self.decimals = [book.add_format({"num_format": "#,##0" + "." * (n > 0) + "0" * n}) for n in range(5)]
        self.plain = book.add_format({"num_format": "0"})


def _check_ending(path: str | Path, endings: tuple[str, ...]) -> None:
    if Path(path).suffix.lower() not in endings:
        fix = f"End the name with {' or '.join(endings)}."
        raise InputError(message("path", f"is {Path(path).name!r}", fix=fix))


def _check_table(table: pd.DataFrame, argument: str) -> None:
    """Check that there is something to write and that it fits in cells."""
    if not isinstance(table, pd.DataFrame):
        raise InputError(message(argument, f"must be a table, is {type(table).__name__}"))
    if table.empty:
        raise InputError(message(argument, "has no rows or no columns, so there is nothing to write"))
    if "geometry" in table.columns:
        fix = "Drop the column geometry, or use to_geopackage."
        raise InputError(message(argument, "has boundaries, which a table of cells can't hold", fix=fix))
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()].astype(str).tolist()
        raise InputError(message(argument, "has two columns of the same name", twice))


def _flat(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Check a table for Excel; a named index becomes a column."""
    argument = f"tables[{key!r}]"
    _check_table(table, argument)
    if len(table) > _MOST_ROWS:
        fix = "Use to_csv."
        raise InputError(message(argument, f"has {len(table)} rows, Excel takes {_MOST_ROWS}", fix=fix))
    named = any(name is not None for name in table.index.names)
    flat = table.reset_index() if named else table
    return flat.set_axis([str(c) for c in flat.columns], axis=1)


def _sheet_names(names: Sequence[str]) -> list[str]:
    """Return names that Excel takes, unique whatever the case of letters."""
    shown: list[str] = []
    for name in names:
        clean = re.sub(r"[\[\]:*?/\\]", "_", str(name)).strip("'")[:_MOST_SHEET_NAME].rstrip("'") or "_"
        if clean.casefold() == "history":
            clean = "history_"
        if clean.casefold() in {other.casefold() for other in shown}:
            fix = "Give the tables names that differ in their first 31 characters."
            raise InputError(message("tables", "has two names that Excel can't tell apart", [clean], fix))
        shown.append(clean)
    return shown


def _write_readme(
    sheet: Any, flat: Mapping[str, pd.DataFrame], lines: Sequence[str], language: Language, formats: _Formats
) -> None:
    """Write what each sheet and column is, with unit, source and date of indicators."""
    sheet.write_string(0, 0, lines[0], formats.title)
    row = 1
    for line in [*lines[1:], _ROUNDING[language]]:
        sheet.write_string(row, 0, line)
        row += 1
    row += 1
    for place, head in enumerate(_HEAD[language]):
        sheet.write_string(row, place, head, formats.head)
    dates = _dates(flat)
    for name, table in flat.items():
        row += 1
        sheet.write_string(row, 0, name, formats.head)
        sheet.write_string(row, 1, f"{len(table)} {_ROWS[language]}", formats.head)
        for place in range(2, len(_HEAD[language])):
            sheet.write_blank(row, place, None, formats.head)
        for column in table.columns:
            row += 1
            cells = [name, column, *_about(column, language), dates.get(column, "")]
            for place, cell in enumerate(cells):
                style = formats.quoted if cell.startswith(_FORMULA_STARTS) else formats.wrapped
                sheet.write_string(row, place, cell, style)
    for place, width in enumerate((22, 28, 70, 26, 24, 14)):
        sheet.set_column(place, place, width)


def _about(column: str, language: Language) -> list[str]:
    """Return content, unit and source of a column."""
    catalogue = indicators.catalogue()
    if column not in catalogue.index:
        return [explain(column, language=language), "", ""]
    row = catalogue.loc[column]
    content = f"{row[f'label_{language}']}. {explain(column, language=language)}"
    return [content, str(row[f"unit_{language}"]), f"{row['source']} {row['source_table']}".strip()]


def _dates(flat: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the periods of each indicator, from the sheet of newest values that a survey has."""
    for table in flat.values():
        if set(table.columns) == {"indicator", "period", "n_areas", "n_missing"}:
            used = table[table["n_areas"] > 0].sort_values("period")
            grouped = used.groupby("indicator")["period"]
            return {str(k): ", ".join(dict.fromkeys(map(str, v))) for k, v in grouped}
    return {}


def _write_sheet(sheet: Any, table: pd.DataFrame, formats: _Formats) -> None:
    """Write a table with a frozen head, a filter and columns as wide as their content."""
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column, formats.head)
        cells = table[column]
        style = _number_format(cells, column, formats)
        longest = len(column) + 3
        for row, cell in enumerate(cells, start=1):
            longest = max(longest, _write_cell(sheet, row, place, cell, style, formats))
        sheet.set_column(place, place, min(longest + 1, 60))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _number_format(cells: pd.Series, column: str, formats: _Formats) -> Any:
    """Choose how the numbers of a column are shown; what is stored is never rounded."""
    if column in ("period", "profile", "quantile", "official_area_type"):
        return formats.plain
    if not pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_integer_dtype(cells):
        return formats.decimals[0]
    if column in indicators.catalogue().index:
        return formats.decimals[decimals_for(column)]
    return formats.decimals[adaptive_decimals(*numbers_or_nan(cells))]


def _write_cell(sheet: Any, row: int, place: int, cell: object, style: Any, formats: _Formats) -> int:
    """Write one cell and return how wide it is."""
    if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)):  # type: ignore[call-overload]
        return 0
    if isinstance(cell, bool | np.bool_):
        sheet.write_boolean(row, place, bool(cell))
        return 6
    if isinstance(cell, int | float | np.number) and math.isfinite(cell):
        sheet.write_number(row, place, cell, style)
        return min(len(str(cell)), 12)
    text = str(cell)
    if len(text) > _MOST_CHARACTERS:
        rule = f"has a cell of {len(text)} characters, Excel takes {_MOST_CHARACTERS}"
        raise InputError(message("tables", rule, [f"row {row}"], "Use to_csv."))
    sheet.write_string(row, place, text, formats.quoted if text.startswith(_FORMULA_STARTS) else formats.text)
    return len(text)


def to_csv(table: pd.DataFrame, path: str | Path, *, swedish: bool = False) -> Path:
    """Write a table as CSV in UTF-8; the same table gives the same bytes.

    Text that could run as a formula in a spreadsheet gets an apostrophe in front of it.

    Parameters
    ----------
    table : pandas.DataFrame
        The table, without geometry. A named index becomes a column.
    path : str or Path
        The file, ending in ``.csv``.
    swedish : bool
        False: comma between cells and decimal point, for programs. True: semicolon, decimal comma and a
        byte order mark, so that Excel with Swedish settings opens it right.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When the table is empty, has boundaries or two columns of the same name.
    FileError
        When the file can't be written.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = pd.DataFrame({"area_id": ["0880C1010"], "turnout": [84.82]})
    ...     path = to_csv(table, f"{folder}/a.csv", swedish=True)
    ...     path.read_text(encoding="utf-8-sig").splitlines()
    ['area_id;turnout', '0880C1010;84,82']
    """
    _check_table(table, "table")
    _check_ending(path, (".csv",))
    named = any(name is not None for name in table.index.names)
    flat = table.reset_index() if named else table.copy()
    for column in flat.columns:
        if not pd.api.types.is_numeric_dtype(flat[column]):
            flat[column] = flat[column].astype(object).map(_harmless)
    flat.columns = [_harmless(str(c)) for c in flat.columns]
    with atomic(path) as temporary:
        flat.to_csv(
            temporary,
            index=False,
            sep=";" if swedish else ",",
            decimal="," if swedish else ".",
            encoding="utf-8-sig" if swedish else "utf-8",
            lineterminator="\n",
        )
    return Path(path)


def _harmless(cell: Any) -> Any:
    """Put an apostrophe before text that could run as a formula; other cells pass."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def to_geojson(areas: gpd.GeoDataFrame, path: str | Path) -> Path:
    """Write areas as GeoJSON after RFC 7946: WGS84, longitude before latitude, six decimals (0.1 m).

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas in any known coordinate system.
    path : str or Path
        The file, ending in ``.geojson`` or ``.json``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When there is no area, no geometry or no coordinate system.
    FileError
        When the file can't be written.

    References
    ----------
    RFC 7946, The GeoJSON Format (2016).

    Examples
    --------
    >>> import tempfile, geopandas
    >>> from segkit.areas import load_example
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = to_geojson(load_example("motala").query("period == 2025"), f"{folder}/motala.geojson")
    ...     len(geopandas.read_file(path))
    24
    """
    _check_areas(areas)
    _check_ending(path, (".geojson", ".json"))
    web = _writable(areas).to_crs(4326)
    with atomic(path) as temporary:
        options = {"RFC7946": "YES", "COORDINATE_PRECISION": "6", "WRITE_NAME": "NO"}
        _write_layer(web, temporary, "GeoJSON", "areas", options)
    return Path(path)


def to_geopackage(
    areas: gpd.GeoDataFrame,
    path: str | Path,
    *,
    layer: str = "areas",
    color_column: str | None = None,
    palette: Mapping[Any, str] | None = None,
) -> Path:
    """Write areas as a GeoPackage in SWEREF 99 TM (EPSG:3006), with colors for QGIS.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas in any known coordinate system.
    path : str or Path
        The file, ending in ``.gpkg``.
    layer : str
        Name of the layer.
    color_column : str, optional
        Column of classes, such as ``"profile"``: QGIS opens the layer with one color for each. None
        writes no style. With a style the file has two tables: name the layer when you read it.
    palette : mapping, optional
        Class -> hexadecimal color. None takes segkit's ordered palette for classes 1, 2, 3 and so on.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When there is no area, no geometry, no coordinate system, or a class without a color.
    UnknownNameError
        When there is no column `color_column`.
    FileError
        When the file can't be written.

    References
    ----------
    OGC GeoPackage 1.3; QGIS keeps styles in the table ``layer_styles``.

    Examples
    --------
    >>> import tempfile, geopandas
    >>> from segkit.areas import load_example
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = to_geopackage(load_example("motala").query("period == 2025"), f"{folder}/motala.gpkg")
    ...     geopandas.read_file(path, layer="areas").crs.to_epsg()
    3006
    """
    _check_areas(areas)
    _check_ending(path, (".gpkg",))
    if palette is not None and color_column is None:
        raise InputError(message("palette", "needs `color_column`, the column it colors"))
    frame = _writable(areas).to_crs(CRS)
    colors = {} if color_column is None else _colors(areas, color_column, palette)
    with atomic(path) as temporary:
        _write_layer(frame, temporary, "GPKG", layer, {"GEOMETRY_NAME": _qgis.GEOMETRY})
        if color_column is not None:
            _qgis.write_style(temporary, layer, _qgis.style(color_column, colors))
    return Path(path)


def _check_areas(areas: gpd.GeoDataFrame) -> None:
    if not isinstance(areas, pd.DataFrame) or areas.empty:
        raise InputError(message("areas", "has no rows, so there is nothing to write"))
    check_geometry(areas)


def _writable(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a copy whose columns a GIS file can hold: text, numbers, booleans, dates."""
    frame = areas.copy()
    for column in frame.columns.drop(frame.geometry.name):
        if isinstance(frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].astype(frame[column].cat.categories.dtype)
    return frame


def _write_layer(
    frame: gpd.GeoDataFrame, path: Path, driver: str, layer: str, options: Mapping[str, str]
) -> None:
    """Write one layer; what the library says is passed on as segkit's own error."""
    import pyogrio

    try:
        pyogrio.write_dataframe(frame, path, driver=driver, layer=layer, promote_to_multi=True, **options)
    except pyogrio.errors.DataSourceError as error:
        raise FileError(message("path", f"can't write the file: {error}")) from error
    except (pyogrio.errors.DataLayerError, pyogrio.errors.FieldError) as error:
        raise InputError(message("areas", f"can't be written as {driver}: {error}")) from error


def _colors(areas: pd.DataFrame, column: str, palette: Mapping[Any, str] | None) -> dict[Any, str]:
    """Return the color of each class; every class of the data has one."""
    check_columns(areas, [column], argument="areas")
    classes = sorted(areas[column].dropna().unique().tolist())
    if palette is None:
        if not classes or any(isinstance(c, str) or c != int(c) or c < 1 for c in classes):
            fix = "Give palette={class: color}."
            raise InputError(
                message(column, "must hold classes 1, 2, 3 to be colored without a palette", fix=fix)
            )
        ordered = palettes.sequential(int(max(classes)))
        return {int(c): ordered[int(c) - 1] for c in classes}
    without = [c for c in classes if c not in palette]
    if without:
        raise InputError(message("palette", "has no color for the class", without))
    wrong = [color for color in palette.values() if not re.fullmatch(r"#[0-9a-fA-F]{6}", color)]
    if wrong:
        raise InputError(message("palette", "must hold colors such as #23235f", wrong))
    return dict(palette)
