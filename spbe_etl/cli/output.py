"""How the command line shows things: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from spbe_etl.progress import listener
from spbe_etl.resources import seed

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

STAGE_NAMES = {row["stage"]: row["stage_name"] for row in seed("stage")}
"""Stages in their order, as people call them."""


def show_json(value: object) -> None:
    """Print a result as JSON on standard output: decimals as strings with their digits, dates as ISO text."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    print(text.encode(errors="replace").decode())  # a file's name may be no text


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


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
        shown.add_column(name, justify="right" if position in aligned else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(safe(value) for value in row))
    console.print(shown)


@contextmanager
def progress(hidden: bool) -> Iterator[None]:
    """A bar on standard error that follows the steps."""
    columns = (SpinnerColumn(), TextColumn("{task.description:<34}"), BarColumn(20), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=hidden or not errors.is_terminal) as bar:
        task = bar.add_task("start", total=None)
        token = listener.set(lambda name: bar.update(task, description=name))
        try:
            yield
        finally:
            listener.reset(token)


def show_failures(title: str, failures: Sequence[Mapping[str, Any]]) -> None:
    """Print workbooks that failed, if any, and why."""
    rows = [
        (one["institution_code"], one["opd_code"] or "register", one["last_good_on"] or "-", one["reason"])
        for one in failures
    ]
    if rows:
        console.print(f"[bold]{safe(title)}[/]")
        table("", ("Instansi", "OPD", "Data dari malam", "Sebab"), rows)


def show_feedback(feedback: Mapping[str, Any]) -> None:
    """Print what was answered in the OPD's spreadsheets."""
    written, unchanged = len(feedback["written"]), len(feedback["unchanged"])
    closed = f", {len(feedback['unread'])} tidak dapat dibuka" if feedback["unread"] else ""
    console.print(f"Hasil pemeriksaan: ditulis ke {written} spreadsheet OPD, {unchanged} lainnya sudah sesuai{closed}.")
    show_failures("Hasil pemeriksaan yang belum dapat ditulis", feedback["failed"])


def pick(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Some of a row's columns, in the order given."""
    return {name: row[name] for name in names}
