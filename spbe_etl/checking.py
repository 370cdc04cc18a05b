"""Is everything in place for tonight? Used by the command `doctor` and by the flow that looks every morning."""

from __future__ import annotations

import os
import platform
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from spbe_etl.composition import GOOGLE, Outside, hold_lock, open_google, open_source, open_writer
from spbe_etl.errors import BusyError, SpbeError
from spbe_etl.extraction import drift, extract_batch, extract_register, place_of
from spbe_etl.folders import make_folder
from spbe_etl.google.client import FILES
from spbe_etl.google.credentials import READ_SCOPES, SECRET
from spbe_etl.instruments import load_instruments
from spbe_etl.inventory.code_lists import list_names, read_code_lists
from spbe_etl.inventory.decisions import DECISION_FILE
from spbe_etl.inventory.overlaps import read_decisions
from spbe_etl.judging import suites
from spbe_etl.publishing import open_publication
from spbe_etl.references import spreadsheet_id
from spbe_etl.settings import Settings
from spbe_etl.sources import RegisterSource
from spbe_etl.sources.google import FILE_FIELDS
from spbe_etl.warehouse import Warehouse, sql

MOST_NAMED = 10
OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True)
class Finding:
    """What a check found. `check`: its name, or whose workbook it's about."""

    check: str
    level: str
    found: str


Check = tuple[str, Callable[[Settings, Outside], str | list[Finding]]]


def findings(settings: Settings, outside: Outside) -> list[Finding]:
    """What every check found, in order; a check that can't be made is a finding too."""
    return [one for name, check in CHECKS for one in _findings(name, check, settings, outside)]


def _findings(
    name: str, check: Callable[[Settings, Outside], str | list[Finding]], settings: Settings, outside: Outside
) -> list[Finding]:
    try:
        found = check(settings, outside)
    except (SpbeError, OSError) as error:
        return [Finding(name, FAIL, str(error))]
    return [Finding(name, OK, found)] if isinstance(found, str) else found


def _versions(_: Settings, __: Outside) -> str:
    packages = ("spbe-etl", "duckdb", "great-expectations", "prefect")
    return f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in packages)


def _instruments(_: Settings, __: Outside) -> str:
    return ", ".join(f"{one.code} ({len(one.indicators)} indicators)" for one in load_instruments().values())


def _rules(_: Settings, __: Outside) -> str:
    return f"{sum(len(suite.rules) for suite in suites().values())} rules in {len(suites())} suites"


def _data_dir(settings: Settings, _: Outside) -> str:
    make_folder(settings.data_dir)
    with tempfile.TemporaryFile(dir=settings.data_dir):
        pass
    usage = os.statvfs(settings.data_dir)
    return f"{settings.data_dir} is writable, {usage.f_bavail * usage.f_frsize // 1024**3} GB free"


def _warehouse(settings: Settings, _: Outside) -> str:
    if not settings.warehouse_path.exists():
        return "none yet, the first run makes it"
    try:
        with hold_lock(settings, 0), closing(Warehouse(settings.warehouse_path, load_instruments())) as warehouse:
            (row,) = warehouse.rows("SELECT count(DISTINCT snapshot_on) AS nights FROM history.night")
    except BusyError:
        return "a run is at work in it"
    return f"{settings.warehouse_path} holds {row['nights']} nights"


def _google(settings: Settings, outside: Outside) -> str | list[Finding]:
    """Key, scopes and Drive of the reading account, and of the writing one if there's one."""
    if settings.source != GOOGLE:
        return []
    reader = open_google(settings, READ_SCOPES, outside)
    registers = {spreadsheet_id(one) for one in settings.google_register.split(",")}
    seen = {one["id"] for one in reader.files(FILES, FILE_FIELDS) if not one.get("trashed")} - registers
    text = f"{reader.account.email} can see {len(seen)} spreadsheets beside the register (read only)"
    found = [Finding("google", OK, text)]
    keys = filter(None, (settings.google_credentials, settings.google_writer_credentials))
    for key in (key for key in keys if not key.startswith(SECRET)):
        if Path(key).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            found.append(Finding("google", WARN, f"others can read {key}: chmod 600 {key}"))
    if settings.google_writer_credentials:
        writer = open_writer(settings, outside)
        lacking = sorted(seen - writer.editable())
        if lacking:
            text = f"{writer.email} can't write into {len(lacking)} of them, so no feedback there: share as Editor"
            found.append(Finding("google", WARN, f"{text} ({', '.join(lacking[:MOST_NAMED])})"))
        found.append(Finding("google", OK, f"{writer.email} writes feedback"))
    return found


def _source(settings: Settings, outside: Outside) -> list[Finding]:
    source = open_source(settings, outside)
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


def _reference(settings: Settings, _: Outside) -> list[Finding]:
    """Files that the user added: lists of codes and decisions on overlaps, and what's there that nobody reads."""
    folder = settings.reference_dir
    found = [Finding("reference", OK, f"{path}: {len(rows)} codes") for path, rows in read_code_lists(folder).items()]
    path = folder / DECISION_FILE
    if path.exists():
        decisions = read_decisions(path).to_pylist()
        found.append(Finding("reference", OK, f"{path}: {len(decisions)} decisions on pairs of applications"))
        if lost := _unlisted(settings, decisions):
            text = f"{path}: no such application is listed (any more): {', '.join(lost[:MOST_NAMED])}"
            found.append(Finding("reference", WARN, text))
    read = {DECISION_FILE, *(f"{name}.csv" for name in list_names())}
    others = sorted(one.name for one in folder.iterdir() if one.name not in read) if folder.is_dir() else []
    if unread := [name for name in others if not name.startswith(".")]:
        text = (
            f"{folder}: nobody reads {', '.join(unread[:MOST_NAMED])}. Files that are read: {', '.join(sorted(read))}"
        )
        found.append(Finding("reference", WARN, text))
    return found or [Finding("reference", OK, f"no lists of codes and no decisions in {folder}, which may be")]


def _unlisted(settings: Settings, decisions: Sequence[Mapping[str, str | None]]) -> list[str]:
    """Applications that are decided on and that nobody lists, as OPD/ID."""
    if not settings.published_path.exists():
        return []
    with open_publication(settings.published_path) as publication:
        rows = publication.rows(sql("ask/inventory_application"), {"institution": None})
    listed = {f"{row['listed_by_opd_code']}/{row['object_id']}".upper() for row in rows}
    named = {f"{row[f'opd_{side}']}/{row[f'id_{side}']}" for row in decisions for side in "ab"}
    return sorted(named - listed)


def _published(settings: Settings, _: Outside) -> str:
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
    ("reference", _reference),
    ("published", _published),
)
