"""What the commands share: language, errors in one line, tables as text."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from segkit.errors import SegkitError

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


class guard:  # noqa: N801
    """Turn segkit's errors into one line on standard error and exit status 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SegkitError):
            typer.echo(f"segkit: {error}", err=True)
            raise typer.Exit(2) from error
