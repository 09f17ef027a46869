"""Figures as SVG inside a page: no outside address, no identifier twice, a text that says what is seen."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import Series

_SALT = "segkit"

#: The page's own letters; the first are those of the PDF.
_LETTERS = "Report, system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"


def inline(figure: Figure, name: str, description: str) -> str:
    """Return a figure as an SVG element to put into HTML; the same figure gives the same text.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    name : str
        Prefix of every identifier, unique on the page.
    description : str
        What the figure shows, for screen readers.
    """
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "none"}):
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(buffer, format="svg", metadata=nothing, facecolor="none")
    # The text was made by matplotlib a moment ago, so it holds no hostile entities.
    root = ET.fromstring(buffer.getvalue())  # noqa: S314
    _strip(root)
    _rename(root, name)
    for text in root.iter("text"):
        text.set("style", re.sub(r"font-family: [^;]+", f"font-family: {_LETTERS}", text.get("style", "")))
    for side in ("width", "height"):
        # A point is 4/3 of what a page calls a pixel.
        root.set(side, f"{float(root.get(side, '0').removesuffix('pt')) * 4 / 3:.0f}")
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    # What matplotlib says in a style for the whole page.
    root.set("stroke-linejoin", "round")
    title = ET.Element("title", {"id": f"{name}-title"})
    title.text = description
    root.insert(0, title)
    return ET.tostring(root, encoding="unicode")


def _strip(root: ET.Element) -> None:
    """Remove name spaces, metadata and the page-wide style: a page needs none, and some are addresses."""
    for parent in root.iter():
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style"):
                parent.remove(child)
    for element in root.iter():
        element.tag = _local(element.tag)
        for key in list(element.attrib):
            if key != _local(key):
                element.set(_local(key), element.attrib.pop(key))
    for group in list(root.iter("defs")):
        if len(group) == 0:
            group.clear()


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _rename(root: ET.Element, name: str) -> None:
    """Make identifiers unique on the page, and drop those that nothing refers to."""
    used = {
        reference
        for element in root.iter()
        for value in element.attrib.values()
        for reference in _references(value)
    }
    for element in root.iter():
        own = element.get("id")
        if own is not None:
            if own in used:
                element.set("id", f"{name}-{own}")
            else:
                del element.attrib["id"]
        for key, value in element.attrib.items():
            for reference in _references(value):
                element.set(key, value.replace(f"#{reference}", f"#{name}-{reference}"))


def _references(value: str) -> list[str]:
    """Return the identifiers that an attribute refers to: ``#x`` or ``url(#x)``."""
    if value.startswith("#") and not _is_color(value):
        return [value[1:]]
    return [part.partition(")")[0] for part in value.split("url(#")[1:]]


def _is_color(value: str) -> bool:
    return len(value) == len("#rrggbb") and all(c in "0123456789abcdef" for c in value[1:].lower())


_MOST = 40


def anchors(codes: Series) -> list[str]:
    """Return codes of areas with only letters, digits, ``-`` and ``_``, each one once.

    A code that had to be changed, or differs from another by case only, ends in a part of its hash.
    """
    found, taken = [], set()
    for code in codes.astype(str):
        safe = re.sub(r"[^A-Za-z0-9_-]", "_", code)[:_MOST]
        if not safe or safe != code or safe.casefold() in taken:
            safe = f"{safe}-{hashlib.sha256(code.encode()).hexdigest()[:8]}"
        taken.add(safe.casefold())
        found.append(safe)
    return found


def slug(name: str) -> str:
    """Return a name in small letters a-z, digits and hyphens; ``area`` when nothing is left of it.

    Examples
    --------
    >>> slug("Östra Smedby (södra)"), slug("../../etc"), slug("🙂")
    ('ostra-smedby-sodra', 'etc', 'area')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MOST].strip("-") or "area"
