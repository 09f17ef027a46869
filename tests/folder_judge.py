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
from segkit.errors import DataWarning, SegkitError

if TYPE_CHECKING:
    from segkit._result import Survey

DRAWS, N_PROFILES = 99, 3
TABLES = ("areas", "profiles", "periods", "trends", "changes", "growth", "dispersal", "history", "courses")

AS_BASE, ANSWERED, CLEAR, RAW, WRONG = "as the base", "answered", "clear error", "raw", "silently wrong"
OUTCOMES = (AS_BASE, ANSWERED, CLEAR, RAW, WRONG)


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
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                own = [f for f in traceback.extract_tb(error.__traceback__) if "segkit" in f.filename]
                at = own[-1] if own else where
                return Verdict(RAW, f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})")
    return _of_answer(case, result, said)


def _foreign(said: list[warnings.WarningMessage]) -> str:
    """Return the first warning that is not ours."""
    other = [w for w in said if not issubclass(w.category, DataWarning)]
    return f"{other[0].category.__name__}: {other[0].message} ({other[0].filename})" if other else ""


def _of_error(case: Case, error: SegkitError, said: list[warnings.WarningMessage]) -> Verdict:
    words = str(error)
    if foreign := _foreign(said):
        return Verdict(RAW, foreign)
    if len(words) < 20 or ":" not in words or not words.isprintable() and "\x1b" in words:
        return Verdict(RAW, f"no clear words: {words!r}")
    if case.answer == SAME:
        return Verdict(WRONG, f"an equivalent folder was refused: {words}")
    return Verdict(CLEAR, words)


def _of_answer(case: Case, result: Survey, said: list[warnings.WarningMessage]) -> Verdict:
    if foreign := _foreign(said):
        return Verdict(RAW, foreign)
    if _not_finite(result):
        return Verdict(WRONG, f"infinite: {_not_finite(result)}")
    expected, told = _answer_of_base(case.base)
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
def _answer_of_base(number: int) -> tuple[Survey, tuple[str, ...]]:
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
            if not np.allclose(mine[column], theirs[column], rtol=1e-9, atol=1e-9, equal_nan=True):
                return f"{name}.{column} differs"
    return ""


def _figures(table: pd.DataFrame) -> pd.DataFrame:
    keys = [c for c in ("geography", "indicator", "measure", "period", "group", "area_id") if c in table]
    ordered = table.sort_values(keys, kind="stable") if keys else table
    return pd.DataFrame(ordered.select_dtypes("number")).reset_index(drop=True)
