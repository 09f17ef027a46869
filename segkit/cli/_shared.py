"""What the commands share: language, errors in one line, tables as text."""

from __future__ import annotations

import warnings
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

import typer

from segkit.errors import DataWarning, SegkitError, plain

if TYPE_CHECKING:
    import pandas as pd


class Language(StrEnum):
    """The languages of all texts."""

    sv = "sv"
    en = "en"


def say(text: str, *, err: bool = False) -> None:
    """Print a text, whoever wrote it: what would steer the terminal is spelled out."""
    typer.echo(plain(text), err=err)


def print_table(table: pd.DataFrame, footer: str) -> None:
    """Print a table as aligned text, so that it can be piped and searched."""
    say(table.to_string(index=False))
    if footer:
        say(f"\n{footer}")


class guard:  # noqa: N801
    """Turn segkit's errors into one line on standard error and exit status 2, and its warnings into lines."""

    def __enter__(self) -> None:
        self._before = warnings.catch_warnings()
        self._before.__enter__()
        usual = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, DataWarning):
                say(f"segkit: {message}", err=True)
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.showwarning = show

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._before.__exit__(None, None, None)
        if isinstance(error, SegkitError):
            say(f"segkit: {error}", err=True)
            raise typer.Exit(2) from error
