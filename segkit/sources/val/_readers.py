"""Read the agency's files, each year's of a form of its own, into one table of districts."""

from __future__ import annotations

import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.base.files import NO_WHOLE_ZIP
from segkit.errors import FileError, SourceError, message
from segkit.panels.cells import parse_number
from segkit.sources.http.archives import read_zip, safe_members

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from segkit.base.checks import Floats

#: Columns of every table of districts that a reader returns.
COLUMNS = ["district_id", "name", "electorate", "ballots", "valid", "late_votes_district"]

#: Ballots of everyone who voted stand under these words among the parties of the long form.
_VOTED = ("valdeltagande", "röstande", "totalt antal röster", "summa röster")
_VALID = ("summa giltiga röster", "röster giltiga", "giltiga röster")


def read(path: Path, form: str) -> pd.DataFrame:
    """Read a file of a form (text, wide, long, json).

    Raises
    ------
    FileError
        When it can't be read.
    SourceError
        When it is not what it should be: a column is missing, a number is none, a district stands twice.
    """
    readers = {"text": _text, "wide": _wide, "long": _long, "json": _json}
    try:
        table = readers[form](path)
    except (*NO_WHOLE_ZIP, OSError, UnicodeDecodeError) as error:
        if isinstance(error, FileError | SourceError):
            raise
        raise FileError(message("path", f"can't read {path.name}: {error}")) from error
    table = _late_together(table[COLUMNS])
    _check(table, path.name)
    return table.sort_values("district_id", ignore_index=True, kind="stable")


def _late_together(table: pd.DataFrame) -> pd.DataFrame:
    """Add up the districts of late votes that share a code; some years all of a municipality do."""
    late = table[table["late_votes_district"]]
    if not late["district_id"].duplicated().any():
        return table
    sums = late.groupby("district_id", as_index=False)[["electorate", "ballots", "valid"]].sum()
    sums = sums.assign(name=sums["district_id"].map(late.groupby("district_id")["name"].first()))
    return pd.concat([table[~table["late_votes_district"]], sums.assign(late_votes_district=True)])[COLUMNS]


def _check(table: pd.DataFrame, name: str) -> None:
    """Check that districts are whole and their figures possible."""
    if table.empty:
        raise SourceError(message(name, "holds no district"))
    wrong = table.loc[~table["district_id"].str.fullmatch(r"\d{8}"), "district_id"].tolist()
    if wrong:
        raise SourceError(message(name, "has district codes that are not eight digits", wrong))
    twice = table.loc[table["district_id"].duplicated(), "district_id"].tolist()
    if twice:
        raise SourceError(message(name, "has a district more than once", twice))
    for column in ("electorate", "ballots", "valid"):
        values = table[column].to_numpy(dtype=float)
        bad = (values < 0) | (values != np.round(values)) & ~np.isnan(values)
        if bad.any():
            where = table.loc[bad, "district_id"].tolist()
            raise SourceError(message(name, f"has {column} that are no whole numbers of persons", where))
    odd = table["valid"] > table["ballots"]
    if odd.any():
        where = table.loc[odd, "district_id"].tolist()
        raise SourceError(message(name, "has more valid ballots than ballots", where))
    regular = ~table["late_votes_district"]
    over = regular & (table["ballots"] > table["electorate"])
    if over.any():
        where = table.loc[over, "district_id"].tolist()
        raise SourceError(message(name, "has more ballots than eligible voters", where))


def _plain(text: object) -> str:
    """Return a heading in one form: lower case, single spaces."""
    return re.sub(r"\s+", " ", str(text)).strip().casefold()


def _column(headings: Sequence[object], words: Sequence[str], name: str, where: str) -> int:
    """Return the place of the first heading that is one of the words, or begins with one."""
    plain = [_plain(heading) for heading in headings]
    for word in words:
        found = [i for i, heading in enumerate(plain) if heading == word]
        found = found or [i for i, heading in enumerate(plain) if heading.startswith(word)]
        if found:
            return found[0]
    known = ", ".join(str(h) for h in headings[:12])
    rule = f"lacks the column {name} in {where}"
    raise SourceError(message("file", rule, fix=f"Looked for {', '.join(words)}; it begins {known}."))


def _numbers(cells: pd.Series, name: str, where: str) -> Floats:
    """Return cells as numbers, or an error that names the first that is none."""
    values = []
    for row, cell in enumerate(cells, start=2):
        try:
            values.append(np.nan if cell is None else parse_number(cell))
        except (TypeError, ValueError) as error:
            rule = f"{where}, row {row}, {name}: {cell!r} is no number"
            raise SourceError(message("file", rule)) from error
    return np.array(values, dtype=float)


def _codes(*parts: tuple[Floats, int]) -> list[str]:
    """Join parts of a code, each with leading zeros to its number of digits."""
    texts = [[f"{int(v):0{digits}d}" if v % 1 == 0 else "?" for v in values] for values, digits in parts]
    return ["".join(row) for row in zip(*texts, strict=True)]


def _text(path: Path) -> pd.DataFrame:
    """Read the form of 2014: semicolons, Latin-1, county, municipality and district in their own columns."""
    lines = path.read_bytes().decode("latin-1").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = [line.split(";") for line in lines if line.strip()]
    if len(rows) < 2 or len(rows[0]) < 8:
        raise SourceError(message(path.name, "is no table of districts with semicolons"))
    width = len(rows[0])
    short = [str(i) for i, row in enumerate(rows, start=1) if len(row) not in {width, width + 1}]
    if short:
        raise SourceError(message(path.name, "has rows that are cut short", short))
    table = pd.DataFrame([row[:width] for row in rows[1:]], dtype=object)
    head, where = rows[0], path.name
    county, municipality, district = (_numbers(table[i], head[i], where) for i in range(3))
    labels = [i for i in range(3, 6) if not _is_number(table[i].iloc[0])]

    def numbers(words: Sequence[str], name: str) -> Floats:
        return _numbers(table[_column(head, words, name, where)], name, where)

    electorate = numbers(["rostb", "röstb"], "Rostb")
    return pd.DataFrame(
        {
            "district_id": _codes((county, 2), (municipality, 2), (district, 4)),
            "name": table[labels[-1]].str.strip() if labels else "",
            "electorate": electorate,
            "ballots": numbers(["rostande", "röstande"], "Rostande"),
            "valid": numbers(["rost giltiga", "röster giltiga"], "Rost Giltiga"),
            "late_votes_district": (district == 0) | (electorate == 0),
        }
    )


def _is_number(cell: object) -> bool:
    try:
        return not np.isnan(parse_number(cell))
    except (TypeError, ValueError):
        return False


def _sheet(path: Path, pattern: str) -> pd.DataFrame:
    """Read the first sheet whose name matches, everything as text or numbers, from its head on."""
    import openpyxl

    with zipfile.ZipFile(path) as archive:
        safe_members(archive)
    with path.open("rb") as file:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (KeyError, ValueError, TypeError) as error:
            raise SourceError(message(path.name, f"is no workbook ({error})")) from error
        names = [name for name in book.sheetnames if re.search(pattern, name, re.IGNORECASE)]
        if not names:
            raise SourceError(message(path.name, "lacks a sheet of districts", book.sheetnames))
        rows = list(book[names[0]].iter_rows(values_only=True))
        book.close()
    head = next((i for i, row in enumerate(rows) if sum(cell is not None for cell in row) >= 5), None)
    if head is None:
        raise SourceError(message(path.name, f"has no table in the sheet {names[0]}"))
    table = pd.DataFrame(rows[head + 1 :], columns=pd.Index(rows[head], dtype=object), dtype=object)
    return table.dropna(how="all").reset_index(drop=True)


def _wide(path: Path) -> pd.DataFrame:
    """Read the form of 2018: one row a district, county, municipality and district in their own columns."""
    table = _sheet(path, r"antal")
    head, where = list(table.columns), path.name

    def numbers(words: Sequence[str], name: str) -> Floats:
        return _numbers(table.iloc[:, _column(head, words, name, where)], name, where)

    county, municipality = numbers(["länskod"], "LÄNSKOD"), numbers(["kommunkod"], "KOMMUNKOD")
    district = numbers(["valdistriktskod"], "VALDISTRIKTSKOD")
    names = table.iloc[:, _column(head, ["valdistriktsnamn", "valdistrikt", "namn"], "VALDISTRIKT", where)]
    electorate = numbers(["röstberättigade"], "RÖSTBERÄTTIGADE")
    return pd.DataFrame(
        {
            # The code of the municipality stands without its county, or with it.
            "district_id": _codes((county, 2), (municipality % 100, 2), (district % 10_000, 4)),
            "name": names.astype(object).where(names.notna(), "").astype(str).str.strip(),
            "electorate": electorate,
            "ballots": numbers(["röstande"], "RÖSTANDE"),
            "valid": numbers(["röster giltiga"], "RÖSTER GILTIGA"),
            "late_votes_district": (district == 0) | (electorate == 0),
        }
    )


def _long(path: Path) -> pd.DataFrame:
    """Read the form of 2022: one row a district and party, the number of voters among the parties."""
    table = _sheet(path, r"^roster_")
    head, where = list(table.columns), path.name

    def cells(words: Sequence[str], name: str) -> pd.Series:
        return table.iloc[:, _column(head, words, name, where)]

    code = _numbers(cells(["valdistriktskod"], "Valdistriktskod"), "Valdistriktskod", where)
    party = cells(["parti"], "Parti").map(_plain)
    votes = _numbers(cells(["röster"], "Röster"), "Röster", where)
    electorate = _numbers(cells(["röstberättigade"], "Röstberättigade"), "Röstberättigade", where)
    long = pd.DataFrame({"district_id": _codes((code, 8)), "party": party, "votes": votes})
    names = cells(["valdistriktnamn", "valdistriktsnamn", "valdistrikt"], "Valdistriktnamn")
    about = pd.DataFrame({"district_id": long["district_id"], "name": names, "electorate": electorate})
    by_district = about.groupby("district_id")
    several = by_district["electorate"].nunique()
    if (several > 1).any():
        twice = several.index[several > 1].tolist()
        raise SourceError(message(where, "has several numbers of eligible voters for a district", twice))
    about = by_district.first()
    found = about.assign(
        ballots=_of_party(long, _VOTED, where), valid=_of_party(long, _VALID, where)
    ).reset_index()
    found["name"] = found["name"].astype(object).where(found["name"].notna(), "").astype(str).str.strip()
    # Of a district without a number of voters only its name tells whether it has any.
    blank = found["electorate"].isna() & found["name"].str.contains("uppsamling", case=False)
    found["electorate"] = found["electorate"].mask(blank, 0.0)
    return found.assign(late_votes_district=found["electorate"] == 0)


def _of_party(long: pd.DataFrame, words: Sequence[str], where: str) -> pd.Series:
    """Return the votes under the first of the words that the file has."""
    for word in words:
        rows = long[long["party"] == word]
        if len(rows):
            if rows["district_id"].duplicated().any():
                twice = rows.loc[rows["district_id"].duplicated(), "district_id"].tolist()
                raise SourceError(message(where, f"has {word!r} more than once for a district", twice))
            return rows.set_index("district_id")["votes"]
    known = ", ".join(sorted(set(long["party"]))[:12])
    raise SourceError(
        message(where, f"has none of {', '.join(words)} among the parties", fix=f"It has {known}.")
    )


def districts_of(path: Path) -> list[dict[str, Any]]:
    """Return the districts of a result file of 2026 as the agency's own objects.

    Raises
    ------
    SourceError
        When the zip or its JSON is not whole, or there is no list of districts.
    """
    files = {
        name: data for name, data in read_zip(path, endings=[".json"]).items() if "rostfordelning" in name
    }
    if len(files) != 1:
        raise SourceError(message(path.name, "must hold one file of votes by district", files))
    try:
        data = json.loads(next(iter(files.values())).decode("utf-8-sig"))
    except ValueError as error:
        raise SourceError(message(path.name, f"holds no whole JSON ({error})")) from error
    districts = data.get("valdistrikt") if isinstance(data, dict) else None
    if not isinstance(districts, list) or not all(isinstance(d, dict) for d in districts):
        raise SourceError(message(path.name, "has no list of districts called valdistrikt"))
    return districts


def _json(path: Path) -> pd.DataFrame:
    """Read the form of 2026: a zip with JSON."""
    rows = []
    for district in districts_of(path):
        try:
            kind = str(district["valdistriktstyp"])
            votes = district.get("rostfordelning") or {}
            rows.append(
                {
                    "district_id": str(district["valdistriktskod"]),
                    "name": str(district["namn"]),
                    "electorate": float(district["antalRostberattigade"] or 0),
                    "ballots": float(district["totaltAntalRoster"]),
                    "valid": float(votes["rosterPaverkaMandat"]["antalRoster"]) if votes else np.nan,
                    "late_votes_district": "uppsamling" in kind.casefold(),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            where = [str(district.get("valdistriktskod", "?"))]
            raise SourceError(
                message(path.name, f"has a district that is not whole ({error!r})", where)
            ) from error
    return pd.DataFrame(rows, columns=COLUMNS)
