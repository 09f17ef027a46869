"""Build the interactive map: a folium map with one element for layers, legend, search and popups."""

from __future__ import annotations

import hashlib
import html
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from segkit.drawing.classes import check_areas
from segkit.drawing.webmap._content import content
from segkit.drawing.webmap._page import ASSETS, page
from segkit.words.text import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import folium
    import geopandas as gpd
    import pandas as pd

    from segkit.base.checks import Language

_LEAFLET = "https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet"
_HEIGHT = 640

#: The parts of the script, in the order in which they stand in the page.
_SCRIPTS = ("elements", "shapes", "figures", "popup", "panel", "search", "table", "print", "map")


def build(
    areas: gpd.GeoDataFrame,
    *,
    history: pd.DataFrame | None = None,
    profile: str = "profile",
    index: str | None = None,
    indicators: Sequence[str] | None = None,
    labels: Mapping[str, tuple[str, str]] | None = None,
    flags: Mapping[str, str] | None = None,
    language: Language = "sv",
    title: str | None = None,
    source: str | None = None,
    tiles: str | None = None,
) -> folium.Map:
    """Build an interactive map of area profiles and indicators that needs no network.

    The profiles are the first layer; the index, if there is one, and each indicator have one of their
    own, in five classes with about as many areas each. The legend follows the layer. Pointing at an area
    shows its name and figure, a click or Enter all its figures beside the mean of the areas weighted by
    population; areas are found by name, and a table lists all of them. Values with a flag are hatched
    and say what they are. A layer with several periods has a slider, one set of classes for all
    periods, and a small line over time for each area.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row per area: ``area_id, name, geometry``, the profile, the indicators, perhaps
        ``population``, and for an indicator X perhaps ``X_se`` and ``X_flag``.
    history : pandas.DataFrame, optional
        A panel of the same areas: ``area_id, period`` and any of the columns shown, with their
        ``_se`` and ``_flag``. Its newest figures must be those of `areas`; a geometry is not used. A
        period in which a column has no value at all is no step of its slider.
    profile : str
        Column of whole numbers, 1 the weakest conditions.
    index : str, optional
        Column of an index, where a higher value is stronger conditions.
    indicators : sequence of str, optional
        Columns to show; None takes those that the catalogue of indicators knows.
    labels : mapping of str to (str, str), optional
        Label and unit of columns that the catalogue does not know, or that shall be called otherwise.
    flags : mapping of str to str, optional
        Column -> column of its flags, where it is not ``X_flag``.
    language : {"sv", "en"}
        Language of all texts.
    title, source : str, optional
        Heading and source line.
    tiles : str, optional
        Background from the network, such as "OpenStreetMap"; such a map can't be self-contained.

    Returns
    -------
    folium.Map
        Shows itself in notebooks without a network; write it with `save`.

    Raises
    ------
    UnknownNameError
        When a column is missing, or the history lacks the ``_se`` or ``_flag`` that `areas` has.
    InputError
        When there are no areas, no coordinate system, a column has no value at all, or the history
        is of other areas or disagrees with `areas`.

    Examples
    --------
    >>> from segkit import areas, webmap
    >>> kalmar, _ = areas.latest(areas.load_example("kalmar"), ["employment_rate"])
    >>> kalmar["profile"] = (kalmar["employment_rate"] > 80).astype(int) + 1
    >>> type(webmap.build(kalmar, language="en")).__mro__[1].__name__
    'Map'
    """
    check_areas(areas, [profile], language)
    heading = title or say("maps.shared", "web_title", language)
    data = content(
        areas,
        history,
        profile=profile,
        index=index,
        indicators=indicators,
        labels=labels or {},
        flags=flags or {},
        language=language,
        source=source,
    )
    data = {"title": heading, "opacity": 0.75 if tiles else 1.0, **data}
    text = as_script(data)
    made: folium.Map = _classes()[0](text, heading, language, tiles)
    return made


def display(map: folium.Map) -> str:  # noqa: A002 - one name for maps in this module
    """Return a map as HTML for a notebook or a report: a frame that needs no network.

    Parameters
    ----------
    map : folium.Map
        The map.

    Returns
    -------
    str
        An ``iframe`` element that holds the whole page.

    Examples
    --------
    >>> from segkit import areas, webmap
    >>> kalmar, _ = areas.latest(areas.load_example("kalmar"), ["employment_rate"])
    >>> kalmar["profile"] = 1
    >>> webmap.display(webmap.build(kalmar))[:7]
    '<iframe'
    """
    name = html.escape(str(getattr(map, "heading", "Map")), quote=True)
    whole = html.escape(page(map), quote=True)
    return (
        f'<iframe title="{name}" srcdoc="{whole}" sandbox="allow-scripts" '
        f'style="width:100%;height:{_HEIGHT}px;border:1px solid #767676"></iframe>'
    )


def as_script(data: Any) -> str:
    r"""Return data as JSON that can stand inside a script element and holds no address.

    Examples
    --------
    >>> print(as_script("</script>"))
    "\u003c\/script\u003e"
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.replace("/", r"\/")
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    # folium reads what it draws as a template; outside strings JSON never has these pairs.
    text = re.sub(r"\{(?=[{%#])", r"\\u007b", text)
    # @import and url( are only text here, but a check of the page could not know.
    return text.replace("@import", "\\u0040import").replace("url(", "url\\u0028")


@cache
def _classes() -> tuple[type[Any], type[Any]]:
    """Make the classes on first use, so that importing segkit does not import folium."""
    import folium
    from branca.element import MacroElement
    from jinja2 import Template

    class AreaMap(folium.Map):
        """A folium map of areas that shows itself without a network."""

        def __init__(self, text: str, heading: str, language: str, tiles: str | None) -> None:
            super().__init__(tiles=tiles, attributionControl=bool(tiles), zoomSnap=0.25)
            # folium's own list also has jQuery, Bootstrap and fonts, which nothing here needs.
            self.default_js = [("leaflet", f"{_LEAFLET}.js")]
            self.default_css = [("leaflet_css", f"{_LEAFLET}.css")]
            self.heading, self.language = heading, language
            root: Any = self.get_root()
            root.title = html.escape(heading).replace("{", "&#123;")
            layers = AreaLayers(text)
            self.add_child(layers)
            # folium draws random ids; the same map must be the same file.
            digest = hashlib.sha256(text.encode()).hexdigest()
            for number, element in enumerate((self, *self._children.values())):
                element._id = f"{digest[:24]}{number:08x}"  # noqa: SLF001 - folium has no public way

        def _repr_html_(self, **_options: Any) -> str:
            return display(self)

    class AreaLayers(MacroElement):
        """Layers, legend, search and popups in one element."""

        _template = Template(
            "{% macro header(this, kwargs) %}<style>{{ this.style }}</style>{% endmacro %}"
            "{% macro script(this, kwargs) %}{{ this.code }}\n"
            "segkitMap({{ this._parent.get_name() }}, {{ this.text }});{% endmacro %}"
        )

        def __init__(self, text: str) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self._name = "AreaLayers"
            self.text = text
            parts = [(ASSETS / f"webmap/{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS]
            self.code = "\n".join(["(function () {", '"use strict";', *parts, "}());"])
            self.style = (ASSETS / "webmap/map.css").read_text(encoding="utf-8")

    return AreaMap, AreaLayers
