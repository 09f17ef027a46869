"""Kolada on made-up figures: the envelope, pages, and at most 25 ids in a part of the path."""

import hashlib

from standin import Reply

MUNICIPALITIES = {"0000": "Riket", "0880": "Kalmar", "0780": "Växjö", "1080": "Karlskrona"} | {
    "1290": "Kristianstad",
    "1380": "Halmstad",
    "9901": "Påhittad",
}


def figure(kpi, municipality, sex, year):
    """Return a made-up figure that is the same every time."""
    digest = hashlib.sha256(f"{kpi} {municipality} {sex} {year}".encode()).digest()
    return round(10 + 80 * digest[0] / 255 + digest[1] / 255, 3)


class Kolada:
    """Serves the key figures given (id -> whether divided by sex) for the years given."""

    def __init__(self, kpis, years=range(2018, 2026), per_page=5000):
        self.kpis, self.years, self.per_page = dict(kpis), list(years), per_page
        self.missing, self.deleted = {}, set()
        self.routes = [
            ("GET", r"/v3/kpi", self.kpi),
            ("GET", r"/v3/municipality", self.municipality),
            ("GET", r"/v3/data/kpi/([^/]+)/municipality/([^/]+)/year/([^/]+)", self.data),
        ]

    def kpi(self, asked, _):
        rows = [{"id": k, "title": f"Påhittat {k}", "is_divided_by_gender": s} for k, s in self.kpis.items()]
        return self.page(asked, [r for r in rows if asked.first("title").casefold() in r["title"].casefold()])

    def municipality(self, asked, _):
        kinds = {"0000": "L"}
        rows = [{"id": k, "title": t, "type": kinds.get(k, "K")} for k, t in MUNICIPALITIES.items()]
        return self.page(asked, rows)

    def data(self, asked, match):
        parts = [part.split(",") for part in match.groups()]
        if any(len(part) > 25 for part in parts):
            return Reply.json({"detail": "Too many ids"}, 400)
        rows = [
            {"kpi": kpi, "municipality": place, "period": int(year), "values": cells}
            for kpi in parts[0]
            if kpi in self.kpis
            for place in parts[1]
            if place in MUNICIPALITIES
            for year in parts[2]
            if int(year) in self.years and (cells := self.cells(kpi, place, int(year)))
        ]
        return self.page(asked, rows)

    def cells(self, kpi, place, year):
        cells = []
        for sex in "TKM" if self.kpis[kpi] else "T":
            status = self.missing.get((kpi, place, year, sex))
            value = None if status is not None else figure(kpi, place, sex, year)
            gone = (kpi, place, year, sex) in self.deleted
            cells.append(
                {"gender": sex, "count": 1, "status": status or "", "value": value, "isdeleted": gone}
            )
        return cells

    def page(self, asked, rows):
        size = min(int(asked.first("per_page", "5000")), self.per_page)
        number = int(asked.first("page", "1"))
        part = rows[(number - 1) * size : number * size]
        host = f"http://{asked.headers['Host']}{asked.path}?per_page={size}&page="
        more = number * size < len(rows)
        return Reply.json(
            {
                "values": part,
                "count": len(part),
                "next_url": f"{host}{number + 1}" if more else None,
                "previous_url": f"{host}{number - 1}" if number > 1 else None,
            }
        )
