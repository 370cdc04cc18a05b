"""How the command line shows things: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from spbe_etl.resources import seed

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

STAGE_NAMES = {row["stage"]: row["stage_name"] for row in seed("stage")}
"""Stages in their order, as people call them."""


def show_json(value: object) -> None:
    """Print a result as JSON on standard output: decimals as strings with their digits, dates as ISO text."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def number(value: Decimal | None, digits: int = 2) -> str:
    """A figure as Indonesians write it: decimal comma, a dash for none."""
    return "-" if value is None else f"{value:.{digits}f}".replace(".", ",")


def safe(value: object) -> str:
    """Text from a cell for a terminal: no control characters, no markup."""
    text = "" if value is None else str(value)
    return escape("".join(c if c.isprintable() else " " for c in text))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[int] = ()) -> None:
    """Print a table; `right` are the columns to align right."""
    shown = Table(
        title=safe(title),
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    aligned = set(right)
    for position, name in enumerate(columns):
        shown.add_column(name, justify="right" if position in aligned else "left")
    for row in rows:
        shown.add_row(*(safe(value) for value in row))
    console.print(shown)


def pick(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Some of a row's columns, in the order given."""
    return {name: row[name] for name in names}
