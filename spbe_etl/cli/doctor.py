"""`spbe-etl doctor`: is everything in place for tonight?"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated

import typer

from spbe_etl.cli.options import AsJson, DataDir, settings_with
from spbe_etl.cli.output import console, safe, show_json
from spbe_etl.composition import open_source
from spbe_etl.errors import DONE, WRONG_CALL, SpbeError
from spbe_etl.extraction import extract_batch, extract_register
from spbe_etl.folders import make_folder
from spbe_etl.instruments import load_instruments
from spbe_etl.judging import suites
from spbe_etl.publishing import open_publication
from spbe_etl.settings import Settings
from spbe_etl.sources import RegisterSource
from spbe_etl.warehouse import Warehouse

Check = tuple[str, Callable[[Settings], str]]


def doctor(
    source: Annotated[str | None, typer.Option(help="The source to try (SPBE_SOURCE).")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check configuration and access; exit 2 when something must be mended first.

    Example: spbe-etl doctor --source var/sample
    """
    settings = settings_with(source=source, data_dir=data_dir)
    results = [_result(name, check, settings) for name, check in CHECKS]
    if as_json:
        show_json(results)
    for one in [] if as_json else results:
        mark = "[green]ok  [/]" if one["is_ok"] else "[red]fail[/]"
        console.print(f"{mark} {one['check']:<12} {safe(one['found'])}", soft_wrap=True)
    raise typer.Exit(DONE if all(one["is_ok"] for one in results) else WRONG_CALL)


def _result(name: str, check: Callable[[Settings], str], settings: Settings) -> dict[str, object]:
    try:
        return {"check": name, "is_ok": True, "found": check(settings)}
    except (SpbeError, OSError) as error:
        return {"check": name, "is_ok": False, "found": str(error)}


def _versions(_: Settings) -> str:
    packages = ("spbe-etl", "duckdb", "great-expectations", "prefect")
    return f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in packages)


def _instruments(_: Settings) -> str:
    return ", ".join(f"{one.code} ({len(one.indicators)} indicators)" for one in load_instruments().values())


def _rules(_: Settings) -> str:
    return f"{sum(len(suite.rules) for suite in suites().values())} rules in {len(suites())} suites"


def _data_dir(settings: Settings) -> str:
    make_folder(settings.data_dir)
    with tempfile.TemporaryFile(dir=settings.data_dir):
        pass
    usage = os.statvfs(settings.data_dir)
    return f"{settings.data_dir} is writable, {usage.f_bavail * usage.f_frsize // 1024**3} GB free"


def _warehouse(settings: Settings) -> str:
    if not settings.warehouse_path.exists():
        return "none yet, the first run makes it"
    warehouse = Warehouse(settings.warehouse_path, load_instruments())
    try:
        (row,) = warehouse.rows("SELECT count(DISTINCT snapshot_on) AS nights FROM history.night")
    finally:
        warehouse.close()
    return f"{settings.warehouse_path} holds {row['nights']} nights"


def _source(settings: Settings) -> str:
    return "; ".join(_institution(source) for source in open_source(settings).registers())


def _institution(source: RegisterSource) -> str:
    """A register that can be read, and every workbook that it names; raises SpbeError with all that can't be."""
    institution, landed = extract_register(source, lambda _: None, datetime.now(UTC))
    if institution is None:
        raise SpbeError(f"{source.key}/{landed.reason}".removeprefix("./"))
    register = institution.register
    read = extract_batch(institution, list(register.references), datetime.now(UTC))
    if reasons := [one.reason for one in read if one.reason]:
        raise SpbeError(f"{register.institution_code}: {len(reasons)} workbooks fail: {' | '.join(reasons)}")
    return f"{register.institution_code} ({register.zone}, {len(register.references)} workbooks can be read)"


def _published(settings: Settings) -> str:
    if not settings.published_path.exists():
        return "nothing yet"
    with open_publication(settings.published_path) as publication:
        (row,) = publication.rows("SELECT max(snapshot_on) AS night, count(*) AS n FROM mart.institution")
    return f"{settings.published_path}: {row['n']} institutions, latest night {row['night']}"


CHECKS: tuple[Check, ...] = (
    ("versions", _versions),
    ("instruments", _instruments),
    ("rules", _rules),
    ("data dir", _data_dir),
    ("warehouse", _warehouse),
    ("source", _source),
    ("published", _published),
)
