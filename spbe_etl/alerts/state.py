"""What the alerts remember: a DuckDB file of its own, since a stuck night may hold the warehouse's.

Opened for moments only, so that `status` can read it beside a check; checks themselves take turns by a lock.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from filelock import Timeout

from spbe_etl.errors import ConfigurationError, unwritable
from spbe_etl.folders import hold, not_ours
from spbe_etl.settings import Settings
from spbe_etl.warehouse import fetch_rows, first_line, sql

log = logging.getLogger("spbe_etl.alerts")

LOCK_SECONDS = 10.0
"""How long a check waits for another one: that one tells what's to be told."""
OPEN_SECONDS = 5.0
GLANCE_SECONDS = 1.0
"""How long a reader waits while a check writes, which takes moments."""
PAUSE_SECONDS = 0.005
"""Short, since a reader in a loop leaves the file alone for moments only."""
OF_THE_HOST = ("Permission denied", "No space left", "Read-only", "Too many open", "Out of Memory")
"""Errors that say nothing about the file itself."""
OF_THE_FILE = ("checksum", "Corrupt")
"""Errors of blocks that are read only when a table is."""
IN_USE = ("Could not set lock", "Conflicting lock", "different configuration", "already attached", "being used")


class State:
    """The file, while a transaction is open in it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> None:
        """Run a statement."""
        self._connection.execute(statement, list(parameters))

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """A query's rows as dictionaries."""
        return fetch_rows(self._connection.execute(statement, list(parameters)))


def state_path(settings: Settings) -> Path:
    """Where it is."""
    return settings.data_dir / "alerts.duckdb"


def stored(moment: datetime) -> datetime:
    """A moment as the file holds it: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


@contextmanager
def one_check(settings: Settings) -> Iterator[None]:
    """One check at a time; raises ConfigurationError when another one doesn't end."""
    try:
        with hold(settings.data_dir / ".alerts.lock", LOCK_SECONDS):
            yield
    except Timeout as error:
        raise ConfigurationError(
            f"Another check of the alerts is at work in {settings.data_dir} since more than {LOCK_SECONDS:g} seconds; "
            f"it sends what's due. Try again in a minute."
        ) from error


@contextmanager
def open_state(settings: Settings) -> Iterator[State]:
    """The file, made if it isn't there; all that's done is kept, or nothing. The caller holds one_check()."""
    path = state_path(settings)
    connection = _connect(path)
    try:
        yield State(connection)
        connection.execute("COMMIT")
    except duckdb.Error as error:
        raise ConfigurationError(unwritable(path, first_line(error))) from error
    finally:
        connection.close()


def glance(settings: Settings, query: str, parameters: Sequence[object]) -> list[dict[str, Any]]:
    """A query's rows without writing anything; none where there's no file or it can't be read."""
    path = state_path(settings)
    if not path.exists():
        return []
    until = time.monotonic() + GLANCE_SECONDS
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=True)
        except duckdb.Error as error:
            if not _is_in_use(error) or time.monotonic() > until:
                log.warning("the state of alerts can't be read: %s", type(error).__name__)
                return []
            time.sleep(PAUSE_SECONDS)
            continue
        try:
            return fetch_rows(connection.execute(query, list(parameters)))
        except duckdb.Error as error:
            log.warning("the state of alerts can't be read: %s", type(error).__name__)
            return []
        finally:
            connection.close()


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    """The file with a transaction begun, read whole so that damage is found before anything rests on it."""
    until = time.monotonic() + OPEN_SECONDS
    while True:
        try:
            return _begin(path)
        except duckdb.Error as error:
            if _is_damaged(path, error):
                _set_aside(path)
            elif not _is_in_use(error):
                raise ConfigurationError(f"{path} can't be opened: {first_line(error)}.") from error
            elif time.monotonic() > until:
                raise ConfigurationError(f"{path} is held by another program. Close that and try again.") from error
            time.sleep(PAUSE_SECONDS)


def _begin(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path), config={"default_block_size": "16384", "threads": 1})
    try:
        path.chmod(0o600)
        connection.execute("BEGIN")
        connection.execute(sql("alerts/state"))
        connection.execute(sql("alerts/whole"))
    except duckdb.Error as error:
        connection.close()
        if any(word in str(error) for word in OF_THE_FILE):
            raise
        raise ConfigurationError(unwritable(path, first_line(error))) from error
    except OSError as error:
        connection.close()
        raise ConfigurationError(not_ours(path, error)) from error
    return connection


def _is_in_use(error: duckdb.Error) -> bool:
    return any(word in str(error) for word in IN_USE)


def _is_damaged(path: Path, error: duckdb.Error) -> bool:
    return path.exists() and not _is_in_use(error) and not any(word in str(error) for word in OF_THE_HOST)


def _set_aside(path: Path) -> None:
    """A file that can't be read is kept beside: telling something twice is better than never again."""
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    try:
        path.rename(aside)
        wal = path.with_name(f"{path.name}.wal")
        if wal.exists():
            wal.rename(aside.with_name(f"{aside.name}.wal"))
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read or moved away: {error.strerror}.") from error
    log.error("the state of alerts was damaged and is kept as %s; open alerts are told again", aside.name)
