"""The report of a survey: one HTML or PDF file that needs nothing else, and a fact sheet for each area."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from segkit.base.boundary import guard
from segkit.base.checks import LANGUAGES, check_choice
from segkit.base.files import atomic, write_text
from segkit.base.namespace import public
from segkit.errors import FileError, InputError, UnknownNameError, message
from segkit.output.document.document import Document, Picture, Section, Table, templates
from segkit.output.document.pdf import Printer, problem
from segkit.output.document.svg import slug
from segkit.studies.survey.report._content import content, shared_content, sheet_content
from segkit.studies.survey.report._sheets import Sheets
from segkit.studies.survey.result import Survey
from segkit.words.text import report_texts as texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from segkit.base.checks import Language

    Format = Literal["html", "pdf"]

__all__ = [
    "Document",
    "Picture",
    "Section",
    "Table",
    "pdf_problem",
    "render",
    "write",
    "write_fact_sheets",
    "write_formats",
]

__dir__ = public(__all__)

_FORMATS = ("html", "pdf")


def write(
    survey: Survey, path: str | Path, *, language: Language | None = None, map_html: str | Path | None = None
) -> Path:
    """Write the report of a survey as one self-contained HTML or PDF file, whole or not at all.

    The HTML has no script and asks nothing of any network. The PDF is the same report on A4: tagged
    for screen readers (PDF/UA), with bookmarks and page numbers. The same survey gives the same bytes.

    Parameters
    ----------
    survey : Survey
        The survey, from `segkit.survey.run`.
    path : str or Path
        The file, ending in ``.html``, ``.htm`` or ``.pdf``.
    language : {"sv", "en"}, optional
        The language of headings and explanations; by default that of the survey. Sentences that the
        survey itself made stay in its language, and the report says so.
    map_html : str or Path, optional
        The file of the interactive map, to link to: a path relative to the report, or an absolute one.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When `survey` is no survey, the ending of the file is another, or `map_html` is an address.
    FileError
        When the folder is missing or can't be written, or a PDF is asked for where none can be made
        (see `pdf_problem`).

    Examples
    --------
    >>> from segkit import report, survey
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = report.write(survey.run("motala", n_bootstrap=99), folder + "/report.html")
    ...     path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    True
    """
    return write_formats(survey, [path], language=language, map_html=map_html)[0]


def write_formats(
    survey: Survey,
    paths: Sequence[str | Path],
    *,
    language: Language | None = None,
    map_html: str | Path | None = None,
) -> list[Path]:
    """Write the report of a survey into several files, such as HTML and PDF; its figures are drawn once.

    Parameters
    ----------
    survey, language, map_html
        As in `write`.
    paths : sequence of str or Path
        The files, each ending in ``.html``, ``.htm`` or ``.pdf``.

    Returns
    -------
    list of Path
        The files, in the order of `paths`.

    Raises
    ------
    InputError, FileError
        As in `write`; nothing is written before all endings are checked.

    Examples
    --------
    >>> from segkit import report, survey
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     names = [f"{folder}/{name}" for name in ("one.html", "two.htm")]
    ...     files = report.write_formats(survey.run("motala", n_bootstrap=99), names)
    ...     files[0].read_bytes() == files[1].read_bytes()
    True
    """
    targets = [Path(path) for path in paths]
    for target in targets:
        if target.suffix.lower() not in (".html", ".htm", ".pdf"):
            raise InputError(message("path", f"is {target.name!r}", fix="End the name with .html or .pdf."))
    links = [None if map_html is None else _link(map_html, target) for target in targets]
    shared = shared_content(survey, _language(survey, language))
    printer: Printer | None = None
    for target, link in zip(targets, links, strict=True):
        if target.suffix.lower() != ".pdf":
            write_text(target, _page(shared, survey, link, paper=False))
            continue
        printer = printer or Printer()
        name = None if map_html is None else Path(map_html).name
        _write_bytes(target, printer.print(_page(shared, survey, name, paper=True)))
    return targets


def render(survey: Survey, *, language: Language | None = None, map_link: str | None = None) -> str:
    """Return the report of a survey as HTML text; `write` puts it into a file.

    Parameters
    ----------
    survey : Survey
        The survey.
    language : {"sv", "en"}, optional
        As in `write`.
    map_link : str, optional
        Relative address of the interactive map.

    Returns
    -------
    str
        The page.

    Raises
    ------
    InputError
        When `survey` is no survey or the language is not known.
    """
    shared = shared_content(survey, _language(survey, language))
    return _page(shared, survey, map_link, paper=False)


def write_fact_sheets(
    survey: Survey,
    folder: str | Path,
    *,
    language: Language | None = None,
    areas: Iterable[str] | None = None,
    formats: Sequence[Format] = ("html",),
) -> list[Path]:
    """Write one file per area: its place on the map, its figures beside the municipality, its trend.

    Each sheet stands alone and fills about one page of A4. A file is named by the area's code and name,
    with letters a-z and digits only.

    Parameters
    ----------
    survey : Survey
        The survey.
    folder : str or Path
        Where to write; made when it does not exist. Other files in it are left alone.
    language : {"sv", "en"}, optional
        As in `write`.
    areas : iterable of str, optional
        Codes of the areas; by default all.
    formats : sequence of {"html", "pdf"}
        The files to write of each area.

    Returns
    -------
    list of Path
        The files, in the order of ``survey.areas``.

    Raises
    ------
    InputError
        When `survey` is no survey, or `areas` or `formats` is empty or of another kind.
    UnknownNameError
        When an area is not in the survey.
    FileError
        When the folder can't be written, or a PDF is asked for where none can be made.

    Examples
    --------
    >>> from segkit import report, survey
    >>> import tempfile
    >>> result = survey.run("kalmar", n_bootstrap=99)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in report.write_fact_sheets(result, folder, areas=["0880C1210"])]
    ['0880C1210-norrliden-v.html']
    """
    spoken = _language(survey, language)
    places = _places(survey, areas)
    kinds = _formats(formats)
    made: list[tuple[str, bytes]] = []
    printer = Printer() if "pdf" in kinds else None
    page = templates().get_template("fact_sheet.html.j2")
    for paper in sorted({kind == "pdf" for kind in kinds}):
        sheets = Sheets(survey, texts(spoken), spoken, shared=not paper)
        for place in places:
            html = page.render(sheet_content(sheets, place))
            name = f"{sheets.anchors[place]}-{slug(str(survey.areas['name'].iloc[place]))}"
            if printer is not None and paper:
                made.append((f"{name}.pdf", printer.print(html)))
            else:
                made.append((f"{name}.html", html.encode()))
    return _write_all(_make_folder(folder), made)


def pdf_problem() -> str:
    """Return why no PDF can be made on this machine, with the fix; empty when one can.

    Returns
    -------
    str
        Sentences in English, as errors are.

    Examples
    --------
    >>> from segkit import report
    >>> report.pdf_problem() == "" or "weasyprint" in report.pdf_problem()
    True
    """
    return problem()


def _page(shared: Mapping[str, Any], survey: Survey, map_link: str | None, *, paper: bool) -> str:
    shown = content(shared, survey, map_link, paper=paper)
    return str(templates().get_template("report.html.j2").render(shown))


def _language(survey: Survey, language: Language | None) -> Language:
    if not isinstance(survey, Survey):
        raise InputError(message("survey", f"must be a Survey, is {type(survey).__name__}"))
    spoken = survey.language if language is None else language
    check_choice(spoken, LANGUAGES, argument="language")
    return spoken


def _places(survey: Survey, areas: Iterable[str] | None) -> list[int]:
    """Return where the areas stand in the survey."""
    codes = survey.areas["area_id"].astype(str).tolist()
    if areas is None:
        return list(range(len(codes)))
    if isinstance(areas, str):
        raise InputError(message("areas", f"is one text, {areas!r}", fix=f"Give a list: [{areas!r}]."))
    wanted = set(map(str, areas))
    if not wanted:
        raise InputError(message("areas", "is empty", fix="Leave it out to write all areas."))
    unknown = sorted(wanted - set(codes))
    if unknown:
        fix = "Give codes as in survey.areas['area_id']."
        raise UnknownNameError(message("areas", "these are not in the survey", unknown, fix))
    return [place for place, code in enumerate(codes) if code in wanted]


def _formats(formats: Sequence[Format]) -> list[str]:
    kinds: list[str] = [formats] if isinstance(formats, str) else list(formats)
    if not kinds:
        raise InputError(message("formats", "is empty", fix='Give ("html",), ("pdf",) or both.'))
    for kind in kinds:
        check_choice(kind, _FORMATS, argument="formats")
    return kinds


def _make_folder(folder: str | Path) -> Path:
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise FileError(message("folder", f"{target} is a file, not a folder"))
    try:
        target.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        rule = f"the folder {target.parent} does not exist"
        raise FileError(message("folder", rule, fix="Create it first.")) from error
    except OSError as error:
        raise FileError(message("folder", f"can't make {target}: {error.strerror or error}")) from error
    return target


def _write_all(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write files into a folder, all or none: made in a folder of their own, then moved."""
    try:
        with tempfile.TemporaryDirectory(prefix=".", dir=folder) as staging:
            made = [_write_bytes(Path(staging) / name, data) for name, data in files]
            return [path.replace(folder / path.name) for path in made]
    except FileError:
        raise
    except OSError as error:
        raise FileError(message("folder", f"can't write in {folder}: {error.strerror or error}")) from error


def _write_bytes(path: Path, data: bytes) -> Path:
    with atomic(path) as temporary:
        temporary.write_bytes(data)
    return path


def _link(map_html: str | Path, target: Path) -> str:
    """Return the address of a file as seen from the report."""
    if "://" in str(map_html) or str(map_html).startswith("//"):
        fix = "Give the path of a file."
        raise InputError(message("map_html", f"is an address, {map_html!r}", fix=fix))
    path = Path(map_html)
    if path.is_absolute():
        path = Path(os.path.relpath(path, target.resolve().parent))
    return quote(path.as_posix())


guard(__name__)
