"""What the commands share: language, errors in one line, tables as text."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from segkit._locks import Terminated, terminable
from segkit.errors import FileWarning, SegkitError

if TYPE_CHECKING:
    import pandas as pd


class Language(StrEnum):
    """The languages of all texts."""

    sv = "sv"
    en = "en"


def print_table(table: pd.DataFrame, footer: str) -> None:
    """Print a table as aligned text, so that it can be piped and searched."""
    typer.echo(table.to_string(index=False))
    if footer:
        typer.echo(f"\n{footer}")


_STOPPED = {
    "sv": "avbröts innan allt var klart; kör igen för att få resultatet",
    "en": "was stopped before all was done; run again to get the result",
}


class guard:  # noqa: N801
    """Turn segkit's errors into one line on standard error and exit status 2, and end tidily when stopped.

    Stopped by Ctrl-C or by a signal, what is begun is cleaned up, and the exit status is 128 and the
    signal's number. What is said of the user's files is one line as well.
    """

    def __init__(self, language: str = "sv") -> None:
        self.stopped = _STOPPED[language]

    def __enter__(self) -> None:
        self.entered = ExitStack()
        self.entered.enter_context(warnings.catch_warnings())
        show = warnings.showwarning

        def say(message: Any, category: type[Warning], *where: Any, **more: Any) -> None:
            if issubclass(category, FileWarning):
                typer.echo(f"segkit: {message}", err=True)
            else:
                show(message, category, *where, **more)

        warnings.showwarning = say
        self.entered.enter_context(terminable())

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.entered.close()
        if isinstance(error, SegkitError):
            typer.echo(f"segkit: {error}", err=True)
            raise typer.Exit(2) from error
        if isinstance(error, KeyboardInterrupt | Terminated):
            typer.echo(f"segkit: {self.stopped}", err=True)
            raise typer.Exit(int(error.code or 1) if isinstance(error, Terminated) else 130) from error
