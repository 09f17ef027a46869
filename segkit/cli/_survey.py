"""``segkit survey``: the survey of a municipality or of a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from segkit.cli._shared import Language, guard, say
from segkit.words.text import say as sentence
from segkit.words.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
    from segkit.studies.survey import report, run

    folder = out or Path(f"survey-{Path(source).name or 'own'}")
    columns = [c.strip() for c in indicators.split(",") if c.strip()] or None
    with guard(language.value), _display(language.value) as tell:
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
    done = sentence("cli.survey", "done", language.value)
    say(f"{done} {(folder / 'report.html').resolve()}")
    reason = report.pdf_problem()
    if reason:
        left_out = sentence("cli.survey", "no_pdf", language.value)
        say(f"{left_out}: {reason}")


class _display:  # noqa: N801
    """Show the steps as they begin, with a bar where a person is watching."""

    def __init__(self, language: Literal["sv", "en"]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self.words = texts("cli.steps", language)
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
                say(self.words[step], err=True)

        return tell

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            self.progress.update(self.task, completed=len(self.words))
        self.progress.stop()
