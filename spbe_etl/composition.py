"""Puts a night together from settings: the lock, the warehouse, the source. Used by the flow and the command line."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from filelock import Timeout

from spbe_etl.analysis import analyse
from spbe_etl.backfilling import Backfill, NightAgain
from spbe_etl.deriving import derive_at, derive_latest
from spbe_etl.errors import BusyError, ConfigurationError, PublicationError
from spbe_etl.extraction import extract_register
from spbe_etl.feedback import Reply, compose
from spbe_etl.folders import hold
from spbe_etl.google.client import Google, Limits
from spbe_etl.google.credentials import READ_SCOPES, WRITE_SCOPES, Account, ReadSecret, load_account, no_secrets
from spbe_etl.google.marking import SpreadsheetMarks
from spbe_etl.google.quota import Budget, Clock, Shared, Throttle, alone
from spbe_etl.instruments import Instrument, load_instruments
from spbe_etl.inventory.code_lists import load_code_lists
from spbe_etl.inventory.decisions import load_decisions
from spbe_etl.judging import warm_up
from spbe_etl.night import Night
from spbe_etl.publishing import Edition, open_publication, publish
from spbe_etl.report import report_published
from spbe_etl.rollback import newest_run
from spbe_etl.runs import Request
from spbe_etl.safekeeping import keep_copy, restore_if_damaged
from spbe_etl.settings import Settings
from spbe_etl.sources import Source
from spbe_etl.sources.folder import FolderSource, start_readers
from spbe_etl.sources.google import GoogleSource
from spbe_etl.warehouse import Warehouse

GOOGLE = "google"


@dataclass(frozen=True)
class Outside:
    """What a run may be given from around it: a secret store, and its turn among other workers."""

    read_secret: ReadSecret = no_secrets
    shared: Shared = alone


NOTHING = Outside()
REAL_TIME = Clock()
PAUSE_SECONDS_A_RETRY = 12
"""How long a run waits in all while others use up the quota: three minutes with the usual number of retries."""


def new_request(night: date | None = None, accepted: Sequence[str] = (), *, is_full: bool = False) -> Request:
    """A request for a run that starts now."""
    now = datetime.now(UTC)
    return Request(now, f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", night, tuple(accepted), is_full)


def open_source(settings: Settings, outside: Outside = NOTHING) -> Source:
    """The source that the settings name; raises ConfigurationError."""
    if settings.source == GOOGLE:
        references = [part.strip() for part in settings.google_register.split(",") if part.strip()]
        return GoogleSource(open_google(settings, READ_SCOPES, outside), references)
    if not settings.source:
        raise ConfigurationError("No source is set. Give --source DIR or --source google, or set SPBE_SOURCE.")
    return FolderSource(Path(settings.source))


def open_google(settings: Settings, scopes: tuple[str, ...], outside: Outside = NOTHING) -> Google:
    """Sheets and Drive as the reader's account sees them, or the writer's where `scopes` let it write."""
    if scopes == READ_SCOPES:
        account = load_reader(settings, outside)
    else:
        where = settings.google_writer_credentials
        account = load_account(where, "SPBE_GOOGLE_WRITER_CREDENTIALS", outside.read_secret)
    limits = google_limits(settings, outside.shared, account=account.email)
    return Google(account, limits, settings.google_endpoint, scopes)


def load_reader(settings: Settings, outside: Outside = NOTHING) -> Account:
    """The account that reads."""
    return load_account(settings.google_credentials, "SPBE_GOOGLE_CREDENTIALS", outside.read_secret)


def google_limits(settings: Settings, shared: Shared = alone, clock: Clock = REAL_TIME, account: str = "") -> Limits:
    """What a run's requests share."""
    reads = min(settings.google_reads_per_minute, settings.google_project_per_minute)
    writes = min(settings.google_writes_per_minute, settings.google_project_per_minute)
    patience = settings.google_retries * PAUSE_SECONDS_A_RETRY
    return Limits(
        reads=Throttle("read", reads, clock, shared, account, patience),
        writes=Throttle("write", writes, clock, shared, account, patience),
        budget=Budget(settings.google_retries),
        seconds_a_request=settings.google_timeout_seconds,
        clock=clock,
    )


def open_writer(settings: Settings, outside: Outside = NOTHING) -> SpreadsheetMarks:
    """Who writes feedback: an account of its own, so that the reader's key can never change a sheet."""
    if settings.source != GOOGLE:
        raise ConfigurationError("Feedback is written into Google spreadsheets; give --source google.")
    writer = open_google(settings, WRITE_SCOPES, outside)
    if writer.account.email == load_reader(settings, outside).email:
        raise ConfigurationError(
            "SPBE_GOOGLE_WRITER_CREDENTIALS names the reader's account. Use another one, shared as Editor: "
            "so the account that reads every night can't change a sheet."
        )
    return SpreadsheetMarks(writer)


@contextmanager
def open_night(
    settings: Settings, request: Request, outside: Outside = NOTHING, *, feedback: bool = False
) -> Iterator[Night]:
    """A night ready to run, holding the data directory's lock."""
    source = open_source(settings, outside)
    if isinstance(source, FolderSource):
        start_readers()
    writer = open_writer(settings, outside) if feedback else None
    with open_warehouse(settings) as warehouse:
        _refuse_lost_history(warehouse, settings)
        if not warehouse.rows("SELECT 1 FROM read.verdict LIMIT 1"):
            warm_up()
        yield Night(source, settings, load_instruments(), request, warehouse, writer)


def run_backfill(settings: Settings, request: Request, first: date, last: date, reason: str) -> list[NightAgain]:
    """Nights derived again; published anew if that changed anything."""
    instruments = load_instruments()
    with open_warehouse(settings) as warehouse:
        again = Backfill(warehouse, instruments, settings.raw_dir, request.run_id, request.now, first, last, reason)
        done = sorted(again.nights(), key=lambda one: (one.snapshot_on, one.institution_code))
        publish_history(warehouse, instruments, settings)
    return done


def publish_history(warehouse: Warehouse, instruments: Mapping[str, Instrument], settings: Settings) -> None:
    """Publish what the warehouse holds, as its latest run left it, unless that was published.

    A run that changed nights and was cut off before it published is made up for here.
    """
    (latest,) = warehouse.rows("SELECT arg_max(run_id, run_no) AS run_id FROM history.run WHERE state <> 'refused'")
    if latest["run_id"] in (None, newest_run(settings.published_dir)):
        return
    (night,) = warehouse.rows("SELECT max(snapshot_on) AS snapshot_on FROM history.night")
    derive = partial(derive_at, warehouse, instruments, settings.raw_dir)
    derive([], night["snapshot_on"])  # nobody is built tonight, so everybody's own last night is published
    analyse(warehouse)
    edition = Edition(latest["run_id"], night["snapshot_on"], datetime.now(UTC))
    publish(warehouse, settings.published_dir, edition, settings.keep_versions, derive)
    for note in report_published(settings.published_dir, settings.report):
        logging.getLogger(__name__).warning(note)


def latest_replies(settings: Settings) -> list[Reply]:
    """What the latest night has to say to each OPD."""
    with open_warehouse(settings) as warehouse:
        derive_latest(warehouse, load_instruments(), settings.raw_dir)
        analyse(warehouse)
        return compose(warehouse)


def zone_of_source(settings: Settings, outside: Outside = NOTHING) -> ZoneInfo | None:
    """The zone of the one institution that the source has; None for several, or where its register can't be read."""
    registers = open_source(settings, outside).registers()
    if len(registers) != 1:
        return None
    institution, _ = extract_register(registers[0], lambda _: None, datetime.now(UTC))
    return institution.register.zone if institution else None


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """The working file, held by the data directory's lock."""
    with hold_lock(settings):
        if note := restore_if_damaged(settings.warehouse_path):
            logging.getLogger(__name__).warning(note)
        warehouse = Warehouse(settings.warehouse_path, load_instruments())
        try:
            load_code_lists(warehouse, settings.reference_dir)
            load_decisions(warehouse, settings.reference_dir)
            yield warehouse
        finally:
            warehouse.close()
        keep_copy(settings.warehouse_path)


@contextmanager
def hold_lock(settings: Settings, seconds: float | None = None) -> Iterator[None]:
    """The data directory's lock: who comes second waits, `seconds` or as long as the settings say, then gives up."""
    patience = settings.lock_wait_seconds if seconds is None else seconds
    try:
        with hold(settings.lock_path, patience):
            yield
    except Timeout as error:
        raise BusyError(
            f"Another run holds {settings.data_dir} since more than {patience:g} seconds. "
            f"Try again when it has ended, or set SPBE_LOCK_WAIT_SECONDS."
        ) from error


def _refuse_lost_history(warehouse: Warehouse, settings: Settings) -> None:
    """A warehouse that's new beside an old publication would publish away every night before."""
    (known,) = warehouse.rows("SELECT count(*) AS nights FROM history.night")
    if known["nights"] or not settings.published_path.exists():
        return
    try:
        with open_publication(settings.published_path) as publication:
            (told,) = publication.rows("SELECT count(DISTINCT snapshot_on) AS nights FROM mart.night")
    except ConfigurationError:
        return  # nothing readable is lost by replacing it
    if told["nights"]:
        raise PublicationError(
            f"{settings.published_path} holds {told['nights']} nights that {settings.warehouse_path} doesn't know. "
            f"Restore the warehouse from a backup, or move {settings.published_dir} away to start anew."
        )
