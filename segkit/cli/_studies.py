"""Commands for the municipalities' own questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segkit.base.folders import check_folder
from segkit.cli._shared import Language, guard, say
from segkit.errors import InputError, message
from segkit.words.text import say as sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from segkit.studies import Study

Out = Annotated[Path | None, typer.Option(help="Folder for the results [default: STUDY-SOURCE]")]
Spoken = Annotated[Language, typer.Option(help="Language of all texts")]
Force = Annotated[bool, typer.Option("--force", help="Write into a folder that holds other files")]


def followup(
    municipality: Annotated[str, typer.Argument(help="An embedded municipality, or a code")] = "kalmar",
    peers: Annotated[str, typer.Option(help="Codes to compare with, separated by commas")] = "",
    years: Annotated[str, typer.Option(help="Years, separated by commas [default: every second]")] = "",
    cache: Annotated[Path | None, typer.Option(help="Folder of what is fetched")] = None,
    out: Out = None,
    language: Spoken = Language.sv,
    *,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch what Kolada has")] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="With --fetch: only what was fetched before")
    ] = False,
    force: Force = False,
) -> None:
    """Follow up the key figures: by sex, against Sweden and peers, and what is missing and why."""
    from segkit import sources, studies

    chosen = _listed(peers) or None

    def make() -> Study:
        periods = [_year(text) for text in _listed(years)] or None
        figures = None
        if fetch:
            client = sources.Client(cache=cache, offline=offline or None)
            figures = studies.fetched_figures(municipality, chosen, periods, client=client)
        return studies.follow_up(municipality, chosen, periods, figures=figures, language=language.value)

    _write(make, out or Path(f"followup-{municipality}"), language, force=force)


def fields(
    source: Annotated[str, typer.Argument(help="An embedded municipality, or a folder")] = "motala",
    draws: Annotated[int, typer.Option(help="Draws of intervals and tests", min=99)] = 999,
    seed: Annotated[int, typer.Option(help="Seed of everything random", min=0)] = 0,
    out: Out = None,
    language: Spoken = Language.sv,
    *,
    force: Force = False,
) -> None:
    """Map the areas in five fields: mapping, analysis, the frame of a plan, and what is missing."""
    from segkit import studies

    def make() -> Study:
        return studies.field_study(source, n_draws=draws, random_state=seed, language=language.value)

    _write(make, out or Path(f"fields-{Path(source).name or 'own'}"), language, force=force)


def screen(
    source: Annotated[str, typer.Argument(help="An embedded municipality, or a folder")] = "katrineholm",
    rule: Annotated[str, typer.Option(help="weakest, danish, or a TOML file with a rule")] = "weakest",
    at_least: Annotated[
        int | None, typer.Option(help="How many criteria must hold [default: as the rule says]", min=1)
    ] = None,
    published: Annotated[
        Path | None, typer.Option("--list", help="Text file of codes to compare with, one a line")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random", min=0)] = 0,
    out: Out = None,
    language: Spoken = Language.sv,
    *,
    force: Force = False,
) -> None:
    """Screen areas by a rule: who meets it, every distance, what moves with a threshold."""
    from segkit import studies

    def make() -> Study:
        codes = None if published is None else studies.read_codes(published)
        return studies.screening_study(
            source,
            rule,
            at_least=at_least,
            published=codes,
            random_state=seed,
            language=language.value,
        )

    _write(make, out or Path(f"screen-{Path(source).name or 'own'}"), language, force=force)


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

    chosen = _listed(treated) or None

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


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _year(text: str) -> int:
    if not text.isdecimal():
        raise InputError(message("years", f"has {text!r}, must be years separated by commas"))
    return int(text)


def _write(make: Callable[[], Study], folder: Path, language: Language, *, force: bool) -> None:
    """Make a study, write it, and say where the report lies."""
    from segkit.studies.study import REPORT

    with guard(language.value):
        check_folder(folder, force=force, language=language.value)
        make().write(folder, force=force)
    done = sentence("cli.survey", "done", language.value)
    say(f"{done} {(folder / REPORT).resolve()}")
