"""The PDF: the same page laid out on paper, tagged for screen readers, the same bytes every time."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.errors import FileError, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: PDF/UA: tagged, with language, title and an order of reading.
_VARIANT = "pdf/ua-1"
#: The letters that matplotlib brings, so that every machine sets the same lines as the maps' own.
_FACES = (("DejaVuSans.ttf", "normal", "normal"), ("DejaVuSans-Bold.ttf", "bold", "normal"))
_FIX = (
    "Install it with: pip install 'segkit[pdf]'. It needs pango, on Debian: apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0. Or write the report as .html, open it in a browser and print "
    "it to PDF."
)


def problem() -> str:
    """Return why no PDF can be made here, with the fix; empty when one can.

    Returns
    -------
    str
        One or more sentences in English, as errors are.

    Examples
    --------
    >>> isinstance(problem(), str)
    True
    """
    try:
        import weasyprint  # noqa: F401
    except ImportError as error:
        return message("pdf", f"weasyprint is not installed ({error})", fix=_FIX)
    except OSError as error:
        reason = str(error).partition(":")[0]
        return message("pdf", f"weasyprint is installed but can't load pango ({reason})", fix=_FIX)
    return ""


class Printer:
    """Turns pages into PDF; fonts and style are read once for all of them."""

    def __init__(self) -> None:
        reason = problem()
        if reason:
            raise FileError(reason)
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration

        self._fetcher = _fetcher(_fonts())
        with _disk():
            self._fonts = FontConfiguration()
            self._style = CSS(string=_faces(), font_config=self._fonts, url_fetcher=self._fetcher)

    def print(self, html: str) -> bytes:
        """Return a page as PDF."""
        from weasyprint import HTML

        document = HTML(string=html, url_fetcher=self._fetcher)
        with _disk():
            pdf: bytes = document.write_pdf(
                stylesheets=[self._style],
                font_config=self._fonts,
                pdf_variant=_VARIANT,
                pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
            )
        return pdf


@contextmanager
def _disk() -> Iterator[None]:
    """Turn a failure to write into the temporary folder into a plain error."""
    try:
        yield
    except OSError as error:
        raise FileError(message("pdf", f"can't be laid out: {error.strerror or error}")) from error


def _fonts() -> list[Path]:
    import matplotlib as mpl

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return [folder / name for name, _, _ in _FACES]


def _faces() -> str:
    """Return the rules that name the font files, and that use them for everything."""
    faces = [
        f'@font-face {{ font-family: "Report"; src: url("{path.as_uri()}"); '
        f"font-weight: {weight}; font-style: {style}; }}"
        for path, (_, weight, style) in zip(_fonts(), _FACES, strict=True)
    ]
    use = 'html, body, pre, code, svg text { font-family: "Report", sans-serif !important; }'
    return "\n".join([*faces, use, '@page { font-family: "Report", sans-serif; }'])


def _fetcher(allowed: Iterable[Path]) -> Any:
    """Return a fetcher that reads the font files and data inside the page, and nothing else."""
    from weasyprint.urls import URLFetcher

    known = {path.as_uri() for path in allowed}

    class OnlyFonts(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url not in known and not url.startswith("data:"):
                raise ValueError(message("url", "a report asks nothing of any other file", [url]))
            return super().fetch(url, headers)

    return OnlyFonts(allowed_protocols={"file", "data"})
