"""`spbe-etl doctor`: is everything in place for tonight?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from spbe_etl.checking import FAIL, OK, WARN, findings
from spbe_etl.cli.options import AsJson, DataDir, outside, settings_with
from spbe_etl.cli.output import console, safe, show_json
from spbe_etl.errors import DONE, WRONG_CALL

MARKS = {OK: "[green]ok  [/]", WARN: "[yellow]warn[/]", FAIL: "[red]fail[/]"}


def doctor(
    source: Annotated[str | None, typer.Option(help="The source to try: a folder, or google (SPBE_SOURCE).")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check configuration and access, every workbook too; say who has to do what. Exit 2 when something must be mended.

    Example: spbe-etl doctor --source var/sample
    """
    settings = settings_with(source=source, data_dir=data_dir)
    found = findings(settings, outside())
    if as_json:
        show_json([{**asdict(one), "is_ok": one.level != FAIL} for one in found])
    for one in [] if as_json else found:
        console.print(f"{MARKS[one.level]} {safe(one.check):<12} {safe(one.found)}", soft_wrap=True)
    raise typer.Exit(WRONG_CALL if any(one.level == FAIL for one in found) else DONE)
