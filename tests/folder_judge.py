"""Tell how a folder was answered: as the base, with a clear error, raw, or silently wrong."""

from __future__ import annotations

import tempfile
import traceback
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import folder_faults  # noqa: F401
import folder_shapes  # noqa: F401
import numpy as np
import pandas as pd
from folder_factory import ANY, REFUSED, SAME, Case, base, write, write_draft

from segkit import survey
from segkit.errors import DataWarning, FileWarning, SegkitError

if TYPE_CHECKING:
    from segkit.studies.survey.result import Survey

DRAWS, N_PROFILES = 99, 3
TABLES = ("areas", "profiles", "periods", "trends", "changes", "growth", "dispersal", "history", "courses")

AS_BASE, ANSWERED, CLEAR, RAW, WRONG = "as the base", "answered", "clear error", "raw", "silently wrong"
OUTCOMES = (AS_BASE, ANSWERED, CLEAR, RAW, WRONG)


#: What a way to another coordinate system and back may change of distances.
_PLACES = 1e-5


@dataclass(frozen=True)
class Verdict:
    """How a folder was answered, and the words of it."""

    outcome: str
    words: str = ""


def judged(case: Case, seed: int = 0) -> Verdict:
    """Write the folder of a case, survey it and tell how it was answered."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "folder"
        folder.mkdir()
        write(case, folder, seed)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                result = survey.run(folder, n_bootstrap=DRAWS, n_profiles=N_PROFILES)
            except SegkitError as error:
                return _of_error(case, error, said)
            except Exception as error:  # noqa: BLE001
                where = traceback.extract_tb(error.__traceback__)[-1]
                own = [f for f in traceback.extract_tb(error.__traceback__) if "segkit" in f.filename]
                at = own[-1] if own else where
                return Verdict(RAW, f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})")
    return _of_answer(case, result, said)


def by_command(case: Case, seed: int = 0) -> Verdict:
    """Survey the folder of a case by the command line, with all files, and tell how it was answered."""
    from typer.testing import CliRunner

    from segkit.cli import app

    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "folder", Path(name) / "out"
        folder.mkdir()
        write(case, folder, seed)
        options = ["--out", str(out), "--profiles", str(N_PROFILES), "--bootstrap", str(DRAWS)]
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            done = CliRunner().invoke(app, ["survey", str(folder), *options])
        whole = (out / "report.html").is_file() and (out / "run.json").is_file()
    words = done.output.strip().splitlines()[-1:] or [""]
    if "\x1b" in done.output or not isinstance(done.exception, SystemExit | None):
        return Verdict(RAW, f"{done.exception!r}; {words[0]}")
    if foreign := _foreign(said):
        return Verdict(RAW, foreign)
    if done.exit_code == 0:
        return Verdict(ANSWERED) if whole else Verdict(WRONG, "files are missing")
    clear = done.exit_code in {1, 2} and "Traceback" not in done.output and "segkit: " in done.output
    return Verdict(CLEAR if clear else RAW, words[0])


def _foreign(said: list[warnings.WarningMessage]) -> str:
    """Return the first warning that is not ours."""
    other = [w for w in said if not issubclass(w.category, DataWarning | FileWarning)]
    return f"{other[0].category.__name__}: {other[0].message} ({other[0].filename})" if other else ""


def _of_error(case: Case, error: SegkitError, said: list[warnings.WarningMessage]) -> Verdict:
    words = str(error)
    if foreign := _foreign(said):
        return Verdict(RAW, foreign)
    if len(words) < 20 or ":" not in words or (not words.isprintable() and "\x1b" in words):
        return Verdict(RAW, f"no clear words: {words!r}")
    if case.answer == SAME:
        return Verdict(WRONG, f"an equivalent folder was refused: {words}")
    return Verdict(CLEAR, words)


def _of_answer(case: Case, result: Survey, said: list[warnings.WarningMessage]) -> Verdict:
    if foreign := _foreign(said):
        return Verdict(RAW, foreign)
    if _not_finite(result):
        return Verdict(WRONG, f"infinite: {_not_finite(result)}")
    expected, told = answer_of_base(case.base)
    other = _difference(result, expected)
    if not other:
        return Verdict(AS_BASE)
    words = sorted({str(w.message) for w in said} - set(told))
    if case.answer == ANY or (case.answer == REFUSED and words):
        return Verdict(ANSWERED, words[0] if words else "")
    return Verdict(WRONG, f"{other}; {words}")


def _not_finite(result: Survey) -> str:
    for name in TABLES:
        table = getattr(result, name)
        for column in table.select_dtypes("number"):
            if np.isinf(table[column].to_numpy(dtype=float)).any():
                return f"{name}.{column}"
    return ""


@cache
def answer_of_base(number: int) -> tuple[Survey, tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        folder = Path(name) / "folder"
        folder.mkdir()
        write_draft(base(number), folder)
        result = survey.run(folder, n_bootstrap=DRAWS, n_profiles=N_PROFILES)
    return result, tuple(sorted({str(w.message) for w in said}))


def _difference(result: Survey, expected: Survey) -> str:
    """Name the first table whose figures differ; codes may be others, in the same order."""
    for name in TABLES:
        mine, theirs = (_figures(getattr(s, name)) for s in (result, expected))
        if len(mine) != len(theirs):
            return f"{name} has {len(mine)} rows, not {len(theirs)}"
        for column in theirs:
            if column not in mine:
                return f"{name} lacks {column}"
            close = _PLACES if name == "dispersal" else 1e-9
            if not np.allclose(mine[column], theirs[column], rtol=close, atol=close, equal_nan=True):
                return f"{name}.{column} differs"
    return ""


def _figures(table: pd.DataFrame) -> pd.DataFrame:
    keys = [c for c in ("geography", "indicator", "measure", "period", "group", "area_id") if c in table]
    ordered = table.sort_values(keys, kind="stable") if keys else table
    return pd.DataFrame(ordered.select_dtypes("number")).reset_index(drop=True)
