"""Which districts of two elections can be compared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segkit.errors import FileError, SourceError, message
from segkit.sources.http.archives import read_zip
from segkit.sources.val._readers import _column, _plain, _sheet, districts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = ["district_id", "previous_id", "share", "comparable", "status"]


def read_comparability(path: str | Path) -> pd.DataFrame:
    """Read which district of the election before each district can be compared with.

    Parameters
    ----------
    path : str or Path
        The agency's file: ``.zip`` with ``vd-mappning-2014-2018.skv``, ``.xlsx`` (2018 and 2022, 2022 and
        2026), or the result file of 2026 (``.zip`` with JSON), which says it itself.

    Returns
    -------
    pandas.DataFrame
        One row per pair: ``district_id, previous_id`` (empty where there is none), ``share`` (of the
        previous district's voters, 0 to 1; missing where the file does not say), ``comparable, status``
        (the agency's own word).

    Raises
    ------
    FileError, SourceError
        When the file can't be read, or is not of the form expected.

    Examples
    --------
    >>> import tempfile, zipfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.zip")
    ...     with zipfile.ZipFile(file, "w") as archive:
    ...         archive.writestr("vd-mappning-2014-2018.skv", "08800101;08800101;1")
    ...     read_comparability(file)[["district_id", "comparable"]].to_numpy().tolist()
    [['08800101', True]]
    """
    file = Path(path)
    if not file.is_file():
        raise FileError(message("path", f"there is no file {file}"))
    if file.suffix.lower() == ".xlsx":
        table = _workbook(file)
    else:
        names = read_zip(file, endings=[".skv", ".json"])
        table = _mapping(names, file.name) if any(n.endswith(".skv") for n in names) else _of_results(file)
    wrong = table.loc[~table["district_id"].str.fullmatch(r"\d{8}"), "district_id"].tolist()
    if wrong:
        raise SourceError(message(file.name, "has district codes that are not eight digits", wrong))
    return table[COLUMNS].sort_values(["district_id", "previous_id"], ignore_index=True)


def _mapping(files: dict[str, bytes], name: str) -> pd.DataFrame:
    """Read old;new;share of 2014 and 2018."""
    found = [data for member, data in files.items() if "mappning" in member.casefold()]
    if len(found) != 1:
        raise SourceError(message(name, "must hold one file of pairs", files))
    rows = []
    for number, line in enumerate(found[0].decode("latin-1").splitlines(), start=1):
        cells = [cell.strip() for cell in line.split(";")]
        if not any(cells) or (number == 1 and not cells[0].isdigit()):
            continue
        try:
            old, new, share = cells[:3]
            value = float(share.replace(",", "."))
        except ValueError as error:
            raise SourceError(
                message(name, f"row {number} is no pair with a share: {line[:60]!r}")
            ) from error
        rows.append((new.zfill(8), old.zfill(8), value / 100 if value > 1 else value))
    table = pd.DataFrame(rows, columns=["district_id", "previous_id", "share"])
    # Comparable: one old district that went whole into one new one.
    alone = ~table["district_id"].duplicated(keep=False) & ~table["previous_id"].duplicated(keep=False)
    return table.assign(comparable=alone & (table["share"] >= 0.9999), status="")


def _workbook(path: Path) -> pd.DataFrame:
    """Read the workbooks of 2018 and 2022 or 2022 and 2026: a code, a verdict, previous codes."""
    table = _sheet(path, r".")
    head = list(table.columns)
    years = sorted({int(y) for h in head for y in re.findall(r"20\d\d", _plain(h))})
    newest = str(years[-1]) if years else ""
    codes = [f"kod_{newest}", f"valdistriktskod{newest}", f"valdistriktskod {newest}", "valdistriktskod"]
    code = table.iloc[:, _column(head, codes, f"Kod_{newest}", path.name)]
    verdict = table.iloc[:, _column(head, ["jämförbart", "jämförbar", "jämförelse"], "Jämförbart", path.name)]
    before = [
        i
        for i, h in enumerate(head)
        if _plain(h).startswith(("valdistriktskod", "kod ", "kod_")) and table.columns[i] != code.name
    ]
    rows: list[tuple[Any, ...]] = []
    for at in range(len(table)):
        word = "" if verdict.iloc[at] is None else str(verdict.iloc[at]).strip()
        known = [_code(table.iloc[at, i]) for i in before]
        same = _plain(word) in {"ja", "1", "true", "kan jämföras", "jämförbart", "jämförbar"}
        previous = [k for k in known if k] or [""]
        rows.extend((_code(code.iloc[at]), k, np.nan, same, word) for k in previous)
    return pd.DataFrame(rows, columns=COLUMNS)


def _code(cell: object) -> str:
    """Return a code of eight digits, empty where the cell is."""
    if cell is None or (isinstance(cell, float) and np.isnan(cell)) or not str(cell).strip():
        return ""
    text = str(int(cell)) if isinstance(cell, float) else str(cell).strip()
    return text.zfill(8) if text.isdigit() else text


def _of_results(path: Path) -> pd.DataFrame:
    """Read what the result file of 2026 says of each district."""
    rows: list[tuple[Any, ...]] = []
    for district in districts_of(path):
        word = str(district.get("statusJamforelse") or "")
        raw = district.get("valdistriktskodForegaendeVal") or [""]
        previous: Sequence[object] = raw if isinstance(raw, list) else [raw]
        same = _plain(word) == "kan jämföras"
        rows.extend((str(district["valdistriktskod"]), str(p), np.nan, same, word) for p in previous)
    return pd.DataFrame(rows, columns=COLUMNS)
