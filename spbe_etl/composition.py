"""Puts a night together from settings: the lock, the warehouse, the source. Used by the flow and the command line."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from spbe_etl.errors import ConfigurationError, PublicationError
from spbe_etl.folders import make_folder
from spbe_etl.instruments import load_instruments
from spbe_etl.judging import warm_up
from spbe_etl.night import Night
from spbe_etl.publishing import open_publication
from spbe_etl.runs import Request
from spbe_etl.settings import Settings
from spbe_etl.sources import Source
from spbe_etl.sources.folder import FolderSource
from spbe_etl.warehouse import Warehouse


def new_request(night: date | None = None, accepted: Sequence[str] = ()) -> Request:
    """A request for a run that starts now."""
    now = datetime.now(UTC)
    return Request(now, f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", night, tuple(accepted))


def open_source(settings: Settings) -> Source:
    """The source that the settings name; raises ConfigurationError."""
    if not settings.source:
        raise ConfigurationError("No source is set. Give --source DIR, or set SPBE_SOURCE.")
    return FolderSource(Path(settings.source))


@contextmanager
def open_night(settings: Settings, request: Request) -> Iterator[Night]:
    """A night ready to run, holding the data directory's lock; a second run waits, then gives up."""
    source = open_source(settings)
    warm_up()
    instruments = load_instruments()
    make_folder(settings.data_dir)
    try:
        with FileLock(settings.lock_path, timeout=settings.lock_wait_seconds):
            warehouse = Warehouse(settings.warehouse_path, instruments)
            try:
                _refuse_lost_history(warehouse, settings)
                yield Night(source, settings, instruments, request, warehouse)
            finally:
                warehouse.close()
    except Timeout as error:
        raise ConfigurationError(
            f"Another run holds {settings.data_dir} since more than {settings.lock_wait_seconds:g} seconds. "
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
