"""SCB's geodata service on made-up areas: collections in GeoJSON, filters, sorting and pages."""

import re

from shapely import Polygon
from shapely.geometry import mapping

from standin import Reply

LAYERS = {
    "stat:DeSO_2018": ("desokod", "2018_v3"),
    "stat:DeSO_2025": ("desokod", "2025_v2"),
    "stat:RegSO_2020": ("regsokod", "2020_v1"),
    "stat:RegSO_2025": ("regsokod", "2025_v1"),
}


def squares(codes, *, west=500_000, north=6_300_000, size=1000):
    """Return a row of squares, one a code."""
    return {
        code: Polygon(
            [
                (west + i * size, north),
                (west + (i + 1) * size, north),
                (west + (i + 1) * size, north + size),
                (west + i * size, north + size),
            ]
        )
        for i, code in enumerate(codes)
    }


class Wfs:
    """Serves areas by layer: layer -> list of (properties, shape)."""

    def __init__(self, layers):
        self.layers = layers
        self.crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3006"}}
        self.routes = [("GET", r"/geoserver/stat/wfs", self.features)]

    @classmethod
    def made_up(cls, deso):
        """Serve DeSO of the codes given, and a RegSO for every five of them."""
        shapes = squares(deso)
        rows = []
        for i, (code, shape) in enumerate(shapes.items()):
            regso = f"{code[:4]}R{i // 5 + 1:03d}"
            about = {"desokod": code, "regsokod": regso, "kommunkod": code[:4], "version": "2025_v2"}
            rows.append((about, shape))
        regso = {}
        for about, shape in rows:
            regso[about["regsokod"]] = regso.get(about["regsokod"], shape).union(shape)
        large = [
            (
                {"regsokod": k, "regsonamn": f"Påhittat {k}", "kommunkod": k[:4], "version": "2025_v1"},
                shape,
            )
            for k, shape in regso.items()
        ]
        return cls({"stat:DeSO_2025": rows, "stat:RegSO_2025": large})

    def with_older(self, split):
        """Serve the older version too; `split` is new code -> the older code that it was part of."""
        old = {}
        for about, shape in self.layers["stat:DeSO_2025"]:
            code = split.get(about["desokod"], about["desokod"])
            kept = {**about, "desokod": code, "version": "2018_v3"}
            old[code] = (kept, old[code][1].union(shape) if code in old else shape)
        large = [({**a, "version": "2020_v1"}, shape) for a, shape in self.layers["stat:RegSO_2025"]]
        self.layers |= {"stat:DeSO_2018": list(old.values()), "stat:RegSO_2020": large}
        return self

    def features(self, asked, _):
        layer = asked.first("typeNames")
        if layer not in self.layers:
            text = "<ows:ExceptionReport><ows:ExceptionText>Feature type unknown</ows:ExceptionText>"
            return Reply.text(f'<?xml version="1.0"?>{text}</ows:ExceptionReport>', 400, "application/xml")
        rows = self.layers[layer]
        rule = asked.first("CQL_FILTER")
        match = re.fullmatch(r"(\w+) IN \(([^)]*)\)", rule)
        if match:
            wanted = set(re.findall(r"'([^']*)'", match[2]))
            rows = [row for row in rows if row[0][match[1]] in wanted]
        key = asked.first("sortBy")
        rows = sorted(rows, key=lambda row: row[0][key])
        start, count = int(asked.first("startIndex", "0")), int(asked.first("count", "1000000"))
        part = rows[start : start + count]
        return Reply.json(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "id": f"{layer.partition(':')[2]}.{start + i}",
                        "geometry": mapping(shape),
                        "geometry_name": "sp_geometry",
                        "properties": {"objectid": start + i, **about},
                    }
                    for i, (about, shape) in enumerate(part)
                ],
                "totalFeatures": len(rows),
                "numberMatched": len(rows),
                "numberReturned": len(part),
                "timeStamp": "2026-01-01T00:00:00.000Z",
                "crs": self.crs if part else None,
            }
        )
