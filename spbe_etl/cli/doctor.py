"""`spbe-etl doctor`: is everything in place for tonight?"""

from __future__ import annotations

import os
import platform
import stat
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from spbe_etl.cli.options import AsJson, DataDir, outside, settings_with
from spbe_etl.cli.output import console, safe, show_json
from spbe_etl.composition import GOOGLE, open_google, open_source, open_writer
from spbe_etl.errors import DONE, WRONG_CALL, SpbeError
from spbe_etl.extraction import drift, extract_batch, extract_register, place_of
from spbe_etl.folders import make_folder
from spbe_etl.google.client import FILES
from spbe_etl.google.credentials import READ_SCOPES, SECRET
from spbe_etl.instruments import load_instruments
from spbe_etl.judging import suites
from spbe_etl.publishing import open_publication
from spbe_etl.references import spreadsheet_id
from spbe_etl.settings import Settings
from spbe_etl.sources import RegisterSource
from spbe_etl.sources.google import FILE_FIELDS
from spbe_etl.warehouse import Warehouse

MOST_NAMED = 10
OK, WARN, FAIL = "ok", "warn", "fail"
MARKS = {OK: "[green]ok  [/]", WARN: "[yellow]warn[/]", FAIL: "[red]fail[/]"}


@dataclass(frozen=True)
class Finding:
    """What a check found. `check`: its name, or whose workbook it's about."""

    check: str
    level: str
    found: str


Check = tuple[str, Callable[[Settings], str | list[Finding]]]


def doctor(
    source: Annotated[str | None, typer.Option(help="The source to try: a folder, or google (SPBE_SOURCE).")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check configuration and access, every workbook too; say who has to do what. Exit 2 when something must be mended.

    Example: spbe-etl doctor --source var/sample
    """
    settings = settings_with(source=source, data_dir=data_dir)
    findings = [one for name, check in CHECKS for one in _findings(name, check, settings)]
    if as_json:
        show_json([{**asdict(one), "is_ok": one.level != FAIL} for one in findings])
    for one in [] if as_json else findings:
        console.print(f"{MARKS[one.level]} {safe(one.check):<12} {safe(one.found)}", soft_wrap=True)
    raise typer.Exit(WRONG_CALL if any(one.level == FAIL for one in findings) else DONE)


def _findings(name: str, check: Callable[[Settings], str | list[Finding]], settings: Settings) -> list[Finding]:
    try:
        found = check(settings)
    except (SpbeError, OSError) as error:
        return [Finding(name, FAIL, str(error))]
    return [Finding(name, OK, found)] if isinstance(found, str) else found


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


def _google(settings: Settings) -> str | list[Finding]:
    """Key, scopes and Drive of the reading account, and of the writing one if there's one."""
    if settings.source != GOOGLE:
        return []
    reader = open_google(settings, READ_SCOPES, outside())
    registers = {spreadsheet_id(one) for one in settings.google_register.split(",")}
    seen = {one["id"] for one in reader.files(FILES, FILE_FIELDS) if not one.get("trashed")} - registers
    text = f"{reader.account.email} can see {len(seen)} spreadsheets beside the register (read only)"
    found = [Finding("google", OK, text)]
    keys = filter(None, (settings.google_credentials, settings.google_writer_credentials))
    for key in (key for key in keys if not key.startswith(SECRET)):
        if Path(key).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            found.append(Finding("google", WARN, f"others can read {key}: chmod 600 {key}"))
    if settings.google_writer_credentials:
        writer = open_writer(settings, outside())
        lacking = sorted(seen - writer.editable())
        if lacking:
            text = f"{writer.email} can't write into {len(lacking)} of them, so no feedback there: share as Editor"
            found.append(Finding("google", WARN, f"{text} ({', '.join(lacking[:MOST_NAMED])})"))
        found.append(Finding("google", OK, f"{writer.email} writes feedback"))
    return found


def _source(settings: Settings) -> list[Finding]:
    source = open_source(settings, outside())
    return [one for register in source.registers() for one in _institution(register)]


def _institution(source: RegisterSource) -> list[Finding]:
    """A register that can be read, and a finding for every workbook that can't, or that drifts from the contract."""
    institution, landed = extract_register(source, lambda _: None, datetime.now(UTC))
    if institution is None:
        return [Finding("register", FAIL, place_of(source, landed) + landed.reason)]
    register = institution.register
    read = list(extract_batch(institution, list(register.references), {}, datetime.now(UTC)))
    failed = [Finding(one.opd_code, FAIL, one.reason) for one in read if one.reason]
    drifted = [Finding(one.opd_code or "register", WARN, text) for one in (landed, *read) for text in drift(one)]
    count = f"{len(read) - len(failed)} of {len(read)} workbooks can be read"
    summary = Finding("source", FAIL if failed else OK, f"{register.institution_code} ({register.zone}), {count}")
    return [summary, *failed, *drifted]


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
    ("google", _google),
    ("source", _source),
    ("published", _published),
)
