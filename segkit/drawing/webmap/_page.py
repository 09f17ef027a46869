"""Turn a folium map into one file: every script and style inside, nothing fetched."""

from __future__ import annotations

import base64
import html
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.base.files import write_text
from segkit.errors import InputError, message

if TYPE_CHECKING:
    import folium

ASSETS = Path(__file__).resolve().parent / "assets"

_LEAFLET = "leaflet/leaflet"
_KNOWN = re.compile(r"https?://[^\"'<> ]*/leaflet@1\.9\.\d+/dist/leaflet\.(js|css)")
_SCRIPT = re.compile(r"<script src=\"([^\"]+)\"></script>")
_STYLE = re.compile(r"<link rel=\"stylesheet\" href=\"([^\"]+)\"\s*/?>")
_IN_CODE = re.compile(
    r"(?:https?:)?//[\w{][\w.{}-]*\.[\w{}/:.-]+|@import|url\(\s*['\"]?(?!['\"]?(?:data:|#))[^)]*"
)
_NAMESPACE = "http://www.w3.org/2000/svg"
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
_FETCHING = {
    "src",
    "srcset",
    "data",
    "poster",
    "background",
    "formaction",
}


def save(map: folium.Map, path: str | Path, *, self_contained: bool = True) -> Path:  # noqa: A002 - name fixed
    """Save a map as one HTML file.

    Parameters
    ----------
    map : folium.Map
        The map, made by `build` or by hand.
    path : str or pathlib.Path
        The file; its folder must exist.
    self_contained : bool
        True: scripts and styles are put into the file, a content security policy forbids every
        request, and anything that would need the network is an error. False: folium's own page,
        with links to the network.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        When the map needs something from the network (tiles, plugins) and `self_contained` is True.
    FileError
        When the file can't be written.

    Examples
    --------
    >>> import tempfile
    >>> from segkit import areas, webmap
    >>> kalmar, _ = areas.latest(areas.load_example("kalmar"), ["employment_rate"])
    >>> kalmar["profile"] = (kalmar["employment_rate"] > 80).astype(int) + 1
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = webmap.save(webmap.build(kalmar), f"{folder}/kalmar.html")
    ...     file.stat().st_size < 500_000
    True
    """
    return write_text(path, page(map, self_contained=self_contained))


def page(map: folium.Map, *, self_contained: bool = True) -> str:  # noqa: A002 - as in save
    """Return the page of a map as HTML."""
    root: Any = map.get_root()
    text = root.render()
    language = html.escape(str(getattr(map, "language", "en")))
    text = text.replace("<html>", f'<html lang="{language}">', 1)
    if "<title>" not in text:
        text = text.replace("<head>", "<head>\n<title>Map</title>", 1)
    text = re.sub(
        r"<meta name=\"viewport\"[^>]*>",
        '<meta name="viewport" content="width=device-width, initial-scale=1" />',
        text,
    )
    return _contained(text) if self_contained else text


def _contained(text: str) -> str:
    """Put Leaflet into the page and make sure that nothing else is fetched."""
    places: list[str] = []

    def mark(match: re.Match[str]) -> str:
        known = _KNOWN.fullmatch(match[1])
        if not known:
            return match[0]
        places.append(known[1])
        return f"<!--leaflet {len(places) - 1}-->"

    text = _STYLE.sub(mark, _SCRIPT.sub(mark, text))
    found = _external(text)
    if found:
        fix = "Leave out tiles and plugins that load from the network, or save with self_contained=False."
        raise InputError(message("map", "needs the network for", found, fix))
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    text = text.replace("<head>", f"<head>\n{policy}", 1)
    for number, kind in enumerate(places):
        text = text.replace(f"<!--leaflet {number}-->", _leaflet(kind))
    return text


class _Fetches(HTMLParser):
    """Collect what a page would fetch: by attributes, and in scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code = tag in {"script", "style"}
        for name, value in attrs:
            link = name in _FETCHING or (name in {"href", "xlink:href"} and tag not in {"a", "area"})
            if link and value and not value.startswith(("data:", "#")):
                self.found.append(value)
            if name == "style" and value:
                self.found += _IN_CODE.findall(value)

    def handle_endtag(self, tag: str) -> None:
        self._code = self._code and tag not in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if self._code:
            self.found += _IN_CODE.findall(data.replace(_NAMESPACE, ""))


def _external(text: str) -> list[str]:
    """Return what a page would fetch."""
    parser = _Fetches()
    parser.feed(text)
    parser.close()
    return list(dict.fromkeys(parser.found))


@cache
def _leaflet(kind: str) -> str:
    """Return Leaflet's script or style sheet as an element, its images as data."""
    text = (ASSETS / f"{_LEAFLET}.{kind}").read_text(encoding="utf-8")
    notice = (ASSETS / "leaflet/LICENSE").read_text(encoding="utf-8").strip()
    if kind == "js":
        text = re.sub(r"\n?//# sourceMappingURL=\S*\s*$", "", text)
        return f"<script>\n/*\n{notice}\n*/\n{text}\n</script>"

    def image(match: re.Match[str]) -> str:
        content = base64.b64encode((ASSETS / "leaflet" / match[1]).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{content})"

    return f"<style>\n{re.sub(r'url[(](images/[^)]+)[)]', image, text)}\n</style>"
