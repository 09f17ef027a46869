"""The command line: ``segkit survey kalmar --out DIR``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segkit import __version__
from segkit.errors import SegkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

app = typer.Typer(
    help="Socioeconomic area analysis for Swedish municipalities.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_STEPS = {
    "sv": {
        "read": "Läser områden och indikatorer",
        "profiles": "Beräknar index och profiler",
        "trends": "Mäter polarisering och segregation över tid",
        "claims": "Prövar påståenden",
        "write": "Skriver rapport, kartor och tabeller",
    },
    "en": {
        "read": "Reading areas and indicators",
        "profiles": "Computing index and profiles",
        "trends": "Measuring polarization and segregation over time",
        "claims": "Testing statements",
        "write": "Writing report, maps and tables",
    },
}


class Language(StrEnum):
    """The languages of all texts."""

    sv = "sv"
    en = "en"


def _version(*, value: bool) -> None:
    if value:
        typer.echo(f"segkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=lambda value: _version(value=value), is_eager=True)
    ] = False,
) -> None:
    """Socioeconomic area analysis for Swedish municipalities."""


@app.command()
def survey(
    source: Annotated[
        str,
        typer.Argument(
            help="An embedded municipality (see: segkit examples), or a folder with areas.* and indicators.*"
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Folder for the results [default: survey-SOURCE]")] = None,
    language: Annotated[Language, typer.Option(help="Language of all texts")] = Language.sv,
    profiles: Annotated[int, typer.Option(help="Number of profiles", min=2)] = 5,
    seed: Annotated[int, typer.Option(help="Seed of everything random", min=0)] = 0,
    bootstrap: Annotated[int, typer.Option(help="Draws for the intervals", min=99)] = 999,
    indicators: Annotated[str, typer.Option(help="Indicators of the profiles, separated by commas")] = "",
    area_id: Annotated[str, typer.Option(help="Column with the areas' codes in your own files")] = "area_id",
    name: Annotated[str, typer.Option(help="Column with the areas' names in your own files")] = "name",
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that holds other files")
    ] = False,
) -> None:
    """Survey a municipality: profiles, polarization over time, maps, report, tables."""
    from segkit import report
    from segkit.survey import run

    folder = out or Path(f"survey-{Path(source).name or 'own'}")
    columns = [c.strip() for c in indicators.split(",") if c.strip()] or None
    with _guard(), _display(language.value) as tell:
        run(
            source,
            out=folder,
            language=language.value,
            n_profiles=profiles,
            columns=columns,
            n_bootstrap=bootstrap,
            random_state=seed,
            area_id=area_id,
            name=name,
            force=force,
            progress=tell,
        )
    done = "Rapporten ligger i" if language is Language.sv else "The report is in"
    typer.echo(f"{done} {(folder / 'report.html').resolve()}")
    reason = report.pdf_problem()
    if reason:
        left_out = {"sv": "report.pdf skrevs inte", "en": "report.pdf was not written"}[language.value]
        typer.echo(f"{left_out}: {reason}")


@app.command()
def examples() -> None:
    """List the embedded municipalities and geographies."""
    from segkit import areas

    with _guard():
        _print(areas.examples(), "segkit survey kalmar --out DIR")


@app.command(name="indicators")
def list_indicators(
    language: Annotated[Language, typer.Option(help="Language of labels")] = Language.sv,
) -> None:
    """List the catalogue of indicators: id, label, unit, direction, source."""
    from segkit import indicators

    with _guard():
        table = indicators.catalogue().reset_index()
        columns = ["id", f"label_{language.value}", f"unit_{language.value}", "direction", "source"]
        _print(table[columns], "")


@app.command(name="measures")
def list_measures(
    language: Annotated[Language, typer.Option(help="Language of the text")] = Language.sv,
) -> None:
    """List the measures as tables in Markdown: letter, range, what a high value means, source."""
    from segkit import measures

    with _guard():
        typer.echo(measures.markdown(language=language.value))


def _print(table: pd.DataFrame, footer: str) -> None:
    """Print a table as aligned text, so that it can be piped and searched."""
    typer.echo(table.to_string(index=False))
    if footer:
        typer.echo(f"\n{footer}")


class _guard:  # noqa: N801
    """Turn segkit's errors into one line on standard error and exit status 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SegkitError):
            typer.echo(f"segkit: {error}", err=True)
            raise typer.Exit(2) from error


class _display:  # noqa: N801
    """Show the steps as they begin, with a bar where a person is watching."""

    def __init__(self, language: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self.words = _STEPS[language]
        self.console = Console(file=sys.stderr)
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=self.console,
            transient=False,
        )

    def __enter__(self) -> Callable[[str], None]:
        watched = self.console.is_terminal
        if watched:
            self.progress.start()
        self.task = self.progress.add_task("", total=len(self.words))
        steps: Iterator[int] = iter(range(len(self.words)))

        def tell(step: str) -> None:
            if watched:
                self.progress.update(self.task, description=self.words[step], completed=next(steps))
            else:
                typer.echo(self.words[step], err=True)

        return tell

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            self.progress.update(self.task, completed=len(self.words))
        self.progress.stop()


def main() -> None:
    """Run the command line."""
    app()
