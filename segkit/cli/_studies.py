"""Commands for the municipalities' own questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segkit.cli._shared import Language, guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from segkit.studies import Study

Out = Annotated[Path | None, typer.Option(help="Folder for the results [default: STUDY-SOURCE]")]
Spoken = Annotated[Language, typer.Option(help="Language of all texts")]
Force = Annotated[bool, typer.Option("--force", help="Write into a folder that holds other files")]


def followup(
    municipality: Annotated[str, typer.Argument(help="An embedded municipality, or a code")] = "kalmar",
    peers: Annotated[str, typer.Option(help="Codes to compare with, separated by commas")] = "",
    out: Out = None,
    language: Spoken = Language.sv,
    *,
    force: Force = False,
) -> None:
    """Follow up the key figures: by sex, against Sweden and peers, and what is missing and why."""
    from segkit import studies

    chosen = [code.strip() for code in peers.split(",") if code.strip()] or None

    def make() -> Study:
        return studies.follow_up(municipality, chosen, language=language.value)

    _write(make, out or Path(f"followup-{municipality}"), language, force=force)


def evaluate(
    source: Annotated[
        str, typer.Argument(help="An embedded municipality with election districts")
    ] = "kalmar",
    outcome: Annotated[str, typer.Option(help="The indicator")] = "turnout",
    treated: Annotated[str, typer.Option(help="Codes of the districts, separated by commas")] = "",
    start: Annotated[int, typer.Option(help="The first period after")] = 2026,
    seed: Annotated[int, typer.Option(help="Seed of the lots", min=0)] = 0,
    out: Out = None,
    language: Spoken = Language.sv,
    *,
    force: Force = False,
) -> None:
    """Did it work: districts that got something beside the others, and what the data allow."""
    from segkit import studies

    chosen = [code.strip() for code in treated.split(",") if code.strip()] or None

    def make() -> Study:
        return studies.did_it_work(
            source,
            outcome=outcome,
            treated=chosen,
            start=start,
            language=language.value,
            random_state=seed,
        )

    _write(make, out or Path(f"evaluate-{source}"), language, force=force)


def area(
    code: Annotated[str, typer.Argument(help="Code of an area, such as 0880C1220")],
    source: Annotated[
        str, typer.Option(help="An embedded municipality or a folder [default: by the code]")
    ] = "",
    seed: Annotated[int, typer.Option(help="Seed of everything random", min=0)] = 0,
    out: Out = None,
    language: Spoken = Language.sv,
    *,
    force: Force = False,
) -> None:
    """Study an area's development: areas like it, what they did after, and rises beside chance."""
    from segkit import studies

    def make() -> Study:
        return studies.area_study(code, source=source or None, language=language.value, random_state=seed)

    _write(make, out or Path(f"area-{code}"), language, force=force)


def _write(make: Callable[[], Study], folder: Path, language: Language, *, force: bool) -> None:
    """Make a study, write it, and say where the report lies."""
    from segkit.studies._study import REPORT

    with guard():
        make().write(folder, force=force)
    done = "Rapporten ligger i" if language is Language.sv else "The report is in"
    typer.echo(f"{done} {(folder / REPORT).resolve()}")
