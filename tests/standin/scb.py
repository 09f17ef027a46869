"""Statistics Sweden's database as the interfaces describe it, on made-up data for a made-up municipality.

9901 has 60 DeSO of 2025 (59 of 2018: the last was split) and 12 RegSO; 9902 has 5 and 2. Values are drawn
from the codes, so that any two answers agree; every note says that they are made up.
"""

import re
import time
import zlib
from collections import deque
from dataclasses import dataclass, field

from standin import Reply

NOTE = "PÅHITTADE DATA för prov, ingen statistik."
NOISE = "Från och med referensåret 2025 är osäkerhet införd. Metoden heter Cell Key Method (CKM)."

DESO = [
    f"9901{kind}{n:03d}0" for kind, count in (("A", 10), ("B", 10), ("C", 40)) for n in range(1, count + 1)
]
DESO_2025 = [*DESO, *(f"9902A{n:03d}0" for n in range(1, 6))]
DESO_2018 = [c for c in DESO_2025 if c != "9901C0400"]
REGSO = [*(f"9901R{n:03d}" for n in range(1, 13)), "9902R001", "9902R002"]


def draw(*words):
    """Return a number from 0 to 1 that depends on the words alone."""
    return zlib.crc32("|".join(map(str, words)).encode()) / 2**32


@dataclass
class Table:
    """A table: its variables in order with codes and labels, and what each cell holds."""

    id: str
    path: str
    label: str
    years: range
    contents: dict
    others: dict = field(default_factory=dict)
    deso: bool = True
    wrong: str = "null"
    eliminable: tuple = ()
    notes: tuple = (NOTE,)
    forms: tuple = ("2018", "2025")

    @property
    def regions(self):
        old = [*(DESO_2018 if self.deso else []), *REGSO]
        new = [*(f"{c}_DeSO2025" for c in DESO_2025 if self.deso), *(f"{c}_RegSO2025" for c in REGSO)]
        own = {c[:4]: f"Kommun {c[:4]}" for c in DESO_2025} if self.deso else {}
        every = [*(old if "2018" in self.forms else []), *(new if "2025" in self.forms else [])]
        return own | {c: c.partition("_")[0] for c in every}

    @property
    def variables(self):
        years = {str(y): str(y) for y in self.years}
        return {"Region": self.regions, **self.others, "ContentsCode": self.contents, "Tid": years}

    def cell(self, chosen):
        """Return value and status of a cell."""
        region, year = chosen["Region"], int(chosen["Tid"])
        area, _, version = region.partition("_")
        if len(area) > 4 and (year >= 2024) != bool(version):
            return (0, "") if self.wrong == "zero" else (None, "..")
        return self.value(area, year, chosen)

    def value(self, area, year, chosen):
        sign = SIGNS.get((self.path.rpartition("/")[2], area, year))
        if sign is not None:
            return sign
        code = self.contents[chosen["ContentsCode"]]
        if "procent" in code:
            return round(100 * draw(area, year, code, *chosen.values()), 1), ""
        if "tkr" in code:
            return round(200 + 200 * draw(area, code) + 5 * (year - 2011), 1), ""
        if code == "Index":
            return round(30 * draw(area, year), 2), ""
        if code == "Områdestyp":
            return 1 + int(5 * draw(area)), ""
        return self.count(area, year, chosen), ""

    def count(self, area, year, chosen):
        """Return a count; the total is the sum of its parts, as persons() says."""
        people = persons(area, year)
        for name, parts in PARTS.items():
            if name in chosen and self.id in parts:
                return int(sum(people * share for share in parts[self.id][chosen[name]]))
        return people


def persons(area, year):
    return 1000 + 4 * int(200 * draw(area)) + 8 * (year - 2010)


#: Odd cells: null with a reason, null without, a number with a remark, exactly nothing.
SIGNS = {
    ("Tab4InkDesoRegso", "9901A0010", 2020): (None, ".."),
    ("Tab4InkDesoRegso", "9901A0020", 2020): (None, ""),
    ("Tab4InkDesoRegso", "9901A0030", 2020): (12.5, "r"),
    ("Tab4InkDesoRegso", "9901A0040", 2020): (None, "-"),
    ("Tab4InkDesoRegso", "9901A0050", 2020): (None, "."),
}

#: Shares of the persons that a code holds, by variable and table.
PARTS = {
    "Alder": {
        "TAB6574": {"totalt": [1], "20-24": [0.05], "25-29": [0.06], "30-34": [0.07], "35-39": [0.08]},
    },
    "UtlBakgrund": {"TAB6571": {"1": [0.25], "2": [0.75], "SA": [1]}},
    "Fodelseregion": {"TAB6572": {"sv": [0.8], "eu": [0.05], "öv": [0.15], "tot": [1]}},
    "Hushallstyp": {"TAB6568": {"ESUB": [0.5], "SBUB": [0.2], "OVRIGA": [0.3], "TOTALT": [1]}},
    "UtbildningsNiva": {
        t: {"21": [0.1], "3+4": [0.4], "5": [0.2], "6": [0.25], "US": [0.05]} for t in ("TAB6534", "TAB5956")
    },
    "Upplatelseform": {
        t: {"1": [0.3], "2": [0.2], "3": [0.4], "ÖVRIGT": [0.1]} for t in ("TAB6638", "TAB6258")
    },
    "Sysselsattning": {"TAB5880": {"FÖRV": [0.7], "total": [1]}},
    "ContentsCode": {
        "TAB6680": {"0000089X": [0.72], "0000089W": [0.08], "0000089V": [0.8], "0000089Y": [1]},
    },
}

KON = {"1": "män", "2": "kvinnor", "1+2": "totalt"}


def codes(variable, table):
    return {code: f"{variable} {code}" for code in PARTS[variable][table]}


def tables():
    """Return the tables of the stand-in, newly made so that a test may change them."""
    people, both = "BE/BE0101/BE0101Y/", {"Kon": KON}
    counted = {"notes": (NOTE, NOISE), "wrong": "zero"}
    made = [
        Table(
            "TAB6574",
            people + "FolkmDesoAldKon",
            "Folkmängden efter region, ålder och kön. År 2010 - 2025",
            range(2010, 2026),
            {"000007Y7": "Antal"},
            {"Alder": codes("Alder", "TAB6574"), **both},
            **counted,
        ),
        Table(
            "TAB6571",
            people + "FolkmDesoBakgrKon",
            "Folkmängden efter region, utländsk/svensk bakgrund och kön",
            range(2010, 2026),
            {"000007Y4": "Antal"},
            {"UtlBakgrund": codes("UtlBakgrund", "TAB6571"), **both},
            **counted,
        ),
        Table(
            "TAB6572",
            people + "FolkmDesoLandKon",
            "Folkmängden efter region, födelseregion och kön",
            range(2010, 2026),
            {"000007Y5": "Antal"},
            {"Fodelseregion": codes("Fodelseregion", "TAB6572"), **both},
            **counted,
        ),
        Table(
            "TAB6568",
            people + "HushallDesoTyp",
            "Antal hushåll efter region, hushållstyp",
            range(2011, 2026),
            {"000007Y1": "Antal hushåll"},
            {"Hushallstyp": codes("Hushallstyp", "TAB6568")},
            **counted,
        ),
        Table(
            "TAB6534",
            "UF/UF0506/UF0506D/UtbSUNBefDesoRegsoN",
            "Befolkning 25–65 år efter region och utbildningsnivå",
            range(2024, 2026),
            {"000007Z6": "Antal"},
            {"UtbildningsNiva": codes("UtbildningsNiva", "TAB6534")},
            forms=("2025",),
        ),
        Table(
            "TAB5956",
            "UF/UF0506/UF0506D/UtbSUNBefDesoRegso",
            "Befolkning 25–64 år efter region och utbildningsnivå",
            range(2015, 2024),
            {"000005MO": "Antal"},
            {"UtbildningsNiva": codes("UtbildningsNiva", "TAB5956")},
            forms=("2018",),
        ),
        Table(
            "TAB6683",
            "HE/HE0110/HE0110I/Tab2InkDesoRegso",
            "Inkomststruktur nettoinkomst efter region och kön. År 2011 - 2024",
            range(2011, 2025),
            {"000008A4": "Medelvärde för samtliga, tkr", "000008A6": "Andel med inkomstslag, procent"},
            {
                "Inkomstkomponenter": {
                    "10": "Löneinkomst",
                    "30": "Inkomst av kapital",
                    "240": "Nettoinkomst",
                },
                **both,
            },
        ),
        Table(
            "TAB6684",
            "HE/HE0110/HE0110I/Tab3InkDesoRegso",
            "Ekonomisk standard, andel av befolkningen per inkomstklass efter region",
            range(2011, 2025),
            {"000008AB": "Medianvärde, tkr"},
        ),
        Table(
            "TAB6685",
            "HE/HE0110/HE0110I/Tab4InkDesoRegso",
            "Låg respektive hög ekonomisk standard efter region och ålder",
            range(2011, 2025),
            {"000008AC": "Låg ekonomisk standard, procent"},
            {"Alder": {"tot": "totalt", "0-19": "0-19 år"}},
        ),
        Table(
            "TAB6680",
            "AM/AM0210/AM0210G/ArRegDesoStatusN",
            "Befolkningens arbetsmarknadsstatus efter bostadens belägenhet, region, kön och ålder",
            range(2020, 2025),
            codes("ContentsCode", "TAB6680"),
            {"Kon": KON, "Alder": {"16-64": "16-64 år", "20-64": "20-64 år"}},
        ),
        Table(
            "TAB5880",
            "AM/AM0207/AM0207I/BefDeSoSyssN",
            "Befolkningen efter region, sysselsättning och kön",
            range(2019, 2022),
            {"00000569": "Antal"},
            {"Sysselsattning": codes("Sysselsattning", "TAB5880"), **both},
            forms=("2018",),
        ),
        Table(
            "TAB6638",
            "BO/BO0104/BO0104X/BO0104T01N2",
            "Antal lägenheter efter region (DeSO/RegSO 2025) och upplåtelseform",
            range(2024, 2026),
            {"00000864": "Antal"},
            {"Upplatelseform": codes("Upplatelseform", "TAB6638")},
            forms=("2025",),
        ),
        Table(
            "TAB6258",
            "BO/BO0104/BO0104X/BO0104T10N",
            "Antal lägenheter efter region (DeSO 2018/RegSO 2020) och upplåtelseform",
            range(2015, 2024),
            {"00000864": "Antal"},
            {"Upplatelseform": codes("Upplatelseform", "TAB6258")},
            forms=("2018",),
        ),
        Table(
            "",
            "AA/AA0003/AA0003F/IntGr5Socio",
            "Socioekonomiskt index och områdestyp efter region",
            range(2011, 2024),
            {"A1": "Index", "A2": "Områdestyp", "A3": "Andelen med låg standard, procent"},
            deso=False,
            forms=("2018",),
        ),
        Table(
            "",
            "AA/AA0003/AA0003J/IntGr11RegSO1",
            "Valdeltagande efter region, bakgrund och kön",
            range(2018, 2023, 4),
            {"000004WU": "Valdeltagande i val till riksdag, procent"},
            {
                "Bakgrund": {"1": "samtliga 18 år och äldre", "2": "ålder: 18-29 år"},
                "Kon": {"1+2": "män och kvinnor", "1": "män", "2": "kvinnor"},
            },
            deso=False,
            forms=("2018",),
        ),
    ]
    return {table.id or table.path: table for table in made}


CODELISTS = {
    "vs_DeSO2018": DESO_2018,
    "vs_DeSO2025": [f"{c}_DeSO2025" for c in DESO_2025],
    "vs_RegSO2020": REGSO,
    "vs_RegSO2025": [f"{c}_RegSO2025" for c in REGSO],
}


class RefusedError(Exception):
    """Carries the answer that refuses."""

    def __init__(self, reply):
        super().__init__(reply.status)
        self.reply = reply


def refuse(title, status=400, told=None):
    body = {"type": "Parameter error", "title": title, "status": told or status}
    raise RefusedError(Reply.json(body, status, "application/problem+json; charset=utf-8"))


def refuse_v1(status):
    raise RefusedError(Reply.text("Forbidden" if status == 403 else "Bad request", status, "text/html"))


class Service:
    """PxWebApi 2 under /api/v2 and 1 under /OV0104/v1/doris/sv/ssd."""

    def __init__(self, *, max_cells=150_000, calls=1000, window=1, page=3, many=400):
        self.tables = tables()
        self.max_cells, self.calls, self.window, self.page, self.many = max_cells, calls, window, page, many
        self._times = deque()
        self.refused = 0
        routes = [
            ("GET", "/api/v2/config", self.config),
            ("GET", "/api/v2/tables", self.limited(self.search)),
            ("GET", "/api/v2/tables/([^/]+)/metadata", self.limited(self.metadata)),
            ("GET", "(?i)/api/v2/codelists/([^/]+)", self.limited(self.codelist)),
            ("GET", "/api/v2/tables/([^/]+)/data", self.limited(self.data_get)),
            ("POST", "/api/v2/tables/([^/]+)/data", self.limited(self.data_post)),
            ("GET", "/OV0104/v1/doris/sv/ssd/(.+)", self.limited(self.metadata_v1)),
            ("POST", "/OV0104/v1/doris/sv/ssd/(.+)", self.limited(self.data_v1)),
        ]
        self.routes = routes

    def base_urls(self, url):
        return {"scb": f"{url}/api/v2", "scb_v1": f"{url}/OV0104/v1/doris/sv/ssd"}

    def limited(self, function):
        def answer(asked, match):
            now = time.monotonic()
            while self._times and now - self._times[0] >= self.window:
                self._times.popleft()
            if len(self._times) >= self.calls:
                self.refused += 1
                text = f"API calls quota exceeded! maximum admitted {self.calls} per {self.window}s."
                return Reply.text(text, 429, Retry_After=self.window)
            self._times.append(now)
            try:
                return function(asked, match)
            except RefusedError as refusal:
                return refusal.reply

        return answer

    def config(self, *_):
        return Reply.json(
            {
                "apiVersion": "2.3.2",
                "maxDataCells": self.max_cells,
                "maxCallsPerTimeWindow": self.calls,
                "timeWindow": self.window,
                "defaultDataFormat": "json-stat2",
            }
        )

    def search(self, asked, _):
        words = re.findall(r"\w+", asked.first("query").casefold())
        hits = [t for t in self.tables.values() if t.id and any(w in t.label.casefold() for w in words)]
        size = min(int(asked.first("pageSize", "20")), self.page)
        number, pages = int(asked.first("pageNumber", "1")), max(1, -(-len(hits) // size))
        if number > pages:
            refuse("Non-existent page", 404)
        shown = hits[(number - 1) * size : number * size]
        page = {"pageNumber": number, "pageSize": size, "totalElements": len(hits), "totalPages": pages}
        return Reply.json({"language": "sv", "tables": [self.listed(t) for t in shown], "page": page})

    @staticmethod
    def listed(table):
        folders = table.path.split("/")[:-1]
        return {
            "id": table.id,
            "label": table.label,
            "updated": "2026-06-08T06:00:00Z",
            "firstPeriod": str(table.years[0]),
            "lastPeriod": str(table.years[-1]),
            "paths": [[{"id": f, "label": f, "sortCode": f} for f in folders]],
            "links": [],
        }

    def by_id(self, name):
        table = self.tables.get(name)
        if table is None or not table.id:
            refuse("Non-existent table", 404)
        return table

    def metadata(self, _, match):
        table = self.by_id(match[1])
        told = self.dataset(table, {n: list(c) for n, c in table.variables.items()})
        for name, dimension in told["dimension"].items():
            lists = [{"id": i, "label": i, "type": "Valueset", "links": []} for i in self.lists(table)]
            dimension["extension"] = {
                "elimination": name in table.eliminable,
                "codelists": lists if name == "Region" else [],
            }
        return Reply.json(told)

    @staticmethod
    def lists(table):
        old = [*(["vs_DeSO2018"] if table.deso else []), "vs_RegSO2020"]
        new = [*(["vs_DeSO2025"] if table.deso else []), "vs_RegSO2025"]
        return [*(old if "2018" in table.forms else []), *(new if "2025" in table.forms else [])]

    @staticmethod
    def dataset(table, chosen):
        dimension = {
            name: {
                "label": name.lower(),
                "category": {
                    "index": {code: i for i, code in enumerate(every)},
                    "label": {code: table.variables[name].get(code, code) for code in every},
                },
            }
            for name, every in chosen.items()
        }
        return {
            "version": "2.0",
            "class": "dataset",
            "label": table.label,
            "source": "SCB",
            "updated": "2026-06-08T06:00:00Z",
            "note": list(table.notes),
            "role": {"time": ["Tid"], "metric": ["ContentsCode"]},
            "id": list(chosen),
            "size": [len(every) for every in chosen.values()],
            "dimension": dimension,
        }

    def codelist(self, _, match):
        if match[1] not in CODELISTS:
            refuse("Non-existent codelist", 404, told=400)
        values = [{"code": c, "label": c, "valueMap": [c]} for c in CODELISTS[match[1]]]
        return Reply.json({"id": match[1], "label": match[1], "type": "Valueset", "values": values})

    def data_get(self, asked, match):
        selection = []
        for name, (value, *_) in asked.query.items():
            found = re.fullmatch(r"(?i)valuecodes\[(.+)\]", name)
            if found:
                items = re.findall(r"\[([^\]]*)\]|([^,\[\]]+)", value)
                selection.append({"variableCode": found[1], "valueCodes": [a or b for a, b in items]})
        for item in selection:
            chosen = asked.first(f"codelist[{item['variableCode']}]")
            if chosen:
                item["codelist"] = chosen
        return self.data(match[1], selection)

    def data_post(self, asked, match):
        return self.data(match[1], asked.json()["selection"])

    def data(self, name, selection):
        table, chosen = self.by_id(name), {}
        for item in selection:
            variable = item["variableCode"]
            if variable not in table.variables:
                refuse("Non-existent variable")
            known = list(table.variables[variable])
            if "codelist" in item:
                if item["codelist"] not in self.lists(table):
                    refuse("Non-existent codelist")
                known = CODELISTS[item["codelist"]]
            found = [select(e, known, last=variable == "Tid") for e in item["valueCodes"]]
            if not all(found):
                refuse("Non-existent value")
            picked = {code for every in found for code in every}
            chosen[variable] = [c for c in known if c in picked]
        if any(v not in chosen and v not in table.eliminable for v in table.variables):
            refuse("Missing selection for mandantory variable")
        return self.cells(table, {v: chosen[v] for v in table.variables if v in chosen})

    def cells(self, table, chosen):
        size = 1
        for every in chosen.values():
            size *= len(every)
        if size > self.max_cells:
            refuse("Too many cells selected", self.many)
        told = self.dataset(table, chosen)
        places = [{}]
        for name, every in chosen.items():
            places = [{**place, name: code} for place in places for code in every]
        found = [table.cell(place) for place in places]
        told["value"] = [value for value, _ in found]
        status = {str(i): sign for i, (_, sign) in enumerate(found) if sign}
        return Reply.json(told | ({"status": status} if status else {}))

    def by_path(self, path):
        return next((t for t in self.tables.values() if t.path == path), None)

    def metadata_v1(self, _, match):
        table = self.by_path(match[1]) or refuse_v1(400)
        variables = [
            {"code": name, "text": name.lower(), "values": list(every), "valueTexts": list(every.values())}
            | ({"time": True} if name == "Tid" else {})
            | ({"elimination": True} if name in table.eliminable else {})
            for name, every in table.variables.items()
        ]
        reply = Reply.json({"title": table.label, "variables": variables})
        reply.body = b"\xef\xbb\xbf" + reply.body
        return reply

    def data_v1(self, asked, match):
        table, query = self.by_path(match[1]) or refuse_v1(400), asked.json()["query"]
        chosen = {}
        for item in query:
            known, wanted = table.variables[item["code"]], item["selection"]["values"]
            if item["selection"]["filter"] != "item" or not set(wanted) <= set(known):
                refuse_v1(400)
            chosen[item["code"]] = [c for c in known if c in wanted]
        left = set(table.variables) - set(chosen) - set(table.eliminable)
        if left or asked.json()["response"]["format"] != "json-stat2":
            refuse_v1(400)
        try:
            return self.cells(table, {v: chosen[v] for v in table.variables if v in chosen})
        except RefusedError:
            return refuse_v1(403)


def select(expression, known, *, last):
    """Return the codes of an expression as the service reads it; refuse what it can't read."""
    lower = {c.casefold(): c for c in known}
    call = re.fullmatch(r"(?i)(top|bottom|from|to|range)\(([^()]*)\)", expression)
    if call:
        return select_by_place(call[1].lower(), call[2], known, last=last)
    if expression.count("*") > 2:
        refuse("Illegal selection expression")
    if "*" not in expression and "?" not in expression:
        return [lower[expression.casefold()]] if expression.casefold() in lower else []
    pattern = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in expression)
    return [c for c in known if re.fullmatch(pattern, c, re.IGNORECASE)]


def select_by_place(name, inside, known, *, last):
    words = [w.strip().casefold() for w in inside.split(",")]
    if name in {"top", "bottom"}:
        n, skip = int(words[0]), int(words[1]) if len(words) > 1 else 0
        ordered = known[::-1] if (name == "top") == last else known
        return ordered[skip : skip + n]
    folded = [c.casefold() for c in known]
    if any(w not in folded for w in words):
        refuse("Illegal selection expression")
    at = sorted(folded.index(w) for w in words)
    if name == "range":
        return known[at[0] : at[-1] + 1]
    return known[at[0] :] if name == "from" else known[: at[0] + 1]
