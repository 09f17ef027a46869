"""Write tables and areas to files for others, whole or not at all: Excel, CSV and three formats of maps.

Each writer takes ``disclosure=``, rules for small numbers that are applied before anything is written.
"""

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.output.export._csv import to_csv
from segkit.output.export._excel import to_excel
from segkit.output.export._geojson import to_geojson
from segkit.output.export._geopackage import to_geopackage
from segkit.output.export._geoparquet import to_geoparquet

__all__ = ["to_csv", "to_excel", "to_geojson", "to_geopackage", "to_geoparquet"]

__dir__ = public(__all__)

guard(__name__)
