"""The files of a survey: report, maps, tables, and how to repeat it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from segkit.base.folders import write_folder
from segkit.drawing import maps, webmap
from segkit.output import export
from segkit.studies.survey import pictures, report

if TYPE_CHECKING:
    from pathlib import Path

    from segkit.studies.survey.result import Survey

REPORT, REPORT_PDF, FACT_SHEETS = "report.html", "report.pdf", "fact_sheets"


def write(survey: Survey, out: str | Path, *, force: bool = False) -> Path:
    """Write report, maps, tables and run.json of a survey into a folder, all or none.

    Raises
    ------
    FileError
        When it holds other files and `force` is not given, the disk is full or it can't be written.
    """
    parameters = {**survey.parameters, "left_out": _left_out()}
    return write_folder(out, partial(_make, survey), parameters, force=force, language=survey.language)


def _left_out() -> dict[str, str]:
    """Return the files that this machine could not make, and why."""
    reason = report.pdf_problem()
    return {REPORT_PDF: reason} if reason else {}


def _make(survey: Survey, folder: Path) -> None:
    """Make every file of a survey."""
    language = survey.language
    (folder / "maps").mkdir()
    (folder / "tables").mkdir()
    # Axes without pyplot, which would keep every figure open.
    maps.save(pictures.profile_map(survey, maps.new_axes()), folder / "maps" / "profiles")
    for indicator in survey.indicators:
        axes = pictures.indicator_map(survey, indicator, maps.new_axes())
        maps.save(axes, folder / "maps" / indicator)
    webmap.save(pictures.web_map(survey), folder / "map.html")
    reports = [folder / REPORT] if report.pdf_problem() else [folder / REPORT, folder / REPORT_PDF]
    report.write_formats(survey, reports, language=language, map_html="map.html")
    report.write_fact_sheets(survey, folder / FACT_SHEETS, language=language)
    export.to_geopackage(
        survey.areas,
        folder / "areas.gpkg",
        color_column="profile",
        value_columns=survey.indicators,
        language=language,
    )
    lines = [survey.name, pictures.source_line(survey, survey.sources["indicator"].tolist()), *survey.notes]
    export.to_excel(survey.tables, folder / "survey.xlsx", readme=lines, language=language)
    for name, table in survey.tables.items():
        export.to_csv(table, folder / "tables" / f"{name}.csv")
