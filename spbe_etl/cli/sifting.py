"""What the views of the inventories share: whose they are, how much of a long list is shown, words for codes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated, TypeVar

import typer

from spbe_etl.cli.ask import ask
from spbe_etl.cli.output import console
from spbe_etl.resources import seed
from spbe_etl.settings import Settings

MOST_LINES = 50
Line = TypeVar("Line")

Opd = Annotated[str | None, typer.Option(help="Only this OPD, by its code. Default: all.")]
Everything = Annotated[bool, typer.Option("--all", help="Every line, however long a list is.")]


def sifted(lines: Sequence[Line], everything: bool, most: int = MOST_LINES) -> tuple[Sequence[Line], int]:
    """The lines to show, and how many more there are."""
    shown = lines if everything else lines[:most]
    return shown, len(lines) - len(shown)


def tell_left(count: int) -> None:
    """Say how to see the lines that aren't shown, if any."""
    if count:
        console.print(f"... dan {count} lagi; semuanya dengan --all.")


def names_of(settings: Settings) -> dict[str, str]:
    """Institutions as a heading calls them, by code."""
    return {
        row["institution_code"]: f"{row['institution_name'] or ''} ({row['institution_code']})".strip()
        for row in ask(settings, "institution", institution=None)
    }


@cache
def words(about: str) -> dict[str, str]:
    """Codes of one kind, in their order, as people say them (Bahasa)."""
    return {row["code"]: row["word"] for row in seed("inventory_word") if row["about"] == about}
