"""The command line: ``segkit survey kalmar --out DIR``; a module for each group of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from segkit.base.namespace import public
from segkit.base.version import __version__
from segkit.cli import _lists, _sources, _studies, _survey
from segkit.cli._shared import say

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["COMMANDS", "app", "main"]

__dir__ = public(__all__)

#: The commands in the order in which help shows them.
COMMANDS: dict[str, Callable[..., None]] = {
    "fetch": _sources.fetch,
    "survey": _survey.survey,
    "followup": _studies.followup,
    "fields": _studies.fields,
    "screen": _studies.screen,
    "area": _studies.area,
    "evaluate": _studies.evaluate,
    "doctor": _sources.doctor,
    "examples": _lists.examples,
    "indicators": _lists.list_indicators,
    "measures": _lists.list_measures,
}

app = typer.Typer(
    help="Socioeconomic area analysis for Swedish municipalities.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for _name, _command in COMMANDS.items():
    app.command(name=_name)(_command)


def _version(*, value: bool) -> None:
    if value:
        say(f"segkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=lambda value: _version(value=value), is_eager=True)
    ] = False,
) -> None:
    """Socioeconomic area analysis for Swedish municipalities."""


def main() -> None:
    """Run the command line."""
    app()
