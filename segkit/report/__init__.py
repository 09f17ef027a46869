"""The report of a survey: one HTML file that needs nothing else, readable, printable and accessible."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from segkit._files import write_text
from segkit._result import Survey
from segkit._validate import check_choice
from segkit._wording import LANGUAGES
from segkit.errors import InputError, message
from segkit.report._content import content

if TYPE_CHECKING:
    from segkit.indicators import Language

__all__ = ["render", "write"]


def write(
    survey: Survey, path: str | Path, *, language: Language | None = None, map_html: str | Path | None = None
) -> Path:
    """Write the report of a survey as one self-contained HTML file, whole or not at all.

    The file has no script and asks nothing of any network; the same survey gives the same bytes.

    Parameters
    ----------
    survey : Survey
        The survey, from `segkit.survey.run`.
    path : str or Path
        The file, ending in ``.html`` or ``.htm``.
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
        When `survey` is no survey, the name of the file does not end in .html, or `map_html` is an address.
    FileError
        When the folder is missing or can't be written.
    """
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        raise InputError(message("path", f"is {target.name!r}", fix="End the name with .html."))
    link = None if map_html is None else _link(map_html, target)
    return write_text(target, render(survey, language=language, map_link=link))


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
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    if not isinstance(survey, Survey):
        raise InputError(message("survey", f"must be a Survey, is {type(survey).__name__}"))
    spoken = survey.language if language is None else language
    check_choice(spoken, LANGUAGES, argument="language")
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return templates.get_template("report.html.j2").render(content(survey, spoken, map_link))


def _link(map_html: str | Path, target: Path) -> str:
    """Return the address of a file as seen from the report."""
    if "://" in str(map_html) or str(map_html).startswith("//"):
        fix = "Give the path of a file."
        raise InputError(message("map_html", f"is an address, {map_html!r}", fix=fix))
    path = Path(map_html)
    if path.is_absolute():
        path = Path(os.path.relpath(path, target.resolve().parent))
    return quote(path.as_posix())
