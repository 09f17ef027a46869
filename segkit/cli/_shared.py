"""What the commands share: language, errors in one line, tables as text."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

import typer

from segkit.base.locks import Terminated, terminable
from segkit.errors import DataWarning, FileWarning, SegkitError, plain
from segkit.words.text import say as sentence

if TYPE_CHECKING:
    import pandas as pd

    from segkit.base.checks import Language as Spoken


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
    """Turn segkit's errors into one line on standard error and exit status 2, and end tidily when stopped.

    Stopped by Ctrl-C or by a signal, what is begun is cleaned up, and the exit status is 128 and the
    signal's number. What is warned of the user's data and files is one line each as well.
    """

    def __init__(self, language: Spoken = "sv") -> None:
        self.stopped = sentence("cli.shared", "stopped", language)

    def __enter__(self) -> None:
        self.entered = ExitStack()
        self.entered.enter_context(warnings.catch_warnings())
        usual = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, DataWarning | FileWarning):
                say(f"segkit: {message}", err=True)
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        self.entered.enter_context(terminable())

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.entered.close()
        if isinstance(error, SegkitError):
            say(f"segkit: {error}", err=True)
            raise typer.Exit(2) from error
        if isinstance(error, KeyboardInterrupt | Terminated):
            say(f"segkit: {self.stopped}", err=True)
            raise typer.Exit(int(error.code or 1) if isinstance(error, Terminated) else 130) from error
