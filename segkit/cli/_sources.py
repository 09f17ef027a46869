"""Commands for the public sources: fetch a municipality, and tell which sources answer."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segkit.cli._shared import Language, guard, say
from segkit.errors import InputError, message
from segkit.words.text import texts

if TYPE_CHECKING:
    import pandas as pd

    from segkit.sources import Client
    from segkit.sources.fetching.asking import Geography

Offline = Annotated[bool, typer.Option("--offline", help="Use only what was fetched before")]
Cache = Annotated[Path | None, typer.Option(help="Folder of the answers [default: the user's cache]")]
Spoken = Annotated[Language, typer.Option(help="Language of all texts")]


class Areas(StrEnum):
    """The geographies that can be fetched."""

    deso = "deso"
    regso = "regso"
    both = "both"


def fetch(
    code: Annotated[str, typer.Argument(help="Code of the municipality, four digits, such as 0780")],
    out: Annotated[Path | None, typer.Option(help="Folder for the result [default: the code]")] = None,
    periods: Annotated[str, typer.Option(help="Years, such as 2015-2024 or 2018,2022 [default: all]")] = "",
    indicators: Annotated[str, typer.Option(help="Indicators, separated by commas [default: all]")] = "",
    geography: Annotated[Areas, typer.Option(help="Which areas")] = Areas.both,
    cache: Cache = None,
    language: Spoken = Language.sv,
    *,
    offline: Offline = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again for what was fetched before")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print every request that would be sent, and send none")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace another municipality, or write beside other files")
    ] = False,
) -> None:
    """Fetch a municipality from the public sources into a folder that survey takes."""
    from segkit.sources import fetching

    words = texts("cli.sources", language.value)
    folder = out or Path(code)
    with guard(language.value):
        places: list[Geography] = ["deso", "regso"] if geography is Areas.both else [_only(geography)]
        years, names = _years(periods), [c.strip() for c in indicators.split(",") if c.strip()] or None
        if dry_run:
            asks = _client(cache, offline=offline, refresh=refresh, dry_run=True)
            plan = fetching.requests_for(
                code, geographies=places, periods=years, indicators=names, client=asks
            )
            _print_plan(plan, words)
            return
        asks = _client(cache, offline=offline, refresh=refresh, dry_run=False)
        fetching.fetch(
            code,
            folder,
            geographies=places,
            periods=years,
            indicators=names,
            client=asks,
            force=force,
            language=language.value,
        )
        for what, why in fetching.read(folder).about["left_out"].items():
            say(words["left_out"].format(what=what, why=why), err=True)
        say(words["done"].format(folder=folder.resolve(), name=folder))


def _only(geography: Areas) -> Geography:
    return "deso" if geography is Areas.deso else "regso"


def _years(text: str) -> list[int] | None:
    """Read years such as 2015-2024,2026; nothing is every year."""
    years: list[int] = []
    for part in (p.strip() for p in text.split(",") if p.strip()):
        found = re.fullmatch(r"(\d{4})(?:\s*[-–]\s*(\d{4}))?", part)
        if found is None or int(found[2] or found[1]) < int(found[1]):
            fix = "Write years such as 2015-2024 or 2018,2022."
            raise InputError(message("--periods", "can't be read", [part], fix))
        years += range(int(found[1]), int(found[2] or found[1]) + 1)
    return years or None


def _client(cache: Path | None, *, offline: bool, refresh: bool, dry_run: bool) -> Client:
    """Make the client of a command; where the option is not given, the environment decides on offline."""
    from segkit.sources import Client

    return Client(
        cache=cache,
        offline=True if offline else None,
        refresh=refresh,
        dry_run=dry_run,
        progress=None if dry_run else _Progress(),
    )


def _print_plan(plan: pd.DataFrame, words: dict[str, str]) -> None:
    """Print each request with its body, ready to be compared or sent by hand."""
    for method, url, body, kept, about in plan.itertuples(index=False):
        say(f"{method!s} {url!s}\n    {about!s} [{words['kept' if kept else 'send']}]")
        if body:
            say(f"    {body!s}")
    say(words["plan"].format(n=len(plan), kept=int(plan["kept"].sum())))


class _Progress:
    """Tell what is fetched, each thing once; requests themselves only where they take a person's time."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def __call__(self, what: str, done: int, total: int | None) -> None:
        if what.startswith("http") or what in self.told:
            return
        self.told.add(what)
        part = f" ({done + 1}/{total})" if total and done < total else ""
        say(f"{what}{part}", err=True)


def doctor(
    cache: Cache = None,
    *,
    offline: Offline = False,
) -> None:
    """Tell which sources answer, what is kept on disk, and which versions are installed."""
    from segkit import sources
    from segkit.sources.doctor import checkup
    from segkit.studies.survey import report

    client = sources.Client(cache=cache, offline=offline or None, tries=1, timeout=(5.0, 20.0), refresh=True)
    with guard():
        for check, state, detail in checkup(client).itertuples(index=False):
            say(f"{state:8} {check:13} {detail}")
        reason = report.pdf_problem()
        say(f"{'failed' if reason else 'ok':8} {'pdf':13} {reason or 'weasyprint and pango'}")
