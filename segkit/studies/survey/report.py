"""The report of a survey: one HTML or PDF file that needs nothing else, and a fact sheet for each area."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from segkit.base.boundary import guard
from segkit.base.checks import LANGUAGES, check_choice
from segkit.base.files import atomic
from segkit.base.namespace import public
from segkit.errors import FileError, InputError, UnknownNameError, message
from segkit.output.document import pdf
from segkit.output.document.document import Document, Picture, Section, Table, check_ending
from segkit.output.document.pdf import Printer
from segkit.output.document.svg import slug
from segkit.studies.survey.case import Case
from segkit.studies.survey.result import Survey
from segkit.studies.survey.sections import document
from segkit.studies.survey.sheets import Sheets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        check_ending(target)
    page = document(Case(survey, _language(survey, language), _file(map_html)))
    for target in targets:
        page.write(target)
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
    return document(Case(survey, _language(survey, language), map_link)).render()


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
    sheets = Sheets(Case(survey, spoken))
    printer = Printer() if "pdf" in kinds else None
    made: list[tuple[str, bytes]] = []
    for kind in sorted(set(kinds)):
        for place in places:
            page = sheets.document(place)
            name = f"{sheets.anchors[place]}-{slug(str(survey.areas['name'].iloc[place]))}"
            made.append((f"{name}.{kind}", page.print(printer) if kind == "pdf" else page.render().encode()))
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
    return pdf.problem()


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


def _file(map_html: str | Path | None) -> Path | None:
    """Return the file of the interactive map."""
    if map_html is None:
        return None
    if "://" in str(map_html) or str(map_html).startswith("//"):
        fix = "Give the path of a file."
        raise InputError(message("map_html", f"is an address, {map_html!r}", fix=fix))
    return Path(map_html)


guard(__name__)
