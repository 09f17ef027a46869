"""The survey as a study: its report, its tables, and the maps and files beside them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from segkit.drawing import maps, webmap
from segkit.output import export
from segkit.studies.study import Study
from segkit.studies.survey import pictures, report
from segkit.studies.survey.case import Case
from segkit.studies.survey.sections import document

if TYPE_CHECKING:
    from collections.abc import Callable

    from segkit.studies.survey.result import Survey

MAP, FACT_SHEETS, WORKBOOK = "map.html", "fact_sheets", "survey.xlsx"


def study(survey: Survey) -> Study:
    """Return what a survey gives, ready to be written into a folder.

    Examples
    --------
    >>> from segkit import survey
    >>> made = study(survey.run("motala", n_bootstrap=99))
    >>> "map.html" in made.files, "tables/areas.csv" in made.files
    (True, True)
    """
    every = survey.sources["indicator"].tolist() if "indicator" in survey.sources else []
    return Study(
        document=document(Case(survey, survey.language, Path(MAP))),
        tables=survey.tables,
        notes=(pictures.source_line(survey, every), *survey.notes),
        parameters=survey.parameters,
        files=_files(survey),
        workbook=WORKBOOK,
    )


def _files(survey: Survey) -> dict[str, Callable[[Path], object]]:
    """Return what makes each file beside report and workbook."""
    language = survey.language
    made: dict[str, Callable[[Path], object]] = {
        "maps/profiles": lambda path: maps.save(pictures.profile_map(survey, maps.new_axes()), path),
    }
    for name in survey.indicators:
        made[f"maps/{name}"] = partial(_save_map, survey, name)
    made[MAP] = lambda path: webmap.save(pictures.web_map(survey), path)
    made[FACT_SHEETS] = lambda path: report.write_fact_sheets(survey, path, language=language)
    made["areas.gpkg"] = lambda path: export.to_geopackage(
        survey.areas, path, color_column="profile", value_columns=survey.indicators, language=language
    )
    for name, table in survey.tables.items():
        made[f"tables/{name}.csv"] = partial(export.to_csv, table)
    return made


def _save_map(survey: Survey, indicator: str, path: Path) -> None:
    # Axes without pyplot, which would keep every figure open.
    maps.save(pictures.indicator_map(survey, indicator, maps.new_axes()), path)


def write(survey: Survey, out: str | Path, *, force: bool = False) -> Path:
    """Write report, maps, tables and run.json of a survey into a folder, all or none.

    Raises
    ------
    FileError
        When it holds other files and `force` is not given, the disk is full or it can't be written.
    """
    return study(survey).write(out, force=force)
