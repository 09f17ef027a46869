"""Where Valmyndigheten's files lie, and of which form each is. Addresses move: a file at hand serves too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segkit.base.checks import check_choice
from segkit.errors import InputError, message

Election = Literal["rd", "rf", "kf"]
Stage = Literal["final", "preliminary"]

ELECTIONS = ("rd", "rf", "kf")
YEARS = (2014, 2018, 2022, 2026)

_HISTORY = "https://historik.val.se/val"
_MAIN = "https://www.val.se/download"
_RESULTS = "https://resultat.val.se/resultatfiler/val2026"

_NAMES_2014 = {"rd": "riksdagsval", "rf": "landstingsval", "kf": "kommunval"}
_NAMES_2018 = {"rd": "R", "rf": "L", "kf": "K"}
_FOLDER_2022 = {
    "rd": "18.162047b519a91d0533118f4b/1764336897948/"
    "Roster-per-distrikt-slutligt-antal-roster-inklusive-totalt-valdeltagande-riksdagsvalet-2022.xlsx",
}

#: Boundaries of all districts of 2026 in one zip.
SHAPES_2026 = f"{_MAIN}/18.332cf48819bd61ac1513889/1785491689960/valdistrikt-riket-2026.zip"


@dataclass(frozen=True)
class File:
    """A file: its address, its form, the words its type may hold."""

    url: str
    form: Literal["text", "wide", "long", "json"]
    kinds: tuple[str, ...]


_EXCEL = ("spreadsheet", "excel", "octet-stream", "zip")
_TEXT = ("text", "csv", "octet-stream", "skv")
_ZIP = ("zip", "octet-stream")


def file_of(year: int, election: str, stage: str, municipality: str) -> File:
    """Return the file that holds the districts of an election.

    Raises
    ------
    InputError
        When there is no such election, or its address is not known.

    Examples
    --------
    >>> file_of(2026, "rd", "preliminary", "0880").url.rpartition("/")[2]
    'Val_2026_preliminar_0880_RD.zip'
    """
    check_choice(year, YEARS, argument="year")
    check_choice(election, ELECTIONS, argument="election")
    check_choice(stage, ("final", "preliminary"), argument="stage")
    if stage == "preliminary" and year != 2026:
        raise InputError(message("stage", f"only the final result of {year} is published by district"))
    if year == 2014:
        return File(
            f"{_HISTORY}/val2014/statistik/2014_{_NAMES_2014[election]}_per_valdistrikt.skv", "text", _TEXT
        )
    if year == 2018:
        return File(
            f"{_HISTORY}/val2018/statistik/2018_{_NAMES_2018[election]}_per_valdistrikt.xlsx", "wide", _EXCEL
        )
    if year == 2022:
        if election not in _FOLDER_2022:
            fix = "Download it from the agency's pages and read it with val.read_results(path, 2022, ...)."
            raise InputError(message("election", f"the address of {election} 2022 is not known", fix=fix))
        return File(f"{_MAIN}/{_FOLDER_2022[election]}", "long", _EXCEL)
    letter, word = ("s", "slutlig") if stage == "final" else ("p", "preliminar")
    name = f"Val_2026_{word}_{municipality}_{election.upper()}.zip"
    return File(f"{_RESULTS}/{letter}/{election}/{name}", "json", _ZIP)
