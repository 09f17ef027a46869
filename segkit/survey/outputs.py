"""The files of a survey: made in a folder of their own, then moved into place, all or none."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from segkit import _pictures, export, maps, report, webmap
from segkit._files import write_text
from segkit.errors import FileError, message

if TYPE_CHECKING:
    from segkit._result import Survey

RUN_FILE = "run.json"
REPORT, REPORT_PDF, FACT_SHEETS = "report.html", "report.pdf", "fact_sheets"


def check_folder(out: str | Path, *, force: bool = False) -> None:
    """Raise an error when a folder holds files that are not an earlier survey's.

    Raises
    ------
    FileError
        When it is a file, its parent is missing, or it holds other files and `force` is not given.
    """
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise FileError(message("out", f"{folder} is a file, not a folder"))
    if not folder.resolve().parent.is_dir():
        raise FileError(message("out", f"the folder {folder.parent} does not exist", fix="Create it first."))
    if not folder.exists() or force:
        return
    foreign = sorted(p.name for p in folder.iterdir() if p.name not in _made_before(folder))
    if foreign:
        fix = "Choose another folder, or use --force (force=True) to write beside them."
        raise FileError(message("out", f"the folder {folder} holds other files", foreign, fix))


def _made_before(folder: Path) -> set[str]:
    """Return the names that an earlier survey left in the folder."""
    try:
        earlier = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(earlier, dict) or earlier.get("made_by") != "segkit":
        return set()
    return {str(name).split("/")[0] for name in earlier.get("files", [])} | {RUN_FILE}


def write(survey: Survey, out: str | Path, *, force: bool = False) -> Path:
    """Write report, maps, tables and run.json of a survey into a folder.

    Everything is made beside the folder first. Only when all is there is it moved in, so that a
    failure leaves the folder as it was.

    Raises
    ------
    FileError
        As `check_folder`, or when the disk is full or the folder can't be written.
    """
    folder = Path(out)
    check_folder(folder, force=force)
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.resolve().parent))
    except OSError as error:
        raise FileError(message("out", f"can't write beside {folder}: {error.strerror}")) from error
    try:
        _make(survey, staging)
        files = sorted(p.relative_to(staging).as_posix() for p in staging.rglob("*") if p.is_file())
        parameters = {**survey.parameters, "files": files, "left_out": _left_out()}
        write_text(staging / RUN_FILE, json.dumps(parameters, ensure_ascii=False, indent=2) + "\n")
        _move(staging, folder)
    except FileError:
        raise
    except OSError as error:
        raise FileError(message("out", f"can't write {folder}: {error.strerror or error}")) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def _move(staging: Path, folder: Path) -> None:
    """Move the finished files in; a folder that does not exist yet appears at once."""
    if not folder.exists():
        staging.chmod(0o755)
        staging.rename(folder)
        return
    for name in _made_before(folder):
        old = folder / name
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    for item in sorted(staging.iterdir()):
        target = folder / item.name
        if item.is_dir() and target.is_dir():
            for file in item.iterdir():
                file.replace(target / file.name)
        else:
            item.replace(target)


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
    maps.save(_pictures.profile_map(survey, maps.new_axes()), folder / "maps" / "profiles")
    for indicator in survey.indicators:
        axes = _pictures.indicator_map(survey, indicator, maps.new_axes())
        maps.save(axes, folder / "maps" / indicator)
    webmap.save(_pictures.web_map(survey), folder / "map.html")
    report.write(survey, folder / REPORT, language=language, map_html="map.html")
    if not report.pdf_problem():
        report.write(survey, folder / REPORT_PDF, language=language, map_html="map.html")
    report.write_fact_sheets(survey, folder / FACT_SHEETS, language=language)
    export.to_geopackage(
        survey.areas,
        folder / "areas.gpkg",
        color_column="profile",
        value_columns=survey.indicators,
        language=language,
    )
    lines = [survey.name, _pictures.source_line(survey, survey.sources["indicator"].tolist()), *survey.notes]
    export.to_excel(survey.tables, folder / "survey.xlsx", readme=lines, language=language)
    for name, table in survey.tables.items():
        export.to_csv(table, folder / "tables" / f"{name}.csv")
