"""Commands that list what segkit knows: examples, indicators, measures."""

from __future__ import annotations

from typing import Annotated

import typer

from segkit.cli._shared import Language, guard, print_table, say


def examples() -> None:
    """List the embedded municipalities and geographies."""
    from segkit.panels import areas

    with guard():
        print_table(areas.examples(), "segkit survey kalmar --out DIR")


def list_indicators(
    language: Annotated[Language, typer.Option(help="Language of labels")] = Language.sv,
) -> None:
    """List the catalogue of indicators: id, label, unit, direction, source."""
    from segkit.catalogue import indicators

    with guard():
        table = indicators.catalogue().reset_index()
        columns = ["id", f"label_{language.value}", f"unit_{language.value}", "direction", "source"]
        print_table(table[columns], "")


def list_measures(
    language: Annotated[Language, typer.Option(help="Language of the text")] = Language.sv,
) -> None:
    """List the measures as tables in Markdown: letter, range, what a high value means, source."""
    from segkit.measures import listing

    with guard():
        say(listing.markdown(language=language.value))
