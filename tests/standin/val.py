"""Valmyndigheten's files, each year's in its own form, on made-up districts."""

import io
import json
import zipfile

import openpyxl

from standin import Reply

#: Code, name, electorate, ballots, valid; an electorate of 0 marks a district of late votes.
DISTRICTS = [
    ("99010101", "Påhittad Norra", 1000, 800, 790),
    ("99010102", "Påhittad Södra", 500, 350, 345),
    ("99010000", "Uppsamlingsdistrikt", 0, 40, 39),
    ("99020101", "Annan", 700, 560, 550),
]

ZIP, XLSX = "application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def text_2014(rows=DISTRICTS):
    """Semicolons and Latin-1; codes without leading zeros."""
    head = "LAN;KOM;VALDIST;LAN;KOMMUN;VALDISTRIKT;M tal;M proc;BLANK tal;OG tal;Rost Giltiga;Rostande;Rostb"
    lines = [
        f"{int(code[:2])};{int(code[2:4])};{int(code[4:])};Påhittat län;Kommun;{name};1;0,1;1;0;"
        f"{valid};{ballots};{electorate}"
        for code, name, electorate, ballots, valid in rows
    ]
    return "\r\n".join([head, *lines, ""]).encode("latin-1")


def workbook(name, head, rows, above=()):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for row in (*above, head, *rows):
        sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def wide_2018(rows=DISTRICTS):
    head = ["LÄNSKOD", "KOMMUNKOD", "VALDISTRIKTSKOD", "LÄNSNAMN", "KOMMUNNAMN", "VALDISTRIKTSNAMN"]
    head += ["M", "ÖVR", "OGEJ", "BLANK", "OG", "RÖSTER GILTIGA", "RÖSTANDE", "RÖSTBERÄTTIGADE"]
    cells = [
        [
            int(c[:2]),
            int(c[2:4]),
            int(c[4:]),
            "Län",
            "Kommun",
            name,
            1,
            0,
            0,
            1,
            0,
            valid,
            ballots,
            electorate,
        ]
        for c, name, electorate, ballots, valid in rows
    ]
    return workbook("R antal", head, cells)


def long_2022(rows=DISTRICTS):
    head = ["Distrikt", "Valdistriktskod", "Valdistriktnamn", "Kommun", "Län", "Parti", "Röster"]
    cells = []
    for code, name, electorate, ballots, valid in rows:
        parties = [("Moderaterna", 1), ("Summa giltiga röster", valid), ("Valdeltagande", ballots)]
        about = [f"RD-{code}", int(code), name, "Kommun", "Län"]
        cells += [[*about, party, votes, electorate] for party, votes in parties]
    return workbook("roster_RD", [*head, "Röstberättigade"], cells)


def json_2026(rows=DISTRICTS, **changes):
    districts = [
        {
            "valdistriktskod": code,
            "namn": name,
            "valdistriktstyp": "valdistrikt" if electorate else "uppsamlingsdistrikt",
            "antalRostberattigade": electorate,
            "totaltAntalRoster": ballots,
            "statusJamforelse": "Kan jämföras" if code != "99010102" else "Kan inte jämföras",
            "valdistriktskodForegaendeVal": [code] if code != "99010102" else [],
            "rostfordelning": {"rosterPaverkaMandat": {"antalRoster": valid, "partiRoster": []}},
            **changes,
        }
        for code, name, electorate, ballots, valid in rows
    ]
    text = json.dumps({"valdistrikt": districts}, ensure_ascii=False).encode()
    name = "Val_2026_preliminar_9901_RD"
    return zipped({f"{name}_rostfordelning_9901.json": text, f"{name}_mandatfordelning.json": b"{}"})


def zipped(members):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return kept.getvalue()


class Val:
    """Serves the files by the last part of their address."""

    def __init__(self, files):
        self.files = files
        self.routes = [("GET", r"/.*/([^/]+)", self.file)]

    def file(self, _, match):
        if match[1] not in self.files:
            return Reply.text("<html>404</html>", 404, "text/html")
        content, kind = self.files[match[1]]
        return Reply(content, kind=kind)
